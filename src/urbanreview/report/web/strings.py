"""The words of the page in every language: one catalogue each, English complete, the others over it."""

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from urbanreview.errors import UnknownName
from urbanreview.measures import BY_KEY
from urbanreview.report.wording import Phrase, pretty

ENGLISH = "en"
CATALOGUES = files("urbanreview.report.web").joinpath("strings")


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a catalogue, English first.

    >>> languages()
    ('en', 'fr', 'kk', 'ru')
    """
    found = sorted(entry.name.removesuffix(".toml") for entry in CATALOGUES.iterdir() if entry.name.endswith(".toml"))
    return (ENGLISH, *(code for code in found if code != ENGLISH))


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return every string of the page in a language, by section and key.

    Parameters
    ----------
    language : str
        One of `languages`.

    Returns
    -------
    mapping of str to str
        Such as ``controls.search`` and ``measures.population.total``; words in braces are to be filled in. What the language
        lacks is English. Titles of measures in English are those of their records.

    Raises
    ------
    UnknownName
        If there is no catalogue of the language.

    Examples
    --------
    >>> texts("fr")["controls.search"], texts("en")["measures.population.total"]
    ('Rechercher', 'People')
    """
    if language not in languages():
        raise UnknownName("language", language, known=languages())
    titles = {f"measures.{key}": pretty(record.title) for key, record in BY_KEY.items()}
    return MappingProxyType(titles | catalogue(ENGLISH) | catalogue(language))


def catalogue(language: str) -> dict[str, str]:
    """Return the strings that stand in the catalogue of a language itself, by section and key."""
    sections = tomllib.loads(CATALOGUES.joinpath(f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{key}": text for section, entries in sections.items() for key, text in entries.items()}


def said_in(language: str) -> Callable[[str], str]:
    """Return what gives the words of a language for a text that stands in the English catalogue, and other texts as they are.

    >>> say = said_in("fr")
    >>> say("Districts, by people"), say("Ai"), say(Phrase("1 in {years} years", years=10))
    ('Districts, par population', 'Ai', 'une fois en 10 ans')
    """
    return saying(texts(language).__getitem__)


def saying(t: Callable[[str], str]) -> Callable[[str], str]:
    """Return what says English texts by a function that gives the words of their keys; others stay as they are."""
    keys = {text: key for key, text in catalogue(ENGLISH).items()}

    def say(text: str) -> str:
        if not isinstance(text, Phrase):
            return t(keys[text]) if text in keys and "{" not in text else text
        values = {name: say(value) if isinstance(value, str) else value for name, value in text.values.items()}
        return (t(keys[text.pattern]) if text.pattern in keys else text.pattern).format(**values)

    return say
