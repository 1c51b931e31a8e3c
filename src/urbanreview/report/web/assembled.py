"""What is interactive on the page: data, charts, scripts and styles, ready for the template."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, files
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from urbanreview.errors import MissingExtra
from urbanreview.report.ink import MODELLED_MARK
from urbanreview.report.result import Review
from urbanreview.report.web.charts import Chart, charts, embed_script
from urbanreview.report.web.message_words import numbers_in
from urbanreview.report.web.messages import message_rows
from urbanreview.report.web.payload import embedded, payload
from urbanreview.report.web.strings import texts

SCRIPTS = ("map.js", "profile.js", "tables.js", "app.js")
STYLES = ("page.css", "report.css", "profile.css")


@dataclass(frozen=True)
class Drawn:
    """A chart as the page has it: its spec as JSON, and words."""

    json: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Interactive:
    """What the template puts into the page beside its tables.

    Attributes
    ----------
    data : str
        The payload as JSON.
    charts : mapping of str to Drawn
    messages : mapping of str to sequence
        Key messages that are ``told``, and those that are ``withheld``.
    scripts, styles : sequence of str
        In the order of the page.
    vega : str
        The module that draws charts.
    """

    data: str
    charts: Mapping[str, Drawn]
    messages: Mapping[str, Sequence[Mapping[str, str]]]
    scripts: Sequence[str]
    styles: Sequence[str]
    vega: str


def interactive(review: Review, language: str, tables: Path | None = None) -> Interactive:
    """Return what is interactive about a review; ``tables`` is the folder of its tables, if they are written.

    Raises
    ------
    MissingExtra
        If a package of the extra ``[report]`` is not installed.
    UnknownName
        If there are no strings of the language.
    """
    words = texts(language)
    rows = message_rows(review, language)
    told = [row for row in rows if not row["withheld"]]
    data = payload(review, language_texts=words, messages=told, language=language, tables=tables)
    drawn = charts(review, t=words.__getitem__)
    return Interactive(
        data=embedded(data),
        charts={name: _drawn(chart, language) for name, chart in drawn.items()},
        messages={"told": told, "withheld": [row for row in rows if row["withheld"]]},
        scripts=[_maplibre("maplibre-gl.js"), *(_asset(name) for name in SCRIPTS)],
        styles=[_maplibre("maplibre-gl.css"), *(_asset(name) for name in STYLES)],
        vega=embed_script(),
    )


def _drawn(chart: Chart, language: str) -> Drawn:
    return Drawn(embedded(_in_language(chart.spec, language)), chart.caption, numbers_in(chart.alt, language))


def _in_language(spec: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Return the spec of a chart whose mark of modelled data and whose printed numbers are in the language of the page."""
    mark, title = texts(language)["notes.modelled"], spec["title"]
    lines = [mark if line == MODELLED_MARK else numbers_in(line, language) for line in title.get("subtitle", [])]
    told = {
        name: [
            {key: numbers_in(value, language) if key.startswith("told") and isinstance(value, str) else value
             for key, value in row.items()}
            for row in rows
        ]
        for name, rows in spec["datasets"].items()
    }  # fmt: skip
    return {**spec, "title": title | ({"subtitle": lines} if lines else {}), "datasets": told}


@cache
def _asset(name: str) -> str:
    return resources("urbanreview.report.web").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _maplibre(name: str) -> str:
    """Return a file of the package that brings MapLibre GL, which is not imported: it would bring a server with it."""
    try:
        found = next(file for file in files("maplibre") or () if file.name == name)
    except PackageNotFoundError as error:
        raise MissingExtra("maplibre", extra="report", purpose="The map of the page") from error
    text = Path(str(found.locate())).read_text(encoding="utf-8")
    return text.replace("//# sourceMappingURL=maplibre-gl.js.map", "").replace("</script", "<\\/script")
