"""Random inputs for hypothesis: label images, and polygons that may leave the raster and have holes."""

import math

import shapely
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from shapely import affinity

UNIT = 64
"""Coordinates are drawn in 64ths of a cell: exact in binary, and never closer than that to a whole number unless on it."""


def shapes(largest: int = 9) -> st.SearchStrategy[tuple[int, int]]:
    """Rows and columns of a small raster."""
    return array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=largest)


def label_images(largest: int = 9, most: int = 2) -> st.SearchStrategy:
    """Images of a few values, 0 being background."""
    return arrays("int32", shapes(largest), elements=st.integers(0, most))


def masks(shape: tuple[int, int]) -> st.SearchStrategy:
    """Images of true and false."""
    return arrays(bool, shape)


def people(shape: tuple[int, int], largest: int = 4_000) -> st.SearchStrategy:
    """Whole people per cell, many cells empty and some missing."""
    some = st.one_of(st.just(0), st.integers(0, largest), st.sampled_from([299, 300, 301, 1_499, 1_500, 1_501, 5_000]))
    return arrays(float, shape, elements=st.one_of(some.map(float), st.just(float("nan"))))


@st.composite
def polygons(draw, shape: tuple[int, int]) -> shapely.Geometry:
    """A valid polygon in (column, row) coordinates, around a raster of that shape and often beyond it.

    A wheel of spokes of random length, sometimes with a hole of the same form, sometimes moved onto cell corners,
    sometimes joined with a rectangle of whole cells.
    """
    rows, cols = shape
    x = draw(st.integers(-2 * UNIT, (cols + 2) * UNIT)) / UNIT
    y = draw(st.integers(-2 * UNIT, (rows + 2) * UNIT)) / UNIT
    spokes = draw(st.lists(st.integers(UNIT // 4, 6 * UNIT), min_size=3, max_size=9))
    unit = draw(st.sampled_from([UNIT, UNIT, 2, 1]))
    wheel = shapely.Polygon(_wheel(spokes))
    if draw(st.booleans()):
        wheel = shapely.Polygon(wheel.exterior.coords, [affinity.scale(wheel, 0.5, 0.5, origin=(0, 0)).exterior.coords])
    shape_found = shapely.transform(affinity.translate(wheel, x, y), lambda xy: (xy * unit).round() / unit)
    assume(shape_found.is_valid and shape_found.area > 0)
    if draw(st.booleans()):
        left, top = draw(st.integers(-2, cols)), draw(st.integers(-2, rows))
        wide, high = draw(st.integers(1, cols + 2)), draw(st.integers(1, rows + 2))
        shape_found = shapely.union(shape_found, shapely.box(left, top, left + wide, top + high))
    return shape_found


def _wheel(spokes: list[int]) -> list[tuple[float, float]]:
    step = 2 * math.pi / len(spokes)
    return [(length / UNIT * math.cos(k * step), length / UNIT * math.sin(k * step)) for k, length in enumerate(spokes)]
