"""What a reader hands over: the stored numbers of a window, and what the file says about them."""

from typing import NamedTuple

import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.ledger import Ledger


class Reading(NamedTuple):
    """A window of a file as stored.

    Attributes
    ----------
    raw : ndarray, shape (rows, cols) or (times, rows, cols)
        North up, before nodata, scale and offset.
    geobox : GeoBox
        Of the window.
    times : ndarray of str or None
        Names of the time steps.
    declared : tuple of float
        Nodata codes that the file names.
    scale, offset : float
    tags : dict
        Metadata with lower-case keys; ``kind``, ``modelled`` and ``note`` are used.
    units : tuple of str
        As the file states them, by band; empty if it is silent.
    ledger : Ledger
        What was assumed.
    """

    raw: np.ndarray
    geobox: GeoBox
    times: np.ndarray | None
    declared: tuple[float, ...]
    scale: float
    offset: float
    tags: dict[str, str]
    units: tuple[str, ...]
    ledger: Ledger
