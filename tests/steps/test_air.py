"""Fine dust from files of every shape to rows of the long table."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from affine import Affine
from shapely.geometry import box

from urbanreview.config.settings import parse_settings
from urbanreview.errors import AmbiguousInput, BadSetting, MissingFile, NotInInput, WrongUnits
from urbanreview.steps.air import (
    ask_air,
    ask_air_series,
    ask_heating,
    people_for,
    season_files,
    season_months,
    season_period,
    year_files,
)
from urbanreview.steps.country import open_country
from urbanreview.steps.people import open_people
from urbanreview.steps.themes import units_asked

WEST, NORTH, CELL = 66.0, 46.5, 0.25
"""A country of two by two cells of air: half a degree each way, its districts the western and the eastern half."""
FINE = 30
"""Cells of people along one of air."""
DUST = np.array([[4.0, 12.0], [8.0, 20.0]])
"""North above, west on the left."""
A, B = "TOY-adm1-a", "TOY-adm1-b"
COUNTRY = "TOY-adm0-TOY"


def people() -> np.ndarray:
    """A thousand live in the middle of the north-western cell, 3,000 in the south-western one, 500 in the north-east."""
    cells = np.zeros((2 * FINE, 2 * FINE))
    cells[10, 10], cells[40, 10], cells[10, 40] = 1_000, 3_000, 500
    return cells


def write_tif(path, bands, *, cell=CELL, nodata=None, **tags):
    bands = np.asarray(bands, dtype="float32")
    bands = bands[None] if bands.ndim == 2 else bands
    profile = {"driver": "GTiff", "dtype": "float32", "crs": "EPSG:4326", "nodata": nodata, "count": len(bands)}
    transform = Affine(cell, 0, WEST, 0, -cell, NORTH)
    with rasterio.open(path, "w", **profile, height=bands.shape[1], width=bands.shape[2], transform=transform) as file:
        file.write(bands)
        file.update_tags(**tags)


def write_nc(path, layers, times=None, *, upside_down=False, swapped=False, name="PM25", **attrs):
    """Write layers of the country, as a provider would that means no harm."""
    lat = NORTH - CELL * (np.arange(2) + 0.5)
    lon = WEST + CELL * (np.arange(2) + 0.5)
    values = np.asarray(layers, dtype="float32")
    array = xr.DataArray(values, dims=("time", "lat", "lon")[-values.ndim :], coords={"lat": lat, "lon": lon}, name=name)
    if times is not None:
        array = array.assign_coords(time=pd.to_datetime(times))
    array = array.isel(lat=slice(None, None, -1)) if upside_down else array
    array.lat.attrs["axis"], array.lon.attrs["axis"] = ("X", "Y") if swapped else ("Y", "X")
    array.attrs.update({"units": "ug/m3"} | attrs)
    array.encoding["_FillValue"] = None
    array.to_dataset().to_netcdf(path, engine="h5netcdf")


@pytest.fixture
def toy(tmp_path):
    halves = {"a": (66.0, 66.25), "b": (66.25, 66.5)}
    shapes = [box(left, 46.0, right, 46.5) for left, right in halves.values()]
    gpd.GeoDataFrame({"code": list(halves)}, geometry=shapes, crs=4326).to_file(tmp_path / "districts.gpkg")
    for year, times in ((2010, 1), (2020, 2)):
        write_tif(tmp_path / f"people_{year}.tif", people() * times, cell=CELL / FINE, nodata=-1)
    return tmp_path


def settings_of(folder, **air):
    raw = {
        "country": {"iso3": "TOY", "margin_km": 0},
        "boundaries": {"path": "districts.gpkg", "id": "code"},
        "population": {"ghs": {"path": "people_{year}.tif", "years": [2010, 2020]}},
        "air": air,
        "output": {"folder": "out"},
    }
    return parse_settings(raw, base=folder)


def answers_of(folder, years, heating=(), **air):
    settings = settings_of(folder, **({"years": list(years)} | air))
    land = open_country(settings)
    asked = units_asked(land)
    counted = {year: people_for(settings, year) for year in (*years, *heating)}
    living = {key: open_people(settings, land, source=key[0], year=key[1]) for key in set(counted.values())}
    found = [ask_air(settings, land, asked, living[counted[year]], year=year) for year in years]
    found += [ask_heating(settings, land, asked, living[counted[year]], year=year) for year in heating]
    return [*found, ask_air_series(settings, *found)]


def numbers(answers, measure, period, **words):
    """Values by zone; of rows whose variant holds the words."""
    rows = pd.concat([part.values for part in answers if len(part.values)])
    rows = rows[(rows["measure"] == measure) & (rows["period"] == period)]
    for key, word in words.items():
        rows = rows[rows["variant"].str.split(";").map(lambda all_words, said=f"{key}={word}": said in all_words)]
    assert rows["zone_id"].is_unique
    return rows.set_index("zone_id")["value"].astype(float)


def rows_of(answers, measure):
    rows = pd.concat([part.values for part in answers if len(part.values)])
    return rows[rows["measure"] == measure]


def test_every_measure_of_a_year_by_hand(toy):
    write_tif(toy / "pm25_2020.tif", DUST)
    found = answers_of(toy, [2020], path="pm25_{year}.tif", product="SatPM2.5 V6.GL.03")
    mean = numbers(found, "air.pm25", "2020", people="ghs:2020")
    assert mean[A] == pytest.approx((1000 * 4 + 3000 * 8) / 4000)
    assert mean[B] == pytest.approx(12.0)
    assert mean[COUNTRY] == pytest.approx((1000 * 4 + 3000 * 8 + 500 * 12) / 4500)
    north, south = np.cos(np.radians([46.375, 46.125]))
    area = numbers(found, "air.pm25_area", "2020")
    assert area[A] == pytest.approx((4 * north + 8 * south) / (north + south), rel=1e-4)
    assert numbers(found, "air.people_above_guideline", "2020")[COUNTRY] == pytest.approx(2 * 3500)
    assert numbers(found, "air.people", "2020", band="0-5", levels="who-2021")[A] == pytest.approx(2 * 1000)
    assert numbers(found, "air.share", "2020", band="10-15")[COUNTRY] == pytest.approx(500 / 4500)
    assert numbers(found, "air.source_cells", "2020").to_dict() == {A: 2, B: 2, COUNTRY: 4}
    assert set(rows_of(found, "air.pm25")["source"]) == {"SatPM2.5 V6.GL.03"}
    noted = found[0].ledger
    assert noted.amount("zone whose value comes from fewer than 4 source cells") == 2
    assert noted.amount("people of the country without a concentration") == 0


@pytest.mark.parametrize("fill", [-999.0, -999.9])
@pytest.mark.parametrize("upside_down", [False, True])
def test_a_fill_value_without_a_tag_is_missing_whichever_way_the_file_lies(toy, fill, upside_down):
    values = np.where(DUST == 8, fill, DUST)
    write_nc(toy / "pm25_2020.nc", values, upside_down=upside_down, swapped=True)
    found = answers_of(toy, [2020], path="pm25_{year}.nc")
    mean = numbers(found, "air.pm25", "2020")
    assert mean[A] == pytest.approx(4.0)
    assert mean[COUNTRY] == pytest.approx((1000 * 4 + 500 * 12) / 1500)
    assert numbers(found, "air.source_cells", "2020")[COUNTRY] == 3
    assert found[0].ledger.amount("known nodata code without a tag") == 1
    assert found[0].ledger.amount("people of the country without a concentration") == pytest.approx(2 * 3000)
    share = rows_of(found, "air.pm25").set_index("zone_id")["valid_share"]
    assert share[A] == pytest.approx(0.5)
    assert set(rows_of(found, "air.pm25")["source"]) == {"air"}


def test_other_numbers_below_zero_are_missing_and_huge_ones_are_told(toy):
    write_tif(toy / "pm25_2020.tif", np.where(DUST == 8, -0.5, np.where(DUST == 20, 9999.0, DUST)))
    found = answers_of(toy, [2020], path="pm25_{year}.tif")
    assert numbers(found, "air.pm25", "2020")[A] == pytest.approx(4.0)
    assert found[0].ledger.amount("negative where only zero and more can be") == 1
    assert found[0].ledger.amount("over 1,000 ug/m3: is it a code for nodata, or are its units others?") == 1


def test_a_file_in_kilograms_is_refused(toy):
    write_nc(toy / "pm25_2020.nc", DUST * 1e-9, units="kg m**-3")
    with pytest.raises(WrongUnits):
        answers_of(toy, [2020], path="pm25_{year}.nc")


def test_a_band_per_year_and_the_people_of_the_nearest_one(toy):
    write_tif(toy / "pm25.tif", [DUST, DUST + 1, DUST + 4], units="ug m-3")
    found = answers_of(toy, [2014, 2015, 2016], path="pm25.tif", first_year=2014)
    assert numbers(found, "air.pm25", "2014", people="ghs:2010")[B] == pytest.approx(12.0)
    assert numbers(found, "air.pm25", "2016", people="ghs:2020")[B] == pytest.approx(16.0)
    assert numbers(found, "air.change", "2014/2015", people="ghs:2010")[B] == pytest.approx(1.0)
    assert numbers(found, "air.change", "2015/2016", people="ghs:2010+2020")[B] == pytest.approx(3.0)
    assert numbers(found, "air.change", "2014/2016")[COUNTRY] == pytest.approx(2.0)
    with pytest.raises(NotInInput, match="no band '4'"):
        answers_of(toy, [2017], path="pm25.tif", first_year=2014)
    with pytest.raises(BadSetting, match="before first_year = 2014"):
        settings_of(toy, path="pm25.tif", years=[2013], first_year=2014)


def test_a_time_axis_of_years(toy):
    write_nc(toy / "pm25.nc", [DUST, DUST * 2], ["2019-07-01", "2020-07-01"])
    found = answers_of(toy, [2019, 2020], path="pm25.nc")
    assert numbers(found, "air.change", "2019/2020")[B] == pytest.approx(12.0)
    with pytest.raises(MissingFile, match="at 2018"):
        answers_of(toy, [2018], path="pm25.nc")


MONTHS = pd.date_range("2019-01-01", "2020-12-01", freq="MS")


def monthly(value):
    return [np.full((2, 2), value(month)) for month in MONTHS]


def winter(month) -> float:
    return 40.0 if month.month in (10, 11, 12, 1, 2, 3) else 10.0


@pytest.mark.parametrize("shape", ["one file", "file per month", "beside years"])
def test_the_heating_season_is_the_mean_over_its_days(toy, shape):
    """It crosses the turn of the year: only October to December of 2019 are at 70."""
    layers = monthly(lambda month: 70.0 if (month.year, month.month) >= (2019, 10) and month.year < 2020 else winter(month))
    if shape == "file per month":
        for month, layer in zip(MONTHS, layers, strict=True):
            write_tif(toy / f"{month:%Y-%m}.tif", layer)
        air = {"path": "{year}-{month:02}.tif"}
    else:
        write_nc(toy / "months.nc", layers, MONTHS)
        air = {"path": "months.nc", "months_in_file": True}
    if shape == "beside years":
        write_tif(toy / "pm25_2020.tif", np.full((2, 2), 25.0))
        air = {"path": "pm25_{year}.tif", "monthly": {"path": "months.nc"}}
    found = answers_of(toy, [2020], heating=[2020], **air)
    season = (70 * 92 + 40 * 91) / 183  # 2020 has a 29th of February
    year = 25.0 if shape == "beside years" else (40 * (91 + 92) + 10 * 183) / 366
    assert numbers(found, "air.heating_season", "2019/2020", months="10-12+1-3")[A] == pytest.approx(season, rel=1e-6)
    assert numbers(found, "air.pm25", "2020")[A] == pytest.approx(year, rel=1e-6)
    assert numbers(found, "air.heating_ratio", "2019/2020", people="ghs:2020")[COUNTRY] == pytest.approx(
        season / year, rel=1e-6
    )


def test_without_one_of_its_months_a_season_or_year_is_missing_and_says_which(toy):
    for month, layer in zip(MONTHS, monthly(winter), strict=True):
        if f"{month:%Y-%m}" not in ("2019-11", "2020-02"):
            write_tif(toy / f"{month:%Y-%m}.tif", layer)
    air = {"path": "{year}-{month:02}.tif"}
    found = answers_of(toy, [2020], heating=[2020], **air)
    season = rows_of(found, "air.heating_season")
    assert season["value"].isna().all()
    assert set(season["reason"]) == {"no mean of 2019-11, 2020-02"}
    for measure in ("air.pm25", "air.pm25_area", "air.people", "air.share", "air.people_above_guideline", "air.source_cells"):
        rows = rows_of(found, measure)
        assert len(rows) == 3 * (6 if measure in ("air.people", "air.share") else 1)
        assert set(rows["reason"]) == {"no mean of 2020-02"}
    assert rows_of(found, "air.heating_ratio")["value"].isna().all()
    assert found[1].ledger.amount("month without a mean: no number of it is told") == 2
    settings = settings_of(toy, years=[2020], **air)
    assert season_files(settings, 2020) == ("2019-10.tif", "2019-12.tif", "2020-01.tif", "2020-03.tif")
    assert len(year_files(settings, 2020)) == 11


def test_a_cell_without_one_of_its_months_has_no_season(toy):
    layers = monthly(winter)
    layers[12][0, 0] = -999.0  # January 2020
    write_nc(toy / "months.nc", layers, MONTHS)
    found = answers_of(toy, [2020], heating=[2020], path="months.nc", months_in_file=True)
    assert numbers(found, "air.heating_season", "2019/2020")[A] == pytest.approx(40.0)
    share = rows_of(found, "air.heating_season").set_index("zone_id")["valid_share"]
    assert share[A] == pytest.approx(0.5)
    assert found[1].ledger.amount("cell with a value in some of the months only") == 1


def test_one_month_cannot_stand_for_twelve(toy):
    write_tif(toy / "months.tif", DUST)
    with pytest.raises(BadSetting, match="one file without a time axis for 12 months"):
        answers_of(toy, [2020], path="months.tif", months_in_file=True)


def test_a_month_that_is_there_twice_is_told(toy):
    times = [*MONTHS[:14], MONTHS[13], *MONTHS[14:]]  # February 2020
    write_nc(toy / "months.nc", [np.full((2, 2), winter(month)) for month in times], times)
    air = {"path": "pm25_{year}.tif", "monthly": {"path": "months.nc"}}
    write_tif(toy / "pm25_2019.tif", DUST)
    write_tif(toy / "pm25_2020.tif", DUST)
    with pytest.raises(AmbiguousInput, match="holds 2 steps of 2020-02"):
        answers_of(toy, [2020], heating=[2020], **air)
    found = answers_of(toy, [2019], heating=[2019], **(air | {"heating_months": [5, 6]}))
    assert numbers(found, "air.heating_season", "2019")[A] == pytest.approx(10.0)


def test_a_season_may_lie_within_a_year(toy):
    settings = settings_of(toy, path="{year}-{month:02}.tif", years=[2020], heating_months=[5, 6, 7, 8])
    assert season_period(settings, 2020) == "2020"
    assert season_months(settings, 2020) == [(2020, 5), (2020, 6), (2020, 7), (2020, 8)]
    with pytest.raises(BadSetting, match="each month once, in order"):
        settings_of(toy, path="a.tif", years=[2020], heating_months=[10, 1, 12])


def test_a_file_is_remembered_once_whoever_reads_it(toy):
    for month, layer in zip(MONTHS, monthly(winter), strict=True):
        write_tif(toy / f"{month:%Y-%m}.tif", layer, product="V6" if month.year == 2019 else "V7")
    found = answers_of(toy, [2019, 2020], heating=[2020], path="{year}-{month:02}.tif")
    records = [record for part in found for record in part.inputs]
    assert len(dict.fromkeys(records)) == 24
    assert len({record.name for record in records}) == 24
    assert rows_of(found, "air.change")["variant"].str.contains("products=V6+V7", regex=False).all()
    assert "product changes from V6 to V7 with 2020-01" in set(found[-1].ledger.frame()["cause"])


def test_zones_beyond_the_file_are_missing(toy):
    """The file ends in the middle of the country; its eastern neighbour lies beyond."""
    wide = np.array([[4.0, 4.0, 12.0, 12.0]] * 4)[:, :2]
    write_tif(toy / "pm25_2020.tif", wide, cell=CELL / 2)
    found = answers_of(toy, [2020], path="pm25_{year}.tif")
    mean = rows_of(found, "air.pm25").set_index("zone_id")
    assert mean.loc[A, "value"] == pytest.approx(4.0)
    assert np.isnan(mean.loc[B, "value"])
    assert (mean.loc[B, "valid_share"], mean.loc[B, "reason"]) == (0, "no valid cell")
    assert found[0].ledger.amount("people of the country without a concentration") == pytest.approx(2 * 500)
