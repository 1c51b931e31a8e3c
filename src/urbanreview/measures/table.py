"""The long table: one row per number."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from urbanreview.errors import UnknownName
from urbanreview.measures.listed import BY_KEY
from urbanreview.measures.record import UNOBSERVED, Measure

LONG_COLUMNS = ("zone_id", "measure", "period", "source", "variant", "value", "valid_share", "reason")
"""Columns of the long table, in order."""


def measure_of(key: str) -> Measure:
    """Return the record of a measure, or raise `UnknownName` with a guess."""
    if key not in BY_KEY:
        raise UnknownName("measure", key, known=BY_KEY)
    return BY_KEY[key]


def long_rows(
    frame: pd.DataFrame, *, period: str, source: str, variant: str = "", reasons: Mapping[str, pd.Series] | None = None
) -> pd.DataFrame:
    """Turn a theme's frame into rows of the long table.

    Parameters
    ----------
    frame : DataFrame
        Indexed by ``zone_id``, measure keys as columns, and ``valid_share``.
    period, source, variant : str
        As in the long table.
    reasons : mapping of str to Series, optional
        Why a measure is missing, by zone, where the record's own reason does not tell enough.

    Returns
    -------
    DataFrame
        Columns ``LONG_COLUMNS``; a missing value has a reason.

    Examples
    --------
    >>> frame = pd.DataFrame({"population.urban_share": [np.nan], "valid_share": [1.0]}, index=["a"])
    >>> long_rows(frame, period="2020", source="ghs")["reason"].tolist()
    ['nobody lives here']
    """
    keys = [str(key) for key in frame.columns if key != "valid_share"]
    values = frame[keys].to_numpy(dtype=float).T
    valid_share = frame["valid_share"].to_numpy(dtype=float)
    why = [_why(key, frame.index, valid_share == 0, (reasons or {}).get(key)) for key in keys]
    columns = {
        "zone_id": pd.array(np.tile(frame.index.to_numpy(dtype=object), len(keys)), dtype="str"),
        "measure": pd.array(np.repeat(np.array(keys, dtype=object), len(frame)), dtype="str"),
        "period": period,
        "source": source,
        "variant": variant,
        "value": values.ravel(),
        "valid_share": np.tile(valid_share, len(keys)),
        "reason": np.where(np.isfinite(values), "", np.stack(why)).ravel() if keys else np.array([], dtype=object),
    }
    return pd.DataFrame(columns, columns=list(LONG_COLUMNS))


def _why(key: str, zone_ids: pd.Index, unobserved: np.ndarray, own: pd.Series | None) -> np.ndarray:
    """Return why each zone would lack a measure: a reason of its own, or that of the record."""
    why = np.where(unobserved, UNOBSERVED, measure_of(key).undefined or UNOBSERVED).astype(object)
    if own is None:
        return why
    told = own.reindex(zone_ids).fillna("").to_numpy(dtype=object)
    return np.where(told == "", why, told)
