"""The demo's river floods: depth by return period along modelled rivers through real cities, on a 9 arc-second grid."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from pyproj import Geod
from rasterio.windows import Window
from scipy.spatial import KDTree

from urbanreview.demo.country import EAST, NORTH, SOUTH, WEST
from urbanreview.demo.geotiff import TILE, has_tags
from urbanreview.demo.model import Model
from urbanreview.demo.notes import tags_of
from urbanreview.grid import cell_centres

CELLS_PER_DEGREE = 400
NODATA = -9999.0
RETURN_PERIODS = {10: (1.0, 0.8), 20: (1.4, 1.2), 50: (2.0, 1.8), 100: (2.6, 2.4), 200: (3.2, 3.0), 500: (4.0, 4.0)}
"""Return period [years]: depth in the middle of the river [m], and how far the flood reaches from it [km]."""
POINT_EVERY_M = 100.0
"""The middle of a river is known as points so far apart."""
BLOCK = 32
"""Cells per side of the blocks that are passed over where no river is near."""
_EARTH_KM = 6_371.0

RIVERS: dict[str, tuple[tuple[float, float], ...]] = {
    "Ural": ((51.40, 51.45), (51.37, 51.20), (51.75, 50.20), (51.80, 49.00), (51.95, 47.90), (51.92, 47.11), (51.75, 46.95)),
    "Ishim": ((72.20, 51.00), (71.43, 51.16), (70.20, 51.60), (67.80, 51.80), (67.30, 53.20), (69.14, 54.88)),
    "Irtysh": ((82.61, 49.97), (80.25, 50.42), (78.50, 51.40), (76.95, 52.30), (75.60, 53.60)),
    "Syr Darya": ((68.25, 42.90), (66.70, 44.10), (65.50, 44.84), (64.10, 45.40), (62.15, 45.76)),
}
"""Longitude and latitude [degrees] of the bends of every river; it runs straight between them."""


def flood_grid() -> GeoBox:
    """Return the grid of flood depth: 9 arc-seconds, north up.

    >>> flood_grid().shape.yx
    (6320, 17040)
    """
    rows, cols = round((NORTH - SOUTH) * CELLS_PER_DEGREE), round((EAST - WEST) * CELLS_PER_DEGREE)
    return GeoBox((rows, cols), Affine(1 / CELLS_PER_DEGREE, 0, WEST, 0, -1 / CELLS_PER_DEGREE, NORTH), "EPSG:4326")


def flood_depth(away_km: np.ndarray, return_period: int) -> np.ndarray:
    """Depth [m] at a distance from the middle of a river; it falls evenly to zero, NaN beyond.

    >>> flood_depth(np.array([0.0, 1.2, 2.4]), 100).tolist()
    [2.6, 1.3, nan]
    """
    deepest, reach_km = RETURN_PERIODS[return_period]
    return np.where(away_km < reach_km, deepest * (1 - away_km / reach_km), np.nan)


@cache
def river_points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes [degrees] of points along a river, `POINT_EVERY_M` apart on geodesics."""
    geod = Geod(ellps="WGS84")
    bends = RIVERS[name]
    points = [bends[0]]
    for (lon, lat), (next_lon, next_lat) in pairwise(bends):
        count = int(geod.inv(lon, lat, next_lon, next_lat)[2] // POINT_EVERY_M)
        points += [*geod.npts(lon, lat, next_lon, next_lat, count), (next_lon, next_lat)]
    found = np.array(points)
    return found[:, 0], found[:, 1]


def river_windows(grid: GeoBox) -> dict[tuple[int, int], list[str]]:
    """Return the tiles of a grid, by row and column of the tile, that a flood can reach, with their rivers."""
    found: dict[tuple[int, int], list[str]] = {}
    t = grid.transform
    reach = max(reach_km for _, reach_km in RETURN_PERIODS.values()) / 60.0  # [degrees], with room to spare
    for name in RIVERS:
        lon, lat = river_points(name)
        for east, north in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
            rows = ((lat + north * reach - t.f) / t.e).astype(int) // TILE
            cols = ((lon + east * reach - t.c) / t.a).astype(int) // TILE
            for tile in set(zip(rows.tolist(), cols.tolist(), strict=True)):
                names = found.setdefault(tile, [])
                if name not in names:
                    names.append(name)
    return found


def river_distance_km(grid: GeoBox, names: Sequence[str]) -> np.ndarray:
    """Distance of cells from the nearest of some rivers [km], shape (rows, cols); infinite where no flood reaches."""
    river = KDTree(np.concatenate([_on_sphere(*river_points(name)) for name in names]))
    furthest = max(reach_km for _, reach_km in RETURN_PERIODS.values())
    lon, lat = cell_centres(grid, sparse=True)
    away_km = np.full(grid.shape, np.inf)
    for row in range(0, grid.shape[0], BLOCK):
        for col in range(0, grid.shape[1], BLOCK):
            block = slice(row, row + BLOCK), slice(col, col + BLOCK)
            block_lon, block_lat = np.broadcast_arrays(lon[:, block[1]], lat[block[0]])
            corners = _on_sphere(block_lon[[0, 0, -1, -1], [0, -1, 0, -1]], block_lat[[0, 0, -1, -1], [0, -1, 0, -1]])
            widest = np.linalg.norm(corners[0] - corners[3])
            if river.query(corners[0])[0] <= furthest + 1.1 * widest:
                away = river.query(_on_sphere(block_lon, block_lat), distance_upper_bound=furthest)[0]
                away_km[block] = away.reshape(block_lon.shape)
    return away_km


def _on_sphere(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Positions in space [km], shape (points, 3): chords of a few km are as long as arcs."""
    lam, phi = np.radians(np.ravel(lon)), np.radians(np.ravel(lat))
    return _EARTH_KM * np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


@dataclass(frozen=True, slots=True)
class Floods:
    """The flood depths as a layer of the demo: one GeoTIFF per return period, only tiles with a river stored."""

    name: str = "flood"

    def files(self) -> tuple[str, ...]:
        """Paths of all return periods."""
        return tuple(f"flood/rp{return_period}.tif" for return_period in RETURN_PERIODS)

    def is_written(self, path: Path) -> bool:
        """Tell whether a file of this version is there."""
        return has_tags(path, tags_of("intensity", "m"))

    def write(self, model: Model, file: str, path: Path) -> None:
        """Write the file of one return period, tile by tile."""
        return_period = int(file.removeprefix("flood/rp").removesuffix(".tif"))
        grid = flood_grid()
        rows, cols = grid.shape
        part = path.with_name(path.name + ".part")
        profile = {
            "driver": "GTiff",
            "height": rows,
            "width": cols,
            "count": 1,
            "dtype": "float32",
            "nodata": NODATA,
            "crs": str(grid.crs),
            "transform": grid.transform,
            "tiled": True,
            "blockxsize": TILE,
            "blockysize": TILE,
            "compress": "deflate",
            "sparse_ok": True,
        }
        with rasterio.open(part, "w", **profile) as target:
            for (row, col), names in sorted(river_windows(grid).items()):
                top, left = row * TILE, col * TILE
                bottom, right = min(top + TILE, rows), min(left + TILE, cols)
                away_km = model.once(("flood", row, col), partial(river_distance_km, grid[top:bottom, left:right], names))
                depth = flood_depth(away_km, return_period)
                window = Window(left, top, right - left, bottom - top)
                target.write(np.where(np.isnan(depth), NODATA, depth.round(2)), 1, window=window)
            target.update_tags(return_period=str(return_period), **tags_of("intensity", "m"))
        part.replace(path)


FLOOD = Floods()
