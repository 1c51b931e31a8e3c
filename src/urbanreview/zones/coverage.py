"""The coverage plan: which cells every zone covers, once per zone set and grid, used by all rasters on it."""

from dataclasses import dataclass
from threading import Lock

import geopandas as gpd
import numpy as np
import pandas as pd
from odc.geo.geobox import GeoBox

from urbanreview.delineation import Extents
from urbanreview.grid import cover_shapes, same_grid, trace_labelled
from urbanreview.kernels.components import Runs, count_cells
from urbanreview.kernels.coverage import Cover


@dataclass(frozen=True)
class Plan:
    """Exact area fractions of the cells of one grid under the zones of one set.

    Attributes
    ----------
    geobox : GeoBox
    zone_ids : Index of str, shape (zones,)
    cover : Cover
    size_cells : ndarray of float64, shape (zones,)
        Whole size of each zone in cells, the part beyond the grid included.
    """

    geobox: GeoBox
    zone_ids: pd.Index
    cover: Cover
    size_cells: np.ndarray

    def covered_cells(self) -> np.ndarray:
        """Size of the part of each zone that lies on the grid [cells], shape (zones,)."""
        zone_of_run, zone_of_cell = self._owners()
        lengths = self.cover.run_last - self.cover.run_first
        whole = np.bincount(zone_of_run, weights=lengths, minlength=len(self.zone_ids))
        return whole + np.bincount(zone_of_cell, weights=self.cover.cell_share, minlength=len(self.zone_ids))

    def _owners(self) -> tuple[np.ndarray, np.ndarray]:
        every = np.arange(len(self.zone_ids))
        return (
            np.repeat(every, np.diff(self.cover.run_stop, prepend=0)),
            np.repeat(every, np.diff(self.cover.cell_stop, prepend=0)),
        )

    def cells(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """List zone (by position), row, column and share of every covered cell."""
        cover = self.cover
        zone_of_run, zone_of_cell = self._owners()
        lengths = cover.run_last - cover.run_first
        begins = np.repeat(cover.run_first - (np.cumsum(lengths) - lengths), lengths)
        whole = int(lengths.sum())
        return (
            np.concatenate([np.repeat(zone_of_run, lengths), zone_of_cell]),
            np.concatenate([np.repeat(cover.run_row, lengths), cover.cell_row]),
            np.concatenate([begins + np.arange(whole), cover.cell_col]),
            np.concatenate([np.ones(whole), cover.cell_share]),
        )

    def cells_of(self, zone: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """List row, column and share of every cell of one zone, given by its position."""
        cover = self.cover
        runs = slice(cover.run_stop[zone - 1] if zone else 0, cover.run_stop[zone])
        cells = slice(cover.cell_stop[zone - 1] if zone else 0, cover.cell_stop[zone])
        lengths = cover.run_last[runs] - cover.run_first[runs]
        whole_rows = np.repeat(cover.run_row[runs], lengths)
        begins = np.repeat(cover.run_first[runs] - (np.cumsum(lengths) - lengths), lengths)
        whole_cols = begins + np.arange(lengths.sum())
        return (
            np.concatenate([whole_rows, cover.cell_row[cells]]),
            np.concatenate([whole_cols, cover.cell_col[cells]]),
            np.concatenate([np.ones(whole_rows.size), cover.cell_share[cells]]),
        )

    def touched(self) -> np.ndarray:
        """Tell which cells any zone covers at all: bool, shape (rows, cols)."""
        image = np.zeros(self.geobox.shape, bool)
        for row, first, last in zip(self.cover.run_row, self.cover.run_first, self.cover.run_last, strict=True):
            image[row, first:last] = True
        image[self.cover.cell_row, self.cover.cell_col] = True
        return image


def plan_zones(zones: gpd.GeoDataFrame | gpd.GeoSeries, geobox: GeoBox) -> Plan:
    """Compute the coverage plan of polygons on a grid.

    Parameters
    ----------
    zones : GeoDataFrame or GeoSeries
        Valid polygons indexed by zone id, with a CRS. They may overlap one another and leave the grid; an empty one
        covers nothing.
    geobox : GeoBox
        North up.

    Returns
    -------
    Plan

    Notes
    -----
    Long edges are cut before they are reprojected. Vertices within 1e-7 of a cell corner are moved onto it, so that
    zones made of whole cells keep exactly these cells.

    Examples
    --------
    >>> import shapely
    >>> from affine import Affine
    >>> grid = GeoBox((2, 2), Affine(1, 0, 0, 0, -1, 2), "EPSG:3857")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 1.5, 2)], index=["a"], crs=3857)
    >>> [part.tolist() for part in plan_zones(zones, grid).cells_of(0)]
    [[0, 1, 0, 1], [0, 0, 1, 1], [1.0, 1.0, 0.5, 0.5]]
    """
    cover, size_cells = cover_shapes(zones.geometry, geobox)
    return Plan(geobox, pd.Index(zones.index), cover, size_cells)


def plan_extents(found: Extents) -> Plan:
    """Return the plan of settlements on the grid they were found on: whole cells, from labels and not from polygons."""
    runs: Runs = found.runs
    order = np.argsort(runs.value, kind="stable")
    count = len(found.zones)
    cover = Cover(
        run_stop=np.searchsorted(runs.value[order], np.arange(count), side="right").astype(np.int64),
        run_row=runs.row[order],
        run_first=runs.start[order],
        run_last=runs.stop[order],
        cell_stop=np.zeros(count, np.int64),
        cell_row=np.empty(0, np.int32),
        cell_col=np.empty(0, np.int32),
        cell_share=np.empty(0),
    )
    return Plan(found.geobox, found.zones.index, cover, count_cells(runs, count).astype(float))


class Plans:
    """The plans of one zone set, made once per grid and kept.

    Parameters
    ----------
    zones : GeoDataFrame, EPSG:4326
        A zone table.
    found : Extents, optional
        Where the zones are settlements: on the grid they were found on their plan comes from labels.
    """

    def __init__(self, zones: gpd.GeoDataFrame, found: Extents | None = None) -> None:
        self.zones = zones
        self._found = found
        self._lock = Lock()
        self._plans: list[Plan] = [] if found is None else [plan_extents(found)]

    def on(self, geobox: GeoBox) -> Plan:
        """Return the plan on a grid."""
        with self._lock:
            for plan in self._plans:
                if same_grid(plan.geobox, geobox):
                    return plan
            self._plans.append(plan_zones(self._outlines(), geobox))
            return self._plans[-1]

    def _outlines(self) -> gpd.GeoSeries:
        """Return the zones' polygons; of settlements along the cells they were found on, which degrees only come near to."""
        if self._found is None or self.zones.empty:
            return self.zones.geometry
        return trace_labelled(self._found.runs, self._found.geobox).set_axis(self.zones.index)
