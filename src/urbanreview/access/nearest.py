"""Which place serves which cell, and how far away it is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.access.cost_surface import CostSurface
from urbanreview.access.places import Places
from urbanreview.access.surface import minutes_raster, sweep
from urbanreview.grid import geobox_of, make_raster, require_same_grid


@dataclass(frozen=True)
class Nearest:
    """The nearest of many places from everywhere.

    Attributes
    ----------
    minutes : DataArray, dims (y, x), float64 [min]
        Time to the nearest place; missing where no way leads.
    catchments : DataArray, dims (y, x), int32
        Whose it is: ``k + 1`` is place ``k`` of `ids`, 0 is nobody's; attrs ``class_<number>`` say so.
    ids : Index of str
    """

    minutes: xr.DataArray
    catchments: xr.DataArray
    ids: pd.Index

    def people(self, people: xr.DataArray) -> pd.Series:
        """Add up people (a count on the same grid) by catchment: by id, nobody's under an empty id."""
        require_same_grid("people", got=geobox_of(people), expected=geobox_of(self.catchments))
        weights = np.nan_to_num(people.values.astype(float)).reshape(-1)
        sums = np.bincount(self.catchments.values.reshape(-1), weights=weights, minlength=len(self.ids) + 1)
        return pd.Series(sums, index=["", *self.ids], name="people")


def nearest(surface: CostSurface, places: Places) -> Nearest:
    """Find the nearest place of every cell in one sweep.

    Parameters
    ----------
    surface : CostSurface
    places : Places
        Those without a cell have no catchment; of several in one cell the first has it.

    Returns
    -------
    Nearest
        Of equally near places one is taken, always the same.
    """
    placed = np.flatnonzero(places.placed)
    reached = sweep(surface, places.cell[placed], owners=True)
    owner = reached.owner[1:-1, 1:-1]
    numbers = np.append(placed + 1, 0).astype(np.int32)[owner]
    # Whose a number is travels with the raster, into the tags of its file.
    whose = {f"class_{number}": str(zone_id) for number, zone_id in enumerate(places.ids, start=1)}
    catchments = make_raster(numbers, surface.geobox, kind="class", units="place", source=surface.source, **whose)
    return Nearest(minutes_raster(surface, reached), catchments, places.ids)
