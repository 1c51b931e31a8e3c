"""Outlines against GDAL's, and at the corners where polygons turn invalid."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from strategies import label_images
from toys import polygons_of
from twins.components import label
from twins.outlines import pieces

from urbanreview.kernels.components import find_runs, label_runs, paint_runs
from urbanreview.kernels.rings import trace_runs


def traced(values):
    return polygons_of(trace_runs(find_runs(np.asarray(values))))


def by_position(found):
    """Sort (label, polygon) pairs by a cell that only that polygon holds, and put rings into one form."""
    return sorted((label, shapely.normalize(shape).wkt) for label, shape in found)


def picture(*rows):
    return np.array([[int(cell) if cell != "." else 0 for cell in row] for row in rows])


@given(label_images(largest=10, most=2))
def test_every_piece_is_valid_and_covers_just_its_cells(values):
    found = traced(values)
    assert all(shape.is_valid and shape.geom_type == "Polygon" for _, shape in found)
    for here in np.unique(values[values != 0]):
        cells = [shapely.box(col, row, col + 1, row + 1) for row, col in np.argwhere(values == here)]
        drawn = shapely.union_all([shape for label, shape in found if label == here])
        assert drawn.area == len(cells)
        assert shapely.symmetric_difference(drawn, shapely.union_all(cells)).area == 0
    assert sum(shape.area for _, shape in found) == (values != 0).sum()
    assert len(found) == label(values, neighbours=4)[1]


@given(label_images(largest=10, most=2))
def test_pieces_are_those_of_gdal(values):
    twin = pieces(values)
    found = traced(values)
    assert len(found) == len(twin)
    unmatched = list(found)
    for value, shape in twin:
        same = [pair for pair in unmatched if pair[0] == value and shapely.symmetric_difference(pair[1], shape).area == 0]
        assert len(same) == 1
        unmatched.remove(same[0])
    assert not unmatched


@given(label_images(largest=9, most=1))
def test_components_that_touch_at_corners_fall_into_pieces_of_one_label(values):
    runs, count = label_runs(find_runs(values), neighbours=8)
    rings = trace_runs(runs)
    image = paint_runs(runs, values.shape)
    areas = np.zeros(count)
    for component, shape in polygons_of(rings):
        areas[component] += shape.area
    np.testing.assert_array_equal(areas, np.bincount(image.ravel(), minlength=count + 1)[1:])


@given(label_images(largest=9, most=2))
def test_shells_come_first_rings_are_closed_and_have_no_idle_corner(values):
    rings = trace_runs(find_runs(values))
    for ring in range(rings.piece.size):
        row, col = rings.row[rings.ring == ring], rings.col[rings.ring == ring]
        assert (row[0], col[0]) == (row[-1], col[-1])
        assert row.size >= 5
        steps = np.column_stack([np.diff(row), np.diff(col)])
        assert ((steps == 0).sum(axis=1) == 1).all()  # along one axis at a time
        east_west = steps[:, 0] == 0
        assert (east_west[1:] != east_west[:-1]).all()  # and turning at every corner
    for piece in range(rings.label.size):
        areas = [
            abs(shapely.Polygon(np.column_stack([rings.col[rings.ring == ring], rings.row[rings.ring == ring]])).area)
            for ring in np.flatnonzero(rings.piece == piece)
        ]
        assert areas[0] == max(areas)
        assert areas[0] > sum(areas[1:])


@pytest.mark.parametrize("size", [(2, 2), (7, 9), (8, 8)])
@pytest.mark.parametrize("phase", [0, 1])
def test_checkerboards(size, phase):
    values = (np.indices(size).sum(axis=0) + phase) % 2
    found = traced(values)
    assert len(found) == values.sum()
    assert all(shape.is_valid and shape.area == 1 for _, shape in found)


@pytest.mark.parametrize(
    ("values", "holes"),
    [
        (picture("111", "1.1", "111"), 1),
        (picture("1111", "1.11", "11.1", "1111"), 2),  # holes that touch at a corner stay two
        (picture("1111", "11.1", "1.11", "1111"), 2),
        (picture(".111", "1..1", "1111"), 1),
        (picture("11111", "1...1", "1.1.1", "1...1", "11111"), 1),  # an island in the lake is a piece of its own
        (picture("1.1", "111", "1.1"), 0),
        (picture("111.", "1.1.", "11.1", "..11"), 1),  # the hole's corner is the bay's corner
    ],
)
def test_holes_one_can_count(values, holes):
    found = traced(values)
    assert all(shape.is_valid for _, shape in found)
    assert sum(len(shape.interiors) for _, shape in found) == holes
    assert sum(shape.area for _, shape in found) == values.sum()


def test_a_component_at_the_raster_border():
    values = np.ones((3, 4), int)
    [(here, shape)] = traced(values)
    assert here == 1
    assert shapely.normalize(shape).equals_exact(shapely.normalize(shapely.box(0, 0, 4, 3)))


@pytest.mark.parametrize("shape", [(0, 0), (3, 3)])
def test_nothing_there_has_no_outline(shape):
    rings = trace_runs(find_runs(np.zeros(shape, int)))
    assert [part.size for part in rings] == [0] * 5


def test_no_input_is_altered(freeze):
    runs = freeze(find_runs(freeze(picture("1.1", "111"))))
    assert sum(shape.area for _, shape in polygons_of(trace_runs(runs))) == 5


@given(label_images(largest=8, most=2), st.integers(1, 5), st.integers(1, 5))
def test_law_moving_the_cells_moves_the_outline(values, down, right):
    moved = np.pad(values, ((down, 0), (right, 0)))
    here = [(here, shapely.transform(shape, lambda xy: xy + np.array([right, down]))) for here, shape in traced(values)]
    assert by_position(here) == by_position(traced(moved))
