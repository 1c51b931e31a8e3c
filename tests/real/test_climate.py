"""Climate of real countries against a plain computation of its own: shapely, pyproj, numpy and scipy, no code of ours."""

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
import xarray as xr
from pyproj import Geod, Transformer
from scipy.stats import gamma, kendalltau, norm, theilslopes

from urbanreview.config import parse_settings
from urbanreview.steps.climate import ask_climate
from urbanreview.steps.country import open_country
from urbanreview.steps.people import open_people
from urbanreview.steps.themes import units_asked

pytestmark = pytest.mark.real

GEOD = Geod(ellps="WGS84")


def asked_about(data, iso3, boundaries, people, **climate):
    """Ask a country about its climate; returns a function that picks a number, and ledgers by section."""
    path, year = people
    settings = parse_settings(
        {
            "country": {"iso3": iso3},
            "boundaries": boundaries | {"path": str(data / boundaries["path"])},
            "population": {"people": {"path": str(data / path), "years": [year]}},
            "settlements": {"path": "none.gpkg", "id": "id"},  # some of these populations are too coarse to find cities on
            "climate": {name: section | {"path": str(data / section["path"])} for name, section in climate.items()},
            "output": {"folder": "none"},
        }
    )
    land = open_country(settings)
    living = open_people(settings, land, source="people", year=year)
    answers = {name: ask_climate(settings, land, living, units_asked(land), name=name) for name in climate}
    country = str(land.country.index[0])

    def value(name, measure, period, *, zone=country, **words):
        rows = answers[name].values
        variant = ";".join(f"{key}={word}" for key, word in sorted({"weight": "area", **words}.items()))
        keys = {"zone_id": zone, "measure": f"climate.{measure}", "period": period, "variant": variant}
        for key, word in keys.items():
            rows = rows[rows[key] == word]
        assert len(rows) == 1
        return rows["value"].item()

    ledgers = {name: each.ledger for name, each in answers.items()}
    tables = {name: each.values for name, each in answers.items()}
    return SimpleNamespace(value=value, land=land, people=living.raster, ledgers=ledgers, tables=tables)


def cells_of(path, variable):
    """Read a variable, and the cells that its coordinates are the middles of, as (rows, cols) of boxes."""
    with xr.open_dataset(path, engine="h5netcdf") as file:
        array = file[variable].load()
    step = float(abs(array.lon[1] - array.lon[0]))
    boxes = [
        [shapely.box(x - step / 2, y - step / 2, x + step / 2, y + step / 2) for x in array.lon.values]
        for y in array.lat.values
    ]
    return array.values.astype(float), np.array(boxes)


def mean_over(shape, values, boxes):
    """Average every time step over a shape, cells by the geodesic area that they share with it."""
    shared = shapely.intersection(boxes, shape)
    weight = np.array([[abs(GEOD.geometry_area_perimeter(part)[0]) for part in row] for row in shared])
    weight = np.where(np.isfinite(values).all(axis=0), weight, 0.0)
    return (np.nan_to_num(values) * weight).sum(axis=(1, 2)) / weight.sum()


BELGIUM = "belgium/cru_ts_monthly_1991_2020.nc"


@pytest.fixture(scope="module")
def found(data):
    return asked_about(
        data,
        "BEL",
        {"path": "belgium/municipalities_statbel_2024.gpkg", "id": "UID", "name": "NAME_4", "parent": "NAME_1"},
        ("belgium/ghs_pop_e2020_1km.tif", 2020),
        rain={"path": BELGIUM, "variable": "pre"},
        heat={"path": BELGIUM, "variable": "tmp"},
    )


@pytest.fixture(scope="module")
def plain(data, found):
    """Months of the country by area: shape (30, 12)."""
    outline = found.land.country.geometry.iloc[0]
    return {name: mean_over(outline, *cells_of(data / BELGIUM, name)).reshape(30, 12) for name in ("pre", "tmp")}


class TestBelgium:
    def test_rain(self, found, plain):
        yearly, usual = plain["pre"].sum(axis=1), plain["pre"].mean(axis=0)
        period = "1991/2020"
        assert found.value("rain", "precipitation", period) == pytest.approx(yearly.mean(), rel=2e-4)
        assert found.value("rain", "precipitation", "2003") == pytest.approx(yearly[12], rel=2e-4)
        assert found.value("rain", "precipitation_month", period, month="08") == pytest.approx(usual[7], rel=2e-4)
        cv = yearly.std(ddof=1) / yearly.mean()
        assert found.value("rain", "precipitation_cv", period) == pytest.approx(cv, rel=5e-4)
        season = np.abs(usual - usual.sum() / 12).sum() / usual.sum()
        assert found.value("rain", "seasonality", period, of="climatology") == pytest.approx(season, rel=2e-3)
        assert found.value("rain", "wettest_month_share", period) == pytest.approx(usual.max() / usual.sum(), rel=2e-4)
        wanted = theilslopes(yearly, np.arange(30), alpha=0.95)
        for end, slope in (("", wanted.slope), ("_low", wanted.low_slope), ("_high", wanted.high_slope)):
            assert found.value("rain", f"precipitation_trend{end}", period) == pytest.approx(10 * slope, abs=0.1)

    def test_dry_spells(self, found, plain):
        """The index of the last quarter, from the largest likelihood of scipy."""
        quarters = np.convolve(plain["pre"].ravel(), np.ones(3), "valid")
        of_december = quarters[9::12]
        shape, _, scale = gamma.fit(of_december, floc=0)
        wanted = norm.ppf(gamma.cdf(of_december[-1], shape, scale=scale))
        assert found.value("rain", "spi", "2020-12", scale="3") == pytest.approx(wanted, abs=0.02)
        assert found.value("rain", "spi_known", "1991/2020", scale="3") == 358

    def test_temperature(self, found, plain):
        days = np.array([[np.datetime64(f"{y}-{m:02}", "M") for m in range(1, 13)] for y in range(1991, 2021)])
        length = ((days + 1).astype("M8[D]") - days.astype("M8[D]")).astype(float)
        yearly = (plain["tmp"] * length).sum(axis=1) / length.sum(axis=1)
        period = "1991/2020"
        assert found.value("heat", "temperature", period) == pytest.approx(yearly.mean(), abs=2e-3)
        assert found.value("heat", "temperature_sd", period) == pytest.approx(yearly.std(ddof=1), abs=1e-3)
        assert found.value("heat", "temperature_month", period, month="07") == pytest.approx(
            plain["tmp"][:, 6].mean(), abs=2e-3
        )
        assert found.value("heat", "temperature_trend", period) == pytest.approx(10 * theilslopes(yearly).slope, abs=1e-3)
        tau, count = kendalltau(np.arange(30), yearly).statistic, 30 * 29 / 2
        plain_z = (round(tau * count) - 1) / np.sqrt(30 * 29 * 65 / 18)
        assert 2 < found.value("heat", "temperature_trend_z", period) <= plain_z + 1e-9

    def test_people_live_where_it_is_warmer_than_the_country_is(self, found, data):
        """People of cells whose centre is in the country, each with the temperature of the cell around it."""
        values, boxes = cells_of(data / BELGIUM, "tmp")
        usual = values.reshape(30, 12, *boxes.shape)
        x, y = np.meshgrid(found.people.x.values, found.people.y.values)
        lon, lat = Transformer.from_crs("ESRI:54009", 4326, always_xy=True).transform(x, y)
        outline = found.land.country.geometry.iloc[0]
        inside = shapely.contains_xy(outline, lon, lat) & np.isfinite(found.people.values)
        col, row = ((lon[inside] - 1.0) // 0.5).astype(int), ((52.5 - lat[inside]) // 0.5).astype(int)
        people = found.people.values[inside]
        for month in (1, 7):
            heat = usual[:, month - 1].mean(axis=0)[row, col]
            known = np.isfinite(heat)
            wanted = (people[known] * heat[known]).sum() / people[known].sum()
            by_people = found.value("heat", "temperature_month", "1991/2020", month=f"{month:02}", weight="people")
            assert by_people == pytest.approx(wanted, abs=2e-3)
            assert by_people > found.value("heat", "temperature_month", "1991/2020", month=f"{month:02}")

    def test_cities_under_few_cells_are_flagged(self, found):
        cells = found.tables["rain"]
        cells = cells[cells["measure"] == "climate.source_cells"].set_index("zone_id")["value"]
        few = (cells < 4).sum()
        assert found.ledgers["rain"].amount("zone whose value comes from fewer than 4 source cells") == few
        assert cells.max() == 27
        assert few > 500


def test_warming_is_significant_in_every_german_state_that_the_file_reaches(data):
    found = asked_about(
        data,
        "DEU",
        {"path": "germany_south/admin_osm.gpkg", "layer": "admin1", "id": "iso", "name": "name"},
        ("germany_south/worldpop_2020_10km.tif", 2020),
        heat={"path": "germany_south/cru_ts_monthly_1991_2020.nc", "variable": "tmp"},
    )
    table = found.tables["heat"]
    p = table[(table["measure"] == "climate.temperature_trend_p_adjusted") & (table["variant"] == "weight=area")]
    bavaria, berlin = (p[p["zone_id"].str.contains(word)] for word in ("BY", "BE"))
    assert (p["value"].dropna() < 0.05).all()
    assert bavaria["valid_share"].item() > 0.8
    assert berlin["reason"].item() == "no valid cell"
    slopes = table[(table["measure"] == "climate.temperature_trend") & (table["variant"] == "weight=area")]["value"].dropna()
    assert slopes.between(0.2, 0.6).all()


def test_burundi_has_eleven_months_of_2021_and_no_year(data):
    path = "burundi/chirps_monthly_2021.nc"
    found = asked_about(
        data,
        "BDI",
        {"path": "burundi/admin_osm.gpkg", "layer": "admin1", "id": "iso", "name": "name"},
        ("burundi/worldpop_2020_10km.tif", 2020),
        rain={"path": path},
    )
    months = mean_over(found.land.country.geometry.iloc[0], *cells_of(data / path, "precip"))
    for month in range(1, 12):
        value = found.value("rain", "precipitation_month", "2021/2021", month=f"{month:02}")
        assert value == pytest.approx(months[month - 1], rel=1e-3)
    assert np.isnan(found.value("rain", "precipitation_month", "2021/2021", month="12"))
    assert np.isnan(found.value("rain", "precipitation", "2021/2021"))
    assert found.ledgers["rain"].amount("year without all its months, left out of yearly numbers: 2021") == 1
    assert found.ledgers["rain"].amount("month without data between the first and the last year") == 1


def test_two_months_a_year_in_djibouti_have_normals_and_nothing_else(data):
    path = "djibouti/chirps_novdec_1991_2020.nc"
    found = asked_about(
        data,
        "DJI",
        {"path": "djibouti/admin_osm.gpkg", "layer": "admin1", "id": "iso", "name": "name"},
        ("djibouti/settlement_pop_on_flood_grid.tif", 2020),
        rain={"path": path},
    )
    months = mean_over(found.land.country.geometry.iloc[0], *cells_of(data / path, "precip")).reshape(30, 2).mean(axis=0)
    for month, wanted in zip(("11", "12"), months, strict=True):
        assert found.value("rain", "precipitation_month", "1991/2020", month=month) == pytest.approx(wanted, rel=2e-3)
    table = found.tables["rain"]
    assert set(table.dropna(subset=["value"])["measure"]) == {"climate.precipitation_month", "climate.source_cells"}
    assert found.ledgers["rain"].amount("month without data between the first and the last year") == 300
    rows = table[(table["measure"] == "climate.precipitation_month") & (table["variant"] == "month=11;weight=area")]
    assert rows["valid_share"].min() < 1.0


def test_a_model_of_the_globe_opens_for_belgium(data):
    """From 0 to 360 degrees, in Kelvin, on a Gaussian grid, without leap years; its axis runs from December 2006 on."""
    path = data / "global/cmip5_tas_amon_canesm2_2007.nc"
    found = asked_about(
        data,
        "BEL",
        {"path": "belgium/admin_osm.gpkg", "layer": "admin0", "id": "iso", "name": "name"},
        ("belgium/ghs_pop_e2020_1km.tif", 2020),
        heat={"path": "global/cmip5_tas_amon_canesm2_2007.nc", "variable": "tas"},
    )
    with xr.open_dataset(path, engine="h5netcdf" if path.read_bytes()[:3] != b"CDF" else "scipy") as file:
        outline, lon = found.land.country.geometry.iloc[0], (file.lon_bnds.values + 180) % 360 - 180
        weight = np.zeros((file.sizes["lat"], file.sizes["lon"]))
        for row, (south, north) in enumerate(file.lat_bnds.values):
            for col, (west, east) in enumerate(lon):
                if west < east:
                    part = outline.intersection(shapely.box(west, south, east, north))
                    weight[row, col] = abs(GEOD.geometry_area_perimeter(part)[0])
        months = (file.tas.values * weight).sum(axis=(1, 2)) / weight.sum() - 273.15
        assert [str(date)[:7] for date in file.time.values[[0, -1]]] == ["2006-12", "2007-11"]
    for step, month in enumerate([12, *range(1, 12)]):
        value = found.value("heat", "temperature_month", "2006/2007", month=f"{month:02}")
        assert value == pytest.approx(months[step], abs=0.05)
    assert found.ledgers["heat"].amount("longitudes 0 to 360 brought to -180 to 180") == 1
    assert np.isnan(found.value("heat", "temperature", "2006/2007"))
