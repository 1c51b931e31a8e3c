"""What the demo's numbers must be, from the parameters of its model and not from the review's own arithmetic."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.ndimage import label

from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.country import read_layer
from urbanreview.demo.lights import GROWTH_PER_YEAR
from urbanreview.demo.people import COUNTRY_PEOPLE, Population
from urbanreview.demo.urban import Placed, plan_of
from urbanreview.grid import burn

OBLAST_OF = {"Almaty": "Almaty City", "Astana": "Astana", "Shymkent": "South Kazakhstan"}
"""The unit of the shipped division (before 2018) that holds each of the three large cities."""

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


def expected_country_people() -> int:
    """People in the population raster."""
    return COUNTRY_PEOPLE


def expected_rural_people() -> int:
    """People outside every town."""
    return COUNTRY_PEOPLE - sum(city.people for city in real_cities())


def expected_city_people(name: str) -> int:
    """People of the largest city of a name, suburbs included.

    >>> expected_city_people("Shymkent") > 1_000_000
    True
    """
    return next(city.people for city in real_cities() if city.name == name)


def expected_core_people(name: str) -> float:
    """People of the core of the largest city of a name: those at 1,500 people/km2 and more."""
    return plan_of(expected_city_people(name)).core_people


def expected_centre_cities() -> tuple[City, ...]:
    """Return the cities whose core holds 50,000 people or more, the largest first."""
    return tuple(city for city in real_cities() if plan_of(city.people).core_people >= CENTRE_PEOPLE)


def expected_lights_factor(from_year: int, to_year: int) -> float:
    """Factor between the lights of two years, away from flares and apart from noise."""
    return GROWTH_PER_YEAR ** (to_year - from_year)


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
    oblasts = read_layer("oblasts")
    drawn = burn(oblasts.geometry, population.grid).values
    people = np.bincount(drawn.ravel(), weights=population.people.ravel(), minlength=len(oblasts) + 1)
    return pd.Series(people, index=["", *oblasts["code"]], name="people")


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
