"""Minutes and kilometres between places: half of the pairs or all of them, one by one or at once, it is all the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journeys import FIELD, GRIDS, landscape, places_at, points_at, surface_of
from pyproj import Geod
from toys import degrees
from twins import least_cost as slow

from urbanreview.access import find_places, sample, travel_time, travel_time_matrix
from urbanreview.engine import map_tasks

SHAPE = (13, 17)
SPOTS = {"a": (1, 2), "b": (11, 14), "c": (6, 8), "d": (0, 16), "e": (12, 1), "f": (6, 9)}
seeds, grids_named = st.integers(0, 10_000), st.sampled_from(list(GRIDS))
EMPTY = "ignore:(Mean of empty slice|invalid value encountered):RuntimeWarning"


def country(seed, where="north", spots=SPOTS, water=0.1, **how):
    values = landscape(SHAPE, seed, water=water)
    for row, col in spots.values():
        values[row, col] = FIELD * (1 + row / 100)
    return surface_of(values, GRIDS[where], **how), values


def same(a, b, rtol=1e-9):
    for part in ("minutes", "km"):
        found, expected = getattr(a, part), getattr(b, part)
        assert list(found.index) == list(expected.index)
        assert list(found.columns) == list(expected.columns)
        np.testing.assert_allclose(found, expected, rtol=rtol, atol=1e-12)


@given(seeds, grids_named)
def test_it_is_dijkstra_and_half_of_it_is_all_of_it(seed, where):
    surface, values = country(seed, where)
    places = places_at(surface, SPOTS)
    half, whole = travel_time_matrix(surface, places), travel_time_matrix(surface, places, places)
    expected = slow.matrix(values, slow.ground_lengths(GRIDS[where]), list(SPOTS.values()))
    np.testing.assert_allclose(half.minutes, np.where(np.isfinite(expected), expected, np.nan), rtol=1e-9, atol=1e-12)
    same(half, whole)
    assert list(half.minutes.index) == list(half.minutes.columns) == list(SPOTS)


@given(seeds)
def test_it_is_the_sample_of_the_raster(seed):
    surface, _ = country(seed)
    places, points = places_at(surface, SPOTS), points_at(surface.geobox, SPOTS)
    matrix = travel_time_matrix(surface, places).minutes
    for name, spot in SPOTS.items():
        field = travel_time(surface, places_at(surface, {name: spot}))
        np.testing.assert_allclose(sample(field, points), matrix.loc[name], rtol=1e-9, atol=1e-12)


@given(seeds, st.permutations(list(SPOTS)), grids_named)
def test_order_does_not_matter(seed, order, where):
    surface, _ = country(seed, where)
    first = travel_time_matrix(surface, places_at(surface, SPOTS))
    second = travel_time_matrix(surface, places_at(surface, {name: SPOTS[name] for name in order}))
    for part in ("minutes", "km"):
        found = getattr(second, part).loc[list(SPOTS), list(SPOTS)]
        np.testing.assert_allclose(found, getattr(first, part), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("given_destinations", [True, False])
def test_many_at_once_are_the_same_to_the_bit(given_destinations):
    surface, _ = country(4)
    places = places_at(surface, SPOTS)
    to = places if given_destinations else None
    same(travel_time_matrix(surface, places, to, map_tasks=map_tasks), travel_time_matrix(surface, places, to), rtol=0)


@pytest.mark.parametrize("how", [{}, {"map_tasks": map_tasks}])
@pytest.mark.parametrize("given_destinations", [True, False])
def test_row_by_row_it_is_the_same(how, given_destinations):
    surface, _ = country(5)
    origins = places_at(surface, SPOTS | {"far": (50, 50)})
    to = places_at(surface, {"x": (2, 2), "y": (9, 9)}) if given_destinations else None
    rows = {}
    assert travel_time_matrix(surface, origins, to, sink=lambda name, *row: rows.update({name: row}), **how) is None
    whole = travel_time_matrix(surface, origins, origins if to is None else to)
    assert set(rows) == set(SPOTS) | {"far"}
    for name, (minutes, km) in rows.items():
        np.testing.assert_array_equal(minutes, whole.minutes.loc[name])
        np.testing.assert_array_equal(km, whole.km.loc[name])


def test_other_destinations_than_origins():
    surface, values = country(6)
    origins, to = places_at(surface, SPOTS), places_at(surface, {"a": (6, 8), "z": (3, 3)})
    found = travel_time_matrix(surface, origins, to)
    assert found.minutes.shape == (6, 2)
    for name, spot in SPOTS.items():
        expected = slow.costs(values, slow.ground_lengths(GRIDS["north"]), [spot])
        np.testing.assert_allclose(found.minutes.loc[name], [expected[6, 8], expected[3, 3]], rtol=1e-9, atol=1e-12)
    assert found.minutes.loc["a", "a"] > 0  # one name, two places


def test_kilometres_are_never_less_than_the_geodesic():
    surface, _ = country(7)
    found, points = travel_time_matrix(surface, places_at(surface, SPOTS)), points_at(surface.geobox, SPOTS)
    for a in SPOTS:
        for b in SPOTS:
            km = Geod(ellps="WGS84").inv(points[a].x, points[a].y, points[b].x, points[b].y)[2] / 1000
            assert found.km.loc[a, b] >= km * (1 - 1e-9)


def test_over_even_ground_kilometres_are_minutes_times_speed():
    surface = surface_of(np.full(SHAPE, 0.001), GRIDS["utm"])
    found = travel_time_matrix(surface, places_at(surface, SPOTS))
    np.testing.assert_allclose(found.km, found.minutes, rtol=1e-9)


def test_no_way_to_an_island_is_missing():
    values = np.full(SHAPE, FIELD)
    values[:, 5] = np.nan
    surface = surface_of(values, GRIDS["south"])
    places = places_at(surface, {"west": (3, 1), "east": (3, 9), "far east": (8, 16)})
    for found in (travel_time_matrix(surface, places), travel_time_matrix(surface, places, places)):
        for part in (found.minutes, found.km):
            assert part.isna().to_numpy().tolist() == [[False, True, True], [True, False, False], [True, False, False]]
            assert (np.diag(part) == 0).all()


def test_places_without_a_cell_have_empty_rows_and_columns():
    surface, _ = country(8)
    found = travel_time_matrix(surface, places_at(surface, {"far": (-9, 4)} | SPOTS))
    for part in (found.minutes, found.km):
        assert part.loc["far"].isna().all()
        assert part["far"].isna().all()
        assert part.loc[list(SPOTS), list(SPOTS)].notna().all(axis=None)
    without = travel_time_matrix(surface, places_at(surface, SPOTS))
    np.testing.assert_allclose(found.minutes.loc[list(SPOTS), list(SPOTS)], without.minutes, rtol=1e-9, atol=1e-12)


def test_two_places_in_one_cell_are_no_minutes_apart_and_as_far_from_all_others():
    surface, _ = country(9)
    for to in (None, "given"):
        places = places_at(surface, SPOTS | {"twin": (6.2, 7.9)})
        found = travel_time_matrix(surface, places, places if to else None)
        assert found.minutes.loc["c", "twin"] == found.minutes.loc["twin", "c"] == 0
        assert found.km.loc["c", "twin"] == found.km.loc["twin", "c"] == 0
        np.testing.assert_allclose(found.minutes.loc["twin"], found.minutes.loc["c"], rtol=1e-9)
        assert len(found.minutes) == 7


def test_long_has_every_pair_of_different_places():
    surface, _ = country(10)
    found = travel_time_matrix(surface, places_at(surface, SPOTS))
    table = found.long()
    assert list(table.columns) == ["from_id", "to_id", "minutes", "km"]
    assert len(table) == 30
    for row in table.itertuples():
        assert row.from_id != row.to_id
        assert row.minutes == found.minutes.loc[row.from_id, row.to_id]
        assert row.km == found.km.loc[row.from_id, row.to_id]


@pytest.mark.filterwarnings(EMPTY)
def test_no_places_are_an_empty_matrix():
    surface, _ = country(11)
    nobody, some = find_places(surface, points_at(surface.geobox, {}))[0], places_at(surface, SPOTS)
    assert travel_time_matrix(surface, nobody).minutes.shape == (0, 0)
    assert travel_time_matrix(surface, some, nobody).minutes.shape == (6, 0)
    assert travel_time_matrix(surface, nobody, some).km.shape == (0, 6)
    assert travel_time_matrix(surface, places_at(surface, {"a": (1, 2)})).minutes.to_numpy().tolist() == [[0.0]]
    assert travel_time_matrix(surface, nobody).long().empty


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_no_places_give_no_warnings():
    surface = surface_of([[FIELD]], degrees((1, 1)))
    travel_time_matrix(surface, find_places(surface, points_at(surface.geobox, {}))[0])
