"""Generated pages are in step with the code they are made from, and tell about everything there is."""

from importlib import util
from pathlib import Path

import pytest

from urbanreview.cli import main
from urbanreview.config import Settings
from urbanreview.measures import MEASURES

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generate.py"
REFERENCE = ("settings", "measures", "cli")

pytestmark = pytest.mark.skipif(not GENERATOR.exists(), reason="docs/generate.py is not there")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    spec = util.spec_from_file_location("docs_generate", GENERATOR)
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {str(path): text for path, text in module.pages().items()}


def page_of(pages: dict[str, str], name: str) -> str:
    (text,) = [text for path, text in pages.items() if path.endswith(f"reference/{name}.md")]
    return text


def test_the_pages_on_disk_are_those_the_generator_writes(pages):
    assert {f"{name}.md" for name in REFERENCE} <= {Path(path).name for path in pages}
    for path, text in pages.items():
        place = ROOT / "docs" / path
        assert place.is_file(), f"{path} is not written: make docs"
        assert place.read_text(encoding="utf-8") == text, f"{path} is out of step: make docs"


def test_every_setting_stands_on_its_page(pages):
    text = page_of(pages, "settings")
    for section in Settings.model_fields:
        if section != "base":
            assert f"[{section}" in text, section


def test_what_is_required_within_an_optional_section_is_said_to_be_so_only_there(pages):
    text = page_of(pages, "settings")
    part = text[text.index("## [lights.flares]") :].partition("\n## ")[0]
    assert "Optional; the required keys are so where the section is there." in part
    assert "| `path` | text | required |" in part
    assert "| `radius_km` | number above 0 | `5.0` |" in part
    lights = text[text.index("## [lights]") :].partition("\n## ")[0]
    assert "`flares`" not in lights


def test_every_measure_stands_on_its_page(pages):
    text = page_of(pages, "measures")
    for measure in MEASURES:
        for word in (measure.key, measure.title, measure.unit, measure.method, measure.reference):
            assert word in text, measure.key


def test_every_theme_leads_to_the_page_of_its_method(pages):
    text = page_of(pages, "measures")
    for measure in MEASURES:
        assert (ROOT / measure.page).is_file(), measure.key
        part = text[text.index(f"## {measure.theme}\n") :].partition("\n### ")[0]
        assert f"[{measure.page}](../{measure.page.removeprefix('docs/')})" in part


def test_every_command_and_option_stands_on_its_page(pages):
    text = page_of(pages, "cli")
    for name, command in main.commands.items():
        assert f"urbanreview {name}" in text
        for parameter in command.params:
            assert all(option in text for option in parameter.opts if option.startswith("--")), f"{name} {parameter.opts}"


def test_the_manual_names_nothing_of_one_machine():
    for path in sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*")]):
        text = path.read_text(encoding="utf-8")
        for word in ("/home/", "/root/", "/Users/", "C:\\"):
            assert word not in text, f"{path.name}: {word}"
