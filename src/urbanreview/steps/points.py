"""One point per zone: a settlement's on a populated cell, a district's where its people are."""

from dataclasses import dataclass

import geopandas as gpd

from urbanreview.config import Settings
from urbanreview.grid import geobox_of
from urbanreview.ledger import Ledger
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements
from urbanreview.zones import plain_centroids, plan_zones, points_table, population_points


@dataclass(frozen=True)
class Points:
    """Points of districts and settlements, by ``zone_id``."""

    table: gpd.GeoDataFrame
    ledger: Ledger


def place_points(settings: Settings, land: Land, people: People, cities: Settlements) -> Points:
    """Find the point of every settlement, and with the primary population that of every district."""
    geobox = geobox_of(people.raster)
    parts, ledger = [], Ledger()
    primary = not settings.view_suffix(people.source, people.period)
    for zones in [table for table in (land.districts, land.upper, *land.own.values()) if table is not None and primary]:
        if settings.boundaries.points == "centroid":
            parts.append(plain_centroids(zones))
            continue
        points, more = population_points(zones, plan_zones(zones, geobox), people.raster)
        parts.append(points)
        ledger += more
    for layer in cities.layers().values():
        points, more = population_points(layer.zones, layer.plans().on(geobox), people.raster, on_populated_cell=True)
        parts.append(points)
        ledger += more
    return Points(points_table(parts), ledger)
