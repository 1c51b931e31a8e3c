"""The words of the page are there in every language, and say the same with the same numbers."""

import ast
import re
import unicodedata
from pathlib import Path

import pytest

import urbanreview
from urbanreview.errors import UnknownName
from urbanreview.indicators import FLAGS
from urbanreview.measures import BY_KEY
from urbanreview.report.page import FIGURES, STARTS
from urbanreview.report.rasters import DEGREE_OF_UNITS, DEGREE_OF_URBANISATION
from urbanreview.report.tables import SETTLEMENTS
from urbanreview.report.web.strings import ENGLISH, catalogue, languages, texts
from urbanreview.report.wording import pretty, pretty_unit

SOURCES = [path for path in Path(urbanreview.__file__).parent.rglob("*") if path.suffix in {".py", ".js", ".j2"}]
ASKED_FOR_BY_PART = (
    "captions.", "cards.what_", "chart.", "controls.method_", "controls.save_", "flags.", "levels.", "measures.",
    "messages.", "numbers.", "profile.flag_", "profile.land_", "themes.", "topics.", "units.",
)  # fmt: skip
"""Keys that begin so are put together where they are asked for."""
OTHERS = [code for code in languages() if code != ENGLISH]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{(\w*)}", text))


def test_the_catalogues_are_english_french_kazakh_and_russian():
    assert languages() == ("en", "fr", "kk", "ru")


def test_an_unknown_language_is_refused_with_the_known_ones():
    with pytest.raises(UnknownName, match="Unknown language 'de'"):
        texts("de")


@pytest.mark.parametrize("language", OTHERS)
def test_english_has_every_key_of_the_other_languages(language):
    assert set(catalogue(language)) <= set(texts(ENGLISH))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_translates_every_string(language):
    assert sorted(set(texts(ENGLISH)) - set(catalogue(language))) == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_those_of_english(language):
    english = texts(ENGLISH)
    differ = {key for key, text in catalogue(language).items() if placeholders(text) != placeholders(english[key])}
    assert differ == set()


@pytest.mark.parametrize("language", languages())
def test_no_string_is_empty_or_has_blanks_around_it(language):
    bad = [key for key, text in texts(language).items() if not text or (text != text.strip() and key != "numbers.thousands")]
    assert bad == []


@pytest.mark.parametrize(("language", "letters"), [("ru", "CYRILLIC"), ("kk", "CYRILLIC"), ("fr", "LATIN")])
def test_titles_of_measures_are_in_the_letters_of_the_language(language, letters):
    for key, title in catalogue(language).items():
        if key.startswith("measures."):
            first = next(letter for letter in title if letter.isalpha())
            assert unicodedata.name(first).startswith(letters), (key, title)


def test_english_titles_of_measures_are_those_of_their_records_and_stand_in_no_catalogue():
    assert not any(key.startswith("measures.") for key in catalogue(ENGLISH))
    for key, record in BY_KEY.items():
        assert texts(ENGLISH)[f"measures.{key}"] == pretty(record.title)


@pytest.mark.parametrize("language", OTHERS)
def test_two_measures_of_a_theme_never_share_a_title(language):
    titles = [(key.split(".")[1], text) for key, text in catalogue(language).items() if key.startswith("measures.")]
    assert len(titles) == len(set(titles)) == len(BY_KEY)


def test_what_a_language_lacks_is_english(monkeypatch):
    from urbanreview.report.web import strings

    short = {"controls.search": "Chercher"}
    monkeypatch.setattr(strings, "catalogue", lambda language: short if language == "fr" else catalogue(language))
    found = strings.texts.__wrapped__("fr")
    assert found["controls.search"] == "Chercher"
    assert found["controls.layers"] == "Layers"
    assert found["measures.population.total"] == "People"


def test_every_theme_unit_level_class_flag_and_figure_has_its_word():
    english = texts(ENGLISH)
    wanted = {f"themes.{key.partition('.')[0]}" for key in BY_KEY}
    wanted |= {f"levels.{level}" for level in (*SETTLEMENTS, "adm0", "adm1", "adm2", "adm3", "adm4", "hexagon")}
    wanted |= {f"levels.class_{code}" for code in DEGREE_OF_URBANISATION} | {f"levels.unit_{code}" for code in DEGREE_OF_UNITS}
    wanted |= {f"flags.{flag.key.replace(' ', '_')}" for flag in FLAGS}
    wanted |= {f"captions.{name.rstrip('_')}" for name in (*FIGURES, *STARTS)}
    assert wanted <= set(english)
    for record in BY_KEY.values():
        if pretty_unit(record.unit):
            assert english[f"units.{record.unit}"] == pretty_unit(record.unit)
    for code, (name, _) in DEGREE_OF_URBANISATION.items():
        assert english[f"levels.class_{code}"] == name
    for code, name in DEGREE_OF_UNITS.items():
        assert english[f"levels.unit_{code}"] == name
    for flag in FLAGS:
        assert english[f"flags.{flag.key.replace(' ', '_')}"] == flag.key
    for name, (words, _) in (*FIGURES.items(), *STARTS.items()):
        assert english[f"captions.{name.rstrip('_')}"] == words


def test_every_string_is_asked_for_by_its_key_or_stands_in_the_page_as_a_text():
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES)
    lone = {
        key
        for key, text in catalogue(ENGLISH).items()
        if not key.startswith(ASKED_FOR_BY_PART)
        and text not in source
        and not re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.-])", source)
    }
    assert lone == set()


def test_every_sentence_with_gaps_has_its_pattern_in_the_catalogue():
    trees = [
        ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES if path.suffix == ".py" and "/report/" in str(path)
    ]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    phrases = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "Phrase"]
    patterns = {node.args[0].value for node in phrases if isinstance(node.args[0], ast.Constant)}
    assert len(patterns) > 10
    assert patterns <= set(catalogue(ENGLISH).values())


def test_the_words_cannot_be_changed():
    with pytest.raises(TypeError):
        texts("fr")["controls.search"] = "x"  # type: ignore[index]
