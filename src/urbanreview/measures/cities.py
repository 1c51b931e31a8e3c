"""Measures of the system of cities, on the country; the unit set and its cut-off stand in the variant."""

from urbanreview.measures.record import TOO_FEW, Measure

_GABAIX = "Gabaix and Ibragimov (2011), doi 10.1198/jbes.2009.06157"
_JEFFERSON = "Jefferson (1939), doi 10.2307/209944"
_NEEDS = ("population",)
_STABLE = "stable is a change of at most 0.1 % a year"
_OWN = "This project"


def _count(key: str, title: str, method: str) -> Measure:
    return Measure(key, title, "settlements", _NEEDS, method, _OWN)


def _ratio(key: str, title: str, method: str, reference: str) -> Measure:
    return Measure(key, title, "1", _NEEDS, method, reference, TOO_FEW)


def _people(key: str, title: str, method: str, undefined: str = "") -> Measure:
    return Measure(key, title, "people", _NEEDS, method, "This project; a spatial account, not a demographic one", undefined)


MEASURES: tuple[Measure, ...] = (
    _count("system.settlements", "Settlements of the system", "Settlements of the unit set at or above the cut-off."),
    Measure(
        "system.people",
        "People of the system",
        "people",
        _NEEDS,
        "People inside the country of the settlements at or above the cut-off.",
        _OWN,
    ),
    _ratio("system.primacy", "Primacy", "People of the largest settlement over those of all.", _JEFFERSON),
    _ratio("system.primacy_two", "Primacy over the second", "People of the largest over those of the second.", _JEFFERSON),
    _ratio(
        "system.primacy_four",
        "Primacy over the next three",
        "People of the largest over those of the second to fourth together.",
        _JEFFERSON,
    ),
    _ratio(
        "system.rank_size_slope",
        "Rank-size slope",
        "Minus the slope of ln(rank - 1/2) on ln(people) above the cut-off; 1 is Zipf's rule.",
        _GABAIX,
    ),
    _ratio("system.rank_size_error", "Standard error of the rank-size slope", "Slope times the root of 2 / n.", _GABAIX),
    _ratio(
        "system.hill_exponent",
        "Hill exponent",
        "Maximum-likelihood exponent of a Pareto tail that begins at the cut-off: a check of the slope.",
        "Hill (1975), doi 10.1214/aos/1176343247",
    ),
    _ratio("system.herfindahl", "Herfindahl index", "Sum of the squared shares of people.", _OWN),
    _ratio("system.gini", "Gini index", "Of the people of settlements; 0 is all of one size.", _OWN),
    _count("system.growers", "Growing settlements", f"Settlements that grow between the dates; {_STABLE}."),
    _count("system.stable", "Stable settlements", f"Settlements that neither grow nor shrink; {_STABLE}."),
    _count("system.shrinkers", "Shrinking settlements", f"Settlements that shrink between the dates; {_STABLE}."),
    Measure(
        "system.growth_on_size",
        "Slope of growth on size",
        "1/year",
        _NEEDS,
        "Slope of the yearly growth rate on ln(people at first): 0 if growth does not depend on size (Gibrat).",
        "Eeckhout (2004), doi 10.1257/0002828043052303",
        TOO_FEW,
    ),
    Measure(
        "system.growth_on_size_error",
        "Standard error of growth on size",
        "1/year",
        _NEEDS,
        "Of the slope of the yearly growth rate on ln(people at first).",
        "Eeckhout (2004), doi 10.1257/0002828043052303",
        TOO_FEW,
    ),
    _count("size_class.settlements", "Settlements by size", "Settlements of the size class of the variant."),
    Measure("size_class.people", "People by size", "people", _NEEDS, "People of the size class of the variant.", _OWN),
    Measure(
        "size_class.share",
        "Share of people by size",
        "1",
        _NEEDS,
        "People of the size class over those of all settlements of the unit set above the cut-off.",
        _OWN,
        TOO_FEW,
    ),
    _count("size_class.growers", "Growing settlements by size", f"By their class at the first date; {_STABLE}."),
    _count("size_class.stable", "Stable settlements by size", f"By their class at the first date; {_STABLE}."),
    _count("size_class.shrinkers", "Shrinking settlements by size", f"By their class at the first date; {_STABLE}."),
    _people("urban_growth.total", "Growth of urban people", "People in the settlements at the later date less at the earlier."),
    _people(
        "urban_growth.inside",
        "Growth inside the constant extent",
        "Change in people of cells that belong to settlements at both dates.",
    ),
    _people(
        "urban_growth.edge",
        "People of edges",
        "People at the later date in cells newly in a settlement that was there before, not settled before.",
    ),
    _people(
        "urban_growth.absorbed",
        "People of absorbed places",
        "The same in cells that belonged to a town, of a centre, or to a village, of a cluster, before.",
        "the rules tell no towns and villages: they stand with the edges",
    ),
    _people(
        "urban_growth.new",
        "People of new settlements",
        "People at the later date of settlements that share no cell with an earlier one.",
    ),
    _people(
        "urban_growth.dropped",
        "People of ground dropped",
        "People at the earlier date in cells that belong to no settlement any more; it is subtracted.",
    ),
    _count("urban_growth.settlements_new", "New settlements", "Settlements that share no cell with an earlier one."),
    _count("urban_growth.settlements_dropped", "Settlements dropped", "Earlier ones that share no cell with a later one."),
    _count(
        "urban_growth.settlements_merged",
        "Settlements merged",
        "Earlier settlements whose successor has a larger predecessor.",
    ),
)
