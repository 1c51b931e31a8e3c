"""The user's own extent of a city beside the delineated one: area, people in both, only in one, overlap."""

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.grid import Kind, require_kind, to_crs
from urbanreview.ledger import Ledger
from urbanreview.zones.crosswalk import as_text, ground_of, names_agree, shared_ground
from urbanreview.zones.summarise import ratio

COLUMNS = (
    "zone_id", "name", "settlement_id", "settlement_name", "level", "area_km2", "settlement_area_km2", "area_both_km2",
    "area_overlap", "people", "settlement_people", "people_both", "people_only_zone", "people_only_settlement",
    "people_overlap", "names_agree", "mutual",
)  # fmt: skip
STEP = "extents compared"


def compare_extents(
    own: gpd.GeoDataFrame, settlements: gpd.GeoDataFrame, population: xr.DataArray
) -> tuple[pd.DataFrame, Ledger]:
    """Set every zone of the user beside the settlement that shares most people with it.

    Parameters
    ----------
    own : GeoDataFrame, index zone_id
        Polygons with ``name``; they may overlap one another.
    settlements : GeoDataFrame, index zone_id, EPSG:4326
        Zone table of one or several levels, its columns of names as in `crosswalk`.
    population : DataArray, dims (y, x)
        People per cell; NaN counts as nobody.

    Returns
    -------
    table : DataFrame
        One row per zone and level: ``zone_id, name, settlement_id, settlement_name, level``; ``area_km2,
        settlement_area_km2, area_both_km2`` and ``area_overlap``, the area in both over that in either; ``people,
        settlement_people, people_both, people_only_zone, people_only_settlement`` and ``people_overlap``, the people in both
        over those in either, NaN where nobody lives; ``names_agree``; ``mutual``: no other zone shares more people with the
        settlement. Most people first decide, then area, then id. For a zone that meets no settlement the settlement is None,
        its numbers are NaN, and what is in both is 0. Sorted by zone and level.
    ledger : Ledger
        Zones that meet no settlement and several, settlements that meet no zone, by level.

    Raises
    ------
    UndeclaredRaster
        If the population is no count.

    Examples
    --------
    The official city has a cell that the settlement lacks, and lacks one that it has:

    >>> import numpy as np
    >>> import shapely
    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 3), Affine(1, 0, 0, 0, -1, 1), "EPSG:4326")
    >>> people = make_raster(np.array([[30.0, 60.0, 10.0]]), grid, kind="count", units="people")
    >>> def town(zone_id, left, right):
    ...     columns = {"name": ["Ai"], "level": "urban_centre"}
    ...     return gpd.GeoDataFrame(columns, geometry=[shapely.box(left, 0, right, 1)], index=[zone_id], crs=4326)
    >>> table, _ = compare_extents(town("official", 0, 2), town("found", 1, 3), people)
    >>> table[["people_both", "people_only_zone", "people_only_settlement", "people_overlap"]].values.tolist()
    [[60.0, 30.0, 10.0, 0.6]]
    """
    require_kind(population, Kind.COUNT)
    outlines = to_crs(own.geometry, 4326)
    ground = ground_of(outlines, population).assign(name=own["name"])
    tables, ledger = [pd.DataFrame(columns=list(COLUMNS))], Ledger()
    for level in sorted(settlements["level"].unique()):
        found = settlements[settlements["level"] == level]
        pairs = shared_ground(outlines, found.geometry, population)
        tables.append(_beside(_best(pairs), ground, found, population).assign(level=level))
        ledger = ledger.add(STEP, f"zone that meets no {level}", "zone", len(own) - pairs["zone_id"].nunique())
        ledger = ledger.add(
            STEP, f"zone that meets several of {level}", "zone", int((pairs.groupby("zone_id").size() > 1).sum())
        )
        ledger = ledger.add(STEP, f"{level} that meets no zone", "zone", len(found) - pairs["other_id"].nunique())
    table = pd.concat([part for part in tables if len(part)] or tables, ignore_index=True)[list(COLUMNS)]
    return table.sort_values(["zone_id", "level"], ignore_index=True), ledger


def _best(pairs: pd.DataFrame) -> pd.DataFrame:
    """Keep the best settlement of every zone, and tell whether the zone is the settlement's best."""
    tables = {}
    for side, other in (("zone_id", "other_id"), ("other_id", "zone_id")):
        ordered = pairs.sort_values(["people_both", "area_both_km2", other], ascending=[False, False, True])
        tables[side] = ordered.drop_duplicates(side)
    best = tables["zone_id"]
    return best.assign(mutual=best.index.isin(tables["other_id"].index)).set_index("zone_id")


def _beside(best: pd.DataFrame, ground: pd.DataFrame, found: gpd.GeoDataFrame, population: xr.DataArray) -> pd.DataFrame:
    """Return one row per zone of the user."""
    theirs = ground_of(found.geometry[best["other_id"].unique()], population).assign(settlement_name=found["name"])
    theirs = theirs.rename(columns={"people": "settlement_people", "area_km2": "settlement_area_km2"})
    met = best.join(theirs, on="other_id", validate="many_to_one")
    met["names_agree"] = names_agree(met["other_id"], found, ground["name"].reindex(met.index))
    table = ground.join(met, validate="one_to_one").rename_axis("zone_id").reset_index()
    table = table.rename(columns={"other_id": "settlement_id"})
    table["area_both_km2"] = table["area_both_km2"].fillna(0.0)
    table["people_both"] = table[["people_both", "people", "settlement_people"]].min(axis=1).where(table["mutual"].notna(), 0.0)
    table["people_only_zone"] = table["people"] - table["people_both"]
    table["people_only_settlement"] = table["settlement_people"] - table["people_both"]
    table["area_overlap"] = _of_union(table["area_both_km2"], table["area_km2"], table["settlement_area_km2"])
    table["people_overlap"] = _of_union(table["people_both"], table["people"], table["settlement_people"])
    flags = {column: table[column].eq(True) for column in ("names_agree", "mutual")}
    texts = {column: as_text(table[column]) for column in ("zone_id", "name", "settlement_id", "settlement_name")}
    return table.assign(**flags, **texts)


def _of_union(both: pd.Series, own: pd.Series, other: pd.Series) -> np.ndarray:
    union = own + other.fillna(0.0) - both
    return ratio(both.to_numpy(float), union.to_numpy(float)).clip(max=1.0)
