"""Tables of the system of cities: views of the long table by unit set, cut-off and class of size."""

from collections.abc import Hashable, Mapping

import pandas as pd

from urbanreview.indicators.city_system import SIZE_CLASSES
from urbanreview.measures import BY_KEY
from urbanreview.report.columns import age, clean, parts_of
from urbanreview.report.result import Review
from urbanreview.report.tables import SETTLEMENTS, SYSTEM_TABLES, rows_of_themes

KEYS = ("units", "cutoff", "class", "period", "source")
"""What tells one row from another; the class only in the table of classes."""


def system_tables(review: Review) -> dict[str, pd.DataFrame]:
    """Return the tables of the system of cities that a review has numbers for.

    Parameters
    ----------
    review : Review

    Returns
    -------
    dict of str to DataFrame
        ``city_system``, ``size_classes`` and ``urban_growth``: one row per unit set, cut-off, class of size, period and
        source. Unit set, cut-off and class come first, then period and source, then the measures in report order. Rows
        run from centres to clusters, by source, the review's own first, from old to new, and from small to large.
    """
    made = review.once("system_tables", lambda: _system_tables(review))
    return {name: table.copy() for name, table in made.items()}


def _system_tables(review: Review) -> dict[str, pd.DataFrame]:
    tables = {name: rows_of_themes(review, [theme]) for name, theme in SYSTEM_TABLES.items()}
    return {name: _view(rows, review.population_source) for name, rows in tables.items() if len(rows)}


def _view(values: pd.DataFrame, own_source: str) -> pd.DataFrame:
    choices = pd.DataFrame([parts_of(variant) for variant in values["variant"]], index=values.index)
    keyed = values.assign(**{str(name): choices[name] for name in choices})
    keys = [name for name in KEYS if name in keyed]
    spread = keyed.pivot(index=keys, columns="measure", values="value").reset_index()  # noqa: PD010
    rows = sorted(spread.to_dict("records"), key=lambda row: _rank(row, own_source))
    wide = pd.DataFrame(rows, columns=[*keys, *(key for key in BY_KEY if key in spread)])
    return wide.assign(cutoff=pd.to_numeric(wide["cutoff"])).rename(columns={key: clean(key) for key in BY_KEY})


def _rank(row: Mapping[Hashable, str], own_source: str) -> tuple[object, ...]:
    units, classes = list(SETTLEMENTS), list(SIZE_CLASSES)
    source, size = row["source"], row.get("class", "")
    return (
        units.index(row["units"]) if row["units"] in units else len(units),
        float(row["cutoff"]),
        source != own_source,
        source,
        age(row["period"]),
        classes.index(size) if size in classes else len(classes),
    )
