"""The profile of a place and the tables in a real browser, opened from disk with the network off."""

import base64
import gzip
import html
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
vl_convert = pytest.importorskip("vl_convert")

from urbanreview.indicators import FLAGS  # noqa: E402
from urbanreview.indicators.land import CONSUMPTION_CLASSES  # noqa: E402
from urbanreview.report.web.assembled import STYLES  # noqa: E402
from urbanreview.report.web.strings import texts  # noqa: E402
from urbanreview.report.wording import pretty  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import page_toy  # noqa: E402

pytestmark = pytest.mark.long

CITIES = 12
CSV = "zone_id,name\nTOY-1,\"Ö, 'x'\"\nTOY-2,Алматы\n".encode() + b"\xef\xbb\xbf tail\n"
NUMBERS = ".profile-told > .profile-numbers"


def column(name: str, measure: str, unit: str, period: str, variant: str = "", main: bool = False) -> dict[str, Any]:
    words = page_toy.column_of(name, measure, measure, unit)
    return words | {"period": period, "source": "toy", "variant": variant, "main": main}


def columns() -> list[dict[str, Any]]:
    """Return people of three years, light of three years with a trend over a break, hazards, months, dust, and reach."""
    people = [
        column(f"population_total_{year}", "population.total", "people", year, main=year == "2020")
        for year in ("2000", "2010", "2020")
    ]
    lights = [
        column(f"lights_sum_area_{year}", "lights.sum_area", "nW/cm2/sr*km2", year, main=year == "2018")
        for year in ("2016", "2017", "2018")
    ]
    lights.append(
        column("lights_trend", "lights.trend", "nW/cm2/sr*km2/year", "2016/2018", "breaks=2017-04;floor=0.1", main=True)
    )
    land = [column(f"built_up_area_{year}", "built_up.area", "km2", year, main=year == "2020") for year in ("2010", "2020")]
    land.append(column("land_class", "land.consumption_class", "code", "2010/2020", main=True))
    # the review's own population is "ghs 2020": the hazard's main column is of another, as a first variant may be
    flood = [
        column(
            f"flood_{who}_{years}",
            "exposure.people",
            "people",
            "2020",
            f"people={who}:2020;return_period={years}",
            main=(who, years) == ("aaa", 100),
        )
        for who in ("aaa", "ghs")
        for years in (100, 20)
    ]
    dust = [column(f"air_pm25_{year}", "air.pm25", "ug/m3", year, main=year == "2020") for year in ("2019", "2020")]
    reach = [
        column(f"within_{minutes}", "access.people_within", "people", "2020", f"minutes={minutes}", main=minutes == 120)
        for minutes in (120, 15, 60)
    ]
    return [*people, *lights, *land, *flood, *dust, *reach]


def payload() -> dict[str, Any]:
    data = page_toy.payload(cities=CITIES, districts=(3, 3))
    people = data["zones"]["urban_centre"]["values"]["population_total_2020"]
    data["texts"] = dict(texts("en"))
    data["columns"] = columns()
    for level, zones in data["zones"].items():
        zones["values"] = (
            {}
            if level != "urban_centre"
            else {
                name["name"]: [float(place + 1) * 10 + row for row in range(CITIES)]
                for place, name in enumerate(data["columns"])
            }
        )
        zones["reasons"] = {}
    centres = data["zones"]["urban_centre"]
    centres["values"]["population_total_2020"] = people
    centres["values"]["land_class"] = [1 + row % 13 for row in range(CITIES)]
    centres["values"]["lights_sum_area_2018"][1] = None
    centres["reasons"] = {"lights_sum_area_2018": {"1": "clouds <b>all</b> year"}}
    centres["attributes"]["flags"][0] = "few cells; at the water"
    centres["attributes"] |= {
        "listed_name": ["Almaty (city)", *[None] * (CITIES - 1)],
        "listed_code": ["KZ-75", *[None] * (CITIES - 1)],
        "geonames_id": ["1526384", *[None] * (CITIES - 1)],
        "geonames_grade": ["high", *[None] * (CITIES - 1)],
    }
    ids = centres["id"]
    data["links"] = {
        ids[0]: [{"id": "TOY-adm2-1", "name": page_toy.HOSTILE[0], "share": 0.75}, {"id": "?", "name": "gone", "share": 0.25}]
    }
    minutes: list[list[float | None]] = [[abs(one - two) * 30.0 for two in range(4)] for one in range(4)]
    minutes[0][3] = None
    data["matrix"] = {"ids": ids[:4], "minutes": minutes}
    data["series"] = {
        "lights": {
            "level": "urban_centre",
            "measure": "lights.sum_area",
            "unit": "x",
            "periods": ["2017-03", "2017-04"],
            "values": {"0": [50, 60]},
        }
    }
    data["tables"] = {
        "urban_centres": {"name": "urban_centres", "csv": base64.b64encode(gzip.compress(CSV)).decode(), "rows": 2}
    }
    return data


def table_of(data: dict[str, Any]) -> str:
    """Return a table as the template writes it: numbers of both signs, one missing, a heading with a link; and a bare one."""
    zones = data["zones"]["urban_centre"]
    rows = "".join(row_of(zones["id"][row], zones["name"][row], row) for row in range(CITIES))
    gap = '<th scope="col" class="num"><a href="#x">Gap</a><span class="unit">people</span></th>'
    heads = f'<th scope="col">Name</th>{gap}<th scope="col">District</th>'
    return (
        '<div class="scroll" tabindex="0" role="region" aria-label="Centres">'
        '<table data-table="urban_centres" data-level="urban_centre"><caption>Centres</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        '<table data-table="unknown"><thead><tr><th scope="col">a</th></tr></thead>'
        '<tbody><tr><th scope="row">b</th></tr></tbody></table>'
    )


def gap_of(row: int) -> float | None:
    return None if row == 4 else (-1) ** row * 1000.5 * row


def row_of(zone_id: str, name: str, row: int) -> str:
    gap = gap_of(row)
    number = f'class="num" data-value="{gap}">{gap:,.0f}' if gap is not None else 'class="num missing" title="why">–'
    head = f'<th scope="row" dir="auto">{html.escape(name)}</th>'
    return f'<tr data-zone="{zone_id}">{head}<td {number}</td><td>{"District 10" if row % 2 else "district 9"}</td></tr>'


def page(data: dict[str, Any], runtime: str = "") -> str:
    sheets = "".join(f"<style>{page_toy.asset(name)}</style>" for name in STYLES)
    scripts = "".join(f"<script>{page_toy.asset(name)}</script>" for name in ("profile.js", "tables.js", "app.js"))
    return f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Toy</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="{page_toy.CSP}">{sheets}</head>
<body><div class="page"><main><h1>Toyland</h1><section id="profile-app"><h2>City profile</h2></section>
<section id="centres"><h2>Centres</h2>{table_of(data)}</section></main></div>
<script type="application/json" id="review-data">{page_toy.embedded(data)}</script>
<script type="module">{runtime}</script>{scripts}<script>report.start()</script></body></html>"""


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Open pages from disk; whatever they ask of the network, throw or complain about fails at the end."""
    complaints: list[str] = []

    def open_page(content: str) -> Any:
        file = tmp_path_factory.mktemp("page") / "report.html"
        file.write_text(content, encoding="utf-8")
        tab = browser.new_context(
            viewport={"width": 1000, "height": 800}, reduced_motion="reduce", accept_downloads=True
        ).new_page()
        tab.on(
            "request", lambda asked: None if asked.url.startswith(("file:", "blob:", "data:")) else complaints.append(asked.url)
        )
        tab.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    assert complaints == []


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return payload()


@pytest.fixture(scope="module")
def tab(opened: Any, data: dict[str, Any]) -> Any:
    return opened(page(data, vl_convert.javascript_bundle()))


@pytest.fixture
def profile(tab: Any) -> Any:
    """Return the shared page with the largest city alone and the table as it was."""
    tab.evaluate("history.replaceState(null, '', location.pathname)")
    tab.select_option("#profile-second", "")
    tab.select_option("#profile-first", "urban_centre 0")
    tab.wait_for_selector("#profile-app[data-state=ready]")
    return tab


def names_in(tab: Any) -> list[str]:
    return tab.eval_on_selector_all(
        "table[data-table=urban_centres] tbody tr",
        "rows => rows.filter(row => !row.hidden).map(row => row.cells[0].textContent)",
    )


def told(tab: Any) -> dict[str, list[float]]:
    """Return the numbers of the profile's tables of places by column."""
    cells = tab.eval_on_selector_all(
        f"{NUMBERS} td[data-value]", "cells => cells.map(cell => [cell.dataset.column, Number(cell.dataset.value)])"
    )
    found: dict[str, list[float]] = {}
    for name, value in cells:
        found.setdefault(name, []).append(value)
    return found


# ------------------------------------------------------------------------------------------------------------ profile


def test_the_largest_city_is_shown_at_first_and_the_address_stays(opened: Any, data: dict[str, Any]) -> None:
    tab = opened(page(data, vl_convert.javascript_bundle()))
    tab.wait_for_selector("#profile-app[data-state=ready]")
    assert tab.inner_text(".profile-who h3") == "Almaty"
    assert tab.evaluate("location.hash") == ""


def test_the_numbers_are_those_of_the_payload(profile: Any, data: dict[str, Any]) -> None:
    values = data["zones"]["urban_centre"]["values"]
    found = told(profile)
    assert {"population_total_2020", "lights_sum_area_2018", "lights_trend", "built_up_area_2020", "air_pm25_2020"} <= set(
        found
    )
    assert found == {name: [values[name][0]] for name in found}
    assert "2,000,000 people" in profile.inner_text(f"[data-section=people] {NUMBERS} td")


def test_reach_is_told_for_every_time_from_short_to_long(profile: Any) -> None:
    assert [name for name in told(profile) if name.startswith("within")] == ["within_15", "within_60", "within_120"]


def test_every_point_of_a_chart_stands_in_a_table_too(profile: Any, data: dict[str, Any]) -> None:
    values = data["zones"]["urban_centre"]["values"]
    cells = profile.eval_on_selector_all(
        "[data-section=people] figure td", "cells => cells.map(cell => Number(cell.dataset.value))"
    )
    assert cells == [values[f"population_total_{year}"][0] for year in (2000, 2010, 2020)]
    floods = profile.eval_on_selector_all("[data-section=hazards] figure td", "cells => cells.map(cell => cell.dataset.column)")
    assert floods == ["flood_ghs_20", "flood_ghs_100"]


def test_the_charts_are_drawn_with_the_break_the_trend_and_the_levels_of_the_who(profile: Any) -> None:
    assert profile.locator(".profile-chart svg").count() == profile.locator(".profile-chart").count() == 5
    assert profile.locator("[data-section=lights] svg .mark-rule.role-mark line").count() == 1
    assert profile.locator("[data-section=lights] svg .mark-line.role-mark path").count() == 3  # months, trend, years
    assert "WHO guideline: 5" in profile.locator("[data-section=air] svg").text_content()


def test_a_missing_number_is_a_dash_with_its_reason_for_eye_and_ear(profile: Any) -> None:
    profile.select_option("#profile-first", "urban_centre 1")
    cell = profile.locator(f"[data-section=lights] {NUMBERS} td").first
    assert cell.get_attribute("title") == "Missing: clouds <b>all</b> year"
    assert cell.locator("[aria-hidden]").inner_text() == "–"
    assert cell.locator(".unseen").text_content() == "Missing: clouds <b>all</b> year"


def test_who_the_place_is(profile: Any) -> None:
    words = profile.inner_text(".profile-who")
    for told_words in (
        "Алматы;Alma-Ata",
        "Urban centres",
        "75.0%",
        "25.0%",
        "Almaty (city)",
        "KZ-75",
        "1526384 · high",
        "TOY-urban_centre-0",
    ):
        assert told_words in words
    assert profile.locator(".profile-flags li").all_inner_texts() == [
        "few cells Fewer than 10 population cells.", "at the water Water takes at least 0.25 of the zone.",
    ]  # fmt: skip


def test_themes_without_numbers_are_left_out_with_the_reason(profile: Any) -> None:
    assert profile.locator("[data-section=climate], [data-section=form]").count() == 0
    assert "Rain and temperature: This review has no numbers of this theme." in profile.inner_text(".profile-left-out")
    profile.select_option("#profile-first", "adm2 0")
    assert "People over time: Not measured for places of this kind." in profile.inner_text(".profile-left-out")


def test_the_nearest_cities_come_by_minutes_and_choose(profile: Any, data: dict[str, Any]) -> None:
    items = profile.locator(".profile-near li")
    assert items.evaluate_all("items => items.map(item => item.dataset.zone)") == data["matrix"]["ids"][1:]
    assert items.nth(0).locator(".num").inner_text() == "30.0 min"
    assert items.nth(2).locator(".num").inner_text() == "no way"
    items.nth(1).get_by_role("button").click()
    assert profile.input_value("#profile-first") == "urban_centre 2"
    assert profile.evaluate("decodeURIComponent(location.hash)") == f"#zone={data['matrix']['ids'][2]}"


def test_two_places_stand_in_one_table_and_swap(profile: Any, data: dict[str, Any]) -> None:
    profile.select_option("#profile-second", "urban_centre 7")
    values = data["zones"]["urban_centre"]["values"]
    found = told(profile)
    assert found["population_total_2020"] == [values["population_total_2020"][0], values["population_total_2020"][7]]
    assert profile.locator(".profile-who").count() == 2
    profile.get_by_role("button", name="Swap").click()
    assert told(profile)["population_total_2020"] == [values["population_total_2020"][7], values["population_total_2020"][0]]
    profile.select_option("#profile-first", "urban_centre 0")
    assert profile.locator(".profile-who").count() == 1, "a place is not compared with itself"


def test_a_city_beside_a_district_has_dashes_for_what_districts_lack(profile: Any) -> None:
    profile.select_option("#profile-second", "adm2 0")
    cell = profile.locator(f"[data-section=people] {NUMBERS} td").nth(1)
    assert cell.get_attribute("title") == "Missing: Not measured for places of this kind."


def test_hostile_names_are_text(profile: Any, data: dict[str, Any]) -> None:
    for row, name in enumerate(page_toy.HOSTILE, start=1):
        profile.select_option("#profile-first", f"urban_centre {row}")
        profile.select_option("#profile-second", f"urban_centre {row % 5 + 1}")
        assert profile.locator(".profile-who h3").first.text_content() == name
        assert profile.locator("#profile-first option:checked").text_content().strip() == name.strip()
    profile.wait_for_selector("#profile-app[data-state=ready]")
    assert profile.locator("main script, main b").count() == 0
    assert profile.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_phone_and_the_dark_have_it_too(profile: Any) -> None:
    profile.select_option("#profile-second", "urban_centre 5")
    profile.set_viewport_size({"width": 360, "height": 740})
    profile.emulate_media(color_scheme="dark")
    profile.wait_for_selector("#profile-app[data-state=ready]")
    assert profile.evaluate("document.documentElement.scrollWidth") <= 360
    profile.wait_for_function(
        """() => {
          const [one, other] = [...document.querySelectorAll(".profile-who")].map((who) => who.getBoundingClientRect());
          return other?.height > 0 && one.height > 0 && other.top > one.bottom - 1;
        }"""
    )
    profile.set_viewport_size({"width": 1000, "height": 800})
    profile.emulate_media(color_scheme="light")


def test_the_sentences_of_flags_and_the_kinds_of_land_are_those_of_the_formulas() -> None:
    english = texts("en")
    for flag in FLAGS:
        assert english[f"profile.flag_{flag.key.replace(' ', '_')}"] == pretty(flag.sentence)
    assert {code: english[f"profile.land_{code}"] for code in CONSUMPTION_CLASSES} == dict(CONSUMPTION_CLASSES)


# ------------------------------------------------------------------------------------------------------------- tables


def test_numbers_sort_by_value_with_missing_last_both_ways(tab: Any) -> None:
    head = tab.locator("table[data-table=urban_centres] thead th").nth(1)
    button = head.get_by_role("button", name="Sort by Gap")
    button.click()
    values = "cells => cells.map(cell => cell.dataset.value ? Number(cell.dataset.value) : null)"
    cells = tab.locator("table[data-table=urban_centres] tbody td:nth-child(2)")
    known = sorted(gap for row in range(CITIES) if (gap := gap_of(row)) is not None)
    assert head.get_attribute("aria-sort") == "descending"
    assert cells.evaluate_all(values) == [*known[::-1], None]
    button.focus()
    tab.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert cells.evaluate_all(values) == [*known, None]
    assert head.locator("a").get_attribute("href") == "#x"


def test_texts_sort_as_people_do_and_ties_keep_their_order(tab: Any) -> None:
    tab.get_by_role("button", name="Name").click()
    before = names_in(tab)
    tab.get_by_role("button", name="District", exact=True).click()
    texts_shown = tab.locator("table[data-table=urban_centres] tbody td:nth-child(3)").all_inner_texts()
    assert texts_shown == ["district 9"] * 6 + ["District 10"] * 6
    assert tab.locator("[aria-sort]").count() == 1
    first = names_in(tab)[:6]
    assert first == [name for name in before if name in first]


def test_the_filter_keeps_rows_with_all_words_and_counts_them(tab: Any) -> None:
    box = tab.get_by_role("searchbox", name="Filter")
    box.fill(" TOWN  district 10")
    assert sorted(names_in(tab)) == ["Town 10", "Town 11", "Town 7", "Town 9"]
    assert tab.inner_text(".table-count") == "4 of 12 rows"
    box.fill("şYmkent")
    assert names_in(tab) == ["🏙️ Şymkent"]
    box.fill("<script>")
    assert names_in(tab) == [page_toy.HOSTILE[0]]
    box.press("Escape")
    assert tab.inner_text(".table-count") == "12 of 12 rows"


def test_the_csv_is_the_stored_table_byte_for_byte(tab: Any) -> None:
    with tab.expect_download() as waiting:
        tab.get_by_role("button", name="Download CSV: Centres").press("Enter")
    assert waiting.value.suggested_filename == "urban_centres.csv"
    assert Path(waiting.value.path()).read_bytes() == CSV
    assert tab.get_by_role("button", name="Download CSV").count() == 1, "what is not stored cannot be handed out"


def test_the_first_cell_chooses_the_place_by_keyboard(profile: Any) -> None:
    profile.get_by_role("button", name="Town 8").focus()
    profile.keyboard.press("Enter")
    assert profile.input_value("#profile-first") == "urban_centre 8"
    assert profile.evaluate("document.activeElement.id") == "profile-app"
    assert profile.locator("tr[aria-current=true]").count() == 1


def test_the_keyboard_reaches_every_control_in_turn(profile: Any) -> None:
    profile.evaluate("document.activeElement.blur(); document.body.focus()")
    profile.locator("#profile-first").focus()
    reached = 0
    wanted = profile.locator("main :is(button, select, input, summary, a[href]):visible").count()
    for _ in range(wanted + 10):
        if profile.evaluate("document.activeElement.matches('main :is(button, select, input, summary, a[href])')"):
            reached += 1
        profile.keyboard.press("Tab")
        if profile.evaluate("document.activeElement === document.body"):
            break
    assert reached == wanted
