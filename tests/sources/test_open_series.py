"""Rasters with a time axis: calendars, files by year and by month, and axes that are not what they should be."""

import calendar
from pathlib import Path

import cftime
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from urbanreview.errors import AllMissing, AmbiguousInput, GridMismatch, UnknownName, UnreadableFile, WrongUnits
from urbanreview.sources import open_series as module
from urbanreview.sources.open_series import DatedPath, RasterSeries, climate_units


def series(*files, **how) -> RasterSeries:
    return RasterSeries([file if isinstance(file, DatedPath) else DatedPath(str(file)) for file in files], source="rain", **how)


def read(found: RasterSeries) -> np.ndarray:
    return np.concatenate([values for _, values in found.stretches()])


def dates(found: RasterSeries) -> list[str]:
    return [f"{y}-{m:02}-{d:02}" for y, m, d in zip(found.year, found.month, found.day, strict=True)]


@pytest.fixture
def stack(values):
    """Return a stack whose step k is the lopsided test grid plus 1000 k."""
    return lambda count: values[None] + 1000.0 * np.arange(count)[:, None, None]


def months(first: str, count: int) -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq="MS") + pd.Timedelta(days=14)


class TestOneFile:
    def test_months_in_the_order_of_the_file(self, write_nc, stack):
        found = series(write_nc(stack(14), axes={"time": months("2019-11-01", 14)}, attrs={"units": "mm/month"}))
        assert (found.every, found.units, len(found)) == ("month", "mm/month", 14)
        assert dates(found)[0] == "2019-11-15"
        assert found.month_days[[3, 4]].tolist() == [29.0, 31.0]
        np.testing.assert_array_equal(read(found), stack(14))

    def test_days(self, write_nc, stack):
        found = series(write_nc(stack(61), axes={"time": pd.date_range("2020-02-01", periods=61)}))
        assert found.every == "day"
        assert np.unique(found.month_days).tolist() == [29.0, 30.0, 31.0]

    def test_a_stretch_at_a_time_is_the_same_as_all_at_once(self, write_nc, stack, monkeypatch):
        path = write_nc(stack(14), axes={"time": months("2019-11-01", 14)})
        monkeypatch.setattr(module, "CELLS_AT_ONCE", 5 * 48)
        found = series(path)
        assert [steps.stop - steps.start for steps, _ in found.stretches()] == [5, 5, 4]
        np.testing.assert_array_equal(read(found), stack(14))

    def test_only_the_window_of_the_country(self, write_nc, stack, country):
        found = series(write_nc(stack(2), axes={"time": months("2020-01-01", 2)}), within=country)
        np.testing.assert_array_equal(read(found), stack(2)[:, 1:3, 3:6])

    def test_latitude_upside_down_and_longitudes_from_0_to_360(self, write_nc):
        cells = np.arange(2 * 18 * 36.0).reshape(2, 18, 36)
        axes = {"time": months("2020-01-01", 2)}
        upright = series(write_nc(cells, axes=axes, latitude=85.0 - 10 * np.arange(18), longitude=-175.0 + 10 * np.arange(36)))
        odd = write_nc(
            np.roll(cells[:, ::-1], -18, axis=2),
            "odd.nc",
            axes=axes,
            latitude=-85.0 + 10 * np.arange(18),
            longitude=5.0 + 10 * np.arange(36),
        )
        found = series(odd)
        np.testing.assert_array_equal(read(found), read(upright))
        assert found.ledger().amount("longitudes 0 to 360 brought to -180 to 180") == 1

    @pytest.mark.parametrize(
        ("date", "lengths"),
        [
            (cftime.Datetime360Day, [30.0, 30.0]),
            (cftime.DatetimeNoLeap, [28.0, 31.0]),
            (cftime.DatetimeGregorian, [29.0, 31.0]),
        ],
    )
    def test_months_are_as_long_as_their_calendar_says(self, write_nc, stack, date, lengths):
        found = series(write_nc(stack(2), axes={"time": [date(2020, 2, 16), date(2020, 3, 16)]}))
        assert found.month_days.tolist() == lengths

    def test_the_30_february_is_a_day(self, write_nc, stack):
        days = [cftime.Datetime360Day(2021, 2, day) for day in range(1, 31)]
        found = series(write_nc(stack(30), axes={"time": days}))
        assert (found.every, dates(found)[-1]) == ("day", "2021-02-30")

    @pytest.mark.parametrize("date", [cftime.DatetimeNoLeap, cftime.DatetimeGregorian])
    def test_a_month_stamped_with_its_end_is_told_by_its_bounds(self, tmp_path, values, date):
        ends = [date(2020, 2, 1), date(2020, 3, 1), date(2020, 4, 1)]
        bounds = np.array([[date(2020, 1, 1), ends[0]], [ends[0], ends[1]], [ends[1], ends[2]]])
        dataset = xr.Dataset(
            {"pre": (("time", "lat", "lon"), np.stack([values] * 3)), "time_bnds": (("time", "nv"), bounds)},
            coords={"time": ends, "lat": 47.75 - 0.5 * np.arange(6), "lon": 66.25 + 0.5 * np.arange(8)},
        )
        dataset.time.attrs["bounds"] = "time_bnds"
        dataset.time.encoding["units"] = "days since 2000-01-01"
        dataset.to_netcdf(tmp_path / "ends.nc", engine="h5netcdf")
        assert [date[:7] for date in dates(series(tmp_path / "ends.nc"))] == ["2020-01", "2020-02", "2020-03"]

    def test_a_time_axis_by_another_name(self, write_nc, stack):
        assert dates(series(write_nc(stack(1), axes={"valid_time": months("2020-01-01", 1)}))) == ["2020-01-15"]

    def test_cells_without_a_value_are_counted_over_all_steps(self, write_nc, stack):
        cells = stack(3)
        cells[:, 0, 0] = -9999.0
        found = series(write_nc(cells, axes={"time": months("2020-01-01", 3)}, encoding={"_FillValue": None}))
        assert np.isnan(read(found)[:, 0, 0]).all()
        assert found.ledger().amount("known nodata code without a tag") == 3

    def test_nothing_but_nodata(self, write_nc, stack):
        found = series(write_nc(stack(2) * np.nan, axes={"time": months("2020-01-01", 2)}))
        read(found)
        with pytest.raises(AllMissing):
            found.ledger()


class TestBadAxes:
    def test_a_month_twice_is_refused_with_its_dates(self, write_nc, stack):
        times = pd.to_datetime(["2020-01-15", "2020-02-15", "2020-02-16", "2020-04-15"])
        with pytest.raises(AmbiguousInput, match=r"holds 2 steps of 2020-02 \(2020-02-15, 2020-02-16\), expected one"):
            series(write_nc(stack(4), axes={"time": times}))

    def test_a_day_twice_is_refused(self, write_nc, stack):
        times = [*pd.date_range("2020-01-01", periods=31), pd.Timestamp("2020-01-07 12:00")]
        with pytest.raises(AmbiguousInput, match="2 steps of 2020-01-07"):
            series(write_nc(stack(32), axes={"time": times}))

    def test_steps_of_ten_days_are_neither(self, write_nc, stack):
        with pytest.raises(UnreadableFile, match=r"expected a time axis of months or days, got '\d steps in 2020-01'"):
            series(write_nc(stack(9), axes={"time": pd.date_range("2020-01-01", periods=9, freq="10D")}))

    def test_no_time_axis(self, write_nc, write_tif, values):
        for path in (write_nc(values), write_tif(values)):
            with pytest.raises(UnreadableFile, match=r"expected a NetCDF file with a time axis, or a path with \{year\}"):
                series(path)

    def test_a_time_axis_without_dates(self, write_nc, stack):
        with pytest.raises(UnreadableFile, match="got 'a time axis without dates'"):
            series(write_nc(stack(2), axes={"time": [1, 2]}))


class TestFilesByDate:
    @pytest.fixture
    def by_month(self, write_tif, values):
        def write(year: int, month: int, **how) -> DatedPath:
            return DatedPath(str(write_tif(values + month, f"{year}-{month:02}.tif", **how)), year, month)

        return write

    def test_one_raster_per_month(self, by_month, values):
        found = series(by_month(2020, 1), by_month(2020, 2), by_month(2021, 2))
        assert [date[:7] for date in dates(found)] == ["2020-01", "2020-02", "2021-02"]
        assert found.month_days.tolist() == [31.0, 29.0, 28.0]
        np.testing.assert_array_equal(read(found), values[None] + np.array([1, 2, 2])[:, None, None])

    def test_the_twelve_months_of_a_year_as_bands(self, write_tif, stack, monkeypatch):
        monkeypatch.setattr(module, "CELLS_AT_ONCE", 5 * 48)
        found = series(*(DatedPath(str(write_tif(stack(12) + year, f"{year}.tif")), year) for year in (2019, 2020)))
        assert found.month.tolist() == [*range(1, 13)] * 2
        np.testing.assert_array_equal(read(found), np.concatenate([stack(12) + 2019, stack(12) + 2020]))

    def test_other_bands_than_twelve(self, write_tif, stack):
        with pytest.raises(AmbiguousInput, match="bands for 12 periods"):
            series(DatedPath(str(write_tif(stack(11), "2020.tif")), 2020))

    def test_a_netcdf_file_per_year(self, write_nc, stack):
        files = [write_nc(stack(12), f"{year}.nc", axes={"time": months(f"{year}-01-01", 12)}) for year in (2020, 2019)]
        found = series(*files)
        assert found.year.tolist() == [2020] * 12 + [2019] * 12
        np.testing.assert_array_equal(read(found), np.concatenate([stack(12), stack(12)]))

    def test_the_same_month_in_two_files(self, by_month):
        with pytest.raises(AmbiguousInput, match="2 steps of 2020-01"):
            series(by_month(2020, 1), by_month(2020, 1))

    def test_another_grid(self, by_month, write_tif, values):
        other = DatedPath(str(write_tif(values[1:], "other.tif")), 2020, 2)
        with pytest.raises(GridMismatch, match=r"other\.tif"):
            read(series(by_month(2020, 1), other))

    def test_other_units(self, by_month):
        files = by_month(2020, 1, tags={"units": "mm/month"}), by_month(2020, 2, tags={"units": "mm/day"})
        with pytest.raises(WrongUnits, match="in 'mm/day', expected mm/month"):
            read(series(*files))

    def test_units_of_a_geotiff(self, by_month):
        assert series(by_month(2020, 1, tags={"units": "mm/month"})).units == "mm/month"


@pytest.mark.parametrize(
    ("words", "units"),
    [
        ("mm month-1", "mm/month"),
        ("kg m-2 s-1", "kg/m2/s"),
        ("m d-1", "m/day"),
        ("Celsius", "degC"),
        ("kelvin", "K"),
        ("kg m-2", "mm"),
    ],
)
def test_units_by_any_spelling(words, units):
    assert climate_units(words) == units


@pytest.mark.parametrize("words", ["inches", "ug/m3", "m", "1", ""])
def test_units_that_are_none_of_rain_or_temperature(words):
    with pytest.raises(UnknownName, match="Unknown unit of rain or temperature"):
        climate_units(words)


def test_months_of_files_without_an_axis_are_those_of_the_usual_calendar(write_tif, values, tmp_path):
    assert calendar.monthrange(2020, 2)[1] == 29
    assert series(DatedPath(str(Path(write_tif(values, "2020-02.tif"))), 2020, 2)).month_days.tolist() == [29.0]
