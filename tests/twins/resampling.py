"""Resampling the slow way: cut every cell of one grid, as a quadrilateral, with every cell of the other."""

import numpy as np
import shapely
from odc.geo.geobox import GeoBox
from pyproj import Transformer


def overlap(geobox: GeoBox, to: GeoBox) -> np.ndarray:
    """Return the share of every cell of ``geobox`` that lies in each cell of ``to``: shape (cells, cells of ``to``).

    >>> from toys import grid
    >>> overlap(grid((1, 1), cell=2.0, top=2.0), grid((1, 2), cell=1.0, top=2.0)).tolist()
    [[0.25, 0.25]]
    """
    move = Transformer.from_crs(str(geobox.crs), str(to.crs), always_xy=True)
    quads = [
        shapely.Polygon([move.transform(*(geobox.transform @ corner)) for corner in _corners(*cell)]) for cell in _cells(geobox)
    ]
    targets = [shapely.Polygon([to.transform @ corner for corner in _corners(*cell)]) for cell in _cells(to)]
    shared = shapely.area(shapely.intersection(np.array(quads)[:, None], np.array(targets)[None, :]))
    return shared / shapely.area(quads)[:, None]


def _cells(geobox: GeoBox) -> list[tuple[int, int]]:
    return [(row, col) for row in range(geobox.shape[0]) for col in range(geobox.shape[1])]


def _corners(row: int, col: int) -> list[tuple[int, int]]:
    return [(col, row), (col + 1, row), (col + 1, row + 1), (col, row + 1)]


def counts(values: np.ndarray, share: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Split counts by area; missing where no valid cell lies."""
    valid = ~np.isnan(values.ravel())
    out = np.nan_to_num(values.ravel()) @ share
    out[valid @ share == 0] = np.nan
    return out.reshape(shape)


def means(values: np.ndarray, area_km2: np.ndarray, share: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Average by the area of valid cells; missing where there is none."""
    ground = np.where(np.isnan(values), 0.0, np.broadcast_to(area_km2, values.shape)).ravel()[:, None] * share
    total = np.nan_to_num(values.ravel()) @ ground
    with np.errstate(invalid="ignore"):
        return (total / ground.sum(axis=0)).reshape(shape)


def majority(values: np.ndarray, area_km2: np.ndarray, share: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Vote by the area of valid cells, the smaller code winning a tie; missing where there is none."""
    ground = np.broadcast_to(area_km2, values.shape).ravel()[:, None] * share
    winners = np.full(share.shape[1], np.nan)
    for target in range(share.shape[1]):
        codes = np.unique(values[~np.isnan(values)])
        votes = {code: ground[values.ravel() == code, target].sum() for code in codes}
        most = max(votes.values(), default=0.0)
        if most > 0:
            winners[target] = min(code for code, vote in votes.items() if vote > most * (1 - 1e-9))
    return winners.reshape(shape)
