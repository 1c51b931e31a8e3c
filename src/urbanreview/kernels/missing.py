"""Codes for missing values become NaN, in one pass and in place."""

from typing import NamedTuple

import numpy as np
from numba import njit

_BLOCK = 64
"""Cells that are looked at together: most blocks hold ordinary numbers only."""


class Masked(NamedTuple):
    """How many cells are missing, and why.

    Attributes
    ----------
    declared, known : int
        Cells that held NaN or a declared code, and those that held a code known beside.
    infinite, negative : int
    """

    declared: int
    known: int
    infinite: int
    negative: int


@njit(cache=True, nogil=True)
def _all_ordinary(block, lower, upper):
    strange = 0
    for value in block:
        strange += not (lower < value < upper)
    return strange == 0


@njit(cache=True, nogil=True)
def _all_equal(block, code):
    equal = 0
    for value in block:
        equal += value == code
    return equal == block.size


@njit(cache=True, nogil=True)
def _cause(value, declared, known, never_negative):
    """Return which count a cell belongs to, or -1 for a number."""
    if np.isnan(value):
        return 0
    for code in declared:
        if value == code:
            return 0
    for code in known:
        if value == code:
            return 1
    if np.isinf(value):
        return 2
    return 3 if never_negative and value < 0 else -1


@njit(cache=True, nogil=True)
def _mask(values, declared, known, lower, upper, never_negative, counts):
    for first in range(0, values.size, _BLOCK):
        block = values[first : first + _BLOCK]
        if _all_ordinary(block, lower, upper):
            continue
        if declared.size and _all_equal(block, declared[0]):  # the sea, the neighbours
            block[:] = np.nan
            counts[0] += block.size
            continue
        for i in range(block.size):
            if lower < block[i] < upper:
                continue
            cause = _cause(block[i], declared, known, never_negative)
            if cause >= 0:
                counts[cause] += 1
                block[i] = np.nan


def mask_codes(values: np.ndarray, *, declared: np.ndarray, known: np.ndarray, never_negative: bool) -> Masked:
    """Turn codes, infinities and impossible negatives into NaN, in place.

    Parameters
    ----------
    values : ndarray of float32 or float64, contiguous, any shape
        Altered.
    declared, known : ndarray, shape (codes,)
        Finite codes as the type of `values` holds them.
    never_negative : bool
        Whether the quantity cannot be below zero.

    Returns
    -------
    Masked
        A cell is counted once, under the first cause that holds.

    Examples
    --------
    >>> values = np.array([4.0, -200.0, -1.0, np.inf])
    >>> mask_codes(values, declared=np.array([-200.0]), known=np.empty(0), never_negative=True)
    Masked(declared=1, known=0, infinite=1, negative=1)
    >>> values
    array([ 4., nan, nan, nan])
    """
    codes = np.concatenate([declared, known]).astype(values.dtype)
    zero = values.dtype.type(0)
    # Between the codes next to zero every number is ordinary.
    lower = codes[codes <= 0].max(initial=-np.inf)
    lower = max(lower, np.nextafter(zero, values.dtype.type(-1))) if never_negative else lower
    upper = codes[codes >= 0].min(initial=np.inf)
    counts = np.zeros(4, np.int64)
    line = values.reshape(-1)
    _mask(line, declared.astype(values.dtype), known.astype(values.dtype), lower, upper, never_negative, counts)
    return Masked(*counts.tolist())
