"""Area fractions the slow way: every cell cut with every polygon that meets it."""

from collections.abc import Sequence

import numpy as np
import shapely


def cell_shares(polygons: Sequence[shapely.Geometry], shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """List zone, row, column and share of every cell that a polygon covers in part or whole.

    Polygons are in (column, row) coordinates of a raster of that shape.

    >>> [part.tolist() for part in cell_shares([shapely.box(0.5, 0, 2, 1)], (2, 3))]
    [[0, 0], [0, 0], [0, 1], [0.5, 1.0]]
    """
    rows, cols = shape
    row, col = (part.ravel() for part in np.mgrid[:rows, :cols])
    cells = shapely.box(col, row, col + 1, row + 1)
    zone, cell = shapely.STRtree(cells).query(np.asarray(polygons, dtype=object), predicate="intersects")
    share = shapely.area(shapely.intersection(cells[cell], np.asarray(polygons, dtype=object)[zone]))
    order = np.lexsort((cell, zone))
    order = order[share[order] > 0]
    return zone[order], row[cell[order]], col[cell[order]], share[order]


def dense_shares(polygons: Sequence[shapely.Geometry], shape: tuple[int, int]) -> np.ndarray:
    """Return the shares as one image per polygon: shape (zones, rows, cols)."""
    image = np.zeros((len(polygons), *shape))
    zone, row, col, share = cell_shares(polygons, shape)
    image[zone, row, col] = share
    return image


def to_pixels(shapes: Sequence[shapely.Geometry], transform) -> np.ndarray:
    """Move shapes from the coordinates of a grid to (column, row) coordinates."""
    inverse = ~transform

    def moved(xy: np.ndarray) -> np.ndarray:
        return np.column_stack([inverse.a * xy[:, 0] + inverse.c, inverse.e * xy[:, 1] + inverse.f])

    return shapely.transform(np.asarray(shapes, dtype=object), moved)
