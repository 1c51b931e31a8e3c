"""The map, the search box and the charts in a real browser, opened from disk with the network off."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sync_api = pytest.importorskip("playwright.sync_api")
vl_convert = pytest.importorskip("vl_convert")

from urbanreview.report.ink import class_breaks, class_labels  # noqa: E402
from urbanreview.report.wording import number  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
import page_toy  # noqa: E402

pytestmark = pytest.mark.long

DENSITY, GROWTH, LIGHTS = "population_density_2020", "population_growth_2010_2020", "lights_sum_2020"
NO_WEBGL = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return /webgl/.test(kind) ? null : real.call(this, kind, ...more);
};
"""
FAILING = "window.report ??= {}; report.profile = () => { throw new Error('no luck'); };"

DESK = {"width": 1000, "height": 720}
MAP = "document.querySelector('#map-app').map_view"

Opener = Callable[..., Any]


@pytest.fixture(scope="module")
def opened(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Open pages from disk; whatever they ask of the network, throw or complain about fails at the end."""
    complaints: list[str] = []

    def open_page(content: str, *, script: str = "", **options: Any) -> Any:
        file = tmp_path_factory.mktemp("page") / "report.html"
        file.write_text(content, encoding="utf-8")
        context = browser.new_context(viewport=DESK, reduced_motion="reduce", **options)
        context.route("**", lambda route: route.continue_() if route.request.url == file.as_uri() else route.abort())
        tab = context.new_page()
        tab.add_init_script(script)
        tab.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "blob:", "data:")) else complaints.append(request.url),
        )
        tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        tab.goto(file.as_uri())
        return tab

    yield open_page
    assert complaints == []


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return page_toy.payload()


@pytest.fixture(scope="module")
def tab(opened: Opener, data: dict[str, Any]) -> Any:
    shown = opened(page_toy.page(data, vl_convert.javascript_bundle()))
    shown.wait_for_selector("#map-app[data-state=ready]", timeout=20_000)
    return shown


@pytest.fixture(autouse=True)
def whole_country(request: pytest.FixtureRequest) -> None:
    """Every test on the shared page begins with the whole country, in the light, on a desk."""
    if "tab" in request.fixturenames:
        shown = request.getfixturevalue("tab")
        shown.emulate_media(color_scheme="light", reduced_motion="reduce")
        if shown.viewport_size != DESK:
            shown.set_viewport_size(DESK)
        shown.evaluate("document.querySelector('.map-whole').click()")
        settle(shown)


def settle(tab: Any) -> None:
    tab.evaluate(
        f"""new Promise((done) => {{
            const map = {MAP};
            if (map.loaded() && !map.isMoving()) return done();
            map.once("idle", () => done());
            map.triggerRepaint();
        }})"""
    )


def pixel(tab: Any, point: list[float]) -> dict[str, float]:
    return tab.evaluate(
        f"""(point) => {{
            const at = {MAP}.project(point);
            const box = {MAP}.getCanvas().getBoundingClientRect();
            return {{ x: at.x + box.x, y: at.y + box.y }};
        }}""",
        point,
    )


def paint(tab: Any, layer: str, name: str) -> Any:
    return tab.evaluate(f"{MAP}.getPaintProperty('{layer}', '{name}')")


def card(tab: Any) -> str:
    return tab.inner_text(".map-card")


def legend(tab: Any, row: int) -> list[str]:
    return tab.locator(".map-legend .key").nth(row).locator("li").all_inner_texts()


def test_search_finds_a_city_and_enter_opens_its_card(tab: Any, data: dict[str, Any]) -> None:
    tab.fill("#search-words", "alma")
    assert tab.locator("#search-hits li").first.inner_text().split("\n") == ["Almaty", "Urban centres · District 1"]
    assert tab.get_attribute("#search-words", "aria-activedescendant") == "search-hit-0"
    tab.keyboard.press("Enter")
    assert card(tab).startswith("Almaty")
    values = data["zones"]["urban_centre"]["values"]
    assert number(values["population_total_2020"][0], "people") + " people" in card(tab)
    assert number(values[DENSITY][0], "people/km2") + " people per km²" in card(tab)
    assert "across the border; at the water" in card(tab)
    assert tab.evaluate("location.hash") == "#zone=TOY-urban_centre-0"


@pytest.mark.parametrize(
    ("words", "found"), [("алма", "Almaty"), ("symkent", "🏙️ Şymkent"), ("district 12", "District 12"), ("<b>", "<b>Steppe</b>")]
)
def test_search_knows_other_names_other_levels_and_marks(tab: Any, words: str, found: str) -> None:
    tab.fill("#search-words", words)
    assert tab.locator("#search-hits .name").first.inner_text() == found
    tab.keyboard.press("Escape")
    assert not tab.is_visible("#search-hits")


def test_arrows_walk_through_the_places_found_and_turn_round(tab: Any) -> None:
    tab.fill("#search-words", "town")
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowUp"):
        tab.keyboard.press(key)
    last = tab.locator("#search-hits li").count() - 1
    assert tab.get_attribute("#search-words", "aria-activedescendant") == f"search-hit-{last}"
    tab.fill("#search-words", "nowhere")
    assert tab.inner_text("#search-hits") == page_toy.TEXTS["controls.search_none"]


def test_a_click_on_a_city_and_on_a_district_opens_their_cards(tab: Any, data: dict[str, Any]) -> None:
    at = pixel(tab, data["zones"]["urban_centre"]["point"][7])
    tab.mouse.move(at["x"], at["y"])
    tab.mouse.click(at["x"], at["y"])
    assert card(tab).startswith("Town 7")
    assert number(data["zones"]["urban_centre"]["values"]["population_total_2020"][7], "people") in card(tab)
    at = pixel(tab, [60.3, 42.3])
    tab.mouse.click(at["x"], at["y"])
    assert card(tab).startswith("District 1\n")
    assert tab.evaluate(f"{MAP}.getSource('chosen').serialize().data.features.length") == 1


def test_the_picked_measure_recolours_cities_and_districts_by_the_classes_of_the_static_maps(
    tab: Any, data: dict[str, Any]
) -> None:
    before = paint(tab, "points", "circle-color"), paint(tab, "fill-adm2", "fill-color")
    tab.select_option("#map-measure", LIGHTS)
    after = paint(tab, "points", "circle-color"), paint(tab, "fill-adm2", "fill-color")
    assert before[0] != after[0]
    assert before[1] != after[1]
    for row, level in enumerate(("urban_centre", "adm2")):
        values = [value for value in data["zones"][level]["values"][LIGHTS] if value is not None]
        assert legend(tab, row) == [*class_labels(class_breaks(values)), page_toy.TEXTS["controls.missing"]]
        missing = data["zones"][level]["values"][LIGHTS].index(None)
        assert missing not in [row for arm in after[row == 1][2:-1:2] for row in arm]
    tab.fill("#search-words", "district 3")
    tab.keyboard.press("Enter")
    assert "–\nclouds all year" in card(tab)


def test_growth_has_colours_of_its_own_on_either_side_of_nought(tab: Any, data: dict[str, Any]) -> None:
    tab.select_option("#map-measure", GROWTH)
    words = legend(tab, 0)
    assert any(re.fullmatch(r"-[\d.]+% – 0%", word) for word in words)
    values = data["zones"]["urban_centre"]["values"][GROWTH]
    colours = {
        row: arm for rows, arm in zip(*[iter(paint(tab, "points", "circle-color")[2:-1])] * 2, strict=True) for row in rows
    }
    falling = {colours[row] for row, value in enumerate(values) if value < 0}
    assert falling.isdisjoint({colours[row] for row, value in enumerate(values) if value >= 0})
    tab.select_option("#map-measure", DENSITY)


def test_layers_and_pictures_switch(tab: Any) -> None:
    visible = f"(id) => {MAP}.getLayoutProperty(id, 'visibility') ?? 'visible'"
    tab.uncheck("[data-layer=urban_cluster]")
    assert tab.evaluate(visible, "fill-urban_cluster") == "none"
    tab.uncheck("[data-layer=names]")
    assert tab.locator(".map-names bdi:visible").count() == 0
    tab.check("[data-layer=names]")
    tab.check("[data-layer=urban_cluster]")
    tab.check("[name=map-overlay][value=people]")
    settle(tab)
    assert paint(tab, "fill-adm2", "fill-opacity") == 0
    assert legend(tab, 1) == ["many"]
    tab.check("[name=map-overlay][value='']")
    assert paint(tab, "fill-adm2", "fill-opacity") == 1


def test_names_are_text_and_do_not_collide(tab: Any) -> None:
    names = tab.locator(".map-names bdi:visible")
    assert '<script>alert("x")</script>' in names.all_inner_texts()
    boxes = [names.nth(row).bounding_box() for row in range(names.count())]
    assert len(boxes) > 10
    for row, one in enumerate(boxes):
        for other in boxes[:row]:
            apart_x = one["x"] + one["width"] <= other["x"] + 4 or other["x"] + other["width"] <= one["x"] + 4
            assert apart_x or one["y"] + one["height"] <= other["y"] + 4 or other["y"] + other["height"] <= one["y"] + 4


def test_the_keyboard_alone_moves_the_map_chooses_under_the_cross_and_uses_the_list(tab: Any, data: dict[str, Any]) -> None:
    tab.focus("#search-words")
    reached = []
    for _ in range(6):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.id || document.activeElement.className"))
    assert reached[:4] == ["map-measure", "map-areas", "map-zones", "maplibregl-canvas"]
    tab.focus(".map-canvas canvas")
    start = tab.evaluate(f"{MAP}.getCenter().lng")
    tab.keyboard.press("ArrowRight")
    settle(tab)
    assert tab.evaluate(f"{MAP}.getCenter().lng") > start
    tab.evaluate(f"(at) => {MAP}.jumpTo({{center: at}})", data["zones"]["urban_centre"]["point"][9])
    settle(tab)
    tab.keyboard.press("Enter")
    assert card(tab).startswith("Town 9")
    tab.select_option("#map-zones", "TOY-adm1-1")
    assert card(tab).startswith("East\n")


def test_the_button_of_the_card_leads_to_the_story_and_the_address_opens_a_place(tab: Any) -> None:
    tab.evaluate("() => { location.hash = '#zone=TOY-growth_zone-1'; }")
    tab.locator(".map-card h3", has_text="<b>Steppe</b>").wait_for()
    tab.click(".map-card .story")
    assert tab.evaluate("document.activeElement.id") == "profile-app"


def test_dark_mode_repaints_map_and_chart_while_the_page_is_open(tab: Any) -> None:
    light = paint(tab, "sea", "background-color"), paint(tab, "points", "circle-color")
    tab.locator(".chart-plot svg").wait_for()
    tab.emulate_media(color_scheme="dark")
    tab.locator(".chart-plot svg[style*='rgb(17, 24, 31)']").wait_for()
    assert paint(tab, "sea", "background-color") != light[0]
    assert paint(tab, "points", "circle-color") != light[1]


def test_a_phone_shows_the_card_under_the_map_and_nothing_sticks_out(tab: Any) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.fill("#search-words", "alma")
    tab.keyboard.press("Enter")
    stage, below = tab.locator(".map-stage").bounding_box(), tab.locator(".map-card").bounding_box()
    assert stage["y"] + stage["height"] <= below["y"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_chart_is_drawn_without_eval_and_saved_as_a_picture(tab: Any) -> None:
    tab.locator(".chart.live").wait_for()
    assert "<script>alert" in tab.inner_text(".chart-plot")
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        with tab.expect_download() as waiting:
            tab.get_by_role("button", name=f"Save as {kind}: Sizes of three places").press("Enter")
        assert waiting.value.suggested_filename == f"sizes.{kind.lower()}"
        assert Path(waiting.value.path()).read_bytes().startswith(start)


def test_without_webgl_and_with_a_failing_part_the_rest_still_works(opened: Opener, data: dict[str, Any]) -> None:
    content = page_toy.page(data).replace("<script>report.start()", f"<script>{FAILING}</script><script>report.start()")
    tab = opened(content, script=NO_WEBGL)
    assert "needs WebGL" in tab.inner_text("#map-app .failed")
    assert tab.is_visible("#map-app img[alt='Static map']")
    assert "no luck" in tab.inner_text("#profile-app .failed")
    tab.locator(".chart .failed", has_text="vegaEmbed").wait_for()
    tab.fill("#search-words", "alma")
    tab.keyboard.press("Enter")
    assert card(tab).startswith("Almaty")


def test_a_country_without_cities_or_units_still_has_a_map(opened: Opener, data: dict[str, Any]) -> None:
    bare = {
        **data,
        "levels": [level for level in data["levels"] if level["key"] == "adm0"],
        "overlays": [],
        "lines": {},
        "modelled": False,
    }
    tab = opened(page_toy.page(bare))
    tab.wait_for_selector("#map-app[data-state=ready]", timeout=20_000)
    assert tab.locator("[data-layer]").count() == 0


@pytest.mark.slow
def test_two_thousand_cities_answer_within_seconds(opened: Opener) -> None:
    tab = opened(page_toy.page(page_toy.payload(2_000, (20, 10))))
    tab.fill("#search-words", "town 1999")
    tab.keyboard.press("Enter")
    assert tab.evaluate("performance.now()") < 6_000  # 3 s on a laptop; this draws without a graphics card
    assert card(tab).startswith("Town 1999")
    tab.wait_for_selector("#map-app[data-state=ready]", timeout=30_000)


def test_every_text_of_the_scripts_is_in_the_catalogue_and_no_data_become_markup() -> None:
    scripts = page_toy.asset("app.js") + page_toy.asset("map.js")
    keys = set(re.findall(r'["`](controls\.[a-z_]+)["`]', scripts))
    assert len(keys) > 30
    assert keys <= page_toy.TEXTS.keys()
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(", scripts)
