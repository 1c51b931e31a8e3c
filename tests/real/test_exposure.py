"""Real floods over real people: Djibouti, where both share one grid, and southern Germany, where metres meet degrees."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Transformer

from urbanreview.grid import geobox_of
from urbanreview.indicators.exposure import expected_exposure, exposed_land, exposed_people
from urbanreview.indicators.hazard import Hazard, Peril
from urbanreview.indicators.hazard_share import hazard_shares
from urbanreview.sources import RasterWindows, open_raster
from urbanreview.zones import plan_zones, summarise

pytestmark = pytest.mark.real
PERIODS = (2, 5, 10, 25, 50, 100, 250, 500, 1000)


def depth(path, **how) -> RasterWindows:
    return RasterWindows(path, **({"kind": "intensity", "units": "m"} | how))


@pytest.fixture(scope="module")
def djibouti(data):
    return data / "djibouti"


@pytest.fixture(scope="module")
def settled(djibouti):
    return open_raster(djibouti / "settlement_pop_on_flood_grid.tif", kind="count", units="people", source="onsset")[0]


@pytest.fixture(scope="module")
def units(djibouti):
    country, regions = (gpd.read_file(djibouti / "admin_osm.gpkg", layer=layer) for layer in ("admin0", "admin1"))
    return pd.concat([country, regions]).set_index("iso")


def flooded(path, to, *, threshold: float, **more):
    with depth(path) as blocks:
        return hazard_shares(Hazard([Peril(blocks, threshold, never_negative=True, **more)]), [(to, None)])[0][0]


@pytest.fixture(scope="module")
def by_period(djibouti, settled, units):
    """People exposed by return period to more than 5 cm, a frame with a column for each."""
    plan = plan_zones(units, geobox_of(settled))
    found = {}
    for each in PERIODS:
        share = flooded(djibouti / f"aqueduct_inunriver_rp{each:05}.tif", geobox_of(settled), threshold=0.05)
        found[float(each)] = exposed_people(plan, settled, share)[0]
    return found


@pytest.mark.parametrize("period", PERIODS)
@pytest.mark.parametrize("threshold", [0.05, 0.15, 0.3])
def test_people_and_floods_on_one_grid_are_a_direct_count(djibouti, settled, stored, period, threshold):
    path = djibouti / f"aqueduct_inunriver_rp{period:05}.tif"
    share = flooded(path, geobox_of(settled), threshold=threshold)
    outline = gpd.GeoSeries([settled_box(settled)], index=["all"], crs=4326)
    frame, _ = exposed_people(plan_zones(outline, geobox_of(settled)), settled, share)
    people, deep = stored(djibouti / "settlement_pop_on_flood_grid.tif"), stored(path)
    assert frame.loc["all", "exposure.people"] == people[deep > np.float32(threshold)].sum()
    assert frame.loc["all", "valid_share"] == pytest.approx(42_028 / 59_648, rel=1e-9)


def settled_box(raster):
    return geobox_of(raster).extent.geom


def test_nodata_of_aqueduct_is_sea_and_not_dry_land(djibouti, units):
    with depth(djibouti / "aqueduct_inunriver_rp01000.tif") as blocks:
        assert not Peril(blocks, 0.15, never_negative=True).missing_looks_dry(units.geometry)


def test_exposure_rises_with_the_return_period_in_every_zone(by_period):
    exposed = pd.DataFrame({period: frame["exposure.people"] for period, frame in by_period.items()})
    assert (exposed.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    # No cell is deeper than 5 cm once in two years; once in 1,000 years some are.
    assert exposed.loc["DJ", 2.0] == 0.0
    assert exposed.loc["DJ", 1000.0] > exposed.loc["DJ", 10.0] > 0


def test_regions_add_up_to_no_more_than_the_country(by_period):
    for frame in by_period.values():
        assert frame.loc[frame.index != "DJ", "exposure.people"].sum() <= frame.loc["DJ", "exposure.people"] * 1.001


def test_expected_exposure_lies_between_its_bounds_and_is_the_trapezium_of_numpy(by_period, settled, units):
    exposed = pd.DataFrame({period: frame["exposure.people"] for period, frame in by_period.items()})
    totals = summarise(plan_zones(units, geobox_of(settled)), settled)[0]["sum"]
    frame, ledger = expected_exposure(exposed, totals)
    assert ledger.entries == ()
    estimate, low, high = (frame[name] for name in frame)
    assert ((low <= estimate) & (estimate <= high)).all()
    rate = 1 / np.array(PERIODS, float)
    expected = np.trapezoid(exposed.to_numpy()[:, ::-1], rate[::-1], axis=1) + rate[-1] * exposed[1000.0]
    np.testing.assert_allclose(estimate, expected, rtol=1e-12)
    fewer, _ = expected_exposure(exposed[[2.0, 10.0, 100.0, 1000.0]], totals)
    assert fewer.loc["DJ", "exposure.expected_people_low"] <= estimate["DJ"] <= fewer.loc["DJ", "exposure.expected_people_high"]


@pytest.fixture(scope="module")
def germany(data):
    return data / "germany_south"


@pytest.fixture(scope="module")
def residents(germany):
    return open_raster(germany / "eurostat_popgrid_2021_1km.tif", kind="count", units="people", source="eurostat")[0]


@pytest.fixture(scope="module")
def lands(germany):
    frame = gpd.read_file(germany / "admin_osm.gpkg", layer="admin1").set_index("iso")
    return frame.loc[["DE-BW", "DE-BY"]]


def german(germany, residents, threshold: float):
    path = germany / "isimip_flood_2000.tif"
    with depth(path, band=1) as deep, depth(path, band=2, kind="share", units="1") as fraction:
        hazard = Hazard([Peril(deep, threshold, fraction=fraction, never_negative=True)])
        return hazard_shares(hazard, [(geobox_of(residents), None)])[0][0]


ROWS = slice(0, 400, 5)
"""Every fifth row of Germany's people is looked at point by point."""
POINTS = 10
"""Along each side of a cell."""


def by_points(path, geobox) -> np.ndarray:
    """Mean over points of each cell of the flooded fraction where the depth is over 15 cm; NaN where one is off the map."""
    with rasterio.open(path) as file:
        deep, fraction, t = file.read(1), file.read(2), file.transform
    zone, g = np.where(deep > 0.15, fraction, 0.0), geobox.transform
    along = (np.arange(POINTS) + 0.5) / POINTS
    cols = (np.arange(500)[:, None] + along).ravel()
    rows = (np.arange(400)[ROWS][:, None] + along).ravel()
    turn = Transformer.from_crs(3035, 4326, always_xy=True)
    lon, lat = turn.transform(*np.meshgrid(g.c + g.a * cols, g.f + g.e * rows))
    col, row = np.floor((lon - t.c) / t.a).astype(int), np.floor((lat - t.f) / t.e).astype(int)
    inside = (col >= 0) & (col < zone.shape[1]) & (row >= 0) & (row < zone.shape[0])
    found = np.where(inside, zone[np.clip(row, 0, zone.shape[0] - 1), np.clip(col, 0, zone.shape[1] - 1)], np.nan)
    return found.reshape(-1, POINTS, 500, POINTS).mean(axis=(1, 3))


def test_depth_and_fraction_in_degrees_over_people_in_metres(germany, residents, lands):
    share = german(germany, residents, 0.15)
    ours, points = share.share.values[ROWS], by_points(germany / "isimip_flood_2000.tif", geobox_of(residents))
    whole = ~np.isnan(points)
    assert whole.mean() > 0.9
    assert np.abs(ours - points)[whole].max() < 0.05
    people = residents.values[ROWS]
    assert (people * ours)[whole].sum() == pytest.approx((people * points)[whole].sum(), rel=1e-3)
    found, _ = exposed_people(plan_zones(lands, geobox_of(residents)), residents, share)
    assert found["valid_share"].min() > 0.9
    assert found["exposure.people_share"].between(0.0005, 0.1).all()


def test_a_deeper_threshold_exposes_fewer_people_and_less_land(germany, residents, lands):
    plan = plan_zones(lands, geobox_of(residents))
    people, land = [], []
    for threshold in (0.0, 0.15, 1.0, 5.0):
        share = german(germany, residents, threshold)
        people.append(exposed_people(plan, residents, share)[0]["exposure.people"].sum())
        land.append(exposed_land(plan, share)[0]["exposure.land"].sum())
    assert people == sorted(people, reverse=True)
    assert land == sorted(land, reverse=True)
    assert people[0] > people[-1] > 0
