"""Fine dust by year or month: the cut of the world, years of the release only."""

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import box

from urbanreview.sources import open_raster
from urbanreview.sources.catalogue import dataset_of, hosts
from urbanreview.sources.providers import air, provider_of
from urbanreview.sources.remote import Place

COARSE, FINE, MONTHLY = (dataset_of(f"satpm25-v6gl03{ending}") for ending in ("", "-fine", "-monthly"))
PLACE = Place("TOY", gpd.GeoSeries([box(66.0, 45.5, 69.0, 47.5)], crs=4326), 0.0)
BUCKET = hosts()["satpm"] + "/V6GL03"


class Servers:
    """Hosts only: nothing is asked."""

    @property
    def hosts(self):
        return lambda template: template.replace("{satpm}", hosts()["satpm"])


def wanted(dataset, *periods):
    return air.wanted(dataset, PLACE, periods, web=Servers())


def test_the_catalogue_names_this_provider():
    assert {provider_of(each) for each in (COARSE, FINE, MONTHLY)} == {air}


@pytest.mark.parametrize(
    ("dataset", "period", "path"),
    [
        (COARSE, "2020", "CoarseResolution/GL/Annual/V6GL03.CNNPM25.0p10.GL.202001-202012.nc"),
        (FINE, "2020", "FineResolution/GL/Annual/V6GL03.CNNPM25.GL.202001-202012.nc"),
        (MONTHLY, "2020-07", "CoarseResolution/GL/Monthly/2020/V6GL03.CNNPM25.0p10.GL.202007-202007.nc"),
    ],
)
def test_the_documented_file_of_the_world(dataset, period, path):
    (remote,) = wanted(dataset, period).remotes
    assert remote.addresses == (f"{BUCKET}/{path}",)
    assert remote.name == f"{dataset.key}/{period}/{path.rpartition('/')[2]}"
    assert (remote.form, remote.period, remote.window) == ("netcdf", period, None)
    assert remote.size_bytes == dataset.size_bytes


def test_a_year_beyond_the_release_is_told():
    found = wanted(COARSE, "2025", "2024", "1997", "2024")
    assert [remote.period for remote in found.remotes] == ["2024"]
    assert [entry.cause for entry in found.ledger.entries] == [
        "1997 is not in the release: it has years of 1998 to 2024",
        "2025 is not in the release: it has years of 1998 to 2024",
    ]


def test_a_month_is_no_year():
    assert wanted(COARSE, "2020-07").remotes == wanted(MONTHLY, "2020").remotes == ()


@pytest.mark.parametrize(
    ("dataset", "period", "made"), [(COARSE, "2020", "2020.nc"), (MONTHLY, "2020-07", "2020-07.nc")], ids=["year", "month"]
)
def test_a_made_file_opens_with_the_settings_of_the_catalogue(write_nc, values, tmp_path, dataset, period, made):
    dust = values.astype(np.float32)
    dust[0, 0] = -999.0
    path = write_nc(dust, "fetched.nc", variable="PM25")
    (remote,) = wanted(dataset, period).remotes
    ledger = air.make(dataset, PLACE, [period, "2021"], files={remote.name: path}, folder=tmp_path / "made")
    assert ledger.entries == ()
    assert [each.name for each in (tmp_path / "made").iterdir()] == [made]
    how = {name: dataset.settings[name] for name in ("variable", "nodata")}
    raster, ledger = open_raster(tmp_path / "made" / made, kind="intensity", units="ug/m3", **how)[:2]
    assert np.isnan(raster.values[0, 0])
    assert np.array_equal(raster.values.ravel()[1:], dust.ravel()[1:])


def test_the_fine_code_is_missing_too(write_nc, values):
    dust = values.astype(np.float32)
    dust[0, 0] = -999.9
    path = write_nc(dust, variable="PM25")
    raster = open_raster(path, kind="intensity", units="ug/m3", variable="PM25", nodata=FINE.settings["nodata"])[0]
    assert np.isnan(raster.values).sum() == 1
