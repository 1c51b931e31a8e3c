"""What surrounds the patches of a raster, by marking every patch's neighbourhood cell by cell."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _add_surroundings(rows, cols, labels, known, old, weight, reach, seen, sums):
    half = reach.shape[1] // 2
    for i in range(rows.size):
        patch = labels[rows[i], cols[i]]
        for row in range(max(rows[i] - half, 0), min(rows[i] + half + 1, labels.shape[0])):
            width = reach[rows[i], row - rows[i] + half]
            for col in range(max(cols[i] - width, 0), min(cols[i] + width + 1, labels.shape[1])):
                if labels[row, col] == patch or seen[row, col] == patch or not known[row, col]:
                    continue
                seen[row, col] = patch
                sums[patch - 1, 0] += weight[row, col] if old[row, col] else 0.0
                sums[patch - 1, 1] += weight[row, col]


def sum_surroundings(
    labels: np.ndarray, known: np.ndarray, old: np.ndarray, *, weight: np.ndarray, reach: np.ndarray, label_count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Add up the old cells, and all cells, near every patch.

    Parameters
    ----------
    labels : ndarray of int32, shape (rows, cols)
        0 is no patch, ``k + 1`` is patch ``k``.
    known : ndarray of bool, shape (rows, cols)
        Cells that count at all.
    old : ndarray of bool, shape (rows, cols)
    weight : ndarray of float64, shape (rows, cols)
        Size of each cell; may be a broadcast view.
    reach : ndarray of int64, shape (rows, 2 * half + 1)
        ``reach[r, half + d]`` columns on each side are near a patch's cell in row ``r``, ``d`` rows below it; -1 is none.
    label_count : int
        Number of patches.

    Returns
    -------
    near_old, near : ndarray of float64, shape (patches,)
        Weight of old cells, and of all cells, that are near any cell of the patch and not of the patch itself. Every
        cell counts once. What lies beyond the raster does not count.
    """
    rows, cols = np.nonzero(labels)
    in_turn = np.argsort(labels[rows, cols], kind="stable")
    sums = np.zeros((label_count, 2))
    seen = np.zeros(labels.shape, labels.dtype)
    _add_surroundings(rows[in_turn], cols[in_turn], labels, known, old, weight, reach, seen, sums)
    return sums[:, 0].copy(), sums[:, 1].copy()
