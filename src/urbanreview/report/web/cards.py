"""The headline figures: each with what it is, where it comes from, and its range over sources and rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

from urbanreview.report.highlights import glance
from urbanreview.report.own_sections import official_cards
from urbanreview.report.result import Review
from urbanreview.report.web.message_parts import (
    Range,
    in_scenarios,
    is_first_everywhere,
    over_scenarios,
    people_of_cities,
    range_of,
    zone_name,
)
from urbanreview.report.web.message_words import printed, range_words, said
from urbanreview.report.web.strings import said_in, texts
from urbanreview.report.wording import number


@dataclass(frozen=True, slots=True)
class Card:
    """A figure at a glance: its label, the figure, what it is, its source, and its range; empty where there is none."""

    label: str
    figure: str
    definition: str
    source: str
    range: str = ""


def cards(review: Review, language: str) -> list[Card]:
    """Return the headline figures in a language; those that a review has not told are a dash.

    Raises
    ------
    UnknownName
        If there is no catalogue of the language.
    """
    return [*_of_country(review, language), *_official(review, language), *_of_cities(review, language)]


def _of_country(review: Review, language: str) -> Iterator[Card]:
    t, seen, people = texts(language), glance(review), review.population
    rules = f"{people}, {review.edition}"

    def whole(figure: float, unit: str, *, share: bool = False) -> str:
        return printed(number(figure, unit, share=share), language)

    def over(column: str, kind: str) -> str:
        return range_words(over_scenarios(review, column, kind), language)

    yield Card(t["cards.people"], whole(seen.people, "people"), said_in(language)(seen.of), people, over("people", "people"))
    yield Card(
        t["cards.urban_share"],
        whole(seen.urban_share, "1", share=True),
        t["cards.of_people"],
        rules,
        over("urban_share", "share"),
    )
    yield Card(
        t["cards.urban_people"],
        whole(seen.urban_people, "people"),
        t["cards.of_clusters"],
        rules,
        over("urban_people", "people"),
    )


def _official(review: Review, language: str) -> Iterator[Card]:
    """Give the country's official people, and how far ours are from them."""
    for statistic, people, gap in official_cards(review):
        words = texts(language)["cards.ours"].format(gap=said(gap, "gap", language)) if isfinite(gap) else ""
        yield Card(texts(language)["cards.official_people"], printed(people, language), words, statistic)


def _of_cities(review: Review, language: str) -> Iterator[Card]:
    t, seen, cities = texts(language), glance(review), people_of_cities(review)
    rules = f"{review.population}, {review.edition}"
    counts = {"centres": (seen.centres, seen.cross_border_centres), "clusters": (seen.clusters, seen.cross_border_clusters)}
    for key, (count, across) in counts.items():
        words = t["cards.of_border"].format(count=said(across, "count", language))
        over = range_words(over_scenarios(review, key, "count"), language)
        yield Card(t[f"cards.{key}"], said(count, "count", language), f"{t[f'cards.what_{key}']} · {words}", rules, over)
    if len(cities):
        zone, people = str(cities.index[0]), float(cities.iloc[0])
        told = {"people": said(people, "people", language), "share": said(people / float(cities.sum()), "share", language)}
        definition = t["cards.of_largest"].format(**told)
        yield Card(t["topics.primacy"], zone_name(review, zone), definition, rules, _rank(review, zone, language))


def _rank(review: Review, zone: str, language: str) -> str:
    """Say whether the largest city is the largest everywhere, and how large it is where it is not."""
    found: Range | None = range_of(in_scenarios(review, zone)["people"], "people", "range_scenarios")
    if found is None:
        return ""
    is_everywhere = found.count == len(review.comparison.get("scenarios", ()))
    key = "cards.first_everywhere" if is_everywhere and is_first_everywhere(review, zone) else "cards.not_first"
    return f"{range_words(found, language)}; {texts(language)[key]}"
