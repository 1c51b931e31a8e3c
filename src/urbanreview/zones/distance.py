"""How far shapes lie from one another on the ground, and which of them can be near at all."""

import numpy as np
import shapely
from pyproj import Geod

from urbanreview.grid.window import METRES_PER_DEGREE
from urbanreview.units import METRES_PER_KM

WGS84 = Geod(ellps="WGS84")
NEAREST_POLE_DEGREES = 89.5
"""Boxes are widened as if nothing lay nearer to a pole than this."""


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
    See `gap_km`. The nearest point of the shape is found in degrees that are made equally long at the latitude of the point.

    Examples
    --------
    A tenth of a degree north of the box, at the equator:

    >>> box = shapely.box(0, 0, 1, 1)
    >>> distance_km(np.array([box, box]), np.array([0.5, 0.5]), np.array([1.1, 0.5])).round(2).tolist()
    [11.06, 0.0]
    """
    return gap_km(shapes, shapely.points(longitude, latitude))


def gap_km(shapes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Geodesic distance between the nearest points of two shapes, pair by pair.

    Parameters
    ----------
    shapes, others : ndarray of geometry, shape (pairs,), EPSG:4326
        Shapes on either side of the antimeridian are measured the short way round.

    Returns
    -------
    ndarray, shape (pairs,) [km]
        0 where they meet; NaN where one is missing or empty.

    Notes
    -----
    The nearest points are found in degrees that are made equally long at the latitude of the second shape that lies nearest
    to the middle of the first; their distance is measured along the geodesic. Over tens of kilometres that is true to metres.

    Examples
    --------
    A tenth of a degree apart, on either side of the antimeridian:

    >>> east, west = shapely.box(179, 0, 179.95, 1), shapely.box(-179.95, 0, -179, 1)
    >>> gap_km(np.array([east]), np.array([west])).round(2).tolist()
    [11.13]
    """
    answer = np.full(len(shapes), np.nan)
    usable = ~np.logical_or.reduce([shapely.is_missing(a) | shapely.is_empty(a) for a in (shapes, others)])
    if not usable.any():
        return answer
    shapes, others = shapes[usable], others[usable]
    west, south, east, north = shapely.bounds(shapes).T
    other_west, other_south, other_east, other_north = shapely.bounds(others).T
    turn = 360.0 * np.round(((west + east) - (other_west + other_east)) / 720.0)
    latitude = np.clip((south + north) / 2, other_south, other_north)
    scale = np.column_stack([_east_per_north(latitude), np.ones_like(latitude)])
    lines = shapely.shortest_line(_stretched(shapes, 0.0 * turn, scale), _stretched(others, turn, scale))
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2) / scale[:, None, :]
    metres = WGS84.inv(ends[:, 0, 0], ends[:, 0, 1], ends[:, 1, 0], ends[:, 1, 1])[2]
    answer[usable] = metres / METRES_PER_KM
    return answer


def _stretched(shapes: np.ndarray, turn: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Turn each shape eastward and stretch its axes."""
    counts = shapely.get_num_coordinates(shapes)
    moved, stretch = (np.repeat(each, counts, axis=0) for each in (np.column_stack([turn, 0.0 * turn]), scale))
    return shapely.transform(shapes, lambda corners: (corners + moved) * stretch)


def pairs_within(parts: np.ndarray, tree: shapely.STRtree, within_km: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions of all parts and items of a tree that can be so near, and of some that are not.

    Parameters
    ----------
    parts : ndarray of geometry, EPSG:4326
        Single ones: the box around a shape with parts on both sides of the antimeridian is that of the whole world.
    tree : STRtree
        Of shapes in EPSG:4326.
    within_km : float

    Returns
    -------
    part, item : ndarray of int, shape (pairs,)
        Sorted, each pair once; a box around each part decides, also beyond the antimeridian.
    """
    west, south, east, north = shapely.bounds(parts).T
    degrees = within_km * METRES_PER_KM / METRES_PER_DEGREE
    farthest = np.maximum(np.abs(south - degrees), np.abs(north + degrees))
    sideways = degrees / np.cos(np.radians(np.minimum(farthest, NEAREST_POLE_DEGREES)))
    west, south, east, north = west - sideways, south - degrees, east + sideways, north + degrees
    hits = [tree.query(shapely.box(west + turn, south, east + turn, north)) for turn in (-360.0, 0.0, 360.0)]
    part, item = np.unique(np.concatenate(hits, axis=1), axis=1)
    return part, item
