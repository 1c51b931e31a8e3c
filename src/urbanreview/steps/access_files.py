"""Anybody's points over anybody's friction, from file to file: travel time without a review around it."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanreview.access import (
    Matrix,
    Places,
    all_pairs,
    cost_surface,
    find_places,
    nearest,
    nearest_pairs,
    routes,
    travel_time_matrix,
    what_if,
)
from urbanreview.engine import map_tasks
from urbanreview.ledger import Ledger, total
from urbanreview.log import Progress, silent
from urbanreview.report import draw_ways, write_cog, write_ways
from urbanreview.sources import open_features, open_raster
from urbanreview.steps.inputs import open_points
from urbanreview.store import require_free, staged

TO = "to: "
"""Opens the ids of destinations that are not origins too, while both are at hand."""
BUFFER_DEGREES = 0.01
MARGIN_KM = 100.0
"""Read around the points: ways may leave the box that they lie in."""


@dataclass(frozen=True)
class Travelled:
    """The nearest destination of every origin, the ways, what was noted, and what was written."""

    nearest: pd.DataFrame
    ways: gpd.GeoDataFrame
    ledger: Ledger
    written: tuple[Path, ...]


def access_files(
    points: Path | str,
    friction: Path | str,
    *,
    folder: Path,
    id_column: str | None = None,
    layer: str | None = None,
    to: Path | str | None = None,
    to_id_column: str | None = None,
    most_routes: int | None = 3,
    snap_within_km: float = 5.0,
    margin_km: float = MARGIN_KM,
    scenario: Path | str | None = None,
    speed_column: str | None = None,
    drawn: bool = True,
    force: bool = False,
    progress: Progress = silent,
) -> Travelled:
    """Compute travel between points and write it.

    Parameters
    ----------
    points, to : Path or str
        Files of points: where journeys begin, and where they end (among the first ones without it).
    friction : Path or str
        Minutes per metre.
    folder : Path
        Gets ``minutes.csv``, ``km.csv``, ``matrix.parquet``, ``routes.gpkg``, ``travel_time.tif``, ``catchments.tif`` and
        ``map.png``.
    id_column, to_id_column : str, optional
        Columns with unique ids; the order of features without it.
    layer : str, optional
        Layer of the points, if the file has several.
    most_routes : int or None
        Ways drawn from every point to its nearest; None for all.
    snap_within_km : float
        How far a point on an impassable cell may move.
    margin_km : float
        Read around the points.
    scenario, speed_column : str, optional
        Lines, such as planned roads, and their column with the new speed [km/h].
    drawn : bool
        Whether to draw ``map.png``, too; needs the extra ``[report]``.
    force : bool
        Whether to replace results that are there.
    progress : callable

    Returns
    -------
    Travelled

    Raises
    ------
    UrbanReviewError
        One clear cause; nothing is left half written.
    """
    require_free(folder / "matrix.parquet", force=force)
    origins, dropped = open_points(points, id_column, layer=layer)
    ends, also_dropped = (None, Ledger()) if to is None else open_points(to, to_id_column or id_column)
    if ends is not None:
        # The same id may stand in both files for different places.
        ends = ends.set_axis(pd.Index([f"{TO}{name}" for name in ends.index], name="id"))
    everything = origins.geometry if ends is None else pd.concat([origins.geometry, ends.geometry.to_crs(origins.crs)])
    around = everything.to_crs(4326).buffer(BUFFER_DEGREES)
    raster, ledger = open_raster(friction, kind="cost", units="min/m", within=around, margin_km=margin_km)
    if scenario is not None:
        raster, changed = what_if(raster, open_features(scenario), speed_column=speed_column)
        ledger += changed
    surface, noted = cost_surface(raster)
    begin, more = find_places(surface, origins, snap_within_km=snap_within_km)
    end, others = (None, Ledger()) if ends is None else find_places(surface, ends, snap_within_km=snap_within_km)
    tasks = partial(map_tasks, what="travel time", progress=progress)
    matrix = travel_time_matrix(surface, begin, end, map_tasks=tasks)
    assert matrix is not None
    pairs = _wanted(matrix, begin, end, most_routes)
    ways = routes(surface, pairs, begin if end is None else _both(begin, end), map_tasks=partial(tasks, what="routes"))
    ways["to_id"] = ways["to_id"].map(_bare)
    served = nearest(surface, begin if end is None else end)
    with staged(folder) as stage:
        _write_matrix(matrix, stage)
        write_ways({"routes": ways}, stage / "routes.gpkg")
        write_cog(served.minutes, stage / "travel_time.tif")
        write_cog(served.catchments, stage / "catchments.tif")
        if drawn:
            title = f"Travel time from {Path(points).stem}"
            draw_ways(served.minutes, ways, everything.set_axis(everything.index.map(_bare)), stage / "map.png", title=title)
        written = [folder / path.name for path in sorted(stage.iterdir())]
    noted = total([dropped, also_dropped, ledger, noted, more, others])
    return Travelled(_nearest(matrix), ways, noted, tuple(written))


def _wanted(matrix: Matrix, begin: Places, end: Places | None, most: int | None) -> pd.DataFrame:
    if most is not None:
        return nearest_pairs(matrix, most=most)
    return all_pairs(begin) if end is None else matrix.long()[["from_id", "to_id"]]


def _both(a: Places, b: Places) -> Places:
    columns = ("cell", "longitude", "latitude", "moved_km")
    return Places(a.ids.append(b.ids), *(np.concatenate([getattr(a, name), getattr(b, name)]) for name in columns))


def _bare(name: object) -> str:
    return str(name).removeprefix(TO)


def _nearest(matrix: Matrix) -> pd.DataFrame:
    """Return the nearest destination of every origin: ``from_id, nearest_id, minutes, km``."""
    rows = []
    for number, (origin, row) in enumerate(matrix.minutes.iterrows()):
        others = row.drop(index=origin, errors="ignore").dropna()
        near = others.idxmin() if len(others) else None
        length = None if near is None else float(matrix.km[near].iloc[number])
        rows.append((str(origin), None if near is None else _bare(near), others.min() if near is not None else None, length))
    return pd.DataFrame(rows, columns=["from_id", "nearest_id", "minutes", "km"])


def _write_matrix(matrix: Matrix, folder: Path) -> None:
    for name in ("minutes", "km"):
        table = getattr(matrix, name).rename(columns=_bare)
        table.to_csv(folder / f"{name}.csv", index_label="from_id", encoding="utf-8", lineterminator="\n")
    pairs = matrix.long()
    pairs.assign(to_id=pairs["to_id"].map(_bare)).to_parquet(folder / "matrix.parquet")
