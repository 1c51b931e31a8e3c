"""What would be fetched for Kazakhstan: exactly the tiles and windows that it touches, and the months that the bucket lists."""

import json
import re
from contextlib import ExitStack

import pytest
from fetching.conftest import DEAD, Bench, bucket_server, without_proxy
from fetching.world import flood_index_json, light_key
from servers import serving

from urbanreview.sources.catalogue import dataset_of

MONTHS = [f"{year}-{month:02}" for year in range(2018, 2025) for month in range(1, 13)]
RENAMED, DOUBLE, GAP = "2024-10", "2019-03", "2021-06"
GHSL = {f"R{row}_C{column}" for row, columns in ((3, range(22, 26)), (4, range(22, 26)), (5, (23, 24))) for column in columns}
FLOOD = {f"{north}_E{east}" for north in ("N60", "N50") for east in range(40, 90, 10)}


def listed() -> dict[str, bytes]:
    """Return the objects of the bucket: every month once, but for one that is there twice and one that is not."""
    stems = [light_key(month, "ecmslcfg" if month == RENAMED else "ecm-slcorr") for month in MONTHS if month != GAP]
    stems.append(light_key(DOUBLE, series="rp2"))
    return {f"{stem}{ending}": b"x" * 400 for stem in stems for ending in (".avg_rade9.tif", ".n_cf.tif")}


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """Servers that hold no file: an index of flood tiles and a bucket."""
    folder = tmp_path_factory.mktemp("kazakhstan")
    with ExitStack() as stack:
        stack.enter_context(without_proxy())
        server = stack.enter_context(serving(folder / "served"))
        index = dataset_of("jrc-flood-v2.1.2").index.replace("{jrc}", "jrc")
        server.answers[index] = lambda _query: flood_index_json()
        buckets = stack.enter_context(bucket_server({"globalnightlight": listed()}))
        exceptions = f"jrc={server.address}/jrc,globalnightlight={buckets['globalnightlight']}"
        yield Bench(folder / "cache", f"{DEAD}/{{host}},{exceptions}")


@pytest.fixture(scope="module")
def settings(bench, tmp_path_factory):
    folder = tmp_path_factory.mktemp("settings")
    bench.run("init", "KAZ", "--folder", folder)
    return folder / "kaz.toml"


@pytest.fixture(scope="module")
def planned(bench, settings):
    """What `plan --json` says."""
    found = json.loads(bench.run("plan", settings, "--json").stdout)
    assert not bench.cache.exists()
    assert [path.name for path in settings.parent.iterdir()] == ["kaz.toml"]
    return found


@pytest.fixture(scope="module")
def names(planned):
    """Names of files by section."""
    found = {}
    for file in planned["files"]:
        found.setdefault(file["section"], []).append(file["name"])
    return found


def test_nothing_is_left_out_and_the_gap_is_missing(planned):
    assert (planned["left_out"], planned["missing"]) == ([], [f"lights {GAP}"])
    assert all(file["size_bytes"] is not None for file in planned["files"])


@pytest.mark.parametrize(
    ("section", "epochs"),
    [("population.ghs", {2000, 2010, 2020}), ("land", {2018}), ("built_up", {1990, 2000, 2010, 2020})],
)
def test_ten_tiles_of_a_thousand_kilometres_per_epoch(names, section, epochs):
    found = {}
    for name in names[section]:
        year, tile = re.fullmatch(r"[\w.-]+/(\d{4})/GHS_\w+_V1_0_(R\d+_C\d+)\.zip", name).groups()
        found.setdefault(int(year), []).append(tile)
    assert set(found) == epochs
    assert all(len(tiles) == 10 and set(tiles) == GHSL for tiles in found.values())


def test_ten_tiles_of_floods_per_return_period_and_of_water(names):
    found = {}
    for name in names["exposure.flood"]:
        if tile := re.search(r"/ID\d+_(\w\d+_\w\d+)_(RP\d+_depth|permanent_water)\.tif$", name):
            found.setdefault(tile[2], []).append(tile[1])
    assert set(found) == {*(f"RP{period}_depth" for period in (10, 20, 50, 100, 200, 500)), "permanent_water"}
    assert all(len(tiles) == 10 and set(tiles) == FLOOD for tiles in found.values())
    assert len(names["exposure.flood"]) == 71


def test_five_by_two_windows_of_friction(names):
    windows = [tuple(map(float, name.rpartition("/")[2].removesuffix(".tif").split("_"))) for name in names["access"]]
    assert len(windows) == 10
    assert (len({window[0] for window in windows}), len({window[1] for window in windows})) == (5, 2)
    assert all(east - west <= 10 and north - south <= 10 for west, south, east, north in windows)


def test_light_and_nights_of_the_months_that_the_bucket_lists(names):
    found = {}
    for name in names["lights"]:
        found.setdefault(name.split("/")[1], []).append(name)
    assert sorted(found) == [month for month in MONTHS if month != GAP]
    for month, files in found.items():
        assert len(files) == 2, month
        assert [file.endswith(ending) for file, ending in zip(files, (".avg_rade9.tif", ".n_cf.tif"), strict=True)] == [
            True
        ] * 2
    assert all("_global_ecmslcfg_" in file for file in found[RENAMED])
    assert all(file.split("_v10_")[1].startswith("ops.") for file in found[DOUBLE])


def test_the_renamed_month_the_double_and_the_gap_are_told(planned):
    file = light_key(DOUBLE).rpartition("/")[2]
    assert [note for note in planned["notes"] if note.startswith("light-every-night")] == [
        f"light-every-night: {DOUBLE} is there more than once: {file}.avg_rade9.tif is taken",
        f"light-every-night: {GAP} is not in the bucket",
        f"light-every-night: {RENAMED} has another name: ecmslcfg",
    ]


def test_boundaries_are_the_newest_division(names):
    assert names["boundaries"] == ["cod-ab-kaz/KAZ/kaz_adm_unhcr_2023_shp.zip"]
