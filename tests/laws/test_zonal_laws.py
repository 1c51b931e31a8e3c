"""Laws of every statistic over zones, on random rasters and polygons.

Zones that tile a country add up to it; splitting a zone in two adds up; a raster of nodata gives missing and a valid
share of zero; shuffled rows change nothing; a constant added to a raster is added to means and quantiles.
"""

import numpy as np
import pandas as pd
import pytest
import shapely
import shapely.ops
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import polygons
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.grid import cell_area_km2
from urbanreview.ledger import Ledger
from urbanreview.zones import Plans, class_shares, plan_zones, quantiles, summarise, summarise_series, threshold_shares

ROWS, COLS = SHAPE = (6, 8)
GRIDS = {"metres": grid(SHAPE, left=2e6, top=5.5e6), "degrees": degrees(SHAPE, left=-58.4, top=-34.6)}
FRAME = shapely.box(0, 0, COLS, ROWS)
DTYPES = {"float32": np.float32, "float64": np.float64}

seeds = st.integers(0, 2**32 - 1)
shapes = st.lists(polygons(SHAPE), min_size=1, max_size=3)
on_every_grid = pytest.mark.parametrize("where", GRIDS)
in_both_precisions = pytest.mark.parametrize("precision", DTYPES)
few = settings(max_examples=15)


def noisy(seed, precision, *, missing=0.2):
    """Values of a few hundred, in quarters so that both precisions hold them exactly, some of them missing."""
    random = np.random.default_rng(seed)
    values = random.integers(-40, 2_000, SHAPE) / 4
    values[random.random(SHAPE) < missing] = np.nan
    return values.astype(DTYPES[precision])


def classed(seed, precision):
    """Four classes, some cells missing."""
    values = noisy(seed, precision)
    return np.where(np.isnan(values), np.nan, np.abs(values) % 4 // 1).astype(DTYPES[precision])


def plan_of(pixel_shapes, where):
    here = GRIDS[where]
    t = here.transform
    placed = shapely.transform(
        np.asarray(pixel_shapes, dtype=object), lambda xy: np.column_stack([t.c + t.a * xy[:, 0], t.f + t.e * xy[:, 1]])
    )
    return plan_zones(zones_of({str(k): shape for k, shape in enumerate(placed)}, here.crs.to_wkt()), here)


def every_statistic(plan, values, codes, where):
    """All columns of all functions, side by side."""
    here = GRIDS[where]
    field = raster(values, here, kind="intensity")
    tables = [
        summarise(plan, field, weight=raster(np.ones(SHAPE), here), floor=5.0)[0],
        quantiles(plan, field, probabilities=[0.25, 0.5, 1])[0].add_prefix("q "),
        threshold_shares(plan, field, thresholds=[0, 50])[0].add_prefix("t "),
        class_shares(plan, raster(codes, here, kind="class"), classes=[0, 1, 2, 3])[0].add_prefix("c "),
    ]
    return pd.concat(tables, axis=1)


def tiles_of(seed):
    """Tile the frame with wiggly zones: cells of random points, cut by a random line."""
    random = np.random.default_rng(seed)
    spots = shapely.MultiPoint(random.uniform([0, 0], [COLS, ROWS], (9, 2)))
    tiles = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(spots, extend_to=FRAME)), FRAME)
    line = shapely.LineString([(-1, random.uniform(0, ROWS)), (COLS + 1, random.uniform(0, ROWS))])
    pieces = [part for tile in tiles for part in shapely.get_parts(shapely.ops.split(tile, line))]
    assert shapely.area(pieces).sum() == pytest.approx(FRAME.area)
    return pieces


# --- zones that tile the country, a zone in two ------------------------------------------------------------------


@in_both_precisions
@on_every_grid
@few
@given(seeds)
def test_law_zones_that_tile_the_country_add_up_to_it(where, precision, seed):
    values, codes, area = noisy(seed, precision), classed(seed, precision), cell_area_km2(GRIDS[where])
    plan = plan_of(tiles_of(seed), where)
    table = summarise(plan, raster(values, GRIDS[where], kind="intensity"))[0]
    exact = values.astype(float)
    assert table["count"].sum() == pytest.approx(np.isfinite(exact).sum(), rel=1e-9)
    assert table["sum"].sum() == pytest.approx(np.nansum(exact), rel=1e-9, abs=1e-6)
    assert table["area_sum"].sum() == pytest.approx(np.nansum(exact * area), rel=1e-9, abs=1e-6)
    people = summarise(plan, raster(values, GRIDS[where]))[0]
    assert people["sum"].sum() == pytest.approx(np.nansum(exact), rel=1e-9, abs=1e-6)
    # The area of a class is its share of the valid area, which is what a raster of ones sums to over area.
    valid_km2 = summarise(plan, raster(np.where(np.isnan(codes), np.nan, 1.0), GRIDS[where], kind="share"))[0]["area_sum"]
    shares = class_shares(plan, raster(codes, GRIDS[where], kind="class"), classes=range(4))[0].drop(columns="valid_share")
    for code in range(4):
        whole = (np.broadcast_to(area, SHAPE) * (codes == code)).sum()
        assert (shares[f"share_class_{code}"] * valid_km2).sum() == pytest.approx(whole, rel=1e-9, abs=1e-9)


@in_both_precisions
@on_every_grid
@few
@given(polygons(SHAPE), seeds)
def test_law_a_zone_in_two_adds_up_to_the_zone(where, precision, shape, seed):
    random = np.random.default_rng(seed)
    cut = shapely.box(-99, -99, random.uniform(0, COLS), 99)
    halves = [shapely.intersection(shape, cut), shapely.difference(shape, cut)]
    values, codes = noisy(seed, precision), classed(seed, precision)
    plan = plan_of([shape, *halves], where)
    field = raster(values, GRIDS[where], kind="intensity")
    table = summarise(plan, field)[0]
    valid_km2 = summarise(plan, raster(np.where(np.isnan(values), np.nan, 1.0), GRIDS[where], kind="share"))[0]["area_sum"]
    shares = pd.concat(
        [
            class_shares(plan, raster(codes, GRIDS[where], kind="class"), classes=range(4))[0].drop(columns="valid_share"),
            threshold_shares(plan, field, thresholds=[0, 50])[0].drop(columns="valid_share"),
        ],
        axis=1,
    )
    parts = pd.concat([table[["count", "sum", "area_sum"]], shares.mul(valid_km2, axis=0)], axis=1).fillna(0.0)
    np.testing.assert_allclose(parts.iloc[1] + parts.iloc[2], parts.iloc[0], rtol=1e-9, atol=1e-6)
    extremes = table.loc[table["count"] > 1e-9]
    if len(extremes) == 3:
        assert table["min"].iloc[0] <= table["min"].iloc[1:].min()
        assert table["max"].iloc[0] >= table["max"].iloc[1:].max()


# --- nothing but nodata ------------------------------------------------------------------------------------------


@in_both_precisions
@on_every_grid
@few
@given(shapes)
def test_law_a_raster_of_nodata_is_missing_with_a_valid_share_of_zero(where, precision, shapes):
    empty = np.full(SHAPE, np.nan, DTYPES[precision])
    table = every_statistic(plan_of(shapes, where), empty, empty, where)
    shares = [column for column in table if column.endswith("valid_share")]
    assert len(shares) == 4
    assert (table[shares] == 0).all(axis=None)
    assert (table["count"] == 0).all()
    assert table.drop(columns=[*shares, "count"]).isna().all(axis=None)


# --- the order of the rows ---------------------------------------------------------------------------------------


@in_both_precisions
@on_every_grid
@few
@given(st.lists(polygons(SHAPE), min_size=2, max_size=4), seeds)
def test_law_shuffled_rows_change_nothing(where, precision, shapes, seed):
    values, codes = noisy(seed, precision), classed(seed, precision)
    order = np.random.default_rng(seed).permutation(len(shapes))
    table = every_statistic(plan_of(shapes, where), values, codes, where)
    shuffled = every_statistic(plan_of([shapes[k] for k in order], where), values, codes, where)
    np.testing.assert_array_equal(shuffled.to_numpy(), table.iloc[order].to_numpy())


@few
@given(st.permutations(["2001", "2002", "2003", "2004"]))
def test_law_a_series_is_the_same_in_every_order_of_rows_and_periods(order):
    here = GRIDS["metres"]
    zones = zones_of({"a": pixel_box(here, 0, 0, 3.5, 6), "b": pixel_box(here, 2, 1, 8, 5)}, here.crs.to_wkt())

    def read(year):
        return raster(noisy(int(year), "float32"), here, kind="intensity"), Ledger()

    table, _ = summarise_series(Plans(zones), sorted(order), read, probabilities=[0.5])
    again, _ = summarise_series(Plans(zones.iloc[::-1]), order, read, probabilities=[0.5])
    pd.testing.assert_frame_equal(again.reindex(table.index), table, check_exact=True)


# --- a constant more ---------------------------------------------------------------------------------------------


@in_both_precisions
@on_every_grid
@few
@given(shapes, seeds, st.integers(-500, 500))
def test_law_a_constant_added_to_the_raster_is_added_to_means_and_quantiles(where, precision, shapes, seed, more):
    plan, values = plan_of(shapes, where), noisy(seed, precision)
    before, after = (
        pd.concat(
            [
                summarise(plan, field, weight=raster(np.ones(SHAPE), GRIDS[where]))[0],
                quantiles(plan, field, probabilities=[0, 0.1, 0.5, 0.9, 1])[0].drop(columns="valid_share"),
            ],
            axis=1,
        )
        for field in (raster(of, GRIDS[where], kind="intensity") for of in (values, values + DTYPES[precision](more)))
    )
    moved = ["mean", "min", "max", "weighted_mean", *before.filter(like="quantile")]
    np.testing.assert_allclose(after[moved], before[moved] + more, rtol=1e-9, atol=1e-6)
    # A spread is the root of a difference: rounding of the mean is magnified where the spread is nearly nothing.
    np.testing.assert_allclose(after["sd"], before["sd"], rtol=1e-6, atol=1e-4)
    np.testing.assert_allclose(after["sum"], before["sum"] + more * before["count"], rtol=1e-9, atol=1e-6)


@on_every_grid
@few
@given(shapes, seeds)
def test_law_both_precisions_give_the_same(where, shapes, seed):
    single, double = (
        every_statistic(plan_of(shapes, where), noisy(seed, precision), classed(seed, precision), where) for precision in DTYPES
    )
    np.testing.assert_allclose(single, double, rtol=1e-12, atol=1e-9)
