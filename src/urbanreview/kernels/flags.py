"""What every cell of a grid is on its own, in one byte: the thresholds of the Degree of Urbanisation, cell by cell."""

from typing import NamedTuple

import numpy as np
from numba import njit

CORE, POPULOUS, SEMI_DENSE, URBAN, LOW, WATER, IGNORED, OUTSIDE = (np.uint8(1 << bit) for bit in range(8))
"""Bits of a cell: dense enough for an urban centre, by people or built-up land; by people; dense enough for a semi-dense
cluster; for an urban cluster; for low density; water; unpopulated cell with little land; no place on the earth."""


class Limits(NamedTuple):
    """Thresholds of single cells; a cell at a threshold passes.

    Attributes
    ----------
    core, semi_dense, urban, low : float
        People per km2 of land.
    built_up : float
        Built-up share of land, compared after rounding to three decimals; NaN where it does not count.
    water_below : float
        Land share of a cell under which it can be water.
    """

    core: float
    semi_dense: float
    urban: float
    low: float
    built_up: float
    water_below: float


@njit(cache=True, nogil=True, inline="always")
def _three_decimals(share):
    """Round to three decimals, halves away from zero; an infinite share stays."""
    thousandths = share * 1000.0
    whole = np.floor(thousandths)
    if thousandths - whole >= 0.5:
        whole += 1.0
    return whole / 1000.0 if np.isfinite(share) else share


@njit(cache=True, nogil=True, inline="always")
def _dense_bits(density, core, semi_dense, urban, low):
    flag = np.uint8(0)
    if density >= core:
        flag |= CORE | POPULOUS
    if density >= semi_dense:
        flag |= SEMI_DENSE
    if density >= urban:
        flag |= URBAN
    if density >= low:
        flag |= LOW
    return flag


@njit(cache=True, nogil=True, error_model="numpy")
def _flag(people, land, built, has_land, has_built, cell_width, cell_height, cell_km2, limits, flags):
    rows, cols = people.shape
    core, semi_dense, urban, low, built_up, water_below = limits
    wide, tall = cell_km2.shape[1] > 1, cell_km2.shape[0] > 1
    for r in range(rows):
        for c in range(cols):
            living = np.float64(people[r, c])
            km2 = cell_km2[r if tall else 0, c if wide else 0]
            # Divided by width and height in turn: 179,550 m2 on 900,000 m2 shall be 0.1995, not a hair less.
            width, height = (cell_width, cell_height) if cell_width > 0 else (km2, 1e6)
            share = land[r, c] / width / height if has_land else 1.0
            houses = built[r, c] / width / height if has_built else np.nan
            flag = np.uint8(0)
            if living > 0:  # thresholds are above zero: nobody passes none
                flag = _dense_bits(living / (share * km2), core, semi_dense, urban, low)
            if houses > 0 and _three_decimals(houses / share) >= built_up:
                flag |= CORE
            if has_land and not share >= water_below and not living > 0 and not houses > 0:
                flag |= WATER
            if has_land and share < water_below and living == 0:
                flag |= IGNORED
            flags[r, c] = flag


def flag_cells(
    people: np.ndarray,
    land_m2: np.ndarray | None,
    built_m2: np.ndarray | None,
    *,
    cell_m: tuple[float, float] | None,
    cell_km2: np.ndarray,
    limits: Limits,
) -> np.ndarray:
    """Compare every cell with the thresholds, in one pass.

    Parameters
    ----------
    people : ndarray of float, shape (rows, cols)
        People per cell; NaN passes no threshold.
    land_m2, built_m2 : ndarray of float, shape (rows, cols), or None
        Land and built-up surface per cell [m2]. Without land every cell is land; without built-up its rule is off.
        NaN passes no threshold and satisfies its part of being water.
    cell_m : (width, height) or None
        Of a cell of an equal-area grid [m]; None where `cell_km2` alone tells.
    cell_km2 : ndarray of float64, shape (rows or 1, cols or 1)
        Area of the cells.
    limits : Limits
        All above zero.

    Returns
    -------
    ndarray of uint8, shape (rows, cols)
        Bits `CORE`, `POPULOUS`, `SEMI_DENSE`, `URBAN`, `LOW`, `WATER`, `IGNORED`.

    Notes
    -----
    Where people have no land their density is infinite; where there is neither it is no number. The blocks of a larger
    raster can be flagged one by one: no cell looks at another.

    Examples
    --------
    >>> limits = Limits(1500.0, 900.0, 300.0, 50.0, 0.2, 0.5)
    >>> people, land = np.array([[1500.0, 400.0, 0.0]]), np.array([[1e6, 1e6, 0.0]])
    >>> flags = flag_cells(people, land, None, cell_m=(1000.0, 1000.0), cell_km2=np.ones((1, 1)), limits=limits)
    >>> (flags & CORE > 0).tolist(), (flags & URBAN > 0).tolist(), (flags & WATER > 0).tolist()
    ([[True, False, False]], [[True, True, False]], [[False, False, True]])
    """
    flags = np.empty(people.shape, np.uint8)
    none = np.empty((0, 0))
    width, height = cell_m or (0.0, 0.0)
    _flag(
        people,
        none if land_m2 is None else land_m2,
        none if built_m2 is None else built_m2,
        land_m2 is not None,
        built_m2 is not None,
        float(width),
        float(height),
        cell_km2,
        limits,
        flags,
    )
    return flags


class Odd(NamedTuple):
    """What a look at a block of cells found; amounts of several blocks add up.

    Attributes
    ----------
    people, crowded : float
        People of all cells, and of those denser than can be.
    land_m2 : float
    land_too_large, built_too_large : float
        Cells with more land, or more built-up surface, than they have area.
    """

    people: float
    crowded: float
    land_m2: float
    land_too_large: float
    built_too_large: float


@njit(cache=True, nogil=True)
def _look(people, land, built, has_land, has_built, cell_km2, crowded_per_km2, larger_by):
    wide, tall = cell_km2.shape[1] > 1, cell_km2.shape[0] > 1
    everyone, crowded, land_m2, land_too_large, built_too_large = 0.0, 0.0, 0.0, 0.0, 0.0
    for r in range(people.shape[0]):
        for c in range(people.shape[1]):
            km2 = cell_km2[r if tall else 0, c if wide else 0]
            most_m2 = larger_by * km2 * 1e6
            living = people[r, c]
            if not np.isnan(living):
                everyone += living
                crowded += living if living > crowded_per_km2 * km2 else 0.0
            if has_land and not np.isnan(land[r, c]):
                land_m2 += land[r, c]
                land_too_large += land[r, c] > most_m2
            if has_built:
                built_too_large += built[r, c] > most_m2
    return everyone, crowded, land_m2, land_too_large, built_too_large


def look_at_cells(
    people: np.ndarray,
    land_m2: np.ndarray | None,
    built_m2: np.ndarray | None,
    *,
    cell_km2: np.ndarray,
    crowded_per_km2: float,
    larger_by: float,
) -> Odd:
    """Count what is odd about a block of cells; arrays as for `flag_cells`.

    >>> people, land = np.array([[5.0, 900.0]]), np.array([[1e6, 3e6]])
    >>> odd = look_at_cells(people, land, None, cell_km2=np.ones((1, 1)), crowded_per_km2=500.0, larger_by=1.001)
    >>> odd.crowded, odd.land_too_large
    (900.0, 1.0)
    """
    none = np.empty((0, 0))
    layers = (none if land_m2 is None else land_m2, none if built_m2 is None else built_m2)
    found = _look(people, *layers, land_m2 is not None, built_m2 is not None, cell_km2, crowded_per_km2, larger_by)
    return Odd(*(float(amount) for amount in found))
