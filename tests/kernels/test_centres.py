"""Smoothing and filling of urban centres: cases drawn by hand, the peer's drawn cases, and the plain version."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import masks, shapes
from twins import degree as twin

from urbanreview.kernels.centres import find_gaps, smooth_labels
from urbanreview.kernels.components import runs_of_cells
from urbanreview.kernels.flags import IGNORED, WATER

HOWS = ["majority", "five of eight"]


def smooth(labels, water, ignored, how, order=None):
    """Smooth with the kernel, the labelled cells listed in any order."""
    image = np.array(labels, np.int32)
    flags = (WATER * water + IGNORED * ignored).astype(np.uint8)
    cells = np.flatnonzero(image)
    joined = smooth_labels(image, cells if order is None else order.permutation(cells), flags, how=how)
    assert sorted(joined) == np.flatnonzero((image > 0) & (np.asarray(labels) == 0)).tolist()
    return image


def fill(labels, below_cells, cell_km2=1.0):
    """Fill with the kernel; where centres dispute a cell, the larger number has it."""
    image = np.array(labels, np.int32)
    runs = runs_of_cells(np.flatnonzero(image), image)
    cell, centre = find_gaps(runs, image.shape, cell_km2=np.full((1, 1), cell_km2), below_km2=below_cells * cell_km2)
    np.maximum.at(image.reshape(-1), cell, centre + 1)
    return image


def read(drawing):
    """Read a drawing of labels, ``.`` being none; letters say what else a cell without a label is."""
    return np.array([[int(sign) if sign.isdigit() else 0 for sign in row] for row in drawing.split()])


def where(drawing, sign):
    return np.array([list(row) for row in drawing.split()]) == sign


# --- cases drawn by hand: w is water, i and I are ignored cells, + and I join ----------------------------------------

SMOOTHED = [
    ("five of eight join, a straight edge does not grow", "both", "11+11 11+11 11111 ....."),
    ("half of the neighbours is not enough", "both", "111. 1... ...."),
    ("two centres with four each leave the cell between them alone", "both", "11.22 11.22 11.22"),
    ("beyond the grid is counted as not centre", "both", ".11 111 11+ 111"),
    ("sea is not counted", "majority", "..... .11.. .1+w. ..ww. .www."),
    ("sea is counted like land", "five of eight", "..... .11.. .1.w. ..ww. .www."),
    ("sea does not join", "majority", "1111 1w11 1111"),
    ("sea joins like land", "five of eight", "1111 1I11 1111"),
    ("an ignored cell joins", "majority", "1111 1I11 1111"),
    ("an ignored cell is not counted while it is out", "majority", "..... .11.. .1+i. ..ii. ....."),
    ("an ignored cell that has joined is counted", "majority", "1111 1I+. w..w"),
]


@pytest.mark.parametrize("engine", [smooth, twin.smooth], ids=["kernel", "twin"])
@pytest.mark.parametrize(("which", "drawing"), [case[1:] for case in SMOOTHED], ids=[case[0] for case in SMOOTHED])
def test_smoothing_as_drawn(which, drawing, engine):
    joins = where(drawing, "+") | where(drawing, "I")
    for how in HOWS if which == "both" else [which]:
        water = where(drawing, "w") | (where(drawing, "I") if how == "five of eight" else False)
        found = engine(read(drawing), water, where(drawing, "i") | where(drawing, "I"), how)
        np.testing.assert_array_equal((found > 0) & (read(drawing) == 0), joins)


FILLED = {
    "fourteen cells": (15, "1111111 1+++++1 1+++++1 1++++11 1111111"),
    "fifteen cells": (15, "1111111 1.....1 1.....1 1.....1 1111111"),
    "a bay cut off by the border": (15, "111 1.. 111"),
    "two holes that meet at a corner": (3, "11111 1++11 111+1 11111"),
    "a hole that meets the outside at a corner": (15, "1111. 1++11 1++1. 1111."),
    "a ring that hangs together by corners only": (15, ".1. 1.1 .1."),
    "an island of its own counts": (8, "11111 1...1 1.1.1 1...1 11111"),
    "a cell between two centres": (15, "112 1.2 112"),
}


@pytest.mark.parametrize("engine", [fill, twin.fill], ids=["kernel", "twin"])
@pytest.mark.parametrize("case", FILLED)
def test_gaps_as_drawn(case, engine):
    below, drawing = FILLED[case]
    found = engine(read(drawing), below)
    np.testing.assert_array_equal((found > 0) & (read(drawing) == 0), where(drawing, "+"))


@pytest.mark.parametrize("engine", [fill, twin.fill])
def test_an_enclosed_centre_counts_and_the_larger_number_has_disputed_cells(engine):
    ring = read("11111 1...1 1.2.1 1...1 11111")
    assert engine(ring, 9).tolist() == ring.tolist()  # the gap is nine cells, the centre in it included
    assert engine(ring, 10).tolist() == read("11111 11111 11211 11111 11111").tolist()
    assert engine(np.where(ring > 0, 3 - ring, 0), 10).tolist() == np.full((5, 5), 2).tolist()


# --- cases drawn by the peer ---------------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize(("smoother", "filler"), [(smooth, fill), (twin.smooth, twin.fill)], ids=["kernel", "twin"])
def test_the_drawn_cases_of_the_peer(shared, smoother, filler):
    path = shared / "reference" / "degurba" / "micro_cases.json"
    cases = json.loads(path.read_text(encoding="utf-8"))
    assert len(cases) == 35

    def answer(case):
        labels = read(case["input"])
        if case["kind"] == "fill_gaps":
            return filler(labels, case["max_gap"])
        nowhere = np.zeros(labels.shape, bool)
        water = where(case["water"], "0") if case["water"] else nowhere
        little_land = read(case["land_tenths"]) < 5 if case["land_tenths"] else nowhere
        nobody = read(case["pop_hundreds"]) == 0 if case["pop_hundreds"] else nowhere
        how = {"R2022A": "five of eight", "R2023A": "majority"}[case["version"]]
        return smoother(labels, water, little_land & nobody, how)

    assert [case["name"] for case in cases if (answer(case) != read(case["output"])).any()] == []


# --- the plain version ---------------------------------------------------------------------------------------------


@st.composite
def images(draw):
    """Images of up to three labels, mostly the first, with masks of water and of ignored cells."""
    shape = draw(shapes(12))
    labels = draw(arrays("int32", shape, elements=st.sampled_from([1, 1, 1, 0, 0, 2, 1, 3])))
    return labels, draw(masks(shape)), draw(masks(shape))


def noise(seed, shape=(40, 56), most=3):
    """Larger images: blotches of labels full of holes, and masks."""
    random = np.random.default_rng(seed)
    labels = np.where(random.random(shape) < 0.65, 1 + np.indices(shape)[1] * most // shape[1], 0)
    return labels.astype(np.int32), random.random(shape) < 0.1, random.random(shape) < 0.1


@given(images(), st.sampled_from(HOWS))
def test_smoothing_is_the_plain_one(drawn, how):
    np.testing.assert_array_equal(smooth(*drawn, how), twin.smooth(*drawn, how))


@given(images(), st.integers(1, 30))
def test_filling_is_the_plain_one(drawn, below):
    np.testing.assert_array_equal(fill(drawn[0], below), twin.fill(drawn[0], below))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("seed", range(6))
def test_smoothing_and_filling_of_larger_images(seed, how):
    labels, water, ignored = noise(seed)
    smoothed = smooth(labels, water, ignored, how, order=np.random.default_rng(seed))
    np.testing.assert_array_equal(smoothed, twin.smooth(labels, water, ignored, how))
    assert (smoothed != labels).sum() > 50
    changed = 0
    for image in (labels, smoothed):
        for below in (2, 3, 15, 1_000):
            filled = twin.fill(image, below)
            np.testing.assert_array_equal(fill(image, below), filled)
            changed += (filled != image).sum()
    assert changed > 200


def test_gaps_are_measured_in_square_kilometres():
    labels, _, _ = noise(9)
    np.testing.assert_array_equal(fill(labels, 7, cell_km2=0.25), twin.fill(labels, 7))
