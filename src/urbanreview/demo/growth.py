"""How the demo's country and cities grow: stated totals for the country, a seeded rate for every city."""

from dataclasses import replace
from functools import cache

from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.seed import GROWTH, stream

LATEST = 2020
"""The year that GeoNames' city sizes are taken for."""

COUNTRY_PEOPLE = {2000: 14_900_000, 2010: 16_300_000, 2020: 18_600_000}
"""People of the demo country by year: round numbers near the true ones, the same on both grids."""

YEARS = tuple(COUNTRY_PEOPLE)

MEAN_RATE, RATE_SPREAD = 0.016, 0.012
"""Mean and spread of the cities' yearly growth: most grow, about one in ten shrinks."""
LOWEST_RATE, HIGHEST_RATE = -0.012, 0.035


@cache
def yearly_growth(city: City) -> float:
    """Return the yearly growth of a city, the same in all years: 0.02 is two per cent.

    >>> LOWEST_RATE <= yearly_growth(real_cities()[0]) <= HIGHEST_RATE
    True
    """
    drawn = stream(GROWTH, city.geonames_id).normal(MEAN_RATE, RATE_SPREAD)
    return float(min(max(drawn, LOWEST_RATE), HIGHEST_RATE))


def people_in(city: City, year: int) -> int:
    """People of a city in a year: its size in `LATEST` carried back at its own rate.

    Examples
    --------
    >>> city = real_cities()[0]
    >>> people_in(city, LATEST) == city.people
    True
    >>> people_in(city, 2000) == round(city.people / (1 + yearly_growth(city)) ** 20)
    True
    """
    return max(round(city.people * (1 + yearly_growth(city)) ** (year - LATEST)), 1)


def cities_in(year: int) -> tuple[City, ...]:
    """Return the cities with their people of a year, in the order of their size in `LATEST`."""
    return tuple(replace(city, people=people_in(city, year)) for city in real_cities())
