"""Statistics over zones: closed forms, the slow version, and the traps that other tools fall into."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from strategies import polygons
from toys import degrees, grid, pixel_box, raster, toy_country, zones_of
from twins.coverage import dense_shares
from twins.zonal import statistics

from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2, geobox_of
from urbanreview.zones import plan_zones, summarise, zone_table

SHAPE = (6, 8)
KM = grid(SHAPE, left=2_000_000.0, top=5_500_000.0)
ARC = degrees(SHAPE)


def table_of(shapes, people, **more):
    here = geobox_of(people)
    return summarise(plan_zones(zones_of(shapes, here.crs.to_wkt()), here), people, **more)


def on_grid(shape, geobox):
    t = geobox.transform
    return shapely.transform(shape, lambda xy: np.column_stack([t.c + t.a * xy[:, 0], t.f + t.e * xy[:, 1]]))


@given(
    st.lists(polygons(SHAPE), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["count", "intensity"]),
    st.sampled_from([None, 4.0]),
    st.sampled_from([KM, ARC]),
)
def test_statistics_are_those_of_numpy(shapes, seed, kind, floor, here):
    random = np.random.default_rng(seed)
    values = random.normal(5, 3, SHAPE)
    values[random.random(SHAPE) < 0.2] = np.nan
    weights = random.integers(0, 5, SHAPE).astype(float)
    zones = {str(k): on_grid(shape, here) for k, shape in enumerate(shapes)}
    found, _ = table_of(zones, raster(values, here, kind=kind), weight=raster(weights, here), floor=floor)
    shares = dense_shares(shapes, SHAPE)
    shares[shares < 1e-9] = 0
    area = 1.0 if kind == "count" else cell_area_km2(here)
    limit = -np.inf if floor is None else floor
    expected = pd.DataFrame(statistics(values, shares, area_km2=area, weights=weights, floor=limit), index=found.index)
    # A share below 1e-9 of a cell may or may not be there; it must not decide over a minimum.
    solid = ((shares > 0) & (shares < 1e-6)).sum(axis=(1, 2)) == 0
    for column in ("count", "sum", "mean", "sd", "min", "max", "weighted_mean"):
        np.testing.assert_allclose(found[column][solid], expected[column][solid], rtol=1e-6, atol=1e-6, err_msg=column)
    if kind == "intensity":
        kept = values >= limit
        by_hand = [(share * area * np.where(kept, values, 0.0)).sum() for share in shares]
        np.testing.assert_allclose(found["area_sum"].fillna(0.0)[solid], np.array(by_hand)[solid], rtol=1e-6, atol=1e-6)
    if floor is not None:
        for column in ("kept_share", "zone_mean"):
            np.testing.assert_allclose(found[column][solid], expected[column][solid], rtol=1e-6, atol=1e-6, err_msg=column)
    whole = shapely.area(shapes)
    np.testing.assert_allclose(found["valid_share"], expected["valid"] / whole, rtol=1e-6, atol=1e-9)


def test_the_toy_country_by_hand(toy):
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    table, ledger = summarise(plan_zones(zones, geobox_of(toy.people)), toy.people)
    assert table["sum"].to_dict() == pytest.approx(toy.living, rel=1e-6)
    assert table["sum"].sum() == pytest.approx(61_579.0, rel=1e-6)
    assert table["max"].tolist() == [4_000.0, 20_000.0, 350.0]
    assert table["count"].tolist() == pytest.approx([26.0, 10.125, 16.875], rel=1e-6)  # the sea is no cell
    assert table["valid_share"].tolist() == pytest.approx([26 / 27, 1.0, 1.0], rel=1e-6)
    assert ledger.frame().empty


def test_closed_forms():
    values = np.arange(48.0).reshape(SHAPE)
    shapes = {"a": pixel_box(KM, 1, 1, 4, 3), "b": pixel_box(KM, 0.5, 0, 2, 1)}
    table, _ = table_of(shapes, raster(values, KM, kind="intensity"))
    block = values[1:3, 1:4]
    cell_km2 = cell_area_km2(KM).item()
    expected = [6.0, block.sum(), block.sum() * cell_km2, block.mean(), block.min(), block.max(), block.std(), 1.0]
    assert table.loc["a"].tolist() == pytest.approx(expected, rel=1e-12)
    # Half of cell 0 and all of cell 1.
    assert table.loc["b"].tolist() == pytest.approx([1.5, 1.0, cell_km2, 2 / 3, 0.0, 1.0, np.sqrt(2 / 9), 1.0], rel=1e-9)


# --- T6 and T7: missing is neither a number nor zero -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["count", "intensity"])
def test_missing_cells_are_no_number_whatever_code_they_had(kind):
    values = np.full((20, 20), 10.0)
    values[:10] = np.nan
    here = degrees((20, 20))
    table, _ = table_of({"a": pixel_box(here, 0, 0, 20, 20)}, raster(values, here, kind=kind))
    row = table.loc["a"]
    assert row["sum"] == pytest.approx(2_000.0)
    assert row[["mean", "min", "max"]].tolist() == pytest.approx([10.0, 10.0, 10.0], abs=1e-9)
    assert row["sd"] == pytest.approx(0.0, abs=1e-6)
    assert row["valid_share"] == pytest.approx(0.5)


def test_the_floor_leaves_cells_out_and_the_zone_mean_puts_them_back_as_zero():
    values = np.full((20, 20), 0.05)
    values[:5, :5] = 10.0
    here = grid((20, 20))
    shapes = {"a": pixel_box(here, 0, 0, 20, 20), "dark": pixel_box(here, 10, 10, 20, 20)}
    table, _ = table_of(shapes, raster(values, here, kind="intensity"), floor=0.1)
    lit = table.loc["a"]
    assert lit["sum"] == 250.0
    assert lit["count"] == 25
    assert lit[["mean", "zone_mean", "kept_share", "valid_share"]].tolist() == pytest.approx([10.0, 0.625, 0.0625, 1.0])
    dark = table.loc["dark"]
    assert (dark["sum"], dark["count"], dark["zone_mean"], dark["kept_share"]) == (0.0, 0.0, 0.0, 0.0)
    assert dark[["mean", "min", "max", "sd"]].isna().all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("floor", [0.1, 0.7])
def test_a_value_at_the_floor_is_kept_in_either_precision(floor, dtype):
    here = grid((1, 2))
    values = np.array([[floor, 0.0999]], dtype)
    table, _ = table_of({"a": pixel_box(here, 0, 0, 2, 1)}, raster(values, here, kind="intensity"), floor=floor)
    assert table.loc["a", "count"] == 1


def test_a_zone_without_a_value_is_missing_never_zero_and_is_named():
    here = grid((1, 3))
    shapes = {"a": pixel_box(here, 0, 0, 1, 1), "b": pixel_box(here, 1, 0, 3, 1), "far": pixel_box(here, 9, 9, 10, 10)}
    table, ledger = table_of(shapes, raster([[5.0, np.nan, np.nan]], here), floor=0.0)
    assert table.loc["a", "sum"] == 5.0
    for zone in ("b", "far"):
        columns = ["sum", "mean", "min", "max", "sd", "zone_mean", "kept_share"]
        assert table.loc[zone, columns].isna().all()
        assert (table.loc[zone, "count"], table.loc[zone, "valid_share"]) == (0.0, 0.0)
    assert ledger.frame()[["step", "cause", "zone_id"]].values.tolist() == [
        ["toy", "zone without a value", "b"],
        ["toy", "zone without a value", "far"],
    ]


def test_a_zone_that_leaves_the_raster_says_how_much_it_misses():
    here = grid((2, 2))
    table, _ = table_of({"a": pixel_box(here, 1, 0, 5, 2)}, raster([[1.0, 2.0], [3.0, 4.0]], here))
    assert table.loc["a", "sum"] == pytest.approx(6.0)
    assert table.loc["a", "valid_share"] == pytest.approx(0.25)


# --- T2, T9, T11, T14 --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_sums_are_not_capped_by_the_type_of_the_raster(dtype):
    here = grid((30, 30))
    largest = 250 if dtype == np.uint8 else 60_000
    table, _ = table_of({"a": pixel_box(here, 0, 0, 30, 30)}, raster(np.full((30, 30), largest, dtype), here))
    assert table.loc["a", "sum"] == 900.0 * largest
    assert table.loc["a", "max"] == largest


def test_large_sums_of_single_precision_keep_every_person():
    here = grid((100, 100))
    values = np.ones((100, 100), np.float32)
    values[0, 0] = 2.0**24
    table, _ = table_of({"a": pixel_box(here, 0, 0, 100, 100)}, raster(values, here))
    assert table.loc["a", "sum"] == 2.0**24 + 9_999


def test_a_zone_without_a_shape_keeps_its_row_and_moves_no_neighbour():
    here = grid((1, 3))
    shapes = {"a": pixel_box(here, 0, 0, 1, 1), "b": None, "c": shapely.Polygon(), "d": pixel_box(here, 2, 0, 3, 1)}
    table, _ = table_of(shapes, raster([[1.0, 2.0, 3.0]], here))
    assert table.index.tolist() == ["a", "b", "c", "d"]
    assert table["sum"].tolist()[0::3] == [1.0, 3.0]
    assert table["sum"].isna().tolist() == [False, True, True, False]


def test_a_zone_without_a_cell_centre_has_its_share_of_the_cell():
    here = grid((3, 3), cell=1.0)
    table, _ = table_of({"a": pixel_box(here, 1.6, 1.6, 1.9, 1.8)}, raster(np.full((3, 3), 50.0), here))
    assert table.loc["a", "sum"] == pytest.approx(3.0, rel=1e-9)
    assert table.loc["a", ["mean", "min", "max"]].tolist() == pytest.approx([50.0] * 3)


def test_zones_that_overlap_are_each_summed_whole():
    here = grid((2, 3))
    shapes = {"a": pixel_box(here, 0, 0, 2, 2), "b": pixel_box(here, 1, 0, 3, 2), "all": pixel_box(here, 0, 0, 3, 2)}
    table, _ = table_of(shapes, raster([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], here))
    assert table["sum"].tolist() == [12.0, 16.0, 21.0]


# --- kinds, weights, contracts -----------------------------------------------------------------------------------


def test_means_of_an_intensity_weigh_cells_by_true_area_and_those_of_a_count_do_not():
    here = degrees((2, 1), top=60.0, cell=10.0)
    area = cell_area_km2(here)[:, 0]
    values = np.array([[1.0], [3.0]])
    zone = {"a": pixel_box(here, 0, 0, 1, 2)}
    by_area = (area * [1.0, 3.0]).sum() / area.sum()
    for kind, expected in (("intensity", by_area), ("share", by_area), ("count", 2.0)):
        table, _ = table_of(zone, raster(values, here, kind=kind), floor=0.0)
        assert table.loc["a", "mean"] == pytest.approx(expected, rel=1e-12)
        assert table.loc["a", "zone_mean"] == pytest.approx(expected, rel=1e-12)
    assert by_area > 2.05  # the southern cell is larger


def test_the_sum_over_area_by_hand():
    here = degrees((2, 1), top=60.0, cell=10.0)
    north, south = cell_area_km2(here)[:, 0]
    zones = {"a": pixel_box(here, 0, 0, 1, 1.5), "none": pixel_box(here, 5, 5, 6, 6)}
    table, _ = table_of(zones, raster([[3.0], [8.0]], here, kind="intensity"))
    assert table.loc["a", "area_sum"] == pytest.approx(3 * north + 4 * south, rel=1e-9)
    assert np.isnan(table.loc["none", "area_sum"])
    table, _ = table_of(zones, raster([[3.0], [8.0]], here, kind="intensity"), floor=5.0)
    assert table.loc["a", "area_sum"] == pytest.approx(4 * south, rel=1e-9)
    table, _ = table_of(zones, raster([[3.0], [8.0]], here, kind="intensity"), floor=9.0)
    assert table.loc["a", "area_sum"] == 0.0  # observed, and nothing of it at the floor
    assert "area_sum" not in table_of(zones, raster([[3.0], [8.0]], here))[0]  # people times km2 are nothing


def test_the_weighted_mean_by_hand():
    here = grid((1, 4))
    heat = raster([[10.0, 30.0, np.nan, 99.0]], here, kind="intensity")
    people = raster([[3.0, 1.0, 5.0, np.nan]], here)
    table, _ = table_of({"a": pixel_box(here, 0, 0, 4, 1), "none": pixel_box(here, 2, 0, 4, 1)}, heat, weight=people)
    assert table.loc["a", "weighted_mean"] == pytest.approx(15.0)
    assert np.isnan(table.loc["none", "weighted_mean"])


def test_a_raster_or_weight_on_another_grid_is_refused():
    here, other = grid((1, 2)), grid((1, 2), left=500.0)
    plan = plan_zones(zones_of({"a": pixel_box(here, 0, 0, 1, 1)}, here.crs.to_wkt()), here)
    with pytest.raises(GridMismatch, match="lights"):
        summarise(plan, raster([[1.0, 2.0]], other, source="lights"))
    with pytest.raises(GridMismatch, match="weight"):
        summarise(plan, raster([[1.0, 2.0]], here), weight=raster([[1.0, 2.0]], other))


def test_a_raster_must_say_what_it_is():
    people = raster([[1.0]], grid((1, 1)))
    people.attrs.pop("kind")
    with pytest.raises(UndeclaredRaster):
        table_of({"a": pixel_box(grid((1, 1)), 0, 0, 1, 1)}, people)


def test_no_input_is_altered(freeze):
    toy = toy_country()
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    plan = plan_zones(zones, geobox_of(toy.people))
    freeze(plan.cover)
    before = toy.people.copy(deep=True)
    summarise(plan, toy.people, weight=toy.people, floor=10.0)
    assert toy.people.identical(before)


# --- laws --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["metres", "degrees"])
@pytest.mark.parametrize("seed", range(5))
def test_law_zones_that_tile_the_grid_add_up_to_it(where, seed):
    random = np.random.default_rng(seed)
    here = degrees((40, 60), left=-58.4, top=-34.6) if where == "degrees" else grid((40, 60), left=2e6, top=5.5e6)
    values = random.pareto(1.0, (40, 60)) * 100
    values[random.random(values.shape) < 0.1] = np.nan
    frame = pixel_box(here, 0, 0, 60, 40)
    corners = shapely.MultiPoint([here.transform @ spot for spot in random.uniform([0, 0], [60, 40], (25, 2))])
    tiles = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(corners, extend_to=frame)), frame)
    table, _ = table_of({str(k): tile for k, tile in enumerate(tiles)}, raster(values, here))
    assert table["sum"].sum() == pytest.approx(np.nansum(values), rel=1e-9)
    assert table["count"].sum() == pytest.approx(np.isfinite(values).sum(), rel=1e-9)


@given(st.permutations(range(4)), st.integers(0, 2**32 - 1))
def test_law_shuffling_rows_changes_nothing(order, seed):
    random = np.random.default_rng(seed)
    people = raster(random.random(SHAPE), KM)
    shapes = {str(k): pixel_box(KM, *random.uniform([0, 0, 4, 3], [4, 3, 8, 6])) for k in range(4)}
    table, _ = table_of(shapes, people)
    shuffled, _ = table_of({str(k): shapes[str(k)] for k in order}, people)
    pd.testing.assert_frame_equal(shuffled.loc[table.index], table, check_exact=True)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_law_moving_raster_and_zone_by_whole_cells_changes_nothing(down, right, seed):
    random = np.random.default_rng(seed)
    values = random.random(SHAPE)
    shape = pixel_box(KM, *random.uniform([0, 0, 4, 3], [4, 3, 8, 6]))
    wide = raster(np.pad(values, ((down, 0), (right, 0)), constant_values=9.0), KM.pad(5)[5 - down : 11, 5 - right : 13])
    here, _ = table_of({"a": shape}, raster(values, KM))
    there, _ = table_of({"a": shape}, wide)
    np.testing.assert_allclose(there, here, rtol=1e-9, atol=1e-12)
