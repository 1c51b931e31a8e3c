"""A raster file that is read a few rows at a time and never held whole."""

from pathlib import Path
from types import TracebackType

import numpy as np

from urbanreview.ledger import Ledger
from urbanreview.sources.raster_windows import RasterWindows


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
        self._windows = RasterWindows(path, kind=kind, units=units, source=source)
        self.geobox = self._windows.geobox

    def read(self, rows: slice) -> np.ndarray:
        """Return rows as float, NaN where missing: shape (rows, cols).

        Raises
        ------
        UnreadableFile
            If the file breaks off.
        """
        height, width = self.geobox.shape
        first, stop, _ = rows.indices(height)
        return self._windows.read(slice(first, stop), slice(0, width))

    def ledger(self) -> Ledger:
        """Return what was masked in all rows, once they were read.

        Raises
        ------
        AllMissing
            If no cell has a value.
        """
        return self._windows.whole_ledger()

    def __enter__(self) -> "RasterRows":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._windows.__exit__(kind, error, trace)
