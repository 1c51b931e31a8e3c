"""Many rasters over the same zones, one after the other or side by side: years, months, sources."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count, groupby, pairwise
from typing import Any

import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.errors import BadSetting, UndeclaredRaster
from urbanreview.grid import Kind, describe, geobox_of, require_kind, same_grid
from urbanreview.ledger import Entry, Ledger, total
from urbanreview.log import Progress, silent
from urbanreview.zones.coverage import Plan, Plans
from urbanreview.zones.distribution import class_shares, quantiles, threshold_shares
from urbanreview.zones.summarise import summarise

Read = Callable[[str], tuple[xr.DataArray, Ledger]]
"""Returns the raster of a period, dims (y, x), and what its reading left out."""


def one_by_one(task: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Run a task on every item, one after the other."""
    return [task(item) for item in items]


def summarise_series(
    plans: Plans,
    periods: Iterable[str],
    read: Read,
    *,
    floor: float | None = None,
    weight: xr.DataArray | None = None,
    probabilities: Sequence[float] = (),
    thresholds: Sequence[float] = (),
    classes: Sequence[float] | None = None,
    map_tasks: Callable[[Callable[[str], Any], Iterable[str]], list[Any]] = one_by_one,
    progress: Progress = silent,
) -> tuple[pd.DataFrame, Ledger]:
    """Summarise a series of rasters over one set of zones.

    Parameters
    ----------
    plans : Plans
        Of the zones; the plan of every grid that the series meets is made once and serves all rasters on it.
    periods : iterable of str
        Names of the rasters, such as ``2016-01``, each once, in any order.
    read : callable
        Takes a period; see `Read`. All rasters have one kind and one unit; their grids may differ.
    floor, weight
        As in `summarise`. A weight ties the series to its own grid.
    probabilities, thresholds, classes
        As in `quantiles`, `threshold_shares` and `class_shares`; no quantiles and no thresholds by default.
    map_tasks : callable
        Runs a task over periods, such as `engine.map_tasks`. The result does not depend on it. A task reads one raster,
        summarises it and lets it go: there are never more rasters in memory than tasks that run at a time.
    progress : callable
        Called as ``progress("series", done, periods)``.

    Returns
    -------
    table : DataFrame, indexed by ``period`` and ``zone_id``
        The columns of `summarise`, `quantiles` and `threshold_shares`; of class rasters those of `class_shares`. Periods
        ascend, zones keep their order. A class that a period lacks has 0 there.
    ledger : Ledger
        What reading left out, and zones without any value, each added up over the rasters; changes of grid.

    Raises
    ------
    BadSetting
        If there is no period, or one comes twice.
    UndeclaredRaster
        If a raster has another kind or unit than that of the first period.
    GridMismatch
        If a raster is on another grid than the weight.

    Examples
    --------
    The zone is the first of two cells; from 2021 on the cells are twice as wide, and half of one belongs to it.

    >>> import geopandas as gpd
    >>> import numpy as np
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> def read(year):
    ...     width, values = (1000, [[3.0, 9.0]]) if year < "2021" else (2000, [[8.0, 9.0]])
    ...     grid = GeoBox((1, 2), Affine(width, 0, 0, 0, -1000, 0), "ESRI:54009")
    ...     return make_raster(np.array(values), grid, kind="count", units="people", source="toy"), Ledger()
    >>> zone = gpd.GeoDataFrame(index=["a"], geometry=[shapely.box(0, -1000, 1000, 0)], crs="ESRI:54009")
    >>> table, ledger = summarise_series(Plans(zone), ["2020", "2021"], read)
    >>> table["sum"].to_dict()
    {('2020', 'a'): 3.0, ('2021', 'a'): 4.0}
    >>> print(ledger.entries[0].cause)
    series changes its grid: 1 raster from 2020 on 1 x 2 cells of 1000 x 1000, upper left 0, 0, ESRI:54009;
    1 raster from 2021 on 1 x 2 cells of 2000 x 1000, upper left 0, 0, ESRI:54009
    """
    order = _ordered(periods)
    done = count(1)

    def summarised(plan: Plan, raster: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
        if require_kind(raster) is Kind.CLASS:
            return class_shares(plan, raster, classes=classes)
        table, ledger = summarise(plan, raster, floor=floor, weight=weight)
        if probabilities:
            table = table.join(_statistics(quantiles(plan, raster, probabilities=probabilities, weight=weight)))
        if thresholds:
            table = table.join(_statistics(threshold_shares(plan, raster, thresholds=thresholds)))
        return table, ledger

    def task(period: str) -> tuple[pd.DataFrame, Ledger, GeoBox, dict[str, Any]]:
        raster, found = read(period)
        geobox = geobox_of(raster)
        table, ledger = summarised(plans.on(geobox), raster)
        progress("series", next(done), len(order))
        return table, found + ledger, geobox, dict(raster.attrs)

    tables, ledgers, grids, attrs = zip(*map_tasks(task, order), strict=True)
    _require_one_unit(dict(zip(order, attrs, strict=True)))
    table = pd.concat(tables, keys=order, names=["period", "zone_id"])
    changes = grid_changes(dict(zip(order, _in_words(grids), strict=True)), series=_name_of(attrs[0]))
    return _without_gaps(table), _merged(total(ledgers)) + changes


def grid_changes(grids: Mapping[str, str], *, series: str = "series") -> Ledger:
    """Say where a series changes its grid.

    Parameters
    ----------
    grids : mapping of period to str
        Each grid in words, as `grid.describe` says it.
    series : str
        The input's name in the settings: the ledger's step.

    Returns
    -------
    Ledger
        One entry with the number of stretches, or none for a series on one grid.

    Examples
    --------
    >>> grid_changes({"2018-01": "new", "2016-01": "old", "2016-02": "old"}).frame()[["cause", "amount"]].values.tolist()
    [['series changes its grid: 2 rasters from 2016-01 on old; 1 raster from 2018-01 on new', 2.0]]
    >>> grid_changes({"2016-01": "old", "2016-02": "old"}).entries
    ()
    """
    stretches = [(grid, list(periods)) for grid, periods in groupby(sorted(grids), key=grids.__getitem__)]
    if len(stretches) < 2:
        return Ledger()
    told = (f"{len(run)} raster{'s' * (len(run) > 1)} from {run[0]} on {grid}" for grid, run in stretches)
    return Ledger().add(series, f"series changes its grid: {'; '.join(told)}", "stretch", len(stretches))


def _ordered(periods: Iterable[str]) -> list[str]:
    order = sorted(periods)
    twice = sorted({period for period, after in pairwise(order) if period == after})
    if not order:
        raise BadSetting("series", ["no period, expected at least one"])
    if twice:
        raise BadSetting("series", [f"period {period} comes twice, expected one raster for it" for period in twice])
    return order


def _in_words(grids: Sequence[GeoBox]) -> list[str]:
    """Describe grids, those that are one grid in the same words."""
    words: dict[GeoBox, str] = {}
    for grid in dict.fromkeys(grids):
        words[grid] = next((words[known] for known in words if same_grid(known, grid)), "") or describe(grid)
    return [words[grid] for grid in grids]


def _statistics(found: tuple[pd.DataFrame, Ledger]) -> pd.DataFrame:
    """Drop what `summarise` says already: the valid share, and the zones without a value."""
    return found[0].drop(columns="valid_share")


def _name_of(attrs: Mapping[str, Any]) -> str:
    return attrs.get("source") or "series"


def _require_one_unit(attrs: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise unless all rasters of a series say the same of their numbers."""
    first = next(iter(attrs))
    said = {period: f"kind={of.get('kind')!r} and units={of.get('units')!r}" for period, of in attrs.items()}
    for period, words in said.items():
        if words != said[first]:
            name = f"{_name_of(attrs[period])} {period}"
            raise UndeclaredRaster(name, got=words, expected=f"{said[first]} as in {first}")


def _without_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Give a class that only other periods have a share of 0 wherever a zone has a value."""
    shares = [column for column in map(str, table) if column.startswith("share_class_")]
    if not shares:
        return table
    shares.sort(key=lambda column: float(column.removeprefix("share_class_")))
    return table[shares].fillna(0.0).where(table["valid_share"] > 0).join(table["valid_share"])


def _merged(ledger: Ledger) -> Ledger:
    """Add up what is told of several rasters in the same words."""
    amounts: dict[Entry, float] = {}
    for entry in ledger.entries:
        told = replace(entry, amount=0.0)
        amounts[told] = amounts.get(told, 0.0) + entry.amount
    return Ledger(tuple(replace(told, amount=amount) for told, amount in amounts.items()))
