"""Whom to ask: zone tables, the cells they cover, and how they hang together."""

from urbanreview.zones.coverage import Plan, Plans, plan_extents, plan_zones
from urbanreview.zones.degree import UNIT_RULES, degree_of_units
from urbanreview.zones.distribution import class_shares, quantiles, threshold_shares
from urbanreview.zones.link import first_links, link_extents, link_polygons, parents_of
from urbanreview.zones.points import plain_centroids, points_table, population_points
from urbanreview.zones.series import grid_changes, summarise_series
from urbanreview.zones.summarise import summarise
from urbanreview.zones.table import dissolve, mend, stack, uncovered, zone_table

__all__ = [
    "UNIT_RULES",
    "Plan",
    "Plans",
    "class_shares",
    "degree_of_units",
    "dissolve",
    "first_links",
    "grid_changes",
    "link_extents",
    "link_polygons",
    "mend",
    "parents_of",
    "plain_centroids",
    "plan_extents",
    "plan_zones",
    "points_table",
    "population_points",
    "quantiles",
    "stack",
    "summarise",
    "summarise_series",
    "threshold_shares",
    "uncovered",
    "zone_table",
]
