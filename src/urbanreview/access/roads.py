"""Roads on a grid: the speed of every line, and of the fastest one in every cell that a line touches."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.access.speeds import Speed
from urbanreview.errors import MissingCrs, NotInInput, WrongGeometry
from urbanreview.grid import as_crs, burn, positions_of, to_crs
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM

LINES = (shapely.GeometryType.LINESTRING, shapely.GeometryType.LINEARRING, shapely.GeometryType.MULTILINESTRING)


def speeds_of_classes(roads: gpd.GeoDataFrame, column: str, speeds: Mapping[str, Speed]) -> tuple[np.ndarray, Ledger]:
    """Look up the speed of every road by its class.

    Parameters
    ----------
    roads : GeoDataFrame
    column : str
        With the class.
    speeds : mapping of class to Speed

    Returns
    -------
    km_per_h : ndarray of float64, shape (roads,)
        NaN where the class has no speed.
    ledger : Ledger
        Roads of every class without a speed.

    Raises
    ------
    NotInInput
        If there is no such column.
    """
    classes = _column(roads, column).astype("str")
    ledger = Ledger()
    for word, count in classes[~classes.isin(list(speeds))].value_counts().sort_index().items():
        ledger = ledger.add("friction", f"{column} '{word}' has no speed", "line", int(count))
    return classes.map({word: speed.speed_km_per_h for word, speed in speeds.items()}).to_numpy(float), ledger


def speeds_of_column(lines: gpd.GeoDataFrame, column: str) -> np.ndarray:
    """Return the speeds in a column [km/h], NaN for what is no number: float64, shape (lines,)."""
    return pd.to_numeric(_column(lines, column), errors="coerce").to_numpy(float)


def _column(lines: gpd.GeoDataFrame, name: str) -> pd.Series:
    if name not in lines.columns:
        raise NotInInput("roads", what="column", name=name, found=list(lines.columns.drop(lines.geometry.name)))
    return lines[name]


def burn_speeds(lines: gpd.GeoSeries, km_per_h: np.ndarray, geobox: GeoBox, *, step: str) -> tuple[np.ndarray, Ledger]:
    """Draw lines on a grid with their speeds; the fastest one in a cell wins.

    Parameters
    ----------
    lines : GeoSeries
        With a CRS.
    km_per_h : ndarray, shape (lines,)
        Those that are not above zero are skipped.
    geobox : GeoBox
    step : str
        The step that the ledger names.

    Returns
    -------
    km_per_h : ndarray of float64, shape (rows, cols)
        In every cell that a line touches; NaN elsewhere.
    ledger : Ledger
        Lines skipped and why; length outside the grid [km], along the ground.

    Raises
    ------
    MissingCrs, WrongGeometry

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((2, 2), Affine(1000, 0, 0, 0, -1000, 2000), "ESRI:54009")
    >>> south, east = shapely.LineString([(0, 500), (2000, 500)]), shapely.LineString([(1500, 100), (1500, 1900)])
    >>> burn_speeds(gpd.GeoSeries([south, east], crs="ESRI:54009"), np.array([90.0, 40.0]), grid, step="roads")[0].tolist()
    [[nan, 40.0], [90.0, 90.0]]
    """
    if lines.crs is None:
        raise MissingCrs("roads")
    crs = as_crs(geobox.crs)
    usable, ledger = _usable(lines, km_per_h, step)
    moved = np.asarray(to_crs(lines[usable], crs).values)
    shown = np.isfinite(shapely.bounds(moved)).all(axis=1)
    ledger = ledger.add(step, "road beyond the projection of the grid", "line", int((~shown).sum()))
    drawn, speed_of = moved[shown], km_per_h[usable][shown]
    ledger = ledger.add(step, "road outside the grid", "km", _outside_km(drawn, geobox))
    speeds, group = np.unique(speed_of, return_inverse=True)
    parts, line_of = shapely.get_parts(drawn, return_index=True)
    order = np.argsort(group[line_of], kind="stable")
    together = shapely.multilinestrings(parts[order], indices=group[line_of][order])
    labels = burn(gpd.GeoSeries(together, crs=crs), geobox, all_touched=True).values
    return np.concatenate([[np.nan], speeds])[labels], ledger


def _usable(lines: gpd.GeoSeries, km_per_h: np.ndarray, step: str) -> tuple[np.ndarray, Ledger]:
    """Tell which lines can be drawn, and count the others; what is not a line is refused."""
    there = ~np.asarray(lines.isna() | lines.is_empty)
    strange = lines[there & ~np.isin(shapely.get_type_id(np.asarray(lines.values)), LINES)]
    if len(strange):
        raise WrongGeometry("roads", got=", ".join(sorted(set(strange.geom_type))), expected="lines")
    fast = np.isfinite(km_per_h) & (km_per_h > 0)
    ledger = Ledger().add(step, "road without geometry", "line", int((~there).sum()))
    return there & fast, ledger.add(step, "road without a speed above zero: skipped", "line", int((there & ~fast).sum()))


def _outside_km(lines: np.ndarray, geobox: GeoBox) -> float:
    """Length of lines beyond the edges of a grid, along the ground."""
    left, bottom, right, top = geobox.boundingbox
    return max(_length_km(lines, geobox) - _length_km(shapely.clip_by_rect(lines, left, bottom, right, top), geobox), 0.0)


def _length_km(lines: np.ndarray, geobox: GeoBox) -> float:
    corners, part = shapely.get_coordinates(shapely.get_parts(lines), return_index=True)
    longitude, latitude = positions_of(corners[:, 0], corners[:, 1], geobox)
    metres = Geod(ellps="WGS84").inv(longitude[:-1], latitude[:-1], longitude[1:], latitude[1:])[2]
    return float(np.sum(metres[part[1:] == part[:-1]])) / METRES_PER_KM
