"""A small country from its servers to its tables, by the commands that a user types, and what becomes of it if servers fail."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from fetching.conftest import DEAD, MARGIN_KM, SHORTENED, SHORTEST, Bench, Served, shorten, tree, up
from fetching.wcs import PATH as COVERAGE_PATH
from fetching.world import CLIMATE_YEARS, EPOCHS, ISO3, LIGHT_MONTHS, LIGHT_YEARS, RETURN_PERIODS, World
from servers import Fault

from urbanreview.config import load_settings
from urbanreview.pipeline import fetch
from urbanreview.sources.catalogue import dataset_of

OTHER_WINDOWS = 1e-5
"""Relative: of larger rasters other windows are read, so sums and cells that are brought to another grid differ a little."""
BLOCK_BYTES = 1 << 16
"""A download is written in blocks of no more than this."""
TABLES = ("values", "districts", "adm1", "country", "urban_centres", "urban_clusters", "zones", "links", "points", "division",
          "minutes_city_city", "km_city_district", "city_system")  # fmt: skip
"""Tables that hold no name of a source's file."""
LOCAL = f"""\
[country]
iso3 = "{ISO3}"
margin_km = {MARGIN_KM}

[boundaries]
path = "{{plain}}/districts.gpkg"
id = "id"
name = "name"
parent = "parent"
year = 2019

[population.ghs]
path = "{{plain}}/people_{{{{year}}}}.tif"
years = {list(EPOCHS)}
nodata = -200
primary = true

# WorldPop
[population.worldpop]
path = "{{plain}}/worldpop_{{{{year}}}}.tif"
years = [2020]

# Land
[land]
path = "{{plain}}/land.tif"

[built_up]
path = "{{plain}}/built_{{{{year}}}}.tif"
years = {list(EPOCHS)}

[lights]
path = "{{plain}}/lights/{{{{year}}}}-{{{{month:02}}}}.tif"
observations = "{{plain}}/nights/{{{{year}}}}-{{{{month:02}}}}.tif"
years = {list(LIGHT_YEARS)}
months = {list(LIGHT_MONTHS)}

[exposure.flood]
path = "{{plain}}/rp{{{{return_period}}}}.tif"
permanent_water = "{{plain}}/permanent_water.tif"
return_periods = {list(RETURN_PERIODS)}

[climate.precipitation]
path = "{{plain}}/rain/{{{{year}}}}-{{{{month:02}}}}.tif"
quantity = "precipitation"
units = "mm/month"
nodata = -9999
years = {list(CLIMATE_YEARS)}
reference = {list(CLIMATE_YEARS)}

[climate.temperature]
path = "{{plain}}/tmp.nc"
variable = "tmp"
quantity = "temperature"
units = "degC"
reference = {list(CLIMATE_YEARS)}

[air]
path = "{{plain}}/pm25_{{{{year}}}}.nc"
variable = "PM25"
nodata = -999
years = {list(EPOCHS)}
product = "SatPM2.5 V6.GL.03"

[access]
path = "{{plain}}/friction.tif"

[output]
folder = "local-review"
"""
"""The same review of the plain files: nothing in it is fetched."""
MADE = (
    ("geoboundaries", "units.gpkg", "districts.gpkg"),
    ("ghs-pop-r2023a", "*.tif", "people_{}.tif"),
    ("worldpop-r2025a", "*.tif", "worldpop_{}.tif"),
    ("ghs-land-r2022a", "land.tif", "land.tif"),
    ("ghs-built-s-r2023a", "*.tif", "built_{}.tif"),
    ("light-every-night", "*.tif", "lights/{}.tif"),
    ("light-every-night", "nights/*.tif", "nights/{}.tif"),
    ("jrc-flood-v2.1.2", "*.tif", "{}.tif"),
    ("chirps-v3.0", "*.tif", "rain/{}.tif"),
    ("cru-ts-4.10-tmp", "tmp.nc", "tmp.nc"),
    ("satpm25-v6gl03", "*.nc", "pm25_{}.nc"),
    ("friction-2020-motorised", "friction.tif", "friction.tif"),
)
"""What was made of datasets, and as what a user keeps it: the names of `LOCAL`."""
SMALL = f"""\
[country]
iso3 = "{ISO3}"
margin_km = {MARGIN_KM}

[boundaries]
dataset = "geoboundaries"

[population.ghs]
dataset = "ghs-pop-r2023a"
years = [2020]

[air]
dataset = "satpm25-v6gl03"
years = [2020]

[output]
folder = "small-review"
report = false
"""
MAIN = [sys.executable, "-c", "from urbanreview.cli import main; main()"]


@dataclass(frozen=True)
class Journey:
    """What a user did, in order, and what came of it; the servers are gone by now."""

    settings: Path
    cache: Path
    planned: dict
    planned_text: str
    touched_by_plan: list[str]
    planned_after: dict
    said: dict
    long: bool

    @property
    def folder(self) -> Path:
        """Where the review is."""
        return self.settings.parent / "lux-review"

    def away(self, tmp_path: Path) -> Bench:
        """Return a bench whose cache holds the fetched files alone, and whose servers are dead."""
        cache = tmp_path / "cache"
        shutil.copytree(self.cache / "files", cache / "files", copy_function=os.link)
        return Bench(cache, f"{DEAD}/{{host}}")


@pytest.fixture(scope="module", params=["short", pytest.param("long", marks=pytest.mark.slow)])
def journey(request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory) -> Journey:
    """`init`, a few changes by hand, `plan`, `run`, while the servers are up."""
    folder = tmp_path_factory.mktemp("journey")
    long = request.param == "long"
    settings = folder / "lux.toml"
    with up(world) as served:
        bench = Bench(folder / "cache", served.hosts)
        assert bench.run("init", ISO3, "--folder", folder).stdout.strip() == str(settings)
        shorten(settings, SHORTENED, *([] if long else [SHORTEST]))
        text = bench.run("plan", settings).stdout
        planned = json.loads(bench.run("plan", settings, "--json").stdout)
        touched = sorted(path.name for path in folder.iterdir())
        said = json.loads(bench.run("run", settings, "--json", "--quiet").stdout)
        after = json.loads(bench.run("plan", settings, "--json").stdout)
    return Journey(settings, bench.cache, planned, text, touched, after, said, long)


def tables(folder: Path) -> dict[str, bytes]:
    """Return the bytes of the tables that are compared."""
    return {name: (folder / "tables" / f"{name}.csv").read_bytes() for name in TABLES}


def manifest(folder: Path) -> dict:
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def causes(folder: Path) -> list[str]:
    return [f"{entry['step']}: {entry['cause']}" for entry in manifest(folder)["ledger"]]


class TestPlan:
    def test_every_section_has_its_files_with_their_bytes(self, journey):
        files = {}
        for file in journey.planned["files"]:
            files.setdefault(file["section"], []).append(file)
        years, months, periods = (len(EPOCHS), 4, 2) if journey.long else (1, 1, 1)
        expected = {"boundaries": 4, "population.ghs": years, "land": 1, "built_up": years, "lights": 2 * months,
                    "exposure.flood": 2 * periods + 3, "climate.precipitation": 24, "climate.temperature": 1, "air": years,
                    "access": 1} | ({"population.worldpop": 1} if journey.long else {})  # fmt: skip
        assert {section: len(found) for section, found in files.items()} == expected
        assert all(file["size_bytes"] > 0 for file in journey.planned["files"] if file["section"] != "lights")
        assert sum(file["size_bytes"] for file in files["lights"]) > 0
        assert not any(file["cached"] for file in journey.planned["files"])

    def test_it_says_so_in_words(self, journey):
        rows = [line for line in journey.planned_text.splitlines() if "light-every-night" in line]
        assert [row.split(" ")[0] for row in rows] == ["│", *["note:"] * (len(rows) - 1)]
        assert any("2024-10 has another name: ecmslcfg" in row for row in rows)
        assert re.search(r"To fetch about [\d,]+ MB: \d+ min at 5 MB/s", journey.planned_text)

    def test_what_will_be_made_is_not_missing(self, journey):
        assert journey.planned["missing"] == []

    def test_nothing_is_touched(self, journey):
        assert journey.touched_by_plan == ["lux.toml"]

    def test_after_the_run_all_is_in_the_cache(self, journey):
        assert all(file["cached"] for file in journey.planned_after["files"])
        assert {file["name"] for file in journey.planned_after["files"]} == {file["name"] for file in journey.planned["files"]}
        assert journey.planned_after["missing"] == []


class TestRun:
    def test_nothing_is_skipped_and_cities_have_names(self, journey):
        assert journey.said["skipped"] == []
        assert [city["name"] for city in journey.said["largest"]] == ["Luxembourg", "Esch-sur-Alzette"]
        assert all(city["lights"] > 0 for city in journey.said["largest"])

    def reviewed(self, journey, plain, tmp_path):
        """Run the same review of local files and return its folder."""
        settings = tmp_path / "local.toml"
        settings.write_text(LOCAL.format(plain=plain), encoding="utf-8")
        if not journey.long:
            shorten(settings, SHORTEST)
        Bench(tmp_path / "no-cache", f"{DEAD}/{{host}}").run("run", settings, "--quiet")
        assert not (tmp_path / "no-cache").exists()
        return tmp_path / "local-review"

    def test_the_tables_are_those_of_the_same_rasters_as_local_files(self, journey, tmp_path):
        for dataset, name, kept in MADE:
            for path in (journey.cache / "made" / dataset / f"{ISO3}-{MARGIN_KM}km").glob(name):
                target = tmp_path / "kept" / kept.format(path.stem)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
        assert tables(self.reviewed(journey, tmp_path / "kept", tmp_path)) == tables(journey.folder)

    @pytest.mark.slow
    def test_the_tables_are_those_of_the_rasters_before_they_were_served(self, journey, world, tmp_path):
        folder = self.reviewed(journey, world.plain, tmp_path)
        for name in TABLES:
            found, expected = (pd.read_csv(each / "tables" / f"{name}.csv") for each in (journey.folder, folder))
            pd.testing.assert_frame_equal(found, expected, check_exact=False, rtol=OTHER_WINDOWS, atol=1e-9, obj=name)

    def test_every_theme_has_values(self, journey):
        values = pd.read_csv(journey.folder / "tables" / "values.csv")
        themes = values.dropna(subset="value")["measure"].str.partition(".")[0].unique()
        assert {"population", "lights", "built_up", "exposure", "climate", "air", "access"} <= set(themes)

    def test_every_input_says_where_it_comes_from(self, journey):
        inputs = [entry for entry in manifest(journey.folder)["inputs"] if "made" in Path(entry["path"]).parts]
        assert len(inputs) == len(manifest(journey.folder)["inputs"])
        for entry in inputs:
            dataset = dataset_of(entry["dataset"])
            assert (entry["version"], entry["citation"]) == (dataset.version, dataset.citation), entry["name"]
            assert entry["licence"], entry["name"]
            for origin in entry["origins"]:
                assert origin["address"].startswith("http://127.0.0.1:")
                assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", origin["fetched"])
                assert re.fullmatch(r"[0-9a-f]{64}", origin["sha256"])
                assert origin["size_bytes"] > 0
        assert [entry["name"] for entry in inputs if not entry["origins"]] == []

    def test_a_licence_that_the_index_states_wins(self, journey):
        boundaries = next(entry for entry in manifest(journey.folder)["inputs"] if entry["name"] == "boundaries")
        assert boundaries["licence"] == "Open Data Commons Open Database License 1.0"

    def test_what_was_odd_is_told(self, journey):
        told = " ".join(causes(journey.folder))
        assert "light-every-night: 2024-10 has another name: ecmslcfg" in told
        assert "geoboundaries: fetched from the mirror" in told

    def test_run_again_does_nothing_and_keeps_what_was_told(self, journey, tmp_path):
        before, told = tree(journey.folder), causes(journey.folder)
        result = Bench(journey.cache, f"{DEAD}/{{host}}").run("run", journey.settings, "--json", "--quiet")
        assert json.loads(result.stdout)["ran"] == []
        assert {name for name, stamp in tree(journey.folder).items() if before.get(name) != stamp} <= {
            "run.log",
            ".store/files.json",
        }
        assert causes(journey.folder) == told

    def test_what_was_told_is_told_again_when_nothing_is_fetched(self, journey, monkeypatch):
        for name, value in Bench(journey.cache, f"{DEAD}/{{host}}").environment.items():
            monkeypatch.setenv(name, value)
        told = [f"{entry.step}: {entry.cause}" for entry in fetch(load_settings(journey.settings)).ledger.entries]
        assert "light-every-night: 2024-10 has another name: ecmslcfg" in told
        assert any(cause.startswith("geoboundaries: fetched from the mirror") for cause in told)

    def test_offline_the_tables_are_the_same_with_all_servers_gone(self, journey, tmp_path):
        bench = journey.away(tmp_path)
        bench.run("run", journey.settings, "--offline", "--quiet", "--output", tmp_path / "again")
        assert tables(tmp_path / "again") == tables(journey.folder)

    def test_offline_what_is_missing_is_listed(self, journey, tmp_path):
        bench = journey.away(tmp_path)
        gone = sorted((bench.cache / "files" / "chirps-v3.0").rglob("2020-07.tif")) + sorted(
            bench.cache.rglob("*ecmslcfg*.n_cf.tif")
        )
        assert len(gone) == 2
        for path in gone:
            path.unlink()
        result = bench.run("run", journey.settings, "--offline", "--quiet", "--output", tmp_path / "again", code=1)
        assert "2 files are not in the cache" in result.stderr
        assert all(path.name in result.stderr for path in gone)
        assert not (tmp_path / "again").exists()

    def test_references_are_printed(self, journey):
        bench = Bench(journey.cache, DEAD)
        text = bench.run("cite", journey.folder).stdout
        bibtex = bench.run("cite", journey.folder, "--bibtex").stdout
        keys = {entry["dataset"] for entry in manifest(journey.folder)["inputs"]}
        assert bibtex.count("@misc{") == len(keys)
        for key in keys:
            assert dataset_of(key).citation.rstrip(".") in text

    def test_the_page_lists_the_sources(self, journey):
        page = journey.folder / "report.html"
        assert page.exists() == journey.long
        for entry in manifest(journey.folder)["inputs"] if journey.long else []:
            for origin in entry["origins"]:
                assert origin["sha256"] in page.read_text(encoding="utf-8"), entry["name"]


OTHERS = {
    "natural-earth-admin1": f"""\
[country]
iso3 = "{ISO3}"
margin_km = {MARGIN_KM}

[boundaries]
dataset = "natural-earth-admin1"

[population.world]
dataset = "worldpop-2000-2020"
years = [2020]

[lights]
dataset = "light-every-night"
years = [2024]
months = [10]

[lights.flares]
dataset = "eog-gas-flares"

[exposure.flood]
dataset = "aqueduct-floods-v2"
return_periods = [100]

[climate.precipitation]
dataset = "terraclimate-ppt"
years = [2020]

[climate.warmest]
dataset = "terraclimate-tmax"
years = [2020]

[naming]
dataset = "geonames-alternate"
languages = ["de", "lb"]

[output]
folder = "other-review"
report = false
""",
}
OTHERS |= {
    key: f"""\
[country]
iso3 = "{ISO3}"
margin_km = {MARGIN_KM}

[boundaries]
dataset = "{key}"

[population.world]
dataset = "worldpop-2000-2020"
years = [2020]

[output]
folder = "other-review"
report = false
"""
    for key in ("cod-ab", "world-bank-boundaries")
}


@pytest.fixture(scope="module")
def served(world: World) -> Iterator[Served]:
    """Servers that stay up for several tests."""
    with up(world) as found:
        yield found


class TestOtherProviders:
    def reviewed(self, key, served, tmp_path):
        settings = tmp_path / "other.toml"
        settings.write_text(OTHERS[key], encoding="utf-8")
        said = json.loads(Bench(tmp_path / "cache", served.hosts).run("run", settings, "--json", "--quiet").stdout)
        assert said["skipped"] == []
        return tmp_path / "other-review"

    def test_names_flares_floods_and_rain_of_others(self, served, tmp_path):
        folder = self.reviewed("natural-earth-admin1", served, tmp_path)
        cities = pd.read_csv(folder / "tables" / "urban_centres.csv").sort_values("people")
        assert cities["name_de"].tolist() == ["Esch an der Alzette", "Luxemburg"]
        assert cities["name_lb"].tolist()[-1] == "Lëtzebuerg"
        assert len(pd.read_csv(folder / "tables" / "districts.csv")) == 3
        values = pd.read_csv(folder / "tables" / "values.csv").dropna(subset="value")
        assert {"exposure", "climate", "lights"} <= set(values["measure"].str.partition(".")[0])
        used = {entry["dataset"] for entry in manifest(folder)["inputs"]}
        assert used == set(re.findall(r'dataset = "(.*)"', OTHERS["natural-earth-admin1"]))
        assert any("natural-earth-admin1: fetched from the mirror" in cause for cause in causes(folder))
        assert all(each.range or not each.sent_bytes for each in served.ranged.asked if "0_Mosaicked" in each.path)
        assert sum("AqueductFloods20" in each.path and not each.range for each in served.whole.asked) == 1
        assert [entry["name"] for entry in manifest(folder)["inputs"] if not entry["origins"]] == []

    @pytest.mark.slow
    @pytest.mark.parametrize("key", ["cod-ab", "world-bank-boundaries"])
    def test_districts_and_units_above_of_others(self, key, served, tmp_path):
        folder = self.reviewed(key, served, tmp_path)
        assert sorted(pd.read_csv(folder / "tables" / "districts.csv")["name"]) == ["Clervaux", "Esch", "Remich"]
        assert sorted(pd.read_csv(folder / "tables" / "adm1.csv")["name"]) == ["Gutland", "Oesling"]
        assert [entry["name"] for entry in manifest(folder)["inputs"] if not entry["origins"]] == []


def test_the_coverage_service_refuses_what_the_true_one_refuses(world):
    answer = world.answers[f"malariaatlas/{COVERAGE_PATH}"]
    words = parse_qs(urlsplit(dataset_of("friction-2020-motorised").address).query)
    good = words | {"subset": ["Long(5.500,6.700)", "Lat(49.300,50.300)"]}
    assert answer(good).startswith(b"II*")
    for other in (
        {"subset": ["Long(-5.500,6.700)", "Lat(49.300,50.300)"]},
        {"subset": ["Long(5.501,6.700)", "Lat(49.300,50.300)"]},
        {"coverageId": ["Accessibility__201501_Global_Travel_Speed_Friction_Surface"]},
        {"version": ["1.0.0"]},
    ):
        assert b"ExceptionReport" in answer(good | other)


class TestServersThatFail:
    def settings(self, tmp_path):
        path = tmp_path / "small.toml"
        path.write_text(SMALL, encoding="utf-8")
        return path

    def test_a_dead_host_gives_way_to_a_mirror_and_a_theme_without_one_is_skipped(self, served, tmp_path):
        hosts = f"{served.hosts},jrc={DEAD},jrc_old={served.ranged.address}/jrc,satpm={DEAD}"
        settings = self.settings(tmp_path)
        said = json.loads(Bench(tmp_path / "cache", hosts).run("run", settings, "--json", "--quiet").stdout)
        assert [(each["section"], "no connection" in each["reason"]) for each in said["skipped"]] == [("air", True)]
        told = causes(tmp_path / "small-review")
        assert any(cause.startswith("air: air quality skipped: Cannot fetch") for cause in told)
        assert any(cause.startswith("ghs-pop-r2023a: fetched from the mirror") for cause in told)
        people = next(entry for entry in manifest(tmp_path / "small-review")["inputs"] if entry["dataset"] == "ghs-pop-r2023a")
        assert people["origins"][0]["address"].startswith(served.ranged.address)
        shown = Bench(tmp_path / "cache", hosts).run("run", settings, "--quiet").stdout
        assert "air quality: skipped, Cannot fetch" in shown

    def test_without_boundaries_there_is_no_review_and_one_sentence_says_why(self, served, tmp_path):
        result = Bench(tmp_path / "cache", f"{served.hosts},geoboundaries={DEAD}").run(
            "run", self.settings(tmp_path), "--quiet", code=1
        )
        assert [line[:6] for line in result.stderr.splitlines() if line.startswith("Error")] == ["Error:"]
        assert all(words in result.stderr for words in ("[boundaries]", "geoboundaries", "no connection"))
        assert not (tmp_path / "small-review").exists()

    @pytest.mark.slow
    def test_a_run_that_is_killed_while_it_fetches_goes_on_and_ends_with_the_same_tables(self, journey, served, tmp_path):
        bench = Bench(journey.away(tmp_path).cache, f"{served.hosts}")
        tile = "GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0_R4_C19.zip"
        name = f"ghs-pop-r2023a/2020/{tile}"
        path = f"jrc/GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E2020_GLOBE_R2023A_54009_1000/V1-0/tiles/{tile}"
        for each in (bench.cache / "files" / name, bench.cache / "files" / f"{name}.json"):
            each.unlink()
        stalled = 100_000
        served.ranged.faults[path] = [Fault(stall_after=stalled, seconds=60)]
        words = [*MAIN, "run", str(journey.settings), "--quiet", "--output", str(tmp_path / "again")]
        process = subprocess.Popen(words, env=os.environ | bench.environment, stderr=subprocess.PIPE)
        part = bench.cache / "files" / f"{name}.part"
        deadline = time.monotonic() + 60
        while not (part.is_file() and part.stat().st_size > stalled - BLOCK_BYTES) and time.monotonic() < deadline:
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert not (bench.cache / "files" / name).exists()
        held = part.stat().st_size
        assert stalled - BLOCK_BYTES < held <= stalled  # what came of the last block may not be on the disk
        bench.run("run", journey.settings, "--quiet", "--output", tmp_path / "again")
        asked = [each for each in served.ranged.asked if each.path == path]
        assert asked[-1].range == f"bytes={held}-"
        assert tables(tmp_path / "again") == tables(journey.folder)
        assert not list(bench.cache.rglob("*.part*"))
