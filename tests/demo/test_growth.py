import pytest

from urbanreview.demo.cities import real_cities
from urbanreview.demo.growth import (
    COUNTRY_PEOPLE,
    HIGHEST_RATE,
    LATEST,
    LOWEST_RATE,
    YEARS,
    cities_in,
    people_in,
    yearly_growth,
)


def test_country_has_stated_round_totals():
    assert COUNTRY_PEOPLE == {2000: 14_900_000, 2010: 16_300_000, 2020: 18_600_000}
    assert YEARS[-1] == LATEST


def test_cities_grow_at_their_own_rates_and_a_few_shrink():
    rates = [yearly_growth(city) for city in real_cities()]
    assert LOWEST_RATE <= min(rates) < 0 < max(rates) <= HIGHEST_RATE
    assert len({rate for rate in rates if LOWEST_RATE < rate < HIGHEST_RATE}) > 200
    assert 0.05 < sum(rate < 0 for rate in rates) / len(rates) < 0.2


@pytest.mark.parametrize("year", YEARS)
def test_every_year_leaves_people_for_the_countryside(year):
    share = sum(city.people for city in cities_in(year)) / COUNTRY_PEOPLE[year]
    assert 0.6 < share < 0.75


def test_size_of_the_latest_year_is_that_of_geonames():
    assert [people_in(city, LATEST) for city in real_cities()] == [city.people for city in real_cities()]
    assert [city.geonames_id for city in cities_in(2000)] == [city.geonames_id for city in real_cities()]
