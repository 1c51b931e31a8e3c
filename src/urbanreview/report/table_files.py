"""Tables on disk: Parquet and CSV, byte for byte the same for the same review."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from urbanreview.report.beside import beside_tables
from urbanreview.report.dictionary import dictionary
from urbanreview.report.populations import tables_of_others, whole
from urbanreview.report.result import Review
from urbanreview.report.system import system_tables
from urbanreview.report.tables import (
    ledger_table,
    level_tables,
    links_table,
    long_table,
    points_table,
    wide_table,
    zones_table,
)

ROWS_PER_GROUP = 131_072


def all_tables(review: Review) -> dict[str, pd.DataFrame]:
    """Return every table of a review by file name, zone ids as an ordinary column."""
    return dict(review.once("all_tables", lambda: _all_tables(review)))


def _all_tables(review: Review) -> dict[str, pd.DataFrame]:
    tables = {name: wide_table(review, level).reset_index() for level, name in level_tables(review).items()}
    tables |= {name: wide_table(other, level).reset_index() for name, (other, level) in tables_of_others(review).items()}
    every = whole(review)
    return (
        tables
        | system_tables(review)
        | {
            "zones": zones_table(every).reset_index(),
            "values": long_table(every),
            "links": links_table(every),
            "points": points_table(every).reset_index(),
            "ledger": ledger_table(review),
            **review.comparison,
            **({} if review.pairs is None else {"matrix": review.pairs}),
            **beside_tables(review),
        }
    )


def write_tables(review: Review, folder: Path) -> list[Path]:
    r"""Write every table as ``<name>.parquet`` and ``<name>.csv``, matrices as CSV, and ``dictionary.csv``.

    Parameters
    ----------
    review : Review
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        What was written.

    Notes
    -----
    No table holds a time of writing. CSV is UTF-8 with ``\n``, and its numbers have the fewest digits that read
    back as the same number; text is written as it is, so open names from foreign gazetteers in the workbook, where
    nothing can become a formula, rather than in a spreadsheet's CSV import.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in all_tables(review).items():
        written += _write_table(table, folder, name)
    for name, matrix in review.matrices.items():
        matrix.to_csv(folder / f"{name}.csv", index_label="from_id", encoding="utf-8", lineterminator="\n")
        written.append(folder / f"{name}.csv")
    _write_csv(dictionary(review), folder / "dictionary.csv")
    return [*written, folder / "dictionary.csv"]


def write_settlements(layers: Mapping[str, gpd.GeoDataFrame], folder: Path) -> list[Path]:
    """Write settlements as Parquet and CSV without outlines, and as layers of ``settlements.gpkg`` with them.

    Parameters
    ----------
    layers : mapping of str to GeoDataFrame
        By ``zone_id``.
    folder : Path
        Made if it is not there.

    Returns
    -------
    list of Path
        What was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    package = folder / "settlements.gpkg"
    written = [package]
    for name, zones in layers.items():
        written += _write_table(pd.DataFrame(zones.drop(columns="geometry")).reset_index(), folder, name)
        zones.reset_index().to_file(package, layer=name, driver="GPKG", VERSION="1.3")
    return written


def _write_table(table: pd.DataFrame, folder: Path, name: str) -> list[Path]:
    _write_parquet(table, folder / f"{name}.parquet")
    _write_csv(table, folder / f"{name}.csv")
    return [folder / f"{name}.parquet", folder / f"{name}.csv"]


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _write_parquet(table: pd.DataFrame, path: Path) -> None:
    fields = [(str(name), _arrow_type(table[name])) for name in table.columns]
    arrow = pa.Table.from_arrays(
        [pa.array(table[name], type=kind, from_pandas=True) for name, kind in fields], schema=pa.schema(fields)
    )
    pq.write_table(
        arrow,
        path,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        row_group_size=ROWS_PER_GROUP,
    )


def _arrow_type(column: pd.Series) -> pa.DataType:
    """Return the type of a plain column; text also where every value is missing.

    >>> _arrow_type(pd.Series([1, None], dtype="Int64")), _arrow_type(pd.Series([None], dtype=object))
    (DataType(int64), DataType(string))
    """
    if pd.api.types.is_bool_dtype(column.dtype):
        return pa.bool_()
    if pd.api.types.is_integer_dtype(column.dtype):
        return pa.int64()
    return pa.float64() if pd.api.types.is_float_dtype(column.dtype) else pa.string()
