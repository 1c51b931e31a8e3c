"""Names as they are compared: without case, script, accents, and the words for what kind of unit it is."""

import re

from anyascii import anyascii

KINDS = frozenset((
    "region", "regions", "oblast", "oblysy", "oblys", "province", "provincia", "provincie", "district", "districts",
    "rayon", "raion", "audany", "audan", "city", "town", "qalasy", "kalasy", "gorod", "municipality", "municipio",
    "commune", "department", "departement", "county", "governorate", "prefecture", "state", "republic", "kraj",
    "krai", "wilaya", "territory", "of", "the",
))  # fmt: skip
"""Words that say what a unit is, or stand between words; a name is compared without them unless nothing else is left."""
LETTERS = str.maketrans({"ş": "sh", "ç": "ch", "ı": "y", "ə": "a", "ǧ": "g", "ğ": "g", "ñ": "n", "ŋ": "n", "ұ": "u", "ң": "n"})
"""Letters whose usual ASCII form is not how other alphabets spell the sound."""
SOUNDS = (
    ("shch", "s"), ("sch", "s"), ("sh", "s"), ("zh", "j"), ("dzh", "j"), ("ch", "c"), ("kh", "h"), ("gh", "g"), ("ts", "c"),
    ("ng", "n"), ("q", "k"), ("w", "v"), ("y", "i"), ("x", "ks"), ("ph", "f"),
)  # fmt: skip
"""Spellings of one sound."""


def fold_text(name: object) -> str:
    """Return a name in small ASCII letters and digits, with all its words; empty for what is no text.

    Examples
    --------
    >>> fold_text("Алматы қаласы"), fold_text("Almaty City"), fold_text(None)
    ('almaty qalasy', 'almaty city', '')
    """
    if not isinstance(name, str):
        return ""
    return " ".join(re.findall(r"[a-z0-9]+", anyascii(name.casefold().translate(LETTERS)).casefold().replace("'", "")))


def fold_name(name: object) -> str:
    """Return a name in small ASCII letters and digits, without words such as *region*; empty for what is no text.

    Examples
    --------
    >>> fold_name("Алматы қаласы"), fold_name("Almaty City"), fold_name("Saint-Étienne"), fold_name(None)
    ('almaty', 'almaty', 'saint etienne', '')
    """
    words = fold_text(name).split()
    own = [word for word in words if word not in KINDS]
    return " ".join(own or words)


def sound_of(name: object) -> str:
    """Return how a name sounds, roughly: equal for the usual spellings of one name in several alphabets.

    Two names that sound alike are not always one name: use it where a single candidate has that sound.

    Examples
    --------
    >>> sound_of("Şymkent") == sound_of("Шымкент") == sound_of("Shymkent city")
    True
    >>> sound_of("Жамбыл облысы") == sound_of("Jambyl Region"), sound_of("Қызылорда") == sound_of("Kyzylorda")
    (True, True)
    """
    sound = fold_name(name).replace(" ", "")
    for spelling, letter in SOUNDS:
        sound = sound.replace(spelling, letter)
    return re.sub(r"(.)\1+", r"\1", sound)
