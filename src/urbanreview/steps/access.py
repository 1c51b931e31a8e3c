"""How far the cities are from one another, from the districts, and from everybody."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.access import (
    CostSurface,
    Matrix,
    Places,
    all_pairs,
    cost_surface,
    find_places,
    minutes_to_own,
    nearest,
    nearest_pairs,
    potential,
    reach,
    reach_of_places,
    routes,
    travel_time,
    travel_time_matrix,
)
from urbanreview.config import Access, Country, Settings
from urbanreview.engine import map_tasks
from urbanreview.grid import covered_share, declare, geobox_of, resample
from urbanreview.ledger import Ledger, total
from urbanreview.measures import long_rows
from urbanreview.naming import capital_of
from urbanreview.report import InputFile
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import open_input, open_points, vector_record
from urbanreview.steps.people import People
from urbanreview.steps.points import Points
from urbanreview.steps.settlements import Settlements
from urbanreview.steps.themes import units_asked
from urbanreview.zones import plan_zones, summarise

SOURCE = "access"
CENTRES = "to=urban_centre"
CAPITAL_WITHIN_KM = 25.0


@dataclass(frozen=True)
class Journeys:
    """Everything about travel in a review.

    Attributes
    ----------
    values : DataFrame
        Rows of the long table.
    pairs : DataFrame
        One row per city and city, district or zone of the user's own: ``from_id, to_id, relation, minutes, km``.
    matrices : dict of str to DataFrame
        ``minutes_city_city``, ``km_city_city``, ``minutes_city_district``, ``km_city_district``, and the same for every set of
        the user's own zones: origins in rows.
    city_routes, district_routes : GeoDataFrame
        Ways as lines, see `access.routes`.
    rasters : dict of str to DataArray
        ``travel_time`` and ``catchments`` of the urban centres.
    """

    values: pd.DataFrame
    pairs: pd.DataFrame
    matrices: dict[str, pd.DataFrame]
    city_routes: gpd.GeoDataFrame
    district_routes: gpd.GeoDataFrame
    rasters: dict[str, xr.DataArray]
    ledger: Ledger
    inputs: tuple[InputFile, ...]


@dataclass(frozen=True)
class _Own:
    """Destinations of the user's own, and what was noted of them."""

    places: Places
    ledger: Ledger


@dataclass(frozen=True)
class _Ground:
    """What every question about travel needs: people as they were counted, on the surface's grid, and inside the country."""

    surface: CostSurface
    cities: Places
    units: Mapping[str, Places]
    counted: People
    people: xr.DataArray
    at_home: xr.DataArray
    city_people: pd.Series
    own: list[_Own]

    @property
    def period(self) -> str:
        return self.counted.period


def measure_access(settings: Settings, land: Land, people: People, cities: Settlements, points: Points) -> Journeys:
    """Answer every question about travel; see `Journeys`."""
    section = settings.access
    assert section is not None
    friction, opened, record = open_input(
        section,
        name="friction",
        kind="cost",
        units="min/m",
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
    )
    surface, noted = cost_surface(friction, borders=section.borders)
    others, records = _own_points(settings, section, surface)
    centres = cities.centres.zones
    city_places, more = find_places(surface, points.table.reindex(centres.index), snap_within_km=section.snap_within_km)
    units, moved_points = _unit_places(section, land, points, surface)
    living, moved = resample(people.raster, to=geobox_of(friction))
    at_home = declare(living * covered_share(land.outline, geobox_of(friction)), kind="count", units="people")
    ground = _Ground(surface, city_places, units, people, living, at_home, centres["people"], others)
    ledger = total([opened, noted, more, moved_points, moved, *(each.ledger for each in others)])
    capital, told = _capital(settings.country.iso3, centres)
    matrices = _matrices(ground)
    found = nearest(surface, city_places)
    values = [
        *_units_reached(section, land, ground, found.minutes),
        *_cities_reached(section, ground, matrices["city_city"], found.people(at_home)),
        *_market(section, ground, matrices),
        *_to_capital(ground, matrices, capital),
        *(_to_own_capital(section, land, ground, cities, points) if section.own_capitals else ()),
    ]
    lines = _lines(section, ground, matrices, capital)
    rasters = {"travel_time": found.minutes, "catchments": found.catchments}
    return Journeys(
        pd.concat(values, ignore_index=True),
        _pairs(matrices),
        {f"{what}_{name}": getattr(matrix, what) for name, matrix in matrices.items() for what in ("minutes", "km")},
        *lines,
        rasters,
        ledger + told,
        (record, *records),
    )


def _unit_places(section: Access, land: Land, points: Points, surface: CostSurface) -> tuple[dict[str, Places], Ledger]:
    """Return the points of districts and of the user's own zones on the surface."""
    places, ledger = {}, Ledger()
    for name, zones in {"district": land.districts, **land.own}.items():
        at = points.table.loc[points.table.index.intersection(zones.index)]
        places[name], moved = find_places(surface, at, snap_within_km=section.snap_within_km)
        ledger += moved
    return places, ledger


def _own_points(settings: Settings, section: Access, surface: CostSurface) -> tuple[list["_Own"], list[InputFile]]:
    """Open the user's own destinations."""
    if section.points is None:
        return [], []
    points, dropped = open_points(section.points, section.points_id, base=settings.base)
    places, ledger = find_places(surface, points, snap_within_km=section.snap_within_km)
    record = vector_record(
        section.points, Country(iso3=settings.country.iso3), name="points", base=settings.base, features=len(points)
    )
    return [_Own(places, dropped + ledger)], [record]


def _capital(iso3: str, centres: gpd.GeoDataFrame) -> tuple[str | None, Ledger]:
    """Return the id of the urban centre that the national capital lies in, or nearest to it within some kilometres."""
    place = capital_of(iso3)
    if centres.empty:
        return None, Ledger().add("access", "no urban centre to travel from", "place", 1)
    if place is None:
        return None, Ledger().add("access", "no capital is known to the gazetteer", "place", 1)
    name, lon, lat = place
    plane = f"+proj=aeqd +lat_0={lat} +lon_0={lon} +datum=WGS84 +units=km +type=crs"
    away_km = centres.geometry.to_crs(plane).distance(gpd.GeoSeries.from_xy([0.0], [0.0], crs=plane).iloc[0])
    if away_km.min() > CAPITAL_WITHIN_KM:
        return None, Ledger().add("access", f"the capital {name} is no urban centre here", "place", 1)
    return str(away_km.idxmin()), Ledger()


def _matrices(ground: _Ground) -> dict[str, Matrix]:
    """Sweep every city once, to all cities, districts and zones of the user's own."""
    everywhere = _together(ground.cities, *ground.units.values())
    whole = travel_time_matrix(ground.surface, ground.cities, everywhere, map_tasks=map_tasks)
    assert whole is not None
    parts = {"city_city": ground.cities.ids} | {f"city_{name}": places.ids for name, places in ground.units.items()}
    return {name: Matrix(whole.minutes[list(ids)], whole.km[list(ids)]) for name, ids in parts.items()}


def _together(*places: Places) -> Places:
    columns = ("cell", "longitude", "latitude", "moved_km")
    first, *others = (each.ids for each in places)
    return Places(first.append(others), *(np.concatenate([getattr(each, name) for each in places]) for name in columns))


def _rows(frame: pd.DataFrame, ground: _Ground, variant: str, valid: pd.Series | float = 1.0) -> pd.DataFrame:
    """Return rows of the long table; where nothing is known of the people there is no number."""
    frame = frame.assign(valid_share=valid)
    unknown = frame["valid_share"] == 0
    frame.loc[unknown, frame.columns != "valid_share"] = np.nan
    return long_rows(frame, period=ground.period, source=SOURCE, variant=variant)


def _destinations(section: Access, ground: _Ground) -> Iterator[tuple[str, xr.DataArray]]:
    """Give the time to the nearest city of every size class, and to the user's points."""
    for size in section.size_classes:
        large = (ground.city_people >= size).to_numpy()
        if large.any():
            yield f"to=cities_of_{size:.10g}", travel_time(ground.surface, _some(ground.cities, large))
    for own in ground.own:
        yield "to=points", travel_time(ground.surface, own.places)


def _some(places: Places, which: np.ndarray) -> Places:
    columns = ("cell", "longitude", "latitude", "moved_km")
    return Places(places.ids[which], *(getattr(places, name)[which] for name in columns))


def _units_reached(section: Access, land: Land, ground: _Ground, minutes: xr.DataArray) -> Iterator[pd.DataFrame]:
    """Say for country, units and districts how long their people need to the nearest destination.

    Whoever lives beyond the friction's grid has no way: people are counted on their own grid.
    """
    others = dict(_destinations(section, ground))
    native = ground.counted.raster
    for plans in units_asked(land).plans.values():
        counted = summarise(plans.on(geobox_of(native)), native)[0]
        valid = counted["valid_share"]
        plan = plans.on(ground.surface.geobox)
        for variant, raster in {CENTRES: minutes, **others}.items():
            table = reach(raster, ground.people, plan, within_min=section.within_min)
            means = pd.DataFrame({"access.minutes_mean": table["mean"], "access.minutes_median": table["median"]})
            yield _rows(means, ground, variant, valid)
            if variant == CENTRES:
                with_way = table["people"] - table["people_without_way"]
                without = (counted["sum"].fillna(0.0) - with_way).clip(lower=0.0)
                yield _rows(pd.DataFrame({"access.people_without_way": without}), ground, variant, valid)
                yield from _within(table, ground, valid)


def _within(table: pd.DataFrame, ground: _Ground, valid: pd.Series | float = 1.0) -> Iterator[pd.DataFrame]:
    for column in [name for name in table if str(name).startswith("within_")]:
        frame = pd.DataFrame({"access.people_within": table[column]})
        yield _rows(frame, ground, f"minutes={str(column).removeprefix('within_')}", valid)


def _cities_reached(section: Access, ground: _Ground, matrix: Matrix, catchments: pd.Series) -> Iterator[pd.DataFrame]:
    """Say for every city who reaches it, whom it serves, and how far the nearest larger one is."""
    near = reach_of_places(ground.surface, ground.cities, ground.at_home, within_min=section.within_min, map_tasks=map_tasks)
    yield from _within(near, ground)
    placed = pd.Series(ground.cities.placed, index=ground.cities.ids)
    yield _rows(pd.DataFrame({"access.catchment_people": catchments.reindex(ground.cities.ids).where(placed)}), ground, "")
    living = ground.city_people.reindex(matrix.minutes.index).to_numpy()
    larger = living[None, :] > living[:, None]
    minutes = np.where(larger, matrix.minutes.to_numpy(), np.nan)
    best = pd.DataFrame(minutes, index=matrix.minutes.index).min(axis=1)
    yield _rows(pd.DataFrame({"access.nearest_larger_minutes": best}), ground, "")


def _market(section: Access, ground: _Ground, matrices: Mapping[str, Matrix]) -> Iterator[pd.DataFrame]:
    """Say how much market lies around every city, with and without itself, and around every district and own zone."""
    between = matrices["city_city"].minutes
    outwards = [(matrices[f"city_{name}"].minutes.T, True, "own=yes") for name in ground.units]
    for minutes, own, word in ((between, True, "own=yes"), (between, False, "own=no"), *outwards):
        table = potential(minutes, ground.city_people, half_lives_min=section.half_lives_min, own=own)
        for column in table:
            half_life = str(column).removeprefix("half_life_")
            yield _rows(pd.DataFrame({"access.potential": table[column]}), ground, f"half_life={half_life};{word}")


def _to_capital(ground: _Ground, matrices: Mapping[str, Matrix], capital: str | None) -> Iterator[pd.DataFrame]:
    if capital is None:
        return
    for matrix in matrices.values():
        yield _rows(pd.DataFrame({"access.capital_minutes": matrix.minutes.loc[capital]}), ground, "")


def _to_own_capital(
    section: Access, land: Land, ground: _Ground, cities: Settlements, points: Points
) -> Iterator[pd.DataFrame]:
    """Say how far the people of every district are from the settlement that holds most of them."""
    links = cities.links[cities.links["relation"] == "district"].sort_values("people", ascending=False, kind="stable")
    own = links[links["people"] > 0].drop_duplicates("to_id").set_index("to_id")["from_id"]
    at = points.table.reindex(own).set_axis(own.index)
    places, _ = find_places(ground.surface, at, snap_within_km=section.snap_within_km)
    plan = plan_zones(land.districts, ground.surface.geobox)
    minutes = minutes_to_own(ground.surface, places, ground.people, plan, map_tasks=map_tasks)
    yield _rows(pd.DataFrame({"access.own_capital_minutes": minutes}), ground, "")


def _lines(
    section: Access, ground: _Ground, matrices: Mapping[str, Matrix], capital: str | None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Draw the ways between cities, and from every district to its nearest city; all of them where the settings ask."""
    between, outwards = matrices["city_city"], matrices["city_district"]
    if section.routes == "all":
        cities = all_pairs(ground.cities)
        districts = outwards.long()[["from_id", "to_id"]]
    else:
        cities = nearest_pairs(between, most=section.nearest)
        if capital is not None:
            known = {frozenset(pair) for pair in cities.itertuples(index=False)}
            more = [(capital, other) for other in between.minutes.index if other != capital]
            extra = [pair for pair in more if frozenset(pair) not in known]
            cities = pd.concat([cities, pd.DataFrame(extra, columns=["from_id", "to_id"])], ignore_index=True)
        reached = outwards.minutes.dropna(axis=1, how="all")
        districts = pd.DataFrame({"from_id": reached.idxmin().to_numpy(), "to_id": reached.columns.to_numpy()})
    everywhere = _together(ground.cities, ground.units["district"])
    pairs = pd.concat([cities, districts], ignore_index=True)
    drawn = routes(ground.surface, pairs, everywhere, map_tasks=map_tasks)
    return drawn.iloc[: len(cities)], drawn.iloc[len(cities) :].reset_index(drop=True)


def _pairs(matrices: Mapping[str, Matrix]) -> pd.DataFrame:
    parts = [matrix.long().assign(relation=name) for name, matrix in matrices.items()]
    return pd.concat(parts, ignore_index=True)[["from_id", "to_id", "relation", "minutes", "km"]]
