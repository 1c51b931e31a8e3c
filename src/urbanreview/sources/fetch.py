"""From servers into the cache: every file once, whole, checked, or a reason why not."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import chain, zip_longest
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from urllib.parse import urlsplit

from urbanreview.errors import CannotFetch, ChangedContent, NotInCache, WrongContent
from urbanreview.ledger import Ledger
from urbanreview.log import Progress, logger, silent
from urbanreview.sources.cache import Cache, Record, now, sha256_of
from urbanreview.sources.content import require_content
from urbanreview.sources.download import Client, Head, StoppedError
from urbanreview.sources.remote import Remote
from urbanreview.sources.remote_window import cut_window, gdal_address

_REPORTS_APART_SECONDS = 0.1
_FAILURES = (CannotFetch, WrongContent, ChangedContent)
"""What another address may mend."""
_GONE = ("the server answered 404", "the server answered 410")
"""Begin what is said of a file that there is not."""
NO_SIZES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    Attributes
    ----------
    remote : Remote
    how : str
        ``cached``: it was here. ``fetched``: it is now. ``older``: another version of it that was here stands in. ``failed``.
    path : Path or None
        None if it failed.
    record : Record or None
        Of the file at `path`.
    reason : str
        Why it failed, why an older version stands in, or why the first address was not used; otherwise empty.
    gone : bool
        Whether it failed because every address says that there is no such file: a tile of the open sea, for example.
    """

    remote: Remote
    how: str
    path: Path | None = None
    record: Record | None = None
    reason: str = ""
    gone: bool = False

    @property
    def mirrored(self) -> bool:
        """Whether it was fetched just now, from another address than the first."""
        return self.how == "fetched" and self.record is not None and self.record.address != self.remote.addresses[0]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of files, in the order that they were asked for."""

    outcomes: tuple[Outcome, ...]
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def files(self) -> dict[str, Path]:
        """Paths by the names of the remotes; those that failed are left out."""
        return {outcome.remote.name: outcome.path for outcome in self.outcomes if outcome.path is not None}

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Files that are not here, with the reasons."""
        return tuple(outcome for outcome in self.outcomes if outcome.how == "failed")


class Fetcher:
    """Brings files into a cache.

    Parameters
    ----------
    cache : Cache
    offline : bool
        Nothing is asked of any server.
    workers : int
        Files on their way at once; of one host at most two.
    timeout_seconds, retries, backoff_seconds
        As `Client` takes them.

    Notes
    -----
    What is here with the bytes that were once fetched is not asked for again. What is not is tried at each address in turn;
    then an older version of it in the cache stands in; then it has failed. A server that is down raises nothing.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        offline: bool = False,
        workers: int = 4,
        timeout_seconds: float = 60.0,
        retries: int = 5,
        backoff_seconds: float = 1.0,
    ) -> None:
        self.cache = cache
        self.offline = offline
        self.workers = workers
        self._client = partial(Client, timeout_seconds=timeout_seconds, retries=retries, backoff_seconds=backoff_seconds)

    def fetch(
        self, remotes: Sequence[Remote], progress: Progress = silent, *, listed_bytes: Mapping[str, int] = NO_SIZES
    ) -> Fetched:
        """Fetch what is not here yet.

        Parameters
        ----------
        remotes : sequence of Remote
            A name that comes twice is fetched once.
        progress : callable
            Called as ``progress(name, done_bytes, total_bytes)``, ten times a second at most and at the end of each file; the
            total is 0 while it is not known. Of windows the bytes are those of the cells, unpacked.
        listed_bytes : mapping of str to int
            Lengths by name that a listing states to the byte; another one is refused. `Remote.size_bytes` is for plans: it may
            be typical.

        Returns
        -------
        Fetched

        Raises
        ------
        NotInCache
            If offline and files are missing: all of them.
        CacheRefused
            If the disk is full or may not be written; nothing half is left.
        UnsafeName
            If a name leads out of the cache.
        """
        distinct = {remote.name: remote for remote in remotes}
        for name in distinct:
            self.cache.path(name)
        if self.offline:
            outcomes = self._cached(distinct.values())
        else:
            outcomes = self._fetched(list(distinct.values()), progress, listed_bytes)
        return Fetched(tuple(outcomes), ledger_of_outcomes(outcomes))

    def _cached(self, remotes: Iterable[Remote]) -> list[Outcome]:
        """Take everything from the cache."""
        found = [(remote, _here(self.cache, remote)) for remote in remotes]
        missing = [remote.name for remote, record in found if record is None]
        if missing:
            raise NotInCache(self.cache.folder, missing)
        return [Outcome(remote, "cached", self.cache.path(remote.name), record) for remote, record in found]

    def _fetched(self, remotes: list[Remote], progress: Progress, listed_bytes: Mapping[str, int]) -> list[Outcome]:
        """Fetch in parallel, hosts taking turns; what one file raises stops the others."""
        client = self._client()
        visit = _Visit(self.cache, client, _Reports(progress), listed_bytes)
        with ThreadPoolExecutor(self.workers) as pool:
            futures: dict[str, Future[Outcome]] = {}
            try:
                for remote in _in_turns(remotes):
                    futures[remote.name] = pool.submit(visit.outcome, remote)
                wait(futures.values(), return_when=FIRST_EXCEPTION)
            finally:
                client.stop()
                pool.shutdown(cancel_futures=True)
        raised = [error for future in futures.values() if not future.cancelled() and (error := future.exception())]
        if raised:
            raise next((error for error in raised if not isinstance(error, StoppedError)), raised[0])
        return [futures[remote.name].result() for remote in remotes]


class _Reports:
    """Progress from several threads, one at a time and not too often."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._last: dict[str, float] = {}
        self._ended: set[tuple[str, int]] = set()

    def of(self, name: str) -> Callable[[int, int], None]:
        """Return the report of one file."""

        def report(done: int, total: int) -> None:
            with self._lock:
                ends = done == total
                if (
                    (name, done) in self._ended
                    if ends
                    else time.monotonic() - self._last.get(name, 0.0) < _REPORTS_APART_SECONDS
                ):
                    return
                if ends:
                    self._ended.add((name, done))
                self._last[name] = time.monotonic()
                self._progress(name, done, total)

        return report


@dataclass(frozen=True, slots=True)
class _Visit:
    """One round of fetching."""

    cache: Cache
    client: Client
    reports: _Reports
    listed_bytes: Mapping[str, int]

    def outcome(self, remote: Remote) -> Outcome:
        """Fetch one file unless it is here; see `Fetcher`."""
        with self.cache.locked(remote.name):
            record = _here(self.cache, remote)
            if record is not None:
                return Outcome(remote, "cached", self.cache.path(remote.name), record)
            reasons, is_gone = [], True
            for address in remote.addresses:
                try:
                    record = self._windowed(remote, address) if remote.window else self._whole(remote, address)
                except _FAILURES as error:
                    logger.warning("%s", error)
                    reasons.append(str(error))
                    is_gone &= isinstance(error, CannotFetch) and error.reason.startswith(_GONE)
                else:
                    return Outcome(remote, "fetched", self.cache.path(remote.name), record, " ".join(reasons))
        return self._stand_in(remote, " ".join(reasons) or "it has no address", gone=is_gone and bool(reasons))

    def _stand_in(self, remote: Remote, reason: str, *, gone: bool) -> Outcome:
        """Take an older version if there is one."""
        older = self.cache.older(remote.name, period=remote.period, window=remote.window)
        record = None if older is None else self.cache.intact(older)
        if older is None or record is None:
            if gone:
                self.cache.mark_gone(remote.name, reason)
            return Outcome(remote, "failed", reason=reason, gone=gone)
        logger.warning("%s: the version of %s stands in", remote.name, record.day)
        return Outcome(remote, "older", self.cache.path(older), record, reason)

    def _whole(self, remote: Remote, address: str) -> Record:
        """Fetch a whole file and place it."""
        part = self.cache.part(remote.name)
        report = self.reports.of(remote.name)
        found: list[str] = []

        def check(path: Path) -> None:
            require_content(path, remote.form, address=address)
            found[:] = [sha256_of(path)]
            self._require_known_bytes(remote, address, found[0])

        listed = self.listed_bytes.get(remote.name)
        head = self.client.download(address, part, check=check, report=report, size_bytes=listed)
        return self._placed(remote, address, part, head, found[0])

    def _require_known_bytes(self, remote: Remote, address: str, got: str) -> None:
        """Raise if the file was fetched once with other bytes."""
        known = self.cache.known(remote.name)
        if known and known.sha256 != got:
            record = f"{self.cache.path(remote.name)}.json"
            raise ChangedContent(address, got=got, expected=known.sha256, record=record)

    def _windowed(self, remote: Remote, address: str) -> Record:
        """Read a window from the server if it gives parts of files, or else from the whole file."""
        whole = replace(remote, name=_name_of_whole(remote, address), window=None, addresses=(address,))
        record = self.cache.intact(whole.name)
        if record is None:
            head = self.client.first_byte(address)
            if head.ranges:
                return self._cut(remote, address, gdal_address(address), head)
            logger.info("%s: the server gives no parts of files, the whole is fetched", address)
            record = self._kept_whole(whole, address)
        head = Head(200, False, record.size_bytes, record.etag, record.last_modified)
        return self._cut(remote, address, str(self.cache.path(whole.name)), head)

    def _kept_whole(self, whole: Remote, address: str) -> Record:
        """Fetch a whole file that other windows are cut from later, too."""
        with self.cache.locked(whole.name):
            return self.cache.intact(whole.name) or self._whole(whole, address)

    def _cut(self, remote: Remote, address: str, opened: str, head: Head) -> Record:
        """Copy a window into a file of its own and place it."""
        if remote.window is None:
            raise TypeError(f"{remote.name} has no window")
        part = self.cache.part(remote.name)
        told = self.reports.of(remote.name)

        def report(done: int, total: int) -> None:
            if self.client.stopped.is_set():
                raise StoppedError
            told(done, total)

        attempt = partial(
            cut_window,
            opened,
            remote.window,
            part,
            address=address,
            timeout_seconds=self.client.timeout_seconds,
            report=report,
        )
        self.client.persist(attempt, address)
        return self._placed(remote, address, part, head, sha256_of(part))

    def _placed(self, remote: Remote, address: str, part: Path, head: Head, digest: str) -> Record:
        """Give a checked part its name."""
        record = Record(
            address=address,
            fetched=now(),
            size_bytes=part.stat().st_size,
            sha256=digest,
            etag=head.etag,
            last_modified=head.last_modified,
            period=remote.period,
            window=remote.window,
        )
        self.cache.place(remote.name, part, record)
        if remote.window is None:
            self.reports.of(remote.name)(record.size_bytes, record.size_bytes)
        return record


def _here(cache: Cache, remote: Remote) -> Record | None:
    """Return the record of a file that is in the cache, unless it is a window that leaves out some of the one asked for."""
    record = cache.intact(remote.name)
    if record is None or remote.window is None or record.window is None:
        return record
    west, south, east, north = record.window
    covers = west <= remote.window[0] and south <= remote.window[1] and east >= remote.window[2] and north >= remote.window[3]
    return record if covers else None


def _gone(remote: Remote, cache: Cache) -> Outcome:
    return Outcome(remote, "failed", reason=cache.gone(remote.name), gone=True)


def _name_of_whole(remote: Remote, address: str) -> str:
    """Return the name of the file that a window is cut from where it cannot be read in parts."""
    file = PurePosixPath(urlsplit(address).path).name or "file"
    return f"{remote.name.split('/')[0]}/whole/{sha256(address.encode()).hexdigest()[:12]}/{file}"


def _in_turns(remotes: Sequence[Remote]) -> list[Remote]:
    """Order files so that hosts take turns: a worker that waits for one host keeps none from another."""
    by_host: dict[str, list[Remote]] = {}
    for remote in remotes:
        host = urlsplit(remote.addresses[0]).netloc if remote.addresses else ""
        by_host.setdefault(host, []).append(remote)
    return [remote for remote in chain.from_iterable(zip_longest(*by_host.values())) if remote is not None]


def ledger_of_outcomes(outcomes: Sequence[Outcome]) -> Ledger:
    """Say which files are not those that were asked for first."""
    ledger = Ledger()
    for outcome in outcomes:
        dataset = outcome.remote.name.split("/")[0]
        if outcome.how == "failed":
            ledger = ledger.add(dataset, f"not fetched: {outcome.remote.name}: {outcome.reason}", "file", 1)
        elif outcome.how == "older" and outcome.record is not None:
            cause = f"an older version of {outcome.record.day} stands in for {outcome.remote.name}: {outcome.reason}"
            ledger = ledger.add(dataset, cause, "file", 1)
        elif outcome.mirrored and outcome.record is not None:
            host = urlsplit(outcome.record.address).netloc
            ledger = ledger.add(dataset, f"fetched from the mirror {host}: {outcome.remote.name}", "file", 1)
    return ledger
