from urbanreview.demo.cities import real_cities


def test_cities_have_people_and_come_largest_first():
    cities = real_cities()
    assert [city.name for city in cities[:3]] == ["Almaty", "Astana", "Shymkent"]
    sizes = [city.people for city in cities]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 0


def test_cities_are_told_apart_by_id_where_names_repeat():
    cities = real_cities()
    assert len({city.geonames_id for city in cities}) == len(cities)
    assert len({city.name for city in cities}) < len(cities)


def test_cities_are_many_and_leave_people_for_the_countryside():
    cities = real_cities()
    assert 250 < len(cities) < 400
    assert 10_000_000 < sum(city.people for city in cities) < 15_000_000
