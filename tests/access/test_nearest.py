"""Who serves whom: the nearest place of every cell, by hand and against all places one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journeys import FIELD, GRIDS, ROAD, landscape, places_at, points_at, surface_of
from toys import degrees, grid, raster

from urbanreview.access import find_places, nearest, travel_time
from urbanreview.errors import GridMismatch

SHAPE = (13, 17)
SPOTS = {"a": (1, 2), "b": (11, 14), "c": (6, 8), "d": (0, 16)}
METRES = grid((1, 7), left=5e5, top=5.5e6, crs="EPSG:32640")


def people_on(geobox, values):
    return raster(np.asarray(values, float), geobox)


def test_two_places_share_a_road_in_the_middle():
    """The road from west is twice as slow up to its third cell, so the middle of the times lies there."""
    surface = surface_of([[2 * ROAD, 2 * ROAD, 2 * ROAD, ROAD, ROAD, ROAD, np.nan]], METRES)
    found = nearest(surface, places_at(surface, {"east": (0, 5), "west": (0, 0)}))
    # From west 2, 4 and 5.5 minutes, from east 1, 2, 3.5: each about 1 km.
    assert found.catchments.values.tolist() == [[2, 2, 1, 1, 1, 1, 0]]
    np.testing.assert_allclose(found.minutes.values, [[0, 2, 3.5, 2, 1, 0, np.nan]], rtol=1e-3)
    assert list(found.ids) == ["east", "west"]
    living = found.people(people_on(METRES, [[1, 2, 4, 8, 16, 32, 64]]))
    assert living.to_dict() == {"": 64.0, "east": 60.0, "west": 3.0}


@given(st.integers(0, 10_000), st.sampled_from(list(GRIDS)))
def test_it_is_the_nearest_of_all_places_one_by_one(seed, where):
    values = landscape(SHAPE, seed, water=0.4)
    for row, col in SPOTS.values():
        values[row, col] = FIELD * (1 + row / 100)
    surface = surface_of(values, GRIDS[where])
    places = places_at(surface, SPOTS)
    found = nearest(surface, places)
    each = np.array([travel_time(surface, places_at(surface, {name: spot})).values for name, spot in SPOTS.items()])
    np.testing.assert_array_equal(found.minutes.values, np.fmin.reduce(each))
    np.testing.assert_array_equal(found.minutes.values, travel_time(surface, places).values)
    catchment = found.catchments.values
    np.testing.assert_array_equal(catchment == 0, np.isnan(found.minutes.values))
    for k in range(len(SPOTS)):
        np.testing.assert_allclose(each[k][catchment == k + 1], found.minutes.values[catchment == k + 1], rtol=1e-12)


@given(st.integers(0, 10_000))
def test_law_nobody_is_lost(seed):
    random = np.random.default_rng(seed)
    surface = surface_of(landscape(SHAPE, seed, water=0.5), GRIDS["north"])
    places = places_at(surface, SPOTS, snap_within_km=0.1)
    people = random.integers(0, 100, SHAPE).astype(float)
    people[random.random(SHAPE) < 0.2] = np.nan
    living = nearest(surface, places).people(people_on(GRIDS["north"], people))
    assert living.sum() == np.nansum(people)
    assert list(living.index) == ["", *SPOTS]
    assert (living[1:][~places.placed] == 0).all()


def test_every_place_serves_its_own_cell_and_its_number_is_its_position():
    surface = surface_of(np.full(SHAPE, FIELD), GRIDS["utm"])
    found = nearest(surface, places_at(surface, {"far": (40, 40)} | SPOTS))
    assert [int(found.catchments.values[spot]) for spot in SPOTS.values()] == [2, 3, 4, 5]
    assert not (found.catchments.values == 1).any()


def test_of_two_places_in_one_cell_the_first_has_it():
    surface = surface_of(np.full((2, 3), FIELD), degrees((2, 3)))
    found = nearest(surface, places_at(surface, {"a": (0, 0), "b": (0.2, 0.1), "c": (1, 2)}))
    assert set(np.unique(found.catchments.values)) == {1, 3}


def test_of_two_places_as_near_it_is_always_the_same_one():
    surface = surface_of(np.full((5, 9), FIELD), GRIDS["north"][:5, :9], planar=True)
    places = places_at(surface, {"w": (2, 0), "e": (2, 8)})
    first, second = (nearest(surface, places).catchments.values for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert (first[:, :4] == 1).all()
    assert (first[:, 5:] == 2).all()


def test_an_island_without_a_place_is_nobodys():
    values = np.full((3, 5), FIELD)
    values[:, 2] = np.nan
    surface = surface_of(values, degrees((3, 5)))
    found = nearest(surface, places_at(surface, {"a": (1, 1)}))
    assert found.catchments.values.tolist() == [[1, 1, 0, 0, 0]] * 3
    assert found.people(people_on(surface.geobox, np.ones((3, 5)))).tolist() == [9, 6]


@pytest.mark.parametrize("spots", [{}, {"far": (30, 30)}])
def test_without_places_all_is_nobodys(spots):
    surface = surface_of(np.full((2, 3), FIELD), degrees((2, 3)))
    places = find_places(surface, points_at(surface.geobox, {"in": (0, 0)} | spots))[0]
    nobody = type(places)(places.ids[1:], places.cell[1:], places.longitude[1:], places.latitude[1:], places.moved_km[1:])
    found = nearest(surface, nobody)
    assert (found.catchments.values == 0).all()
    assert np.isnan(found.minutes.values).all()
    assert found.people(people_on(surface.geobox, np.ones((2, 3)))).tolist() == [6.0] + [0.0] * len(spots)


def test_people_on_another_grid_are_refused():
    surface = surface_of(np.full((2, 3), FIELD), degrees((2, 3)))
    found = nearest(surface, places_at(surface, {"a": (0, 0)}))
    with pytest.raises(GridMismatch):
        found.people(people_on(degrees((2, 3), top=0.0), np.ones((2, 3))))


def test_it_says_what_it_is():
    surface = surface_of(np.full((2, 3), FIELD), degrees((2, 3)))
    found = nearest(surface, places_at(surface, {"a": (0, 0)}))
    assert (found.minutes.attrs["kind"], found.minutes.attrs["units"]) == ("cost", "min")
    assert (found.catchments.attrs["kind"], found.catchments.dtype) == ("class", np.int32)
