"""From shapes to cells (burn) and from cells to shapes (trace)."""

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize

from urbanreview.grid.contract import as_crs, geobox_of, make_raster, shape_of
from urbanreview.grid.geodesy import to_crs
from urbanreview.kernels.components import Runs, find_runs
from urbanreview.kernels.coverage import Cover, cover_image, cover_rings
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


def burn_lines(lines: gpd.GeoSeries, geobox: GeoBox) -> np.ndarray:
    """Tell which cells lines touch: bool, shape (rows, cols); the lines are in the grid's CRS."""
    image = np.zeros(geobox.shape, np.uint8)
    drawn = [line for line in lines if line is not None and not line.is_empty]
    if drawn:
        rasterize(drawn, out=image, transform=geobox.transform, all_touched=True)
    return image > 0


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


def cover_shapes(shapes: gpd.GeoSeries, geobox: GeoBox) -> tuple[Cover, np.ndarray]:
    """Compute which cells polygons cover, and how much of each.

    Parameters
    ----------
    shapes : GeoSeries
        Valid polygons with a CRS. They may overlap one another and leave the grid; an empty one covers nothing.
    geobox : GeoBox
        North up.

    Returns
    -------
    cover : Cover
        Zones in the order of `shapes`.
    size_cells : ndarray of float64, shape (shapes,)
        Whole size in cells, the part beyond the grid included.
    """
    moved = to_crs(shapes, as_crs(geobox.crs)).values
    parts, shape_of_part = shapely.get_parts(moved, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    to_pixel = ~geobox.transform
    cover = cover_rings(
        to_pixel.a * corners[:, 0] + to_pixel.c,
        to_pixel.e * corners[:, 1] + to_pixel.f,
        np.searchsorted(ring_of_corner, np.arange(len(rings)), side="right"),
        np.diff(part_of_ring, prepend=-1) == 0,
        zone_stop=np.searchsorted(shape_of_part[part_of_ring], np.arange(len(moved)), side="right"),
        shape=shape_of(geobox),
    )
    return cover, np.nan_to_num(shapely.area(moved)) / abs(geobox.transform.a * geobox.transform.e)


def covered_share(shapes: gpd.GeoSeries, geobox: GeoBox) -> np.ndarray:
    """Return the share of every cell that polygons cover together: float64, shape (rows, cols); overlaps count up to 1."""
    return cover_image(cover_shapes(shapes, geobox)[0], shape_of(geobox))
