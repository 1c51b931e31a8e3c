import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from urbanreview.indicators import FLAGS
from urbanreview.measures import measure_of
from urbanreview.report import InputFile, write_page
from urbanreview.report.wording import pretty

MARK = "Modelled data – not for analysis"
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, its text, and whether every element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.cells: list[tuple[str, dict[str, str], str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag in ("td", "th"):
            self.cells.append((tag, self.elements[-1][1], ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            tag, attrs, text = self.cells[-1]
            self.cells[-1] = (tag, attrs, text + data)


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(html) -> Reader:
    return Reader(html)


def write(review, tmp_path) -> str:
    write_page(review, {}, tmp_path / "report.html")
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def test_hostile_names_are_text(html, page):
    assert "<script" not in html.lower()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text
    assert '=HYPERLINK("http://evil.example/","Click")' in text
    assert "Éastern & Co" in text
    assert "Шымкент" in text


def test_nothing_is_loaded_from_anywhere(html, page):
    for tag, attrs in page.elements:
        assert tag not in ("script", "link", "iframe", "object", "embed", "base", "form")
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            if name in attrs:
                assert attrs[name].startswith(("data:image/png;base64,", "#")), (tag, attrs[name][:50])
    assert "url(" not in html
    assert "@import" not in html


def test_links_lead_to_a_place_on_the_page(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    targets = {attrs["href"][1:] for tag, attrs in page.elements if tag == "a"}
    assert targets <= set(ids)
    assert "measure-population-total" in targets


def test_every_figure_is_inside_with_words_for_those_who_do_not_see(page):
    images = [attrs for tag, attrs in page.elements if tag == "img"]
    assert len(images) == 8
    assert all(len(attrs["alt"]) > 20 and len(attrs["src"]) > 10_000 for attrs in images)


def test_a_missing_number_is_a_dash_with_its_reason(page):
    reasons = [attrs.get("title") for tag, attrs, text in page.cells if tag == "td" and text == "–"]
    assert "lights were not observed in 2018-01" in reasons
    assert "nobody lives here" in reasons
    assert all(reasons)


def test_the_newest_lights_are_shown(page):
    headings = [text for tag, _, text in page.cells if tag == "th"]
    assert headings
    text = " ".join(page.text)
    assert re.search(r"Light by area\s+2018\s+nW/cm²/sr·km²", text)
    assert "Sum of lights" not in " ".join(headings[:20])


def test_the_banner_stands_only_over_modelled_data(review, observed, html, tmp_path):
    assert 'role="alert"' in html
    assert MARK in html
    assert "ghs 2020" in html
    plain = write(observed, tmp_path)
    assert 'role="alert"' not in plain
    assert MARK not in plain


def test_at_a_glance(page):
    text = " ".join(" ".join(page.text).split())
    for words in ("1,680,000", "1,317,001", "78.4%", "Urban centres 4", "Urban clusters 5"):
        assert words in text


def test_method_inputs_settings_and_times_are_told(page):
    text = " ".join(" ".join(page.text).split())
    assert "cells of at least 1,500 people per km² of land that share an edge" in text
    assert "Schiavina et al. (2023), https://data.example.org/ghs <GHS-POP>" in text
    assert "CC BY 4.0" in text
    assert "ab" * 32 in text
    assert "lights.floor 0.1" in text
    assert "1 min 15 s" in text
    assert "do not imply official endorsement" in text
    assert "31,000 people" in text


def test_months_of_one_input_share_a_block(review, tmp_path):
    months = [
        InputFile(f"lights 2018-{month:02}", f"l{month}.tif", "intensity", "nW/cm2/sr", "g", 10, f"{month:064}")
        for month in range(1, 13)
    ]
    html = write(replace(review, inputs=tuple(months)), tmp_path)
    assert html.count('<div class="input">') == 1
    assert "lights 2018-01 … 2018-12 (12)" in html
    assert f"{12:064}" in html


def test_a_changed_rule_set_is_told_as_such(review, tmp_path):
    settings = {**review.settings, "delineation": {"rules": "thresholds", "urban_centre": {"min_people": 40_000.0}}}
    html = write(replace(review, edition="thresholds+centre-min-people-40000", settings=settings), tmp_path)
    assert "together at least 40,000 people" in html


def test_an_unknown_edition_is_only_named(review, tmp_path):
    html = write(replace(review, edition="made-up-2030"), tmp_path)
    assert "made-up-2030" in html
    assert "together at least" not in html


def test_a_country_without_cities_says_so(empty, tmp_path):
    html = write(empty, tmp_path)
    assert "No urban centre was found" in html
    Reader(html)


def test_more_districts_than_the_page_holds_are_counted(review, tmp_path, monkeypatch):
    monkeypatch.setattr("urbanreview.report.sections.MOST_DISTRICTS", 1)
    assert "3 more rows stand in <code>tables/districts.csv</code>" in write(replace(review), tmp_path)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Chromium is not installed")
@pytest.mark.parametrize(("width", "scheme"), [(1200, "light"), (390, "dark")])
def test_a_browser_opens_it_offline_and_it_fits(folder, width, scheme):
    sync_api = pytest.importorskip("playwright.sync_api")
    asked, said = [], []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        tab.on("request", lambda request: asked.append(request.url))
        tab.on("console", lambda message: said.append(message.text))
        tab.on("dialog", lambda dialog: said.append(dialog.message))
        tab.goto((folder / "report.html").as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.locator("[role=alert]").is_visible()
        assert tab.evaluate("[...document.images].every(image => image.naturalWidth > 0)")
        browser.close()
    assert [url for url in asked if not url.startswith("data:")] == [(folder / "report.html").as_uri()]
    assert said == []


def words_of(page: Reader) -> str:
    return " ".join(" ".join(page.text).split())


def section(html: str, name: str) -> Reader:
    return Reader(re.search(rf'<section id="{name}">.*?</section>', html, re.DOTALL)[0])


def rows_of(part: Reader) -> list[list[str]]:
    """The rows of all tables of a section: the text of their cells, row headings first."""
    rows: list[list[str]] = []
    for tag, attrs, text in part.cells:
        if tag == "th" and attrs.get("scope") == "row":
            rows.append([text])
        elif tag == "td":
            rows[-1].append(text)
    return rows


class TestThemes:
    """The sections of the system of cities, of growth and land, and of lights."""

    def test_the_way_there_is_at_the_top(self, html):
        for name in ("system", "growth", "lights"):
            assert f'<a href="#{name}">' in html

    def test_unit_set_and_cutoff_stand_on_every_table_of_the_system(self, html):
        part = section(html, "system")
        assert len([tag for tag, _ in part.elements if tag == "table"]) == 3
        assert {tuple(row[:2]) for row in rows_of(part)} == {("Urban centres", "50,000"), ("Urban clusters", "5,000")}

    def test_sizes_stand_from_small_to_large_beside_those_that_grow(self, html):
        rows = [row for row in rows_of(section(html, "system")) if re.match(r"\d+(k|m)", row[2])]
        assert [row[2] for row in rows if row[0] == "Urban clusters"] == ["5k-20k", "50k-250k", "500k-1m", "1m-5m"]
        now = {row[2]: row[3:] for row in rows if row[0] == "Urban clusters"}
        assert now["50k-250k"][0] == "2"
        assert now["500k-1m"] == ["0", "0", "0.0%", "1", "0", "0"]

    def test_growth_is_told_in_parts_and_a_part_that_is_not_says_why(self, html):
        part = section(html, "growth")
        centres, clusters, *_ = rows_of(part)
        assert centres[:9] == [
            "Urban centres",
            "50,000",
            "ghs 2010/2020",
            "165,000",
            "60,000",
            "40,000",
            "5,000",
            "61,000",
            "1,000",
        ]
        assert clusters[6] == "–"
        why = [attrs["title"] for tag, attrs, text in part.cells if tag == "td" and text == "–"]
        assert why[0] == "the rules tell no towns and villages"

    def test_land_consumption_names_formula_boundary_and_class(self, html):
        part = section(html, "growth")
        text = words_of(part)
        for boundary in ("fixed (both dates on the ground of the latest extent)", "moving (each date in its own extent)"):
            assert f"SDG 11.3.1: 2010 to 2020, formula un-habitat-2021, boundary {boundary}" in text
        rows = {row[0]: row[1:] for row in rows_of(part)}
        assert rows["Şymkent"][:4] == ["3.00%", "2.00%", "1.50", "land grows faster than people"]
        shrinking = next(row for row in rows_of(part) if row[0].startswith("São"))
        assert shrinking[3:] == ["–", "land grows, people shrink", "across the border; few cells"]
        assert "population shrinks" in [attrs.get("title") for _, attrs, _ in part.cells]

    def test_lights_flag_the_breaks_that_growth_goes_across(self, html):
        part = section(html, "lights")
        assert "the series changes its level with 2017-04 and 2018-01" in words_of(part)
        rows = {row[0]: row[1:] for row in rows_of(part)}
        assert rows["Şymkent"][:3] == ["1,000", "50.0%", "11.80%"]
        assert rows["<script>alert(1)</script>"][0] == "–"

    def test_captions_say_what_the_measures_are_and_where_they_come_from(self, page):
        text = words_of(page)
        for measure in ("system.rank_size_slope", "land.consumption_ratio", "lights.sum_area", "urban_growth.edge"):
            record = measure_of(measure)
            assert pretty(record.method) in text
            assert record.reference in text

    def test_flags_are_short_in_the_tables_and_whole_in_the_method(self, html, page):
        assert "across the border; few cells" in [text for tag, _, text in page.cells if tag == "td"]
        method = words_of(section(html, "method"))
        for flag in FLAGS:
            assert pretty(flag.sentence) in method

    def test_kinds_of_expansion_that_are_not_told_say_why(self, review, tmp_path):
        assert "are not told" not in write(review, tmp_path)
        values = review.values.copy()
        kinds = values["measure"].str.startswith("expansion.")
        values.loc[kinds, ["value", "reason"]] = [np.nan, "cells are 811 m wide, expected at most 100 m"]
        html = write(replace(review, values=values), tmp_path)
        assert "Infill, extension and leapfrog are not told: cells are 811 m wide, expected at most 100 m." in html

    def test_a_review_without_the_themes_has_no_such_sections(self, review, tmp_path):
        values = review.values[~review.values["measure"].str.match(r"(system|size_class|urban_growth|land|lights|expansion)\.")]
        html = write(replace(review, values=values, zones=review.zones.drop(columns="flags")), tmp_path)
        for name in ("system", "growth", "lights", "flags"):
            assert f'id="{name}"' not in html
            assert f'"#{name}"' not in html
