"""The standardised precipitation index, one month of one place at a time, as the books have it."""

import math

import numpy as np
from scipy.stats import gamma, norm


def spi(rain: np.ndarray, reference: np.ndarray, *, scale: int) -> np.ndarray:
    """Rain of one place, shape (years, 12); `reference` of shape (years,)."""
    flat = rain.ravel()
    found = np.full(flat.size, np.nan)
    for at in range(scale - 1, flat.size):
        fitted = [
            float(flat[year * 12 + at % 12 - scale + 1 : year * 12 + at % 12 + 1].sum())
            for year in range(len(rain))
            if reference[year] and year * 12 + at % 12 - scale + 1 >= 0
        ]
        fitted = [total for total in fitted if not math.isnan(total)]
        wet = [total for total in fitted if total > 0]
        zeros = 1 - len(wet) / len(fitted)
        if zeros > 0.5:
            continue
        mean = sum(wet) / len(wet)
        a = math.log(mean) - sum(math.log(total) for total in wet) / len(wet)
        shape = (1 + math.sqrt(1 + 4 * a / 3)) / (4 * a)
        probability = zeros + (1 - zeros) * gamma.cdf(flat[at - scale + 1 : at + 1].sum(), shape, scale=mean / shape)
        found[at] = min(max(norm.ppf(probability), -3.0), 3.0)
    return found.reshape(rain.shape)
