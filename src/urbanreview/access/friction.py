"""What a metre costs: friction from land cover, relief and roads, and what a new road would change."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.errors import (
    AllMissing,
    BadSetting,
    ClassesWithoutSpeed,
    MissingCrs,
    NotInInput,
    UndeclaredRaster,
    WrongGeometry,
)
from urbanreview.grid import (
    Kind,
    as_crs,
    burn,
    geobox_of,
    make_raster,
    positions_of,
    require_kind,
    resample,
    shape_of,
    step_lengths_m,
    to_crs,
)
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM, minutes_per_metre

UNITS = "min/m"
OFF_ROAD_KM_PER_H = 5.0
"""On foot where no land cover is given: Tobler (1993) has 5.04 on level ground."""
SMALL_GRID_CELLS, MEASURED_EVERY = 250_000, 16
"""On larger projected grids steps are measured on every 16th cell."""


@dataclass(frozen=True, slots=True)
class Speed:
    """How fast one moves in a class of land cover or on a class of road.

    Attributes
    ----------
    key : int or str
        Code of the class in the raster, or the value of the road's ``highway`` tag.
    name : str
    speed_km_per_h : float
        On level ground; 0 is impassable.
    source : str
        Who says so.
    """

    key: int | str
    name: str
    speed_km_per_h: float
    source: str

    def __post_init__(self) -> None:
        if not 0.0 <= self.speed_km_per_h < np.inf:
            raise BadSetting(f"speed of '{self.name}'", [f"{self.speed_km_per_h} km/h, expected 0 or more"])


def _table(source: str, rows: list[tuple]) -> dict:
    """Make records of (key, name, speed) or (key, name, speed, another source)."""
    return {row[0]: Speed(*row) if len(row) > 3 else Speed(*row, source) for row in rows}


_WEISS = "Weiss et al. (2018), doi 10.1038/nature25181; read second-hand"
_WATER = "this project: nobody walks on water (Weiss et al. have 1 km/h)"
_OSRM = "OSRM, profiles/car.lua, api version 4"
_ON_FOOT = "OSRM, profiles/foot.lua"
_GRAPHHOPPER = "GraphHopper, CarAverageSpeedParser.java"

MODIS_IGBP: Mapping[int, Speed] = MappingProxyType(
    _table(
        _WEISS,
        [
            (1, "evergreen needleleaf forest", 3.24),
            (2, "evergreen broadleaf forest", 1.62),
            (3, "deciduous needleleaf forest", 3.24),
            (4, "deciduous broadleaf forest", 4.00),
            (5, "mixed forest", 3.24),
            (6, "closed shrubland", 3.00),
            (7, "open shrubland", 4.20),
            (8, "woody savanna", 4.86),
            (9, "savanna", 4.86),
            (10, "grassland", 4.86),
            (11, "permanent wetland", 2.00),
            (12, "cropland", 2.50),
            (13, "urban and built-up", 5.00),
            (14, "cropland and natural vegetation mosaic", 3.24),
            (15, "snow and ice", 1.62),
            (16, "barren", 3.00),
            (17, "water", 0.0, _WATER),
        ],
    )
)
"""Walking speeds by class of MODIS MCD12Q1, land cover type 1 (IGBP)."""

MODIS_UMD: Mapping[int, Speed] = MappingProxyType(
    {code: MODIS_IGBP[code] for code in range(1, 15)}
    | _table(_WEISS, [(0, "water", 0.0, _WATER), (15, "barren", MODIS_IGBP[16].speed_km_per_h)])
)
"""Walking speeds by class of MODIS MCD12Q1, land cover type 2 (UMD): as IGBP up to 14, then 0 is water and 15 barren."""

WORLDCOVER: Mapping[int, Speed] = MappingProxyType(
    _table(
        "this project: the class of Weiss et al. (2018) by that name",
        [
            (10, "tree cover", 3.24, "this project: mixed forest of Weiss et al. (2018)"),
            (20, "shrubland", 3.60, "this project: mean of closed and open shrubland of Weiss et al. (2018)"),
            (30, "grassland", 4.86),
            (40, "cropland", 2.50),
            (50, "built-up", 5.00),
            (60, "bare and sparse vegetation", 3.00),
            (70, "snow and ice", 1.62),
            (80, "permanent water", 0.0, _WATER),
            (90, "herbaceous wetland", 2.00),
            (95, "mangroves", 1.62, "this project: evergreen broadleaf forest of Weiss et al. (2018)"),
            (100, "moss and lichen", 4.20, "this project: open shrubland of Weiss et al. (2018), where IGBP puts tundra"),
        ],
    )
)
"""Walking speeds by class of ESA WorldCover."""

OSM_HIGHWAY: Mapping[str, Speed] = MappingProxyType(
    _table(
        _OSRM,
        [
            ("motorway", "motorway", 90.0),
            ("motorway_link", "ramp of a motorway", 45.0),
            ("trunk", "trunk road", 85.0),
            ("trunk_link", "ramp of a trunk road", 40.0),
            ("primary", "primary road", 65.0),
            ("primary_link", "ramp of a primary road", 30.0),
            ("secondary", "secondary road", 55.0),
            ("secondary_link", "ramp of a secondary road", 25.0),
            ("tertiary", "tertiary road", 40.0),
            ("tertiary_link", "ramp of a tertiary road", 20.0),
            ("unclassified", "minor road", 25.0),
            ("residential", "residential street", 25.0),
            ("living_street", "living street", 10.0),
            ("service", "service road", 15.0),
            ("road", "road of unknown kind", 20.0, _GRAPHHOPPER),
            ("track", "track", 15.0, _GRAPHHOPPER),
            ("pedestrian", "pedestrian street", 5.0, _ON_FOOT),
            ("footway", "footway", 5.0, _ON_FOOT),
            ("path", "path", 5.0, _ON_FOOT),
            ("steps", "steps", 5.0, _ON_FOOT),
            ("cycleway", "cycleway", 5.0, "this project: on foot"),
            ("bridleway", "bridleway", 5.0, "this project: on foot"),
        ],
    )
)
"""Speeds by OpenStreetMap's ``highway`` tag: defaults of routing engines, made for good roads; a country may need a copy."""


def hiking_factor(slope: np.ndarray) -> np.ndarray:
    """Speed on a slope over speed on level ground, by Tobler's hiking function.

    Parameters
    ----------
    slope : float or ndarray
        Rise over run, uphill positive. NaN stays NaN.

    Returns
    -------
    float or ndarray

    Notes
    -----
    Tobler (1993) walks at ``6 exp(-3.5 |slope + 0.05|)`` km/h, 5.04 on level ground; here that is 1.

    Examples
    --------
    A rise of 20 m on 100 m costs half the speed, the best slope is one of 5 m down:

    >>> hiking_factor(np.array([0.0, 0.2, -0.05])).round(2).tolist()
    [1.0, 0.5, 1.19]
    """
    return np.exp(-3.5 * np.abs(slope + 0.05)) / np.exp(-3.5 * 0.05)


def altitude_factor(elevation_m: np.ndarray) -> np.ndarray:
    """Speed in thin air over speed below 148 m.

    Parameters
    ----------
    elevation_m : float or ndarray
        Above the sea [m]. NaN stays NaN.

    Returns
    -------
    float or ndarray

    Notes
    -----
    ``1.016 exp(-0.0001072 elevation)`` of Weiss et al. (2018), at most 1: their map never goes beyond its level speed.

    Examples
    --------
    >>> altitude_factor(np.array([0.0, 148.0, 4000.0])).round(2).tolist()
    [1.0, 1.0, 0.66]
    """
    return np.minimum(1.016 * np.exp(-0.0001072 * elevation_m), 1.0)


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
        road_km_per_h, more = _road_speeds(roads, class_column, road_speeds, speed_column)
        fast, drawn = _burn_speeds(roads, road_km_per_h, to, step="friction")
        km_per_h, ledger = np.fmax(km_per_h, fast), ledger + more + drawn
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
    km_per_h = np.full(len(lines), speed_km_per_h or np.nan) if speed_column is None else _column_speeds(lines, speed_column)
    fast, ledger = _burn_speeds(lines, km_per_h, geobox_of(friction), step="what if")
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
    """Walking speed of every cell [km/h], NaN where nobody walks."""
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
    """Speed over speed on level ground at the sea, of every cell; 1 where the elevation is missing."""
    require_kind(elevation, Kind.INTENSITY)
    _require_units(elevation, "m")
    metres = resample(elevation, to=to)[0].values
    factor = hiking_factor(slope_of(metres, to))
    if thin_air:
        factor = factor * altitude_factor(metres)
    missing = np.isnan(metres)
    cause = "no elevation: taken as level, at sea level"
    return np.where(missing, 1.0, factor), Ledger().add("friction", cause, "cell", int((missing & walked).sum()))


def slope_of(elevation_m: np.ndarray, geobox: GeoBox) -> np.ndarray:
    """Steepest slope of every cell, by central differences over true ground lengths.

    Parameters
    ----------
    elevation_m : ndarray, shape (rows, cols)
        [m]. NaN is missing: next to it, and at the edges, the difference is one-sided; between two of them level.
    geobox : GeoBox
        Of the same shape. Its rows and columns may meet at any angle on the ground.

    Returns
    -------
    ndarray of float64, shape (rows, cols)
        Rise over run, 0 or more.

    Examples
    --------
    At 60 degrees north a degree of longitude is 55.8 km; 558 m of rise on it are one in a hundred:

    >>> from affine import Affine
    >>> grid = GeoBox((2, 3), Affine(1, 0, 10, 0, -1, 60.5), "EPSG:4326")
    >>> slope_of(np.array([[0.0, 558.0, 1116.0]] * 2), grid)[0].round(3).tolist()
    [0.01, 0.01, 0.01]
    """
    rows, cols = shape_of(geobox)
    steps = step_lengths_m(geobox, every=1 if rows * cols <= SMALL_GRID_CELLS else MEASURED_EVERY)
    east = _rise_per_metre(elevation_m, steps.east, axis=1)
    south = _rise_per_metre(elevation_m, steps.south, axis=0)
    if as_crs(geobox.crs).is_geographic or rows < 2 or cols < 2:
        return np.hypot(east, south)
    # On a sheared grid the two directions meet at another angle than 90 degrees; the diagonals tell which.
    cosine = (steps.southeast**2 - steps.southwest**2) / (4 * steps.east[:-1] * steps.south[:, :-1])
    cosine = np.pad(cosine, ((0, 1), (0, 1)), mode="edge")
    return np.sqrt((east**2 + south**2 - 2 * east * south * cosine) / (1 - cosine**2))


def _rise_per_metre(elevation_m: np.ndarray, step_m: np.ndarray, *, axis: int) -> np.ndarray:
    """Rise along an axis over both neighbours, over one where the other is missing, 0 where both are."""
    rise = np.diff(elevation_m, axis=axis)
    run = np.where(np.isfinite(rise), step_m, 0.0)
    pads = ((1, 1), (0, 0)) if axis == 0 else ((0, 0), (1, 1))

    def of_cells(part: np.ndarray) -> np.ndarray:
        padded = np.pad(np.nan_to_num(part), pads)
        return padded[:-1] + padded[1:] if axis == 0 else padded[:, :-1] + padded[:, 1:]

    total = of_cells(run)
    return np.divide(of_cells(rise), total, out=np.zeros(elevation_m.shape), where=total > 0)


def _road_speeds(
    roads: gpd.GeoDataFrame, class_column: str, speeds: Mapping[str, Speed], speed_column: str | None
) -> tuple[np.ndarray, Ledger]:
    """Speed of every road [km/h], NaN where its class has none."""
    if speed_column is not None:
        return _column_speeds(roads, speed_column), Ledger()
    classes = _column(roads, class_column).astype("str")
    ledger = Ledger()
    for word, count in classes[~classes.isin(list(speeds))].value_counts().sort_index().items():
        ledger = ledger.add("friction", f"{class_column} '{word}' has no speed", "line", int(count))
    return classes.map({word: speed.speed_km_per_h for word, speed in speeds.items()}).to_numpy(float), ledger


def _column(lines: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name not in lines.columns:
        raise NotInInput("roads", what="column", name=name, found=list(lines.columns.drop(lines.geometry.name)))
    return lines[name]


def _column_speeds(lines: gpd.GeoDataFrame, name: str) -> np.ndarray:
    return pd.to_numeric(_column(lines, name), errors="coerce").to_numpy(float)


def _burn_speeds(lines: gpd.GeoDataFrame, km_per_h: np.ndarray, geobox: GeoBox, *, step: str) -> tuple[np.ndarray, Ledger]:
    """Speed of the fastest line in every cell that one touches [km/h], NaN elsewhere."""
    if lines.crs is None:
        raise MissingCrs("roads")
    moved = to_crs(lines.geometry, as_crs(geobox.crs)).values
    kinds = set(moved.geom_type.dropna()) - {"LineString", "MultiLineString", "LinearRing"}
    if kinds:
        raise WrongGeometry("roads", got=", ".join(sorted(kinds)), expected="lines")
    empty = moved.isna() | moved.is_empty
    placed = np.isfinite(moved.bounds).all(axis=1)
    usable = np.isfinite(km_per_h) & (km_per_h > 0)
    ledger = Ledger().add(step, "road without geometry", "line", int(empty.sum()))
    ledger = ledger.add(step, "road beyond the projection of the grid", "line", int((~placed & ~empty).sum()))
    ledger = ledger.add(step, "road without a speed above zero: skipped", "line", int((placed & ~usable).sum()))
    drawn, speed_of = np.asarray(moved)[placed & usable], km_per_h[placed & usable]
    ledger = ledger.add(step, "road outside the grid", "km", _outside_km(drawn, geobox))
    speeds, group = np.unique(speed_of, return_inverse=True)
    parts, line_of = shapely.get_parts(drawn, return_index=True)
    order = np.argsort(group[line_of], kind="stable")
    together = shapely.multilinestrings(parts[order], indices=group[line_of][order])
    labels = burn(gpd.GeoSeries(together, crs=as_crs(geobox.crs)), geobox, all_touched=True).values
    return np.concatenate([[np.nan], speeds])[labels], ledger


def _outside_km(lines: np.ndarray, geobox: GeoBox) -> float:
    """Length of lines beyond the edges of a grid, along the ground."""
    left, bottom, right, top = geobox.boundingbox
    return max(_length_km(lines, geobox) - _length_km(shapely.clip_by_rect(lines, left, bottom, right, top), geobox), 0.0)


def _length_km(lines: np.ndarray, geobox: GeoBox) -> float:
    corners, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    longitude, latitude = positions_of(corners[:, 0], corners[:, 1], geobox)
    metres = Geod(ellps="WGS84").inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])[2]
    return float(np.sum(metres[part[1:] == part[:-1]])) / METRES_PER_KM
