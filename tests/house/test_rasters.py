"""Every public function that returns a raster says its kind and its units itself."""

import inspect

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely.geometry import LineString, box

import urbanreview
from urbanreview import access, delineation, grid, sources
from urbanreview.grid import Kind, geobox_of, make_raster

GRID = GeoBox((4, 6), Affine(1000, 0, 5_000_000, 0, -1000, 5_600_000), "ESRI:54009")
FINER = GeoBox((8, 12), Affine(500, 0, 5_000_000, 0, -500, 5_600_000), "ESRI:54009")
ROAD = gpd.GeoDataFrame(geometry=[LineString([(5_000_500, 5_597_500), (5_005_500, 5_597_500)])], crs="ESRI:54009")
CROPS = make_raster(np.full((4, 6), 12), GRID, kind="class", units="IGBP")
SQUARE = gpd.GeoSeries([box(5_001_000, 5_597_000, 5_004_000, 5_599_000)], crs="ESRI:54009")


@pytest.fixture
def people():
    cells = np.full((4, 6), 400.0)
    cells[1:3, 1:4] = 20_000.0
    raster = make_raster(cells, GRID, kind="count", units="people", source="ghs")
    raster.values.flags.writeable = False
    return raster


@pytest.fixture
def tif(people, tmp_path):
    path = tmp_path / "people.tif"
    profile = {"height": 4, "width": 6, "count": 1, "dtype": "float64", "crs": "ESRI:54009", "transform": GRID.transform}
    with rasterio.open(path, "w", driver="GTiff", **profile) as file:
        file.write(people.values, 1)
    return path


def friction_of(people):
    """Four minutes per kilometre, 200 in the city."""
    return make_raster(people.values / 100_000, GRID, kind="cost", units="min/m")


def minutes_from(people):
    surface, _ = access.cost_surface(friction_of(people))
    return access.travel_time(surface, access.find_places(surface, SQUARE.centroid)[0])


RETURNING = {
    "make_raster": lambda people, _: make_raster(np.ones((4, 6)), GRID, kind="share", units="1"),
    "declare": lambda people, _: grid.declare(people * 2, kind="count", units="people"),
    "crop": lambda people, _: grid.crop(people, SQUARE),
    "resample": lambda people, _: grid.resample(people, to=FINER)[0],
    "coarsen": lambda people, _: grid.coarsen(people, factor=2),
    "burn": lambda people, _: grid.burn(SQUARE, GRID),
    "Extents.labels": lambda people, _: delineation.extents(people, rules=delineation.EDITIONS["thresholds"].urban_centre)[
        0
    ].labels(),
    "DegreeOfUrbanisation.at_level": lambda people, _: delineation.degree_of_urbanisation(people)[0].at_level(1),
    "open_raster": lambda _, tif: sources.open_raster(tif, kind="count", units="people")[0],
    "working_population": lambda people, _: delineation.working_population(people)[0],
    "travel_time": lambda people, _: minutes_from(people),
    "friction_from": lambda people, _: access.friction_from(to=GRID, land_cover=CROPS)[0],
    "what_if": lambda people, _: access.what_if(friction_of(people), ROAD, speed_km_per_h=50.0)[0],
}
"""Every public function that returns a raster, on a toy; a new one needs a line here."""

EXPECTED = {
    "make_raster": ("share", "1"),
    "declare": ("count", "people"),
    "crop": ("count", "people"),
    "resample": ("count", "people"),
    "coarsen": ("count", "people"),
    "burn": ("class", "label"),
    "Extents.labels": ("class", "label"),
    "DegreeOfUrbanisation.at_level": ("class", "degree of urbanisation, level 1"),
    "open_raster": ("count", "people"),
    "working_population": ("count", "people"),
    "travel_time": ("cost", "min"),
    "friction_from": ("cost", "min/m"),
    "what_if": ("cost", "min/m"),
}


@pytest.mark.parametrize("name", list(RETURNING))
def test_kind_and_units_are_set(name, people, tif):
    raster = RETURNING[name](people, tif)
    assert isinstance(raster, xr.DataArray)
    assert (raster.attrs["kind"], raster.attrs["units"]) == EXPECTED[name]
    assert raster.attrs["kind"] in set(Kind)
    assert raster.dims == ("y", "x")
    assert geobox_of(raster).crs is not None


@pytest.mark.parametrize("name", list(RETURNING))
@pytest.mark.parametrize("keep", [True, False])
def test_they_are_set_whatever_xarray_does_with_attributes(name, people, tif, keep):
    with xr.set_options(keep_attrs=keep):
        raster = RETURNING[name](people, tif)
    assert (raster.attrs["kind"], raster.attrs["units"]) == EXPECTED[name]


@pytest.mark.parametrize("name", list(RETURNING))
def test_what_was_handed_in_is_not_altered(name, people, tif):
    before, attrs = people.values.copy(), dict(people.attrs)
    RETURNING[name](people, tif)
    assert np.array_equal(people.values, before)
    assert people.attrs == attrs


def returns_raster(function) -> bool:
    said = str(inspect.signature(function).return_annotation)
    return "DataArray" in said


def test_every_public_function_that_returns_a_raster_is_listed():
    """By its annotation; plain records such as People and Extents hold rasters that these functions made."""
    public = {name: getattr(urbanreview, name) for name in urbanreview.__all__}
    for module in (access, grid, delineation, sources):
        public |= {name: getattr(module, name) for name in module.__all__}
    found = {name for name, value in public.items() if inspect.isfunction(value) and returns_raster(value)}
    for name, value in public.items():
        if inspect.isclass(value):
            methods = inspect.getmembers(value, inspect.isfunction)
            found |= {
                f"{name}.{method}" for method, function in methods if not method.startswith("_") and returns_raster(function)
            }
    assert found == set(RETURNING)
