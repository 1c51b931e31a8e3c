"""Give every zone a name, and say where it comes from."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from anyascii import anyascii

from urbanreview.errors import DuplicateIds, MissingCrs, NotInInput
from urbanreview.grid import to_crs
from urbanreview.ledger import Entry, Ledger
from urbanreview.naming.find import find_places
from urbanreview.naming.gazetteer import country_name
from urbanreview.naming.scripts import alternate_in_script
from urbanreview.naming.unique import known_units, unique_names

NEAREST_WITHIN_KM = 10.0
"""How far outside a zone its place may lie, unless the caller says otherwise [km]."""

COLUMNS = (
    "name",
    "name_ascii",
    "name_alternate",
    "name_found",
    "name_distance_km",
    "geonameid",
    "city",
    "first_level",
    "country",
)
ZONE_COLUMNS = ("level", "iso3", "people")
PLACE_COLUMNS = ("name", "alternates", "longitude", "latitude", "people", "iso3", "country")


def _require(table: pd.DataFrame, what: str, columns: Iterable[str]) -> None:
    for column in columns:
        if column not in table:
            raise NotInInput(what, what="column", name=column, found=list(table.columns))


def _refuse_duplicates(index: pd.Index, what: str) -> None:
    if not index.is_unique:
        raise DuplicateIds(what, column="zone_id", ids=sorted(index[index.duplicated()].unique()))


def _check(zones: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    _require(zones, "the table of zones", ZONE_COLUMNS)
    _require(places, "the gazetteer", PLACE_COLUMNS)
    _refuse_duplicates(zones.index, "the table of zones")
    if zones.crs is None:
        raise MissingCrs("the table of zones")


def _chosen_names(chosen: pd.Series | None, zone_ids: pd.Index) -> tuple[pd.Series, Ledger]:
    """Return the user's names of zones that exist, and count the others."""
    if chosen is None:
        return pd.Series(index=zone_ids[:0], dtype=object), Ledger()
    _refuse_duplicates(chosen.index, "the chosen names")
    given = chosen.astype(object).map(lambda name: name.strip() if isinstance(name, str) else "")
    given = given[given != ""]
    strangers = given.index.difference(zone_ids)
    return given[given.index.isin(zone_ids)], _count("chosen name of an unknown zone", strangers)


def _count(cause: str, zone_ids: Iterable[object]) -> Ledger:
    return Ledger(tuple(Entry("naming", cause, "zone", 1.0, zone_id) for zone_id in sorted(map(str, zone_ids))))


def _users_names(chosen: pd.Series, heirs: pd.Series) -> pd.Series:
    """Add to the chosen names those that centres take over from a chosen cluster."""
    inherited = heirs[heirs.isin(chosen.index) & ~heirs.index.isin(chosen.index)]
    return pd.concat([chosen, inherited.map(chosen)])


def _goes_by(name: str, place: Mapping[Hashable, Any]) -> bool:
    return anyascii(name).casefold() in {anyascii(one).casefold() for one in (place["name"], *place["alternates"])}


def _describe(zone_id: str, iso3: object, place: Mapping[Hashable, Any] | None, user: str | None) -> dict[str, object]:
    """Return what the place and the user say about one zone, before namesakes are told apart."""
    if place is None:
        return {"name": user or zone_id, "name_alternate": None, "city": user, "country": country_name(iso3)}
    name = user or place["name"]
    fits = user is None or _goes_by(user, place)
    alternate = alternate_in_script(name, place["alternates"], place["iso3"]) if fits else None
    return {"name": name, "name_alternate": alternate, "city": place["name"], "country": place["country"]}


def _described(zones: gpd.GeoDataFrame, found: pd.DataFrame, places: pd.DataFrame, users: pd.Series) -> pd.DataFrame:
    """Return the findings with a name, city and country each, and the user's names set over them."""
    used = places.loc[found["geonameid"].dropna().unique()].to_dict("index")
    by_user = users.to_dict()
    rows = [
        _describe(str(zone_id), iso3, used.get(key), by_user.get(zone_id))
        for zone_id, iso3, key in zip(zones.index, zones["iso3"], found["geonameid"], strict=True)
    ]
    texts = pd.DataFrame(rows, index=zones.index, columns=["name", "name_alternate", "city", "country"], dtype=object)
    is_users = zones.index.isin(users.index)
    return found.assign(
        name_found=found["name_found"].mask(is_users, "user"),
        name_distance_km=found["name_distance_km"].mask(is_users),
        **texts,
    )


def name_zones(
    zones: gpd.GeoDataFrame,
    *,
    places: pd.DataFrame,
    nearest_within_km: float = NEAREST_WITHIN_KM,
    districts: pd.Series | None = None,
    first_level: pd.Series | None = None,
    chosen: pd.Series | None = None,
) -> tuple[pd.DataFrame, Ledger]:
    """Name every zone after a place, uniquely within its level.

    Parameters
    ----------
    zones : GeoDataFrame, index zone_id
        Polygons with a CRS; columns ``level``, ``iso3``, ``people`` [person] and, for centres, ``parent_id`` (the
        cluster, missing allowed). Any level can be named; only ``urban_centre`` inherits.
    places : DataFrame, index geonameid
        The gazetteer, as from `load_places`.
    nearest_within_km : float
        How far outside a zone the place may lie that it is named after, on the ground.
    districts, first_level : Series, index zone_id, optional
        Names of the district and the first-level unit that a zone lies in; they tell namesakes apart.
    chosen : Series, index zone_id, optional
        The user's names; they win. Blank and missing ones are as if not there.

    Returns
    -------
    names : DataFrame, index as zones
        ``name``, unique per level; ``name_ascii``, the same in ASCII; ``name_alternate``, the place's name in the
        script of its country (None: no such name, or the place does not go by the user's name); ``name_found``
        (user, inside, nearest, cluster, none); ``name_distance_km`` from the zone to the place (0 inside; NaN for
        user and none); ``geonameid`` (Int64, NA without a place); ``city``, the place's own name (else the user's,
        else None); ``first_level`` as given (None unknown); ``country``, the place's, else the zone's.
    ledger : Ledger
        One entry per zone of cause *named by the nearest place*, *unnamed settlement*, *chosen name of an unknown
        zone*, *chosen name borne by two zones* (which then had to be qualified).

    Raises
    ------
    NotInInput
        If a column is missing.
    MissingCrs
        If the zones have none.
    DuplicateIds
        If a zone_id appears twice, among the zones or the chosen names.

    Notes
    -----
    The first of these that applies:

    1. The user's name. A centre that would bear the own name of a cluster (rule 3, or because it holds the
       cluster's place) bears the user's name of that cluster, too, unless it has one itself.
    2. The most populous place inside, whatever its country; of equally populous ones that with the lowest id; one
       of unknown population only where no other is.
    3. For a centre: the place of its cluster, if no centre of that cluster holds that place, and this is the most
       populous of them.
    4. The nearest place within `nearest_within_km` that neither lies in, nor by rule 3 names, a zone of the level.
    5. Its zone_id.

    Namesakes of one level are told apart by `unique_names`; the user's names stay as they are.

    Examples
    --------
    A box with two places, and one with a place 11 km to its north:

    >>> from shapely.geometry import box
    >>> zones = gpd.GeoDataFrame(
    ...     {"level": "urban_cluster", "iso3": "PRT", "people": [900.0, 300.0]},
    ...     geometry=[box(0, 0, 1, 1), box(5, 0, 6, 1)],
    ...     index=["a", "b"],
    ...     crs=4326,
    ... )
    >>> places = pd.DataFrame(
    ...     {
    ...         "name": ["Alto", "Vale", "Foz"],
    ...         "alternates": [(), (), ()],
    ...         "longitude": [0.2, 0.7, 5.5],
    ...         "latitude": [0.5, 0.5, 1.1],
    ...         "people": [10.0, 20.0, 5.0],
    ...         "iso3": "PRT",
    ...         "country": "Portugal",
    ...     },
    ...     index=[1, 2, 3],
    ... )
    >>> names, ledger = name_zones(zones, places=places, nearest_within_km=12)
    >>> names[["name", "name_found", "name_distance_km"]].round(1).values.tolist()
    [['Vale', 'inside', 0.0], ['Foz', 'nearest', 11.1]]
    >>> ledger.amount("named by the nearest place")
    1.0
    """
    _check(zones, places)
    shapes = to_crs(zones.geometry, 4326)
    table = zones.set_geometry(shapes)
    given, ledger = _chosen_names(chosen, zones.index)
    found, heirs = find_places(table, places, nearest_within_km=nearest_within_km, chosen=given.index)
    users = _users_names(given, heirs)
    answer = _described(table, found, places, users)
    fixed = pd.Series(zones.index.isin(users.index), index=zones.index)
    answer["name"] = unique_names(
        answer["name"], zones["level"], zones["people"], districts=districts, first_level=first_level, fixed=fixed
    )
    answer["name_ascii"] = answer["name"].map(anyascii).astype(object)
    answer["first_level"] = known_units(first_level, zones.index).replace({"": None})
    altered = users.index[answer.loc[users.index, "name"] != users]
    return answer[list(COLUMNS)], ledger + _counts(answer["name_found"], altered)


def _counts(name_found: pd.Series, altered: pd.Index) -> Ledger:
    return (
        _count("named by the nearest place", name_found.index[name_found == "nearest"])
        + _count("unnamed settlement", name_found.index[name_found == "none"])
        + _count("chosen name borne by two zones", altered)
    )
