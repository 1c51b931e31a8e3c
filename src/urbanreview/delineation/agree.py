"""What a choice of rules and population changes: the same country delineated several times, and compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.delineation.classify import degree_of_urbanisation
from urbanreview.delineation.density import working_population
from urbanreview.delineation.extents import Extents, extents
from urbanreview.delineation.rules import Rules, rules_of
from urbanreview.grid import cell_area_km2, cover_shapes, covered_share, geobox_of, make_raster, same_grid
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.ledger import Ledger, total

LEVEL_1 = {1: "rural", 2: "urban_cluster", 3: "urban_centre"}
"""Classes that are compared; water counts as rural."""
INSIDE_AT_LEAST_PEOPLE = 1.0


@dataclass(frozen=True)
class Layers:
    """One population to delineate: people per cell, and land and built-up surface [m2] if there are."""

    population: xr.DataArray
    land: xr.DataArray | None = None
    built_up: xr.DataArray | None = None


@dataclass(frozen=True)
class Scenario:
    """One population under one rule set.

    Attributes
    ----------
    population, edition : str
    classes : ndarray of uint8, shape (rows, cols)
        1 rural or water, 2 urban cluster, 3 urban centre.
    people : ndarray of float64, shape (rows, cols)
        People per cell that count: those inside the country.
    centres, clusters : Extents
    """

    population: str
    edition: str
    classes: np.ndarray
    people: np.ndarray
    area_km2: np.ndarray
    centres: Extents
    clusters: Extents

    @property
    def name(self) -> str:
        """Population and edition."""
        return f"{self.population}, {self.edition}"

    @property
    def geobox(self) -> GeoBox:
        """Grid of the classes."""
        return self.centres.geobox

    def row(self) -> dict[str, object]:
        """Return the numbers of the scenario."""
        centre, urban = self.classes == 3, self.classes >= 2
        everyone, urban_people = float(self.people.sum()), float(self.people[urban].sum())
        centre_people = float(self.people[centre].sum())
        return {
            "population": self.population,
            "edition": self.edition,
            "people": everyone,
            "urban_people": urban_people,
            "urban_share": urban_people / everyone if everyone > 0 else np.nan,
            "centre_people": centre_people,
            "centre_share": centre_people / everyone if everyone > 0 else np.nan,
            "centres": int((self.people_of(self.centres) >= INSIDE_AT_LEAST_PEOPLE).sum()),
            "clusters": int((self.people_of(self.clusters) >= INSIDE_AT_LEAST_PEOPLE).sum()),
            "urban_km2": float(self.area_km2[urban].sum()),
            "centre_km2": float(self.area_km2[centre].sum()),
        }

    def people_of(self, found: Extents) -> np.ndarray:
        """Return the people inside the country of every settlement."""
        return np.bincount(found.image().reshape(-1), weights=self.people.reshape(-1), minlength=len(found.zones) + 1)[1:]

    def on(self, geobox: GeoBox) -> np.ndarray:
        """Return the classes on another grid, voted by area; of equal ones the more rural."""
        if same_grid(self.geobox, geobox):
            return self.classes
        centre = covered_share(self.centres.zones.geometry, geobox)
        urban = np.maximum(covered_share(self.clusters.zones.geometry, geobox), centre)
        cluster, rural = urban - centre, 1.0 - urban
        return np.select([rural >= np.maximum(centre, cluster), cluster >= centre], [1, 2], 3).astype(np.uint8)


@dataclass(frozen=True)
class Agreement:
    """Two scenarios, cell by cell on the grid of the first.

    Attributes
    ----------
    cells, people : DataFrame, shape (3, 3)
        Rows are the classes of the first, columns those of the second; people are those of the first's population.
    jaccard : dict of str to float
        Cells in both over cells in either, for ``urban`` and ``urban_centre``; missing where neither has any.
    classes : ndarray of uint8, shape (rows, cols)
        Ten times the class of the first plus that of the second.
    """

    cells: pd.DataFrame
    people: pd.DataFrame
    jaccard: dict[str, float]
    classes: np.ndarray


def agreement(first: Scenario, second: Scenario) -> Agreement:
    """Compare two scenarios.

    Parameters
    ----------
    first, second : Scenario
        On different grids the second is moved to the first's by area.

    Returns
    -------
    Agreement
    """
    inside = first.area_km2 > 0
    a, b = first.classes[inside], second.on(first.geobox)[inside]
    place = (a.astype(int) - 1) * 3 + b - 1

    def table(weights: np.ndarray | None) -> pd.DataFrame:
        counts = np.bincount(place, weights=weights, minlength=9).reshape(3, 3)
        return pd.DataFrame(counts, index=list(LEVEL_1.values()), columns=list(LEVEL_1.values()))

    def jaccard(at_least: int) -> float:
        either = int(((a >= at_least) | (b >= at_least)).sum())
        return int(((a >= at_least) & (b >= at_least)).sum()) / either if either else np.nan

    classes = np.zeros(first.classes.shape, np.uint8)
    classes[inside] = 10 * a + b
    return Agreement(table(None), table(first.people[inside]), {"urban": jaccard(2), "urban_centre": jaccard(3)}, classes)


@dataclass(frozen=True)
class Sensitivity:
    """The scenarios side by side.

    Attributes
    ----------
    scenarios : DataFrame
        One row each: population, edition, people, urban and centre people and shares, numbers, areas.
    cities : DataFrame
        One row per centre of the first scenario and scenario: ``zone_id, population, edition, match_id, people, rank,
        rank_change``; a city without a match has none of the last four. A positive change is a climb.
    pairs : DataFrame
        One row per two scenarios: ``first, second, jaccard_urban, jaccard_urban_centre``, and cells and people of
        every pair of classes (``cells_rural_urban_cluster`` …).
    urban : DataArray, dims (y, x)
        In how many scenarios a cell of the first grid is urban.
    """

    scenarios: pd.DataFrame
    cities: pd.DataFrame
    pairs: pd.DataFrame
    urban: xr.DataArray


def sensitivity(
    populations: Mapping[str, Layers],
    rules: Sequence[Rules | str],
    *,
    within: gpd.GeoSeries | None = None,
    iso3: str = "XXX",
) -> tuple[Sensitivity, Ledger]:
    """Delineate every population under every rule set, and compare.

    Parameters
    ----------
    populations : mapping of str to Layers
        By name; the first one under the first rule set is what the others are compared with.
    rules : sequence of Rules or str
        Editions, with classes or without.
    within : GeoSeries, optional
        The country: people and cells count by their share inside. Without it all of the grid does.
    iso3 : str
        Country code that opens the ids.

    Returns
    -------
    Sensitivity
    ledger : Ledger

    Examples
    --------
    A town of built-up land is a centre under one rule set only:

    >>> from affine import Affine
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 4), Affine(1000, 0, 0, 0, -1000, 1000), "ESRI:54009")
    >>> people = make_raster(np.array([[30_000.0, 1_200, 30_000, 0]]), grid, kind="count", units="people")
    >>> built = make_raster(np.array([[5e5, 5e5, 5e5, 0]]), grid, kind="count", units="m2")
    >>> both, _ = sensitivity({"p": Layers(people, None, built)}, ["jrc-2023-v2", "manual-2021"])
    >>> both.scenarios[["centres", "centre_share"]].values.tolist(), both.pairs["jaccard_urban"].tolist()
    ([[1.0, 1.0], [0.0, 0.0]], [1.0])
    """
    editions = [rules_of(rule) if isinstance(rule, str) else rule for rule in rules]
    made = [_scenario(name, layers, rule, within, iso3) for name, layers in populations.items() for rule in editions]
    scenarios = [scenario for scenario, _ in made]
    first = scenarios[0]
    urban = np.stack([scenario.on(first.geobox) >= 2 for scenario in scenarios]).sum(axis=0, dtype=np.uint8)
    return (
        Sensitivity(
            pd.DataFrame([scenario.row() for scenario in scenarios]),
            pd.concat([_cities(first, scenario) for scenario in scenarios], ignore_index=True),
            pd.DataFrame([_pair(a, b) for a, b in combinations(scenarios, 2)]),
            make_raster(urban, first.geobox, kind="class", units=f"scenarios of {len(scenarios)} that call the cell urban"),
        ),
        total(ledger for _, ledger in made),
    )


def _scenario(name: str, layers: Layers, rules: Rules, within: gpd.GeoSeries | None, iso3: str) -> tuple[Scenario, Ledger]:
    if rules.degree is not None:
        built_up = layers.built_up if rules.degree.built_up_share is not None else None
        found, ledger = degree_of_urbanisation(
            layers.population, land=layers.land, built_up=built_up, level=1, rules=rules, iso3=iso3
        )
        population, classes = found.population, np.clip(found.classes.values, 1, 3)
        classes[found.classes.values > 3] = 1
        centres, clusters = found.centres, found.clusters
    else:
        population, _ = working_population(layers.population)
        both = [
            extents(population, rules=rule, iso3=iso3, land_m2=layers.land)
            for rule in (rules.urban_centre, rules.urban_cluster)
        ]
        (centres, _), (clusters, _) = both
        ledger = total(more for _, more in both)
        classes = np.where(centres.image() > 0, 3, np.where(clusters.image() > 0, 2, 1)).astype(np.uint8)
    geobox = geobox_of(population)
    share = np.ones(population.shape) if within is None else covered_share(within, geobox)
    people, area_km2 = np.nan_to_num(population.values.astype(float)) * share, cell_area_km2(geobox) * share
    return Scenario(name, rules.edition, classes, people, area_km2, centres, clusters), ledger


def _cities(first: Scenario, other: Scenario) -> pd.DataFrame:
    """Find the city of another scenario that shares most people with every centre of the first one."""
    own, people = first.people_of(first.centres), other.people_of(other.centres)
    rank = pd.Series(people).rank(ascending=False, method="min").to_numpy()
    own_rank = pd.Series(own).rank(ascending=False, method="min").to_numpy()
    cover, _ = cover_shapes(other.centres.zones.geometry, first.geobox)
    theirs, ours, shared, _ = overlap_labels(first.centres.image(), first.people, cover, label_count=len(own))
    links = pd.DataFrame({"ours": ours, "theirs": theirs, "shared": shared}).sort_values(
        ["shared", "theirs"], ascending=[False, True]
    )
    match = links.drop_duplicates("ours").set_index("ours")["theirs"].reindex(range(len(own)))
    known = match.notna().to_numpy()
    index = match[known].astype(int).to_numpy()
    table = pd.DataFrame(
        {"zone_id": first.centres.zones.index, "population": other.population, "edition": other.edition, "match_id": None}
    )
    table[["people", "rank", "rank_change"]] = np.nan
    table.loc[known, "match_id"] = other.centres.zones.index.to_numpy()[index]
    table.loc[known, "people"] = people[index]
    table.loc[known, "rank"] = rank[index]
    table["rank_change"] = own_rank - table["rank"]
    return table[own >= INSIDE_AT_LEAST_PEOPLE]


def _pair(a: Scenario, b: Scenario) -> dict[str, object]:
    found = agreement(a, b)
    row: dict[str, object] = {"first": a.name, "second": b.name}
    row |= {f"jaccard_{what}": value for what, value in found.jaccard.items()}
    for what, table in (("cells", found.cells), ("people", found.people)):
        row |= {f"{what}_{one}_{two}": float(table.loc[one, two]) for one in table.index for two in table.columns}
    return row
