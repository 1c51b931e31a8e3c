"""A method box per indicator: what it is, why it matters, how it is made, how to read it, and what to beware of."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from urbanreview.report.web.strings import ENGLISH

PARTS = ("what", "why", "how", "read", "caveat")
FOLDER = files("urbanreview.report.web").joinpath("methods")


@dataclass(frozen=True, slots=True)
class MethodBox:
    """The box of an indicator: its section of the page, the measures that it is about, and its words by `PARTS`."""

    key: str
    title: str
    section: str
    measures: tuple[str, ...]
    words: Mapping[str, str]

    @property
    def anchor(self) -> str:
        """Where the box stands on the page."""
        return f"method-{self.key.replace('_', '-')}"


@cache
def method_boxes(language: str) -> tuple[MethodBox, ...]:
    """Return the boxes of all indicators, in report order; what the language lacks is English.

    Parameters
    ----------
    language : str
        One of `urbanreview.report.web.strings.languages`.

    Examples
    --------
    >>> people = method_boxes("en")[0]
    >>> people.title, people.anchor, people.measures[0], sorted(people.words)
    ('People', 'method-people', 'population.total', ['caveat', 'how', 'read', 'what', 'why'])
    """
    english = written(ENGLISH)
    own = english if language == ENGLISH else written(language)
    return tuple(_box(key, entry, {**entry, **own.get(key, {})}) for key, entry in english.items())


def _box(key: str, entry: Mapping[str, Any], words: Mapping[str, Any]) -> MethodBox:
    told = MappingProxyType({part: str(words[part]) for part in PARTS})
    return MethodBox(key, str(words["title"]), entry["section"], tuple(entry["measures"]), told)


def written(language: str) -> dict[str, dict[str, Any]]:
    """Return what the file of a language itself says, by indicator."""
    return tomllib.loads(FOLDER.joinpath(f"{language}.toml").read_text(encoding="utf-8"))


def boxes_of(measures: Iterable[str], language: str, *, sections: Iterable[str] = ()) -> list[MethodBox]:
    """Return the boxes that speak of one of some measures, and those without measures whose section there is.

    >>> [box.key for box in boxes_of(["air.pm25", "air.share"], "en", sections=["sensitivity"])]
    ['sensitivity', 'fine_dust']
    """
    used, there = set(measures), set(sections)
    return [box for box in method_boxes(language) if used & set(box.measures) or (not box.measures and box.section in there)]
