"""How many people live within how many minutes: by hand, and cell by cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from journeys import FIELD, GRIDS, ROAD, friction_of, landscape, places_at, surface_of
from strategies import polygons
from toys import degrees, grid, pixel_box, raster, zones_of
from twins import least_cost as slow
from twins.coverage import dense_shares, to_pixels

from urbanreview.access import find_places, reach, reach_of_places
from urbanreview.engine import map_tasks
from urbanreview.errors import GridMismatch
from urbanreview.zones import plan_zones

SHAPE = (13, 17)
SPOTS = {"a": (1, 2), "b": (11, 14), "c": (6, 8), "far": (40, 40)}


def plan_of(shapes, geobox):
    return plan_zones(zones_of(shapes, geobox.crs.to_wkt()), geobox)


def test_two_districts_by_hand():
    """The line between them cuts the third column: half of its people live here, half there."""
    here = grid((2, 5))
    minutes = raster([[5, 15, 15.5, 60, np.nan], [5, 30, 31, 240, 241]], here, kind="cost", units="min")
    people = raster([[10, 20, 8, 1, 7], [0, 30, 4, 5, np.nan]], here)
    zones = {"west": pixel_box(here, 0, 0, 2.5, 2), "east": pixel_box(here, 2.5, 0, 5, 2), "out": pixel_box(here, 7, 0, 9, 2)}
    found = reach(minutes, people, plan_of(zones, here))
    assert found.index.tolist() == ["west", "east", "out"]
    assert list(found.columns) == [
        "people", "people_without_way", "within_15", "within_30", "within_60", "within_120", "within_240", "mean", "median"
    ]  # fmt: skip
    west, east = found.loc["west"], found.loc["east"]
    assert west[:-2].tolist() == [66, 0, 30, 64, 66, 66, 66]
    assert east[:-2].tolist() == [19, 7, 0, 4, 7, 7, 12]
    assert west["mean"] == pytest.approx((10 * 5 + 20 * 15 + 4 * 15.5 + 30 * 30 + 2 * 31) / 66)
    assert east["mean"] == pytest.approx((4 * 15.5 + 60 + 2 * 31 + 5 * 240) / 12)
    assert (west["median"], east["median"]) == (15.5, 31)
    assert found.loc["out"].iloc[:-2].eq(0).all()
    assert found.loc["out"].iloc[-2:].isna().all()


def by_cells(minutes, people, share, within):
    """One zone of `reach`, the slow way."""
    weight = np.nan_to_num(people) * share
    routed = np.isfinite(minutes) & (weight > 0)
    row = [weight.sum(), weight[~np.isfinite(minutes)].sum()]
    row += [weight[routed & (minutes <= most)].sum() for most in within]
    if not routed.any():
        return [*row, np.nan, np.nan]
    order = np.argsort(minutes[routed])
    time, load = minutes[routed][order], weight[routed][order]
    half = np.flatnonzero(np.cumsum(load) >= load.sum() / 2 * (1 - 1e-12))[0]
    return [*row, (time * load).sum() / load.sum(), time[half]]


@given(st.lists(polygons(SHAPE), min_size=1, max_size=3), st.integers(0, 10_000), st.sampled_from(["utm", "mollweide"]))
def test_it_is_the_sum_over_cells(shapes, seed, where):
    random, here = np.random.default_rng(seed), GRIDS[where]
    minutes = random.uniform(0, 100, SHAPE)
    minutes[random.random(SHAPE) < 0.2] = np.nan
    people = np.where(random.random(SHAPE) < 0.5, random.uniform(0, 1000, SHAPE), 0)
    people[random.random(SHAPE) < 0.1] = np.nan
    zones = {str(k): pixel for k, pixel in enumerate(to_pixels(shapes, ~here.transform))}
    found = reach(friction_of(minutes, here, units="min"), raster(people, here), plan_of(zones, here), within_min=(10, 33.5))
    expected = [by_cells(minutes, people, share, (10, 33.5)) for share in dense_shares(shapes, SHAPE)]
    assert list(found.columns[2:4]) == ["within_10", "within_33.5"]
    # A shape loses ten digits on its way through coordinates, and a cell may be cut by less than that.
    np.testing.assert_allclose(found.iloc[:, :4], np.array(expected)[:, :4], rtol=1e-6, atol=1e-4)
    many = np.array(expected)[:, 0] > 1
    np.testing.assert_allclose(found.iloc[many, 4], np.array(expected)[many, 4], rtol=1e-6)


@given(st.integers(0, 10_000))
def test_the_median_is_that_of_a_list_of_people(seed):
    """Whole people in whole cells: half of them need no longer."""
    random = np.random.default_rng(seed)
    here = grid((4, 6))
    minutes, people = random.integers(0, 9, (4, 6)).astype(float), random.integers(0, 4, (4, 6)).astype(float)
    halves = {"w": pixel_box(here, 0, 0, 3, 4), "e": pixel_box(here, 3, 0, 6, 4)}
    found = reach(raster(minutes, here, kind="cost", units="min"), raster(people, here), plan_of(halves, here))
    for name, part in (("w", np.s_[:, :3]), ("e", np.s_[:, 3:])):
        each = np.sort(np.repeat(minutes[part].ravel(), people[part].astype(int).ravel()))
        expected = each[(each.size + 1) // 2 - 1] if each.size else np.nan
        np.testing.assert_array_equal(found.loc[name, "median"], expected)


def test_law_more_minutes_more_people_and_all_districts_are_the_country():
    surface = surface_of(landscape(SHAPE, 3), GRIDS["utm"])
    minutes = friction_of(surface.friction[1:-1, 1:-1] * 1000, surface.geobox, units="min")
    people = raster(np.random.default_rng(3).random(SHAPE) * 9, surface.geobox)
    parts = {"w": (0, 0, 4.3, 13), "n": (4.3, 0, 17, 5.1), "s": (4.3, 5.1, 17, 13)}
    plan = plan_of({name: pixel_box(surface.geobox, *part) for name, part in parts.items()}, surface.geobox)
    found = reach(minutes, people, plan, within_min=(1, 5, 10, 1000))
    steps = found[["within_1", "within_5", "within_10", "within_1000"]]
    assert (steps.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert found["people"].sum() == pytest.approx(float(people.sum()), rel=1e-9)
    np.testing.assert_allclose(found["within_1000"] + found["people_without_way"], found["people"], rtol=1e-9)


def test_the_median_of_a_district_of_almost_nobody():
    here = grid((1, 2))
    minutes, people = raster([[10, 50]], here, kind="cost", units="min"), raster([[1e9, 1e-9]], here)
    zones = {"many": pixel_box(here, 0, 0, 1, 1), "few": pixel_box(here, 1, 0, 2, 1)}
    assert reach(minutes, people, plan_of(zones, here))["median"].tolist() == [10, 50]


def test_other_grids_are_refused():
    here, other = grid((2, 3)), grid((2, 3), left=1000.0)
    minutes, people = raster(np.ones((2, 3)), here, kind="cost", units="min"), raster(np.ones((2, 3)), here)
    plan = plan_of({"z": pixel_box(here, 0, 0, 1, 1)}, here)
    with pytest.raises(GridMismatch, match="people"):
        reach(minutes, raster(np.ones((2, 3)), other), plan)
    with pytest.raises(GridMismatch, match="zones"):
        reach(minutes, people, plan_of({"z": pixel_box(here, 0, 0, 1, 1)}, other))
    surface = surface_of(np.full((2, 3), ROAD), here)
    with pytest.raises(GridMismatch, match="people"):
        reach_of_places(surface, places_at(surface, {"a": (0, 0)}), raster(np.ones((2, 3)), other))


@given(st.integers(0, 10_000), st.sampled_from(list(GRIDS)))
def test_people_around_places_are_the_sum_over_cells(seed, where):
    random, here = np.random.default_rng(seed), GRIDS[where]
    values = landscape(SHAPE, seed)
    for row, col in list(SPOTS.values())[:3]:
        values[row, col] = FIELD
    living = random.integers(0, 99, SHAPE).astype(float)
    living[0, 0] = np.nan
    surface = surface_of(values, here)
    found = reach_of_places(surface, places_at(surface, SPOTS), raster(living, here), within_min=(5, 12.5, 40))
    assert list(found.columns) == ["within_5", "within_12.5", "within_40"]
    assert list(found.index) == list(SPOTS)
    for name, spot in list(SPOTS.items())[:3]:
        cost = slow.costs(values, slow.ground_lengths(here), [spot])
        assert found.loc[name].tolist() == [np.nansum(living[cost <= most]) for most in (5, 12.5, 40)]
    assert found.loc["far"].isna().all()


def test_people_exactly_so_many_minutes_away_are_within():
    surface = surface_of(np.full((1, 6), 1.0), degrees((1, 6)), planar=True)
    people = raster(np.arange(1.0, 7.0)[None], surface.geobox)
    found = reach_of_places(surface, places_at(surface, {"a": (0, 0)}), people, within_min=(3, 0, 2))
    assert found.to_dict("index") == {"a": {"within_0": 1.0, "within_2": 6.0, "within_3": 10.0}}


def test_at_once_and_for_no_places():
    surface = surface_of(landscape(SHAPE, 1, water=0), GRIDS["north"])
    people, places = raster(np.ones(SHAPE), surface.geobox), places_at(surface, SPOTS)
    one_by_one, at_once = (reach_of_places(surface, places, people, **how) for how in ({}, {"map_tasks": map_tasks}))
    assert one_by_one.equals(at_once)
    nobody = find_places(surface, zones_of({}).geometry)[0]
    assert reach_of_places(surface, nobody, people).shape == (0, 5)
