"""Runs and components against scipy, and the corners where a run-length labeller goes wrong."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage
from strategies import label_images
from twins.components import label

from urbanreview.kernels.components import (
    count_cells,
    find_runs,
    label_runs,
    paint_runs,
    peak_cells,
    select_runs,
    sum_runs,
)

EMPTY_SHAPES = [(0, 0), (0, 5), (4, 0), (3, 3)]


def labelled(values, neighbours=4):
    return label_runs(find_runs(np.asarray(values)), neighbours=neighbours)


@given(label_images(largest=12), st.sampled_from([4, 8]))
def test_labels_are_those_of_scipy_numbered_in_scan_order(values, neighbours):
    runs, count = labelled(values, neighbours)
    expected, expected_count = label(values, neighbours=neighbours)
    assert count == expected_count
    np.testing.assert_array_equal(paint_runs(runs, values.shape), expected)


@given(label_images(largest=12, most=3))
def test_runs_rebuild_the_image_and_are_as_long_as_they_can_be(values):
    runs = find_runs(values)
    rebuilt = np.zeros_like(values)
    for row, start, stop, value in zip(*runs, strict=True):
        assert stop > start
        assert start == 0 or values[row, start - 1] != value
        assert stop == values.shape[1] or values[row, stop] != value
        rebuilt[row, start:stop] = value
    np.testing.assert_array_equal(rebuilt, values)
    scan_order = runs.row.astype(np.int64) * values.shape[1] + runs.start
    assert (np.diff(scan_order) > 0).all()


@given(label_images(largest=10), st.sampled_from([4, 8]), st.integers(0, 2**32 - 1))
def test_sums_and_cells_are_those_of_scipy(values, neighbours, seed):
    runs, count = labelled(values, neighbours)
    people = np.random.default_rng(seed).integers(0, 5_000, values.shape).astype(float)
    image = paint_runs(runs, values.shape)
    every = np.arange(1, count + 1)
    np.testing.assert_allclose(sum_runs(people, runs, count), ndimage.sum_labels(people, image, every), rtol=0, atol=0)
    np.testing.assert_array_equal(count_cells(runs, count), [(image == number).sum() for number in every])


@given(label_images(largest=10, most=1), st.sampled_from([4, 8]), st.data())
def test_selected_components_keep_their_order(values, neighbours, data):
    runs, count = labelled(values, neighbours)
    keep = data.draw(arrays(bool, count))
    kept = paint_runs(select_runs(runs, keep), values.shape)
    image = paint_runs(runs, values.shape)
    expected = np.zeros_like(image)
    for number, old in enumerate(np.flatnonzero(keep) + 1, start=1):
        expected[image == old] = number
    np.testing.assert_array_equal(kept, expected)


@pytest.mark.parametrize(
    ("picture", "rook", "queen"),
    [
        (["X.X", "X.X", "XXX"], 1, 1),  # arms that meet late
        (["XXX", "X.X", "X.X"], 1, 1),
        (["X.X.X", "X.X.X", "XXXXX"], 1, 1),
        (["XXXXX", "....X", "XXX.X", "X...X", "XXXXX"], 1, 1),  # spiral
        (["X.X", ".X.", "X.X"], 5, 1),  # checkerboard
        (["XX..", "..XX"], 2, 1),
        (["..XX", "XX.."], 2, 1),
        (["X...", "..X."], 2, 2),  # a gap of one corner is no neighbour
        (["X....X", ".XXXX."], 3, 1),
        (["X" * 40, "." * 40, "X" * 40], 2, 2),
    ],
)
def test_pictures_one_can_count(picture, rook, queen):
    values = np.array([[cell == "X" for cell in row] for row in picture])
    assert labelled(values, 4)[1] == rook
    assert labelled(values, 8)[1] == queen


def test_touching_cells_of_other_values_stay_apart():
    runs, count = labelled([[1, 1, 2], [2, 1, 2], [2, 2, 2]], neighbours=8)
    assert count == 2
    np.testing.assert_array_equal(paint_runs(runs, (3, 3)), [[1, 1, 2], [2, 1, 2], [2, 2, 2]])


@pytest.mark.parametrize("shape", EMPTY_SHAPES)
@pytest.mark.parametrize("neighbours", [4, 8])
def test_nothing_there_is_no_component(shape, neighbours):
    values = np.zeros(shape, np.int32)
    runs, count = labelled(values, neighbours)
    assert count == 0
    assert runs.row.size == 0
    assert sum_runs(values.astype(float), runs, count).size == 0
    assert count_cells(runs, count).size == 0
    assert select_runs(runs, np.empty(0, bool)).row.size == 0
    assert paint_runs(runs, shape).sum() == 0
    row, col = peak_cells(values.astype(float), runs, count, tie=np.zeros(shape))
    assert (row.size, col.size) == (0, 0)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int32])
def test_masks_and_labels_of_any_whole_number_type(dtype):
    runs, count = labelled(np.array([[0, 1, 1], [1, 0, 0]], dtype))
    assert (count, runs.stop.tolist()) == (2, [3, 1])


def test_a_view_is_read_as_it_looks():
    values = np.array([[1, 0, 1, 0], [1, 0, 0, 0]])
    np.testing.assert_array_equal(paint_runs(labelled(values.T)[0], (4, 2)), label(values.T, neighbours=4)[0])
    np.testing.assert_array_equal(paint_runs(labelled(values[:, ::2])[0], (2, 2)), label(values[:, ::2], neighbours=4)[0])


def test_no_input_is_altered(freeze):
    values, people = freeze(np.array([[1, 0, 1], [1, 0, 1]], np.int32)), freeze(np.array([[1.0, 2, 3], [4, 5, 6]]))
    runs, count = label_runs(freeze(find_runs(values)), neighbours=4)
    freeze(runs)
    assert sum_runs(people, runs, count).tolist() == [5.0, 9.0]
    assert peak_cells(people, runs, count, tie=freeze(np.zeros((2, 3))))[0].tolist() == [1, 1]


def test_missing_cells_add_nothing():
    runs, count = labelled([[1, 1, 0, 1]])
    assert sum_runs(np.array([[2.0, np.nan, 7.0, np.nan]]), runs, count).tolist() == [2.0, 0.0]


def test_sums_of_single_precision_cells_are_in_double():
    people = np.full((40, 50), 0.1, np.float32)
    people[0, 0] = 16_777_216.0
    runs, count = labelled(np.ones(people.shape, bool))
    assert sum_runs(people, runs, count)[0] == pytest.approx(people.astype(float).sum(), rel=1e-14)


def test_the_peak_is_the_largest_cell_and_missing_cells_never_win():
    runs, count = labelled([[1, 1, 1, 0, 1]])
    row, col = peak_cells(np.array([[np.nan, 3.0, 9.0, 99.0, np.nan]]), runs, count, tie=np.zeros((1, 5)))
    assert (row.tolist(), col.tolist()) == ([0, -1], [2, -1])


@pytest.mark.parametrize("best", range(4))
def test_equal_peaks_go_to_the_smallest_tie(best):
    runs, count = labelled(np.ones((2, 2), bool))
    tie = np.array([[1.0, 2.0], [3.0, 4.0]])
    tie.flat[best] = 0.0
    row, col = peak_cells(np.full((2, 2), 7.0), runs, count, tie=tie)
    assert row[0] * 2 + col[0] == best


@given(label_images(largest=8, most=1), st.integers(0, 2**32 - 1))
def test_peaks_are_those_of_a_sorted_list(values, seed):
    random = np.random.default_rng(seed)
    people = random.integers(0, 4, values.shape).astype(float)  # few values, many ties
    tie = random.permutation(values.size).reshape(values.shape)
    runs, count = labelled(values, 8)
    image = paint_runs(runs, values.shape)
    row, col = peak_cells(people, runs, count, tie=tie)
    for number in range(count):
        cells = [tuple(cell) for cell in np.argwhere(image == number + 1)]
        assert (row[number], col[number]) == min(cells, key=lambda cell: (-people[cell], tie[cell]))


def test_a_raster_of_fractions_is_refused_and_does_not_run_forever():
    """A class raster comes back from resampling as floats with NaN: no run of NaN ever ends."""
    code = "import numpy as np; from urbanreview.kernels.components import find_runs; find_runs(np.array([[np.nan, 1.0]]))"
    answer = subprocess.run([sys.executable, "-c", code], timeout=20, capture_output=True, text=True, check=False)
    assert answer.returncode != 0
    assert "TypeError" in answer.stderr or "UndeclaredRaster" in answer.stderr
