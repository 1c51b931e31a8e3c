"""Resampling by kind: against slow intersections, and the laws that counts, means and votes keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from toys import ARC_30, degrees, grid, raster
from twins import resampling

from urbanreview.errors import UndeclaredRaster
from urbanreview.grid import cell_area_km2, coarsen, geobox_of, resample, same_grid

OUTSIDE = "outside the other grid"
HERE = degrees((6, 5))
PAIRS = {
    "half a cell away": (HERE, degrees((6, 5), left=HERE.transform.c + ARC_30 / 2, top=HERE.transform.f - ARC_30 / 2)),
    "coarser": (HERE, degrees((3, 3), left=HERE.transform.c, top=HERE.transform.f, cell=2.5 * ARC_30)),
    "finer": (HERE, degrees((18, 15), left=HERE.transform.c, top=HERE.transform.f, cell=ARC_30 / 3)),
    "off the edge": (HERE, degrees((4, 4), left=HERE.transform.c + 2.3 * ARC_30, top=HERE.transform.f + 1.6 * ARC_30)),
    "to Mollweide": (HERE, grid((8, 8), left=3_265_500.0, top=6_433_200.0)),
    "from Mollweide": (grid((6, 5), left=3_267_500.0, top=6_432_000.0), degrees((9, 12))),
    "to Mollweide in the south-west": (
        degrees((5, 6), left=-60.0, top=-30.0),
        grid((7, 8), left=-5_501_500.0, top=-3_643_200.0),
    ),
}


def some(geobox, seed, missing=0.2, whole=True):
    random = np.random.default_rng(seed)
    values = random.integers(0, 900, geobox.shape).astype(float) if whole else random.random(geobox.shape)
    values[random.random(geobox.shape) < missing] = np.nan
    return values


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("seed", [1, 2])
def test_counts_are_those_of_an_intersection(pair, seed):
    here, to = PAIRS[pair]
    values = some(here, seed)
    found, ledger = resample(raster(values, here), to=to)
    share = resampling.overlap(here, to)
    assert share.sum() > 3  # the grids do meet
    np.testing.assert_allclose(found.values, resampling.counts(values, share, to.shape), rtol=1e-7, atol=1e-6)
    assert np.nansum(found.values) + ledger.amount(OUTSIDE) == pytest.approx(np.nansum(values), rel=1e-9)
    assert same_grid(geobox_of(found), to)
    assert found.attrs["kind"] == "count"


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", ["intensity", "share", "cost"])
def test_intensities_are_means_by_area_of_an_intersection(pair, kind):
    here, to = PAIRS[pair]
    values = some(here, 3, whole=False)
    found, ledger = resample(raster(values, here, kind=kind), to=to)
    expected = resampling.means(values, cell_area_km2(here), resampling.overlap(here, to), to.shape)
    np.testing.assert_allclose(found.values, expected, rtol=1e-6, atol=1e-9)
    assert ledger.frame().empty
    assert found.attrs["kind"] == kind


@pytest.mark.parametrize("pair", PAIRS)
def test_classes_are_the_majority_of_an_intersection(pair):
    here, to = PAIRS[pair]
    values = some(here, 4) // 300 * 10 + 10
    found, _ = resample(raster(values, here, kind="class"), to=to)
    expected = resampling.majority(values, cell_area_km2(here), resampling.overlap(here, to), to.shape)
    np.testing.assert_array_equal(found.values, expected)


def test_half_of_a_cell_each():
    here, to = grid((1, 2), cell=2.0, top=2.0), grid((1, 3), cell=2.0, left=1.0, top=2.0)
    found, ledger = resample(raster([[4.0, 10.0]], here), to=to)
    assert found.values[0, :2].tolist() == [7.0, 5.0]
    assert np.isnan(found.values[0, 2])
    assert ledger.frame().drop(columns="zone_id").values.tolist() == [["resample", OUTSIDE, "people", 2.0]]


@given(arrays(float, (5, 4), elements=st.integers(0, 10_000).map(float)), st.integers(-63, 63), st.integers(-63, 63))
def test_law_counts_survive_any_shift_on_one_system(values, right, down):
    here = degrees((5, 4))
    t = here.transform
    wide = degrees((8, 7), left=t.c - t.a + right * ARC_30 / 64, top=t.f + ARC_30 - down * ARC_30 / 64)
    found, ledger = resample(raster(values, here), to=wide)
    assert np.nansum(found.values) + ledger.amount(OUTSIDE) == pytest.approx(values.sum(), rel=1e-9)


@pytest.mark.parametrize(("left", "top"), [(46.49, 55.45), (-70.5, 8.2), (-58.4, -34.6), (115.8, -31.9)])
def test_law_counts_survive_the_way_to_mollweide_and_back(left, top):
    here = degrees((40, 50), left=left, top=top)
    people = raster(some(here, 9), here)
    total = float(people.sum())
    x, y = _mollweide(left + 25 * ARC_30, top - 20 * ARC_30)
    km = grid((80, 90), left=round(x, -3) - 45_000, top=round(y, -3) + 40_000)
    there, lost = resample(people, to=km)
    assert lost.frame().empty
    assert float(there.sum()) == pytest.approx(total, rel=1e-9)
    back, lost = resample(there, to=degrees((60, 70), left=left - 10 * ARC_30, top=top + 10 * ARC_30))
    assert lost.frame().empty
    assert float(back.sum()) == pytest.approx(total, rel=1e-9)


def _mollweide(longitude, latitude):
    from pyproj import Transformer

    return Transformer.from_crs(4326, "ESRI:54009", always_xy=True).transform(longitude, latitude)


@pytest.mark.parametrize("pair", PAIRS)
def test_law_a_constant_field_stays_constant(pair):
    here, to = PAIRS[pair]
    found, _ = resample(raster(np.full(here.shape, 0.3), here, kind="intensity"), to=to)
    known = found.values[np.isfinite(found.values)]
    assert known.size
    np.testing.assert_allclose(known, 0.3, rtol=1e-12)


@given(st.sampled_from(list(PAIRS)), st.data())
def test_law_shares_stay_between_the_smallest_and_the_largest(pair, data):
    here, to = PAIRS[pair]
    share = st.one_of(st.floats(0, 1, width=32), st.just(float("nan")))
    values = data.draw(arrays(float, tuple(here.shape), elements=share))
    found, _ = resample(raster(values, here, kind="share"), to=to)
    known = found.values[np.isfinite(found.values)]
    if known.size:
        assert known.min() >= np.nanmin(values) - 1e-12
        assert known.max() <= np.nanmax(values) + 1e-12


@pytest.mark.parametrize("kind", ["count", "intensity", "class"])
def test_a_raster_of_nodata_yields_missing_never_zero(kind):
    here, to = PAIRS["half a cell away"]
    found, ledger = resample(raster(np.full(here.shape, np.nan), here, kind=kind), to=to)
    assert np.isnan(found.values).all()
    assert ledger.frame().empty


def test_missing_is_where_no_valid_cell_lies_and_zero_is_a_value():
    here, to = grid((1, 4), cell=1.0), grid((1, 2), cell=2.0, height=1.0)
    for kind, expected in (("count", [0.0, 3.0]), ("intensity", [0.0, 3.0]), ("class", [0.0, 3.0])):
        found, _ = resample(raster([[0.0, 0.0, np.nan, 3.0]], here, kind=kind), to=to)
        assert found.values.tolist() == [expected]
        found, _ = resample(raster([[np.nan, np.nan, np.nan, 3.0]], here, kind=kind), to=to)
        assert np.isnan(found.values[0, 0])
        assert found.values[0, 1] == 3.0


@pytest.mark.parametrize("cell", [1000.0, 249.92824, 928.3, 100.0])
@pytest.mark.parametrize("codes", [(5.0, 9.0), (9.0, 5.0)])
def test_the_smaller_code_wins_a_tie_wherever_the_grid_begins(cell, codes):
    """Half a cell of each: a vote must not be decided by the last bit of a coordinate."""
    random = np.random.default_rng(5)
    for _ in range(25):
        left, top = random.uniform(2e6, 5e6, 2)
        classes = raster(np.tile(np.array([codes]), (3, 3)), grid((3, 6), cell=cell, left=left, top=top), kind="class")
        found, _ = resample(classes, to=grid((3, 5), cell=cell, left=left + cell / 2, top=top))
        assert (found.values == 5.0).all()


def test_the_same_grid_changes_nothing():
    here = degrees((6, 5))
    people = raster(some(here, 5), here)
    found, ledger = resample(people, to=degrees((6, 5)))
    np.testing.assert_array_equal(found.values, people.values)
    assert ledger.frame().empty


def test_a_raster_must_say_what_it_is():
    people = raster([[1.0]], grid((1, 1)))
    people.attrs.pop("kind")
    with pytest.raises(UndeclaredRaster):
        resample(people, to=grid((1, 1), cell=500.0))
    with pytest.raises(UndeclaredRaster, match="expected kind count"):
        coarsen(raster([[1.0]], grid((1, 1)), kind="intensity"), factor=2)


def test_no_input_is_altered(freeze):
    here, to = PAIRS["off the edge"]
    people = freeze(raster(some(here, 6), here))
    before = people.copy(deep=True)
    resample(people, to=to)
    coarsen(people, factor=2)
    assert people.identical(before)


def test_whole_numbers_and_single_precision_are_taken():
    here, to = grid((1, 1), cell=2.0, top=2.0), grid((2, 2), cell=1.0, top=2.0)
    for dtype in (np.uint16, np.float32):
        assert resample(raster(np.array([[7]], dtype), here), to=to)[0].values.tolist() == [[1.75, 1.75], [1.75, 1.75]]


def test_cells_beyond_the_edge_of_the_world_are_lost_and_counted():
    """In Mollweide the corners of a global grid lie off the globe; the cells at its rim have some corners there."""
    world = grid((36, 72), cell=500_000.0, left=-18e6, top=9e6)
    everyone = raster(np.ones(world.shape), world)
    found, ledger = resample(everyone, to=grid((180, 360), cell=1.0, left=-180.0, top=90.0, crs="EPSG:4326"))
    assert np.nansum(found.values) + ledger.amount(OUTSIDE) == pytest.approx(everyone.size, rel=1e-9)
    assert np.nansum(found.values) > 0.6 * everyone.size


def test_cells_across_the_antimeridian_do_not_smear_around_the_world():
    """Fiji's own grid runs over 180 degrees: none of its people live in Africa or the Americas."""
    fiji = grid((40, 40), cell=10_000.0, left=1_800_000.0, top=4_200_000.0, crs="EPSG:3460")
    world = grid((60, 1440), cell=0.25, left=-180.0, top=-10.0, crs="EPSG:4326")
    found, ledger = resample(raster(np.ones(fiji.shape), fiji), to=world)
    assert np.nansum(found.values) + ledger.amount(OUTSIDE) == pytest.approx(1_600.0, rel=1e-9)
    far = np.abs(world.transform.c + world.transform.a * (np.arange(1440) + 0.5)) < 170
    assert np.nansum(found.values[:, far]) == 0


@given(arrays(float, (7, 6), elements=st.one_of(st.integers(0, 999).map(float), st.just(float("nan")))), st.integers(1, 9))
def test_law_summed_blocks_keep_the_total(values, factor):
    here = degrees((7, 6), left=-58.4, top=-34.6)
    found = coarsen(raster(values, here), factor=factor)
    assert np.nansum(found.values) == np.nansum(values)
    if np.isnan(values).all():
        assert np.isnan(found.values).all()


def blocks_by_position(values, here, factor, phase=0.0):
    """Sum cells by the multiples of the block's size that their middle lies between, one cell at a time."""
    sums = {}
    t = here.transform
    for (row, col), value in np.ndenumerate(values):
        north = int(np.floor((round(t.f / -t.e - phase, 6) - row - 0.5) / factor))
        east = int(np.floor((round(t.c / t.a - phase, 6) + col + 0.5) / factor))
        sums[north, east] = sums.get((north, east), 0.0) + value
    return sums


@pytest.mark.parametrize(("left", "top"), [(7.0, 13.0), (-7.0, 13.0), (7.0, -13.0), (-7.0, -13.0), (0.0, 0.0)])
@pytest.mark.parametrize("factor", [2, 4, 10])
def test_blocks_begin_at_multiples_of_their_size(left, top, factor):
    here = grid((11, 9), cell=100.0, left=left * 100, top=top * 100)
    values = some(here, 7, missing=0.0)
    found = coarsen(raster(values, here), factor=factor)
    t = geobox_of(found).transform
    assert t.c % (100 * factor) == 0
    assert t.f % (100 * factor) == 0
    expected = blocks_by_position(values, here, factor)
    for (row, col), value in np.ndenumerate(found.values):
        place = (round(t.f / -t.e) - row - 1, round(t.c / t.a) + col)
        assert value == expected.pop(place)
    assert not expected


@pytest.mark.parametrize("phase", [0.0, 0.5, 0.013, 0.3])
@pytest.mark.parametrize(("left", "top"), [(70, 560), (-70, 560), (115, -320), (-58, -346)])
def test_law_blocks_do_not_depend_on_the_crop(phase, left, top):
    """Whatever part of a cell the grid's origin is off: many global grids begin at half a cell."""
    here = degrees((24, 25), left=(left + phase) * ARC_30, top=(top - phase) * ARC_30)
    people = raster(some(here, 8, missing=0.0), here)
    whole = coarsen(people, factor=4)
    t = geobox_of(whole).transform
    for row in range(5):
        for col in range(5):
            part = coarsen(people[row:, col:], factor=4)
            s = geobox_of(part).transform
            down, right = (t.f - s.f) / -t.e, (s.c - t.c) / t.a
            assert (down, right) == pytest.approx((round(down), round(right)), abs=1e-6)
            # Blocks wholly in the crop are the same sums.
            np.testing.assert_array_equal(part.values[1:, 1:], whole.values[round(down) + 1 :, round(right) + 1 :])


def test_a_block_without_a_value_is_missing():
    found = coarsen(raster([[np.nan, np.nan, 1.0, np.nan]], grid((1, 4), cell=1.0)), factor=2)
    assert np.isnan(found.values[0, 0])
    assert found.values[0, 1] == 1.0
