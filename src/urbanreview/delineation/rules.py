"""Thresholds of the delineation, as frozen rule sets with an edition and a source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from urbanreview.errors import UnknownName

Level = Literal["urban_cluster", "urban_centre"]

ID_PART: Mapping[str, str] = {"urban_cluster": "cl", "urban_centre": "uc"}
"""The part of a ``zone_id`` that says the level."""


@dataclass(frozen=True, slots=True)
class ExtentRule:
    """What makes cells one settlement.

    Attributes
    ----------
    level : {"urban_cluster", "urban_centre"}
    min_density : float
        People per cell, or per km2 of land, according to `per`.
    per : {"cell", "km2"}
    min_people : float
        People of the whole component.
    neighbours : {4, 8}
        4: cells share an edge (rook); 8: an edge or a corner (queen).
    inclusive : bool
        Whether a value equal to a threshold passes (``>=``) or not (``>``).
    """

    level: Level
    min_density: float
    per: Literal["cell", "km2"]
    min_people: float
    neighbours: Literal[4, 8]
    inclusive: bool

    def sentence(self) -> str:
        """Say the rule in words.

        >>> EDITIONS["standard"].urban_centre.sentence()
        'cells of at least 1,500 people per km2 of land that share an edge, together at least 50,000 people'
        """
        least = "at least" if self.inclusive else "more than"
        unit = "people per cell" if self.per == "cell" else "people per km2 of land"
        touch = "an edge" if self.neighbours == 4 else "an edge or a corner"
        return (
            f"cells of {least} {self.min_density:,.10g} {unit} that share {touch}, "
            f"together {least} {self.min_people:,.10g} people"
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """One edition: the rule of urban clusters and that of urban centres."""

    edition: str
    source: str
    urban_cluster: ExtentRule
    urban_centre: ExtentRule


EDITIONS: Mapping[str, Rules] = {
    "standard": Rules(
        edition="standard",
        source="European Union et al. (2021), Applying the Degree of Urbanisation, density and size thresholds of "
        "level 1; without the smoothing and gap filling of urban centres",
        urban_cluster=ExtentRule("urban_cluster", 300.0, "km2", 5_000.0, neighbours=8, inclusive=True),
        urban_centre=ExtentRule("urban_centre", 1_500.0, "km2", 50_000.0, neighbours=4, inclusive=True),
    ),
    "notebook": Rules(
        edition="notebook",
        source="GOSTurban calculateUrban as the Kazakhstan notebook calls it: people per cell, whatever a cell's area",
        urban_cluster=ExtentRule("urban_cluster", 300.0, "cell", 5_000.0, neighbours=4, inclusive=False),
        urban_centre=ExtentRule("urban_centre", 1_500.0, "cell", 50_000.0, neighbours=4, inclusive=False),
    ),
}


def rules_of(edition: str) -> Rules:
    """Return a rule set by its edition, or raise `UnknownName` with a guess."""
    if edition not in EDITIONS:
        raise UnknownName("rules", edition, known=EDITIONS)
    return EDITIONS[edition]


def changed(rules: Rules, changes: Mapping[str, Mapping[str, float]]) -> Rules:
    """Return a variant: a copy with a difference, which its edition names.

    Parameters
    ----------
    rules : Rules
    changes : mapping of level to mapping of threshold to number
        Thresholds are ``min_density`` and ``min_people``.

    Examples
    --------
    >>> changed(EDITIONS["standard"], {"urban_centre": {"min_people": 40_000.0}}).edition
    'standard+centre-min-people-40000'
    """
    edition = rules.edition
    parts = {}
    for level, numbers in changes.items():
        differing = {key: value for key, value in numbers.items() if value != getattr(getattr(rules, level), key)}
        parts[level] = replace(getattr(rules, level), **differing)
        for key, value in differing.items():
            edition += f"+{level.removeprefix('urban_')}-{key.replace('_', '-')}-{value:.10g}"
    return replace(rules, edition=edition, **parts)
