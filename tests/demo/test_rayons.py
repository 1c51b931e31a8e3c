import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from urbanreview.demo.cities import real_cities
from urbanreview.demo.country import BAIKONUR, read_layer
from urbanreview.demo.notes import DEMO_NOTE
from urbanreview.demo.rayons import SPACING_KM, oblasts_with_seats
from urbanreview.demo.truth import expected_oblast_people, expected_rayon_counts, expected_rayon_people
from urbanreview.grid import geodesic_area_km2


@pytest.fixture(scope="module")
def rayons(demo) -> gpd.GeoDataFrame:
    return gpd.read_file(demo / "data" / "rayons.gpkg", layer="rayons")


@pytest.fixture(scope="module")
def oblasts() -> gpd.GeoDataFrame:
    return read_layer("oblasts").set_index("code")


def test_about_two_hundred_rayons_with_codes_inside_the_oblasts(rayons, oblasts):
    assert len(rayons) == expected_rayon_counts().sum() == 202
    assert rayons["code"].is_unique
    assert rayons["code"].str.fullmatch(r"KAZ-\d{4}-\d{2}").all()
    assert (rayons["code"].str[:8] == rayons["oblast_code"]).all()
    assert (rayons["oblast"] == oblasts["name"].loc[rayons["oblast_code"]].values).all()
    assert rayons.groupby("oblast_code").size().to_dict() == expected_rayon_counts().to_dict()


def test_names_are_those_of_the_seats_and_cities_stay_whole(rayons):
    alone = rayons[rayons["oblast"].isin(["Almaty City", "Astana"])]
    assert sorted(alone["name"]) == ["Almaty City", "Astana"]
    others = rayons.drop(alone.index)
    assert (others["name"] == others["seat"] + " rayon (modelled)").all()
    assert rayons.loc[rayons["code"] == "KAZ-3195-01", "name"].tolist() == ["Aktobe rayon (modelled)"]


def test_rayons_are_a_valid_coverage_that_makes_up_the_oblasts(rayons, oblasts):
    assert rayons.is_valid.all()
    assert shapely.coverage_is_valid(rayons.geometry.values)
    for code, inside in rayons.groupby("oblast_code"):
        whole = shapely.coverage_union_all(inside.geometry.values)
        off = whole.symmetric_difference(oblasts.geometry[code])
        assert off.area < 1e-11  # square degrees: less than a tenth of a square metre
    assert not rayons.contains(shapely.Point(BAIKONUR)).any()


def test_areas_of_the_rayons_add_up(rayons, oblasts):
    area = rayons.assign(km2=geodesic_area_km2(rayons.geometry)).groupby("oblast_code")["km2"].sum()
    assert area.to_numpy() == pytest.approx(geodesic_area_km2(oblasts.geometry.sort_index()), rel=1e-6)


def test_every_rayon_holds_its_seat_and_no_larger_seat_is_near(rayons):
    by_code = rayons.set_index("code").geometry
    for oblast in oblasts_with_seats():
        assert [seat.people for seat in oblast.seats] == sorted((seat.people for seat in oblast.seats), reverse=True)
        for number, seat in enumerate(oblast.seats, start=1):
            assert by_code[f"{oblast.code}-{number:02}"].contains(shapely.Point(seat.lon, seat.lat))
    seats = {seat for oblast in oblasts_with_seats() for seat in oblast.seats}
    assert seats < set(real_cities())
    assert SPACING_KM == 36.0


@pytest.mark.parametrize(("source", "year"), [("population", 2020), ("population_moll", 2000)])
def test_people_of_the_rayons_add_up_to_those_of_the_oblasts(source, year, populations):
    population = populations(source, year)
    rayons, oblasts = expected_rayon_people(population), expected_oblast_people(population)
    summed = rayons.drop("").groupby(lambda code: code[:8]).sum()
    assert summed.to_numpy() == pytest.approx(oblasts.drop("").sort_index().to_numpy(), abs=1e-6)
    assert rayons[""] == pytest.approx(oblasts[""])
    assert rayons.sum() == pytest.approx(population.people.sum(), abs=1e-6)
    assert np.all(rayons.drop("") > 1_000)


def test_file_says_that_it_is_modelled(demo):
    said = pyogrio.read_info(demo / "data" / "rayons.gpkg", layer="rayons")["layer_metadata"]
    assert (said["modelled"], said["note"]) == ("yes", DEMO_NOTE)
