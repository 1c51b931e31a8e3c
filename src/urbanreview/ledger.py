"""Where everything that was dropped, clipped, snapped, filled or left unnamed is counted."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

COLUMNS = ("step", "cause", "unit", "amount", "zone_id")


@dataclass(frozen=True, slots=True)
class Entry:
    """One count: how much of what happened where, and in which zone if it was one."""

    step: str
    cause: str
    unit: str
    amount: float
    zone_id: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """An immutable list of entries that travels with a result.

    Examples
    --------
    >>> ledger = Ledger().add("population", "nodata", "cell", 3).add("population", "nodata", "cell", 0)
    >>> ledger.frame()[["cause", "amount"]].values.tolist()
    [['nodata', 3.0]]
    >>> (ledger + ledger).amount("nodata")
    6.0
    """

    entries: tuple[Entry, ...] = ()

    def add(self, step: str, cause: str, unit: str, amount: float, zone_id: str = "") -> "Ledger":
        """Return a ledger with one more entry; an amount of zero is nothing to tell and adds none."""
        if amount == 0:
            return self
        return Ledger((*self.entries, Entry(step, cause, unit, float(amount), zone_id)))

    def __add__(self, other: "Ledger") -> "Ledger":
        """Return the entries of both, in order."""
        return Ledger(self.entries + other.entries)

    def amount(self, cause: str) -> float:
        """Return the sum over the entries of one cause."""
        return sum(entry.amount for entry in self.entries if entry.cause == cause)

    def frame(self) -> pd.DataFrame:
        """Return a table with the columns step, cause, unit, amount, zone_id."""
        return pd.DataFrame([[getattr(entry, name) for name in COLUMNS] for entry in self.entries], columns=COLUMNS)


def total(ledgers: Iterable[Ledger]) -> Ledger:
    """Return one ledger with the entries of all."""
    return sum(ledgers, Ledger())
