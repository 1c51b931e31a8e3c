"""Ask every zone the same questions; here: how many people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.grid import geobox_of
from urbanreview.indicators import population
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements, link_layer
from urbanreview.units import km2_from_m2
from urbanreview.zones import Plan, Plans, is_rest, link_polygons, plan_zones, summarise

URBAN = {
    "urban_cluster": ("population.urban", "population.urban_share"),
    "urban_centre": ("population.high_density", "population.high_density_share"),
}
"""Measures of units that are about the settlements of a level."""
TOO_COARSE = "the grid is too coarse to find such settlements on"
ROUNDING = 1e-9
"""Sums over zones differ by this share of the whole from rounding alone."""


@dataclass(frozen=True)
class Answers:
    """Rows of the long table, and what was read for them; with some themes also links between zones, and rasters to keep."""

    values: pd.DataFrame
    ledger: Ledger
    inputs: tuple[InputFile, ...] = ()
    links: pd.DataFrame = field(default_factory=pd.DataFrame)
    rasters: Mapping[str, xr.DataArray] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """The zone sets that a theme asks, with their plans: made once, used for every raster."""

    plans: Mapping[str, Plans]

    def zones(self) -> list[gpd.GeoDataFrame]:
        """Zone tables of all sets, coarse to fine."""
        return [plans.zones for plans in self.plans.values()]

    def ask(self, raster: xr.DataArray, formula: Callable[[Plan, gpd.GeoDataFrame], tuple[pd.DataFrame, Ledger]]):
        """Apply a formula to every zone set: the frames, and what was noted."""
        frames, ledger = [], Ledger()
        for plans in self.plans.values():
            frame, more = formula(plans.on(geobox_of(raster)), plans.zones)
            frames.append(frame)
            ledger += more
        return frames, ledger


def units_asked(land: Land) -> Asked:
    """Collect the country, its administrative units, and the user's own zones."""
    sets = {"adm0": land.country, "upper": land.upper, "districts": land.districts, **land.own}
    return Asked({name: Plans(zones) for name, zones in sets.items() if zones is not None})


def zones_asked(land: Land, *cities: Settlements) -> Asked:
    """Collect every zone set of the review: units, then the settlements of every population."""
    plans = dict(units_asked(land).plans)
    for number, found in enumerate(cities):
        plans |= {f"{level} {number}": layer.plans() for level, layer in found.layers().items()}
    return Asked(plans)


def ask_population(land: Land, people: People, cities: Settlements, primary: Settlements | None = None) -> Answers:
    """People of units and settlements in one population.

    Parameters
    ----------
    land, people, cities
        One population, and the settlements found on it.
    primary : Settlements, optional
        Settlements of the primary population, if that is another one: they are told how many people this one counts
        on their ground.
    """
    own = own_links(land, people, cities)
    urban, dense = _people_by_zone(cities, own)
    asked = zones_asked(land, cities)

    def formula(plan: Plan, zones: gpd.GeoDataFrame) -> tuple[pd.DataFrame, Ledger]:
        land_km2 = zones["area_km2"]
        if people.land_m2 is not None:
            land_km2 = km2_from_m2(summarise(plan, people.land_m2)[0]["sum"])
        frame, ledger = population(plan, people.raster, land_km2=land_km2, urban=urban, high_density=dense)
        frame["population.land"] = land_km2.reindex(frame.index)
        if "people_inside" in zones:
            frame["population.inside"] = zones["people_inside"]
            frame["population.outside"] = zones["people_outside"]
        frame[_untold(cities)] = np.nan
        return frame, ledger

    frames, ledger = asked.ask(people.raster, formula)
    if primary is not None:
        plans = Asked({level: layer.plans() for level, layer in primary.layers().items()})
        others, more = plans.ask(people.raster, lambda plan, _: _totals(plan, people.raster))
        frames, ledger = frames + others, ledger + more
    else:
        own = pd.concat(
            [own, *(link_polygons(each, land.districts, people.raster, relation="district") for each in land.own.values())]
        )
    rows = [
        long_rows(frame, period=people.period, source=people.source, reasons=_too_coarse(frame, _untold(cities)))
        for frame in frames
    ]
    ledger += _where_everyone_is(people, asked) + _in_own_zones(land, people, asked)
    return Answers(pd.concat(rows, ignore_index=True), ledger, links=own.reset_index(drop=True))


def _untold(cities: Settlements) -> list[str]:
    """Return the measures that nobody can tell because settlements of a level could not be looked for."""
    return [key for level, layer in cities.layers().items() if not layer.told for key in URBAN[level]]


def _too_coarse(frame: pd.DataFrame, untold: list[str]) -> dict[str, pd.Series]:
    return {key: pd.Series(TOO_COARSE, index=frame.index) for key in untold if key in frame}


def _totals(plan: Plan, raster: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
    table, ledger = summarise(plan, raster)
    return pd.DataFrame({"population.total": table["sum"], "valid_share": table["valid_share"]}), ledger


def own_links(land: Land, people: People, cities: Settlements) -> pd.DataFrame:
    """Link every settlement with the user's own zones, a relation per set of them."""
    parts = [
        link_layer(layer, zones, people, relation=level)
        for level, zones in land.own.items()
        for layer in cities.layers().values()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _people_by_zone(cities: Settlements, own: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """People of every zone in clusters and in centres, from the links; a settlement holds itself."""
    links = pd.concat([cities.links, own], ignore_index=True)
    to_zone = []
    for layer in (cities.clusters, cities.centres):
        of_layer = links[links["from_id"].isin(layer.zones.index)]
        to_zone.append(of_layer.groupby("to_id")["people"].sum())
    urban, dense = to_zone
    own, own_dense = cities.clusters.zones["people"], cities.centres.zones["people"]
    return pd.concat([urban, own, own_dense]), pd.concat([dense, own_dense])


def _where_everyone_is(people: People, asked: Asked) -> Ledger:
    """Say how the raster's people divide into districts, none, twice counted, and beyond the border."""
    step = f"population {people.source} {people.period}"
    geobox = geobox_of(people.raster)
    whole = float(people.raster.sum())
    inside = float(summarise(asked.plans["adm0"].on(geobox), people.raster)[0]["sum"].iloc[0])
    by_district = summarise(asked.plans["districts"].on(geobox), people.raster)[0]["sum"].fillna(0.0)
    none = by_district[is_rest(by_district.index)].sum()
    ledger = Ledger().add(step, "people on the grid that was read", "people", whole)
    ledger = ledger.add(step, "people in districts", "people", by_district.sum() - none)
    ledger = ledger.add(step, "people in territory that no district covers", "people", none)
    ledger = ledger.add(step, "people beyond the border, in the margin", "people", whole - inside)
    difference = by_district.sum() - inside
    cause = "people counted in two districts" if difference > 0 else "people in slivers between districts"
    return ledger.add(step, cause, "people", abs(difference) if abs(difference) > ROUNDING * whole else 0.0)


def _in_own_zones(land: Land, people: People, asked: Asked) -> Ledger:
    """Say how many of the country's people each set of the user's own zones holds, counting those in two zones twice."""
    ledger, geobox = Ledger(), geobox_of(people.raster)
    for level, zones in land.own.items():
        step = f"{level} {people.source} {people.period}"
        held = float(summarise(asked.plans[level].on(geobox), people.raster)[0]["sum"].sum())
        once = float(summarise(plan_zones(zones.dissolve(), geobox), people.raster)[0]["sum"].iloc[0])
        ledger = ledger.add(step, "people in these zones", "people", once)
        twice = held - once
        ledger = ledger.add(step, "people counted in two of these zones", "people", twice if twice > ROUNDING * held else 0.0)
    return ledger
