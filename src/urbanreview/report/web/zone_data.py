"""The zones of a review as the page holds them: names, places, numbers, why one is missing, and what else is told."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from urbanreview.measures import BY_KEY
from urbanreview.report.columns import Column, newest
from urbanreview.report.highlights import LIGHTS
from urbanreview.report.result import Review
from urbanreview.report.sections import NOT_COMPUTED, reasons_of
from urbanreview.report.tables import (
    FIRST_ATTRIBUTES,
    OWN_PREFIX,
    level_tables,
    points_table,
    primary_column,
    review_columns,
    wide_table,
)
from urbanreview.report.web.outlines import DECIMALS, Frame
from urbanreview.report.web.plain import numbers, rounded, values

NUMBERS_AT_MOST, COLUMNS_AT_LEAST = 80_000, 150
"""Of a level; few zones have room for every column, many for those alone that matter most."""
ZONES_WITH_TEXTS = 2_000
"""Levels with more zones hold no texts but those of `NEEDED`."""
SERIES_AT_MOST = 300
"""Cities whose months are told."""
MONTH = re.compile(r"\d{4}-\d{2}")
NEEDED = ("parent_id", "cross_border", "name_ascii", "name_alternate", "district_1_name", "listed_code", "listed_name", "flags")
UNTOLD = ("population", "edition", "peak_longitude", "peak_latitude", "cells_initial", "people_initial", "geonameid")
"""Attributes that only the tables tell, beside those of the boundary file."""


def main_columns(review: Review) -> frozenset[str]:
    """Return the names of the columns that measures are shown by: see `primary_column`."""
    return review.once("main_columns", lambda: _main_columns(review))


def _main_columns(review: Review) -> frozenset[str]:
    measures = dict.fromkeys(column.measure for column in review_columns(review))
    return frozenset(column.name for measure in measures if (column := primary_column(review, measure)) is not None)


def kept_columns(review: Review, level: str) -> list[Column]:
    """Return the columns of numbers that the page holds of a level, in report order.

    Parameters
    ----------
    review : Review
    level : str

    Returns
    -------
    list of Column
        Months stay away; the tables have them. Of the rest there are as many as `NUMBERS_AT_MOST` numbers allow, but never
        fewer than `COLUMNS_AT_LEAST`, and always those that measures are shown by. Then come their other variants of the same
        date, then the longest series of each measure, then what is left, of every measure the newest first.
    """
    table = wide_table(review, level)
    columns = [column for column in review_columns(review) if column.name in table.columns]
    main = main_columns(review)
    rank = _ranks(columns, {column.measure: column for column in columns if column.name in main})
    columns = [column for column in columns if rank[column.name][0] == 0 or not MONTH.fullmatch(column.period)]
    shown = sum(rank[column.name][0] == 0 for column in columns)
    room = max(NUMBERS_AT_MOST // max(len(table), 1), COLUMNS_AT_LEAST, shown)
    chosen = {column.name for column in sorted(columns, key=lambda column: rank[column.name])[:room]}
    return [column for column in columns if column.name in chosen]


def _ranks(columns: Sequence[Column], main: Mapping[str, Column]) -> dict[str, tuple[int, int]]:
    """Say how much columns matter, the least number the most: see `kept_columns`."""
    series = Counter((column.measure, column.source, column.variant) for column in columns)
    longest = {measure: (source, variant) for (measure, source, variant), _ in reversed(series.most_common())}
    ranks, seen = dict[str, tuple[int, int]](), Counter[str]()
    for column in columns[::-1]:
        first = main.get(column.measure)
        seen[column.measure] += 1
        if column == first:
            ranks[column.name] = (0, 0)
        elif first is not None and (column.source, column.period) == (first.source, first.period):
            ranks[column.name] = (1, 0)
        elif longest[column.measure] == (column.source, column.variant):
            ranks[column.name] = (2, 0)
        else:
            ranks[column.name] = (3, seen[column.measure])
    return ranks


def zone_data(review: Review, level: str, columns: Sequence[Column], frame: Frame) -> dict[str, Any]:
    """Return everything that the page holds of the zones of a level, one list entry per row of its wide table.

    Parameters
    ----------
    review : Review
    level : str
    columns : sequence of Column
        Of `kept_columns`.
    frame : Frame
        Of the same review.

    Returns
    -------
    dict
        ``id, name, point, area_km2, values, reasons, attributes`` as lists or by column, and ``main``: the column that each
        measure is shown by in this level, where it has one of its own. Names that are not known are the id.
    """
    table = wide_table(review, level)
    return {
        "id": [str(zone_id) for zone_id in table.index],
        "name": [
            str(name or zone_id) for zone_id, name in table["name"].astype(object).where(table["name"].notna(), "").items()
        ],
        "point": _points(review, table.index, frame),
        "area_km2": numbers(table["area_km2"]),
        "main": _main_of(review, columns),
        "values": {column.name: numbers(table[column.name]) for column in columns},
        "reasons": _reasons(review, table, columns),
        "attributes": {name: values(table[name]) for name in attributes_of(review, level)},
    }


def attributes_of(review: Review, level: str) -> list[str]:
    """Return the names of what else is told of the zones of a level."""
    table = wide_table(review, level)
    untold = {*FIRST_ATTRIBUTES, *UNTOLD, *(column.name for column in review_columns(review))} - {"parent_id"}
    told = [name for name in table.columns if name not in untold and not name.startswith(OWN_PREFIX)]
    return told if len(table) <= ZONES_WITH_TEXTS else [name for name in told if name in NEEDED]


def _points(review: Review, zone_ids: pd.Index, frame: Frame) -> list[list[float] | None]:
    places = points_table(review).reindex(zone_ids)
    pairs = zip(frame.lon(places["lon"].to_numpy(float)), places["lat"], strict=True)
    return [None if pd.isna(lon + lat) else [round(float(lon), DECIMALS), round(float(lat), DECIMALS)] for lon, lat in pairs]


def _main_of(review: Review, columns: Sequence[Column]) -> dict[str, str]:
    source, period = review.population_source, review.population_period
    measures = dict.fromkeys(column.measure for column in columns)
    chosen = (newest(columns, measure, source=source, period=period) for measure in measures)
    return {column.measure: column.name for column in chosen if column is not None}


def _reasons(review: Review, table: pd.DataFrame, columns: Sequence[Column]) -> dict[str, dict[str, str]]:
    """Return why numbers are missing where it is not what the record of the measure says: by column and row."""
    reasons, found = reasons_of(review), dict[str, dict[str, str]]()
    for column in columns:
        usual = BY_KEY[column.measure].undefined
        key = (column.measure, column.period, column.source, column.variant)
        for row, (zone_id, gone) in enumerate(table[column.name].isna().items()):
            why = reasons.get((str(zone_id), *key), NOT_COMPUTED) if gone else usual
            if why != usual:
                found.setdefault(column.name, {})[str(row)] = why
    return found


def month_series(review: Review) -> dict[str, Any]:
    """Return the light of every month of the largest cities; empty in a review without months.

    Returns
    -------
    dict
        ``lights``: ``level``, ``measure``, ``unit``, ``periods`` from old to new, and ``values`` by row of the level.
    """
    yearly = primary_column(review, LIGHTS)
    months = [column for column in review_columns(review) if column.measure == LIGHTS and MONTH.fullmatch(column.period)]
    if yearly is None or "urban_centre" not in level_tables(review):
        return {}
    table = wide_table(review, "urban_centre").head(SERIES_AT_MOST)
    by_month = {column.period: column for column in months[::-1] if column.source == yearly.source and column.name in table}
    if not by_month or table.empty:
        return {}
    periods = sorted(by_month)
    rows: Mapping[str, list[Any]] = {
        str(row): [rounded(value) for value in values_of]
        for row, values_of in enumerate(table[[by_month[period].name for period in periods]].to_numpy(float))
    }
    told = {"level": "urban_centre", "measure": LIGHTS, "unit": yearly.unit, "periods": periods, "values": rows}
    return {"lights": told}
