"""Statistics of a raster over zones."""

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.grid import Kind, cell_area_km2, geobox_of, require_kind, require_same_grid
from urbanreview.kernels.zonal import Sums, sum_zones
from urbanreview.ledger import Entry, Ledger
from urbanreview.zones.coverage import Plan


def summarise(
    plan: Plan, raster: xr.DataArray, *, weight: xr.DataArray | None = None, floor: float | None = None
) -> tuple[pd.DataFrame, Ledger]:
    """Summarise a raster over the zones of a plan.

    Parameters
    ----------
    plan : Plan
        Made for the raster's grid.
    raster : DataArray, dims (y, x)
        With a declared kind; NaN is missing.
    weight : DataArray, dims (y, x), optional
        Weights on the same grid, people for example; NaN is missing.
    floor : float, optional
        Cells below it are left out of everything but ``valid_share`` and ``zone_mean``.

    Returns
    -------
    table : DataFrame, indexed by ``zone_id``
        ``count`` (cells, by their share in the zone), ``sum``, ``mean``, ``min``, ``max``, ``sd``; ``area_sum`` (value
        times true area [units x km2], comparable across latitudes) of everything but a count; ``weighted_mean`` with a
        weight; ``kept_share`` (area at or above the floor over valid area) and ``zone_mean`` (the mean with cells below
        the floor counted as zero) with a floor; ``valid_share`` (valid cells over the whole zone, the part beyond the
        raster included). Means are weighted by area, those of counts by cell. All but ``count`` and ``valid_share`` are
        missing for a zone without a value.
    ledger : Ledger
        Zones without any value.

    Raises
    ------
    GridMismatch
        If raster or weight are on another grid than the plan.
    UndeclaredRaster
        If the raster does not say its kind.

    Examples
    --------
    Two zones of one and two cells; the second has a missing cell:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((1, 3), Affine(1, 0, 0, 0, -1, 1), "EPSG:3857")
    >>> people = make_raster(np.array([[4.0, 6.0, np.nan]]), grid, kind="count", units="people")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 3, 1)], index=["a", "b"], crs=3857)
    >>> summarise(plan_zones(zones, grid), people)[0][["sum", "mean", "valid_share"]].values.tolist()
    [[4.0, 4.0, 1.0], [6.0, 6.0, 0.5]]
    """
    kind = require_kind(raster)
    require_plan_grid(plan, raster, weight)
    values = as_float(raster)
    sums = sum_zones(
        values,
        plan.cover,
        area_km2=weighing_area(plan, kind),
        weights=None if weight is None else as_float(weight),
        floor=-np.inf if floor is None else as_stored(floor, values),
    )
    # No cell at or above the floor is a sum of zero; no valid cell at all is no sum.
    table = _table(sums, plan, of_area={} if kind is Kind.COUNT else {"area_sum": _where_valid(_area_sum(sums), sums)})
    if weight is not None:
        table["weighted_mean"] = ratio(sums.value_weight, sums.weight)
    if floor is not None:
        table["kept_share"] = ratio(sums.area, sums.valid_area)
        table["zone_mean"] = ratio(_area_sum(sums), sums.valid_area)
    return table, without_value(table, raster)


def require_plan_grid(plan: Plan, raster: xr.DataArray, weight: xr.DataArray | None = None) -> None:
    """Raise `GridMismatch` unless raster and weight are on the grid of the plan."""
    require_same_grid(name_of(raster), got=geobox_of(raster), expected=plan.geobox)
    if weight is not None:
        require_same_grid("weight", got=geobox_of(weight), expected=plan.geobox)


def name_of(raster: xr.DataArray) -> str:
    """Return what messages and ledgers call a raster."""
    return raster.attrs.get("source") or "raster"


def weighing_area(plan: Plan, kind: Kind) -> np.ndarray:
    """Return what a cell weighs in a mean: its true area [km2], or one for a count, whose mean is people per cell."""
    return np.ones((1, 1)) if kind is Kind.COUNT else cell_area_km2(plan.geobox)


def as_float(raster: xr.DataArray) -> np.ndarray:
    """Return the values as a contiguous array of float32 or float64."""
    values = raster.values
    return np.ascontiguousarray(values, dtype=values.dtype if values.dtype in (np.float32, np.float64) else np.float64)


def as_stored(limit: float, values: np.ndarray) -> float:
    """Return a limit as the raster would hold it: a cell of 0.7 in single precision is not below 0.7."""
    return float(values.dtype.type(limit))


def ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Divide; missing where there is nothing to divide by."""
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def valid_share(valid_cells: np.ndarray, plan: Plan) -> np.ndarray:
    """Return the share of every zone that has a value, the part beyond the raster included; zero for an empty zone."""
    return np.nan_to_num(np.minimum(ratio(valid_cells, plan.size_cells), 1.0))


def without_value(table: pd.DataFrame, raster: xr.DataArray) -> Ledger:
    """Name the zones without any value."""
    empty = table.index[table["valid_share"] == 0]
    return Ledger(tuple(Entry(name_of(raster), "zone without a value", "zone", 1.0, zone_id) for zone_id in empty))


def _area_sum(sums: Sums) -> np.ndarray:
    return sums.value_area + sums.shift * sums.area


def _where_valid(added: np.ndarray, sums: Sums) -> np.ndarray:
    return np.where(sums.valid > 0, added, np.nan)


def _table(sums: Sums, plan: Plan, *, of_area: dict[str, np.ndarray]) -> pd.DataFrame:
    kept = sums.kept > 0
    offset = ratio(sums.value_area, sums.area)
    spread = ratio(sums.square_area, sums.area) - offset**2
    table = {
        "count": sums.kept,
        "sum": _where_valid(sums.total, sums),
        **of_area,
        "mean": sums.shift + offset,
        "min": np.where(kept, sums.low, np.nan),
        "max": np.where(kept, sums.high, np.nan),
        "sd": np.sqrt(np.maximum(spread, 0.0)),
        "valid_share": valid_share(sums.valid, plan),
    }
    return pd.DataFrame(table, index=plan.zone_ids)
