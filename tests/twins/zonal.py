"""Statistics over zones the slow way: pick the cells of each zone, then numpy."""

import numpy as np


def statistics(
    values: np.ndarray,
    shares: np.ndarray,
    *,
    area_km2: np.ndarray | float = 1.0,
    weights: np.ndarray | None = None,
    floor: float = -np.inf,
) -> list[dict[str, float]]:
    """Return count, sum, mean, min, max, sd, weighted_mean, kept_share and zone_mean of every zone.

    ``shares`` has shape (zones, rows, cols); means and spreads are weighted by share times area.
    """
    area = np.broadcast_to(np.asarray(area_km2, float), values.shape)
    found = []
    for share in shares:
        valid = (share > 0) & ~np.isnan(values)
        kept = valid & (np.nan_to_num(values, nan=-np.inf) >= floor)
        row = {"count": share[kept].sum(), "valid": share[valid].sum(), "cells": share.sum()}
        row["sum"] = (share[kept] * values[kept]).sum() if valid.any() else np.nan
        ground = (share * area)[kept]
        nothing = not kept.any()
        row["mean"] = np.nan if nothing else np.average(values[kept], weights=ground)
        row["sd"] = np.nan if nothing else np.sqrt(np.average((values[kept] - row["mean"]) ** 2, weights=ground))
        row["min"] = np.nan if nothing else values[kept].min()
        row["max"] = np.nan if nothing else values[kept].max()
        observed = (share * area)[valid].sum()
        row["kept_share"] = ground.sum() / observed if valid.any() else np.nan
        row["zone_mean"] = (ground * values[kept]).sum() / observed if valid.any() else np.nan
        if weights is not None:
            weighed = kept & ~np.isnan(weights)
            load = share[weighed] * weights[weighed]
            row["weighted_mean"] = (load * values[weighed]).sum() / load.sum() if load.sum() > 0 else np.nan
        found.append(row)
    return found


def overlaps(labels: np.ndarray, values: np.ndarray, shares: np.ndarray) -> dict[tuple[int, int], tuple[float, float]]:
    """Return people and cells of every (zone, label - 1) pair that shares ground."""
    pairs = {}
    for zone, share in enumerate(shares):
        for label in np.unique(labels[(share > 0) & (labels > 0)]):
            here = np.where(labels == label, share, 0.0)
            pairs[zone, int(label) - 1] = (float(np.nansum(here * values)), float(here.sum()))
    return pairs
