"""Where the demo's chance comes from: one seed, and one stream of numbers per purpose."""

import numpy as np

SEED = 20200101
"""Everything modelled follows from this number, the cities and the parameters."""


def stream(*key: int) -> np.random.Generator:
    """Return the random numbers of one purpose; the same key gives the same numbers, whatever else was drawn.

    >>> bool(stream(1).random() == stream(1).random()), bool(stream(1).random() == stream(2).random())
    (True, False)
    """
    return np.random.default_rng([SEED, *key])


RURAL, LIGHTS, CITY, GROWTH, CLIMATE, PATCHES = 1, 2, 3, 4, 5, 6
"""First word of the keys: the rural background, the noise of lights (then the date), a city and its growth (then its
GeoNames id), the weather of months (then 1 for temperature, 2 for rain) or of
days (then 3 for their mean, 4 for their range), patches of built-up land."""
