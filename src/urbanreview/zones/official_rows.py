"""Rows of an official table and the units that they are about: by code, by name, by sound, or as the user says."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanreview.errors import AmbiguousInput, DuplicateIds, MissingIds, NotANumber, NotInInput, SharesDoNotAddUp
from urbanreview.ledger import Ledger
from urbanreview.zones.spelling import fold_name, fold_text, sound_of
from urbanreview.zones.table import is_rest

STEP = "official"
MATCHED = ("key", "zone_id", "share", "matched_by", "reason")
NO_UNIT = "no unit of this code or name"
AMBIGUOUS = "several units or rows of this code or name"
SHARES_WITHIN = 0.001
"""How far the shares of an official row may be from 1 together: thirds are written as 0.333."""

Rounds = tuple[tuple[str, Callable[[object], str]], ...]


def _as_code(code: object) -> str:
    return code.strip() if isinstance(code, str) else ""


BY_CODE: Rounds = (("code", _as_code),)
BY_NAME: Rounds = (("name", fold_text), ("name", fold_name), ("sound", sound_of))
"""Ways to compare, the strictest first, and what a match is called."""


def match_rows(
    rows: pd.DataFrame,
    units: gpd.GeoDataFrame,
    *,
    by: Literal["code", "name"],
    codes: pd.Series | None = None,
    correspondence: pd.DataFrame | None = None,
    origin: str,
    column: str = "key",
) -> tuple[pd.DataFrame, Ledger]:
    """Find the unit of every row of an official table.

    Parameters
    ----------
    rows : DataFrame
        Column ``key`` (str), the code or the name in the official table: unique, nowhere empty.
    units : GeoDataFrame
        Zones of one level. Territory without a unit, as `uncovered` gives it, has no row.
    by : {"code", "name"}
        What the keys are. Codes are compared as text, to the letter; names as below.
    codes : Series of str, optional
        Code of every unit by ``zone_id``; without it the id of the unit in its own source.
    correspondence : DataFrame of str, optional
        Columns ``official`` (a key), ``unit`` (its code, or its name) and ``share`` (of the row that goes to the unit; empty
        is 1). A row that stands there is mapped by it and not otherwise; a unit that stands there has other rows only if
        they have its code or all words of its name.
    origin, column : str
        The file and the column that the keys stand in, for messages.

    Returns
    -------
    matched : DataFrame
        A line per row, or per line of the correspondence, sorted: ``key``; ``zone_id``, None where there is no unit;
        ``share``, 1 where there is no unit; ``matched_by``: code, name, sound, correspondence or None; ``reason`` of a row
        without a unit, else None.
    ledger : Ledger
        Rows without a unit, by reason, and units without a row.

    Raises
    ------
    MissingIds, DuplicateIds
        If keys are empty or stand twice.
    NotInInput, AmbiguousInput, NotANumber, SharesDoNotAddUp
        If the correspondence names an unknown row or unit, a name of several units, a share that is no number, or shares
        of a row that are not 1 together.

    Notes
    -----
    Names are compared in three rounds, each among what the rounds before left: all words in any script; without words such
    as *city* or *region*; by sound. A pair needs exactly one row and one unit: so ``Almaty city`` finds ``Almaty`` once
    ``Almaty Region`` is taken, and finds nothing while both could be meant.

    Examples
    --------
    >>> from shapely import box
    >>> index = pd.Index(["TOY-adm1-01", "TOY-adm1-02"], name="zone_id")
    >>> units = gpd.GeoDataFrame({"name": ["Шымкент", "Ai"], "level": "adm1", "iso3": "TOY"},
    ...                          index=index, geometry=[box(0, 0, 1, 1), box(1, 0, 2, 1)], crs=4326)  # fmt: skip
    >>> rows = pd.DataFrame({"key": ["Shymkent city", "Old Ai"]})
    >>> renamed = pd.DataFrame({"official": ["Old Ai"], "unit": ["02"], "share": [""]})
    >>> match_rows(rows, units, by="name", correspondence=renamed, origin="a.csv")[0][
    ...     ["key", "zone_id", "matched_by"]
    ... ].values.tolist()
    [['Old Ai', 'TOY-adm1-02', 'correspondence'], ['Shymkent city', 'TOY-adm1-01', 'name']]
    """
    keys = _checked_keys(rows["key"], origin, column)
    known = units[~is_rest(units.index)]
    labels = _codes_of(known, codes)
    mapped = _corresponding(correspondence, keys, known["name"], labels, f"The correspondence of {origin}")
    left = sorted(set(keys) - set(mapped["key"]))
    words, rounds = (labels, BY_CODE) if by == "code" else (known["name"], BY_NAME)
    paired = _paired(left, words, rounds, told=set(mapped["zone_id"]))
    matched = pd.concat([mapped, paired]).sort_values(["key", "zone_id"], ignore_index=True)
    return matched, _ledger(matched, known)


def _checked_keys(keys: pd.Series, origin: str, column: str) -> list[str]:
    empty = (keys.isna() | keys.eq("")).to_numpy()
    if empty.any():
        raise MissingIds(origin, column=column, rows=[int(row) for row in empty.nonzero()[0]])
    if keys.duplicated().any():
        raise DuplicateIds(origin, column=column, ids=sorted(keys[keys.duplicated()].unique()))
    return keys.tolist()


def _codes_of(units: gpd.GeoDataFrame, codes: pd.Series | None) -> pd.Series:
    """Return the code of every unit as text; that of its own source unless others are given."""
    if codes is not None:
        return codes.reindex(units.index)
    heads = units["iso3"].astype("str") + "-" + units["level"].astype("str") + "-"
    return pd.Series([zone_id.removeprefix(head) for zone_id, head in heads.items()], index=units.index, dtype="str")


def _paired(keys: list[str], words: pd.Series, rounds: Rounds, *, told: set[str]) -> pd.DataFrame:
    """Pair rows and units that alone have a word in common, round by round; `told` units by all of it only."""
    found: dict[str, tuple[str, str]] = {}
    unclear: set[str] = set()
    free = dict(words)
    for how, fold in rounds:
        rows_of = _by_word(((key, key) for key in keys if key not in found), fold)
        units_of = _by_word(free.items(), fold)
        for word in rows_of.keys() & units_of.keys():
            if len(rows_of[word]) == len(units_of[word]) == 1:
                found[rows_of[word][0]] = (units_of[word][0], how)
            else:
                unclear |= set(rows_of[word])
        taken = told | {zone_id for zone_id, _ in found.values()}
        free = {zone_id: word for zone_id, word in words.items() if zone_id not in taken}
    lines = [
        (key, *found[key], None) if key in found else (key, None, None, AMBIGUOUS if key in unclear else NO_UNIT)
        for key in keys
    ]
    return _frame(lines)


def _by_word(named: Iterable[tuple[Hashable, object]], fold: Callable[[object], str]) -> dict[str, list[str]]:
    """Return who has each word; an empty one is nobody's."""
    found: dict[str, list[str]] = {}
    for who, name in named:
        if word := fold(name):
            found.setdefault(word, []).append(str(who))
    return found


def _corresponding(
    correspondence: pd.DataFrame | None, keys: list[str], names: pd.Series, codes: pd.Series, origin: str
) -> pd.DataFrame:
    """Return the lines of the user's correspondence with their units."""
    if correspondence is None:
        return _frame([])
    for key in correspondence["official"]:
        if key not in keys:
            raise NotInInput(origin, what="row of the official table for", name=key, found=keys)
    units = [_unit_of(word, names, codes, origin) for word in correspondence["unit"]]
    lines = [(key, zone_id, "correspondence", None) for key, zone_id in zip(correspondence["official"], units, strict=True)]
    return _frame(lines).assign(share=_shares(correspondence, origin))


def _unit_of(word: str, names: pd.Series, codes: pd.Series, origin: str) -> str:
    """Return the unit of a code, or else of a name."""
    for labels, fold in ((codes, _as_code), (names, fold_text), (names, fold_name)):
        found = _by_word(labels.items(), fold).get(fold(word), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousInput(origin, what=f"units called '{word}'", found=found, cure="Give the unit's code.")
    raise NotInInput(origin, what="unit", name=word, found=[*names, *codes])


def _shares(correspondence: pd.DataFrame, origin: str) -> np.ndarray:
    texts = correspondence.reindex(columns=["share"], fill_value="")["share"].str.strip()
    shares = pd.to_numeric(texts.where(texts != "", "1").str.replace(",", "."), errors="coerce")
    odd = shares.isna().to_numpy().nonzero()[0]
    if len(odd):
        raise NotANumber(origin, column="share", found=[f"row {row + 1}: '{texts.iloc[row]}'" for row in odd])
    totals = shares.groupby(correspondence["official"]).agg(["sum", "min", "max"])
    whole = (totals["sum"] - 1).abs().le(SHARES_WITHIN) & totals["min"].ge(0) & totals["max"].le(1)
    if not whole.all():
        raise SharesDoNotAddUp(origin, found={str(key): float(total) for key, total in totals.loc[~whole, "sum"].items()})
    return shares.to_numpy(dtype=float)


def _frame(lines: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=["key", "zone_id", "matched_by", "reason"], dtype=object)
    return frame.assign(share=1.0)[list(MATCHED)]


def _ledger(matched: pd.DataFrame, units: gpd.GeoDataFrame) -> Ledger:
    ledger = Ledger()
    for reason, rows in matched.groupby("reason"):
        ledger = ledger.add(STEP, f"official row: {reason}", "row", len(rows))
    return ledger.add(STEP, "unit without an official row", "unit", (~units.index.isin(matched["zone_id"])).sum())


def fold_rows(rows: pd.DataFrame, matched: pd.DataFrame, column: str) -> pd.DataFrame:
    """Add up the official rows of every unit.

    Parameters
    ----------
    rows : DataFrame
        Columns ``key`` and `column`, a number that adds up.
    matched : DataFrame
        Of `match_rows`.
    column : str
        The number.

    Returns
    -------
    DataFrame, indexed by ``zone_id``, of the units that have a row
        ``official``: the sum of share times number, NaN if a part is NaN; ``official_rows``: the keys joined by ``"; "``;
        ``matched_by``: that of its rows, ``correspondence`` if any is; ``folding``: what was folded or split, in words,
        empty where the unit is one whole row.

    Notes
    -----
    The units and the rows without a unit together are the total of the table.

    Examples
    --------
    >>> rows = pd.DataFrame({"key": ["A", "B"], "people": [100.0, 40.0]})
    >>> lines = [
    ...     ("A", "x", 0.7, "correspondence", None),
    ...     ("A", "y", 0.3, "correspondence", None),
    ...     ("B", "y", 1.0, "name", None),
    ... ]
    >>> fold_rows(rows, pd.DataFrame(lines, columns=MATCHED), "people")[["official", "folding"]].values.tolist()
    [[70.0, '70 % of A'], [70.0, '30 % of A and B folded into one unit']]
    """
    lines = matched[matched["zone_id"].notna()].sort_values(["zone_id", "key"])
    values = lines["share"] * lines["key"].map(rows.set_index("key")[column])
    groups = lines.assign(official=values).groupby("zone_id")
    columns = {
        "official": groups["official"].agg(lambda parts: parts.sum(skipna=False)).astype(float),
        "official_rows": groups["key"].agg("; ".join),
        "matched_by": groups["matched_by"].agg(
            lambda ways: "correspondence" if "correspondence" in set(ways) else ways.iloc[0]
        ),
        "folding": pd.Series({zone_id: _folding(group) for zone_id, group in groups}, dtype=object),
    }
    return pd.DataFrame(columns).rename_axis("zone_id")


def _folding(lines: pd.DataFrame) -> str:
    parts = [
        key if share > 1 - SHARES_WITHIN else f"{100 * share:.3g} % of {key}"
        for key, share in zip(lines["key"], lines["share"], strict=True)
    ]
    if len(parts) == 1:
        return parts[0] if parts[0] != lines["key"].iloc[0] else ""
    return f"{', '.join(parts[:-1])} and {parts[-1]} folded into one unit"
