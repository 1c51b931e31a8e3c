"""Series of rasters over one zone set: the same as one after the other, whatever runs them and in whatever order."""

import gc
import threading
import weakref
from functools import partial

import numpy as np
import pandas as pd
import pytest
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.engine import map_tasks
from urbanreview.errors import BadSetting, GridMismatch, UndeclaredRaster
from urbanreview.grid import geobox_of
from urbanreview.ledger import Ledger
from urbanreview.zones import Plans, class_shares, grid_changes, quantiles, summarise, summarise_series, threshold_shares
from urbanreview.zones import coverage as coverage_module

MONTHS = [f"2016-{month:02}" for month in range(1, 7)]
COARSE, FINE = degrees((6, 8)), degrees((12, 16), cell=1 / 240)


def lights_of(period, here=COARSE, *, units="nW/cm2/sr", kind="intensity"):
    random = np.random.default_rng(int(period.replace("-", "")))
    values = random.gamma(1.0, 2.0, here.shape)
    values[random.random(here.shape) < 0.2] = np.nan
    return raster(values, here, kind=kind, units=units, source="lights")


def read(period):
    return lights_of(period), Ledger().add("lights", "cells masked", "cell", 3)


def read_two_grids(period):
    return lights_of(period, COARSE if period < "2016-04" else FINE), Ledger()


def zones_here():
    shapes = {"west": (0, 0, 4.5, 6), "east": (4.5, 0, 8, 6), "far": (20, 20, 21, 21)}
    return zones_of({name: pixel_box(COARSE, *corners) for name, corners in shapes.items()})


def test_a_series_is_what_one_raster_after_the_other_gives():
    plans = Plans(zones_here())
    table, _ = summarise_series(plans, MONTHS, read, floor=1.0, probabilities=[0.5], thresholds=[1, 2])
    assert table.index.names == ["period", "zone_id"]
    assert len(table) == 18
    for month in MONTHS:
        plan = plans.on(COARSE)
        alone = [
            summarise(plan, lights_of(month), floor=1.0)[0],
            quantiles(plan, lights_of(month), probabilities=[0.5])[0].drop(columns="valid_share"),
            threshold_shares(plan, lights_of(month), thresholds=[1, 2])[0].drop(columns="valid_share"),
        ]
        pd.testing.assert_frame_equal(table.loc[month], pd.concat(alone, axis=1), check_exact=True, check_names=False)


def test_the_order_of_the_periods_and_who_runs_the_tasks_change_nothing():
    table, ledger = summarise_series(Plans(zones_here()), MONTHS, read, floor=1.0)
    for periods, how in ((MONTHS[::-1], {}), (MONTHS, {"map_tasks": map_tasks}), (iter(MONTHS), {"map_tasks": map_tasks})):
        again, told = summarise_series(Plans(zones_here()), periods, read, floor=1.0, **how)
        pd.testing.assert_frame_equal(again, table, check_exact=True)
        assert told == ledger
    assert table.index.get_level_values("period").is_monotonic_increasing
    assert table.loc["2016-01"].index.tolist() == ["west", "east", "far"]


def test_weights_reach_means_and_quantiles():
    people = raster(np.arange(48.0).reshape(6, 8), COARSE)
    plans = Plans(zones_here())
    table, _ = summarise_series(plans, MONTHS[:1], read, weight=people, probabilities=[0.5])
    alone, _ = summarise(plans.on(COARSE), lights_of(MONTHS[0]), weight=people)
    median, _ = quantiles(plans.on(COARSE), lights_of(MONTHS[0]), probabilities=[0.5], weight=people)
    np.testing.assert_array_equal(table["weighted_mean"], alone["weighted_mean"])
    np.testing.assert_array_equal(table["quantile_0.5"], median["quantile_0.5"])


def test_the_ledger_adds_up_over_the_rasters():
    _, ledger = summarise_series(Plans(zones_here()), MONTHS, read)
    rows = ledger.frame()[["step", "cause", "unit", "amount", "zone_id"]].values.tolist()
    assert rows == [["lights", "cells masked", "cell", 18.0, ""], ["lights", "zone without a value", "zone", 6.0, "far"]]


# --- plans and memory --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runner", [{}, {"map_tasks": map_tasks}], ids=["alone", "threads"])
def test_a_plan_is_made_once_per_grid(monkeypatch, runner):
    made = []
    plain = coverage_module.plan_zones
    monkeypatch.setattr(coverage_module, "plan_zones", lambda zones, geobox: (made.append(geobox), plain(zones, geobox))[1])
    summarise_series(Plans(zones_here()), MONTHS, read_two_grids, **runner)
    assert sorted(tuple(here.shape) for here in made) == [(6, 8), (12, 16)]


def test_no_raster_is_kept_when_its_task_is_done():
    alive = []

    def watched(period):
        still = [name for name, values in alive if values() is not None]
        assert not still, f"{still} still there when {period} is read"
        radiance = lights_of(period)
        alive.append((period, weakref.ref(radiance.values)))
        return radiance, Ledger()

    gc.disable()  # it must not take the collector
    try:
        summarise_series(Plans(zones_here()), MONTHS, watched, probabilities=[0.5], thresholds=[1.0])
    finally:
        gc.enable()
    assert len(alive) == 6


def test_never_more_rasters_are_read_at_a_time_than_tasks_run():
    at_once, most, lock = 0, 0, threading.Lock()
    two = threading.Semaphore(2)

    def counted(period):
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        found = read(period)
        with lock:
            at_once -= 1
        return found

    def two_at_a_time(task, items):
        def held(item):
            with two:
                return task(item)

        return map_tasks(held, items)

    summarise_series(Plans(zones_here()), MONTHS, counted, map_tasks=two_at_a_time)
    assert 1 <= most <= 2


def test_progress_counts_every_raster():
    seen = []
    summarise_series(Plans(zones_here()), MONTHS, read, progress=lambda *told: seen.append(told))
    assert seen == [("series", k, 6) for k in range(1, 7)]


# --- grids that change -------------------------------------------------------------------------------------------


def test_a_change_of_grid_is_handled_per_grid_and_said():
    plans = Plans(zones_here())
    table, ledger = summarise_series(plans, MONTHS, read_two_grids, floor=1.0)
    for month in MONTHS:
        found, _ = read_two_grids(month)
        alone, _ = summarise(plans.on(geobox_of(found)), found, floor=1.0)
        pd.testing.assert_frame_equal(table.loc[month], alone, check_exact=True, check_names=False)
    (change,) = [entry for entry in ledger.entries if "changes its grid" in entry.cause]
    assert (change.step, change.amount) == ("lights", 2.0)
    for words in ("3 rasters from 2016-01 on 6 x 8 cells", "3 rasters from 2016-04 on 12 x 16 cells"):
        assert words in change.cause


def test_zones_without_any_raster_between_two_grids_have_the_same_sum_on_both():
    # People on a fine grid, and the same people summed to a coarse one: a zone along coarse cells cannot tell.
    fine = np.arange(192.0).reshape(12, 16)
    coarse = fine.reshape(6, 2, 8, 2).sum(axis=(1, 3))
    layers = {"2015": raster(coarse, COARSE), "2020": raster(fine, FINE)}
    zones = zones_of({"a": pixel_box(COARSE, 1, 2, 5, 6)})
    table, _ = summarise_series(Plans(zones), layers, lambda year: (layers[year], Ledger()))
    assert table["sum"].tolist() == pytest.approx([coarse[2:6, 1:5].sum()] * 2, rel=1e-12)


def test_a_grid_that_comes_back_is_three_stretches():
    cause = grid_changes({"2001": "A", "2003": "A", "2002": "B"}, series="lights").entries[0].cause
    assert cause == "series changes its grid: 1 raster from 2001 on A; 1 raster from 2002 on B; 1 raster from 2003 on A"


def test_one_grid_written_in_two_ways_is_no_change():
    near = grid((2, 2), left=1e-5)

    def either(year):
        return raster(np.ones((2, 2)), grid((2, 2)) if year == "2000" else near), Ledger()

    zones = zones_of({"a": pixel_box(near, 0, 0, 2, 2)}, crs=near.crs.to_wkt())
    _, ledger = summarise_series(Plans(zones), ["2000", "2010"], either)
    assert ledger.entries == ()


def test_a_weight_on_another_grid_than_a_raster_is_refused():
    with pytest.raises(GridMismatch, match="weight"):
        summarise_series(Plans(zones_here()), MONTHS, read_two_grids, weight=raster(np.ones((6, 8)), COARSE))


# --- classes -----------------------------------------------------------------------------------------------------


def test_a_class_that_a_period_lacks_has_zero_there_and_only_where_there_is_a_value():
    layers = {"2000": [[1, 1, np.nan]], "2010": [[1, 20, np.nan]], "2020": [[3, 20, 1]]}
    here = grid((1, 3))

    def covers(year):
        return raster(np.array(layers[year], float), here, kind="class", source="cover"), Ledger()

    zones = zones_of({"a": pixel_box(here, 0, 0, 2, 1), "b": pixel_box(here, 2, 0, 3, 1)}, crs=here.crs.to_wkt())
    table, _ = summarise_series(Plans(zones), layers, covers)
    assert list(table) == ["share_class_1", "share_class_3", "share_class_20", "valid_share"]
    assert table.loc[("2000", "a")].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert table.loc[("2020", "a")].tolist() == [0.0, 0.5, 0.5, 1.0]
    assert table.loc[("2010", "b")].drop("valid_share").isna().all()
    listed, ledger = summarise_series(Plans(zones), layers, covers, classes=[20])
    expected, _ = class_shares(Plans(zones).on(here), covers("2010")[0], classes=[20])
    pd.testing.assert_frame_equal(listed.loc["2010"], expected, check_names=False)
    assert ledger.amount("class 1 not listed") == 4.0


# --- what is refused ---------------------------------------------------------------------------------------------


def test_periods_that_come_twice_are_named():
    with pytest.raises(BadSetting, match="2016-02 comes twice") as caught:
        summarise_series(Plans(zones_here()), [*MONTHS, "2016-02"], read)
    assert "2016-03" not in str(caught.value)


def test_a_series_of_nothing_is_refused():
    with pytest.raises(BadSetting, match="no period"):
        summarise_series(Plans(zones_here()), [], read)


@pytest.mark.parametrize("other", [{"units": "W/cm2/sr"}, {"kind": "count"}])
def test_a_month_with_other_units_or_of_another_kind_is_named(other):
    def mixed(period):
        return lights_of(period, **(other if period == "2016-03" else {})), Ledger()

    with pytest.raises(UndeclaredRaster, match=r"lights 2016-03.*as in 2016-01"):
        summarise_series(Plans(zones_here()), MONTHS, mixed)


def test_an_error_of_a_reader_comes_through_as_it_is():
    def broken(period):
        raise OSError(period)

    for how in ({}, {"map_tasks": partial(map_tasks, what="lights")}):
        with pytest.raises(OSError, match="2016-01"):
            summarise_series(Plans(zones_here()), MONTHS[:1], broken, **how)


def test_no_zone_is_an_empty_table():
    assert summarise_series(Plans(zones_of({})), MONTHS, read)[0].empty
