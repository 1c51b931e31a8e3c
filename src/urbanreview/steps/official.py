"""Official people of units beside ours."""

import geopandas as gpd
import pandas as pd

from urbanreview.config import Settings
from urbanreview.config.own import Official
from urbanreview.errors import NotInInput
from urbanreview.grid import geobox_of
from urbanreview.indicators import country_gap, official_gaps, unmatched_rows
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.sources import as_numbers, open_table
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import table_record
from urbanreview.steps.own import Beside, as_code, noted_as
from urbanreview.steps.people import People
from urbanreview.steps.themes import Answers
from urbanreview.zones import fold_rows, is_rest, match_rows, plan_zones

COLUMNS = ("zone_id", "name", "official_rows", "official", "ours", "gap", "gap_share", "matched_by", "reason")
"""Of the table of official numbers, after the statistic's name."""
WHOLE_WITHIN = 0.02
"""Units whose people differ from the country's by a smaller share are the whole of it."""


def official_view(settings: Settings, name: str) -> tuple[str, int]:
    """Return the year of the primary population that is nearest to an official table's, the newer of two."""
    wanted = settings.official[name].year
    views = [view for view in settings.views() if view[0] == settings.primary]
    return views[0] if wanted is None else min(views, key=lambda view: (abs(view[1] - wanted), -view[1]))


def ask_official(settings: Settings, land: Land, people: People, counted: Answers, *, name: str) -> Beside:
    """Set official people beside ours, unit by unit and for the country."""
    section = settings.official[name]
    source, year = official_view(settings, name)
    rows, total, record = _open_official(settings, section, name)
    units = _units_of(land, section.units)
    units = units[~is_rest(units.index)]
    matched, ledger = match_rows(
        rows, units, by="code" if section.code else "name", codes=_unit_codes(units, section),
        correspondence=_open_correspondence(settings, section), origin=section.path, column=section.key,
    )  # fmt: skip
    ours = counted.values[counted.values["measure"] == "population.total"].set_index("zone_id")["value"]
    country: tuple[float, float] | None = (total, everybody := float(ours[land.country.index[0]]))
    if section.total is None and not _of_the_whole_country(matched, ours.reindex(units.index), everybody):
        country, ledger = None, ledger.add("official", "rows of a part of the country: not compared with the whole", "table", 1)
    gaps = official_gaps(
        fold_rows(rows, matched, "people"), ours.reindex(units.index), units,
        year_official=section.year, year_ours=year, definition=section.definition,
        division_official=section.division, division_ours=settings.boundaries.year, country=country,
        cells=_cells_of(units, people),
    )  # fmt: skip
    known = rows["people"].notna()
    summed = "all rows" if known.all() else f"{known.sum()} of {len(rows)} rows"
    whole = gaps.iloc[:0] if country is None else country_gap(
        *country, zone_id=str(land.country.index[0]), official_rows=section.total or summed,
        year_official=section.year, year_ours=year, definition=section.definition,
    )  # fmt: skip
    both = pd.concat(
        [_named(whole, land.country), _named(gaps, units), unmatched_rows(rows, matched, "people")], ignore_index=True
    )
    table = pd.DataFrame({"statistic": name, **{column: both[column] for column in COLUMNS}})
    numbers = pd.concat([whole, gaps])[["official", "gap", "gap_share"]]
    return Beside(
        {"official": table},
        noted_as(ledger, f"official {name}"),
        values=_official_values(numbers, section, name, f"against={source}_{year}"),
        inputs=(record,),
    )


def _of_the_whole_country(matched: pd.DataFrame, ours: pd.Series, country: float) -> bool:
    """Tell whether the units hold the country's people once, and so do those with a row where every row has its unit."""
    parts = [ours] if matched["zone_id"].isna().any() else [ours, ours[ours.index.isin(matched["zone_id"])]]
    return all(abs(part.sum() - country) <= WHOLE_WITHIN * country for part in parts)


def _official_values(numbers: pd.DataFrame, section: Official, name: str, against: str) -> pd.DataFrame:
    frame = numbers.set_axis(["official.people", "official.gap", "official.gap_share"], axis=1).assign(valid_share=1.0)
    period = str(section.year or "")
    own = long_rows(frame[["official.people", "valid_share"]], period=period, source=name)
    beside = frame.drop(columns="official.people")
    return pd.concat([own, long_rows(beside, period=period, source=name, variant=against)], ignore_index=True)


def _cells_of(units: gpd.GeoDataFrame, people: People) -> pd.Series:
    """Return how many cells of the population grid every unit has."""
    return pd.Series(plan_zones(units, geobox_of(people.raster)).covered_cells(), index=units.index)


def _named(gaps: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.DataFrame:
    return gaps.assign(name=units["name"].reindex(gaps.index)).rename_axis("zone_id").reset_index()


def _open_official(settings: Settings, section: Official, name: str) -> tuple[pd.DataFrame, float, InputFile]:
    """Read an official table: rows with their key and people, the country's total, and the manifest's entry."""
    needed = [column for column in (section.code, section.name, section.people) if column]
    table = open_table(section.path, needed=needed, base=settings.base)
    record = table_record(section.path, section, name=f"official {name}", base=settings.base, rows=len(table))
    people = as_numbers(table[section.people], origin=section.path)
    rows = pd.DataFrame({"key": table[section.key], "people": people})
    if section.total is None:
        return rows, float(people.sum(min_count=1)), record
    is_total = table[[column for column in (section.code, section.name) if column]].isin([section.total]).any(axis=1)
    if is_total.sum() != 1:
        raise NotInInput(section.path, what="row", name=section.total, found=table[section.key].tolist())
    return rows[~is_total].reset_index(drop=True), float(people[is_total].iloc[0]), record


def _open_correspondence(settings: Settings, section: Official) -> pd.DataFrame | None:
    if section.correspondence is None:
        return None
    return open_table(section.correspondence, needed=("official", "unit"), base=settings.base)


def _units_of(land: Land, level: str) -> gpd.GeoDataFrame:
    known = {"districts": land.districts, **land.own} | ({} if land.upper is None else {"upper": land.upper})
    return known[level]


def _unit_codes(units: gpd.GeoDataFrame, section: Official) -> pd.Series | None:
    """Return the units' codes where they stand in a column of their own."""
    if section.unit_code is None:
        return None
    column = f"source_{section.unit_code}"
    if column not in units.columns:
        found = [str(name).removeprefix("source_") for name in units.columns if str(name).startswith("source_")]
        raise NotInInput("the units' file", what="column", name=section.unit_code, found=found)
    return units[column].map(as_code).where(units[column].notna(), None)
