"""The Degree of Urbanisation of every cell: urban centres, urban clusters, rural areas, water."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.delineation.centres import Centres, find_centres
from urbanreview.delineation.density import working_population
from urbanreview.delineation.extents import Extents, dress_runs
from urbanreview.delineation.plausible import CROWDED_PER_KM2, LARGER_BY, judge
from urbanreview.delineation.rules import DEFAULT, Degree, Rules, degree_of, rules_of
from urbanreview.errors import NoOverlap
from urbanreview.grid import (
    Kind,
    as_crs,
    cell_area_km2,
    geobox_of,
    is_equal_area,
    make_raster,
    outside_earth,
    require_kind,
    resample,
    same_grid,
)
from urbanreview.kernels.components import (
    Runs,
    count_cells,
    draw_runs,
    find_runs,
    label_runs,
    near_marks,
    select_runs,
    set_bit,
    sum_runs,
)
from urbanreview.kernels.flags import LOW, OUTSIDE, SEMI_DENSE, URBAN, WATER, Limits, Odd, flag_cells, look_at_cells
from urbanreview.ledger import Ledger

Level = Literal[1, 2]
ROWS_AT_ONCE = 512
NODATA = 255
"""Cells that are no place on the earth."""


class RowSource(Protocol):
    """A raster that is asked for a few rows at a time."""

    @property
    def geobox(self) -> GeoBox:
        """Grid, north up."""

    def read(self, rows: slice) -> np.ndarray:
        """Return rows as float, NaN where missing: shape (rows, cols)."""


@dataclass(frozen=True)
class Classes:
    """Cells of every class as runs, before the higher classes take their share.

    Attributes
    ----------
    flags : ndarray of uint8, shape (rows, cols)
        Of `flag_cells`.
    centres : Centres
    semi_dense, clusters, rural : Runs
        Labelled from 0: semi-dense clusters (22), urban clusters with their centres inside, rural clusters (13).
    """

    flags: np.ndarray
    centres: Centres
    semi_dense: Runs
    clusters: Runs
    rural: Runs

    def image(self, level: Level) -> np.ndarray:
        """Draw the classes: uint8, shape (rows, cols), later ones over earlier ones."""
        image = self._ground(level)
        centres = self.centres
        ranks = {1: [(self.clusters, 2), (centres.final, 3)]}
        ranks[2] = [(self.rural, 13), (self.clusters, 21), (self.semi_dense, 22), (centres.dense, 23), (centres.final, 30)]
        for runs, code in ranks[level]:
            draw_runs(runs, image, code)
        return image

    def _ground(self, level: Level) -> np.ndarray:
        """Draw what is in no cluster."""
        flags = np.arange(256)
        table = np.where(flags & WATER, 0, 1) if level == 1 else np.where(flags & LOW, 12, np.where(flags & WATER, 10, 11))
        table[(flags & OUTSIDE) > 0] = NODATA
        return table.astype(np.uint8)[self.flags]


@dataclass(frozen=True)
class DegreeOfUrbanisation:
    """The classes of a grid, and the centres and clusters behind them.

    Attributes
    ----------
    population : DataArray, dims (y, x)
        As it was classified: summed to about 1 km if it was finer.
    found : Classes
    rules : Rules
    level : {1, 2}
        Of `classes`.
    iso3 : str
        Opens the ids.
    """

    population: xr.DataArray
    found: Classes
    rules: Rules
    level: Level
    iso3: str

    @cached_property
    def classes(self) -> xr.DataArray:
        """Class of every cell: uint8, dims (y, x), kind class.

        Level 1: 3 urban centre, 2 urban cluster, 1 rural, 0 water. Level 2: 30 urban centre, 23 dense and 22 semi-dense
        urban cluster, 21 suburban or peri-urban, 13 rural cluster, 12 low and 11 very low density rural, 10 water.
        255 is no place on the earth.
        """
        return self.at_level(self.level)

    def at_level(self, level: Level) -> xr.DataArray:
        """Return the classes of one level: see `classes`."""
        more = {"edition": self.rules.edition, "source": str(self.population.attrs.get("source", ""))}
        units = f"degree of urbanisation, level {level}"
        raster = make_raster(self.found.image(level), geobox_of(self.population), kind="class", units=units, **more)
        if (self.found.flags & OUTSIDE).any():
            raster.attrs["nodata"] = NODATA
        return raster

    @cached_property
    def centres(self) -> Extents:
        """Urban centres with outlines and ids; ``cells_initial`` and ``people_initial`` are before smoothing and filling.

        A centre that another one encloses and takes over has no cells left and is left out.
        """
        centres = self.found.centres
        kept = ~centres.swallowed
        final = select_runs(centres.final, kept)
        found = self._dressed(final, kept.sum(), self.rules.urban_centre)
        people = sum_runs(self.population.values, centres.initial, kept.size)
        zones = found.zones.assign(cells_initial=count_cells(centres.initial, kept.size)[kept], people_initial=people[kept])
        return Extents(found.geobox, found.runs, zones, found.rule)

    @cached_property
    def clusters(self) -> Extents:
        """Urban clusters, their centres inside, with outlines and ids."""
        runs = self.found.clusters
        return self._dressed(runs, runs.value.max(initial=-1) + 1, self.rules.urban_cluster)

    def _dressed(self, runs: Runs, count: int, rule) -> Extents:
        return dress_runs(self.population, runs, sum_runs(self.population.values, runs, int(count)), rule, self.iso3)


def degree_of_urbanisation(
    population: xr.DataArray,
    *,
    land: xr.DataArray | RowSource | None = None,
    built_up: xr.DataArray | RowSource | None = None,
    level: Level = 2,
    rules: Rules | str = DEFAULT,
    iso3: str = "XXX",
) -> tuple[DegreeOfUrbanisation, Ledger]:
    """Classify a population grid by the Degree of Urbanisation of the EC and the UN.

    Parameters
    ----------
    population : DataArray, dims (y, x)
        People per cell, read with a margin beyond the border; NaN is missing: not dense by people, nobody in sums.
        Cells under 0.25 km2 are summed to about 1 km.
    land : DataArray or RowSource, optional
        Land per cell [m2]; on another grid it is split by area. Without it every cell is all land, and none is water.
        Whatever gives rows of numbers will do, see `RowSource`: a file is then never held whole.
    built_up : DataArray or RowSource, optional
        Built-up surface per cell [m2], likewise. Without it the rule on built-up land is off.
    level : {1, 2}
        Of the classes returned; the other one is a call of `DegreeOfUrbanisation.at_level` away.
    rules : Rules or str
        An edition with a degree, such as ``jrc-2023-v2``, or its name.
    iso3 : str
        Country code that opens the ids of centres and clusters.

    Returns
    -------
    found : DegreeOfUrbanisation
        ``classes`` (raster), ``centres`` and ``clusters`` (tables with outlines).
    ledger : Ledger
        What was summed, split, assumed, or looks odd.

    Raises
    ------
    CellsTooLarge
        If cells are over 2 km2: the thresholds are made for about 1 km2.
    NoOverlap
        If land or built-up do not meet the population.
    NoLand
        If there are people but no land at all.
    UnknownName
        If the edition is unknown, or has no degree.

    Notes
    -----
    Source: European Commission, GHSL Data Package 2023, and the 2021 manual; which edition departs from which text, and
    what happens on a grid in degrees, stands on the method page.

    Examples
    --------
    A centre of 60,000, two cells of suburb, and nobody:

    >>> from affine import Affine
    >>> grid = GeoBox((2, 4), Affine(1000, 0, 0, 0, -1000, 6e6), "ESRI:54009")
    >>> people = np.array([[30_000.0, 30_000, 400, 0], [400.0, 0, 0, 0]])
    >>> found, _ = degree_of_urbanisation(make_raster(people, grid, kind="count", units="people"), level=2)
    >>> found.classes.values.tolist()
    [[30, 30, 21, 11], [21, 11, 11, 11]]
    >>> found.centres.zones["people"].tolist(), found.clusters.zones["people"].tolist()
    ([60000.0], [60800.0])
    """
    rules = rules_of(rules) if isinstance(rules, str) else rules
    degree = degree_of(rules)
    require_kind(population, Kind.COUNT)
    population, ledger = working_population(population)
    geobox = geobox_of(population)
    cell_km2 = cell_area_km2(geobox)
    name = str(population.attrs.get("source") or "population")
    step = f"delineation {name}"
    on_grid, more = _on_grid({"land": land, "built-up": built_up}, geobox, step)
    flags, odd = _flags(population.values, *on_grid, geobox=geobox, cell_km2=cell_km2, rules=rules, degree=degree)
    ledger += more + judge(odd, has_land=land is not None, name=name)
    found = _find_classes(population.values, flags, rules=rules, degree=degree, cell_km2=cell_km2)
    ledger += _cut_by_border(found, geobox, step)
    return DegreeOfUrbanisation(population, found, rules, level, iso3), ledger


@dataclass(frozen=True)
class _Held:
    """A layer in memory, read as rows."""

    raster: xr.DataArray

    @property
    def geobox(self) -> GeoBox:
        return geobox_of(self.raster)

    def read(self, rows: slice) -> np.ndarray:
        return self.raster.values[rows]


def _on_grid(
    layers: Mapping[str, xr.DataArray | RowSource | None], geobox: GeoBox, step: str
) -> tuple[list[RowSource | None], Ledger]:
    """Return the layers on the population's grid, and what it took to get there."""
    causes = {"land": "no land layer: every cell is taken as land", "built-up": "no built-up layer: its rule is off"}
    moved, ledger = list[RowSource | None](), Ledger()
    for name, layer in layers.items():
        if layer is None:
            ledger = ledger.add(step, causes[name], "cell", geobox.shape[0] * geobox.shape[1])
            moved.append(None)
            continue
        rows = _Held(layer) if isinstance(layer, xr.DataArray) else layer
        if isinstance(layer, xr.DataArray):
            require_kind(layer, Kind.COUNT)
        if not same_grid(rows.geobox, geobox):
            whole = make_raster(rows.read(slice(None)), rows.geobox, kind="count", units="m2", source=name)
            whole, more = resample(whole, to=geobox)
            if not np.isfinite(whole.values).any():
                raise NoOverlap(name, got=_degrees(rows.geobox), expected=_degrees(geobox))
            ledger += more.add(step, f"{name} brought to the population's grid by area", "cell", whole.size)
            rows = _Held(whole)
        moved.append(rows)
    return moved, ledger


def _degrees(geobox: GeoBox) -> tuple[float, ...]:
    return tuple(geobox.boundingbox.to_crs(4326).bbox)


def _flags(
    people: np.ndarray,
    land: RowSource | None,
    built: RowSource | None,
    *,
    geobox: GeoBox,
    cell_km2: np.ndarray,
    rules: Rules,
    degree: Degree,
) -> tuple[np.ndarray, list[Odd]]:
    """Flag the cells strip by strip, and look at each strip."""
    limits = Limits(
        core=rules.urban_centre.min_density,
        semi_dense=degree.semi_dense.min_density,
        urban=rules.urban_cluster.min_density,
        low=degree.low_density,
        built_up=np.nan if degree.built_up_share is None else degree.built_up_share,
        water_below=degree.water_below_share,
    )
    cell_m = _cell_m(geobox)
    flags, odd = np.empty(people.shape, np.uint8), []
    for first in range(0, people.shape[0], ROWS_AT_ONCE):
        rows = slice(first, min(first + ROWS_AT_ONCE, people.shape[0]))
        strip = people[rows], None if land is None else land.read(rows), None if built is None else built.read(rows)
        km2 = cell_km2 if cell_km2.shape[0] == 1 else cell_km2[rows]
        flags[rows] = flag_cells(*strip, cell_m=cell_m, cell_km2=km2, limits=limits)
        odd.append(look_at_cells(*strip, cell_km2=km2, crowded_per_km2=CROWDED_PER_KM2, larger_by=LARGER_BY))
    outside = outside_earth(geobox)
    if outside is not None:
        flags[outside] = OUTSIDE
    return flags, odd


def _cell_m(geobox: GeoBox) -> tuple[float, float] | None:
    """Width and height of a cell of an equal-area grid [m]."""
    crs = as_crs(geobox.crs)
    if not is_equal_area(crs):
        return None
    metres = crs.axis_info[0].unit_conversion_factor
    return abs(geobox.transform.a) * metres, abs(geobox.transform.e) * metres


def _find_classes(people: np.ndarray, flags: np.ndarray, *, rules: Rules, degree: Degree, cell_km2: np.ndarray) -> Classes:
    """Build the classes from the top; clusters are labelled on the whole grid, taken cells included."""
    cluster = rules.urban_cluster
    centres = find_centres(people, flags, centre=rules.urban_centre, degree=degree, cell_km2=cell_km2)
    runs, count = label_runs(find_runs(flags & URBAN), neighbours=cluster.neighbours)
    living = sum_runs(people, runs, count)
    rural = select_runs(runs, living >= degree.rural_min_people)
    if degree.dense_is_urban:
        with_dense = flags & URBAN
        for taken in (centres.final, centres.dense):
            set_bit(taken, with_dense, int(URBAN))
        runs, count = label_runs(find_runs(with_dense), neighbours=cluster.neighbours)
        living = sum_runs(people, runs, count)
    clusters = select_runs(runs, living >= cluster.min_people)
    return Classes(flags, centres, _find_semi_dense(people, flags, centres, clusters, degree), clusters, rural)


def _find_semi_dense(people: np.ndarray, flags: np.ndarray, centres: Centres, clusters: Runs, degree: Degree) -> Runs:
    rule = degree.semi_dense
    runs, count = label_runs(find_runs(flags & SEMI_DENSE), neighbours=rule.neighbours)
    keep = sum_runs(people, runs, count) >= rule.min_people
    marks = np.zeros(flags.shape, np.uint8)
    for taken in (centres.final, centres.dense):
        draw_runs(taken, marks, 1)
    keep &= ~near_marks(runs, count, marks, reach=rule.apart_cells)
    if rule.in_urban_cluster:
        marks = np.zeros(flags.shape, np.uint8)
        draw_runs(clusters, marks, 1)
        keep &= near_marks(runs, count, marks, reach=0)
    return select_runs(runs, keep)


def _cut_by_border(found: Classes, geobox: GeoBox, step: str) -> Ledger:
    """Count centres and clusters that reach the border of the grid: for the method it is the end of the world."""
    rows, cols = geobox.shape
    ledger = Ledger()
    for runs, what in ((found.centres.final, "urban centre"), (found.clusters, "urban cluster")):
        at = (runs.row == 0) | (runs.row == rows - 1) | (runs.start == 0) | (runs.stop == cols)
        cause = f"{what} cut by the border of the grid"
        ledger = ledger.add(step, cause, "zone", np.unique(runs.value[at]).size)
    return ledger
