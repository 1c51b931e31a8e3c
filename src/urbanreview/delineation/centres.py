"""Urban centres: dense cells that hang together and hold enough people, their edges smoothed, their gaps filled."""

from dataclasses import dataclass

import numpy as np

from urbanreview.delineation.rules import Degree, ExtentRule
from urbanreview.kernels.centres import find_gaps, smooth_labels
from urbanreview.kernels.components import (
    Runs,
    find_runs,
    label_runs,
    list_cells,
    paint_runs,
    runs_of_cells,
    select_runs,
    sum_runs,
)
from urbanreview.kernels.flags import CORE, POPULOUS


@dataclass(frozen=True)
class Centres:
    """Centres before and after their edges were smoothed and their gaps filled.

    Attributes
    ----------
    initial, final : Runs
        In scan order; ``value`` is the centre, the same number in both.
    dense : Runs
        Cells of all dense clusters (23), centres included; ``value`` is of no use.
    swallowed : ndarray of bool, shape (centres,)
        Centres whose cells all went to another one that encloses them.
    """

    initial: Runs
    final: Runs
    dense: Runs
    swallowed: np.ndarray


def find_centres(people: np.ndarray, flags: np.ndarray, *, centre: ExtentRule, degree: Degree, cell_km2: np.ndarray) -> Centres:
    """Find urban centres, and the dense clusters that are none.

    Parameters
    ----------
    people : ndarray of float, shape (rows, cols)
    flags : ndarray of uint8, shape (rows, cols)
        Of `flag_cells`.
    centre : ExtentRule
    degree : Degree
    cell_km2 : ndarray of float64, shape (rows or 1, cols or 1)

    Returns
    -------
    Centres
        Numbered by their first cell in scan order before smoothing.

    Notes
    -----
    The size is tested before smoothing and filling, and not again.
    """
    runs, count = label_runs(find_runs(flags & CORE), neighbours=centre.neighbours)
    living = sum_runs(people, runs, count)
    large = living >= centre.min_people
    if degree.dense_cell_needed:
        large &= sum_runs(flags & POPULOUS, runs, count) > 0
    initial = select_runs(runs, large)
    dense = select_runs(runs, living >= degree.dense_min_people)
    final = _smoothed_and_filled(initial, flags, degree, cell_km2)
    swallowed = np.bincount(final.value, minlength=int(large.sum())) == 0
    return Centres(initial, final, dense, swallowed)


def _smoothed_and_filled(initial: Runs, flags: np.ndarray, degree: Degree, cell_km2: np.ndarray) -> Runs:
    labels = paint_runs(initial, flags.shape)
    cols = flags.shape[1]
    row, col = list_cells(initial)
    cells = row * cols + col
    cells = np.concatenate([cells, smooth_labels(labels, cells, flags, how=degree.smoothing)])
    smooth = runs_of_cells(cells, labels)
    gap, centre = find_gaps(smooth, flags.shape, cell_km2=cell_km2, below_km2=degree.fill_below_km2)
    # A gap within a gap goes to the later centre, as the peers do it.
    np.maximum.at(labels.reshape(-1), gap, centre + 1)
    return runs_of_cells(np.concatenate([cells, gap]), labels)
