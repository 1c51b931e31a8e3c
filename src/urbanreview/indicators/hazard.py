"""The maps of a hazard, read in windows: which of their cells lie in the zone, and what is permanent water."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial, reduce
from itertools import product
from typing import Protocol

import geopandas as gpd
import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Transformer

from urbanreview.grid import as_crs, cell_area_km2, crop_slices, same_crs, same_grid, shape_of

WINDOW_CELLS = 2**18
"""Cells of a window, at most, where the file's blocks are not larger [cell]: 2 MB a layer."""
STRIP_CELLS = 2**20
"""The same for a file stored in rows."""
MARGIN_KM = 5.0
"""Windows are looked for this far around a grid."""
DEEP = 30.0
"""Half of the flooded cells of a map in metres are not deeper than this [m]."""


class Blocks(Protocol):
    """A raster that is read in windows; rows count from the north."""

    geobox: GeoBox
    block_shape: tuple[int, int]

    def holds(self, rows: slice, cols: slice) -> bool:
        """Tell whether a window can hold a value."""

    def read(self, rows: slice, cols: slice) -> np.ndarray:
        """Return a window as float, NaN where missing."""


@dataclass(frozen=True)
class Held:
    """Blocks of an array that is in memory."""

    values: np.ndarray
    geobox: GeoBox
    block_shape: tuple[int, int] = (512, 512)

    def holds(self, rows: slice, cols: slice) -> bool:
        """Tell whether a window has a value."""
        return not np.isnan(self.values[rows, cols]).all()

    def read(self, rows: slice, cols: slice) -> np.ndarray:
        """Return a window."""
        return self.values[rows, cols]


@dataclass
class Tally:
    """What was met while maps were read: windows and cells.

    Attributes
    ----------
    read, left_out : int
        Windows that were read, and those without a stored tile.
    missing, negative : int
        Cells without a value inside the maps, and those whose value cannot be.
    positive, deep : int
        Cells above zero, and those above `DEEP`.
    largest : float
    """

    read: int = 0
    left_out: int = 0
    missing: int = 0
    negative: int = 0
    positive: int = 0
    deep: int = 0
    largest: float = -np.inf

    def look(self, values: np.ndarray) -> None:
        """Count what a window holds."""
        self.missing += int(np.isnan(values).sum())
        self.positive += int((values > 0).sum())
        self.deep += int((values > DEEP).sum())
        self.largest = max(self.largest, float(np.nanmax(values, initial=-np.inf)))


@dataclass(frozen=True)
class Peril:
    """One map of a hazard, and which of its cells are in the zone.

    Attributes
    ----------
    values : Blocks
        Depth, or whatever the hazard is measured in.
    threshold : float
        In the units of the map.
    direction : {"above", "below"}
        A cell is in the zone if its value lies beyond the threshold; one that equals it does not.
    fraction : Blocks, optional
        On the same grid: the share of a cell that the hazard takes where its value is beyond [1]; all of it without.
    missing_is_dry : bool
        Whether a cell without a value, inside the map, is out of the zone; else nothing is known of it.
    never_negative : bool
        Whether a value below zero cannot be: it counts as missing.
    """

    values: Blocks
    threshold: float
    direction: str = "above"
    fraction: Blocks | None = None
    missing_is_dry: bool = False
    never_negative: bool = False

    def share(self, rows: slice, cols: slice, tally: Tally) -> np.ndarray:
        """Return the share of every cell of a window that lies in the zone; NaN where it is unknown."""
        found = self.values.read(rows, cols)
        tally.look(found)
        if self.never_negative and (negative := found < 0).any():
            tally.negative += int(negative.sum())
            found = np.where(negative, np.nan, found)
        share = self._beyond(found).astype(float)
        if self.fraction is not None:
            share = np.where(share > 0, np.clip(self.fraction.read(rows, cols), 0.0, 1.0), 0.0)
        if not self.missing_is_dry:
            share[np.isnan(found)] = np.nan
        return share

    def _beyond(self, found: np.ndarray) -> np.ndarray:
        return found > self.threshold if self.direction == "above" else found < self.threshold

    def _harmless(self, found: np.ndarray) -> np.ndarray:
        """Tell which cells say that there is no hazard at all: no depth, or nothing beyond a threshold from below."""
        return found <= min(0.0, self.threshold) if self.direction == "above" else found >= self.threshold

    def missing_looks_dry(self, near: gpd.GeoSeries) -> bool:
        """Tell whether a map leaves out what is dry: it holds values near some shapes, and none of them says "no hazard".

        A map that holds no value at all is no such map: nothing is known. Reading ends with the first value of zero.
        """
        values, held = self.values, False
        for rows, cols in windows(values, crop_slices(values.geobox, near, margin_km=MARGIN_KM)):
            if values.holds(rows, cols):
                found = values.read(rows, cols)
                if self.never_negative:
                    found = np.where(found < 0, np.nan, found)
                if self._harmless(found).any():
                    return False
                held = held or not np.isnan(found).all()
        return held


@dataclass(frozen=True)
class Hazard:
    """Perils that are taken as one: a cell is in the zone as far as the worst of them takes it.

    Attributes
    ----------
    perils : sequence of Peril
        On the grid of the finest map; a cell of it takes the value of the others at its centre. A cell is known where one
        peril is.
    water : Blocks, optional
        Permanent water, above zero: neither in the zone nor land.
    """

    perils: Sequence[Peril]
    water: Blocks | None = None

    @cached_property
    def finest(self) -> Blocks:
        """The map with the smallest cells."""
        return min((peril.values for peril in self.perils), key=lambda values: _cell_km2(values.geobox))

    @cached_property
    def _on_finest(self) -> list[bool]:
        """Tell of every peril, and of water at last, whether it lies on the finest map's grid."""
        maps = [peril.values for peril in self.perils] + ([] if self.water is None else [self.water])
        return [same_grid(each.geobox, self.finest.geobox) for each in maps]

    def holds(self, rows: slice, cols: slice) -> bool:
        """Tell whether a window can hold a value of any map."""
        return any(not on or peril.values.holds(rows, cols) for on, peril in zip(self._on_finest, self.perils, strict=False))

    def look(self, rows: slice, cols: slice, tally: Tally) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return the share of every cell of a window that lies in the zone, NaN where unknown, and where water is.

        None is a share of 0 everywhere, or no water at all.
        """
        piece = self.finest.geobox[rows, cols]
        if self.holds(rows, cols):
            tally.read += 1
            shares = [
                peril.share(rows, cols, tally)
                if on
                else at_centres(partial(peril.share, tally=tally), peril.values.geobox, piece)
                for on, peril in zip(self._on_finest, self.perils, strict=False)
            ]
            share: np.ndarray | None = reduce(np.fmax, shares)
        else:
            tally.left_out += 1
            dry = any(peril.missing_is_dry for peril in self.perils)
            share = None if dry else np.full(shape_of(piece), np.nan)
        if self.water is None:
            return share, None
        read = self.water.read
        water = (read(rows, cols) if self._on_finest[-1] else at_centres(read, self.water.geobox, piece)) > 0
        return (None if share is None else np.where(water, 0.0, share)), water


def _cell_km2(geobox: GeoBox) -> float:
    rows, cols = shape_of(geobox)
    return float(cell_area_km2(geobox[rows // 2 : rows // 2 + 1, cols // 2 : cols // 2 + 1])[0, 0])


def at_centres(read: Callable[[slice, slice], np.ndarray], geobox: GeoBox, piece: GeoBox) -> np.ndarray:
    """Return what a raster holds at the centres of the cells of another grid; NaN beyond the raster."""
    t, (rows, cols) = piece.transform, shape_of(piece)
    x, y = (t.c + t.a * (np.arange(cols) + 0.5))[None, :], (t.f + t.e * (np.arange(rows) + 0.5))[:, None]
    if not same_crs(piece.crs, geobox.crs):
        turn = Transformer.from_crs(as_crs(piece.crs), as_crs(geobox.crs), always_xy=True)
        x, y = turn.transform(*np.meshgrid(x[0], y[:, 0]))
    g, (height, width) = geobox.transform, shape_of(geobox)
    row, col = (y - g.f) / g.e, (x - g.c) / g.a
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    if not inside.any():
        return np.full(shape_of(piece), np.nan)
    at = [
        np.clip(np.floor(np.where(np.isfinite(each), each, -1)), 0, n - 1).astype(int)
        for each, n in ((row, height), (col, width))
    ]
    (r0, r1), (c0, c1) = ((each.min(), each.max() + 1) for each in at)
    values = read(slice(r0, r1), slice(c0, c1))
    return np.where(inside, values[at[0] - r0, at[1] - c0], np.nan)


def windows(blocks: Blocks, within: tuple[slice, slice]) -> Iterator[tuple[slice, slice]]:
    """Cut a part of a raster into windows that are made of whole blocks of its file.

    Parameters
    ----------
    blocks : Blocks
    within : (slice, slice)
        Rows and columns.

    Yields
    ------
    rows, cols : slice
        Row by row; together they are the part.
    """
    height, width = blocks.block_shape
    in_strips = width >= blocks.geobox.shape[1]
    side = int(WINDOW_CELLS**0.5)
    wide = width if in_strips else width * max(side // width, 1)
    tall = height * max((STRIP_CELLS if in_strips else WINDOW_CELLS) // wide // height, 1)
    yield from product(_steps(within[0], tall), _steps(within[1], wide))


def _steps(part: slice, size: int) -> list[slice]:
    edges = range(part.start // size * size, part.stop, size)
    return [slice(max(edge, part.start), min(edge + size, part.stop)) for edge in edges]
