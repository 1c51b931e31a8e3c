"""Which places lie inside a zone, and which one lies nearest to it."""

import geopandas as gpd
import pandas as pd
import shapely

from urbanreview.zones.distance import distance_km, pairs_within


def _tree(places: pd.DataFrame) -> shapely.STRtree:
    return shapely.STRtree(shapely.points(places["longitude"].to_numpy(float), places["latitude"].to_numpy(float)))


def places_inside(shapes: gpd.GeoSeries, places: pd.DataFrame) -> pd.DataFrame:
    """Find every place in every zone.

    Parameters
    ----------
    shapes : GeoSeries, index zone_id, EPSG:4326
        Polygons, which may overlap; missing and empty ones hold nothing. A place on an edge is inside.
    places : DataFrame, index geonameid
        With ``longitude``, ``latitude`` [degrees] and ``people`` [person].

    Returns
    -------
    DataFrame
        Columns ``zone_id``, ``geonameid``: one row per pair, within a zone the most populous place first, of equally
        populous ones that with the lowest id.

    Examples
    --------
    >>> places = pd.DataFrame({"longitude": [1.0, 2.0, 9.0], "latitude": [1.0, 1.0, 1.0], "people": [5, 8, 9]})
    >>> places_inside(gpd.GeoSeries([shapely.box(0, 0, 3, 3)], index=["a"], crs=4326), places).values.tolist()
    [['a', 1], ['a', 0]]
    """
    zone, place = _tree(places).query(shapes.values, predicate="intersects")
    pairs = pd.DataFrame({"zone_id": shapes.index[zone], "geonameid": places.index[place]})
    pairs["people"] = places["people"].to_numpy(float)[place]
    pairs = pairs.sort_values(["zone_id", "people", "geonameid"], ascending=[True, False, True], ignore_index=True)
    return pairs[["zone_id", "geonameid"]]


def nearest_places(shapes: gpd.GeoSeries, places: pd.DataFrame, *, within_km: float) -> pd.DataFrame:
    """Find the nearest place of each zone, on the ground.

    Parameters
    ----------
    shapes : GeoSeries, index zone_id, EPSG:4326
        Missing and empty ones are near to nothing.
    places : DataFrame, index geonameid
        The places to choose from, with ``longitude``, ``latitude`` [degrees] and ``people`` [person].
    within_km : float
        The longest distance that counts.

    Returns
    -------
    DataFrame, index zone_id
        Columns ``geonameid``, ``distance_km``; only zones that have a place so near. A place of unknown population
        (0) is chosen only where no other is near enough; equally near ones by people, then by id.

    Examples
    --------
    >>> places = pd.DataFrame({"longitude": [1.1, 1.3], "latitude": [0.5, 0.5], "people": [5, 8]}, index=[70, 80])
    >>> shapes = gpd.GeoSeries([shapely.box(0, 0, 1, 1)], index=["a"], crs=4326)
    >>> nearest_places(shapes, places, within_km=20).round(2).values.tolist()
    [[70.0, 11.13]]
    """
    parts, owner = shapely.get_parts(shapes.values, return_index=True)
    part, place = pairs_within(parts, _tree(places), within_km)
    near = places.iloc[place]
    km = distance_km(parts[part], near["longitude"].to_numpy(float), near["latitude"].to_numpy(float))
    pairs = pd.DataFrame({"zone_id": shapes.index[owner[part]], "geonameid": near.index, "distance_km": km})
    pairs["people"] = near["people"].to_numpy(float)
    pairs["unknown"] = pairs["people"] == 0
    best = ["zone_id", "unknown", "distance_km", "people", "geonameid"]
    pairs = pairs[pairs["distance_km"] <= within_km].sort_values(best, ascending=[True, True, True, False, True])
    return pairs.drop_duplicates("zone_id").set_index("zone_id")[["geonameid", "distance_km"]]
