"""Every error can be built, is one sentence or two, and says what to do."""

import inspect
import re

import pytest

from urbanreview import errors
from urbanreview.errors import UrbanReviewError

PLAUSIBLE = {
    "UrbanReviewError": lambda error: error("Something is wrong. Check it."),
    "MissingFile": lambda error: error("data/a.tif", setting="[land] path"),
    "UnreadableFile": lambda error: error("a.tif", reason=OSError("read error"), expected="a raster"),
    "AmbiguousInput": lambda error: error("a.zip", what="files", found=list("abcdefg"), cure="Name one."),
    "NotInInput": lambda error: error("a.gpkg", what="layer", name="distrct", found=["districts", "country"]),
    "MissingCrs": lambda error: error("a.tif"),
    "UnknownCrs": lambda error: error("EPSG:54009"),
    "RotatedGrid": lambda error: error("a.tif", transform=(1, 2, 3, 4, 5, 6)),
    "CrossesAntimeridian": lambda error: error("a.tif", west=170.0, east=190.0),
    "NoOverlap": lambda error: error("a.tif", got=(1.0, 2.0, 3.0, 4.0), expected=(5.0, 6.0, 7.0, 8.0)),
    "WrongUnits": lambda error: error("a.tif", got="W/cm2/sr", expected="nW/cm2/sr"),
    "WrongYear": lambda error: error("lights_2019.tif", got=[2019], expected=2020),
    "AllMissing": lambda error: error("ghs 2020", cells=9),
    "GridMismatch": lambda error: error("people", got="250 m", expected="1000 m"),
    "UndeclaredRaster": lambda error: error("a", got="kind=None", expected="kind count"),
    "NoLand": lambda error: error("ghs 2020", people=1234.5),
    "ImplausibleFriction": lambda error: error(
        "map", median=30.0, expected=(0.0003, 0.1), guess="; it would fit as a speed in km/h"
    ),
    "NothingPassable": lambda error: error("map", cells=9),
    "ClassesWithoutSpeed": lambda error: error("modis", got={"0": 1200, "18": 3}, known=range(1, 18)),
    "CellsTooLarge": lambda error: error("ghs", got_km2=25.0, limit_km2=2.0),
    "EmptyLayer": lambda error: error("a.gpkg"),
    "DuplicateIds": lambda error: error("a.gpkg", column="code", ids=["x", "y"]),
    "MissingIds": lambda error: error("a.gpkg", column="code", rows=[0, 3]),
    "NotANumber": lambda error: error("a.csv", column="people", found=["row 3: 'many'"]),
    "SharesDoNotAddUp": lambda error: error("a.csv", found={"Old": 0.9}),
    "WrongGeometry": lambda error: error("a.gpkg", got="points", expected="polygons"),
    "UnknownName": lambda error: error("rules", "tresholds", known=["thresholds", "notebook"]),
    "BadSetting": lambda error: error("kaz.toml", ["[country] iso3 is missing", "unknown setting 'x'. Did you mean 'y'?"]),
    "OutputRefused": lambda error: error("out", reason="No space left on device"),
    "CannotFetch": lambda error: error("https://example.org/a.tif", reason="404 Not Found"),
    "MissingDataset": lambda error: error("ghs-pop-r2023a", section="population.ghs", reason="Cannot fetch it. Try again."),
    "WrongContent": lambda error: error("https://example.org/a.tif", got="a page in HTML", expected="a GeoTIFF"),
    "ChangedContent": lambda error: error("https://example.org/a.tif", got="0" * 64, expected="1" * 64, record="a.tif.json"),
    "UnsafeName": lambda error: error("../a.tif"),
    "NotInCache": lambda error: error("cache", ["ghs/a.zip", "ghs/b.zip"]),
    "CacheRefused": lambda error: error("cache", reason="No space left on device"),
    "InvalidTable": lambda error: error("values", got="a column less", expected="all columns"),
    "MissingExtra": lambda error: error("matplotlib", extra="report", purpose="Drawing maps"),
}
"""How each error is raised; a new class needs a line here."""

CURES = (
    r"Check |Add |Give |Name |Use |Warp |Cut |Fill |Bring |Say |Run: |Mend |Drop |fetch it again|Did you mean|Known: "
    r"|is missing|expected a code such as"
)
CLASSES = {name: error for name, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, Exception)}


def test_every_error_of_the_module_is_listed():
    assert set(CLASSES) == set(PLAUSIBLE)


@pytest.mark.parametrize("name", list(PLAUSIBLE))
def test_it_is_an_error_of_this_project(name):
    assert issubclass(CLASSES[name], UrbanReviewError)


@pytest.mark.parametrize("name", list(PLAUSIBLE))
def test_it_says_what_to_do(name):
    text = str(PLAUSIBLE[name](CLASSES[name]))
    assert re.search(CURES, text), text


@pytest.mark.parametrize("name", list(PLAUSIBLE))
def test_it_is_one_line_that_ends_like_a_sentence(name):
    text = str(PLAUSIBLE[name](CLASSES[name]))
    assert "\n" not in text
    assert re.search(r"""[.?"]$|gdalwarp in\.tif out\.tif$""", text), text
    assert "  " not in text


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("UnreadableFile", ("a.tif", "expected a raster", "got 'read error'")),
        ("GridMismatch", ("got 250 m, expected 1000 m", "resample('people', to=...)")),
        ("CrossesAntimeridian", ("from 170.0000 to 190.0000", "-180 to 180")),
        ("NoOverlap", ("(1.000, 2.000, 3.000, 4.000)", "(5.000, 6.000, 7.000, 8.000)")),
        ("WrongUnits", ("'W/cm2/sr'", "expected nW/cm2/sr", "Bring them to nW/cm2/sr")),
        ("WrongYear", ("the year 2019 in its name", "expected 2020")),
        ("AllMissing", ("ghs 2020", "9 cells")),
        ("CellsTooLarge", ("25.00 km2", "2 km2")),
        ("ImplausibleFriction", ("'map'", "median of 30", "expected 0.0003 to 0.1 minutes per metre", "a speed in km/h")),
        ("NothingPassable", ("'map'", "no passable cell among 9")),
        ("DuplicateIds", ("'code'", "2 duplicate ids (x, y)", "expected one row each")),
        ("MissingIds", ("'code'", "2 rows (0, 3)", "expected an id in each")),
        ("NotANumber", ("'people'", "1 cell that cannot be read (row 3: 'many')", "expected numbers")),
        ("SharesDoNotAddUp", ("'Old': 0.9 together", "shares from 0 to 1 that add up to 1")),
        ("WrongGeometry", ("holds points, expected polygons",)),
        ("AmbiguousInput", ("7 files (a, b, c, d, e and 2 more)", "expected one", "Name one.")),
        ("MissingFile", ("data/a.tif", "setting '[land] path'")),
        ("MissingExtra", ("Drawing maps", "'matplotlib'", 'pip install "urbanreview[report]"')),
        ("BadSetting", ("kaz.toml: [country] iso3 is missing; unknown setting 'x'",)),
    ],
)
def test_it_says_what_was_found_and_what_was_expected(name, parts):
    text = str(PLAUSIBLE[name](CLASSES[name]))
    for part in parts:
        assert part in text


@pytest.mark.parametrize(
    ("word", "said"),
    [("tresholds", "Did you mean 'thresholds'?"), ("xyz", "Known: thresholds, notebook.")],
    ids=["near", "far"],
)
def test_a_guess_where_there_is_one_and_the_list_where_not(word, said):
    assert str(errors.UnknownName("rules", word, known=["thresholds", "notebook"])).endswith(said)


def test_every_error_has_a_docstring_of_one_line():
    for error in CLASSES.values():
        assert error.__doc__
        assert error.__doc__.strip().endswith(".")
        assert "\n" not in error.__doc__.strip()
