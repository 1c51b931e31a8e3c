"""The chart that many themes share: bars of places with their numbers at the ends."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from urbanreview.report.extras import require
from urbanreview.report.result import Review
from urbanreview.report.web.spec import (
    ONE,
    ROW_PIXELS,
    Chart,
    Words,
    assemble,
    colours,
    layer,
    names_of,
    place_axis,
    ranked_alt,
    room_scale,
    rule_at,
    tips,
)
from urbanreview.report.wording import MISSING, number


@dataclass(frozen=True)
class Bars:
    """What bars tell.

    Attributes
    ----------
    name : str
        Of the chart; its words stand under ``chart.NAME`` in the catalogue.
    values : Series
        By zone, in the order of the rows; missing ones have no bar and a dash.
    unit : str
        Of the values, or ``1/year`` and ``share`` for those printed in per cent.
    ink : str
        Colour of all bars,
    kinds : sequence of str
        or a word for each,
    inks : sequence of (str, str)
        with its colour.
    limits : sequence of float
        Values marked by a line across all bars.
    """

    name: str
    values: pd.Series
    unit: str
    ink: str
    kinds: Sequence[str] = ()
    inks: Sequence[tuple[str, str]] = field(default=())
    limits: Sequence[float] = ()

    def words(self) -> list[str]:
        """Return the values as tables print them, without their unit."""
        share = self.unit == "share"
        return [MISSING if np.isnan(v) else number(v, self.unit, share=share) for v in self.values.to_numpy(float)]


def bars(review: Review, t: Words, table: pd.DataFrame, what: Bars, *, under: str) -> Chart:
    """Return bars of the rows of a table, in their order.

    Parameters
    ----------
    review : Review
    t : callable
        Words of the page's language.
    table : DataFrame
        With names, by zone id.
    what : Bars
    under : str
        The sub-title.
    """
    alt = require("altair")
    names, told, title = names_of(table), what.words(), t(f"chart.{what.name}.title")
    rows = pd.DataFrame({"name": names, "value": what.values.to_numpy(float), "told": told})
    rows["kind"] = list(what.kinds) or ""
    rows["end"] = rows["value"].fillna(0.0)
    known = rows["end"].to_numpy()
    rows["side"] = np.where(known < 0, "right", "left")
    rows["gap"] = np.where(known < 0, -4, 4)
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0, *what.limits)
    room = 0.3 * ((high - low) or 1.0)
    scale = alt.Scale(domain=[low - room, high + room], nice=False) if low < 0 else room_scale(high, told)
    axis = alt.Axis(orient="top", values=list(what.limits), format="~f", grid=False, domain=False) if what.limits else None
    x = alt.X("end:Q", title=None, axis=axis, scale=scale)
    shown = [("name", t("chart.place")), ("told", t(f"chart.{what.name}.value"))] + [("kind", t("chart.kind"))] * bool(
        what.inks
    )
    colour = colours("kind", what.inks) if what.inks else alt.value(what.ink)
    if what.limits:
        text, at = {"align": "right", "fontSize": 11}, alt.value("width")
    else:
        text, at = {"align": alt.ExprRef("datum.side"), "dx": alt.ExprRef("datum.gap"), "fontSize": 11}, x
    marks = [
        layer("rows").mark_bar().encode(x=x, y=place_axis(), color=colour, tooltip=tips(*shown)),
        layer("rows").mark_text(**text).encode(x=at, y=place_axis(), text="told:N"),
        *([rule_at(0.0, "x")] if low < 0 else []),
        *[rule_at(limit, "x", dash=(4, 3)) for limit in what.limits],
    ]
    spec = assemble(
        review, what.name, marks, {"rows": rows, "one": ONE}, title=title, under=[under],
        height=ROW_PIXELS * max(len(rows), 2),
    )  # fmt: skip
    return Chart(spec, t(f"chart.{what.name}.caption"), ranked_alt(t, title, names, told))
