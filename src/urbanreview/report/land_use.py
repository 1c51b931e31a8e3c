"""Land consumption of the cities: the figure of land against people, and what the page's table of it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from urbanreview.indicators.land import CONSUMPTION_CLASSES, STABLE_PER_YEAR, UN_HABITAT_2021
from urbanreview.report import plots
from urbanreview.report.columns import Column, age, parts_of
from urbanreview.report.ink import BLACK, BLUE, GREY, ORANGE
from urbanreview.report.result import Review
from urbanreview.report.tables import people_inside, review_columns, wide_table
from urbanreview.report.wording import Phrase

LEVEL = "urban_centre"
MEASURES = ("land.consumption_rate", "land.population_growth", "land.consumption_ratio", "land.consumption_class")
EDITION = UN_HABITAT_2021.edition
BOUNDARIES: Mapping[str, str] = {
    "fixed": "both dates on the ground of the latest extent",
    "moving": "each date in its own extent",
}
FASTER, SLOWER = (1,), (2, 5)
"""Classes in which the ratio has a meaning: land grows faster than people, or not."""
WIDE, HIGH, LEFT_INCHES, PANEL_INCHES = 9.6, 7.4, 0.85, 5.6
MOST_NAMED = 14


@dataclass(frozen=True)
class Consumption:
    """Land consumption of the cities over one span, by one formula on one boundary.

    Attributes
    ----------
    period, edition, boundary : str
    columns : dict of str to Column
        By measure.
    table : DataFrame
        The cities that it is told of, as in the wide table.
    """

    period: str
    edition: str
    boundary: str
    columns: Mapping[str, Column]
    table: pd.DataFrame

    @property
    def words(self) -> str:
        """Say of when, by which formula, and on which boundary."""
        span, ground = self.period.replace("/", "–"), BOUNDARIES[self.boundary]
        return Phrase("{span}, formula {edition}, {ground}", span=span, edition=self.edition, ground=ground)


def consumption(review: Review, boundary: str) -> Consumption | None:
    """Return land consumption of the cities over the newest span, by the newest formula; None where it is not told."""
    table = wide_table(review, LEVEL)
    columns = [
        column
        for column in review_columns(review)
        if column.measure in MEASURES
        and column.source == review.population_source
        and column.name in table
        and parts_of(column.variant) == {"boundary": boundary, "formula": EDITION}
    ]
    period = max((column.period for column in columns), key=age, default="")
    found = {column.measure: column for column in columns if column.period == period}
    if not found:
        return None
    names = [column.name for column in found.values()]
    told = table[names].notna().any(axis=1)
    return Consumption(period, EDITION, boundary, found, table[told]) if told.any() else None


def shown(review: Review) -> list[Consumption]:
    """Return what there is to show of land consumption, on the fixed boundary first."""
    return [found for found in (consumption(review, boundary) for boundary in BOUNDARIES) if found is not None]


def draw_land_consumption(review: Review, path: Path) -> None:
    """Draw the rate of land consumption of every city against the growth of its people, with the line where both are one.

    Parameters
    ----------
    review : Review
        With land consumption of its cities.
    path : Path
        The PNG to write.
    """
    found = shown(review)[0]
    table = found.table
    y, x, _, codes = (table[found.columns[measure].name].to_numpy(float) for measure in MEASURES)
    known = np.isfinite(x) & np.isfinite(y)
    table, x, y, codes = table[known], x[known], y[known], codes[known]
    sheet = plots.new_sheet(
        review, WIDE, HIGH, title="land and people of cities", under=f"Rates per year, {found.words}; {review.population}"
    )
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES, heading="Urban centres: built-up land against people")
    plots.label_axes(axes, "growth of people per year", "land consumption per year")
    for name, values in (("x", x), ("y", y)):
        low, high = min(0.0, *values), max(STABLE_PER_YEAR, *values)
        getattr(axes, f"set_{name}lim")(low - 0.07 * (high - low), high + 0.07 * (high - low))
        plots.percent(axes, name)
    axes.axhline(0, color=GREY, linewidth=1.0, zorder=3)
    axes.axvline(0, color=GREY, linewidth=1.0, zorder=3)
    one = np.array([0.0, min(axes.get_xlim()[1], axes.get_ylim()[1])])
    for words, colour, marker, chosen in _kinds(codes):
        axes.scatter(
            x[chosen], y[chosen], s=34, c=colour, marker=marker, edgecolors="white", linewidths=0.6, zorder=5,
            label=f"{words} ({chosen.sum():,})",
        )  # fmt: skip
    axes.plot(one, one, color=BLACK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=4, label="ratio of 1: both at one rate")
    plots.legend_beside(axes)
    order = np.argsort(-people_inside(table, review).to_numpy(float), kind="stable")
    plots.write_names(sheet, axes, table, x, y, named=[int(row) for row in order[:MOST_NAMED]], lines=[(one, one)])
    sheet.save(path)


def _kinds(codes: np.ndarray) -> list[tuple[str, str, str, np.ndarray]]:
    faster, slower = np.isin(codes, FASTER), np.isin(codes, SLOWER)
    return [
        (CONSUMPTION_CLASSES[1], ORANGE, "^", faster),
        ("people grow at least as fast", BLUE, "o", slower),
        ("people stable or shrinking,\nor land shrinking: no ratio", GREY, "s", ~faster & ~slower),
    ]
