"""Trends and their tests: against scipy and, where it is installed, pymannkendall; laws that hold for any series."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kendalltau, theilslopes

from urbanreview.indicators.trend_tests import TREND_COLUMNS, adjusted, mann_kendall, trends

YEARS = np.arange(1991, 2021)


def noise(seed: int, count: int, memory: float = 0.0, slope: float = 0.0) -> np.ndarray:
    """Return white noise that remembers part of the year before, with a trend."""
    values = np.random.default_rng(seed).normal(size=count)
    for year in range(1, count):
        values[year] += memory * values[year - 1]
    return values + slope * np.arange(count)


def table(*rows: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(np.stack(rows), index=[f"z{number}" for number in range(len(rows))], columns=YEARS[: rows[0].size])


def test_slope_and_interval_are_those_of_scipy_per_decade():
    rows = [noise(seed, 30, 0.4, 0.05) for seed in range(8)]
    rows[3][[2, 17]] = np.nan
    found = trends(table(*rows))
    for row, series in zip(found.to_numpy(), rows, strict=True):
        there = np.isfinite(series)
        wanted = theilslopes(series[there], YEARS[there], alpha=0.95)
        np.testing.assert_allclose(row[:3], 10 * np.array([wanted.slope, wanted.low_slope, wanted.high_slope]), rtol=1e-12)


def test_score_by_hand():
    """S of 1 3 2 4 is 5 - 1 = 4, its variance 4 * 3 * 13 / 18, and of four numbers no lag leaves +-0.98."""
    z, _ = mann_kendall(np.array([1.0, 3.0, 2.0, 4.0]), np.arange(4.0))
    assert z == pytest.approx(3 / np.sqrt(4 * 3 * 13 / 18))


def test_ties_make_the_variance_smaller():
    values = np.array([1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])
    score = 45 - 1 - 3
    variance = (10 * 9 * 25 - 2 * 1 * 9 - 3 * 2 * 11) / 18
    assert mann_kendall(values, np.arange(10.0))[0] == pytest.approx((score - 1) / np.sqrt(variance))


def test_without_memory_the_score_is_that_of_kendalls_tau():
    for seed in range(5):
        values = noise(seed, 11)
        tau = kendalltau(np.arange(11), values).statistic
        z, _ = mann_kendall(values, np.arange(11.0))
        plain = (tau * 55 - np.sign(tau)) / np.sqrt(11 * 10 * 27 / 18)
        assert abs(z) <= abs(plain) + 1e-12
        assert np.sign(z) == np.sign(plain)


def test_pymannkendall_says_the_same_where_memory_is_positive():
    """Of an even number of pairs no pair lies on the median slope, so that rounding breaks no tie."""
    peer = pytest.importorskip("pymannkendall")
    corrected = 0
    for seed in range(120):
        values = noise(seed, (12, 13, 28, 29)[seed % 4], 0.5 * (seed % 3), 0.05 * (seed % 2))
        plain = peer.original_test(values)
        with np.errstate(invalid="ignore"):
            hamed = peer.hamed_rao_modification_test(values)
        wider = np.isfinite(hamed.z) and abs(hamed.z) < abs(plain.z)
        z, p = mann_kendall(values, np.arange(values.size, dtype=float))
        assert z == pytest.approx(hamed.z if wider else plain.z, rel=1e-9)
        assert p == pytest.approx(hamed.p if wider else plain.p, rel=1e-6, abs=1e-12)
        corrected += wider
    assert corrected > 10


def test_memory_makes_a_trend_less_certain():
    values = np.repeat(np.random.default_rng(4).normal(size=10), 4) + 0.01 * np.arange(40)
    tau = kendalltau(np.arange(40), values).statistic
    plain = tau * 780 / np.sqrt(40 * 39 * 85 / 18)
    assert abs(mann_kendall(values, np.arange(40.0))[0]) < 0.8 * abs(plain)


def test_noise_is_called_a_trend_about_as_often_as_the_level_says():
    calls = [mann_kendall(noise(seed, 30), YEARS.astype(float))[1] <= 0.05 for seed in range(400)]
    assert 0.02 <= np.mean(calls) <= 0.075


@given(st.integers(0, 10_000), st.floats(-500, 500), st.floats(0.01, 100))
def test_shifting_leaves_a_trend_and_scaling_scales_it(seed, shift, factor):
    values = noise(seed, 30, 0.3, 0.03)
    base, shifted, scaled = (row for _, row in trends(table(values, values + shift, values * factor)).iterrows())
    np.testing.assert_allclose(shifted, base, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(scaled[:3], base[:3] * factor, rtol=1e-9)
    np.testing.assert_allclose(scaled[3:], base[3:], rtol=1e-6)


@given(st.integers(0, 10_000))
def test_turning_time_around_turns_the_sign(seed):
    values = noise(seed, 30, 0.3, 0.03)
    forward, backward = (row for _, row in trends(table(values, values[::-1])).iterrows())
    assert backward["trend"] == pytest.approx(-forward["trend"])
    assert backward["trend_z"] == pytest.approx(-forward["trend_z"])


def test_nine_years_are_too_few_and_a_constant_has_no_trend():
    short = noise(1, 30)
    short[9:] = np.nan
    found = trends(table(short, np.full(30, 7.0), np.full(30, np.nan)))
    assert list(found) == list(TREND_COLUMNS)
    assert found.loc["z0"].isna().all()
    assert found.loc["z2"].isna().all()
    assert found.loc["z1"].tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]


def test_no_zones():
    assert trends(pd.DataFrame(columns=YEARS, dtype=float)).empty


class TestManyZones:
    def test_by_hand(self):
        """The k-th smallest of n is multiplied by n / k, and none is above the next."""
        p = pd.Series([0.04, 0.01, 0.03, 0.5], index=list("abcd"))
        found = adjusted(p, pd.Series("district", index=p.index))
        assert found.round(9).tolist() == [round(0.04 * 4 / 3, 9), 0.04, round(0.04 * 4 / 3, 9), 0.5]

    def test_levels_do_not_count_for_one_another(self):
        p = pd.Series([0.02, 0.02, 0.02, 0.9], index=list("abcd"))
        found = adjusted(p, pd.Series(["adm0", "adm1", "adm2", "adm2"], index=p.index))
        assert found.tolist() == [0.02, 0.02, 0.04, 0.9]

    def test_missing_ones_are_not_counted(self):
        p = pd.Series([0.02, np.nan, 0.02], index=list("abc"))
        assert adjusted(p, pd.Series("x", index=p.index)).tolist() == [0.02, pytest.approx(np.nan, nan_ok=True), 0.02]
        assert adjusted(p * np.nan, pd.Series("x", index=p.index)).isna().all()

    def test_of_pure_noise_hardly_any_zone_is_called(self):
        p = trends(table(*[noise(seed, 30) for seed in range(200)]))["trend_p"]
        assert (p <= 0.05).sum() >= 3
        assert (adjusted(p, pd.Series("x", index=p.index)) <= 0.05).sum() <= 1

    @given(st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=20))
    def test_never_smaller_and_in_the_same_order(self, probabilities):
        p = pd.Series(probabilities)
        found = adjusted(p, pd.Series("x", index=p.index))
        assert (found >= p - 1e-12).all()
        assert (found <= 1.0).all()
        assert (np.diff(found.to_numpy()[np.argsort(p.to_numpy(), kind="stable")]) >= -1e-12).all()
