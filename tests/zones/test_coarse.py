"""Weights of coarse cells: exact areas, people by their cell's centre, and means over what is there."""

import numpy as np
import pandas as pd
import pytest
import shapely
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2, geodesic_area_km2
from urbanreview.zones import plan_zones, summarise
from urbanreview.zones.coarse import area_weights, beside, few_cells, people_weights, source_cells, zone_means

HALF = degrees((4, 5), left=66.0, top=48.0, cell=0.5)
ODD = {
    "corner": shapely.box(66.1, 47.3, 66.9, 47.9),
    "slanted": shapely.Polygon([(66.2, 46.1), (68.3, 46.4), (67.1, 47.8)]),
    "inside one": shapely.box(67.1, 46.6, 67.2, 46.7),
}


@pytest.fixture
def plan():
    return plan_zones(zones_of(ODD), HALF)


def test_area_weights_are_the_true_area_of_every_zone(plan):
    found = area_weights(plan)
    true_km2 = geodesic_area_km2(zones_of(ODD).geometry)
    np.testing.assert_allclose(found.weights.sum(axis=1), true_km2, rtol=3e-3)
    np.testing.assert_allclose(found.whole, found.weights.sum(axis=1), rtol=1e-9)


def test_one_cell_weighs_the_intersection_with_its_own_rectangle(plan):
    rows, cols = HALF.shape
    weights = area_weights(plan).weights.toarray().reshape(-1, rows, cols)
    for zone, shape in enumerate(ODD.values()):
        for row in range(rows):
            for col in range(cols):
                cell = shapely.box(66 + col / 2, 48 - (row + 1) / 2, 66 + (col + 1) / 2, 48 - row / 2)
                share = shape.intersection(cell).area / cell.area
                assert weights[zone, row, col] == pytest.approx(share * cell_area_km2(HALF)[row, 0], abs=1e-6)


def test_means_by_area_are_those_of_summarise(plan):
    values = np.random.default_rng(1).random((3, *HALF.shape))
    values[1, 2, :2] = np.nan
    mean, valid = zone_means(area_weights(plan), values)
    for step, layer in enumerate(values):
        table, _ = summarise(plan, raster(layer, HALF, kind="intensity", units="mm/month"))
        np.testing.assert_allclose(mean[:, step], table["mean"], rtol=1e-12)
        np.testing.assert_allclose(valid[:, step], table["valid_share"], atol=2e-3)


def test_a_zone_beyond_the_grid_is_known_in_part():
    zones = zones_of({"half": shapely.box(65.0, 47.5, 67.0, 48.0), "none": shapely.box(10, 10, 11, 11)})
    mean, valid = zone_means(area_weights(plan_zones(zones, HALF)), np.ones((1, *HALF.shape)))
    assert mean[:, 0].tolist() == [1.0, pytest.approx(np.nan, nan_ok=True)]
    assert valid[:, 0].tolist() == [pytest.approx(0.5), 0.0]


class TestPeople:
    FINE = degrees((20, 25), left=66.0, top=48.0, cell=0.1)

    def weights(self, people, shapes):
        return people_weights(plan_zones(zones_of(shapes), self.FINE), raster(people, self.FINE), HALF)

    def test_everybody_is_placed_once(self):
        people = np.random.default_rng(2).integers(0, 50, self.FINE.shape).astype(float)
        found = self.weights(people, {"all": shapely.box(66.0, 46.0, 68.5, 48.0)})
        assert found.weights.sum() == people.sum() == found.whole[0]
        blocks = people.reshape(4, 5, 5, 5).sum(axis=(1, 3))
        assert found.weights.toarray().reshape(HALF.shape).tolist() == blocks.tolist()

    def test_halves_of_a_zone_add_up_to_it(self):
        people = np.random.default_rng(3).random(self.FINE.shape)
        whole = shapely.box(66.13, 46.4, 67.77, 47.6)
        halves = {"west": shapely.box(66.13, 46.4, 67.0, 47.6), "east": shapely.box(67.0, 46.4, 67.77, 47.6)}
        found = self.weights(people, {"whole": whole} | halves).weights.toarray()
        np.testing.assert_allclose(found[0], found[1] + found[2], rtol=1e-9)

    def test_a_city_pulls_the_mean_to_its_own_cell(self):
        people = np.ones(self.FINE.shape)
        people[2, 2] = 1e6
        found = self.weights(people, {"all": shapely.box(66.0, 46.0, 68.5, 48.0)})
        heat = np.full((1, *HALF.shape), 10.0)
        heat[0, 0, 0] = 20.0
        assert zone_means(found, heat)[0].item() == pytest.approx((1_000_024 * 20 + 475 * 10) / 1_000_499)

    def test_people_where_nothing_is_known_are_in_neither_sum(self):
        people = np.full(self.FINE.shape, 4.0)
        found = self.weights(people, {"all": shapely.box(66.0, 46.0, 68.5, 48.0)})
        rain = np.full((1, *HALF.shape), 30.0)
        rain[0, :, 1:] = np.nan
        mean, valid = zone_means(found, rain)
        assert (mean.item(), valid.item()) == (30.0, pytest.approx(0.2))

    def test_people_beyond_the_coarse_grid_count_as_unknown(self):
        small = degrees((4, 1), left=66.0, top=48.0, cell=0.5)
        people = raster(np.ones(self.FINE.shape), self.FINE)
        found = people_weights(plan_zones(zones_of({"all": shapely.box(66.0, 46.0, 68.5, 48.0)}), self.FINE), people, small)
        assert found.whole.item() == 500.0
        assert zone_means(found, np.ones((1, 4, 1)))[1].item() == pytest.approx(0.2)

    def test_a_coarse_grid_in_metres(self):
        fine = degrees((1, 2), left=10.0, top=0.05, cell=0.1)
        coarse = grid((1, 2), left=1_103_000.0, top=50_000.0, cell=100_000.0, crs="EPSG:6933")
        people = raster([[3.0, 5.0]], fine)
        plan = plan_zones(zones_of({"a": pixel_box(fine, 0, 0, 2, 1)}), fine)
        # 10.05 and 10.15 degrees are 969.7 and 979.3 km east of Greenwich in this projection: left of the grid
        assert people_weights(plan, people, coarse).weights.sum() == 0.0
        moved = grid((1, 2), left=875_000.0, top=50_000.0, cell=100_000.0, crs="EPSG:6933")
        assert people_weights(plan, people, moved).weights.toarray().tolist() == [[3.0, 5.0]]

    def test_what_is_no_count_or_on_another_grid_is_refused(self):
        plan = plan_zones(zones_of(ODD), self.FINE)
        with pytest.raises(UndeclaredRaster, match="kind='intensity', expected kind count"):
            people_weights(plan, raster(np.ones(self.FINE.shape), self.FINE, kind="intensity"), HALF)
        with pytest.raises(GridMismatch):
            people_weights(plan, raster(np.ones(HALF.shape), HALF), HALF)


def test_sets_beside_one_another_keep_their_zones(plan):
    one, other = area_weights(plan), area_weights(plan_zones(zones_of({"far": shapely.box(66.0, 46.0, 67.0, 46.5)}), HALF))
    both = beside([one, other])
    assert both.zone_ids.tolist() == [*ODD, "far"]
    np.testing.assert_array_equal(both.weights.toarray()[:3], one.weights.toarray())
    np.testing.assert_array_equal(both.whole, [*one.whole, *other.whole])


def test_cells_are_counted_by_touch_and_few_are_told(plan):
    there = np.ones(HALF.shape, bool)
    cells = source_cells(area_weights(plan), there)
    assert cells.to_dict() == {"corner": 4.0, "slanted": 15.0, "inside one": 1.0}
    there[0, 0] = False
    fewer = source_cells(area_weights(plan), there)
    assert fewer["corner"] == 3.0
    assert few_cells(cells, step="climate").amount("zone whose value comes from fewer than 4 source cells") == 1
    assert few_cells(fewer, step="climate").amount("zone whose value comes from fewer than 4 source cells") == 2


def test_nothing_to_tell_of_zones_without_any_cell():
    assert few_cells(pd.Series([0.0, 9.0]), step="air").entries == ()
