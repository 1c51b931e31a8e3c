"""Fine dust over Belgium in cells of 0.75 degrees, and over an Armenian town in cells of 0.01, against direct sums."""

from calendar import monthrange

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from pyproj import Geod, Transformer

from urbanreview.grid import geobox_of
from urbanreview.indicators.air import WHO_2021, breathed, mean_over_days, onto_people, over_land
from urbanreview.sources import open_raster
from urbanreview.zones import plan_zones

pytestmark = pytest.mark.real

YEARS = (2003, 2012, 2021)
INSIDE = {"Brussel", "Antwerpen", "Gent", "Leuven", "Charleroi", "Mechelen"}
POINTS = 40
"""Points per side of a population cell where it lies over several cells of air."""
EDGES_WEST, EDGES_NORTH, STEP = 3.375, 52.125, 0.75


@pytest.fixture(scope="module")
def yearly(data):
    """The air of a year as the program reads it."""

    def opened(year):
        path = data / "belgium" / "cams_eac4_pm25_annual_2003_2021.tif"
        return open_raster(path, kind="intensity", units="ug/m3", band=year - 2002, source=f"air {year}")[0]

    return opened


@pytest.fixture(scope="module")
def months(data):
    path = data / "belgium" / "cams_eac4_pm25_monthly_2003_2021.nc"
    return open_raster(path, kind="intensity", units="ug/m3", variable="pm2p5", source="air")[0]


@pytest.fixture(scope="module")
def shares(belgium, municipalities):
    """Municipality, row, column and share of every population cell that it has a part of: one intersection each."""
    t = belgium.odc.geobox.transform
    found = []
    for place, shape in enumerate(municipalities.geometry):
        left, bottom, right, top = shape.bounds
        cols = np.arange(int((left - t.c) // t.a), int((right - t.c) // t.a) + 1)
        rows = np.arange(int((top - t.f) // t.e), int((bottom - t.f) // t.e) + 1)
        row, col = (axis.ravel() for axis in np.meshgrid(rows, cols, indexing="ij"))
        x, y = t.c + t.a * col, t.f + t.e * row
        part = shapely.area(shapely.intersection(shapely.box(x, y + t.e, x + t.a, y), shape)) / abs(t.a * t.e)
        found.append(np.column_stack([np.full(row.size, place), row, col, part])[part > 0])
    place, row, col, part = np.concatenate(found).T
    return place.astype(int), row.astype(int), col.astype(int), part


@pytest.fixture(scope="module")
def under(belgium):
    """Share of every population cell that lies over each of the nine cells of air, shape (rows, cols, 3, 3).

    A cell whose corners lie over one cell of air lies there whole; in others POINTS by POINTS points are looked up.
    """
    t, (rows, cols) = belgium.odc.geobox.transform, belgium.shape
    degrees = Transformer.from_crs("ESRI:54009", "EPSG:4326", always_xy=True)

    def air_cell(y, x):
        lon, lat = degrees.transform(t.c + t.a * x, t.f + t.e * y)
        col, row = np.floor((lon - EDGES_WEST) / STEP), np.floor((EDGES_NORTH - lat) / STEP)
        return np.where((col < 0) | (col > 2) | (row < 0) | (row > 2), 9, 3 * row + col).astype(int)

    corner = air_cell(*np.meshgrid(np.arange(rows + 1.0), np.arange(cols + 1.0), indexing="ij"))
    four = np.stack([corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]])
    shares = (four[0][..., None] == np.arange(10)).astype(float)
    inside = (np.arange(POINTS) + 0.5) / POINTS
    for row, col in np.argwhere(four.max(axis=0) != four.min(axis=0)):
        met = air_cell(*np.meshgrid(row + inside, col + inside, indexing="ij"))
        shares[row, col] = np.bincount(met.ravel(), minlength=10) / POINTS**2
    return shares[..., :9].reshape(rows, cols, 3, 3)


def at_the_people(under, air):
    """Mean of the air over the part of every population cell that lies over it."""
    known = under.sum(axis=(2, 3))
    return np.where(known > 0, (under * air).sum(axis=(2, 3)) / np.where(known > 0, known, 1.0), np.nan)


def direct(belgium, municipalities, shares, dust) -> pd.DataFrame:
    """People with a concentration and what they inhale, added up cell by cell."""
    place, row, col, part = shares
    living, breathing = belgium.values[row, col], dust[row, col]
    valid = np.isfinite(living) & np.isfinite(breathing)
    sums = {
        "people": np.bincount(place[valid], (part * living)[valid], len(municipalities)),
        "inhaled": np.bincount(place[valid], (part * living * breathing)[valid], len(municipalities)),
        "area": np.bincount(place, part * np.isfinite(breathing), len(municipalities)) / np.bincount(place, part),
    }
    for low, high in zip((-1.0, *WHO_2021.bounds), (*WHO_2021.bounds, np.inf), strict=True):
        here = valid & (breathing > low) & (breathing <= high)
        sums[high] = np.bincount(place[here], (part * living)[here], len(municipalities))
    return pd.DataFrame(sums, index=municipalities.index)


@pytest.fixture(scope="module")
def stored_air(data):
    with rasterio.open(data / "belgium" / "cams_eac4_pm25_annual_2003_2021.tif") as file:
        assert file.descriptions == tuple(map(str, range(2003, 2022)))
        return dict(zip(range(2003, 2022), file.read().astype(float), strict=True))


@pytest.mark.parametrize("year", YEARS)
def test_what_belgians_breathe_is_the_sum_over_their_cells(year, belgium, municipalities, shares, under, yearly, stored_air):
    onto = onto_people(yearly(year), geobox_of(belgium))
    found = breathed(plan_zones(municipalities, geobox_of(belgium)), onto, belgium)
    expected = direct(belgium, municipalities, shares, at_the_people(under, stored_air[year]))
    everyone = sum(frame["air.people"].fillna(0.0) for frame in found.bands.values())
    inside = municipalities.index[municipalities["NAME_4"].isin(INSIDE)]
    assert len(inside) == len(INSIDE)
    mean = expected["inhaled"] / expected["people"].where(expected["people"] > 0)
    np.testing.assert_allclose(found.zones.loc[inside, "air.pm25"], mean[inside], rtol=2e-4)
    whole = expected["area"] > 0.999
    assert whole.sum() > 350
    np.testing.assert_allclose(everyone[whole], expected["people"][whole], rtol=1e-9)
    np.testing.assert_allclose(found.zones["air.pm25"][whole], mean[whole], rtol=2e-3)  # on a seam, the grain of the points
    country = (found.zones["air.pm25"] * everyone).sum() / everyone.sum()
    assert country == pytest.approx(expected["inhaled"].sum() / expected["people"].sum(), rel=1e-4)
    assert everyone.sum() == pytest.approx(expected["people"].sum(), rel=1e-3)
    for (band, frame), high in zip(found.bands.items(), (*WHO_2021.bounds, np.inf), strict=True):
        assert frame["air.people"].sum() == pytest.approx(expected[high].sum(), rel=5e-3, abs=2_000), band


def test_four_fifths_of_belgians_live_in_the_nine_cells(belgium, municipalities, yearly):
    """The note beside the file says 82 % of the people and 71 % of the area."""
    onto = onto_people(yearly(2020), geobox_of(belgium))
    country = gpd.GeoSeries([shapely.union_all(municipalities.geometry)], index=["BEL"], crs=municipalities.crs)
    plan = plan_zones(country, geobox_of(belgium))
    found = breathed(plan, onto, belgium)
    row, col, share = plan.cells_of(0)
    everyone = np.nansum(share * belgium.values[row, col])
    counted = sum(frame["air.people"].iloc[0] for frame in found.bands.values())
    assert counted / everyone == pytest.approx(0.82, abs=0.01)
    assert found.zones["valid_share"].iloc[0] == pytest.approx(0.71, abs=0.01)


def test_nearly_every_municipality_is_known_from_fewer_than_four_cells(municipalities, yearly):
    """The corners of the nine cells meet in four places, so that few outlines can touch four of them."""
    air = yearly(2020)
    frame, ledger = over_land(plan_zones(municipalities, geobox_of(air)), air)
    cells = [
        shapely.box(EDGES_WEST + STEP * c, EDGES_NORTH - STEP * (r + 1), EDGES_WEST + STEP * (c + 1), EDGES_NORTH - STEP * r)
        for r in range(3)
        for c in range(3)
    ]
    degrees = shapely.segmentize(municipalities.geometry.values, 500.0)
    outlines = gpd.GeoSeries(degrees, crs=municipalities.crs).to_crs(4326)
    touched = sum((shapely.area(shapely.intersection(outlines.values, cell)) > 0).astype(int) for cell in cells)
    assert (frame["air.source_cells"].to_numpy() == touched).mean() > 0.995
    few = ((frame["air.source_cells"] > 0) & (frame["air.source_cells"] < 4)).sum()
    assert ledger.amount("zone whose value comes from fewer than 4 source cells") == few > 400
    assert frame["air.source_cells"].max() <= 4


def test_a_year_of_months_is_the_year_of_the_producer(months, stored_air):
    for year in (2003, 2004, 2021):
        layers = [(months.sel(time=f"{year}-{month:02}", drop=True), monthrange(year, month)[1]) for month in range(1, 13)]
        np.testing.assert_allclose(mean_over_days(layers)[0].values, stored_air[year], rtol=2e-6)


def test_the_heating_season_of_brussels(data, belgium, municipalities, shares, under, months):
    """October 2019 to March 2020, from the file by xarray alone: 183 days."""
    dates = [(2019, 10), (2019, 11), (2019, 12), (2020, 1), (2020, 2), (2020, 3)]
    layers = [(months.sel(time=f"{y}-{m:02}", drop=True), monthrange(y, m)[1]) for y, m in dates]
    season, _ = mean_over_days(layers)
    onto = onto_people(season, geobox_of(belgium))
    found = breathed(plan_zones(municipalities, geobox_of(belgium)), onto, belgium).zones["air.pm25"]
    with xr.open_dataset(data / "belgium" / "cams_eac4_pm25_monthly_2003_2021.nc") as dataset:
        winter = dataset["pm2p5"].sel(time=slice("2019-10", "2020-03"))
        days = winter.time.dt.days_in_month
        assert int(days.sum()) == 183
        plain = ((winter.astype(float) * days).sum("time") / days.sum()).values
    expected = direct(belgium, municipalities, shares, at_the_people(under, plain))
    inside = municipalities.index[municipalities["NAME_4"].isin(INSIDE)]
    np.testing.assert_allclose(found[inside], (expected["inhaled"] / expected["people"])[inside], rtol=2e-4)


def test_the_air_of_goris_by_area(data):
    """27 cells within the province of Syunik: each by its area on the ellipsoid."""
    air, _ = open_raster(data / "goris" / "pm25_2019_001deg.tif", kind="intensity", units="ug/m3", source="air 2019")
    provinces = gpd.read_file(data / "goris" / "admin_osm.gpkg", layer="admin1").set_index("iso")
    frame, _ = over_land(plan_zones(provinces, geobox_of(air)), air)
    with rasterio.open(data / "goris" / "pm25_2019_001deg.tif") as file:
        values, t = file.read(1).astype(float), file.transform
    rows, cols = np.nonzero(values > 0)
    assert len(rows) == 27
    geod, syunik = Geod(ellps="WGS84"), provinces.geometry["AM-SU"]
    corners = [t @ (col, row) for row, col in zip(rows, cols, strict=True)]
    parts = [shapely.box(x, y + t.e, x + t.a, y).intersection(syunik) for x, y in corners]
    area = np.array([abs(geod.geometry_area_perimeter(part)[0]) for part in parts])
    assert frame.loc["AM-SU", "air.pm25_area"] == pytest.approx((area * values[rows, cols]).sum() / area.sum(), rel=1e-7)
    assert frame.loc["AM-SU", "air.source_cells"] == (area > 0).sum()
    assert frame["air.pm25_area"].notna().sum() == 1
