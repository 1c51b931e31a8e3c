"""Cities of another database matched with settlements: by people and ground, by points, in any order of rows."""

from time import perf_counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import degrees, pixel_box, raster

from urbanreview.errors import DuplicateIds, MissingCrs, UndeclaredRaster
from urbanreview.grid import geodesic_area_km2
from urbanreview.zones import crosswalk, crosswalk_columns
from urbanreview.zones.crosswalk import COLUMNS, TEXTS, names_agree

HERE = degrees((2, 8), left=10.0, top=50.0, cell=0.01)
PEOPLE = [[90, 30, 0, 20, 20, 0, 60, 0], [0, 0, 0, 20, 20, 0, 0, 0]]
"""Three settlements: 120 people in two cells, 80 in four, 60 in one."""
TOWNS = {"A": (0, 0, 2, 1), "B": (3, 0, 5, 2), "C": (6, 0, 7, 1)}
NAMES = ["Almaty", "Bay", "Cove"]


def people_of(values=PEOPLE, here=HERE):
    return raster(np.array(values, float), here)


def towns(parts=TOWNS, names=NAMES, level="urban_centre", here=HERE, **columns):
    shapes = [part if isinstance(part, shapely.Geometry) else pixel_box(here, *part) for part in parts.values()]
    index = pd.Index(list(parts), name="zone_id", dtype="str")
    return gpd.GeoDataFrame({"name": names, "level": level, **columns}, geometry=shapes, index=index, crs=4326)


def at(col, row, here=HERE):
    return shapely.Point(here.transform @ (col, row))


def others(shapes, names=None, people=np.nan, here=HERE, crs=4326):
    drawn = [pixel_box(here, *part) if isinstance(part, tuple) else part for part in shapes.values()]
    columns = {"name": list(shapes) if names is None else names, "people": people}
    return gpd.GeoDataFrame(columns, geometry=drawn, index=pd.Index(list(shapes), name="other_id", dtype="str"), crs=crs)


def match(zones, cities, population=None, within_km=5.0):
    return crosswalk(zones, cities, people_of() if population is None else population, database="db", within_km=within_km)


def test_an_overlap_by_hand():
    """Half of the cell with 90 people, the cell with 30, and an empty one: 75 of A's 120 people, all of the city's."""
    rows, ledger = match(towns(), others({"7": (0.5, 0, 3, 1)}, people=[500.0]))
    row = rows.iloc[0]
    assert rows.columns.tolist() == list(COLUMNS)
    assert row[["zone_id", "database", "other_id", "other_name", "how"]].tolist() == ["A", "db", "7", "7", "overlap"]
    numbers = ["people_both", "zone_share", "other_share", "zone_area_share", "other_area_share", "distance_km", "other_people"]
    assert row[numbers].tolist() == pytest.approx([75, 75 / 120, 1, 0.75, 0.6, 0, 500], rel=1e-7)
    both = gpd.GeoSeries([pixel_box(HERE, 0.5, 0, 2, 1)], crs=4326)
    assert row["area_both_km2"] == pytest.approx(geodesic_area_km2(both)[0], rel=1e-9)
    assert row[["rank", "other_rank", "relation", "grade"]].tolist() == [1, 1, "one to one", "high"]
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [["urban_centre without a match", 2.0]]


def test_one_settlement_and_several_others_and_the_other_way_round():
    cities = others({"west": (0, 0, 1, 1), "east": (1, 0, 2, 1), "wide": (3, 0, 7, 2)})
    rows, ledger = match(towns(), cities)
    found = rows[["zone_id", "other_id", "people_both", "rank", "other_rank", "relation"]]
    assert found.values.tolist() == [
        ["A", "west", pytest.approx(90), 1, 1, "one to many"],
        ["A", "east", pytest.approx(30), 2, 1, "one to many"],
        ["B", "wide", pytest.approx(80), 1, 1, "many to one"],
        ["C", "wide", pytest.approx(60), 1, 2, "many to one"],
    ]
    # Both shares of the west are at least a half; the east is the town's lesser part, and the wide one holds all of two.
    assert rows["grade"].tolist() == ["high", "medium", "high", "medium"]
    assert ledger.amount("urban_centre with several matches") == 1
    assert ledger.amount("shared by several of urban_centre") == 1


def test_several_on_both_sides_are_many_to_many():
    rows, _ = match(towns(), others({"all": (0, 0, 8, 2), "west": (0, 0, 1, 1)}))
    relation = dict(zip(zip(rows["zone_id"], rows["other_id"], strict=True), rows["relation"], strict=True))
    assert relation == {
        ("A", "all"): "many to many",
        ("A", "west"): "one to many",
        ("B", "all"): "many to one",
        ("C", "all"): "many to one",
    }


def test_grades_of_overlaps():
    """Neither share is a half: 15 of 120, and 15 of 85."""
    rows, _ = match(towns(), others({"low": (1.5, 0, 4.75, 2)}))
    low = rows.set_index("zone_id").loc["A"]
    assert low[["zone_share", "other_share"]].tolist() == pytest.approx([15 / 120, 15 / 85])
    assert low["grade"] == "low"


def test_where_nobody_lives_the_area_decides():
    rows, _ = match(towns(), others({"1": (0, 0, 2, 1)}), people_of(np.zeros((2, 8))))
    assert rows[["people_both", "zone_area_share", "grade"]].values.tolist() == [[0.0, pytest.approx(1.0), "high"]]
    assert rows[["zone_share", "other_share"]].isna().all(axis=None)


def test_missing_people_and_what_lies_beyond_the_raster_are_nobody():
    values = np.array(PEOPLE, float)
    values[0, 1] = np.nan
    rows, _ = match(towns(), others({"1": (1, -4, 2, 1), "2": (0, 0, 2, 1)}), people_of(values))
    assert rows.set_index("other_id")["people_both"].to_dict() == {"2": pytest.approx(90.0), "1": 0.0}


def test_polygons_that_only_touch_are_near_and_share_nothing():
    rows, _ = match(towns(), others({"1": (2, 0, 3, 1), "2": (2, 1, 3, 2)}))
    assert rows["how"].tolist() == ["near", "near"]
    assert rows["distance_km"].tolist() == pytest.approx([0.0, 0.0], abs=1e-6)
    assert rows[["people_both", "area_both_km2", "zone_share"]].values.tolist() == [[0.0, 0.0, 0.0]] * 2
    assert rows["grade"].tolist() == ["low", "low"]


def test_a_polygon_nearby_has_the_distance_between_the_outlines():
    rows, _ = match(towns(), others({"1": (7.5, 0, 8, 1)}))
    # Half of a cell along the parallel at 50 degrees north: 1 degree is 71.7 km.
    assert rows.loc[0, ["zone_id", "how"]].tolist() == ["C", "near"]
    assert rows.loc[0, "distance_km"] == pytest.approx(0.005 * 71.7, rel=1e-3)
    assert match(towns(), others({"1": (7.5, 0, 8, 1)}), within_km=0.3)[0]["how"].tolist() == ["none"]


def test_a_corner_is_farther_than_its_sides():
    """A cell west is 0.72 km, a cell north 1.11 km, both are 1.32 km: within the box of 1.2 km and not within 1.2 km."""
    cities = others({"1": at(-1, -1), "2": (-2, -2, -1, -1)})
    rows, _ = match(towns(), cities, within_km=1.4)
    assert rows["distance_km"].tolist() == pytest.approx([1.323, 1.323], abs=2e-3)
    assert match(towns(), cities, within_km=1.2)[0]["how"].tolist() == ["none", "none"]


def test_points_inside_at_the_edge_near_and_too_far():
    """A cell is 717 m wide and 1,112 m high."""
    cities = others(
        {"in": at(0.5, 0.5), "edge": at(0, 0), "by": at(1, -0.5), "near": at(1, -2), "far": at(1, -9)},
        people=[60.0, 20.0, 20.0, 900.0, 5000.0],
    )
    rows, ledger = match(towns(), cities)
    rows = rows.set_index("other_id")
    assert rows["how"].to_dict() == {"in": "inside", "by": "near", "edge": "inside", "near": "near", "far": "none"}
    assert rows["distance_km"].to_dict() == pytest.approx(
        {"in": 0, "edge": 0, "by": 0.556, "near": 2.224, "far": np.nan}, abs=1e-3, nan_ok=True
    )
    # So near outside a point counts with those inside; the one 2 km off has a distance and nothing else.
    assert rows["zone_share"].to_dict() == pytest.approx(
        {"in": 0.6, "edge": 0.2, "by": 0.2, "near": np.nan, "far": np.nan}, nan_ok=True
    )
    assert rows["other_share"].dropna().to_dict() == {"in": 1.0, "edge": 1.0, "by": 1.0}
    assert rows["rank"].dropna().to_dict() == {"in": 1, "edge": 2, "by": 3, "near": 4}
    assert rows["grade"].to_dict() == {"in": "medium", "edge": "low", "by": "low", "near": "low", "far": None}
    assert rows.loc["far", "zone_id"] is None
    assert rows["area_both_km2"].isna().all()
    assert ledger.amount("no urban_centre here or near") == 1


def test_a_populous_point_just_outside_ranks_first_but_its_grade_is_lower():
    cities = others({"1": at(1, -0.5), "2": at(1, 0.5)}, names=["Almaty", "Other"], people=[100.0, 60.0])
    rows, _ = match(towns(), cities)
    assert rows[["other_id", "how", "rank", "grade"]].values.tolist() == [
        ["1", "near", 1, "medium"],
        ["2", "inside", 2, "low"],
    ]


def test_points_of_unknown_people_have_no_share_and_come_last():
    rows, _ = match(towns(), others({"1": at(0.5, 0.5), "2": at(0.6, 0.5), "3": at(6.5, 0.5)}, people=[np.nan, 7.0, np.nan]))
    assert rows[["zone_id", "other_id", "rank", "grade"]].values.tolist() == [
        ["A", "2", 1, "medium"],
        ["A", "1", 2, "low"],
        ["C", "3", 1, "medium"],  # the only one
    ]
    assert rows["zone_share"].tolist() == pytest.approx([1.0, np.nan, np.nan], nan_ok=True)


def test_several_points_of_which_nobody_knows_the_people_are_all_low():
    assert match(towns(), others({"1": at(0.5, 0.5), "2": at(0.6, 0.5)}))[0]["grade"].tolist() == ["low", "low"]


@pytest.mark.parametrize("name", ["ALMATY", "Алматы", "Almaty City", "Алматы қаласы"])
def test_names_agree_across_scripts(name):
    rows, _ = match(towns(), others({"1": at(0.5, 0.5), "2": at(0.6, 0.5)}, names=[name, None], people=[5.0, 9.0]))
    by_id = rows.set_index("other_id")
    assert by_id["names_agree"].to_dict() == {"1": True, "2": False}
    assert by_id["grade"].to_dict() == {"1": "high", "2": "medium"}
    assert by_id["rank"].to_dict() == {"2": 1, "1": 2}  # people decide, not names


def test_a_settlement_goes_by_all_its_names():
    zones = towns(city=["Verny", None, None], name_kk=[None, "Шығанақ", None], name_found=["Here", "Here", "Here"])
    cities = others({"1": at(0.5, 0.5), "2": at(4, 1), "3": at(6.5, 0.5)}, names=["Verny", "Шығанақ", "Here"])
    assert match(zones, cities)[0]["names_agree"].tolist() == [True, True, False]


def test_other_names_of_the_place_agree_and_raise_the_grade_of_a_point():
    zones = towns(names_known=[("Верный", "Alma-Ata"), (), ()])
    cities = others({"1": at(0.5, 0.5), "2": at(4, 1), "3": at(0.6, 0.5)}, names=["ALMA ATA", "Alma-Ata", "Verny"])
    by_id = match(zones, cities)[0].set_index("other_id")
    # The sound of another name is no proof: Верный and Verny.
    assert by_id["names_agree"].to_dict() == {"1": True, "2": False, "3": False}
    assert by_id.loc["1", "grade"] == "high"


def test_another_name_that_a_settlement_of_the_level_has_of_its_own_tells_nothing():
    zones = towns(names_known=[("Bay", "Cove"), (), ("Cove",)])
    cities = others({"1": at(0.5, 0.5), "2": at(4, 1), "3": at(6.5, 0.5)}, names=["Bay", "Bay", "Cove"])
    assert match(zones, cities)[0]["names_agree"].tolist() == [False, True, True]
    apart = zones.assign(level=["urban_cluster", "urban_centre", "urban_centre"])
    assert match(apart, cities)[0].set_index(["zone_id", "other_id"]).loc[("A", "1"), "names_agree"]


def test_a_sound_that_a_settlement_of_the_level_is_called_by_tells_nothing():
    cities = others({"1": at(0.5, 0.5)}, names=["Allmati"])
    assert match(towns(names=["Almaty", "Bay", "Allmati"]), cities)[0]["names_agree"].tolist() == [False]


def test_many_names_of_many_settlements_are_folded_once():
    """2,300 settlements with 40 other names each, 5,000 pairs, and again: seconds at most."""
    ids = [f"z{k}" for k in range(2_300)]
    known = [tuple(f"Қаля {k}-{n}" for n in range(40)) for k in range(2_300)]
    zones = pd.DataFrame({"name": [f"Town {k}" for k in range(2_300)], "names_known": known}, index=ids)
    pairs = pd.Series([ids[k % 2_300] for k in range(5_000)])
    theirs = [f"QALYA {k % 2_300} {k % 41}" for k in range(5_000)]
    hits = [k % 41 < 40 for k in range(5_000)]
    assert names_agree(pairs, zones, theirs).tolist() == hits
    start = perf_counter()
    assert names_agree(pairs, zones, theirs).tolist() == hits
    assert perf_counter() - start < 3


def test_a_sound_that_two_have_tells_nothing():
    one = others({"1": at(0.5, 0.5)}, names=["Allmati"])
    assert match(towns(), one)[0]["names_agree"].tolist() == [True]
    two = others({"1": at(0.5, 0.5), "2": at(0.6, 0.5)}, names=["Allmati", "Almati"])
    assert match(towns(), two)[0]["names_agree"].tolist() == [False, False]


def test_a_name_that_is_empty_agrees_with_nothing():
    zones = towns(names=[None, "", "Cove"])
    rows, _ = match(zones, others({"1": at(0.5, 0.5), "2": at(4, 1), "3": at(6.5, 0.5)}, names=["", None, "—"]))
    assert rows["names_agree"].tolist() == [False, False, False]
    assert rows["other_name"].tolist() == ["", None, "—"]


@pytest.mark.parametrize("crs", ["ESRI:54009", "EPSG:3857", "EPSG:32632"])
def test_another_reference_system_changes_nothing(crs):
    cities = others({"1": (0.5, 0, 3, 1), "2": at(4, 1), "3": (7.5, 0, 8, 1)}, people=[3.0, 4.0, 5.0])
    here, there = match(towns(), cities)[0], match(towns(), cities.to_crs(crs))[0]
    texts = [*TEXTS, "names_agree"]
    pd.testing.assert_frame_equal(here[texts], there[texts])
    numbers = [column for column in COLUMNS if column not in texts]
    pd.testing.assert_frame_equal(here[numbers], there[numbers], rtol=1e-3, atol=1e-6)


def test_every_level_is_matched_on_its_own():
    clusters = towns({"K": (0, 0, 5, 2)}, names=["Almaty"], level="urban_cluster")
    stacked = pd.concat([clusters, towns()])
    cities = others({"1": (0, 0, 2, 1), "2": (5, 1, 6, 2), "3": (0, -9, 1, -8)})
    rows, ledger = match(stacked, cities, within_km=0.1)
    alone = pd.concat([match(part, cities, within_km=0.1)[0] for part in (clusters, towns())])
    alone = alone[alone["how"] != "none"].sort_values(["zone_id", "rank"], ignore_index=True)
    pd.testing.assert_frame_equal(rows[rows["how"] != "none"].reset_index(drop=True), alone)
    # The second touches B and the cluster, the third is far from both levels.
    assert rows.loc[rows["how"] == "none", "other_id"].tolist() == ["3"]
    assert ledger.amount("no urban_cluster here or near") == ledger.amount("no urban_centre here or near") == 1


def test_an_other_of_one_level_only_is_no_other_without_a_settlement():
    clusters = towns({"K": (0, 0, 8, 2)}, names=["Almaty"], level="urban_cluster")
    rows, ledger = match(pd.concat([clusters, towns()]), others({"1": at(2.5, 1.5)}), within_km=0.1)
    assert rows[["zone_id", "how"]].values.tolist() == [["K", "inside"]]
    assert ledger.amount("no urban_centre here or near") == 1


def test_shapes_are_mended_placed_or_left_out_and_counted():
    tie = shapely.Polygon([at(0, 0).coords[0], at(2, 1).coords[0], at(2, 0).coords[0], at(0, 1).coords[0]])
    cities = others(
        {
            "tie": tie,
            "islands": shapely.MultiPoint([at(2.5, 1), at(5.5, 1)]),
            "none": None,
            "empty": shapely.Polygon(),
            "line": shapely.LineString([at(0, 0), at(2, 1)]),
            "flat": shapely.Polygon([at(0, 0), at(2, 1), at(0, 0)]),
        }
    )
    rows, ledger = match(towns(), cities)
    assert rows[["zone_id", "other_id", "how"]].values.tolist() == [["A", "tie", "overlap"], ["B", "islands", "inside"]]
    assert rows.loc[0, "zone_area_share"] == pytest.approx(0.5)
    assert ledger.amount("neither a polygon nor a point: left out") == 4
    assert ledger.amount("polygon mended") == 1


def test_no_others_and_no_settlements():
    nothing = others({"1": (0, 0, 2, 1)}).iloc[:0]
    rows, ledger = match(towns(), nothing)
    assert rows.empty
    assert rows.columns.tolist() == list(COLUMNS)
    assert ledger.amount("urban_centre without a match") == 3
    rows, _ = match(towns().iloc[:0], others({"1": (0, 0, 2, 1)}))
    assert rows[["other_id", "how"]].values.tolist() == [["1", "none"]]
    assert rows["zone_id"].tolist() == rows["grade"].tolist() == rows["relation"].tolist() == [None]
    assert rows["names_agree"].dtype == bool


def test_others_without_name_and_people_are_matched_all_the_same():
    bare = others({"1": (0, 0, 2, 1), "2": at(4, 1)}).drop(columns=["name", "people"])
    rows, _ = match(towns(), bare)
    assert rows["other_name"].tolist() == [None, None]
    assert rows["other_people"].isna().all()
    assert rows["grade"].tolist() == ["high", "medium"]


def test_what_cannot_be_used_is_refused():
    cities = others({"1": (0, 0, 2, 1), "2": at(4, 1)})
    with pytest.raises(DuplicateIds, match="crosswalk db: column 'other_id' has 1 duplicate ids \\(1\\)"):
        match(towns(), cities.set_axis(["1", "1"]))
    with pytest.raises(MissingCrs, match="crosswalk db"):
        match(towns(), others({"1": (0, 0, 2, 1)}, crs=None))
    with pytest.raises(UndeclaredRaster):
        match(towns(), cities, raster(np.ones((2, 8)), HERE, kind="intensity", units="people/km2"))


def test_nearest_goes_the_short_way_over_the_antimeridian():
    here = degrees((1, 2), left=179.98, top=1.0, cell=0.01)
    zones = towns({"A": (0, 0, 2, 1)}, names=["Almaty"], here=here)
    cities = others({"1": shapely.Point(-179.99, 0.995), "2": shapely.box(-179.99, 0.99, -179.98, 1)})
    rows, _ = match(zones, cities, people_of([[5, 5]], here))
    assert rows["how"].tolist() == ["near", "near"]
    assert rows["distance_km"].tolist() == pytest.approx([0.01 * 111.32] * 2, rel=1e-3)


def test_inputs_stay_as_they_are(freeze):
    zones, cities, population = towns(), others({"1": (0, 0, 2, 1), "2": at(4, 1)}), freeze(people_of())
    before = zones.copy(), cities.copy()
    match(zones, cities, population)
    pd.testing.assert_frame_equal(zones, before[0])
    pd.testing.assert_frame_equal(cities, before[1])


def test_the_best_match_as_columns_and_never_a_zero():
    first, _ = match(towns(), others({"01": (0, 0, 1, 1), "02": (1, 0, 2, 1)}, names=["Almaty", None]))
    second, _ = crosswalk(towns(), others({"5": at(4, 1)}, people=[9.0]), people_of(), database="ghs-ucdb", within_km=5)
    columns = crosswalk_columns(pd.concat([second, first]), towns().index)
    assert columns.index.tolist() == ["A", "B", "C"]
    parts = ["id", "name", "share", "area_share", "distance_km", "grade", "matches"]
    assert columns.columns.tolist() == [f"{start}_{part}" for start in ("db", "ghs_ucdb") for part in parts]
    assert columns.loc["A"].tolist()[:7] == ["01", "Almaty", pytest.approx(0.75), pytest.approx(0.5), 0.0, "high", 2]
    assert columns.loc["B"].tolist()[7:10] == ["5", "5", 1.0]
    assert columns.loc["C"].isna().all()
    assert columns["db_id"].tolist() == ["01", None, None]
    assert columns["db_matches"].dtype == "Int64"


def test_a_database_without_any_match_has_columns_without_anything():
    rows, _ = match(towns(), others({"1": at(0, -99)}))
    columns = crosswalk_columns(rows, towns().index)
    assert columns.shape == (3, 7)
    assert columns.isna().all(axis=None)


def drawn(random, count):
    """Triangles, some of which overlap, touch or leave the grid."""
    corners = np.round(random.uniform(-1, 9, (count, 1, 2)) * [1, 0.25] + random.uniform(-2, 2, (count, 3, 2)), 1)
    shapes = [shapely.Polygon([HERE.transform @ corner for corner in three]) for three in corners]
    return {str(k): shape for k, shape in enumerate(shapes) if shape.area > 0}


def slow_people(shape, people):
    """Twin: every cell cut with the shape."""
    rows, cols = people.shape
    cells = [(row, col, pixel_box(HERE, col, row, col + 1, row + 1)) for row in range(rows) for col in range(cols)]
    return sum(people[row, col] * cell.intersection(shape).area / cell.area for row, col, cell in cells)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_law_shares_people_order_and_sides(seed):
    random = np.random.default_rng(seed)
    values = random.integers(0, 40, (2, 8)).astype(float)
    shapes, theirs = drawn(random, 4), drawn(random, 5)
    zones = towns(shapes, names=[f"town {key}" for key in shapes])
    cities = others({**theirs, "p": at(*random.uniform(0, 2, 2))}, people=random.integers(0, 9, len(theirs) + 1).astype(float))
    rows, _ = match(zones, cities, people_of(values))
    overlaps = rows[rows["how"] == "overlap"]
    for row in overlaps.itertuples():
        one, other = shapes[row.zone_id], theirs[row.other_id]
        both, least = slow_people(one & other, values), min(slow_people(one, values), slow_people(other, values))
        assert row.people_both == pytest.approx(both, rel=1e-6, abs=1e-5)
        assert row.people_both <= least + 1e-5
    shares = rows[["zone_share", "other_share", "zone_area_share", "other_area_share"]]
    assert ((shares >= 0) & (shares <= 1) | shares.isna()).all(axis=None)
    met = {(a, b) for a, one in shapes.items() for b, other in theirs.items() if (one & other).area > 1e-9}
    assert met <= set(zip(overlaps["zone_id"], overlaps["other_id"], strict=True))
    pd.testing.assert_frame_equal(
        match(zones.iloc[::-1], cities.iloc[random.permutation(len(cities))], people_of(values))[0], rows
    )
    polygons = cities.drop(index="p")
    turned, _ = match(polygons.assign(level="x"), zones.assign(people=0.0), people_of(values))
    back = turned[turned["how"] == "overlap"].set_index(["other_id", "zone_id"])
    forth = overlaps.set_index(["zone_id", "other_id"]).loc[list(back.index)]
    assert len(back) == len(overlaps)
    np.testing.assert_allclose(back["zone_share"], forth["other_share"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        back[["people_both", "area_both_km2"]], forth[["people_both", "area_both_km2"]], rtol=1e-9, atol=1e-6
    )
