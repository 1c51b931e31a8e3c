"""The key messages of a review: sentences made from its numbers, and those withheld because the numbers do not carry them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from math import isfinite, log

import numpy as np
import pandas as pd

from urbanreview.indicators.land import STABLE_PER_YEAR
from urbanreview.report.air_chart import DUST, levels_of
from urbanreview.report.chosen import chosen, climate_source, country_values, newest_of
from urbanreview.report.climate_chart import SIGNIFICANT, WEIGHT
from urbanreview.report.columns import parts_of
from urbanreview.report.hazards import SHARE, ZONE_YEARS, Hazard, hazards
from urbanreview.report.highlights import glance
from urbanreview.report.land_use import shown
from urbanreview.report.official_chart import official_period, statistics_of
from urbanreview.report.own_sections import title_of
from urbanreview.report.result import Review
from urbanreview.report.tables import (
    COUNTRY,
    DISTRICTS,
    SETTLEMENTS,
    level_tables,
    primary_column,
    wide_table,
)
from urbanreview.report.theme_sections import breaks_in, longest
from urbanreview.report.unit_sets import GROWTH, UnitSet, grown, unit_sets, years_of
from urbanreview.report.web.message_parts import (
    CITIES,
    LIGHT,
    LIGHT_GROWTH,
    MOST_HAZARDS,
    RATIO,
    REACH_MINUTES,
    Message,
    Quantity,
    Range,
    Span,
    Value,
    checked,
    column_name,
    country_id,
    in_scenarios,
    is_first_everywhere,
    largest,
    leads,
    of_country,
    over_scenarios,
    people_column,
    people_of_cities,
    range_of,
    same_period,
    zone_name,
)
from urbanreview.report.web.message_words import filled, range_words
from urbanreview.report.web.strings import texts


def key_messages(review: Review) -> list[Message]:
    """Return what the numbers of a review say, those withheld among them; themes that it lacks say nothing.

    A message is withheld where a zone that it speaks of has a plausibility flag, where another scenario, source or rule
    gives a named city another rank, or where the series of lights changes its level on the way.
    """
    return [message for message in chain.from_iterable(make(review) for make in _MAKERS) if message is not None]


def message_rows(review: Review, language: str) -> list[dict[str, str]]:
    """Return the key messages in words.

    Returns
    -------
    list of dict
        ``text, range, anchor, table, column, zone, topic, withheld``. One that is withheld has no text and no range.

    Raises
    ------
    UnknownName
        If there is no catalogue of the language.
    """
    words = texts(language)
    rows = []
    for message in key_messages(review):
        told = not message.withheld
        rows.append(
            {
                "text": filled(message.text_key, message.values, language) if told else "",
                "range": range_words(message.range, language) if told else "",
                "anchor": message.anchor,
                "table": message.table,
                "column": message.column,
                "zone": message.zone,
                "topic": words[f"topics.{message.topic}"],
                "withheld": "" if told else filled(message.withheld, message.values, language),
            }
        )
    return rows


def _urban_share(review: Review) -> Iterator[Message]:
    seen, column = glance(review), primary_column(review, "population.urban_share")
    if isfinite(seen.urban_share):
        zone = country_id(review)
        yield checked(
            review,
            Message(
                "urban_share",
                "urban_share",
                {
                    "share": Quantity(seen.urban_share, "share"),
                    "urban": Quantity(seen.urban_people, "people"),
                },
                "#glance",
                level_tables(review)[COUNTRY] if zone else DISTRICTS,
                column_name(column),
                zone,
                over_scenarios(review, "urban_share", "share"),
            ),
            zones=[zone],
        )


def _city_count(review: Review) -> Iterator[Message]:
    cities, whole = people_of_cities(review), glance(review).people
    people = float(cities.sum())
    if len(cities) and whole > 0:
        yield Message(
            "cities",
            "cities",
            {
                "count": Quantity(len(cities), "count"),
                "people": Quantity(people, "people"),
                "share": Quantity(people / whole, "share"),
            },
            "#centres",
            SETTLEMENTS[CITIES],
            people_column(review),
            range=over_scenarios(review, "centres", "count"),
        )


def _primacy(review: Review) -> Iterator[Message]:
    cities = people_of_cities(review)
    if len(cities) > 1:
        zone = str(cities.index[0])
        values: dict[str, Value] = {
            "city": zone_name(review, zone),
            "people": Quantity(float(cities.iloc[0]), "people"),
            "share": Quantity(float(cities.iloc[0] / cities.sum()), "share"),
        }
        elsewhere = in_scenarios(review, zone)["people"].dropna()
        found = range_of(elsewhere, "people", "range_scenarios")
        message = Message(
            "primacy", "primacy", values, f"#zone={zone}", SETTLEMENTS[CITIES], people_column(review), zone, found
        )
        yield checked(review, message, zones=[zone], flips=not is_first_everywhere(review, zone))


def _rank_size(review: Review) -> Iterator[Message]:
    numbers = _system(review)
    slope, error = numbers.get("system_rank_size_slope", np.nan), numbers.get("system_rank_size_error", np.nan)
    if isfinite(slope) and isfinite(error):
        values: dict[str, Value] = {
            "slope": Quantity(slope, "ratio"),
            "error": Quantity(error, "ratio"),
            "count": Quantity(numbers["system_settlements"], "count"),
        }
        every = [_system(each).get("system_rank_size_slope", np.nan) for each in (review, *review.others)]
        found = range_of(every, "ratio", "range_variants")
        yield Message(
            "rank_size", "rank_size", values, "#system", "city_system", "system_rank_size_slope", country_id(review), found
        )


def _system(review: Review) -> Mapping[str, float]:
    return next((units.numbers for units in unit_sets(review) if units.level == CITIES), {})


def _growth(review: Review) -> Iterator[Message]:
    """Say who grows and who shrinks fastest, of the largest; on another boundary or source it must be the same one."""
    found = grown(review, UnitSet(CITIES, 0.0, {}))
    if found is None:
        return
    own = [column for column in same_period(review, GROWTH, found.period) if column.source == review.population_source]
    column = next((c for c in own if parts_of(c.variant).get("boundary", "") == found.boundary), None)
    if column is None:
        return
    rates = largest(review, column)
    every = [largest(review, each) for each in same_period(review, GROWTH, found.period)]
    for topic, sign in (("fastest_grower", 1), ("fastest_shrinker", -1)):
        signed = sign * rates
        if len(rates) > 1 and signed.max() >= STABLE_PER_YEAR:
            zone = str(signed.idxmax())
            values: dict[str, Value] = {
                "count": Quantity(len(rates), "count"),
                "city": zone_name(review, zone),
                "rate": Quantity(float(signed[zone]), "rate"),
                "span": Span(*years_of(found.period)),
            }
            over = range_of([sign * each.get(zone, np.nan) for each in every], "rate", "range_variants")
            message = Message(topic, topic, values, f"#zone={zone}", SETTLEMENTS[CITIES], column.name, zone, over)
            yield checked(review, message, zones=[zone], flips=not all(leads(sign * each, zone) for each in every))


def _land(review: Review) -> Iterator[Message]:
    for found in shown(review)[:1]:
        column = found.columns.get(RATIO)
        ratios = pd.Series(dtype=float) if column is None else found.table[column.name].dropna()
        if column is None or ratios.empty:
            continue
        table = wide_table(review, CITIES)
        every = [table[each.name].median() for each in same_period(review, RATIO, found.period) if each.name in table]
        values: dict[str, Value] = {
            "count": Quantity(len(ratios), "count"),
            "ratio": Quantity(float(ratios.median()), "ratio"),
            "span": Span(*years_of(found.period)),
        }
        over = range_of(every, "ratio", "range_variants")
        yield Message("land", "land", values, "#growth", SETTLEMENTS[CITIES], column.name, range=over)


def _light_per_person(review: Review) -> Iterator[Message]:
    column = primary_column(review, LIGHT)
    light = pd.Series(dtype=float) if column is None else largest(review, column)
    light = light[light > 0]
    if column is None or len(light) < 2:
        return
    first, last = str(light.idxmax()), str(light.idxmin())
    every = [largest(review, each) for each in same_period(review, LIGHT, column.period)]
    values: dict[str, Value] = {
        "count": Quantity(len(light), "count"),
        "first": zone_name(review, first),
        "last": zone_name(review, last),
        "times": Quantity(float(light[first] / light[last]), "ratio"),
    }
    over = range_of([each.get(first, np.nan) / each.get(last, np.nan) for each in every], "ratio", "range_variants")
    message = Message(
        "lights_per_person", "lights_per_person", values, f"#zone={first}", SETTLEMENTS[CITIES], column.name, first, over
    )
    same = all(leads(each, first) and leads(-each[each > 0], last) for each in every)
    yield checked(review, message, zones=[first, last], flips=not same)


def _light_growth(review: Review) -> Iterator[Message]:
    column = longest(review, LIGHT_GROWTH)
    if column is None or not isfinite(rate := country_values(review, [column])[0]):
        return
    values: dict[str, Value] = {
        "rate": Quantity(rate, "change"),
        "span": Span(*years_of(column.period)),
        "breaks": breaks_in(column),
    }
    message = of_country(review, "lights_growth", values, "#lights", column)
    yield replace(message, withheld="withheld_breaks") if values["breaks"] else message


def _hazards(review: Review) -> Iterator[Message]:
    found = (_hazard(review, each) for each in hazards(review))
    yield from [message for message in found if message is not None][:MOST_HAZARDS]


def _hazard(review: Review, hazard: Hazard) -> Message | None:
    """Say who is exposed to the event that is nearest, by its ratio, to 1 in 100 years, and how many in a year."""
    years = min(hazard.people, key=lambda each: abs(log(each / ZONE_YEARS)) if isfinite(each) else np.inf)
    column = hazard.people[years]
    share = chosen(review, SHARE, source=hazard.name, **parts_of(column.variant))[:1]
    people, *part = country_values(review, [column, *(each for each in share if each.period == column.period)])
    if not isfinite(people) or not part:
        return None
    values: dict[str, Value] = {
        "hazard": title_of(hazard.name),
        "people": Quantity(people, "people"),
        "share": Quantity(part[0], "share"),
    }
    bounds = country_values(review, hazard.expected)
    if not isfinite(years) or not bounds or not np.isfinite(bounds).all():
        return of_country(review, "hazard", values, "#hazards", column)
    middle, low, high = (Quantity(bound, "people") for bound in bounds)
    values |= {"years": Quantity(years, "count"), "expected": middle}
    return replace(
        of_country(review, "hazard", values, "#hazards", column),
        text_key="hazard_years",
        range=Range(low, high, "range_bounds"),
    )


def _air(review: Review) -> Iterator[Message]:
    levels = levels_of(review)
    columns = chosen(review, "air.share", band=levels.bands[0])
    own = [each for each in columns if parts_of(each.variant).get("people", "").startswith(f"{review.population_source}:")]
    for column in (own or columns)[-1:]:
        every = [each for each in columns if each.period == column.period]
        above = [1 - share for share in country_values(review, every)]
        share = 1 - country_values(review, [column])[0]
        values: dict[str, Value] = {
            "share": Quantity(share, "share"),
            "guideline": Quantity(levels.guideline, "dust"),
            "period": column.period,
        }
        if isfinite(share):
            message = of_country(review, "air", values, "#air", column)
            yield replace(message, range=range_of(above, "share", "range_variants"))


def _air_of_city(review: Review) -> Iterator[Message]:
    cities = people_of_cities(review)
    for column in newest_of(review, DUST)[: len(cities)]:
        zone, guideline = str(cities.index[0]), Quantity(levels_of(review).guideline, "dust")
        every = [largest(review, each).get(zone, np.nan) for each in same_period(review, DUST, column.period)]
        dust = float(largest(review, column).get(zone, np.nan))
        if isfinite(dust):
            values: dict[str, Value] = {"city": zone_name(review, zone), "dust": Quantity(dust, "dust"), "guideline": guideline,
                      "period": column.period}  # fmt: skip
            over = range_of(every, "dust", "range_variants")
            message = Message(
                "air_city", "air_city", values, f"#zone={zone}", SETTLEMENTS[CITIES], column.name, zone, over
            )  # fmt: skip
            yield checked(review, message, zones=[zone], flips=not is_first_everywhere(review, zone))


def _trends(review: Review) -> Iterator[Message]:
    """Say how temperature and rain of the country change, and whether that is significant."""
    for quantity, kind in (("temperature", "degrees"), ("precipitation", "mm")):
        source = climate_source(review, quantity)
        ends = ("", "_low", "_high", "_p_adjusted")
        found = [newest_of(review, f"climate.{quantity}_trend{end}", source=source, weight=WEIGHT) for end in ends]
        if not all(found):
            continue
        columns = [each[0] for each in found]
        slope, low, high, p = country_values(review, columns)
        if np.isfinite([slope, low, high, p]).all():
            values: dict[str, Value] = {
                "trend": Quantity(slope, kind),
                "p": Quantity(p, "p"),
                "span": Span(*years_of(columns[0].period)),
            }
            message = of_country(review, quantity, values, "#climate", columns[0])
            key = f"{quantity}_trend" if p <= SIGNIFICANT else f"{quantity}_no_trend"
            yield replace(message, text_key=key, range=_interval(low, high, f"{kind}_only"))


def _interval(low: float, high: float, kind: str) -> Range:
    return Range(Quantity(low, kind), Quantity(high, kind), "range_interval")


def _access(review: Review) -> Iterator[Message]:
    whole = glance(review).people
    for column in newest_of(review, "access.people_within", minutes=str(REACH_MINUTES)):
        people = country_values(review, [column])[0]
        if isfinite(people) and whole > 0:
            values: dict[str, Value] = {
                "share": Quantity(people / whole, "share"),
                "people": Quantity(people, "people"),
                "minutes": Quantity(REACH_MINUTES, "minutes"),
            }
            yield of_country(review, "access", values, "#travel", column)


def _official(review: Review) -> Iterator[Message]:
    for statistic, rows in statistics_of(review).items():
        known = rows[rows["is_country"] & rows["gap_share"].notna()]
        for row in known.to_dict("records"):
            values: dict[str, Value] = {
                "ours": Quantity(float(row["ours"]), "people"),
                "official": Quantity(float(row["official"]), "people"),
                "gap": Quantity(float(row["gap_share"]), "gap"),
                "statistic": _statistic(review, statistic),
            }
            zone = str(row["zone_id"])
            over = range_of(_people_of_sources(review) / float(row["official"]) - 1, "gap", "range_variants")
            message = Message("official", "official", values, "#official", "official", "gap_share", zone, over)
            yield checked(review, message, zones=[zone])


def _statistic(review: Review, name: str) -> str:
    """Return the title of an official table, with its year unless the title has it."""
    title, period = title_of(name), official_period(review, name)
    return title if period in title else f"{title} {period}"


def _people_of_sources(review: Review) -> pd.Series:
    """Return the people of the country on each population of the scenarios."""
    table = review.comparison.get("scenarios", pd.DataFrame(columns=["population", "people"]))
    return table.drop_duplicates("population")["people"].astype(float)


_MAKERS: tuple[Callable[[Review], Iterator[Message]], ...] = (
    _urban_share,
    _city_count,
    _primacy,
    _rank_size,
    _growth,
    _land,
    _light_per_person,
    _light_growth,
    _hazards,
    _air,
    _air_of_city,
    _trends,
    _access,
    _official,
)
