"""The Degree of Urbanisation as numbers of units."""

import pandas as pd

CODES = (30, 23, 22, 21, 13, 12, 11)


def degree(table: pd.DataFrame, *, valid_share: pd.Series, classed: bool = True) -> dict[str, pd.DataFrame]:
    """Turn the classes and shares of units into measures.

    Parameters
    ----------
    table : DataFrame, indexed by ``zone_id``
        Of `zones.degree_of_units`.
    valid_share : Series
        Part of every unit on cells with population data, by ``zone_id``.
    classed : bool
        Whether the units have classes of their own, or shares alone, as a whole country does.

    Returns
    -------
    dict of str to DataFrame
        By variant (``level=1``, ``level=2``, ``class=30`` …): ``degree.class`` [code] or ``degree.share`` [1], and
        ``valid_share``. Missing where there are no data.

    Examples
    --------
    >>> unit = {"degree_1": 3, "degree_2": 30, "basis": "people"} | {f"share_{code}": 0.0 for code in CODES}
    >>> frames = degree(pd.DataFrame([unit], index=["u"]), valid_share=pd.Series({"u": 1.0}))
    >>> frames["level=2"]["degree.class"].tolist(), sorted(frames)[:2]
    ([30.0], ['class=11', 'class=12'])
    """
    valid = valid_share.reindex(table.index).where(table["basis"] != "none", 0.0)
    frames = {f"class={code}": pd.DataFrame({"degree.share": table[f"share_{code}"]}) for code in CODES}
    if classed:
        for level in (1, 2):
            frames[f"level={level}"] = pd.DataFrame({"degree.class": table[f"degree_{level}"].astype("Float64").astype(float)})
    return {variant: frame.assign(valid_share=valid) for variant, frame in frames.items()}
