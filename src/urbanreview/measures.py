"""Every measure of a review, in report order: the promise behind each number.

The formulas live in the theme files of ``indicators``; the data dictionary, table headings, report captions and the
reference page are made from the records here.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from urbanreview.errors import UnknownName


@dataclass(frozen=True, slots=True)
class Measure:
    """The promise of one number.

    Attributes
    ----------
    key : str
        ``theme.quantity[_statistic]``, the word in the long table.
    title : str
        Table heading.
    unit : str
        ``1`` for a share or ratio.
    needs : tuple of str
        The inputs, by their section in the settings.
    method : str
        How it is computed, in one or two sentences.
    reference : str
        Where the definition comes from.
    undefined : str
        Why the value can be missing although the zone has data.
    """

    key: str
    title: str
    unit: str
    needs: tuple[str, ...]
    method: str
    reference: str
    undefined: str = ""

    @property
    def theme(self) -> str:
        """The part of the key before the dot."""
        return self.key.partition(".")[0]


NOBODY = "nobody lives here"
DARK = "no cell reaches the floor"
UNOBSERVED = "no valid cell"
NO_WAY = "no way leads there"

_MANUAL = "European Union et al. (2021), Applying the Degree of Urbanisation"
_ZONAL = "Exact area fractions of cells; a settlement on its own grid is the sum of its cells"
_TRAVEL = "Least-cost time over the friction surface, eight neighbours, true ground lengths"
_WEISS = "Weiss et al. (2018), doi 10.1038/nature25181"
_VIIRS = "Elvidge et al. (2017), doi 10.1080/01431161.2017.1342050"
_GHSL = "Pesaresi and Politis (2023), GHS-BUILT-S R2023A, doi 10.2905/9F06F36F-4B11-47EC-ABB0-4F8B7B1D72EA"

MEASURES: tuple[Measure, ...] = (
    Measure("population.total", "People", "people", ("population",), f"Sum of the population grid. {_ZONAL}.", _MANUAL),
    Measure(
        "population.density",
        "People per km2 of land",
        "people/km2",
        ("population", "land"),
        "People over land area; the whole area where no land layer is given.",
        _MANUAL,
        undefined="no land",
    ),
    Measure(
        "population.urban",
        "Urban people",
        "people",
        ("population",),
        "People in cells of urban clusters, centres included.",
        _MANUAL,
    ),
    Measure("population.urban_share", "Urban share", "1", ("population",), "Urban people over people.", _MANUAL, NOBODY),
    Measure(
        "population.high_density",
        "People in urban centres",
        "people",
        ("population",),
        "People in cells of urban centres.",
        _MANUAL,
    ),
    Measure(
        "population.high_density_share",
        "Share in urban centres",
        "1",
        ("population",),
        "People in urban centres over people.",
        _MANUAL,
        NOBODY,
    ),
    Measure(
        "population.inside",
        "People inside the country",
        "people",
        ("population",),
        "The part of a settlement's people that lives inside the country's outline.",
        "This project",
    ),
    Measure(
        "population.outside",
        "People outside the country",
        "people",
        ("population",),
        "The part of a settlement's people that lives beyond the country's outline.",
        "This project",
    ),
    Measure(
        "degree.class",
        "Degree of urbanisation",
        "code",
        ("population",),
        "Level 1: 3 city, 2 towns and semi-dense area, 1 rural area. Level 2: 30 city, 23 dense town, 22 semi-dense town, "
        "21 suburban area, 13 village, 12 dispersed rural area, 11 mostly uninhabited area. By where most of the unit's "
        "people live; by area where nobody does.",
        _MANUAL,
    ),
    Measure(
        "degree.share",
        "Share of people by class of cell",
        "1",
        ("population",),
        "People of the unit in cells of one class over its people: 30 urban centre, 23 dense and 22 semi-dense urban cluster, "
        "21 suburban or peri-urban, 13 rural cluster, 12 low and 11 very low density rural. Of area where nobody lives.",
        _MANUAL,
    ),
    Measure(
        "access.minutes_mean",
        "Mean time to the nearest destination",
        "min",
        ("access", "population"),
        f"Mean over people with a way, of the time from their cell to the nearest destination. {_TRAVEL}.",
        _WEISS,
        NO_WAY,
    ),
    Measure(
        "access.minutes_median",
        "Median time to the nearest destination",
        "min",
        ("access", "population"),
        "Time within which half of the people with a way reach the nearest destination.",
        _WEISS,
        NO_WAY,
    ),
    Measure(
        "access.people_within",
        "People within reach",
        "people",
        ("access", "population"),
        "Of a zone: its people who reach the nearest urban centre within the minutes. Of an urban centre: people inside "
        "the country who reach it.",
        _WEISS,
        NO_WAY,
    ),
    Measure(
        "access.people_without_way",
        "People without a way",
        "people",
        ("access", "population"),
        "People in cells from which no way leads to an urban centre.",
        _WEISS,
    ),
    Measure(
        "access.catchment_people",
        "People of the catchment",
        "people",
        ("access", "population"),
        "People inside the country in the cells from which this urban centre is the nearest of the country's by time.",
        _WEISS,
        NO_WAY,
    ),
    Measure(
        "access.nearest_larger_minutes",
        "Time to the nearest larger city",
        "min",
        ("access", "population"),
        "Time from the centre's point to that of the nearest urban centre with more people; missing for the largest one.",
        _WEISS,
        "no larger city with a way to it",
    ),
    Measure(
        "access.capital_minutes",
        "Time to the capital",
        "min",
        ("access",),
        "Time between the zone's point and that of the urban centre that the national capital lies in.",
        _WEISS,
        NO_WAY,
    ),
    Measure(
        "access.own_capital_minutes",
        "Mean time to the district's own capital",
        "min",
        ("access", "population"),
        "Mean over the district's people with a way, of the time to the urban centre or cluster that holds most of its people.",
        _WEISS,
        "no settlement in the district, or no way to it",
    ),
    Measure(
        "access.potential",
        "Market potential",
        "people",
        ("access", "population"),
        "People of all urban centres, halved with every half-life of travel time; with and without the centre itself.",
        "Hansen (1959), doi 10.1080/01944365908978307, with an exponential decay",
        NO_WAY,
    ),
    Measure(
        "lights.sum",
        "Sum of lights",
        "nW/cm2/sr",
        ("lights",),
        "Radiance at or above the floor, added up over cells by their share in the zone. On a grid in degrees "
        "sums of different latitudes do not compare.",
        _VIIRS,
    ),
    Measure(
        "lights.min", "Dimmest lit cell", "nW/cm2/sr", ("lights",), "Smallest radiance at or above the floor.", _VIIRS, DARK
    ),
    Measure("lights.max", "Brightest cell", "nW/cm2/sr", ("lights",), "Largest radiance at or above the floor.", _VIIRS, DARK),
    Measure(
        "lights.mean",
        "Mean radiance",
        "nW/cm2/sr",
        ("lights",),
        "Area-weighted mean over the zone's observed cells, those below the floor counted as dark.",
        _VIIRS,
    ),
    Measure(
        "lights.mean_lit",
        "Mean radiance of lit cells",
        "nW/cm2/sr",
        ("lights",),
        "Area-weighted mean over cells at or above the floor.",
        _VIIRS,
        DARK,
    ),
    Measure(
        "lights.lit_share",
        "Lit share of area",
        "1",
        ("lights",),
        "Area at or above the floor over observed area.",
        _VIIRS,
    ),
    Measure("built_up.area", "Built-up area", "km2", ("built_up",), "Sum of built-up surface.", _GHSL),
    Measure("built_up.share", "Built-up share of area", "1", ("built_up",), "Built-up area over the zone's area.", _GHSL),
    Measure(
        "built_up.per_person",
        "Built-up area per person",
        "m2/person",
        ("built_up", "population"),
        "Built-up area over people; missing where nobody lives.",
        "UN-Habitat (2021), metadata of SDG indicator 11.3.1, secondary indicator",
        NOBODY,
    ),
)

BY_KEY: dict[str, Measure] = {measure.key: measure for measure in MEASURES}

LONG_COLUMNS = ("zone_id", "measure", "period", "source", "variant", "value", "valid_share", "reason")
"""Columns of the long table, in order."""


def measure_of(key: str) -> Measure:
    """Return the record of a measure, or raise `UnknownName` with a guess."""
    if key not in BY_KEY:
        raise UnknownName("measure", key, known=BY_KEY)
    return BY_KEY[key]


def long_rows(frame: pd.DataFrame, *, period: str, source: str, variant: str = "") -> pd.DataFrame:
    """Turn a theme's frame into rows of the long table.

    Parameters
    ----------
    frame : DataFrame
        Indexed by ``zone_id``, measure keys as columns, and ``valid_share``.
    period, source, variant : str
        As in the long table.

    Returns
    -------
    DataFrame
        Columns ``LONG_COLUMNS``; a missing value has a reason.

    Examples
    --------
    >>> frame = pd.DataFrame({"population.urban_share": [np.nan], "valid_share": [1.0]}, index=["a"])
    >>> long_rows(frame, period="2020", source="ghs")["reason"].tolist()
    ['nobody lives here']
    """
    parts = []
    for key in frame.columns.drop("valid_share"):
        record = measure_of(key)
        value = frame[key].to_numpy(dtype=float)
        unobserved = frame["valid_share"].to_numpy() == 0
        reason = np.where(np.isfinite(value), "", np.where(unobserved, UNOBSERVED, record.undefined or UNOBSERVED))
        parts.append(
            pd.DataFrame(
                {
                    "zone_id": frame.index,
                    "measure": key,
                    "period": period,
                    "source": source,
                    "variant": variant,
                    "value": value,
                    "valid_share": frame["valid_share"].to_numpy(),
                    "reason": reason,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[list(LONG_COLUMNS)]
