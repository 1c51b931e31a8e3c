"""The map of infill, extension and leapfrog."""

import numpy as np
import pytest
from matplotlib import image
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.report.expansion_map import EXPANSION, built_window, draw_expansion

WORDS = {"title": "Toy town $x$", "subtitle": "1990 to 2015, rule liu-2010", "sources": "toy 1990, toy 2015"}


def town(geobox):
    codes = np.zeros((60, 90), np.uint8)
    codes[10:40, 20:50] = 1
    codes[20:24, 30:35] = 2
    codes[40:45, 20:40] = 3
    codes[15:25, 60:64] = 4
    codes[:, :5] = 255
    return raster(codes, geobox, kind="class", units="class of expansion")


def colours_of(path):
    red, green, blue = np.moveaxis((image.imread(path)[..., :3] * 255).round().astype(int), -1, 0)
    return {(code >> 16, code >> 8 & 255, code & 255) for code in np.unique(red << 16 | green << 8 | blue).tolist()}


def rgb(colour):
    return tuple(bytes.fromhex(colour.removeprefix("#")))


@pytest.mark.parametrize(
    "geobox", [degrees((60, 90), cell=1 / 1200), grid((60, 90), left=4.3e6, top=3.2e6, cell=100.0, crs="EPSG:3035")]
)
def test_every_class_is_on_the_map(geobox, tmp_path):
    outline = zones_of({"a": pixel_box(geobox, 15, 5, 55, 50)}, geobox.crs.to_wkt()).geometry
    draw_expansion(town(geobox), tmp_path / "f.png", **WORDS, outline=outline)
    assert {rgb(colour) for _, colour in EXPANSION.values()} <= colours_of(tmp_path / "f.png")


def test_classes_cover_their_part_of_the_map(tmp_path):
    """By pixels: old land is 900 cells less 20 of infill, extension 100, leapfrog 40."""
    draw_expansion(town(degrees((60, 90), cell=1 / 1200)), tmp_path / "f.png", **WORDS)
    pixels = (image.imread(tmp_path / "f.png")[..., :3] * 255).round().astype(int)
    pixels = pixels[:, : int(pixels.shape[1] * 0.72)]  # the map, without the legend
    count = {code: (pixels == rgb(colour)).all(axis=2).sum() for code, (_, colour) in EXPANSION.items()}
    assert count[3] / count[1] == pytest.approx(100 / 880, rel=0.05)
    assert count[4] / count[1] == pytest.approx(40 / 880, rel=0.05)
    assert count[2] / count[1] == pytest.approx(20 / 880, rel=0.15)


def test_the_same_bytes_twice_and_the_raster_stays(tmp_path, freeze):
    classes = freeze(town(degrees((60, 90), cell=1 / 1200)))
    for name in ("a.png", "b.png"):
        draw_expansion(classes, tmp_path / name, **WORDS)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_land_without_a_building_is_drawn(tmp_path):
    nothing = raster(np.zeros((9, 9), np.uint8), degrees((9, 9), cell=1 / 1200), kind="class", units="class of expansion")
    draw_expansion(nothing, tmp_path / "f.png", **WORDS)
    assert (tmp_path / "f.png").stat().st_size > 5_000
    assert built_window(nothing.values) == (slice(None), slice(None))
