"""Ground for the kernel of least cost: any friction over steps of any length, padded as the kernel wants it."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from strategies import shapes
from twins import least_cost as slow

from urbanreview.kernels.least_cost import Links, least_cost, trace_routes

BORDER = 87.0
"""Minutes per metre of a border on maps of travel time."""
WALL = np.inf
FRICTIONS = [0.0006, 0.001, 0.005, 0.012, 0.012, 1.0, BORDER, 1e-5, WALL, WALL]


class Ground:
    """A friction raster with the lengths of its steps, and the kernel's arguments for it."""

    def __init__(self, friction, lengths, *, wide=True, fill=1e-9):
        self.values, self.lengths = np.asarray(friction), lengths
        self.friction = np.pad(self.values, 1, constant_values=np.inf)
        rows, cols = self.shape = self.values.shape
        begin = ((1, 1), (1, 1), (1, 1), (1, 2))
        links = []
        for length, (row, col) in zip(lengths, begin, strict=True):
            half = np.full((rows + 2, cols + 2 if wide else 1), fill)
            high, broad = length.shape
            if wide:
                half[row : row + high, col : col + broad] = length / 2
            elif length.size:
                half[row : row + high] = length[:, :1] / 2
            links.append(half)
        self.links = Links(*links)
        edges = slow.graph(self.values, lengths).data
        self.bounds = {"cheapest": edges.min() if edges.size else 1.0, "dearest": edges.max() if edges.size else 1.0}

    def number(self, cell):
        return (cell[0] + 1) * (self.shape[1] + 2) + cell[1] + 1

    def numbers(self, cells):
        return np.array([self.number(cell) for cell in cells], np.int64)

    def cell(self, number):
        row, col = divmod(int(number), self.shape[1] + 2)
        return row - 1, col - 1

    def sweep(self, sources, **how):
        if "targets" in how:
            how["targets"] = self.numbers(how["targets"])
        return least_cost(self.friction, self.links, self.numbers(sources), **self.bounds, **how)

    def costs(self, sources, **how):
        return self.sweep(sources, **how).cost[1:-1, 1:-1]

    def slow(self, sources):
        return slow.costs(self.values, self.lengths, sources)

    def step(self, a, b):
        """Length of a step between neighbours [m]."""
        (row, col), other = sorted([a, b])
        right = other[1] - col
        direction = slow.STEPS.index((other[0] - row, right))
        return self.lengths[direction][row, col + min(right, 0)]

    def trace(self, cost, targets):
        cells, stop, metres = trace_routes(self.friction, self.links, cost, self.numbers(targets))
        parts = np.split(cells, stop[:-1]) if len(stop) else []
        return [[self.cell(number) for number in part] for part in parts], metres


def cells_in(shape):
    return st.tuples(st.integers(0, shape[0] - 1), st.integers(0, shape[1] - 1))


@st.composite
def grounds(draw, elements=None, largest=8):
    """Any friction, any lengths: even such that no earth has."""
    shape = draw(shapes(largest))
    elements = st.sampled_from(FRICTIONS) if elements is None else elements
    friction = draw(arrays(float, shape, elements=elements))
    lengths = [draw(arrays(float, part.shape, elements=st.floats(1.0, 1500.0))) for part in slow.plain_lengths(shape)]
    return Ground(friction, lengths), draw(st.lists(cells_in(shape).filter(lambda cell: friction[cell] < WALL), max_size=3))
