import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox

from urbanreview.errors import UndeclaredRaster
from urbanreview.grid import make_raster
from urbanreview.report import write_cog
from urbanreview.report.expansion_map import EXPANSION as DRAWN
from urbanreview.report.rasters import DEGREE_OF_URBANISATION, EXPANSION, URBAN_EXTENTS, classes_of

GRID = GeoBox((3, 5), Affine(1_000, 0, 5_000, 0, -1_000, 9_000), "ESRI:54009")


def written(tmp_path, values, *, kind="class", **more):
    raster = make_raster(np.asarray(values), GRID, kind=kind, units="u", **more)
    write_cog(raster, tmp_path / "r.tif")
    return rasterio.open(tmp_path / "r.tif")


def test_a_count_is_cloud_optimised_and_says_what_it_is(review, folder):
    with rasterio.open(folder / "rasters" / "inputs" / "population_ghs_2020.tif") as found:
        expected = review.rasters["inputs/population_ghs_2020"]
        assert found.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert found.tags(ns="IMAGE_STRUCTURE")["COMPRESSION"] == "DEFLATE"
        assert found.overviews(1) == [2]
        assert np.isnan(found.nodata)
        np.testing.assert_array_equal(found.read(1), expected.values)
        assert found.transform == expected.odc.geobox.transform
        assert found.crs.to_epsg() == 4326
        tags = found.tags()
        assert (tags["kind"], tags["units"], tags["source"], tags["modelled"]) == ("count", "people", "ghs", "yes")
        assert found.units == ("people",)


def test_the_overview_of_a_count_is_a_mean_and_of_classes_a_class(review, folder):
    with rasterio.open(folder / "rasters" / "inputs" / "population_ghs_2020.tif", overview_level=0) as small:
        whole = review.rasters["inputs/population_ghs_2020"].values
        np.testing.assert_allclose(small.read(1)[0, 0], whole[:2, :2].mean(), rtol=1e-6)
    with rasterio.open(folder / "rasters" / "urban_extents_ghs_2020.tif", overview_level=0) as small:
        assert set(np.unique(small.read(1))) == {0, 1, 2}


def test_classes_have_colours_and_names(folder):
    with rasterio.open(folder / "rasters" / "urban_extents_ghs_2020.tif") as found:
        assert found.dtypes == ("uint8",)
        assert found.nodata == 255
        assert found.colormap(1)[2] == (0xB5, 0x27, 0x1E, 255)
        assert found.colormap(1)[255][3] == 0
        assert {code: found.tags()[f"class_{code}"] for code in URBAN_EXTENTS} == {
            0: "rural",
            1: "urban cluster",
            2: "urban centre",
        }


@pytest.mark.parametrize(
    ("values", "dtype", "nodata"),
    [
        ([[1.0, np.nan, 30.0, 2, 2]] * 3, "uint8", 255),
        ([[1, 255, 30, 2, 2]] * 3, "int16", -32768),
        ([[-1, 0, 40_000, 2, 2]] * 3, "int32", -2147483648),
    ],
)
def test_classes_take_the_smallest_integers_that_hold_them(tmp_path, values, dtype, nodata):
    with written(tmp_path, values) as found:
        assert found.dtypes == (dtype,)
        assert found.nodata == nodata
        expected = np.where(np.isnan(np.asarray(values, float)), nodata, np.asarray(values, float))
        np.testing.assert_array_equal(found.read(1), expected)


def test_a_projected_grid_and_double_numbers_come_back(tmp_path):
    values = np.arange(15.0).reshape(3, 5) / 7
    with written(tmp_path, values, kind="intensity") as found:
        assert found.dtypes == ("float64",)
        np.testing.assert_array_equal(found.read(1), values)
        assert found.bounds == (5_000, 6_000, 10_000, 9_000)
        assert "Mollweide" in found.crs.to_wkt()


def test_a_declared_nodata_is_missing(tmp_path):
    values = np.array([[1, 0, 3, 2, 2]] * 3, dtype="int64")
    raster = make_raster(values, GRID, kind="class", units="u")
    raster.attrs["nodata"] = 0
    write_cog(raster, tmp_path / "r.tif")
    with rasterio.open(tmp_path / "r.tif") as found:
        assert found.read(1, masked=True).mask[0].tolist() == [False, True, False, False, False]


def test_months_become_bands(tmp_path):
    one = make_raster(np.ones((3, 5), "float32"), GRID, kind="intensity", units="mm")
    cube = xr.concat([one, one * 2], xr.DataArray(["2020-01", "2020-02"], dims="time", name="time"))
    write_cog(cube.assign_attrs(one.attrs), tmp_path / "r.tif")
    with rasterio.open(tmp_path / "r.tif") as found:
        assert found.descriptions == ("2020-01", "2020-02")
        assert found.read(2).max() == 2.0


def test_the_second_file_is_the_same_bytes(review, folder, tmp_path):
    for name, raster in review.rasters.items():
        write_cog(raster, tmp_path / "again.tif", classes=classes_of(name))
        assert (tmp_path / "again.tif").read_bytes() == (folder / "rasters" / f"{name}.tif").read_bytes()


def test_a_raster_without_a_kind_is_refused(tmp_path):
    raster = make_raster(np.ones((3, 5)), GRID, kind="count", units="u")
    raster.attrs.pop("kind")
    with pytest.raises(UndeclaredRaster, match="declare"):
        write_cog(raster, tmp_path / "r.tif")


def test_kinds_of_expansion_have_colours_and_names(folder):
    with rasterio.open(folder / "rasters" / "expansion_2010_2020.tif") as found:
        names = [found.tags()[f"class_{code}"] for code in range(5)]
        assert names == ["not built-up", "built-up before", "infill", "extension", "leapfrog"]
        assert found.colormap(1)[2] == (0x00, 0x72, 0xB2, 255)
        assert set(np.unique(found.read(1))) == {0, 1, 2, 3, 4}


def test_a_map_of_expansion_has_the_colours_of_the_raster():
    assert dict(EXPANSION) == dict(DRAWN)


def test_class_names_of_both_levels_do_not_clash():
    assert DEGREE_OF_URBANISATION[30][0] == DEGREE_OF_URBANISATION[3][0] == "urban centre"
