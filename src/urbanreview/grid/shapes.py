"""From shapes to cells (burn) and from cells to shapes (trace)."""

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from urbanreview.grid.contract import as_crs, geobox_of, make_raster
from urbanreview.grid.geodesy import to_crs
from urbanreview.kernels.components import Runs, find_runs
from urbanreview.kernels.rings import trace_runs


def burn(shapes: gpd.GeoSeries, geobox: GeoBox, *, all_touched: bool = False) -> xr.DataArray:
    """Draw shapes on a grid: the cells whose centre they hold.

    Parameters
    ----------
    shapes : GeoSeries
        With a CRS; empty and missing shapes draw nothing. Later shapes cover earlier ones.
    geobox : GeoBox
    all_touched : bool
        Whether to draw every cell that a shape touches.

    Returns
    -------
    DataArray of int32, dims (y, x), kind class
        0 is background, ``k + 1`` is shape ``k``.
    """
    moved = to_crs(shapes, as_crs(geobox.crs))
    drawn = [(shape, k + 1) for k, shape in enumerate(moved) if shape is not None and not shape.is_empty]
    image = np.zeros(geobox.shape, np.int32)
    if drawn:
        rasterize(drawn, out=image, transform=geobox.transform, all_touched=all_touched)
    return make_raster(image, geobox, kind="class", units="label")


def trace(labels: xr.DataArray) -> gpd.GeoSeries:
    """Draw the outline of every label of a raster.

    Parameters
    ----------
    labels : DataArray of bool or integer, dims (y, x)
        0 is background.

    Returns
    -------
    GeoSeries
        One polygon or multipolygon per label, indexed by label, in the raster's CRS. Cells that touch at a
        corner only are separate parts. All are valid.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((2, 3), Affine(1, 0, 0, 0, -1, 2), "EPSG:3857")
    >>> labels = make_raster(np.array([[7, 7, 0], [7, 0, 2]]), grid, kind="class", units="label")
    >>> trace(labels).area.to_dict()
    {2: 1.0, 7: 3.0}
    """
    return trace_labelled(find_runs(labels.values), geobox_of(labels))


def trace_labelled(runs: Runs, geobox: GeoBox) -> gpd.GeoSeries:
    """Draw the outline of every value of runs: see `trace`."""
    rings = trace_runs(runs)
    t = geobox.transform
    corners = np.column_stack([t.c + t.a * rings.col, t.f + t.e * rings.row])
    if not rings.label.size:
        return gpd.GeoSeries([], index=np.array([], int), crs=as_crs(geobox.crs))
    outlines = shapely.linearrings(corners, indices=rings.ring)
    pieces = shapely.polygons(outlines, indices=rings.piece)
    order = np.argsort(rings.label, kind="stable")
    values, group = np.unique(rings.label[order], return_inverse=True)
    shapes = shapely.multipolygons(pieces[order], indices=group)
    single = shapely.get_num_geometries(shapes) == 1
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    return gpd.GeoSeries(shapes, index=values, crs=as_crs(geobox.crs))
