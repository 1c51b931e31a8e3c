"""Counts split over another grid: the slow version cuts quadrilaterals, and nobody is lost."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.kernels.coverage import split_cells

SHAPE = (5, 7)


def corners(rows, cols, matrix=((1, 0), (0, 1)), shift=(0.0, 0.0)):
    """Corners of cells in pixel coordinates of the other grid, moved by a linear map."""
    row, col = np.mgrid[: rows + 1, : cols + 1].astype(float)
    (a, b), (c, d) = matrix
    return a * col + b * row + shift[0], c * col + d * row + shift[1]


def twin(counts, x, y, shape):
    out = np.zeros((len(counts), *shape))
    right, down = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    cells = shapely.box(right, down, right + 1, down + 1)
    for row, col in np.ndindex(counts.shape[1:]):
        around = [(row, col), (row, col + 1), (row + 1, col + 1), (row + 1, col)]
        quad = shapely.Polygon([(x[here], y[here]) for here in around])
        share = shapely.area(shapely.intersection(cells, quad)) / quad.area
        out += counts[:, row, col][:, None, None] * share
    return out


factors = st.integers(-60, 60).map(lambda number: number / 32)


@given(
    st.tuples(factors, factors, factors, factors).filter(lambda m: abs(m[0] * m[3] - m[1] * m[2]) > 0.05),
    st.tuples(st.integers(-96, 256), st.integers(-96, 256)).map(lambda pair: (pair[0] / 32, pair[1] / 32)),
    st.integers(0, 2**32 - 1),
)
def test_counts_are_split_as_an_intersection_does(numbers, shift, seed):
    counts = np.random.default_rng(seed).integers(0, 9, (2, 3, 4)).astype(float)
    x, y = corners(3, 4, (numbers[:2], numbers[2:]), shift)
    out, lost = split_cells(counts, x, y, shape=SHAPE)
    np.testing.assert_allclose(out, twin(counts, x, y, SHAPE), rtol=0, atol=1e-9)
    np.testing.assert_allclose(out.sum(axis=(1, 2)) + lost, counts.sum(axis=(1, 2)), rtol=1e-12, atol=1e-9)


def test_the_same_grid_keeps_every_count():
    counts = np.random.default_rng(3).random((1, *SHAPE))
    out, lost = split_cells(counts, *corners(*SHAPE), shape=SHAPE)
    np.testing.assert_array_equal(out, counts)
    assert lost.tolist() == [0.0]


def test_what_leaves_the_grid_is_lost_and_counted_by_layer():
    counts = np.array([[[8.0, 4.0]], [[2.0, 2.0]]])
    out, lost = split_cells(counts, *corners(1, 2, shift=(-0.75, 0.0)), shape=(1, 3))
    np.testing.assert_allclose(out, [[[2 + 3, 1, 0]], [[0.5 + 1.5, 0.5, 0]]])
    np.testing.assert_allclose(lost, [6.0, 1.5])


def test_a_grid_that_misses_altogether():
    out, lost = split_cells(np.ones((1, 2, 2)), *corners(2, 2, shift=(50.0, 0.0)), shape=SHAPE)
    assert (out.sum(), lost.tolist()) == (0.0, [4.0])


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("where", [(0, 0), (1, 1), (2, 2)])
def test_cells_with_a_corner_nowhere_are_lost_and_spoil_no_neighbour(bad, where):
    """A corner beyond the edge of the projection comes back as infinity."""
    x, y = corners(2, 2)
    x[where] = bad
    out, lost = split_cells(np.ones((1, 2, 2)), x, y, shape=SHAPE)
    touched = sum(1 for cell in np.ndindex(2, 2) if where in [(cell[0] + r, cell[1] + c) for r in (0, 1) for c in (0, 1)])
    assert np.isfinite(out).all()
    assert out.sum() == pytest.approx(4.0 - touched)
    assert lost.tolist() == [pytest.approx(touched)]


def test_no_input_is_altered(freeze):
    x, y = corners(1, 1)
    out, _ = split_cells(freeze(np.ones((1, 1, 1))), freeze(x), freeze(y), shape=(1, 1))
    assert out.tolist() == [[[1.0]]]
