"""Measures of people and of the Degree of Urbanisation."""

from urbanreview.measures.record import MANUAL, NOBODY, NOT_THEN, Measure

_ZONAL = "Exact area fractions of cells; a settlement on its own grid is the sum of its cells"

MEASURES: tuple[Measure, ...] = (
    Measure("population.total", "People", "people", ("population",), f"Sum of the population grid. {_ZONAL}.", MANUAL),
    Measure(
        "population.density",
        "People per km2 of land",
        "people/km2",
        ("population", "land"),
        "People over land area; the whole area where no land layer is given.",
        MANUAL,
        undefined="no land",
    ),
    Measure(
        "population.land",
        "Land area",
        "km2",
        ("population", "land"),
        f"Sum of the land layer, the rest is permanent water; the whole area where no land layer is given. {_ZONAL}.",
        MANUAL,
    ),
    Measure(
        "population.urban",
        "Urban people",
        "people",
        ("population",),
        "People in cells of urban clusters, centres included.",
        MANUAL,
    ),
    Measure("population.urban_share", "Urban share", "1", ("population",), "Urban people over people.", MANUAL, NOBODY),
    Measure(
        "population.high_density",
        "People in urban centres",
        "people",
        ("population",),
        "People in cells of urban centres.",
        MANUAL,
    ),
    Measure(
        "population.high_density_share",
        "Share in urban centres",
        "1",
        ("population",),
        "People in urban centres over people.",
        MANUAL,
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
        MANUAL,
    ),
    Measure(
        "degree.share",
        "Share of people by class of cell",
        "1",
        ("population",),
        "People of the unit in cells of one class over its people: 30 urban centre, 23 dense and 22 semi-dense urban cluster, "
        "21 suburban or peri-urban, 13 rural cluster, 12 low and 11 very low density rural. Of area where nobody lives.",
        MANUAL,
    ),
    Measure(
        "population.growth_rate",
        "Population growth per year",
        "1/year",
        ("population",),
        "ln(P2 / P1) over the years between. On a fixed boundary both are people on the zone's latest ground; on a moving "
        "one the people of its own extent at each date.",
        "United Nations (2019), World Urbanization Prospects: methodology",
        NOT_THEN,
    ),
)
