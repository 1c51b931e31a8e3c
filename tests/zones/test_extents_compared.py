"""The user's own extents beside the delineated ones: area, people in both, only in one, overlap."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import degrees, pixel_box, raster

from urbanreview.errors import UndeclaredRaster
from urbanreview.grid import geodesic_area_km2
from urbanreview.zones import compare_extents
from urbanreview.zones.extents_compared import COLUMNS

HERE = degrees((2, 8), left=10.0, top=50.0, cell=0.01)
PEOPLE = [[90, 30, 0, 20, 20, 0, 60, 0], [0, 0, 0, 20, 20, 0, 0, 0]]
TOWNS = {"A": (0, 0, 2, 1), "B": (3, 0, 5, 2), "C": (6, 0, 7, 1)}
"""Three settlements: 120 people in two cells, 80 in four, 60 in one."""
BOTH = ["people", "settlement_people", "people_both", "people_only_zone", "people_only_settlement", "people_overlap"]


def zones(parts, names=None, level="own"):
    shapes = [part if isinstance(part, shapely.Geometry) else pixel_box(HERE, *part) for part in parts.values()]
    columns = {"name": list(parts) if names is None else names, "level": level}
    return gpd.GeoDataFrame(columns, geometry=shapes, index=pd.Index(list(parts), name="zone_id", dtype="str"), crs=4326)


def towns(level="urban_centre"):
    return zones(TOWNS, ["Almaty", "Bay", "Cove"], level)


def compare(own, settlements=None, values=PEOPLE):
    return compare_extents(own, towns() if settlements is None else settlements, raster(np.array(values, float), HERE))


def km2(*part):
    return geodesic_area_km2(gpd.GeoSeries([pixel_box(HERE, *part)], crs=4326))[0]


def test_a_comparison_by_hand():
    """The official city: half of the 90, the 30, and a quarter of the 20s of B. Its best settlement is A."""
    table, ledger = compare(zones({"x": (0.5, 0, 3.5, 1)}, ["Алматы"]))
    row = table.iloc[0]
    assert table.columns.tolist() == list(COLUMNS)
    assert row[["zone_id", "name", "settlement_id", "settlement_name", "level"]].tolist() == [
        "x", "Алматы", "A", "Almaty", "urban_centre",
    ]  # fmt: skip
    assert row[BOTH].tolist() == pytest.approx([85, 120, 75, 10, 45, 75 / 130], rel=1e-9)
    areas = row[["area_km2", "settlement_area_km2", "area_both_km2"]].tolist()
    assert areas == pytest.approx([km2(0.5, 0, 3.5, 1), km2(0, 0, 2, 1), km2(0.5, 0, 2, 1)], rel=1e-9)
    assert row["area_overlap"] == pytest.approx(1.5 / 3.5, rel=1e-6)
    assert bool(row["names_agree"])
    assert bool(row["mutual"])
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [
        ["zone that meets several of urban_centre", 1.0],
        ["urban_centre that meets no zone", 1.0],
    ]


def test_names_agree_in_the_languages_that_are_known():
    known = towns().assign(names_known=[("Верный",), ("Cove", "Zatoka"), ()])
    own = zones({"x": (0, 0, 2, 1), "y": (3, 0, 5, 2), "z": (4, 0, 5, 2)}, ["VERNYY", "Zatoka", "Cove"])
    assert compare(own, known)[0]["names_agree"].tolist() == [True, True, False]  # another one is called Cove
    assert compare(own)[0]["names_agree"].tolist() == [False, False, False]


def test_a_zone_that_meets_nothing_has_nothing_in_both():
    table, ledger = compare(zones({"x": (2, 0, 3, 1), "y": (7, 0, 8, 2)}))
    assert table["settlement_id"].tolist() == table["settlement_name"].tolist() == [None, None]
    assert table[["people_both", "area_both_km2", "area_overlap"]].values.tolist() == [[0.0] * 3] * 2
    assert table[["settlement_area_km2", "settlement_people", "people_only_settlement"]].isna().all(axis=None)
    assert table["people_overlap"].isna().all()  # nobody lives in either
    assert table[["names_agree", "mutual"]].values.tolist() == [[False, False]] * 2
    assert ledger.amount("zone that meets no urban_centre") == 2
    assert ledger.amount("urban_centre that meets no zone") == 3


def test_people_of_a_zone_that_meets_nothing_are_only_there():
    table, _ = compare(zones({"x": (6, 0, 7, 1)}), towns().loc[["A", "B"]])
    assert table[["people", "people_only_zone", "people_both", "people_overlap"]].values.tolist() == [[60.0, 60.0, 0.0, 0.0]]


def test_the_same_extent_overlaps_wholly():
    table, _ = compare(zones({"x": TOWNS["B"]}))
    assert table[["area_overlap", "people_overlap", "people_only_zone", "people_only_settlement"]].values.tolist() == [
        pytest.approx([1, 1, 0, 0], abs=1e-9)
    ]


def test_own_zones_may_overlap_and_the_settlement_has_one_best():
    own = zones({"city": (0, 0, 1, 1), "region": (0, 0, 8, 2), "old town": (0, 0, 0.5, 1)})
    table = compare(own)[0].set_index("zone_id")
    assert table["settlement_id"].tolist() == ["A", "A", "A"]
    assert table["people_both"].to_dict() == pytest.approx({"city": 90, "region": 120, "old town": 45})
    assert table["mutual"].to_dict() == {"city": False, "region": True, "old town": False}


def test_most_people_decide_then_area_then_id():
    wide = zones({"x": (0, 0, 8, 2)})
    assert compare(wide)[0]["settlement_id"].tolist() == ["A"]
    assert compare(wide, values=np.zeros((2, 8)))[0]["settlement_id"].tolist() == ["B"]
    alike = zones({"b": (0, 0, 1, 1), "a": (1, 0, 2, 1)}, level="urban_centre")
    assert compare(wide, alike, values=np.ones((2, 8)))[0]["settlement_id"].tolist() == ["a"]


def test_every_level_has_its_row():
    both = pd.concat([towns(), zones({"K": (0, 0, 5, 2)}, ["Almaty"], "urban_cluster")])
    table, _ = compare(zones({"x": (0, 0, 3, 1), "y": (6, 0, 7, 1)}), both)
    assert table[["zone_id", "level", "settlement_id"]].values.tolist() == [
        ["x", "urban_centre", "A"],
        ["x", "urban_cluster", "K"],
        ["y", "urban_centre", "C"],
        ["y", "urban_cluster", None],
    ]


def test_without_settlements_or_zones_there_is_nothing_to_compare():
    for table, _ in (compare(zones({"x": (0, 0, 3, 1)}), towns().iloc[:0]), compare(zones({}))):
        assert table.empty
        assert table.columns.tolist() == list(COLUMNS)


@pytest.mark.parametrize("crs", ["ESRI:54009", "EPSG:3857"])
def test_another_reference_system_changes_nothing(crs):
    own = zones({"x": (0.5, 0, 3.5, 1), "y": (6, 0, 8, 2)})
    pd.testing.assert_frame_equal(compare(own.to_crs(crs))[0], compare(own)[0], rtol=1e-4)


def test_a_raster_that_is_no_count_is_refused():
    share = raster(np.ones((2, 8)), HERE, kind="share", units="1")
    with pytest.raises(UndeclaredRaster):
        compare_extents(zones({"x": (0, 0, 3, 1)}), towns(), share)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_law_parts_add_up_and_sides_and_order_do_not_matter(seed):
    random = np.random.default_rng(seed)
    values = random.integers(0, 40, (2, 8))

    def boxes(letter, count):
        left, top = random.uniform(0, 7, count), random.uniform(0, 1.5, count)
        wide, high = random.uniform(0.2, 4, count), random.uniform(0.2, 1, count)
        return {f"{letter}{k}": (left[k], top[k], left[k] + wide[k], top[k] + high[k]) for k in range(count)}

    own, found = zones(boxes("o", 4)), zones(boxes("s", 3), level="urban_centre")
    table, _ = compare(own, found, values)
    np.testing.assert_allclose(table["people_both"] + table["people_only_zone"], table["people"], atol=1e-9)
    met = table[table["settlement_id"].notna()]
    np.testing.assert_allclose(met["people_both"] + met["people_only_settlement"], met["settlement_people"], atol=1e-9)
    assert (table[["people_both", "people_only_zone"]] >= 0).all(axis=None)
    assert (met["people_only_settlement"] >= 0).all()
    overlap = table[["area_overlap", "people_overlap"]]
    assert (overlap.ge(0) & overlap.le(1) | overlap.isna()).all(axis=None)
    shuffled, _ = compare(own.iloc[random.permutation(4)], found.iloc[::-1], values)
    pd.testing.assert_frame_equal(shuffled, table)
    turned = compare(found, own.assign(level="urban_centre"), values)[0]
    mutual = table[table["mutual"]].set_index(["zone_id", "settlement_id"])
    back = turned[turned["mutual"]].set_index(["settlement_id", "zone_id"])
    assert sorted(mutual.index) == sorted(back.index)
    for column in ("area_overlap", "people_overlap", "people_both", "area_both_km2"):
        np.testing.assert_allclose(mutual[column], back.loc[mutual.index, column], rtol=1e-9, atol=1e-9)
