"""Open the user's own names of settlements."""

import zlib
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd

from urbanreview.errors import DuplicateIds, NotInInput, UnreadableFile
from urbanreview.sources.address import locate

COLUMNS = ("zone_id", "name")


def open_names(path: str | Path, *, base: Path | None = None) -> pd.Series:
    """Read a table of names.

    Parameters
    ----------
    path : str or Path
        CSV in UTF-8 with the columns ``zone_id`` and ``name``; further columns are left alone.
    base : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    Series of str
        Indexed by ``zone_id``; rows without a name are left out.

    Raises
    ------
    MissingFile, UnreadableFile, NotInInput, DuplicateIds
    """
    address = locate(path, suffixes=(".csv",), base=base)
    try:
        with address.stream() as stream:
            table = pd.read_csv(stream, dtype="str", encoding="utf-8-sig", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, BadZipFile, zlib.error) as error:
        raise UnreadableFile(address.text, reason=error, expected="a CSV table in UTF-8") from None
    for column in COLUMNS:
        if column not in table.columns:
            raise NotInInput(address.text, what="column", name=column, found=list(table.columns))
    table = table.fillna("").apply(lambda column: column.str.strip())
    named = table[(table["zone_id"] != "") & (table["name"] != "")]
    doubled = named["zone_id"][named["zone_id"].duplicated()].unique().tolist()
    if doubled:
        raise DuplicateIds(address.text, column="zone_id", ids=doubled)
    return named.set_index("zone_id")["name"]
