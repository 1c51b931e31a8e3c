"""Texts under keys that outlive a run: answers of servers that shall not be asked twice."""

import sqlite3
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from urbanreview.errors import OutputRefused
from urbanreview.log import logger

_PATIENCE_SECONDS = 30.0
"""How long a process waits for another one's transaction."""

_Answer = TypeVar("_Answer")


class Kept(MutableMapping[str, str]):
    """A mapping of text to text in one file; every change is on disk before the call returns.

    Parameters
    ----------
    path : Path
        An SQLite file; made with its folder when something is first looked up or kept.

    Raises
    ------
    OutputRefused
        By any use, if the file cannot be opened or written.

    Notes
    -----
    Threads and processes may use the file at once. A file that is damaged, or is no SQLite file, is renamed to
    ``….damaged`` with a warning, and a new one begun: what is kept here can be asked for again.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "answers.sqlite"
    >>> Kept(path)["41.3,69.2"] = "Шымкент"
    >>> dict(Kept(path))
    {'41.3,69.2': 'Шымкент'}
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getitem__(self, key: str) -> str:
        rows = self._run("SELECT text FROM kept WHERE key = ?", key)
        if not rows:
            raise KeyError(key)
        return rows[0][0]

    def __setitem__(self, key: str, text: str) -> None:
        self._run("INSERT OR REPLACE INTO kept (key, text) VALUES (?, ?)", key, text)

    def __delitem__(self, key: str) -> None:
        if not self._run("DELETE FROM kept WHERE key = ? RETURNING key", key):
            raise KeyError(key)

    def __iter__(self) -> Iterator[str]:
        return iter([key for (key,) in self._run("SELECT key FROM kept ORDER BY key")])

    def __len__(self) -> int:
        return int(self._run("SELECT count(*) FROM kept")[0][0])

    def _run(self, statement: str, *values: str) -> list[tuple]:
        def run(connection: sqlite3.Connection) -> list[tuple]:
            return connection.execute(statement, values).fetchall()

        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                return self._within(run)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                self._put_aside(error)
                return self._within(run)
        except (OSError, sqlite3.Error) as error:
            raise OutputRefused(self.path, reason=getattr(error, "strerror", None) or error) from None

    def _within(self, work: Callable[[sqlite3.Connection], _Answer]) -> _Answer:
        """Do something in one transaction of its own connection, so that threads need not share one."""
        with closing(sqlite3.connect(self.path, timeout=_PATIENCE_SECONDS)) as connection, connection:
            connection.text_factory = lambda stored: stored.decode("utf-8", "replace")
            connection.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, text TEXT NOT NULL)")
            return work(connection)

    def _put_aside(self, error: sqlite3.DatabaseError) -> None:
        """Rename the damaged file, unless another process did so in the meantime."""
        with FileLock(self.path.with_name(self.path.name + ".lock"), timeout=_PATIENCE_SECONDS):
            if self._is_whole():
                return
            aside = self.path.with_name(self.path.name + ".damaged")
            self.path.replace(aside)
            self.path.with_name(self.path.name + "-journal").unlink(missing_ok=True)
        logger.warning("%s is damaged (%s): put aside as %s, a new one is begun", self.path, error, aside.name)

    def _is_whole(self) -> bool:
        try:
            return self._within(lambda connection: connection.execute("PRAGMA quick_check").fetchone()) == ("ok",)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return False
