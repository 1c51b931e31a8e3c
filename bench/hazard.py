"""Floods of nine return periods at 3 arc-seconds over the made-up country: tiled, mostly never written. Always the same."""

from pathlib import Path

import numpy as np
import rasterio
from country import COLS, NODATA, ROWS, TRANSFORM
from rasterio.windows import Window

SEED = 11
FINER, TILE = 10, 512
PERIODS = (2, 5, 10, 25, 50, 100, 250, 500, 1000)
REACH_CELLS = (4, 7, 10, 15, 20, 26, 36, 45, 56)
"""How far a flood reaches from the middle of its river, by return period [3 arc-seconds]."""
DEEPEST_M = 4.0
ALONG, ACROSS = 3, 2
"""Rivers that run from west to east, and from north to south."""


def course(length: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """Where a river runs across, at every cell along: float64, shape (length,)."""
    t = np.linspace(0, 1, length)
    bends = sum(rng.normal(0, 0.12 / k) * np.sin(2 * np.pi * (k * t + rng.random())) for k in (1, 2, 3, 7, 19, 41, 97))
    return width * np.clip(rng.uniform(0.25, 0.75) + bends, 0.02, 0.98)


def nearest(along: list, across: list, row: np.ndarray, col: np.ndarray, reach: int) -> np.ndarray | None:
    """Distance of the cells of a tile from the nearest river that comes near it [cells]; None where none does."""
    away = [np.abs(row[:, None] - river[col]) for river in along if _meets(river[col], row, reach)]
    away += [np.abs(col - river[row][:, None]) for river in across if _meets(river[row], col, reach)]
    return np.min(away, axis=0) if away else None


def _meets(river: np.ndarray, tile: np.ndarray, reach: int) -> bool:
    return river.min() - reach < tile[-1] and river.max() + reach > tile[0]


def hazard_files(folder: Path) -> dict[float, Path]:
    """The maps by return period."""
    return {float(period): folder / f"flood-{period:04}.tif" for period in PERIODS}


def make_hazard(folder: Path) -> None:
    """Write the maps, once; tiles that no flood reaches are not written."""
    rng = np.random.default_rng(SEED)
    rows, cols = ROWS * FINER, COLS * FINER
    along = [course(cols, rows, rng) for _ in range(ALONG)]
    across = [course(rows, cols, rng) for _ in range(ACROSS)]
    profile = {"driver": "GTiff", "height": rows, "width": cols, "count": 1, "dtype": "float32", "nodata": NODATA}
    profile |= {"crs": "EPSG:4326", "transform": TRANSFORM @ TRANSFORM.scale(1 / FINER), "compress": "deflate", "zlevel": 1}
    profile |= {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "sparse_ok": True}
    for path, reach in zip(hazard_files(folder).values(), REACH_CELLS, strict=True):
        if path.exists():
            continue
        part = path.with_suffix(".part.tif")
        with rasterio.open(part, "w", **profile) as dataset:
            for top in range(0, rows, TILE):
                for left in range(0, cols, TILE):
                    row, col = np.arange(top, min(top + TILE, rows)), np.arange(left, min(left + TILE, cols))
                    near = nearest(along, across, row, col, reach)
                    if near is not None and (near < reach).any():
                        depth = np.where(near < reach, DEEPEST_M * (1 - near / reach), NODATA).astype(np.float32)
                        dataset.write(depth, 1, window=Window(left, top, col.size, row.size))
        part.rename(path)
