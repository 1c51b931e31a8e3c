"""Names in the country's languages: the tagged ones, and no guesses."""

import pandas as pd
import pytest

from urbanreview.naming import names_in

COLUMNS = ["geonameid", "language", "name", "preferred", "short"]


def table(*rows, entries=None):
    index = pd.Index(range(len(rows)) if entries is None else entries, name="alternate_name_id", dtype="int64")
    return pd.DataFrame(list(rows), columns=COLUMNS, index=index)


def zones(**places):
    return pd.Series(list(places.values()), index=pd.Index(places, name="zone_id"), dtype="Int64")


NAMES = table(
    (1, "kk", "Алматы", True, False),
    (1, "ru", "Алма-Ата", False, False),
    (1, "kk-Latn", "Almaty", False, False),
    (2, "kk", "Өскемен", False, False),
    (2, "kk-latn", "Öskemen", False, False),
    (2, "ru", "Усть-Каменогорск", True, False),
)


def test_cyrillic_and_latin_kazakh_and_russian():
    names, ledger = names_in(["kk", "ru", "kk-Latn"], NAMES, zones(a=1, b=2))
    assert names.loc["a"].to_dict() == {"name_kk": "Алматы", "name_ru": "Алма-Ата", "name_kk_latn": "Almaty"}
    assert names.loc["b"].to_dict() == {"name_kk": "Өскемен", "name_ru": "Усть-Каменогорск", "name_kk_latn": "Öskemen"}
    assert names.index.name == "zone_id"
    assert ledger.entries == ()


def test_what_is_unknown_stays_none_and_is_counted():
    names, ledger = names_in(["kk", "ru"], NAMES[NAMES["language"] != "ru"], zones(a=1, b=None, c=3))
    assert names["name_kk"].tolist() == ["Алматы", None, None]
    assert names["name_ru"].tolist() == [None, None, None]
    assert ledger.frame()[["cause", "unit", "amount"]].values.tolist() == [
        ["no name in 'kk'", "zone", 2.0],
        ["no name in 'ru': no place here has one in this language", "zone", 3.0],
    ]


def test_another_script_or_language_never_steps_in():
    names, _ = names_in(["kk-Arab", "en"], NAMES, zones(a=1))
    assert names.loc["a"].tolist() == [None, None]


@pytest.mark.parametrize(
    ("rows", "expected", "several"),
    [
        ([("Аа", False, False)], "Аа", 0),
        ([("Аа", False, False), ("Бб", True, False)], "Бб", 0),
        ([("Аа", True, True), ("Бб", False, False)], "Аа", 0),
        ([("Аа", False, True), ("Бб", False, False)], "Бб", 0),
        ([("Бб", False, False), ("Аа", False, False)], "Бб", 1),
        ([("Бб", True, False), ("Аа", True, False), ("Вв", False, False)], "Бб", 1),
        ([("Аа", False, False), ("Аа", False, False)], "Аа", 0),
    ],
)
def test_of_several_the_preferred_then_the_long_then_the_older_entry(rows, expected, several):
    names = table(*[(1, "ru", *one) for one in rows])
    given, ledger = names_in(["ru"], names, zones(a=1))
    assert given.loc["a", "name_ru"] == expected
    assert ledger.amount("one of several names in 'ru'") == several
    backwards, _ = names_in(["ru"], names.iloc[::-1], zones(a=1))
    assert backwards.equals(given)


def test_several_names_are_told_by_zone():
    names = table((1, "ru", "Б", False, False), (1, "ru", "А", False, False))
    _, ledger = names_in(["ru"], names, zones(b=1, c=2, a=1))
    several = ledger.frame().query("cause == \"one of several names in 'ru'\"")
    assert several["zone_id"].tolist() == ["a", "b"]


def test_a_cluster_and_its_centre_share_the_place():
    assert names_in(["ru"], NAMES, zones(cluster=1, centre=1))[0]["name_ru"].tolist() == ["Алма-Ата"] * 2


def test_a_language_twice_is_one_column():
    assert names_in(["kk", "KK"], NAMES, zones(a=1))[0].columns.tolist() == ["name_kk"]


def test_nothing_to_name_and_nothing_known():
    names, ledger = names_in(["kk"], NAMES, zones())
    assert names.shape == (0, 1)
    assert ledger.entries == ()
    assert names_in(["kk"], NAMES.iloc[:0], zones(a=1))[0].loc["a", "name_kk"] is None
    assert names_in([], NAMES, zones(a=1))[0].shape == (1, 0)


def test_inputs_stay_as_they_are():
    before, places = NAMES.copy(), zones(a=1, b=None)
    names_in(["kk"], NAMES, places)
    assert NAMES.equals(before)
    assert places.equals(zones(a=1, b=None))
