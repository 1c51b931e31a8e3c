"""What a raster must say about itself, and when two grids are one."""

import numpy as np
import pytest
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from toys import degrees, grid, raster

from urbanreview.errors import GridMismatch, MissingCrs, RotatedGrid, UndeclaredRaster, UnknownCrs, UnknownName
from urbanreview.grid import (
    Kind,
    as_crs,
    as_kind,
    declare,
    describe,
    geobox_of,
    make_raster,
    require_kind,
    require_same_grid,
    same_crs,
    same_grid,
)

SHAPE = (300, 700)


def moved(geobox, *, cells_x=0.0, cells_y=0.0, stretch_x=0.0, stretch_y=0.0):
    """The same grid with its corner moved, and its far corner stretched, by parts of a cell."""
    t = geobox.transform
    rows, cols = geobox.shape
    a, e = t.a * (1 + stretch_x / cols), t.e * (1 + stretch_y / rows)
    return GeoBox(geobox.shape, Affine(a, 0, t.c + cells_x * t.a, 0, e, t.f + cells_y * t.e), geobox.crs)


@pytest.mark.parametrize("here", [grid(SHAPE), grid(SHAPE, cell=249.92824, height=249.91553, left=-7e6), degrees(SHAPE)])
@pytest.mark.parametrize("by", ["cells_x", "cells_y", "stretch_x", "stretch_y"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_grids_are_one_up_to_a_millionth_of_a_cell(here, by, sign):
    assert same_grid(here, moved(here, **{by: sign * 0.9e-6}))
    assert not same_grid(here, moved(here, **{by: sign * 1.1e-6}))
    assert not same_grid(moved(here, **{by: sign * 1.1e-6}), here)


def test_grids_differ_by_shape_and_by_reference_system():
    here = degrees(SHAPE)
    assert not same_grid(here, degrees((300, 701)))
    assert not same_grid(here, degrees((301, 700)))
    assert not same_grid(here, GeoBox(here.shape, here.transform, "EPSG:4258"))
    assert same_grid(grid(SHAPE), grid(SHAPE, crs="+proj=moll +lon_0=0 +datum=WGS84 +units=m +type=crs"))


@pytest.mark.parametrize(
    ("a", "b", "one"),
    [
        ("EPSG:4326", "OGC:CRS84", True),
        ("EPSG:3035", "EPSG:3035", True),
        ("EPSG:3035", "ESRI:54009", False),
        ("EPSG:32633", "EPSG:32634", False),
        ("EPSG:4326", "EPSG:4269", False),
    ],
)
def test_reference_systems_are_one_however_they_are_written(a, b, one):
    assert same_crs(a, b) is one
    assert same_crs(as_crs(a).to_wkt(), b) is one


def test_a_mismatch_names_both_grids_and_the_cure():
    with pytest.raises(GridMismatch) as error:
        require_same_grid("land", got=grid((2, 3)), expected=grid((4, 3), cell=250.0))
    text = str(error.value)
    assert "land" in text
    assert "2 x 3 cells of 1000 x 1000" in text
    assert "4 x 3 cells of 250 x 250" in text
    assert "resample" in text
    require_same_grid("land", got=grid((2, 3)), expected=grid((2, 3)))


def test_declaring_sets_what_it_says_and_alters_nothing():
    bare = raster([[1.0, 2.0]], grid((1, 2)), kind="share", units="1")
    bare.attrs["scale_factor"] = 3
    dressed = declare(bare, kind="count", units="people", source="ghs", modelled="yes")
    assert dressed.attrs == {"kind": "count", "units": "people", "source": "ghs", "modelled": "yes"}
    assert bare.attrs == {"kind": "share", "units": "1", "source": "toy", "scale_factor": 3}
    assert np.shares_memory(dressed.values, bare.values)


@pytest.mark.parametrize("kind", ["count", "intensity", "share", "class", "cost"])
def test_every_kind_is_known(kind):
    assert as_kind(kind) == kind
    assert require_kind(raster([[1.0]], grid((1, 1)), kind=kind)) is Kind(kind)


def test_an_unknown_kind_is_an_error_with_a_guess():
    with pytest.raises(UnknownName, match="Did you mean 'count'"):
        declare(raster([[1.0]], grid((1, 1))), kind="counts", units="people")


def test_a_raster_without_a_kind_or_with_another_is_refused():
    people = raster([[1.0]], grid((1, 1)), source="ghs")
    with pytest.raises(UndeclaredRaster, match=r"'ghs' has kind='count', expected kind share or class\. Say it with declare"):
        require_kind(people, Kind.SHARE, Kind.CLASS)
    assert require_kind(people, Kind.SHARE, Kind.COUNT) is Kind.COUNT
    people.attrs.clear()
    with pytest.raises(UndeclaredRaster, match="kind=None"):
        require_kind(people)


def test_a_raster_without_a_crs_or_with_other_dims_is_refused():
    with pytest.raises(MissingCrs, match="ghs"):
        geobox_of(xr.DataArray(np.ones((2, 2)), dims=("y", "x"), attrs={"source": "ghs"}))
    with pytest.raises(MissingCrs):
        geobox_of(raster([[1.0]], grid((1, 1))).rename(y="latitude"))


def test_a_rotated_grid_is_refused():
    turned = GeoBox((2, 2), Affine(1000, 10, 0, 10, -1000, 0), "ESRI:54009")
    with pytest.raises(RotatedGrid, match="gdalwarp"):
        make_raster(np.ones((2, 2)), turned, kind="count", units="people")


def test_an_unknown_crs_is_an_error():
    with pytest.raises(UnknownCrs, match="EPSG:999999"):
        as_crs("EPSG:999999")


@pytest.mark.parametrize("here", [grid((3, 5), left=-5e6, top=-2.5e6), degrees((3, 5), left=-60.0, top=-30.0)])
def test_a_raster_keeps_its_grid(here):
    people = make_raster(np.ones(here.shape), here, kind="count", units="people")
    assert people.dims == ("y", "x")
    assert same_grid(geobox_of(people), here)
    assert same_grid(geobox_of(people[1:, 2:]), here[1:, 2:])
    assert float(people.y[0]) == pytest.approx(here.transform.f + here.transform.e / 2)
    assert "x".join(map(str, here.shape)) == describe(here).split(" cells")[0].replace(" ", "")
