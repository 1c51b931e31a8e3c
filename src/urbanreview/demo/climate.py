"""The demo's rain and temperature by month, laid out as CRU TS is: smooth in space, with a stated trend in time.

And its temperature by day, on a coarser grid: the days of a month average to that month.
"""

from functools import partial

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.demo.model import Model
from urbanreview.demo.netcdf import Series, on_degrees
from urbanreview.demo.relief import altitude_m
from urbanreview.demo.seed import CLIMATE, stream

YEARS = tuple(range(1991, 2021))
CELL_DEGREES = 0.5
WEST, SOUTH, EAST, NORTH = 45.0, 39.5, 89.0, 56.5
"""Edges of the grid [degrees]."""
MIDDLE_YEAR = (YEARS[0] + YEARS[-1]) / 2
"""Trends turn around it: the mean over all years is free of them."""

WARMING_PER_DECADE = 0.3
"""Trend of the temperature of every month and place [degrees Celsius per decade]."""
DEGREES_AT_48N, DEGREES_PER_LATITUDE, DEGREES_PER_METRE = 8.0, -0.75, -0.0055
"""Yearly mean at sea level at 48 degrees north, its change per degree northward and per metre upward."""
SWING_AT_48N, SWING_PER_LATITUDE = 17.0, 0.5
"""Half the difference between July and January at 48 degrees north, and its change per degree [degrees Celsius]."""
WEATHER_DEGREES = 1.5
"""Spread of a month from year to year, the same everywhere [degrees Celsius]."""

DRYING_PER_DECADE = -0.02
"""Trend of the rain of every month and place, as a share of its mean."""
STEPPE_MM, NORTH_MM, MM_PER_METRE = 140.0, 200.0, 0.20
"""Yearly rain of the southern plains, what the north has more, and what a metre of height adds [mm]."""
MONTH_SHARE = (0.06, 0.06, 0.08, 0.10, 0.12, 0.11, 0.12, 0.08, 0.06, 0.08, 0.07, 0.06)
"""Share of the year's rain that falls in January, February …"""
WEATHER_SHARE = 0.25
"""Spread of a month's rain from year to year, as a share of its mean; the same everywhere."""
FILL = 9.96921e36

DAYS = pd.date_range("2018-01-01", "2020-12-31")
DAILY_CELL_DEGREES = 1.0
DAY_DEGREES, DAY_PERSISTENCE = 4.0, 0.7
"""Spread of a day within its month, the same everywhere [degrees Celsius], and how much of it the next day keeps."""
HALF_RANGE_DEGREES, HALF_RANGE_SWING, HALF_RANGE_SPREAD = 5.5, 1.5, 0.2
"""From a day's mean to its highest and to its lowest: in the mean of the year, what summer has more [degrees Celsius],
and its spread from day to day as a share, cut off at twice that."""


def cell_positions(cell_degrees: float = CELL_DEGREES) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes of the cells' centres [degrees]; latitudes run northward, as CRU's do."""
    half = cell_degrees / 2
    return np.arange(WEST + half, EAST, cell_degrees), np.arange(SOUTH + half, NORTH, cell_degrees)


def mean_temperature(lon: np.ndarray, lat: np.ndarray, month: float | np.ndarray) -> np.ndarray:
    """Mean temperature of a month over all years [degrees Celsius] at positions [degrees]; coldest in January."""
    yearly = DEGREES_AT_48N + DEGREES_PER_LATITUDE * (lat - 48.0) + DEGREES_PER_METRE * altitude_m(lon, lat)
    return yearly - (SWING_AT_48N + SWING_PER_LATITUDE * (lat - 48.0)) * winter(month)


def winter(month: float | np.ndarray) -> float | np.ndarray:
    """Tell how far it is winter: 1 in the middle of January, -1 in that of July, between months too."""
    return np.cos(2 * np.pi * (month - 1) / 12)


def mean_precipitation(lon: np.ndarray, lat: np.ndarray, month: int) -> np.ndarray:
    """Mean rain of a month over all years [mm/month] at positions [degrees]."""
    yearly = STEPPE_MM + NORTH_MM / (1 + np.exp(-(lat - 49.5) / 1.5)) + MM_PER_METRE * altitude_m(lon, lat)
    return yearly * MONTH_SHARE[month - 1]


def weather(what: int) -> np.ndarray:
    """Deviation of every month of every year: float64, shape (years, 12), in units of its spread.

    Mean and trend are taken out of every calendar month, so that those of the series are exactly the stated ones.
    """
    drawn = np.clip(stream(CLIMATE, what).standard_normal((len(YEARS), 12)), -2.0, 2.0)
    time = np.array(YEARS) - MIDDLE_YEAR
    drawn -= drawn.mean(axis=0)
    return drawn - np.outer(time, time @ drawn) / (time @ time)


def model_temperature(_model: Model, _file: str) -> xr.DataArray:
    """Model the monthly mean temperature: dims (time, lat, lon)."""
    lon, lat = cell_positions()
    attrs = {"long_name": "near-surface temperature", "units": "degrees Celsius"}
    return _series(monthly_temperature(lon[None, :], lat[:, None]), "tmp", attrs)


def monthly_temperature(lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Temperature of every month [degrees Celsius] at positions [degrees]: shape (years, 12, *positions)."""
    means = np.stack([mean_temperature(lon, lat, month) for month in range(1, 13)])
    change = WARMING_PER_DECADE * _decades()[:, None] + WEATHER_DEGREES * weather(1)
    return means[None] + change[:, :, None, None]


def daily_weather() -> np.ndarray:
    """Deviation of every one of `DAYS`, in units of its spread: a day keeps part of the one before."""
    drawn = np.clip(stream(CLIMATE, 3).standard_normal(len(DAYS)), -2.5, 2.5)
    found = drawn.copy()
    for day in range(1, len(DAYS)):
        found[day] = DAY_PERSISTENCE * found[day - 1] + (1 - DAY_PERSISTENCE**2) ** 0.5 * drawn[day]
    return found


def daily_half_range() -> np.ndarray:
    """From the mean of every one of `DAYS` to its highest and to its lowest [degrees Celsius]; never zero."""
    spread = 1 + HALF_RANGE_SPREAD * np.clip(stream(CLIMATE, 4).standard_normal(len(DAYS)), -2.0, 2.0)
    return (HALF_RANGE_DEGREES - HALF_RANGE_SWING * winter(_month_of_days())) * spread


def model_daily_temperature(_model: Model, _file: str, *, name: str, words: str, half_ranges: int) -> xr.DataArray:
    """Model the temperature of every day, so many half ranges above its mean: dims (time, lat, lon), in tenths of a degree."""
    lon, lat = cell_positions(DAILY_CELL_DEGREES)
    usual = mean_temperature(lon[None, :], lat[:, None], _month_of_days()[:, None, None])
    values = usual + (DAY_DEGREES * daily_weather())[:, None, None]
    months = monthly_temperature(lon[None, :], lat[:, None])[DAYS[0].year - YEARS[0] :].reshape(-1, lat.size, lon.size)
    of_month = (DAYS.year - DAYS[0].year) * 12 + DAYS.month - 1
    means = np.add.reduceat(values, np.flatnonzero(DAYS.day == 1)) / np.bincount(of_month)[:, None, None]
    values += (months - means)[of_month] + half_ranges * daily_half_range()[:, None, None]
    attrs = {"long_name": words, "units": "degrees Celsius"}
    return on_degrees(values.round(1), name=name, lat=lat, lon=lon, attrs=attrs, time=DAYS.to_numpy(), fill=FILL)


def _month_of_days() -> np.ndarray:
    """Return where in the year `DAYS` stand: 1 in the middle of January, 1.5 at its end."""
    return (DAYS.month + (DAYS.day - 0.5) / DAYS.days_in_month - 0.5).to_numpy()


def model_precipitation(_model: Model, _file: str) -> xr.DataArray:
    """Model the monthly rain: dims (time, lat, lon)."""
    lon, lat = cell_positions()
    means = np.stack([mean_precipitation(lon[None, :], lat[:, None], month) for month in range(1, 13)])
    factor = 1 + DRYING_PER_DECADE * _decades()[:, None] + WEATHER_SHARE * weather(2)
    attrs = {"long_name": "precipitation", "units": "mm/month"}
    return _series(means[None] * factor[:, :, None, None], "pre", attrs)


def _decades() -> np.ndarray:
    return (np.array(YEARS) - MIDDLE_YEAR) / 10


def _series(values: np.ndarray, name: str, attrs: dict[str, str]) -> xr.DataArray:
    """Line up years and months; a month stands at its middle."""
    lon, lat = cell_positions()
    times = pd.date_range(f"{YEARS[0]}-01-01", periods=len(YEARS) * 12, freq="MS") + pd.Timedelta(days=15)
    flat = values.reshape(-1, lat.size, lon.size)
    return on_degrees(flat, name=name, lat=lat, lon=lon, attrs=attrs, time=times.to_numpy(), fill=FILL)


PRECIPITATION = Series("precipitation", ("climate/pre.nc",), model_precipitation)
TEMPERATURE = Series("temperature", ("climate/tmp.nc",), model_temperature)
TEMPERATURE_MAX = Series(
    "temperature_max",
    ("climate/tx.nc",),
    partial(model_daily_temperature, name="tx", words="daily maximum near-surface temperature", half_ranges=1),
)
TEMPERATURE_MIN = Series(
    "temperature_min",
    ("climate/tn.nc",),
    partial(model_daily_temperature, name="tn", words="daily minimum near-surface temperature", half_ranges=-1),
)
TEMPERATURE_MEAN = Series(
    "temperature_mean",
    ("climate/tg.nc",),
    partial(model_daily_temperature, name="tg", words="daily mean near-surface temperature", half_ranges=0),
)
