import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.naming import unique_names


def name_all(rows, **units):
    """Rows of zone_id, name, people; all of one level unless a fourth value says otherwise."""
    table = pd.DataFrame([(*row, "city")[:4] for row in rows], columns=["zone_id", "name", "people", "level"])
    table = table.set_index("zone_id")
    return unique_names(table["name"], table["level"], table["people"], **units).to_dict()


def test_different_names_stay_even_if_units_are_known():
    assert name_all([("a", "Aksu", 1), ("b", "Taraz", 2)], districts=pd.Series({"a": "D", "b": "D"})) == {
        "a": "Aksu",
        "b": "Taraz",
    }


def test_levels_do_not_meet():
    assert set(name_all([("a", "Aksu", 1, "cluster"), ("b", "Aksu", 2, "centre")]).values()) == {"Aksu"}


def test_districts_then_first_level_then_numbers():
    rows = [("a", "Aksu", 9), ("b", "Aksu", 8), ("c", "Aksu", 7), ("d", "Aksu", 6)]
    districts = pd.Series({"a": "East", "b": "West", "c": "West", "d": "West"})
    first_level = pd.Series({"a": "P", "b": "P", "c": "Q", "d": "Q"})
    assert name_all(rows, districts=districts, first_level=first_level) == {
        "a": "Aksu (East)",
        "b": "Aksu (West, P)",
        "c": "Aksu (West, Q)",
        "d": "Aksu (West, Q) 2",
    }


def test_a_unit_that_all_share_tells_nothing():
    rows = [("a", "Aksu", 9), ("b", "Aksu", 8)]
    same, differs = pd.Series({"a": "D", "b": "D"}), pd.Series({"a": "P", "b": "Q"})
    assert name_all(rows, districts=same, first_level=differs) == {"a": "Aksu (P)", "b": "Aksu (Q)"}
    assert name_all(rows, districts=same, first_level=same) == {"a": "Aksu", "b": "Aksu 2"}


def test_an_unknown_unit_leaves_the_short_form():
    rows = [("a", "Aksu", 9), ("b", "Aksu", 8)]
    assert name_all(rows, districts=pd.Series({"b": "East", "x": "y"})) == {"a": "Aksu", "b": "Aksu (East)"}
    assert name_all(rows, districts=pd.Series({"a": " ", "b": None})) == {"a": "Aksu", "b": "Aksu 2"}


def test_the_largest_keeps_the_shortest_form_and_ids_break_ties():
    rows = [("c", "Aksu", 5), ("a", "Aksu", float("nan")), ("d", "Aksu", 9), ("b", "Aksu", 5)]
    assert name_all(rows) == {"c": "Aksu 3", "a": "Aksu 4", "d": "Aksu", "b": "Aksu 2"}


def test_a_number_avoids_names_that_exist():
    rows = [("a", "Aksu", 9), ("b", "Aksu", 8), ("c", "Aksu 2", 1)]
    assert name_all(rows) == {"a": "Aksu", "b": "Aksu 3", "c": "Aksu 2"}


def test_fixed_names_stay_unless_two_are_the_same():
    rows = [("a", "Aksu", 9), ("b", "Aksu", 8), ("c", "Aksu", 7)]
    districts = pd.Series({"a": "East", "b": "West", "c": "North"})
    one = pd.Series({"a": False, "b": True, "c": False})
    assert name_all(rows, districts=districts, fixed=one) == {"a": "Aksu (East)", "b": "Aksu", "c": "Aksu (North)"}
    two = pd.Series({"a": False, "b": True, "c": True})
    assert name_all(rows, districts=districts, fixed=two) == {"a": "Aksu (East)", "b": "Aksu (West)", "c": "Aksu (North)"}
    assert name_all(rows, fixed=one) == {"a": "Aksu 2", "b": "Aksu", "c": "Aksu 3"}


words = st.sampled_from(["Aksu", "Aksu 2", "Aksu (E)", "Aksu (E) 2", "Taraz", "E"])
unit = st.sampled_from(["E", "W", "", None])
zones = st.lists(st.tuples(words, st.sampled_from("xy"), st.integers(0, 3), unit, unit, st.booleans()), max_size=12)


@given(zones, st.randoms(use_true_random=False))
def test_law_names_are_unique_whatever_the_order(rows, random):
    columns = ["name", "level", "people", "district", "first", "fixed"]
    table = pd.DataFrame(rows, columns=columns, index=[f"z{k}" for k in range(len(rows))])

    def run(part):
        units = {"districts": part["district"], "first_level": part["first"], "fixed": part["fixed"].astype(bool)}
        return unique_names(part["name"], part["level"], part["people"], **units)

    names = run(table)
    assert not pd.DataFrame({"level": table["level"], "name": names}).duplicated().any()
    shuffled = table.loc[random.sample(list(table.index), len(table))]
    assert run(shuffled).to_dict() == names.to_dict()
