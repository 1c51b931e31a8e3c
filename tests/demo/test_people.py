import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from scipy.ndimage import label, sum_labels

from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.country import read_layer
from urbanreview.demo.growth import COUNTRY_PEOPLE, YEARS, people_in
from urbanreview.demo.truth import (
    expected_centre_cities,
    expected_centres,
    expected_city_people,
    expected_clusters,
    expected_core_people,
    expected_country_people,
)
from urbanreview.demo.urban import SUBURBS_SHARE, place_city, plan_of, settle, survey_site
from urbanreview.grid import burn, cell_area_km2

LARGE = ("Almaty", "Astana", "Shymkent")
SOURCES = [(source, year) for source in ("population", "population_moll") for year in YEARS]


@pytest.fixture(scope="module")
def people(read) -> np.ndarray:
    return read("population_2020.tif")


@pytest.fixture(scope="module")
def density(people, population) -> np.ndarray:
    return np.nan_to_num(people) / cell_area_km2(population.grid)


@pytest.mark.parametrize(("source", "year"), SOURCES)
def test_raster_adds_up_to_the_country_exactly(source, year, read):
    assert np.nansum(read(f"{source}_{year}.tif")) == expected_country_people(year) == COUNTRY_PEOPLE[year]


@pytest.mark.parametrize(("source", "year"), [("population", 2020), ("population_moll", 2000)])
def test_raster_is_that_of_a_second_generation(source, year, read, populations):
    found = populations(source, year)
    np.testing.assert_array_equal(read(f"{source}_{year}.tif"), np.where(found.inside, found.people, np.nan))


@pytest.mark.parametrize(("source", "nodata"), [("population", -99999), ("population_moll", -200)])
def test_nodata_outside_the_country_and_people_inside(source, nodata, read, populations, demo):
    people = read(f"{source}_2010.tif")
    with rasterio.open(demo / "data" / f"{source}_2010.tif") as file:
        assert file.nodata == nodata
        assert file.dtypes == ("float32",)
    np.testing.assert_array_equal(np.isfinite(people), populations(source, 2000).inside)
    assert np.nanmin(people) >= 0
    for edge in (people[0], people[-1], people[:, 0], people[:, -1]):
        assert np.isnan(edge).all()


@pytest.mark.parametrize(("source", "year"), [("population", 2000), ("population_moll", 2000), ("population_moll", 2020)])
def test_centres_and_clusters_are_those_of_the_cities_on_every_grid(source, year, read, populations):
    """Rules applied by scipy to the raster find what the model's parameters say."""
    found = populations(source, year)
    people = np.nan_to_num(read(f"{source}_{year}.tif"))
    density = people / cell_area_km2(found.grid)
    labels, count = label(density >= 1_500)
    centres = sum_labels(people, labels, np.arange(1, count + 1))
    assert (centres >= 50_000).sum() == len(expected_centre_cities(year)) == len(expected_centres(found))
    labels, count = label(density >= 300, np.ones((3, 3)))
    clusters = sum_labels(people, labels, np.arange(1, count + 1))
    assert (clusters >= 5_000).sum() == len(expected_clusters(found))


def test_number_of_centres_grows_with_the_country():
    assert [len(expected_centre_cities(year)) for year in YEARS] == [26, 28, 30]


@pytest.mark.parametrize("name", [*LARGE, "Taraz"])
@pytest.mark.parametrize(("source", "year"), [("population", 2000), ("population_moll", 2000), ("population_moll", 2020)])
def test_city_has_the_same_people_on_both_grids(source, year, name, populations):
    placed = populations(source, year).placed_city(name)
    assert placed.people.sum() == expected_city_people(name, year)
    assert placed.core.sum() == expected_core_people(name, year)


def test_mollweide_is_a_model_of_its_own_and_not_a_resampling(populations, population):
    """The densest cell is as dense on either grid: resampling to larger cells would have flattened it."""
    peaks = {}
    for source in ("population", "population_moll"):
        placed = populations(source, 2020).placed_city("Almaty")
        peaks[source] = populations(source, 2020).density[placed.window].max()
        assert peaks[source] == pytest.approx(plan_of(placed.city.people).peak_density, rel=0.35)


def test_every_city_keeps_its_people(population):
    for placed in population.placed:
        assert placed.people.sum() == placed.city.people
        assert placed.core.sum() == plan_of(placed.city.people).core_people
        assert not placed.people[~population.inside[placed.window]].any()


@pytest.mark.parametrize("name", ["Astana", "Shymkent"])
def test_city_alone_has_its_people_in_its_disc(name, people, population):
    placed = population.placed_city(name)
    disc = people[placed.window][placed.people > 0]
    assert disc.sum() == pytest.approx(expected_city_people(name), rel=1e-6)


def test_almaty_has_its_people_and_those_of_the_towns_that_it_has_reached(people, population):
    placed = population.placed_city("Almaty")
    disc = people[placed.window][placed.people > 0].sum()
    reached = sum(city.people for city in real_cities() if city.name in ("Burunday", "Pervomayka"))
    assert expected_city_people("Almaty") < disc <= expected_city_people("Almaty") + reached + 1


def test_city_is_densest_in_its_middle_and_large_ones_more_so(population):
    area_km2 = cell_area_km2(population.grid)
    peaks = {}
    for name in (*LARGE, "Qulsary"):
        placed = population.placed_city(name)
        density = placed.people / area_km2[placed.window[0]]
        peaks[name] = density.max()
        assert density.max() == pytest.approx(plan_of(placed.city.people).peak_density, rel=0.35)
    assert peaks["Almaty"] > 12_000
    assert 2_500 < peaks["Qulsary"] < 4_500


def test_suburbs_of_a_large_city_lie_between_300_and_1500(population):
    area_km2 = cell_area_km2(population.grid)
    for placed in population.placed:
        ring = placed.suburbs > 0
        if placed.city.people < 100_000:
            assert not ring.any()
            continue
        density = (placed.suburbs / area_km2[placed.window[0]])[ring]
        assert 300 <= density.min() <= density.max() < 1_500
        assert placed.suburbs.sum() == round(SUBURBS_SHARE * placed.city.people)


def test_cores_of_50000_stay_above_the_density_of_a_centre(population):
    area_km2 = cell_area_km2(population.grid)
    for placed in population.placed:
        if placed.city.people >= 50_000:
            assert (placed.core / area_km2[placed.window[0]])[placed.core > 0].min() > 1_500


def test_centres_are_the_real_cities_of_50000(density, people):
    """Thirty real cities have 50,000 people, and none of their cores meet: scipy finds thirty centres."""
    labels, count = label(density >= 1_500)
    totals = sum_labels(np.nan_to_num(people), labels, np.arange(count + 1))
    assert (totals[1:] >= 50_000).sum() == len(expected_centre_cities()) == 30


def test_three_large_cities_are_three_centres_with_at_least_the_people_of_their_cores(density, people, population):
    labels, count = label(density >= 1_500)
    totals = sum_labels(np.nan_to_num(people), labels, np.arange(count + 1))
    found = {}
    for name in LARGE:
        city = population.placed_city(name).city
        col, row = (int(value) for value in ~population.grid.transform @ (city.lon, city.lat))
        found[name] = labels[row, col]
        assert plan_of(city.people).core_people * (1 - 1e-6) <= totals[found[name]] <= 1.05 * city.people
    assert len(set(found.values()) - {0}) == 3


def test_most_of_almatys_core_lies_in_almaty_city(population):
    oblasts = read_layer("oblasts")
    placed = population.placed_city("Almaty")
    drawn = burn(oblasts.loc[oblasts["name"] == "Almaty City"].geometry, population.grid[placed.window]).values > 0
    assert placed.core[drawn].sum() > 0.6 * placed.core.sum()


def test_countryside_is_thin_everywhere_and_thicker_in_the_south_and_north(population):
    rural = population.rural / cell_area_km2(population.grid)
    assert rural.max() < 100
    assert not rural[population.urban > 0].any()
    assert (rural[population.inside & (population.urban == 0)] > 0).mean() > 0.999

    def mean_around(lon: float, lat: float) -> float:
        col, row = (int(value) for value in ~population.grid.transform @ (lon, lat))
        return float(rural[row - 60 : row + 60, col - 60 : col + 60].mean())

    desert = mean_around(67.5, 46.2)
    assert mean_around(69.2, 42.6) > 30 * desert
    assert mean_around(69.3, 54.0) > 5 * desert


def test_a_city_does_not_depend_on_the_others(population):
    placed = population.placed_city("Shymkent")
    most = max(people_in(placed.city, year) for year in YEARS)
    alone = settle(survey_site(placed.city, population.grid, population.inside, most_people=most), placed.city.people)
    np.testing.assert_array_equal(alone.people, placed.people)


def test_a_city_that_grows_keeps_its_shape(population, populations):
    before, after = (populations("population", year).placed_city("Astana") for year in (2000, 2020))
    assert before.window == after.window
    assert (after.people > 0)[before.people > 0].all()
    assert (after.people > 0).sum() > 1.2 * (before.people > 0).sum()


def test_a_city_on_a_coast_grows_inland_at_the_same_densities():
    grid = GeoBox((80, 100), Affine(1 / 120, 0, 51.0, 0, -1 / 120, 44.0), "EPSG:4326")
    city = City(1, "Port", 51.4, 43.7, 200_000)
    land = np.ones(grid.shape, bool)
    land[:, :47] = False
    free, coastal = place_city(city, grid, np.ones_like(land)), place_city(city, grid, land)
    assert coastal.people.sum() == pytest.approx(200_000)
    assert not coastal.people[~land[coastal.window]].any()
    assert (coastal.core > 0).sum() == pytest.approx((free.core > 0).sum(), rel=0.05)
