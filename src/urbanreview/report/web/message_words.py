"""Numbers and ranges of key messages in the words of a language."""

import re
from collections.abc import Mapping
from math import isfinite

from urbanreview.report.web.message_parts import Flags, Quantity, Range, Span, Value
from urbanreview.report.web.strings import ENGLISH, texts


def range_words(found: Range | None, language: str) -> str:
    """Return a range in words; nothing where there is none."""
    if found is None:
        return ""
    same = found.count > 0 and _worded(found.low, language) == _worded(found.high, language)
    values: dict[str, Value] = {"low": found.low, "high": found.high, "count": Quantity(found.count, "count")}
    return filled("range_same" if same else found.key, values, language)


def filled(key: str, values: Mapping[str, Value], language: str) -> str:
    """Return a message in a language, its values in words."""
    return texts(language)[f"messages.{key}"].format(**{name: _worded(value, language) for name, value in values.items()})


def _worded(value: Value, language: str) -> str:
    words = texts(language)
    if isinstance(value, Quantity):
        return said(value.value, value.kind, language)
    if isinstance(value, Span):
        return words["numbers.span"].format(first=value.first, last=value.last)
    if isinstance(value, Flags):
        return "; ".join(words.get(f"flags.{key.replace(' ', '_')}", key) for key in value.keys)
    return value


_NUMBER = re.compile(r"(?<![\w.])(?<![a-z]-)(\d{1,3}(,\d{3})+(\.\d+)?|\d+\.\d+)(?![\w.]\d)")
_PRINTED = re.compile(r"[+\-−]?[\d,]*\d(\.\d+)?(e[+-]\d+)?")
_UNITS = {"degrees": "+.2f", "degrees_only": "+.2f", "mm": "+.1f", "mm_only": "+.1f", "dust": ".3g", "minutes": ",.0f"}
_PER_CENT = {"share": "", "gap": "+", "rate": "", "change": "+"}


def said(value: float, kind: str, language: str) -> str:
    r"""Return a number as a sentence has it.

    Parameters
    ----------
    value : float
    kind : str
        ``people``; ``share`` and ``rate`` (a year) in per cent, ``gap`` and ``change`` (a year) the same with their sign;
        ``count`` and ``ratio``; ``p`` (a probability); ``degrees`` and ``mm`` (a decade; ``_only``
        leaves that out), ``dust`` [ug/m3], ``minutes``.
    language : str

    Examples
    --------
    >>> said(2_046_113, "people", "en").replace("\u00a0", " "), said(912_345, "people", "en"), said(0.3412, "share", "en")
    ('2.0 million people', '912,000 people', '34.1%')
    >>> said(2_046_113, "people", "fr").replace("\u00a0", " "), said(1234, "count", "ru").replace("\u00a0", " ")
    ("2,0 millions d'habitants", '1 234')
    >>> said(-0.0123, "gap", "en"), said(0.00004, "p", "en"), said(float("nan"), "share", "en")
    ('−1.2%', '< 0.001', '–')
    """
    words = texts(language)
    if not isfinite(value):
        return words["numbers.missing"]
    if kind == "people":
        return _people(value, words)
    if kind in _PER_CENT:
        return words["numbers.percent"].format(number=_local(_per_cent(value, kind), words))
    if kind == "p":
        return _local("< 0.001" if value < 0.001 else f"= {value:.3f}", words)
    form = _UNITS.get(kind, ",.0f" if kind == "count" or abs(value) >= 100 else ".2f")
    number = _local(format(value, form), words)
    return words[f"numbers.{kind}"].format(number=number) if kind in _UNITS else number


def _per_cent(value: float, kind: str) -> str:
    small = 0 < abs(value) < (0.01 if kind in ("rate", "change") else 0.001)
    return format(100 * value, f"{_PER_CENT[kind]}.{2 if small else 1}f")


def _people(value: float, words: Mapping[str, str]) -> str:
    rounded = float(f"{value:.3g}")
    for name, size in (("billion", 1e9), ("million", 1e6)):
        if abs(rounded) >= size:
            count = f"{rounded / size:.1f}" if abs(rounded) < 100 * size else f"{rounded / size:.0f}"
            ending = "_one" if abs(float(count)) < 2 else ""
            return words[f"numbers.{name}{ending}"].format(number=_local(count, words))
    return words["numbers.people"].format(number=_local(f"{rounded:,.0f}", words))


def printed(text: str, language: str) -> str:
    r"""Return a number that is printed in English signs in those of a language; other texts as they are.

    >>> printed("1,234.5", "fr").replace("\u00a0", " "), printed("68.9%", "ru").replace("\u00a0", " "), printed("Ai", "ru")
    ('1 234,5', '68,9 %', 'Ai')
    """
    words, plain = texts(language), text.removesuffix("%")
    if language == ENGLISH or not _PRINTED.fullmatch(plain):
        return text
    shown = _local(plain, words)
    return words["numbers.percent"].format(number=shown) if plain != text else shown


def numbers_in(text: str, language: str) -> str:
    r"""Return a text whose numbers, printed in English signs, have those of a language.

    >>> numbers_in("1,234.5 (6.1%), flexurba-0.2", "fr").replace("\u00a0", " "), numbers_in("of 2020, -4.7", "ru")
    ('1 234,5 (6,1%), flexurba-0.2', 'of 2020, -4,7')
    """
    words = texts(language)
    signs = str.maketrans({",": words["numbers.thousands"], ".": words["numbers.decimal"]})
    return _NUMBER.sub(lambda found: found[0].translate(signs), text)


def _local(number: str, words: Mapping[str, str]) -> str:
    """Set the signs of a language into a number."""
    signs: dict[str, str | int | None] = {",": words["numbers.thousands"], ".": words["numbers.decimal"], "-": "−"}
    return number.translate(str.maketrans(signs))
