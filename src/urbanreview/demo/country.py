"""The demo country: its shipped polygons, and the grid that its rasters are modelled on."""

from importlib.resources import as_file, files
from importlib.resources.abc import Traversable

import geopandas as gpd
import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.grid import burn

CELLS_PER_DEGREE = 120
"""30 arc-seconds."""

WEST, SOUTH, EAST, NORTH = 45.6, 40.1, 88.2, 55.9
"""Edges of the grid [degrees]: the country and at least 50 km around it."""

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


def inside_country(grid: GeoBox) -> np.ndarray:
    """Tell which cells have their centre in the country's outline: bool, shape (rows, cols)."""
    return burn(read_layer("outline").geometry, grid).values > 0
