"""Points find their cells: moved off water with the distance told, left out where they cannot be, never dropped in silence."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from journeys import FIELD, GRIDS, cells_of, places_at, points_at, surface_of
from pyproj import Geod
from toys import degrees, grid

from urbanreview.access import find_places
from urbanreview.errors import DuplicateIds, NoOverlap

WGS84 = Geod(ellps="WGS84")
MOVED, OUTSIDE = "point moved to the nearest passable cell", "point outside the cost surface"
CUT_OFF = "point on a part of its own, cut off from the largest one"


def pictured(rows, here=None):
    values = np.where([[cell == "." for cell in row] for row in rows], FIELD, np.nan)
    return surface_of(values, here or degrees(values.shape))


def metres(geobox, a, b):
    spots = points_at(geobox, {"a": a, "b": b})
    return WGS84.inv(spots["a"].x, spots["a"].y, spots["b"].x, spots["b"].y)[2]


@pytest.mark.parametrize("where", list(GRIDS))
def test_a_point_is_in_the_cell_that_holds_it(where):
    surface = surface_of(np.full((13, 17), FIELD), GRIDS[where])
    spots = {"a": (0, 0), "b": (12.4, 16.4), "c": (-0.4, 5.6), "d": (7, 3)}
    places, ledger = find_places(surface, points_at(surface.geobox, spots))
    assert cells_of(surface, places.cell) == [(0, 0), (12, 16), (0, 6), (7, 3)]
    assert list(places.ids) == list(spots)
    assert places.placed.all()
    assert (places.moved_km == 0).all()
    assert ledger.entries == ()
    assert places.longitude.tolist() == points_at(surface.geobox, spots).x.tolist()
    assert places.latitude.tolist() == points_at(surface.geobox, spots).y.tolist()


def test_the_reference_system_of_points_does_not_matter():
    surface = pictured(["....", "...."])
    spots = points_at(surface.geobox, {"a": (0, 3), "b": (1, 1)})
    for crs in (3857, "ESRI:54009"):
        np.testing.assert_array_equal(find_places(surface, spots.to_crs(crs))[0].cell, find_places(surface, spots)[0].cell)
    frame = gpd.GeoDataFrame({"name": ["A", "B"]}, geometry=spots, index=spots.index)
    np.testing.assert_array_equal(find_places(surface, frame)[0].cell, find_places(surface, spots)[0].cell)


def test_points_that_all_lie_elsewhere_are_refused():
    surface = pictured(["....", "...."])
    with pytest.raises(NoOverlap, match="points"):
        find_places(surface, points_at(surface.geobox, {"a": (0, 4), "b": (-2, 0)}))


@pytest.mark.parametrize("spot", [(0, -1), (-1, 0), (2, 0), (0, 4)])
def test_one_point_of_several_outside_has_no_cell_and_is_told(spot):
    surface = pictured(["....", "...."])
    places, ledger = find_places(surface, points_at(surface.geobox, {"a": (0, 0), "far": spot}))
    assert places.placed.tolist() == [True, False]
    assert [(entry.cause, entry.zone_id) for entry in ledger.entries] == [(OUTSIDE, "far")]
    assert len(places) == 2


def test_points_beyond_what_the_projection_knows_are_outside():
    surface = surface_of(np.full((13, 17), FIELD), GRIDS["utm"])
    spots = gpd.GeoSeries([shapely.Point(*points_at(surface.geobox, {"a": (1, 1)})["a"].coords[0]), None], index=["a", "none"])
    places, ledger = find_places(surface, spots.set_crs(4326))
    assert places.placed.tolist() == [True, False]
    assert ledger.amount(OUTSIDE) == 1


@pytest.mark.parametrize("here", [degrees((5, 9)), grid((5, 9), left=166_000.0, top=5_500_000.0, crs="EPSG:32640")])
def test_a_point_on_water_moves_to_the_nearest_land(here):
    """To the east lies the mainland; the two cells to the west are nearer, but an island."""
    surface = pictured(["oo.oooo..", "oo.oooo..", "oooooooo.", "oooooooo.", "oooooooo."], here)
    spot = (1.3, 4.2)
    places, ledger = find_places(surface, points_at(here, {"a": spot, "b": (0, 8)}))
    assert cells_of(surface, places.cell) == [(1, 7), (0, 8)]
    assert places.moved_km.tolist() == pytest.approx([metres(here, spot, (1, 7)) / 1000, 0], rel=1e-9)
    assert ledger.amount(MOVED) == pytest.approx(places.moved_km[0])
    assert [entry.zone_id for entry in ledger.entries] == ["a"]
    assert ledger.entries[0].unit == "km"


def test_nearest_is_meant_on_the_ground_not_in_cells():
    """At 55 degrees north a cell is 533 m wide and 928 m high: three to the east are nearer than two to the south."""
    surface = pictured(["ooo..", "ooo..", "oooo.", "....."])
    places = places_at(surface, {"a": (1, 0)})
    assert cells_of(surface, places.cell) == [(1, 3)]
    surface = pictured(["oooo..", "oooo..", "oooo..", "......"])
    assert cells_of(surface, places_at(surface, {"a": (1, 0)}).cell) == [(3, 0)]


@pytest.mark.parametrize("planar", [False, True])
def test_nothing_near_enough_is_told(planar):
    surface = surface_of([[np.nan] * 9 + [FIELD]], degrees((1, 10)), planar=planar)
    places, ledger = find_places(surface, points_at(surface.geobox, {"a": (0, 0), "b": (0, 9)}), snap_within_km=3)
    assert places.placed.tolist() == [False, True]
    assert ledger.amount("no passable cell within 3 km of the point") == 1
    assert ledger.entries[0].zone_id == "a"


def test_the_distance_is_a_limit_to_the_metre():
    surface = surface_of([[np.nan] * 9 + [FIELD]], degrees((1, 10)))
    km = metres(surface.geobox, (0, 0), (0, 9)) / 1000
    spots = {"a": (0, 0)}
    assert places_at(surface, spots, snap_within_km=km + 0.001).placed.all()
    assert not places_at(surface, spots, snap_within_km=km - 0.001).placed.any()


def test_planar_steps_move_points_as_far():
    spots = {"a": (0, 0)}
    values = [[np.nan] * 9 + [FIELD]]
    true, planar = (surface_of(values, degrees((1, 10)), planar=planar) for planar in (False, True))
    found = [places_at(surface, spots, snap_within_km=6).cell.tolist() for surface in (true, planar)]
    assert found[0] == found[1]


def test_a_point_on_an_island_stays_and_is_told():
    surface = pictured(["..o.", "..oo", "...."])
    places, ledger = find_places(surface, points_at(surface.geobox, {"island": (0, 3), "main": (2, 2)}))
    assert cells_of(surface, places.cell) == [(0, 3), (2, 2)]
    assert [(entry.cause, entry.zone_id) for entry in ledger.entries] == [(CUT_OFF, "island")]


def test_two_points_in_one_cell_are_two_places():
    surface = pictured(["..", ".."])
    places, ledger = find_places(surface, points_at(surface.geobox, {"a": (1, 1), "b": (1.3, 0.8)}))
    assert places.cell[0] == places.cell[1]
    assert len(places) == 2
    assert ledger.entries == ()


def test_ids_that_repeat_are_refused():
    surface = pictured(["..", ".."])
    spots = points_at(surface.geobox, {"a": (0, 0), "b": (1, 1)})
    spots.index = ["x", "x"]
    with pytest.raises(DuplicateIds, match="x"):
        find_places(surface, spots)


def test_no_points_are_no_places():
    places, ledger = find_places(pictured([".."]), gpd.GeoSeries([], crs=4326))
    assert len(places) == 0
    assert places.placed.tolist() == []
    assert ledger.entries == ()


def test_points_are_not_altered():
    surface = pictured([".o", ".."])
    spots = points_at(surface.geobox, {"a": (0, 1)})
    before = spots.copy()
    find_places(surface, spots)
    assert spots.geom_equals(before).all()
