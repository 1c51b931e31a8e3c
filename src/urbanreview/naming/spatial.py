"""Which places lie inside a zone, and which one lies nearest to it."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from urbanreview.grid.window import METRES_PER_DEGREE
from urbanreview.units import METRES_PER_KM

WGS84 = Geod(ellps="WGS84")
NEAREST_POLE_DEGREES = 89.5
"""Boxes are widened as if no place lay nearer to a pole than this."""


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


def _east_per_north(latitude_degrees: np.ndarray) -> np.ndarray:
    """Length of a degree of longitude over that of a degree of latitude, on the ellipsoid."""
    radians = np.radians(latitude_degrees)
    return np.cos(radians) * (1 - WGS84.es * np.sin(radians) ** 2) / (1 - WGS84.es)


def distance_km(shapes: np.ndarray, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Geodesic distance from shapes to points, pair by pair.

    Parameters
    ----------
    shapes : ndarray of geometry, shape (pairs,), EPSG:4326
    longitude, latitude : ndarray, shape (pairs,)
        Of the points [degrees]. A point beyond the antimeridian is measured the short way round.

    Returns
    -------
    ndarray, shape (pairs,) [km]
        0 inside; NaN where the shape is missing or empty.

    Notes
    -----
    The nearest point of the shape is found in degrees that are made equally long at the latitude of the point, its
    distance is measured along the geodesic. Over tens of kilometres that is true to metres.

    Examples
    --------
    A tenth of a degree north of the box, at the equator:

    >>> box = shapely.box(0, 0, 1, 1)
    >>> distance_km(np.array([box, box]), np.array([0.5, 0.5]), np.array([1.1, 0.5])).round(2).tolist()
    [11.06, 0.0]
    """
    answer = np.full(len(shapes), np.nan)
    usable = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    if not usable.any():
        return answer
    shapes, longitude, latitude = shapes[usable], longitude[usable], latitude[usable]
    west, _, east, _ = shapely.bounds(shapes).T
    longitude = longitude + 360.0 * np.round(((west + east) / 2 - longitude) / 360.0)
    scale = np.column_stack([_east_per_north(latitude), np.ones_like(latitude)])
    counts = shapely.get_num_coordinates(shapes)
    local = shapely.transform(shapes, lambda corners: corners * np.repeat(scale, counts, axis=0))
    lines = shapely.shortest_line(local, shapely.points(longitude * scale[:, 0], latitude))
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2) / scale[:, None, :]
    metres = WGS84.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])[2]
    answer[usable] = metres / METRES_PER_KM
    return answer


def _pairs_nearby(parts: np.ndarray, places: pd.DataFrame, within_km: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions of parts and places that can be so near: a box around each part, also beyond the antimeridian."""
    west, south, east, north = shapely.bounds(parts).T
    degrees = within_km * METRES_PER_KM / METRES_PER_DEGREE
    farthest = np.maximum(np.abs(south - degrees), np.abs(north + degrees))
    sideways = degrees / np.cos(np.radians(np.minimum(farthest, NEAREST_POLE_DEGREES)))
    west, south, east, north = west - sideways, south - degrees, east + sideways, north + degrees
    tree = _tree(places)
    hits = [tree.query(shapely.box(west + turn, south, east + turn, north)) for turn in (-360.0, 0.0, 360.0)]
    part, place = np.unique(np.concatenate(hits, axis=1), axis=1)
    return part, place


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
    part, place = _pairs_nearby(parts, places, within_km)
    near = places.iloc[place]
    km = distance_km(parts[part], near["longitude"].to_numpy(float), near["latitude"].to_numpy(float))
    pairs = pd.DataFrame({"zone_id": shapes.index[owner[part]], "geonameid": near.index, "distance_km": km})
    pairs["people"] = near["people"].to_numpy(float)
    pairs["unknown"] = pairs["people"] == 0
    best = ["zone_id", "unknown", "distance_km", "people", "geonameid"]
    pairs = pairs[pairs["distance_km"] <= within_km].sort_values(best, ascending=[True, True, True, False, True])
    return pairs.drop_duplicates("zone_id").set_index("zone_id")[["geonameid", "distance_km"]]
