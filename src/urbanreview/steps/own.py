"""What the user's own units are set beside: the division itself, delineated extents, and other city databases."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd

from urbanreview.config import Settings
from urbanreview.config.own import Crosswalk
from urbanreview.errors import DuplicateIds, MissingIds, NotInInput
from urbanreview.grid import geobox_of, to_crs
from urbanreview.ledger import Ledger
from urbanreview.naming import alternates_of
from urbanreview.report import InputFile
from urbanreview.sources import open_features
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import vector_record
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements
from urbanreview.zones import (
    check_division,
    compare_extents,
    compare_with_iso,
    crosswalk,
    crosswalk_columns,
    is_rest,
)


@dataclass(frozen=True)
class Beside:
    """What a review is set beside.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        By their names in the report, see `urbanreview.report.Review`.
    columns : DataFrame
        What zones are told of it, by ``zone_id``.
    values : DataFrame
        Rows of the long table.
    notes : tuple of str
        Sentences for the top of the report.
    """

    tables: Mapping[str, pd.DataFrame]
    ledger: Ledger
    columns: pd.DataFrame = field(default_factory=pd.DataFrame)
    values: pd.DataFrame = field(default_factory=pd.DataFrame)
    inputs: tuple[InputFile, ...] = ()
    notes: tuple[str, ...] = ()


def settlements_of(cities: Settlements) -> gpd.GeoDataFrame:
    """Return the settlements of both levels, with every name that the gazetteer knows their places by."""
    stacked = gpd.GeoDataFrame(pd.concat([layer.zones for layer in cities.layers().values()]), geometry="geometry", crs=4326)
    return stacked.assign(names_known=alternates_of(stacked["geonameid"]))


def ask_division(settings: Settings, land: Land, people: People) -> Beside:
    """Look at the division: overlaps, gaps and ground beyond the outline, with their people, and the number of units."""
    table, ledger = check_division(land.districts, land.outline, people.raster)
    odd = _beside_iso(settings, land)
    return Beside({"division": table}, ledger.add("boundaries", odd, "division", 1 if odd else 0), notes=(odd,) if odd else ())


def _beside_iso(settings: Settings, land: Land) -> str:
    """Return what is odd about the number of first-level units; empty if nothing is, or if the settings have no such level."""
    number = settings.boundaries.number
    first = {1: land.districts, 2: land.upper}.get(number)
    if first is None:
        return ""
    units = first[~is_rest(first.index)]
    return compare_with_iso(len(units), settings.country.iso3)


def ask_extents(land: Land, people: People, cities: Settlements) -> Beside:
    """Set every zone of the user's own against the settlement that shares most people with it."""
    settled = settlements_of(cities)
    tables, ledger = [], Ledger()
    for level, zones in land.own.items():
        table, more = compare_extents(zones, settled, people.raster)
        tables.append(table)
        ledger += noted_as(more, f"extents compared {level}")
    return Beside({"extents_compared": pd.concat(tables, ignore_index=True)}, ledger)


def ask_crosswalk(settings: Settings, land: Land, people: People, cities: Settlements, *, name: str) -> Beside:
    """Find the cities of another database in the settlements of one population.

    Those of the country without a settlement are rows for the primary population's last year; for all others they are
    counted, and so are those abroad.
    """
    section = settings.crosswalk[name]
    is_first = (people.source, int(people.period)) == settings.views()[0]
    others, record = _open_others(settings, section, name)
    settled = settlements_of(cities)
    near = on_the_grid(others, people)
    ledger = Ledger().add("crosswalk", "beyond the population grid: left out", "feature", int((~near).sum()))
    rows, more = crosswalk(settled, others[near], people.raster, database=name, within_km=section.within_km)
    at_home = others.index[to_crs(others.geometry, 4326).intersects(land.outline.iloc[0])]
    alone = rows["zone_id"].isna()
    abroad = alone & ~rows["other_id"].isin(at_home)
    ledger = ledger.add("crosswalk", "beyond the country and in no settlement: no row", "feature", int(abroad.sum()))
    rows = rows[~alone | (is_first & ~abroad)]
    noted = noted_as(ledger + more, f"crosswalk {name} {people.source} {people.period}")
    return Beside({"crosswalk": rows}, noted, columns=crosswalk_columns(rows, settled.index), inputs=(record,))


def noted_as(ledger: Ledger, step: str) -> Ledger:
    """Return a ledger under the name of a step: what several tables note alike is several entries."""
    return Ledger(tuple(replace(entry, step=step) for entry in ledger.entries))


def on_the_grid(others: gpd.GeoDataFrame, people: People) -> pd.Series:
    """Tell which features the box of the population grid meets: a file of the world is cut to the country."""
    grid = geobox_of(people.raster)
    west, south, east, north = grid.extent.boundingbox
    box = to_crs(others.geometry, grid.crs).bounds
    return (box["minx"] <= east) & (box["maxx"] >= west) & (box["miny"] <= north) & (box["maxy"] >= south)


def _open_others(settings: Settings, section: Crosswalk, name: str) -> tuple[gpd.GeoDataFrame, InputFile]:
    features = open_features(section.path, layer=section.layer, where=section.where, crs=section.crs, base=settings.base)
    record = vector_record(section.path, section, name=f"crosswalk {name}", base=settings.base, features=len(features))
    for column in filter(None, (section.id, section.name, section.people)):
        require_column(features, section.path, column)
    others = gpd.GeoDataFrame(
        {
            "name": features[section.name].astype(object) if section.name else None,
            "people": _known_people(features[section.people]) if section.people else float("nan"),
        },
        index=features.index,
        geometry=features.geometry,
        crs=features.crs,
    )
    return others.set_axis(codes_of(features[section.id], section.path).rename("other_id")), record


def _known_people(people: pd.Series) -> pd.Series:
    """Return people as numbers: databases write 0 where they do not know."""
    return pd.to_numeric(people, errors="coerce").replace(0, float("nan"))


def require_column(table: pd.DataFrame, path: str, column: str) -> None:
    """Refuse a table that lacks a column."""
    if column not in table.columns:
        raise NotInInput(path, what="column", name=column, found=[str(name) for name in table.columns])


def as_code(value: object) -> str:
    """Return a code as text; of a column with gaps, whole numbers without the decimal point.

    >>> as_code(7.0), as_code(" 007 ")
    ('7', '007')
    """
    return str(int(value)) if isinstance(value, float) and value == value // 1 else str(value).strip()


def codes_of(column: pd.Series, path: str) -> pd.Index:
    """Return codes as text, unique and nowhere empty, whole numbers without a decimal point."""
    text = column.map(as_code)
    empty = column.isna() | text.eq("")
    if empty.any():
        raise MissingIds(path, column=str(column.name), rows=[int(row) for row in empty.to_numpy().nonzero()[0]])
    if text.duplicated().any():
        raise DuplicateIds(path, column=str(column.name), ids=text[text.duplicated()].unique().tolist())
    return pd.Index(text, dtype="str")
