"""The ways themselves, as lines."""

from collections.abc import Callable, Iterable
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.access.cost_surface import CostSurface
from urbanreview.access.matrix import Matrix, one_by_one, outer_first
from urbanreview.access.places import Places
from urbanreview.access.surface import cell_points, sweep
from urbanreview.grid import as_crs
from urbanreview.kernels.least_cost import trace_routes
from urbanreview.units import METRES_PER_KM, MINUTES_PER_HOUR

KEPT_EVERY = 16
"""On a projected grid a straight run of cells is a curve in degrees: a point of it is kept every so many cells."""
COLUMNS = ("from_id", "to_id", "minutes", "km", "km_per_h")


def routes(
    surface: CostSurface,
    pairs: pd.DataFrame,
    places: Places,
    *,
    map_tasks: Callable[[Callable[[Any], Any], Iterable[Any]], list[Any]] = one_by_one,
) -> gpd.GeoDataFrame:
    """Draw the fastest way of pairs of places.

    Parameters
    ----------
    surface : CostSurface
    pairs : DataFrame
        Columns ``from_id`` and ``to_id``.
    places : Places
        All places that the pairs name.
    map_tasks : callable
        Runs a task over origins; each holds 8 bytes per cell.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        Columns ``from_id, to_id, minutes, km, km_per_h`` in the order of `pairs`: time, ground length and mean speed of
        the way through the centres of cells, its corners only (on a projected grid every 16th cell, too). Pairs without
        a way, or within one cell, have no line.

    Notes
    -----
    Lines are traced from the field of times; nothing is stored on the way. Of equally fast ways one is taken, always the
    same; kilometres are those of the line that is drawn.
    """
    at = pd.Series(places.cell, index=places.ids)
    begins, ends = at.reindex(pairs["from_id"]).to_numpy(), at.reindex(pairs["to_id"]).to_numpy()
    usable = (np.nan_to_num(begins, nan=-1) >= 0) & (np.nan_to_num(ends, nan=-1) >= 0)
    groups = pd.Series(np.flatnonzero(usable)).groupby(begins[usable].astype(np.int64)).apply(list)

    def task(begin: int) -> list[tuple[int, float, float, Any]]:
        where = groups[begin]
        return list(zip(where, *_ways(surface, begin, ends[where].astype(np.int64)), strict=True))

    minutes, km = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    lines = np.full(len(pairs), None, dtype=object)
    for found in map_tasks(task, list(groups.index)):
        for i, time, length, line in found:
            minutes[i], km[i], lines[i] = time, length, line
    frame = pd.DataFrame(
        {"from_id": pairs["from_id"].to_numpy(), "to_id": pairs["to_id"].to_numpy(), "minutes": minutes, "km": km}
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        speed = km / (minutes / MINUTES_PER_HOUR)
    frame["km_per_h"] = np.where(minutes > 0, speed, np.nan)
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(lines, crs=4326))


def _ways(surface: CostSurface, begin: int, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[Any]]:
    """Minutes, kilometres and line from one cell to others."""
    reached = sweep(surface, np.array([begin]), targets=ends)
    cells, stop, metres = trace_routes(surface.friction, surface.links, reached.cost, ends)
    cost = reached.cost.reshape(-1)[ends]
    points = cell_points(surface, cells)
    straight = as_crs(surface.geobox.crs).is_geographic
    lines, first = [], 0
    for i, last in enumerate(stop.tolist()):
        known = np.isfinite(cost[i]) and last - first > 1
        kept = _corners(cells[first:last], every=np.inf if straight else KEPT_EVERY)
        lines.append(shapely.LineString(points[first:last][kept][::-1]) if known else None)
        first = last
    return np.where(np.isfinite(cost), cost, np.nan), metres / METRES_PER_KM, lines


def _corners(cells: np.ndarray, *, every: float) -> np.ndarray:
    """Tell which cells of a way are its ends, corners or milestones: the rest lie on straight lines between them."""
    step = np.diff(cells)
    keep = np.ones(cells.size, bool)
    keep[1:-1] = step[1:] != step[:-1]
    return keep | (np.arange(cells.size) % every == 0)


def all_pairs(places: Places) -> pd.DataFrame:
    """Return every two places once: ``from_id, to_id``; the outer ones first, which leaves less to sweep."""
    order = outer_first(places)
    first, second = np.triu_indices(len(places), k=1)
    ids = places.ids.to_numpy()[order]
    return pd.DataFrame({"from_id": ids[first], "to_id": ids[second]})


def nearest_pairs(matrix: Matrix, *, most: int) -> pd.DataFrame:
    """Return every origin with its nearest destinations by time: ``from_id, to_id``, each pair of places once.

    Parameters
    ----------
    matrix : Matrix
    most : int
        Destinations per origin.
    """
    pairs, seen = [], set()
    for origin, row in matrix.minutes.iterrows():
        others = row.drop(index=origin, errors="ignore").dropna().sort_values(kind="stable").index[:most]
        for other in others:
            if (other, origin) not in seen and (origin, other) not in seen:
                seen.add((origin, other))
                pairs.append((origin, other))
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])
