"""How many units a country has by ISO 3166-2, for a word of warning where a division has another number."""

from collections import Counter
from importlib import import_module
from typing import Any

MOST_KINDS = 4
_JOINTS = (" with ", " of ", " in ")


def iso_first_level(iso3: str) -> tuple[list[str], list[str]] | None:
    """Return the units of a country that lie in no other, by ISO 3166-2.

    Parameters
    ----------
    iso3 : str
        ISO 3166-1 code of three letters.

    Returns
    -------
    (codes, names) or None
        Sorted by code; None if the code is no country's or the standard divides it into nothing.

    Examples
    --------
    >>> iso_first_level("BEL")
    (['BE-BRU', 'BE-VLG', 'BE-WAL'], ['Bruxelles-Capitale, Région de', 'Vlaams Gewest', 'wallonne, Région'])
    >>> iso_first_level("TOY") is None
    True
    """
    top = sorted((unit for unit in _subdivisions(iso3) if unit.parent_code is None), key=lambda unit: unit.code)
    return ([unit.code for unit in top], [unit.name for unit in top]) if top else None


def compare_with_iso(count: int, iso3: str) -> str:
    """Say that a division has another number of units than ISO 3166-2.

    Parameters
    ----------
    count : int
        First-level units of the division.
    iso3 : str

    Returns
    -------
    str
        A sentence; empty if the standard has so many units at the top, at one level below it, at the bottom, or in
        all, or says nothing of the country.

    Notes
    -----
    The standard mixes levels: of Belgium it lists three regions and the ten provinces of two of them. A division of
    3, 10, 11 (provinces and Brussels) or 13 units is one of these.

    Examples
    --------
    >>> compare_with_iso(18, "KAZ")
    '18 first-level units, ISO 3166-2 lists 20 (17 regions, 3 cities): another division or edition?'
    >>> [compare_with_iso(count, "BEL") for count in (3, 10, 11, 13)], compare_with_iso(5, "TOY")
    (['', '', '', ''], '')
    """
    units = _subdivisions(iso3)
    if not units or count in _known_counts(units):
        return ""
    top = [unit for unit in units if unit.parent_code is None]
    kinds = Counter(unit.type for unit in top).most_common()
    listed = [f"{number} {kind.lower() if number == 1 else plural(kind.lower())}" for kind, number in kinds[:MOST_KINDS]]
    others = sum(number for _, number in kinds[MOST_KINDS:])
    listed += [f"{others} others"] if others else []
    unit = "unit" if count == 1 else "units"
    return f"{count} first-level {unit}, ISO 3166-2 lists {len(top)} ({', '.join(listed)}): another division or edition?"


def plural(kind: str) -> str:
    """Return the plural of the standard's word for a kind of unit.

    >>> plural("region"), plural("city"), plural("collectivity with special status"), plural("parish")
    ('regions', 'cities', 'collectivities with special status', 'parishes')
    """
    joint = next((joint for joint in _JOINTS if joint in kind), "")
    head, _, rest = kind.partition(joint) if joint else (kind, "", "")
    if head.endswith("y") and head[-2:-1] not in "aeiou":
        head = f"{head[:-1]}ies"
    else:
        head += "es" if head.endswith(("s", "sh", "ch", "x")) else "s"
    return f"{head}{joint}{rest}"


def _subdivisions(iso3: str) -> list[Any]:
    pycountry = import_module("pycountry")  # reads its tables when it is imported: only whoever asks waits for it
    country = pycountry.countries.get(alpha_3=iso3)
    return list(pycountry.subdivisions.get(country_code=country.alpha_2) or ()) if country else []


def _known_counts(units: list[Any]) -> set[int]:
    """Return how many units there are in all, at the bottom, and at every level."""
    parents = {unit.code: unit.parent_code for unit in units}

    def depth(code: str) -> int:
        above = parents.get(code)
        return 0 if above is None else 1 + depth(above)

    bottom = len(set(parents) - set(parents.values()))
    return {len(units), bottom, *Counter(map(depth, parents)).values()}
