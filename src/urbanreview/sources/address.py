"""What a user writes for an input, and where GDAL finds it."""

import hashlib
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO

import fsspec

from urbanreview.errors import AmbiguousInput, MissingFile, UnreadableFile

RASTER_SUFFIXES = (".tif", ".tiff", ".nc", ".nc4", ".vrt", ".img", ".cog")
VECTOR_SUFFIXES = (".shp", ".gpkg", ".geojson", ".json", ".parquet", ".fgb")
_CHUNK_BYTES = 1 << 20

GDAL_REMOTE = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": "3",
    "GDAL_HTTP_RETRY_DELAY": "1",
    "GDAL_HTTP_TIMEOUT": "60",
    "VSI_CACHE": "TRUE",
}
"""How GDAL reads files: no directory listings, and patience with servers. TLS is always verified."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where an input is.

    Attributes
    ----------
    text : str
        As the user wrote it: what messages say.
    gdal : str
        As GDAL opens it.
    local : Path or None
        The file on this machine, the archive for a member; None for anything remote.
    member : str
        Path inside an archive, or empty.
    """

    text: str
    gdal: str
    local: Path | None
    member: str = ""

    @property
    def suffix(self) -> str:
        """Lower-case suffix of the innermost file."""
        return Path(self.member or self.text.partition("?")[0]).suffix.lower()

    @property
    def remote(self) -> str:
        """The address to fetch from a server, or an empty text."""
        return self.text.removeprefix("zip://").partition("!")[0] if self.local is None and "://" in self.text else ""

    def stream(self) -> IO[bytes]:
        """Open the bytes of the innermost file; a remote file is read in the ranges that are asked for.

        Raises
        ------
        OSError, zipfile.BadZipFile, zlib.error
            As they come; the readers name the file.
        """
        outer = fsspec.open(self.remote or str(self.local or self.gdal)).open()
        if not self.member:
            return outer
        with outer, zipfile.ZipFile(outer) as archive:
            return BytesIO(archive.read(self.member))


_COMING: ContextVar[frozenset[str]] = ContextVar("coming", default=frozenset())


@contextmanager
def coming(files: Iterable[str]) -> Iterator[None]:
    """Let `locate` find files that are not there yet, for a plan of what is done once they are."""
    token = _COMING.set(frozenset(files))
    try:
        yield
    finally:
        _COMING.reset(token)


def locate(text: str | Path, *, suffixes: tuple[str, ...] = RASTER_SUFFIXES, base: Path | None = None) -> Address:
    """Find an input.

    Parameters
    ----------
    text : str or Path
        A path, a ``/vsi…`` name, an ``https://`` address, or a member of an archive as ``archive.zip!member.tif`` or
        ``archive.zip/member.tif``. An archive alone stands for its only member with one of `suffixes`.
    suffixes : tuple of str
        What is looked for inside archives.
    base : Path, optional
        Folder that relative paths start from; the working folder without it.

    Returns
    -------
    Address

    Raises
    ------
    MissingFile
        If a local file or member is not there.
    AmbiguousInput
        If an archive holds several candidates.
    UnreadableFile
        If a local archive is damaged.

    Examples
    --------
    >>> locate("https://example.org/people.zip!people.tif").gdal
    '/vsizip//vsicurl/https://example.org/people.zip/people.tif'
    """
    if str(text) in _COMING.get():
        return Address(str(text), str(text), Path(text))
    text = str(text)
    if text.startswith("/vsi"):
        return Address(text, text, None)
    outer, _, member = text.removeprefix("zip://").partition("!")
    if text.startswith(("https://", "http://")):
        return _locate_remote(text, outer, member, suffixes)
    path, inside = _split_archive((base or Path()) / Path(outer).expanduser())
    member = member or inside
    if not path.is_file():
        raise MissingFile(path)
    path = path.resolve()
    if path.suffix.lower() != ".zip":
        return Address(text, str(path), path)
    member = _member(path, member, suffixes)
    return Address(text, f"/vsizip/{path}/{member}", path, member)


def _locate_remote(text: str, outer: str, member: str, suffixes: tuple[str, ...]) -> Address:
    if outer.partition("?")[0].lower().endswith(".zip") and not member:
        try:
            with fsspec.open(outer).open() as stream, zipfile.ZipFile(stream) as archive:
                names = archive.namelist()
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise UnreadableFile(text, reason=error, expected="a zip archive") from None
        member = _only_member(text, names, suffixes)
    return Address(text, f"/vsizip//vsicurl/{outer}/{member}" if member else f"/vsicurl/{outer}", None, member)


def _split_archive(path: Path) -> tuple[Path, str]:
    """Split ``folder/a.zip/inner/b.tif`` after the archive, if one of the parents is a file."""
    for parent in path.parents:
        if parent.suffix.lower() == ".zip" and parent.is_file():
            return parent, path.relative_to(parent).as_posix()
    return path, ""


def _member(archive: Path, wanted: str, suffixes: tuple[str, ...]) -> str:
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(archive, reason=error, expected="a zip archive") from None
    if wanted:
        if wanted not in names:
            raise MissingFile(f"{archive}!{wanted}")
        return wanted
    return _only_member(archive, names, suffixes)


def _only_member(archive: str | Path, names: list[str], suffixes: tuple[str, ...]) -> str:
    """Return the only file of an archive that has one of the suffixes."""
    found = [name for name in names if name.lower().endswith(suffixes) and not Path(name).name.startswith("._")]
    if not found:
        raise MissingFile(f"{archive}!*{suffixes[0]}")
    if len(found) > 1:
        raise AmbiguousInput(archive, what="files", found=found, cure=f'Name one: "{Path(archive).name}!{found[0]}".')
    return found[0]


def fingerprint(address: Address) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a local input; 0 and an empty text for a remote one."""
    if address.local is None:
        return 0, ""
    digest = hashlib.sha256()
    with address.local.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return address.local.stat().st_size, digest.hexdigest()
