"""Statistics over zones against numpy on the picked cells."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from strategies import polygons
from twins.coverage import dense_shares
from twins.zonal import overlaps, statistics

from urbanreview.kernels.coverage import cover_rings
from urbanreview.kernels.zonal import overlap_labels, sum_zones

SHAPE = (6, 8)
ONE = np.ones((1, 1))


def cover_of(zones, shape=SHAPE):
    parts, zone = shapely.get_parts(np.asarray(zones, dtype=object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    return cover_rings(
        corners[:, 0].copy(),
        corners[:, 1].copy(),
        np.searchsorted(ring, np.arange(len(rings)), side="right"),
        np.diff(part, prepend=-1) == 0,
        zone_stop=np.searchsorted(zone[part], np.arange(len(zones)), side="right"),
        shape=shape,
    )


def some_values(seed, shape=SHAPE, missing=0.2):
    random = np.random.default_rng(seed)
    values = random.normal(5.0, 3.0, shape)
    values[random.random(shape) < missing] = np.nan
    return values


@given(
    st.lists(polygons(SHAPE), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
    st.sampled_from([-np.inf, 0.0, 5.0, 99.0]),
    st.sampled_from(["one", "rows", "cells"]),
)
def test_sums_are_those_of_numpy(zones, seed, floor, areas):
    values = some_values(seed)
    random = np.random.default_rng(seed + 1)
    area_km2 = {"one": ONE, "rows": random.uniform(0.5, 1, (SHAPE[0], 1)), "cells": random.uniform(0.5, 1, SHAPE)}[areas]
    weights = random.integers(0, 4, SHAPE).astype(float)
    weights[random.random(SHAPE) < 0.2] = np.nan
    sums = sum_zones(values, cover_of(zones), area_km2=area_km2, weights=weights, floor=floor)
    shares = dense_shares(zones, SHAPE)
    for k, row in enumerate(statistics(values, shares, area_km2=area_km2, weights=weights, floor=floor)):
        near = {"rel": 1e-9, "abs": 1e-9, "nan_ok": True}
        assert sums.cells[k] == pytest.approx(row["cells"], **near)
        assert sums.valid[k] == pytest.approx(row["valid"], **near)
        assert sums.kept[k] == pytest.approx(row["count"], **near)
        if sums.valid[k] > 0:
            assert sums.total[k] == pytest.approx(row["sum"], **near)
            assert sums.area[k] / sums.valid_area[k] == pytest.approx(row["kept_share"], **near)
        if sums.kept[k] > 0:
            offset = sums.value_area[k] / sums.area[k]
            assert sums.low[k] == row["min"]
            assert sums.high[k] == row["max"]
            assert sums.shift[k] + offset == pytest.approx(row["mean"], **near)
            assert np.sqrt(max(sums.square_area[k] / sums.area[k] - offset**2, 0)) == pytest.approx(row["sd"], abs=1e-7)
        else:
            assert (sums.low[k], sums.high[k]) == (np.inf, -np.inf)
        if sums.weight[k] > 0:
            assert sums.value_weight[k] / sums.weight[k] == pytest.approx(row["weighted_mean"], **near)


def test_a_value_at_the_floor_is_kept_and_one_below_is_not():
    values = np.array([[0.1, np.nextafter(0.1, 0), np.nan, 0.2]])
    sums = sum_zones(values, cover_of([shapely.box(0, 0, 4, 1)], (1, 4)), area_km2=ONE, floor=0.1)
    assert (sums.kept[0], sums.valid[0], sums.cells[0]) == (2.0, 3.0, 4.0)
    assert sums.low[0] == 0.1


def test_single_precision_cells_are_added_in_double():
    values = np.full((50, 60), 0.1, np.float32)
    values[0, 0] = 16_777_216.0
    sums = sum_zones(values, cover_of([shapely.box(0, 0, 60, 50)], (50, 60)), area_km2=ONE)
    assert sums.total[0] == pytest.approx(values.astype(float).sum(), rel=1e-14)


def test_spread_of_large_numbers_that_hardly_differ():
    values = 1e9 + np.array([[0.0, 1.0, 2.0, 3.0]])
    sums = sum_zones(values, cover_of([shapely.box(0, 0, 4, 1)], (1, 4)), area_km2=ONE)
    spread = np.sqrt(sums.square_area[0] / sums.area[0] - (sums.value_area[0] / sums.area[0]) ** 2)
    assert spread == pytest.approx(np.std([0, 1, 2, 3]), rel=1e-12)


def test_a_missing_weight_leaves_the_cell_out_of_the_weighted_sums_only():
    sums = sum_zones(
        np.array([[1.0, 5.0, 7.0]]),
        cover_of([shapely.box(0, 0, 3, 1)], (1, 3)),
        area_km2=ONE,
        weights=np.array([[3.0, np.nan, 1.0]]),
    )
    assert (sums.weight[0], sums.value_weight[0], sums.total[0]) == (4.0, 10.0, 13.0)


def test_zones_without_cells_and_no_zones():
    values = np.ones(SHAPE)
    sums = sum_zones(values, cover_of([shapely.Polygon(), shapely.box(50, 50, 60, 60)]), area_km2=ONE)
    assert sums.cells.tolist() == [0.0, 0.0]
    assert sums.low.tolist() == [np.inf, np.inf]
    assert sum_zones(values, cover_of([]), area_km2=ONE).cells.size == 0


def test_no_input_is_altered(freeze):
    values, cover = freeze(np.array([[1.0, 2.0]])), freeze(cover_of([shapely.box(0, 0, 1.5, 1)], (1, 2)))
    assert sum_zones(values, cover, area_km2=freeze(np.ones((1, 1))), weights=values).total[0] == 2.0
    labels = freeze(np.array([[1, 2]], np.int32))
    assert overlap_labels(labels, values, cover, label_count=2)[2].tolist() == [1.0, 1.0]


@given(st.lists(polygons(SHAPE), min_size=1, max_size=3), st.integers(0, 2**32 - 1))
def test_overlaps_are_those_of_numpy(zones, seed):
    values = some_values(seed)
    labels = np.random.default_rng(seed).integers(0, 5, SHAPE).astype(np.int32)
    zone, component, total, cells = overlap_labels(labels, values, cover_of(zones), label_count=4)
    found = {(int(z), int(c)): (t, n) for z, c, t, n in zip(zone, component, total, cells, strict=True)}
    expected = overlaps(labels, values, dense_shares(zones, SHAPE))
    assert list(found) == sorted(expected)
    for pair, numbers in expected.items():
        assert found[pair] == pytest.approx(numbers, rel=1e-9, abs=1e-9)


def test_overlaps_of_nothing():
    labels, values = np.zeros(SHAPE, np.int32), np.ones(SHAPE)
    assert [part.size for part in overlap_labels(labels, values, cover_of([]), label_count=0)] == [0] * 4
    assert [part.size for part in overlap_labels(labels, values, cover_of([shapely.box(0, 0, 3, 3)]), label_count=0)] == [0] * 4


def test_a_pair_whose_cells_are_all_missing_is_still_a_pair():
    labels, values = np.array([[1, 1]], np.int32), np.full((1, 2), np.nan)
    zone, component, total, cells = overlap_labels(labels, values, cover_of([shapely.box(0, 0, 1.5, 1)], (1, 2)), label_count=1)
    assert (zone.tolist(), component.tolist(), total.tolist(), cells.tolist()) == ([0], [0], [0.0], [1.5])
