"""The zone table: one row per zone, met by a unique string id and never by position."""

import re
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.errors import DuplicateIds, EmptyLayer, MissingIds, NotInInput, WrongGeometry
from urbanreview.grid import geodesic_area_km2, to_crs
from urbanreview.ledger import Ledger

COLUMNS = ("name", "level", "iso3", "parent_id", "area_km2")
"""What every zone table has, beside its index ``zone_id`` and its geometry in EPSG:4326."""
SOURCE_PREFIX = "source_"
_REST = re.compile(r"[A-Z]{3}-adm\d+-none")


def zone_table(
    features: gpd.GeoDataFrame,
    *,
    level: str,
    iso3: str,
    id_column: str,
    name_column: str | None = None,
    parent_column: str | None = None,
    origin: str = "layer",
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Turn features into a zone table.

    Parameters
    ----------
    features : GeoDataFrame
        Polygons with a CRS.
    level, iso3 : str
        Become columns, and the start of the ids: ``<iso3>-<level>-<source id>``.
    id_column : str
        The source's own id; unique, nowhere empty.
    name_column, parent_column : str, optional
        The source's own name, and that of the unit above.
    origin : str
        What messages call the layer.

    Returns
    -------
    zones : GeoDataFrame, EPSG:4326
        Sorted by ``zone_id``; every source attribute is kept with the prefix ``source_``, the unit above as
        ``parent_name``.
    ledger : Ledger
        Polygons that were mended, by zone.

    Raises
    ------
    NotInInput, MissingIds, DuplicateIds, EmptyLayer, WrongGeometry

    Examples
    --------
    >>> features = gpd.GeoDataFrame({"code": [7], "town": ["Ai"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=4326)
    >>> zones, _ = zone_table(features, level="adm1", iso3="TOY", id_column="code", name_column="town")
    >>> zones[["name", "level"]].reset_index().values.tolist()
    [['TOY-adm1-7', 'Ai', 'adm1']]
    """
    for column in filter(None, (id_column, name_column, parent_column)):
        if column not in features.columns:
            raise NotInInput(origin, what="column", name=column, found=list(features.columns))
    codes = _checked_ids(features[id_column], origin)
    index = pd.Index([f"{iso3}-{level}-{code}" for code in codes], name="zone_id", dtype="str")
    shapes, ledger = mend(gpd.GeoSeries(features.geometry.values, index=index, crs=features.crs), step=level, origin=origin)
    attributes = features.drop(columns=features.geometry.name).add_prefix(SOURCE_PREFIX).set_axis(index)
    shapes = to_crs(shapes, 4326)
    names = codes if name_column is None else features[name_column].astype("str").tolist()
    head = {"name": names, "level": level, "iso3": iso3, "parent_id": None, "area_km2": geodesic_area_km2(shapes)}
    if parent_column is not None:
        head["parent_name"] = features[parent_column].astype("str").tolist()
    table = pd.concat([pd.DataFrame(head, index=index), attributes], axis=1)
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326).sort_index(), ledger


def _checked_ids(ids: pd.Series, origin: str) -> list[str]:
    """Return ids as text, without the ``.0`` that a column with gaps gives whole numbers."""
    if ids.empty:
        raise EmptyLayer(origin)
    text = ids.map(lambda value: str(int(value)) if isinstance(value, float) and value == value // 1 else str(value).strip())
    empty = ids.isna() | text.eq("")
    if empty.any():
        raise MissingIds(origin, column=str(ids.name), rows=[int(row) for row in empty.to_numpy().nonzero()[0]])
    doubled = text[text.duplicated()].unique().tolist()
    if doubled:
        raise DuplicateIds(origin, column=str(ids.name), ids=doubled)
    return text.tolist()


def mend(shapes: gpd.GeoSeries, *, step: str, origin: str) -> tuple[gpd.GeoSeries, Ledger]:
    """Make polygons valid, keeping only what has an area, and count what was mended.

    Parameters
    ----------
    shapes : GeoSeries
        Indexed by zone id.
    step, origin : str
        What the ledger and messages call them.

    Returns
    -------
    shapes : GeoSeries of Polygon and MultiPolygon, all valid
    ledger : Ledger
        ``polygon mended``, one entry per zone.

    Raises
    ------
    WrongGeometry
        If a feature has no area at all: points, lines, nothing.

    Examples
    --------
    A bow tie becomes two triangles:

    >>> tie = gpd.GeoSeries([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], index=["x"], crs=4326)
    >>> mended, ledger = mend(tie, step="adm1", origin="layer")
    >>> shapely.area(mended.values).tolist(), ledger.amount("polygon mended")
    ([2.0], 1.0)
    """
    broken = ~shapes.is_valid | (shapes.geom_type == "GeometryCollection")
    mended = shapes.copy()
    mended[broken] = [polygons_of(shape) for shape in shapely.make_valid(shapes[broken].values)]
    without_area = mended.isna() | mended.is_empty | (shapely.area(mended.values) == 0)
    if without_area.any():
        kinds = sorted({str(kind) for kind in shapes[without_area].geom_type.fillna("nothing")})
        found = f"{int(without_area.sum())} features without an area ({', '.join(kinds)})"
        raise WrongGeometry(origin, got=found, expected="polygons")
    ledger = Ledger()
    for zone_id in shapes.index[broken]:
        ledger = ledger.add(step, "polygon mended", "zone", 1, zone_id)
    return mended, ledger


def polygons_of(shape: shapely.Geometry) -> shapely.Geometry:
    """Return the part of a geometry that has an area, as Polygon or MultiPolygon."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_dimensions(parts) == 2])


def dissolve(zones: gpd.GeoDataFrame, *, by: str, level: str) -> tuple[gpd.GeoDataFrame, pd.Series]:
    """Join zones into the units above them.

    Parameters
    ----------
    zones : GeoDataFrame
        A zone table with the column `by`, the name of the unit above.
    by : str
        Column to join by.
    level : str
        Level of the new units.

    Returns
    -------
    units : GeoDataFrame
        A zone table; a unit's name is its id in the source.
    parents : Series of str
        The unit's ``zone_id`` for every row of `zones`.
    """
    iso3 = str(zones["iso3"].iloc[0])
    joined = zones[[by, zones.geometry.name]].dissolve(by=by).reset_index()
    units, _ = zone_table(
        gpd.GeoDataFrame({"unit": joined[by]}, geometry=joined.geometry, crs=zones.crs),
        level=level,
        iso3=iso3,
        id_column="unit",
        name_column="unit",
    )
    ids = pd.Series(units.index, index=units["name"])
    return units, zones[by].map(ids)


def uncovered(outline: gpd.GeoSeries, zones: gpd.GeoDataFrame, *, name: str) -> gpd.GeoDataFrame:
    """Return the part of a country that no zone covers, as a zone table of one row, or of none.

    Parameters
    ----------
    outline : GeoSeries, EPSG:4326
        The country.
    zones : GeoDataFrame
        Zones of one level.
    name : str
        Name of the row; its id ends in ``none``.
    """
    left = polygons_of(shapely.difference(outline.union_all(), zones.union_all()))
    if left.is_empty:
        return zones.iloc[:0]
    level, iso3 = (str(zones[column].iloc[0]) for column in ("level", "iso3"))
    frame = gpd.GeoDataFrame({"code": ["none"], "name": [name]}, geometry=[left], crs=4326)
    row, _ = zone_table(frame, level=level, iso3=iso3, id_column="code", name_column="name")
    return row[["name", "level", "iso3", "parent_id", "area_km2", "geometry"]]


def is_rest(zone_ids: pd.Index) -> np.ndarray:
    """Tell which ids are those of territory without a unit, as `uncovered` gives them.

    Examples
    --------
    >>> is_rest(pd.Index(["TOY-adm1-none", "TOY-adm1-x-none", "TOY-region-none"])).tolist()
    [True, False, False]
    """
    return np.array([_REST.fullmatch(zone_id) is not None for zone_id in zone_ids], bool)


def stack(tables: Mapping[str, gpd.GeoDataFrame] | list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put zone tables under one another; columns that one lacks are missing there.

    Raises
    ------
    DuplicateIds
        If an id stands in two of them.
    """
    parts = [table for table in (tables.values() if isinstance(tables, Mapping) else tables) if len(table)]
    joined = gpd.GeoDataFrame(pd.concat(parts), geometry="geometry", crs=4326)
    joined.index.name = "zone_id"
    if joined.index.has_duplicates:
        raise DuplicateIds("zones", column="zone_id", ids=joined.index[joined.index.duplicated()].tolist())
    return joined
