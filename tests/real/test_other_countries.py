"""South of the equator, at 15 arc-seconds and 250 and 100 metres: totals are those of numpy inside."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from toys import pixel_box, zones_of
from twins.coverage import cell_shares, to_pixels

from urbanreview.delineation import EDITIONS, extents, working_population
from urbanreview.grid import cell_area_km2, geobox_of
from urbanreview.indicators import lights
from urbanreview.sources import open_raster
from urbanreview.zones import plan_zones, population_points, summarise

pytestmark = pytest.mark.real


def opened(path, kind="count", units="people"):
    raster, _ = open_raster(path, kind=kind, units=units, source=path.stem)
    raster.values.flags.writeable = False
    return raster


@pytest.mark.parametrize(
    ("name", "kind", "units"),
    [
        ("burundi/viirs_ntl_15arcsec.tif", "intensity", "nW/cm2/sr"),
        ("burundi/ghs_pop_2015_250m.tif", "count", "people"),
        ("burundi/worldpop_2000_1km.tif", "count", "people"),
        ("jamaica/worldpop_2020_constrained_unadj_100m.tif", "count", "people"),
    ],
)
def test_a_block_of_cells_is_the_sum_of_its_cells(data, stored, name, kind, units):
    raster = opened(data / name, kind=kind, units=units)
    values = stored(data / name)
    here = geobox_of(raster)
    rows, cols = values.shape
    blocks = {"all": (0, 0, cols, rows), "part": (cols // 3, rows // 4, cols // 3 + 101, rows // 4 + 57)}
    zones = zones_of({name: pixel_box(here, *block) for name, block in blocks.items()}, here.crs.to_wkt())
    table, _ = summarise(plan_zones(zones, here), raster)
    for zone, (left, top, right, bottom) in blocks.items():
        inside = values[top:bottom, left:right]
        assert np.isfinite(inside).any()
        assert table.loc[zone, "sum"] == pytest.approx(np.nansum(inside), rel=1e-9)
        assert table.loc[zone, "count"] == pytest.approx(np.isfinite(inside).sum(), rel=1e-9)
        assert (table.loc[zone, "min"], table.loc[zone, "max"]) == (np.nanmin(inside), np.nanmax(inside))


@pytest.fixture(scope="module")
def provinces(data):
    frame = gpd.read_file(data / "burundi" / "admin_osm.gpkg", layer="admin1")
    return frame.set_index("iso").rename_axis("zone_id")


def test_lights_of_burundi_are_those_of_an_intersection(data, stored, provinces):
    provinces = provinces.iloc[::8]
    raster = opened(data / "burundi" / "viirs_ntl_15arcsec.tif", kind="intensity", units="nW/cm2/sr")
    here = geobox_of(raster)
    frame, _ = lights(plan_zones(provinces, here), raster, floor=0.1)
    values = stored(data / "burundi" / "viirs_ntl_15arcsec.tif")
    area = np.broadcast_to(cell_area_km2(here), values.shape)
    zone, row, col, share = cell_shares(to_pixels(provinces.geometry.values, here.transform), values.shape)
    for number, zone_id in enumerate(provinces.index):
        mine = zone == number
        value, part, ground = values[row[mine], col[mine]], share[mine], area[row[mine], col[mine]]
        lit = value >= 0.1
        seen = np.isfinite(value)
        expected = {
            "lights.sum": (value * part)[lit].sum(),
            "lights.max": value[lit].max(initial=-np.inf),
            "lights.mean": (value * part * ground)[lit].sum() / (part * ground)[seen].sum(),
            "lights.lit_share": (part * ground)[lit].sum() / (part * ground)[seen].sum(),
        }
        for column, number_expected in expected.items():
            if np.isfinite(number_expected):
                assert frame.loc[zone_id, column] == pytest.approx(number_expected, rel=1e-9, abs=1e-12), (zone_id, column)


def test_provinces_of_burundi_add_up_to_their_union(data, provinces):
    raster = opened(data / "burundi" / "ghs_pop_2015_250m.tif")
    here = geobox_of(raster)
    parts = provinces.geometry.to_crs(here.crs.to_wkt())
    union = gpd.GeoSeries([shapely.union_all(parts.values)], index=["BDI"], crs=here.crs.to_wkt())
    whole = summarise(plan_zones(union, here), raster)[0]["sum"].iloc[0]
    added = summarise(plan_zones(parts, here), raster)[0]["sum"].sum()
    assert added == pytest.approx(whole, rel=1e-6)
    assert 9e6 < whole < float(raster.sum())


def test_250_metre_cells_of_burundi_are_summed_and_nobody_is_lost(data, stored):
    path = data / "burundi" / "ghs_pop_2015_250m.tif"
    working, ledger = working_population(opened(path))
    assert ledger.frame()["amount"].tolist() == [4]
    assert float(working.sum()) == pytest.approx(np.nansum(stored(path)), rel=1e-12)
    found, _ = extents(working, rules=EDITIONS["thresholds"].urban_centre, iso3="BDI")
    capital = found.zones.sort_values("people").iloc[-1]
    # Bujumbura: 3.38 south, 29.36 east. A swapped axis or sign would land in the Indian Ocean or the Sahara.
    assert capital["peak_latitude"] == pytest.approx(-3.38, abs=0.1)
    assert capital["peak_longitude"] == pytest.approx(29.37, abs=0.1)
    assert capital["people"] > 300_000


def test_100_metre_cells_of_jamaica_are_summed_and_kingston_is_where_it_is(data, stored):
    path = data / "jamaica" / "worldpop_2020_constrained_unadj_100m.tif"
    working, ledger = working_population(opened(path))
    assert ledger.frame()["amount"].tolist() == [10]
    assert float(working.sum()) == pytest.approx(np.nansum(stored(path)), rel=1e-9)
    found, _ = extents(working, rules=EDITIONS["thresholds"].urban_centre, iso3="JAM")
    capital = found.zones.sort_values("people").iloc[-1]
    assert capital["peak_latitude"] == pytest.approx(18.0, abs=0.1)
    assert capital["peak_longitude"] == pytest.approx(-76.8, abs=0.15)


def test_points_of_burundis_provinces_lie_in_them(data, provinces):
    raster = opened(data / "burundi" / "worldpop_2000_1km.tif")
    points, _ = population_points(provinces, plan_zones(provinces, geobox_of(raster)), raster)
    assert provinces.contains(points.geometry).all()
    assert (points.geometry.y < 0).all()
    assert (points.geometry.x > 28).all()
