"""Names by asking a Nominatim server, politely: at its pace, once per point, and no longer than it wants to answer."""

import json
import logging
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import pandas as pd

from urbanreview.errors import BadSetting, NotInInput
from urbanreview.ledger import Ledger
from urbanreview.log import Progress, silent

CREDIT = "Nominatim, © OpenStreetMap contributors, ODbL 1.0"
"""Credit for every page that shows a name from there."""

SERVER = "https://nominatim.openstreetmap.org"

SETTLEMENT_KEYS = ("city", "town", "municipality", "village", "hamlet")
"""What an address calls a settlement; the first that is there is the name."""

STATE_KEYS = ("state", "province")

VILLAGE_ZOOM = 13
"""Detail that is asked for: down to villages, which have no answer at the detail of cities."""

MOST_FAILURES_IN_A_ROW = 3
DECIMALS = 5
"""Of degrees: a metre."""

_STEP = "naming"
_SECTION = "[naming.nominatim]"


class ServerLostError(Exception):
    """The server refuses, or is not there: asking on is pointless."""


class NoAnswerError(Exception):
    """One ask failed: too late, broken off, or unreadable."""


@dataclass(frozen=True, slots=True)
class ReverseGeocoder:
    """Somebody to ask, and how.

    Attributes
    ----------
    ask : callable
        ``ask(latitude, longitude)`` returns the server's answer, or None where it knows nothing; raises `ServerLostError`
        and `NoAnswerError`.
    language : str
        Code of the language of the answers; empty: the local one.
    zoom : int
        Detail of the answers.
    server : str
        Its address.
    """

    ask: Callable[[float, float], Mapping[str, Any] | None]
    language: str = ""
    zoom: int = VILLAGE_ZOOM
    server: str = SERVER

    def key(self, latitude: float, longitude: float) -> str:
        """Return what a question is kept under: all that its answer depends on."""
        return f"{latitude:.{DECIMALS}f},{longitude:.{DECIMALS}f},{self.language},{self.zoom},{self.server}"


def _scheme_and_domain(server: str) -> tuple[str, str]:
    parts = urlsplit(server if "://" in server else f"https://{server}")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting(_SECTION, [f"server is '{server}', expected an address such as {SERVER}"])
    return parts.scheme, f"{parts.netloc}{parts.path}".rstrip("/")


def _require_agent(user_agent: str) -> None:
    if not user_agent.strip():
        raise BadSetting(
            _SECTION, ["user_agent is missing: say who asks, with a way to reach you, as the server's terms demand"]
        )
    if not (user_agent.isascii() and user_agent.isprintable()):
        raise BadSetting(_SECTION, [f"user_agent is '{user_agent}', expected Latin letters, digits and signs of one line"])


def _reason(error: Exception) -> str:
    """Say in a few words why there is no answer; the library's own texts may hold whole pages."""
    from geopy.exc import GeocoderServiceError, GeocoderTimedOut

    status = getattr(error.__cause__, "status_code", None)
    if status is not None:
        return f"HTTP status {status}"
    if isinstance(error, GeocoderTimedOut):
        return "timed out"
    if isinstance(error, GeocoderServiceError) and isinstance(error.__context__, OSError):
        return str(getattr(error.__context__, "reason", error.__context__))
    return "the answer is not one of Nominatim's"


def reverse_geocoder(
    *,
    user_agent: str,
    server: str = SERVER,
    language: str = "",
    min_delay_seconds: float = 1.0,
    timeout_seconds: float = 10.0,
) -> ReverseGeocoder:
    """Make ready to ask a Nominatim server; nothing is asked yet.

    Parameters
    ----------
    user_agent : str
        Who asks, with a way to reach them. The terms of the public server demand it.
    server : str
        Address; without a scheme it is https.
    language : str
        Code of the language of the answers, such as ``kk``; empty: the local one.
    min_delay_seconds : float
        Least time from ask to ask [s]. The public server allows one per second over all runs of one user.
    timeout_seconds : float
        How long to wait for an answer [s].

    Returns
    -------
    ReverseGeocoder
        One for a whole run: two of them know nothing of each other's asks.

    Raises
    ------
    BadSetting
        If the user agent is missing, is a library's sample or is not in ASCII; if the server is no web address.

    Notes
    -----
    An ask that fails for the moment is tried once more, after twice the delay; one that is refused is not. Built on
    geopy's Nominatim and RateLimiter, with the standard library's own transport: others try again by themselves.
    """
    from geopy.adapters import URLLibAdapter
    from geopy.exc import (
        ConfigurationError,
        GeocoderAuthenticationFailure,
        GeocoderInsufficientPrivileges,
        GeocoderQuotaExceeded,
        GeocoderServiceError,
        GeopyError,
    )
    from geopy.extra.rate_limiter import RateLimiter
    from geopy.geocoders import Nominatim

    refusals = (GeocoderAuthenticationFailure, GeocoderInsufficientPrivileges, GeocoderQuotaExceeded)
    logging.getLogger("geopy").addHandler(logging.NullHandler())  # it tells of a second try by a traceback on stderr
    _require_agent(user_agent)
    scheme, domain = _scheme_and_domain(server)
    try:
        nominatim = Nominatim(
            user_agent=user_agent, domain=domain, scheme=scheme, timeout=timeout_seconds, adapter_factory=URLLibAdapter
        )
    except ConfigurationError:
        raise BadSetting(_SECTION, [f"user_agent is the sample '{user_agent}', which {domain} does not accept"]) from None

    def ask_once(latitude: float, longitude: float) -> Any:
        try:
            return nominatim.reverse((latitude, longitude), language=language or False, zoom=VILLAGE_ZOOM)
        except refusals as error:
            raise ServerLostError(f"{domain} refuses to answer ({_reason(error)})") from error
        except GeocoderServiceError as error:
            if type(error.__context__) is URLError and _reason(error) != "timed out":
                raise ServerLostError(f"{domain} cannot be reached ({_reason(error)})") from error
            raise

    limited = RateLimiter(
        ask_once,
        min_delay_seconds=min_delay_seconds,
        max_retries=1,
        error_wait_seconds=2 * min_delay_seconds,
        swallow_exceptions=False,
    )

    def ask(latitude: float, longitude: float) -> Mapping[str, Any] | None:
        try:
            location = limited(latitude, longitude)
        except (GeopyError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise NoAnswerError(_reason(error)) from error
        return None if location is None else location.raw

    return ReverseGeocoder(ask, language=language, server=f"{scheme}://{domain}")


def _kept(cache: Mapping[str, str], key: str) -> dict[str, Any] | None:
    """Return the address kept under a key; None if there is none, or what is there cannot be read."""
    try:
        address = json.loads(cache.get(key, ""))
    except ValueError:
        return None
    return address if isinstance(address, dict) else None


def _asked(geocode: ReverseGeocoder, latitude: float, longitude: float) -> dict[str, Any]:
    answer = geocode.ask(latitude, longitude)
    address = answer.get("address") if answer else None
    return dict(address) if isinstance(address, Mapping) else {}


def _first(address: Mapping[str, Any], keys: tuple[str, ...]) -> str | None:
    texts = (address.get(key) for key in keys)
    return next((text.strip() for text in texts if isinstance(text, str) and text.strip()), None)


def _addresses(
    points: list[tuple[str, float, float]], geocode: ReverseGeocoder, cache: MutableMapping[str, str], progress: Progress
) -> tuple[dict[str, dict[str, Any]], Ledger]:
    """Return the addresses of zones as far as they are known or the server tells them."""
    found: dict[str, dict[str, Any]] = {}
    ledger, stopped, failures = Ledger(), "", 0
    for done, (zone_id, latitude, longitude) in enumerate(points, start=1):
        key = geocode.key(latitude, longitude)
        address = _kept(cache, key)
        if address is None and not stopped:
            try:
                address = _asked(geocode, latitude, longitude)
                cache[key] = json.dumps(address)
                failures = 0
            except ServerLostError as error:
                stopped = str(error)
            except NoAnswerError as error:
                failures += 1
                ledger = ledger.add(_STEP, f"Nominatim gave no answer: {error}", "zone", 1, zone_id)
                if failures == MOST_FAILURES_IN_A_ROW:
                    stopped = f"{failures} asks in a row failed, the last: {error}"
        if address is not None:
            found[zone_id] = address
        progress("asking Nominatim", done, len(points))
    not_asked = len(points) - len(found) - len(ledger.entries)
    return found, ledger.add(_STEP, f"Nominatim was asked nothing more: {stopped}", "zone", not_asked)


def reverse_names(
    points: pd.DataFrame, *, geocode: ReverseGeocoder, cache: MutableMapping[str, str], progress: Progress = silent
) -> tuple[pd.DataFrame, Ledger]:
    """Ask for the settlement, state and country at some points.

    Parameters
    ----------
    points : DataFrame, index zone_id
        ``longitude`` and ``latitude`` [degrees, WGS 84] of a point in each zone. Missing ones are not asked for.
    geocode : ReverseGeocoder
        As from `reverse_geocoder`.
    cache : mutable mapping of str to str
        Answers of earlier runs, empty ones included; new ones are added.
    progress : callable
        Told after each point.

    Returns
    -------
    names : DataFrame, index as points
        ``name``, ``state``, ``country`` (str); None where there is no answer or it has no such part. The caller then
        stays with the gazetteer.
    ledger : Ledger
        Zones without a point, zones that got no answer and why, those where the server knows no settlement, and how
        many were not asked for because the server refused (HTTP 401, 402, 403, 407, 429), was not there, or failed
        three times in a row.

    Notes
    -----
    Points are asked for in the order of their ids, rounded to five decimals. A server that goes away is never an
    error: whatever is kept still answers. Failures are not kept, so they are asked again the next time.

    The name is the first of `SETTLEMENT_KEYS` in the address. A village is not a place without a name because it has
    no city.

    Examples
    --------
    >>> def ask(latitude, longitude):
    ...     return {"address": {"village": "Ақсу", "state": "Түркістан облысы", "country": "Қазақстан"}}
    >>> points = pd.DataFrame({"longitude": [69.8], "latitude": [42.4]}, index=["a"])
    >>> reverse_names(points, geocode=ReverseGeocoder(ask), cache={})[0].loc["a"].tolist()
    ['Ақсу', 'Түркістан облысы', 'Қазақстан']
    """
    for column in ("longitude", "latitude"):
        if column not in points:
            raise NotInInput("the table of points", what="column", name=column, found=list(points.columns))
    located = points[points[["longitude", "latitude"]].notna().all(axis=1)]
    rounded = located[["latitude", "longitude"]].astype(float).round(DECIMALS) + 0.0  # no minus zero in the keys
    rows = sorted(zip(map(str, rounded.index), rounded["latitude"].tolist(), rounded["longitude"].tolist(), strict=True))
    found, ledger = _addresses(rows, geocode, cache, progress)
    ledger = ledger.add(_STEP, "Nominatim was not asked: the zone has no point", "zone", len(points) - len(located))
    for zone_id, address in found.items():
        if _first(address, SETTLEMENT_KEYS) is None:
            ledger = ledger.add(_STEP, "Nominatim knows no settlement there", "zone", 1, zone_id)
    parts = {"name": SETTLEMENT_KEYS, "state": STATE_KEYS, "country": ("country",)}
    answers = [found.get(str(zone_id), {}) for zone_id in points.index]
    columns = {part: [_first(address, keys) for address in answers] for part, keys in parts.items()}
    return pd.DataFrame(columns, index=points.index, dtype=object), ledger
