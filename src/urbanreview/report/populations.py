"""Several populations in one review: whose tables are whose."""

from dataclasses import dataclass, replace

import geopandas as gpd
import pandas as pd

from urbanreview.report.columns import clean
from urbanreview.report.highlights import glance
from urbanreview.report.result import Review
from urbanreview.report.tables import SETTLEMENTS, level_tables


def whole(review: Review) -> Review:
    """Return a review with the zones, numbers, links and points of all its populations."""
    if not review.others:
        return review
    own = [other.zones[other.zones["level"].isin(list(SETTLEMENTS))] for other in review.others]
    pairs = list(zip(review.others, own, strict=True))
    values = [other.values[other.values["zone_id"].isin(zones.index)] for other, zones in pairs]
    points = [other.points[other.points.index.isin(zones.index)] for other, zones in pairs]
    zones = gpd.GeoDataFrame(pd.concat([review.zones, *own]), geometry="geometry", crs=review.zones.crs)
    zones.index.name = review.zones.index.name
    return replace(
        review,
        zones=zones,
        values=pd.concat([review.values, *values], ignore_index=True),
        links=pd.concat([review.links, *(other.links for other in review.others)], ignore_index=True),
        points=gpd.GeoDataFrame(pd.concat([review.points, *points]), geometry="geometry", crs=review.points.crs),
        others=(),
    )


def tables_of_others(review: Review) -> dict[str, tuple[Review, str]]:
    """Return the settlement tables of the other populations: name with source and period, to review and level."""
    return {
        f"{name}_{clean(other.population.replace(' ', '_'))}": (other, level)
        for other in review.others
        for level, name in level_tables(other).items()
        if level in SETTLEMENTS
    }


@dataclass(frozen=True, slots=True)
class PopulationRow:
    """One population beside the others: what was found on it under the same rules."""

    title: str
    people: float
    urban_people: float
    urban_share: float
    centres: int
    clusters: int


def compared(review: Review) -> list[PopulationRow]:
    """Set the populations of a review side by side, the primary one first; empty if there is only one."""
    if not review.others:
        return []
    rows = []
    for each in (review, *review.others):
        seen = glance(each)
        rows.append(
            PopulationRow(each.population, seen.people, seen.urban_people, seen.urban_share, seen.centres, seen.clusters)
        )
    return rows
