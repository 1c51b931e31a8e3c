"""Charts of land and lights: land against people, kinds of expansion, built-up land per person, settlement classes, light."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.indicators.land import STABLE_PER_YEAR
from urbanreview.report.chosen import chosen, country_and_cities, country_values
from urbanreview.report.columns import Column
from urbanreview.report.extras import require
from urbanreview.report.highlights import LARGEST
from urbanreview.report.ink import BLUE, CENTRE, GREY, LIGHT, ORANGE, PURPLE, SKY, VERMILION
from urbanreview.report.land_use import FASTER, MEASURES, MOST_NAMED, SLOWER, Consumption, shown
from urbanreview.report.light_chart import COLOURS, FIRST_YEAR, breaks_of, has_trend, indexed
from urbanreview.report.rasters import DEGREE_OF_UNITS
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, people_inside, wide_table
from urbanreview.report.theme_sections import GROWTH, breaks_in, longest
from urbanreview.report.web.bars import Bars, bars
from urbanreview.report.web.spec import (
    ONE,
    PLOT_PIXELS,
    ROW_PIXELS,
    Chart,
    Charts,
    Words,
    along,
    assemble,
    colours,
    layer,
    name_marks,
    names_of,
    part_of,
    people_axis,
    place_axis,
    rule_at,
    span,
    tips,
    with_names,
)
from urbanreview.report.wording import number

CONSUMPTION = (("faster", ORANGE), ("slower", BLUE), ("no_ratio", GREY))
EXPANSION = (("infill", BLUE), ("extension", SKY), ("leapfrog", VERMILION))
PER_PERSON, MOST_SLOPES = "built_up.per_person", 8
CLASS_COLOURS: Mapping[int, str] = {
    30: "#b5271e", 23: "#d9683c", 22: "#f2a33a", 21: "#f2cf7a", 13: "#5f9e6e", 12: "#9cc5a1", 11: "#cfd8cf",
}  # fmt: skip
"""Of the classes of cells, from cities down."""
COUNTRY_COLOUR = GREY


def land_charts(review: Review, t: Words) -> Charts:
    """Return the charts of land, settlement classes and lights that a review has numbers for."""
    makers = {
        "settlement_classes": settlement_classes, "land_consumption": land_consumption, "expansion_kinds": expansion_kinds,
        "built_up_per_person": built_up_per_person, "lights_trend": lights_trend, "lights_growth": lights_growth,
    }  # fmt: skip
    made = {name: make(review, t) for name, make in makers.items()}
    return {name: chart for name, chart in made.items() if chart is not None}


def settlement_classes(review: Review, t: Words) -> Chart | None:
    """Return people by class of cell: an area per class over several years, or bars of one year; None without classes."""
    rows = class_rows(review)
    if rows.empty:
        return None
    rows["part"] = [t(f"chart.class.{code}") for code in rows["code"]]
    years, codes = sorted(rows["year"].unique()), list(dict.fromkeys(rows["code"]))
    title = t("chart.settlement_classes.title")
    under = t("chart.settlement_classes.under").format(population=review.population_source, span="–".join(
        str(year) for year in dict.fromkeys([years[0], years[-1]])))  # fmt: skip
    last = rows[rows["year"] == years[-1]]
    if len(years) == 1:
        inks = [(t(f"chart.class.{code}"), CLASS_COLOURS[code]) for code in codes]
        what = Bars("settlement_classes", last.set_index("part")["share"], "share", GREY)
        table = last.assign(name=last["part"]).set_index("part")
        chart = bars(review, t, table, what, under=under)
        return Chart(_painted(chart.spec, inks), chart.caption, chart.alt)
    marks = _class_areas(rows, codes, t)
    spec = assemble(review, "settlement_classes", marks, {"rows": rows}, title=title, under=[under], height=300)
    words = "; ".join(f"{row['part']} {row['told_share']}" for row in last.to_dict("records"))
    return Chart(spec, t("chart.settlement_classes.caption"), f"{title}. {years[-1]}: {words}.")


def _painted(spec: dict[str, Any], inks: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a spec of bars whose rows have a colour each, without a legend: their names stand beside them."""
    scale = {"domain": [word for word, _ in inks], "range": [ink for _, ink in inks]}
    spec["layer"][0]["encoding"]["color"] = {"field": "name", "type": "nominal", "scale": scale, "legend": None}
    return spec


def class_rows(review: Review) -> pd.DataFrame:
    """Return the country's people and their share by year and class of cell, cities first; of the review's own source."""
    source = review.population_source
    totals = chosen(review, "population.total", source=source)
    people = dict(zip((column.period for column in totals), country_values(review, totals), strict=True))
    found = []
    for place, code in enumerate(DEGREE_OF_UNITS):
        columns = [c for c in chosen(review, "degree.share", source=source, **{"class": str(code)}) if c.period.isdigit()]
        for column, share in zip(columns, country_values(review, columns), strict=True):
            count = share * people.get(column.period, np.nan)
            if np.isfinite(count):
                found.append((code, int(column.period), share, count, place))
    rows = pd.DataFrame(found, columns=["code", "year", "share", "people", "row"])
    rows["told"] = [number(each, "people") for each in rows["people"]]
    rows["told_share"] = [number(each, "1", share=True) for each in rows["share"]]
    return rows


def _class_areas(rows: pd.DataFrame, codes: list[int], t: Words) -> list[Any]:
    alt = require("altair")
    years = sorted({int(year) for year in rows["year"]})
    axis = alt.Axis(format="d", values=years, labelOverlap=True, grid=False)
    x = alt.X("year:Q", title=None, axis=axis, scale=alt.Scale(domain=[years[0], years[-1]], nice=False))
    y = alt.Y("people:Q", title=t("chart.people"), stack="zero", axis=people_axis(0, 0))
    colour = colours("part", [(t(f"chart.class.{code}"), CLASS_COLOURS[code]) for code in codes])
    order = alt.Order("row:Q", sort="descending")
    tooltip = tips(("part", t("chart.class")), ("year", t("chart.year")), ("told", t("chart.people")),
                   ("told_share", t("chart.share")))  # fmt: skip
    base = layer("rows")
    return [
        base.mark_area(opacity=0.92).encode(x=x, y=y, color=colour, order=order),
        base.mark_point(filled=True, size=46, opacity=0.01).encode(x=x, y=y, color=colour, order=order, tooltip=tooltip),
    ]


def land_consumption(review: Review, t: Words) -> Chart | None:
    """Return land consumption against growth of people, with the line of one rate for both; None without."""
    found = next(iter(shown(review)), None)
    rows = consumption_rows(review, found, t) if found is not None else pd.DataFrame()
    if found is None or rows.empty:
        return None
    alt = require("altair")
    (left, right), (low, high) = _reach(rows["growth"]), _reach(rows["rate"])
    x = alt.X("growth:Q", title=t("chart.growth_year"), axis=alt.Axis(format="+.1%", tickCount=6),
              scale=alt.Scale(domain=[left, right], nice=False))  # fmt: skip
    y = alt.Y("rate:Q", title=t("chart.land_consumption.rate"), axis=alt.Axis(format="+.1%", tickCount=6),
              scale=alt.Scale(domain=[low, high], nice=False))  # fmt: skip
    tooltip = tips(("name", t("chart.place")), ("told", t("chart.land_consumption.rate")),
                   ("people", t("chart.growth_year")), ("ratio", t("chart.land_consumption.ratio")),
                   ("part", t("chart.kind")))  # fmt: skip
    inks = [(t(f"chart.land_consumption.{word}"), ink) for word, ink in CONSUMPTION]
    end = min(right, high)
    line = pd.DataFrame({"growth": [0.0, end], "rate": [0.0, end]})
    marks = [
        rule_at(0.0, "x"),
        rule_at(0.0, "y"),
        layer("line").mark_line(color=GREY, strokeWidth=1.5, strokeDash=[5, 3]).encode(x=x, y=y),
        layer("rows").mark_circle(size=52, opacity=0.85).encode(x=x, y=y, color=colours("part", inks, columns=1),
                                                               tooltip=tooltip),
        name_marks(x, y),
    ]  # fmt: skip

    def across(growth: Any) -> np.ndarray:
        return part_of(growth, left, right)

    def up(rate: Any) -> np.ndarray:
        return part_of(rate, low, high)

    named = with_names(rows, across(rows["growth"]), up(rows["rate"]), range(min(MOST_NAMED, len(rows))),
                       lines=[along(line, across, up)])  # fmt: skip
    title, count = t("chart.land_consumption.title"), rows["part"].value_counts()
    under = t("chart.land_consumption.under").format(
        span=span(found.period), edition=found.edition, boundary=t(f"chart.{found.boundary}"), population=review.population
    )
    data = {"rows": rows, "names": named, "line": line, "one": ONE}
    spec = assemble(review, "land_consumption", marks, data, title=title, under=[under], height=PLOT_PIXELS)
    words = "; ".join(f"{word}: {count.get(word, 0):,}" for word, _ in inks)
    return Chart(spec, t("chart.land_consumption.caption"), f"{title}. {words}.")


def consumption_rows(review: Review, found: Consumption, t: Words) -> pd.DataFrame:
    """Return the cities with both rates, the largest first."""
    table = found.table.assign(size=people_inside(found.table, review)).sort_values("size", ascending=False, kind="stable")
    rate, growth, ratio, code = (table[found.columns[measure].name].to_numpy(float) for measure in MEASURES)
    kinds = np.where(np.isin(code, FASTER), 0, np.where(np.isin(code, SLOWER), 1, 2))
    rows = pd.DataFrame(
        {"name": names_of(table), "growth": growth, "rate": rate, "told": [number(v, "1/year") for v in rate],
         "people": [number(v, "1/year") for v in growth], "ratio": [number(v) for v in ratio],
         "part": [t(f"chart.land_consumption.{CONSUMPTION[kind][0]}") for kind in kinds]}
    )  # fmt: skip
    return rows[np.isfinite(rate) & np.isfinite(growth)].reset_index(drop=True)


def _reach(values: pd.Series) -> tuple[float, float]:
    low, high = min(0.0, float(values.min())), max(STABLE_PER_YEAR, float(values.max()))
    return low - 0.08 * (high - low), high + 0.1 * (high - low)


def _largest(review: Review, most: int = LARGEST) -> pd.DataFrame:
    """Return the country, where it is a zone, and its largest centres."""
    return country_and_cities(review).groupby("level", sort=False).head(most)


def expansion_kinds(review: Review, t: Words) -> Chart | None:
    """Return what part of new built-up land is infill, extension and leapfrog; None where nobody tells."""
    newest = chosen(review, f"expansion.{EXPANSION[0][0]}_share")[-1:]
    if not newest:
        return None
    table, rows = _largest(review), []
    for place, (kind, _) in enumerate(EXPANSION):
        column = _like(review, f"expansion.{kind}_share", newest[0])
        if column is not None and column.name in table:
            shares = table[column.name].to_numpy(float)
            told = [number(share, "1", share=True) for share in shares]
            part = t(f"chart.expansion_kinds.{kind}")
            rows.append(pd.DataFrame({"name": names_of(table), "share": shares, "part": part, "told": told, "row": place}))
    parts = pd.concat(rows).dropna(subset="share") if rows else pd.DataFrame({"share": []})
    if parts.empty:
        return None
    alt = require("altair")
    x = alt.X("share:Q", title=None, stack="zero", axis=alt.Axis(format=".0%", tickCount=5),
              scale=alt.Scale(domain=[0, 1]))  # fmt: skip
    inks = [(t(f"chart.expansion_kinds.{kind}"), ink) for kind, ink in EXPANSION]
    inks = [pair for pair in inks if pair[0] in set(parts["part"])]
    tooltip = tips(("name", t("chart.place")), ("part", t("chart.kind")), ("told", t("chart.share")))
    mark = layer("rows").mark_bar().encode(x=x, y=place_axis(), color=colours("part", inks), order=alt.Order("row:Q"),
                                           tooltip=tooltip)  # fmt: skip
    title = t("chart.expansion_kinds.title")
    under = t("chart.expansion_kinds.under").format(span=span(newest[0].period))
    height = ROW_PIXELS * max(parts["name"].nunique(), 2)
    spec = assemble(review, "expansion_kinds", [mark], {"rows": parts}, title=title, under=[under], height=height)
    first = parts[parts["name"] == parts["name"].iloc[0]]
    words = "; ".join(f"{row['part']} {row['told']}" for row in first.to_dict("records"))
    return Chart(spec, t("chart.expansion_kinds.caption"), f"{title}. {first['name'].iloc[0]}: {words}.")


def _like(review: Review, measure: str, column: Column) -> Column | None:
    """Return the column of another measure with the period, source and variant of a column."""
    found = chosen(review, measure, source=column.source)
    return next((c for c in found if (c.period, c.variant) == (column.period, column.variant)), None)


def built_up_per_person(review: Review, t: Words) -> Chart | None:
    """Return built-up land per person: lines of the country and its largest centres by year, bars of one year; or None."""
    found = [c for c in chosen(review, PER_PERSON) if c.period.isdigit()]
    columns = [c for c in found if c.source == found[-1].source and c.variant == found[-1].variant]
    columns = list({column.period: column for column in columns}.values())
    table = _largest(review, MOST_SLOPES if len(columns) > 1 else LARGEST)
    columns = [column for column in columns if column.name in table and table[column.name].notna().any()]
    if not columns:
        return None
    spans = "–".join(dict.fromkeys([columns[0].period, columns[-1].period]))
    under = t("chart.built_up_per_person.under").format(span=spans, population=review.population)
    if len(columns) == 1:
        return bars(review, t, table, Bars("built_up_per_person", table[columns[0].name], "m2/person", PURPLE), under=under)
    names = names_of(table)
    rows = pd.DataFrame(
        [
            (name, int(column.period), float(value), number(float(value)), str(level))
            for name, level, values in zip(names, table["level"], table[[c.name for c in columns]].to_numpy(float), strict=True)
            for column, value in zip(columns, values, strict=True)
        ],
        columns=["name", "year", "value", "told", "level"],
    ).dropna(subset="value")
    spec = _lines(review, t, "built_up_per_person", rows, under=[under], value=t("chart.built_up_per_person.value"))
    return Chart(spec, t("chart.built_up_per_person.caption"), _ends_alt(t("chart.built_up_per_person.title"), rows))


def lights_trend(review: Review, t: Words) -> Chart | None:
    """Return yearly light of the largest cities and of the country, the first year 100; None without two years."""
    if not has_trend(review):
        return None
    light = indexed(review)
    years = [int(year) for year in light.columns]
    rows = pd.DataFrame(
        [
            (name, year, value, number(value), level)
            for (level, name), values in zip(_unique(light), light.to_numpy(float), strict=True)
            for year, value in zip(years, map(float, values), strict=True)
        ],
        columns=["name", "year", "value", "told", "level"],
    ).dropna(subset="value")
    breaks = pd.DataFrame({"month": breaks_of(review)})
    breaks["year"] = [int(month[:4]) + (int(month[5:7]) - 1) / 12 - 0.5 for month in breaks["month"]]
    breaks["told"] = [t("chart.lights_trend.break").format(month=month) for month in breaks["month"]]
    under = t("chart.lights_trend.under").format(first=int(light.columns[0]), population=review.population)
    spec = _lines(review, t, "lights_trend", rows, under=[under], value=t("chart.lights_trend.value"), breaks=breaks,
                  base=FIRST_YEAR)  # fmt: skip
    return Chart(spec, t("chart.lights_trend.caption"), _ends_alt(t("chart.lights_trend.title"), rows))


def _unique(light: pd.DataFrame) -> list[tuple[str, str]]:
    levels, names = (light.index.get_level_values(key) for key in ("level", "name"))
    return list(zip(levels, names_of(pd.DataFrame({"name": names})), strict=True))


def _lines(
    review: Review,
    t: Words,
    name: str,
    rows: pd.DataFrame,
    *,
    under: list[str],
    value: str,
    breaks: pd.DataFrame | None = None,
    base: float | None = None,
) -> dict[str, Any]:
    """Return lines by year, the country's dashed, with months from which the series is made another way."""
    alt = require("altair")
    years = sorted({int(year) for year in rows["year"]})
    x = alt.X("year:Q", title=None, axis=alt.Axis(format="d", values=years, labelOverlap=True, grid=False),
              scale=alt.Scale(domain=[years[0] - 0.15, years[-1] + 0.15], nice=False))  # fmt: skip
    y = alt.Y("value:Q", title=value, axis=alt.Axis(format=",~f", tickCount=6), scale=alt.Scale(zero=False, nice=True))
    levels = rows.drop_duplicates("name").set_index("name")["level"]
    palette = iter([*COLOURS, CENTRE, "#7a6a53"])
    inks = [(str(place), COUNTRY_COLOUR if level == COUNTRY else next(palette)) for place, level in levels.items()]
    dash = alt.StrokeDash("level:N", legend=None, scale=alt.Scale(domain=["urban_centre", COUNTRY], range=[[1, 0], [5, 3]]))
    colour, tooltip = colours("name", inks), tips(("name", t("chart.place")), ("year", t("chart.year")), ("told", value))
    marks = [
        layer("rows").mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash),
        layer("rows").mark_circle(size=42, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    data = {"rows": rows}
    if base is not None:
        marks.insert(0, rule_at(base, "y", dash=(2, 2)))
        data["one"] = ONE
    if breaks is not None and len(breaks):
        marks.insert(0, layer("breaks").mark_rule(strokeDash=[2, 3]).encode(x=x, tooltip=tips(("told", t("chart.break")))))
        marks.append(layer("breaks").mark_text(align="left", baseline="top", dx=3, fontSize=10).encode(
            x=x, y=alt.value(2), text="month:N", tooltip=tips(("told", t("chart.break")))))  # fmt: skip
        data["breaks"] = breaks
    return assemble(review, name, marks, data, title=t(f"chart.{name}.title"), under=under, height=300)


def _ends_alt(title: str, rows: pd.DataFrame) -> str:
    """Say of every line where it begins and where it ends."""
    words = [
        f"{name}: {group['told'].iloc[0]} ({group['year'].iloc[0]}), {group['told'].iloc[-1]} ({group['year'].iloc[-1]})"
        for name, group in rows.groupby("name", sort=False)
    ]
    return f"{title}. " + "; ".join(words) + "."


def lights_growth(review: Review, t: Words) -> Chart | None:
    """Return growth of light per year over the longest span, of the largest centres, the fastest first; None without."""
    column, table = longest(review, GROWTH), wide_table(review, "urban_centre").head(LARGEST)
    if column is None or column.name not in table or not table[column.name].notna().any():
        return None
    table = table[table[column.name].notna()].sort_values(column.name, ascending=False, kind="stable")
    breaks = breaks_in(column)
    under = t("chart.lights_growth.under").format(span=span(column.period), population=review.population)
    under += f" {t('chart.lights_growth.breaks').format(breaks=breaks)}" if breaks else ""
    return bars(review, t, table, Bars("lights_growth", table[column.name], "1/year", LIGHT), under=under)
