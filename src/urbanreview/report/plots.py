"""A sheet of plots: title, axes with plain numbers, names that do not lie on one another, credits, the modelled tag."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report import paper
from urbanreview.report.extras import require
from urbanreview.report.ink import GREY, LINE, NAVY
from urbanreview.report.labels import place, text_size
from urbanreview.report.result import Review

SIDE_INCHES, HEAD_INCHES, FOOT_INCHES = 0.25, 1.35, 1.2
TICK_POINTS, LABEL_POINTS = 8.0, 8.5
STEPS = (tuple(range(1, 10)), (1, 2, 5), (1, 3), (1,))
"""Ticks of a logarithmic axis are these times powers of ten: the first that are not too many."""
MOST_TICKS = 6
MOST_MARKERS, LINE_MARKERS = 400, 80
"""Names keep clear of so many markers, and of so many places along a line."""
GAP_POINTS = 4.0
"""Between a point and its name."""
ROOM_PIXELS = 3.0
"""On both sides of a name."""
Lines = Sequence[tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Sheet:
    """A figure with its size.

    Attributes
    ----------
    figure : matplotlib Figure
    wide, high : float
        [inches]
    """

    review: Review
    figure: Any
    wide: float
    high: float

    def axes(
        self, left: float, width: float, *, base: float = FOOT_INCHES, height: float | None = None, heading: str = ""
    ) -> Any:
        """Return axes with a thin frame and their heading above; all places in inches."""
        tall = self.high - HEAD_INCHES - base if height is None else height
        found = self.figure.add_axes((left / self.wide, base / self.high, width / self.wide, tall / self.high))
        paper.frame(found)
        found.tick_params(length=3, color=LINE, labelsize=TICK_POINTS, labelcolor=GREY, labelfontfamily=paper.FONT)
        found.grid(visible=True, color="#eef1f3", linewidth=0.8)
        found.set_axisbelow(True)
        self.write(left, base + tall + 0.1, heading, size=9.5, bold=True, colour=NAVY)
        return found

    def write(self, left: float, base: float, text: str, **how: Any) -> None:
        """Write on the figure; places in inches."""
        paper.write(self.figure, left / self.wide, base / self.high, text, **how)

    def legend(self, rows: Sequence[paper.LegendRow], *, left: float, top: float = HEAD_INCHES) -> None:
        """Draw the rows of a legend below one another; left and down from the top in inches."""
        paper.legend(self.figure, rows, left=left / self.wide, top=1 - (top - 0.22) / self.high)

    def save(self, path: Path) -> None:
        """Write credits and the modelled tag, then the file."""
        paper.credit_lines(self.figure, SIDE_INCHES / self.wide, 0.42 / self.high, self.review, is_map=False)
        if self.review.modelled:
            paper.modelled_tag(self.figure)
        paper.save(self.figure, path)


def new_sheet(review: Review, wide: float, high: float, *, title: str, under: str) -> Sheet:
    """Return a sheet [inches] with what is shown, and below it of what, in which unit and when."""
    figure = paper.new_figure(wide, high)
    right = 3.0 if review.modelled else SIDE_INCHES
    paper.title(figure, SIDE_INCHES / wide, f"{review.title}: {title}", under, right_inches=right)
    return Sheet(review, figure, wide, high)


def legend_beside(axes: Any) -> None:
    """Explain markers and lines to the right of the axes."""
    axes.legend(
        loc="upper left", bbox_to_anchor=(1.02, 1.01), prop={"family": paper.FONT, "size": 8}, frameon=False,
        handlelength=2.0, labelspacing=0.9,
    )  # fmt: skip


def label_axes(axes: Any, x: str, y: str) -> None:
    """Name both axes with their units."""
    for name, text in (("x", x), ("y", y)):
        getattr(axes, f"set_{name}label")(text, fontsize=LABEL_POINTS, fontfamily=paper.FONT, color=GREY, parse_math=False)


def logarithmic(axes: Any, name: str, low: float, high: float) -> None:
    """Make an axis logarithmic, from a little below to a little above two values, with plain numbers as ticks."""
    room = (high / low) ** 0.06 if high > low else 1.5
    ticks = plain_ticks(low / room, high * room)
    getattr(axes, f"set_{name}scale")("log")
    axis = getattr(axes, f"{name}axis")
    axis.set_minor_locator(require("matplotlib.ticker").NullLocator())
    axis.set_ticks(ticks, [f"{tick:,.0f}" if tick >= 1 else f"{tick:g}" for tick in ticks])
    getattr(axes, f"set_{name}lim")(low / room, high * room)


def plain_ticks(low: float, high: float) -> list[float]:
    """Return plain numbers between two values, as many as can be printed side by side.

    >>> plain_ticks(40_000, 600_000), plain_ticks(0.4, 200), plain_ticks(6, 9)
    ([50000.0, 100000.0, 200000.0, 500000.0], [1.0, 3.0, 10.0, 30.0, 100.0], [6.0, 7.0, 8.0, 9.0])
    """
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    for steps in STEPS:
        ticks = [float(power * step) for power in powers for step in steps if low <= power * step <= high]
        if len(ticks) <= MOST_TICKS:
            break
    return ticks


def percent(axes: Any, name: str) -> None:
    """Print the numbers of an axis in per cent."""
    formatter = require("matplotlib.ticker").FuncFormatter(lambda value, _: f"{100 * value:.3g}%")
    getattr(axes, f"{name}axis").set_major_formatter(formatter)


def write_names(
    sheet: Sheet, axes: Any, table: pd.DataFrame, x: np.ndarray, y: np.ndarray, *, named: Sequence[int], lines: Lines = ()
) -> None:
    """Write names beside their points, where there is room for them.

    Parameters
    ----------
    sheet : Sheet
    axes : matplotlib Axes
        With their limits set.
    table : DataFrame
        Zones by their names, a row per point.
    x, y : ndarray, shape (points,)
        In the axes' own numbers.
    named : sequence of int
        Positions of the points that get a name, the first first.
    lines : sequence of (x, y)
        Straight lines by their two ends, which names keep clear of as well.
    """
    others = [row for row in range(len(table)) if row not in set(named)][:MOST_MARKERS]
    order = [*named, *others]
    texts = [paper.map_label(axes, name) for name in paper.names_of(table.iloc[list(named)], 22)]
    renderer = sheet.figure.canvas.get_renderer()
    pixels = [axes.transData.transform(np.column_stack([x, y]))[order]]
    for ends in lines:
        first, last = axes.transData.transform(np.column_stack(ends))
        pixels.append(first + np.linspace(0, 1, LINE_MARKERS)[:, None] * (last - first))
    places = [(float(right), float(up)) for right, up in np.concatenate(pixels)]
    per_point = sheet.figure.dpi / paper.POINTS_PER_INCH
    around = axes.get_window_extent(renderer)
    boxes = place(
        places,
        [*(_roomy(*text_size(text, renderer)) for text in texts), *[(0.0, 0.0)] * (len(places) - len(texts))],
        [*[GAP_POINTS * per_point] * len(order), *[per_point] * (len(places) - len(order))],
        frame=(around.x0 + 3, around.y0 + 3, around.x1 - 3, around.y1 - 3),
    )
    for text, box in zip(texts, boxes, strict=False):
        if box is None:
            text.remove()
        else:
            text.set_position(axes.transData.inverted().transform((box[0] + ROOM_PIXELS, box[1])))


def _roomy(width: float, height: float) -> tuple[float, float]:
    return width + 2 * ROOM_PIXELS, height
