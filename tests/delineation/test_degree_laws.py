"""Laws of the Degree of Urbanisation, and examples of what is no law.

More people never make a cell less urban: this is so for dense cells and urban clusters before any smoothing, and at level 1
where there is one centre. It is not so in general:

- where centres meet, a town that becomes one takes away the majority that a neighbouring centre had in a cell;
- somebody who moves onto a cell of sea makes it count as a neighbour (by ``majority``, not by ``five of eight``);
- at level 2, a semi-dense cluster near which a dense one arises becomes suburban.
"""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from landscapes import CLASSED, Landscape, classified, draw_landscape

from urbanreview.delineation import EDITIONS
from urbanreview.kernels.components import Runs, find_runs, paint_runs
from urbanreview.kernels.flags import CORE, Limits, flag_cells

seeds = st.integers(0, 2**32 - 1)
editions = st.sampled_from(CLASSED)
layers_there = st.sampled_from(["land built", "land built", "land", "built", ""])
BOTH = (1, 2)
AGGREGATE = {30: 3, 23: 2, 22: 2, 21: 2, 13: 1, 12: 1, 11: 1, 10: 0}


def landscapes(shape=(22, 27), towns=(2, 6)):
    """Random landscapes; any layer but the people may be missing."""
    return st.builds(draw_landscape, seeds, st.just(shape), towns=st.just(towns), layers=layers_there)


def classes_of(landscape, edition, level):
    return classified(landscape, edition, level=level).classes.values


def whole(runs, like):
    """Draw runs as a mask of the same shape."""
    return paint_runs(runs, like.shape) > 0


# --- where the grid lies and which way it is read ------------------------------------------------------------------


@given(landscapes(), editions, st.tuples(*[st.integers(0, 4)] * 4))
def test_law_empty_land_around_the_grid_changes_nothing(landscape, edition, frame):
    """Not even where settlements are cut by the border: places beyond the grid count like land where nobody lives."""
    before, after = classified(landscape, edition), classified(landscape.framed(*frame), edition)
    top, left = frame[:2]
    rows, cols = landscape.people.shape
    for level, rural in zip(BOTH, (1, 11), strict=True):
        moved = after.at_level(level).values.copy()
        here = moved[top : top + rows, left : left + cols]
        np.testing.assert_array_equal(here, before.at_level(level))
        here[:] = rural
        assert (moved == rural).all()


def test_no_law_sea_around_the_grid_does_not_count():
    corner = Landscape(np.array([[0.0, 2e4], [2e4, 2e4]]), np.full((2, 2), 1e6), np.zeros((2, 2)))
    at_sea = Landscape(*(np.pad(layer, 1) for layer in corner.layers()))
    assert classes_of(corner, "flexurba-0.2", 1).tolist() == [[1, 3], [3, 3]]
    assert classes_of(at_sea, "flexurba-0.2", 1)[1:3, 1:3].tolist() == [[3, 3], [3, 3]]
    assert classes_of(at_sea, "manual-2021", 1)[1:3, 1:3].tolist() == [[1, 3], [3, 3]]


@given(landscapes(), editions, st.booleans(), st.sampled_from([(0,), (1,), (0, 1), ()]))
def test_law_classes_do_not_depend_on_scan_order(landscape, edition, transposed, axes):
    """Of the centres only the numbers do, and with them who has a cell that two of them enclose."""

    def turn(layer):
        return np.ascontiguousarray(np.flip(layer.T if transposed else layer, axes))

    before, after = classified(landscape, edition), classified(landscape.each(turn), edition)
    for level in BOTH:
        np.testing.assert_array_equal(after.at_level(level), turn(before.at_level(level).values))
    initial = whole(before.found.centres.initial, before.population.values)
    np.testing.assert_array_equal(whole(after.found.centres.initial, after.population.values), turn(initial))


# --- strips --------------------------------------------------------------------------------------------------------


@given(landscapes(), st.lists(st.integers(1, 21), max_size=6), st.sampled_from([0xFF, CORE]))
def test_law_flags_and_runs_of_strips_are_those_of_the_whole(landscape, cuts, bits):
    limits = Limits(core=1_500.0, semi_dense=900.0, urban=300.0, low=50.0, built_up=0.2, water_below=0.5)

    def flags_of(rows):
        strip = landscape.each(lambda layer: layer[rows])
        return flag_cells(*strip.layers(), cell_m=(1e3, 1e3), cell_km2=np.ones((1, 1)), limits=limits)

    flags = flags_of(slice(None))
    edges = [0, *sorted(set(cuts)), landscape.people.shape[0]]
    parts = []
    for top, bottom in pairwise(edges):
        strip = flags_of(slice(top, bottom))
        np.testing.assert_array_equal(strip, flags[top:bottom])
        runs = find_runs(strip & bits)
        parts.append(runs._replace(row=runs.row + top))
    joined = Runs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    for column, expected in zip(joined, find_runs(flags & bits), strict=True):
        np.testing.assert_array_equal(column, expected)


# --- levels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("edition", ["jrc-2023-v2", "manual-2021"])
@given(landscape=landscapes())
def test_law_level_1_is_level_2_put_together(edition, landscape):
    """The other editions have dense or semi-dense clusters outside of urban ones: see ``test_degree``."""
    found = classified(landscape, edition)
    together = np.vectorize(AGGREGATE.get)(found.at_level(2).values)
    np.testing.assert_array_equal(found.at_level(1), together)


@given(landscapes(), editions)
def test_law_centres_and_water_are_the_same_at_both_levels(landscape, edition):
    found = classified(landscape, edition)
    one, two = found.at_level(1).values, found.at_level(2).values
    np.testing.assert_array_equal(one == 3, two == 30)
    np.testing.assert_array_equal(one == 0, two == 10)


# --- more people ---------------------------------------------------------------------------------------------------


def newcomers(seed, shape, share=0.3):
    random = np.random.default_rng(seed)
    return np.where(random.random(shape) < share, random.choice([1.0, 50.0, 700.0, 5_000.0], shape), 0.0)


@given(landscapes(), editions, seeds)
def test_law_newcomers_never_shrink_dense_cells_and_urban_clusters(landscape, edition, seed):
    after = landscape.with_people(landscape.people + newcomers(seed, landscape.people.shape))
    old, new = classified(landscape, edition), classified(after, edition)
    pairs = [(old.found.centres.dense, new.found.centres.dense), (old.found.centres.initial, new.found.centres.initial)]
    if not EDITIONS[edition].degree.dense_is_urban:  # else clusters take what smoothing gives to centres
        pairs.append((old.found.clusters, new.found.clusters))
    for less, more in pairs:
        assert not (whole(less, landscape.people) & ~whole(more, landscape.people)).any()


def level_1_with_one_centre(landscape, edition):
    """Classify, and skip what has more than one centre."""
    found = classified(landscape, edition, level=1)
    assume(found.found.centres.initial.value.max(initial=0) == 0)
    return found.classes.values


@given(landscapes((15, 18), (1, 3)), editions, st.sampled_from([1.25, 1.5, 2.0, 3.0]))
def test_law_with_one_centre_a_factor_makes_no_cell_less_urban(landscape, edition, factor):
    more = level_1_with_one_centre(landscape.with_people(landscape.people * factor), edition)
    assert (more >= level_1_with_one_centre(landscape, edition)).all()


@given(landscapes((15, 18), (1, 3)), st.sampled_from(["jrc-2022", "manual-2021"]), seeds)
def test_law_with_one_centre_and_five_of_eight_newcomers_make_no_cell_less_urban(landscape, edition, seed):
    after = landscape.people + newcomers(seed, landscape.people.shape, share=0.05)
    more = level_1_with_one_centre(landscape.with_people(after), edition)
    assert (more >= level_1_with_one_centre(landscape, edition)).all()


BAY = np.array([[0, 0, 0, 0, 0], [0, 2e4, 2e4, 0, 0], [0, 2e4, 0, 0, 0], [0, 0, 0, 0, 0]])
BAY_LAND = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 1, 0, 0, 1]]) * 1e6


@pytest.mark.parametrize("edition", ["jrc-2023-v2", "flexurba-0.2"])
def test_no_law_somebody_at_sea_makes_the_shore_less_urban(edition):
    land = np.where(BAY_LAND == 0, 1e5, BAY_LAND)
    somebody = BAY.copy()
    somebody[3, 3] = 1
    assert classes_of(Landscape(BAY, land), edition, 1)[2, 2] == 3
    assert classes_of(Landscape(somebody, land), edition, 1)[2, 2] == 1


@pytest.mark.parametrize("edition", ["jrc-2023-v2", "flexurba-0.2"])
def test_no_law_twice_the_people_make_two_centres_and_a_cell_less_urban(edition):
    """Piers of a port are not counted until the port is a centre of its own."""
    people, built = BAY.copy(), np.where(BAY_LAND == 0, 5e4, 0)
    people[3, 4] = 3e4
    land = np.where(BAY_LAND == 0, 1e5, BAY_LAND)
    built[2, 4] = 0
    assert classes_of(Landscape(people, land, built), edition, 1)[2, 2] == 3
    assert classes_of(Landscape(2 * people, land, built), edition, 1)[2, 2] == 1


@pytest.mark.parametrize("edition", CLASSED)
def test_no_law_a_town_that_becomes_dense_makes_its_neighbour_suburban(edition):
    people = np.array([[1_499.0, 0, *[1_000] * 6, 0, 0]])
    denser = np.array([[5_000.0, 0, *[1_000] * 6, 0, 0]])
    assert classes_of(Landscape(people), edition, 2)[0, 2] == 22
    assert classes_of(Landscape(denser), edition, 2)[0, 2] == 21
