"""The few numbers that stand at the top: the country at a glance, and its largest centres."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanreview.report.columns import FLAGS
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, SETTLEMENTS, district_level, people_inside, primary_column, wide_table

LARGEST = 20
LIGHTS = "lights.sum_area"
"""The measure of light that is shown: sums of radiance do not compare across latitudes."""


@dataclass(frozen=True, slots=True)
class Glance:
    """A country in six numbers; NaN where the review does not tell.

    Attributes
    ----------
    people, urban_people : float
        Of the country's own zone if the review has one, else added up over its districts, with the territory that no
        district covers.
    of : str
        Which of the two it is.
    """

    people: float
    urban_people: float
    of: str
    centres: int
    clusters: int
    cross_border_centres: int
    cross_border_clusters: int

    @property
    def urban_share(self) -> float:
        """Urban people over people."""
        return self.urban_people / self.people if self.people > 0 else float("nan")


def glance(review: Review) -> Glance:
    """Add up the country."""
    crosses = review.zones.get("cross_border", pd.Series(False, index=review.zones.index)).fillna(False).astype(bool)
    levels = review.zones["level"]
    counted = [int((levels == level).sum()) for level in SETTLEMENTS]
    crossing = [int(((levels == level) & crosses).sum()) for level in SETTLEMENTS]
    level = COUNTRY if (levels == COUNTRY).any() else district_level(review)
    of = {COUNTRY: "in the whole country", "": "no districts in this review"}.get(level, "in all districts")
    people, urban = _added_up(review, level, "population.total"), _added_up(review, level, "population.urban")
    return Glance(people, urban, of, *counted, *crossing)


def _added_up(review: Review, level: str, measure: str) -> float:
    column = primary_column(review, measure)
    if column is None or not level:
        return float("nan")
    table = wide_table(review, level)
    return float(table[column.name].sum(min_count=1)) if column.name in table else float("nan")


def largest_centres(review: Review, most: int = LARGEST) -> pd.DataFrame:
    """Return the urban centres with the most people inside the country.

    Returns
    -------
    DataFrame
        Columns ``zone_id, name, district, region, people, outside, lights, built_up_km2``, and ``flags`` where the review
        has any: the first district and the unit above it (the district again where there is none), people inside the
        country, people beyond its border (0 where not told), the newest light by area and built-up area, and plausibility
        flags. Centres without a number of people are left out.
    """
    table = wide_table(review, "urban_centre")
    district = table.get("district_1_name", "")
    region = table.get("first_level", district)
    people = people_inside(table, review)
    short = pd.DataFrame({"name": table["name"], "district": district, "region": region, "people": people})
    newest = {"outside": "population.outside", "lights": LIGHTS, "built_up_km2": "built_up.area"}
    for name, measure in newest.items():
        column = primary_column(review, measure)
        short[name] = table[column.name] if column is not None and column.name in table else np.nan
    short["outside"] = short["outside"].fillna(0.0)
    if FLAGS in table:
        short[FLAGS] = table[FLAGS]
    return short[short["people"].notna()].head(most).reset_index()


def named(names: Iterable[str]) -> str:
    """List the names of inputs, those of one kind and several periods together.

    >>> named(["ghs 2020", "lights 2016-01", "lights 2016-02", "lights 2018-12", "land"])
    'ghs 2020, lights 2016-01 … 2018-12 (3), land'
    """
    groups: dict[str, list[str]] = {}
    for name in names:
        kind, _, period = name.rpartition(" ")
        groups.setdefault(kind or period, []).append(period if kind else "")
    words = []
    for kind, periods in groups.items():
        several = f"{min(periods)} … {max(periods)} ({len(periods)})"
        words.append(f"{kind} {periods[0] if len(periods) == 1 else several}".strip())
    return ", ".join(words)


def modelled_names(review: Review) -> str:
    """List the inputs that are made up."""
    return named(entry.name for entry in review.inputs if entry.modelled)


def modelled_sentence(review: Review) -> str:
    """Say which inputs are made up."""
    return f"Made up, not observed: {modelled_names(review)}. The numbers show what the software does, not how the country is."
