"""Layers that are written when a later review asks for them."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.ndimage import label

from urbanreview.demo import DEMO_NOTE, LAYERS, write_demo
from urbanreview.demo import climate as weather
from urbanreview.demo.air import FACTOR_PER_YEAR, SENTINEL, air_grid, city_dust, fine_dust
from urbanreview.demo.flood import RETURN_PERIODS, RIVERS, flood_depth, flood_grid, river_distance_km, river_points
from urbanreview.demo.friction import cost_of, linked_cities, model_friction, road_network
from urbanreview.grid import cell_area_km2
from urbanreview.sources import open_raster

DAILY = {"temperature_max": "tx", "temperature_min": "tn", "temperature_mean": "tg"}
SMALL = ("precipitation", "temperature", *DAILY, "air", "air_monthly")


@pytest.fixture(scope="module")
def lazy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lazy")
    write_demo(folder, what=SMALL)
    return folder / "data"


@pytest.mark.parametrize("name", SMALL)
def test_netcdf_files_say_that_they_are_modelled(name, lazy):
    for file in LAYERS[name].files():
        assert LAYERS[name].is_written(lazy / file)
        with xr.open_dataset(lazy / file) as found:
            assert found.attrs["note"] == DEMO_NOTE
    assert not list(lazy.rglob("*.part"))


def test_temperature_warms_by_the_stated_trend_and_keeps_its_seasons(lazy):
    with xr.open_dataset(lazy / "climate" / "tmp.nc") as found:
        tmp = found["tmp"].load()
    assert tmp.attrs["units"] == "degrees Celsius"
    assert (tmp.sizes["time"], float(tmp.lat[1] - tmp.lat[0])) == (360, 0.5)
    yearly = tmp.groupby("time.year").mean("time").sel(lon=76.75, lat=43.25)
    slope = np.polyfit(yearly.year, yearly, 1)[0] * 10
    assert slope == pytest.approx(weather.WARMING_PER_DECADE, abs=1e-5)
    january = tmp[tmp["time.month"] == 1].mean("time")
    expected = weather.mean_temperature(january.lon.values[None], january.lat.values[:, None], 1)
    np.testing.assert_allclose(january, expected, atol=1e-4)
    assert float(january.sel(lon=71.25, lat=51.25)) < -8 < 5 < float(tmp[tmp["time.month"] == 7].mean())


def test_rain_dries_by_the_stated_trend(lazy):
    with xr.open_dataset(lazy / "climate" / "pre.nc") as found:
        pre = found["pre"].load()
    assert pre.attrs["units"] == "mm/month"
    assert float(pre.min()) > 0
    yearly = pre.groupby("time.year").sum("time").sel(lon=69.25, lat=54.75)
    slope = np.polyfit(yearly.year, yearly, 1)[0] * 10
    assert slope / float(yearly.mean()) == pytest.approx(weather.DRYING_PER_DECADE, rel=1e-3)
    assert sum(weather.MONTH_SHARE) == pytest.approx(1)


@pytest.fixture(scope="module")
def days(lazy) -> dict[str, xr.DataArray]:
    return {name: xr.load_dataset(lazy / "climate" / f"{name}.nc")[name] for name in DAILY.values()}


def test_days_are_three_whole_years_on_one_degree(days):
    for found in days.values():
        assert found.shape == (1096, 17, 44)
        assert [str(found.time.values[k])[:10] for k in (0, -1)] == ["2018-01-01", "2020-12-31"]
        assert float(found.lon[1] - found.lon[0]) == float(found.lat[1] - found.lat[0]) == 1.0
        assert found.attrs["units"] == "degrees Celsius"


def test_days_of_a_month_average_to_the_month(days, lazy):
    found = days["tg"].resample(time="MS").mean()
    expected = weather.monthly_temperature(found.lon.values[None], found.lat.values[:, None])[-3:]
    np.testing.assert_allclose(found, expected.reshape(found.shape), atol=0.03)  # tenths of a degree
    with xr.open_dataset(lazy / "climate" / "tmp.nc") as monthly:
        cells = monthly["tmp"][-36:].coarsen(lat=2, lon=2).mean()  # the same cells; the west is flat
    np.testing.assert_allclose(found.sel(lon=slice(45, 57)), cells.sel(lon=slice(45, 57)), atol=0.05)


def test_mean_of_a_day_lies_midway_between_its_highest_and_its_lowest(days):
    assert float((days["tx"] - days["tg"]).min()) > 2
    np.testing.assert_allclose((days["tx"] + days["tn"]) / 2, days["tg"], atol=0.11)
    spans = (days["tx"] - days["tn"]).groupby("time.month").mean(("time", "lat", "lon"))
    assert float(spans[6] - spans[0]) == pytest.approx(4 * weather.HALF_RANGE_SWING, abs=0.7)


def test_days_stray_from_their_month_as_stated_and_a_day_is_like_the_one_before():
    found = weather.daily_weather()
    assert found.std() == pytest.approx(1, abs=0.1)
    assert np.corrcoef(found[1:], found[:-1])[0, 1] == pytest.approx(weather.DAY_PERSISTENCE, abs=0.07)


def test_south_has_the_hot_days_and_north_the_frost(days):
    south, north = ({name: each.sel(lon=68.5, lat=lat) for name, each in days.items()} for lat in (43.0, 54.0))
    assert 20 < int((south["tx"] > 35).sum()) < 60
    assert int((north["tx"] > 35).sum()) < int((south["tx"] > 35).sum()) / 2
    assert int((north["tn"] < 0).sum()) > 3 * 180 > int((south["tn"] < 0).sum())


def test_climate_opens_through_the_product(lazy):
    raster, _ = open_raster(lazy / "climate" / "pre.nc", kind="intensity", variable="pre")
    assert raster.sizes["time"] == 360
    assert [raster.time.values[0], raster.time.values[-1]] == ["1991-01", "2020-12"]


def test_fine_dust_has_a_sentinel_that_the_file_does_not_declare(lazy):
    with xr.open_dataset(lazy / "air" / "pm25_2020.nc") as found:
        dust = found["PM25"].load()
    assert "_FillValue" not in dust.encoding or dust.encoding["_FillValue"] is None
    assert float(dust.min()) == SENTINEL
    assert float(dust.where(dust >= 0).min()) > 5
    opened, ledger = open_raster(lazy / "air" / "pm25_2020.nc", kind="intensity")
    assert float(opened.min()) > 5
    assert ledger.amount("known nodata code without a tag") == int((dust == SENTINEL).sum())


def test_fine_dust_is_worst_in_large_northern_cities_and_falls_by_the_stated_factor(lazy):
    years = {}
    for year in (2013, 2020):
        with xr.open_dataset(lazy / "air" / f"pm25_{year}.nc") as found:
            years[year] = found["PM25"].sel(lat=51.18, lon=71.45, method="nearest").item()
    assert years[2020] / years[2013] == pytest.approx(FACTOR_PER_YEAR**7, rel=1e-5)
    lon, lat = (np.array([[value]]) for value in (71.45, 51.15))
    assert years[2020] == pytest.approx(fine_dust(lon, lat, 2020).item(), rel=1e-5)
    assert city_dust(100_000, 54) > 1.5 * city_dust(100_000, 42)
    assert air_grid().transform.a == 0.1


def test_months_of_fine_dust_average_to_their_year_and_cover_two_heating_seasons(lazy):
    files = LAYERS["air_monthly"].files()
    assert [files[0], files[-1], len(files)] == ["air/pm25_2018-10.nc", "air/pm25_2020-03.nc", 18]
    months = [xr.load_dataset(lazy / "air" / f"pm25_2019-{month:02}.nc")["PM25"] for month in range(1, 13)]
    with xr.open_dataset(lazy / "air" / "pm25_2019.nc") as found:
        np.testing.assert_allclose(sum(months) / 12, found["PM25"], rtol=1e-5)


def test_cities_have_more_winter_dust_than_the_steppe(lazy):
    january, july = (xr.load_dataset(lazy / "air" / f"pm25_2019-{month}.nc")["PM25"] for month in ("01", "07"))
    ratio = january / july
    assert ratio.sel(lat=48.05, lon=66.05, method="nearest") > 1.1
    assert ratio.sel(lat=51.18, lon=71.45, method="nearest") > 3


def test_flood_is_as_deep_and_as_wide_as_stated():
    lon, lat = river_points("Ural")
    middle = len(lon) // 2
    grid = GeoBox((160, 160), Affine(1 / 400, 0, lon[middle] - 0.2, 0, -1 / 400, lat[middle] + 0.2), "EPSG:4326")
    away_km = river_distance_km(grid, ["Ural"])
    area_km2 = np.broadcast_to(cell_area_km2(grid), grid.shape)
    length_km = 0.4 * 111.2  # the river runs north across the window
    for return_period, (deepest, reach_km) in RETURN_PERIODS.items():
        depth = flood_depth(away_km, return_period)
        assert deepest * 0.9 < np.nanmax(depth) <= deepest
        wet_km2 = area_km2[np.isfinite(depth)].sum()
        assert wet_km2 == pytest.approx(2 * reach_km * length_km, rel=0.05)
        assert area_km2[depth > deepest / 2].sum() == pytest.approx(wet_km2 / 2, rel=0.1)


def test_rivers_run_through_cities_and_the_grid_is_finer_than_the_people(population):
    assert flood_grid().transform.a < population.grid.transform.a / 3
    ends = {"Ural": ("Oral", "Atyrau"), "Ishim": ("Astana",), "Irtysh": ("Pavlodar", "Semey"), "Syr Darya": ("Kyzylorda",)}
    assert set(ends) == set(RIVERS)
    for river, names in ends.items():
        lon, lat = river_points(river)
        for name in names:
            placed = population.placed_city(name)
            t = population.grid[placed.window].transform
            rows, cols = ((lat - t.f) / t.e).astype(int), ((lon - t.c) / t.a).astype(int)
            here = (rows >= 0) & (cols >= 0) & (rows < placed.core.shape[0]) & (cols < placed.core.shape[1])
            assert placed.people[rows[here], cols[here]].sum() > 0, f"{river} misses {name}"


@pytest.fixture(scope="module")
def friction(population) -> np.ndarray:
    return model_friction(population)


def test_roads_link_all_cities(population, friction):
    cities = linked_cities()
    network = road_network()
    assert len(cities) - 1 < len(network) < 2 * len(cities)
    patch, _ = label((friction <= cost_of(50.0) * 1.001), np.ones((3, 3)))
    found = set()
    for city in cities:
        col, row = (int(value) for value in ~population.grid.transform @ (city.lon, city.lat))
        assert friction[row, col] <= np.float32(cost_of(50.0))
        found.add(int(patch[row, col]))
    assert len(found) == 1
    assert found != {0}


def test_friction_is_walking_off_the_roads_and_slower_in_the_mountains(population, friction):
    steppe, mountain = (48.0, 66.0), (49.4, 85.6)
    for (lat, lon), speed in ((steppe, 5.0), (mountain, 2.5)):
        col, row = (int(value) for value in ~population.grid.transform @ (lon, lat))
        around = friction[row - 3 : row + 4, col - 3 : col + 4]
        assert np.median(around) == pytest.approx(cost_of(speed))
    assert np.isnan(friction[0]).all()
    assert np.isfinite(friction[population.inside]).all()


def test_friction_file_has_the_nodata_of_the_real_one(model, tmp_path):
    layer, path = LAYERS["friction"], tmp_path / "friction.tif"
    layer.write(model, "friction.tif", path)
    with rasterio.open(path) as file:
        assert file.nodata == -9999
        assert file.tags()["units"] == "min/m"
