"""Codes become NaN in place, and every masked cell is counted once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.kernels.missing import mask_codes

NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 7.5, -1.5, -3.0, -200.0, -99_999.0, 65_535.0, np.nan, np.inf, -np.inf])


def slow_twin(values, declared, known, never_negative):
    """Say cell by cell what each one is."""
    out, counts = values.copy(), [0, 0, 0, 0]
    for place, value in np.ndenumerate(values):
        causes = (np.isnan(value) or value in declared, value in known, np.isinf(value), never_negative and value < 0)
        if any(causes):
            counts[causes.index(True)] += 1
            out[place] = np.nan
    return out, counts


@given(
    st.lists(NUMBERS, min_size=1, max_size=200),
    st.sets(st.sampled_from([0.0, -200.0, -99_999.0, 7.5]), max_size=3),
    st.sets(st.sampled_from([-1.5, 65_535.0, -3.0]), max_size=2),
    st.booleans(),
    st.sampled_from([np.float32, np.float64]),
)
def test_equals_the_slow_twin(numbers, declared, known, never_negative, dtype):
    values = np.array(numbers, dtype)
    expected, counts = slow_twin(values, declared, known, never_negative)
    codes = [np.array(sorted(group), dtype) for group in (declared, known)]
    found = mask_codes(values, declared=codes[0], known=codes[1], never_negative=never_negative)
    np.testing.assert_array_equal(values, expected)
    assert list(found) == counts


@pytest.mark.parametrize("shape", [(3, 5), (2, 65, 3)])
def test_any_shape_is_masked(shape):
    values = np.full(shape, -9.0)
    assert mask_codes(values, declared=np.array([-9.0]), known=np.empty(0), never_negative=False).declared == values.size
    assert np.isnan(values).all()
