"""The data dictionary: what every column of every table is."""

import pandas as pd

from urbanreview.report.beside import beside_columns, beside_tables
from urbanreview.report.columns import Column, attribute_column
from urbanreview.report.populations import tables_of_others, whole
from urbanreview.report.result import LONG_COLUMNS, Review
from urbanreview.report.system import system_tables
from urbanreview.report.tables import (
    ledger_table,
    level_tables,
    links_table,
    points_table,
    table_columns,
    wide_table,
    zones_table,
)

DICTIONARY_COLUMNS = (
    "column", "table", "measure", "title", "unit", "period", "source", "variant", "method", "reference", "page", "edition",
)  # fmt: skip

_OWN = {
    "column": "Name of the column in the files.",
    "table": "Name of the table.",
    "title": "Heading for people.",
    "method": "How the number is computed.",
    "reference": "Where the definition comes from.",
    "page": "Page of the project's documentation that explains the measure.",
    "edition": "Rule set of the delineation that the run used.",
}


def dictionary(review: Review) -> pd.DataFrame:
    """Describe every column of every table that `write_tables` writes.

    Returns
    -------
    DataFrame
        Columns `DICTIONARY_COLUMNS`, one row per column and table, in the order of the files.
    """
    described: list[tuple[str, Column]] = []
    for level, name in level_tables(review).items():
        described += [(name, column) for column in table_columns(review, wide_table(review, level))]
    for name, (other, level) in tables_of_others(review).items():
        described += [(name, column) for column in table_columns(other, wide_table(other, level))]
    described += [(name, column) for name, table in system_tables(review).items() for column in table_columns(review, table)]
    described += [("values", attribute_column(name)) for name in LONG_COLUMNS]
    every = whole(review)
    for name, table in (
        ("zones", zones_table(every)),
        ("points", points_table(every)),
        ("links", links_table(every)),
        ("ledger", ledger_table(review)),
        *review.comparison.items(),
        *([] if review.pairs is None else [("matrix", review.pairs)]),
    ):
        described += [(name, column) for column in table_columns(every, table)]
    described += [(name, column) for name, table in beside_tables(review).items() for column in beside_columns(name, table)]
    for name in review.matrices:
        what, _, ends = name.partition("_")
        described += [(name, attribute_column("from_id")), (name, _matrix_column(what, ends.replace("_", " to ")))]
    described += [("dictionary", _own_column(name)) for name in DICTIONARY_COLUMNS]
    rows = [_row(table, column, review.edition) for table, column in described]
    return pd.DataFrame(rows, columns=list(DICTIONARY_COLUMNS), dtype=object)


def _matrix_column(what: str, ends: str) -> Column:
    """Describe all columns of a matrix at once: each is headed by the id of its destination."""
    record = attribute_column(what)
    title = f"{record.title}, {ends}"
    method = f"One column per destination, headed by its id. {record.method}"
    return Column(name="<zone_id>", heading=title, title=title, unit=record.unit, method=method)


def _own_column(name: str) -> Column:
    if name in _OWN:
        return Column(name=name, heading=name.capitalize(), title=name.capitalize(), method=_OWN[name])
    return attribute_column(name)


def _row(table: str, column: Column, edition: str) -> tuple[str, ...]:
    return (
        column.name, table, column.measure, column.title, column.unit, column.period, column.source, column.variant,
        column.method, column.reference, column.page, edition,
    )  # fmt: skip
