"""Quantiles, shares beyond thresholds and shares of classes: by hand, and against the slow version."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from strategies import polygons
from toys import degrees, grid, pixel_box, raster, toy_country, zones_of
from twins.coverage import dense_shares

from urbanreview.errors import BadSetting, GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2, geobox_of
from urbanreview.zones import class_shares, plan_zones, quantiles, threshold_shares, zone_table

SHAPE = (6, 8)
KM = grid(SHAPE, left=2_000_000.0, top=5_500_000.0)
ARC = degrees(SHAPE)
CHANCES = (0.0, 0.1, 0.25, 0.5, 0.9, 1.0)
NAMES = [f"quantile_{chance:g}" for chance in CHANCES]


def plan_of(shapes, here):
    return plan_zones(zones_of(shapes, here.crs.to_wkt()), here)


def on_grid(shape, geobox):
    t = geobox.transform
    return shapely.transform(shape, lambda xy: np.column_stack([t.c + t.a * xy[:, 0], t.f + t.e * xy[:, 1]]))


def quantile_twin(values, weights, chance):
    """One cell after the other; equal values share their weight."""
    pairs = sorted((v, np.mean(weights[values == v])) for v in values)
    position = [0.0]
    for (_, before), (_, here) in pairwise(pairs):
        position.append(position[-1] + (before + here) / 2)
    at = chance * position[-1]
    for k in range(1, len(pairs)):
        if at <= position[k]:
            part = (at - position[k - 1]) / (position[k] - position[k - 1])
            return pairs[k - 1][0] + part * (pairs[k][0] - pairs[k - 1][0])
    return pairs[-1][0]


# --- quantiles ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cells", [1, 2, 3, 7, 48])
@pytest.mark.parametrize("kind", ["count", "intensity"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_whole_cells_of_equal_weight_have_the_quantiles_of_numpy(cells, kind, dtype):
    values = np.random.default_rng(cells).integers(0, 20, 48).astype(dtype)  # some of them equal
    here = grid((1, 48))
    table, _ = quantiles(
        plan_of({"a": pixel_box(here, 0, 0, cells, 1)}, here), raster(values[None], here, kind=kind), probabilities=CHANCES
    )
    assert table.loc["a", NAMES].tolist() == pytest.approx(np.quantile(values[:cells], CHANCES), rel=1e-12, abs=1e-12)


@given(
    st.lists(polygons(SHAPE), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["count", "intensity"]),
    st.sampled_from([KM, ARC]),
    st.booleans(),
)
def test_quantiles_are_those_of_the_slow_version(shapes, seed, kind, here, weighted):
    random = np.random.default_rng(seed)
    values = random.integers(0, 9, SHAPE).astype(float)
    values[random.random(SHAPE) < 0.2] = np.nan
    people = np.where(random.random(SHAPE) < 0.1, np.nan, random.integers(0, 4, SHAPE))
    shares = dense_shares(shapes, SHAPE)
    area = np.ones(SHAPE) if kind == "count" else np.broadcast_to(cell_area_km2(here), SHAPE)
    plan = plan_of({str(k): on_grid(shape, here) for k, shape in enumerate(shapes)}, here)
    weight = raster(people, here) if weighted else None
    table, _ = quantiles(plan, raster(values, here, kind=kind), probabilities=CHANCES, weight=weight)
    for k, share in enumerate(shares):
        if ((share > 0) & (share < 1e-6)).any():
            continue  # so small a share may or may not be there, and decides over an extreme
        load = share * np.nan_to_num(people if weighted else area)
        kept = ~np.isnan(values) & (load > 0)
        expected = [quantile_twin(values[kept], load[kept], chance) if kept.any() else np.nan for chance in CHANCES]
        np.testing.assert_allclose(table.iloc[k][NAMES].astype(float), expected, rtol=1e-6, atol=1e-6)
        valid = share[~np.isnan(values)].sum() / shapely.area(shapes[k])
        assert table.iloc[k]["valid_share"] == pytest.approx(valid, rel=1e-6, abs=1e-9)


def test_the_median_by_hand_of_a_cell_that_lies_partly_in_the_zone():
    # Weights 1, 1 and one half: positions 0, 1 and 1.75; the middle, 0.875, lies 7/8 of the way from 10 to 20.
    here = grid((1, 3))
    plan = plan_of({"a": pixel_box(here, 0, 0, 2.5, 1)}, here)
    table, _ = quantiles(plan, raster([[20.0, 10.0, 40.0]], here), probabilities=[0.5])
    assert table.loc["a", "quantile_0.5"] == pytest.approx(18.75, rel=1e-9)


def test_a_large_cell_pulls_the_median_of_an_intensity_and_not_of_a_count():
    here = degrees((3, 1), top=70.0, cell=20.0)
    plan = plan_of({"a": pixel_box(here, 0, 0, 1, 3)}, here)
    found = {
        kind: quantiles(plan, raster([[1.0], [2.0], [3.0]], here, kind=kind), probabilities=[0.5])[0]["quantile_0.5"].item()
        for kind in ("count", "intensity")
    }
    assert found["count"] == 2.0
    assert found["intensity"] > 2.1  # the southern cells are larger


def test_cells_without_people_do_not_count_in_a_quantile_by_people():
    here = grid((1, 4))
    heat = raster([[10.0, 20.0, 30.0, 99.0]], here, kind="intensity")
    people = raster([[5.0, 0.0, 5.0, np.nan]], here)
    plan = plan_of({"a": pixel_box(here, 0, 0, 4, 1), "nobody": pixel_box(here, 3, 0, 4, 1)}, here)
    table, ledger = quantiles(plan, heat, probabilities=[0.5, 1.0], weight=people)
    assert table.loc["a"].tolist() == [20.0, 30.0, 1.0]
    assert np.isnan(table.loc["nobody", "quantile_0.5"])
    assert table.loc["nobody", "valid_share"] == 1.0  # the heat is known there
    assert ledger.entries == ()


@pytest.mark.parametrize("chance", [-0.1, 1.5, np.nan])
def test_a_probability_outside_0_and_1_is_refused(chance):
    plan = plan_of({"a": pixel_box(KM, 0, 0, 1, 1)}, KM)
    with pytest.raises(BadSetting, match="expected 0 to 1"):
        quantiles(plan, raster(np.ones(SHAPE), KM), probabilities=[0.5, chance])


# --- thresholds --------------------------------------------------------------------------------------------------


@given(
    st.lists(polygons(SHAPE), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["count", "intensity"]),
    st.sampled_from([KM, ARC]),
)
def test_shares_beyond_thresholds_are_those_of_numpy(shapes, seed, kind, here):
    random = np.random.default_rng(seed)
    values = random.integers(0, 9, SHAPE).astype(float)
    values[random.random(SHAPE) < 0.2] = np.nan
    plan = plan_of({str(k): on_grid(shape, here) for k, shape in enumerate(shapes)}, here)
    table, _ = threshold_shares(plan, raster(values, here, kind=kind), thresholds=[0, 4, 8.5])
    for k, share in enumerate(dense_shares(shapes, SHAPE)):
        ground = np.where(share > 1e-9, share, 0.0) * cell_area_km2(here)
        valid = ground[~np.isnan(values)].sum()
        for threshold in (0, 4, 8.5):
            for name, side in (("from", values >= threshold), ("below", values < threshold)):
                expected = ground[side].sum() / valid if valid > 0 else np.nan
                found = table.iloc[k][f"share_{name}_{threshold:g}"]
                assert found == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)


@pytest.mark.parametrize("threshold", [0.1, 0.7, 1.3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_value_at_the_threshold_reaches_it_in_either_precision(threshold, dtype):
    here = grid((1, 2))
    values = np.array([[threshold, np.nextafter(dtype(threshold), dtype(0))]], dtype)
    plan = plan_of({"a": pixel_box(here, 0, 0, 2, 1)}, here)
    table, _ = threshold_shares(plan, raster(values, here, kind="intensity"), thresholds=[threshold])
    assert table.loc["a", [f"share_from_{threshold:g}", f"share_below_{threshold:g}"]].tolist() == [0.5, 0.5]


def test_thresholds_that_look_alike_keep_their_own_columns():
    plan = plan_of({"a": pixel_box(KM, 0, 0, 1, 1)}, KM)
    table, _ = threshold_shares(plan, raster(np.full(SHAPE, 1_234_567.0), KM), thresholds=[1_234_567, 1_234_568])
    assert table.loc["a", ["share_from_1234567", "share_from_1234568"]].tolist() == [1.0, 0.0]


# --- classes -----------------------------------------------------------------------------------------------------


@given(
    st.lists(polygons(SHAPE), min_size=1, max_size=3),
    st.integers(0, 2**32 - 1),
    st.sampled_from([KM, ARC]),
    st.sampled_from([np.float32, np.float64]),
)
def test_shares_of_classes_are_those_of_numpy(shapes, seed, here, dtype):
    random = np.random.default_rng(seed)
    values = random.choice([10, 11, 50, 255], SHAPE).astype(dtype)
    values[random.random(SHAPE) < 0.2] = np.nan
    plan = plan_of({str(k): on_grid(shape, here) for k, shape in enumerate(shapes)}, here)
    asked = [50, 10, 99]
    table, ledger = class_shares(plan, raster(values, here, kind="class"), classes=asked)
    everything, _ = class_shares(plan, raster(values, here, kind="class"))
    assert list(table) == ["share_class_50", "share_class_10", "share_class_99", "valid_share"]
    unlisted = 0.0
    for k, share in enumerate(dense_shares(shapes, SHAPE)):
        ground = np.where(share > 1e-9, share, 0.0) * cell_area_km2(here)
        valid = ground[~np.isnan(values)].sum()
        for code in asked:
            expected = ground[values == code].sum() / valid if valid > 0 else np.nan
            assert table.iloc[k][f"share_class_{code}"] == pytest.approx(expected, rel=1e-6, abs=1e-6, nan_ok=True)
        if valid > 0:
            assert everything.iloc[k].drop("valid_share").sum() == pytest.approx(1.0, rel=1e-12)
        unlisted += share[(values == 11) | (values == 255)].sum()
    assert ledger.amount("class 11 not listed") + ledger.amount("class 255 not listed") == pytest.approx(unlisted, abs=1e-6)


def test_shares_of_classes_by_hand_on_whole_numbers():
    here = grid((1, 5))
    classes = raster(np.array([[30, 10, 10, 21, 10]], np.uint8), here, kind="class")
    table, ledger = class_shares(plan_of({"a": pixel_box(here, 0.5, 0, 3, 1), "b": pixel_box(here, 4, 0, 5, 1)}, here), classes)
    assert list(table) == ["share_class_10", "share_class_30", "valid_share"]  # 21 lies in no zone
    assert table.loc["a"].tolist() == pytest.approx([0.8, 0.2, 1.0], rel=1e-9)
    assert table.loc["b"].tolist() == [1.0, 0.0, 1.0]
    assert ledger.entries == ()


def test_a_class_has_the_true_area_of_its_cells():
    here = degrees((2, 1), top=60.0, cell=10.0)
    north, south = cell_area_km2(here)[:, 0]
    table, _ = class_shares(plan_of({"a": pixel_box(here, 0, 0, 1, 2)}, here), raster([[1.0], [2.0]], here, kind="class"))
    assert table.loc["a", "share_class_1"] == pytest.approx(north / (north + south), rel=1e-12)


def test_only_classes_have_shares_of_classes():
    plan = plan_of({"a": pixel_box(KM, 0, 0, 1, 1)}, KM)
    with pytest.raises(UndeclaredRaster, match="expected kind class"):
        class_shares(plan, raster(np.ones(SHAPE), KM))


# --- what all three keep -----------------------------------------------------------------------------------------

ASK = {
    "quantiles": lambda plan, of: quantiles(plan, of, probabilities=[0.5]),
    "thresholds": lambda plan, of: threshold_shares(plan, of, thresholds=[1.0]),
    "classes": class_shares,
}
in_every_way = pytest.mark.parametrize("ask", ASK.values(), ids=ASK)


@in_every_way
def test_a_raster_on_another_grid_or_without_a_kind_is_refused(ask):
    here = grid((1, 2))
    plan = plan_of({"a": pixel_box(here, 0, 0, 1, 1)}, here)
    with pytest.raises(GridMismatch, match="lights"):
        ask(plan, raster([[1.0, 2.0]], grid((1, 2), left=500.0), kind="class", source="lights"))
    bare = raster([[1.0, 2.0]], here)
    bare.attrs.pop("kind")
    with pytest.raises(UndeclaredRaster):
        ask(plan, bare)


@in_every_way
def test_zones_without_a_value_are_missing_and_named(ask):
    here = grid((1, 3))
    shapes = {
        "a": pixel_box(here, 0, 0, 1, 1),
        "gap": pixel_box(here, 1, 0, 3, 1),
        "far": pixel_box(here, 9, 9, 10, 10),
        "none": None,
    }
    table, ledger = ask(plan_of(shapes, here), raster([[5.0, np.nan, np.nan]], here, kind="class"))
    assert table.loc["a"].notna().all()
    assert table.loc[["gap", "far", "none"]].drop(columns="valid_share").isna().all(axis=None)
    assert table["valid_share"].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert ledger.frame()["zone_id"].tolist() == ["gap", "far", "none"]


@in_every_way
def test_a_zone_that_leaves_the_raster_says_how_much_it_misses(ask):
    here = grid((2, 2))
    table, _ = ask(plan_of({"a": pixel_box(here, 1, 0, 5, 2)}, here), raster([[1.0, 2.0], [3.0, 4.0]], here, kind="class"))
    assert table.loc["a", "valid_share"] == pytest.approx(0.25)


@in_every_way
def test_no_zone_at_all_is_an_empty_table(ask):
    here = grid((1, 2))
    assert ask(plan_of({}, here), raster([[1.0, np.nan]], here, kind="class"))[0].empty


@in_every_way
def test_no_input_is_altered(ask, freeze):
    toy = toy_country()
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    plan = plan_zones(zones, geobox_of(toy.people))
    freeze(plan.cover)
    classes = toy.people.copy()
    classes.attrs["kind"] = "class"
    classes.values.flags.writeable = False
    before = classes.copy(deep=True)
    ask(plan, classes)
    assert classes.identical(before)
