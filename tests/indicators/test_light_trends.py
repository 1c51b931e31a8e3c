"""Growth and trend of light, by hand and against scipy; level breaks of the series."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy.stats import theilslopes

from urbanreview.indicators.light_trends import (
    breaks_between,
    growth,
    product_changes,
    stretches,
    theil_sen,
    variant_of,
)

SNOW_FREE = range(4, 11)


def test_growth_by_hand():
    first = pd.Series({"a": 100.0, "b": 80.0, "dark": 0.0, "gone": 5.0, "unseen": np.nan, "alone": 1.0})
    last = pd.Series({"unseen": 3.0, "gone": 0.0, "dark": 4.0, "b": 10.0, "a": 100.0 * 1.04**5})
    rate = growth(first, last, years=5)
    assert rate.to_dict() == pytest.approx(
        {"a": 0.04, "b": (1 / 8) ** 0.2 - 1, "dark": np.nan, "gone": np.nan, "unseen": np.nan, "alone": np.nan}, nan_ok=True
    )
    assert rate.name == "lights.growth"
    assert growth(last, first, years=-5)["a"] == pytest.approx(0.04)


def test_the_trend_of_a_straight_line_is_its_slope():
    years = list(range(2012, 2020))
    values = pd.DataFrame([[5.0 + 3.0 * (year - 2012) for year in years], [7.0] * 8], index=["a", "b"], columns=years)
    np.testing.assert_allclose(theil_sen(values), [[3.0, 3.0, 3.0], [0.0, 0.0, 0.0]])


def test_one_year_of_a_broken_sensor_does_not_move_the_trend():
    values = pd.DataFrame([[10.0, 11.0, 12.0, 400.0, 14.0, 15.0, 16.0]], index=["a"], columns=range(2014, 2021))
    assert theil_sen(values).loc["a", "lights.trend"] == 1.0


def test_fewer_than_three_years_have_no_trend():
    values = pd.DataFrame([[1.0, np.nan, 4.0], [np.nan] * 3, [1.0, 2.0, 4.0]], index=list("abc"), columns=[2018, 2019, 2020])
    trend = theil_sen(values)
    assert trend.loc[["a", "b"]].isna().all(axis=None)
    assert trend.loc["c"].tolist() == [1.5, 1.0, 2.0]
    assert theil_sen(values[[2018, 2020]]).isna().all(axis=None)
    assert list(theil_sen(values.iloc[:0])) == ["lights.trend", "lights.trend_low", "lights.trend_high"]


@pytest.mark.parametrize("seed", range(8))
def test_trends_agree_with_scipy_whatever_is_missing_and_however_rows_and_columns_stand(seed):
    generator = np.random.default_rng(seed)
    years = np.sort(generator.choice(np.arange(2012, 2026), size=9, replace=False))
    values = generator.gamma(2.0, 50.0, (12, 9)).round(1 if seed % 2 else 0)  # ties in half of the cases
    values[generator.random(values.shape) < 0.35] = np.nan
    table = pd.DataFrame(values, index=[f"z{i}" for i in range(12)], columns=years.astype(str))
    before = table.copy()
    trend = theil_sen(table)
    pd.testing.assert_frame_equal(table, before)
    for zone, row in table.iterrows():
        there = row.dropna()
        expected = [np.nan] * 3
        if len(there) >= 3:
            slope, _, low, high = theilslopes(there.to_numpy(), there.index.to_numpy(dtype=float), 0.95)
            expected = [slope, low, high]
        np.testing.assert_allclose(trend.loc[zone], expected, rtol=1e-12, atol=1e-12)
    shuffled = theil_sen(table.iloc[::-1, generator.permutation(9)])
    pd.testing.assert_frame_equal(shuffled.loc[trend.index], trend)


def slopes_of_pairs(row: pd.Series) -> list[float]:
    there = row.dropna()
    years = there.index.to_list()
    return [(there[b] - there[a]) / (b - a) for i, a in enumerate(years) for b in years[i + 1 :]]


def test_the_trend_is_the_median_of_the_slopes_of_all_pairs():
    generator = np.random.default_rng(11)
    table = pd.DataFrame(generator.normal(100, 20, (5, 7)), columns=[2012, 2013, 2015, 2016, 2019, 2020, 2024])
    table.iloc[1, 2] = np.nan
    trend = theil_sen(table)
    for zone, row in table.iterrows():
        pairs = slopes_of_pairs(row)
        assert trend.loc[zone, "lights.trend"] == pytest.approx(np.median(pairs), rel=1e-12)
        assert {*trend.loc[zone, ["lights.trend_low", "lights.trend_high"]]} <= set(pairs)


@pytest.mark.parametrize(
    ("first", "last", "months", "expected"),
    [
        ("2012", "2016", range(1, 13), ()),
        ("2016", "2018", range(1, 13), ("2017-04", "2018-01")),
        ("2017", "2017", range(1, 13), ("2017-04",)),
        ("2017", "2017", SNOW_FREE, ()),
        ("2017", "2017", range(1, 4), ()),
        ("2016", "2017", range(1, 4), ()),
        ("2016", "2017", SNOW_FREE, ("2017-04",)),
        ("2017", "2018", SNOW_FREE, ("2018-01",)),
        ("2018", "2024", SNOW_FREE, ()),
        ("2017-03", "2017-04", SNOW_FREE, ("2017-04",)),
        ("2017-04", "2017-12", SNOW_FREE, ()),
        ("2017-12", "2018", SNOW_FREE, ("2018-01",)),
    ],
)
def test_a_break_lies_between_when_months_of_both_levels_are_in(first, last, months, expected):
    assert breaks_between(first, last, months=months) == expected


def test_a_product_with_breaks_of_its_own_or_none():
    assert breaks_between("2013", "2024", ()) == ()
    assert breaks_between("2013", "2024", ("2022-01", "2014-01")) == ("2014-01", "2022-01")


def test_years_made_one_way_run_together():
    years = [2018, 2014, 2015, 2017, 2016, 2020, 2015]
    assert stretches(years) == [(2014, 2015, 2016), (2018, 2020)]
    assert stretches(years, SNOW_FREE) == [(2014, 2015, 2016), (2017,), (2018, 2020)]
    assert stretches(years, breaks=()) == [(2014, 2015, 2016, 2017, 2018, 2020)]
    assert stretches([2017]) == stretches([]) == []


def test_no_run_has_a_break_inside_and_neighbours_have_one_between():
    for months in (range(1, 13), SNOW_FREE, (1,), (3, 4)):
        runs = stretches(range(2012, 2026), months)
        for run in runs:
            assert breaks_between(str(run[0]), str(run[-1]), months=months) == ()
        for before, after in pairwise(runs):
            assert breaks_between(str(before[-1]), str(after[0]), months=months)


def test_the_variant_flags_what_was_crossed():
    assert variant_of(breaks_between("2016", "2019")) == "breaks=2017-04+2018-01"
    assert variant_of(breaks_between("2018", "2019"), ["v21", "v21"]) == ""
    assert variant_of(("2018-01",), ["v21", "v22", "v21"]) == "breaks=2018-01;products=v21+v22"


def test_every_change_of_product_is_told_with_its_date():
    products = {"2013": "DMSP", "2012": "DMSP", "2014": "VIIRS v2.1", "2015": "", "2016": "VIIRS v2.1", "2022": "VIIRS v2.2"}
    ledger = product_changes(products)
    assert [(entry.step, entry.cause, entry.amount) for entry in ledger.entries] == [
        ("lights", "product changes from DMSP to VIIRS v2.1 with 2014", 1.0),
        ("lights", "product changes from VIIRS v2.1 to VIIRS v2.2 with 2022", 1.0),
    ]
    assert product_changes({"2016": "v21", "2017": "v21", "2018": ""}).entries == ()
    assert product_changes({}).entries == ()
