"""Which servers a review would be fetched from: one address of each dataset, found without asking any of them."""

from collections.abc import Sequence
from typing import NoReturn

from urbanreview.config import Settings
from urbanreview.errors import CannotFetch
from urbanreview.sources.cache import Cache
from urbanreview.sources.catalogue import hosts
from urbanreview.sources.providers import provider_of
from urbanreview.sources.remote import Place
from urbanreview.sources.web import LiveWeb
from urbanreview.steps.fetching import Need, needs_of, place_of


class _Noted(LiveWeb):
    """Asks no server, and remembers what would have been asked."""

    def __init__(self) -> None:
        super().__init__(Cache(), hosts=hosts())
        self.asked: list[str] = []

    def text(self, addresses: Sequence[str], name: str) -> NoReturn:
        """Remember the address of an index."""
        self.asked.append(addresses[0])
        raise CannotFetch(name, reason="it is only noted")

    def listing(self, address: str, name: str, *, prefix: str) -> NoReturn:  # noqa: ARG002 - as LiveWeb has it
        """Remember the address of a bucket."""
        self.asked.append(address)
        raise CannotFetch(name, reason="it is only noted")


def addresses_of(settings: Settings) -> list[str]:
    """Return an address for every dataset of some settings: its index where there is one, or else its first file.

    Raises
    ------
    UrbanReviewError
        If the country's outline cannot be read.
    """
    needs = [need for need in needs_of(settings) if need.dataset.fetchable]
    if not needs:
        return []
    place = place_of(settings)
    return list(dict.fromkeys(address for need in needs for address in _first_of(need, place)))


def _first_of(need: Need, place: Place) -> list[str]:
    """Return the address that would be asked first for a need; nothing if it has no file for the country."""
    web = _Noted()
    try:
        remotes = provider_of(need.dataset).wanted(need.dataset, place, need.periods, web=web).remotes
    except CannotFetch:
        remotes = ()
    return [*web.asked, *(remote.addresses[0] for remote in remotes)][:1]
