"""The page of a review: one HTML file that opens from disk, with everything in it and nothing from the network."""

from base64 import b64encode
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from urbanreview.report.extras import require
from urbanreview.report.highlights import glance, modelled_sentence
from urbanreview.report.ink import BOUNDARY_DISCLAIMER, MODELLED_MARK
from urbanreview.report.manifest import versions
from urbanreview.report.populations import compared
from urbanreview.report.result import Review
from urbanreview.report.scenarios import climber_rows, pair_rows, scenario_rows
from urbanreview.report.sections import (
    centre_table,
    district_table,
    input_groups,
    ledger_rows,
    measures_used,
    rule_lines,
)
from urbanreview.report.travel import travel_rows
from urbanreview.report.wording import duration, flatten, number, pretty

FIGURES: Mapping[str, str] = {
    "map": "Population density of districts, with urban clusters and urban centres and the names of the largest.",
    "largest_centres": "The largest urban centres by people, with the newest sum of lights beside.",
    "degree_of_urbanisation": "Degree of urbanisation of every cell, level 2, with each class's share of the country's people.",
    "travel_time": "Minutes to the nearest urban centre, and the fastest ways between the centres.",
    "urban_agreement": "In how many scenarios, a population under a rule set each, a cell is urban.",
}
"""What the known figures show: caption and text for readers who do not see them."""


def write_page(review: Review, figures: Mapping[str, Path], path: Path) -> None:
    """Write the page.

    Parameters
    ----------
    review : Review
    figures : mapping of str to Path
        PNG files by name; ``map`` and ``largest_centres`` stand beside their tables, others follow at the end.
    path : Path
        The HTML file to write.

    Raises
    ------
    MissingExtra
        If jinja2 is not installed.

    Notes
    -----
    Whatever comes from data is escaped. The page runs no script and asks for no other file; its content policy forbids
    both. Addresses in citations are text.
    """
    jinja2 = require("jinja2")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["pretty"] = pretty
    template = files("urbanreview.report").joinpath("templates", "report.html.j2").read_text(encoding="utf-8")
    html = environment.from_string(template).render(**_content(review, figures))
    path.write_text(html, encoding="utf-8", newline="\n")


def _content(review: Review, figures: Mapping[str, Path]) -> dict[str, object]:
    settings = flatten(review.settings)
    return {
        "review": review,
        "modelled_mark": MODELLED_MARK,
        "modelled_sentence": modelled_sentence(review),
        "cards": _cards(review),
        "figures": {name: _figure(name, file) for name, file in figures.items()},
        "populations": compared(review),
        "number": number,
        "scenarios": scenario_rows(review),
        "pairs": pair_rows(review),
        "climbers": climber_rows(review),
        "travel": travel_rows(review),
        "centres": centre_table(review),
        "districts": district_table(review),
        "ledger": ledger_rows(review),
        "rules": rule_lines(review),
        "measures": measures_used(review),
        "inputs": input_groups(review),
        "settings": settings,
        "steps": [(name, duration(seconds)) for name, seconds in review.steps],
        "versions": versions(),
        "disclaimer": BOUNDARY_DISCLAIMER,
    }


def _cards(review: Review) -> list[tuple[str, str, str]]:
    """Return the numbers at a glance: label, number, and a word on it."""
    seen = glance(review)
    crossing = seen.cross_border_centres + seen.cross_border_clusters
    return [
        ("People", number(seen.people, "people"), seen.of),
        ("Urban people", number(seen.urban_people, "people"), "in cells of urban clusters, centres included"),
        ("Urban share", number(seen.urban_share, "1", share=True), "urban people over people"),
        ("Urban centres", f"{seen.centres:,}", f"{seen.cross_border_centres:,} across the border"),
        ("Urban clusters", f"{seen.clusters:,}", f"{seen.cross_border_clusters:,} across the border"),
        ("Cross-border", f"{crossing:,}", "settlements with people beyond the border"),
    ]


def _figure(name: str, file: Path) -> dict[str, str]:
    caption = FIGURES.get(name, name.replace("_", " ").capitalize())
    return {"caption": caption, "data": b64encode(file.read_bytes()).decode("ascii")}
