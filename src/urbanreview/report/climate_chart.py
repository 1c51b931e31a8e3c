"""The figure of the country's climate: its mean year by month, and how every year departs from it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from urbanreview.report import paper, plots
from urbanreview.report.chosen import chosen, climate_source, country_values, newest_of
from urbanreview.report.columns import parts_of
from urbanreview.report.extras import require
from urbanreview.report.ink import BLACK, BLUE, GREY, LINE, ORANGE, SKY, VERMILION
from urbanreview.report.result import Review
from urbanreview.report.wording import Phrase, number, pretty_unit

WEIGHT, WEIGHT_WORDS = "area", "cells weighed by area"
"""Of the tables and the figure; the files have those weighed by people too."""
SIGNIFICANT = 0.05
MONTHS = "JFMAMJJASOND"
WIDE, HIGH, GAP_INCHES, PANEL_INCHES = 10.4, 6.2, 0.62, 3.9
LEFT_INCHES, RIGHT_INCHES = 0.75, 6.15


@dataclass(frozen=True)
class Quantity:
    """Rain or temperature: its words, the unit of its anomalies, and the colours of years below and above."""

    key: str
    words: str
    unit: str
    below: str
    above: str


RAIN = Quantity("precipitation", "Rain", "%", ORANGE, BLUE)
HEAT = Quantity("temperature", "Temperature", "°C", SKY, VERMILION)


def monthly(review: Review, quantity: Quantity) -> np.ndarray:
    """Return the country's mean of the twelve calendar months; NaN where it is not told, empty where none is."""
    columns = chosen(review, f"climate.{quantity.key}_month", source=climate_source(review, quantity.key), weight=WEIGHT)
    last = [column for column in columns if column.period == columns[-1].period]
    by_month = {int(parts_of(column.variant)["month"]): column for column in last}
    values = {month: country_values(review, [column])[0] for month, column in by_month.items()}
    found = np.array([values.get(month, np.nan) for month in range(1, 13)])
    return found if np.isfinite(found).any() else np.array([])


def anomalies(review: Review, quantity: Quantity) -> tuple[np.ndarray, np.ndarray]:
    """Return years and the country's departures from the mean of the reference period [%] or [degC]."""
    columns = chosen(review, f"climate.{quantity.key}_anomaly", source=climate_source(review, quantity.key), weight=WEIGHT)
    years, values = np.array([int(column.period) for column in columns]), np.array(country_values(review, columns))
    known = np.isfinite(values)
    return years[known], values[known] * (100.0 if quantity is RAIN else 1.0)


def trend(review: Review, quantity: Quantity, end: str = "") -> float:
    """Return the country's trend, one of its bounds (``_low``, ``_high``) or its adjusted probability; NaN without."""
    columns = newest_of(
        review, f"climate.{quantity.key}_trend{end}", source=climate_source(review, quantity.key), weight=WEIGHT
    )
    return next(iter(country_values(review, columns)), float("nan"))


def reference_of(review: Review, quantity: Quantity) -> str:
    """Return the reference period as first/last; empty without any."""
    columns = [
        c
        for c in chosen(review, f"climate.{quantity.key}", source=climate_source(review, quantity.key), weight=WEIGHT)
        if "/" in c.period
    ]
    return columns[-1].period if columns else ""


def has_climate(review: Review) -> bool:
    """Tell whether there is a mean year or a row of years of the country to draw."""
    return any(len(monthly(review, each)) or len(anomalies(review, each)[0]) > 1 for each in (RAIN, HEAT))


def draw_climate(review: Review, path: Path) -> None:
    """Draw the country's mean year, rain as bars and temperature as a line, and its years with their trend.

    Parameters
    ----------
    review : Review
        With rain or temperature of the country: see `has_climate`.
    path : Path
        The PNG to write.
    """
    reference = reference_of(review, RAIN) or reference_of(review, HEAT)
    span = reference.replace("/", " to ")
    under = f"Reference period {span}; {WEIGHT_WORDS}"
    sheet = plots.new_sheet(review, WIDE, HIGH, title="climate", under=under)
    tall = HIGH - plots.HEAD_INCHES - plots.FOOT_INCHES
    _draw_months(review, sheet)
    shown = [each for each in (RAIN, HEAT) if len(anomalies(review, each)[0]) > 1]
    each_tall = (tall - GAP_INCHES * (len(shown) - 1)) / max(len(shown), 1)
    for place, quantity in enumerate(reversed(shown)):
        base = plots.FOOT_INCHES + place * (each_tall + GAP_INCHES)
        heading = f"{quantity.words}, departure from the mean [{quantity.unit}]"
        axes = sheet.axes(RIGHT_INCHES, PANEL_INCHES, base=base, height=each_tall, heading=heading)
        _draw_years(axes, review, quantity)
    sheet.save(path)


def _draw_months(review: Review, sheet: plots.Sheet) -> None:
    rain, heat = monthly(review, RAIN), monthly(review, HEAT)
    parts = [words for words, values in (("rain (bars)", rain), ("temperature (line)", heat)) if len(values)]
    if not parts:
        return
    axes = sheet.axes(LEFT_INCHES, PANEL_INCHES, heading=f"Mean year: {' and '.join(parts)}")
    axes.set_xlim(-0.6, 11.6)
    axes.set_xticks(range(12), list(MONTHS))
    axes.grid(visible=False, axis="x")
    if len(rain):
        axes.bar(range(12), rain, width=0.72, color=BLUE, alpha=0.75, zorder=3)
        axes.set_ylim(0, 1.15 * max(float(np.nanmax(rain)), 1.0))
        _name_axis(axes, "rain, mm per month", BLUE)
    if len(heat):
        warm = _beside(axes) if len(rain) else axes
        warm.plot(range(12), heat, color=VERMILION, linewidth=2.0, marker="o", markersize=5, markeredgecolor="white", zorder=5)
        low, high = float(np.nanmin(heat)), float(np.nanmax(heat))
        warm.set_ylim(low - 0.1 * (high - low) - 1, high + 0.1 * (high - low) + 1)
        _name_axis(warm, "temperature, °C", VERMILION)


def _beside(axes: Any) -> Any:
    other = axes.twinx()
    paper.frame(other)
    other.patch.set_visible(False)
    other.tick_params(length=3, color=LINE, labelsize=plots.TICK_POINTS, labelfontfamily=paper.FONT)
    return other


def _name_axis(axes: Any, text: str, colour: str) -> None:
    axes.set_ylabel(text, fontsize=plots.LABEL_POINTS, fontfamily=paper.FONT, color=colour)
    axes.tick_params(axis="y", labelcolor=colour)


def _draw_years(axes: Any, review: Review, quantity: Quantity) -> None:
    years, values = anomalies(review, quantity)
    colours = [quantity.above if value >= 0 else quantity.below for value in values]
    axes.bar(years, values, width=0.75, color=colours, zorder=3)
    axes.axhline(0, color=GREY, linewidth=0.8, zorder=4)
    reach = 1.1 * max(float(np.abs(values).max()), 0.1)
    axes.set(xlim=(years[0] - 0.8, years[-1] + 0.8), ylim=(-reach, 1.45 * reach))
    axes.xaxis.set_major_locator(require("matplotlib.ticker").MaxNLocator(nbins=8, integer=True))
    axes.grid(visible=False, axis="x")
    slope = trend(review, quantity)
    if not np.isfinite(slope):
        return
    probability = trend(review, quantity, "_p_adjusted")
    sure = probability <= SIGNIFICANT
    line = _line(review, quantity, years, values, slope)
    axes.plot(years, line(years), color=BLACK, linewidth=1.8, linestyle="-" if sure else (0, (4, 2)), zorder=5)
    axes.annotate(
        trend_words(review, quantity), (0, 1), xycoords="axes fraction", xytext=(5, -5), textcoords="offset points",
        fontsize=8, fontfamily=paper.FONT, color=BLACK, va="top", ha="left", parse_math=False, zorder=6,
    )  # fmt: skip


def _line(
    review: Review, quantity: Quantity, years: np.ndarray, values: np.ndarray, slope: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the line of a trend through the middle year and the middle departure."""
    if quantity is RAIN:
        columns = [
            c
            for c in chosen(review, "climate.precipitation", source=climate_source(review, "precipitation"), weight=WEIGHT)
            if "/" in c.period
        ][-1:]
        slope *= 100.0 / next(iter(country_values(review, columns)), float("nan"))
    return lambda at: float(np.median(values)) + slope / 10.0 * (at - float(np.median(years)))


def trend_words(review: Review, quantity: Quantity) -> str:
    """Say the country's trend with its interval, and whether it is significant after the control of false discoveries."""
    column = newest_of(review, f"climate.{quantity.key}_trend", source=climate_source(review, quantity.key), weight=WEIGHT)[0]
    slope, low, high, probability = (trend(review, quantity, end) for end in ("", "_low", "_high", "_p_adjusted"))
    sure = "significant" if probability <= SIGNIFICANT else "not significant"
    unit, ends = pretty_unit(column.unit), {"low": number(low), "high": number(high)}
    return Phrase("trend {slope} {unit} ({low} to {high}), {sure}", slope=number(slope), unit=unit, sure=sure, **ends)
