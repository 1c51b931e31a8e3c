import tomllib

import pytest

from urbanreview.demo import LAYERS, write, write_demo
from urbanreview.errors import OutputRefused


def test_settings_name_the_files_that_are_there(demo):
    settings = tomllib.loads((demo / "kaz.toml").read_text(encoding="utf-8"))
    assert (demo / settings["country"]["outline"]).is_file()
    assert (demo / settings["boundaries"]["path"]).is_file()
    inputs = {"population": settings["population"]["demo"], "built_up": settings["built_up"], "lights": settings["lights"]}
    assert {layer.name for layer in LAYERS} == set(inputs)
    for layer in LAYERS:
        section = inputs[layer.name]
        assert section["modelled"] is True
        assert section["years"] == list(layer.years)
        for year in section["years"]:
            assert section["path"].format(year=year) == f"data/{layer.file_name(year)}"
            assert (demo / section["path"].format(year=year)).is_file()


def test_settings_say_which_division_the_page_shows(demo):
    boundaries = tomllib.loads((demo / "kaz.toml").read_text(encoding="utf-8"))["boundaries"]
    assert boundaries["year"] == 2017
    assert "before 2018" in boundaries["note"]
    assert "Shymkent lies in South Kazakhstan" in boundaries["note"]


def test_no_part_file_is_left(demo):
    assert not list(demo.rglob("*.part"))


def test_second_run_mends_what_is_missing_or_damaged_and_leaves_the_rest(demo, population, monkeypatch):
    data = demo / "data"
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in demo.rglob("*") if path.is_file()}
    missing, damaged = demo / "kaz.toml", data / "lights_2019.tif"
    missing.unlink()
    damaged.write_bytes(b"not a raster")
    monkeypatch.setattr(write, "model_population", lambda: population)  # of another generation than the files
    told = []
    assert write_demo(demo, progress=lambda what, done, total: told.append((what, done, total))) == demo / "kaz.toml"
    for path, (when, content) in before.items():
        assert path.read_bytes() == content, f"{path.name} differs from the first generation"
        assert (path.stat().st_mtime_ns == when) == (path not in (missing, damaged))
    assert told[0] == ("Demo data", 0, 5)
    assert told[-1] == ("Demo data", 5, 5)


def test_folder_that_cannot_be_written_is_refused(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("here first")
    with pytest.raises(OutputRefused, match="Name another folder"):
        write_demo(blocked)
