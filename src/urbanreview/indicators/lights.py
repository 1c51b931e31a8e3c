"""Night lights of one date over zones."""

import pandas as pd
import xarray as xr

from urbanreview.ledger import Ledger
from urbanreview.zones import Plan, summarise


def lights(plan: Plan, radiance: xr.DataArray, *, floor: float) -> tuple[pd.DataFrame, Ledger]:
    """Radiance of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `radiance`.
    radiance : DataArray, dims (y, x)
        Night lights [nW/cm2/sr]; NaN where a cell was not observed.
    floor : float
        Radiance below it is noise and counts as dark [nW/cm2/sr].

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``lights.sum``, ``lights.min``, ``lights.max`` and ``lights.mean_lit`` over cells at or above the floor,
        ``lights.mean`` over all observed cells with dark ones as zero, ``lights.lit_share`` of observed area,
        ``valid_share``. Missing where nothing was observed; ``min``, ``max`` and ``mean_lit`` also where nothing is lit.
    ledger : Ledger
        Zones without an observation.
    """
    table, ledger = summarise(plan, radiance, floor=floor)
    columns = {
        "lights.sum": table["sum"],
        "lights.min": table["min"],
        "lights.max": table["max"],
        "lights.mean": table["zone_mean"],
        "lights.mean_lit": table["mean"],
        "lights.lit_share": table["kept_share"],
        "valid_share": table["valid_share"],
    }
    return pd.DataFrame(columns), ledger
