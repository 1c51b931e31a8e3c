"""Exact area fractions of cells under polygons.

The fractions come from scanline accumulation, the method of anti-aliasing rasterisers: every edge leaves in the
cells it crosses how much of the cell lies to its right (``area``) and how much it covers of all cells further
right (``cover``); a sweep along the row turns these into fractions. Work and memory grow with the length of the
outline, not with the area. The slow twin is a shapely intersection (``tests/twins/coverage.py``).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

SNAP_CELLS = 1e-7
"""Pixel coordinates this close to a whole number are that number.

1/120 of a degree is no binary fraction: without the snap a cell-aligned polygon on a 30 arc-second grid touches
slivers of its neighbours, and cell walkers lose or gain whole cells.
"""
_NOTHING = 1e-12
_ROUNDING = 1e-9


class Cover(NamedTuple):
    """Which cells each zone covers, and how much of each.

    Attributes
    ----------
    run_stop, cell_stop : ndarray of int64, shape (zones,)
        Zone ``k`` owns runs ``run_stop[k-1]:run_stop[k]`` and cells ``cell_stop[k-1]:cell_stop[k]``.
    run_row, run_first, run_last : ndarray of int32, shape (runs,)
        Cells ``[run_row, run_first:run_last]`` lie wholly inside.
    cell_row, cell_col : ndarray of int32, shape (cells,)
        Cells that lie partly inside.
    cell_share : ndarray of float64, shape (cells,)
        Share of the cell inside, between 0 and 1.
    """

    run_stop: np.ndarray
    run_row: np.ndarray
    run_first: np.ndarray
    run_last: np.ndarray
    cell_stop: np.ndarray
    cell_row: np.ndarray
    cell_col: np.ndarray
    cell_share: np.ndarray


@njit(cache=True)
def _deposit_in_row(row, x0, x1, dy, entry_row, entry_col, cover, area, at):
    """Leave what a piece of edge inside one row, from x0 to x1 and dy tall, does to the cells it crosses."""
    left = int(np.floor(min(x0, x1)))
    right = int(np.floor(max(x0, x1)))
    width = x1 - x0
    if left == right or width == 0.0:
        entry_row[at] = row
        entry_col[at] = left
        cover[at] = dy
        area[at] = dy * (1.0 - (0.5 * (x0 + x1) - left))
        return at + 1
    low, high = min(x0, x1), max(x0, x1)
    for c in range(left, right + 1):
        a, b = max(low, float(c)), min(high, float(c + 1))
        if b <= a:
            continue
        part = dy * (b - a) / (high - low)
        entry_row[at] = row
        entry_col[at] = c
        cover[at] = part
        area[at] = part * (1.0 - (0.5 * (a + b) - c))
        at += 1
    return at


@njit(cache=True)
def _deposit(x0, y0, x1, y1, sign, rows, entry_row, entry_col, cover, area, at):
    """Leave what one edge, already inside the columns, does to the rows it crosses."""
    top, bottom = max(min(y0, y1), 0.0), min(max(y0, y1), float(rows))
    if bottom <= top:
        return at
    down = sign if y1 > y0 else -sign
    slope = (x1 - x0) / (y1 - y0)
    low, high = min(x0, x1), max(x0, x1)
    row = int(np.floor(top))
    y = top
    while y < bottom:
        below = min(float(row + 1), bottom)
        xa = min(max(x0 + (y - y0) * slope, low), high)
        xb = min(max(x0 + (below - y0) * slope, low), high)
        at = _deposit_in_row(row, xa, xb, down * (below - y), entry_row, entry_col, cover, area, at)
        y = below
        row += 1
    return at


@njit(cache=True)
def _clip_and_deposit(x0, y0, x1, y1, sign, rows, cols, entry_row, entry_col, cover, area, at):
    """Split an edge at the left and right border; what lies beyond is pressed onto the border."""
    if y0 == y1:
        return at
    cuts = np.empty(4)
    cuts[0], cuts[3] = 0.0, 1.0
    a, b = 0.0, 1.0
    if (x0 < 0.0) != (x1 < 0.0):
        a = (0.0 - x0) / (x1 - x0)
    if (x0 > cols) != (x1 > cols):
        b = (cols - x0) / (x1 - x0)
    cuts[1], cuts[2] = min(a, b), max(a, b)
    for k in range(3):
        s, t = cuts[k], cuts[k + 1]
        if t <= s:
            continue
        xa = min(max(x0 + s * (x1 - x0), 0.0), float(cols))
        xb = min(max(x0 + t * (x1 - x0), 0.0), float(cols))
        ya = y0 if s == 0.0 else y0 + s * (y1 - y0)
        yb = y1 if t == 1.0 else y0 + t * (y1 - y0)
        if ya != yb:
            at = _deposit(xa, ya, xb, yb, sign, rows, entry_row, entry_col, cover, area, at)
    return at


@njit(cache=True)
def _entries_at_most(x, y, first, last, rows, cols):
    """Bound the number of entries that the edges between two positions can leave."""
    bound = 0
    for i in range(first, last - 1):
        top, bottom = max(min(y[i], y[i + 1]), 0.0), min(max(y[i], y[i + 1]), float(rows))
        if bottom < top:
            continue
        west, east = max(min(x[i], x[i + 1]), 0.0), min(max(x[i], x[i + 1]), float(cols))
        bound += int(bottom - top) + int(max(east - west, 0.0)) + 16
    return bound


@njit(cache=True)
def _ring_sign(x, y, first, last, is_hole):
    """Return the sign that makes a shell add and a hole take away, whatever way the ring runs."""
    twice_area = 0.0
    for i in range(first, last - 1):
        twice_area += (x[i] - x[first]) * (y[i + 1] - y[first]) - (x[i + 1] - x[first]) * (y[i] - y[first])
    sign = -1.0 if twice_area > 0 else 1.0
    return -sign if is_hole else sign


@njit(cache=True)
def _sweep(key, cover, area, cols, run_row, run_first, run_last, cell_row, cell_col, cell_share):
    """Turn sorted entries into runs of whole cells and single partial cells; return how many of each."""
    runs, cells, i = 0, 0, 0
    stride = cols + 1
    while i < key.size:
        row = key[i] // stride
        carried = 0.0
        while i < key.size and key[i] // stride == row:
            col = key[i] % stride
            here, passed = 0.0, 0.0
            while i < key.size and key[i] == row * stride + col:
                here += area[i]
                passed += cover[i]
                i += 1
            following = key[i] % stride if i < key.size and key[i] // stride == row else cols
            for side in range(2):
                share = carried + here if side == 0 else carried + passed
                a = col if side == 0 else col + 1
                b = min(col + 1, cols) if side == 0 else following
                if b <= a or share <= _NOTHING:
                    continue
                if share >= 1.0 - _NOTHING:
                    if runs > 0 and run_row[runs - 1] == row and run_last[runs - 1] == a:
                        run_last[runs - 1] = b
                    else:
                        run_row[runs], run_first[runs], run_last[runs] = row, a, b
                        runs += 1
                else:
                    for c in range(a, b):
                        cell_row[cells], cell_col[cells], cell_share[cells] = row, c, share
                        cells += 1
            carried += passed
    return runs, cells


@njit(cache=True)
def _partial_cells_at_most(key, cover, cols):
    """Bound the number of partial cells: entries, and stretches between them that carry part of a row."""
    stride = cols + 1
    bound, i, carried = 0, 0, 0.0
    while i < key.size:
        carried += cover[i]
        bound += 1
        same_row = i + 1 < key.size and key[i + 1] // stride == key[i] // stride
        following = key[i + 1] % stride if same_row else cols
        if abs(carried) > _NOTHING and abs(carried - 1.0) > _NOTHING:
            bound += max(following - key[i] % stride, 0)
        if not same_row:
            carried = 0.0
        i += 1
    return bound


@njit(cache=True)
def _zone_entries(x, y, ring_stop, ring_is_hole, first_ring, last_ring, rows, cols):
    first = ring_stop[first_ring - 1] if first_ring > 0 else 0
    last = ring_stop[last_ring - 1]
    most = _entries_at_most(x, y, first, last, rows, cols)
    entry_row, entry_col = np.empty(most, np.int32), np.empty(most, np.int32)
    cover, area = np.empty(most), np.empty(most)
    at = 0
    for ring in range(first_ring, last_ring):
        a = ring_stop[ring - 1] if ring > 0 else 0
        b = ring_stop[ring]
        sign = _ring_sign(x, y, a, b, ring_is_hole[ring])
        for i in range(a, b - 1):
            at = _clip_and_deposit(x[i], y[i], x[i + 1], y[i + 1], sign, rows, cols, entry_row, entry_col, cover, area, at)
    key = entry_row[:at].astype(np.int64) * (cols + 1) + entry_col[:at]
    order = np.argsort(key, kind="mergesort")
    return key[order], cover[:at][order], area[:at][order]


@njit(cache=True)
def _cover_zone(x, y, ring_stop, ring_is_hole, first_ring, last_ring, rows, cols):
    key, cover, area = _zone_entries(x, y, ring_stop, ring_is_hole, first_ring, last_ring, rows, cols)
    most_cells = _partial_cells_at_most(key, cover, cols)
    run_row, run_first, run_last = (
        np.empty(2 * key.size, np.int32),
        np.empty(2 * key.size, np.int32),
        np.empty(2 * key.size, np.int32),
    )
    cell_row, cell_col, share = np.empty(most_cells, np.int32), np.empty(most_cells, np.int32), np.empty(most_cells)
    runs, cells = _sweep(key, cover, area, cols, run_row, run_first, run_last, cell_row, cell_col, share)
    return (
        run_row[:runs].copy(),
        run_first[:runs].copy(),
        run_last[:runs].copy(),
        cell_row[:cells].copy(),
        cell_col[:cells].copy(),
        share[:cells].copy(),
    )


def _joined(pieces: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(pieces).astype(dtype, copy=False) if pieces else np.empty(0, dtype)


def cover_rings(
    x: np.ndarray,
    y: np.ndarray,
    ring_stop: np.ndarray,
    ring_is_hole: np.ndarray,
    *,
    zone_stop: np.ndarray,
    shape: tuple[int, int],
) -> Cover:
    """Compute the exact share of every cell that lies inside each zone.

    Parameters
    ----------
    x, y : ndarray of float64, shape (vertices,)
        Closed rings in pixel coordinates: columns to the east, rows to the south, from the upper left corner.
        Edges may leave the raster; only what lies on it is covered.
    ring_stop : ndarray of int64, shape (rings,)
        Ring ``k`` is made of vertices ``ring_stop[k-1]:ring_stop[k]``.
    ring_is_hole : ndarray of bool, shape (rings,)
        Whether the ring takes away. The direction of a ring does not matter.
    zone_stop : ndarray of int64, shape (zones,)
        Zone ``k`` is made of rings ``zone_stop[k-1]:zone_stop[k]``; it may have none.
    shape : (int, int)
        Rows and columns of the raster.

    Returns
    -------
    Cover

    Examples
    --------
    A square from (0.5, 0) to (2, 1) covers half of the first cell and all of the second:

    >>> x, y = np.array([0.5, 2, 2, 0.5, 0.5]), np.array([0.0, 0, 1, 1, 0])
    >>> one = cover_rings(x, y, np.array([5]), np.array([False]), zone_stop=np.array([1]), shape=(2, 3))
    >>> one.cell_share.tolist(), one.run_first.tolist(), one.run_last.tolist()
    ([0.5], [1], [2])
    """
    rows, cols = shape
    x, y = snap(x), snap(y)
    parts: list[list[np.ndarray]] = [[] for _ in range(6)]
    first_ring = 0
    for last_ring in zone_stop:
        if last_ring > first_ring:
            made = _cover_zone(x, y, ring_stop, ring_is_hole, first_ring, last_ring, rows, cols)
        else:
            made = tuple(np.empty(0) for _ in range(6))
        for part, piece in zip(parts, made, strict=True):
            part.append(piece)
        first_ring = last_ring
    run_stop = np.cumsum([piece.size for piece in parts[0]], dtype=np.int64)
    cell_stop = np.cumsum([piece.size for piece in parts[3]], dtype=np.int64)
    ints = [_joined(part, np.int32) for part in parts[:5]]
    row, first, last, cell_row, cell_col = ints
    return Cover(run_stop, row, first, last, cell_stop, cell_row, cell_col, _joined(parts[5], np.float64))


def snap(pixels: np.ndarray) -> np.ndarray:
    """Move pixel coordinates within ``SNAP_CELLS`` of a whole number onto it.

    >>> snap(np.array([2.00000001, 2.3])).tolist()
    [2.0, 2.3]
    """
    whole = np.rint(pixels)
    return np.where(np.abs(pixels - whole) < SNAP_CELLS, whole, pixels)


@njit(cache=True)
def _quad(corner_x, corner_y, r, c, x, y):
    """Put the closed outline of cell (r, c) into x and y; return its area in cells of the other grid."""
    x[0], x[1], x[2], x[3] = corner_x[r, c], corner_x[r, c + 1], corner_x[r + 1, c + 1], corner_x[r + 1, c]
    y[0], y[1], y[2], y[3] = corner_y[r, c], corner_y[r, c + 1], corner_y[r + 1, c + 1], corner_y[r + 1, c]
    x[4], y[4] = x[0], y[0]
    return 0.5 * abs((x[2] - x[0]) * (y[3] - y[1]) - (x[3] - x[1]) * (y[2] - y[0]))


@njit(cache=True)
def _place(counts, r, c, cover, size, out):
    """Spread the counts of cell (r, c) over the cells it covers; return the share that found a place."""
    placed = 0.0
    for i in range(cover[0].size):
        for col in range(cover[1][i], cover[2][i]):
            placed += 1.0 / size
            for k in range(counts.shape[0]):
                out[k, cover[0][i], col] += counts[k, r, c] / size
    for i in range(cover[3].size):
        part = cover[5][i] / size
        placed += part
        for k in range(counts.shape[0]):
            out[k, cover[3][i], cover[4][i]] += counts[k, r, c] * part
    return placed


@njit(cache=True)
def _split(counts, corner_x, corner_y, out, lost):
    rows, cols = out.shape[1], out.shape[2]
    ring_stop, is_hole = np.array([5]), np.array([False])
    x, y = np.empty(5), np.empty(5)
    for r in range(corner_x.shape[0] - 1):
        for c in range(corner_x.shape[1] - 1):
            if not np.any(counts[:, r, c] != 0.0):
                continue
            size = _quad(corner_x, corner_y, r, c, x, y)
            placed = 0.0
            if np.isfinite(size) and size > 0.0 and x.max() > 0 and x.min() < cols and y.max() > 0 and y.min() < rows:
                cover = _cover_zone(x, y, ring_stop, is_hole, 0, 1, rows, cols)
                placed = _place(counts, r, c, cover, size, out)
            if placed < 1.0 - _ROUNDING:
                for k in range(counts.shape[0]):
                    lost[k] += counts[k, r, c] * (1.0 - placed)


def split_cells(
    counts: np.ndarray, corner_x: np.ndarray, corner_y: np.ndarray, *, shape: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Split the counts of cells over another grid by the area they share.

    Parameters
    ----------
    counts : ndarray of float64, shape (layers, rows, cols)
        No NaN.
    corner_x, corner_y : ndarray of float64, shape (rows + 1, cols + 1)
        Corners of the cells in pixel coordinates of the other grid.
    shape : (int, int)
        Rows and columns of the other grid.

    Returns
    -------
    out : ndarray of float64, shape (layers, *shape)
    lost : ndarray of float64, shape (layers,)
        What fell outside the other grid; ``out.sum() + lost`` is ``counts.sum()``.
    """
    out, lost = np.zeros((counts.shape[0], *shape)), np.zeros(counts.shape[0])
    _split(np.ascontiguousarray(counts, dtype=np.float64), snap(corner_x), snap(corner_y), out, lost)
    return out, lost


@njit(cache=True)
def _cover_image(run_row, run_first, run_last, cell_row, cell_col, cell_share, image):
    for i in range(run_row.size):
        for c in range(run_first[i], run_last[i]):
            image[run_row[i], c] += 1.0
    for i in range(cell_row.size):
        image[cell_row[i], cell_col[i]] += cell_share[i]


def cover_image(cover: Cover, shape: tuple[int, int]) -> np.ndarray:
    """Draw how much of every cell all zones cover together: float64, shape (rows, cols), at most 1."""
    image = np.zeros(shape)
    _cover_image(cover.run_row, cover.run_first, cover.run_last, cover.cell_row, cover.cell_col, cover.cell_share, image)
    return np.minimum(image, 1.0, out=image)
