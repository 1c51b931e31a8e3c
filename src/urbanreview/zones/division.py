"""Whether a division divides: ground in two units, in none, and beyond the country, with the people on it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from urbanreview.grid import geobox_of, geodesic_area_km2
from urbanreview.ledger import Ledger
from urbanreview.zones.coverage import plan_zones
from urbanreview.zones.summarise import summarise
from urbanreview.zones.table import is_rest, polygons_of

OVERLAP, NO_UNIT, BEYOND = "overlap", "no unit", "beyond the outline"
DIVISION_COLUMNS = ("kind", "zone_ids", "units", "area_km2", "people")
SMALLEST_KM2 = {OVERLAP: 0.01, NO_UNIT: 1.0, BEYOND: 1.0}
"""Ground below this is a sliver: two drawings of one line. Slivers are counted together and are no rows."""
ROUND_OFF_KM2 = 1e-6
"""A square metre. Less comes from the last digits of coordinates and is nothing to tell."""
WORDS = {OVERLAP: "in two units or more", NO_UNIT: "in no unit", BEYOND: "of units beyond the outline"}
"""How the ledger tells of each kind: ``ground`` or ``people`` stands before."""


def check_division(
    districts: gpd.GeoDataFrame, outline: gpd.GeoSeries, population: xr.DataArray | None
) -> tuple[pd.DataFrame, Ledger]:
    """Find where units overlap, where there is none, and where they leave the country.

    Parameters
    ----------
    districts : GeoDataFrame, EPSG:4326
        A zone table of one level with valid polygons. A row of `uncovered` stands for territory without a unit and
        is none.
    outline : GeoSeries, EPSG:4326
        The country.
    population : DataArray, dims (y, x), or None
        People per cell [people]; cells count by their exact share.

    Returns
    -------
    division : DataFrame
        ``kind, zone_ids, units, area_km2, people``. ``overlap``: every pair of units that share 0.01 km2 or more.
        ``no unit``: every connected part of the country from 1 km2 on that no unit covers; ids and names are None.
        ``beyond the outline``: every unit with 1 km2 or more outside. Sorted by kind, then from large to small. People
        are missing without a population, and where it has no value.
    ledger : Ledger
        Of each kind the ground [km2] and the people of all rows together, where ground in several rows counts once;
        and the same of the slivers, which are no rows.

    Notes
    -----
    Borders that only touch share no area. Three units on one ground are three pairs.

    Examples
    --------
    Two units of 2 by 1 degrees share one; the country reaches a degree further:

    >>> units = gpd.GeoDataFrame(
    ...     {"name": ["West", "East"]}, index=["w", "e"], crs=4326, geometry=[shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)]
    ... )
    >>> division, ledger = check_division(units, gpd.GeoSeries([shapely.box(0, 0, 4, 1)], crs=4326), None)
    >>> division[["kind", "zone_ids", "units"]].values.tolist()
    [['overlap', 'e; w', 'East; West'], ['no unit', None, None]]
    >>> division["area_km2"].round().tolist(), round(ledger.amount("ground in no unit"))
    ([12308.0, 12308.0], 12308)
    """
    real = ~is_rest(districts.index) & ~districts.is_empty.to_numpy()
    units = districts[real].sort_index()
    country, claimed = outline.union_all(), units.union_all()
    found = {
        OVERLAP: _shared(units.geometry),
        NO_UNIT: _parts(polygons_of(shapely.difference(country, claimed))),
        BEYOND: _outside(units.geometry, polygons_of(shapely.difference(claimed, country))),
    }
    tables, ledger = [], Ledger()
    for kind, pieces in found.items():
        area_km2 = geodesic_area_km2(pieces.geometry)
        large = area_km2 >= SMALLEST_KM2[kind]
        tables.append(_rows(kind, pieces[large], area_km2[large], units["name"], population))
        slivers = pieces.geometry[~large & (area_km2 >= ROUND_OFF_KM2)]
        for shapes, which in ((pieces.geometry[large], ""), (slivers, ", in slivers")):
            ledger += _counted(shapes, f"{WORDS[kind]}{which}", population)
    return pd.concat(tables, ignore_index=True), ledger


def _shared(shapes: gpd.GeoSeries) -> gpd.GeoDataFrame:
    """Return the ground that each pair of units shares; `members` are their positions."""
    first, second = shapes.sindex.query(shapes.values, predicate="intersects")
    first, second = first[first < second], second[first < second]
    ground = shapely.intersection(shapes.values[first], shapes.values[second])
    return _pieces(list(zip(first.tolist(), second.tolist(), strict=True)), [polygons_of(each) for each in ground])


def _parts(left: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return the connected parts of what no unit covers; they have no members."""
    parts = shapely.get_parts([left])
    return _pieces([()] * len(parts), parts)


def _outside(shapes: gpd.GeoSeries, outside: shapely.Geometry) -> gpd.GeoDataFrame:
    """Return what each unit has beyond the country."""
    shapely.prepare(outside)
    members = np.flatnonzero(shapely.intersects(outside, shapes.values))
    ground = shapely.intersection(shapes.values[members], outside)
    return _pieces([(member,) for member in members.tolist()], [polygons_of(each) for each in ground])


def _pieces(members: list[tuple[int, ...]], ground: list[shapely.Geometry] | np.ndarray) -> gpd.GeoDataFrame:
    pieces = gpd.GeoDataFrame({"members": pd.Series(members, dtype=object)}, geometry=list(ground), crs=4326)
    return pieces[~pieces.is_empty]


def _rows(
    kind: str, pieces: gpd.GeoDataFrame, area_km2: np.ndarray, names: pd.Series, population: xr.DataArray | None
) -> pd.DataFrame:
    def listed(of: pd.Index | pd.Series) -> pd.Series:
        texts = ["; ".join(str(of.array[member]) for member in each) or None for each in pieces["members"]]
        return pd.Series(texts, index=pieces.index, dtype=object)

    table = pd.DataFrame(
        {
            "kind": kind,
            "zone_ids": listed(names.index),
            "units": listed(names),
            "area_km2": area_km2,
            "people": _people(pieces.geometry, population),
        },
        index=pieces.index,
    )
    return table.sort_values(["area_km2", "zone_ids"], ascending=[False, True], kind="stable")


def _people(shapes: gpd.GeoSeries, population: xr.DataArray | None) -> np.ndarray:
    """Return the people on every piece of ground; NaN where the population has no value."""
    if population is None or shapes.empty:
        return np.full(len(shapes), np.nan)
    return summarise(plan_zones(shapes, geobox_of(population)), population)[0]["sum"].to_numpy()


def _counted(shapes: gpd.GeoSeries, words: str, population: xr.DataArray | None) -> Ledger:
    """Return the ground and people of all pieces, those that lie in several counted once."""
    if shapes.empty:
        return Ledger()
    ground = gpd.GeoSeries([shapes.union_all()], crs=4326)
    ledger = Ledger().add("division", f"ground {words}", "km2", geodesic_area_km2(ground)[0])
    return ledger.add("division", f"people {words}", "people", np.nan_to_num(_people(ground, population)[0]))
