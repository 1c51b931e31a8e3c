"""Look numbers up in a long table: by zone, and by zone and period."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, cast

import numpy as np
import pandas as pd

from urbanreview.steps.themes import Answers

Groups: TypeAlias = dict[tuple[str, str, str], np.ndarray]
NEAREST_WITHIN_YEARS = 5
"""Beyond the years that there are, the nearest one stands for a year no farther away than this."""


@dataclass(frozen=True)
class Known:
    """Numbers of a review, as rows of the long table."""

    values: pd.DataFrame

    @cached_property
    def _by_key(self) -> dict[tuple[str, str, str], pd.DataFrame]:
        told = self.values.set_index("zone_id")
        groups = cast(Groups, told.groupby(["measure", "source", "period"], sort=False).indices)
        return {(str(m), str(s), str(p)): told.iloc[rows] for (m, s, p), rows in groups.items()}

    def periods(self, measure: str, source: str) -> list[str]:
        """List the periods that a measure has from a source."""
        return sorted(period for key, origin, period in self._by_key if (key, origin) == (measure, source))

    def at(self, measure: str, source: str, period: str) -> pd.DataFrame:
        """Return ``value``, ``valid_share`` and ``variant`` by zone; without rows if there are none."""
        columns = ["value", "valid_share", "variant"]
        found = self._by_key.get((measure, source, period))
        empty = pd.DataFrame(columns=columns, index=pd.Index([], name="zone_id", dtype="str"))
        return empty if found is None else found[columns]

    def value(self, measure: str, source: str, period: str) -> pd.Series:
        """Return the numbers of one measure by zone."""
        return self.at(measure, source, period)["value"].astype(float)

    def two(self, measure: str, source: str, before: int, after: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return what `at` does for two years, for the zones that have both."""
        first, last = self.at(measure, source, str(before)), self.at(measure, source, str(after))
        zones = first.index.intersection(last.index)
        return first.loc[zones], last.loc[zones]

    def newest(self, measure: str, source: str) -> pd.DataFrame:
        """Return what `at` does for the newest year that a measure has; years alone, no months and no spans."""
        years = [period for period in self.periods(measure, source) if len(period) == 4]
        return self.at(measure, source, years[-1] if years else "").astype({"value": float, "valid_share": float})

    def in_year(self, measure: str, source: str, year: int) -> tuple[pd.Series, str]:
        """Return a number of every zone in a year, and the years that it comes from, such as ``2010+2020``.

        Between two years that are there the numbers are interpolated, at a constant rate of growth where both are above
        zero; beyond them the nearest year counts if it is at most five years away. Zones that lack one of the years are left
        out.
        """
        years = [int(period) for period in self.periods(measure, source) if len(period) == 4]
        used = _years_around(years, year)
        if not used:
            return pd.Series(dtype=float), ""
        first, last = (self.value(measure, source, str(each)) for each in (used[0], used[-1]))
        zones = first.index.intersection(last.index)
        return _between(first[zones], last[zones], used, year), "+".join(map(str, dict.fromkeys(used)))


def _years_around(years: Sequence[int], year: int) -> tuple[int, ...]:
    """Return the year itself, the two around it, or the nearest one if it is near.

    >>> _years_around([2000, 2010], 2010), _years_around([2000, 2010], 2004), _years_around([2000, 2010], 2014)
    ((2010,), (2000, 2010), (2010,))
    >>> _years_around([2000, 2010], 2016), _years_around([], 2000)
    ((), ())
    """
    if year in years:
        return (year,)
    before, after = [each for each in years if each < year], [each for each in years if each > year]
    if before and after:
        return (max(before), min(after))
    near = [each for each in years if abs(each - year) <= NEAREST_WITHIN_YEARS]
    return (min(near, key=lambda each: abs(each - year)),) if near else ()


def _between(first: pd.Series, last: pd.Series, used: Sequence[int], year: int) -> pd.Series:
    """Interpolate at a constant rate, or along a line where one of the dates has nothing.

    >>> _between(pd.Series([100.0, 0.0]), pd.Series([400.0, 8.0]), (2000, 2010), 2005).round(9).tolist()
    [200.0, 4.0]
    """
    if len(used) == 1:
        return first
    part = (year - used[0]) / (used[-1] - used[0])
    both = (first > 0) & (last > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.exp(np.log(first) * (1 - part) + np.log(last) * part)
    return rate.where(both, first * (1 - part) + last * part)


def known_of(answers: Sequence[Answers]) -> Known:
    """Gather the rows of several answers."""
    return Known(pd.concat([part.values for part in answers if len(part.values)], ignore_index=True))


def least_valid(*parts: pd.DataFrame) -> pd.Series:
    """Return the least valid share of every zone."""
    return pd.concat([part["valid_share"].astype(float) for part in parts], axis=1).min(axis=1)


def stacked(rows: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put rows of the long table under one another."""
    there = [row for row in rows if len(row)]
    return pd.concat(there, ignore_index=True) if there else pd.DataFrame()
