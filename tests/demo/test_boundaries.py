import sqlite3
from importlib.resources import as_file

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point

from urbanreview.demo.cities import real_cities
from urbanreview.demo.country import BAIKONUR, EAST, NORTH, SOUTH, WEST, read_layer, shipped
from urbanreview.demo.truth import OBLAST_OF
from urbanreview.grid import bounds_with_margin, geodesic_area_km2


@pytest.fixture(scope="module")
def oblasts() -> gpd.GeoDataFrame:
    return read_layer("oblasts")


@pytest.fixture(scope="module")
def outline() -> gpd.GeoDataFrame:
    return read_layer("outline")


def test_sixteen_named_oblasts_with_unique_codes(oblasts):
    assert len(oblasts) == 16
    assert oblasts["code"].is_unique
    assert oblasts["code"].str.fullmatch(r"KAZ-\d{4}").all()
    assert oblasts["name"].is_unique
    assert {"Aqtöbe", "South Kazakhstan", "Almaty", "Almaty City", "Astana"} <= set(oblasts["name"])
    assert sorted(oblasts["type"].unique()) == ["City", "Region"]
    assert oblasts.crs.to_epsg() == 4326


def test_oblasts_are_valid_and_share_their_borders_without_overlap(oblasts):
    assert oblasts.is_valid.all()
    assert shapely.coverage_is_valid(oblasts.geometry.values)


def test_outline_covers_the_oblasts(oblasts, outline):
    assert outline[["iso3", "name"]].values.tolist() == [["KAZ", "Kazakhstan"]]
    assert outline.is_valid.all()
    assert outline.geometry[0].covers(shapely.coverage_union_all(oblasts.geometry.values))


def test_baikonur_is_the_only_gap(oblasts, outline):
    gaps = gpd.GeoSeries([outline.geometry[0].difference(oblasts.union_all())], crs=4326).explode(ignore_index=True)
    large = gaps[geodesic_area_km2(gaps) > 100]
    assert len(large) == 1
    assert large.iloc[0].contains(Point(BAIKONUR))
    assert geodesic_area_km2(large)[0] == pytest.approx(6_501, abs=1)
    assert geodesic_area_km2(gaps).sum() - geodesic_area_km2(large).sum() < 0.01


def test_area_of_the_country_is_that_of_the_atlases(outline):
    assert geodesic_area_km2(outline.geometry)[0] == pytest.approx(2_724_900, rel=0.003)


def test_large_cities_lie_in_the_oblast_of_the_old_division(oblasts):
    cities = {city.name: city for city in reversed(real_cities())}
    for name, expected in OBLAST_OF.items():
        at = Point(cities[name].lon, cities[name].lat)
        assert oblasts.loc[oblasts.contains(at), "name"].tolist() == [expected]


def test_baikonur_city_is_in_the_country_but_in_no_oblast(oblasts, outline):
    city = next(city for city in real_cities() if city.name == "Baikonur")
    at = Point(city.lon, city.lat)
    assert outline.contains(at).all()
    assert not oblasts.contains(at).any()


def test_grid_leaves_fifty_km_around_the_country(outline):
    west, south, east, north = bounds_with_margin(outline.geometry, 50)
    assert west > WEST
    assert south > SOUTH
    assert east < EAST
    assert north < NORTH


def test_file_is_small_and_an_old_enough_geopackage():
    with as_file(shipped("kazakhstan.gpkg")) as path:
        assert path.stat().st_size < 500_000
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        version = connection.execute("pragma user_version").fetchone()
        connection.close()
    assert version == (10_300,)
