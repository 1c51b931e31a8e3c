"""The Degree of Urbanisation of units, and what other rules and populations would say."""

from dataclasses import replace

import pandas as pd

from urbanreview.config import Settings
from urbanreview.delineation import Layers, Sensitivity, sensitivity
from urbanreview.errors import CellsTooLarge
from urbanreview.grid import geobox_of
from urbanreview.indicators import degree
from urbanreview.ledger import Ledger, total
from urbanreview.measures import long_rows
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements, open_built_up
from urbanreview.steps.themes import Answers, units_asked
from urbanreview.zones import degree_of_units, summarise


def ask_degree(settings: Settings, land: Land, people: People, cities: Settlements) -> Answers:
    """Classes of units, and shares of their people by class, in one population."""
    rows, ledger = [], Ledger()
    classes = cities.classes
    for level, plans in units_asked(land).plans.items() if classes is not None else ():
        assert classes is not None
        table, more = degree_of_units(
            plans.zones,
            people.raster,
            level_1=classes.level_1,
            level_2=classes.level_2,
            rules=settings.delineation.units,
            plan=plans.on(geobox_of(people.raster)),
        )
        valid = summarise(plans.on(geobox_of(people.raster)), people.raster)[0]["valid_share"]
        frames = degree(table, valid_share=valid, classed=level != "adm0")
        rows += [long_rows(frame, period=people.period, source=people.source, variant=word) for word, frame in frames.items()]
        ledger += more
    return Answers(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), ledger, ())


def _with_suffixes(settings: Settings, cities: pd.DataFrame) -> pd.DataFrame:
    """Let matched ids end in their population, as those of its settlements do."""
    ends = {f"{source} {year}": settings.view_suffix(source, str(year)) for source, year in settings.newest_views()}
    matched = cities["match_id"].str.cat(cities["population"].map(ends))
    return cities.assign(match_id=matched.where(cities["match_id"].notna(), None))


def compare_rules(settings: Settings, land: Land, *populations: People) -> tuple[Sensitivity | None, Ledger]:
    """Delineate the newest year of every population under every rule set of the settings; see `sensitivity`."""
    rules = settings.delineation.rule_sets()
    layers, ledgers = {}, []
    for people in populations:
        reading = next((rule for rule in rules if rule.degree and rule.degree.built_up_share is not None), rules[0])
        built_up, ledger, _ = open_built_up(settings, land, reading, year=int(people.period))
        layers[f"{people.source} {people.period}"] = Layers(people.raster, people.land_m2, built_up)
        ledgers.append(ledger)
    try:
        found, _ = sensitivity(layers, rules, within=land.outline, iso3=settings.country.iso3)
        found = replace(found, cities=_with_suffixes(settings, found.cities))
    except CellsTooLarge:
        return None, Ledger().add("sensitivity", "a grid too coarse to find cities on: nothing is compared", "population", 1)
    return found, total(ledgers)
