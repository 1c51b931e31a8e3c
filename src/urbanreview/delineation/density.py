"""People per km2 of land, on cells of about 1 km."""

import numpy as np
import xarray as xr

from urbanreview.errors import CellsTooLarge
from urbanreview.grid import Kind, as_crs, cell_area_km2, coarsen, geobox_of, require_kind, require_same_grid
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM, km2_from_m2

SUM_BELOW_KM2 = 0.25
"""Cells smaller than this are summed to about 1 km first; a 30 arc-second cell stays as it is up to 70 degrees."""
REFUSE_ABOVE_KM2 = 2.0
THIRTY_ARC_SECONDS = 1 / 120


def working_population(population: xr.DataArray) -> tuple[xr.DataArray, Ledger]:
    """Bring a population grid to cells that the urban rules are made for.

    Parameters
    ----------
    population : DataArray, dims (y, x)
        People per cell; NaN is missing.

    Returns
    -------
    population : DataArray, dims (y, x)
        The same grid, or its cells summed by the whole factor nearest to 1 km (30 arc-seconds in degrees). Blocks
        begin at multiples of their size, so that they do not depend on how the grid was cropped.
    ledger : Ledger
        The factor, if there was one.

    Raises
    ------
    CellsTooLarge
        If cells are over 2 km2.
    """
    require_kind(population, Kind.COUNT)
    geobox = geobox_of(population)
    area_km2 = cell_area_km2(geobox)
    typical_km2 = float(area_km2[area_km2.shape[0] // 2, area_km2.shape[1] // 2])
    if typical_km2 > REFUSE_ABOVE_KM2:
        name = population.attrs.get("source") or "population"
        raise CellsTooLarge(name, got_km2=typical_km2, limit_km2=REFUSE_ABOVE_KM2)
    if typical_km2 >= SUM_BELOW_KM2:
        return population, Ledger()
    cell = abs(geobox.transform.e)
    crs = as_crs(geobox.crs)
    target = THIRTY_ARC_SECONDS if crs.is_geographic else METRES_PER_KM / crs.axis_info[0].unit_conversion_factor
    factor = max(round(target / cell), 2)
    ledger = Ledger().add("delineation", "cells per side summed to about 1 km", "cell", factor)
    return coarsen(population, factor=factor), ledger


def density_of(population: xr.DataArray, *, land_m2: xr.DataArray | None = None) -> np.ndarray:
    """People per km2 of land.

    Parameters
    ----------
    population : DataArray, dims (y, x)
        People per cell.
    land_m2 : DataArray, dims (y, x), optional
        Land per cell on the same grid [m2]; without it all of a cell is land.

    Returns
    -------
    ndarray of float64, shape (rows, cols) [people/km2]
        NaN where people or land are missing, and where there are neither; infinite where people have no land.

    Examples
    --------
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009")
    >>> people = make_raster(np.array([[300.0, 300.0]]), grid, kind="count", units="people")
    >>> land = make_raster(np.array([[1e6, 5e5]]), grid, kind="count", units="m2")
    >>> density_of(people, land_m2=land).tolist()
    [[300.0, 600.0]]
    """
    if land_m2 is None:
        return population.values / cell_area_km2(geobox_of(population))
    require_same_grid("land", got=geobox_of(land_m2), expected=geobox_of(population))
    with np.errstate(divide="ignore", invalid="ignore"):
        return population.values / km2_from_m2(land_m2.values)
