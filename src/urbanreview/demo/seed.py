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
GeoNames id), the weather of rain or of temperature (then which), patches of built-up land."""
