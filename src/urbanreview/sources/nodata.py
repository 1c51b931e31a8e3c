"""Nodata is never a number: declared and known codes become NaN, and are counted."""

from collections.abc import Sequence

import numpy as np

from urbanreview.errors import AllMissing
from urbanreview.grid import Kind
from urbanreview.kernels.missing import Masked, mask_codes
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


def mask_nodata(reading: Reading, *, codes: Sequence[float], kind: Kind, units: str) -> tuple[np.ndarray, Masked]:
    """Return values as float with everything that is not a value as NaN.

    Parameters
    ----------
    reading : Reading
        Its array is used up where it is float already.
    codes : sequence of float
        Nodata codes of the settings, beside those of the file.
    kind : Kind
    units : str
        Picks the known codes.

    Returns
    -------
    values : ndarray of float32 (from float32 without a scale) or float64, shape of ``reading.raw``
        Scale and offset applied.
    masked : Masked
        Cells per cause: nodata, known codes the file is silent about, numbers that cannot be.

    Notes
    -----
    Codes are compared with the numbers as stored, signs after scale and offset. Of unsigned integers of 16 bits and
    more the largest number is nodata too: GHSL writes 65535 and 4294967295, and not every copy keeps the tag.
    """
    raw = reading.raw
    values = np.ascontiguousarray(raw, dtype=raw.dtype if raw.dtype in (np.float32, np.float64) else np.float64)
    declared = _as_stored((*reading.declared, *codes), raw.dtype)
    known = _as_stored(_known_codes(raw.dtype, kind, units), raw.dtype)
    never_negative = units in NEVER_NEGATIVE
    if (reading.scale, reading.offset) == (1.0, 0.0):
        return values, mask_codes(values, declared=declared, known=known, never_negative=never_negative)
    coded = mask_codes(values, declared=declared, known=known, never_negative=False)
    values = values.astype(np.float64) * reading.scale + reading.offset
    none = np.empty(0)
    after = mask_codes(values, declared=none, known=none, never_negative=never_negative)
    return values, coded._replace(infinite=coded.infinite + after.infinite, negative=after.negative)


def settle(masked: Masked, cells: int, source: str) -> Ledger:
    """Return the ledger of a masked raster, or raise `AllMissing` if nothing of its cells is left."""
    if sum(masked) == cells:
        raise AllMissing(source, cells=cells)
    return (
        Ledger()
        .add(source, "nodata", "cell", masked.declared)
        .add(source, "known nodata code without a tag", "cell", masked.known)
        .add(source, "infinite", "cell", masked.infinite)
        .add(source, "negative where only zero and more can be", "cell", masked.negative)
    )


def _known_codes(dtype: np.dtype, kind: Kind, units: str) -> tuple[float, ...]:
    codes = EVERYWHERE + BY_UNIT.get(units, ()) if kind is not Kind.CLASS else ()
    if dtype.kind == "u" and dtype.itemsize > 1:
        codes += (float(np.iinfo(dtype).max),)
    return codes


def _as_stored(codes: Sequence[float], dtype: np.dtype) -> np.ndarray:
    """Return the codes as closely as a type can hold them; those beyond its range can be in no file."""
    with np.errstate(over="ignore"):
        stored = np.array(codes, dtype=np.float32 if dtype == np.float32 else np.float64)
    return stored[np.isfinite(stored)]
