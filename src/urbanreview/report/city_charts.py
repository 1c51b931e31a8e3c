"""Figures of the system of cities: size by rank, and growth by size."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.indicators.city_system import STABLE_PER_YEAR
from urbanreview.report import paper, plots
from urbanreview.report.columns import clean
from urbanreview.report.ink import BLACK, BLUE, CENTRE, CLUSTER, GREY, VERMILION
from urbanreview.report.result import Review
from urbanreview.report.unit_sets import Grown, UnitSet, grown, sizes, unit_sets

WIDE, HIGH, PANEL_INCHES, GAP_INCHES, LEFT_INCHES = 10.5, 6.2, 4.2, 0.85, 0.8
LEGEND_INCHES = 0.45
MOST_NAMED = 8
_COLOURS = {"urban_centre": CENTRE, "urban_cluster": CLUSTER}
_KINDS = (("growing", VERMILION, "^"), ("stable", GREY, "o"), ("shrinking", BLUE, "v"))


def draw_rank_size(review: Review, path: Path) -> None:
    """Draw people of settlements against their rank, both logarithmic, for every unit set, with the fitted slope.

    Parameters
    ----------
    review : Review
        With numbers of the system of cities.
    path : Path
        The PNG to write.
    """
    shown = [(units, sizes(review, units)) for units in unit_sets(review)]
    shown = [(units, table) for units, table in shown if len(table)]
    under = f"People of a settlement against its rank less 1/2, both logarithmic; population {review.population}"
    sheet = plots.new_sheet(review, WIDE, HIGH, title="rank and size of settlements", under=under)
    people = np.concatenate([table["people"].to_numpy(float) for _, table in shown])
    most = max(len(table) for _, table in shown)
    for column, (units, table) in enumerate(shown):
        axes = sheet.axes(LEFT_INCHES + column * (PANEL_INCHES + GAP_INCHES), PANEL_INCHES, heading=units.title)
        plots.label_axes(axes, "people inside the country", "rank less 1/2" if column == 0 else "")
        plots.logarithmic(axes, "x", float(people.min()), float(people.max()))
        plots.logarithmic(axes, "y", 0.4, max(most - 0.5, 1.0))
        _draw_ranks(sheet, axes, units, table)
    sheet.save(path)


def _draw_ranks(sheet: plots.Sheet, axes: Any, units: UnitSet, table: pd.DataFrame) -> None:
    x, y = table["people"].to_numpy(float), np.arange(len(table)) + 0.5
    slope, error = (units.numbers.get(clean(f"system.rank_size_{name}"), np.nan) for name in ("slope", "error"))
    lines = []
    if np.isfinite(slope):
        ends = np.array([x.min(), x.max()])
        lines = [(ends, np.exp(np.log(y).mean() - slope * (np.log(ends) - np.log(x).mean())))]
        axes.plot(*lines[0], color=BLACK, linewidth=1.2, zorder=4)
        words = f"slope {slope:.2f}, standard error {error:.2f}\n{len(table):,} settlements"
    else:
        words = f"no slope of {len(table):,} settlements"
    axes.scatter(x, y, s=18, c=_COLOURS.get(units.level, GREY), edgecolors="white", linewidths=0.5, zorder=5)
    axes.text(
        0.04, 0.05, words, transform=axes.transAxes, fontsize=9, fontfamily=paper.FONT, color=BLACK, va="bottom",
        linespacing=1.4, parse_math=False,
    )  # fmt: skip
    plots.write_names(sheet, axes, table, x, y, named=range(min(MOST_NAMED, len(table))), lines=lines)


def draw_city_growth(review: Review, path: Path) -> None:
    """Draw the yearly growth of settlements against their people at first, growers and shrinkers apart.

    Parameters
    ----------
    review : Review
        With growth of settlements.
    path : Path
        The PNG to write.
    """
    shown = [(units, grown(review, units)) for units in unit_sets(review)]
    found = [(units, growth) for units, growth in shown if growth is not None]
    first = found[0][1]
    moves = "each date in its own extent" if first.boundary == "moving" else "both dates on the ground of the last"
    under = (
        f"Growth of people per year, {first.period.replace('/', ' to ')}, against people at first; {moves}; {review.population}"
    )
    sheet = plots.new_sheet(review, WIDE, HIGH + LEGEND_INCHES, title="which settlements grow", under=under)
    people = np.concatenate([growth.table["before"].to_numpy(float) for _, growth in found])
    rates = np.concatenate([growth.table["rate"].to_numpy(float) for _, growth in found])
    room = max(0.06 * float(np.ptp(rates)), STABLE_PER_YEAR)
    for column, (units, growth) in enumerate(found):
        left = LEFT_INCHES + column * (PANEL_INCHES + GAP_INCHES)
        axes = sheet.axes(left, PANEL_INCHES, base=plots.FOOT_INCHES + LEGEND_INCHES, heading=units.title)
        plots.label_axes(axes, "people at the first date", "growth per year" if column == 0 else "")
        plots.logarithmic(axes, "x", float(people.min()), float(people.max()))
        axes.set_ylim(min(rates.min(), 0) - room, max(rates.max(), 0) + room)
        plots.percent(axes, "y")
        _draw_growth(sheet, axes, review, units, growth)
    sheet.save(path)


def _draw_growth(sheet: plots.Sheet, axes: Any, review: Review, units: UnitSet, growth: Grown) -> None:
    table = growth.table
    x, y = table["before"].to_numpy(float), table["rate"].to_numpy(float)
    axes.axhline(0, color=GREY, linewidth=1.0, zorder=3)
    kinds = (y > STABLE_PER_YEAR, np.abs(y) <= STABLE_PER_YEAR, y < -STABLE_PER_YEAR)
    for (word, colour, marker), chosen in zip(_KINDS, kinds, strict=True):
        axes.scatter(
            x[chosen], y[chosen], s=26, c=colour, marker=marker, edgecolors="white", linewidths=0.5, zorder=5,
            label=f"{chosen.sum():,} {word}",
        )  # fmt: skip
    numbers = next((each.numbers for each in unit_sets(review, growth.period) if each.level == units.level), {})
    slope, error = (numbers.get(clean(f"system.growth_on_size{end}"), np.nan) for end in ("", "_error"))
    lines = []
    if np.isfinite(slope) and growth.boundary == "moving":
        ends = np.array([x.min(), x.max()])
        lines = [(ends, y.mean() + slope * (np.log(ends) - np.log(x).mean()))]
        words = f"slope {100 * slope:.2f}, standard error {100 * error:.2f} [% a year per ln(people)]"
        axes.plot(*lines[0], color=BLACK, linewidth=1.2, zorder=4, label=words)
    axes.legend(
        loc="upper left", bbox_to_anchor=(-0.03, -0.11), ncols=2, prop={"family": paper.FONT, "size": 8}, frameon=False,
        handlelength=1.2, columnspacing=1.2,
    )  # fmt: skip
    largest, by_rate = np.argsort(-x)[: MOST_NAMED - 4], np.argsort(y)
    named = list(dict.fromkeys(int(row) for row in (*largest, *by_rate[:2], *by_rate[::-1][:2])))
    plots.write_names(sheet, axes, table, x, y, named=named, lines=lines)
