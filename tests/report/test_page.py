import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from urbanreview.indicators import FLAGS
from urbanreview.measures import measure_of
from urbanreview.report import InputFile, write_page
from urbanreview.report.page import FIGURES
from urbanreview.report.web.assembled import SCRIPTS, interactive
from urbanreview.report.wording import pretty

MARK = "Modelled data – not for analysis"
VOID = {"meta", "img", "br", "hr", "link", "input"}
UNSEEN = {"script", "style"}
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; worker-src blob:; "
    "connect-src data: blob:; base-uri 'none'; form-action 'none'"
)


class Reader(HTMLParser):
    """Reads a page: its elements with their attributes, the text that is seen, what scripts and styles hold, and whether every
    element is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text: list[str] = []
        self.cells: list[tuple[str, dict[str, str], str]] = []
        self.open: list[str] = []
        self.held: list[tuple[str, dict[str, str], str]] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag in ("td", "th"):
            self.cells.append((tag, self.elements[-1][1], ""))
        if tag in UNSEEN:
            self.held.append((tag, self.elements[-1][1], ""))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in UNSEEN:
            tag, attrs, text = self.held[-1]
            self.held[-1] = (tag, attrs, text + data)
            return
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


def write(review, tmp_path, **how) -> str:
    write_page(review, {}, tmp_path / "report.html", **how)
    return (tmp_path / "report.html").read_text(encoding="utf-8")


def ids_of(page: Reader) -> list[str]:
    return [attrs["id"] for _, attrs in page.elements if "id" in attrs]


def data_of(page: Reader) -> dict:
    """The data that the scripts read."""
    return json.loads(next(text for _, attrs, text in page.held if attrs.get("id") == "review-data"))


def charts_of(page: Reader) -> dict[str, dict]:
    """The specs of the charts by name."""
    specs = [(attrs["id"], text) for _, attrs, text in page.held if attrs.get("id", "").startswith("chart-")]
    return {name.removeprefix("chart-"): json.loads(text) for name, text in specs}


def check_scripts(page: Reader, review) -> None:
    """Check that a page has the scripts and styles of its own making and no others, and data that cannot end theirs."""
    own = interactive(review, "en")
    plain = [text for tag, attrs, text in page.held if tag == "script" and not attrs]
    assert plain == [*own.scripts, "report.start()"]
    assert [text for _, attrs, text in page.held if attrs == {"type": "module"}] == [own.vega]
    styles = [text for tag, _, text in page.held if tag == "style"]
    assert styles == list(own.styles)
    data = [(attrs, text) for _, attrs, text in page.held if attrs.get("type") == "application/json"]
    assert len(page.held) == len(plain) + 1 + len(styles) + len(data)
    assert {attrs["id"] for attrs, _ in data} == {"review-data", *(f"chart-{name}" for name in own.charts)}
    for attrs, text in data:
        assert set(attrs) == {"type", "id"}
        assert not re.search("[<>&\u2028\u2029]", text)
        assert isinstance(json.loads(text), dict)
    assert not any("<!--" in text for _, _, text in page.held)  # it would change where a script ends


def test_hostile_names_are_text(html, page, review):
    check_scripts(page, review)
    assert not [tag for tag, attrs in page.elements if tag not in UNSEEN and "alert(1)" in "".join(attrs)]
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>alert(1)</script>" in data_of(page)["zones"]["urban_centre"]["name"]
    text = "".join(page.text)
    assert "<script>alert(1)</script>" in text
    assert '=HYPERLINK("http://evil.example/","Click")' in text
    assert "Éastern & Co" in text
    assert "Шымкент" in text


def test_nothing_is_loaded_from_anywhere(page):
    for tag, attrs in page.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form")
        assert not any(name.startswith("on") or name == "style" for name in attrs)
        for name in ("src", "href", "srcset", "action", "poster", "data"):
            if name in attrs:
                assert attrs[name].startswith(("data:image/png;base64,", "#")), (tag, attrs[name][:50])
    styles = "".join(text for tag, _, text in page.held if tag == "style")
    assert all(found.startswith("data:image/svg+xml") for found in re.findall(r"url\([\s\"']*([^)]{1,40})", styles))
    assert "@import" not in styles
    assert "sourceMappingURL" not in "".join(text for _, _, text in page.held)
    (policy,) = [attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"]
    assert policy == POLICY


def test_pictures_in_the_data_are_inside(page):
    overlays = data_of(page)["overlays"]
    assert overlays
    assert all(overlay["url"].startswith("data:image/png;base64,") for overlay in overlays)


def test_links_lead_to_a_place_on_the_page_or_of_the_map(page):
    ids = ids_of(page)
    assert len(set(ids)) == len(ids)
    targets = {attrs["href"][1:] for tag, attrs in page.elements if tag == "a"}
    routes = {target for target in targets if target.startswith("zone=")}
    assert targets - routes <= set(ids)
    assert "measure-population-total" in targets
    zones = {zone_id for level in data_of(page)["zones"].values() for zone_id in level["id"]}
    assert routes
    assert {unquote(route.removeprefix("zone=")) for route in routes} <= zones
    assert {attrs["data-zone"] for _, attrs in page.elements if "data-zone" in attrs} <= zones


def test_every_figure_is_inside_with_words_for_those_who_do_not_see(page):
    images = [attrs for tag, attrs in page.elements if tag == "img"]
    assert all(len(attrs["alt"]) > 20 and len(attrs["src"]) > 10_000 for attrs in images)
    assert any(attrs["alt"].startswith(FIGURES["map"][0][:40]) for attrs in images)
    places = {attrs["data-chart"]: attrs["data-alt"] for _, attrs in page.elements if "data-chart" in attrs}
    specs = charts_of(page)
    assert list(places) == list(specs)
    assert all(len(words) > 20 for words in places.values())
    assert all("vega-lite" in spec["$schema"] for spec in specs.values())
    for start in ("largest", "rank_size", "city_growth", "urban_growth", "land", "expansion", "lights_trend"):
        assert any(name.startswith(start) for name in specs), start


def test_what_is_a_chart_is_no_picture_too(page):
    pictures = [attrs["alt"] for tag, attrs in page.elements if tag == "img"]
    for name in ("rank_size", "city_growth", "urban_growth", "lights_trend"):
        assert FIGURES[name][0] not in pictures


def test_every_chart_stands_in_the_section_of_its_theme(html):
    places = {
        "centres": ["largest"],
        "system": ["rank_size", "city_growth"],
        "growth": ["urban_growth", "land", "expansion"],
        "lights": ["lights_trend"],
    }
    for name, starts in places.items():
        found = charts_of(section(html, name))
        assert all(any(chart.startswith(start) for chart in found) for start in starts), name


def test_every_script_of_the_package_is_in_the_page(page):
    texts = [text for tag, attrs, text in page.held if tag == "script" and not attrs]
    assert len(texts) == len(SCRIPTS) + 2
    for name in ("map", "profile", "tables", "start"):
        assert any(f"report.{name} = " in text for text in texts), name


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
    plain = Reader(write(observed, tmp_path))  # what is seen; the words of the scripts hold the mark in any case
    assert not [attrs for _, attrs in plain.elements if attrs.get("role") == "alert"]
    assert MARK not in words_of(plain)
    assert MARK not in json.dumps([data_of(plain)["modelled_mark"], charts_of(plain)], ensure_ascii=False)
    assert data_of(plain)["modelled"] is False


def test_every_chart_of_modelled_data_bears_the_mark(page):
    for name, spec in charts_of(page).items():
        assert MARK in json.dumps(spec, ensure_ascii=False), name
    assert words_of(page).count(MARK) > len(charts_of(page))


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
    assert "No urban centre was found" in words_of(section(html, "centres"))
    check_scripts(Reader(html), empty)


def test_more_districts_than_the_page_holds_are_counted(review, tmp_path, monkeypatch):
    monkeypatch.setattr("urbanreview.report.sections.MOST_DISTRICTS", 1)
    assert "3 more rows stand in tables/districts.csv" in write(replace(review), tmp_path)


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
        for boundary in ("both dates on the ground of the latest extent", "each date in its own extent"):
            assert f"SDG 11.3.1: 2010–2020, formula un-habitat-2021, {boundary}" in text
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
        assert "are not told" not in words_of(section(write(review, tmp_path), "growth"))
        values = review.values.copy()
        kinds = values["measure"].str.startswith("expansion.")
        values.loc[kinds, ["value", "reason"]] = [np.nan, "cells are 811 m wide, expected at most 100 m"]
        html = write(replace(review, values=values), tmp_path)
        assert "Infill, extension and leapfrog are not told: cells are 811 m wide, expected at most 100 m." in html

    def test_a_review_without_the_themes_has_no_such_sections(self, review, tmp_path):
        themes = {"system", "size_class", "urban_growth", "land", "lights", "expansion", "built_up"}
        values = review.values[~review.values["measure"].str.partition(".")[0].isin(themes)]
        html = write(replace(review, values=values, zones=review.zones.drop(columns="flags")), tmp_path)
        page = Reader(html)
        names = {"system", "growth", "lights", "flags"}
        assert names.isdisjoint(ids_of(page))
        assert names.isdisjoint(attrs["href"][1:] for tag, attrs in page.elements if tag == "a")
