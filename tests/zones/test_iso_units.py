"""The number of units that ISO 3166-2 lists, and the sentence where a division has another."""

import subprocess
import sys

import pytest

from urbanreview.zones.iso_units import compare_with_iso, iso_first_level, plural


def test_units_at_the_top_are_those_without_a_unit_above():
    codes, names = iso_first_level("BEL")
    assert codes == ["BE-BRU", "BE-VLG", "BE-WAL"]
    assert len(names) == 3
    codes, names = iso_first_level("KAZ")
    assert len(codes) == 20
    assert codes == sorted(codes)
    assert all(code.startswith("KZ-") for code in codes)
    assert all(names)


@pytest.mark.parametrize("iso3", ["TOY", "", "XXX", "VAT"])  # the Vatican is a country, and is not divided
def test_countries_without_units_are_not_compared(iso3):
    assert iso_first_level(iso3) is None
    assert compare_with_iso(7, iso3) == ""


@pytest.mark.parametrize(
    ("iso3", "counts"),
    [
        ("KAZ", [20]),
        ("SEN", [14]),
        ("BEL", [3, 10, 11, 13]),  # regions; provinces; provinces and Brussels; all
        ("GBR", [4]),  # countries and a province
        ("ESP", [19, 50]),  # communities and two cities; provinces
    ],
)
def test_a_count_that_the_standard_knows_is_no_word(iso3, counts):
    assert [compare_with_iso(count, iso3) for count in counts] == [""] * len(counts)


def test_another_count_is_told_with_the_kinds_of_units():
    assert compare_with_iso(16, "KAZ") == (
        "16 first-level units, ISO 3166-2 lists 20 (17 regions, 3 cities): another division or edition?"
    )
    assert compare_with_iso(45, "SEN").startswith("45 first-level units, ISO 3166-2 lists 14 (14 regions):")
    assert compare_with_iso(1, "SEN").startswith("1 first-level unit, ISO 3166-2 lists 14")
    assert "(3 countries, 1 province)" in compare_with_iso(12, "GBR")


def test_many_kinds_are_cut_and_every_unit_is_in_the_sum():
    words = compare_with_iso(5, "FRA")
    codes, _ = iso_first_level("FRA")
    listed = words.partition("(")[2].partition(")")[0].split(", ")
    assert f"ISO 3166-2 lists {len(codes)} (" in words
    assert listed[0] == "12 metropolitan regions"
    assert listed[-1].endswith(" others")
    assert sum(int(part.split()[0]) for part in listed) == len(codes)


def test_plurals():
    kinds = ["region", "territory", "city", "county", "quarter", "city with county rights", "district", "parish"]
    assert [plural(kind) for kind in kinds] == [
        "regions", "territories", "cities", "counties", "quarters", "cities with county rights", "districts", "parishes",
    ]  # fmt: skip


def test_the_standard_is_read_only_when_asked_for():
    code = "import sys, urbanreview.zones.iso_units; print('pycountry' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
