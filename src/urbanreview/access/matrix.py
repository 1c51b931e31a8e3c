"""Minutes and kilometres between many places."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.access.cost_surface import CostSurface
from urbanreview.access.places import Places
from urbanreview.access.surface import sweep
from urbanreview.kernels.least_cost import trace_routes
from urbanreview.units import METRES_PER_KM

Row = tuple[int, np.ndarray, np.ndarray]
"""Position of an origin, and its minutes and kilometres to every destination."""
Sink = Callable[[str, np.ndarray, np.ndarray], None]
"""Takes the id of an origin with its rows of minutes and of kilometres, shape (destinations,)."""


def one_by_one(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Run a task on every item, one after the other."""
    return [task(item) for item in items]


@dataclass(frozen=True)
class Matrix:
    """Travel between places, origins in rows and destinations in columns.

    Attributes
    ----------
    minutes, km : DataFrame, shape (origins, destinations)
        Time, and ground length of the fastest way. Zero within one cell; missing where no way leads.
    """

    minutes: pd.DataFrame
    km: pd.DataFrame

    def long(self) -> pd.DataFrame:
        """Return one row per pair of different places: ``from_id, to_id, minutes, km``."""
        origins, destinations = self.minutes.index.to_numpy(), self.minutes.columns.to_numpy()
        table = pd.DataFrame(
            {
                "from_id": np.repeat(origins, len(destinations)),
                "to_id": np.tile(destinations, len(origins)),
                "minutes": self.minutes.to_numpy().reshape(-1),
                "km": self.km.to_numpy().reshape(-1),
            }
        )
        return table[table["from_id"] != table["to_id"]].reset_index(drop=True)


def travel_time_matrix(
    surface: CostSurface,
    origins: Places,
    destinations: Places | None = None,
    *,
    map_tasks: Callable[[Callable[[int], Row], Iterable[int]], list[Row]] = one_by_one,
    sink: Sink | None = None,
) -> Matrix | None:
    """Compute the time and the length of the way for every pair.

    Parameters
    ----------
    surface : CostSurface
    origins : Places
    destinations : Places, optional
        The origins themselves without it: then only half of the pairs is computed, because the way back costs the same.
    map_tasks : callable
        Runs a task over origins, such as `engine.map_tasks`; each task holds 8 bytes per cell.
    sink : callable, optional
        Takes every row when it is done, for matrices that would not fit; the result is then None, and every pair is computed.

    Returns
    -------
    Matrix or None

    Notes
    -----
    Every origin is swept until its last destination is final. Of a symmetric matrix the outer origins come first, so that
    what is left shrinks towards the middle.
    """
    symmetric = destinations is None and sink is None
    to = origins if destinations is None else destinations
    order = outer_first(origins) if symmetric else np.arange(len(origins))
    turn = np.empty(len(origins), int)
    turn[order] = np.arange(len(origins))

    def task(i: int) -> Row:
        wanted = to.placed & (turn > turn[i]) if symmetric else to.placed
        minutes, km = _row(surface, origins, to, i, wanted)
        if sink is not None:
            sink(str(origins.ids[i]), minutes, km)
            return i, minutes[:0], km[:0]
        return i, minutes, km

    rows = map_tasks(task, order.tolist())
    if sink is not None:
        return None
    minutes, km = (np.full((len(origins), len(to)), np.nan) for _ in range(2))
    for i, row_minutes, row_km in rows:
        minutes[i], km[i] = row_minutes, row_km
    if symmetric:
        for part in (minutes, km):
            half = np.isnan(part) & ~np.isnan(part.T)
            part[half] = part.T[half]
            part[np.diag_indices(len(origins))] = np.where(origins.placed, 0.0, np.nan)
    return Matrix(*(pd.DataFrame(part, index=origins.ids, columns=to.ids) for part in (minutes, km)))


def outer_first(places: Places) -> np.ndarray:
    """Order places by their distance from the middle one, the farthest first."""
    if not len(places):
        return np.empty(0, int)
    middle = np.median(places.longitude), np.median(places.latitude)
    east = (places.longitude - middle[0]) * np.cos(np.radians(middle[1]))
    return np.argsort(-np.hypot(east, places.latitude - middle[1]), kind="stable")


def _row(surface: CostSurface, origins: Places, to: Places, i: int, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Minutes and kilometres from one origin to the wanted destinations; missing for all others."""
    minutes, km = np.full(len(to), np.nan), np.full(len(to), np.nan)
    if not origins.placed[i] or not wanted.any():
        return minutes, km
    targets = to.cell[wanted]
    reached = sweep(surface, origins.cell[i : i + 1], targets=targets)
    found = reached.cost.reshape(-1)[targets]
    _, _, metres = trace_routes(surface.friction, surface.links, reached.cost, targets)
    minutes[wanted] = np.where(np.isfinite(found), found, np.nan)
    km[wanted] = metres / METRES_PER_KM
    return minutes, km
