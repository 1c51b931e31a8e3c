"""The settings file: strict, typed, and told about all at once."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from urbanreview.config import Section, Settings, load_settings, parse_settings, sample
from urbanreview.errors import BadSetting, MissingFile

NEEDED = """
[country]
iso3 = "TOY"
[boundaries]
path = "districts.gpkg"
id = "code"
[population.ghs]
path = "people.tif"
years = [2020]
[output]
folder = "out"
"""


@pytest.fixture
def settings(tmp_path):
    """Load the least that a settings file can be, and more."""

    def load(more: str = "", *, needed: str = NEEDED, **how) -> Settings:
        path = tmp_path / "toy.toml"
        path.write_text(needed + more, encoding="utf-8")
        return load_settings(path, **how)

    return load


@pytest.fixture
def refused(settings):
    """Load settings that cannot be, and return what is said about them."""

    def load(more: str = "", *, needed: str = NEEDED, **how) -> str:
        with pytest.raises(BadSetting) as caught:
            settings(more, needed=needed, **how)
        text = str(caught.value)
        assert "toy.toml: " in text
        assert "\n" not in text
        return text.partition("toy.toml: ")[2]

    return load


class TestGood:
    def test_the_least_has_every_default(self, settings):
        found = settings()
        assert found.country.margin_km == 50.0
        assert found.boundaries.number == 1
        assert found.delineation.rules == "jrc-2023-v2"
        assert found.delineation.changes() == {"urban_cluster": {}, "urban_centre": {}}
        assert (found.land, found.built_up, found.lights, found.settlements) == (None, None, None, None)
        assert found.naming.nearest_within_km == 10.0

    def test_relative_paths_start_at_the_settings_file(self, settings, tmp_path, monkeypatch):
        monkeypatch.chdir("/")
        found = settings()
        assert found.base == tmp_path.resolve()
        assert found.output_folder == tmp_path.resolve() / "out"

    def test_an_absolute_output_folder_is_taken_as_it_is(self, settings, tmp_path):
        folder = tmp_path / "elsewhere"
        assert settings(changes={"output": {"folder": str(folder)}}).output_folder == folder

    def test_a_tilde_is_home(self, settings, monkeypatch, tmp_path):
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        assert settings(changes={"output": {"folder": "~/toy"}}).output_folder == tmp_path / "home" / "toy"

    def test_changes_replace_single_keys_of_a_section(self, settings):
        found = settings("[lights]\npath='l.tif'\nyears=[2020]\nfloor=0.5\n", changes={"lights": {"floor": 0.2}})
        assert (found.lights.path, found.lights.floor) == ("l.tif", 0.2)

    @pytest.mark.parametrize(
        ("more", "primary"),
        [
            ("", "ghs"),
            ("[population.worldpop]\npath='w.tif'\nyears=[2020]\n", "ghs"),
            ("[population.worldpop]\npath='w.tif'\nyears=[2020]\nprimary=true\n", "worldpop"),
        ],
    )
    def test_the_primary_source_is_the_named_or_the_first(self, settings, more, primary):
        assert settings(more).primary == primary

    @pytest.mark.parametrize(("more", "number"), [("", 1), ("parent = 'oblast'", 2), ("parent = 'oblast'\nlevel = 4", 4)])
    def test_the_level_follows_from_a_parent(self, settings, more, number):
        assert settings(needed=NEEDED.replace('id = "code"', f'id = "code"\n{more}')).boundaries.number == number

    def test_thresholds_that_differ(self, settings):
        found = settings("[delineation.urban_centre]\nmin_density = 1000\n")
        assert found.delineation.changes() == {"urban_cluster": {}, "urban_centre": {"min_density": 1000.0}}

    def test_settings_do_not_change(self, settings):
        with pytest.raises(ValueError, match="frozen"):
            settings().country.margin_km = 1.0

    def test_the_folder_of_the_file_is_no_part_of_the_printed_settings(self, settings):
        assert "base" not in settings().model_dump()


class TestUnknown:
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ("[ligths]\npath='l.tif'\n", "unknown setting 'ligths'. Did you mean 'lights'?"),
            ("[delineation]\nrule='thresholds'\n", "[delineation] unknown setting 'rule'. Did you mean 'rules'?"),
            (
                "[delineation.urban_centre]\nmin_densty=9\n",
                "[delineation.urban_centre] unknown setting 'min_densty'. Did you mean 'min_density'?",
            ),
            (
                "[population.wp]\npath='w.tif'\nyears=[2020]\nbnad=2\n",
                "[population.wp] unknown setting 'bnad'. Did you mean 'band'?",
            ),
            (
                "[naming]\nxyz=1\n",
                "[naming] unknown setting 'xyz'. "
                "Known: names, nearest_within_km, languages, dataset, alternate_names, nominatim.",
            ),
        ],
    )
    def test_a_setting_gives_a_guess(self, refused, more, said):
        assert refused(more) == said

    @pytest.mark.parametrize("name", ["path", "note", "years", "country"])
    def test_a_source_may_be_called_like_a_setting(self, refused, name):
        said = refused(f"[population.{name}]\npath='w.tif'\nyears=[2020]\nbnad=2\n")
        assert said == f"[population.{name}] unknown setting 'bnad'. Did you mean 'band'?"

    def test_an_unknown_edition_is_a_setting_that_cannot_be(self, refused):
        said = refused("[delineation]\nrules='tresholds'\n")
        assert "tresholds" in said
        assert "Did you mean 'thresholds'?" in said

    def test_the_folder_of_the_file_cannot_be_set(self, refused):
        """`base` is where the file lies, and no setting."""
        assert refused(needed="base = '/'\n" + NEEDED).startswith("unknown setting 'base'")


class TestValues:
    @pytest.mark.parametrize(
        ("more", "said"),
        [
            ("[delineation.urban_centre]\nmin_density = -5\n", "[delineation.urban_centre] min_density = -5: "),
            ("[delineation.urban_cluster]\nmin_people = 0\n", "[delineation.urban_cluster] min_people = 0: "),
            ("[delineation.urban_centre]\nmin_density = nan\n", "[delineation.urban_centre] min_density = nan: "),
            ("[delineation.urban_centre]\nmin_people = inf\n", "[delineation.urban_centre] min_people = inf: "),
            ("[naming]\nnearest_within_km = -1\n", "[naming] nearest_within_km = -1: "),
            ("[naming]\nnearest_within_km = inf\n", "[naming] nearest_within_km = inf: "),
            ("[lights]\npath='l.tif'\nyears=[2020]\nfloor=-0.1\n", "[lights] floor = -0.1: "),
            ("[lights]\npath='l.tif'\nyears='2020'\n", "[lights] years = '2020': input should be a valid list"),
            ("[built_up]\npath='b.tif'\nyears=[]\n", "[built_up] years = []: "),
            ("[built_up]\npath=7\nyears=[2020]\n", "[built_up] path = 7: input should be a valid string"),
            ("[land]\npath='l.tif'\nband=0\n", "[land] band = 0: "),
            ("[land]\npath='l.tif'\nnodata='none'\n", "[land] nodata = 'none': input should be a valid number"),
            ("[settlements]\npath='c.gpkg'\nid='x'\nlevel='city'\n", "[settlements] level = 'city': "),
            ("[settlements]\npath='c.gpkg'\nid='x'\nradius_km=0\n", "[settlements] radius_km = 0: "),
            ("[naming]\nnames=true\n", "[naming] names = True: input should be a valid string"),
        ],
    )
    def test_one_that_cannot_be_is_told_with_its_place(self, refused, more, said):
        assert refused(more).startswith(said)

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ('iso3 = "TOY"', 'iso3 = "toy"', "[country] iso3 = 'toy': "),
            ('iso3 = "TOY"', 'iso3 = "TO"', "[country] iso3 = 'TO': "),
            ('iso3 = "TOY"', 'iso3 = "TOY"\nmargin_km = -1', "[country] margin_km = -1: "),
            ('iso3 = "TOY"', 'iso3 = "TOY"\nmargin_km = "far"', "[country] margin_km = 'far': input should be a valid number"),
            ('iso3 = "TOY"', 'iso3 = "TOY"\nmargin_km = inf', "[country] margin_km = inf: "),
            ('id = "code"', 'id = "code"\nlevel = 6', "[boundaries] level = 6: "),
            ('id = "code"', 'id = "code"\npoints = "middle"', "[boundaries] points = 'middle': "),
            ("years = [2020]", "years = [20200]", "[population.ghs"),
            ("[population.ghs]", "[population]", "[population] path = 'people.tif': "),
            ("[population.ghs]", "[population.'GHS POP']", "[population"),
            ("[country]\n", "[[country]]\n", "[country] = "),
        ],
    )
    def test_so_is_one_of_the_needed_sections(self, refused, old, new, said):
        assert refused(needed=NEEDED.replace(old, new)).startswith(said)

    def test_a_year_that_cannot_be_is_named(self, refused):
        assert "20200" in refused(needed=NEEDED.replace("2020]", "2020, 20200]"))

    @pytest.mark.parametrize("section", ["country", "boundaries", "population", "output"])
    def test_a_missing_section_is_told(self, section):
        raw = tomllib.loads(NEEDED)
        del raw[section]
        with pytest.raises(BadSetting, match=rf"^settings: \[{section}\] is missing$"):
            parse_settings(raw)

    @pytest.mark.parametrize(
        ("section", "key"),
        [("country", "iso3"), ("boundaries", "path"), ("boundaries", "id"), ("output", "folder")],
    )
    def test_a_missing_key_is_told(self, section, key):
        raw = tomllib.loads(NEEDED)
        del raw[section][key]
        with pytest.raises(BadSetting, match=rf"^settings: \[{section}\] {key} is missing$"):
            parse_settings(raw)

    def test_no_population_at_all_is_told(self):
        with pytest.raises(BadSetting, match=r"^settings: \[population\] = \{\}: "):
            parse_settings(tomllib.loads(NEEDED) | {"population": {}})

    def test_two_primary_sources_are_told(self, refused):
        needed = NEEDED.replace("years = [2020]", "years = [2020]\nprimary = true")
        said = refused("[population.worldpop]\npath='w.tif'\nyears=[2020]\nprimary=true\n", needed=needed)
        assert said == "[population] has 2 primary sources (ghs, worldpop), expected one"

    def test_all_problems_come_at_once(self, refused):
        said = refused("[ligths]\nfloor=1\n[naming]\nnearest_within_km=-1\n", needed=NEEDED.replace('iso3 = "TOY"', ""))
        assert said.split("; ")[0] == "[country] iso3 is missing"
        assert "[naming] nearest_within_km = -1" in said
        assert "unknown setting 'ligths'" in said
        assert said.count("; ") == 2


class TestFile:
    def test_one_that_is_not_there(self, tmp_path):
        with pytest.raises(MissingFile, match=r"absent\.toml"):
            load_settings(tmp_path / "absent.toml")

    def test_a_folder_is_no_file(self, tmp_path):
        with pytest.raises(MissingFile):
            load_settings(tmp_path)

    def test_what_is_no_toml(self, refused):
        said = refused("this is no setting\n")
        assert said.startswith("not a TOML file: ")
        assert "line" in said

    def test_a_key_twice(self, refused):
        assert refused("[output]\nfolder='b'\n").startswith("not a TOML file: ")

    def test_another_encoding(self, tmp_path):
        (tmp_path / "toy.toml").write_bytes((NEEDED + "# Шымкент").encode("cp1251"))
        with pytest.raises(BadSetting, match=r"toy\.toml: not a TOML file: 'utf-8' codec"):
            load_settings(tmp_path / "toy.toml")

    def test_an_empty_one_lacks_everything_needed(self, refused):
        assert (
            refused(needed="") == "[country] is missing; [boundaries] is missing; [population] is missing; [output] is missing"
        )


class TestSample:
    @pytest.mark.parametrize("iso3", ["KAZ", "TOY"])
    def test_it_reads_back_as_settings(self, iso3, tmp_path):
        path = tmp_path / "sample.toml"
        path.write_text(sample(iso3), encoding="utf-8")
        found = load_settings(path)
        assert found.country.iso3 == iso3
        assert found.output.folder == f"{iso3.lower()}-review"
        assert list(found.population) == ["ghs"]

    def test_with_every_comment_removed_it_reads_back_too(self):
        """What is commented out is a setting that works once the mark is gone."""
        lines = []
        for line in sample("TOY").splitlines():
            bare = line.removeprefix("# ")
            key = bare.partition(" = ")[0]
            is_setting = bare.startswith("[") or (" = " in bare and key.isidentifier())
            unset = bare.partition("  # ")[0].endswith('= ""')
            lines.append(f"# {bare}" if not is_setting or unset else bare)
        raw = tomllib.loads("\n".join(lines))
        found = parse_settings(raw)
        assert (found.land.path, found.built_up.years, found.lights.floor) == ("data/land.tif", [2020], 0.1)
        assert (found.settlements.radius_km, found.delineation.rules) == (5.0, "jrc-2023-v2")

    def test_every_setting_stands_in_it(self):
        text = sample("TOY")
        for _, key, field in every_setting():
            assert f"{key} = " in text
            assert field.description in text


def every_setting(model: type[BaseModel] = Settings, where: str = ""):
    """Walk all sections: where, key, field."""
    for key, field in model.model_fields.items():
        inner = section_of(field.annotation)
        if inner is not None:
            yield from every_setting(inner, f"{where}.{key}".strip("."))
        elif key != "base":
            yield where, key, field


def section_of(annotation):
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := section_of(part))), None)


@pytest.mark.parametrize(("where", "key", "field"), [pytest.param(*row, id=f"{row[0]}.{row[1]}") for row in every_setting()])
def test_every_setting_says_what_it_is(where, key, field):
    assert field.description
    assert field.description.endswith((".", "]."))
    assert field.description[0].isupper() or field.description[0] == "{"


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[1].glob("examples/*.toml")), ids=lambda path: path.name)
def test_the_examples_are_settings(path):
    assert load_settings(path).country.iso3.isupper()


def test_dates_stand_once_and_in_order():
    raw = {
        "country": {"iso3": "TOY"},
        "boundaries": {"path": "a.gpkg", "id": "id"},
        "population": {"ghs": {"path": "p.tif", "years": [2020]}},
        "built_up": {"path": "b_{year}.tif", "years": [2020, 2000, 2020]},
        "lights": {"path": "l_{year}-{month:02}.tif", "years": [2020, 2019, 2020], "months": [7, 6, 6]},
        "output": {"folder": "out"},
    }
    settings = parse_settings(raw)
    assert settings.built_up.years == [2000, 2020]
    assert (settings.lights.years, settings.lights.months) == ([2019, 2020], [6, 7])
    raw["lights"]["months"] = []
    with pytest.raises(BadSetting, match="months"):
        parse_settings(raw)
