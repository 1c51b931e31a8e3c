"""Land taken between two dates: rates and ratio of SDG 11.3.1, new built-up land, and how much of it fills the old extent."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.errors import BadSetting
from urbanreview.grid import Kind, geobox_of, make_raster, require_kind, require_same_grid
from urbanreview.ledger import Ledger
from urbanreview.units import km2_from_m2, m2_from_km2
from urbanreview.zones import Plan, summarise
from urbanreview.zones.summarise import as_float

STABLE_PER_YEAR = 0.001
"""A rate nearer to zero than this is no change, and nothing to divide by [1/year]."""
ROUNDING = 1e-9
"""Rates that differ by less than this part are equal: built-up land in km2 and in m2 must fall in one class."""


@dataclass(frozen=True, slots=True)
class Formula:
    """How built-up land of two dates becomes a rate per year; people always grow by the logarithm.

    Attributes
    ----------
    edition, source : str
    logarithm : bool
        The land consumption rate is ln(U2/U1)/T, else (U2 - U1)/U1/T.
    """

    edition: str
    source: str
    logarithm: bool


UN_HABITAT_2021 = Formula(
    "un-habitat-2021", "UN-Habitat, metadata of SDG indicator 11.3.1, update of March 2021", logarithm=False
)
UN_HABITAT_2018 = Formula(
    "un-habitat-2018", "UN-Habitat (2018), SDG indicator 11.3.1 training module: land use efficiency", logarithm=True
)
FORMULAS: Mapping[str, Formula] = {formula.edition: formula for formula in (UN_HABITAT_2021, UN_HABITAT_2018)}

_NO_LAND, _NOBODY, _UNKNOWN = 11, 12, 13

CONSUMPTION_CLASSES: Mapping[int, str] = {
    1: "land grows faster than people",
    2: "land grows, no faster than people",
    3: "land grows, people stable",
    4: "land grows, people shrink",
    5: "land stable, people grow",
    6: "land stable, people stable",
    7: "land stable, people shrink",
    8: "land shrinks, people grow",
    9: "land shrinks, people stable",
    10: "land shrinks, people shrink",
    _NO_LAND: "no built-up land at first",
    _NOBODY: "nobody at first or at last",
    _UNKNOWN: "unknown",
}
"""Every zone falls in exactly one; the ratio is defined in 1, 2 and 5 only."""

_STABLE = f"population is stable: change under {STABLE_PER_YEAR * 100:g} % a year"
_SHRINKS = "population shrinks"
_REASONS: Mapping[int, str] = {
    3: _STABLE,
    4: _SHRINKS,
    6: _STABLE,
    7: _SHRINKS,
    8: "built-up land shrinks while population grows",
    9: _STABLE,
    10: _SHRINKS,
    _NO_LAND: "no built-up land at first",
    _NOBODY: "nobody lives here at the first or the last date",
    _UNKNOWN: "built-up land or people of one date are missing",
}


def land_consumption(
    built_before: pd.Series,
    built_after: pd.Series,
    people_before: pd.Series,
    people_after: pd.Series,
    *,
    years: float,
    formula: Formula,
) -> pd.DataFrame:
    """Rate of land consumption, growth of people and their ratio: SDG indicator 11.3.1.

    Parameters
    ----------
    built_before, built_after : Series
        Built-up land of every zone at the first and the last date, by zone id, in one unit of area; NaN is missing.
    people_before, people_after : Series
        People at the same dates; NaN is missing.
    years : float
        Between the dates, above 0.
    formula : Formula
        An edition: `UN_HABITAT_2021` or `UN_HABITAT_2018`.

    Returns
    -------
    DataFrame, indexed by ``zone_id``
        ``land.consumption_rate`` [1/year], ``land.population_growth`` [1/year], ``land.consumption_ratio`` and
        ``land.consumption_class``, a code of `CONSUMPTION_CLASSES`. A zone that one series lacks is unknown. The rates
        are missing where they have no base; the ratio also where people do not grow or land shrinks, see `reasons`.

    Raises
    ------
    BadSetting
        If `years` is not above 0.

    Notes
    -----
    Neither sign nor size of a ratio says anything once people hardly grow or shrink: so the class speaks, and the rates
    stand beside it. Built-up land that vanishes shrinks under both formulas, though its logarithm is not defined.

    Examples
    --------
    Land doubles in ten years; people double in ``a`` and stay in ``b``:

    >>> zones = ["a", "b"]
    >>> built = [pd.Series(km2, index=zones) for km2 in ([1.0, 1.0], [2.0, 2.0])]
    >>> people = [pd.Series(many, index=zones) for many in ([500.0, 500.0], [1000.0, 500.0])]
    >>> land_consumption(*built, *people, years=10, formula=UN_HABITAT_2021).round(4).values.tolist()
    [[0.1, 0.0693, 1.4427, 1.0], [0.1, 0.0, nan, 3.0]]
    >>> land_consumption(*built, *people, years=10, formula=UN_HABITAT_2018).round(4).values.tolist()
    [[0.0693, 0.0693, 1.0, 2.0], [0.0693, 0.0, nan, 3.0]]
    """
    if not years > 0:
        raise BadSetting("land_consumption", [f"years is {years}, expected more than 0"])
    parts = {"u1": built_before, "u2": built_after, "p1": people_before, "p2": people_after}
    known = pd.concat(parts, axis=1, sort=False).rename_axis("zone_id").astype(float)
    land_times = known["u2"] / known["u1"].where(known["u1"] > 0)
    people_times = (known["p2"] / known["p1"].where(known["p1"] > 0)).where(known["p2"] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        land = (land_times.transform(np.log) if formula.logarithm else land_times - 1.0) / years
        people = people_times.transform(np.log) / years
    ratio = land / people
    code = _consumption_class(known, land, people, ratio)
    return pd.DataFrame(
        {
            "land.consumption_rate": land.where(np.isfinite(land)),
            "land.population_growth": people,
            "land.consumption_ratio": ratio.where(code.isin([1, 2, 5])),
            "land.consumption_class": code,
        }
    )


def _trend(rate: pd.Series) -> pd.Series:
    """Return 1 where a rate grows, -1 where it shrinks, 0 where it is stable, NaN where it is missing."""
    return np.sign(rate).where((rate.abs() >= STABLE_PER_YEAR * (1 - ROUNDING)) | rate.isna(), 0.0)


def _consumption_class(known: pd.DataFrame, land: pd.Series, people: pd.Series, ratio: pd.Series) -> pd.Series:
    """Return the code of every zone: the nine pairs of trends in the order of the table, the exceptions first."""
    pair = 6 - 3 * _trend(land) - _trend(people)
    conditions = [known.isna().any(axis=1), known["u1"] <= 0, (known[["p1", "p2"]] <= 0).any(axis=1), pair.isna()]
    exceptions = np.select(conditions, [_UNKNOWN, _NO_LAND, _NOBODY, _UNKNOWN], 0)
    faster = (pair == 2) & (ratio > 1 + ROUNDING)
    return pd.Series(np.where(exceptions > 0, exceptions, pair.fillna(0) - faster).astype(np.int64), index=known.index)


def reasons(consumption: pd.DataFrame) -> pd.Series:
    """Say why a ratio is missing.

    Parameters
    ----------
    consumption : DataFrame
        Of `land_consumption`.

    Returns
    -------
    Series of str, indexed by ``zone_id``
        Empty where there is a ratio.

    Examples
    --------
    >>> reasons(pd.DataFrame({"land.consumption_class": [1, 3, 12]})).tolist()
    ['', 'population is stable: change under 0.1 % a year', 'nobody lives here at the first or the last date']
    """
    return consumption["land.consumption_class"].map(lambda code: _REASONS.get(code, ""))


def per_person_change(
    built_before_km2: pd.Series, built_after_km2: pd.Series, people_before: pd.Series, people_after: pd.Series
) -> pd.Series:
    """Change of built-up land per person between two dates: ``land.per_person_change`` [m2/person].

    Built-up land in km2; missing where a value is missing or nobody lives at one of the dates. A secondary indicator of
    SDG 11.3.1.

    Examples
    --------
    From 200 m2 to 150 m2 each:

    >>> one = [pd.Series([value], index=["a"]) for value in (0.2, 0.3, 1000.0, 2000.0)]
    >>> per_person_change(*one).round(6).tolist()
    [-50.0]
    """
    before = m2_from_km2(built_before_km2) / people_before.where(people_before > 0)
    after = m2_from_km2(built_after_km2) / people_after.where(people_after > 0)
    return (after - before).rename("land.per_person_change")


def built_up_change(built_before: pd.Series, built_after: pd.Series) -> pd.Series:
    """Total change of built-up land over that of the first date: ``built_up.change`` [1].

    Missing where a value is missing or nothing was built at first. A secondary indicator of SDG 11.3.1.

    >>> built_up_change(pd.Series([2.0, 0.0]), pd.Series([3.0, 1.0])).tolist()
    [0.5, nan]
    """
    return ((built_after - built_before) / built_before.where(built_before > 0)).rename("built_up.change")


def new_land(plan: Plan, before: xr.DataArray, after: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
    """Built-up land that is new at the second date.

    Parameters
    ----------
    plan : Plan
        Zones on the grid of both rasters.
    before, after : DataArray, dims (y, x)
        Built-up surface per cell of two dates [m2], counts; NaN is missing. What exceeds its cell stays as it is.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``built_up.new`` [km2], the gains of the cells where built-up land grows, by exact share; ``valid_share`` of
        cells valid at both dates. Missing where a zone has no such cell.
    ledger : Ledger
        Losses inside the zones, in cells (by their share) and km2, which no gain is set off against; cells under a
        zone that have a value at one date only; zones without a value.

    Raises
    ------
    GridMismatch
        If the rasters are not both on the grid of the plan.
    UndeclaredRaster
        If they are not counts.

    Examples
    --------
    One zone of three cells: 400 m2 more, 100 m2 less, and one not seen at first:

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 3), Affine(100, 0, 0, 0, -100, 100), "ESRI:54009")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 300, 100)], index=["a"], crs=grid.crs)
    >>> surfaces = ([[500.0, 300.0, np.nan]], [[900.0, 200.0, 700.0]])
    >>> before, after = (make_raster(np.array(built), grid, kind="count", units="m2") for built in surfaces)
    >>> frame, ledger = new_land(plan_zones(zones, grid), before, after)
    >>> frame.round(6).values.tolist()
    [[0.0004, 0.666667]]
    >>> ledger.frame()[["cause", "unit", "amount"]].values.tolist()
    [['built-up land lost', 'cell', 1.0], ['built-up land lost', 'km2', 0.0001], ['a value at one date only', 'cell', 1.0]]
    """
    change = _change_m2(plan, before, after)
    name = after.attrs.get("source") or "built_up"

    def over_zones(surface_m2: np.ndarray, floor: float | None = None) -> tuple[pd.DataFrame, Ledger]:
        return summarise(plan, make_raster(surface_m2, plan.geobox, kind="count", units="m2", source=name), floor=floor)

    gains, empty = over_zones(np.maximum(change, 0.0))
    losses, _ = over_zones(np.maximum(-change, 0.0), floor=np.nextafter(0.0, 1.0))
    once = (np.isnan(before.to_numpy()) ^ np.isnan(after.to_numpy())) & plan.touched()
    ledger = (
        Ledger()
        .add(name, "built-up land lost", "cell", losses["count"].sum())
        .add(name, "built-up land lost", "km2", km2_from_m2(losses["sum"].sum()))
        .add(name, "a value at one date only", "cell", int(once.sum()))
    )
    return pd.DataFrame({"built_up.new": km2_from_m2(gains["sum"]), "valid_share": gains["valid_share"]}), ledger + empty


def densification(plan: Plan, before: xr.DataArray, after: xr.DataArray, *, old: xr.DataArray) -> tuple[pd.DataFrame, Ledger]:
    """Part of the new built-up land that lies inside the extent of the first date.

    Parameters
    ----------
    plan, before, after
        As in `new_land`.
    old : DataArray, dims (y, x)
        Share of every cell inside the extent of the first date, 0 to 1, on the same grid; NaN is missing.

    Returns
    -------
    frame : DataFrame, indexed by ``zone_id``
        ``land.densification_share`` [1]; ``valid_share`` of cells valid in all three. Missing where nothing is new.
    ledger : Ledger
        Zones without a value; `new_land` counts the losses.

    Raises
    ------
    GridMismatch
        If the rasters are not all on the grid of the plan.
    UndeclaredRaster
        If the surfaces are not counts or `old` is not a share.

    Notes
    -----
    The gain of a cell on the edge is split by `old`: where in the cell it was built is not known.

    Examples
    --------
    300 m2 inside the old extent, 100 m2 on its edge, 200 m2 beyond: 350 of 600.

    >>> import geopandas as gpd
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.zones import plan_zones
    >>> grid = GeoBox((1, 3), Affine(100, 0, 0, 0, -100, 100), "ESRI:54009")
    >>> zones = gpd.GeoSeries([shapely.box(0, 0, 300, 100)], index=["a"], crs=grid.crs)
    >>> before = make_raster(np.zeros((1, 3)), grid, kind="count", units="m2")
    >>> after = make_raster(np.array([[300.0, 100.0, 200.0]]), grid, kind="count", units="m2")
    >>> old = make_raster(np.array([[1.0, 0.5, 0.0]]), grid, kind="share", units="1")
    >>> densification(plan_zones(zones, grid), before, after, old=old)[0].round(4).values.tolist()
    [[0.5833, 1.0]]
    """
    require_kind(old, Kind.SHARE)
    require_same_grid("old", got=geobox_of(old), expected=plan.geobox)
    gain = np.maximum(_change_m2(plan, before, after), 0.0)

    def dressed(values: np.ndarray, kind: Kind, units: str) -> xr.DataArray:
        return make_raster(values, plan.geobox, kind=kind, units=units, source=after.attrs.get("source", ""))

    inside = np.where(np.isnan(gain), np.nan, as_float(old))
    table, ledger = summarise(plan, dressed(inside, Kind.SHARE, "1"), weight=dressed(gain, Kind.COUNT, "m2"))
    return pd.DataFrame({"land.densification_share": table["weighted_mean"], "valid_share": table["valid_share"]}), ledger


def _change_m2(plan: Plan, before: xr.DataArray, after: xr.DataArray) -> np.ndarray:
    """Return what every cell gains [m2]: float, shape (rows, cols), NaN where one date is missing."""
    for name, raster in (("before", before), ("after", after)):
        require_kind(raster, Kind.COUNT)
        require_same_grid(raster.attrs.get("source") or name, got=geobox_of(raster), expected=plan.geobox)
    return as_float(after) - as_float(before)
