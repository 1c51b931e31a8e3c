"""rasterstats on arrays in memory and on files: cells whose centre lies in the zone."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterstats import zonal_stats
from worker import FLOOR, PART, Call, Report, lights_files, series_files, serve

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


def _series(folder: Path) -> tuple[Call, Report]:
    """From the files as they are; compared on values above the floor, like the statistics."""
    paths, zones = series_files(folder, PART), gpd.read_file(folder / "zones.gpkg")

    def call(_: int) -> list:
        return [zonal_stats(zones, path, stats=list(STATISTICS)) for path in paths]

    def report(found: object) -> dict:
        return _statistics(folder)[1](found)

    return call, report


if __name__ == "__main__":
    serve({"statistics": _statistics, "series": _series}, packages=("rasterstats", "rasterio", "numpy", "geopandas"))
