"""How much relief slows a walker: slope on the ground, and thin air."""

import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.grid import as_crs, shape_of, step_lengths_m

SMALL_GRID_CELLS, MEASURED_EVERY = 250_000, 16
"""On larger projected grids steps are measured on every 16th cell."""


def hiking_factor(slope: np.ndarray) -> np.ndarray:
    """Speed on a slope over speed on level ground, by Tobler's hiking function.

    Parameters
    ----------
    slope : float or ndarray
        Rise over run, uphill positive. NaN stays NaN.

    Returns
    -------
    float or ndarray

    Notes
    -----
    Tobler (1993) walks at ``6 exp(-3.5 |slope + 0.05|)`` km/h, 5.04 on level ground; here that is 1.

    Examples
    --------
    A rise of 20 m on 100 m costs half the speed, the best slope is one of 5 m down:

    >>> hiking_factor(np.array([0.0, 0.2, -0.05])).round(2).tolist()
    [1.0, 0.5, 1.19]
    """
    return np.exp(-3.5 * np.abs(slope + 0.05)) / np.exp(-3.5 * 0.05)


def altitude_factor(elevation_m: np.ndarray) -> np.ndarray:
    """Speed in thin air over speed below 148 m.

    Parameters
    ----------
    elevation_m : float or ndarray
        Above the sea [m]. NaN stays NaN.

    Returns
    -------
    float or ndarray

    Notes
    -----
    ``1.016 exp(-0.0001072 elevation)`` of Weiss et al. (2018), at most 1: their map never goes beyond its level speed.

    Examples
    --------
    >>> altitude_factor(np.array([0.0, 148.0, 4000.0])).round(2).tolist()
    [1.0, 1.0, 0.66]
    """
    return np.minimum(1.016 * np.exp(-0.0001072 * elevation_m), 1.0)


def slope_of(elevation_m: np.ndarray, geobox: GeoBox) -> np.ndarray:
    """Steepest slope of every cell, by central differences over true ground lengths.

    Parameters
    ----------
    elevation_m : ndarray, shape (rows, cols)
        [m]. NaN is missing: next to it, and at the edges, the difference is one-sided; between two of them level.
    geobox : GeoBox
        Of the same shape. Its rows and columns may meet at any angle on the ground.

    Returns
    -------
    ndarray of float64, shape (rows, cols)
        Rise over run, 0 or more.

    Examples
    --------
    At 60 degrees north a degree of longitude is 55.8 km; 558 m of rise on it are one in a hundred:

    >>> from affine import Affine
    >>> grid = GeoBox((2, 3), Affine(1, 0, 10, 0, -1, 60.5), "EPSG:4326")
    >>> slope_of(np.array([[0.0, 558.0, 1116.0]] * 2), grid)[0].round(3).tolist()
    [0.01, 0.01, 0.01]
    """
    rows, cols = shape_of(geobox)
    steps = step_lengths_m(geobox, every=1 if rows * cols <= SMALL_GRID_CELLS else MEASURED_EVERY)
    east = _rise_per_metre(elevation_m, steps.east, axis=1)
    south = _rise_per_metre(elevation_m, steps.south, axis=0)
    if as_crs(geobox.crs).is_geographic or rows < 2 or cols < 2:
        return np.hypot(east, south)
    # On a sheared grid the two directions meet at another angle than 90 degrees; the diagonals tell which.
    cosine = (steps.southeast**2 - steps.southwest**2) / (4 * steps.east[:-1] * steps.south[:, :-1])
    cosine = np.pad(cosine, ((0, 1), (0, 1)), mode="edge")
    return np.sqrt((east**2 + south**2 - 2 * east * south * cosine) / (1 - cosine**2))


def _rise_per_metre(elevation_m: np.ndarray, step_m: np.ndarray, *, axis: int) -> np.ndarray:
    """Rise along an axis over both neighbours, over one where the other is missing, 0 where both are."""
    rise = np.diff(elevation_m, axis=axis)
    run = np.where(np.isfinite(rise), step_m, 0.0)
    pads = ((1, 1), (0, 0)) if axis == 0 else ((0, 0), (1, 1))

    def of_cells(part: np.ndarray) -> np.ndarray:
        padded = np.pad(np.nan_to_num(part), pads)
        return padded[:-1] + padded[1:] if axis == 0 else padded[:, :-1] + padded[:, 1:]

    total = of_cells(run)
    return np.divide(of_cells(rise), total, out=np.zeros(elevation_m.shape), where=total > 0)
