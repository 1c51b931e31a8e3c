"""Months in the bucket as it lists them: one composite each, renamed ones kept, gaps and doubles told."""

import os

import geopandas as gpd
import numpy as np
import pytest
from affine import Affine
from shapely.geometry import box

from urbanreview.indicators.lights import mask_unobserved
from urbanreview.sources import open_raster
from urbanreview.sources.catalogue import dataset_of, hosts
from urbanreview.sources.providers import night_lights, provider_of
from urbanreview.sources.remote import Place

DATASET = dataset_of("light-every-night")
PLACE = Place("TOY", gpd.GeoSeries([box(66.0, 45.0, 68.0, 47.0)], crs=4326), 0.0)
FOLDER = "66.000_45.000_68.000_47.000"
LAST_DAY = {"01": 31, "02": 29, "03": 31, "04": 30, "10": 31, "11": 30}
WHOLE_BYTES = 3_500_000_000


def stem(month, mask="ecm-slcorr", series="ops", satellite="npp", version="v10"):
    year, number = month.split("-")
    days = f"{year}{number}01-{year}{number}{LAST_DAY[number]}"
    return f"composites/{satellite}_{year}{number}_{series}/DNB_{satellite}_{days}_global_{mask}_{version}_{series}"


def both(*stems, size=WHOLE_BYTES):
    return {f"{each}{ending}": size for each in stems for ending in (".avg_rade9.tif", ".n_cf.tif")}


class Bucket:
    """A bucket that is listed, and asked for nothing else."""

    def __init__(self, keys):
        self.keys = keys
        self.asked = []

    def listing(self, address, name, *, prefix):
        self.asked.append((address, name, prefix))
        return {key: size for key, size in self.keys.items() if key.startswith(prefix)}

    @property
    def hosts(self):
        return lambda template: template.replace("{globalnightlight}", hosts()["globalnightlight"])


def wanted(keys, *months, place=PLACE):
    return night_lights.wanted(DATASET, place, months, web=Bucket(keys))


def taken(keys, month):
    """Keys of the light that is taken of a month."""
    host = hosts()["globalnightlight"] + "/"
    addresses = [remote.addresses[0].removeprefix(host) for remote in wanted(keys, month).remotes]
    return [address.removesuffix(".avg_rade9.tif") for address in addresses if address.endswith(".avg_rade9.tif")]


def causes(ledger):
    return [entry.cause for entry in ledger.entries]


def test_the_catalogue_names_this_provider():
    assert provider_of(DATASET) is night_lights


def test_a_month_is_two_windows_light_and_nights():
    bucket = Bucket(both(stem("2020-01")) | {stem("2020-01") + ".cvg.tif": 9})
    found = night_lights.wanted(DATASET, PLACE, ["2020-01"], web=bucket)
    light, nights = found.remotes
    assert light.addresses == (f"{hosts()['globalnightlight']}/{stem('2020-01')}.avg_rade9.tif",)
    assert nights.addresses == (f"{hosts()['globalnightlight']}/{stem('2020-01')}.n_cf.tif",)
    assert light.name == f"light-every-night/2020-01/{FOLDER}/DNB_npp_20200101-20200131_global_ecm-slcorr_v10_ops.avg_rade9.tif"
    assert {remote.window for remote in found.remotes} == {PLACE.bounds}
    assert {(remote.period, remote.form) for remote in found.remotes} == {("2020-01", "tiff")}
    assert found.ledger.entries == ()
    assert bucket.asked == [(hosts()["globalnightlight"], "light-every-night/index/composites.json", "composites/")]


def test_the_size_of_a_window_is_its_share_of_the_cells():
    light = wanted(both(stem("2020-01")), "2020-01").remotes[0]
    assert light.size_bytes == round(WHOLE_BYTES * (2 * 2) / (360 * 140))
    arctic = Place("TOY", gpd.GeoSeries([box(66.0, 74.0, 68.0, 80.0)], crs=4326), 0.0)
    cut = wanted(both(stem("2020-01")), "2020-01", place=arctic).remotes[0]
    assert cut.size_bytes == round(WHOLE_BYTES * (2 * 1) / (360 * 140))


def test_two_countries_do_not_share_a_name():
    other = Place("OTH", gpd.GeoSeries([box(60.0, 45.0, 62.0, 47.0)], crs=4326), 0.0)
    keys = both(stem("2020-01"))
    names = {remote.name for place in (PLACE, other) for remote in wanted(keys, "2020-01", place=place).remotes}
    assert len(names) == 4


def test_the_renamed_month_is_kept_and_told():
    keys = both(stem("2024-10", "ecmslcfg"), stem("2024-10", "ecmcfg"), stem("2024-11"), stem("2024-11", "ecm-slexcl"))
    assert taken(keys, "2024-10") == [stem("2024-10", "ecmslcfg")]
    assert causes(wanted(keys, "2024-10", "2024-11").ledger) == ["2024-10 has another name: ecmslcfg"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"mask": "vcm-slcorr", "series": "rp2"}, {"mask": "vcm-slexcl", "series": "ops"}),
        ({"mask": "ecmslcfg", "series": "rp2"}, {"mask": "ecmcfg", "series": "ops"}),
        ({"series": "ops"}, {"series": "rp2"}),
        ({"series": "ops", "version": "v10"}, {"series": "rp2", "version": "v11"}),
        ({"version": "v11"}, {"version": "v10"}),
        ({"version": "v10"}, {"version": "v9"}),
        ({"mask": "ecm-slcorr"}, {"mask": "vcm-slcorr"}),
        ({"satellite": "npp", "series": "rp2"}, {"satellite": "j01"}),
    ],
)
def test_one_composite_a_month_by_the_rule(better, worse):
    first, second = stem("2017-04", **better), stem("2017-04", **worse)
    assert taken(both(first, second), "2017-04") == taken(both(second, first), "2017-04") == [first]


def test_doubles_are_told_with_their_month():
    keys = both(stem("2017-04"), stem("2017-04", series="rp2"), stem("2017-04", "vcm-slcorr", "rp2"), stem("2020-01"))
    ledger = wanted(keys, "2017-04", "2020-01").ledger
    file = stem("2017-04").rpartition("/")[2]
    assert [(entry.cause, entry.amount) for entry in ledger.entries] == [
        (f"2017-04 is there more than once: {file}.avg_rade9.tif is taken", 2)
    ]


def test_gaps_among_the_months_asked_for_are_told_and_no_others():
    keys = both(stem("2020-01"), stem("2020-03"))
    found = wanted(keys, "2020-02", "2020-01", "2020-04", "2020-02")
    assert {remote.period for remote in found.remotes} == {"2020-01"}
    assert causes(found.ledger) == ["2020-02 is not in the bucket", "2020-04 is not in the bucket"]
    assert found.ledger.frame().unit.unique().tolist() == ["month"]


def test_junk_keys_are_no_months():
    file = stem("2020-01").rpartition("/")[2]
    junk = both(stem("2020-02"), size=0) | {f"composites/npp_202001_ops/._{file}.avg_rade9.tif": 4096, "composites/": 0}
    found = wanted(junk | {f"composites/npp_202001_ops/._{file}.n_cf.tif": 4096}, "2020-01", "2020-02")
    assert found.remotes == ()
    assert causes(found.ledger) == ["2020-01 is not in the bucket", "2020-02 is not in the bucket"]


def test_a_composite_without_its_nights_is_not_taken():
    alone = {f"{stem('2020-01')}.avg_rade9.tif": 9}
    found = wanted(alone, "2020-01")
    assert (found.remotes, len(found.ledger.entries)) == ((), 1)
    assert "2020-01 is without its count of cloud-free nights" in causes(found.ledger)[0]
    assert taken(alone | both(stem("2020-01", series="rp2")), "2020-01") == [stem("2020-01", series="rp2")]


def test_another_satellite_stands_in_and_is_told():
    keys = both(stem("2024-11", satellite="j01"))
    assert taken(keys, "2024-11") == [stem("2024-11", satellite="j01")]
    assert causes(wanted(keys, "2024-11").ledger) == ["2024-11 is of another satellite: j01"]


def test_light_that_is_not_corrected_is_told():
    assert causes(wanted(both(stem("2020-01", "vcm-slexcl")), "2020-01").ledger) == [
        "2020-01 is not corrected for stray light: vcm-slexcl"
    ]


GRID = Affine(0.5, 0, 66.0, 0, -0.5, 47.0)


@pytest.fixture
def fetched(write_tif):
    """Windows of a month as they are in the cache: four by four cells, two of them codes, one without nights."""
    light = np.arange(16, dtype=np.float32).reshape(4, 4)
    light[0, :2] = -1.5, -999.3
    nights = np.full((4, 4), 7, dtype=np.uint16)
    nights[3, 3] = 0

    def write(month):
        remotes = wanted(both(stem(month)), month).remotes
        return {
            remote.name: write_tif(values, remote.name, transform=GRID)
            for remote, values in zip(remotes, (light, nights), strict=True)
        }

    return write


def made(files, months, folder):
    return night_lights.make(DATASET, PLACE, months, files=files, folder=folder)


def test_a_month_is_made_under_the_names_of_the_settings(fetched, tmp_path):
    folder = tmp_path / "made"
    assert made(fetched("2020-01") | fetched("2020-02"), ["2020-01", "2020-02", "2020-03"], folder).entries == ()
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.tif"))
    assert names == ["2020-01.tif", "2020-02.tif", "nights/2020-01.tif", "nights/2020-02.tif"]


def test_the_reader_masks_the_codes_and_the_nights_nothing_is_masked_before(fetched, tmp_path):
    made(fetched("2020-01"), ["2020-01"], tmp_path)
    light, ledger = open_raster(tmp_path / "2020-01.tif", kind="intensity", units="nW/cm2/sr")[:2]
    nights = open_raster(tmp_path / "nights/2020-01.tif", kind="intensity", units="nights")[0]
    assert ledger.amount("known nodata code without a tag") == 2
    seen = mask_unobserved(light, nights)[0].values
    assert np.isnan(seen[[0, 0, 3], [0, 1, 3]]).all()
    assert np.nansum(seen) == sum(range(2, 15))


def test_half_a_month_is_not_made(fetched, tmp_path):
    files = {name: path for name, path in fetched("2020-01").items() if name.endswith(".n_cf.tif")}
    ledger = made(files, ["2020-01"], tmp_path / "made")
    assert causes(ledger) == ["2020-01 is not made: of light and nights only one is here"]
    assert not (tmp_path / "made").exists()


def test_a_month_is_made_again_when_another_file_stands_for_it(fetched, tmp_path):
    files = fetched("2020-01")
    light = next(path for name, path in files.items() if "avg_rade9" in name)
    made(files, ["2020-01"], tmp_path / "made")
    before = (tmp_path / "made/2020-01.tif").stat()
    made(files, ["2020-01"], tmp_path / "made")
    assert (tmp_path / "made/2020-01.tif").stat().st_ino == before.st_ino
    newer = light.with_name("newer.tif")
    newer.write_bytes(light.read_bytes() + b" ")
    os.utime(newer, ns=(0, 0))
    made(files | {next(name for name in files if "avg_rade9" in name): newer}, ["2020-01"], tmp_path / "made")
    assert (tmp_path / "made/2020-01.tif").read_bytes() == newer.read_bytes()
