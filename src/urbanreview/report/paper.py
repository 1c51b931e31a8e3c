"""Drawing with matplotlib without its global state: figures are objects, and nothing outlives them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import wrap
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from anyascii import anyascii

from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.extras import require
from urbanreview.report.highlights import named
from urbanreview.report.ink import CENTRE, GREY, LINE, MODELLED_MARK, NAVY
from urbanreview.report.result import Review

DOTS_PER_INCH = 160
POINTS_PER_INCH = 72
FONT = "DejaVu Sans"
"""Comes with matplotlib, so that a figure looks the same everywhere."""

TITLE_POINTS, LETTERS_PER_INCH = 13.5, 8.0
"""Size of a full title, and how many of its letters stand on an inch."""

SMALL_POINTS, SMALL_LINE_INCHES, SMALL_LETTERS_PER_INCH = 6.5, 0.135, 17.5
"""Size of the small print at the foot of a figure, from line to line, and how many of its letters stand on an inch."""
EDGE_INCHES = 0.25
LEAST_FOOT_INCHES = 0.1
"""What stays free below the last line of the small print."""

_INK = "#1d2733"


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One row of a legend: a heading without a colour, a box, a circle of some radius [points], or a line of dashes."""

    label: str
    colour: str = ""
    radius_points: float = 0.0
    dashes: tuple[float, ...] = ()


def new_figure(width_inches: float, height_inches: float) -> Any:
    """Return an empty white figure that belongs to no window."""
    figure_module = require("matplotlib.figure")
    canvas = require("matplotlib.backends.backend_agg").FigureCanvasAgg
    figure = figure_module.Figure(figsize=(width_inches, height_inches), dpi=DOTS_PER_INCH, facecolor="white")
    canvas(figure)
    return figure


def save(figure: Any, path: Path) -> None:
    """Write a figure as PNG, without the time and the version of the program.

    The sheet grows downwards where its small print needs more room than there is.
    """
    wide, high = figure.get_size_inches()
    low = min((text.get_position()[1] * high for text in figure.texts), default=high) - LEAST_FOOT_INCHES
    missing = np.ceil(max(-low, 0.0) * DOTS_PER_INCH) / DOTS_PER_INCH
    whole = require("matplotlib.transforms").Bbox([[0, -missing], [wide, high]]) if missing else None
    figure.savefig(path, format="png", dpi=DOTS_PER_INCH, facecolor="white", bbox_inches=whole, metadata={"Software": None})


def frame(axes: Any) -> None:
    """Give the axes of a map a white ground and a thin line around."""
    axes.set_facecolor("white")
    for spine in axes.spines.values():
        spine.set(color=LINE, linewidth=0.8)


def write(figure: Any, left: float, base: float, text: str, *, size: float, bold: bool = False, colour: str = _INK) -> None:
    """Write on the figure [shares of its size]; dollar signs stay dollar signs."""
    figure.text(
        left, base, text, fontsize=size, fontfamily=FONT, fontweight="bold" if bold else "normal", color=colour,
        ha="left", va="baseline", parse_math=False, linespacing=1.3,
    )  # fmt: skip


def polygons(
    axes: Any,
    shapes: gpd.GeoSeries,
    fills: Sequence[str] | str,
    outline: str,
    *,
    line_points: float,
    order: int = 2,
    dashes: tuple[float, ...] = (),
) -> None:
    """Draw polygons with their holes; empty shapes draw nothing. Dashes are lengths on and off, in widths of the line."""
    path_module = require("matplotlib.path")
    collection = require("matplotlib.collections").PathCollection
    each = [fills] * len(shapes) if isinstance(fills, str) else list(fills)
    drawn = [(shape, fill) for shape, fill in zip(shapes, each, strict=True) if shape is not None and not shape.is_empty]
    paths = [path_module.Path.make_compound_path(*_rings(path_module.Path, shape)) for shape, _ in drawn]
    axes.add_collection(
        collection(
            paths,
            facecolors=[fill for _, fill in drawn],
            edgecolors=outline,
            linewidths=line_points,
            zorder=order,
            linestyles=[(0, dashes or None)],
        ),
        autolim=False,
    )


def lines(axes: Any, shapes: gpd.GeoSeries, colour: str, *, line_points: float, order: int = 5) -> None:
    """Draw lines with a white rim; missing ones draw nothing."""
    collection = require("matplotlib.collections").LineCollection
    parts = shapely.get_parts(shapes[shapes.notna()].values)
    drawn = [shapely.get_coordinates(part) for part in parts]
    for width, ink in ((line_points + 1.2, "#ffffff"), (line_points, colour)):
        axes.add_collection(collection(drawn, colors=ink, linewidths=width, zorder=order, capstyle="round"), autolim=False)


def _rings(path_class: Any, shape: Any) -> list[Any]:
    polygons_only = [part for part in shapely.get_parts([shape]) if shapely.get_dimensions(part) == 2]
    rings = shapely.get_rings(shapely.orient_polygons(polygons_only))
    return [path_class(shapely.get_coordinates(ring), closed=True) for ring in rings]


def circles(axes: Any, x: pd.Series, y: pd.Series, radii_points: np.ndarray, colour: str) -> None:
    """Draw circles of given radii with a white rim, the large ones first."""
    order = np.argsort(-radii_points, kind="stable")
    axes.scatter(
        x.to_numpy()[order], y.to_numpy()[order], s=(2 * radii_points[order]) ** 2, c=colour, alpha=0.85,
        edgecolors="white", linewidths=0.6, zorder=6,
    )  # fmt: skip


def legend_box(figure: Any, left: float, base: float, width: float, height: float, colour: str) -> None:
    """Draw a small box on the figure [shares of its size]."""
    rectangle = require("matplotlib.patches").Rectangle
    figure.add_artist(rectangle((left, base), width, height, facecolor=colour, edgecolor=LINE, linewidth=0.5))


def legend_circle(figure: Any, x: float, y: float, radius_points: float, colour: str) -> None:
    """Draw a round marker on the figure [shares of its size]."""
    line = require("matplotlib.lines").Line2D
    figure.add_artist(
        line([x], [y], marker="o", markersize=2 * radius_points, color=colour, markeredgecolor="white", alpha=0.85,
             markeredgewidth=0.6, linestyle="none")
    )  # fmt: skip


def legend_line(figure: Any, left: float, y: float, width: float, row: LegendRow) -> None:
    """Draw a dashed line on the figure [shares of its size]."""
    line = require("matplotlib.lines").Line2D
    figure.add_artist(line([left, left + width], [y, y], color=row.colour, linewidth=1.2, linestyle=(0, row.dashes)))


def legend(figure: Any, rows: Sequence[LegendRow], *, left: float, top: float) -> None:
    """Draw the rows of a legend below one another [shares of the figure]."""
    inches_wide, inches_high = figure.get_size_inches()
    height = top
    for number, row in enumerate(rows):
        is_heading = not row.colour
        row_inches = 0.36 if is_heading and number else max(0.22, 2.4 * row.radius_points / POINTS_PER_INCH)
        height -= row_inches / inches_high
        if is_heading:
            write(figure, left, height, row.label, size=8.5, bold=True, colour=NAVY)
            continue
        middle = height + 0.045 / inches_high
        if row.radius_points:
            legend_circle(figure, left + 0.14 / inches_wide, middle, row.radius_points, row.colour)
        elif row.dashes:
            legend_line(figure, left, middle, 0.28 / inches_wide, row)
        else:
            legend_box(figure, left, middle - 0.065 / inches_high, 0.28 / inches_wide, 0.13 / inches_high, row.colour)
        write(figure, left + 0.4 / inches_wide, height, row.label, size=8)


def map_label(axes: Any, text: str) -> Any:
    """Write a name with a white halo on a map; the caller moves it to its place."""
    halo = require("matplotlib.patheffects").withStroke(linewidth=2.2, foreground="white", alpha=0.9)
    return axes.text(
        0, 0, text, fontsize=7.5, fontfamily=FONT, color=_INK, ha="left", va="bottom", zorder=8, path_effects=[halo],
        parse_math=False,
    )  # fmt: skip


@cache
def _letters() -> frozenset[int]:
    fonts = require("matplotlib.font_manager")
    return frozenset(fonts.get_font(fonts.findfont(FONT)).get_charmap())


def printable(name: object, plain: object = "", most: int = 32) -> str:
    """Return a name that the font can draw: itself, else its plain form, else its transliteration.

    >>> printable("Шымкент"), printable("上海", "Shanghai"), printable("上海"), printable(None)
    ('Шымкент', 'Shanghai', 'ShangHai', 'unnamed')
    """
    text = " ".join(name.split()) if isinstance(name, str) else ""
    if not {ord(letter) for letter in text} <= _letters():
        text = str(plain) if isinstance(plain, str) and plain else anyascii(text)
    return shorten(text or "unnamed", most)


def names_of(table: pd.DataFrame, most: int = 32) -> list[str]:
    """Return the names of a table of zones as the font can draw them, by ``name_ascii`` where the table has it.

    >>> names_of(pd.DataFrame({"name": ["Oral", "上海"]}))
    ['Oral', 'ShangHai']
    """
    plain = table["name_ascii"] if "name_ascii" in table else [""] * len(table)
    return [printable(name, other, most) for name, other in zip(table["name"], plain, strict=True)]


def title(figure: Any, left: float, text: str, under: str, *, right_inches: float = 0.25) -> None:
    """Write what is shown, smaller where it would not fit, and below it of what and when."""
    inches_wide, inches_high = figure.get_size_inches()
    letters = int((inches_wide * (1 - left) - right_inches) * LETTERS_PER_INCH)
    size = TITLE_POINTS * min(1.0, max(letters / len(text), 0.6))
    write(figure, left, 1 - 0.42 / inches_high, shorten(text, int(letters / 0.6)), size=size, bold=True, colour=NAVY)
    write(figure, left, 1 - 0.70 / inches_high, under, size=9, colour=GREY)


def shorten(text: str, most: int) -> str:
    """Return a text of at most so many letters, the cut marked.

    >>> shorten("Kazakhstan", 12), shorten("Kazakhstan", 5)
    ('Kazakhstan', 'Kaza…')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def subtitle(review: Review) -> str:
    """Say which population and which rules stand behind a figure."""
    return f"Population {review.population}; urban rules {review.edition}"


def credit_lines(figure: Any, left: float, top: float, review: Review, *, is_map: bool) -> None:
    """Write the inputs, and under a map the boundary disclaimer, at the foot of a figure."""
    names = named(printable(entry.name) for entry in review.inputs)
    text = f"Source: urbanreview from {names or 'no inputs'}." + (f" {boundary_words(review)}" if is_map else "")
    small_print(figure, left, top, f"{MODELLED_MARK}. {text}" if review.modelled else text)


def small_print(figure: Any, left: float, top: float, text: str) -> None:
    """Write a text of any length at the foot of a figure, line by line, as wide as the figure.

    Parameters
    ----------
    figure : matplotlib Figure
    left, top : float
        Where the first line begins [shares of the figure]. Lines may run below the lower edge: `save` makes room.
    text : str
    """
    room_inches, inches_high = figure.get_size_inches() - (2 * EDGE_INCHES, 0)
    drawable = " ".join(printable(word, most=len(text) * 20) for word in text.split())
    for number, line in enumerate(_lines(figure, drawable, room_inches)):
        write(figure, left, top - number * SMALL_LINE_INCHES / inches_high, line, size=SMALL_POINTS, colour=GREY)


def _lines(figure: Any, text: str, room_inches: float) -> list[str]:
    """Break a text into lines of so many letters that none is wider than the room: capitals take more than others."""
    trial = figure.text(0, 0, "", fontsize=SMALL_POINTS, fontfamily=FONT, parse_math=False)
    letters = max(40, int(room_inches * SMALL_LETTERS_PER_INCH))
    while True:
        lines = wrap(text, width=letters)
        trial.set_text("\n".join(lines))
        if letters <= 20 or trial.get_window_extent().width <= room_inches * figure.dpi:
            trial.remove()
            return lines
        letters -= 4


def modelled_tag(figure: Any) -> None:
    """Write in the upper right corner of a figure that the data are made up."""
    inches_wide, inches_high = figure.get_size_inches()
    figure.text(
        1 - 0.25 / inches_wide, 1 - 0.40 / inches_high, MODELLED_MARK, fontsize=9, fontfamily=FONT, fontweight="bold",
        color="white", ha="right", va="center", parse_math=False,
        bbox={"facecolor": CENTRE, "edgecolor": "none", "boxstyle": "square,pad=0.5"},
    )  # fmt: skip


def modelled_mark(axes: Any) -> None:
    """Write across the axes that the data are made up."""
    box = axes.get_window_extent()
    slope = np.arctan2(box.height, box.width) * 0.8
    room_points = min(box.width / np.cos(slope), box.height / np.sin(slope)) * POINTS_PER_INCH / DOTS_PER_INCH
    axes.text(
        0.5, 0.5, MODELLED_MARK, transform=axes.transAxes, rotation=np.degrees(slope), ha="center", va="center",
        fontsize=min(0.85 * room_points / (len(MODELLED_MARK) * 0.7), 34), fontfamily=FONT, fontweight="bold",
        color=CENTRE, alpha=0.30, zorder=9, parse_math=False,
    )  # fmt: skip
