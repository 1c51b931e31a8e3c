"""Units by hand: shares and rules that a pencil can check, units without people, units without a cell."""

import numpy as np
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.errors import GridMismatch, UnknownName
from urbanreview.zones import degree_of_units
from urbanreview.zones.degree import UNIT_RULES

TO_LEVEL_1 = {30: 3, 23: 2, 22: 2, 21: 2, 13: 1, 12: 1, 11: 1, 10: 0}


def classed(codes, people, boxes, **how):
    """Classify units given as pixel boxes (col, row, col, row) on a row of cells with these classes and people."""
    codes = np.atleast_2d(np.array(codes, np.uint8))
    here = grid(codes.shape)
    one = np.vectorize(TO_LEVEL_1.get)(codes).astype(np.uint8)
    units = zones_of({name: pixel_box(here, *box) for name, box in boxes.items()}, here.crs.to_wkt())
    layers = {
        "level_1": raster(one, here, kind="class"),
        "level_2": raster(codes, here, kind="class"),
    }
    return degree_of_units(units, raster(np.atleast_2d(people), here), **layers, **how)


@pytest.mark.parametrize(
    ("people", "first", "second"),
    [
        ({30: 50, 12: 50}, 3, 30),  # a half in the centre is a city
        ({30: 49, 12: 51}, 1, 12),
        ({30: 30, 13: 20, 12: 50}, 1, 13),  # a village has half of its people in clusters of any kind
        ({30: 30, 13: 19, 12: 51}, 1, 12),
        ({21: 50, 12: 50}, 2, 21),  # an exact half in rural cells is not rural
        ({23: 50, 21: 30, 12: 20}, 2, 23),
        ({23: 49, 21: 31, 12: 20}, 2, 21),
        ({22: 50, 21: 50}, 2, 22),  # suburban must be more than a half
        ({13: 50, 12: 50}, 1, 13),
        ({13: 49, 12: 51}, 1, 12),
        ({11: 51, 12: 49}, 1, 11),
        ({11: 50, 12: 50}, 1, 12),
    ],
)
def test_published_rules_by_hand(people, first, second):
    table, _ = classed(list(people), list(people.values()), {"u": (0, 0, len(people), 1)})
    assert table.loc["u", ["degree_1", "degree_2"]].tolist() == [first, second]
    assert table.filter(like="share_").sum(axis=1).tolist() == pytest.approx([1.0])


def test_the_editions_part_where_their_texts_do():
    codes, people = [23, 22, 21], [20, 35, 45]
    box = {"u": (0, 0, 3, 1)}
    found = {edition: classed(codes, people, box, rules=edition)[0].loc["u", "degree_2"] for edition in UNIT_RULES}
    assert found == {"2024": 22, "2021": 22, "flexurba-0.2": 22}
    people = [10, 52, 38]
    found = {edition: classed(codes, people, box, rules=edition)[0].loc["u", "degree_2"] for edition in UNIT_RULES}
    assert found == {"2024": 22, "2021": 22, "flexurba-0.2": 21}
    people = [30, 10, 60]
    found = {edition: classed(codes, people, box, rules=edition)[0].loc["u", "degree_2"] for edition in UNIT_RULES}
    assert found == {"2024": 21, "2021": 21, "flexurba-0.2": 22}


def test_equal_rural_shares_go_to_the_denser_class_in_2021():
    assert classed([12, 11, 13], [1, 1, 1], {"u": (0, 0, 3, 1)}, rules="2021")[0].loc["u", "degree_2"] == 13


def test_half_a_cell_counts_half():
    table, _ = classed([30, 12], [100, 60], {"u": (0.5, 0, 2, 1)})
    assert table.loc["u", "people"] == pytest.approx(110.0)
    assert table.loc["u", "share_30"] == pytest.approx(50 / 110)


def test_a_unit_without_people_is_classified_by_its_land():
    table, ledger = classed([12, 11, 11, 10, 10, 10, 10], [0] * 7, {"u": (0, 0, 7, 1)})
    assert table.loc["u", ["degree_1", "degree_2", "basis"]].tolist() == [1, 11, "area"]
    assert table.loc["u", "share_11"] == pytest.approx(2 / 3), "water is left out of the whole"
    assert ledger.amount("nobody lives in the unit: classified by area") == 1


def test_a_unit_of_water_alone_is_uninhabited():
    table, _ = classed([10, 10], [0, 0], {"u": (0, 0, 2, 1)})
    assert table.loc["u", ["degree_1", "degree_2"]].tolist() == [1, 11]


def test_a_unit_without_data_has_no_class():
    table, ledger = classed([12, 12], [5, np.nan], {"here": (0, 0, 1, 1), "gone": (1, 0, 2, 1), "beyond": (7, 0, 9, 1)})
    assert table["degree_1"].isna().tolist() == [False, True, True]
    assert ledger.amount("unit without a cell with data") == 2


@pytest.mark.parametrize("working_m", [None, 100.0])
def test_the_raster_overlay_takes_cells_by_their_centre(working_m):
    table, _ = classed([30, 12], [100, 60], {"a": (0, 0, 1.2, 1), "b": (1.2, 0, 2, 1)}, overlay="raster", working_m=working_m)
    expected = [100.0, 60.0] if working_m is None else [112.0, 48.0]
    assert table["people"].tolist() == pytest.approx(expected)
    assert table["degree_1"].tolist() == [3, 1]


def test_a_unit_without_a_cell_centre_is_classified_and_told_no_people():
    table, ledger = classed([30, 12], [100, 60], {"whole": (0, 0, 2, 1), "tiny": (0.7, 0.1, 0.9, 0.2)}, overlay="raster")
    assert table.loc["tiny", ["degree_1", "degree_2", "basis"]].tolist() == [3, 30, "touched"]
    assert np.isnan(table.loc["tiny", "people"])
    assert table.loc["whole", "people"] == 160.0
    assert ledger.amount("unit without a cell centre: classified by cells it touches") == 1
    exact, _ = classed([30, 12], [100, 60], {"tiny": (0.7, 0.1, 0.9, 0.2)})
    assert exact.loc["tiny", "people"] == pytest.approx(2.0)


def test_later_units_cover_earlier_ones_in_the_raster_overlay():
    boxes = {"under": (0, 0, 2, 1), "over": (1, 0, 2, 1)}
    assert classed([30, 12], [100, 60], boxes, overlay="raster")[0]["people"].tolist() == [100.0, 60.0]
    assert classed([30, 12], [100, 60], boxes)[0]["people"].tolist() == [160.0, 60.0]


def test_other_grids_and_unknown_rules_are_refused():
    here, there = grid((1, 2)), grid((1, 3))
    units = zones_of({"u": pixel_box(here, 0, 0, 2, 1)}, here.crs.to_wkt())
    one, two = (raster(np.full((1, 2), code, np.uint8), here, kind="class") for code in (1, 11))
    wrong = raster(np.full((1, 3), 11, np.uint8), there, kind="class")
    people = raster([[1.0, 1.0]], here)
    with pytest.raises(GridMismatch, match="level 2"):
        degree_of_units(units, people, level_1=one, level_2=wrong)
    with pytest.raises(UnknownName, match="Did you mean '2024'"):
        degree_of_units(units, people, level_1=one, level_2=two, rules="2023")
