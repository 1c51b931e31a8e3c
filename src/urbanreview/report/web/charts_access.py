"""Charts of travel, of what the choice of source and rules changes, and of official numbers beside ours."""

import numpy as np
import pandas as pd

from urbanreview.report.chosen import chosen, country_values
from urbanreview.report.columns import parts_of
from urbanreview.report.extras import require
from urbanreview.report.highlights import LARGEST, largest_centres
from urbanreview.report.ink import BLUE, CENTRE, CLUSTER, GREY, NO_DATA, ORANGE, class_labels
from urbanreview.report.official_chart import MOST_UNITS, by_gap, gap_words, official_figures, official_period, statistics_of
from urbanreview.report.result import Review
from urbanreview.report.tables import wide_table
from urbanreview.report.web.bars import Bars, bars
from urbanreview.report.web.spec import (
    ROW_PIXELS,
    Chart,
    Charts,
    Words,
    assemble,
    colours,
    layer,
    names_of,
    people_axis,
    place_axis,
    ranked_alt,
    room_scale,
    tips,
)
from urbanreview.report.wording import number

HOUR = 60
MINUTE_COLOURS = ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#fdd49e", "#fc8d59", "#b30000")
"""As on the map of travel time, from near to far."""
MINUTE_LIMITS = (30, 60, 120, 240, 480, 960)
WITHIN = "access.people_within"


def access_charts(review: Review, t: Words) -> Charts:
    """Return the charts of travel, sensitivity and official numbers that a review has numbers for."""
    makers = {"travel_matrix": travel_matrix, "reach": reach, "reach_cities": reach_cities, "sensitivity": sensitivity}
    made = {name: make(review, t) for name, make in makers.items()}
    found = {name: chart for name, chart in made.items() if chart is not None}
    return found | {name: official(review, t, name, statistic) for name, statistic in official_figures(review).items()}


def travel_matrix(review: Review, t: Words) -> Chart | None:
    """Return minutes between the largest centres as a heat-map; None without two of them or without times."""
    minutes = review.matrices.get("minutes_city_city")
    if minutes is None:
        return None
    centres = largest_centres(review, LARGEST).set_index("zone_id")
    centres = centres[centres.index.isin(minutes.index)]
    rows = matrix_rows(minutes.loc[centres.index, centres.index], names_of(centres), t)
    if len(centres) < 2 or rows["minutes"].isna().all():
        return None
    alt = require("altair")
    inks = [pair for pair in zip(class_labels(MINUTE_LIMITS), MINUTE_COLOURS, strict=True) if pair[0] in set(rows["part"])]
    plain = {"ticks": False, "domain": False}
    across = alt.Axis(labelAngle=-90, labelLimit=110, orient="top", labelOverlap=True, **plain)
    x = alt.X("to:N", sort=None, title=t("chart.to"), axis=across)
    y = alt.Y("name:N", sort=None, title=t("chart.from"), axis=alt.Axis(labelLimit=130, **plain))
    tooltip = tips(("name", t("chart.from")), ("to", t("chart.to")), ("told", t("chart.minutes")))
    blank = layer("rows").mark_rect(color=NO_DATA, opacity=0.5).encode(x=x, y=y, tooltip=tooltip)
    fill = layer("rows").transform_filter("isValid(datum.minutes)").mark_rect()
    heat = fill.encode(x=x, y=y, color=colours("part", inks, title=t("chart.minutes"), columns=4), tooltip=tooltip)
    title, near = t("chart.travel_matrix.title"), rows.iloc[int(np.nanargmin(rows["minutes"]))]
    height = ROW_PIXELS * len(centres)
    spec = assemble(review, "travel_matrix", [blank, heat], {"rows": rows}, title=title,
                    under=[t("chart.travel_matrix.under")], height=height)  # fmt: skip
    far = rows.iloc[int(np.nanargmax(rows["minutes"]))]
    words = "; ".join(f"{row['name']} – {row['to']}: {row['told']}" for row in (near, far))
    return Chart(spec, t("chart.travel_matrix.caption"), f"{title}. {words}.")


def matrix_rows(minutes: pd.DataFrame, names: list[str], t: Words) -> pd.DataFrame:
    """Return a row per two different centres: names, minutes, minutes in words, and their class."""
    square = minutes.to_numpy(float).copy()
    np.fill_diagonal(square, np.nan)
    same = np.eye(len(names), dtype=bool)
    told = [[t("chart.same") if same[i, j] else t("chart.no_way") if np.isnan(square[i, j]) else number(square[i, j])
             for j in range(len(names))] for i in range(len(names))]  # fmt: skip
    count, words = len(names), [*class_labels(MINUTE_LIMITS), ""]
    kinds = np.where(np.isnan(square), len(MINUTE_COLOURS), np.searchsorted(MINUTE_LIMITS, square, side="right")).ravel()
    return pd.DataFrame(
        {"name": np.repeat(names, count), "to": np.tile(names, count), "minutes": square.ravel(), "told": np.ravel(told),
         "part": [words[kind] for kind in kinds]}
    )  # fmt: skip


def reach_rows(review: Review) -> pd.DataFrame:
    """Return the country's people within minutes of a centre, and their share of all, from near to far."""
    columns = [c for c in chosen(review, WITHIN) if "minutes" in parts_of(c.variant)]
    columns = sorted(columns, key=lambda column: float(parts_of(column.variant)["minutes"]))
    totals = chosen(review, "population.total", source=review.population_source)
    people = dict(zip((c.period for c in totals), country_values(review, totals), strict=True))
    rows = []
    for column, value in zip(columns, country_values(review, columns), strict=True):
        share = value / people.get(column.period, np.nan)
        minutes = f"{float(parts_of(column.variant)['minutes']):g}"
        if np.isfinite(value):
            rows.append((minutes, value, number(value, "people"), number(share, "1", share=True)))
    return pd.DataFrame(rows, columns=["name", "value", "told", "share"])


def reach(review: Review, t: Words) -> Chart | None:
    """Return the country's people within minutes of a centre; None without travel."""
    rows = reach_rows(review)
    if rows.empty:
        return None
    alt = require("altair")
    rows["label"] = rows["told"] + " (" + rows["share"] + ")"
    x = alt.X("value:Q", title=None, axis=None, scale=room_scale(float(rows["value"].max()), rows["label"]))
    tooltip = tips(("name", t("chart.minutes")), ("told", t("chart.people")), ("share", t("chart.share")))
    y = place_axis(title=t("chart.minutes"))
    marks = [
        layer("rows").mark_bar(color=BLUE).encode(x=x, y=y, tooltip=tooltip),
        layer("rows").mark_text(align="left", dx=4, fontSize=11).encode(x=x, y=y, text="label:N"),
    ]
    title = t("chart.reach.title")
    under = t("chart.reach.under").format(population=review.population)
    spec = assemble(review, "reach", marks, {"rows": rows}, title=title, under=[under], height=28 * max(len(rows), 2))
    words = "; ".join(f"{row['name']}: {row['label']}" for row in rows.to_dict("records"))
    return Chart(spec, t("chart.reach.caption"), f"{title}. {words}.")


def reach_cities(review: Review, t: Words) -> Chart | None:
    """Return people within an hour of each of the largest centres, the most first; None without travel."""
    column = next(iter(chosen(review, WITHIN, minutes=str(HOUR))[-1:]), None)
    table = wide_table(review, "urban_centre").head(LARGEST)
    if column is None or column.name not in table or not table[column.name].notna().any():
        return None
    table = table[table[column.name].notna()].sort_values(column.name, ascending=False, kind="stable")
    under = t("chart.reach_cities.under").format(population=review.population)
    return bars(review, t, table, Bars("reach_cities", table[column.name], "people", BLUE), under=under)


def sensitivity(review: Review, t: Words) -> Chart | None:
    """Return the urban share, and that of centres, under every population and rule set; None without a comparison."""
    table = review.comparison.get("scenarios", pd.DataFrame())
    if len(table) < 2:
        return None
    alt = require("altair")
    names = names_of(pd.DataFrame({"name": table["population"].astype(str) + ", " + table["edition"].astype(str)}))
    urban, centre = t("chart.sensitivity.urban"), t("chart.sensitivity.centre")
    pairs = ((urban, "urban_share", "clusters"), (centre, "centre_share", "centres"))
    rows = pd.concat(
        pd.DataFrame({"name": names, "share": table[share].to_numpy(float), "part": word,
                      "told": [number(value, "1", share=True) for value in table[share]],
                      "count": [number(value, "settlements") for value in table[count]]})
        for word, share, count in pairs
    )  # fmt: skip
    x = alt.X("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=6), scale=alt.Scale(domain=[0, 1]))
    tooltip = tips(("name", t("chart.scenario")), ("part", t("chart.kind")), ("told", t("chart.share")),
                   ("count", t("chart.settlements")))  # fmt: skip
    colour = colours("part", [(urban, CLUSTER), (centre, CENTRE)], columns=2)
    y = alt.Y("name:N", sort=None, title=None, axis=alt.Axis(labelLimit=210, ticks=False, domain=False, grid=True))
    base = layer("rows")
    marks = [
        base.mark_circle(size=110, opacity=1).encode(x=x, y=y, color=colour, tooltip=tooltip),
        base.mark_text(dy=-12, fontSize=10).encode(x=x, y=y, text="told:N"),
    ]
    title = t("chart.sensitivity.title")
    shares = table["urban_share"].to_numpy(float)
    low, high = (number(float(end), "1", share=True) for end in (np.nanmin(shares), np.nanmax(shares)))
    under = t("chart.sensitivity.under").format(low=low, high=high, count=len(table))
    spec = assemble(review, "sensitivity", marks, {"rows": rows}, title=title, under=[under], height=34 * len(table))
    return Chart(spec, t("chart.sensitivity.caption"), f"{title}. {under}")


def official(review: Review, t: Words, name: str, statistic: str) -> Chart:
    """Return official people of units and ours, those with the largest gaps first."""
    alt = require("altair")
    units = by_gap(statistics_of(review)[statistic])
    table = units.head(MOST_UNITS)
    names, gaps = names_of(table.set_index("zone_id")), [gap_words(row) for _, row in table.iterrows()]
    pairs = pd.DataFrame({"name": names, "official": table["official"], "ours": table["ours"], "gap": gaps})
    words = {"official": t("chart.official.official"), "ours": t("chart.official.ours")}
    rows = pd.concat(
        pd.DataFrame({"name": names, "people": pairs[key], "part": word, "gap": gaps,
                      "told": [number(each, "people") for each in pairs[key]]})
        for key, word in words.items()
    )  # fmt: skip
    rows = rows[rows["people"] > 0]
    low, high = float(rows["people"].min()) * 0.8, float(rows["people"].max()) * 2.0
    scale = alt.Scale(type="log", domain=[low, high], nice=False)
    axis = people_axis(low, high, logarithmic=True)
    x = alt.X("people:Q", title=t("chart.official.people"), axis=axis, scale=scale)
    tooltip = tips(("name", t("chart.place")), ("part", t("chart.kind")), ("told", t("chart.people")), ("gap", t("chart.gap")))
    both = pairs[(pairs[["official", "ours"]] > 0).all(axis=1)]
    ends = pairs.assign(end=pairs[["official", "ours"]].max(axis=1))
    colour = colours("part", [(words["official"], GREY), (words["ours"], ORANGE)])
    marks = [
        layer("both").mark_rule(color="#9aa5af", strokeWidth=2).encode(
            x=alt.X("official:Q", scale=scale, axis=axis), x2="ours:Q", y=place_axis()),
        layer("rows").mark_circle(size=70, opacity=1).encode(x=x, y=place_axis(), color=colour, tooltip=tooltip),
        layer("ends").mark_text(align="left", dx=9, fontSize=11).encode(
            x=alt.X("end:Q", scale=scale, axis=axis), y=place_axis(), text="gap:N"),
    ]  # fmt: skip
    title = t("chart.official.title")
    source = f"{statistic} {official_period(review, statistic)}".strip()
    under = t("chart.official.under").format(
        statistic=source, population=review.population_source, shown=len(table), count=len(units)
    )
    data = {"both": both, "rows": rows, "ends": ends}
    spec = assemble(review, name, marks, data, title=title, under=[under], height=ROW_PIXELS * max(len(table), 2))
    return Chart(spec, t("chart.official.caption"), ranked_alt(t, title, names, gaps))
