import pytest

from urbanreview.naming import alternate_in_script, country_name, load_places, script_of
from urbanreview.naming.scripts import SCRIPTS


def test_every_listed_country_exists_and_is_listed_once():
    listed = " ".join(SCRIPTS.values()).split()
    assert len(listed) == len(set(listed))
    assert [iso3 for iso3 in listed if country_name(iso3) is None] == []


@pytest.mark.parametrize(
    ("geonameid", "iso3", "expected"),
    [(1526384, "KAZ", "Алматы"), (1526273, "KAZ", "Астана"), (703448, "UKR", "Київ"), (1816670, "CHN", "北京")],
)
def test_real_places(geonameid, iso3, expected):
    place = load_places().loc[geonameid]
    assert alternate_in_script(place["name"], place["alternates"], iso3) == expected


def test_latin_countries_and_unknown_codes_have_none():
    assert script_of("BRA") is None
    assert script_of(float("nan")) is None
    assert alternate_in_script("Almaty", ["Алматы"], "BRA") is None


def test_mixed_scripts_stress_marks_and_lists_do_not_count():
    assert alternate_in_script("Almaty", ["Aлматы", "Алматы\u0301", "Алматы (город)", "Алматы, Верный", "123"], "KAZ") is None


def test_hyphens_spaces_and_composed_letters_are_fine():
    assert alternate_in_script("Ust-Kamenogorsk", ["Усть-Каменогорск"], "KAZ") == "Усть-Каменогорск"
    assert alternate_in_script("Kurchatov", ["Кривои\u0306 Рог"], "KAZ") == "Кривои\u0306 Рог"


def test_ties_go_to_the_shorter_then_to_the_alphabetically_first():
    assert alternate_in_script("Ab", ["Аб-", "Аб"], "KAZ") == "Аб"
    assert alternate_in_script("X", ["бв", "аг"], "KAZ") == "аг"


def test_own_characters_come_first():
    assert alternate_in_script("Guangzhou", ["廣州", "广州"], "CHN") == "广州"
    assert alternate_in_script("Guangzhou", ["廣州", "广州"], "TWN") == "廣州"
    assert alternate_in_script("Osaka", ["おおさか", "大阪"], "JPN") == "大阪"
    assert alternate_in_script("Tabriz", ["تبريز", "تبریز"], "IRN") == "تبریز"
    assert alternate_in_script("Dnipro", ["Днипро", "Дніпро"], "UKR") == "Дніпро"
