import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from urbanreview.report import wide_table, write_geopackage

LAYERS = {
    "districts": "MultiPolygon",
    "adm1": "MultiPolygon",
    "country": "MultiPolygon",
    "urban_clusters": "MultiPolygon",
    "urban_centres": "MultiPolygon",
    "district_centroids": "Point",
    "settlement_points": "Point",
}


def rows(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def style_of(path: Path, layer: str) -> ET.Element:
    ((text,),) = rows(path, f"SELECT styleQML FROM layer_styles WHERE f_table_name = '{layer}'")
    return ET.fromstring(text.split("\n", 1)[1])


def test_every_layer_is_there_in_degrees(folder):
    listed = {name: kind for name, kind in pyogrio.list_layers(folder / "review.gpkg") if name != "layer_styles"}
    assert listed == LAYERS
    for name in LAYERS:
        assert pyogrio.read_info(folder / "review.gpkg", layer=name)["crs"] == "EPSG:4326"


def test_it_is_version_1_3(folder):
    assert rows(folder / "review.gpkg", "PRAGMA user_version") == [(10300,)]


def test_layers_hold_the_wide_tables(review, folder):
    for level, name in (("adm2", "districts"), ("urban_centre", "urban_centres")):
        layer = gpd.read_file(folder / "review.gpkg", layer=name).set_index("zone_id")
        wide = wide_table(review, level)
        assert layer.index.tolist() == wide.index.tolist()
        assert list(layer.columns.drop("geometry")) == list(wide.columns)
        pd.testing.assert_series_equal(layer["population_total_2020"], wide["population_total_2020"])
    assert layer["district_1"].tolist()[1] == "TOY-adm2-a"
    assert layer["cross_border"].astype(bool).tolist() == [False, True, False, False]


@pytest.mark.parametrize("layer", LAYERS)
def test_flags_stand_in_every_layer(folder, layer):
    flags = gpd.read_file(folder / "review.gpkg", layer=layer).set_index("zone_id")["flags"].fillna("")
    assert flags.get("TOY-uc-2", "across the border; few cells") == "across the border; few cells"
    assert set(flags.drop("TOY-uc-2", errors="ignore")) == {""}


def test_territory_without_a_shape_keeps_its_row(folder):
    layer = gpd.read_file(folder / "review.gpkg", layer="districts").set_index("zone_id")
    assert layer.geometry.isna().tolist() == [False, False, False, True]
    assert layer.index[-1] == "TOY-adm2-none"


def test_points_know_their_names(folder):
    points = gpd.read_file(folder / "review.gpkg", layer="settlement_points").set_index("zone_id")
    assert points.loc["TOY-uc-1", "name"] == "Şymkent"
    assert set(points["level"]) == {"urban_centre", "urban_cluster"}
    assert set(gpd.read_file(folder / "review.gpkg", layer="district_centroids")["level"]) == {"adm2"}


def test_styles_are_registered_as_qgis_looks_for_them(folder):
    path = folder / "review.gpkg"
    assert rows(path, "SELECT data_type FROM gpkg_contents WHERE table_name = 'layer_styles'") == [("attributes",)]
    assert [row[1] for row in rows(path, "PRAGMA table_info(layer_styles)")] == [
        "id", "f_table_catalog", "f_table_schema", "f_table_name", "f_geometry_column", "styleName", "styleQML",
        "styleSLD", "useAsDefault", "description", "owner", "ui", "update_time",
    ]  # fmt: skip
    found = rows(
        path,
        "SELECT f_table_name FROM layer_styles WHERE f_table_catalog = '' AND f_table_schema = '' "
        "AND f_geometry_column = 'geom' AND useAsDefault = 1",
    )
    assert {name for (name,) in found} == set(LAYERS)
    geometry = rows(path, "SELECT table_name, column_name FROM gpkg_geometry_columns")
    assert dict(geometry) == dict.fromkeys(LAYERS, "geom")


def test_districts_are_graduated_by_density_over_all_values(folder):
    renderer = style_of(folder / "review.gpkg", "districts").find("renderer-v2")
    assert renderer.get("type") == "graduatedSymbol"
    assert renderer.get("attr") == "population_density_2020"
    ranges = [(float(one.get("lower")), float(one.get("upper"))) for one in renderer.iter("range")]
    assert all(upper == lower for (_, upper), (lower, _) in pairwise(ranges))
    density = gpd.read_file(folder / "review.gpkg", layer="districts")["population_density_2020"].dropna()
    assert ranges[0][0] <= density.min()
    assert ranges[-1][1] >= density.max()
    symbols = [one.get("name") for one in renderer.find("symbols")]
    assert symbols == [one.get("symbol") for one in renderer.iter("range")]


def test_centres_are_labelled_by_name(folder):
    style = style_of(folder / "review.gpkg", "urban_centres")
    assert style.get("labelsEnabled") == "1"
    assert style.find(".//text-style").get("fieldName") == "name"


def test_columns_have_titles(folder):
    path = folder / "review.gpkg"
    found = rows(
        path, "SELECT name, description FROM gpkg_data_columns WHERE table_name = 'districts' AND column_name = 'area_km2'"
    )
    assert found == [("Area [km2]", "Geodesic area of the outline on the WGS 84 ellipsoid.")]
    extensions = rows(path, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'")
    assert ("gpkg_data_columns",) in extensions
    for layer in LAYERS:
        columns = {row[1] for row in rows(path, f"PRAGMA table_info({layer})")} - {"fid", "geom"}
        titled = rows(path, f"SELECT column_name FROM gpkg_data_columns WHERE table_name = '{layer}'")
        assert {name for (name,) in titled} == columns
        aliases = {one.get("field") for one in style_of(path, layer).iter("alias")}
        assert aliases == columns


def test_the_description_warns_of_modelled_data(review, observed, folder, tmp_path):
    question = "SELECT description FROM gpkg_contents WHERE table_name = 'districts'"
    assert rows(folder / "review.gpkg", question)[0][0].startswith("Modelled data")
    write_geopackage(observed, tmp_path / "review.gpkg")
    assert "Modelled" not in rows(tmp_path / "review.gpkg", question)[0][0]


def test_an_old_file_is_replaced_and_a_second_one_is_equal(review, folder, tmp_path):
    path = tmp_path / "review.gpkg"
    path.write_text("an old half file")
    write_geopackage(review, path)
    for layer in LAYERS:
        a, b = (gpd.read_file(file, layer=layer) for file in (path, folder / "review.gpkg"))
        pd.testing.assert_frame_equal(pd.DataFrame(a.drop(columns="geometry")), pd.DataFrame(b.drop(columns="geometry")))
        assert a.geometry.to_wkb().equals(b.geometry.to_wkb())


@pytest.mark.parametrize("layer", ["urban_centres", "urban_clusters", "settlement_points"])
def test_a_country_without_cities_has_empty_layers(empty, tmp_path, layer):
    write_geopackage(empty, tmp_path / "review.gpkg")
    found = gpd.read_file(tmp_path / "review.gpkg", layer=layer)
    assert len(found) == 0
    assert {"zone_id", "name", "level"} <= set(found.columns)
