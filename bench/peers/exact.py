"""exactextract on an array in memory: coverage fractions, and statistics by both of its strategies."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from worker import FLOOR, Call, Report, lights_files, serve

OPERATIONS = {"sum": "sum", "min": "min", "max": "max", "mean": "mean", "stdev": "sd"}


def _source(path: str, *, whole: bool = False) -> NumPyRasterSource:
    """Return the raster in memory, values below the floor already nodata: cutting them is not part of the time.

    With `whole` they are a number instead, so that every cell has one: coverage lists valid cells only.
    """
    with rasterio.open(path) as dataset:
        values, (west, south, east, north) = dataset.read(1), dataset.bounds
        values[values < FLOOR] = 1.0 if whole else dataset.nodata
        wkt = dataset.crs.to_wkt()
        return NumPyRasterSource(values, west, south, east, north, nodata=dataset.nodata, srs_wkt=wkt)


def _plan(folder: Path) -> tuple[Call, Report]:
    zones, source = gpd.read_file(folder / "zones.gpkg"), _source(lights_files(folder)[0], whole=True)

    def call(_: int) -> list:
        return exact_extract(source, zones, ["cell_id", "coverage"])

    return call, lambda found: {"cells": [float(np.sum(row["properties"]["coverage"])) for row in found]}


def _statistics(strategy: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        zones = gpd.read_file(folder / "zones.gpkg")
        sources = [_source(path) for path in lights_files(folder)]

        def call(number: int) -> list:
            return exact_extract(sources[number % len(sources)], zones, list(OPERATIONS), strategy=strategy)

        def report(_: object) -> dict:
            rows = [row["properties"] for row in call(0)]
            return {ours: [float(row[theirs]) for row in rows] for theirs, ours in OPERATIONS.items()}

        return call, report

    return prepare


if __name__ == "__main__":
    serve(
        {
            "plan": _plan,
            "statistics": _statistics("feature-sequential"),
            "statistics, raster by raster": _statistics("raster-sequential"),
        },
        packages=("exactextract", "numpy", "geopandas"),
    )
