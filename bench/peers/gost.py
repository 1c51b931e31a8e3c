"""GOSTurban's extents and GOSTrocks' zonal statistics, called as the Kazakhstan notebook calls them."""

from pathlib import Path
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import rasterio
from GOSTrocks.rasterMisc import zonalStats
from GOSTurban.UrbanRaster import urbanGriddedPop
from worker import (
    DENSE,
    DENSE_CENTRE,
    ENOUGH,
    ENOUGH_CENTRE,
    FLOOR,
    PART,
    Call,
    Report,
    lights_files,
    population_file,
    serve,
)


def _numbers(found: gpd.GeoDataFrame) -> dict:
    return {"people": sorted(float(people) for people in found["pop"])}


def _extents(folder: Path) -> tuple[Call, Report]:
    path = population_file(folder)

    def call(_: int) -> gpd.GeoDataFrame:
        return urbanGriddedPop(path).calculateUrban(densVal=DENSE, totalPopThresh=ENOUGH)

    return call, _numbers


def _extents_without_read(folder: Path) -> tuple[Call, Report]:
    """A stand-in for the dataset hands out the array that is already there."""
    path = population_file(folder)
    with rasterio.open(path) as dataset:
        band = dataset.read()
        meta = {"crs": dataset.crs, "transform": dataset.transform, "res": dataset.res, "meta": dataset.meta}
    calculator = urbanGriddedPop(path)
    calculator.inR = SimpleNamespace(read=lambda: band, **meta)
    return lambda _: calculator.calculateUrban(densVal=DENSE, totalPopThresh=ENOUGH), _numbers


def _centres(folder: Path) -> tuple[Call, Report]:
    path = population_file(folder)

    def call(_: int) -> gpd.GeoDataFrame:
        return urbanGriddedPop(path).calculateUrban(densVal=DENSE_CENTRE, totalPopThresh=ENOUGH_CENTRE, smooth=True)

    return call, _numbers


def _statistics(folder: Path) -> tuple[Call, Report]:
    paths, zones = lights_files(folder), gpd.read_file(folder / "zones.gpkg")

    def call(number: int) -> list:
        return zonalStats(zones, paths[number % len(paths)], minVal=FLOOR, calc_sd=True)

    def report(_: object) -> dict:
        rows = [row if row is not None and len(row) >= 5 else [np.nan] * 5 for row in call(0)]
        columns = np.array([[float(value) for value in row[:5]] for row in rows]).T
        return {name: column.tolist() for name, column in zip(("sum", "min", "max", "mean", "sd"), columns, strict=True)}

    return call, report


def _series(folder: Path) -> tuple[Call, Report]:
    one, report = _statistics(folder)
    return lambda _: [one(k) for k in range(PART)], report


if __name__ == "__main__":
    serve(
        {
            "extents from file": _extents,
            "extents": _extents_without_read,
            "centres from file": _centres,
            "statistics from file": _statistics,
            "series": _series,
        },
        packages=("GOSTurban", "GOSTrocks", "rasterstats", "rasterio", "numpy", "geopandas"),
    )
