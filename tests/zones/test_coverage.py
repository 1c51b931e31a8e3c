"""Coverage plans: which cells a zone covers, on grids that no binary fraction hits, and settlements from labels."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from strategies import label_images, polygons
from toys import ARC_30, degrees, grid, pixel_box, raster, toy_country, zones_of
from twins.coverage import dense_shares

from urbanreview.delineation import EDITIONS, extents, keep_extents
from urbanreview.grid import geobox_of, trace
from urbanreview.zones import Plans, plan_extents, plan_zones, summarise, zone_table

SHAPE = (7, 10)
GRIDS = {
    "metres": grid(SHAPE, left=2_000_000.0, top=5_500_000.0),
    "degrees": degrees(SHAPE),
    "south-west": degrees(SHAPE, left=-60.0, top=-30.0),
    "not square": grid(SHAPE, cell=300.0, height=700.0, left=-5e6, top=-2.5e6),
}


def dense(plan):
    image = np.zeros((len(plan.zone_ids), *plan.geobox.shape))
    for zone in range(len(plan.zone_ids)):
        row, col, share = plan.cells_of(zone)
        np.add.at(image[zone], (row, col), share)
    return image


def on_grid(shape, geobox):
    t = geobox.transform
    return shapely.transform(shape, lambda xy: np.column_stack([t.c + t.a * xy[:, 0], t.f + t.e * xy[:, 1]]))


@given(st.lists(polygons(SHAPE), min_size=1, max_size=3), st.sampled_from(list(GRIDS)))
def test_shares_are_those_of_an_intersection_on_every_grid(shapes, where):
    here = GRIDS[where]
    zones = zones_of({str(k): on_grid(shape, here) for k, shape in enumerate(shapes)}, here.crs.to_wkt())
    plan = plan_zones(zones, here)
    # The way through degrees costs ten digits of a pixel coordinate.
    np.testing.assert_allclose(dense(plan), dense_shares(shapes, SHAPE), rtol=0, atol=1e-9)
    np.testing.assert_allclose(plan.size_cells, shapely.area(shapes), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(plan.covered_cells(), dense(plan).sum(axis=(1, 2)), rtol=1e-12, atol=1e-12)
    np.testing.assert_array_equal(plan.touched(), (dense(plan) > 0).any(axis=0))


@given(label_images(largest=10, most=3), st.sampled_from([degrees((10, 10)), degrees((10, 10), left=-179.9995833, top=0.05)]))
def test_outlines_of_cells_are_just_these_cells(values, here):
    """Traced in degrees, read back as zones: no cell lost, none touched that is not theirs."""
    box = here[: values.shape[0], : values.shape[1]]
    outlines = trace(raster(values, box, kind="class"))
    plan = plan_zones(outlines, box)
    assert plan.cover.cell_share.size == 0
    for zone, label in enumerate(outlines.index):
        np.testing.assert_array_equal(dense(plan)[zone], values == label)


def test_zones_without_a_shape_keep_their_place():
    here = GRIDS["degrees"]
    zones = zones_of({"a": pixel_box(here, 0, 0, 1, 1), "b": None, "c": shapely.Polygon(), "d": pixel_box(here, 1, 0, 3, 1)})
    plan = plan_zones(zones, here)
    assert plan.zone_ids.tolist() == ["a", "b", "c", "d"]
    np.testing.assert_allclose(plan.covered_cells(), [1, 0, 0, 2], atol=1e-12)
    assert plan.size_cells[1:3].tolist() == [0, 0]
    assert [part.size for part in plan.cells_of(1)] == [0, 0, 0]
    np.testing.assert_array_equal(plan.cells_of(3)[1], [1, 2])


def test_no_zones_at_all():
    plan = plan_zones(zones_of({}), GRIDS["degrees"])
    assert plan.covered_cells().size == 0
    assert not plan.touched().any()


def test_size_counts_the_part_beyond_the_grid():
    here = GRIDS["metres"]
    plan = plan_zones(zones_of({"a": pixel_box(here, -2, -1, 3, 4)}, here.crs.to_wkt()), here)
    assert plan.covered_cells().tolist() == [12.0]
    assert plan.size_cells == pytest.approx([25.0])


def test_a_polygon_without_a_cell_centre_has_its_share():
    here = GRIDS["degrees"]
    plan = plan_zones(zones_of({"a": pixel_box(here, 2.6, 3.6, 2.9, 3.8)}), here)
    row, col, share = plan.cells_of(0)
    assert (row.tolist(), col.tolist()) == ([3], [2])
    assert share[0] == pytest.approx(0.06, abs=1e-9)


def test_zones_move_to_the_grid_whatever_their_system(toy):
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    plan = plan_zones(zones, geobox_of(toy.people))
    np.testing.assert_allclose(plan.covered_cells(), [27.0, 10.125, 16.875], rtol=1e-6)


# --- settlements on their own grid ------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["urban_cluster", "urban_centre"])
def test_settlements_on_their_own_grid_are_sums_of_labels(level):
    random = np.random.default_rng(4)
    values = random.pareto(0.8, (50, 70)) * 150
    values[random.random(values.shape) < 0.05] = np.nan
    people = raster(values, degrees((50, 70)))
    found, _ = extents(people, rules=getattr(EDITIONS["thresholds"], level), iso3="TOY")
    assert len(found.zones) > 0
    table, ledger = summarise(plan_extents(found), people)
    image = found.image()
    for number, zone_id in enumerate(found.zones.index, start=1):
        cells = values[image == number]
        assert table.loc[zone_id, "count"] == cells.size
        assert table.loc[zone_id, "sum"] == pytest.approx(cells.sum(), rel=1e-13)
        assert table.loc[zone_id, "sum"] == pytest.approx(found.zones.loc[zone_id, "people"], rel=1e-13)
        assert (table.loc[zone_id, "min"], table.loc[zone_id, "max"]) == (cells.min(), cells.max())
    assert (table["valid_share"] == 1).all()
    assert ledger.frame().empty


def test_plans_from_labels_and_from_polygons_are_one_on_that_grid(toy):
    found, _ = extents(toy.people, rules=EDITIONS["thresholds"].urban_cluster, iso3="TOY")
    labels, outlines = plan_extents(found), plan_zones(found.zones, found.geobox)
    np.testing.assert_array_equal(dense(labels), np.stack([found.image() == 1, found.image() == 2]))
    np.testing.assert_allclose(dense(outlines), dense(labels), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(labels.size_cells, found.zones["cells"])


def test_a_plan_is_made_once_per_grid_and_from_labels_on_their_own():
    toy = toy_country()
    found, _ = extents(toy.people, rules=EDITIONS["thresholds"].urban_cluster, iso3="TOY")
    plans = Plans(found.zones, found)
    own = plans.on(found.geobox)
    assert own.cover.cell_share.size == 0
    assert plans.on(geobox_of(toy.people)) is own
    other = plans.on(degrees((5, 5)))
    assert other is not own
    assert plans.on(degrees((5, 5))) is other
    assert plans.on(degrees((5, 5), left=46.0 + 59 / 120 + 1e-9 * ARC_30)) is other


def test_plans_follow_the_settlements_that_were_kept():
    toy = toy_country()
    found, _ = extents(toy.people, rules=EDITIONS["thresholds"].urban_cluster, iso3="TOY")
    town = keep_extents(found, np.array([False, True]))
    assert summarise(plan_extents(town), toy.people)[0]["sum"].tolist() == [5_900.0]


def test_no_settlements_have_an_empty_plan():
    people = raster(np.zeros((3, 3)), degrees((3, 3)))
    found, _ = extents(people, rules=EDITIONS["thresholds"].urban_centre)
    plan = plan_extents(found)
    assert plan.covered_cells().size == 0
    assert summarise(plan, people)[0].empty
