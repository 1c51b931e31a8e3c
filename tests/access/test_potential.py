"""Market potential: by hand, and what must hold for any times."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from urbanreview.access import potential

TOWNS = list("abcd")
MASS = pd.Series({"a": 1000.0, "b": 400.0, "c": 80.0, "d": 7.0})
MINUTES = pd.DataFrame(
    [[0, 30, 60, np.nan], [30, 0, 90, np.nan], [60, 90, 0, np.nan], [np.nan, np.nan, np.nan, 0]], index=TOWNS, columns=TOWNS
)
times = arrays(float, (4, 4), elements=st.floats(0, 500) | st.just(float("nan")))


def frame(values):
    return pd.DataFrame(values, index=TOWNS, columns=TOWNS)


def test_four_towns_by_hand():
    found = potential(MINUTES, MASS, half_lives_min=(30, 60))
    assert found["half_life_30"].tolist() == [1000 + 200 + 20, 500 + 400 + 10, 250 + 50 + 80, 7]
    assert found["half_life_60"].tolist() == pytest.approx(
        [1000 + 400 / 2**0.5 + 40, 1000 / 2**0.5 + 400 + 80 / 2**1.5, 500 + 400 / 2**1.5 + 80, 7]
    )
    assert found.index.tolist() == TOWNS


def test_without_oneself():
    found = potential(MINUTES, MASS, half_lives_min=(30,), own=False)["half_life_30"]
    assert found[:3].tolist() == [220, 510, 300]
    assert np.isnan(found["d"])  # nobody else can be reached


def test_an_origin_that_is_no_destination_counts_nothing_of_its_own():
    part = MINUTES.loc[:, ["a", "b"]]
    with_own, without = (potential(part, MASS, half_lives_min=(30,), own=own)["half_life_30"] for own in (True, False))
    assert with_own.tolist()[:3] == [1200, 900, 300]
    assert without.tolist()[:3] == [200, 500, 300]
    assert np.isnan([with_own["d"], without["d"]]).all()


def test_masses_meet_towns_by_id_and_unknown_ones_weigh_nothing():
    shuffled = MASS[["d", "b", "a"]]
    found = potential(MINUTES, shuffled, half_lives_min=(30,))["half_life_30"]
    assert found.tolist() == [1200, 900, 300, 7]


def test_defaults_and_no_towns():
    assert list(potential(MINUTES, MASS).columns) == ["half_life_30", "half_life_60", "half_life_120"]
    assert potential(MINUTES.iloc[:0], MASS).shape == (0, 3)
    assert potential(MINUTES[[]], MASS).isna().all(axis=None)


@given(times, st.floats(1, 500), st.booleans())
def test_law_of_half_lives(minutes, half_life, own):
    """Twice the times are as far as half the half-life; a longer one never finds less; twice the mass is twice as much."""
    name = f"half_life_{half_life:g}"
    whole = potential(frame(minutes), MASS, half_lives_min=(half_life,), own=own)[name]
    doubled = potential(frame(2 * minutes), MASS, half_lives_min=(2 * half_life,), own=own)[f"half_life_{2 * half_life:g}"]
    np.testing.assert_allclose(doubled, whole, rtol=1e-12)
    longer = potential(frame(minutes), MASS, half_lives_min=(2 * half_life,), own=own)[f"half_life_{2 * half_life:g}"]
    known = np.isfinite(whole)
    assert (longer[known] >= whole[known] * (1 - 1e-12)).all()
    np.testing.assert_allclose(potential(frame(minutes), 2 * MASS, half_lives_min=(half_life,), own=own)[name], 2 * whole)


@given(times, st.booleans())
def test_it_is_the_sum_one_by_one(minutes, own):
    found = potential(frame(minutes), MASS, half_lives_min=(45,), own=own)["half_life_45"]
    for i, a in enumerate(TOWNS):
        others = [j for j in range(4) if np.isfinite(minutes[i, j]) and (own or i != j)]
        expected = sum(MASS.iloc[j] * 2 ** (-minutes[i, j] / 45) for j in others) if others else np.nan
        np.testing.assert_allclose(found[a], expected, rtol=1e-12)


@given(times, st.permutations(TOWNS))
def test_law_of_shuffled_rows(minutes, order):
    whole = potential(frame(minutes), MASS)
    shuffled = potential(frame(minutes).loc[order, order[::-1]], MASS[order])
    np.testing.assert_allclose(shuffled.loc[TOWNS], whole, rtol=1e-12)


def test_nothing_handed_in_is_altered():
    minutes, mass = MINUTES.copy(), MASS.copy()
    potential(minutes, mass, own=False)
    pd.testing.assert_frame_equal(minutes, MINUTES)
    pd.testing.assert_series_equal(mass, MASS)
