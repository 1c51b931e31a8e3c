"""Measures of travel time."""

from urbanreview.measures.record import NO_WAY, Measure

_TRAVEL = "Least-cost time over the friction surface, eight neighbours, true ground lengths"
_WEISS = "Weiss et al. (2018), doi 10.1038/nature25181"

MEASURES: tuple[Measure, ...] = (
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
)
