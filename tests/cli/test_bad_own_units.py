"""Every way in which the user's own units, tables and lists can be wrong: one sentence, an exit code, nothing half-written."""

import json
import re
import shutil
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from affine import Affine
from cli.conftest import GRIDS, Toy, make_toy
from cli.test_bad_inputs import WHOLE
from click.testing import CliRunner
from naming import test_nominatim
from odc.geo.geobox import GeoBox
from shapely.geometry import Point, box

from urbanreview.grid import make_raster
from urbanreview.ledger import Ledger
from urbanreview.steps.own import on_the_grid
from urbanreview.steps.people import People

GRID = GRIDS["south"]
SETTINGS = """\
[country]
iso3 = "TOY"
name = "Toyland"
margin_km = 3

[boundaries]
path = "data/districts.gpkg"
id = "code"
name = "name"

[population.ghs]
path = "data/people_{year}.tif"
years = [2020]

[zones.plan]
path = "data/plan.gpkg"
id = "code"
name = "name"

[crosswalk.other]
path = "data/other.gpkg"
id = "oid"
name = "title"

[official.census]
path = "data/census.csv"
code = "code"
people = "people"
correspondence = "data/changes.csv"

[city_list]
path = "data/cities.csv"
code = "code"
name = "name"
longitude = "lon"
latitude = "lat"
people = "people"

[output]
folder = "toy-review"
report = false
"""
PLAN = {"01": (10, 25, 10, 30), "1": (12, 45, 20, 65)}
"""Two overlapping zones by first and last row and column: their codes are one number and two texts."""
TWICE = 5 * 4000 + 9 * 500 + (13 * 10 - 14) * 2
CENSUS = {"code": ["w", "ne", "old"], "people": ["150 000", "2 000", "110 000"]}
CHANGES = {"official": ["old", "old"], "unit": ["se", "ne"], "share": ["0.9", "0.1"]}
CITIES = {"code": ["01", "1"], "name": ["A", "B"], "lon": ["-58.35", "-58.0"], "lat": ["-34.05", ""], "people": ["5", "-"]}


def cells(top: int, bottom: int, left: int, right: int):
    (west, north), (east, south) = GRID.transform @ (left, top), GRID.transform @ (right, bottom)
    return box(west, south, east, north)


def plan(**columns) -> gpd.GeoDataFrame:
    table = {"code": list(PLAN), "name": ["North", "River"]} | columns
    return gpd.GeoDataFrame(table, geometry=[cells(*each) for each in PLAN.values()], crs=GRID.crs)


def others(**columns) -> gpd.GeoDataFrame:
    table = {"oid": ["7", "007"], "title": ["A", "B"]} | columns
    return gpd.GeoDataFrame(table, geometry=[Point(*(GRID.transform @ (18, 17))), cells(38, 42, 55, 60)], crs=GRID.crs)


def rewrite(parts: Toy, name: str, frame: gpd.GeoDataFrame | None) -> None:
    (parts.data / name).unlink(missing_ok=True)
    if frame is not None:
        frame.to_file(parts.data / name)


def table(parts: Toy, name: str, columns: dict[str, list[str]], **how) -> None:
    pd.DataFrame(columns).to_csv(parts.data / name, index=False, **{"sep": ";", "encoding": "utf-8-sig"} | how)


server = test_nominatim.server


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """Folder of a toy country south of the equator with every sort of own file, all sound, and the store of a finished run."""
    from urbanreview.cli import main

    toy = Toy(make_toy(tmp_path_factory.mktemp("sound"), GRID), GRID)
    rewrite(toy, "plan.gpkg", plan())
    rewrite(toy, "other.gpkg", others())
    table(toy, "census.csv", CENSUS)
    table(toy, "changes.csv", CHANGES)
    table(toy, "cities.csv", CITIES)
    toy.settings.write_text(SETTINGS, encoding="utf-8")
    result = CliRunner().invoke(main, ["run", str(toy.settings), "--quiet"])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    review = toy.settings.parent / "toy-review"
    (review / ".store").rename(review.with_name("store"))
    shutil.rmtree(review)
    review.mkdir()
    review.with_name("store").rename(review / ".store")
    return toy.settings.parent


@pytest.fixture
def parts(sound, tmp_path) -> Toy:
    """That country, to be damaged: a run goes on from the finished steps, and redoes what the damage touches."""
    shutil.copytree(sound, tmp_path, dirs_exist_ok=True)
    return Toy(tmp_path / "toy.toml", GRID)


def change_table(name: str, columns: dict[str, list[str]], **other):
    return lambda parts: table(parts, name, columns | other)


def change_file(name: str, frame: gpd.GeoDataFrame | None):
    return lambda parts: rewrite(parts, name, frame)


def setting(old: str, new: str):
    return lambda parts: parts.say(old, new)


def zones_without_crs(parts):
    plan().set_crs(None, allow_override=True).to_file(parts.data / "plan.shp")
    parts.say("plan.gpkg", "plan.shp")


def database_without_crs(parts):
    others().iloc[:1].set_crs(None, allow_override=True).to_file(parts.data / "other.shp")
    parts.say("other.gpkg", "other.shp")


def in_another_code_page(parts):
    table(parts, "census.csv", {"code": ["Аягөз"[:2]], "people": ["5"]}, encoding="cp1251")


def a_page_of_the_web(parts):
    (parts.data / "names.txt").write_text("<html>404</html>")
    parts.add('[naming]\nlanguages = ["kk"]\nalternate_names = "data/names.txt"\n')


def no_alternate_names(parts):
    parts.add('[naming]\nlanguages = ["kk"]\nalternate_names = "data/KZ.zip"\n')


FAR = plan().set_geometry([box(10, 10, 11, 11), box(20, 10, 21, 11)], crs=4326)
FAILED = {
    "zones that are not there": (change_file("plan.gpkg", None), r"File not found: \S+/data/plan\.gpkg"),
    "zones without a CRS": (zones_without_crs, r"plan\.shp names no coordinate reference system\. Add crs = \"EPSG:4326\""),
    "zones of two with one code": (
        change_file("plan.gpkg", plan(code=["01", "01"])),
        r"plan\.gpkg: column 'code' has 1 duplicate ids \(01\), expected one row each",
    ),
    "a zone without a code": (
        change_file("plan.gpkg", plan(code=["01", None])),
        r"plan\.gpkg: column 'code' is empty in 1 rows \(1\)",
    ),
    "zones without their column": (
        setting('plan.gpkg"\nid = "code"', 'plan.gpkg"\nid = "cod"'),
        r"plan\.gpkg has no column 'cod'\. Did you mean 'code'\?",
    ),
    "zones elsewhere": (
        change_file("plan.gpkg", FAR),
        r"'data/plan\.gpkg' does not overlap the country: it covers \(10\.000, 10\.000, 21\.000, 11\.000\)",
    ),
    "zones that are points": (
        change_file("plan.gpkg", plan().set_geometry(plan().representative_point())),
        r"plan\.gpkg holds 2 features without an area \(Point\), expected polygons",
    ),
    "a database without a CRS": (database_without_crs, r"other\.shp names no coordinate reference system"),
    "a database with one id twice": (
        change_file("other.gpkg", others(oid=["7", "7"])),
        r"other\.gpkg: column 'oid' has 1 duplicate ids \(7\)",
    ),
    "a database without its column": (
        setting('name = "title"', 'name = "titel"'),
        r"other\.gpkg has no column 'titel'\. Did you mean 'title'\?",
    ),
    "an official table that is not there": (setting("census.csv", "censu.csv"), r"File not found: \S+/data/censu\.csv"),
    "an official code twice": (
        change_table("census.csv", CENSUS, code=["w", "w", "old"]),
        r"census\.csv: column 'code' has 1 duplicate ids \(w\)",
    ),
    "an official row without a code": (
        change_table("census.csv", CENSUS, code=["w", "", "old"]),
        r"census\.csv: column 'code' is empty in 1 rows \(1\)",
    ),
    "an official table without its column": (
        setting('people = "people"\ncorr', 'people = "persons"\ncorr'),
        r"census\.csv has no column 'persons'\. ",
    ),
    "an official number that is none": (
        change_table("census.csv", CENSUS, people=["150 000", "about 5", "9"]),
        r"census\.csv: column 'people' has 1 cell that cannot be read \(row 2: 'about 5'\)",
    ),
    "an official total that is no row": (
        setting('correspondence = "data', 'total = "everybody"\ncorrespondence = "data'),
        r"census\.csv has no row 'everybody'\. ",
    ),
    "an official table in another code page": (
        in_another_code_page,
        r"Cannot read data/census\.csv: expected a CSV table in UTF-8",
    ),
    "a unit code that the units lack": (
        setting('correspondence = "data', 'unit_code = "iso"\ncorrespondence = "data'),
        r"has no column 'iso'\. .*code, name",
    ),
    "shares that do not add up": (
        change_table("changes.csv", CHANGES, share=["0,9", "0,2"]),
        r"census\.csv: shares of official rows are not parts of one \('old': 1\.1 together\), expected shares from 0 to 1",
    ),
    "a share that is no number": (
        change_table("changes.csv", CHANGES, share=["most", "0.1"]),
        r"census\.csv: column 'share' has 1 cell that cannot be read \(row 1: 'most'\)",
    ),
    "a correspondence to no unit": (
        change_table("changes.csv", CHANGES, unit=["se", "nw"]),
        r"The correspondence of data/census\.csv has no unit 'nw'\. ",
    ),
    "a correspondence of no row": (
        change_table("changes.csv", CHANGES, official=["old", "olde"]),
        r"The correspondence of data/census\.csv has no row of the official table for 'olde'\. Did you mean 'old'\?",
    ),
    "a correspondence without its column": (
        change_table("changes.csv", {"official": ["old"], "region": ["se"]}),
        r"changes\.csv has no column 'unit'\. ",
    ),
    "a listed code twice": (
        change_table("cities.csv", CITIES, code=["01", "01"]),
        r"cities\.csv: column 'code' has 1 duplicate ids \(01\)",
    ),
    "a listed city without a code": (
        change_table("cities.csv", CITIES, code=["01", ""]),
        r"cities\.csv: column 'code' is empty in 1 rows \(1\)",
    ),
    "a city list without its column": (
        setting('latitude = "lat"', 'latitude = "lar"'),
        r"cities\.csv has no column 'lar'\. Did you mean 'lat'\?",
    ),
    "a place in degrees and minutes": (
        change_table("cities.csv", CITIES, lat=["-34.05", "34° 6′ S"]),
        r"cities\.csv: column 'lat' has 1 cell that cannot be read \(row 2: '34° 6′ S'\)",
    ),
    "names that are a page of the web": (a_page_of_the_web, r"Cannot read data/names\.txt: expected GeoNames alternate names"),
    "names that are not there": (no_alternate_names, r"File not found: \S+/data/KZ\.zip"),
}


@pytest.mark.parametrize("case", list(FAILED))
def test_what_cannot_be_used_is_one_sentence(parts, fails, tree, tmp_path, case):
    damage, expected = FAILED[case]
    damage(parts)
    before = tree(tmp_path)
    said = fails("run", parts.settings, code=1)
    assert re.search(expected, said), said
    after = tree(tmp_path)
    assert all(WHOLE.search(name) for name in after if name not in before), "whole steps, the log, and nothing else"
    assert {name: after.get(name) for name in before} == before


MISUSED = {
    "a zone set called like a level": (
        "[zones.plan]",
        "[zones.districts]",
        "[zones.districts] has the name of a level of the review. Call it otherwise.",
    ),
    "a zone set called like a numbered level": ("[zones.plan]", "[zones.adm3]", "[zones.adm3] has the name of a level"),
    "a database whose column there is already": (
        "[crosswalk.other]",
        "[crosswalk.district]",
        "[crosswalk.district] would give settlements a column that they have already, 'district_id'",
    ),
    "official numbers of unknown units": (
        '[official.census]\npath = "data/census.csv"',
        '[official.census]\nunits = "parishes"\npath = "data/census.csv"',
        "[official.census] units = 'parishes', expected one of districts, plan",
    ),
    "official numbers of units above where there are none": (
        '[official.census]\npath = "data/census.csv"',
        '[official.census]\nunits = "upper"\npath = "data/census.csv"',
        "[official.census] units = 'upper', expected one of districts, plan",
    ),
    "official numbers without a key": (
        'code = "code"\npeople = "people"\ncorr',
        'people = "people"\ncorr',
        "has neither code nor name",
    ),
    "a disclaimer of one's own without words": (
        "[boundaries]",
        '[boundaries]\npolicy = "own"',
        '[boundaries] policy = "own" without a disclaimer, expected the sentence that stands below every map',
    ),
    "zones of the name that ways between cities have": (
        "[zones.plan]",
        "[zones.city]",
        "[zones.city] has the name of a level of the review. Call it otherwise.",
    ),
    "two sets of zones whose columns are one": (
        "[output]",
        '[zones.my-plan]\npath = "data/plan.gpkg"\nid = "code"\n\n'
        '[zones.my_plan]\npath = "data/plan.gpkg"\nid = "code"\n\n[output]',
        "[zones.my_plan] would give the same columns as [zones.my-plan]. Call it otherwise.",
    ),
    "two databases whose columns are one": (
        "[output]",
        '[crosswalk.a-b]\npath = "data/other.gpkg"\nid = "oid"\n\n'
        '[crosswalk.a_b]\npath = "data/other.gpkg"\nid = "oid"\n\n[output]',
        "[crosswalk.a_b] would give the same columns as [crosswalk.a-b]. Call it otherwise.",
    ),
    "an unknown policy": ("[boundaries]", '[boundaries]\npolicy = "mine"', "[boundaries] policy = 'mine': "),
    "languages without names": (
        "[output]",
        '[naming]\nlanguages = ["kk"]\n\n[output]',
        "[naming] languages without alternate_names, expected the GeoNames file of alternate names",
    ),
    "a geocoder without an address": (
        "[output]",
        "[naming.nominatim]\n\n[output]",
        "[naming.nominatim] user_agent is missing",
    ),
}


@pytest.mark.parametrize("case", list(MISUSED))
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_setting_that_cannot_be_is_misuse(parts, fails, tree, tmp_path, command, case):
    old, new, expected = MISUSED[case]
    parts.say(old, new)
    before = tree(tmp_path)
    assert expected in fails(command, parts.settings, code=2)
    assert tree(tmp_path) == before


def read(parts: Toy, name: str) -> pd.DataFrame:
    return pd.read_parquet(parts.settings.parent / "toy-review" / "tables" / f"{name}.parquet")


def ran(invoke, parts: Toy) -> None:
    result = invoke("run", parts.settings, "--quiet")
    assert result.exit_code == 0, result.output


def test_what_only_looks_wrong_is_used(parts, invoke):
    """Overlapping zones, codes with zeros before them, byte-order marks and semicolons are as they should be."""
    ran(invoke, parts)
    assert sorted(read(parts, "plan")["zone_id"]) == ["TOY-plan-01", "TOY-plan-1"]
    assert sorted(read(parts, "crosswalk")["other_id"].unique()) == ["007", "7"]
    assert set(read(parts, "city_list")["code"].dropna()) == {"01", "1"}
    ledger = read(parts, "ledger").query("step == 'plan ghs 2020'").set_index("cause")["amount"]
    assert ledger["people counted in two of these zones"] == pytest.approx(TWICE, rel=1e-9)
    official = read(parts, "official").set_index("zone_id")["official"]
    assert official.to_dict() == {
        "TOY-adm0-TOY": 262_000, "TOY-adm1-w": 150_000, "TOY-adm1-ne": 13_000, "TOY-adm1-se": 99_000,
    }  # fmt: skip


def test_zones_in_another_reference_system_give_the_same_numbers(parts, invoke):
    """Parallels and meridians are straight in Web Mercator, too."""
    ran(invoke, parts)
    columns = ["population_total_2020", "population_urban_2020", "area_km2"]
    first = read(parts, "plan").set_index("zone_id")[columns]
    rewrite(parts, "plan.gpkg", plan().to_crs("EPSG:3857"))
    ran(invoke, parts)
    pd.testing.assert_frame_equal(read(parts, "plan").set_index("zone_id")[columns], first, rtol=1e-8)
    zones_without_crs(parts)
    parts.say('plan.shp"', 'plan.shp"\ncrs = "EPSG:4326"')
    ran(invoke, parts)
    pd.testing.assert_frame_equal(read(parts, "plan").set_index("zone_id")[columns], first, rtol=1e-8)


def test_numbers_for_codes_are_no_texts_with_zeros(parts, invoke):
    """Units whose file has 1 and 2 are not those of the rows 01 and 02: these are listed, and nothing is guessed."""
    rewrite(parts, "plan.gpkg", plan(code=[1, 2]))
    table(parts, "census.csv", {"code": ["01", "2"], "people": ["5", "6"]})
    parts.say('\ncorrespondence = "data/changes.csv"', '\nunits = "plan"')
    ran(invoke, parts)
    found = read(parts, "official")
    known = found[["zone_id", "official_rows", "official", "reason"]].astype(object)
    assert known.where(known.notna(), None).values.tolist()[0] == ["TOY-plan-1", None, None, "no official row"]
    assert found["official_rows"].tolist()[1:] == ["2", "01"]
    assert found["reason"].tolist()[-1] == "no unit of this code or name"


def test_a_zone_beyond_the_country_is_told_and_empty(parts, invoke):
    far = plan().set_geometry([cells(10, 25, 10, 30), box(10, 10, 11, 11)], crs=GRID.crs)
    rewrite(parts, "plan.gpkg", far)
    ran(invoke, parts)
    ledger = read(parts, "ledger")
    assert ledger[ledger["cause"] == "zone wholly beyond the country"][["step", "amount"]].values.tolist() == [["plan", 1.0]]
    people = read(parts, "plan").set_index("zone_id")["population_total_2020"]
    assert people["TOY-plan-01"] == 120_000 + 26 * 500 + (15 * 20 - 56) * 2
    assert pd.isna(people["TOY-plan-1"])


def test_a_division_that_does_not_divide_is_told_with_its_people(parts, invoke):
    """The northeast reaches two rows into the southeast and has lost its last five columns to nobody."""
    districts = parts.districts()
    outline = districts.dissolve()
    outline.to_file(parts.data / "outline.gpkg")
    parts.draw(districts.set_geometry([districts.geometry[0], cells(5, 32, 40, 70), districts.geometry[2]], crs=GRID.crs))
    parts.say("margin_km = 3", 'margin_km = 3\noutline = "data/outline.gpkg"')
    parts.say('\ncorrespondence = "data/changes.csv"', "")
    ran(invoke, parts)
    division = read(parts, "division")
    assert division[["kind", "zone_ids"]].astype(object).where(division["zone_ids"].notna(), None).values.tolist() == [
        ["overlap", "TOY-adm1-ne; TOY-adm1-se"],
        [None, None],
    ]
    assert division["kind"].tolist() == ["overlap", "no unit"]
    assert division["people"].tolist() == pytest.approx([2 * 30 * 2, 25 * 5 * 2], rel=1e-6)
    ledger = read(parts, "ledger").query("step == 'division'").set_index("cause")["amount"]
    assert ledger["people in two units or more"] == pytest.approx(120, rel=1e-6)
    assert ledger["people in no unit"] == pytest.approx(250, rel=1e-6)


def test_a_city_list_may_be_points_whose_flags_are_numbers_with_gaps(parts, invoke):
    places = [Point(*(GRID.transform @ (18, 17))), Point(*(GRID.transform @ (57, 40)))]
    cities = gpd.GeoDataFrame({"code": [7.0, 8.0], "name": ["A", None], "port": [1.0, None]}, geometry=places, crs=GRID.crs)
    rewrite(parts, "cities.gpkg", cities)
    parts.say("cities.csv", "cities.gpkg")
    parts.say('longitude = "lon"\nlatitude = "lat"\npeople = "people"', 'flags = ["port"]')
    ran(invoke, parts)
    found = read(parts, "city_list").dropna(subset="code").set_index("code")[["outcome", "flags", "name"]].astype(object)
    assert found.where(found.notna(), None).to_dict("index") == {
        "7": {"outcome": "found", "flags": "port", "name": "A"},
        "8": {"outcome": "found", "flags": None, "name": None},
    }


def test_ids_that_two_sets_of_zones_would_share_are_refused(parts, fails):
    """The zone b-1 of plan and the zone 1 of plan-b are both TOY-plan-b-1."""
    rewrite(parts, "plan.gpkg", plan(code=["b-1", "2"]))
    rewrite(parts, "more.gpkg", plan(code=["1", "2"]))
    parts.add('[zones.plan-b]\npath = "data/more.gpkg"\nid = "code"\n')
    assert "TOY-plan-b-1" in fails("run", parts.settings)


def test_zones_whose_own_id_ends_like_that_of_empty_ground_are_zones(parts, invoke):
    rewrite(parts, "plan.gpkg", plan(code=["none", "x-none"]))
    table(parts, "census.csv", {"code": ["none", "x-none"], "people": ["5", "6"]})
    parts.say('\ncorrespondence = "data/changes.csv"', '\nunits = "plan"')
    ran(invoke, parts)
    official = read(parts, "official").set_index("zone_id")["official"]
    assert official.to_dict() == {"TOY-plan-none": 5, "TOY-plan-x-none": 6}


@pytest.mark.parametrize("codes", [["01", "1"], ["01", "nowhere"]])
def test_rows_of_a_part_of_the_country_are_not_set_beside_all_of_it(parts, invoke, codes):
    table(parts, "census.csv", {"code": codes, "people": ["133000", "150000"]})
    parts.say('\ncorrespondence = "data/changes.csv"', '\nunits = "plan"')
    ran(invoke, parts)
    official = read(parts, "official")
    assert "TOY-adm0-TOY" not in set(official["zone_id"])
    assert not official["reason"].str.contains("country").any()
    ledger = read(parts, "ledger").query("step == 'official census'")
    assert "rows of a part of the country: not compared with the whole" in set(ledger["cause"])
    parts.say('units = "plan"', 'units = "plan"\ntotal = "01"')
    ran(invoke, parts)
    assert read(parts, "official").set_index("zone_id").loc["TOY-adm0-TOY", "official"] == 133_000


@pytest.mark.parametrize(
    ("people", "official", "rows", "reason"),
    [
        (["-", "n/a", ""], None, "0 of 3 rows", "no number in the official rows"),
        (["150000", "n/a", "110000"], 260_000, "2 of 3 rows", ""),
    ],
)
def test_numbers_that_are_not_given_are_no_zeros_in_the_sum(parts, invoke, people, official, rows, reason):
    table(parts, "census.csv", {"code": ["w", "ne", "se"], "people": people})
    parts.say('\ncorrespondence = "data/changes.csv"', "")
    ran(invoke, parts)
    country = read(parts, "official").iloc[0]
    assert (None if pd.isna(country["official"]) else country["official"]) == official
    assert country[["zone_id", "official_rows", "reason"]].fillna("").tolist() == ["TOY-adm0-TOY", rows, reason]


def test_a_database_may_have_nothing_but_ids(parts, invoke):
    parts.say('id = "oid"\nname = "title"', 'id = "oid"')
    ran(invoke, parts)
    rows = read(parts, "crosswalk")
    assert set(rows["other_id"]) == {"7", "007"}
    assert rows["other_name"].isna().all()


def test_cities_of_a_database_abroad_are_no_cities_without_a_settlement(parts, invoke):
    """One in the margin, one in an empty corner of the country, one in a centre."""
    at = [Point(*(GRID.transform @ cell)) for cell in ((3.5, 30), (70, 8), (18, 17))]
    world = gpd.GeoDataFrame({"oid": ["abroad", "alone", "north"], "title": ["A", "B", "C"]}, geometry=at, crs=GRID.crs)
    rewrite(parts, "other.gpkg", world)
    ran(invoke, parts)
    rows = read(parts, "crosswalk")
    assert rows[rows["zone_id"].isna()]["other_id"].tolist() == ["alone"]
    ledger = read(parts, "ledger").query("step == 'crosswalk other ghs 2020'").set_index("cause")["amount"]
    assert ledger["beyond the country and in no settlement: no row"] == 1


def test_a_grid_whose_corners_are_no_place_on_earth_has_its_cities():
    """The box around Alaska in Mollweide reaches beyond the world: its corners have no longitude."""
    west, south, east, north = (
        gpd.GeoSeries([box(-180, 50, -130, 72)], crs=4326).segmentize(0.1).to_crs("ESRI:54009").total_bounds
    )
    shape = round((north - south) / 1e4), round((east - west) / 1e4)
    grid = GeoBox(shape, Affine((east - west) / shape[1], 0, west, 0, (south - north) / shape[0], north), "ESRI:54009")
    people = People(make_raster(np.ones(shape), grid, kind="count", units="people"), None, "ghs", "2020", Ledger(), ())
    places = [Point(-179.9, 60), Point(-150, 61), Point(-30, 60), Point(151, -33)]
    assert on_the_grid(gpd.GeoSeries(places, crs=4326).to_frame("geometry"), people).tolist() == [True, True, False, False]


def test_a_status_may_be_a_number(parts, invoke):
    places = [Point(*(GRID.transform @ (18, 17))), Point(*(GRID.transform @ (57, 40)))]
    cities = gpd.GeoDataFrame({"code": [7, 8], "name": ["A", "B"], "rank": [1.0, None]}, geometry=places, crs=GRID.crs)
    rewrite(parts, "cities.gpkg", cities)
    parts.say("cities.csv", "cities.gpkg")
    parts.say('longitude = "lon"\nlatitude = "lat"\npeople = "people"', 'status = "rank"')
    ran(invoke, parts)
    found = read(parts, "city_list").dropna(subset="code").set_index("code")["status"]
    assert found.fillna("").to_dict() == {"7": "1", "8": ""}
    assert read(parts, "city_groups")["group"].tolist() == ["1", "not stated"]


def test_all_populations_ask_a_geocoder_at_one_pace_and_it_is_credited(parts, invoke, server):
    server.script = [{"village": "Ақсу"}]
    parts.say("years = [2020]", "years = [2010, 2020]")
    asked = f'[naming.nominatim]\nuser_agent = "a test (me@example.org)"\nserver = "{server.address}"\nask = "all"'
    parts.add(f"{asked}\nseconds_between = 0.2\n")
    begun = time.monotonic()
    ran(invoke, parts)
    assert set(read(parts, "urban_centres")["name"]) == {"Ақсу (West)", "Ақсу (Southeast)"}
    assert len(server.asked) == len({(one["lat"], one["lon"]) for one in server.asked}) >= 3
    assert time.monotonic() - begun > 0.15 * (len(server.asked) - 1)  # one pace for all of them
    manifest = json.loads((parts.settings.parent / "toy-review" / "run.json").read_text(encoding="utf-8"))
    credit = {entry["name"]: entry["licence"] for entry in manifest["inputs"]}
    assert credit["names of Nominatim"] == "ODbL-1.0"
