import subprocess
import sys
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import image
from shapely.geometry import MultiPolygon, box

from urbanreview.report import draw_largest, draw_map, maps, paper
from urbanreview.report.city_charts import draw_city_growth, draw_rank_size
from urbanreview.report.growth_chart import draw_urban_growth
from urbanreview.report.ink import SEQUENCE, class_breaks, class_labels
from urbanreview.report.labels import overlap, place, within
from urbanreview.report.land_use import draw_land_consumption
from urbanreview.report.light_chart import draw_lights_trend
from urbanreview.report.write import _drawers

DRAWN = [
    draw_map, draw_largest, draw_rank_size, draw_city_growth, draw_urban_growth, draw_land_consumption, draw_lights_trend,
]  # fmt: skip
IDS = [draw.__name__.removeprefix("draw_") for draw in DRAWN]
positions = st.tuples(st.integers(0, 300), st.integers(0, 200))
names = st.lists(st.tuples(positions, st.integers(10, 80)), max_size=15)


@given(names)
def test_law_no_name_lies_on_another_or_leaves_the_map(named):
    frame = (0.0, 0.0, 300.0, 200.0)
    boxes = place([at for at, _ in named], [(width, 9) for _, width in named], [3] * len(named), frame=frame)
    placed = [one for one in boxes if one is not None]
    assert all(within(one, frame) for one in placed)
    for number, one in enumerate(placed):
        assert not any(overlap(one, other) for other in placed[number + 1 :])


@given(st.lists(st.floats(0, 1e6), max_size=40))
def test_law_classes_ascend_and_are_few(values):
    breaks = class_breaks(values)
    assert breaks == sorted(set(breaks))
    assert len(class_labels(breaks)) <= len(SEQUENCE)


def test_classes_of_one_value_are_one():
    assert class_breaks([4.0, 4.0, np.nan]) == []
    assert class_labels([]) == ["all values"]


@pytest.fixture(scope="module")
def drawn(review, tmp_path_factory):
    """Draw a figure of the review, once."""
    folder = tmp_path_factory.mktemp("drawn")

    @cache
    def file(draw) -> Path:
        draw(review, folder / f"{draw.__name__}.png")
        return folder / f"{draw.__name__}.png"

    return file


@pytest.mark.parametrize("draw", DRAWN, ids=IDS)
def test_figures_are_png_with_ink_on_them(drawn, draw):
    pixels = image.imread(drawn(draw))
    assert min(pixels.shape[:2]) > 400
    assert 0.02 < (pixels[..., :3] < 0.9).any(axis=2).mean() < 0.9


@pytest.mark.parametrize("draw", DRAWN, ids=IDS)
def test_modelled_data_are_marked(drawn, observed, tmp_path, draw):
    draw(observed, tmp_path / "b.png")
    a, b = (image.imread(path) for path in (drawn(draw), tmp_path / "b.png"))
    assert a.shape == b.shape
    assert (a != b).any(axis=2).mean() > 0.005


@pytest.mark.parametrize("draw", DRAWN, ids=IDS)
def test_a_second_drawing_is_the_same_bytes(drawn, review, tmp_path, draw):
    draw(review, tmp_path / "b.png")
    assert drawn(draw).read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("draw", [draw_map, draw_largest], ids=IDS[:2])
def test_a_country_without_cities_is_drawn(empty, tmp_path, draw):
    draw(empty, tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 5_000


def test_only_figures_that_have_numbers_are_drawn(review, empty):
    themes = {"rank_size", "city_growth", "urban_growth", "land_consumption", "lights_trend"}
    assert themes <= set(_drawers(review))
    assert themes & set(_drawers(empty)) == {"lights_trend"}


@pytest.mark.parametrize("draw", DRAWN, ids=IDS)
def test_names_in_any_script_are_drawn_without_a_word_of_warning(review, tmp_path, draw):
    zones = review.zones.assign(name=review.zones["name"].replace({"Şymkent": "上海 ຫຼວງ $x$"}), name_ascii=None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(replace(review, zones=zones), tmp_path / "f.png")


def test_a_map_without_districts_shows_the_cities(review, tmp_path):
    cities = review.zones[review.zones["level"].str.startswith("urban")]
    values = review.values[review.values["zone_id"].isin(cities.index)]
    points = review.points.loc[review.points.index.isin(cities.index)]
    draw_map(replace(review, zones=cities, points=points, values=values), tmp_path / "f.png")
    assert (tmp_path / "f.png").exists()


def test_degrees_of_longitude_are_shortened_by_latitude(review):
    sheet = maps._sheet(review)
    assert sheet.aspect == pytest.approx(1 / np.cos(np.radians(50)), rel=1e-3)
    width, height = maps._map_size(sheet)
    ground = (sheet.east - sheet.west) * np.cos(np.radians(50)) / (sheet.north - sheet.south)
    assert width / height == pytest.approx(ground, rel=1e-3)


def test_a_country_on_both_sides_of_the_antimeridian_is_one_piece(review):
    split = MultiPolygon([box(177, -19, 180, -16), box(-180, -19, -178, -16)])
    zones = review.zones.loc[["TOY-adm2-a"]].set_geometry(gpd.GeoSeries([split], index=["TOY-adm2-a"], crs=4326))
    sheet = maps._sheet(replace(review, zones=zones, points=review.points.iloc[:0]))
    assert 177 - 1 < sheet.west < 177
    assert 182 < sheet.east < 183


def test_names_keep_to_the_font():
    assert paper.printable("x" * 50) == "x" * 31 + "…"
    assert paper.printable("  two\n lines ") == "two lines"


def test_matplotlib_keeps_no_state(tmp_path):
    code = (
        "import sys\nfrom matplotlib import rcParams\nfrom urbanreview.report import paper\n"
        "state = lambda: {key: rcParams[key] for key in rcParams if key != 'backend'}\nbefore = state()\n"
        "figure = paper.new_figure(2, 2)\npaper.write(figure, 0.1, 0.5, '$x', size=9)\n"
        f"paper.save(figure, {str(tmp_path / 'f.png')!r})\n"
        "assert state() == before\nassert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
