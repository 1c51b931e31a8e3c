"""A whole review of a toy country whose lights, land and cities can be counted by hand: every measure, and what is odd."""

import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine
from cli.conftest import CENTRES, COLS, GRIDS, ROWS, TOWN, make_toy, write_raster
from shapely.geometry import Point

from urbanreview.config import load_settings
from urbanreview.measures import BY_KEY
from urbanreview.pipeline import review

GRID = GRIDS["metres"]
FINE = 10
"""Cells of built-up land along one of population."""
LIGHT_YEARS = (2016, 2017, 2018, 2019)
SNOW = (11, 12, 1, 2, 3)
ABSENT = (2017, 6)
SETTINGS = """
[country]
iso3 = "TOY"
name = "Toyland"
margin_km = 3

[boundaries]
path = "data/districts.gpkg"
id = "code"
name = "name"

[population.ghs]
path = "data/people_{year}.tif"
years = [2010, 2020]

[land]
path = "data/land.tif"

[built_up]
path = "data/fine_{year}.tif"
years = [2010, 2020]

[lights]
path = "data/{year}-{month:02}.tif"
observations = "data/nights-{year}-{month:02}.tif"
years = [2016, 2017, 2018, 2019]

[lights.flares]
path = "data/flares.gpkg"
radius_km = 0.6

[form]
measures = ["weighted_density", "proximity", "cohesion", "exchange", "perimeter", "sprawl"]

[access]
path = "data/friction.tif"
own_capitals = true

[output]
folder = "toy-review"
"""
NORTH, SOUTH = CENTRES
"""Rows and columns of the two centres: 30 km2 with 120,000 people, and 20 km2 with 100,000; half of that in 2010."""


def built(year: int) -> np.ndarray:
    """Built-up surface on cells of 100 m.

    The northern centre: its western three kilometres, in 2020 a strip of 1.5 km beside them. The southern one: its
    westernmost kilometre, in 2020 also a square kilometre that stands two away.
    """
    cells = np.zeros((ROWS * FINE, COLS * FINE))
    (top, bottom, left, _), (south_top, south_bottom, south_left, _) = NORTH, SOUTH
    cells[top * FINE : bottom * FINE, left * FINE : (left + 3) * FINE] = 10_000.0
    cells[south_top * FINE : south_bottom * FINE, south_left * FINE : (south_left + 1) * FINE] = 10_000.0
    if year == 2020:
        cells[top * FINE : bottom * FINE, (left + 3) * FINE : (left + 3) * FINE + 15] = 10_000.0
        cells[south_top * FINE : (south_top + 1) * FINE, (south_left + 3) * FINE : (south_left + 4) * FINE] = 10_000.0
    return cells


def light(year: int, month: int) -> np.ndarray:
    """Radiance 10 in 2016 and one more each year where the centres are, twice that in snow; a flare in the town."""
    cells = np.full((ROWS, COLS), -0.02)
    for top, bottom, left, right in CENTRES:
        cells[top:bottom, left:right] = (10.0 + year - LIGHT_YEARS[0]) * (2.0 if month in SNOW else 1.0)
    cells[FLARE] = 70.0
    return cells


FLARE = (TOWN[0][0] + 1, TOWN[0][2] + 1)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("themes")
    make_toy(folder, GRID)
    data = folder / "data"
    fine = replace(GRID, transform=Affine(100, 0, GRID.transform.c, 0, -100, GRID.transform.f))
    for year in (2010, 2020):
        write_raster(data / f"fine_{year}.tif", built(year), fine, dtype="uint16", nodata=65535)
    for year in LIGHT_YEARS:
        for month in range(1, 13):
            if (year, month) != ABSENT:
                write_raster(data / f"{year}-{month:02}.tif", light(year, month), GRID, dtype="float32", nodata=-999.3)
            nights = np.full((ROWS, COLS), 9.0)
            if (year, month) == (2016, 5):
                nights[NORTH[0], NORTH[2]] = 0.0
            write_raster(data / f"nights-{year}-{month:02}.tif", nights, GRID, dtype="uint8", nodata=255)
    write_raster(data / "land.tif", np.full((ROWS, COLS), 1e6), GRID, dtype="float32", nodata=-1)
    write_raster(data / "friction.tif", np.full((ROWS, COLS), 0.01), GRID, dtype="float32", nodata=-9999)
    place = Point(*(GRID.transform @ (FLARE[1] + 0.5, FLARE[0] + 0.5)))
    gpd.GeoDataFrame(geometry=[place], crs=GRID.crs).to_file(data / "flares.gpkg")
    path = folder / "themes.toml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(settings):
    return review(load_settings(settings))


@pytest.fixture(scope="module")
def centres(found) -> dict[str, str]:
    zones = found.zones[found.zones["level"] == "urban_centre"].sort_values("people", ascending=False)
    return dict(zip(("north", "south"), zones.index, strict=True))


@pytest.fixture(scope="module")
def value(found, centres):
    """Look one number up: by name of a centre or by zone id."""

    def looked_up(zone: str, measure: str, period: str, **variant: object) -> float:
        rows = found.values[(found.values["zone_id"] == centres.get(zone, zone)) & (found.values["measure"] == measure)]
        rows = rows[rows["period"] == period]
        for key, word in variant.items():
            rows = rows[rows["variant"].str.split(";").map(lambda words, said=f"{key}={word}": said in words)]
        assert len(rows) == 1, rows
        return float(rows["value"].iloc[0])

    return looked_up


COUNTRY = "TOY-adm0-TOY"


def test_every_measure_is_there(found):
    every = pd.concat([found.values, *(other.values for other in found.others)])
    capital = {"access.capital_minutes"}  # the gazetteer knows none of Toyland
    known = {key for key in BY_KEY if not key.startswith(("exposure.", "climate.", "air.", "official."))}
    assert known - set(every["measure"]) == capital
    of_many = {"system.primacy_four", "system.growth_on_size", "system.growth_on_size_error"}  # there are but three towns
    assert known - set(every.dropna(subset="value")["measure"]) == capital | of_many
    assert (every["reason"].ne("") == every["value"].isna()).all()


def test_the_year_is_the_mean_of_the_months_without_snow(value, found):
    for year, radiance in zip(LIGHT_YEARS, (10.0, 11.0, 12.0, 13.0), strict=True):
        assert value("south", "lights.sum", str(year)) == pytest.approx(20 * radiance, rel=1e-6)
        assert value("south", "lights.sum_area", str(year)) == pytest.approx(20 * radiance, rel=1e-6)
    variants = found.values[(found.values["measure"] == "lights.sum") & (found.values["period"].isin(["2016", "2017"]))]
    assert set(variants["variant"]) == {"floor=0.1;months=4-10", "floor=0.1;months=4-5+7-10"}
    assert value("south", "lights.sum", "2016-12") == pytest.approx(20 * 20.0, rel=1e-6)


def test_a_month_without_a_cloud_free_night_is_left_out_of_its_cell(value):
    assert value("south", "lights.months", "2016") == 7.0
    assert value("south", "lights.months", "2017") == 6.0
    assert value("north", "lights.months", "2016") == pytest.approx((29 * 7 + 6) / 30, rel=1e-6)
    assert value("north", "lights.sum", "2016-05") == pytest.approx(29 * 10.0, rel=1e-6)


def test_light_per_person_takes_people_between_the_dates(value):
    people = 50_000 * 2**0.6
    assert value("south", "lights.per_person", "2016", people="ghs:2010+2020") == pytest.approx(200 / people, rel=1e-6)
    assert value("north", "lights.national_share", "2016") == pytest.approx(300 / (300 + 200 + 70), rel=1e-6)


def test_growth_and_trend_name_the_breaks_they_cross(value, found):
    assert value("south", "lights.growth", "2016/2019", breaks="2017-04+2018-01") == pytest.approx(1.3 ** (1 / 3) - 1, rel=1e-6)
    assert value("south", "lights.growth", "2018/2019", floor="0.1") == pytest.approx(13 / 12 - 1, rel=1e-6)
    for measure in ("lights.trend", "lights.trend_low", "lights.trend_high"):
        assert value("south", measure, "2016/2019", breaks="2017-04+2018-01") == pytest.approx(20.0, rel=1e-5)
    rows = found.values[(found.values["measure"] == "lights.growth") & (found.values["period"] == "2018/2019")]
    assert not rows["variant"].str.contains("breaks").any()
    causes = found.ledger.frame()["cause"]
    assert causes.str.startswith("the series changes its level with").sum() == 2


def test_the_flare_shines_in_the_raw_sums_alone(value):
    assert value(COUNTRY, "lights.sum", "2016") == pytest.approx(300 + 200 + 70, rel=1e-6)
    assert value(COUNTRY, "lights.sum_without_flares", "2016") == pytest.approx(300 + 200, rel=1e-6)
    assert value(COUNTRY, "lights.flare_share", "2016") == pytest.approx(70 / 570, rel=1e-6)
    assert value("south", "lights.flare_share", "2016") == 0.0


def test_a_missing_month_is_told(found):
    ledger = found.ledger.frame()
    assert "no file for lights 2017-06" in set(ledger["cause"])
    row = ledger[ledger["cause"] == "month of the year's mean without a file"]
    assert row[["step", "amount"]].values.tolist() == [["lights 2017", 1.0]]


def test_land_consumption_by_hand_on_both_boundaries(value):
    """People double; the northern centre builds 15 km2, then 22.5, the southern 4 and 5."""
    growth = np.log(2) / 10
    for boundary in ("fixed", "moving"):
        said = {"boundary": boundary, "formula": "un-habitat-2021"}
        assert value("north", "land.consumption_rate", "2010/2020", **said) == pytest.approx(0.05, rel=1e-9)
        assert value("north", "land.population_growth", "2010/2020", **said) == pytest.approx(growth, rel=1e-9)
        assert value("north", "land.consumption_ratio", "2010/2020", **said) == pytest.approx(0.05 / growth, rel=1e-9)
        assert value("north", "land.consumption_class", "2010/2020", **said) == 2.0
        said["formula"] = "un-habitat-2018"
        assert value("south", "land.consumption_rate", "2010/2020", **said) == pytest.approx(np.log(1.25) / 10, rel=1e-9)
        change = value("south", "land.per_person_change", "2010/2020", boundary=boundary)
        assert change == pytest.approx(5e6 / 100_000 - 4e6 / 50_000, rel=1e-9)
    assert value("south", "built_up.change", "2010/2020") == pytest.approx(0.25, rel=1e-9)
    assert value("north", "built_up.new", "2010/2020") == pytest.approx(7.5, rel=1e-9)
    assert value("north", "form.fullness", "2020") == pytest.approx(22.5 / 30, rel=6e-3)  # the extent's area is geodesic


def test_the_settlements_keep_their_extents_so_all_new_land_is_inside(value):
    assert value("north", "land.densification_share", "2010/2020") == pytest.approx(1.0, rel=1e-9)


def test_the_strip_is_an_extension_and_the_far_square_a_leapfrog(value):
    """Of the strip's ring of 52 x 17 - 50 x 15 = 134 cells 50 were built on."""
    assert value("north", "expansion.extension_share", "2010/2020") == 1.0
    assert value("north", "expansion.mean_index", "2010/2020") == pytest.approx(50 / 134, rel=1e-9)
    assert value("south", "expansion.leapfrog_share", "2010/2020") == 1.0
    assert value("south", "expansion.new_area", "2010/2020") == pytest.approx(1.0, rel=1e-9)


def test_the_system_of_cities_by_hand(value):
    said = {"units": "urban_centre", "cutoff": "50000"}
    assert value(COUNTRY, "system.settlements", "2020", **said) == 2
    assert value(COUNTRY, "system.primacy", "2020", **said) == pytest.approx(120 / 220, rel=1e-9)
    assert value(COUNTRY, "system.primacy_two", "2020", **said) == pytest.approx(1.2, rel=1e-9)
    assert value(COUNTRY, "size_class.people", "2020", **said, **{"class": "50k-250k"}) == pytest.approx(220_000, rel=1e-9)
    assert value(COUNTRY, "system.growers", "2010/2020", **said) == 2


def test_urban_growth_adds_up(value):
    for units, cutoff in (("urban_centre", 50000), ("urban_cluster", 5000)):
        said = {"units": units, "cutoff": cutoff}
        parts = {
            name: value(COUNTRY, f"urban_growth.{name}", "2010/2020", **said)
            for name in ("total", "inside", "edge", "absorbed", "new", "dropped")
        }
        assert parts["total"] == parts["inside"] + parts["edge"] + parts["absorbed"] + parts["new"] - parts["dropped"]
        measure = "population.high_density" if units == "urban_centre" else "population.urban"
        assert parts["total"] == pytest.approx(value(COUNTRY, measure, "2020") - value(COUNTRY, measure, "2010"), rel=1e-12)


def test_growth_of_people_on_both_boundaries(value):
    for boundary in ("fixed", "moving"):
        assert value("north", "population.growth_rate", "2010/2020", boundary=boundary) == pytest.approx(
            np.log(2) / 10, rel=1e-9
        )


def test_settlements_are_linked_to_those_before(found, centres):
    links = found.links[found.links["relation"] == "earlier"]
    assert set(centres.values()) <= set(links["from_id"])
    assert links["to_id"].str.endswith("-ghs-2010").all()


def test_flags_stand_on_every_zone(found):
    assert found.zones["flags"].map(type).eq(str).all()
    west = found.zones.loc["TOY-adm1-w", "flags"]
    assert "across the border" not in west
    town = found.zones[(found.zones["level"] == "urban_cluster") & found.zones["people"].between(5_000, 20_000)]
    assert town["flags"].str.contains("without built-up land").all(), town["flags"].tolist()


@pytest.fixture(scope="module")
def odd(settings, tmp_path_factory):
    """The same country with a month on another grid, one of another size, and one whose file says another product."""
    folder = tmp_path_factory.mktemp("odd")
    shutil.copytree(settings.parent, folder, dirs_exist_ok=True)
    coarse = replace(GRID, transform=GRID.transform @ Affine.scale(2))
    write_raster(folder / "data" / "2018-07.tif", light(2018, 7)[::2, ::2], coarse, dtype="float32", nodata=-999.3)
    write_raster(folder / "data" / "2018-08.tif", 1_000 * light(2018, 8), GRID, dtype="float32", nodata=-999.3)
    with rasterio.open(folder / "data" / "2019-05.tif", "r+") as file:
        file.update_tags(product="another")
    with rasterio.open(folder / "data" / "2019-04.tif", "r+") as file:
        file.update_tags(product="one")
    asked, lights = SETTINGS.index("[land]"), SETTINGS[SETTINGS.index("[lights]") : SETTINGS.index("[form]")]
    text = SETTINGS[:asked].replace("2010, ", "") + lights.replace("observations", "# observations")
    text += '[output]\nfolder = "out"\n'
    (folder / "odd.toml").write_text(text, encoding="utf-8")
    return review(load_settings(folder / "odd.toml"))


def test_a_series_that_changes_its_grid_is_handled_per_grid_and_said_so(odd, centres):
    ledger = odd.ledger.frame()
    assert ledger["cause"].str.startswith("series changes its grid").sum() >= 1, ledger["cause"].tolist()
    assert "month on another grid than most: left out of the year's mean" in set(ledger["cause"])
    rows = odd.values[(odd.values["measure"] == "lights.sum") & (odd.values["period"] == "2018")]
    assert set(rows["variant"]) == {"floor=0.1;months=4-6+8-10"}
    month = odd.values[(odd.values["measure"] == "lights.mean_lit") & (odd.values["period"] == "2018-07")].set_index("zone_id")
    assert month.loc[centres["south"], "value"] == pytest.approx(12.0, rel=1e-6)


def test_a_month_of_another_size_is_named(odd):
    ledger = odd.ledger.frame()
    named = ledger[ledger["cause"].str.contains("are its units others?", regex=False)]
    assert named["step"].tolist() == ["lights 2018-08"]


def test_a_change_of_product_is_never_silent(odd):
    causes = odd.ledger.frame()["cause"]
    assert causes.str.contains("product changes from one to another with 2019-05").any()
    rows = odd.values[(odd.values["measure"] == "lights.growth") & (odd.values["period"] == "2018/2019")]
    assert rows["variant"].str.contains("products=one+another", regex=False).all()
