import pytest

from urbanreview.demo.cities import real_cities
from urbanreview.demo.truth import (
    expected_centre_cities,
    expected_centre_people,
    expected_centres,
    expected_city_people,
    expected_clusters,
    expected_core_people,
    expected_country_people,
    expected_oblast_people,
    expected_rural_people,
)


def test_town_and_country_make_up_the_country(population):
    assert population.urban.sum() == expected_country_people() - expected_rural_people()
    assert population.rural.sum() == expected_rural_people()


def test_large_city_lives_in_core_and_suburbs():
    assert expected_core_people("Astana") == pytest.approx(0.88 * expected_city_people("Astana"))
    assert expected_core_people("Qulsary") == expected_city_people("Qulsary")


def test_expected_centres_are_one_per_city_of_50000(population):
    centres = expected_centres(population)
    assert len(centres) == len(expected_centre_cities())
    assert {group.cities[0] for group in centres} == set(expected_centre_cities())
    assert all(group.people >= 50_000 for group in centres)


@pytest.mark.parametrize("name", ["Almaty", "Astana", "Shymkent", "Taraz"])
def test_centre_of_a_city_is_its_core_and_little_else(name, population):
    core = expected_core_people(name)
    assert core <= expected_centre_people(population, name) < 1.03 * core


def test_expected_clusters_hold_every_town_of_5000_once(population):
    clusters = expected_clusters(population)
    listed = [city for group in clusters for city in group.cities]
    assert len(set(listed)) == len(listed)
    assert {city for city in real_cities() if city.people >= 5_000} <= set(listed)
    assert clusters[0].cities[0].name == "Almaty"
    assert [group.people for group in clusters] == sorted((group.people for group in clusters), reverse=True)


def test_oblasts_and_the_hole_make_up_the_country(population):
    people = expected_oblast_people(population)
    assert people.sum() == pytest.approx(expected_country_people(), rel=1e-9)
    baikonur = sum(city.people for city in real_cities() if city.name in ("Baikonur", "Tyuratam"))
    assert baikonur < people[""] < 1.3 * baikonur
    assert (people.drop("") > 100_000).all()
