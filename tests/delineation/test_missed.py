"""Cities on a strip and a field of square kilometres whose people can be counted."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from toys import ARC_30, degrees, grid, raster

from urbanreview.delineation import EDITIONS, why_missed
from urbanreview.grid import cell_centres

RULES = EDITIONS["thresholds"]
NOTEBOOK = EDITIONS["notebook"]
NO = np.nan


def points_on(geobox, **cells):
    """Make points in the middle of cells (row, col)."""
    longitude, latitude = cell_centres(geobox)
    at = [(longitude[cell], latitude[cell]) for cell in cells.values()]
    return pd.DataFrame(at, columns=["longitude", "latitude"], index=pd.Index(list(cells), name="code"))


def reasons(values, within_km=3.5, rules=RULES, geobox=None, land=None, **cells):
    """Say why there is no settlement at the cells of a grid; one at the equator is 1.11 km wide in Mollweide."""
    geobox = geobox or grid(np.shape(values))
    land_m2 = None if land is None else raster(land, geobox, units="m2")
    points = points_on(geobox, **cells)
    return why_missed(points, raster(values, geobox), rules=rules, land_m2=land_m2, within_km=within_km).to_dict()


def test_too_sparse_tells_the_densest_cell_near():
    strip = [[10.0, 250.7, 0, 0, 0, 0, 280.0]]
    assert reasons(strip, a=(0, 0), b=(0, 5)) == {
        "a": "too sparse: at most 250 people per km2 within 3.5 km, 300 needed",
        "b": "too sparse: at most 280 people per km2 within 3.5 km, 300 needed",
    }


def test_just_too_sparse_is_not_rounded_up():
    assert reasons([[299.9]], a=(0, 0))["a"] == "too sparse: at most 299 people per km2 within 3.5 km, 300 needed"


def test_too_small_tells_the_people_of_the_whole_group():
    # The group reaches beyond what is near and over a corner: 4,000 + 300 + 600 = 4,900.
    field = [[4_000.0, 300, 0, 0], [0, 0, 600, 0], [0, 0, 0, 299]]
    expected = "too small: 4,900 people where 300 per km2 live, 5,000 needed"
    assert reasons(field, within_km=1.1, a=(2, 2), b=(0, 0)) == {"a": expected, "b": expected}


def test_the_most_populous_group_near_unless_the_city_lies_in_one():
    strip = [[400.0, 0, 0, 900, 0, 700]]
    found = reasons(strip, a=(0, 0), b=(0, 4), c=(0, 1))
    assert found["a"].startswith("too small: 400 ")
    assert found["b"].startswith("too small: 900 ")
    assert found["c"].startswith("too small: 900 ")


def test_near_the_settlement_of_another_name():
    strip = [[400.0, 0, 6_000, 0, 0, 0, 0, 0]]
    found = reasons(strip, a=(0, 0), b=(0, 1), c=(0, 2), d=(0, 5), e=(0, 6))
    assert found["a"] == "too small: 400 people where 300 per km2 live, 5,000 needed"
    assert found["b"] == found["c"] == found["d"] == "near the settlement of another name"
    assert found["e"].startswith("too sparse: at most 0 people")


def test_a_group_of_exactly_enough_people_is_a_settlement():
    assert reasons([[5_000.0]], a=(0, 0))["a"] == "near the settlement of another name"
    assert reasons([[5_000.0]], a=(0, 0), rules=NOTEBOOK)["a"].startswith("too small: 5,000 ")


def test_no_data_and_beyond_the_grid():
    strip = [[NO, NO, NO, NO, NO, 0, 20]]
    assert reasons(strip, a=(0, 0), b=(0, 3)) == {
        "a": "no population data there",
        "b": "too sparse: at most 20 people per km2 within 3.5 km, 300 needed",
    }
    people = raster([[6_000.0]], grid((1, 1)))
    beyond = pd.DataFrame({"longitude": [90.0, 0.0, 0.0], "latitude": [0.0, -89.9, 300.0]}, index=["x", "y", "z"])
    assert set(why_missed(beyond, people, rules=RULES, within_km=5)) == {"no population data there"}


def test_a_point_just_beyond_the_grid_still_sees_it():
    geobox = grid((1, 2))
    points = points_on(geobox, a=(0, 1)).add([0.01, 0.0])
    assert why_missed(points, raster([[0.0, 6_000]], geobox), rules=RULES, within_km=3)["a"].startswith("near the settlement")


def test_without_a_position():
    points = pd.DataFrame({"longitude": [np.nan, 0.0], "latitude": [0.0, np.nan]}, index=["a", "b"])
    answer = why_missed(points, raster([[6_000.0]], grid((1, 1))), rules=RULES, within_km=3)
    assert answer.tolist() == ["no position, and no settlement of its name"] * 2
    assert answer.index.tolist() == ["a", "b"]


def test_the_notebook_counts_by_cell_and_says_so():
    # Cells of half a square kilometre: 200 people are 400 per km2, and 200 per cell.
    geobox = grid((1, 3), cell=1000.0, height=500.0)
    strip = [[200.0, 0, 0]]
    assert reasons(strip, geobox=geobox, rules=RULES, a=(0, 0))["a"].startswith("too small: 200 people where 300 per km2")
    assert reasons(strip, geobox=geobox, rules=NOTEBOOK, a=(0, 0))["a"] == (
        "too sparse: at most 200 people per cell within 3.5 km, more than 300 needed"
    )
    assert reasons([[301.0, 0, 0]], geobox=geobox, rules=NOTEBOOK, a=(0, 0))["a"] == (
        "too small: 301 people where more than 300 per cell live, more than 5,000 needed"
    )


def test_density_is_by_land():
    strip = [[200.0, 0, 0]]
    assert reasons(strip, a=(0, 0), land=[[5e5, 1e6, 0]])["a"].startswith("too small: 200 people")
    assert reasons(strip, a=(0, 0), land=[[8e5, 1e6, 0]])["a"].startswith("too sparse: at most 250 people")
    # All land missing: there are people, but no density.
    assert reasons(strip, a=(0, 0), land=[[NO, NO, NO]])["a"].startswith("too sparse: at most 0 people")


def test_thresholds_are_those_of_the_rules():
    cluster = replace(RULES.urban_cluster, min_density=100.0, min_people=1_234_567.0)
    changed = replace(RULES, urban_cluster=cluster)
    assert reasons([[99_999.0]], rules=changed, a=(0, 0))["a"] == (
        "too small: 99,999 people where 100 per km2 live, 1,234,567 needed"
    )


def test_the_reach_is_one_of_kilometres_on_the_ground():
    # At 55 degrees north a cell of 30 arc-seconds is 0.53 km wide and 0.93 km high.
    geobox = degrees((9, 9))
    field = np.zeros((9, 9))
    field[4, 8] = field[0, 4] = 100.0
    field[4, 7] = 50.0
    assert geobox.transform.a == pytest.approx(ARC_30)

    def most(within_km):
        return reasons(field, geobox=geobox, within_km=within_km, a=(4, 4))["a"].split("at most ")[1].split(" ")[0]

    area_km2 = 0.532 * 0.928
    assert float(most(1.5)) == 0
    assert float(most(1.7)) == pytest.approx(50 / area_km2, abs=2)
    assert float(most(2.2)) == pytest.approx(100 / area_km2, abs=3)


def test_rows_do_not_depend_on_one_another(freeze):
    random = np.random.default_rng(3)
    geobox = grid((20, 30), left=2e6, top=5.5e6)
    people = freeze(raster(random.choice([0.0, 100.0, 400.0, 3_000.0], (20, 30), p=[0.8, 0.1, 0.08, 0.02]), geobox))
    points = points_on(geobox, **{f"p{k}": (k % 20, (7 * k) % 30) for k in range(40)})
    together = why_missed(points, people, rules=RULES, within_km=2.5)
    assert {reason.split(":")[0] for reason in together} >= {"too small", "too sparse"}
    apart = [why_missed(points.loc[[code]], people, rules=RULES, within_km=2.5).iloc[0] for code in points.index]
    assert together.tolist() == apart
