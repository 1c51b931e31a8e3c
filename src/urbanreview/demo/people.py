"""The demo's population: real cities spread over cells, and a rural background that makes up the country's total."""

from dataclasses import dataclass

import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.demo.cities import real_cities
from urbanreview.demo.country import demo_grid, inside_country
from urbanreview.demo.rural import rural_people
from urbanreview.demo.urban import Placed, place_city
from urbanreview.grid import cell_area_km2

COUNTRY_PEOPLE = 18_600_000
"""People of the demo country in 2020: a round number near the true one."""


@dataclass(frozen=True, slots=True)
class Population:
    """The modelled population of 2020.

    Attributes
    ----------
    grid : GeoBox
        30 arc-seconds, EPSG:4326.
    inside : ndarray of bool, shape (rows, cols)
        Cells of the country.
    placed : tuple of Placed
        Every city on the grid, the largest first.
    urban, rural : ndarray of float64, shape (rows, cols)
        People of the cities and of the countryside [people per cell]; zero outside the country. No cell has both.
    """

    grid: GeoBox
    inside: np.ndarray
    placed: tuple[Placed, ...]
    urban: np.ndarray
    rural: np.ndarray

    @property
    def people(self) -> np.ndarray:
        """All people [people per cell], float64, zero outside the country."""
        return self.urban + self.rural

    @property
    def density(self) -> np.ndarray:
        """People per km2 of true cell area, float64, zero outside the country."""
        return self.people / cell_area_km2(self.grid)

    def placed_city(self, name: str) -> Placed:
        """Return the largest city of a name."""
        return next(placed for placed in self.placed if placed.city.name == name)


def model_population() -> Population:
    """Model the population of 2020 on the demo's grid.

    Returns
    -------
    Population
        Adds up to `COUNTRY_PEOPLE`; every city to its own people.
    """
    grid = demo_grid()
    inside = inside_country(grid)
    placed = tuple(place_city(city, grid, inside) for city in real_cities())
    urban = np.zeros(grid.shape)
    for one in placed:
        urban[one.window] += one.people
    rest = COUNTRY_PEOPLE - sum(city.people for city in real_cities())
    rural = rural_people(grid, ~inside | (urban > 0), urban, total=rest)
    return Population(grid, inside, placed, urban, rural)
