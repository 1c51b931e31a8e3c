"""What a metre costs: friction from land cover, relief and roads, and what a new road would change."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.access.relief import altitude_factor, hiking_factor, slope_of
from urbanreview.access.roads import burn_speeds, speeds_of_classes, speeds_of_column
from urbanreview.access.speeds import MODIS_IGBP, OSM_HIGHWAY, Speed
from urbanreview.errors import AllMissing, BadSetting, ClassesWithoutSpeed, UndeclaredRaster
from urbanreview.grid import Kind, geobox_of, make_raster, require_kind, resample
from urbanreview.ledger import Ledger
from urbanreview.units import minutes_per_metre

UNITS = "min/m"
OFF_ROAD_KM_PER_H = 5.0
"""On foot where no land cover is given: Tobler (1993) has 5.04 on level ground."""


def friction_from(
    *,
    to: GeoBox,
    land_cover: xr.DataArray | None = None,
    speeds: Mapping[int, Speed] = MODIS_IGBP,
    elevation: xr.DataArray | None = None,
    thin_air: bool = True,
    roads: gpd.GeoDataFrame | None = None,
    class_column: str = "highway",
    road_speeds: Mapping[str, Speed] = OSM_HIGHWAY,
    speed_column: str | None = None,
    off_road_base_km_per_h: float = OFF_ROAD_KM_PER_H,
    source: str = "friction",
) -> tuple[xr.DataArray, Ledger]:
    """Make a friction surface: on foot by land cover, slower uphill, and at the road's speed where there is one.

    Parameters
    ----------
    to : GeoBox
        The grid to make it on.
    land_cover : DataArray, dims (y, x), optional
        Kind class, on any grid: voted over. Missing cells are impassable.
    speeds : mapping of code to Speed
        For every class in the land cover: `MODIS_IGBP`, `MODIS_UMD`, `WORLDCOVER` or a copy of one.
    elevation : DataArray, dims (y, x), optional
        Kind intensity [m], on any grid: averaged. Missing cells are taken as level, at sea level.
    thin_air : bool
        Whether altitude slows as well as slope.
    roads : GeoDataFrame, optional
        Lines with a CRS.
    class_column : str
        Column of `roads` with a class that `road_speeds` knows; others are skipped and counted.
    road_speeds : mapping of class to Speed
    speed_column : str, optional
        Column of `roads` with a speed [km/h], instead of the class.
    off_road_base_km_per_h : float
        Off roads if there is no land cover.
    source : str

    Returns
    -------
    friction : DataArray of float64, dims (y, x)
        Kind cost [min/m]; NaN where nobody passes.
    ledger : Ledger
        Cells without land cover and without elevation, impassable cells, roads skipped and why, road outside the grid.

    Raises
    ------
    UndeclaredRaster, AllMissing, MissingCrs, WrongGeometry, NotInInput, BadSetting
    ClassesWithoutSpeed
        If the land cover has classes that `speeds` lacks.

    Notes
    -----
    The method of Weiss et al. (2018), doi 10.1038/nature25181, without rivers, railways and borders. Speed on foot is the
    class's, times `hiking_factor` of the steepest slope (central differences over true ground lengths), times
    `altitude_factor`. A cell that a road touches gets the fastest one's speed, whatever its slope and land cover, and never
    less than the speed on foot. Friction is the same in every direction: uphill.

    Examples
    --------
    Grass at 4.86 km/h, water, and a road at 60 km/h through the lower row:

    >>> from affine import Affine
    >>> grid = GeoBox((2, 2), Affine(1000, 0, 0, 0, -1000, 2000), "ESRI:54009")
    >>> cover = make_raster(np.array([[10, 17], [10, 10]]), grid, kind="class", units="IGBP")
    >>> import shapely
    >>> road = gpd.GeoDataFrame({"kmh": [60.0]}, geometry=[shapely.LineString([(0, 500), (2000, 500)])], crs="ESRI:54009")
    >>> friction, ledger = friction_from(to=grid, land_cover=cover, roads=road, speed_column="kmh")
    >>> friction.values.round(4).tolist(), ledger.amount("impassable land cover")
    ([[0.0123, nan], [0.001, 0.001]], 1.0)
    """
    if not 0.0 < off_road_base_km_per_h < np.inf:
        raise BadSetting("friction_from", [f"off_road_base_km_per_h is {off_road_base_km_per_h}, expected more than 0"])
    km_per_h, ledger = np.full(to.shape, off_road_base_km_per_h), Ledger()
    if land_cover is not None:
        km_per_h, ledger = _by_land_cover(land_cover, speeds, to)
    if elevation is not None:
        factor, more = _by_relief(elevation, to, thin_air=thin_air, walked=np.isfinite(km_per_h))
        km_per_h, ledger = km_per_h * factor, ledger + more
    if roads is not None:
        fast, more = _by_road(roads, to, class_column, road_speeds, speed_column)
        km_per_h, ledger = np.fmax(km_per_h, fast), ledger + more
    ledger = ledger.add("friction", "nobody passes", "cell", int(np.isnan(km_per_h).sum()))
    return make_raster(minutes_per_metre(km_per_h), to, kind="cost", units=UNITS, source=source), ledger


def what_if(
    friction: xr.DataArray,
    lines: gpd.GeoDataFrame,
    *,
    speed_column: str | None = None,
    speed_km_per_h: float | None = None,
    only_faster: bool = True,
) -> tuple[xr.DataArray, Ledger]:
    """Build or upgrade roads: friction as it would be with them.

    Parameters
    ----------
    friction : DataArray, dims (y, x)
        Kind cost [min/m]. Missing, zero and negative cells are impassable.
    lines : GeoDataFrame
        Roads with a CRS; they open impassable cells, as a bridge does.
    speed_column, speed_km_per_h : str, float
        Their speed [km/h]: a column of `lines`, or one for all. Give one of the two.
    only_faster : bool
        Whether cells that are faster already stay as they are.

    Returns
    -------
    friction : DataArray, dims (y, x)
        Kind cost [min/m], a copy.
    ledger : Ledger
        Cells changed, and opened among them; lines skipped and why; road outside the grid [km].

    Raises
    ------
    UndeclaredRaster, MissingCrs, WrongGeometry, NotInInput, BadSetting

    Notes
    -----
    The fastest line that touches a cell sets its speed. A border's wait in a cell is lost when a line touches it.

    Examples
    --------
    A road at 60 km/h over two cells, one of which is a motorway already:

    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> now = make_raster(np.array([[0.012, 0.0005, 0.012]]), grid, kind="cost", units="min/m")
    >>> import shapely
    >>> road = gpd.GeoDataFrame(geometry=[shapely.LineString([(100, 500), (1900, 500)])], crs="ESRI:54009")
    >>> then, ledger = what_if(now, road, speed_km_per_h=60.0)
    >>> then.values.tolist(), ledger.amount("cells changed")
    ([[0.001, 0.0005, 0.012]], 1.0)
    """
    require_kind(friction, Kind.COST)
    _require_units(friction, UNITS)
    if (speed_column is None) == (speed_km_per_h is None):
        raise BadSetting("what_if", ["give one of speed_column and speed_km_per_h"])
    if speed_km_per_h is not None and not 0.0 < speed_km_per_h < np.inf:
        raise BadSetting("what_if", [f"speed_km_per_h is {speed_km_per_h}, expected more than 0"])
    before = friction.values if friction.dtype in (np.float32, np.float64) else friction.values.astype(np.float64)
    km_per_h = np.full(len(lines), speed_km_per_h or np.nan) if speed_column is None else speeds_of_column(lines, speed_column)
    fast, ledger = burn_speeds(lines.geometry, km_per_h, geobox_of(friction), step="what if")
    after = minutes_per_metre(fast).astype(before.dtype)
    closed = ~((before > 0) & np.isfinite(before))
    changes = np.isfinite(after) & (closed | ((after < before) if only_faster else (after != before)))
    ledger = ledger.add("what if", "cells changed", "cell", int(changes.sum()))
    ledger = ledger.add("what if", "impassable cells opened", "cell", int((changes & closed).sum()))
    source = str(friction.attrs.get("source", ""))
    changed = make_raster(np.where(changes, after, before), geobox_of(friction), kind="cost", units=UNITS, source=source)
    return changed, ledger


def _require_units(raster: xr.DataArray, units: str) -> None:
    found = raster.attrs.get("units")
    if found != units:
        name = raster.attrs.get("source") or raster.name or "raster"
        raise UndeclaredRaster(name, got=f"units={found!r}", expected=f"units {units}")


def _by_land_cover(land_cover: xr.DataArray, speeds: Mapping[int, Speed], to: GeoBox) -> tuple[np.ndarray, Ledger]:
    """Find the walking speed of every cell [km/h], NaN where nobody walks."""
    require_kind(land_cover, Kind.CLASS)
    name = str(land_cover.attrs.get("source") or "land cover")
    moved, ledger = resample(land_cover, to=to)
    known = np.isfinite(moved.values)
    codes, code_of_cell, cells = np.unique(moved.values[known], return_inverse=True, return_counts=True)
    if not codes.size:
        raise AllMissing(name, cells=moved.size)
    strangers = {f"{code:g}": int(count) for code, count in zip(codes, cells, strict=True) if code not in speeds}
    if strangers:
        raise ClassesWithoutSpeed(name, got=strangers, known=speeds)
    by_code = np.array([speeds[int(code)].speed_km_per_h for code in codes])
    km_per_h = np.full(moved.shape, np.nan)
    km_per_h[known] = np.where(by_code > 0, by_code, np.nan)[code_of_cell]
    ledger = ledger.add("friction", "no land cover", "cell", int((~known).sum()))
    return km_per_h, ledger.add("friction", "impassable land cover", "cell", int(cells[by_code == 0].sum()))


def _by_relief(elevation: xr.DataArray, to: GeoBox, *, thin_air: bool, walked: np.ndarray) -> tuple[np.ndarray, Ledger]:
    """Find by how much relief slows in every cell: a factor, 1 where the elevation is missing."""
    require_kind(elevation, Kind.INTENSITY)
    _require_units(elevation, "m")
    metres = resample(elevation, to=to)[0].values
    factor = hiking_factor(slope_of(metres, to))
    if thin_air:
        factor = factor * altitude_factor(metres)
    missing = np.isnan(metres)
    cause = "no elevation: taken as level, at sea level"
    return np.where(missing, 1.0, factor), Ledger().add("friction", cause, "cell", int((missing & walked).sum()))


def _by_road(
    roads: gpd.GeoDataFrame, to: GeoBox, class_column: str, speeds: Mapping[str, Speed], speed_column: str | None
) -> tuple[np.ndarray, Ledger]:
    """Find the speed of the fastest road in every cell [km/h], NaN without one."""
    if speed_column is not None:
        return burn_speeds(roads.geometry, speeds_of_column(roads, speed_column), to, step="friction")
    km_per_h, ledger = speeds_of_classes(roads, class_column, speeds)
    known = np.isfinite(km_per_h)
    fast, more = burn_speeds(roads.geometry[known], km_per_h[known], to, step="friction")
    return fast, ledger + more
