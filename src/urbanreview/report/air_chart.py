"""The figure of fine dust: the largest cities by what their people breathe, against the levels of the WHO."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.indicators.air import AIR_LEVELS, WHO_2021, AirLevels
from urbanreview.report import paper, plots
from urbanreview.report.chosen import chosen, country_and_cities, newest_of
from urbanreview.report.columns import Column, parts_of
from urbanreview.report.highlights import LARGEST
from urbanreview.report.ink import GREY, NAVY
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY
from urbanreview.report.wording import number, pretty_unit

DUST = "air.pm25"
BANDS = ("#7fb6d6", "#f0d27a", "#f2a33a", "#de7024", "#b5271e", "#6d1a36")
"""Of bars, from the guideline up."""
WIDE, ROW_INCHES, LEFT_INCHES, PANEL_INCHES = 9.6, 0.27, 1.95, 5.3


def levels_of(review: Review) -> AirLevels:
    """Return the levels by which the review tells people apart."""
    columns = chosen(review, "air.share")
    edition = parts_of(columns[-1].variant).get("levels", "") if columns else ""
    return AIR_LEVELS.get(edition, WHO_2021)


def ranked(review: Review) -> tuple[Column, pd.DataFrame] | None:
    """Return fine dust of the newest year, and the country and its largest cities, the dustiest first; None without any."""
    found = newest_of(review, DUST)
    table = country_and_cities(review)
    if not found or found[0].name not in table:
        return None
    largest = table.groupby("level", sort=False).head(LARGEST)
    largest = largest[largest[found[0].name].notna()].sort_values(found[0].name, ascending=False, kind="stable")
    return (found[0], largest) if len(largest) else None


def has_air(review: Review) -> bool:
    """Tell whether there is fine dust to draw."""
    return ranked(review) is not None


def draw_air(review: Review, path: Path) -> None:
    """Draw fine dust by people of the country and its largest cities as ranked bars, with the levels of the WHO.

    Parameters
    ----------
    review : Review
        With fine dust: see `has_air`.
    path : Path
        The PNG to write.
    """
    found = ranked(review)
    if found is None:
        return
    column, table = found
    levels, dust = levels_of(review), table[column.name].to_numpy(float)
    rows = max(len(table), 3)
    high = plots.HEAD_INCHES + rows * ROW_INCHES + plots.FOOT_INCHES
    whose = parts_of(column.variant).get("people", "").replace(":", " ")
    under = f"Fine dust (PM2.5) of {column.period}, {pretty_unit(column.unit)}, {column.source}; each by the people of {whose}"
    sheet = plots.new_sheet(review, WIDE, high, title="air of the largest cities", under=under)
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES)
    kinds = np.searchsorted(levels.bounds, dust)
    axes.barh(range(len(table)), dust, height=0.68, color=[BANDS[min(kind, len(BANDS) - 1)] for kind in kinds], zorder=3)
    axes.set(ylim=(rows - 0.4, -0.6), xlim=(0, 1.1 * max(float(dust.max()), levels.bounds[-1])))
    axes.set_yticks(range(len(table)), paper.names_of(table, 24), fontsize=8.5, fontfamily=paper.FONT, parse_math=False)
    axes.grid(visible=False)
    for row, (level, value) in enumerate(zip(table["level"], dust, strict=True)):
        _write_value(axes, value, row)
        if level == COUNTRY:
            axes.get_yticklabels()[row].set(fontweight="bold", color=NAVY)
    for bound in levels.bounds:
        axes.axvline(bound, color=GREY, linewidth=0.9, linestyle=(0, (3, 2)), zorder=4)
        axes.annotate(
            f"{bound:g}", (bound, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
            fontsize=8, fontfamily=paper.FONT, color=GREY, ha="center", va="bottom", annotation_clip=False,
        )  # fmt: skip
    plots.label_axes(axes, f"PM2.5, {pretty_unit(column.unit)}", "")
    legend = [paper.LegendRow(f"Levels: {levels.edition.upper().replace('-', ' ')}"), *_legend(levels)]
    sheet.legend(legend, left=LEFT_INCHES + PANEL_INCHES + 0.2)
    sheet.save(path)


def _write_value(axes: Any, value: float, row: int) -> None:
    axes.annotate(
        number(value), (value, row), xytext=(3, 0), textcoords="offset points", va="center", ha="left", fontsize=7.5,
        fontfamily=paper.FONT, color=GREY, zorder=6, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
    )  # fmt: skip


def _legend(levels: AirLevels) -> list[paper.LegendRow]:
    targets = len(levels.interim_targets)
    words = [f"up to {levels.guideline:g}: guideline"]
    words += [f"up to {bound:g}: interim target {targets - place}" for place, bound in enumerate(levels.interim_targets)]
    words.append(f"above {levels.bounds[-1]:g}")
    return [paper.LegendRow(text, colour) for text, colour in zip(words, BANDS, strict=False)]
