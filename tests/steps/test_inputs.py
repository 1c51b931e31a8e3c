"""From a section of the settings to an open raster: the path of a date, or the date inside a file."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from shapely.geometry import box

from urbanreview.config import Lights, RasterInput
from urbanreview.errors import MissingFile
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
