"""Infill, extension and leapfrog on hand-drawn patches, against a slow twin, and by law."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from toys import degrees, grid, pixel_box, pixel_polygon, raster, zones_of

from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2
from urbanreview.indicators.expansion import (
    EXPANSION_RULES,
    GOST,
    LIU_2010,
    _reach,
    built_cells,
    expansion,
    from_classes,
    settled_by,
    too_coarse,
)
from urbanreview.zones import plan_zones

CELL_M2 = 10_000.0
LEGEND = {".": (0, 0), "#": (1, 1), "n": (0, 1), "x": (1, 0), "?": (np.nan, 0), "!": (np.nan, 1), "d": (1, np.nan)}
"""Built-up before and after: nothing, old, new, gone, unknown before and empty or built-up after, old and unknown after."""
SHARES = [f"expansion.{kind}_share" for kind in ("infill", "extension", "leapfrog")]


def here(shape, left=4_321_000.0, top=3_210_000.0):
    """Cells of 100 m where the projection is true: metres on the map are metres on the ground."""
    return grid(shape, left=left, top=top, cell=100.0, crs="EPSG:3035")


def drawn(picture, geobox=None):
    rows = picture.split()
    geobox = geobox or here((len(rows), len(rows[0])))
    area_m2 = cell_area_km2(geobox) * 1e6
    layers = [np.array([[LEGEND[letter][layer] for letter in row] for row in rows]) * area_m2 for layer in (0, 1)]
    return [raster(layer, geobox, units="m2") for layer in layers]


def looked_at(picture, zones=None, **more):
    before, after = drawn(picture)
    geobox = before.odc.geobox
    rows, cols = geobox.shape
    zones = zones or {"all": (0, 0, cols, rows)}
    shapes = zones_of({name: pixel_box(geobox, *part) for name, part in zones.items()}, geobox.crs.to_wkt())
    return expansion(plan_zones(shapes, geobox), before, after, **more)


def index_of(picture, **more):
    return looked_at(picture, **more)[0].loc["all", "expansion.mean_index"]


def blank(rows, cols, *parts):
    """Draw rectangles (letter, left, top, right, bottom) on empty land, one over the other."""
    cells = np.full((rows, cols), ".")
    for letter, left, top, right, bottom in parts:
        cells[top:bottom, left:right] = letter
    return "\n".join("".join(row) for row in cells)


INSIDE = blank(11, 11, ("#", 0, 0, 11, 11), ("n", 4, 4, 7, 7))
BESIDE = blank(15, 15, ("#", 0, 0, 6, 15), ("n", 6, 6, 9, 9))
APART = blank(15, 15, ("#", 0, 0, 2, 15), ("n", 8, 6, 11, 9))


def test_a_patch_wholly_inside_old_land_has_an_index_of_one_by_both_rules():
    for rule in (LIU_2010, GOST):
        frame, classes, _ = looked_at(INSIDE, rule=rule)
        row = frame.loc["all"]
        assert row["expansion.mean_index"] == row["expansion.infill_share"] == 1.0
        assert (classes.values == 2).sum() == 9


@pytest.mark.parametrize("side", [1, 2, 3, 6])
def test_a_square_at_a_straight_edge_by_liu(side):
    """The ring of a square of n cells has 4n + 4 cells, n + 2 of them behind the edge."""
    picture = blank(20, 20, ("#", 0, 0, 6, 20), ("n", 6, 6, 6 + side, 6 + side))
    assert index_of(picture) == pytest.approx((side + 2) / (4 * side + 4), rel=1e-12)


def test_a_square_at_a_straight_edge_by_gosturban():
    """Three columns on each side have centres within 300 m, less three cells in each corner, whose centres are too far.

    Corners by distance of centres: 50, 150, 250 m both ways; of nine only (250, 250) is over 300 m. So 4 x 9 + 4 x 8 = 68
    cells, of them 9 + 2 x 8 = 25 behind the edge.
    """
    assert index_of(BESIDE, rule=GOST) == pytest.approx(25 / 68, rel=1e-12)
    frame, classes, _ = looked_at(BESIDE, rule=GOST)
    assert frame.loc["all", "expansion.extension_share"] == 1.0
    assert set(np.unique(classes)) == {0, 1, 3}


def test_a_patch_apart_is_leapfrog_by_both_rules():
    for rule in (LIU_2010, GOST):
        row = looked_at(APART, rule=rule)[0].loc["all"]
        assert (row["expansion.mean_index"], row["expansion.leapfrog_share"]) == (0.0, 1.0)


def test_a_gap_of_two_cells_is_leapfrog_by_liu_and_extension_by_gosturban():
    picture = blank(15, 15, ("#", 0, 0, 6, 15), ("n", 8, 6, 11, 9))
    assert looked_at(picture)[0].loc["all", "expansion.leapfrog_share"] == 1.0
    row = looked_at(picture, rule=GOST)[0].loc["all"]
    # One column of nine rows is near enough, but for the outer two: 250 m and 250 m away.
    assert row["expansion.mean_index"] == pytest.approx(7 / 68)
    assert row["expansion.extension_share"] == 1.0


def test_touching_by_a_corner_is_extension():
    picture = blank(8, 8, ("#", 0, 0, 3, 3), ("n", 3, 3, 5, 5))
    row = looked_at(picture)[0].loc["all"]
    assert (row["expansion.mean_index"], row["expansion.extension_share"]) == (1 / 12, 1.0)


def test_half_is_extension_by_liu_and_nine_tenths_infill_by_gosturban():
    more = looked_at("##...\n##n..\n####.\n.....")[0].loc["all"]
    assert (more["expansion.mean_index"], more["expansion.infill_share"]) == (5 / 8, 1.0)
    half = looked_at("##...\n##n..\n###..\n.....")[0].loc["all"]
    assert (half["expansion.mean_index"], half["expansion.extension_share"]) == (4 / 8, 1.0)
    assert GOST.classify(np.array([0.9, 0.9 - 1e-6, 0.05, 0.05 + 1e-6])).tolist() == [2, 3, 4, 3]
    assert LIU_2010.classify(np.array([0.5, 0.5 + 1e-6, 0.0, 1e-6])).tolist() == [3, 2, 4, 3]


def test_cells_of_unequal_area_count_by_area():
    geobox = degrees((5, 5), cell=1 / 1200)
    before, after = drawn("##...\n##...\n##n..\n##...\n#.#..", geobox)
    whole = zones_of({"all": pixel_box(geobox, 0, 0, 5, 5)})
    frame, _, _ = expansion(plan_zones(whole, geobox), before, after)
    weights = np.broadcast_to(cell_area_km2(geobox), (5, 5))[1:4, 1:4]
    expected = weights[:, 0].sum() / (weights.sum() - weights[1, 1])
    assert frame.loc["all", "expansion.mean_index"] == pytest.approx(expected, rel=1e-12)
    assert frame.loc["all", "expansion.new_area"] == pytest.approx(weights[1, 1], rel=1e-12)


def test_other_new_patches_stand_in_the_buffer_as_vacant_and_a_patch_itself_does_not():
    """By an edge alone these are two patches, by corners one."""
    picture = "....\n.n..\n..n.\n...."
    assert looked_at(picture)[0].loc["all", "expansion.patches"] == 1
    assert looked_at(picture, rule=GOST)[0].loc["all", "expansion.patches"] == 2
    # Two cells cornerwise in old land: the ring of one patch is 12 old cells, by GOSTurban each has the other beside it.
    inside = blank(9, 9, ("#", 0, 0, 9, 9), ("n", 4, 4, 5, 5), ("n", 5, 5, 6, 6))
    assert index_of(inside) == 1.0
    # Within 300 m of a cell: 7 x 7 cells less the four corners and the cell itself.
    assert index_of(inside, rule=GOST) == pytest.approx(43 / 44)


def test_the_hole_of_a_patch_belongs_to_its_surroundings():
    assert index_of("#####\n#nnn#\n#n.n#\n#nnn#\n#####") == pytest.approx(16 / 17)


def test_every_column_by_hand():
    """Infill of one cell, extension of four, leapfrog of two; the third column of cells is cut by the zones."""
    picture = """
    ##########
    #n#.......
    ###.......
    ###nn..nn.
    ###nn.....
    ##########
    """
    zones = {"west": (0, 0, 4, 6), "east": (4, 0, 8.5, 6), "rest": (8.5, 0, 10, 6), "none": (5, 0, 6, 1)}
    frame, classes, ledger = looked_at(picture, zones)
    # Of the 12 cells around the square three are old to the west of it and in the corner above, four below.
    square = (3 + 4) / 12
    expected = pd.DataFrame(
        {
            "expansion.new_area": [0.03, 0.02 + 0.015, 0.005, 0.0],
            "expansion.infill_share": [1.0, 0.02 / 0.035, 0.0, np.nan],
            "expansion.extension_share": [0.0, 0.0, 0.0, np.nan],
            "expansion.leapfrog_share": [0.0, 0.015 / 0.035, 1.0, np.nan],
            "expansion.mean_index": [(1 + square) / 2, square / 2, 0.0, np.nan],
            "expansion.weighted_index": [(1 + 2 * square) / 3, square * 0.02 / 0.035, 0.0, np.nan],
            "expansion.patches": [2.0, 2.0, 1.0, 0.0],
            "valid_share": 1.0,
        },
        index=pd.Index(list(zones), name="zone_id", dtype="str"),
    )
    pd.testing.assert_frame_equal(frame, expected, rtol=1e-9)
    assert classes.values[1].tolist() == [1, 2, 1, 0, 0, 0, 0, 0, 0, 0]
    assert classes.values[3].tolist() == [1, 1, 1, 2, 2, 0, 0, 4, 4, 0]
    assert (classes.attrs["kind"], classes.attrs["edition"]) == ("class", "liu-2010")
    assert ledger.frame().empty


def test_small_patches_are_left_out_and_counted():
    picture = "#n#....\n###.nn.\n......."
    frame, classes, ledger = looked_at(picture, min_patch_cells=2)
    assert frame.loc["all", "expansion.new_area"] == pytest.approx(0.02)
    assert (frame.loc["all", "expansion.patches"], frame.loc["all", "expansion.leapfrog_share"]) == (1.0, 1.0)
    assert classes.values[0, 1] == 0
    assert ledger.amount("new cells of patches under the minimum") == 1
    assert ledger.amount("new area of patches under the minimum") == pytest.approx(0.01)


def test_unknown_before_is_neither_new_nor_surroundings():
    frame, classes, ledger = looked_at("#??\n#n?\n#?!")
    assert frame.loc["all", "expansion.mean_index"] == 1.0
    assert frame.loc["all", "expansion.new_area"] == pytest.approx(0.01)
    assert frame.loc["all", "valid_share"] == pytest.approx(4 / 9)
    assert classes.values.tolist() == [[1, 255, 255], [1, 2, 255], [1, 255, 255]]
    assert ledger.amount("built-up at one date, unknown at the other") == 1


def test_old_land_counts_also_where_the_later_date_is_unknown_or_it_is_gone():
    frame, classes, ledger = looked_at("ddd\nxnx\nxxx")
    assert frame.loc["all", "expansion.mean_index"] == 1.0
    assert classes.values.tolist() == [[255, 255, 255], [1, 2, 1], [1, 1, 1]]
    assert ledger.amount("built-up at one date, unknown at the other") == 3


def test_a_patch_in_unknown_surroundings_has_no_class_and_is_counted():
    frame, _, ledger = looked_at("???\n?n?\n???")
    assert frame.loc["all", "expansion.new_area"] == 0.0
    assert np.isnan(frame.loc["all", "expansion.mean_index"])
    assert ledger.amount("new cells of patches in unknown surroundings") == 1


def test_a_zone_of_nodata_is_missing_and_named():
    frame, _, ledger = looked_at("??#.\n!?n.", {"unseen": (0, 0, 2, 2), "seen": (2, 0, 4, 2)})
    assert frame.loc["unseen"].drop("valid_share").isna().all()
    assert frame["valid_share"].tolist() == [0.0, 1.0]
    assert ledger.frame().query("cause == 'zone without a value'")["zone_id"].tolist() == ["unseen"]


def test_what_lies_beyond_the_raster_is_no_part_of_the_buffer():
    assert index_of("n#\n##") == 1.0
    assert index_of("n#\n##", rule=GOST) == 1.0


def test_the_share_that_makes_a_cell_built_up_is_declared():
    geobox = here((1, 4))
    before = raster([[CELL_M2, 0.0, 0.0, 0.0]], geobox, units="m2")
    after = raster([[CELL_M2, 3_000.0, 2_999.0, np.nan]], geobox, units="m2")
    assert built_cells(after, share=0.3).tolist() == [[True, True, False, False]]
    plan = plan_zones(zones_of({"all": pixel_box(geobox, 0, 0, 4, 1)}, geobox.crs.to_wkt()), geobox)
    found = [expansion(plan, before, after, built_share=share)[0]["expansion.new_area"].item() for share in (0.5, 0.3)]
    assert found == pytest.approx([0.0, 0.01])


def test_built_up_land_from_classes_and_from_years():
    geobox = degrees((2, 3), cell=1 / 1200)
    area_m2 = cell_area_km2(geobox) * 1e6
    cover = raster([[1, 12, np.nan], [11, 255, 2]], geobox, kind="class", units="CORINE")
    built = from_classes(cover, range(1, 12))
    np.testing.assert_allclose(built.values, np.array([[1, 0, np.nan], [1, 0, 1]]) * area_m2)
    years = raster([[0, 1985, 1990], [1991, 2015, np.nan]], geobox, kind="class", units="year")
    by_1990 = settled_by(years, 1990)
    np.testing.assert_allclose(by_1990.values, np.array([[0, 1, 1], [0, 0, np.nan]]) * area_m2)
    for made in (built, by_1990):
        assert (made.attrs["kind"], made.attrs["units"], made.attrs["source"]) == ("count", "m2", "toy")
    assert built_cells(built, share=1.0).sum() == 3


def test_coarse_grids_are_refused_with_the_reason():
    fine = [here((3, 3)), grid((3, 3), cell=100.9), degrees((3, 3), cell=1 / 1200, top=0.1), degrees((3, 3), cell=1 / 3600)]
    assert [too_coarse(each) for each in fine] == [""] * 4
    coarse = grid((3, 3), cell=250.0)
    assert too_coarse(coarse) == "cells are 250 m wide, expected at most 100 m"
    before, after = drawn("#..\n#n.\n#..", coarse)
    plan = plan_zones(zones_of({"all": pixel_box(coarse, 0, 0, 3, 3)}, coarse.crs.to_wkt()), coarse)
    with pytest.raises(ValueError, match="250 m wide"):
        expansion(plan, before, after)


def test_other_grids_and_other_kinds_are_refused():
    before, after = drawn("#n")
    elsewhere = drawn("#n", here((1, 2), left=0.0))[1]
    geobox = here((1, 2))
    plan = plan_zones(zones_of({"all": pixel_box(geobox, 0, 0, 2, 1)}, geobox.crs.to_wkt()), geobox)
    with pytest.raises(GridMismatch):
        expansion(plan, before, elsewhere)
    with pytest.raises(UndeclaredRaster):
        expansion(plan, before, raster(after.values, geobox, kind="share", units="1"))


def test_metres_are_those_on_the_ground():
    """At 60 degrees north a cell of 3 arc-seconds is 46 m wide and 93 m high: 300 m are 6 columns or 3 rows."""
    geobox = degrees((15, 21), cell=1 / 1200, top=60.0)
    reach = _reach(geobox, GOST)
    assert reach.shape == (15, 7)
    assert reach[7].tolist() == [4, 6, 6, 6, 6, 6, 4]
    assert _reach(here((4, 4)), GOST)[0].tolist() == [2, 3, 3, 3, 3, 3, 2]


# ---- the slow twin: every patch by itself, with polygons and distances


def slow_patches(new, neighbours):
    left = set(map(tuple, np.argwhere(new)))
    while left:
        patch, edge = [], [min(left)]
        left.remove(edge[0])
        while edge:
            row, col = edge.pop()
            patch.append((row, col))
            for down in (-1, 0, 1):
                for right in (-1, 0, 1):
                    near = (row + down, col + right)
                    if near in left and (neighbours == 8 or 0 in (down, right)):
                        left.remove(near)
                        edge.append(near)
        yield patch


def slow_index(patch, before, rule):
    if rule.buffer_m is None:
        outline, far = shapely.union_all([shapely.box(c - 1.4, r - 1.4, c + 2.4, r + 2.4) for r, c in patch]), 0.0
    else:
        outline, far = shapely.union_all([shapely.box(c, r, c + 1, r + 1) for r, c in patch]), rule.buffer_m / 100
    old = total = 0
    for row, col in np.ndindex(before.shape):
        near = outline.distance(shapely.Point(col + 0.5, row + 0.5)) <= far
        if near and (row, col) not in patch and np.isfinite(before[row, col]):
            total += 1
            old += before[row, col] > 0
    return old / total if total else np.nan


letters = st.sampled_from("....##nn?!xd")
pictures = st.lists(st.lists(letters, min_size=7, max_size=7), min_size=6, max_size=6).map(
    lambda rows: "\n".join("".join(row) for row in rows)
)


@given(pictures, st.sampled_from(sorted(EXPANSION_RULES)), st.integers(1, 3))
def test_twin_every_patch_by_itself(picture, edition, least):
    rule = EXPANSION_RULES[edition]
    before, after = (each.values for each in drawn(picture))
    frame, classes, ledger = looked_at(picture, rule=rule, min_patch_cells=least)
    found = []
    for patch in slow_patches((before == 0) & (after > 0), rule.neighbours):
        index = slow_index(patch, before, rule)
        kind = {4: index <= rule.leapfrog_at_most, 2: index >= 0.9 if rule is GOST else index > 0.5}
        code = next((code for code, holds in kind.items() if holds), 3)
        if len(patch) < least or np.isnan(index):
            code = 0
        else:
            found.append((len(patch), index))
        assert {int(classes.values[cell]) for cell in patch} == {code}
    row = frame.loc["all"]
    assert row["expansion.patches"] == (len(found) if row["valid_share"] else pytest.approx(np.nan, nan_ok=True))
    if found:
        sizes, index = np.array(found).T
        assert row["expansion.new_area"] == pytest.approx(sizes.sum() * 0.01)
        assert row["expansion.mean_index"] == pytest.approx(index.mean())
        assert row["expansion.weighted_index"] == pytest.approx((sizes * index).sum() / sizes.sum())
        assert row[SHARES].sum() == pytest.approx(1.0)
    new = ((before == 0) & (after > 0)).sum()
    left_out = sum(ledger.amount(f"new cells of patches {what}") for what in ("under the minimum", "in unknown surroundings"))
    assert left_out + sum(size for size, _ in found) == new


@given(pictures, st.sampled_from(sorted(EXPANSION_RULES)), st.floats(0.5, 6.5))
def test_law_two_parts_of_a_zone_add_up(picture, edition, cut):
    rule = EXPANSION_RULES[edition]
    frame, _, _ = looked_at(picture, {"all": (0, 0, 7, 6), "w": (0, 0, cut, 6), "e": (cut, 0, 7, 6)}, rule=rule)
    area = frame["expansion.new_area"].fillna(0.0)
    parts = frame[[*SHARES, "expansion.weighted_index"]].mul(area, axis=0).fillna(0.0).assign(area=area)
    np.testing.assert_allclose(parts.loc["w"] + parts.loc["e"], parts.loc["all"], atol=1e-9)


def test_order_of_zones_does_not_matter_inputs_stay_and_twice_is_the_same(freeze):
    rng = np.random.default_rng(6)
    geobox = here((40, 50))
    before = freeze(raster(np.where(rng.random((40, 50)) < 0.3, CELL_M2, 0.0), geobox, units="m2"))
    after = freeze(raster(np.where(rng.random((40, 50)) < 0.3, CELL_M2, before.values), geobox, units="m2"))
    corners = {"a": [(0, 0), (20, 3), (10, 30)], "b": [(20, 0), (49.5, 0), (30, 39)], "c": [(0, 20), (50, 10), (25, 40)]}
    zones = zones_of({name: pixel_polygon(geobox, ring) for name, ring in corners.items()}, geobox.crs.to_wkt())
    first, classes, _ = expansion(plan_zones(zones, geobox), before, after)
    again, same, _ = expansion(plan_zones(zones.iloc[::-1], geobox), before, after)
    pd.testing.assert_frame_equal(first, again.loc[first.index], check_exact=True)
    assert np.array_equal(classes, same)
    assert (first["expansion.patches"] > 5).all()
