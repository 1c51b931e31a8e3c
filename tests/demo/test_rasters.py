import dataclasses
from itertools import pairwise

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.demo import DEMO_NOTE, LAYERS
from urbanreview.demo.built_up import EPOCHS, MOST_SHARE, RURAL_GROWTH, model_built_up, rural_built_up, town_built_up
from urbanreview.demo.country import demo_grid, mollweide_grid
from urbanreview.demo.layers import BUILT_UP, BUILT_UP_EPOCHS, LIGHTS, LIGHTS_MONTHLY, POPULATION, POPULATION_MOLL
from urbanreview.demo.lights import (
    FLARES,
    LEVELS,
    MONTHS,
    NOISE,
    RENAMED,
    STEP,
    YEARS,
    factor_of,
    flare_radiance,
    model_lights,
    people_radiance,
)
from urbanreview.demo.people import Population, Terrain
from urbanreview.demo.truth import centre_cells, expected_built_up_m2, expected_lights, expected_lights_factor
from urbanreview.demo.urban import Site
from urbanreview.grid import cell_area_km2, same_grid

FILES = [(layer, file) for layer in (POPULATION, POPULATION_MOLL, BUILT_UP) for file in layer.files()]


def check_file(layer, path):
    with rasterio.open(path) as file:
        tags = file.tags()
        assert file.nodata == pytest.approx(layer.quantity.nodata)
        assert file.dtypes == (layer.quantity.dtype,)
        assert file.profile["tiled"]
        assert file.compression.name == "deflate"
        assert same_grid(GeoBox(file.shape, file.transform, str(file.crs)), layer.grid())
    assert tags["modelled"] == "yes"
    assert tags["note"] == DEMO_NOTE == "Modelled for demonstration, not for analysis"
    assert (tags["kind"], tags["units"]) == (layer.quantity.kind, layer.quantity.units)
    assert "GeoNames" in tags["source"]


@pytest.mark.parametrize(("layer", "file"), FILES, ids=[file for _, file in FILES])
def test_every_raster_says_what_it_is_and_that_it_is_modelled(layer, file, demo):
    check_file(layer, demo / "data" / file)


def test_grids_are_those_of_the_global_products():
    assert demo_grid().transform.a == 1 / 120
    t = mollweide_grid().transform
    assert ((t.c + 18_041_000) % 1_000, (t.f - 9_000_000) % 1_000, t.a) == (0, 0, 1_000)


def test_built_up_is_known_inside_the_country_only_and_stays_below_its_cap(read, population):
    built = read("built_up_2020.tif")
    np.testing.assert_array_equal(np.isfinite(built), population.inside)
    assert np.nanmax(built / (cell_area_km2(population.grid) * 1e6)) <= MOST_SHARE


def test_built_up_follows_people(read, population):
    built = read("built_up_2020.tif")
    placed = population.placed_city("Astana")
    middle = np.unravel_index(placed.people.argmax(), placed.people.shape)
    people, m2 = population.people[placed.window][middle], built[placed.window][middle]
    crowding = people / np.broadcast_to(cell_area_km2(population.grid), built.shape)[placed.window][middle]
    assert m2 == pytest.approx(people * 150 * (1_500 / crowding) ** 0.5, abs=5)


@pytest.mark.parametrize("name", ["Astana", "Shymkent", "Pavlodar"])
@pytest.mark.parametrize("year", [1990, 2000, 2010, 2020])
def test_built_up_of_a_city_is_that_of_its_parameters(name, year, read, model, population):
    placed = population.placed_city(name)
    drawn = read(f"built_up_{year}.tif")[placed.window][placed.people > 0].sum()
    assert drawn == pytest.approx(expected_built_up_m2(model.terrain(), name, year), rel=1e-3)


def test_nothing_is_torn_down(read, population):
    epochs = [read(f"built_up_{year}.tif")[population.inside] for year in (1990, 2000, 2010, 2020)]
    for before, after in pairwise(epochs):
        assert (after >= before).all()
    assert epochs[-1].sum() > 1.2 * epochs[0].sum()


def test_built_up_of_the_countryside_grows_evenly_and_empty_land_has_none(read, population):
    rural = population.inside & (population.urban == 0)
    first, last = (read(f"built_up_{year}.tif")[rural].sum() for year in (1990, 2020))
    assert last / first == pytest.approx(RURAL_GROWTH**30, rel=0.01)
    assert (read("built_up_2020.tif")[rural] == 0).mean() > 0.5
    assert rural_built_up(population, 2020)[population.urban > 0].sum() == 0


def test_epochs_are_those_of_the_ghsl_and_share_files_with_the_settings():
    assert tuple(range(1975, 2025, 5)) == EPOCHS
    assert set(BUILT_UP.files()) < set(BUILT_UP_EPOCHS.files())


def test_built_up_of_a_cell_that_is_too_crowded_is_cut(population):
    grid = GeoBox((1, 2), Affine(1 / 120, 0, 77, 0, -1 / 120, 43), "EPSG:4326")
    area_km2 = np.broadcast_to(cell_area_km2(grid), (1, 2))
    city = dataclasses.replace(population.placed[0].city, people=60_000)
    site = Site(city, (slice(0, 1), slice(0, 2)), area_km2, np.array([[0.5, 0.6]]), np.ones((1, 2)))
    terrain = Terrain(grid, np.ones((1, 2), bool), (site,), np.zeros(2, np.float32))
    nobody = Population(grid, 2020, terrain.inside, (), np.zeros((1, 2)), np.zeros((1, 2)))
    assert (town_built_up(site, 2020) > 0.9e6 * area_km2).all()
    assert model_built_up(terrain, nobody, 2020)[0] == pytest.approx(0.85e6 * area_km2[0], abs=10)


@pytest.mark.parametrize("date", [(YEARS[0],), (YEARS[-1],), (2016, 1), (2018, 7)])
def test_lights_are_people_and_flares_and_background_and_noise(date, model, population):
    lights = model_lights(model.glow(), *date)[population.inside]
    steps = lights / STEP
    np.testing.assert_array_equal(steps, np.rint(steps))
    people = people_radiance(population.density[population.inside]) * factor_of(*date)
    noise = lights - people - flare_radiance(population.grid)[population.inside]
    background = {(2016, 1): LEVELS[0].background, (2018, 7): LEVELS[2].background}.get(date, 0.0)
    assert noise.mean() == pytest.approx(background, abs=1e-3)
    assert noise.std() == pytest.approx((NOISE**2 + STEP**2 / 12) ** 0.5, rel=0.02)
    assert lights.min() < 0


def test_lights_are_missing_abroad_and_noise_differs_from_date_to_date(model, population):
    first, second = (model_lights(model.glow(), 2016, month) for month in (1, 2))
    np.testing.assert_array_equal(np.isfinite(first), population.inside)
    dark = population.inside & (population.density < 0.2) & (flare_radiance(population.grid) < 1e-6)
    assert abs(np.corrcoef(first[dark], second[dark])[0, 1]) < 0.01


@pytest.mark.parametrize("flare", FLARES, ids=[flare.name for flare in FLARES])
def test_every_flare_shines_in_an_empty_place_of_the_country(flare, population):
    col, row = (int(value) for value in ~population.grid.transform @ (flare.lon, flare.lat))
    around = slice(row - 2, row + 3), slice(col - 2, col + 3)
    assert population.inside[around].all()
    assert 0.5 * flare.radiance < flare_radiance(population.grid)[around].max() <= flare.radiance
    assert population.density[around].max() < 300


@pytest.mark.parametrize("name", ["Almaty", "Astana", "Shymkent"])
def test_lights_of_a_centre_are_those_of_its_parameters(name, model, population):
    cells = centre_cells(population, name)
    for date in ((2018,), (2017, 3), (2017, 4)):
        found = model_lights(model.glow(), *date)[cells].sum(dtype=float)
        expected, tolerance = expected_lights(population, cells, date)
        assert found == pytest.approx(expected, abs=tolerance)
        assert tolerance < 0.01 * expected


def test_growth_and_both_level_breaks_are_in_the_factors():
    assert expected_lights_factor((2018,), (2020,)) == pytest.approx(1.04**2)
    month = 1.04 ** (1 / 12)
    assert expected_lights_factor((2017, 3), (2017, 4)) == pytest.approx(month * 1.00 / 0.90)
    assert expected_lights_factor((2017, 12), (2018, 1)) == pytest.approx(month * 1.07 / 1.00)
    assert expected_lights_factor((2016, 6), (2016, 7)) == pytest.approx(month)
    assert [level.since for level in LEVELS[1:]] == [(2017, 4), (2018, 1)]


def test_one_month_goes_by_another_name():
    files = LIGHTS_MONTHLY.files()
    assert len(files) == len(set(files)) == len(MONTHS) == 36
    assert RENAMED == (2016, 10)
    assert [file for file in files if "ecmslcfg" in file] == ["lights/2016-10_ecmslcfg.tif"]
    assert "lights/2016-10.tif" not in files
    assert LIGHTS.files() == tuple(f"lights_{year}.tif" for year in range(2013, 2025))


@pytest.mark.parametrize("layer", [LIGHTS, LIGHTS_MONTHLY], ids=lambda layer: layer.name)
def test_file_of_lights_is_what_the_model_says(layer, model, tmp_path):
    path = tmp_path / "one.tif"
    file, date = layer.files()[9], layer.dates[9]
    layer.write(model, file, path)
    check_file(layer, path)
    assert layer.is_written(path)
    assert path.stat().st_size < 5e6
    with rasterio.open(path) as opened:
        found = opened.read(1, masked=True).astype(float).filled(np.nan)
    np.testing.assert_array_equal(found, model_lights(model.glow(), *date).astype(float))


def test_every_layer_has_files_of_its_own_name():
    assert list(LAYERS) == [layer.name for layer in LAYERS.values()]
    assert all(layer.files() for layer in LAYERS.values())
