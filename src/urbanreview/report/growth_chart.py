"""The figure of where urban people were added: bars that add up to the growth between two years."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report import paper, plots
from urbanreview.report.columns import clean
from urbanreview.report.extras import require
from urbanreview.report.ink import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY
from urbanreview.report.result import Review
from urbanreview.report.system import system_tables
from urbanreview.report.unit_sets import UnitSet

PARTS = (
    ("inside", "inside the constant extent", BLUE),
    ("edge", "edges", SKY),
    ("absorbed", "absorbed towns, villages", GREEN),
    ("new", "new settlements", ORANGE),
    ("dropped", "ground dropped, subtracted", PURPLE),
)
"""Parts of urban growth: end of the measure's key, words, colour."""
WIDE, BAR_INCHES, LEFT_INCHES, WIDTH_INCHES, LEGEND_LEFT_INCHES = 10.5, 0.42, 1.15, 6.45, 7.9
BETWEEN_INCHES, LETTER_INCHES = 0.62, 0.068

Row = Mapping[Hashable, Any]


def own_growth(review: Review) -> pd.DataFrame:
    """Return the decomposition of urban growth of the review's own population source; empty without one."""
    table = system_tables(review).get("urban_growth", pd.DataFrame(columns=["source"]))
    return table[table["source"] == review.population_source]


def draw_urban_growth(review: Review, path: Path) -> None:
    """Draw what urban growth is made of, span by span and unit set by unit set, as bars that add up to it.

    Parameters
    ----------
    review : Review
        With the decomposition of urban growth.
    path : Path
        The PNG to write.
    """
    table = own_growth(review)
    groups = [rows for _, rows in table.groupby(["units", "cutoff"], sort=False)]
    high = plots.HEAD_INCHES + len(table) * BAR_INCHES + (len(groups) - 1) * BETWEEN_INCHES + plots.FOOT_INCHES
    under = f"People gained and lost between two years, {review.population_source}; a spatial account, not births and moves"
    sheet = plots.new_sheet(review, WIDE, max(high, 4.1), title="where urban people were added", under=under)
    ends = np.array([_ends(row) for row in table.to_dict("records")])
    low, most = ends[:, 0].min(), max(ends[:, 1].max(), 1.0)
    limits = (low - 0.03 * (most - low), most + 0.2 * (most - low))
    top = sheet.high - plots.HEAD_INCHES
    for number, rows in enumerate(groups):
        height = len(rows) * BAR_INCHES
        units = UnitSet(str(rows["units"].iloc[0]), float(rows["cutoff"].iloc[0]), {})
        axes = sheet.axes(LEFT_INCHES, WIDTH_INCHES, base=top - height, height=height, heading=units.title)
        _draw_bars(axes, rows, limits, is_last=number == len(groups) - 1)
        top -= height + BETWEEN_INCHES
    legend = [paper.LegendRow("People")] + [paper.LegendRow(words, colour) for _, words, colour in _parts(table)]
    sheet.legend(legend, left=LEGEND_LEFT_INCHES)
    sheet.write(LEGEND_LEFT_INCHES, sheet.high - plots.HEAD_INCHES - 1.65, "◆ and number: the sum of all", size=8)
    sheet.save(path)


def _parts(table: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return the parts that the table tells apart; where rules know no towns and villages, those stand with the edges."""
    return [part for part in PARTS if table[clean(f"urban_growth.{part[0]}")].notna().any()]


def _pieces(row: Row) -> list[tuple[float, str]]:
    values = [(float(row[clean(f"urban_growth.{name}")]), name, colour) for name, _, colour in PARTS]
    return [(-value if name == "dropped" else value, colour) for value, name, colour in values if np.isfinite(value)]


def _ends(row: Row) -> tuple[float, float]:
    """Return where the bars of a row end, left and right of nothing [people]."""
    values = np.array([value for value, _ in _pieces(row)])
    return float(values[values < 0].sum()), float(values[values > 0].sum())


def _draw_bars(axes: Any, rows: pd.DataFrame, limits: tuple[float, float], *, is_last: bool) -> None:
    axes.grid(visible=False, axis="y")
    axes.set(xlim=limits, ylim=(len(rows) - 0.5, -0.5))
    words = [str(period).replace("/", " to ") for period in rows["period"]]
    axes.set_yticks(range(len(rows)), words, fontsize=plots.LABEL_POINTS, fontfamily=paper.FONT)
    ticker = require("matplotlib.ticker")
    axes.xaxis.set_major_locator(ticker.MaxNLocator(5))
    axes.xaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.axvline(0, color=GREY, linewidth=1.0, zorder=4)
    if is_last:
        plots.label_axes(axes, "people", "")
    people_per_inch = (limits[1] - limits[0]) / WIDTH_INCHES
    for number, row in enumerate(rows.to_dict("records")):
        _draw_bar(axes, number, row, people_per_inch)


def _draw_bar(axes: Any, number: int, row: Row, people_per_inch: float) -> None:
    right = left = 0.0
    for value, colour in _pieces(row):
        begin = right if value >= 0 else left
        axes.barh(number, value, left=begin, height=0.66, color=colour, edgecolor="white", linewidth=0.6, zorder=3)
        words = f"{value:,.0f}"
        if abs(value) / people_per_inch > LETTER_INCHES * (len(words) + 1):
            ink = "white" if colour in (BLUE, GREEN, PURPLE) else BLACK
            _write(axes, begin + value / 2, number, words, ink=ink, align="center")
        right, left = (right + value, left) if value >= 0 else (right, left + value)
    total = float(row["urban_growth_total"])
    axes.scatter([total], [number], s=24, c=BLACK, marker="D", edgecolors="white", linewidths=0.7, zorder=6)
    _write(axes, right + 0.08 * people_per_inch, number, f"{total:+,.0f}", ink=BLACK, align="left", bold=True)


def _write(axes: Any, x: float, y: float, words: str, *, ink: str, align: str, bold: bool = False) -> None:
    axes.text(
        x, y, words, fontsize=7.5, fontfamily=paper.FONT, color=ink, ha=align, va="center_baseline", zorder=7,
        fontweight="bold" if bold else "normal", parse_math=False,
    )  # fmt: skip
