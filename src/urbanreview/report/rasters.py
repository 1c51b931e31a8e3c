"""Rasters on disk: cloud-optimised GeoTIFF that say what they are in their tags."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
import xarray as xr
from odc.geo.xr import ODCExtensionDa
from rasterio._err import CPLE_BaseError  # what copy raises; it has no public name
from rasterio.io import MemoryFile

from urbanreview.grid import Kind, as_crs, geobox_of, require_kind

BLOCK_CELLS = 512

URBAN_EXTENTS: Mapping[int, tuple[str, str]] = {
    0: ("rural", "#f4f1ea"),
    1: ("urban cluster", "#f2a33a"),
    2: ("urban centre", "#b5271e"),
}
"""Name and colour of the classes of the raster ``urban_extents``."""

DEGREE_OF_URBANISATION: Mapping[int, tuple[str, str]] = {
    0: ("water", "#7ab6f5"),
    1: ("rural", "#73b273"),
    2: ("urban cluster", "#ffaa00"),
    3: ("urban centre", "#ff0000"),
    10: ("water", "#7ab6f5"),
    11: ("very low density rural", "#cdf57a"),
    12: ("low density rural", "#abcd66"),
    13: ("rural cluster", "#375623"),
    21: ("suburban or peri-urban", "#ffff00"),
    22: ("semi-dense urban cluster", "#a87000"),
    23: ("dense urban cluster", "#732600"),
    30: ("urban centre", "#ff0000"),
}
"""Name and colour of the classes of the raster ``degree_of_urbanisation``, level 1 and level 2, as GHSL draws them."""

DEGREE_OF_UNITS: Mapping[int, str] = {
    30: "city",
    23: "dense town",
    22: "semi-dense town",
    21: "suburban area",
    13: "village",
    12: "dispersed rural area",
    11: "mostly uninhabited area",
}
"""Name of the classes of units, level 2."""

EXPANSION: Mapping[int, tuple[str, str]] = {
    0: ("not built-up", "#eceae3"),
    1: ("built-up before", "#a3abb2"),
    2: ("infill", "#0072b2"),
    3: ("extension", "#e69f00"),
    4: ("leapfrog", "#b0175c"),
}
"""Name and colour of the classes of the rasters ``expansion_<year>_<year>``, as `expansion_map` draws them."""

CLASSES: Mapping[str, Mapping[int, tuple[str, str]]] = {
    "urban_extents": URBAN_EXTENTS,
    "degree_of_urbanisation": DEGREE_OF_URBANISATION,
    "expansion": EXPANSION,
}
"""The classes of the rasters of a review, by the start of their names."""


def classes_of(name: str) -> Mapping[int, tuple[str, str]] | None:
    """Return the classes of a raster of a review; None if its numbers are no codes.

    >>> sorted(classes_of("urban_extents_ghs_2020")), classes_of("inputs/population_ghs_2020")
    ([0, 1, 2], None)
    >>> classes_of("expansion_2000_2020")[4][0]
    'leapfrog'
    """
    return next((classes for start, classes in CLASSES.items() if name.rpartition("/")[2].startswith(start)), None)


def write_cog(raster: xr.DataArray, path: Path, *, classes: Mapping[int, tuple[str, str]] | None = None) -> None:
    """Write a raster as a cloud-optimised GeoTIFF.

    Parameters
    ----------
    raster : DataArray, dims (y, x) or (time, y, x)
        With a declared kind. Its attributes become tags of the file.
    path : Path
    classes : mapping of int to (name, colour), optional
        For a raster of codes: written as a colour table and as the tag ``class_<code>``.

    Raises
    ------
    UndeclaredRaster
        If the raster does not say its kind.
    OSError
        If the file cannot be written.

    Notes
    -----
    Missing is NaN in a raster of numbers. Classes are written in the smallest integers that hold them, missing as a
    code that no class has. Overviews show the nearest cell of classes and the mean of everything else: the overview
    of a count is for looking at, not for adding up. The same raster gives the same bytes.
    """
    kind = require_kind(raster)
    cells, nodata = _cells(raster, kind)
    geobox = geobox_of(raster)
    bands = cells if cells.ndim == 3 else cells[np.newaxis]
    profile = {
        "driver": "GTiff",
        "width": bands.shape[2],
        "height": bands.shape[1],
        "count": bands.shape[0],
        "dtype": bands.dtype.name,
        "crs": rasterio.CRS.from_wkt(as_crs(geobox.crs).to_wkt()),
        "transform": geobox.transform,
        "nodata": nodata,
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as draft:
            draft.write(bands)
            draft.units = [str(raster.attrs.get("units", ""))] * bands.shape[0]
            draft.descriptions = _band_names(raster, bands.shape[0])
            draft.update_tags(**_tags(raster, classes))
            if classes and bands.dtype == np.uint8:
                draft.write_colormap(1, _colour_table(classes, nodata))
        with memory.open() as draft:
            _copy(draft, path, is_class=kind is Kind.CLASS)


def _copy(draft: rasterio.DatasetReader, path: Path, *, is_class: bool) -> None:
    floating = np.issubdtype(draft.dtypes[0], np.floating)
    # Codes are flat: a predictor makes them larger, and a higher level costs three times the work for a tenth of the size.
    plain = {"level": "3", "predictor": "NO", "overview_resampling": "NEAREST"}
    smooth = {"level": "6", "predictor": "FLOATING_POINT" if floating else "STANDARD", "overview_resampling": "AVERAGE"}
    options = {
        "driver": "COG",
        "compress": "DEFLATE",
        "blocksize": str(BLOCK_CELLS),
        "overviews": "AUTO",
        "bigtiff": "IF_SAFER",
    }
    try:
        rasterio.shutil.copy(draft, path, **options, **(plain if is_class else smooth))
    except CPLE_BaseError as error:  # a full disk, for one: GDAL's own errors are no OSError
        raise OSError(str(error)) from error


def _cells(raster: xr.DataArray, kind: Kind) -> tuple[np.ndarray, float | int | None]:
    """Return the values as they go to disk, and what stands for a missing one."""
    values = raster.values
    declared = ODCExtensionDa(raster).nodata
    if kind is Kind.CLASS:
        return _class_cells(values, declared)
    if np.issubdtype(values.dtype, np.floating):
        return (values if values.dtype == np.float32 else values.astype(np.float64)), np.nan
    if values.dtype.itemsize > 4 or values.dtype == bool:
        return _narrow(values, declared)
    return values, declared


def _class_cells(values: np.ndarray, declared: float | None) -> tuple[np.ndarray, int | None]:
    if values.dtype == np.uint8 and declared in (None, 255):
        return values, 255
    missing = ~np.isfinite(values.astype(float))
    if declared is not None:
        missing |= values == declared
    codes = np.where(missing, 0, values).astype(np.int64)
    present = codes[~missing]
    low, high = (int(present.min()), int(present.max())) if present.size else (0, 0)
    for dtype, nodata, first, last in (
        (np.uint8, 255, 0, 254),
        (np.int16, -32768, -32767, 32767),
        (np.int32, -2147483648, -2147483647, 2147483647),
    ):
        if first <= low and high <= last:
            return np.where(missing, nodata, codes).astype(dtype), nodata
    return np.where(missing, np.nan, codes.astype(float)), None


def _narrow(values: np.ndarray, declared: float | None) -> tuple[np.ndarray, float | int | None]:
    if values.dtype == bool:
        return values.astype(np.uint8), 255
    small = values.astype(np.int32)
    return (small, declared) if (small == values).all() else (values.astype(np.float64), declared)


def _tags(raster: xr.DataArray, classes: Mapping[int, tuple[str, str]] | None) -> dict[str, str]:
    tags = {str(key): str(value) for key, value in raster.attrs.items() if key not in ("grid_mapping", "nodata")}
    return tags | {f"class_{code}": name for code, (name, _) in (classes or {}).items()}


def _band_names(raster: xr.DataArray, bands: int) -> list[str]:
    if raster.ndim == 3 and raster.dims[0] in raster.coords:
        return [str(label)[:10] for label in raster[raster.dims[0]].values]
    return [str(raster.name or raster.attrs.get("source") or "values")] * bands


def _colour_table(classes: Mapping[int, tuple[str, str]], nodata: float | int | None) -> dict[int, tuple[int, ...]]:
    table = {code: (*bytes.fromhex(colour.removeprefix("#")), 255) for code, (_, colour) in classes.items()}
    return table if nodata is None else table | {int(nodata): (0, 0, 0, 0)}
