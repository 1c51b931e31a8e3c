"""The chart of the largest centres: people, and the light they send up at night."""

from pathlib import Path
from typing import Any

import pandas as pd

from urbanreview.report import paper
from urbanreview.report.highlights import LIGHTS, largest_centres
from urbanreview.report.ink import CENTRE, GREY, LIGHT, LINE, NAVY
from urbanreview.report.result import Review
from urbanreview.report.tables import primary_column
from urbanreview.report.wording import MISSING, number, pretty_unit

WIDTH_INCHES, ROW_INCHES, HEAD_INCHES, FOOT_INCHES = 9.0, 0.27, 1.2, 0.65
NAMES_INCHES, GAP_INCHES, PEOPLE_INCHES, LIGHTS_INCHES = 1.95, 0.75, 3.3, 1.7
LETTER_INCHES = 0.066
OUTSIDE = "#e3aaa6"
ONE_PERSON = 1.0
"""Fewer people beyond the border are an edge of two grids."""


def draw_largest(review: Review, path: Path) -> None:
    """Draw the 20 largest urban centres as bars of people, with their newest light by area beside.

    Parameters
    ----------
    review : Review
    path : Path
        The PNG to write. In a country without centres it says so.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.

    Notes
    -----
    The order is that of people inside the country; people of a cross-border centre beyond the border are added in a
    paler colour.
    """
    centres = largest_centres(review)
    rows = max(len(centres), 3)
    figure = paper.new_figure(WIDTH_INCHES, HEAD_INCHES + rows * ROW_INCHES + FOOT_INCHES)
    height = figure.get_size_inches()[1]
    left = 0.25 / WIDTH_INCHES
    right_inches = 3.0 if review.modelled else 0.25
    paper.title(figure, left, f"{review.title}: largest urban centres", paper.subtitle(review), right_inches=right_inches)
    paper.credit_lines(figure, left, 0.35 / height, review, is_map=False)
    if centres.empty:
        paper.write(figure, left, 0.5, "No urban centre was found under these rules.", size=11)
    else:
        ascii_names = review.zones.get("name_ascii", pd.Series(dtype=object)).reindex(centres["zone_id"])
        names = [paper.printable(name, plain, 24) for name, plain in zip(centres["name"], ascii_names, strict=True)]
        people = _bars(figure, NAMES_INCHES, PEOPLE_INCHES, rows=len(centres), heading="People")
        people.set_yticks(range(len(names)), names, fontsize=8.5, fontfamily=paper.FONT, parse_math=False)
        _fill_people(people, centres)
        if centres["lights"].notna().any():
            _fill_lights(figure, review, centres)
    if review.modelled:
        paper.modelled_tag(figure)
    paper.save(figure, path)


def _bars(figure: Any, left_inches: float, width_inches: float, *, rows: int, heading: str) -> Any:
    height = figure.get_size_inches()[1]
    axes = figure.add_axes(
        (left_inches / WIDTH_INCHES, FOOT_INCHES / height, width_inches / WIDTH_INCHES, rows * ROW_INCHES / height)
    )
    axes.set(ylim=(rows - 0.5, -0.5), xticks=[])
    axes.set_facecolor("white")
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set(color=LINE)
    top = (FOOT_INCHES + rows * ROW_INCHES + 0.08) / height
    paper.write(figure, left_inches / WIDTH_INCHES, top, heading, size=9, bold=True, colour=NAVY)
    return axes


def _fill_people(axes: Any, centres: pd.DataFrame) -> None:
    rows = range(len(centres))
    axes.barh(rows, centres["people"], height=0.68, color=CENTRE)
    beyond = centres["outside"].to_numpy()
    if beyond.any():
        axes.barh(rows, beyond, left=centres["people"], height=0.68, color=OUTSIDE)
    end = 1.0
    for row, inside, outside in zip(rows, centres["people"], beyond, strict=True):
        words = number(inside, "people") + (f" + {number(outside, 'people')} outside" if outside >= ONE_PERSON else "")
        _write_at_end(axes, inside + outside, row, words)
        end = max(end, (inside + outside) * PEOPLE_INCHES / (PEOPLE_INCHES + GAP_INCHES - LETTER_INCHES * (len(words) + 2)))
    axes.set_xlim(0, end)


def _fill_lights(figure: Any, review: Review, centres: pd.DataFrame) -> None:
    column = primary_column(review, LIGHTS)
    words = "Light by area" if column is None else f"{column.title}, {column.period} [{pretty_unit(column.unit)}]"
    left = NAMES_INCHES + PEOPLE_INCHES + GAP_INCHES
    axes = _bars(figure, left, LIGHTS_INCHES, rows=len(centres), heading=words)
    axes.set_yticks([])
    axes.barh(range(len(centres)), centres["lights"].fillna(0.0), height=0.68, color=LIGHT)
    for row, light in enumerate(centres["lights"]):
        known = pd.notna(light)
        _write_at_end(axes, float(light) if known else 0.0, row, number(light) if known else MISSING)
    axes.set_xlim(0, max(float(centres["lights"].max()), 1e-9) * 1.02)


def _write_at_end(axes: Any, x: float, row: int, words: str) -> None:
    axes.annotate(
        words, (x, row), xytext=(3, 0), textcoords="offset points", va="center", ha="left", fontsize=7.5,
        fontfamily=paper.FONT, color=GREY, annotation_clip=False, parse_math=False,
    )  # fmt: skip
