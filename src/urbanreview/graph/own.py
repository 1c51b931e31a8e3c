"""Steps of the user's own units, city databases, official numbers and city list."""

from collections.abc import Iterator
from functools import partial

from urbanreview.config import Settings
from urbanreview.engine import Step
from urbanreview.graph.common import UNITS, plain
from urbanreview.steps.city_list import ask_city_list
from urbanreview.steps.official import ask_official, official_view
from urbanreview.steps.own import ask_crosswalk, ask_division, ask_extents

BESIDE = "own units and official numbers"
"""Group of the steps that set a review beside what the user brings."""


def own_steps(settings: Settings) -> Iterator[Step]:
    """Give the steps of the division, extents, crosswalks, official tables and the city list, as far as there are any."""
    view = "{} {}".format(*settings.views()[0])
    people, names = f"population {view}", f"names {view}"
    yield Step(
        "division",
        partial(ask_division, settings),
        needs=("boundaries", people),
        settings={"iso3": settings.country.iso3, "level": settings.boundaries.number},
        group=BESIDE,
    )
    if settings.zones:
        yield Step("extents compared", ask_extents, needs=(UNITS, people, names), group=BESIDE)
    yield from _crosswalks(settings)
    yield from _official(settings)
    if settings.city_list is not None:
        given = settings.settlements is not None
        yield Step(
            "city list",
            partial(ask_city_list, settings),
            needs=(people, names),
            settings={
                "city_list": plain(settings.city_list, "note"),
                "given": given,
                "languages": settings.naming.languages,
            },
            files=(settings.city_list.path,),
            version=2,
            group=BESIDE,
        )


def _crosswalks(settings: Settings) -> Iterator[Step]:
    for name, section in settings.crosswalk.items():
        for source, year in settings.views():
            yield Step(
                f"crosswalk {name} {source} {year}",
                partial(ask_crosswalk, settings, name=name),
                needs=("boundaries", f"population {source} {year}", f"names {source} {year}"),
                settings={"crosswalk": plain(section, "note"), "name": name, "first": (source, year) == settings.views()[0]},
                files=(section.path,),
                version=2,
                group=BESIDE,
            )


def _official(settings: Settings) -> Iterator[Step]:
    for name, section in settings.official.items():
        view = "{} {}".format(*official_view(settings, name))
        yield Step(
            f"official {name}",
            partial(ask_official, settings, name=name),
            needs=(UNITS, f"population {view}", f"people {view}"),
            settings={"official": plain(section, "note"), "name": name, "division": settings.boundaries.year},
            files=tuple(filter(None, (section.path, section.correspondence))),
            version=2,
            group=BESIDE,
        )
