"""How the demo writes a raster: tiled, compressed, tagged, and never half a file under its final name."""

from pathlib import Path

import numpy as np
import rasterio
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioIOError

TILE = 512
"""Cells per side of a tile."""


def write_geotiff(path: Path, values: np.ndarray, grid: GeoBox, *, dtype: str, nodata: float, tags: dict[str, str]) -> None:
    """Write a raster beside its target, then rename it.

    Parameters
    ----------
    path : Path
        In a folder that exists.
    values : ndarray of float, shape (rows, cols)
        NaN is missing and becomes `nodata`.
    grid : GeoBox
    dtype : str
        Of the file, such as ``float32`` or ``uint32``.
    nodata : float
    tags : dict
        Written as TIFF tags of the file.
    """
    part = path.with_name(path.name + ".part")
    profile = {
        "driver": "GTiff",
        "height": grid.shape[0],
        "width": grid.shape[1],
        "count": 1,
        "dtype": dtype,
        "nodata": nodata,
        "crs": str(grid.crs),
        "transform": grid.transform,
        "tiled": True,
        "blockxsize": TILE,
        "blockysize": TILE,
        "compress": "deflate",
        "zlevel": 1,
    }
    stored = np.where(np.isnan(values), np.asarray(nodata, values.dtype), values).astype(dtype)
    with rasterio.open(part, "w", **profile) as file:
        file.write(stored, 1)
        file.update_tags(**tags)
    part.replace(path)


def has_tags(path: Path, tags: dict[str, str]) -> bool:
    """Tell whether a readable raster with these tags is there."""
    if not path.exists():
        return False
    try:
        with rasterio.open(path) as file:
            found = file.tags()
    except RasterioIOError:
        return False
    return tags.items() <= found.items()
