"""Real Belgium: settlements against the plain version, and what is known of the official method."""

import numpy as np
import pytest
from twins.extents import extents as plain_extents

from urbanreview.delineation import EDITIONS, extents, working_population
from urbanreview.grid import geobox_of
from urbanreview.sources import open_raster
from urbanreview.zones import plan_extents, summarise

pytestmark = pytest.mark.real


@pytest.mark.parametrize(("level", "count"), [("urban_cluster", 283), ("urban_centre", 31)])
def test_the_notebook_edition_is_the_plain_version(belgium, level, count):
    rule = getattr(EDITIONS["notebook"], level)
    found, _ = extents(belgium, rules=rule, iso3="BEL")
    image, people = plain_extents(belgium.values, more_than=rule.min_density, more_people_than=rule.min_people)
    np.testing.assert_array_equal(found.image(), image)
    np.testing.assert_allclose(found.zones["people"], people, rtol=1e-13)
    # As other tools count them on this raster (the shared notes on clusters).
    assert len(found.zones) == count


@pytest.mark.parametrize("level", ["urban_cluster", "urban_centre"])
def test_the_standard_edition_is_the_plain_version_of_densities(belgium, stored, data, level):
    rule = getattr(EDITIONS["thresholds"], level)
    land, _ = open_raster(data / "belgium" / "ghs_land_e2018_1km.tif", kind="count", units="m2")
    found, _ = extents(belgium, rules=rule, iso3="BEL", land_m2=land)
    with np.errstate(divide="ignore", invalid="ignore"):
        density = belgium.values / (stored(data / "belgium" / "ghs_land_e2018_1km.tif") / 1e6)
    image, people = plain_extents(
        belgium.values,
        density,
        more_than=rule.min_density,
        more_people_than=rule.min_people,
        neighbours=rule.neighbours,
        inclusive=True,
    )
    np.testing.assert_array_equal(found.image(), image)
    np.testing.assert_allclose(found.zones["people"], people, rtol=1e-13)


def test_settlements_on_their_own_grid_are_sums_of_labels(belgium):
    found, _ = extents(belgium, rules=EDITIONS["thresholds"].urban_cluster, iso3="BEL")
    table, _ = summarise(plan_extents(found), belgium)
    np.testing.assert_allclose(table["sum"], found.zones["people"], rtol=1e-13)
    np.testing.assert_array_equal(table["count"], found.zones["cells"])


def test_all_outlines_are_valid_and_as_large_as_their_cells(belgium):
    found, _ = extents(belgium, rules=EDITIONS["thresholds"].urban_cluster, iso3="BEL")
    assert found.zones.geometry.is_valid.all()
    # The nominal square kilometre of Mollweide is 0.993 to 1.005 true ones.
    assert (found.zones["area_km2"] / found.zones["cells"]).between(0.993, 1.005).all()
    assert found.zones.index.is_unique


def test_ids_do_not_depend_on_the_crop(belgium):
    rule = EDITIONS["thresholds"].urban_centre
    whole = extents(belgium, rules=rule, iso3="BEL")[0].zones
    part = extents(belgium[11:-7, 13:-5], rules=rule, iso3="BEL")[0].zones
    shared = whole.index.intersection(part.index)
    assert len(shared) >= len(part) - 2  # a city on the rim of the crop is another city
    assert len(shared) > 20
    np.testing.assert_array_equal(whole.loc[shared, "cells"] >= part.loc[shared, "cells"], True)


def test_a_grid_of_100_metres_is_summed_onto_the_lines_of_the_1_kilometre_grid(belgium, data, stored):
    path = data / "belgium" / "ghs_pop_westflanders_100m.tif"
    fine, _ = open_raster(path, kind="count", units="people")
    working, ledger = working_population(fine)
    assert ledger.frame()["amount"].tolist() == [10]
    assert float(working.sum()) == pytest.approx(np.nansum(stored(path)), rel=1e-12)
    here, there = geobox_of(working).transform, geobox_of(belgium).transform
    assert (here.a, here.e) == pytest.approx((1000.0, -1000.0))
    assert ((here.c - there.c) / 1000) % 1 == pytest.approx(0, abs=1e-6)
    assert ((here.f - there.f) / 1000) % 1 == pytest.approx(0, abs=1e-6)
