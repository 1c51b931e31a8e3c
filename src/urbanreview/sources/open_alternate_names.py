"""Open a GeoNames file of names by language, of a country or of the world, a block at a time."""

import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import fsspec
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from urbanreview.errors import MissingFile, UnreadableFile
from urbanreview.sources.address import Address, locate

COLUMNS = ("alternateNameId", "geonameid", "isolanguage", "name", "preferred", "short", "colloquial", "historic", "from", "to")
"""In the order of the file, which has no heading."""

WITHOUT_YEARS = 8
"""The older form of the file ends before the two columns of years."""

WORLD = "alternatenamesv2.txt"
EXPECTED = (
    f"GeoNames alternate names (a table in UTF-8 with tabs and without a heading, {len(COLUMNS)} columns: id, geonameid, …)"
)

_BLOCK_BYTES = 1 << 20
_FIRST_LINE_BYTES = 1 << 16
_TEXT = {column: pa.string() for column in COLUMNS}
_FAILURES = (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zlib.error, pa.ArrowException)


def _locate(path: str | Path, base: Path | None) -> Address:
    """Find the file; archives of GeoNames hold a readme or a list of languages, too."""
    country = f"{Path(str(path)).stem.lower()}.txt"
    try:
        return locate(path, suffixes=(country, WORLD), base=base)
    except MissingFile:
        return locate(path, suffixes=(".txt", ".tsv"), base=base)


@contextmanager
def _streamed(address: Address) -> Iterator[IO[bytes]]:
    """Open the bytes of the innermost file without holding all of them in memory."""
    with fsspec.open(address.remote or str(address.local or address.gdal)) as outer:
        if not address.member:
            yield outer
            return
        with zipfile.ZipFile(outer) as archive, archive.open(address.member) as inner:
            yield inner


def _columns(address: Address) -> tuple[str, ...]:
    """Tell from the first line which columns there are; GeoNames' main table of a country bears the same name."""
    with _streamed(address) as stream:
        fields = stream.readline(_FIRST_LINE_BYTES).removeprefix(b"\xef\xbb\xbf").rstrip(b"\r\n").split(b"\t")
    known = len(fields) in (WITHOUT_YEARS, len(COLUMNS)) and all(field.strip().isdigit() for field in fields[:2])
    if not known:
        columns = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
        reason = f"{columns}, the first line beginning with {fields[0][:30].decode('utf-8', 'replace')!r}"
        raise UnreadableFile(address.text, reason=reason, expected=EXPECTED)
    return COLUMNS[: len(fields)]


def _blocks(stream: IO[bytes], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    return csv.open_csv(
        stream,
        read_options=csv.ReadOptions(column_names=columns, block_size=_BLOCK_BYTES),
        parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, escape_char=False),
        convert_options=csv.ConvertOptions(
            column_types=_TEXT | {"alternateNameId": pa.int64(), "geonameid": pa.int64()}, strings_can_be_null=False
        ),
    )


def _wanted(block: pa.RecordBatch, languages: pa.Array, geonameids: pa.Array | None) -> pa.RecordBatch:
    keep = pc.is_in(pc.utf8_lower(block["isolanguage"]), value_set=languages)
    if geonameids is not None:
        keep = pc.and_(keep, pc.is_in(block["geonameid"], value_set=geonameids))
    return block.filter(keep)


def _read(address: Address, languages: Iterable[str], geonameids: Iterable[int] | None) -> pd.DataFrame:
    codes = pa.array(languages, pa.string())
    ids = None if geonameids is None else pa.array(sorted({int(one) for one in geonameids}), pa.int64())
    try:
        columns = _columns(address)
        with _streamed(address) as stream:
            blocks = [_wanted(block, codes, ids) for block in _blocks(stream, columns)]
    except _FAILURES as error:
        raise UnreadableFile(address.text, reason=error, expected=EXPECTED) from None
    table = pa.Table.from_batches(blocks).to_pandas()
    return table if "to" in table else table.assign(to="")


def open_alternate_names(
    path: str | Path, *, languages: Sequence[str], geonameids: Iterable[int] | None = None, base: Path | None = None
) -> pd.DataFrame:
    r"""Read the names of places in some languages.

    Parameters
    ----------
    path : str or Path
        GeoNames' ``alternateNamesV2.txt`` of the world or ``alternatenames/KZ.txt`` of a country, or the archive that
        it comes in. In an archive with further texts the member is named as the archive, or ``alternateNamesV2.txt``;
        any other is named as ``archive.zip!member.txt``.
    languages : sequence of str
        Codes as in the file, such as ``kk`` and ``ru``, in upper or lower case. A script is part of the code:
        ``kk-Latn`` is not ``kk``.
    geonameids : iterable of int, optional
        Places that are wanted; without it, all.
    base : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    DataFrame, index ``alternate_name_id`` (int, ascending)
        ``geonameid`` (int64), ``language`` as written in `languages`, ``name``, ``preferred`` and ``short`` (bool). A
        lower index is an older entry.

    Raises
    ------
    MissingFile, AmbiguousInput, UnreadableFile

    Notes
    -----
    Names marked historic or colloquial are left out, as are those with a year in which their use ended. The file is
    read in blocks of 1 MB of which only the wanted rows are kept: the world's 16 million rows take some seconds and
    100 MB of memory. Quotation marks are letters as others.

    The format is stated in the readme of GeoNames' export, download.geonames.org/export/dump.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> rows = ["7\t1526384\tkk\tАлматы\t1\t\t\t\t\t", "8\t1526384\tru\tВерный\t\t\t\t1\t\t1921"]
    >>> _ = (folder / "KZ.txt").write_text("\n".join(rows), encoding="utf-8")
    >>> open_alternate_names("KZ.txt", languages=["kk", "ru"], base=folder).values.tolist()
    [[1526384, 'kk', 'Алматы', True, False]]
    """
    asked = {language.lower(): language for language in reversed(languages)}
    table = _read(_locate(path, base), asked, geonameids)
    names = pd.DataFrame(
        {
            "geonameid": table["geonameid"].astype("int64"),
            "language": table["isolanguage"].str.lower().map(asked),
            "name": table["name"].str.strip(),
            "preferred": table["preferred"] == "1",
            "short": table["short"] == "1",
        }
    ).set_axis(pd.Index(table["alternateNameId"].astype("int64"), name="alternate_name_id"))
    ended = table["to"].str.contains(r"\d")
    out_of_use = (table["historic"] == "1") | (table["colloquial"] == "1") | ended
    return names[(~out_of_use & (table["name"].str.strip() != "")).to_numpy()].sort_index()
