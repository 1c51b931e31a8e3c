"""Mean distances between pairs of cells, against every pair of points written out."""

import numpy as np
import pytest

from urbanreview.kernels.pairs import mean_pair_distance

UNIT = np.eye(2) / 6
NO_NEAR = np.full((1, 1), np.nan)


def mean_between(row, col, *, weight=None, near=NO_NEAR, spread=UNIT):
    row, col = np.asarray(row), np.asarray(col)
    weight = np.ones(row.size) if weight is None else np.asarray(weight, float)
    return mean_pair_distance(col + 0.5, -row - 0.5, weight, row, col, near=near, spread=spread)


def test_centres_alone_are_the_plain_mean_over_pairs():
    places = np.random.default_rng(3).permutation(400)[:60]
    row, col = np.divmod(places, 20)
    weight = 1.0 + row
    apart = np.hypot(row[:, None] - row, col[:, None] - col)
    both = np.triu(weight[:, None] * weight, 1)
    found = mean_between(row, col, weight=weight, spread=np.zeros((2, 2)))
    assert found == pytest.approx((apart * both).sum() / both.sum(), rel=1e-12)


@pytest.mark.parametrize(("down", "right"), [(3, 0), (0, 3), (4, -3), (2, 9)])
def test_the_extent_of_cells_is_made_good(down, right):
    side = (np.arange(12) + 0.5) / 12
    y, x = (part.ravel() for part in np.meshgrid(side, side))
    every = np.hypot(down + y[:, None] - y, right + x[:, None] - x).mean()
    found = mean_between([5, 5 + down], [9, 9 + right])
    assert found == pytest.approx(every, rel=1e-4)
    assert abs(found - every) < abs(np.hypot(down, right) - every) / 10  # which centres alone do not


def test_near_cells_are_looked_up_by_rows_and_columns_apart():
    near = np.arange(1.0, 10.0).reshape(3, 3)
    near[::-1, ::-1][near < 5] = near[near < 5]  # a pair is the same seen from either cell
    assert mean_between([0, 0], [0, 1], near=near) == near[1, 2]
    assert mean_between([0, 1], [0, 0], near=near) == near[2, 1]
    assert mean_between([0, 1], [1, 0], near=near) == near[2, 0]
    assert mean_between([0, 2], [0, 0], near=near, spread=np.zeros((2, 2))) == 2.0


def test_one_cell_has_no_pair():
    assert np.isnan(mean_between([4], [4]))
