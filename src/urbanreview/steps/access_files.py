"""Anybody's points over anybody's friction, from file to file: travel time without a review around it."""

from collections.abc import Mapping
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
from urbanreview.errors import NotInInput
from urbanreview.ledger import Ledger, total
from urbanreview.log import Progress, silent
from urbanreview.report import draw_ways, write_cog, write_ways
from urbanreview.sources import open_features, open_raster
from urbanreview.store import staged

MARGIN_KM = 100.0
"""Read around the points: ways may leave the box that they lie in."""


@dataclass(frozen=True)
class Travelled:
    """What was found, what was noted, and what was written."""

    matrix: Matrix
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
    progress : callable

    Returns
    -------
    Travelled

    Raises
    ------
    UrbanReviewError
        One clear cause; nothing is left half written.
    """
    origins = _open_points(points, id_column, layer)
    ends = None if to is None else _open_points(to, to_id_column or id_column, None)
    everything = origins.geometry if ends is None else pd.concat([origins.geometry, ends.geometry.to_crs(origins.crs)])
    raster, ledger = open_raster(friction, kind="cost", units="min/m", within=everything.to_crs(4326), margin_km=margin_km)
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
    served = nearest(surface, begin if end is None else end)
    with staged(folder) as stage:
        _write_matrix(matrix, stage)
        write_ways({"routes": ways}, stage / "routes.gpkg")
        write_cog(served.minutes, stage / "travel_time.tif")
        write_cog(served.catchments, stage / "catchments.tif")
        if drawn:
            title = f"Travel time from {Path(points).stem}"
            draw_ways(served.minutes, ways, _points_of(everything), stage / "map.png", title=title)
        written = [folder / path.name for path in sorted(stage.iterdir())]
    return Travelled(matrix, ways, total([ledger, noted, more, others]), tuple(written))


def _open_points(path: Path | str, id_column: str | None, layer: str | None) -> gpd.GeoDataFrame:
    features = open_features(path, layer=layer)
    if id_column is not None:
        if id_column not in features.columns:
            raise NotInInput(str(path), what="column", name=id_column, found=[str(name) for name in features.columns])
        features = features.set_index(features[id_column].astype(str).rename("id"))
    return features.set_geometry(features.geometry.representative_point())


def _points_of(everything: gpd.GeoSeries) -> gpd.GeoSeries:
    return everything[~everything.index.duplicated()]


def _wanted(matrix: Matrix, begin: Places, end: Places | None, most: int | None) -> pd.DataFrame:
    if most is not None:
        return nearest_pairs(matrix, most=most)
    return all_pairs(begin) if end is None else matrix.long()[["from_id", "to_id"]]


def _both(a: Places, b: Places) -> Places:
    """Return all places of two sets; an id that both have stands for the first one's."""
    new = ~b.ids.isin(a.ids)
    columns: Mapping[str, np.ndarray] = {
        name: np.concatenate([getattr(a, name), getattr(b, name)[new]])
        for name in ("cell", "longitude", "latitude", "moved_km")
    }
    return Places(a.ids.append(b.ids[new]), **columns)


def _write_matrix(matrix: Matrix, folder: Path) -> None:
    for name in ("minutes", "km"):
        table = getattr(matrix, name).rename_axis("from_id").reset_index()
        table.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
    matrix.long().to_parquet(folder / "matrix.parquet")
