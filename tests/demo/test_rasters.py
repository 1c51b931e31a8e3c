import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.demo import DEMO_NOTE, LAYERS
from urbanreview.demo.built_up import MOST_SHARE, model_built_up
from urbanreview.demo.lights import FLARES, NOISE, YEARS, flare_radiance, people_radiance
from urbanreview.demo.people import Population
from urbanreview.demo.truth import expected_lights_factor
from urbanreview.grid import cell_area_km2

FILES = [(layer, year) for layer in LAYERS for year in layer.years]


@pytest.mark.parametrize(("layer", "year"), FILES, ids=[layer.file_name(year) for layer, year in FILES])
def test_every_raster_says_what_it_is_and_that_it_is_modelled(layer, year, demo):
    with rasterio.open(demo / "data" / layer.file_name(year)) as file:
        tags = file.tags()
        assert file.nodata == pytest.approx(layer.nodata)
        assert file.dtypes == (layer.dtype,)
        assert file.profile["tiled"]
        assert file.compression.name == "deflate"
    assert tags["modelled"] == "yes"
    assert tags["note"] == DEMO_NOTE == "Modelled for demonstration, not for analysis"
    assert (tags["kind"], tags["units"]) == (layer.kind, layer.units)
    assert "GeoNames" in tags["source"]


@pytest.mark.parametrize("name", ["built_up_2020.tif", "lights_2018.tif", "lights_2020.tif"])
def test_values_inside_the_country_and_nodata_outside(name, read, population):
    np.testing.assert_array_equal(np.isfinite(read(name)), population.inside)


def test_built_up_follows_people_and_stays_below_its_cap(read, population):
    built = read("built_up_2020.tif")
    area_m2 = cell_area_km2(population.grid) * 1e6
    assert np.nanmax(built / area_m2) <= MOST_SHARE
    placed = population.placed_city("Almaty")
    middle = np.unravel_index(placed.people.argmax(), placed.people.shape)
    people, m2 = population.people[placed.window][middle], built[placed.window][middle]
    crowding = people / area_m2[placed.window[0]][middle[0], 0] * 1e6
    assert m2 == pytest.approx(people * 150 * (1_500 / crowding) ** 0.5, abs=1)


def test_built_up_of_a_cell_that_is_too_crowded_is_cut():
    grid = GeoBox((1, 2), Affine(1 / 120, 0, 77, 0, -1 / 120, 43), "EPSG:4326")
    area_km2 = cell_area_km2(grid)[0, 0]
    urban = np.array([[50_000.0 * area_km2, 1_500.0 * area_km2]])
    population = Population(grid, np.ones((1, 2), bool), (), urban, np.zeros((1, 2)))
    built = model_built_up(population)
    assert built[0] == pytest.approx([0.85e6 * area_km2, 150 * 1_500 * area_km2], abs=1)
    assert built[0, 0] <= MOST_SHARE * 1e6 * area_km2


@pytest.mark.parametrize("year", [YEARS[0], YEARS[-1]])
def test_lights_are_people_and_flares_and_noise_around_zero(year, read, population):
    lights = read(f"lights_{year}.tif")
    noise = lights - people_radiance(population.density, year) - flare_radiance(population)
    assert np.nanmean(noise) == pytest.approx(0, abs=1e-3)
    assert np.nanstd(noise) == pytest.approx(NOISE, rel=0.02)
    assert -10 * NOISE < np.nanmin(lights) < 0


def test_noise_differs_from_year_to_year(read, population):
    dark = population.inside & (population.density < 0.2) & (flare_radiance(population) < 1e-6)
    first, second = read("lights_2018.tif")[dark], read("lights_2019.tif")[dark]
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.01


@pytest.mark.parametrize("flare", FLARES, ids=[flare.name for flare in FLARES])
def test_every_flare_shines_in_an_empty_place_of_the_country(flare, read, population):
    col, row = (int(value) for value in ~population.grid.transform @ (flare.lon, flare.lat))
    around = slice(row - 2, row + 3), slice(col - 2, col + 3)
    assert population.inside[around].all()
    assert 0.5 * flare.radiance < read("lights_2018.tif")[around].max() < 1.05 * flare.radiance
    assert population.density[around].max() < 300


@pytest.mark.parametrize("name", ["Almaty", "Astana", "Shymkent"])
def test_lights_of_a_city_grow_by_the_stated_factor(name, read, population):
    placed = population.placed_city(name)
    disc = placed.people > 0
    first, last = (read(f"lights_{year}.tif")[placed.window][disc].sum() for year in (2018, 2020))
    assert last / first == pytest.approx(expected_lights_factor(2018, 2020), rel=1e-3)
    assert expected_lights_factor(2018, 2020) == pytest.approx(1.0816)
