"""Whom to ask: zone tables, the cells they cover, and how they hang together."""

from urbanreview.zones.coverage import Plan, Plans, plan_extents, plan_zones
from urbanreview.zones.crosswalk import crosswalk, crosswalk_columns
from urbanreview.zones.degree import UNIT_RULES, degree_of_units
from urbanreview.zones.distribution import class_shares, quantiles, threshold_shares
from urbanreview.zones.division import check_division
from urbanreview.zones.extents_compared import compare_extents
from urbanreview.zones.iso_units import compare_with_iso, iso_first_level
from urbanreview.zones.link import first_links, link_extents, link_polygons, parents_of
from urbanreview.zones.official_rows import fold_rows, match_rows
from urbanreview.zones.points import plain_centroids, points_table, population_points
from urbanreview.zones.series import grid_changes, summarise_series
from urbanreview.zones.summarise import summarise
from urbanreview.zones.table import dissolve, is_rest, mend, stack, uncovered, zone_table

__all__ = [
    "UNIT_RULES",
    "Plan",
    "Plans",
    "check_division",
    "class_shares",
    "compare_extents",
    "compare_with_iso",
    "crosswalk",
    "crosswalk_columns",
    "degree_of_units",
    "dissolve",
    "first_links",
    "fold_rows",
    "grid_changes",
    "is_rest",
    "iso_first_level",
    "link_extents",
    "link_polygons",
    "match_rows",
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
