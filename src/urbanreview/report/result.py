"""What a review hands to the report: tables and rasters in memory, nothing yet on disk."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import geopandas as gpd
import pandas as pd
import xarray as xr

from urbanreview.ledger import Ledger
from urbanreview.measures import LONG_COLUMNS as LONG_COLUMNS

T = TypeVar("T")


@dataclass(frozen=True)
class Origin:
    """A file on a server that an input was made of: its address, the day it was fetched, its size and hash."""

    address: str
    fetched: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class InputFile:
    """One input of a run, for the manifest and the credits.

    ``modelled`` inputs are made up and must never be used for analysis.

    Attributes
    ----------
    name : str
        As in the settings.
    path : str
        Where it was read from.
    kind, units, grid : str
        What its numbers are, and on which grid; for a vector file how many features.
    size_bytes, sha256
        Of the file.
    licence, citation : str
        As the producer wants them.
    modelled : bool
    product : str
        Which product of its producer, where the file or its name says it.
    dataset, version : str
        Of the catalogue, if the input was fetched.
    origins : tuple of Origin
        What it was made of.
    """

    name: str
    path: str
    kind: str
    units: str
    grid: str
    size_bytes: int
    sha256: str
    licence: str = ""
    citation: str = ""
    modelled: bool = False
    product: str = ""
    dataset: str = ""
    version: str = ""
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True)
class Review:
    """All results of one review.

    Attributes
    ----------
    iso3, title : str
        The country's code and name.
    edition : str
        Rule set of the delineation.
    population : str
        ``source period`` of the population that the settlements were found on, such as ``ghs 2020``.
    zones : GeoDataFrame, EPSG:4326
        Every zone of every level, indexed by ``zone_id``; columns ``name, level, iso3, area_km2, parent_id`` and the
        text attributes of the level.
    points : GeoDataFrame, EPSG:4326
        One point per zone (population-weighted), indexed by ``zone_id``; column ``how`` says how it was found.
    values : DataFrame
        The long table, columns ``LONG_COLUMNS``.
    links : DataFrame
        Overlap of settlements with districts and clusters: ``from_id, to_id, relation, people, from_share,
        to_share, rank``.
    rasters : mapping of str to DataArray
        To be written as COGs under these names.
    ledger : Ledger
    inputs : tuple of InputFile
    settings : mapping
        The settings in force, plain values.
    steps : tuple of (str, float)
        Step names and seconds.
    notes : tuple of str
        Sentences for the top of the report, such as the warning that data are modelled.
    comparison : mapping of str to DataFrame
        Tables ``scenarios``, ``scenario_cities`` and ``scenario_pairs``: the country under other rules and on other
        populations; empty if there is one of each.
    matrices : mapping of str to DataFrame
        Minutes and kilometres between cities, and from cities to districts: origins in rows, destinations in columns.
    pairs : DataFrame or None
        The same as rows: ``from_id, to_id, relation, minutes, km``.
    routes : mapping of str to GeoDataFrame
        Ways as lines, by layer: ``from_id, to_id, minutes, km, km_per_h``.
    beside : mapping of str to DataFrame
        Tables of the user's own units and official numbers: ``crosswalk``, ``extents_compared``, ``official``, ``city_list``,
        ``city_groups``, ``division``; those that there are.
    disclaimer : str
        What stands below every map about its boundaries.
    licences : mapping of str to str
        How outputs may be shared, by their names: the strictest demand of all inputs.
    others : tuple of Review
        The same country on other populations: their zones are the units and their own settlements, whose ids end in
        source and year; ledger, inputs, rasters and notes stand here and not there.
    """

    iso3: str
    title: str
    edition: str
    population: str
    zones: gpd.GeoDataFrame
    points: gpd.GeoDataFrame
    values: pd.DataFrame
    links: pd.DataFrame
    rasters: Mapping[str, xr.DataArray]
    ledger: Ledger
    inputs: tuple[InputFile, ...]
    settings: Mapping[str, object]
    steps: tuple[tuple[str, float], ...]
    notes: tuple[str, ...] = field(default=())
    comparison: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    matrices: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    pairs: pd.DataFrame | None = None
    routes: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    beside: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    disclaimer: str = ""
    licences: Mapping[str, str] = field(default_factory=dict)
    others: tuple["Review", ...] = field(default=())
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` gives, and remember it under a name: every writer asks for the same tables."""
        if name not in self._made:
            self._made[name] = make()
        return cast(T, self._made[name])

    @property
    def modelled(self) -> bool:
        """Whether any input is made up."""
        return any(entry.modelled for entry in self.inputs)

    @property
    def population_source(self) -> str:
        """The input's name of the population that the settlements were found on."""
        return self.population.rpartition(" ")[0] or self.population

    @property
    def population_period(self) -> str:
        """The period of the population that the settlements were found on; empty if it has none."""
        source, _, period = self.population.rpartition(" ")
        return period if source else ""
