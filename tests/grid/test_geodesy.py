"""Areas and lengths against an independent integral and pyproj, in both hemispheres."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from toys import ARC_30, degrees, grid

from urbanreview.grid import (
    as_crs,
    cell_area_km2,
    cell_centres,
    geodesic_area_km2,
    is_equal_area,
    positions_of,
    same_crs,
    step_lengths_m,
    to_crs,
)

WGS84 = Geod(ellps="WGS84")
LATITUDES = [89.5, 69.9, 55.45, 43.254, 23.4, 0.5, 0.0, -0.25, -34.6, -54.8, -80.0]


def area_by_outline(geobox, row, col, points=1_000):
    """Area of one cell [km2] as a geodesic polygon along its outline, cut into short pieces."""
    step = np.linspace(0, 1, points, endpoint=False)
    x = np.concatenate([col + step, np.full(points, col + 1.0), col + 1 - step, np.full(points, float(col))])
    y = np.concatenate([np.full(points, float(row)), row + step, np.full(points, row + 1.0), row + 1 - step])
    t = geobox.transform
    move = Transformer.from_crs(str(geobox.crs), 4326, always_xy=True)
    return abs(WGS84.polygon_area_perimeter(*move.transform(t.c + t.a * x, t.f + t.e * y))[0]) / 1e6


@pytest.mark.parametrize("latitude", LATITUDES)
@pytest.mark.parametrize("cell", [ARC_30, 0.25])
def test_cells_in_degrees_have_their_area_on_the_ellipsoid(latitude, cell):
    here = degrees((2, 3), left=-70.3, top=latitude, cell=cell)
    area = cell_area_km2(here)
    assert area.shape == (2, 1)
    for row in range(2):
        # The outline of a 30 arc-second cell is only known to a few square centimetres of its 0.6 million.
        assert area[row, 0] == pytest.approx(area_by_outline(here, row, 2), rel=2e-8)


def test_the_globe_in_degrees_is_the_ellipsoid():
    world = grid((180, 360), cell=1.0, left=-180.0, top=90.0, crs="EPSG:4326")
    squared = WGS84.es
    e = np.sqrt(squared)
    whole = 2 * np.pi * WGS84.a**2 * (1 + (1 - squared) / e * np.arctanh(e)) / 1e6
    area = cell_area_km2(world)
    assert float(area.sum() * 360) == pytest.approx(whole, rel=1e-12)
    np.testing.assert_allclose(area, area[::-1], rtol=1e-12)  # the south is as large as the north
    assert (np.diff(area[:90, 0]) > 0).all()


def test_a_cell_of_thirty_arc_seconds_shrinks_to_the_north():
    """The two latitudes of the design: Almaty and Astana."""
    almaty = cell_area_km2(degrees((1, 1), left=76.9, top=43.254))[0, 0]
    astana = cell_area_km2(degrees((1, 1), left=71.4, top=51.134))[0, 0]
    assert (round(almaty, 3), round(astana, 3)) == (0.627, 0.541)


def test_equal_area_cells_have_their_nominal_area():
    assert cell_area_km2(grid((5, 7), cell=1000.0)).tolist() == [[1.0]]
    assert cell_area_km2(grid((5, 7), cell=250.0, height=100.0, crs="EPSG:3035")).tolist() == [[0.025]]
    feet = cell_area_km2(grid((1, 1), cell=1000.0, crs="+proj=laea +lat_0=40 +lon_0=-100 +ellps=WGS84 +units=us-ft +type=crs"))
    assert feet[0, 0] == pytest.approx((1000 * 1200 / 3937) ** 2 / 1e6, rel=1e-12)


@pytest.mark.parametrize(
    ("crs", "left", "top"),
    [
        ("EPSG:32633", 166_000.0, 5_500_000.0),  # UTM north, west edge of the zone
        ("EPSG:32733", 500_000.0, 6_800_000.0),  # UTM south, on the central meridian
        ("EPSG:3857", 1_000_000.0, 6_500_000.0),  # web Mercator: half of the nominal area
        ("EPSG:2154", 650_000.0, 6_900_000.0),  # Lambert conformal
    ],
)
def test_other_projections_are_put_right_by_their_scale(crs, left, top):
    here = grid((3, 4), cell=1000.0, left=left, top=top, crs=crs)
    area = cell_area_km2(here)
    assert area.shape == (3, 4)
    for row, col in [(0, 0), (2, 3), (1, 2)]:
        assert area[row, col] == pytest.approx(area_by_outline(here, row, col), rel=1e-6)


@pytest.mark.parametrize(
    ("crs", "equal"),
    [
        ("ESRI:54009", True), ("EPSG:3035", True), ("EPSG:6933", True), ("EPSG:5070", True), ("ESRI:54034", True),
        ("EPSG:8857", True), ("EPSG:32633", False), ("EPSG:3857", False), ("EPSG:2154", False), ("EPSG:4326", False),
    ],
)  # fmt: skip
def test_which_projections_keep_areas(crs, equal):
    assert is_equal_area(as_crs(crs)) is equal


@pytest.mark.parametrize("here", [degrees((3, 5), left=-60.0, top=-30.0), grid((3, 5), left=2e6, top=5e6)])
def test_centres_lie_in_the_middle_of_cells(here):
    longitude, latitude = np.broadcast_arrays(*cell_centres(here))
    assert longitude.shape == latitude.shape == (3, 5)
    move = Transformer.from_crs(str(here.crs), 4326, always_xy=True)
    for row, col in np.ndindex(3, 5):
        expected = move.transform(*(here.transform @ (col + 0.5, row + 0.5)))
        assert (longitude[row, col], latitude[row, col]) == pytest.approx(expected, abs=1e-12)
    assert positions_of(np.array([here.transform.c]), np.array([here.transform.f]), here)[0] == pytest.approx(
        move.transform(here.transform.c, here.transform.f)[0]
    )


def test_other_datums_are_brought_to_wgs_84():
    here = degrees((1, 1), left=-100.0, top=40.0)
    other = grid((1, 1), cell=ARC_30, left=-100.0, top=40.0, crs="EPSG:4267")  # NAD27
    assert not same_crs("EPSG:4267", 4326)
    distance = WGS84.inv(*(float(part[0, 0]) for part in (*cell_centres(here), *cell_centres(other))))[2]
    assert 10 < distance < 200


@pytest.mark.parametrize("top", [55.0, 43.254, 0.01, -34.6])
def test_steps_in_degrees_are_geodesics_row_by_row(top):
    here = degrees((4, 6), left=-58.4, top=top)
    steps = step_lengths_m(here)
    assert (steps.east.shape, steps.south.shape) == ((4, 1), (3, 1))
    assert (steps.southeast.shape, steps.southwest.shape) == ((3, 1), (3, 1))

    def between(a, b):
        return WGS84.inv(*(here.transform @ (a[1] + 0.5, a[0] + 0.5)), *(here.transform @ (b[1] + 0.5, b[0] + 0.5)))[2]

    for row in range(3):
        assert steps.east[row, 0] == pytest.approx(between((row, 3), (row, 4)), rel=1e-9)
        assert steps.south[row, 0] == pytest.approx(between((row, 3), (row + 1, 3)), rel=1e-9)
        assert steps.southeast[row, 0] == pytest.approx(between((row, 3), (row + 1, 4)), rel=1e-9)
        assert steps.southwest[row, 0] == pytest.approx(between((row, 4), (row + 1, 3)), rel=1e-9)


@pytest.mark.parametrize("latitude", [55.0, 43.0, -34.6])
def test_steps_in_degrees_agree_with_the_radii_of_curvature(latitude):
    """A second road to the same number: arcs of the parallel and of the meridian."""
    steps = step_lengths_m(degrees((2, 2), top=latitude + ARC_30 / 2))
    squeeze = 1 - WGS84.es * np.sin(np.radians(latitude)) ** 2
    east = WGS84.a / np.sqrt(squeeze) * np.cos(np.radians(latitude)) * np.radians(ARC_30)
    south = WGS84.a * (1 - WGS84.es) / squeeze**1.5 * np.radians(ARC_30)
    assert steps.east[0, 0] == pytest.approx(east, rel=1e-8)
    assert steps.south[0, 0] == pytest.approx(south, rel=2e-6)  # the radius changes over half a cell


@pytest.mark.parametrize(
    ("crs", "left", "top"),
    [
        ("EPSG:32633", 166_000.0, 5_500_000.0),
        ("ESRI:54009", 5_000_000.0, 5_500_000.0),  # sheared: one diagonal is longer than the other
        ("ESRI:54009", -5_000_000.0, -5_500_000.0),
    ],
)
def test_steps_of_a_projected_grid_are_geodesics_cell_by_cell(crs, left, top):
    here = grid((3, 4), cell=1000.0, left=left, top=top, crs=crs)
    steps = step_lengths_m(here)
    assert (steps.east.shape, steps.south.shape) == ((3, 3), (2, 4))
    assert (steps.southeast.shape, steps.southwest.shape) == ((2, 3), (2, 3))
    move = Transformer.from_crs(crs, 4326, always_xy=True)
    spot = {cell: move.transform(*(here.transform @ (cell[1] + 0.5, cell[0] + 0.5))) for cell in np.ndindex(3, 4)}
    for row, col in np.ndindex(2, 3):
        assert steps.east[row, col] == pytest.approx(WGS84.inv(*spot[row, col], *spot[row, col + 1])[2], rel=1e-9)
        assert steps.south[row, col] == pytest.approx(WGS84.inv(*spot[row, col], *spot[row + 1, col])[2], rel=1e-9)
        assert steps.southeast[row, col] == pytest.approx(WGS84.inv(*spot[row, col], *spot[row + 1, col + 1])[2], rel=1e-9)
        assert steps.southwest[row, col] == pytest.approx(WGS84.inv(*spot[row, col + 1], *spot[row + 1, col])[2], rel=1e-9)


def test_areas_of_shapes_are_geodesic():
    halves = [shapely.box(10, -3, 11, 0), shapely.box(10, 0, 11, 3), shapely.MultiPolygon([shapely.box(10, 50, 11, 51)])]
    south, north, far = geodesic_area_km2(gpd.GeoSeries(halves, crs=4326))
    assert south == pytest.approx(north, rel=1e-12)
    assert far == pytest.approx(cell_area_km2(degrees((1, 1), left=10, top=51, cell=1.0))[0, 0], rel=1e-6)


def test_holes_take_away_whatever_way_their_ring_runs():
    ring, hole = shapely.box(10, 40, 11, 41).exterior.coords, shapely.box(10.25, 40.25, 10.75, 40.75).exterior.coords
    shapes = [shapely.Polygon(a, [b]) for a in (ring, ring[::-1]) for b in (hole, hole[::-1])]
    areas = geodesic_area_km2(gpd.GeoSeries(shapes, crs=4326))
    whole, inner = geodesic_area_km2(gpd.GeoSeries([shapely.Polygon(ring), shapely.Polygon(hole)], crs=4326))
    np.testing.assert_allclose(areas, whole - inner, rtol=1e-12)


def test_long_borders_bend_as_the_projection_does():
    """A parallel is a straight line in degrees and a curve on an equal-area conic: without cutting, 2% would be gone."""
    zone = gpd.GeoSeries([shapely.box(0, 49, 20, 50)], crs=4326)
    moved = to_crs(zone, "EPSG:3035")
    assert moved.area.iloc[0] / 1e6 == pytest.approx(geodesic_area_km2(zone)[0], rel=1e-6)


def test_shapes_already_there_are_not_touched():
    zone = gpd.GeoSeries([shapely.box(0.1, 49, 20, 50)], crs=4326)
    assert shapely.equals_exact(to_crs(zone, "EPSG:4326").iloc[0], zone.iloc[0])
    assert len(to_crs(zone, 4326).iloc[0].exterior.coords) == 5
