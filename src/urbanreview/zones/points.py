"""One point per zone: where its people are."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer

from urbanreview.grid import as_crs, geobox_of, positions_of, require_same_grid, to_crs
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM
from urbanreview.zones.coverage import Plan
from urbanreview.zones.summarise import as_float
from urbanreview.zones.table import polygons_of


def population_points(
    zones: gpd.GeoDataFrame, plan: Plan, population: xr.DataArray, *, on_populated_cell: bool = False
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Population-weighted centre of every zone.

    Parameters
    ----------
    zones : GeoDataFrame, EPSG:4326
        In the order of `plan`.
    plan : Plan
        Of these zones on the population's grid.
    population : DataArray, dims (y, x)
        People per cell; NaN counts as nobody.
    on_populated_cell : bool
        Whether the point must lie on a populated cell of the zone (settlements) or only inside it (districts).

    Returns
    -------
    points : GeoDataFrame, EPSG:4326
        Indexed by ``zone_id``; ``how`` is ``mean`` (the weighted mean), ``snapped`` (the mean fell outside: the centre of
        the nearest populated cell) or ``centroid`` (nobody lives in the zone: a point inside it).
    ledger : Ledger
        Snapped points with the distance moved [km]; zones without people.

    Notes
    -----
    The mean is taken over unit vectors from the centre of the earth, so that neither the grid's projection nor the
    antimeridian bends it.

    Examples
    --------
    Nine people in the north-east, one in the south-west:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones.coverage import plan_zones
    >>> grid = GeoBox((2, 2), Affine(0.1, 0, 10, 0, -0.1, 0.2), "EPSG:4326")
    >>> people = make_raster(np.array([[0.0, 9.0], [1.0, 0.0]]), grid, kind="count", units="people")
    >>> zones = gpd.GeoDataFrame(geometry=[shapely.box(10, 0, 10.2, 0.2)], index=["z"], crs=4326)
    >>> points, _ = population_points(zones, plan_zones(zones, grid), people)
    >>> points.geometry.x.round(3).tolist(), points.geometry.y.round(3).tolist()
    ([10.14], [0.14])
    """
    require_same_grid("population", got=geobox_of(population), expected=plan.geobox)
    people = as_float(population)
    longitude, latitude = _weighted_means(plan, people)
    how = np.full(len(zones), "mean", dtype=object)
    ledger = Ledger()
    centroid = zones.geometry.representative_point()
    points = shapely.points(np.column_stack([longitude, latitude]))
    nobody = np.isnan(longitude)
    points[nobody], how[nobody] = centroid.values[nobody], "centroid"
    inside = shapely.contains(zones.geometry.values, points)
    if on_populated_cell:
        inside &= _on_populated_cells(plan, people, longitude, latitude)
    for k in np.flatnonzero(~nobody & ~inside).tolist():
        points[k], moved_km = _nearest_populated(plan, people, k, points[k], zones.geometry.values[k])
        how[k] = "snapped"
        ledger = ledger.add("points", "point snapped to a populated cell", "km", moved_km, zones.index[k])
    for zone_id in zones.index[nobody]:
        ledger = ledger.add("points", "nobody lives in the zone: a point inside it", "zone", 1, zone_id)
    return gpd.GeoDataFrame({"how": how}, geometry=points, index=zones.index, crs=4326), ledger


def plain_centroids(zones: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Centroid of every zone in an equal-area projection, people aside; ``how`` is ``centroid``."""
    flat = zones.geometry.to_crs("ESRI:54034").centroid.to_crs(4326)
    return gpd.GeoDataFrame({"how": "centroid"}, geometry=flat.values, index=zones.index, crs=4326)


def _weighted_means(plan: Plan, people: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of the mean unit vector, weighted by people; NaN where there are none."""
    zone, row, col, share = plan.cells()
    weight = np.nan_to_num(people[row, col].astype(float)) * share
    lived_in = weight > 0
    zone, row, col, weight = zone[lived_in], row[lived_in], col[lived_in], weight[lived_in]
    t = plan.geobox.transform
    degrees = positions_of(t.c + t.a * (col + 0.5), t.f + t.e * (row + 0.5), plan.geobox)
    longitude, latitude = (np.radians(part) for part in degrees)
    axes = (np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude))
    x, y, z = (np.bincount(zone, weights=weight * axis, minlength=len(plan.zone_ids)) for axis in axes)
    nobody = np.bincount(zone, minlength=len(plan.zone_ids)) == 0
    longitude_mean, latitude_mean = np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))
    return np.where(nobody, np.nan, longitude_mean), np.where(nobody, np.nan, latitude_mean)


def _on_populated_cells(plan: Plan, people: np.ndarray, longitude: np.ndarray, latitude: np.ndarray) -> np.ndarray:
    """Tell for every zone whether its point lies on a populated cell of the grid."""
    x, y = Transformer.from_crs(4326, as_crs(plan.geobox.crs), always_xy=True).transform(longitude, latitude)
    to_pixel = ~plan.geobox.transform
    with np.errstate(invalid="ignore"):
        col, row = np.floor(to_pixel.a * x + to_pixel.c), np.floor(to_pixel.e * y + to_pixel.f)
        on_grid = (row >= 0) & (row < people.shape[0]) & (col >= 0) & (col < people.shape[1])
    found = np.zeros(longitude.size, bool)
    found[on_grid] = people[row[on_grid].astype(int), col[on_grid].astype(int)] > 0
    return found


def _nearest_populated(
    plan: Plan, people: np.ndarray, zone: int, point: shapely.Point, shape: shapely.Geometry
) -> tuple[shapely.Point, float]:
    """Return the centre of the populated cell nearest on the ground, preferring centres inside the zone, and km moved."""
    rows, cols, _ = plan.cells_of(zone)
    lived_in = people[rows, cols] > 0
    rows, cols = rows[lived_in], cols[lived_in]
    t = plan.geobox.transform
    longitude, latitude = positions_of(t.c + t.a * (cols + 0.5), t.f + t.e * (rows + 0.5), plan.geobox)
    inside = shapely.contains_xy(shape, longitude, latitude)
    if inside.any():
        longitude, latitude = longitude[inside], latitude[inside]
    metres = Geod(ellps="WGS84").inv(np.full(longitude.size, point.x), np.full(longitude.size, point.y), longitude, latitude)[2]
    nearest = int(np.argmin(metres))
    found = shapely.Point(longitude[nearest], latitude[nearest])
    if not inside.any():
        found = _inside_both(shape, plan.geobox[rows[nearest] : rows[nearest] + 1, cols[nearest] : cols[nearest] + 1]) or found
    return found, float(metres[nearest]) / METRES_PER_KM


def _inside_both(shape: shapely.Geometry, cell: GeoBox) -> shapely.Point | None:
    """Return a point in the part of a cell that a shape covers, if that has an area: for zones smaller than a cell."""
    outline = to_crs(gpd.GeoSeries([shapely.box(*cell.boundingbox.bbox)], crs=as_crs(cell.crs)), 4326).iloc[0]
    shared = polygons_of(shapely.intersection(shape, outline))
    return None if shared.is_empty else shared.representative_point()


def points_table(points: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Put the points of several levels under one another."""
    some = [part for part in points if len(part)]
    if not some:
        return gpd.GeoDataFrame({"how": pd.Series(dtype=object)}, geometry=gpd.GeoSeries([], crs=4326)).rename_axis("zone_id")
    joined = pd.concat(some)
    joined.index.name = "zone_id"
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=4326)
