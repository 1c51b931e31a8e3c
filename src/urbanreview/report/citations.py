"""References to the inputs of a review, as text and as BibTeX."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

_WHO_WHEN = re.compile(r"(?P<who>[^()]{2,400}?)\s*\((?P<year>(?:1[89]|20)\d\d)\)\s*[:.,]?\s*(?P<rest>.+)")
_TEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
    **{sign: f"\\{sign}" for sign in "$&#%_"},
}
_ADDRESS_SIGNS = "%/:?#[]@!$&'()*+,;=-._~"
_STATED = ("citation", "licence", "version", "title", "doi", "url", "address", "path")


@dataclass(frozen=True, slots=True)
class _Source:
    """What one reference is about: inputs of one citation and version."""

    key: str
    names: tuple[str, ...]
    stated: Mapping[str, str]
    fetched: tuple[str, ...]

    def __getitem__(self, field: str) -> str:
        return self.stated[field]

    def told(self) -> str:
        """Tell version, day of the fetch and licence."""
        days = self.fetched if len(self.fetched) < 2 else (self.fetched[0], self.fetched[-1])
        parts = (
            f"Version {self['version']}" * bool(self["version"]),
            f"Fetched {' to '.join(days)}" * bool(days),
            f"Licence {self['licence']}" * bool(self["licence"]),
        )
        return ". ".join(part for part in parts if part)


def references(inputs: Iterable[Mapping[str, object]]) -> list[str]:
    """Return the references to inputs, one for all files of one citation and version.

    Parameters
    ----------
    inputs : iterable of mapping
        As in ``run.json``: ``name``, and where known ``citation, dataset, version, title, doi, url, address, fetched, licence,
        path``. Other keys are passed over. What carries no citation is told by its names and its title, address or path.

    Returns
    -------
    list of str
        In alphabetical order, each on one line and without control characters.

    Examples
    --------
    >>> references(
    ...     [{"name": "ghs 2020", "citation": "Doe J. (2023): People.", "doi": "10.1/x", "fetched": "2026-11-24T10:00:00"}]
    ... )
    ['Doe J. (2023): People. doi:10.1/x. Fetched 2026-11-24.']
    """
    return sorted(_text(source) for source in _sources(inputs))


def bibtex(inputs: Iterable[Mapping[str, object]]) -> str:
    """Return the references to inputs as BibTeX entries: see `references`.

    The producer's words before a year in brackets are taken for the authors, whole; those up to the next full stop for the
    title. Nothing of a citation is lost: the rest of it stands in the note. Signs that BibTeX or TeX would take for its own are
    written as letters.

    Examples
    --------
    >>> print(bibtex([{"name": "ghs 2020", "dataset": "ghs", "citation": "Doe J. (2023): People. Office.", "version": "1"}]))
    @misc{ghs,
      author = {{Doe J.}},
      title = {{People}},
      year = {2023},
      note = {Office. Version 1}
    }
    """
    taken: dict[str, int] = {}
    entries = []
    for source in sorted(_sources(inputs), key=_text):
        taken[source.key] = taken.get(source.key, 0) + 1
        key = source.key if taken[source.key] == 1 else f"{source.key}:{taken[source.key]}"
        fields = ",\n".join(f"  {field} = {{{value}}}" for field, value in _fields(source))
        entries.append(f"@misc{{{key},\n{fields}\n}}")
    return "\n\n".join(entries)


def _sources(inputs: Iterable[Mapping[str, object]]) -> list[_Source]:
    groups: dict[tuple[str, ...], list[Mapping[str, object]]] = {}
    for entry in inputs:
        cited = _clean(entry.get("citation"))
        what = (cited, _clean(entry.get("dataset")), _clean(entry.get("version")), _clean(entry.get("licence")))
        groups.setdefault(what if cited else (*what, _clean(entry.get("name"))), []).append(entry)
    return [_source(entries) for entries in groups.values()]


def _source(entries: Sequence[Mapping[str, object]]) -> _Source:
    first = entries[0]
    names = tuple(dict.fromkeys(_clean(entry.get("name")) for entry in entries))
    return _Source(
        key=_key(_clean(first.get("dataset")) or names[0]),
        names=names,
        stated={field: _clean(first.get(field)) for field in _STATED},
        fetched=tuple(sorted({day for entry in entries if (day := _clean(entry.get("fetched"))[:10])})),
    )


def _text(source: _Source) -> str:
    doi, address = source["doi"], source["url"] or source["address"]
    where = f"doi:{doi}" if doi and doi not in source["citation"] else address * (not doi)
    parts = (source["citation"] or _uncited(source), where, source.told())
    return ". ".join(part.removesuffix(".") for part in parts if part) + "."


def _uncited(source: _Source) -> str:
    return f"{', '.join(source.names)}: {source['title'] or source['path'] or 'no title'} (no citation stated)"


def _fields(source: _Source) -> Iterable[tuple[str, str]]:
    match = _WHO_WHEN.match(source["citation"])
    who, year, rest = (match["who"], match["year"], match["rest"]) if match else ("", "", source["citation"])
    title, _, after = rest.partition(". ") if match else (rest, "", "")
    if who:
        yield "author", f"{{{_tex(who)}}}"
    yield "title", f"{{{_tex(title.removesuffix('.') or _uncited(source))}}}"
    if year or source.fetched:
        yield "year", year or _tex(source.fetched[-1][:4])
    if source["doi"]:
        yield "doi", _address(source["doi"])
    if source["url"] or source["address"]:
        yield "url", _address(source["url"] or source["address"])
    if note := ". ".join(part.removesuffix(".") for part in (after, source.told()) if part):
        yield "note", _tex(note)


def _clean(value: object) -> str:
    """Return a text on one line, without signs that steer a terminal or turn the direction of writing."""
    text = "" if value is None else str(value)
    kept = (" " if sign.isspace() else sign for sign in text if sign.isspace() or unicodedata.category(sign)[0] != "C")
    return " ".join("".join(kept).split())


def _tex(text: str) -> str:
    return "".join(_TEX.get(sign, sign) for sign in text)


def _address(text: str) -> str:
    """Return an address as it can stand in BibTeX: braces, spaces and the like by their codes."""
    return quote(text, safe=_ADDRESS_SIGNS)


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9.-]+", "-", plain).strip("-.") or "input"
