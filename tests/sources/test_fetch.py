"""Fetching when all is well: once, whole, in turns, from the cache, and of large rasters a window only."""

import json
from datetime import UTC, datetime, timedelta

import boto3
import numpy as np
import pytest
import rasterio
from botocore import UNSIGNED
from botocore.config import Config
from moto.server import ThreadedMotoServer
from servers import Fault, serving

from urbanreview.errors import BadSetting, CannotFetch, NotInCache, UnsafeName
from urbanreview.sources.cache import Cache, Record, default_folder
from urbanreview.sources.fetch import Fetcher
from urbanreview.sources.remote import Remote
from urbanreview.sources.web import LiveWeb, hosts_in_force, probe

WINDOW = (66.93, 45.61, 67.88, 46.52)
"""In the middle of the raster below, on no edge of a cell."""
CELLS = (slice(14, 24), slice(9, 19))
"""Rows and columns of tenths of a degree that it touches."""


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def fetcher(cache) -> Fetcher:
    return Fetcher(cache, timeout_seconds=2, retries=2, backoff_seconds=0.01)


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path / "served") as started:
        yield started


@pytest.fixture
def plain(tmp_path):
    """A server that gives no parts of files, of the same folder."""
    with serving(tmp_path / "served", ranges=False) as started:
        yield started


def text(server, name: str, *, period: str = "", mirror: str = "") -> Remote:
    """Put a small text on a server and say where it is."""
    address = server.put(name.replace("/", "-"), f"text of {name}".encode())
    return Remote((address, mirror) if mirror else (address,), name, "text", period=period)


# Once, and from the cache


def test_a_file_is_fetched_once_with_its_record(fetcher, cache, server):
    remote = text(server, "toy/a.txt", period="2020")
    first = fetcher.fetch([remote, remote])
    (outcome,) = first.outcomes
    assert outcome.how == "fetched"
    assert first.files == {"toy/a.txt": cache.folder / "files/toy/a.txt"}
    assert outcome.path.read_text() == "text of toy/a.txt"
    record = cache.record("toy/a.txt")
    assert record == outcome.record
    assert (record.address, record.period, record.size_bytes) == (remote.addresses[0], "2020", 17)
    assert record.etag == f'"{record.sha256[:16]}"'
    assert record.last_modified == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert datetime.now(UTC) - datetime.fromisoformat(record.fetched) < timedelta(minutes=1)
    again = fetcher.fetch([remote])
    assert again.outcomes[0].how == "cached"
    assert again.outcomes[0].record == record
    assert len(server.asked) == 1
    assert first.ledger.entries == again.ledger.entries == ()


def test_results_come_in_the_order_they_were_asked_for(fetcher, server):
    remotes = [text(server, f"toy/{number}.txt") for number in (3, 1, 2)]
    server.faults["toy-3.txt"] = [Fault(seconds=0.2)]
    assert list(fetcher.fetch(remotes).files) == ["toy/3.txt", "toy/1.txt", "toy/2.txt"]


def test_one_that_fails_keeps_none_from_coming(fetcher, server):
    gone = Remote((server.url("gone.txt"),), "toy/gone.txt", "text")
    result = fetcher.fetch([gone, text(server, "toy/a.txt")])
    assert [outcome.how for outcome in result.outcomes] == ["failed", "fetched"]
    assert [outcome.remote.name for outcome in result.failed] == ["toy/gone.txt"]
    assert list(result.files) == ["toy/a.txt"]
    (entry,) = result.ledger.entries
    assert entry.cause.startswith("not fetched: toy/gone.txt: ")
    assert "404" in entry.cause


def test_a_host_is_asked_for_two_files_at_once_at_most(cache, server):
    remotes = [text(server, f"toy/{number}.txt") for number in range(8)]
    server.always = {remote.addresses[0].rpartition("/")[2]: Fault(seconds=0.05) for remote in remotes}
    Fetcher(cache, workers=8).fetch(remotes)
    assert server.most_together == 2


def test_a_busy_host_keeps_no_worker_from_another_one(cache, server, plain):
    slow = [text(server, f"slow/{number}.txt") for number in range(6)]
    server.always = {remote.addresses[0].rpartition("/")[2]: Fault(seconds=0.1) for remote in slow}
    Fetcher(cache, workers=4).fetch([*slow, text(plain, "quick/a.txt")])
    assert len(server.asked) == 6
    placed = {name: (cache.folder / "files" / name).stat().st_mtime_ns for name in ("quick/a.txt", "slow/5.txt")}
    assert placed["quick/a.txt"] < placed["slow/5.txt"]


def test_progress_ends_at_the_size_of_the_file(fetcher, server):
    said = []
    address = server.put("long.txt", b"x" * 500_000)
    server.always["long.txt"] = Fault(seconds=0.01)
    fetcher.fetch([Remote((address,), "toy/long.txt", "text")], lambda *words: said.append(words))
    assert said[-1] == ("toy/long.txt", 500_000, 500_000)
    done = [done for _, done, _ in said]
    assert len(done) > 2
    assert done == sorted(set(done))
    assert {total for _, _, total in said} == {500_000}


def test_progress_has_no_total_until_it_is_known(fetcher, server):
    said = []
    address = server.put("long.txt", b"x" * 100_000)
    server.always["long.txt"] = Fault(headers={"Content-Length": None}, seconds=0.05)
    fetcher.fetch([Remote((address,), "toy/long.txt", "text", size_bytes=7)], lambda *words: said.append(words))
    assert said[-1] == ("toy/long.txt", 100_000, 100_000)
    assert {total for _, _, total in said[:-1]} == {0}


def test_what_one_file_raises_stops_the_others(cache, server):
    slow = text(server, "toy/slow.txt")
    server.put("toy-slow.txt", b"x" * 1_000_000)
    server.always["toy-slow.txt"] = Fault(seconds=0.2)

    def progress(name, _done, _total):
        if name == "toy/quick.txt":
            raise KeyError("told to stop")

    with pytest.raises(KeyError, match="told to stop"):
        Fetcher(cache).fetch([slow, text(server, "toy/quick.txt")], progress)
    assert cache.record("toy/slow.txt") is None
    assert cache.part("toy/slow.txt").exists()


def test_offline_takes_what_is_there_and_lists_all_that_is_not(fetcher, cache, server):
    remotes = [text(server, f"toy/{name}.txt") for name in "abc"]
    fetcher.fetch(remotes[:1])
    offline = Fetcher(cache, offline=True)
    assert [outcome.how for outcome in offline.fetch(remotes[:1]).outcomes] == ["cached"]
    with pytest.raises(NotInCache, match=r"2 files are not in the cache .*: toy/b\.txt, toy/c\.txt\."):
        offline.fetch(remotes)
    assert len(server.asked) == 1


# The cache


@pytest.mark.parametrize(
    "name",
    ["", "/etc/a", "../a", "a/../../b", "a//b", "a/./b", "a\\..\\b", "c:/a", "a/b?c", "a\nb", "a/b.part", "a/b.part.json"],
)
def test_a_name_that_leads_out_of_the_cache_is_refused(cache, name):
    with pytest.raises(UnsafeName):
        cache.path(name)
    with pytest.raises(UnsafeName):
        Fetcher(cache).fetch([Remote((), name, "text")])


def test_the_folder_is_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("URBANREVIEW_CACHE", str(tmp_path / "mine"))
    assert default_folder() == tmp_path / "mine"
    monkeypatch.delenv("URBANREVIEW_CACHE")
    assert default_folder().name == "urbanreview"


@pytest.mark.parametrize("record", [None, "", "[]", "{}", '{"address": 1}'], ids=["none", "empty", "list", "bare", "partial"])
def test_a_file_without_a_sound_record_is_fetched_again(fetcher, cache, server, record):
    remote = text(server, "toy/a.txt")
    path = fetcher.fetch([remote]).files["toy/a.txt"]
    beside = path.with_name("a.txt.json")
    beside.unlink() if record is None else beside.write_text(record)
    assert fetcher.fetch([remote]).outcomes[0].how == "fetched"
    assert cache.record("toy/a.txt").sha256 == json.loads(beside.read_text())["sha256"]


def test_an_older_version_stands_in_and_the_ledger_says_so(fetcher, cache, server):
    old = text(server, "toy/v1/KAZ.txt", period="2020")
    kept = fetcher.fetch([old])
    new = Remote((server.url("gone.txt"),), "toy/v2/KAZ.txt", "text", period="2020")
    result = fetcher.fetch([new])
    (outcome,) = result.outcomes
    assert outcome.how == "older"
    assert result.files == {"toy/v2/KAZ.txt": kept.files["toy/v1/KAZ.txt"]}
    (entry,) = result.ledger.entries
    assert entry.cause.startswith(f"an older version of {outcome.record.day} stands in for toy/v2/KAZ.txt: ")


@pytest.mark.parametrize(
    ("name", "period", "window"),
    [
        ("toy/v2/UZB.txt", "2020", None),
        ("toy/v2/KAZ.txt", "2021", None),
        ("other/v2/KAZ.txt", "2020", None),
        ("toy/v2/KAZ.txt", "2020", (0.0, 0.0, 1.0, 1.0)),
    ],
    ids=["another tile", "another year", "another dataset", "another window"],
)
def test_what_is_no_version_of_the_same_never_stands_in(fetcher, cache, server, name, period, window):
    fetcher.fetch([text(server, "toy/v1/KAZ.txt", period="2020")])
    assert cache.older("toy/v2/KAZ.txt", period="2020") == "toy/v1/KAZ.txt"
    assert cache.older(name, period=period, window=window) is None


def test_of_several_older_versions_the_newest_is_taken(cache):
    for name, day in (("toy/v1/a", "2024-01-01"), ("toy/v3/a", "2022-01-01"), ("toy/v2/a", "2025-01-01")):
        part = cache.part(name)
        part.write_bytes(b"1")
        cache.place(name, part, Record("http://x", day, 1, "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"))
    assert cache.older("toy/v4/a") == "toy/v2/a"
    assert cache.older("toy/v2/a") == "toy/v1/a"


# Windows of large rasters


@pytest.fixture
def values() -> np.ndarray:
    """Two bands of noise that no turn maps onto themselves, 66 to 72 east and 48 to 44 north in tenths of a degree."""
    return np.random.default_rng(5).integers(0, 30_000, (2, 40, 60)).astype("int16")


@pytest.fixture
def raster(server, values):
    """Write a raster into the server's folder and say where a window of it goes."""

    def put(name: str = "large.tif", **how) -> str:
        server.folder.mkdir(exist_ok=True)
        grid = {"transform": rasterio.Affine(0.1, 0, 66, 0, -0.1, 48), "crs": "EPSG:4326", "nodata": -1}
        profile = grid | {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "none"} | how
        count, height, width = values.shape
        with rasterio.open(
            server.folder / name, "w", driver="GTiff", count=count, height=height, width=width, dtype="int16", **profile
        ) as file:
            file.write(values)
            file.scales, file.offsets = (0.5, 0.5), (10.0, 10.0)
            file.update_tags(source="made up")
            file.set_band_unit(1, "mm/month")
        return name

    return put


def window_of(address: str, bounds=WINDOW) -> Remote:
    return Remote((address,), "toy/2020/KAZ-large.tif", "tiff", window=bounds, period="2020")


def require_window(outcome, values: np.ndarray) -> None:
    assert outcome.how == "fetched", outcome.reason
    rows, cols = CELLS
    with rasterio.open(outcome.path) as file:
        assert file.transform.almost_equals(rasterio.Affine(0.1, 0, 66.9, 0, -0.1, 46.6))
        assert np.array_equal(file.read(), values[:, rows, cols])
        assert (file.nodata, file.crs.to_epsg(), file.scales, file.offsets) == (-1, 4326, (0.5, 0.5), (10.0, 10.0))
        assert file.tags()["source"] == "made up"
        assert file.units[0] == "mm/month"
    assert outcome.record.window == WINDOW


def test_the_window_touches_the_cells_that_a_pencil_finds():
    """From 66.93 to 67.88 east: columns 9 (66.9) to 18 (67.8); from 46.52 to 45.61 north: rows 14 (46.6) to 23 (45.7)."""
    assert (slice(14, 24), slice(9, 19)) == CELLS


def test_a_window_is_read_from_a_server_that_gives_parts(fetcher, cache, server, raster, values):
    (outcome,) = fetcher.fetch([window_of(server.url(raster()))]).outcomes
    require_window(outcome, values)
    assert all(asked.range for asked in server.asked if asked.sent_bytes)
    assert not list(cache.folder.rglob("whole"))
    assert fetcher.fetch([window_of(server.url("large.tif"))]).outcomes[0].how == "cached"


@pytest.fixture
def big(server) -> np.ndarray:
    """Put twelve MB of noise in blocks of 32 kB into the server's folder."""
    noise = np.random.default_rng(1).integers(0, 30_000, (2000, 3000)).astype("int16")
    server.folder.mkdir(exist_ok=True)
    grid = {"transform": rasterio.Affine(0.002, 0, 66, 0, -0.002, 48), "crs": "EPSG:4326", "tiled": True}
    blocks = {"blockxsize": 128, "blockysize": 128}
    with rasterio.open(
        server.folder / "big.tif", "w", driver="GTiff", count=1, height=2000, width=3000, dtype="int16", **grid, **blocks
    ) as file:
        file.write(noise, 1)
    return noise


BIG_WINDOW = (67.0, 46.0, 67.2, 46.2)


def test_of_a_large_raster_little_is_read(fetcher, server, big):
    (outcome,) = fetcher.fetch([window_of(server.url("big.tif"), BIG_WINDOW)]).outcomes
    with rasterio.open(outcome.path) as file:
        assert np.array_equal(file.read(1), big[900:1000, 500:600])
    assert 0 < sum(asked.sent_bytes for asked in server.asked) < big.nbytes / 5


def test_ranges_that_come_cut_short_are_an_error_and_no_zeros(cache, server, big):
    """The header of the raster comes whole, its blocks do not."""
    server.always["big.tif"] = Fault(cut_after=20_000)
    (outcome,) = (
        Fetcher(cache, timeout_seconds=1, retries=1, backoff_seconds=0.01)
        .fetch([window_of(server.url("big.tif"), BIG_WINDOW)])
        .outcomes
    )
    assert outcome.how == "failed"
    assert "a window of it cannot be read" in outcome.reason
    assert sum(asked.sent_bytes == 20_000 for asked in server.asked) >= 2
    assert not list((cache.folder / "files").rglob("*.tif*"))
    server.always.clear()
    assert Fetcher(cache).fetch([window_of(server.url("big.tif"), BIG_WINDOW)]).outcomes[0].how == "fetched"


def test_from_a_server_without_parts_the_whole_is_fetched_and_kept(fetcher, cache, plain, server, raster, values):
    said = []
    remote = window_of(plain.url(raster()))
    (outcome,) = fetcher.fetch([remote], lambda *words: said.append(words)).outcomes
    require_window(outcome, values)
    (whole,) = cache.folder.glob("files/toy/whole/*/large.tif")
    name = whole.relative_to(cache.folder / "files").as_posix()
    size = whole.stat().st_size
    assert (name, size, size) in said
    asked = len(plain.asked)
    other = Remote(remote.addresses, "toy/2020/other.tif", "tiff", window=(66.0, 47.0, 67.0, 48.0))
    assert fetcher.fetch([other]).outcomes[0].how == "fetched"
    assert len(plain.asked) == asked


def test_a_window_that_is_larger_than_the_one_here_is_read_anew(fetcher, cache, server, raster):
    address = server.url(raster())
    fetcher.fetch([window_of(address)])
    smaller, larger = (67.0, 45.7, 67.8, 46.5), (66.5, 45.61, 67.88, 46.52)
    assert fetcher.fetch([window_of(address, smaller)]).outcomes[0].how == "cached"
    with pytest.raises(NotInCache):
        Fetcher(cache, offline=True).fetch([window_of(address, larger)])
    (outcome,) = fetcher.fetch([window_of(address, larger)]).outcomes
    assert (outcome.how, outcome.record.window) == ("fetched", larger)


def test_a_window_of_a_projected_raster_covers_the_one_asked_for(fetcher, server, raster, values):
    how = {"crs": "ESRI:54009", "transform": rasterio.Affine(20_000, 0, 5_000_000, 0, -20_000, 5_800_000)}
    (outcome,) = fetcher.fetch([window_of(server.url(raster(**how)))]).outcomes
    with rasterio.open(outcome.path) as file:
        assert file.crs == rasterio.CRS.from_string("ESRI:54009")
        west, south, east, north = rasterio.warp.transform_bounds(4326, file.crs, *WINDOW)
        assert file.bounds.left <= west < file.bounds.left + 20_000
        assert file.bounds.right - 20_000 < east <= file.bounds.right
        assert file.bounds.bottom <= south < file.bounds.bottom + 20_000
        assert file.bounds.top - 20_000 < north <= file.bounds.top


def test_a_window_beyond_the_edge_is_cut_there(fetcher, server, raster, values):
    (outcome,) = fetcher.fetch([window_of(server.url(raster()), (60.0, 47.5, 66.3, 50.0))]).outcomes
    with rasterio.open(outcome.path) as file:
        assert np.array_equal(file.read(), values[:, :5, :3])


def test_a_window_elsewhere_is_refused(fetcher, server, raster):
    (outcome,) = fetcher.fetch([window_of(server.url(raster()), (-60.0, -20.0, -59.0, -19.0))]).outcomes
    assert outcome.how == "failed"
    assert (
        "got a raster of (66.000, 44.000, 72.000, 48.000), expected one that reaches into (-60.000, -20.000" in outcome.reason
    )


@pytest.mark.parametrize("compress", ["none", "deflate", "lzw"])
def test_blocks_that_come_cut_short_are_an_error_and_no_zeros(cache, server, raster, compress):
    """The file itself ends early, as one that is still being uploaded does."""
    path = server.folder / raster(compress=compress)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (outcome,) = (
        Fetcher(cache, timeout_seconds=1, retries=0).fetch([window_of(server.url("large.tif"), (66, 44, 72, 48))]).outcomes
    )
    assert outcome.how == "failed"
    assert "cannot be read" in outcome.reason
    assert not list((cache.folder / "files").rglob("*.tif"))


def test_a_window_is_tried_again_after_server_errors(fetcher, server, raster, values):
    name = raster()
    server.faults[name] = [Fault(status=500), Fault(), Fault(status=503)]
    require_window(fetcher.fetch([window_of(server.url(name))]).outcomes[0], values)


# What providers ask


@pytest.fixture
def web(cache):
    return LiveWeb(cache, hosts={"jrc": "https://example.org/jrc"}, timeout_seconds=1, retries=1, backoff_seconds=0.01)


def test_hosts_are_filled_and_other_words_left(web):
    assert web.hosts("{jrc}/{year}/{month:02}_R{row}.zip") == "https://example.org/jrc/{year}/{month:02}_R{row}.zip"


def test_one_setting_points_all_hosts_elsewhere(monkeypatch, cache):
    known = {"jrc": "https://example.org", "lights": "https://lights.example.org"}
    monkeypatch.setenv("URBANREVIEW_HOSTS", "lights=http://127.0.0.1:9001/bucket, http://127.0.0.1:9000/{host}")
    assert hosts_in_force(known) == {"jrc": "http://127.0.0.1:9000/jrc", "lights": "http://127.0.0.1:9001/bucket"}
    monkeypatch.setenv("URBANREVIEW_HOSTS", "light=http://127.0.0.1")
    with pytest.raises(BadSetting, match=r"URBANREVIEW_HOSTS: 'light=http://127.0.0.1' is neither"):
        hosts_in_force(known)


def test_a_text_is_asked_for_once_a_day(web, server):
    address = server.put("tiles.json", b'\xef\xbb\xbf{"tiles": []}')
    assert web.text([address], "toy/tiles.json") == web.text([address], "toy/tiles.json") == '{"tiles": []}'
    assert len(server.asked) == 1


def test_a_text_that_changed_is_no_fault(cache, server):
    web = LiveWeb(cache, hosts={}, fresh_hours=0)
    address = server.put("tiles.json", b"[1]")
    assert web.text([address], "toy/tiles.json") == "[1]"
    server.put("tiles.json", b"[1, 2]")
    assert web.text([address], "toy/tiles.json") == "[1, 2]"


def test_a_text_comes_from_the_mirror(web, server):
    address = server.put("tiles.txt", b"here")
    assert web.text([server.url("gone"), address], "toy/tiles.txt") == "here"


def test_an_old_text_stands_in_and_the_ledger_says_so(cache, server):
    web = LiveWeb(cache, hosts={}, fresh_hours=0, retries=0)
    address = server.put("tiles.json", b"[1]")
    web.text([address], "toy/tiles.json")
    server.always["tiles.json"] = Fault(body=b"<html>Maintenance</html>")
    assert web.text([address], "toy/tiles.json") == "[1]"
    (entry,) = web.ledger.entries
    assert entry.cause.startswith("the index toy/tiles.json of ")
    assert "a web page in HTML" in entry.cause


def test_a_text_that_nobody_has_is_an_error(web, server):
    with pytest.raises(CannotFetch, match="404"):
        web.text([server.url("gone.json")], "toy/gone.json")


def test_offline_takes_old_texts_and_names_what_is_missing(cache, web, server):
    address = server.put("tiles.json", b"[1]")
    web.text([address], "toy/tiles.json")
    offline = LiveWeb(cache, hosts={}, fresh_hours=0, offline=True)
    assert offline.text([address], "toy/tiles.json") == "[1]"
    with pytest.raises(NotInCache, match=r"toy/other\.json"):
        offline.text([address], "toy/other.json")
    assert len(server.asked) == 1


@pytest.fixture(scope="module")
def bucket():
    """A bucket on an S3-compatible server that anyone may list."""
    s3 = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    s3.start()
    host, port = s3.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client("s3", endpoint_url=address, region_name="us-east-1", config=Config(signature_version=UNSIGNED))
    client.create_bucket(Bucket="lights", ACL="public-read")
    for number in range(1, 13):
        client.put_object(Bucket="lights", Key=f"composites/npp_2022{number:02}_ops/a.tif", Body=b"x" * number)
    client.put_object(Bucket="lights", Key="composites/npp_202301_ops/a.tif", Body=b"x")
    client.put_object(Bucket="lights", Key="other/npp_202201_ops/a.tif", Body=b"x")
    yield f"{address}/lights"
    s3.stop()


def test_a_bucket_is_listed_by_what_its_keys_begin_with(web, bucket):
    found = web.listing(bucket, "toy/keys.json", prefix="composites/npp_2022")
    assert found == {f"composites/npp_2022{number:02}_ops/a.tif": number for number in range(1, 13)}
    assert list(found) == sorted(found)
    assert len(web.listing(bucket, "toy/all.json", prefix="")) == 14


def test_a_listing_is_kept_for_when_there_is_no_net(web, cache, bucket):
    found = web.listing(bucket, "toy/keys.json", prefix="composites/")
    offline = LiveWeb(cache, hosts={}, offline=True)
    assert offline.listing(bucket, "toy/keys.json", prefix="composites/") == found


def test_a_bucket_that_is_not_there_is_an_error_in_words(web, bucket):
    with pytest.raises(CannotFetch, match=r"Cannot fetch the list of http://.*/nights: "):
        web.listing(bucket.replace("lights", "nights"), "toy/keys.json", prefix="")


def test_hosts_are_probed_with_one_small_request_each(server, plain):
    server.put("a.tif", b"x" * 1000)
    (good, whole, gone) = probe(
        [server.url("a.tif"), server.url("b.tif"), plain.url("a.tif"), "http://no-such-server.invalid/a"], timeout_seconds=2
    )
    assert (good.ok, good.ranges, good.status, good.host) == (True, True, "answers", server.address.removeprefix("http://"))
    assert (whole.ok, whole.ranges) == (True, False)
    assert (gone.ok, gone.status) == (False, "the name of the server is not known (DNS)")
    assert [(asked.path, asked.sent_bytes) for asked in server.asked] == [("a.tif", 1)]
    assert 0 <= good.seconds < 2
