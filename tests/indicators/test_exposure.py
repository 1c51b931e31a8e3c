"""Exposure by the share of a cell's land in the hazard zone: counted by hand, beside a slow twin, and by laws."""

import tracemalloc
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.errors import BadSetting, GridMismatch, NoOverlap, UndeclaredRaster
from urbanreview.grid import cell_area_km2, to_crs
from urbanreview.indicators.exposure import (
    beyond_the_maps,
    expected_exposure,
    exposed_built_up,
    exposed_land,
    exposed_people,
    growth_into,
    nearest_year,
)
from urbanreview.indicators.hazard import Hazard, Held, Peril, Tally, windows
from urbanreview.indicators.hazard_share import HazardShare, hazard_shares
from urbanreview.kernels.coverage import split_cells
from urbanreview.kernels.exposure import split_between_nodes
from urbanreview.zones import plan_zones

TOP, LEFT = 5_500_000.0, 2_000_000.0
COARSE = grid((3, 4), left=LEFT, top=TOP)
FINE = grid((30, 40), left=LEFT, top=TOP, cell=100.0)
PEOPLE = np.array([[100.0, 200.0, 0.0, 40.0], [10.0, 50.0, 80.0, np.nan], [7.0, 0.0, 0.0, 1000.0]])


def share_of(*maps, to: GeoBox = COARSE, water=None, wanted=None) -> HazardShare:
    return hazard_shares(Hazard(maps, water), [(to, wanted)])[0][0]


def flood(depth, geobox=FINE, threshold=0.15, **more) -> Peril:
    return Peril(Held(np.asarray(depth, float), geobox), threshold, **more)


def zones(to: GeoBox, **parts):
    return plan_zones(zones_of({name: pixel_box(to, *part) for name, part in parts.items()}, to.crs), to)


def whole(to: GeoBox = COARSE):
    return zones(to, all=(0, 0, to.shape[1], to.shape[0]))


def people_in(share: HazardShare, plan=None, values=PEOPLE, to: GeoBox = COARSE) -> pd.DataFrame:
    return exposed_people(plan or whole(to), raster(values, to), share)[0]


def river(col: int = 13) -> np.ndarray:
    """A river from north to south, one fine cell wide."""
    depth = np.zeros((30, 40))
    depth[:, col] = 2.0
    return depth


class TestTheShareOfACell:
    def test_a_river_of_one_fine_column_exposes_a_tenth_of_the_people_of_the_cells_it_crosses(self):
        """Neither all of them, as the deepest fine cell would have it, nor none, as the mean depth of 0.2 m would."""
        found = people_in(share_of(flood(river(), threshold=0.5)))
        assert found.loc["all", "exposure.people"] == pytest.approx((200 + 50 + 0) / 10, rel=1e-6)
        assert found.loc["all", "exposure.people_share"] == pytest.approx(25 / np.nansum(PEOPLE), rel=1e-6)
        assert found.loc["all", "valid_share"] == 1.0

    def test_a_map_that_begins_in_the_middle_of_a_cell_is_split_along_its_edge(self):
        """Hazard cells of 400 m beginning 200 m west: the flooded one is half in the first cell, half in the second."""
        here = grid((2, 4), left=LEFT + 800, top=TOP, cell=400.0)
        share = share_of(flood([[1.0, 0, 0, 0], [1.0, 0, 0, 0]], here), to=grid((1, 2), left=LEFT, top=TOP))
        assert share.share.values[0].tolist() == pytest.approx([1.0, 0.2 * 0.8 / 0.8], rel=1e-6)
        assert share.known[0].tolist() == pytest.approx([0.2 * 0.8, 0.8], rel=1e-6)

    def test_the_threshold_itself_is_not_beyond_it_also_in_single_precision(self):
        depth = np.array([[0.15, 0.1500001]], np.float32)
        here = grid((1, 2), left=LEFT, top=TOP)
        share = share_of(Peril(Held(depth, here), 0.15), to=here)
        assert share.share.values.tolist() == [[0.0, 1.0]]

    def test_below_a_threshold_counts_what_lies_lower_sea_level_and_all(self):
        here = grid((1, 4), left=LEFT, top=TOP)
        share = share_of(flood([[-3.0, 9.0, 10.0, 11.0]], here, threshold=10.0, direction="below"), to=here)
        assert share.share.values.tolist() == [[1.0, 1.0, 0.0, 0.0]]

    def test_a_fraction_scales_the_cells_beyond_and_no_others(self):
        here = grid((1, 4), left=LEFT, top=TOP)
        fraction = Held(np.array([[0.25, 0.9, 1.2, np.nan]]), here)
        share = share_of(flood([[1.0, 0.1, 1.0, 1.0]], here, fraction=fraction), to=here)
        np.testing.assert_allclose(share.share.values, [[0.25, 0.0, 1.0, np.nan]], rtol=1e-6)

    def test_equal_grids_are_a_direct_count(self):
        rng = np.random.default_rng(5)
        here = degrees((7, 9))
        depth, people = rng.uniform(0, 0.4, (7, 9)), rng.integers(0, 900, (7, 9)).astype(float)
        found = people_in(share_of(flood(depth, here), to=here), whole(here), people, here)
        assert found.loc["all", "exposure.people"] == people[depth > 0.15].sum()

    def test_a_hazard_coarser_than_the_people_is_spread_over_them(self):
        fine = grid((2, 6), left=LEFT, top=TOP, cell=500.0)
        share = share_of(flood([[1.0, 0.0, 1.0]], grid((1, 3), left=LEFT, top=TOP)), to=fine)
        assert share.share.values.tolist() == [[1.0, 1.0, 0.0, 0.0, 1.0, 1.0]] * 2

    def test_several_grids_are_served_by_one_reading(self):
        coarse, fine = grid((1, 1), left=LEFT, top=TOP, cell=4000.0), grid((6, 8), left=LEFT, top=TOP, cell=500.0)
        together, tally, _ = hazard_shares(Hazard([flood(river())]), [(coarse, None), (fine, None)])
        for found, to in zip(together, (coarse, fine), strict=True):
            np.testing.assert_array_equal(found.share.values, share_of(flood(river()), to=to).share.values)
        assert tally.read == 1


class TestWhatIsNotKnown:
    def test_outside_the_raster_is_missing_and_not_dry(self):
        west = grid((30, 20), left=LEFT, top=TOP, cell=100.0)
        share = share_of(flood(river()[:, :20], west, missing_is_dry=True))
        assert np.isnan(share.share.values[:, 2:]).all()
        found = people_in(share, zones(COARSE, west=(0, 0, 2, 3), both=(0, 0, 4, 3), east=(2, 0, 4, 3)))
        assert found["valid_share"].tolist() == pytest.approx([1.0, 0.5, 0.0])
        assert found["exposure.people"].tolist() == pytest.approx([25.0, 25.0, np.nan], nan_ok=True)
        assert found.loc["both", "exposure.people_share"] == pytest.approx(25 / PEOPLE[:, :2].sum(), rel=1e-6)

    @pytest.mark.parametrize(("dry", "share", "valid"), [(True, 0.1, 1.0), (False, 0.2, 0.5)])
    def test_nodata_inside_is_dry_or_unknown_as_told(self, dry, share, valid):
        depth = np.full((10, 10), np.nan)
        depth[:, :5] = 0.0
        depth[:, 2] = 1.0
        cell = grid((1, 1), left=LEFT, top=TOP)
        found = share_of(flood(depth, grid((10, 10), left=LEFT, top=TOP, cell=100.0), missing_is_dry=dry), to=cell)
        assert float(found.share[0, 0]) == pytest.approx(share, rel=1e-6)
        assert people_in(found, whole(cell), [[100.0]], cell).loc["all"].tolist() == pytest.approx([100 * share, share, valid])

    def test_a_raster_of_nodata_yields_missing_never_zero(self):
        found = people_in(share_of(flood(np.full((30, 40), np.nan))))
        assert found.loc["all"].tolist() == pytest.approx([np.nan, np.nan, 0.0], nan_ok=True)

    def test_the_people_there_are_counted(self):
        west = grid((30, 20), left=LEFT, top=TOP, cell=100.0)
        wanted = np.ones((3, 4), bool)
        wanted[2] = False
        share = share_of(flood(river()[:, :20], west), wanted=wanted)
        lost = beyond_the_maps(raster(PEOPLE, COARSE), share).frame()
        assert lost[["unit", "amount"]].values.tolist() == [["people", 40.0 + 80.0]]

    def test_negative_depth_is_missing_and_counted(self):
        depth = river()
        depth[:, 20:30] = -0.5
        shares, tally, ledger = hazard_shares(Hazard([flood(depth, never_negative=True)]), [(COARSE, None)])
        assert tally.negative == 300
        assert ledger.amount("values below zero where only zero and more can be: missing") == 300
        assert np.isnan(shares[0].share.values[:, 2]).all()

    @pytest.mark.parametrize(
        ("values", "dry"),
        [
            ([[np.nan, 0.4, np.nan, 2.0]], True),  # JRC: only what is flooded has a value
            ([[np.nan, 0.4, 0.0, 2.0]], False),  # Aqueduct: zero is dry, so nodata is something else
            ([[np.nan, np.nan, np.nan, np.nan]], False),
        ],
    )
    def test_a_map_without_a_zero_leaves_out_what_is_dry(self, values, dry):
        here = degrees((1, 4))
        outline = gpd.GeoSeries([shapely.box(*here.boundingbox.bbox)], crs=4326)
        assert flood(values, here).missing_looks_dry(outline) is dry
        assert flood(np.array(values) - 0.0, here, never_negative=True).missing_looks_dry(outline) is dry

    def test_a_map_of_another_place_is_refused(self):
        with pytest.raises(NoOverlap, match="hazard"):
            share_of(flood([[1.0]], grid((1, 1), left=-9e6, top=TOP)))


class TestSeveralPerils:
    def test_a_cell_takes_the_worst(self):
        rng = np.random.default_rng(1)
        first, second = rng.uniform(0, 0.3, (2, 30, 40))
        joined, expected = (
            share_of(*maps).share.values for maps in ((flood(first), flood(second)), (flood(np.maximum(first, second)),))
        )
        np.testing.assert_array_equal(joined, expected)

    def test_a_coarser_peril_counts_on_the_grid_of_the_finer(self):
        coast = np.zeros((3, 4))
        coast[0, 1] = 1.0
        found = [
            share_of(*maps).share.values
            for maps in ((flood(river()), flood(coast, COARSE)), (flood(coast, COARSE), flood(river())))
        ]
        expected = np.zeros((3, 4))
        expected[:, 1] = 0.1
        expected[0, 1] = 1.0
        np.testing.assert_allclose(found, [expected] * 2, rtol=1e-6)

    def test_a_peril_whose_map_ends_says_nothing_beyond(self):
        strip = grid((30, 10), left=LEFT, top=TOP, cell=100.0)
        found = share_of(flood(river()), flood(np.ones((30, 10)), strip))
        assert found.known.min() == 1.0
        np.testing.assert_allclose(found.share.values[0], [1.0, 0.1, 0.0, 0.0], rtol=1e-6)

    def test_a_peril_in_another_reference_system_is_taken_at_the_centres(self):
        here = degrees((20, 20), left=50.0, top=48.0, cell=0.01)
        there = grid((400, 400), left=3.4e6, top=5.66e6, cell=500.0, crs="EPSG:3857")
        x, y = there.transform @ (0, 0), there.transform @ (400, 400)
        there = grid((400, 400), left=50.0 * 111_319.49 - 1e5, top=6.2e6, cell=500.0, crs="EPSG:3857")
        found = share_of(flood(np.zeros((20, 20)), here), flood(np.ones((400, 400)), there), to=here)
        assert x != y
        lon, lat = np.meshgrid(50.005 + 0.01 * np.arange(20), 47.995 - 0.01 * np.arange(20))
        points = to_crs(gpd.GeoSeries.from_xy(lon.ravel(), lat.ravel(), crs=4326), 3857)
        inside = points.within(shapely.box(*there.boundingbox.bbox)).to_numpy().reshape(20, 20)
        np.testing.assert_array_equal(found.share.values > 0, inside)


class TestPermanentWater:
    def test_it_is_neither_hazard_nor_land(self):
        """Half of the cell is a lake, and a fifth of the rest is flooded: a fifth of the people are exposed."""
        depth, lake = np.zeros((10, 10)), np.zeros((10, 10))
        depth[:, :6] = 3.0
        lake[:, :5] = 1.0
        cell, here = grid((1, 1), left=LEFT, top=TOP), grid((10, 10), left=LEFT, top=TOP, cell=100.0)
        share = share_of(flood(depth, here), to=cell, water=Held(lake, here))
        assert people_in(share, whole(cell), [[100.0]], cell).loc["all"].tolist() == pytest.approx([20.0, 0.2, 1.0])
        land, _ = exposed_land(whole(cell), share)
        assert land.loc["all"].tolist() == pytest.approx([0.1, 0.2, 1.0])

    def test_a_zone_of_water_alone_has_no_land_and_no_answer(self):
        cell, here = grid((1, 1), left=LEFT, top=TOP), grid((10, 10), left=LEFT, top=TOP, cell=100.0)
        share = share_of(flood(np.ones((10, 10)), here), to=cell, water=Held(np.ones((10, 10)), here))
        assert people_in(share, whole(cell), [[5.0]], cell).loc["all"].tolist() == pytest.approx(
            [np.nan, np.nan, 0.0], nan_ok=True
        )

    def test_water_on_another_grid_is_taken_at_the_centres(self):
        lake = Held(np.array([[1.0, 0.0]]), grid((1, 2), left=LEFT, top=TOP, cell=500.0, height=1000.0))
        here = grid((10, 10), left=LEFT, top=TOP, cell=100.0)
        share = share_of(flood(np.ones((10, 10)), here), to=grid((1, 1), left=LEFT, top=TOP), water=lake)
        assert (float(share.known[0, 0]), float(share.water[0, 0]), float(share.share[0, 0])) == pytest.approx((0.5, 0.5, 1.0))


def slow_share(depth: np.ndarray, here: GeoBox, to: GeoBox, threshold: float) -> np.ndarray:
    """Intersect every cell of the hazard, between its reprojected corners, with every cell of the target."""
    rows, cols = here.shape
    corners = [
        [here.transform @ (c + dc, r + dr) for dc, dr in ((0, 0), (1, 0), (1, 1), (0, 1))]
        for r in range(rows)
        for c in range(cols)
    ]
    points = gpd.GeoSeries.from_xy(*np.array(corners).reshape(-1, 2).T, crs=here.crs.to_wkt()).to_crs(to.crs.to_wkt())
    pieces = shapely.polygons(np.column_stack([points.x, points.y]).reshape(-1, 4, 2))
    beyond, known = (depth > threshold).ravel(), ~np.isnan(depth).ravel()
    out = np.full(to.shape, np.nan)
    for r, c in np.ndindex(*to.shape):
        area = shapely.area(shapely.intersection(pieces, pixel_box(to, c, r, c + 1, r + 1)))
        if area[known].sum() > 1e-9 * area.sum():
            out[r, c] = area[beyond].sum() / area[known].sum()
    return out


@pytest.mark.parametrize(
    ("here", "to"),
    [
        (grid((23, 31), left=LEFT - 130, top=TOP + 70, cell=170.0, height=140.0), grid((3, 4), left=LEFT, top=TOP)),
        (degrees((24, 30), cell=1 / 1200), degrees((3, 4), left=46.0 + 59 / 120 + 0.0021, top=55.4483)),
        (degrees((26, 40), left=20.0, top=48.0, cell=1 / 480), grid((6, 5), left=1.5605e6, top=5.6635e6)),
        (grid((5, 5), left=4.3e6, top=2.9e6, cell=5000.0, crs="EPSG:3035"), degrees((9, 9), left=10.0, top=49.2, cell=0.02)),
    ],
    ids=["odd metres", "odd degrees", "degrees on Mollweide", "coarse metres on degrees"],
)  # fmt: skip
def test_shares_are_those_of_a_slow_twin(here, to):
    rng = np.random.default_rng(3)
    depth = rng.uniform(0, 0.3, here.shape)
    depth[rng.random(here.shape) < 0.2] = np.nan
    fast, slow = share_of(flood(depth, here), to=to).share.values, slow_share(depth, here, to, 0.15)
    assert np.isfinite(slow).sum() > 3
    np.testing.assert_array_equal(np.isnan(fast), np.isnan(slow))
    # Corners between the nodes lie some centimetres off on a kilometre.
    np.testing.assert_allclose(fast, slow, atol=1e-6 if here.crs == to.crs else 1e-4)


def test_cells_between_nodes_are_split_as_those_of_the_resampling_are():
    """Turned by a few degrees, partly beyond the grid, with gaps."""
    rng = np.random.default_rng(2)
    corners = np.arange(13)
    c, r = np.meshgrid(corners, np.arange(10))
    x, y = 0.41 * c - 0.07 * r - 0.9, 0.05 * c + 0.37 * r + 0.21
    values = np.where(rng.random((9, 12)) < 0.5, rng.random((9, 12)), 0.0)
    found = split_between_nodes(values, np.arange(10), corners, x, y, shape=(3, 4))
    size = abs(0.41 * 0.37 + 0.07 * 0.05)
    (expected,), _ = split_cells((values * size)[None], x, y, shape=(3, 4))
    np.testing.assert_allclose(found, expected, atol=1e-12)
    few = [np.array([0, 4, 9]), np.array([0, 7, 12])]
    at = np.ix_(*few)
    np.testing.assert_allclose(split_between_nodes(values, *few, x[at], y[at], shape=(3, 4)), expected, atol=1e-9)


@dataclass
class Rivers:
    """Blocks that are made when they are read: a country at 90 m, dry but for a diagonal river."""

    geobox: GeoBox
    block_shape: tuple[int, int] = (512, 512)
    asked: list = field(default_factory=list)

    def holds(self, rows: slice, cols: slice) -> bool:
        return max(rows.start, cols.start) < min(rows.stop, cols.stop) + 4

    def read(self, rows: slice, cols: slice) -> np.ndarray:
        self.asked.append((rows, cols))
        apart = np.arange(rows.start, rows.stop)[:, None] - np.arange(cols.start, cols.stop)[None, :]
        return np.where(np.abs(apart) <= 2, 1.5, np.nan)


class TestWindows:
    def test_a_grid_of_a_hundred_million_cells_takes_a_few_windows_of_memory(self):
        """800 MB as float64 if it were held; the target has 10,000 cells."""
        fine = degrees((10_240, 10_240), left=50.0, top=55.0, cell=1 / 1200)
        coarse = degrees((1024, 1024), left=50.0, top=55.0)
        source = Rivers(fine)
        tracemalloc.start()
        found, tally, _ = hazard_shares(Hazard([Peril(source, 0.15, missing_is_dry=True)]), [(coarse, None)])
        peak_mb = tracemalloc.get_traced_memory()[1] / 2**20
        tracemalloc.stop()
        assert peak_mb < 60
        assert tally.read + tally.left_out == 400
        assert tally.read == len(source.asked) == 20 + 2 * 19
        assert float(found[0].share.sum(dtype=float)) * 100 == pytest.approx(5 * 10_240 - 6, rel=1e-4)

    def test_windows_without_a_wanted_cell_are_not_read(self):
        fine = degrees((2048, 2048), left=50.0, top=55.0, cell=1 / 1200)
        coarse, source = degrees((205, 205), left=50.0, top=55.0), Rivers(fine)
        wanted = np.zeros((205, 205), bool)
        wanted[3, 3] = True
        found = share_of(Peril(source, 0.15, missing_is_dry=True), to=coarse, wanted=wanted)
        assert source.asked == [(slice(0, 512), slice(0, 512))]
        assert np.isfinite(found.share.values).sum() == 1

    @pytest.mark.parametrize("blocks", [(512, 512), (128, 256), (1, 3000), (64, 3000), (2000, 3000), (1024, 1024)])
    def test_they_tile_a_part_and_are_cut_along_blocks(self, blocks):
        held = Held(np.zeros((2000, 3000), np.float32), grid((2000, 3000), cell=90.0), blocks)
        seen = np.zeros((2000, 3000), np.int8)
        for rows, cols in windows(held, (slice(100, 1900), slice(7, 2999))):
            seen[rows, cols] += 1
            assert rows.start in (100, rows.start // blocks[0] * blocks[0])
            assert cols.start in (7, cols.start // blocks[1] * blocks[1])
        assert seen[100:1900, 7:2999].min() == seen.max() == 1
        assert seen.sum() == 1800 * 2992

    def test_where_windows_are_cut_changes_nothing(self):
        rng = np.random.default_rng(8)
        here = grid((90, 70), left=LEFT, top=TOP, cell=37.0)
        depth = rng.uniform(0, 0.3, (90, 70))
        found = [share_of(Peril(Held(depth, here, blocks), 0.15)).share.values for blocks in ((512, 512), (16, 16))]
        np.testing.assert_allclose(found[0], found[1], rtol=1e-6, atol=1e-7)


maps = st.integers(0, 10_000)


class TestLaws:
    @settings(max_examples=15, deadline=None)
    @given(maps)
    def test_twice_the_people_are_twice_exposed(self, seed):
        share = share_of(flood(np.random.default_rng(seed).uniform(0, 0.4, (30, 40))))
        once, twice = (people_in(share, values=PEOPLE * times).loc["all"] for times in (1.0, 2.0))
        assert twice["exposure.people"] == pytest.approx(2 * once["exposure.people"], rel=1e-12)
        assert twice["exposure.people_share"] == pytest.approx(once["exposure.people_share"], rel=1e-12)

    @settings(max_examples=15, deadline=None)
    @given(maps)
    def test_a_deeper_threshold_exposes_fewer_and_a_deeper_flood_more(self, seed):
        rng = np.random.default_rng(seed)
        depth = rng.uniform(0, 0.4, (30, 40))
        by_threshold = [people_in(share_of(flood(depth, threshold=t))).loc["all", "exposure.people"] for t in (0.05, 0.15, 0.3)]
        assert by_threshold == sorted(by_threshold, reverse=True)
        deeper = people_in(share_of(flood(depth * 1.5))).loc["all", "exposure.people"]
        assert deeper >= people_in(share_of(flood(depth))).loc["all", "exposure.people"]

    @settings(max_examples=15, deadline=None)
    @given(maps, st.floats(0.3, 3.7))
    def test_halves_of_a_zone_add_up(self, seed, cut):
        rng = np.random.default_rng(seed)
        depth = rng.uniform(0, 0.4, (30, 40))
        depth[rng.random((30, 40)) < 0.3] = np.nan
        share = share_of(flood(depth))
        plan = zones(COARSE, all=(0, 0, 4, 3), left=(0, 0, cut, 3), right=(cut, 0, 4, 3))
        for frame in (people_in(share, plan), exposed_land(plan, share)[0]):
            whole, left, right = frame.iloc[:, 0]
            assert left + right == pytest.approx(whole, rel=1e-6)

    def test_the_order_of_zones_changes_nothing(self):
        share = share_of(flood(river()))
        parts = {"a": (0, 0, 2, 3), "b": (1, 0, 4, 2)}
        first, second = (people_in(share, zones(COARSE, **dict(items))) for items in (parts.items(), list(parts.items())[::-1]))
        pd.testing.assert_frame_equal(first, second.loc[first.index])


def test_built_up_and_land_are_in_square_kilometres():
    share = share_of(flood(river()))
    built, _ = exposed_built_up(whole(), raster(np.full((3, 4), 4e5), COARSE, units="m2"), share)
    assert built.loc["all"].tolist() == pytest.approx([3 * 0.04, 0.3 / 12, 1.0], rel=1e-6)
    land, _ = exposed_land(whole(), share)
    assert land.loc["all"].tolist() == pytest.approx([0.3, 0.3 / 12, 1.0], rel=1e-6)


def test_land_is_by_true_area():
    here = degrees((2, 1), top=60.0, cell=10.0)
    land, _ = exposed_land(whole(here), share_of(flood([[0.0], [1.0]], here), to=here))
    north, south = cell_area_km2(here)[:, 0]
    assert land.loc["all"].tolist() == pytest.approx([south, south / (north + south), 1.0], rel=1e-6)


def test_zones_whose_land_no_map_knows_are_named():
    west = grid((30, 20), left=LEFT, top=TOP, cell=100.0)
    _, ledger = exposed_people(
        zones(COARSE, a=(0, 0, 1, 1), b=(3, 0, 4, 1)), raster(PEOPLE, COARSE), share_of(flood(river()[:, :20], west))
    )
    assert ledger.frame()["zone_id"].tolist() == ["b"]


def test_wrong_grids_and_kinds_are_refused():
    share = share_of(flood(river()))
    with pytest.raises(GridMismatch):
        exposed_people(whole(), raster(np.ones((3, 4)), grid((3, 4), left=LEFT + 500, top=TOP)), share)
    with pytest.raises(GridMismatch, match="hazard"):
        exposed_people(whole(), raster(PEOPLE, COARSE), share_of(flood(river()), to=grid((3, 4), left=LEFT + 500, top=TOP)))
    with pytest.raises(UndeclaredRaster):
        exposed_people(whole(), raster(PEOPLE, COARSE, kind="intensity"), share)


class TestInAYear:
    EXPOSED = pd.DataFrame(
        [[0.0, 10.0, 30.0], [5.0, 5.0, 5.0], [1.0, np.nan, 3.0]], index=list("abc"), columns=[2.0, 10.0, 100.0]
    )
    TOTAL = pd.Series({"a": 50.0, "b": 5.0, "c": 9.0})

    def test_by_hand(self):
        frame, ledger = expected_exposure(self.EXPOSED, self.TOTAL)
        assert frame.loc["a"].tolist() == pytest.approx(
            [0.4 * 5 + 0.09 * 20 + 0.01 * 30, 0.09 * 10 + 0.3, 0.4 * 10 + 0.09 * 30 + 0.5]
        )
        assert frame.loc["b"].tolist() == pytest.approx([2.5, 2.5, 0.4 * 5 + 0.09 * 5 + 0.05 + 0.5 * 5])
        assert frame.loc["c"].isna().all()
        assert ledger.entries == ()

    def test_the_order_of_periods_and_zones_changes_nothing(self):
        first, _ = expected_exposure(self.EXPOSED, self.TOTAL)
        second, _ = expected_exposure(self.EXPOSED.iloc[::-1, ::-1], self.TOTAL.iloc[::-1])
        pd.testing.assert_frame_equal(first, second.loc[first.index])

    @pytest.mark.parametrize(
        ("years", "expected"),
        [
            (10.0, [0.09 * 20 + 0.3, 0.09 * 10 + 0.3, 0.09 * 30 + 0.5]),
            (20.0, [0.3, 0.3, 0.5 + 0.04 * 30]),
            (100.0, [0.3, 0.3, 0.5]),
            (200.0, [0.15, 0.15, 0.25]),
        ],
    )
    def test_what_defences_hold_off_does_no_harm(self, years, expected):
        frame, ledger = expected_exposure(self.EXPOSED, self.TOTAL, protection_years=years)
        assert frame.loc["a"].tolist() == pytest.approx(expected)
        assert ledger.amount("return periods that defences hold off: left out") == sum(each < years for each in (2, 10, 100))

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.floats(0, 1e6), min_size=4, max_size=4),
        st.sampled_from([1.0, 3.0, 25.0, 50.0, 300.0, 5000.0]),
        st.booleans(),
    )
    def test_bounds_enclose_the_estimate(self, people, protection, rising):
        exposed = pd.DataFrame([sorted(people) if rising else people], index=["a"], columns=[2.0, 25.0, 100.0, 1000.0])
        frame, ledger = expected_exposure(exposed, pd.Series({"a": max(people)}), protection_years=protection)
        estimate, low, high = frame.loc["a"]
        assert low <= estimate * (1 + 1e-12)
        assert estimate <= high * (1 + 1e-12)
        assert high <= max(people) / protection * (1 + 1e-12)
        if rising:
            assert ledger.amount("exposure falls from one return period to a longer one") == 0

    def test_more_maps_narrow_the_bounds(self):
        periods = [2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0]
        exposed = pd.DataFrame([[100.0 * np.log(each) for each in periods]], index=["a"], columns=periods)
        widths = []
        for columns in (periods[::4], periods[::2], periods):
            _, low, high = expected_exposure(exposed[columns], pd.Series({"a": 1000.0}))[0].loc["a"]
            widths.append(high - low)
        assert widths == sorted(widths, reverse=True)

    def test_a_fall_towards_a_longer_return_period_is_counted(self):
        exposed = pd.DataFrame([[3.0, 2.0], [1.0, 1.0]], index=["a", "b"], columns=[10.0, 100.0])
        assert expected_exposure(exposed, pd.Series({"a": 9.0, "b": 9.0}))[1].entries[0].amount == 1

    @pytest.mark.parametrize(("columns", "protection"), [([], 1.0), ([0.5], 1.0), ([10.0], 0.5)])
    def test_periods_below_a_year_are_refused(self, columns, protection):
        with pytest.raises(BadSetting, match="from 1 year up"):
            expected_exposure(
                pd.DataFrame(1.0, index=["a"], columns=columns), pd.Series({"a": 9.0}), protection_years=protection
            )


class TestGrowth:
    def test_by_hand(self):
        here = grid((1, 4), left=LEFT, top=TOP)
        share = share_of(flood([[1.0, 1.0, 0.0, np.nan]], here), to=here)
        then, now = (raster([row], here, units="m2") for row in ([2e5, 4e5, 4e5, 0.0], [5e5, 1e5, 7e5, 9e5]))
        frame, _ = growth_into(
            zones(here, all=(0, 0, 4, 1), dry=(2, 0, 3, 1), unknown=(3, 0, 4, 1)), then, now, share, what="built_up"
        )
        assert list(frame) == [
            "exposure.new_built_up",
            "exposure.new_built_up_share",
            "exposure.base_built_up_share",
            "valid_share",
        ]
        assert frame.loc["all"].tolist() == pytest.approx([0.3, 0.5, 0.6, 0.75])
        assert frame.loc["dry"].tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0])
        assert frame.loc["unknown"].tolist() == pytest.approx([np.nan, np.nan, np.nan, 0.0], nan_ok=True)

    def test_nothing_new_is_zero_and_has_no_share(self):
        here = grid((1, 1), left=LEFT, top=TOP)
        same = raster([[5.0]], here)
        frame, _ = growth_into(whole(here), same, same, share_of(flood([[1.0]], here), to=here), what="people")
        assert frame.loc["all"].tolist() == pytest.approx([0.0, np.nan, 1.0, 1.0], nan_ok=True)

    def test_dates_on_two_grids_are_refused(self):
        here, there = grid((1, 1), left=LEFT, top=TOP), grid((1, 1), left=LEFT + 1, top=TOP)
        with pytest.raises(GridMismatch):
            growth_into(
                whole(here),
                raster([[1.0]], there),
                raster([[1.0]], here),
                share_of(flood([[1.0]], here), to=here),
                what="people",
            )

    def test_the_year_that_growth_begins_with(self):
        assert nearest_year([2020, 1990, 2000], 2020) == 2000
        assert nearest_year([], 2000) is None


def test_the_tally_counts_what_was_read():
    tally = Tally()
    tally.look(np.array([[np.nan, 0.0, 0.5, 45.0]]))
    assert (tally.missing, tally.positive, tally.deep, tally.largest) == (1, 2, 1, 45.0)
    tally.look(np.array([[np.nan]]))
    assert (tally.missing, tally.largest) == (2, 45.0)
