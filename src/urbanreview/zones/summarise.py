"""Statistics of a raster over zones."""

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.grid import Kind, cell_area_km2, geobox_of, require_kind, require_same_grid
from urbanreview.kernels.zonal import Sums, sum_zones
from urbanreview.ledger import Ledger
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
        ``count`` (cells, by their share in the zone), ``sum``, ``mean``, ``min``, ``max``, ``sd``; ``weighted_mean``
        with a weight; ``kept_share`` (area at or above the floor over valid area) and ``zone_mean`` (the mean with
        cells below the floor counted as zero) with a floor; ``valid_share`` (valid cells over the whole zone,
        the part beyond the raster included). Means are weighted by area, those of counts by cell. All but ``count``
        and ``valid_share`` are missing for a zone without a value.
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
    name = raster.attrs.get("source") or "raster"
    require_same_grid(name, got=geobox_of(raster), expected=plan.geobox)
    if weight is not None:
        require_same_grid("weight", got=geobox_of(weight), expected=plan.geobox)
    # The mean of a count is people per cell: every cell weighs the same.
    area_km2 = np.ones((1, 1)) if kind is Kind.COUNT else cell_area_km2(plan.geobox)
    sums = sum_zones(
        as_float(raster),
        plan.cover,
        area_km2=area_km2,
        weights=None if weight is None else as_float(weight),
        floor=-np.inf if floor is None else floor,
    )
    table = _table(sums, plan)
    if weight is not None:
        table["weighted_mean"] = _ratio(sums.value_weight, sums.weight)
    if floor is not None:
        table["kept_share"] = _ratio(sums.area, sums.valid_area)
        table["zone_mean"] = _ratio(sums.value_area + sums.shift * sums.area, sums.valid_area)
    ledger = Ledger()
    for zone_id in table.index[table["valid_share"] == 0]:
        ledger = ledger.add(name, "zone without a value", "zone", 1, zone_id)
    return table, ledger


def as_float(raster: xr.DataArray) -> np.ndarray:
    """Return the values as a contiguous array of float32 or float64."""
    values = raster.values
    return np.ascontiguousarray(values, dtype=values.dtype if values.dtype in (np.float32, np.float64) else np.float64)


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def _table(sums: Sums, plan: Plan) -> pd.DataFrame:
    kept = sums.kept > 0
    offset = _ratio(sums.value_area, sums.area)
    spread = _ratio(sums.square_area, sums.area) - offset**2
    # No cell at or above the floor is a sum of zero; no valid cell at all is no sum.
    total = np.where(sums.valid > 0, sums.total, np.nan)
    table = {
        "count": sums.kept,
        "sum": total,
        "mean": sums.shift + offset,
        "min": np.where(kept, sums.low, np.nan),
        "max": np.where(kept, sums.high, np.nan),
        "sd": np.sqrt(np.maximum(spread, 0.0)),
        "valid_share": np.minimum(_ratio(sums.valid, plan.size_cells), 1.0),
    }
    frame = pd.DataFrame(table, index=plan.zone_ids)
    frame["valid_share"] = frame["valid_share"].fillna(0.0)
    return frame
