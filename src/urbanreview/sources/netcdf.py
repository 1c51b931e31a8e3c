"""NetCDF files through xarray: latitude and longitude by any name, time decoded, windows read lazily."""

import zipfile
import zlib
from io import BytesIO
from typing import IO, NamedTuple

import geopandas as gpd
import numpy as np
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.errors import AmbiguousInput, CrossesAntimeridian, MissingCrs, NotInInput, UnreadableFile
from urbanreview.grid import as_crs, crop_slices
from urbanreview.ledger import Ledger
from urbanreview.sources.address import Address
from urbanreview.sources.reading import Reading

NETCDF_SUFFIXES = (".nc", ".nc4")
UNEVEN_AT_MOST_CELLS = 0.1
"""Coordinates may leave an even spacing by this part of a cell: Gaussian grids pass, and the ledger says so."""
_Y_NAMES = ("y", "lat", "latitude", "nav_lat", "ylat")
_X_NAMES = ("x", "lon", "longitude", "long", "nav_lon", "xlon")
_TIME_NAMES = ("time", "valid_time")


DAMAGED = (OSError, ValueError, RuntimeError, IndexError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)
"""What the readers below xarray raise on files that are cut short, or no NetCDF at all."""


class Stamps(NamedTuple):
    """When the steps of a file are, and what it says about its variable.

    Attributes
    ----------
    year, month, day : ndarray of int, shape (steps,)
        Of the middle of each step, by the file's own calendar.
    month_days : ndarray of float, shape (steps,)
        Length of the month by that calendar [day].
    units : str
        As the file states them; empty if it is silent.
    words : str
        Name of the variable and how the file describes it.
    """

    year: np.ndarray
    month: np.ndarray
    day: np.ndarray
    month_days: np.ndarray
    units: str
    words: str


def netcdf_stamps(address: Address, *, variable: str | None) -> Stamps | None:
    """Read the time axis of one variable, whatever its calendar; None if it has none.

    Where the file gives the bounds of its steps the middle between them counts: some models stamp a month with its end.
    """
    try:
        with address.stream() as stream, _opened(stream) as dataset:
            array = _on_y_x(_pick(dataset, variable, address), address)
            if "time" not in array.dims:
                return None
            middle = _middle(dataset, array)
    except DAMAGED as error:
        raise UnreadableFile(address.text, reason=error, expected="a NetCDF file") from None
    if middle.dtype.kind not in "MO":
        raise UnreadableFile(
            address.text, reason="a time axis without dates", expected="dates, such as 'days since 1900-01-01'"
        )
    year, month, day = (getattr(middle.dt, part).values.astype(int) for part in ("year", "month", "day"))
    words = " ".join([str(array.name), *(str(array.attrs.get(key, "")) for key in ("standard_name", "long_name"))])
    month_days = middle.dt.days_in_month.values.astype(float)
    return Stamps(year, month, day, month_days, str(array.attrs.get("units", "")), words.strip())


def _middle(dataset: xr.Dataset, array: xr.DataArray) -> xr.DataArray:
    """Return the middle of every time step."""
    bounds = dataset.get(str(array.time.attrs.get("bounds", "")))
    if bounds is None or bounds.ndim != 2 or bounds.dtype.kind not in "MO":
        return array.time
    begin, end = bounds.values.T
    return xr.DataArray(begin + (end - begin) / 2, dims="time")


def read_netcdf(
    address: Address,
    *,
    variable: str | None,
    crs: str | None,
    within: gpd.GeoSeries | None,
    margin_km: float,
    source: str,
    steps: slice | None = None,
) -> Reading:
    """Read the window of one variable, all its time steps or some; xarray applies fill values, scale and offset."""
    try:
        with address.stream() as stream, _opened(stream) as dataset:
            array = _on_y_x(_pick(dataset, variable, address), address)
            array, ledger = _wrapped(array, source)
            named = crs or _crs_of(dataset, array)
            if named is None and not _looks_like_degrees(array):
                raise MissingCrs(address.text)
            if named is None:
                ledger = ledger.add(source, "coordinates in degrees without a CRS taken as EPSG:4326", "file", 1)
            geobox, uneven = _geobox(array, as_crs(named or "EPSG:4326").to_wkt(), address)
            ledger = ledger.add(source, "uneven coordinates taken as even", "share of a cell", round(uneven, 6))
            rows, cols = slice(0, geobox.shape[0]), slice(0, geobox.shape[1])
            if within is not None:
                rows, cols = crop_slices(geobox, within, margin_km=margin_km, name=source)
            window = array.isel({"y": rows, "x": cols} | ({} if steps is None else {"time": steps})).load()
    except DAMAGED as error:
        raise UnreadableFile(address.text, reason=error, expected="a NetCDF file") from None
    times = _periods(window) if "time" in window.dims else None
    units = (str(window.attrs["units"]),) if window.attrs.get("units") else ()
    return Reading(window.values, geobox[rows, cols], times, (), 1.0, 0.0, {}, units, ledger)


def _opened(stream: IO[bytes]) -> xr.Dataset:
    """Open by the first bytes: NetCDF 3 is read whole, NetCDF 4 in the parts that are asked for."""
    classic = stream.read(3) == b"CDF"
    stream.seek(0)
    if classic:
        return xr.open_dataset(BytesIO(stream.read()), engine="scipy")
    return xr.open_dataset(stream, engine="h5netcdf")


def _pick(dataset: xr.Dataset, variable: str | None, address: Address) -> xr.DataArray:
    candidates = [str(name) for name, array in dataset.data_vars.items() if array.ndim >= 2 and not str(name).endswith("_bnds")]
    if variable is None:
        if len(candidates) != 1:
            cure = 'Add variable = "…" to its section of the settings.'
            raise AmbiguousInput(address.text, what="variables", found=candidates, cure=cure)
        variable = candidates[0]
    if variable not in dataset.data_vars:
        raise NotInInput(address.text, what="variable", name=variable, found=candidates)
    return dataset[variable]


def _on_y_x(array: xr.DataArray, address: Address) -> xr.DataArray:
    """Rename the axes to (time, y, x) and turn north up."""
    names = {}
    for dim in array.dims:
        lower = str(dim).lower()
        if lower in _Y_NAMES:
            names[dim] = "y"
        elif lower in _X_NAMES:
            names[dim] = "x"
        elif lower in _TIME_NAMES:
            names[dim] = "time"
    if sorted(set(names.values()) - {"time"}) != ["x", "y"]:
        reason = f"dims {', '.join(map(str, array.dims))}"
        raise UnreadableFile(address.text, reason=reason, expected="a latitude (y) and a longitude (x) axis")
    array = array.rename({old: new for old, new in names.items() if old != new})
    extra = [dim for dim in array.dims if dim not in ("y", "x", "time")]
    if any(array.sizes[dim] > 1 for dim in extra):
        raise UnreadableFile(address.text, reason=f"further axes {extra}", expected="time, latitude and longitude only")
    array = array.squeeze(extra, drop=True)
    array = array.transpose(*[dim for dim in ("time", "y", "x") if dim in array.dims])
    return array.isel(y=slice(None, None, -1)) if float(array.y[0]) < float(array.y[-1]) else array


def _wrapped(array: xr.DataArray, source: str) -> tuple[xr.DataArray, Ledger]:
    """Bring longitudes 0 to 360 to -180 to 180."""
    longitude = array.x.values
    if longitude.max() <= 180.5 or longitude.max() > 361.0:
        return array, Ledger()
    step = abs(longitude[1] - longitude[0])
    if longitude[-1] - longitude[0] < 360.0 - 1.5 * step and longitude.min() < 180.0:
        raise CrossesAntimeridian(source, west=float(longitude.min()), east=float(longitude.max()))
    moved = array.assign_coords(x=(longitude + 180.0) % 360.0 - 180.0).sortby("x")
    return moved, Ledger().add(source, "longitudes 0 to 360 brought to -180 to 180", "file", 1)


def _crs_of(dataset: xr.Dataset, array: xr.DataArray) -> str | None:
    """Return the CRS that the file names, if it does."""
    mapping = dataset.variables.get(array.attrs.get("grid_mapping", array.encoding.get("grid_mapping", "")))
    attrs = {} if mapping is None else mapping.attrs
    return next((str(attrs[key]) for key in ("crs_wkt", "spatial_ref") if key in attrs), None)


def _looks_like_degrees(array: xr.DataArray) -> bool:
    return bool(abs(float(array.y[0])) <= 90.5 and abs(float(array.x[-1])) <= 361.0)


def _geobox(array: xr.DataArray, crs: str, address: Address) -> tuple[GeoBox, float]:
    """Return the grid of cell centres, and the largest departure from even spacing in cells."""
    steps, uneven = {}, 0.0
    for axis in ("x", "y"):
        centres = array[axis].values.astype(float)
        if centres.size < 2:
            raise UnreadableFile(address.text, reason=f"one {axis} coordinate", expected="at least two, to know the cell size")
        steps[axis] = (centres[-1] - centres[0]) / (centres.size - 1)
        even = centres[0] + steps[axis] * np.arange(centres.size)
        uneven = max(uneven, float(np.abs(centres - even).max() / abs(steps[axis])))
    if uneven > UNEVEN_AT_MOST_CELLS:
        raise UnreadableFile(address.text, reason="unevenly spaced coordinates", expected="a regular grid")
    west, north = float(array.x[0]) - steps["x"] / 2, float(array.y[0]) - steps["y"] / 2
    shape = (array.sizes["y"], array.sizes["x"])
    return GeoBox(shape, Affine(steps["x"], 0.0, west, 0.0, steps["y"], north), crs), uneven


def _periods(array: xr.DataArray) -> np.ndarray:
    """Names of the time steps: 2020-01 for monthly and finer than yearly steps, 2020 for yearly ones."""
    stamps = array.time.dt.strftime("%Y-%m").values.astype(str)
    years = np.array([stamp[:4] for stamp in stamps])
    if np.unique(years).size == years.size:
        return years.astype(object)
    if np.unique(stamps).size == stamps.size:
        return stamps.astype(object)
    return array.time.dt.strftime("%Y-%m-%d").values.astype(str).astype(object)
