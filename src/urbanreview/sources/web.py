"""Small requests: an index of tiles, the keys of a bucket, one byte from each host."""

import json
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from urbanreview.errors import BadSetting, CannotFetch, NotInCache, WrongContent
from urbanreview.ledger import Ledger
from urbanreview.log import logger
from urbanreview.sources.cache import Cache, Record, now, refused_if_full, sha256_of
from urbanreview.sources.content import require_content
from urbanreview.sources.download import Client, Head

HOSTS_SETTING = "URBANREVIEW_HOSTS"
FRESH_HOURS = 24.0
_NO_HEAD = Head(200, ranges=False, size_bytes=None, etag="", last_modified="")


class LiveWeb:
    """What providers ask of servers before anything is fetched.

    Parameters
    ----------
    cache : Cache
        Answers are kept in it.
    hosts : mapping of str to str
        Addresses by name, as the catalogue has them; ``URBANREVIEW_HOSTS`` has its say, see `hosts_in_force`.
    offline : bool
        Only what is kept is used, however old.
    fresh_hours : float
        An answer younger than this is not asked for again.
    timeout_seconds, retries, backoff_seconds
        As `Client` takes them.

    Notes
    -----
    An answer that cannot be renewed stands in for the new one, and the ledger says so.
    """

    def __init__(
        self,
        cache: Cache,
        *,
        hosts: Mapping[str, str],
        offline: bool = False,
        fresh_hours: float = FRESH_HOURS,
        timeout_seconds: float = 60.0,
        retries: int = 5,
        backoff_seconds: float = 1.0,
    ) -> None:
        self.cache = cache
        self.offline = offline
        self.ledger = Ledger()
        self._hosts = hosts_in_force(hosts)
        self._fresh = timedelta(hours=fresh_hours)
        self._client = Client(timeout_seconds=timeout_seconds, retries=retries, backoff_seconds=backoff_seconds)

    @property
    def hosts(self) -> Callable[[str], str]:
        """Fill the hosts into an address template, and leave its other words to the provider."""
        return partial(re.sub, r"\{(\w+)\}", lambda found: self._hosts.get(found[1], found[0]))

    def text(self, addresses: Sequence[str], name: str) -> str:
        """Return a small text file: the first address that gives it.

        Parameters
        ----------
        addresses : sequence of str
        name : str
            Under which it is kept; one that ends in ``json`` must be JSON.

        Raises
        ------
        CannotFetch, WrongContent
            From the last address, if none gives it and none is kept.
        NotInCache
            If offline and none is kept.
        """
        return self._kept(name, partial(self._fetch_text, addresses, name)).removeprefix("\ufeff")

    def listing(self, address: str, name: str, *, prefix: str) -> dict[str, int]:
        """Return keys and sizes [byte] under a prefix of an S3-compatible bucket that anyone may list.

        Parameters
        ----------
        address : str
            Of the bucket: ``https://bucket.s3.amazonaws.com``, or with a path, ``https://host/bucket``.
        name : str
            Under which it is kept, as JSON.
        prefix : str
            What the keys begin with.

        Raises
        ------
        CannotFetch
            If it cannot be listed and no listing is kept.
        NotInCache
            If offline and none is kept.
        """
        return json.loads(self._kept(name, partial(self._fetch_listing, address, name, prefix)))

    def _kept(self, name: str, fetch: Callable[[], Record]) -> str:
        """Return a text that is kept, after renewing it if it is due."""
        path = self.cache.path(name)
        with nullcontext() if self.offline else self.cache.locked(name):
            record = self.cache.record(name) if self.offline else self.cache.intact(name)
            if record is None and self.offline:
                raise NotInCache(self.cache.folder, [name])
            if not self.offline and not (record and datetime.now(UTC) - datetime.fromisoformat(record.fetched) < self._fresh):
                try:
                    fetch()
                except (CannotFetch, WrongContent) as error:
                    if record is None:
                        raise
                    logger.warning("%s: the one of %s stands in: %s", name, record.day, error)
                    cause = f"the index {name} of {record.day} stands in for a new one: {error}"
                    self.ledger = self.ledger.add(name.split("/")[0], cause, "file", 1)
            return path.read_text(encoding="utf-8")

    def _fetch_text(self, addresses: Sequence[str], name: str) -> Record:
        """Fetch a text from the first address that gives it."""
        part = self.cache.part(name)
        form = "json" if name.endswith("json") else "text"
        for place, address in enumerate(addresses, start=1):
            try:
                head = self._client.download(
                    address, part, check=partial(require_content, form=form, address=address), report=lambda _done, _total: None
                )
            except (CannotFetch, WrongContent):
                if place == len(addresses):
                    raise
            else:
                return self._placed(name, address, part, head)
        raise CannotFetch(name, reason="it has no address")

    def _fetch_listing(self, address: str, name: str, prefix: str) -> Record:
        """List a bucket; the library knows prefixes of whole folders only."""
        try:
            chunks = obstore.list(self._bucket(address), prefix=prefix.rpartition("/")[0] or None)
            found = {meta["path"]: meta["size"] for chunk in chunks for meta in chunk if meta["path"].startswith(prefix)}
        except BaseError as error:
            raise CannotFetch(f"the list of {address}", reason=_words(error)) from None
        part = self.cache.part(name)
        with refused_if_full(self.cache.folder):
            part.write_text(json.dumps(dict(sorted(found.items())), indent=0), encoding="utf-8")
        return self._placed(name, address, part, _NO_HEAD)

    def _bucket(self, address: str) -> S3Store:
        """Open a bucket without an account: its name is the address' path, or the first word of its host."""
        parts = urlsplit(address)
        named = parts.path.strip("/")
        seconds = timedelta(seconds=self._client.timeout_seconds)
        backoff = timedelta(seconds=self._client.backoff_seconds)
        return S3Store(
            named or parts.netloc.split(".")[0],
            endpoint=f"{parts.scheme}://{parts.netloc}",
            virtual_hosted_style_request=not named,
            region="us-east-1",
            skip_signature=True,
            client_options={"allow_http": parts.scheme == "http", "timeout": seconds, "connect_timeout": seconds},
            retry_config={
                "max_retries": self._client.retries,
                "backoff": {"init_backoff": backoff, "max_backoff": backoff * 30, "base": 2},
                "retry_timeout": seconds * 3,
            },
        )

    def _placed(self, name: str, address: str, part: Path, head: Head) -> Record:
        record = Record(address, now(), part.stat().st_size, sha256_of(part), head.etag, head.last_modified)
        self.cache.place(name, part, record)
        return record


def _words(error: BaseError) -> str:
    """Return the last of what the library says, without its inner workings."""
    return str(error).partition("Debug source")[0].rpartition(" - ")[2].strip(" :.\n")


def hosts_in_force(known: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses of hosts after ``URBANREVIEW_HOSTS`` had its say.

    Parameters
    ----------
    known : mapping of str to str
        Addresses by name.

    Returns
    -------
    dict of str to str

    Raises
    ------
    BadSetting

    Notes
    -----
    The variable holds a template for all hosts, exceptions as ``name=address``, or both, with commas between:
    ``http://127.0.0.1:9000/{host},lights=http://127.0.0.1:9001/bucket``.

    Examples
    --------
    >>> hosts_in_force({"jrc": "https://example.org/jrc"})
    {'jrc': 'https://example.org/jrc'}
    """
    found = dict(known)
    items = [item.strip() for item in os.environ.get(HOSTS_SETTING, "").split(",") if item.strip()]
    for item in sorted(items, key=lambda item: "{host}" not in item):
        name, _, address = item.partition("=")
        if "{host}" in item:
            found = {host: item.replace("{host}", host) for host in known}
        elif name in known and address:
            found[name] = address
        else:
            raise BadSetting(HOSTS_SETTING, [f"'{item}' is neither a template with {{host}} nor the address of a known host"])
    return found


@dataclass(frozen=True, slots=True)
class Probed:
    """How a host answered one small request.

    Attributes
    ----------
    host, address : str
    ok : bool
        Whether it gave the first byte of the file.
    status : str
        In words.
    seconds : float
    ranges : bool
        Whether it gives parts of files.
    """

    host: str
    address: str
    ok: bool
    status: str
    seconds: float
    ranges: bool


def probe(addresses: Sequence[str], *, timeout_seconds: float = 10.0) -> tuple[Probed, ...]:
    """Ask every host for one byte of one file.

    Parameters
    ----------
    addresses : sequence of str
        Of each host the first one is asked for.
    timeout_seconds : float

    Returns
    -------
    tuple of Probed
        In the order that hosts come in.
    """
    first = {urlsplit(address).netloc: address for address in reversed(addresses)}
    hosts = list(dict.fromkeys(urlsplit(address).netloc for address in addresses))
    with ThreadPoolExecutor(8) as pool:
        return tuple(pool.map(lambda host: _probed(host, first[host], timeout_seconds), hosts))


def _probed(host: str, address: str, timeout_seconds: float) -> Probed:
    begun = time.monotonic()
    try:
        head = Client(timeout_seconds=timeout_seconds, retries=0).first_byte(address)
    except CannotFetch as error:
        return Probed(host, address, ok=False, status=error.reason, seconds=time.monotonic() - begun, ranges=False)
    return Probed(host, address, ok=True, status="answers", seconds=time.monotonic() - begun, ranges=head.ranges)
