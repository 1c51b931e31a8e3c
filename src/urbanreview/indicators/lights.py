"""Night lights over zones: of one date, of a year as the mean of its months, with and without gas flares."""

from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from odc.geo.geobox import GeoBox
from pyproj import Geod

from urbanreview.grid import (
    Kind,
    as_crs,
    bounds_with_margin,
    cell_centres,
    geobox_of,
    make_raster,
    require_kind,
    require_same_grid,
    shape_of,
    to_crs,
)
from urbanreview.ledger import Ledger
from urbanreview.units import METRES_PER_KM
from urbanreview.zones import Plan, summarise

RADIANCE = "nW/cm2/sr"
SNOW_FREE_MONTHS = (4, 5, 6, 7, 8, 9, 10)
SNOW_ABOVE_DEGREES_NORTH = 45.0
"""Snow reflects light: north of this latitude a year is made of its snow-free months."""


def lights(
    plan: Plan, radiance: xr.DataArray, *, floor: float, flares: xr.DataArray | None = None
) -> tuple[pd.DataFrame, Ledger]:
    """Radiance of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `radiance`.
    radiance : DataArray, dims (y, x)
        Night lights [nW/cm2/sr]; NaN where a cell was not observed.
    floor : float
        Radiance below it is noise and counts as dark [nW/cm2/sr].
    flares : DataArray, dims (y, x), optional
        From `flare_mask`, on the same grid: cells above zero lie within reach of a gas flare.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``lights.sum``, ``lights.min``, ``lights.max`` and ``lights.mean_lit`` over cells at or above the floor,
        ``lights.sum_area`` [nW/cm2/sr*km2] over the same cells, each by its true area, ``lights.mean`` over all
        observed cells with dark ones as zero, ``lights.lit_share`` of observed area, ``valid_share``. With flares also
        ``lights.sum_without_flares`` and ``lights.sum_area_without_flares``, for which cells within reach of a flare
        count as dark, and ``lights.flare_share``, the part of ``lights.sum_area`` in these cells. Missing where nothing
        was observed; ``min``, ``max``, ``mean_lit`` and ``flare_share`` also where nothing is lit.
    ledger : Ledger
        Zones without an observation.

    Raises
    ------
    GridMismatch
        If `radiance` or `flares` are on another grid than the plan.
    """
    table, ledger = summarise(plan, radiance, floor=floor)
    columns = {
        "lights.sum": table["sum"],
        "lights.sum_area": table["area_sum"],
        "lights.min": table["min"],
        "lights.max": table["max"],
        "lights.mean": table["zone_mean"],
        "lights.mean_lit": table["mean"],
        "lights.lit_share": table["kept_share"],
    }
    if flares is not None:
        masked = summarise(plan, _darkened(radiance, flares), floor=floor)[0]
        columns["lights.sum_without_flares"] = masked["sum"]
        columns["lights.sum_area_without_flares"] = masked["area_sum"]
        # A rounding error below zero is no light.
        flared = (table["area_sum"] - masked["area_sum"]).clip(lower=0.0)
        columns["lights.flare_share"] = _over(flared, table["area_sum"])
    return pd.DataFrame(columns | {"valid_share": table["valid_share"]}), ledger


def _darkened(radiance: xr.DataArray, flares: xr.DataArray) -> xr.DataArray:
    """Return the radiance with observed cells near flares at zero."""
    geobox = geobox_of(radiance)
    require_same_grid(flares.attrs.get("source") or "flares", got=geobox_of(flares), expected=geobox)
    values = np.where((flares.values > 0) & ~np.isnan(radiance.values), 0.0, radiance.values)
    return make_raster(values, geobox, **radiance.attrs)


def flare_mask(points: gpd.GeoSeries, geobox: GeoBox, *, radius_km: float) -> xr.DataArray:
    """Tell which cells lie within reach of a gas flare.

    Parameters
    ----------
    points : GeoSeries
        Flares, with a CRS; they may lie beyond the grid.
    geobox : GeoBox
        North up, in degrees or projected.
    radius_km : float
        Reach of a flare on the ground.

    Returns
    -------
    DataArray of bool, dims (y, x), a class

    Notes
    -----
    A cell is within reach if the geodesic (WGS 84) from its centre to a flare is at most `radius_km` long. A radius
    shorter than half a cell's diagonal may therefore reach no cell. The reach ends at 180 degrees of longitude.

    Examples
    --------
    At the equator a cell of 0.01 degrees is 1.11 km wide; a flare in the second cell reaches its neighbours:

    >>> from affine import Affine
    >>> grid = GeoBox((1, 5), Affine(0.01, 0, 10, 0, -0.01, 0.005), "EPSG:4326")
    >>> flares = gpd.GeoSeries.from_xy([10.015], [0.0], crs=4326)
    >>> flare_mask(flares, grid, radius_km=1.2).values.tolist()
    [[True, True, True, False, False]]
    """
    reached = np.zeros(shape_of(geobox), bool)
    degrees = to_crs(points[~(points.isna() | points.is_empty)], 4326)
    geod = Geod(ellps="WGS84")
    for point, window in zip(degrees, _windows_around(degrees, geobox, radius_km), strict=True):
        if reached[window].size == 0:
            continue
        longitude, latitude = cell_centres(geobox[window])
        metres = geod.inv(np.full_like(longitude, point.x), np.full_like(latitude, point.y), longitude, latitude)[2]
        reached[window] |= metres <= radius_km * METRES_PER_KM
    return make_raster(reached, geobox, kind="class", units="within reach of a flare", source="flares")


def _windows_around(points: gpd.GeoSeries, geobox: GeoBox, radius_km: float) -> list[tuple[slice, slice]]:
    """Rows and columns that may lie within a radius of points in degrees; empty for a point out of reach of the grid."""
    boxes = [
        shapely.box(max(west, -180.0), south, min(east, 180.0), north)
        for west, south, east, north in (bounds_with_margin(points.iloc[i : i + 1], radius_km) for i in range(len(points)))
    ]
    bounds = to_crs(gpd.GeoSeries(boxes, crs=4326), as_crs(geobox.crs)).bounds.to_numpy()
    t, (rows, cols) = geobox.transform, shape_of(geobox)

    def within(low: float, high: float, size: int) -> slice:
        # A box that the projection cannot show has no finite bounds: it lies far away.
        if not np.isfinite([low, high]).all():
            return slice(0, 0)
        return slice(*np.clip([np.floor(low), np.ceil(high)], 0, size).astype(int))

    return [
        (within((top - t.f) / t.e, (bottom - t.f) / t.e, rows), within((left - t.c) / t.a, (right - t.c) / t.a, cols))
        for left, bottom, right, top in bounds
    ]


def mask_unobserved(radiance: xr.DataArray, observations: xr.DataArray) -> tuple[xr.DataArray, Ledger]:
    """Take out the cells that no cloud-free night was counted for.

    Parameters
    ----------
    radiance : DataArray, dims (y, x)
        Night lights of one month [nW/cm2/sr].
    observations : DataArray, dims (y, x)
        Cloud-free nights per cell, on the same grid; 0 and NaN are none.

    Returns
    -------
    radiance : DataArray, dims (y, x)
        NaN where nothing was observed. The composites hold a zero there, which is not darkness.
    ledger : Ledger
        How many cells lost their value.

    Raises
    ------
    GridMismatch
        If the two are on different grids.

    Examples
    --------
    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009")
    >>> radiance = make_raster(np.array([[5.0, 0.0, 0.0]]), grid, kind="intensity", units="nW/cm2/sr")
    >>> nights = make_raster(np.array([[3.0, 2.0, 0.0]]), grid, kind="intensity", units="nights")
    >>> masked, ledger = mask_unobserved(radiance, nights)
    >>> masked.values.tolist(), ledger.amount("cell without a cloud-free night")
    ([[5.0, 0.0, nan]], 1.0)
    """
    geobox = geobox_of(radiance)
    require_same_grid(observations.attrs.get("source") or "observations", got=geobox_of(observations), expected=geobox)
    unobserved = ~(observations.values > 0)
    lost = int(np.count_nonzero(unobserved & ~np.isnan(radiance.values)))
    masked = make_raster(np.where(unobserved, np.nan, radiance.values), geobox, **radiance.attrs)
    return masked, Ledger().add(radiance.attrs.get("source") or "lights", "cell without a cloud-free night", "cell", lost)


def mean_of_months(
    months: Iterable[tuple[xr.DataArray, xr.DataArray | None]], *, source: str = "lights"
) -> tuple[xr.DataArray, xr.DataArray, Ledger]:
    """Make a year of its months: the mean of every cell over the months that observed it.

    Parameters
    ----------
    months : iterable of (radiance, observations or None)
        At least one month; all on one grid. They are taken one at a time, so that a generator which opens files keeps one
        month in memory. Observations are cloud-free nights per cell: see `mask_unobserved`.
    source : str
        What the year is called.

    Returns
    -------
    radiance : DataArray of float64, dims (y, x)
        Mean radiance [nW/cm2/sr]; NaN where no month has a value. Every month weighs the same. Noise below zero goes into
        the mean as it is: it averages out there, and the floor comes after.
    counts : DataArray of float32, dims (y, x)
        Months with a value [months]; 0 where there is none.
    ledger : Ledger
        Cells masked per month.

    Raises
    ------
    GridMismatch
        If a month is on another grid than the first.
    UndeclaredRaster
        If a month is no intensity.

    Examples
    --------
    Two months; the second did not see the second cell, and none saw the third:

    >>> from affine import Affine
    >>> grid = GeoBox((1, 3), Affine(1000, 0, 0, 0, -1000, 0), "ESRI:54009")
    >>> april, may = (
    ...     make_raster(np.array([row]), grid, kind="intensity", units="nW/cm2/sr")
    ...     for row in ([4.0, 3.0, np.nan], [8.0, np.nan, np.nan])
    ... )
    >>> mean, counts, ledger = mean_of_months([(april, None), (may, None)])
    >>> mean.values.tolist(), counts.values.tolist()
    ([[6.0, 3.0, nan]], [[2.0, 1.0, 0.0]])
    """
    geobox: GeoBox | None = None
    ledger = Ledger()
    for radiance, observations in months:
        require_kind(radiance, Kind.INTENSITY)
        if geobox is None:
            geobox = geobox_of(radiance)
            total, counts = np.zeros(shape_of(geobox)), np.zeros(shape_of(geobox), np.float32)
        require_same_grid(radiance.attrs.get("source") or source, got=geobox_of(radiance), expected=geobox)
        if observations is not None:
            radiance, masked = mask_unobserved(radiance, observations)
            ledger += masked
        valid = ~np.isnan(radiance.values)
        np.add(total, radiance.values, out=total, where=valid)
        counts += valid
    if geobox is None:
        raise ValueError("mean_of_months got no month, expected at least one")
    mean = np.divide(total, counts, out=np.full(total.shape, np.nan), where=counts > 0)
    return (
        make_raster(mean, geobox, kind="intensity", units=RADIANCE, source=source),
        make_raster(counts, geobox, kind="intensity", units="months", source=source),
        ledger,
    )


def year_months(outline_north_latitude: float, asked: Sequence[int] | None = None) -> tuple[int, ...]:
    """Months that a year's composite is made of: one set for the whole country.

    Parameters
    ----------
    outline_north_latitude : float
        Northernmost latitude of the country [degrees].
    asked : sequence of int, optional
        Months of the settings, 1 to 12.

    Returns
    -------
    tuple of int
        The months asked for; without any April to October if part of the country lies above 45 degrees north, else all
        twelve.

    Examples
    --------
    >>> year_months(55.4), year_months(55.4, [12, 1])
    ((4, 5, 6, 7, 8, 9, 10), (1, 12))
    >>> len(year_months(-2.3))
    12
    """
    if asked:
        return tuple(sorted(set(asked)))
    return SNOW_FREE_MONTHS if outline_north_latitude > SNOW_ABOVE_DEGREES_NORTH else tuple(range(1, 13))


def months_measure(plan: Plan, counts: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
    """Months behind the composite of every zone.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of `counts`.
    counts : DataArray, dims (y, x)
        From `mean_of_months`.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``lights.months``: mean over the zone's area of the number of months with a value [months], and ``valid_share``.
        Cells that no month observed count as 0; missing only for a zone beyond the grid.
    ledger : Ledger
        Zones beyond the grid.
    """
    table, ledger = summarise(plan, counts)
    return pd.DataFrame({"lights.months": table["mean"], "valid_share": table["valid_share"]}), ledger


def light_ratios(
    sum_area: pd.Series, *, people: pd.Series | None = None, built_up_km2: pd.Series | None = None, country: float
) -> pd.DataFrame:
    """Light per person, per built-up land, and as a part of the country's.

    Parameters
    ----------
    sum_area : Series, by zone id
        ``lights.sum_area`` of one year [nW/cm2/sr*km2].
    people, built_up_km2 : Series, by zone id, optional
        Of the same year [people], [km2]; without one its column is left out.
    country : float
        ``lights.sum_area`` of the country [nW/cm2/sr*km2].

    Returns
    -------
    DataFrame, indexed as `sum_area`
        ``lights.per_person`` [nW/cm2/sr*km2/person], ``lights.per_built_up`` [nW/cm2/sr], ``lights.national_share`` [1].
        Missing where the light is, or where what it is divided by is missing or zero.

    Examples
    --------
    >>> light = pd.Series({"a": 30.0, "b": 10.0})
    >>> light_ratios(light, people=pd.Series({"b": 0.0, "a": 60.0}), country=40.0).T.values.tolist()
    [[0.5, nan], [0.75, 0.25]]
    """
    frame = pd.DataFrame(index=sum_area.index)
    for column, of in (("lights.per_person", people), ("lights.per_built_up", built_up_km2)):
        if of is not None:
            frame[column] = _over(sum_area, of.reindex(sum_area.index))
    return frame.assign(**{"lights.national_share": sum_area / (country if country > 0 else np.nan)})


def _over(top: pd.Series, bottom: pd.Series) -> pd.Series:
    """One series over another, missing where the second is not above zero."""
    return top / bottom.where(bottom > 0)
