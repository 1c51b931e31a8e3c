"""Connected components by run-length union-find.

A raster is described by its *runs*: stretches of equal, non-background cells in one row. Runs of neighbouring
rows are joined by union-find, so that labels, sums and outlines need no label image. The slow twin is
``scipy.ndimage.label`` (``tests/twins/components.py``).
"""

from typing import NamedTuple

import numpy as np
from numba import njit


class Runs(NamedTuple):
    """Stretches of equal cells, in scan order.

    Attributes
    ----------
    row, start, stop : ndarray of int32, shape (runs,)
        The cells ``[row, start:stop]``.
    value : ndarray of int32, shape (runs,)
        What the cells of the run hold: the value found, or the label given later.
    """

    row: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    value: np.ndarray


FEW_RUNS, CELLS_PER_RUN = 1_024, 64
"""Room that is made for runs at first: cities are few, and a raster with more runs is scanned twice."""
SKIP_CELLS = 32
"""Background is passed over by so many cells at a time."""


@njit(cache=True)
def _next_cell(line, c):
    """Return the position at or after c of a cell that is not background, or the length of the line."""
    while c + SKIP_CELLS <= line.size:
        found = False
        for i in range(SKIP_CELLS):
            found |= line[c + i] != 0
        if found:
            break
        c += SKIP_CELLS
    while c < line.size and line[c] == 0:
        c += 1
    return c


@njit(cache=True)
def _scan(values, row, start, stop, value):
    """Write down runs as far as there is room; return how many there are."""
    count = 0
    rows, cols = values.shape
    for r in range(rows):
        line = values[r]
        c = _next_cell(line, 0)
        while c < cols:
            here = line[c]
            first = c
            while c < cols and line[c] == here:
                c += 1
            if count < row.size:
                row[count] = r
                start[count] = first
                stop[count] = c
                value[count] = here
            count += 1
            c = _next_cell(line, c)
    return count


def find_runs(values: np.ndarray) -> Runs:
    """Describe the non-zero cells of a raster by runs.

    Parameters
    ----------
    values : ndarray of bool or integer, shape (rows, cols)
        Zero (or False) is background.

    Returns
    -------
    Runs
        In scan order: row by row, west to east.

    Examples
    --------
    >>> find_runs(np.array([[0, 1, 1], [2, 0, 2]]))[:3]
    (array([0, 1, 1], dtype=int32), array([1, 0, 2], dtype=int32), array([3, 1, 3], dtype=int32))
    """
    if values.dtype.kind not in "biu":
        message = f"runs are made of bool or integer cells, got {values.dtype}: no run of NaN would ever end"
        raise TypeError(message)
    values = np.ascontiguousarray(values)
    room = values.size // CELLS_PER_RUN + FEW_RUNS
    columns = [np.empty(room, np.int32) for _ in range(4)]
    count = _scan(values, *columns)
    if count > room:
        columns = [np.empty(count, np.int32) for _ in range(4)]
        _scan(values, *columns)
    return Runs(*(column[:count] for column in columns))


@njit(cache=True)
def _root(parent, i):
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@njit(cache=True)
def _join(row, start, stop, value, reach):
    count = row.size
    parent = np.arange(count)
    above = 0
    for i in range(count):
        while above < i and (row[above] < row[i] - 1 or (row[above] == row[i] - 1 and stop[above] + reach <= start[i])):
            above += 1
        k = above
        while k < i and row[k] == row[i] - 1 and start[k] < stop[i] + reach:
            if value[k] == value[i]:
                a, b = _root(parent, k), _root(parent, i)
                if a < b:
                    parent[b] = a
                else:
                    parent[a] = b
            k += 1
    label = np.empty(count, np.int32)
    found = 0
    for i in range(count):
        if parent[i] == i:
            label[i] = found
            found += 1
        else:
            label[i] = label[_root(parent, i)]
    return label, found


def label_runs(runs: Runs, *, neighbours: int) -> tuple[Runs, int]:
    """Join touching runs of equal value into components.

    Parameters
    ----------
    runs : Runs
        In scan order.
    neighbours : {4, 8}
        4 joins cells that share an edge (rook), 8 also those that share a corner (queen).

    Returns
    -------
    labelled : Runs
        The same runs; ``value`` is the component, from 0, numbered by its first cell in scan order.
    count : int
        Number of components.

    Examples
    --------
    >>> corner = find_runs(np.array([[1, 0], [0, 1]]))
    >>> label_runs(corner, neighbours=4)[1], label_runs(corner, neighbours=8)[1]
    (2, 1)
    """
    reach = {4: 0, 8: 1}[neighbours]
    label, count = _join(runs.row, runs.start, runs.stop, runs.value, reach)
    return runs._replace(value=label), count


@njit(cache=True)
def _sum(values, row, start, stop, label, sums):
    for i in range(row.size):
        for c in range(start[i], stop[i]):
            here = values[row[i], c]
            if not np.isnan(here):
                sums[label[i]] += here


def sum_runs(values: np.ndarray, runs: Runs, count: int) -> np.ndarray:
    """Add up a raster over the components of labelled runs, in float64; NaN adds nothing.

    Returns
    -------
    ndarray of float64, shape (count,)
    """
    sums = np.zeros(count)
    _sum(values, runs.row, runs.start, runs.stop, runs.value, sums)
    return sums


def count_cells(runs: Runs, count: int) -> np.ndarray:
    """Count the cells of each component: ndarray of int64, shape (count,)."""
    return np.bincount(runs.value, weights=runs.stop - runs.start, minlength=count).astype(np.int64)


def select_runs(runs: Runs, keep: np.ndarray) -> Runs:
    """Keep the components where ``keep`` is true, renumbered from 0 in the same order."""
    renumbered = np.cumsum(keep, dtype=np.int32) - 1
    chosen = keep[runs.value]
    return Runs(runs.row[chosen], runs.start[chosen], runs.stop[chosen], renumbered[runs.value[chosen]])


def list_cells(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """List the cells of runs one by one, in their order: row and column, ndarray of int64, shape (cells,).

    >>> row, col = list_cells(find_runs(np.array([[0, 1, 1], [2, 0, 2]])))
    >>> row.tolist(), col.tolist()
    ([0, 0, 1, 1], [1, 2, 0, 2])
    """
    lengths = (runs.stop - runs.start).astype(np.int64)
    before = np.cumsum(lengths) - lengths
    return np.repeat(runs.row.astype(np.int64), lengths), np.repeat(runs.start - before, lengths) + np.arange(lengths.sum())


def runs_of_cells(cells: np.ndarray, labels: np.ndarray) -> Runs:
    """Join single cells to runs.

    Parameters
    ----------
    cells : ndarray of int64, shape (cells,)
        As row times columns plus column, in any order; a cell may stand more than once.
    labels : ndarray of int32, shape (rows, cols)
        What the cells hold: component ``k`` as ``k + 1``, as `paint_runs` draws it.

    Returns
    -------
    Runs
        In scan order.

    Examples
    --------
    >>> runs_of_cells(np.array([2, 1, 5]), np.array([[0, 4, 4], [0, 0, 4]]))[:3]
    (array([0, 1], dtype=int32), array([1, 2], dtype=int32), array([3, 3], dtype=int32))
    """
    cells = np.sort(cells)
    cells = cells[np.diff(cells, prepend=-1) != 0]
    cols = labels.shape[1]
    row, col = cells // cols, cells % cols
    value = labels[row, col].astype(np.int32) - 1
    begins = np.ones(cells.size, bool)
    begins[1:] = (cells[1:] - cells[:-1] != 1) | (row[1:] != row[:-1]) | (value[1:] != value[:-1])
    first = np.flatnonzero(begins)
    last = np.append(first[1:], cells.size) - 1 if cells.size else first
    return Runs(row[first].astype(np.int32), col[first].astype(np.int32), col[last].astype(np.int32) + 1, value[first])


@njit(cache=True)
def _paint(row, start, stop, value, image):
    for i in range(row.size):
        image[row[i], start[i] : stop[i]] = value[i] + 1


def paint_runs(runs: Runs, shape: tuple[int, int]) -> np.ndarray:
    """Draw labelled runs as an image: component ``k`` becomes ``k + 1``, background 0 (int32)."""
    image = np.zeros(shape, np.int32)
    _paint(runs.row, runs.start, runs.stop, runs.value, image)
    return image


@njit(cache=True)
def _fill_runs(row, start, stop, number, image):
    for i in range(row.size):
        image[row[i], start[i] : stop[i]] = number


@njit(cache=True)
def _set_bit(row, start, stop, bit, image):
    for i in range(row.size):
        for c in range(start[i], stop[i]):
            image[row[i], c] |= bit


def draw_runs(runs: Runs, image: np.ndarray, number: int) -> None:
    """Write a number into the cells of runs, in place."""
    _fill_runs(runs.row, runs.start, runs.stop, image.dtype.type(number), image)


def set_bit(runs: Runs, image: np.ndarray, bit: int) -> None:
    """Set a bit in the cells of runs, in place."""
    _set_bit(runs.row, runs.start, runs.stop, image.dtype.type(bit), image)


@njit(cache=True)
def _any_near(row, start, stop, reach, image):
    rows, cols = image.shape
    near = np.zeros(row.size, np.bool_)
    for i in range(row.size):
        for r in range(max(row[i] - reach, 0), min(row[i] + reach + 1, rows)):
            for c in range(max(start[i] - reach, 0), min(stop[i] + reach, cols)):
                if image[r, c]:
                    near[i] = True
                    break
            if near[i]:
                break
    return near


def near_marks(runs: Runs, count: int, marks: np.ndarray, *, reach: int) -> np.ndarray:
    """Tell which components have a cell within `reach` cells (rows and columns) of a mark.

    Parameters
    ----------
    runs : Runs
        Labelled.
    count : int
        Number of components.
    marks : ndarray of bool or integer, shape (rows, cols)
    reach : int

    Returns
    -------
    ndarray of bool, shape (count,)
    """
    near = _any_near(runs.row, runs.start, runs.stop, reach, marks)
    return np.bincount(runs.value[near], minlength=count) > 0


@njit(cache=True)
def _peak(values, tie, row, start, stop, label, best_row, best_col):
    count = best_row.size
    best = np.full(count, -np.inf)
    for i in range(row.size):
        k = label[i]
        for c in range(start[i], stop[i]):
            here = values[row[i], c]
            if np.isnan(here):
                continue
            won = here > best[k]
            if here == best[k]:
                old, new = tie[best_row[k], best_col[k]], tie[row[i], c]
                won = new < old
            if won:
                best[k] = here
                best_row[k] = row[i]
                best_col[k] = c


def peak_cells(values: np.ndarray, runs: Runs, count: int, *, tie: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find the cell with the largest value of each component.

    Parameters
    ----------
    values : ndarray, shape (rows, cols)
        NaN never wins.
    runs : Runs
        Labelled.
    count : int
        Number of components.
    tie : ndarray, shape (rows, cols)
        Of equal cells the one with the smallest ``tie`` wins (a rank of positions).

    Returns
    -------
    row, col : ndarray of int64, shape (count,)
        -1 where a component has no value at all.
    """
    best_row, best_col = np.full(count, -1), np.full(count, -1)
    _peak(values, tie, runs.row, runs.start, runs.stop, runs.value, best_row, best_col)
    return best_row, best_col
