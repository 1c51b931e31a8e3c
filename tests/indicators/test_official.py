"""Official numbers beside ours: gaps counted by hand, and a reason for each."""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from urbanreview.errors import NotInInput
from urbanreview.indicators import country_gap, official_gaps, unmatched_rows
from urbanreview.indicators.official import AS_THE_COUNTRY, COLUMNS, EXPLAINED_BELOW, PLAUSIBLE_GROWTH
from urbanreview.zones import fold_rows, match_rows

NOTHING = {
    "year_official": None,
    "year_ours": None,
    "definition": "",
    "division_official": None,
    "division_ours": None,
    "country": None,
}


def units_of(*names, apart=2.0):
    """Squares in a row, one degree wide; they touch if they are not `apart`."""
    boxes = [shapely.box(place * apart, 0, place * apart + 1, 1) for place in range(len(names))]
    index = pd.Index(list(names), name="zone_id", dtype="str")
    return gpd.GeoDataFrame({"name": [name.upper() for name in names]}, index=index, geometry=boxes, crs=4326)


def gaps(numbers, *, apart=2.0, matched_by="name", folding=None, **stated):
    """Compare zone to (official, ours)."""
    units = units_of(*numbers, apart=apart)
    frame = pd.DataFrame(list(numbers.values()), index=units.index, columns=["official", "ours"], dtype=float)
    official = pd.DataFrame({"official": frame["official"], "official_rows": "row", "matched_by": matched_by})
    if folding is not None:
        official["folding"] = folding
    return official_gaps(official, frame["ours"], units, **(NOTHING | stated))


def reason(official, ours, **how):
    return gaps({"x": (official, ours)}, **how)["reason"].item()


def test_gaps_are_ours_less_official():
    found = gaps({"x": (200, 150), "y": (80, 100)})
    assert list(found.columns) == list(COLUMNS)
    assert found["gap"].tolist() == [-50.0, 20.0]
    assert found["gap_share"].tolist() == [-0.25, 0.25]
    assert found["reason"].tolist() == ["unexplained", "unexplained"]


@pytest.mark.parametrize(("ours", "said"), [(1009, ""), (991, ""), (1000, ""), (1010, "unexplained"), (990, "unexplained")])
def test_small_gaps_need_no_reason(ours, said):
    assert EXPLAINED_BELOW == 0.01
    assert reason(1000, ours) == said


def test_a_unit_without_a_row_says_so():
    units = units_of("x", "y", "none")
    official = pd.DataFrame({"official": [5.0], "official_rows": ["X"], "matched_by": ["code"]}, index=["x"])
    found = official_gaps(official, pd.Series({"none": 1.0, "x": 5.0, "y": 3.0}), units, **NOTHING)
    assert found.index.tolist() == ["x", "y", "none"]
    assert found["reason"].tolist() == ["", "no official row", "no official row"]
    assert found.loc["y", ["official_rows", "matched_by"]].tolist() == [None, None]
    assert found.loc["y", ["official", "gap", "gap_share"]].isna().all()


@pytest.mark.parametrize("ours", [0, 7])
def test_an_official_total_of_zero_gives_no_share_and_no_infinity(ours):
    row = gaps({"x": (0, ours)}, year_official=2023, year_ours=2020, country=(0, 7)).loc["x"]
    assert (row["gap"], row["reason"]) == (ours, "official total of zero")
    assert math.isnan(row["gap_share"])


def test_nobody_of_ours():
    row = gaps({"x": (50, 0)}, year_official=2023, year_ours=2020).loc["x"]
    assert (row["gap_share"], row["reason"]) == (-1.0, "nobody of ours there")
    assert reason(50, 0, definition="residents") == "nobody of ours there"


def test_missing_numbers_say_whose_are_missing():
    found = gaps({"x": (np.nan, 5), "y": (5, np.nan)})
    assert found["reason"].tolist() == ["no number in the official rows", "no number of ours"]


# x has 30 too many of 100, y 20 too few of 100: together 10 of 200, and 10 is less than half of 30.
def test_a_boundary_is_named_from_both_sides_with_the_joint_gap():
    found = gaps({"x": (100, 130), "y": (100, 80)}, apart=1.0)
    assert found["reason"].tolist() == [f"boundary: with {name} together the gap is +5.0 %" for name in "YX"]


@pytest.mark.parametrize(
    ("numbers", "apart"),
    [
        ({"x": (100, 130), "y": (100, 80)}, 1.001),
        ({"x": (100, 130), "y": (100, 120)}, 1.0),
        ({"x": (100, 130), "y": (100, 85)}, 1.0),
        ({"x": (100, 130), "z": (100, 100), "y": (100, 80)}, 1.0),
    ],
    ids=["apart", "same sign", "half is left", "one between"],
)
def test_no_boundary_where_units_do_not_touch_or_do_not_even_out(numbers, apart):
    assert gaps(numbers, apart=apart)["reason"]["x"] == "unexplained"


def test_a_hair_between_outlines_is_touching():
    assert gaps({"x": (100, 130), "y": (100, 80)}, apart=1 + 5e-7)["reason"]["x"].startswith("boundary: with Y")


def test_of_several_neighbours_the_one_that_leaves_least():
    found = gaps({"a": (100, 80), "x": (100, 130), "b": (100, 72)}, apart=1.0)
    assert found["reason"]["x"] == "boundary: with B together the gap is +1.0 %"


@pytest.mark.parametrize(
    ("official", "ours", "years", "said"),
    [
        (1.02**3, 1.0, (2023, 2020), "+2.0"),
        (1.0, 1.02**3, (2023, 2020), "-2.0"),
        (1.0, 1.03**2, (2018, 2020), "+3.0"),
        (math.exp(0.0399 * 5), 1.0, (2025, 2020), "+4.0"),
    ],
)
def test_growth_that_would_explain_a_gap(official, ours, years, said):
    """The logarithm of 1.02 is 0.0198, which is 2.0 %."""
    text = f"year: {years[0]} against {years[1]}, {said} % a year would explain it"
    assert reason(1000 * official, 1000 * ours, year_official=years[0], year_ours=years[1]) == text


@pytest.mark.parametrize("years", [(2020, 2020), (None, 2020), (2020, None), (2021, 2020)])
def test_no_growth_where_years_agree_or_are_unknown_or_it_would_be_too_fast(years):
    too_fast = math.exp(PLAUSIBLE_GROWTH + 0.001)
    assert reason(1000 * too_fast, 1000, year_official=years[0], year_ours=years[1]) == "unexplained"


def test_divisions_of_other_years():
    said = {"division_official": 2023, "division_ours": 2020}
    assert reason(100, 90, **said) == "division: of 2023 against 2020"
    assert reason(100, 90, division_official=2023) == "unexplained"
    assert reason(100, 90, **(said | {"division_ours": 2023})) == "unexplained"


def test_where_a_correspondence_says_what_changed_the_others_did_not():
    found = gaps(
        {"x": (100, 90), "y": (100, 90)},
        matched_by=["correspondence", "name"],
        folding=["A and B folded into one unit", ""],
        division_official=2023,
        division_ours=2020,
    )
    assert found["reason"].tolist() == ["division: of 2023 against 2020, A and B folded into one unit", "unexplained"]


# The country lacks 5 %: from -7 % to -3 % is as in the country.
@pytest.mark.parametrize(("ours", "alike"), [(950, True), (931, True), (969, True), (929, False), (971, False), (1050, False)])
def test_a_gap_like_the_countrys(ours, alike):
    assert AS_THE_COUNTRY == 0.02
    said = "definition: as in the whole country (-5.0 %)" if alike else "unexplained"
    assert reason(1000, ours, country=(20_000, 19_000)) == said


@pytest.mark.parametrize("country", [None, (20_000, 19_900), (20_000, 20_500), (0, 5)])
def test_a_country_without_a_gap_of_that_sign_explains_none(country):
    assert reason(1000, 989, country=country) == "unexplained"


def test_the_given_definition_stands_with_it():
    assert reason(1000, 950, country=(200, 190), definition="permanent residents") == (
        "definition: as in the whole country (-5.0 %), permanent residents"
    )
    assert reason(1000, 700, definition="permanent residents") == "unexplained"


def test_a_unit_of_a_few_cells_is_too_small_for_the_grid():
    found = gaps({"x": (1000, 700), "y": (1000, 700)}, cells=pd.Series({"x": 10.8, "y": 30.0}))
    assert found["reason"].tolist() == ["grid: the unit has 11 cells only", "unexplained"]


def test_a_definition_explains_no_gap_that_is_not_there():
    assert reason(1000, 1000, definition="permanent residents") == ""


def test_a_match_by_sound_is_a_doubt():
    assert reason(100, 80, matched_by="sound") == "name: matched by its sound only"
    assert reason(100, 100, matched_by="sound") == ""


def test_all_reasons_stand_in_order():
    found = gaps(
        {"x": (1000, 900), "y": (1000, 1080)},
        apart=1.0,
        matched_by=["sound", "name"],
        year_official=2025,
        year_ours=2020,
        definition="residents",
        division_official=2025,
        division_ours=2020,
        country=(2000, 1800),
    )
    assert found["reason"]["x"] == (
        "boundary: with Y together the gap is -1.0 %; division: of 2025 against 2020; "
        "year: 2025 against 2020, +2.1 % a year would explain it; "
        "definition: as in the whole country (-10.0 %), residents; name: matched by its sound only"
    )


def test_the_order_of_units_decides_nothing_and_nothing_is_altered():
    numbers = {"a": (100, 80), "x": (100, 130), "b": (100, 80), "y": (100, 85)}
    units = units_of(*numbers, apart=1.0)
    frame = pd.DataFrame(list(numbers.values()), index=units.index, columns=["official", "ours"], dtype=float)
    official = frame[["official"]].assign(official_rows="row", matched_by="name")
    before = official.copy(), frame["ours"].copy(), units.copy()
    found = official_gaps(official, frame["ours"], units, **NOTHING)
    other = official_gaps(official[::-1], frame["ours"][::-1], units[::-1], **NOTHING)
    pd.testing.assert_frame_equal(found, other[::-1])
    assert found["reason"]["x"].startswith("boundary: with A")
    assert all(now.equals(then) for now, then in zip((official, frame["ours"], units), before, strict=True))


def test_a_row_of_another_table_is_told():
    official = pd.DataFrame({"official": [5.0], "official_rows": ["X"], "matched_by": ["code"]}, index=["z"])
    with pytest.raises(NotInInput, match="no unit 'z'"):
        official_gaps(official, pd.Series({"x": 1.0}), units_of("x", "y"), **NOTHING)


def test_no_units_are_no_rows():
    none = pd.DataFrame({"official": [], "official_rows": [], "matched_by": []})
    assert official_gaps(none, pd.Series(dtype=float), units_of("x").iloc[:0], **NOTHING).empty


def test_the_country_beside_its_official_total():
    row = country_gap(
        1030.0, 1000.0, zone_id="TOY", official_rows="Total", year_official=2021, year_ours=2020, definition="residents"
    ).loc["TOY"]
    assert row["gap"] == -30.0
    assert row["reason"] == "year: 2021 against 2020, +3.0 % a year would explain it; definition: residents"
    same = country_gap(1000.0, 1001.0, zone_id="TOY", official_rows="T", year_official=2020, year_ours=2020, definition="")
    assert same["reason"].tolist() == [""]


def test_a_whole_table_by_hand():
    """A was split into x and y, Old is called Z, nobody knows Ghost: 1,000 official people stay 1,000."""
    units = units_of("x", "y", "z", "w", apart=1.0).assign(level="adm1", iso3="TOY")
    rows = pd.DataFrame({"key": ["A", "Old", "Ghost"], "people": [600.0, 390.0, 10.0]})
    lines = [("A", "X", "0.75"), ("A", "Y", "0.25"), ("Old", "Z", "")]
    table = pd.DataFrame(lines, columns=["official", "unit", "share"])
    matched, ledger = match_rows(rows, units, by="name", correspondence=table, origin="a.csv")
    folded = fold_rows(rows, matched, "people")
    found = official_gaps(folded, pd.Series({"x": 360.0, "y": 240.0, "z": 390.0, "w": 3.0}), units, **NOTHING)
    assert found["official"].tolist()[:3] == [450.0, 150.0, 390.0]
    assert found["reason"].tolist() == [
        "boundary: with Y together the gap is +0.0 %; division: 75 % of A",
        "boundary: with X together the gap is +0.0 %; division: 25 % of A",
        "",
        "no official row",
    ]
    left = unmatched_rows(rows, matched, "people")
    assert left.columns.tolist() == ["zone_id", *COLUMNS]
    assert left[["zone_id", "matched_by", "official_rows", "official", "reason"]].values.tolist() == [
        [None, None, "Ghost", 10.0, "no unit of this code or name"]
    ]
    assert left[["ours", "gap", "gap_share"]].isna().all(axis=None)
    assert found["official"].sum() + left["official"].sum() == rows["people"].sum()
    assert ledger.frame()[["unit", "amount"]].values.tolist() == [["row", 1.0], ["unit", 1.0]]
