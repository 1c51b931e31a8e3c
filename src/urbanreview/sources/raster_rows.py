"""A raster file that is read a few rows at a time and never held whole."""

from pathlib import Path
from types import TracebackType

import numpy as np
import rasterio
from rasterio.errors import RasterioError

from urbanreview.errors import UnreadableFile
from urbanreview.grid import as_kind, geobox_of
from urbanreview.kernels.missing import Masked
from urbanreview.ledger import Ledger
from urbanreview.sources.address import GDAL_REMOTE, locate
from urbanreview.sources.declared import check_units
from urbanreview.sources.netcdf import NETCDF_SUFFIXES
from urbanreview.sources.nodata import mask_nodata, settle
from urbanreview.sources.open_raster import READ_ONCE, bands_of, north_up, open_raster, read_window, units_of
from urbanreview.sources.reading import Reading


class RasterRows:
    """Rows of a raster file, read when they are asked for.

    Parameters
    ----------
    path : str or Path
        See `open_raster`; a NetCDF file is read whole.
    kind, units : str
        What the numbers are.
    source : str
        What the ledger calls it; the file's name without it.

    Attributes
    ----------
    geobox : GeoBox
        North up.

    Raises
    ------
    MissingFile, UnreadableFile, AmbiguousInput, MissingCrs, RotatedGrid, CrossesAntimeridian, WrongUnits
    """

    def __init__(self, path: str | Path, *, kind: str, units: str, source: str = "") -> None:
        self.address = locate(path)
        self.kind, self.units = as_kind(kind), units
        self.source = source or Path(self.address.member or self.address.text).stem
        self._held: np.ndarray | None = None
        self._masked = np.zeros(len(Masked._fields), np.int64)
        if self.address.suffix in NETCDF_SUFFIXES:
            raster, self._ledger = open_raster(path, kind=kind, units=units, source=self.source)
            self.geobox, self._held = geobox_of(raster), raster.values
            return
        try:
            with rasterio.Env(**GDAL_REMOTE, **READ_ONCE):
                self._dataset = rasterio.open(self.address.gdal)
        except RasterioError as error:
            raise UnreadableFile(self.address.text, reason=error, expected="a raster that GDAL can read") from None
        (self._band,) = bands_of(self._dataset, None, None, self.address)
        self.geobox, ledger = north_up(self._dataset, None, self.address, self.source)
        stated = units_of(self._dataset, [self._band])
        self._ledger = ledger + check_units(stated, units, path=self.address.text, source=self.source)

    def read(self, rows: slice) -> np.ndarray:
        """Return rows as float, NaN where missing: shape (rows, cols).

        Raises
        ------
        UnreadableFile
            If the file breaks off.
        """
        if self._held is not None:
            return self._held[rows]
        first, stop, _ = rows.indices(self.geobox.shape[0])
        dataset, band = self._dataset, self._band - 1
        try:
            with rasterio.Env(**GDAL_REMOTE, **READ_ONCE):
                raw = read_window(dataset, [self._band], slice(first, stop), slice(0, self.geobox.shape[1]))[0]
        except RasterioError as error:
            raise UnreadableFile(self.address.text, reason=error, expected="a raster that GDAL can read") from None
        declared, scale, offset = dataset.nodatavals[band], dataset.scales[band], dataset.offsets[band]
        codes = () if declared is None else (declared,)
        reading = Reading(raw, self.geobox, None, codes, scale, offset, {}, (), Ledger())
        values, masked = mask_nodata(reading, codes=(), kind=self.kind, units=self.units)
        self._masked += masked
        return values

    def ledger(self) -> Ledger:
        """Return what was masked in all rows, once they were read.

        Raises
        ------
        AllMissing
            If no cell has a value.
        """
        rows, cols = self.geobox.shape
        return (
            self._ledger if self._held is not None else self._ledger + settle(Masked(*self._masked), rows * cols, self.source)
        )

    def __enter__(self) -> "RasterRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._held is None:
            self._dataset.close()
