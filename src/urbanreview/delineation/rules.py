"""Thresholds of the delineation, as frozen rule sets with an edition and a source."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from urbanreview.errors import UnknownName
from urbanreview.kernels.centres import Smoothing

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

        >>> EDITIONS["thresholds"].urban_centre.sentence()
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
class SemiDense:
    """What makes a semi-dense urban cluster (class 22).

    Attributes
    ----------
    min_density, min_people : float
        People per km2 of land, and of the whole component.
    neighbours : {4, 8}
    apart_cells : int
        Cells that must lie between the cluster and any urban centre or dense urban cluster: one nearer, and the whole
        cluster is suburban.
    in_urban_cluster : bool
        Whether it must lie in an urban cluster.
    """

    min_density: float
    min_people: float
    neighbours: Literal[4, 8]
    apart_cells: int
    in_urban_cluster: bool


@dataclass(frozen=True, slots=True)
class Degree:
    """What the Degree of Urbanisation adds to the thresholds of clusters and centres.

    Attributes
    ----------
    built_up_share : float or None
        Built-up share of land from which on a cell is dense enough for a centre, whoever lives there; None for never.
    dense_cell_needed : bool
        Whether an urban centre needs a cell that is dense by people.
    smoothing : {"majority", "five of eight"}
    fill_below_km2 : float
        Holes of centres under this area are filled.
    dense_min_people : float
        People of a dense urban cluster (23), whose cells are as dense as a centre's.
    semi_dense : SemiDense
    dense_is_urban : bool
        Whether cells of centres and dense clusters belong to urban clusters whatever their density.
    rural_min_people : float
        People of a rural cluster (13), whose cells are as dense as an urban cluster's.
    low_density : float
        People per km2 of land of low density rural cells (12).
    water_below_share : float
        Land share under which a cell without people and buildings is water (10).
    """

    built_up_share: float | None
    dense_cell_needed: bool
    smoothing: Smoothing
    fill_below_km2: float
    dense_min_people: float
    semi_dense: SemiDense
    dense_is_urban: bool
    rural_min_people: float
    low_density: float
    water_below_share: float

    def sentence(self) -> str:
        """Say in words what happens to centres.

        >>> EDITIONS["manual-2021"].degree.sentence()
        'edges of urban centres smoothed (five of eight), their gaps under 15 km2 filled'
        """
        built = (
            f"cells built over by at least {self.built_up_share:.4g} of their land are dense, too; "
            if self.built_up_share
            else ""
        )
        return (
            f"{built}edges of urban centres smoothed ({self.smoothing}), their gaps under {self.fill_below_km2:.4g} km2 filled"
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """One edition: the rules of urban clusters and of urban centres, and what makes them a Degree of Urbanisation.

    Without `degree` there are dense cells that hang together, and no classes.
    """

    edition: str
    source: str
    urban_cluster: ExtentRule
    urban_centre: ExtentRule
    degree: Degree | None = None


_CLUSTER = ExtentRule("urban_cluster", 300.0, "km2", 5_000.0, neighbours=8, inclusive=True)
_CENTRE = ExtentRule("urban_centre", 1_500.0, "km2", 50_000.0, neighbours=4, inclusive=True)
_PACKAGE_2023 = "GHSL Data Package 2023, edition of GHS-SMOD R2023A V2.0, doi 10.2760/098587"
_MANUAL_2021 = "European Union et al. (2021), Applying the Degree of Urbanisation, doi 10.2785/706535"

_FLEXURBA = Rules(
    edition="flexurba-0.2",
    source="Defaults of the R package flexurba 0.2: rules of the GHSL Data Package 2023, first edition",
    urban_cluster=_CLUSTER,
    urban_centre=_CENTRE,
    degree=Degree(
        built_up_share=0.20,
        dense_cell_needed=False,
        smoothing="majority",
        fill_below_km2=15.0,
        dense_min_people=5_000.0,
        semi_dense=SemiDense(900.0, 2_500.0, neighbours=4, apart_cells=2, in_urban_cluster=False),
        dense_is_urban=False,
        rural_min_people=500.0,
        low_density=50.0,
        water_below_share=0.5,
    ),
)
_OLD_SEMI_DENSE = SemiDense(300.0, 5_000.0, neighbours=8, apart_cells=3, in_urban_cluster=True)


def _variant(rules: Rules, *, edition: str, source: str, **differences: Any) -> Rules:
    """Return a copy with differences in its degree."""
    assert rules.degree is not None
    return replace(rules, edition=edition, source=source, degree=replace(rules.degree, **differences))


_JRC_2023 = _variant(
    _FLEXURBA,
    edition="jrc-2023-v2",
    source=f"{_PACKAGE_2023}; built-up threshold fixed at 0.20, no land imputed under water, smoothing cell by cell at once",
    dense_cell_needed=True,
    semi_dense=SemiDense(900.0, 2_500.0, neighbours=4, apart_cells=2, in_urban_cluster=True),
    dense_is_urban=True,
)
_JRC_2022 = _variant(
    _FLEXURBA,
    edition="jrc-2022",
    source="GHSL Data Package 2022, GHS-SMOD R2022A",
    built_up_share=0.50,
    dense_cell_needed=True,
    smoothing="five of eight",
    semi_dense=_OLD_SEMI_DENSE,
)
_FLEXURBA_2021 = _variant(
    _FLEXURBA,
    edition="flexurba-0.2-2021",
    source="The R package flexurba 0.2 with its semi-dense rules of 2021",
    semi_dense=replace(_OLD_SEMI_DENSE, apart_cells=2, in_urban_cluster=False),
)
_MANUAL = _variant(
    _JRC_2022, edition="manual-2021", source=f"{_MANUAL_2021}, without the optional built-up criterion", built_up_share=None
)
_PLAIN = Rules(
    edition="thresholds",
    source=f"{_MANUAL_2021}, density and size thresholds of level 1; without the smoothing and gap filling of urban centres",
    urban_cluster=_CLUSTER,
    urban_centre=_CENTRE,
)
_NOTEBOOK = Rules(
    edition="notebook",
    source="GOSTurban calculateUrban as the Kazakhstan notebook calls it: people per cell, whatever a cell's area",
    urban_cluster=ExtentRule("urban_cluster", 300.0, "cell", 5_000.0, neighbours=4, inclusive=False),
    urban_centre=ExtentRule("urban_centre", 1_500.0, "cell", 50_000.0, neighbours=4, inclusive=False),
)

DEFAULT = _JRC_2023.edition
EDITIONS: Mapping[str, Rules] = {
    rules.edition: rules for rules in (_JRC_2023, _FLEXURBA, _FLEXURBA_2021, _JRC_2022, _MANUAL, _PLAIN, _NOTEBOOK)
}


def rules_of(edition: str) -> Rules:
    """Return a rule set by its edition, or raise `UnknownName` with a guess."""
    if edition not in EDITIONS:
        raise UnknownName("rules", edition, known=EDITIONS)
    return EDITIONS[edition]


def degree_of(rules: Rules) -> Degree:
    """Return what makes a rule set a Degree of Urbanisation, or raise `UnknownName` if it is none."""
    if rules.degree is None:
        raise UnknownName("rules with classes", rules.edition, known=[name for name, each in EDITIONS.items() if each.degree])
    return rules.degree


def changed(rules: Rules, changes: Mapping[str, Mapping[str, float]], *, built_up: bool = True) -> Rules:
    """Return a variant: a copy with a difference, which its edition names.

    Parameters
    ----------
    rules : Rules
    changes : mapping of level to mapping of threshold to number
        Thresholds are ``min_density`` and ``min_people``.
    built_up : bool
        Whether built-up land can make a cell dense enough for a centre, where the rules say so.

    Examples
    --------
    >>> changed(EDITIONS["thresholds"], {"urban_centre": {"min_people": 40_000.0}}).edition
    'thresholds+centre-min-people-40000'
    """
    edition = rules.edition
    parts = {}
    for level, numbers in changes.items():
        differing = {key: value for key, value in numbers.items() if value != getattr(getattr(rules, level), key)}
        parts[level] = replace(getattr(rules, level), **differing)
        for key, value in differing.items():
            edition += f"+{level.removeprefix('urban_')}-{key.replace('_', '-')}-{value:.10g}"
    degree = rules.degree
    if degree is not None and degree.built_up_share is not None and not built_up:
        degree, edition = replace(degree, built_up_share=None), f"{edition}+no-built-up"
    return replace(rules, edition=edition, degree=degree, **parts)
