"""Tell namesakes apart: by their district, by their first-level unit, by a number."""

import pandas as pd


def known_units(units: pd.Series | None, zone_ids: pd.Index) -> pd.Series:
    """Return the unit of each zone, blank where it is unknown, missing or not a text."""
    if units is None:
        return pd.Series("", index=zone_ids, dtype=object)
    return units.astype(object).reindex(zone_ids).map(lambda unit: unit.strip() if isinstance(unit, str) else "")


def _form(name: str, units: tuple[str, ...]) -> str:
    return f"{name} ({', '.join(units)})" if units else name


def _qualified(table: pd.DataFrame, unit: pd.Series) -> pd.DataFrame:
    """Add a unit to the names that need one: namesakes whose units are not all the same."""
    mates = table.assign(unit=unit).groupby(["level", "form"], sort=False)
    differs = (mates["form"].transform("size") > 1) & (mates["unit"].transform("nunique") > 1)
    others_fixed = table["fixed"] & (mates["fixed"].transform("sum") > 1)
    wanted = differs & (unit != "") & (~table["fixed"] | others_fixed)
    units = [(*old, new) if add else old for old, new, add in zip(table["units"], unit, wanted, strict=True)]
    forms = [_form(name, all_units) for name, all_units in zip(table["name"], units, strict=True)]
    return table.assign(units=pd.Series(units, index=table.index, dtype=object), form=forms)


def _numbered(table: pd.DataFrame) -> list[str]:
    """Append numbers to what is still the same, in the order of the table; the first keeps its form."""
    keys = list(zip(table["level"], table["form"], strict=True))
    taken, seen, forms = set(keys), set(), []
    for level, form in keys:
        answer, number = form, 2
        if (level, form) in seen:
            while (level, answer := f"{form} {number}") in taken:
                number += 1
        seen.add((level, form))
        taken.add((level, answer))
        forms.append(answer)
    return forms


def unique_names(
    names: pd.Series,
    levels: pd.Series,
    people: pd.Series,
    *,
    districts: pd.Series | None = None,
    first_level: pd.Series | None = None,
    fixed: pd.Series | None = None,
) -> pd.Series:
    """Make names unique within each level.

    Parameters
    ----------
    names, levels, people : Series, index zone_id
        Name, level and inhabitants [person] of each zone; people missing count as none.
    districts, first_level : Series, index zone_id, optional
        Names of the units that the zones lie in; zones may be absent, missing and blank ones are unknown.
    fixed : Series of bool, index zone_id, optional
        Names that are not to be touched; the default is none.

    Returns
    -------
    Series of str
        In the order of `names`; does not depend on that order otherwise.

    Notes
    -----
    Namesakes in different districts get theirs in brackets; those that are still the same and lie in different
    first-level units get that, too; what is the same even then is numbered by people (then by id), and the largest
    keeps the shortest form. A namesake whose unit is unknown keeps its form. Fixed names stay, unless two of them
    are the same.

    Examples
    --------
    >>> zones = pd.DataFrame({"name": ["Aksu", "Aksu", "Aksu", "Karatau"], "people": [9, 8, 7, 6]}, index=list("abcd"))
    >>> districts = pd.Series({"a": "Upper", "b": "Lower", "c": "Lower", "d": "Lower"})
    >>> unique_names(zones["name"], zones["name"].map(len) * 0, zones["people"], districts=districts).tolist()
    ['Aksu (Upper)', 'Aksu (Lower)', 'Aksu (Lower) 2', 'Karatau']
    """
    table = pd.DataFrame({"name": names, "level": levels, "people": people.fillna(0).astype(float)})
    table["fixed"] = False if fixed is None else fixed
    table["id"] = table.index.astype(str)
    table = table.sort_values(["fixed", "people", "id"], ascending=[False, False, True])
    table["form"] = table["name"]
    table["units"] = pd.Series([()] * len(table), index=table.index, dtype=object)
    for units in (districts, first_level):
        table = _qualified(table, known_units(units, table.index))
    return pd.Series(_numbered(table), index=table.index, dtype=object).reindex(names.index)
