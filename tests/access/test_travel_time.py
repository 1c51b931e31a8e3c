"""Rasters of travel time: closed forms, Dijkstra on the true lengths, and what holds for any country."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journeys import FIELD, GRIDS, landscape, places_at, points_at, surface_of
from toys import degrees
from twins import least_cost as slow

from urbanreview.access import find_places, sample, travel_time
from urbanreview.grid import geobox_of, same_grid

SHAPE = (13, 17)
SPOTS = {"a": (1, 2), "b": (11, 14), "c": (6, 8), "d": (0, 16)}
seeds, grids_named = st.integers(0, 10_000), st.sampled_from(list(GRIDS))


def country(seed, spots=SPOTS, water=0.1):
    """A landscape on whose spots one can stand."""
    values = landscape(SHAPE, seed, water=water)
    for row, col in spots.values():
        values[row, col] = FIELD
    return values


def minutes_from(surface, *spots, **how):
    return travel_time(surface, places_at(surface, {str(k): spot for k, spot in enumerate(spots)}), **how).values


@pytest.mark.parametrize("where", list(GRIDS))
def test_over_even_ground_time_is_length_times_friction(where):
    """Along a row, a column and both diagonals: the sum of the geodesics between centres."""
    here = GRIDS[where]
    east, south, southeast, southwest = slow.ground_lengths(here)
    surface = surface_of(np.full(SHAPE, 0.01), here)
    found = minutes_from(surface, (6, 8))
    steps = np.arange(6)
    ways = {
        "row": (found[6, 9:], east[6, 8:]),
        "column": (found[7:, 8], south[6:, 8]),
        "southeast": (found[7 + steps, 9 + steps], southeast[6 + steps, 8 + steps]),
        "southwest": (found[7 + steps, 7 - steps], southwest[6 + steps, 7 - steps]),
    }
    for way, (minutes, metres) in ways.items():
        np.testing.assert_allclose(minutes, 0.01 * np.cumsum(metres), rtol=1e-9, err_msg=way)


@given(seeds, grids_named, st.sampled_from([np.float32, np.float64]))
def test_it_is_dijkstra_on_the_true_lengths(seed, where, dtype):
    values = country(seed).astype(dtype)
    expected = slow.costs(values, slow.ground_lengths(GRIDS[where]), [(1, 2), (11, 14)])
    found = minutes_from(surface_of(values, GRIDS[where]), (1, 2), (11, 14))
    np.testing.assert_allclose(found, np.where(np.isfinite(expected), expected, np.nan), rtol=1e-9)


@given(seeds)
def test_planar_it_is_dijkstra_on_cells(seed):
    values = country(seed)
    expected = slow.costs(values, slow.plain_lengths(SHAPE), [(6, 8)])
    found = minutes_from(surface_of(values, GRIDS["north"], planar=True), (6, 8))
    np.testing.assert_allclose(found, np.where(np.isfinite(expected), expected, np.nan), rtol=1e-9)


@given(seeds, grids_named)
def test_laws_of_time(seed, where):
    """Zero where one is, the same there and back, never longer than over a third place, never above a neighbour by a step."""
    surface = surface_of(country(seed), GRIDS[where])
    fields = {name: minutes_from(surface, spot) for name, spot in SPOTS.items()}
    for a, spot in SPOTS.items():
        assert fields[a][spot] == 0
        assert np.nanmin(np.delete(fields[a].ravel(), np.ravel_multi_index(spot, SHAPE))) > 0
        for b, other in SPOTS.items():
            np.testing.assert_allclose(fields[a][other], fields[b][spot], rtol=1e-12)
            over = fields[a][other] + fields[b]
            known = np.isfinite(over)
            assert (fields[a][known] <= over[known] * (1 + 1e-12)).all()
            assert np.isfinite(fields[a][known]).all()


@given(seeds, grids_named)
def test_law_of_many_origins(seed, where):
    """From several it is the least of all, whatever their order."""
    surface = surface_of(country(seed, water=0.4), GRIDS[where])
    each = [minutes_from(surface, spot) for spot in SPOTS.values()]
    least = np.fmin.reduce(each)
    np.testing.assert_array_equal(minutes_from(surface, *SPOTS.values()), least)
    np.testing.assert_array_equal(minutes_from(surface, *reversed(SPOTS.values())), least)


@given(seeds, grids_named)
def test_law_of_speed(seed, where):
    """Half the speed is twice the time; a slower cell makes nothing nearer."""
    values = country(seed)
    whole = minutes_from(surface_of(values, GRIDS[where]), (6, 8))
    np.testing.assert_array_equal(minutes_from(surface_of(2 * values, GRIDS[where]), (6, 8)), 2 * whole)
    slower = np.where(np.random.default_rng(seed).random(SHAPE) < 0.2, 3 * values, values)
    assert (minutes_from(surface_of(slower, GRIDS[where]), (6, 8)) >= whole)[np.isfinite(whole)].all()


@given(seeds, st.integers(0, 4), st.integers(0, 4))
def test_law_of_the_frame(seed, top, left):
    """A grid with more of nothing around it has the same times, moved along."""
    values, here = country(seed), degrees(SHAPE)
    more = np.pad(values, ((top, 2), (left, 1)), constant_values=np.nan)
    wider = degrees(more.shape, left=here.transform.c - left / 120, top=here.transform.f + top / 120)
    found = minutes_from(surface_of(more, wider), (6 + top, 8 + left))
    assert np.isnan(found[:top]).all()
    np.testing.assert_allclose(found[top:-2, left:-1], minutes_from(surface_of(values, here), (6, 8)), rtol=1e-9)


@given(seeds)
def test_law_of_the_mirror(seed):
    values = country(seed)
    east, west = (surface_of(part, GRIDS["north"]) for part in (values, values[:, ::-1]))
    np.testing.assert_allclose(minutes_from(west, (6, 8))[:, ::-1], minutes_from(east, (6, 8)), rtol=1e-12)


@given(seeds, st.floats(0.0, 120.0))
def test_up_to_some_minutes_it_is_the_same_and_missing_beyond(seed, most):
    surface = surface_of(country(seed), GRIDS["north"])
    whole, part = minutes_from(surface, (6, 8)), minutes_from(surface, (6, 8), most_min=most)
    np.testing.assert_array_equal(part, np.where(whole <= most, whole, np.nan))


def test_it_says_what_it_is():
    surface = surface_of(country(1), GRIDS["utm"])
    found = travel_time(surface, places_at(surface, SPOTS))
    assert found.dims == ("y", "x")
    assert found.dtype == np.float64
    assert (found.attrs["kind"], found.attrs["units"], found.attrs["source"]) == ("cost", "min", "toy")
    assert same_grid(geobox_of(found), surface.geobox)


def test_where_no_way_leads_it_is_missing_never_endless_or_nothing():
    values = np.full(SHAPE, FIELD)
    values[:, 5] = np.nan
    found = minutes_from(surface_of(values, GRIDS["north"]), (3, 2))
    assert np.isnan(found[:, 5:]).all()
    assert np.isfinite(found[:, :5]).all()


def test_places_without_a_cell_play_no_part():
    surface = surface_of(country(2), GRIDS["north"])
    places = places_at(surface, SPOTS | {"far": (90, 90)})
    np.testing.assert_array_equal(travel_time(surface, places).values, minutes_from(surface, *SPOTS.values()))
    nobody, _ = find_places(surface, points_at(surface.geobox, {}))
    assert np.isnan(travel_time(surface, nobody).values).all()


def test_a_grid_of_one_cell():
    surface = surface_of([[FIELD]], degrees((1, 1)))
    assert minutes_from(surface, (0, 0)).tolist() == [[0.0]]


@pytest.mark.parametrize("where", list(GRIDS))
def test_a_sample_is_the_cell_under_the_point(where):
    surface = surface_of(country(3), GRIDS[where])
    minutes = travel_time(surface, places_at(surface, {"a": (6, 8)}))
    spots = points_at(surface.geobox, {"a": (6.3, 7.8), "b": (0, 0), "c": (12.4, 16.4), "out": (13, 3), "west": (3, -1)})
    for crs in (4326, 3857):
        found = sample(minutes, spots.to_crs(crs))
        assert list(found.index) == list(spots.index)
        np.testing.assert_array_equal(found, [0.0, minutes.values[0, 0], minutes.values[12, 16], np.nan, np.nan])


def test_a_sample_of_no_points_and_of_a_missing_cell():
    values = np.full((2, 3), FIELD)
    values[1, 2] = np.nan
    surface = surface_of(values, degrees((2, 3)))
    minutes = travel_time(surface, places_at(surface, {"a": (0, 0)}))
    assert np.isnan(sample(minutes, points_at(surface.geobox, {"a": (1, 2)}))["a"])
    assert len(sample(minutes, points_at(surface.geobox, {}))) == 0
