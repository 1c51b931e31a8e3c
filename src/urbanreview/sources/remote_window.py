"""A window of a raster, from a server that gives parts of files or from a file that is here, as a GeoTIFF of its own."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import numpy as np
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.warp import transform_bounds
from rasterio.windows import Window
from requests.certs import where

from urbanreview.errors import CacheRefused, WrongContent
from urbanreview.sources.download import SLOWEST_BYTES_PER_SECOND, AttemptError

Bounds = tuple[float, float, float, float]

_ROWS_AT_ONCE = 512
_PART_OF_A_CELL = 1e-6
"""Edges of windows that miss the edge of a cell by less are on it."""


def gdal_address(address: str) -> str:
    """Return how GDAL opens a file on a server.

    >>> gdal_address("https://example.org/a.tif?v=1")
    '/vsicurl?url=https%3A%2F%2Fexample.org%2Fa.tif%3Fv%3D1'
    """
    return f"/vsicurl?url={quote(address, safe='')}"


def patient(timeout_seconds: float) -> dict[str, str]:
    """Return how GDAL asks servers: certificates verified, silence given up after a while, nothing remembered of failures."""
    bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or where()
    return {
        "CPL_VSIL_CURL_NON_CACHED": "/vsicurl",
        "CURL_CA_BUNDLE": bundle,
        "GDAL_CURL_CA_BUNDLE": bundle,
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_HTTP_CONNECTTIMEOUT": f"{max(1, round(timeout_seconds))}",
        "GDAL_HTTP_LOW_SPEED_LIMIT": f"{SLOWEST_BYTES_PER_SECOND}",
        "GDAL_HTTP_LOW_SPEED_TIME": f"{max(1, round(timeout_seconds))}",
        "GDAL_HTTP_UNSAFESSL": "NO",
        "GTIFF_IGNORE_READ_ERRORS": "NO",
    }


def cut_window(
    opened: str, bounds: Bounds, part: Path, *, address: str, timeout_seconds: float, report: Callable[[int, int], None]
) -> None:
    """Copy the cells that a window touches into a GeoTIFF, a few rows at a time.

    Parameters
    ----------
    opened : str
        As GDAL opens the raster.
    bounds : tuple of float
        West, south, east, north [degrees].
    part : Path
        What is written; replaced if it is there. Cells, nodata, scale, offset, units and tags are those of the raster.
    address : str
        What messages say.
    timeout_seconds : float
    report : callable
        Called as ``report(done_bytes, total_bytes)`` with bytes of cells, unpacked.

    Raises
    ------
    AttemptError
        If the raster cannot be opened, or a block of it cannot be read or comes cut short.
    WrongContent
        If it does not reach into the window.
    CacheRefused
        If the copy does not fit on the disk.
    """
    try:
        with rasterio.Env(**patient(timeout_seconds)), rasterio.open(opened) as raster:
            window = _window_of(raster, bounds, address)
            _copy(raster, window, part, report)
    except RasterioError as error:
        raise AttemptError(f"a window of it cannot be read ({_words(error)})") from None


def _window_of(raster: DatasetReader, bounds: Bounds, address: str) -> Window:
    """Return the whole cells of a raster that a window in degrees touches."""
    there = bounds if raster.crs is None or raster.crs.is_geographic else transform_bounds(4326, raster.crs, *bounds)
    west, south, east, north = there
    inverse = ~raster.transform
    (left, top), (right, bottom) = inverse * (west, north), inverse * (east, south)
    columns = _whole_cells(left, right, raster.width)
    rows = _whole_cells(top, bottom, raster.height)
    if columns is None or rows is None:
        found = ", ".join(f"{value:.3f}" for value in raster.bounds)
        wanted = ", ".join(f"{value:.3f}" for value in there)
        raise WrongContent(address, got=f"a raster of ({found})", expected=f"one that reaches into ({wanted})")
    return Window(columns[0], rows[0], columns[1] - columns[0], rows[1] - rows[0])


def _whole_cells(first: float, last: float, size: int) -> tuple[int, int] | None:
    """Return the range of whole cells around two edges, within an axis; None if there are none.

    >>> _whole_cells(1.2, 2.9999999, 10), _whole_cells(-3.0, 2.5, 10), _whole_cells(11.0, 12.0, 10)
    ((1, 3), (0, 3), None)
    """
    begin = max(0, int((first + _PART_OF_A_CELL) // 1))
    end = min(size, -int((_PART_OF_A_CELL - last) // 1))
    return (begin, end) if begin < end else None


def _copy(raster: DatasetReader, window: Window, part: Path, report: Callable[[int, int], None]) -> None:
    """Read and write rows of blocks; what was written is read once more, since a full disk shows only then."""
    profile = {
        "driver": "GTiff",
        "count": raster.count,
        "dtype": raster.dtypes[0],
        "nodata": raster.nodata,
        "crs": raster.crs,
        "width": window.width,
        "height": window.height,
        "transform": raster.window_transform(window),
        "compress": "deflate",
        "bigtiff": "if_safer",
    }
    try:
        writer = rasterio.open(part, "w", **profile)
    except RasterioError as error:
        raise CacheRefused(part.parent, reason=_words(error)) from None
    done, total = 0, window.width * window.height * raster.count * np.dtype(raster.dtypes[0]).itemsize
    try:
        with writer:
            _describe(raster, writer)
            for rows in _strips(raster, window):
                cells = raster.read(window=rows)
                _write(writer, cells, rows.row_off - window.row_off, part)
                done += cells.nbytes
                report(done, total)
        _require_readable(part)
    except (RasterioError, CacheRefused):
        part.unlink(missing_ok=True)
        raise


def _strips(raster: DatasetReader, window: Window) -> Iterator[Window]:
    """Cut a window into rows of whole blocks of the raster, so that no block is asked for twice."""
    block = raster.block_shapes[0][0]
    step = block * max(1, _ROWS_AT_ONCE // block)
    row, end = window.row_off, window.row_off + window.height
    while row < end:
        after = min((row // step + 1) * step, end)
        yield Window(window.col_off, row, window.width, after - row)
        row = after


def _describe(raster: DatasetReader, writer: DatasetWriter) -> None:
    """Carry over what a raster says of its numbers."""
    writer.update_tags(**{key: value for key, value in raster.tags().items() if key != "AREA_OR_POINT"})
    writer.scales, writer.offsets = raster.scales, raster.offsets
    for band in range(1, raster.count + 1):
        writer.update_tags(
            band, **{key: value for key, value in raster.tags(band).items() if not key.startswith("STATISTICS_")}
        )
        for said, carry in ((raster.units, writer.set_band_unit), (raster.descriptions, writer.set_band_description)):
            if said[band - 1]:
                carry(band, said[band - 1])


def _write(writer: DatasetWriter, cells: np.ndarray, row: int, part: Path) -> None:
    try:
        writer.write(cells, window=Window(0, row, cells.shape[2], cells.shape[1]))
    except RasterioError as error:
        raise CacheRefused(part.parent, reason=_words(error)) from None


def _require_readable(part: Path) -> None:
    """Raise if a block of what was written cannot be read."""
    try:
        with rasterio.open(part) as copy:
            for _, block in copy.block_windows(1):
                copy.read(window=block)
    except RasterioError as error:
        raise CacheRefused(part.parent, reason=_words(error)) from None


def _words(error: RasterioError) -> str:
    """Return what GDAL said, rather than that it said something."""
    return re.sub(r"^\S*vsicurl\S*, ", "", str(error.__cause__ or error)).rstrip(".")
