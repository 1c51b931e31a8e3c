"""The page of a review: one HTML file that opens from disk, with everything in it and nothing from the network."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from urbanreview.indicators import FLAGS as ALL_FLAGS
from urbanreview.report.captions import told
from urbanreview.report.columns import FLAGS
from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.environment_sections import environment_parts
from urbanreview.report.extras import require
from urbanreview.report.highlights import LIGHTS, modelled_names
from urbanreview.report.manifest import versions
from urbanreview.report.official_chart import FIGURES as OFFICIAL_FIGURES
from urbanreview.report.own_sections import own_parts
from urbanreview.report.page_sections import FIGURES as FIGURES_OF
from urbanreview.report.page_sections import page_sections, section_of
from urbanreview.report.populations import compared
from urbanreview.report.result import Review
from urbanreview.report.scenarios import climber_rows, pair_rows, scenario_rows
from urbanreview.report.sections import (
    Cell,
    centre_table,
    district_table,
    input_groups,
    ledger_rows,
    measures_used,
    rule_lines,
)
from urbanreview.report.system_section import PARTS, class_table, moves_table, parts_table, system_table
from urbanreview.report.theme_sections import expansion_reason, land_tables, lights_table
from urbanreview.report.travel import travel_rows
from urbanreview.report.web.assembled import Interactive, interactive
from urbanreview.report.web.cards import cards
from urbanreview.report.web.message_words import printed
from urbanreview.report.web.method_boxes import PARTS as METHOD_PARTS
from urbanreview.report.web.method_boxes import MethodBox, boxes_of
from urbanreview.report.web.strings import ENGLISH, said_in, texts
from urbanreview.report.wording import duration, flatten, number, pretty

FIGURES: Mapping[str, tuple[str, str]] = {
    "map": ("Population density of districts, with urban clusters and urban centres and the names of the largest.", ""),
    "largest_centres": ("The largest urban centres by people, with their newest light by area beside.", told(LIGHTS)),
    "degree_of_urbanisation": (
        "Degree of urbanisation of every cell, level 2, with each class's share of the country's people.",
        "",
    ),
    "travel_time": ("Minutes to the nearest urban centre, and the fastest ways between the centres.", ""),
    "urban_agreement": ("In how many scenarios, a population under a rule set each, a cell is urban.", ""),
    "rank_size": (
        "People of settlements against their rank, with the fitted slope.",
        told("system.rank_size_slope", "system.rank_size_error"),
    ),
    "city_growth": (
        "Yearly growth of settlements against their people at first; those that grow, stay, and shrink.",
        told("population.growth_rate", "system.growth_on_size"),
    ),
    "urban_growth": (
        "Where urban people were added and lost between two years; the parts add up to the growth.",
        told(*PARTS[:6]),
    ),
    "land_consumption": (
        "Land consumption of urban centres against the growth of their people, with the line where both grow at one rate.",
        told("land.consumption_rate", "land.population_growth", "land.consumption_ratio"),
    ),
    "lights_trend": ("Yearly light by area of the largest urban centres and of the country, the first year 100.", told(LIGHTS)),
    "climate": (
        "The country's mean year by month, rain and temperature, and how every year departs from it, with the trend.",
        told("climate.precipitation_anomaly", "climate.temperature_anomaly", "climate.precipitation_trend"),
    ),
    "air": (
        "Fine dust that people of the country and of its largest urban centres breathe, with the levels of the WHO.",
        told("air.pm25"),
    ),
}
"""What the known figures show, for readers who do not see them as well, and what their measures are."""
EXPANSION_FIGURES, EXPOSURE_FIGURES = "expansion_", "exposure_"
"""Start the names of maps of new built-up land, two years follow, and of figures of a hazard, whose name follows."""
STARTS: Mapping[str, tuple[str, str]] = {
    EXPANSION_FIGURES: ("Kinds of new built-up land: infill, extension and leapfrog.", told("expansion.infill_share")),
    EXPOSURE_FIGURES: (
        "People of the country in the hazard zone by return period, and in a year on average with its bounds.",
        told("exposure.people", "exposure.expected_people"),
    ),
    OFFICIAL_FIGURES: (
        "Official people of units beside ours, and the gap in per cent, the largest gap first.",
        told("official.people", "official.gap_share"),
    ),
}
"""What figures show whose names begin so."""
ALWAYS = ("glance", "map", "profile-app", "centres", "districts", "method", "inputs", "ledger", "settings")
"""Sections of every page."""


def write_page(
    review: Review, figures: Mapping[str, Path], path: Path, *, language: str = "", tables: Path | None = None
) -> None:
    """Write the page.

    Parameters
    ----------
    review : Review
    figures : mapping of str to Path
        PNG files by name; those of `FIGURES` and `STARTS` stand beside their tables, others follow at the end.
    path : Path
        The HTML file to write.
    language : str, optional
        Of headings, measures and captions; that of the settings without it.
    tables : Path, optional
        Folder of the written tables, which the page hands out; beside the page without it.

    Raises
    ------
    MissingExtra
        If a package of the extra ``[report]`` is not installed.
    UnknownName
        If there are no strings of the language.

    Notes
    -----
    Whatever comes from data is escaped. The page asks for no other file; its content policy forbids it. Without its scripts
    it still has its tables and words. Addresses in citations are text.
    """
    template = _environment().get_template("report.html.j2")
    html = template.render(**_content(review, figures, language or _language(review), tables or path.parent / "tables"))
    path.write_text(html, encoding="utf-8", newline="\n")


def _environment() -> Any:
    """Return what fills in the templates, everything from data escaped."""
    jinja2 = require("jinja2")
    loader = jinja2.PackageLoader("urbanreview.report", "templates")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, loader=loader
    )
    environment.filters |= {"pretty": pretty, "digits": digits, "printed": printed, "in_words": in_words}
    return environment


def _language(review: Review) -> str:
    """Return the language that the settings ask for."""
    output = review.settings.get("output")
    return str(output.get("language", ENGLISH)) if isinstance(output, Mapping) else ENGLISH


def _content(review: Review, figures: Mapping[str, Path], language: str, tables: Path) -> dict[str, object]:
    live, t = interactive(review, language, tables), texts(language).__getitem__
    drawn = {name for name in figures if any(chart.startswith(_start(name)) for chart in live.charts)}
    content: dict[str, Any] = {
        **_static(review, {name: file for name, file in figures.items() if name not in drawn}, language),
        **_placed(live),
        **_methods(review, language),
        "language": language,
        "t": t,
        "said": said_in(language),
        "settings": flatten(review.settings),
        "drawn": drawn,
    }
    parts = [*environment_parts(review), *own_parts(review)]
    return content | {"sections": page_sections(_anchors(content), parts, t)}


def _anchors(content: Mapping[str, Any]) -> set[str]:
    """Return the sections that have something to say; a few are always there and say what there is not."""
    has_growth = content["parts"].rows or content["land"] or content["expansions"] or "growth" in content["charts_of"]
    has_lights = (content["lights"].rows and content["lights"].has_numbers) or "lights" in content["charts_of"]
    there = {
        "system": content["system"],
        "growth": has_growth,
        "lights": has_lights,
        "degree": "degree_of_urbanisation" in content["figures"],
        "travel": content["travel"],
        "sensitivity": content["scenarios"],
        "populations": content["population_rows"],
    }
    return {*ALWAYS, *(anchor for anchor, has_something in there.items() if has_something)}


def _methods(review: Review, language: str) -> dict[str, object]:
    """Return the method boxes of the review's indicators, by section too, each with the records of its measures."""
    records = {record["key"]: record for record in measures_used(review)}
    boxes = boxes_of(records, language, sections=["sensitivity"] if review.comparison else [])
    by_section: dict[str, list[MethodBox]] = {}
    for box in boxes:
        by_section.setdefault(box.section, []).append(box)
    told = [(box, [records[key] for key in box.measures if key in records]) for box in boxes]
    return {"boxes": told, "boxes_of": by_section, "method_parts": METHOD_PARTS}


def _placed(live: Interactive) -> dict[str, object]:
    """Return what is interactive, texts of the page's own making marked as such, with every chart in its section."""
    markup = require("markupsafe").Markup
    sections: dict[str, list[str]] = {}
    for name in live.charts:
        sections.setdefault(section_of(name), []).append(name)
    return {
        "charts": {name: replace(chart, json=markup(chart.json)) for name, chart in live.charts.items()},
        "charts_of": sections,
        "figures_of": FIGURES_OF,
        "messages": live.messages,
        "data": markup(live.data),
        "vega": markup(live.vega),
        "scripts": [markup(script) for script in live.scripts],
        "styles": [markup(style) for style in live.styles],
    }


def in_words(cell: Cell, said: Callable[[str], str], language: str) -> str:
    """Return what a cell says in a language: numbers in its signs, classes and flags in its words, names as they are."""
    if cell.is_word:
        return "; ".join(said(word) for word in cell.text.split("; "))
    return printed(cell.text, language) if cell.is_number else cell.text


def digits(text: str) -> str:
    """Return the number that a cell of the page says, as rows are sorted by it; empty where it says none.

    >>> digits("12,345"), digits("68.9%"), digits("–")
    ('12345', '68.9', '')
    """
    plain = text.replace(",", "").removesuffix("%").replace("−", "-").strip()
    try:
        float(plain)
    except ValueError:
        return ""
    return plain


def _start(figure: str) -> str:
    """Return how the names of charts begin that show the same as a figure."""
    return "largest" if figure == "largest_centres" else figure


def _static(review: Review, figures: Mapping[str, Path], language: str) -> dict[str, object]:
    return {
        "review": review,
        "modelled_mark": texts(language)["notes.modelled"],
        "modelled_names": modelled_names(review),
        "cards": cards(review, language),
        "figures": {name: _figure(name, file) for name, file in figures.items()},
        "population_rows": _population_rows(review),
        "scenarios": scenario_rows(review),
        "pairs": pair_rows(review),
        "climbers": climber_rows(review),
        "travel": travel_rows(review),
        "centres": centre_table(review),
        "districts": district_table(review),
        "system": [table for table in (system_table(review), class_table(review), moves_table(review)) if table.rows],
        "parts": parts_table(review),
        "land": land_tables(review),
        "no_expansion": expansion_reason(review),
        "lights": lights_table(review),
        "expansions": [name for name in figures if name.startswith(EXPANSION_FIGURES)],
        "strangers": [name for name in figures if name not in FIGURES and not name.startswith(tuple(STARTS))],
        "flags": [(flag.key, pretty(flag.sentence)) for flag in ALL_FLAGS] if FLAGS in review.zones else [],
        "ledger": ledger_rows(review),
        "rules": rule_lines(review),
        "inputs": input_groups(review),
        "steps": [(name, duration(seconds)) for name, seconds in review.steps],
        "versions": versions(),
        "disclaimer": boundary_words(review),
    }


def _population_rows(review: Review) -> list[tuple[str, ...]]:
    """Return what every population says of the country, where there are several."""
    return [
        (
            row.title,
            number(row.people, "people"),
            number(row.urban_people, "people"),
            number(row.urban_share, "1", share=True),
            str(row.centres),
            str(row.clusters),
        )
        for row in compared(review)
    ]


def _figure(name: str, file: Path) -> dict[str, str]:
    known = next(
        (words for start, words in STARTS.items() if name.startswith(start)), (name.replace("_", " ").capitalize(), "")
    )
    words, measures = FIGURES.get(name, known)
    return {"words": words, "measures": measures, "data": b64encode(file.read_bytes()).decode("ascii")}
