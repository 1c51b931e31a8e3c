"""How the values of a raster are spread within zones: quantiles, shares beyond thresholds, shares of classes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.errors import BadSetting
from urbanreview.grid import Kind, cell_area_km2, require_kind
from urbanreview.kernels.zonal import overlap_labels, sum_zones
from urbanreview.ledger import Ledger
from urbanreview.zones.coverage import Plan
from urbanreview.zones.summarise import (
    as_float,
    as_stored,
    name_of,
    ratio,
    require_plan_grid,
    valid_share,
    weighing_area,
    without_value,
)


def quantiles(
    plan: Plan, raster: xr.DataArray, *, probabilities: Sequence[float], weight: xr.DataArray | None = None
) -> tuple[pd.DataFrame, Ledger]:
    """Quantiles of a raster over the zones of a plan.

    Parameters
    ----------
    plan : Plan
        Made for the raster's grid.
    raster : DataArray, dims (y, x)
        With a declared kind; NaN is missing.
    probabilities : sequence of float
        From 0 (the minimum) to 1 (the maximum); 0.5 is the median.
    weight : DataArray, dims (y, x), optional
        Weights on the same grid, people for example; cells where it is missing or not above zero are left out. Without
        it a cell weighs as much as its area, of a count every cell the same.

    Returns
    -------
    table : DataFrame, indexed by ``zone_id``
        ``quantile_<probability>`` [units of the raster], missing for a zone without a weighed value; ``valid_share`` as
        in `summarise`, whatever the weight.
    ledger : Ledger
        Zones without any value.

    Raises
    ------
    BadSetting
        If a probability is not from 0 to 1.
    GridMismatch, UndeclaredRaster
        As in `summarise`.

    Notes
    -----
    The values are sorted, and equal ones share their weight evenly. The first stands at position 0, each further one by
    half of its own and half of its forerunner's weight behind that; between the positions, scaled to 0 to 1, the line is
    straight. Where all weights are equal this is the usual rule (number 7 of Hyndman and Fan 1996, the default of numpy
    and R). A cell that lies partly in the zone weighs its share.

    Examples
    --------
    The weights of 1, 2 and 4 are 1, 1 and 2 people: they stand at 0, 1 and 2.5, and the middle is 1.25.

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> minutes = make_raster(np.array([[4.0, 1.0, 2.0]]), grid, kind="intensity", units="min")
    >>> people = make_raster(np.array([[2.0, 1.0, 1.0]]), grid, kind="count", units="people")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 3000, 1000)], index=["a"], crs=grid.crs), grid)
    >>> quantiles(plan, minutes, probabilities=[0.5])[0].values.tolist()
    [[2.0, 1.0]]
    >>> table, _ = quantiles(plan, minutes, probabilities=[0, 0.5, 1], weight=people)
    >>> table[["quantile_0", "quantile_0.5", "quantile_1"]].round(12).values.tolist()
    [[1.0, 2.333333333333, 4.0]]
    """
    kind = require_kind(raster)
    require_plan_grid(plan, raster, weight)
    outside = [f"probability {chance:g}, expected 0 to 1" for chance in probabilities if not 0 <= chance <= 1]
    if outside:
        raise BadSetting("quantiles", outside)
    values = as_float(raster)
    load = np.broadcast_to(weighing_area(plan, kind) if weight is None else as_float(weight), values.shape)
    found = np.full((len(plan.zone_ids), len(probabilities)), np.nan)
    valid_cells = np.zeros(len(plan.zone_ids))
    for zone in range(len(plan.zone_ids)):
        row, col, share = plan.cells_of(zone)
        value = values[row, col]
        valid = ~np.isnan(value)
        valid_cells[zone] = share[valid].sum()
        weights = share * load[row, col]
        weighed = valid & (weights > 0)
        if weighed.any():
            found[zone] = _quantiles(value[weighed], weights[weighed], np.asarray(probabilities, float))
    names = [f"quantile_{_plain(chance)}" for chance in probabilities]
    table = pd.DataFrame(found, index=plan.zone_ids, columns=names)
    table["valid_share"] = valid_share(valid_cells, plan)
    return table, without_value(table, raster)


def _quantiles(values: np.ndarray, weights: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    order = np.argsort(values)
    values, weights = values[order].astype(float), weights[order]
    first = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    times = np.diff(first, append=values.size)
    weights = np.repeat(np.add.reduceat(weights, first) / times, times)
    position = np.concatenate([[0.0], np.cumsum((weights[1:] + weights[:-1]) / 2)])
    return np.interp(probabilities * position[-1], position, values)


def threshold_shares(plan: Plan, raster: xr.DataArray, *, thresholds: Sequence[float]) -> tuple[pd.DataFrame, Ledger]:
    """Share of every zone's area that lies at or above thresholds, and below them.

    Parameters
    ----------
    plan : Plan
        Made for the raster's grid.
    raster : DataArray, dims (y, x)
        With a declared kind; NaN is missing.
    thresholds : sequence of float
        In units of the raster.

    Returns
    -------
    table : DataFrame, indexed by ``zone_id``
        ``share_from_<threshold>`` (at or above) and ``share_below_<threshold>`` of the true area with a value, whatever the
        raster's kind; they add up to one. Missing for a zone without a value. ``valid_share`` as in `summarise`.
    ledger : Ledger
        Zones without any value.

    Raises
    ------
    GridMismatch, UndeclaredRaster
        As in `summarise`.

    Examples
    --------
    Of four cells one has no value; two of the other three reach 10:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> dust = make_raster(np.array([[10.0, 9.0, 35.0, np.nan]]), grid, kind="intensity", units="ug/m3")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 4000, 1000)], index=["a"], crs=grid.crs), grid)
    >>> threshold_shares(plan, dust, thresholds=[10])[0].round(6).iloc[0].to_dict()
    {'share_from_10': 0.666667, 'share_below_10': 0.333333, 'valid_share': 0.75}
    """
    require_kind(raster)
    require_plan_grid(plan, raster)
    values, area_km2 = as_float(raster), cell_area_km2(plan.geobox)
    whole = sum_zones(values, plan.cover, area_km2=area_km2)
    columns = {}
    for threshold in thresholds:
        above = sum_zones(values, plan.cover, area_km2=area_km2, floor=as_stored(threshold, values))
        share = ratio(above.area, whole.valid_area)
        columns[f"share_from_{_plain(threshold)}"] = share
        columns[f"share_below_{_plain(threshold)}"] = 1.0 - share
    table = pd.DataFrame(columns | {"valid_share": valid_share(whole.valid, plan)}, index=plan.zone_ids)
    return table, without_value(table, raster)


def class_shares(plan: Plan, raster: xr.DataArray, *, classes: Sequence[float] | None = None) -> tuple[pd.DataFrame, Ledger]:
    """Share of every zone's area that each class of a raster takes.

    Parameters
    ----------
    plan : Plan
        Made for the raster's grid.
    raster : DataArray, dims (y, x)
        Of kind ``class``: codes; NaN is missing.
    classes : sequence of float, optional
        Codes to list; all that occur in any zone without it.

    Returns
    -------
    table : DataFrame, indexed by ``zone_id``
        ``share_class_<code>`` of the true area with a value: those of all classes add up to one, a class that does not
        occur has 0. Missing for a zone without a value. ``valid_share`` as in `summarise`.
    ledger : Ledger
        Zones without any value; cells in zones of classes that are not listed.

    Raises
    ------
    UndeclaredRaster
        If the raster is not of kind ``class``.
    GridMismatch
        If it is on another grid than the plan.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> cover = make_raster(np.array([[50, 50, 10, 80]]), grid, kind="class", units="code")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 2500, 1000)], index=["a"], crs=grid.crs), grid)
    >>> class_shares(plan, cover)[0].round(6).iloc[0].to_dict()
    {'share_class_10': 0.2, 'share_class_50': 0.8, 'valid_share': 1.0}
    >>> class_shares(plan, cover, classes=[50])[1].frame()[["cause", "amount"]].values.tolist()
    [['class 10 not listed', 0.5]]
    """
    require_kind(raster, Kind.CLASS)
    require_plan_grid(plan, raster)
    codes, area_km2, cells = _overlap_codes(plan, as_float(raster))
    valid_km2 = area_km2.sum(axis=1)
    met = codes[cells.sum(axis=0) > 0]
    listed = met if classes is None else classes
    columns = {f"share_class_{_plain(code)}": ratio(area_km2[:, codes == code].sum(axis=1), valid_km2) for code in listed}
    table = pd.DataFrame(columns | {"valid_share": valid_share(cells.sum(axis=1), plan)}, index=plan.zone_ids)
    ledger = without_value(table, raster)
    for code in np.setdiff1d(met, listed):
        ledger = ledger.add(name_of(raster), f"class {_plain(code)} not listed", "cell", cells[:, codes == code].sum())
    return table, ledger


def _overlap_codes(plan: Plan, values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the codes of a raster, and area [km2] and cells of each in every zone, shape (zones, codes)."""
    codes = np.unique(values[~np.isnan(values)])
    labels = (np.searchsorted(codes, values) + 1).astype(np.int32)  # missing ones come after the last code
    area_km2 = np.broadcast_to(cell_area_km2(plan.geobox), values.shape)
    zone, code, shared_km2, shared_cells = overlap_labels(labels, area_km2, plan.cover, label_count=len(codes) + 1)
    found = np.zeros((2, len(plan.zone_ids), len(codes) + 1))
    found[:, zone, code] = shared_km2, shared_cells
    return codes, found[0, :, :-1], found[1, :, :-1]


def _plain(number: float) -> str:
    """Write a number as a part of a column's name: 0.5, 300, 1000000."""
    return f"{number:.12g}"
