"""The words on boundaries: what a policy says, and that they travel to every map, layer and page, whatever their length."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely
from matplotlib import image
from toys import degrees, raster

from urbanreview.errors import BadSetting, UnknownName
from urbanreview.report import draw_map, draw_ways, paper
from urbanreview.report.disclaimer import POLICIES, boundary_words, disclaimer_of
from urbanreview.report.geopackage import write_geopackage
from urbanreview.report.ink import BOUNDARY_DISCLAIMER
from urbanreview.report.manifest import manifest
from urbanreview.report.page import write_page
from urbanreview.report.workbook import write_workbook
from urbanreview.report.write import _drawers

OWN = "Границы & названия <по данным> ведомства; they were drawn for this review alone."
LONG = " ".join(["BOUNDARIES AS DRAWN BY THE SURVEY, WHICH SAYS NOTHING OF WHOSE LAND IT IS."] * 12)
MAPS = ("map", "degree_of_urbanisation", "travel_time", "urban_agreement", "expansion_2010_2020")


@pytest.fixture(scope="module")
def mapped(review):
    """The toy review with a raster for every kind of map, and words of its own."""
    here = degrees((20, 40), left=71.0, top=51.0, cell=0.1)
    classes = raster(np.full(here.shape, 11, np.uint8), here, kind="class", units="class")
    rasters = {
        "degree_of_urbanisation_ghs_2020": classes,
        "urban_agreement": raster(np.ones(here.shape, np.uint8), here, kind="class", units="scenarios"),
        "travel_time": raster(np.full(here.shape, 20.0), here, kind="cost", units="min"),
    }
    comparison = {"scenarios": review.values.head(2)}
    return replace(review, disclaimer=OWN, rasters={**review.rasters, **rasters}, comparison=comparison)


@pytest.fixture
def sheets(monkeypatch):
    """Keep every figure instead of writing it."""
    kept = []
    monkeypatch.setattr(paper, "save", lambda figure, path: kept.append(figure))
    return kept


def words_on(figure):
    return " ".join(text.get_text() for text in figure.texts)


def ink_inches(path):
    """Return how far from each edge of a picture its ink begins: left, right, below [inches]."""
    ink = (image.imread(path)[..., :3] < 0.8).any(axis=2)
    rows, cols = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    gaps = cols[0], ink.shape[1] - 1 - cols[-1], ink.shape[0] - 1 - rows[-1]
    return [gap / paper.DOTS_PER_INCH for gap in gaps]


def test_the_bank_has_the_customary_words():
    assert disclaimer_of("bank", text="not asked for", citation="nor this", year=2020) == BOUNDARY_DISCLAIMER


@pytest.mark.parametrize(
    ("citation", "year", "told"),
    [
        ("OpenStreetMap", 2020, " (OpenStreetMap, division of 2020);"),
        ("OpenStreetMap", None, " (OpenStreetMap);"),
        (" ", 2020, " (division of 2020);"),
        ("", None, ";"),
    ],
)
def test_the_source_is_named_with_its_year_where_they_are_known(citation, year, told):
    words = disclaimer_of("source", citation=citation, year=year)
    assert words.startswith(f"Boundaries as in their source{told} they imply no endorsement")
    assert words.endswith("legal status of any territory.")


def test_own_words_are_the_users_on_one_line():
    assert disclaimer_of("own", text="  Drawn by\n  the survey. ", citation="x", year=1) == "Drawn by the survey."


def test_own_words_must_be_there():
    with pytest.raises(BadSetting, match=r"policy 'own' has no words, expected the text"):
        disclaimer_of("own", text=" \n")


def test_an_unknown_policy_is_an_error_with_a_guess():
    with pytest.raises(UnknownName, match=r"policy for boundaries 'banks'. Did you mean 'bank'"):
        disclaimer_of("banks")
    assert POLICIES == ("source", "bank", "own")


def test_a_review_without_words_of_its_own_has_the_customary_ones(review):
    assert boundary_words(replace(review, disclaimer="")) == BOUNDARY_DISCLAIMER
    assert boundary_words(replace(review, disclaimer=OWN)) == OWN


@pytest.mark.parametrize("name", MAPS)
def test_every_map_has_them(mapped, sheets, tmp_path, name):
    drawn = _drawers(mapped)
    drawn[name](mapped, tmp_path / "f.png")
    assert OWN in words_on(sheets[0])
    assert BOUNDARY_DISCLAIMER[:30] not in words_on(sheets[0])


def test_a_figure_without_boundaries_has_none(mapped, sheets, tmp_path):
    _drawers(mapped)["largest_centres"](mapped, tmp_path / "f.png")
    assert OWN not in words_on(sheets[0])
    assert "Source: urbanreview" in words_on(sheets[0])


def ways(path, **more):
    here = degrees((20, 40), left=71.0, top=51.0, cell=0.1)
    points = gpd.GeoSeries([shapely.Point(72, 50), shapely.Point(74, 50.5)], index=["a", "b"], crs=4326)
    line = gpd.GeoDataFrame({"from_id": ["a"]}, geometry=[shapely.LineString([(72, 50), (74, 50.5)])], crs=4326)
    draw_ways(raster(np.full(here.shape, 20.0), here, kind="cost", units="min"), line, points, path, title="Ways", **more)


def test_a_map_of_ways_has_them_too(sheets, tmp_path):
    ways(tmp_path / "f.png")
    ways(tmp_path / "f.png", disclaimer=OWN)
    assert BOUNDARY_DISCLAIMER in words_on(sheets[0])
    assert OWN in words_on(sheets[1])


def test_the_page_the_book_and_the_record_have_them(mapped, tmp_path):
    mapped = replace(mapped, comparison={})
    write_page(mapped, {}, tmp_path / "report.html")
    escaped = OWN.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert escaped in html
    assert BOUNDARY_DISCLAIMER not in html
    write_workbook(mapped, tmp_path / "review.xlsx")
    about = openpyxl.load_workbook(tmp_path / "review.xlsx", read_only=True)["About"]
    assert ("Boundaries", OWN) in [tuple(row[:2]) for row in about.iter_rows(values_only=True)]
    record = json.loads(json.dumps(manifest(mapped, finished=datetime(2024, 5, 6, tzinfo=UTC)), default=str))
    assert record["disclaimer"] == OWN


def test_every_layer_has_them_in_its_description(mapped, tmp_path):
    other = replace(mapped, population="worldpop 2020", disclaimer="", others=())
    write_geopackage(replace(mapped, others=(other,)), tmp_path / "review.gpkg")
    with closing(sqlite3.connect(tmp_path / "review.gpkg")) as database:
        rows = database.execute("SELECT table_name, description FROM gpkg_contents WHERE data_type = 'features'").fetchall()
    assert {"districts", "urban_centres", "settlement_points"} <= {name for name, _ in rows}
    assert all(description.endswith(OWN) for _, description in rows)


@pytest.mark.parametrize("name", ["map", "degree_of_urbanisation", "expansion_2010_2020"])
def test_long_words_in_capitals_stay_on_the_sheet(mapped, tmp_path, name):
    short, long = tmp_path / "short.png", tmp_path / "long.png"
    _drawers(mapped)[name](mapped, short)
    _drawers(mapped)[name](replace(mapped, disclaimer=LONG), long)
    assert min(ink_inches(long)) > 0.03
    before, after = (image.imread(path) for path in (short, long))
    assert after.shape[1] == before.shape[1]
    grown = after.shape[0] - before.shape[0]
    assert grown > 0
    # Nothing moves: the map above the small print is the same, to the pixel.
    kept = before.shape[0] - int(0.75 * paper.DOTS_PER_INCH)
    np.testing.assert_allclose(after[:kept], before[:kept], atol=0.02)


def test_no_word_of_a_long_text_is_lost(mapped, sheets, tmp_path):
    for text in (LONG, "x" * 900, f"{LONG} end"):
        draw_map(replace(mapped, disclaimer=text), tmp_path / "f.png")
        assert text.replace(" ", "") in words_on(sheets[-1]).replace(" ", "")


def test_letters_that_the_font_lacks_are_written_in_others(mapped, sheets, tmp_path):
    draw_map(replace(mapped, disclaimer="边界 as drawn"), tmp_path / "f.png")
    assert "BianJie as drawn" in words_on(sheets[0])
