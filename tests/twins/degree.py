"""The Degree of Urbanisation the slow way: the specification read aloud, on whole arrays of cells of one square kilometre."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage
from twins.components import TOUCH

from urbanreview.delineation import Rules


class Found(NamedTuple):
    """Classes of both levels, and of every centre: cells and people before and after smoothing and filling."""

    level_1: np.ndarray
    level_2: np.ndarray
    cells: list[tuple[int, int]]
    people: list[tuple[float, float]]
    smoothed_cells: int
    filled_cells: int


def degree(people: np.ndarray, land_m2: np.ndarray | None, built_m2: np.ndarray | None, *, rules: Rules) -> Found:
    """Classify cells; without a land layer all is land, without built-up nothing is known of it."""
    more, semi = rules.degree, rules.degree.semi_dense
    land = np.ones(people.shape) if land_m2 is None else land_m2 / 1000 / 1000
    built = np.full(people.shape, np.nan) if built_m2 is None else built_m2 / 1000 / 1000
    with np.errstate(divide="ignore", invalid="ignore"):
        density = people / land
        share = np.floor(built / land * 1000 + 0.5) / 1000
    populous = density >= rules.urban_centre.min_density
    core = populous if more.built_up_share is None else populous | (share >= more.built_up_share)
    water = ~(land >= more.water_below_share) & ~(people > 0) & ~(built > 0)
    ignored = (land < 0.5) & (people == 0)

    # 30 and 23.
    initial = large(core, people, at_least=rules.urban_centre.min_people, neighbours=rules.urban_centre.neighbours)
    if more.dense_cell_needed:
        initial[~np.isin(initial, initial[populous])] = 0
    smoothed = smooth(initial, water, ignored, more.smoothing)
    final = fill(smoothed, more.fill_below_km2)
    centre = final > 0
    dense = large(core, people, at_least=more.dense_min_people, neighbours=rules.urban_centre.neighbours) > 0

    # Urban clusters and rural ones, on the whole grid.
    urban = density >= rules.urban_cluster.min_density
    queen = rules.urban_cluster.neighbours
    rural = large(urban, people, at_least=more.rural_min_people, neighbours=queen) > 0
    joined = urban | centre | dense if more.dense_is_urban else urban
    cluster = large(joined, people, at_least=rules.urban_cluster.min_people, neighbours=queen) > 0

    # 22, cluster by cluster.
    semi_dense = large(density >= semi.min_density, people, at_least=semi.min_people, neighbours=semi.neighbours)
    near = ndimage.maximum_filter(centre | dense, size=2 * semi.apart_cells + 1, mode="constant")
    dropped = semi_dense[near | ~cluster if semi.in_urban_cluster else near]
    semi_dense[np.isin(semi_dense, dropped)] = 0

    level_1 = np.select([centre, cluster, water], [3, 2, 0], default=1)
    ranks = [centre, dense, semi_dense > 0, cluster, rural, density >= more.low_density, water]
    level_2 = np.select(ranks, [30, 23, 22, 21, 13, 12, 10], default=11)
    ids = [k for k in np.unique(initial[initial > 0]) if (final == k).any()]
    cells = [(int((initial == k).sum()), int((final == k).sum())) for k in ids]
    living = [(float(np.nansum(people[initial == k])), float(np.nansum(people[final == k]))) for k in ids]
    changes = int(((smoothed > 0) & (initial == 0)).sum()), int((centre & (smoothed == 0)).sum())
    return Found(level_1, level_2, cells, living, *changes)


def large(mask: np.ndarray, people: np.ndarray, *, at_least: float, neighbours: int) -> np.ndarray:
    """Number the components of a mask and blank the ones with too few people.

    >>> large(np.array([[True, False, True]]), np.array([[5.0, 9.0, 4.0]]), at_least=5, neighbours=4).tolist()
    [[1, 0, 0]]
    """
    labels, count = ndimage.label(mask, structure=TOUCH[neighbours])
    living = np.bincount(labels.ravel(), weights=np.nan_to_num(people).ravel(), minlength=count + 1)
    return np.where(living[labels] >= at_least, labels, 0)


def around(mask: np.ndarray) -> np.ndarray:
    """Count how many of a cell's eight neighbours are true; beyond the grid there is nothing.

    >>> around(np.array([[True, True, False]])).tolist()
    [[1, 1, 1]]
    """
    rows, cols = mask.shape
    padded = np.pad(mask.astype(int), 1)
    return sum(padded[i : i + rows, j : j + cols] for i in range(3) for j in range(3) if (i, j) != (1, 1))


def smooth(labels: np.ndarray, water: np.ndarray, ignored: np.ndarray, how: str) -> np.ndarray:
    """Let cells join centres, sweep by sweep, until none does.

    >>> nothing = np.zeros((3, 3), bool)
    >>> smooth(np.array([[1, 0, 1], [1, 1, 1], [0, 0, 0]]), nothing, nothing, "majority").tolist()
    [[1, 1, 1], [1, 1, 1], [0, 0, 0]]
    """
    while True:
        free, needed = labels == 0, np.full(labels.shape, 5)
        if how == "majority":
            counted = 8 - around(free & (water | ignored))
            needed = counted // 2 + 1
            free = free & ~water
        after = labels.copy()
        for k in np.unique(labels[labels > 0]):
            after[free & (around(labels == k) >= needed)] = k
        if (after == labels).all():
            return labels
        labels = after


def fill(labels: np.ndarray, below_cells: float) -> np.ndarray:
    """Give the small gaps of every piece of every centre to it; where centres dispute a cell, the larger number has it.

    >>> fill(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]]), 2).tolist()
    [[1, 1, 1], [1, 1, 1], [1, 1, 1]]
    """
    filled = labels.copy()
    for k in np.unique(labels[labels > 0]):
        pieces, _ = ndimage.label(labels == k)
        for number, box in enumerate(ndimage.find_objects(pieces), start=1):
            # Region 1 is all that reaches the frame around the bounding box.
            regions, _ = ndimage.label(np.pad(pieces[box] != number, 1, constant_values=True))
            area = np.bincount(regions.ravel())
            gaps = [region for region in range(2, area.size) if area[region] < below_cells]
            inside = np.isin(regions[1:-1, 1:-1], gaps)
            filled[box] = np.where(inside, np.maximum(filled[box], k), filled[box])
    return filled
