"""What all charts of the page share: how a Vega-Lite spec is put together, rounded, titled and named."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from urbanreview.report.extras import require
from urbanreview.report.ink import MODELLED_MARK
from urbanreview.report.labels import place
from urbanreview.report.plots import plain_ticks
from urbanreview.report.result import Review

Words = Callable[[str], str]
"""Gives the text of a key in the language of the page."""
Layers = Sequence[Any]
"""Parts of a chart, the lowest first."""

DIGITS = 5
"""Numbers in a spec have so many digits that count."""
ROW_PIXELS, PLOT_PIXELS = 22, 360
TITLE_LETTERS, SUBTITLE_LETTERS = 48, 56
LIMIT_PIXELS = 150
"""Names beside an axis are cut there; the tooltip has them whole."""
LETTER_PIXELS, TEXT_PIXELS, GAP_PIXELS = 6.3, 12.0, 6.0
NOMINAL_PIXELS = 560.0
"""Names of points are placed for a plot of this width; on a narrower one only the first stay."""
NARROW = "width < 430 && datum.place > 3 ? 0 : 1"
MOST_LETTERS, LINE_PLACES = 24, 60


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of the page.

    Attributes
    ----------
    spec : dict
        Vega-Lite, with its data inside and as wide as its place; without colours of text, which the page's theme gives.
    caption : str
        What it shows and how to read it.
    alt : str
        The same in a sentence for readers who do not see it.
    """

    spec: dict[str, Any]
    caption: str
    alt: str


Charts = Mapping[str, Chart]


def assemble(
    review: Review,
    name: str,
    layers: Layers,
    data: Mapping[str, pd.DataFrame],
    *,
    title: str,
    under: Sequence[str],
    height: float,
    apart: str = "",
) -> dict[str, Any]:
    """Return the spec of layers that lie on one another.

    Parameters
    ----------
    review : Review
    name : str
        Of the file in which readers keep the chart.
    layers : sequence of altair charts
        The lowest first; each names its data.
    data : mapping of str to DataFrame
        Rows by the name of the data.
    title : str
    under : sequence of str
        Lines of the sub-title: unit, period, source; empty ones are left out.
    height : float
        Of the plot [pixels].
    apart : {"", "y"}
        Axis that every layer has for itself.

    Returns
    -------
    dict
        As the schema of Vega-Lite has it, which the tests check: here it would take most of the time.
    """
    alt = require("altair")
    lines = [line for words in under if words for line in wrap(words[:1].upper() + words[1:], SUBTITLE_LETTERS)]
    lines += [MODELLED_MARK] if review.modelled else []
    head: dict[str, Any] = {"text": wrap(f"{review.title}: {title}", TITLE_LETTERS), "anchor": "start", "frame": "bounds"}
    chart = alt.layer(*layers).properties(
        width="container",
        height=round(height),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        title=alt.TitleParams(**head, **({"subtitle": lines} if lines else {})),
    )
    if apart:
        chart = chart.resolve_scale(**{apart: "independent"})
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec.pop("config", None)
    spec["datasets"] = {key: records(rows) for key, rows in data.items()}
    spec["usermeta"] = {"embedOptions": {"downloadFileName": name}}
    return spec


def layer(data: str) -> Any:
    """Return an empty chart on named data."""
    alt = require("altair")
    return alt.Chart(alt.NamedData(name=data))


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values: numbers rounded, missing ones as None.

    >>> records(pd.DataFrame({"name": ["a", "b"], "people": [1234567.8, float("nan")], "row": [0, 1]}))
    [{'name': 'a', 'people': 1234600.0, 'row': 0}, {'name': 'b', 'people': None, 'row': 1}]
    """
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int | np.integer):
        return int(value)
    return rounded(float(value)) if pd.notna(value) and np.isfinite(value) else None


def rounded(value: float) -> float:
    """Keep the digits that count.

    >>> rounded(0.123456789), rounded(912_345.0)
    (0.12346, 912340.0)
    """
    return float(f"{value:.{DIGITS}g}")


def names_of(table: pd.DataFrame) -> list[str]:
    """Return the names of rows of a wide table, each once: an axis would take two of one name for one place.

    >>> names_of(pd.DataFrame({"name": ["Wels", None, "Wels"]}, index=["z1", "z2", "z3"]))
    ['Wels', 'z2', 'Wels (2)']
    """
    names = [str(name) if pd.notna(name) and name != "" else str(zone) for zone, name in zip(table.index, table["name"],
                                                                                             strict=True)]  # fmt: skip
    seen: Counter[str] = Counter()
    taken, told = set(names), []
    for name in names:
        seen[name] += 1
        number, one = seen[name], name
        while number > 1 and (one := f"{name} ({number})") in taken:
            number += 1
        taken.add(one)
        told.append(one)
    return told


def span(period: str) -> str:
    """Return a period as people read it.

    >>> span("2010/2020"), span("2018")
    ('2010–2020', '2018')
    """
    return period.replace("/", "–")


def place_axis(*, title: str | None = None) -> Any:
    """Return the vertical channel of rows that are places, in the order of the data."""
    alt = require("altair")
    axis = alt.Axis(labelLimit=LIMIT_PIXELS, labelPadding=6, ticks=False, domain=False, grid=False)
    return alt.Y("name:N", sort=None, title=title, axis=axis)


def tips(*lines: tuple[str, str]) -> list[Any]:
    """Return the lines of a tooltip, each a field and its title; numbers stand in fields of words, as tables print them."""
    alt = require("altair")
    return [alt.Tooltip(field, type="nominal", title=title) for field, title in lines]


def colours(field: str, pairs: Iterable[tuple[str, str]], *, title: str | None = None, columns: int = 3) -> Any:
    """Return the channel of colours by words, with its legend below; on a narrow page the legend has one column."""
    alt = require("altair")
    words, inks = zip(*pairs, strict=True)
    legend = alt.Legend(orient="bottom", columns=alt.ExprRef(f"width < 430 ? 1 : {columns}"), labelLimit=320, symbolOpacity=1)
    return alt.Color(field, type="nominal", title=title, scale=alt.Scale(domain=words, range=inks), legend=legend)


def in_units(of: str, unit: str) -> str:
    """Return a title with its unit.

    >>> in_units("Light", "nW"), in_units("Gini", "")
    ('Light [nW]', 'Gini')
    """
    return f"{of} [{unit}]" if unit else of


def with_names(
    rows: pd.DataFrame,
    x: Sequence[float] | np.ndarray,
    y: Sequence[float] | np.ndarray,
    order: Sequence[int],
    *,
    lines: Sequence[np.ndarray] = (),
    height: float = PLOT_PIXELS,
) -> pd.DataFrame:
    """Return the rows whose names find a free spot beside their points, with where it is.

    Parameters
    ----------
    rows : DataFrame
        With a column ``name``, a row per point.
    x, y : sequence of float
        Where points are on the plot, as a part of its width and height from the lower left.
    order : sequence of int
        Rows to be named, the most important first.
    lines : sequence of array, shape (n, 2)
        Further points and lines on the plot, as places on it, that names keep clear of.
    height : float
        Of the plot [pixels].

    Returns
    -------
    DataFrame
        Rows in that order, with ``label``, ``side`` and ``foot`` (alignment), ``right`` and ``down`` [pixels] and ``place``.
    """
    order = list(dict.fromkeys(order))
    rest = [row for row in range(len(rows)) if row not in set(order)]
    size = np.array([NOMINAL_PIXELS, height])
    at = [(float(x[row]) * NOMINAL_PIXELS, float(y[row]) * height) for row in [*order, *rest]]
    at += [(float(right), float(up)) for line in lines for right, up in np.asarray(line, float) * size]
    more = len(at) - len(order)
    labels = [short(str(rows["name"].iloc[row])) for row in order]
    sizes = [(len(label) * LETTER_PIXELS, TEXT_PIXELS) for label in labels] + [(0.0, 0.0)] * more
    boxes = place(
        at,
        sizes,
        [GAP_PIXELS] * (len(order) + len(rest)) + [2.0] * (more - len(rest)),
        frame=(0.0, 0.0, NOMINAL_PIXELS, height),
    )[: len(order)]
    sides = [_side(box, point) for box, point in zip(boxes, at, strict=False)]
    told = rows.iloc[list(order)].assign(label=labels, place=range(1, len(order) + 1))
    told[["side", "foot", "right", "down"]] = pd.DataFrame(sides, index=told.index, columns=["side", "foot", "right", "down"])
    return told[[box is not None for box in boxes]]


def _side(box: tuple[float, ...] | None, point: tuple[float, float]) -> tuple[str, str, float, float]:
    if box is None:
        return "left", "middle", 0.0, 0.0
    west, south, east, north = box
    x, y = point
    side = "left" if west >= x else "right" if east <= x else "center"
    foot = "bottom" if south >= y else "top" if north <= y else "middle"
    return (
        side,
        foot,
        {"left": GAP_PIXELS, "right": -GAP_PIXELS, "center": 0.0}[side],
        {"bottom": -2.0, "top": 2.0}.get(foot, 0.0),
    )


def along(ends: pd.DataFrame, x: Callable[[Any], np.ndarray], y: Callable[[Any], np.ndarray]) -> np.ndarray:
    """Return places along a line, given by its two ends and by what turns their columns into places on the plot."""
    if len(ends) != 2:
        return np.empty((0, 2))
    first, last = np.column_stack([x(ends.iloc[:, 0]), y(ends.iloc[:, 1])])
    return np.asarray(first + np.linspace(0, 1, LINE_PLACES)[:, None] * (last - first))


def people_axis(low: float, high: float, *, logarithmic: bool = False, **how: Any) -> Any:
    """Return an axis of people or ranks with short numbers; a logarithmic one has plain ticks alone."""
    alt = require("altair")
    ticks = {"values": plain_ticks(low, high)} if logarithmic else {"tickCount": 6}
    return alt.Axis(labelExpr="format(datum.value, '~s')", labelOverlap=True, **ticks, **how)


def room_scale(top: float, told: Iterable[str], *, low: float = 0.0) -> Any:
    """Return the scale of bars up to a value, with room behind them for words, however narrow the page."""
    alt = require("altair")
    pixels = round(max((len(words) for words in told), default=0) * LETTER_PIXELS + 10)
    most = alt.ExprRef(f"{rounded(top or 1.0)!r} * width / max(width - {pixels}, 40)")
    return alt.Scale(domainMin=low, domainMax=most, nice=False)


def short(name: str) -> str:
    """Cut a long name.

    >>> short("Llanfairpwllgwyngyllgogerychwyrndrobwll"), short("Wels")
    ('Llanfairpwllgwyngyllgog…', 'Wels')
    """
    return name if len(name) <= MOST_LETTERS else name[: MOST_LETTERS - 1] + "…"


def name_marks(x: Any, y: Any, data: str = "names") -> Any:
    """Return the layer of names that `with_names` has placed."""
    alt = require("altair")
    how = {
        "align": alt.ExprRef("datum.side"), "baseline": alt.ExprRef("datum.foot"), "dx": alt.ExprRef("datum.right"),
        "dy": alt.ExprRef("datum.down"), "opacity": alt.ExprRef(NARROW),
    }  # fmt: skip
    return layer(data).mark_text(fontSize=11, **how).encode(x=x, y=y, text="label:N")


def part_of(values: Sequence[float] | np.ndarray, low: float, high: float, *, logarithmic: bool = False) -> np.ndarray:
    """Return where values lie between two limits, from 0 to 1.

    >>> part_of([10.0, 100.0], 1.0, 100.0, logarithmic=True).tolist()
    [0.5, 1.0]
    """
    numbers = np.asarray(values, float)
    if logarithmic:
        numbers, low, high = np.log(numbers), float(np.log(low)), float(np.log(high))
    return (numbers - low) / ((high - low) or 1.0)


def rule_at(value: float, channel: str, *, dash: Sequence[int] = (1, 0)) -> Any:
    """Return a thin line across the plot, in the theme's colour of rules."""
    alt = require("altair")
    mark = layer("one").mark_rule(strokeDash=list(dash), strokeWidth=1)
    return mark.encode(**{channel: alt.datum(rounded(value))})


ONE = pd.DataFrame({"row": [0]})
"""Data of lines across the plot, which need a row and nothing in it."""


def ranked_alt(t: Words, title: str, names: Sequence[str], told: Sequence[str]) -> str:
    """Return a sentence on places in an order: how many, the first and the last with their numbers."""
    if len(names) == 1:
        return f"{title}. {names[0]}: {told[0]}."
    return t("chart.alt.ranked").format(
        title=title, count=len(names), first=names[0], most=told[0], last=names[-1], least=told[-1]
    )
