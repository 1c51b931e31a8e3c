"""What the demo's numbers must be, from the parameters of its model and not from the review's own arithmetic."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.ndimage import label

from urbanreview.demo.built_up import town_built_up
from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.country import cells_of, read_layer
from urbanreview.demo.growth import COUNTRY_PEOPLE, LATEST, cities_in, people_in
from urbanreview.demo.lights import NOISE, STEP, factor_of, level_of, people_radiance
from urbanreview.demo.people import Population, Terrain
from urbanreview.demo.rayons import model_rayons, oblasts_with_seats
from urbanreview.demo.urban import Placed, plan_of
from urbanreview.grid import burn

OBLAST_OF = {"Almaty": "Almaty City", "Astana": "Astana", "Shymkent": "South Kazakhstan"}
"""The unit of the shipped division (before 2018) that holds each of the three large cities."""

CENTRE_DENSITY = 1_500.0
"""Fewest people per km2 of an urban centre's cells."""
CLUSTER_PEOPLE, CENTRE_PEOPLE = 5_000, 50_000
"""Fewest people of an urban cluster and an urban centre.

The model keeps all cells of a town above 300 people/km2, all of a core of 50,000 above 1,500, all suburbs between the
two and the countryside far below: towns are the clusters and cores the centres, whatever the arithmetic.
"""


@dataclass(frozen=True, slots=True)
class Group:
    """Cities whose cells touch, the largest first, and their people together."""

    cities: tuple[City, ...]
    people: float


def expected_country_people(year: int = LATEST) -> int:
    """People in the population raster of a year, on either grid."""
    return COUNTRY_PEOPLE[year]


def expected_rural_people(year: int = LATEST) -> int:
    """People outside every town."""
    return COUNTRY_PEOPLE[year] - sum(city.people for city in cities_in(year))


def expected_city_people(name: str, year: int = LATEST) -> int:
    """People of the largest city of a name, suburbs included.

    >>> expected_city_people("Shymkent") > 1_000_000
    True
    """
    return people_in(_city(name), year)


def expected_core_people(name: str, year: int = LATEST) -> float:
    """People of the core of the largest city of a name: those at 1,500 people/km2 and more."""
    return plan_of(expected_city_people(name, year)).core_people


def expected_centre_cities(year: int = LATEST) -> tuple[City, ...]:
    """Return the cities whose core holds 50,000 people or more in a year, with their people of that year."""
    return tuple(city for city in cities_in(year) if plan_of(city.people).core_people >= CENTRE_PEOPLE)


def expected_lights_factor(start: tuple[int, ...], end: tuple[int, ...]) -> float:
    """Factor between the people's lights of two dates, each (year,) or (year, month); away from flares and noise."""
    return factor_of(*end) / factor_of(*start)


def centre_cells(population: Population, name: str) -> np.ndarray:
    """Tell which cells are dense enough and hang together in the largest city of a name: bool, shape (rows, cols).

    Without what built-up land, smoothing and gap filling add.
    """
    patch, _ = label(population.density >= CENTRE_DENSITY)
    city = _city(name)
    row, col = (int(position) for position in cells_of(population.grid, np.array(city.lon), np.array(city.lat)))
    return patch == patch[row, col]


def expected_centre_people(population: Population, name: str) -> float:
    """People of those cells: the core of the city, and what else is as dense and touches it."""
    return float(population.people[centre_cells(population, name)].sum())


def expected_lights(population: Population, cells: np.ndarray, date: tuple[int, ...]) -> tuple[float, float]:
    """Lights of some cells at a date, and how far noise and steps may move them.

    Parameters
    ----------
    population : Population
        Of `LATEST`, in degrees.
    cells : ndarray of bool, shape (rows, cols)
        Such as `centre_cells` gives them.
    date : tuple of int
        (year,) or (year, month).

    Returns
    -------
    lights, tolerance : float [nW/cm2/sr]
        Sum over the cells, and five standard deviations of the sum of their noise.
    """
    radiance = people_radiance(population.density[cells]) * factor_of(*date)
    background = level_of(*date).background if len(date) > 1 else 0.0
    tolerance = 5 * np.sqrt(cells.sum() * (NOISE**2 + STEP**2 / 12))
    return float(radiance.sum() + background * cells.sum()), float(tolerance)


def expected_built_up_m2(terrain: Terrain, name: str, year: int) -> float:
    """Built-up surface of the largest city of a name in an epoch [m2], away from the cap and from other towns."""
    site = next(site for site in terrain.sites if site.city == _city(name))
    return float(town_built_up(site, year).sum())


def expected_rayon_counts() -> pd.Series:
    """How many rayons every oblast has, by its code: one per seat."""
    return pd.Series({oblast.code: len(oblast.seats) for oblast in oblasts_with_seats()}, name="rayons")


def expected_clusters(population: Population) -> tuple[Group, ...]:
    """Return the towns of 5,000 people or more, those that touch (corners count) as one, the largest first."""
    groups = _touching(population, [placed.people for placed in population.placed], corners=True)
    return tuple(group for group in groups if group.people >= CLUSTER_PEOPLE)


def expected_centres(population: Population) -> tuple[Group, ...]:
    """Return the cores of 50,000 people or more, those that share an edge as one, the largest first.

    The people are those of the cores; suburbs of a neighbour or towns on the same cells come on top.
    """
    groups = _touching(population, [placed.core for placed in population.placed], corners=False)
    return tuple(group for group in groups if group.people >= CENTRE_PEOPLE)


def expected_oblast_people(population: Population) -> pd.Series:
    """People of every oblast, by the centres of cells: indexed by code; ``""`` is the country outside every oblast."""
    return people_by_polygon(population, read_layer("oblasts"))


def expected_rayon_people(population: Population) -> pd.Series:
    """People of every rayon, by the centres of cells: indexed by code; ``""`` is the country outside every oblast."""
    return people_by_polygon(population, model_rayons())


def people_by_polygon(population: Population, polygons: gpd.GeoDataFrame) -> pd.Series:
    """Add up people by polygon, a cell where its centre lies; the code is the index, ``""`` for none."""
    drawn = burn(polygons.geometry, population.grid).values
    people = np.bincount(drawn.ravel(), weights=population.people.ravel(), minlength=len(polygons) + 1)
    return pd.Series(people, index=["", *polygons["code"]], name="people")


def _city(name: str) -> City:
    return next(city for city in real_cities() if city.name == name)


def _touching(population: Population, cells: list[np.ndarray], *, corners: bool) -> list[Group]:
    """Group the cities of a population by touching cells, given the people of each in its window."""
    anyone = np.zeros(population.grid.shape, bool)
    for placed, people in zip(population.placed, cells, strict=True):
        anyone[placed.window] |= people > 0
    patch, _ = label(anyone, np.ones((3, 3)) if corners else None)
    members: dict[int, list[tuple[Placed, float]]] = {}
    for placed, people in zip(population.placed, cells, strict=True):
        peak = np.unravel_index(people.argmax(), people.shape)
        members.setdefault(int(patch[placed.window][peak]), []).append((placed, float(people.sum())))
    groups = [
        Group(tuple(placed.city for placed, _ in listed), sum(people for _, people in listed)) for listed in members.values()
    ]
    return sorted(groups, key=lambda group: -group.people)
