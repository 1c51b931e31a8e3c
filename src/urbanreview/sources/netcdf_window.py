"""A window of a NetCDF file as one of its own, numbers and packing as they are; and files out of their gzip."""

import gzip
import zlib
from pathlib import Path

import numpy as np
import xarray as xr

from urbanreview.errors import NoOverlap, NotInInput, UnreadableFile, WrongContent
from urbanreview.sources.netcdf import _X_NAMES as X_NAMES
from urbanreview.sources.netcdf import _Y_NAMES as Y_NAMES
from urbanreview.sources.netcdf import DAMAGED
from urbanreview.sources.safe_zip import most_unpacked_bytes

Bounds = tuple[float, float, float, float]
_CHUNK_BYTES = 1 << 20


def gunzip(packed: Path, path: Path, *, most_bytes: int | None = None) -> None:
    """Unpack a gzip file, a piece at a time.

    Parameters
    ----------
    packed, path : Path
    most_bytes : int, optional
        What it may unpack to; by the size of the packed file without it.

    Raises
    ------
    WrongContent
        If it unpacks to more, or is damaged.
    """
    most = most_unpacked_bytes(packed.stat().st_size) if most_bytes is None else most_bytes
    reason = ""
    try:
        with gzip.open(packed) as source, path.open("wb") as target:
            while not reason and (chunk := source.read(_CHUNK_BYTES)):
                target.write(chunk)
                reason = f"a file that unpacks to more than {most:,} bytes" if target.tell() > most else ""
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        reason = f"a damaged file ({error})"
    if reason:
        path.unlink(missing_ok=True)
        raise WrongContent(packed, got=reason, expected="a gzip file")


def cut_netcdf(source: Path, path: Path, *, variable: str, bounds: Bounds) -> None:
    """Copy the cells of one variable whose centres are in a window, and one beyond on every side.

    Parameters
    ----------
    source, path : Path
        NetCDF 3 or 4; what is written is NetCDF 4.
    variable : str
        On latitude and longitude; others are left out unless they are on neither, as the bounds of time steps are.
    bounds : tuple of float
        West, south, east, north [degrees]. Where longitudes go from 0 to 360 all are kept.

    Raises
    ------
    NotInInput
        If there is no such variable.
    NoOverlap
        If it has no cell in the window.
    UnreadableFile

    Notes
    -----
    Nothing is decoded: numbers, fill values, scale, offset and dates stay as they are.
    """
    with source.open("rb") as stream:
        engine = "scipy" if stream.read(3) == b"CDF" else "h5netcdf"
    try:
        with xr.open_dataset(source, engine=engine, decode_cf=False) as whole:
            if variable not in whole:
                raise NotInInput(source, what="variable", name=variable, found=list(map(str, whole.data_vars)))
            kept = [name for name, array in whole.data_vars.items() if name == variable or not _on_map(array)]
            part = whole[kept].isel(_window(whole[variable], bounds)).load()
        for array in part.variables.values():
            array.encoding.clear()
        part.to_netcdf(path, engine="h5netcdf", encoding={variable: {"zlib": True}})
    except DAMAGED as error:
        raise UnreadableFile(source, reason=error, expected="a NetCDF file") from None


def _on_map(array: xr.DataArray) -> bool:
    return any(str(dim).lower() in (*X_NAMES, *Y_NAMES) for dim in array.dims)


def _window(array: xr.DataArray, bounds: Bounds) -> dict[str, slice]:
    """Return the stretch of each axis on the map that reaches a cell beyond the window."""
    west, south, east, north = bounds
    found = {}
    for dim in map(str, array.dims):
        centres = array[dim].values
        if dim.lower() in Y_NAMES:
            low, high = south, north
        elif dim.lower() in X_NAMES and centres.max() <= 180.5:
            low, high = west, east
        else:
            continue
        step = abs(float(centres[1] - centres[0])) if centres.size > 1 else 0.0
        inside = np.flatnonzero((centres >= low - step) & (centres <= high + step))
        if inside.size == 0:
            raise NoOverlap(array.name, got=_extent(array), expected=bounds)
        found[dim] = slice(int(inside[0]), int(inside[-1]) + 1)
    return found


def _extent(array: xr.DataArray) -> Bounds:
    """Return west, south, east, north of the outermost centres [degrees]."""
    ends = {}
    for dim in map(str, array.dims):
        if dim.lower() in (*X_NAMES, *Y_NAMES):
            ends["x" if dim.lower() in X_NAMES else "y"] = (float(array[dim].min()), float(array[dim].max()))
    (west, east), (south, north) = ends["x"], ends["y"]
    return west, south, east, north
