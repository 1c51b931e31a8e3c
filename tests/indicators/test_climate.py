"""Rain and temperature from monthly series: numbers counted by hand, and what shifting and scaling change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.indicators.climate import (
    Months,
    default_reference,
    rain_anomaly,
    rain_normals,
    seasonality,
    spread,
    temperature_normals,
    usual,
    wettest_share,
    whole_months,
    yearly_means,
    yearly_totals,
)

DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], dtype=float)


def series(values: np.ndarray, *, first: int = 2001, days: np.ndarray = DAYS) -> Months:
    zones, years, _ = values.shape
    ids = pd.Index([f"z{zone}" for zone in range(zones)], name="zone_id", dtype="str")
    return Months(ids, first, values, np.tile(days, (years, 1)), np.ones(zones))


def weather(seed: int, *, years: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).gamma(2.0, 20.0, (2, years, 12))


class TestYears:
    def test_a_year_of_rain_is_the_sum_of_its_months(self):
        values = np.arange(24.0).reshape(1, 2, 12)
        assert yearly_totals(series(values)).tolist() == [[66.0, 210.0]]

    def test_a_year_of_temperature_weighs_months_by_their_days(self):
        values = np.zeros((1, 1, 12))
        values[0, 0, 1] = 365.0
        assert yearly_means(series(values)).item() == pytest.approx(28.0)
        assert yearly_means(series(values, days=np.full(12, 30.0))).item() == pytest.approx(365 / 12)

    def test_a_year_with_a_missing_month_has_no_number(self):
        values = weather(1, years=3)
        values[0, 1, 11] = np.nan
        for yearly in (yearly_totals(series(values)), yearly_means(series(values))):
            assert np.isnan(yearly).tolist() == [[False, True, False], [False] * 3]


class TestNormals:
    def test_rain_by_hand(self):
        """Ten years of 1,200 and 600 mm in turn: mean 900, standard deviation 300 * sqrt(10 / 9)."""
        values = np.full((1, 10, 12), 100.0)
        values[:, 1::2] = 50.0
        values[0, :, 6] *= 2
        found = rain_normals(series(values), (2001, 2010)).loc["z0"]
        assert found["climate.precipitation"] == 975.0
        assert found["climate.precipitation_cv"] == pytest.approx(325 * np.sqrt(10 / 9) / 975)
        assert found["climate.wettest_month_share"] == pytest.approx(2 / 13)

    def test_only_years_of_the_reference_count(self):
        values = weather(2, years=14)
        found = rain_normals(series(values), (2003, 2012))
        np.testing.assert_allclose(found["climate.precipitation"], values[:, 2:12].sum(axis=2).mean(axis=1))
        np.testing.assert_allclose(
            found["climate.precipitation_cv"],
            values[:, 2:12].sum(axis=2).std(axis=1, ddof=1) / values[:, 2:12].sum(axis=2).mean(axis=1),
        )

    def test_a_year_with_a_hole_leaves_the_mean_of_years_and_stays_in_that_of_its_other_months(self):
        values = weather(3)
        values[0, 4, 0] = np.nan
        found = rain_normals(series(values), (2001, 2012))
        whole = np.delete(values[0], 4, axis=0)
        assert found["climate.precipitation"].iloc[0] == pytest.approx(whole.sum(axis=1).mean())
        monthly = usual(values, np.ones(12, bool))[0]
        assert monthly[0] == pytest.approx(whole[:, 0].mean())
        assert monthly[5] == pytest.approx(values[0, :, 5].mean())

    def test_nine_years_have_a_mean_and_no_spread(self):
        rain, heat = (formula(series(weather(4)), (2001, 2009)) for formula in (rain_normals, temperature_normals))
        assert np.isfinite(rain["climate.precipitation"]).all()
        assert rain["climate.precipitation_cv"].isna().all()
        assert heat["climate.temperature_sd"].isna().all()

    def test_no_rain_has_no_variation_and_no_season(self):
        found = rain_normals(series(np.zeros((1, 10, 12))), (2001, 2010)).iloc[0]
        assert found["climate.precipitation"] == 0.0
        assert found[["climate.precipitation_cv", "climate.wettest_month_share"]].isna().all()
        assert np.isnan(seasonality(np.zeros(12)))
        assert np.isnan(rain_anomaly(np.array([[0.0]]), np.array([0.0]))).all()

    def test_a_reference_without_any_year(self):
        found = rain_normals(series(weather(5)), (1961, 1990))
        assert found.drop(columns="valid_share").isna().all(axis=None)

    @given(st.integers(0, 1000), st.floats(-100, 100))
    def test_a_kelvin_more_is_a_kelvin_more(self, seed, shift):
        base, warmer = (temperature_normals(series(weather(seed) + more), (2001, 2012)) for more in (0.0, shift))
        np.testing.assert_allclose(warmer["climate.temperature"], base["climate.temperature"] + shift, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(warmer["climate.temperature_sd"], base["climate.temperature_sd"], rtol=1e-6)

    @given(st.integers(0, 1000), st.floats(0.01, 100))
    def test_more_rain_in_proportion_leaves_variation_and_seasons(self, seed, factor):
        base, more = (rain_normals(series(weather(seed) * times), (2001, 2012)) for times in (1.0, factor))
        np.testing.assert_allclose(more["climate.precipitation"], base["climate.precipitation"] * factor)
        same = ["climate.precipitation_cv", "climate.wettest_month_share"]
        np.testing.assert_allclose(more[same], base[same])
        np.testing.assert_allclose(seasonality(weather(seed) * factor), seasonality(weather(seed)))


class TestSeasons:
    def test_even_and_all_in_one(self):
        assert seasonality(np.full(12, 3.0)).item() == 0.0
        assert seasonality(np.eye(12)[4] * 700.0).item() == pytest.approx(11 / 6)
        assert wettest_share(np.eye(12)[4]).item() == 1.0

    def test_by_hand(self):
        """Six months of 20 and six of none: each is 10 away from a twelfth of 120."""
        assert seasonality(np.array([20.0, 0.0] * 6)).item() == 1.0

    def test_wandering_wet_months_show_in_the_years_and_not_in_their_mean(self):
        wandering = np.stack([np.roll(np.eye(12)[0], year) for year in range(12)])[None] * 120.0
        assert seasonality(usual(wandering, np.ones(12, bool))).item() == pytest.approx(0.0)
        assert usual(seasonality(wandering), np.ones(12, bool)).item() == pytest.approx(11 / 6)

    def test_a_missing_month_has_no_season(self):
        values = np.full(12, 10.0)
        values[11] = np.nan
        assert np.isnan(seasonality(values))
        assert np.isnan(wettest_share(values))


class TestWholeMonths:
    def test_a_month_of_days_needs_all_of_them(self):
        wanted, ones = np.array([30.0, 28.0]), np.ones((1, 2))
        kept, valid, thin = whole_months(ones * 5, np.array([[30.0, 27.0]]), np.array([[30.0, 27.0]]), wanted=wanted)
        assert np.isnan(kept).tolist() == [[False, True]]
        assert (valid.tolist(), thin) == ([1.0], 0)

    def test_a_month_known_for_half_as_much_stays_and_for_less_goes(self):
        coverage = np.array([[0.8, 0.4, 0.39]])
        kept, valid, thin = whole_months(np.ones((1, 3)), np.ones((1, 3)), coverage, wanted=np.ones(3))
        assert np.isnan(kept).tolist() == [[False, False, True]]
        assert (valid.tolist(), thin) == ([0.4], 1)

    def test_a_zone_without_a_value_has_no_share(self):
        kept, valid, thin = whole_months(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3)), wanted=np.ones(3))
        assert np.isnan(kept).all()
        assert (valid.tolist(), thin) == ([0.0], 0)


class TestReference:
    def test_the_whole_years_that_there_are(self):
        values = weather(6, years=5)
        values[:, [0, 4], 3] = np.nan
        assert default_reference(series(values)) == (2002, 2004)

    def test_all_years_where_none_is_whole(self):
        values = weather(7, years=2)
        values[:, :, 11] = np.nan
        assert default_reference(series(values)) == (2001, 2002)


def test_the_spread_is_that_of_a_sample():
    yearly = np.random.default_rng(8).normal(size=(3, 12))
    np.testing.assert_allclose(spread(yearly, np.ones(12, bool)), yearly.std(axis=1, ddof=1))
    yearly[0, :3] = np.nan
    assert np.isnan(spread(yearly, np.ones(12, bool))).tolist() == [True, False, False]
