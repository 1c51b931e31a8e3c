"""WorldPop: a country's own file or its part of the world, under a name for each year."""

from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine

from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.outlines import outline_of
from urbanreview.sources.providers import provider_of, worldpop
from urbanreview.sources.remote import Place

KAZAKHSTAN = Place("KAZ", outline_of("KAZ"), 50.0)


class Hosts:
    """Servers that nobody asks."""

    @staticmethod
    def hosts(template: str) -> str:
        return template.replace("{worldpop}", "http://worldpop.test")


def wanted(key: str, *periods: str, place: Place = KAZAKHSTAN):
    return worldpop.wanted(dataset_of(key), place, periods, web=Hosts())


@pytest.fixture
def write_fetched(tmp_path):
    """Write what was fetched: a GeoTIFF of 30 arc-seconds, float32, nodata -99999."""

    def write(name: str, west: float = 66.0) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.arange(48, dtype="float32").reshape(6, 8)
        values[0, 0] = -99999
        place = {"transform": Affine(1 / 120, 0, west, 0, -1 / 120, 48.0), "crs": "EPSG:4326", "nodata": -99999}
        with rasterio.open(path, "w", driver="GTiff", count=1, height=6, width=8, dtype="float32", **place) as file:
            file.write(values, 1)
        return path

    return write


@pytest.mark.parametrize(
    ("key", "folder", "file"),
    [
        ("worldpop-2000-2020-country", "Global_2000_2020_1km/2020/KAZ", "kaz_ppp_2020_1km_Aggregated.tif"),
        ("worldpop-2000-2020-country-unadj", "Global_2000_2020_1km_UNadj/2020/KAZ", "kaz_ppp_2020_1km_Aggregated_UNadj.tif"),
        ("worldpop-r2025a", "Global_2015_2030/R2025A/2020/KAZ/v1/1km_ua/constrained", "kaz_pop_2020_CN_1km_R2025A_UA_v1.tif"),
    ],
)
def test_files_of_a_country_are_fetched_whole(key, folder, file):
    (found,) = wanted(key, "2020").remotes
    base = "GIS/Population"
    assert found.addresses == (f"http://worldpop.test/{base}/{folder}/{file}",)
    assert found.name == f"{key}/2020/{file}"
    assert (found.form, found.period, found.window, found.size_bytes) == ("tiff", "2020", None, dataset_of(key).size_bytes)


@pytest.mark.parametrize(
    ("key", "folder", "file"),
    [
        ("worldpop-2000-2020", "Global_2000_2020/2020/0_Mosaicked", "ppp_2020_1km_Aggregated.tif"),
        (
            "worldpop-r2025a-mosaic",
            "Global_2015_2030/R2025A/2020/0_Mosaicked/v1/1km_ua/constrained",
            "global_pop_2020_CN_1km_R2025A_UA_v1.tif",
        ),
    ],
)
def test_of_the_world_a_window_is_fetched(key, folder, file):
    (found,) = wanted(key, "2020").remotes
    assert found.addresses == (f"http://worldpop.test/GIS/Population/{folder}/{file}",)
    assert found.window == KAZAKHSTAN.bounds
    assert found.name.startswith(f"{key}/2020/")
    assert found.name.endswith(f"/{file}")
    assert found.size_bytes < dataset_of(key).size_bytes / 10


def test_windows_of_one_file_are_kept_apart():
    wide = Place("KAZ", KAZAKHSTAN.outline, 100.0)
    (one,), (other,) = (wanted("worldpop-2000-2020", "2020", place=place).remotes for place in (KAZAKHSTAN, wide))
    assert one.addresses == other.addresses
    assert one.name != other.name


def test_a_window_is_never_said_to_be_larger_than_the_file():
    world = Place("KAZ", KAZAKHSTAN.outline, 9_000.0)
    (found,) = wanted("worldpop-2000-2020", "2020", place=world).remotes
    assert found.size_bytes == dataset_of("worldpop-2000-2020").size_bytes


def test_years_that_there_are_not_are_left_out_and_projections_are_said():
    found = wanted("worldpop-r2025a", "2030", "2014", "2020")
    assert [remote.period for remote in found.remotes] == ["2020", "2030"]
    assert found.ledger.frame()["cause"].tolist() == ["has no 2014: left out", "2030 is a projection"]
    assert wanted("worldpop-2000-2020", "2021").remotes == ()


@pytest.mark.parametrize("key", ["worldpop-r2025a", "worldpop-2000-2020"])
def test_what_is_made_is_what_was_fetched(write_fetched, tmp_path, key):
    files = {remote.name: write_fetched(remote.name) for remote in wanted(key, "2016", "2020").remotes}
    ledger = worldpop.make(dataset_of(key), KAZAKHSTAN, ["2016", "2020"], files=files, folder=tmp_path / "made")
    assert ledger.entries == ()
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["2016.tif", "2020.tif"]
    for name, path in files.items():
        made = tmp_path / "made" / f"{name.split('/')[1]}.tif"
        assert made.read_bytes() == path.read_bytes()
        assert made.samefile(path)


def test_a_year_that_was_not_fetched_is_not_made(write_fetched, tmp_path):
    remotes = wanted("worldpop-r2025a", "2016", "2020").remotes
    files = {remotes[1].name: write_fetched(remotes[1].name)}
    worldpop.make(dataset_of("worldpop-r2025a"), KAZAKHSTAN, ["2016", "2020"], files=files, folder=tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["2020.tif"]


def test_a_file_that_was_fetched_anew_takes_the_name(write_fetched, tmp_path):
    dataset = dataset_of("worldpop-r2025a")
    (remote,) = wanted("worldpop-r2025a", "2020").remotes
    for west in (66.0, 67.0):
        new = write_fetched("new.tif", west)
        new.replace(tmp_path / "files" / "kept.tif")
        worldpop.make(
            dataset, KAZAKHSTAN, ["2020"], files={remote.name: tmp_path / "files" / "kept.tif"}, folder=tmp_path / "made"
        )
        with rasterio.open(tmp_path / "made" / "2020.tif") as made:
            assert made.bounds.left == west


def test_a_dataset_leads_to_its_provider():
    assert provider_of(dataset_of("worldpop-r2025a")) is worldpop
