"""What a run leaves on disk: whole files under their final names, or nothing."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from urbanreview.errors import OutputRefused

WRITE_FAILURES = (OSError, RuntimeError, sqlite3.Error)
"""What the libraries that write files raise on a full disk: Python and GDAL's rasters, GDAL's vectors, SQLite."""


def require_writable(folder: Path) -> None:
    """Raise `OutputRefused` unless files can be created in a folder; leaves nothing behind.

    Parameters
    ----------
    folder : Path
        May not exist yet.
    """
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputRefused(folder, reason=error.strerror or error) from None
    finally:
        for parent in made:
            if parent.is_dir():
                parent.rmdir()


def require_free(path: Path, *inputs: Path | str | None, force: bool = False) -> None:
    """Raise `OutputRefused` if a file is one of the inputs, or is there already and shall not be replaced."""
    if path.exists() and any(item is not None and Path(item).exists() and path.samefile(item) for item in inputs):
        raise OutputRefused(path, reason="it is an input")
    if path.exists() and not force:
        raise OutputRefused(path, reason="it is there already; --force replaces it")


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Give a folder to write into; on success move every file to `folder`, on failure remove them.

    Parameters
    ----------
    folder : Path
        Where the files shall be; made if it is not there. Files of the same names are replaced, each at once.

    Raises
    ------
    OutputRefused
        If the disk is full or the folder cannot be written.
    """
    made = [parent for parent in (folder, *folder.parents) if not parent.exists()]
    stage = folder / ".part"
    finished = False
    try:
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
        yield stage
        moves = [(path, folder / path.relative_to(stage)) for path in sorted(stage.rglob("*")) if path.is_file()]
        for _, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_dir():
                raise OutputRefused(target, reason="a folder of that name is in the way")
        for path, target in moves:
            os.replace(path, target)  # noqa: PTH105 - the one call that is promised to be atomic
        finished = True
    except WRITE_FAILURES as error:
        raise OutputRefused(folder, reason=getattr(error, "strerror", None) or error) from error
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if not finished:
            for parent in made:
                if parent.is_dir() and not any(parent.iterdir()):
                    parent.rmdir()


def place_text(path: Path, text: str) -> Path:
    """Write a text file whole: beside its place first, then renamed.

    Raises
    ------
    OutputRefused
        If it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="\n")
        return part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputRefused(path, reason=error.strerror or error) from None
