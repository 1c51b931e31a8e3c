"""A look at the numbers of an input: what is odd is counted, and stays."""

import numpy as np
import xarray as xr

from urbanreview.delineation.plausible import LARGER_BY
from urbanreview.grid import cell_area_km2, geobox_of
from urbanreview.ledger import Ledger
from urbanreview.log import logger
from urbanreview.units import m2_from_km2

NOISE_DOWN_TO = -1.5
"""Noise of a composite's dark cells is above it [nW/cm2/sr]."""
WARN_ABOVE_SHARE = 0.01
"""Of the cells with a surface, those that are larger than themselves, from which on a warning is logged."""


def look_at_values(raster: xr.DataArray, *, name: str) -> Ledger:
    """Count negative radiance, and surfaces larger than their cell.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
        Radiance [nW/cm2/sr] or surface [m2]; of other units nothing is odd here.
    name : str
        Step of the ledger, such as ``lights 2020``.

    Returns
    -------
    Ledger
        Cells by oddity. Where over a hundredth of the surfaces are larger than their cell, a warning is logged, too.

    Examples
    --------
    One cell of noise, one far below it:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> geobox = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009")
    >>> radiance = make_raster(np.array([[-0.2, -7.0, 0.0, np.nan]]), geobox, kind="intensity", units="nW/cm2/sr")
    >>> look_at_values(radiance, name="lights 2020").frame()["amount"].tolist()
    [1.0, 1.0]
    """
    if raster.attrs["units"] == "nW/cm2/sr":
        return _negative_radiance(raster.values, name)
    if raster.attrs["units"] == "m2":
        return _larger_than_the_cell(raster, name)
    return Ledger()


def _negative_radiance(radiance: np.ndarray, name: str) -> Ledger:
    below, far_below = int((radiance < 0).sum()), int((radiance < NOISE_DOWN_TO).sum())
    ledger = Ledger().add(name, "negative radiance: noise, counted as dark", "cell", below - far_below)
    return ledger.add(name, f"radiance far below zero, under {NOISE_DOWN_TO}: is it a code for nodata?", "cell", far_below)


def _larger_than_the_cell(surface: xr.DataArray, name: str) -> Ledger:
    values = surface.values
    larger = int((values > LARGER_BY * m2_from_km2(cell_area_km2(geobox_of(surface)))).sum())
    if larger > WARN_ABOVE_SHARE * int((values > 0).sum()):
        logger.warning("%s: %s cells are larger than the cell: is it in m2?", name, f"{larger:,}")
    return Ledger().add(name, "larger than the cell: is it in m2?", "cell", larger)
