"""Night lights over the years: growth, trend, and where the series itself changes its level."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.stats import theilslopes

from urbanreview.ledger import Ledger

BREAKS = ("2017-04", "2018-01")
"""First months of a new level in the monthly VIIRS composites of the bucket "Light Every Night": up to 2017-03 its
folders are ``rp2`` with another background, from 2018-01 the cloud mask is ``ecm`` in place of ``vcm``."""
ALL_MONTHS = tuple(range(1, 13))
FEWEST_YEARS = 3
CONFIDENCE = 0.95


def growth(first: pd.Series, last: pd.Series, *, years: float) -> pd.Series:
    """Growth of light per year between two dates.

    Parameters
    ----------
    first, last : Series, by zone id
        Light of the two dates, such as ``lights.sum_area``.
    years : float
        Time between them, above zero [years].

    Returns
    -------
    Series, named ``lights.growth``
        ``(last / first) ** (1 / years) - 1`` [1/year]; missing unless both are above zero.

    Examples
    --------
    From 100 to 121 in two years:

    >>> growth(pd.Series({"a": 100.0, "b": 0.0}), pd.Series({"a": 121.0, "b": 5.0}), years=2).round(9).tolist()
    [0.1, nan]
    """
    before, after = first.where(first > 0), last.reindex(first.index).where(lambda light: light > 0)
    return ((after / before) ** (1 / years) - 1).rename("lights.growth")


def theil_sen(values: pd.DataFrame) -> pd.DataFrame:
    """Trend of every zone over the years: the median of the slopes of all pairs of years.

    Parameters
    ----------
    values : DataFrame, zones by years
        ``lights.sum_area`` of each year [nW/cm2/sr*km2]; columns are years, as numbers or words; NaN is missing.

    Returns
    -------
    DataFrame, indexed as `values`
        ``lights.trend`` [nW/cm2/sr*km2/year] and its 95 % interval ``lights.trend_low``, ``lights.trend_high``.
        Missing with fewer than three years.

    Notes
    -----
    Sen (1968), doi 10.1080/01621459.1968.10480934, as in ``scipy.stats.theilslopes``: the interval comes from the ranks of
    the slopes, by their normal approximation. Of three years it is the whole range of slopes, which promises less than
    95 %.

    Examples
    --------
    The slopes of three years are 1, 4 and, over two years, 2.5:

    >>> years = pd.DataFrame([[10.0, 11.0, 15.0], [10.0, np.nan, 15.0]], index=["a", "b"], columns=[2018, 2019, 2020])
    >>> theil_sen(years).values.tolist()
    [[2.5, 1.0, 4.0], [nan, nan, nan]]
    """
    years = values.columns.to_numpy().astype(float)
    rows = []
    for series in values.to_numpy(dtype=float):
        there = np.isfinite(series)
        if there.sum() < FEWEST_YEARS:
            rows.append((np.nan,) * 3)
        else:
            found = theilslopes(series[there], years[there], alpha=CONFIDENCE)
            rows.append((found.slope, found.low_slope, found.high_slope))
    columns = ["lights.trend", "lights.trend_low", "lights.trend_high"]
    return pd.DataFrame(rows, index=values.index, columns=columns, dtype=float)


def breaks_between(
    first_period: str, last_period: str, breaks: Sequence[str] = BREAKS, *, months: Sequence[int] = ALL_MONTHS
) -> tuple[str, ...]:
    """Level breaks between two dates, or within one.

    Parameters
    ----------
    first_period, last_period : str
        ``2016`` or ``2016-03``; the earlier one first.
    breaks : sequence of str
        First months of a new level.
    months : sequence of int
        Months that a year is made of. Of a yearly product that is not made of monthly ones `breaks` are its own.

    Returns
    -------
    tuple of str
        Every break after the first month of the first period, up to the last month of the last one.

    Examples
    --------
    A year of April to October 2017 begins with the new level; one of twelve months holds the break:

    >>> breaks_between("2016", "2017", months=range(4, 11)), breaks_between("2017", "2017", months=range(4, 11))
    (('2017-04',), ())
    >>> breaks_between("2017", "2017"), breaks_between("2017-03", "2018-01")
    (('2017-04',), ('2017-04', '2018-01'))
    """
    begin = f"{first_period}-{min(months):02}" if len(first_period) == 4 else first_period
    end = f"{last_period}-{max(months):02}" if len(last_period) == 4 else last_period
    return tuple(month for month in sorted(breaks) if begin < month <= end)


def stretches(
    years: Sequence[int], months: Sequence[int] = ALL_MONTHS, breaks: Sequence[str] = BREAKS
) -> list[tuple[int, ...]]:
    """List the runs of years whose composites were made one way: years that a trend may join.

    Parameters
    ----------
    years, months : sequence of int
        Years of the series, and the months that each is made of.
    breaks : sequence of str
        First months of a new level.

    Returns
    -------
    list of tuple of int
        In order of time. A year with a break inside is of two levels and belongs to no run.

    Examples
    --------
    >>> stretches([2015, 2016, 2017, 2018, 2019])
    [(2015, 2016), (2018, 2019)]
    >>> stretches([2015, 2016, 2017, 2018, 2019], months=range(4, 11))
    [(2015, 2016), (2017,), (2018, 2019)]
    """
    runs: list[tuple[int, ...]] = []
    for year in sorted(set(years)):
        if breaks_between(f"{year}", f"{year}", breaks, months=months):
            continue
        if runs and not breaks_between(f"{runs[-1][-1]}", f"{year}", breaks, months=months):
            runs[-1] += (year,)
        else:
            runs.append((year,))
    return runs


def variant_of(breaks: Sequence[str], products: Sequence[str] = ()) -> str:
    """Words for the long table that flag a growth or trend across breaks or products; empty if there is nothing to flag.

    Examples
    --------
    >>> variant_of(("2017-04", "2018-01")), variant_of(()), variant_of((), ["vcm", "ecm", "ecm"])
    ('breaks=2017-04+2018-01', '', 'products=vcm+ecm')
    """
    several = list(dict.fromkeys(products))
    words = {"breaks": breaks, "products": several if len(several) > 1 else ()}
    return ";".join(f"{key}={'+'.join(values)}" for key, values in words.items() if values)


def product_changes(products: Mapping[str, str]) -> Ledger:
    """Say where a series passes from one product to another: a step there is no change on the ground.

    Parameters
    ----------
    products : mapping of str to str
        The product stated for each period; an empty word where none is stated, which tells nothing.

    Returns
    -------
    Ledger
        One entry per change, in order of time.

    Examples
    --------
    >>> changes = product_changes({"2022": "v22", "2020": "v21", "2021": "v21"})
    >>> [entry.cause for entry in changes.entries]
    ['product changes from v21 to v22 with 2022']
    """
    ledger = Ledger()
    stated = [(period, products[period]) for period in sorted(products) if products[period]]
    for (_, before), (period, after) in pairwise(stated):
        if before != after:
            ledger = ledger.add("lights", f"product changes from {before} to {after} with {period}", "change", 1)
    return ledger
