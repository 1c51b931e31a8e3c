"""One file from one server: asked for politely, in one piece or in several, and waited for."""

import json
import os
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from shutil import disk_usage
from typing import BinaryIO, TypeVar
from urllib.parse import urlsplit

import requests
import urllib3

from urbanreview import __version__
from urbanreview.errors import CacheRefused, CannotFetch, ChangedContent, UrbanReviewError, WrongContent
from urbanreview.log import logger

PER_HOST = 2
"""Requests to one host at once."""
LONGEST_WAIT_SECONDS = 120.0
"""However long a server asks to wait."""
SLOWEST_BYTES_PER_SECOND = 100
"""A body that comes more slowly than this over the timeout has stalled."""
_CHUNK_BYTES = 1 << 16
_WORTHWHILE_BYTES = 1 << 20
"""An attempt that brought so much of a file along is no failure: it does not count."""
_HEADERS = {"User-Agent": f"urbanreview/{__version__}", "Accept-Encoding": "identity"}
_PASSING = frozenset({408, 425, 429})
_ALWAYS = 1_000
"""Tries again as often as the caller allows at all."""

T = TypeVar("T")


class AttemptError(Exception):
    """An attempt that failed: why, how often it may be repeated, after what wait, and what to raise in the end."""

    def __init__(
        self,
        reason: str,
        *,
        again: int = _ALWAYS,
        wait_seconds: float = 0.0,
        gained: bool = False,
        final: UrbanReviewError | None = None,
    ) -> None:
        super().__init__(reason)
        self.again = again
        self.wait_seconds = wait_seconds
        self.gained = gained
        self.final = final


class StoppedError(Exception):
    """The whole fetch was called off."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a server says of a file.

    Attributes
    ----------
    status : int
    ranges : bool
        Whether it gives parts of files.
    size_bytes : int, optional
        None if it does not say.
    etag, last_modified : str
        Or empty.
    """

    status: int
    ranges: bool
    size_bytes: int | None
    etag: str
    last_modified: str


class Client:
    """Requests to servers.

    Parameters
    ----------
    timeout_seconds : float
        Of silence, after which a connection is given up.
    retries : int
        How often an attempt is repeated after a passing failure: a status of 5xx or 429, a timeout, a broken connection, a body
        cut short. An unknown name, a refused connection and wrong content are tried once more, the other failures never.
    backoff_seconds : float
        Before the first repetition; doubled each time, less a random part of up to a half.

    Notes
    -----
    Certificates are always verified, against those that ``REQUESTS_CA_BUNDLE`` names or the usual ones; there is no way round.
    """

    def __init__(self, *, timeout_seconds: float = 60.0, retries: int = 5, backoff_seconds: float = 1.0) -> None:
        self.timeout_seconds = timeout_seconds
        self.retries = retries
        self.backoff_seconds = backoff_seconds
        self.stopped = threading.Event()
        self._slots: defaultdict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(PER_HOST))
        self._making = threading.Lock()

    def stop(self) -> None:
        """Call off everything that is on its way."""
        self.stopped.set()

    def persist(self, attempt: Callable[[], T], address: str) -> T:
        """Repeat an attempt until it succeeds or is not worth repeating.

        Raises
        ------
        CannotFetch
            With the last reason.
        WrongContent, ChangedContent
            If that was the last reason.
        """
        failures = 0
        while True:
            try:
                with self._slot(address):
                    return attempt()
            except AttemptError as trouble:
                failures = 0 if trouble.gained else failures
                if failures >= min(trouble.again, self.retries):
                    raise trouble.final or CannotFetch(address, reason=trouble) from None
                failures += 1
                wait = self.backoff_seconds * 2 ** (failures - 1) * random.uniform(0.5, 1.0)
                wait = min(max(wait, trouble.wait_seconds), LONGEST_WAIT_SECONDS)
                logger.info("%s: %s; again in %.1f s", address, trouble, wait)
                if self.stopped.wait(wait):
                    raise StoppedError from None

    def first_byte(self, address: str) -> Head:
        """Ask for one byte: whether the file is there, how large it is, and whether the server gives parts.

        Raises
        ------
        CannotFetch
        """

        def attempt() -> Head:
            with self._answer(address, {"Range": "bytes=0-0"}) as response:
                return _head(response)

        return self.persist(attempt, address)

    def download(
        self,
        address: str,
        part: Path,
        *,
        check: Callable[[Path], None],
        report: Callable[[int, int], None],
        size_bytes: int | None = None,
    ) -> Head:
        """Fetch a file whole into a part, going on where an earlier attempt or process ended.

        Parameters
        ----------
        address : str
        part : Path
            What is there already of the same address and version is kept; ``.json`` beside it says what it is of.
        check : callable
            Raises `WrongContent` or `ChangedContent` if the finished file is not what it should be; it is removed then.
        report : callable
            Called as ``report(done_bytes, total_bytes)``; the total is 0 while it is not known.
        size_bytes : int, optional
            What a listing says that its length is, to the byte.

        Returns
        -------
        Head

        Raises
        ------
        CannotFetch, WrongContent, ChangedContent
        CacheRefused
            If the disk is full; the part is removed then.
        """
        draft = _Draft(part)

        def attempt() -> Head:
            begun = draft.begun(address)
            with self._answer(address, draft.asking(begun), also=(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,)) as response:
                head = _head(response)
                if head.status == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                    draft.require_known(head.size_bytes)
                else:
                    _require_listed(head.size_bytes, size_bytes, address)
                    self._receive(response, draft, address, head, report)
            draft.require_length(size_bytes or head.size_bytes)
            _checked(check, draft)
            return head

        return self.persist(attempt, address)

    def _receive(
        self, response: requests.Response, draft: "_Draft", address: str, head: Head, report: Callable[[int, int], None]
    ) -> None:
        """Write a body behind what is there of it, or anew."""
        start = _start_of(response)
        if start is None:
            draft.restart(address, head)
        elif start != draft.size_bytes:
            draft.remove()
            raise AttemptError(f"the part that was sent begins at byte {start:,}, not at the one asked for")
        begun = done = start or 0
        total = head.size_bytes or 0
        free = disk_usage(draft.part.parent).free
        if total - done > free:
            draft.remove()
            raise CacheRefused(
                draft.part.parent, reason=f"{_mb(total - done)} are needed for {draft.part.stem}, {_mb(free)} are free"
            )
        try:
            with draft.writing() as stream:
                for chunk in self._chunks(response):
                    stream.write(chunk)
                    done += len(chunk)
                    report(done, total)
        except AttemptError as trouble:
            trouble.gained = done - begun >= _WORTHWHILE_BYTES and draft.resumable
            raise

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        """Give the pieces of a body as they come, unless they cease to."""
        mark, since = time.monotonic(), 0
        while True:
            if self.stopped.is_set():
                raise StoppedError
            try:
                chunk = response.raw.read1(_CHUNK_BYTES, decode_content=False)
            except urllib3.exceptions.TimeoutError:
                raise AttemptError(f"nothing came for {self.timeout_seconds:g} s") from None
            except (urllib3.exceptions.HTTPError, OSError) as error:
                raise AttemptError(f"the connection broke ({_last(error)})") from None
            if not chunk:
                return
            yield chunk
            since += len(chunk)
            if time.monotonic() - mark > self.timeout_seconds:
                if since < SLOWEST_BYTES_PER_SECOND * self.timeout_seconds:
                    raise AttemptError(f"only {since:,} bytes came in {self.timeout_seconds:g} s")
                mark, since = time.monotonic(), 0

    @contextmanager
    def _answer(self, address: str, headers: Mapping[str, str], also: tuple[int, ...] = ()) -> Iterator[requests.Response]:
        """Send a request, and give an answer that is good or has one of some other statuses."""
        try:
            response = requests.get(address, headers={**_HEADERS, **headers}, stream=True, timeout=self.timeout_seconds)
        except requests.RequestException as error:
            raise _trouble(error) from None
        with response:
            if address.startswith("https:") and not response.url.startswith("https:"):
                raise AttemptError(f"it leads to an address without encryption ({response.url})", again=0)
            if response.status_code not in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, *also):
                raise _refusal(response)
            yield response

    def _slot(self, address: str) -> threading.Semaphore:
        with self._making:
            return self._slots[urlsplit(address).netloc]


class _Draft:
    """A file on its way, and what it is of."""

    def __init__(self, part: Path) -> None:
        self.part = part
        self.note = part.with_name(part.name + ".json")
        self.resumable = False

    @property
    def size_bytes(self) -> int:
        """How much of it is there."""
        return self.part.stat().st_size if self.part.exists() else 0

    def begun(self, address: str) -> str:
        """Return what tells this version of the file from others, if a part of it is here; or an empty text."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            version = str(note["version"]) if note["address"] == address and self.size_bytes else ""
        except (OSError, ValueError, KeyError, TypeError):
            version = ""
        self.resumable = bool(version)
        return version

    def asking(self, version: str) -> dict[str, str]:
        """Return the headers that ask for the rest of this version, or for the whole of another one."""
        return {"Range": f"bytes={self.size_bytes}-", "If-Range": version} if version else {}

    def restart(self, address: str, head: Head) -> None:
        """Forget what is there and note what comes now; a weak ETag does not tell versions apart."""
        version = head.etag if head.etag and not head.etag.startswith("W/") else head.last_modified
        self.remove()
        with self._kept():
            self.note.write_text(json.dumps({"address": address, "version": version}), encoding="utf-8")
        self.resumable = bool(version)

    def require_known(self, size_bytes: int | None) -> None:
        """Begin anew unless the server, which has nothing behind this part, says how long the file is."""
        if size_bytes is None:
            self.remove()
            raise AttemptError("the server has no rest of the part that is here")

    def require_length(self, expected_bytes: int | None) -> None:
        """Raise unless it is as long as it should be; too short a part is kept if it can be gone on with."""
        got = self.size_bytes
        if expected_bytes is None or got == expected_bytes:
            return
        if got > expected_bytes or not self.resumable:
            self.remove()
        raise AttemptError(f"{got:,} bytes came, expected {expected_bytes:,}")

    def remove(self) -> None:
        """Leave nothing."""
        self.part.unlink(missing_ok=True)
        self.note.unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Append to it, through to the disk."""
        with self._kept(), self.part.open("ab") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.remove()
            raise CacheRefused(self.part.parent, reason=error.strerror or error) from None


def _require_listed(got_bytes: int | None, listed_bytes: int | None, address: str) -> None:
    """Raise if a server announces another length than a listing did."""
    if None not in (got_bytes, listed_bytes) and got_bytes != listed_bytes:
        error = WrongContent(address, got=f"{got_bytes:,} bytes", expected=f"{listed_bytes:,} as listed")
        raise AttemptError(str(error), again=1, final=error)


def _checked(check: Callable[[Path], None], draft: _Draft) -> None:
    try:
        check(draft.part)
    except (WrongContent, ChangedContent) as error:
        draft.remove()
        raise AttemptError(str(error), again=1, final=error) from None
    draft.note.unlink(missing_ok=True)


def _head(response: requests.Response) -> Head:
    headers = response.headers
    length = headers.get("Content-Length", "")
    size = int(length) if length.isdigit() and response.status_code == HTTPStatus.OK else None
    if ranged := re.search(r"/(\d+)$", headers.get("Content-Range", "")):
        size = int(ranged[1])
    partial = response.status_code == HTTPStatus.PARTIAL_CONTENT
    return Head(response.status_code, partial, size, headers.get("ETag", ""), headers.get("Last-Modified", ""))


def _start_of(response: requests.Response) -> int | None:
    """Return the first byte of a partial answer; None if it is the whole file."""
    if response.status_code == HTTPStatus.OK:
        return None
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found[1]) if found else -1


def _refusal(response: requests.Response) -> AttemptError:
    """Say what a status means: whether and when the request may be repeated."""
    reason = f"the server answered {response.status_code} {response.reason or ''}".rstrip()
    passing = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or response.status_code in _PASSING
    return AttemptError(
        reason, again=_ALWAYS if passing else 0, wait_seconds=_wait_asked(response.headers.get("Retry-After", ""))
    )


def _wait_asked(text: str) -> float:
    """Return the seconds of a Retry-After header, which may be a date.

    >>> _wait_asked("7"), _wait_asked("Wed, 21 Oct 2015 07:28:00 GMT"), _wait_asked("soon")
    (7.0, 0.0, 0.0)
    """
    if text.strip().isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0


def _trouble(error: requests.RequestException) -> AttemptError:
    """Say in words why there was no answer."""
    text = str(error)
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in text:
        return AttemptError(f"its certificate is not trusted ({_last(error)})", again=0)
    if isinstance(error, requests.Timeout):
        return AttemptError("no answer in time")
    if not isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return AttemptError(_last(error), again=0)
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return AttemptError("the name of the server is not known (DNS)", again=1)
    if isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ProxyError):
        return AttemptError(f"no connection ({_last(cause)})", again=1)
    return AttemptError(f"the connection broke ({_last(error)})")


def _last(error: BaseException) -> str:
    """Return the last words of the innermost of errors that wrap one another."""
    inside = (part for part in (getattr(error, "reason", None), *reversed(error.args)) if isinstance(part, Exception))
    inner = next(inside, None)
    return _last(inner) if inner else str(error).rpartition(": ")[2] or type(error).__name__


def _mb(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB"
