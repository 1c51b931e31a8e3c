"""Land consumption, new land and densification by hand, and what holds for any input."""

from itertools import product
from math import log

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import grid, pixel_box, raster, zones_of

from urbanreview.errors import BadSetting, GridMismatch, UndeclaredRaster
from urbanreview.indicators.land import (
    CONSUMPTION_CLASSES,
    FORMULAS,
    UN_HABITAT_2018,
    UN_HABITAT_2021,
    built_up_change,
    densification,
    land_consumption,
    new_land,
    per_person_change,
    reasons,
)
from urbanreview.zones import plan_zones

FORMULA = pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
NAN = np.nan


def by_zone(values, names=None):
    names = names or [f"z{number}" for number in range(len(values))]
    return pd.Series(list(values), index=pd.Index(names, name="zone_id", dtype="str"), dtype=float)


def consumed(rows, *, years=10, formula=UN_HABITAT_2021):
    """Land consumption of rows of (land before, land after, people before, people after)."""
    return land_consumption(*(by_zone(column) for column in zip(*rows, strict=True)), years=years, formula=formula)


# Rates and ratio


def test_land_and_people_double_in_ten_years():
    rows = [(3.0, 6.0, 40_000.0, 80_000.0)]
    assert consumed(rows).iloc[0].tolist() == pytest.approx([0.1, log(2) / 10, 1 / log(2), 1])
    assert consumed(rows, formula=UN_HABITAT_2018).iloc[0].tolist() == pytest.approx([log(2) / 10, log(2) / 10, 1.0, 2])


def test_the_editions_say_which_formula_they_are():
    assert {name: formula.logarithm for name, formula in FORMULAS.items()} == {
        "un-habitat-2021": False,
        "un-habitat-2018": True,
    }
    assert all("11.3.1" in formula.source for formula in FORMULAS.values())


@FORMULA
def test_the_rates_stand_there_where_the_ratio_does_not(formula):
    frame = consumed([(2.0, 3.0, 900.0, 450.0)], years=5, formula=formula)
    land = log(1.5) / 5 if formula is UN_HABITAT_2018 else 0.1
    assert frame.iloc[0].tolist() == pytest.approx([land, -log(2) / 5, NAN, 4], nan_ok=True)
    assert reasons(frame).tolist() == ["population shrinks"]


@FORMULA
def test_a_rate_at_the_bound_is_growth_and_one_just_below_is_not(formula):
    def times(rate):
        return np.exp(rate * 10)

    frame = consumed([(1.0, 3.0, 1e6, 1e6 * times(rate)) for rate in (0.001, 0.000999, -0.000999, -0.001)], formula=formula)
    assert frame["land.consumption_class"].tolist() == [1, 3, 3, 4]
    assert frame["land.consumption_ratio"].notna().tolist() == [True, False, False, False]
    assert reasons(frame).iloc[1] == "population is stable: change under 0.1 % a year"


def test_the_bound_holds_for_land_too():
    rows = [(1000.0, after, 100.0, 200.0) for after in (1010.0, 1009.99, 990.01, 990.0)]
    frame = consumed(rows)
    assert frame["land.consumption_class"].tolist() == [2, 5, 5, 8]
    assert frame["land.consumption_ratio"].notna().tolist() == [True, True, True, False]


def test_land_that_vanishes_shrinks_under_both_formulas():
    rows = [(1.0, 0.0, 100.0, 200.0)]
    linear, logarithmic = consumed(rows), consumed(rows, formula=UN_HABITAT_2018)
    assert linear["land.consumption_rate"].tolist() == [-0.1]
    assert logarithmic["land.consumption_rate"].isna().all()
    assert linear["land.consumption_class"].tolist() == logarithmic["land.consumption_class"].tolist() == [8]


def told(land_before, land_after, people_before, people_after):
    """Say the class in words, the long way; the inputs keep clear of the bounds."""
    if np.isnan([land_before, land_after, people_before, people_after]).any():
        return "unknown"
    if land_before <= 0:
        return "no built-up land at first"
    if people_before <= 0 or people_after <= 0:
        return "nobody at first or at last"
    words = [
        f"{what} {'stable' if abs(after / before - 1) < 0.005 else 'grows' if after > before else 'shrinks'}"
        for what, before, after in (("land", land_before, land_after), ("people", people_before, people_after))
    ]
    if words == ["land grows", "people grows"]:
        faster = land_after / land_before > people_after / people_before + 0.1
        return "land grows faster than people" if faster else "land grows, no faster than people"
    return ", ".join(words).replace("people grows", "people grow").replace("people shrinks", "people shrink")


@FORMULA
def test_every_combination_falls_in_the_class_its_words_say(formula):
    befores, afters = (NAN, -1.0, 0.0, 1.0), (NAN, 0.0, 0.5, 0.999, 1.0, 1.001, 1.5, 4.0)
    rows = list(product(befores, afters, befores, afters))
    # Where land and people grow alike, the linear formula calls land faster; that case has its own test.
    rows = [row for row in rows if not (row[1] == row[3] and row[1] in (1.5, 4.0))]
    frame = consumed(rows, formula=formula)
    code = frame["land.consumption_class"]
    assert code.map(CONSUMPTION_CLASSES.get).tolist() == [told(*row) for row in rows]
    assert set(code) == set(CONSUMPTION_CLASSES) == set(range(1, 14))
    ratio = frame["land.consumption_ratio"]
    assert (ratio.notna() == code.isin([1, 2, 5])).all()
    assert ((reasons(frame) == "") == ratio.notna()).all()
    assert np.isfinite(ratio.dropna()).all()
    assert (frame["land.consumption_class"] == 1).eq(ratio > 1).all()
    assert not np.isinf(frame.to_numpy()).any()


@FORMULA
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(*[st.floats(0.5, 1e5)] * 4), min_size=1, max_size=5),
    st.sampled_from([1e-6, 0.1, 3.0, 1e6]),
    st.sampled_from([0.001, 7.0]),
)
def test_units_of_land_and_of_people_do_not_matter(formula, rows, land_unit, people_unit):
    scaled = [(a * land_unit, b * land_unit, c * people_unit, d * people_unit) for a, b, c, d in rows]
    pd.testing.assert_frame_equal(
        consumed(scaled, formula=formula), consumed(rows, formula=formula), check_exact=False, rtol=1e-6, atol=1e-9
    )


def test_one_period_in_other_years_has_the_same_ratio():
    rows = [(1.0, 3.0, 1.0, 2.0)]
    ten, twenty = consumed(rows, years=10), consumed(rows, years=20)
    assert ten["land.consumption_ratio"].tolist() == pytest.approx(twenty["land.consumption_ratio"].tolist())
    assert ten["land.consumption_rate"].tolist() == pytest.approx(2 * twenty["land.consumption_rate"])


def test_equal_rates_are_no_faster_whatever_the_unit():
    # 0.3 * 7 / 0.3 is a hair above 7, 0.7 * 3 / 0.7 a hair below 3.
    rows = [(land, land * times, 7.0, 7.0 * times) for land, times in ((0.3, 7), (0.7, 3), (300, 7), (0.4, 2))]
    frame = consumed(rows, formula=UN_HABITAT_2018)
    assert frame["land.consumption_class"].tolist() == [2, 2, 2, 2]


def test_shuffled_rows_and_a_zone_of_one_side_only():
    names = ["a", "b", "c"]
    first, last = by_zone([1.0, 2.0, 3.0], names), by_zone([2.0, 2.0, 6.0], names)
    people = by_zone([10.0, 20.0, 30.0], names)
    later = by_zone([60.0, 20.0, 20.0, 5.0], ["c", "a", "b", "only at last"])
    frame = land_consumption(first, last.iloc[::-1], people.loc[["b", "c", "a"]], later, years=10, formula=UN_HABITAT_2018)
    assert frame.index.tolist() == ["a", "b", "c", "only at last"]
    assert frame.index.name == "zone_id"
    assert frame["land.consumption_class"].tolist() == [2, 6, 2, 13]
    assert first.tolist() == [1.0, 2.0, 3.0]


def test_no_zones():
    frame = land_consumption(*[by_zone([])] * 4, years=10, formula=UN_HABITAT_2018)
    assert frame.empty
    assert reasons(frame).empty


@pytest.mark.parametrize("years", [0, -5, NAN])
def test_no_time_between_the_dates(years):
    with pytest.raises(BadSetting, match=r"years is .*, expected more than 0"):
        consumed([(1.0, 2.0, 1.0, 2.0)], years=years)


# Secondary indicators


def test_change_per_person_by_hand():
    change = per_person_change(
        by_zone([0.2, 1.0, 1.0, NAN]), by_zone([0.3, 2.0, 2.0, 1.0]), by_zone([1000, 0, 10, 10]), by_zone([2000, 10, 0, 10])
    )
    assert change.tolist() == pytest.approx([-50.0, NAN, NAN, NAN], nan_ok=True)
    assert change.name == "land.per_person_change"


def test_total_change_by_hand():
    change = built_up_change(by_zone([2.0, 0.0, NAN, 4.0]), by_zone([3.0, 1.0, 1.0, 0.0]))
    assert change.tolist() == pytest.approx([0.5, NAN, NAN, -1.0], nan_ok=True)
    assert change.name == "built_up.change"


# New land and densification: cells of 100 m, so a full cell is 10,000 m2

HERE = grid((2, 4), left=2e6, top=5.5e6, cell=100.0)
BEFORE = [[1_000.0, 500.0, NAN, NAN], [0.0, 2_000.0, 100.0, NAN]]
AFTER = [[4_000.0, 200.0, 900.0, NAN], [50_000.0, 2_000.0, NAN, 5.0]]
OLD = [[1.0, 1.0, 1.0, 0.0], [0.25, 0.0, 0.0, 0.0]]


def surface(values, here=HERE, **more):
    return raster(values, here, **{"units": "m2", "source": "built 2020", **more})


def planned(parts, here=HERE):
    return plan_zones(zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt()), here)


PLAN = planned({"town": (0, 0, 2, 2), "half": (0.5, 0, 2, 1), "once": (2, 0, 4, 2), "still": (1, 1, 2, 2)})


def test_new_land_by_hand():
    frame, ledger = new_land(PLAN, surface(BEFORE), surface(AFTER))
    expected = pd.DataFrame(
        # 3,000 and 50,000 (more than the cell holds, and kept); half of 3,000; nothing seen twice; nothing new.
        {"built_up.new": [0.053, 0.0015, NAN, 0.0], "valid_share": [1.0, 1.0, 0.0, 1.0]},
        index=pd.Index(["town", "half", "once", "still"], name="zone_id", dtype="str"),
    )
    pd.testing.assert_frame_equal(frame, expected, rtol=1e-9)
    rows = ledger.frame()
    # The cell that lost 300 m2 lies in two zones; three cells have one date only.
    assert rows[["step", "cause", "unit"]].values.tolist() == [
        ["built 2020", "built-up land lost", "cell"],
        ["built 2020", "built-up land lost", "km2"],
        ["built 2020", "a value at one date only", "cell"],
        ["built 2020", "zone without a value", "zone"],
    ]
    assert rows["amount"].tolist() == pytest.approx([2.0, 0.0006, 3.0, 1.0])


def test_densification_by_hand():
    frame, ledger = densification(PLAN, surface(BEFORE), surface(AFTER), old=surface(OLD, kind="share", units="1"))
    # 3,000 inside and a quarter of 50,000, of 53,000; all inside; nothing seen; nothing new.
    assert frame["land.densification_share"].tolist() == pytest.approx([15_500 / 53_000, 1.0, NAN, NAN], nan_ok=True)
    assert frame["valid_share"].tolist() == [1.0, 1.0, 0.0, 1.0]
    assert ledger.frame()["zone_id"].tolist() == ["once"]


def test_the_old_extent_unknown_in_a_cell_leaves_the_cell_out():
    old = np.array(OLD)
    old[1, 0] = NAN
    frame, _ = densification(PLAN, surface(BEFORE), surface(AFTER), old=surface(old, kind="share", units="1"))
    assert frame.loc["town"].tolist() == [1.0, 0.75]


def test_cells_outside_every_zone_are_not_told_of():
    frame, ledger = new_land(planned({"a": (0, 0, 1, 1)}), surface(BEFORE), surface(AFTER))
    assert frame["built_up.new"].tolist() == pytest.approx([0.003])
    assert ledger.entries == ()


def test_nothing_is_altered():
    before, after = surface(BEFORE), surface(AFTER)
    for one in (before, after):
        one.values.flags.writeable = False
    new_land(PLAN, before, after)
    np.testing.assert_array_equal(before, BEFORE)
    np.testing.assert_array_equal(after, AFTER)


def test_whole_numbers_without_a_sign_can_fall():
    before, after = (np.array(values, np.uint16) for values in ([[500, 100]], [[200, 900]]))
    here = grid((1, 2), cell=100.0)
    frame, ledger = new_land(planned({"a": (0, 0, 2, 1)}, here), surface(before, here), surface(after, here))
    assert frame["built_up.new"].tolist() == pytest.approx([0.0008])
    assert ledger.frame()["amount"].tolist() == pytest.approx([1.0, 0.0003])


SURFACES = st.lists(st.sampled_from([NAN, 0.0, 10.0, 2_500.0, 10_000.0]), min_size=12, max_size=12)
WIDE = grid((3, 4), left=2e6, top=5.5e6, cell=100.0)
HALVES = planned({"whole": (0, 0, 4, 3), "west": (0, 0, 1.5, 3), "east": (1.5, 0, 4, 3)}, WIDE)


@settings(max_examples=40, deadline=None)
@given(SURFACES, SURFACES, st.lists(st.sampled_from([0.0, 0.3, 1.0]), min_size=12, max_size=12))
def test_halves_add_up_and_gains_less_losses_are_the_change(first, second, extent):
    before, after, old = (np.array(values).reshape(3, 4) for values in (first, second, extent))
    frame, ledger = new_land(HALVES, surface(before, WIDE), surface(after, WIDE))
    whole, west, east = frame["built_up.new"]
    assert np.nansum([west, east]) == pytest.approx(np.nan_to_num(whole))
    valid = frame["valid_share"]
    assert valid["west"] * 4.5 + valid["east"] * 7.5 == pytest.approx(valid["whole"] * 12)
    # The two halves and the whole count every loss twice.
    lost = ledger.frame().query("cause == 'built-up land lost' and unit == 'km2'")["amount"].sum() / 2
    assert np.nan_to_num(whole) - lost == pytest.approx(np.nansum(after - before) / 1e6, abs=1e-12)
    inside, _ = densification(HALVES, surface(before, WIDE), surface(after, WIDE), old=surface(old, WIDE, kind="share"))
    share = inside["land.densification_share"]
    assert share.dropna().between(0, 1).all()
    assert (share.isna() == ~(frame["built_up.new"] > 0)).all()
    dense = np.nansum(share * frame["built_up.new"] * [-1, 1, 1])
    assert dense == pytest.approx(0.0, abs=1e-12)


def test_a_raster_of_nodata_is_missing_and_not_zero():
    nothing = np.full((2, 4), NAN)
    frame, _ = new_land(PLAN, surface(nothing), surface(AFTER))
    assert frame["built_up.new"].isna().all()
    assert (frame["valid_share"] == 0).all()


def test_rasters_of_another_grid_or_kind_are_refused():
    other = grid((2, 4), left=2e6 + 50, top=5.5e6, cell=100.0)
    with pytest.raises(GridMismatch, match="built 2020"):
        new_land(PLAN, surface(BEFORE, other), surface(AFTER))
    with pytest.raises(GridMismatch, match="'old'"):
        densification(PLAN, surface(BEFORE), surface(AFTER), old=surface(OLD, other, kind="share"))
    with pytest.raises(UndeclaredRaster, match="count"):
        new_land(PLAN, surface(BEFORE), surface(AFTER, kind="share"))
    with pytest.raises(UndeclaredRaster, match="share"):
        densification(PLAN, surface(BEFORE), surface(AFTER), old=surface(OLD))
