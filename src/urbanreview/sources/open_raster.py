"""Open a raster: a clean DataArray of the part that a country needs, whatever the file looks like."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox
from rasterio.errors import RasterioError
from rasterio.windows import Window

from urbanreview.errors import (
    AmbiguousInput,
    CrossesAntimeridian,
    MissingCrs,
    NotInInput,
    RotatedGrid,
    UndeclaredRaster,
    UnreadableFile,
)
from urbanreview.grid import Kind, as_crs, as_kind, crop_slices, make_raster, same_crs
from urbanreview.ledger import Ledger
from urbanreview.sources.address import GDAL_REMOTE, Address, locate
from urbanreview.sources.declared import canonical, check_units
from urbanreview.sources.netcdf import NETCDF_SUFFIXES, read_netcdf
from urbanreview.sources.nodata import mask_nodata, settle
from urbanreview.sources.reading import Reading

SHEAR_AT_MOST = 1e-9
OVERSHOOT_CELLS = 1.5
"""Global grids overshoot 180 degrees by up to a cell: WorldPop begins at -180.0012."""
READ_ONCE = {"GDAL_CACHEMAX": 8 * 2**20}
"""Memory for decoded blocks [byte]: every block is read once, and a cache that stays in the processor's is faster."""


def open_raster(
    path: str | Path,
    *,
    kind: str | None = None,
    units: str | None = None,
    source: str = "",
    crs: str | None = None,
    nodata: float | None = None,
    band: int | None = None,
    variable: str | None = None,
    periods: Sequence[str] | None = None,
    within: gpd.GeoSeries | None = None,
    margin_km: float = 0.0,
    base: Path | None = None,
) -> tuple[xr.DataArray, Ledger]:
    """Open a raster file.

    Parameters
    ----------
    path : str or Path
        GeoTIFF (or anything GDAL reads) or NetCDF; see `locate` for what may stand here.
    kind, units : str, optional
        What the numbers are; taken from the file's tags where the call is silent. A file that states other units than
        these is refused.
    source : str
        The input's name in the settings; the file's name without it.
    crs : str, optional
        Where the coordinates are, if the file does not say or says it wrongly.
    nodata : float, optional
        A code for missing values besides the file's own.
    band : int, optional
        Which band of several, from 1.
    variable : str, optional
        Which variable of a NetCDF file.
    periods : sequence of str, optional
        Names of all bands in time, such as ``2020-01``: the result then has a time axis.
    within : GeoSeries, optional
        Read only what this boundary needs.
    margin_km : float
        Kept around the boundary.
    base : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    raster : DataArray, dims (y, x) or (time, y, x)
        North up, float, NaN where missing, scale and offset applied; attrs ``kind, units, source`` and, where the file
        says so, ``modelled``, ``note`` and ``product``.
    ledger : Ledger
        Cells masked, and what was assumed.

    Raises
    ------
    MissingFile, UnreadableFile, AmbiguousInput, NotInInput, MissingCrs, RotatedGrid, CrossesAntimeridian, NoOverlap,
    AllMissing, UndeclaredRaster, WrongUnits
    """
    address = locate(path, base=base)
    source = source or Path(address.member or address.text).stem
    if address.suffix in NETCDF_SUFFIXES:
        reading = read_netcdf(address, variable=variable, crs=crs, within=within, margin_km=margin_km, source=source)
    else:
        reading = _read_gdal(address, band=band, periods=periods, crs=crs, within=within, margin_km=margin_km, source=source)
    tags = reading.tags
    stated = canonical(reading.units[0]) if reading.units else None
    kind_found, units_found = _declared(kind or tags.get("kind"), units or stated, source)
    ledger = reading.ledger + check_units(reading.units, units_found, path=address.text, source=source)
    codes = () if nodata is None else (nodata,)
    values, masked = mask_nodata(reading, codes=codes, kind=kind_found, units=units_found)
    attrs = {"kind": kind_found, "units": units_found, "source": source}
    attrs |= {key: tags[key] for key in ("modelled", "note", "product") if key in tags}
    return _dress(values, reading.geobox, reading.times, attrs), ledger + settle(masked, values.size, source)


def _dress(values: np.ndarray, geobox: GeoBox, times: np.ndarray | None, attrs: dict[str, str]) -> xr.DataArray:
    if times is None:
        return make_raster(values, geobox, **attrs)
    layers = [make_raster(layer, geobox, **attrs) for layer in values]
    raster = xr.concat(layers, dim=xr.Variable("time", times), coords="minimal", compat="override")
    raster.attrs = dict(layers[0].attrs)
    return raster


def _declared(kind: str | None, units: str | None, source: str) -> tuple[Kind, str]:
    if kind is None or units is None:
        raise UndeclaredRaster(source, got=f"kind={kind!r}, units={units!r}", expected="both, from the call or the file's tags")
    return as_kind(kind), units


def _read_gdal(
    address: Address,
    *,
    band: int | None,
    periods: Sequence[str] | None,
    crs: str | None,
    within: gpd.GeoSeries | None,
    margin_km: float,
    source: str,
) -> Reading:
    """Read bands of the window through GDAL; see `open_raster`."""
    try:
        with rasterio.Env(**GDAL_REMOTE, **READ_ONCE), rasterio.open(address.gdal) as dataset:
            bands = bands_of(dataset, band, periods, address)
            whole, ledger = north_up(dataset, crs, address, source)
            rows, cols = (slice(0, size) for size in whole.shape)
            if within is not None:
                rows, cols = crop_slices(whole, within, margin_km=margin_km, name=source)
            raw = read_window(dataset, bands, rows, cols)
            first = bands[0] - 1
            scale, offset, declared = dataset.scales[first], dataset.offsets[first], dataset.nodatavals[first]
            tags, units = lower_keys(dataset.tags()), units_of(dataset, bands)
    except RasterioError as error:
        raise UnreadableFile(address.text, reason=error, expected="a raster that GDAL can read") from None
    times = None if periods is None else np.array(list(periods), dtype=object)
    codes = () if declared is None else (declared,)
    return Reading(raw if periods else raw[0], whole[rows, cols], times, codes, scale, offset, tags, units, ledger)


def lower_keys(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags by lower-case keys: ``UNITS`` and ``units`` say the same."""
    return {key.lower(): value for key, value in tags.items()}


def units_of(dataset: rasterio.DatasetReader, bands: Sequence[int]) -> tuple[str, ...]:
    """Return the units that a file states of its bands: in their unit type, their tags, or the file's tags."""
    of_all = lower_keys(dataset.tags()).get("units")
    stated = (dataset.units[band - 1] or lower_keys(dataset.tags(band)).get("units") or of_all for band in bands)
    return tuple(units for units in stated if units)


def bands_of(dataset: rasterio.DatasetReader, band: int | None, periods: Sequence[str] | None, address: Address) -> list[int]:
    """Return the bands to read: the one named, the only one, or one per period."""
    if periods is not None:
        if len(periods) != dataset.count:
            what = f"bands for {len(periods)} periods"
            raise AmbiguousInput(address.text, what=what, found=dataset.indexes, cure="Give one period per band.")
        return list(dataset.indexes)
    if band is not None:
        if band not in dataset.indexes:
            raise NotInInput(address.text, what="band", name=band, found=dataset.indexes)
        return [band]
    if dataset.count > 1:
        cure = "Add band = 1 (or the right one) to its section of the settings."
        raise AmbiguousInput(address.text, what="bands", found=dataset.indexes, cure=cure)
    return [1]


def north_up(dataset: rasterio.DatasetReader, crs: str | None, address: Address, source: str) -> tuple[GeoBox, Ledger]:
    """Return the grid of a dataset with the north at the top, and what was assumed about it."""
    if dataset.crs is None and crs is None:
        raise MissingCrs(address.text)
    ledger = Ledger()
    if crs is not None and dataset.crs is not None and not same_crs(crs, dataset.crs):
        ledger = ledger.add(source, f"the setting's CRS {crs} replaces the file's own", "file", 1)
    t = dataset.transform
    if abs(t.b) > SHEAR_AT_MOST * abs(t.a) or abs(t.d) > SHEAR_AT_MOST * abs(t.e) or t.a < 0:
        raise RotatedGrid(address.text, transform=tuple(t)[:6])
    if t.e > 0:
        t = t @ t.translation(0, dataset.height) @ t.scale(1, -1)
        ledger = ledger.add(source, "file is south up: turned", "file", 1)
    geobox = GeoBox(dataset.shape, t, as_crs(crs or dataset.crs).to_wkt() if crs else dataset.crs)
    refuse_antimeridian(geobox, address.text)
    return geobox, ledger


def refuse_antimeridian(geobox: GeoBox, name: str) -> None:
    """Raise `CrossesAntimeridian` if a grid in degrees leaves -180 to 180 by more than a cell or so."""
    if not as_crs(geobox.crs).is_geographic:
        return
    west, _, east, _ = geobox.boundingbox.bbox
    slack = OVERSHOOT_CELLS * abs(geobox.transform.a)
    if west < -180.0 - slack or east > 180.0 + slack:
        raise CrossesAntimeridian(name, west=west, east=east)


def read_window(dataset: rasterio.DatasetReader, bands: list[int], rows: slice, cols: slice) -> np.ndarray:
    """Read bands; `rows` count from the north whichever way the file runs."""
    south_up = dataset.transform.e > 0
    first = dataset.height - rows.stop if south_up else rows.start
    window = Window(cols.start, first, cols.stop - cols.start, rows.stop - rows.start)
    raw = dataset.read(bands, window=window)
    return raw[:, ::-1] if south_up else raw
