"""How far is it? Travel time over a cost surface: from anywhere to everywhere, between places, and what lies within reach."""

from urbanreview.access.cost_surface import CostSurface, cost_surface
from urbanreview.access.friction import friction_from, what_if
from urbanreview.access.matrix import Matrix, travel_time_matrix
from urbanreview.access.nearest import Nearest, nearest
from urbanreview.access.places import Places, find_places
from urbanreview.access.potential import potential
from urbanreview.access.reach import minutes_to_own, reach, reach_of_places
from urbanreview.access.routes import all_pairs, nearest_pairs, routes
from urbanreview.access.speeds import MODIS_IGBP, MODIS_UMD, OSM_HIGHWAY, WORLDCOVER, Speed
from urbanreview.access.surface import sample, travel_time

__all__ = [
    "MODIS_IGBP",
    "MODIS_UMD",
    "OSM_HIGHWAY",
    "WORLDCOVER",
    "CostSurface",
    "Matrix",
    "Nearest",
    "Places",
    "Speed",
    "all_pairs",
    "cost_surface",
    "find_places",
    "friction_from",
    "minutes_to_own",
    "nearest",
    "nearest_pairs",
    "potential",
    "reach",
    "reach_of_places",
    "routes",
    "sample",
    "travel_time",
    "travel_time_matrix",
    "what_if",
]
