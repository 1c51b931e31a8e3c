"""A whole review of a toy country with units, databases, official numbers and a list of cities of the user's own."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from affine import Affine
from cli.conftest import CENTRES, COLS, GRIDS, ROWS, SETTINGS, make_toy, people, write_raster
from click.testing import CliRunner
from pyproj import Geod
from shapely.geometry import Point, box

WGS84 = Geod(ellps="WGS84")
CARMELO = 3443341, -58.28402, -34.00023
"""GeoNames' id and place of the only town of the gazetteer on the toy's grid: it lies in the northern centre."""
CELL = 1 / 120
LEFT, TOP = round(CARMELO[1] - 18 * CELL, 3), round(CARMELO[2] + 17.5 * CELL, 3)
GRID = replace(GRIDS["south"], transform=Affine(CELL, 0, LEFT, 0, -CELL, TOP))
NORTH, SOUTH = CENTRES
AGGLOMERATIONS = {"01": ("North", (10, 25, 10, 30)), "02": ("River", (12, 45, 20, 65))}
"""Id, name, first and last row and column: the second crosses all districts and cuts a column off the northern centre."""
REGIONS = {
    "001": ("Ońtústik", (5, 30, 5, 40)),
    "002": ("Қызылорда", (30, 55, 5, 40)),
    "003": ("Jetisu", (5, 30, 40, 60)),
    "004": ("Üstirt", (5, 30, 60, 75)),
    "005": ("Semey", (30, 45, 40, 75)),
    "006": ("Steppe", (45, 55, 40, 75)),
}
"""They tile the country; names in Kazakh Latin letters, old and new, and in Cyrillic ones."""
IN_REGIONS = {
    "001": 120_000 + 26 * 500 + (25 * 35 - 56) * 2,
    "002": 10_000 + (25 * 35 - 25) * 2,
    "003": 25 * 20 * 2,
    "004": 25 * 15 * 2,
    "005": 100_000 + 22 * 500 + (15 * 35 - 42) * 2,
    "006": 10 * 35 * 2,
}
EVERYBODY = 120_000 + 26 * 500 + 100_000 + 22 * 500 + 10_000 + (50 * 70 - 56 - 42 - 25) * 2
TWICE = 5 * 4000 + 9 * 500 + (13 * 10 - 14) * 2
"""People where the two agglomerations overlap: five cells of the northern centre, nine around it, and country."""
IN_AGGLOMERATIONS = {
    "01": 120_000 + 26 * 500 + (15 * 20 - 56) * 2,
    "02": 100_000 + 22 * 500 + 5 * 4000 + 9 * 500 + (33 * 45 - 42 - 14) * 2,
}
WORDS = "Drawn for the Ministry of Toyland; no judgement is meant."
MORE = """
[access]
path = "data/friction.tif"

[zones.agglomeration]
path = "data/agglomerations.geojson"
id = "code"
name = "name"

[zones.region]
path = "data/regions.gpkg"
id = "code"
name = "name"

[crosswalk.other]
path = "data/other.gpkg"
id = "oid"
name = "title"
people = "pop"

[official.census]
path = "data/census.csv"
code = "kod"
people = "adam"
units = "region"
total = "000"
correspondence = "data/changes.csv"
year = 2020

[official.registry]
path = "data/registry.csv"
name = "Атауы"
people = "Адам"
units = "region"
correspondence = "data/renamed.csv"
year = 2010

[city_list]
path = "data/cities.csv"
code = "code"
name = "name"
latitude = "lat"
longitude = "lon"
people = "population"
status = "status"
flags = ["capital", "single_industry"]

[naming]
languages = ["kk", "ru", "kk-Latn"]
alternate_names = "data/UY.txt"
"""
CENSUS = """\
kod;atauy;adam
000;Toyland;260 000
001;Оңтүстік;150 000
2a;Ескі;6 000
2b;Жаңа;5 000
034;Бөлінген;2 000
5x;Семипалатинск;110 000
006;Дала;0
777;Арал;40
"""
CHANGES = "official;unit;share\n2a;002;1\n2b;002;\n034;003;0,7\n034;004;0,3\n5x;005;1\n"
"""A merged pair, a split unit, and a renamed one."""
REGISTRY = """\
Атауы;Адам
Оңтүстік облысы;67000
Qyzylorda;6000
Жетісу;500
Үстірт;400
Семипалатинск;56000
Nowhere;7
"""
ALTERNATE_NAMES = [
    (1, CARMELO[0], "kk", "Кармело қаласы", 1, "", "", "", "", ""),
    (2, CARMELO[0], "kk", "Кармело", 1, 1, "", "", "", ""),
    (3, CARMELO[0], "ru", "Старое Кармело", "", "", "", 1, "", 1900),
    (4, 1, "ru", "Elsewhere", "", "", "", "", "", ""),
]
"""As GeoNames writes them: preferred, short, colloquial, historic, from, to. The only Russian name is of long ago."""


def at(row: float, col: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the grid."""
    return LEFT + col * CELL, TOP - row * CELL


def polygon(top: float, bottom: float, left: float, right: float):
    return box(*at(bottom, left), *at(top, right))


def zones(of: dict[str, tuple[str, tuple[int, int, int, int]]]) -> gpd.GeoDataFrame:
    table = {"code": list(of), "name": [name for name, _ in of.values()]}
    return gpd.GeoDataFrame(table, geometry=[polygon(*cells) for _, cells in of.values()], crs=GRID.crs)


def others() -> gpd.GeoDataFrame:
    """A polygon of half the northern centre, points in the southern one and around, one far off and one elsewhere."""
    rows = [
        ("0100", "Half", 50_000.0, polygon(15, 20, 15, 18)),
        ("0200", "Sur", 90_000.0, Point(at(40, 57))),
        ("0300", "Beside", 0.0, Point(at(17, 24.5))),
        ("0900", "Alone", 10.0, Point(at(8, 70))),
        ("9999", "Antipode", 10.0, Point(100, 40)),
    ]
    ids, titles, living, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"oid": ids, "title": titles, "pop": living}, geometry=list(shapes), crs=4326)


def city_list() -> str:
    rows = [
        ("01", "Кармело", (17, 18), "110 000", "republican", "1", ""),
        ("02", "Suburb", (14.5, 14.5), "5 000", "district", "", "x"),
        ("03", "Sur", (40, 57), "95 000", "district", "no", "yes"),
        ("04", "Hamlet", (8, 70), "300", "district", "0", "x"),
    ]
    lines = [";".join([code, name, *(f"{part:.5f}" for part in at(*place)), *rest]) for code, name, place, *rest in rows]
    return "\n".join(["code;name;lon;lat;population;status;capital;single_industry", *lines, "05;Lost;;;80;;;"]) + "\n"


def write_own(folder: Path) -> Path:
    """Write the toy country with all that the user brings, and return its settings file."""
    settings = make_toy(folder, GRID)
    data = folder / "data"
    zones(AGGLOMERATIONS).to_file(data / "agglomerations.geojson")
    zones(REGIONS).to_file(data / "regions.gpkg")
    others().to_file(data / "other.gpkg")
    write_raster(data / "friction.tif", np.full((ROWS, COLS), 0.01), GRID, dtype="float32", nodata=-9999)
    (data / "census.csv").write_text(CENSUS, encoding="utf-8-sig")
    (data / "cities.csv").write_text(city_list(), encoding="utf-8-sig")
    (data / "registry.csv").write_text(REGISTRY, encoding="utf-16")
    (data / "changes.csv").write_text(CHANGES, encoding="utf-8-sig")
    (data / "renamed.csv").write_text("official,unit\nСемипалатинск,Semey\n", encoding="utf-8")
    names = "\n".join("\t".join(map(str, row)) for row in ALTERNATE_NAMES)
    (data / "UY.txt").write_text(names, encoding="utf-8")
    policy = f'[boundaries]\npolicy = "own"\ndisclaimer = "{WORDS}"'
    settings.write_text(SETTINGS.replace("[boundaries]", policy) + MORE, encoding="utf-8")
    return settings


@dataclass(frozen=True)
class Made:
    """A finished review."""

    settings: Path

    @property
    def folder(self) -> Path:
        """Where it went."""
        return self.settings.parent / "toy-review"

    def table(self, name: str) -> pd.DataFrame:
        """Read a table."""
        return pd.read_parquet(self.folder / "tables" / f"{name}.parquet")

    def manifest(self) -> dict:
        """Read ``run.json``."""
        return json.loads((self.folder / "run.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Made:
    from urbanreview.cli import main

    settings = write_own(tmp_path_factory.mktemp("own"))
    result = CliRunner().invoke(main, ["run", str(settings)])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return Made(settings)


@pytest.fixture(scope="module")
def values(made) -> pd.DataFrame:
    return made.table("values")


@pytest.fixture(scope="module")
def value(values):
    """Look a number up; what a variant says may be left out as long as one number is left."""

    def looked_up(zone: str, measure: str, period: str, *said: str) -> float:
        rows = values[(values["zone_id"] == zone) & (values["measure"] == measure) & (values["period"] == period)]
        rows = rows[[set(said) <= set(variant.split(";")) for variant in rows["variant"]]]
        assert len(rows) == 1, rows
        return float(rows["value"].iloc[0])

    return looked_up


@pytest.fixture(scope="module")
def ids(made) -> dict[str, str]:
    """Zone ids of the settlements, by level and place."""
    found = {}
    for name, level in (("urban_centres", "centre"), ("urban_clusters", "cluster")):
        table = made.table(name).sort_values("area_km2", ascending=False)
        names = ("north", "south", "town")[: len(table)]
        found |= {f"{place} {level}": zone_id for place, zone_id in zip(names, table["zone_id"], strict=True)}
    return found


AGGLOMERATION, REGION = "TOY-agglomeration-", "TOY-region-"


class TestOwnZones:
    def test_they_have_every_number_that_districts_have(self, values):
        """Of every date, source and variant; and a number wherever people live and lights shine."""

        def keys(start: str) -> set[tuple[str, ...]]:
            rows = values[values["zone_id"].str.startswith(start)]
            return set(rows[["measure", "period", "source", "variant"]].itertuples(index=False, name=None))

        districts = keys("TOY-adm1-")
        themes = {measure.partition(".")[0] for measure, *_ in districts}
        assert {"population", "degree", "access", "lights", "built_up", "form"} <= themes
        assert keys(AGGLOMERATION) == districts
        assert {key for key in keys(REGION) if not key[0].startswith("official.")} == districts
        rows = values[values["zone_id"].str.startswith(AGGLOMERATION)]
        short = rows["measure"].str.startswith("lights.trend")  # a trend needs four years
        assert rows["value"].notna().tolist() == (~short).tolist()

    def test_people_by_hand(self, value):
        for code, everyone in (IN_AGGLOMERATIONS | IN_REGIONS).items():
            zone = (AGGLOMERATION if code in AGGLOMERATIONS else REGION) + code
            assert value(zone, "population.total", "2020") == pytest.approx(everyone, rel=1e-9)
            assert value(zone, "population.total", "2010") == pytest.approx(everyone / 2, rel=1e-9)
        assert sum(IN_REGIONS.values()) == EVERYBODY
        assert value("TOY-adm0-TOY", "population.total", "2020") == pytest.approx(EVERYBODY, rel=1e-9)

    def test_urban_people_by_hand(self, value):
        """The northern centre lies in both, but for five of its columns in the second; clusters are the ring around, too."""
        for code, urban, dense in (("01", 133_000, 120_000), ("02", 111_000 + 24_500, 100_000 + 20_000)):
            zone, everyone = AGGLOMERATION + code, IN_AGGLOMERATIONS[code]
            assert value(zone, "population.urban_share", "2020") == pytest.approx(urban / everyone, rel=1e-9)
            assert value(zone, "population.high_density_share", "2020") == pytest.approx(dense / everyone, rel=1e-9)
            assert value(zone, "degree.class", "2020", "level=1") == 3

    def test_lights_and_land_by_hand(self, value):
        for code, cells in (("01", 30), ("02", 20 + 5)):
            assert value(AGGLOMERATION + code, "lights.sum", "2019") == pytest.approx(20 * cells, rel=1e-6)
            assert value(AGGLOMERATION + code, "lights.sum", "2020") == pytest.approx(21 * cells, rel=1e-6)
            assert value(AGGLOMERATION + code, "built_up.area", "2020") == pytest.approx(0.2 * cells, rel=1e-6)

    def test_minutes_are_those_of_the_map_as_people_live_them(self, made, value):
        with rasterio.open(made.folder / "rasters" / "travel_time.tif") as file:
            minutes, transform = file.read(1, masked=True).filled(np.nan), file.transform
        row, col = round((TOP - transform.f) / CELL), round((transform.c - LEFT) / CELL)
        rows, cols = minutes.shape
        living = people()[row : row + rows, col : col + cols]
        for code, (_, (top, bottom, left, right)) in AGGLOMERATIONS.items():
            here = slice(top - row, bottom - row), slice(left - col, right - col)
            expected = (minutes[here] * living[here]).sum() / IN_AGGLOMERATIONS[code]
            assert value(AGGLOMERATION + code, "access.minutes_mean", "2020") == pytest.approx(expected, rel=1e-6)

    def test_cities_have_ways_to_them(self, made, ids):
        minutes = pd.read_csv(made.folder / "tables" / "minutes_city_agglomeration.csv", index_col="from_id")
        assert set(minutes.index) == {ids["north centre"], ids["south centre"]}
        assert minutes.columns.tolist() == [AGGLOMERATION + code for code in AGGLOMERATIONS]
        points = made.table("points").set_index("zone_id")[["lon", "lat"]]
        pairs = made.table("matrix").query("relation == 'city_agglomeration'")
        assert len(pairs) == 4
        for pair in pairs.itertuples():
            straight = 0.01 * WGS84.inv(*points.loc[pair.from_id], *points.loc[pair.to_id])[2]
            assert pair.minutes == minutes.loc[pair.from_id, pair.to_id]
            # A point stands at the middle of its cell, and ways go along eight directions.
            assert straight - 12 <= pair.minutes <= 1.09 * straight + 12

    def test_settlements_are_linked_with_them(self, made, ids):
        links = made.table("links").query("relation == 'agglomeration'").set_index(["from_id", "to_id"])
        first, second = (AGGLOMERATION + code for code in AGGLOMERATIONS)
        expected = {
            ("north centre", first): (120_000, 1.0, 1),
            ("north centre", second): (20_000, 1 / 6, 2),
            ("south centre", second): (100_000, 1.0, 1),
            ("north cluster", first): (133_000, 1.0, 1),
            ("north cluster", second): (24_500, 24_500 / 133_000, 2),
            ("south cluster", second): (111_000, 1.0, 1),
        }
        now = links[~links.index.get_level_values("from_id").str.endswith("-ghs-2010")]
        assert len(now) == len(expected)
        for (place, zone), numbers in expected.items():
            found = now.loc[(ids[place], zone), ["people", "from_share", "rank"]].tolist()
            assert found == pytest.approx(numbers, rel=1e-9), (place, zone)
            whole = IN_AGGLOMERATIONS[zone[-2:]]
            assert now.loc[(ids[place], zone), "to_share"] == pytest.approx(numbers[0] / whole, rel=1e-9)

    def test_settlements_name_the_first_of_them(self, made, ids):
        columns = ["agglomeration_1", "agglomeration_1_name", "agglomeration_1_share", "agglomeration_2"]
        centres = made.table("urban_centres").set_index("zone_id")[columns]
        clusters = made.table("urban_clusters").set_index("zone_id")[columns]
        first, second = (AGGLOMERATION + code for code in AGGLOMERATIONS)
        assert centres.loc[ids["north centre"]].tolist() == [first, "North", 1.0, second]
        assert centres.loc[ids["south centre"]].iloc[:3].tolist() == [second, "River", 1.0]
        assert clusters.loc[ids["town cluster"]].isna().all()

    def test_they_name_their_first_districts(self, made):
        table = made.table("agglomeration").set_index("zone_id")
        assert table.loc[AGGLOMERATION + "01", ["district_1", "district_1_share"]].tolist() == ["TOY-adm1-w", 1.0]
        crossing = table.loc[AGGLOMERATION + "02"]
        assert crossing[["district_1_name", "district_2_name"]].tolist() == ["Southeast", "West"]
        east = 111_000 + (15 * 25 - 42) * 2
        assert crossing["district_1_share"] == pytest.approx(east / IN_AGGLOMERATIONS["02"], rel=1e-9)

    def test_their_codes_stay_text(self, made):
        csv = (made.folder / "tables" / "region.csv").read_text(encoding="utf-8")
        assert all(f",{code}," in csv for code in REGIONS)
        assert sorted(made.table("region")["source_code"]) == list(REGIONS)

    def test_they_are_a_table_and_layers(self, made):
        path = made.folder / "review.gpkg"
        layers = {str(name) for name, _ in pyogrio.list_layers(path)}
        assert {"agglomeration", "agglomeration_points", "region", "region_points"} <= layers
        layer = gpd.read_file(path, layer="agglomeration").set_index("zone_id")
        table = pd.read_csv(made.folder / "tables" / "agglomeration.csv", index_col="zone_id")
        assert layer.crs == 4326
        assert layer["population_total_2020"].to_dict() == table["population_total_2020"].to_dict()
        for code, (_, cells) in AGGLOMERATIONS.items():
            assert layer.geometry[AGGLOMERATION + code].symmetric_difference(polygon(*cells)).area < 1e-12
        described = set(pd.read_csv(made.folder / "tables" / "dictionary.csv")["column"])
        assert set(made.table("agglomeration").columns) <= described

    def test_people_in_two_of_them_are_told(self, made):
        ledger = made.table("ledger").query("step == 'agglomeration ghs 2020'").set_index("cause")["amount"]
        assert ledger["people counted in two of these zones"] == TWICE
        assert ledger["people in these zones"] == sum(IN_AGGLOMERATIONS.values()) - TWICE

    def test_extents_beside_the_delineated_ones(self, made, ids):
        table = made.table("extents_compared")
        by = table.set_index(["zone_id", "level"])
        assert len(table) == 2 * (len(AGGLOMERATIONS) + len(REGIONS))
        row = by.loc[(AGGLOMERATION + "02", "urban_centre")]
        assert row["settlement_id"] == ids["south centre"]
        assert row["mutual"]
        numbers = row[["people_both", "people_only_zone", "people_only_settlement", "people_overlap"]].tolist()
        assert numbers == pytest.approx([100_000, 38_358, 0, 100_000 / 138_358], rel=1e-9, abs=1e-6)
        assert row["area_both_km2"] == pytest.approx(row["settlement_area_km2"], rel=1e-9)
        ledger = made.table("ledger").query("cause == 'zone that meets no urban_centre'").set_index("step")["amount"]
        assert ledger.to_dict() == {"extents compared region": 4}
        alone = by.loc[(REGION + "003", "urban_centre")]
        assert alone[["settlement_id", "settlement_people", "people_only_settlement"]].isna().all()
        assert alone["people_both"] == 0


class TestCrosswalk:
    def test_columns_stand_on_centres_and_clusters(self, made, ids):
        expected = {
            "north centre": ("0100", "Half", 60_000 / 120_000, 15 / 30, 0.0, "high", 2),
            "north cluster": ("0100", "Half", 60_000 / 133_000, 15 / 56, 0.0, "medium", 2),
            "south centre": ("0200", "Sur", 1.0, None, 0.0, "medium", 1),
            "south cluster": ("0200", "Sur", 1.0, None, 0.0, "medium", 1),
        }
        names = ["id", "name", "share", "area_share", "distance_km", "grade", "matches"]
        tables = [made.table(name).set_index("zone_id") for name in ("urban_centres", "urban_clusters")]
        table = pd.concat(tables)[[f"other_{name}" for name in names]]
        for place, numbers in expected.items():
            for found, number in zip(table.loc[ids[place]], numbers, strict=True):
                if number is None:
                    assert pd.isna(found)
                else:
                    assert found == (pytest.approx(number, rel=1e-5) if isinstance(number, float) else number), place

    def test_a_settlement_without_a_match_is_empty_and_never_zero(self, made, ids):
        town = made.table("urban_clusters").set_index("zone_id").filter(regex="^other_").loc[ids["town cluster"]]
        assert len(town) == 7
        assert town.isna().all()
        csv = pd.read_csv(made.folder / "tables" / "urban_clusters.csv", dtype="str").set_index("zone_id")
        assert csv.loc[ids["town cluster"], "other_id"] is np.nan
        assert csv.loc[ids["north cluster"], "other_id"] == "0100"

    def test_every_pair_is_a_row(self, made, ids):
        rows = made.table("crosswalk")
        north = rows[rows["zone_id"] == ids["north centre"]].set_index("other_id")
        assert north.loc["0100", ["how", "relation", "people_both"]].tolist() == ["overlap", "one to many", 60_000]
        assert north.loc["0300", ["how", "grade", "rank"]].tolist() == ["near", "low", 2]
        width_km = WGS84.inv(LEFT, at(17, 0)[1], LEFT + CELL, at(17, 0)[1])[2] / 1000
        assert north.loc["0300", "distance_km"] == pytest.approx(3.5 * width_km, rel=1e-6)
        assert np.isnan(north.loc["0300", "other_people"])  # databases write 0 where they do not know
        alone = rows[rows["zone_id"].isna()]
        assert alone[["other_id", "how"]].values.tolist() == [["0900", "none"]]  # once, whatever other populations find

    def test_what_lies_elsewhere_is_left_out_and_told(self, made):
        assert "9999" not in set(made.table("crosswalk")["other_id"])
        ledger = made.table("ledger").query("step == 'crosswalk other ghs 2020'").set_index("cause")["amount"]
        assert ledger["beyond the population grid: left out"] == 1
        assert ledger["urban_cluster without a match"] == 1


class TestOfficial:
    @pytest.fixture
    def census(self, made) -> pd.DataFrame:
        return made.table("official").query("statistic == 'census'").reset_index(drop=True)

    @pytest.fixture
    def registry(self, made) -> pd.DataFrame:
        return made.table("official").query("statistic == 'registry'").reset_index(drop=True)

    def test_rows_by_code_a_split_a_merged_pair_and_a_renamed_unit(self, census):
        expected = {
            "001": ("001", 150_000, "code"),
            "002": ("2a; 2b", 6_000 + 5_000, "correspondence"),
            "003": ("034", 0.7 * 2_000, "correspondence"),
            "004": ("034", 0.3 * 2_000, "correspondence"),
            "005": ("5x", 110_000, "correspondence"),
            "006": ("006", 0, "code"),
        }
        by = census.set_index("zone_id")
        for code, (rows, official, how) in expected.items():
            row = by.loc[REGION + code]
            assert row[["official_rows", "matched_by", "name"]].tolist() == [rows, how, REGIONS[code][0]]
            numbers = row[["official", "ours", "gap"]].tolist()
            assert numbers == pytest.approx([official, IN_REGIONS[code], IN_REGIONS[code] - official], rel=1e-9)
        assert "2a and 2b folded into one unit" in by["reason"][REGION + "002"]
        assert "70 % of 034" in by["reason"][REGION + "003"]

    def test_an_official_total_of_zero_has_a_gap_and_no_share(self, census):
        row = census.set_index("zone_id").loc[REGION + "006"]
        assert row["gap"] == IN_REGIONS["006"]
        assert np.isnan(row["gap_share"])
        assert row["reason"] == "official total of zero"

    def test_the_row_without_a_unit_is_listed(self, census):
        left = census[census["zone_id"].isna()]
        assert left[["official_rows", "official", "reason"]].values.tolist() == [["777", 40, "no unit of this code or name"]]
        units = census[census["zone_id"].fillna("").str.startswith(REGION)]
        assert units["official"].sum() + left["official"].sum() == 150_000 + 11_000 + 2_000 + 110_000 + 40

    def test_what_no_unit_and_no_row_has_is_counted_by_table(self, made):
        ledger = made.table("ledger")
        noted = ledger[ledger["step"].str.startswith("official ")][["step", "cause", "amount"]]
        assert sorted(noted.values.tolist()) == [
            ["official census", "official row: no unit of this code or name", 1],
            ["official registry", "official row: no unit of this code or name", 1],
            ["official registry", "unit without an official row", 1],
        ]

    def test_the_country_stands_first_beside_the_row_of_its_total(self, census, registry):
        assert census.loc[0, ["zone_id", "official_rows", "official", "ours"]].tolist() == [
            "TOY-adm0-TOY", "000", 260_000, EVERYBODY,
        ]  # fmt: skip
        assert census.loc[0, "gap_share"] == pytest.approx(EVERYBODY / 260_000 - 1, rel=1e-9)
        written = 67_000 + 6_000 + 500 + 400 + 56_000 + 7
        assert registry.loc[0, ["official_rows", "official"]].tolist() == ["all rows", written]

    def test_names_meet_in_cyrillic_and_in_kazakh_latin_letters(self, registry):
        by = registry.set_index("zone_id")
        pairs = by.loc[[REGION + code for code in REGIONS], ["official_rows", "name", "matched_by"]]
        assert pairs.astype(object).where(pairs.notna(), None).values.tolist() == [
            ["Оңтүстік облысы", "Ońtústik", "name"],
            ["Qyzylorda", "Қызылорда", "name"],
            ["Жетісу", "Jetisu", "sound"],
            ["Үстірт", "Üstirt", "name"],
            ["Семипалатинск", "Semey", "correspondence"],
            [None, "Steppe", None],
        ]
        assert by.loc[REGION + "006", "reason"] == "no official row"
        assert registry[registry["zone_id"].isna()]["official_rows"].tolist() == ["Nowhere"]

    def test_ours_is_of_the_year_nearest_to_theirs(self, registry):
        ours = registry.set_index("zone_id")["ours"]
        for code, everyone in IN_REGIONS.items():
            assert ours[REGION + code] == pytest.approx(everyone / 2, rel=1e-9)

    def test_the_long_table_has_them(self, value, values):
        assert value(REGION + "002", "official.people", "2020") == 11_000
        assert value(REGION + "002", "official.gap", "2020", "against=ghs_2020") == pytest.approx(700, rel=1e-9)
        assert value(REGION + "001", "official.gap_share", "2020") == pytest.approx(134_638 / 150_000 - 1, rel=1e-9)
        assert value(REGION + "001", "official.gap", "2010", "against=ghs_2010") == pytest.approx(319, rel=1e-9)
        rows = values[values["measure"].str.startswith("official.")]
        assert set(rows["source"]) == {"census", "registry"}
        missing = rows[rows["value"].isna()]
        assert (missing["reason"] != "").all()
        assert set(missing["zone_id"]) == {REGION + "006"}


class TestCityList:
    @pytest.fixture
    def cities(self, made) -> pd.DataFrame:
        return made.table("city_list")

    def test_outcomes(self, cities, ids):
        by = cities.set_index("code")
        assert by.index.dropna().tolist() == ["01", "03", "02", "04", "05"]
        found = by.loc[["01", "03"], ["outcome", "zone_id", "matched_by"]].values.tolist()
        assert found == [
            ["found", ids["north centre"], "position and name"],
            ["found", ids["south centre"], "position"],
        ]
        assert by.loc["02", ["outcome", "zone_id", "merged_with"]].tolist() == ["merged", ids["north cluster"], "Кармело"]
        assert by.loc[["04", "05"], "outcome"].tolist() == ["missed", "missed"]
        assert by.loc["04", "reason"].startswith("too sparse: at most 2 people per km2 within 5 km, 300 needed")
        assert by.loc["05", "reason"] == "no position, and no settlement of its name"
        unlisted = cities[cities["code"].isna()]
        assert unlisted[["outcome", "zone_id", "settlement_people"]].values.tolist() == [
            ["unlisted", ids["town cluster"], 10_000]
        ]

    def test_groups(self, made):
        groups = made.table("city_groups").set_index(["by", "group"])
        counts = groups[["listed", "found", "merged", "missed", "listed_people", "settlement_people"]]
        assert counts.to_dict("index") == {
            key: dict(zip(counts.columns, numbers, strict=True))
            for key, numbers in {
                ("status", "district"): (3, 1, 1, 1, 100_300, 233_000),
                ("status", "republican"): (1, 1, 0, 0, 110_000, 120_000),
                ("status", "not stated"): (1, 0, 0, 1, 80, 0),
                ("flag", "capital"): (1, 1, 0, 0, 110_000, 120_000),
                ("flag", "single_industry"): (3, 1, 1, 1, 100_300, 233_000),
            }.items()
        }

    def test_settlements_carry_what_the_list_says(self, made, ids):
        centres = made.table("urban_centres").set_index("zone_id")
        said = centres.loc[
            ids["north centre"], ["listed_code", "listed_name", "listed_status", "listed_flags", "listed_outcome"]
        ]
        assert said.tolist() == ["01", "Кармело", "republican", "capital", "found"]
        town = made.table("urban_clusters").set_index("zone_id").filter(regex="^listed_").loc[ids["town cluster"]]
        assert town.dropna().to_dict() == {"listed_outcome": "unlisted"}


def test_names_in_the_languages_of_the_country_are_empty_where_unknown(made, ids):
    """Kazakh Latin and Russian have no name in use: nothing is spelled over from another."""
    spoken = ["name_kk", "name_ru", "name_kk_latn"]
    table = pd.concat([made.table(name) for name in ("urban_centres", "urban_clusters")]).set_index("zone_id")
    table = table.reindex(columns=["name", *spoken])
    assert (
        table.loc[[ids["north centre"], ids["north cluster"]], ["name", "name_kk"]].values.tolist()
        == [["Carmelo", "Кармело қаласы"]] * 2
    )
    assert table["name_kk"].notna().sum() == 2
    assert table[["name_ru", "name_kk_latn"]].isna().all(axis=None)
    ledger = made.table("ledger").set_index("cause")["amount"]
    assert ledger["no name in 'ru': no place here has one in this language"].max() == 5


def test_a_division_that_divides_has_no_rows(made):
    division = made.table("division")
    assert division.columns.tolist() == ["kind", "zone_ids", "units", "area_km2", "people"]
    assert division.empty


def test_the_users_words_stand_everywhere_and_no_others(made):
    page = (made.folder / "report.html").read_text(encoding="utf-8")
    assert WORDS in page
    assert "no endorsement" not in page
    assert made.manifest()["disclaimer"] == WORDS
    with closing(sqlite3.connect(made.folder / "review.gpkg")) as database:
        rows = database.execute("SELECT description FROM gpkg_contents WHERE table_name != 'layer_styles'").fetchall()
    assert len(rows) >= 8
    assert all(WORDS in description for (description,) in rows)


def test_the_files_of_the_user_are_in_the_manifest(made):
    names = {entry["name"] for entry in made.manifest()["inputs"]}
    own = {"zones agglomeration", "zones region", "crosswalk other", "official census", "official registry", "city list"}
    assert own | {"names in languages"} <= names


@pytest.fixture(scope="module")
def copied(made, tmp_path_factory) -> Path:
    """A copy of the finished review, to be changed."""
    return shutil.copytree(made.settings.parent, tmp_path_factory.mktemp("again") / "copy")


@pytest.fixture(scope="module")
def again(copied):
    """Run the copy after some changes, which come on top of those before."""
    from urbanreview.cli import main

    def run(*changes) -> set[str]:
        for change in changes:
            change(copied)
        result = CliRunner().invoke(main, ["run", str(copied / "toy.toml"), "--quiet", "--json"])
        assert result.exit_code == 0, result.output
        return set(json.loads(result.stdout)["ran"])

    return run


def say(old: str, new: str):
    def change(folder: Path) -> None:
        text = (folder / "toy.toml").read_text(encoding="utf-8")
        assert old in text
        (folder / "toy.toml").write_text(text.replace(old, new), encoding="utf-8")

    return change


def more_people(folder: Path) -> None:
    (folder / "data" / "census.csv").write_text(CENSUS.replace("150 000", "160 000"), encoding="utf-8-sig")


def other_shares(folder: Path) -> None:
    (folder / "data" / "changes.csv").write_text(CHANGES.replace("0,7", "0,6").replace("0,3", "0,4"), encoding="utf-8")


def another_city(folder: Path) -> None:
    path = folder / "data" / "cities.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("Hamlet", "Farm"), encoding="utf-8-sig")


CHANGES_ALONE = [
    (more_people, {"official census"}),
    (other_shares, {"official census"}),
    (another_city, {"city list"}),
    (say('people = "pop"', 'people = "pop"\nwithin_km = 4'), {"crosswalk other ghs 2010", "crosswalk other ghs 2020"}),
    (say(WORDS, "Other words."), set()),
]


def test_a_change_redoes_what_it_touches(again, copied, tmp_path, invoke):
    """A run that met nothing new does nothing; every change alone, as planned; and all of them at once, as run."""
    assert again() == set()
    assert again(say("[output]", "[output]\nreport = false")) == {"report"}
    for number, (change, touched) in enumerate(CHANGES_ALONE):
        copy = shutil.copytree(copied, tmp_path / str(number))
        change(copy)
        steps = json.loads(invoke("plan", copy / "toy.toml", "--json").stdout)["steps"]
        assert {step["name"] for step in steps if step["runs"]} == touched | {"report"}, number
    changes, touched = zip(*CHANGES_ALONE, strict=True)
    assert again(*changes) == {"report"}.union(*touched)


def test_more_zones_open_no_population_and_find_no_city_again(again):
    section = '[zones.city_limits]\npath = "data/agglomerations.geojson"\nid = "code"\n\n[crosswalk.other]'
    ran = again(say("[crosswalk.other]", section))
    assert {"units", "people ghs 2020", "lights 2019", "built-up 2020", "extents compared", "report"} <= ran
    not_of_zones = ("boundaries", "population", "delineation", "names", "division", "crosswalk", "city list", "system", "urban")
    assert not [step for step in ran if step.startswith(not_of_zones)]
