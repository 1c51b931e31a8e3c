"""The official list of cities: which of them are settlements here."""

import pandas as pd

from urbanreview.config import Settings
from urbanreview.config.own import CityList
from urbanreview.delineation import why_missed
from urbanreview.grid import to_crs
from urbanreview.ledger import Ledger
from urbanreview.naming import city_groups, listed_columns, match_city_list, name_column, with_reasons
from urbanreview.naming.city_list import NAME_COLUMNS
from urbanreview.report import InputFile
from urbanreview.sources import as_numbers, open_features, open_table
from urbanreview.steps.inputs import table_record, vector_record
from urbanreview.steps.own import Beside, as_code, codes_of, require_column, settlements_of
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements

YES = frozenset({"1", "x", "yes", "y", "true", "t", "да", "иә", "oui"})
"""What a column of flags says of a city that has it."""


def ask_city_list(settings: Settings, people: People, cities: Settlements) -> Beside:
    """Find the cities of the official list among the settlements, and say why the others are none here."""
    section = settings.city_list
    assert section is not None
    listed, ledger, record = _open_city_list(settings, section)
    settled = settlements_of(cities)
    spoken = [name_column(language) for language in settings.naming.languages]
    table, more = match_city_list(listed, settled, within_km=section.within_km, name_columns=(*NAME_COLUMNS, *spoken))
    missed = table[table["outcome"] == "missed"].set_index("code")
    if settings.settlements is None:
        at, within = missed[["longitude", "latitude"]], section.within_km
        why = why_missed(at, people.raster, rules=cities.rules, land_m2=people.land_m2, within_km=within)
    else:
        why = pd.Series("not in the file of settlements", index=missed.index)
    table = with_reasons(table, why)
    tables = {"city_list": table, "city_groups": city_groups(table, parents=settled["parent_id"])}
    return Beside(tables, ledger + more, columns=listed_columns(table), inputs=(record,))


def _open_city_list(settings: Settings, section: CityList) -> tuple[pd.DataFrame, Ledger, InputFile]:
    """Read the official list, a table or points, as `match_city_list` wants it."""
    if section.path.lower().endswith(".csv"):
        needed = [
            section.code,
            section.name,
            section.longitude,
            section.latitude,
            section.people,
            section.status,
            *section.flags,
        ]
        table = open_table(section.path, needed=[name for name in needed if name], base=settings.base)
        record = table_record(section.path, section, name="city list", base=settings.base, rows=len(table))
        at = [_numbers(table, column, section.path) for column in (section.longitude, section.latitude)]
    else:
        features = open_features(section.path, layer=section.layer, where=section.where, crs=section.crs, base=settings.base)
        record = vector_record(section.path, section, name="city list", base=settings.base, features=len(features))
        points = to_crs(features.geometry, 4326).representative_point()
        table, at = pd.DataFrame(features.drop(columns=features.geometry.name)), [points.x, points.y]
        for column in filter(None, (section.code, section.name, section.people, section.status, *section.flags)):
            require_column(table, section.path, column)
    people = _numbers(table, section.people, section.path)
    cities = pd.DataFrame(
        {
            "name": table[section.name].astype("str"),
            "status": _texts(table[section.status]) if section.status else None,
            "flags": _flags(table, section.flags),
            "people": people,
            "longitude": at[0],
            "latitude": at[1],
        }
    ).set_axis(codes_of(table[section.code], section.path).rename("code"))
    kept = ~(cities["people"] < section.min_people)
    cause = f"listed city with fewer than {section.min_people:,.0f} people left out"
    return cities[kept], Ledger().add("city list", cause, "city", int((~kept).sum())), record


def _numbers(table: pd.DataFrame, column: str | None, path: str) -> pd.Series:
    """Return a column as numbers, read kindly where it is text; missing without a column."""
    if column is None:
        return pd.Series(float("nan"), index=table.index)
    given = table[column]
    return given.astype(float) if pd.api.types.is_numeric_dtype(given) else as_numbers(given, origin=path)


def _texts(column: pd.Series) -> pd.Series:
    """Return a column as texts, numbers too; None where there is nothing."""
    return column.map(as_code).astype(object).where(column.notna(), None)


def _flags(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Return the flags that every city has, joined."""
    said = [table[column].map(as_code).str.casefold().isin(YES).map({True: column, False: ""}) for column in columns]
    rows = zip(*said, strict=True) if said else ((),) * len(table)
    return pd.Series(["; ".join(filter(None, row)) for row in rows], index=table.index, dtype=object)
