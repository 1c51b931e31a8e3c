"""Which city of another database is which settlement: by shared people and ground, by points inside, or by what lies near."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr

from urbanreview.errors import DuplicateIds, MissingCrs
from urbanreview.grid import Kind, geobox_of, geodesic_area_km2, require_kind, to_crs
from urbanreview.ledger import Ledger
from urbanreview.zones.coverage import plan_zones
from urbanreview.zones.distance import gap_km, pairs_within
from urbanreview.zones.spelling import fold_name, sound_of
from urbanreview.zones.summarise import ratio, summarise
from urbanreview.zones.table import polygons_of

COLUMNS = (
    "zone_id", "database", "other_id", "other_name", "how", "people_both", "area_both_km2", "zone_share", "other_share",
    "zone_area_share", "other_area_share", "distance_km", "names_agree", "rank", "other_rank", "relation", "grade",
    "other_people",
)  # fmt: skip
TEXTS = ("zone_id", "database", "other_id", "other_name", "how", "relation", "grade")
HALF = 0.5
"""From this share on a side of an overlap is mostly the other one."""
TOUCH_KM2 = 1e-6
"""A square metre: what rounding of coordinates makes of two polygons that only touch."""
EDGE_KM = 1.0
"""Points and outlines are true to about a kilometre: a point so near outside counts as the settlement's."""
NAME_COLUMN = re.compile(r"name|city|name_ascii|name_alternate|names_known|name_[a-z]{2,3}([_-]\w+)?")
"""Columns of a settlement that it may go by; the last form is its name in a language."""
folded, sounded = lru_cache(maxsize=2**18)(fold_name), lru_cache(maxsize=2**18)(sound_of)
"""Every name once: settlements have dozens each, and are compared with one database after the other."""
RELATIONS = {
    (False, False): "one to one",
    (True, False): "one to many",
    (False, True): "many to one",
    (True, True): "many to many",
}
"""By whether the settlement has several others, and the other several settlements."""


def crosswalk(
    settlements: gpd.GeoDataFrame, others: gpd.GeoDataFrame, population: xr.DataArray, *, database: str, within_km: float
) -> tuple[pd.DataFrame, Ledger]:
    """Match the cities of another database with settlements, level by level.

    Parameters
    ----------
    settlements : GeoDataFrame, index zone_id, EPSG:4326
        Zone table of one or several levels; each level is matched on its own. Names are compared with those of its columns
        ``name``, ``city``, ``name_ascii``, ``name_alternate``, ``name_<language>`` and ``names_known`` (tuples) that are there.
    others : GeoDataFrame, index other_id
        Polygons and points in any CRS; a point set stands at its centroid. ``name`` and ``people`` [person] may be missing,
        as columns or here and there.
    population : DataArray, dims (y, x)
        People per cell; NaN counts as nobody.
    database : str
        Name of the database.
    within_km : float
        How far from the nearest settlement a city that lies in none may be [km].

    Returns
    -------
    rows : DataFrame
        Every pair: ``zone_id, database, other_id, other_name``; ``how`` (overlap, inside, near, or none: a city without a
        settlement at any level, whose zone is None); ``people_both, area_both_km2``; ``zone_share, other_share`` (people in
        both over those of the settlement and of the other; of a point, over those of all the settlement's points, and 1);
        ``zone_area_share, other_area_share``; ``distance_km`` (0 where they meet); ``names_agree``; ``rank`` (1 is the
        settlement's best: what meets it before what is only near, then by people, area, distance, id), ``other_rank`` (the
        same for the other); ``relation`` (seen from the settlement, over the pairs of its level); ``grade`` (high, medium,
        low); ``other_people`` (the database's own number). What is not known is NaN or None. Sorted by zone and rank.
    ledger : Ledger
        Shapes mended and left out; for each level, cities without a settlement and of several, settlements without a city
        and with several.

    Raises
    ------
    DuplicateIds
        If an ``other_id`` stands twice.
    MissingCrs
        If `others` do not say where they are.
    UndeclaredRaster
        If the population is no count.

    Notes
    -----
    A point within `EDGE_KM` of a settlement's outline, and in none, is *near*, but ranks and shares with the points inside.
    Grade of an overlap: high if both shares of people are at least a half, medium if one is, else low; on a side where nobody
    lives the share of area decides. Of a point inside: high if the names agree, else medium for the most populous of the
    settlement's points or the only one, else low. Of a point at the edge: medium if the names agree. All else is low.

    Examples
    --------
    A settlement of two cells; another database draws the same town with one of them and a cell beyond:

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> grid = GeoBox((1, 3), Affine(1, 0, 0, 0, -1, 1), "EPSG:4326")
    >>> people = make_raster(np.array([[30.0, 60.0, 20.0]]), grid, kind="count", units="people")
    >>> town = gpd.GeoDataFrame(
    ...     {"name": ["Ai"], "level": "urban_centre"}, geometry=[shapely.box(0, 0, 2, 1)], index=["a"], crs=4326
    ... )
    >>> other = gpd.GeoDataFrame({"name": ["AI"], "people": [75.0]}, geometry=[shapely.box(1, 0, 3, 1)], index=["7"], crs=4326)
    >>> rows, _ = crosswalk(town, other, people, database="eca", within_km=5)
    >>> rows[["other_id", "people_both", "grade"]].values.tolist(), rows[["zone_share", "other_share"]].round(3).values.tolist()
    ([['7', 60.0, 'high']], [[0.667, 0.75]])
    """
    require_kind(population, Kind.COUNT)
    step = f"crosswalk {database}"
    cities, ledger = _usable(others, step)
    tables = []
    for level in sorted(settlements["level"].unique()):
        zones = settlements[settlements["level"] == level]
        table = _judged(_pairs(zones, cities, population, within_km), zones, cities)
        ledger += _counted(table, zones, cities, step=step, level=level)
        tables.append(table)
    met = pd.concat([table["other_id"] for table in tables]) if tables else []
    lost = cities.index[~cities.index.isin(met)]
    rows = pd.concat([*tables, pd.DataFrame({"other_id": lost, "how": "none"})], ignore_index=True)
    rows = rows.reindex(columns=list(COLUMNS))
    rows["database"], rows["names_agree"] = database, rows["names_agree"].eq(True)
    rows["other_name"], rows["other_people"] = (rows["other_id"].map(cities[column]) for column in ("name", "people"))
    rows = rows.sort_values(["zone_id", "rank", "other_id"], ignore_index=True)
    numbers = [column for column in COLUMNS if column not in (*TEXTS, "names_agree")]
    return rows.astype(dict.fromkeys(numbers, float)).assign(**{column: as_text(rows[column]) for column in TEXTS}), ledger


def as_text(column: pd.Series) -> pd.Series:
    """Return a column as objects, None where there is nothing."""
    return column.astype(object).where(column.notna(), None)


def _usable(others: gpd.GeoDataFrame, step: str) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Return name, people and shape of all cities that have one in EPSG:4326: valid polygons, and points."""
    if others.crs is None:
        raise MissingCrs(step)
    ids = pd.Index([str(other_id) for other_id in others.index], name="other_id", dtype="str")
    if ids.has_duplicates:
        raise DuplicateIds(step, column="other_id", ids=ids[ids.duplicated()].unique().tolist())
    told = {"name": as_text(others["name"]) if "name" in others else None, "people": others.get("people", np.nan)}
    shapes = to_crs(others.geometry, 4326).to_numpy().copy()
    shapes[~np.isfinite(shapely.bounds(shapes)).all(axis=1)] = None
    kind = shapely.get_dimensions(shapes)
    broken = (kind == 2) & (
        ~shapely.is_valid(shapes) | (shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    )
    shapes[broken] = [polygons_of(shape) for shape in shapely.make_valid(shapes[broken])]
    shapes[kind == 0] = shapely.centroid(shapes[kind == 0])
    usable = (kind == 0) | (shapely.area(shapes) > 0)
    table = pd.DataFrame({column: np.asarray(value) for column, value in told.items()}, index=ids).astype({"people": float})
    cities = gpd.GeoDataFrame(table, geometry=shapes, crs=4326)[usable]
    ledger = Ledger().add(step, "polygon mended", "feature", int((broken & usable).sum()))
    return cities, ledger.add(step, "neither a polygon nor a point: left out", "feature", int((~usable).sum()))


def _pairs(zones: gpd.GeoDataFrame, cities: gpd.GeoDataFrame, population: xr.DataArray, within_km: float) -> pd.DataFrame:
    """Return all pairs with what they share."""
    is_point = shapely.get_dimensions(cities.geometry.values) == 0
    points, polygons = cities[is_point], cities[~is_point]
    overlaps = shared_ground(zones.geometry, polygons.geometry, population).assign(how="overlap", distance_km=0.0)
    inside = _points_inside(zones.geometry, points.geometry).assign(how="inside", distance_km=0.0)
    met = pd.concat([overlaps["other_id"], inside["other_id"]])
    near = _nearest(zones.geometry, cities.geometry[~cities.index.isin(met)], within_km).assign(how="near")
    is_beside = near["other_id"].isin(polygons.index)
    beside = near[is_beside].assign(people_both=0.0, area_both_km2=0.0, apart=True)
    at_edge = ~is_beside & (near["distance_km"] <= EDGE_KM)
    parts = [
        _with_shares(pd.concat([overlaps, beside], ignore_index=True), zones.geometry, polygons.geometry, population),
        _with_points_shares(pd.concat([inside, near[at_edge]], ignore_index=True), points["people"]),
        near[~is_beside & ~at_edge].assign(apart=True),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.assign(apart=table["apart"].eq(True))


def ground_of(shapes: gpd.GeoSeries, population: xr.DataArray) -> pd.DataFrame:
    """Return ``people`` (0 where the raster has none) and true ``area_km2`` of polygons, by their index."""
    people = summarise(plan_zones(shapes, geobox_of(population)), population)[0]["sum"].fillna(0.0)
    return pd.DataFrame({"people": people.to_numpy(), "area_km2": geodesic_area_km2(shapes)}, index=shapes.index)


def shared_ground(zones: gpd.GeoSeries, others: gpd.GeoSeries, population: xr.DataArray) -> pd.DataFrame:
    """Cut out the ground that polygons of two sets share, and count its people.

    Parameters
    ----------
    zones, others : GeoSeries, EPSG:4326
        Valid polygons; those of one set may overlap one another.
    population : DataArray, dims (y, x)
        People per cell; NaN counts as nobody.

    Returns
    -------
    DataFrame
        ``zone_id, other_id, people_both, area_both_km2``: one row per pair that shares more than `TOUCH_KM2`.
    """
    other, zone = shapely.STRtree(zones.values).query(others.values, predicate="intersects")
    pieces = shapely.intersection(zones.values[zone], others.values[other])
    mixed = shapely.get_type_id(pieces) == shapely.GeometryType.GEOMETRYCOLLECTION
    pieces[mixed] = [polygons_of(piece) for piece in pieces[mixed]]
    pairs = pd.DataFrame({"zone_id": zones.index[zone], "other_id": others.index[other]})
    flat = shapely.area(pieces) > 0
    shared = ground_of(gpd.GeoSeries(pieces[flat], crs=4326), population)
    pairs = pairs[flat].assign(people_both=shared["people"].to_numpy(), area_both_km2=shared["area_km2"].to_numpy())
    return pairs[pairs["area_both_km2"] > TOUCH_KM2].reset_index(drop=True)


def _with_shares(pairs: pd.DataFrame, zones: gpd.GeoSeries, others: gpd.GeoSeries, population: xr.DataArray) -> pd.DataFrame:
    """Add what the ground of a pair is of both sides, in people and area; NaN of a side where nobody lives."""
    whole = {
        side: ground_of(shapes[pairs[f"{side}_id"].unique()], population)
        for side, shapes in (("zone", zones), ("other", others))
    }
    most = np.minimum.reduce([pairs[f"{side}_id"].map(ground["people"]).to_numpy(float) for side, ground in whole.items()])
    pairs = pairs.assign(people_both=np.minimum(pairs["people_both"].to_numpy(float), most))
    for side, ground in whole.items():
        for shared, part, column in (("people_both", "people", "share"), ("area_both_km2", "area_km2", "area_share")):
            of = pairs[f"{side}_id"].map(ground[part]).to_numpy(float)
            pairs[f"{side}_{column}"] = np.minimum(ratio(pairs[shared].to_numpy(float), of), 1.0)
    return pairs


def _points_inside(zones: gpd.GeoSeries, points: gpd.GeoSeries) -> pd.DataFrame:
    """Return every point in every zone, an edge counting as inside."""
    point, zone = shapely.STRtree(zones.values).query(points.values, predicate="intersects")
    return pd.DataFrame({"zone_id": zones.index[zone], "other_id": points.index[point]})


def _with_points_shares(pairs: pd.DataFrame, people: pd.Series) -> pd.DataFrame:
    """Add the people of each point, and their share in those of all points of the zone."""
    living = pairs["other_id"].map(people)
    together = living.groupby(pairs["zone_id"]).transform("sum")
    share = ratio(living.to_numpy(float), together.to_numpy(float))
    return pairs.assign(people_both=living, zone_share=share, other_share=1.0)


def _nearest(zones: gpd.GeoSeries, others: gpd.GeoSeries, within_km: float) -> pd.DataFrame:
    """Return the nearest zone of every other that has one so near; of equally near ones the first by id."""
    zone_parts, zone_of_part = shapely.get_parts(zones.values, return_index=True)
    other_parts, other_of_part = shapely.get_parts(others.values, return_index=True)
    other, zone = pairs_within(other_parts, shapely.STRtree(zone_parts), within_km)
    pairs = pd.DataFrame(
        {
            "zone_id": zones.index[zone_of_part[zone]],
            "other_id": others.index[other_of_part[other]],
            "distance_km": gap_km(zone_parts[zone], other_parts[other]),
        }
    )
    pairs = pairs[pairs["distance_km"] <= within_km].sort_values(["other_id", "distance_km", "zone_id"])
    return pairs.drop_duplicates("other_id", ignore_index=True)


def _judged(pairs: pd.DataFrame, zones: gpd.GeoDataFrame, cities: gpd.GeoDataFrame) -> pd.DataFrame:
    """Add whether names agree, ranks, relation and grade."""
    table = pairs
    for side, other, rank in (("zone_id", "other_id", "rank"), ("other_id", "zone_id", "other_rank")):
        best = [side, "apart", "people_both", "area_both_km2", "distance_km", other]
        table = table.sort_values(best, ascending=[True, True, False, False, True, True], ignore_index=True)
        table[rank] = table.groupby(side).cumcount() + 1
    several = [table.groupby(side)[side].transform("size") > 1 for side in ("zone_id", "other_id")]
    table["relation"] = [RELATIONS[bool(others), bool(settlements)] for others, settlements in zip(*several, strict=True)]
    table["names_agree"] = names_agree(table["zone_id"], zones, table["other_id"].map(cities["name"]))
    return table.assign(grade=_grades(table)).drop(columns="apart")


def written_names(zones: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """List the names of zones.

    Parameters
    ----------
    zones : DataFrame, index zone_id
    columns : iterable of str
        Columns of `zones`, whose cells are a name, or a tuple of the other names of the zone.

    Returns
    -------
    DataFrame
        ``zone_id, name, other`` (bool: out of a tuple), one row per name; a name is None or NaN where a cell is.

    Examples
    --------
    >>> zones = pd.DataFrame({"name": ["Antwerp"], "names_known": [("Antwerpen", "Anvers")]}, index=["z"])
    >>> written_names(zones, zones.columns).values.tolist()
    [['z', 'Antwerp', False], ['z', 'Antwerpen', True], ['z', 'Anvers', True]]
    """
    rows = [
        (zone_id, name, isinstance(cell, tuple))
        for column in columns
        for zone_id, cell in zones[column].items()
        for name in (cell if isinstance(cell, tuple) else (cell,))
    ]
    return pd.DataFrame(rows, columns=["zone_id", "name", "other"]).astype({"other": bool})


def names_agree(zone_ids: pd.Series, zones: pd.DataFrame, other_names: Iterable[object]) -> np.ndarray:
    """Tell for pairs whether the zone goes by the other's name.

    Parameters
    ----------
    zone_ids : Series of str, shape (pairs,)
    zones : DataFrame, index zone_id
        All zones of one level. All columns like `NAME_COLUMN` are names of the zone, as in `written_names`.
    other_names : iterable, shape (pairs,)
        None agrees with nothing.

    Returns
    -------
    ndarray of bool, shape (pairs,)
        By the folded words. The words of a tuple, and the rough sound, count only where no zone of the level has the name
        as its own; the sound only of a zone's own name, and where a single one of the zone's pairs has it.

    Examples
    --------
    >>> zones = pd.DataFrame({"name": ["Liège", "Aalst"], "names_known": [("Luik", "Aalst"), ()]}, index=["l", "a"])
    >>> names_agree(pd.Series(["l", "l", "a"]), zones, ["Luik", "Aalst", "Aalst"]).tolist()
    [True, False, True]
    """
    names = written_names(zones, [column for column in zones.columns if NAME_COLUMN.fullmatch(str(column))])
    own, more = names[~names["other"]], names[names["other"] & names["zone_id"].isin(zone_ids)]
    others = list(other_names)

    def meets(names: pd.DataFrame, form: Callable[[object], str]) -> np.ndarray:
        known = set(zip(names["zone_id"], names["name"].map(form), strict=True))
        words = map(form, others)
        return np.array([word != "" and (zone_id, word) in known for zone_id, word in zip(zone_ids, words, strict=True)], bool)

    sounds = pd.DataFrame({"zone_id": zone_ids.to_numpy(), "sound": [sounded(name) for name in others]})
    alike = meets(own, sounded) & ~sounds.duplicated(keep=False).to_numpy()
    taken = np.isin([folded(name) for name in others], own["name"].map(folded).unique().astype("str"))
    return meets(own, folded) | ((meets(more, folded) | alike) & ~taken)


def _grades(table: pd.DataFrame) -> np.ndarray:
    mostly = [(table[f"{side}_share"].fillna(table[f"{side}_area_share"]) >= HALF).to_numpy() for side in ("zone", "other")]
    overlaps, inside = ((table["how"] == how).to_numpy() for how in ("overlap", "inside"))
    points = table[inside | ((table["how"] == "near") & ~table["apart"])]
    only = points.groupby("zone_id")["zone_id"].transform("size") == 1
    # The best of several points is the most populous one only where its people are known.
    first = points["people_both"].notna() & (points.groupby("zone_id")["rank"].transform("min") == points["rank"])
    leads = inside & (only | first).reindex(table.index, fill_value=False).to_numpy(bool)
    agrees, at_edge = table["names_agree"].to_numpy(bool), table.index.isin(points.index) & ~inside
    high = (overlaps & mostly[0] & mostly[1]) | (inside & agrees)
    medium = (overlaps & (mostly[0] | mostly[1])) | leads | (at_edge & agrees)
    return np.select([high, medium], ["high", "medium"], "low")


def _counted(table: pd.DataFrame, zones: gpd.GeoDataFrame, cities: gpd.GeoDataFrame, *, step: str, level: str) -> Ledger:
    ledger = Ledger()
    ledger = ledger.add(step, f"no {level} here or near", "feature", len(cities) - table["other_id"].nunique())
    ledger = ledger.add(step, f"{level} without a match", "zone", len(zones) - table["zone_id"].nunique())
    ledger = ledger.add(step, f"{level} with several matches", "zone", int((table.groupby("zone_id").size() > 1).sum()))
    return ledger.add(step, f"shared by several of {level}", "feature", int((table.groupby("other_id").size() > 1).sum()))


def crosswalk_columns(rows: pd.DataFrame, zone_ids: pd.Index) -> pd.DataFrame:
    """Spread the best match of every settlement into columns.

    Parameters
    ----------
    rows : DataFrame
        Of `crosswalk`, of one or several databases under one another.
    zone_ids : Index of str
        All settlements.

    Returns
    -------
    DataFrame, index zone_id
        For every database of `rows`: ``<database>_id, _name, _share`` (of the settlement's people), ``_area_share,
        _distance_km, _grade`` of rank 1, and ``_matches``, the number of all. Missing where there is no match.

    Examples
    --------
    >>> row = {"zone_id": "a", "database": "ghs-ucdb", "other_id": "7", "other_name": "Ai", "zone_share": 0.5, "rank": 1.0}
    >>> rows = pd.DataFrame([row]).reindex(columns=list(COLUMNS))
    >>> crosswalk_columns(rows, pd.Index(["a", "b"]))[["ghs_ucdb_id", "ghs_ucdb_share", "ghs_ucdb_matches"]].values.tolist()
    [['7', 0.5, 1], [None, nan, <NA>]]
    """
    spread: dict[str, pd.Series] = {}
    for database in sorted(rows["database"].unique()):
        these = rows[(rows["database"] == database) & rows["zone_id"].notna()]
        best = these[these["rank"] == 1].set_index("zone_id").reindex(zone_ids)
        start = database.replace("-", "_")
        spread[f"{start}_id"], spread[f"{start}_name"] = as_text(best["other_id"]), as_text(best["other_name"])
        spread[f"{start}_share"], spread[f"{start}_area_share"] = best["zone_share"], best["zone_area_share"]
        spread[f"{start}_distance_km"], spread[f"{start}_grade"] = best["distance_km"], as_text(best["grade"])
        spread[f"{start}_matches"] = these.groupby("zone_id").size().reindex(zone_ids).astype("Int64")
    return pd.DataFrame(spread, index=zone_ids).rename_axis("zone_id")
