"""check --live: one small request to every host that the datasets of some settings are fetched from."""

import socket
from pathlib import Path

import pytest
from servers import Fault, serving

SETTINGS = """
[country]
iso3 = "BDI"

[boundaries]
dataset = "geoboundaries"

[population.ghs]
dataset = "ghs-pop-r2023a"
years = [2010, 2020]

[population.landscan]
dataset = "landscan-global"
path = "own.tif"
years = [2020]

[land]
dataset = "ghs-land-r2022a"

[access]
dataset = "friction-2020-motorised"

[output]
folder = "review"
"""
INDEX = "api/current/gbOpen/BDI/ADM1/"
TILE = (
    "GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E2010_GLOBE_R2023A_54009_1000/V1-0/tiles/"
    "GHS_POP_E2010_GLOBE_R2023A_54009_1000_V1_0_R10_C21.zip"
)


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Settings, and a server for each of two hosts; the third host refuses connections."""
    settings = tmp_path / "bdi.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("URBANREVIEW_CACHE", str(tmp_path / "cache"))
    with socket.socket() as closed, serving(tmp_path / "a") as boundaries, serving(tmp_path / "b", ranges=False) as tiles:
        closed.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1:{closed.getsockname()[1]}"
        words = [f"geoboundaries={boundaries.address}", f"jrc={tiles.address}", f"malariaatlas=http://{dead}"]
        monkeypatch.setenv("URBANREVIEW_HOSTS", ",".join(words))
        yield settings, boundaries, tiles, dead


def row_of(said: str, host: str) -> str:
    rows = [line for line in said.splitlines() if host in line]
    assert len(rows) == 1
    return rows[0]


class TestLive:
    def test_each_host_is_asked_once_and_a_dead_one_fails(self, live, invoke):
        settings, boundaries, tiles, dead = live
        boundaries.answers[INDEX] = lambda _query: b"{}"
        tiles.answers[TILE] = lambda _query: b"PK" * 1000
        result = invoke("check", settings, "--live")
        assert result.exit_code == 1
        assert [each.path for each in boundaries.asked] == [INDEX]
        assert [each.path for each in tiles.asked] == [TILE]
        assert [each.range for each in (*boundaries.asked, *tiles.asked)] == ["bytes=0-0"] * 2
        first = row_of(result.stdout, boundaries.address.removeprefix("http://"))
        assert " there " in first
        assert " yes " in first
        assert " no " in row_of(result.stdout, tiles.address.removeprefix("http://"))
        assert "not there" in row_of(result.stdout, dead)

    def test_a_host_that_lacks_the_file_fails(self, live, invoke, monkeypatch):
        settings, boundaries, tiles, _ = live
        settings.write_text(SETTINGS.replace('[access]\ndataset = "friction-2020-motorised"', ""), encoding="utf-8")
        boundaries.answers[INDEX] = lambda _query: b"{}"
        tiles.always[TILE] = Fault(status=403)
        result = invoke("check", settings, "--live")
        assert result.exit_code == 1
        assert "403" in row_of(result.stdout, tiles.address.removeprefix("http://"))

    def test_all_there_is_no_failure_and_nothing_is_kept(self, live, invoke, tmp_path):
        settings, boundaries, tiles, _ = live
        settings.write_text(SETTINGS.replace('[access]\ndataset = "friction-2020-motorised"', ""), encoding="utf-8")
        boundaries.answers[INDEX] = lambda _query: b"{}"
        tiles.answers[TILE] = lambda _query: b"PK"
        assert invoke("check", settings, "--live").exit_code == 0
        assert not (tmp_path / "cache").exists()

    def test_without_it_nobody_is_asked(self, live, invoke):
        settings, boundaries, tiles, _ = live
        invoke("check", settings)
        assert boundaries.asked == []
        assert tiles.asked == []

    def test_settings_without_a_dataset_have_no_host(self, invoke, settings_file):
        result = invoke("check", settings_file, "--live")
        assert (result.exit_code, result.stdout) == (0, "")
        assert "no server is asked" in result.stderr
