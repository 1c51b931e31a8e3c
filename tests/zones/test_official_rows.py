"""Rows of an official table find their units: split, merged, renamed, in other scripts, or not at all."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from urbanreview.errors import AmbiguousInput, DuplicateIds, MissingIds, NotANumber, NotInInput, SharesDoNotAddUp
from urbanreview.zones import fold_rows, match_rows
from urbanreview.zones.official_rows import AMBIGUOUS, NO_UNIT
from urbanreview.zones.spelling import fold_name, fold_text, sound_of


def units_of(names):
    """Units side by side: code to name."""
    index = pd.Index([f"TOY-adm1-{code}" for code in names], name="zone_id", dtype="str")
    boxes = [shapely.box(place, 0, place + 1, 1) for place in range(len(names))]
    return gpd.GeoDataFrame(
        {"name": list(names.values()), "level": "adm1", "iso3": "TOY"}, index=index, geometry=boxes, crs=4326
    )


def rows_of(*keys, **people):
    return pd.DataFrame({"key": list(keys or people), "people": list(people.values()) or 1.0})


def table(*lines):
    return pd.DataFrame(list(lines), columns=["official", "unit", "share"], dtype="str")


def pairs(matched):
    """What each key found, and how: code of the unit, or the reason why not."""
    frame = matched[0] if isinstance(matched, tuple) else matched
    return {
        row.key: (row.zone_id.removeprefix("TOY-adm1-"), row.matched_by) if row.zone_id else row.reason
        for row in frame.itertuples()
    }


def named(units, *keys, **how):
    return match_rows(rows_of(*keys), units_of(units), by="name", origin="a.csv", **how)


def coded(units, *keys, **how):
    return match_rows(rows_of(*keys), units_of(units), by="code", origin="a.csv", **how)


def test_codes_are_text_to_the_letter():
    found = coded({"01": "A", "1": "B", "KZ-2": "C"}, "01", "1", "2")
    assert pairs(found) == {"01": ("01", "code"), "1": ("1", "code"), "2": NO_UNIT}
    assert found[1].amount(f"official row: {NO_UNIT}") == 1
    assert found[1].amount("unit without an official row") == 1


def test_codes_of_another_column():
    codes = pd.Series({"TOY-adm1-a": "71", "TOY-adm1-b": "072"})
    assert pairs(coded({"a": "A", "b": "B"}, "72", "71", codes=codes)) == {"71": ("a", "code"), "72": NO_UNIT}


def test_a_code_of_two_units_is_nobodys():
    codes = pd.Series({"TOY-adm1-a": "7", "TOY-adm1-b": "7", "TOY-adm1-c": None})
    assert pairs(coded({"a": "A", "b": "B", "c": "C"}, "7", codes=codes)) == {"7": AMBIGUOUS}


def test_by_code_no_name_is_asked():
    assert pairs(coded({"1": "Taraz"}, "Taraz")) == {"Taraz": NO_UNIT}


@pytest.mark.parametrize(
    ("unit", "key", "how"),
    [
        ("Шымкент", "Shymkent city", "name"),
        ("Şymkent", "Шымкент", "name"),
        ("Қызылорда облысы", "Kyzylorda Region", "sound"),
        ("Jambyl Region", "Жамбыл облысы", "sound"),
        ("Mańǵystau oblysy", "Mangystau Region", "name"),
        ("Saint-Étienne", "SAINT ETIENNE", "name"),
    ],
)
def test_names_in_cyrillic_and_in_kazakh_latin_letters(unit, key, how):
    assert pairs(named({"1": unit, "2": "Elsewhere"}, key)) == {key: ("1", how)}


def test_a_city_and_the_region_of_its_name_are_not_confused():
    units = {"city": "Almaty", "region": "Almaty Region"}
    found = {"Almaty city": ("city", "name"), "Almaty Region": ("region", "name")}
    assert pairs(named(units, "Almaty city", "Almaty Region")) == found
    assert pairs(named(units, "Almaty Region", "Almaty city")) == found


def test_a_name_that_could_be_two_units_is_nobodys():
    found = named({"city": "Almaty", "region": "Almaty Region"}, "Almaty Oblast")
    assert pairs(found) == {"Almaty Oblast": AMBIGUOUS}
    assert found[1].amount(f"official row: {AMBIGUOUS}") == 1
    assert found[1].amount("unit without an official row") == 2


def test_two_rows_for_one_unit_are_nobodys():
    assert pairs(named({"1": "Taraz"}, "Taraz city", "Taraz town")) == dict.fromkeys(("Taraz city", "Taraz town"), AMBIGUOUS)


def test_a_sound_of_two_units_is_nobodys():
    units = {"1": "Jambyl", "2": "Dzhambyl"}
    assert sound_of("Jambyl") == sound_of("Zhambyl")
    assert pairs(named({"1": "Jambyl"}, "Zhambyl")) == {"Zhambyl": ("1", "sound")}
    assert pairs(named({"1": "Jambyl", "2": "Jhambyl", "3": "Жамбыл"}, "Dzambyl")) == {"Dzambyl": NO_UNIT}
    assert pairs(named(units | {"3": "Zhambyll"}, "Zhambil"))["Zhambil"] == AMBIGUOUS


def test_names_without_letters_match_nothing():
    assert pairs(named({"1": "—", "2": None}, "…")) == {"…": NO_UNIT}


def test_territory_without_a_unit_has_no_row():
    assert pairs(named({"none": "Without a unit"}, "Without a unit")) == {"Without a unit": NO_UNIT}
    assert pairs(coded({"none": "Without a unit"}, "none")) == {"none": NO_UNIT}


def test_the_order_of_rows_and_units_decides_nothing():
    units = units_of({"1": "Almaty", "2": "Almaty Region", "3": "Шымкент", "4": "Jambyl", "5": "Lost"})
    rows = rows_of("Zhambyl oblysy", "Almaty city", "Shymkent", "Almaty Region", "Nowhere")
    found, _ = match_rows(rows, units, by="name", origin="a.csv")
    other, _ = match_rows(rows[::-1], units[::-1], by="name", origin="a.csv")
    pd.testing.assert_frame_equal(found, other)


@pytest.mark.parametrize("by", ["code", "name"])
def test_a_key_twice_or_none_is_told(by):
    units = units_of({"01": "A", "02": "B"})
    with pytest.raises(DuplicateIds, match=r"a\.csv: column 'key' has 1 duplicate ids \(01\)"):
        match_rows(rows_of("01", "02", "01"), units, by=by, origin="a.csv")
    with pytest.raises(MissingIds, match=r"column 'Region' is empty in 1 rows \(1\)"):
        match_rows(rows_of("01", ""), units, by=by, origin="a.csv", column="Region")


# The correspondence: A was split into a1 and a2, M and N were merged into mn, Old is called New, B stayed.
UNITS = {"a1": "A West", "a2": "A East", "mn": "M-N", "n": "New", "b": "B"}
PEOPLE = {"A": 1000.0, "M": 30.0, "N": 12.0, "Old": 500.0, "B": 7.0, "Ghost": 4.0}
LINES = table(
    ("A", "a1", "0.7"), ("A", "A east", "0,3"), ("M", "mn", ""), ("N", "mn", "1"), ("Old", "n", "")
)  # fmt: skip


@pytest.fixture
def folded():
    rows = rows_of(**PEOPLE)
    matched, _ = match_rows(rows, units_of(UNITS), by="name", correspondence=LINES, origin="a.csv")
    return rows, matched, fold_rows(rows, matched, "people")


def test_split_merged_and_renamed_units_are_folded(folded):
    official = folded[2].rename(index=lambda zone_id: zone_id.removeprefix("TOY-adm1-"))
    assert official["official"].to_dict() == {"a1": 700.0, "a2": 300.0, "b": 7.0, "mn": 42.0, "n": 500.0}
    assert official["official_rows"].to_dict() == {"a1": "A", "a2": "A", "b": "B", "mn": "M; N", "n": "Old"}
    assert official["matched_by"].to_dict() == dict.fromkeys(("a1", "a2", "mn", "n"), "correspondence") | {"b": "name"}
    assert official["folding"].to_dict() == {
        "a1": "70 % of A", "a2": "30 % of A", "b": "", "mn": "M and N folded into one unit", "n": ""
    }  # fmt: skip


def test_units_and_rows_without_one_are_the_total(folded):
    rows, matched, official = folded
    left = matched[matched["zone_id"].isna()]
    assert left[["key", "share", "matched_by", "reason"]].values.tolist() == [["Ghost", 1.0, None, NO_UNIT]]
    assert official["official"].sum() + 4.0 == rows["people"].sum() == 1553.0


def test_a_part_that_is_missing_makes_the_unit_missing(folded):
    rows, matched, _ = folded
    official = fold_rows(rows.assign(people=rows["people"].where(rows["key"] != "N")), matched, "people")
    assert official["official"].isna().to_dict() == {zone_id: zone_id.endswith("mn") for zone_id in official.index}


def test_nothing_matched_is_nothing_folded():
    rows = rows_of("X")
    matched, _ = match_rows(rows, units_of({"1": "Y"}), by="name", origin="a.csv")
    assert fold_rows(rows, matched, "people").empty


def test_a_row_of_the_correspondence_is_matched_by_nothing_else():
    found = named({"1": "Almaty", "2": "Taraz"}, "Taraz", correspondence=table(("Taraz", "Almaty", "")))
    assert pairs(found) == {"Taraz": ("1", "correspondence")}


def test_a_unit_of_the_correspondence_keeps_the_row_of_its_full_name_and_no_other():
    split = table(("Jetisu", "region", ""))
    units = {"region": "Almaty Region", "city": "Almaty"}
    assert pairs(named(units, "Jetisu", "Almaty Region", correspondence=split))["Almaty Region"] == ("region", "name")
    assert pairs(named(units, "Jetisu", "Almaty qalasy", correspondence=split))["Almaty qalasy"] == ("city", "name")


def test_the_correspondence_takes_codes_before_names():
    units = {"1": "2", "2": "1"}
    assert pairs(coded(units, "Old", correspondence=table(("Old", "2", ""))))["Old"] == ("2", "correspondence")


def test_thirds_are_whole_and_less_is_not():
    thirds = [("A", unit, "0.333") for unit in ("a1", "a2", "n")]
    assert len(named(UNITS, "A", correspondence=table(*thirds))[0]) == 3
    with pytest.raises(SharesDoNotAddUp, match=r"The correspondence of a\.csv: .*'A': 0\.99 together"):
        named(UNITS, "A", correspondence=table(*[("A", unit, "0.33") for unit in ("a1", "a2", "n")]))


@pytest.mark.parametrize("shares", [("", ""), ("0.5", "0.4"), ("1.5", "-0.5"), ("0", "0"), ("inf", "1")])
def test_shares_that_are_no_parts_of_one_are_told(shares):
    lines = [("A", unit, share) for unit, share in zip(("a1", "a2"), shares, strict=True)]
    with pytest.raises(SharesDoNotAddUp, match=r"'A': .* together"):
        named(UNITS, "A", "B", correspondence=table(*lines, ("B", "b", "1")))


def test_a_share_that_is_no_number_is_told():
    with pytest.raises(NotANumber, match=r"column 'share' has 1 cell that cannot be read \(row 2: 'half'\)"):
        named(UNITS, "A", correspondence=table(("A", "a1", "0.5"), ("A", "a2", "half")))


def test_a_table_without_shares_gives_whole_rows():
    lines = LINES.drop(columns="share")[2:]
    assert named(UNITS, *PEOPLE, correspondence=lines)[0]["share"].eq(1).all()


def test_unknown_rows_and_units_of_the_correspondence_are_told():
    with pytest.raises(NotInInput, match=r"no row of the official table for 'Olt'\. Did you mean 'Old'\?"):
        named(UNITS, *PEOPLE, correspondence=table(("Olt", "n", "")))
    with pytest.raises(NotInInput, match=r"no unit 'A Wast'\. Did you mean 'A West'\?"):
        named(UNITS, *PEOPLE, correspondence=table(("A", "A Wast", "")))
    with pytest.raises(NotInInput, match="no unit 'Nobody'"):
        named(UNITS | {"none": "Nobody"}, *PEOPLE, correspondence=table(("A", "Nobody", "")))


def test_a_name_of_two_units_in_the_correspondence_is_told():
    with pytest.raises(AmbiguousInput, match=r"2 units called 'Almaty oblast' \(TOY-adm1-1, TOY-adm1-2\), expected one"):
        named({"1": "Almaty", "2": "Almaty Region"}, "X", correspondence=table(("X", "Almaty oblast", "")))


def test_nothing_given_is_altered():
    rows, units, lines = rows_of(**PEOPLE), units_of(UNITS), LINES.copy()
    before = rows.copy(), units.copy(), lines.copy()
    matched, _ = match_rows(rows, units, by="name", correspondence=lines, origin="a.csv")
    fold_rows(rows, matched, "people")
    for now, then in zip((rows, units, lines), before, strict=True):
        assert now.equals(then)


def test_all_words_and_own_words():
    assert (fold_text("Almaty Region"), fold_name("Almaty Region")) == ("almaty region", "almaty")
    assert (fold_text(float("nan")), fold_name("The City")) == ("", "the city")
