"""What key messages are made of, and what they look up in a review."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from urbanreview.report.columns import FLAGS, Column
from urbanreview.report.highlights import LARGEST
from urbanreview.report.result import Review
from urbanreview.report.tables import (
    COUNTRY,
    level_tables,
    people_inside,
    primary_column,
    review_columns,
    wide_table,
)
from urbanreview.report.unit_sets import UnitSet, sizes

CITIES = "urban_centre"
LIGHT, LIGHT_GROWTH, RATIO = "lights.per_person", "lights.growth", "land.consumption_ratio"
REACH_MINUTES = 60
MOST_HAZARDS = 2
FLAG_TOPICS: Mapping[str, tuple[str, ...]] = {"few source cells": ("air", "air_city", "temperature", "precipitation")}
"""Flags that bear on some topics alone; the others bear on all."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number and how it is said: see `said`."""

    value: float
    kind: str


@dataclass(frozen=True, slots=True)
class Span:
    """Years from the first to the last."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Flags:
    """Plausibility flags by their keys."""

    keys: tuple[str, ...]


Value = Quantity | Span | Flags | str


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the largest that a number is.

    ``key`` says over what: ``range_scenarios``, ``range_variants`` (of sources or rules), ``range_bounds`` or
    ``range_interval``; `count` says over how many.
    """

    low: Quantity
    high: Quantity
    key: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence and where its number stands.

    Attributes
    ----------
    topic : str
        What it is about: a key of the section ``topics`` of the texts.
    text_key : str
        A key of the section ``messages``.
    values : mapping of str to Value
        What fills in the sentence, by placeholder.
    anchor : str
        Where on the page: a section such as ``#centres``, or a zone as ``#zone=<id>``.
    table, column, zone : str
        The cell of the stored table; zone is empty where the number is of many rows.
    range : Range or None
    withheld : str
        A key of ``messages`` that says why the sentence must not be said; empty where it may.
    """

    topic: str
    text_key: str
    values: Mapping[str, Value]
    anchor: str
    table: str
    column: str
    zone: str = ""
    range: Range | None = None
    withheld: str = field(default="")


def of_country(review: Review, topic: str, values: Mapping[str, Value], anchor: str, column: Column) -> Message:
    """Return a message about the country."""
    zone = country_id(review)
    message = Message(topic, topic, values, anchor, level_tables(review).get(COUNTRY, ""), column.name, zone)
    return checked(review, message, zones=[zone])


def checked(review: Review, message: Message, *, zones: Iterable[str], flips: bool = False) -> Message:
    """Withhold a message of flagged zones, or of a city that is another one under another source or rule."""
    known = review.zones.get(FLAGS, pd.Series("", index=review.zones.index)).fillna("").astype(str)
    flags = [flag for zone in zones if zone for flag in known[zone].split("; ") if flag]
    flags = [flag for flag in flags if message.topic in FLAG_TOPICS.get(flag, (message.topic,))]
    if flags:
        values = {**message.values, "flags": Flags(tuple(dict.fromkeys(flags)))}
        return replace(message, values=values, withheld="withheld_flags")
    return replace(message, withheld="withheld_rank") if flips else message


def over_scenarios(review: Review, column: str, kind: str) -> Range | None:
    """Return the range of a column over the scenarios; None of fewer than two."""
    table = review.comparison.get("scenarios", pd.DataFrame())
    return range_of(table[column], kind, "range_scenarios") if column in table else None


def range_of(values: Sequence[float] | pd.Series, kind: str, key: str) -> Range | None:
    """Return the range of two numbers or more; None of fewer."""
    known = pd.Series(values, dtype=float).dropna()
    if len(known) < 2:
        return None
    return Range(Quantity(float(known.min()), kind), Quantity(float(known.max()), kind), key, len(known))


def in_scenarios(review: Review, zone: str) -> pd.DataFrame:
    """Return the rows of a city in all scenarios."""
    table = review.comparison.get("scenario_cities", pd.DataFrame(columns=["zone_id", "people", "rank"]))
    return table[table["zone_id"] == zone]


def is_first_everywhere(review: Review, zone: str) -> bool:
    """Tell whether a city is the largest in every scenario."""
    return bool((in_scenarios(review, zone)["rank"] == 1).all())


def leads(values: pd.Series, zone: str) -> bool:
    """Tell whether a zone has the most of all, alone or with others."""
    return bool(values.get(zone, np.nan) >= values.max())


def same_period(review: Review, measure: str, period: str) -> list[Column]:
    """Return the columns of a measure in a period, of all sources and variants."""
    return [column for column in review_columns(review) if column.measure == measure and column.period == period]


def largest(review: Review, column: Column) -> pd.Series:
    """Return the numbers of the largest cities, those that have one, by zone id."""
    table = wide_table(review, CITIES).head(LARGEST)
    return table[column.name].dropna() if column.name in table else pd.Series(dtype=float)


def people_of_cities(review: Review) -> pd.Series:
    """Return the people inside the country of every city, the largest first, by zone id."""
    return sizes(review, UnitSet(CITIES, 0.0, {}))["people"]


def people_column(review: Review) -> str:
    """Return the name of the column that holds the people of cities."""
    table = wide_table(review, CITIES)
    columns = (primary_column(review, measure) for measure in ("population.inside", "population.total"))
    return next(
        (c.name for c in columns if c is not None and c.name in table and people_inside(table, review).notna().any()), ""
    )


def zone_name(review: Review, zone: str) -> str:
    """Return the name of a zone."""
    return str(review.zones.loc[zone, "name"])


def country_id(review: Review) -> str:
    """Return the zone id of the country; empty if it is no zone."""
    return str(next(iter(review.zones.index[review.zones["level"] == COUNTRY]), ""))


def column_name(column: Column | None) -> str:
    """Return the name of a column; empty without one."""
    return "" if column is None else column.name
