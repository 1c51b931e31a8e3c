"""The tables of a review: the long one is the truth, the wide ones are views of it."""

import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanreview.errors import InvalidTable, UnknownName
from urbanreview.ledger import COLUMNS as LEDGER_COLUMNS
from urbanreview.report.columns import (
    FLAGS,
    KEY_PARTS,
    Column,
    attribute_column,
    clean,
    measure_columns,
    newest,
    plain_columns,
)
from urbanreview.report.result import LONG_COLUMNS, Review

LINK_COLUMNS = ("from_id", "to_id", "relation", "people", "from_share", "to_share", "rank")
FIRST_ATTRIBUTES = ("name", "level", "iso3", "area_km2", "parent_id")
SETTLEMENTS: Mapping[str, str] = {"urban_centre": "urban_centres", "urban_cluster": "urban_clusters"}
DISTRICTS = "districts"
COUNTRY = "adm0"
_NAMES = {COUNTRY: "country", "hexagon": "hexagons"}
SYSTEM_TABLES: Mapping[str, str] = {"city_system": "system", "size_classes": "size_class", "urban_growth": "urban_growth"}
"""Themes that tell of the whole country by unit set, cut-off and class: by the name of the table that each has."""
BESIDE_TABLES = ("crosswalk", "extents_compared", "official", "city_list", "city_groups", "division")
"""Tables of the user's own units and official numbers."""
_OTHER_TABLES = (
    "zones", "values", "links", "ledger", "points", "dictionary", "matrix", "scenarios", "scenario_cities", "scenario_pairs",
    *SYSTEM_TABLES, *BESIDE_TABLES,
)  # fmt: skip
_OTHER_SHEETS = ("about", "largest_centres", "missing", "inputs", "history")
"""Sheets of the workbook, and the name that spreadsheets keep for themselves."""
_OTHER_LAYERS = ("settlement_points", "district_centroids", "layer_styles", "routes_city_city", "routes_city_district")
OWN_PREFIX = "source_"
"""Starts the names of columns that come from the user's own file."""

_RESERVED = ("fid", "geom", "geometry", "ogc_fid", "rowid")


def level_tables(review: Review) -> dict[str, str]:
    """Return the table name of every level: settlements first, then units from fine to coarse, then the rest.

    The finest administrative level is ``districts``; coarser ones keep their name; ``adm0`` is ``country``. Both
    settlement levels are always there, empty in a country without cities.
    """
    found = sorted(set(review.zones["level"]) - set(SETTLEMENTS))
    units = sorted(filter(_is_unit, found), key=lambda level: -int(level[3:]))
    names = dict(SETTLEMENTS) | {level: DISTRICTS if level == units[0] else level for level in units}
    for level in found:
        if level not in names:
            name = _NAMES.get(level, clean(level))
            taken = (*_OTHER_TABLES, *_OTHER_SHEETS, *_OTHER_LAYERS, *names.values())
            names[level] = f"{name}_zones" if name in taken else name
    return names


def own_levels(review: Review) -> list[str]:
    """Return the levels of the user's own zones: those that are neither settlements nor administrative units."""
    return [level for level in level_tables(review) if level not in (*SETTLEMENTS, *_NAMES) and not _is_unit(level)]


def _is_unit(level: str) -> bool:
    return re.fullmatch(r"adm[1-9]\d*", level) is not None


def district_level(review: Review) -> str:
    """Return the level of the table ``districts``; empty if the review has no administrative units."""
    return next((level for level, name in level_tables(review).items() if name == DISTRICTS), "")


def long_table(review: Review) -> pd.DataFrame:
    """Return the numbers of a review, checked, one row each.

    Returns
    -------
    DataFrame
        Columns `LONG_COLUMNS`; value and valid_share are float64, the rest text. Sorted by zone id, then in report
        order, so that the order in which steps ran leaves no trace.

    Raises
    ------
    InvalidTable
        If columns are missing, a zone is unknown, a number stands twice, is infinite, or misses without a reason.
    UnknownName
        If a measure has no record.
    """
    return _ranked(review).values.copy(deep=False)


@dataclass(frozen=True)
class _Ranked:
    """The long table in order, the columns that its numbers become in a wide one, and which of them each row belongs to."""

    values: pd.DataFrame
    columns: tuple[Column, ...]
    column_of: np.ndarray


def _ranked(review: Review) -> _Ranked:
    return review.once("long_table", lambda: _long_table(review))


def _long_table(review: Review) -> _Ranked:
    values = _with_columns(review.values, LONG_COLUMNS, "values")
    for name in LONG_COLUMNS:
        values[name] = values[name].astype(float) if name in ("value", "valid_share") else _text(values[name])
    _check_long(values, set(review.zones.index))
    kind = values.groupby(KEY_PARTS, sort=False).ngroup().to_numpy()
    kinds = values[KEY_PARTS].iloc[np.unique(kind, return_index=True)[1]]
    columns = measure_columns(kinds)
    order = {(c.measure, c.period, c.source, c.variant): rank for rank, c in enumerate(columns)}
    ranks = np.array([order[key] for key in kinds.itertuples(index=False, name=None)], dtype=np.int64)
    rank = ranks[kind] if len(kind) else ranks
    sorted_rows = np.lexsort([rank, pd.factorize(values["zone_id"], sort=True)[0]])
    return _Ranked(values.iloc[sorted_rows].reset_index(drop=True), columns, rank[sorted_rows])


def review_columns(review: Review) -> tuple[Column, ...]:
    """Return the columns of every measure of a review: see `measure_columns`."""
    return _ranked(review).columns


def rows_of_themes(review: Review, themes: Container[str]) -> pd.DataFrame:
    """Return the rows of the long table that are of some themes, such as ``air``."""
    ranked = _ranked(review)
    return ranked.values[_of_themes(ranked, themes)]


def _of_themes(ranked: _Ranked, themes: Container[str]) -> np.ndarray:
    of_column = np.array([column.measure.partition(".")[0] in themes for column in ranked.columns], dtype=bool)
    return of_column[ranked.column_of]


def _check_long(values: pd.DataFrame, known: set[str]) -> None:
    expected = "one finite number per zone, measure, period, source and variant, or a reason why it is missing"

    def refuse(rows: pd.Series, what: str) -> None:
        if rows.any():
            first = values[rows].iloc[0]
            got = f"{int(rows.sum())} rows {what}, the first of zone '{first.zone_id}' and measure '{first.measure}'"
            raise InvalidTable("values", got=got, expected=expected)

    refuse(~values["zone_id"].isin(known), "of unknown zones")
    refuse(values.duplicated(["zone_id", *KEY_PARTS]), "that repeat another")
    refuse(pd.Series(np.isinf(values["value"]), index=values.index), "with an infinite value")
    refuse(values["value"].isna() & (values["reason"] == ""), "without a value and without a reason")


def _with_columns(table: pd.DataFrame, columns: tuple[str, ...], name: str) -> pd.DataFrame:
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InvalidTable(name, got=f"no column {', '.join(missing)}", expected=f"the columns {', '.join(columns)}")
    return pd.DataFrame(table[list(columns)]).reset_index(drop=True)


def _text(column: pd.Series) -> pd.Series:
    if isinstance(column.dtype, pd.StringDtype):
        return column.fillna("")
    return column.astype(object).where(column.notna(), "").map(str).astype("str")


def plain_column(column: pd.Series) -> pd.Series:
    """Return a column as truth values, whole numbers, numbers or text, with one kind of missing each.

    >>> plain_column(pd.Series([True, None], dtype=object)).dtype.name, plain_column(pd.Series(["a", None])).tolist()
    ('boolean', ['a', None])
    """
    present = column.dropna()
    if pd.api.types.is_bool_dtype(column.dtype) or (len(present) and all(isinstance(x, bool | np.bool_) for x in present)):
        return column.astype("boolean") if len(present) < len(column) else column.astype(bool)
    if pd.api.types.is_numeric_dtype(column.dtype):
        if pd.api.types.is_integer_dtype(column.dtype):
            return column.astype("Int64") if len(present) < len(column) else column.astype("int64")
        return column.astype("float64")
    if len(present) and all(isinstance(x, int | float | np.number) for x in present):
        return plain_column(pd.to_numeric(column))
    return pd.Series([None if missing else str(x) for x, missing in zip(column, column.isna(), strict=True)],
                     index=column.index, dtype=object)  # fmt: skip


def zones_table(review: Review) -> pd.DataFrame:
    """Return the attributes of every zone of every level, indexed and sorted by zone id, without geometry."""
    return _attributes(_zones(review)).sort_index()


def _zones(review: Review) -> pd.DataFrame:
    zones = pd.DataFrame(review.zones.drop(columns=review.zones.geometry.name))
    missing = [name for name in FIRST_ATTRIBUTES if name not in zones.columns]
    if missing or not zones.index.is_unique:
        got = f"no column {', '.join(missing)}" if missing else "repeated zone ids"
        raise InvalidTable("zones", got=got, expected=f"unique zone ids and the columns {', '.join(FIRST_ATTRIBUTES)}")
    return zones.rename_axis("zone_id").drop(columns="zone_id", errors="ignore")


def _attributes(zones: pd.DataFrame, taken: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return plain columns under names that no database mistakes for one another, without those that are all empty.

    An empty column of plausibility flags stays: it says that nothing is odd.
    """
    columns: dict[str, pd.Series] = {}
    used = {"zone_id", *FIRST_ATTRIBUTES, *taken, *_RESERVED}
    for name in [*FIRST_ATTRIBUTES, *(name for name in zones.columns if name not in FIRST_ATTRIBUTES)]:
        column = plain_column(zones[name])
        if name not in FIRST_ATTRIBUTES:
            if name != FLAGS and not (column.notna() & column.ne("")).any():
                continue
            while name.lower() in used:
                name = f"{OWN_PREFIX}{name}"
            used.add(name.lower())
        columns[name] = (
            _whole(column) if name.startswith(OWN_PREFIX) or name == "cells" or name.endswith("_matches") else column
        )
    return pd.DataFrame(columns, index=zones.index)


def _whole(column: pd.Series) -> pd.Series:
    """Return whole numbers as such: stacking levels made counts and the codes of a file decimal."""
    if not pd.api.types.is_float_dtype(column.dtype) or not (column.dropna() % 1 == 0).all():
        return column
    return column.astype("Int64")


def wide_table(review: Review, level: str) -> pd.DataFrame:
    """Return one row per zone of a level, with every number as a column.

    Parameters
    ----------
    review : Review
    level : str
        Such as ``urban_centre`` or ``adm2``.

    Returns
    -------
    DataFrame, indexed by zone_id
        Attributes first (those empty in the whole level are left out, but for the flags), then the measures in report
        order, named as in `measure_columns`; those of the system of cities have tables of their own. The zone with the
        most people inside the country comes first, ties by zone id.

    Raises
    ------
    UnknownName
        If the review has no such level.
    """
    known = level_tables(review)
    if level not in known:
        raise UnknownName("level", level, known=known)
    return review.once(f"wide_table {level}", lambda: _wide_table(review, level)).copy(deep=False)


def _wide_table(review: Review, level: str) -> pd.DataFrame:
    zones = _zones(review)
    attributes = _attributes(zones[zones["level"] == level], taken=tuple(column.name for column in review_columns(review)))
    table = attributes.join(_spread(_ranked(review), attributes.index))
    people = people_inside(table, review)
    order = pd.DataFrame({"people": people, "id": table.index}, index=table.index)
    return table.loc[order.sort_values(["people", "id"], ascending=[False, True]).index]


def _spread(ranked: _Ranked, zone_ids: pd.Index) -> pd.DataFrame:
    """Return a row per zone and a column per kind of number that one of them has; the system of cities has its own tables."""
    values = ranked.values
    row = zone_ids.get_indexer(pd.Index(values["zone_id"]))
    used = (row >= 0) & ~_of_themes(ranked, SYSTEM_TABLES.values())
    held, column = np.unique(ranked.column_of[used], return_inverse=True)
    wide = np.full((len(zone_ids), len(held)), np.nan)
    wide[row[used], column] = values["value"].to_numpy()[used]
    return pd.DataFrame(wide, index=zone_ids, columns=[ranked.columns[number].name for number in held])


def primary_column(review: Review, measure: str) -> Column | None:
    """Return the column of a measure for the review's own population, or else of its newest period."""
    return newest(review_columns(review), measure, source=review.population_source, period=review.population_period)


def people_inside(table: pd.DataFrame, review: Review) -> pd.Series:
    """Return the people of each zone inside the country, or all of them where the border plays no part."""
    people = pd.Series(np.nan, index=table.index)
    for measure in ("population.inside", "population.total"):
        column = primary_column(review, measure)
        if column is not None and column.name in table.columns:
            people = people.fillna(table[column.name])
    return people


def table_columns(review: Review, table: pd.DataFrame) -> list[Column]:
    """Describe the columns of a table of this review, its index first."""
    named = plain_columns() | {column.name: column for column in review_columns(review)}
    names = [str(name) for name in table.reset_index().columns] if table.index.name else [str(n) for n in table.columns]
    return [named.get(name) or attribute_column(name) for name in names]


def links_table(review: Review) -> pd.DataFrame:
    """Return the overlaps of settlements with districts and clusters, sorted by relation, zone and rank."""
    links = _with_columns(review.links, LINK_COLUMNS, "links")
    others = review.links.drop(columns=list(LINK_COLUMNS)).reset_index(drop=True)
    links = pd.DataFrame({str(name): plain_column(column) for name, column in [*links.items(), *others.items()]})
    return links.sort_values(["relation", "from_id", "rank", "to_id"], kind="stable").reset_index(drop=True)


def points_table(review: Review) -> pd.DataFrame:
    """Return one point per zone as longitude and latitude [degrees], indexed and sorted by zone id."""
    shapes = review.points.geometry
    others = pd.DataFrame(review.points.drop(columns=shapes.name)).drop(columns=["zone_id", "lon", "lat"], errors="ignore")
    columns = {"lon": shapes.x, "lat": shapes.y} | {str(name): plain_column(others[name]) for name in others.columns}
    return pd.DataFrame(columns, index=review.points.index).rename_axis("zone_id").sort_index()


def ledger_table(review: Review) -> pd.DataFrame:
    """Return every count of what was dropped, clipped, snapped, filled or left unnamed, in the order it happened."""
    return review.ledger.frame()[list(LEDGER_COLUMNS)].astype({"amount": float})
