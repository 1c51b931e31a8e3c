"""What the licences of inputs ask of whoever shares what is made of them. A help to look, and no legal advice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from urbanreview.sources.catalogue import tables

UNKNOWN = "not stated"


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence of data.

    Attributes
    ----------
    key : str
        Its id, as in SPDX where that has one.
    name : str
    url : str
    attribution : bool
        Whether it asks for credit.
    share_alike : bool
        Whether what is made of the data must stand under it too.
    pictures : bool
        Whether share-alike reaches maps and charts that are drawn of the data.
    non_commercial : bool
        Whether commercial use is forbidden.
    doubt : str
        What is unclear or unusual about it.
    also : tuple of str
        Other ways to write it.
    """

    key: str
    name: str
    url: str
    attribution: bool = True
    share_alike: bool = False
    pictures: bool = True
    non_commercial: bool = False
    doubt: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resulting:
    """How an output may be shared: in a sentence, with what to mind before."""

    licence: str
    warnings: tuple[str, ...] = ()


@cache
def licences() -> Mapping[str, Licence]:
    """Return the licences that are known, by id."""
    rows = tables()["licences"].items()
    return MappingProxyType({key: Licence(key, **row | {"also": tuple(row.get("also", ()))}) for key, row in rows})


def licence_of(text: str) -> Licence | None:
    """Return the licence that a text names, however it is spaced; none if it is not known.

    Examples
    --------
    >>> licence_of("CC BY 4.0").key
    'CC-BY-4.0'
    >>> licence_of("ask my colleague") is None
    True
    """
    return _spellings().get(_squeezed(text))


def resulting_licence(inputs: Iterable[str], *, picture: bool = False) -> Resulting:
    """Return how something that is made of inputs may be shared.

    The strictest demand of any input holds for the whole: see ``docs/methods/licences.md``.

    Parameters
    ----------
    inputs : iterable of str
        Licence of each input that has a part in the output: an id of `licences`, another way to write it, or the user's own
        words; empty if none is stated.
    picture : bool
        Whether the output is a map, a chart or a page, and no table, layer or raster.

    Returns
    -------
    Resulting
        The same whatever the order of inputs.

    Examples
    --------
    >>> resulting_licence(["CC-BY-4.0", "EC-reuse"])
    Resulting(licence='may be shared with credit to its sources', warnings=())
    >>> resulting_licence(["ODbL-1.0", "CC-BY-4.0"]).licence
    'may be shared with credit to its sources, under Open Database License 1.0'
    >>> resulting_licence(["ODbL-1.0", "CC-BY-4.0"], picture=True).licence
    'may be shared with credit to its sources'
    """
    texts = sorted({text.strip() for text in inputs})
    found = {each.key: each for text in texts if (each := licence_of(text)) is not None}
    known = [found[key] for key in sorted(found)]
    unknown = [text for text in texts if licence_of(text) is None]
    alike = [each for each in known if each.share_alike and (each.pictures or not picture)]
    return Resulting(UNKNOWN if unknown else _permission(known, alike), tuple(_warnings(known, alike, unknown)))


def _permission(known: Sequence[Licence], alike: Sequence[Licence]) -> str:
    words = "may be shared with credit to its sources" if any(each.attribution for each in known) else "may be shared freely"
    if alike:
        words += f", under {' and '.join(each.name for each in alike)}"
    return words + (", not for commercial use" if any(each.non_commercial for each in known) else "")


def _warnings(known: Sequence[Licence], alike: Sequence[Licence], unknown: Sequence[str]) -> Iterable[str]:
    if unknown:
        said = ", ".join(f"'{text}'" if text else "nothing" for text in unknown)
        yield f"licence not stated or not known ({said}): ask the producers before sharing"
    for each in known:
        if each.non_commercial:
            yield f"not for commercial use: {each.name}"
        if each in alike:
            yield f"share-alike: what is made of the data must stand under {each.name} too"
        if each.doubt:
            yield f"{each.name}: {each.doubt}"
    if len(alike) > 1:
        yield f"{' and '.join(each.name for each in alike)} may not go together: ask the producers before sharing"


@cache
def _spellings() -> Mapping[str, Licence]:
    return {_squeezed(text): each for each in licences().values() for text in (each.key, each.name, *each.also)}


def _squeezed(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum() or letter == ".")
