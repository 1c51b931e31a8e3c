"""Small cost surfaces for tests of travel time: where to find their cells, and landscapes with roads, rivers and islands."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import shapely
from odc.geo.geobox import GeoBox
from toys import degrees, grid, raster

from urbanreview.access import CostSurface, Places, cost_surface, find_places

GRIDS = {
    "north": degrees((13, 17)),
    "south": degrees((13, 17), left=-70.3, top=-34.6),
    "equator": degrees((13, 17), left=9.2, top=0.05),
    "not square": grid((13, 17), cell=1 / 60, height=1 / 240, left=60.0, top=48.0, crs="EPSG:4326"),
    "utm": grid((13, 17), left=166_000.0, top=5_500_000.0, crs="EPSG:32640"),
    "equal area": grid((13, 17), cell=1_000.0, height=400.0, left=6_500_000.0, top=4_900_000.0, crs="EPSG:3035"),
    "mollweide": grid((13, 17), left=5_000_000.0, top=5_500_000.0),
}
"""One shape everywhere, not square: degrees and metres, sheared and stretched."""
ROAD, TRACK, FIELD = 0.001, 0.005, 0.012
"""Minutes per metre: 60, 12 and 5 km/h."""


def friction_of(values, geobox: GeoBox, **said):
    """Dress minutes per metre."""
    return raster(np.asarray(values), geobox, **{"kind": "cost", "units": "min/m"} | said)


def surface_of(values, geobox: GeoBox, **how) -> CostSurface:
    """Make a cost surface; its friction may be anything."""
    return cost_surface(friction_of(values, geobox), **{"plausible": None} | how)[0]


def points_at(geobox: GeoBox, where: Mapping[str, tuple[float, float]]) -> gpd.GeoSeries:
    """Points by (row, column) in degrees: whole numbers are the centres of cells."""
    spots = [shapely.Point(*(geobox.transform @ (col + 0.5, row + 0.5))) for row, col in where.values()]
    return gpd.GeoSeries(spots, index=list(where), crs=geobox.crs.to_wkt()).to_crs(4326)


def places_at(surface: CostSurface, where: Mapping[str, tuple[float, float]], **how) -> Places:
    """Places by (row, column)."""
    return find_places(surface, points_at(surface.geobox, where), **how)[0]


def cells_of(surface: CostSurface, cells: np.ndarray) -> list[tuple[int, int]]:
    """Row and column of cells of the padded grid."""
    cols = surface.geobox.shape[1] + 2
    return [(int(cell) // cols - 1, int(cell) % cols - 1) for cell in cells]


def landscape(shape: tuple[int, int], seed: int, *, water: float = 0.1) -> np.ndarray:
    """Fields of uneven friction, roads across, lakes of NaN; no two ways cost the same."""
    random = np.random.default_rng(seed)
    rows, cols = shape
    values = random.uniform(TRACK, 2 * FIELD, shape)
    values[random.random(shape) < water] = np.nan
    for _ in range(2):
        values[random.integers(rows), :] = random.uniform(ROAD, 2 * ROAD, cols)
        values[:, random.integers(cols)] = random.uniform(ROAD, 2 * ROAD, rows)
    return values
