"""Statistics of a raster over zones, from the cells that each zone covers."""

from typing import NamedTuple

import numpy as np
from numba import njit

from urbanreview.kernels.coverage import Cover


class Sums(NamedTuple):
    """What one pass over a raster gathers for each zone; every array has shape (zones,), float64.

    ``cells`` counts shares of cells on the raster, ``valid`` those with a value, ``kept`` those at or above the
    floor. ``area`` [km2] and ``value_area`` belong to the kept cells, ``weight`` and ``value_weight`` to the kept
    cells that also have a weight.
    """

    cells: np.ndarray
    valid: np.ndarray
    kept: np.ndarray
    total: np.ndarray
    low: np.ndarray
    high: np.ndarray
    valid_area: np.ndarray
    area: np.ndarray
    value_area: np.ndarray
    square_area: np.ndarray
    shift: np.ndarray
    weight: np.ndarray
    value_weight: np.ndarray


@njit(cache=True, nogil=True)
def _gather(out, values, weights, area_km2, floor, row, col, share):
    out[0] += share
    value = float(values[row, col])
    if np.isnan(value):
        return
    cell_km2 = area_km2[row, col if area_km2.shape[1] > 1 else 0] * share
    out[1] += share
    out[6] += cell_km2
    if value < floor:
        return
    if out[2] == 0.0:
        out[10] = value
    out[2] += share
    out[3] += share * value
    out[4] = min(out[4], value)
    out[5] = max(out[5], value)
    out[7] += cell_km2
    out[8] += cell_km2 * (value - out[10])
    out[9] += cell_km2 * (value - out[10]) ** 2
    if weights.size > 0:
        weight = float(weights[row, col])
        if not np.isnan(weight):
            out[11] += share * weight
            out[12] += share * weight * value


@njit(cache=True, nogil=True)
def _gather_zones(values, weights, area_km2, floor, cover, sums):
    for zone in range(sums.shape[0]):
        out = sums[zone]
        first = cover.run_stop[zone - 1] if zone > 0 else 0
        for i in range(first, cover.run_stop[zone]):
            for col in range(cover.run_first[i], cover.run_last[i]):
                _gather(out, values, weights, area_km2, floor, cover.run_row[i], col, 1.0)
        first = cover.cell_stop[zone - 1] if zone > 0 else 0
        for i in range(first, cover.cell_stop[zone]):
            _gather(out, values, weights, area_km2, floor, cover.cell_row[i], cover.cell_col[i], cover.cell_share[i])


def sum_zones(
    values: np.ndarray, cover: Cover, *, area_km2: np.ndarray, weights: np.ndarray | None = None, floor: float = -np.inf
) -> Sums:
    """Gather the sums of a raster over zones in one pass.

    Parameters
    ----------
    values : ndarray of float, shape (rows, cols)
        NaN is missing.
    cover : Cover
        Made for this raster's grid.
    area_km2 : ndarray of float64, shape (rows, cols) or (rows, 1) or (1, 1)
        True area of each cell [km2]; a single column stands for all.
    weights : ndarray of float, shape (rows, cols), optional
        Weight of each cell, for weighted means; NaN is missing.
    floor : float
        Values below are left out of everything but ``cells``, ``valid`` and ``valid_area``.

    Returns
    -------
    Sums
        ``low`` and ``high`` are +inf and -inf for a zone without a kept cell.
    """
    sums = np.zeros((cover.run_stop.size, len(Sums._fields)))
    sums[:, 4], sums[:, 5] = np.inf, -np.inf
    if area_km2.shape[0] == 1:
        area_km2 = np.broadcast_to(area_km2, (values.shape[0], area_km2.shape[1]))
    nothing = np.empty((0, 0), values.dtype)
    _gather_zones(values, nothing if weights is None else weights, area_km2, floor, cover, sums)
    return Sums(*sums.T.copy())


@njit(cache=True)
def _overlap_zone(labels, values, cover, zone, people, cells, touched):
    """Add one zone's overlap with every label it meets; return how many labels it met."""
    met = 0
    first_run = cover.run_stop[zone - 1] if zone > 0 else 0
    first_cell = cover.cell_stop[zone - 1] if zone > 0 else 0
    for i in range(first_run, cover.run_stop[zone]):
        for col in range(cover.run_first[i], cover.run_last[i]):
            label = labels[cover.run_row[i], col]
            if label > 0:
                value = values[cover.run_row[i], col]
                if cells[label] == 0.0:
                    touched[met] = label
                    met += 1
                cells[label] += 1.0
                if not np.isnan(value):
                    people[label] += value
    for i in range(first_cell, cover.cell_stop[zone]):
        label = labels[cover.cell_row[i], cover.cell_col[i]]
        if label > 0:
            value = values[cover.cell_row[i], cover.cell_col[i]]
            if cells[label] == 0.0:
                touched[met] = label
                met += 1
            cells[label] += cover.cell_share[i]
            if not np.isnan(value):
                people[label] += value * cover.cell_share[i]
    return met


def overlap_labels(
    labels: np.ndarray, values: np.ndarray, cover: Cover, *, label_count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Add up a raster over every pair of a zone and a label that share cells.

    Parameters
    ----------
    labels : ndarray of int32, shape (rows, cols)
        0 is background, ``k + 1`` is component ``k``.
    values : ndarray of float, shape (rows, cols)
        NaN adds nothing.
    cover : Cover
        Zones on the same grid.
    label_count : int
        Number of components.

    Returns
    -------
    zone, component : ndarray of int64, shape (pairs,)
    total : ndarray of float64, shape (pairs,)
        Sum of share times value.
    cells : ndarray of float64, shape (pairs,)
        Sum of shares.
    """
    people, cells = np.zeros(label_count + 1), np.zeros(label_count + 1)
    touched = np.empty(label_count + 1, np.int64)
    found: list[tuple[np.ndarray, ...]] = []
    for zone in range(cover.run_stop.size):
        met = touched[: _overlap_zone(labels, values, cover, zone, people, cells, touched)].copy()
        met.sort()
        found.append((np.full(met.size, zone), met - 1, people[met], cells[met]))
        people[met] = cells[met] = 0.0
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0)
    zones, components, totals, shares = (np.concatenate(column) for column in zip(*found, strict=True))
    return zones, components, totals, shares
