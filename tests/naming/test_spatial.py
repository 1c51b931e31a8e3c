import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Geod
from shapely.geometry import box

from urbanreview.naming.spatial import nearest_places, places_inside
from urbanreview.zones.distance import distance_km

WGS84 = Geod(ellps="WGS84")


def make_places(*rows):
    return pd.DataFrame(rows, columns=["geonameid", "longitude", "latitude", "people"]).set_index("geonameid")


def make_shapes(**shapes):
    return gpd.GeoSeries(shapes, crs=4326)


def slow_distance_km(shape, longitude, latitude):
    """Twin: the shortest of the geodesics to points strewn along the outline."""
    if shape.intersects(shapely.Point(longitude, latitude)):
        return 0.0
    outline = shapely.get_coordinates(shapely.segmentize(shape.boundary, 2e-4))
    there = np.full(len(outline), longitude), np.full(len(outline), latitude)
    return WGS84.inv(outline[:, 0], outline[:, 1], *there)[2].min() / 1000


@pytest.mark.parametrize("south", [0.0, 43.0, 68.0])
def test_distance_equals_its_slow_twin(south):
    rng = np.random.default_rng(5)
    shape = shapely.Polygon([(10, south), (10.3, south + 0.02), (10.25, south + 0.2), (10.1, south + 0.05)])
    longitude, latitude = rng.uniform(9.9, 10.4, 12), rng.uniform(south - 0.1, south + 0.3, 12)
    fast = distance_km(np.array([shape] * 12), longitude, latitude)
    slow = [slow_distance_km(shape, x, y) for x, y in zip(longitude, latitude, strict=True)]
    np.testing.assert_allclose(fast, slow, atol=2e-4, rtol=1e-4)


def test_distance_is_short_across_the_antimeridian_and_missing_for_nothing():
    shapes = np.array([box(179.8, 0, 179.9, 1), shapely.Polygon(), None])
    answer = distance_km(shapes, np.array([-179.9, 0.0, 0.0]), np.array([0.5, 0.0, 0.0]))
    assert answer[0] == pytest.approx(0.2 * 111.32, rel=1e-3)
    assert np.isnan(answer[1:]).all()


def test_the_most_populous_inside_comes_first_and_ties_go_to_the_lowest_id():
    places = make_places((9, 1, 1, 50), (4, 2, 2, 80), (3, 2, 1, 80), (1, 8, 8, 900))
    pairs = places_inside(make_shapes(b=box(0, 0, 3, 3), a=None, c=shapely.Polygon()), places)
    assert pairs.values.tolist() == [["b", 3], ["b", 4], ["b", 9]]


def test_an_edge_is_inside():
    assert len(places_inside(make_shapes(a=box(0, 0, 1, 1)), make_places((1, 1, 0.5, 9)))) == 1


def test_nearest_is_nearest_on_the_ground_not_in_degrees():
    """At 60 degrees north 0.10 degrees to the east are 5.6 km, 0.08 to the north 8.9 km."""
    places = make_places((1, 10.5, 61.08, 9), (2, 11.1, 60.5, 9))
    nearest = nearest_places(make_shapes(a=box(10, 60, 11, 61)), places, within_km=10)
    assert nearest.loc["a", "geonameid"] == 2
    assert nearest.loc["a", "distance_km"] == pytest.approx(5.49, abs=0.01)


def test_nearest_stops_at_the_stated_distance():
    places, shapes = make_places((1, 0.5, 1.1, 9)), make_shapes(a=box(0, 0, 1, 1))
    assert nearest_places(shapes, places, within_km=11.1).index.tolist() == ["a"]
    assert nearest_places(shapes, places, within_km=11.0).empty


def test_unknown_population_is_the_last_resort():
    places = make_places((1, 0.5, 1.01, 0), (2, 0.5, 1.05, 7))
    shapes = make_shapes(a=box(0, 0, 1, 1))
    assert nearest_places(shapes, places, within_km=10).loc["a", "geonameid"] == 2
    assert nearest_places(shapes, places, within_km=2).loc["a", "geonameid"] == 1


def test_nearest_sees_over_the_antimeridian_and_every_part_of_a_zone():
    islands = shapely.MultiPolygon([box(179.5, 0, 179.95, 1), box(-170, 0, -169, 1)])
    places = make_places((1, -179.99, 0.5, 9), (2, 175.0, 0.5, 9))
    nearest = nearest_places(make_shapes(a=islands), places, within_km=10)
    assert nearest["geonameid"].to_dict() == {"a": 1}
    assert nearest.loc["a", "distance_km"] == pytest.approx(0.06 * 111.32, rel=1e-3)


def test_nothing_is_near_to_nothing():
    places = make_places((1, 0, 0, 9))
    assert nearest_places(make_shapes(a=None, b=shapely.Polygon()), places, within_km=10).empty
    assert nearest_places(make_shapes(a=box(0, 1, 2, 3)), places.iloc[:0], within_km=10).empty
