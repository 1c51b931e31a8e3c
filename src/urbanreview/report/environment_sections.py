"""The sections of hazards, climate and air on the page: their tables, and which figures stand above them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from urbanreview.report.air_chart import DUST, draw_air, has_air
from urbanreview.report.chosen import FEW_WORDS, chosen, climate_source, country_and_cities, few_marks, marked_table, newest_of
from urbanreview.report.climate_chart import SIGNIFICANT, WEIGHT, WEIGHT_WORDS, draw_climate, has_climate
from urbanreview.report.columns import FLAGS, Column
from urbanreview.report.hazards import draw_exposure, drawn_hazards, hazard_tables
from urbanreview.report.highlights import LARGEST
from urbanreview.report.result import Review
from urbanreview.report.sections import Table
from urbanreview.report.tables import district_level, wide_table
from urbanreview.report.theme_sections import longest
from urbanreview.report.wording import Phrase

SOURCE_CELLS = "climate.source_cells"


@dataclass(frozen=True)
class Part:
    """A section of the page: its anchor, its title, the names of its figures, its tables, and sentences above them all."""

    anchor: str
    title: str
    figures: tuple[str, ...]
    tables: tuple[Table, ...]
    words: tuple[str, ...] = ()


def environment_parts(review: Review) -> list[Part]:
    """Return the sections of hazards, climate and air that the review has numbers for."""
    parts = [
        Part("hazards", "Hazards", tuple(drawn_hazards(review)), tuple(hazard_tables(review))),
        Part("climate", "Climate", ("climate",), tuple(climate_tables(review))),
        Part("air", "Air", ("air",), tuple(air_tables(review))),
    ]
    return [part for part in parts if part.tables]


def environment_drawers(review: Review) -> dict[str, Callable[[Review, Path], object]]:
    """Return what draws each figure of hazards, climate and air that the review has numbers for."""
    drawers: dict[str, Callable[[Review, Path], object]] = {
        name: partial(draw_exposure, hazard=hazard) for name, hazard in drawn_hazards(review).items()
    }
    if has_climate(review):
        drawers["climate"] = draw_climate
    if has_air(review):
        drawers["air"] = draw_air
    return drawers


def climate_tables(review: Review) -> list[Table]:
    """Return rain and temperature of the country and its largest cities, and of the districts."""
    columns = _climate_columns(review)
    if not columns:
        return []
    spans = ", ".join(sorted({c.period.replace("/", "–") for c in columns if c.period}))
    about = Phrase(
        "{spans}, {weight}; {trend}; {few}",
        spans=spans,
        weight=WEIGHT_WORDS,
        trend=Phrase(
            "* a trend whose probability, adjusted for all zones of its level, is at most {probability}",
            probability=f"{SIGNIFICANT:g}",
        ),
        few=FEW_WORDS,
    )
    tables = [
        (
            country_and_cities(review),
            "Country and centres",
            LARGEST + 1,
            "urban_centres.csv",
            "Climate of the country and its largest cities: {about}",
        )
    ]
    if level := district_level(review):
        districts = wide_table(review, level).drop(columns=FLAGS, errors="ignore")
        tables.append((districts, "District", LARGEST, "districts.csv", "Climate of the districts with most people: {about}"))
    return [
        marked_table(
            review, table, heading, columns, marks=few_marks(table, columns) | _trend_marks(review, table), most=most,
            caption=Phrase(pattern, about=about), file=file,
            under={column.name: column.source for column in columns if column.measure == SOURCE_CELLS},
        )
        for table, heading, most, file, pattern in tables
    ]  # fmt: skip


def _climate_columns(review: Review) -> list[Column]:
    columns = []
    for quantity, others in (("precipitation", ("precipitation_cv",)), ("temperature", ())):
        means = [
            column
            for column in chosen(review, f"climate.{quantity}", source=climate_source(review, quantity), weight=WEIGHT)
            if "/" in column.period
        ]
        columns += means[-1:]
        for measure in (*others, f"{quantity}_trend"):
            columns += newest_of(review, f"climate.{measure}", source=climate_source(review, quantity), weight=WEIGHT)
    cells = chosen(review, SOURCE_CELLS) if columns else []
    return columns + cells


def _trend_marks(review: Review, table: pd.DataFrame) -> dict[str, pd.Series]:
    marks = {}
    for quantity in ("precipitation", "temperature"):
        source = climate_source(review, quantity)
        slope = newest_of(review, f"climate.{quantity}_trend", source=source, weight=WEIGHT)
        adjusted = newest_of(review, f"climate.{quantity}_trend_p_adjusted", source=source, weight=WEIGHT)
        if slope and adjusted and adjusted[0].name in table:
            marks[slope[0].name] = (table[adjusted[0].name] <= SIGNIFICANT).map({True: "*", False: ""})
    return marks


def air_tables(review: Review) -> list[Table]:
    """Return fine dust of the country and its largest cities: newest year, change, people above, heating season."""
    dust = newest_of(review, DUST)
    if not dust:
        return []
    change = longest(review, "air.change")
    columns = [*dust, *newest_of(review, "air.pm25_area"), *([] if change is None else [change])]
    for measure in ("air.people_above_guideline", "air.heating_season", "air.heating_ratio", "air.source_cells"):
        columns += newest_of(review, measure)
    table = country_and_cities(review)
    caption = Phrase(
        "Fine dust (PM2.5) of the country and its largest cities, {source}; {few}", source=dust[0].source, few=FEW_WORDS
    )
    shown = marked_table(
        review, table, "Country and centres", columns, marks=few_marks(table, columns), most=LARGEST + 1, caption=caption,
        file="urban_centres.csv",
    )  # fmt: skip
    return [shown]
