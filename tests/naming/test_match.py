"""A lopsided toy country: one degree is about 111 km, clusters are boxes of half a degree, places have round positions."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import box

from urbanreview.errors import DuplicateIds, MissingCrs, NotInInput
from urbanreview.naming import load_places, name_zones

CLUSTER, CENTRE = "urban_cluster", "urban_centre"


def make_places(rows):
    """Rows of geonameid, name, longitude, latitude, people and, where it is not KAZ, the country."""
    table = pd.DataFrame(
        [(*row, "KAZ")[:6] for row in rows], columns=["geonameid", "name", "longitude", "latitude", "people", "iso3"]
    )
    country = table["iso3"].map({"KAZ": "Kazakhstan", "CHN": "China"})
    return table.assign(alternates=[()] * len(table), country=country).set_index("geonameid")


def make_zones(rows):
    """Rows of zone_id, level, people, bounds and, for centres, the cluster."""
    table = pd.DataFrame([(*row, None)[:5] for row in rows], columns=["zone_id", "level", "people", "geometry", "parent_id"])
    geometry = [box(*bounds) if bounds else None for bounds in table.pop("geometry")]
    return gpd.GeoDataFrame(table.assign(iso3="KAZ").set_index("zone_id"), geometry=geometry, crs=4326)


def causes(ledger):
    return {(entry.cause, entry.zone_id) for entry in ledger.entries}


def test_the_most_populous_place_inside_names_the_zone():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5))])
    places = make_places([(1, "Small", 70.1, 50.1, 10), (2, "Large", 70.4, 50.2, 90), (3, "Outside", 70.6, 50.2, 999)])
    names, ledger = name_zones(zones, places=places)
    row = names.loc["a"]
    assert (row["name"], row["name_found"], row["name_distance_km"], row["geonameid"]) == ("Large", "inside", 0.0, 2)
    assert (row["city"], row["first_level"], row["country"]) == ("Large", None, "Kazakhstan")
    assert ledger.entries == ()


def test_a_place_of_unknown_population_names_only_where_no_other_is():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("b", CLUSTER, 9, (60, 50, 60.5, 50.5))])
    places = make_places([(1, "Seat", 70.1, 50.1, 0), (2, "Known", 70.2, 50.1, 5), (3, "Lone", 60.1, 50.1, 0)])
    assert name_zones(zones, places=places)[0]["name"].to_dict() == {"a": "Known", "b": "Lone"}


def test_nearest_within_and_without_the_distance():
    zones = make_zones([("a", CLUSTER, 9, (70, 0, 70.5, 0.5))])
    places = make_places([(1, "North", 70.2, 0.6, 10)])
    names, ledger = name_zones(zones, places=places, nearest_within_km=12)
    assert names.loc["a", ["name", "name_found"]].tolist() == ["North", "nearest"]
    assert names.loc["a", "name_distance_km"] == pytest.approx(11.057, abs=0.001)
    assert causes(ledger) == {("named by the nearest place", "a")}
    names, ledger = name_zones(zones, places=places, nearest_within_km=11)
    assert names.loc["a", "name_found"] == "none"


def test_a_place_inside_a_neighbour_is_not_used_even_if_the_neighbour_is_named_otherwise():
    zones = make_zones([("a", CLUSTER, 9, (70, 0, 70.5, 0.5)), ("b", CLUSTER, 9, (70.51, 0, 71, 0.5))])
    places = make_places([(1, "Edge", 70.52, 0.1, 10), (2, "Heart", 70.9, 0.1, 90), (3, "Farther", 70.2, 0.58, 5)])
    names, _ = name_zones(zones, places=places)
    assert names["name"].to_dict() == {"a": "Farther", "b": "Heart"}


def test_a_place_inside_a_zone_of_another_level_may_be_used():
    zones = make_zones([("a", CLUSTER, 9, (70, 0, 70.5, 0.5)), ("d", "district", 9, (70.51, 0, 71, 0.5))])
    names, _ = name_zones(zones, places=make_places([(1, "Edge", 70.52, 0.1, 10)]))
    assert names["name"].to_dict() == {"a": "Edge", "d": "Edge"}


def test_a_settlement_across_the_border_is_named_by_its_largest_place():
    zones = make_zones([("a", CLUSTER, 9, (80, 44, 80.5, 44.5))])
    places = make_places([(1, "Khorgos", 80.3, 44.2, 40), (2, "Horgos", 80.45, 44.2, 85, "CHN")])
    names, _ = name_zones(zones, places=places)
    assert names.loc["a", ["name", "country"]].tolist() == ["Horgos", "China"]


def test_accents_stay_in_the_name_and_go_in_its_ascii_form():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("b", CLUSTER, 5, (60, 50, 60.5, 50.5))])
    places = make_places([(1, "São João", 70.1, 50.1, 10), (2, "São João", 60.1, 50.1, 10)])
    names, _ = name_zones(zones, places=places, districts=pd.Series({"a": "Évora", "b": "Łódź"}))
    assert names["name"].tolist() == ["São João (Évora)", "São João (Łódź)"]
    assert names["name_ascii"].tolist() == ["Sao Joao (Evora)", "Sao Joao (Lodz)"]
    assert names["city"].tolist() == ["São João"] * 2


def test_the_alternate_is_in_the_script_of_the_place():
    zones = make_zones([("a", CLUSTER, 9, (76.7, 43.1, 77.1, 43.4)), ("b", CLUSTER, 9, (71.3, 51.0, 71.6, 51.3))])
    names, _ = name_zones(zones, places=load_places())
    assert names["name"].tolist() == ["Almaty", "Astana"]
    assert names["name_alternate"].tolist() == ["Алматы", "Астана"]
    assert names["geonameid"].tolist() == [1526384, 1526273]


def test_an_unnamed_settlement_is_called_by_its_id_and_counted():
    zones = make_zones([("KAZ-cl-1", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("KAZ-cl-2", CLUSTER, 9, None)])
    names, ledger = name_zones(zones, places=make_places([(1, "Far", 80, 50, 9)]))
    assert names["name"].tolist() == ["KAZ-cl-1", "KAZ-cl-2"]
    assert names["name_found"].tolist() == ["none", "none"]
    assert names["name_distance_km"].isna().all()
    assert names["geonameid"].isna().all()
    assert names["city"].tolist() == [None, None]
    assert names["name_alternate"].tolist() == [None, None]
    assert names["country"].tolist() == ["Kazakhstan", "Kazakhstan"]
    assert causes(ledger) == {("unnamed settlement", "KAZ-cl-1"), ("unnamed settlement", "KAZ-cl-2")}
    assert {(entry.step, entry.unit, entry.amount) for entry in ledger.entries} == {("naming", "zone", 1.0)}


FAMILY = [
    ("cl", CLUSTER, 100, (70, 0, 71, 1)),
    ("small", CENTRE, 20, (70.1, 0.1, 70.2, 0.2), "cl"),
    ("large", CENTRE, 60, (70.6, 0.6, 70.8, 0.8), "cl"),
]


def test_the_most_populous_centre_inherits_a_place_that_no_centre_holds():
    names, ledger = name_zones(make_zones(FAMILY), places=make_places([(1, "Metropolis", 70.9, 0.7, 90)]))
    assert names["name"].tolist() == ["Metropolis", "small", "Metropolis"]
    assert names["name_found"].tolist() == ["inside", "none", "cluster"]
    assert names.loc["large", "name_distance_km"] == pytest.approx(11.131, abs=0.001)
    assert names.loc["large", "geonameid"] == 1
    assert causes(ledger) == {("unnamed settlement", "small")}


def test_an_inherited_place_is_not_used_twice():
    """The cluster's place lies 2 km from the small centre, but it names the large one."""
    names, _ = name_zones(make_zones(FAMILY), places=make_places([(1, "Metropolis", 70.22, 0.15, 90)]))
    assert names["name"].tolist() == ["Metropolis", "small", "Metropolis"]


def test_a_centre_that_holds_the_place_has_the_name_and_no_other_inherits():
    names, _ = name_zones(make_zones(FAMILY), places=make_places([(1, "Metropolis", 70.15, 0.15, 90)]))
    assert names["name"].tolist() == ["Metropolis", "Metropolis", "large"]
    assert names["name_found"].tolist() == ["inside", "inside", "none"]


def test_a_centre_with_a_place_of_its_own_does_not_inherit():
    places = make_places([(1, "Metropolis", 70.9, 0.7, 90), (2, "Suburb", 70.7, 0.7, 5)])
    assert name_zones(make_zones(FAMILY), places=places)[0]["name"].tolist() == ["Metropolis", "small", "Suburb"]


def test_a_centre_inherits_the_nearest_place_of_its_cluster():
    names, ledger = name_zones(make_zones(FAMILY), places=make_places([(1, "Outer", 71.01, 0.7, 90)]))
    assert names["name_found"].tolist() == ["nearest", "none", "cluster"]
    assert names.loc["large", "name"] == "Outer"
    assert ("named by the nearest place", "cl") in causes(ledger)


@pytest.mark.parametrize("parent", [None, float("nan"), "elsewhere"])
def test_a_centre_without_a_known_cluster_inherits_nothing(parent):
    zones = make_zones(FAMILY)
    zones["parent_id"] = parent
    names, _ = name_zones(zones, places=make_places([(1, "Metropolis", 70.9, 0.7, 90)]))
    assert names["name"].tolist() == ["Metropolis", "small", "large"]
    names, _ = name_zones(zones.drop(columns="parent_id"), places=make_places([(1, "Metropolis", 70.9, 0.7, 90)]))
    assert names["name"].tolist() == ["Metropolis", "small", "large"]


def test_the_users_name_wins_and_keeps_the_place_as_city():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("b", CLUSTER, 5, (60, 50, 60.5, 50.5))])
    places = make_places([(1, "Large", 70.1, 50.1, 10)])
    chosen = pd.Series({"a": " Greater Large ", "b": "Bee", "ghost": "Boo", "blank": ""})
    names, ledger = name_zones(zones, places=places, chosen=chosen)
    assert names["name"].tolist() == ["Greater Large", "Bee"]
    assert names["name_found"].tolist() == ["user", "user"]
    assert names["name_distance_km"].isna().all()
    assert names["city"].tolist() == ["Large", "Bee"]
    assert names["geonameid"].isna().tolist() == [False, True]
    assert causes(ledger) == {("chosen name of an unknown zone", "ghost")}


def test_a_users_name_keeps_the_alternate_only_if_the_place_goes_by_it():
    zones = make_zones([("a", CLUSTER, 9, (76.7, 43.1, 77.1, 43.4))])
    old, _ = name_zones(zones, places=load_places(), chosen=pd.Series({"a": "Alma-Ata"}))
    assert old.loc["a", ["name", "name_alternate"]].tolist() == ["Alma-Ata", "Алма-Ата"]
    other, _ = name_zones(zones, places=load_places(), chosen=pd.Series({"a": "The South"}))
    assert other.loc["a", ["name", "name_alternate"]].tolist() == ["The South", None]


def test_the_name_of_a_users_cluster_goes_to_the_centre_that_bears_the_clusters_own():
    zones, chosen = make_zones(FAMILY), pd.Series({"cl": "Greater M"})
    holder, _ = name_zones(zones, places=make_places([(1, "M", 70.15, 0.15, 90)]), chosen=chosen)
    assert holder["name"].tolist() == ["Greater M", "Greater M", "large"]
    assert holder.loc["small", ["name_found", "city"]].tolist() == ["user", "M"]
    largest, _ = name_zones(zones, places=make_places([(1, "M", 70.9, 0.7, 90)]), chosen=chosen)
    assert largest["name"].tolist() == ["Greater M", "small", "Greater M"]
    placeless, _ = name_zones(zones, places=make_places([(1, "M", 10, 10, 90)]), chosen=chosen)
    assert placeless["name"].tolist() == ["Greater M", "small", "Greater M"]
    own, _ = name_zones(zones, places=make_places([(1, "M", 70.9, 0.7, 90), (2, "Own", 70.7, 0.7, 5)]), chosen=chosen)
    assert own["name"].tolist() == ["Greater M", "small", "Own"]


def test_a_users_name_of_the_centre_itself_comes_first():
    chosen = pd.Series({"cl": "Greater M", "large": "Core"})
    names, _ = name_zones(make_zones(FAMILY), places=make_places([(1, "M", 70.9, 0.7, 90)]), chosen=chosen)
    assert names["name"].tolist() == ["Greater M", "small", "Core"]


def test_namesakes_of_a_users_name_give_way_and_two_equal_ones_are_counted():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("b", CLUSTER, 5, (60, 50, 60.5, 50.5))])
    places = make_places([(1, "Aksu", 70.1, 50.1, 10)])
    names, ledger = name_zones(zones, places=places, chosen=pd.Series({"b": "Aksu"}))
    assert names["name"].tolist() == ["Aksu 2", "Aksu"]
    assert ledger.entries == ()
    names, ledger = name_zones(zones, places=places, chosen=pd.Series({"a": "Aksu", "b": "Aksu"}))
    assert names["name"].tolist() == ["Aksu", "Aksu 2"]
    assert causes(ledger) == {("chosen name borne by two zones", "b")}


def test_first_level_is_a_column_and_tells_namesakes_apart():
    zones = make_zones([("a", CLUSTER, 9, (70, 50, 70.5, 50.5)), ("b", CLUSTER, 5, (60, 50, 60.5, 50.5))])
    places = make_places([(1, "Aksu", 70.1, 50.1, 10), (2, "Aksu", 60.1, 50.1, 10)])
    names, _ = name_zones(zones, places=places, first_level=pd.Series({"b": "Abai"}))
    assert names["first_level"].tolist() == [None, "Abai"]
    assert names["name"].tolist() == ["Aksu", "Aksu (Abai)"]


def test_no_zones_no_names():
    names, ledger = name_zones(make_zones([]), places=make_places([(1, "M", 70, 0, 9)]))
    full, _ = name_zones(make_zones(FAMILY), places=make_places([(1, "M", 70.9, 0.7, 9)]))
    assert names.empty
    assert ledger.entries == ()
    assert names.dtypes.to_dict() == full.dtypes.to_dict()


def test_no_places_no_error():
    names, _ = name_zones(make_zones(FAMILY), places=make_places([(1, "M", 70.9, 0.7, 9)]).iloc[:0])
    assert set(names["name_found"]) == {"none"}


def test_inputs_are_not_altered():
    zones, places, chosen = make_zones(FAMILY), make_places([(1, "M", 70.9, 0.7, 90)]), pd.Series({"cl": " M "})
    before = zones.copy(), places.copy(), chosen.copy()
    name_zones(zones, places=places, chosen=chosen, districts=chosen, first_level=chosen)
    pd.testing.assert_frame_equal(pd.DataFrame(zones), pd.DataFrame(before[0]))
    pd.testing.assert_frame_equal(places, before[1])
    pd.testing.assert_series_equal(chosen, before[2])


def test_another_reference_system_gives_the_same_names():
    zones, places = make_zones(FAMILY), make_places([(1, "Metropolis", 70.9, 0.7, 90)])
    names, _ = name_zones(zones.to_crs(3857), places=places)
    assert names["name"].tolist() == name_zones(zones, places=places)[0]["name"].tolist()


def test_bad_input_is_told_in_a_sentence():
    zones, places = make_zones(FAMILY), make_places([(1, "M", 70.9, 0.7, 90)])
    with pytest.raises(NotInInput, match="has no column 'level'"):
        name_zones(zones.drop(columns="level"), places=places)
    with pytest.raises(NotInInput, match="gazetteer has no column 'people'"):
        name_zones(zones, places=places.drop(columns="people"))
    with pytest.raises(MissingCrs):
        name_zones(zones.set_crs(None, allow_override=True), places=places)
    with pytest.raises(DuplicateIds, match="table of zones"):
        name_zones(pd.concat([zones, zones]), places=places)
    with pytest.raises(DuplicateIds, match="chosen names"):
        name_zones(zones, places=places, chosen=pd.Series(["A", "B"], index=["cl", "cl"]))


def make_crowded_toy(seed):
    """Sixty boxes that overlap and 80 places with five names: every way to a name occurs, and many namesakes."""
    rng = np.random.default_rng(seed)
    ids = [f"z{k:02}" for k in range(60)]
    corners, sides = rng.uniform([60, 45], [61, 46], (60, 2)).round(1), rng.choice([0.03, 0.08], 60)
    bounds = [(x, y, x + side, y + side) for (x, y), side in zip(corners, sides, strict=True)]
    levels, people, parents = rng.choice([CLUSTER, CENTRE], 60), rng.integers(0, 4, 60).astype(float), rng.choice(ids, 60)
    zones = make_zones(list(zip(ids, levels, people, bounds, parents, strict=True)))
    spots, inhabitants = rng.uniform([60, 45], [61.1, 46.1], (80, 2)).round(2), rng.integers(0, 5, 80).astype(float)
    words = rng.choice(["Aksu", "Taraz", "Oral", "Aksu 2", "Semey"], 80)
    places = make_places(list(zip(range(80), words, *spots.T, inhabitants, strict=True)))
    return zones, {
        "places": places,
        "districts": pd.Series(rng.choice(["East", "West", ""], 60), index=ids),
        "first_level": pd.Series(rng.choice(["P", "Q"], 60), index=ids),
        "chosen": pd.Series(rng.choice(["Aksu", "Own", ""], 60, p=[0.05, 0.05, 0.9]), index=ids),
    }


@pytest.mark.parametrize("seed", range(8))
def test_law_shuffled_rows_change_nothing_and_names_are_unique(seed):
    zones, more = make_crowded_toy(seed)
    names, ledger = name_zones(zones, **more)
    assert not names.assign(level=zones["level"]).duplicated(["level", "name"]).any()
    mixed = {key: table.sample(frac=1, random_state=seed) for key, table in more.items()}
    again, ledger_again = name_zones(zones.sample(frac=1, random_state=seed), **mixed)
    pd.testing.assert_frame_equal(again.loc[names.index], names)
    assert ledger_again == ledger


def test_law_a_distance_stands_where_a_place_was_found_and_every_zone_is_told():
    ways = set()
    for seed in range(8):
        zones, more = make_crowded_toy(seed)
        names, ledger = name_zones(zones, **more, nearest_within_km=4.0)
        found = names["name_found"]
        ways |= set(found)
        assert (names["name_distance_km"].notna() == found.isin(["inside", "nearest", "cluster"])).all()
        assert (names.loc[found == "inside", "name_distance_km"] == 0).all()
        assert names.loc[found == "nearest", "name_distance_km"].between(0, 4, inclusive="right").all()
        assert (names["geonameid"].isna() == found.eq("none")).loc[found != "user"].all()
        assert ledger.amount("named by the nearest place") == (found == "nearest").sum()
        assert ledger.amount("unnamed settlement") == (found == "none").sum()
    assert ways == {"user", "inside", "nearest", "cluster", "none"}
