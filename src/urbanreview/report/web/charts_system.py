"""Charts of the system of cities: the largest, rank and size, classes of size, who grows, where people were added."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.indicators.city_system import SIZE_CLASSES, STABLE_PER_YEAR
from urbanreview.report.charts import ONE_PERSON
from urbanreview.report.charts import OUTSIDE as PALE
from urbanreview.report.city_charts import MOST_NAMED
from urbanreview.report.columns import clean
from urbanreview.report.extras import require
from urbanreview.report.growth_chart import PARTS, own_growth
from urbanreview.report.highlights import LIGHTS, largest_centres
from urbanreview.report.ink import BLUE, CENTRE, CLUSTER, GREY, LIGHT, VERMILION
from urbanreview.report.result import Review
from urbanreview.report.system import system_tables
from urbanreview.report.tables import primary_column
from urbanreview.report.unit_sets import Grown, UnitSet, grown, sizes, unit_sets
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
    ranked_alt,
    room_scale,
    rounded,
    rule_at,
    span,
    tips,
    with_names,
)
from urbanreview.report.wording import number, pretty_unit

SETS = {"urban_centre": CENTRE, "urban_cluster": CLUSTER}
MOVES = (("growing", VERMILION), ("stable", GREY), ("shrinking", BLUE))
MOST_MOVERS = 10


def system_charts(review: Review, t: Words) -> Charts:
    """Return the charts of the system of cities that a review has numbers for."""
    makers = {
        "largest": largest, "largest_lights": largest_lights, "rank_size": rank_size, "size_classes": size_classes,
        "city_moves": city_moves, "growth_ranked": growth_ranked, "urban_growth": urban_growth,
    }  # fmt: skip
    made = {name: make(review, t) for name, make in makers.items()}
    return {name: chart for name, chart in made.items() if chart is not None} | city_growth(review, t)


def _largest(review: Review) -> pd.DataFrame:
    return largest_centres(review).set_index("zone_id")


def largest(review: Review, t: Words) -> Chart | None:
    """Return the largest centres by people, those beyond the border paler; None without centres."""
    table = _largest(review)
    if table.empty:
        return None
    alt = require("altair")
    names, (inside, outside) = names_of(table), (t("chart.largest.inside"), t("chart.largest.outside"))
    told = [
        number(people, "people") + (f" + {number(beyond, 'people')}" if beyond >= ONE_PERSON else "")
        for people, beyond in zip(table["people"], table["outside"], strict=True)
    ]
    ends = pd.DataFrame({"name": names, "end": table["people"] + table["outside"], "told": told})
    parts = [pd.DataFrame({"name": names, "people": table["people"], "part": inside, "told": told})]
    crossing = bool((table["outside"] >= ONE_PERSON).any())
    if crossing:
        parts.append(pd.DataFrame({"name": names, "people": table["outside"], "part": outside, "told": told}))
    pairs = [(inside, CENTRE), (outside, PALE)][: len(parts)]
    colour = colours("part", pairs) if crossing else alt.value(CENTRE)
    x = alt.X("people:Q", title=None, axis=None, scale=room_scale(float(ends["end"].max()), told))
    tooltip = tips(("name", t("chart.place")), ("told", t("chart.people")))
    marks = layer("rows").mark_bar().encode(x=x, y=place_axis(), color=colour, tooltip=tooltip, order=alt.Order("row:Q"))
    text = layer("ends").mark_text(align="left", dx=4, fontSize=11).encode(x="end:Q", y=place_axis(), text="told:N")
    title = t("chart.largest.title")
    rows = pd.concat([part.assign(row=place) for place, part in enumerate(parts)])
    spec = assemble(
        review, "largest", [marks, text], {"rows": rows, "ends": ends}, title=title,
        under=[t("chart.largest.under").format(population=review.population)], height=ROW_PIXELS * max(len(table), 2),
    )  # fmt: skip
    return Chart(spec, t("chart.largest.caption"), ranked_alt(t, title, names, told))


def largest_lights(review: Review, t: Words) -> Chart | None:
    """Return the newest light of the largest centres, in the order of people; None where there is none."""
    table, column = _largest(review), primary_column(review, LIGHTS)
    if column is None or not table["lights"].notna().any():
        return None
    what = Bars("largest_lights", table["lights"], pretty_unit(column.unit), LIGHT)
    return bars(review, t, table, what, under=t("chart.largest_lights.under").format(period=column.period,
                unit=pretty_unit(column.unit), population=review.population))  # fmt: skip


def rank_size(review: Review, t: Words) -> Chart | None:
    """Return people against rank of every unit set, with its fitted line; None without settlements."""
    shown = [(units, sizes(review, units)) for units in unit_sets(review)]
    shown = [(units, table) for units, table in shown if len(table)]
    if not shown:
        return None
    alt = require("altair")
    points = [
        pd.DataFrame(
            {"name": names_of(table), "people": table["people"].to_numpy(), "rank": np.arange(len(table)) + 0.5,
             "units": t(f"chart.{units.level}s"), "told": [number(each, "people") for each in table["people"]],
             "place": [f"{place + 1:,}" for place in range(len(table))]}
        )
        for units, table in shown
    ]  # fmt: skip
    lines = [_fitted(units, table, t) for units, table in shown]
    low, high = min(p["people"].min() for p in points) * 0.85, max(p["people"].max() for p in points) * 1.6
    most = max(len(each) for each in points)
    ranks = (0.4, most * 1.3)
    x = alt.X(
        "people:Q",
        title=t("chart.people"),
        axis=people_axis(low, high, logarithmic=True),
        scale=alt.Scale(type="log", domain=[low, high], nice=False),
    )
    y = alt.Y(
        "rank:Q",
        title=t("chart.rank_size.rank"),
        axis=people_axis(*ranks, logarithmic=True),
        scale=alt.Scale(type="log", domain=ranks, nice=False),
    )
    colour = colours("units", [(t(f"chart.{units.level}s"), SETS.get(units.level, GREY)) for units, _ in shown], columns=2)
    tooltip = tips(("name", t("chart.place")), ("units", t("chart.kind")), ("told", t("chart.people")),
                   ("place", t("chart.rank")))  # fmt: skip
    marks = [
        layer("fit").mark_line(clip=True, strokeWidth=1.5, strokeDash=[5, 3]).encode(x=x, y=y, color=colour),
        layer("rows").mark_circle(size=34, opacity=0.85).encode(x=x, y=y, color=colour, tooltip=tooltip),
        name_marks(x, y),
    ]
    first, *others = points

    def across(people: Any) -> np.ndarray:
        return part_of(people, low, high, logarithmic=True)

    def up(rank: Any) -> np.ndarray:
        return part_of(rank, *ranks, logarithmic=True)

    clear = [np.column_stack([across(each["people"]), up(each["rank"])]) for each in others]
    clear += [along(line, across, up) for line in lines]
    named = with_names(first, across(first["people"]), up(first["rank"]), range(min(MOST_NAMED, len(first))), lines=clear)
    slopes = [_slope_words(units, table, t) for units, table in shown]
    title = t("chart.rank_size.title")
    spec = assemble(
        review, "rank_size", marks, {"fit": pd.concat(lines), "rows": pd.concat(points), "names": named}, title=title,
        under=[t("chart.rank_size.under").format(population=review.population), *slopes], height=PLOT_PIXELS,
    )  # fmt: skip
    return Chart(spec, t("chart.rank_size.caption"), f"{title}. {' '.join(slopes)}")


def _slope(units: UnitSet, end: str) -> float:
    return units.numbers.get(clean(f"system.rank_size_{end}"), np.nan)


def _slope_words(units: UnitSet, table: pd.DataFrame, t: Words) -> str:
    slope, kind = _slope(units, "slope"), t(f"chart.{units.level}s")
    if not np.isfinite(slope):
        return t("chart.rank_size.no_slope").format(kind=kind, count=len(table))
    return t("chart.rank_size.slope").format(
        kind=kind, count=len(table), slope=f"{slope:.2f}", error=f"{_slope(units, 'error'):.2f}"
    )


def _fitted(units: UnitSet, table: pd.DataFrame, t: Words) -> pd.DataFrame:
    """Return the ends of the line of the fitted slope, through the mean of logarithms; no row where none is fitted."""
    slope, people = _slope(units, "slope"), table["people"].to_numpy(float)
    kind = t(f"chart.{units.level}s")
    if not np.isfinite(slope):
        return pd.DataFrame({"people": [], "rank": [], "units": []})
    ends, ranks = np.array([people.min(), people.max()]), np.arange(len(people)) + 0.5
    fitted = np.exp(np.log(ranks).mean() - slope * (np.log(ends) - np.log(people).mean()))
    return pd.DataFrame({"people": ends, "rank": fitted, "units": kind})


def _own(review: Review, name: str, period: str = "") -> pd.DataFrame:
    """Return the rows of a table of the system of the review's own source and of a period, its own without it."""
    table = system_tables(review).get(name, pd.DataFrame(columns=["source", "period"]))
    return table[(table["source"] == review.population_source) & (table["period"] == (period or review.population_period))]


def size_classes(review: Review, t: Words) -> Chart | None:
    """Return people of settlements by class of size, beside one another for every unit set; None without classes."""
    table = _own(review, "size_classes")
    table = table[table["size_class_people"] > 0] if "size_class_people" in table else table.iloc[:0]
    if table.empty:
        return None
    alt = require("altair")
    rows = pd.DataFrame(
        {"size": table["class"], "units": [t(f"chart.{level}s") for level in table["units"]],
         "people": table["size_class_people"], "count": [number(n, "settlements") for n in table["size_class_settlements"]],
         "told": [number(each, "people") for each in table["size_class_people"]],
         "share": [number(each, "1", share=True) for each in table["size_class_share"]]}
    )  # fmt: skip
    kinds = list(dict.fromkeys(zip(rows["units"], (SETS.get(level, GREY) for level in table["units"]), strict=True)))
    words = [word for word, _ in kinds]
    sizes_told = [size for size in SIZE_CLASSES if size in set(rows["size"])]
    x = alt.X(
        "size:N",
        sort=None,
        scale=alt.Scale(domain=sizes_told),
        title=t("chart.size_class"),
        axis=alt.Axis(labelAngle=0, labelOverlap=True),
    )
    y = alt.Y("people:Q", title=t("chart.people"), axis=people_axis(0, 0))
    offset = alt.XOffset("units:N", sort=words, scale=alt.Scale(domain=words))
    tooltip = tips(("size", t("chart.size_class")), ("units", t("chart.kind")), ("told", t("chart.people")),
                   ("share", t("chart.share")), ("count", t("chart.settlements")))  # fmt: skip
    at = {"x": x, "y": y, "xOffset": offset}
    marks = [
        layer("rows").mark_bar().encode(**at, color=colours("units", kinds, columns=2), tooltip=tooltip),
        layer("rows").mark_text(dy=-7, fontSize=11).encode(**at, text="count:N"),
    ]
    title = t("chart.size_classes.title")
    under = t("chart.size_classes.under").format(population=review.population)
    spec = assemble(review, "size_classes", marks, {"rows": rows}, title=title, under=[under], height=260)
    most = rows.iloc[int(rows["people"].argmax())]
    alt_words = t("chart.size_classes.alt").format(title=title, units=most["units"], size=most["size"], people=most["told"])
    return Chart(spec, t("chart.size_classes.caption"), alt_words)


def _growths(review: Review) -> list[tuple[UnitSet, Grown]]:
    found = [(units, grown(review, units)) for units in unit_sets(review)]
    return [(units, growth) for units, growth in found if growth is not None]


def city_moves(review: Review, t: Words) -> Chart | None:
    """Return how many settlements grow, stay and shrink by class of size at first; None without growth."""
    found = _growths(review)
    table = _own(review, "size_classes", found[0][1].period) if found else pd.DataFrame()
    ends = ("growers", "stable", "shrinkers")
    if table.empty or "size_class_growers" not in table:
        return None
    rows = []
    for row in table.to_dict("records"):
        counts = [float(row[f"size_class_{end}"]) for end in ends]
        name = f"{t('chart.' + str(row['units']) + 's')}, {row['class']}"
        for place, ((word, _), count) in enumerate(zip(MOVES, counts, strict=True)):
            rows.append((name, t(f"chart.{word}"), count, number(count, "settlements"), place, sum(c > 0 for c in counts)))
    parts = pd.DataFrame(rows, columns=["name", "part", "count", "told", "row", "any"])
    parts = parts[parts["any"] > 0].drop(columns="any")
    return _moves_chart(review, t, parts, found[0][1]) if len(parts) else None


def _moves_chart(review: Review, t: Words, parts: pd.DataFrame, growth: Grown) -> Chart:
    alt = require("altair")
    most = parts.groupby("name")["count"].sum().max()
    ticks = list(range(0, int(most) + 1, max(1, round(most / 6))))
    x = alt.X("count:Q", title=t("chart.settlements"), stack="zero", axis=alt.Axis(format=",.0f", values=ticks))
    tooltip = tips(("name", t("chart.size_class")), ("part", t("chart.kind")), ("told", t("chart.settlements")))
    colour = colours("part", [(t(f"chart.{word}"), ink) for word, ink in MOVES])
    marks = [layer("rows").mark_bar().encode(x=x, y=place_axis(), color=colour, order=alt.Order("row:Q"), tooltip=tooltip)]
    title = t("chart.city_moves.title")
    under = t("chart.city_moves.under").format(span=span(growth.period), population=review.population_source)
    height = ROW_PIXELS * max(parts["name"].nunique(), 2)
    spec = assemble(review, "city_moves", marks, {"rows": parts}, title=title, under=[under], height=height)
    sums = parts.groupby("part", sort=False)["count"].sum()
    return Chart(spec, t("chart.city_moves.caption"), _listed(title, sums))


def _listed(title: str, numbers: pd.Series) -> str:
    return f"{title}. " + "; ".join(f"{word}: {value:,.0f}" for word, value in numbers.items()) + "."


def growth_ranked(review: Review, t: Words) -> Chart | None:
    """Return the settlements of the first unit set that grow most and least; None without growth."""
    found = _growths(review)
    if not found:
        return None
    units, growth = found[0]
    table = growth.table.sort_values("rate", ascending=False, kind="stable")
    ends = list(dict.fromkeys([*table.index[:MOST_MOVERS], *table.index[-MOST_MOVERS:]]))
    table = table.loc[ends]
    kinds = [t(f"chart.{_move(rate)}") for rate in table["rate"]]
    what = Bars("growth_ranked", table["rate"], "1/year", VERMILION, kinds=kinds,
                inks=[(t(f"chart.{word}"), ink) for word, ink in MOVES])  # fmt: skip
    under = t("chart.growth_ranked.under").format(
        kind=t(f"chart.{units.level}s"), span=span(growth.period), boundary=t(f"chart.{growth.boundary}"),
        population=review.population_source,
    )  # fmt: skip
    return bars(review, t, table, what, under=under)


def _move(rate: float) -> str:
    return "stable" if abs(rate) <= STABLE_PER_YEAR else "growing" if rate > 0 else "shrinking"


def city_growth(review: Review, t: Words) -> dict[str, Chart]:
    """Return growth against people at first for every unit set, each under its own name."""
    found = _growths(review)
    return {f"city_growth_{units.level}": _growth_chart(review, t, units, growth) for units, growth in found}


def _growth_chart(review: Review, t: Words, units: UnitSet, growth: Grown) -> Chart:
    alt = require("altair")
    table = growth.table
    rows = pd.DataFrame(
        {"name": names_of(table), "before": table["before"].to_numpy(), "rate": table["rate"].to_numpy(),
         "part": [t(f"chart.{_move(rate)}") for rate in table["rate"]],
         "people": [number(each, "people") for each in table["before"]],
         "told": [number(each, "1/year") for each in table["rate"]]}
    )  # fmt: skip
    ends = _range(rows["before"], rows["rate"])
    low, high, least, most = ends
    x = alt.X("before:Q", title=t("chart.people_first"), axis=people_axis(low, high, logarithmic=True),
              scale=alt.Scale(type="log", domain=[low, high], nice=False))  # fmt: skip
    y = alt.Y("rate:Q", title=t("chart.growth_year"), axis=alt.Axis(format="+.1%", tickCount=6),
              scale=alt.Scale(domain=[least, most], nice=False))  # fmt: skip
    tooltip = tips(("name", t("chart.place")), ("people", t("chart.people_first")), ("told", t("chart.growth_year")),
                   ("part", t("chart.kind")))  # fmt: skip
    counts = rows["part"].value_counts()
    inks = [(t(f"chart.{word}"), ink) for word, ink in MOVES]
    line, words = _growth_line(review, t, units, growth)
    marks = [
        rule_at(0.0, "y"),
        layer("fit").mark_line(clip=True, color=GREY, strokeWidth=1.5, strokeDash=[5, 3]).encode(x=x, y=y),
        layer("rows").mark_circle(size=46, opacity=0.85).encode(x=x, y=y, color=colours("part", inks), tooltip=tooltip),
        name_marks(x, y),
    ]

    def across(people: Any) -> np.ndarray:
        return part_of(people, low, high, logarithmic=True)

    def up(rate: Any) -> np.ndarray:
        return part_of(rate, least, most)

    named = with_names(rows, across(rows["before"]), up(rows["rate"]), _named(rows), lines=[along(line, across, up)])
    title = t("chart.city_growth.title").format(kind=t(f"chart.{units.level}s"))
    under = t("chart.city_growth.under").format(
        span=span(growth.period), boundary=t(f"chart.{growth.boundary}"), population=review.population_source
    )
    name = f"city_growth_{units.level}"
    data = {"rows": rows, "names": named, "fit": line, "one": ONE}
    spec = assemble(review, name, marks, data, title=title, under=[under, words], height=PLOT_PIXELS)
    return Chart(spec, t("chart.city_growth.caption"), _listed(title, counts.reindex([word for word, _ in inks]).fillna(0)))


def _range(before: pd.Series, rate: pd.Series) -> tuple[float, float, float, float]:
    low, high = min(float(rate.min()), 0.0), max(float(rate.max()), 0.0)
    room = max(0.08 * (high - low), STABLE_PER_YEAR)
    return float(before.min()) * 0.85, float(before.max()) * 1.6, low - room, high + room


def _named(rows: pd.DataFrame) -> Sequence[int]:
    size, rate = np.argsort(-rows["before"].to_numpy())[: MOST_NAMED - 4], np.argsort(rows["rate"].to_numpy())
    return [int(row) for row in (*size, *rate[:2], *rate[::-1][:2])]


def _growth_line(review: Review, t: Words, units: UnitSet, growth: Grown) -> tuple[pd.DataFrame, str]:
    """Return the ends of the fitted line of growth on size, and its slope in words; no row and none where there is none."""
    sets = (each for each in unit_sets(review, growth.period) if each.level == units.level)
    numbers: dict[str, float] = next((each.numbers for each in sets), {})
    slope, error = (numbers.get(clean(f"system.growth_on_size{end}"), np.nan) for end in ("", "_error"))
    if not np.isfinite(slope) or growth.boundary != "moving":
        return pd.DataFrame({"before": [], "rate": []}), ""
    people, rates = np.log(growth.table["before"].to_numpy(float)), growth.table["rate"].to_numpy(float)
    ends = np.array([people.min(), people.max()])
    line = pd.DataFrame({"before": np.exp(ends), "rate": rates.mean() + slope * (ends - people.mean())})
    return line, t("chart.city_growth.slope").format(slope=f"{100 * slope:.2f}", error=f"{100 * error:.2f}")


def urban_growth(review: Review, t: Words) -> Chart | None:
    """Return where urban people were added and lost, a bar per unit set and span; None without the decomposition."""
    table = own_growth(review)
    if table.empty:
        return None
    alt = require("altair")
    rows: list[dict[str, Any]] = []
    for row in table.to_dict("records"):
        name = f"{t('chart.' + str(row['units']) + 's')} {span(str(row['period']))}"
        for place, (end, _, _) in enumerate(PARTS):
            value = float(row[clean(f"urban_growth.{end}")]) * (-1 if end == "dropped" else 1)
            told = number(value, "people")
            rows.append({"name": name, "part": t(f"chart.urban_growth.{end}"), "people": value, "told": told, "row": place})
    parts = pd.DataFrame(rows).dropna(subset="people")
    sums = pd.DataFrame(
        {"name": list(dict.fromkeys(row["name"] for row in rows)), "people": table["urban_growth_total"].to_numpy(float)}
    )
    sums["told"] = [f"{value:+,.0f}" for value in sums["people"]]
    sums["end"] = [parts.loc[(parts["name"] == name) & (parts["people"] > 0), "people"].sum() for name in sums["name"]]
    present = set(parts["part"])
    inks = [(t(f"chart.urban_growth.{end}"), ink) for end, _, ink in PARTS if t(f"chart.urban_growth.{end}") in present]
    most = max(float(sums["end"].max()), 1.0)
    scale = room_scale(most, sums["told"] + " " * 4, low=_lost(parts))
    x = alt.X("people:Q", title=t("chart.people"), stack="zero", axis=people_axis(0, most), scale=scale)  # fmt: skip
    tooltip = tips(("name", t("chart.kind")), ("part", t("chart.part")), ("told", t("chart.people")))
    total = tips(("name", t("chart.kind")), ("told", t("chart.urban_growth.total")))
    marks = [
        layer("rows").mark_bar().encode(x=x, y=place_axis(), color=colours("part", inks, columns=2),
                                        order=alt.Order("row:Q"), tooltip=tooltip),
        rule_at(0.0, "x"),
        layer("sums").mark_point(shape="diamond", size=70, filled=True, fill="#ffffff", stroke="#1d2733", strokeWidth=1.5,
                                 opacity=1).encode(x="people:Q", y=place_axis(), tooltip=total),
        layer("sums").mark_text(align="left", dx=8, fontWeight="bold").encode(x="end:Q", y=place_axis(), text="told:N"),
    ]  # fmt: skip
    title = t("chart.urban_growth.title")
    under = t("chart.urban_growth.under").format(population=review.population_source)
    data = {"rows": parts, "sums": sums, "one": ONE}
    height = 34 * max(len(table), 2)
    spec = assemble(review, "urban_growth", marks, data, title=title, under=[under], height=height)
    return Chart(spec, t("chart.urban_growth.caption"), _listed(title, sums.set_index("name")["people"]))


def _lost(parts: pd.DataFrame) -> float:
    lost = parts[parts["people"] < 0].groupby("name")["people"].sum()
    return rounded(1.05 * float(lost.min())) if len(lost) else 0.0
