"""Ask every zone the same questions: people, lights, built-up land."""

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd
import xarray as xr

from urbanreview.config import Lights, Settings
from urbanreview.engine import map_tasks
from urbanreview.errors import MissingFile
from urbanreview.grid import geobox_of
from urbanreview.indicators import built_up, lights, population
from urbanreview.ledger import Ledger
from urbanreview.log import Progress, silent
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.sources import locate
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import fill_path, open_input
from urbanreview.steps.people import People, open_population
from urbanreview.steps.settlements import Settlements
from urbanreview.units import km2_from_m2
from urbanreview.zones import Plans, summarise


@dataclass(frozen=True)
class Answers:
    """Rows of the long table, and what was read for them."""

    values: pd.DataFrame
    ledger: Ledger
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True)
class Asked:
    """The zone sets that every theme asks: by level, with their plans, areas and people."""

    plans: dict[str, Plans]
    area_km2: dict[str, pd.Series]

    def zones(self) -> list[gpd.GeoDataFrame]:
        """Zone tables of all levels."""
        return [plans.zones for plans in self.plans.values()]


def zones_asked(land: Land, cities: Settlements) -> Asked:
    """Collect every zone set of the review, coarse to fine."""
    plans = {"adm0": Plans(land.country), "districts": Plans(land.districts)}
    if land.upper is not None:
        plans["upper"] = Plans(land.upper)
    plans |= {level: layer.plans() for level, layer in cities.layers().items()}
    return Asked(plans, {level: entry.zones["area_km2"] for level, entry in plans.items()})


def ask_population(settings: Settings, land: Land, people: People, cities: Settlements, asked: Asked) -> Answers:
    """People of every zone: the primary source with its urban parts, then every other source and year."""
    urban, dense = _people_by_zone(cities)
    rows, ledger, inputs = [], Ledger(), list[InputFile]()
    for level, plans in asked.plans.items():
        plan = plans.on(geobox_of(people.raster))
        land_km2 = asked.area_km2[level]
        if people.land_m2 is not None:
            land_km2 = km2_from_m2(summarise(plan, people.land_m2)[0]["sum"])
        frame, more = population(plan, people.raster, land_km2=land_km2, urban=urban, high_density=dense)
        if "people_inside" in plans.zones:
            frame["population.inside"] = plans.zones["people_inside"]
            frame["population.outside"] = plans.zones["people_outside"]
        rows.append(long_rows(frame, period=people.period, source=people.source))
        ledger += more
    ledger += _where_everyone_is(people, asked)
    for source, section in settings.population.items():
        for year in section.years:
            if (source, str(year)) == (people.source, people.period):
                continue
            raster, opened, record = open_population(settings, land, source=source, year=year)
            frames = [_totals(plans, raster) for plans in asked.plans.values()]
            rows += [long_rows(frame, period=str(year), source=source) for frame in frames]
            ledger += opened
            inputs.append(record)
    return Answers(pd.concat(rows, ignore_index=True), ledger, tuple(inputs))


def _totals(plans: Plans, raster: xr.DataArray) -> pd.DataFrame:
    table = summarise(plans.on(geobox_of(raster)), raster)[0]
    return pd.DataFrame({"population.total": table["sum"], "valid_share": table["valid_share"]})


def _people_by_zone(cities: Settlements) -> tuple[pd.Series, pd.Series]:
    """People of every zone in clusters and in centres, from the links; a settlement holds itself."""
    links = cities.links
    to_zone = []
    for layer in (cities.clusters, cities.centres):
        of_layer = links[links["from_id"].isin(layer.zones.index)]
        to_zone.append(of_layer.groupby("to_id")["people"].sum())
    urban, dense = to_zone
    own, own_dense = cities.clusters.zones["people"], cities.centres.zones["people"]
    return pd.concat([urban, own, own_dense]), pd.concat([dense, own_dense])


def _where_everyone_is(people: People, asked: Asked) -> Ledger:
    """Say how the raster's people divide into districts, none, twice counted, and beyond the border."""
    geobox = geobox_of(people.raster)
    whole = float(people.raster.sum())
    inside = float(summarise(asked.plans["adm0"].on(geobox), people.raster)[0]["sum"].iloc[0])
    by_district = summarise(asked.plans["districts"].on(geobox), people.raster)[0]["sum"].fillna(0.0)
    none = by_district[by_district.index.str.endswith("-none")].sum()
    ledger = Ledger().add("population", "people on the grid that was read", "people", whole)
    ledger = ledger.add("population", "people in districts", "people", by_district.sum() - none)
    ledger = ledger.add("population", "people in territory that no district covers", "people", none)
    ledger = ledger.add("population", "people beyond the border, in the margin", "people", whole - inside)
    difference = by_district.sum() - inside
    cause = "people counted in two districts" if difference > 0 else "people in slivers between districts"
    return ledger.add("population", cause, "people", difference if abs(difference) > 1e-6 * whole else 0.0)


def ask_lights(settings: Settings, land: Land, asked: Asked, *, progress: Progress = silent) -> Answers:
    """Night lights of every zone and date, dates in parallel."""
    section = settings.lights
    if section is None:
        return Answers(pd.DataFrame(), Ledger(), ())
    dates, absent = _dates(section, settings)

    def one(date: tuple[int, int | None]) -> tuple[list[pd.DataFrame], Ledger, InputFile]:
        year, month = date
        period = f"{year}" if month is None else f"{year}-{month:02}"
        raster, opened, record = open_input(
            section,
            name=f"lights {period}",
            kind="intensity",
            units="nW/cm2/sr",
            base=settings.base,
            within=land.outline,
            margin_km=settings.country.margin_km,
            year=year,
            month=month,
        )
        rows, ledger = _ask_all(asked, raster, lambda plan, _: lights(plan, raster, floor=section.floor))
        variant = f"floor={section.floor:g}"
        return [long_rows(frame, period=period, source="lights", variant=variant) for frame in rows], opened + ledger, record

    return _gathered(map_tasks(one, dates, what="night lights", progress=progress), absent)


def _dates(section: Lights, settings: Settings) -> tuple[list[tuple[int, int | None]], Ledger]:
    """List the dates of the section; a month without a file is counted, no file at all is an error."""
    if "{month" not in section.path:
        return [(year, None) for year in section.years], Ledger()
    dates: list[tuple[int, int | None]] = []
    ledger = Ledger()
    for year in section.years:
        for month in section.months:
            try:
                locate(fill_path(section.path, year=year, month=month), base=settings.base)
            except MissingFile:
                ledger = ledger.add("lights", f"no file for {year}-{month:02}", "file", 1)
            else:
                dates.append((year, month))
    if not dates:
        raise MissingFile(section.path, setting="[lights] path")
    return dates, ledger


def ask_built_up(
    settings: Settings, land: Land, people: People, asked: Asked, values: pd.DataFrame, *, progress: Progress = silent
) -> Answers:
    """Built-up land of every zone and epoch; per person where the primary population has the same year."""
    section = settings.built_up
    if section is None:
        return Answers(pd.DataFrame(), Ledger(), ())
    totals = values[(values["measure"] == "population.total") & (values["source"] == people.source)]

    def one(year: int) -> tuple[list[pd.DataFrame], Ledger, InputFile]:
        raster, opened, record = open_input(
            section,
            name=f"built_up {year}",
            kind="count",
            units="m2",
            base=settings.base,
            within=land.outline,
            margin_km=settings.country.margin_km,
            year=year,
        )
        living = totals[totals["period"] == str(year)].set_index("zone_id")["value"]
        rows, ledger = _ask_all(
            asked,
            raster,
            lambda plan, level: built_up(plan, raster, people=living if len(living) else None, area_km2=asked.area_km2[level]),
        )
        return [long_rows(frame, period=str(year), source="built_up") for frame in rows], opened + ledger, record

    return _gathered(map_tasks(one, section.years, what="built-up land", progress=progress), Ledger())


def _ask_all(asked: Asked, raster: xr.DataArray, formula: Callable) -> tuple[list[pd.DataFrame], Ledger]:
    """Apply a formula to every zone set."""
    frames, ledger = [], Ledger()
    for level, plans in asked.plans.items():
        frame, more = formula(plans.on(geobox_of(raster)), level)
        frames.append(frame)
        ledger += more
    return frames, ledger


def _gathered(parts: list[tuple[list[pd.DataFrame], Ledger, InputFile]], ledger: Ledger) -> Answers:
    rows = [frame for frames, _, _ in parts for frame in frames]
    for _, more, _ in parts:
        ledger += more
    return Answers(pd.concat(rows, ignore_index=True), ledger, tuple(record for _, _, record in parts))
