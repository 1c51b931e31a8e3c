"""From settings of a hazard to rows of the long table: files, variants, what nodata means, and what is odd."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pydantic import ValidationError
from toys import grid, pixel_box, raster, zones_of

from urbanreview.config import Settings
from urbanreview.config.exposure import Exposure, fill_return_period
from urbanreview.errors import BadSetting, MissingFile
from urbanreview.grid import geodesic_area_km2, to_crs
from urbanreview.ledger import Ledger
from urbanreview.measures import exposure as records
from urbanreview.steps.country import Land
from urbanreview.steps.exposure import (
    ask_expected,
    ask_exposure,
    ask_growth_into,
    built_up_span,
    find_dry,
    hazard_files,
    people_span,
)
from urbanreview.steps.people import People
from urbanreview.steps.themes import Asked
from urbanreview.zones import Plans

LEFT, TOP = 2_000_000.0, 5_500_000.0
CELLS = grid((2, 3), left=LEFT, top=TOP)
FINE = grid((20, 30), left=LEFT, top=TOP, cell=100.0)
NOW = np.array([[100.0, 200.0, 50.0], [10.0, 0.0, 40.0]])
THEN = np.array([[80.0, 220.0, 50.0], [0.0, 0.0, 40.0]])
WIDTH = {10: 1, 100: 4, 500: 10}
"""Fine columns that a river takes from the western edge of the second column of cells, by return period."""


@dataclass(frozen=True)
class Toy:
    settings: Settings
    land: Land
    asked: Asked
    then: People
    now: People


def write(path, values, geobox, nodata=-9999.0, **more):
    path.parent.mkdir(exist_ok=True)
    profile = {"count": 1, "height": values.shape[0], "width": values.shape[1], "dtype": "float32", "nodata": nodata} | more
    with rasterio.open(path, "w", driver="GTiff", crs=str(geobox.crs), transform=geobox.transform, **profile) as file:
        file.write(np.where(np.isnan(values), -9999.0, values).astype("float32"), 1)


def river(width: int, dry: float = np.nan) -> np.ndarray:
    depth = np.full((20, 30), dry)
    depth[:, 10 : 10 + width] = 1.2
    return depth


def zone_frame(**parts):
    shapes = zones_of({name: pixel_box(CELLS, *part) for name, part in parts.items()}, CELLS.crs.to_wkt())
    shapes = shapes.set_geometry(to_crs(shapes.geometry, 4326))
    return shapes.assign(name="", level="adm1", iso3="TOY", parent_id=None, area_km2=geodesic_area_km2(shapes.geometry))


@pytest.fixture
def make(tmp_path):
    def made(*, dry: float = np.nan, built_up: bool = True, **section) -> Toy:
        for period, width in WIDTH.items():
            write(tmp_path / f"rp{period:05}.tif", river(width, dry), FINE)
        for year, values in ((2000, [[0, 1e5, 0], [0, 0, 0]]), (2020, [[2e5, 3e5, 5e5], [0, 0, 0]])):
            write(tmp_path / f"built_{year}.tif", np.array(values, float), CELLS)
        hazard = {"path": "rp{return_period:05}.tif", "return_periods": [500, 10, 100]} | section
        raw = {
            "country": {"iso3": "TOY", "margin_km": 1},
            "boundaries": {"path": "none.gpkg", "id": "code"},
            "population": {"ghs": {"path": "none_{year}.tif", "years": [2000, 2020]}},
            "exposure": {"flood": {name: value for name, value in hazard.items() if value is not None}},
            "output": {"folder": "out"},
        }
        if built_up:
            raw["built_up"] = {"path": "built_{year}.tif", "years": [2000, 2020]}
        settings = Settings.model_validate(raw)
        settings._base = tmp_path
        country, districts = zone_frame(all=(0, 0, 3, 2)), zone_frame(west=(0, 0, 1.5, 2), east=(1.5, 0, 3, 2))
        asked = Asked({"adm0": Plans(country), "districts": Plans(districts)})
        then, now = (
            People(raster(values, CELLS), None, "ghs", year, Ledger(), ()) for values, year in ((THEN, "2000"), (NOW, "2020"))
        )
        return Toy(settings, Land(country, districts, None, Ledger(), ()), asked, then, now)

    return made


def ask(toy: Toy, period, **more):
    dry = find_dry(toy.settings, toy.land, name="flood")
    return ask_exposure(toy.settings, toy.land, toy.asked, dry, toy.now, name="flood", return_period=period, **more)


def value(rows: pd.DataFrame, measure: str, zone: str = "all") -> float:
    (found,) = rows.loc[(rows["measure"] == f"exposure.{measure}") & (rows["zone_id"] == zone), "value"]
    return found


def test_rows_of_one_map_by_hand(make):
    rows = ask(make(), 100.0).values
    assert value(rows, "people") == pytest.approx(200 * 0.4, rel=1e-5)
    assert value(rows, "people_share") == pytest.approx(0.2, rel=1e-5)
    assert value(rows, "land") == pytest.approx(0.8, rel=1e-5)
    assert value(rows, "land_share") == pytest.approx(0.8 / 6, rel=1e-5)
    assert value(rows, "built_up") == pytest.approx(0.12, rel=1e-5)
    assert value(rows, "built_up_share") == pytest.approx(0.12, rel=1e-5)
    assert value(rows, "people", "west") + value(rows, "people", "east") == pytest.approx(80, rel=1e-4)
    assert rows["valid_share"].min() == pytest.approx(1.0, abs=1e-4)
    assert set(rows["source"]) == {"flood"}
    told = rows.drop_duplicates(["measure"]).set_index("measure")[["period", "variant"]].agg("|".join, axis=1)
    assert told["exposure.people"] == "2020|people=ghs:2020;return_period=100;threshold=0.15"
    assert told["exposure.built_up"] == "2020|return_period=100;threshold=0.15"
    assert told["exposure.land"] == "|return_period=100;threshold=0.15"


def test_a_map_without_zeros_is_dry_where_it_has_no_value_and_one_with_zeros_is_not(make, tmp_path):
    toy = make()
    assert find_dry(toy.settings, toy.land, name="flood") == ("rp{return_period:05}.tif",)
    toy = make(dry=0.0)
    assert find_dry(toy.settings, toy.land, name="flood") == ()
    for missing, maps in (("dry", 1), ("unknown", 0)):
        assert len(find_dry(make(missing=missing).settings, toy.land, name="flood")) == maps
    rows = ask(make(missing="unknown"), 10.0)
    assert value(rows.values, "people_share") == pytest.approx(1.0)
    assert rows.values["valid_share"].min() < 0.2
    assert any("unknown" in entry.cause for entry in rows.ledger.entries)


def test_expected_exposure_from_the_rows_of_all_maps(make):
    toy = make()
    parts = [ask(toy, period) for period in (10.0, 100.0, 500.0)]
    found = ask_expected(toy.settings, toy.asked, toy.now, *parts, name="flood").values
    assert value(found, "expected_people") == pytest.approx(0.09 * 50 + 0.008 * 140 + 0.002 * 200, rel=1e-5)
    assert value(found, "expected_people_low") == pytest.approx(0.09 * 20 + 0.008 * 80 + 0.002 * 200, rel=1e-5)
    high = 0.09 * 80 + 0.008 * 200 + 0.002 * 400 + 0.9 * 20
    assert value(found, "expected_people_high") == pytest.approx(high, rel=1e-5)
    assert set(found["variant"]) == {"people=ghs:2020;protection_years=1;threshold=0.15"}
    defended = make(protection_years=50)
    found = ask_expected(defended.settings, toy.asked, toy.now, *parts, name="flood").values
    assert value(found, "expected_people") == pytest.approx(0.008 * 140 + 0.002 * 200, rel=1e-5)


def test_growth_into_the_zone_of_the_nearest_map(make):
    toy = make(growth_return_period=90)
    dry = find_dry(toy.settings, toy.land, name="flood")
    found = ask_growth_into(toy.settings, toy.land, toy.asked, dry, toy.then, toy.now, name="flood")
    rows = found.values
    assert value(rows, "new_people") == 0.0  # the second column of cells lost people
    assert value(rows, "new_people_share") == 0.0
    assert value(rows, "base_people_share") == pytest.approx(0.4 * 220 / 390, rel=1e-5)
    assert value(rows, "new_built_up") == pytest.approx(0.08, rel=1e-5)
    assert value(rows, "new_built_up_share") == pytest.approx(0.08 / 0.9, rel=1e-5)
    assert value(rows, "base_built_up_share") == pytest.approx(0.4, rel=1e-5)
    assert set(rows["period"]) == {"2000/2020"}
    assert "return_period=100;threshold=0.15" in set(rows["variant"])
    assert found.ledger.amount("no map of 90 years: growth is told for the nearest") == 100


def test_growth_begins_with_the_nearest_year_and_says_so(make):
    toy = make(base_year=2003)
    assert built_up_span(toy.settings, toy.settings.exposure["flood"]) == (2000, 2020)
    assert people_span(toy.settings, toy.settings.exposure["flood"]) == (2000, 2020)
    found = ask_growth_into(toy.settings, toy.land, toy.asked, (), toy.then, toy.now, name="flood")
    assert found.ledger.amount("no built_up of 2003: growth begins with the nearest year") == 2000


def test_without_built_up_land_people_and_land_are_told(make):
    rows = ask(make(built_up=False), 100.0).values
    assert {"exposure.people", "exposure.land"} <= set(rows["measure"])
    assert not rows["measure"].str.contains("built_up").any()


def test_people_of_the_first_date_on_another_grid_are_brought_over(make):
    toy = make(built_up=False)
    coarse = grid((1, 3), left=LEFT, top=TOP, cell=1000.0, height=2000.0)
    then = replace(toy.then, raster=raster(THEN.sum(axis=0, keepdims=True), coarse))
    found = ask_growth_into(toy.settings, toy.land, toy.asked, (), then, toy.now, name="flood").values
    assert value(found, "base_people_share") == pytest.approx(1.0)  # nothing but the river is known
    assert value(found, "new_people") == pytest.approx(0.0 + max(200 - 110, 0) * 1.0 + 0.0, rel=1e-5)


def test_further_perils_and_permanent_water(make, tmp_path):
    coast = np.full((20, 30), np.nan)
    coast[:10, 20:] = 2.0
    for period in WIDTH:
        write(tmp_path / f"coast{period}.tif", coast, FINE)
    lake = np.zeros((20, 30))
    lake[:, 10:15] = 1.0
    write(tmp_path / "lake.tif", lake, FINE)
    toy = make(also=["coast{return_period}.tif"], permanent_water="lake.tif")
    found = ask(toy, 500.0)
    assert value(found.values, "people") == pytest.approx(200 * 1.0 + 50, rel=1e-5)
    assert value(found.values, "land") == pytest.approx(2 * 0.5 + 1.0, rel=1e-5)
    assert found.ledger.amount("perils taken as fully dependent: a cell takes the worst") == 2
    assert {record.path for record in found.inputs} == {"rp00500.tif", "coast500.tif", "lake.tif"}
    assert hazard_files(toy.settings.exposure["flood"], 10.0) == ("rp00010.tif", "coast10.tif", "lake.tif")


def test_a_single_map_has_no_return_period(make, tmp_path):
    write(tmp_path / "zone.tif", river(3), FINE)
    toy = make(path="zone.tif", return_periods=[])
    rows = ask(toy, None).values
    assert value(rows, "people") == pytest.approx(60, rel=1e-5)
    assert set(rows["variant"]) == {"threshold=0.15", "people=ghs:2020;threshold=0.15"}


def test_depth_in_centimetres_is_refused_unless_said(make, tmp_path):
    write(tmp_path / "cm.tif", river(4) * 100, FINE)
    with pytest.raises(BadSetting, match=r"\[exposure.flood\] units = 'm', but over half .* deeper than 30: is the map in cm"):
        ask(make(path="cm.tif", return_periods=[]), None)
    rows = ask(make(path="cm.tif", return_periods=[], units="cm", threshold=15), None).values
    assert value(rows, "people") == pytest.approx(80, rel=1e-5)


def test_one_depth_beyond_belief_is_noted(make, tmp_path, caplog):
    depth = river(4)
    depth[3, 12] = 180.0
    write(tmp_path / "odd.tif", depth, FINE)
    found = ask(make(path="odd.tif", return_periods=[]), None)
    assert found.ledger.amount("largest depth, above 100: is all of the map in m?") == 180.0
    assert "odd.tif" in caplog.text


def test_negative_depth_is_masked_and_counted(make, tmp_path):
    depth = river(4, dry=0.0)
    depth[:, :10] = -0.3
    write(tmp_path / "low.tif", depth, FINE)
    found = ask(make(path="low.tif", return_periods=[]), None)
    assert found.ledger.amount("values below zero where only zero and more can be: missing") == 200
    assert value(found.values, "land_share") == pytest.approx(0.8 / 4, rel=1e-4)


def test_a_map_that_is_not_there_is_named(make):
    with pytest.raises(MissingFile, match="rp00020"):
        ask(make(return_periods=[10, 20], missing="dry"), 20.0)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ({"path": "a.tif", "return_periods": [10, 100]}, "one map for 2 return periods"),
        ({"path": "a_{return_period}.tif"}, "give the list"),
        ({"path": "a_{return_period:zz}.tif", "return_periods": [10]}, "return_period:05"),
        ({"path": "a.tif", "return_periods": [0.5]}, "greater than or equal to 1"),
        ({"path": "a.tif", "direction": "beside"}, "above"),
        ({"path": "a.tif", "depth": 3}, "Extra inputs"),
    ],
)
def test_settings_that_cannot_be_are_refused(section, said):
    with pytest.raises(ValidationError, match=said):
        Exposure(**section)


def test_return_periods_are_filled_in_and_other_braces_stay():
    assert fill_return_period("{year}/{return_period:04}/{return_period}.tif", 20.0) == "{year}/0020/20.tif"
    assert fill_return_period("a{return_period}.tif", None) == "a{return_period}.tif"
    section = Exposure(path="a{return_period}.tif", return_periods=[100, 2.5, 100])
    assert section.periods == [2.5, 100.0]
    assert Exposure(path="a{return_period}.tif", return_periods=[50, 150]).growth_period() == 150


def test_measures_are_those_that_the_steps_give(make):
    toy = make()
    parts = [ask(toy, period) for period in (10.0, 100.0, 500.0)]
    dry = find_dry(toy.settings, toy.land, name="flood")
    parts.append(ask_expected(toy.settings, toy.asked, toy.now, *parts, name="flood"))
    parts.append(ask_growth_into(toy.settings, toy.land, toy.asked, dry, toy.then, toy.now, name="flood"))
    assert set(pd.concat([part.values for part in parts])["measure"]) == {record.key for record in records.MEASURES}
    assert isinstance(toy.land.outline, gpd.GeoSeries)
