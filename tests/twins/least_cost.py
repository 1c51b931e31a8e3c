"""Least cost the slow way: every step an edge of a graph, Dijkstra of scipy over it; and scikit-image for cells as units."""

import numpy as np
from pyproj import Geod, Transformer
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""East, south, southeast, southwest; every edge leads both ways."""
WGS84 = Geod(ellps="WGS84")


def ends(image: np.ndarray, down: int, right: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where all steps of a direction begin and where they end.

    >>> ends(np.array([[1, 2], [3, 4]]), 1, -1)
    (array([[2]]), array([[3]]))
    """
    rows, cols = image.shape
    left = max(0, -right)
    begin = image[: rows - down, left : cols - max(0, right)]
    return begin, image[down:, left + right :][:, : begin.shape[1]]


def plain_lengths(shape: tuple[int, int]) -> list[np.ndarray]:
    """Length of the steps in cells.

    >>> [length.tolist() for length in plain_lengths((1, 3))]
    [[[1.0, 1.0]], [], [], []]
    """
    nothing = np.zeros(shape)
    return [np.full(ends(nothing, *step)[0].shape, np.hypot(*step)) for step in STEPS]


def ground_lengths(geobox) -> list[np.ndarray]:
    """Geodesics between the centres of cells [m]."""
    rows, cols = geobox.shape
    x, y = np.meshgrid(np.arange(cols) + 0.5, np.arange(rows) + 0.5)
    t = geobox.transform
    lon, lat = Transformer.from_crs(str(geobox.crs), 4326, always_xy=True).transform(t.c + t.a * x, t.f + t.e * y)
    lengths = []
    for step in STEPS:
        (lon_a, lon_b), (lat_a, lat_b) = ends(lon, *step), ends(lat, *step)
        lengths.append(WGS84.inv(lon_a, lat_a, lon_b, lat_b)[2])
    return lengths


def graph(friction: np.ndarray, lengths: list[np.ndarray]) -> csr_array:
    """One node per cell in scan order, one edge per step between cells that can be passed."""
    number = np.arange(friction.size).reshape(friction.shape)
    slow = np.where(friction > 0, friction, np.inf).astype(float)
    begins, finishes, costs = [], [], []
    for step, length in zip(STEPS, lengths, strict=True):
        (begin, finish), (slow_a, slow_b) = ends(number, *step), ends(slow, *step)
        cost = (slow_a + slow_b) / 2 * length
        passed = np.isfinite(cost)
        begins.append(begin[passed])
        finishes.append(finish[passed])
        costs.append(cost[passed])
    edges = np.concatenate(begins), np.concatenate(finishes)
    return csr_array((np.concatenate(costs), edges), shape=(friction.size, friction.size))


def costs(friction: np.ndarray, lengths: list[np.ndarray], sources: list[tuple[int, int]]) -> np.ndarray:
    """Cost from the nearest of some cells, infinite where there is no way: shape (rows, cols).

    >>> costs(np.array([[1.0, 3.0, np.nan, 1.0]]), plain_lengths((1, 4)), [(0, 0)]).tolist()
    [[0.0, 2.0, inf, inf]]
    """
    cells = [int(np.ravel_multi_index(source, friction.shape)) for source in sources]
    found = dijkstra(graph(friction, lengths), directed=False, indices=cells, min_only=True)
    return found.reshape(friction.shape)


def matrix(friction: np.ndarray, lengths: list[np.ndarray], cells: list[tuple[int, int]]) -> np.ndarray:
    """Cost between every two of some cells, infinite where there is no way."""
    numbers = [int(np.ravel_multi_index(cell, friction.shape)) for cell in cells]
    return dijkstra(graph(friction, lengths), directed=False, indices=numbers)[:, numbers]


def mcp(friction: np.ndarray, sources: list[tuple[int, int]]) -> np.ndarray:
    """Cost of scikit-image, to which all cells are squares of side 1."""
    from skimage.graph import MCP_Geometric

    passable = np.isfinite(friction) & (friction > 0)
    return MCP_Geometric(np.where(passable, friction, -1.0)).find_costs(sources)[0].copy()
