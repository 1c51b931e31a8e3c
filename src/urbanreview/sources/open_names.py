"""Open the user's own names of settlements."""

from pathlib import Path

import pandas as pd

from urbanreview.errors import DuplicateIds, EmptyLayer
from urbanreview.sources.open_table import open_table

COLUMNS = ("zone_id", "name")


def open_names(path: str | Path, *, base: Path | None = None) -> pd.Series:
    """Read a table of names.

    Parameters
    ----------
    path : str or Path
        CSV with the columns ``zone_id`` and ``name``, see `open_table`; further columns are left alone.
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
    try:
        table = open_table(path, needed=COLUMNS, base=base)
    except EmptyLayer:  # a heading alone: no names yet
        table = pd.DataFrame(columns=COLUMNS, dtype="str")
    named = table[(table["zone_id"] != "") & (table["name"] != "")]
    doubled = named["zone_id"][named["zone_id"].duplicated()].unique().tolist()
    if doubled:
        raise DuplicateIds(str(path), column="zone_id", ids=doubled)
    return named.set_index("zone_id")["name"]
