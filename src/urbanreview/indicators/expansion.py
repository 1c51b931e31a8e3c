"""How new built-up land lies to the old: infill, extension or leapfrog, by the landscape expansion index (LEI)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from scipy import ndimage

from urbanreview.grid import Kind, cell_area_km2, geobox_of, make_raster, require_kind, require_same_grid, step_lengths_m
from urbanreview.kernels.patches import sum_surroundings
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.ledger import Ledger
from urbanreview.units import m2_from_km2
from urbanreview.zones import Plan, summarise

OLD, INFILL, EXTENSION, LEAPFROG, UNKNOWN = 1, 2, 3, 4, 255
"""Codes of the raster of classes; 0 is all other land."""
LARGEST_CELL_M, LARGER_AT_MOST = 100.0, 1.01
_SOURCE = "expansion"
SAME_WITHIN = 1e-9
"""An index this close to a limit is on it, whatever order its parts were added in."""


@dataclass(frozen=True, slots=True)
class ExpansionRule:
    """What surrounds a new patch, and what its index says.

    Attributes
    ----------
    edition, source : str
    neighbours : {4, 8}
        Cells of one patch share an edge (4), or an edge or a corner (8).
    buffer_cells : int
        Width of the surroundings in cells, corners included, where `buffer_m` is None.
    buffer_m : float or None
        Width of the surroundings on the ground [m]: cells whose centre is no farther from the patch's outline.
    leapfrog_at_most : float
        Index up to which a patch is leapfrog.
    infill_limit : float
        Index from which a patch is infill; what lies between is extension.
    limit_is_infill : bool
        Whether a patch on that limit is infill.
    """

    edition: str
    source: str
    neighbours: Literal[4, 8]
    buffer_cells: int
    buffer_m: float | None
    leapfrog_at_most: float
    infill_limit: float
    limit_is_infill: bool

    def classify(self, index: np.ndarray) -> np.ndarray:
        """Return the class of every index: uint8 of the same shape.

        >>> GOST.classify(np.array([0.05, 0.06, 0.9])).tolist(), LIU_2010.classify(np.array([0.0, 0.5, 0.51])).tolist()
        ([4, 3, 2], [4, 3, 2])
        """
        infill_from = self.infill_limit + (-SAME_WITHIN if self.limit_is_infill else SAME_WITHIN)
        kinds = [index <= self.leapfrog_at_most + SAME_WITHIN, index >= infill_from]
        return np.select(kinds, [LEAPFROG, INFILL], EXTENSION).astype(np.uint8)


LIU_2010 = ExpansionRule(
    edition="liu-2010",
    source="Liu et al. (2010), doi 10.1007/s10980-010-9454-5, the narrow buffer drawn as a ring of one cell",
    neighbours=8,
    buffer_cells=1,
    buffer_m=None,
    leapfrog_at_most=0.0,
    infill_limit=0.5,
    limit_is_infill=False,
)
GOST = ExpansionRule(
    edition="gosturban",
    source="GOSTurban, calculate_LEI and summarize_LEI with their defaults",
    neighbours=4,
    buffer_cells=0,
    buffer_m=300.0,
    leapfrog_at_most=0.05,
    infill_limit=0.9,
    limit_is_infill=True,
)
EXPANSION_RULES: Mapping[str, ExpansionRule] = {rule.edition: rule for rule in (LIU_2010, GOST)}


def too_coarse(geobox: GeoBox) -> str:
    """Say why a grid cannot show patches of new built-up land; nothing if it can.

    Parameters
    ----------
    geobox : GeoBox
        North up.

    Returns
    -------
    str
        Empty where the largest cell has at most the area of a square of 100 m, and one per cent of its side more.

    Examples
    --------
    >>> from affine import Affine
    >>> too_coarse(GeoBox((2, 2), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009"))
    'cells are 1,000 m wide, expected at most 100 m'
    >>> too_coarse(GeoBox((2, 2), Affine(1 / 1200, 0, 46, 0, -1 / 1200, 1), "EPSG:4326"))
    ''
    """
    return _too_coarse(cell_area_km2(geobox))


def _too_coarse(area_km2: np.ndarray) -> str:
    side_m = float(np.sqrt(m2_from_km2(np.nanmax(area_km2))))
    if side_m <= LARGEST_CELL_M * LARGER_AT_MOST:
        return ""
    return f"cells are {side_m:,.0f} m wide, expected at most {LARGEST_CELL_M:g} m"


def from_classes(raster: xr.DataArray, classes: Iterable[int]) -> xr.DataArray:
    """Return the built-up land of a land-cover raster.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
        Codes, kind class; NaN is missing.
    classes : iterable of int
        Codes that are built-up.

    Returns
    -------
    DataArray, dims (y, x), float64 [m2]
        A count: the cell's true area where it is built-up, else 0; NaN where the class is missing.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(100, 0, 0, 0, -100, 0), "ESRI:54009")
    >>> from_classes(make_raster(np.array([[2.0, 12.0, np.nan]]), grid, kind="class", units="CORINE"), range(1, 12)).values
    array([[10000.,     0.,    nan]])
    """
    require_kind(raster, Kind.CLASS)
    return _whole_cells(raster, np.isin(raster.values, list(classes)))


def settled_by(raster: xr.DataArray, year: int) -> xr.DataArray:
    """Return the built-up land of one year from a raster of the years in which cells were first settled.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
        Year, 0 for never; NaN is missing. Any declared kind.
    year : int
        That year counts.

    Returns
    -------
    DataArray, dims (y, x), float64 [m2]
        As `from_classes`.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(100, 0, 0, 0, -100, 0), "ESRI:54009")
    >>> settled_by(make_raster(np.array([[0, 1990, 1991]]), grid, kind="class", units="year"), 1990).values
    array([[    0., 10000.,     0.]])
    """
    require_kind(raster)
    return _whole_cells(raster, (raster.values > 0) & (raster.values <= year))


def _whole_cells(raster: xr.DataArray, built: np.ndarray) -> xr.DataArray:
    geobox = geobox_of(raster)
    area_m2 = np.where(built, m2_from_km2(cell_area_km2(geobox)), 0.0)
    area_m2[np.isnan(raster.values)] = np.nan
    return make_raster(area_m2, geobox, kind="count", units="m2", source=str(raster.attrs.get("source", "")))


def built_cells(built_m2: xr.DataArray, *, share: float) -> np.ndarray:
    """Tell which cells are built-up.

    Parameters
    ----------
    built_m2 : DataArray, dims (y, x)
        Built-up surface per cell [m2], a count; NaN is missing.
    share : float
        Part of a cell's true area that must be built over.

    Returns
    -------
    ndarray of bool, shape (rows, cols)
        False also where the surface is missing.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(100, 0, 0, 0, -100, 0), "ESRI:54009")
    >>> built_cells(make_raster(np.array([[5000.0, 4999.0, np.nan]]), grid, kind="count", units="m2"), share=0.5).tolist()
    [[True, False, False]]
    """
    return _built_cells(built_m2, share, cell_area_km2(geobox_of(built_m2)))


def _built_cells(built_m2: xr.DataArray, share: float, area_km2: np.ndarray) -> np.ndarray:
    require_kind(built_m2, Kind.COUNT)
    return built_m2.values >= share * m2_from_km2(area_km2)


def expansion(
    plan: Plan,
    before: xr.DataArray,
    after: xr.DataArray,
    *,
    rule: ExpansionRule = LIU_2010,
    built_share: float = 0.5,
    min_patch_cells: int = 1,
) -> tuple[pd.DataFrame, xr.DataArray, Ledger]:
    """Sort new built-up land into infill, extension and leapfrog.

    A new patch is a group of neighbouring cells that are built-up after and were not before. Its index is the part of its
    surroundings that was built-up before.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of both rasters.
    before, after : DataArray, dims (y, x)
        Built-up surface per cell [m2] of two dates, counts; NaN is missing.
    rule : ExpansionRule
    built_share : float
        Part of a cell's area from which on it is built-up.
    min_patch_cells : int
        Smaller patches are left out.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``expansion.new_area`` [km2], the area of whole cells of new patches, by their share in the zone;
        ``expansion.infill_share``, ``expansion.extension_share`` and ``expansion.leapfrog_share`` of it;
        ``expansion.mean_index``, the mean over the patches that touch the zone, each once;
        ``expansion.weighted_index``, the mean by their area in the zone; ``expansion.patches``, how many touch the zone;
        ``valid_share``, the part of the zone known at both dates. All but the last are missing where nothing is known,
        shares and indices also where nothing is new.
    classes : DataArray, dims (y, x), uint8
        Kind class: 1 built-up before, 2 infill, 3 extension, 4 leapfrog, 0 all else, 255 unknown at either date.
    ledger : Ledger
        Of the whole raster: patches left out, as cells and as area, and built-up cells of which only one date is known;
        zones without a value.

    Raises
    ------
    GridMismatch
        If a raster is on another grid than the plan.
    ValueError
        With the reason, where the grid is `too_coarse`.

    Notes
    -----
    The index of Liu et al. (2010): old area in the buffer over the area of the buffer. What is unknown at the first date
    and what lies beyond the raster is no part of the buffer; other new patches are, as not built-up. The whole raster
    is worked on at once, with about 20 bytes a cell: crop it to the zones with a margin first, wide enough for whole patches.

    Examples
    --------
    Old land to the west; two new cells east of it, the ring around them has ten cells, three of them old:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((5, 6), Affine(100, 0, 0, 0, -100, 500), "ESRI:54009")
    >>> old, new = np.zeros((5, 6)), np.zeros((5, 6))
    >>> old[:, :2], new[:, :2], new[2, 2:4] = 10_000, 10_000, 10_000
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 600, 500)], index=["a"], crs=grid.crs)
    >>> before, after = (make_raster(each, grid, kind="count", units="m2") for each in (old, new))
    >>> frame, classes, _ = expansion(plan_zones(zones, grid), before, after)
    >>> frame.loc["a", ["expansion.new_area", "expansion.extension_share", "expansion.mean_index"]].tolist()
    [0.02, 1.0, 0.3]
    >>> classes.values[2].tolist()
    [1, 1, 3, 3, 0, 0]
    """
    patches, ledger = new_patches(before, after, rule=rule, built_share=built_share, min_patch_cells=min_patch_cells)
    frame, unseen = expansion_of(plan, patches)
    return frame, patches.classes(), ledger + unseen


@dataclass(frozen=True)
class Patches:
    """New patches of a whole raster, found once and asked of any number of zone sets.

    Attributes
    ----------
    geobox : GeoBox
    rule : ExpansionRule
    labels : ndarray of int, shape (rows, cols)
        0 no new patch, ``k + 1`` patch ``k``.
    index : ndarray of float64, shape (patches,)
        Part of the surroundings of each that was built-up before.
    old, known : ndarray of bool, shape (rows, cols)
        Built-up at the first date; known at both.
    """

    geobox: GeoBox
    rule: ExpansionRule
    labels: np.ndarray
    index: np.ndarray
    old: np.ndarray
    known: np.ndarray

    def classes(self) -> xr.DataArray:
        """Return the kind of every cell: see `expansion`."""
        codes = np.append(np.uint8(0), self.rule.classify(self.index))
        classes = np.where(self.labels > 0, codes[self.labels], self.old).astype(np.uint8)
        classes[~self.known] = UNKNOWN
        raster = make_raster(
            classes, self.geobox, kind="class", units="class of expansion", source=_SOURCE, edition=self.rule.edition
        )
        raster.attrs["nodata"] = UNKNOWN
        return raster


def new_patches(
    before: xr.DataArray,
    after: xr.DataArray,
    *,
    rule: ExpansionRule = LIU_2010,
    built_share: float = 0.5,
    min_patch_cells: int = 1,
) -> tuple[Patches, Ledger]:
    """Find the new patches of a raster: see `expansion`."""
    geobox = geobox_of(after)
    require_same_grid(str(before.attrs.get("source") or "before"), got=geobox_of(before), expected=geobox)
    cell_km2 = cell_area_km2(geobox)
    # Relative to the largest cell: on a grid of equal cells these are ones, and their sums exact.
    area_km2, weight = (np.broadcast_to(each, before.shape) for each in (cell_km2, cell_km2 / np.nanmax(cell_km2)))
    reason = _too_coarse(cell_km2)
    if reason:
        raise ValueError(reason)
    then_known, now_known = (np.isfinite(raster.values) for raster in (before, after))
    old, built = (_built_cells(raster, built_share, area_km2) for raster in (before, after))
    new = built & ~old & then_known
    labels, count = ndimage.label(new, structure=np.ones((3, 3)) if rule.neighbours == 8 else None)
    near_old, near = sum_surroundings(labels, then_known, old, weight=weight, reach=_reach(geobox, rule), label_count=count)
    index = near_old / np.where(near > 0, near, 1.0)
    labels, ledger = _without_some(labels, near <= 0, area_km2, min_patch_cells)
    halves_known = int((built & ~then_known).sum() + (old & ~now_known).sum())
    ledger = ledger.add("expansion", "built-up at one date, unknown at the other", "cell", halves_known)
    return Patches(geobox, rule, labels, index, old, then_known & now_known), ledger


def expansion_of(plan: Plan, patches: Patches) -> tuple[pd.DataFrame, Ledger]:
    """Sum new patches up over zones: the frame of `expansion`, and the zones without a value."""
    require_same_grid(_SOURCE, got=patches.geobox, expected=plan.geobox)
    one = np.where(patches.known, np.float32(1), np.float32(np.nan))
    seen = make_raster(one, patches.geobox, kind="count", units="cell", source=_SOURCE)
    valid, unseen = summarise(plan, seen)
    frame = _by_zone(plan, patches).where(valid["valid_share"] > 0)
    return frame.assign(valid_share=valid["valid_share"]), unseen


def _without_some(
    labels: np.ndarray, lonely: np.ndarray, area_km2: np.ndarray, min_patch_cells: int
) -> tuple[np.ndarray, Ledger]:
    """Take out the patches that are too small and those that nothing known surrounds."""
    too_small = np.bincount(labels.ravel(), minlength=lonely.size + 1)[1:] < min_patch_cells
    ledger = Ledger()
    for what, left_out in (("under the minimum", too_small), ("in unknown surroundings", lonely & ~too_small)):
        cells = np.append(False, left_out)[labels]
        ledger = ledger.add("expansion", f"new cells of patches {what}", "cell", int(cells.sum()))
        ledger = ledger.add("expansion", f"new area of patches {what}", "km2", float(area_km2[cells].sum()))
    return np.where(np.append(False, too_small | lonely)[labels], 0, labels), ledger


def _reach(geobox: GeoBox, rule: ExpansionRule) -> np.ndarray:
    """Columns on each side that are near a cell of every row, for the rows above and below it: see `sum_surroundings`."""
    rows, cols = geobox.shape
    if rule.buffer_m is None:
        return np.full((rows, 2 * rule.buffer_cells + 1), rule.buffer_cells)
    # Two columns in the middle stand for all, and a row more than there is, so that each has a step to the next.
    middle = GeoBox((rows + 1, 2), geobox.transform @ geobox.transform.translation(cols // 2, 0), geobox.crs)
    steps = step_lengths_m(middle)
    width_m, height_m = steps.east[:-1, :1], steps.south[:, :1]
    half = int(rule.buffer_m / height_m.min() + 0.5)
    away_m = np.maximum(np.abs(np.arange(-half, half + 1)) - 0.5, 0.0) * height_m
    left_m = np.sqrt(np.maximum(rule.buffer_m**2 - away_m**2, 0.0))
    return np.where(away_m <= rule.buffer_m, (left_m / width_m + 0.5 + SAME_WITHIN).astype(int), -1)


def _by_zone(plan: Plan, patches: Patches) -> pd.DataFrame:
    area_km2 = np.broadcast_to(cell_area_km2(plan.geobox), patches.labels.shape)
    zone, patch, km2, _ = overlap_labels(patches.labels, area_km2, plan.cover, label_count=patches.index.size)
    count, of_patch = len(plan.zone_ids), patches.index[patch]
    kind = patches.rule.classify(of_patch)

    def total(weights: np.ndarray) -> np.ndarray:
        return np.bincount(zone, weights=weights, minlength=count)

    new_km2, touching = total(km2), total(np.ones(zone.size))
    something = np.where(new_km2 > 0, new_km2, np.nan)
    columns = {
        "expansion.new_area": new_km2,
        "expansion.infill_share": total(km2 * (kind == INFILL)) / something,
        "expansion.extension_share": total(km2 * (kind == EXTENSION)) / something,
        "expansion.leapfrog_share": total(km2 * (kind == LEAPFROG)) / something,
        "expansion.mean_index": total(of_patch) / np.where(touching > 0, touching, np.nan),
        "expansion.weighted_index": total(of_patch * km2) / something,
        "expansion.patches": touching,
    }
    return pd.DataFrame(columns, index=plan.zone_ids)
