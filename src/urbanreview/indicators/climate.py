"""Rain and temperature of zones from their own monthly series: usual level, seasons, and change from year to year."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

MONTHS_PER_YEAR = 12
FEWEST_YEARS = 10
"""Years that a spread between years is told from."""
VALID_AT_LEAST = 0.5
"""A month that is known for less of a zone than this part of its best month is another place's."""
RAIN_MM_PER_YEAR = (1.0, 15_000.0)
TEMPERATURE_DEGC = (-60.0, 45.0)
"""What the mean over a country may be; beyond, the units are others."""


@dataclass(frozen=True)
class Months:
    """Monthly series of zones.

    Attributes
    ----------
    zone_ids : Index of str, shape (zones,)
    first_year : int
    values : ndarray of float64, shape (zones, years, 12)
        Rain [mm/month], mean temperature [degC] or days of a month [days]; NaN is missing.
    days : ndarray of float64, shape (years, 12)
        Length of each month by the calendar of the data.
    valid_share : ndarray of float64, shape (zones,)
        Least part of the zone, or of its people, that any of its months is known for.
    """

    zone_ids: pd.Index
    first_year: int
    values: np.ndarray
    days: np.ndarray
    valid_share: np.ndarray

    @property
    def years(self) -> np.ndarray:
        """All years, in order."""
        return self.first_year + np.arange(self.values.shape[1])

    def within(self, reference: tuple[int, int]) -> np.ndarray:
        """Tell which years lie in a period, both ends included."""
        return (self.years >= reference[0]) & (self.years <= reference[1])

    def frame(self, **columns: np.ndarray) -> pd.DataFrame:
        """Return numbers by zone, columns named ``climate.`` and the word, with the valid share."""
        named = {f"climate.{key}": np.asarray(column, dtype=float) for key, column in columns.items()}
        return pd.DataFrame(named | {"valid_share": self.valid_share}, index=self.zone_ids)


def whole_months(
    total: np.ndarray, count: np.ndarray, coverage: np.ndarray, *, wanted: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Keep the months of every zone that are known, in time and in space.

    Parameters
    ----------
    total : ndarray, shape (zones, months)
        Sum over the steps of a month.
    count : ndarray, shape (zones, months)
        Steps with a value.
    coverage : ndarray, shape (zones, months)
        Sum over the steps of the part of the zone with a value.
    wanted : ndarray, shape (months,)
        Steps of a whole month: 1, or its days.

    Returns
    -------
    total : ndarray, shape (zones, months)
        NaN for months with fewer steps than wanted, and for those known for less than half as much of the zone as its
        best month.
    valid_share : ndarray, shape (zones,)
        Least coverage of the months that are left; 0 without any.
    thin : int
        Months left out of zones that have others, although some zone has them.

    Examples
    --------
    The second month lacks a step in all zones; the third is known for a tenth of the zone:

    >>> total, count, coverage = np.array([[6.0, 2.0, 9.0]]), np.array([[2, 1, 2]]), np.array([[1.8, 0.9, 0.2]])
    >>> whole_months(total, count, coverage, wanted=np.array([2, 2, 2]))
    (array([[ 6., nan, nan]]), array([0.9]), 1)
    """
    whole = (count >= wanted) & (count > 0)
    part = np.divide(coverage, count, out=np.zeros(coverage.shape), where=whole)
    best = part.max(axis=1, initial=0.0)[:, None]
    kept = whole & (part >= VALID_AT_LEAST * best)
    thin = whole.any(axis=0) & (best > 0) & ~kept
    valid = np.where(kept.any(axis=1), np.where(kept, part, np.inf).min(axis=1, initial=np.inf), 0.0)
    return np.where(kept, total, np.nan), valid, int(thin.sum())


def yearly_totals(months: Months) -> np.ndarray:
    """Add up the months of every year, shape (zones, years); NaN where one is missing."""
    return months.values.sum(axis=2)


def yearly_means(months: Months) -> np.ndarray:
    """Average the months of every year, each by its days, shape (zones, years); NaN where one is missing."""
    return (months.values * months.days).sum(axis=2) / months.days.sum(axis=1)


def usual(values: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Average over the years of a period that have a value.

    Parameters
    ----------
    values : ndarray, shape (zones, years) or (zones, years, 12)
    within : ndarray of bool, shape (years,)

    Returns
    -------
    ndarray, shape (zones,) or (zones, 12)
        NaN where no year has a value.

    Examples
    --------
    >>> usual(np.array([[1.0, np.nan, 3.0, 50.0]]), np.array([True, True, True, False])).tolist()
    [2.0]
    """
    part = values[:, within]
    there = np.isfinite(part)
    count = there.sum(axis=1)
    total = np.where(there, part, 0.0).sum(axis=1)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def spread(yearly: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return the standard deviation between the years of a period, of a sample (n - 1), shape (zones,); NaN of under ten.

    >>> spread(np.array([[4.0, 6.0] * 5]), np.ones(10, bool)).round(6).tolist()
    [1.054093]
    """
    part = yearly[:, within]
    there = np.isfinite(part)
    count = there.sum(axis=1)
    away = np.where(there, part - usual(yearly, within)[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count >= FEWEST_YEARS, np.sqrt((away**2).sum(axis=1) / (count - 1)), np.nan)


def seasonality(monthly: np.ndarray) -> np.ndarray:
    """How unevenly rain falls over the year.

    Parameters
    ----------
    monthly : ndarray, shape (..., 12)
        Rain [mm/month].

    Returns
    -------
    ndarray, shape (...)
        Sum of the months' distances from a twelfth of the year's rain, over the year's rain: 0 if all are equal, 11 / 6 if
        all falls in one. NaN where a month is missing or no rain falls.

    Notes
    -----
    Walsh and Lawler (1981), doi 10.1002/j.1477-8696.1981.tb05400.x. Of the mean year it is smaller than the mean over the
    years, more so the less the wet months are the same from year to year.

    Examples
    --------
    >>> seasonality(np.array([[12.0] * 12, [144.0] + [0.0] * 11])).round(4).tolist()
    [0.0, 1.8333]
    """
    year = monthly.sum(axis=-1)
    uneven = np.abs(monthly - year[..., None] / MONTHS_PER_YEAR).sum(axis=-1)
    return np.divide(uneven, year, out=np.full(year.shape, np.nan), where=year > 0)


def wettest_share(monthly: np.ndarray) -> np.ndarray:
    """Part of the year's rain that falls in its wettest month, shape (...) of (..., 12); NaN without rain.

    >>> wettest_share(np.array([30.0] + [10.0] * 11)).round(6).item()
    0.214286
    """
    year = monthly.sum(axis=-1)
    return np.divide(monthly.max(axis=-1), year, out=np.full(year.shape, np.nan), where=year > 0)


def default_reference(months: Months) -> tuple[int, int]:
    """Return the first and the last year with all its months in some zone; of all years if there is none.

    Examples
    --------
    2019 lacks its first month:

    >>> values = np.ones((1, 3, 12))
    >>> values[0, 0, 0] = np.nan
    >>> default_reference(Months(pd.Index(["a"]), 2019, values, np.full((3, 12), 30.0), np.ones(1)))
    (2020, 2021)
    """
    whole = np.isfinite(months.values).all(axis=2).any(axis=0)
    years = months.years[whole] if whole.any() else months.years
    return int(years[0]), int(years[-1])


def rain_normals(months: Months, reference: tuple[int, int]) -> pd.DataFrame:
    """Usual rain of every zone and how it varies.

    Parameters
    ----------
    months : Months
        Rain [mm/month].
    reference : (int, int)
        First and last year.

    Returns
    -------
    DataFrame, by zone id
        ``climate.precipitation`` [mm/year]: mean over the reference years with all their months;
        ``climate.precipitation_cv`` [1]: their standard deviation over it, of ten years at least;
        ``climate.wettest_month_share`` [1] of the mean year; ``valid_share``.

    Examples
    --------
    Ten years of 12 mm a month, and of 18 in every second:

    >>> values = np.full((1, 10, 12), 12.0)
    >>> values[:, 1::2] = 18.0
    >>> months = Months(pd.Index(["a"]), 2001, values, np.full((10, 12), 30.0), np.ones(1))
    >>> rain_normals(months, (2001, 2010)).round(4).values.tolist()
    [[180.0, 0.2108, 0.0833, 1.0]]
    """
    within, yearly = months.within(reference), yearly_totals(months)
    mean = usual(yearly, within)
    cv = np.divide(spread(yearly, within), mean, out=np.full(mean.shape, np.nan), where=mean > 0)
    wettest = wettest_share(usual(months.values, within))
    return months.frame(precipitation=mean, precipitation_cv=cv, wettest_month_share=wettest)


def temperature_normals(months: Months, reference: tuple[int, int]) -> pd.DataFrame:
    """Usual temperature of every zone and how it varies.

    Parameters
    ----------
    months : Months
        Mean temperature [degC].
    reference : (int, int)
        First and last year.

    Returns
    -------
    DataFrame, by zone id
        ``climate.temperature`` [degC]: mean over the reference years with all their months, months weighted by their days;
        ``climate.temperature_sd`` [degC] between them, of ten years at least; ``valid_share``.

    Examples
    --------
    >>> values = np.full((1, 10, 12), 10.0)
    >>> values[:, 1::2] = 11.0
    >>> months = Months(pd.Index(["a"]), 2001, values, np.full((10, 12), 30.0), np.ones(1))
    >>> temperature_normals(months, (2001, 2010)).round(4).values.tolist()
    [[10.5, 0.527, 1.0]]
    """
    within, yearly = months.within(reference), yearly_means(months)
    return months.frame(temperature=usual(yearly, within), temperature_sd=spread(yearly, within))


def rain_anomaly(yearly: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Departure of every year from the usual rain, as a part of it: shape (zones, years); NaN where the usual is none.

    >>> rain_anomaly(np.array([[90.0, 120.0]]), np.array([100.0])).round(9).tolist()
    [[-0.1, 0.2]]
    """
    usual_rain = np.where(mean > 0, mean, np.nan)[:, None]
    return yearly / usual_rain - 1.0


def listed_years(years: Sequence[int], most: int = 5) -> str:
    """Name a few years for a message.

    >>> listed_years([2001, 2002]), listed_years(range(1991, 2021))
    ('2001, 2002', '1991, 1992, 1993, 1994, 1995 and 25 more')
    """
    more = f" and {len(years) - most} more" if len(years) > most else ""
    return ", ".join(str(year) for year in years[:most]) + more
