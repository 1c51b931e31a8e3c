"""Local files that are made of fetched ones: made whole or not at all, and not again without need."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


def is_fresh(path: Path, sources: Iterable[Path], *, note: str = "") -> bool:
    """Return whether a file is there, none of what it is made of is newer, and it was made with the same note."""
    if not path.is_file() or any(source.stat().st_mtime_ns > path.stat().st_mtime_ns for source in sources):
        return False
    return not note or (_beside(path).is_file() and _beside(path).read_text(encoding="utf-8") == note)


@contextmanager
def being_made(path: Path, *, note: str = "") -> Iterator[Path]:
    """Give a name to write under; the file gets its own when all went well, and is gone when not.

    A note, such as the bounds that it is cut to, is kept beside it for `is_fresh`.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "made" / "tmp.nc"
    >>> with being_made(path, note="46 40 88 56") as part:
    ...     _ = part.write_text("cells")
    >>> part.name, part.exists(), path.read_text()
    ('tmp.part.nc', False, 'cells')
    >>> is_fresh(path, [], note="46 40 88 56"), is_fresh(path, [], note="46 40 90 56")
    (True, False)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        yield part
        _beside(path).unlink(missing_ok=True)
        part.replace(path)
        if note:
            _beside(path).write_text(note, encoding="utf-8")
    finally:
        part.unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.made")
