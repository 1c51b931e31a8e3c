"""The ways themselves: lines through the cells that the minutes were counted over."""

from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from journeys import FIELD, GRIDS, ROAD, landscape, places_at, surface_of
from pyproj import Geod, Transformer
from toys import degrees, grid
from twins import least_cost as slow

from urbanreview.access import all_pairs, nearest_pairs, routes, travel_time_matrix
from urbanreview.access.matrix import Matrix
from urbanreview.engine import map_tasks

WGS84 = Geod(ellps="WGS84")
SHAPE = (13, 17)
SPOTS = {"a": (1, 2), "b": (11, 14), "c": (6, 8), "d": (0, 16), "e": (12, 1)}
seeds, grids_named = st.integers(0, 10_000), st.sampled_from(list(GRIDS))


def country(seed, where="north", spots=SPOTS):
    values = landscape(SHAPE, seed)
    for row, col in spots.values():
        values[row, col] = FIELD * (1 + row / 100)
    surface = surface_of(values, GRIDS[where])
    return surface, values, places_at(surface, spots)


def pairs_of(*pairs):
    return pd.DataFrame(pairs, columns=["from_id", "to_id"])


def every_pair():
    return pairs_of(*((a, b) for a in SPOTS for b in SPOTS if a != b))


@cache
def to_grid(crs):
    return Transformer.from_crs(4326, crs, always_xy=True)


def corners_of(line, geobox):
    """Row and column of the corners of a line."""
    x, y = to_grid(str(geobox.crs)).transform(*shapely.get_coordinates(line).T)
    to_pixel = ~geobox.transform
    return np.column_stack([to_pixel.e * y + to_pixel.f - 0.5, to_pixel.a * x + to_pixel.c - 0.5])


def cells_along(corners):
    """All cells between corners that lie on rows, columns or diagonals."""
    cells = [tuple(corners[0])]
    for end in corners[1:]:
        down, right = np.subtract(end, cells[-1])
        steps = max(abs(down), abs(right))
        assert {abs(int(down)), abs(int(right))} <= {0, steps}
        row, col = cells[-1]
        cells += [(int(row + k * down / steps), int(col + k * right / steps)) for k in range(1, steps + 1)]
    return cells


def walked(cells, values, lengths):
    """Minutes and metres over cells, step by step."""
    minutes = metres = 0.0
    for a, b in pairwise(cells):
        (row, col), (below, beside) = sorted([a, b])
        right = beside - col
        length = lengths[slow.STEPS.index((below - row, right))][row, col + min(right, 0)]
        metres += length
        minutes += (float(values[a]) + float(values[b])) / 2 * length
    return minutes, metres


@given(seeds, grids_named)
def test_a_line_takes_the_minutes_and_kilometres_that_it_says(seed, where):
    """Walked again over the friction with lengths of our own; from origin to destination; corners and nothing else."""
    surface, values, places = country(seed, where)
    lengths = slow.ground_lengths(GRIDS[where])
    for way in routes(surface, every_pair(), places).itertuples():
        if way.geometry is None:
            assert np.isnan(way.minutes)
            continue
        pixels = corners_of(way.geometry, GRIDS[where])
        corners = [tuple(int(part) for part in corner) for corner in pixels.round()]
        np.testing.assert_allclose(pixels, corners, atol=1e-6)
        cells = cells_along(corners)
        assert (cells[0], cells[-1]) == (SPOTS[way.from_id], SPOTS[way.to_id])
        minutes, metres = walked(cells, values, lengths)
        assert way.minutes == pytest.approx(minutes, rel=1e-9)
        assert way.km == pytest.approx(metres / 1000, rel=1e-9)
        assert way.km_per_h == pytest.approx(metres / 1000 / minutes * 60, rel=1e-9)
        turns = np.sign(np.diff(corners, axis=0))
        straight_on = int((turns[1:] == turns[:-1]).all(axis=1).sum())
        # On a projected grid there is a milestone every 16 cells.
        assert straight_on <= (0 if GRIDS[where].crs.geographic else len(cells) // 16)


@given(seeds, grids_named)
def test_lines_are_as_long_on_the_ground_as_their_kilometres(seed, where):
    surface, _, places = country(seed, where)
    found = routes(surface, every_pair(), places).dropna(subset="minutes")
    lengths = [WGS84.geometry_length(line) / 1000 for line in found.geometry]
    np.testing.assert_allclose(found["km"], lengths, rtol=1e-6)


def test_a_long_road_along_a_parallel_is_a_straight_line_in_degrees():
    """Its two ends are enough for that; their geodesic leads farther north and is a little shorter."""
    surface = surface_of(np.full((1, 600), ROAD), degrees((1, 600)))
    found = routes(surface, pairs_of(("a", "b")), places_at(surface, {"a": (0, 0), "b": (0, 599)}))
    line, km = found.geometry[0], found["km"][0]
    assert shapely.get_num_coordinates(line) == 2
    assert WGS84.geometry_length(shapely.segmentize(line, 1 / 120)) / 1000 == pytest.approx(km, rel=1e-9)
    assert 1e-5 < 1 - WGS84.geometry_length(line) / 1000 / km < 1e-3


def test_a_long_road_along_a_row_of_a_projected_grid_is_drawn_where_it_is():
    """Straight on the grid is no straight line in degrees."""
    surface = surface_of(np.full((1, 300), ROAD), grid((1, 300), left=200_000.0, top=5_500_000.0, crs="EPSG:32640"))
    line = routes(surface, pairs_of(("a", "b")), places_at(surface, {"a": (0, 0), "b": (0, 299)})).geometry[0]
    row = corners_of(shapely.segmentize(line, 0.01), surface.geobox)[:, 0]
    assert np.abs(row).max() < 0.5


@given(seeds, grids_named)
def test_minutes_and_kilometres_are_those_of_the_matrix(seed, where):
    surface, _, places = country(seed, where)
    matrix = travel_time_matrix(surface, places)
    for way in routes(surface, every_pair(), places).itertuples():
        np.testing.assert_allclose(way.minutes, matrix.minutes.loc[way.from_id, way.to_id], rtol=1e-9)
        np.testing.assert_allclose(way.km, matrix.km.loc[way.from_id, way.to_id], rtol=1e-9)


def test_the_way_there_is_the_way_back_turned_round():
    surface, _, places = country(3)
    there, back = routes(surface, pairs_of(("a", "b"), ("b", "a")), places).geometry
    assert there.coords[0] == back.coords[-1]
    assert there.reverse().equals(back)


def test_rows_are_as_asked_for_and_at_once_is_the_same():
    surface, _, places = country(4)
    pairs = pairs_of(("c", "a"), ("b", "d"), ("c", "e"), ("a", "c"), ("c", "a")).set_index(pd.Index([9, 9, 3, 5, 1]))
    before = pairs.copy()
    found, at_once = routes(surface, pairs, places), routes(surface, pairs, places, map_tasks=map_tasks)
    assert list(found.columns) == ["from_id", "to_id", "minutes", "km", "km_per_h", "geometry"]
    assert found[["from_id", "to_id"]].values.tolist() == pairs.values.tolist()
    pd.testing.assert_frame_equal(found.drop(columns="geometry"), at_once.drop(columns="geometry"))
    assert found.geometry.geom_equals(at_once.geometry).all()
    assert found.geometry[0].equals(found.geometry[4])
    assert found.crs.to_epsg() == 4326
    pd.testing.assert_frame_equal(pairs, before)


def test_pairs_without_a_way_have_no_line():
    """Over water, from a place outside, from a place nobody knows, and within one cell."""
    values = np.full(SHAPE, FIELD)
    values[:, 5] = np.nan
    surface = surface_of(values, GRIDS["utm"])
    places = places_at(surface, {"w": (3, 1), "e": (3, 9), "e2": (3.2, 9.1), "far": (-40, 0)})
    found = routes(surface, pairs_of(("w", "e"), ("far", "e"), ("e", "far"), ("w", "nobody"), ("e", "e2"), ("e", "e")), places)
    assert found.geometry.isna().all()
    assert found["minutes"].isna().tolist() == [True] * 4 + [False] * 2
    assert found[["minutes", "km"]].iloc[4:].values.tolist() == [[0, 0], [0, 0]]
    assert found["km_per_h"].isna().all()


def test_no_pairs_are_no_lines():
    surface, _, places = country(5)
    found = routes(surface, pairs_of(), places)
    assert found.empty
    assert found.crs.to_epsg() == 4326
    assert routes(surface, pairs_of(("x", "y")), places)["minutes"].isna().all()


def test_a_way_keeps_to_the_road():
    """Round three sides of a square, since the fields between are twelve times as slow."""
    values = np.full((5, 6), FIELD)
    values[0, :] = values[4, :] = values[:, 5] = ROAD
    surface = surface_of(values, degrees((5, 6)))
    line = routes(surface, pairs_of(("a", "b")), places_at(surface, {"a": (0, 0), "b": (4, 0)})).geometry[0]
    assert corners_of(line, surface.geobox).round().tolist() == [[0, 0], [0, 4], [1, 5], [3, 5], [4, 4], [4, 0]]


def matrix_of(values, origins, destinations=None):
    frame = pd.DataFrame(values, index=list(origins), columns=list(destinations or origins), dtype=float)
    return Matrix(frame, frame)


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, [("a", "b"), ("c", "b")]),
        (2, [("a", "b"), ("a", "c"), ("b", "c")]),
        (9, [("a", "b"), ("a", "c"), ("b", "c")]),
        (0, []),
    ],
)
def test_nearest_pairs_once_each(most, expected):
    """A lies 3 from B and 9 from C, B 5 from C; D is an island."""
    x = np.nan
    matrix = matrix_of([[0, 3, 9, x], [3, 0, 5, x], [9, 5, 0, x], [x, x, x, 0]], "abcd")
    found = nearest_pairs(matrix, most=most)
    assert list(found.columns) == ["from_id", "to_id"]
    assert found.values.tolist() == [list(pair) for pair in expected]


def test_nearest_pairs_of_other_destinations():
    matrix = matrix_of([[4, 2, 7], [1, np.nan, 3]], "ab", "xyz")
    assert nearest_pairs(matrix, most=2).values.tolist() == [["a", "y"], ["a", "x"], ["b", "x"], ["b", "z"]]


def test_all_pairs_once_each():
    surface, _, places = country(6)
    found = all_pairs(places)
    assert len(found) == 10
    assert {frozenset(pair) for pair in found.values.tolist()} == {frozenset((a, b)) for a in SPOTS for b in SPOTS if a != b}
    assert routes(surface, found, places)["minutes"].notna().all()
