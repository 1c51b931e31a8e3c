"""Outlines of components: the cell edges between a component and everything else, as rings.

Each 4-connected piece is walked with its inside on the right. Where two of its cells meet at a corner only,
the walk turns towards the diagonal cell, so every ring is simple and every polygon valid. The slow twin is
``rasterio.features.shapes`` (``tests/twins/outlines.py``).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from urbanreview.kernels.components import Runs, label_runs


class Rings(NamedTuple):
    """Closed rings in pixel corners; the first ring of a piece is its shell, the others are holes.

    Attributes
    ----------
    row, col : ndarray of int32, shape (vertices,)
        Corners, in units of cells from the upper left corner of the raster.
    ring : ndarray of int64, shape (vertices,)
        The ring a vertex belongs to.
    piece : ndarray of int64, shape (rings,)
        The rook piece a ring belongs to.
    label : ndarray of int32, shape (pieces,)
        The component a piece belongs to.
    """

    row: np.ndarray
    col: np.ndarray
    ring: np.ndarray
    piece: np.ndarray
    label: np.ndarray


# A heading is 0 east, 1 south, 2 west, 3 north; the corner moves by these.
_STEP_ROW = np.array([0, 1, 0, -1])
_STEP_COL = np.array([1, 0, -1, 0])
# The cell ahead on the left and on the right of a corner, relative to the corner.
_LEFT_ROW = np.array([-1, 0, 0, -1])
_LEFT_COL = np.array([0, 0, -1, -1])
_RIGHT_ROW = np.array([0, 0, -1, -1])
_RIGHT_COL = np.array([0, -1, -1, 0])


@njit(cache=True)
def _walk(window, seen, r0, c0, out_row, out_col, at):
    """Follow one ring from corner (r0, c0) heading east; return the position after its last vertex."""
    r, c, heading = r0, c0, 0
    while True:
        if heading == 0:
            seen[r, c] = True
        r += _STEP_ROW[heading]
        c += _STEP_COL[heading]
        if window[r + _LEFT_ROW[heading], c + _LEFT_COL[heading]]:
            turned = (heading + 3) % 4
        elif window[r + _RIGHT_ROW[heading], c + _RIGHT_COL[heading]]:
            turned = heading
        else:
            turned = (heading + 1) % 4
        if turned != heading:
            out_row[at] = r
            out_col[at] = c
            at += 1
        heading = turned
        if r == r0 and c == c0 and heading == 0:
            return at


@njit(cache=True)
def _trace_piece(row, start, stop, out_row, out_col, ring_stop):
    """Trace all rings of one piece given by its runs; return vertices and rings written."""
    top, left = row.min(), start.min()
    height, width = row.max() - top + 1, stop.max() - left
    window = np.zeros((height + 2, width + 2), np.bool_)
    for i in range(row.size):
        window[row[i] - top + 1, start[i] - left + 1 : stop[i] - left + 1] = True
    seen = np.zeros((height + 2, width + 2), np.bool_)
    vertices, rings = 0, 0
    for i in range(row.size):
        r = row[i] - top + 1
        for c in range(start[i] - left + 1, stop[i] - left + 1):
            if window[r - 1, c] or seen[r, c]:
                continue
            vertices_before = vertices
            vertices = _walk(window, seen, r, c, out_row, out_col, vertices)
            # Close the ring on its first vertex.
            out_row[vertices] = out_row[vertices_before]
            out_col[vertices] = out_col[vertices_before]
            vertices += 1
            ring_stop[rings] = vertices
            rings += 1
    for i in range(vertices):
        out_row[i] += top - 1
        out_col[i] += left - 1
    return vertices, rings


@njit(cache=True)
def _trace_all(row, start, stop, piece_stop, out_row, out_col, ring_stop, ring_piece):
    vertices, rings, first = 0, 0, 0
    for piece in range(piece_stop.size):
        last = piece_stop[piece]
        made, closed = _trace_piece(
            row[first:last], start[first:last], stop[first:last], out_row[vertices:], out_col[vertices:], ring_stop[rings:]
        )
        for k in range(closed):
            ring_stop[rings + k] += vertices
            ring_piece[rings + k] = piece
        vertices += made
        rings += closed
        first = last
    return vertices, rings


def trace_runs(runs: Runs) -> Rings:
    """Trace the outlines of labelled runs.

    Parameters
    ----------
    runs : Runs
        In scan order, ``value`` is the component. A component that hangs together by corners only becomes
        several pieces.

    Returns
    -------
    Rings

    Examples
    --------
    >>> from urbanreview.kernels.components import find_runs
    >>> rings = trace_runs(find_runs(np.array([[1, 1], [1, 0]])))
    >>> list(zip(rings.row.tolist(), rings.col.tolist()))
    [(0, 2), (1, 2), (1, 1), (2, 1), (2, 0), (0, 0), (0, 2)]
    """
    pieces, count = label_runs(runs, neighbours=4)
    order = np.argsort(pieces.value, kind="stable")
    piece_of_run = pieces.value[order]
    piece_stop = np.searchsorted(piece_of_run, np.arange(count), side="right")
    row, start, stop = runs.row[order], runs.start[order], runs.stop[order]
    # A run has two ends; every end starts at most two vertices, and every ring closes on one more.
    most = 6 * row.size
    out_row, out_col = np.empty(most, np.int32), np.empty(most, np.int32)
    ring_stop, ring_piece = np.zeros(most, np.int64), np.empty(most, np.int64)
    vertices, rings = _trace_all(row, start, stop, piece_stop, out_row, out_col, ring_stop, ring_piece)
    ring_stop = ring_stop[:rings]
    lengths = np.diff(ring_stop, prepend=0)
    first_run = piece_stop - np.bincount(piece_of_run, minlength=count) if count else piece_stop
    return Rings(
        out_row[:vertices],
        out_col[:vertices],
        np.repeat(np.arange(rings), lengths),
        ring_piece[:rings],
        runs.value[order][first_run],
    )
