"""Official numbers beside ours: the gap of every unit, and what probably makes it."""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from urbanreview.errors import NotInInput

COLUMNS = ("official", "ours", "gap", "gap_share", "official_rows", "matched_by", "reason")
"""What every unit has, beside its ``zone_id``."""
EXPLAINED_BELOW = 0.01
"""Gaps below this share of the official number need no reason: grids and outlines are not finer."""
PLAUSIBLE_GROWTH = 0.04
"""Growth a year that people can plausibly have, either way: a little more than natural growth reaches in any country."""
AS_THE_COUNTRY = 0.02
"""How near the gap of a unit is to that of the whole country if one cause makes both."""
FEW_CELLS = 30.0
"""Units of fewer cells of the population grid are too small for it: their edge is a large part of them."""
TOUCHING_DEGREES = 1e-6
"""How far apart outlines of neighbours may be [degrees]."""


def official_gaps(
    official: pd.DataFrame,
    ours: pd.Series,
    units: gpd.GeoDataFrame,
    *,
    year_official: int | None,
    year_ours: int | None,
    definition: str,
    division_official: int | None,
    division_ours: int | None,
    country: tuple[float, float] | None,
    cells: pd.Series | None = None,
) -> pd.DataFrame:
    """Set official numbers of units beside ours and say what probably makes the gap.

    Parameters
    ----------
    official : DataFrame, indexed by ``zone_id``
        Of `zones.fold_rows`: ``official``, ``official_rows``, ``matched_by`` and ``folding``, the last if it is there.
    ours : Series of float, indexed by ``zone_id``
        The same quantity of ours.
    units : GeoDataFrame, EPSG:4326
        Zones of one level, with ``name``.
    year_official, year_ours : int, optional
        Years of the numbers.
    definition : str
        Who is counted, in the office's words; may be empty.
    division_official, division_ours : int, optional
        Years of the divisions into units.
    country : tuple of float, optional
        Official number and ours of the whole country.
    cells : Series of float, indexed by ``zone_id``, optional
        Cells of the population grid in every unit.

    Returns
    -------
    DataFrame, indexed by ``zone_id``, a row per unit
        ``official``; ``ours``; ``gap``, ours less official; ``gap_share``, the gap over the official number, NaN where that
        is 0; ``official_rows`` and ``matched_by``, None without a row; ``reason``, empty where the gap is under 1 %.

    Raises
    ------
    NotInInput
        If a unit of `official` is not in `units`.

    Notes
    -----
    Reasons stand in this order, joined by ``"; "``; each is what may be, not what is:

    - *boundary*: a unit that touches has a gap of the other sign, and together less than half of the larger one is left: so
      both say so. Of several the one with which least is left;
    - *division*: the years of the divisions differ, or rows were folded or split. Where any row was mapped by a
      correspondence, the other units are taken to be unchanged;
    - *year*: the years differ, and steady growth r = ln(official / ours) / years of at most 4 % a year would explain all;
    - *definition*: the gap is within 2 points of the country's own, of the same sign, and that is 1 % or more; then with the
      definition that was given;
    - *grid*: the unit has fewer than 30 cells of the population grid;
    - *name*: the row was matched by its sound only;
    - *unexplained*, if nothing else.

    Examples
    --------
    A border town that two units both claim, three years apart:

    >>> index = pd.Index(["x", "y"], name="zone_id")
    >>> units = gpd.GeoDataFrame({"name": ["X", "Y"]}, index=index, crs=4326,
    ...                          geometry=[shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)])  # fmt: skip
    >>> official = pd.DataFrame({"official": [100.0, 80.0], "official_rows": ["X", "Y"], "matched_by": "name"}, index=index)
    >>> ours = pd.Series([120.0, 61.0], index=index)
    >>> stated = dict(definition="", division_official=None, division_ours=None, country=None)
    >>> found = official_gaps(official, ours, units, year_official=2023, year_ours=2020, **stated)
    >>> found["gap_share"].tolist()
    [0.2, -0.2375]
    >>> found.loc["x", "reason"]
    'boundary: with Y together the gap is +0.6 %'
    """
    strangers = official.index.difference(units.index)
    if len(strangers):
        raise NotInInput("The zone table", what="unit", name=strangers[0], found=list(units.index))
    table = _gaps(official.reindex(units.index), ours.reindex(units.index).astype(float))
    return _with_reason(
        table,
        [
            _boundary(table, units),
            _division(table, division_official, division_ours),
            _year(table, year_official, year_ours),
            _definition(table, definition, country),
            _grid(table, cells),
            table["matched_by"].eq("sound").map({True: "name: matched by its sound only", False: ""}),
        ],
    )


def country_gap(
    official: float,
    ours: float,
    *,
    zone_id: str,
    official_rows: str,
    year_official: int | None,
    year_ours: int | None,
    definition: str,
    matched_by: Literal["code", "name"] | None = None,
) -> pd.DataFrame:
    """Set the country's official number beside ours: a row as `official_gaps` gives it, with the reasons year and definition.

    Examples
    --------
    >>> whole = country_gap(
    ...     110.0, 100.0, zone_id="TOY", official_rows="Total", year_official=2021, year_ours=2020, definition=""
    ... )
    >>> whole[["gap", "reason"]].values.tolist()
    [[-10.0, 'unexplained']]
    """
    index = pd.Index([zone_id], name="zone_id", dtype="str")
    row = {"official": [official], "official_rows": [official_rows], "matched_by": [matched_by]}
    table = _gaps(pd.DataFrame(row, index=index), pd.Series([ours], index=index, dtype=float))
    counted = f"definition: {definition}" if definition else ""
    return _with_reason(table, [_year(table, year_official, year_ours), pd.Series(counted, index=table.index)])


def unmatched_rows(rows: pd.DataFrame, matched: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the official rows without a unit.

    Parameters
    ----------
    rows : DataFrame
        Columns ``key`` and `column`, the number.
    matched : DataFrame
        Of `zones.match_rows`.
    column : str

    Returns
    -------
    DataFrame
        ``zone_id``, None, and what `official_gaps` has: ours and the gap are NaN.

    Examples
    --------
    >>> rows = pd.DataFrame({"key": ["A", "B"], "people": [100.0, 40.0]})
    >>> matched = pd.DataFrame({"key": ["A", "B"], "zone_id": ["x", None], "reason": [None, "no unit of this code or name"]})
    >>> unmatched_rows(rows, matched, "people")[["zone_id", "official_rows", "official", "reason"]].values.tolist()
    [[None, 'B', 40.0, 'no unit of this code or name']]
    """
    left = matched[matched["zone_id"].isna()]
    numbers = left["key"].map(rows.set_index("key")[column]).astype(float)
    known = {"official": numbers, "official_rows": left["key"], "reason": left["reason"]}
    table = pd.DataFrame(known).assign(ours=np.nan, gap=np.nan, gap_share=np.nan)
    nothing = pd.DataFrame(None, index=table.index, columns=["zone_id", "matched_by"], dtype=object)
    return pd.concat([table, nothing.where(nothing.notna(), None)], axis=1)[["zone_id", *COLUMNS]].reset_index(drop=True)


def _gaps(official: pd.DataFrame, ours: pd.Series) -> pd.DataFrame:
    numbers = official["official"].astype(float)
    gap = ours - numbers
    texts = official.reindex(columns=["official_rows", "matched_by", "folding"]).astype(object)
    return pd.DataFrame(
        {
            "official": numbers,
            "ours": ours,
            "gap": gap,
            "gap_share": gap / numbers.where(numbers != 0),
            **texts.where(texts.notna(), None),
        }
    )


def _with_reason(table: pd.DataFrame, stated: list[pd.Series]) -> pd.DataFrame:
    """Join what was stated where there is a gap, or say why there is none."""
    said = pd.Series(["; ".join(filter(None, texts)) for texts in zip(*stated, strict=True)], index=table.index, dtype=object)
    nobody = table["ours"] == 0
    said = said.where(~nobody, ("nobody of ours there; " + said).str.removesuffix("; "))
    missing = [
        (table["official_rows"].isna(), "no official row"),
        (table["official"].isna(), "no number in the official rows"),
        (table["ours"].isna(), "no number of ours"),
        (table["official"] == 0, "official total of zero"),
        (table["gap_share"].abs() < EXPLAINED_BELOW, ""),
    ]
    reason = np.select([case for case, _ in missing], [text for _, text in missing], said.where(said != "", "unexplained"))
    return table.assign(reason=reason.astype(object))[list(COLUMNS)]


def _boundary(table: pd.DataFrame, units: gpd.GeoDataFrame) -> pd.Series:
    """Name the neighbour that takes away most of the gap."""
    known = table[table["gap"].notna()].sort_index()
    shapes = units.geometry.reindex(known.index).values
    one, other = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=TOUCHING_DEGREES)
    gap, official = known["gap"].to_numpy(), known["official"].to_numpy()
    together = gap[one] + gap[other]
    pairs = pd.DataFrame({"one": one, "other": other, "left": np.abs(together), "whole": official[one] + official[other]})
    evens = (
        (gap[one] * gap[other] < 0)
        & (pairs["left"] < np.maximum(np.abs(gap[one]), np.abs(gap[other])) / 2)
        & (pairs["whole"] > 0)
    )
    best = pairs[evens].sort_values(["one", "left", "other"]).drop_duplicates("one")
    said = pd.Series("", index=table.index, dtype=object)
    for pair in best.itertuples():
        name = units["name"][known.index[pair.other]]
        share = (gap[pair.one] + gap[pair.other]) / pair.whole
        said[known.index[pair.one]] = f"boundary: with {name} together the gap is {_percent(share)}"
    return said


def _division(table: pd.DataFrame, year_official: int | None, year_ours: int | None) -> pd.Series:
    years = f"of {year_official} against {year_ours}" if _differ(year_official, year_ours) else ""
    mapped = table["matched_by"] == "correspondence"
    changed = mapped if mapped.any() else ~mapped
    parts = zip(np.where(changed, years, ""), table["folding"], strict=True)
    said = [", ".join(filter(None, part)) for part in parts]
    return pd.Series([f"division: {text}" if text else "" for text in said], index=table.index)


def _year(table: pd.DataFrame, year_official: int | None, year_ours: int | None) -> pd.Series:
    if year_official is None or year_ours is None or year_official == year_ours:
        return pd.Series("", index=table.index)
    times = (table["official"] / table["ours"].where(table["ours"] > 0)).where(table["official"] > 0)
    growth = times.transform(np.log) / (year_official - year_ours)
    return growth.map(
        lambda rate: (
            f"year: {year_official} against {year_ours}, {_percent(rate)} a year would explain it"
            if abs(rate) <= PLAUSIBLE_GROWTH
            else ""
        )
    )


def _definition(table: pd.DataFrame, definition: str, country: tuple[float, float] | None) -> pd.Series:
    whole = country[1] / country[0] - 1 if country and country[0] else 0.0
    alike = (table["gap_share"] - whole).abs().le(AS_THE_COUNTRY) & (table["gap_share"] * whole > 0)
    alike &= abs(whole) >= EXPLAINED_BELOW
    said = ", ".join(filter(None, (f"definition: as in the whole country ({_percent(whole)})", definition)))
    return alike.map({True: said, False: ""})


def _grid(table: pd.DataFrame, cells: pd.Series | None) -> pd.Series:
    known = pd.Series(np.nan, index=table.index) if cells is None else cells.reindex(table.index)
    return known.map(lambda count: f"grid: the unit has {count:.0f} cells only" if count < FEW_CELLS else "")


def _differ(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and one != other


def _percent(share: float) -> str:
    return f"{round(100 * share, 1) + 0.0:+.1f} %"  # no minus before 0.0
