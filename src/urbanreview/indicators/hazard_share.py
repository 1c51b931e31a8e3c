"""What share of the land of every cell of a grid lies in the zone of a hazard whose maps are finer, coarser or turned."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from scipy.sparse import csr_array

from urbanreview.grid import as_crs, covered_share, crop_slices, geobox_of, make_raster, same_crs, shape_of
from urbanreview.indicators.hazard import MARGIN_KM, Hazard, Tally, windows
from urbanreview.kernels.coverage import snap
from urbanreview.kernels.exposure import split_between_nodes
from urbanreview.ledger import Ledger

NODES_EVERY_M = 1_500.0
"""Corners of cells this far apart are reprojected, those between lie on straight lines: some centimetres away."""
METRES_PER_DEGREE = 111_320.0
LAND_AT_LEAST = 1e-5
"""Known land below this part of a cell is a rounding error."""

Window = tuple[slice, slice]
Split = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class HazardShare:
    """How much of the land of every cell of a grid lies in the zone of a hazard.

    Attributes
    ----------
    share : DataArray, dims (y, x), a share
        Of the cell's known land; NaN where no land is known, and in cells that were not wanted.
    known : ndarray of float32, shape (rows, cols)
        Part of the cell that is land and known to the hazard.
    water : ndarray of float32, shape (rows, cols), or None
        Part of the cell that is permanent water.
    wanted : ndarray of bool, shape (rows, cols), or None
        Cells that the share was asked of; all without.
    """

    share: xr.DataArray
    known: np.ndarray
    water: np.ndarray | None
    wanted: np.ndarray | None = None

    def wanted_cells(self) -> np.ndarray:
        """Tell which cells were wanted."""
        return np.ones(self.known.shape, bool) if self.wanted is None else self.wanted

    @cached_property
    def known_cells(self) -> xr.DataArray:
        """`known` as a raster to add up over zones."""
        return make_raster(self.known, geobox_of(self.share), kind="count", units="cells")

    @cached_property
    def water_cells(self) -> xr.DataArray | None:
        """`water` as a raster to add up over zones."""
        return None if self.water is None else make_raster(self.water, geobox_of(self.share), kind="count", units="cells")


def hazard_shares(
    hazard: Hazard, targets: Sequence[tuple[GeoBox, np.ndarray | None]]
) -> tuple[list[HazardShare], Tally, Ledger]:
    """Find out how much of the land of every cell of some grids lies in the zone of a hazard.

    Parameters
    ----------
    hazard : Hazard
    targets : sequence of (GeoBox, ndarray of bool or None)
        Grids with any cells and CRS, and which of their cells are wanted; all without. Maps are read once for all of them.

    Returns
    -------
    shares : list of HazardShare
        One for every grid.
    tally : Tally
    ledger : Ledger
        Windows read and left out, cells without a value and with one that cannot be.

    Raises
    ------
    NoOverlap
        If the finest map lies elsewhere than a grid.

    Notes
    -----
    A cell of the hazard's grid counts by the part of it that lies in a cell of the target: along rows and columns where
    both have one CRS, as a quadrilateral between its reprojected corners else. Only one window is held at a time, besides
    two or three float32 layers of every target; windows without a wanted cell, and those whose tiles were never written,
    are not read.

    Examples
    --------
    A river one cell wide through a cell of the target that is ten times as wide takes a tenth of it:

    >>> from affine import Affine
    >>> from urbanreview.indicators.hazard import Held, Peril
    >>> fine, coarse = (GeoBox((n, n), Affine(10 / n, 0, 0, 0, -10 / n, 10), "EPSG:3857") for n in (10, 1))
    >>> depth = np.zeros((10, 10))
    >>> depth[:, 3] = 1.5
    >>> found, _, _ = hazard_shares(Hazard([Peril(Held(depth, fine), threshold=0.15)]), [(coarse, None)])
    >>> round(float(found[0].share[0, 0]), 6)
    0.1
    """
    finest, tally = hazard.finest, Tally()
    layers = [_Layers(finest.geobox, geobox, wanted) for geobox, wanted in targets]
    for rows, cols in windows(finest, _window_of_all(layers)):
        piece = finest.geobox[rows, cols]
        placed = [(layer, place) for layer in layers if (place := layer.place(piece)) is not None]
        if not placed:
            continue
        share, water = hazard.look(rows, cols, tally)
        for layer, place in placed:
            layer.add(place, share, water)
    return [layer.settled() for layer in layers], tally, _ledger_of(hazard, tally)


def _ledger_of(hazard: Hazard, tally: Tally) -> Ledger:
    ledger = Ledger().add("hazard", "windows of the maps read", "window", tally.read)
    ledger = ledger.add("hazard", "windows without a stored tile, not read", "window", tally.left_out)
    ledger = ledger.add("hazard", "values below zero where only zero and more can be: missing", "cell", tally.negative)
    means = {"dry" if peril.missing_is_dry else "unknown" for peril in hazard.perils}
    cause = f"cells without a value inside the maps that were read: {' or '.join(sorted(means))}"
    return ledger.add("hazard", cause, "cell", tally.missing)


def _window_of_all(layers: Sequence["_Layers"]) -> Window:
    rows, cols = zip(*(layer.window() for layer in layers), strict=True)
    first, last = (slice(min(part.start for part in parts), max(part.stop for part in parts)) for parts in (rows, cols))
    return first, last


@dataclass(frozen=True)
class _Place:
    """Where a piece of the hazard's grid lies on a target: a window of it, and how layers get there."""

    window: Window
    split: Split


@dataclass
class _Layers:
    """What is gathered on one target: parts of its cells, in cells."""

    hazard: GeoBox
    target: GeoBox
    wanted: np.ndarray | None
    beyond: np.ndarray = field(init=False)
    absent: np.ndarray = field(init=False)
    water: np.ndarray | None = None
    _turn: Transformer | None = None

    def __post_init__(self) -> None:
        self.beyond, self.absent = (np.zeros(shape_of(self.target), np.float32) for _ in range(2))
        if not same_crs(self.hazard.crs, self.target.crs):
            self._turn = Transformer.from_crs(as_crs(self.hazard.crs), as_crs(self.target.crs), always_xy=True)

    def window(self) -> Window:
        """Return the part of the hazard's grid that the target needs."""
        outline = gpd.GeoSeries([shapely.box(*self.target.boundingbox.bbox)], crs=as_crs(self.target.crs))
        return crop_slices(self.hazard, outline, margin_km=MARGIN_KM, name="hazard")

    def place(self, piece: GeoBox) -> _Place | None:
        """Lay a piece on the target; None where no wanted cell is."""
        (down, across), split = _turned(piece, self.target, self._turn) if self._turn else _along(piece, self.target)
        rows, cols = shape_of(self.target)
        window = _cells_between(down, rows), _cells_between(across, cols)
        if any(part.start >= part.stop for part in window):
            return None
        if self.wanted is not None and not self.wanted[window].any():
            return None
        return _Place(window, partial(split, window=window))

    def add(self, place: _Place, share: np.ndarray | None, water: np.ndarray | None) -> None:
        """Add a window of the hazard; see `Hazard.look`."""
        if share is not None:
            absent = np.isnan(share)
            self._put(self.absent, place, absent)
            self._put(self.beyond, place, np.where(absent, 0.0, share))
        if water is not None:
            if self.water is None:
                self.water = np.zeros(shape_of(self.target), np.float32)
            self._put(self.water, place, water)

    @staticmethod
    def _put(layer: np.ndarray, place: _Place, values: np.ndarray) -> None:
        if values.any():
            layer[place.window] += place.split(values.astype(float))

    def settled(self) -> HazardShare:
        """Return the shares, once all windows were added."""
        known = self._inside() - self.absent
        if self.water is not None:
            known -= self.water
        if self.wanted is not None:
            known[~self.wanted] = 0.0
        known[known < LAND_AT_LEAST] = 0.0
        share = np.full(known.shape, np.nan, np.float32)
        np.divide(self.beyond, known, out=share, where=known > 0)
        np.minimum(share, 1.0, out=share)
        return HazardShare(
            make_raster(share, self.target, kind="share", units="1", source="hazard"), known, self.water, self.wanted
        )

    def _inside(self) -> np.ndarray:
        """Part of every cell that the hazard's map covers."""
        if self._turn is not None:
            outline = gpd.GeoSeries([shapely.box(*self.hazard.boundingbox.bbox)], crs=as_crs(self.hazard.crs))
            return covered_share(outline, self.target).astype(np.float32)
        parts = []
        for edges, size in zip(_edges(self.hazard, self.target), shape_of(self.target), strict=True):
            cell = np.arange(size)
            parts.append(np.clip(np.minimum(cell + 1, edges[-1]) - np.maximum(cell, edges[0]), 0.0, 1.0).astype(np.float32))
        return parts[0][:, None] * parts[1][None, :]


def _edges(piece: GeoBox, target: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Edges of the rows and columns of a piece, in rows and columns of the target."""
    t, g, (rows, cols) = piece.transform, target.transform, shape_of(piece)
    down = (t.f + t.e * np.arange(rows + 1) - g.f) / g.e
    return snap(down), snap((t.c + t.a * np.arange(cols + 1) - g.c) / g.a)


def _cells_between(places: np.ndarray, size: int) -> slice:
    there = places[np.isfinite(places)]
    if not there.size:
        return slice(0, 0)
    return slice(max(int(np.floor(there.min())), 0), min(int(np.ceil(there.max())), size))


def _along(piece: GeoBox, target: GeoBox) -> tuple[tuple[np.ndarray, np.ndarray], Callable[..., np.ndarray]]:
    """Lay a piece along rows and columns: what a cell shares with another is the product of what its row and column do."""
    down, across = _edges(piece, target)

    def split(values: np.ndarray, window: Window) -> np.ndarray:
        of_rows, of_cols = _overlaps(down, window[0]), _overlaps(across, window[1])
        return (of_cols @ (of_rows @ values).T).T

    return (down, across), split


def _overlaps(edges: np.ndarray, part: slice) -> csr_array:
    """Length that every interval between edges shares with every whole cell of a part: shape (cells, intervals)."""
    inner = edges[(edges > part.start) & (edges < part.stop)]
    cuts = np.unique(np.concatenate([inner, np.arange(part.start, part.stop + 1)]))
    middle, length = (cuts[1:] + cuts[:-1]) / 2, np.diff(cuts)
    interval, cell = np.searchsorted(edges, middle, side="right") - 1, np.floor(middle).astype(int) - part.start
    on = (interval >= 0) & (interval < len(edges) - 1)
    return csr_array((length[on], (cell[on], interval[on])), shape=(part.stop - part.start, len(edges) - 1))


def _turned(
    piece: GeoBox, target: GeoBox, turn: Transformer
) -> tuple[tuple[np.ndarray, np.ndarray], Callable[..., np.ndarray]]:
    """Lay a piece cell by cell, as quadrilaterals between their corners."""
    t, g, (rows, cols) = piece.transform, target.transform, shape_of(piece)
    metres = abs(t.a) * (METRES_PER_DEGREE if as_crs(piece.crs).is_geographic else 1.0)
    every = max(int(NODES_EVERY_M / metres), 1)
    node_rows, node_cols = (np.unique(np.append(np.arange(0, size, every), size)) for size in (rows, cols))
    x, y = turn.transform(*np.meshgrid(t.c + t.a * node_cols, t.f + t.e * node_rows))
    down, across = (y - g.f) / g.e, (x - g.c) / g.a

    def split(values: np.ndarray, window: Window) -> np.ndarray:
        first_row, first_col = window[0].start, window[1].start
        shape = window[0].stop - first_row, window[1].stop - first_col
        return split_between_nodes(values, node_rows, node_cols, across - first_col, down - first_row, shape=shape)

    return (down, across), split
