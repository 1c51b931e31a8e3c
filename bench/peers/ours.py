"""The public calls of urbanreview, as a user makes them."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from worker import FLOOR, SERIES, Call, Report, lights_files, population_file, series_files, serve, twice_file

import urbanreview as ur
from urbanreview.steps.classify import classify_files

STATISTICS = ("sum", "min", "max", "mean", "sd")


def _numbers(found: tuple) -> dict:
    return {"people": sorted(found[0].zones["people"].tolist())}


def _extents(level: str, *, with_read: bool):
    def prepare(folder: Path) -> tuple[Call, Report]:
        rules = getattr(ur.rules_of("notebook"), level)
        path = population_file(folder)
        people, _ = ur.open_raster(path)
        if with_read:
            return lambda _: ur.extents(ur.open_raster(path)[0], rules=rules), _numbers
        return lambda _: ur.extents(people, rules=rules), _numbers

    return prepare


def _degree(folder: Path) -> tuple[Call, Report]:
    people, _ = ur.open_raster(twice_file(folder), kind="count", units="people")

    def report(found: object) -> dict:
        return {"class_cells": [int((found.values == code).sum()) for code in (3, 2)]}

    return lambda _: ur.degree_of_urbanisation(people, level=1)[0].classes, report


def _classify(folder: Path) -> tuple[Call, Report]:
    mirror = folder.parent / "mirror"
    layers = {"land": mirror / "land.tif", "built_up": mirror / "built.tif"}
    target = mirror / "classes.tif"

    def call(_: int) -> object:
        done = classify_files(
            mirror / "population.tif", **layers, level=2, rules="flexurba-0.2", iso3="XXX", target=target, force=True
        )
        return int(done.found.classes.size)  # nothing else is kept: the next call is measured alone

    return call, lambda cells: {"cells": cells}


def _places(folder: Path, name: str) -> tuple[object, object]:
    """Cost surface and the cells of the cities of a folder."""
    from urbanreview.access import Places, cost_surface

    friction, _ = ur.open_raster(folder / {"country": "friction.tif"}.get(name, f"{name}.tif"), kind="cost", units="min/m")
    surface, _ = cost_surface(friction)
    cells = json.loads((folder / {"country": "cities.json"}.get(name, f"{name}.json")).read_text())
    cols = friction.shape[1] + 2
    cell = np.array([(row + 1) * cols + col + 1 for row, col in cells])
    rows, columns = np.array(cells).T.astype(float)
    ids = pd.Index([f"c{i}" for i in range(len(cells))])
    return surface, Places(ids, cell, columns, -rows, np.zeros(len(cells)))


def _surface(name: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        from urbanreview.access.surface import sweep

        surface, places = _places(folder, name)

        def call(number: int) -> float:
            k = number % len(places)
            return float(np.isfinite(sweep(surface, places.cell[k : k + 1]).cost).sum())

        return call, lambda reached: {"reached": reached}

    return prepare


def _pairs(name: str):
    def prepare(folder: Path) -> tuple[Call, Report]:
        from urbanreview.access import all_pairs, routes
        from urbanreview.engine import map_tasks

        surface, places = _places(folder, name)
        pairs = all_pairs(places)

        def call(_: int) -> int:
            return int(routes(surface, pairs, places, map_tasks=map_tasks).geometry.notna().sum())

        return call, lambda lines: {"reached": lines}

    return prepare


def _zones(folder: Path) -> gpd.GeoDataFrame:
    return gpd.read_file(folder / "zones.gpkg").set_index("zone")


def _plan(folder: Path) -> tuple[Call, Report]:
    zones = _zones(folder)
    geobox = ur.open_raster(lights_files(folder)[0])[0].odc.geobox
    return lambda _: ur.plan_zones(zones, geobox), lambda plan: {"cells": plan.covered_cells().tolist()}


def _statistics(*, with_read: bool):
    def prepare(folder: Path) -> tuple[Call, Report]:
        paths = lights_files(folder)
        # The peers' arrays are closed to them too: opened before, and only then measured.
        rasters = [] if with_read else [ur.open_raster(path)[0] for path in paths]
        plan = ur.plan_zones(_zones(folder), ur.open_raster(paths[0])[0].odc.geobox)

        def call(number: int) -> tuple:
            k = number % len(paths)
            return ur.summarise(plan, ur.open_raster(paths[k])[0] if with_read else rasters[k], floor=FLOOR)

        return call, lambda _: _alike(plan, paths[0])

    return prepare


def _alike(plan: ur.Plan, path: str) -> dict:
    """Peers weigh every cell alike, as we do for counts; we weigh an intensity by the true area of its cells."""
    raster = ur.declare(ur.open_raster(path)[0], kind="count", units="lights")
    table = ur.summarise(plan, raster, floor=FLOOR)[0]
    return {name: table[name].tolist() for name in STATISTICS}


def _series(folder: Path) -> tuple[Call, Report]:
    """Files to statistics: also the plan is made in every call."""
    zones, paths = _zones(folder), series_files(folder, SERIES)
    months = {f"{2012 + k // 12}-{k % 12 + 1:02}": path for k, path in enumerate(paths)}

    def call(_: int) -> tuple:
        return ur.summarise_series(ur.Plans(zones), months, lambda month: ur.open_raster(months[month]), floor=FLOOR)

    return call, lambda _: _alike(ur.Plans(zones).on(ur.open_raster(paths[0])[0].odc.geobox), paths[0])


def _hazard(folder: Path) -> tuple[Call, Report]:
    """Nine maps to the people of every zone that they reach, and in a year on average; the plan is made in every call."""
    from urbanreview.engine import map_tasks
    from urbanreview.indicators.exposure import expected_exposure, exposed_people
    from urbanreview.indicators.hazard import Hazard, Peril
    from urbanreview.indicators.hazard_share import hazard_shares
    from urbanreview.sources import RasterWindows

    zones, maps = _zones(folder), {int(path.stem[-4:]): path for path in sorted(folder.glob("flood-*.tif"))}

    def call(_: int) -> tuple:
        people, _ = ur.open_raster(population_file(folder))
        plan = ur.plan_zones(zones, people.odc.geobox)
        wanted, totals = plan.touched(), ur.summarise(plan, people)[0]["sum"]

        def one(period: int) -> tuple:
            with RasterWindows(maps[period], kind="intensity", units="m") as blocks:
                peril = Peril(blocks, 0.15, missing_is_dry=True, never_negative=True)
                (share,), tally, _ = hazard_shares(Hazard([peril]), [(people.odc.geobox, wanted)])
            return exposed_people(plan, people, share)[0]["exposure.people"], tally

        found = dict(zip(maps, map_tasks(one, maps), strict=True))
        exposed = pd.DataFrame({period: column for period, (column, _) in found.items()})
        return expected_exposure(exposed, totals), [tally for _, tally in found.values()]

    def report(found: tuple) -> dict:
        read, left_out = (sum(getattr(tally, name) for tally in found[1]) for name in ("read", "left_out"))
        return {"said": f"{read:,} of {read + left_out:,} tiles under the zones read, {read / (read + left_out):.0%}"}

    return call, report


def _read_hazard(folder: Path) -> tuple[Call, Report]:
    """Every tile of the nine maps, and nothing else."""
    paths = sorted(folder.glob("flood-*.tif"))

    def call(_: int) -> float:
        last = 0.0
        for path in paths:
            with rasterio.open(path) as dataset:
                for _, window in dataset.block_windows(1):
                    last = float(dataset.read(1, window=window)[0, 0])
        return last

    return call, lambda _: {}


def _read(path: str) -> float:
    with rasterio.open(path) as dataset:
        return float(dataset.read(1)[0, 0])


def _read_population(folder: Path) -> tuple[Call, Report]:
    return lambda _: _read(population_file(folder)), lambda _: {}


def _read_lights(folder: Path) -> tuple[Call, Report]:
    paths = lights_files(folder)
    return lambda number: _read(paths[number % len(paths)]), lambda _: {}


def _read_series(folder: Path) -> tuple[Call, Report]:
    paths = series_files(folder, SERIES)
    return lambda _: sum(map(_read, paths)), lambda _: {}


if __name__ == "__main__":
    serve(
        {
            "extents from file": _extents("urban_cluster", with_read=True),
            "extents": _extents("urban_cluster", with_read=False),
            "centres from file": _extents("urban_centre", with_read=True),
            "degree": _degree,
            "classify": _classify,
            **{f"surface {name}": _surface(name) for name in ("senegal", "country")},
            **{f"pairs {name}": _pairs(name) for name in ("senegal", "country")},
            "plan": _plan,
            "statistics": _statistics(with_read=False),
            "statistics from file": _statistics(with_read=True),
            "series": _series,
            "hazard": _hazard,
            "read population": _read_population,
            "read lights": _read_lights,
            "read series": _read_series,
            "read hazard": _read_hazard,
        },
        packages=("urbanreview", "numba", "numpy", "rasterio", "shapely", "geopandas"),
    )
