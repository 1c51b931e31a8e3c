"""The standardised precipitation index: against a slow twin, the largest likelihood of scipy, and laws."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import gamma, norm
from twins.spi import spi as slow

from urbanreview.indicators.spi import CAP, SCALES, months_at_most, spi

ALL = np.ones(30, bool)


def rain(seed: int, *, zones: int = 1, years: int = 30, dry: float = 0.0) -> np.ndarray:
    """Return gamma rain with seasons; a part of the months is dry."""
    random = np.random.default_rng(seed)
    season = 40 + 30 * np.sin(np.arange(12))
    values = random.gamma(2.0, season / 2.0, (zones, years, 12))
    return np.where(random.random(values.shape) < dry, 0.0, values)


@pytest.mark.parametrize("scale", [1, *SCALES])
@pytest.mark.parametrize("dry", [0.0, 0.4])
def test_the_twin_says_the_same(scale, dry):
    values = rain(1, zones=3, years=34, dry=dry)
    values[2, 5, 3] = np.nan
    reference = np.arange(34) >= 4
    found = spi(values, reference, scale=scale)
    for zone in range(3):
        np.testing.assert_allclose(found[zone], slow(values[zone], reference, scale=scale), atol=1e-9)


def test_thoms_approximation_is_close_to_the_largest_likelihood():
    values = rain(2)
    found = spi(values, ALL, scale=1)
    for month in range(12):
        shape, _, size = gamma.fit(values[0, :, month], floc=0)
        exact = norm.ppf(gamma.cdf(values[0, :, month], shape, scale=size))
        np.testing.assert_allclose(found[0, :, month], np.clip(exact, -3, 3), atol=0.02)


@given(st.integers(0, 1000), st.floats(0.01, 100))
def test_twice_the_rain_is_no_wetter(seed, factor):
    values = rain(seed, dry=0.2)
    np.testing.assert_allclose(spi(values * factor, ALL, scale=3), spi(values, ALL, scale=3), atol=1e-9)


@given(st.integers(0, 1000))
def test_more_rain_is_never_drier_and_no_index_leaves_the_cap(seed):
    values = rain(seed, dry=0.2)
    for scale in SCALES:
        found = spi(values, ALL, scale=scale)
        assert np.nanmax(np.abs(found)) <= CAP
        sums = np.convolve(values.ravel(), np.ones(scale), "full")[: values.size].reshape(30, 12)
        for month in range(12):
            known = np.isfinite(found[0, :, month])
            order = np.argsort(sums[known, month])
            assert (np.diff(found[0, known, month][order]) >= 0).all()


def test_over_its_reference_the_index_is_about_standard():
    found = spi(rain(5, zones=40), ALL, scale=3)
    assert abs(np.nanmean(found)) < 0.05
    assert np.nanstd(found) == pytest.approx(1.0, abs=0.05)


def test_a_flood_and_a_drought_beyond_the_reference_meet_the_cap():
    values = rain(6, years=32)
    values[0, 30] *= 50
    values[0, 31] /= 1e6
    found = spi(values, np.arange(32) < 30, scale=1)
    assert (found[0, 30] == CAP).all()
    assert (found[0, 31] == -CAP).all()


class TestMissing:
    def test_the_first_months_have_no_sum(self):
        for scale in SCALES:
            assert np.isnan(spi(rain(7), ALL, scale=scale)).sum() == scale - 1

    def test_a_missing_month_takes_the_sums_that_hold_it(self):
        values = rain(8)
        values[0, 10, 4] = np.nan
        assert np.isnan(spi(values, ALL, scale=3)[0, 10]).tolist() == [False] * 4 + [True] * 3 + [False] * 5

    def test_fewer_than_thirty_years(self):
        assert np.isnan(spi(rain(9), np.arange(30) > 0, scale=3)).all()

    def test_too_many_holes_in_one_calendar_month(self):
        values = rain(10)
        values[0, :4, 6] = np.nan
        found = spi(values, ALL, scale=1)
        assert np.isnan(found[0, :, 6]).all()
        assert np.isfinite(found[0][:, [5, 7]]).all()

    def test_zeros_are_handled_up_to_half(self):
        values = rain(11)
        values[0, :15, 0] = 0.0
        values[0, :16, 1] = 0.0
        found = spi(values, ALL, scale=1)
        assert found[0, :15, 0].tolist() == [pytest.approx(0.0, abs=1e-12)] * 15
        assert np.isnan(found[0, :, 1]).all()

    def test_a_desert_has_none(self):
        assert np.isnan(spi(np.zeros((1, 30, 12)), ALL, scale=12)).all()

    def test_the_same_rain_every_year_has_no_spread(self):
        assert np.isnan(spi(np.full((1, 30, 12), 20.0), ALL, scale=3)).all()


def test_dry_months_are_counted_in_the_reference_only():
    index = np.zeros((2, 3, 12))
    index[0, 0, :5] = -2.0
    index[0, 1, :3] = -1.5
    index[1] = np.nan
    within = np.array([False, True, True])
    counts = [months_at_most(index, within, limit)[0] for limit in (-1.0, -1.5, -2.0)]
    assert counts == [3.0, 3.0, 0.0]
    assert np.isnan(months_at_most(index, within, -1.0)[1])


def test_inputs_stay_as_they_were(freeze):
    values = freeze(rain(12))
    assert np.array_equal(spi(values, freeze(ALL.copy()), scale=3), spi(values, ALL, scale=3), equal_nan=True)
