"""The figure of official people beside ours: two dots per unit on a logarithmic axis, and the gap in per cent."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report import paper, plots
from urbanreview.report.beside import beside_tables
from urbanreview.report.columns import clean
from urbanreview.report.ink import BLACK, GREY, LINE, NAVY, ORANGE
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, long_table

MOST_UNITS = 30
WIDE, ROW_INCHES, LEFT_INCHES, PANEL_INCHES, GAP_LEFT_INCHES = 9.6, 0.24, 2.3, 4.9, 7.35
OFFICIAL_PEOPLE = "official.people"
FIGURES = "official_"
"""Starts the names of these figures."""


def statistics_of(review: Review) -> dict[str, pd.DataFrame]:
    """Return the rows of every official table: a column ``is_country`` tells the country's own row from those of units."""
    table = beside_tables(review).get("official")
    if table is None:
        return {}
    countries = review.zones.index[review.zones["level"] == COUNTRY]
    table = table.assign(is_country=table["zone_id"].isin(countries))
    return {str(name): rows.reset_index(drop=True) for name, rows in table.groupby("statistic", sort=True)}


def by_gap(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the units that have a gap, the largest first; ties by zone id."""
    units = rows[~rows["is_country"] & rows["gap"].notna()]
    return units.assign(size=-units["gap"].abs()).sort_values(["size", "zone_id"]).drop(columns="size").reset_index(drop=True)


def gap_words(row: pd.Series) -> str:
    """Return a gap in per cent, or what there is instead where nobody is official."""
    return "official zero" if pd.isna(row["gap_share"]) else f"{row['gap_share']:+.1%}"


def official_period(review: Review, statistic: str) -> str:
    """Return the year of an official table; empty if it has none."""
    values = long_table(review)
    of_it = (values["measure"] == OFFICIAL_PEOPLE) & (values["source"] == statistic)
    return str(next(iter(values.loc[of_it, "period"]), ""))


def official_figures(review: Review) -> dict[str, str]:
    """Return the statistic behind each figure: those with a unit that has people on either side."""
    drawn: dict[str, str] = {}
    for statistic, rows in statistics_of(review).items():
        if (by_gap(rows)[["official", "ours"]] > 0).to_numpy().any():
            name, number = f"{FIGURES}{clean(statistic)}", 1
            while name in drawn:
                number += 1
                name = f"{FIGURES}{clean(statistic)}_{number}"
            drawn[name] = statistic
    return drawn


def draw_official(review: Review, path: Path, *, statistic: str) -> None:
    """Draw official people of units and ours, those with the largest gaps.

    Parameters
    ----------
    review : Review
    path : Path
        The PNG to write.
    statistic : str
        One of those in `official_figures`.
    """
    units = by_gap(statistics_of(review)[statistic])
    shown = units.head(MOST_UNITS).copy()
    shown = shown.join(review.zones[["name_ascii"]].dropna(), on="zone_id") if "name_ascii" in review.zones else shown
    year = official_period(review, statistic)
    under = f"Official: {statistic} {year}".rstrip() + f"; ours: {review.population_source}, the year nearest to it"
    high = plots.HEAD_INCHES + len(shown) * ROW_INCHES + plots.FOOT_INCHES
    sheet = plots.new_sheet(
        review, WIDE, max(high, 3.6), title="official people beside ours", under=paper.printable(under, most=120)
    )
    words = "Units, by gap" if len(shown) == len(units) else f"The {len(shown)} of {len(units):,} units with the largest gaps"
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES, heading=words)
    axes.set_yticks(range(len(shown)), paper.names_of(shown, 26), fontsize=8, fontfamily=paper.FONT, parse_math=False)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    _draw_pairs(axes, shown)
    sheet.write(GAP_LEFT_INCHES, sheet.high - plots.HEAD_INCHES + 0.1, "Gap", size=9.5, bold=True, colour=NAVY)
    _write_gaps(axes, shown)
    rows = [paper.LegendRow("People"), paper.LegendRow("official", BLACK, 3.6), paper.LegendRow("ours", ORANGE, 3.6)]
    sheet.legend(rows, left=GAP_LEFT_INCHES + 1.1)
    sheet.save(path)


def _draw_pairs(axes: Any, shown: pd.DataFrame) -> None:
    pairs = shown[["official", "ours"]].to_numpy(float)
    pairs = np.where(pairs > 0, pairs, np.nan)
    rows, both = np.arange(len(shown)), np.isfinite(pairs).all(axis=1)
    axes.hlines(rows[both], *pairs[both].T, colors=LINE, linewidth=2.0, zorder=3)
    plots.logarithmic(axes, "x", float(np.nanmin(pairs)), float(np.nanmax(pairs)))
    for column, colour in enumerate((BLACK, ORANGE)):
        axes.scatter(pairs[:, column], rows, s=34, c=colour, edgecolors="white", linewidths=0.7, zorder=5 + column)
    plots.label_axes(axes, "people, logarithmic", "")


def _write_gaps(axes: Any, shown: pd.DataFrame) -> None:
    for place, (_, row) in enumerate(shown.iterrows()):
        axes.annotate(
            gap_words(row), (1, place), xycoords=("axes fraction", "data"), xytext=(11, 0), textcoords="offset points",
            fontsize=8, fontfamily=paper.FONT, color=GREY, va="center", ha="left", annotation_clip=False, parse_math=False,
        )  # fmt: skip
