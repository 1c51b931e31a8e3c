"""GHSL: the tiles that a country touches, the epochs that there are, and rasters that are the tiles' cells again."""

import re
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

from urbanreview.errors import AmbiguousInput, UnknownName
from urbanreview.sources import open_raster
from urbanreview.sources.catalogue import Dataset, dataset_of
from urbanreview.sources.outlines import outline_of
from urbanreview.sources.providers import ghsl, provider_of
from urbanreview.sources.remote import Place

KAZAKHSTAN = Place("KAZ", outline_of("KAZ"), 50.0)
MOLLWEIDE_TILES = ["R3_C22", "R3_C23", "R3_C24", "R3_C25", "R4_C22", "R4_C23", "R4_C24", "R4_C25", "R5_C23", "R5_C24"]
DEGREE_TILES = [f"R{row}_C{column}" for row in (4, 5) for column in range(23, 28)]
CORNER = (3_959_000.0, 6_000_000.0)
"""Where tiles R3_C22, R3_C23, R4_C22 and R4_C23 meet [m]."""


class Hosts:
    """Servers that nobody asks."""

    @staticmethod
    def hosts(template: str) -> str:
        return template.replace("{jrc}", "http://jrc.test/open").replace("{jrc_old}", "http://old.test/open")


@pytest.fixture
def at_the_corner() -> Place:
    """A small country in four tiles, in the west of Kazakhstan."""
    around = gpd.GeoSeries(
        [box(CORNER[0] - 20_000, CORNER[1] - 15_000, CORNER[0] + 25_000, CORNER[1] + 30_000)], crs="ESRI:54009"
    )
    return Place("KAZ", around.to_crs(4326), 10.0)


def people(rows: np.ndarray, columns: np.ndarray, nodata: float) -> np.ndarray:
    """A number of each cell of the world's grid within 200 cells of the corner, nodata beyond; fractions are people too."""
    near = (np.abs(rows - 3000) < 200)[:, None] & (np.abs(columns - 22_000) < 200)
    values = (rows - 2700)[:, None] * 400.0 + (columns - 21_700) + 0.25
    return np.where(near, values, nodata)


@pytest.fixture
def zip_tile(tmp_path) -> Callable[..., Path]:
    """Write a tile as the JRC does: a zip with one GeoTIFF and a PDF beside, 1,000 cells of 1 km."""

    def write(name: str, row: int, column: int, *, dtype: str = "float64", nodata: float = -200.0, members: int = 1) -> Path:
        tif = tmp_path / f"{Path(name).stem}.tif"
        corner = Affine(1000, 0, -18_041_000 + (column - 1) * 1_000_000, 0, -1000, 9_000_000 - (row - 1) * 1_000_000)
        values = people(np.arange(1000) + (row - 1) * 1000, np.arange(1000) + (column - 1) * 1000, nodata).astype(dtype)
        shape = {"count": 1, "height": 1000, "width": 1000, "transform": corner, "crs": "ESRI:54009", "compress": "lzw"}
        with rasterio.open(tif, "w", driver="GTiff", dtype=dtype, nodata=nodata, **shape) as file:
            file.write(values, 1)
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for number in range(members):
                archive.write(tif, f"{tif.stem}{'_b' * number}.tif")
            archive.writestr("GHS_POP_GLOBE_R2023A_input_metadata.xlsx", b"PK")
            archive.writestr("GHSL_Data_Package_2023.pdf", b"%PDF-1.4")
        return path

    return write


@pytest.fixture
def fetched(zip_tile, at_the_corner) -> Callable[..., dict[str, Path]]:
    """Everything that is wanted of a dataset, by name."""

    def fetch(dataset: Dataset, *periods: str, **how) -> dict[str, Path]:
        remotes = ghsl.wanted(dataset, at_the_corner, periods, web=Hosts()).remotes
        return {each.name: zip_tile(each.name, *place_in(each.name), **how) for each in remotes}

    return fetch


def place_in(name: str) -> tuple[int, int]:
    row, column = re.fullmatch(r".*_R(\d+)_C(\d+)\.zip", name).groups()
    return int(row), int(column)


def tiles(dataset: str, *periods: str) -> list[str]:
    remotes = ghsl.wanted(dataset_of(dataset), KAZAKHSTAN, periods, web=Hosts()).remotes
    return [re.search(r"R\d+_C\d+", remote.name)[0] for remote in remotes]


def without(files: Mapping[str, Path], word: str) -> dict[str, Path]:
    return {name: path for name, path in files.items() if word not in name}


@pytest.mark.parametrize("key", ["ghs-pop-r2023a", "ghs-pop-r2023a-100m", "ghs-built-s-r2023a", "ghs-smod-r2023a"])
def test_kazakhstan_is_in_ten_tiles_of_mollweide(key):
    assert tiles(key, "2020") == MOLLWEIDE_TILES


@pytest.mark.parametrize("key", ["ghs-pop-r2023a-3ss", "ghs-pop-r2023a-30ss"])
def test_kazakhstan_is_in_ten_tiles_of_ten_degrees(key):
    assert tiles(key, "2020") == DEGREE_TILES


def test_a_margin_asks_for_no_tile_more():
    far = Place("KAZ", KAZAKHSTAN.outline, 500.0)
    near = ghsl.wanted(dataset_of("ghs-pop-r2023a"), KAZAKHSTAN, ["2020"], web=Hosts())
    assert ghsl.wanted(dataset_of("ghs-pop-r2023a"), far, ["2020"], web=Hosts()) == near


def test_the_last_column_of_mollweide_reaches_to_the_end_of_the_world():
    """Column 36 is 1,082 km wide; the easternmost point of the world is 18,040.096 km east."""
    chukotka = gpd.GeoSeries([box(179.9, 0.1, 180.0, 0.2)], crs=4326)
    assert ghsl.tiles_of(chukotka, "ESRI:54009") == [(9, 36)]


def test_names_and_addresses_are_those_of_the_server():
    found = ghsl.wanted(dataset_of("ghs-pop-r2023a"), KAZAKHSTAN, ["2020"], web=Hosts()).remotes[0]
    path = "GHSL/GHS_POP_GLOBE_R2023A/GHS_POP_E2020_GLOBE_R2023A_54009_1000/V1-0/tiles"
    file = "GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0_R3_C22.zip"
    assert found.name == f"ghs-pop-r2023a/2020/{file}"
    assert found.addresses == (f"http://jrc.test/open/{path}/{file}", f"http://old.test/open/{path}/{file}")
    assert (found.form, found.period, found.window) == ("zip", "2020", None)
    assert found.size_bytes > 0


@pytest.mark.parametrize(
    ("key", "period", "second"),
    [
        (
            "ghs-pop-r2022a",
            "2020",
            "GHS_POP_GLOBE_R2022A/GHS_POP_GLOBE_R2022A/GHS_POP_E2020_GLOBE_R2022A_54009_1000/V1-0/tiles",
        ),
        ("ghs-smod-r2023a", "2020", "GHS_SMOD_GLOBE_R2023A/GHS_SMOD_E2020_GLOBE_R2023A_54009_1000/V2-0/tiles"),
        ("ghs-land-r2022a", "", "GHS_LAND_GLOBE_R2022A/GHS_LAND_E2018_GLOBE_R2022A_54009_1000/V1-0/tiles"),
    ],
)
def test_editions_lie_in_their_own_folders(key, period, second):
    found = ghsl.wanted(dataset_of(key), KAZAKHSTAN, [period], web=Hosts()).remotes
    assert len(found) == 10
    assert f"/GHSL/{second}/" in found[0].addresses[1]


def test_smod_is_the_second_edition():
    found = ghsl.wanted(dataset_of("ghs-smod-r2023a"), KAZAKHSTAN, ["2020"], web=Hosts()).remotes[0]
    assert found.name == "ghs-smod-r2023a/2020/GHS_SMOD_E2020_GLOBE_R2023A_54009_1000_V2_0_R3_C22.zip"


def test_years_that_are_no_epoch_are_left_out_and_projections_are_said():
    found = ghsl.wanted(dataset_of("ghs-pop-r2023a"), KAZAKHSTAN, ["2030", "2020", "2021", "2035", "2020"], web=Hosts())
    assert [remote.period for remote in found.remotes] == ["2020"] * 10 + ["2030"] * 10
    noted = found.ledger.frame()
    assert noted["cause"].tolist() == ["has no 2021: left out", "has no 2035: left out", "2030 is a projection"]
    assert set(noted["step"]) == {"ghs-pop-r2023a"}


def test_nothing_asked_is_nothing_wanted():
    assert ghsl.wanted(dataset_of("ghs-pop-r2023a"), KAZAKHSTAN, [], web=Hosts()).remotes == ()


@pytest.mark.parametrize(
    ("key", "dtype", "nodata"),
    [
        ("ghs-pop-r2023a", "float64", -200.0),
        ("ghs-built-s-r2023a", "uint32", 4294967295),
        ("ghs-pop-r2022a", "float64", -200.0),
    ],
)
def test_the_made_raster_is_the_tiles_cell_by_cell(fetched, at_the_corner, tmp_path, key, dtype, nodata):
    dataset = dataset_of(key)
    files = fetched(dataset, "2020", dtype=dtype, nodata=nodata)
    assert len(files) == 4
    ledger = ghsl.make(dataset, at_the_corner, ["2020"], files=files, folder=tmp_path / "made")
    assert ledger.entries == ()
    with rasterio.open(tmp_path / "made" / "2020.tif") as made:
        rows, columns = rows_and_columns(made)
        assert made.read(1).tolist() == people(rows, columns, nodata).astype(dtype).tolist()
        assert (made.dtypes, made.nodata, made.crs.to_string()) == ((dtype,), nodata, "ESRI:54009")
        assert made.width < 200
        assert made.tags()["kind"] == "count"
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["2020.tif"]


def rows_and_columns(made) -> tuple[np.ndarray, np.ndarray]:
    """Places of the cells of a raster on the grid of the world."""
    row, column = (9_000_000 - made.bounds.top) / 1000, (made.bounds.left + 18_041_000) / 1000
    assert (row % 1, column % 1) == (0, 0)
    return np.arange(made.height) + int(row), np.arange(made.width) + int(column)


def test_a_reader_finds_the_same_as_in_the_whole_grid(fetched, at_the_corner, tmp_path):
    """One raster of the neighbourhood, as from a local file, and the one that is made read alike."""
    dataset = dataset_of("ghs-pop-r2023a")
    ghsl.make(dataset, at_the_corner, ["2020"], files=fetched(dataset, "2020"), folder=tmp_path)
    rows, columns = np.arange(2850, 3150), np.arange(21_850, 22_150)
    place = {
        "transform": Affine(1000, 0, 21_850e3 - 18_041_000, 0, -1000, 9_000_000 - 2850e3),
        "crs": "ESRI:54009",
        "nodata": -200,
    }
    with rasterio.open(
        tmp_path / "own.tif", "w", driver="GTiff", count=1, width=300, height=300, dtype="float64", **place
    ) as file:
        file.write(people(rows, columns, -200.0), 1)
    how = {"kind": "count", "units": "people", "source": "ghs", "within": at_the_corner.outline, "margin_km": 10.0}
    made, made_ledger = open_raster(tmp_path / "2020.tif", **how)
    own, own_ledger = open_raster(tmp_path / "own.tif", **how)
    assert made.identical(own)
    assert made_ledger == own_ledger


def test_where_a_tile_is_missing_nothing_is_known_and_the_ledger_says_so(fetched, at_the_corner, tmp_path):
    dataset = dataset_of("ghs-pop-r2023a")
    files = without(fetched(dataset, "2020"), "R4_C23")
    ledger = ghsl.make(dataset, at_the_corner, ["2020"], files=files, folder=tmp_path)
    name = "ghs-pop-r2023a/2020/GHS_POP_E2020_GLOBE_R2023A_54009_1000_V1_0_R4_C23.zip"
    assert ledger.frame()["cause"].tolist() == [f"no tile {name}: its cells are missing"]
    with rasterio.open(tmp_path / "2020.tif") as made:
        rows, columns = rows_and_columns(made)
        expected = people(rows, columns, -200.0)
        expected[np.ix_(rows >= 3000, columns >= 22_000)] = -200.0
        assert made.read(1).tolist() == expected.tolist()
        assert (expected == -200.0).any()
        assert (expected != -200.0).any()


def test_an_epoch_without_tiles_is_not_made(fetched, at_the_corner, tmp_path):
    dataset = dataset_of("ghs-pop-r2023a")
    files = without(fetched(dataset, "2015", "2020"), "/2015/")
    assert ghsl.make(dataset, at_the_corner, ["2015", "2020"], files=files, folder=tmp_path / "made").entries == ()
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["2020.tif"]


def test_land_has_one_epoch_and_no_year_in_its_name(fetched, at_the_corner, tmp_path):
    dataset = dataset_of("ghs-land-r2022a")
    files = fetched(dataset, "", dtype="uint32", nodata=4294967295)
    assert sorted(files)[0] == "ghs-land-r2022a/2018/GHS_LAND_E2018_GLOBE_R2022A_54009_1000_V1_0_R3_C22.zip"
    ghsl.make(dataset, at_the_corner, [""], files=files, folder=tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["land.tif"]


def test_what_is_made_is_not_made_again(fetched, at_the_corner, tmp_path):
    dataset = dataset_of("ghs-pop-r2023a")
    files = fetched(dataset, "2020")
    stamps = []
    for _ in range(2):
        ghsl.make(dataset, at_the_corner, ["2020"], files=files, folder=tmp_path)
        stamps.append((tmp_path / "2020.tif").stat().st_mtime_ns)
    assert stamps[0] == stamps[1]


def test_an_archive_with_two_rasters_is_refused(fetched, at_the_corner, tmp_path):
    dataset = dataset_of("ghs-pop-r2023a")
    with pytest.raises(AmbiguousInput, match="holds 2 files"):
        ghsl.make(dataset, at_the_corner, ["2020"], files=fetched(dataset, "2020", members=2), folder=tmp_path / "made")
    assert not (tmp_path / "made" / "2020.tif").exists()


def test_a_dataset_leads_to_its_provider():
    assert provider_of(dataset_of("ghs-pop-r2023a")) is ghsl
    with pytest.raises(UnknownName, match="landscan-global"):
        provider_of(dataset_of("landscan-global"))
