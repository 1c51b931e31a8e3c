"""exactextract on arrays in memory and on files: coverage fractions, and statistics by both of its strategies."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource, RasterioRasterSource
from worker import FLOOR, PART, Call, Report, lights_files, series_files, serve

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


def _series(*, in_one_call: bool):
    """From the files as they are; compared on values above the floor, like the statistics."""

    def prepare(folder: Path) -> tuple[Call, Report]:
        paths, zones = series_files(folder, PART), gpd.read_file(folder / "zones.gpkg")

        def call(_: int) -> list:
            if in_one_call:
                sources = [RasterioRasterSource(path, name=f"raster_{k}") for k, path in enumerate(paths)]
                return exact_extract(sources, zones, list(OPERATIONS))
            return [exact_extract(path, zones, list(OPERATIONS)) for path in paths]

        def report(found: object) -> dict:
            return _statistics("feature-sequential")(folder)[1](found)

        return call, report

    return prepare


if __name__ == "__main__":
    serve(
        {
            "plan": _plan,
            "statistics": _statistics("feature-sequential"),
            "statistics, raster by raster": _statistics("raster-sequential"),
            "series": _series(in_one_call=False),
            "series in one call": _series(in_one_call=True),
        },
        packages=("exactextract", "numpy", "geopandas"),
    )
