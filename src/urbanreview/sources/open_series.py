"""A raster with a time axis: months or days, from one file or many, read a stretch at a time and never held whole."""

import calendar
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.errors import AmbiguousInput, UnknownName, UnreadableFile, WrongUnits
from urbanreview.grid import Kind, require_same_grid
from urbanreview.kernels.missing import Masked
from urbanreview.ledger import Entry, Ledger
from urbanreview.sources.address import Address, locate
from urbanreview.sources.declared import _factors as factors_of
from urbanreview.sources.netcdf import NETCDF_SUFFIXES, Stamps, netcdf_stamps, read_netcdf
from urbanreview.sources.nodata import mask_nodata, settle
from urbanreview.sources.open_raster import _read_gdal as read_gdal
from urbanreview.sources.reading import Reading
from urbanreview.units import RAIN_UNITS, TEMPERATURE_UNITS

CELLS_AT_ONCE = 8_000_000
"""Numbers that a stretch holds, at most, unless a single step has more: 64 MB."""
MONTHS_PER_YEAR = 12
DAYS_OF_A_MONTH = 28
"""A month with as many steps is one of days."""
PER_STEP = "mm"
"""Rain without a time is that of the step: a month or a day."""

_SPELLED = {factors_of(units): units for units in (*RAIN_UNITS, *TEMPERATURE_UNITS, PER_STEP)}
_SPELLED[factors_of("kg/m2")] = PER_STEP


def climate_units(text: str) -> str:
    """Return the usual spelling of units of rain or temperature.

    Raises
    ------
    UnknownName
        If they are none that can be converted.

    Examples
    --------
    >>> [climate_units(text) for text in ("kg m-2 s-1", "degrees Celsius", "mm day-1", "K", "metres per day", "mm")]
    ['kg/m2/s', 'degC', 'mm/day', 'K', 'm/day', 'mm']
    >>> climate_units("inches")
    Traceback (most recent call last):
    urbanreview.errors.UnknownName: Unknown unit of rain or temperature 'inches'. ...
    """
    found = _SPELLED.get(factors_of(text))
    if found is None:
        raise UnknownName("unit of rain or temperature", text, known=_SPELLED.values())
    return found


class DatedPath(NamedTuple):
    """A file, and the date that its path was filled with."""

    path: str
    year: int | None = None
    month: int | None = None


class _Part(NamedTuple):
    address: Address
    stamps: Stamps


class RasterSeries:
    """A raster of months or days.

    Parameters
    ----------
    files : sequence of DatedPath
        NetCDF with a time axis; or rasters of one month each, or of the twelve months of a year as bands. Any order.
    source : str
        What the ledger calls it.
    variable, crs, nodata, band, within, margin_km, base
        As in `open_raster`.

    Attributes
    ----------
    geobox : GeoBox
        North up.
    year, month, day : ndarray of int, shape (steps,)
        Of every step, in the order that they are read in.
    month_days : ndarray of float, shape (steps,)
        Length of the month by the calendar of the data [day].
    every : str
        ``month`` or ``day``.
    units : str
        As the files state them; empty if they are silent.
    words : str
        Name of the variable and how the files describe it.

    Raises
    ------
    AmbiguousInput
        If a month, or a day, is there twice.
    UnreadableFile
        If there is no time axis, or its steps are neither months nor days.
    WrongUnits
        If the files are of several units.
    GridMismatch
        If they are on several grids.
    MissingFile, NotInInput, MissingCrs, RotatedGrid, CrossesAntimeridian, NoOverlap, AllMissing
    """

    def __init__(
        self,
        files: Sequence[DatedPath],
        *,
        source: str,
        variable: str | None = None,
        crs: str | None = None,
        nodata: float | None = None,
        band: int | None = None,
        within: gpd.GeoSeries | None = None,
        margin_km: float = 0.0,
        base: Path | None = None,
    ) -> None:
        self.source = source
        self._how: dict[str, Any] = {"crs": crs, "within": within, "margin_km": margin_km, "source": source}
        self._variable, self._band = variable, band
        self._codes = () if nodata is None else (nodata,)
        self._parts = [self._part(file, base) for file in files]
        stamps = [part.stamps for part in self._parts]
        self.year, self.month, self.day = (
            np.concatenate([getattr(each, name) for each in stamps]) for name in ("year", "month", "day")
        )
        self.month_days = np.concatenate([each.month_days for each in stamps])
        self.every = _every(self.year, self.month, self.day, files[0].path)
        first = self._read(self._parts[0], slice(0, 1))
        self.geobox: GeoBox = first.geobox
        self.units = next((part.units for part in stamps if part.units), "") or next(iter(first.units), "")
        self.words = stamps[0].words
        self._masked = np.zeros(len(Masked._fields), np.int64)
        self._cells = 0
        self._noted: dict[Entry, None] = {}

    def __len__(self) -> int:
        """Return the number of steps."""
        return self.year.size

    def _part(self, file: DatedPath, base: Path | None) -> _Part:
        address = locate(file.path, base=base)
        stamps = None
        if address.suffix in NETCDF_SUFFIXES:
            stamps = netcdf_stamps(address, variable=self._variable)
        if stamps is None:
            stamps = _stamps_of(file)
        return _Part(address, stamps)

    def _read(self, part: _Part, steps: slice) -> Reading:
        """Read some steps of a file: numbers of shape (steps, rows, cols)."""
        if part.address.suffix in NETCDF_SUFFIXES:
            reading = read_netcdf(part.address, variable=self._variable, steps=steps, **self._how)
        else:
            several = part.stamps.year.size > 1
            periods = [f"{month:02}" for month in part.stamps.month] if several else None
            reading = read_gdal(part.address, band=self._band, periods=periods, **self._how)
            if several:
                reading = reading._replace(raw=reading.raw[steps])
        return reading if reading.raw.ndim == 3 else reading._replace(raw=reading.raw[np.newaxis])

    def stretches(self) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the series a few steps at a time.

        Yields
        ------
        steps : slice
            Which of the steps these are.
        values : ndarray of float, shape (steps, rows, cols)
            In the units of the file; NaN where missing.
        """
        rows, cols = self.geobox.shape
        at_once = max(1, CELLS_AT_ONCE // (rows * cols))
        first = 0
        for part in self._parts:
            count = part.stamps.year.size
            for begin in range(0, count, at_once):
                stop = min(begin + at_once, count)
                yield slice(first + begin, first + stop), self._values(part, slice(begin, stop))
            first += count

    def _values(self, part: _Part, steps: slice) -> np.ndarray:
        reading = self._read(part, steps)
        require_same_grid(f"{self.source}: {part.address.text}", got=reading.geobox, expected=self.geobox)
        stated = part.stamps.units or next(iter(reading.units), "")
        if stated and factors_of(stated) != factors_of(self.units):
            raise WrongUnits(part.address.text, got=stated, expected=self.units)
        values, masked = mask_nodata(reading, codes=self._codes, kind=Kind.INTENSITY, units=self.units)
        self._masked += masked
        self._cells += values.size
        self._noted |= dict.fromkeys(reading.ledger.entries)
        return values

    def ledger(self) -> Ledger:
        """Return what was masked and assumed in all steps, once they were read.

        Raises
        ------
        AllMissing
            If no cell has a value at any time.
        """
        return Ledger(tuple(self._noted)) + settle(Masked(*self._masked), self._cells, self.source)


def _stamps_of(file: DatedPath) -> Stamps:
    """Return the dates of a file without a time axis, from its path: one month, or the months of a year as bands."""
    if file.year is None:
        expected = "a NetCDF file with a time axis, or a path with {year} and {month:02}"
        raise UnreadableFile(file.path, reason="no time axis", expected=expected)
    months = np.arange(1, MONTHS_PER_YEAR + 1) if file.month is None else np.array([file.month])
    lengths = np.array([calendar.monthrange(file.year, int(month))[1] for month in months], dtype=float)
    middle = np.full(months.size, 15)
    return Stamps(np.full(months.size, file.year), months, middle, lengths, "", "")


def _every(year: np.ndarray, month: np.ndarray, day: np.ndarray, path: str) -> str:
    """Tell whether steps are months or days, and refuse what is there twice."""
    days = Counter(zip(year.tolist(), month.tolist(), day.tolist(), strict=True))
    months = Counter((year, month) for year, month, _ in days.elements())
    daily = np.median(list(months.values())) >= DAYS_OF_A_MONTH
    twice = [date for date, count in (days if daily else months).items() if count > 1]
    if not twice:
        return "day" if daily else "month"
    of_first = [f"{y}-{m:02}-{d:02}" for y, m, d in days.elements() if (y, m, d)[: len(twice[0])] == twice[0]]
    if not daily and np.median(list(months.values())) > 1 and len(days) == year.size:
        reason = f"{len(of_first)} steps in {of_first[0][:7]}"
        raise UnreadableFile(path, reason=reason, expected="a time axis of months or days")
    name = "-".join(f"{part:02}" for part in twice[0])
    raise AmbiguousInput(path, what=f"steps of {name}", found=of_first, cure="Take the others out: each may be there once.")
