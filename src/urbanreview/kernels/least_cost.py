"""Least cost over a grid of eight neighbours, exact, by a queue of buckets.

Cells wait in buckets of a width below the cheapest step, so every cell of the lowest bucket is final (Denardo and Fox 1979).
Where steps differ too much for that, the bucket is worked off until nothing in it improves: still exact. The slow twins
are scipy's Dijkstra on an explicit graph and scikit-image's MCP_Geometric (``tests/twins/least_cost.py``).

Arrays are padded by one impassable cell on every side: friction is infinite where nobody passes, and no index is ever checked.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

WIDTH = 0.99
"""Width of a bucket as a part of the cheapest step."""
MOST_BUCKETS = 1 << 20
NOBODY = -1


class Links(NamedTuple):
    """Half the ground length of the steps between cells of the padded grid [m].

    Attributes
    ----------
    east : ndarray of float64, shape (rows + 2, cols + 2 or 1)
        From a cell to its eastern neighbour. One column stands for all.
    south, southeast, southwest : ndarray of float64, shape (rows + 2, cols + 2 or 1)
        From a cell to its neighbours in the next row. What leads into the padding is positive and without meaning.
    """

    east: np.ndarray
    south: np.ndarray
    southeast: np.ndarray
    southwest: np.ndarray


# East, west, south, north, southeast, northwest, southwest, northeast: the order in which ties are broken.
_STEP_ROW = np.array([0, 0, 1, -1, 1, -1, 1, -1])
_STEP_COL = np.array([1, -1, 0, 0, 1, -1, -1, 1])


@njit(cache=True, nogil=True, inline="always")
def _halves(links, r, c, out):
    """Write half the lengths of the eight steps from a cell."""
    east, south, southeast, southwest = links
    if east.shape[1] == 1:
        out[0] = out[1] = east[r, 0]
        out[2], out[3] = south[r, 0], south[r - 1, 0]
        out[4], out[5] = southeast[r, 0], southeast[r - 1, 0]
        out[6], out[7] = southwest[r, 0], southwest[r - 1, 0]
    else:
        out[0], out[1] = east[r, c], east[r, c - 1]
        out[2], out[3] = south[r, c], south[r - 1, c]
        out[4], out[5] = southeast[r, c], southeast[r - 1, c - 1]
        out[6], out[7] = southwest[r, c], southwest[r - 1, c + 1]


@njit(cache=True, nogil=True)
def _grown(array):
    longer = np.empty(2 * array.size, array.dtype)
    longer[: array.size] = array
    return longer


@njit(cache=True, nogil=True)
def _spread(friction, links, cost, owner, sources, targets, most, width, mask):  # noqa: C901 - handing on the queue costs a fifth
    """Lower `cost` until it is final for every cell up to `most`, or for all targets; return the bound it is final to.

    A bucket is a list of entries: ``head[bucket]`` is its first, ``cell[entry]`` the cell, ``following[entry]`` the next
    one. Entries that are done form a list of their own that begins at ``free``. Positions are unsigned, because
    numba looks for indices below zero otherwise.
    """
    cols = friction.shape[1]
    flat_friction, flat_cost, flat_owner = friction.reshape(-1), cost.reshape(-1), owner.reshape(-1)
    owned = flat_owner.size > 0
    step, half = _STEP_ROW * cols + _STEP_COL, np.empty(8)
    per_width = 1.0 / width
    head = np.full(mask + 1, NOBODY, np.int32)
    cell, following = np.empty(4096, np.int32), np.empty(4096, np.int32)
    free, used, waiting = NOBODY, 0, 0
    for source in sources:
        if used == cell.size:
            cell, following = _grown(cell), _grown(following)
        cell[used], following[used] = source, head[0]
        head[0] = used
        used += 1
        waiting += 1
    at, reached = 0, 0
    while waiting:
        slot = at & mask
        if head[slot] != NOBODY:
            bound = at * width
            while reached < targets.size and flat_cost[targets[reached]] < bound:
                reached += 1
            if bound > most or (targets.size > 0 and reached == targets.size):
                return bound
        while head[slot] != NOBODY:
            entry = head[slot]
            head[slot] = following[entry]
            here = np.int64(cell[entry])
            following[entry] = free
            free = entry
            waiting -= 1
            base = flat_cost[np.uint64(here)]
            if int(base * per_width) != at:
                continue  # it was reached more cheaply, and done, before
            slow = np.float64(flat_friction[np.uint64(here)])
            row = here // cols
            _halves(links, row, here - row * cols, half)
            for k in range(8):
                there = np.uint64(here + step[k])
                reach = base + (slow + np.float64(flat_friction[there])) * half[k]
                before = flat_cost[there]
                if reach >= before:
                    continue
                flat_cost[there] = reach
                if owned:
                    flat_owner[there] = flat_owner[here]
                number = int(reach * per_width)
                # In the same bucket as before it waits already, unless that bucket is being worked off.
                if before < np.inf and int(before * per_width) == number and number != at:
                    continue
                if free == NOBODY:
                    if used == cell.size:
                        cell, following = _grown(cell), _grown(following)
                    entry = used
                    used += 1
                else:
                    entry = free
                    free = following[entry]
                cell[entry] = np.int32(there)
                following[entry] = head[np.uint64(number & mask)]
                head[np.uint64(number & mask)] = entry
                waiting += 1
        at += 1
    return np.inf


class Reached(NamedTuple):
    """Where a sweep got to.

    Attributes
    ----------
    cost : ndarray of float64, shape (rows + 2, cols + 2)
        Infinite where nobody came.
    owner : ndarray of int32, the same shape, or (0, 0)
        Number of the source that a cell belongs to; -1 for none.
    final_to : float
        Costs below are final; higher ones are upper bounds.
    """

    cost: np.ndarray
    owner: np.ndarray
    final_to: float


def least_cost(
    friction: np.ndarray,
    links: Links,
    sources: np.ndarray,
    *,
    cheapest: float,
    dearest: float,
    targets: np.ndarray | None = None,
    most: float = np.inf,
    owners: bool = False,
) -> Reached:
    """Spread the cost of travel from sources over a grid.

    Parameters
    ----------
    friction : ndarray of float32 or float64, shape (rows + 2, cols + 2)
        Cost per metre; summed in float64; infinite where nobody passes, and all around.
    links : Links
    sources : ndarray of int64, shape (sources,)
        Cells as row times columns plus column of the padded grid.
    cheapest, dearest : float
        Bounds of the cost of a step: they set the buckets. `cheapest` is above zero.
    targets : ndarray of int64, optional
        Stop when all of them are final.
    most : float
        Stop when every cost up to it is final.
    owners : bool
        Whether to tell which source every cell belongs to; of equal ones the one that came first.

    Returns
    -------
    Reached

    Notes
    -----
    A step costs the sum of the frictions of its two cells times half its length. Sources cost nothing.

    Examples
    --------
    Three cells in a row, 2 m apart, one minute per metre:

    >>> friction = np.full((3, 5), np.inf)
    >>> friction[1, 1:4] = 1.0
    >>> links = Links(*(np.full((3, 1), half) for half in (1.0, 1.0, 2**0.5, 2**0.5)))
    >>> least_cost(friction, links, np.array([6]), cheapest=2.0, dearest=3.0).cost[1, 1:4].tolist()
    [0.0, 2.0, 4.0]
    """
    cost = np.full(friction.shape, np.inf)
    owner = np.full(friction.shape if owners else (0, 0), -1, np.int32)
    sources = np.asarray(sources, np.int64)
    cost.reshape(-1)[sources] = 0.0
    if owners:
        owner.reshape(-1)[sources[::-1]] = np.arange(sources.size, dtype=np.int32)[::-1]
    width = max(WIDTH * cheapest, 2.0 * dearest / MOST_BUCKETS)
    mask = (1 << (int(dearest / width) + 2).bit_length()) - 1
    none = np.empty(0, np.int64)
    targets = none if targets is None else np.asarray(targets, np.int64)
    final_to = _spread(friction, links, cost, owner, sources, targets, most, width, mask)
    return Reached(cost, owner, final_to)


@njit(cache=True, nogil=True)
def _trace(friction, links, cost, targets, stop, cells, lengths):
    cols = friction.shape[1]
    flat_friction, flat_cost = friction.reshape(-1), cost.reshape(-1)
    step = _STEP_ROW * cols + _STEP_COL
    half = np.empty(8)
    total = 0
    for i in range(targets.size):
        here = targets[i]
        metres = 0.0
        while True:
            if total == cells.size:
                cells = _grown(cells)
            cells[total] = here
            total += 1
            if flat_cost[here] == 0.0 or flat_cost[here] == np.inf:
                break
            _halves(links, here // cols, here % cols, half)
            k = 0
            while k < 8:
                there = here + step[k]
                pair = np.float64(flat_friction[here]) + np.float64(flat_friction[there])
                # Only downhill: where a step is lost in rounding, two cells would lead to one another for ever.
                if flat_cost[there] < flat_cost[here] and flat_cost[there] + pair * half[k] == flat_cost[here]:
                    break
                k += 1
            if k == 8:
                return cells[:0]
            metres += 2.0 * half[k]
            here += step[k]
        stop[i] = total
        lengths[i] = metres if flat_cost[here] == 0.0 else np.nan
    return cells[:total]


def trace_routes(
    friction: np.ndarray, links: Links, cost: np.ndarray, targets: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Follow the cheapest way from targets back to their source.

    Parameters
    ----------
    friction, links
        As for `least_cost`.
    cost : ndarray of float64, shape (rows + 2, cols + 2)
        What it gave, final at the targets.
    targets : ndarray of int64, shape (targets,)

    Returns
    -------
    cells : ndarray of int64
        The cells of all routes, each from its target to the source.
    stop : ndarray of int64, shape (targets,)
        Route ``i`` is ``cells[stop[i-1]:stop[i]]``.
    metres : ndarray of float64, shape (targets,)
        Ground length; NaN where there is no way.

    Raises
    ------
    RuntimeError
        If the costs do not belong to this friction, or a step was lost in rounding.

    Notes
    -----
    The cell before is the neighbour whose cost and step add up to this cell's cost, exactly; of several the first in a
    fixed order. Nothing is stored while the costs spread.
    """
    targets = np.asarray(targets, np.int64)
    stop, metres = np.zeros(targets.size, np.int64), np.zeros(targets.size)
    cells = _trace(friction, links, cost, targets, stop, np.empty(4096, np.int64), metres)
    if targets.size and not cells.size:
        raise RuntimeError("a cell has no way back: these costs belong to another friction, or steps are lost in rounding")
    return cells, stop, metres
