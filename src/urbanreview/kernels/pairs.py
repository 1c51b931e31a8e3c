"""Distances between all pairs of cells."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _sum_pairs(x, y, weight, row, col, near, east_east, east_north, north_north):
    reach = near.shape[0] // 2
    total, pairs = 0.0, 0.0
    for i in range(x.size):
        for j in range(i):
            down, right = row[i] - row[j], col[i] - col[j]
            if abs(down) <= reach and abs(right) <= reach:
                distance = near[down + reach, right + reach]
            else:
                dx, dy = x[i] - x[j], y[i] - y[j]
                square = dx * dx + dy * dy
                along = (east_east * dx * dx + 2.0 * east_north * dx * dy + north_north * dy * dy) / square
                # The points of two cells scatter about their centres; what scatters across the line lengthens it.
                distance = np.sqrt(square)
                distance += (east_east + north_north - along) / (2.0 * distance)
            both = weight[i] * weight[j]
            total += both * distance
            pairs += both
    return total, pairs


def mean_pair_distance(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, row: np.ndarray, col: np.ndarray, *, near: np.ndarray, spread: np.ndarray
) -> float:
    """Mean distance between points of two different cells, over all pairs of cells.

    Parameters
    ----------
    x, y : ndarray of float64, shape (cells,)
        Centres on a plane.
    weight : ndarray of float64, shape (cells,)
        Area of each cell; a pair weighs the product of its two.
    row, col : ndarray of int, shape (cells,)
        Place of each cell in the grid; no cell twice.
    near : ndarray of float64, shape (2 k + 1, 2 k + 1)
        Mean distance between points of two cells that lie ``[row + k, col + k]`` apart, used up to k rows and columns.
    spread : ndarray of float64, shape (2, 2)
        Covariance of the difference between a point in one cell and a point in another, about their centres.

    Returns
    -------
    float
        NaN for fewer than two cells.

    Notes
    -----
    Farther apart than `near` tells, the distance of the centres is corrected to second order of the cells' size. The
    time grows with the square of the number of cells: 12 million pairs take about a twentieth of a second.

    Examples
    --------
    Points, not cells, one and three apart in a row: distances 1, 3 and 4.

    >>> nothing, place = np.zeros((2, 2)), np.array([0, 1, 4])
    >>> at = place.astype(float)
    >>> round(mean_pair_distance(at, 0 * at, np.ones(3), 0 * place, place, near=np.zeros((1, 1)), spread=nothing), 9)
    2.666666667
    """
    total, pairs = _sum_pairs(x, y, weight, row, col, near, spread[0, 0], spread[0, 1], spread[1, 1])
    return total / pairs if pairs > 0 else float("nan")
