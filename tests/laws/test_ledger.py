"""The ledger: nothing vanishes in silence, and adding to it alters nothing."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.ledger import COLUMNS, Entry, Ledger, total

entries = st.lists(st.tuples(st.sampled_from("abc"), st.integers(-9, 9).map(float)), max_size=6)


def ledger_of(rows):
    ledger = Ledger()
    for cause, amount in rows:
        ledger = ledger.add("step", cause, "people", amount)
    return ledger


def test_an_entry_says_where_what_and_how_much():
    ledger = Ledger().add("population", "nodata", "cell", 3, "TOY-adm1-a")
    assert ledger.entries == (Entry("population", "nodata", "cell", 3.0, "TOY-adm1-a"),)
    assert tuple(ledger.frame().columns) == COLUMNS
    assert ledger.frame().values.tolist() == [["population", "nodata", "cell", 3.0, "TOY-adm1-a"]]


def test_an_empty_ledger_has_all_columns():
    assert tuple(Ledger().frame().columns) == COLUMNS
    assert Ledger().frame().empty
    assert Ledger().amount("nodata") == 0


def test_a_ledger_cannot_be_altered():
    ledger = Ledger().add("a", "b", "c", 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ledger.entries = ()
    ledger.add("a", "b", "c", 1)
    assert len(ledger.entries) == 1


@given(entries, entries)
def test_law_amounts_add_up(first, second):
    joined = ledger_of(first) + ledger_of(second)
    for cause in "abc":
        assert joined.amount(cause) == sum(amount for name, amount in first + second if name == cause)
    assert len(joined.entries) == sum(amount != 0 for _, amount in first + second)
    assert total([ledger_of(first), ledger_of(second)]) == joined
    assert total([]) == Ledger()
