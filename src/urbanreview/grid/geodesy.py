"""True areas and lengths on the ground."""

from dataclasses import dataclass
from functools import lru_cache

import geopandas as gpd
import numpy as np
import shapely
from odc.geo.geobox import GeoBox
from pyproj import CRS, Geod, Transformer
from scipy.interpolate import RectBivariateSpline

from urbanreview.grid.contract import as_crs, same_crs
from urbanreview.units import km2_from_m2

LONGEST_EDGE_DEGREES = 0.05
"""Straight lines in degrees are cut to this before they bend: the error of a chord stays under a metre."""

_EQUAL_AREA_METHODS = (
    "equal area",
    "mollweide",
    "equal earth",
    "sinusoidal",
    "eckert ii",
    "eckert iv",
    "eckert vi",
    "goode homolosine",
    "interrupted goode homolosine",
    "albers",
)


def is_equal_area(crs: CRS) -> bool:
    """Tell whether a projected CRS keeps areas by construction.

    >>> is_equal_area(CRS("ESRI:54009")), is_equal_area(CRS("EPSG:3035")), is_equal_area(CRS("EPSG:32633"))
    (True, True, False)
    """
    operation = crs.coordinate_operation
    method = operation.method_name.lower() if operation is not None else ""
    return any(word in method for word in _EQUAL_AREA_METHODS)


def _band_area_m2(latitude_degrees: np.ndarray, crs: CRS) -> np.ndarray:
    """Area between the equator and a latitude, per radian of longitude, on the ellipsoid [m2] (authalic formula)."""
    geod = crs.get_geod() or Geod(ellps="WGS84")
    sine = np.sin(np.radians(latitude_degrees))
    eccentricity = np.sqrt(geod.es)
    if eccentricity == 0:
        return geod.a**2 * sine
    squeezed = eccentricity * sine
    return 0.5 * geod.b**2 * (sine / (1 - squeezed**2) + np.arctanh(squeezed) / eccentricity)


def cell_area_km2(geobox: GeoBox) -> np.ndarray:
    """Area of the cells of a grid.

    Parameters
    ----------
    geobox : GeoBox
        North up, not rotated.

    Returns
    -------
    ndarray of float64 [km2]
        Shape (rows, 1) on a geographic grid: the closed form on the ellipsoid. Shape (1, 1) on an equal-area
        projection: the nominal area. Shape (rows, cols) on any other projection: the area on the
        ellipsoid, to first order of the cell's size.

    Examples
    --------
    A 30 arc-second cell at the latitude of Almaty:

    >>> from affine import Affine
    >>> geobox = GeoBox((1, 1), Affine(1 / 120, 0, 76.9, 0, -1 / 120, 43.254), "EPSG:4326")
    >>> round(float(cell_area_km2(geobox)[0, 0]), 3)
    0.627
    """
    crs = as_crs(geobox.crs)
    t = geobox.transform
    rows = geobox.shape[0]
    if crs.is_geographic:
        edges = np.clip(t.f + t.e * np.arange(rows + 1), -90.0, 90.0)
        bands = _band_area_m2(edges, crs)
        return km2_from_m2(np.radians(abs(t.a)) * np.abs(np.diff(bands)))[:, None]
    metres = crs.axis_info[0].unit_conversion_factor
    nominal_km2 = km2_from_m2(abs(t.a * t.e) * metres**2)
    if is_equal_area(crs):
        return np.array([[nominal_km2]])
    return _projected_area_km2(geobox)


def _projected_area_km2(geobox: GeoBox) -> np.ndarray:
    """Area of the cells of any projection: the ellipsoid's area element times the slopes of longitude and latitude."""
    rows, cols = geobox.shape
    t = geobox.transform
    x, y = np.meshgrid(t.c + t.a * (np.arange(cols) + 0.5), t.f + t.e * (np.arange(rows) + 0.5))
    west, east = (np.radians(positions_of(x + side * t.a / 2, y, geobox)) for side in (-1, 1))
    north, south = (np.radians(positions_of(x, y + side * t.e / 2, geobox)) for side in (-1, 1))
    (lon_x, lat_x), (lon_y, lat_y) = east - west, south - north
    # The edge of the map may cut a cell between 180 and -180 degrees.
    lon_x, lon_y = ((step + np.pi) % (2 * np.pi) - np.pi for step in (lon_x, lon_y))
    latitude = (north[1] + south[1]) / 2
    geod = as_crs(geobox.crs).get_geod() or Geod(ellps="WGS84")
    squeeze = 1 - geod.es * np.sin(latitude) ** 2
    element_m2 = geod.a**2 * (1 - geod.es) / squeeze**2 * np.cos(latitude)
    return km2_from_m2(np.abs(lon_x * lat_y - lon_y * lat_x) * element_m2)


def cell_centres(geobox: GeoBox, *, sparse: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude of every cell's centre [degrees].

    Parameters
    ----------
    geobox : GeoBox
    sparse : bool
        Whether a grid in WGS 84 degrees may answer with one row of longitudes and one column of latitudes that
        broadcast, as ``numpy.meshgrid`` does.

    Returns
    -------
    longitude, latitude : ndarray of float64, shape (rows, cols)
    """
    rows, cols = geobox.shape
    t = geobox.transform
    x, y = (t.c + t.a * (np.arange(cols) + 0.5))[None, :], (t.f + t.e * (np.arange(rows) + 0.5))[:, None]
    if sparse and _to_degrees(as_crs(geobox.crs)) is None:
        return x, y
    every_x, every_y = np.meshgrid(x, y)
    return positions_of(every_x, every_y, geobox)


def outside_earth(geobox: GeoBox) -> np.ndarray | None:
    """Tell which cells are no place on the earth: bool, shape (rows, cols); None if all are one.

    World grids in Mollweide and its kin have corners beyond the edge of the map.

    >>> from affine import Affine
    >>> outside_earth(GeoBox((2, 2), Affine(1e6, 0, -1.8e7, 0, -1e6, 9e6), "ESRI:54009")).tolist()
    [[True, True], [True, True]]
    """
    if as_crs(geobox.crs).is_geographic:
        return None
    rows, cols = geobox.shape
    t = geobox.transform
    row, col = np.arange(rows) + 0.5, np.arange(cols) + 0.5
    # The edge of a map bulges outwards: a grid whose own edges lie on the earth lies there wholly.
    ring_col = np.concatenate([col, col, np.full(rows, col[0]), np.full(rows, col[-1])])
    ring_row = np.concatenate([np.full(cols, row[0]), np.full(cols, row[-1]), row, row])
    if np.isfinite(positions_of(t.c + t.a * ring_col, t.f + t.e * ring_row, geobox)).all():
        return None
    longitude, latitude = cell_centres(geobox)
    return ~(np.isfinite(longitude) & np.isfinite(latitude))


def positions_of(x: np.ndarray, y: np.ndarray, geobox: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    """Longitude and latitude [degrees, WGS 84] of coordinates in the CRS of a grid."""
    transformer = _to_degrees(as_crs(geobox.crs))
    if transformer is None:
        return np.asarray(x, float), np.asarray(y, float)
    return transformer.transform(x, y)


@lru_cache(maxsize=16)
def _to_degrees(crs: CRS) -> Transformer | None:
    """Return the transformation to WGS 84, or None where there is nothing to do."""
    return None if same_crs(crs, 4326) else Transformer.from_crs(crs, 4326, always_xy=True)


@dataclass(frozen=True, slots=True)
class StepLengths:
    """Ground length of the steps between centres of neighbouring cells [m].

    ``east`` has shape (rows, cols - 1), ``south`` (rows - 1, cols), both diagonals (rows - 1, cols - 1); entry
    ``[r, c]`` of ``southwest`` leads from cell (r, c + 1) to (r + 1, c). On a geographic grid, where nothing
    changes along a row, there is one column.
    """

    east: np.ndarray
    south: np.ndarray
    southeast: np.ndarray
    southwest: np.ndarray


def step_lengths_m(geobox: GeoBox, *, every: int = 1) -> StepLengths:
    """Geodesic length of every step between neighbouring cells, row by row on a geographic grid.

    Parameters
    ----------
    geobox : GeoBox
        North up.
    every : int
        On a projected grid, measure the steps of every so many cells and interpolate between them: lengths change
        slowly. Every 16th cell of 1 km differ from all of them by less than a hundred-thousandth.

    Returns
    -------
    StepLengths

    Examples
    --------
    At 55 degrees north a 30 arc-second step is half as long to the east as to the south:

    >>> from affine import Affine
    >>> steps = step_lengths_m(GeoBox((2, 3), Affine(1 / 120, 0, 60, 0, -1 / 120, 55), "EPSG:4326"))
    >>> steps.east.round().tolist(), steps.south.round().tolist()
    ([[533.0], [533.0]], [[928.0]])
    """
    crs = as_crs(geobox.crs)
    if crs.is_geographic:
        geobox = geobox[:, :2]
    elif every > 1 and min(geobox.shape) > 2:
        return _interpolated(geobox, every)
    longitude, latitude = cell_centres(geobox)
    geod = crs.get_geod() or Geod(ellps="WGS84")

    def length(a: tuple[slice, slice], b: tuple[slice, slice]) -> np.ndarray:
        return geod.inv(longitude[a], latitude[a], longitude[b], latitude[b])[2]

    whole, first, last = slice(None), slice(None, -1), slice(1, None)
    south = length((first, whole), (last, whole))
    return StepLengths(
        east=length((whole, first), (whole, last)),
        south=south[:, :1] if crs.is_geographic else south,
        southeast=length((first, first), (last, last)),
        southwest=length((first, last), (last, first)),
    )


def _interpolated(geobox: GeoBox, every: int) -> StepLengths:
    """Measure steps on a lattice of cells and interpolate between its nodes."""
    rows, cols = geobox.shape
    t, geod = geobox.transform, as_crs(geobox.crs).get_geod() or Geod(ellps="WGS84")

    def length(down: int, right: int, first_col: int) -> np.ndarray:
        shape = rows - down, cols - abs(right)
        nodes = [np.unique(np.append(np.arange(0, size, every), size - 1)) for size in shape]
        row, col = np.meshgrid(*nodes, indexing="ij")

        def at(r: np.ndarray, c: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return positions_of(t.c + t.a * (c + 0.5), t.f + t.e * (r + 0.5), geobox)

        begin, end = at(row, col + first_col), at(row + down, col + first_col + right)
        metres = geod.inv(begin[0], begin[1], end[0], end[1])[2]
        spread = RectBivariateSpline(*nodes, metres, kx=1, ky=1)
        return spread(np.arange(shape[0]), np.arange(shape[1]))

    return StepLengths(east=length(0, 1, 0), south=length(1, 0, 0), southeast=length(1, 1, 0), southwest=length(1, -1, 1))


def to_crs(shapes: gpd.GeoSeries, crs: object) -> gpd.GeoSeries:
    """Reproject shapes, cutting long straight lines first so that they bend as the projection does.

    Coordinates are never altered when both systems are one.
    """
    target = as_crs(crs)
    source = as_crs(shapes.crs)
    if _is_one(source, target):
        return shapes
    longest = LONGEST_EDGE_DEGREES
    if not source.is_geographic:
        longest *= 111_000.0 / source.axis_info[0].unit_conversion_factor
    return gpd.GeoSeries(shapely.segmentize(shapes.values, longest), index=shapes.index, crs=shapes.crs).to_crs(target)


@lru_cache(maxsize=64)
def _is_one(source: CRS, target: CRS) -> bool:
    return source.equals(target, ignore_axis_order=True)


def geodesic_area_km2(shapes: gpd.GeoSeries) -> np.ndarray:
    """Area on the WGS 84 ellipsoid [km2], shape (shapes,); lines between vertices are straight in degrees.

    Examples
    --------
    >>> from shapely.geometry import box
    >>> geodesic_area_km2(gpd.GeoSeries([box(0, 0, 1, 1)], crs=4326)).round(1).tolist()
    [12308.5]
    """
    geod = Geod(ellps="WGS84")
    degrees = shapely.segmentize(to_crs(shapes, 4326).values, LONGEST_EDGE_DEGREES)
    parts, shape_of_part = shapely.get_parts(degrees, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring_of_corner = shapely.get_coordinates(rings, return_index=True)
    stop = np.searchsorted(ring_of_corner, np.arange(len(rings)), side="right").tolist()
    lon, lat = corners.T.copy()
    area_m2 = [abs(geod.polygon_area_perimeter(lon[a:b], lat[a:b])[0]) for a, b in zip([0, *stop], stop, strict=False)]
    # The first ring of a part is its shell, the others are holes.
    sign = np.where(np.diff(part_of_ring, prepend=-1) == 0, -1.0, 1.0)
    weights = sign * np.array(area_m2)
    return km2_from_m2(np.bincount(shape_of_part[part_of_ring], weights=weights, minlength=len(degrees)))
