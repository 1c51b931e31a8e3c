"""How long work looks in a terminal."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from urbanreview.log import Progress as Report
from urbanreview.log import logger, silent


@contextmanager
def shown(*, quiet: bool, verbose: bool = False) -> Iterator[Report]:
    """Give a progress report that draws a bar per step on stderr, or none.

    Where stderr is no terminal each finished step becomes one line. `verbose` also prints the log.
    """
    if verbose:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr, force=True)
        logger.setLevel(logging.INFO)
    if quiet:
        yield silent
        return
    with _bars(TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()) as report:
        yield report


@contextmanager
def fetched(*, quiet: bool) -> Iterator[Report]:
    """Give a progress report of downloads [bytes] with size, speed and time left; a line per file without a terminal."""
    if quiet:
        yield silent
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with _bars(TextColumn("{task.description}"), *columns, folds=True) as report:
        yield report


@contextmanager
def _bars(*columns: ProgressColumn, folds: bool = False) -> Iterator[Report]:
    """Draw a bar per task; with `folds` a bar goes when its task is done, and a line stays."""
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if not console.is_terminal:
                if done == total:
                    console.print(f"  {what}", highlight=False)
                return
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total or None)
            if folds and done == total:
                bars.remove_task(tasks.pop(what))
                console.print(f"  {what}", highlight=False)

        yield report
