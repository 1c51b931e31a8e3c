"""The demo's lights at night: people shine, gas flares shine, and the sensor has noise."""

from dataclasses import dataclass

import numpy as np
from pyproj import Geod

from urbanreview.demo.people import Population
from urbanreview.demo.seed import LIGHTS, stream
from urbanreview.grid import cell_centres
from urbanreview.units import METRES_PER_KM

YEARS = (2018, 2019, 2020)
RADIANCE_AT_1500 = 10.0
"""Radiance where 1,500 people live on a km2, in the first year [nW/cm2/sr]."""
POWER = 0.85
"""Radiance grows with density to this power."""
GROWTH_PER_YEAR = 1.04
"""Factor from one year to the next, the same everywhere but at the flares."""
NOISE = 0.05
"""Standard deviation of the noise around zero [nW/cm2/sr]; dark cells come out a little negative."""
FLARE_REACH_KM = 1.0
"""Distance from a flare at which its radiance is down to 61 %."""
DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Flare:
    """An oil or gas field that burns gas: name, rough position [degrees], radiance at the stack [nW/cm2/sr]."""

    name: str
    lon: float
    lat: float
    radiance: float


FLARES = (
    Flare("Tengiz", 53.40, 46.15, 400.0),
    Flare("Karachaganak", 53.27, 51.37, 250.0),
    Flare("Zhanazhol", 57.42, 48.33, 200.0),
    Flare("Kalamkas", 51.95, 45.28, 120.0),
    Flare("Kumkol", 65.65, 46.45, 150.0),
)


def people_radiance(density: np.ndarray, year: int) -> np.ndarray:
    """Radiance [nW/cm2/sr] of people at a density [people/km2] in a year.

    The density is that of 2020 in every year: only the growth factor tells the years apart.

    >>> people_radiance(np.array([0.0, 1_500.0]), 2018).tolist()
    [0.0, 10.0]
    """
    return RADIANCE_AT_1500 * GROWTH_PER_YEAR ** (year - YEARS[0]) * (density / 1_500.0) ** POWER


def flare_radiance(population: Population) -> np.ndarray:
    """Radiance of the flares [nW/cm2/sr], the same in every year; float64, shape (rows, cols)."""
    radiance = np.zeros(population.grid.shape)
    t = population.grid.transform
    half = 12
    for flare in FLARES:
        row, col = int((flare.lat - t.f) / t.e), int((flare.lon - t.c) / t.a)
        window = slice(row - half, row + half + 1), slice(col - half, col + half + 1)
        lon, lat = cell_centres(population.grid[window])
        metres = Geod(ellps="WGS84").inv(np.full_like(lon, flare.lon), np.full_like(lat, flare.lat), lon, lat)[2]
        radiance[window] += flare.radiance * np.exp(-((metres / METRES_PER_KM / FLARE_REACH_KM) ** 2) / 2)
    return radiance


def model_lights(population: Population, year: int) -> np.ndarray:
    """Model the lights of a year.

    Returns
    -------
    ndarray of float32, shape (rows, cols) [nW/cm2/sr]
        Rounded to 0.01; NaN outside the country; slightly negative in dark cells.
    """
    noise = np.float32(NOISE) * stream(LIGHTS, year).standard_normal(population.grid.shape, dtype=np.float32)
    radiance = people_radiance(population.density.astype(np.float32), year) + noise
    radiance += flare_radiance(population)
    radiance = radiance.round(DECIMALS)
    radiance[~population.inside] = np.nan
    return radiance
