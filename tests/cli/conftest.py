"""A toy country of 60 by 80 cells, in metres north of the equator and in degrees south of it, and commands run on it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from click.testing import CliRunner, Result
from shapely.geometry import box

ROWS, COLS = 60, 80
DISTRICTS = {"w": ("West", (5, 55, 5, 40)), "ne": ("Northeast", (5, 30, 40, 75)), "se": ("Southeast", (30, 55, 40, 75))}
"""Id, name, and first and last row and column: whole cells, lopsided, with a margin of five cells around all."""
CENTRES = {(15, 20, 15, 21): 4000.0, (38, 42, 55, 60): 5000.0}
"""First and last row and column of the two urban centres, and people per cell: 120,000 and 100,000."""
TOWN = (45, 50, 20, 25), 400.0
"""A town of 10,000 that is an urban cluster and no centre."""


@dataclass(frozen=True)
class Grid:
    """What differs between the two toys: the grid, and how the population says that a cell is missing."""

    crs: str
    transform: Affine
    dtype: str
    nodata: float


GRIDS = {
    "metres": Grid("ESRI:54009", Affine(1000, 0, 5_000_000, 0, -1000, 5_600_000), "float64", -200.0),
    "south": Grid("EPSG:4326", Affine(1 / 120, 0, -58.5, 0, -1 / 120, -33.9), "float32", -99999.0),
}
SETTINGS = """\
[country]
iso3 = "TOY"
name = "Toyland"
margin_km = 3

[boundaries]
path = "data/districts.gpkg"
id = "code"
name = "name"
year = 2022

[population.ghs]
path = "data/people_{year}.tif"
years = [2010, 2020]

[built_up]
path = "data/built_{year}.tif"
years = [2020]

[lights]
path = "data/lights_{year}.tif"
years = [2019, 2020]

[output]
folder = "toy-review"
"""


def people() -> np.ndarray:
    """Two people per cell in the country, more around the centres and in the town; none is known in one corner."""
    cells = np.full((ROWS, COLS), 2.0)
    for (top, bottom, left, right), each in CENTRES.items():
        cells[top - 1 : bottom + 1, left - 1 : right + 1] = 500.0
        cells[top:bottom, left:right] = each
    (top, bottom, left, right), each = TOWN
    cells[top:bottom, left:right] = each
    cells[:3, :3] = np.nan
    return cells


def write_raster(path: Path, cells: np.ndarray, grid: Grid, *, dtype: str, nodata: float, **more: object) -> None:
    profile = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "crs": grid.crs, "transform": grid.transform}
    with rasterio.open(path, "w", driver="GTiff", **(profile | {"dtype": dtype, "nodata": nodata} | more)) as file:
        file.write(np.where(np.isnan(cells), nodata, cells).astype(dtype), 1)


def districts_of(grid: Grid) -> gpd.GeoDataFrame:
    def shape(top: int, bottom: int, left: int, right: int):
        (west, north), (east, south) = grid.transform @ (left, top), grid.transform @ (right, bottom)
        return box(west, south, east, north)

    rows = [(code, name, shape(*cells)) for code, (name, cells) in DISTRICTS.items()]
    codes, names, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"code": codes, "name": names}, geometry=list(shapes), crs=grid.crs)


def make_toy(folder: Path, grid: Grid) -> Path:
    """Write the toy country and return its settings file."""
    data = folder / "data"
    data.mkdir(parents=True)
    districts_of(grid).to_file(data / "districts.gpkg")
    cells = people()
    for year, growth in ((2010, 0.5), (2020, 1.0)):
        write_raster(data / f"people_{year}.tif", cells * growth, grid, dtype=grid.dtype, nodata=grid.nodata)
    dense = np.nan_to_num(cells) >= 4000.0
    for year in (2019, 2020):
        light = np.where(dense, 20.0 + year - 2019, 0.05)
        write_raster(data / f"lights_{year}.tif", light, grid, dtype="float32", nodata=-999.3)
    built = np.where(dense, 200_000.0, 0.0)
    write_raster(data / "built_2020.tif", built, grid, dtype="uint32", nodata=4294967295)
    settings = folder / "toy.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    return settings


@pytest.fixture(scope="session")
def tree() -> Callable[[Path], dict[str, str]]:
    """List every file below a folder with the hash of its content, and every folder."""

    def listed(folder: Path) -> dict[str, str]:
        return {
            path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            for path in sorted(folder.rglob("*"))
        }

    return listed


@pytest.fixture
def invoke() -> Callable[..., Result]:
    """Run a command in this process; a traceback is a failure of the test."""
    from urbanreview.cli import main

    def run(*words: object) -> Result:
        result = CliRunner().invoke(main, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture
def fails(invoke: Callable[..., Result]) -> Callable[..., str]:
    """Run a command that must fail: one sentence on stderr, no traceback. Returns the sentence."""

    def run(*words: object, code: int = 1) -> str:
        result = invoke(*words)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        said = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
        assert len(said) == 1, result.stderr
        assert result.stderr.splitlines()[-1] == said[0]
        return said[0]

    return run


@pytest.fixture(scope="session")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the toy country in metres, for copying only."""
    return make_toy(tmp_path_factory.mktemp("untouched"), GRIDS["metres"]).parent


@pytest.fixture
def settings_file(tmp_path: Path, untouched: Path) -> Path:
    """A settings file of a toy country in metres, of the test's own: it may be damaged."""
    shutil.copytree(untouched, tmp_path, dirs_exist_ok=True)
    return tmp_path / "toy.toml"


@pytest.fixture(scope="session")
def kept(finished: Callable[[str], "Run"]) -> Path:
    """The store of a finished run on the toy country in metres, for copying only."""
    return finished("metres").checked().folder / ".store"


@pytest.fixture
def going_on(kept: Path) -> Callable[[Path], Path]:
    """Lay the store of a finished run into the output folder of a settings file: what a test changes is all that is redone."""

    def laid(settings: Path, *, output: str | Path = "toy-review") -> Path:
        shutil.copytree(kept, settings.parent / output / ".store")
        return settings

    return laid


@dataclass(frozen=True)
class Toy:
    """The parts of the toy country in metres, to write some of them anew."""

    settings: Path
    grid: Grid = GRIDS["metres"]

    @property
    def data(self) -> Path:
        """Folder of the inputs."""
        return self.settings.parent / "data"

    def cells(self) -> np.ndarray:
        """People per cell in 2020."""
        return people()

    def districts(self) -> gpd.GeoDataFrame:
        """The boundaries as they were written."""
        return districts_of(self.grid)

    def draw(self, districts: gpd.GeoDataFrame) -> None:
        """Write other boundaries."""
        (self.data / "districts.gpkg").unlink()
        districts.to_file(self.data / "districts.gpkg")

    def paint(self, name: str, cells: np.ndarray, **more: object) -> None:
        """Write another raster."""
        profile = {"dtype": self.grid.dtype, "nodata": self.grid.nodata} | more
        write_raster(self.data / name, cells, self.grid, **profile)

    def say(self, old: str, new: str) -> None:
        """Change the settings."""
        text = self.settings.read_text(encoding="utf-8")
        assert old in text
        self.settings.write_text(text.replace(old, new), encoding="utf-8")

    def draw_nothing(self) -> None:
        """Leave the drawn report away, which takes seconds."""
        self.say('folder = "toy-review"', 'folder = "toy-review"\nreport = false')

    def add(self, more: str) -> None:
        """Add to the settings."""
        self.settings.write_text(self.settings.read_text(encoding="utf-8") + more, encoding="utf-8")


@pytest.fixture
def parts(settings_file: Path) -> Toy:
    return Toy(settings_file)


@dataclass(frozen=True)
class Run:
    """A finished run of a command on a toy country."""

    grid: Grid
    settings: Path
    before: dict[str, str]
    result: Result

    @property
    def folder(self) -> Path:
        """Where the review went."""
        return self.settings.parent / "toy-review"

    def checked(self) -> "Run":
        """Return the run itself if it succeeded; a failed one is not tried again for every test."""
        assert self.result.exit_code == 0, f"{self.result.output}\n{self.result.exception!r}"
        return self

    def people_of(self, code: str) -> float:
        """People of a district, counted with a pencil; of the whole country under the empty code."""
        cells = np.nan_to_num(people())
        windows = [window for name, (_, window) in DISTRICTS.items() if code in ("", name)]
        return float(sum(cells[top:bottom, left:right].sum() for top, bottom, left, right in windows))


@pytest.fixture(scope="session")
def finished(
    tmp_path_factory: pytest.TempPathFactory, untouched: Path, tree: Callable[[Path], dict[str, str]]
) -> Callable[[str], Run]:
    """`urbanreview run` on the toy of a name, once; the one in metres has the files of `untouched`, byte for byte."""
    from urbanreview.cli import main

    @cache
    def run(name: str) -> Run:
        folder = tmp_path_factory.mktemp(name) / "toy"
        settings = shutil.copytree(untouched, folder) / "toy.toml" if name == "metres" else make_toy(folder, GRIDS[name])
        before = tree(settings.parent)
        result = CliRunner().invoke(main, ["run", str(settings)])
        return Run(GRIDS[name], settings, before, result)

    return run


@pytest.fixture(params=list(GRIDS))
def reviewed(request: pytest.FixtureRequest, finished: Callable[[str], Run]) -> Run:
    """A finished review of either toy."""
    return finished(request.param).checked()


@pytest.fixture
def reviewed_in_metres(finished: Callable[[str], Run]) -> Run:
    return finished("metres").checked()
