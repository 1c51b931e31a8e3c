"""The data of the page: one plain mapping, and its text inside the page."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from urbanreview.measures import BY_KEY
from urbanreview.report.columns import Column, attribute_column
from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.ink import MODELLED_MARK
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, SETTLEMENTS, level_tables, links_table, own_levels, review_columns, wide_table
from urbanreview.report.web.outlines import frame_of, outlines, ways
from urbanreview.report.web.overlays import overlays
from urbanreview.report.web.packed import packed_tables
from urbanreview.report.web.plain import numbers, rounded
from urbanreview.report.web.zone_data import attributes_of, kept_columns, main_columns, month_series, zone_data
from urbanreview.report.wording import pretty, pretty_unit

MATRIX_AT_MOST = 40
_MEANS_SOMETHING = re.compile("[<>&\u2028\u2029\ud800-\udfff]")
"""Signs that end a script or a line of it, and halves of signs that no file can hold."""


def payload(
    review: Review,
    *,
    language_texts: Mapping[str, str],
    messages: Sequence[Mapping[str, Any]],
    language: str = "en",
    tables: Path | None = None,
) -> dict[str, Any]:
    """Return the data that the scripts of the page read.

    Parameters
    ----------
    review : Review
    language_texts : mapping of str to str
        Words of the page by key.
    messages : sequence of mapping
        Key messages: ``text``, ``anchor``, ``range``.
    language : str
        Tag of the language of the words.
    tables : Path, optional
        Folder of the written tables.

    Returns
    -------
    dict
        Plain values that JSON knows, nothing infinite. What a review has not is empty, or None for the matrix.

    Raises
    ------
    InvalidTable, UnknownName
        As of the tables.
    MissingExtra
        If the package that draws pictures is not installed.

    Notes
    -----
    Numbers have six digits that count, whole ones all their digits (`plain.rounded`). Zones stand in the order of the wide
    tables; a row number is the same in ``zones``, ``shapes`` and ``series``.
    """
    frame = frame_of(review)
    kept = {level: kept_columns(review, level) for level in _levels(review)}
    packed = packed_tables(review, tables)
    return {
        "title": review.title,
        "iso3": review.iso3,
        "language": language,
        "modelled": review.modelled,
        "modelled_mark": language_texts.get("notes.modelled", MODELLED_MARK) if review.modelled else "",
        "disclaimer": boundary_words(review),
        "population": review.population,
        "bounds": list(frame.bounds),
        "levels": [_level(review, level) for level in kept],
        "columns": _columns(review, kept),
        "records": _records(review),
        "attributes": _attributes(review),
        "zones": {level: zone_data(review, level, columns, frame) for level, columns in kept.items()},
        "series": month_series(review),
        "shapes": outlines(review, frame),
        "lines": ways(review, frame),
        "overlays": overlays(review, frame, language=language),
        "matrix": _matrix(review),
        "links": _links(review),
        "messages": [dict(message) for message in messages],
        "texts": dict(language_texts),
        "tables": packed.tables,
        "tables_left_out": packed.left_out,
    }


def embedded(data: Mapping[str, Any]) -> str:
    r"""Return data as JSON that no text in it can end or change the script element around it.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.

    Examples
    --------
    >>> embedded({"name": "</script>"})
    '{"name":"\\u003c/script\\u003e"}'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _MEANS_SOMETHING.sub(lambda sign: f"\\u{ord(sign[0]):04x}", text)


def _levels(review: Review) -> list[str]:
    """Return the levels: settlements, units from fine to coarse, sets of own zones, the country."""
    ranks = {"settlement": 0, "unit": 1, "own": 2, "country": 3}
    return sorted(level_tables(review), key=lambda level: ranks[_kind(review, level)])


def _kind(review: Review, level: str) -> str:
    if level in SETTLEMENTS:
        return "settlement"
    if level == COUNTRY:
        return "country"
    return "own" if level in (*own_levels(review), "hexagon") else "unit"


def _level(review: Review, level: str) -> dict[str, Any]:
    table, kind = level_tables(review)[level], _kind(review, level)
    words = table.replace("_", " ")
    name = f"Units of level {level[3:]}" if kind == "unit" and table == level else words[:1].upper() + words[1:]
    return {"key": level, "name": name, "table": table, "kind": kind, "count": len(wide_table(review, level))}


def _columns(review: Review, kept: Mapping[str, Sequence[Column]]) -> list[dict[str, Any]]:
    main, held = main_columns(review), {column.name for columns in kept.values() for column in columns}
    return [_column(column, is_main=column.name in main) for column in review_columns(review) if column.name in held]


def _column(column: Column, *, is_main: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        "measure": column.measure,
        "theme": column.measure.partition(".")[0],
        "title": pretty(column.title),
        "heading": pretty(column.heading.removesuffix(f" [{column.unit}]")),
        "unit": pretty_unit(column.unit),
        "unit_key": column.unit,
        "code": column.unit == "code",
        "period": column.period,
        "source": column.source,
        "variant": column.variant,
        "share": column.is_share,
        "percent": column.is_share or column.unit == "1/year",
        "main": is_main,
    }


def _records(review: Review) -> dict[str, dict[str, str]]:
    """Return the record of every measure that the review has numbers of."""
    records = (BY_KEY[measure] for measure in dict.fromkeys(column.measure for column in review_columns(review)))
    return {
        record.key: {
            "title": pretty(record.title),
            "unit": pretty_unit(record.unit),
            "method": pretty(record.method),
            "reference": record.reference,
            "undefined": record.undefined,
        }
        for record in records
    }


def _attributes(review: Review) -> dict[str, str]:
    """Return the titles of what else is told of zones."""
    names = dict.fromkeys(name for level in level_tables(review) for name in attributes_of(review, level))
    return {name: pretty(attribute_column(name).title) for name in names}


def _matrix(review: Review) -> dict[str, Any] | None:
    """Return minutes between the largest cities, the largest first; None in a review without travel."""
    minutes = review.matrices.get("minutes_city_city")
    if minutes is None:
        return None
    ids = [zone_id for zone_id in wide_table(review, "urban_centre").index if zone_id in minutes.index][:MATRIX_AT_MOST]
    square = minutes.reindex(index=ids, columns=ids)
    return {"ids": [str(zone_id) for zone_id in ids], "minutes": [numbers(row) for _, row in square.iterrows()]}


def _links(review: Review) -> dict[str, list[dict[str, Any]]]:
    """Return the districts of every centre that has people there, most people first, with the part of its people."""
    links, names = links_table(review), review.zones["name"]
    centres = review.zones.index[review.zones["level"] == "urban_centre"]
    inside = links[(links["relation"] == "district") & links["from_id"].isin(centres) & links["from_share"].gt(0)]
    found: dict[str, list[dict[str, Any]]] = {}
    for start, end, share in zip(inside["from_id"], inside["to_id"], inside["from_share"], strict=True):
        told = {"id": str(end), "name": str(names.get(end, end)), "share": rounded(share)}
        found.setdefault(str(start), []).append(told)
    return found
