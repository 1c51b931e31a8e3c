"""The figure of light by year: the largest cities and the country, from their first year on, with the breaks of the series."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report import paper, plots
from urbanreview.report.columns import Column, parts_of
from urbanreview.report.extras import require
from urbanreview.report.highlights import LIGHTS
from urbanreview.report.ink import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, level_tables, long_table, review_columns, wide_table
from urbanreview.report.wording import number

COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
MARKERS = ("o", "s", "^", "D", "v", "P")
WIDE, HIGH, LEFT_INCHES, PANEL_INCHES = 9.6, 6.0, 0.85, 6.6
NAME_INCHES = 0.19
FIRST_YEAR = 100.0
"""What the light of the first year is set to."""
MONTHS = 12
_COUNTRY_STYLE = {"color": BLACK, "linewidth": 2.2, "linestyle": (0, (4, 2))}


def yearly(review: Review) -> list[Column]:
    """Return the columns of light by area of whole years, from old to new, one for each year."""
    columns = [column for column in review_columns(review) if column.measure == LIGHTS and len(column.period) == 4]
    return list({column.period: column for column in sorted(columns, key=lambda column: column.period)}.values())


def breaks_of(review: Review) -> list[str]:
    """Return the months from which the series is made another way, as growth and trends name them."""
    values = long_table(review)
    variants = values.loc[values["measure"].isin(("lights.growth", "lights.trend")), "variant"].unique()
    return sorted({month for variant in variants for month in parts_of(variant).get("breaks", "").split("+") if month})


def indexed(review: Review) -> pd.DataFrame:
    """Return yearly light by area of the largest cities, and of the country last, over that of the first year times 100.

    Returns
    -------
    DataFrame
        A row per zone, by level and name, a column per year. Zones that were dark or unseen in the first year are left
        out.
    """
    columns = yearly(review)
    rows = []
    for level, most in (("urban_centre", len(COLOURS)), (COUNTRY, 1)):
        if level in level_tables(review):
            table = wide_table(review, level)
            light = table.reindex(columns=[column.name for column in columns]).set_axis(
                [int(c.period) for c in columns], axis=1
            )
            light.index = pd.MultiIndex.from_product([[level], paper.names_of(table, 20)], names=["level", "name"])
            rows.append(light[light.iloc[:, 0] > 0].head(most))
    light = pd.concat([row for row in rows if len(row)] or rows[:1])
    return light.div(light.iloc[:, 0], axis=0) * FIRST_YEAR


def has_trend(review: Review) -> bool:
    """Tell whether there are lights of two years to draw."""
    return len(yearly(review)) > 1 and len(indexed(review)) > 0


def draw_lights_trend(review: Review, path: Path) -> None:
    """Draw yearly light by area of the largest cities and of the country, the first year set to 100.

    Parameters
    ----------
    review : Review
        With lights of two years or more: see `has_trend`.
    path : Path
        The PNG to write.
    """
    light, breaks = indexed(review), breaks_of(review)
    first, last = int(light.columns[0]), int(light.columns[-1])
    under = f"Light by area of every year's composite, index: {first} = {FIRST_YEAR:.0f}; urban centres of {review.population}"
    sheet = plots.new_sheet(review, WIDE, HIGH, title="light at night of the largest cities", under=under)
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES, heading="Light by area, each year in its middle")
    low, high = float(np.nanmin(light)), float(np.nanmax(light))
    room = max(0.08 * (high - low), 1.0)
    axes.set(xlim=(first + 0.2, last + 0.8), ylim=(low - room, high + 1.6 * room))
    plots.label_axes(axes, "", f"index, {first} = {FIRST_YEAR:.0f}")
    axes.xaxis.set_major_locator(require("matplotlib.ticker").FixedLocator(_ticks(first, last)))
    axes.xaxis.set_major_formatter(require("matplotlib.ticker").FuncFormatter(lambda middle, _: f"{middle - 0.5:.0f}"))
    for month in breaks:
        _draw_break(axes, month)
    styles = [_city_style(*pair) for pair in zip(COLOURS, MARKERS, strict=True)]
    ends = []
    for (level, name), (_, row) in zip(light.index, light.iterrows(), strict=True):
        style = _COUNTRY_STYLE if level == COUNTRY else styles.pop(0)
        known = row.dropna()
        axes.plot(known.index + 0.5, known, zorder=5, **style)
        ends.append((f"{name}  {number(row[last])}", float(known.iloc[-1]), str(style["color"])))
    _name_ends(axes, ends)
    sheet.save(path)


def _city_style(colour: str, marker: str) -> dict[str, Any]:
    edge = {"markersize": 5, "markeredgecolor": "white", "markeredgewidth": 0.5}
    return {"color": colour, "linewidth": 1.5, "marker": marker, **edge}


def _ticks(first: int, last: int) -> list[float]:
    step = max(1, -(-(last - first + 1) // 14))
    return [year + 0.5 for year in range(first, last + 1, step)]


def _draw_break(axes: Any, month: str) -> None:
    year, number = (int(part) for part in month.split("-"))
    x = year + (number - 1) / MONTHS
    axes.axvline(x, color=GREY, linewidth=1.0, linestyle=(0, (1, 2)), zorder=3)
    axes.annotate(
        f"new level from {month}", (x, 1), xycoords=("data", "axes fraction"), xytext=(3, -4), textcoords="offset points",
        fontsize=7.5, fontfamily=paper.FONT, color=GREY, va="top", ha="left", zorder=6, parse_math=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
    )  # fmt: skip


def _name_ends(axes: Any, ends: list[tuple[str, float, str]]) -> None:
    """Write words beside the ends of the lines, moved apart where these lie together."""
    low, high = axes.get_ylim()
    inches = axes.get_window_extent().height / axes.figure.dpi
    step = NAME_INCHES * (high - low) / inches
    ends = sorted(ends, key=lambda end: end[1])
    for (words, _, colour), y in zip(ends, spread([value for _, value, _ in ends], step), strict=True):
        axes.annotate(
            words, (1, y), xycoords=("axes fraction", "data"), xytext=(8, 0), textcoords="offset points",
            fontsize=8.5, fontfamily=paper.FONT, color=colour, va="center", ha="left", annotation_clip=False, parse_math=False,
        )  # fmt: skip


def spread(heights: list[float], step: float) -> list[float]:
    """Move ascending heights apart until no two are nearer than a step, each as little as the others let it.

    >>> spread([1.0, 1.0, 5.0], 2.0)
    [0.0, 2.0, 5.0]
    """
    groups: list[tuple[float, int]] = []
    for height in heights:
        groups.append((height, 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < step * (groups[-1][1] + groups[-2][1]) / 2:
            (low, few), (high, more) = groups[-2:]
            groups[-2:] = [((low * few + high * more) / (few + more), few + more)]
    return [middle + step * (place - (count - 1) / 2) for middle, count in groups for place in range(count)]
