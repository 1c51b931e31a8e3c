"""Cells of one grid split over another that is turned against it, from few reprojected corners."""

import numpy as np
from numba import njit

from urbanreview.kernels.coverage import SNAP_CELLS, _cover_zone


@njit(cache=True, nogil=True)
def _between(at, node_rows, node_cols, i, j, r, c):
    """Return what lies at row r and column c of a field known at nodes, between node (i, j) and the next ones."""
    down = (r - node_rows[i]) / (node_rows[i + 1] - node_rows[i])
    right = (c - node_cols[j]) / (node_cols[j + 1] - node_cols[j])
    above = at[i, j] * (1.0 - right) + at[i, j + 1] * right
    below = at[i + 1, j] * (1.0 - right) + at[i + 1, j + 1] * right
    found = above * (1.0 - down) + below * down
    whole = np.rint(found)
    return whole if abs(found - whole) < SNAP_CELLS else found


@njit(cache=True, nogil=True)
def _place(value, x, y, out, ring_stop, is_hole):
    """Add a value times the area that a quadrilateral shares with each cell."""
    rows, cols = out.shape
    size = 0.5 * abs((x[2] - x[0]) * (y[3] - y[1]) - (x[3] - x[1]) * (y[2] - y[0]))
    if not (np.isfinite(size) and x.max() > 0 and x.min() < cols and y.max() > 0 and y.min() < rows):
        return
    row, col = int(np.floor(y.min())), int(np.floor(x.min()))
    if row >= 0 and col >= 0 and y.max() <= row + 1 and x.max() <= col + 1:
        out[row, col] += value * size
        return
    cover = _cover_zone(x, y, ring_stop, is_hole, 0, 1, rows, cols)
    for k in range(cover[0].size):
        for at in range(cover[1][k], cover[2][k]):
            out[cover[0][k], at] += value
    for k in range(cover[3].size):
        out[cover[3][k], cover[4][k]] += value * cover[5][k]


@njit(cache=True, nogil=True)
def _split(values, node_rows, node_cols, node_x, node_y, out):
    ring_stop, is_hole = np.array([5]), np.array([False])
    x, y = np.empty(5), np.empty(5)
    i = 0
    for r in range(values.shape[0]):
        i += r >= node_rows[i + 1]
        j = 0
        for c in range(values.shape[1]):
            j += c >= node_cols[j + 1]
            if values[r, c] == 0.0:
                continue
            for k in range(5):
                down, right = r + (k in (2, 3)), c + (k in (1, 2))
                x[k] = _between(node_x, node_rows, node_cols, i, j, down, right)
                y[k] = _between(node_y, node_rows, node_cols, i, j, down, right)
            _place(values[r, c], x, y, out, ring_stop, is_hole)


def split_between_nodes(
    values: np.ndarray,
    node_rows: np.ndarray,
    node_cols: np.ndarray,
    node_x: np.ndarray,
    node_y: np.ndarray,
    *,
    shape: tuple[int, int],
) -> np.ndarray:
    """Spread values of cells over another grid: each times the area that the cell shares with another.

    Parameters
    ----------
    values : ndarray of float64, shape (rows, cols)
        No NaN; zeros cost nothing.
    node_rows, node_cols : ndarray of int64, shape (n,), (m,)
        Rows and columns of corners whose place is known, from 0 to the number of rows and of columns.
    node_x, node_y : ndarray of float64, shape (n, m)
        Their place in pixel coordinates of the other grid; corners between them lie on straight lines.
    shape : (int, int)
        Rows and columns of the other grid.

    Returns
    -------
    ndarray of float64, shape `shape`
        In areas of a cell of the other grid. A cell with a corner at infinity adds nothing.

    Examples
    --------
    A cell of 1 by 2 of the other grid's, half a cell from its left edge:

    >>> corners = np.array([0, 1])
    >>> x, y = np.meshgrid([0.5, 2.5], [0.0, 1.0])
    >>> split_between_nodes(np.array([[3.0]]), corners, corners, x, y, shape=(1, 3)).tolist()
    [[1.5, 3.0, 1.5]]
    """
    out = np.zeros(shape)
    _split(np.ascontiguousarray(values, dtype=np.float64), node_rows, node_cols, node_x, node_y, out)
    return out
