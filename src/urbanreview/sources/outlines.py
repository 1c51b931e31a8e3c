"""Rough outlines of countries, to know which tiles to ask for before any boundary has been fetched."""

import gzip
from functools import cache
from importlib.resources import files

import geopandas as gpd
import pycountry
import pyogrio

from urbanreview.errors import UnknownName

ORIGIN = "Natural Earth 4.1.0, 1:50 million, as packaged in world-atlas 2.0.2, public domain"


@cache
def _countries() -> gpd.GeoDataFrame:
    """Outlines by ISO 3166-1 numeric code."""
    packed = files("urbanreview.sources").joinpath("countries-50m.json.gz").read_bytes()
    countries = pyogrio.read_dataframe(gzip.decompress(packed), layer="countries")
    return countries.set_crs(4326).dropna(subset="id").set_index("id")


def outline_of(iso3: str) -> gpd.GeoSeries:
    """Return the outline of a country.

    Parameters
    ----------
    iso3 : str
        Three-letter code.

    Returns
    -------
    GeoSeries, EPSG:4326
        One shape, true to some kilometres, indexed by `iso3`. Source: `ORIGIN`.

    Raises
    ------
    UnknownName
        If there is no such country, or no outline of it at this scale.

    Examples
    --------
    >>> outline_of("KAZ").total_bounds.round(1).tolist()
    [46.6, 40.6, 87.3, 55.4]
    """
    country = pycountry.countries.get(alpha_3=iso3)
    known = _countries()
    if country is None or country.numeric not in known.index:
        there = [each.alpha_3 for each in pycountry.countries if each.numeric in known.index]
        raise UnknownName("country", iso3, known=there)
    return gpd.GeoSeries([known.geometry[country.numeric]], index=[iso3], crs=4326).make_valid()
