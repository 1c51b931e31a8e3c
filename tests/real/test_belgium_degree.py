"""Real Belgium: the Degree of Urbanisation against the peer cell by cell, and against the plain version in every edition."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from landscapes import CLASSED
from twins.degree import degree as plain_degree

from urbanreview.delineation import EDITIONS, degree_of_urbanisation, optimal_built_up_share
from urbanreview.kernels.components import Runs, find_runs
from urbanreview.kernels.flags import Limits, flag_cells
from urbanreview.sources import open_raster

pytestmark = pytest.mark.real

PEER = "flexurba-0.2"


@pytest.fixture(scope="module")
def ground(data):
    """Land and built-up surface, read-only."""
    layers = {}
    for name, file in (("land", "ghs_land_e2018_1km.tif"), ("built_up", "ghs_built_s_e2020_1km.tif")):
        layers[name], _ = open_raster(data / "belgium" / file, kind="count", units="m2")
        layers[name].values.flags.writeable = False
    return layers


@pytest.fixture(scope="module")
def reference(shared):
    return shared / "reference" / "degurba"


@pytest.fixture(scope="module")
def classify(belgium, ground):
    """Classify Belgium in an edition, once."""
    known = {}

    def classified(edition):
        if edition not in known:
            known[edition] = degree_of_urbanisation(belgium, **ground, rules=edition, iso3="BEL")[0]
        return known[edition]

    return classified


@pytest.mark.parametrize(("level", "file"), [(1, "belgium_l1_default.tif"), (2, "belgium_l2_2024_default.tif")])
def test_no_cell_differs_from_the_peer(classify, stored, reference, level, file):
    found, expected = classify(PEER).at_level(level), stored(reference / file)
    assert found.shape == expected.shape == (219, 303)
    assert int((found.values != expected).sum()) == 0


def test_centres_are_those_of_the_peer(classify, reference):
    expected = pd.read_csv(reference / "belgium_urban_centres.csv").sort_values("pop_initial")
    zones = classify(PEER).centres.zones.sort_values("people_initial")
    assert len(zones) == len(expected) == 33
    assert zones["cells_initial"].tolist() == expected["cells_initial"].tolist()
    assert zones["cells"].tolist() == expected["cells_final"].tolist()
    np.testing.assert_allclose(zones["people_initial"], expected["pop_initial"], rtol=1e-9)
    np.testing.assert_allclose(zones["people"], expected["pop_final"], rtol=1e-9)


@pytest.mark.parametrize("edition", CLASSED)
def test_every_edition_is_the_plain_version(classify, belgium, ground, edition):
    plain = plain_degree(belgium.values, ground["land"].values, ground["built_up"].values, rules=EDITIONS[edition])
    found = classify(edition)
    np.testing.assert_array_equal(found.at_level(1), plain.level_1)
    np.testing.assert_array_equal(found.at_level(2), plain.level_2)
    zones = found.centres.zones
    assert list(zip(zones["cells_initial"], zones["cells"], strict=True)) == plain.cells
    np.testing.assert_allclose(zones[["people_initial", "people"]], plain.people, rtol=1e-12)
    assert plain.smoothed_cells > 100


@pytest.mark.parametrize(("edition", "cells"), [(PEER, 575), ("jrc-2023-v2", 502), ("flexurba-0.2-2021", 827)])
def test_semi_dense_clusters_are_as_large_as_published(classify, edition, cells):
    assert int((classify(edition).classes == 22).sum()) == cells


def test_classes_of_the_peer_are_as_many_as_published(classify):
    expected = {30: 2145, 23: 1511, 22: 575, 21: 6789, 13: 2091, 12: 20955, 11: 29713, 10: 2578}
    assert Counter(classify(PEER).classes.values.ravel().tolist()) == expected
    assert Counter(classify(PEER).at_level(1).values.ravel().tolist()) == {3: 2145, 2: 8797, 1: 52837, 0: 2578}


@pytest.mark.parametrize("edition", ["jrc-2023-v2", "manual-2021"])
def test_level_1_is_level_2_put_together(classify, edition):
    found = classify(edition)
    together = np.select([found.classes == 30, found.classes >= 21, found.classes >= 11], [3, 2, 1], default=0)
    np.testing.assert_array_equal(found.at_level(1), together)


@pytest.mark.parametrize("height", [1, 7, 64, 218])
def test_flags_and_runs_of_strips_are_those_of_the_whole(classify, belgium, ground, height):
    limits = Limits(core=1_500.0, semi_dense=900.0, urban=300.0, low=50.0, built_up=0.2, water_below=0.5)
    layers = [belgium.values, ground["land"].values, ground["built_up"].values]
    parts = []
    for top in range(0, belgium.shape[0], height):
        strip = [layer[top : top + height] for layer in layers]
        runs = find_runs(flag_cells(*strip, cell_m=(1e3, 1e3), cell_km2=np.ones((1, 1)), limits=limits))
        parts.append(runs._replace(row=runs.row + top))
    joined = Runs(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    for column, expected in zip(joined, find_runs(classify(PEER).found.flags), strict=True):
        np.testing.assert_array_equal(column, expected)


@pytest.mark.parametrize(("min_people", "expected"), [(5_000, 0.2434054), (50_000, 0.2507593)])
def test_the_optimal_threshold_is_the_published_one(belgium, ground, min_people, expected):
    found = optimal_built_up_share(belgium, **ground, min_people=min_people, decimals=None)
    assert found == pytest.approx(expected, abs=5e-8)
    rounded = optimal_built_up_share(belgium, **ground, min_people=min_people)
    assert rounded == np.ceil(expected * 100) / 100
