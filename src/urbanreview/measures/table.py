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
    parts = []
    for key in frame.columns.drop("valid_share"):
        record = measure_of(key)
        value = frame[key].to_numpy(dtype=float)
        unobserved = frame["valid_share"].to_numpy() == 0
        why = np.where(unobserved, UNOBSERVED, record.undefined or UNOBSERVED).astype(object)
        if reasons is not None and key in reasons:
            own = reasons[key].reindex(frame.index).fillna("").to_numpy()
            why = np.where(own == "", why, own)
        reason = np.where(np.isfinite(value), "", why)
        parts.append(
            pd.DataFrame(
                {
                    "zone_id": frame.index,
                    "measure": key,
                    "period": period,
                    "source": source,
                    "variant": variant,
                    "value": value,
                    "valid_share": frame["valid_share"].to_numpy(),
                    "reason": reason,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[list(LONG_COLUMNS)]
