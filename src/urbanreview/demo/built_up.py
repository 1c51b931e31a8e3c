"""The demo's built-up surface: less of it per person where people live closer."""

import numpy as np

from urbanreview.demo.people import Population
from urbanreview.grid import cell_area_km2
from urbanreview.units import m2_from_km2

M2_PER_PERSON_AT_1500 = 150.0
"""Built-up surface per person where 1,500 people live on a km2 [m2/person]."""
MOST_M2_PER_PERSON = 400.0
"""On farms and in hamlets."""
MOST_SHARE = 0.85
"""No cell is built over beyond this share of its area: streets have trees."""


def built_up_m2_per_person(density: np.ndarray) -> np.ndarray:
    """Built-up surface per person [m2/person] at a density [people/km2]: falls with its square root, 400 at the most.

    >>> built_up_m2_per_person(np.array([0.0, 1_500.0, 6_000.0])).tolist()
    [400.0, 150.0, 75.0]
    """
    crowding = np.sqrt(np.maximum(density, 1.0) / 1_500.0)
    return np.minimum(M2_PER_PERSON_AT_1500 / crowding, MOST_M2_PER_PERSON)


def model_built_up(population: Population) -> np.ndarray:
    """Model the built-up surface of 2020.

    Returns
    -------
    ndarray of float64, shape (rows, cols) [m2 per cell]
        Whole numbers; NaN outside the country.
    """
    surface = population.people * built_up_m2_per_person(population.density)
    most = np.floor(MOST_SHARE * m2_from_km2(cell_area_km2(population.grid)))
    return np.where(population.inside, np.minimum(np.round(surface), most), np.nan)
