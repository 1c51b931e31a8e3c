"""Settlements as connected dense cells: minimum density, minimum population, contiguity."""

from dataclasses import dataclass

import geopandas as gpd
import h3
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.delineation.density import density_of
from urbanreview.delineation.rules import ID_PART, ExtentRule
from urbanreview.grid import (
    Kind,
    geobox_of,
    geodesic_area_km2,
    make_raster,
    positions_of,
    require_kind,
    shape_of,
    to_crs,
    trace_labelled,
)
from urbanreview.kernels.components import (
    Runs,
    count_cells,
    find_runs,
    label_runs,
    list_cells,
    paint_runs,
    peak_cells,
    select_runs,
    sum_runs,
)
from urbanreview.ledger import Ledger

H3_RESOLUTION = 9


@dataclass(frozen=True)
class Extents:
    """Settlements found on a population grid.

    Attributes
    ----------
    geobox : GeoBox
        The population's grid.
    runs : Runs
        The cells of each settlement; ``value`` is its row in `zones`.
    zones : GeoDataFrame, EPSG:4326
        Indexed by ``zone_id``; columns ``name, level, iso3, parent_id, area_km2, people, cells, peak_longitude,
        peak_latitude``.
    rule : ExtentRule
    """

    geobox: GeoBox
    runs: Runs
    zones: gpd.GeoDataFrame
    rule: ExtentRule

    def image(self) -> np.ndarray:
        """Draw the settlements: int32, shape (rows, cols); 0 is none, ``k + 1`` is row ``k`` of `zones`."""
        return paint_runs(self.runs, shape_of(self.geobox))

    def labels(self) -> xr.DataArray:
        """Return `image` as a raster of kind class."""
        return make_raster(self.image(), self.geobox, kind="class", units="label")


def extents(
    population: xr.DataArray, *, rules: ExtentRule, iso3: str = "XXX", land_m2: xr.DataArray | None = None
) -> tuple[Extents, Ledger]:
    """Find settlements: dense cells that hang together and hold enough people.

    Parameters
    ----------
    population : DataArray, dims (y, x)
        People per cell, read with a margin beyond the border; NaN is missing and never dense.
    rules : ExtentRule
        One level of an edition, such as ``EDITIONS["thresholds"].urban_centre``.
    iso3 : str
        Country code that opens the ids.
    land_m2 : DataArray, optional
        Land per cell [m2] on the same grid, for rules per km2.

    Returns
    -------
    extents : Extents
        In scan order of their first cell.
    ledger : Ledger
        Dense cells' people in components that were too small.

    Notes
    -----
    The density threshold meets densities, the size threshold counts. An id is the H3 cell (resolution 9) of the most
    populous grid cell, ties going to the westernmost, then the southernmost.

    Examples
    --------
    >>> from affine import Affine
    >>> from urbanreview.delineation.rules import EDITIONS
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((2, 3), Affine(1000, 0, 0, 0, -1000, 6e6), "ESRI:54009")
    >>> people = make_raster(np.array([[3000.0, 0, 0], [2500.0, 0, 400]]), grid, kind="count", units="people")
    >>> found, ledger = extents(people, rules=EDITIONS["thresholds"].urban_cluster, iso3="TOY")
    >>> found.zones[["people", "cells"]].values.tolist(), ledger.amount("dense, but too few people together")
    ([[5500.0, 2.0]], 400.0)
    """
    require_kind(population, Kind.COUNT)
    density = population.values if rules.per == "cell" else density_of(population, land_m2=land_m2)
    with np.errstate(invalid="ignore"):
        dense = density >= rules.min_density if rules.inclusive else density > rules.min_density
    runs, count = label_runs(find_runs(dense), neighbours=rules.neighbours)
    people = sum_runs(population.values, runs, count)
    enough = people >= rules.min_people if rules.inclusive else people > rules.min_people
    kept = select_runs(runs, enough)
    ledger = Ledger().add(rules.level, "dense, but too few people together", "people", people[~enough].sum())
    return dress_runs(population, kept, people[enough], rules, iso3), ledger


def dress_runs(population: xr.DataArray, runs: Runs, people: np.ndarray, rules: ExtentRule, iso3: str) -> Extents:
    """Make settlements of labelled runs: outlines, areas, ids; ``people`` has one entry per label."""
    geobox = geobox_of(population)
    longitude, latitude = _peaks(population, runs, people.size)
    outlines = to_crs(trace_labelled(runs, geobox), 4326)
    ids = _settlement_ids(f"{iso3}-{ID_PART[rules.level]}", longitude, latitude)
    zones = gpd.GeoDataFrame(
        {
            "name": ids,
            "level": rules.level,
            "iso3": iso3,
            "parent_id": None,
            "area_km2": geodesic_area_km2(outlines),
            "people": people,
            "cells": count_cells(runs, people.size),
            "peak_longitude": longitude,
            "peak_latitude": latitude,
        },
        geometry=outlines.values,
        crs=4326,
    )
    zones.index = pd.Index(ids, name="zone_id", dtype="str")
    return Extents(geobox, runs, zones, rules)


def _peaks(population: xr.DataArray, runs: Runs, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the most populous cell of each settlement."""
    if not count:
        return np.empty(0), np.empty(0)
    row, col = list_cells(runs)
    # The settlements' cells in one line; of equal cells the westernmost wins, then the southernmost.
    stop = np.cumsum(runs.stop - runs.start)
    line = Runs(np.zeros_like(runs.row), stop - (runs.stop - runs.start), stop, runs.value)
    rows = population.shape[0]
    tie = col * rows + (rows - 1 - row)
    _, best = peak_cells(population.values[row, col][None, :], line, count, tie=tie[None, :])
    return _centres_of(geobox_of(population), row[best], col[best])


def _centres_of(geobox: GeoBox, row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    t = geobox.transform
    return positions_of(t.c + t.a * (col + 0.5), t.f + t.e * (row + 0.5), geobox)


def _settlement_ids(prefix: str, longitude: np.ndarray, latitude: np.ndarray) -> list[str]:
    """Return ids from positions; equal ones get a suffix in order of longitude, then latitude."""
    bare = [f"{prefix}-{h3.latlng_to_cell(lat, lon, H3_RESOLUTION)}" for lon, lat in zip(longitude, latitude, strict=True)]
    ids, seen = list(bare), dict[str, int]()
    for k in np.lexsort((latitude, longitude)).tolist():
        seen[bare[k]] = seen.get(bare[k], 0) + 1
        if seen[bare[k]] > 1:
            ids[k] = f"{bare[k]}-{seen[bare[k]]}"
    return ids


def keep_extents(found: Extents, keep: np.ndarray) -> Extents:
    """Return only the settlements where `keep` (bool, one per row of ``zones``) is true."""
    return Extents(found.geobox, select_runs(found.runs, keep), found.zones[keep], found.rule)
