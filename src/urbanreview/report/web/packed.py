"""Tables of a review as the page hands them out: the very bytes of their CSV files, packed."""

import gzip
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from urbanreview.report.populations import tables_of_others
from urbanreview.report.result import Review
from urbanreview.report.table_files import all_tables
from urbanreview.report.tables import level_tables

PACKED_BYTES_AT_MOST = 4_500_000
"""Of all tables together, as text in base 64."""
BYTES_AT_MOST = 30_000_000
"""A larger file is not even tried."""
NO_TABLES = ("dictionary",)
"""Files beside the tables that the page has otherwise."""
LONG_TABLES = ("links", "points", "zones", "values")
"""Whatever they tell stands in other tables too, so they are the last to get room."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Tables by name, and the names of those that found no room."""

    tables: dict[str, dict[str, Any]]
    left_out: list[str]


def packed_tables(review: Review, folder: Path | None = None, *, at_most: int = PACKED_BYTES_AT_MOST) -> Packed:
    """Return the CSV files of a review, compressed and as text, as many as there is room for.

    Parameters
    ----------
    review : Review
    folder : Path, optional
        Where the files are; they are made in memory without it.
    at_most : int
        Bytes for all tables together.

    Returns
    -------
    Packed
        ``name``, ``csv`` (base 64 of the gzip of the file) and ``rows`` of each table. Tables of levels get room first, then
        the small ones, then those of other populations, `LONG_TABLES` last.
    """
    files = _made(review) if folder is None or not folder.is_dir() else _stored(review, folder)
    last = [*tables_of_others(review), *LONG_TABLES]
    order = sorted(files, key=lambda name: last.index(name) if name in last else -1)
    packed, left_out, room = dict[str, dict[str, Any]](), list[str](), at_most
    for name in order:
        content = files[name]()
        text = _packed(content) if len(content) <= BYTES_AT_MOST else None
        if text is None or len(text) > room:
            left_out.append(name)
            continue
        room -= len(text)
        packed[name] = {"name": name, "csv": text, "rows": content.count(b"\n") - 1}
    return Packed(packed, left_out)


def _made(review: Review) -> dict[str, Callable[[], bytes]]:
    """Return what gives the bytes of each table's file, made of the table."""
    return {name: partial(_written, table) for name, table in all_tables(review).items()}


def _stored(review: Review, folder: Path) -> dict[str, Callable[[], bytes]]:
    """Return what gives the bytes of each table's file, read from it: tables of levels first."""
    found = {path.stem: path.read_bytes for path in sorted(folder.glob("*.csv")) if path.stem not in NO_TABLES}
    first = [name for name in level_tables(review).values() if name in found]
    return {name: found[name] for name in (*first, *(name for name in found if name not in first))}


def _written(table: pd.DataFrame) -> bytes:
    written = BytesIO()
    table.to_csv(written, index=False, encoding="utf-8", lineterminator="\n")
    return written.getvalue()


def _packed(content: bytes) -> str:
    return b64encode(gzip.compress(content, mtime=0)).decode("ascii")
