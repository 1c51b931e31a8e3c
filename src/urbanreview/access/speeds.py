"""How fast one moves: frozen tables of speeds by land cover and by class of road, each with its source.

A table is a plain mapping of records. A variant is a copy with a difference:

>>> from dataclasses import replace
>>> slower = dict(MODIS_IGBP) | {12: replace(MODIS_IGBP[12], speed_km_per_h=2.0, source="field survey")}
>>> MODIS_IGBP[12].speed_km_per_h, slower[12].speed_km_per_h
(2.5, 2.0)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any

from urbanreview.errors import BadSetting


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
        if not 0.0 <= self.speed_km_per_h < inf:
            raise BadSetting(f"speed of '{self.name}'", [f"{self.speed_km_per_h} km/h, expected 0 or more"])


def _table(source: str, rows: Sequence[tuple[Any, ...]]) -> dict[Any, Speed]:
    """Make records of (key, name, speed) or (key, name, speed, another source)."""
    return {key: Speed(key, name, speed, *(other or [source])) for key, name, speed, *other in rows}


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
