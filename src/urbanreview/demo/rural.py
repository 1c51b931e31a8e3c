"""The demo's rural background: a smooth field, denser in the irrigated south and along the ploughed north."""

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.ndimage import gaussian_filter, map_coordinates

from urbanreview.demo.country import demo_grid
from urbanreview.demo.seed import RURAL, stream
from urbanreview.demo.urban import in_parts
from urbanreview.grid import cell_centres

COARSE = 8
"""The field is drawn on blocks of this many cells a side and interpolated."""

MOST_TIMES_MEAN = 30.0
"""The field is cut at this multiple of its mean: 60 to 80 people/km2, far below any urban threshold."""

EMPTY = 0.02
"""The field in the desert, where the middle of a settled belt is about 1."""

BELTS: tuple[tuple[str, float, float, float, float, float], ...] = (
    ("Shymkent and Turkistan", 69.2, 42.3, 1.3, 0.7, 1.00),
    ("Hungry Steppe", 68.3, 40.9, 0.4, 0.3, 1.20),
    ("Talas and Shu", 72.3, 43.0, 1.6, 0.4, 0.60),
    ("foot of the Trans-Ili Alatau", 77.3, 43.4, 1.1, 0.3, 1.20),
    ("Zhetysu", 79.2, 45.0, 1.3, 0.7, 0.25),
    ("Syr Darya, middle", 66.5, 44.3, 0.9, 0.4, 0.30),
    ("Syr Darya, lower", 64.0, 45.4, 1.4, 0.4, 0.15),
    ("Tobol", 63.2, 53.0, 1.6, 0.9, 0.22),
    ("Ishim", 69.3, 54.0, 2.2, 1.0, 0.28),
    ("Kokshetau and Astana", 71.0, 52.2, 2.0, 1.0, 0.20),
    ("Irtysh, Pavlodar", 76.8, 52.5, 1.3, 1.0, 0.20),
    ("Irtysh, Semey", 80.3, 50.5, 1.2, 0.6, 0.22),
    ("Ore Altai", 82.8, 49.8, 1.2, 0.8, 0.22),
    ("Karaganda", 73.1, 50.0, 1.2, 0.7, 0.18),
    ("Ural, upper", 51.6, 51.1, 1.6, 0.5, 0.20),
    ("Ural, mouth", 51.9, 47.2, 0.5, 0.5, 0.22),
    ("Ilek", 57.0, 50.3, 1.2, 0.6, 0.18),
    ("Mangystau", 52.0, 43.6, 0.9, 0.4, 0.08),
)
"""Name, longitude and latitude of the middle [degrees], reach east and north [degrees], strength."""

TOWN_PULL = 0.35
"""Strength of the settled land around towns."""
TOWN_REACH_CELLS = 16
"""Reach of a town's pull [cells]."""
PATCHES = ((48, 0.7), (12, 0.5))
"""Size [cells] and strength of the seeded variation of the field."""
GRAIN = 0.25
"""Spread of the variation from cell to cell (log-normal)."""


def rural_field(grid: GeoBox, inside: np.ndarray, town_people: np.ndarray) -> np.ndarray:
    """Relative density of the countryside, the same in all years.

    Parameters
    ----------
    grid : GeoBox
        Rows and columns divide by `COARSE`.
    inside : ndarray of bool, shape (rows, cols)
        Cells of the country.
    town_people : ndarray, shape (rows, cols)
        People of towns [people per cell], who draw rural people near.

    Returns
    -------
    ndarray of float32, shape (cells inside,)
        About 1 in the middle of a settled belt.
    """
    field = _finer(_coarse_field(grid, town_people), town_people.shape)[inside]
    field *= np.exp(np.float32(GRAIN) * stream(RURAL, 0).standard_normal(field.size, dtype=np.float32))
    return field


def rural_people(field: np.ndarray, free: np.ndarray, area_km2: np.ndarray, *, total: int) -> np.ndarray:
    """Spread people over the countryside.

    Parameters
    ----------
    field : ndarray, shape (cells,)
        Relative density.
    free : ndarray of bool, shape (cells,)
        Cells that no town stands on.
    area_km2 : ndarray, shape (cells,)
        Area of the cells [km2].
    total : int
        How many there are [people].

    Returns
    -------
    ndarray of float64, shape (cells,) [people per cell]
        Zero in towns; adds up to `total` exactly, in multiples of 1 / `PARTS`.
    """
    people = np.where(free, field, np.float32(0)) * area_km2
    mean = people.sum() / area_km2[free].sum()
    return in_parts(np.minimum(people, MOST_TIMES_MEAN * mean * area_km2), total=total)


def _coarse_field(grid: GeoBox, town_people: np.ndarray) -> np.ndarray:
    """Relative rural density on blocks of cells, shape (rows / COARSE, cols / COARSE)."""
    lon, lat = cell_centres(grid.zoom_out(COARSE))
    field = np.full(lon.shape, EMPTY)
    for _, middle_lon, middle_lat, reach_lon, reach_lat, strength in BELTS:
        squared = ((lon - middle_lon) / reach_lon) ** 2 + ((lat - middle_lat) / reach_lat) ** 2
        field += strength * np.exp(-squared / 2)
    rows, cols = lon.shape
    blocks = town_people.reshape(rows, COARSE, cols, COARSE).sum(axis=(1, 3))
    pull = gaussian_filter(np.sqrt(blocks), TOWN_REACH_CELLS / COARSE)
    field += TOWN_PULL * pull / np.percentile(pull, 99.9)
    return field * _patches(lon, lat)


def _patches(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Seeded variation of the field at positions [degrees]: drawn once in degrees, read off there by every grid."""
    blocks = demo_grid().zoom_out(COARSE)
    factor = np.ones(blocks.shape)
    for k, (cells, strength) in enumerate(PATCHES, start=1):
        smooth = gaussian_filter(stream(RURAL, k).standard_normal(blocks.shape), cells / COARSE)
        factor *= np.exp(strength * smooth / smooth.std())
    t = blocks.transform
    return map_coordinates(factor, [(lat - t.f) / t.e - 0.5, (lon - t.c) / t.a - 0.5], order=1, mode="nearest")


def _finer(field: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Interpolate a coarse field to all cells, linearly along rows and columns; float32, of the given shape."""
    field = field.astype(np.float32)
    for axis, size in enumerate(shape):
        position = np.clip((np.arange(size) + 0.5) / COARSE - 0.5, 0, field.shape[axis] - 1)
        low = np.minimum(position.astype(int), field.shape[axis] - 2)
        share = np.expand_dims(position - low, 1 - axis).astype(np.float32)
        step = np.diff(field, axis=axis).take(low, axis)
        step *= share
        field = field.take(low, axis)
        field += step
    return field
