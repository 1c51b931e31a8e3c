"""Files behind an address, served on this machine: read in parts, and told in one sentence when they are not there."""

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from urbanreview.errors import MissingFile, UnreadableFile
from urbanreview.grid import geobox_of, same_grid
from urbanreview.sources import open_features, open_raster


def people(path, **how):
    return open_raster(path, kind="count", units="people", **how)[0]


def test_a_raster(served, write_tif, values):
    raster = people(served.url(write_tif(values)))
    assert np.array_equal(raster.values, values)
    assert raster.attrs["source"] == "cells"


def test_a_window_fetches_a_part_only(served, write_tif):
    noise = np.random.default_rng(1).random((1024, 1024))
    path = write_tif(noise, transform=Affine(0.01, 0, 66.0, 0, -0.01, 48.0), tiled=True, blockxsize=128, blockysize=128)
    within = gpd.GeoSeries([box(67.0, 46.0, 67.3, 46.2)], crs=4326)
    raster = people(served.url(path), within=within)
    assert np.array_equal(raster.values, noise[180:200, 100:130])
    assert 0 < served.sent_bytes() < path.stat().st_size / 5


def test_a_member_of_an_archive(served, write_tif, write_zip, values):
    archive = write_zip({"inner/a.tif": write_tif(values), "readme.pdf": b"%PDF"}, "remote.zip")
    assert np.array_equal(people(f"{served.url(archive)}!inner/a.tif").values, values)


def test_an_archive_stands_for_its_only_raster(served, write_tif, write_zip, values):
    archive = write_zip({"inner/a.tif": write_tif(values), "readme.pdf": b"%PDF"}, "single.zip")
    assert np.array_equal(people(served.url(archive)).values, values)


@pytest.mark.parametrize("how", [{}, {"engine": "scipy", "format": "NETCDF3_CLASSIC"}], ids=["4", "3"])
def test_a_netcdf(served, write_nc, values, country, how):
    path = write_nc(values, **how)
    raster = people(served.url(path), within=country)
    assert np.array_equal(raster.values, values[1:3, 3:6])
    assert same_grid(geobox_of(raster), geobox_of(people(path, within=country)))


def test_a_netcdf_in_an_archive(served, write_nc, write_zip, values):
    archive = write_zip({"cru.nc": write_nc(values)}, "climate.zip")
    assert np.array_equal(people(f"{served.url(archive)}!cru.nc").values, values)


def test_a_vector_file(served, country, tmp_path):
    country.to_frame("geometry").assign(code="a").to_file(tmp_path / "districts.geojson")
    assert open_features(served.url(tmp_path / "districts.geojson"))["code"].tolist() == ["a"]


@pytest.mark.parametrize("name", ["absent.tif", "absent.nc", "absent.zip!a.tif"])
def test_what_is_not_there_is_told_in_one_sentence(served, name):
    address = f"{served.address}/{name}"
    with pytest.raises((UnreadableFile, MissingFile)) as caught:
        people(address)
    assert f"{served.address}/{name.partition('!')[0]}" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_vector_file_that_is_not_there_is_told(served):
    with pytest.raises(UnreadableFile, match=r"absent\.geojson: expected a vector file that GDAL can read"):
        open_features(f"{served.address}/absent.geojson")


@pytest.mark.parametrize("suffix", ["tif", "nc"])
def test_a_page_in_place_of_a_file_is_told(served, tmp_path, suffix):
    path = tmp_path / f"page.{suffix}"
    path.write_bytes(b"<html>please log in</html>")
    with pytest.raises(UnreadableFile, match=f"Cannot read {served.url(path)}: expected"):
        people(served.url(path))


def test_a_server_that_is_not_there_is_told(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(UnreadableFile, match=r"Cannot read http://127\.0\.0\.1:1/a\.tif"):
        people("http://127.0.0.1:1/a.tif")
