"""Belgium mirrored to the size of a continent: real cities, 32.8 million cells, edges that meet."""

import os
from pathlib import Path

import numpy as np
import rasterio

UP, ACROSS = 26, 19
LAYERS = {"population": "ghs_pop_e2020_1km.tif", "land": "ghs_land_e2018_1km.tif", "built": "ghs_built_s_e2020_1km.tif"}
TRANSFORM = rasterio.Affine(1000, 0, -2_800_000, 0, -1000, 2_800_000)


def shared_belgium(root: Path) -> Path | None:
    """Where the shared data lie: beside the checkout, or where URBANREVIEW_SHARED points."""
    shared = Path(os.environ.get("URBANREVIEW_SHARED") or root.parent / "shared")
    folder = shared / "data" / "belgium"
    return folder if (folder / LAYERS["population"]).is_file() else None


def mirrored(cells: np.ndarray) -> np.ndarray:
    """Repeat an array, every other copy turned over, so that neighbours meet in equal cells."""
    column = np.concatenate([cells[::-1] if i % 2 else cells for i in range(UP)], axis=0)
    return np.concatenate([column[:, ::-1] if i % 2 else column for i in range(ACROSS)], axis=1)


def make_twice(folder: Path) -> None:
    """Write the country's population above its own mirror image, once: what the slowest peer just finishes in two minutes."""
    target = folder / "population-twice.tif"
    if target.exists():
        return
    with rasterio.open(folder / "population.tif") as dataset:
        cells, profile = dataset.read(1), dataset.profile
    part = target.with_suffix(".part.tif")
    with rasterio.open(part, "w", **(profile | {"height": 2 * cells.shape[0]})) as dataset:
        dataset.write(np.concatenate([cells, cells[::-1]]), 1)
    part.rename(target)


def make_mirror(folder: Path, root: Path) -> str:
    """Write the three layers, once; return why not if the data are absent."""
    source = shared_belgium(root)
    if source is None:
        return "the shared data are not there"
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in LAYERS.items():
        target = folder / f"{name}.tif"
        if target.exists():
            continue
        with rasterio.open(source / file) as dataset:
            cells, profile = mirrored(dataset.read(1)), dataset.profile
        profile |= {"height": cells.shape[0], "width": cells.shape[1], "transform": TRANSFORM}
        profile |= {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
        part = target.with_suffix(".part.tif")
        with rasterio.open(part, "w", **profile) as dataset:
            dataset.write(cells, 1)
        part.rename(target)
    return ""
