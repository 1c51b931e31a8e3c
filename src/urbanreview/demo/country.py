"""The demo country: its shipped polygons, and the two grids that its people are modelled on."""

from functools import cache
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

import geopandas as gpd
import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from urbanreview.grid import burn

CELLS_PER_DEGREE = 120
"""30 arc-seconds."""

WEST, SOUTH, EAST, NORTH = 45.6, 40.1, 88.2, 55.9
"""Edges of the grid [degrees]: the country and at least 50 km around it."""

MOLLWEIDE_METRES = 1_000.0
MOLLWEIDE_WEST, MOLLWEIDE_SOUTH, MOLLWEIDE_EAST, MOLLWEIDE_NORTH = 3_475_000.0, 4_754_000.0, 6_851_000.0, 6_530_000.0
"""Edges of the grid in ESRI:54009 [m]: the country and 100 km around it, on the lines of the GHSL's grid."""

BAIKONUR = (63.3, 46.0)
"""Longitude and latitude [degrees] of a point in the leased area that belongs to no oblast of the shipped division."""


def shipped(name: str) -> Traversable:
    """Return a file that the package carries."""
    return files("urbanreview.demo") / "data" / name


def read_layer(layer: str) -> gpd.GeoDataFrame:
    """Return a layer of the shipped boundaries: ``oblasts`` (code, name, type, name_local) or ``outline`` (iso3, name)."""
    with as_file(shipped("kazakhstan.gpkg")) as path:
        return gpd.read_file(path, layer=layer)


def demo_grid() -> GeoBox:
    """Return the grid of the demo's rasters: 30 arc-seconds, EPSG:4326, north up.

    >>> demo_grid().shape.yx
    (1896, 5112)
    """
    rows, cols = round((NORTH - SOUTH) * CELLS_PER_DEGREE), round((EAST - WEST) * CELLS_PER_DEGREE)
    return GeoBox((rows, cols), Affine(1 / CELLS_PER_DEGREE, 0, WEST, 0, -1 / CELLS_PER_DEGREE, NORTH), "EPSG:4326")


def mollweide_grid() -> GeoBox:
    """Return the grid of the demo's second population: 1 km, ESRI:54009, north up, aligned with the GHSL's.

    >>> mollweide_grid().shape.yx
    (1776, 3376)
    """
    rows = round((MOLLWEIDE_NORTH - MOLLWEIDE_SOUTH) / MOLLWEIDE_METRES)
    cols = round((MOLLWEIDE_EAST - MOLLWEIDE_WEST) / MOLLWEIDE_METRES)
    corner = Affine(MOLLWEIDE_METRES, 0, MOLLWEIDE_WEST, 0, -MOLLWEIDE_METRES, MOLLWEIDE_NORTH)
    return GeoBox((rows, cols), corner, "ESRI:54009")


@cache
def to_grid(crs: str) -> Transformer:
    """Return the way from degrees to the coordinates of a grid, made once."""
    return Transformer.from_crs(4326, crs, always_xy=True)


def cells_of(grid: GeoBox, lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of positions [degrees] on a grid, as fractions: 0.5 is the middle of the first."""
    x, y = to_grid(str(grid.crs)).transform(lon, lat)
    t = grid.transform
    return (np.asarray(y) - t.f) / t.e, (np.asarray(x) - t.c) / t.a


def inside_country(grid: GeoBox) -> np.ndarray:
    """Tell which cells have their centre in the country's outline: bool, shape (rows, cols)."""
    return burn(read_layer("outline").geometry, grid).values > 0
