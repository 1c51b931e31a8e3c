"""Who and what lies in the zone of a hazard: people, built-up and other land; in a year on average; and what grows into it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.errors import BadSetting
from urbanreview.grid import Kind, cell_area_km2, geobox_of, make_raster, require_kind, require_same_grid
from urbanreview.indicators.hazard_share import HazardShare
from urbanreview.ledger import Ledger
from urbanreview.units import km2_from_m2
from urbanreview.zones import Plan, summarise
from urbanreview.zones.summarise import as_float, without_value

FALLS_BY = 1e-9
"""Exposure that falls by no more than this part from one return period to a longer one does so by rounding."""


def exposed_people(plan: Plan, people: xr.DataArray, hazard: HazardShare) -> tuple[pd.DataFrame, Ledger]:
    """People of every zone that live in the zone of a hazard.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `people`.
    people : DataArray, dims (y, x)
        People per cell; NaN is missing.
    hazard : HazardShare
        On the same grid.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``exposure.people`` [people], the sum over cells of people times the share of the cell's land beyond the threshold;
        ``exposure.people_share`` [1], over the people of the same cells: those with both numbers; ``valid_share``, the part
        of the zone's land that the hazard's maps know. Missing in a zone without such a cell, the share also where nobody
        lives.
    ledger : Ledger
        Zones whose land no map knows.

    Raises
    ------
    GridMismatch
        If people or hazard are on another grid than the plan.
    UndeclaredRaster
        If people are no count.

    Notes
    -----
    Within a cell people are spread evenly over its known land. A cell counts by this share, never by its greatest or its
    mean depth: a river one tenth of a cell wide exposes a tenth of its people.

    Examples
    --------
    A hazard that takes a quarter of the first cell's land and all of the second's:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> people = make_raster(np.array([[80.0, 20.0]]), grid, kind="count", units="people")
    >>> share = make_raster(np.array([[0.25, 1.0]]), grid, kind="share", units="1")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 2000, 1000)], index=["a"], crs=grid.crs), grid)
    >>> exposed_people(plan, people, HazardShare(share, np.ones((1, 2)), None))[0].values.tolist()
    [[40.0, 0.4, 1.0]]
    """
    return exposed(plan, in_zone(people, hazard, what="people"))


def exposed_built_up(plan: Plan, built_up_m2: xr.DataArray, hazard: HazardShare) -> tuple[pd.DataFrame, Ledger]:
    """Built-up land of every zone in the zone of a hazard.

    Parameters
    ----------
    plan, hazard
        See `exposed_people`; on the grid of `built_up_m2`.
    built_up_m2 : DataArray, dims (y, x)
        Built-up surface per cell [m2]; NaN is missing.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``exposure.built_up`` [km2], ``exposure.built_up_share`` [1], ``valid_share``: as in `exposed_people`.
    ledger : Ledger

    Raises
    ------
    GridMismatch, UndeclaredRaster
    """
    return exposed(plan, in_zone(built_up_m2, hazard, what="built_up"))


def exposed_land(plan: Plan, hazard: HazardShare) -> tuple[pd.DataFrame, Ledger]:
    """Land of every zone in the zone of a hazard, permanent water left out.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `hazard`.
    hazard : HazardShare

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``exposure.land`` [km2], by the true area of cells; ``exposure.land_share`` [1] of the land that the maps know;
        ``valid_share``.
    ledger : Ledger

    Raises
    ------
    GridMismatch
    """
    return exposed(plan, in_zone(known_land_km2(hazard), hazard, what="land"))


def known_land_km2(hazard: HazardShare) -> xr.DataArray:
    """Return the land of every cell that the maps of a hazard know, by its true area [km2]; NaN where there is none."""
    geobox = geobox_of(hazard.share)
    known = np.where(hazard.known > 0, hazard.known * cell_area_km2(geobox), np.nan)
    return make_raster(known, geobox, kind="count", units="km2", source="land")


@dataclass(frozen=True)
class InZone:
    """An amount on a grid, and the part of it in the zone of a hazard: made once, asked of every zone set.

    Attributes
    ----------
    what : str
        Its name in the measures.
    inside, of : DataArray, dims (y, x)
        The part in the zone, and the whole of the same cells: those that the maps know.
    hazard : HazardShare
    """

    what: str
    inside: xr.DataArray
    of: xr.DataArray
    hazard: HazardShare


def in_zone(amount: xr.DataArray, hazard: HazardShare, *, what: str) -> InZone:
    """Multiply an amount with the share of its cells' land that lies in the zone of a hazard.

    Parameters
    ----------
    amount : DataArray, dims (y, x)
        A count: people, or a surface, of which m2 become km2.
    hazard : HazardShare
        On the same grid.
    what : {"people", "built_up", "land"}

    Returns
    -------
    InZone

    Raises
    ------
    GridMismatch
        If the hazard is on another grid.
    UndeclaredRaster
        If the amount is no count.
    """
    require_kind(amount, Kind.COUNT)
    geobox, share, values = geobox_of(amount), hazard.share.values, as_float(amount)
    require_same_grid("hazard", got=geobox_of(hazard.share), expected=geobox)
    attrs = dict(amount.attrs)
    if attrs["units"] == "m2":
        values, attrs["units"] = km2_from_m2(values), "km2"
    inside, of = values * share, np.where(np.isnan(share), np.nan, values)
    return InZone(what, make_raster(inside, geobox, **attrs), make_raster(of, geobox, **attrs), hazard)


def exposed(plan: Plan, amount: InZone) -> tuple[pd.DataFrame, Ledger]:
    """Add up over zones what lies in the zone of a hazard; see `exposed_people`."""
    inside, of = (summarise(plan, each)[0]["sum"] for each in (amount.inside, amount.of))
    key = f"exposure.{amount.what}"
    valid = known_land(plan, amount.hazard)
    frame = pd.DataFrame({key: inside, f"{key}_share": _over(inside, of), "valid_share": valid})
    return frame, without_value(frame, amount.hazard.share)


def _over(top: pd.Series, bottom: pd.Series) -> pd.Series:
    return top / bottom.where(bottom > 0)


def beyond_the_maps(amount: xr.DataArray, hazard: HazardShare) -> Ledger:
    """Count the people, or whatever is counted, in wanted cells without any land that the maps of a hazard know."""
    lost = amount.values[np.isnan(hazard.share.values) & hazard.wanted_cells()]
    cause = "in cells of zones whose land no map of the hazard knows"
    return Ledger().add("exposure", cause, amount.attrs["units"], float(np.nansum(lost, dtype=float)))


def known_land(plan: Plan, hazard: HazardShare) -> pd.Series:
    """Part of the land of every zone that the maps of a hazard know; what is beyond the grid counts as land.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `hazard`.
    hazard : HazardShare

    Returns
    -------
    Series, indexed by ``zone_id``
        0 for a zone without land.
    """
    known = summarise(plan, hazard.known_cells)[0]["sum"].fillna(0.0)
    land = pd.Series(plan.size_cells, index=plan.zone_ids)
    if hazard.water_cells is not None:
        land = land - summarise(plan, hazard.water_cells)[0]["sum"].fillna(0.0)
    return _over(known, land).fillna(0.0).clip(upper=1.0)


def expected_exposure(exposed: pd.DataFrame, total: pd.Series, *, protection_years: float = 1.0) -> tuple[pd.DataFrame, Ledger]:
    """Exposure in a year on average, from exposure by return period, with bounds.

    Parameters
    ----------
    exposed : DataFrame, indexed by ``zone_id``
        Exposed people; a column per return period [years], in any order.
    total : Series, indexed by ``zone_id``
        All people of the zone.
    protection_years : float
        Return period up to which defences hold; 1 is undefended.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``exposure.expected_people``, ``exposure.expected_people_low`` and ``exposure.expected_people_high`` [people/year].
        Missing where a return period is; the upper bound also where the total is.
    ledger : Ledger
        Return periods that defences hold off, and zones whose exposure falls towards a longer return period.

    Raises
    ------
    BadSetting
        If there is no return period, or one is below a year.

    Notes
    -----
    With return periods r1 < r2 < ... rK that defences do not hold off, p = 1/r and p0 = 1/`protection_years`:

    - estimate: the sum of (p[k] - p[k+1]) (E[k] + E[k+1]) / 2, and p[K] E[K] for all that is rarer;
    - low: the sum of (p[k] - p[k+1]) E[k], and p[K] E[K];
    - high: the sum of (p[k] - p[k+1]) E[k+1], p[K] times the total, and (p0 - p[1]) E[1] for what is more frequent.

    Return periods below `protection_years` contribute nothing. If that are all of them, the longest one stands for events
    of p0. Where exposure falls towards a longer return period, as no true one does, the bounds take the smaller and the
    larger of the two, so that they enclose the estimate.

    Examples
    --------
    Ten people once in 10 years, thirty once in 100, of fifty: 0.09 * 20 + 0.01 * 30 = 2.1.

    >>> exposed = pd.DataFrame({100.0: [30.0], 10.0: [10.0]}, index=["a"])
    >>> expected_exposure(exposed, pd.Series({"a": 50.0}))[0].round(9).values.tolist()
    [[2.1, 1.2, 12.2]]
    >>> expected_exposure(exposed, pd.Series({"a": 50.0}), protection_years=20)[0].round(9).values.tolist()
    [[0.3, 0.3, 1.7]]
    """
    periods = sorted(float(each) for each in exposed.columns)
    if not periods or periods[0] < 1 or protection_years < 1:
        problem = f"return periods {periods} and protection of {protection_years:g} years, expected some, from 1 year up"
        raise BadSetting("expected_exposure", [problem])
    kept = [each for each in periods if each >= protection_years] or periods[-1:]
    rate = np.array([min(1.0 / each, 1.0 / protection_years) for each in kept])
    table = exposed.set_axis([float(each) for each in exposed.columns], axis=1)[kept]
    people, everyone = table.to_numpy(float), total.reindex(table.index).to_numpy(float)
    steps, before, after = rate[:-1] - rate[1:], people[:, :-1], people[:, 1:]
    rarest, often = rate[-1] * people[:, -1], (1.0 / protection_years - rate[0]) * people[:, 0]
    frame = pd.DataFrame(
        {
            "exposure.expected_people": ((before + after) / 2) @ steps + rarest,
            "exposure.expected_people_low": np.minimum(before, after) @ steps + rarest,
            "exposure.expected_people_high": np.maximum(before, after) @ steps
            + rate[-1] * np.maximum(everyone, people[:, -1])
            + often,
        },
        index=table.index,
    )
    falls = (after < before * (1 - FALLS_BY)).any(axis=1).sum()
    ledger = Ledger().add("exposure", "exposure falls from one return period to a longer one", "zone", int(falls))
    cause = "return periods that defences hold off: left out"
    return frame, ledger.add("exposure", cause, "map", sum(each < protection_years for each in periods))


def growth_into(
    plan: Plan, before: xr.DataArray, after: xr.DataArray, hazard: HazardShare, *, what: str
) -> tuple[pd.DataFrame, Ledger]:
    """How much of what is new since a first date lies in the zone of a hazard, beside how much of the old did.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of all others.
    before, after : DataArray, dims (y, x)
        People, or built-up surface [m2], per cell at the two dates; NaN is missing.
    hazard : HazardShare
    what : {"people", "built_up"}

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``exposure.new_...`` [people or km2], the gains of the cells that gain, times the share of the cell's land beyond
        the threshold; ``exposure.new_..._share`` [1] of all gains, ``exposure.base_..._share`` [1] of what was there at the
        first date, both over cells that the maps know; ``valid_share``. A share is missing where it has no base.
    ledger : Ledger
        Empty.

    Raises
    ------
    GridMismatch, UndeclaredRaster

    Examples
    --------
    The first cell, half in the zone, gains 8; the second, outside, gains 12 and the third loses 5:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> then, now = (make_raster(np.array([each]), grid, kind="count", units="people") for each in ([2.0, 3, 5], [10.0, 15, 0]))
    >>> share = make_raster(np.array([[0.5, 0.0, 0.0]]), grid, kind="share", units="1")
    >>> plan = plan_zones(gpd.GeoSeries([shapely.box(0, 0, 3000, 1000)], index=["a"], crs=grid.crs), grid)
    >>> growth_into(plan, then, now, HazardShare(share, np.ones((1, 3)), None), what="people")[0].values.tolist()
    [[4.0, 0.2, 0.1, 1.0]]
    """
    return grown(plan, in_zone(gains(before, after), hazard, what=what), in_zone(before, hazard, what=what))


def gains(before: xr.DataArray, after: xr.DataArray) -> xr.DataArray:
    """Return what the cells that gain between two dates have gained; 0 where they lose, NaN where one date is missing."""
    require_same_grid(str(before.attrs.get("source") or "first date"), got=geobox_of(before), expected=geobox_of(after))
    return make_raster(np.maximum(as_float(after) - as_float(before), 0.0), geobox_of(after), **after.attrs)


def grown(plan: Plan, new: InZone, old: InZone) -> tuple[pd.DataFrame, Ledger]:
    """Add up over zones what is new, and what was there, in the zone of a hazard; see `growth_into`."""
    key = f"exposure.{new.what}"
    added, base = exposed(plan, new)[0], exposed(plan, old)[0]
    frame = pd.DataFrame(
        {
            f"exposure.new_{new.what}": added[key],
            f"exposure.new_{new.what}_share": added[f"{key}_share"],
            f"exposure.base_{new.what}_share": base[f"{key}_share"],
            "valid_share": added["valid_share"],
        }
    )
    return frame, Ledger()


def nearest_year(years: Sequence[int], wanted: int | None) -> int | None:
    """Return the year that growth begins with: the nearest to one that is wanted, the earliest without; never the last.

    >>> nearest_year([1990, 2000, 2020], None), nearest_year([1990, 2000, 2020], 2001), nearest_year([2020], None)
    (1990, 2000, None)
    """
    ordered = sorted(set(years))[:-1]
    if not ordered:
        return None
    return ordered[0] if wanted is None else min(ordered, key=lambda year: abs(year - wanted))
