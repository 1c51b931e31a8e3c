"""The GeoPackage of a review: one styled layer per level, every number as a column with its title."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from urbanreview.report.columns import FLAGS, Column, attribute_column
from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.ink import CENTRE, CLUSTER, GREY, MODELLED_MARK, NAVY, PURPLE, SEQUENCE, class_breaks
from urbanreview.report.populations import tables_of_others
from urbanreview.report.qgis import Style, qml
from urbanreview.report.result import Review
from urbanreview.report.tables import (
    SETTLEMENTS,
    district_level,
    level_tables,
    own_levels,
    points_table,
    primary_column,
    table_columns,
    wide_table,
)

GEOPACKAGE_VERSION = "1.3"
CRS = "EPSG:4326"
_UNCHANGING_TIME = pd.Timestamp("2000-01-01", tz="UTC")
"""Stands where a style wants a time: a result does not depend on when it was written."""

_DATA_COLUMNS = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
    table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
    constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name), CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
    max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""
_REGISTER_EXTENSION = "INSERT INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')"
_SCHEMA_EXTENSION = "http://www.geopackage.org/spec121/#extension_schema"


def write_geopackage(review: Review, path: Path) -> None:
    """Write every level as a layer of one GeoPackage that QGIS opens styled.

    Parameters
    ----------
    review : Review
    path : Path
        Replaced if it is there.

    Notes
    -----
    Polygons: ``districts``, coarser units, ``urban_clusters``, ``urban_centres``. Points: ``district_centroids``,
    ``settlement_points``. The user's own zones are layers of their own, with their points. Columns are those of the wide
    tables; the heading and unit of each is its alias, its method the comment. The words on boundaries stand in the
    description of every layer. Territory without a shape has a row with no geometry. Two files of one review are equal
    by content.
    """
    path.unlink(missing_ok=True)
    layers = layers_of_others(review) | polygon_layers(review) | route_layers(review) | point_layers(review)
    owners = {name: other for name, (other, _) in tables_of_others(review).items()}
    for name, frame in layers.items():
        _write_layer(owners.get(name, review), name, frame, path, disclaimer=boundary_words(review))
    columns = {name: table_columns(owners.get(name, review), _bare(frame)) for name, frame in layers.items()}
    aliases = {name: _aliases(described) for name, described in columns.items()}
    styles = {name: replace(style, aliases=aliases[name]) for name, style in _styles(review, layers).items()}
    _write_styles(styles, path)
    with closing(sqlite3.connect(path)) as database, database:
        _write_column_titles(database, columns, aliases)


def _bare(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    return pd.DataFrame(frame.drop(columns="geometry"))


def polygon_layers(review: Review) -> dict[str, gpd.GeoDataFrame]:
    """Return the polygons of every level with its wide table: fine units below, settlements on top."""
    outlines = review.zones.geometry.to_crs(CRS)
    layers = {}
    names = level_tables(review)
    drawn_last = ("urban_cluster", "urban_centre")
    for level in [*(level for level in names if level not in drawn_last), *drawn_last]:
        table = wide_table(review, level)
        shapes = outlines.reindex(table.index)
        layers[names[level]] = gpd.GeoDataFrame(
            table.reset_index(), geometry=shapes.where(~shapes.is_empty, None).values, crs=CRS
        )
    return layers


def layers_of_others(review: Review) -> dict[str, gpd.GeoDataFrame]:
    """Return the settlements of the other populations, each in layers of its own."""
    layers = {}
    for name, (other, level) in tables_of_others(review).items():
        table = wide_table(other, level)
        shapes = other.zones.geometry.to_crs(CRS).reindex(table.index)
        layers[name] = gpd.GeoDataFrame(table.reset_index(), geometry=shapes.values, crs=CRS)
    return layers


def point_layers(review: Review) -> dict[str, gpd.GeoDataFrame]:
    """Return the population-weighted points of districts, settlements and own zones with the names of their zones."""
    names = {"settlement_points": tuple(SETTLEMENTS)}
    if district_level(review):
        names = {"district_centroids": (district_level(review),)} | names
    names |= {name: (level,) for level, name in _own_points(review).items()}
    places = points_table(review)
    labels = pd.DataFrame(review.zones[["name", "level", *({FLAGS} & set(review.zones.columns))]]).reindex(places.index)
    table = labels.join(places.drop(columns=["name", "level"], errors="ignore"))
    shapes = gpd.GeoSeries(shapely.points(table["lon"], table["lat"]), index=table.index, crs=CRS)
    layers = {}
    for name, levels in names.items():
        chosen = table["level"].isin(levels)
        layers[name] = gpd.GeoDataFrame(table[chosen].reset_index(), geometry=shapes[chosen].values, crs=CRS)
    return layers


def _own_points(review: Review) -> dict[str, str]:
    """Return the name of the layer of points of each set of own zones that has points, by its level."""
    placed = set(review.zones["level"].reindex(review.points.index))
    tables = level_tables(review)
    names: dict[str, str] = {}
    for level in own_levels(review):
        if level in placed:
            name = f"{tables[level]}_points"
            while name in (*tables.values(), *names.values()):
                name = f"{name}_points"
            names[level] = name
    return names


def route_layers(review: Review) -> dict[str, gpd.GeoDataFrame]:
    """Return the ways between places, with the names of their ends; pairs without a line are left out."""
    names = review.zones["name"]
    layers = {}
    for name, ways in review.routes.items():
        drawn = ways[ways.geometry.notna()].reset_index(drop=True)
        ends = {f"{end}_name": drawn[f"{end}_id"].map(names) for end in ("from", "to")}
        frame = drawn[["from_id", "to_id", "minutes", "km", "km_per_h"]].assign(**ends)
        layers[name] = gpd.GeoDataFrame(frame, geometry=drawn.geometry.values, crs=CRS)
    return layers


def write_ways(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write ways between places as styled layers of a GeoPackage of their own; pairs without a line are left out."""
    path.unlink(missing_ok=True)
    for name, ways in layers.items():
        drawn = ways[ways.geometry.notna()]
        pyogrio.write_dataframe(
            drawn, path, layer=name, driver="GPKG", geometry_type="LineString", dataset_options={"VERSION": GEOPACKAGE_VERSION}
        )
    line = Style("line", fill=NAVY, outline=NAVY, outline_mm=0.5)
    _write_styles({name: replace(line, aliases=_aliases(_described(ways))) for name, ways in layers.items()}, path)


def _described(ways: gpd.GeoDataFrame) -> list[Column]:
    return [attribute_column(str(name)) for name in ways.columns if name != ways.geometry.name]


def _kind_of(review: Review, name: str) -> str:
    if name in ("district_centroids", "settlement_points", *_own_points(review).values()):
        return "Point"
    return "LineString" if name in review.routes else "MultiPolygon"


def _write_layer(review: Review, name: str, frame: gpd.GeoDataFrame, path: Path, *, disclaimer: str) -> None:
    kind = _kind_of(review, name)
    about = f"{review.title}: population {review.population}, urban rules {review.edition}. {disclaimer}"
    pyogrio.write_dataframe(
        frame,
        path,
        layer=name,
        driver="GPKG",
        geometry_type=kind,
        promote_to_multi=kind.startswith("Multi"),
        dataset_options={"VERSION": GEOPACKAGE_VERSION},
        layer_options={
            "GEOMETRY_NAME": "geom",
            "FID": "fid",
            "IDENTIFIER": f"{review.iso3} {name.replace('_', ' ')}",
            "DESCRIPTION": f"{MODELLED_MARK}. {about}" if review.modelled else about,
        },
    )


def _styles(review: Review, layers: Mapping[str, gpd.GeoDataFrame]) -> dict[str, Style]:
    fixed = {
        "urban_centres": Style("polygon", fill=CENTRE, outline="#ffffff", outline_mm=0.1, label="name"),
        "urban_clusters": Style("polygon", fill=CLUSTER, outline="#ffffff", outline_mm=0.1, opacity=0.9),
        "district_centroids": Style("point", fill="#ffffff", outline=GREY, size_mm=1.2),
        "settlement_points": Style("point", fill=CENTRE, outline="#ffffff", size_mm=1.6),
    }
    fixed |= {"routes_city_city": Style("line", fill=NAVY, outline=NAVY, outline_mm=0.5)}
    fixed |= {"routes_city_district": Style("line", fill=GREY, outline=GREY, outline_mm=0.25)}
    outline_only = Style("polygon", fill="", outline=NAVY, outline_mm=0.5)
    fixed |= {name: fixed[SETTLEMENTS[level]] for name, (_, level) in tables_of_others(review).items()}
    own = Style("polygon", fill="", outline=PURPLE, outline_mm=0.4, is_dashed=True)
    fixed |= {level_tables(review)[level]: own for level in own_levels(review)}
    fixed |= {name: Style("point", fill=PURPLE, outline="#ffffff", size_mm=1.4) for name in _own_points(review).values()}
    styles = {name: fixed.get(name, outline_only) for name in layers}
    if "districts" in layers:
        styles["districts"] = _density_style(review, layers["districts"])
    return styles


def _density_style(review: Review, districts: gpd.GeoDataFrame) -> Style:
    density = primary_column(review, "population.density")
    if density is None or density.name not in districts or districts[density.name].isna().all():
        return Style("polygon", fill=SEQUENCE[0], outline=GREY)
    values = districts[density.name]
    return Style(
        "polygon",
        fill=SEQUENCE[0],
        outline="#ffffff",
        classed_by=density.name,
        breaks=class_breaks(values),
        least=float(values.min()),
        most=float(values.max()),
    )


def _write_styles(styles: Mapping[str, Style], path: Path) -> None:
    """Register one default style per layer, in the table and under the column names that QGIS looks for."""
    rows = pd.DataFrame(
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": list(styles),
            "f_geometry_column": "geom",
            "styleName": list(styles),
            "styleQML": [qml(style) for style in styles.values()],
            "styleSLD": "",
            "useAsDefault": True,
            "description": "Style of the review",
            "owner": "",
            "ui": None,
            "update_time": _UNCHANGING_TIME,
        }
    )
    pyogrio.write_dataframe(rows, path, layer="layer_styles", driver="GPKG", layer_options={"FID": "id"})


def _aliases(columns: list[Column]) -> dict[str, str]:
    """Return the heading of every column by its name; no two are the same, as the format demands."""
    aliases: dict[str, str] = {}
    for column in columns:
        taken = column.heading in aliases.values()
        aliases[column.name] = f"{column.heading} ({column.name})" if taken else column.heading
    return aliases


def _write_column_titles(
    database: sqlite3.Connection, columns: Mapping[str, list[Column]], aliases: Mapping[str, Mapping[str, str]]
) -> None:
    """Register title and method of every column with the GeoPackage's own extension for it."""
    database.executescript(_DATA_COLUMNS)
    for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
        database.execute(_REGISTER_EXTENSION, (table, _SCHEMA_EXTENSION))
    for layer, described in columns.items():
        for column in described:
            alias = aliases[layer][column.name]
            row = (layer, column.name, alias, alias, column.method or None)
            database.execute("INSERT INTO gpkg_data_columns VALUES (?, ?, ?, ?, ?, NULL, NULL)", row)
