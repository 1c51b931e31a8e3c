"""NetCDF files as providers write them: axes under any name and in any direction, calendars, packed numbers."""

import cftime
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from affine import Affine
from pyproj import CRS
from shapely.geometry import box

from urbanreview.errors import (
    AllMissing,
    AmbiguousInput,
    CrossesAntimeridian,
    MissingCrs,
    NoOverlap,
    NotInInput,
    UnreadableFile,
)
from urbanreview.grid import geobox_of, same_crs, same_grid
from urbanreview.sources import open_raster

WITHOUT_CRS = "coordinates in degrees without a CRS taken as EPSG:4326"


def rain(path, **how):
    return open_raster(path, kind="intensity", units="mm/month", source="cru", **how)


@pytest.fixture
def twin(write_tif, values):
    """The same cells as a GeoTIFF."""
    return rain(write_tif(values, transform=Affine(0.5, 0, 66.0, 0, -0.5, 48.0)))[0]


def same(raster, twin):
    assert raster.dims == ("y", "x")
    assert raster.attrs == {"kind": "intensity", "units": "mm/month", "source": "cru"}
    assert same_grid(geobox_of(raster), geobox_of(twin))
    assert np.array_equal(raster.values, twin.values)


class TestAxes:
    def test_latitude_falling(self, write_nc, values, twin):
        raster, ledger = rain(write_nc(values))
        same(raster, twin)
        assert ledger.frame()["cause"].tolist() == [WITHOUT_CRS]

    def test_latitude_rising(self, write_nc, values, twin):
        same(rain(write_nc(values[::-1], latitude=np.arange(6) * 0.5 + 45.25))[0], twin)

    @pytest.mark.parametrize("names", [("latitude", "longitude"), ("y", "x"), ("LAT", "LON"), ("Latitude", "Longitude")])
    def test_any_usual_name(self, write_nc, values, twin, names):
        same(rain(write_nc(values, names=names))[0], twin)

    @pytest.mark.parametrize("rising", [True, False])
    def test_a_window_is_that_of_the_twin(self, write_nc, write_tif, values, country, rising):
        part, _ = rain(write_tif(values), within=country, margin_km=10.0)
        cells, latitude = (values[::-1], np.arange(6) * 0.5 + 45.25) if rising else (values, None)
        same(rain(write_nc(cells, latitude=latitude), within=country, margin_km=10.0)[0], part)

    def test_longitude_before_latitude(self, tmp_path, values, twin):
        dataset = xr.Dataset(
            {"pre": (("lon", "lat"), values.T)}, coords={"lon": np.arange(8) * 0.5 + 66.25, "lat": 47.75 - np.arange(6) * 0.5}
        )
        dataset.to_netcdf(tmp_path / "turned.nc", engine="h5netcdf")
        same(rain(tmp_path / "turned.nc")[0], twin)

    def test_longitudes_0_to_360_are_rolled(self, write_nc):
        cells = np.arange(18 * 36.0).reshape(18, 36)
        path = write_nc(cells, latitude=85.0 - 10 * np.arange(18), longitude=5.0 + 10 * np.arange(36))
        raster, ledger = rain(path)
        assert geobox_of(raster).boundingbox.bbox == (-180.0, -90.0, 180.0, 90.0)
        assert np.array_equal(raster.values, np.roll(cells, 18, axis=1))
        assert ledger.amount("longitudes 0 to 360 brought to -180 to 180") == 1

    def test_a_window_west_of_greenwich_of_a_rolled_file(self, write_nc):
        cells = np.arange(18 * 36.0).reshape(18, 36)
        path = write_nc(cells, latitude=85.0 - 10 * np.arange(18), longitude=5.0 + 10 * np.arange(36))
        over = gpd.GeoSeries([box(-12, 31, 3, 38)], crs=4326)
        raster, _ = rain(path, within=over)
        assert geobox_of(raster).boundingbox.bbox == (-20.0, 30.0, 10.0, 40.0)
        assert raster.values.tolist() == [[5 * 36 + 34.0, 5 * 36 + 35.0, 5 * 36 + 0.0]]

    def test_longitudes_in_the_west_only_written_beyond_180(self, write_nc, values):
        raster, _ = rain(write_nc(values, longitude=290.25 + 0.5 * np.arange(8)))
        assert geobox_of(raster).boundingbox.left == -70.0
        assert np.array_equal(raster.values, values)

    def test_longitudes_over_the_antimeridian_are_refused(self, write_nc, values):
        with pytest.raises(CrossesAntimeridian, match=r"'cru' crosses the antimeridian: it runs from 170\.0000 to 187\.5000"):
            rain(write_nc(values, longitude=170 + 2.5 * np.arange(8)))

    def test_axes_of_length_one_are_dropped(self, write_nc, values, twin):
        path = write_nc(values[np.newaxis, np.newaxis], axes={"height": [2.0], "realization": [0]})
        same(rain(path)[0], twin)

    def test_further_axes_are_refused(self, write_nc, values):
        path = write_nc(np.stack([values, values]), axes={"height": [2.0, 10.0]})
        with pytest.raises(
            UnreadableFile, match=r"expected time, latitude and longitude only, got 'further axes \['height'\]'"
        ):
            rain(path)

    def test_no_latitude_is_refused(self, write_nc, values):
        with pytest.raises(
            UnreadableFile, match=r"expected a latitude \(y\) and a longitude \(x\) axis, got 'dims station, lon'"
        ):
            rain(write_nc(values, names=("station", "lon")))

    def test_uneven_coordinates_are_refused(self, write_nc, values):
        uneven = np.array([47.75, 47.25, 46.95, 46.25, 45.75, 45.25])
        with pytest.raises(UnreadableFile, match="expected a regular grid, got 'unevenly spaced coordinates'"):
            rain(write_nc(values, latitude=uneven))

    def test_nearly_even_coordinates_pass_and_the_ledger_says_by_how_much(self, write_nc, values):
        nearly = np.array([47.75, 47.25, 46.77, 46.25, 45.75, 45.25])
        ledger = rain(write_nc(values, latitude=nearly))[1]
        assert ledger.amount("uneven coordinates taken as even") == pytest.approx(0.04)

    def test_one_coordinate_has_no_cell_size(self, write_nc, values):
        with pytest.raises(UnreadableFile, match="one y coordinate"):
            rain(write_nc(values[:1]))

    def test_far_away(self, write_nc, values, elsewhere):
        with pytest.raises(NoOverlap, match="'cru' does not overlap the country"):
            rain(write_nc(values), within=elsewhere)


class TestCrs:
    @pytest.fixture
    def mapped(self, write_nc, values):
        """A file that names its CRS as CF does: by a variable that `grid_mapping` points at."""

        def write(crs, *, key="crs_wkt", **axes):
            mapping = xr.Variable((), 0, {key: CRS(crs).to_wkt()})
            return write_nc(values, attrs={"grid_mapping": "crs"}, more={"crs": mapping}, **axes)

        return write

    @pytest.mark.parametrize("key", ["crs_wkt", "spatial_ref"])
    def test_one_in_the_file(self, mapped, key):
        path = mapped("ESRI:54009", key=key, names=("y", "x"), latitude=5e6 - 1e3 * np.arange(6), longitude=1e3 * np.arange(8))
        raster, ledger = rain(path)
        assert same_crs(geobox_of(raster).crs, "ESRI:54009")
        assert geobox_of(raster).boundingbox.bbox == (-500.0, 5e6 - 5500.0, 7500.0, 5e6 + 500.0)
        assert ledger.entries == ()

    def test_degrees_that_the_file_names_are_not_assumed(self, mapped, twin):
        raster, ledger = rain(mapped("EPSG:4326"))
        same(raster, twin)
        assert ledger.entries == ()

    def test_metres_without_one_are_refused(self, write_nc, values):
        path = write_nc(values, names=("y", "x"), latitude=5e6 - 1e3 * np.arange(6), longitude=1e3 * np.arange(8))
        with pytest.raises(MissingCrs, match=r"cells\.nc names no coordinate reference system"):
            rain(path)
        assert same_crs(geobox_of(rain(path, crs="ESRI:54009")[0]).crs, "ESRI:54009")

    def test_the_setting_wins_and_nothing_is_assumed(self, write_nc, values):
        raster, ledger = rain(write_nc(values), crs="EPSG:4258")
        assert same_crs(geobox_of(raster).crs, "EPSG:4258")
        assert ledger.entries == ()


class TestTime:
    def stacked(self, values, count):
        return np.stack([values + step for step in range(count)])

    @pytest.mark.parametrize(
        ("times", "periods"),
        [
            (pd.date_range("2019-11-16", periods=3, freq="MS"), ["2019-12", "2020-01", "2020-02"]),
            (pd.to_datetime(["1990-07-01", "1991-07-01", "1992-07-01"]), ["1990", "1991", "1992"]),
            (pd.date_range("2020-02-28", periods=3), ["2020-02-28", "2020-02-29", "2020-03-01"]),
        ],
        ids=["monthly", "yearly", "daily"],
    )
    def test_steps_get_the_name_of_their_period(self, write_nc, values, times, periods):
        raster, _ = rain(write_nc(self.stacked(values, 3), axes={"time": times}))
        assert raster.dims == ("time", "y", "x")
        assert raster.time.values.tolist() == periods
        assert np.array_equal(raster.sel(time=periods[1]).values, values + 1)
        assert raster.attrs == {"kind": "intensity", "units": "mm/month", "source": "cru"}

    def test_a_calendar_without_leap_years(self, write_nc, values):
        times = [cftime.DatetimeNoLeap(2020, month, 16) for month in (2, 3)]
        raster, _ = rain(write_nc(self.stacked(values, 2), axes={"time": times}))
        assert raster.time.values.tolist() == ["2020-02", "2020-03"]

    def test_a_calendar_of_360_days(self, write_nc, values):
        times = [cftime.Datetime360Day(2020, 2, day) for day in (29, 30)]
        raster, _ = rain(write_nc(self.stacked(values, 2), axes={"time": times}))
        assert raster.time.values.tolist() == ["2020-02-29", "2020-02-30"]

    def test_a_single_step_keeps_its_axis_and_the_name_of_its_year(self, write_nc, values):
        raster, _ = rain(write_nc(values[np.newaxis], axes={"time": pd.to_datetime(["2020-07-01"])}))
        assert raster.sizes["time"] == 1
        assert raster.time.values.tolist() == ["2020"]

    def test_a_window_of_every_step(self, write_nc, values, country):
        path = write_nc(self.stacked(values, 2), axes={"time": pd.to_datetime(["1990-07-01", "1991-07-01"])})
        raster, _ = rain(path, within=country)
        assert np.array_equal(raster.values, self.stacked(values, 2)[:, 1:3, 3:6])


class TestNumbers:
    def test_packed_integers_are_unpacked(self, write_nc, values):
        cells = values.copy()
        cells[0, 0] = np.nan
        packed = {"dtype": "int16", "scale_factor": 0.1, "add_offset": 40.0, "_FillValue": -32768}
        raster, ledger = rain(write_nc(cells, encoding=packed))
        np.testing.assert_allclose(raster.values, cells, atol=0.05)
        assert ledger.amount("nodata") == 1

    def test_negative_packed_numbers_are_judged_unpacked(self, write_nc, values):
        packed = {"dtype": "int16", "scale_factor": 1.0, "add_offset": 1000.0, "_FillValue": -32768}
        raster, ledger = open_raster(write_nc(values, encoding=packed), kind="count", units="people")
        np.testing.assert_allclose(raster.values, values)
        assert ledger.frame()["cause"].tolist() == [WITHOUT_CRS]

    @pytest.mark.parametrize("attribute", ["_FillValue", "missing_value"])
    def test_the_files_nodata(self, write_nc, values, attribute):
        cells = values.copy()
        cells[0, 0] = np.nan
        raster, ledger = rain(write_nc(cells, encoding={attribute: 9.96921e36}))
        assert np.isnan(raster.values[0, 0])
        assert float(raster.sum()) == values.sum() - values[0, 0]
        assert ledger.amount("nodata") == 1

    @pytest.mark.parametrize(("units", "code"), [("ug/m3", -999.0), ("mm/month", -9999.0)])
    def test_a_known_code_without_a_tag(self, write_nc, values, units, code):
        cells = values.copy()
        cells[0, 0] = code
        raster, ledger = open_raster(write_nc(cells, encoding={"_FillValue": None}), kind="intensity", units=units)
        assert np.isnan(raster.values[0, 0])
        assert ledger.amount("known nodata code without a tag") == 1

    def test_nothing_but_nodata(self, write_nc, values):
        with pytest.raises(AllMissing, match="'cru' has no value in the country: all of 48 cells"):
            rain(write_nc(np.full_like(values, np.nan)))

    def test_units_come_from_the_variable(self, write_nc, values):
        assert open_raster(write_nc(values, attrs={"units": "mm"}), kind="intensity")[0].attrs["units"] == "mm"


class TestVariables:
    @pytest.fixture
    def two(self, write_nc, values):
        return write_nc(values, more={"tmp": (("lat", "lon"), values * 2), "time_bnds": (("lat", "lon"), values)})

    def test_several_need_a_word(self, two):
        with pytest.raises(AmbiguousInput, match=r'holds 2 variables \(pre, tmp\), expected one\. Add variable = "…"'):
            rain(two)

    def test_one_is_chosen_by_name(self, two, values):
        assert np.array_equal(rain(two, variable="tmp")[0].values, values * 2)

    def test_one_that_is_not_there_gives_a_guess(self, two):
        with pytest.raises(NotInInput, match=r"has no variable 'tmpp'\. Did you mean 'tmp'\?"):
            rain(two, variable="tmpp")

    def test_bounds_and_tables_are_no_candidates(self, write_nc, values):
        path = write_nc(values, more={"lat_bnds": (("lat", "two"), np.zeros((6, 2))), "names": (("lat",), np.arange(6))})
        assert np.array_equal(rain(path)[0].values, values)


class TestFiles:
    def test_netcdf_3_classic(self, write_nc, values, twin):
        same(rain(write_nc(values, engine="scipy", format="NETCDF3_CLASSIC"))[0], twin)

    @pytest.mark.parametrize("how", [{}, {"engine": "scipy", "format": "NETCDF3_CLASSIC"}], ids=["4", "3"])
    def test_one_in_an_archive(self, write_nc, write_zip, values, twin, how):
        archive = write_zip({"inner/cru.nc": write_nc(values, **how), "readme.pdf": b"%PDF"})
        same(rain(archive)[0], twin)
        same(rain(f"{archive}!inner/cru.nc")[0], twin)

    @pytest.mark.parametrize("how", [{}, {"engine": "scipy", "format": "NETCDF3_CLASSIC"}], ids=["4", "3"])
    def test_a_file_cut_in_half(self, write_nc, halve, how):
        noise = np.random.default_rng(1).random((60, 80))
        with pytest.raises(UnreadableFile, match=r"Cannot read .*cells\.nc: expected a NetCDF file"):
            rain(halve(write_nc(noise, **how)))

    @pytest.mark.parametrize("content", [b"", b"CDF", b"CDF\x01", b"<html>404</html>", b"\x89HDF\r\n\x1a\n"])
    def test_what_is_no_netcdf(self, tmp_path, content):
        (tmp_path / "page.nc").write_bytes(content)
        with pytest.raises(UnreadableFile, match="expected a NetCDF file"):
            rain(tmp_path / "page.nc")
