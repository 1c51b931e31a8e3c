"""People in the zone of a hazard by return period: tables of the country and its cities, and the country's figure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report import paper, plots
from urbanreview.report.chosen import chosen, country_and_cities, country_values, marked_table, newest_of
from urbanreview.report.columns import Column, age, parts_of
from urbanreview.report.highlights import LARGEST
from urbanreview.report.ink import BLUE, GREY, NAVY
from urbanreview.report.result import Review
from urbanreview.report.sections import Table
from urbanreview.report.tables import long_table
from urbanreview.report.wording import Phrase, number

PEOPLE, SHARE, EXPECTED = "exposure.people", "exposure.people_share", "exposure.expected_people"
BOUNDS = (f"{EXPECTED}_low", f"{EXPECTED}_high")
GROWTH = (
    "exposure.new_people", "exposure.new_people_share", "exposure.base_people_share", "exposure.new_built_up",
    "exposure.new_built_up_share", "exposure.base_built_up_share",
)  # fmt: skip
ZONE_YEARS = 100.0
"""Land and built-up land are told of the zone of this return period, or the nearest that there is."""
WIDE, HIGH, LEFT_INCHES, PANEL_INCHES = 9.6, 5.4, 0.95, 5.2
WORDS_INCHES = 6.5
BOUNDS_WORDS = "The bounds hold whatever happens between\ntwo return periods, below the shortest,\nand beyond the longest."
FEW_LABELS = 6
"""Points have people and share written beside; where there are more points, the share alone."""


@dataclass(frozen=True)
class Hazard:
    """Columns of a hazard, of the newest people of the review's own population where it has them.

    Attributes
    ----------
    name : str
        As in the settings.
    people : dict of float to Column
        By return period, from short to long; the only one under NaN where the map has none.
    expected : tuple of Column
        People in a year on average, at least and at most; empty without return periods.
    words : str
        Threshold, people, protection, and how perils are taken together.
    """

    name: str
    people: Mapping[float, Column]
    expected: tuple[Column, ...]
    words: str


def hazards(review: Review) -> list[Hazard]:
    """Return every hazard that the review has exposed people of."""
    values = long_table(review)
    names = values.loc[values["measure"] == PEOPLE, "source"].unique()
    return [_hazard(review, str(name)) for name in sorted(names)]


def _hazard(review: Review, name: str) -> Hazard:
    columns = chosen(review, PEOPLE, source=name)
    own = [column for column in columns if parts_of(column.variant)["people"].startswith(f"{review.population_source}:")]
    last = (own or columns)[-1]
    whose = parts_of(last.variant)["people"]
    people = {_years(column): column for column in chosen(review, PEOPLE, source=name, people=whose)}
    expected = [newest_of(review, measure, source=name, people=whose) for measure in (EXPECTED, *BOUNDS)]
    told = tuple(column for found in expected for column in found)
    words = _words(review, name, parts_of(last.variant), parts_of(told[0].variant) if told else {})
    return Hazard(name, dict(sorted(people.items())), told if len(told) == len(expected) else (), words)


def _years(column: Column) -> float:
    return float(parts_of(column.variant).get("return_period", "nan"))


def _words(review: Review, name: str, parts: Mapping[str, str], yearly: Mapping[str, str]) -> str:
    sections: Any = review.settings.get("exposure", {})
    units = str(sections.get(name, {}).get("units", ""))
    side = "below {threshold}" if parts.get("direction") == "below" else "above {threshold}"
    told: dict[str, object] = {
        "side": Phrase(side, threshold=f"{parts['threshold']} {units}".strip()),
        "people": parts["people"].replace(":", " "),
    }
    if not yearly:
        return Phrase("threshold: {side}; people of {people}; perils fully dependent", **told)
    years = float(yearly["protection_years"])
    told["defence"] = "undefended" if years <= 1 else Phrase("defences hold up to 1 in {years} years", years=f"{years:,g}")
    return Phrase("threshold: {side}; people of {people}; {defence}; perils fully dependent", **told)


def hazard_tables(review: Review) -> list[Table]:
    """Return the tables of each hazard: who is exposed, by return period and in a year, and what is new in its zone."""
    makers = (_exposed, _yearly, _growth)
    return [table for each in hazards(review) for table in (make(review, each) for make in makers) if table.has_numbers]


def _exposed(review: Review, hazard: Hazard) -> Table:
    table = country_and_cities(review)
    columns, marks = [*hazard.people.values()], {}
    for column in columns:
        share = next(iter(chosen(review, SHARE, source=hazard.name, **parts_of(column.variant))), None)
        if share is not None and share.name in table:
            marks[column.name] = table[share.name].map(_in_brackets)
    caption = Phrase("{hazard}: people exposed, and their share; {how}", hazard=_title(hazard), how=hazard.words)
    return _table(review, table, columns, caption, marks)


def _yearly(review: Review, hazard: Hazard) -> Table:
    columns = [*hazard.expected]
    for measure in ("exposure.built_up_share", "exposure.land_share"):
        found = _nearest_zone(review, measure, hazard.name)
        columns += found
    caption = Phrase(
        "{hazard}: people exposed in a year with bounds, and land in the hazard zone; {how}",
        hazard=_title(hazard),
        how=hazard.words,
    )
    return _table(review, country_and_cities(review), columns, caption, {})


def _growth(review: Review, hazard: Hazard) -> Table:
    columns = [column for measure in GROWTH for column in newest_of(review, measure, source=hazard.name)]
    years = {_years(column) for column in columns} - {float("nan")}
    zone = ", ".join(f"{each:,g}" for each in sorted(years) if each == each)
    caption = Phrase("{hazard}: what is new in the hazard zone", hazard=_title(hazard))
    if zone:
        caption = Phrase("{what}, 1 in {years} years", what=caption, years=zone)
    return _table(review, country_and_cities(review), columns, caption, {})


def _table(
    review: Review, table: pd.DataFrame, columns: list[Column], caption: str, marks: Mapping[str, pd.Series]
) -> Table:  # fmt: skip
    return marked_table(
        review,
        table,
        "Country and centres",
        columns,
        marks=marks,
        most=LARGEST + 1,
        caption=caption,
        file="urban_centres.csv",
        under=_of_years(columns),
    )


def _title(hazard: Hazard) -> str:
    return hazard.name.replace("_", " ").replace("-", " ").capitalize()


def _of_years(columns: Iterable[Column]) -> dict[str, str]:
    """Return what each column of a return period says of it below its heading."""
    years = {column.name: _years(column) for column in columns}
    return {name: Phrase("1 in {years} years", years=f"{each:,g}") for name, each in years.items() if each == each}


def _in_brackets(share: float) -> str:
    return f"({number(share, '1', share=True)})" if share > 0 else ""


def _nearest_zone(review: Review, measure: str, name: str) -> list[Column]:
    """Return the newest column of the zone whose return period is the nearest, by its ratio, to `ZONE_YEARS`."""
    columns = chosen(review, measure, source=name)
    newest = [column for column in columns if age(column.period) == age(columns[-1].period)]
    return sorted(newest, key=lambda column: abs(np.log(_years(column) / ZONE_YEARS)))[:1]


def drawn_hazards(review: Review) -> dict[str, Hazard]:
    """Return, by the name of its figure, each hazard of which the country has two return periods or more."""
    found = {f"exposure_{hazard.name}": hazard for hazard in hazards(review)}
    return {name: hazard for name, hazard in found.items() if len(_by_years(review, hazard)[0]) > 1}


def _by_years(review: Review, hazard: Hazard) -> tuple[np.ndarray, np.ndarray]:
    years, people = np.array([*hazard.people]), np.array(country_values(review, [*hazard.people.values()]))
    known = np.isfinite(years) & np.isfinite(people)
    return years[known], people[known]


def draw_exposure(review: Review, path: Path, *, hazard: Hazard) -> None:
    """Draw the people of the country in the zone of a hazard by return period, and write beside it those of a year.

    Parameters
    ----------
    review : Review
    path : Path
        The PNG to write.
    hazard : Hazard
        One of `drawn_hazards`.
    """
    years, people = _by_years(review, hazard)
    title = f"people exposed to {_title(hazard).lower()}"
    under = hazard.words[:1].upper() + hazard.words[1:]
    sheet = plots.new_sheet(review, WIDE, HIGH, title=title, under=under)
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES, heading="People in the hazard zone, by return period")
    plots.logarithmic(axes, "x", years[0] / 1.7, years[-1] * 1.1)
    axes.set_xticks(years, [f"{each:,g}" for each in years])
    axes.set_ylim(0, 1.14 * max(people.max(), 1.0))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    plots.label_axes(axes, "return period, years (logarithmic)", "people exposed")
    axes.fill_between(years, people, color=BLUE, alpha=0.12, linewidth=0, zorder=2)
    axes.plot(years, people, color=BLUE, linewidth=1.8, marker="o", markersize=6, markeredgecolor="white", zorder=5)
    shares = _shares(review, hazard)
    for year, count in zip(years, people, strict=True):
        share = number(shares.get(year), "1", share=True)
        text = share if len(years) > FEW_LABELS else f"{number(count, 'people')}\n{share}"
        axes.annotate(
            text, (year, count), xytext=(-5, 5), textcoords="offset points", ha="right", va="bottom", fontsize=7.5,
            fontfamily=paper.FONT, color=GREY, parse_math=False, linespacing=1.2, zorder=6,
        )  # fmt: skip
    _write_yearly(sheet, country_values(review, hazard.expected))
    sheet.save(path)


def _shares(review: Review, hazard: Hazard) -> dict[float, float]:
    found = {
        years: country_values(review, chosen(review, SHARE, source=hazard.name, **parts_of(column.variant))[:1])
        for years, column in hazard.people.items()
    }
    return {years: values[0] for years, values in found.items() if values and np.isfinite(values[0])}


def _write_yearly(sheet: plots.Sheet, expected: list[float]) -> None:
    """Write people exposed in a year on average, with bounds, to the right of the axes."""
    if not expected or not np.isfinite(expected[0]):
        return
    middle, low, high = (number(value, "people") for value in expected)
    top = sheet.high - plots.HEAD_INCHES
    sheet.write(WORDS_INCHES, top - 0.15, "In a year, on average", size=9.5, bold=True, colour=NAVY)
    sheet.write(WORDS_INCHES, top - 0.55, middle, size=18, bold=True, colour=BLUE)
    sheet.write(WORDS_INCHES, top - 0.80, "people exposed", size=8.5, colour=GREY)
    sheet.write(WORDS_INCHES, top - 1.20, f"at least {low}", size=8.5)
    sheet.write(WORDS_INCHES, top - 1.42, f"at most {high}", size=8.5)
    sheet.write(WORDS_INCHES, top - 2.15, BOUNDS_WORDS, size=7.5, colour=GREY)
