"""Charts of hazards, climate and air."""

from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report.air_chart import BANDS, levels_of, ranked
from urbanreview.report.chosen import chosen, country_values
from urbanreview.report.climate_chart import (
    HEAT,
    RAIN,
    Quantity,
    _line,
    anomalies,
    monthly,
    reference_of,
    trend,
    trend_words,
)
from urbanreview.report.columns import parts_of
from urbanreview.report.extras import require
from urbanreview.report.hazards import SHARE, Hazard, drawn_hazards
from urbanreview.report.ink import BLUE, GREY, VERMILION
from urbanreview.report.result import Review
from urbanreview.report.web.bars import Bars, bars
from urbanreview.report.web.spec import (
    ONE,
    Chart,
    Charts,
    Words,
    assemble,
    layer,
    people_axis,
    rule_at,
    span,
    tips,
)
from urbanreview.report.web.strings import saying
from urbanreview.report.wording import number, pretty_unit

FEW_POINTS = 6
"""Points have people and share written beside; where there are more, the share stands in the tooltip alone."""


def environment_charts(review: Review, t: Words) -> Charts:
    """Return the charts of hazards, climate and air that a review has numbers for."""
    made: dict[str, Chart | None] = {name: exposure(review, t, name, hazard) for name, hazard in drawn_hazards(review).items()}
    made["climate_months"] = climate_months(review, t)
    made |= {f"climate_{each.key}": climate_years(review, t, each) for each in (RAIN, HEAT)}
    made["air"] = air(review, t)
    return {name: chart for name, chart in made.items() if chart is not None}


def exposure_rows(review: Review, hazard: Hazard) -> pd.DataFrame:
    """Return people and their share by return period; those that the country's row of the table has."""
    rows = []
    for years, column in hazard.people.items():
        people = country_values(review, [column])[0]
        of_it = chosen(review, SHARE, source=hazard.name, **parts_of(column.variant))[:1]
        share = next(iter(country_values(review, of_it)), np.nan)
        if np.isfinite(years) and np.isfinite(people):
            rows.append((years, people, number(people, "people"), number(share, "1", share=True), f"1 : {years:,g}"))
    return pd.DataFrame(rows, columns=["years", "people", "told", "share", "period"])


def exposure(review: Review, t: Words, name: str, hazard: Hazard) -> Chart:
    """Return the country's people in the zone of a hazard by return period, those of a year in the sub-title."""
    alt = require("altair")
    rows = exposure_rows(review, hazard)
    low, high = rows["years"].min() / 2.5, rows["years"].max() * 1.5
    axis = alt.Axis(values=[float(each) for each in rows["years"]], format=",~f", grid=False, labelOverlap=True)
    x = alt.X("years:Q", title=t("chart.exposure.years"), axis=axis,
              scale=alt.Scale(type="log", domain=[low, high], nice=False))  # fmt: skip
    y = alt.Y("people:Q", title=t("chart.exposure.people"), axis=people_axis(0, 0),
              scale=alt.Scale(domain=[0, 1.2 * max(float(rows["people"].max()), 1.0)], nice=False))  # fmt: skip
    tooltip = tips(("period", t("chart.exposure.years")), ("told", t("chart.exposure.people")), ("share", t("chart.share")))
    marks = [
        layer("rows").mark_area(color=BLUE, opacity=0.15).encode(x=x, y=y),
        layer("rows").mark_line(color=BLUE, strokeWidth=2).encode(x=x, y=y),
        layer("rows").mark_circle(color=BLUE, size=60, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        layer("rows").mark_text(align="right", dx=-6, dy=-8, fontSize=11).encode(
            x=x, y=y, text="share:N" if len(rows) > FEW_POINTS else "told:N"
        ),
    ]  # fmt: skip
    title = t("chart.exposure.title").format(hazard=_plain(hazard.name))
    yearly = _yearly(review, t, hazard)
    under = [saying(t)(hazard.words), yearly]
    spec = assemble(review, name, marks, {"rows": rows}, title=title, under=under, height=280)
    words = "; ".join(f"{row['period']}: {row['told']} ({row['share']})" for row in rows.to_dict("records"))
    return Chart(spec, t("chart.exposure.caption"), f"{title}. {words}. {yearly}".strip())


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def _yearly(review: Review, t: Words, hazard: Hazard) -> str:
    """Say how many people are exposed in a year on average, with bounds; nothing where nobody tells."""
    values = country_values(review, hazard.expected)
    if not values or not np.isfinite(values[0]):
        return ""
    people, low, high = (number(value, "people") for value in values)
    return t("chart.exposure.yearly").format(people=people, low=low, high=high)


def climate_months(review: Review, t: Words) -> Chart | None:
    """Return the country's mean year: rain as bars, temperature as a line, each with its own axis; None without both."""
    rain, heat = monthly(review, RAIN), monthly(review, HEAT)
    if not len(rain) and not len(heat):
        return None
    alt = require("altair")
    months = [t(f"chart.month.{month}") for month in range(1, 13)]
    x = alt.X("month:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True, grid=False, ticks=False))
    marks, words = [], []
    data: dict[str, pd.DataFrame] = {}
    for key, values, unit, told in (
        ("rain", rain, "mm/month", t("chart.climate.rain")),
        ("heat", heat, "degC", t("chart.climate.heat")),
    ):
        if len(values):
            told_values = [f"{number(value)} {pretty_unit(unit)}" for value in values]
            data[key] = pd.DataFrame({"month": months, "value": values, "told": told_values})
            marks.append(_month_layer(key, x, told, tips(("month", t("chart.month")), ("told", told))))
            low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
            words.append(f"{told}: {months[low]} {told_values[low]}, {months[high]} {told_values[high]}")
    title = t("chart.climate_months.title")
    reference = reference_of(review, RAIN) or reference_of(review, HEAT)
    under = t("chart.climate_months.under").format(span=span(reference))
    spec = assemble(review, "climate_months", marks, data, title=title, under=[under], height=260,
                    apart="y" if len(data) > 1 else "")  # fmt: skip
    return Chart(spec, t("chart.climate_months.caption"), f"{title}. {'; '.join(words)}.")


def _month_layer(key: str, x: Any, title: str, tooltip: list[Any]) -> Any:
    alt = require("altair")
    ink = BLUE if key == "rain" else VERMILION
    axis = alt.Axis(tickCount=5, grid=key == "rain", orient="left" if key == "rain" else "right")
    y = alt.Y("value:Q", title=title, axis=axis, scale=alt.Scale(zero=key == "rain", nice=True))
    if key == "rain":
        return layer(key).mark_bar(color=ink, opacity=0.75).encode(x=x, y=y, tooltip=tooltip)
    mark = {"color": ink, "strokeWidth": 2, "point": alt.OverlayMarkDef(filled=True, size=46, color=ink)}
    return layer(key).mark_line(**mark).encode(x=x, y=y, tooltip=tooltip)


def climate_years(review: Review, t: Words, quantity: Quantity) -> Chart | None:
    """Return the departure of every year from the mean of the reference period, with the trend; None without two years."""
    years, values = anomalies(review, quantity)
    if len(years) < 2:
        return None
    alt = require("altair")
    rows = pd.DataFrame({"year": years, "value": values, "told": [f"{number(v)} {quantity.unit}" for v in values]})
    rows["from"], rows["to"] = rows["year"] - 0.4, rows["year"] + 0.4
    rows["above"] = rows["value"] >= 0
    line = trend_line(review, quantity, years, values)
    x_scale = alt.Scale(domain=[float(years[0]) - 0.8, float(years[-1]) + 0.8], nice=False)
    x_axis = alt.Axis(format="d", tickMinStep=1, tickCount=8, grid=False, labelOverlap=True)
    x = alt.X("from:Q", title=None, axis=x_axis, scale=x_scale)
    unit = f"[{quantity.unit}]"
    y = alt.Y("value:Q", title=f"{t('chart.climate.departure')} {unit}", axis=alt.Axis(format="+,~f", tickCount=5))
    colour = alt.Color("above:N", legend=None, scale=alt.Scale(domain=[False, True], range=[quantity.below, quantity.above]))
    tooltip = tips(("year", t("chart.year")), ("told", t("chart.climate.departure")))
    marks = [
        layer("rows").mark_bar().encode(x=x, x2="to:Q", y=y, y2=alt.datum(0), color=colour, tooltip=tooltip),
        rule_at(0.0, "y"),
        layer("trend").mark_line(color=GREY, strokeWidth=2.5, **_dash(review, quantity)).encode(x=alt.X("year:Q"), y=y),
    ]
    name = f"climate_{quantity.key}"
    title, told = t(f"chart.{name}.title"), ""
    if len(line):
        told = saying(t)(trend_words(review, quantity))
    under = t(f"chart.{name}.under").format(span=span(reference_of(review, quantity)), unit=unit)
    spec = assemble(review, name, marks, {"rows": rows, "trend": line, "one": ONE}, title=title,
                    under=[under, told], height=220)  # fmt: skip
    ends = f"{rows['year'].iloc[0]}: {rows['told'].iloc[0]}; {rows['year'].iloc[-1]}: {rows['told'].iloc[-1]}"
    return Chart(spec, t(f"chart.{name}.caption"), f"{title}. {ends}. {told}".strip())


def _dash(review: Review, quantity: Quantity) -> dict[str, Any]:
    return {} if trend(review, quantity, "_p_adjusted") <= 0.05 else {"strokeDash": [5, 3]}


def trend_line(review: Review, quantity: Quantity, years: np.ndarray, values: np.ndarray) -> pd.DataFrame:
    """Return the ends of the trend through the middle year and the middle departure; no row without a trend."""
    slope = trend(review, quantity)
    if not np.isfinite(slope):
        return pd.DataFrame({"year": [], "value": []})
    ends = np.array([years[0], years[-1]], float)
    return pd.DataFrame({"year": ends, "value": _line(review, quantity, years, values, slope)(ends)})


def air(review: Review, t: Words) -> Chart | None:
    """Return fine dust of the country and its largest cities with the levels of the WHO, the dustiest first; or None."""
    found = ranked(review)
    if found is None:
        return None
    column, table = found
    levels, dust = levels_of(review), table[column.name]
    targets = len(levels.interim_targets)
    words = [t("chart.air.guideline").format(level=f"{levels.guideline:g}")]
    words += [t("chart.air.target").format(level=f"{bound:g}", target=targets - place)
              for place, bound in enumerate(levels.interim_targets)]  # fmt: skip
    words.append(t("chart.air.above").format(level=f"{levels.bounds[-1]:g}"))
    kinds = [words[min(int(kind), len(words) - 1)] for kind in np.searchsorted(levels.bounds, dust.to_numpy(float))]
    inks = [pair for pair in zip(words, BANDS, strict=False) if pair[0] in kinds]
    whose = parts_of(column.variant).get("people", "").replace(":", " ")
    under = t("chart.air.under").format(period=column.period, unit=pretty_unit(column.unit), source=column.source, people=whose)
    what = Bars("air", dust, column.unit, BANDS[0], kinds=kinds, inks=inks, limits=[float(each) for each in levels.bounds])
    return bars(review, t, table, what, under=under)
