"""An official list of cities against the settlements found: found, merged, missed, unlisted."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.errors import DuplicateIds, NotInInput
from urbanreview.grid import to_crs
from urbanreview.ledger import Ledger
from urbanreview.naming.spatial import places_inside
from urbanreview.zones.crosswalk import folded, sounded, written_names
from urbanreview.zones.distance import distance_km

CITY_COLUMNS = ("name", "status", "flags", "people", "longitude", "latitude")
ZONE_COLUMNS = ("name", "level", "parent_id", "people")
NAME_COLUMNS = ("name", "name_ascii", "name_alternate", "city", "names_known")
"""Columns of a settlement that hold a name of it, the last one tuples of other names; only the first must be there."""
COLUMNS = (
    "code",
    "name",
    "status",
    "flags",
    "listed_people",
    "longitude",
    "latitude",
    "outcome",
    "level",
    "zone_id",
    "settlement_name",
    "settlement_people",
    "matched_by",
    "distance_km",
    "merged_with",
    "reason",
)
NUMBERS = ("listed_people", "longitude", "latitude", "settlement_people", "distance_km")
GROUP_COLUMNS = (
    "by", "group", "listed", "found", "merged", "missed", "listed_people", "settlements", "settlement_people",
)  # fmt: skip
OUTCOMES = ("found", "merged", "missed", "unlisted")
NOT_STATED = "not stated"
CENTRE = "urban_centre"
IN_A_CENTRE, NAMED_CENTRE_OF_ITS_CLUSTER, IN_A_CLUSTER, NAMED_NEARBY = range(4)
"""Ways to a settlement, the surest first."""
OWN_NAME, OTHER_NAME, SOUND = range(3)
"""Ways in which names agree, the surest first."""


def match_city_list(
    cities: pd.DataFrame, settlements: gpd.GeoDataFrame, *, within_km: float, name_columns: Sequence[str] = NAME_COLUMNS
) -> tuple[pd.DataFrame, Ledger]:
    """Tell which listed cities are settlements, which share one, which are none, and which settlements are unlisted.

    Parameters
    ----------
    cities : DataFrame, index code (unique str)
        Columns ``name``, ``status`` (str or missing), ``flags`` (``"capital; port"`` or missing), ``people`` [person],
        ``longitude``, ``latitude`` [degrees]; numbers are NaN where the list has none.
    settlements : GeoDataFrame, index zone_id
        Clusters and centres under one another, with a CRS: columns ``name``, ``level``, ``parent_id`` (a centre's
        cluster), ``people`` [person] and whatever there is of `name_columns`.
    within_km : float
        How far outside a settlement of its name a city may lie.
    name_columns : sequence of str
        Columns with names of a settlement, or tuples of its other names; add those of languages here.

    Returns
    -------
    table : DataFrame
        `COLUMNS`, one row per listed city and per unlisted settlement, by outcome in the order of `OUTCOMES`, then
        by people (those of the list; of an unlisted settlement its own), then by code or zone_id. ``distance_km`` is
        0 inside, NaN without a position or a settlement. ``reason`` of a missed city is empty unless several
        settlements could be meant: `urbanreview.delineation.why_missed` looks for it on the ground. Texts that do not
        apply are None.
    ledger : Ledger
        Cities of each outcome, unlisted settlements, cities without a position, names that could mean several
        settlements.

    Raises
    ------
    NotInInput
        If a column is missing.
    DuplicateIds
        If a code or a zone_id stands twice.

    Notes
    -----
    The settlement of a city is the first of these:

    1. the centre that holds its point, whatever its name;
    2. of the cluster that holds its point, the centre of the city's name within `within_km`, else the cluster;
    3. the nearest settlement within `within_km` that has its name;
    4. without a position, the only settlement that has its name.

    Names agree by `fold_name`; where no settlement in question has that name of its own, by another name of it; where
    none has that, by `sound_of`, if a single one sounds so. Another name, or the sound, counts only if no settlement
    of the level has the city's name of its own. A cluster gives way to its own centres of that name. A point on an
    edge is inside.

    Of several cities with one settlement, one stands for it and is *found*: of those that have its name, else of all,
    the most populous on the list, then the lowest code. The others are *merged*. In a cluster with centres, the city
    of its most populous centre that has one stands for the cluster, too: all beside the centres are merged with it.
    An *unlisted* settlement is a centre that no city stands for, or a cluster without a centre that none stands for.

    Examples
    --------
    A town, a suburb within it, and a village north of it:

    >>> cities = pd.DataFrame(
    ...     {
    ...         "name": ["Алтай", "Sad", "Far"],
    ...         "status": "city",
    ...         "flags": ["capital", None, None],
    ...         "people": [50.0, 70.0, 1.0],
    ...         "longitude": [70.1, 70.2, 70.1],
    ...         "latitude": [50.1, 50.2, 52.0],
    ...     },
    ...     index=["03", "01", "02"],
    ... )
    >>> town = {"name": ["Altay"], "level": "urban_cluster", "parent_id": None, "people": 130.0}
    >>> zones = gpd.GeoDataFrame(town, geometry=[shapely.box(70, 50, 71, 51)], index=["z"], crs=4326)
    >>> table, ledger = match_city_list(cities, zones, within_km=10)
    >>> table[["code", "outcome", "zone_id", "matched_by", "merged_with"]].values.tolist()[:2]
    [['03', 'found', 'z', 'position and name', None], ['01', 'merged', 'z', 'position', 'Алтай']]
    >>> table.loc[2, ["code", "outcome"]].tolist(), ledger.amount("listed city missed")
    (['02', 'missed'], 1.0)
    """
    cities, zones = _tidy_cities(cities), _tidy_settlements(settlements)
    named = _named_pairs(cities, zones, within_km, name_columns)
    meant, doubtful = _meant(named, zones)
    chosen = _choose(places_inside(zones.geometry, cities[cities["located"]]), named, meant, zones)
    doubtful = doubtful[~doubtful.index.isin(chosen.index)]
    listed = _listed_rows(cities, zones, chosen, doubtful)
    table = _in_order(pd.concat([listed, _unlisted_rows(zones, chosen["zone_id"])], ignore_index=True))
    return table, _ledger(table, without_position=int((~cities["located"]).sum()), doubtful=len(doubtful))


def _require(table: pd.DataFrame, what: str, columns: tuple[str, ...], key: str) -> None:
    for column in columns:
        if column not in table:
            raise NotInInput(what, what="column", name=column, found=list(table.columns))
    if not table.index.is_unique:
        raise DuplicateIds(what, column=key, ids=sorted(table.index[table.index.duplicated()].unique()))


def _text(values: pd.Series) -> pd.Series:
    """Return texts without blanks at their ends; None for what is empty or no text."""
    stripped = [value.strip() if isinstance(value, str) else "" for value in values]
    return pd.Series([value or None for value in stripped], index=values.index, dtype=object)


def flags_of(text: object) -> list[str]:
    """Return the flags of a city, each once.

    >>> flags_of("port;capital ; port"), flags_of(None)
    (['port', 'capital'], [])
    """
    if not isinstance(text, str):
        return []
    return list(dict.fromkeys(flag.strip() for flag in text.split(";") if flag.strip()))


def _tidy_cities(cities: pd.DataFrame) -> pd.DataFrame:
    """Return the list by code, its columns in their types, with ``located``."""
    _require(cities, "the city list", CITY_COLUMNS, "code")
    texts = {column: _text(cities[column]) for column in CITY_COLUMNS[:3]}
    texts["flags"] = _text(texts["flags"].map(lambda text: "; ".join(flags_of(text))))
    numbers = {column: cities[column].astype(float) for column in CITY_COLUMNS[3:]}
    table = pd.DataFrame(texts | numbers).rename_axis("code").sort_index()
    return table.assign(located=np.isfinite(table["longitude"]) & np.isfinite(table["latitude"]))


def _tidy_settlements(settlements: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return settlements by id in degrees, ``parent_id`` being None where there is none."""
    _require(settlements, "the settlements", ZONE_COLUMNS, "zone_id")
    table = settlements.set_geometry(to_crs(settlements.geometry, 4326)).rename_axis("zone_id").sort_index()
    return table.assign(parent_id=_text(table["parent_id"]), people=table["people"].astype(float))


def _named_pairs(cities: pd.DataFrame, zones: gpd.GeoDataFrame, within_km: float, name_columns: Sequence[str]) -> pd.DataFrame:
    """Pair cities with settlements of their name that are near enough, or anywhere for a city without a position.

    Columns ``code, zone_id, agree`` (`OWN_NAME`, `OTHER_NAME` or `SOUND`), ``distance_km``.
    """
    names = written_names(zones, [column for column in name_columns if column in zones])
    own, others = names[~names["other"]], names[names["other"]]
    found = []
    for agree, written, form in ((OWN_NAME, own, folded), (OTHER_NAME, others, folded), (SOUND, own, sounded)):
        theirs = written[["zone_id"]].assign(form=written["name"].map(form).astype(object))
        ours = cities["name"].map(form).astype(object).rename("form").reset_index()
        both = ours[ours["form"] != ""].merge(theirs, on="form")
        found.append(both[["code", "zone_id"]].assign(agree=agree))
    pairs = pd.concat(found).drop_duplicates(["code", "zone_id"], ignore_index=True)
    pairs = pairs[(pairs["agree"] == OWN_NAME) | ~_taken(pairs, zones["level"])].reset_index(drop=True)
    pairs["distance_km"] = _pair_distance_km(pairs, cities, zones.geometry)
    return pairs[~(pairs["distance_km"] > within_km)]


def _taken(pairs: pd.DataFrame, level: pd.Series) -> np.ndarray:
    """Tell of which pairs another settlement of the level has the city's name of its own."""
    levels = pairs["zone_id"].map(level)
    own = pairs["agree"] == OWN_NAME
    taken = set(zip(pairs.loc[own, "code"], levels[own], strict=True))
    return np.array([pair in taken for pair in zip(pairs["code"], levels, strict=True)], bool)


def _pair_distance_km(pairs: pd.DataFrame, cities: pd.DataFrame, shapes: gpd.GeoSeries) -> np.ndarray:
    """Distance of each pair on the ground; NaN where the city has no position."""
    at = cities.loc[pairs["code"], ["longitude", "latitude", "located"]]
    pair = np.flatnonzero(at["located"].to_numpy(bool))
    parts, owner = shapely.get_parts(shapes.loc[pairs["zone_id"].iloc[pair]].to_numpy(), return_index=True)
    longitude, latitude = at[["longitude", "latitude"]].to_numpy(float)[pair[owner]].T
    nearest_km = np.full(len(pairs), np.inf)
    np.minimum.at(nearest_km, pair[owner], distance_km(parts, longitude, latitude))
    return np.where(at["located"], nearest_km, np.nan)


def _among(pairs: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Tell which pairs of a code and a zone_id are among others."""
    known = set(zip(others["code"], others["zone_id"], strict=True))
    return np.array([pair in known for pair in zip(pairs["code"], pairs["zone_id"], strict=True)], bool)


def _with_parents(pairs: pd.DataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put the cluster in the place of each centre, and nothing in that of each cluster."""
    return pairs.assign(zone_id=pairs["zone_id"].map(zones["parent_id"]))


def _meant(named: pd.DataFrame, zones: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Keep the pairs that a name can mean; and count, by code, the settlements where it could mean several."""
    pairs = named[~_among(named, _with_parents(named, zones))]
    pairs = pairs[pairs["agree"] == pairs.groupby("code")["agree"].transform("min")]
    alone = pairs.groupby("code")["code"].transform("size") == 1
    certain = alone | ((pairs["agree"] != SOUND) & pairs["distance_km"].notna())
    return pairs[certain], pairs[~certain].groupby("code").size()


def _choose(inside: pd.DataFrame, named: pd.DataFrame, meant: pd.DataFrame, zones: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the settlement of each city that has one: index code; ``zone_id, way, agrees, distance_km``."""
    inside = inside.rename(columns={"geonameid": "code"})
    in_centre = (inside["zone_id"].map(zones["level"]) == CENTRE).to_numpy(bool)
    ways = np.where(in_centre, IN_A_CENTRE, IN_A_CLUSTER)
    inside = inside.assign(way=ways, agrees=_among(inside, named), distance_km=0.0)
    ways = np.where(_among(_with_parents(meant, zones), inside), NAMED_CENTRE_OF_ITS_CLUSTER, NAMED_NEARBY)
    meant = meant.assign(way=ways, agrees=True)
    columns = ["code", "zone_id", "way", "agrees", "distance_km"]
    pairs = pd.concat([inside[columns], meant[columns]], ignore_index=True)
    pairs["people"] = pairs["zone_id"].map(zones["people"])
    best = ["code", "way", "agrees", "distance_km", "people", "zone_id"]
    pairs = pairs.sort_values(best, ascending=[True, True, False, True, False, True])
    return pairs.drop_duplicates("code").set_index("code")[columns[1:]]


def _first_of_each(chosen: pd.DataFrame, cities: pd.DataFrame, zones: gpd.GeoDataFrame) -> pd.Series:
    """Return the city that stands for each settlement: code by zone_id; for a cluster that of its largest centre."""
    order = chosen.assign(people=cities["people"].reindex(chosen.index)).reset_index()
    order = order.sort_values(["agrees", "people", "code"], ascending=[False, False, True], na_position="last")
    first = order.drop_duplicates("zone_id").set_index("zone_id")["code"]
    centres = zones[zones["parent_id"].notna() & zones.index.isin(first.index)]
    largest = centres.sort_values("people", ascending=False, kind="stable").reset_index().drop_duplicates("parent_id")
    return largest.set_index("parent_id")["zone_id"].map(first).combine_first(first)


def _listed_rows(cities: pd.DataFrame, zones: gpd.GeoDataFrame, chosen: pd.DataFrame, doubtful: pd.Series) -> pd.DataFrame:
    table = cities.rename(columns={"people": "listed_people"}).join(chosen).reset_index()
    first = table["zone_id"].map(_first_of_each(chosen, cities, zones))
    matched, merged = table["zone_id"].notna(), first.notna() & (first != table["code"])
    inside = table["way"].isin([IN_A_CENTRE, IN_A_CLUSTER])
    how = [inside & ~table["agrees"].eq(True), matched & table["located"], matched]
    names = cities["name"].fillna(pd.Series(cities.index, index=cities.index))
    table = table.assign(
        outcome=np.select([merged, matched], ["merged", "found"], default="missed"),
        level=table["zone_id"].map(zones["level"]),
        settlement_name=table["zone_id"].map(zones["name"]),
        settlement_people=table["zone_id"].map(zones["people"]),
        matched_by=np.select(how, ["position", "position and name", "name"], default=""),
        merged_with=first.where(merged).map(names),
    )
    where = np.select([inside, table["located"]], ["within", "near"], default="of the same name as")
    merged_reason = where.astype(object) + " the settlement " + table["settlement_name"].astype(object)
    counts = table["code"].map(doubtful).astype(float)
    missed_reason = [f"{count:.0f} settlements could be meant by this name" if count > 0 else "" for count in counts]
    reason = np.select([merged, matched], [merged_reason, None], default=np.array(missed_reason, object))
    return table.assign(matched_by=_text(table["matched_by"]), reason=reason).reindex(columns=COLUMNS)


def _unlisted_rows(zones: gpd.GeoDataFrame, listed: pd.Series) -> pd.DataFrame:
    open_zones = (zones["level"] == CENTRE) | ~zones.index.isin(zones["parent_id"].dropna())
    unlisted = zones[open_zones & ~zones.index.isin(listed)]
    table = unlisted[["level", "name", "people"]].rename(columns={"name": "settlement_name", "people": "settlement_people"})
    return pd.DataFrame(table).assign(outcome="unlisted").reset_index().reindex(columns=COLUMNS)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Sort the rows; texts that do not apply are None."""
    key = pd.DataFrame(
        {
            "outcome": table["outcome"].map(OUTCOMES.index),
            "people": table["listed_people"].where(table["outcome"] != "unlisted", table["settlement_people"]),
            "id": table["code"].where(table["code"].notna(), table["zone_id"]),
        }
    )
    order = key.sort_values(["outcome", "people", "id"], ascending=[True, False, True], na_position="last").index
    table = table.loc[order].reset_index(drop=True)
    texts = table[[column for column in COLUMNS if column not in NUMBERS]].astype(object)
    return table.astype(dict.fromkeys(NUMBERS, float)).assign(**texts.where(texts.notna(), None))


def _ledger(table: pd.DataFrame, *, without_position: int, doubtful: int) -> Ledger:
    ledger, step = Ledger(), "city list"
    counts = table["outcome"].value_counts()
    for outcome in OUTCOMES[:-1]:
        ledger = ledger.add(step, f"listed city {outcome}", "city", counts.get(outcome, 0))
    ledger = ledger.add(step, "settlement without a listed city", "zone", counts.get("unlisted", 0))
    ledger = ledger.add(step, "listed city without a position", "city", without_position)
    return ledger.add(step, "listed city whose name could mean several settlements", "city", doubtful)


def with_reasons(table: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    """Fill in why cities were missed, where names did not tell.

    Parameters
    ----------
    table : DataFrame
        Of `match_city_list`.
    reasons : Series of str, index code
        Of `urbanreview.delineation.why_missed`.

    Examples
    --------
    >>> table = pd.DataFrame({"code": ["1", "2"], "outcome": ["found", "missed"], "reason": [None, ""]})
    >>> with_reasons(table, pd.Series({"1": "-", "2": "too small"}))["reason"].tolist()
    [None, 'too small']
    """
    known = _text(table["reason"])
    filled = known.where(known.notna() | (table["outcome"] != "missed"), table["code"].map(reasons))
    return table.assign(reason=filled.where(filled.notna(), None).astype(object))


def _memberships(table: pd.DataFrame) -> pd.DataFrame:
    """List the groups of every listed city: columns ``by, group`` beside those of the table."""
    listed = table[table["outcome"] != "unlisted"]
    parts = []
    if listed["status"].notna().any():
        parts.append(listed.assign(by="status", group=listed["status"].fillna(NOT_STATED)))
    flags = pd.Series([flags_of(text) for text in listed["flags"]], index=listed.index, dtype=object)
    flagged = listed.assign(by="flag", group=flags).explode("group")
    return pd.concat([*parts, flagged[flagged["group"].notna()]])


def _people_once(met: pd.DataFrame, parents: pd.Series | None) -> float:
    """Add up the people of settlements, those of a centre only if its cluster is not among them."""
    if parents is not None:
        met = met[~met["zone_id"].map(parents).isin(met["zone_id"])]
    return float(met["settlement_people"].sum())


def city_groups(table: pd.DataFrame, *, parents: pd.Series | None = None) -> pd.DataFrame:
    """Count the cities of a list by their status and by each of their flags.

    Parameters
    ----------
    table : DataFrame
        Of `match_city_list`.
    parents : Series, index zone_id, optional
        The cluster of each centre: people of a centre are then not added to those of its own cluster.

    Returns
    -------
    DataFrame
        Columns ``by`` (status, flag), ``group``, ``listed``, ``found``, ``merged``, ``missed`` (cities),
        ``listed_people`` (sum of what the list knows; NaN if nothing), ``settlements`` and ``settlement_people`` of
        the found and merged cities, each settlement once. A city with several flags counts in each, one without
        status under *not stated*; what no city has makes no rows.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "status": ["city", None],
    ...         "flags": ["capital; port", None],
    ...         "outcome": ["found", "merged"],
    ...         "listed_people": [90.0, np.nan],
    ...         "zone_id": ["z", "z"],
    ...         "settlement_people": [120.0, 120.0],
    ...     }
    ... )
    >>> city_groups(table)[["by", "group", "listed", "found", "merged"]].values.tolist()
    [['status', 'city', 1, 1, 0], ['status', 'not stated', 1, 0, 1], ['flag', 'capital', 1, 1, 0], ['flag', 'port', 1, 1, 0]]
    """
    rows = []
    for (by, group), part in _memberships(table).groupby(["by", "group"]):
        met = part[part["zone_id"].notna()].drop_duplicates("zone_id")
        row = {"by": by, "group": group, "listed": len(part)}
        row |= {outcome: int((part["outcome"] == outcome).sum()) for outcome in OUTCOMES[:-1]}
        row |= {"listed_people": part["listed_people"].sum(min_count=1), "settlements": len(met)}
        rows.append(row | {"settlement_people": _people_once(met, parents)})
    rows.sort(key=lambda row: (row["by"] != "status", row["group"] == NOT_STATED, row["group"]))
    return pd.DataFrame(rows, columns=list(GROUP_COLUMNS))


def listed_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Return what the list says of each settlement, as columns to join to a table of settlements.

    Parameters
    ----------
    table : DataFrame
        Of `match_city_list`.

    Returns
    -------
    DataFrame, index zone_id
        ``listed_code``, ``listed_name``, ``listed_status``, ``listed_flags``, ``listed_people`` of the city that stands
        for the settlement; ``listed_outcome`` (found, unlisted); ``listed_merged``, the cities merged into it (Int64).
        Unlisted settlements have their outcome only. Of clusters that are known by their centres only those have a row,
        with ``listed_merged`` alone, that hold cities beside the centres.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     [["3", "Ai", "found", "z"], ["4", "Bo", "merged", "z"], [None, None, "unlisted", "y"]],
    ...     columns=["code", "name", "outcome", "zone_id"],
    ... ).assign(status=None, flags=None, listed_people=np.nan)
    >>> listed_columns(table)[["listed_name", "listed_outcome", "listed_merged"]]
            listed_name listed_outcome  listed_merged
    zone_id
    y               NaN       unlisted           <NA>
    z                Ai          found              1
    """
    merged = table.loc[table["outcome"] == "merged", "zone_id"].value_counts()
    heads = table[table["outcome"].isin(["found", "unlisted"])].set_index("zone_id")
    answer = heads[["code", "name", "status", "flags", "listed_people", "outcome"]]
    answer = answer.reindex(heads.index.union(merged.index).rename("zone_id"))
    answer = answer.rename(columns=lambda column: f"listed_{column.removeprefix('listed_')}")
    counts = merged.reindex(answer.index).fillna(0).where(answer["listed_outcome"] != "unlisted")
    return answer.assign(listed_merged=counts.astype("Int64"))
