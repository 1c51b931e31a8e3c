"""581 real municipalities on a real population grid, against an intersection of every cell and against exactextract."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy import sparse
from twins.coverage import cell_shares, to_pixels

from urbanreview.grid import geobox_of, to_crs
from urbanreview.zones import plan_zones, summarise, zone_table

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def plan(belgium, municipalities):
    return plan_zones(municipalities, geobox_of(belgium))


@pytest.fixture(scope="module")
def shares(belgium, municipalities):
    """Shares of cells, one row per municipality, by cutting every cell with every municipality."""
    polygons = to_pixels(municipalities.geometry.values, geobox_of(belgium).transform)
    return as_matrix(*cell_shares(polygons, belgium.shape), len(municipalities), belgium.shape)


def as_matrix(zone, row, col, share, zones, shape):
    return sparse.csr_matrix((share, (zone, row.astype(np.int64) * shape[1] + col)), shape=(zones, shape[0] * shape[1]))


def matrix_of(plan):
    parts = [plan.cells_of(k) for k in range(len(plan.zone_ids))]
    zone = np.repeat(np.arange(len(parts)), [part[0].size for part in parts])
    return as_matrix(zone, *(np.concatenate(column) for column in zip(*parts, strict=True)), len(parts), plan.geobox.shape)


def test_shares_of_cells_are_those_of_an_intersection(plan, shares):
    worst = abs(matrix_of(plan) - shares).max()
    assert worst <= 1e-9, f"largest difference of a cell's share: {worst:.2e}"
    assert shares.nnz > 40_000


def test_areas_are_those_of_the_polygons(plan, municipalities):
    worst = np.abs(plan.covered_cells() - municipalities.area.to_numpy() / 1e6).max()
    assert worst <= 1e-9, f"largest difference of an area: {worst:.2e} cells"


def test_people_are_those_of_an_intersection(plan, shares, belgium):
    expected = shares @ np.nan_to_num(belgium.values).ravel()
    found = summarise(plan, belgium)[0]["sum"].to_numpy()
    worst = (np.abs(found - expected) / np.maximum(expected, 1e-9)).max()
    assert worst <= 1e-9, f"largest relative difference of people: {worst:.2e}"
    assert expected.sum() > 11e6


def test_people_are_those_of_exactextract(plan, belgium, municipalities, data):
    exactextract = pytest.importorskip("exactextract")
    frame = municipalities.rename_axis("zone").reset_index()[["zone", "geometry"]]
    peer = exactextract.exact_extract(
        data / "belgium" / "ghs_pop_e2020_1km.tif", frame, ["sum", "count"], include_cols="zone", output="pandas"
    ).set_index("zone")
    found = summarise(plan, belgium)[0]
    for column in ("sum", "count"):
        expected = peer[column].reindex(found.index)
        worst = (np.abs(found[column] - expected) / np.maximum(expected, 1e-9)).max()
        # The peer's own shares of cells are off by up to 3e-8.
        assert worst <= 1e-7, f"largest relative difference of {column}: {worst:.2e}"


def test_the_way_through_degrees_moves_no_border_by_a_metre_and_nobody_to_the_neighbours(plan, belgium, municipalities):
    """A review keeps its zones in degrees and brings them back to the grid: long straight borders bend a little."""
    features = gpd.GeoDataFrame(municipalities).reset_index(drop=True)
    zones, _ = zone_table(features, level="adm4", iso3="BEL", id_column="UID", name_column="NAME_4")
    there = summarise(plan_zones(zones, geobox_of(belgium)), belgium)[0]["sum"]
    here = summarise(plan, belgium)[0]["sum"].add_prefix("BEL-adm4-").reindex(there.index)
    worst = (there - here).abs().max()
    assert worst < 1.0, f"largest difference of people: {worst:.2f}"
    assert there.sum() == pytest.approx(here.sum(), abs=1.0)
    back = to_crs(zones.geometry, municipalities.crs)
    given = municipalities.geometry.set_axis("BEL-adm4-" + municipalities.index).reindex(back.index)
    metres = shapely.hausdorff_distance(back.values, given.values, densify=0.2).max()
    assert metres < 1.0, f"farthest move of a border: {metres:.2f} m"


def test_municipalities_add_up_to_the_country(plan, belgium, municipalities):
    country = plan_zones(gpd.GeoSeries([municipalities.union_all()], index=["BEL"], crs=municipalities.crs), geobox_of(belgium))
    whole = summarise(country, belgium)[0]["sum"].iloc[0]
    parts = summarise(plan, belgium)[0]["sum"].sum()
    # The layer was simplified piece by piece: where neighbours overlap or part, people count twice or not at all.
    covered = np.asarray(matrix_of(plan).sum(axis=0)).ravel() - np.asarray(matrix_of(country).sum(axis=0)).ravel()
    twice = (covered * np.nan_to_num(belgium.values).ravel()).sum()
    assert parts - twice == pytest.approx(whole, rel=1e-9)
    assert abs(twice) < 1e-3 * whole
