"""Fetched files under the names of made ones, where nothing but the name has to change."""

import shutil
from pathlib import Path

from urbanreview.sources.cache import refused_if_full
from urbanreview.sources.made import being_made


def link_file(source: Path, target: Path) -> None:
    """Give a fetched file a second name: both are one file on the disk where it allows that, and else a copy.

    Parameters
    ----------
    source : Path
        In the cache: never written again under its name, only replaced.
    target : Path
        Its folder is made. Left alone if it is the same file already, or a copy of it.

    Raises
    ------
    CacheRefused
        If the disk is full or may not be written.
    """
    if target.exists() and (target.samefile(source) or _is_copy(source, target)):
        return
    with refused_if_full(target.parent), being_made(target) as part:
        try:
            part.hardlink_to(source)
        except OSError:
            shutil.copy2(source, part)


def _is_copy(source: Path, target: Path) -> bool:
    here, there = target.stat(), source.stat()
    return (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns)
