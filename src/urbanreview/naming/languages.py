"""Names of zones in the country's languages: those that someone tagged with the language, and no others."""

import re
from collections.abc import Iterable

import pandas as pd

from urbanreview.ledger import Ledger

_STEP = "naming"


def name_column(language: str) -> str:
    """Return the column that holds the names in a language.

    >>> name_column("ru"), name_column("kk-Latn")
    ('name_ru', 'name_kk_latn')
    """
    return "name_" + re.sub(r"[^0-9a-z]+", "_", language.lower())


def _by_place(spoken: pd.DataFrame) -> tuple[dict[int, str], set[int]]:
    """Return one name per place, and the places where others were as good."""
    ranked = spoken.assign(entry=spoken.index).sort_values(
        ["geonameid", "preferred", "short", "entry"], ascending=[True, False, True, True], kind="stable"
    )
    first = ranked.drop_duplicates("geonameid").set_index("geonameid")
    best = first.loc[ranked["geonameid"], ["preferred", "short"]].to_numpy()
    as_good = ranked[(ranked[["preferred", "short"]].to_numpy() == best).all(axis=1)]
    several = as_good.groupby("geonameid")["name"].nunique()
    names = dict(zip(first.index.tolist(), first["name"].tolist(), strict=True))
    return names, set(several.index[several > 1].tolist())


def _counted(language: str, *, names: pd.Series, places: pd.Series, several: set[int], spoken: bool) -> Ledger:
    without = int(names.isna().sum())
    cause = f"no name in '{language}'" if spoken else f"no name in '{language}': no place here has one in this language"
    ledger = Ledger().add(_STEP, cause, "zone", without)
    for zone_id in sorted(str(zone_id) for zone_id, place in places.items() if place in several):
        ledger = ledger.add(_STEP, f"one of several names in '{language}'", "zone", 1, zone_id)
    return ledger


def names_in(languages: Iterable[str], names: pd.DataFrame, geonameids: pd.Series) -> tuple[pd.DataFrame, Ledger]:
    """Give zones the names that their places have in some languages.

    Parameters
    ----------
    languages : iterable of str
        Codes such as ``kk``, ``ru``, ``kk-Latn``; upper and lower case are the same.
    names : DataFrame
        As from `open_alternate_names`: ``geonameid``, ``language``, ``name``, ``preferred``, ``short``; the index says
        which entry is older.
    geonameids : Series of Int64, index zone_id
        The place that each zone is named after, as in the column ``geonameid`` of `name_zones`; NA: none.

    Returns
    -------
    names : DataFrame, index as geonameids
        A column per language, as `name_column` calls it. None: the place has no name in this language, or there is no
        place.
    ledger : Ledger
        Zones without a name per language, and each zone whose name is one of several that are as good.

    Notes
    -----
    Of several names of a place in one language it is the preferred one; then one that is not marked as short; then the
    one that was entered first. Nothing is transliterated or taken from another language.

    Examples
    --------
    >>> names = pd.DataFrame(
    ...     [(1, "ru", "Астана", True, False), (1, "ru", "Целиноград", False, False), (1, "kk", "Астана", False, False)],
    ...     columns=["geonameid", "language", "name", "preferred", "short"],
    ... )
    >>> zones = pd.Series([1, pd.NA], index=["a", "b"], dtype="Int64")
    >>> table, ledger = names_in(["ru", "kk-Latn"], names, zones)
    >>> table.loc["a"].to_dict()
    {'name_ru': 'Астана', 'name_kk_latn': None}
    >>> ledger.amount("no name in 'ru'")
    1.0
    """
    codes = names["language"].astype(object).map(lambda code: str(code).lower())
    places = pd.Series([None if pd.isna(place) else int(place) for place in geonameids], geonameids.index, dtype=object)
    columns: dict[str, pd.Series] = {}
    ledger = Ledger()
    for language in languages:
        if name_column(language) in columns:
            continue
        spoken = names[(codes == language.lower()).to_numpy()]
        by_place, several = _by_place(spoken)
        given = pd.Series([by_place.get(place) for place in places], places.index, dtype=object)
        columns[name_column(language)] = given
        ledger += _counted(language, names=given, places=places, several=several, spoken=len(spoken) > 0)
    return pd.DataFrame(columns, index=geonameids.index, dtype=object), ledger
