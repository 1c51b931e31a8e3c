"""Nodata is never a number: declared and known codes become NaN, and are counted."""

from collections.abc import Sequence

import numpy as np

from urbanreview.grid import Kind
from urbanreview.ledger import Ledger
from urbanreview.sources.reading import Reading

EVERYWHERE = (-9999.0, -99999.0, -3.4028234663852886e38, -1.7976931348623157e308)
"""Codes that are nodata whatever the quantity: WorldPop, flood, friction, CHIRPS; the lowest floats."""
BY_UNIT: dict[str, tuple[float, ...]] = {
    "people": (-200.0,),
    "nW/cm2/sr": (-1.5, -999.3),
    "ug/m3": (-999.0, -999.9),
    "m2": (-200.0,),
}
"""Codes of single products: GHS-POP and GHS-BUILT-S, VIIRS composites, SatPM2.5."""
NEVER_NEGATIVE = {"people", "m2", "ug/m3", "km2"}


def mask_nodata(reading: Reading, *, codes: Sequence[float], kind: Kind, units: str, source: str) -> tuple[np.ndarray, Ledger]:
    """Return values as float with everything that is not a value as NaN.

    Parameters
    ----------
    reading : Reading
    codes : sequence of float
        Nodata codes of the settings, beside those of the file.
    kind : Kind
    units : str
        Picks the known codes.
    source : str
        What the ledger calls the raster.

    Returns
    -------
    values : ndarray of float32 (from float32 without a scale) or float64, shape of ``reading.raw``
        Scale and offset applied.
    ledger : Ledger
        Cells per cause: nodata, known codes the file is silent about, numbers that cannot be.

    Notes
    -----
    Codes are compared with the numbers as stored, signs after scale and offset. Of unsigned integers of 16 bits and
    more the largest number is nodata too: GHSL writes 65535 and 4294967295, and not every copy keeps the tag.
    """
    raw = reading.raw
    values = raw.astype(raw.dtype if raw.dtype in (np.float32, np.float64) else np.float64, copy=True)
    missing = _equal_any(raw, (*reading.declared, *codes)) | np.isnan(values)
    silent = _equal_any(raw, _known_codes(raw.dtype, kind, units)) & ~missing
    values[missing | silent] = np.nan
    if (reading.scale, reading.offset) != (1.0, 0.0):
        values = values.astype(np.float64) * reading.scale + reading.offset
    infinite = np.isinf(values)
    negative = (values < 0) & ~infinite if units in NEVER_NEGATIVE else np.zeros(raw.shape, bool)
    values[infinite | negative] = np.nan
    ledger = (
        Ledger()
        .add(source, "nodata", "cell", int(missing.sum()))
        .add(source, "known nodata code without a tag", "cell", int(silent.sum()))
        .add(source, "infinite", "cell", int(infinite.sum()))
        .add(source, "negative where only zero and more can be", "cell", int(negative.sum()))
    )
    return values, ledger


def _known_codes(dtype: np.dtype, kind: Kind, units: str) -> tuple[float, ...]:
    codes = EVERYWHERE + BY_UNIT.get(units, ()) if kind is not Kind.CLASS else ()
    if dtype.kind == "u" and dtype.itemsize > 1:
        codes += (float(np.iinfo(dtype).max),)
    return codes


def _equal_any(raw: np.ndarray, codes: Sequence[float]) -> np.ndarray:
    """Tell where stored numbers equal a code, as closely as their type can hold it."""
    found = np.zeros(raw.shape, bool)
    for code in codes:
        with np.errstate(over="ignore"):
            stored = float(np.float32(code)) if raw.dtype == np.float32 else float(code)
        if np.isfinite(stored):
            found |= raw == stored
    return found
