"""Laws of the whole way from a raster to a table, on small countries that chance draws."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from strategies import people as some_people
from toys import degrees, grid, pixel_box, raster

from urbanreview.delineation import EDITIONS, extents, working_population
from urbanreview.grid import geobox_of, resample
from urbanreview.indicators import built_up, lights, population
from urbanreview.zones import link_extents, plan_extents, plan_zones, population_points, summarise, uncovered, zone_table

SHAPE = (7, 9)
GRIDS = [grid(SHAPE, left=-5e6, top=-2.5e6), degrees(SHAPE), degrees(SHAPE, left=-58.4, top=-34.6)]
RULE = replace(EDITIONS["thresholds"].urban_cluster, min_people=2_000.0)
few = settings(max_examples=12)
"""The whole way costs some 50 ms an example."""
cuts = st.tuples(st.integers(1, 8 * 16 - 1), st.integers(1, 6 * 16 - 1)).map(lambda pair: (pair[0] / 16, pair[1] / 16))


def features(here, cut):
    """Three districts that tile the grid: west of a column, and north and south of a row in the east."""
    rows, cols = SHAPE
    parts = {"w": (0, 0, cut[0], rows), "n": (cut[0], 0, cols, cut[1]), "s": (cut[0], cut[1], cols, rows)}
    shapes = [pixel_box(here, *part) for part in parts.values()]
    return gpd.GeoDataFrame({"code": list(parts)}, geometry=shapes, crs=here.crs.to_wkt())


def districts(here, cut):
    return zone_table(features(here, cut), level="adm1", iso3="TOY", id_column="code")[0]


def answers(values, here, zones):
    """Ask everything that the review asks, of districts and settlements."""
    people = raster(values, here)
    found, _ = extents(people, rules=RULE, iso3="TOY")
    plan = plan_zones(zones, here)
    links = link_extents(found, plan, people, relation="district")
    urban = links.groupby("to_id")["people"].sum()
    table, _ = population(plan, people, land_km2=zones["area_km2"], urban=urban)
    points, _ = population_points(zones, plan, people)
    return found, links, table, points


def farthest(points, others):
    """Largest distance between points of the same place in two tables [degrees]."""
    return shapely.distance(points.geometry.values, others.geometry.values).max(initial=0.0)


@few
@given(some_people(SHAPE), cuts, st.sampled_from(GRIDS))
def test_law_districts_that_tile_the_country_add_up_to_it(values, cut, here):
    _, _, table, _ = answers(values, here, districts(here, cut))
    np.testing.assert_allclose(table["population.total"].sum(), np.nansum(values), rtol=1e-7, atol=1e-6)


@few
@given(some_people(SHAPE), cuts, st.sampled_from(GRIDS))
def test_law_urban_people_of_districts_add_up_to_those_of_settlements(values, cut, here):
    found, _, table, _ = answers(values, here, districts(here, cut))
    np.testing.assert_allclose(table["population.urban"].sum(), found.zones["people"].sum(), rtol=1e-7, atol=1e-6)
    shares = table["population.urban_share"].dropna()
    assert shares.between(0, 1 + 1e-9).all()


@few
@given(some_people(SHAPE), cuts)
def test_law_territory_without_a_district_and_districts_fill_the_outline(values, cut):
    here = GRIDS[0]
    people = raster(values, here)
    zones = districts(here, cut)
    outline = gpd.GeoSeries([pixel_box(here, 0, 0, SHAPE[1], SHAPE[0])], crs=here.crs.to_wkt()).to_crs(4326)
    kept = zones.drop(index="TOY-adm1-s")
    rest = uncovered(outline, kept, name="No district")
    parts = [summarise(plan_zones(table, here), people)[0]["sum"].sum() for table in (kept, rest)]
    # The outline's corners are joined in degrees, the districts' lines bend on the map: metres at the rim.
    np.testing.assert_allclose(sum(parts), np.nansum(values), rtol=1e-4, atol=1.0)


@few
@given(some_people(SHAPE), cuts, st.permutations([0, 1, 2]))
def test_law_shuffling_districts_changes_nothing(values, cut, order):
    here = GRIDS[1]
    shuffled = zone_table(features(here, cut).iloc[order], level="adm1", iso3="TOY", id_column="code")[0]
    _, links, table, points = answers(values, here, districts(here, cut))
    _, other_links, other_table, other_points = answers(values, here, shuffled)
    pd.testing.assert_frame_equal(other_links, links, check_exact=True)
    pd.testing.assert_frame_equal(other_table, table, check_exact=True)
    assert other_points.equals(points)


@few
@given(some_people(SHAPE), cuts, st.integers(1, 4), st.integers(1, 4), st.sampled_from(GRIDS))
def test_law_a_wider_window_changes_nothing(values, cut, down, right, here):
    """Reading with a margin must not move an id, a sum, a link or a point."""
    zones = districts(here, cut)
    t = here.transform
    wide = GeoBox((SHAPE[0] + 2 * down, SHAPE[1] + 2 * right), t @ t.translation(-right, -down), here.crs)
    padded = np.pad(values, ((down, down), (right, right)), constant_values=np.nan)
    found, links, table, points = answers(values, here, zones)
    wide_found, wide_links, wide_table, wide_points = answers(padded, wide, zones)
    assert wide_found.zones.index.tolist() == found.zones.index.tolist()
    assert wide_found.zones["people"].tolist() == found.zones["people"].tolist()
    assert wide_links[["from_id", "to_id", "rank"]].equals(links[["from_id", "to_id", "rank"]])
    np.testing.assert_allclose(wide_links["people"], links["people"], rtol=1e-7, atol=1e-6)
    np.testing.assert_allclose(wide_table["population.total"], table["population.total"], rtol=1e-7, atol=1e-6)
    assert wide_points["how"].tolist() == points["how"].tolist()
    assert farthest(wide_points, points) < 1e-7


@few
@given(some_people(SHAPE), st.sampled_from([2.0, 8.0]), st.sampled_from(GRIDS))
def test_law_more_people_everywhere_move_no_point_and_no_share(values, times, here):
    zones = districts(here, (4.25, 2.5))
    plan = plan_zones(zones, here)
    points, _ = population_points(zones, plan, raster(values, here))
    more, _ = population_points(zones, plan, raster(values * times, here))
    assert more["how"].tolist() == points["how"].tolist()
    assert farthest(more, points) < 1e-12
    table, _ = summarise(plan, raster(values, here))
    scaled, _ = summarise(plan, raster(values * times, here))
    np.testing.assert_array_equal(scaled["sum"], table["sum"] * times)


@settings(max_examples=6)
@given(some_people((24, 20), largest=90), st.sampled_from([3, 4, 10]))
def test_law_people_survive_the_way_to_working_cells_and_to_another_grid(values, per_side):
    fine = grid((24, 20), cell=1_000.0 / per_side, left=-5e6 - 130.0, top=-2.5e6 + 70.0)
    people = raster(values, fine)
    working, ledger = working_population(people)
    assert ledger.frame()["amount"].tolist() == [per_side]
    assert float(working.sum()) == np.nansum(values)
    moved, lost = resample(working, to=degrees((30, 30), left=-55.1, top=-20.1))
    arrived = float(moved.sum()) + lost.amount("outside the other grid")
    np.testing.assert_allclose(arrived, np.nansum(values), rtol=1e-9, atol=1e-9)


@few
@given(cuts, st.sampled_from(GRIDS))
def test_law_a_raster_of_nodata_yields_missing_never_zero(cut, here):
    nothing = np.full(SHAPE, np.nan)
    zones = districts(here, cut)
    found, links, table, points = answers(nothing, here, zones)
    assert found.zones.empty
    assert links.empty
    assert table.drop(columns="valid_share").isna().all(axis=None)
    assert (points["how"] == "centroid").all()
    plan = plan_zones(zones, here)
    lit, _ = lights(plan, raster(nothing, here, kind="intensity"), floor=0.1)
    built, _ = built_up(plan, raster(nothing, here, units="m2"), people=None, area_km2=zones["area_km2"])
    for frame in (lit, built):
        assert frame.drop(columns="valid_share").isna().all(axis=None)
        assert (frame["valid_share"] == 0).all()


@few
@given(some_people(SHAPE), st.sampled_from(GRIDS))
def test_law_a_settlements_point_is_a_populated_cell_of_its_own(values, here):
    people = raster(values, here)
    found, _ = extents(people, rules=RULE, iso3="TOY")
    points, _ = population_points(found.zones, plan_extents(found), people, on_populated_cell=True)
    image = found.image()
    there = points.to_crs(geobox_of(people).crs.to_wkt())
    for number, point in enumerate(there.geometry, start=1):
        col, row = ~here.transform @ (point.x, point.y)
        assert image[int(row), int(col)] == number
        assert values[int(row), int(col)] > 0


@few
@given(some_people(SHAPE), st.sampled_from(GRIDS))
def test_law_the_same_question_gets_the_same_answer_twice(values, here):
    zones = districts(here, (4.25, 2.5))
    first, second = answers(values, here, zones), answers(values, here, zones)
    assert first[0].zones.equals(second[0].zones)
    for one, other in zip(first[1:], second[1:], strict=True):
        assert one.equals(other)
