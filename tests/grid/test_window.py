"""Which cells a country needs, in every quarter of the globe."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Geod
from toys import degrees, grid, pixel_box, raster

from urbanreview.errors import NoOverlap
from urbanreview.grid import bounds_with_margin, crop, crop_slices, geobox_of

CENTRES = {"north-east": (25.0, 48.0), "north-west": (-3.0, 55.0), "south-east": (29.9, -3.4), "south-west": (-58.4, -34.6)}
WGS84 = Geod(ellps="WGS84")


def around(centre, rows=200, cols=300):
    return degrees((rows, cols), left=centre[0] - cols / 240, top=centre[1] + rows / 240)


@pytest.mark.parametrize("where", CENTRES)
def test_a_boundary_takes_the_cells_it_touches(where):
    here = around(CENTRES[where])
    shape = gpd.GeoSeries([pixel_box(here, 20.5, 30.25, 40.75, 70.5)], crs=4326)
    assert crop_slices(here, shape) == (slice(30, 71), slice(20, 41))


@pytest.mark.parametrize("where", CENTRES)
def test_a_boundary_on_cell_edges_takes_no_neighbour(where):
    here = around(CENTRES[where])
    shape = gpd.GeoSeries([pixel_box(here, 20, 30, 40, 70)], crs=4326)
    assert crop_slices(here, shape) == (slice(30, 70), slice(20, 40))


@pytest.mark.parametrize("where", CENTRES)
@pytest.mark.parametrize("margin_km", [1.0, 20.0])
def test_the_margin_is_kept_on_the_ground_on_all_four_sides(where, margin_km):
    here = around(CENTRES[where])
    shape = gpd.GeoSeries([pixel_box(here, 120, 90, 160, 110)], crs=4326)
    west, south, east, north = shape.total_bounds
    rows, cols = crop_slices(here, shape, margin_km=margin_km)
    t = here.transform
    left, right = t.c + t.a * cols.start, t.c + t.a * cols.stop
    top, bottom = t.f + t.e * rows.start, t.f + t.e * rows.stop
    for latitude in (south, north):
        assert WGS84.inv(west, latitude, left, latitude)[2] >= margin_km * 1000
        assert WGS84.inv(east, latitude, right, latitude)[2] >= margin_km * 1000
    assert WGS84.inv(west, north, west, top)[2] >= margin_km * 1000
    assert WGS84.inv(west, south, west, bottom)[2] >= margin_km * 1000
    # And not much more than asked for: one cell and the change of a degree's length.
    assert WGS84.inv(west, north, west, top)[2] <= margin_km * 1020 + 1_000
    assert WGS84.inv(west, north, left, north)[2] <= margin_km * 1120 + 1_000


def test_the_window_is_clipped_to_the_grid():
    here = around(CENTRES["south-east"])
    whole = gpd.GeoSeries([shapely.box(20, -10, 40, 5)], crs=4326)
    assert crop_slices(here, whole, margin_km=50) == (slice(0, 200), slice(0, 300))


@pytest.mark.parametrize("where", CENTRES)
def test_a_projected_grid_takes_every_cell_that_the_boundary_meets(where):
    longitude, latitude = CENTRES[where]
    shape = gpd.GeoSeries([shapely.Point(longitude, latitude).buffer(0.3)], crs=4326)
    flat = shape.to_crs("ESRI:54009").total_bounds
    here = grid((200, 200), left=round(flat[0], -3) - 60_000, top=round(flat[3], -3) + 60_000)
    rows, cols = crop_slices(here, shape)
    window = here[rows, cols].boundingbox
    assert window.left <= flat[0] <= flat[2] <= window.right
    assert window.bottom <= flat[1] <= flat[3] <= window.top


@pytest.mark.parametrize(
    "boundary", [shapely.box(100, 10, 101, 11), shapely.box(29, 40, 30, 41), shapely.box(-170, -4, -169, -3)]
)
def test_a_country_elsewhere_is_an_error_that_names_both_places(boundary):
    here = around(CENTRES["south-east"])
    with pytest.raises(NoOverlap) as error:
        crop_slices(here, gpd.GeoSeries([boundary], crs=4326), margin_km=1_000, name="lights 2016")
    assert "lights 2016" in str(error.value)
    assert f"{boundary.bounds[0]:.3f}" in str(error.value)
    assert f"{here.transform.c:.3f}" in str(error.value)


def test_a_neighbour_in_the_margin_alone_is_no_overlap():
    here = around(CENTRES["south-east"])
    beside = gpd.GeoSeries([pixel_box(here, 301, 10, 310, 20)], crs=4326)
    with pytest.raises(NoOverlap):
        crop_slices(here, beside, margin_km=50)


def test_margins_stop_at_the_poles():
    bounds = bounds_with_margin(gpd.GeoSeries([shapely.box(0, 89, 10, 89.9)], crs=4326), 100)
    assert bounds[3] == 90.0
    assert np.isfinite(bounds).all()


def test_cropping_keeps_cells_attributes_and_place():
    here = around(CENTRES["south-west"])
    people = raster(np.arange(60_000.0).reshape(200, 300), here)
    shape = gpd.GeoSeries([pixel_box(here, 20.5, 30.5, 40.5, 70.5)], crs=4326)
    cut = crop(people, shape)
    np.testing.assert_array_equal(cut.values, people.values[30:71, 20:41])
    assert cut.attrs == people.attrs
    assert geobox_of(cut).transform @ (0, 0) == pytest.approx(here.transform @ (20, 30), abs=1e-9)
    with pytest.raises(NoOverlap, match="toy"):
        crop(people, gpd.GeoSeries([shapely.box(100, 10, 101, 11)], crs=4326))
