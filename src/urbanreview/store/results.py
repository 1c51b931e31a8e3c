"""Step results on disk: one folder per step and key, whole or not there."""

import json
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from urbanreview.errors import OutputRefused
from urbanreview.store.codec import Codec

RECORD = "step.json"


@dataclass(frozen=True)
class Record:
    """What is known of one stored result.

    Attributes
    ----------
    name, key : str
        Step and content key.
    parts : dict
        What the key was made of, to say later what changed.
    seconds, peak_mb : float
        Time of the step and the largest memory of the process until its end.
    size_bytes : int
    """

    name: str
    key: str
    parts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mb: float = 0.0
    size_bytes: int = 0


def slug(name: str) -> str:
    """Return a name as a folder can have it.

    >>> slug("population ghs 2020")
    'population-ghs-2020'
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name)


class Results:
    """Results of steps below one folder.

    Parameters
    ----------
    folder : Path
        Made when the first result is stored.
    codec : Codec
    """

    def __init__(self, folder: Path, codec: Codec) -> None:
        self.folder = folder
        self.codec = codec

    def record(self, name: str, key: str) -> Record | None:
        """Return what is known of a result, or None if it is not stored."""
        return self._read(self._place(name, key))

    def last(self, name: str) -> Record | None:
        """Return the newest record of a step under any key."""
        found = [path for path in (self.folder / slug(name)).glob(f"*/{RECORD}") if not path.parent.name.endswith(".part")]
        newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
        return None if newest is None else self._read(newest.parent)

    def load(self, name: str, key: str) -> Any:
        """Read a stored result."""
        return self.codec.read(self._place(name, key))

    def save(self, value: Any, record: Record) -> Record:
        """Store a result: written beside its place, then renamed.

        Raises
        ------
        OutputRefused
            If it cannot be written; nothing is left of it.
        """
        place = self._place(record.name, record.key)
        part = place.with_name(place.name + ".part")
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            self.codec.write(value, part)
            size = sum(path.stat().st_size for path in part.iterdir())
            record = Record(**{**asdict(record), "size_bytes": size})
            (part / RECORD).write_text(json.dumps(asdict(record), ensure_ascii=False, indent=1), encoding="utf-8")
            shutil.rmtree(place, ignore_errors=True)
            os.replace(part, place)  # noqa: PTH105 - the one call that is promised to be atomic
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise OutputRefused(self.folder, reason=error.strerror or error) from error
        return record

    def prune(self, keep: Iterable[tuple[str, str]]) -> None:
        """Remove every result but those of the given names and keys."""
        kept = {self._place(name, key) for name, key in keep}
        for path in self.folder.glob("*/*"):
            if path.is_dir() and path not in kept:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.folder.glob("*"):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def _place(self, name: str, key: str) -> Path:
        return self.folder / slug(name) / key[:32]

    def _read(self, place: Path) -> Record | None:
        try:
            return Record(**json.loads((place / RECORD).read_text(encoding="utf-8")))
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, TypeError):
            return None
