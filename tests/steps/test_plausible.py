"""Odd numbers of an input: counted by cells, left as they are, and told aloud where they are many."""

import logging

import numpy as np
import pytest
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.grid import cell_area_km2, make_raster
from urbanreview.steps.plausible import look_at_values

METRES = GeoBox((2, 5), Affine(1000, 0, 0, 0, -1000, 5_000_000), "ESRI:54009")
DEGREES = GeoBox((2, 5), Affine(0.25, 0, 66, 0, -0.25, 60), "EPSG:4326")
NOISE = "negative radiance: noise, counted as dark"
FAR = "radiance far below zero, under -1.5: is it a code for nodata?"
LARGER = "larger than the cell: is it in m2?"


def look(values, units, geobox=METRES):
    raster = make_raster(np.array(values, float), geobox, kind="count" if units == "m2" else "intensity", units=units)
    before = raster.values.copy()
    ledger = look_at_values(raster, name="input 2020")
    assert np.array_equal(raster.values, before, equal_nan=True)
    assert {entry.step for entry in ledger.entries} <= {"input 2020"}
    return {entry.cause: entry.amount for entry in ledger.entries}


def test_negative_radiance_is_counted_apart_from_what_is_no_noise():
    values = [[-0.1, -1.5, -1.50001, -99, np.nan], [0.0, 0.1, 3.0, -0.0, 1e5]]
    assert look(values, "nW/cm2/sr") == {NOISE: 2.0, FAR: 2.0}


@pytest.mark.parametrize("units", ["degC", "m", "people"])
def test_other_quantities_may_be_negative_or_large(units):
    assert look(np.full((2, 5), -7.0), units) == {}
    assert look(np.full((2, 5), 1e9), units) == {}


def test_a_surface_may_be_as_large_as_its_cell_and_a_thousandth_more():
    values = [[1e6, 1.0009e6, 1.0011e6, 2e6, np.nan], [0, 0, 0, 0, 0]]
    assert look(values, "m2") == {LARGER: 2.0}


def test_the_cell_has_its_true_area_row_by_row():
    north, south = cell_area_km2(DEGREES)[:, 0] * 1e6
    assert north < south
    assert look([[south] * 5, [north] * 5], "m2", DEGREES) == {LARGER: 5.0}


@pytest.mark.parametrize(("larger", "warned"), [(0, False), (1, False), (2, True)])
def test_more_than_a_hundredth_of_the_built_up_cells_is_a_warning(caplog, larger, warned):
    geobox = GeoBox((20, 10), METRES.transform, METRES.crs)
    values = np.where(np.arange(200) < 100, 5e5, 0.0)
    values[:larger] = 5e6
    with caplog.at_level(logging.WARNING, logger="urbanreview"):
        look(values.reshape(20, 10), "m2", geobox)
    assert [record.getMessage() for record in caplog.records] == (
        [f"input 2020: {larger} cells are larger than the cell: is it in m2?"] if warned else []
    )
