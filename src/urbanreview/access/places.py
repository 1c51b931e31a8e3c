"""Where journeys begin and end: points on a cost surface, moved where nobody could stand."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod

from urbanreview.access.cost_surface import CostSurface
from urbanreview.errors import DuplicateIds, NoOverlap
from urbanreview.grid import positions_of
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM

SNAP_WITHIN_KM = 5.0
NOWHERE = -1


@dataclass(frozen=True)
class Places:
    """Points on the cells of a cost surface.

    Attributes
    ----------
    ids : Index of str
    cell : ndarray of int64, shape (places,)
        In the padded grid, row times columns plus column; -1 where a place has none.
    longitude, latitude : ndarray of float64, shape (places,)
        Of the points as given [degrees].
    moved_km : ndarray of float64, shape (places,)
    """

    ids: pd.Index
    cell: np.ndarray
    longitude: np.ndarray
    latitude: np.ndarray
    moved_km: np.ndarray

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def placed(self) -> np.ndarray:
        """Which places have a cell: bool."""
        return self.cell != NOWHERE


def find_places(
    surface: CostSurface, points: gpd.GeoSeries | gpd.GeoDataFrame, *, snap_within_km: float = SNAP_WITHIN_KM
) -> tuple[Places, Ledger]:
    """Find the cells of points.

    Parameters
    ----------
    surface : CostSurface
    points : GeoSeries or GeoDataFrame
        Points by id, with a CRS.
    snap_within_km : float
        How far a point on an impassable cell may move to the centre of the nearest passable cell of the largest part.

    Returns
    -------
    places : Places
    ledger : Ledger
        Points moved, outside the grid, without a passable cell near, and on islands of their own.

    Raises
    ------
    DuplicateIds
        If ids repeat.
    NoOverlap
        If no point lies on the grid.
    """
    if not points.index.is_unique:
        repeated = points.index[points.index.duplicated()].unique()
        raise DuplicateIds("points", column=str(points.index.name or "id"), ids=list(map(str, repeated[:5])))
    degrees = points.geometry.to_crs(4326)
    lon, lat = degrees.x.to_numpy(), degrees.y.to_numpy()
    row, col = surface.cells_at(lon, lat)
    rows, cols = surface.geobox.shape
    with np.errstate(invalid="ignore"):
        on = (row >= 0) & (row < rows) & (col >= 0) & (col < cols)
    if len(on) and not on.any():
        grid = tuple(surface.geobox.boundingbox.to_crs(4326).bbox)
        raise NoOverlap("points", got=tuple(degrees.total_bounds), expected=grid)
    cell, moved = np.full(len(on), NOWHERE, np.int64), np.zeros(len(on))
    ledger = Ledger()
    for i, zone in enumerate(map(str, points.index)):
        if not on[i]:
            ledger = ledger.add("access", "point outside the cost surface", "zone", 1, zone)
            continue
        r, c = int(row[i]), int(col[i])
        island = int(surface.islands[r, c])
        if island == 0:
            r, c, moved[i] = _nearest_passable(surface, r, c, lon[i], lat[i], snap_within_km)
            if r < 0:
                ledger = ledger.add("access", f"no passable cell within {snap_within_km:g} km of the point", "zone", 1, zone)
                continue
            ledger = ledger.add("access", "point moved to the nearest passable cell", "km", moved[i], zone)
        elif island > 1:
            ledger = ledger.add("access", "point on a part of its own, cut off from the largest one", "zone", 1, zone)
        cell[i] = (r + 1) * (cols + 2) + c + 1
    return Places(pd.Index(points.index, dtype=object), cell, lon, lat, moved), ledger


def _nearest_passable(
    surface: CostSurface, row: int, col: int, lon: float, lat: float, within_km: float
) -> tuple[int, int, float]:
    """Return row, column and distance of the nearest cell of the largest part; -1 if there is none near enough."""
    around = int(np.ceil(min(within_km / _shortest_step_km(surface, row, col), max(surface.geobox.shape)))) + 1
    top, left = max(row - around, 0), max(col - around, 0)
    near_row, near_col = np.nonzero(surface.islands[top : row + around + 1, left : col + around + 1] == 1)
    if not near_row.size:
        return -1, -1, 0.0
    near_row, near_col = near_row + top, near_col + left
    t = surface.geobox.transform
    near_lon, near_lat = positions_of(t.c + t.a * (near_col + 0.5), t.f + t.e * (near_row + 0.5), surface.geobox)
    metres = Geod(ellps="WGS84").inv(np.full(near_lon.shape, lon), np.full(near_lat.shape, lat), near_lon, near_lat)[2]
    best = int(np.argmin(metres))
    km = float(metres[best]) / METRES_PER_KM
    return (int(near_row[best]), int(near_col[best]), km) if km <= within_km else (-1, -1, 0.0)


def _shortest_step_km(surface: CostSurface, row: int, col: int) -> float:
    """Ground length of the shorter of a cell's sides."""
    t = surface.geobox.transform
    x, y = t.c + t.a * (col + np.array([0.5, 1.5, 0.5])), t.f + t.e * (row + np.array([0.5, 0.5, 1.5]))
    lon, lat = positions_of(x, y, surface.geobox)
    metres = Geod(ellps="WGS84").inv(lon[[0, 0]], lat[[0, 0]], lon[1:], lat[1:])[2]
    return max(float(np.nanmin(metres)), 1.0) / METRES_PER_KM
