"""Windows of the friction service: on its grid, of equal parts, put together without resampling."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from fake_web import FakeWeb
from shapely.geometry import box

from urbanreview.grid import bounds_with_margin
from urbanreview.sources import open_raster
from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.outlines import outline_of
from urbanreview.sources.providers import friction
from urbanreview.sources.remote import Place

MOTORISED = dataset_of("friction-2020-motorised")


def place(west, south, east, north, *, margin_km=0.0):
    return Place("KAZ", gpd.GeoSeries([box(west, south, east, north)], crs=4326), margin_km)


def write_window(path, window, *, nodata=-9999.0):
    """Write the cells of a window as the service sends them: each tells its own column and row on the grid of the world."""
    west, south, east, north = window
    cols, rows = round((east - west) * 120), round((north - south) * 120)
    col, row = round((west + 180) * 120), round((85 - north) * 120)
    values = (np.arange(rows)[:, None] + row) * 0.001 + (np.arange(cols) + col) * 1e-7
    transform = Affine((east - west) / cols, 0, west, 0, -(north - south) / rows, north)
    shape = {"width": cols, "height": rows, "count": 1, "dtype": "float32", "crs": 4326, "nodata": nodata}
    with rasterio.open(path, "w", driver="GTiff", transform=transform, **shape) as file:
        file.write(values.astype("float32"), 1)


@pytest.mark.parametrize("margin_km", [0.0, 50.0])
def test_kazakhstan_needs_five_by_two_windows(margin_km):
    kazakhstan = Place("KAZ", outline_of("KAZ"), margin_km)
    remotes = friction.wanted(MOTORISED, kazakhstan, [""], web=FakeWeb()).remotes
    windows = friction.windows(kazakhstan)
    assert len(remotes) == 10 == len({remote.name for remote in remotes})
    assert len({window[0] for window in windows}) == 5
    assert len({window[1] for window in windows}) == 2
    west, south, east, north = bounds_with_margin(outline_of("KAZ"), margin_km)
    assert min(window[0] for window in windows) <= west
    assert max(window[3] for window in windows) >= north
    assert min(window[1] for window in windows) <= south
    assert max(window[2] for window in windows) >= east


def test_edges_lie_on_the_grid_and_parts_are_equal():
    windows = np.array(friction.windows(Place("KAZ", outline_of("KAZ"), 50.0)))
    cells = windows * 120
    assert np.abs(cells - cells.round()).max() < 1e-6
    wide, high = windows[:, 2] - windows[:, 0], windows[:, 3] - windows[:, 1]
    assert wide.max() <= 10
    assert high.max() <= 10
    assert np.ptp(wide) < 0.026
    assert np.ptp(high) < 0.026


def test_the_address_is_that_of_the_service():
    (remote,) = friction.wanted(MOTORISED, place(70, 45, 71, 46), [""], web=FakeWeb()).remotes
    assert remote.addresses == (
        "https://data.malariaatlas.org/geoserver/Accessibility/ows?service=WCS&version=2.0.1&request=GetCoverage"
        "&coverageId=Accessibility__202001_Global_Motorized_Friction_Surface&format=image/geotiff"
        "&subset=Long(70.000,71.000)&subset=Lat(45.000,46.000)",
    )
    assert (remote.form, remote.window, remote.size_bytes) == ("tiff", None, 120 * 120 * 4)


def test_windows_that_the_country_does_not_touch_are_not_asked_for():
    corner = gpd.GeoSeries([box(0, 0, 1, 15).union(box(0, 14, 15, 15))], crs=4326)
    assert [window[:2] for window in friction.windows(Place("TOY", corner, 0.0))] == [(0.0, 0.0), (0.0, 7.5), (7.5, 7.5)]


def test_land_beyond_the_surface_is_told_of():
    wanted = friction.wanted(MOTORISED, place(20, 80, 21, 86), [""], web=FakeWeb())
    assert max(window[3] for window in friction.windows(place(20, 80, 21, 86))) == 85
    assert (
        wanted.ledger.entries[0].cause == "the country reaches beyond 85 degrees north or 60 south, where there is no friction"
    )


def test_windows_become_one_raster_without_resampling(tmp_path):
    here = place(69.991, 47.0, 80.49, 47.21)
    remotes = friction.wanted(MOTORISED, here, [""], web=FakeWeb()).remotes
    assert len(remotes) == 2
    files = {remote.name: tmp_path / f"{number}.tif" for number, remote in enumerate(remotes)}
    for window, path in zip(friction.windows(here), files.values(), strict=True):
        write_window(path, window)
    assert friction.make(MOTORISED, here, [""], files=files, folder=tmp_path / "made").entries == ()
    with rasterio.open(tmp_path / "made" / "friction.tif") as made:
        values, to_world = made.read(1), made.transform
        assert (made.nodata, made.dtypes[0]) == (-9999, "float32")
    col, row = round((to_world.c + 180) * 120), round((85 - to_world.f) * 120)
    expected = (np.arange(values.shape[0])[:, None] + row) * 0.001 + (np.arange(values.shape[1]) + col) * 1e-7
    assert np.array_equal(values, expected.astype("float32"))
    assert abs((to_world.c + 180) * 120 - col) < 1e-6


def test_a_window_that_failed_is_missing_cells_and_told(tmp_path):
    here = place(70.0, 47.0, 81.0, 47.2)
    remotes = friction.wanted(MOTORISED, here, [""], web=FakeWeb()).remotes
    write_window(tmp_path / "0.tif", friction.windows(here)[0])
    ledger = friction.make(MOTORISED, here, [""], files={remotes[0].name: tmp_path / "0.tif"}, folder=tmp_path)
    assert ledger.amount("windows that are missing") == 1
    raster, _ = open_raster(tmp_path / "friction.tif", kind="cost", units="min/m")
    assert 0.4 < float(np.isnan(raster).mean()) < 0.6


def test_nothing_fetched_makes_nothing(tmp_path):
    ledger = friction.make(MOTORISED, place(70, 45, 71, 46), [""], files={}, folder=tmp_path)
    assert ledger.amount("windows that are missing") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_whole_file_is_cut_to_the_country(tmp_path, write_zip):
    whole = dataset_of("friction-2020-motorised-file")
    here = place(70.1, 45.1, 70.2, 45.2)
    (remote,) = friction.wanted(whole, here, [""], web=FakeWeb()).remotes
    write_window(tmp_path / "a.tif", (70.0, 45.0, 71.0, 46.0))
    archive = write_zip({"202001_Global_Motorized_Friction_Surface_2019.tif": tmp_path / "a.tif", "readme.txt": b"words"})
    friction.make(whole, here, [""], files={remote.name: archive}, folder=tmp_path / "made")
    with rasterio.open(tmp_path / "made" / "friction.tif") as made:
        assert made.shape == (12, 12)
        assert made.bounds[:2] == pytest.approx((70.1, 45.1))
