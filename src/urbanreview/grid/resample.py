"""Bring a raster to another grid by the arithmetic of its kind; nobody names a method by hand."""

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from urbanreview.grid.contract import (
    SAME_WITHIN_CELLS,
    Kind,
    as_crs,
    geobox_of,
    make_raster,
    require_kind,
    same_crs,
    same_grid,
    shape_of,
)
from urbanreview.grid.geodesy import cell_area_km2
from urbanreview.kernels.coverage import split_cells
from urbanreview.ledger import Ledger

TIE_WITHIN = 1e-9
"""Votes this close, relatively, are a tie."""
TORN_TIMES = 100.0
"""A cell this many times longer than its neighbours lies on both sides of the edge of the map."""


def _corners(geobox: GeoBox, target: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the cells of one grid in pixel coordinates of another."""
    rows, cols = geobox.shape
    t = geobox.transform
    x, y = np.meshgrid(t.c + t.a * np.arange(cols + 1), t.f + t.e * np.arange(rows + 1))
    if not same_crs(geobox.crs, target.crs):
        x, y = Transformer.from_crs(as_crs(geobox.crs), as_crs(target.crs), always_xy=True).transform(x, y)
    to_pixel = ~target.transform
    return to_pixel.a * x + to_pixel.c, to_pixel.e * y + to_pixel.f


def _split(layers: list[np.ndarray], geobox: GeoBox, target: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Split layers over a target grid; cells that the projection tears apart or cannot show are lost, and counted."""
    counts, (x, y) = np.stack(layers), _corners(geobox, target)
    torn = _torn(x) | _torn(y)
    moved, lost = split_cells(np.where(torn, 0.0, counts), x, y, shape=shape_of(target))
    return moved, lost + counts[:, torn].sum(axis=1)


def _torn(corners: np.ndarray) -> np.ndarray:
    """Tell which cells have a corner at infinity, or corners on both sides of the edge of the map."""
    four = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]])
    with np.errstate(invalid="ignore"):
        extent = four.max(axis=0) - four.min(axis=0)
    usual = np.median(extent[np.isfinite(extent)]) if np.isfinite(extent).any() else np.inf
    return ~np.isfinite(extent) | (extent > TORN_TIMES * max(usual, 1.0))


def resample(raster: xr.DataArray, *, to: GeoBox) -> tuple[xr.DataArray, Ledger]:
    """Bring a raster to another grid.

    Counts are split over the cells they overlap by area, so that their sum stays; intensities, shares and costs
    are averaged by the area of their valid cells; classes are voted by area, the smaller code winning a tie.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
        With a declared kind. NaN is missing.
    to : GeoBox
        The other grid; any CRS.

    Returns
    -------
    raster : DataArray, dims (y, x), float64
        NaN where no valid cell of the source lies. Grids whose cells lie on one another are cut and padded: no number
        changes.
    ledger : Ledger
        The count that fell outside the other grid, in the raster's unit.

    Raises
    ------
    UndeclaredRaster
        If the raster does not say its kind.

    Notes
    -----
    A cell is a quadrilateral between its four reprojected corners, so neighbours share edges and nothing is
    counted twice. Prefer moving the zones: a resampled population smears over the edges of a city.

    Examples
    --------
    Four people in one cell become one in each quarter:

    >>> from affine import Affine
    >>> coarse = GeoBox((1, 1), Affine(2, 0, 0, 0, -2, 2), "EPSG:3857")
    >>> fine = GeoBox((2, 2), Affine(1, 0, 0, 0, -1, 2), "EPSG:3857")
    >>> people = make_raster(np.array([[4.0]]), coarse, kind="count", units="people")
    >>> resample(people, to=fine)[0].values.tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    kind = require_kind(raster)
    geobox = geobox_of(raster)
    if same_grid(geobox, to):
        return raster.astype(float), Ledger()
    values = raster.values.astype(float)
    shift = _whole_cells_apart(geobox, to)
    if shift is not None:
        moved = _shifted(values, shift, shape_of(to))
        ledger = Ledger()
        if kind is Kind.COUNT:
            ledger = ledger.add(
                "resample", "outside the other grid", raster.attrs["units"], np.nansum(values) - np.nansum(moved)
            )
        return make_raster(moved, to, **dict(raster.attrs)), ledger
    valid_km2 = np.where(np.isfinite(values), cell_area_km2(geobox), 0.0)
    filled = np.nan_to_num(values, nan=0.0)
    ledger = Ledger()
    if kind is Kind.COUNT:
        (moved, valid), lost = _split([filled, valid_km2], geobox, to)
        moved[valid <= 0] = np.nan
        ledger = ledger.add("resample", "outside the other grid", raster.attrs["units"], lost[0])
    elif kind is Kind.CLASS:
        moved = _vote(filled, valid_km2, geobox, to)
    else:
        (total, valid), _ = _split([filled * valid_km2, valid_km2], geobox, to)
        moved = np.divide(total, valid, out=np.full_like(total, np.nan), where=valid > 0)
    return make_raster(moved, to, **dict(raster.attrs)), ledger


def _whole_cells_apart(geobox: GeoBox, target: GeoBox) -> tuple[int, int] | None:
    """Return rows and columns from one grid to another if cells lie on cells, else None."""
    near, far = geobox.transform, target.transform
    if not same_crs(geobox.crs, target.crs):
        return None
    rows, cols = max(geobox.shape[0], target.shape[0]), max(geobox.shape[1], target.shape[1])
    if abs(near.a - far.a) * cols > SAME_WITHIN_CELLS * near.a or abs(near.e - far.e) * rows > -SAME_WITHIN_CELLS * near.e:
        return None
    right, down = (far.c - near.c) / near.a, (far.f - near.f) / near.e
    if max(abs(right - round(right)), abs(down - round(down))) > SAME_WITHIN_CELLS:
        return None
    return round(down), round(right)


def _shifted(values: np.ndarray, shift: tuple[int, int], shape: tuple[int, int]) -> np.ndarray:
    """Cut and pad an array so that its cell `shift` becomes the first one."""
    moved = np.full(shape, np.nan)
    here, there = [], []
    for size, begins, wanted in zip(values.shape, shift, shape, strict=True):
        first, last = max(begins, 0), min(begins + wanted, size)
        here.append(slice(first, max(last, first)))
        there.append(slice(first - begins, max(last, first) - begins))
    moved[tuple(there)] = values[tuple(here)]
    return moved


def _vote(codes: np.ndarray, valid_km2: np.ndarray, geobox: GeoBox, target: GeoBox) -> np.ndarray:
    present = np.unique(codes[valid_km2 > 0])
    best, winner = np.zeros(target.shape), np.full(target.shape, np.nan)
    for code in present:
        (votes,), _ = _split([np.where(codes == code, valid_km2, 0.0)], geobox, target)
        wins = votes > best * (1 + TIE_WITHIN)
        best[wins], winner[wins] = votes[wins], code
    return winner


def coarsen(raster: xr.DataArray, *, factor: int) -> xr.DataArray:
    """Add up a count in square blocks of cells.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
        A count; NaN is missing.
    factor : int
        Cells per side of a block.

    Returns
    -------
    DataArray, dims (y, x)
        Blocks begin at multiples of their size in the CRS, so they do not depend on how the grid was cropped; one
        that sticks out over an edge counts what lies on the grid. NaN where a block has no value at all; the sum
        of the raster is kept.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((2, 3), Affine(1, 0, 0, 0, -1, 2), "EPSG:3857")
    >>> people = make_raster(np.array([[1.0, 2, 3], [4, 5, np.nan]]), grid, kind="count", units="people")
    >>> coarsen(people, factor=2).values.tolist()
    [[12.0, 3.0]]
    """
    require_kind(raster, Kind.COUNT)
    t = geobox_of(raster).transform
    # Whole cells between the upper left corner and the block edges above and to the left of it.
    above = -int(np.floor(t.f / -t.e + SAME_WITHIN_CELLS)) % factor
    left = int(np.floor(t.c / t.a + SAME_WITHIN_CELLS)) % factor
    rows, cols = above + raster.shape[0], left + raster.shape[1]
    pads = ((above, -rows % factor), (left, -cols % factor))
    padded = np.pad(raster.values.astype(float), pads, constant_values=np.nan)
    blocks = padded.reshape(padded.shape[0] // factor, factor, padded.shape[1] // factor, factor)
    sums = np.nansum(blocks, axis=(1, 3))
    sums[np.isnan(blocks).all(axis=(1, 3))] = np.nan
    coarse = GeoBox(sums.shape, t @ t.translation(-left, -above) @ t.scale(factor), geobox_of(raster).crs)
    return make_raster(sums, coarse, **dict(raster.attrs))
