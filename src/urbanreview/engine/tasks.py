"""One way to run independent tasks: an executor, threads here."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from typing import TypeVar

from urbanreview.log import Progress, silent

Item = TypeVar("Item")
Result = TypeVar("Result")


def workers() -> int:
    """Return the number of cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_tasks(
    task: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    what: str = "",
    progress: Progress = silent,
    executor: Executor | None = None,
) -> list[Result]:
    """Run a task on every item and return the results in the items' order.

    Parameters
    ----------
    task : callable
        Independent of the others.
    items : iterable
    what : str
        What progress reports call the work.
    progress : callable
    executor : concurrent.futures.Executor, optional
        One thread per core without it. The results do not depend on it.

    Raises
    ------
    Exception
        The first error of a task, as it is; tasks not yet begun are given up.

    Examples
    --------
    >>> map_tasks(abs, [-2, 1])
    [2, 1]
    """
    items = list(items)
    pool = executor or ThreadPoolExecutor(max_workers=workers())
    futures = [pool.submit(task, item) for item in items]
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            progress(what, done, len(futures))
        return [future.result() for future in futures]
    finally:
        for future in futures:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
