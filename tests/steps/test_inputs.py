"""From a section of the settings to an open raster: the path of a date, or the date inside a file."""

import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import xarray as xr
from affine import Affine
from shapely.geometry import box

from urbanreview.config import BuiltUp, Lights, RasterInput
from urbanreview.errors import BadSetting, MissingFile, WrongYear
from urbanreview.steps.inputs import fill_path, open_input

COUNTRY = gpd.GeoSeries([box(66.5, 46.0, 68.0, 47.0)], crs=4326)


@pytest.mark.parametrize(
    ("template", "year", "month", "filled"),
    [
        ("a.tif", 2020, 3, "a.tif"),
        ("{year}/a_{year}.tif", 2020, None, "2020/a_2020.tif"),
        ("{year}-{month:02}.tif", 2018, 3, "2018-03.tif"),
        ("{year}-{month}.tif", 2018, 3, "2018-3.tif"),
        ("{year}-{month:02}.tif", 2018, None, "2018-{month:02}.tif"),
        ("{ISO}/{0}/{year}.tif", 2018, 12, "{ISO}/{0}/2018.tif"),
        ("a{.tif", 2018, 12, "a{.tif"),
    ],
)
def test_year_and_month_are_filled_in_and_other_braces_stay(template, year, month, filled):
    assert fill_path(template, year=year, month=month) == filled


@pytest.fixture
def write_steps(tmp_path):
    """Write a NetCDF whose step number k holds k + 1 everywhere."""

    def write(name: str, times: list[str]) -> Path:
        cells = np.ones((len(times), 6, 8)) * np.arange(1, len(times) + 1)[:, None, None]
        coords = {"time": pd.to_datetime(times), "lat": 47.75 - 0.5 * np.arange(6), "lon": 66.25 + 0.5 * np.arange(8)}
        xr.Dataset({"light": (("time", "lat", "lon"), cells)}, coords=coords).to_netcdf(tmp_path / name, engine="h5netcdf")
        return tmp_path / name

    return write


def opened(section: RasterInput, base: Path, **date: int):
    return open_input(
        section, name="lights", kind="intensity", units="nW/cm2/sr", base=base, within=COUNTRY, margin_km=0.0, **date
    )


@pytest.mark.parametrize("variable", ["light", None], ids=["named", "the only one"])
class TestTimeInsideAFile:
    def test_the_year_is_picked(self, write_steps, tmp_path, variable):
        write_steps("l.nc", ["2018-07-01", "2019-07-01", "2020-07-01"])
        raster, _, record = opened(Lights(path="l.nc", years=[2019], variable=variable), tmp_path, year=2019)
        assert raster.dims == ("y", "x")
        assert np.unique(raster.values).tolist() == [2.0]
        assert raster.attrs["kind"] == "intensity"
        assert (record.name, record.path) == ("lights", "l.nc")

    def test_the_month_is_picked(self, write_steps, tmp_path, variable):
        write_steps("l.nc", ["2019-12-01", "2020-01-01", "2020-02-01"])
        raster, _, _ = opened(Lights(path="l.nc", years=[2020], variable=variable), tmp_path, year=2020, month=2)
        assert np.unique(raster.values).tolist() == [3.0]

    def test_a_year_that_is_not_in_it_is_told(self, write_steps, tmp_path, variable):
        write_steps("l.nc", ["2018-07-01", "2019-07-01"])
        with pytest.raises(MissingFile, match=r"l\.nc at 2020"):
            opened(Lights(path="l.nc", years=[2020], variable=variable), tmp_path, year=2020)

    def test_a_file_per_year_may_hold_its_one_step(self, write_steps, tmp_path, variable):
        write_steps("l_2020.nc", ["2020-07-01"])
        raster, _, _ = opened(Lights(path="l_{year}.nc", years=[2020], variable=variable), tmp_path, year=2020)
        assert raster.dims == ("y", "x")

    def test_a_file_per_month_may_hold_its_one_step(self, write_steps, tmp_path, variable):
        write_steps("l_2020-03.nc", ["2020-03-01"])
        section = Lights(path="l_{year}-{month:02}.nc", years=[2020], variable=variable)
        raster, _, _ = opened(section, tmp_path, year=2020, month=3)
        assert raster.dims == ("y", "x")

    def test_a_file_per_year_may_hold_its_months(self, write_steps, tmp_path, variable):
        write_steps("l_2020.nc", ["2020-01-01", "2020-02-01"])
        section = Lights(path="l_{year}.nc", years=[2020], variable=variable)
        raster, _, _ = opened(section, tmp_path, year=2020, month=2)
        assert np.unique(raster.values).tolist() == [2.0]

    def test_neither_its_name_nor_other_years_matter(self, write_steps, tmp_path, variable):
        write_steps("l_1991-2000.nc", ["2019-07-01", "2020-07-01"])
        raster, _, _ = opened(Lights(path="l_1991-2000.nc", years=[2019, 2020], variable=variable), tmp_path, year=2020)
        assert np.unique(raster.values).tolist() == [2.0]


@pytest.fixture
def write_cells(tmp_path):
    """Write a GeoTIFF with one number everywhere, an odd one in its first cells."""

    def write(name: str, value: float = 1.0, odd: float | None = None) -> Path:
        cells = np.full((6, 8), value)
        cells[2:4, 2] = value if odd is None else odd
        grid = {"height": 6, "width": 8, "crs": "EPSG:4326", "transform": Affine(0.5, 0, 66, 0, -0.5, 48)}
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with rasterio.open(path, "w", driver="GTiff", count=1, dtype="float64", **grid) as file:
            file.write(cells, 1)
        return path

    return write


class TestYearInTheName:
    @pytest.mark.parametrize("name", ["l_2020.tif", "l.tif", "l_2019-2020.tif", "l_20200101.tif", "2019/l.tif", "l_R2019A.tif"])
    def test_the_right_one_or_none_passes(self, write_cells, tmp_path, name):
        write_cells(name)
        assert opened(Lights(path=name, years=[2020]), tmp_path, year=2020)[0].shape == (2, 3)

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("l_2019.tif", "the year 2019"),
            ("l_E2018_R2020A.tif", "the year 2018"),
            ("l_201801-201812.tif", "the year 2018"),
            ("2020/l_2019.tif", "the year 2019"),
            ("l_201812-201902.tif", "the years 2018, 2019"),
        ],
    )
    def test_another_is_refused(self, write_cells, tmp_path, name, said):
        write_cells(name)
        with pytest.raises(WrongYear, match=rf"{name} has {said} in its name, expected 2020\. Give"):
            opened(Lights(path=name, years=[2020]), tmp_path, year=2020)

    def test_the_member_of_an_archive_counts_and_not_the_archive(self, write_cells, tmp_path):
        with zipfile.ZipFile(tmp_path / "l_2020.zip", "w") as archive:
            archive.write(write_cells("l_2019.tif"), "l_2019.tif")
        with pytest.raises(WrongYear, match=r"l_2020\.zip has the year 2019"):
            opened(Lights(path="l_{year}.zip", years=[2020]), tmp_path, year=2020)
        assert opened(Lights(path="l_2020.zip!l_2019.tif", years=[2019]), tmp_path, year=2019)

    def test_a_link_is_called_by_its_own_name(self, write_cells, tmp_path):
        (tmp_path / "l_2020.tif").symlink_to(write_cells("store_2019.tif"))
        assert opened(Lights(path="l_2020.tif", years=[2020]), tmp_path, year=2020)

    def test_a_netcdf_without_time_is_asked_as_well(self, tmp_path):
        coords = {"lat": 47.75 - 0.5 * np.arange(6), "lon": 66.25 + 0.5 * np.arange(8)}
        xr.Dataset({"light": (("lat", "lon"), np.ones((6, 8)))}, coords=coords).to_netcdf(tmp_path / "l_2019.nc")
        with pytest.raises(WrongYear):
            opened(Lights(path="l_2019.nc", years=[2020]), tmp_path, year=2020)

    def test_nobody_asks_without_a_year_or_where_the_caller_says_so(self, write_cells, tmp_path):
        write_cells("l_2019.tif")
        assert opened(RasterInput(path="l_2019.tif"), tmp_path)
        assert opened(Lights(path="l_2019.tif", years=[2020, 2021]), tmp_path, year=2020, check_year=False)


class TestOneFileForSeveralYears:
    @pytest.mark.parametrize("path", ["l.tif", "l_2020.tif", "l_{month:02}.tif"])
    def test_it_is_refused(self, write_cells, tmp_path, path):
        write_cells(fill_path(path, month=3))
        with pytest.raises(
            BadSetting, match=r"one file without a time axis for 2 years \(2019, 2020\)\. Give its path a \{year\}"
        ):
            opened(Lights(path=path, years=[2020, 2019]), tmp_path, year=2020, month=3)

    @pytest.mark.parametrize(("path", "years"), [("l_{year}.tif", [2019, 2020]), ("l_2020.tif", [2020, 2020])])
    def test_a_file_per_year_or_one_year_passes(self, write_cells, tmp_path, path, years):
        write_cells("l_2020.tif")
        assert opened(Lights(path=path, years=years), tmp_path, year=2020)


class TestOddNumbers:
    def test_negative_radiance_is_counted_and_stays(self, write_cells, tmp_path):
        write_cells("l.tif", odd=-0.25)
        raster, ledger, _ = opened(Lights(path="l.tif", years=[2020]), tmp_path, year=2020)
        assert ledger.amount("negative radiance: noise, counted as dark") == 2
        assert (raster.values == -0.25).sum() == 2

    def test_built_up_larger_than_the_cell_is_counted_and_stays(self, write_cells, tmp_path):
        write_cells("b.tif", odd=1e12)
        raster, ledger, _ = open_input(
            BuiltUp(path="b.tif", years=[2020]),
            name="built_up 2020",
            kind="count",
            units="m2",
            base=tmp_path,
            within=COUNTRY,
            margin_km=0.0,
            year=2020,
        )
        assert ledger.frame()[["step", "cause", "amount"]].values.tolist() == [
            ["built_up 2020", "larger than the cell: is it in m2?", 2.0]
        ]
        assert float(raster.max()) == 1e12
