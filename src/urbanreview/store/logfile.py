"""What happened, line by line, in a file beside the results."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from urbanreview.log import logger


class _QuietHandler(logging.FileHandler):
    """A log that cannot be written is no reason to stop, nor to print a traceback."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        """Go on without the line."""


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Append the package's log to a file while the block runs."""
    handler = _QuietHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
        handler.close()
