"""What follows from people and built-up land of several years: growth of people, and land consumption, of every zone."""

from collections.abc import Iterator, Mapping
from functools import reduce

import pandas as pd

from urbanreview.config import Settings
from urbanreview.indicators import (
    FORMULAS,
    built_up_change,
    fullness,
    growth_rate,
    land_consumption,
    moving_before,
    per_person_change,
    reasons,
)
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.steps.epochs import compared_epochs, pairs_of
from urbanreview.steps.known import Known, known_of, least_valid, stacked
from urbanreview.steps.themes import Answers, Asked

BUILT, BUILT_UP = "built_up.area", "built_up"
PEOPLE = "population.total"


def ask_growth_of_people(settings: Settings, *counted: Answers) -> Answers:
    """Growth of people on the ground of every zone as it is now, between all years of a population."""
    known, rows = known_of(counted), []
    for source, population in settings.population.items():
        for before, after in pairs_of(population.years):
            first, last = known.two(PEOPLE, source, before, after)
            frame = growth_rate(first["value"], last["value"], years=after - before).to_frame("population.growth_rate")
            frame["valid_share"] = least_valid(first, last)
            rows.append(long_rows(frame, period=f"{before}/{after}", source=source, variant="boundary=fixed"))
    return Answers(stacked(rows), Ledger())


def ask_land(settings: Settings, asked: Asked, *answers: Answers) -> Answers:
    """Built-up land against people: SDG 11.3.1 by both formulas and on both boundaries, and how full settlements are.

    ``answers`` are those of people, built-up land, and growth of cities.
    """
    assert settings.built_up is not None
    known, epochs = known_of(answers), settings.built_up.years
    rows = [*_changes(settings, known), *_fullness(settings, asked, known)]
    links = [part.links for part in answers if len(part.links)]
    for source, population in settings.population.items():
        for before, after in pairs_of(sorted(set(population.years) & set(epochs))):
            period = f"{before}/{after}"
            fixed = _fixed(known, source, before, after)
            rows += _consumption(fixed, period, source, years=after - before, boundary="fixed")
            if links:
                of_pair = _links_of(settings, asked, pd.concat(links, ignore_index=True), source, before, after)
                moving = _moving(known, of_pair, source, before, after)
                rows += _consumption(moving, period, source, years=after - before, boundary="moving")
    return Answers(stacked(rows), Ledger())


def _changes(settings: Settings, known: Known) -> list[pd.DataFrame]:
    rows = []
    for before, after in compared_epochs(settings):
        first, last = known.two(BUILT, BUILT_UP, before, after)
        frame = (
            built_up_change(first["value"], last["value"])
            .to_frame("built_up.change")
            .assign(valid_share=least_valid(first, last))
        )
        rows.append(long_rows(frame, period=f"{before}/{after}", source=BUILT_UP))
    return rows


def _fullness(settings: Settings, asked: Asked, known: Known) -> list[pd.DataFrame]:
    """How full the settlements of every population are in its own year."""
    rows = []
    for number, (source, year) in enumerate(settings.views()):
        built = known.at(BUILT, BUILT_UP, str(year))
        for level in ("urban_cluster", "urban_centre"):
            zones = asked.plans[f"{level} {number}"].zones
            there = zones.index.intersection(built.index)
            if len(there):
                full = fullness(built.loc[there, "value"], zones.loc[there, "area_km2"])
                frame = full.to_frame("form.fullness").assign(valid_share=built["valid_share"])
                rows.append(long_rows(frame, period=str(year), source=source))
    return rows


def _fixed(known: Known, source: str, before: int, after: int) -> dict[str, pd.DataFrame]:
    """Built-up land and people of both dates on the ground that a zone has now; zones that have all four."""
    parts = {
        "built_before": known.at(BUILT, BUILT_UP, str(before)),
        "built_after": known.at(BUILT, BUILT_UP, str(after)),
        "people_before": known.at(PEOPLE, source, str(before)),
        "people_after": known.at(PEOPLE, source, str(after)),
    }
    zones = reduce(pd.Index.intersection, (part.index for part in parts.values()))
    return {name: part.loc[zones] for name, part in parts.items()}


def _links_of(settings: Settings, asked: Asked, links: pd.DataFrame, source: str, before: int, after: int) -> pd.DataFrame:
    """Pick the links from the settlements of one year of a population to those of another."""
    views = settings.views()
    ids = {}
    for year in (before, after):
        number = views.index((source, year))
        ids[year] = [
            zone for level in ("urban_cluster", "urban_centre") for zone in asked.plans[f"{level} {number}"].zones.index
        ]
    return links[links["to_id"].isin(ids[before]) & links["from_id"].isin(ids[after])]


def _moving(known: Known, links: pd.DataFrame, source: str, before: int, after: int) -> dict[str, pd.DataFrame]:
    """Built-up land and people in the extents of each date; those of the first date of all settlements that became one."""
    later = pd.Index(links["from_id"].unique(), name="zone_id")
    built, people = known.at(BUILT, BUILT_UP, str(after)), known.at(PEOPLE, source, str(after))
    earlier = [
        moving_before(links, known.value(measure, origin, str(before))).reindex(later).to_frame("value").assign(valid_share=1.0)
        for measure, origin in ((BUILT, BUILT_UP), (PEOPLE, source))
    ]
    parts = [earlier[0], built.reindex(later), earlier[1], people.reindex(later)]
    return dict(zip(("built_before", "built_after", "people_before", "people_after"), parts, strict=True))


def _consumption(
    parts: Mapping[str, pd.DataFrame], period: str, source: str, *, years: int, boundary: str
) -> Iterator[pd.DataFrame]:
    """Land consumption of the zones that have all four numbers, by every formula."""
    if parts["built_after"].empty:
        return
    numbers = {name: part["value"].astype(float) for name, part in parts.items()}
    valid = least_valid(*parts.values())
    for edition, formula in FORMULAS.items():
        frame = land_consumption(**numbers, years=years, formula=formula)
        why = {"land.consumption_ratio": reasons(frame)}
        words = f"boundary={boundary};formula={edition}"
        yield long_rows(frame.assign(valid_share=valid), period=period, source=source, variant=words, reasons=why)
    change = per_person_change(*numbers.values()).to_frame("land.per_person_change").assign(valid_share=valid)
    yield long_rows(change, period=period, source=source, variant=f"boundary={boundary}")
