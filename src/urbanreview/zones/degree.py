"""The Degree of Urbanisation of units, such as municipalities, from the classes of the cells under them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.errors import UnknownName
from urbanreview.grid import Kind, as_crs, burn, geobox_of, require_kind, require_same_grid, to_crs
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.ledger import Ledger
from urbanreview.zones.coverage import Plan, plan_zones
from urbanreview.zones.summarise import as_float

CENTRE, DENSE, SEMI_DENSE, SUBURBAN, VILLAGE, LOW, VERY_LOW, WATER = 30, 23, 22, 21, 13, 12, 11, 10
LEVEL_2 = (CENTRE, DENSE, SEMI_DENSE, SUBURBAN, VILLAGE, LOW, VERY_LOW)
LEVEL_1 = (3, 2, 1)
WATERS = (0, WATER)
ROWS_AT_ONCE = 64

Shares = Mapping[int, pd.Series]
"""Share of a unit's people in every class."""


@dataclass(frozen=True, slots=True)
class UnitRules:
    """How the shares of a unit become its class at level 2.

    Attributes
    ----------
    edition, source : str
    towns, countryside : callable
        Class of units that are towns (2) and rural (1) at level 1, from the shares of level 2.
    """

    edition: str
    source: str
    towns: Callable[[Shares], np.ndarray]
    countryside: Callable[[Shares], np.ndarray]


def _rural(share: Shares) -> pd.Series:
    return share[VILLAGE] + share[LOW] + share[VERY_LOW]


def _towns_2024(share: Shares) -> np.ndarray:
    dense = share[CENTRE] + share[DENSE] >= 0.5
    suburban = share[SUBURBAN] + _rural(share) > 0.5
    return np.select([dense, suburban], [DENSE, SUBURBAN], SEMI_DENSE)


def _countryside_2024(share: Shares) -> np.ndarray:
    village = share[VILLAGE] + share[SUBURBAN] + share[SEMI_DENSE] + share[DENSE] + share[CENTRE] >= 0.5
    return np.select([village, share[VERY_LOW] > 0.5], [VILLAGE, VERY_LOW], LOW)


def _towns_flexurba(share: Shares) -> np.ndarray:
    dense = share[CENTRE] + share[DENSE] >= 0.5
    suburban = share[SEMI_DENSE] + _rural(share) >= 0.5
    return np.select([dense, suburban], [DENSE, SUBURBAN], SEMI_DENSE)


def _countryside_flexurba(share: Shares) -> np.ndarray:
    village = share[VILLAGE] + share[SUBURBAN] + share[SEMI_DENSE] + share[DENSE] + share[CENTRE] >= 0.5
    return np.select([village, share[VERY_LOW] >= 0.5], [VILLAGE, VERY_LOW], LOW)


def _towns_2021(share: Shares) -> np.ndarray:
    dense_and_semi = share[DENSE] + share[SEMI_DENSE] > share[SUBURBAN]
    return np.where(~dense_and_semi, SUBURBAN, np.where(share[DENSE] >= share[SEMI_DENSE], DENSE, SEMI_DENSE))


def _countryside_2021(share: Shares) -> np.ndarray:
    """Return the largest class; of equal ones the denser."""
    classes = (VILLAGE, LOW, VERY_LOW)
    return np.array(classes)[np.argmax(np.column_stack([share[code] for code in classes]), axis=1)]


UNIT_RULES: Mapping[str, UnitRules] = {
    rules.edition: rules
    for rules in (
        UnitRules("2024", "GHSL Data Package 2023, rules published in 2024", _towns_2024, _countryside_2024),
        UnitRules("2021", "European Union et al. (2021), Applying the Degree of Urbanisation", _towns_2021, _countryside_2021),
        UnitRules(
            "flexurba-0.2",
            "The R package flexurba 0.2, which tests the semi-dense share where the published rule tests the suburban one",
            _towns_flexurba,
            _countryside_flexurba,
        ),
    )
}


def degree_of_units(
    units: gpd.GeoDataFrame,
    population: xr.DataArray,
    *,
    level_1: xr.DataArray,
    level_2: xr.DataArray,
    rules: str = "2024",
    overlay: Literal["exact", "raster"] = "exact",
    l1_from: Literal["l1", "l2"] = "l1",
    working_m: float | None = None,
    plan: Plan | None = None,
) -> tuple[pd.DataFrame, Ledger]:
    """Classify units by where their people live.

    Parameters
    ----------
    units : GeoDataFrame
        Polygons by ``zone_id``.
    population : DataArray, dims (y, x)
        People per cell.
    level_1, level_2 : DataArray, dims (y, x)
        Classes of the cells on that grid, as `degree_of_urbanisation` gives them.
    rules : {"2024", "2021", "flexurba-0.2"}
        How shares become classes at level 2.
    overlay : {"exact", "raster"}
        Exact area fractions of cells, or the units drawn on the grid by cell centres, as the official workflow does it:
        later units cover earlier ones, and a unit without a cell is classified by the cells that it touches and told no
        people.
    l1_from : {"l1", "l2"}
        Whether the class at level 1 comes from the classes of level 1, or from those of level 2 put together.
    working_m : float, optional
        Cells of the raster overlay [m, or degrees on a grid in degrees]; the population's without it.
    plan : Plan, optional
        Of the units on the population's grid, if it is there already.

    Returns
    -------
    table : DataFrame, indexed by ``zone_id``
        ``degree_1`` (3 city, 2 towns and semi-dense area, 1 rural), ``degree_2`` (30 city, 23 dense town, 22 semi-dense
        town, 21 suburban, 13 village, 12 dispersed rural, 11 mostly uninhabited), ``people``, ``basis`` (people, area,
        touched), and ``share_<code>`` of people per class of level 2. Classes and shares are missing for a unit without
        any cell with data.
    ledger : Ledger
        Units classified by area because nobody lives there, and units without data.

    Raises
    ------
    GridMismatch, UndeclaredRaster, UnknownName

    Notes
    -----
    Source: GHSL Data Package 2023, section 2.7.2.3; the manual of 2021. Shares of unpopulated units are of the area of
    their cells with population data, water left out of the whole: counted in it, a unit that is mostly water would be a
    town.

    Examples
    --------
    A unit with six tenths of its people in a centre:

    >>> from affine import Affine
    >>> import shapely
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 2), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> people = make_raster(np.array([[600.0, 400.0]]), grid, kind="count", units="people")
    >>> one = make_raster(np.array([[3, 1]], np.uint8), grid, kind="class", units="")
    >>> two = make_raster(np.array([[30, 12]], np.uint8), grid, kind="class", units="")
    >>> units = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 2000, 1000)], index=["u"], crs="ESRI:54009")
    >>> table, _ = degree_of_units(units, people, level_1=one, level_2=two)
    >>> table[["degree_1", "degree_2", "share_30", "share_12"]].values.tolist()
    [[3, 30, 0.6, 0.4]]
    """
    if rules not in UNIT_RULES:
        raise UnknownName("rules of units", rules, known=UNIT_RULES)
    geobox = geobox_of(population)
    require_kind(population, Kind.COUNT)
    for name, classes in (("level 1", level_1), ("level 2", level_2)):
        require_kind(classes, Kind.CLASS)
        require_same_grid(name, got=geobox_of(classes), expected=geobox)
    people = as_float(population)
    exact = overlay == "exact"
    tallies = _Exact(plan or plan_zones(units, geobox), people) if exact else _Drawn(units, geobox, people, working_m)
    shares_2, basis, total = tallies.shares(level_2.values, LEVEL_2)
    if l1_from == "l2":
        centre, rural = shares_2[CENTRE], _rural(shares_2)
    else:
        shares_1, _, _ = tallies.shares(level_1.values, LEVEL_1)
        centre, rural = shares_1[3], shares_1[1]
    first = np.select([centre >= 0.5, rural > 0.5], [3, 1], 2)
    rule = UNIT_RULES[rules]
    second = np.select([first == 3, first == 2], [CENTRE, rule.towns(shares_2)], rule.countryside(shares_2))
    known = basis != "none"
    table = pd.DataFrame({"degree_1": first, "degree_2": second}, index=units.index).astype("Int16").where(known)
    table = table.assign(people=total, basis=basis, **{f"share_{code}": shares_2[code] for code in LEVEL_2})
    ledger = Ledger()
    for cause, word in (("nobody lives in the unit: classified by area", "area"), ("unit without a cell with data", "none")):
        ledger = ledger.add("degree of units", cause, "zone", int((basis == word).sum()))
    touched = int((basis == "touched").sum())
    return table, ledger.add("degree of units", "unit without a cell centre: classified by cells it touches", "zone", touched)


class _Exact:
    """Tallies by exact area fractions."""

    def __init__(self, plan: Plan, people: np.ndarray) -> None:
        self.plan, self.people = plan, people

    def shares(self, classes: np.ndarray, codes: tuple[int, ...]) -> tuple[Shares, pd.Series, pd.Series]:
        labels = _positions(classes, self.people, codes)
        zone, label, people, cells = overlap_labels(labels, self.people, self.plan.cover, label_count=len(codes) + 1)
        shape = (len(self.plan.zone_ids), len(codes) + 1)
        living, area = np.zeros(shape), np.zeros(shape)
        living[zone, label], area[zone, label] = people, cells
        return _shares(living, area, self.plan.zone_ids, codes)


class _Drawn:
    """Tallies by cell centres on a finer grid."""

    def __init__(self, units: gpd.GeoDataFrame, geobox: GeoBox, people: np.ndarray, working_m: float | None) -> None:
        self.factor = 1 if working_m is None else max(round(abs(geobox.transform.e) / working_m), 1)
        self.units, self.people, self.geobox = units, people, geobox
        shapes = to_crs(units.geometry, as_crs(geobox.crs))
        self.drawn = np.zeros((geobox.shape[0] * self.factor, geobox.shape[1] * self.factor), np.int32)
        t = geobox.transform
        fine = GeoBox(self.drawn.shape, t @ t.scale(1 / self.factor), geobox.crs)
        self.drawn = burn(shapes, fine).values
        seen = np.bincount(self.drawn.reshape(-1), minlength=len(units) + 1)[1:] > 0
        self.touched = {k: burn(shapes.iloc[[k]], geobox, all_touched=True).values > 0 for k in np.flatnonzero(~seen).tolist()}

    def shares(self, classes: np.ndarray, codes: tuple[int, ...]) -> tuple[Shares, pd.Series, pd.Series]:
        labels = _positions(classes, self.people, codes)
        shape = (len(self.units), len(codes) + 1)
        living, area = np.zeros(shape), np.zeros(shape)
        for first in range(0, labels.shape[0], ROWS_AT_ONCE):
            rows = slice(first, first + ROWS_AT_ONCE)
            more_living, more_area = self._block(rows, labels[rows], shape)
            living += more_living
            area += more_area
        people = np.nan_to_num(self.people)
        for k, cells in self.touched.items():
            found = cells & (labels > 0)
            area[k] = np.bincount(labels[found] - 1, minlength=shape[1])
            living[k] = np.bincount(labels[found] - 1, weights=people[found], minlength=shape[1])
        shares, basis, total = _shares(living, area, self.units.index, codes)
        touched = np.zeros(shape[0], bool)
        touched[list(self.touched)] = True
        return shares, basis.mask(touched & (basis != "none"), "touched"), total.mask(touched)

    def _block(self, rows: slice, labels: np.ndarray, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
        n = self.factor
        unit = self.drawn[rows.start * n : rows.stop * n]
        label, people = (np.repeat(np.repeat(part, n, 0), n, 1) for part in (labels, self.people[rows]))
        on = (unit > 0) & (label > 0)
        place = (unit[on].astype(np.int64) - 1) * shape[1] + label[on] - 1
        size = shape[0] * shape[1]
        living = np.bincount(place, weights=people[on] / n**2, minlength=size).reshape(shape)
        return living, np.bincount(place, minlength=size).reshape(shape) / n**2


def _positions(classes: np.ndarray, people: np.ndarray, codes: tuple[int, ...]) -> np.ndarray:
    """Return the number of every cell's class, from 1 in the order of codes, water last; 0 where there are no data."""
    table = np.zeros(256, np.int32)
    for number, code in enumerate(codes, start=1):
        table[code] = number
    table[list(WATERS)] = len(codes) + 1
    return np.where(np.isnan(people), 0, table[classes])


def _shares(
    living: np.ndarray, area: np.ndarray, zone_ids: pd.Index, codes: tuple[int, ...]
) -> tuple[Shares, pd.Series, pd.Series]:
    """Turn tallies (units, classes and water) into shares of people, or of land where nobody lives."""
    total = living.sum(axis=1)
    land = area[:, :-1].sum(axis=1)
    populated = total > 0
    whole = np.where(populated, total, land)
    parts = np.where(populated[:, None], living[:, :-1], area[:, :-1])
    shares = np.divide(parts, whole[:, None], out=np.full(parts.shape, np.nan), where=whole[:, None] > 0)
    # All water and nobody: no share of anything, and as uninhabited as a unit can be.
    water_only = ~populated & (land <= 0) & (area[:, -1] > 0)
    shares[water_only] = np.eye(len(codes))[-1]
    basis = np.select([populated, (land > 0) | water_only], ["people", "area"], "none")
    named = {code: pd.Series(shares[:, k], index=zone_ids) for k, code in enumerate(codes)}
    people = pd.Series(total, index=zone_ids).where(basis != "none")
    return named, pd.Series(basis, index=zone_ids, dtype=object), people
