"""How many people live within how many minutes."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.access.cost_surface import CostSurface
from urbanreview.access.matrix import one_by_one
from urbanreview.access.places import Places
from urbanreview.access.surface import sweep
from urbanreview.grid import geobox_of, require_same_grid
from urbanreview.zones import Plan

WITHIN_MIN = (15, 30, 60, 120, 240)


def reach(minutes: xr.DataArray, people: xr.DataArray, plan: Plan, *, within_min: Sequence[float] = WITHIN_MIN) -> pd.DataFrame:
    """Say for every zone how long its people need.

    Parameters
    ----------
    minutes : DataArray, dims (y, x)
        Time to the nearest destination [min]; missing where there is no way.
    people : DataArray, dims (y, x)
        People per cell, on the same grid.
    plan : Plan
        Zones on that grid.
    within_min : sequence of float

    Returns
    -------
    DataFrame, indexed by ``zone_id``
        ``people``, ``people_without_way``, ``within_<minutes>`` [people], ``mean`` and ``median`` [min] weighted by
        people with a way; missing where there are none.

    Examples
    --------
    >>> import geopandas as gpd, shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 3), Affine(1, 0, 0, 0, -1, 1), "EPSG:3857")
    >>> minutes = make_raster(np.array([[10.0, 40.0, np.nan]]), grid, kind="cost", units="min")
    >>> people = make_raster(np.array([[30.0, 10.0, 5.0]]), grid, kind="count", units="people")
    >>> zone = gpd.GeoSeries([shapely.box(0, 0, 3, 1)], index=["z"], crs=3857)
    >>> found = reach(minutes, people, plan_zones(zone, grid), within_min=(15, 60))
    >>> found[["within_15", "within_60", "people_without_way", "mean", "median"]].values.tolist()
    [[30.0, 40.0, 5.0, 17.5, 10.0]]
    """
    require_same_grid("people", got=geobox_of(people), expected=geobox_of(minutes))
    require_same_grid("zones", got=plan.geobox, expected=geobox_of(minutes))
    zone, row, col, share = plan.cells()
    weight = np.nan_to_num(people.values[row, col].astype(float)) * share
    lived_in = weight > 0
    zone, weight, time = zone[lived_in], weight[lived_in], minutes.values[row, col][lived_in]
    known = np.isfinite(time)
    count = len(plan.zone_ids)

    def added(of: np.ndarray) -> np.ndarray:
        return np.bincount(zone[of], weights=weight[of], minlength=count)

    everyone, with_way = added(np.ones(known.size, bool)), added(known)
    columns = {"people": everyone, "people_without_way": everyone - with_way}
    columns |= {f"within_{minutes_:g}": added(known & (time <= minutes_)) for minutes_ in within_min}
    spent = np.bincount(zone[known], weights=weight[known] * time[known], minlength=count)
    columns["mean"] = np.divide(spent, with_way, out=np.full(count, np.nan), where=with_way > 0)
    columns["median"] = _medians(zone[known], time[known], weight[known], count)
    return pd.DataFrame(columns, index=plan.zone_ids)


def minutes_to_own(
    surface: CostSurface,
    places: Places,
    people: xr.DataArray,
    plan: Plan,
    *,
    map_tasks: Callable[[Callable[[int], Any], Iterable[int]], list[Any]] = one_by_one,
) -> pd.Series:
    """Say how long the people of every zone need to the place of their own.

    Parameters
    ----------
    surface : CostSurface
    places : Places
        One per zone, under its id; a zone without one is left out.
    people : DataArray, dims (y, x)
        People per cell, on the surface's grid.
    plan : Plan
        Zones on that grid.
    map_tasks : callable
        Runs a task over zones; each holds 8 bytes per cell.

    Returns
    -------
    Series, by zone id
        Mean over people with a way [min]; missing where there are none, or no place.
    """
    require_same_grid("people", got=geobox_of(people), expected=surface.geobox)
    cols = surface.geobox.shape[1] + 2
    position = {zone_id: k for k, zone_id in enumerate(plan.zone_ids)}

    def task(i: int) -> float:
        if not places.placed[i] or places.ids[i] not in position:
            return np.nan
        row, col, share = plan.cells_of(position[places.ids[i]])
        weight = np.nan_to_num(people.values[row, col].astype(float)) * share
        lived_in = weight > 0
        cells, weight = ((row + 1) * cols + col + 1)[lived_in], weight[lived_in]
        if not cells.size:
            return np.nan
        cost = sweep(surface, places.cell[i : i + 1], targets=cells).cost.reshape(-1)[cells]
        known = np.isfinite(cost)
        return float(np.average(cost[known], weights=weight[known])) if known.any() else np.nan

    return pd.Series(map_tasks(task, range(len(places))), index=places.ids, dtype=float).reindex(plan.zone_ids)


def _medians(zone: np.ndarray, time: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """Return the time within which half of every zone's weight lies."""
    order = np.lexsort((time, zone))
    zone, time, weight = zone[order], time[order], weight[order]
    found = np.full(count, np.nan)
    stop = np.searchsorted(zone, np.arange(count), side="right")
    first = np.searchsorted(zone, np.arange(count), side="left")
    for k in np.flatnonzero(stop > first).tolist():
        running = np.cumsum(weight[first[k] : stop[k]])
        found[k] = time[first[k] + min(np.searchsorted(running, running[-1] / 2), running.size - 1)]
    return found


def reach_of_places(
    surface: CostSurface,
    places: Places,
    people: xr.DataArray,
    *,
    within_min: Sequence[float] = WITHIN_MIN,
    map_tasks: Callable[[Callable[[int], Any], Iterable[int]], list[Any]] = one_by_one,
) -> pd.DataFrame:
    """Count the people who live within some minutes of every place.

    Parameters
    ----------
    surface : CostSurface
    places : Places
    people : DataArray, dims (y, x)
        People per cell, on the surface's grid.
    within_min : sequence of float
    map_tasks : callable
        Runs a task over places; each holds 8 bytes per cell.

    Returns
    -------
    DataFrame, by id
        ``within_<minutes>`` [people]; missing for a place without a cell.
    """
    require_same_grid("people", got=geobox_of(people), expected=surface.geobox)
    living = np.nan_to_num(people.values.astype(float))
    edges = np.array(sorted(within_min), float)

    def task(i: int) -> np.ndarray:
        if not places.placed[i]:
            return np.full(edges.size, np.nan)
        cost = sweep(surface, places.cell[i : i + 1], most_min=float(edges[-1])).cost[1:-1, 1:-1]
        near = cost <= edges[-1]
        slot = np.searchsorted(edges, cost[near], side="left")
        return np.cumsum(np.bincount(slot, weights=living[near], minlength=edges.size))[: edges.size]

    rows = map_tasks(task, range(len(places)))
    names = [f"within_{edge:g}" for edge in edges]
    return pd.DataFrame(np.array(rows).reshape(len(places), edges.size), index=places.ids, columns=names)
