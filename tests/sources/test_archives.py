"""Members of archives, by every way to write them, and archives that cannot be read."""

import zipfile

import numpy as np
import pytest

from urbanreview.errors import AmbiguousInput, MissingFile, UnreadableFile
from urbanreview.sources import fingerprint, locate, open_raster


def people(path, **how):
    return open_raster(path, kind="count", units="people", **how)[0]


@pytest.fixture
def tif(write_tif, values):
    return write_tif(values)


@pytest.fixture
def ghsl(write_zip, tif):
    """As GHSL comes: one raster beside a PDF and a table."""
    return write_zip({"inner/GHS_POP.tif": tif, "GHSL_Data.pdf": b"%PDF", "inner/legend.xlsx": b"PK"}, "GHS_POP.zip")


@pytest.fixture
def two(write_zip, tif):
    return write_zip({"a.tif": tif, "b.TIF": tif}, "two.zip")


def test_the_only_raster_of_an_archive_needs_no_name(ghsl, values):
    raster = people(ghsl)
    assert np.array_equal(raster.values, values)
    assert raster.attrs["source"] == "GHS_POP"


@pytest.mark.parametrize("written", ["{}!inner/GHS_POP.tif", "{}/inner/GHS_POP.tif", "zip://{}!inner/GHS_POP.tif", "zip://{}"])
def test_a_member_is_named_in_any_usual_way(ghsl, values, written):
    assert np.array_equal(people(written.format(ghsl)).values, values)


def test_a_vsi_name_is_taken_as_written(ghsl, values):
    name = f"/vsizip/{ghsl}/inner/GHS_POP.tif"
    assert locate(name).gdal == name
    assert np.array_equal(people(name).values, values)


def test_a_vsi_name_that_is_not_there_is_told(ghsl):
    with pytest.raises(UnreadableFile, match=r"Cannot read /vsizip/.*absent\.tif: expected a raster that GDAL can read"):
        people(f"/vsizip/{ghsl}/absent.tif")


def test_a_relative_path_into_an_archive_starts_from_its_base(ghsl, values, tmp_path):
    assert np.array_equal(people("GHS_POP.zip/inner/GHS_POP.tif", base=tmp_path).values, values)
    assert np.array_equal(people("GHS_POP.zip", base=tmp_path).values, values)


def test_several_rasters_need_a_name(two, values):
    with pytest.raises(
        AmbiguousInput, match=r'two\.zip holds 2 files \(a\.tif, b\.TIF\), expected one\. Name one: "two\.zip!a\.tif"'
    ):
        people(two)
    assert np.array_equal(people(f"{two}!b.TIF").values, values)


def test_what_a_computer_leaves_beside_a_file_is_no_candidate(write_zip, tif, values):
    archive = write_zip({"a.tif": tif, "__MACOSX/._a.tif": b"\x00\x05", "a.tif.aux.xml": b"<PAMDataset/>"})
    assert np.array_equal(people(archive).values, values)


@pytest.mark.parametrize("written", ["{}!absent.tif", "{}/absent.tif", "{}!"])
def test_a_member_that_is_not_there_is_told(write_zip, written):
    archive = write_zip({"readme.pdf": b"%PDF"})
    with pytest.raises(MissingFile, match=r"File not found: .*cells\.zip!.*\.tif"):
        people(written.format(archive))


def test_an_archive_cut_in_half_is_told(ghsl, halve):
    with pytest.raises(
        UnreadableFile, match=r"Cannot read .*GHS_POP\.zip: expected a zip archive, got 'File is not a zip file'"
    ):
        people(halve(ghsl))


def _with_bytes_spoilt(archive, member):
    """Overwrite the packed bytes of a member; the list of contents stays whole."""
    with zipfile.ZipFile(archive) as opened:
        info = opened.getinfo(member)
    content = bytearray(archive.read_bytes())
    first = info.header_offset + 30 + len(info.filename) + 8
    content[first : first + 60] = bytes(255 - byte for byte in content[first : first + 60])
    archive.write_bytes(content)
    return archive


def test_a_spoilt_raster_in_a_whole_archive_is_told(ghsl):
    with pytest.raises(UnreadableFile, match=r"Cannot read .*GHS_POP\.zip"):
        people(_with_bytes_spoilt(ghsl, "inner/GHS_POP.tif"))


def test_a_spoilt_netcdf_in_a_whole_archive_is_told(write_nc, write_zip, values):
    archive = _with_bytes_spoilt(write_zip({"cru.nc": write_nc(values)}), "cru.nc")
    with pytest.raises(UnreadableFile, match=r"Cannot read .*cells\.zip.*: expected a NetCDF file"):
        people(archive)


def test_the_fingerprint_is_that_of_the_file_on_disk(ghsl, tif):
    import hashlib

    for path in (ghsl, tif):
        expected = (path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest())
        assert fingerprint(locate(path)) == expected
    assert fingerprint(locate(f"{ghsl}!inner/GHS_POP.tif")) == fingerprint(locate(ghsl))


def test_what_is_far_away_has_no_fingerprint():
    assert fingerprint(locate("https://data.example.org/a.tif")) == (0, "")


@pytest.mark.parametrize(
    ("written", "gdal", "suffix"),
    [
        ("https://data.example.org/a.tif", "/vsicurl/https://data.example.org/a.tif", ".tif"),
        ("https://data.example.org/a.TIF?version=2", "/vsicurl/https://data.example.org/a.TIF?version=2", ".tif"),
        ("https://data.example.org/a.zip!b/c.tif", "/vsizip//vsicurl/https://data.example.org/a.zip/b/c.tif", ".tif"),
        ("/vsis3/bucket/a.tif", "/vsis3/bucket/a.tif", ".tif"),
        ("/vsicurl/https://data.example.org/a.nc", "/vsicurl/https://data.example.org/a.nc", ".nc"),
    ],
)
def test_where_gdal_looks(written, gdal, suffix):
    address = locate(written)
    assert (address.text, address.gdal, address.suffix, address.local) == (written, gdal, suffix, None)
