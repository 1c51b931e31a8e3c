"""People: how many, how dense, and how many of them in urban clusters and centres."""

import pandas as pd
import xarray as xr

from urbanreview.ledger import Ledger
from urbanreview.zones import Plan, summarise


def population(
    plan: Plan,
    people: xr.DataArray,
    *,
    land_km2: pd.Series,
    urban: pd.Series | None = None,
    high_density: pd.Series | None = None,
) -> tuple[pd.DataFrame, Ledger]:
    """People of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `people`.
    people : DataArray, dims (y, x)
        People per cell, a count.
    land_km2 : Series
        Land of every zone [km2], by zone id.
    urban, high_density : Series, optional
        People of every zone that live in urban clusters and in urban centres; a zone that is not named has none.
        Without them the columns are left out.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``population.total`` [people], ``population.density`` [people/km2 of land], ``population.urban``,
        ``population.urban_share``, ``population.high_density``, ``population.high_density_share``, ``valid_share``.
        Missing where the zone has no valid cell; shares and densities also where nobody lives or no land is.
    ledger : Ledger
    """
    table, ledger = summarise(plan, people)
    total = table["sum"]
    frame = pd.DataFrame({"population.total": total})
    frame["population.density"] = ratio(total, land_km2.reindex(total.index))
    for name, part in (("urban", urban), ("high_density", high_density)):
        if part is not None:
            living = part.reindex(total.index).fillna(0.0).where(total.notna())
            frame[f"population.{name}"] = living
            frame[f"population.{name}_share"] = ratio(living, total)
    return frame.assign(valid_share=table["valid_share"]), ledger


def ratio(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """One series over another, missing where the second is not above zero.

    >>> ratio(pd.Series([3.0, 1.0]), pd.Series([2.0, 0.0])).tolist()
    [1.5, nan]
    """
    return top / bottom.where(bottom > 0)
