"""Growth that adds up to the person: landscapes drawn by hand, and a plain twin over random ones."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toys import grid, raster

from urbanreview.delineation import EDITIONS, Extents
from urbanreview.delineation.extents import dress_runs
from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.indicators.urban_growth import decompose, moving_before, predecessors, successors
from urbanreview.kernels.components import Runs, find_runs, sum_runs
from urbanreview.zones.link import COLUMNS

RULE = EDITIONS["thresholds"].urban_cluster
PARTS = ("inside", "edge", "absorbed", "new", "dropped")
COUNTS = ("settlements_new", "settlements_dropped", "settlements_merged")


def people_on(values, here=None):
    values = np.atleast_2d(np.array(values, float))
    values.flags.writeable = False
    return raster(values, here or grid(values.shape, left=2_000_000.0, top=5_500_000.0))


def settle(labels, people, names=None) -> Extents:
    """Make settlements of an image of labels from 1, called as given in order of label."""
    labels = np.atleast_2d(labels)
    count = int(labels.max(initial=0))
    runs = find_runs(labels.astype(np.int32))
    runs = Runs(runs.row, runs.start, runs.stop, runs.value - 1)
    found = dress_runs(people, runs, sum_runs(people.values, runs, count), RULE, "TOY")
    names = names or [f"s{k}" for k in range(count)]
    zones = found.zones.set_axis(pd.Index(names, name="zone_id", dtype="str"))
    return Extents(found.geobox, runs, zones, RULE)


def drawn(rows: str, people) -> Extents:
    """Make settlements of letters in rows that are separated by blanks; a dot is none."""
    image = np.array([list(row) for row in rows.split()])
    names = sorted(set(image.ravel()) - {"."})
    labels = sum((image == name) * (k + 1) for k, name in enumerate(names))
    return settle(labels + np.zeros(image.shape, int), people, names)


def grown(before, after, people_before, people_after, *, inside=None, settled=None):
    """Decompose drawings; return people by part, counts of settlements, total, and the ledger."""
    first, last = people_on(people_before), people_on(people_after)
    inside = np.ones(first.shape) if inside is None else np.atleast_2d(np.array(inside, float))
    settled = np.zeros(first.shape, bool) if settled is None else np.atleast_2d(np.array(settled, bool))
    values, ledger = decompose(drawn(before, first), drawn(after, last), first, last, inside=inside, settled_before=settled)
    assert list(values) == [f"urban_growth.{name}" for name in ("total", *PARTS, *COUNTS)]
    assert all(isinstance(value, float) for value in values.values())
    parts, counts = ([values[f"urban_growth.{name}"] for name in names] for names in (PARTS, COUNTS))
    return parts, counts, values["urban_growth.total"], ledger


# Landscapes by hand: inside, edge, absorbed, new, dropped; settlements new, dropped, merged.


def test_a_city_that_stays_where_it_is_grows_inside():
    parts, counts, total, ledger = grown("AA..", "AA..", [50, 60, 3, 0], [70, 55, 9, 0])
    assert (parts, counts, total) == ([15, 0, 0, 0, 0], [0, 0, 0], 15)
    assert ledger.entries == ()


def test_a_city_that_spreads_brings_all_people_of_its_edge():
    """The three people who lived there before were not urban: all nine are gained."""
    parts, counts, total, _ = grown("AA..", "AAA.", [50, 60, 3, 0], [70, 55, 9, 0])
    assert (parts, counts, total) == ([15, 9, 0, 0, 0], [0, 0, 0], 24)


def test_a_town_that_a_city_reaches_is_absorbed():
    """The city grows over an empty cell and a town of two cells."""
    parts, counts, total, _ = grown(
        "AA....", "AAAAA.", [50, 60, 3, 8, 9, 0], [50, 60, 20, 10, 12, 0], settled=[1, 1, 0, 1, 1, 0]
    )
    assert (parts, counts, total) == ([0, 20, 22, 0, 0], [0, 0, 0], 42)


def test_a_city_without_a_forerunner_is_new_also_where_a_town_was():
    parts, counts, total, _ = grown("A....", "A..BB", [50, 0, 0, 8, 9], [51, 0, 0, 30, 31], settled=[1, 0, 0, 1, 1])
    assert (parts, counts, total) == ([1, 0, 0, 61, 0], [1, 0, 0], 62)


def test_ground_that_is_no_longer_urban_is_dropped_with_the_people_it_had():
    parts, counts, total, _ = grown("AAA.BB", "A.....", [50, 20, 10, 0, 30, 31], [55, 2, 1, 0, 25, 26])
    assert (parts, counts, total) == ([5, 0, 0, 0, 91], [0, 1, 0], -86)


def test_two_cities_that_merge_grow_inside_and_over_the_gap():
    parts, counts, total, _ = grown("AA.B", "CCCC", [50, 60, 3, 40], [55, 65, 30, 45])
    assert (parts, counts, total) == ([15, 30, 0, 0, 0], [0, 0, 1], 45)


def test_a_city_that_splits_leaves_its_middle_and_no_part_is_new():
    parts, counts, total, _ = grown("AAAA", "A.BB", [50, 10, 20, 30], [55, 9, 22, 30])
    assert (parts, counts, total) == ([7, 0, 0, 0, 10], [0, 0, 0], -3)


def test_a_city_that_moves_by_a_corner_is_a_stranger():
    parts, counts, total, _ = grown("A. ..", ".. .B", [[50, 0], [0, 0]], [[0, 0], [0, 60]])
    assert (parts, counts, total) == ([0, 0, 0, 60, 50], [1, 1, 0], 10)


def test_of_three_that_merge_two_are_swallowed():
    _, counts, _, _ = grown("A.B.C.D", "EEEEE.F", [5, 0, 50, 0, 5, 0, 9], [9] * 7)
    assert counts == [0, 0, 2]


def test_of_two_equal_ones_that_merge_one_is_swallowed():
    assert grown("A.B", "CCC", [50, 0, 50], [50, 50, 50])[1] == [0, 0, 1]


def test_one_that_gives_a_new_neighbour_only_a_corner_is_not_merged_into_it():
    """Most of B's people went to D, which has no other forerunner; C took one of its three cells."""
    parts, counts, total, _ = grown("AABBB", "CCCDD", [40, 40, 5, 30, 30], [40, 40, 6, 31, 32])
    assert (parts, counts, total) == ([4, 0, 0, 0, 0], [0, 0, 0], 4)


def test_nothing_at_either_date():
    assert grown("...", "...", [1, 2, 3], [1, 2, 3])[:3] == ([0, 0, 0, 0, 0], [0, 0, 0], 0)
    assert grown("...", "AA.", [1, 2, 3], [4, 5, 6])[:3] == ([0, 0, 0, 9, 0], [1, 0, 0], 9)
    assert grown("AA.", "...", [1, 2, 3], [4, 5, 6])[:3] == ([0, 0, 0, 0, 3], [0, 1, 0], -3)


# The border, missing people, unknown towns, other grids.


def test_only_the_share_of_a_cell_inside_the_country_counts():
    parts, counts, total, _ = grown("AAA.", "AAAA", [40, 40, 40, 2], [80, 80, 80, 80], inside=[0, 0.25, 1, 0.5])
    assert (parts, counts, total) == ([50, 40, 0, 0, 0], [0, 0, 0], 90)


def test_a_forerunner_abroad_is_a_forerunner():
    """The city grew across the border: it is not new, though nobody of it lived in the country."""
    parts, counts, total, _ = grown("AA..", "AAA.", [40, 40, 5, 0], [40, 40, 30, 0], inside=[0, 0, 1, 1])
    assert (parts, counts, total) == ([0, 30, 0, 0, 0], [0, 0, 0], 30)


def test_settlements_abroad_are_nobodys_news():
    values = grown("A...B.C", "..D.EEE", [40, 0, 0, 0, 50, 0, 30], [0, 0, 60, 0, 50, 50, 50], inside=[0] * 7)
    assert values[:3] == ([0, 0, 0, 0, 0], [0, 0, 0], 0)
    ours = grown("A...B.C", "..D.EEE", [40, 0, 0, 0, 50, 0, 30], [0, 0, 60, 0, 50, 50, 50], inside=[0, 0, 0, 0, 0, 0, 1])
    assert ours[:2] == ([20, 0, 0, 0, 0], [0, 0, 1])  # ours was the smaller one: merged into one abroad


def test_missing_people_are_nobody_and_counted_where_they_would_have_mattered():
    nan = np.nan
    parts, counts, total, ledger = grown("AA...", "AAAA.", [50, nan, nan, nan, nan], [70, 55, nan, 8, nan])
    assert (parts, counts, total) == ([75, 8, 0, 0, 0], [0, 0, 0], 83)
    assert ledger.frame()[["cause", "unit", "amount"]].values.tolist() == [
        ["no population value in a settlement: counted as nobody", "cell", 2]
    ]
    abroad = grown("AA..", "AAA.", [50, nan, nan, nan], [70, 55, nan, nan], inside=[1, 0, 0, 0])[-1]
    assert abroad.entries == ()


def test_unknown_towns_leave_the_absorbed_missing_and_in_the_edge():
    first, last = people_on([50, 3, 9]), people_on([50, 20, 12])
    values, _ = decompose(drawn("A..", first), drawn("AAA", last), first, last, inside=np.ones((1, 3)))
    assert np.isnan(values["urban_growth.absorbed"])
    assert values["urban_growth.edge"] == values["urban_growth.total"] == 32


@pytest.mark.parametrize("other", ["after", "people_before", "people_after"])
def test_another_grid_is_refused(other):
    moved = grid((1, 2), left=2_000_500.0, top=5_500_000.0)
    people = {name: people_on([5, 6], moved if name == other else None) for name in ("people_before", "people_after")}
    after = drawn("AA", people_on([5, 6], moved if other == "after" else None))
    with pytest.raises(GridMismatch):
        decompose(drawn("A.", people_on([5, 6])), after, **people, inside=np.ones((1, 2)))


def test_people_that_are_no_count_are_refused():
    first, last = people_on([5, 6]), people_on([5, 6])
    last.attrs["kind"] = "intensity"
    with pytest.raises(UndeclaredRaster):
        decompose(drawn("AA", first), drawn("AA", first), first, last, inside=np.ones((1, 2)))


def test_an_image_of_another_shape_is_refused():
    first = people_on([5, 6, 7])
    for images in ({"inside": np.ones((3, 1))}, {"inside": np.ones((1, 3)), "settled_before": np.ones((3, 1), bool)}):
        with pytest.raises(IndexError):
            decompose(drawn("AA.", first), drawn("AAA", first), first, first, **images)


# Forerunners.


def linked(before, after, people, people_after=None):
    first = people_on(people)
    last = first if people_after is None else people_on(people_after)
    return predecessors(drawn(before, first), drawn(after, last), first)


def test_links_are_of_the_people_at_the_first_date():
    """C has grown tenfold: its shares are still of the 90 people who lived on its ground at first."""
    links = linked("AA.BB", "CCCC.", [50, 20, 5, 15, 10], [500, 200, 50, 150, 0])
    assert links.columns.tolist() == list(COLUMNS)
    assert links[["from_id", "to_id", "relation", "people", "cells", "rank"]].values.tolist() == [
        ["C", "A", "earlier", 70, 2, 1],
        ["C", "B", "earlier", 15, 1, 2],
    ]
    assert links["from_share"].tolist() == pytest.approx([70 / 90, 15 / 90])
    assert links["to_share"].tolist() == pytest.approx([1.0, 15 / 25])


def test_a_new_settlement_has_no_link_and_a_dropped_one_no_successor():
    links = linked("A.B..", "..C.D", [50, 0, 20, 0, 0])
    assert links[["from_id", "to_id"]].values.tolist() == [["C", "B"]]
    assert successors(links).to_dict() == {"B": "C"}


def test_the_successor_has_most_people_then_most_cells_then_the_first_id():
    assert successors(linked("AAAA", "BCCC", [50, 10, 10, 10])).to_dict() == {"A": "B"}
    assert successors(linked("AAAA", "BCCC", [30, 10, 10, 10])).to_dict() == {"A": "C"}
    assert successors(linked("AAAA", "DDCC", [10, 10, 10, 10])).to_dict() == {"A": "C"}
    assert successors(linked("AAAA", "BCCC", [0, 0, 0, 0])).to_dict() == {"A": "C"}


def test_people_before_move_with_the_boundary():
    links = linked("AA.BBB", "CCCCDD", [50, 20, 5, 15, 10, 2])
    before = pd.Series({"B": 27.0, "A": 70.0})
    assert moving_before(links, before).to_dict() == {"C": 97.0, "D": pytest.approx(np.nan, nan_ok=True)}
    assert moving_before(links, before).reindex(["C", "D", "new"]).isna().tolist() == [False, True, True]
    assert moving_before(links, before[:0]).isna().all()  # people unknown: missing, not nobody


def test_no_settlements_have_no_forerunners():
    for before, after in [("...", "AA."), ("AA.", "..."), ("...", "...")]:
        links = linked(before, after, [1, 2, 3])
        assert links.empty
        assert successors(links).empty
        assert moving_before(links, pd.Series(dtype=float)).empty


def test_forerunners_on_another_grid_are_refused():
    first, moved = people_on([5, 6]), people_on([5, 6], grid((1, 2), left=0.0, top=0.0))
    with pytest.raises(GridMismatch):
        predecessors(drawn("AA", first), drawn("AA", moved), first)
    with pytest.raises(GridMismatch):
        predecessors(drawn("AA", first), drawn("AA", first), moved)


# Random landscapes.


def grounds(labels) -> dict[int, set]:
    """List the cells of every label from 1."""
    return {label: set(zip(*np.nonzero(labels == label), strict=True)) for label in range(1, labels.max(initial=0) + 1)}


def plain_parts(was, now, first, last, settled) -> dict[str, float]:
    """Go through the cells one by one: the slow twin, on images of labels from 1 and people inside the country."""
    out = dict.fromkeys(("total", *PARTS), 0.0)
    old = set(now[(was > 0) & (now > 0)])
    for cell in zip(*np.nonzero((was > 0) | (now > 0)), strict=True):
        at_first, at_last = first[cell] * (was[cell] > 0), last[cell] * (now[cell] > 0)
        out["total"] += at_last - at_first
        if was[cell] and now[cell]:
            out["inside"] += at_last - at_first
        elif was[cell]:
            out["dropped"] += at_first
        elif now[cell] not in old:
            out["new"] += at_last
        else:
            out["absorbed" if settled[cell] else "edge"] += at_last
    return out


def plain_counts(was, now, first, last, first_whole) -> dict[str, float]:
    """Go through the settlements one by one."""
    earlier, later = grounds(was), grounds(now)

    def lived(people, ground):
        return sum(people[cell] for cell in ground)

    def successor(ground):
        met = [(-lived(first_whole, ground & other), -len(ground & other), k) for k, other in later.items() if ground & other]
        return min(met)[2] if met else None

    order = sorted(earlier, key=lambda label: (-lived(first_whole, earlier[label]), label))
    after = [successor(earlier[label]) for label in order]
    ours = [lived(first, earlier[label]) >= 1 for label in order]
    new = [lived(last, ground) >= 1 and not any(ground & other for other in earlier.values()) for ground in later.values()]
    return {
        "settlements_new": sum(new),
        "settlements_dropped": sum(our and each is None for our, each in zip(ours, after, strict=True)),
        "settlements_merged": sum(
            our and each is not None and each in after[:k] for k, (our, each) in enumerate(zip(ours, after, strict=True))
        ),
    }


def plain_decompose(was, now, first, last, inside, settled) -> dict[str, float]:
    first_whole, last_whole = np.nan_to_num(first), np.nan_to_num(last)
    first, last = first_whole * inside, last_whole * inside
    values = plain_parts(was, now, first, last, settled) | plain_counts(was, now, first, last, first_whole)
    return {f"urban_growth.{name}": float(value) for name, value in values.items()}


def landscape(seed: int, *, whole_shares: bool):
    """Draw labels, people, shares and towns; labels are patches of any form, and many cells share one."""
    random = np.random.default_rng(seed)
    shape = tuple(random.integers(1, 9, 2))
    was, now = (random.integers(0, random.integers(1, 6), shape) * (random.random(shape) < 0.7) for _ in range(2))
    was, now = (np.unique(np.append(0, each), return_inverse=True)[1][1:].reshape(shape) for each in (was, now))
    first, last = (random.integers(0, 30, shape).astype(float) for _ in range(2))
    for people in (first, last):
        people[random.random(shape) < 0.1] = np.nan
    inside = random.random(shape) < 0.7 if whole_shares else random.choice([0, 1, 1, 0.37], shape)
    return was, now, first, last, inside.astype(float), random.random(shape) < 0.4


def decomposed(was, now, first, last, inside, settled):
    people = people_on(first), people_on(last)
    return decompose(settle(was, people[0]), settle(now, people[1]), *people, inside=inside, settled_before=settled)[0]


@given(st.integers(0, 2**32 - 1))
def test_law_the_parts_are_those_of_the_plain_twin(seed):
    drawn_landscape = landscape(seed, whole_shares=False)
    values = decomposed(*drawn_landscape)
    expected = plain_decompose(*drawn_landscape)
    assert list(values) == list(expected)
    assert values == pytest.approx(expected, rel=1e-9, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_law_the_parts_add_up_to_the_person(seed, whole_shares):
    drawn_landscape = landscape(seed, whole_shares=whole_shares)
    values = decomposed(*drawn_landscape)
    total, inside, edge, absorbed, new, dropped = (values[f"urban_growth.{name}"] for name in ("total", *PARTS))
    added = inside + edge + absorbed + new - dropped
    was, now, first, last, share, _ = drawn_landscape
    urban = np.nansum(last * share * (now > 0)) - np.nansum(first * share * (was > 0))
    if whole_shares:
        assert added == total == urban
    else:
        assert added == pytest.approx(total, rel=1e-9, abs=1e-9)
        assert total == pytest.approx(urban, rel=1e-9, abs=1e-9)
    assert min(edge, absorbed, new, dropped) >= 0


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_law_shuffled_settlements_change_nothing(seed):
    was, now, first, last, inside, settled = landscape(seed, whole_shares=False)
    random = np.random.default_rng(seed)
    people = people_on(first), people_on(last)
    dates = [settle(was, people[0]), settle(now, people[1])]
    other = [shuffled(date, random) for date in dates]
    for date, same in zip(dates, other, strict=True):
        assert sorted(date.zones.index) == sorted(same.zones.index)
    values, again = (decompose(*each, *people, inside=inside, settled_before=settled)[0] for each in (dates, other))
    assert values == again
    links, same_links = (predecessors(*each, people[0]) for each in (dates, other))
    pd.testing.assert_frame_equal(links, same_links, check_exact=True)
    before = dates[0].zones["people"]
    pd.testing.assert_series_equal(
        moving_before(links.sample(frac=1, random_state=1), before[::-1]), moving_before(links, before), check_exact=True
    )


def shuffled(found: Extents, random: np.random.Generator) -> Extents:
    """Put the rows of the settlements in another order, and their labels with them; ids stay."""
    order = random.permutation(len(found.zones))
    place = np.empty(order.size, np.int32)
    place[order] = np.arange(order.size)
    runs = found.runs._replace(value=place[found.runs.value])
    return Extents(found.geobox, runs, found.zones.iloc[order], found.rule)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_law_parts_of_a_country_add_up_to_it(seed):
    was, now, first, last, _, settled = landscape(seed, whole_shares=False)
    west = np.random.default_rng(seed).choice([0.0, 0.25, 1.0], was.shape)
    whole, left, right = (decomposed(was, now, first, last, inside, settled) for inside in (np.ones(was.shape), west, 1 - west))
    for name in ("total", *PARTS):
        key = f"urban_growth.{name}"
        assert left[key] + right[key] == pytest.approx(whole[key], rel=1e-12, abs=1e-9)


def test_frozen_inputs_are_not_changed(freeze):
    was, now, first, last, inside, settled = (freeze(part) for part in landscape(5, whole_shares=False))
    people = people_on(first), people_on(last)
    dates = settle(was, people[0]), settle(now, people[1])
    copies = [date.zones.copy() for date in dates]
    for date in dates:
        freeze(tuple(date.runs))
    decompose(*dates, *people, inside=inside, settled_before=settled)
    for date, copy in zip(dates, copies, strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(date.zones), pd.DataFrame(copy))
