"""A review of a toy country from the command line: what it says, and what it leaves."""

import json
import shutil

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import xarray as xr

TABLES = ("urban_centres", "urban_clusters", "districts", "country", "zones", "values", "links", "points", "ledger")


@pytest.fixture
def tables(reviewed):
    """Read a table of the review."""
    return lambda name: pd.read_parquet(reviewed.folder / "tables" / f"{name}.parquet")


@pytest.fixture
def without_report(parts):
    """A settings file of a toy country that draws nothing, which is faster."""
    parts.draw_nothing()
    return parts.settings


class TestOutputs:
    def test_everything_a_run_leaves_is_there(self, reviewed):
        left = {path.relative_to(reviewed.folder).as_posix() for path in reviewed.folder.rglob("*") if path.is_file()}
        assert {"report.html", "review.gpkg", "review.xlsx", "run.json", "tables/dictionary.csv"} <= left
        assert {f"tables/{name}.{suffix}" for name in TABLES for suffix in ("parquet", "csv")} <= left
        assert {"rasters/urban_extents_ghs_2020.tif", "rasters/inputs/population_ghs_2020.tif"} <= left
        assert any(name.startswith("figures/") and name.endswith(".png") for name in left)
        assert [name for name in left if not name.startswith(".") and (reviewed.folder / name).stat().st_size == 0] == []

    def test_nothing_half_written_is_left(self, reviewed):
        assert list(reviewed.settings.parent.rglob("*.part")) == []

    def test_beside_its_folder_a_run_leaves_everything_as_it_was(self, reviewed, tree):
        after = tree(reviewed.settings.parent)
        assert {name: digest for name, digest in after.items() if not name.startswith("toy-review")} == reviewed.before

    def test_the_layers_open_in_degrees(self, reviewed):
        path = reviewed.folder / "review.gpkg"
        layers = {str(name) for name, kind in pyogrio.list_layers(path) if kind is not None}
        assert {"urban_centres", "urban_clusters", "districts", "district_centroids"} <= layers
        for layer in layers:
            assert gpd.read_file(path, layer=layer).crs == 4326

    def test_the_rasters_say_what_they_are(self, reviewed):
        with rasterio.open(reviewed.folder / "rasters" / "urban_extents_ghs_2020.tif") as file:
            tags, classes = file.tags(), file.read(1)
        assert (tags["kind"], tags["units"]) == ("class", "urban extent")
        assert np.unique(classes[classes != file.nodata]).tolist() == [0, 1, 2]
        assert (classes == 2).sum() == 30 + 20
        assert (classes == 1).sum() == (7 * 8 - 30) + (6 * 7 - 20) + 25
        with rasterio.open(reviewed.folder / "rasters" / "inputs" / "population_ghs_2020.tif") as file:
            assert (file.tags()["kind"], file.tags()["units"]) == ("count", "people")


class TestNumbers:
    def test_both_centres_and_all_three_clusters_are_found(self, tables):
        centres, clusters = tables("urban_centres"), tables("urban_clusters")
        assert sorted(centres["zone_id"].str[:7].unique()) == ["TOY-uc-"]
        assert sorted(clusters["zone_id"].str[:7].unique()) == ["TOY-cl-"]
        values = tables("values")
        total = values[(values["measure"] == "population.total") & (values["period"] == "2020")].set_index("zone_id")["value"]
        assert sorted(total[centres["zone_id"]]) == [100_000.0, 120_000.0]
        assert sorted(total[clusters["zone_id"]]) == [10_000.0, 100_000.0 + 22 * 500.0, 120_000.0 + 26 * 500.0]

    @pytest.mark.parametrize(("period", "growth"), [("2010", 0.5), ("2020", 1.0)])
    def test_people_of_districts_are_those_counted_with_a_pencil(self, reviewed, tables, period, growth):
        values = tables("values")
        chosen = (values["measure"] == "population.total") & (values["period"] == period) & (values["source"] == "ghs")
        found = values[chosen].set_index("zone_id")["value"]
        for code in ("w", "ne", "se"):
            assert found[f"TOY-adm1-{code}"] == pytest.approx(reviewed.people_of(code) * growth, rel=1e-6)
        assert found["TOY-adm0-TOY"] == pytest.approx(reviewed.people_of("") * growth, rel=1e-6)

    def test_lights_and_built_up_land_are_asked_for_every_date(self, tables):
        values = tables("values")
        assert sorted(values.loc[values["measure"] == "lights.max", "period"].unique()) == ["2019", "2020"]
        assert values.loc[values["measure"] == "lights.max", "value"].max() == 21.0
        country = values[(values["measure"] == "built_up.area") & (values["zone_id"] == "TOY-adm0-TOY")]
        assert country["value"].tolist() == pytest.approx([50 * 0.2], rel=1e-6)

    def test_every_missing_number_has_a_reason(self, tables):
        values = tables("values")
        assert (values["reason"].fillna("") != "").equals(values["value"].isna())

    def test_every_column_stands_in_the_dictionary(self, reviewed, tables):
        dictionary = pd.read_csv(reviewed.folder / "tables" / "dictionary.csv")
        for name in ("districts", "urban_centres"):
            assert set(tables(name).columns) <= set(dictionary["column"])


class TestManifest:
    @pytest.fixture
    def manifest(self, reviewed):
        return json.loads((reviewed.folder / "run.json").read_text(encoding="utf-8"))

    def test_settings_and_inputs_are_kept(self, manifest):
        assert manifest["iso3"] == "TOY"
        assert manifest["settings"]["country"]["margin_km"] == 3.0
        assert {entry["name"] for entry in manifest["inputs"]} == {
            "boundaries",
            "ghs 2020",
            "ghs 2010",
            "lights 2019",
            "lights 2020",
            "built_up 2020",
        }
        assert all(len(entry["sha256"]) == 64 and entry["size_bytes"] > 0 for entry in manifest["inputs"])

    def test_the_ledger_says_that_there_is_no_land_layer(self, manifest):
        assert "no land layer: every cell is taken as land" in {entry["cause"] for entry in manifest["ledger"]}


class TestTerminal:
    def test_results_go_to_stdout_and_talk_to_stderr(self, reviewed):
        result = reviewed.result
        assert "Toyland: largest urban centres" in result.stdout
        for name in ("report.html", "review.xlsx", "review.gpkg"):
            assert str(reviewed.folder.resolve() / name) in result.stdout.splitlines()
        steps = [line.strip() for line in result.stderr.splitlines()]
        assert steps[0] == "boundaries"
        assert {"population", "delineation", "names", "night lights"} <= set(steps)
        assert "Traceback" not in result.output

    def test_only_made_up_inputs_are_called_modelled(self, reviewed):
        assert "modelled" not in reviewed.result.output


def test_a_second_run_gives_the_same_bytes(reviewed, invoke, tmp_path, tree):
    """Elsewhere, from nothing, and whether or not there is a report."""
    shutil.copytree(reviewed.settings.parent / "data", tmp_path / "data")
    settings = reviewed.settings.read_text(encoding="utf-8").replace('"toy-review"', '"again"\nreport = false')
    (tmp_path / "toy.toml").write_text(settings, encoding="utf-8")
    result = invoke("run", tmp_path / "toy.toml", "--quiet")
    assert result.exit_code == 0
    assert result.stderr == ""
    for part in ("tables", "rasters"):
        first = tree(reviewed.folder / part)
        assert len(first) >= 3
        assert tree(tmp_path / "again" / part) == first


def test_a_failed_run_keeps_the_results_of_the_last(reviewed, fails, tmp_path, tree):
    shutil.copytree(reviewed.settings.parent, tmp_path / "copy")
    settings = tmp_path / "copy" / "toy.toml"
    path = settings.parent / "data" / "lights_2020.tif"
    path.write_bytes(path.read_bytes()[:3000])
    before = tree(tmp_path)
    assert "lights_2020.tif" in fails("run", settings)
    after = tree(tmp_path)
    # The log tells of the failed run, and what it finished is kept beside: the results are those of the last.
    untouched = {name for name in before if not name.endswith("run.log") and "/." not in name}
    assert len(untouched) > 20
    assert {name: after.get(name) for name in untouched} == {name: before[name] for name in untouched}
    assert {name for name in after if "/." not in name} <= set(before)


def test_without_a_report_only_what_is_for_programs_is_left(without_report, going_on, invoke):
    """And the option for the output folder wins over the settings."""
    going_on(without_report, output="elsewhere")
    result = invoke("run", without_report, "--output", without_report.parent / "elsewhere", "--quiet")
    assert result.exit_code == 0
    left = {path.name for path in (without_report.parent / "elsewhere").rglob("*")}
    assert {"run.json", "review.gpkg", "values.parquet"} <= left
    assert not {"report.html", "review.xlsx", "figures"} & left
    assert not (without_report.parent / "toy-review").exists()


def test_years_may_lie_in_one_file(without_report, going_on, reviewed_in_metres, invoke):
    """A NetCDF with a time axis stands for all years; the settings name no variable, as there is only one."""
    data, layers = without_report.parent / "data", []
    for year in (2010, 2020):
        with rasterio.open(data / f"people_{year}.tif") as file:
            layers.append(file.read(1, masked=True).filled(np.nan))
            t, rows, cols = file.transform, file.height, file.width
    y, x = t.f + t.e * (np.arange(rows) + 0.5), t.c + t.a * (np.arange(cols) + 0.5)
    coords = {"time": pd.to_datetime(["2010-07-01", "2020-07-01"]), "y": y, "x": x}
    dataset = xr.Dataset({"people": (("time", "y", "x"), np.stack(layers))}, coords=coords)
    dataset.to_netcdf(data / "people.nc", engine="h5netcdf")
    settings = without_report.read_text(encoding="utf-8")
    settings = settings.replace('"data/people_{year}.tif"', '"data/people.nc"\ncrs = "ESRI:54009"')
    without_report.write_text(settings, encoding="utf-8")
    result = invoke("run", going_on(without_report), "--quiet")
    assert result.exit_code == 0, result.output
    folders = (reviewed_in_metres.folder, without_report.parent / "toy-review")
    by_tif, by_nc = (pd.read_parquet(folder / "tables" / "values.parquet") for folder in folders)
    pd.testing.assert_frame_equal(by_nc, by_tif)


class TestThemesWithoutFiles:
    """A theme whose file is not there is skipped with the reason, and the rest goes on."""

    @pytest.fixture
    def without(self, settings_file, going_on):
        going_on(settings_file)

        def change(*pairs):
            text = settings_file.read_text()
            for old, new in pairs:
                assert old in text
                text = text.replace(old, new)
            settings_file.write_text(text + "report = false\n")
            return settings_file

        return change

    def test_a_theme_without_any_file_is_skipped_and_said_so(self, without, invoke):
        settings = without(("lights_{year}.tif", "lights_{year}-{month:02}.tif"))
        done = invoke("run", settings, "--quiet")
        assert done.exit_code == 0, done.stderr
        assert "night lights: skipped, data/lights_2019-01.tif and 23 more are not there ([lights] path)" in done.stdout
        values = pd.read_parquet(settings.parent / "toy-review" / "tables" / "values.parquet")
        assert not values["measure"].str.startswith("lights.").any()
        assert values["measure"].str.startswith("built_up.").any()
        ledger = pd.read_parquet(settings.parent / "toy-review" / "tables" / "ledger.parquet")
        assert "night lights skipped: data/lights_2019-01.tif is not there" in set(ledger["cause"])

    def test_a_year_without_a_file_leaves_the_others(self, without, invoke):
        settings = without(("years = [2019, 2020]", "years = [2018, 2019, 2020]"))
        done = invoke("run", settings, "--quiet", "--json")
        assert done.exit_code == 0, done.stderr
        skipped = json.loads(done.stdout)["skipped"]
        assert skipped == [{"section": "lights", "what": "night lights 2018", "files": ["data/lights_2018.tif"], "reason": ""}]
        values = pd.read_parquet(settings.parent / "toy-review" / "tables" / "values.parquet")
        assert set(values[values["measure"] == "lights.sum"]["period"]) == {"2019", "2020"}

    def test_a_theme_whose_file_is_broken_fails(self, without, fails):
        settings = without()
        (settings.parent / "data" / "lights_2019.tif").write_bytes(b"no raster")
        assert "lights_2019.tif" in fails("run", settings, "--quiet", code=1)

    def test_what_is_skipped_is_told_by_a_report_that_was_there_before(self, without, invoke):
        settings = without(("[lights]", "[lights_later]"), ('path = "data/lights_{year}.tif"\nyears = [2019, 2020]\n', ""))
        text = settings.read_text().replace("[lights_later]\n", "")
        settings.write_text(text)
        assert invoke("run", settings, "--quiet").exit_code == 0
        settings.write_text(text + '\n[lights]\npath = "data/no_{year}.tif"\nyears = [2019]\n')
        assert invoke("run", settings, "--quiet").exit_code == 0
        ledger = pd.read_parquet(settings.parent / "toy-review" / "tables" / "ledger.parquet")
        assert "night lights skipped: data/no_2019.tif is not there" in set(ledger["cause"])
