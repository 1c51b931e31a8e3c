import pandas as pd
import pytest

from urbanreview.naming import GAZETTEER, country_name, load_places, places_near
from urbanreview.naming.gazetteer import alternates_of


@pytest.fixture(scope="module")
def places():
    return load_places()


def test_the_gazetteer_is_complete_and_in_order(places):
    assert places.index.is_unique
    assert not places.isna().any().any()
    assert places["people"].is_monotonic_decreasing
    unknown = places.index[places["people"] == 0]
    assert len(unknown) > 0
    assert unknown.is_monotonic_increasing


def test_types_are_as_promised(places):
    assert places.index.name == "geonameid"
    assert places.index.dtype == "int64"
    assert places[["longitude", "latitude", "people"]].dtypes.eq(float).all()
    assert isinstance(places.loc[1526384, "alternates"], tuple)
    assert places["name_ascii"].map(str.isascii).all()


def test_two_letter_codes_that_look_like_missing_values_survive(places):
    namibia = places[places["iso2"] == "NA"]
    assert set(namibia["iso3"]) == {"NAM"}
    assert "Windhoek" in set(namibia["name"])


def test_altering_the_answer_does_not_alter_the_next(places):
    mine = load_places()
    mine.loc[1526384, "name"] = "Elsewhere"
    assert load_places().loc[1526384, "name"] == "Almaty"
    assert places.loc[1526384, "name"] == "Almaty"


def test_the_credit_names_source_and_licence():
    assert "GeoNames" in GAZETTEER
    assert "1,000" in GAZETTEER
    assert "CC BY 4.0" in GAZETTEER


def test_country_names_are_trimmed_and_unknown_codes_have_none():
    assert country_name("BES") == "Bonaire, Saint Eustatius and Saba"
    assert country_name("XXX") is None
    assert country_name(None) is None


def test_a_box_includes_its_edges_and_keeps_the_order():
    places = pd.DataFrame({"longitude": [3.0, 1.0, 2.0, 2.0], "latitude": [1.0, 1.0, 5.0, 5.1]}, index=[1, 2, 3, 4])
    assert places_near(places, (1.0, 1.0, 3.0, 5.0)).index.tolist() == [1, 2, 3]


def test_a_box_may_cross_the_antimeridian_on_either_side():
    places = pd.DataFrame({"longitude": [179.0, -179.0, 0.0], "latitude": [0.0, 0.0, 0.0]}, index=[1, 2, 3])
    assert places_near(places, (178.0, -1.0, 182.0, 1.0)).index.tolist() == [1, 2]
    assert places_near(places, (-182.0, -1.0, -178.0, 1.0)).index.tolist() == [1, 2]
    assert places_near(places, (-180.0, -1.0, 180.0, 1.0)).index.tolist() == [1, 2, 3]


def test_places_go_by_their_names_in_all_languages():
    ids = pd.Series([2803138, pd.NA, 2792413, 1, 2803138], index=list("abcde"), dtype="Int64")
    names = alternates_of(ids)
    assert names.index.tolist() == list("abcde")
    assert {"Antwerp", "Antwerpen", "Anvers"} <= set(names["a"])
    assert names["a"] == names["e"]
    assert names["b"] == names["d"] == ()
    assert names["c"][:2] == ("Liège", "Liege")
    assert "Luik" in names["c"]
    assert "ANR" not in names["a"]  # its airport
    assert all(len(set(several)) == len(several) for several in names)


def test_no_places_have_no_names():
    assert alternates_of(pd.Series(pd.NA, index=["a"], dtype="Int64")).tolist() == [()]
    assert alternates_of(pd.Series([], dtype="Int64")).empty


def test_every_name_of_every_place_is_one(places):
    names = alternates_of(places.index.to_series().iloc[::50])
    assert all(several[0] and all(isinstance(name, str) and name for name in several) for several in names)
