"""Friction of the made-up country: cities, roads between them, lanes, open ground and lakes. Always the same."""

import json
from pathlib import Path

import numpy as np
import rasterio
from country import COLS, NODATA, ROWS, TRANSFORM, inside, to_pixels
from rasterio.features import rasterize
from scipy.ndimage import zoom
from scipy.spatial import Delaunay
from shapely.geometry import LineString, Point

SEED, CITIES, PLACES = 7, 150, 2_000
ROAD, LANE, OPEN = (0.0006, 0.001), (0.001, 0.002), (0.005, 0.02)
LAKES = 0.02


def _roads(at: np.ndarray, speeds: tuple[float, float], rng: np.random.Generator) -> list[tuple[LineString, float]]:
    corners = Delaunay(at).simplices
    pairs = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0)
    return [(LineString(at[pair]), float(rng.uniform(*speeds))) for pair in pairs]


def make_friction(folder: Path) -> None:
    """Write ``friction.tif`` (minutes per metre) and ``cities.json`` (columns and rows of 150 cities), once."""
    target = folder / "friction.tif"
    if target.exists() and (folder / "cities.json").exists():
        return
    rng, land = np.random.default_rng(SEED), inside()
    u, v = rng.uniform(0.03, 0.97, PLACES), rng.uniform(0.05, 0.95, PLACES)
    at = np.column_stack(to_pixels(u, v))
    friction = rng.uniform(*OPEN, (ROWS, COLS)).astype(np.float32)
    ground = zoom(rng.random((ROWS // 40 + 1, COLS // 40 + 1)), 40, order=1)[:ROWS, :COLS]
    friction[ground > np.quantile(ground, 1 - LAKES)] = NODATA
    lines = _roads(at, LANE, rng) + _roads(at[:CITIES], ROAD, rng)
    drawn = rasterize(lines, out_shape=(ROWS, COLS), all_touched=True, dtype="float32")
    friction = np.where(drawn > 0, drawn, friction)
    towns = rasterize([(Point(x, y).buffer(1.5), 0.001) for x, y in at], out_shape=(ROWS, COLS), dtype="float32")
    friction = np.where(towns > 0, np.float32(0.001), friction)
    friction[~land] = NODATA
    part = target.with_suffix(".part.tif")
    profile = {"driver": "GTiff", "height": ROWS, "width": COLS, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    tiles = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    with rasterio.open(part, "w", transform=TRANSFORM, nodata=NODATA, **profile, **tiles) as dataset:
        dataset.write(friction, 1)
    part.rename(target)
    cells = [(int(row), int(col)) for col, row in at[:CITIES]]
    (folder / "cities.json").write_text(json.dumps([(row, col) for row, col in cells if friction[row, col] > 0]))


def make_senegal(folder: Path, root: Path) -> str:
    """Copy the real friction of Senegal and the cells of its 30 cities, once; return why not if the data are absent."""
    import geopandas as gpd
    from mirror import shared_belgium

    belgium = shared_belgium(root)
    if belgium is None:
        return "the shared data are not there"
    source = belgium.parent / "senegal"
    (folder / "senegal.tif").write_bytes((source / "friction_motorized_1km.tif").read_bytes())
    with rasterio.open(folder / "senegal.tif") as dataset:
        cities = gpd.read_file(source / "ucdb_r2024a_cities.gpkg").to_crs(dataset.crs)
        cells = [dataset.index(point.x, point.y) for point in cities.geometry]
    (folder / "senegal.json").write_text(json.dumps([(int(row), int(col)) for row, col in cells]))
    return ""
