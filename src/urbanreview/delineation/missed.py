"""Why a city of a list is no settlement: too sparse, too small, no data, another name."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.delineation.density import density_of
from urbanreview.delineation.extents import extents
from urbanreview.delineation.rules import ExtentRule, Rules
from urbanreview.errors import NoOverlap
from urbanreview.grid import bounds_with_margin, cell_centres, crop_slices, geobox_of
from urbanreview.units import METRES_PER_KM

WGS84 = Geod(ellps="WGS84")
NO_POSITION = "no position, and no settlement of its name"
NO_DATA = "no population data there"
OTHER_NAME = "near the settlement of another name"


@dataclass(frozen=True)
class _Ground:
    """Layers of one grid, shape (rows, cols), and the people of the groups of dense cells by their label."""

    geobox: GeoBox
    people: np.ndarray
    density: np.ndarray
    label: np.ndarray
    people_of: np.ndarray


def why_missed(
    points: pd.DataFrame,
    population: xr.DataArray,
    *,
    rules: Rules,
    land_m2: xr.DataArray | None = None,
    within_km: float,
) -> pd.Series:
    """Look at the ground around cities that are no settlement.

    Parameters
    ----------
    points : DataFrame, index code
        ``longitude``, ``latitude`` [degrees]; NaN without a position.
    population : DataArray, dims (y, x)
        People per cell, of the grid that the settlements were found on; NaN is missing.
    rules : Rules
        Their edition; its urban cluster is what the cities fell short of.
    land_m2 : DataArray, optional
        Land per cell [m2] on the same grid, for rules per km2.
    within_km : float
        How far around a city to look, on the ground, to the centres of cells.

    Returns
    -------
    Series of str, index as points
        The first of these that is true:

        - *no position, and no settlement of its name*
        - *no population data there*: no cell with a value is so near
        - *too small: …*: the city's own cell is dense, but its group of dense cells has too few people
        - *near the settlement of another name*: a group of dense cells with enough people is near
        - *too small: …*: of the groups of dense cells that are near, the most populous has too few people
        - *too sparse: …*: no cell near is dense

        Numbers that fall short are rounded down.

    Notes
    -----
    Dense cells and their groups are those of `extents`. Built-up land, which makes cells dense in some editions of the
    Degree of Urbanisation, is not looked at.

    Examples
    --------
    A hamlet of 400 in one cell, and a farm of 120 three cells east of it:

    >>> from affine import Affine
    >>> from urbanreview.delineation.rules import EDITIONS
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 5), Affine(1000, 0, 0, 0, -1000, 500), "ESRI:54009")
    >>> people = make_raster(np.array([[400.0, 0, 0, 120, 0]]), grid, kind="count", units="people")
    >>> points = pd.DataFrame({"longitude": [0.005, 0.04], "latitude": 0.0}, index=["h", "f"])
    >>> reasons = why_missed(points, people, rules=EDITIONS["thresholds"], within_km=2)
    >>> reasons["h"]
    'too small: 400 people where 300 per km2 live, 5,000 needed'
    >>> reasons["f"]
    'too sparse: at most 120 people per km2 within 2 km, 300 needed'
    """
    rule = rules.urban_cluster
    ground = _ground_of(population, rule, land_m2)
    places = zip(points["longitude"].to_numpy(float), points["latitude"].to_numpy(float), strict=True)
    reasons = [_reason(longitude, latitude, ground, rule, within_km) for longitude, latitude in places]
    return pd.Series(reasons, index=points.index, name="reason", dtype=object)


def _ground_of(population: xr.DataArray, rule: ExtentRule, land_m2: xr.DataArray | None) -> _Ground:
    groups, _ = extents(population, rules=replace(rule, min_people=0.0), land_m2=land_m2)
    density = population.values if rule.per == "cell" else density_of(population, land_m2=land_m2)
    people_of = np.append(0.0, groups.zones["people"].to_numpy(float))
    return _Ground(geobox_of(population), population.values, density, groups.image(), people_of)


def _cells_near(longitude: float, latitude: float, geobox: GeoBox, within_km: float) -> tuple[np.ndarray, np.ndarray]:
    """Row and column of the cells whose centre is near, the nearest first."""
    nobody = np.empty(0, int)
    if abs(latitude) > 90:
        return nobody, nobody
    around = bounds_with_margin(gpd.GeoSeries([shapely.Point(longitude, latitude)], crs=4326), within_km)
    try:
        rows, cols = crop_slices(geobox, gpd.GeoSeries([shapely.box(*around)], crs=4326))
    except NoOverlap:
        return nobody, nobody
    their_longitude, their_latitude = cell_centres(geobox[rows, cols])
    ends = np.full_like(their_longitude, longitude), np.full_like(their_latitude, latitude)
    km = WGS84.inv(*ends, their_longitude, their_latitude)[2] / METRES_PER_KM
    row, col = np.nonzero(km <= within_km)
    order = np.argsort(km[row, col], kind="stable")
    return row[order] + rows.start, col[order] + cols.start


def _reason(longitude: float, latitude: float, ground: _Ground, rule: ExtentRule, within_km: float) -> str:
    if not np.isfinite([longitude, latitude]).all():
        return NO_POSITION
    near = _cells_near(longitude, latitude, ground.geobox, within_km)
    if not np.isfinite(ground.people[near]).any():
        return NO_DATA
    people = ground.people_of[ground.label[near]]
    if not people.any():
        return _too_sparse(np.nanmax(ground.density[near], initial=0.0), rule, within_km)
    falls_short = people < rule.min_people if rule.inclusive else people <= rule.min_people
    if people[0] and falls_short[0]:
        return _too_small(people[0], rule)
    return _too_small(people.max(), rule) if falls_short.all() else OTHER_NAME


def _too_sparse(most: float, rule: ExtentRule, within_km: float) -> str:
    per, than = f"per {rule.per}", "" if rule.inclusive else "more than "
    return (
        f"too sparse: at most {np.floor(most):,.0f} people {per} within {within_km:,.10g} km, "
        f"{than}{rule.min_density:,.10g} needed"
    )


def _too_small(people: float, rule: ExtentRule) -> str:
    per, than = f"per {rule.per}", "" if rule.inclusive else "more than "
    return (
        f"too small: {np.floor(people):,.0f} people where {than}{rule.min_density:,.10g} {per} live, "
        f"{than}{rule.min_people:,.10g} needed"
    )
