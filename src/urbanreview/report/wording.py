"""Numbers and units as people read them."""

import math
import re
from collections.abc import Mapping

MISSING = "–"


class Phrase(str):
    """A sentence whose gaps are filled in: it is its English text, and its pattern can be said in another language.

    >>> Phrase("{count} of {what}", count=3, what="seven")
    '3 of seven'
    """

    __slots__ = ("pattern", "values")
    pattern: str
    values: Mapping[str, object]

    def __new__(cls, pattern: str, /, **values: object) -> "Phrase":
        """Fill in a pattern; a value may be a phrase itself."""
        phrase = super().__new__(cls, pattern.format(**values))
        phrase.pattern, phrase.values = pattern, values
        return phrase


_SQUARES = re.compile(r"\b(k?m|cm)2\b")
_UNITS = {
    "people/km2": "people per km²", "m2/person": "m² per person", "1/year": "per year", "1": "", "code": "",
    "people/year": "people per year", "ug/m3": "µg/m³", "ug/m3/year": "µg/m³ per year", "degC": "°C",
    "degC/decade": "°C per decade", "mm/year": "mm per year", "mm/month": "mm per month",
    "mm/year/decade": "mm/year per decade",
}  # fmt: skip
_WHOLE = ("people", "settlements", "patches", "code", "cells", "months")


def pretty(text: str) -> str:
    """Set the little two of square units.

    >>> pretty("People per km2 of land")
    'People per km² of land'
    """
    return _SQUARES.sub(r"\1²", text)


def pretty_unit(unit: str) -> str:
    """Return a unit as it is printed; nothing for a pure number.

    >>> pretty_unit("people/km2"), pretty_unit("nW/cm2/sr*km2"), pretty_unit("1")
    ('people per km²', 'nW/cm²/sr·km²', '')
    """
    return _UNITS.get(unit, pretty(unit).replace("*", "·"))


def number(value: float | None, unit: str = "", *, share: bool = False) -> str:
    """Return a number as it is printed: counts whole, shares and rates in per cent, the rest with three digits that count.

    >>> number(1234567.4, "people"), number(0.4321, "1", share=True), number(0.01234, "km2"), number(8765.4, "km2")
    ('1,234,567', '43.2%', '0.0123', '8,765')
    >>> number(float("nan"), "people"), number(-0.00314, "1/year"), number(17.0, "settlements")
    ('–', '-0.31%', '17')
    """
    if value is None or not math.isfinite(value):
        return MISSING
    if share or unit == "1/year":
        return f"{value:.1%}" if share else f"{value:.2%}"
    if unit in _WHOLE or abs(value) >= 100:
        return f"{value:,.0f}"
    if value == 0:
        return "0"
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{decimals}f}"


def amount(value: float, unit: str) -> str:
    """Return an amount of the ledger with its unit.

    >>> amount(1.0, "zone"), amount(4898882.0, "cell"), amount(0.000507, "share"), amount(12.34, "km2")
    ('1 zone', '4,898,882 cells', '0.0507%', '12.3 km²')
    """
    if unit == "share":
        return f"{100 * value:.3g}%"
    if unit in ("cell", "zone", "file", "feature", "place", "row"):
        return f"{value:,.0f} {unit}" + ("" if value == 1 else "s")
    return f"{number(value, unit)} {pretty_unit(unit)}".strip()


def file_size(size_bytes: int) -> str:
    """Return the size of a file in words.

    >>> file_size(512), file_size(28_900_000)
    ('512 bytes', '28.9 MB')
    """
    if size_bytes < 1_000:
        return f"{size_bytes} bytes"
    for step, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size_bytes >= step:
            return f"{size_bytes / step:.1f} {unit}"
    return f"{size_bytes} bytes"


def duration(seconds: float) -> str:
    """Return a length of time in words.

    >>> duration(0.42), duration(75), duration(7320)
    ('0.4 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def plain(value: object) -> str:
    """Return a setting as text: lists with commas, truth as yes or no, nothing as a dash.

    >>> plain([2016, 2018]), plain(True), plain(None)
    ('2016, 2018', 'yes', '–')
    """
    if value is None or value == "":
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(plain(item) for item in value) or MISSING
    return str(value)


def flatten(settings: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as pairs of dotted name and text, in their order.

    >>> flatten({"lights": {"floor": 0.1, "years": [2016, 2018]}})
    [('lights.floor', '0.1'), ('lights.years', '2016, 2018')]
    """
    pairs: list[tuple[str, str]] = []
    for key, value in settings.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            pairs.extend(flatten(value, f"{name}."))
        else:
            pairs.append((name, plain(value)))
    return pairs
