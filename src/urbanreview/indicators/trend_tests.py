"""Trends of yearly series, and whether they are more than chance: Theil-Sen, Mann-Kendall, Hamed-Rao, false discoveries."""

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, norm, rankdata, theilslopes

FEWEST_YEARS = 10
"""The normal approximation of Mann-Kendall is for ten values and more (Mann 1945; Kendall 1975)."""
CONFIDENCE = 0.95
YEARS_PER_DECADE = 10.0
TREND_COLUMNS = ("trend", "trend_low", "trend_high", "trend_z", "trend_p")


def trends(values: pd.DataFrame) -> pd.DataFrame:
    """Trend of every zone over the years, with its interval and its test.

    Parameters
    ----------
    values : DataFrame, zones by years
        A number per year, in any unit; columns are years; NaN is missing.

    Returns
    -------
    DataFrame, indexed as `values`
        ``trend`` with ``trend_low`` and ``trend_high`` [unit per decade]: Theil-Sen slope and its 95 % interval; ``trend_z``
        and ``trend_p``: Mann-Kendall, two-sided, corrected for autocorrelation. Missing with fewer than ten years.

    Notes
    -----
    Slope and interval are those of ``scipy.stats.theilslopes`` (Sen 1968); the interval knows nothing of autocorrelation.
    For the test see `mann_kendall`.

    Examples
    --------
    >>> years = range(2001, 2013)
    >>> steady = pd.DataFrame([[0.2 * year for year in years]], index=["a"], columns=years)
    >>> trends(steady)[["trend", "trend_low", "trend_high"]].round(9).values.tolist()
    [[2.0, 2.0, 2.0]]
    """
    years = values.columns.to_numpy().astype(float)
    rows = [_trend(series, years) for series in values.to_numpy(dtype=float)]
    return pd.DataFrame(rows, index=values.index, columns=list(TREND_COLUMNS), dtype=float)


def _trend(series: np.ndarray, years: np.ndarray) -> tuple[float, ...]:
    there = np.isfinite(series)
    if there.sum() < FEWEST_YEARS:
        return (np.nan,) * len(TREND_COLUMNS)
    found = theilslopes(series[there], years[there], alpha=CONFIDENCE)
    per_decade = (YEARS_PER_DECADE * slope for slope in (found.slope, found.low_slope, found.high_slope))
    return (*per_decade, *mann_kendall(series[there], years[there], slope=found.slope))


def mann_kendall(values: np.ndarray, years: np.ndarray, *, slope: float | None = None) -> tuple[float, float]:
    """Test a series for a monotonic trend, with the variance corrected for autocorrelation.

    Parameters
    ----------
    values : ndarray, shape (years,)
        At least four, none missing.
    years : ndarray, shape (years,)
        Ascending.
    slope : float, optional
        Theil-Sen slope [unit per year], if it is known already.

    Returns
    -------
    z, p : float
        Standard score of Kendall's S, and its two-sided probability. A constant series has 0 and 1.

    Notes
    -----
    Hamed and Rao (1998), doi 10.1016/S0022-1694(97)00125-X: the variance of S, with its correction for ties, is multiplied
    by 1 + 2 / (n (n - 1) (n - 2)) * sum over lags of (n - i) (n - i - 1) (n - i - 2) r_i, where r_i are the
    autocorrelations of the ranks of the detrended series that leave +-1.96 / sqrt(n). A factor below 1 counts as 1: chance
    alone brings forth negative autocorrelations in short series, and they would make trends of noise more certain than any
    trend can be. Years in a row count as neighbours even if one between them is missing.

    Examples
    --------
    Ten numbers in order: S is 45, its variance 125, and z = 44 / sqrt(125).

    >>> z, p = mann_kendall(np.arange(10.0), np.arange(10.0))
    >>> round(z, 4), round(p, 6)
    (3.9355, 8.3e-05)
    """
    count = values.size
    score = float(np.sign(values[None, :] - values[:, None])[np.triu_indices(count, 1)].sum())
    _, ties = np.unique(values, return_counts=True)
    variance = (count * (count - 1) * (2 * count + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if variance <= 0 or score == 0:
        return 0.0, 1.0
    if slope is None:
        slope = float(theilslopes(values, years).slope)
    factor = max(_autocorrelation_factor(values - slope * (years - years[0])), 1.0)
    z = (score - np.sign(score)) / np.sqrt(variance * factor)
    return float(z), float(2 * norm.sf(abs(z)))


def _autocorrelation_factor(detrended: np.ndarray) -> float:
    """Return what Hamed and Rao multiply the variance of S by."""
    count = detrended.size
    # What rounding leaves of a straight line is no rank order.
    scale = max(float(np.abs(detrended).max()), 1.0)
    ranks = rankdata(np.round(detrended / scale, 12))
    around = ranks - ranks.mean()
    if not around.any():
        return 1.0
    correlation = np.correlate(around, around, "full")[count:] / (around @ around)
    lag = np.arange(1, count)
    kept = np.abs(correlation) > norm.ppf(0.5 + CONFIDENCE / 2) / np.sqrt(count)
    weight = (count - lag) * (count - lag - 1) * (count - lag - 2)
    return 1.0 + 2.0 / (count * (count - 1) * (count - 2)) * float((weight * correlation)[kept].sum())


def adjusted(p: pd.Series, groups: pd.Series) -> pd.Series:
    """Adjust probabilities for the number of zones that are tested at once.

    Parameters
    ----------
    p : Series, by zone id
        Probabilities; NaN is left out of the count, and stays.
    groups : Series, by zone id
        Which zones are tested together: their level.

    Returns
    -------
    Series, by zone id
        Called significant at 0.05, the share of false ones among them is at most 0.05 in expectation: Benjamini and
        Hochberg (1995), doi 10.1111/j.2517-6161.1995.tb02031.x, as ``scipy.stats.false_discovery_control`` has it.

    Examples
    --------
    Of two zones 0.01 counts twice; alone it stays:

    >>> p = pd.Series([0.01, 0.04, 0.01, float("nan")], index=list("abcd"))
    >>> adjusted(p, pd.Series(["district", "district", "country", "district"], index=list("abcd"))).tolist()
    [0.02, 0.04, 0.01, nan]
    """
    found = pd.Series(np.nan, index=p.index, dtype=float)
    for _, members in p.dropna().groupby(groups.reindex(p.index).to_numpy()[p.notna().to_numpy()]):
        found[members.index] = false_discovery_control(members.to_numpy())
    return found
