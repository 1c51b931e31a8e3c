import tomllib

import pytest
from tests.demo.conftest import WRITTEN

from urbanreview.config import load_settings
from urbanreview.demo import LAYERS, REVIEWED, write, write_demo
from urbanreview.errors import OutputRefused, UnknownName


@pytest.fixture
def settings(demo) -> dict:
    return tomllib.loads((demo / "kaz.toml").read_text(encoding="utf-8"))


def test_settings_are_valid_and_name_two_sources(demo):
    settings = load_settings(demo / "kaz.toml")
    assert settings.primary == "demo"
    assert list(settings.population) == ["demo", "demo-moll"]
    assert settings.boundaries.number == 2


def test_settings_name_the_files_that_are_written(settings):
    sections = {
        "population": settings["population"]["demo"],
        "population_moll": settings["population"]["demo-moll"],
        "built_up": settings["built_up"],
    }
    for name, section in sections.items():
        assert {section["path"].format(year=year) for year in section["years"]} == {
            f"data/{file}" for file in LAYERS[name].files()
        }
        assert section["modelled"] is True
    assert settings["boundaries"]["path"] == f"data/{LAYERS['rayons'].files()[0]}"
    assert set(REVIEWED) == {
        *sections,
        "rayons",
        "flares",
        "patches",
        "lights_monthly",
        "precipitation",
        "temperature",
        "temperature_max",
        "temperature_min",
        "temperature_mean",
        "air",
        "air_monthly",
        "flood",
        "friction",
    }
    assert settings["access"]["path"] == f"data/{LAYERS['friction'].files()[0]}"


def test_settings_name_the_days_of_temperature_and_the_months_of_fine_dust(settings):
    for statistic in ("max", "min", "mean"):
        section = settings["climate"][f"daily_{statistic}"]
        assert (section["path"],) == tuple(f"data/{file}" for file in LAYERS[f"temperature_{statistic}"].files())
        assert (section["statistic"], section["modelled"]) == (statistic, True)
    air, months = settings["air"], [(2018 + month // 12, month % 12 + 1) for month in range(9, 27)]
    assert {air["path"].format(year=year) for year in air["years"]} == {f"data/{file}" for file in LAYERS["air"].files()}
    named = [air["monthly"]["path"].format(year=year, month=month) for year, month in months]
    assert named == [f"data/{file}" for file in LAYERS["air_monthly"].files()]
    assert air["monthly"]["modelled"] is True


def test_template_of_the_lights_finds_every_month_but_the_renamed_one(settings):
    section = settings["lights"]
    named = {section["path"].format(year=year, month=month) for year in section["years"] for month in range(1, 13)}
    files = {f"data/{file}" for file in LAYERS["lights_monthly"].files()}
    assert named - files == {"data/lights/2016-10.tif"}
    assert files - named == {"data/lights/2016-10_ecmslcfg.tif"}
    assert "October 2016" in section["note"]
    assert "April 2017" in section["note"]


def test_settings_say_which_division_the_page_shows(settings):
    boundaries = settings["boundaries"]
    assert boundaries["year"] == 2017
    assert boundaries["modelled"] is True
    assert "before 2018" in boundaries["note"]
    assert "Shymkent lies in South Kazakhstan" in boundaries["note"]


def test_inputs_are_small_and_no_part_file_is_left(demo):
    assert sum(path.stat().st_size for path in demo.rglob("*") if path.is_file()) < 45e6
    assert not list(demo.rglob("*.part*"))


def test_second_run_mends_what_is_missing_or_damaged_and_leaves_the_rest(demo, model, population, monkeypatch):
    data = demo / "data"
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in demo.rglob("*") if path.is_file()}
    missing, damaged, rayons = demo / "kaz.toml", data / "built_up_2000.tif", data / "rayons.gpkg"
    missing.unlink()
    damaged.write_bytes(b"not a raster")
    rayons.write_bytes(b"not a GeoPackage")
    monkeypatch.setattr(write, "Model", lambda: model)  # of another generation than the files
    told = []
    assert write_demo(demo, what=WRITTEN, progress=lambda what, done, total: told.append((what, done, total))) == missing
    for path, (when, content) in before.items():
        assert path.read_bytes() == content, f"{path.name} differs from the first generation"
        assert (path.stat().st_mtime_ns == when) == (path not in (missing, damaged, rayons))
    assert told[0] == ("Demo data", 0, 11)
    assert told[-1] == ("Demo data", 11, 11)


def test_layer_that_there_is_not_is_refused_with_a_guess(tmp_path):
    with pytest.raises(UnknownName, match="lights_monthly"):
        write_demo(tmp_path / "demo", what=["lights_month"])
    assert not (tmp_path / "demo").exists()


def test_folder_that_cannot_be_written_is_refused(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("here first")
    with pytest.raises(OutputRefused, match="Name another folder"):
        write_demo(blocked)
