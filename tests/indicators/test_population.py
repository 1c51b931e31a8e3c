"""People of the toy country, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.delineation import EDITIONS, extents
from urbanreview.grid import geobox_of
from urbanreview.indicators import population
from urbanreview.indicators.population import ratio
from urbanreview.zones import link_extents, plan_zones, zone_table


def test_every_column_by_hand(toy):
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    plan = plan_zones(zones, geobox_of(toy.people))
    urban, dense = (
        link_extents(extents(toy.people, rules=rule, iso3="TOY")[0], plan, toy.people, relation="district")
        .groupby("to_id")["people"]
        .sum()
        for rule in (EDITIONS["thresholds"].urban_cluster, EDITIONS["thresholds"].urban_centre)
    )
    land = pd.Series({"TOY-adm2-7": 26.0, "TOY-adm2-8": 10.125, "TOY-adm2-9": 0.0})
    frame, ledger = population(plan, toy.people, land_km2=land, urban=urban, high_density=dense)
    west, north_east, south_east = (frame.loc[zone] for zone in toy.living)
    expected = {
        "population.total": (6_069.5, 54_690.0, 819.5),
        "population.density": (6_069.5 / 26, 54_690 / 10.125, np.nan),
        "population.urban": (5_900.0, 54_687.5, 612.5),
        "population.urban_share": (5_900 / 6_069.5, 54_687.5 / 54_690, 612.5 / 819.5),
        "population.high_density": (0.0, 53_000.0, 0.0),
        "population.high_density_share": (0.0, 53_000 / 54_690, 0.0),
        "valid_share": (26 / 27, 1.0, 1.0),
    }
    assert frame.columns.tolist() == list(expected)
    for column, numbers in expected.items():
        found = (west[column], north_east[column], south_east[column])
        assert found == pytest.approx(numbers, rel=1e-6, nan_ok=True), column
    assert ledger.frame().empty


def test_without_cities_their_columns_are_left_out():
    here = grid((1, 2))
    plan = plan_zones(zones_of({"a": pixel_box(here, 0, 0, 2, 1)}, here.crs.to_wkt()), here)
    frame, _ = population(plan, raster([[3.0, 4.0]], here), land_km2=pd.Series({"a": 2.0}))
    assert frame.columns.tolist() == ["population.total", "population.density", "valid_share"]
    assert frame.loc["a"].tolist() == [7.0, 3.5, 1.0]


def test_missing_people_are_missing_and_an_empty_zone_has_none():
    here = grid((1, 3))
    shapes = {"unknown": pixel_box(here, 0, 0, 1, 1), "empty": pixel_box(here, 1, 0, 2, 1), "far": pixel_box(here, 8, 0, 9, 1)}
    plan = plan_zones(zones_of(shapes, here.crs.to_wkt()), here)
    land, urban = pd.Series({"empty": 1.0, "unknown": 1.0, "far": 1.0}), pd.Series({"unknown": 5.0})
    frame, ledger = population(plan, raster([[np.nan, 0.0, 9.0]], here), land_km2=land, urban=urban, high_density=urban)
    for zone in ("unknown", "far"):
        assert frame.loc[zone].drop("valid_share").isna().all()
        assert frame.loc[zone, "valid_share"] == 0
    empty = frame.loc["empty"]
    assert (empty["population.total"], empty["population.density"], empty["population.urban"]) == (0.0, 0.0, 0.0)
    assert np.isnan(empty["population.urban_share"])
    assert set(ledger.frame()["zone_id"]) == {"unknown", "far"}


@pytest.mark.parametrize("order", [["a", "b"], ["b", "a"]])
def test_columns_meet_by_id_never_by_position(order):
    here = grid((1, 2))
    plan = plan_zones(zones_of({"a": pixel_box(here, 0, 0, 1, 1), "b": pixel_box(here, 1, 0, 2, 1)}, here.crs.to_wkt()), here)
    land, urban = pd.Series({"a": 2.0, "b": 4.0})[order], pd.Series({"a": 1.0, "b": 8.0})[order]
    frame, _ = population(plan, raster([[4.0, 16.0]], here), land_km2=land, urban=urban)
    assert frame["population.density"].to_dict() == {"a": 2.0, "b": 4.0}
    assert frame["population.urban_share"].to_dict() == {"a": 0.25, "b": 0.5}


def test_a_ratio_over_nothing_is_missing():
    assert ratio(pd.Series([1.0, 1.0, 0.0]), pd.Series([2.0, 0.0, -1.0])).tolist()[0] == 0.5
    assert ratio(pd.Series([1.0, 0.0]), pd.Series([0.0, np.nan])).isna().all()
