"""Urban centres get smooth edges and lose their holes.

Both work on an image of labels, 0 where there is none, and touch only the cells around the labelled ones. The slow twins
are in ``tests/twins/degree.py``.
"""

from typing import Literal

import numpy as np
from numba import njit

from urbanreview.kernels.components import Runs, label_runs, paint_runs
from urbanreview.kernels.flags import IGNORED, WATER

Smoothing = Literal["majority", "five of eight"]
"""``majority``: more than half of the neighbours that count; ``five of eight``: five neighbours, whatever they are."""
FIVE = 5


@njit(cache=True)
def _longer(array, size):
    """Return an array with room for `size` entries and the old ones in front."""
    if size <= array.size:
        return array
    longer = np.empty(max(size, 2 * array.size), array.dtype)
    longer[: array.size] = array
    return longer


@njit(cache=True)
def _winner(labels, flags, r, c, majority):
    """Return the label that an unlabelled cell joins, or 0."""
    rows, cols = labels.shape
    found, votes = np.zeros(8, np.int32), np.zeros(8, np.int32)
    kinds, counted = 0, 0
    for near_r in range(r - 1, r + 2):
        for near_c in range(c - 1, c + 2):
            if near_r == r and near_c == c:
                continue
            if near_r < 0 or near_r >= rows or near_c < 0 or near_c >= cols:
                counted += 1
                continue
            label = labels[near_r, near_c]
            if label == 0:
                counted += (flags[near_r, near_c] & (WATER | IGNORED)) == 0
                continue
            counted += 1
            k = 0
            while k < kinds and found[k] != label:
                k += 1
            if k == kinds:
                found[k] = label
                kinds += 1
            votes[k] += 1
    for k in range(kinds):
        if (majority and 2 * votes[k] > counted) or (not majority and votes[k] >= FIVE):
            return found[k]
    return 0


@njit(cache=True)
def _neighbours_of(labels, waiting, cells, count, out):
    """List the unlabelled neighbours of cells, each once; return the list and its length."""
    rows, cols = labels.shape
    found = 0
    for i in range(count):
        r, c = cells[i] // cols, cells[i] % cols
        out = _longer(out, found + 8)
        for near_r in range(max(r - 1, 0), min(r + 2, rows)):
            for near_c in range(max(c - 1, 0), min(c + 2, cols)):
                if labels[near_r, near_c] == 0 and not waiting[near_r, near_c]:
                    waiting[near_r, near_c] = True
                    out[found] = near_r * cols + near_c
                    found += 1
    return out, found


@njit(cache=True)
def _smooth(labels, flags, waiting, cells, majority):
    cols = labels.shape[1]
    joined, total = np.empty(1024, np.int64), 0
    frontier, ahead = _neighbours_of(labels, waiting, cells, cells.size, np.empty(1024, np.int64))
    winners = np.empty(ahead, np.int32)
    while ahead:
        winners = _longer(winners, ahead)
        for i in range(ahead):
            r, c = frontier[i] // cols, frontier[i] % cols
            waiting[r, c] = False
            winners[i] = 0 if majority and flags[r, c] & WATER else _winner(labels, flags, r, c, majority)
        first = total
        for i in range(ahead):
            if winners[i]:
                labels[frontier[i] // cols, frontier[i] % cols] = winners[i]
                joined = _longer(joined, total + 1)
                joined[total] = frontier[i]
                total += 1
        frontier, ahead = _neighbours_of(labels, waiting, joined[first:total], total - first, frontier)
    return joined[:total]


def smooth_labels(labels: np.ndarray, cells: np.ndarray, flags: np.ndarray, *, how: Smoothing) -> np.ndarray:
    """Let cells join the centre that most of their neighbours belong to, until none does any more.

    Parameters
    ----------
    labels : ndarray of int32, shape (rows, cols)
        0 where there is no centre. Altered.
    cells : ndarray of int64, shape (cells,)
        The labelled cells, as row times columns plus column.
    flags : ndarray of uint8, shape (rows, cols)
        Of `flag_cells`; `WATER` and `IGNORED` are used, by ``majority`` only.
    how : {"majority", "five of eight"}

    Returns
    -------
    ndarray of int64, shape (joined,)
        Cells that joined.

    Notes
    -----
    All cells of a sweep are judged by the state before it, so the answer does not depend on their order. By
    ``majority`` a cell joins the label that more than half of its counted neighbours carry. Water never joins. Unlabelled
    water and unpopulated cells with little land do not count as neighbours; places beyond the grid do.

    Examples
    --------
    A notch is filled, a straight edge stays:

    >>> labels = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 0]], np.int32)
    >>> smooth_labels(labels, np.flatnonzero(labels), np.zeros((3, 3), np.uint8), how="five of eight").tolist()
    [1]
    """
    waiting = np.zeros(labels.shape, bool)
    return _smooth(labels, flags, waiting, cells, how == "majority")


@njit(cache=True)
def _flood(pieces, piece, r, c, cell_km2, below_km2, gap):
    """Collect the region around a cell that is not of a piece; return its cells, or 0 if it is open or too large."""
    rows, cols = pieces.shape
    wide, tall = cell_km2.shape[1] > 1, cell_km2.shape[0] > 1
    gap[0] = r * cols + c
    size, i = 1, 0
    area = cell_km2[r if tall else 0, c if wide else 0]
    while i < size:
        if area >= below_km2:
            return 0
        r, c = gap[i] // cols, gap[i] % cols
        i += 1
        for near_r, near_c in ((r - 1, c), (r, c - 1), (r, c + 1), (r + 1, c)):
            if near_r < 0 or near_r >= rows or near_c < 0 or near_c >= cols:
                return 0
            here = near_r * cols + near_c
            if pieces[near_r, near_c] == piece or (gap[:size] == here).any():
                continue
            if size == gap.size:
                return 0
            gap[size] = here
            size += 1
            area += cell_km2[near_r if tall else 0, near_c if wide else 0]
    return size if area < below_km2 else 0


@njit(cache=True)
def _fill(pieces, row, stop, piece, label, cell_km2, below_km2, most):
    cells, labels = np.empty(1024, np.int64), np.empty(1024, np.int32)
    gap = np.empty(most, np.int64)
    total = 0
    cols = pieces.shape[1]
    for i in range(row.size):
        # Every gap has a cell whose western neighbour is the end of a run of its piece.
        if stop[i] >= cols or pieces[row[i], stop[i]] == piece[i] + 1:
            continue
        size = _flood(pieces, piece[i] + 1, row[i], stop[i], cell_km2, below_km2, gap)
        cells, labels = _longer(cells, total + size), _longer(labels, total + size)
        cells[total : total + size] = gap[:size]
        labels[total : total + size] = label[i]
        total += size
    return cells[:total], labels[:total]


def find_gaps(
    centres: Runs, shape: tuple[int, int], *, cell_km2: np.ndarray, below_km2: float
) -> tuple[np.ndarray, np.ndarray]:
    """Find the holes of centres that are small enough to be filled.

    Parameters
    ----------
    centres : Runs
        In scan order; ``value`` is the centre.
    shape : (rows, cols)
    cell_km2 : ndarray of float64, shape (rows or 1, cols or 1)
        Area of the cells.
    below_km2 : float
        Gaps of this area and more stay.

    Returns
    -------
    cell : ndarray of int64, shape (found,)
        As row times columns plus column; a cell can stand more than once.
    centre : ndarray of int32, shape (found,)

    Notes
    -----
    A gap is a region, joined by edges, of what is not of one piece of a centre (joined by edges), that the piece
    encloses; other centres in it are part of it. What reaches the border of the grid is a bay and no gap.

    Examples
    --------
    >>> from urbanreview.kernels.components import find_runs
    >>> ring = find_runs(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]]))
    >>> cell, _ = find_gaps(ring, (3, 3), cell_km2=np.ones((1, 1)), below_km2=15.0)
    >>> cell.tolist()
    [4]
    """
    pieces, _ = label_runs(centres, neighbours=4)
    image = paint_runs(pieces, shape)
    most = int(below_km2 / cell_km2.min()) + 2
    return _fill(image, pieces.row, pieces.stop, pieces.value, centres.value, cell_km2, below_km2, most)
