"""The workbook of a review: every wide table on a sheet, with headings, number formats and a chart of Excel's own."""

from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.indicators import FLAGS as ALL_FLAGS
from urbanreview.report.beside import beside_columns, beside_tables
from urbanreview.report.columns import FLAGS, Column, attribute_column
from urbanreview.report.dictionary import dictionary
from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.extras import require
from urbanreview.report.highlights import LIGHTS, largest_centres, modelled_sentence, named
from urbanreview.report.ink import CENTRE, MODELLED_MARK, NAVY
from urbanreview.report.result import InputFile, Review
from urbanreview.report.system import system_tables
from urbanreview.report.tables import (
    ledger_table,
    level_tables,
    links_table,
    long_table,
    primary_column,
    table_columns,
    wide_table,
)
from urbanreview.report.wording import flatten, pretty

ROWS_ON_A_SHEET = 1_048_576
LETTERS_IN_A_CELL, LETTERS_IN_A_TITLE = 32_767, 31
_UNCHANGING_TIME = datetime(2000, 1, 1)
_FORMATS = {
    "people": "#,##0", "people/km2": "#,##0.0", "km2": "#,##0.00", "m2/person": "#,##0.0", "degrees": "0.0000",
    "settlements": "#,##0", "patches": "#,##0", "code": "0", "1": "#,##0.000", "1/year": "0.00%",
    "nW/cm2/sr*km2/person": "0.0000",
}  # fmt: skip
_SHARE_FORMAT, _OTHER_FORMAT = "0.0%", "#,##0.00"
_BOOK_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def write_workbook(review: Review, path: Path) -> None:
    """Write the workbook.

    Sheets: About, Largest centres (with the chart), one per wide table and per table of the user's own units and official
    numbers and of the system of cities, Links, Missing, Ledger, those of the scenarios, Dictionary, Inputs.

    Raises
    ------
    MissingExtra
        If XlsxWriter is not installed.

    Notes
    -----
    Text is always written as text: a name that begins with ``=`` stays a name. Missing numbers are empty cells; the
    sheet Missing says why.
    """
    book = require("xlsxwriter").Workbook(str(path), _BOOK_OPTIONS)
    book.set_properties({"title": f"{review.title}: urbanization review", "created": _UNCHANGING_TIME})
    sheets = _Sheets(book)
    _about(sheets, review)
    _largest(sheets, review)
    for level, name in level_tables(review).items():
        table = wide_table(review, level).reset_index()
        sheets.table(name.replace("_", " ").capitalize(), table, table_columns(review, table))
    for name, table in beside_tables(review).items():
        sheets.table(name.replace("_", " ").capitalize(), table, beside_columns(name, table))
    for name, table in (
        *system_tables(review).items(),
        ("links", links_table(review)),
        ("missing", _missing(review)),
        ("ledger", ledger_table(review)),
        *review.comparison.items(),
    ):
        sheets.table(name.replace("_", " ").capitalize(), table, table_columns(review, table))
    for title, table in (("Dictionary", dictionary(review)), ("Inputs", _inputs(review.inputs))):
        headings = [Column(name=name, heading=name.replace("_", " ").capitalize(), title=name) for name in table.columns]
        sheets.table(title, table, headings)
    try:
        book.close()
    except require("xlsxwriter.exceptions").FileCreateError as error:
        raise OSError(str(error)) from error


class _Sheets:
    """A workbook with the formats of this project."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self._formats: dict[str, Any] = {}
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": NAVY})
        self.bold = book.add_format({"bold": True, "valign": "top"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.alarm = book.add_format({"bold": True, "font_color": "#ffffff", "bg_color": CENTRE, "text_wrap": True})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "top", "font_color": "#ffffff", "bg_color": NAVY, "border": 1,
             "border_color": "#ffffff"}
        )  # fmt: skip
        self.key = book.add_format({"italic": True, "font_size": 8, "font_color": "#5b6770", "bottom": 1})

    def number_format(self, column: Column) -> Any:
        text = _SHARE_FORMAT if column.is_share else _FORMATS.get(column.unit, _OTHER_FORMAT)
        if text not in self._formats:
            self._formats[text] = self.book.add_format({"num_format": text})
        return self._formats[text]

    def table(self, title: str, table: pd.DataFrame, columns: list[Column]) -> Any:
        """Add a sheet: headings on top, names as in the files below them, then the rows; both heads stay in view."""
        sheet = self.book.add_worksheet(self._free(title))
        rows = table.head(ROWS_ON_A_SHEET - 2)
        for number, column in enumerate(columns):
            sheet.write_string(0, number, pretty(column.heading), self.head)
            sheet.write_string(1, number, column.name, self.key)
            self._cells(sheet, number, column, rows[column.name])
        sheet.set_row(0, 48)
        sheet.freeze_panes(2, 2 if "name" in rows.columns[:2] else 1)
        if len(columns):
            sheet.autofilter(1, 0, max(1, len(rows) + 1), len(columns) - 1)
        return sheet

    def _free(self, title: str) -> str:
        """Return a title that a sheet can have: short enough, and like no other but for the case of letters."""
        taken, free, number = {sheet.get_name().lower() for sheet in self.book.worksheets()}, title[:LETTERS_IN_A_TITLE], 1
        while free.lower() in taken:
            number += 1
            free = f"{title[: LETTERS_IN_A_TITLE - 3]} {number}"
        return free

    def _cells(self, sheet: Any, number: int, column: Column, values: pd.Series) -> None:
        is_truth = pd.api.types.is_bool_dtype(values.dtype)
        is_number = pd.api.types.is_numeric_dtype(values.dtype) and not is_truth
        whole = is_number and pd.api.types.is_integer_dtype(values.dtype)
        shape = self.number_format(column) if is_number and not whole else None
        longest = 9
        for row, value in enumerate(values, start=2):
            if pd.isna(value) or value == "" or (is_number and not np.isfinite(value)):
                continue
            if is_truth:
                sheet.write_boolean(row, number, bool(value))
            elif is_number:
                sheet.write_number(row, number, value, shape)
            else:
                sheet.write_string(row, number, str(value)[:LETTERS_IN_A_CELL])
                longest = max(longest, len(str(value)))
        sheet.set_column(number, number, 14 if is_number else min(longest + 2, 46))


def _about(sheets: _Sheets, review: Review) -> None:
    sheet = sheets.book.add_worksheet("About")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, f"{review.title}: urbanization review", sheets.title)
    rows = [("Country", review.iso3), ("Population", review.population), ("Urban rules, edition", review.edition)]
    rows += [("Note", note) for note in review.notes]
    rows += [
        ("Generated from", named(entry.name for entry in review.inputs)),
        ("Missing numbers", "Empty cells; the sheet Missing gives the reason of each."),
        ("Columns", "The sheet Dictionary gives unit, method and reference of each."),
        ("Boundaries", boundary_words(review)),
    ]
    if FLAGS in review.zones:
        rows += [(f"Flag '{flag.key}'", pretty(flag.sentence)) for flag in ALL_FLAGS]
    rows += [(f"Setting {name}", text) for name, text in flatten(review.settings)]
    first = 2
    if review.modelled:
        sheet.write_string(1, 0, MODELLED_MARK, sheets.alarm)
        sheet.write_string(1, 1, modelled_sentence(review), sheets.alarm)
        first = 3
    for number, (label, text) in enumerate(rows, start=first):
        sheet.write_string(number, 0, label, sheets.bold)
        sheet.write_string(number, 1, text[:LETTERS_IN_A_CELL], sheets.wrap)


def _largest(sheets: _Sheets, review: Review) -> None:
    table = largest_centres(review).drop(columns="outside")
    lights = primary_column(review, LIGHTS)
    columns = [
        Column("zone_id", "Zone id", "Zone id"),
        Column("name", "Name", "Name"),
        Column("people", "People inside the country", "People", "people"),
        Column("lights", lights.heading if lights else "Lights", "Lights", lights.unit if lights else ""),
        *([attribute_column(FLAGS)] if FLAGS in table else []),
    ]
    sheet = sheets.table("Largest centres", table, columns)
    if table.empty:
        sheet.write_string(2, 0, "No urban centre was found.")
        return
    last = len(table) + 1
    chart = sheets.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": "People",
            "categories": ["Largest centres", 2, 1, last, 1],
            "values": ["Largest centres", 2, 2, last, 2],
            "fill": {"color": CENTRE},
            "gap": 40,
        }
    )
    mark = f" ({MODELLED_MARK})" if review.modelled else ""
    chart.set_title({"name": f"Largest urban centres by people, {review.population}{mark}", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "#,##0", "name": "People", "major_gridlines": {"visible": True}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 760, "height": 120 + 24 * len(table)})
    sheet.insert_chart("G3", chart)


def _missing(review: Review) -> pd.DataFrame:
    values = long_table(review)
    gone = values[values["value"].isna()]
    names = review.zones["name"].reindex(gone["zone_id"]).astype(object).to_numpy()
    return gone.assign(name=names)[["zone_id", "name", "measure", "period", "source", "variant", "reason"]]


def _inputs(inputs: tuple[InputFile, ...]) -> pd.DataFrame:
    fields = ("name", "path", "kind", "units", "grid", "size_bytes", "sha256", "licence", "citation", "modelled")
    return pd.DataFrame([[getattr(entry, name) for name in fields] for entry in inputs], columns=list(fields))
