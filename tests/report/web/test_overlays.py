"""Pictures over the map: a known cell lies under the right dot, and the corners are where they are said to be."""

from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox
from PIL import Image
from pyproj import Transformer
from shapely.geometry import MultiPolygon, box

from urbanreview.grid import make_raster
from urbanreview.report.class_map import TRAVEL_COLOURS
from urbanreview.report.ink import NO_DATA
from urbanreview.report.web.outlines import frame_of
from urbanreview.report.web.overlays import LIGHT_COLOURS, PEOPLE_COLOURS, overlays, picture_of, told_apart

GRID = GeoBox((40, 80), Affine(0.05, 0, 71.0, 0, -0.05, 51.0), "EPSG:4326")


def dots(overlay):
    assert overlay["url"].startswith("data:image/png;base64,")
    return np.asarray(Image.open(BytesIO(b64decode(overlay["url"].partition(",")[2]))).convert("RGBA"))


def colour_at(overlay, lon, lat):
    """The colour at a place, as a map puts a picture between its corners: in web Mercator."""
    picture = dots(overlay)
    to_metres = Transformer.from_crs(4326, 3857, always_xy=True)
    (west, north), (east, south) = (to_metres.transform(*overlay["coordinates"][corner]) for corner in (0, 2))
    x, y = to_metres.transform(lon, lat)
    col, row = (x - west) / (east - west) * picture.shape[1], (north - y) / (north - south) * picture.shape[0]
    red, green, blue, opaque = picture[int(row), int(col)]
    return f"#{red:02x}{green:02x}{blue:02x}" if opaque else ""


def named(review, key):
    return {each["key"]: each for each in overlays(review)}[key]


def cell_middle(row, col):
    return 71.0 + 0.05 * (col + 0.5), 51.0 - 0.05 * (row + 0.5)


def test_a_known_cell_lies_under_its_place(review):
    people = np.zeros(GRID.shape)
    people[3, 70] = 1e6
    raster = make_raster(people, GRID, kind="count", units="people")
    overlay = named(replace(review, rasters={"inputs/population_ghs_2020": raster}), "population")
    assert colour_at(overlay, *cell_middle(3, 70)) == PEOPLE_COLOURS[-1]
    for row, col in ((1, 70), (5, 70), (3, 68), (3, 72), (36, 70), (3, 9)):
        assert colour_at(overlay, *cell_middle(row, col)) == ""
    assert overlay["coordinates"] == [[71, 51], [75, 51], [75, 49], [71, 49]]
    assert "picture" in overlay["note"]


def test_another_reference_system_ends_in_the_same_place(review):
    to_mollweide = Transformer.from_crs(4326, "ESRI:54009", always_xy=True)
    x, y = to_mollweide.transform(73.0, 50.0)
    grid = GeoBox((201, 301), Affine(1000, 0, x - 150_500, 0, -1000, y + 100_500), "ESRI:54009")
    people = np.zeros(grid.shape)
    people[97:104, 147:154] = 9_000.0
    raster = make_raster(people, grid, kind="count", units="people")
    overlay = named(replace(review, rasters={"inputs/population_ghs_2020": raster}), "population")
    assert colour_at(overlay, 73.0, 50.0) == PEOPLE_COLOURS[-1]
    assert colour_at(overlay, 73.0, 50.1) == colour_at(overlay, 73.15, 50.0) == ""


def test_classes_keep_their_colours_and_the_most_urban_cell_shows(review):
    codes = np.full((2000, 4000), 11, "uint8")
    codes[::10] = 10
    codes[1001, 2001] = 30
    codes[:, 3500:] = 255
    grid = GeoBox(codes.shape, Affine(0.001, 0, 71.0, 0, -0.001, 51.0), "EPSG:4326")
    raster = make_raster(codes, grid, kind="class", units="degree")
    overlay = named(replace(review, rasters={"degree_of_urbanisation_ghs_2020": raster}), "degree_of_urbanisation")
    assert dots(overlay).shape[1] == 1200
    assert colour_at(overlay, 71 + 2.0015, 51 - 1.0015) == "#ff0000"
    assert colour_at(overlay, 72.0, 50.0) == "#cdf57a"
    assert colour_at(overlay, 74.8, 50.0) == ""
    assert ["urban centre", "#ff0000"] in overlay["legend"]


def test_without_degrees_the_urban_extents_show(review):
    keys = [each["key"] for each in overlays(review)]
    assert keys == ["population", "urban_extents"]
    extents = named(review, "urban_extents")
    assert [word for word, _ in extents["legend"]] == ["urban centre", "urban cluster"]
    assert colour_at(extents, 71.0 + 760 * 4 / 900, 51.0 - 90 * 2 / 600) == "#b5271e"


def test_minutes_have_classes_and_ground_without_a_way_is_told(review):
    minutes = np.full(GRID.shape, 10.0)
    minutes[:, 40:], minutes[20:, 40:] = 500.0, np.nan
    raster = make_raster(minutes, GRID, kind="cost", units="min")
    overlay = named(replace(review, rasters={"travel_time": raster}), "travel_time")
    assert colour_at(overlay, 72.0, 50.5) == TRAVEL_COLOURS[0]
    assert colour_at(overlay, 74.0, 50.5) == TRAVEL_COLOURS[-1]
    assert colour_at(overlay, 74.0, 49.5) == NO_DATA == overlay["legend"][-1][1]


def test_nothing_is_drawn_beyond_the_country(review):
    half = review.zones.set_geometry([box(71, 49, 73, 51)] * len(review.zones), crs=4326)
    wide = pd.concat([half, half.loc[["TOY-adm2-a"]].rename(index=str.lower).set_geometry([box(74.9, 49, 75, 51)], crs=4326)])
    raster = make_raster(np.full(GRID.shape, 10.0), GRID, kind="cost", units="min")
    overlay = named(replace(review, zones=gpd.GeoDataFrame(wide), rasters={"travel_time": raster}), "travel_time")
    assert overlay["coordinates"][1] == [73, 51]
    assert dots(overlay)[..., 3].min() == 255


def test_catchments_that_touch_have_different_colours(review):
    owners = np.ones(GRID.shape, "int32")
    owners[:, 20:40], owners[:, 40:], owners[:5] = 300, 7, 0
    raster = make_raster(owners, GRID, kind="class", units="place")
    overlay = named(replace(review, rasters={"catchments": raster}), "catchments")
    colours = [colour_at(overlay, lon, 49.5) for lon in (71.5, 72.5, 74.0)]
    assert "" not in colours
    assert colours[0] != colours[1] != colours[2]
    assert colour_at(overlay, 72.0, 50.9) == ""


def test_areas_are_told_apart_even_when_colours_run_out():
    owners = np.arange(1, 26).reshape(5, 5)
    found = told_apart(owners, 2)
    assert (found[1:] != found[:-1]).all()
    assert (found[:, 1:] != found[:, :-1]).all()
    assert set(told_apart(owners, 1).ravel()) == {1}
    assert told_apart(np.zeros((2, 2), int), 3).tolist() == [[0, 0], [0, 0]]


def test_lights_show_where_there_is_a_raster(review):
    light = np.zeros(GRID.shape, "float32")
    light[10, 10], light[30, 70], light[15, 15] = 50.0, 1.0, np.nan
    raster = make_raster(light, GRID, kind="intensity", units="nW/cm2/sr")
    overlay = named(replace(review, rasters={"inputs/lights_2020": raster}), "lights")
    found = [colour_at(overlay, *cell_middle(*at)) for at in ((20, 20), (30, 70), (10, 10), (15, 15))]
    assert found == [LIGHT_COLOURS[0], LIGHT_COLOURS[3], LIGHT_COLOURS[-1], ""]
    assert [colour for _, colour in overlay["legend"]] == list(LIGHT_COLOURS)


@pytest.mark.parametrize("west", [-180.0, 170.0])
def test_across_the_180th_meridian_a_cell_stays_in_its_place(review, west):
    sides = MultiPolygon([box(177, -19, 180, -16), box(-180, -19, -178, -16)])
    zones = review.zones.loc[["TOY-adm0-TOY"]].set_geometry([sides], crs=4326)
    cols = 3600 if west < 0 else 200
    grid = GeoBox((50, cols), Affine(0.1, 0, west, 0, -0.1, -15.0), "EPSG:4326")
    people = np.zeros(grid.shape)
    for lon in (178.25, -178.75 if west < 0 else 181.25):
        people[20, int((lon - west) / 0.1)] = 1e6
    raster = make_raster(people, grid, kind="count", units="people")
    known = replace(review, zones=zones, rasters={"inputs/population_ghs_2020": raster})
    overlay = named(known, "population")
    assert overlay["coordinates"] == [[177, -16], [182, -16], [182, -19], [177, -19]]
    picture = dots(overlay)
    cols_lit = np.flatnonzero(picture[..., 3].any(axis=0))
    lon_lit = 177 + 5 * (cols_lit + 0.5) / picture.shape[1]
    assert {round(float(lon), 1) for lon in lon_lit} <= {178.2, 178.3, 181.2, 181.3}
    assert lon_lit.min() < 179
    assert lon_lit.max() > 181


def test_pictures_are_small_and_always_the_same(review):
    frame = frame_of(review)
    fine = make_raster(np.zeros((5, 90_000), "uint8"), GeoBox((5, 90_000), Affine(1e-4, 0, 70, 0, -1, 52), "EPSG:4326"),
                       kind="count", units="people")  # fmt: skip
    picture = picture_of(fine, frame)
    assert max(picture.rows, picture.cols) == 1200
    assert overlays(review) == overlays(review)


def test_a_review_without_shapes_has_no_pictures(review):
    assert overlays(replace(review, zones=review.zones.loc[["TOY-adm2-none"]])) == []
