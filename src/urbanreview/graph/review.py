"""The graph of a review: every step with what it reads, in an order in which nothing comes before its needs."""

from collections.abc import Iterable, Iterator
from functools import partial

from urbanreview.config import Settings
from urbanreview.delineation import Rules
from urbanreview.engine import Step
from urbanreview.graph.common import OWN_ZONES, UNITS, ZONES, of_views, plain
from urbanreview.graph.environment import AIR, CLIMATE, EXPOSURE, air_steps, climate_steps, exposure_steps
from urbanreview.graph.lights import LIGHT_SERIES, LIGHTS, light_steps
from urbanreview.graph.own import own_steps
from urbanreview.naming import GAZETTEER
from urbanreview.steps.access import measure_access
from urbanreview.steps.built_up import ask_built_up, ask_change, ask_expansion
from urbanreview.steps.cities import ask_growth, ask_system
from urbanreview.steps.country import add_own_zones, open_country
from urbanreview.steps.degree import ask_degree, compare_rules
from urbanreview.steps.epochs import compared_epochs, pairs_of
from urbanreview.steps.form import ask_form
from urbanreview.steps.inputs import fill_path
from urbanreview.steps.land_series import ask_growth_of_people, ask_land
from urbanreview.steps.names import name_settlements
from urbanreview.steps.people import open_people
from urbanreview.steps.points import place_points
from urbanreview.steps.settlements import find_settlements, reads_built_up
from urbanreview.steps.themes import ask_population, zones_asked

SENSITIVITY = "sensitivity"
ACCESS = "travel time"
FORM, SYSTEM, GROWTH = "density and shape", "system of cities", "growth of cities"
BUILT_UP, CHANGE, EXPANSION, LAND = "built-up land", "new built-up land", "kinds of expansion", "land consumption"
THEMES = (
    "degree of urbanisation",
    FORM,
    SYSTEM,
    GROWTH,
    LIGHTS,
    LIGHT_SERIES,
    BUILT_UP,
    CHANGE,
    EXPANSION,
    LAND,
    EXPOSURE,
    CLIMATE,
    AIR,
)
"""Groups of steps whose answers are rows of the long table."""


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
        Step(OWN_ZONES, zones_asked, needs=(UNITS, of_views(settings, "delineation")[0]), stored=False),
        Step(ZONES, zones_asked, needs=(UNITS, *of_views(settings, "delineation")), stored=False),
        *_form(settings),
        *_system(settings),
        *_built_up(settings),
        *_expansion(settings),
        *light_steps(settings),
        *exposure_steps(settings),
        *climate_steps(settings),
        *air_steps(settings),
        *own_steps(settings),
    ]


def _boundaries(settings: Settings) -> Iterator[Step]:
    country, section = settings.country, settings.boundaries
    yield Step(
        "boundaries",
        partial(open_country, settings),
        settings={
            "country": plain(country, "margin_km"),
            "boundaries": plain(section, "points", "year", "note", "policy", "disclaimer"),
        },
        files=(section.path, *([country.outline] if country.outline else [])),
        group="boundaries",
    )
    own = settings.zones
    yield Step(
        UNITS,
        partial(add_own_zones, settings),
        needs=("boundaries",),
        settings={"iso3": country.iso3, "zones": {name: plain(each, "note") for name, each in own.items()}},
        files=tuple(each.path for each in own.values()),
        group="boundaries",
    )


def _population(settings: Settings, source: str, year: int) -> Iterator[Step]:
    """Give the steps of one population: itself, its cities, their names and points, and people by zone."""
    view = f"{source} {year}"
    primary = settings.views()[0] == (source, year)
    first = () if primary else (of_views(settings, "delineation")[0],)
    found = (UNITS, f"population {view}", f"delineation {view}")
    yield _people(settings, source, year)
    yield _delineation(settings, source, year)
    yield _names(settings, view)
    yield Step(
        f"points {view}",
        partial(place_points, settings),
        needs=found,
        settings={"points": settings.boundaries.points, "districts": primary},
        group="points",
    )
    yield Step(f"people {view}", ask_population, needs=(*found, *first), version=3, group="people by zone")
    if settings.delineation.rule_sets()[0].degree is not None:
        yield Step(
            f"degree {view}",
            partial(ask_degree, settings),
            needs=found,
            settings={"units": settings.delineation.units},
            group="degree of urbanisation",
        )


def _people(settings: Settings, source: str, year: int) -> Step:
    population, land = settings.population[source], settings.land
    return Step(
        f"population {source} {year}",
        partial(open_people, settings, source=source, year=year),
        needs=("boundaries",),
        settings={
            "margin_km": settings.country.margin_km,
            "population": plain(population, "years", "primary", "note"),
            "land": plain(land, "note"),
            "settlements": settings.settlements is not None,
        },
        files=(fill_path(population.path, year=year), *([land.path] if land else [])),
        version=2,
        group="population",
    )


def _delineation(settings: Settings, source: str, year: int) -> Step:
    given, built = settings.settlements, _built_up_read(settings, settings.delineation.rule_sets()[:1], year)
    return Step(
        f"delineation {source} {year}",
        partial(find_settlements, settings),
        needs=("boundaries", f"population {source} {year}"),
        settings={
            "iso3": settings.country.iso3,
            "delineation": plain(settings.delineation, "compare", "units"),
            "built_up": plain(settings.built_up, "years", "note") if built else None,
            "margin_km": settings.country.margin_km if built else None,
            "settlements": plain(given, "note"),
            "suffix": settings.view_suffix(source, str(year)),
        },
        files=(*([given.path] if given else []), *built),
        version=4,
        group="delineation",
    )


def _names(settings: Settings, view: str) -> Step:
    given, names = settings.settlements, settings.naming.names
    return Step(
        f"names {view}",
        partial(name_settlements, settings),
        needs=("boundaries", f"delineation {view}"),
        settings={"naming": plain(settings.naming), "gazetteer": GAZETTEER, "given": bool(given and given.name)},
        files=tuple(filter(None, (names, settings.naming.alternate_names))),
        version=3,
        group="names",
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
            "delineation": plain(settings.delineation, "units"),
            "built_up": plain(settings.built_up, "years", "note") if files else None,
            "margin_km": settings.country.margin_km,
        },
        files=tuple(files),
        version=2,
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
        needs=(UNITS, f"population {view}", f"delineation {view}", f"points {view}"),
        settings={
            "access": plain(section, "note"),
            "iso3": settings.country.iso3,
            "margin_km": settings.country.margin_km,
            "gazetteer": GAZETTEER,
        },
        files=(section.path, *([section.points] if section.points else [])),
        version=3,
        group="travel time",
    )


def _form(settings: Settings) -> Iterator[Step]:
    for source, year in settings.views():
        view = f"{source} {year}"
        yield Step(
            f"form {view}",
            partial(ask_form, settings),
            needs=(UNITS, f"population {view}", f"delineation {view}"),
            settings={"form": plain(settings.form)},
            group=FORM,
        )


def _system(settings: Settings) -> Iterator[Step]:
    """Give the steps of the system of cities: every population by itself, then its years beside one another."""
    given = {"settlements": plain(settings.settlements, "note")}
    for source, year in settings.views():
        view = f"{source} {year}"
        yield Step(
            f"system {view}",
            partial(ask_system, settings),
            needs=("boundaries", f"population {view}", f"delineation {view}"),
            settings=given,
            group=SYSTEM,
        )
    for source, population in settings.population.items():
        for before, after in pairs_of(population.years):
            dates = [f"{step} {source} {year}" for year in (before, after) for step in ("population", "delineation")]
            yield Step(
                _growth(source, before, after),
                partial(ask_growth, settings),
                needs=("boundaries", *dates),
                settings=given,
                group=GROWTH,
            )
    years = {source: sorted(set(population.years)) for source, population in settings.population.items()}
    if any(len(each) > 1 for each in years.values()):
        yield Step(
            "growth of people",
            partial(ask_growth_of_people, settings),
            needs=of_views(settings, "people"),
            settings={"years": years},
            group=GROWTH,
        )


def _growth(source: str, before: int, after: int) -> str:
    return f"urban growth {source} {before}-{after}"


def _built_up(settings: Settings) -> Iterator[Step]:
    section = settings.built_up
    if section is None:
        return
    read = {"built_up": plain(section, "years", "note"), "margin_km": settings.country.margin_km}
    for year in section.years:
        yield Step(
            f"built-up {year}",
            partial(ask_built_up, settings, year=year),
            needs=("boundaries", ZONES, *of_views(settings, "people")),
            settings=read,
            files=(fill_path(section.path, year=year),),
            version=2,
            group=BUILT_UP,
        )
    for before, after in compared_epochs(settings):
        yield Step(
            f"built-up {before}-{after}",
            partial(ask_change, settings, before=before, after=after),
            needs=("boundaries", ZONES, *_extents_at(settings, before, after)),
            settings=read,
            files=(fill_path(section.path, year=before), fill_path(section.path, year=after)),
            group=CHANGE,
        )
    pairs = [(source, *pair) for source, population in settings.population.items() for pair in pairs_of(population.years)]
    yield Step(
        "land",
        partial(ask_land, settings),
        needs=(
            ZONES,
            *of_views(settings, "people"),
            *(f"built-up {year}" for year in section.years),
            *(_growth(*pair) for pair in pairs),
        ),
        settings={"epochs": section.years, "views": [list(view) for view in settings.views()]},
        group=LAND,
    )


def _expansion(settings: Settings) -> Iterator[Step]:
    finer = settings.expansion.built_up or settings.built_up
    for before, after in [] if finer is None else pairs_of(finer.years):
        yield Step(
            f"expansion {before}-{after}",
            partial(ask_expansion, settings, before=before, after=after),
            needs=("boundaries", ZONES),
            settings={
                "built_up": plain(finer, "years", "note"),
                "finer": settings.expansion.built_up is not None,
                "expansion": plain(settings.expansion, "built_up"),
                "margin_km": settings.country.margin_km,
            },
            files=() if finer is None else (fill_path(finer.path, year=before), fill_path(finer.path, year=after)),
            group=EXPANSION,
        )


def _extents_at(settings: Settings, before: int, after: int) -> tuple[str, ...]:
    """Return the delineations of two years, two and two, of every population that has both."""
    both = [source for source, population in settings.population.items() if {before, after} <= set(population.years)]
    return tuple(f"delineation {source} {year}" for source in both for year in (before, after))
