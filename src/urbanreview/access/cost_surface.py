"""What travel costs: friction on a grid, with the true ground length of every step."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import geopandas as gpd
import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.errors import ImplausibleFriction, NothingPassable, UnknownName
from urbanreview.grid import Kind, as_crs, geobox_of, require_kind, shape_of, step_lengths_m, to_crs
from urbanreview.grid.shapes import burn_lines
from urbanreview.kernels.components import count_cells, find_runs, label_runs, paint_runs
from urbanreview.kernels.least_cost import Links
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM, SECONDS_PER_MINUTE, minutes_per_metre

PLAUSIBLE_MIN_PER_M = (0.0003, 0.1)
"""Median of a friction in minutes per metre: 200 km/h to 0.6 km/h."""
USUAL_MIN_PER_M = 0.01
"""Friction of most land: on foot."""
LEAST_MIN_PER_M = 1e-9
"""Friction below is zero: so small a step is lost in rounding."""
HAIR_CELLS = 1e-3
PENALTY_MIN_PER_M = 1.0
"""Friction above is no way of moving but the wait at a border, as maps of travel time have it."""
MEASURED_EVERY = 16
"""On projected grids steps are measured on every 16th cell."""
SMALL_GRID_CELLS = 250_000
Borders = Literal["keep", "remove", "close"]


@dataclass(frozen=True)
class CostSurface:
    """Friction and steps of a grid, ready for travel.

    Attributes
    ----------
    geobox : GeoBox
    friction : ndarray of float32 or float64, shape (rows + 2, cols + 2)
        Minutes per metre, padded; infinite where nobody passes.
    links : Links
        Half the length of every step [m].
    cheapest, dearest : float
        Bounds of the cost of a step [min].
    planar : bool
        Whether steps are counted in cells instead of metres.
    source : str
    """

    geobox: GeoBox
    friction: np.ndarray
    links: Links
    cheapest: float
    dearest: float
    planar: bool
    source: str

    @property
    def passable(self) -> np.ndarray:
        """Cells that can be passed: bool, shape (rows, cols)."""
        return np.isfinite(self.friction[1:-1, 1:-1])

    @cached_property
    def islands(self) -> np.ndarray:
        """Number the parts that hang together by edges or corners, the largest 1: int32, shape (rows, cols); 0 impassable."""
        runs, count = label_runs(find_runs(self.passable), neighbours=8)
        by_size = np.argsort(-count_cells(runs, count), kind="stable")
        rank = np.empty(count, np.int32)
        rank[by_size] = np.arange(count, dtype=np.int32)
        return paint_runs(runs._replace(value=rank[runs.value]), shape_of(self.geobox))

    def cells_at(self, longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Row and column under positions [degrees]; outside the grid they lie outside its shape."""
        points = gpd.GeoSeries.from_xy(longitude, latitude, crs=4326).to_crs(as_crs(self.geobox.crs))
        to_pixel = ~self.geobox.transform
        col = np.floor(to_pixel.a * points.x.to_numpy() + to_pixel.c)
        row = np.floor(to_pixel.e * points.y.to_numpy() + to_pixel.f)
        return row, col


def cost_surface(
    friction: xr.DataArray,
    *,
    planar: bool = False,
    borders: Borders = "keep",
    outline: gpd.GeoSeries | None = None,
    plausible: tuple[float, float] | None = PLAUSIBLE_MIN_PER_M,
) -> tuple[CostSurface, Ledger]:
    """Make a cost surface of friction.

    Parameters
    ----------
    friction : DataArray, dims (y, x)
        Kind cost [min/m]. Missing, zero (under 1e-9), negative and infinite cells cannot be passed.
    planar : bool
        Count steps in cells (1, and the root of 2 across) as scikit-image does, for comparison; costs are then friction
        times cells.
    borders : {"keep", "remove", "close"}
        What becomes of cells over 1 min/m, by which maps of travel time make a border cost its wait: they stay,
        they get the lowest friction next to them, or nobody crosses `outline`.
    outline : GeoSeries, optional
        The country; needed to close its borders.
    plausible : (low, high) or None
        Where the median must lie [min/m]; None for anywhere.

    Returns
    -------
    surface : CostSurface
    ledger : Ledger
        Shares and cells that cannot be passed, and why; border cells altered; separate parts.

    Raises
    ------
    UndeclaredRaster
        If the friction is not of kind cost.
    NothingPassable, ImplausibleFriction

    Notes
    -----
    A step between two cells costs the mean of their frictions times its length on the ellipsoid: row by row on a grid
    in degrees, cell by cell on a projected one (measured on every 16th cell and interpolated). A diagonal step may
    squeeze between two impassable cells that touch at a corner, as in GRASS, gdistance and scikit-image.

    Examples
    --------
    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((2, 3), Affine(1 / 120, 0, 60, 0, -1 / 120, 55), "EPSG:4326")
    >>> minutes = make_raster(np.array([[0.001, 0.001, -9], [0.012, 0.012, 0.012]]), grid, kind="cost", units="min/m")
    >>> surface, ledger = cost_surface(minutes)
    >>> float((2 * surface.links.east[1, 0]).round()), surface.passable.tolist()[0], ledger.amount("not above zero: impassable")
    (533.0, [True, True, False], 1.0)
    """
    require_kind(friction, Kind.COST)
    name = str(friction.attrs.get("source") or "friction")
    values = friction.values if friction.dtype in (np.float32, np.float64) else friction.values.astype(np.float64)
    missing, barrier = np.isnan(values), ~(values >= LEAST_MIN_PER_M) | np.isinf(values)
    passable = ~barrier
    if not passable.any():
        raise NothingPassable(name, cells=values.size)
    if plausible is not None:
        _require_plausible(name, float(np.median(values[passable])), plausible)
    ledger = Ledger().add(name, "missing: impassable", "cell", int(missing.sum()))
    ledger = ledger.add(name, "not above zero: impassable", "cell", int((barrier & ~missing).sum()))
    ledger = ledger.add(name, "part of the grid that cannot be passed", "share", round(float(barrier.mean()), 9))
    values, more = _bordered(np.where(passable, values, np.inf), borders, outline, geobox_of(friction), name)
    if not np.isfinite(values).any():
        raise NothingPassable(name, cells=values.size)
    surface = _dress(values, geobox_of(friction), planar=planar, source=name)
    return surface, ledger + more


def _require_plausible(name: str, median: float, expected: tuple[float, float]) -> None:
    low, high = expected
    if low <= median <= high:
        return
    guesses = {
        "seconds per metre": median / SECONDS_PER_MINUTE,
        "minutes per km": median / METRES_PER_KM,
        "a speed in km/h": minutes_per_metre(median),
        "a speed in m/s": 1.0 / (SECONDS_PER_MINUTE * median),
    }
    fitting = [word for word, value in guesses.items() if low <= value <= high]
    likely = sorted(fitting, key=lambda word: abs(np.log(guesses[word] / USUAL_MIN_PER_M)))[:2]
    guess = f"; it would fit as {' or '.join(likely)}" if likely else ""
    raise ImplausibleFriction(name, median=median, expected=expected, guess=guess)


def _bordered(
    values: np.ndarray, borders: Borders, outline: gpd.GeoSeries | None, geobox: GeoBox, name: str
) -> tuple[np.ndarray, Ledger]:
    if borders == "keep":
        return values, Ledger()
    if borders == "remove":
        penalty = np.isfinite(values) & (values > PENALTY_MIN_PER_M)
        ledger = Ledger().add(name, "border penalty removed", "cell", int(penalty.sum()))
        return _without_penalty(values, penalty.copy()), ledger
    if borders != "close":
        raise UnknownName("treatment of borders", borders, known=("keep", "remove", "close"))
    if outline is None:
        message = "borders='close' needs the outline of the country"
        raise ValueError(message)
    # A hair's breadth of a line, so that it also touches the cells beside a corner that it runs through.
    hair = HAIR_CELLS * abs(geobox.transform.a)
    line = burn_lines(to_crs(outline, as_crs(geobox.crs)).boundary.buffer(hair), geobox)
    closed = line & np.isfinite(values)
    return np.where(line, np.inf, values), Ledger().add(name, "border closed", "cell", int(closed.sum()))


def _without_penalty(values: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Give penalised cells the lowest friction next to them, ring by ring until none is left or none can be told."""
    values = np.where(penalty, np.inf, values)
    while penalty.any():
        padded = np.pad(values, 1, constant_values=np.inf)
        rows, cols = np.nonzero(penalty)
        lowest = np.min([padded[rows + i, cols + j] for i in range(3) for j in range(3)], axis=0)
        told = np.isfinite(lowest)
        if not told.any():
            break
        values[rows[told], cols[told]] = lowest[told]
        penalty[rows[told], cols[told]] = False
    return values


def _dress(values: np.ndarray, geobox: GeoBox, *, planar: bool, source: str) -> CostSurface:
    friction = np.pad(values, 1, constant_values=np.inf)
    links = _planar_links(geobox) if planar else _ground_links(geobox)
    passable = values[np.isfinite(values)].astype(np.float64)
    shortest = 2.0 * min(float(part[1:-1].min()) for part in links if part[1:-1].size)
    longest = 2.0 * max(float(part[1:-1].max()) for part in links if part[1:-1].size)
    return CostSurface(
        geobox, friction, links, float(passable.min()) * shortest, float(passable.max()) * longest, planar, source
    )


def _planar_links(geobox: GeoBox) -> Links:
    rows = geobox.shape[0] + 2
    return Links(*(np.full((rows, 1), half) for half in (0.5, 0.5, np.sqrt(2.0) / 2, np.sqrt(2.0) / 2)))


def _ground_links(geobox: GeoBox) -> Links:
    cells = geobox.shape[0] * geobox.shape[1]
    steps = step_lengths_m(_at_least_two(geobox), every=1 if cells <= SMALL_GRID_CELLS else MEASURED_EVERY)
    rows, cols = geobox.shape
    wide = not as_crs(geobox.crs).is_geographic
    return Links(
        _padded(steps.east, rows, cols, wide=wide),
        _padded(steps.south, rows, cols, wide=wide),
        _padded(steps.southeast, rows, cols, wide=wide),
        _padded(steps.southwest, rows, cols, wide=wide, first_col=1),
    )


def _at_least_two(geobox: GeoBox) -> GeoBox:
    """Return a grid of at least two rows and columns, so that there is a step to measure."""
    rows, cols = geobox.shape
    return GeoBox((max(rows, 2), max(cols, 2)), geobox.transform, geobox.crs)


def _padded(metres: np.ndarray, rows: int, cols: int, *, wide: bool, first_col: int = 0) -> np.ndarray:
    """Put half lengths into a padded array; what is not measured is one of them, positive and without meaning."""
    out = np.full((rows + 2, cols + 2 if wide else 1), float(metres.flat[0]) / 2)
    height = min(metres.shape[0], rows)
    if wide:
        width = min(metres.shape[1], cols - first_col)
        out[1 : 1 + height, 1 + first_col : 1 + first_col + width] = metres[:height, :width] / 2
    else:
        out[1 : 1 + height] = metres[:height, :1] / 2
    return out
