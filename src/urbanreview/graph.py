"""The graph of a review: every step with what it reads, in an order in which nothing comes before its needs."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from urbanreview.config import Section, Settings
from urbanreview.engine import Step
from urbanreview.naming import GAZETTEER
from urbanreview.steps.country import open_country
from urbanreview.steps.inputs import fill_path, light_dates
from urbanreview.steps.people import open_people
from urbanreview.steps.points import place_points
from urbanreview.steps.settlements import find_settlements, name_settlements
from urbanreview.steps.themes import ask_built_up, ask_lights, ask_population, zones_asked

ZONES = "zones"


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
    yield Step(
        f"delineation {view}",
        partial(find_settlements, settings),
        needs=("boundaries", f"population {view}"),
        settings={
            "iso3": country.iso3,
            "delineation": _plain(settings.delineation),
            "settlements": _plain(given, "note"),
            "suffix": settings.view_suffix(source, str(year)),
        },
        files=(given.path,) if given else (),
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
