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
def _first_kept(values, floor, cover, first_run, last_run, first_cell, last_cell):
    """Return the first value of a zone at or above the floor, or zero."""
    for i in range(first_run, last_run):
        for col in range(cover.run_first[i], cover.run_last[i]):
            if values[cover.run_row[i], col] >= floor:
                return float(values[cover.run_row[i], col])
    for i in range(first_cell, last_cell):
        if values[cover.cell_row[i], cover.cell_col[i]] >= floor:
            return float(values[cover.cell_row[i], cover.cell_col[i]])
    return 0.0


@njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def _moments(values, floor, shift, low, high):
    """Return counts and sums of the values at or above the floor, and how many of them lie beyond the extremes so far.

    Without a branch, and with leave to add in lanes: a noisy raster would make a branch guess wrong at every other cell.
    """
    valid, kept, beyond = 0, 0, 0
    total, offset, square = 0.0, 0.0, 0.0
    for i in range(values.size):
        value = np.float64(values[i])
        keep = value >= floor
        away = value - shift if keep else 0.0
        total += value if keep else 0.0
        offset += away
        square += away * away
        kept += keep
        valid += value == value  # not NaN
        beyond += (keep & (value < low)) | (value > high)
    return valid, kept, total, offset, square, beyond


@njit(cache=True, nogil=True)
def _extremes(values, floor, low, high):
    for i in range(values.size):
        value = np.float64(values[i])
        if value >= floor:
            low = min(low, value)
            high = max(high, value)
    return low, high


@njit(cache=True, nogil=True)
def _gather_stretch(out, values, cell_km2, floor):
    """Add whole neighbouring cells of one area."""
    valid, kept, total, offset, square, beyond = _moments(values, floor, out[10], out[4], out[5])
    if beyond:  # seldom, once a zone has seen some of its cells
        out[4], out[5] = _extremes(values, floor, out[4], out[5])
    out[0] += values.size
    out[1] += valid
    out[2] += kept
    out[3] += total
    out[6] += cell_km2 * valid
    out[7] += cell_km2 * kept
    out[8] += cell_km2 * offset
    out[9] += cell_km2 * square


@njit(cache=True, nogil=True)
def _gather_run(out, values, area_km2, floor, row, first, last):
    """Add the whole cells ``[row, first:last]``, in one stretch where they all have the same area."""
    if area_km2.shape[1] == 1:
        _gather_stretch(out, values[row, first:last], area_km2[row, 0], floor)
    else:
        for col in range(first, last):
            _gather_stretch(out, values[row, col : col + 1], area_km2[row, col], floor)


@njit(cache=True, nogil=True)
def _gather_parts(out, values, area_km2, floor, cell_row, cell_col, cell_share):
    """Add cells of which a part lies in the zone."""
    cells, valid, kept, total, low, high = 0.0, 0.0, 0.0, 0.0, out[4], out[5]
    valid_area, area, offset, square, shift = 0.0, 0.0, 0.0, 0.0, out[10]
    wide = area_km2.shape[1] > 1
    for i in range(cell_row.size):
        row, col, share = cell_row[i], cell_col[i], cell_share[i]
        value = float(values[row, col])
        cells += share
        if np.isnan(value):
            continue
        cell_km2 = area_km2[row, col if wide else 0] * share
        valid += share
        valid_area += cell_km2
        if value < floor:
            continue
        away = value - shift
        kept += share
        total += share * value
        low, high = min(low, value), max(high, value)
        area += cell_km2
        offset += cell_km2 * away
        square += cell_km2 * away * away
    out[:10] += np.array([cells, valid, kept, total, 0.0, 0.0, valid_area, area, offset, square])
    out[4], out[5] = low, high


@njit(cache=True, nogil=True)
def _weigh(out, value, weight, floor, share):
    if value >= floor and not np.isnan(weight):
        out[11] += share * weight
        out[12] += share * weight * value


@njit(cache=True, nogil=True)
def _gather_zones(values, area_km2, floor, cover, sums):
    # Taken out of the tuple once: inside the loops that costs more than the adding does.
    run_stop, run_row, run_first, run_last, cell_stop, cell_row, cell_col, cell_share = cover
    a, c = 0, 0
    for zone in range(sums.shape[0]):
        b, d = run_stop[zone], cell_stop[zone]
        out = sums[zone]
        out[10] = _first_kept(values, floor, cover, a, b, c, d)
        for i in range(a, b):
            _gather_run(out, values, area_km2, floor, run_row[i], run_first[i], run_last[i])
        _gather_parts(out, values, area_km2, floor, cell_row[c:d], cell_col[c:d], cell_share[c:d])
        a, c = b, d


@njit(cache=True, nogil=True)
def _weigh_zones(values, weights, floor, cover, sums):
    run_stop, run_row, run_first, run_last, cell_stop, cell_row, cell_col, cell_share = cover
    a, c = 0, 0
    for zone in range(sums.shape[0]):
        b, d = run_stop[zone], cell_stop[zone]
        out = sums[zone]
        for i in range(a, b):
            for col in range(run_first[i], run_last[i]):
                _weigh(out, values[run_row[i], col], weights[run_row[i], col], floor, 1.0)
        for i in range(c, d):
            row, col = cell_row[i], cell_col[i]
            _weigh(out, values[row, col], weights[row, col], floor, cell_share[i])
        a, c = b, d


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
    _gather_zones(values, area_km2, floor, cover, sums)
    if weights is not None:
        _weigh_zones(values, weights, floor, cover, sums)
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


@njit(cache=True, nogil=True)
def _sum_by_code(codes, values, cells, totals):
    for r in range(codes.shape[0]):
        for c in range(codes.shape[1]):
            cells[codes[r, c]] += 1
            if not np.isnan(values[r, c]):
                totals[codes[r, c]] += values[r, c]


def sum_by_code(codes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Count the cells of every code and add up a raster over them.

    Parameters
    ----------
    codes : ndarray of uint8, shape (rows, cols)
    values : ndarray of float, shape (rows, cols)
        NaN adds nothing.

    Returns
    -------
    cells : ndarray of int64, shape (256,)
    totals : ndarray of float64, shape (256,)
    """
    cells, totals = np.zeros(256, np.int64), np.zeros(256)
    _sum_by_code(codes, values, cells, totals)
    return cells, totals
