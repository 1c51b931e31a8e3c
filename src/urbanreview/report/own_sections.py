"""The sections of the user's own units and official numbers on the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report.beside import beside_columns, beside_tables
from urbanreview.report.columns import Column
from urbanreview.report.environment_sections import Part
from urbanreview.report.highlights import LARGEST
from urbanreview.report.official_chart import by_gap, draw_official, official_figures, official_period, statistics_of
from urbanreview.report.result import Review
from urbanreview.report.sections import Cell, Heading, Table, number_cell, unit_table
from urbanreview.report.tables import SETTLEMENTS, own_levels, wide_table
from urbanreview.report.wording import MISSING, Phrase, number, pretty, pretty_unit

MOST_ROWS = 100
SETTLED: Mapping[str, str] = {level: level.replace("_", " ") for level in SETTLEMENTS}
GRADES = ("high", "medium", "low")
OUTCOMES = ("found", "merged", "missed", "unlisted")
SIGNED, BLANK = ("gap", "gap_share"), ("reason", "flags")
"""Numbers that are printed with their sign, and texts that may be empty without anything amiss."""
_EXTENTS = {
    "name": "Zone", "level": "Level", "settlement_name": "Settlement", "area_km2": "Zone area",
    "settlement_area_km2": "Settlement area", "area_overlap": "Overlap of areas", "people": "Zone people",
    "settlement_people": "Settlement people", "people_both": "In both", "people_only_zone": "Zone only",
    "people_only_settlement": "Settlement only", "people_overlap": "Overlap of people",
}  # fmt: skip
_MATCHES = {
    "settlement": "Settlement", "other_id": "Id there", "other_name": "Name there", "zone_share": "Share of ours",
    "other_share": "Share of theirs", "distance_km": "Distance", "grade": "Grade", "relation": "Relation",
    "other_people": "People there",
}  # fmt: skip
_UNLISTED = {"settlement_name": "Settlement", "level": "Level", "settlement_people": "People", "zone_id": "Zone id"}
_COMPARED = ("name", "ours", "official", "gap", "gap_share", "matched_by", "reason")
_UNMATCHED = ("name", "official_rows", "official", "ours", "reason")
_GROUPED = ("group", "listed", "found", "merged", "missed", "listed_people", "settlements", "settlement_people")


def own_parts(review: Review) -> list[Part]:
    """Return the sections of the user's own zones, of official numbers, of other databases and of the division."""
    parts = [
        Part("own-zones", "Your own zones", (), tuple(zone_tables(review))),
        _official_part(review),
        _city_part(review),
        Part("databases", "Other city databases", (), tuple(database_tables(review))),
        _division_part(review),
    ]
    return [part for part in parts if part.tables or part.words]


def own_drawers(review: Review) -> dict[str, Callable[[Review, Path], object]]:
    """Return what draws each figure of official people."""
    return {name: partial(draw_official, statistic=each) for name, each in official_figures(review).items()}


def official_cards(review: Review) -> list[tuple[str, str, float]]:
    """Return the country's official people at a glance: statistic and year, number, and the gap of ours; NaN without one."""
    return [
        (
            f"{statistic} {official_period(review, statistic)}".strip(),
            number(row["official"], "people"),
            float(row["gap_share"]),
        )
        for statistic, rows in statistics_of(review).items()
        for _, row in rows[rows["is_country"] & rows["official"].notna()].iterrows()
    ]


def zone_tables(review: Review) -> list[Table]:
    """Return the table of every set of the user's own zones, and below it how its zones and settlements overlap."""
    compared = beside_tables(review).get("extents_compared", pd.DataFrame(columns=["zone_id"]))
    whose = compared["zone_id"].map(review.zones["level"])
    tables = []
    for level in own_levels(review):
        title = title_of(level)
        tables.append(unit_table(review, level, heading="Zone", caption=Phrase("{zones}, by people", zones=title)))
        rows = compared[whose == level]
        if len(rows):
            rows = rows.sort_values(["people", "zone_id", "level"], ascending=[False, True, True], kind="stable")
            caption = Phrase("{zones}: official against delineated extents", zones=title)
            why = "the zone meets no such settlement"
            table = _table("extents_compared", _spoken(rows), tuple(_EXTENTS), caption=caption, titles=_EXTENTS, why=why)
            tables.append(replace(table, is_dense=True))
    return tables


def _spoken(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(level=rows["level"].map(SETTLED).fillna(rows["level"]))


def title_of(name: str) -> str:
    """Return the name of a section of the settings as a title.

    >>> title_of("planning_regions")
    'Planning regions'
    """
    words = name.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _official_part(review: Review) -> Part:
    tables, words = [], []
    for statistic, rows in statistics_of(review).items():
        title = f"{title_of(statistic)} {official_period(review, statistic)}".strip()
        words += [_headline(title, row) for _, row in rows[rows["is_country"]].iterrows()]
        compared, left = by_gap(rows), rows[~rows["is_country"] & rows["gap"].isna()]
        if len(compared):
            caption = Phrase("{statistic}: ours beside the official people, the largest gap first", statistic=title)
            tables.append(_table("official", compared, _COMPARED, caption=caption, why="official people are zero"))
        if len(left):
            caption = Phrase("{statistic}: without a match", statistic=title)
            left = left.sort_values(["zone_id", "name", "official_rows"], na_position="first", kind="stable")
            tables.append(_table("official", left, _UNMATCHED, caption=caption, why="no such number"))
        else:
            words.append(f"{title}: every official row has its unit, and every unit its official row.")
    if not words and not tables and "official" in review.beside:
        words.append("The official tables have no row.")
    return Part("official", "Official statistics", tuple(official_figures(review)), tuple(tables), tuple(words))


def _headline(title: str, row: pd.Series) -> str:
    """Say what the country has here and officially, and whether the official number is a total or the sum of all rows."""
    ours, official = (number(row[name], "people") for name in ("ours", "official"))
    share = "" if pd.isna(row["gap_share"]) else f", {row['gap_share']:+.1%}"
    gap = "" if pd.isna(row["gap"]) else f"; the gap is {row['gap']:+,.0f}{share}"
    whole, reason = (row[name] if isinstance(row[name], str) else "" for name in ("official_rows", "reason"))
    words = f"{title}, the country: {ours} people here, {official} officially" + (f" ({whole})" if whole else "") + gap
    return f"{words}; {reason}." if reason else f"{words}."


def _city_part(review: Review) -> Part:
    tables = beside_tables(review)
    cities = tables.get("city_list", pd.DataFrame(columns=["outcome"]))
    groups = tables.get("city_groups", pd.DataFrame(columns=["by"]))
    grouped = [
        _table("city_groups", rows, _GROUPED, caption=Phrase("Listed cities by {group}", group=by), why="none told")
        for by, rows in groups.groupby("by", sort=False)
    ]
    if cities.empty:
        words = ("The official list has no city, and there is no settlement.",) if "city_list" in tables else ()
        return Part("city-list", "Official list of cities", (), tuple(grouped), words)
    found, merged, missed, unlisted = (f"{int((cities['outcome'] == name).sum()):,}" for name in OUTCOMES)
    listed = f"Of the listed cities: {found} found, {merged} in the settlement of another, {missed} missed."
    words = (f"{listed} Settlements on no list: {unlisted}.",)
    return Part("city-list", "Official list of cities", (), (_outcomes(cities), *grouped, *_city_lists(cities)), words)


def _outcomes(cities: pd.DataFrame) -> Table:
    """Count the cities of the list, and the settlements that it lacks, by outcome."""
    rows = [
        {"outcome": name, "cities": len(each), "listed_people": each["listed_people"].sum(min_count=1),
         "settlement_people": each.drop_duplicates("zone_id")["settlement_people"].sum(min_count=1)}
        for name in OUTCOMES
        for each in [cities[cities["outcome"] == name]]
    ]  # fmt: skip
    names = ("outcome", "cities", "listed_people", "settlement_people")
    return _table("city_list", pd.DataFrame(rows), names, caption="Listed cities by outcome", why="none told")


def _city_lists(cities: pd.DataFrame) -> list[Table]:
    """Return who is missed and why, who is merged with whom, and which settlements are on no list."""
    city = ("name", "code", "status", "flags", "listed_people")
    lists = {
        "missed": ("Listed cities without a settlement", (*city, "reason"), "listed_people"),
        "merged": ("Listed cities in the settlement of another", (*city, "merged_with", "settlement_name"), "listed_people"),
        "unlisted": ("Settlements on no list", tuple(_UNLISTED), "settlement_people"),
    }
    tables = []
    for outcome, (caption, names, by) in lists.items():
        rows = cities[cities["outcome"] == outcome]
        if len(rows):
            rows = rows.sort_values([by, "code", "zone_id"], ascending=[False, True, True], kind="stable")
            titles = _UNLISTED if outcome == "unlisted" else {}
            tables.append(_table("city_list", _spoken(rows), names, caption=caption, titles=titles, why="not told"))
    return tables


def database_tables(review: Review) -> list[Table]:
    """Return how many settlements and cities of each database match, and the matches of the largest settlements."""
    rows = beside_tables(review).get("crosswalk")
    if rows is None:
        return []
    databases = sorted(rows["database"].unique())
    levels = [level for level in SETTLEMENTS if (review.zones["level"] == level).any()]
    ours = [_graded(review, rows[rows["database"] == each], each, level) for each in databases for level in levels]
    theirs = [_other_side(review, rows[rows["database"] == each], each) for each in databases]
    counts = (
        (ours, _GRADED_TITLES, "Settlements by the grade of their best match"),
        (theirs, _OTHER_TITLES, "Cities of the databases, with and without a settlement"),
    )
    tables = [
        _table(
            "crosswalk", pd.DataFrame(each), tuple(titles), caption=caption, titles=titles, why="the database tells no people"
        )
        for each, titles, caption in counts
        if each
    ]
    return tables + [_largest_matches(review, rows[rows["database"] == each], each) for each in databases if levels]


_GRADED_TITLES = {
    "database": "Database", "level": "Settlements", "settlements": "All", "high": "High", "medium": "Medium", "low": "Low",
    "unmatched": "Unmatched", "several": "With several",
}  # fmt: skip
_OTHER_TITLES = {
    "database": "Database", "cities": "Cities", "matched": "Matched", "unmatched": "Without a settlement",
    "several": "In several settlements", "other_people": "People without a settlement",
}  # fmt: skip


def _graded(review: Review, rows: pd.DataFrame, database: str, level: str) -> dict[str, object]:
    zone_ids = review.zones.index[review.zones["level"] == level]
    rows = rows[rows["zone_id"].isin(zone_ids)]
    best = rows[rows["rank"] == 1]["grade"].value_counts()
    counts = {grade: int(best.get(grade, 0)) for grade in GRADES}
    matched = rows["zone_id"].value_counts()
    whole = {"settlements": len(zone_ids), "unmatched": len(zone_ids) - len(matched), "several": int((matched > 1).sum())}
    return {"database": database, "level": f"{SETTLED[level]}s", **counts, **whole}


def _other_side(review: Review, rows: pd.DataFrame, database: str) -> dict[str, object]:
    """Count the database's cities; one that a centre and its cluster meet is in one settlement."""
    met = rows[rows["zone_id"].isin(review.zones.index)]  # those of other populations are rows, too
    alone = rows[rows["zone_id"].isna()]
    several = met["relation"].isin(["many to one", "many to many"])
    return {
        "database": database, "cities": pd.concat([met, alone])["other_id"].nunique(), "matched": met["other_id"].nunique(),
        "unmatched": alone["other_id"].nunique(), "several": met.loc[several, "other_id"].nunique(),
        "other_people": alone["other_people"].sum(min_count=1),
    }  # fmt: skip


def _largest_matches(review: Review, rows: pd.DataFrame, database: str) -> Table:
    """Return every match of the largest centres, or of the largest clusters in a country without centres."""
    level = next(level for level in SETTLEMENTS if (review.zones["level"] == level).any())
    largest = wide_table(review, level)["name"].head(LARGEST).rename("settlement").rename_axis("zone_id").reset_index()
    table = largest.merge(rows[rows["zone_id"].notna()].sort_values("rank"), on="zone_id", how="left")
    caption = Phrase("{database}: matches of the largest settlements, the best first", database=title_of(database))
    why = "no city of the database matches, or it does not say"
    return replace(_table("crosswalk", table, tuple(_MATCHES), caption=caption, titles=_MATCHES, why=why), is_dense=True)


def _division_part(review: Review) -> Part:
    division = beside_tables(review).get("division")
    if division is None:
        return Part("boundaries", "Boundaries", (), ())
    if division.empty:
        words = "No two units share ground, none is missing inside the outline, and none reaches beyond it, but for slivers."
        return Part("boundaries", "Boundaries", (), (), (words,))
    rows = division.sort_values(["people", "area_km2", "zone_ids"], ascending=[False, False, True], na_position="last")
    caption = "Ground in two units, in none, and beyond the outline, by people"
    table = _table("division", rows, ("kind", "units", "area_km2", "people"), caption=caption, why="no unit, or not counted")
    return Part("boundaries", "Boundaries", (), (table,))


def _table(
    name: str, rows: pd.DataFrame, names: Sequence[str], *, caption: str, why: str = "", titles: Mapping[str, str] | None = None
) -> Table:  # fmt: skip
    """Return rows of a table beside the review; headings are those of its dictionary unless titles are given."""
    shown = rows.reindex(columns=list(names))
    columns = [replace(c, title=(titles or {}).get(c.name, c.title)) for c in beside_columns(name, shown)]
    numeric = [pd.api.types.is_numeric_dtype(shown[n]) and not pd.api.types.is_bool_dtype(shown[n]) for n in names]
    headings = [_heading(column, is_number=is_number) for column, is_number in zip(columns, numeric, strict=True)]
    cells = [
        tuple(
            _cell(value, column, why, is_number=is_number)
            for value, column, is_number in zip(row, columns, numeric, strict=True)
        )
        for row in shown.head(MOST_ROWS).itertuples(index=False, name=None)
    ]
    return Table(tuple(headings), tuple(cells), left_out=max(len(shown) - MOST_ROWS, 0), caption=caption, file=f"{name}.csv")


def _heading(column: Column, *, is_number: bool) -> Heading:
    unit = pretty_unit(column.unit) if is_number else ""
    return Heading(pretty(column.title), (unit,) if unit else (), is_number=is_number)


def _cell(value: Any, column: Column, why: str, *, is_number: bool) -> Cell:
    if is_number:
        cell = Cell(f"{value:,}", is_number=True) if isinstance(value, int | np.integer) else number_cell(value, column, why)
        return cell if cell.why or column.name not in SIGNED else replace(cell, text=_signed(value, column))
    missing = pd.isna(value) or value == ""
    return Cell("" if column.name in BLANK else MISSING, why=why) if missing else Cell(str(value))


def _signed(value: float, column: Column) -> str:
    return f"{value:+.1%}" if column.is_share else f"{value:+,.0f}"
