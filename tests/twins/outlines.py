"""Outlines of labels the slow way: GDAL's polygoniser, one label at a time."""

import numpy as np
import shapely
from rasterio.features import shapes


def pieces(labels: np.ndarray) -> list[tuple[int, shapely.Geometry]]:
    """Return (label, polygon) of every 4-connected piece, in (column, row) coordinates.

    >>> [(label, shape.area) for label, shape in pieces(np.array([[7, 0], [0, 7]]))]
    [(7, 1.0), (7, 1.0)]
    """
    found = shapes(labels.astype(np.int32), mask=labels != 0, connectivity=4)
    return [(int(label), shapely.make_valid(shapely.geometry.shape(outline))) for outline, label in found]
