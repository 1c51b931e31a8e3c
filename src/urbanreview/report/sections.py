"""The tables of the page: headings that lead to their measure, and cells that say why a number is missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from urbanreview.delineation import EDITIONS, changed
from urbanreview.report.columns import FLAGS, KEY_PARTS, Column
from urbanreview.report.highlights import LARGEST, LIGHTS, named
from urbanreview.report.rasters import DEGREE_OF_UNITS
from urbanreview.report.result import InputFile, Review
from urbanreview.report.tables import (
    SETTLEMENTS,
    district_level,
    level_tables,
    long_table,
    primary_column,
    review_columns,
    wide_table,
)
from urbanreview.report.wording import MISSING, amount, file_size, number, pretty, pretty_unit

CENTRE_TEXTS: Mapping[str, str] = {"name": "Centre", "name_alternate": "Also called", "district_1_name": "District"}
CENTRE_MEASURES = ("population.total", "population.inside", LIGHTS, "built_up.area", "built_up.per_person")
DISTRICT_MEASURES = ("population.total", "population.urban_share", "population.density", LIGHTS, "built_up.area")
MOST_DISTRICTS = 300
NOT_COMPUTED, NOT_STATED = "not computed", "not stated"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a table: the text, period and unit below it, the anchor of what it means in the method section."""

    text: str
    under: tuple[str, ...] = ()
    anchor: str = ""
    is_number: bool = False
    measure: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table; ``why`` tells the reason where the text is a dash, ``value`` the number that rows are sorted by.

    ``is_word`` marks names of classes and flags, several parted by ``; ``, which each language has its own words for.
    """

    text: str
    is_number: bool = False
    why: str = ""
    value: float | None = None
    is_word: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page, its caption and its file; ``left_out`` rows stand in the file only.

    ``zones`` are the ids of the rows, where rows are zones.
    """

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0
    caption: str = ""
    file: str = ""
    is_dense: bool = False
    zones: tuple[str, ...] = ()
    level: str = ""

    @property
    def has_numbers(self) -> bool:
        """Whether any column is a measure."""
        return any(heading.measure for heading in self.headings)

    @property
    def stored(self) -> str:
        """Name of the table that the file holds."""
        return self.file.removesuffix(".csv")


def anchor(measure: str) -> str:
    """Return the anchor of a measure on the page.

    >>> anchor("built_up.per_person")
    'measure-built-up-per-person'
    """
    return "measure-" + measure.replace(".", "-").replace("_", "-")


def centre_table(review: Review) -> Table:
    """Return the largest centres: names, district, people, lights and built-up land."""
    table, caption = wide_table(review, "urban_centre"), "The largest urban centres, by people inside the country"
    columns = primary_columns(review, CENTRE_MEASURES)
    return zone_table(review, table, CENTRE_TEXTS, columns, most=LARGEST, caption=caption, file="urban_centres.csv")


def district_table(review: Review) -> Table:
    """Return the districts, the most populous first."""
    level = district_level(review)
    return unit_table(review, level, heading="District", caption="Districts, by people") if level else Table((), ())


def unit_table(review: Review, level: str, *, heading: str, caption: str) -> Table:
    """Return the units of a level, the most populous first: people, urban share, density, lights and built-up land."""
    table = wide_table(review, level)
    table["degree"] = _degrees(review, table.index)
    texts = {"name": heading} | ({"degree": "Degree of urbanisation"} if table["degree"].notna().any() else {})
    columns = primary_columns(review, DISTRICT_MEASURES)
    file = f"{level_tables(review)[level]}.csv"
    return zone_table(review, table, texts, columns, most=MOST_DISTRICTS, caption=caption, file=file)


def primary_columns(review: Review, measures: Iterable[str]) -> list[Column]:
    """Return the column that each measure is shown by, where there is one."""
    return [column for column in (primary_column(review, measure) for measure in measures) if column is not None]


def _degrees(review: Review, zone_ids: pd.Index) -> pd.Series:
    """Return the name of the class of units, level 2, by the review's own population; missing where there is none."""
    values = review.values
    own = (values["source"] == review.population_source) & (values["period"] == review.population_period)
    rows = values[own & (values["measure"] == "degree.class") & (values["variant"] == "level=2")]
    return rows.set_index("zone_id")["value"].map(DEGREE_OF_UNITS).reindex(zone_ids)


def zone_table(
    review: Review,
    table: pd.DataFrame,
    texts: Mapping[str, str],
    columns: Sequence[Column],
    *,
    most: int,
    caption: str,
    file: str,
    words: Mapping[str, Mapping[int, str]] | None = None,
    under: Mapping[str, str] | None = None,
) -> Table:
    """Return the first rows of a wide table: texts, numbers, and the plausibility flags where the table has them.

    Parameters
    ----------
    review : Review
    table : DataFrame
        A wide table, or rows of one.
    texts : mapping of str to str
        Headings of the columns of text, by their name.
    columns : sequence of Column
        Of the numbers.
    most : int
        Rows at most.
    caption, file : str
        Above and below the table.
    words : mapping of str to mapping of int to str, optional
        Names of codes, by measure.
    under : mapping of str to str, optional
        What else stands below a heading, by the name of its column.
    """
    reasons, words = reasons_of(review), words or {}
    shown = [name for name in texts if name in table.columns]
    headings = [Heading(texts[name]) for name in shown]
    headings += [number_heading(c, (under or {}).get(c.name, ""), is_number=c.measure not in words) for c in columns]
    headings += [Heading("Flags", anchor="flags")] if FLAGS in table.columns else []
    rows = []
    for zone_id, row in table.head(most).iterrows():
        cells = [replace(_text_cell(row[name], is_name=name == "name"), is_word=name == "degree") for name in shown]
        for c in columns:
            key = (str(zone_id), c.measure, c.period, c.source, c.variant)
            cells.append(number_cell(row.get(c.name), c, reasons.get(key, NOT_COMPUTED), words.get(c.measure)))
        cells += [Cell(str(row[FLAGS] or ""), is_word=True)] if FLAGS in table.columns else []
        rows.append(tuple(cells))
    return Table(
        tuple(headings),
        tuple(rows),
        left_out=max(len(table) - most, 0),
        caption=caption,
        file=file,
        zones=tuple(str(zone_id) for zone_id in table.head(most).index),
        level=str(table["level"].iloc[0]) if len(table) and "level" in table else "",
    )


def number_heading(column: Column, *more: str, is_number: bool = True) -> Heading:
    """Return the heading of a measure, with period, unit and what else stands below it, and a way to its method."""
    unit = pretty_unit(column.unit) if is_number else ""
    under = tuple(part for part in (column.period, unit, *more) if part)
    return Heading(pretty(column.title), under, anchor(column.measure), is_number=is_number, measure=column.measure)


def _text_cell(value: Any, *, is_name: bool) -> Cell:
    if pd.isna(value) or value == "":
        return Cell("unnamed") if is_name else Cell(MISSING, why="not known")
    return Cell(str(value))


def number_cell(value: Any, column: Column, why: str, words: Mapping[int, str] | None = None) -> Cell:
    """Return a number, the name of its code, or a dash with the reason why there is none."""
    if value is None or pd.isna(value):
        return Cell(MISSING, is_number=words is None, why=why)
    if words is not None:
        return Cell(words.get(int(value), str(value)), is_word=True)
    return Cell(number(float(value), column.unit, share=column.is_share), is_number=True, value=float(value))


def reasons_of(review: Review) -> dict[tuple[str, ...], str]:
    """Return why numbers are missing, by zone id, measure, period, source and variant."""
    return review.once("reasons", lambda: _reasons(review))


def _reasons(review: Review) -> dict[tuple[str, ...], str]:
    values = long_table(review)
    gone = values[values["value"].isna()]
    return {tuple(row[:-1]): row[-1] for row in gone[["zone_id", *KEY_PARTS, "reason"]].itertuples(index=False, name=None)}


def ledger_rows(review: Review) -> list[tuple[str, str, str, str]]:
    """Return step, cause, amount with its unit, and where: the ledger added up over zones, the largest of lengths."""
    entries = review.ledger.frame()
    rows = []
    for (step, cause, unit), group in entries.groupby(["step", "cause", "unit"], sort=False):
        zones = sorted({zone for zone in group["zone_id"] if zone})
        where = "" if not zones else zones[0] if len(zones) == 1 else f"{len(zones):,} zones"
        is_length = unit in ("km", "m")
        words = amount(float(group["amount"].max() if is_length else group["amount"].sum()), str(unit))
        rows.append((str(step), str(cause), f"up to {words}" if is_length and len(group) > 1 else words, where))
    return rows


def measures_used(review: Review) -> list[dict[str, str]]:
    """Return the record of every measure of the review, in report order, with its periods and sources."""
    grouped: dict[str, list[Column]] = {}
    for column in review_columns(review):
        grouped.setdefault(column.measure, []).append(column)
    return [
        {
            "anchor": anchor(key),
            "key": key,
            "title": pretty(columns[0].title),
            "unit": pretty_unit(columns[0].unit) or "share or ratio",
            "method": pretty(columns[0].method),
            "reference": columns[0].reference,
            "periods": _span(sorted({column.period for column in columns if column.period})),
            "sources": ", ".join(sorted({column.source for column in columns if column.source})),
        }
        for key, columns in grouped.items()
    ]


def _span(periods: list[str]) -> str:
    if len(periods) > 4:
        return f"{periods[0]} … {periods[-1]} ({len(periods)})"
    return ", ".join(periods)


@dataclass(frozen=True, slots=True)
class InputGroup:
    """Files of one kind, such as the months of a year: what they share, and each file's name, path, size and hash.

    ``origins`` are address, day, size and hash of what was fetched for them.
    """

    title: str
    what: str
    licence: str
    citation: str
    modelled: bool
    files: tuple[tuple[str, str, str, str], ...]
    dataset: str = ""
    origins: tuple[tuple[str, str, str, str], ...] = ()


def input_groups(review: Review) -> list[InputGroup]:
    """Return the inputs, those that differ in nothing but their period in one group."""
    groups: dict[tuple[object, ...], list[InputFile]] = {}
    for entry in review.inputs:
        kind = entry.name.rpartition(" ")[0] or entry.name
        key = (kind, entry.kind, entry.units, entry.grid, entry.licence, entry.citation, entry.modelled)
        groups.setdefault(key, []).append(entry)
    return [_input_group(entries) for entries in groups.values()]


def _input_group(entries: list[InputFile]) -> InputGroup:
    first = entries[0]
    parts = (first.kind, pretty_unit(first.units), first.grid)
    return InputGroup(
        title=named(entry.name for entry in entries),
        what="; ".join(part for part in parts if part),
        licence=first.licence or NOT_STATED,
        citation=first.citation or NOT_STATED,
        modelled=first.modelled,
        files=tuple((entry.name, entry.path, file_size(entry.size_bytes), entry.sha256) for entry in entries),
        dataset=" ".join(part for part in (first.dataset, first.version) if part),
        origins=tuple(
            (each.address, each.fetched, file_size(each.size_bytes), each.sha256)
            for each in dict.fromkeys(origin for entry in entries for origin in entry.origins)
        ),
    )


def rule_lines(review: Review) -> list[tuple[str, str]]:
    """Return the rules behind the settlements: edition, source, and the thresholds in words where they are known."""
    lines = [("Edition", review.edition), ("Population", review.population)]
    base = EDITIONS.get(review.edition.partition("+")[0])
    if base is None:
        return lines
    section = review.settings.get("delineation")
    section = section if isinstance(section, Mapping) else {}
    changes = {level: section.get(level) or {} for level in SETTLEMENTS}
    rules = changed(base, changes, built_up=bool(section.get("built_up", True)))
    lines.append(("Source", rules.source))
    if rules.edition == review.edition:
        pairs = (("Urban cluster", rules.urban_cluster), ("Urban centre", rules.urban_centre))
        lines += [(name, pretty(rule.sentence())) for name, rule in pairs]
        lines += [("Degree of urbanisation", pretty(rules.degree.sentence()))] if rules.degree else []
    return lines
