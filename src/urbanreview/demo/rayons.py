"""The demo's districts: modelled rayons around real towns, which tile the real oblasts."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.country import read_layer
from urbanreview.units import METRES_PER_KM

SPACING_KM = 36.0
"""A town is the seat of a rayon unless a larger seat of its oblast lies within this."""

EQUAL_AREA = "+proj=aea +lat_1=43 +lat_2=53 +lat_0=48 +lon_0=67 +datum=WGS84 +units=m +type=crs"
"""Where the borders between seats are drawn."""

LONGEST_EDGE_M = 20_000.0
"""Borders are cut to this before they bend in degrees."""

OVERSHOOT_DEGREES = 0.001
"""Borders between rayons are drawn this far across those of the oblast, so that they meet it whatever the rounding."""


@dataclass(frozen=True, slots=True)
class Oblast:
    """An oblast and the seats of its rayons, the largest first; one that is a city has one, or none of its own."""

    code: str
    name: str
    is_city: bool
    shape: shapely.Geometry
    seats: tuple[City, ...]


def oblasts_with_seats() -> list[Oblast]:
    """Return every oblast with the seats of its rayons.

    Returns
    -------
    list of Oblast
        In the order of the shipped layer. A city has one seat: its largest place.
    """
    table = read_layer("oblasts")
    places = real_cities()
    points = shapely.points([place.lon for place in places], [place.lat for place in places])
    found = []
    for row in table.itertuples():
        inside = [places[k] for k in np.flatnonzero(shapely.contains(row.geometry, points))]
        seats = inside[:1] if row.type == "City" else _spaced(inside)
        found.append(Oblast(row.code, row.name, row.type == "City", row.geometry, tuple(seats)))
    return found


def _spaced(places: list[City]) -> list[City]:
    """Keep the places that have no larger kept one near; they come largest first."""
    seats: list[City] = []
    for place in places:
        lon, lat = np.array([seat.lon for seat in seats]), np.array([seat.lat for seat in seats])
        every = np.ones(len(seats))
        metres = Geod(ellps="WGS84").inv(place.lon * every, place.lat * every, lon, lat)[2] if seats else np.array([np.inf])
        if metres.min() >= SPACING_KM * METRES_PER_KM:
            seats.append(place)
    return seats


def model_rayons() -> gpd.GeoDataFrame:
    """Model the rayons of every oblast.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        Columns ``code`` (the oblast's and a number, the largest seat's first: ``KAZ-3195-01``), ``name``, ``oblast``
        (name), ``oblast_code``, ``seat``. A valid coverage: the rayons of an oblast have neither gaps nor overlaps and
        together are the oblast. Baikonur has none, as it has no oblast.

    Notes
    -----
    A rayon is what lies nearer to its seat than to any other of the oblast, on an equal-area plane. All borders are
    cut at their meeting points together, so neighbours share every vertex.
    """
    oblasts = oblasts_with_seats()
    rows = pd.concat([_rows(oblast) for oblast in oblasts], ignore_index=True)
    faces = _faces(oblasts)
    owner = _owners(faces, oblasts)
    shapes = [shapely.coverage_union_all(faces[owner == code]) for code in rows["code"]]
    return gpd.GeoDataFrame(rows, geometry=shapely.normalize(np.array(shapes)), crs=4326)


def _rows(oblast: Oblast) -> pd.DataFrame:
    """Return codes and names of the rayons of an oblast, the largest seat's first."""
    seats = [seat.name for seat in oblast.seats]
    return pd.DataFrame(
        {
            "code": _codes(oblast),
            "name": [oblast.name] if oblast.is_city else [f"{seat} rayon (modelled)" for seat in seats],
            "oblast": oblast.name,
            "oblast_code": oblast.code,
            "seat": seats,
        }
    )


def _codes(oblast: Oblast) -> list[str]:
    return [f"{oblast.code}-{number:02}" for number in range(1, len(oblast.seats) + 1)]


def _borders(oblast: Oblast) -> shapely.Geometry:
    """Return the lines that lie as near to one seat as to another, in degrees, as far as the oblast reaches."""
    around = gpd.GeoSeries([oblast.shape], crs=4326).to_crs(EQUAL_AREA).envelope.iloc[0]
    seats = shapely.multipoints(_on_plane(shapely.points([(seat.lon, seat.lat) for seat in oblast.seats])))
    edges = shapely.voronoi_polygons(seats, extend_to=around.buffer(1e5), only_edges=True)
    in_degrees = gpd.GeoSeries([shapely.segmentize(edges, LONGEST_EDGE_M)], crs=EQUAL_AREA).to_crs(4326).iloc[0]
    return shapely.intersection(in_degrees, shapely.buffer(oblast.shape, OVERSHOOT_DEGREES))


def _on_plane(points: np.ndarray) -> np.ndarray:
    return gpd.GeoSeries(points, crs=4326).to_crs(EQUAL_AREA).values


def _faces(oblasts: list[Oblast]) -> np.ndarray:
    """Return the pieces of the country between all borders, which share every vertex with their neighbours."""
    lines = [shapely.boundary(oblast.shape) for oblast in oblasts]
    lines += [_borders(oblast) for oblast in oblasts if len(oblast.seats) > 1]
    return shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lines))))


def _owners(faces: np.ndarray, oblasts: list[Oblast]) -> np.ndarray:
    """Code of the rayon that every piece belongs to; empty outside every oblast."""
    points = shapely.point_on_surface(faces)
    on_plane = _on_plane(points)
    owner = np.full(len(faces), "", dtype=object)
    for oblast in oblasts:
        shapely.prepare(oblast.shape)
        mine = np.flatnonzero(shapely.contains(oblast.shape, points))
        seats = shapely.STRtree(_on_plane(shapely.points([(seat.lon, seat.lat) for seat in oblast.seats])))
        owner[mine] = np.array(_codes(oblast), dtype=object)[seats.nearest(on_plane[mine])]
    return owner
