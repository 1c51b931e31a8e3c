"""Area fractions against a shapely intersection, off the raster, with holes, and on cells that no binary fraction hits."""

import numpy as np
import pytest
import shapely
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from strategies import polygons
from toys import ARC_30
from twins.coverage import dense_shares

from urbanreview.kernels.components import find_runs
from urbanreview.kernels.coverage import SNAP_CELLS, cover_rings, snap
from urbanreview.kernels.rings import trace_runs

SHAPE = (7, 10)


def cover_of(polygons, shape=SHAPE, turn=False):
    """Cover polygons given in (column, row) coordinates; ``turn`` runs every ring the other way round."""
    parts, zone = shapely.get_parts(np.asarray(polygons, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    if turn:
        rings = shapely.reverse(rings)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    return cover_rings(
        corners[:, 0].copy(),
        corners[:, 1].copy(),
        np.searchsorted(ring, np.arange(len(rings)), side="right"),
        np.diff(part, prepend=-1) == 0,
        zone_stop=np.searchsorted(zone[part], np.arange(len(polygons)), side="right"),
        shape=shape,
    )


def dense(cover, shape=SHAPE):
    """Draw a cover as one image of shares per zone."""
    image = np.zeros((cover.run_stop.size, *shape))
    first_run = first_cell = 0
    for zone, (last_run, last_cell) in enumerate(zip(cover.run_stop, cover.cell_stop, strict=True)):
        for k in range(first_run, last_run):
            image[zone, cover.run_row[k], cover.run_first[k] : cover.run_last[k]] += 1.0
        for k in range(first_cell, last_cell):
            image[zone, cover.cell_row[k], cover.cell_col[k]] += cover.cell_share[k]
        first_run, first_cell = last_run, last_cell
    return image


@given(st.lists(polygons(SHAPE), min_size=1, max_size=3))
def test_shares_are_those_of_an_intersection(zones):
    np.testing.assert_allclose(dense(cover_of(zones)), dense_shares(zones, SHAPE), rtol=0, atol=1e-11)


@given(polygons(SHAPE))
def test_every_cell_is_listed_once_in_scan_order(zone):
    cover = cover_of([zone])
    whole = [(r, c) for r, a, b in zip(cover.run_row, cover.run_first, cover.run_last, strict=True) for c in range(a, b)]
    part = list(zip(cover.cell_row.tolist(), cover.cell_col.tolist(), strict=True))
    assert len({*whole, *part}) == len(whole) + len(part)
    assert part == sorted(part)
    assert whole == sorted(whole)
    assert ((cover.cell_share > 0) & (cover.cell_share < 1)).all()


@given(polygons(SHAPE))
def test_the_direction_of_a_ring_does_not_matter(zone):
    np.testing.assert_allclose(dense(cover_of([zone])), dense(cover_of([zone], turn=True)), rtol=0, atol=1e-12)


@given(polygons(SHAPE))
def test_law_shares_add_up_to_the_area_on_the_raster(zone):
    on_raster = shapely.intersection(zone, shapely.box(0, 0, SHAPE[1], SHAPE[0])).area
    assert dense(cover_of([zone])).sum() == pytest.approx(on_raster, abs=1e-10)


@given(polygons(SHAPE), st.integers(1, 4), st.integers(1, 4))
def test_law_moving_by_whole_cells_moves_the_shares(zone, down, right):
    larger = (SHAPE[0] + 4, SHAPE[1] + 4)
    moved = dense(cover_of([shapely.transform(zone, lambda xy: xy + np.array([right, down]))], larger), larger)
    here = dense(cover_of([zone]))
    np.testing.assert_allclose(moved[:, down : down + SHAPE[0], right : right + SHAPE[1]], here, rtol=0, atol=1e-12)


@given(polygons(SHAPE))
def test_law_a_zone_and_its_complement_fill_every_cell(zone):
    frame = shapely.box(-20, -20, 30, 30)
    both = dense(cover_of([zone, shapely.difference(frame, zone)]))
    np.testing.assert_allclose(both.sum(axis=0), 1.0, rtol=0, atol=1e-11)


@pytest.mark.parametrize(
    ("zone", "cells"),
    [
        (shapely.box(2, 1, 5, 3), 6.0),
        (shapely.box(-9, -9, 99, 99), 70.0),  # holds the whole raster
        (shapely.box(-9, 2.5, 99, 3.0), 5.0),  # a strip through all columns
        (shapely.box(3.25, -9, 3.5, 99), 1.75),
        (shapely.box(20, 0, 25, 5), 0.0),  # east of it
        (shapely.box(-9, 0, -2, 5), 0.0),
        (shapely.box(0, -9, 5, -2), 0.0),
        (shapely.box(0, 8, 5, 12), 0.0),
        (shapely.box(0, 0, 10, 7).difference(shapely.box(1, 1, 9, 6)), 30.0),
        (shapely.box(-5, -5, 15, 12).difference(shapely.box(-2, 1, 12, 6)), 20.0),  # the hole leaves the raster too
        (shapely.box(0.25, 0.25, 0.5, 0.5), 0.0625),  # no cell centre in it
        (shapely.Polygon([(0, 0), (10, 0), (0, 7)]), 35.0),
        (shapely.Polygon([(-2, 0), (12, 0), (5, 7)]), 45.0),
    ],
)
def test_areas_one_can_reckon(zone, cells):
    assert dense(cover_of([zone])).sum() == pytest.approx(cells, abs=1e-10)


def test_a_ring_on_the_border_of_the_raster_is_whole_cells_only():
    cover = cover_of([shapely.box(0, 0, SHAPE[1], SHAPE[0])])
    assert cover.cell_share.size == 0
    assert (cover.run_first.tolist(), cover.run_last.tolist()) == ([0] * 7, [10] * 7)


def test_zones_without_rings_keep_their_place():
    cover = cover_of([shapely.box(0, 0, 1, 1), shapely.Polygon(), shapely.box(1, 0, 2.5, 1)])
    assert cover.run_stop.tolist() == [1, 1, 2]
    assert cover.cell_stop.tolist() == [0, 0, 1]


def test_no_zones_at_all():
    cover = cover_of([])
    assert [part.size for part in cover] == [0] * 8
    assert cover_of([shapely.Polygon()]).run_stop.tolist() == [0]


def test_no_input_is_altered(freeze):
    x, y = freeze(np.array([0.5, 2, 2, 0.5, 0.5])), freeze(np.array([0.0, 0, 1, 1, 0]))
    stop, hole = freeze(np.array([5])), freeze(np.array([False]))
    assert cover_rings(x, y, stop, hole, zone_stop=freeze(np.array([1])), shape=(2, 3)).cell_share.tolist() == [0.5]


def test_coordinates_near_a_whole_number_are_that_number():
    assert snap(np.array([3 + 0.9 * SNAP_CELLS, 3 - 0.9 * SNAP_CELLS])).tolist() == [3.0, 3.0]
    off = np.array([3 + 1.1 * SNAP_CELLS, 3.5, -0.25])
    assert snap(off).tolist() == off.tolist()


ORIGINS = [(46.4916666666667, 55.45), (-179.9995833, -0.00041667), (-58.3791666667, -34.6), (0.0, 0.0)]


@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("cell", [ARC_30, 1 / 240, 1 / 1200, 0.1])
def test_zones_made_of_whole_cells_are_whole_cells_on_grids_in_degrees(origin, cell):
    """The corners of cells in degrees miss whole pixel coordinates by 1e-12: nothing may be lost or touched for that."""
    random = np.random.default_rng(20)
    transform = Affine(cell, 0, origin[0], 0, -cell, origin[1])
    for _ in range(40):
        mask = random.random((60, 80)) < random.choice([0.02, 0.5, 0.9])
        rings = trace_runs(find_runs(mask))
        longitude, latitude = origin[0] + cell * rings.col, origin[1] - cell * rings.row
        inverse = ~transform
        cover = cover_rings(
            inverse.a * longitude + inverse.c,
            inverse.e * latitude + inverse.f,
            np.cumsum(np.bincount(rings.ring)),
            np.diff(rings.piece, prepend=-1) == 0,
            zone_stop=np.array([rings.piece.size]),
            shape=mask.shape,
        )
        assert cover.cell_share.size == 0
        np.testing.assert_array_equal(dense(cover, mask.shape)[0], mask)
