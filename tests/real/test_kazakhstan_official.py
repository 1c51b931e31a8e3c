"""Real Kazakhstan: the 20 regions of 2023 beside WorldPop 2020 on the 17 units, and Baikonur, of OpenStreetMap in 2020."""

import pandas as pd
import pytest

from urbanreview.indicators import country_gap, official_gaps, unmatched_rows
from urbanreview.sources import as_numbers, open_features, open_raster, open_table
from urbanreview.zones import fold_rows, match_rows, plan_zones, summarise, zone_table

pytestmark = pytest.mark.real

TOTAL = "The Republic of Kazakhstan"
FOLDED = {
    "Abai Region": "KZ-VOS",
    "East Kazakhstan Region": "KZ-VOS",
    "Almaty Region": "KZ-ALM",
    "Jetisu Region": "KZ-ALM",
    "Karaganda Region": "KZ-KAR",
    "Ulytau Region": "KZ-KAR",
    "Astana city": "KZ-AST",
}
"""Three regions were split in 2022, and the capital got its old name back."""


def zone_id(code):
    return f"KAZ-adm1-{code}"


@pytest.fixture(scope="module")
def rows(data):
    table = open_table(data / "kazakhstan" / "population_by_region_2023.csv", needed=("Region", "Total"))
    return pd.DataFrame({"key": table["Region"], "people": as_numbers(table["Total"], origin="regions")})


@pytest.fixture(scope="module")
def regions(rows):
    return rows[rows["key"] != TOTAL]


@pytest.fixture(scope="module")
def units(data):
    features = open_features(data / "kazakhstan" / "admin_osm.gpkg", layer="admin1")
    return zone_table(features, level="adm1", iso3="KAZ", id_column="iso", name_column="name")[0]


@pytest.fixture(scope="module")
def correspondence():
    return pd.DataFrame({"official": list(FOLDED), "unit": list(FOLDED.values()), "share": ""})


@pytest.fixture(scope="module")
def matched(regions, units, correspondence):
    return match_rows(regions, units, by="name", correspondence=correspondence, origin="regions")


@pytest.fixture(scope="module")
def ours(data, units):
    people, _ = open_raster(data / "kazakhstan" / "worldpop_2020_10km.tif", kind="count", units="people", source="worldpop")
    return summarise(plan_zones(units, people.odc.geobox), people)[0]["sum"]


@pytest.fixture(scope="module")
def found(regions, units, matched, ours, rows):
    country = (float(rows.set_index("key")["people"][TOTAL]), float(ours.sum()))
    return official_gaps(
        fold_rows(regions, matched[0], "people"),
        ours,
        units,
        year_official=2023,
        year_ours=2020,
        definition="",
        division_official=2023,
        division_ours=2020,
        country=country,
    )


def test_the_table_reads_as_the_office_wrote_it(rows, regions):
    assert len(regions) == 20
    assert regions["people"].sum() == rows.set_index("key")["people"][TOTAL] == 19_765_004


def test_every_row_finds_its_unit_and_baikonur_has_none(matched, units):
    frame, ledger = matched
    by = frame.set_index("key")
    assert by.loc[list(FOLDED), "zone_id"].tolist() == [zone_id(code) for code in FOLDED.values()]
    assert by["matched_by"].value_counts().to_dict() == {"name": 13, "correspondence": 7}
    assert set(units.index) - set(by["zone_id"]) == {zone_id("KZ-BAY")}
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [["unit without an official row", 1.0]]


def test_almaty_and_its_region_are_two_with_the_correspondence_and_without(regions, units, matched):
    alone, _ = match_rows(regions, units, by="name", origin="regions")
    for frame in (matched[0], alone):
        by = frame.set_index("key")["zone_id"]
        assert by[["Almaty city", "Almaty Region", "Shymkent city"]].tolist() == [
            zone_id(code) for code in ("KZ-ALA", "KZ-ALM", "KZ-SHY")
        ]
    left = alone.loc[alone["zone_id"].isna(), "key"]
    assert left.tolist() == ["Abai Region", "Astana city", "Jetisu Region", "Ulytau Region"]


def test_units_and_rows_without_one_are_the_official_total(regions, units, matched, correspondence):
    for lines in (correspondence, correspondence[:2], None):
        frame, _ = match_rows(regions, units, by="name", correspondence=lines, origin="regions")
        folded, left = fold_rows(regions, frame, "people"), unmatched_rows(regions, frame, "people")
        assert folded["official"].sum() + left["official"].sum() == 19_765_004
    assert fold_rows(regions, matched[0], "people")["official"][zone_id("KZ-KAR")] == 1_134_753 + 221_395


def test_every_gap_has_a_reason(found):
    gap = found["gap_share"].abs()
    assert (found["reason"] != "").tolist() == ((gap >= 0.01) | gap.isna()).tolist()
    assert found.loc[zone_id("KZ-BAY"), "reason"] == "no official row"


def test_the_capital_and_the_region_around_it_even_out(found):
    """Cells of 10 km blur the city's limits: its people stand in Akmola."""
    astana, akmola = (found.loc[zone_id(code)] for code in ("KZ-AST", "KZ-AKM"))
    assert astana["gap_share"] < -0.5
    assert akmola["gap_share"] > 0.5
    assert astana["reason"] == "boundary: with Akmola Region together the gap is -15.5 %; division: of 2023 against 2020"
    assert akmola["reason"] == "boundary: with Nur-Sultan together the gap is -15.5 %"


def test_three_years_of_growth_and_folded_regions(found):
    assert found.loc[zone_id("KZ-AKT"), "reason"] == "year: 2023 against 2020, +1.2 % a year would explain it"
    assert "division: of 2023 against 2020, Abai Region and East Kazakhstan Region folded" in found["reason"][zone_id("KZ-VOS")]
    assert "definition: as in the whole country (-8.5 %)" in found["reason"][zone_id("KZ-PAV")]


def test_what_no_rule_explains_says_so(found):
    unexplained = found.index[found["reason"] == "unexplained"]
    assert list(unexplained) == [zone_id(code) for code in ("KZ-ALA", "KZ-ATY", "KZ-ZAP")]


def test_the_country(ours):
    row = country_gap(
        19_765_004, ours.sum(), zone_id="KAZ", official_rows=TOTAL, year_official=2023, year_ours=2020, definition=""
    ).loc["KAZ"]
    assert row["gap_share"] == pytest.approx(-0.0854, abs=5e-5)
    assert row["reason"] == "year: 2023 against 2020, +3.0 % a year would explain it"
