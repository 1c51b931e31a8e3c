"""Open the user's own tables: CSV files as offices and spreadsheets write them."""

import codecs
import csv
import re
import zlib
from collections.abc import Sequence
from io import StringIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from urbanreview.errors import AmbiguousInput, EmptyLayer, NotANumber, NotInInput, UnreadableFile
from urbanreview.sources.address import locate

DELIMITERS = ",;\t|"
NOT_GIVEN = frozenset({"", "-", "–", "—", "n/a", "…", "...", "..", ":"})
"""What offices write where there is no number."""
STYLES = {",": ".", ".": ","}
"""The mark between thousands, and the decimal mark that goes with it. Spaces and apostrophes group thousands in both."""


def open_table(path: str | Path, *, needed: Sequence[str] = (), base: Path | None = None) -> pd.DataFrame:
    """Read a table as text.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8, or in UTF-16 if its byte-order mark says so. The delimiter (comma, semicolon, tab or bar) is the one
        that gives all of `needed` and the most columns in the heading.
    needed : sequence of str
        Columns that must be there.
    base : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    DataFrame of str
        Every cell without spaces around it: ``007`` stays ``007``, an empty cell is an empty text. Rows without any
        text are left out.

    Raises
    ------
    MissingFile, UnreadableFile, NotInInput, AmbiguousInput, EmptyLayer
    """
    address = locate(path, suffixes=(".csv",), base=base)
    try:
        with address.stream() as stream:
            lines = _decoded(stream.read()).lstrip("\r\n")
        rows = _rows(lines, _delimiter(lines, needed))
    except (OSError, UnicodeError, csv.Error, BadZipFile, zlib.error) as error:
        raise UnreadableFile(address.text, reason=error, expected="a CSV table in UTF-8") from None
    heading, *body = rows
    for column in needed:
        if column not in heading:
            raise NotInInput(address.text, what="column", name=column, found=heading)
        if heading.count(column) > 1:
            places = [place for place, name in enumerate(heading, start=1) if name == column]
            cure = "Name every column once."
            raise AmbiguousInput(address.text, what=f"columns '{column}'", found=places, cure=cure)
    if not body:
        raise EmptyLayer(address.text, expected="at least one row")
    return pd.DataFrame(body, columns=heading, dtype="str")


def _decoded(content: bytes) -> str:
    utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf_16 else "utf-8-sig")


def _delimiter(lines: str, needed: Sequence[str]) -> str:
    def fit(delimiter: str) -> tuple[bool, int]:
        heading = [cell.strip() for cell in next(csv.reader(StringIO(lines, newline=""), delimiter=delimiter), [])]
        return set(needed) <= set(heading), len(heading)

    return max(DELIMITERS, key=fit)


def _rows(lines: str, delimiter: str) -> list[list[str]]:
    """Return the heading and the rows that have a text, all of one length."""
    cells = [
        [cell.strip() for cell in row] for row in csv.reader(StringIO(lines, newline=""), delimiter=delimiter, strict=True)
    ]
    rows = [row for row in cells if any(row)]
    if not rows:
        raise csv.Error("no heading")
    width = len(rows[0])
    for number, row in enumerate(rows):
        if any(row[width:]):
            raise csv.Error(f"{len(row)} cells in row {number}, {width} in the heading")
    return [(row + [""] * width)[:width] for row in rows]


def as_numbers(column: pd.Series, *, origin: str) -> pd.Series:
    """Read a column of numbers as offices write them.

    Parameters
    ----------
    column : Series of str
        Of `open_table`.
    origin : str
        The file, for messages.

    Returns
    -------
    Series of float
        NaN where the cell is empty or one of `NOT_GIVEN`.

    Raises
    ------
    NotANumber
        Naming the rows, counted from 1 below the heading, and their texts.

    Notes
    -----
    Thousands stand apart by a comma, a point, an apostrophe or a space (of any width), and come in threes. The column has
    one style: comma for thousands and point for decimals, or the other way round; it is the style that all cells fit. What
    fits both, as ``1,234`` does, is decided by the whole column: where every comma (or point) stands before exactly three
    digits, and none behind a single 0, it is one of thousands. A column that still reads in two ways is refused.

    Examples
    --------
    >>> as_numbers(pd.Series(["1,234", "5"]), origin="a.csv").tolist()
    [1234.0, 5.0]
    >>> as_numbers(pd.Series(["1,234", "5,6", "1 000", "n/a"]), origin="a.csv").tolist()
    [1.234, 5.6, 1000.0, nan]
    """
    cells = [_plain(text) for text in column]
    given = [text for text in cells if text.casefold() not in NOT_GIVEN]
    read = {thousands: [_pattern(thousands).fullmatch(text) for text in given] for thousands in STYLES}
    thousands = min(STYLES, key=lambda style: (read[style].count(None), -_grouped(read[style], style)))
    odd = {text for text, match in zip(given, read[thousands], strict=True) if match is None}
    if not odd and all(None not in read[style] and _grouped(read[style], style) for style in STYLES):
        odd = {match[0] for style in STYLES for match in read[style] if match and match[1] == style}
    if odd:
        found = [f"row {number}: '{text}'" for number, text in enumerate(cells, start=1) if text in odd]
        raise NotANumber(origin, column=str(column.name), found=found)
    values = [np.nan if text.casefold() in NOT_GIVEN else _value(text, thousands) for text in cells]
    return pd.Series(values, index=column.index, name=column.name, dtype=float)


def _plain(text: object) -> str:
    """Return a text with one sort of space, apostrophe and minus."""
    return re.sub(r"\s", " ", text.strip()).replace("’", "'").replace("−", "-") if isinstance(text, str) else ""


def _pattern(thousands: str) -> re.Pattern[str]:
    decimal = STYLES[thousands]
    return re.compile(rf"[+-]?(?:[1-9]\d{{0,2}}([ '{thousands}])\d{{3}}(?:\1\d{{3}})*|\d+)(?:[{decimal}]\d+)?", re.ASCII)


def _grouped(read: list[re.Match[str] | None], thousands: str) -> int:
    return sum(match is not None and match[1] == thousands for match in read)


def _value(text: str, thousands: str) -> float:
    return float(re.sub(f"[ '{thousands}]", "", text).replace(STYLES[thousands], "."))
