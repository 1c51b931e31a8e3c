"""The demo's built-up surface: less of it per person where people live closer, and never less than before."""

import numpy as np

from urbanreview.demo.growth import LATEST, people_in
from urbanreview.demo.people import Population, Terrain
from urbanreview.demo.urban import Site, settle
from urbanreview.grid import cell_area_km2
from urbanreview.units import m2_from_km2

EPOCHS = tuple(range(1975, LATEST + 1, 5))
"""Those of the GHSL."""
M2_PER_PERSON_AT_1500 = 150.0
"""Built-up surface per person where 1,500 people live on a km2 [m2/person]."""
MOST_M2_PER_PERSON = 400.0
"""On farms and in hamlets."""
MOST_SHARE = 0.85
"""No cell is built over beyond this share of its area: streets have trees."""
SEEN_FROM_PER_KM2 = 5.0
"""Where fewer people live on a km2 of countryside, the satellite sees no building."""
RURAL_GROWTH = 1.005
"""Factor of the countryside's built-up surface from year to year."""
ROUNDED_TO_M2 = 10.0


def built_up_m2_per_person(density: np.ndarray) -> np.ndarray:
    """Built-up surface per person [m2/person] at a density [people/km2]: falls with its square root, 400 at the most.

    >>> built_up_m2_per_person(np.array([0.0, 1_500.0, 6_000.0])).tolist()
    [400.0, 150.0, 75.0]
    """
    crowding = np.sqrt(np.maximum(density, 1.0) / 1_500.0)
    return np.minimum(M2_PER_PERSON_AT_1500 / crowding, MOST_M2_PER_PERSON)


def town_built_up(site: Site, year: int) -> np.ndarray:
    """Built-up surface of one town in an epoch, before any cap [m2 per cell], shape of its window.

    Nothing is torn down: a cell holds the least of what it has in this and all later epochs, and a town that shrinks
    keeps the size it has in `LATEST`.
    """
    least = np.full(site.area_km2.shape, np.inf)
    for epoch in [epoch for epoch in EPOCHS if epoch >= year]:
        people = settle(site, min(people_in(site.city, epoch), site.city.people)).people
        np.minimum(least, people * built_up_m2_per_person(people / site.area_km2), out=least)
    return least


def rural_built_up(latest: Population, year: int) -> np.ndarray:
    """Built-up surface of the countryside in an epoch [m2 per cell], shape (rows, cols); `latest` is of `LATEST`."""
    density = latest.rural / cell_area_km2(latest.grid)
    seen = density >= SEEN_FROM_PER_KM2
    surface = np.zeros(seen.shape)
    surface[seen] = latest.rural[seen] * built_up_m2_per_person(density[seen])
    return surface * RURAL_GROWTH ** (year - LATEST)


def model_built_up(terrain: Terrain, latest: Population, year: int) -> np.ndarray:
    """Model the built-up surface of an epoch.

    Parameters
    ----------
    terrain : Terrain
    latest : Population
        Of `LATEST`, on the same grid.
    year : int
        One of `EPOCHS`.

    Returns
    -------
    ndarray of float64, shape (rows, cols) [m2 per cell]
        Multiples of `ROUNDED_TO_M2`; NaN outside the country.
    """
    surface = rural_built_up(latest, year)
    for site in terrain.sites:
        surface[site.window] += town_built_up(site, year)
    most = np.floor(MOST_SHARE * m2_from_km2(cell_area_km2(terrain.grid)) / ROUNDED_TO_M2)
    rounded = np.minimum(np.rint(surface / ROUNDED_TO_M2), most) * ROUNDED_TO_M2
    return np.where(terrain.inside, rounded, np.nan)
