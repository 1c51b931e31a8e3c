"""All inputs of a review in one file: packed here, run elsewhere, with the same tables."""

import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
from cli.conftest import COLS, GRIDS, ROWS, Toy, make_toy, people, write_raster
from click.testing import CliRunner, Result

from urbanreview.config import Settings, load_settings
from urbanreview.config.sections import model_of
from urbanreview.ledger import Ledger
from urbanreview.sources.cache import Record
from urbanreview.sources.datasets import local_settings, write_origins
from urbanreview.steps.bundle import FILE_SETTINGS, pack, unpack
from urbanreview.steps.fetching import Fetching

LAND, CITIES = "ghs-land-r2022a", "worldpop-2000-2020"
MORE = f"""
[land]
dataset = "{LAND}"

[population.worldpop]
dataset = "{CITIES}"
years = [2020]

[air]
path = "{{base}}/air/{{{{year}}}}/pm25_{{{{year}}}}.tif"
years = [2019, 2020]

[naming]
names = "names.csv"

[official.census]
path = "data/census.csv"
people = "Total"
code = "code"
correspondence = "data/folded.csv"

[city_list]
path = "data/cities.csv"
code = "code"
name = "name"
longitude = "lon"
latitude = "lat"
"""
PACKED = [
    "bundle.json",
    f"cache/made/{LAND}/TOY-3km/land.tif",
    f"cache/made/{LAND}/TOY-3km/land.tif.origins.json",
    f"cache/made/{CITIES}/TOY-3km/2020.tif",
    f"cache/made/{CITIES}/TOY-3km/2020.tif.origins.json",
    *(f"inputs/1/districts.{suffix}" for suffix in ("cpg", "dbf", "prj", "shp", "shx")),
    *(f"inputs/1/{name}" for name in ("built.zip", "cities.csv", "census.csv", "folded.csv")),
    *(f"inputs/1/{kind}_{year}.tif" for kind, years in (("people", (2010, 2020)), ("lights", (2019, 2020))) for year in years),
    *(f"inputs/2/{year}/pm25_{year}.tif" for year in (2019, 2020)),
    "inputs/3/names.csv",
    "settings.toml",
]
"""One folder of inputs for data/, one for air/ before its years, one for the folder of the settings."""


EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)


def results(folder: Path) -> dict[str, bytes]:
    """Every file that is promised to be the same, byte for byte."""
    paths = [path for part in ("tables", "rasters") for path in (folder / part).rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def put_made(key: str, period: str, cells: np.ndarray, **how: object) -> Path:
    """Write a file of the toy country as if it had been made of a dataset."""
    file = Path(str(local_settings(key, "TOY", 3)["path"]).replace("{year}", period))
    file.parent.mkdir(parents=True, exist_ok=True)
    write_raster(file, cells, GRIDS["metres"], **how)
    write_origins(file, [Record("https://example.org/tile.zip", "2026-11-01T00:00:00+00:00", 9, "0" * 64)], EVERYWHERE)
    return file


def make_full_toy(folder: Path) -> Path:
    """Write the toy country with inputs of every sort: a shapefile, an archive, tables, years as folders, two datasets."""
    settings = make_toy(folder, GRIDS["metres"])
    toy, data = Toy(settings), folder / "data"
    toy.add(MORE.format(base=folder))
    toy.say("districts.gpkg", "districts.shp")
    toy.districts().to_file(data / "districts.shp", encoding="utf-8")
    (data / "districts.gpkg").unlink()
    toy.say("data/built_{year}.tif", "data/built.zip!inner/built_{year}.tif")
    with zipfile.ZipFile(data / "built.zip", "w") as archive:
        archive.write(data / "built_2020.tif", "inner/built_2020.tif")
    (data / "built_2020.tif").unlink()
    for year in (2019, 2020):
        (folder / "air" / str(year)).mkdir(parents=True)
        cells = np.full((ROWS, COLS), year - 2000.0)
        write_raster(folder / "air" / str(year) / f"pm25_{year}.tif", cells, GRIDS["metres"], dtype="float32", nodata=-1)
    (folder / "names.csv").write_text("zone_id,name\nTOY-URBAN-CENTRE-0001,Firsttown\n")
    (data / "census.csv").write_text("code,Total\nold,130000\nse,120000\n")
    (data / "folded.csv").write_text("official,unit,share\nold,w,0.9\nold,ne,0.1\nse,se,1\n")
    centre = toy.districts().to_crs(4326).geometry.representative_point().iloc[0]
    (data / "cities.csv").write_text(f"code,name,lon,lat\n01,Listed,{centre.x},{centre.y}\n")
    put_made(LAND, "", np.full((ROWS, COLS), 1e6), dtype="uint32", nodata=4294967295)
    put_made(CITIES, "2020", people() * 1.1, dtype="float32", nodata=-99999)
    toy.say('folder = "toy-review"', 'folder = "toy-review"\nreport = false')
    return settings


@dataclass(frozen=True)
class Moved:
    """A bundle on another machine, what it was made of gone, and the review that was made of it here and there."""

    there: dict[str, bytes]
    again: bytes
    bundle: Path
    packing: Result
    running: Result

    @property
    def folder(self) -> Path:
        """Where the bundle was laid out."""
        return self.bundle.with_suffix("")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Moved]:
    from urbanreview.cli import main

    home, cache, away = (tmp_path_factory.mktemp(name) for name in ("home", "cache", "away"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("URBANREVIEW_CACHE", str(cache))
        settings = make_full_toy(home)
        first = CliRunner().invoke(main, ["run", str(settings), "--quiet"])
        assert first.exit_code == 0, first.output
        there = results(home / "toy-review")
        packing = CliRunner().invoke(main, ["bundle", str(settings)])
        assert packing.exit_code == 0, packing.output
        bundle = shutil.copy(home / "toy-bundle.zip", away / "usb.zip")
        os.utime(home / "data" / "cities.csv", (1, 1))
        again = CliRunner().invoke(main, ["bundle", str(settings), "--output", str(home / "again.zip"), "--quiet"])
        assert again.exit_code == 0, again.output
        twice = (home / "again.zip").read_bytes()
        shutil.rmtree(home)
        shutil.rmtree(cache)
        running = CliRunner().invoke(main, ["run", "--bundle", str(bundle)])
        yield Moved(there, twice, Path(bundle), packing, running)
        assert not cache.exists()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the test's own."""
    monkeypatch.setenv("URBANREVIEW_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def settings_file(settings_file: Path) -> Path:
    """The toy country without the drawn report, which takes seconds."""
    Toy(settings_file).draw_nothing()
    return settings_file


@pytest.fixture
def bundle(invoke: Callable[..., Result], settings_file: Path, cache: Path) -> Path:
    """A bundle of the plain toy country, in a folder of its own."""
    target = settings_file.parent / "away" / "toy-bundle.zip"
    result = invoke("bundle", settings_file, "--output", target, "--quiet")
    assert result.exit_code == 0, result.output
    return target


def changed(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write a bundle anew with other members."""
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(bundle, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return bundle


class TestAwayFromHome:
    def test_tables_and_rasters_are_the_same_byte_for_byte(self, moved):
        assert moved.running.exit_code == 0, moved.running.output
        here = results(moved.folder / "toy-review")
        assert len(here) > 10
        assert here == moved.there

    def test_it_holds_every_input_and_nothing_else(self, moved):
        with zipfile.ZipFile(moved.bundle) as archive:
            names = archive.namelist()
            assert all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
        assert sorted(names) == sorted(PACKED)

    def test_it_lists_size_hash_and_who_asked(self, moved):
        with zipfile.ZipFile(moved.bundle) as archive:
            manifest = json.loads(archive.read("bundle.json"))
            listed = {file["name"]: file for file in manifest["files"]}
            for name, file in listed.items():
                assert archive.getinfo(name).file_size == file["size_bytes"]
        assert listed["inputs/1/districts.dbf"]["asked_by"] == ["boundaries.path"]
        assert listed["inputs/1/folded.csv"]["asked_by"] == ["official.census.correspondence"]
        assert listed[f"cache/made/{LAND}/TOY-3km/land.tif"]["asked_by"] == ["land.path"]

    def test_the_same_inputs_make_the_same_bundle(self, moved):
        assert moved.bundle.read_bytes() == moved.again

    def test_it_says_where_it_is_and_how_large(self, moved):
        assert moved.packing.stdout.endswith("toy-bundle.zip\n")
        assert f"{len(PACKED) - 1} files, " in moved.packing.stderr

    def test_origins_and_licences_travel(self, moved):
        inputs = json.loads((moved.folder / "toy-review" / "run.json").read_text(encoding="utf-8"))["inputs"]
        land = next(each for each in inputs if each["name"].startswith("land"))
        assert land["path"] == f"cache/made/{LAND}/TOY-3km/land.tif"
        assert land["dataset"] == LAND
        assert land["origins"][0]["address"] == "https://example.org/tile.zip"
        assert "European Commission" in land["citation"]

    def test_a_second_run_finds_everything_there(self, moved, invoke):
        before = {path: path.stat().st_mtime_ns for path in moved.folder.glob("inputs/**/*")}
        result = invoke("run", "--bundle", moved.bundle, "--quiet")
        assert result.exit_code == 0
        assert "0 of " in result.stdout
        assert {path: path.stat().st_mtime_ns for path in moved.folder.glob("inputs/**/*")} == before

    def test_the_unpacked_settings_are_settings_like_any(self, moved, invoke):
        assert invoke("check", moved.folder / "settings.toml").exit_code == 0


class TestPacking:
    def test_an_input_that_is_not_there(self, fails, settings_file, cache):
        (settings_file.parent / "data" / "people_2010.tif").unlink()
        assert "people_2010.tif" in fails("bundle", settings_file)
        assert list(settings_file.parent.glob("*.zip*")) == []

    def test_a_theme_without_a_file_is_told_and_left_to_the_run(self, invoke, settings_file, cache):
        Toy(settings_file).say("years = [2010, 2020]", "years = [2020]")
        (settings_file.parent / "data" / "lights_2019.tif").unlink()
        packed = invoke("bundle", settings_file)
        assert "night lights 2019: skipped" in packed.stderr
        ran = invoke("run", "--bundle", settings_file.parent / "toy-bundle.zip", "--quiet")
        assert ran.exit_code == 0
        assert "night lights 2019: skipped" in ran.stdout

    @pytest.mark.parametrize(
        "address",
        ["https://example.org/people_{year}.tif", "zip://https://example.org/a.zip!b.tif", "/vsicurl/https://x/y.tif"],
    )
    def test_what_is_read_from_a_server_is_refused_before_anything_is_fetched(self, parts, fails, cache, address):
        parts.say("data/people_{year}.tif", address)
        parts.add(f'[land]\ndataset = "{LAND}"\n')
        said = fails("bundle", parts.settings, code=2)
        assert f"population.ghs.path = '{address}' is no file of this machine" in said
        assert not cache.exists()

    def test_so_is_whoever_asks_a_server_for_names_and_all_is_told_at_once(self, parts, fails, cache):
        parts.say("data/people_{year}.tif", "data/{year}.vrt")
        parts.say("data/built_{year}.tif", "data/{year}/../built_2020.tif")
        parts.add('[naming.nominatim]\nuser_agent = "me@example.org"\n')
        said = fails("bundle", parts.settings, code=2)
        for words in ("[naming.nominatim] asks a server", "'data/{year}.vrt' refers to other files", "has '..' after"):
            assert words in said

    def test_offline_tells_what_is_lacking(self, parts, fails, cache):
        parts.add(f'[land]\ndataset = "{LAND}"\n')
        assert LAND in fails("bundle", parts.settings, "--offline")
        assert list(parts.settings.parent.glob("*.zip*")) == []

    def test_a_bundle_that_is_there_stays_unless_forced(self, invoke, fails, settings_file, cache):
        target = settings_file.parent / "toy-bundle.zip"
        target.write_text("mine")
        assert "it is there already; --force replaces it" in fails("bundle", settings_file)
        assert target.read_text() == "mine"
        assert invoke("bundle", settings_file, "--force").exit_code == 0
        assert zipfile.is_zipfile(target)

    def test_an_input_is_never_replaced(self, fails, settings_file, cache):
        target = settings_file.parent / "data" / "districts.gpkg"
        before = target.read_bytes()
        assert "it is an input" in fails("bundle", settings_file, "--output", target, "--force")
        assert target.read_bytes() == before

    def test_a_place_that_cannot_be_written(self, fails, settings_file, cache):
        assert "Cannot write to" in fails("bundle", settings_file, "--output", settings_file / "x.zip")

    def test_a_full_disk_leaves_nothing(self, monkeypatch, fails, settings_file, cache):
        def full(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("urbanreview.steps.bundle._copied", full)
        assert "No space left on device" in fails("bundle", settings_file)
        assert list(settings_file.parent.glob("*.zip*")) == []

    def test_links_and_relative_ways_are_packed_as_the_settings_call_them(self, parts, invoke, cache, tmp_path):
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        shutil.move(parts.data / "people_2010.tif", elsewhere / "a.bin")
        (parts.data / "people_2010.tif").symlink_to(elsewhere / "a.bin")
        parts.say("data/built", "data/../data/built")
        invoke("bundle", parts.settings)
        with zipfile.ZipFile(parts.settings.parent / "toy-bundle.zip") as archive:
            assert {"inputs/1/people_2010.tif", "inputs/1/built_2020.tif"} <= set(archive.namelist())

    def test_what_became_of_the_datasets_is_said_by_the_run_from_the_bundle(self, parts, invoke, cache):
        parts.say('path = "data/lights_{year}.tif"', 'dataset = "light-every-night"')
        parts.say("years = [2010, 2020]", "years = [2020]")
        ledger = Ledger().add("lights", "an older one stands in", "file", 1)
        brought = Fetching(ledger, {"lights": "the bucket is closed"})
        files = ["data/districts.gpkg", "data/people_2020.tif", "data/built_2020.tif"]
        target = parts.settings.parent / "toy-bundle.zip"
        pack(parts.settings, target, files=files, brought=brought)
        assert unpack(target, parts.settings.parent / "x").brought == brought
        ran = invoke("run", "--bundle", target, "--quiet")
        assert ran.exit_code == 0
        assert "skipped, the bucket is closed" in ran.stdout

    def test_every_setting_that_names_a_file_is_known(self):
        def walk(model, before=""):
            for key, field in model.model_fields.items():
                inner = model_of(field.annotation)
                if inner is not None:
                    yield from walk(inner, key)
                elif "data/" in str(field.examples) or ".csv" in str(field.examples):
                    yield f"{before}.{key}", key

        found = dict(walk(Settings))
        assert {"boundaries.path", "naming.names", "access.points", "exposure.also"} <= set(found)
        assert {key for setting, key in found.items() if setting != "access.points"} == FILE_SETTINGS


class TestUnpacking:
    def test_the_review_goes_where_it_shall(self, moved, invoke, tmp_path):
        """Its steps are at hand from the run beside the bundle."""
        bundle = Path(shutil.copy(moved.bundle, tmp_path / "usb.zip"))
        shutil.copytree(moved.folder / "toy-review" / ".store", tmp_path / "mine" / ".store")
        result = invoke("run", "--bundle", bundle, "--output", tmp_path / "mine", "--quiet")
        assert result.exit_code == 0, result.output
        assert (tmp_path / "mine" / "run.json").is_file()
        assert not (bundle.with_suffix("") / "toy-review").exists()

    @pytest.mark.parametrize("part", [0.001, 0.5, 0.9])
    def test_a_flipped_byte(self, bundle, fails, part):
        content = bytearray(bundle.read_bytes())
        with zipfile.ZipFile(bundle) as archive:
            last = archive.infolist()[-1].header_offset
        content[int(part * last) + 50] ^= 0xFF
        bundle.write_bytes(content)
        assert f"{bundle} is not what it should be" in fails("run", "--bundle", bundle)
        assert not bundle.with_suffix("").exists()

    def test_one_cut_short(self, bundle, fails):
        bundle.write_bytes(bundle.read_bytes()[:-100])
        assert "a damaged archive" in fails("run", "--bundle", bundle)

    def test_a_file_that_is_another_one(self, bundle, fails):
        changed(bundle, lambda members: members.update({"inputs/1/people_2020.tif": b"x"}))
        assert "other bytes in inputs/1/people_2020.tif than were packed" in fails("run", "--bundle", bundle)
        assert not (bundle.with_suffix("") / "inputs/1/people_2020.tif").exists()

    @pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "inputs/../../evil.txt"])
    def test_a_name_that_leads_out(self, bundle, fails, name):
        changed(bundle, lambda members: members.update({name: b"x"}))
        assert "leads out of its folder" in fails("run", "--bundle", bundle)
        assert [path.name for path in bundle.parent.iterdir()] == ["toy-bundle.zip"]

    def test_a_file_that_is_not_listed(self, bundle, fails):
        changed(bundle, lambda members: members.update({"more.txt": b"x"}))
        assert "other files than its bundle.json lists" in fails("run", "--bundle", bundle)

    @pytest.mark.parametrize("text", [b"{", b"[]", b'{"format": 1, "files": [{"name": "x"}]}'])
    def test_a_list_that_cannot_be_read(self, bundle, fails, text):
        changed(bundle, lambda members: members.update({"bundle.json": text}))
        assert "without a bundle.json that can be read" in fails("run", "--bundle", bundle)

    def test_an_archive_of_something_else(self, bundle, fails):
        changed(bundle, lambda members: members.pop("bundle.json"))
        assert "without a bundle.json that can be read" in fails("run", "--bundle", bundle)

    def test_one_of_another_format(self, bundle, fails):
        def later(members: dict[str, bytes]) -> None:
            members["bundle.json"] = members["bundle.json"].replace(b'"format": 1', b'"format": 2')

        assert "a bundle of format 2, expected one of format 1" in fails("run", "--bundle", changed(bundle, later))

    def test_none_at_all(self, fails, tmp_path):
        assert "absent.zip" in fails("run", "--bundle", tmp_path / "absent.zip")

    def test_a_folder_of_the_users_own_is_left_alone(self, bundle, fails, tree):
        folder = bundle.with_suffix("")
        folder.mkdir()
        (folder / "mine.txt").write_text("mine")
        assert "no bundle.json says that a bundle is in it" in fails("run", "--bundle", bundle)
        assert list(tree(folder)) == ["mine.txt"]

    def test_what_was_changed_since_is_mended_and_what_is_no_longer_in_it_goes(self, bundle):
        folder = bundle.with_suffix("")
        unpack(bundle, folder)
        (folder / "mine.txt").write_text("mine")
        (folder / "inputs/1/people_2020.tif").write_bytes(b"x")
        kept = (folder / "inputs/1/people_2010.tif").stat().st_mtime_ns

        def without(members: dict[str, bytes]) -> None:
            members.pop("inputs/1/lights_2019.tif")
            manifest = json.loads(members["bundle.json"])
            manifest["files"] = [file for file in manifest["files"] if "lights_2019" not in file["name"]]
            members["bundle.json"] = json.dumps(manifest).encode()

        unpack(changed(bundle, without), folder)
        with zipfile.ZipFile(bundle) as archive:
            assert (folder / "inputs/1/people_2020.tif").read_bytes() == archive.read("inputs/1/people_2020.tif")
        assert not (folder / "inputs/1/lights_2019.tif").exists()
        assert (folder / "mine.txt").exists()
        assert (folder / "inputs/1/people_2010.tif").stat().st_mtime_ns == kept

    def test_an_unpacking_that_was_stopped_goes_on(self, bundle, monkeypatch):
        folder = bundle.with_suffix("")

        def stop(_what: str, done: int, total: int) -> None:
            if done > total / 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            unpack(bundle, folder, progress=stop)
        settings = load_settings(unpack(bundle, folder).settings)
        assert settings.population["ghs"].path == "inputs/1/people_{year}.tif"
        assert gpd.read_file(folder / settings.boundaries.path)["code"].tolist() == ["w", "ne", "se"]
        assert not list(folder.rglob("*.part"))

    @pytest.mark.parametrize("words", [("run",), ("run", "a.toml", "--bundle", "b.zip")])
    def test_settings_or_a_bundle_and_not_both(self, fails, words):
        assert "give either SETTINGS or --bundle FILE" in fails(*words, code=2)
