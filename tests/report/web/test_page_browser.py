"""Whole pages in a real browser, opened from disk with the network off: what a reader clicks, types, hears and takes home."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.report.conftest import SCRIPT
from tests.report.test_page import Reader, check_scripts
from tests.report.web import countries

from urbanreview.report import Review, wide_table, write_page, write_tables

sync_api = pytest.importorskip("playwright.sync_api")

DESK = {"width": 1000, "height": 720}
MAP = "document.querySelector('#map-app').map_view"
AXE_PACKAGE = "axe-core@4.14.1"
CONTROLS = "a[href], button, input, select, summary, canvas, [tabindex='0']"
UNREACHED = f"""
() => {{
  const group_reached = (item) => item.type === "radio"
    && [...document.getElementsByName(item.name)].some((other) => other.dataset.reached);
  return [...document.querySelectorAll("{CONTROLS}")]
    .filter((item) => item.checkVisibility() && item.tabIndex >= 0 && !item.disabled)
    .filter((item) => !item.dataset.reached && !group_reached(item))
    .map((item) => item.outerHTML.slice(0, 120));
}}
"""
WATCH_FOCUS = """
() => {
  window.unmarked = [];
  document.addEventListener("focusin", ({ target }) => {
    target.dataset.reached = "yes";
    const style = getComputedStyle(target);
    if (style.outlineStyle === "none" && style.boxShadow === "none") window.unmarked.push(target.outerHTML.slice(0, 120));
  });
}
"""

Opener = Callable[..., Any]


def page_of(review: Review, folder: Path) -> Path:
    write_page(review, {}, folder / "report.html")
    return folder / "report.html"


@pytest.fixture
def opened(browser: Any) -> Iterator[Opener]:
    with watched(browser) as open_page:
        yield open_page


@contextmanager
def watched(browser: Any) -> Iterator[Opener]:
    """Open pages from disk; whatever they ask of the network, throw or complain about fails at the end."""
    complaints: list[str] = []
    contexts: list[Any] = []

    def open_page(file: Path, *, anchor: str = "") -> Any:
        context = browser.new_context(viewport=DESK, reduced_motion="reduce")
        contexts.append(context)
        context.set_offline(True)
        tab = context.new_page()
        say = complaints.append
        tab.on("request", lambda asked: None if asked.url.startswith(("file:", "blob:", "data:")) else say(asked.url))
        tab.on("console", lambda message: say(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: say(str(error)))
        tab.on("dialog", lambda dialog: (say(dialog.message), dialog.dismiss()))
        tab.goto(file.as_uri() + anchor)
        tab.wait_for_selector("#map-app[data-state=ready]", timeout=30_000)
        return tab

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture(scope="module")
def whole(review: Review) -> Review:
    return countries.whole(review)


@pytest.fixture(scope="module")
def whole_file(whole: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_of(whole, tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def tab(browser: Any, whole_file: Path) -> Iterator[Any]:
    """The page of the country with everything, with all its charts drawn."""
    with watched(browser) as open_page:
        yield drawn(open_page(whole_file))


@pytest.fixture(scope="module")
def stored(whole: Review, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write_tables(whole, folder)
    return folder


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The accessibility checker: a file named by URBANREVIEW_AXE, or fetched from the registry of npm packages."""
    named = os.environ.get("URBANREVIEW_AXE")
    if named:
        return Path(named).read_text(encoding="utf-8")
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("neither URBANREVIEW_AXE nor npm is there to bring axe-core")
    folder = tmp_path_factory.mktemp("axe")
    command = [npm, "pack", AXE_PACKAGE, "--silent", "--fetch-retries=0", "--fetch-timeout=20000"]
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if made.returncode:
        pytest.skip(f"npm did not bring {AXE_PACKAGE}")
    shutil.unpack_archive(next(folder.glob("*.tgz")), folder, filter="data")
    return (folder / "package" / "axe.min.js").read_text(encoding="utf-8")


def card(tab: Any) -> str:
    return tab.inner_text(".map-card")


def chosen(tab: Any) -> str:
    """The place that the profile tells of."""
    return tab.evaluate("document.querySelector('#profile-first').selectedOptions[0].textContent")


def drawn(tab: Any) -> Any:
    """The tab, once all charts of page and profile are drawn."""
    for selector in (".chart[data-chart]:not(.live)", "#profile-app .chart-save:empty"):
        tab.wait_for_selector(selector, state="detached", timeout=30_000)
    return tab


def names_in(tab: Any, part: str) -> list[str]:
    return tab.locator(f"#{part} tbody tr:visible th").all_inner_texts()


def districts_tool(tab: Any, selector: str) -> Any:
    """What a script put before the table of districts."""
    return tab.locator("#districts .table-tools").locator(selector)


def paints(tab: Any) -> list[Any]:
    named = {"points": "circle-color", "fill-adm2": "fill-color"}
    return [tab.evaluate(f"{MAP}.getPaintProperty('{layer}', '{name}')") for layer, name in named.items()]


def settle(tab: Any) -> None:
    tab.evaluate(
        f"""new Promise((done) => {{
            const map = {MAP};
            if (map.loaded() && !map.isMoving()) return done();
            map.once("idle", () => done());
            map.triggerRepaint();
        }})"""
    )


class TestWhole:
    """The page of a country with everything and hostile names in every place for one."""

    def test_it_has_scripts_of_its_own_making_alone(self, whole: Review, whole_file: Path) -> None:
        page = Reader(whole_file.read_text(encoding="utf-8"))
        check_scripts(page, whole)
        assert "img" not in [tag for tag, _ in page.elements]

    def test_it_starts_whole(self, tab: Any) -> None:
        assert tab.locator(".failed").count() == 0
        assert tab.locator(".chart.live").count() > 15
        assert tab.get_attribute("html", "data-report") == "started"
        assert tab.inner_text("[role=alert] strong") == "Modelled data – not for analysis"
        assert tab.evaluate("[...document.images].every(image => image.naturalWidth > 0)")

    def test_search_finds_a_city_by_another_name_and_enter_opens_its_card_with_the_number_of_the_table(self, tab: Any) -> None:
        tab.fill("#search-words", "шымк")
        assert tab.locator("#search-hits .name").first.inner_text() == "Şymkent"
        tab.keyboard.press("Enter")
        people = tab.locator("#centres tr[data-zone=TOY-uc-1] td.num").first.inner_text()
        assert people == "912,345"
        assert card(tab).startswith("Şymkent")
        assert f"{people} people" in card(tab)
        assert tab.evaluate("location.hash") == "#zone=TOY-uc-1"
        assert chosen(tab) == "Şymkent"
        assert people in tab.inner_text("#profile-app")

    def test_a_click_on_a_hit_and_on_the_map_opens_the_card(self, tab: Any, whole: Review) -> None:
        tab.fill("#search-words", "quarter 7")
        tab.click("#search-hits li")
        assert card(tab).startswith("Quarter 7")
        tab.click(".map-whole")
        settle(tab)
        point = whole.points.geometry["TOY-uc-1"]
        at = tab.evaluate(
            f"(at) => {{ const {{ x, y }} = {MAP}.project(at); const box = {MAP}.getCanvas().getBoundingClientRect(); "
            "return [x + box.x, y + box.y]; }",
            [point.x, point.y],
        )
        tab.mouse.click(*at)
        tab.locator(".map-card h3", has_text="Şymkent").wait_for()
        assert "912,345 people" in card(tab)

    def test_the_measure_picked_recolours_cities_and_districts(self, tab: Any) -> None:
        before, legend = paints(tab), tab.inner_text(".map-legend")
        tab.select_option("#map-measure", "population_total_2020")
        after = paints(tab)
        assert before[0] != after[0]
        assert before[1] != after[1]
        assert tab.inner_text(".map-legend") != legend

    def test_tables_sort_by_their_numbers_both_ways_and_by_names(self, tab: Any, whole: Review) -> None:
        shown = set(names_in(tab, "districts"))
        table = wide_table(whole, "adm2").set_index("name")["population_total_2020"]
        people = table[table.index.isin(shown)].sort_values(ascending=False, kind="stable")
        assert len(people) == 16
        head = tab.locator("#districts thead th").nth(1)
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == "descending"
        first = names_in(tab, "districts")
        assert people[first].tolist() == people.tolist()
        head.locator("button").click()
        assert people[names_in(tab, "districts")].tolist() == people.tolist()[::-1]
        tab.locator("#districts thead th").nth(0).locator("button").click()
        quarters = [name for name in names_in(tab, "districts") if name.startswith("Quarter")]
        assert quarters == [f"Quarter {n}" for n in range(12)]

    def test_a_table_filters_by_words_and_counts(self, tab: Any) -> None:
        words = districts_tool(tab, "input[type=search]")
        words.fill("12,000 QUARTÉR")
        assert names_in(tab, "districts") == ["Quarter 5"]
        assert re.search(r"\b1\b.*\b16\b", districts_tool(tab, ".table-count").inner_text())
        words.press("Escape")
        assert len(names_in(tab, "districts")) == 16

    @pytest.mark.long
    def test_every_csv_is_the_stored_table_byte_for_byte(self, tab: Any, stored: Path) -> None:
        taken = set()
        for name in tab.locator("table[data-table]").evaluate_all("(all) => all.map((one) => one.dataset.table)"):
            if name in taken:
                continue
            tools = tab.locator(f".table-tools:has(+ .scroll table[data-table={name}])").first
            tab.wait_for_timeout(400)  # the browser refuses downloads that follow one another faster than a hand
            with tab.expect_download() as waiting:
                tools.get_by_role("button", name="CSV").click()
            assert waiting.value.suggested_filename == f"{name}.csv"
            assert Path(waiting.value.path()).read_bytes() == (stored / f"{name}.csv").read_bytes(), name
            taken.add(name)
        assert {"urban_centres", "districts", "limits", "city_system", "crosswalk", "official"} <= taken

    def test_every_chart_is_saved_by_a_button_with_a_name(self, tab: Any) -> None:
        names = tab.locator(".chart.live .chart-save button").evaluate_all("(all) => all.map((one) => one.ariaLabel)")
        assert len(names) == len(set(names)) == 2 * tab.locator(".chart.live").count()
        with tab.expect_download() as waiting:
            tab.locator(".chart[data-chart=rank_size] .chart-save button").first.click()
        assert waiting.value.suggested_filename == "rank_size.svg"
        assert "<svg" in Path(waiting.value.path()).read_text(encoding="utf-8")[:200]

    @pytest.mark.parametrize(
        ("zone", "name"),
        [
            ("TOY-uc-3", SCRIPT),
            ("TOY-uc-2", countries.RIGHT_TO_LEFT),
            ("TOY-uc-4", countries.LONG),
            ("TOY-cl-4", countries.EMOJI),
            ("TOY-adm2-b", countries.QUOTED),
        ],
    )
    def test_hostile_names_are_text_in_search_card_and_profile(self, tab: Any, zone: str, name: str) -> None:
        before = tab.locator("script").count()
        tab.fill("#search-words", name[:190])
        assert name in tab.locator("#search-hits .name").evaluate_all("(all) => all.map((one) => one.textContent)")
        tab.keyboard.press("Escape")
        tab.evaluate("(zone) => { location.hash = `#zone=${zone}`; }", zone)
        sync_api.expect(tab.locator(".map-card h3")).to_have_text(name)
        assert chosen(tab) == name
        assert tab.locator("script").count() == before
        assert tab.locator("img[src=x]").count() == 0
        assert tab.evaluate("document.documentElement.scrollWidth") <= DESK["width"]

    def test_hostile_titles_and_notes_are_text(self, tab: Any) -> None:
        assert countries.TITLE in tab.locator("h1").text_content()
        assert countries.TITLE in tab.title()
        assert SCRIPT in tab.inner_text(".notes")

    def test_a_message_leads_to_its_number(self, tab: Any) -> None:
        link = tab.locator(".messages a[href='#zone=TOY-uc-1']").first
        tab.evaluate("() => { location.hash = '#zone=TOY-uc-2'; }")
        link.click()
        tab.locator(".map-card h3", has_text="Şymkent").wait_for()

    def test_a_method_box_opens_beside_the_figures_and_leads_to_its_measures(self, tab: Any) -> None:
        link = drawn(tab).locator("#lights .methods a").first
        link.click()
        told = tab.locator("#lights .method-shown")
        assert told.locator("dt").count() == 5
        assert link.get_attribute("aria-expanded") == "true"
        told.locator("a").click()
        box = tab.locator(link.get_attribute("href"))
        sync_api.expect(box).to_have_attribute("open", "")
        assert box.locator("tr[id^=measure-lights]").count() > 0
        link.click()
        assert told.count() == 0
        assert link.get_attribute("aria-expanded") == "false"
        tab.locator("#centres thead a[href^='#measure-']").first.click()
        sync_api.expect(tab.locator("details:has(tr:target)")).to_have_attribute("open", "")
        for place in ("#profile-app", ".map-legend"):
            assert tab.locator(f"{place} .methods a").count() > 0

    def test_the_bar_says_which_section_is_read(self, tab: Any) -> None:
        drawn(tab).locator("#districts").scroll_into_view_if_needed()
        tab.evaluate("document.querySelector('#districts').scrollIntoView()")
        sync_api.expect(tab.locator("nav.sections [aria-current]")).to_have_attribute("href", "#districts")

    @pytest.mark.long
    def test_the_keyboard_reaches_everything_and_shows_where_it_is(self, tab: Any) -> None:
        drawn(tab).focus("nav.sections a")
        tab.evaluate(WATCH_FOCUS)
        for _ in range(tab.locator(CONTROLS).count() + 5):  # round to where it began
            tab.keyboard.press("Tab")
        assert tab.evaluate(UNREACHED) == []
        assert tab.evaluate("window.unmarked") == []
        reached = tab.locator("[data-reached]")
        wanted = ["#search-words", "#map-measure", ".map-canvas canvas", ".map-whole", "[data-layer]", "#profile-second"]
        wanted += [".table-tools button", ".table-tools input", "th button.sort", "tbody th button", ".chart-save button"]
        for selector in wanted:
            assert reached.and_(tab.locator(selector)).count() > 0, selector

    @pytest.mark.long
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_no_serious_fault(self, tab: Any, axe: str, scheme: str) -> None:
        tab.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        drawn(tab)
        tab.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        tab.evaluate(axe)
        found = tab.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:120]) for one in found if one["impact"] in ("serious", "critical")]
        assert told == []

    def test_a_phone_shows_it_without_a_part_that_sticks_out(self, tab: Any) -> None:
        tab.set_viewport_size({"width": 390, "height": 844})
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        tab.set_viewport_size(DESK)


def test_an_address_with_a_place_opens_it(opened: Opener, whole_file: Path) -> None:
    assert card(opened(whole_file, anchor="#zone=TOY-adm2-x03")).startswith("Quarter 3")


def test_an_address_that_is_broken_does_no_harm(opened: Opener, whole_file: Path) -> None:
    assert chosen(opened(whole_file, anchor="#zone=%E0%A4%A")) == "Şymkent"


@pytest.mark.long
class TestCountries:
    """Countries that lack something: their pages open without a word of complaint, and what is empty says why."""

    def test_one_city(self, opened: Opener, review: Review, tmp_path: Path) -> None:
        tab = drawn(opened(page_of(countries.with_one_city(review), tmp_path)))
        assert tab.locator(".failed").count() == 0
        assert card_of(tab, "şymk").startswith("Şymkent")
        assert names_in(tab, "centres") == ["Şymkent"]
        whys = tab.locator("#system td.missing").evaluate_all("(all) => all.map((one) => one.title)")
        assert whys
        assert all(whys)

    def test_no_lights(self, opened: Opener, review: Review, tmp_path: Path) -> None:
        tab = drawn(opened(page_of(countries.without_lights(review), tmp_path)))
        assert tab.locator(".failed").count() == 0
        assert tab.locator("#lights, [href='#lights'], [data-chart^=lights]").count() == 0
        assert "night lights: skipped" in tab.inner_text(".notes")
        assert not tab.locator("#map-measure option", has_text="light").count()
        assert "912,345 people" in card_of(tab, "şymk")

    def test_no_city(self, opened: Opener, empty: Review, tmp_path: Path) -> None:
        tab = drawn(opened(page_of(empty, tmp_path)))
        assert tab.locator(".failed").count() == 0
        assert "No urban centre was found" in tab.inner_text("#centres")
        assert card_of(tab, "middle").startswith("Middle")
        assert chosen(tab) == "Middle"

    def test_nothing_but_people_of_the_nation(self, opened: Opener, empty: Review, tmp_path: Path) -> None:
        tab = drawn(opened(page_of(countries.nation_alone(empty), tmp_path)))
        assert tab.locator(".failed").count() == 0
        assert "This review has no districts." in tab.inner_text("#districts")
        assert "No urban centre was found" in tab.inner_text("#centres")
        assert chosen(tab) == "Toyland"

    @pytest.mark.slow
    def test_two_thousand_cities(self, opened: Opener, review: Review, tmp_path: Path) -> None:
        tab = drawn(opened(page_of(countries.with_many_cities(review), tmp_path)))
        assert tab.locator(".failed").count() == 0
        assert card_of(tab, "town 1999").startswith("Town 1999")
        assert "129,960 people" in card(tab)


def card_of(tab: Any, words: str) -> str:
    """What the card says of the first place found."""
    tab.fill("#search-words", words)
    tab.keyboard.press("Enter")
    return card(tab)
