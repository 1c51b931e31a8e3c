"""In which script a country writes its places, and which of a place's other names is written in it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from anyascii import anyascii

NOT_IN_A_NAME = frozenset("()[],;:/،")
"""A name with one of these is two names, or a name and a remark."""


@dataclass(frozen=True, slots=True)
class Script:
    """Which letters a country writes.

    Attributes
    ----------
    name : str
        As people call it.
    families : tuple of str
        First words of the Unicode names of its letters, the main family first.
    charset : str
        Codec of the country's own characters; it tells simplified from traditional ones.
    letters : str
        The country's own alphabet where its neighbours write other letters of the same family; empty: any.
    sounds : tuple of (str, str)
        Letters that this alphabet reads otherwise than most, with their ASCII sound.
    """

    name: str
    families: tuple[str, ...]
    charset: str = "utf-8"
    letters: str = ""
    sounds: tuple[tuple[str, str], ...] = ()


ARABIC_LETTERS = "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي"
PERSIAN_LETTERS = "ءآأؤئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهی"
UKRAINIAN_LETTERS = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя"


def _plain(name: str) -> Script:
    return Script(name, (name.upper(),))


SCRIPTS: dict[Script, str] = {
    _plain("Cyrillic"): "BGR BLR KAZ KGZ MKD MNG RUS SRB TJK",
    Script("Cyrillic", ("CYRILLIC",), letters=UKRAINIAN_LETTERS, sounds=(("и", "y"), ("г", "h"))): "UKR",
    _plain("Greek"): "CYP GRC",
    _plain("Georgian"): "GEO",
    _plain("Armenian"): "ARM",
    _plain("Hebrew"): "ISR",
    Script("Arabic", ("ARABIC",), letters=ARABIC_LETTERS): (
        "ARE BHR DJI DZA EGY ESH IRQ JOR KWT LBN LBY MAR MRT OMN PSE QAT SAU SDN SYR TUN YEM"
    ),
    Script("Arabic", ("ARABIC",), letters=PERSIAN_LETTERS): "AFG IRN",
    _plain("Arabic"): "PAK",
    _plain("Thaana"): "MDV",
    _plain("Devanagari"): "IND NPL",
    _plain("Bengali"): "BGD",
    _plain("Sinhala"): "LKA",
    _plain("Tibetan"): "BTN",
    _plain("Thai"): "THA",
    _plain("Lao"): "LAO",
    _plain("Khmer"): "KHM",
    _plain("Myanmar"): "MMR",
    _plain("Ethiopic"): "ERI ETH",
    _plain("Hangul"): "KOR PRK",
    Script("Han", ("CJK",), "gb2312"): "CHN",
    Script("Han", ("CJK",), "big5"): "HKG MAC TWN",
    Script("Japanese", ("CJK", "HIRAGANA", "KATAKANA"), "shift_jis"): "JPN",
}
"""The main script of each country that does not write its places in Latin letters; all others do."""

_BY_COUNTRY = {iso3: script for script, countries in SCRIPTS.items() for iso3 in countries.split()}


def script_of(iso3: object) -> Script | None:
    """Return the main script of a country by its three-letter code; None where places are written in Latin letters.

    Where a country writes its places in several scripts, such as India, it is the most widespread one.

    Examples
    --------
    >>> script_of("KAZ").name, script_of("JPN").families, script_of("PRT")
    ('Cyrillic', ('CJK', 'HIRAGANA', 'KATAKANA'), None)
    """
    return _BY_COUNTRY.get(iso3) if isinstance(iso3, str) else None


@lru_cache(maxsize=10_000)
def _family(sign: str) -> str:
    """First word of a sign's Unicode name if it is a letter or a mark on one, else nothing."""
    if unicodedata.category(sign) not in {"Lu", "Ll", "Lt", "Lo", "Mn", "Mc"}:
        return ""
    return unicodedata.name(sign, "UNNAMED").replace("-", " ").split()[0]


def _is_written_in(name: str, script: Script) -> bool:
    families = {_family(sign) for sign in unicodedata.normalize("NFC", name)} - {""}
    return bool(families) and families <= set(script.families) and NOT_IN_A_NAME.isdisjoint(name)


def _is_own(name: str, script: Script) -> bool:
    """Tell whether a name keeps to the country's own letters."""
    try:
        name.encode(script.charset)
    except UnicodeEncodeError:
        return False
    return not script.letters or all(sign in script.letters for sign in name.casefold() if _family(sign))


def _sound(name: str, script: Script) -> str:
    spelt = name.casefold()
    for letter, sound in script.sounds:
        spelt = spelt.replace(letter, sound)
    return "".join(sign for sign in anyascii(spelt).casefold() if sign.isalnum())


def alternate_in_script(name: str, alternates: Iterable[str], iso3: object) -> str | None:
    """Choose the alternate name in the country's script that sounds most like the name.

    Parameters
    ----------
    name : str
        The name in Latin letters.
    alternates : iterable of str
        Other names, in any script and language.
    iso3 : str
        Three-letter code of the country.

    Returns
    -------
    str or None
        None if the country writes Latin letters, or no alternate is written in its script from end to end.

    Notes
    -----
    Sound is compared letter by letter between the ASCII transliterations (`difflib`, ratio of equal letters); ties go
    to the shorter, then to the alphabetically first. Names in the country's own letters come before others of the
    same script, and in Japan names with a character before those in kana only.

    Examples
    --------
    >>> alternate_in_script("Almaty", ["Alma-Ata", "Алма-Ата", "Алматы", "阿拉木图"], "KAZ")
    'Алматы'
    >>> alternate_in_script("Porto", ["Порту"], "PRT") is None
    True
    """
    script = script_of(iso3)
    if script is None:
        return None
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(_sound(name, script))

    def rank(candidate: str) -> tuple[bool, bool, float, int, str]:
        matcher.set_seq1(_sound(candidate, script))
        foreign = not _is_own(candidate, script)
        minor = not any(_family(sign) == script.families[0] for sign in candidate)
        return foreign, minor, -matcher.ratio(), len(candidate), candidate

    return min((one for one in alternates if _is_written_in(one, script)), key=rank, default=None)
