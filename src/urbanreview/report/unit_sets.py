"""The settlements that tables and figures of the system of cities are about: which, how large, and how they grew."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanreview.report.columns import age, parts_of
from urbanreview.report.result import Review
from urbanreview.report.system import system_tables
from urbanreview.report.tables import people_inside, primary_column, review_columns, wide_table

GROWTH = "population.growth_rate"
_WORDS = {"urban_centre": "Cities", "urban_cluster": "Cities and towns"}


@dataclass(frozen=True, slots=True)
class UnitSet:
    """Settlements of one level from a cut-off on, and the row of numbers about them.

    Attributes
    ----------
    level : str
    cutoff : float
        [people]
    numbers : dict of str to float
        By measure; NaN where missing.
    """

    level: str
    cutoff: float
    numbers: dict[str, float]

    @property
    def title(self) -> str:
        """Words for a heading.

        >>> UnitSet("urban_centre", 50_000, {}).title
        'Cities: urban centres from 50,000 people'
        """
        name = _WORDS.get(self.level, "Settlements")
        return f"{name}: {self.units}" + (f" from {self.cutoff:,.0f} people" if self.cutoff else "")

    @property
    def units(self) -> str:
        """Which settlements, in words."""
        return self.level.replace("_", " ") + "s"


def unit_sets(review: Review, period: str = "") -> list[UnitSet]:
    """Return the unit sets of the review's own population, cities first.

    Parameters
    ----------
    review : Review
    period : str, optional
        Year or span of the numbers; the population's own without it.
    """
    table = system_tables(review).get("city_system", pd.DataFrame(columns=["source", "period"]))
    rows = table[(table["source"] == review.population_source) & (table["period"] == (period or review.population_period))]
    return [UnitSet(row["units"], float(row["cutoff"]), _numbers(row)) for row in rows.to_dict("records")]


def _numbers(row: Mapping[Hashable, object]) -> dict[str, float]:
    return {str(name): value for name, value in row.items() if isinstance(value, float)}


def sizes(review: Review, units: UnitSet) -> pd.DataFrame:
    """Return name and people of the settlements of a unit set, the largest first, by zone id."""
    table = wide_table(review, units.level)
    people = people_inside(table, review)
    found = pd.DataFrame({"name": table["name"], "name_ascii": table.get("name_ascii"), "people": people})
    return found[(people >= units.cutoff) & (people > 0)]


@dataclass(frozen=True, slots=True)
class Grown:
    """How settlements grew.

    Attributes
    ----------
    period : str
        Span of years.
    boundary : str
        ``moving``: each date in its own extent; ``fixed``: both on the ground of the last.
    table : DataFrame
        Name, people at first [people] and rate [1/year], by zone id, the largest first.
    """

    period: str
    boundary: str
    table: pd.DataFrame


def grown(review: Review, units: UnitSet) -> Grown | None:
    """Return the growth of a unit set over the longest span that ends with the review's own population; None without."""
    table = wide_table(review, units.level)
    columns = [
        column
        for column in review_columns(review)
        if column.measure == GROWTH
        and column.source == review.population_source
        and column.period.endswith(f"/{review.population_period}")
        and column.name in table
        and table[column.name].notna().any()
    ]
    column = min(columns, key=lambda each: (years_of(each.period)[0], _boundary(each.variant) != "moving"), default=None)
    if column is None:
        return None
    first, last = years_of(column.period)
    boundary = _boundary(column.variant)
    total = primary_column(review, "population.total")
    now = people_inside(table, review) if boundary == "moving" or total is None else table[total.name]
    rate = table[column.name]
    found = pd.DataFrame({"name": table["name"], "name_ascii": table.get("name_ascii"), "rate": rate})
    found["before"] = now * np.exp(-rate * (last - first))
    found = found[found["before"].gt(0)]
    return Grown(column.period, boundary, found) if len(found) else None


def _boundary(variant: str) -> str:
    return parts_of(variant).get("boundary", "")


def years_of(period: str) -> tuple[int, int]:
    """Return the first and the last year of a span.

    >>> years_of("2000/2020"), years_of("2018")
    ((2000, 2020), (2018, 2018))
    """
    (last, _), (first, _) = age(period)
    return first, last
