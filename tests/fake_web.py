"""A web that answers from a table, for providers: nothing is asked of any server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from urbanreview.errors import CannotFetch
from urbanreview.sources.catalogue import hosts
from urbanreview.sources.web import hosts_in_force


@dataclass
class FakeWeb:
    """Answers by address; any other is not there."""

    answers: Mapping[str, str] = field(default_factory=dict)
    refusal: str = "the server answered 404 Not Found"
    asked: list[str] = field(default_factory=list)

    def text(self, addresses: Sequence[str], name: str) -> str:
        self.asked += addresses
        for address in addresses:
            if address in self.answers:
                return self.answers[address]
        raise CannotFetch(addresses[0], reason=self.refusal)

    def listing(self, address: str, name: str, *, prefix: str) -> dict[str, int]:
        raise CannotFetch(address, reason=self.refusal)

    @property
    def hosts(self) -> Callable[[str], str]:
        known = hosts_in_force(hosts())

        def fill(template: str) -> str:
            for host, address in known.items():
                template = template.replace(f"{{{host}}}", address)
            return template

        return fill
