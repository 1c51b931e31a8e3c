"""The charts of the page, as specs of Vega-Lite, and the script that draws them."""

from functools import cache
from typing import Any

from urbanreview.report.extras import require
from urbanreview.report.result import Review
from urbanreview.report.web.charts_access import access_charts
from urbanreview.report.web.charts_environment import environment_charts
from urbanreview.report.web.charts_land import land_charts
from urbanreview.report.web.charts_system import system_charts
from urbanreview.report.web.spec import Chart as Chart
from urbanreview.report.web.spec import Charts, Words

SNIPPET = "window.vegaEmbed = vegaEmbed;"
EMBED: dict[str, Any] = {
    "ast": True,
    "mode": "vega-lite",
    "renderer": "svg",
    "actions": {"export": {"svg": True, "png": True}, "source": False, "compiled": False, "editor": False},
}
"""What ``vegaEmbed`` must be told: without ``ast`` it makes code of text, which the page's content policy forbids."""


def charts(review: Review, *, t: Words) -> Charts:
    """Return every chart that a review has numbers for, by its name.

    Parameters
    ----------
    review : Review
    t : callable
        Gives the text of a key in the language of the page; those of charts begin with ``chart.``.

    Returns
    -------
    dict of str to Chart
        In the order of the page; none whose numbers are missing. The numbers are those of the tables and the figures, with
        five digits that count; tooltips have them as tables print them.

    Raises
    ------
    MissingExtra
        If altair is not installed.
    """
    parts = (system_charts, land_charts, environment_charts, access_charts)
    return {name: chart for part in parts for name, chart in part(review, t).items()}


def theme(*, ink: str, soft: str, line: str) -> dict[str, Any]:
    """Return the configuration of all charts on a ground: colours of text, of axes and of lines.

    >>> theme(ink="#1d2733", soft="#55616d", line="#d5dce2")["title"]["color"]
    '#1d2733'
    """
    return {
        "background": None,
        "font": 'system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif',
        "view": {"stroke": None},
        "title": {
            "color": ink, "subtitleColor": soft, "fontSize": 14, "subtitleFontSize": 11, "offset": 12, "subtitlePadding": 5,
        },
        "axis": {
            "labelColor": soft, "titleColor": soft, "gridColor": line, "domainColor": line, "tickColor": line,
            "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
        },
        "legend": {
            "labelColor": soft, "titleColor": soft, "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
        },
        "text": {"color": ink},
        "rule": {"color": soft},
    }  # fmt: skip


THEMES = {
    "light": theme(ink="#1d2733", soft="#55616d", line="#d5dce2"),
    "dark": theme(ink="#e4e9ee", soft="#a2aeb9", line="#313c47"),
}
"""By the colours of the page."""


@cache
def embed_script() -> str:
    """Return the JavaScript that sets ``window.vegaEmbed``: Vega-Lite and all it needs, for an inline module, 0.9 MB.

    Raises
    ------
    MissingExtra
        If vl-convert-python is not installed.
    """
    script: str = require("vl_convert").javascript_bundle(SNIPPET)
    return script
