"""Where the people whom settlements gained between two dates live: a spatial decomposition, not a demographic one."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.delineation import Extents
from urbanreview.grid import Kind, geobox_of, require_kind, require_same_grid
from urbanreview.ledger import Ledger
from urbanreview.zones import link_extents, plan_extents, summarise

STEP = "urban growth"
INSIDE_AT_LEAST_PEOPLE = 1.0
"""A settlement is counted from one inhabitant inside the country on."""


def decompose(
    before: Extents,
    after: Extents,
    people_before: xr.DataArray,
    people_after: xr.DataArray,
    *,
    inside: np.ndarray,
    settled_before: np.ndarray | None = None,
) -> tuple[dict[str, float], Ledger]:
    """Split the growth of urban people by where they live.

    Parameters
    ----------
    before, after : Extents
        Settlements of one unit set at both dates, with those abroad.
    people_before, people_after : DataArray, dims (y, x)
        People per cell, counts, on the grid of the settlements; NaN counts as nobody.
    inside : ndarray of float, shape (rows, cols)
        Share of every cell inside the country, from 0 to 1: that share of its people is counted.
    settled_before : ndarray of bool, shape (rows, cols), optional
        Cells that belonged to a settlement of the level below at the first date: to a town (classes 23 and 22) where the
        unit set is centres, to a village (13) where it is clusters. A centre's own cluster is no such settlement: all
        of its edge would be absorbed. Without it absorbed people are not told from those of the edge.

    Returns
    -------
    values : dict of str to float
        Of the country's urban people at the last date minus those at the first, ``urban_growth.total``:
        ``urban_growth.inside`` (cells that are urban at both dates, people gained),
        ``urban_growth.edge`` (cells newly urban, of settlements that share a cell with one of the first date: people at
        the last date), ``urban_growth.absorbed`` (the same on cells that were settled before; missing without
        `settled_before`, its people are in the edge then), ``urban_growth.new`` (all cells of settlements that share no
        cell with one of the first date: people at the last date) and ``urban_growth.dropped`` (cells no longer
        urban: people at the first date, to be subtracted). total = inside + edge + absorbed + new - dropped.

        ``urban_growth.settlements_new`` and ``urban_growth.settlements_dropped``: settlements without a common cell with
        any of the other date; ``urban_growth.settlements_merged``: settlements of the first date that are not the
        largest among those with the same successor (see `successors`). Only those with an inhabitant inside.
    ledger : Ledger
        Urban cells without a population value at a date at which they are urban.

    Raises
    ------
    GridMismatch
        If the settlements or people of both dates are not on one grid.
    UndeclaredRaster
        If the people are no count.

    Examples
    --------
    A city of 20 people becomes one of 24, grows over a neighbour cell with 7, and a place of 9 is new:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.delineation import ExtentRule, extents
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 6e6), "ESRI:54009")
    >>> people = [
    ...     make_raster(np.array([row]), grid, kind="count", units="people") for row in ([20.0, 2, 0, 0], [24.0, 7, 0, 9])
    ... ]
    >>> rule = ExtentRule("urban_cluster", 5.0, "cell", 5.0, neighbours=4, inclusive=True)
    >>> dates = [extents(each, rules=rule)[0] for each in people]
    >>> values, _ = decompose(*dates, *people, inside=np.ones((1, 4)), settled_before=np.zeros((1, 4), bool))
    >>> [values[f"urban_growth.{part}"] for part in ("total", "inside", "edge", "absorbed", "new", "dropped")]
    [20.0, 4.0, 7.0, 0.0, 9.0, 0.0]
    """
    _require_one_grid(before, after, people_before, people_after)
    links = predecessors(before, after, people_before)
    was, now = before.image(), after.image()
    urban = (was > 0) | (now > 0)
    was, now, share = was[urban], now[urban], inside[urban]
    read_before, read_after = (each.values[urban].astype(float) for each in (people_before, people_after))
    unread = (np.isnan(read_before) & (was > 0)) | (np.isnan(read_after) & (now > 0))
    whole_before, whole_after = np.nan_to_num(read_before), np.nan_to_num(read_after)
    cells = _Cells(
        was > 0,
        now > 0,
        fresh=np.append(False, ~after.zones.index.isin(links["from_id"]))[now],
        settled=None if settled_before is None else settled_before[urban],
        before=whole_before * share,
        after=whole_after * share,
    )
    counts = _settlement_counts(
        links,
        own_before=_at_home(_by_settlement(before, was, cells.before)),
        own_after=_at_home(_by_settlement(after, now, cells.after)),
        sizes=_by_settlement(before, was, whole_before),
    )
    ledger = Ledger().add(STEP, "no population value in a settlement: counted as nobody", "cell", (unread & (share > 0)).sum())
    values = {f"urban_growth.{name}": float(value) for name, value in (_people_parts(cells) | counts).items()}
    return values, ledger


def predecessors(before: Extents, after: Extents, people_before: xr.DataArray) -> pd.DataFrame:
    """Link every later settlement to the earlier ones that it shares cells with.

    Parameters
    ----------
    before, after : Extents
        On one grid.
    people_before : DataArray, dims (y, x)
        People per cell at the first date, on that grid; NaN counts as nobody.

    Returns
    -------
    DataFrame
        As of `zones.link_extents`: ``from_id`` is the later settlement, ``to_id`` the earlier one, ``relation`` is
        ``earlier``. People and both shares are of the first date: ``from_share`` of those who lived then where the later
        settlement is. A later settlement without a predecessor has no row.

    Raises
    ------
    GridMismatch
        If the three are not on one grid.
    """
    require_same_grid("settlements of the last date", got=after.geobox, expected=before.geobox)
    lived = summarise(plan_extents(after), people_before)[0]["sum"].fillna(0.0)
    at_first_date = replace(after, zones=after.zones.assign(people=lived))
    return link_extents(at_first_date, plan_extents(before), people_before, relation="earlier")


def successors(links: pd.DataFrame) -> pd.Series:
    """Name the later settlement that most of an earlier one's people live in: ties by cells, then by id.

    Parameters
    ----------
    links : DataFrame
        Of `predecessors`.

    Returns
    -------
    Series of str, by id of the earlier settlement; one that was dropped is not in it.
    """
    ordered = links.sort_values(["people", "cells", "from_id"], ascending=[False, False, True])
    first = ordered.drop_duplicates("to_id").set_index("to_id")["from_id"]
    return first.sort_index().rename_axis("zone_id").rename("successor")


def moving_before(links: pd.DataFrame, people_before: pd.Series) -> pd.Series:
    """People at the first date of what a later settlement was made of, each in the boundary of its date.

    Parameters
    ----------
    links : DataFrame
        Of `predecessors`.
    people_before : Series
        People of every earlier settlement at the first date, by ``zone_id``.

    Returns
    -------
    Series of float, by id of the later settlement
        Sum over the earlier settlements of which it is the successor (see `successors`), whole. Missing where there is
        none, as of a piece that split off. New settlements have no link and are not in it: reindex it by all.

    Examples
    --------
    Two towns became one city; a suburb of the second split off:

    >>> rows = [["city", "t1", 5.0, 1.0], ["city", "t2", 9.0, 2.0], ["suburb", "t2", 1.0, 1.0]]
    >>> links = pd.DataFrame(rows, columns=["from_id", "to_id", "people", "cells"])
    >>> moving_before(links, pd.Series({"t1": 5.0, "t2": 10.0})).to_dict()
    {'city': 15.0, 'suburb': nan}
    """
    successor = successors(links)
    people = people_before.reindex(successor.index).astype(float)
    later = pd.Index(links["from_id"].unique(), name="zone_id").sort_values()
    return people.groupby(successor).sum(min_count=1).reindex(later).rename("people_before")


def _require_one_grid(before: Extents, after: Extents, people_before: xr.DataArray, people_after: xr.DataArray) -> None:
    grids = {"settlements of the last date": after.geobox}
    for name, people in {"people of the first date": people_before, "people of the last date": people_after}.items():
        require_kind(people, Kind.COUNT)
        grids[name] = geobox_of(people)
    for name, geobox in grids.items():
        require_same_grid(name, got=geobox, expected=before.geobox)


class _Cells(NamedTuple):
    """Cells that are urban at one of the dates; all of shape (cells,), people those inside the country."""

    was: np.ndarray
    now: np.ndarray
    fresh: np.ndarray
    settled: np.ndarray | None
    before: np.ndarray
    after: np.ndarray


def _people_parts(cells: _Cells) -> dict[str, float]:
    joined = cells.now & ~cells.was & ~cells.fresh
    absorbed = np.zeros_like(joined) if cells.settled is None else joined & cells.settled
    return {
        "total": cells.after[cells.now].sum() - cells.before[cells.was].sum(),
        "inside": (cells.after - cells.before)[cells.was & cells.now].sum(),
        "edge": cells.after[joined & ~absorbed].sum(),
        "absorbed": np.nan if cells.settled is None else cells.after[absorbed].sum(),
        "new": cells.after[cells.fresh].sum(),
        "dropped": cells.before[cells.was & ~cells.now].sum(),
    }


def _settlement_counts(links: pd.DataFrame, *, own_before: pd.Index, own_after: pd.Index, sizes: pd.Series) -> dict[str, float]:
    return {
        "settlements_new": (~own_after.isin(links["from_id"])).sum(),
        "settlements_dropped": (~own_before.isin(links["to_id"])).sum(),
        "settlements_merged": own_before.isin(_swallowed(links, sizes)).sum(),
    }


def _at_home(living: pd.Series) -> pd.Index:
    """List the settlements with an inhabitant inside the country."""
    return living.index[living >= INSIDE_AT_LEAST_PEOPLE]


def _by_settlement(found: Extents, labels: np.ndarray, people: np.ndarray) -> pd.Series:
    """Add up people over the cells of every settlement."""
    sums = np.bincount(labels, weights=people, minlength=len(found.zones) + 1)[1:]
    return pd.Series(sums, index=found.zones.index)


def _swallowed(links: pd.DataFrame, sizes: pd.Series) -> pd.Index:
    """List earlier settlements that are not the largest, or of equal ones not the first by id, of their successor."""
    table = pd.DataFrame({"successor": successors(links)})
    table["size"] = sizes.reindex(table.index)
    table = table.sort_index().sort_values("size", ascending=False, kind="stable")
    return table.index[table.duplicated("successor")]
