"""How far it is from somewhere to everywhere: rasters of travel time."""

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.access.cost_surface import CostSurface
from urbanreview.access.places import Places
from urbanreview.grid import geobox_of, make_raster, positions_of
from urbanreview.kernels.least_cost import Reached, least_cost


def sweep(
    surface: CostSurface,
    sources: np.ndarray,
    *,
    targets: np.ndarray | None = None,
    most_min: float = np.inf,
    owners: bool = False,
) -> Reached:
    """Spread travel time from cells of the padded grid: see `kernels.least_cost.least_cost`."""
    return least_cost(
        surface.friction,
        surface.links,
        sources,
        cheapest=surface.cheapest,
        dearest=surface.dearest,
        targets=targets,
        most=most_min,
        owners=owners,
    )


def travel_time(surface: CostSurface, origins: Places, *, most_min: float = np.inf) -> xr.DataArray:
    """Compute the time from the nearest of some origins to every cell.

    Parameters
    ----------
    surface : CostSurface
    origins : Places
        One or many; those without a cell play no part.
    most_min : float
        Stop there [min]: cells farther away are missing.

    Returns
    -------
    DataArray, dims (y, x), float64 [min]
        Missing where nobody passes and where no way leads.
    """
    reached = sweep(surface, origins.cell[origins.placed], most_min=most_min)
    return minutes_raster(surface, reached, most_min=most_min)


def minutes_raster(surface: CostSurface, reached: Reached, *, most_min: float = np.inf) -> xr.DataArray:
    """Dress the costs of a sweep as a raster of minutes; what is not final is missing."""
    cost = reached.cost[1:-1, 1:-1]
    minutes = np.where(np.isfinite(cost) & (cost <= min(most_min, reached.final_to)), cost, np.nan)
    return make_raster(minutes, surface.geobox, kind="cost", units="min", source=surface.source)


def sample(minutes: xr.DataArray, points: gpd.GeoSeries | gpd.GeoDataFrame) -> pd.Series:
    """Read a raster under points.

    Parameters
    ----------
    minutes : DataArray, dims (y, x)
    points : GeoSeries or GeoDataFrame
        Points by id, with a CRS.

    Returns
    -------
    Series, by id
        Missing outside the grid and where the raster is. A point is in the cell that holds it: no interpolation.
    """
    geobox = geobox_of(minutes)
    moved = points.geometry.to_crs(str(geobox.crs))
    to_pixel = ~geobox.transform
    col = np.floor(to_pixel.a * moved.x.to_numpy() + to_pixel.c)
    row = np.floor(to_pixel.e * moved.y.to_numpy() + to_pixel.f)
    with np.errstate(invalid="ignore"):
        on = (row >= 0) & (row < geobox.shape[0]) & (col >= 0) & (col < geobox.shape[1])
    values = np.full(len(points), np.nan)
    values[on] = minutes.values[row[on].astype(int), col[on].astype(int)]
    return pd.Series(values, index=points.index)


def cell_points(surface: CostSurface, cells: np.ndarray) -> np.ndarray:
    """Return longitude and latitude of the centres of cells of the padded grid: shape (cells, 2)."""
    cols = surface.geobox.shape[1] + 2
    row, col = cells // cols - 1, cells % cols - 1
    t = surface.geobox.transform
    lon, lat = positions_of(t.c + t.a * (col + 0.5), t.f + t.e * (row + 0.5), surface.geobox)
    return np.column_stack([lon, lat])
