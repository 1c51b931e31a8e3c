"""What every command says about itself, and the small ones: init and check."""

import json
import subprocess
import sys
import tomllib

import click
import pytest

from urbanreview import __version__
from urbanreview.cli import main
from urbanreview.measures import MEASURES


def every_command(group: click.Group = main, before: tuple[str, ...] = ()):
    """Walk all commands with the words that lead to them."""
    for name, command in sorted(group.commands.items()):
        yield (*before, name), command
        if isinstance(command, click.Group):
            yield from every_command(command, (*before, name))


COMMANDS = [pytest.param(words, command, id=" ".join(words)) for words, command in every_command()]


class TestHelp:
    @pytest.mark.parametrize(("words", "command"), COMMANDS)
    def test_every_command_ends_its_help_with_an_example(self, words, command):
        last = command.help.strip().splitlines()[-1].strip()
        assert last.startswith(f"Example: urbanreview {' '.join(words)}")

    @pytest.mark.parametrize(("words", "command"), COMMANDS)
    def test_the_example_is_a_line_that_parses(self, words, command):
        example = command.help.strip().splitlines()[-1].partition("urbanreview ")[2].split()
        with click.Context(main, info_name="urbanreview", **main.context_settings) as parent:
            command.make_context(words[-1], example[len(words) :], parent=parent)

    @pytest.mark.parametrize(("words", "command"), COMMANDS)
    def test_every_command_is_told_in_a_few_words(self, words, command):
        assert command.short_help
        assert command.short_help.endswith(".")
        assert len(command.short_help) < 60

    @pytest.mark.parametrize(("words", "command"), COMMANDS)
    def test_every_option_is_explained(self, words, command):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{' '.join(words)} {parameter.opts}"

    @pytest.mark.parametrize("flag", ["--help", "-h"])
    @pytest.mark.parametrize("words", [(), *(words for words, _ in every_command())], ids=" ".join)
    def test_help_is_no_failure(self, invoke, words, flag):
        result = invoke(*words, flag)
        assert result.exit_code == 0
        assert "Example: urbanreview" in result.stdout
        assert result.stderr == ""

    def test_the_version(self, invoke):
        result = invoke("--version")
        assert (result.exit_code, result.stdout) == (0, f"urbanreview, version {__version__}\n")

    @pytest.mark.parametrize("words", [("rnu",), ("run",), ("run", "a.toml", "--no-such"), ("init",), ("run", "a", "b")])
    def test_misuse_is_two(self, fails, words):
        assert fails(*words, code=2)


class TestInit:
    def test_it_writes_settings_that_hold(self, invoke, tmp_path):
        result = invoke("init", "kaz", "--folder", tmp_path)
        assert (result.exit_code, result.stdout) == (0, f"{tmp_path / 'kaz.toml'}\n")
        assert tomllib.loads((tmp_path / "kaz.toml").read_text(encoding="utf-8"))["country"]["iso3"] == "KAZ"
        assert [path.name for path in tmp_path.iterdir()] == ["kaz.toml"]

    def test_it_refuses_to_overwrite(self, fails, tmp_path):
        (tmp_path / "kaz.toml").write_text("mine")
        assert "it is there already; --force replaces it" in fails("init", "KAZ", "--folder", tmp_path)
        assert (tmp_path / "kaz.toml").read_text() == "mine"

    def test_unless_forced(self, invoke, tmp_path):
        (tmp_path / "kaz.toml").write_text("mine")
        assert invoke("init", "KAZ", "--folder", tmp_path, "--force").exit_code == 0
        assert "[country]" in (tmp_path / "kaz.toml").read_text(encoding="utf-8")

    @pytest.mark.parametrize("code", ["ab", "abcd", "a1c", "", "ÄÖÜ"])
    def test_a_code_of_three_letters_or_none(self, fails, tmp_path, code):
        assert "use the three letters, for example KAZ" in fails("init", code, "--folder", tmp_path, code=2)
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_below_a_file_is_told(self, fails, tmp_path):
        (tmp_path / "file").write_text("x")
        assert "Cannot write to" in fails("init", "KAZ", "--folder", tmp_path / "file" / "settings")
        assert [path.name for path in tmp_path.iterdir()] == ["file"]

    def test_what_it_wrote_is_checked_up_to_the_files_that_are_not_there(self, invoke, fails, tmp_path):
        invoke("init", "KAZ", "--folder", tmp_path)
        assert "File not found" in fails("check", tmp_path / "kaz.toml")


class TestCheck:
    def test_it_prints_the_settings_in_force_and_the_inputs_found(self, invoke, settings_file):
        result = invoke("check", settings_file)
        assert result.exit_code == 0
        settings = json.loads(result.stdout)
        assert settings["country"] == {"iso3": "TOY", "name": "Toyland", "margin_km": 3.0}
        assert settings["lights"]["floor"] == 0.1
        assert settings["delineation"]["rules"] == "jrc-2023-v2"
        found = [line.removeprefix("found").strip() for line in result.stderr.splitlines()]
        names = ["districts.gpkg", "people_2010.tif", "people_2020.tif", "built_2020.tif", "lights_2019.tif", "lights_2020.tif"]
        assert sorted(found) == sorted(f"data/{name}" for name in names)

    @pytest.mark.parametrize(
        "name", ["districts.gpkg", "people_2010.tif", "people_2020.tif", "built_2020.tif", "lights_2019.tif"]
    )
    def test_every_input_that_is_not_there_is_told(self, fails, settings_file, name):
        (settings_file.parent / "data" / name).unlink()
        assert f"File not found: {settings_file.parent.resolve()}/data/{name}" in fails("check", settings_file)

    @pytest.mark.parametrize(
        ("more", "name"),
        [
            ('[naming]\nnames = "names.csv"\n', "names.csv"),
            ('[land]\npath = "land.tif"\n', "land.tif"),
            ('[settlements]\npath = "cities.gpkg"\nid = "x"\n', "cities.gpkg"),
        ],
    )
    def test_so_is_what_a_review_may_have(self, fails, settings_file, more, name):
        settings_file.write_text(settings_file.read_text() + more)
        assert name in fails("check", settings_file)

    def test_so_is_a_month_pattern_that_no_file_meets(self, fails, settings_file):
        settings_file.write_text(settings_file.read_text().replace("lights_{year}.tif", "lights_{year}-{month:02}.tif"))
        assert "lights_" in fails("check", settings_file)

    def test_inputs_are_found_from_any_folder(self, invoke, settings_file, monkeypatch):
        monkeypatch.chdir("/")
        assert invoke("check", settings_file).exit_code == 0

    def test_it_writes_nothing(self, invoke, settings_file):
        before = sorted(settings_file.parent.rglob("*"))
        invoke("check", settings_file)
        assert sorted(settings_file.parent.rglob("*")) == before

    def test_an_unknown_edition_is_misuse(self, fails, settings_file):
        settings_file.write_text(settings_file.read_text() + '[delineation]\nrules = "tresholds"\n')
        assert "Did you mean 'thresholds'?" in fails("check", settings_file, code=2)

    def test_settings_that_are_not_there(self, fails, tmp_path):
        assert "absent.toml" in fails("check", tmp_path / "absent.toml")


class TestMeasures:
    def test_it_prints_key_title_unit_page_and_reference_of_every_measure(self, invoke):
        result = invoke("measures")
        assert (result.exit_code, result.stderr) == (0, "")
        for measure in MEASURES:
            for text in (measure.key, measure.page):
                assert text in result.stdout
        text = " ".join(result.stdout.split())
        assert "lights.sum_area" in text
        assert "Light by area" in text
        assert "nW/cm2/sr*km2" in text
        assert "docs/methods/lights.md" in text

    def test_nothing_of_a_short_list_is_cut(self, invoke):
        lines = [line for line in invoke("measures", "--theme", "system").stdout.splitlines() if "system." in line]
        records = [measure for measure in MEASURES if measure.theme == "system"]
        assert len(lines) == len(records)
        for line, record in zip(lines, records, strict=True):
            for text in (record.key, record.title, record.unit, record.page, record.reference):
                assert text in line

    def test_one_theme_alone(self, invoke):
        found = json.loads(invoke("measures", "--theme", "size_class", "--json").stdout)
        assert [record["key"] for record in found] == [m.key for m in MEASURES if m.theme == "size_class"]

    def test_json_holds_the_whole_records(self, invoke):
        found = json.loads(invoke("measures", "--json").stdout)
        assert [record["key"] for record in found] == [measure.key for measure in MEASURES]
        fields = {"key", "title", "unit", "needs", "method", "reference", "undefined", "theme", "page"}
        assert all(set(record) == fields for record in found)

    def test_an_unknown_theme_is_misuse_with_a_guess(self, fails):
        assert "Unknown theme 'light'. Did you mean 'lights'?" in fails("measures", "--theme", "light", code=2)


class TestProcess:
    """The same from outside: what a shell sees."""

    @staticmethod
    def run(*words, **how):
        code = "from urbanreview.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False, **how
        )

    def test_help(self):
        done = self.run("--help")
        assert done.returncode == 0
        for name in main.commands:
            assert f"\n  {name} " in done.stdout

    def test_misuse(self, settings_file):
        settings_file.write_text(settings_file.read_text().replace("margin_km", "margin"))
        done = self.run("check", settings_file)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr == f"Error: {settings_file}: [country] unknown setting 'margin'. Did you mean 'margin_km'?\n"

    def test_failure(self, settings_file):
        (settings_file.parent / "data" / "districts.gpkg").unlink()
        done = self.run("run", "toy.toml", "--quiet", cwd=settings_file.parent)
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith("Error: File not found: ")
        assert done.stderr.count("\n") == 1
