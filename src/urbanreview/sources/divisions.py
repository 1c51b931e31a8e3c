"""Boundaries from elsewhere as one layer: the finest units that there are, each with the unit above."""

import json
from collections.abc import Mapping
from dataclasses import astuple
from itertools import chain, count
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.ledger import Entry, Ledger
from urbanreview.sources.made import being_made
from urbanreview.zones import mend

LAYER = "units"
NOTHING = Ledger()
EQUAL_AREA = 6933
"""EPSG code of the cylindrical equal-area projection in which shares of areas are measured."""
STRADDLES_FROM_SHARE = 0.05
"""A unit with a larger part of its area outside the unit above is told of: less is a matter of how borders were drawn."""


def write_units(
    levels: Mapping[int, gpd.GeoDataFrame],
    path: Path,
    *,
    step: str,
    year: int | None,
    licence: str,
    source: str,
    noted: Ledger = NOTHING,
) -> Ledger:
    """Write the finest level of boundaries as a GeoPackage, and what is known of it as JSON beside.

    Parameters
    ----------
    levels : mapping of int to GeoDataFrame
        By administrative level, at least one: polygons with ``id``, ``name`` and perhaps ``parent``, the unit above's name.
    path : Path
        Of the GeoPackage. Its layer ``units`` in EPSG:4326 has ``id`` (unique text), ``name``, ``parent`` where it is given or
        the level above is there, ``year``. The JSON says ``level``, ``parent`` (the column, or null), ``year`` (or null),
        ``licence``, ``source`` and the number of ``units``.
    step : str
        What the ledger calls the boundaries.
    year : int or None
        Of the division.
    licence, source : str
        As the provider states them.
    noted : Ledger
        What there was to tell before.

    Returns
    -------
    Ledger
        What was noted before; ids that were made unique, polygons that were mended, units that lie across units above.

    Raises
    ------
    WrongGeometry
        If a unit has no area.
    """
    level = max(levels)
    units, mended = _prepared(levels[level], step)
    ledger = noted + mended
    if "parent" not in units and level - 1 in levels:
        above, mended = _prepared(levels[level - 1], step)
        units["parent"], straddling = parents_by_area(units, above.assign(name=_told_apart(above["name"], above["id"])), step)
        ledger += mended + straddling
    columns = ["id", "name", *(["parent"] if "parent" in units else [])]
    layer = gpd.GeoDataFrame(units[columns].assign(year=pd.array([year] * len(units), "Int64")), geometry=units.geometry)
    told: dict[str, object] = {
        "level": level,
        "parent": "parent" if "parent" in units else None,
        "year": year,
        "licence": licence,
    }
    told |= {"source": source, "units": len(layer), "ledger": [astuple(entry) for entry in ledger.entries]}
    with being_made(path.with_suffix(".json")) as part:
        part.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")
    with being_made(path) as part:
        layer.to_file(part, layer=LAYER, driver="GPKG")
    return ledger


def units_ledger(path: Path) -> Ledger:
    """Return what was noted when units were written to a path."""
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return Ledger(tuple(Entry(*entry) for entry in told["ledger"]))


def parents_by_area(units: gpd.GeoDataFrame, above: gpd.GeoDataFrame, step: str) -> tuple[list[str], Ledger]:
    """Name for each unit the one above that holds most of its area, or else the nearest.

    Parameters
    ----------
    units, above : GeoDataFrame, EPSG:4326
        With the columns ``id`` and ``name``; valid polygons.
    step : str
        What the ledger calls the boundaries.

    Returns
    -------
    names : list of str
        Of `above`, in the order of `units`; of equal parts the first of `above` wins.
    ledger : Ledger
        By unit, the part of its area that lies outside the one above if it is more than ``STRADDLES_FROM_SHARE``.

    Examples
    --------
    >>> units = gpd.GeoDataFrame({"id": ["x"], "name": ["X"]}, geometry=[shapely.box(0.6, 0, 1.6, 1)], crs=4326)
    >>> above = gpd.GeoDataFrame(
    ...     {"id": ["w", "e"], "name": ["West", "East"]}, geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], crs=4326
    ... )
    >>> names, ledger = parents_by_area(units, above, "toy")
    >>> names, round(ledger.entries[0].amount, 3)
    (['East'], 0.4)
    """
    shapes, over = (shapely.make_valid(frame.geometry.to_crs(EQUAL_AREA).values) for frame in (units, above))
    tree = shapely.STRtree(over)
    row, col = tree.query(shapes, predicate="intersects")
    parts = np.zeros((len(shapes), len(over)))
    parts[row, col] = shapely.area(shapely.intersection(shapes[row], over[col]))
    best = parts.argmax(axis=1)
    alone = parts.max(axis=1) == 0
    best[alone] = tree.nearest(shapely.centroid(shapes[alone]))
    outside = 1 - parts[np.arange(len(shapes)), best] / shapely.area(shapes)
    ledger = Ledger()
    for place in np.flatnonzero(outside > STRADDLES_FROM_SHARE):
        name = above["name"].iloc[best[place]]
        cause = f"unit {units['id'].iloc[place]} lies outside the unit above that was chosen for it, {name}"
        ledger = ledger.add(step, cause, "share of area", outside[place])
    return [above["name"].iloc[place] for place in best], ledger


def _prepared(features: gpd.GeoDataFrame, step: str) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Return features in degrees with unique ids, names and valid polygons, in order of their ids."""
    ids, ledger = _unique(_text(features["id"]), step)
    shapes = gpd.GeoSeries(features.geometry.values, index=ids, crs=features.crs).to_crs(4326)
    shapes, mended = mend(shapes, step=step, origin=step)
    names = _text(features["name"])
    table = pd.DataFrame({"id": ids, "name": np.where(names == "", ids, names)})
    if "parent" in features:
        table["parent"] = _text(features["parent"])
    units = gpd.GeoDataFrame(table, geometry=shapes.values, crs=4326)
    return units.sort_values("id", ignore_index=True), ledger + mended


def _text(column: pd.Series) -> np.ndarray:
    """Return a column as text, with nothing for what is missing."""
    return np.array(["" if pd.isna(value) else str(value).strip() for value in column], dtype=object)


def _unique(ids: np.ndarray, step: str) -> tuple[list[str], Ledger]:
    """Give ids that come again a number, and those that are empty a name; the ledger counts them."""
    taken, unique = set(ids), dict[str, None]()
    for name in ids:
        numbered = (f"{name or 'unit'}-{number}" for number in count(2) if f"{name or 'unit'}-{number}" not in taken)
        unique[next(new for new in chain([name] if name else [], numbered) if new not in unique)] = None
    changed = sum(new != old for new, old in zip(unique, ids, strict=True))
    return list(unique), Ledger().add(step, "ids that were there twice or empty made unique", "unit", changed)


def _told_apart(names: pd.Series, ids: pd.Series) -> list[str]:
    """Add its id to a name that several units have."""
    return [
        f"{name} ({key})" if twice else name for name, key, twice in zip(names, ids, names.duplicated(keep=False), strict=True)
    ]
