"""The demo's rural background: a smooth field, denser in the irrigated south and along the ploughed north."""

import numpy as np
from odc.geo.geobox import GeoBox
from scipy.ndimage import gaussian_filter

from urbanreview.demo.seed import RURAL, stream
from urbanreview.grid import cell_area_km2, cell_centres

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


def rural_people(grid: GeoBox, empty: np.ndarray, town_people: np.ndarray, *, total: float) -> np.ndarray:
    """Spread people over the countryside.

    Parameters
    ----------
    grid : GeoBox
        In degrees; rows and columns divide by `COARSE`.
    empty : ndarray of bool, shape (rows, cols)
        Cells without rural people: beyond the border, or in a town.
    town_people : ndarray, shape (rows, cols)
        People of towns [people per cell], who draw rural people near.
    total : float
        How many there are [people].

    Returns
    -------
    ndarray of float64, shape (rows, cols) [people per cell]
        Zero in empty cells; adds up to `total`.
    """
    density = _finer(_coarse_field(grid, town_people), town_people.shape)
    density *= np.exp(np.float32(GRAIN) * stream(RURAL, 0).standard_normal(grid.shape, dtype=np.float32))
    density[empty] = 0.0
    area_km2 = cell_area_km2(grid)
    mean = (density * area_km2).sum() / ((~empty) * area_km2).sum()
    people = np.minimum(density, MOST_TIMES_MEAN * mean) * area_km2
    return people * (total / people.sum())


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
    for k, (cells, strength) in enumerate(PATCHES, start=1):
        smooth = gaussian_filter(stream(RURAL, k).standard_normal(field.shape), cells / COARSE)
        field *= np.exp(strength * smooth / smooth.std())
    return field


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
