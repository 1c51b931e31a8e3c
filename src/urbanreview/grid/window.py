"""Which part of a grid a country needs."""

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.errors import NoOverlap
from urbanreview.grid.contract import as_crs, geobox_of
from urbanreview.grid.geodesy import to_crs
from urbanreview.units import METRES_PER_KM

METRES_PER_DEGREE = 110_574.0
"""Length of a degree of latitude where it is shortest."""


def bounds_with_margin(boundary: gpd.GeoSeries, margin_km: float) -> tuple[float, float, float, float]:
    """West, south, east, north [degrees] of a boundary, widened by a margin on the ground.

    >>> from shapely.geometry import box
    >>> [round(float(value), 2) for value in bounds_with_margin(gpd.GeoSeries([box(10, 59, 11, 60)], crs=4326), 55.287)]
    [8.98, 58.5, 12.02, 60.5]
    """
    west, south, east, north = to_crs(boundary, 4326).total_bounds
    degrees = margin_km * METRES_PER_KM / METRES_PER_DEGREE
    south, north = max(south - degrees, -90.0), min(north + degrees, 90.0)
    shrink = np.cos(np.radians(min(max(abs(south), abs(north)), 89.0)))
    return west - degrees / shrink, south, east + degrees / shrink, north


def crop_slices(
    geobox: GeoBox, boundary: gpd.GeoSeries, *, margin_km: float = 0.0, name: str = "raster"
) -> tuple[slice, slice]:
    """Rows and columns of a grid that hold a boundary and a margin around it.

    Parameters
    ----------
    geobox : GeoBox
        North up.
    boundary : GeoSeries
        With a CRS.
    margin_km : float
        Ground distance kept beyond the boundary's bounding box.
    name : str
        What the error calls the raster.

    Returns
    -------
    rows, cols : slice
        Whole cells; clipped to the grid.

    Raises
    ------
    NoOverlap
        If no cell of the grid lies in the boundary's bounding box.

    Examples
    --------
    >>> from affine import Affine
    >>> from shapely.geometry import box
    >>> grid = GeoBox((10, 10), Affine(1, 0, 0, 0, -1, 10), "EPSG:4326")
    >>> crop_slices(grid, gpd.GeoSeries([box(2.5, 3, 4, 5)], crs=4326))
    (slice(5, 7, None), slice(2, 4, None))
    """
    bare = bounds_with_margin(boundary, 0.0)
    _pixel_slices(geobox, bare, name=name)
    return _pixel_slices(geobox, bounds_with_margin(boundary, margin_km) if margin_km else bare, name=name)


def _pixel_slices(geobox: GeoBox, degrees: tuple[float, float, float, float], *, name: str) -> tuple[slice, slice]:
    rows, cols = geobox.shape
    west, south, east, north = degrees
    frame = gpd.GeoSeries([shapely.box(max(west, -180.0), south, min(east, 180.0), north)], crs=4326)
    left, bottom, right, top = to_crs(frame, as_crs(geobox.crs)).total_bounds
    to_pixel = ~geobox.transform
    (c0, r0), (c1, r1) = to_pixel @ (left, top), to_pixel @ (right, bottom)
    near = 1e-6
    first_row, last_row = max(int(np.floor(r0 + near)), 0), min(int(np.ceil(r1 - near)), rows)
    first_col, last_col = max(int(np.floor(c0 + near)), 0), min(int(np.ceil(c1 - near)), cols)
    if first_row >= last_row or first_col >= last_col:
        raise NoOverlap(name, got=_degrees_of(geobox), expected=degrees)
    return slice(first_row, last_row), slice(first_col, last_col)


def _degrees_of(geobox: GeoBox) -> tuple[float, float, float, float]:
    outline = gpd.GeoSeries([shapely.box(*geobox.boundingbox.bbox)], crs=as_crs(geobox.crs))
    return tuple(to_crs(outline, 4326).total_bounds)


def crop(raster: xr.DataArray, boundary: gpd.GeoSeries, *, margin_km: float = 0.0) -> xr.DataArray:
    """Cut a raster to the bounding box of a boundary and a margin around it.

    Parameters
    ----------
    raster : DataArray, dims (y, x) or (time, y, x)
    boundary : GeoSeries
        With a CRS.
    margin_km : float
        Ground distance kept beyond the bounding box.

    Returns
    -------
    DataArray
        Whole cells, attributes kept.

    Raises
    ------
    NoOverlap
        If the two do not meet.
    """
    name = str(raster.attrs.get("source") or raster.name or "raster")
    rows, cols = crop_slices(geobox_of(raster), boundary, margin_km=margin_km, name=name)
    return raster.isel(y=rows, x=cols)
