"""What was fetched before: whole files under their names, each with a record of where it came from."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from glob import escape
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_cache_dir

from urbanreview.errors import CacheRefused, UnsafeName
from urbanreview.log import logger

_PLAIN = re.compile(r"[^\x00-\x1f<>:\"|?*\\/]+")
"""One part of a name: what every file system takes."""
GONE = ".gone"
_OWN_ENDINGS = (".part", ".part.json", GONE)


@dataclass(frozen=True, slots=True)
class Record:
    """Where a file of the cache came from, and what its bytes were.

    Attributes
    ----------
    address : str
        That it was fetched from.
    fetched : str
        Date and time [ISO 8601, UTC].
    size_bytes : int
    sha256 : str
    etag, last_modified : str
        As the server said, or empty.
    period : str
        Year or month that it is of, or empty.
    window : tuple of float, optional
        West, south, east, north [degrees] if it is a part of what the address holds.
    """

    address: str
    fetched: str
    size_bytes: int
    sha256: str
    etag: str = ""
    last_modified: str = ""
    period: str = ""
    window: tuple[float, float, float, float] | None = None

    @property
    def day(self) -> str:
        """Date it was fetched on."""
        return self.fetched[:10]


def default_folder() -> Path:
    """Return the folder that ``URBANREVIEW_CACHE`` names, or else the cache folder of this user."""
    named = os.environ.get("URBANREVIEW_CACHE")
    return Path(named).expanduser().absolute() if named else Path(user_cache_dir("urbanreview"))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def now() -> str:
    """Return the date and time [ISO 8601, UTC, to the second]."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Cache:
    """A folder of fetched files, shared by all reviews and all processes of this machine.

    Parameters
    ----------
    folder : Path, optional
        `default_folder` without it; made when the first file is placed.

    Notes
    -----
    Files are under ``files/<name>`` with their record beside them in ``files/<name>.json``. A record is written just before its
    file gets its name, so no file under a final name is without one. What is on its way is ``files/<name>.part``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or default_folder()

    def path(self, name: str) -> Path:
        """Return where a file of this name is, or would be.

        Raises
        ------
        UnsafeName
            If the name is absolute, leads out of the cache, or is none that every file system takes.

        Examples
        --------
        >>> Cache(Path("cache")).path("ghs-pop-r2023a/2020/R3_C22.zip").as_posix()
        'cache/files/ghs-pop-r2023a/2020/R3_C22.zip'
        """
        parts = name.split("/")
        if not all(_PLAIN.fullmatch(part) and part.strip(". ") for part in parts) or name.endswith(_OWN_ENDINGS):
            raise UnsafeName(name)
        return self.folder / "files" / Path(*parts)

    def part(self, name: str) -> Path:
        """Return where a file is while it is on its way; its folder is made.

        Raises
        ------
        CacheRefused
            If the folder cannot be made.
        """
        path = self.path(name)
        with refused_if_full(self.folder):
            path.parent.mkdir(parents=True, exist_ok=True)
        return _beside(path, ".part")

    def known(self, name: str) -> Record | None:
        """Return the record of a file, also if the file itself is gone; None if it was never here."""
        try:
            found = json.loads(_beside(self.path(name), ".json").read_text(encoding="utf-8"))
            words = {field.name: found[field.name] for field in fields(Record)}
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Record(**(words | {"window": words["window"] and tuple(words["window"])}))

    def record(self, name: str) -> Record | None:
        """Return the record of a file that is here with the size it should have; its bytes are not read."""
        found = self.known(name)
        path = self.path(name)
        return found if found and path.is_file() and path.stat().st_size == found.size_bytes else None

    def intact(self, name: str) -> Record | None:
        """Return the record of a file that is here with the very bytes that were placed.

        A file whose bytes changed, or one without a record, is removed, and the log says so.
        """
        path = self.path(name)
        if not path.is_file():
            return None
        found = self.record(name)
        if found and sha256_of(path) == found.sha256:
            return found
        logger.warning("%s has other bytes than were fetched: removed", path)
        with refused_if_full(self.folder):
            path.unlink()
        return None

    def gone(self, name: str) -> str:
        """Return why there is no such file on any server; empty if nobody said so."""
        beside = _beside(self.path(name), GONE)
        return beside.read_text(encoding="utf-8") if beside.is_file() else ""

    def mark_gone(self, name: str, reason: str) -> None:
        """Remember that there is no such file: offline nobody asks for it."""
        with refused_if_full(self.folder):
            beside = _beside(self.path(name), GONE)
            beside.parent.mkdir(parents=True, exist_ok=True)
            _write_through(beside, reason)

    def older(self, name: str, *, period: str = "", window: tuple[float, float, float, float] | None = None) -> str | None:
        """Return the newest cached file of the same name in another folder of the same dataset, for the same period and window.

        This is another version of the same thing if names are ``<dataset>/<what differs between versions>/<file>``. Tiles have
        file names of their own, so one never stands for another.
        """
        path = self.path(name)
        files = self.folder / "files"
        others = (place.relative_to(files).as_posix() for place in files.glob(f"{name.split('/')[0]}/**/{escape(path.name)}"))
        records = {other: record for other in others if other != name and (record := self.record(other))}
        found = [
            (record.fetched, other) for other, record in records.items() if (record.period, record.window) == (period, window)
        ]
        return max(found)[1] if found else None

    def place(self, name: str, part: Path, record: Record) -> Path:
        """Give a finished file its name, at once and for good, with its record.

        Raises
        ------
        CacheRefused
            If the disk is full; nothing is placed then.
        """
        path = self.path(name)
        beside = _beside(path, ".json")
        draft = _beside(path, ".json.part")
        with refused_if_full(self.folder):
            try:
                _write_through(draft, json.dumps(asdict(record), indent=1))
                draft.replace(beside)
                part.replace(path)
            finally:
                draft.unlink(missing_ok=True)
        return path

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold the name of a file, so that no other process fetches it; wait if another one does. A killed process lets go."""
        place = self.folder / "locks" / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.lock"
        with refused_if_full(self.folder):
            place.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            logger.info("%s is being fetched by another process: waiting", name)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()


@contextmanager
def refused_if_full(folder: Path) -> Iterator[None]:
    """Turn what the disk says into `CacheRefused`."""
    try:
        yield
    except OSError as error:
        raise CacheRefused(folder, reason=error.strerror or error) from None


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _write_through(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
