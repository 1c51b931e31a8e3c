"""The graph of a review: every step with what it reads, in an order in which nothing comes before its needs."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from urbanreview.config import Section, Settings
from urbanreview.delineation import Rules
from urbanreview.engine import Step
from urbanreview.naming import GAZETTEER
from urbanreview.steps.access import measure_access
from urbanreview.steps.country import open_country
from urbanreview.steps.degree import ask_degree, compare_rules
from urbanreview.steps.inputs import fill_path, light_dates
from urbanreview.steps.people import open_people
from urbanreview.steps.points import place_points
from urbanreview.steps.settlements import find_settlements, name_settlements, reads_built_up
from urbanreview.steps.themes import ask_built_up, ask_lights, ask_population, zones_asked

ZONES = "zones"
SENSITIVITY = "sensitivity"
ACCESS = "travel time"


def steps_of(settings: Settings) -> list[Step]:
    """Return the steps of a review: boundaries, then every population with its cities, then the themes.

    Raises
    ------
    MissingFile
        If a series of monthly rasters has no file at all.
    """
    return [
        *_boundaries(settings),
        *(step for source, year in settings.views() for step in _population(settings, source, year)),
        *_sensitivity(settings),
        *_access(settings),
        Step(ZONES, zones_asked, needs=("boundaries", *_of_views(settings, "delineation")), stored=False),
        *_lights(settings),
        *_built_up(settings),
    ]


def _of_views(settings: Settings, step: str) -> tuple[str, ...]:
    return tuple(f"{step} {source} {year}" for source, year in settings.views())


def _plain(section: Section | None, *leave: str) -> Any:
    """Return a section as plain values, without keys that do not touch a result."""
    return None if section is None else section.model_dump(mode="json", exclude=set(leave))


def _boundaries(settings: Settings) -> Iterator[Step]:
    country, section = settings.country, settings.boundaries
    yield Step(
        "boundaries",
        partial(open_country, settings),
        settings={"country": _plain(country, "margin_km"), "boundaries": _plain(section, "points", "year", "note")},
        files=(section.path, *([country.outline] if country.outline else [])),
        group="boundaries",
    )


def _population(settings: Settings, source: str, year: int) -> Iterator[Step]:
    """Give the steps of one population: itself, its cities, their names and points, and people by zone."""
    view, country = f"{source} {year}", settings.country
    primary = settings.views()[0] == (source, year)
    population, given, land = settings.population[source], settings.settlements, settings.land
    yield Step(
        f"population {view}",
        partial(open_people, settings, source=source, year=year),
        needs=("boundaries",),
        settings={
            "margin_km": country.margin_km,
            "population": _plain(population, "years", "primary", "note"),
            "land": _plain(land, "note"),
            "settlements": given is not None,
        },
        files=(fill_path(population.path, year=year), *([land.path] if land else [])),
        group="population",
    )
    built = _built_up_read(settings, settings.delineation.rule_sets()[:1], year)
    yield Step(
        f"delineation {view}",
        partial(find_settlements, settings),
        needs=("boundaries", f"population {view}"),
        settings={
            "iso3": country.iso3,
            "delineation": _plain(settings.delineation, "compare", "units"),
            "built_up": _plain(settings.built_up, "years", "note") if built else None,
            "margin_km": settings.country.margin_km if built else None,
            "settlements": _plain(given, "note"),
            "suffix": settings.view_suffix(source, str(year)),
        },
        files=(*([given.path] if given else []), *built),
        version=2,
        group="delineation",
    )
    names = settings.naming.names
    yield Step(
        f"names {view}",
        partial(name_settlements, settings),
        needs=("boundaries", f"delineation {view}"),
        settings={"naming": _plain(settings.naming), "gazetteer": GAZETTEER, "given": bool(given and given.name)},
        files=(names,) if names else (),
        group="names",
    )
    yield Step(
        f"points {view}",
        partial(place_points, settings),
        needs=("boundaries", f"population {view}", f"delineation {view}"),
        settings={"points": settings.boundaries.points, "districts": primary},
        group="points",
    )
    first = () if primary else (_of_views(settings, "delineation")[0],)
    yield Step(
        f"people {view}",
        ask_population,
        needs=("boundaries", f"population {view}", f"delineation {view}", *first),
        group="people by zone",
    )
    if settings.delineation.rule_sets()[0].degree is not None:
        yield Step(
            f"degree {view}",
            partial(ask_degree, settings),
            needs=("boundaries", f"population {view}", f"delineation {view}"),
            settings={"units": settings.delineation.units},
            group="degree of urbanisation",
        )


def _sensitivity(settings: Settings) -> Iterator[Step]:
    """Give the step that compares rule sets and populations, if there is more than one of either."""
    views, rules = settings.newest_views(), settings.delineation.rule_sets()
    if settings.settlements is not None or len(views) * len(rules) < 2:
        return
    files = dict.fromkeys(file for _, year in views for file in _built_up_read(settings, rules, year))
    yield Step(
        SENSITIVITY,
        partial(compare_rules, settings),
        needs=("boundaries", *(f"population {source} {year}" for source, year in views)),
        settings={
            "iso3": settings.country.iso3,
            "delineation": _plain(settings.delineation, "units"),
            "built_up": _plain(settings.built_up, "years", "note") if files else None,
            "margin_km": settings.country.margin_km,
        },
        files=tuple(files),
        group="sensitivity",
    )


def _built_up_read(settings: Settings, rules: Iterable[Rules], year: int) -> tuple[str, ...]:
    """Return the built-up file that delineations of a year read, if any does."""
    section = settings.built_up
    if section is None or not any(reads_built_up(settings, rule, year=year) for rule in rules):
        return ()
    return (fill_path(section.path, year=year),)


def _access(settings: Settings) -> Iterator[Step]:
    section = settings.access
    if section is None:
        return
    source, year = settings.views()[0]
    view = f"{source} {year}"
    yield Step(
        ACCESS,
        partial(measure_access, settings),
        needs=("boundaries", f"population {view}", f"delineation {view}", f"points {view}"),
        settings={
            "access": _plain(section, "note"),
            "iso3": settings.country.iso3,
            "margin_km": settings.country.margin_km,
            "gazetteer": GAZETTEER,
        },
        files=(section.path, *([section.points] if section.points else [])),
        version=2,
        group="travel time",
    )


def _lights(settings: Settings) -> Iterator[Step]:
    section = settings.lights
    for year, month in [] if section is None else light_dates(settings):
        period = f"{year}" if month is None else f"{year}-{month:02}"
        yield Step(
            f"lights {period}",
            partial(ask_lights, settings, year=year, month=month),
            needs=("boundaries", ZONES),
            settings={"lights": _plain(section, "years", "months", "note"), "margin_km": settings.country.margin_km},
            files=(fill_path(section.path, year=year, month=month),) if section else (),
            group="night lights",
        )


def _built_up(settings: Settings) -> Iterator[Step]:
    section = settings.built_up
    for year in [] if section is None else section.years:
        yield Step(
            f"built-up {year}",
            partial(ask_built_up, settings, year=year),
            needs=("boundaries", ZONES, *_of_views(settings, "people")),
            settings={"built_up": _plain(section, "years", "note"), "margin_km": settings.country.margin_km},
            files=(fill_path(section.path, year=year),) if section else (),
            group="built-up land",
        )
