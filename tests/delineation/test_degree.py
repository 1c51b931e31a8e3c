"""The Degree of Urbanisation against the plain version, at exact thresholds, and with layers that are missing."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from landscapes import CLASSED, Landscape, classified, draw_landscape
from twins.degree import degree as plain_degree

from urbanreview.delineation import EDITIONS
from urbanreview.errors import NoLand, UnknownName

NEW, PEER = "jrc-2023-v2", "flexurba-0.2"
LAYERS = ["land built", "land built", "land", "built", ""]
NAN = np.nan

CELLS = np.array(
    [  # people, land [m2], built-up [m2]
        (0, 1e6, 0),
        (12_500, 1e6, 0),
        (1_500, 1e6, 0),
        (1_499.5, 1e6, 0),
        (1_250, 5e5, 2e5),
        (900, 1e6, 1e5),
        (449.5, 5e5, 0),
        (300, 1e6, 0),
        (50, 1e6, 0),
        (49.5, 1e6, 0),
        (0, 9e5, 179_550),  # rounds to 0.2
        (0, 9e5, 179_549),  # rounds to 0.199
        (0, 0, 0),
        (0, 499_999, 0),
        (0, 4e5, 1e4),  # few land, nobody, but a pier
        (40, 0, 0),  # infinite density
        (0, 0, 5e4),
        (NAN, 1e6, 3e5),
        (NAN, 0, 0),
        (0, NAN, NAN),
        (700, NAN, NAN),
        (NAN, NAN, NAN),
        (800, 1e6, NAN),
    ]
)
"""Kinds of cells, with ties at every threshold of a cell."""


def check_against_twin(landscape, edition):
    """Compare classes of both levels and the table of centres; return what the plain version found."""
    found, plain = classified(landscape, edition, level=1), plain_degree(*landscape.layers(), rules=EDITIONS[edition])
    assert found.classes.dtype == np.uint8
    np.testing.assert_array_equal(found.classes, plain.level_1)
    np.testing.assert_array_equal(found.at_level(1), plain.level_1)
    np.testing.assert_array_equal(found.at_level(2), plain.level_2)
    zones = found.centres.zones
    assert list(zip(zones["cells_initial"], zones["cells"], strict=True)) == plain.cells
    assert list(zip(zones["people_initial"], zones["people"], strict=True)) == plain.people
    return plain


# --- the plain version ---------------------------------------------------------------------------------------------


@st.composite
def patchworks(draw):
    """Small grids of the kinds of cells above; layers may be missing."""
    kinds = draw(arrays("int8", draw(array_shapes(min_dims=2, max_dims=2, max_side=10)), elements=st.integers(0, 22)))
    people, land, built = np.moveaxis(CELLS[kinds], -1, 0)
    layers = draw(st.sampled_from(LAYERS))
    return Landscape(people, land if "land" in layers else None, built if "built" in layers else None)


@settings(max_examples=150)
@given(patchworks(), st.sampled_from(CLASSED))
def test_patchworks_are_classified_as_the_specification_reads(landscape, edition):
    assume(landscape.land is None or np.nanmax(landscape.land, initial=0) > 0)
    check_against_twin(landscape, edition)


@settings(max_examples=150)
@given(
    st.builds(draw_landscape, st.integers(0, 2**32 - 1), layers=st.sampled_from(LAYERS), gaps=st.just(0.03)),
    st.sampled_from(CLASSED),
)
def test_landscapes_are_classified_as_the_specification_reads(landscape, edition):
    check_against_twin(landscape, edition)


@pytest.mark.parametrize("edition", CLASSED)
def test_every_class_occurs_and_centres_are_smoothed_and_filled(edition):
    """So that the comparison means something."""
    cells, grown, filled = Counter(), 0, 0
    for seed in range(24):
        plain = check_against_twin(draw_landscape(seed), edition)
        cells.update(plain.level_1.ravel().tolist() + plain.level_2.ravel().tolist())
        grown += plain.smoothed_cells > 0
        filled += plain.filled_cells > 0
    assert sorted(cells) == [0, 1, 2, 3, 10, 11, 12, 13, 21, 22, 23, 30]
    assert min(cells.values()) > 100
    assert grown >= 10
    assert filled >= 5


# --- thresholds ----------------------------------------------------------------------------------------------------


A_LITTLE = 2.0**-30
"""Sums of people of a city less this are exact, too."""
FIVE_HUNDREDS = [500] * 9
AT_THRESHOLDS = [
    # edition, people of a row, classes at the threshold, classes with the marked number (None) a little below
    (PEER, [25_000, None], 25_000, [30, 30], [23, 23]),
    (PEER, [48_500, None], 1_500, [30, 30], [23, 21]),
    (PEER, [50_000, 0, 50_000, None], 1_500, [30, 11, 30, 30], [30, 11, 30, 21]),
    (PEER, [2_500, None], 2_500, [23, 23], [22, 22]),
    (NEW, [2_500, None], 2_500, [23, 23], [13, 13]),
    (PEER, [1_250, None], 1_250, [22, 22], [13, 13]),
    (PEER, [1_300, 1_300, None], 900, [22, 22, 22], [22, 22, 13]),
    (PEER, [*FIVE_HUNDREDS, None], 500, [21] * 10, [13] * 10),
    ("manual-2021", [*FIVE_HUNDREDS, None], 500, [22] * 10, [13] * 10),
    (NEW, [6_000, None], 300, [23, 21], [23, 12]),
    (NEW, [None], 500, [13], [12]),
    (NEW, [None], 50, [12], [11]),
]


@pytest.mark.parametrize(("edition", "row", "threshold", "at", "below"), AT_THRESHOLDS)
def test_a_number_on_a_threshold_passes(edition, row, threshold, at, below):
    for number, expected in ((threshold, at), (threshold - A_LITTLE, below)):
        people = np.array([[number if each is None else each for each in row]], float)
        assert classified(Landscape(people), edition).classes.values.tolist() == [expected]


@pytest.mark.parametrize(
    ("edition", "people", "land", "built", "classes"),
    [
        (PEER, 0, 1e6, 2e5, 30),
        (PEER, 0, 9e5, 179_550, 30),  # 0.1995
        (PEER, 0, 9e5, 179_549, 11),
        ("jrc-2022", 0, 1e6, 5e5, 30),
        ("jrc-2022", 0, 1e6, 4.994e5, 11),
        ("manual-2021", 0, 1e6, 1e6, 11),
        ("manual-2021", 0, 0, 1e6, 11),  # no share of land is a large one
        (PEER, NAN, 1e6, 2e5, 30),
        (PEER, 0, 4e5, 1e5, 30),
        (PEER, 0, 5e5, 0, 11),
        (PEER, 0, 5e5 - A_LITTLE, 0, 10),
        (PEER, 0, 5e5 - A_LITTLE, 1, 11),
        (PEER, 0.5, 5e5 - A_LITTLE, 0, 11),
        (PEER, 30, 1e5, 0, 21),  # 300 per km2 of land
        (PEER, 29, 1e5, 0, 12),
        (PEER, 0.5, 0, 0, 30),  # people without land are as dense as can be
        (PEER, 0, NAN, NAN, 10),
        (PEER, 60, NAN, 0, 11),
    ],
)
def test_a_cell_beside_a_city(edition, people, land, built, classes):
    here = Landscape(np.array([[60_000.0, people]]), np.array([[1e6, land]]), np.array([[0.0, built]]))
    assert classified(here, edition).classes.values.tolist() == [[30, classes]]


@pytest.mark.parametrize(("edition", "apart", "too_near"), [(PEER, 2, 1), ("flexurba-0.2-2021", 2, 1), ("jrc-2022", 3, 2)])
@pytest.mark.parametrize("turn", ["row", "column", "corner"])
def test_a_semi_dense_cluster_keeps_its_distance(edition, apart, too_near, turn):
    """With so many cells between it and a dense cluster it is one; with one less it is not, not even its far end."""
    for between, expected in ((apart, [22] * 7), (too_near, [21] * 7)):
        row = np.full(7, 1 + between) * (turn == "corner")
        col = 1 + between + np.arange(7)
        people = np.zeros((12, 12))
        people[0, 0], people[row, col] = 5_000, 1_000
        if turn == "column":
            people, row, col = people.T, col, row
        assert classified(Landscape(people), edition).classes.values[row, col].tolist() == expected


# --- rules that differ ---------------------------------------------------------------------------------------------


def both_levels(people, edition, built=None):
    built = None if built is None else np.array([built], float)
    found = classified(Landscape(np.array([people], float), None, built), edition)
    return found.at_level(2).values.tolist()[0], found.at_level(1).values.tolist()[0]


def test_semi_dense_clusters_are_in_urban_clusters_or_not():
    """The peer has one that is rural at level 1: 2,700 people are no urban cluster."""
    assert both_levels([900, 900, 900], PEER) == ([22] * 3, [1] * 3)
    assert both_levels([900, 900, 900], NEW) == ([13] * 3, [1] * 3)
    assert both_levels([900, 900, 900] + [800] * 3, NEW) == ([22] * 3 + [21] * 3, [2] * 6)


def test_dense_clusters_of_buildings_are_in_urban_clusters_or_not():
    """The peer has a dense cluster that is rural at level 1: nobody lives in the buildings."""
    assert both_levels([5_000, 0], PEER, [0, 6e5]) == ([23, 23], [2, 1])
    assert both_levels([5_000, 0], "jrc-2022", [0, 6e5]) == ([23, 23], [2, 1])
    assert both_levels([5_000, 0], NEW, [0, 6e5]) == ([23, 23], [2, 2])


def test_a_centre_needs_a_dense_cell_or_not():
    people, built = [1_450] * 35, [2e5] * 35
    assert both_levels(people, PEER, built) == ([30] * 35, [3] * 35)
    assert both_levels(people, NEW, built) == ([23] * 35, [2] * 35)
    assert both_levels([*people, 1_500], NEW, [*built, 0]) == ([30] * 36, [3] * 36)


# --- layers that are missing ---------------------------------------------------------------------------------------


def test_without_layers_every_cell_is_land_and_nothing_is_built():
    people = np.array([[60_000.0, 0.0, NAN, 55.0]])
    bare = classified(Landscape(people), NEW)
    assert bare.classes.values.tolist() == [[30, 11, 11, 12]]
    assert bare.at_level(1).values.tolist() == [[3, 1, 1, 1]]
    full = classified(Landscape(people, np.full((1, 4), 1e6), np.zeros((1, 4))), NEW)
    np.testing.assert_array_equal(full.classes, bare.classes)


def test_missing_people_on_land_are_rural_and_on_water_are_water():
    sea = Landscape(np.array([[60_000.0, NAN, NAN, NAN]]), np.array([[1e6, 1e6, 0, NAN]]))
    assert classified(sea, NEW).at_level(2).values.tolist() == [[30, 11, 10, 10]]
    assert classified(sea, NEW).at_level(1).values.tolist() == [[3, 1, 0, 0]]


def test_people_without_any_land_and_rules_without_classes_are_errors():
    with pytest.raises(NoLand):
        classified(Landscape(np.array([[5.0]]), np.array([[0.0]])), NEW)
    with pytest.raises(UnknownName):
        classified(Landscape(np.array([[5.0]])), "thresholds")


def test_inputs_stay_as_they_are(freeze):
    landscape = draw_landscape(3)
    freeze(landscape.layers())
    before = landscape.each(np.copy)
    classified(landscape, NEW).centres  # noqa: B018
    for layer, copy in zip(landscape.layers(), before.layers(), strict=True):
        np.testing.assert_array_equal(layer, copy)
