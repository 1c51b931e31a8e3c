"""Fine dust over zones: what people breathe, how many of them live at which level, and how coarsely that is known."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.grid import (
    Kind,
    cell_area_km2,
    geobox_of,
    make_raster,
    require_kind,
    require_same_grid,
    resample,
    same_crs,
    shape_of,
)
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.ledger import Ledger
from urbanreview.zones import Plan, summarise
from urbanreview.zones.coarse import area_weights, few_cells, source_cells
from urbanreview.zones.summarise import name_of, ratio, require_plan_grid, valid_share

CONCENTRATION = "ug/m3"
STRAIGHT_CELLS = 16.0
"""Cells of people along an edge of air that is taken as straight; a meridian of a wide cell is not, on most maps."""
EQUAL_WITHIN_DECIMALS = 9
"""A mean of cells at a bound must not pass it by rounding alone [decimals of ug/m3]."""


@dataclass(frozen=True, slots=True)
class AirLevels:
    """Levels of yearly fine dust; a level includes its upper bound.

    Attributes
    ----------
    edition, source : str
    guideline : float
        Yearly guideline of PM2.5 [ug/m3].
    interim_targets : tuple of float
        Those above it, from the strictest up [ug/m3].
    """

    edition: str
    source: str
    guideline: float
    interim_targets: tuple[float, ...]

    @property
    def bounds(self) -> tuple[float, ...]:
        """Upper bounds of all levels but the last, which has none."""
        return (self.guideline, *self.interim_targets)

    @property
    def bands(self) -> tuple[str, ...]:
        """Names of the levels.

        >>> WHO_2021.bands
        ('0-5', '5-10', '10-15', '15-25', '25-35', '35+')
        """
        edges = [f"{bound:g}" for bound in (0.0, *self.bounds)]
        return (*(f"{low}-{high}" for low, high in pairwise(edges)), f"{edges[-1]}+")

    def positions(self, concentration: np.ndarray) -> np.ndarray:
        """Return the place in `bands` of every concentration [ug/m3], whatever its shape; of NaN the last.

        >>> WHO_2021.positions(np.array([0.0, 5.0, 5.1, 35.0, 80.0])).tolist()
        [0, 0, 1, 4, 5]
        """
        return np.searchsorted(np.array(self.bounds), np.round(concentration, EQUAL_WITHIN_DECIMALS), side="left")


WHO_2021 = AirLevels(
    "who-2021",
    "World Health Organization (2021), WHO global air quality guidelines, table 0.1: yearly PM2.5",
    guideline=5.0,
    interim_targets=(10.0, 15.0, 25.0, 35.0),
)
AIR_LEVELS = {levels.edition: levels for levels in (WHO_2021,)}


@dataclass(frozen=True)
class Exposure:
    """What the people of zones breathe.

    Attributes
    ----------
    zones : DataFrame, indexed by ``zone_id``
        ``air.pm25`` [ug/m3], ``air.people_above_guideline`` [people], ``valid_share``.
    bands : dict of str to DataFrame
        By band of the levels, every one, indexed by ``zone_id``: ``air.people`` [people], ``air.share`` [1],
        ``valid_share``.
    """

    zones: pd.DataFrame
    bands: dict[str, pd.DataFrame]


def onto_people(concentration: xr.DataArray, to: GeoBox) -> xr.DataArray:
    """Bring fine dust to the grid of the people: every cell takes it from the source cells under it, by area.

    Parameters
    ----------
    concentration : DataArray, dims (y, x)
        PM2.5 [ug/m3]; NaN is missing. Usually coarser than the people.
    to : GeoBox
        Grid of the people, in any CRS.

    Returns
    -------
    DataArray, dims (y, x)
        On the other grid; NaN where no source cell with a value lies. The nearest cell is never taken.

    Raises
    ------
    UndeclaredRaster
        If the raster is no intensity.

    Notes
    -----
    Exact where both grids have one CRS. Between two, `resample` takes the edges of a source cell as straight on the map of
    the people; a wide cell is cut into equal parts first, so that an edge leaves its true course by metres only.

    Examples
    --------
    Cells of 3 km over cells of 2 km; the one in the middle has half of either:

    >>> from affine import Affine
    >>> wide = GeoBox((1, 2), Affine(3000, 0, 0, 0, -3000, 0), "ESRI:54009")
    >>> dust = make_raster(np.array([[10.0, 40.0]]), wide, kind="intensity", units="ug/m3")
    >>> onto_people(dust, GeoBox((1, 3), Affine(2000, 0, 0, 0, -2000, 0), "ESRI:54009")).values.round(9).tolist()
    [[10.0, 25.0, 40.0]]
    """
    require_kind(concentration, Kind.INTENSITY)
    here = geobox_of(concentration)
    cells_across = np.sqrt(cell_area_km2(here).max() / np.median(cell_area_km2(to)))
    parts = 1 if same_crs(here.crs, to.crs) else int(np.ceil(cells_across / STRAIGHT_CELLS))
    if parts > 1:
        rows, cols = shape_of(here)
        finer = GeoBox((rows * parts, cols * parts), here.transform @ here.transform.scale(1 / parts), here.crs)
        values = concentration.values.repeat(parts, axis=0).repeat(parts, axis=1)
        concentration = make_raster(values, finer, **concentration.attrs)
    return resample(concentration, to=to)[0]


def breathed(plan: Plan, concentration: xr.DataArray, people: xr.DataArray, *, levels: AirLevels = WHO_2021) -> Exposure:
    """Fine dust as the people of every zone breathe it, and how many of them at which level.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `people`.
    concentration : DataArray, dims (y, x)
        PM2.5 [ug/m3], on the same grid: see `onto_people`; NaN is missing.
    people : DataArray, dims (y, x)
        People per cell; NaN is missing.
    levels : AirLevels

    Returns
    -------
    Exposure
        ``air.pm25`` is the sum of people times concentration over the sum of people, both over the same cells: those that
        have both numbers. It is missing where nobody lives, as are shares; people are missing only in a zone without any
        such cell. ``valid_share`` is the part of the zone with both numbers.

    Raises
    ------
    GridMismatch
        If a raster is on another grid than the plan.
    UndeclaredRaster
        If the concentration is no intensity or the people are no count.

    Notes
    -----
    The population-weighted mean is that of SDG indicator 11.6.2. A person lives at the level of the cell: within a cell
    nothing is known to differ.

    Examples
    --------
    Three people at 4, one at 12 and two where nothing is known: (3 * 4 + 1 * 12) / (3 + 1) = 6.

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> dust = make_raster(np.array([[4.0, 12.0, np.nan]]), grid, kind="intensity", units="ug/m3")
    >>> people = make_raster(np.array([[3.0, 1.0, 2.0]]), grid, kind="count", units="people")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 3000, 1000)], index=["a"], crs=grid.crs), grid)
    >>> found = breathed(plan, dust, people)
    >>> found.zones[["air.pm25", "air.people_above_guideline"]].values.tolist()
    [[6.0, 1.0]]
    >>> found.bands["0-5"][["air.people", "air.share"]].values.tolist()
    [[3.0, 0.75]]
    """
    require_kind(concentration, Kind.INTENSITY)
    require_kind(people, Kind.COUNT)
    require_plan_grid(plan, concentration)
    require_same_grid(name_of(people), got=geobox_of(people), expected=plan.geobox)
    dust, living = concentration.values.astype(float), people.values.astype(float)
    labels = np.where(np.isnan(dust * living), 0, levels.positions(dust) + 1).astype(np.int32)
    in_band, cells = _by_label(plan, labels, living, len(levels.bands))
    inhaled, _ = _by_label(plan, labels, living * dust, len(levels.bands))
    valid = cells.sum(axis=1)
    in_band[valid == 0] = np.nan
    everyone, share_valid = in_band.sum(axis=1), valid_share(valid, plan)
    zones = {
        "air.pm25": ratio(inhaled.sum(axis=1), everyone),
        "air.people_above_guideline": in_band[:, 1:].sum(axis=1),
        "valid_share": share_valid,
    }
    bands = {
        band: pd.DataFrame(
            {"air.people": in_band[:, k], "air.share": ratio(in_band[:, k], everyone), "valid_share": share_valid},
            index=plan.zone_ids,
        )
        for k, band in enumerate(levels.bands)
    }
    return Exposure(pd.DataFrame(zones, index=plan.zone_ids), bands)


def _by_label(plan: Plan, labels: np.ndarray, values: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of a raster and the cells of every label from 1 in every zone, shape (zones, labels)."""
    zone, label, totals, cells = overlap_labels(labels, values, plan.cover, label_count=count)
    found = np.zeros((2, len(plan.zone_ids), count))
    found[:, zone, label] = totals, cells
    return found[0], found[1]


def over_land(plan: Plan, concentration: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
    """Fine dust over the area of every zone, and of how many cells that is known.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `concentration`: the file's own, however coarse.
    concentration : DataArray, dims (y, x)
        PM2.5 [ug/m3]; NaN is missing.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``air.pm25_area``: mean by the true area that each cell shares with the zone [ug/m3]; ``air.source_cells``: cells
        with a value of which the zone has a part; ``valid_share``.
    ledger : Ledger
        Zones without a value, and how many have one from fewer than four cells.

    Raises
    ------
    GridMismatch, UndeclaredRaster

    Examples
    --------
    A zone of one whole cell and a quarter of the next:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> dust = make_raster(np.array([[10.0, 20.0]]), grid, kind="intensity", units="ug/m3")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 1250, 1000)], index=["a"], crs=grid.crs), grid)
    >>> frame, ledger = over_land(plan, dust)
    >>> frame.round(9).values.tolist(), ledger.frame()["amount"].tolist()
    ([[12.0, 2.0, 1.0]], [1.0])
    """
    require_kind(concentration, Kind.INTENSITY)
    table, ledger = summarise(plan, concentration)
    cells = source_cells(area_weights(plan), ~np.isnan(concentration.values))
    frame = {"air.pm25_area": table["mean"], "air.source_cells": cells, "valid_share": table["valid_share"]}
    return pd.DataFrame(frame, index=plan.zone_ids), ledger + few_cells(cells, step=name_of(concentration))


def mean_over_days(months: Iterable[tuple[xr.DataArray, int]], *, source: str = "air") -> tuple[xr.DataArray, Ledger]:
    """Make a year or a season of its months: the mean of every cell, each month by its days.

    Parameters
    ----------
    months : iterable of (DataArray, int)
        Monthly mean [ug/m3] and days of the month; at least one, all on one grid.
    source : str
        What the mean is called.

    Returns
    -------
    mean : DataArray of float64, dims (y, x)
        NaN where any month has none: a season without its January is another season.
    ledger : Ledger
        Cells that lost the values of some months for want of the others.

    Raises
    ------
    GridMismatch
        If a month is on another grid than the first.
    UndeclaredRaster
        If a month is no intensity.

    Examples
    --------
    (31 * 30 + 28 * 0) / 59 = 15.76; the second cell has no February:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> january, february = (
    ...     make_raster(np.array([row]), grid, kind="intensity", units="ug/m3") for row in ([30.0, 5.0], [0.0, np.nan])
    ... )
    >>> mean, ledger = mean_over_days([(january, 31), (february, 28)])
    >>> mean.values.round(2).tolist(), ledger.frame()["amount"].tolist()
    ([[15.76, nan]], [1.0])
    """
    total, any_value, all_days, geobox = np.zeros((1, 1)), np.zeros((1, 1), bool), 0, None
    for month, days in months:
        require_kind(month, Kind.INTENSITY)
        if geobox is None:
            geobox = geobox_of(month)
        require_same_grid(name_of(month), got=geobox_of(month), expected=geobox)
        total = total + days * month.values.astype(float)
        any_value = any_value | ~np.isnan(month.values)
        all_days += days
    if geobox is None:
        raise ValueError("mean_over_days got no month, expected at least one")
    mean = make_raster(total / all_days, geobox, kind="intensity", units=CONCENTRATION, source=source)
    lost = int(np.count_nonzero(any_value & np.isnan(total)))
    return mean, Ledger().add(source, "cell with a value in some of the months only", "cell", lost)


def change_per_year(before: pd.Series, after: pd.Series, *, years: int) -> pd.Series:
    """Change of a concentration per year.

    Parameters
    ----------
    before, after : Series, by zone id
        Of two years [ug/m3]; zones are met by their id.
    years : int
        Between them.

    Returns
    -------
    Series, ``air.change`` [ug/m3 per year]
        Missing unless both are there.

    Examples
    --------
    >>> change_per_year(pd.Series({"a": 30.0}), pd.Series({"a": 24.0, "b": 9.0}), years=4).to_dict()
    {'a': -1.5, 'b': nan}
    """
    return ((after - before) / years).rename("air.change")
