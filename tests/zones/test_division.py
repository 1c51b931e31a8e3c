"""Overlaps, gaps and ground beyond the country: by hand, on whole cells of a grid with known people."""

import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import degrees, pixel_box, raster, zones_of

from urbanreview.grid import cell_area_km2, geodesic_area_km2
from urbanreview.zones.division import BEYOND, DIVISION_COLUMNS, NO_UNIT, OVERLAP, WORDS, check_division

HERE = degrees((4, 8), cell=0.1)
PEOPLE = np.arange(32, dtype=float).reshape(4, 8)
"""Cell (row, column) has 8 * row + column people."""


def people(values=PEOPLE, here=HERE):
    return raster(values, here)


def units(parts, here=HERE, names=None):
    """Zones between columns and rows: left, top, right, bottom."""
    shapes = {key: pixel_box(here, *part) if isinstance(part, tuple) else part for key, part in parts.items()}
    return zones_of(shapes, name=list(shapes) if names is None else names)


def outline(*part, here=HERE):
    return gpd.GeoSeries([pixel_box(here, *part)], crs=4326)


def km2(rows, cols, here=HERE):
    """Area of cells by the closed form."""
    return float(np.broadcast_to(cell_area_km2(here), here.shape)[rows, cols].sum())


def told(ledger):
    return dict(ledger.frame()[["cause", "amount"]].values.tolist())


WHOLE = {"w": (0, 0, 4, 4), "e": (4, 0, 8, 4)}


def test_units_that_tile_the_country_have_nothing_to_tell():
    division, ledger = check_division(units(WHOLE), outline(0, 0, 8, 4), people())
    assert division.columns.tolist() == list(DIVISION_COLUMNS)
    assert division.empty
    assert ledger.entries == ()


def test_touching_edges_and_corners_share_no_ground():
    # The edge between has no corner of the neighbour's on it in binary: 46 + 59/120 and tenths.
    parts = {"a": (0, 0, 3, 2), "b": (3, 0, 8, 1), "c": (3, 1, 8, 4), "d": (0, 2, 3, 4)}
    division, ledger = check_division(units(parts), outline(0, 0, 8, 4), people())
    assert division.empty
    assert ledger.entries == ()


def test_an_overlap_has_its_ground_and_its_people():
    division, ledger = check_division(
        units({"w": (0, 0, 5, 4), "e": (3, 0, 8, 4)}, names=["West", "East"]), outline(0, 0, 8, 4), people()
    )
    assert division[["kind", "zone_ids", "units"]].values.tolist() == [["overlap", "e; w", "East; West"]]
    # Columns 3 and 4 of four rows: 3 + 4 and eight more per cell and row.
    assert division["people"].tolist() == pytest.approx([4 * 7 + 2 * 8 * (0 + 1 + 2 + 3)], rel=1e-9)
    assert division["area_km2"].tolist() == pytest.approx([km2(slice(None), slice(3, 5))], rel=1e-6)
    assert told(ledger) == pytest.approx(
        {"ground in two units or more": division["area_km2"][0], "people in two units or more": 124.0}, rel=1e-9
    )


def test_a_part_of_a_cell_counts_in_part():
    division, _ = check_division(units({"w": (0, 0, 4.25, 4), "e": (4, 0, 8, 4)}), outline(0, 0, 8, 4), people())
    assert division["people"].tolist() == pytest.approx([0.25 * (4 + 12 + 20 + 28)], rel=1e-9)


def test_one_ground_of_three_units_is_three_pairs_and_counts_once_in_the_ledger():
    parts = {"a": (0, 0, 8, 4), "b": (0, 0, 2, 1), "c": (1, 0, 3, 1)}
    division, ledger = check_division(units(parts), outline(0, 0, 8, 4), people())
    assert division["zone_ids"].tolist() == ["a; b", "a; c", "b; c"] or division["zone_ids"].tolist() == [
        "a; c",
        "a; b",
        "b; c",
    ]
    by_pair = division.set_index("zone_ids")["people"]
    assert by_pair.to_dict() == pytest.approx({"a; b": 0 + 1, "a; c": 1 + 2, "b; c": 1}, rel=1e-9)
    assert ledger.amount("people in two units or more") == pytest.approx(0 + 1 + 2, rel=1e-9)
    assert ledger.amount("ground in two units or more") == pytest.approx(km2(0, slice(0, 3)), rel=1e-6)


def test_units_of_two_levels_overlap_wholly():
    """A region and its own provinces in one layer, as some sources have them."""
    parts = {"region": (0, 0, 8, 4), "p1": (0, 0, 4, 4), "p2": (4, 0, 8, 4)}
    division, ledger = check_division(units(parts), outline(0, 0, 8, 4), people())
    assert set(division["zone_ids"]) == {"p1; region", "p2; region"}
    assert ledger.amount("people in two units or more") == pytest.approx(PEOPLE.sum(), rel=1e-9)


def test_holes_are_rows_by_connected_part():
    ring = pixel_box(HERE, 0, 0, 8, 4).difference(pixel_box(HERE, 1, 1, 2, 2)).difference(pixel_box(HERE, 5, 1, 7, 3))
    division, ledger = check_division(units({"a": ring}), outline(0, 0, 8, 4), people())
    assert division["kind"].tolist() == ["no unit", "no unit"]
    assert division["zone_ids"].tolist() == [None, None]
    assert division["units"].tolist() == [None, None]
    assert division["people"].tolist() == pytest.approx([13 + 14 + 21 + 22, 9], rel=1e-9)  # large to small
    assert division["area_km2"].tolist() == pytest.approx([km2(slice(1, 3), slice(5, 7)), km2(1, 1)], rel=1e-6)
    assert ledger.amount("people in no unit") == pytest.approx(79, rel=1e-9)


def test_an_enclave_in_a_hole_is_no_gap():
    ring = pixel_box(HERE, 0, 0, 8, 4).difference(pixel_box(HERE, 1, 1, 2, 2))
    division, ledger = check_division(units({"a": ring, "b": (1, 1, 2, 2)}), outline(0, 0, 8, 4), people())
    assert division.empty
    assert ledger.entries == ()


def test_a_unit_beyond_the_outline_is_told_with_its_people():
    division, ledger = check_division(units({"w": (0, 0, 4, 4), "e": (4, 0, 8, 4)}), outline(0, 0, 6, 4), people())
    assert division[["kind", "zone_ids", "units"]].values.tolist() == [["beyond the outline", "e", "e"]]
    assert division["people"].tolist() == pytest.approx([4 * 13 + 2 * 48], rel=1e-9)
    assert division["area_km2"].tolist() == pytest.approx([km2(slice(None), slice(6, 8))], rel=1e-6)
    assert ledger.amount("people of units beyond the outline") == pytest.approx(148, rel=1e-9)


def test_a_unit_wholly_beyond_is_told_too_and_one_that_touches_is_not():
    parts = {"in": (0, 0, 4, 4), "touching": (4, 0, 5, 4), "far": (6, 0, 8, 1)}
    division, _ = check_division(units(parts), outline(0, 0, 4, 4), people())
    assert division[["kind", "zone_ids"]].values.tolist() == [["beyond the outline", "touching"], ["beyond the outline", "far"]]


def test_kinds_stand_in_order_and_large_ground_before_small():
    parts = {"a": (0, 0, 3, 4), "b": (2, 0, 5, 4), "c": (4, 0, 9, 2)}
    division, _ = check_division(units(parts), outline(0, 0, 8, 4), people())
    assert division["kind"].tolist() == ["overlap", "overlap", "no unit", "beyond the outline"]
    for _, rows in division.groupby("kind"):
        assert rows["area_km2"].is_monotonic_decreasing
    assert division.index.tolist() == [0, 1, 2, 3]


def test_slivers_are_no_rows_and_are_counted_together():
    # A cell is about 70 km2: a ten-thousandth of its width is 0.007 km2 a row, a hundredth 0.7.
    parts = {"a": (0, 0, 3, 1), "b": (2.9999, 0, 6.99, 1), "c": (7, 0, 8.01, 1)}
    division, ledger = check_division(units(parts), outline(0, 0, 8, 1), people())
    assert division.empty
    row = [km2(0, col) for col in range(8)]
    assert told(ledger) == pytest.approx(
        {
            "ground in two units or more, in slivers": 0.0001 * row[2],
            "people in two units or more, in slivers": 0.0001 * 2,
            "ground in no unit, in slivers": 0.01 * row[6],
            "people in no unit, in slivers": 0.01 * 6,
            "ground of units beyond the outline, in slivers": 0.01 * row[7],
        },  # beyond the last column there is no population: nobody to count
        rel=1e-4,
    )


def test_the_row_of_territory_without_a_unit_is_no_unit():
    parts = {"TOY-adm1-a": (0, 0, 6, 4), "TOY-adm1-none": (6, 0, 8, 4)}
    division, _ = check_division(units(parts), outline(0, 0, 8, 4), people())
    assert division[["kind", "zone_ids"]].values.tolist() == [["no unit", None]]
    assert division["people"].tolist() == pytest.approx([148], rel=1e-9)


def test_a_row_without_a_shape_covers_nothing():
    division, _ = check_division(units({"a": (0, 0, 8, 4), "b": shapely.Polygon()}), outline(0, 0, 8, 4), people())
    assert division.empty


def test_without_a_population_people_are_missing_and_not_zero():
    division, ledger = check_division(units({"w": (0, 0, 5, 4), "e": (3, 0, 6, 4)}), outline(0, 0, 8, 4), None)
    assert division["kind"].tolist() == ["overlap", "no unit"]
    assert division["people"].isna().all()
    assert division["people"].dtype == float
    assert set(told(ledger)) == {"ground in two units or more", "ground in no unit"}


def test_where_the_population_has_no_value_people_are_missing():
    values = PEOPLE.copy()
    values[:, 6:] = np.nan
    values[:, 4] = 0
    division, ledger = check_division(units({"w": (0, 0, 5, 4), "e": (4, 0, 6, 4)}), outline(0, 0, 8, 4), people(values))
    assert division["people"].tolist()[0] == 0
    assert np.isnan(division["people"].tolist()[1])
    assert "people in no unit" not in told(ledger)


def test_nothing_is_altered(freeze):
    parts, living = units({"w": (0, 0, 5, 4), "e": (3, 0, 9, 4)}), freeze(people())
    before = parts.copy()
    check_division(parts, outline(0, 0, 8, 4), living)
    pd.testing.assert_frame_equal(parts, before)


boxes = st.tuples(st.integers(0, 7), st.integers(0, 3), st.integers(1, 5), st.integers(1, 4))


@settings(max_examples=25)
@given(st.lists(boxes, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_law_cells_of_two_of_none_and_beyond_are_those_that_are_counted(parts, random):
    """The slow twin: paint every unit on cells, three of eight columns of margin, and count."""
    here = degrees((8, 16), cell=0.1)
    living = np.arange(128, dtype=float).reshape(8, 16)
    named = {chr(97 + number): (left, top, left + wide, top + high) for number, (left, top, wide, high) in enumerate(parts)}
    zones = units(named, here)
    count = np.zeros((8, 16), int)
    for left, top, right, bottom in named.values():
        count[top:bottom, left:right] += 1
    inside = np.zeros((8, 16), bool)
    inside[0:5, 0:9] = True
    division, ledger = check_division(zones, outline(0, 0, 9, 5, here=here), raster(living, here))
    expected = {OVERLAP: count > 1, NO_UNIT: inside & (count == 0), BEYOND: ~inside & (count > 0)}
    for kind, cells in expected.items():
        assert ledger.amount(f"people {WORDS[kind]}") == pytest.approx(living[cells].sum(), rel=1e-8)
        assert (division["kind"] == kind).any() == cells.any()
    order = list(named)
    random.shuffle(order)
    pd.testing.assert_frame_equal(
        check_division(zones.loc[order], outline(0, 0, 9, 5, here=here), raster(living, here))[0], division
    )


def test_law_ground_adds_up():
    """Units less what is twice and what is beyond, and what is in none: the country."""
    zones = units({"a": (0, 0, 3, 4), "b": (2, 1, 5, 4), "c": (6, 0, 9, 3)})
    country = outline(0, 0, 8, 4)
    division, _ = check_division(zones, country, None)
    ground = division.groupby("kind")["area_km2"].sum()
    added = geodesic_area_km2(zones.geometry).sum() - ground[OVERLAP] - ground[BEYOND] + ground[NO_UNIT]
    assert added == pytest.approx(geodesic_area_km2(country)[0], rel=1e-6)


def test_hundreds_of_units_take_a_moment():
    here = degrees((25, 25), cell=0.1)
    parts = {f"{row:02d}{col:02d}": (col, row, col + 1.01, row + 1) for row in range(25) for col in range(25)}
    began = time.perf_counter()
    division, _ = check_division(units(parts, here), outline(0, 0, 25, 25, here=here), raster(np.ones((25, 25)), here))
    assert time.perf_counter() - began < 5
    assert (division["kind"] == "overlap").sum() == 25 * 24
    assert division.loc[division["kind"] == "overlap", "people"].to_numpy() == pytest.approx(0.01, rel=1e-6)
