"""Which columns and rows a table of hazards, climate or air shows, and words behind its numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from urbanreview.report.columns import FLAGS, Column, age, parts_of
from urbanreview.report.result import Review
from urbanreview.report.sections import Table, zone_table
from urbanreview.report.tables import COUNTRY, level_tables, long_table, review_columns, wide_table
from urbanreview.report.wording import Phrase
from urbanreview.zones.coarse import FEW_CELLS

FEW_WORDS = Phrase("few: fewer than {cells} source cells, so that a zone's value is that of its surroundings", cells=FEW_CELLS)


def chosen(review: Review, measure: str, *, source: str = "", **parts: str) -> list[Column]:
    """Return the columns of a measure from old to new, of one source if it is named, with some parts of their variant."""
    columns = [
        column
        for column in review_columns(review)
        if column.measure == measure and source in ("", column.source) and parts.items() <= parts_of(column.variant).items()
    ]
    return sorted(columns, key=lambda column: age(column.period))


def climate_source(review: Review, quantity: str) -> str:
    """Return the series of rain or temperature that has the most years; of two the first by name, none if there is none."""
    years: dict[str, int] = {}
    for column in sorted(chosen(review, f"climate.{quantity}"), key=lambda each: each.source):
        years[column.source] = years.get(column.source, 0) + ("/" not in column.period)
    return max(years, key=lambda source: years[source], default="")


def newest_of(review: Review, measure: str, *, source: str = "", **parts: str) -> list[Column]:
    """Return the newest of `chosen` in a list; an empty one where there is none."""
    return chosen(review, measure, source=source, **parts)[-1:]


def country_and_cities(review: Review) -> pd.DataFrame:
    """Return the wide table of the country, if it is a zone, and below it that of the urban centres."""
    levels = [level for level in (COUNTRY, "urban_centre") if level in level_tables(review)]
    return pd.concat([wide_table(review, level).drop(columns=FLAGS, errors="ignore") for level in levels])


def country_values(review: Review, columns: Sequence[Column]) -> list[float]:
    """Return the country's number in each of some columns; NaN where there is none."""
    found = review.once("country_values", lambda: _country_values(review))
    keys = [(column.measure, column.period, column.source, column.variant) for column in columns]
    return [float(found.get(key, float("nan"))) for key in keys]


def _country_values(review: Review) -> dict[tuple[str, ...], float]:
    """Return every number of the country by measure, period, source and variant."""
    numbers = long_table(review)
    numbers = numbers[numbers["zone_id"].isin(review.zones.index[review.zones["level"] == COUNTRY])]
    keys = numbers[["measure", "period", "source", "variant"]].itertuples(index=False, name=None)
    return dict(zip(keys, numbers["value"], strict=True))


def marked_table(
    review: Review,
    table: pd.DataFrame,
    heading: str,
    columns: Sequence[Column],
    *,
    marks: Mapping[str, pd.Series],
    most: int,
    caption: str,
    file: str,
    under: Mapping[str, str] | None = None,
) -> Table:
    """Return the first rows of a wide table with words behind the numbers of some columns; a dash stays a dash.

    Parameters
    ----------
    review : Review
    table : DataFrame
        A wide table, or rows of one.
    heading : str
        Of the names.
    columns : sequence of Column
        Those that the table has are shown.
    marks : mapping of str to Series of str, by zone id
        Words, by the name of their column.
    most : int
        Rows at most.
    caption, file : str
        Above and below the table.
    under : mapping of str to str, optional
        What else stands below a heading, by the name of its column.
    """
    columns = [column for column in columns if column.name in table]
    plain = zone_table(review, table, {"name": heading}, columns, most=most, caption=caption, file=file, under=under)
    rows = []
    for zone_id, row in zip(table.index[:most], plain.rows, strict=True):
        cells = [row[0]]
        for column, cell in zip(columns, row[1:], strict=True):
            mark = marks[column.name].get(zone_id, "") if column.name in marks and not cell.why else ""
            cells.append(replace(cell, text=f"{cell.text} {mark}") if mark else cell)
        rows.append(tuple(cells))
    return replace(plain, rows=tuple(rows), is_dense=True)


def few_marks(table: pd.DataFrame, columns: Sequence[Column]) -> dict[str, pd.Series]:
    """Return the mark of zones whose value comes from few source cells, for each column of their number."""
    names = [column.name for column in columns if column.measure.endswith(".source_cells") and column.name in table]
    return {name: (table[name] < FEW_CELLS).map({True: "(few)", False: ""}) for name in names}
