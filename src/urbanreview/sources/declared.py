"""The units that a file states: however they are spelled, and whether they are those that its numbers are taken in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from urbanreview.errors import WrongUnits
from urbanreview.ledger import Ledger

KNOWN = (
    *("people", "thousand people", "people/km2", "people/ha", "m2", "km2", "ha", "share", "%"),
    *("nW/cm2/sr", "uW/cm2/sr", "mW/cm2/sr", "W/cm2/sr", "W/m2/sr", "DN"),
    *("ug/m3", "ng/m3", "mg/m3", "g/m3", "kg/m3"),
    *("min/m", "min/km", "s/m", "s/km", "h/m", "h/km", "m/s", "km/h", "min", "s", "h", "day"),
    *("mm/month", "mm/day", "mm/year", "mm/h", "kg/m2/s", "degC", "degF", "K", "m", "cm", "km", "year"),
)
"""Units that are told apart; whatever else a file may say is taken at the word of the settings, and the ledger says so."""

_WORDS = {
    "": "cell cells pixel pixels gridcell gridcells grid number count of",
    "people": "person persons inhabitant inhabitants resident residents population pop",
    "thousand": "thousands",
    "share": "fraction fractions proportion ratio",
    "%": "percent percentage pct",
    "nw": "nanowatt nanowatts nwatt nwatts",
    "uw": "microwatt microwatts uwatt uwatts",
    "mw": "milliwatt milliwatts mwatt mwatts",
    "w": "watt watts",
    "sr": "steradian steradians",
    "dn": "dns",
    "ug": "microgram micrograms mcg",
    "ng": "nanogram nanograms",
    "mg": "milligram milligrams",
    "g": "gram grams",
    "kg": "kilogram kilograms",
    "mm": "millimetre millimetres millimeter millimeters",
    "cm": "centimetre centimetres centimeter centimeters",
    "m": "metre metres meter meters",
    "km": "kilometre kilometres kilometer kilometers",
    "ha": "hectare hectares",
    "s": "sec secs second seconds",
    "min": "mins minute minutes",
    "h": "hr hrs hour hours",
    "day": "days d",
    "month": "months",
    "year": "years yr",
    "degc": "celsius c",
    "degf": "fahrenheit f",
    "k": "kelvin",
}
"""Further spellings of the words that units are made of; a raster's numbers are per cell anyway."""
_BASES = {word: base for base, words in _WORDS.items() for word in (base, *words.split())}
_SIGNS = str.maketrans({"−": "-", "–": "-", "‐": "-", "μ": "u", "°": " deg ", "_": " ", **dict.fromkeys("·⋅∙*×()[]", " ")})
_PHRASES = (
    (r"\b(?:square|sq)\.?\s*([a-z]+)", r"\1^2 "),
    (r"\bcubic\s+([a-z]+)", r"\1^3 "),
    (r"\bdigital numbers?\b", "dn"),
    (r"\bdeg(?:rees?)?[\s.]+(?=[a-z])", ""),
    (r"\.(?=[a-z])", " "),
    (r"\bper\b", "/"),
)
_FACTOR = re.compile(r"([a-z%]+)\^?(-?\d+)?")

_Factors = frozenset[tuple[str, int]]


def canonical(units: str) -> str:
    """Return the usual spelling of known units; others stay as they are.

    Examples
    --------
    >>> [canonical(text) for text in ("nWatts·cm−2·sr−1", "nanoWatts/sr/cm^2", "nW/(cm2 sr)")]
    ['nW/cm2/sr', 'nW/cm2/sr', 'nW/cm2/sr']
    >>> [canonical(text) for text in ("persons per pixel", "m² per cell", "µg m-3", "minutes per metre", "apples")]
    ['people', 'm2', 'ug/m3', 'min/m', 'apples']
    """
    factors = _factors(units)
    return units if factors is None else _NAMES.get(factors, units)


def check_units(stated: Sequence[str], expected: str, *, path: str, source: str) -> Ledger:
    """Compare what a file states with the units that its numbers are taken in.

    Parameters
    ----------
    stated : sequence of str
        Units by band, or of the whole file; empty if it is silent.
    expected : str
        Units of the settings.
    path, source : str
        What errors and the ledger call the file.

    Returns
    -------
    Ledger
        Words that are no known units.

    Raises
    ------
    WrongUnits
        If the file states other known units.

    Examples
    --------
    >>> check_units(["arbitrary"], "nW/cm2/sr", path="l.tif", source="lights").entries[0].cause
    "file says units 'arbitrary', taken as nW/cm2/sr"
    >>> check_units(["W/cm2/sr"], "nW/cm2/sr", path="l.tif", source="lights")
    Traceback (most recent call last):
    urbanreview.errors.WrongUnits: l.tif says that its numbers are in 'W/cm2/sr', expected nW/cm2/sr. ...
    """
    ledger, wanted = Ledger(), canonical(expected)
    for said in dict.fromkeys(stated):
        found = canonical(said)
        if found == wanted:
            continue
        if found in KNOWN and wanted in KNOWN:
            raise WrongUnits(path, got=said, expected=expected)
        ledger = ledger.add(source, f"file says units '{said}', taken as {expected}", "file", 1)
    return ledger


def _factors(text: str) -> _Factors | None:
    """Take units apart, such as people and km to the power of -2; None if a word is unknown."""
    text = unicodedata.normalize("NFKC", text).casefold().replace("**", "^").translate(_SIGNS)
    for pattern, instead in _PHRASES:
        text = re.sub(pattern, instead, text)
    powers: Counter[str] = Counter()
    for place, side in enumerate(text.split("/")):
        for word in side.split():
            match = _FACTOR.fullmatch(word)
            if match is None or match[1] not in _BASES:
                return None
            power = int(match[2] or 1)
            powers[_BASES[match[1]]] += power if place == 0 else -abs(power)
    del powers[""]
    return frozenset((base, power) for base, power in powers.items() if power) or None


_NAMES = {_factors(units): units for units in KNOWN}
