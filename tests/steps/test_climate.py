"""Climate from file to rows on a small country whose months can be counted by hand; and files that are odd."""

import calendar
from types import SimpleNamespace

import cftime
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from affine import Affine
from toys import degrees, raster, zones_of

from urbanreview.config import parse_settings
from urbanreview.errors import AmbiguousInput, BadSetting, MissingFile
from urbanreview.ledger import Ledger
from urbanreview.steps.climate import ask_climate, climate_files
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.themes import units_asked

ROWS, COLS = 2, 3
LAT, LON = np.array([47.75, 47.25]), np.array([66.25, 66.75, 67.25])
COUNTRY = shapely.box(66.0, 47.0, 67.5, 48.0)
DISTRICTS = {"W": shapely.box(66.0, 47.0, 66.75, 48.0), "E": shapely.box(66.75, 47.0, 67.5, 48.0)}
"""Two districts that cut the middle column of cells in half."""
WET_COLUMN = np.array([1.0, 2.0, 4.0])
"""Rain of the columns beside one another."""
YEARS = range(1991, 2021)


def rain(years=YEARS, seed: int = 1) -> np.ndarray:
    """Return rain by year and month, before columns: shape (years, 12)."""
    return np.random.default_rng(seed).gamma(2.0, 20.0, (len(years), 12))


def on_cells(monthly: np.ndarray) -> np.ndarray:
    return monthly.reshape(-1, 1, 1) * np.broadcast_to(WET_COLUMN, (ROWS, COLS))


def stamps(years=YEARS, date=cftime.DatetimeGregorian) -> list:
    return [date(year, month, 15) for year in years for month in range(1, 13)]


@pytest.fixture
def review(tmp_path):
    """Ask about one series of values, shape (steps, rows, cols); see `_write` for what else may be odd."""
    return asking(tmp_path)


def asking(folder):
    fine = degrees((20, 30), left=66.0, top=48.0, cell=0.05)
    people = np.zeros(fine.shape)
    people[:, :10] = 1.0
    people[:, 20:] = 3.0
    country, districts = zones_of({"TOY": COUNTRY}), zones_of(DISTRICTS)
    land = Land(country, districts, None, Ledger(), ())
    living = People(raster(people, fine), None, "ghs", "2020", Ledger(), ())

    def ask(values=None, times=None, *, section=None, **how):
        section = section or {"path": "series.nc"}
        if values is not None:
            _write(folder / "series.nc", values, times, **how)
        settings = parse_settings(
            {
                "country": {"iso3": "TOY", "margin_km": 0},
                "boundaries": {"path": "none.gpkg", "id": "id"},
                "population": {"ghs": {"path": "none.tif", "years": [2020]}},
                "output": {"folder": "out"},
                "climate": {"toy": section},
            },
            base=folder,
        )
        answers = ask_climate(settings, land, living, units_asked(land), name="toy")
        return SimpleNamespace(values=answers.values, ledger=answers.ledger, inputs=answers.inputs, settings=settings)

    return ask


def _write(path, values, times, *, units="mm/month", variable="pre", latitude=LAT, longitude=LON, attrs=None):
    coords = {"time": times, "lat": latitude, "lon": longitude}
    told = {"units": units} if units else {}
    xr.Dataset({variable: (("time", "lat", "lon"), values, told | (attrs or {}))}, coords=coords).to_netcdf(
        path, engine="h5netcdf"
    )


def pick(found, measure, *, zone="TOY", period="1991/2020", **words):
    """Return one number of the long table."""
    variant = ";".join(f"{key}={word}" for key, word in sorted({"weight": "area", **words}.items()))
    rows = found.values
    chosen = rows[
        (rows["measure"] == f"climate.{measure}")
        & (rows["zone_id"] == zone)
        & (rows["period"] == period)
        & (rows["variant"] == variant)
    ]
    assert len(chosen) == 1, f"{len(chosen)} rows of {measure} {zone} {period} {variant}"
    return chosen["value"].item()


def reason(found, measure, zone="TOY", weight="area"):
    rows = found.values
    chosen = rows[(rows["measure"] == f"climate.{measure}") & (rows["zone_id"] == zone)]
    return set(chosen.loc[chosen["variant"].str.endswith(f"weight={weight}"), "reason"])


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return asking(tmp_path_factory.mktemp("series"))(on_cells(rain()), stamps())


class TestByHand:
    """By area a district in the west is two thirds of the first column and one third of the second; by people all of one."""

    def test_area_and_people_weigh_columns(self, found):
        yearly = rain().sum(axis=1).mean()
        for zone, column in (("TOY", 7 / 3), ("W", 4 / 3), ("E", 10 / 3)):
            assert pick(found, "precipitation", zone=zone) == pytest.approx(yearly * column, rel=1e-9)
        for zone, column in (("TOY", 13 / 4), ("W", 1.0), ("E", 4.0)):
            assert pick(found, "precipitation", zone=zone, weight="people") == pytest.approx(yearly * column, rel=1e-9)

    def test_months_and_years(self, found):
        assert pick(found, "precipitation_month", zone="E", month="03", weight="people") == pytest.approx(
            rain()[:, 2].mean() * 4
        )
        yearly = rain().sum(axis=1)
        assert pick(found, "precipitation", period="2003") == pytest.approx(yearly[12] * 7 / 3)
        assert pick(found, "precipitation_anomaly", period="2003") == pytest.approx(yearly[12] / yearly.mean() - 1)

    def test_what_is_the_same_for_all_columns(self, found):
        yearly, usual = rain().sum(axis=1), rain().mean(axis=0)
        for zone in ("TOY", "W", "E"):
            assert pick(found, "precipitation_cv", zone=zone) == pytest.approx(yearly.std(ddof=1) / yearly.mean())
            assert pick(found, "wettest_month_share", zone=zone) == pytest.approx(usual.max() / usual.sum())
            of_mean = np.abs(usual - usual.sum() / 12).sum() / usual.sum()
            assert pick(found, "seasonality", zone=zone, of="climatology") == pytest.approx(of_mean)
            of_years = np.mean([np.abs(year - year.sum() / 12).sum() / year.sum() for year in rain()])
            assert pick(found, "seasonality", zone=zone, of="years") == pytest.approx(of_years)

    def test_dry_spells_are_out_of_the_months_with_an_index(self, found):
        for scale in ("3", "6", "12"):
            known = pick(found, "spi_known", scale=scale)
            assert known == 361 - int(scale)
            dry = [pick(found, "spi_months", scale=scale, at_most=limit) for limit in ("-1", "-1.5", "-2")]
            assert known > dry[0] >= dry[1] >= dry[2]
            assert -3 <= pick(found, "spi", scale=scale, period="2020-12") <= 3

    def test_zones_of_one_level_are_tested_together(self, found):
        p = pick(found, "precipitation_trend_p")
        assert pick(found, "precipitation_trend_p_adjusted") == p
        assert pick(found, "precipitation_trend_p_adjusted", zone="W") == pytest.approx(p)

    def test_source_cells_and_the_flag(self, found):
        rows = found.values[found.values["measure"] == "climate.source_cells"].set_index("zone_id")
        assert rows["value"].to_dict() == {"TOY": 6.0, "W": 4.0, "E": 4.0}
        assert found.ledger.amount("zone whose value comes from fewer than 4 source cells") == 0

    def test_every_row_has_a_value_or_a_reason(self, found):
        assert (found.values["value"].isna() == (found.values["reason"] != "")).all()
        assert not found.values.duplicated(["zone_id", "measure", "period", "source", "variant"]).any()
        assert set(found.values["source"]) == {"toy"}

    def test_the_file_is_on_record(self, found):
        record = found.inputs[0]
        assert (record.name, record.units, len(record.sha256)) == ("toy", "mm/month", 64)


class TestUnits:
    def lengths(self, years=YEARS):
        return np.array([[calendar.monthrange(year, month)[1] for month in range(1, 13)] for year in years], dtype=float)

    @pytest.mark.parametrize(
        ("units", "factor"), [("mm/day", 1.0), ("kg m-2 s-1", 1 / 86_400), ("m/day", 0.001), ("mm month-1", None)]
    )
    def test_rain_of_any_units_is_the_same_rain(self, review, units, factor):
        shown = on_cells(rain() if factor is None else rain() / self.lengths() * factor)
        found = review(shown, stamps(), units=units)
        assert pick(found, "precipitation", zone="E", weight="people") == pytest.approx(rain().sum(axis=1).mean() * 4)

    def test_the_months_of_a_calendar_of_360_days_have_thirty(self, review):
        found = review(on_cells(np.full((30, 12), 2.0)), stamps(date=cftime.Datetime360Day), units="mm/day")
        assert pick(found, "precipitation", zone="W", weight="people") == pytest.approx(720.0)

    def test_without_leap_years_february_has_28(self, review):
        found = review(on_cells(np.full((30, 12), 2.0)), stamps(date=cftime.DatetimeNoLeap), units="mm/day")
        assert pick(found, "precipitation", zone="W", weight="people") == pytest.approx(730.0)

    def test_the_setting_wins_and_the_ledger_says_so(self, review):
        shown = on_cells(rain() / self.lengths() / 1000)
        found = review(shown, stamps(), section={"path": "series.nc", "units": "m/day"})
        assert pick(found, "precipitation", zone="W", weight="people") == pytest.approx(rain().sum(axis=1).mean())
        assert found.ledger.amount("file says units 'mm/month', taken as m/day, as the settings say") == 1

    def test_the_same_units_in_other_words_are_nothing_to_tell(self, review):
        found = review(on_cells(rain()), stamps(), units="mm month-1", section={"path": "series.nc", "units": "mm/month"})
        assert not [entry for entry in found.ledger.entries if "file says" in entry.cause]

    def test_millimetres_without_a_time_are_those_of_the_step(self, review):
        found = review(on_cells(rain()), stamps(), units="mm")
        assert pick(found, "precipitation", zone="W", weight="people") == pytest.approx(rain().sum(axis=1).mean())
        assert found.ledger.amount("'mm' taken as mm/month") == 1

    @pytest.mark.parametrize("seen", ["mm/month", "m/day"])
    def test_metres_per_day_under_the_wrong_name_are_refused(self, review, seen):
        wrong = {"mm/month": rain() / self.lengths() / 1000, "m/day": rain()}[seen]
        with pytest.raises(
            BadSetting, match=r"the precipitation of the country is .* mm/year in the mean, expected 1 to 15000"
        ):
            review(on_cells(wrong), stamps(), units=seen)

    @pytest.mark.parametrize(("units", "shift"), [("K", 0.0), ("degC", 273.15)])
    def test_kelvin_and_celsius_mixed_up_are_refused(self, review, units, shift):
        with pytest.raises(BadSetting, match=r"the temperature of the country is .* degC in the mean, expected -60 to 45"):
            review(on_cells(np.full((30, 12), 4.0)) + shift, stamps(), units=units, variable="tas")

    def test_units_that_nobody_states(self, review):
        with pytest.raises(BadSetting, match=r"\[climate toy\]: series.nc states no units"):
            review(on_cells(rain()), stamps(), units="")

    def test_units_that_are_not_known(self, review):
        with pytest.raises(BadSetting, match="Unknown unit of rain or temperature 'inches'"):
            review(on_cells(rain()), stamps(), units="inches")
        with pytest.raises(BadSetting, match="Unknown unit of rain or temperature 'furlongs'"):
            review(section={"path": "series.nc", "units": "furlongs"})

    def test_units_of_another_quantity(self, review):
        with pytest.raises(BadSetting, match="quantity = 'temperature', but the numbers are in mm/month"):
            review(on_cells(rain()), stamps(), section={"path": "series.nc", "quantity": "temperature"})

    def test_rain_below_zero_is_missing(self, review):
        values = on_cells(rain())
        values[7, 0, 0] = -0.5
        found = review(values, stamps())
        assert found.ledger.amount("rain below zero taken as missing") == 1


class TestTemperature:
    def heat(self, shift: float = 0.0) -> np.ndarray:
        return on_cells(np.full((30, 12), 1.0)) + np.random.default_rng(2).normal(8, 3, (360, 1, 1)) + shift

    def test_a_kelvin_more_shifts_means_and_leaves_trends(self, review):
        base, warmer = (review(self.heat(shift), stamps(), units="degC", variable="tas") for shift in (0.0, 1.0))
        both = base.values.merge(warmer.values, on=["zone_id", "measure", "period", "variant"], suffixes=("", "_warmer"))
        assert len(both) == len(base.values)
        shifted = both["measure"].isin(["climate.temperature", "climate.temperature_month"])
        np.testing.assert_allclose(both["value_warmer"], both["value"] + shifted, atol=1e-9)

    def test_kelvin_is_celsius_and_273(self, review):
        base = review(self.heat(), stamps(), units="degC", variable="tas")
        other = review(self.heat(273.15), stamps(), units="K", variable="tas")
        np.testing.assert_allclose(other.values["value"], base.values["value"], atol=1e-6)

    def test_months_have_no_hot_days_and_the_ledger_says_why(self, review):
        found = review(self.heat(), stamps(), units="degC", variable="tasmax")
        assert not found.values["measure"].isin(["climate.hot_days", "climate.frost_days"]).any()
        cause = "hot days, frost days and heating degree days skipped: the series is monthly, they need daily data"
        assert found.ledger.amount(cause) == 3
        assert found.ledger.amount("taken as temperature, by its units degC") == 1


class TestDays:
    TIMES = pd.date_range("2019-01-01", "2020-12-31")

    def daily(self, column: np.ndarray, series: np.ndarray) -> np.ndarray:
        return series[:, None, None] + np.broadcast_to(column, (ROWS, COLS))

    def test_rain_by_day_adds_up_to_months(self, review):
        wet = np.random.default_rng(3).gamma(1.0, 2.0, self.TIMES.size)
        found = review(on_cells(wet), self.TIMES, units="mm/day")
        year = wet[self.TIMES.year == 2019].sum()
        assert pick(found, "precipitation", zone="W", period="2019", weight="people") == pytest.approx(year)
        february = wet[self.TIMES.month == 2].sum() / 2
        assert pick(found, "precipitation_month", period="2019/2020", month="02", zone="W", weight="people") == pytest.approx(
            february
        )

    def test_hot_days_are_counted_cell_by_cell(self, review):
        """A hundred days of 31 degrees; the last column is six warmer, so that only there they pass 35."""
        series = np.full(self.TIMES.size, 20.0)
        series[:100] = 31.0
        found = review(self.daily(np.array([0.0, 0.0, 6.0]), series), self.TIMES, units="degC", variable="tasmax")
        hot = {"period": "2019/2020", "above": "30"}
        assert pick(found, "hot_days", **hot) == pytest.approx(50.0)
        assert pick(found, "hot_days", period="2019/2020", above="35") == pytest.approx(50 / 3)
        assert pick(found, "hot_days", period="2019/2020", above="35", zone="E", weight="people") == pytest.approx(50.0)
        assert pick(found, "hot_days", period="2019/2020", above="35", zone="W", weight="people") == 0.0
        assert found.ledger.amount("taken as the day's max temperature, by its name") == 1

    def test_exactly_thirty_is_not_above_thirty(self, review):
        found = review(self.daily(np.zeros(3), np.full(self.TIMES.size, 30.0)), self.TIMES, units="degC", variable="tasmax")
        assert pick(found, "hot_days", period="2019/2020", above="30") == 0.0

    def test_frost_days(self, review):
        series = np.where(self.TIMES.month == 1, -0.5, 0.0)
        found = review(self.daily(np.zeros(3), series), self.TIMES, units="degC", variable="tn")
        assert pick(found, "frost_days", period="2019/2020", below="0") == pytest.approx(31.0)

    def test_heating_degree_days(self, review):
        """Ten degrees through two Januaries are eight below 18; the rest of the year is warm."""
        series = np.where(self.TIMES.month == 1, 10.0, 25.0)
        found = review(self.daily(np.zeros(3), series), self.TIMES, units="degC", variable="tas")
        assert pick(found, "heating_degree_days", period="2019/2020", base="18") == pytest.approx(8 * 31)

    def test_a_month_without_a_day_is_no_month(self, review):
        kept = ~self.TIMES.isin([pd.Timestamp("2019-05-09")])
        found = review(
            self.daily(np.zeros(3), np.full(int(kept.sum()), 35.5)), self.TIMES[kept], units="degC", variable="tasmax"
        )
        assert found.ledger.amount("year without all its months, left out of yearly numbers: 2019") == 1
        assert pick(found, "hot_days", period="2020/2020", above="35") == pytest.approx(366.0)

    def test_a_year_of_360_days_has_its_30_february(self, review):
        times = [cftime.Datetime360Day(2020, month, day) for month in range(1, 13) for day in range(1, 31)]
        found = review(self.daily(np.zeros(3), np.full(360, 31.0)), times, units="degC", variable="tasmax")
        assert pick(found, "hot_days", period="2020/2020", above="30") == pytest.approx(360.0)


class TestGaps:
    def test_a_year_without_december_has_no_total_and_is_told(self, review):
        found = review(on_cells(rain())[:-1], stamps()[:-1])
        assert pick(found, "precipitation", period="1991/2019") == pytest.approx(rain()[:-1].sum(axis=1).mean() * 7 / 3)
        assert "2020" not in set(found.values["period"])
        assert found.ledger.amount("year without all its months, left out of yearly numbers: 2020") == 1
        assert found.ledger.amount("month without data between the first and the last year") == 1

    def test_eleven_months_alone_have_months_and_no_year(self, review):
        found = review(on_cells(rain([2021]))[:-1], stamps([2021])[:-1])
        assert pick(found, "precipitation_month", period="2021/2021", month="11") == pytest.approx(rain([2021])[0, 10] * 7 / 3)
        assert np.isnan(pick(found, "precipitation_month", period="2021/2021", month="12"))
        assert reason(found, "precipitation") == {"no year with all its months"}
        assert reason(found, "precipitation_trend_p") == {"fewer than ten years with all their months"}

    def test_a_month_twice_is_refused(self, review):
        times = stamps([2020])
        times[5] = cftime.DatetimeGregorian(2020, 5, 16)
        with pytest.raises(AmbiguousInput, match="2 steps of 2020-05"):
            review(on_cells(rain([2020])), times)

    def test_months_in_any_order(self, review):
        order = np.random.default_rng(4).permutation(360)
        found = review(on_cells(rain())[order], [stamps()[k] for k in order])
        expected = review(on_cells(rain()), stamps())
        pd.testing.assert_frame_equal(found.values, expected.values)

    def test_upside_down_and_from_0_to_360(self, review):
        around = np.arange(0.25, 360, 0.5)
        globe = np.zeros((360, 3, 720))
        values = on_cells(rain())
        values[:, 1] *= 3
        globe[:, 1:, 132:135] = values[:, ::-1]
        found = review(globe, stamps(), latitude=np.array([46.75, 47.25, 47.75]), longitude=around)
        expected = review(values, stamps())
        np.testing.assert_allclose(found.values["value"], expected.values["value"], rtol=1e-9)

    def test_few_years_have_no_index(self, review):
        found = review(on_cells(rain(range(1992, 2021))), stamps(range(1992, 2021)))
        assert reason(found, "spi") == {"fewer than thirty years, a month missing, or mostly dry"}

    def test_a_reference_of_the_settings(self, review):
        found = review(on_cells(rain()), stamps(), section={"path": "series.nc", "reference": [1995, 2004]})
        assert pick(found, "precipitation", period="1995/2004") == pytest.approx(rain()[4:14].sum(axis=1).mean() * 7 / 3)
        assert pick(found, "precipitation_anomaly", period="2020") == pytest.approx(
            rain()[29].sum() / rain()[4:14].sum(axis=1).mean() - 1
        )

    def test_a_reference_beyond_the_series_is_told(self, review):
        found = review(on_cells(rain()), stamps(), section={"path": "series.nc", "reference": [1981, 2010]})
        assert found.ledger.amount("year of the reference period without all its months") == 10

    def test_only_years_of_the_settings(self, review):
        some = review(on_cells(rain()), stamps(), section={"path": "series.nc", "years": list(range(2001, 2013))})
        assert pick(some, "precipitation", period="2001/2012") == pytest.approx(rain()[10:22].sum(axis=1).mean() * 7 / 3)
        with pytest.raises(BadSetting, match="has none of the years 1950, 1951"):
            review(section={"path": "series.nc", "years": [1950, 1951]})


class TestSea:
    def test_cells_of_the_sea_leave_the_rest_of_the_zone(self, review):
        values = on_cells(rain())
        values[:, :, 2] = np.nan
        found = review(values, stamps())
        yearly = rain().sum(axis=1).mean()
        assert pick(found, "precipitation") == pytest.approx(yearly * 1.5)
        assert pick(found, "precipitation", weight="people") == pytest.approx(yearly)
        rows = found.values[(found.values["measure"] == "climate.precipitation_cv") & (found.values["zone_id"] == "TOY")]
        assert rows.set_index("variant")["valid_share"].round(9).to_dict() == {
            "weight=area": 0.666666667,
            "weight=people": 0.25,
        }
        assert found.ledger.amount("people of ghs 2020 in cells without a value") == pytest.approx(600.0)
        assert found.ledger.amount("zone whose value comes from fewer than 4 source cells") == 1

    def test_a_zone_of_sea_has_no_number(self, review):
        values = on_cells(rain())
        values[:, :, 1:] = np.nan
        found = review(values, stamps())
        assert reason(found, "precipitation", zone="E") == {"no valid cell"}

    def test_a_zone_that_nobody_lives_in(self, review, monkeypatch):
        from urbanreview.steps import climate as steps

        real = steps.people_weights

        def nobody_in_the_east(plan, people, coarse):
            found = real(plan, people, coarse)
            empty = (found.zone_ids != "E").astype(float)
            return type(found)(found.zone_ids, (found.weights.multiply(empty[:, None])).tocsr(), found.whole * empty)

        monkeypatch.setattr(steps, "people_weights", nobody_in_the_east)
        found = review(on_cells(rain()), stamps())
        assert reason(found, "precipitation", zone="E", weight="people") == {"nobody lives here"}
        assert reason(found, "precipitation", zone="E", weight="area") == {""}

    def test_a_month_known_for_a_sliver_is_left_out(self, review):
        values = on_cells(rain())
        values[40, :, 1:] = np.nan
        found = review(values, stamps())
        assert found.ledger.amount("month known for less than half as much of a zone as its best month: left out there") == 2
        assert np.isnan(pick(found, "precipitation", period="1994", zone="E"))
        assert np.isfinite(pick(found, "precipitation", period="1994", zone="W"))


class TestFiles:
    def write_months(self, folder, years=(2019, 2020), without=()):
        for year in years:
            for month in range(1, 13):
                if (year, month) not in without:
                    self.write_tif(folder / f"{year}-{month:02}.tif", on_cells(np.array([[float(month)]]))[0][None])

    def write_tif(self, path, bands):
        profile = {"count": len(bands), "height": ROWS, "width": COLS, "dtype": "float64", "crs": "EPSG:4326"}
        with rasterio.open(path, "w", driver="GTiff", transform=Affine(0.5, 0, 66.0, 0, -0.5, 48.0), **profile) as file:
            file.write(bands)
            file.update_tags(units="mm/month")

    def test_a_raster_per_month_and_one_that_is_not_there(self, review, tmp_path):
        self.write_months(tmp_path, without=[(2020, 7)])
        found = review(section={"path": "{year}-{month:02}.tif", "years": [2019, 2020]})
        assert len(found.inputs) == 23
        assert found.inputs[0].name == "toy 2019-01"
        assert pick(found, "precipitation", period="2019", zone="W", weight="people") == 78.0
        assert found.ledger.amount("month without data between the first and the last year") == 1

    def test_bands_of_a_year(self, review, tmp_path):
        for year in (2019, 2020):
            self.write_tif(tmp_path / f"{year}.tif", on_cells(np.arange(1.0, 13.0)))
        found = review(section={"path": "{year}.tif", "years": [2020, 2019]})
        assert [record.name for record in found.inputs] == ["toy 2019", "toy 2020"]
        assert pick(found, "precipitation_month", period="2019/2020", month="09", zone="W", weight="people") == 9.0

    def test_no_file_at_all(self, review):
        with pytest.raises(MissingFile, match=r"none-\{year\}\.nc \(setting '\[climate\.toy\] path'\)"):
            review(section={"path": "none-{year}.nc", "years": [2019]})

    def test_files_are_listed_in_order_of_their_dates(self, review, tmp_path):
        self.write_months(tmp_path, without=[(2020, 7)])
        found = review(section={"path": "{year}-{month:02}.tif", "years": [2020, 2019, 2020]})
        dates = [(file.year, file.month) for file in climate_files(found.settings, "toy")]
        assert dates == sorted(dates)
        assert len(dates) == 23

    @pytest.mark.parametrize(
        ("section", "sentence"),
        [
            ({"path": "{year}.nc"}, "is filled with years: name them in years"),
            ({"path": "{month:02}.nc", "years": [2020]}, r"has a \{month\} and no \{year\}"),
            (
                {"path": "a.nc", "reference": [2020, 1991]},
                r"reference = \[2020, 1991\]: expected the first year, then the last",
            ),
        ],
    )
    def test_settings_that_cannot_be(self, review, section, sentence):
        with pytest.raises(BadSetting, match=sentence):
            review(section=section)
