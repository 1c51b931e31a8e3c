"""Outlines and ways as the map of the page draws them: few corners, few digits, in one piece across the 180th meridian."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, SETTLEMENTS, district_level, level_tables, wide_table
from urbanreview.report.web.plain import rounded

WAYS = "routes_city_city"
CORNERS_AT_MOST, WAYS_AT_MOST = 60_000, 2_000
"""Of a level, and of a layer of ways; beyond them outlines get coarser, and ways of the smaller cities stay away."""
STEPS_ACROSS = 4_000
"""A unit's outline keeps what is larger than such a part of the country."""
CELL_CORNERS_DEGREES = 5e-5
"""Keeps every corner of a settlement, which is made of cells, and none on a straight edge."""
BIG_COUNTRY_DEGREES, DECIMALS, DECIMALS_OF_BIG, DECIMALS_OF_TINY = 20.0, 4, 3, 6
WHOLE_EARTH = (-180.0, -60.0, 180.0, 75.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the map shows.

    Attributes
    ----------
    bounds : (west, south, east, north) [degrees]
        East may be beyond 180.
    crosses : bool
        Whether the country lies on both sides of the 180th meridian: then longitudes run on eastwards.
    """

    bounds: tuple[float, float, float, float]
    crosses: bool

    @property
    def extent_degrees(self) -> float:
        """The longer side."""
        west, south, east, north = self.bounds
        return max(east - west, north - south)

    def lon(self, lon: np.ndarray) -> np.ndarray:
        """Return longitudes as this map counts them.

        >>> Frame((177.0, -19.0, 182.0, -16.0), crosses=True).lon(np.array([178.5, -179.5]))
        array([178.5, 180.5])
        """
        return np.where(self.crosses & (np.asarray(lon) < 0), np.asarray(lon) + 360, lon)

    def moved(self, shapes: np.ndarray) -> np.ndarray:
        """Return shapes in degrees with longitudes as this map counts them."""
        if not self.crosses:
            return shapes
        return shapely.transform(shapes, lambda xy: np.column_stack([self.lon(xy[:, 0]), xy[:, 1]]))


def frame_of(review: Review) -> Frame:
    """Return what a map of a review shows: the country, or its units, or whatever zones there are."""
    zones = review.zones.to_crs(4326)
    west, _, east, _ = zones.total_bounds
    crosses = bool(east - west > 180)
    whole = Frame(WHOLE_EARTH, crosses=crosses)
    for level in (COUNTRY, district_level(review), None):
        chosen = zones.geometry if level is None else zones.geometry[zones["level"] == level]
        bounds = shapely.total_bounds(whole.moved(chosen.to_numpy())) if len(chosen) else np.full(4, np.nan)
        if np.isfinite(bounds).all():
            west, south, east, north = (round(float(edge), DECIMALS) for edge in bounds)
            return Frame((west, south, east, north), crosses)
    return whole


def outlines(review: Review, frame: Frame) -> dict[str, dict[str, Any]]:
    """Return the outlines of every level as GeoJSON; the id of a feature is the zone's row in the wide table.

    Parameters
    ----------
    review : Review
    frame : Frame
        Of the same review.

    Returns
    -------
    dict of str to dict
        A feature collection in degrees by level. Zones without a shape are left out.

    Notes
    -----
    Neighbouring units keep a common border where the installed GEOS simplifies coverages (from 3.12 on); parts of a unit
    too small to be seen go, but never its largest. A level with more than `CORNERS_AT_MOST` corners gets coarser.
    """
    shapes = review.zones.geometry.to_crs(4326)
    return {
        level: _collection(frame.moved(shapes.reindex(wide_table(review, level).index).to_numpy()), level, frame)
        for level in level_tables(review)
    }


def _collection(shapes: np.ndarray, level: str, frame: Frame) -> dict[str, Any]:
    rows = np.flatnonzero(~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
    is_settlement = level in SETTLEMENTS
    decimals = DECIMALS if is_settlement or frame.extent_degrees < BIG_COUNTRY_DEGREES else DECIMALS_OF_BIG
    drawn = _simpler(shapes[rows], frame, is_settlement=is_settlement) if len(rows) else shapes[rows]
    return _features(
        {"type": "Feature", "id": int(row), "properties": {}, "geometry": _polygons(shape, decimals)}
        for row, shape in zip(rows, drawn, strict=True)
    )


def _features(features: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def _simpler(shapes: np.ndarray, frame: Frame, *, is_settlement: bool) -> np.ndarray:
    """Return shapes with as many corners as a map can show, and no more than a page should hold."""
    seen = frame.extent_degrees / STEPS_ACROSS
    simpler = shapes
    for tolerance in chain([CELL_CORNERS_DEGREES] * is_settlement, seen * 2.0 ** np.arange(8)):
        simpler = shapely.simplify(shapes, tolerance) if is_settlement else _coverage(shapes, tolerance)
        if shapely.get_num_coordinates(simpler).sum() <= CORNERS_AT_MOST:
            break
    return simpler


def _coverage(shapes: np.ndarray, tolerance: float) -> np.ndarray:
    large = _without_specks(shapes, tolerance**2)
    return (
        shapely.coverage_simplify(large, tolerance)
        if shapely.geos_version >= (3, 12, 0)
        else shapely.simplify(large, tolerance)
    )


def _without_specks(shapes: np.ndarray, area: float) -> np.ndarray:
    """Leave out polygons under an area [square degrees], unless a zone has no larger one."""
    parts, whose = shapely.get_parts(shapes, return_index=True)
    areas = pd.Series(shapely.area(parts))
    kept = (areas >= area) | (areas == areas.groupby(whose).transform("max"))
    whose, parts = whose[kept], parts[kept]
    return np.array(
        [shapely.multipolygons(group) for group in np.split(parts, np.flatnonzero(np.diff(whose)) + 1)], dtype=object
    )


def _polygons(shape: shapely.Geometry, decimals: int) -> dict[str, Any]:
    """Return an area as GeoJSON with rounded corners; what would vanish by rounding keeps more digits."""
    polygons = [part for part in shapely.get_parts(shape) if part.geom_type == "Polygon"]
    rings = [found for polygon in polygons if (found := _rings(polygon, decimals))]
    rings = rings or [found for polygon in polygons if (found := _rings(polygon, DECIMALS_OF_TINY))]
    return {"type": "Polygon", "coordinates": rings[0]} if len(rings) == 1 else {"type": "MultiPolygon", "coordinates": rings}


def _rings(polygon: shapely.Polygon, decimals: int) -> list[list[list[float]]]:
    shell, *holes = (_corners(ring, decimals) for ring in (polygon.exterior, *polygon.interiors))
    return [shell, *(hole for hole in holes if len(hole) > 3)] if len(shell) > 3 else []


def _corners(line: shapely.Geometry, decimals: int) -> list[list[float]]:
    places = np.round(shapely.get_coordinates(line), decimals)
    moves = np.r_[True, (places[1:] != places[:-1]).any(axis=1)]
    return places[moves].tolist()


def ways(review: Review, frame: Frame) -> dict[str, dict[str, Any]]:
    """Return the ways between cities as GeoJSON, those of the largest cities first; empty in a review without travel.

    Parameters
    ----------
    review : Review
    frame : Frame
        Of the same review.

    Returns
    -------
    dict of str to dict
        A feature collection under ``routes_city_city``; a way's properties are ``from, to`` (zone ids), ``minutes``, ``km``.
    """
    found = review.routes.get(WAYS)
    if found is None:
        return {}
    drawn = _first_ways(review, found[found.geometry.notna() & ~found.geometry.is_empty])
    decimals = DECIMALS if frame.extent_degrees < BIG_COUNTRY_DEGREES else DECIMALS_OF_BIG
    lines = shapely.simplify(frame.moved(drawn.geometry.to_crs(4326).to_numpy()), frame.extent_degrees / STEPS_ACROSS)
    ends = zip(drawn["from_id"], drawn["to_id"], drawn["minutes"], drawn["km"], lines, strict=True)
    return {WAYS: _features(_way(*end, decimals=decimals) for end in ends)}


def _first_ways(review: Review, found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    ranks = {zone_id: rank for rank, zone_id in enumerate(wide_table(review, "urban_centre").index)}
    rank = np.fmax(found["from_id"].map(ranks), found["to_id"].map(ranks))
    return found.loc[rank.sort_values(kind="stable").index[:WAYS_AT_MOST]].sort_index()


def _way(start: str, end: str, minutes: float, km: float, line: shapely.Geometry, *, decimals: int) -> dict[str, Any]:
    told = {"from": str(start), "to": str(end), "minutes": rounded(minutes), "km": rounded(km)}
    parts = [found for part in shapely.get_parts(line) if len(found := _corners(part, decimals)) > 1]
    return {"type": "Feature", "properties": told, "geometry": {"type": "MultiLineString", "coordinates": parts}}
