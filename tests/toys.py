"""Small made-up inputs with totals you can count: lopsided, so that a swapped axis or a mirrored grid shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from affine import Affine
from odc.geo.crs import CRS
from odc.geo.geobox import GeoBox

from urbanreview.grid import make_raster

ARC_30 = 1 / 120
"""Thirty arc-seconds [degrees]; no binary fraction, which is the point."""


@cache
def crs_of(name: str) -> CRS:
    """Keep one object per reference system: a new one looks itself up in all of PROJ's lists."""
    return CRS(name)


def grid(
    shape: tuple[int, int],
    *,
    left: float = 0.0,
    top: float = 0.0,
    cell: float = 1000.0,
    height: float | None = None,
    crs: str = "ESRI:54009",
) -> GeoBox:
    """Make a grid from its upper left corner; ``height`` of a cell if it is not square."""
    return GeoBox(shape, Affine(cell, 0, left, 0, -(height or cell), top), crs_of(crs))


def degrees(shape: tuple[int, int], *, left: float = 46.0 + 59 / 120, top: float = 55.45, cell: float = ARC_30) -> GeoBox:
    """Make a grid in degrees; the origin is one that no binary fraction hits."""
    return grid(shape, left=left, top=top, cell=cell, crs="EPSG:4326")


def raster(values, geobox: GeoBox, *, kind: str = "count", units: str = "people", source: str = "toy") -> xr.DataArray:
    """Dress an array or nested list."""
    return make_raster(np.asarray(values), geobox, kind=kind, units=units, source=source)


def pixel_polygon(geobox: GeoBox, corners: Sequence[tuple[float, float]], holes: Sequence[Sequence] = ()) -> shapely.Polygon:
    """Make a polygon from (column, row) corners of a grid."""

    def placed(ring):
        return [geobox.transform @ corner for corner in ring]

    return shapely.Polygon(placed(corners), [placed(hole) for hole in holes])


def pixel_box(geobox: GeoBox, left: float, top: float, right: float, bottom: float) -> shapely.Polygon:
    """Make a rectangle between columns ``left, right`` and rows ``top, bottom`` of a grid."""
    return pixel_polygon(geobox, [(left, top), (right, top), (right, bottom), (left, bottom)])


def zones_of(shapes: Mapping[str, shapely.Geometry | None], crs: object = 4326, **columns: object) -> gpd.GeoDataFrame:
    """Make a frame of zones indexed by ``zone_id``."""
    index = pd.Index(list(shapes), name="zone_id", dtype="str")
    return gpd.GeoDataFrame(dict(columns), geometry=list(shapes.values()), index=index, crs=crs)


def polygons_of(rings) -> list[tuple[int, shapely.Polygon]]:
    """Assemble traced rings into one (label, polygon) per piece, in (column, row) coordinates."""
    pieces = []
    for piece, label in enumerate(rings.label):
        outlines = [
            np.column_stack([rings.col[rings.ring == ring], rings.row[rings.ring == ring]])
            for ring in np.flatnonzero(rings.piece == piece)
        ]
        pieces.append((int(label), shapely.Polygon(outlines[0], outlines[1:])))
    return pieces


SEA = np.nan
PEOPLE = np.array(
    [
        [SEA, 0, 0, 0, 0, 0, 20_000, 18_000, 400],
        [0, 0, 10, 0, 0, 300, 15_000, 900, 0],
        [0, 0, 0, 0, 20, 0, 0, 350, 0],
        [4_000, 0, 0, 0, 0, 0, 0, 0, 350],
        [1_200, 700, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 299, 0, 0, 0, 50],
    ]
)
"""People per square kilometre cell: a city in the north-east, a town in the south-west, 61,579 in all."""

CORNERS = {
    "north-east": (2_000_000.0, 5_500_000.0),
    "north-west": (-3_000_000.0, 4_000_000.0),
    "south-east": (9_000_000.0, -3_000_000.0),
    "south-west": (-5_000_000.0, -2_500_000.0),
}


@dataclass(frozen=True)
class Toy:
    """The toy country somewhere on a 1 km grid.

    Attributes
    ----------
    people : DataArray
        `PEOPLE`, read-only.
    districts : GeoDataFrame
        In the grid's CRS, columns ``code, town, province``: west, north-east and south-east of lines that cut cells.
    living : dict of str to float
        People of every district, counted by hand.
    """

    where: str
    people: xr.DataArray
    districts: gpd.GeoDataFrame
    living: dict[str, float]


def toy_country(where: str = "north-east") -> Toy:
    """Place the toy country in a quarter of the globe."""
    left, top = CORNERS[where]
    geobox = grid(PEOPLE.shape, left=left, top=top)
    values = PEOPLE.copy()
    values.flags.writeable = False
    parts = {"7": (0, 0, 4.5, 6), "8": (4.5, 0, 9, 2.25), "9": (4.5, 2.25, 9, 6)}
    districts = gpd.GeoDataFrame(
        {"code": [7.0, 8.0, 9.0], "town": ["West", "Norreast", "Soureast"], "province": ["W", "E", "E"]},
        geometry=[pixel_box(geobox, *part) for part in parts.values()],
        crs=geobox.crs.to_wkt(),
    )
    # West: 10 + 4,000 + 1,200 + 700 and half of 20 and 299. North-east: 38,400 + 16,200 and a quarter of 350 and of
    # half of 20. South-east: three quarters of the same, 350 and 50 and half of 299.
    living = {"TOY-adm2-7": 6_069.5, "TOY-adm2-8": 54_690.0, "TOY-adm2-9": 819.5}
    return Toy(where, raster(values, geobox), districts, living)
