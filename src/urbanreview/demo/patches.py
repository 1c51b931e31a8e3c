"""The demo's built-up land in patches: whole cells of 3 arc-seconds around Almaty, as dense as the coarse surface says."""

import numpy as np
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.ndimage import gaussian_filter, zoom

from urbanreview.demo.built_up import model_built_up
from urbanreview.demo.country import CELLS_PER_DEGREE, demo_grid
from urbanreview.demo.model import Model
from urbanreview.demo.seed import PATCHES, stream
from urbanreview.grid import cell_area_km2
from urbanreview.units import m2_from_km2

EPOCHS = (2000, 2010, 2020)
WEST, SOUTH, EAST, NORTH = 76.6, 43.0, 77.3, 43.6
"""Edges of the grid [degrees]: Almaty and what lies around it."""
FINE = 10
"""Cells along one of the coarse surface."""
PATCH_CELLS = 3.0
"""Width of the patches, as the standard deviation of what smooths the noise."""
DENSER = 1.8
"""A patch is built over, which no cell of the coarse surface is: so much larger than its share the built-up ground is."""


def patch_grid() -> GeoBox:
    """Return the grid of the patches: 3 arc-seconds, north up, along the lines of the coarse one.

    >>> patch_grid().shape.yx
    (720, 840)
    """
    per_degree = CELLS_PER_DEGREE * FINE
    rows, cols = round((NORTH - SOUTH) * per_degree), round((EAST - WEST) * per_degree)
    return GeoBox((rows, cols), Affine(1 / per_degree, 0, WEST, 0, -1 / per_degree, NORTH), "EPSG:4326")


def model_patches(model: Model, year: int) -> np.ndarray:
    """Model patches of an epoch [m2 per cell]: a cell is built over whole, or not at all.

    A cell is built-up where smooth noise, the same at every date and evenly spread over 0 to 1, lies under the share of
    the coarse surface: so patches grow with it, at their edges, into gaps, and in new places.
    """
    coarse, fine = demo_grid(), patch_grid()
    row, col = (round((coarse.transform.f - NORTH) * CELLS_PER_DEGREE), round((WEST - coarse.transform.c) * CELLS_PER_DEGREE))
    window = slice(row, row + fine.shape[0] // FINE), slice(col, col + fine.shape[1] // FINE)
    surface = np.nan_to_num(model_built_up(model.terrain(), model.latest(), year)[window])
    share = zoom(surface / m2_from_km2(cell_area_km2(coarse[window])), FINE, order=1, mode="nearest", grid_mode=True)
    noise = gaussian_filter(stream(PATCHES).standard_normal(fine.shape), PATCH_CELLS, mode="wrap")
    even = noise.ravel().argsort().argsort().reshape(fine.shape) / noise.size
    area_m2 = np.broadcast_to(m2_from_km2(cell_area_km2(fine)), fine.shape)
    return np.where(even < DENSER * share, np.rint(area_m2), 0.0)
