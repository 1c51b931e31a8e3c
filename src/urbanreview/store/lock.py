"""One run at a time in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from urbanreview.errors import OutputRefused


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for one run; a killed run lets go of it.

    Raises
    ------
    OutputRefused
        If another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise OutputRefused(folder, reason="another run is working in it") from None
    try:
        yield
    finally:
        lock.release()
