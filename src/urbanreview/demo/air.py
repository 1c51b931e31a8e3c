"""The demo's fine dust by year and by month, laid out as SatPM2.5 is: cities that heat in winter breathe worse."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.demo.cities import real_cities
from urbanreview.demo.climate import winter
from urbanreview.demo.country import EAST, NORTH, SOUTH, WEST, read_layer
from urbanreview.demo.growth import LATEST
from urbanreview.demo.model import Model
from urbanreview.demo.netcdf import Series, on_degrees
from urbanreview.grid import burn, cell_centres
from urbanreview.units import METRES_PER_KM

YEARS = tuple(range(2013, 2021))
MONTHS = pd.period_range("2018-10", "2020-03", freq="M")
"""Two heating seasons, October to March, and what lies between them."""
CELLS_PER_DEGREE = 10
SENTINEL = -999.0
"""Stands where nothing is known; the file does not say so, as the real ones do not."""
BACKGROUND = 7.0
"""Fine dust far from everything, in `LATEST` [ug/m3]."""
DUST, DUST_AT, DUST_REACH = 14.0, (61.0, 44.5), (5.0, 2.0)
"""What the dry bed of the Aral adds [ug/m3], where, and how far [degrees]."""
CITIES_FROM_PEOPLE = 50_000
AT_100K = 8.0
"""What a city of 100,000 adds in its middle at `MILD_LATITUDE` [ug/m3]; it grows with the root of its people."""
MILD_LATITUDE, HEATING_PER_DEGREE = 42.0, 0.06
"""Where cities heat least, and by how much of that each degree northward adds."""
CITY_REACH_KM = 15.0
WINTER_SHARE, CITY_WINTER_SHARE = 0.2, 0.7
"""What the background and what cities add in the middle of January, as a share of their mean; as much less in July."""
FACTOR_PER_YEAR = 0.985
"""From one year to the next, everywhere."""
BEYOND_BORDER_DEGREES = 0.5
"""Values reach this far beyond the border."""


def air_grid() -> GeoBox:
    """Return the grid of fine dust: 0.1 degrees, north up."""
    rows, cols = round((NORTH - SOUTH) * CELLS_PER_DEGREE), round((EAST - WEST) * CELLS_PER_DEGREE)
    return GeoBox((rows, cols), Affine(1 / CELLS_PER_DEGREE, 0, WEST, 0, -1 / CELLS_PER_DEGREE, NORTH), "EPSG:4326")


def city_dust(people: float, lat: float) -> float:
    """Return what a city adds in its middle in `LATEST` [ug/m3].

    >>> city_dust(100_000, MILD_LATITUDE), round(city_dust(400_000, MILD_LATITUDE + 10), 1)
    (8.0, 25.6)
    """
    return AT_100K * (people / 100_000) ** 0.5 * (1 + HEATING_PER_DEGREE * (lat - MILD_LATITUDE))


def fine_dust(lon: np.ndarray, lat: np.ndarray, year: int, month: int | None = None) -> np.ndarray:
    """Fine dust [ug/m3] at positions [degrees] in a year, or in one of its months."""
    cold = 0.0 if month is None else winter(month)
    squared = ((lon - DUST_AT[0]) / DUST_REACH[0]) ** 2 + ((lat - DUST_AT[1]) / DUST_REACH[1]) ** 2
    found = BACKGROUND * (1 + WINTER_SHARE * cold) + DUST * np.exp(-squared / 2)
    geod = Geod(ellps="WGS84")
    for city in real_cities():
        if city.people < CITIES_FROM_PEOPLE:
            continue
        near = (np.abs(lon - city.lon) < 2.0) & (np.abs(lat - city.lat) < 1.0)
        every = np.ones(int(near.sum()))
        away_km = geod.inv(city.lon * every, city.lat * every, lon[near], lat[near])[2] / METRES_PER_KM
        in_middle = city_dust(city.people, city.lat) * (1 + CITY_WINTER_SHARE * cold)
        found[near] += in_middle * np.exp(-((away_km / CITY_REACH_KM) ** 2) / 2)
    return found * FACTOR_PER_YEAR ** (year - LATEST)


def model_air(_model: Model, file: str) -> xr.DataArray:
    """Model the fine dust of the year or month that the file is named by: dims (lat, lon), southern rows first."""
    date = file.removesuffix(".nc").rpartition("_")[2]
    grid = air_grid()
    lon, lat = cell_centres(grid)
    outline = read_layer("outline").geometry
    around = gpd.GeoSeries(shapely.buffer(outline.values, BEYOND_BORDER_DEGREES), crs=outline.crs)
    known = burn(around, grid).values > 0
    values = np.where(known, fine_dust(lon, lat, *map(int, date.split("-"))), SENTINEL)[::-1]
    attrs = {"long_name": f"fine dust, mean of {date}", "units": "ug/m3"}
    return on_degrees(values, name="PM25", lat=lat[::-1, 0], lon=lon[0], attrs=attrs)


PM25 = Series("air", tuple(f"air/pm25_{year}.nc" for year in YEARS), model_air)
PM25_MONTHLY = Series("air_monthly", tuple(f"air/pm25_{month}.nc" for month in MONTHS), model_air)
