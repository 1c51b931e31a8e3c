"""From shapes to cells and back."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from strategies import label_images
from toys import degrees, grid, pixel_box, pixel_polygon, raster

from urbanreview.grid import burn, same_crs, trace

QUARTERS = [degrees((10, 10)), degrees((10, 10), left=-60.0, top=-30.0), grid((10, 10), left=2e6, top=-3e6)]


@given(label_images(largest=10, most=4))
def test_law_tracing_and_burning_gives_the_labels_back(values):
    for here in QUARTERS:
        box = here[: values.shape[0], : values.shape[1]]
        outlines = trace(raster(values, box, kind="class"))
        assert outlines.index.tolist() == sorted(set(values[values != 0].tolist()))
        assert outlines.is_valid.all()
        assert same_crs(outlines.crs, here.crs)
        image = burn(outlines, box)
        labels = np.array([0, *outlines.index])
        np.testing.assert_array_equal(labels[image.values], values)


def test_outlines_lie_where_the_cells_lie():
    here = grid((3, 4), left=-5_000_000.0, top=-2_500_000.0)
    values = np.zeros((3, 4), int)
    values[0, 3] = 7
    outline = trace(raster(values, here, kind="class")).loc[7]
    assert outline.bounds == (-4_997_000.0, -2_501_000.0, -4_996_000.0, -2_500_000.0)


def test_parts_that_touch_at_a_corner_are_parts():
    values = np.array([[5, 0], [0, 5]])
    outline = trace(raster(values, grid((2, 2)), kind="class")).loc[5]
    assert outline.geom_type == "MultiPolygon"
    assert len(outline.geoms) == 2
    assert outline.is_valid


def test_masks_are_traced_and_nothing_gives_nothing():
    here = grid((2, 2), cell=1.0)
    assert trace(raster(np.array([[True, False], [True, True]]), here, kind="class")).area.to_dict() == {1: 3.0}
    nothing = trace(raster(np.zeros((2, 2), int), here, kind="class"))
    assert len(nothing) == 0
    assert same_crs(nothing.crs, here.crs)


def test_burning_takes_cells_whose_centre_lies_inside_and_later_shapes_cover_earlier_ones():
    here = degrees((3, 4))
    shapes = gpd.GeoSeries(
        [pixel_box(here, 0.6, 0, 2.4, 3), None, shapely.Polygon(), pixel_box(here, 1, 1, 4, 2)], crs="EPSG:4326"
    )
    image = burn(shapes, here)
    assert image.values.tolist() == [[0, 1, 0, 0], [0, 4, 4, 4], [0, 1, 0, 0]]
    assert image.dtype == np.int32
    assert image.attrs["kind"] == "class"


@pytest.mark.parametrize("shapes", [[], [None], [shapely.Polygon()]])
def test_burning_nothing(shapes):
    assert burn(gpd.GeoSeries(shapes, crs=4326), degrees((2, 3))).values.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_shapes_are_brought_to_the_grid():
    here = grid((4, 4), left=2_000_000.0, top=5_500_000.0)
    shape = gpd.GeoSeries([pixel_polygon(here, [(0, 0), (3.8, 0), (0, 3.8)])], crs=here.crs.to_wkt()).to_crs(4326)
    assert burn(shape, here).values.tolist() == [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
