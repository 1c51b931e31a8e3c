"""One point per zone: where its people are, on the right side of Greenwich and the equator."""

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from toys import degrees, grid, pixel_box, pixel_polygon, raster, zones_of

from urbanreview.delineation import EDITIONS, extents
from urbanreview.errors import GridMismatch
from urbanreview.zones import plain_centroids, plan_extents, plan_zones, points_table, population_points

QUARTERS = {"north-east": (25.0, 48.0), "north-west": (-3.0, 55.0), "south-east": (29.9, -3.4), "south-west": (-58.4, -34.6)}
SNAPPED = "point snapped to a populated cell"
NOBODY = "nobody lives in the zone: a point inside it"
WGS84 = Geod(ellps="WGS84")


def lopsided(where, shape=(8, 12)):
    """Nine in ten live in the second row and tenth column, the rest in the seventh row and second column."""
    here = degrees(shape, left=QUARTERS[where][0], top=QUARTERS[where][1])
    people = np.zeros(shape)
    people[1, 9], people[6, 1] = 900.0, 100.0
    return here, raster(people, here)


def spot(here, col, row):
    return shapely.Point(here.transform @ (col, row))


def placed(zones, here, people, **more):
    points, ledger = population_points(zones, plan_zones(zones, here), people, **more)
    assert points.index.equals(zones.index)
    assert points.crs.to_epsg() == 4326
    return points, ledger


@pytest.mark.parametrize("where", QUARTERS)
def test_the_point_is_where_the_people_are(where):
    here, people = lopsided(where)
    points, ledger = placed(zones_of({"a": pixel_box(here, 0, 0, 12, 8)}), here, people)
    assert points["how"].tolist() == ["mean"]
    # 0.9 x 9.5 + 0.1 x 1.5 columns and 0.9 x 1.5 + 0.1 x 6.5 rows; a chord of the earth over 10 cells is straight.
    assert points.geometry.iloc[0].distance(spot(here, 8.7, 2.0)) < 1e-2 / 120
    assert ledger.frame().empty


def test_the_mean_is_that_of_unit_vectors():
    here = degrees((1, 2), left=170.0, top=60.5, cell=1.0)
    people = raster([[1.0, 1.0]], here)
    points, _ = placed(zones_of({"a": pixel_box(here, 0, 0, 2, 1)}), here, people)
    mean = points.geometry.iloc[0]
    assert mean.x == pytest.approx(171.0, abs=1e-9)
    # The middle of a great circle lies north of the parallel.
    assert mean.y == pytest.approx(WGS84.npts(170.5, 60.0, 171.5, 60.0, 1)[0][1], abs=1e-4)
    assert mean.y > 60.0


@pytest.mark.parametrize("where", QUARTERS)
def test_the_mean_does_not_depend_on_the_projection(where):
    """Sheared Mollweide and degrees give one place."""
    here, people = lopsided(where)
    zone = zones_of({"a": pixel_box(here, 0, 0, 12, 8)})
    expected = placed(zone, here, people)[0].geometry.iloc[0]
    there = Transformer.from_crs(4326, "ESRI:54009", always_xy=True)
    fine = grid((300, 300), cell=100.0, left=_down(there.transform(*spot(here, 0, 0).coords[0])[0]) - 5e3,
                top=_down(there.transform(*spot(here, 0, 0).coords[0])[1]) + 5e3)  # fmt: skip
    values = np.zeros((300, 300))
    for number, (col, row) in ((900.0, (9.5, 1.5)), (100.0, (1.5, 6.5))):
        x, y = there.transform(*spot(here, col, row).coords[0])
        c, r = (~fine.transform) @ (x, y)
        values[int(r), int(c)] = number
    points, _ = placed(zone, fine, raster(values, fine))
    found = points.geometry.iloc[0]
    assert WGS84.inv(found.x, found.y, expected.x, expected.y)[2] < 100


def _down(number):
    return np.floor(number / 1000) * 1000


@pytest.mark.parametrize("where", QUARTERS)
def test_partial_cells_weigh_by_their_share(where):
    here = degrees((2, 2), left=QUARTERS[where][0], top=QUARTERS[where][1])
    people = raster([[40.0, 40.0], [0.0, 0.0]], here)
    points, _ = placed(zones_of({"a": pixel_box(here, 0.75, 0, 2, 2)}), here, people)
    # A quarter of the first cell, all of the second: (0.25 x 0.5 + 1.5) / 1.25.
    assert points.geometry.iloc[0].distance(spot(here, 1.3, 0.5)) < 1e-3 / 120


def c_shape(here):
    """A district open to the east, with people at both ends: their mean lies in the bay."""
    return pixel_polygon(here, [(0, 0), (12, 0), (12, 2), (2, 2), (2, 6), (12, 6), (12, 8), (0, 8)])


@pytest.mark.parametrize("where", QUARTERS)
def test_a_mean_outside_its_zone_snaps_to_the_nearest_populated_cell(where):
    here = degrees((8, 12), left=QUARTERS[where][0], top=QUARTERS[where][1])
    values = np.zeros((8, 12))
    values[1, 10], values[6, 10], values[3, 0], values[4, 7] = 60.0, 40.0, 1.0, 5_000.0  # most live in the bay
    zone = zones_of({"c": c_shape(here)})
    points, ledger = placed(zone, here, raster(values, here))
    assert points["how"].tolist() == ["snapped"]
    assert points.geometry.iloc[0].distance(spot(here, 10.5, 1.5)) < 1e-9
    mean = _vector_mean([(here.transform @ (col + 0.5, row + 0.5), n) for col, row, n in ((10, 1, 60), (10, 6, 40), (0, 3, 1))])
    km = WGS84.inv(*mean, *points.geometry.iloc[0].coords[0])[2] / 1000
    [[cause, unit, amount, zone_id]] = ledger.frame()[["cause", "unit", "amount", "zone_id"]].values.tolist()
    assert (cause, unit, zone_id) == (SNAPPED, "km", "c")
    assert amount == pytest.approx(km, rel=1e-9)
    assert 1 < km < 5


def _vector_mean(weighed):
    (lon, lat), weight = np.radians([place for place, _ in weighed]).T, np.array([number for _, number in weighed])
    x, y, z = (weight * np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])).sum(axis=1)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def test_a_districts_point_may_lie_on_an_empty_cell_and_a_settlements_may_not():
    here = degrees((1, 5))
    people = raster([[10.0, 0, 0, 0, 11.0]], here)
    zone = zones_of({"a": pixel_box(here, 0, 0, 5, 1)})
    district, _ = placed(zone, here, people)
    assert district["how"].tolist() == ["mean"]
    assert 2 < (~here.transform @ (district.geometry.iloc[0].x, district.geometry.iloc[0].y))[0] < 3
    settlement, ledger = placed(zone, here, people, on_populated_cell=True)
    assert settlement["how"].tolist() == ["snapped"]
    assert settlement.geometry.iloc[0].distance(spot(here, 4.5, 0.5)) < 1e-9
    assert ledger.amount(SNAPPED) > 0


def test_a_settlements_point_on_a_populated_cell_stays(toy):
    found, _ = extents(toy.people, rules=EDITIONS["thresholds"].urban_centre, iso3="TOY")
    points, ledger = population_points(found.zones, plan_extents(found), toy.people, on_populated_cell=True)
    assert points["how"].tolist() == ["mean"]
    assert ledger.frame().empty
    t = found.geobox.transform
    flat = points.to_crs(found.geobox.crs.to_wkt()).geometry.iloc[0]
    expected = np.array([6.5, 0.5]) * 20 + np.array([7.5, 0.5]) * 18 + np.array([6.5, 1.5]) * 15
    assert (~t @ (flat.x, flat.y)) == pytest.approx(tuple(expected / 53), abs=1e-3)


def test_where_nobody_lives_the_point_lies_inside():
    here = degrees((8, 12))
    values = np.zeros((8, 12))
    values[4, 7] = 5_000.0
    values[0, 0] = np.nan
    zones = zones_of({"c": c_shape(here), "far": pixel_box(here, 50, 50, 51, 51), "lived": pixel_box(here, 6, 3, 9, 6)})
    points, ledger = placed(zones, here, raster(values, here))
    assert points["how"].tolist() == ["centroid", "centroid", "mean"]
    assert zones.contains(points.geometry).all()
    assert ledger.frame()[["cause", "zone_id"]].values.tolist() == [[NOBODY, "c"], [NOBODY, "far"]]


@pytest.mark.parametrize("part", [(2.1, 2.1, 2.3, 2.3), (2.7, 2.05, 2.95, 3.4), (1.9, 1.9, 2.2, 2.2)])
def test_the_point_of_a_district_smaller_than_a_cell_lies_inside_it(part):
    """The centre of the only populated cell lies in the district next door."""
    here = degrees((6, 6), left=4.3, top=50.9)
    values = np.zeros((6, 6))
    values[2, 2] = 100.0
    zone = zones_of({"a": pixel_box(here, *part)})
    points, _ = placed(zone, here, raster(values, here))
    assert zone.contains(points.geometry).all()


def test_plain_centroids_are_those_of_an_equal_area_map(toy):
    west = toy.districts.iloc[[0]].to_crs(4326)
    points = plain_centroids(west)
    assert points["how"].tolist() == ["centroid"]
    flat = toy.districts.geometry.iloc[0].centroid
    found = points.to_crs(toy.districts.crs).geometry.iloc[0]
    assert found.distance(flat) < 5  # metres
    c = plain_centroids(zones_of({"c": c_shape(degrees((8, 12)))}))
    assert not c_shape(degrees((8, 12))).contains(c.geometry.iloc[0])  # plain means plain: it may lie in the bay


def test_points_of_several_levels_stand_under_one_another():
    a, b = (plain_centroids(zones_of({name: shapely.box(0, 0, 1, 1)})) for name in "ab")
    table = points_table([a, b.iloc[:0], b])
    assert table.index.tolist() == ["a", "b"]
    assert table.index.name == "zone_id"
    assert table.crs.to_epsg() == 4326


def test_people_on_another_grid_are_refused():
    here = degrees((2, 2))
    zones = zones_of({"a": pixel_box(here, 0, 0, 1, 1)})
    with pytest.raises(GridMismatch, match="population"):
        population_points(zones, plan_zones(zones, here), raster(np.ones((2, 2)), degrees((2, 2), left=0.0)))


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_people_of_any_type(dtype):
    here = degrees((2, 3))
    values = np.array([[0, 0, 9], [0, 0, 0]], dtype)
    points, _ = placed(zones_of({"a": pixel_box(here, 0, 0, 3, 2)}), here, raster(values, here))
    assert points.geometry.iloc[0].distance(spot(here, 2.5, 0.5)) < 1e-9


def test_no_input_is_altered(freeze):
    here, people = lopsided("south-west")
    freeze(people)
    zones = zones_of({"c": c_shape(here)})
    before = zones.copy()
    placed(zones, here, people, on_populated_cell=True)
    assert zones.equals(before)
