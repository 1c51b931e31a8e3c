"""A raster file that is read a window at a time and never held whole; tiles that were never written are told unread."""

from pathlib import Path
from types import TracebackType

import geopandas as gpd
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

HELD_BLOCK = (512, 512)
"""Windows that a file without blocks of its own is best read in."""


class RasterWindows:
    """Windows of a raster file, read when they are asked for.

    Parameters
    ----------
    path : str or Path
        See `open_raster`; of a NetCDF file the part that `within` needs is held.
    kind, units : str
        What the numbers are.
    source : str
        What the ledger calls it; the file's name without it.
    crs, nodata, band, variable, within, margin_km, base
        As in `open_raster`; `within` and `margin_km` are of use for NetCDF only.

    Attributes
    ----------
    geobox : GeoBox
        North up.
    block_shape : tuple of int
        Rows and columns of the blocks that the file is stored in: windows made of whole ones decode nothing twice.

    Raises
    ------
    MissingFile, UnreadableFile, AmbiguousInput, NotInInput, MissingCrs, RotatedGrid, CrossesAntimeridian, WrongUnits

    Notes
    -----
    One thread at a time: every task opens a file of its own.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        kind: str,
        units: str,
        source: str = "",
        crs: str | None = None,
        nodata: float | None = None,
        band: int | None = None,
        variable: str | None = None,
        within: gpd.GeoSeries | None = None,
        margin_km: float = 0.0,
        base: Path | None = None,
    ) -> None:
        self.address = locate(path, base=base)
        self.kind, self.units = as_kind(kind), units
        self.source = source or Path(self.address.member or self.address.text).stem
        self._codes = () if nodata is None else (nodata,)
        self._held: np.ndarray | None = None
        self._masked = np.zeros(len(Masked._fields), np.int64)
        if self.address.suffix in NETCDF_SUFFIXES:
            raster, self._ledger = open_raster(
                path, kind=kind, units=units, source=self.source, crs=crs, nodata=nodata, variable=variable,
                within=within, margin_km=margin_km, base=base,
            )  # fmt: skip
            self.geobox, self._held, self.tags = geobox_of(raster), raster.values, dict(raster.attrs)
            self.block_shape = HELD_BLOCK
            return
        try:
            with rasterio.Env(**GDAL_REMOTE, **READ_ONCE):
                self._dataset = rasterio.open(self.address.gdal)
        except RasterioError as error:
            raise UnreadableFile(self.address.text, reason=error, expected="a raster that GDAL can read") from None
        (self._band,) = bands_of(self._dataset, band, None, self.address)
        self.geobox, ledger = north_up(self._dataset, crs, self.address, self.source)
        self.block_shape = self._dataset.block_shapes[self._band - 1]
        self.tags = {key.lower(): value for key, value in self._dataset.tags().items()}
        stated = units_of(self._dataset, [self._band])
        self._ledger = ledger + check_units(stated, units, path=self.address.text, source=self.source)

    def holds(self, rows: slice, cols: slice) -> bool:
        """Tell whether a window can hold a value: False only if all its tiles are ones that were never written.

        A GeoTIFF may leave out tiles that hold nodata only. Of other files, and of one that names no nodata, nothing is
        known before it is read.
        """
        if self._held is not None or self._dataset.driver != "GTiff" or self._dataset.nodatavals[self._band - 1] is None:
            return True
        height, width = self.block_shape
        if self._dataset.transform.e > 0:
            rows = slice(self.geobox.shape[0] - rows.stop, self.geobox.shape[0] - rows.start)
        return any(
            self._dataset.get_tag_item(f"BLOCK_OFFSET_{col}_{row}", "TIFF", bidx=self._band) is not None
            for row in range(rows.start // height, (rows.stop - 1) // height + 1)
            for col in range(cols.start // width, (cols.stop - 1) // width + 1)
        )

    def read(self, rows: slice, cols: slice) -> np.ndarray:
        """Return a window as float, NaN where missing: shape (rows, cols); rows count from the north.

        Raises
        ------
        UnreadableFile
            If the file breaks off.
        """
        if self._held is not None:
            return self._held[rows, cols]
        dataset, band = self._dataset, self._band - 1
        try:
            with rasterio.Env(**GDAL_REMOTE, **READ_ONCE):
                raw = read_window(dataset, [self._band], rows, cols)[0]
        except RasterioError as error:
            raise UnreadableFile(self.address.text, reason=error, expected="a raster that GDAL can read") from None
        declared, scale, offset = dataset.nodatavals[band], dataset.scales[band], dataset.offsets[band]
        codes = () if declared is None else (declared,)
        reading = Reading(raw, self.geobox, None, codes, scale, offset, {}, (), Ledger())
        values, masked = mask_nodata(reading, codes=self._codes, kind=self.kind, units=self.units)
        self._masked += masked
        return values

    def ledger(self) -> Ledger:
        """Return what was assumed of the file, and numbers that could not be, in the windows read so far.

        Nodata is not counted here: whoever reads windows knows which of them were left out.
        """
        masked = Masked(*self._masked)
        ledger = self._ledger.add(self.source, "known nodata code without a tag", "cell", masked.known)
        return ledger.add(self.source, "infinite", "cell", masked.infinite)

    def whole_ledger(self) -> Ledger:
        """Return what was masked in the whole file, once all of it was read.

        Raises
        ------
        AllMissing
            If no cell has a value.
        """
        if self._held is not None:
            return self._ledger
        rows, cols = self.geobox.shape
        return self._ledger + settle(Masked(*self._masked), rows * cols, self.source)

    def __enter__(self) -> "RasterWindows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._held is None:
            self._dataset.close()
