"""How compact a settlement is, how densely its people live, and how full its extent is.

Positions on the ground are complex numbers here: metres east plus ``1j`` times metres north, on a Lambert azimuthal
equal-area plane of each zone's own. So are places on the grid: columns plus ``1j`` times rows.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Proj

from urbanreview.errors import UnknownName
from urbanreview.grid import Kind, cell_area_km2, declare, geobox_of, positions_of, require_kind, require_same_grid
from urbanreview.kernels.pairs import mean_pair_distance
from urbanreview.ledger import Ledger
from urbanreview.zones import Plan, summarise

DEFAULT = ("weighted_density", "proximity")
LEAST_SHARE = 0.5
"""A cell belongs to the shape of a zone from this share on."""
LEAST_CELLS = 30
"""With fewer cells a perimeter says more about the grid than about the zone."""
MOST_CELLS_IN_PAIRS = 20_000
"""With more cells, so many of them in even steps stand for all pairs."""
NEAR_CELLS = 2
"""Up to so many rows and columns apart, mean distances between cells are integrated."""
LEAST_URBAN_PER_KM2 = 77.0
"""Below it a cell is rural and no part of sprawl: 200 people per square mile (Fallah et al. 2011)."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Whole cells of one zone, and the edges around them.

    Attributes
    ----------
    geobox : GeoBox
    row, col : ndarray of int, shape (cells,)
    plane : Proj
        Lambert azimuthal equal-area, centred on the zone.
    begin, end : ndarray of complex, shape (edges,)
        Ends of the edges between a cell inside and one outside, inside on the left [m from the centroid].
    way : ndarray of complex, shape (edges,)
        From begin to end on the grid: 1 column or 1j row, forward or backward.
    area_m2 : float
    """

    geobox: GeoBox
    row: np.ndarray
    col: np.ndarray
    plane: Proj
    begin: np.ndarray
    end: np.ndarray
    way: np.ndarray
    area_m2: float

    @property
    def radius_m(self) -> float:
        """Radius of the circle of equal area."""
        return float(np.sqrt(self.area_m2 / np.pi))

    def steps(self) -> tuple[complex, complex]:
        """One cell to the east and one to the south, in the mean over the edges [m]."""
        forward, flat = (self.end - self.begin) / self.way, self.way.imag == 0
        return complex(forward[flat].mean()), 1j * complex(forward[~flat].mean())


def form(
    plan: Plan, people: xr.DataArray, *, measures: Sequence[str] = DEFAULT, median_density: float | None = None
) -> tuple[pd.DataFrame, Ledger]:
    """Shape and lived density of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `people`. A cell belongs to a zone's shape if at least half of it is covered; people count
        by share.
    people : DataArray, dims (y, x)
        People per cell, a count; NaN is missing.
    measures : sequence of str
        Of weighted_density, proximity, cohesion, exchange, perimeter, sprawl.
    median_density : float, optional
        National median density of urban cells [people/km2], for sprawl; without it that of the plan's own zones.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        A column ``form.<measure>`` for each measure asked for, and ``valid_share``. ``form.weighted_density``
        [people/km2] is missing where nobody lives or no cell has a value; ``form.sprawl`` also where no cell is urban.
        The others are 1 for a circle, do not depend on people, and are missing for a zone without a cell;
        ``form.perimeter`` below 30 cells.
    ledger : Ledger
        Zones without a value, without a cell, or with too few for a perimeter; cells left out of pairs.

    Raises
    ------
    GridMismatch, UndeclaredRaster, UnknownName

    Notes
    -----
    Sources: Angel, Parent and Civco (2010) for the shapes; Craig (1984) for weighted density; Fallah, Partridge and
    Olfert (2011) for sprawl.

    Examples
    --------
    Ninety people in one cell of a square kilometre and ten in the next live at 90 * 0.9 + 10 * 0.1:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 1000), "EPSG:6933")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 2000, 1000)], index=["a"], crs=6933)
    >>> people = make_raster(np.array([[90.0, 10.0]]), grid, kind="count", units="people")
    >>> form(plan_zones(zones, grid), people, measures=["weighted_density"])[0].values.tolist()
    [[82.0, 1.0]]
    """
    for name in measures:
        if name not in MEASURES:
            raise UnknownName("measure of form", name, known=MEASURES)
    density = _density(plan, people)
    table, ledger = summarise(plan, density, weight=people)
    columns, told = _shape_columns(plan, [name for name in measures if name in SHAPES])
    if "weighted_density" in measures:
        columns["weighted_density"] = table["weighted_mean"].to_numpy()
    if "sprawl" in measures:
        middle = median_urban_density(plan, people) if median_density is None else median_density
        columns["sprawl"] = _sprawl(plan, people.values, density.values, middle)
    frame = pd.DataFrame({f"form.{name}": columns[name] for name in MEASURES if name in columns}, index=plan.zone_ids)
    return frame.assign(valid_share=table["valid_share"]), ledger + told


def median_urban_density(plan: Plan, people: xr.DataArray) -> float:
    """Median density of the urban cells of all zones [people/km2].

    Parameters
    ----------
    plan : Plan
        All settlements of a country, on the grid of `people`.
    people : DataArray, dims (y, x)
        People per cell, a count.

    Returns
    -------
    float
        Over cells of at least 77 people/km2 of which a zone covers at least half, each once; NaN if there are none.

    Raises
    ------
    GridMismatch, UndeclaredRaster

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 1000), "EPSG:6933")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 4000, 1000)], index=["a"], crs=6933)
    >>> people = make_raster(np.array([[76.0, 100.0, 300.0, 900.0]]), grid, kind="count", units="people")
    >>> median_urban_density(plan_zones(zones, grid), people)
    300.0
    """
    density = _density(plan, people).values
    _, row, col, share = plan.cells()
    inside = np.zeros(density.shape, bool)
    inside[row[share >= LEAST_SHARE], col[share >= LEAST_SHARE]] = True
    urban = density[inside & (density >= LEAST_URBAN_PER_KM2)]
    return float(np.median(urban)) if urban.size else float("nan")


def fullness(built_km2: pd.Series, area_km2: pd.Series) -> pd.Series:
    """Built-up area over the area of the extent.

    Parameters
    ----------
    built_km2, area_km2 : Series
        Of every zone [km2], by zone id.

    Returns
    -------
    Series, indexed as `built_km2`
        Missing where either is, and where the area is not above zero. Above 1.001 the two do not belong together;
        such values are left as they are.

    Examples
    --------
    >>> fullness(pd.Series({"a": 3.0, "b": 1.0}), pd.Series({"b": 0.0, "a": 4.0})).tolist()
    [0.75, nan]
    """
    area = area_km2.reindex(built_km2.index)
    return (built_km2 / area.where(area > 0)).rename("form.fullness")


def _density(plan: Plan, people: xr.DataArray) -> xr.DataArray:
    require_kind(people, Kind.COUNT)
    source = people.attrs.get("source", "")
    require_same_grid(source or "people", got=geobox_of(people), expected=plan.geobox)
    per_km2 = people.copy(data=people.values / cell_area_km2(plan.geobox))
    return declare(per_km2, kind="intensity", units="people/km2", source=source)


def _sprawl(plan: Plan, people: np.ndarray, density: np.ndarray, median_density: float) -> np.ndarray:
    """Half of one plus the share of urban people below the median, less the share above it."""
    zone, row, col, share = plan.cells()
    urban = density[row, col] >= LEAST_URBAN_PER_KM2
    zone, per_km2 = zone[urban], density[row, col][urban]
    living = people[row, col][urban] * share[urban]
    # Neither below nor above the median counts half either way.
    side = np.sign(median_density - per_km2)
    count = len(plan.zone_ids)
    surplus, total = (np.bincount(zone, weights=living * part, minlength=count) for part in (side, np.ones(side.size)))
    return (np.divide(surplus, total, out=np.full(count, np.nan), where=total > 0) + 1) / 2


def _shape_columns(plan: Plan, asked: Sequence[str]) -> tuple[dict[str, np.ndarray], Ledger]:
    columns = {name: np.full(len(plan.zone_ids), np.nan) for name in asked}
    ledger, too_few = Ledger(), 0
    for zone, zone_id in enumerate(plan.zone_ids if asked else ()):
        row, col, share = plan.cells_of(zone)
        whole = share >= LEAST_SHARE
        if not whole.any():
            ledger = ledger.add("form", "zone without a cell that it covers by half", "zone", 1, zone_id)
            continue
        shape = _shape(plan.geobox, row[whole], col[whole])
        for name in asked:
            columns[name][zone] = SHAPES[name](shape)
        too_few += shape.row.size < LEAST_CELLS
        if "cohesion" in asked:
            left_out = max(0, shape.row.size - MOST_CELLS_IN_PAIRS)
            ledger = ledger.add("form", "cell left out of pairs", "cell", left_out, zone_id)
    if "perimeter" in asked:
        ledger = ledger.add("form", f"fewer than {LEAST_CELLS} cells, no perimeter", "zone", too_few)
    return columns, ledger


def _shape(geobox: GeoBox, row: np.ndarray, col: np.ndarray) -> _Shape:
    corner, way = _outline(row, col)
    longitude, latitude = _degrees_of(np.concatenate([corner, corner + way]), geobox)
    plane = _plane_about(longitude, latitude)
    begin, end = np.split(_on_plane(longitude, latitude, plane), 2)
    # Areas and centroids of the triangles between the plane's centre and each edge.
    twice_area = _cross(begin, end)
    area_m2 = twice_area.sum() / 2
    centroid = ((begin + end) * twice_area).sum() / (6 * area_m2)
    return _Shape(geobox, row, col, plane, begin - centroid, end - centroid, way, float(area_m2))


def _outline(row: np.ndarray, col: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Begin and way on the grid of every cell edge between inside and outside, inside on the left."""
    top, left = row.min(), col.min()
    image = np.zeros((np.ptp(row) + 3, np.ptp(col) + 3), np.int8)
    image[row - top + 1, col - left + 1] = 1
    down, across = np.diff(image, axis=0)[:, 1:-1], np.diff(image, axis=1)[1:-1]
    flat, upright = np.nonzero(down), np.nonzero(across)
    above, before = down[flat] > 0, across[upright] > 0  # top and left edges of cells
    corner = np.concatenate([flat[1] + 1j * flat[0], upright[1] + 1j * upright[0]]) + (left + 1j * top)
    step = np.repeat([1.0, 1.0j], [above.size, before.size])
    backward = np.concatenate([above, ~before])
    return corner + step * backward, np.where(backward, -step, step)


def _plane_about(longitude: np.ndarray, latitude: np.ndarray) -> Proj:
    """Return the plane centred on some places: on their mean in space, for which the antimeridian is no border."""
    away = np.exp(1j * np.radians(longitude)) * np.cos(np.radians(latitude))
    east, up = away.mean(), np.sin(np.radians(latitude)).mean()
    return Proj(proj="laea", lon_0=np.degrees(np.angle(east)), lat_0=np.degrees(np.arctan2(up, np.abs(east))), ellps="WGS84")


def _degrees_of(places: np.ndarray, geobox: GeoBox) -> tuple[np.ndarray, np.ndarray]:
    t = geobox.transform
    return positions_of(t.c + t.a * places.real, t.f + t.e * places.imag, geobox)


def _on_plane(longitude: np.ndarray, latitude: np.ndarray, plane: Proj) -> np.ndarray:
    east_m, north_m = plane(longitude, latitude)
    return east_m + 1j * north_m


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a.conj() * b).imag


def _proximity(shape: _Shape) -> float:
    """Mean distance to the centroid: in the circle of equal area over in the shape."""
    a, b = shape.begin, shape.end
    along = (b - a) / np.abs(b - a)
    first, last, height = (along.conj() * a).real, (along.conj() * b).real, _cross(a, along)
    # The integral of distance over the triangle between the centroid and an edge.
    apart = np.maximum(np.abs(height), 1e-9)
    turn = np.arcsinh(last / apart) - np.arcsinh(first / apart)
    integral = (height / 6 * (last * np.abs(b) - first * np.abs(a) + height**2 * turn)).sum()
    return 2 / 3 * shape.radius_m * shape.area_m2 / integral


def _exchange(shape: _Shape) -> float:
    """Share of the shape inside the circle of equal area about its centroid."""
    a, way, radius = shape.begin, shape.end - shape.begin, shape.radius_m
    # Where the line through an edge enters and leaves the circle, held to the edge.
    length2, towards = np.abs(way) ** 2, (a.conj() * way).real
    half_chord = np.sqrt(np.maximum(towards**2 - length2 * (np.abs(a) ** 2 - radius**2), 0.0))
    enter, leave = (a + way * np.clip((side * half_chord - towards) / length2, 0, 1) for side in (-1, 1))
    outside = np.angle(a.conj() * enter) + np.angle(leave.conj() * shape.end)
    return max(0.0, float((_cross(enter, leave) + radius**2 * outside).sum() / 2 / shape.area_m2))


def _cohesion(shape: _Shape) -> float:
    """Mean distance between two points: in the circle of equal area over in the shape."""
    east, south = shape.steps()
    cell_km2 = np.broadcast_to(cell_area_km2(shape.geobox), shape.geobox.shape)[shape.row, shape.col]
    near = _near_distances(east, south)
    # Points in one cell apart, which no sample may change, and points in two.
    same = (cell_km2**2).sum() / cell_km2.sum() ** 2
    mean_m = same * near[NEAR_CELLS, NEAR_CELLS]
    if cell_km2.size > 1:
        count = min(cell_km2.size, MOST_CELLS_IN_PAIRS)
        some = np.linspace(0, cell_km2.size - 1, count).astype(int)
        row, col = shape.row[some], shape.col[some]
        centre = _on_plane(*_degrees_of(col + 0.5 + 1j * (row + 0.5), shape.geobox), shape.plane)
        sides = np.array([[east.real, east.imag], [south.real, south.imag]])
        spread = sides.T @ sides / 6  # a twelfth for either cell
        x, y = centre.real.copy(), centre.imag.copy()
        mean_m += (1 - same) * mean_pair_distance(x, y, cell_km2[some], row, col, near=near, spread=spread)
    return 128 / (45 * np.pi) * shape.radius_m / mean_m


def _near_distances(east: complex, south: complex) -> np.ndarray:
    """Mean distance between points of two cells so many rows and columns apart, by Gauss-Legendre quadrature."""
    node, weight = np.polynomial.legendre.leggauss(12)
    half, weight = (node + 1) / 2, weight / 2
    # The difference of two points in cells of width one: a triangle from -1 to 1.
    apart, density = np.concatenate([-half, half]), np.tile(weight * (1 - half), 2)
    lag = np.arange(-NEAR_CELLS, NEAR_CELLS + 1)[:, None] + apart
    distance = np.abs(lag[:, None, :, None] * south + lag[None, :, None, :] * east)
    return np.einsum("rcst,s,t->rc", distance, density, density)


def _perimeter(shape: _Shape) -> float:
    """Edges around a disc drawn on the same cells over edges around the shape."""
    if shape.row.size < LEAST_CELLS:
        return float("nan")
    east, south = shape.steps()
    return _disc_edges_m(shape, east, south) / _edges_m(shape.way, east, south)


def _edges_m(way: np.ndarray, east: complex, south: complex) -> float:
    return float(np.abs(way.real).sum() * abs(east) + np.abs(way.imag).sum() * abs(south))


def _disc_edges_m(shape: _Shape, east: complex, south: complex) -> float:
    """Length of the edges around as many cells as the shape has, those nearest to its centroid.

    Where several are equally near and only some of them are needed, between the lengths without and with them all.
    """
    cells, cell_m2 = shape.row.size, abs((east.conjugate() * south).imag)
    middle_row, middle_col = shape.row.mean(), shape.col.mean()
    reach_m = np.sqrt(cells * cell_m2 / np.pi) + abs(east) + abs(south)
    rows, cols = (int(np.ceil(reach_m * abs(side) / cell_m2)) for side in (east, south))
    row, col = (part.ravel() for part in np.mgrid[-rows : rows + 1, -cols : cols + 1])
    row, col = row + int(middle_row), col + int(middle_col)
    apart = (np.abs((col - middle_col) * east + (row - middle_row) * south) / abs(east)).round(4)
    last = np.partition(apart, cells - 1)[cells - 1]
    without, with_all = apart < last, apart <= last
    counts = [without.sum(), with_all.sum()]
    lengths = [_edges_m(_outline(row[inside], col[inside])[1], east, south) for inside in (without, with_all)]
    return float(np.interp(cells, counts, lengths))


SHAPES: Mapping[str, Callable[[_Shape], float]] = {
    "proximity": _proximity,
    "cohesion": _cohesion,
    "exchange": _exchange,
    "perimeter": _perimeter,
}
MEASURES = ("weighted_density", *SHAPES, "sprawl")
