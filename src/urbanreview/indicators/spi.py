"""The standardised precipitation index: how dry the last months were, in standard deviations of their usual rain."""

import numpy as np
from scipy.special import gammainc, ndtri

SCALES = (3, 6, 12)
"""Months whose rain is added up."""
AT_MOST = (-1.0, -1.5, -2.0)
"""Moderately, severely and extremely dry, and drier (McKee et al. 1993)."""
CAP = 3.0
FEWEST_YEARS = 30
"""Years of the reference period: with fewer there is no index (McKee et al. 1993; WMO 2012)."""
FEWEST_SUMS = 27
"""Sums of a calendar month in the reference period: a year or two may lack theirs, the first by nature."""
ZEROS_AT_MOST_SHARE = 0.5
"""Where more of the reference sums of a calendar month are zero the index of that month is missing."""
MONTHS_PER_YEAR = 12


def spi(rain: np.ndarray, reference: np.ndarray, *, scale: int) -> np.ndarray:
    """Standardised precipitation index of monthly series.

    Parameters
    ----------
    rain : ndarray, shape (zones, years, 12)
        Rain of each month [mm/month], January first; NaN is missing. Years follow one another without a gap.
    reference : ndarray of bool, shape (years,)
        Years that the distribution is fitted on.
    scale : int
        Months that are added up, the month itself and those before it.

    Returns
    -------
    ndarray of float64, shape (zones, years, 12)
        From -3 to 3. NaN: one of the months is missing; the reference has fewer than 30 years; fewer than 27 sums of that
        calendar month are in it; more than half of these are zero; or all are equal.

    Notes
    -----
    McKee, Doesken and Kleist (1993). A gamma distribution G is fitted to the sums of each calendar month that are above
    zero, by the approximation of Thom (1958) to the largest likelihood. With q the share of zeros the probability is
    H = q + (1 - q) G, and a sum of zero has H = q. The index is the normal quantile of H, capped at 3 either way.

    Examples
    --------
    Every month is dry in nine of thirty years: a dry one has the normal quantile of 0.3, and of 29 years there is no index.

    >>> years = np.concatenate([np.zeros(9), np.arange(1.0, 22.0)])
    >>> rain = np.broadcast_to(years[None, :, None], (1, 30, 12))
    >>> index = spi(rain, np.ones(30, bool), scale=1)
    >>> index[0, :9, 0].round(4).tolist() == [-0.5244] * 9, (np.diff(index[0, 8:, 0]) > 0).all().item()
    (True, True)
    >>> np.isnan(spi(rain[:, 1:], np.ones(29, bool), scale=1)).all().item()
    True
    """
    sums = _sums(rain, scale)
    index = np.full(rain.shape, np.nan)
    if reference.sum() < FEWEST_YEARS:
        return index
    fitted = sums[:, reference]  # (zones, reference years, 12)
    wet, known = fitted > 0, np.isfinite(fitted).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        zeros = 1.0 - wet.sum(axis=1) / known
        mean = np.where(wet, fitted, 0.0).sum(axis=1) / wet.sum(axis=1)
        mean_log = np.log(fitted, out=np.zeros(fitted.shape), where=wet).sum(axis=1) / wet.sum(axis=1)
        spread = np.log(mean) - mean_log
        shape = (1 + np.sqrt(1 + 4 * spread / 3)) / (4 * spread)
        below = gammainc(shape[:, None], sums * (shape / mean)[:, None])
        index = np.clip(ndtri(zeros[:, None] + (1 - zeros[:, None]) * below), -CAP, CAP)
        usable = (known >= FEWEST_SUMS) & (zeros <= ZEROS_AT_MOST_SHARE) & (spread > 1e-12)
    return np.where(usable[:, None] & np.isfinite(sums), index, np.nan)


def _sums(rain: np.ndarray, scale: int) -> np.ndarray:
    """Add up the months that end with each month; NaN where one is missing."""
    months = rain.reshape(len(rain), -1)
    sums = np.full(months.shape, np.nan)
    if months.shape[1] >= scale:
        sums[:, scale - 1 :] = np.lib.stride_tricks.sliding_window_view(months, scale, axis=1).sum(axis=2)
    return sums.reshape(rain.shape)


def months_at_most(index: np.ndarray, reference: np.ndarray, limit: float) -> np.ndarray:
    """Count the months of the reference period whose index is `limit` or less; NaN for a zone without any index in it.

    Parameters
    ----------
    index : ndarray, shape (zones, years, 12)
    reference : ndarray of bool, shape (years,)
    limit : float

    Examples
    --------
    >>> index = np.array([[[-2.0] * 6 + [0.0] * 6], [[np.nan] * 12]])
    >>> months_at_most(index, np.array([True]), -1.0).tolist()
    [6.0, nan]
    """
    within = index[:, reference].reshape(len(index), -1)
    return np.where(np.isfinite(within).any(axis=1), (within <= limit).sum(axis=1), np.nan)
