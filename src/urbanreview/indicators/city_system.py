"""The system of cities: how unequal the sizes of settlements are, and which of them grow."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from urbanreview.ledger import Ledger

STEP = "system of cities"
SIZE_CLASSES: Mapping[str, float] = {
    "under 5k": 0.0,
    "5k-20k": 5_000.0,
    "20k-50k": 20_000.0,
    "50k-250k": 50_000.0,
    "250k-500k": 250_000.0,
    "500k-1m": 500_000.0,
    "1m-5m": 1_000_000.0,
    "5m+": 5_000_000.0,
}
"""Classes of settlements by their smallest size [people], which belongs to the class."""
STABLE_PER_YEAR = 0.001
"""A settlement is stable that gains or loses no more than this share of its people per year."""
PRIMACY_NEEDS, PRIMACY_TWO_NEEDS, PRIMACY_FOUR_NEEDS = 1, 2, 4
GINI_NEEDS = 2
SLOPE_NEEDS = 3
"""Settlements, not all of one size, from which on there is a rank-size slope, a Hill estimate, or growth on size."""


def city_system(people: pd.Series, *, cutoff: float) -> tuple[dict[str, float], Ledger]:
    """Say how the people of settlements are spread over settlements.

    Parameters
    ----------
    people : Series
        People inside the country of every settlement of one unit set in one year, by ``zone_id``.
    cutoff : float
        Settlements with fewer people are left out.

    Returns
    -------
    values : dict of str to float
        ``system.settlements``, ``system.people`` [people], ``system.primacy`` (largest over all),
        ``system.primacy_two`` (largest over second), ``system.primacy_four`` (largest over second to fourth together),
        ``system.rank_size_slope``, ``system.rank_size_error`` (its standard error), ``system.hill_exponent``,
        ``system.herfindahl`` (sum of squared shares), ``system.gini``; all of the settlements from the cut-off on.
        Missing (NaN) with too few settlements, slope and Hill estimate also where all have one size.
    ledger : Ledger
        Settlements and people below the cut-off, and settlements whose people are missing.

    Notes
    -----
    Rank-size slope: ordinary least squares of ln(rank - 1/2) on ln(people), sign turned, with the standard error
    slope * sqrt(2 / n) (Gabaix and Ibragimov 2011). Hill estimate: the maximum likelihood estimate of the exponent of
    a Pareto distribution that starts at the cut-off, n / sum ln(people / cutoff), without small-sample correction (Hill
    1975). Gini: of settlements' sizes, between 0 and (n - 1) / n.

    Examples
    --------
    >>> people = pd.Series({"a": 600_000.0, "b": 300_000.0, "c": 90_000.0, "d": 10_000.0, "e": 4_000.0})
    >>> values, ledger = city_system(people, cutoff=5_000)
    >>> [round(values[f"system.{name}"], 6) for name in ("settlements", "primacy", "primacy_two", "primacy_four", "herfindahl")]
    [4.0, 0.6, 2.0, 1.5, 0.4582]
    >>> ledger.amount("people below the cut-off")
    4000.0
    """
    kept, ledger = _from_cutoff(people, cutoff)
    sizes = np.sort(kept.to_numpy())[::-1]
    slope = rank_size_slope(sizes)
    values = {
        "system.settlements": float(sizes.size),
        "system.people": float(sizes.sum()),
        "system.primacy": _largest_over(sizes, slice(None), needs=PRIMACY_NEEDS),
        "system.primacy_two": _largest_over(sizes, slice(1, 2), needs=PRIMACY_TWO_NEEDS),
        "system.primacy_four": _largest_over(sizes, slice(1, 4), needs=PRIMACY_FOUR_NEEDS),
        "system.rank_size_slope": slope,
        "system.rank_size_error": float(slope * np.sqrt(2 / sizes.size)) if sizes.size else np.nan,
        "system.hill_exponent": hill_exponent(sizes, smallest=cutoff),
        "system.herfindahl": float(((sizes / sizes.sum()) ** 2).sum()) if sizes.size else np.nan,
        "system.gini": _gini(sizes),
    }
    return values, ledger


def size_classes(people: pd.Series, *, cutoff: float) -> pd.DataFrame:
    """Count settlements and people by class of size.

    Parameters
    ----------
    people : Series
        People of every settlement, by ``zone_id``.
    cutoff : float
        Settlements with fewer people are left out; the ledger of `city_system` counts them.

    Returns
    -------
    DataFrame, indexed by class
        ``size_class.settlements``, ``size_class.people`` and ``size_class.share`` of the people of all classes (missing
        if there are none). Every class stands from the one of the cut-off upwards.

    Examples
    --------
    >>> size_classes(pd.Series({"a": 6e6, "b": 5e6, "c": 1e6}), cutoff=500_000).reset_index().values.tolist()
    [['500k-1m', 0, 0.0, 0.0], ['1m-5m', 1, 1000000.0, 0.08333333333333333], ['5m+', 2, 11000000.0, 0.9166666666666666]]
    """
    kept, _ = _from_cutoff(people, cutoff)
    table = kept.sort_values().groupby(size_class_of(kept), observed=True).agg(["size", "sum"])
    first = sum(floor <= cutoff for floor in SIZE_CLASSES.values()) - 1
    table = table.reindex(pd.Index(list(SIZE_CLASSES)[max(first, 0) :], name="size_class"), fill_value=0)
    total = table["sum"].sum()
    return pd.DataFrame(
        {
            "size_class.settlements": table["size"].astype(int),
            "size_class.people": table["sum"].astype(float),
            "size_class.share": table["sum"] / total if total > 0 else np.nan,
        }
    )


def growth_by_size(
    before: pd.Series, after: pd.Series, *, years: float, stable: float = STABLE_PER_YEAR
) -> tuple[pd.DataFrame, dict[str, float], Ledger]:
    """Count growing and shrinking settlements by size, and ask whether large ones grow faster.

    Parameters
    ----------
    before, after : Series
        People of the same settlements at two dates, by ``zone_id``; NaN where one did not exist.
    years : float
        Between the dates.
    stable : float
        Yearly rates from minus to plus this are neither growth nor loss [1/year].

    Returns
    -------
    frame : DataFrame, indexed by class of size at the first date, every class
        ``size_class.growers``, ``size_class.shrinkers``, ``size_class.stable``: numbers of settlements.
    values : dict of str to float
        ``system.growers``, ``system.shrinkers``, ``system.stable``; ``system.growth_on_size``, the slope of the yearly
        rate on ln(people at the first date) [1/year], and ``system.growth_on_size_error``, its standard error: ordinary
        least squares, missing with fewer than three settlements or if all began with one size.
    ledger : Ledger
        Settlements that had nobody at one of the dates: they have no rate.

    Notes
    -----
    Gibrat's law says that growth does not depend on size: a slope of 0.

    Examples
    --------
    >>> before = pd.Series({"a": 10_000.0, "b": 30_000.0, "c": 40_000.0, "d": np.nan})
    >>> after = pd.Series({"a": 20_000.0, "b": 30_000.0, "c": 30_000.0, "d": 9_000.0})
    >>> frame, values, ledger = growth_by_size(before, after, years=10)
    >>> frame.loc[["5k-20k", "20k-50k"]].values.tolist()
    [[1, 0, 0], [0, 1, 1]]
    >>> ledger.amount("nobody at the first date: no growth rate")
    1.0
    """
    pairs = _pairs(before, after)
    none_before, none_after = ~(pairs["before"] > 0), ~(pairs["after"] > 0)
    ledger = Ledger().add(STEP, "nobody at the first date: no growth rate", "settlement", none_before.sum())
    ledger = ledger.add(STEP, "nobody at the last date: no growth rate", "settlement", (none_after & ~none_before).sum())
    pairs = pairs[~none_before & ~none_after]
    rate = growth_rate(pairs["before"], pairs["after"], years=years)
    change = {"growers": rate > stable, "shrinkers": rate < -stable, "stable": rate.abs() <= stable}
    marks = pd.DataFrame({f"size_class.{name}": each for name, each in change.items()})
    counts = marks.groupby(size_class_of(pairs["before"]), observed=True).sum()
    frame = counts.reindex(pd.Index(list(SIZE_CLASSES), name="size_class"), fill_value=0).astype(int)
    slope, error = fit_line(np.log(pairs["before"].to_numpy()), rate.to_numpy())
    values = {f"system.{name}": float(each.sum()) for name, each in change.items()}
    return frame, values | {"system.growth_on_size": slope, "system.growth_on_size_error": error}, ledger


def growth_rate(before: pd.Series, after: pd.Series, *, years: float) -> pd.Series:
    """Yearly rate of growth, ln(after / before) / years, by ``zone_id``; missing unless somebody was there at both dates.

    >>> growth_rate(pd.Series({"a": 100.0, "b": 0.0}), pd.Series({"a": 271.8281828, "b": 5.0}), years=10).round(9).tolist()
    [0.1, nan]
    """
    if not years > 0:
        message = f"growth needs time between its dates, got {years} years: give the later date second"
        raise ValueError(message)
    pairs = _pairs(before, after)
    pairs = pairs.where(pairs > 0)
    return pd.Series(np.log(pairs["after"] / pairs["before"]) / years, index=pairs.index)


def size_class_of(people: pd.Series) -> pd.Series:
    """Name the class of size of every settlement, in order from small to large; missing where its people are.

    >>> size_class_of(pd.Series([4_999.0, 5_000.0, 7e6, np.nan])).tolist()
    ['under 5k', '5k-20k', '5m+', nan]
    """
    bounds = [*SIZE_CLASSES.values(), np.inf]
    return pd.cut(people, bounds, right=False, labels=list(SIZE_CLASSES)).rename("size_class")


def rank_size_slope(sizes: np.ndarray) -> float:
    """Rank-size slope of sizes [people], largest first, shape (settlements,): see `city_system`; NaN if there is none.

    >>> round(rank_size_slope(1e6 / (np.arange(1, 9) - 0.5) ** (1 / 1.25)), 12)
    1.25
    """
    ranks = np.arange(1, sizes.size + 1)
    return -fit_line(np.log(sizes), np.log(ranks - 0.5))[0]


def hill_exponent(sizes: np.ndarray, *, smallest: float) -> float:
    """Hill estimate of the Pareto exponent of sizes from `smallest` on, shape (settlements,): see `city_system`.

    >>> round(hill_exponent(np.array([np.e, np.e**2, np.e**3]), smallest=1.0), 12)
    0.5
    """
    if not _can_fit(sizes) or smallest <= 0:
        return np.nan
    return float(sizes.size / np.log(sizes / smallest).sum())


def fit_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope of the least squares line of y on x, both of shape (points,), and its standard error.

    NaN with fewer than three points or a single x; the error has n - 2 degrees of freedom.

    >>> fit_line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]))
    (2.0, 0.0)
    """
    if not _can_fit(x):
        return np.nan, np.nan
    x, y = x - x.mean(), y - y.mean()
    square = (x * x).sum()
    slope = (x * y).sum() / square
    left = ((y - slope * x) ** 2).sum()
    return float(slope), float(np.sqrt(left / (x.size - 2) / square))


def _can_fit(sizes: np.ndarray) -> bool:
    return sizes.size >= SLOPE_NEEDS and sizes.min() < sizes.max()


def _from_cutoff(people: pd.Series, cutoff: float) -> tuple[pd.Series, Ledger]:
    """Return the settlements that count, and what was left out."""
    below = (people < cutoff) | (people <= 0)
    ledger = Ledger().add(STEP, "settlements below the cut-off", "settlement", below.sum())
    ledger = ledger.add(STEP, "people below the cut-off", "people", people[below].sort_values().sum())
    ledger = ledger.add(STEP, "people of the settlement unknown", "settlement", people.isna().sum())
    return people[~below & people.notna()].astype(float), ledger


def _largest_over(sizes: np.ndarray, others: slice, *, needs: int) -> float:
    return float(sizes[0] / sizes[others].sum()) if sizes.size >= needs else np.nan


def _gini(sizes: np.ndarray) -> float:
    """Gini of sizes, largest first."""
    if sizes.size < GINI_NEEDS:
        return np.nan
    weights = sizes.size + 1 - 2 * np.arange(1, sizes.size + 1)
    return float((weights * sizes).sum() / (sizes.size * sizes.sum()))


def _pairs(before: pd.Series, after: pd.Series) -> pd.DataFrame:
    """Bring two dates together by zone, in order of id."""
    return pd.DataFrame({"before": before, "after": after}, dtype=float).sort_index()
