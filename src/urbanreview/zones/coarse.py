"""Zones on coarse grids: a few cells, many time steps; weighted by area or by people; and how many cells a value comes from."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from urbanreview.grid import Kind, as_crs, cell_area_km2, cell_centres, require_kind
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.ledger import Ledger
from urbanreview.zones.coverage import Plan
from urbanreview.zones.summarise import as_float, require_plan_grid

FEW_CELLS = 4
"""A value from fewer source cells than this is that of a wider area: two cities under one cell cannot be told apart."""


@dataclass(frozen=True)
class CellWeights:
    """What the cells of one grid weigh in the zones of one or more sets.

    Attributes
    ----------
    zone_ids : Index of str, shape (zones,)
    weights : csr_array of float64, shape (zones, rows * cols)
        Area [km2] or people that zone and cell share.
    whole : ndarray of float64, shape (zones,)
        Area or people of the whole zone, the part beyond the grid included.
    """

    zone_ids: pd.Index
    weights: sp.csr_array
    whole: np.ndarray


def area_weights(plan: Plan) -> CellWeights:
    """Return the true area that zones share with the cells of their plan's grid [km2].

    Examples
    --------
    A zone of one and a half cells of 4 km2, and a quarter cell beyond the grid:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((1, 2), Affine(2000, 0, 0, 0, -2000, 2000), "ESRI:54009")
    >>> zones = gpd.GeoSeries([shapely.box(-500, 0, 3000, 2000)], index=["a"], crs=grid.crs)
    >>> found = area_weights(plan_zones(zones, grid))
    >>> found.weights.toarray().round(9).tolist(), found.whole.round(9).tolist()
    ([[4.0, 2.0]], [7.0])
    """
    zone, row, col, share = plan.cells()
    km2 = np.broadcast_to(cell_area_km2(plan.geobox), plan.geobox.shape)[row, col]
    weights = _matrix(plan, plan.geobox, zone, row * plan.geobox.shape[1] + col, share * km2)
    on_grid, beyond = weights.sum(axis=1), plan.size_cells - plan.covered_cells()
    mean_km2 = np.divide(on_grid, plan.covered_cells(), out=np.zeros(on_grid.shape), where=on_grid > 0)
    return CellWeights(plan.zone_ids, weights, on_grid + np.maximum(beyond, 0.0) * mean_km2)


def people_weights(plan: Plan, people: xr.DataArray, coarse: GeoBox) -> CellWeights:
    """Return the people that zones share with the cells of a coarser grid.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of the people.
    people : DataArray, dims (y, x)
        People per cell; NaN adds nobody.
    coarse : GeoBox
        Such as that of the climate.

    Returns
    -------
    CellWeights
        On `coarse`. The people of a cell belong to the coarse cell that holds its *centre*, by their share in the zone.

    Raises
    ------
    GridMismatch
        If people and plan are on different grids.
    UndeclaredRaster
        If people are no count.

    Examples
    --------
    Four cells of people under two coarse ones; the zone has three of them, and half of the fourth:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> fine, coarse = (GeoBox((1, n), Affine(4 / n, 0, 0, 0, -1, 1), "EPSG:4326") for n in (4, 2))
    >>> people = make_raster(np.array([[1.0, 2.0, 4.0, 8.0]]), fine, kind="count", units="people")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 3.5, 1)], index=["a"], crs=4326)
    >>> found = people_weights(plan_zones(zones, fine), people, coarse)
    >>> found.weights.toarray().round(9).tolist(), found.whole.round(9).tolist()
    ([[3.0, 8.0]], [11.0])
    """
    require_kind(people, Kind.COUNT)
    require_plan_grid(plan, people)
    under, cells = _cells_under(plan.geobox, coarse), coarse.shape[0] * coarse.shape[1]
    zone, label, total, _ = overlap_labels(under, as_float(people), plan.cover, label_count=cells + 1)
    whole = np.bincount(zone, weights=total, minlength=len(plan.zone_ids))
    on_grid = label < cells
    return CellWeights(plan.zone_ids, _matrix(plan, coarse, zone[on_grid], label[on_grid], total[on_grid]), whole)


def _matrix(plan: Plan, geobox: GeoBox, zone: np.ndarray, cell: np.ndarray, weight: np.ndarray) -> sp.csr_array:
    shape = (len(plan.zone_ids), geobox.shape[0] * geobox.shape[1])
    kept = weight > 0
    return sp.coo_array((weight[kept].astype(float), (zone[kept], cell[kept])), shape=shape).tocsr()


def _cells_under(fine: GeoBox, coarse: GeoBox) -> np.ndarray:
    """Return which coarse cell, from 1, holds each fine cell's centre; off the grid one more than there are."""
    x, y = cell_centres(fine, sparse=True)
    crs, (rows, cols) = as_crs(coarse.crs), coarse.shape
    if not crs.is_geographic:
        every_x, every_y = np.broadcast_arrays(x, y)
        x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(every_x, every_y)
    to_pixel = ~coarse.transform
    with np.errstate(invalid="ignore"):
        col, row = (np.nan_to_num(np.floor(a), nan=-1, posinf=-1, neginf=-1).astype(np.int32) for a in to_pixel @ (x, y))
    inside = (col >= 0) & (col < cols) & (row >= 0) & (row < rows)
    return np.where(inside, row * cols + col, rows * cols).astype(np.int32) + np.int32(1)


def beside(parts: list[CellWeights]) -> CellWeights:
    """Put the zones of several sets under one another."""
    ids = pd.Index(np.concatenate([part.zone_ids for part in parts]), name="zone_id", dtype="str")
    weights = sp.csr_array(sp.vstack([part.weights for part in parts]))
    return CellWeights(ids, weights, np.concatenate([part.whole for part in parts]))


def zone_means(weights: CellWeights, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average a stack of rasters over zones.

    Parameters
    ----------
    weights : CellWeights
    values : ndarray of float, shape (steps, rows, cols)
        NaN is missing.

    Returns
    -------
    mean : ndarray of float64, shape (zones, steps)
        Over the cells with a value, by their weight; NaN where no cell with a weight has one.
    valid : ndarray of float64, shape (zones, steps)
        Weight of these cells over that of the whole zone; 0 where the zone weighs nothing.

    Examples
    --------
    Two steps over two cells that weigh 3 and 1; in the second one is missing:

    >>> both = CellWeights(pd.Index(["a"]), sp.csr_array([[3.0, 1.0]]), np.array([4.0]))
    >>> mean, valid = zone_means(both, np.array([[[10.0, 30.0]], [[np.nan, 30.0]]]))
    >>> mean.tolist(), valid.tolist()
    ([[15.0, 30.0]], [[1.0, 0.25]])
    """
    flat = values.reshape(len(values), -1).astype(float)
    there = np.isfinite(flat)
    masks, mask_of_step = np.unique(np.packbits(there, axis=1), axis=0, return_inverse=True)
    masks = np.unpackbits(masks, axis=1, count=flat.shape[1])
    weight = np.asarray(weights.weights @ masks.T.astype(float))
    total = np.asarray(weights.weights @ np.where(there, flat, 0.0).T)
    mean = np.full(total.shape, np.nan)
    of_step = weight[:, mask_of_step.ravel()]
    np.divide(total, of_step, out=mean, where=of_step > 0)
    whole = weights.whole[:, None]
    valid = np.divide(weight, whole, out=np.zeros(weight.shape), where=whole > 0)
    return mean, np.minimum(valid, 1.0)[:, mask_of_step.ravel()]


def source_cells(weights: CellWeights, there: np.ndarray) -> pd.Series:
    """Count the cells that the value of every zone comes from.

    Parameters
    ----------
    weights : CellWeights
        By area.
    there : ndarray of bool, shape (rows, cols)
        Cells with a value.

    Returns
    -------
    Series of float, by zone id
        Cells with a value of which the zone has a part, however small.

    Examples
    --------
    >>> both = CellWeights(pd.Index(["a", "b"]), sp.csr_array([[3.0, 1.0], [0.0, 2.0]]), np.array([4.0, 2.0]))
    >>> source_cells(both, np.array([[False, True]])).tolist()
    [1.0, 1.0]
    """
    touched = (weights.weights > 0).astype(float)
    return pd.Series(np.asarray(touched @ there.ravel().astype(float)), index=weights.zone_ids)


def few_cells(cells: pd.Series, *, step: str) -> Ledger:
    """Note how many zones have a value from fewer than `FEW_CELLS` cells.

    Parameters
    ----------
    cells : Series, by zone id
        See `source_cells`; zones without any have no value and are not counted here.
    step : str
        What the ledger calls the raster.

    Examples
    --------
    >>> few_cells(pd.Series([0.0, 3.0, 4.0]), step="air").frame()[["cause", "amount"]].values.tolist()
    [['zone whose value comes from fewer than 4 source cells', 1.0]]
    """
    cause = f"zone whose value comes from fewer than {FEW_CELLS} source cells"
    return Ledger().add(step, cause, "zone", int(((cells > 0) & (cells < FEW_CELLS)).sum()))
