"""The built-up threshold that a grid itself suggests."""

import math

import numpy as np
import xarray as xr

from urbanreview.delineation.density import density_of, working_population
from urbanreview.delineation.rules import EDITIONS
from urbanreview.grid import Kind, cell_area_km2, geobox_of, require_kind, resample
from urbanreview.kernels.components import find_runs, label_runs, list_cells, select_runs, sum_runs
from urbanreview.units import km2_from_m2


def optimal_built_up_share(
    population: xr.DataArray,
    *,
    built_up: xr.DataArray,
    land: xr.DataArray | None = None,
    min_people: float = 5_000.0,
    decimals: int | None = 2,
) -> float:
    """Return the built-up share of the dense clusters of a grid: the threshold called optimal.

    Parameters
    ----------
    population : DataArray, dims (y, x)
        People per cell. The published method takes the whole world at once.
    built_up, land : DataArray, dims (y, x)
        Built-up surface and land per cell [m2]; on another grid they are split by area.
    min_people : float
        People of a dense cluster: 5,000 in the first edition of the GHSL Data Package 2023, 50,000 in the second.
    decimals : int or None
        Rounded up to so many decimals, as the peer does; None for the plain mean.

    Returns
    -------
    float
        Mean share of the whole cell (not of its land) that is built over, over the cells of clusters dense by people;
        cells without a value are left out. NaN if there is no such cluster.

    Notes
    -----
    Source: GHSL Data Package 2023; the R package flexurba rounds up.

    Examples
    --------
    Two dense cells of 6,000 people, built over by 0.301 and 0.402:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> people = make_raster(np.array([[3000.0, 3000, 20]]), grid, kind="count", units="people")
    >>> built = make_raster(np.array([[301_000.0, 402_000, 900_000]]), grid, kind="count", units="m2")
    >>> optimal_built_up_share(people, built_up=built)
    0.36
    """
    require_kind(population, Kind.COUNT)
    people, _ = working_population(population)
    geobox = geobox_of(people)
    built = resample(built_up, to=geobox)[0]
    ground = None if land is None else resample(land, to=geobox)[0]
    centre = EDITIONS["thresholds"].urban_centre
    with np.errstate(invalid="ignore"):
        dense = density_of(people, land_m2=ground) >= centre.min_density
    runs, count = label_runs(find_runs(dense), neighbours=centre.neighbours)
    row, col = list_cells(select_runs(runs, sum_runs(people.values, runs, count) >= min_people))
    share = (km2_from_m2(built.values) / cell_area_km2(geobox))[row, col]
    share = share[np.isfinite(share)]
    if not share.size:
        return math.nan
    mean = float(share.mean())
    return mean if decimals is None else math.ceil(mean * 10**decimals) / 10**decimals
