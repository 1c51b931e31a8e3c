"""Plausibility flags: what to look at before a zone's numbers are believed."""

import operator
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanreview.units import m2_from_km2

FACTS = (
    "people",
    "built_up_km2",
    "lit_share",
    "flare_share",
    "cross_border",
    "water_share",
    "cells",
    "source_cells",
    "people_other",
    "built_up_share",
    "valid_share_lights",
    "valid_share_built_up",
)
"""Columns that `plausibility` reads."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A fact and the threshold it is held against.

    Attributes
    ----------
    fact : str
        One of `FACTS`, or ``built_up_m2_per_person``, ``times_other``, ``valid_share``.
    passes : callable
        Comparison of the fact with the threshold.
    threshold : float
    """

    fact: str
    passes: Callable[[pd.Series, float], pd.Series]
    threshold: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning about a zone.

    Attributes
    ----------
    key : str
        The words that stand in the tables.
    words : str
        The rule, with ``{}`` for every threshold.
    limits : tuple of Limit
        All must pass.
    """

    key: str
    words: str
    limits: tuple[Limit, ...]

    @property
    def sentence(self) -> str:
        """The rule in words.

        >>> FLAGS[0].sentence
        'At least 1,000 people and under 1 m2 of built-up land per person.'
        """
        return self.words.format(*(f"{limit.threshold:,.10g}" for limit in self.limits))


FLAGS: tuple[Flag, ...] = (
    Flag(
        "people without built-up land",
        "At least {} people and under {} m2 of built-up land per person.",
        (Limit("people", operator.ge, 1_000), Limit("built_up_m2_per_person", operator.lt, 1)),
    ),
    Flag(
        "people without light",
        "At least {} people and a lit share of {}.",
        (Limit("people", operator.ge, 5_000), Limit("lit_share", operator.le, 0)),
    ),
    Flag(
        "lit by flares",
        "More than {} of the zone's light lies within the flare mask.",
        (Limit("flare_share", operator.gt, 0.5),),
    ),
    Flag("across the border", "The zone crosses the country's border.", (Limit("cross_border", operator.gt, 0),)),
    Flag(
        "at the water",
        "Water takes at least {} of the zone.",
        (Limit("water_share", operator.ge, 0.25),),
    ),
    Flag("few cells", "Fewer than {} population cells.", (Limit("cells", operator.lt, 10),)),
    Flag(
        "few source cells",
        "Climate or fine dust of the zone come from fewer than {} cells of the source: they are those of its surroundings.",
        (Limit("source_cells", operator.lt, 4),),
    ),
    Flag(
        "sources disagree",
        "Another source counts more than {} times as many people on the same ground, or as many times fewer.",
        (Limit("times_other", operator.gt, 1.5),),
    ),
    Flag(
        "built-up land exceeds area",
        "Built-up land is more than {} of the zone's area.",
        (Limit("built_up_share", operator.gt, 1.001),),
    ),
    Flag(
        "partly observed",
        "Under {} of the zone has values of the lights or of built-up land.",
        (Limit("valid_share", operator.lt, 0.9),),
    ),
)
"""All flags, in the order in which a table names them. The thresholds are this project's own."""


def plausibility(facts: pd.DataFrame) -> pd.Series:
    """Name the flags of every zone.

    Parameters
    ----------
    facts : DataFrame, indexed by ``zone_id``
        Any of `FACTS`; other columns are not read. ``people`` and ``people_other`` (of the other source that differs
        most) [people], ``built_up_km2``, ``cells`` of the population,
        ``source_cells`` of climate or fine dust, the fewest, ``cross_border`` (bool), and shares of 1:
        ``lit_share`` of the observed area, ``flare_share`` of the zone's light, ``water_share`` and ``built_up_share``
        of its area, ``valid_share_lights`` and ``valid_share_built_up``. An absent column or value is unknown and
        raises no flag.

    Returns
    -------
    Series of str, indexed by ``zone_id``
        Keys of `FLAGS` joined by ``"; "``, in their order; empty if none holds.

    Examples
    --------
    >>> facts = pd.DataFrame({"people": [6000.0, 900.0], "lit_share": [0.0, 0.0], "cells": [4, 30]}, index=["a", "b"])
    >>> plausibility(facts).to_dict()
    {'a': 'people without light; few cells', 'b': ''}
    """
    known = _with_ratios(facts)
    holds = {flag.key: _all_pass(flag.limits, known) for flag in FLAGS}
    keys = np.array(list(holds))
    text = ["; ".join(keys[row]) for row in pd.DataFrame(holds, index=facts.index).to_numpy(dtype=bool)]
    return pd.Series(text, index=facts.index, name="plausibility", dtype="str")


def _all_pass(limits: tuple[Limit, ...], known: pd.DataFrame) -> np.ndarray:
    return np.logical_and.reduce([limit.passes(known[limit.fact], limit.threshold).to_numpy() for limit in limits])


def _with_ratios(facts: pd.DataFrame) -> pd.DataFrame:
    """Return `FACTS` as numbers, NaN where unknown, and what follows from them."""
    nothing = np.full(len(facts), np.nan)
    columns = {name: facts[name].to_numpy(dtype=float, na_value=np.nan) if name in facts else nothing for name in FACTS}
    known = pd.DataFrame(columns, index=facts.index)
    people, other = known["people"], known["people_other"]
    return known.assign(
        built_up_m2_per_person=m2_from_km2(known["built_up_km2"]) / people.where(people > 0),
        times_other=np.maximum(people / other, other / people),
        valid_share=known[["valid_share_lights", "valid_share_built_up"]].min(axis=1),
    )
