"""How the demo spreads the people of a real city over cells: a dense core and, around large cities, suburbs."""

from dataclasses import dataclass, replace

import numpy as np
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.demo.cities import City
from urbanreview.demo.country import cells_of
from urbanreview.demo.seed import CITY, stream
from urbanreview.grid import cell_area_km2, cell_centres
from urbanreview.units import METRES_PER_KM

PEAK_AT_50K = 3_300.0
"""Density in the middle of a city of 50,000 [people/km2]."""
PEAK_POWER = 0.4
"""The peak grows with the city's people to this power: about 14,400/km2 for two million."""
EDGE_DENSITY = 1_750.0
"""Density at the edge of the core [people/km2]: above the 1,500 of an urban centre even after normalising."""
EDGE_SHARE_OF_PEAK = 0.55
"""Small towns end at this share of their peak, where that is less."""
SUBURBS_FROM_PEOPLE = 100_000
SUBURBS_SHARE = 0.12
"""Share of a large city's people who live in its suburbs."""
SUBURBS_INNER, SUBURBS_OUTER, SUBURBS_MEAN = 1_050.0, 400.0, 700.0
"""Density beside the core, at the far edge, and on the whole [people/km2]."""
TEXTURE = 0.2
"""Spread of the cell-to-cell variation of density above the edge's (log-normal)."""
WOBBLE = 0.08
"""Largest relative size of each of the waves that make a disc irregular; the waves go 2 to 5 times round."""
PARTS = 64
"""People come in 64ths, which 32-bit floats hold exactly."""
_WAVES = np.arange(2, 6)
_REACH = 2.0
_LEAST_REACH_KM = 5.0
"""A city's window reaches this many suburb radii and kilometres: room for the waves, and to grow inland on a coast."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a city of some size is to look like: people [people], densities [people/km2], radii [km]."""

    core_people: float
    suburb_people: float
    peak_density: float
    edge_density: float
    core_km: float
    suburb_km: float


def plan_of(people: float) -> Plan:
    """Return the plan of a city of a given size.

    Notes
    -----
    The density of the core falls exponentially from the peak to the edge; the radius follows from the people. The
    suburbs fill a ring at their mean density.

    Examples
    --------
    >>> plan = plan_of(1_000_000)
    >>> plan.core_people, plan.suburb_people, round(plan.peak_density), round(plan.core_km, 1)
    (880000.0, 120000.0, 10938, 8.9)
    >>> plan_of(60_000).suburb_people
    0.0
    """
    suburb_people = float(round(SUBURBS_SHARE * people)) if people >= SUBURBS_FROM_PEOPLE else 0.0
    core_people = people - suburb_people
    peak = PEAK_AT_50K * (people / 50_000) ** PEAK_POWER
    edge = min(EDGE_DENSITY, EDGE_SHARE_OF_PEAK * peak)
    decline = np.log(peak / edge)
    people_per_km2_of_square = 2 * np.pi * peak * (1 - (1 + decline) * np.exp(-decline)) / decline**2
    core_km = np.sqrt(core_people / people_per_km2_of_square)
    suburb_km = np.sqrt(core_km**2 + suburb_people / (np.pi * SUBURBS_MEAN))
    return Plan(core_people, suburb_people, float(peak), float(edge), float(core_km), float(suburb_km))


@dataclass(frozen=True, slots=True)
class Site:
    """The ground that a city stands on, on one grid: what does not change from year to year.

    Attributes
    ----------
    city : City
    window : tuple of slice
        Rows and columns within its reach.
    area_km2 : ndarray, shape (rows, cols)
        Area of the window's cells [km2].
    radius_km : ndarray, shape (rows, cols)
        Radius of the disc of the same area in the country that a cell ends [km]; infinite abroad.
    texture : ndarray, shape (rows, cols)
        Factor of the core's density.
    """

    city: City
    window: tuple[slice, slice]
    area_km2: np.ndarray
    radius_km: np.ndarray
    texture: np.ndarray


@dataclass(frozen=True, slots=True)
class Placed:
    """A city on the grid: its window (rows, cols) and the people of its core and suburbs in it [people per cell]."""

    city: City
    window: tuple[slice, slice]
    core: np.ndarray
    suburbs: np.ndarray

    @property
    def people(self) -> np.ndarray:
        """All people of the city in its window [people per cell]."""
        return self.core + self.suburbs


def survey_site(city: City, grid: GeoBox, inside: np.ndarray, *, most_people: float) -> Site:
    """Measure the ground around a city.

    Parameters
    ----------
    city : City
        On the grid, in the country or close to it.
    grid : GeoBox
        North up; in degrees or projected.
    inside : ndarray of bool, shape (rows, cols)
        Cells of the country: nobody is put elsewhere.
    most_people : float
        The most that ever live in the city [people]; its window has room for them.

    Returns
    -------
    Site

    Notes
    -----
    Distances are geodesic whatever the grid. A cell's distance counts as the radius of a disc of the same area in the
    country, so a city on a coast or a border grows inland and keeps its densities.
    """
    window = _window(city, grid, _REACH * plan_of(most_people).suburb_km + _LEAST_REACH_KM)
    area_km2 = np.broadcast_to(cell_area_km2(grid[window]), inside[window].shape)
    chance = stream(CITY, city.geonames_id)
    away_km = _irregular_distance_km(city, grid[window], chance)
    radius_km = _radius_of_same_area_km(away_km, np.where(inside[window], area_km2, 0.0))
    texture = np.exp(TEXTURE * chance.standard_normal(away_km.shape))
    return Site(city, window, area_km2, radius_km, texture)


def settle(site: Site, people: int) -> Placed:
    """Spread the people of a city over the cells of its site.

    Returns
    -------
    Placed
        Core and suburbs each add up to the plan's people exactly; every cell to a multiple of 1 / `PARTS`.
    """
    plan = plan_of(people)
    core = _core_density(plan, site.radius_km, site.texture) * site.area_km2
    suburbs = _suburb_density(plan, site.radius_km) * site.area_km2
    return Placed(
        replace(site.city, people=people),
        site.window,
        in_parts(core, total=plan.core_people),
        in_parts(suburbs, total=plan.suburb_people),
    )


def place_city(city: City, grid: GeoBox, inside: np.ndarray) -> Placed:
    """Survey a city's site and settle its people: see `survey_site` and `settle`."""
    return settle(survey_site(city, grid, inside, most_people=city.people), city.people)


def in_parts(weight: np.ndarray, *, total: float) -> np.ndarray:
    """Divide a whole number of people by weight into multiples of 1 / `PARTS`, so that sums stay exact in any order.

    The running total is rounded, not the cells: nobody is lost.

    >>> in_parts(np.array([[1.0, 1.0, 1.0]]), total=1).tolist()
    [[0.328125, 0.34375, 0.328125]]
    """
    if not total:
        return np.zeros(weight.shape)
    running = np.cumsum(weight, dtype=float)
    running *= total * PARTS / running[-1]
    np.rint(running, out=running)
    return np.diff(running, prepend=0.0).reshape(weight.shape) / PARTS


def _core_density(plan: Plan, radius_km: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """Density that falls exponentially from the peak to the edge [people/km2]; zero beyond; above the edge it varies."""
    decline = np.log(plan.peak_density / plan.edge_density) / plan.core_km
    above_edge = plan.peak_density * np.exp(-decline * np.minimum(radius_km, plan.core_km)) - plan.edge_density
    return np.where(radius_km <= plan.core_km, plan.edge_density + above_edge * texture, 0.0)


def _suburb_density(plan: Plan, radius_km: np.ndarray) -> np.ndarray:
    """Density that falls linearly across the ring around the core [people/km2]; zero elsewhere."""
    outward = (radius_km - plan.core_km) / max(plan.suburb_km - plan.core_km, 1e-9)
    in_ring = (outward > 0) & (outward <= 1)
    return np.where(in_ring, SUBURBS_INNER + (SUBURBS_OUTER - SUBURBS_INNER) * outward, 0.0)


def _radius_of_same_area_km(away_km: np.ndarray, area_km2: np.ndarray) -> np.ndarray:
    """Radius of a disc as large as all cells that are nearer [km]; infinite where a cell has no area."""
    order = np.argsort(away_km, axis=None, kind="stable")
    area = area_km2.ravel()[order]
    radius_km = np.empty(area.size)
    radius_km[order] = np.where(area > 0, np.sqrt((np.cumsum(area) - area / 2) / np.pi), np.inf)
    return radius_km.reshape(away_km.shape)


def _window(city: City, grid: GeoBox, reach_km: float) -> tuple[slice, slice]:
    """Return the rows and columns within reach of a city."""
    around = np.arange(0.0, 360.0, 15.0)
    every = np.full_like(around, 1.0)
    lon, lat, _ = Geod(ellps="WGS84").fwd(city.lon * every, city.lat * every, around, reach_km * METRES_PER_KM * every)
    spans = []
    for positions, size in zip(cells_of(grid, lon, lat), grid.shape, strict=True):
        spans.append(slice(max(int(positions.min()), 0), min(int(positions.max()) + 1, size)))
    return spans[0], spans[1]


def _irregular_distance_km(city: City, grid: GeoBox, chance: np.random.Generator) -> np.ndarray:
    """Distance of every cell's centre from the city [km], stretched and squeezed by direction."""
    lon, lat = cell_centres(grid)
    azimuth, _, metres = Geod(ellps="WGS84").inv(np.full_like(lon, city.lon), np.full_like(lat, city.lat), lon, lat)
    size = chance.uniform(-WOBBLE, WOBBLE, len(_WAVES))
    phase = chance.uniform(0, 2 * np.pi, len(_WAVES))
    waves = size * np.cos(np.radians(azimuth)[..., None] * _WAVES + phase)
    return metres / METRES_PER_KM / (1 + waves.sum(axis=-1))
