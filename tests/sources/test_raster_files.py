"""What a raster file holds: bands, periods and tags; and what a file that cannot be read is told."""

import numpy as np
import pytest

from urbanreview.errors import (
    AmbiguousInput,
    MissingFile,
    NotInInput,
    UndeclaredRaster,
    UnknownName,
    UnreadableFile,
    UrbanReviewError,
)
from urbanreview.sources import open_raster


def people(path, **how):
    return open_raster(path, kind="count", units="people", source="ghs", **how)[0]


class TestBands:
    @pytest.fixture
    def three(self, write_tif, values):
        return write_tif(np.stack([values, values * 2, values * 3]))

    def test_several_need_a_word(self, three):
        with pytest.raises(AmbiguousInput, match=r"cells\.tif holds 3 bands \(1, 2, 3\), expected one\. Add band = 1"):
            people(three)

    @pytest.mark.parametrize("band", [1, 2, 3])
    def test_one_is_chosen_by_number(self, three, values, band):
        assert np.array_equal(people(three, band=band).values, values * band)

    @pytest.mark.parametrize("band", [0, 4, 9])
    def test_a_number_that_is_not_there_is_told(self, three, band):
        with pytest.raises(NotInInput, match=rf"cells\.tif has no band '{band}'\. Known: 1, 2, 3\."):
            people(three, band=band)

    def test_every_band_has_its_own_nodata_scale_and_offset(self, write_tif, values):
        path = write_tif(np.stack([values, values]).astype("int16"), nodata=101, scale=2.0, offset=1.0)
        raster = people(path, band=2)
        assert np.isnan(raster.values[1, 0])
        assert raster.values[0, 2] == 7.0

    def test_periods_name_all_bands_and_make_a_time_axis(self, three, values, country):
        raster = people(three, periods=["2000", "2010", "2020"])
        assert raster.dims == ("time", "y", "x")
        assert raster.time.values.tolist() == ["2000", "2010", "2020"]
        assert np.array_equal(raster.sel(time="2010").values, values * 2)
        assert raster.attrs == {"kind": "count", "units": "people", "source": "ghs"}
        window = people(three, periods=["2000", "2010", "2020"], within=country)
        assert np.array_equal(window.values, raster.values[:, 1:3, 3:6])

    def test_periods_of_a_south_up_file_are_turned_too(self, write_tif, values):
        from affine import Affine

        path = write_tif(np.stack([values, values * 2])[:, ::-1], transform=Affine(0.5, 0, 66.0, 0, 0.5, 45.0))
        raster = people(path, periods=["2000", "2010"])
        assert np.array_equal(raster.values, np.stack([values, values * 2]))

    @pytest.mark.parametrize("periods", [["2000"], ["2000", "2010"], ["1", "2", "3", "4"]])
    def test_periods_must_be_as_many_as_bands(self, three, periods):
        with pytest.raises(AmbiguousInput, match=rf"3 bands for {len(periods)} periods .*Give one period per band"):
            people(three, periods=periods)


class TestTags:
    def test_kind_and_units_come_from_the_file(self, write_tif, values):
        path = write_tif(values, tags={"kind": "intensity", "units": "m"})
        assert open_raster(path)[0].attrs == {"kind": "intensity", "units": "m", "source": "cells"}

    def test_the_call_wins_over_the_file(self, write_tif, values):
        assert people(write_tif(values, tags={"KIND": "share", "UNITS": "1"})).attrs["kind"] == "count"

    def test_what_is_made_up_says_so(self, write_tif, values):
        raster = people(write_tif(values, tags={"modelled": "yes", "note": "not for analysis", "author": "x"}))
        assert raster.attrs == {
            "kind": "count",
            "units": "people",
            "source": "ghs",
            "modelled": "yes",
            "note": "not for analysis",
        }

    @pytest.mark.parametrize("said", [{}, {"kind": "count"}, {"units": "people"}])
    def test_without_either_it_is_refused(self, write_tif, values, said):
        with pytest.raises(UndeclaredRaster, match=r"expected both, from the call or the file's tags"):
            open_raster(write_tif(values), **said)

    def test_an_unknown_kind_gives_a_guess(self, write_tif, values):
        with pytest.raises(UnknownName, match=r"Unknown kind of raster 'counts'\. Did you mean 'count'\?"):
            open_raster(write_tif(values), kind="counts", units="people")


class TestDamage:
    def test_a_file_cut_in_half(self, write_tif, halve):
        noise = np.random.default_rng(1).random((300, 300))
        with pytest.raises(UnreadableFile, match=r"Cannot read .*cells\.tif: expected a raster that GDAL can read"):
            people(halve(write_tif(noise)))

    def test_a_compressed_and_tiled_file_cut_in_half(self, write_tif, halve):
        noise = np.random.default_rng(1).random((300, 300))
        with pytest.raises(UnreadableFile):
            people(halve(write_tif(noise, tiled=True, blockxsize=64, blockysize=64, compress="deflate")))

    @pytest.mark.parametrize("content", [b"", b"II*\x00", b"<html>404</html>", bytes(5000)])
    def test_what_is_no_raster(self, tmp_path, content):
        path = tmp_path / "page.tif"
        path.write_bytes(content)
        with pytest.raises(UnreadableFile, match="fetch it again"):
            people(path)

    @pytest.mark.parametrize("name", ["absent.tif", "absent.nc", "no/such/folder/a.tif", "."])
    def test_what_is_not_there(self, tmp_path, name):
        with pytest.raises(MissingFile, match=r"File not found: .*relative paths start at the settings file"):
            people(name, base=tmp_path)

    def test_a_sentence_is_one_line(self, tmp_path):
        (tmp_path / "page.tif").write_bytes(b"<html>404</html>")
        with pytest.raises(UrbanReviewError) as caught:
            people("page.tif", base=tmp_path)
        assert "\n" not in str(caught.value)


def test_the_file_is_only_read(write_tif, values):
    path = write_tif(values, nodata=1.0)
    before = path.read_bytes()
    raster = people(path)
    raster.values[:] = 0
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["cells.tif"]
