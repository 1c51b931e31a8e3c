"""rasterstats on an array in memory: cells whose centre lies in the zone."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterstats import zonal_stats
from worker import FLOOR, Call, Report, lights_files, serve

STATISTICS = {"sum": "sum", "min": "min", "max": "max", "mean": "mean", "std": "sd"}


def _array(path: str) -> np.ndarray:
    """Read a raster, values below the floor already nodata: rasterstats has no floor of its own."""
    with rasterio.open(path) as dataset:
        values = dataset.read(1)
        values[values < FLOOR] = dataset.nodata
        return values


def _statistics(folder: Path) -> tuple[Call, Report]:
    paths, zones = lights_files(folder), gpd.read_file(folder / "zones.gpkg")
    arrays = [_array(path) for path in paths]
    with rasterio.open(paths[0]) as dataset:
        how = {"affine": dataset.transform, "nodata": dataset.nodata, "stats": list(STATISTICS)}

    def call(number: int) -> list:
        return zonal_stats(zones, arrays[number % len(arrays)], **how)

    def report(_: object) -> dict:
        rows = call(0)
        return {
            ours: [float("nan" if row[theirs] is None else row[theirs]) for row in rows] for theirs, ours in STATISTICS.items()
        }

    return call, report


if __name__ == "__main__":
    serve({"statistics": _statistics}, packages=("rasterstats", "rasterio", "numpy", "geopandas"))
