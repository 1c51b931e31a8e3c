"""Nodata is never a number: declared and known codes become NaN, and are counted."""

from collections.abc import Sequence

import numpy as np

from urbanreview.grid import Kind
from urbanreview.ledger import Ledger

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


def mask_nodata(
    raw: np.ndarray, *, declared: Sequence[float], kind: Kind, units: str, source: str
) -> tuple[np.ndarray, Ledger]:
    """Return values as float with everything that is not a value as NaN.

    Parameters
    ----------
    raw : ndarray of any number type
        As stored, before scale and offset.
    declared : sequence of float
        Codes of the file and of the settings.
    kind : Kind
    units : str
        Picks the known codes.
    source : str
        What the ledger calls the raster.

    Returns
    -------
    values : ndarray of float32 (from float32) or float64, same shape
    ledger : Ledger
        Cells per cause: the file's nodata, known codes the file is silent about, negative counts.

    Notes
    -----
    Of unsigned integers of 16 bits and more the largest number is nodata too: GHSL writes 65535 and 4294967295, and
    not every copy keeps the tag.

    Examples
    --------
    >>> mask_nodata(np.array([5.0, -200.0, np.nan]), declared=[], kind=Kind.COUNT, units="people", source="p")[0].tolist()
    [5.0, nan, nan]
    """
    values = raw.astype(raw.dtype if raw.dtype in (np.float32, np.float64) else np.float64, copy=True)
    missing = _equal_any(values, raw, declared) | np.isnan(values)
    silent = _equal_any(values, raw, _known_codes(raw.dtype, kind, units)) & ~missing
    impossible = (values < 0) & ~missing & ~silent if units in NEVER_NEGATIVE else np.zeros(raw.shape, bool)
    values[missing | silent | impossible] = np.nan
    ledger = (
        Ledger()
        .add(source, "nodata", "cell", int(missing.sum()))
        .add(source, "known nodata code without a tag", "cell", int(silent.sum()))
        .add(source, "negative where only zero and more can be", "cell", int(impossible.sum()))
    )
    return values, ledger


def _known_codes(dtype: np.dtype, kind: Kind, units: str) -> tuple[float, ...]:
    codes = EVERYWHERE + BY_UNIT.get(units, ()) if kind is not Kind.CLASS else ()
    if dtype.kind == "u" and dtype.itemsize > 1:
        codes += (float(np.iinfo(dtype).max),)
    return codes


def _equal_any(values: np.ndarray, raw: np.ndarray, codes: Sequence[float]) -> np.ndarray:
    """Tell where values equal a code, as closely as the stored type can hold it."""
    found = np.zeros(values.shape, bool)
    for code in codes:
        if np.isnan(code):
            continue
        stored = float(np.float32(code)) if raw.dtype == np.float32 else float(code)
        found |= values == stored
    return found
