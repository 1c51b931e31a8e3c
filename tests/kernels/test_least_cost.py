"""Sweeps and traces against Dijkstra on an explicit graph, bit for bit, and the corners where a queue of buckets goes wrong."""

from itertools import pairwise

import numpy as np
import pytest
from grounds import BORDER, WALL, Ground, cells_in, grounds
from hypothesis import given, settings
from hypothesis import strategies as st
from journeys import GRIDS, landscape
from toys import degrees
from twins import least_cost as slow

SERPENTINE = np.array([[c == "." for c in row] for row in ("." * 41, "#" * 40 + ".", "." * 41, "." + "#" * 40) * 8])


@settings(max_examples=200)
@given(grounds())
def test_costs_are_those_of_dijkstra_over_any_steps(given_ground):
    ground, sources = given_ground
    found = ground.sweep(sources)
    expected = ground.slow(sources) if sources else np.full(ground.shape, np.inf)
    np.testing.assert_array_equal(found.cost[1:-1, 1:-1], expected)
    assert found.final_to == np.inf
    assert (found.cost[[0, -1]] == np.inf).all()
    assert (found.cost[:, [0, -1]] == np.inf).all()
    assert found.owner.size == 0


@pytest.mark.parametrize("where", [*GRIDS, "plain"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_costs_are_those_of_dijkstra_on_every_grid(where, dtype):
    shape = (13, 17)
    lengths = slow.plain_lengths(shape) if where == "plain" else slow.ground_lengths(GRIDS[where])
    in_degrees = where == "plain" or GRIDS[where].crs.geographic
    for seed in range(3):
        friction = np.nan_to_num(landscape(shape, seed), nan=np.inf).astype(dtype)
        expected = slow.costs(friction, lengths, [(0, 0), (12, 3)])
        for wide in {True, not in_degrees}:
            ground = Ground(friction, lengths, wide=wide)
            np.testing.assert_allclose(ground.costs([(0, 0), (12, 3)]), expected, rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_costs_are_those_of_scikit_image_where_cells_are_units(seed):
    pytest.importorskip("skimage")
    random = np.random.default_rng(seed)
    shape = (90, 140)
    friction = [
        np.nan_to_num(landscape(shape, seed, water=0.3), nan=np.inf),
        np.exp(random.normal(-5, 2, shape)),
        np.where(random.random(shape) < 0.03, BORDER, 0.001),
        np.full(shape, 0.01),
    ][seed]
    friction[40, 60] = 0.01
    found = Ground(friction, slow.plain_lengths(shape), wide=False).costs([(40, 60)])
    np.testing.assert_allclose(found, slow.mcp(friction, [(40, 60)]), rtol=1e-9)


@pytest.mark.parametrize("cheap", [1e-5, 1e-9])
@pytest.mark.parametrize("seed", range(3))
def test_frictions_a_million_times_apart(cheap, seed):
    """There are not enough buckets for that: they are as wide as many steps, and worked off again and again."""
    random = np.random.default_rng(seed)
    friction = random.choice([cheap, 0.0006, 0.012, 1.0, BORDER], (40, 50))
    lengths = slow.ground_lengths(degrees((40, 50)))
    ground = Ground(friction, [np.broadcast_to(part[:, :1], part.shape) for part in lengths], wide=False)
    sources = [(0, 0), (39, 20)]
    np.testing.assert_array_equal(ground.costs(sources), ground.slow(sources))
    owner = ground.sweep(sources, owners=True).owner[1:-1, 1:-1]
    each = np.array([ground.costs([source]) for source in sources])
    np.testing.assert_allclose(np.take_along_axis(each, owner[None], 0)[0], ground.costs(sources), rtol=1e-12)


@pytest.mark.parametrize("cut", [1, 2])
def test_serpentines_are_walked_to_their_end(cut):
    friction = np.where(SERPENTINE, 0.002, WALL)[:, ::cut]
    ground = Ground(friction, slow.plain_lengths(friction.shape))
    found = ground.costs([(0, 0)])
    np.testing.assert_array_equal(found, ground.slow([(0, 0)]))
    if cut == 1:
        # 16 rows of 39 straight steps, cut short at both ends of each of the 15 turns by diagonal ones.
        assert found[30, 0] == pytest.approx(0.002 * (16 * 40 - 15 * 2 + 15 * 2 * np.sqrt(2)))


def test_a_cell_shut_in_is_not_reached_and_a_corner_is_a_gap():
    friction = np.full((5, 6), 0.01)
    friction[1:4, 1:4] = WALL
    friction[2, 2] = 0.01
    ground = Ground(friction, slow.plain_lengths((5, 6)))
    assert ground.costs([(0, 0)])[2, 2] == np.inf
    assert np.isfinite(ground.costs([(2, 2)])).sum() == 1
    friction[1, 1] = 0.01
    assert Ground(friction, ground.lengths).costs([(0, 0)])[2, 2] == pytest.approx(0.01 * 2 * np.sqrt(2))


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (5, 1)])
def test_grids_of_one_row_or_column(shape):
    ground = Ground(np.full(shape, 0.5), slow.plain_lengths(shape))
    np.testing.assert_array_equal(ground.costs([(0, 0)]).ravel(), np.arange(max(shape)) * 0.5)


@given(grounds(), st.data())
def test_the_targets_are_final_when_it_stops_for_them(given_ground, data):
    ground, sources = given_ground
    targets = data.draw(st.lists(cells_in(ground.shape), min_size=1, max_size=4))
    whole, stopped = ground.costs(sources), ground.sweep(sources, targets=targets)
    cost = stopped.cost[1:-1, 1:-1]
    for target in targets:
        assert cost[target] == whole[target]
    final = whole < stopped.final_to
    np.testing.assert_array_equal(cost[final], whole[final])
    assert (cost >= whole).all()


@pytest.mark.parametrize("seed", range(6))
def test_every_cell_as_the_only_target(seed):
    """Steps of about the same cost: a cell is often reached twice within few buckets, dearly first."""
    random, shape = np.random.default_rng(seed), (10, 12)
    lengths = [random.uniform(1.0, 3.0, part.shape) for part in slow.plain_lengths(shape)]
    ground = Ground(random.uniform(0.01, 0.012, shape), lengths)
    whole = ground.costs([(4, 5)])
    for target in np.ndindex(shape):
        assert ground.costs([(4, 5)], targets=[target])[target] == whole[target]


@given(grounds(), st.one_of(st.floats(0.0, 50.0), st.sampled_from([0.0, 1e6])))
def test_costs_up_to_the_most_are_final(given_ground, most):
    ground, sources = given_ground
    whole, stopped = ground.costs(sources), ground.sweep(sources, most=most)
    cost = stopped.cost[1:-1, 1:-1]
    np.testing.assert_array_equal(cost <= most, whole <= most)
    np.testing.assert_array_equal(cost[whole <= most], whole[whole <= most])
    assert stopped.final_to > most
    assert (cost >= whole).all()


def test_it_does_stop():
    ground = Ground(np.full((1, 1000), 0.01), slow.plain_lengths((1, 1000)))
    assert np.isfinite(ground.costs([(0, 0)], targets=[(0, 9), (0, 4)])).sum() < 14
    assert np.isfinite(ground.costs([(0, 0)], most=0.1)).sum() < 14
    assert np.isfinite(ground.costs([(0, 0)])).all()


@given(grounds(elements=st.one_of(st.floats(1e-4, 0.1), st.just(WALL))))
def test_every_cell_costs_what_its_owner_says(given_ground):
    ground, sources = given_ground
    found = ground.sweep(sources, owners=True)
    cost, owner = found.cost[1:-1, 1:-1], found.owner[1:-1, 1:-1]
    np.testing.assert_array_equal(cost, ground.costs(sources))
    np.testing.assert_array_equal(owner >= 0, np.isfinite(cost))
    for k, source in enumerate(sources):
        alone = ground.costs([source])
        np.testing.assert_allclose(cost[owner == k], alone[owner == k], rtol=1e-12)
        assert owner[source] == sources.index(source)  # of several in one cell the first


@given(grounds(elements=st.one_of(st.floats(1e-4, 0.1), st.sampled_from([WALL, BORDER, 0.01, 0.01]))), st.data())
def test_a_way_costs_what_its_target_says(given_ground, data):
    ground, sources = given_ground
    targets = data.draw(st.lists(cells_in(ground.shape), max_size=5))
    reached = ground.sweep(sources, targets=targets)
    ways, metres = ground.trace(reached.cost, targets)
    assert len(ways) == len(metres) == len(targets)
    for way, length, target in zip(ways, metres, targets, strict=True):
        assert way[0] == target
        if target in sources:
            assert (way, length) == ([target], 0.0)
            continue
        if np.isinf(reached.cost[1:-1, 1:-1][target]):
            assert way == [target]
            assert np.isnan(length)
            continue
        assert way[-1] in sources
        assert len(set(way)) == len(way)
        steps = [ground.step(*pair) for pair in pairwise(way)]
        slowness = [(ground.values[a] + ground.values[b]) / 2 for a, b in pairwise(way)]
        assert length == pytest.approx(sum(steps), rel=1e-12)
        assert length > 0
        assert np.dot(slowness, steps) == pytest.approx(reached.cost[1:-1, 1:-1][target], rel=1e-12)


def test_many_long_ways_at_once():
    """More cells than the buffer has at first; the ways of all cells end in the source."""
    friction = np.where(SERPENTINE, 0.002, WALL)
    ground = Ground(friction, slow.plain_lengths(friction.shape))
    cost = ground.sweep([(0, 0)]).cost
    targets = [tuple(cell) for cell in np.argwhere(SERPENTINE).tolist()]
    ways, metres = ground.trace(cost, targets)
    assert sum(map(len, ways)) > 100_000
    assert all(way[-1] == (0, 0) for way in ways)
    np.testing.assert_allclose(metres * 0.002, [cost[1:-1, 1:-1][target] for target in targets], rtol=1e-9, atol=1e-12)


def test_costs_of_another_friction_are_refused():
    ground = Ground(np.full((3, 4), 0.01), slow.plain_lengths((3, 4)))
    other = Ground(np.full((3, 4), 0.011), slow.plain_lengths((3, 4)))
    with pytest.raises(RuntimeError, match="another friction"):
        ground.trace(other.sweep([(0, 0)]).cost, [(2, 3)])


def test_steps_too_small_to_count_end_all_the_same():
    friction = np.array([[1e3, 1e-20, 1e-20, 1e-20]])
    ground = Ground(friction, slow.plain_lengths((1, 4)))
    with pytest.raises(RuntimeError, match="lost in rounding"):
        ground.trace(ground.sweep([(0, 0)]).cost, [(0, 2)])


def test_a_source_on_an_impassable_cell_gets_nowhere():
    ground = Ground(np.array([[WALL, 0.01, 0.01]]), slow.plain_lengths((1, 3)))
    assert ground.costs([(0, 0)]).tolist() == [[0.0, np.inf, np.inf]]


def test_the_same_again_and_nothing_altered():
    values = np.nan_to_num(landscape((13, 17), 5), nan=np.inf)
    ground = Ground(values, slow.plain_lengths((13, 17)))
    before = [part.copy() for part in (ground.friction, *ground.links)]
    first, second = (ground.sweep([(3, 3), (9, 9)], owners=True) for _ in range(2))
    np.testing.assert_array_equal(first.cost, second.cost)
    np.testing.assert_array_equal(first.owner, second.owner)
    targets = [(12, 16), (0, 16)]
    assert ground.trace(first.cost, targets)[0] == ground.trace(second.cost, targets)[0]
    for part, was in zip((ground.friction, *ground.links), before, strict=True):
        np.testing.assert_array_equal(part, was)
