"""The demo's lights at night: people shine, gas flares shine, and the sensor has noise; yearly and monthly series."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.demo.people import Population
from urbanreview.demo.seed import LIGHTS, stream
from urbanreview.grid import cell_centres
from urbanreview.units import METRES_PER_KM

YEARS = tuple(range(2013, 2025))
MONTHS = tuple((year, month) for year in (2016, 2017, 2018) for month in range(1, 13))
REFERENCE_YEAR = 2018
RADIANCE_AT_1500 = 10.0
"""Radiance where 1,500 people live on a km2, in the yearly composite of the reference year [nW/cm2/sr]."""
POWER = 0.85
"""Radiance grows with density to this power."""
GROWTH_PER_YEAR = 1.04
"""Factor from one year to the next, the same everywhere but at the flares."""
SNOW, SNOW_MONTHS = 1.15, (12, 1, 2)
"""Factor of the months with snow, which reflects the lights."""
NOISE = 0.05
"""Standard deviation of the noise around zero [nW/cm2/sr]; dark cells come out a little negative."""
STEP = 1 / 16
"""The composites come in steps of this [nW/cm2/sr]; no step falls on the floor of 0.1."""
FLARE_REACH_KM = 1.0
"""Distance from a flare at which its radiance is down to 61 %."""


@dataclass(frozen=True, slots=True)
class Level:
    """A stretch of the monthly series that was made one way: first month, factor, background [nW/cm2/sr]."""

    since: tuple[int, int]
    cloud_mask: str
    factor: float
    background: float


LEVELS = (
    Level((2012, 1), "rp2", 0.90, 0.06),
    Level((2017, 4), "vcm", 1.00, 0.00),
    Level((2018, 1), "ecm", 1.07, -0.02),
)
"""The two breaks of the real series (the bucket's ``rp2`` folders, then another cloud mask), with modelled sizes."""

RENAMED = (2016, 10)
"""The month whose file goes by another name, as October 2024 does in the real bucket: no template finds it."""


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


def flare_points() -> gpd.GeoDataFrame:
    """Return the flares as points, EPSG:4326, with ``name`` and ``radiance``."""
    columns = {"name": [flare.name for flare in FLARES], "radiance": [flare.radiance for flare in FLARES]}
    places = gpd.points_from_xy([flare.lon for flare in FLARES], [flare.lat for flare in FLARES], crs=4326)
    return gpd.GeoDataFrame(columns, geometry=places)


@dataclass(frozen=True, slots=True)
class Glow:
    """What shines, away from dates: cells of the country, and the radiance of people and flares in them.

    ``inside`` has shape (rows, cols); ``people`` (in the reference year) and ``flares`` are float32 of shape
    (cells inside,) [nW/cm2/sr].
    """

    inside: np.ndarray
    people: np.ndarray
    flares: np.ndarray


def people_radiance(density: np.ndarray) -> np.ndarray:
    """Radiance [nW/cm2/sr] of people at a density [people/km2] in the reference year.

    The density is that of 2020 at every date: only factors tell the dates apart.

    >>> people_radiance(np.array([0.0, 1_500.0])).tolist()
    [0.0, 10.0]
    """
    return RADIANCE_AT_1500 * (density / 1_500.0) ** POWER


def level_of(year: int, month: int) -> Level:
    """Return how the composite of a month was made.

    >>> level_of(2017, 3).cloud_mask, level_of(2017, 4).cloud_mask, level_of(2018, 1).cloud_mask
    ('rp2', 'vcm', 'ecm')
    """
    return [level for level in LEVELS if level.since <= (year, month)][-1]


def factor_of(year: int, month: int | None = None) -> float:
    """Factor of the people's lights at a date: growth and, in a month, snow and the way it was made.

    >>> factor_of(2018), factor_of(2019), round(factor_of(2018, 1) / factor_of(2017, 12) - 1.07 * 1.04 ** (1 / 12), 9)
    (1.0, 1.04, 0.0)
    """
    if month is None:
        return GROWTH_PER_YEAR ** (year - REFERENCE_YEAR)
    years = year - REFERENCE_YEAR + (month - 6.5) / 12
    return GROWTH_PER_YEAR**years * (SNOW if month in SNOW_MONTHS else 1.0) * level_of(year, month).factor


def flare_radiance(grid: GeoBox) -> np.ndarray:
    """Radiance of the flares [nW/cm2/sr], the same at every date; float32, shape (rows, cols) of a grid in degrees."""
    radiance = np.zeros(grid.shape, np.float32)
    t = grid.transform
    half = 12
    for flare in FLARES:
        row, col = int((flare.lat - t.f) / t.e), int((flare.lon - t.c) / t.a)
        window = slice(row - half, row + half + 1), slice(col - half, col + half + 1)
        lon, lat = cell_centres(grid[window])
        metres = Geod(ellps="WGS84").inv(np.full_like(lon, flare.lon), np.full_like(lat, flare.lat), lon, lat)[2]
        radiance[window] += flare.radiance * np.exp(-((metres / METRES_PER_KM / FLARE_REACH_KM) ** 2) / 2)
    return radiance


def glow_of(population: Population) -> Glow:
    """Work out what shines in a population's cells; see `Glow`."""
    inside = population.inside
    people = people_radiance(population.density[inside].astype(np.float32))
    return Glow(inside, people, flare_radiance(population.grid)[inside])


def model_lights(glow: Glow, year: int, month: int | None = None) -> np.ndarray:
    """Model the lights of a year, or of a month.

    Returns
    -------
    ndarray of float32, shape (rows, cols) [nW/cm2/sr]
        In steps of `STEP`; NaN outside the country; slightly negative in dark cells.
    """
    radiance = stream(LIGHTS, year, month or 0).standard_normal(glow.people.size, dtype=np.float32)
    radiance *= np.float32(NOISE)
    radiance += glow.people * np.float32(factor_of(year, month))
    radiance += glow.flares
    if month is not None:
        radiance += np.float32(level_of(year, month).background)
    radiance *= np.float32(1 / STEP)
    np.rint(radiance, out=radiance)
    radiance *= np.float32(STEP)
    image = np.full(glow.inside.shape, np.float32(np.nan))
    image[glow.inside] = radiance
    return image
