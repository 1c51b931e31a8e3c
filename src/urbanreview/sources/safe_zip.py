"""Archives from elsewhere: whole, of a bearable size, and with names that stay in their folder."""

import stat
import zipfile
import zlib
from pathlib import Path

from urbanreview.errors import WrongContent

LARGEST_RATIO = 200
"""How many times larger than the packed file what it unpacks to may be; deflate itself could reach about 1,030."""
ALWAYS_BEARABLE_BYTES = 2 << 30
"""What unpacks to this is taken from a packed file of any size."""
_ENCRYPTED = 0x1
_CHUNK_BYTES = 1 << 20


def most_unpacked_bytes(packed_bytes: int) -> int:
    """Return what a packed file may unpack to [byte].

    >>> most_unpacked_bytes(50_000_000)
    10000000000
    """
    return max(LARGEST_RATIO * packed_bytes, ALWAYS_BEARABLE_BYTES)


def require_safe_zip(path: Path, *, address: str) -> None:
    """Refuse an archive that is damaged, unpacks to far more than it is, or holds names that lead elsewhere.

    Parameters
    ----------
    path : Path
    address : str
        Where it came from: what the message says.

    Raises
    ------
    WrongContent

    Notes
    -----
    Members may be together at most ``LARGEST_RATIO`` times as large as the archive, or ``ALWAYS_BEARABLE_BYTES`` if that
    is more. The sizes that the archive states are enough to know it: nothing is ever read from a member beyond them. Then every
    member is read once and compared with its checksum.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            reason = _fault(members, path.stat().st_size) or _damage(archive, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        reason = f"a damaged archive ({error})"
    if reason:
        raise WrongContent(address, got=reason, expected="a whole zip archive of plain files")


def _fault(members: list[zipfile.ZipInfo], size_bytes: int) -> str:
    """Say what is wrong with the list of members; empty if nothing is."""
    unpacked = sum(member.file_size for member in members)
    limit = most_unpacked_bytes(size_bytes)
    if unpacked > limit:
        return f"an archive of {size_bytes:,} bytes that unpacks to {unpacked:,}, more than {limit:,}"
    for member in members:
        name = member.filename.replace("\\", "/")
        if name.startswith("/") or ":" in name.split("/")[0] or ".." in name.split("/"):
            return f"a member that leads out of its folder ('{member.filename}')"
        if stat.S_ISLNK(member.external_attr >> 16):
            return f"a member that is a link ('{member.filename}')"
        if member.flag_bits & _ENCRYPTED:
            return f"a member that needs a password ('{member.filename}')"
    return ""


def _damage(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str:
    """Read every member to its end; a checksum that does not agree is raised by the library."""
    for member in members:
        read = 0
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                read += len(chunk)
        if read != member.file_size:
            return f"a member cut short ('{member.filename}': {read:,} of {member.file_size:,} bytes)"
    return ""
