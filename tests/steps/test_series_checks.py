"""Odd months of a series are named, whatever the order, and only where there is a middle to compare with."""

import numpy as np
import pandas as pd
import pytest

from urbanreview.steps.series_checks import odd_months


def steps(totals: dict[str, float]) -> list[str]:
    return [entry.step for entry in odd_months(pd.Series(totals, dtype=float)).entries]


def test_a_month_in_other_units_is_named_with_how_many_times_it_is():
    series = pd.Series({"2016-01": 90.0, "2016-02": 100.0, "2016-03": 1e-7, "2016-04": 110.0, "2016-05": 5e4})
    rows = odd_months(series).frame()[["step", "cause", "unit", "amount"]].values.tolist()
    assert rows == [
        ["lights 2016-03", "total is 1e-09 times the median of the series: are its units others?", "month", 1.0],
        ["lights 2016-05", "total is 500 times the median of the series: are its units others?", "month", 1.0],
    ]


@pytest.mark.parametrize(
    ("total", "odd"), [(500.0, []), (501.0, ["lights c"]), (20.0, []), (19.9, ["lights c"]), (0.0, ["lights c"])]
)
def test_five_times_and_a_fifth_are_still_even(total, odd):
    assert steps({"a": 100.0, "b": 100.0, "c": total, "d": 100.0}) == odd


def test_a_negative_total_is_odd():
    assert steps({"a": 100.0, "b": 100.0, "c": -100.0}) == ["lights c"]


def test_missing_months_are_left_out_and_do_not_count():
    assert steps({"a": 100.0, "b": np.nan, "c": 1e9}) == []
    assert steps({"a": 100.0, "b": np.nan, "c": 1e9, "d": 100.0}) == ["lights c"]


@pytest.mark.parametrize("totals", [{}, {"a": 1.0}, {"a": 0.0, "b": 0.0, "c": 9.0}, {"a": -1.0, "b": -1.0, "c": 9.0}])
def test_without_a_middle_above_zero_nothing_is_odd(totals):
    assert steps(totals) == []


def test_the_order_of_the_series_does_not_matter_and_it_stays_as_it_is():
    series = pd.Series({"d": 1e6, "a": 1.0, "c": 2.0, "b": 0.001})
    before = series.copy()
    assert odd_months(series) == odd_months(series.sample(frac=1.0, random_state=3))
    pd.testing.assert_series_equal(series, before)
