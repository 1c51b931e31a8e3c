"""Which settlement lies in which district, and which centre in which cluster: by people, with every share."""

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.delineation import Extents
from urbanreview.grid import geobox_of, require_same_grid
from urbanreview.kernels.zonal import overlap_labels
from urbanreview.zones.coverage import Plan, plan_extents, plan_zones
from urbanreview.zones.summarise import as_float, summarise

COLUMNS = ("from_id", "to_id", "relation", "people", "cells", "from_share", "to_share", "rank")


def link_extents(found: Extents, plan: Plan, population: xr.DataArray, *, relation: str) -> pd.DataFrame:
    """Overlap of settlements with the zones of a plan on the same grid.

    Parameters
    ----------
    found : Extents
    plan : Plan
        Districts, or clusters, on the grid of `found`.
    population : DataArray, dims (y, x)
        People per cell on that grid; NaN counts as nobody.
    relation : str
        What the links are called, such as ``district``.

    Returns
    -------
    DataFrame
        Columns ``from_id`` (settlement), ``to_id`` (zone), ``relation``, ``people``, ``cells``, ``from_share``
        (of the settlement's people), ``to_share`` (of the zone's people) and ``rank`` (1 is the zone with most of the
        settlement's people; ties by cells, then id). Every pair that shares ground is there, also without people.
    """
    require_same_grid("population", got=geobox_of(population), expected=plan.geobox)
    people = as_float(population)
    zone, settlement, shared, cells = overlap_labels(found.image(), people, plan.cover, label_count=len(found.zones))
    links = pd.DataFrame(
        {
            "from_id": found.zones.index.to_numpy()[settlement],
            "to_id": plan.zone_ids.to_numpy()[zone],
            "relation": relation,
            "people": shared,
            "cells": cells,
        }
    )
    zone_people = summarise(plan, population)[0]["sum"]
    return ranked(links, from_people=found.zones["people"], to_people=zone_people)


def link_polygons(
    settlements: gpd.GeoDataFrame, zones: gpd.GeoDataFrame, population: xr.DataArray, *, relation: str
) -> pd.DataFrame:
    """Overlap of settlements given as polygons with other zones: see `link_extents`.

    The ground that a pair shares is cut out as a polygon and summed by exact coverage.
    """
    pieces = gpd.overlay(
        gpd.GeoDataFrame({"from_id": settlements.index}, geometry=settlements.geometry.values, crs=4326),
        gpd.GeoDataFrame({"to_id": zones.index}, geometry=zones.geometry.values, crs=4326),
        how="intersection",
        keep_geom_type=True,
    )
    geobox = geobox_of(population)
    plan = plan_zones(pieces.geometry, geobox)
    shared = summarise(plan, population)[0]
    links = pieces[["from_id", "to_id"]].assign(
        relation=relation, people=shared["sum"].fillna(0.0).to_numpy(), cells=plan.covered_cells()
    )
    totals = [summarise(plan_zones(table, geobox), population)[0]["sum"] for table in (settlements, zones)]
    return ranked(pd.DataFrame(links), from_people=totals[0], to_people=totals[1])


def ranked(links: pd.DataFrame, *, from_people: pd.Series, to_people: pd.Series) -> pd.DataFrame:
    """Add the shares of both sides and the rank of every link within its settlement."""

    def share(of: pd.Series, column: str) -> np.ndarray:
        whole = links[column].map(of).to_numpy(dtype=float)
        people = links["people"].to_numpy(dtype=float)
        return np.divide(people, whole, out=np.full(len(links), np.nan), where=whole > 0)

    table = links.assign(from_share=share(from_people, "from_id"), to_share=share(to_people, "to_id"))
    table = table.sort_values(["from_id", "people", "cells", "to_id"], ascending=[True, False, False, True])
    table["rank"] = table.groupby("from_id").cumcount() + 1
    return table[list(COLUMNS)].reset_index(drop=True)


def first_links(links: pd.DataFrame, names: pd.Series, *, column: str, most: int = 2) -> pd.DataFrame:
    """Spread the first links of every settlement into columns.

    Parameters
    ----------
    links : DataFrame
        Of one relation.
    names : Series
        Name of every zone that is linked to.
    column : str
        Start of the new columns: ``<column>_1``, ``<column>_1_name``, ``<column>_1_share``, ``<column>_2`` …
    most : int
        How many ranks.

    Returns
    -------
    DataFrame, indexed by settlement id; missing where there are fewer links.
    """
    spread = {}
    for rank in range(1, most + 1):
        these = links[links["rank"] == rank].set_index("from_id")
        spread[f"{column}_{rank}"] = these["to_id"]
        spread[f"{column}_{rank}_name"] = these["to_id"].map(names)
        spread[f"{column}_{rank}_share"] = these["from_share"]
    return pd.DataFrame(spread).rename_axis("zone_id")


def parents_of(centres: Extents, clusters: Extents, population: xr.DataArray) -> tuple[pd.Series, pd.DataFrame]:
    """Return the cluster of every centre, by people, and the links behind it; missing where there is none."""
    links = link_extents(centres, plan_extents(clusters), population, relation="urban_cluster")
    first = links[links["rank"] == 1].set_index("from_id")["to_id"]
    return first.reindex(centres.zones.index), links
