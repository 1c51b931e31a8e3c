"""Contents of input files by hash, looked at again only when size or time changed."""

import hashlib
import json
from pathlib import Path
from threading import Lock

from urbanreview.store.place import place_text

_CHUNK_BYTES = 1 << 20


class Fingerprints:
    """SHA-256 of files, remembered with the size and time of modification that they had.

    Parameters
    ----------
    memory : Path or None
        JSON file that keeps them between runs.
    """

    def __init__(self, memory: Path | None) -> None:
        self.memory = memory
        self._lock = Lock()
        try:
            self._known = json.loads(memory.read_text(encoding="utf-8")) if memory else {}
        except (FileNotFoundError, json.JSONDecodeError):
            self._known = {}

    def of(self, path: Path) -> str:
        """Return the hash of a file's content."""
        state = path.stat()
        seen = [state.st_size, state.st_mtime_ns]
        with self._lock:
            known = self._known.get(str(path))
        if known and known[:2] == seen:
            return known[2]
        digest = hashlib.sha256()
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        with self._lock:
            self._known[str(path)] = [*seen, digest.hexdigest()]
        return digest.hexdigest()

    def keep(self) -> None:
        """Write them down for the next run."""
        if self.memory is not None:
            place_text(self.memory, json.dumps(self._known, indent=0))
