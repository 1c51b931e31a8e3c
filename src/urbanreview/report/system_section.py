"""The tables of the system of cities on the page: unit sets, classes of size, who grows, and where people were added."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from urbanreview.report.columns import Column, clean, plain_columns
from urbanreview.report.result import Review
from urbanreview.report.sections import NOT_COMPUTED, Cell, Heading, Table, number_cell, number_heading, reasons_of
from urbanreview.report.system import system_tables
from urbanreview.report.tables import COUNTRY
from urbanreview.report.unit_sets import UnitSet, years_of
from urbanreview.report.wording import Phrase, number

SYSTEM = (
    "system.settlements", "system.people", "system.primacy", "system.primacy_two", "system.primacy_four",
    "system.rank_size_slope", "system.rank_size_error", "system.hill_exponent", "system.herfindahl", "system.gini",
)  # fmt: skip
MOVES = ("system.growers", "system.stable", "system.shrinkers", "system.growth_on_size", "system.growth_on_size_error")
SIZES = ("size_class.settlements", "size_class.people", "size_class.share")
SIZE_MOVES = ("size_class.growers", "size_class.stable", "size_class.shrinkers")
PARTS = (
    "urban_growth.total", "urban_growth.inside", "urban_growth.edge", "urban_growth.absorbed", "urban_growth.new",
    "urban_growth.dropped", "urban_growth.settlements_new", "urban_growth.settlements_dropped",
    "urban_growth.settlements_merged",
)  # fmt: skip
Row = Mapping[Hashable, Any]


def system_table(review: Review) -> Table:
    """Return how people are spread over settlements: a row per unit set, source and year."""
    return _table(review, "city_system", SYSTEM, "How people are spread over cities, and over cities and towns")


def moves_table(review: Review) -> Table:
    """Return growers and shrinkers: a row per unit set, source and span of years."""
    caption = "Growing and shrinking settlements, each date in its own extent"
    return _table(review, "city_system", MOVES, caption)


def parts_table(review: Review) -> Table:
    """Return where urban people were added: a row per unit set, source and span of years."""
    caption = "Growth of urban people: inside + edges + absorbed + new - dropped"
    return _table(review, "urban_growth", PARTS, caption)


def class_table(review: Review) -> Table:
    """Return settlements by size in the review's own year, and which of them grow over the longest span that ends with it."""
    table = system_tables(review).get("size_classes", pd.DataFrame(columns=["source", "period", "units", "cutoff", "class"]))
    own = table[table["source"] == review.population_source]
    now = review.population_period
    span = min((str(period) for period in own["period"].unique() if period.endswith(f"/{now}")), key=years_of, default="")
    columns = [_column(key, now) for key in SIZES] + [_column(key, span) for key in SIZE_MOVES if span]
    columns = [column for column in columns if column.name in own]
    rows = []
    for (units, cutoff, size), group in own.groupby(["units", "cutoff", "class"], sort=False):
        by_period = {row["period"]: row for row in group.to_dict("records")}
        numbers = [by_period.get(column.period, {}).get(column.name) for column in columns]
        if pd.Series(numbers, dtype=float).fillna(0.0).any():
            row: Row = {"units": units, "cutoff": cutoff, "class": size, "source": review.population_source}
            cells = [_cell(review, row, *each) for each in zip(columns, numbers, strict=True)]
            rows.append((*_unit_set(row), Cell(str(size)), *cells))
    caption = Phrase("Settlements by size, {population}", population=review.population)
    return _finished("People of each", columns, rows, "size_classes", caption)


def _table(review: Review, name: str, measures: Sequence[str], caption: str) -> Table:
    """Return the rows of a table that have numbers of some measures: unit set, population and period first."""
    table = system_tables(review).get(name, pd.DataFrame(columns=["units"]))
    columns = [column for column in map(_column, measures) if column.name in table]
    table = table[table[[column.name for column in columns]].notna().any(axis=1)]
    rows = []
    for row in table.to_dict("records"):
        period = row["period"]
        cells = [_cell(review, row, replace(column, period=period), row.get(column.name)) for column in columns]
        rows.append((*_unit_set(row), Cell(f"{row['source']} {period}"), *cells))
    return _finished("Population", columns, rows, name, caption)


def _finished(third: str, columns: Sequence[Column], rows: Iterable[tuple[Cell, ...]], name: str, caption: str) -> Table:
    headings = [Heading("Unit set"), Heading("Cut-off", ("people",), is_number=True), Heading(third)]
    headings += [number_heading(column) for column in columns]
    return Table(tuple(headings), tuple(rows), caption=caption, file=f"{name}.csv", is_dense=True)


def _column(measure: str, period: str = "") -> Column:
    return replace(plain_columns()[clean(measure)], period=period)


def _unit_set(row: Row) -> tuple[Cell, Cell]:
    units = UnitSet(str(row["units"]), float(row["cutoff"]), {}).units.capitalize()
    return Cell(units, is_word=True), Cell(number(float(row["cutoff"]), "people"), is_number=True)


def _cell(review: Review, row: Row, column: Column, value: float | None) -> Cell:
    """Return a number of the country, or a dash with the reason that its row of the long table gives."""
    parts = {"class": row.get("class"), "cutoff": f"{row['cutoff']:.0f}", "units": row["units"]}
    variant = ";".join(f"{name}={part}" for name, part in parts.items() if part)
    country = next(iter(review.zones.index[review.zones["level"] == COUNTRY]), "")
    why = reasons_of(review).get((country, column.measure, column.period, str(row["source"]), variant), NOT_COMPUTED)
    return number_cell(value, column, why)
