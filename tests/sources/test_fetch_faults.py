"""Every way a download can go wrong, on real servers, and what comes of it: the rows of docs/fetching.md."""

import copy
import errno
import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
import trustme
from rasterio.io import MemoryFile
from servers import Fault, Server, serving

from urbanreview.errors import CacheRefused
from urbanreview.sources.cache import Cache
from urbanreview.sources.download import AttemptError
from urbanreview.sources.fetch import Fetcher, Outcome
from urbanreview.sources.remote import Remote
from urbanreview.sources.remote_window import cut_window, gdal_address

NAME = "toy/2020/cells.tif"
NO_SERVER = "http://no-such-server.invalid/cells.tif"


def tiff(side: int = 200) -> bytes:
    """A raster of noise: about 320 kB that cannot be packed."""
    with MemoryFile() as memory:
        grid = {
            "width": side,
            "height": side,
            "count": 1,
            "crs": "EPSG:4326",
            "transform": rasterio.Affine(0.1, 0, 0, 0, -0.1, 9),
        }
        with memory.open(driver="GTiff", dtype="float64", **grid) as file:
            file.write(np.random.default_rng(3).random((1, side, side)))
        return memory.read()


def archive(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, body in members.items():
            opened.writestr(name, body)
    return content.getvalue()


CONTENT = tiff()


@pytest.fixture
def cache(tmp_path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def fetcher(cache) -> Fetcher:
    return Fetcher(cache, timeout_seconds=5, retries=3, backoff_seconds=0.01)


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path / "served") as started:
        started.put("cells.tif", CONTENT)
        yield started


@pytest.fixture
def mirror(tmp_path):
    with serving(tmp_path / "mirror") as started:
        started.put("cells.tif", CONTENT)
        yield started


@pytest.fixture
def refused() -> str:
    """An address at a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/cells.tif"


def fetched(fetcher: Fetcher, *addresses: str, name: str = NAME, form: str = "tiff", **how) -> Outcome:
    (outcome,) = fetcher.fetch([Remote(addresses, name, form)], **how).outcomes
    return outcome


def final_files(cache: Cache) -> set[str]:
    """What stands under a final name."""
    files = cache.folder / "files"
    found = (path for path in files.rglob("*") if path.is_file() and ".part" not in path.suffixes)
    return {path.relative_to(files).as_posix() for path in found if path.suffix != ".json"}


def asked_of(server: Server) -> int:
    return len(server.asked)


def require_failed(outcome: Outcome, cache: Cache, *words: str) -> None:
    """It failed with these words, and nothing carries its name."""
    assert outcome.how == "failed"
    assert outcome.path is None
    for word in words:
        assert word in outcome.reason
    assert outcome.remote.name not in final_files(cache)


def require_whole(outcome: Outcome, content: bytes = CONTENT) -> None:
    assert outcome.how == "fetched", outcome.reason
    assert outcome.path.read_bytes() == content
    assert outcome.record.size_bytes == len(content)


# Servers that do not answer


def test_a_refused_connection_is_tried_once_more_then_the_mirror(fetcher, cache, refused, mirror):
    require_failed(fetched(fetcher, refused), cache, "no connection", "refused")
    outcome = fetched(fetcher, refused, mirror.url("cells.tif"))
    require_whole(outcome)
    assert outcome.mirrored
    assert "no connection" in outcome.reason


def test_an_unknown_name_is_tried_once_more_then_the_mirror(fetcher, cache, mirror):
    begun = time.monotonic()
    require_failed(fetched(fetcher, NO_SERVER), cache, "the name of the server is not known (DNS)")
    assert time.monotonic() - begun < 5
    require_whole(fetched(fetcher, NO_SERVER, mirror.url("cells.tif")))


def test_the_mirror_is_told_in_the_ledger(fetcher, refused, mirror):
    result = fetcher.fetch([Remote((refused, mirror.url("cells.tif")), NAME, "tiff")])
    (entry,) = result.ledger.entries
    assert (entry.step, entry.unit, entry.amount) == ("toy", "file", 1)
    assert entry.cause == f"fetched from the mirror {mirror.address.removeprefix('http://')}: {NAME}"


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_file_that_is_not_there_is_asked_for_once(fetcher, cache, server, mirror, status):
    server.always["cells.tif"] = Fault(status=status)
    require_failed(fetched(fetcher, server.url("cells.tif")), cache, f"the server answered {status}")
    assert asked_of(server) == 1
    require_whole(fetched(fetcher, server.url("cells.tif"), mirror.url("cells.tif")))


# Servers that ask for patience


def test_too_many_requests_waits_as_long_as_the_server_says(fetcher, server):
    server.faults["cells.tif"] = [Fault(status=429, headers={"Retry-After": "1"})]
    begun = time.monotonic()
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert time.monotonic() - begun >= 1.0
    assert asked_of(server) == 2


def test_a_very_long_wait_is_cut_short(fetcher, server, monkeypatch):
    monkeypatch.setattr("urbanreview.sources.download.LONGEST_WAIT_SECONDS", 0.05)
    server.faults["cells.tif"] = [Fault(status=429, headers={"Retry-After": "86400"})]
    require_whole(fetched(fetcher, server.url("cells.tif")))


def test_two_server_errors_then_fine(fetcher, server):
    server.faults["cells.tif"] = [Fault(status=500), Fault(status=503)]
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert asked_of(server) == 3


def test_server_errors_without_end_are_given_up(fetcher, cache, server):
    server.always["cells.tif"] = Fault(status=500)
    require_failed(fetched(fetcher, server.url("cells.tif")), cache, "the server answered 500")
    assert asked_of(server) == 1 + 3


# Bodies that do not come whole


def test_a_stall_is_given_up_and_the_rest_is_asked_for(cache, server):
    server.faults["cells.tif"] = [Fault(stall_after=100_000, seconds=8.0)]
    begun = time.monotonic()
    require_whole(fetched(Fetcher(cache, timeout_seconds=0.5, backoff_seconds=0.01), server.url("cells.tif")))
    assert time.monotonic() - begun < 7.0
    (rest,) = [asked for asked in server.asked if asked.range]
    assert int(rest.range.removeprefix("bytes=").rstrip("-")) > 0
    assert rest.sent_bytes == len(CONTENT) - int(rest.range.removeprefix("bytes=").rstrip("-"))


def test_a_truncated_body_is_gone_on_with(fetcher, server):
    server.faults["cells.tif"] = [Fault(cut_after=100_000)]
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert [asked.range for asked in server.asked] == ["", "bytes=100000-"]


def test_a_body_that_is_always_truncated_never_gets_a_name(fetcher, cache, tmp_path):
    with serving(tmp_path / "poor", ranges=False) as server:
        server.put("cells.tif", CONTENT)
        server.always["cells.tif"] = Fault(cut_after=100_000)
        require_failed(fetched(fetcher, server.url("cells.tif")), cache, "the connection broke (IncompleteRead(100000 bytes")
        server.always.clear()
        require_whole(fetched(fetcher, server.url("cells.tif")))


def test_a_server_without_ranges_begins_anew(fetcher, tmp_path):
    with serving(tmp_path / "plain", ranges=False) as server:
        server.put("cells.tif", CONTENT)
        server.faults["cells.tif"] = [Fault(cut_after=100_000)]
        require_whole(fetched(fetcher, server.url("cells.tif")))
        assert [asked.sent_bytes for asked in server.asked] == [100_000, len(CONTENT)]


def test_a_file_that_changed_between_two_pieces_is_begun_anew(fetcher, server):
    other = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    server.faults["cells.tif"] = [Fault(cut_after=100_000), Fault(status=500)]
    server.always["cells.tif"] = Fault(body=other)
    require_whole(fetched(fetcher, server.url("cells.tif")), other)
    assert server.asked[-1].range == "bytes=100000-"
    assert server.asked[-1].sent_bytes == len(other)


def test_another_length_than_listed_is_refused_before_it_is_fetched(fetcher, cache, server):
    outcome = fetched(fetcher, server.url("cells.tif"), listed_bytes={NAME: len(CONTENT) + 5})
    require_failed(outcome, cache, f"got {len(CONTENT):,} bytes, expected {len(CONTENT) + 5:,} as listed")
    require_whole(fetched(fetcher, server.url("cells.tif"), listed_bytes={NAME: len(CONTENT)}))


def test_a_body_shorter_than_listed_is_seen_where_the_server_tells_no_length(fetcher, cache, server):
    server.always["cells.tif"] = Fault(headers={"Content-Length": None}, body=CONTENT[:1000])
    outcome = fetched(fetcher, server.url("cells.tif"), listed_bytes={NAME: len(CONTENT)})
    require_failed(outcome, cache, f"1,000 bytes came, expected {len(CONTENT):,}")


def test_a_raster_cut_short_is_seen_where_nobody_tells_its_length(fetcher, cache, server):
    server.always["cells.tif"] = Fault(headers={"Content-Length": None}, body=CONTENT[:100_000])
    require_failed(fetched(fetcher, server.url("cells.tif")), cache, "a damaged file", "expected a GeoTIFF")


# Bodies that are something else


def test_a_flipped_byte_is_seen_once_the_file_is_known(fetcher, cache, server):
    first = fetched(fetcher, server.url("cells.tif"))
    first.path.unlink()
    server.always["cells.tif"] = Fault(flip=200_000)
    outcome = fetched(fetcher, server.url("cells.tif"))
    require_failed(outcome, cache, "other bytes than when it was first fetched", first.record.sha256[:12], f"{NAME}.json")
    server.always.clear()
    require_whole(fetched(fetcher, server.url("cells.tif")))


def test_a_byte_flipped_on_the_way_once_is_mended_by_the_second_try(fetcher, server):
    fetched(fetcher, server.url("cells.tif")).path.unlink()
    server.faults["cells.tif"] = [Fault(flip=200_000)]
    require_whole(fetched(fetcher, server.url("cells.tif")))


def test_a_byte_flipped_in_the_cache_is_seen_and_fetched_again(fetcher, server, caplog):
    path = fetched(fetcher, server.url("cells.tif")).path
    path.write_bytes(CONTENT[:5000] + b"?" + CONTENT[5001:])
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert "other bytes than were fetched: removed" in caplog.text


@pytest.mark.parametrize(
    ("body", "form", "got"),
    [
        (b"\n<!DOCTYPE html><html><body>Please log in</body></html>", "tiff", "a web page in HTML"),
        (b"<html><h1>Maintenance</h1></html>", "text", "a web page in HTML"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n", "json", "a Git-LFS pointer"),
        (b"<?xml version='1.0'?><ServiceException>No such layer</ServiceException>", "tiff", "No such layer"),
        (b"", "tiff", "an empty file"),
        (CONTENT, "zip", "got a GeoTIFF, expected a zip archive"),
        (b'{"features": [', "json", "ends amid a list"),
        (b"SQLite format 3\0 and no more", "gpkg", "a damaged file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(500), "netcdf", "a damaged file"),
        (b"\x1f\x8b" + bytes(50), "gzip", "a damaged file"),
    ],
    ids=["html", "html as text", "lfs", "xml", "empty", "another form", "half json", "half gpkg", "half netcdf", "half gzip"],
)
def test_wrong_content_is_refused_in_words(fetcher, cache, server, body, form, got):
    server.put("wrong", body)
    require_failed(fetched(fetcher, server.url("wrong"), name="toy/wrong", form=form), cache, got)
    assert asked_of(server) == 2
    assert not list(cache.folder.rglob("*.part*"))


def bomb() -> bytes:
    """Eight MiB of zeros that 300 names share: a few kB that say they are 2.5 GB."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("0.bin", bytes(8 << 20))
        for number in range(1, 300):
            twin = copy.copy(opened.filelist[0])
            twin.filename = f"{number}.bin"
            opened.filelist.append(twin)
    return content.getvalue()


def with_link() -> bytes:
    info = zipfile.ZipInfo("link.tif")
    info.external_attr = 0o120777 << 16
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as opened:
        opened.writestr(info, "/etc/passwd")
    return content.getvalue()


def with_wrong_checksum() -> bytes:
    whole = archive({"cells.tif": CONTENT})
    return whole[:1000] + bytes([whole[1000] ^ 0xFF]) + whole[1001:]


@pytest.mark.parametrize(
    ("body", "got"),
    [
        (bomb(), "unpacks to 2,516,582,400, more than 2,147,483,648"),
        (archive({"../cells.tif": b"1"}), "leads out of its folder ('../cells.tif')"),
        (archive({"a/..\\..\\cells.tif": b"1"}), "leads out of its folder"),
        (archive({"/etc/cells.tif": b"1"}), "leads out of its folder"),
        (archive({"C:/cells.tif": b"1"}), "leads out of its folder"),
        (with_link(), "a member that is a link"),
        (with_wrong_checksum(), "a damaged archive"),
        (archive({"cells.tif": CONTENT})[:-30], "a damaged archive"),
    ],
    ids=["bomb", "dots", "backslashes", "absolute", "drive", "link", "checksum", "cut short"],
)
def test_a_bad_archive_is_refused(fetcher, cache, server, body, got):
    server.put("cells.zip", body)
    require_failed(fetched(fetcher, server.url("cells.zip"), name="toy/cells.zip", form="zip"), cache, got)


def test_a_good_archive_is_taken(fetcher, server):
    body = archive({"inner/cells.tif": CONTENT, "read me..txt": b"two dots in a name are no harm"})
    server.put("cells.zip", body)
    require_whole(fetched(fetcher, server.url("cells.zip"), name="toy/cells.zip", form="zip"), body)


# This machine


def test_a_disk_that_is_too_small_is_known_before_anything_is_written(fetcher, cache, server, monkeypatch):
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr("urbanreview.sources.download.disk_usage", lambda _folder: usage)
    with pytest.raises(CacheRefused, match=r"0\.3 MB are needed for cells\.tif, 0\.0 MB are free"):
        fetched(fetcher, server.url("cells.tif"))
    assert final_files(cache) == set()


def test_a_disk_that_fills_up_leaves_nothing_half(fetcher, cache, server, monkeypatch):
    written = []

    class Full(io.FileIO):
        def write(self, content):
            written.append(len(content))
            if sum(written) > 150_000:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(content)

    usual = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", **how: Full(path, mode) if mode == "ab" else usual(path, mode, **how)
    )
    with pytest.raises(CacheRefused, match="No space left on device"):
        fetched(fetcher, server.url("cells.tif"))
    monkeypatch.undo()
    assert sum(written) > 150_000
    assert not [path for path in (cache.folder / "files").rglob("*") if path.is_file()]
    require_whole(fetched(fetcher, server.url("cells.tif")))


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="needs the right to mount a small disk")
@pytest.mark.parametrize("what", ["whole", "of no known length", "window"])
def test_a_small_disk(tmp_path, server, what):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], check=False, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    if what == "of no known length":
        server.always["cells.tif"] = Fault(headers={"Content-Length": None})
    window = (0.0, -10.0, 20.0, 9.0) if what == "window" else None
    try:
        with pytest.raises(CacheRefused, match="Cannot write to the cache"):
            Fetcher(Cache(disk), retries=0).fetch([Remote((server.url("cells.tif"),), NAME, "tiff", window=window)])
        assert not [path for path in (disk / "files").rglob("*") if path.is_file()]
    finally:
        subprocess.run(["umount", disk], check=False)


CHILD = """
import sys
from pathlib import Path
from urbanreview.sources.cache import Cache
from urbanreview.sources.download import AttemptError
from urbanreview.sources.fetch import Fetcher
from urbanreview.sources.remote import Remote
folder, address, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
(outcome,) = Fetcher(Cache(Path(folder)), backoff_seconds=0.01).fetch([Remote((address,), name, "tiff")]).outcomes
print(outcome.how, flush=True)
"""


def child(cache: Cache, address: str) -> subprocess.Popen:
    command = [sys.executable, "-c", CHILD, str(cache.folder), address, NAME]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_a_killed_process_leaves_a_part_that_the_next_one_goes_on_with(fetcher, cache, server):
    server.faults["cells.tif"] = [Fault(seconds=0.1)]
    with child(cache, server.url("cells.tif")) as process:
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("\n")
        process.stdin.flush()
        part = cache.part(NAME)
        deadline = time.monotonic() + 10
        while not (part.exists() and part.stat().st_size > 50_000) and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    kept = part.stat().st_size
    assert 50_000 < kept < len(CONTENT)
    assert final_files(cache) == set()
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert [asked.range for asked in server.asked if asked.range] == [f"bytes={kept}-"]


def test_a_part_that_is_whole_already_only_needs_its_name(fetcher, cache, server):
    """As a process leaves it that is killed between the last byte and the name."""
    fetched(fetcher, server.url("cells.tif"), name="toy/other.tif")
    server.faults["cells.tif"] = [Fault(cut_after=100_000), *[Fault(status=500)] * 3]
    require_failed(fetched(fetcher, server.url("cells.tif")), cache, "500")
    cache.part(NAME).write_bytes(CONTENT)
    before = asked_of(server)
    require_whole(fetched(fetcher, server.url("cells.tif")))
    assert [(asked.range, asked.sent_bytes) for asked in server.asked[before:]] == [(f"bytes={len(CONTENT)}-", 0)]


def test_two_processes_that_want_one_file_fetch_it_once(cache, server):
    server.always["cells.tif"] = Fault(seconds=0.02)
    with child(cache, server.url("cells.tif")) as one, child(cache, server.url("cells.tif")) as other:
        for process in (one, other):
            assert process.stdout.readline() == "ready\n"
        for process in (one, other):
            process.stdin.write("\n")
            process.stdin.flush()
        said = sorted(process.stdout.readline().strip() for process in (one, other))
    assert said == ["cached", "fetched"]
    assert [asked.sent_bytes for asked in server.asked] == [len(CONTENT)]


# Encryption


@pytest.fixture
def encrypted(tmp_path):
    """A server whose certificate comes from an authority that nobody knows, and the file that makes it known."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(bundle)
    with serving(tmp_path / "encrypted", tls=context) as server:
        server.put("cells.tif", CONTENT)
        yield server, bundle


def test_an_unknown_certificate_is_refused(fetcher, cache, encrypted):
    server, _ = encrypted
    require_failed(fetched(fetcher, server.url("cells.tif")), cache, "its certificate is not trusted")
    assert asked_of(server) == 0


def test_a_certificate_that_the_machine_is_told_to_trust_is_taken(fetcher, encrypted, monkeypatch):
    server, bundle = encrypted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    require_whole(fetched(fetcher, server.url("cells.tif")))


def test_windows_are_read_under_the_same_terms(cache, encrypted, monkeypatch):
    server, bundle = encrypted
    address, window = server.url("cells.tif"), (1.0, 1.0, 2.0, 2.0)
    with pytest.raises(AttemptError, match="SSL certificate problem"):
        cut_window(gdal_address(address), window, cache.part("x"), address=address, timeout_seconds=1, report=print)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    (outcome,) = Fetcher(cache, retries=0).fetch([Remote((address,), NAME, "tiff", window=window)]).outcomes
    assert outcome.how == "fetched", outcome.reason


def test_a_redirect_that_leaves_encryption_is_refused(fetcher, cache, encrypted, server, monkeypatch):
    safe, bundle = encrypted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    safe.always["cells.tif"] = Fault(status=302, headers={"Location": server.url("cells.tif")})
    require_failed(fetched(fetcher, safe.url("cells.tif")), cache, "an address without encryption")
