"""Tiles of one grid put together into one GeoTIFF, as they are: nothing is resampled, nothing is held whole in memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from rasterio.dtypes import in_dtype_range
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader, DatasetWriter
from rasterio.windows import Window

from urbanreview.errors import CacheRefused, MissingCrs, NoOverlap, UnreadableFile
from urbanreview.grid import as_crs, to_crs
from urbanreview.sources.cache import refused_if_full

Bounds = tuple[float, float, float, float]
"""West, south, east, north [degrees]."""

MADE_OF, MADE_FOR = "made_of", "made_for"
"""Tags of the GeoTIFF: its tiles, and the bounds [degrees] it was cut to, empty if it was not."""
_BLOCK = 256
"""Side of the blocks that are written [cell]."""
_CHUNK_BYTES = 64 << 20
_GDAL_BYTES = 64 << 20
_PART_OF_A_CELL = 1e-6
"""How far corners of tiles may be from the corners of cells of the first one."""


@dataclass(frozen=True, slots=True)
class _Tile:
    """A raster and where it begins, in cells from the first cell of the first tile."""

    address: str
    raster: DatasetReader
    row: int
    column: int

    @property
    def box(self) -> shapely.Polygon:
        return shapely.box(self.column, self.row, self.column + self.raster.width, self.row + self.raster.height)


def mosaic(
    tiles: Sequence[str],
    path: Path,
    *,
    bounds: Bounds | None = None,
    nodata: float | None = None,
    tags: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Put tiles together, cut to bounds.

    Parameters
    ----------
    tiles : sequence of str
        At least one, as GDAL opens it: a path, or a member of an archive, ``/vsizip/tile.zip/tile.tif``. All of one CRS,
        resolution, dtype and number of bands. Where two overlap the first wins.
    path : Path
        What is made: a GeoTIFF in blocks, compressed, written as ``path.part`` and renamed when it is whole. Its folder is
        made.
    bounds : Bounds, optional
        The result is the cells that this box touches after it was brought to the tiles' CRS; all tiles without it. Beyond
        180 degrees nothing is.
    nodata : float, optional
        For where there is no tile, if the tiles name none themselves; NaN of floats without it.
    tags : mapping of str to str
        Tags of the result besides those of the first tile.

    Returns
    -------
    bool
        Whether it was made. A mosaic that is there is kept if it is of the same tiles, none of them newer, and covers the
        bounds.

    Raises
    ------
    UnreadableFile
        If a tile cannot be read, or two tiles are not of one grid, or there is a place without a tile and no nodata value
        that the dtype can hold.
    MissingCrs
        If there are bounds, and the tiles do not say where they are.
    NoOverlap
        If no tile reaches into the bounds.
    CacheRefused
        If the result does not fit on the disk.

    Notes
    -----
    Memory: at most two times 64 MB of cells, in rows of blocks, and 64 MB of GDAL's blocks, whatever the size of the mosaic.
    Places without a tile take no space.
    """
    if _is_done(tiles, path, bounds):
        return False
    part = path.with_name(f"{path.name}.part")
    with refused_if_full(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with rasterio.Env(GDAL_CACHEMAX=_GDAL_BYTES), ExitStack() as stack:
            found = _open(tiles, stack)
            window = _window(found, bounds)
            own = _own_nodata(found, window, nodata)
            _fill(found, window, own, part, dict(tags) | _made(tiles, bounds))
            _require_readable(part)
        with refused_if_full(path.parent):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def _made(tiles: Sequence[str], bounds: Bounds | None) -> dict[str, str]:
    """Return what a mosaic says of itself."""
    named = ", ".join(tile.replace("\\", "/").rpartition("/")[2] for tile in tiles)
    return {MADE_OF: named, MADE_FOR: " ".join(repr(float(value)) for value in bounds or ())}


def _is_done(tiles: Sequence[str], path: Path, bounds: Bounds | None) -> bool:
    """Return whether a mosaic is there that need not be made again."""
    files = [_on_disk(tile) for tile in tiles]
    if not path.is_file() or any(file and file.stat().st_mtime > path.stat().st_mtime for file in files):
        return False
    try:
        with rasterio.open(path) as made:
            tags = made.tags()
    except RasterioError:
        return False
    covered = [float(value) for value in tags.get(MADE_FOR, "").split()]
    if tags.get(MADE_OF) != _made(tiles, bounds)[MADE_OF]:
        return False
    if bounds is None or not covered:
        return not covered
    return bool(shapely.box(*covered).covers(shapely.box(*bounds)))


def _on_disk(tile: str) -> Path | None:
    """Return the file that a tile is in: itself or its archive; None if it is not on this machine."""
    path = Path(re.sub(r"^(/vsi\w+/)*\{?", "", tile).replace("}", ""))
    return next((place for place in (path, *path.parents) if place.is_file()), None)


def _open(tiles: Sequence[str], stack: ExitStack) -> list[_Tile]:
    """Open all tiles and find their places on the grid of the first one."""
    found: list[_Tile] = []
    for address in tiles:
        try:
            raster = stack.enter_context(rasterio.open(address))
        except RasterioError as error:
            raise UnreadableFile(address, reason=error, expected="a tile that GDAL can read") from None
        first = found[0] if found else _Tile(address, raster, 0, 0)
        found.append(_placed(address, raster, first))
    return found


def _placed(address: str, raster: DatasetReader, first: _Tile) -> _Tile:
    """Return where a tile is, if it is of the same sort as the first one."""
    for what in ("crs", "dtypes"):
        got, expected = getattr(raster, what), getattr(first.raster, what)
        if got != expected:
            raise _unlike(address, first, f"{what} {got}", expected)
    to_cells = ~first.raster.transform
    corners = [to_cells @ (raster.transform @ corner) for corner in ((0, 0), (raster.width, raster.height))]
    (column, row), (after_column, after_row) = (tuple(round(cell) for cell in corner) for corner in corners)
    missed = np.abs(np.array(corners) - np.round(corners)).max()
    if missed > _PART_OF_A_CELL or (after_column - column, after_row - row) != (raster.width, raster.height):
        raise _unlike(address, first, _grid(raster), _grid(first.raster))
    return _Tile(address, raster, row, column)


def _grid(raster: DatasetReader) -> str:
    across, down = raster.res
    return f"cells of {across:.12g} by {down:.12g} from ({raster.transform.c:.12g}, {raster.transform.f:.12g})"


def _unlike(address: str, first: _Tile, got: object, expected: object) -> UnreadableFile:
    return UnreadableFile(address, reason=got, expected=f"a tile on the grid of {first.address}: {expected}")


def _window(tiles: Sequence[_Tile], bounds: Bounds | None) -> Window:
    """Return the cells that are made, from the first cell of the first tile."""
    extent = shapely.union_all([tile.box for tile in tiles])
    if bounds is None:
        left, top, right, bottom = extent.bounds
    else:
        left, top, right, bottom = _cells(tiles[0], bounds)
        if not extent.intersects(shapely.box(left, top, right, bottom).buffer(-0.25)):
            first = tiles[0].raster
            here = gpd.GeoSeries([shapely.box(*first.bounds)], crs=as_crs(first.crs))
            raise NoOverlap(tiles[0].address, got=to_crs(here, 4326).total_bounds, expected=bounds)
    return Window(int(left), int(top), int(right - left), int(bottom - top))


def _cells(first: _Tile, bounds: Bounds) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of the whole cells that a box in degrees touches."""
    if first.raster.crs is None:
        raise MissingCrs(first.address)
    west, south, east, north = bounds
    degrees = gpd.GeoSeries([shapely.box(max(west, -180.0), south, min(east, 180.0), north)], crs=4326)
    west, south, east, north = to_crs(degrees, as_crs(first.raster.crs)).total_bounds
    to_cells = ~first.raster.transform
    corners = np.array([to_cells @ corner for corner in ((west, north), (east, south))])
    left, top = np.floor(corners.min(axis=0) + _PART_OF_A_CELL)
    right, bottom = np.ceil(corners.max(axis=0) - _PART_OF_A_CELL)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _own_nodata(tiles: Sequence[_Tile], window: Window, given: float | None) -> float | None:
    """Return the nodata value of the result: that of the tiles, or the given one if they have none."""
    named = [tile for tile in tiles if tile.raster.nodata is not None]
    for tile in named[1:]:
        if not np.array_equal(tile.raster.nodata, named[0].raster.nodata, equal_nan=True):
            raise _unlike(tile.address, named[0], f"nodata {tile.raster.nodata}", f"nodata {named[0].raster.nodata}")
    if named:
        return named[0].raster.nodata
    dtype = tiles[0].raster.dtypes[0]
    if given is not None and in_dtype_range(given, dtype):
        return given
    if np.issubdtype(np.dtype(dtype), np.floating):
        return float("nan")
    asked = shapely.box(window.col_off, window.row_off, window.col_off + window.width, window.row_off + window.height)
    if not shapely.union_all([tile.box for tile in tiles]).covers(asked):
        raise UnreadableFile(tiles[0].address, reason="none", expected="a nodata value, for where there is no tile")
    return None


def _fill(tiles: Sequence[_Tile], window: Window, nodata: float | None, part: Path, tags: dict[str, str]) -> None:
    """Copy the cells of all tiles, rows of blocks at a time."""
    first = tiles[0].raster
    profile = {
        "driver": "GTiff",
        "count": first.count,
        "dtype": first.dtypes[0],
        "nodata": nodata,
        "crs": first.crs,
        "width": window.width,
        "height": window.height,
        "transform": first.window_transform(window),
        "tiled": True,
        "blockxsize": _BLOCK,
        "blockysize": _BLOCK,
        "interleave": "band",
        "compress": "deflate",
        "sparse_ok": True,
        "bigtiff": "if_safer",
    }
    with _refused(part):
        writer = rasterio.open(part, "w", **profile)
    with _refused(part), writer:
        _describe(first, writer, tags)
        for chunk in _chunks(window, first):
            cells = _read(tiles, window, chunk, nodata)
            if cells is not None:
                writer.write(cells, window=chunk)


@contextmanager
def _refused(part: Path) -> Iterator[None]:
    """Turn what GDAL says of writing into `CacheRefused`."""
    try:
        yield
    except RasterioError as error:
        raise CacheRefused(part.parent, reason=error) from None


def _describe(first: DatasetReader, writer: DatasetWriter, tags: dict[str, str]) -> None:
    """Carry over what the first tile says of its numbers."""
    kept = {key: value for key, value in first.tags().items() if key != "AREA_OR_POINT"}
    writer.update_tags(**kept | tags)
    writer.scales, writer.offsets = first.scales, first.offsets
    for band, (unit, text) in enumerate(zip(first.units, first.descriptions, strict=True), start=1):
        if unit:
            writer.set_band_unit(band, unit)
        if text:
            writer.set_band_description(band, text)


def _chunks(window: Window, raster: DatasetReader) -> Iterator[Window]:
    """Cut the result into rows of blocks, and these where they are too large for the memory."""
    column_bytes = _BLOCK * raster.count * np.dtype(raster.dtypes[0]).itemsize
    columns = max(_CHUNK_BYTES // column_bytes // _BLOCK, 1) * _BLOCK
    for row, column in product(range(0, window.height, _BLOCK), range(0, window.width, columns)):
        yield Window(column, row, min(columns, window.width - column), min(_BLOCK, window.height - row))


def _read(tiles: Sequence[_Tile], window: Window, chunk: Window, nodata: float | None) -> np.ndarray | None:
    """Return the cells of a chunk, shape (bands, rows, columns); None if no tile has one of them."""
    cells = None
    top, left = window.row_off + chunk.row_off, window.col_off + chunk.col_off
    for tile in reversed(tiles):
        rows = slice(max(top, tile.row), min(top + chunk.height, tile.row + tile.raster.height))
        columns = slice(max(left, tile.column), min(left + chunk.width, tile.column + tile.raster.width))
        if rows.start >= rows.stop or columns.start >= columns.stop:
            continue
        if cells is None:
            shape = (tile.raster.count, chunk.height, chunk.width)
            cells = np.full(shape, 0 if nodata is None else nodata, dtype=tile.raster.dtypes[0])
        here = Window(columns.start - tile.column, rows.start - tile.row, columns.stop - columns.start, rows.stop - rows.start)
        try:
            values = tile.raster.read(window=here)
        except RasterioError as error:
            raise UnreadableFile(tile.address, reason=error, expected="a tile that GDAL can read") from None
        cells[:, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = values
    return cells


def _require_readable(part: Path) -> None:
    """Read once what was written: a full disk shows only then."""
    with _refused(part), rasterio.open(part) as copy:
        for chunk in _chunks(Window(0, 0, copy.width, copy.height), copy):
            copy.read(window=chunk)
