"""Rain and temperature as they are fetched: windows of months, files of years, one packed file of all."""

import gzip

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from affine import Affine
from fake_web import FakeWeb
from shapely.geometry import box

from urbanreview.errors import NoOverlap, NotInInput, WrongContent
from urbanreview.sources.catalogue import dataset_of
from urbanreview.sources.netcdf_window import cut_netcdf, gunzip
from urbanreview.sources.open_series import DatedPath, RasterSeries
from urbanreview.sources.providers import chirps, cru, terraclimate
from urbanreview.sources.remote import Place

CHIRPS, PPT, TMP = dataset_of("chirps-v3.0"), dataset_of("terraclimate-ppt"), dataset_of("cru-ts-4.10-tmp")


def place(west=67.0, south=46.0, east=69.0, north=47.0):
    return Place("KAZ", gpd.GeoSeries([box(west, south, east, north)], crs=4326), 0.0)


def world(months=24, *, first="1901-01-16"):
    """Temperatures as CRU writes them: half degrees, south first, a fill value, counts of stations beside."""
    latitude, longitude = np.arange(-89.75, 90, 0.5), np.arange(-179.75, 180, 0.5)
    values = np.full((months, latitude.size, longitude.size), 9.96921e36, "float32")
    values[:, 250:300, 480:540] = np.arange(months)[:, None, None] * 100 + np.arange(50)[:, None] + np.arange(60) * 0.01
    time = np.array(np.datetime64(first, "D") + np.arange(months) * 30, "datetime64[ns]")
    fields = {"tmp": (("time", "lat", "lon"), values, {"units": "degrees Celsius", "long_name": "near-surface temperature"})}
    fields["stn"] = (("time", "lat", "lon"), np.zeros(values.shape, "int8"), {})
    dataset = xr.Dataset(fields, coords={"time": time, "lat": latitude, "lon": longitude})
    dataset["tmp"].encoding |= {"_FillValue": np.float32(9.96921e36)}
    return dataset


@pytest.fixture(scope="module")
def crude(tmp_path_factory):
    """The file of the world, as NetCDF 3, and packed."""
    folder = tmp_path_factory.mktemp("cru")
    path = folder / "cru.nc"
    whole = world().drop_vars("stn")
    whole.to_netcdf(path, engine="scipy", encoding={"time": {"units": "days since 1900-1-1", "dtype": "int32"}})
    packed = folder / "cru.nc.gz"
    packed.write_bytes(gzip.compress(path.read_bytes(), 1))
    return path, packed


def test_a_month_of_rain_is_a_window_with_a_mirror():
    (remote,) = chirps.wanted(CHIRPS, place(), ["2020-07"], web=FakeWeb()).remotes
    folder = "https://data.chc.ucsb.edu/products/CHIRPS/v3.0/monthly/global"
    assert remote.addresses == (f"{folder}/cogs/chirps-v3.0.2020.07.cog", f"{folder}/tifs/chirps-v3.0.2020.07.tif")
    assert (remote.window, remote.period, remote.form) == (place().bounds, "2020-07", "tiff")
    assert remote.size_bytes < CHIRPS.size_bytes / 1000


def test_a_year_of_rain_is_twelve_months():
    remotes = chirps.wanted(CHIRPS, place(), ["2020", "2020-12"], web=FakeWeb()).remotes
    assert [remote.period for remote in remotes] == [f"2020-{month:02}" for month in range(1, 13)]


def test_a_month_before_the_release_is_told():
    wanted = chirps.wanted(CHIRPS, place(), ["1980-12", "1981-01"], web=FakeWeb())
    assert [remote.period for remote in wanted.remotes] == ["1981-01"]
    assert [entry.cause for entry in wanted.ledger.entries] == ["1980-12 is not in the release"]


@pytest.mark.parametrize(("south", "north", "asked"), [(59, 61, 1), (61, 65, 0), (55, 59.9, 1)])
def test_land_beyond_sixty_degrees_is_told(south, north, asked):
    wanted = chirps.wanted(CHIRPS, place(20, south, 21, north), ["2020-01"], web=FakeWeb())
    assert len(wanted.remotes) == asked
    assert bool(wanted.ledger.entries) == (north > 60)


def test_rain_gets_the_fill_value_that_its_files_do_not_name(tmp_path):
    (remote,) = chirps.wanted(CHIRPS, place(), ["2020-07"], web=FakeWeb()).remotes
    values = np.arange(800, dtype="float32").reshape(20, 40)
    values[0, 0] = -9999
    shape = {"width": 40, "height": 20, "count": 1, "dtype": "float32", "crs": 4326}
    with rasterio.open(tmp_path / "a.tif", "w", driver="GTiff", transform=Affine(0.05, 0, 67, 0, -0.05, 47), **shape) as file:
        file.write(values, 1)
    ledger = chirps.make(
        CHIRPS, place(), ["2020-07", "2020-08"], files={remote.name: tmp_path / "a.tif"}, folder=tmp_path / "made"
    )
    assert ledger.entries == ()
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["2020-07.tif"]
    with rasterio.open(tmp_path / "made" / "2020-07.tif") as made:
        assert made.nodata == -9999
        assert np.array_equal(made.read(1), values)


def test_a_month_of_terraclimate_stands_for_its_year(tmp_path, write_nc, values):
    wanted = terraclimate.wanted(PPT, place(), ["2020-01", "2020-02", "2019", "2090"], web=FakeWeb())
    assert [remote.addresses[0].rpartition("/")[2] for remote in wanted.remotes] == [
        "TerraClimate_ppt_2019.nc",
        "TerraClimate_ppt_2020.nc",
    ]
    assert [entry.cause for entry in wanted.ledger.entries] == ["2090 is not in the release"]
    source = write_nc(values, "fetched.nc", variable="ppt")
    terraclimate.make(PPT, place(), ["2020"], files={wanted.remotes[1].name: source}, folder=tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["2020.nc"]
    assert (tmp_path / "made" / "2020.nc").read_bytes() == source.read_bytes()


def test_terraclimate_says_which_temperature_it_is():
    assert dataset_of("terraclimate-tmax").settings["statistic"] == "max"
    assert dataset_of("terraclimate-tmin").settings["statistic"] == "min"


def test_cru_is_unpacked_and_cut_to_the_country(tmp_path, crude):
    (remote,) = cru.wanted(TMP, place(), ["1901", "1902"], web=FakeWeb()).remotes
    assert remote.name == "cru-ts-4.10-tmp/cru_ts4.10.1901.2025.tmp.dat.nc.gz"
    files = {remote.name: crude[1]}
    cru.make(TMP, place(), ["1901"], files=files, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tmp.nc", "tmp.nc.made"]
    whole = RasterSeries([DatedPath(str(crude[0]))], source="tmp", variable="tmp", within=place().outline)
    cut = RasterSeries([DatedPath(str(tmp_path / "tmp.nc"))], source="tmp", variable="tmp", within=place().outline)
    assert (len(cut), cut.units, cut.geobox) == (24, "degrees Celsius", whole.geobox)
    assert np.array_equal(next(cut.stretches())[1], next(whole.stretches())[1])
    assert (tmp_path / "tmp.nc").stat().st_size < crude[0].stat().st_size / 100


def test_cru_is_made_again_for_other_bounds_only(tmp_path, crude):
    files = {"cru-ts-4.10-tmp/cru_ts4.10.1901.2025.tmp.dat.nc.gz": crude[1]}
    stamps = []
    for here in (place(), place(), place(66.0)):
        cru.make(TMP, here, [], files=files, folder=tmp_path)
        stamps.append((tmp_path / "tmp.nc").stat().st_mtime_ns)
    assert stamps[0] == stamps[1] < stamps[2]


def test_a_year_after_the_release_of_cru_is_told():
    assert cru.wanted(TMP, place(), ["2025", "2026"], web=FakeWeb()).ledger.entries[0].cause == "2026 is not in the release"


def test_a_cut_of_netcdf_4_keeps_packing_bounds_and_fill(tmp_path):
    path = tmp_path / "packed.nc"
    whole = world(2)
    whole["tmp"] = whole.tmp.where(whole.tmp < 1e30).drop_encoding()
    whole["time_bnds"] = (("time", "nv"), np.arange(4).reshape(2, 2))
    packing = {"dtype": "int16", "scale_factor": 0.01, "add_offset": 100.0, "_FillValue": -32768, "chunksizes": (1, 90, 180)}
    whole.to_netcdf(path, engine="h5netcdf", encoding={"tmp": packing})
    cut_netcdf(path, tmp_path / "cut.nc", variable="tmp", bounds=place().bounds)
    with xr.open_dataset(tmp_path / "cut.nc", engine="h5netcdf", decode_cf=False) as cut:
        assert (cut.tmp.dtype, cut.tmp.attrs["scale_factor"], cut.tmp.attrs["_FillValue"]) == ("int16", 0.01, -32768)
        assert sorted(map(str, cut.data_vars)) == ["time_bnds", "tmp"]
        assert (float(cut.lat.min()), float(cut.lat.max())) == (45.75, 47.25)


def test_a_cut_elsewhere_or_of_another_variable_is_refused(tmp_path, crude):
    with pytest.raises(NotInInput, match="pre"):
        cut_netcdf(crude[0], tmp_path / "a.nc", variable="pre", bounds=place().bounds)
    with pytest.raises(NoOverlap):
        cut_netcdf(crude[0], tmp_path / "a.nc", variable="tmp", bounds=(-10, 91, 10, 95))


def test_a_gzip_bomb_is_refused_and_leaves_nothing(tmp_path):
    packed = tmp_path / "bomb.gz"
    packed.write_bytes(gzip.compress(bytes(5 << 20)))
    with pytest.raises(WrongContent, match="unpacks to more than 1,000,000 bytes"):
        gunzip(packed, tmp_path / "bomb", most_bytes=1_000_000)
    assert [path.name for path in tmp_path.iterdir()] == ["bomb.gz"]


def test_a_damaged_gzip_leaves_nothing_under_the_final_name(tmp_path, halve, crude):
    packed = tmp_path / "half.gz"
    packed.write_bytes(crude[1].read_bytes())
    files = {"cru-ts-4.10-tmp/cru_ts4.10.1901.2025.tmp.dat.nc.gz": halve(packed)}
    with pytest.raises(WrongContent, match="damaged"):
        cru.make(TMP, place(), [], files=files, folder=tmp_path / "made")
    assert list((tmp_path / "made").iterdir()) == []
