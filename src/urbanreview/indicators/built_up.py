"""Built-up land of one epoch over zones."""

import pandas as pd
import xarray as xr

from urbanreview.ledger import Ledger
from urbanreview.units import km2_from_m2
from urbanreview.zones import Plan, summarise


def built_up(
    plan: Plan, built_m2: xr.DataArray, *, people: pd.Series | None, area_km2: pd.Series
) -> tuple[pd.DataFrame, Ledger]:
    """Built-up land of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `built_m2`.
    built_m2 : DataArray, dims (y, x)
        Built-up surface per cell [m2], a count.
    people : Series or None
        People of every zone in the same year; without it ``built_up.per_person`` is left out.
    area_km2 : Series
        Area of every zone [km2].

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``built_up.area`` [km2], ``built_up.share`` of the zone's area, ``built_up.per_person`` [m2/person],
        ``valid_share``. Missing where the zone has no valid cell, per person also where nobody lives.
    ledger : Ledger
    """
    table, ledger = summarise(plan, built_m2)
    area = km2_from_m2(table["sum"])
    frame = pd.DataFrame({"built_up.area": area, "built_up.share": area / area_km2.reindex(table.index)})
    if people is not None:
        living = people.reindex(table.index)
        frame["built_up.per_person"] = table["sum"] / living.where(living > 0)
    return frame.assign(valid_share=table["valid_share"]), ledger
