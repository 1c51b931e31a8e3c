"""The tables of the cities' land and lights on the page."""

from dataclasses import replace

from urbanreview.indicators.land import CONSUMPTION_CLASSES
from urbanreview.report.columns import Column, age, parts_of
from urbanreview.report.highlights import LARGEST, LIGHTS
from urbanreview.report.land_use import MEASURES, shown
from urbanreview.report.result import Review
from urbanreview.report.sections import Table, primary_columns, zone_table
from urbanreview.report.tables import review_columns, rows_of_themes, wide_table
from urbanreview.report.wording import Phrase

CENTRE_FILE, CENTRE_TEXTS = "urban_centres.csv", {"name": "Centre"}
LIGHT_MEASURES = (LIGHTS, "lights.per_person", "lights.national_share", "lights.lit_share")
FLARES, GROWTH = "lights.flare_share", "lights.growth"


def land_tables(review: Review) -> list[Table]:
    """Return land consumption of the largest cities, SDG 11.3.1, a table per boundary."""
    tables = []
    for found in shown(review):
        caption = Phrase("Land consumption and growth of people of urban centres, SDG 11.3.1: {how}", how=found.words)
        columns, words = [found.columns[measure] for measure in MEASURES], {MEASURES[-1]: CONSUMPTION_CLASSES}
        table = zone_table(
            review, found.table, CENTRE_TEXTS, columns, most=LARGEST, caption=caption, file=CENTRE_FILE, words=words
        )
        tables.append(replace(table, is_dense=True))
    return tables


def expansion_reason(review: Review) -> str:
    """Return why the kinds of new built-up land are not told; empty where they are, or where nobody asked."""
    rows = rows_of_themes(review, ["expansion"])
    return "" if rows.empty or rows["value"].notna().any() else str(rows["reason"].mode().iloc[0])


def lights_table(review: Review) -> Table:
    """Return the newest yearly lights of the largest cities, and their growth over the longest span with its breaks."""
    table = wide_table(review, "urban_centre")
    columns = [column for column in primary_columns(review, LIGHT_MEASURES) if column.name in table]
    flares = [column for column in primary_columns(review, [FLARES]) if column.name in table and (table[column.name] > 0).any()]
    growth = longest(review, GROWTH)
    columns += flares + ([growth] if growth is not None and growth.name in table else [])
    caption, breaks = "Light at night of the largest urban centres", breaks_in(growth)
    if breaks:
        caption = Phrase("{what}; the series changes its level with {breaks}", what=caption, breaks=breaks)
    shown = zone_table(review, table, CENTRE_TEXTS, columns, most=LARGEST, caption=caption, file=CENTRE_FILE)
    return replace(shown, is_dense=True)


def breaks_in(column: Column | None) -> str:
    """Return the months of the level breaks that a growth or trend goes across, in words; empty without any."""
    return "" if column is None else parts_of(column.variant).get("breaks", "").replace("+", " and ")


def longest(review: Review, measure: str) -> Column | None:
    """Return the column of a measure of spans that ends last and, of those, begins first."""
    columns = [column for column in review_columns(review) if column.measure == measure]
    last = max((age(column.period)[0] for column in columns), default=None)
    return min((column for column in columns if age(column.period)[0] == last), key=lambda c: age(c.period)[1], default=None)
