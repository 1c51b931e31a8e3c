"""Find the place that each zone is named after: inside, by its cluster, or nearby."""

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanreview.grid import bounds_with_margin
from urbanreview.naming.gazetteer import places_near
from urbanreview.naming.spatial import nearest_places, places_inside
from urbanreview.zones.distance import distance_km

CENTRE = "urban_centre"
"""The level whose zones inherit the name of the cluster that they are part of."""


def _places_around(shapes: gpd.GeoSeries, places: pd.DataFrame, km: float) -> pd.DataFrame:
    usable = shapes[~(shapes.isna() | shapes.is_empty)]
    return places_near(places, bounds_with_margin(usable, km)) if len(usable) else places.iloc[:0]


def _with_places_inside(zone_ids: pd.Index, inside: pd.DataFrame) -> pd.DataFrame:
    """Start the table of findings with the most populous place inside each zone."""
    first = inside.drop_duplicates("zone_id").set_index("zone_id")["geonameid"]
    found = pd.DataFrame({"geonameid": first.reindex(zone_ids).astype("Int64")}, index=zone_ids)
    has_place = found["geonameid"].notna().to_numpy()
    found["name_found"] = pd.Series(np.where(has_place, "inside", "none"), index=zone_ids, dtype=object)
    found["name_distance_km"] = np.where(has_place, 0.0, np.nan)
    return found


def _with_finding(found: pd.DataFrame, how: str, place: pd.Series, km: np.ndarray) -> pd.DataFrame:
    """Return the findings with a place and its distance set for the zones in the index of `place`."""
    found = found.copy()
    found.loc[place.index, "geonameid"] = place.astype("Int64")
    found.loc[place.index, "name_found"] = how
    found.loc[place.index, "name_distance_km"] = km
    return found


def _with_nearest(
    found: pd.DataFrame, zones: gpd.GeoDataFrame, places: pd.DataFrame, inside: pd.DataFrame, within_km: float
) -> pd.DataFrame:
    """Give zones of one level that have no place the nearest one that names, or lies in, none of its level.

    `zones` are all of that level, the column ``open`` marks those to look for.
    """
    lying_inside = inside.loc[inside["zone_id"].isin(zones.index), "geonameid"]
    naming = found.loc[zones.index, "geonameid"].dropna()
    free = places[~(places.index.isin(lying_inside) | places.index.isin(naming))]
    wanted = zones.index[zones["open"] & found.loc[zones.index, "geonameid"].isna()]
    nearest = nearest_places(zones.geometry[wanted], free, within_km=within_km)
    return _with_finding(found, "nearest", nearest["geonameid"], nearest["distance_km"].to_numpy())


def _heirs(zones: gpd.GeoDataFrame, found: pd.DataFrame) -> pd.Series:
    """Return the cluster of each centre that bears its cluster's own name, by the centre's zone_id.

    It is the centre that holds the cluster's place; where none does, the most populous one, unless it has a place
    of its own.
    """
    parent = zones.get("parent_id", pd.Series(index=zones.index, dtype=object)).astype(object)
    table = pd.DataFrame({"parent": parent, "people": zones["people"], "place": found["geonameid"]})
    table = table[(zones["level"] == CENTRE) & parent.isin(zones.index)]
    cluster_place = found["geonameid"].reindex(table["parent"]).set_axis(table.index)
    table = table.assign(id=table.index.astype(str), holds=(table["place"] == cluster_place).fillna(False).astype(bool))
    first = table.sort_values(["holds", "people", "id"], ascending=[False, False, True]).drop_duplicates("parent")
    return first.loc[first["holds"] | first["place"].isna(), "parent"]


def _with_inherited(found: pd.DataFrame, heirs: pd.Series, shapes: gpd.GeoSeries, places: pd.DataFrame) -> pd.DataFrame:
    """Give heirs without a place of their own that of their cluster."""
    place = found["geonameid"].reindex(heirs).set_axis(heirs.index)
    place = place[place.notna() & found["geonameid"].reindex(heirs.index).isna()]
    at = places.loc[place.astype("int64")]
    km = distance_km(shapes[place.index].to_numpy(), at["longitude"].to_numpy(float), at["latitude"].to_numpy(float))
    return _with_finding(found, "cluster", place, km)


def find_places(
    zones: gpd.GeoDataFrame, places: pd.DataFrame, *, nearest_within_km: float, chosen: pd.Index
) -> tuple[pd.DataFrame, pd.Series]:
    """Find a place for each zone.

    Parameters
    ----------
    zones : GeoDataFrame, index zone_id, EPSG:4326
        Columns ``level``, ``people`` and, if there are centres, ``parent_id``.
    places : DataFrame, index geonameid
        As from `load_places`.
    nearest_within_km : float
        How far outside a zone its place may lie.
    chosen : Index of zone_id
        Zones named by the user: no place is looked for outside of them, nor of a centre that takes over such a name.

    Returns
    -------
    found : DataFrame, index as zones
        ``geonameid`` (Int64, NA when none), ``name_found`` (inside, cluster, nearest or none), ``name_distance_km``.
    heirs : Series, index zone_id of centres
        The cluster whose own name the centre bears.

    Notes
    -----
    The rules are in the notes of `name_zones`.
    """
    shapes = zones.geometry
    around = _places_around(shapes, places, nearest_within_km)
    inside = places_inside(shapes, around)
    found = _with_places_inside(zones.index, inside)
    levels = dict(list(zones.assign(open=~zones.index.isin(chosen)).groupby("level", observed=True)))
    centres = levels.pop(CENTRE, None)
    for level in levels.values():
        found = _with_nearest(found, level, around, inside, nearest_within_km)
    heirs = _heirs(zones, found)
    found = _with_inherited(found, heirs, shapes, around)
    if centres is not None:
        centres = centres.assign(open=centres["open"] & ~centres.index.isin(heirs.index[heirs.isin(chosen)]))
        found = _with_nearest(found, centres, around, inside, nearest_within_km)
    return found, heirs
