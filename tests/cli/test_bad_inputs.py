"""Every way in which inputs can be wrong: one sentence, an exit code, and nothing left behind."""

import re
import shutil

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import Point, Polygon


@pytest.fixture
def settings_file(settings_file, going_on):
    """A toy country whose steps are finished, so that a run comes to what is wrong at once."""
    return going_on(settings_file)


def missing_file(parts):
    (parts.data / "people_2020.tif").unlink()


def missing_boundaries(parts):
    (parts.data / "districts.gpkg").unlink()


def truncated_tiff(parts):
    path = parts.data / "people_2020.tif"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def truncated_late(parts):
    path = parts.data / "lights_2020.tif"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def no_tiff(parts):
    (parts.data / "built_2020.tif").write_text("<html>404</html>")


def elsewhere(parts):
    parts.paint("people_2020.tif", parts.cells(), transform=Affine(1000, 0, -5_000_000, 0, -1000, -2_000_000))


def lights_elsewhere(parts):
    parts.paint("lights_2019.tif", parts.cells(), transform=Affine(1000, 0, -5_000_000, 0, -1000, -2_000_000))


def without_crs(parts):
    parts.paint("people_2020.tif", parts.cells(), crs=None)


def nothing_but_nodata(parts):
    parts.paint("people_2020.tif", np.full_like(parts.cells(), np.nan))


def nodata_in_the_country(parts):
    cells = parts.cells()
    cells[4:56, 4:76] = np.nan
    parts.paint("people_2020.tif", cells)


def duplicate_ids(parts):
    parts.draw(parts.districts().assign(code=["w", "ne", "w"]))


def empty_ids(parts):
    parts.draw(parts.districts().assign(code=["w", None, "se"]))


def unknown_column(parts):
    parts.say('id = "code"', 'id = "cod"')


def empty_layer(parts):
    parts.draw(parts.districts().iloc[:0])


def points(parts):
    parts.draw(parts.districts().set_geometry([Point(0, 0), Point(1, 1), Point(2, 2)], crs=parts.grid.crs))


def boundaries_without_crs(parts):
    parts.districts().set_crs(None, allow_override=True).to_file(parts.data / "districts.shp")
    parts.say("districts.gpkg", "districts.shp")


def outline_elsewhere(parts):
    gpd.GeoDataFrame(geometry=[Point(0, 0).buffer(1)], crs=4326).to_file(parts.data / "outline.geojson")
    parts.say("margin_km", 'outline = "data/outline.geojson"\nmargin_km')


def unknown_layer(parts):
    parts.say('id = "code"', 'id = "code"\nlayer = "district"')


def unknown_crs(parts):
    parts.say("years = [2010, 2020]", 'years = [2010, 2020]\ncrs = "EPSG:54009"')


def several_bands(parts):
    import rasterio

    profile = {"height": 60, "width": 80, "count": 2, "crs": parts.grid.crs, "transform": parts.grid.transform}
    with rasterio.open(parts.data / "people_2020.tif", "w", driver="GTiff", dtype="float32", **profile) as file:
        file.write(np.stack([parts.cells()] * 2).astype("float32"))


def rotated(parts):
    turned = parts.grid.transform @ Affine.rotation(5)
    parts.paint("people_2020.tif", parts.cells(), transform=turned)


def cells_too_large(parts):
    coarse = np.nan_to_num(parts.cells()).reshape(12, 5, 16, 5).sum(axis=(1, 3))
    parts.paint("people_2020.tif", coarse, transform=parts.grid.transform @ Affine.scale(5))


def missing_names(parts):
    parts.add('[naming]\nnames = "data/names.csv"\n')


def say_units(path, said):
    import rasterio

    with rasterio.open(path, "r+") as file:
        file.update_tags(units=said)


def wrong_units(parts):
    say_units(parts.data / "lights_2019.tif", "W/cm2/sr")


def a_month_with_wrong_units(parts):
    parts.say("lights_{year}.tif", "lights_{year}-{month:02}.tif")
    for month in (1, 2, 3):
        parts.paint(f"lights_2020-{month:02}.tif", parts.cells())
    say_units(parts.data / "lights_2020-02.tif", "W/cm2/sr")


def a_density(parts):
    say_units(parts.data / "people_2020.tif", "people per km2")


def built_up_in_per_cent(parts):
    say_units(parts.data / "built_2020.tif", "%")


def another_year_in_the_name(parts):
    (parts.data / "built_2020.tif").rename(parts.data / "built_E2018_R2020A.tif")
    parts.say("built_{year}.tif", "built_E2018_R2020A.tif")


def unwritable_output(parts):
    (parts.settings.parent / "file").write_text("x")
    parts.say('folder = "toy-review"', 'folder = "file/toy-review"')


def output_is_a_file(parts):
    shutil.rmtree(parts.settings.parent / "toy-review")
    (parts.settings.parent / "toy-review").write_text("x")


FAILED = {
    missing_file: r"File not found: \S+/data/people_2020\.tif",
    missing_boundaries: r"File not found: \S+/data/districts\.gpkg",
    truncated_tiff: r"Cannot read data/people_2020\.tif: expected a raster that GDAL can read",
    truncated_late: r"Cannot read data/lights_2020\.tif: expected a raster that GDAL can read",
    no_tiff: r"Cannot read data/built_2020\.tif: expected a raster that GDAL can read",
    elsewhere: r"'ghs 2020' does not overlap the country: it covers \(-",
    lights_elsewhere: r"'lights 2019' does not overlap the country: it covers \(-",
    without_crs: r'people_2020\.tif names no coordinate reference system\. Add crs = "EPSG:4326"',
    nothing_but_nodata: r"'ghs 2020' has no value in the country: all of \d+ cells are missing\. Check its nodata",
    nodata_in_the_country: r"'ghs 2020' has no value in the country",
    duplicate_ids: r"districts\.gpkg: column 'code' has 1 duplicate ids \(w\), expected one row each",
    empty_ids: r"districts\.gpkg: column 'code' is empty in 1 rows \(1\)",
    unknown_column: r"districts\.gpkg has no column 'cod'\. Did you mean 'code'\?",
    empty_layer: r"districts\.gpkg has no features to use, expected at least one polygon",
    points: r"districts\.gpkg holds 3 features without an area \(Point\), expected polygons",
    boundaries_without_crs: r"districts\.shp names no coordinate reference system",
    outline_elsewhere: r"'data/outline\.geojson' does not overlap the country",
    unknown_layer: r"districts\.gpkg has no layer 'district'\. Did you mean 'districts'\?",
    unknown_crs: r"Unknown coordinate reference system 'EPSG:54009'",
    several_bands: r"people_2020\.tif holds 2 bands \(1, 2\), expected one\. Add band = 1",
    rotated: r"people_2020\.tif' is rotated or sheared",
    cells_too_large: r"'ghs 2020' has cells of 25\.00 km2, expected at most 2 km2",
    missing_names: r"File not found: \S+/data/names\.csv",
    wrong_units: r"lights_2019\.tif says that its numbers are in 'W/cm2/sr', expected nW/cm2/sr\. Bring them to",
    a_month_with_wrong_units: r"lights_2020-02\.tif says that its numbers are in 'W/cm2/sr', expected nW/cm2/sr",
    a_density: r"people_2020\.tif says that its numbers are in 'people per km2', expected people",
    built_up_in_per_cent: r"built_2020\.tif says that its numbers are in '%', expected m2",
    another_year_in_the_name: r"built_E2018_R2020A\.tif has the year 2018 in its name, expected 2020\. Give its section",
    unwritable_output: r"Cannot write to \S+/file/toy-review: Not a directory\. Name another folder in \[output\]",
    output_is_a_file: r"Cannot write to \S+/toy-review: File exists",
}


WHOLE = re.compile(r"^[^/]+(/(run\.log|\.lock|\.store(/(?!.*\.part).*)?))?$")
"""The output folder, its log and lock, and whole results in the store."""


@pytest.mark.parametrize("damage", list(FAILED), ids=lambda damage: damage.__name__)
def test_an_input_that_cannot_be_used_is_one_sentence(parts, fails, tree, tmp_path, damage):
    damage(parts)
    before = tree(tmp_path)
    said = fails("run", parts.settings, code=1)
    assert re.search(FAILED[damage], said), said
    left = {name for name in tree(tmp_path) if name not in before}
    assert all(WHOLE.search(name) for name in left), "a failed run leaves finished steps and its log, and nothing else"
    assert {name: content for name, content in tree(tmp_path).items() if name in before} == before


MISUSED = {
    "unknown setting": ("margin_km = 3", "margin = 3", "[country] unknown setting 'margin'. Did you mean 'margin_km'?"),
    "unknown section": ("[lights]", "[light]", "unknown setting 'light'. Did you mean 'lights'?"),
    "negative threshold": (
        "[output]",
        "[delineation.urban_centre]\nmin_density = -5\n\n[output]",
        "[delineation.urban_centre] min_density = -5: input should be greater than 0",
    ),
    "negative margin": (
        "margin_km = 3",
        "margin_km = -3",
        "[country] margin_km = -3: input should be greater than or equal to 0",
    ),
    "unknown edition": ("[output]", '[delineation]\nrules = "noteboook"\n\n[output]', "Did you mean 'notebook'?"),
    "missing setting": ('id = "code"', "", "[boundaries] id is missing"),
    "two-letter code": ('iso3 = "TOY"', 'iso3 = "TO"', "[country] iso3 = 'TO': "),
    "no TOML": ("[output]", "output:", "not a TOML file: "),
}


@pytest.mark.parametrize("case", list(MISUSED))
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_setting_that_cannot_be_is_misuse(parts, fails, tree, tmp_path, command, case):
    old, new, expected = MISUSED[case]
    parts.say(old, new)
    before = tree(tmp_path)
    assert expected in fails(command, parts.settings, code=2)
    assert tree(tmp_path) == before


def test_one_file_for_two_years_is_misuse(parts, fails, tree, tmp_path):
    parts.say("people_{year}.tif", "people_2020.tif")
    before = tree(tmp_path)
    said = fails("run", parts.settings, code=2)
    assert "people_2020.tif: one file without a time axis for 2 years (2010, 2020). Give its path a {year}" in said
    assert all(WHOLE.search(name) for name in tree(tmp_path) if name not in before)


def test_an_output_below_a_file_is_told_for_the_option_too(parts, fails, tree, tmp_path):
    (tmp_path / "file").write_text("x")
    before = tree(tmp_path)
    assert "Not a directory" in fails("run", parts.settings, "--output", tmp_path / "file" / "out")
    assert tree(tmp_path) == before


def test_a_demo_below_a_file_is_told(fails, tree, tmp_path):
    (tmp_path / "file").write_text("x")
    assert "Cannot write to" in fails("demo", "--folder", tmp_path / "file" / "demo")
    assert set(tree(tmp_path)) == {"file"}


def test_a_self_crossing_polygon_is_mended_and_the_ledger_says_so(parts, invoke):
    import json

    districts = parts.districts()
    top, bottom, left, right = 5, 55, 5, 40
    corners = [(left, top), (right, top), (left, bottom), (right, bottom)]
    districts.loc[0, "geometry"] = Polygon([parts.grid.transform @ corner for corner in corners])
    assert not districts.is_valid[0]
    parts.draw(districts)
    parts.draw_nothing()
    result = invoke("run", parts.settings, "--quiet")
    assert result.exit_code == 0, result.output
    manifest = json.loads((parts.settings.parent / "toy-review" / "run.json").read_text(encoding="utf-8"))
    mended = [(entry["zone_id"], entry["amount"]) for entry in manifest["ledger"] if entry["cause"] == "polygon mended"]
    assert mended == [("TOY-adm1-w", 1.0)]


def test_odd_numbers_are_counted_in_the_manifest_and_nothing_fails(parts, invoke):
    import json

    light, built = (np.full(parts.cells().shape, value) for value in (0.5, 0.0))
    light[20, 20:23], light[21, 20] = -0.3, -40.0
    built[20, 20:24], built[30:40, 50:60] = 3e6, 1e5
    parts.paint("lights_2020.tif", light)
    parts.paint("built_2020.tif", built)
    say_units(parts.data / "lights_2020.tif", "brightness")
    parts.draw_nothing()
    result = invoke("run", parts.settings, "--quiet")
    assert result.exit_code == 0, result.output
    manifest = json.loads((parts.settings.parent / "toy-review" / "run.json").read_text(encoding="utf-8"))
    amounts = {(entry["step"], entry["cause"]): entry["amount"] for entry in manifest["ledger"]}
    assert amounts["lights 2020", "negative radiance: noise, counted as dark"] == 3.0
    assert amounts["lights 2020", "radiance far below zero, under -1.5: is it a code for nodata?"] == 1.0
    assert amounts["lights 2020", "file says units 'brightness', taken as nW/cm2/sr"] == 1.0
    assert amounts["built_up 2020", "larger than the cell: is it in m2?"] == 4.0
