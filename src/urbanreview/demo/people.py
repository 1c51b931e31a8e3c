"""The demo's population: real cities spread over cells, and a rural background that makes up the country's total."""

from dataclasses import dataclass

import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.demo.cities import real_cities
from urbanreview.demo.country import demo_grid, inside_country
from urbanreview.demo.growth import COUNTRY_PEOPLE, LATEST, YEARS, cities_in, people_in
from urbanreview.demo.rural import rural_field, rural_people
from urbanreview.demo.urban import Placed, Site, settle, survey_site
from urbanreview.grid import cell_area_km2


@dataclass(frozen=True, slots=True)
class Terrain:
    """What does not change from year to year on one grid.

    Attributes
    ----------
    grid : GeoBox
    inside : ndarray of bool, shape (rows, cols)
        Cells of the country.
    sites : tuple of Site
        Where every city stands, the largest first.
    field : ndarray of float32, shape (cells inside,)
        Relative density of the countryside.
    """

    grid: GeoBox
    inside: np.ndarray
    sites: tuple[Site, ...]
    field: np.ndarray


@dataclass(frozen=True, slots=True)
class Population:
    """The modelled population of a year.

    Attributes
    ----------
    grid : GeoBox
        30 arc-seconds in EPSG:4326, or 1 km in ESRI:54009.
    year : int
    inside : ndarray of bool, shape (rows, cols)
        Cells of the country.
    placed : tuple of Placed
        Every city on the grid, the largest of `LATEST` first.
    urban, rural : ndarray of float64, shape (rows, cols)
        People of the cities and of the countryside [people per cell]; zero outside the country. No cell has both.
    """

    grid: GeoBox
    year: int
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
        """People per km2 of cell area, float64, zero outside the country."""
        return self.people / cell_area_km2(self.grid)

    def placed_city(self, name: str) -> Placed:
        """Return the largest city of a name."""
        return next(placed for placed in self.placed if placed.city.name == name)


def survey(grid: GeoBox | None = None) -> Terrain:
    """Measure the country on a grid, the demo's 30 arc-seconds without one: see `Terrain`."""
    grid = grid or demo_grid()
    inside = inside_country(grid)
    sites = tuple(
        survey_site(city, grid, inside, most_people=max(people_in(city, year) for year in YEARS)) for city in real_cities()
    )
    latest = towns(grid, [settle(site, site.city.people) for site in sites])
    return Terrain(grid, inside, sites, rural_field(grid, inside, latest))


def towns(grid: GeoBox, placed: list[Placed] | tuple[Placed, ...]) -> np.ndarray:
    """Add up cities on a grid: float64, shape (rows, cols) [people per cell]."""
    urban = np.zeros(grid.shape)
    for one in placed:
        urban[one.window] += one.people
    return urban


def model_population(terrain: Terrain | None = None, year: int = LATEST) -> Population:
    """Model the population of a year.

    Parameters
    ----------
    terrain : Terrain, optional
        Measured on the demo's 30 arc-seconds without it.
    year : int
        One of `YEARS`.

    Returns
    -------
    Population
        Adds up to `COUNTRY_PEOPLE` of the year; every city to its own people of the year.
    """
    terrain = terrain or survey()
    cities = cities_in(year)
    placed = tuple(settle(site, city.people) for site, city in zip(terrain.sites, cities, strict=True))
    urban = towns(terrain.grid, placed)
    inside = terrain.inside
    area_km2 = np.broadcast_to(cell_area_km2(terrain.grid), inside.shape)[inside]
    rest = COUNTRY_PEOPLE[year] - sum(city.people for city in cities)
    rural = np.zeros(inside.shape)
    rural[inside] = rural_people(terrain.field, urban[inside] == 0, area_km2, total=rest)
    return Population(terrain.grid, year, inside, placed, urban, rural)
