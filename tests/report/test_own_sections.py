"""The user's own units and official numbers: tables on disk, sections of the page, outlines on the map, layers."""

import warnings
from dataclasses import replace

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
from matplotlib import image
from tests.report.conftest import SCRIPT
from tests.report.own_toy import ARABIC, QUOTED, ZONES, with_own
from tests.report.test_geopackage import style_of
from tests.report.test_page import Reader, charts_of, check_scripts, ids_of, rows_of, section, words_of, write

from urbanreview.report import (
    Review,
    all_tables,
    dictionary,
    draw_map,
    level_tables,
    wide_table,
    write_geopackage,
    write_page,
    write_tables,
    write_workbook,
)
from urbanreview.report.beside import BESIDE, beside_tables
from urbanreview.report.columns import attribute_column
from urbanreview.report.geopackage import point_layers
from urbanreview.report.official_chart import MOST_UNITS, by_gap, draw_official, official_figures, statistics_of
from urbanreview.report.own_sections import database_tables, own_parts
from urbanreview.report.tables import BESIDE_TABLES, own_levels
from urbanreview.report.write import _drawers

ANCHORS = ("own-zones", "official", "city-list", "databases", "boundaries")


@pytest.fixture(scope="module")
def own(review) -> Review:
    return with_own(review)


@pytest.fixture(scope="module")
def html(own, tmp_path_factory) -> str:
    return write(own, tmp_path_factory.mktemp("own"))


def columns_without_rows(review: Review) -> Review:
    return replace(review, beside={name: table.iloc[:0] for name, table in review.beside.items()})


class TestTables:
    def test_every_table_is_written_under_its_name(self, own, tmp_path):
        written = {path.name for path in write_tables(own, tmp_path)}
        assert {f"{name}.{kind}" for name in BESIDE_TABLES for kind in ("csv", "parquet")} <= written
        assert {"limits.csv", "planning_regions.csv"} <= written

    def test_codes_stay_text_counts_whole_and_truth_true(self, own, tmp_path):
        write_tables(own, tmp_path)
        assert (tmp_path / "crosswalk.csv").read_text(encoding="utf-8").splitlines()[1].startswith("TOY-uc-1,007,")
        kinds = {name: pq.read_schema(tmp_path / f"{name}.parquet") for name in ("crosswalk", "extents_compared", "city_list")}
        assert str(kinds["crosswalk"].field("rank").type) == "int64"
        assert str(kinds["crosswalk"].field("other_id").type) == "string"
        assert str(kinds["extents_compared"].field("mutual").type) == "bool"
        assert str(kinds["city_list"].field("code").type) == "string"

    def test_every_column_is_described_where_it_stands(self, own):
        known = dictionary(own).set_index(["table", "column"])
        for name, table in beside_tables(own).items():
            assert known.loc[name].index.tolist() == list(table.columns)
            assert (known.loc[name, "method"] != "Attribute of the zone.").all()
        assert known.loc[("city_list", "flags"), "title"] == "Flags"
        assert known.loc[("limits", "flags"), "title"] == "Plausibility flags"
        assert not (known["method"] == "Attribute of the zone.").any()

    @pytest.mark.parametrize(
        ("name", "title", "unit"),
        [
            ("ghs_ucdb_id", "Id in ghs ucdb", ""),
            ("ghs_ucdb_area_share", "Share of area in ghs ucdb", "1"),
            ("eca_distance_km", "Distance to eca", "km"),
            ("eca_matches", "Matches in eca", ""),
            ("planning_regions_1", "Planning regions 1", ""),
            ("planning_regions_1_name", "Name of planning regions 1", ""),
            ("planning_regions_1_share", "Share of people in planning regions 1", "1"),
            ("district_2_name", "Name of district 2", ""),
            ("name_kk", "Name in the language kk", ""),
            ("name_zh-Hant", "Name in the language zh-Hant", ""),
            ("name_id", "Name in the language id", ""),
            ("name_ascii", "Name in plain letters", ""),
            ("listed_outcome", "Outcome against the city list", ""),
            ("source_unit_id", "Unit id (boundary file)", ""),
            ("source_a_1", "A 1 (boundary file)", ""),
            ("parent_name", "Name of the parent zone", ""),
        ],
    )
    def test_columns_of_zones_are_told_by_their_name(self, name, title, unit):
        column = attribute_column(name)
        assert (column.title, column.unit) == (title, unit)
        assert column.method != "Attribute of the zone."

    def test_counts_of_matches_are_whole(self, own):
        assert str(wide_table(own, "urban_centre")["ucdb_matches"].dtype) == "Int64"

    def test_what_a_caller_does_to_them_does_not_come_back(self, own):
        table = beside_tables(own)["official"]
        table["name"] = "gone"
        assert "gone" not in set(beside_tables(own)["official"]["name"])
        assert list(BESIDE) == list(BESIDE_TABLES)

    def test_tables_without_rows_keep_their_columns(self, own, tmp_path):
        write_tables(columns_without_rows(own), tmp_path)
        for name in BESIDE_TABLES:
            assert len(pq.read_table(tmp_path / f"{name}.parquet")) == 0
            assert pq.read_schema(tmp_path / f"{name}.parquet").names == list(beside_tables(own)[name].columns)

    @pytest.mark.parametrize(
        "level", ["official", "matrix", "missing", "about", "history", "settlement_points", "layer_styles"]
    )
    def test_own_zones_never_take_the_name_of_another_table_sheet_or_layer(self, own, level):
        named = replace(own, zones=own.zones.assign(level=own.zones["level"].replace("limits", level)))
        assert level_tables(named)[level] == f"{level}_zones"

    def test_own_zones_with_taken_names_are_written_all_the_same(self, own, tmp_path):
        names = {"limits": "missing", "planning-regions": "official"}
        named = replace(own, zones=own.zones.assign(level=own.zones["level"].replace(names)))
        assert len(all_tables(named)) == len(all_tables(own))
        write_workbook(named, tmp_path / "review.xlsx")
        titles = openpyxl.load_workbook(tmp_path / "review.xlsx").sheetnames
        assert {"Missing", "Missing zones", "Official", "Official zones"} <= set(titles)

    def test_the_workbook_has_a_sheet_for_each(self, own, tmp_path):
        write_workbook(own, tmp_path / "review.xlsx")
        book = openpyxl.load_workbook(tmp_path / "review.xlsx")
        assert {"Limits", "Crosswalk", "Extents compared", "Official", "City list", "City groups", "Division"} <= set(
            book.sheetnames
        )
        rows = list(book["Crosswalk"].iter_rows(values_only=True))
        assert rows[2][rows[1].index("other_id")] == "007"
        names = [cell.value for cell in book["City list"]["B"]]
        assert SCRIPT in names

    def test_long_names_of_sheets_stay_apart(self, own, tmp_path):
        long = "focal-areas-of-interest-of-the-ministry"
        zones = own.zones.assign(level=own.zones["level"].replace({"limits": f"{long}-1", "planning-regions": f"{long}-2"}))
        write_workbook(replace(own, zones=zones), tmp_path / "review.xlsx")
        titles = openpyxl.load_workbook(tmp_path / "review.xlsx").sheetnames
        assert len([title for title in titles if title.startswith("Focal areas")]) == 2
        assert all(len(title) <= 31 for title in titles)


class TestPage:
    def test_there_is_a_section_for_each_with_a_way_to_it(self, html):
        for name in ANCHORS:
            assert f'<section id="{name}">' in html
            assert f'<a href="#{name}">' in html
        assert html.index('id="districts"') < html.index('id="own-zones"') < html.index('id="ledger"')

    def test_a_review_without_any_has_no_such_sections(self, review, tmp_path):
        page = Reader(write(review, tmp_path))
        assert set(ANCHORS).isdisjoint(ids_of(page))
        assert set(ANCHORS).isdisjoint(attrs["href"][1:] for tag, attrs in page.elements if tag == "a")
        assert "Official people" not in words_of(page)

    @pytest.mark.parametrize("name", BESIDE_TABLES)
    def test_each_table_stands_alone(self, own, tmp_path, name):
        Reader(write(replace(own, beside={name: own.beside[name]}), tmp_path))

    def test_hostile_names_are_text(self, html, own):
        page = Reader(html)
        check_scripts(page, own)
        for name in (SCRIPT, QUOTED, ARABIC):
            assert any(name in text for tag, _, text in page.cells if tag in ("td", "th"))

    def test_zones_are_told_like_districts(self, html):
        rows = rows_of(section(html, "own-zones"))
        assert rows[0][:3] == ["Şymkent limits", "1,000,000", "95.0%"]
        assert [ARABIC, "700,000", "28.6%"] in [row[:3] for row in rows]
        words = words_of(section(html, "own-zones"))
        assert "Limits, by people" in words
        assert "Planning regions, by people" in words
        assert "tables/planning_regions.csv" in words

    def test_official_extents_stand_beside_delineated_ones(self, html):
        rows = rows_of(section(html, "own-zones"))
        first = next(row for row in rows if len(row) == 12)
        assert first == ["Şymkent limits", "urban centre", "Şymkent", "100", "80.0", "0.610", "1,000,000", "912,345", "900,000",
                         "100,000", "12,345", "0.889"]  # fmt: skip
        whys = [attrs.get("title") for _, attrs, text in section(html, "own-zones").cells if text == "–"]
        assert "the zone meets no such settlement" in whys

    def test_the_country_headline_and_the_card(self, html):
        headline = (
            "Census 2023, the country: 1,680,000 people here, 2,000,000 officially (the total); the gap is -320,000, -16.0%."
        )
        assert headline in words_of(section(html, "official"))
        assert "Official people 2,000,000 ours −16.0% census 2023" in words_of(section(html, "glance"))

    def test_units_stand_by_their_gap_and_zero_has_no_per_cent(self, html):
        part = section(html, "official")
        rows = [row for row in rows_of(part) if len(row) == 7]
        assert rows[0] == [QUOTED, "1,200,000", "1,500,000", "-300,000", "-20.0%", "name", "years differ: 2023 and 2020"]
        assert rows[1][:5] == [SCRIPT, "60,000", "0", "+60,000", "–"]
        assert rows[2] == ["Åland Żupa", "420,000", "400,000", "+20,000", "+5.0%", "correspondence", "definition"]
        assert "official people are zero" in [attrs.get("title") for _, attrs, _ in part.cells]

    def test_what_does_not_match_is_listed_apart_from_what_does(self, html):
        part = section(html, "official")
        rows = [row for row in rows_of(part) if len(row) == 5]
        assert [ARABIC, ARABIC, "77,000", "–", "no unit of this code or name"] in rows
        assert ["No district", "–", "–", "0", "no official row"] in rows
        assert "Register 2023: every official row has its unit" in words_of(part)

    def test_the_city_list_is_counted_by_outcome_and_group(self, html):
        part = section(html, "city-list")
        counted = "Of the listed cities: 1 found, 1 in the settlement of another, 1 missed. Settlements on no list: 1."
        assert counted in words_of(part)
        rows = rows_of(part)
        assert rows[:4] == [
            ["found", "1", "1,100,000", "912,345"],
            ["merged", "1", "40,000", "912,345"],
            ["missed", "1", "9,000", "–"],
            ["unlisted", "1", "–", "12,000"],
        ]
        assert ["port", "2", "1", "0", "1", "1,109,000", "1", "912,345"] in rows
        assert [SCRIPT, "03", "–", "port", "9,000", "too small: 4,321 people, expected 5,000"] in rows
        assert [QUOTED, "02", "district", "", "40,000", "Shymkent", "Şymkent"] in rows
        assert ["Ґанок", "urban cluster", "12,000", "TOY-cl-4"] in rows

    def test_databases_are_counted_from_both_sides(self, html):
        rows = rows_of(section(html, "databases"))
        assert rows[0] == ["ucdb", "urban centres", "4", "1", "0", "1", "2", "1"]
        assert rows[1] == ["ucdb", "urban clusters", "5", "1", "0", "0", "4", "0"]
        assert rows[2] == ["ucdb", "4", "3", "1", "0", "45,000"]

    def test_a_city_that_only_another_population_meets_is_unmatched_here(self, own):
        rows = own.beside["crosswalk"]
        more = rows.iloc[[0]].assign(zone_id="TOY-uc-9-wp-2020", other_id="099", relation="many to one")
        tables = own.beside | {"crosswalk": pd.concat([rows, more], ignore_index=True)}
        counted = database_tables(replace(own, beside=tables))[1].rows
        assert [cell.text for cell in counted[0]] == ["ucdb", "4", "3", "1", "0", "45,000"]

    def test_every_match_of_the_largest_centres_is_shown_and_no_match_is_a_dash(self, html):
        rows = [row for row in rows_of(section(html, "databases")) if len(row) == 9]
        assert rows[0] == ["Şymkent", "007", "Shymkent", "98.6%", "90.0%", "0", "high", "one to many", "1,000,000"]
        assert rows[1][:2] == ["Şymkent", "008"]
        assert rows[2][5] == "3.25"
        assert rows[3] == [SCRIPT, *["–"] * 8]

    def test_the_division_is_told_with_its_people(self, html):
        rows = rows_of(section(html, "boundaries"))
        assert rows == [
            ["no unit", "–", "2,000", "6,789"],
            ["overlap", f"Åland Żupa; {SCRIPT}", "12.5", "345"],
            ["beyond the outline", QUOTED, "3.00", "–"],
        ]

    def test_a_division_that_divides_says_so(self, own, tmp_path):
        html = write(columns_without_rows(own), tmp_path)
        assert "No two units share ground" in words_of(section(html, "boundaries"))
        assert "The official list has no city" in words_of(section(html, "city-list"))
        assert "The official tables have no row" in words_of(section(html, "official"))
        Reader(html)

    def test_rows_beyond_the_page_are_counted(self, own, tmp_path, monkeypatch):
        monkeypatch.setattr("urbanreview.report.own_sections.MOST_ROWS", 2)
        assert "1 more rows stand in tables/division.csv" in write(replace(own), tmp_path)

    def test_the_order_of_rows_leaves_no_trace(self, own):
        shuffled = replace(own, beside={name: table.sample(frac=1, random_state=3) for name, table in own.beside.items()})
        kept = {"city_groups"}
        for one, other in zip(own_parts(own), own_parts(shuffled), strict=True):
            pairs = zip(one.tables, other.tables, strict=True)
            assert all(a == b for a, b in pairs if a.file.removesuffix(".csv") not in kept), one.title

    def test_figures_stand_in_their_section(self, own, tmp_path):
        figures = {name: tmp_path / f"{name}.png" for name in official_figures(own)}
        for name, path in figures.items():
            draw_official(own, path, statistic=official_figures(own)[name])
        write_page(own, figures, tmp_path / "report.html")
        html = (tmp_path / "report.html").read_text(encoding="utf-8")
        drawn = set(charts_of(section(html, "official")))
        assert set(figures) <= drawn
        assert {name for name in charts_of(Reader(html)) if name.startswith("official")} == drawn
        assert "img" not in [tag for tag, _ in Reader(html).elements]


class TestFigure:
    def test_there_is_one_for_each_statistic(self, own, review):
        assert official_figures(own) == {"official_census": "census", "official_register": "register"}
        assert set(official_figures(own)) <= set(_drawers(own))
        assert official_figures(review) == {}
        assert official_figures(columns_without_rows(own)) == {}

    def test_statistics_of_one_clean_name_have_a_figure_each(self, own):
        official = own.beside["official"].assign(statistic=lambda table: table["statistic"].replace("register", "census!"))
        named = official_figures(replace(own, beside={"official": official}))
        assert named == {"official_census": "census", "official_census_2": "census!"}

    def test_it_is_drawn_without_a_word_of_warning(self, own, tmp_path):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            draw_official(own, tmp_path / "f.png", statistic="census")
        pixels = image.imread(tmp_path / "f.png")
        assert min(pixels.shape[:2]) > 400
        assert 0.01 < (pixels[..., :3] < 0.9).any(axis=2).mean() < 0.9

    def test_where_nobody_is_on_either_side_there_is_none(self, own):
        official = own.beside["official"].query("zone_id == 'TOY-adm2-b'").assign(ours=0.0, gap=0.0)
        assert official_figures(replace(own, beside={"official": official})) == {}

    def test_of_many_units_those_with_the_largest_gaps_are_drawn(self, own, tmp_path):
        many = pd.DataFrame(
            {"statistic": "census", "zone_id": [f"z{n:02}" for n in range(40)], "name": "n", "official": 100.0,
             "ours": np.arange(40) + 100.0, "gap": np.arange(40.0), "gap_share": np.arange(40) / 100, "reason": ""}
        )  # fmt: skip
        crowd = replace(own, beside={"official": many})
        assert by_gap(statistics_of(crowd)["census"])["zone_id"].head(2).tolist() == ["z39", "z38"]
        draw_official(crowd, tmp_path / "f.png", statistic="census")
        assert MOST_UNITS * 0.24 < image.imread(tmp_path / "f.png").shape[0] / 160 < 40 * 0.24 + 1


class TestMap:
    def test_own_zones_are_the_levels_that_are_nothing_else(self, own, review):
        assert own_levels(own) == list(ZONES)
        assert own_levels(review) == []

    def test_their_outlines_are_on_the_map(self, own, review, tmp_path):
        draw_map(own, tmp_path / "own.png")
        draw_map(review, tmp_path / "plain.png")
        purple = [_purple(image.imread(tmp_path / name)) for name in ("own.png", "plain.png")]
        assert purple[0] > 500
        assert purple[1] == 0

    def test_a_map_of_own_zones_alone_is_drawn(self, own, tmp_path):
        zones = own.zones[own.zones["level"] == "limits"]
        values = own.values[own.values["zone_id"].isin(zones.index)]
        draw_map(replace(own, zones=zones, points=own.points.loc[zones.index], values=values), tmp_path / "f.png")
        assert (tmp_path / "f.png").exists()


def _purple(pixels: np.ndarray) -> int:
    return int((np.abs(pixels[..., :3] * 255 - np.array([0xB0, 0x57, 0x9A])).max(axis=2) < 8).sum())


def _package(review: Review, folder):
    write_geopackage(review, folder / "review.gpkg")
    return folder / "review.gpkg"


class TestGeoPackage:
    def test_each_set_has_a_layer_and_its_points(self, own, tmp_path):
        path = _package(own, tmp_path)
        layers = dict(pyogrio.list_layers(path).tolist())
        assert layers["limits"] == layers["planning_regions"] == "MultiPolygon"
        assert layers["limits_points"] == layers["planning_regions_points"] == "Point"
        assert set(gpd.read_file(path, layer="limits_points")["name"]) == {"Şymkent limits", SCRIPT}
        districts = gpd.read_file(path, layer="districts").set_index("zone_id")
        assert districts.loc["TOY-adm2-c", "official_gap_2023_census"] == -300_000.0
        assert gpd.read_file(path, layer="urban_centres").set_index("zone_id").loc["TOY-uc-1", "ucdb_id"] == "007"

    def test_they_are_outlined_in_dashes(self, own, tmp_path):
        style = style_of(_package(own, tmp_path), "limits")
        options = {one.get("name"): one.get("value") for one in style.iter("Option")}
        assert (options["outline_style"], options["style"]) == ("dash", "no")

    def test_a_set_without_points_has_no_layer_of_them(self, own):
        placed = own.points[~own.points.index.str.startswith("TOY-limits")]
        assert "limits_points" not in point_layers(replace(own, points=placed))

    def test_layers_of_points_take_no_other_name(self, own, tmp_path):
        zones = own.zones.assign(level=own.zones["level"].replace("planning-regions", "limits_points"))
        layers = dict(pyogrio.list_layers(_package(replace(own, zones=zones), tmp_path)).tolist())
        assert layers["limits_points"] == "MultiPolygon"
        assert layers["limits_points_points"] == layers["limits_points_points_points"] == "Point"

    def test_a_set_called_like_a_route_has_polygons(self, own, tmp_path):
        zones = own.zones.assign(level=own.zones["level"].replace("limits", "routes_north"))
        assert (
            dict(pyogrio.list_layers(_package(replace(own, zones=zones), tmp_path)).tolist())["routes_north"] == "MultiPolygon"
        )
