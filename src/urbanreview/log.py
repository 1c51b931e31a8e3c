"""The package's logger, and the shape of a progress report."""

import logging
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)`` while long work goes on."""

logger = logging.getLogger("urbanreview")
logger.addHandler(logging.NullHandler())


def silent(what: str, done: int, total: int) -> None:
    """Report nothing: the default of every ``progress=`` argument."""
