"""Windows of a file are those of the whole, and tiles that were never written are told without reading."""

import numpy as np
import pytest
import rasterio
from affine import Affine
from rasterio.windows import Window
from sources.conftest import lopsided

from urbanreview.errors import AmbiguousInput, MissingCrs, MissingFile, UnreadableFile, WrongUnits
from urbanreview.indicators.hazard import windows
from urbanreview.sources import RasterWindows, open_raster

TILED = {"tiled": True, "blockxsize": 16, "blockysize": 16, "compress": "deflate"}


def opened(path, **how) -> RasterWindows:
    return RasterWindows(path, **({"kind": "intensity", "units": "m"} | how))


def all_of(blocks: RasterWindows) -> np.ndarray:
    """Put a raster together from its windows."""
    rows, cols = blocks.geobox.shape
    whole = np.full((rows, cols), -1.0)
    for at in windows(blocks, (slice(0, rows), slice(0, cols))):
        whole[at] = blocks.read(*at)
    return whole


@pytest.fixture
def sparse(tmp_path):
    """A file of 4 by 3 tiles, of which one is written."""
    path = tmp_path / "sparse.tif"
    profile = {
        "driver": "GTiff",
        "height": 64,
        "width": 48,
        "count": 1,
        "dtype": "float32",
        "crs": "EPSG:4326",
        "sparse_ok": True,
    }

    def write(**more):
        transform = more.pop("transform", Affine(0.01, 0, 66, 0, -0.01, 48))
        with rasterio.open(path, "w", transform=transform, **(profile | TILED | {"nodata": -9999.0} | more)) as file:
            file.write(np.full((16, 16), 2.0, np.float32), 1, window=Window(16, 48, 16, 16))
        return path

    return write


@pytest.mark.parametrize("layout", [TILED, {"blockysize": 1}, {}], ids=["tiles", "rows", "one strip"])
def test_windows_are_pieces_of_the_whole(write_tif, layout):
    values = lopsided((53, 37))
    values[5:30, 9] = -9999
    path = write_tif(values.astype("float32"), nodata=-9999, **layout)
    whole, _ = open_raster(path, kind="intensity", units="m")
    with opened(path) as blocks:
        np.testing.assert_array_equal(all_of(blocks), whole.values)
        np.testing.assert_array_equal(blocks.read(slice(4, 9), slice(8, 20)), whole.values[4:9, 8:20])
        assert np.isnan(blocks.read(slice(5, 6), slice(9, 10))).all()


def test_a_file_that_is_south_up_is_read_from_the_north(write_tif, values):
    path = write_tif(values[::-1], transform=Affine(0.5, 0, 66.0, 0, 0.5, 45.0))
    with opened(path) as blocks:
        np.testing.assert_array_equal(blocks.read(slice(1, 3), slice(2, 4)), values[1:3, 2:4])
        assert blocks.geobox.transform.f == 48.0
        assert blocks.ledger().amount("file is south up: turned") == 1


def test_scale_and_offset_and_codes_of_the_settings(write_tif):
    path = write_tif(np.array([[1, 2, 255, 9]], np.uint8), scale=0.5, offset=1.0, nodata=255)
    with opened(path, nodata=9) as blocks:
        np.testing.assert_array_equal(blocks.read(slice(0, 1), slice(0, 4)), [[1.5, 2.0, np.nan, np.nan]])


def test_a_band_is_picked_and_has_to_be(write_tif, values):
    path = write_tif(np.stack([values, values * 2]))
    with opened(path, band=2) as blocks:
        assert blocks.read(slice(0, 1), slice(0, 1)) == 2.0
    with pytest.raises(AmbiguousInput, match="2 bands"):
        opened(path)


class TestTilesThatWereNeverWritten:
    def test_they_are_told_without_reading(self, sparse):
        with opened(sparse()) as blocks:
            held = [[blocks.holds(slice(r, r + 16), slice(c, c + 16)) for c in (0, 16, 32)] for r in (0, 16, 32, 48)]
            assert np.argwhere(held).tolist() == [[3, 1]]
            assert blocks.holds(slice(0, 64), slice(0, 48))
            assert blocks.holds(slice(47, 49), slice(31, 33))
            assert not blocks.holds(slice(40, 48), slice(0, 48))
            assert np.nansum(all_of(blocks)) == 2.0 * 256
            assert np.isnan(blocks.read(slice(0, 16), slice(0, 16))).all()

    def test_also_of_a_file_that_is_south_up(self, sparse):
        with opened(sparse(transform=Affine(0.01, 0, 66, 0, 0.01, 47))) as blocks:
            held = [blocks.holds(slice(r, r + 16), slice(16, 32)) for r in (0, 16, 32, 48)]
            assert held == [True, False, False, False]

    def test_without_nodata_they_hold_zeros_and_are_read(self, sparse):
        with opened(sparse(nodata=None)) as blocks:
            assert blocks.holds(slice(0, 16), slice(0, 16))
            assert (blocks.read(slice(0, 16), slice(0, 16)) == 0).all()


def test_a_netcdf_file_is_held_for_the_country(write_nc, values):
    path = write_nc(values, variable="depth", attrs={"units": "m"})
    with opened(path) as blocks:
        np.testing.assert_array_equal(all_of(blocks), values)
        assert blocks.holds(slice(0, 1), slice(0, 1))


def test_known_codes_and_infinities_are_missing_and_counted(write_tif):
    path = write_tif(np.array([[1.0, -9999.0, np.inf]], np.float32))
    with opened(path, source="flood") as blocks:
        np.testing.assert_array_equal(blocks.read(slice(0, 1), slice(0, 3)), [[1.0, np.nan, np.nan]])
        found = blocks.ledger().frame()[["step", "cause", "amount"]].values.tolist()
    assert found == [["flood", "known nodata code without a tag", 1.0], ["flood", "infinite", 1.0]]


def test_what_is_wrong_with_a_file_is_said(write_tif, values, tmp_path):
    with pytest.raises(MissingFile):
        opened(tmp_path / "no.tif")
    with pytest.raises(MissingCrs):
        opened(write_tif(values, "bare.tif", crs=None))
    with pytest.raises(WrongUnits, match="'cm'"):
        opened(write_tif(values, "cm.tif", tags={"units": "cm"}))
    (tmp_path / "text.tif").write_text("no raster")
    with pytest.raises(UnreadableFile):
        opened(tmp_path / "text.tif")


def test_a_file_that_breaks_off_is_named(write_tif):
    path = write_tif(np.random.default_rng(1).random((200, 200)), compress="deflate", blockysize=8)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(UnreadableFile, match="cut short"), opened(path) as blocks:
        all_of(blocks)
