"""Cells of about a kilometre, and people per square kilometre of land."""

import numpy as np
import pytest
from toys import ARC_30, degrees, grid, raster

from urbanreview.delineation import density_of, working_population
from urbanreview.errors import CellsTooLarge, GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2, geobox_of, same_grid

SUMMED = "cells per side summed to about 1 km"


def people_on(geobox, seed=1):
    return raster(np.random.default_rng(seed).integers(0, 50, geobox.shape).astype(float), geobox, source="ghs 2020")


@pytest.mark.parametrize(
    "here",
    [
        grid((4, 5)),
        grid((4, 5), cell=500.0),  # a quarter of a km2 is not under a quarter
        grid((4, 5), cell=1_400.0),
        degrees((4, 5), top=0.0),
        degrees((4, 5), top=69.9),
        degrees((4, 5), top=-54.0),
    ],
)
def test_cells_of_about_a_kilometre_stay_as_they_are(here):
    people = people_on(here)
    found, ledger = working_population(people)
    assert found.identical(people)
    assert ledger.frame().empty


@pytest.mark.parametrize(
    ("here", "factor", "side"),
    [
        (grid((40, 50), cell=100.0, left=-5e6, top=-2.5e6), 10, 1_000.0),
        (grid((40, 50), cell=250.0, left=2e6, top=5.5e6), 4, 1_000.0),
        (grid((40, 50), cell=249.92824, height=249.91553), 4, 999.71296),
        (grid((40, 50), cell=300.0), 3, 900.0),
        (grid((40, 50), cell=100.0, crs="EPSG:32633", left=5e5, top=5.5e6), 10, 1_000.0),
        (grid((40, 50), cell=328.08333333, crs="EPSG:2263", left=1e6, top=2e5), 10, 3_280.8333333),  # feet
        (degrees((40, 50), cell=1 / 1200), 10, ARC_30),
        (degrees((40, 50), left=-60.0, top=-30.0, cell=1 / 1200), 10, ARC_30),
        (degrees((40, 50), cell=1 / 360, top=0.5), 3, ARC_30),
    ],
)
def test_finer_cells_are_summed_to_about_a_kilometre(here, factor, side):
    people = people_on(here)
    found, ledger = working_population(people)
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [[SUMMED, factor]]
    t = geobox_of(found).transform
    assert t.a == pytest.approx(side, rel=1e-9)
    assert float(found.sum()) == float(people.sum())
    assert found.attrs == people.attrs


@pytest.mark.parametrize(
    ("here", "km2"),
    [
        (grid((4, 5), cell=2_000.0), "4.00"),
        (grid((4, 5), cell=1_500.0), "2.25"),
        (degrees((4, 5), cell=1 / 12, top=5.0), "8"),
    ],
)
def test_coarse_cells_are_refused_with_a_way_out(here, km2):
    with pytest.raises(CellsTooLarge, match=rf"'ghs 2020' has cells of {km2}.*at most 2 km2.*\[settlements\]"):
        working_population(people_on(here))


def test_only_counts_are_summed():
    with pytest.raises(UndeclaredRaster):
        working_population(raster(np.ones((40, 50)), grid((40, 50), cell=100.0), kind="intensity"))


def test_density_by_hand():
    here = grid((1, 4), cell=500.0)
    people = raster([[100.0, 100.0, 0.0, np.nan]], here)
    assert density_of(people).tolist()[0][:3] == [400.0, 400.0, 0.0]
    land = raster([[250_000.0, 125_000.0, 125_000.0, 250_000.0]], here, units="m2")
    density = density_of(people, land_m2=land)
    assert density.tolist()[0][:3] == [400.0, 800.0, 0.0]
    assert np.isnan(density[0, 3])


def test_people_without_land_are_infinitely_dense_and_neither_is_missing():
    here = grid((1, 3))
    density = density_of(raster([[5.0, 0.0, 5.0]], here), land_m2=raster([[0.0, 0.0, np.nan]], here, units="m2"))
    assert density[0, 0] == np.inf
    assert np.isnan(density[0, 1:]).all()


@pytest.mark.parametrize("top", [43.254, 51.134, -34.6])
def test_density_on_a_grid_in_degrees_divides_by_each_rows_area(top):
    here = degrees((3, 2), top=top)
    density = density_of(raster(np.full((3, 2), 60.0), here))
    np.testing.assert_allclose(density, 60.0 / np.repeat(cell_area_km2(here), 2, axis=1), rtol=1e-15)
    assert np.sign(density[2, 0] - density[0, 0]) == -np.sign(top)  # cells grow towards the equator


def test_land_on_another_grid_is_refused():
    here = grid((1, 2))
    with pytest.raises(GridMismatch, match="land"):
        density_of(raster([[1.0, 1.0]], here), land_m2=raster([[1.0, 1.0]], grid((1, 2), left=500.0)))
    assert same_grid(here, grid((1, 2)))


def test_no_input_is_altered(freeze):
    people = freeze(people_on(grid((40, 50), cell=100.0)))
    land = freeze(raster(np.full((40, 50), 1e4), grid((40, 50), cell=100.0), units="m2"))
    before = people.copy(deep=True)
    working_population(people)
    density_of(people, land_m2=land)
    assert people.identical(before)
