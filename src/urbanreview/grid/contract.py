"""What a raster is here: a DataArray with a geobox, dims (y, x) or (time, y, x), and a declared kind and unit."""

import warnings
from enum import StrEnum
from functools import lru_cache

import numpy as np
import xarray as xr
from odc.geo.crs import CRS as OdcCRS  # noqa: N811 - pyproj has one of the same name
from odc.geo.geobox import GeoBox
from odc.geo.xr import ODCExtensionDa, xr_coords
from pyproj import CRS
from pyproj.exceptions import CRSError

from urbanreview.errors import GridMismatch, MissingCrs, RotatedGrid, UndeclaredRaster, UnknownCrs, UnknownName

SAME_WITHIN_CELLS = 1e-6
"""Two grids are one when their corners agree within this part of a cell."""


class Kind(StrEnum):
    """What the numbers of a raster are; the kind picks the arithmetic.

    A count is summed and split by area, an intensity, share or cost averaged by area, a class voted.
    """

    COUNT = "count"
    INTENSITY = "intensity"
    SHARE = "share"
    CLASS = "class"
    COST = "cost"


def as_kind(word: str) -> Kind:
    """Return the kind of that name, or raise `UnknownName` with a guess."""
    try:
        return Kind(word)
    except ValueError:
        raise UnknownName("kind of raster", word, known=[kind.value for kind in Kind]) from None


def as_crs(crs: object) -> CRS:
    """Return a pyproj CRS, or raise `UnknownCrs`."""
    if isinstance(crs, CRS):
        return crs
    if isinstance(crs, OdcCRS):
        return crs.proj
    try:
        return _named_crs(crs) if isinstance(crs, str) else CRS.from_user_input(crs)
    except CRSError:
        raise UnknownCrs(crs) from None


@lru_cache(maxsize=64)
def _named_crs(name: str) -> CRS:
    """Return the CRS of a name, each made once: that takes longer than much of what is done with it."""
    return CRS.from_user_input(name)


def declare(raster: xr.DataArray, *, kind: str, units: str, source: str = "", **more: str) -> xr.DataArray:
    """Return the raster with its kind, unit and source set, and every other attribute gone.

    Parameters
    ----------
    raster : DataArray
    kind : {"count", "intensity", "share", "class", "cost"}
    units : str
        For example ``people``, ``m2``, ``nW/cm2/sr``.
    source : str
        The input's name in the settings.
    **more : str
        Further attributes, such as ``modelled``.

    Returns
    -------
    DataArray
        Shares the data of `raster`; `raster` itself is not altered.
    """
    dressed = raster.copy(deep=False)
    dressed.attrs = {"kind": as_kind(kind).value, "units": units, "source": source, **more}
    return dressed


@lru_cache(maxsize=32)
def _shared_crs(text: str) -> OdcCRS:
    """Return one object per reference system: it remembers its EPSG code, which is slow to look up."""
    return OdcCRS(text)


def make_raster(values: np.ndarray, geobox: GeoBox, *, kind: str, units: str, source: str = "", **more: str) -> xr.DataArray:
    """Dress a plain array as a raster.

    Parameters
    ----------
    values : ndarray, shape (rows, cols)
        North up; NaN is missing.
    geobox : GeoBox
        Of the same shape.
    kind, units, source, **more
        As in `declare`.

    Returns
    -------
    DataArray, dims (y, x)

    Examples
    --------
    >>> from affine import Affine
    >>> geobox = GeoBox((2, 3), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009")
    >>> people = make_raster(np.ones((2, 3)), geobox, kind="count", units="people")
    >>> people.dims, people.attrs["kind"], float(people.sum())
    (('y', 'x'), 'count', 6.0)
    """
    if abs(geobox.transform.b) + abs(geobox.transform.d) > 0:
        raise RotatedGrid(source or "raster", transform=tuple(geobox.transform)[:6])
    geobox = GeoBox(geobox.shape, geobox.transform, _shared_crs(str(geobox.crs))) if geobox.crs else geobox
    raster = xr.DataArray(values, coords=xr_coords(geobox, dims=("y", "x")), dims=("y", "x"))
    return declare(raster, kind=kind, units=units, source=source, **more)


def geobox_of(raster: xr.DataArray) -> GeoBox:
    """Return the grid of a raster.

    Raises
    ------
    MissingCrs
        If the raster has no CRS, or its dims are not (y, x).
    """
    # Not `raster.odc`: the array keeps that accessor, the accessor the array, and both stay until the collector comes by.
    geobox = ODCExtensionDa(raster).geobox if raster.dims[-2:] == ("y", "x") else None
    if not isinstance(geobox, GeoBox) or geobox.crs is None:
        raise MissingCrs(raster.attrs.get("source") or raster.name or "raster")
    return geobox


def shape_of(geobox: GeoBox) -> tuple[int, int]:
    """Rows and columns of a grid."""
    rows, cols = geobox.shape
    return rows, cols


def same_crs(a: object, b: object) -> bool:
    """Tell whether two reference systems are one, however they are written.

    >>> same_crs("ESRI:54009", "+proj=moll +lon_0=0 +datum=WGS84 +units=m +type=crs")
    True
    """
    first, second = as_crs(a), as_crs(b)
    if first.equals(second, ignore_axis_order=True):
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # PROJ strings lose names and remarks, which is the point here
        return first.to_dict() == second.to_dict()


def same_grid(a: GeoBox, b: GeoBox) -> bool:
    """Tell whether two geoboxes are one grid: CRS, shape, and corners within 1e-6 of a cell.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((2, 3), Affine(0.1, 0, 10, 0, -0.1, 50), "EPSG:4326")
    >>> near = GeoBox((2, 3), Affine(0.1, 0, 10 + 1e-9, 0, -0.1, 50), "EPSG:4326")
    >>> far = GeoBox((2, 3), Affine(0.1, 0, 10.05, 0, -0.1, 50), "EPSG:4326")
    >>> same_grid(grid, near), same_grid(grid, far)
    (True, False)
    """
    if a.shape != b.shape or not same_crs(a.crs, b.crs):
        return False
    rows, cols = a.shape
    cell_x, cell_y = abs(a.transform.a), abs(a.transform.e)
    for corner in ((0, 0), (cols, rows)):
        (ax, ay), (bx, by) = a.transform @ corner, b.transform @ corner
        if abs(ax - bx) > SAME_WITHIN_CELLS * cell_x or abs(ay - by) > SAME_WITHIN_CELLS * cell_y:
            return False
    return True


def require_same_grid(name: str, *, got: GeoBox, expected: GeoBox) -> None:
    """Raise `GridMismatch` unless both are one grid."""
    if not same_grid(got, expected):
        raise GridMismatch(name, got=describe(got), expected=describe(expected))


def require_kind(raster: xr.DataArray, *kinds: str) -> Kind:
    """Return the raster's kind, or raise `UndeclaredRaster` if it has none or another one than `kinds`."""
    found = raster.attrs.get("kind")
    if found is None or (kinds and found not in kinds):
        name = raster.attrs.get("source") or raster.name or "raster"
        raise UndeclaredRaster(name, got=f"kind={found!r}", expected="kind " + " or ".join(kinds or tuple(Kind)))
    return as_kind(found)


def describe(geobox: GeoBox) -> str:
    """Say in a few words what a grid is: for messages and the manifest.

    >>> from affine import Affine
    >>> describe(GeoBox((2, 3), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009"))
    '2 x 3 cells of 1000 x 1000, upper left 0, 0, ESRI:54009'
    """
    rows, cols = geobox.shape
    t = geobox.transform
    authority = as_crs(geobox.crs).to_authority()
    crs = ":".join(authority) if authority else as_crs(geobox.crs).name
    return f"{rows} x {cols} cells of {t.a:.6g} x {-t.e:.6g}, upper left {t.c:.6g}, {t.f:.6g}, {crs}"
