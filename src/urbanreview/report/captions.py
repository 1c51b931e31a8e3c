"""What a table or figure tells about the measures in it: title, unit, method and reference, as their records have them."""

from collections.abc import Iterable
from dataclasses import dataclass

from urbanreview.measures import measure_of
from urbanreview.report.wording import pretty, pretty_unit


@dataclass(frozen=True, slots=True)
class Note:
    """The record of a measure in words."""

    title: str
    unit: str
    method: str
    reference: str


def notes(measures: Iterable[str]) -> tuple[Note, ...]:
    """Return what to say of measures, each once, in the order given."""
    records = [measure_of(key) for key in dict.fromkeys(measures)]
    return tuple(Note(pretty(r.title), pretty_unit(r.unit), pretty(r.method), r.reference) for r in records)


def told(*measures: str) -> str:
    """Return what measures are, one after another, then where their definitions come from.

    >>> told("system.gini")
    'Gini index: Of the people of settlements; 0 is all of one size. Reference: This project.'
    """
    found = notes(measures)
    words = [f"{note.title} [{note.unit}]: {note.method}" if note.unit else f"{note.title}: {note.method}" for note in found]
    references = list(dict.fromkeys(note.reference for note in found))
    return " ".join([*words, f"Reference{'s' if len(references) > 1 else ''}: {'; '.join(references)}."])
