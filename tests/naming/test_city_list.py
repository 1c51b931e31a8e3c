"""A lopsided toy list against boxes of a degree: a cluster of two centres, a town, and nothing around them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, box

from urbanreview.errors import DuplicateIds, NotInInput
from urbanreview.naming import city_groups, listed_columns, match_city_list, with_reasons

CLUSTER, CENTRE = "urban_cluster", "urban_centre"
NOWHERE = (np.nan, np.nan)


def settlements(*rows):
    """Rows of zone_id, level, name, people, bounds and, for centres, the cluster."""
    columns = ["zone_id", "level", "name", "people", "geometry", "parent_id"]
    table = pd.DataFrame([(*row, None)[:6] for row in rows], columns=columns)
    shapes = [box(*shape) if isinstance(shape, tuple) else shape for shape in table.pop("geometry")]
    return gpd.GeoDataFrame(table.set_index("zone_id"), geometry=shapes, crs=4326)


def listed(*rows):
    """Rows of code, name, people, position and, if they are told, status and flags."""
    table = pd.DataFrame([(*row, None, None)[:6] for row in rows], columns=["code", "name", "people", "at", "status", "flags"])
    at = np.array(table.pop("at").tolist(), float).reshape(-1, 2)
    return table.assign(longitude=at[:, 0], latitude=at[:, 1], people=table["people"].astype(float)).set_index("code")


def rows_of(table, *columns):
    """Return columns by code, or by zone_id where there is no code."""
    keys = table["code"].where(table["code"].notna(), table["zone_id"])
    return dict(zip(keys, table[list(columns)].itertuples(index=False, name=None), strict=True))


TOWN = ("town", CLUSTER, "Ulken", 9_000, (70, 50, 71, 51))
METRO = (
    ("metro", CLUSTER, "Bastau", 900_000, (60, 50, 64, 54)),
    ("east", CENTRE, "Bastau", 600_000, (62, 52, 63, 53), "metro"),
    ("west", CENTRE, "Zhana", 200_000, (60, 50, 61, 51), "metro"),
)


def test_every_outcome_once():
    cities = listed(
        ("01", "Ulken", 8_000, (70.5, 50.5)),
        ("02", "Suburb", 9_500, (70.2, 50.5)),
        ("03", "Nowhere", 500, (80, 40)),
    )
    table, ledger = match_city_list(cities, settlements(TOWN, *METRO), within_km=10)
    assert rows_of(table, "outcome", "zone_id", "matched_by", "merged_with", "reason") == {
        "01": ("found", "town", "position and name", None, None),
        "02": ("merged", "town", "position", "Ulken", "within the settlement Ulken"),
        "03": ("missed", None, None, None, ""),
        "east": ("unlisted", "east", None, None, None),
        "west": ("unlisted", "west", None, None, None),
    }
    # The cluster is known by its centres: no row of its own. Unlisted ones by their own people.
    assert table["code"].tolist() == ["01", "02", "03", None, None]
    assert table["zone_id"].tolist()[3:] == ["east", "west"]
    assert table["distance_km"].tolist()[:2] == [0.0, 0.0]
    assert table["distance_km"].isna().tolist() == [False, False, True, True, True]
    assert table["settlement_people"].tolist()[:2] == [9_000, 9_000]
    amounts = dict(ledger.frame()[["cause", "amount"]].itertuples(index=False, name=None))
    assert amounts == {
        "listed city found": 1,
        "listed city merged": 1,
        "listed city missed": 1,
        "settlement without a listed city": 2,
    }


def test_a_point_in_a_centre_is_that_centre_and_beside_it_the_cluster():
    cities = listed(("1", "Alpha", 5, (62.5, 52.5)), ("2", "Beta", 6, (61.5, 53.5)))
    table, _ = match_city_list(cities, settlements(*METRO), within_km=10)
    found = rows_of(table, "outcome", "level", "zone_id", "merged_with", "reason")
    assert found["1"] == ("found", CENTRE, "east", None, None)
    assert found["2"] == ("merged", CLUSTER, "metro", "Alpha", "within the settlement Bastau")
    assert found["west"] == ("unlisted", CENTRE, "west", None, None)


BESIDE = (("2", "Beta", 6, (61.5, 53.5)), ("3", "Bastau Rim", 900, (61.5, 52.5)))


def test_beside_the_centres_a_city_goes_to_the_city_of_the_largest_centre_that_has_one():
    small, large = ("8", "Wes", 99, (60.5, 50.5)), ("9", "Eas", 5, (62.5, 52.5))
    for centres, stands in (([small, large], "Eas"), ([small], "Wes")):
        table, _ = match_city_list(listed(*BESIDE, *centres), settlements(*METRO), within_km=10)
        found = rows_of(table, "outcome", "level", "zone_id", "merged_with")
        assert found["2"] == found["3"] == ("merged", CLUSTER, "metro", stands)
        assert "metro" not in set(table.loc[table["outcome"] == "found", "zone_id"])


def test_of_equally_large_centres_the_first_by_id_stands_for_the_cluster():
    zones = settlements(*METRO).assign(people=7.0)
    table, _ = match_city_list(
        listed(BESIDE[0], ("8", "Wes", 99, (60.5, 50.5)), ("9", "Eas", 5, (62.5, 52.5))), zones, within_km=1
    )
    assert rows_of(table, "merged_with")["2"] == ("Eas",)


def test_a_cluster_whose_centres_nobody_stands_for_is_found_by_the_best_beside_them():
    table, _ = match_city_list(listed(*BESIDE), settlements(*METRO), within_km=10)
    assert rows_of(table, "outcome", "level", "zone_id", "merged_with") == {
        "3": ("found", CLUSTER, "metro", None),
        "2": ("merged", CLUSTER, "metro", "Bastau Rim"),
        "east": ("unlisted", CENTRE, "east", None),
        "west": ("unlisted", CENTRE, "west", None),
    }


def test_within_its_cluster_a_city_is_the_centre_of_its_name_if_that_is_near():
    # 0.05 degrees of latitude north of the centre Zhana: 5.6 km.
    cities = listed(("1", "Zhana", 5, (60.5, 51.05)))
    near, _ = match_city_list(cities, settlements(*METRO), within_km=10)
    assert near.loc[0, ["zone_id", "matched_by"]].tolist() == ["west", "position and name"]
    assert near.loc[0, "distance_km"] == pytest.approx(5.56, abs=0.01)
    far, _ = match_city_list(cities, settlements(*METRO), within_km=5)
    assert far.loc[0, ["zone_id", "matched_by"]].tolist() == ["metro", "position"]


def test_a_city_nearby_needs_the_name():
    # 0.05 degrees north of the town.
    cities = listed(("1", "Ulken", 5, (70.5, 51.05)), ("2", "Other", 6, (70.4, 51.05)))
    table, _ = match_city_list(cities, settlements(TOWN), within_km=10)
    assert rows_of(table, "outcome", "zone_id") == {"1": ("found", "town"), "2": ("missed", None)}
    assert table.loc[0, "distance_km"] == pytest.approx(5.56, abs=0.01)
    table, _ = match_city_list(cities, settlements(TOWN), within_km=5)
    assert rows_of(table, "outcome") == {"1": ("missed",), "2": ("missed",), "town": ("unlisted",)}


def test_distance_is_to_the_nearest_part():
    parts = MultiPolygon([box(0, 0, 1, 1), box(5, 0, 6, 1)])
    table, _ = match_city_list(listed(("1", "Kos", 1, (5.5, 1.05))), settlements(("k", CLUSTER, "Kos", 9, parts)), within_km=6)
    assert table.loc[0, "distance_km"] == pytest.approx(5.53, abs=0.01)


def test_of_two_near_namesakes_the_nearer_and_a_cluster_gives_way_to_its_centre():
    zones = settlements(
        ("a", CLUSTER, "Kos", 90, (0, 0, 1, 1)),
        ("a1", CENTRE, "Kos", 80, (0.4, 0.4, 0.99, 0.99), "a"),
        ("b", CLUSTER, "Kos", 999, (0, 1.1, 1, 2)),
    )
    table, _ = match_city_list(listed(("1", "Kos", 1, (0.5, 1.02))), zones, within_km=20)
    assert table.loc[0, "zone_id"] == "a1"
    table, _ = match_city_list(listed(("1", "Kos", 1, (0.5, 1.07))), zones, within_km=20)
    assert table.loc[0, "zone_id"] == "b"


def test_without_a_position_the_only_settlement_of_that_name():
    cities = listed(("1", "Ulken Town", 5, NOWHERE), ("2", "Bastau", 6, (np.nan, 52.0)), ("3", "Qala", 7, NOWHERE))
    table, ledger = match_city_list(cities, settlements(TOWN, *METRO), within_km=10)
    found = rows_of(table, "outcome", "zone_id", "matched_by")
    assert found["1"] == ("found", "town", "name")
    assert found["2"] == ("found", "east", "name")
    assert found["3"] == ("missed", None, None)
    assert table["distance_km"].isna().all()
    assert ledger.amount("listed city without a position") == 3


def test_without_a_position_a_name_of_two_settlements_is_no_match_and_says_so():
    zones = settlements(("a", CLUSTER, "Aksu", 90, (0, 0, 1, 1)), ("b", CLUSTER, "Aksu", 80, (5, 0, 6, 1)))
    table, ledger = match_city_list(listed(("1", "Ақсу", 5, NOWHERE)), zones, within_km=10)
    assert table.loc[0, ["outcome", "reason"]].tolist() == ["missed", "2 settlements could be meant by this name"]
    assert ledger.amount("listed city whose name could mean several settlements") == 1
    table, ledger = match_city_list(listed(("1", "Ақсу", 5, (0.5, 0.5))), zones, within_km=10)
    assert table.loc[0, "zone_id"] == "a"
    assert ledger.amount("listed city whose name could mean several settlements") == 0


@pytest.mark.parametrize("name", ["Шымкент", "Şymkent", "Shymkent", "SHYMKENT qalasy", "Шымкент қаласы", "Chymkent"])
def test_names_of_several_alphabets(name):
    zones = settlements(("s", CENTRE, "Shymkent", 1_000_000, (0, 0, 1, 1)), ("t", CENTRE, "Taraz", 9, (9, 0, 10, 1)))
    for at, how in ((NOWHERE, "name"), ((0.5, 0.5), "position and name"), ((0.5, 1.01), "position and name")):
        table, _ = match_city_list(listed(("1", name, 5, at)), zones, within_km=10)
        if name == "Chymkent" and at != (0.5, 0.5):
            assert table.loc[0, "outcome"] == "missed"
        elif name == "Chymkent":
            assert table.loc[0, "matched_by"] == "position"
        else:
            assert table.loc[0, ["zone_id", "matched_by"]].tolist() == ["s", how]


def test_a_sound_counts_only_where_a_single_settlement_has_it():
    one = settlements(("a", CLUSTER, "Kyzylorda", 9, (0, 0, 1, 1)))
    table, _ = match_city_list(listed(("1", "Қызылорда", 5, NOWHERE), ("2", "Qyzylorda", 4, NOWHERE)), one, within_km=10)
    assert rows_of(table, "outcome", "zone_id") == {"1": ("found", "a"), "2": ("merged", "a")}
    assert table.loc[1, "reason"] == "of the same name as the settlement Kyzylorda"
    two = settlements(("a", CLUSTER, "Kyzylorda", 9, (0, 0, 1, 1)), ("b", CLUSTER, "Kyzyllorda", 8, (5, 0, 6, 1)))
    table, _ = match_city_list(listed(("1", "Qyzylorda", 5, NOWHERE)), two, within_km=10)
    assert table.loc[0, "reason"] == "2 settlements could be meant by this name"


def test_other_names_of_a_settlement_count_too():
    zones = settlements(TOWN).assign(name="Big (North)", name_alternate="Үлкен", city="Big", name_fr="Grand")
    for name in ("Big", "ҮЛКЕН", "Big North"):
        assert match_city_list(listed(("1", name, 5, NOWHERE)), zones, within_km=1)[0].loc[0, "outcome"] == "found"
    french = listed(("1", "Grand", 5, NOWHERE))
    assert match_city_list(french, zones, within_km=1)[0].loc[0, "outcome"] == "missed"
    assert match_city_list(french, zones, within_km=1, name_columns=["name", "name_fr"])[0].loc[0, "outcome"] == "found"


def test_other_names_of_the_place_count():
    zones = settlements(TOWN, *METRO).assign(names_known=[("Large", "Үлкен"), (), (), ("Neue Stadt",)])
    cities = listed(("1", "LARGE", 5, NOWHERE), ("2", "Neue Stadt", 4, (60.5, 51.05)), ("3", "Large", 1, (70.5, 50.5)))
    table, _ = match_city_list(cities, zones, within_km=10)
    assert rows_of(table, "outcome", "zone_id", "matched_by") == {
        "1": ("found", "town", "name"),
        "2": ("found", "west", "position and name"),
        "3": ("merged", "town", "position and name"),
        "east": ("unlisted", "east", None),
    }


def test_an_own_name_goes_before_another_name_and_another_name_before_a_sound():
    both = settlements(("a", CLUSTER, "Kos", 9, (0, 0, 1, 1)), ("b", CENTRE, "Bo", 8, (1.02, 0, 2, 1)))
    both = both.assign(names_known=[(), ("Kos", "Koss")])
    beside = (1.01, 1.01)
    assert match_city_list(listed(("1", "Kos", 5, beside)), both, within_km=20)[0].loc[0, "zone_id"] == "a"
    assert match_city_list(listed(("1", "Koss", 5, beside)), both, within_km=20)[0].loc[0, "zone_id"] == "b"


@pytest.mark.parametrize(("own", "known"), [("Liège", ("Luik",)), ("Lluik", ())])
def test_neither_another_name_nor_a_sound_counts_where_a_settlement_of_the_level_is_called_so(own, known):
    zones = settlements(("a", CENTRE, own, 9, (0, 0, 1, 1)), ("b", CENTRE, "Luik", 8, (9, 0, 10, 1)))
    zones = zones.assign(names_known=[known, ()])
    cities = listed(("1", "Luik", 5, (0.5, 1.01)), ("2", "Luik", 4, (0.5, 0.5)), ("3", "Luik", 3, NOWHERE))
    found = rows_of(match_city_list(cities, zones, within_km=10)[0], "outcome", "zone_id", "matched_by")
    assert found["1"] == ("missed", None, None)
    assert found["2"] == ("found", "a", "position")
    assert found["3"] == ("found", "b", "name")
    # A namesake at another level takes nothing from it.
    found = rows_of(match_city_list(cities, zones.assign(level=[CENTRE, CLUSTER]), within_km=10)[0], "outcome", "zone_id")
    assert found == {"1": ("found", "a"), "2": ("merged", "a"), "3": ("found", "b")}


def test_another_name_of_two_settlements_is_no_match_without_a_position():
    zones = settlements(("a", CLUSTER, "A", 90, (0, 0, 1, 1)), ("b", CLUSTER, "B", 80, (5, 0, 6, 1)))
    zones = zones.assign(names_known=[("Kos",), ("Kos",)])
    table, _ = match_city_list(listed(("1", "Kos", 5, NOWHERE), ("2", "Kos", 4, (0.5, 1.01))), zones, within_km=10)
    assert rows_of(table, "zone_id", "reason") == {
        "1": (None, "2 settlements could be meant by this name"),
        "2": ("a", None),
        "b": ("b", None),
    }


def test_without_the_name_the_most_populous_stands_then_the_lowest_code():
    at = (70.5, 50.5)
    cities = listed(("04", "D", np.nan, at), ("03", "C", 7, at), ("02", "B", 7, at), ("01", "A", 6, at))
    table, _ = match_city_list(cities, settlements(TOWN), within_km=10)
    assert table["code"].tolist() == ["02", "03", "01", "04"]
    assert table["outcome"].tolist() == ["found", "merged", "merged", "merged"]
    assert table["merged_with"].tolist() == [None, "B", "B", "B"]


def test_the_name_goes_before_the_people():
    cities = listed(("1", "Other", 99, (70.5, 50.5)), ("2", "Ulken", 1, (70.5, 51.05)))
    table, _ = match_city_list(cities, settlements(TOWN), within_km=10)
    assert rows_of(table, "outcome", "merged_with") == {"2": ("found", None), "1": ("merged", "Ulken")}


def test_a_merged_city_nearby_is_not_said_to_lie_within():
    cities = listed(("1", "Ulken", 99, (70.5, 50.5)), ("2", "Ulken", 1, (70.5, 51.05)))
    table, _ = match_city_list(cities, settlements(TOWN), within_km=10)
    assert table["reason"].tolist() == [None, "near the settlement Ulken"]


def test_of_overlapping_settlements_the_one_of_its_name_then_the_larger():
    zones = settlements(("a", CENTRE, "Ai", 5, (0, 0, 2, 2)), ("b", CENTRE, "Bo", 9, (1, 0, 3, 2)))
    table, _ = match_city_list(listed(("1", "Ai", 1, (1.5, 1)), ("2", "Xy", 1, (1.5, 1))), zones, within_km=1)
    assert rows_of(table, "zone_id") == {"1": ("a",), "2": ("b",)}


def test_nameless_cities_meet_by_position_only():
    cities = listed(("1", None, 5, (70.5, 50.5)), ("2", " ", 4, NOWHERE), ("3", "Sub", 1, (70.6, 50.5)))
    table, _ = match_city_list(cities, settlements(TOWN), within_km=10)
    assert rows_of(table, "name", "outcome", "merged_with") == {
        "1": (None, "found", None),
        "2": (None, "missed", None),
        "3": ("Sub", "merged", "1"),
    }


def test_rows_in_another_order_give_the_same():
    random = np.random.default_rng(8)
    names = ["Kos", "Aksu", "Ulken", "Zhana", "Bastau", "Other"]
    at = random.uniform((59, 49), (72, 55), (60, 2)).round(1)
    rows = [(f"{k:02}", names[k % 6], float(k % 4), NOWHERE if k % 7 == 0 else tuple(at[k]), "city", "port") for k in range(60)]
    cities, zones = listed(*rows), settlements(TOWN, *METRO, ("kos", CLUSTER, "Kos", 5, (65, 50, 66, 51)))
    expected, ledger = match_city_list(cities, zones, within_km=40)
    assert set(expected["outcome"]) == {"found", "merged", "missed"}
    before = cities.copy(), zones.copy()
    for seed in range(5):
        shuffled = cities.sample(frac=1, random_state=seed), zones.sample(frac=1, random_state=seed)
        table, same = match_city_list(*shuffled, within_km=40)
        pd.testing.assert_frame_equal(table, expected)
        assert same == ledger
    pd.testing.assert_frame_equal(cities, before[0])
    pd.testing.assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(before[1]))


def test_every_city_and_every_settlement_is_told_once():
    cities = listed(*[(str(k), "Kos", k, (60 + k / 3, 50 + k / 7)) for k in range(30)])
    table, _ = match_city_list(cities, settlements(TOWN, *METRO), within_km=10)
    assert sorted(table["code"].dropna()) == sorted(cities.index)
    heads = table[table["outcome"].isin(["found", "unlisted"])]
    assert heads["zone_id"].is_unique
    assert {"east", "west", "town"} <= set(heads["zone_id"])


def test_an_empty_list_and_no_settlements():
    table, _ = match_city_list(listed(), settlements(TOWN), within_km=10)
    assert rows_of(table, "outcome") == {"town": ("unlisted",)}
    table, _ = match_city_list(listed(("1", "Ulken", 5, (70.5, 50.5))), settlements(TOWN).iloc[:0], within_km=10)
    assert rows_of(table, "outcome", "reason") == {"1": ("missed", "")}
    assert listed_columns(table).empty
    assert city_groups(match_city_list(listed(), settlements(TOWN), within_km=10)[0]).empty


def test_codes_stay_text_and_stand_once():
    table, _ = match_city_list(listed(("007", "Ulken", 5, (70.5, 50.5))), settlements(TOWN), within_km=10)
    assert table["code"].tolist() == ["007"]
    with pytest.raises(DuplicateIds, match="'code' has 1 duplicate ids \\(7\\)"):
        match_city_list(listed(("7", "A", 5, NOWHERE), ("7", "B", 5, NOWHERE)), settlements(TOWN), within_km=10)
    with pytest.raises(DuplicateIds, match="'zone_id' has 1 duplicate ids"):
        match_city_list(listed(), settlements(TOWN, TOWN), within_km=10)


def test_a_missing_column_is_named():
    with pytest.raises(NotInInput, match="the city list has no column 'people'"):
        match_city_list(listed().drop(columns="people"), settlements(TOWN), within_km=10)
    with pytest.raises(NotInInput, match="the settlements has no column 'parent_id'"):
        match_city_list(listed(), settlements(TOWN).drop(columns="parent_id"), within_km=10)


@pytest.fixture
def grouped():
    """Four cities: two in one settlement, one in a cluster beside its centre, one missed."""
    cities = listed(
        ("1", "Bastau", 500, (62.5, 52.5), "city", "capital; port"),
        ("2", "Sub", 90, (62.6, 52.5), "city", "port;port"),
        ("3", "Rim", np.nan, (61.5, 53.5), "city", None),
        ("4", "Far", 7, (80, 40), None, ""),
    )
    zones = settlements(TOWN, *METRO)
    return match_city_list(cities, zones, within_km=10)[0], zones


def test_groups_by_status_and_by_each_flag(grouped):
    table, zones = grouped
    groups = city_groups(table, parents=zones["parent_id"])
    assert list(groups[["by", "group"]].itertuples(index=False, name=None)) == [
        ("status", "city"),
        ("status", "not stated"),
        ("flag", "capital"),
        ("flag", "port"),
    ]
    assert groups[["listed", "found", "merged", "missed"]].values.tolist() == [
        [3, 1, 2, 0],
        [1, 0, 0, 1],
        [1, 1, 0, 0],
        [2, 1, 1, 0],
    ]
    assert groups["listed_people"].tolist() == [590, 7, 500, 590]
    assert groups["settlements"].tolist() == [2, 0, 1, 1]
    # The cluster's 900,000 hold the centre's 600,000.
    assert groups["settlement_people"].tolist() == [900_000, 0, 600_000, 600_000]
    assert city_groups(table)["settlement_people"].tolist() == [1_500_000, 0, 600_000, 600_000]
    assert table["flags"].tolist()[:3] == ["capital; port", "port", None]


def test_groups_without_status_and_flags_are_none(grouped):
    table, _ = grouped
    assert city_groups(table.assign(status=None, flags=None)).empty
    assert city_groups(table.assign(status=None))["by"].tolist() == ["flag", "flag"]


def test_people_that_no_city_of_a_group_states_are_missing(grouped):
    table, _ = grouped
    groups = city_groups(table.assign(listed_people=np.nan))
    assert groups["listed_people"].isna().all()


def test_columns_for_the_table_of_settlements(grouped):
    table, zones = grouped
    columns = listed_columns(table)
    joined = zones.join(columns, validate="one_to_one")
    assert joined["listed_code"].fillna("-").to_dict() == {"town": "-", "metro": "-", "east": "1", "west": "-"}
    assert joined["listed_outcome"].fillna("-").to_dict() == {
        "town": "unlisted", "metro": "-", "east": "found", "west": "unlisted",
    }  # fmt: skip
    # Of the cluster, the city beside its centres only.
    assert columns["listed_merged"].fillna(-1).to_dict() == {"east": 1, "metro": 1, "town": -1, "west": -1}
    assert columns.loc["east", ["listed_name", "listed_status", "listed_flags", "listed_people"]].tolist() == [
        "Bastau",
        "city",
        "capital; port",
        500.0,
    ]


def test_reasons_are_filled_in_where_names_did_not_tell():
    zones = settlements(("a", CLUSTER, "Aksu", 90, (0, 0, 1, 1)), ("b", CLUSTER, "Aksu", 80, (5, 0, 6, 1)))
    cities = listed(("1", "Aksu", 5, NOWHERE), ("2", "Far", 4, (9, 9)), ("3", "Aksu", 3, (0.5, 0.5)))
    table, _ = match_city_list(cities, zones, within_km=10)
    filled = with_reasons(table, pd.Series({"1": "x", "2": "too sparse", "3": "y"}))
    assert rows_of(filled, "reason") == {
        "1": ("2 settlements could be meant by this name",),
        "2": ("too sparse",),
        "3": (None,),
        "b": (None,),
    }
    assert rows_of(table, "reason")["2"] == ("",)
