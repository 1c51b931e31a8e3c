"""Whether a file is what it should be: by its first bytes, and by whether its own library can open it."""

import gzip
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

import h5py
import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from urbanreview.errors import WrongContent
from urbanreview.sources.safe_zip import most_unpacked_bytes, require_safe_zip

_HEAD_BYTES = 1024
_CHUNK_BYTES = 1 << 20
_HDF5 = b"\x89HDF\r\n\x1a\n"
_SPACE = b" \t\r\n\xef\xbb\xbf"
"""Blanks and the mark of UTF-8."""

BEGINNINGS: Mapping[str, tuple[bytes, ...]] = MappingProxyType(
    {
        "tiff": (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
        "zip": (b"PK\x03\x04", b"PK\x05\x06"),
        "netcdf": (_HDF5, b"CDF\x01", b"CDF\x02", b"CDF\x05"),
        "json": (b"{", b"["),
        "gzip": (b"\x1f\x8b",),
        "gpkg": (b"SQLite format 3\0",),
    }
)
"""First bytes by `urbanreview.sources.remote.Remote.form`; text has none."""
NAMES: Mapping[str, str] = MappingProxyType(
    {
        "tiff": "a GeoTIFF",
        "zip": "a zip archive",
        "netcdf": "a NetCDF file",
        "json": "JSON",
        "text": "plain text",
        "gzip": "a gzip file",
        "gpkg": "a GeoPackage",
    }
)


def require_content(path: Path, form: str, *, address: str) -> None:
    """Refuse a file that is not of its form: an error page, a pointer to a file, a piece of one.

    Parameters
    ----------
    path : Path
    form : str
        ``tiff, zip, netcdf, json, text, gzip, gpkg``.
    address : str
        Where it came from: what the message says.

    Raises
    ------
    WrongContent
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
    got = _other_than(form, head)
    if got:
        raise WrongContent(address, got=got, expected=NAMES[form])
    if form == "zip":
        require_safe_zip(path, address=address)
    elif form in _OPENERS:
        try:
            _OPENERS[form](path)
        except (RasterioError, OSError, ValueError, EOFError, zlib.error, sqlite3.Error) as error:
            raise WrongContent(address, got=f"a damaged file ({error})", expected=NAMES[form]) from None


def _other_than(form: str, head: bytes) -> str:
    """Say what the first bytes are if they are not of a form; empty if they are."""
    text = head.lstrip(_SPACE)
    words = text[:512].lower()
    if not text:
        return "nothing (an empty file)"
    if words.startswith((b"<!doctype html", b"<html")) or b"<html" in words:
        return "a web page in HTML, as servers send for an error or a login"
    if words.startswith(b"version https://git-lfs"):
        return "a Git-LFS pointer, a note of where the file is in place of it"
    if form == "text":
        return "binary data" if b"\0" in head else ""
    if (text if form == "json" else head).startswith(BEGINNINGS[form]):
        return ""
    if words.startswith(b"<"):
        return f"a message in XML ('{_shown(text)}')"
    other = next((name for other, name in NAMES.items() if head.startswith(BEGINNINGS.get(other, ()))), "")
    return other or f"a file that begins with '{_shown(text)}'"


def _shown(head: bytes) -> str:
    """Return the beginning as one line that can be read."""
    text = "".join(sign if sign.isprintable() else " " for sign in head[:120].decode("ascii", "replace"))
    return " ".join(text.split())[:80]


def _open_tiff(path: Path) -> None:
    """Open it and read its first and its last block: a file cut short has no last one."""
    with rasterio.open(path, driver="GTiff") as raster:
        for row, col in ((0, 0), (raster.height - 1, raster.width - 1)):
            raster.read(window=Window(col, row, 1, 1))


def _open_netcdf(path: Path) -> None:
    """Open it; the library compares the length of a NetCDF-4 file with the one it states."""
    if h5py.is_hdf5(path):
        h5py.File(path, "r").close()


def _open_json(path: Path) -> None:
    """Look at its end: a file cut short ends elsewhere."""
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _HEAD_BYTES))
        if not stream.read().rstrip(_SPACE).endswith((b"}", b"]")):
            raise ValueError("it ends amid a list")


def _open_gzip(path: Path) -> None:
    """Read it to its end, where its checksum is, unless it does not end."""
    most = most_unpacked_bytes(path.stat().st_size)
    with gzip.open(path) as stream:
        while stream.read(_CHUNK_BYTES):
            if stream.tell() > most:
                raise ValueError(f"it unpacks to more than {most:,} bytes")


def _open_gpkg(path: Path) -> None:
    """Ask for its layers."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        database.execute("select count(*) from gpkg_contents").fetchone()


_OPENERS: Mapping[str, Callable[[Path], None]] = MappingProxyType(
    {"tiff": _open_tiff, "netcdf": _open_netcdf, "json": _open_json, "gzip": _open_gzip, "gpkg": _open_gpkg}
)
