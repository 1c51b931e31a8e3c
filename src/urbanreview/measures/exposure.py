"""Measures of a hazard: who and what lies in its zone."""

from urbanreview.measures.record import NOBODY, NOTHING_NEW, Measure

_SHARE = (
    "A cell counts by the share of its land that lies beyond the threshold; permanent water is no land, and what no map knows "
    "is missing, not safe"
)
_METHOD = "This project; definitions of the hazard themes of World Bank CCDR tools and Space2Stats"
_SUMS = "World Bank CCDR tools: expected yearly impact by return period"
_NEW = "Gains of the cells that gain between the two dates"
_NONE = "no people or land counted here"
_NO_LAND = "no built-up land"

MEASURES: tuple[Measure, ...] = (
    Measure(
        "exposure.people",
        "People exposed",
        "people",
        ("exposure", "population"),
        f"People times the share of their cell's land in the hazard zone. {_SHARE}.",
        _METHOD,
        _NONE,
    ),
    Measure(
        "exposure.people_share",
        "Share of people exposed",
        "1",
        ("exposure", "population"),
        "People exposed over the people of the cells that the maps know.",
        _METHOD,
        NOBODY,
    ),
    Measure(
        "exposure.built_up",
        "Built-up land exposed",
        "km2",
        ("exposure", "built_up"),
        f"Built-up surface times the share of its cell's land in the hazard zone. {_SHARE}.",
        _METHOD,
        _NONE,
    ),
    Measure(
        "exposure.built_up_share",
        "Share of built-up land exposed",
        "1",
        ("exposure", "built_up"),
        "Built-up land exposed over that of the cells that the maps know.",
        _METHOD,
        _NO_LAND,
    ),
    Measure(
        "exposure.land",
        "Land in the hazard zone",
        "km2",
        ("exposure",),
        "True area of the land beyond the threshold, permanent water left out.",
        _METHOD,
        _NONE,
    ),
    Measure(
        "exposure.land_share",
        "Share of land in the hazard zone",
        "1",
        ("exposure",),
        "Land in the hazard zone over the land that the maps know.",
        _METHOD,
        _NONE,
    ),
    Measure(
        "exposure.expected_people",
        "People exposed in a year, on average",
        "people/year",
        ("exposure", "population"),
        "Trapezium over p = 1 / return period: the sum of (p[k] - p[k+1]) (E[k] + E[k+1]) / 2 and p[K] E[K]. Undefended unless "
        "the variant names a protection; perils taken as fully dependent.",
        _SUMS,
        _NONE,
    ),
    Measure(
        "exposure.expected_people_low",
        "People exposed in a year, at least",
        "people/year",
        ("exposure", "population"),
        "The sum of (p[k] - p[k+1]) E[k] and p[K] E[K]: no step between two maps is worse than the lesser one.",
        _SUMS,
        _NONE,
    ),
    Measure(
        "exposure.expected_people_high",
        "People exposed in a year, at most",
        "people/year",
        ("exposure", "population"),
        "The sum of (p[k] - p[k+1]) E[k+1], p[K] times all people of the zone, and (p[0] - p[1]) E[1], p[0] being that of the "
        "protection.",
        _SUMS,
        _NONE,
    ),
    Measure(
        "exposure.new_built_up",
        "New built-up land in the hazard zone",
        "km2",
        ("exposure", "built_up"),
        f"{_NEW}, times the share of their land in the hazard zone.",
        "This project",
        _NONE,
    ),
    Measure(
        "exposure.new_built_up_share",
        "Share of new built-up land in the hazard zone",
        "1",
        ("exposure", "built_up"),
        "New built-up land in the hazard zone over all new built-up land.",
        "This project",
        NOTHING_NEW,
    ),
    Measure(
        "exposure.base_built_up_share",
        "Share of built-up land in the hazard zone at first",
        "1",
        ("exposure", "built_up"),
        "Built-up land of the first date in the hazard zone over all of it: what the share of the new compares with.",
        "This project",
        _NO_LAND,
    ),
    Measure(
        "exposure.new_people",
        "New people in the hazard zone",
        "people",
        ("exposure", "population"),
        f"{_NEW}, times the share of their land in the hazard zone.",
        "This project",
        _NONE,
    ),
    Measure(
        "exposure.new_people_share",
        "Share of new people in the hazard zone",
        "1",
        ("exposure", "population"),
        "New people in the hazard zone over all new people.",
        "This project",
        "no cell gained people",
    ),
    Measure(
        "exposure.base_people_share",
        "Share of people in the hazard zone at first",
        "1",
        ("exposure", "population"),
        "People of the first date in the hazard zone over all of them: what the share of the new compares with.",
        "This project",
        NOBODY,
    ),
)
