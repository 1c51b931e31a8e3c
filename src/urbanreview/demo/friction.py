"""The demo's travel cost by motor: minutes per metre on roads between real cities, in towns, and on foot elsewhere."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from odc.geo.geobox import GeoBox
from rasterio.features import rasterize
from scipy.spatial import Delaunay

from urbanreview.demo.cities import City, real_cities
from urbanreview.demo.people import Population
from urbanreview.demo.rayons import EQUAL_AREA
from urbanreview.demo.relief import altitude_m
from urbanreview.grid import cell_centres

LINKED_FROM_PEOPLE = 10_000
"""Cities of this size and more lie on the road network."""
ROAD_KM_PER_H = ((100_000, 90.0), (30_000, 70.0), (0, 50.0))
"""Speed of a road by the people of the smaller city it links, the largest first."""
TOWN_KM_PER_H = 30.0
WALK_KM_PER_H, CLIMB_KM_PER_H, CLIMB_FROM_M = 5.0, 2.5, 1_200.0
"""On foot on the plains, and in the mountains above a height."""


@dataclass(frozen=True, slots=True)
class Road:
    """A straight road between two cities, and its speed [km/h]."""

    start: City
    end: City
    km_per_h: float


def cost_of(km_per_h: float) -> float:
    """Minutes per metre at a speed.

    >>> cost_of(60.0)
    0.001
    """
    return 60.0 / (km_per_h * 1_000.0)


def linked_cities() -> tuple[City, ...]:
    """Return the cities on the road network, the largest first."""
    return tuple(city for city in real_cities() if city.people >= LINKED_FROM_PEOPLE)


def road_network() -> tuple[Road, ...]:
    """Return the roads: between two cities where no third lies in the circle that has the road as its diameter.

    Such roads (Gabriel, 1969) hold the shortest network that links all cities, and some loops.
    """
    cities = linked_cities()
    towns = gpd.GeoSeries.from_xy([city.lon for city in cities], [city.lat for city in cities], crs=4326).to_crs(EQUAL_AREA)
    at = np.column_stack([towns.x, towns.y])
    corners = Delaunay(at).simplices
    pairs = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [0, 2]]]), axis=1), axis=0)
    middle, half = at[pairs].mean(axis=1), np.linalg.norm(at[pairs[:, 0]] - at[pairs[:, 1]], axis=1) / 2
    nearest = np.linalg.norm(middle[:, None] - at[None], axis=2).min(axis=1)
    kept = pairs[nearest >= half * (1 - 1e-9)]
    return tuple(Road(cities[a], cities[b], _speed(cities[b].people)) for a, b in kept)


def _speed(people: int) -> float:
    return next(km_per_h for least, km_per_h in ROAD_KM_PER_H if people >= least)


def model_friction(population: Population) -> np.ndarray:
    """Model the cost of travel.

    Parameters
    ----------
    population : Population
        Its towns have streets.

    Returns
    -------
    ndarray of float32, shape (rows, cols) [min/m]
        NaN abroad, except on roads that cut a corner there.
    """
    grid = population.grid
    lon, lat = cell_centres(grid, sparse=True)
    slow, fast = np.float32(cost_of(CLIMB_KM_PER_H)), np.float32(cost_of(WALK_KM_PER_H))
    cost = np.where(altitude_m(lon, lat) >= CLIMB_FROM_M, slow, fast)
    cost[~population.inside] = np.nan
    cost[population.urban > 0] = cost_of(TOWN_KM_PER_H)
    drawn = _roads_on(grid)
    for speed in {km_per_h for _, km_per_h in ROAD_KM_PER_H}:
        cost[drawn == speed] = cost_of(speed)
    return cost


def _roads_on(grid: GeoBox) -> np.ndarray:
    """Speed of the fastest road in every cell [km/h], zero without one: uint8, shape (rows, cols)."""
    slowest_first = sorted(road_network(), key=lambda road: road.km_per_h)
    lines = [
        (shapely.LineString([(road.start.lon, road.start.lat), (road.end.lon, road.end.lat)]), round(road.km_per_h))
        for road in slowest_first
    ]
    return rasterize(lines, out_shape=grid.shape, transform=grid.transform, all_touched=True, dtype="uint8")
