"""Tables of the user's own units and official numbers: what their columns are, and the tables as they are written."""

from collections.abc import Mapping
from functools import partial

import pandas as pd

from urbanreview.report.columns import Column, attribute_column, described
from urbanreview.report.result import Review
from urbanreview.report.tables import BESIDE_TABLES, plain_column

Records = Mapping[str, tuple[str, str, str]]
"""Title, unit and method of columns, by their name."""

_DATABASE: Records = {
    "zone_id": ("Settlement", "", "Zone id; empty on rows of the database's cities that no settlement meets."),
    "database": ("Database", "", "NAME of the settings' [crosswalk.NAME]."),
    "other_id": ("Id in the database", "", "Of the city there, as text."),
    "other_name": ("Name in the database", "", "Of the city there."),
    "how": ("How they meet", "", "overlap: two polygons; inside: a point in the settlement; near: apart; none: no settlement."),
    "people_both": ("People in both", "people", "Sum of the population grid on the ground that both have."),
    "area_both_km2": ("Area of both", "km2", "Geodesic area of the ground that both have."),
    "zone_share": ("Share of the settlement", "1", "People in both over people of the settlement."),
    "other_share": ("Share of the other", "1", "People in both over people on the other's ground."),
    "zone_area_share": ("Share of the settlement's area", "1", "Area of both over area of the settlement."),
    "other_area_share": ("Share of the other's area", "1", "Area of both over area of the other."),
    "distance_km": ("Distance", "km", "Geodesic, from outline to outline or point; 0 where they touch."),
    "names_agree": ("Names agree", "", "The same words in any script and spelling."),
    "rank": ("Rank", "", "1 is the settlement's best match."),
    "other_rank": ("Rank from the other side", "", "1 is the best settlement of the database's city."),
    "relation": ("Relation", "", "How many match how many; 'one to many': one settlement, several cities of the database."),
    "grade": ("Grade", "", "How sure the match is: high, medium or low."),
    "other_people": ("People in the database", "people", "As the database has them."),
}
_EXTENTS: Records = {
    "zone_id": ("Zone", "", "Id of the user's own zone."),
    "name": ("Zone", "", "Name of the user's own zone."),
    "settlement_id": ("Settlement", "", "The one of the level that shares most people; empty where the zone meets none."),
    "settlement_name": ("Settlement", "", "Name of the settlement that shares most people."),
    "level": ("Level", "", "Of the settlement."),
    "area_km2": ("Area of the zone", "km2", "Geodesic area."),
    "settlement_area_km2": ("Area of the settlement", "km2", "Geodesic area."),
    "area_both_km2": ("Area of both", "km2", "Geodesic area of the ground that both have."),
    "area_overlap": ("Overlap of areas", "1", "Area of both over the area of either."),
    "people": ("People of the zone", "people", "Sum of the population grid."),
    "settlement_people": ("People of the settlement", "people", "Sum of the population grid."),
    "people_both": ("People in both", "people", "Sum of the population grid on the ground that both have."),
    "people_only_zone": ("People in the zone only", "people", "Outside the settlement."),
    "people_only_settlement": ("People in the settlement only", "people", "Outside the zone."),
    "people_overlap": ("Overlap of people", "1", "People in both over people in either."),
    "names_agree": ("Names agree", "", "The same words in any script and spelling."),
    "mutual": ("Each other's best", "", "Whether the settlement, too, shares most people with this zone."),
}
_OFFICIAL: Records = {
    "statistic": ("Statistic", "", "NAME of the settings' [official.NAME]."),
    "zone_id": ("Unit", "", "Zone id; empty on official rows that match no unit."),
    "name": ("Unit", "", "Name of the unit, or of the official row that matches none."),
    "official_rows": ("Official rows", "", "Rows of the official table that make up the unit's number."),
    "official": ("Official people", "people", "As the official table has them, by the shares of the correspondence table."),
    "ours": ("Our people", "people", "Sum of the population grid, in the year nearest to the official one."),
    "gap": ("Gap", "people", "Ours less official."),
    "gap_share": ("Gap, share", "1", "Gap over official people; empty where those are none."),
    "matched_by": ("Matched by", "", "code, name, sound of the name, or correspondence table."),
    "reason": ("Reason", "", "Probable reason of the gap, or why there is none to tell."),
}
_CITIES: Records = {
    "code": ("Code", "", "Of the listed city, as text; empty on settlements that the list lacks."),
    "name": ("Listed city", "", "Name on the official list."),
    "status": ("Status", "", "As the list says."),
    "flags": ("Flags", "", "Columns of the list that say yes of the city, joined by '; '."),
    "listed_people": ("People on the list", "people", "As the list has them."),
    "longitude": ("Longitude", "degrees", "WGS 84, of the listed city."),
    "latitude": ("Latitude", "degrees", "WGS 84, of the listed city."),
    "outcome": (
        "Outcome", "", "found; merged: its settlement stands under another listed city; missed: no settlement; unlisted: a "
        "settlement that no listed city stands for.",
    ),
    "level": ("Level", "", "Of the settlement."),
    "zone_id": ("Settlement", "", "Zone id."),
    "settlement_name": ("Settlement", "", "Its name."),
    "settlement_people": ("People of the settlement", "people", "Sum of the population grid."),
    "matched_by": ("Matched by", "", "position and name, position, or name."),
    "distance_km": ("Distance", "km", "Geodesic, from the listed city to the settlement's outline; 0 inside."),
    "merged_with": ("Merged with", "", "Listed city that stands for the settlement."),
    "reason": ("Reason", "", "Why the city is missed."),
}  # fmt: skip
_GROUPS: Records = {
    "by": ("Grouped by", "", "status or flag."),
    "group": ("Group", "", "The status or the flag."),
    "listed": ("Listed cities", "", "Of the group."),
    "found": ("Found", "", "Listed cities that stand for a settlement."),
    "merged": ("Merged", "", "Listed cities whose settlement stands under another."),
    "missed": ("Missed", "", "Listed cities without a settlement."),
    "listed_people": ("People on the list", "people", "Sum of the group."),
    "settlements": ("Settlements", "", "Of the group's cities, each counted once."),
    "settlement_people": ("People of the settlements", "people", "Each settlement counted once."),
}
_DIVISION: Records = {
    "kind": (
        "What",
        "",
        "overlap: ground of two units; no unit: ground of none; beyond the outline: ground outside the country.",
    ),
    "zone_ids": ("Unit ids", "", "Zone ids, joined by '; '."),
    "units": ("Units", "", "Names, joined by '; '."),
    "area_km2": ("Area", "km2", "Geodesic area."),
    "people": ("People", "people", "Sum of the population grid."),
}
BESIDE: Mapping[str, Records] = dict(
    zip(BESIDE_TABLES, (_DATABASE, _EXTENTS, _OFFICIAL, _CITIES, _GROUPS, _DIVISION), strict=True)
)
_COUNTS = ("rank", "other_rank", "listed", "found", "merged", "missed", "settlements")


def beside_tables(review: Review) -> dict[str, pd.DataFrame]:
    """Return the tables of the user's own units and official numbers with plain columns, in the order they are known by."""
    names = [name for name in BESIDE if name in review.beside]
    return {name: review.once(f"beside {name}", partial(_plain, review.beside[name])).copy() for name in names}


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    columns = {str(name): plain_column(column) for name, column in table.reset_index(drop=True).items()}
    return pd.DataFrame({name: _count(column) if name in _COUNTS else column for name, column in columns.items()})


def _count(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column).astype("Int64")


def beside_columns(name: str, table: pd.DataFrame) -> list[Column]:
    """Describe the columns of such a table: the same name means another thing elsewhere.

    >>> beside_columns("city_list", pd.DataFrame(columns=["flags"]))[0].method
    "Columns of the list that say yes of the city, joined by '; '."
    """
    records = BESIDE[name]
    return [described(c, *records[c]) if c in records else attribute_column(c) for c in map(str, table.columns)]
