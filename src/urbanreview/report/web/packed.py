"""Tables of a review as the page hands them out: the very bytes of their CSV files, packed."""

import gzip
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pandas as pd

from urbanreview.report.populations import tables_of_others
from urbanreview.report.result import Review
from urbanreview.report.table_files import all_tables

PACKED_BYTES_AT_MOST = 4_500_000
"""Of all tables together, as text in base 64."""
VALUES_AT_MOST = 2_000_000
"""A table with more is not even tried."""
LONG_TABLES = ("links", "points", "zones", "values")
"""Whatever they tell stands in other tables too, so they are the last to get room."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Tables by name, and the names of those that found no room."""

    tables: dict[str, dict[str, Any]]
    left_out: list[str]


def packed_tables(review: Review, *, at_most: int = PACKED_BYTES_AT_MOST) -> Packed:
    """Return the CSV files of a review, compressed and as text, as many as there is room for.

    Parameters
    ----------
    review : Review
    at_most : int
        Bytes for all tables together.

    Returns
    -------
    Packed
        ``name``, ``csv`` (base 64 of the gzip of the file) and ``rows`` of each table. Tables of levels get room first, then
        the small ones, then those of other populations, `LONG_TABLES` last.
    """
    tables = all_tables(review)
    last = [*tables_of_others(review), *LONG_TABLES]
    order = sorted(tables, key=lambda name: last.index(name) if name in last else -1)
    packed, left_out, room = dict[str, dict[str, Any]](), list[str](), at_most
    for name in order:
        text = _packed(tables[name]) if tables[name].size <= VALUES_AT_MOST else None
        if text is None or len(text) > room:
            left_out.append(name)
            continue
        room -= len(text)
        packed[name] = {"name": name, "csv": text, "rows": len(tables[name])}
    return Packed(packed, left_out)


def _packed(table: pd.DataFrame) -> str:
    written = BytesIO()
    table.to_csv(written, index=False, encoding="utf-8", lineterminator="\n")
    return b64encode(gzip.compress(written.getvalue(), mtime=0)).decode("ascii")
