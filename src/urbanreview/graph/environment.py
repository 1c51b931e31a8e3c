"""Steps of hazards, climate and air."""

from collections.abc import Iterator
from functools import partial

from urbanreview.config import Settings
from urbanreview.engine import Step
from urbanreview.graph.common import OWN_ZONES, plain
from urbanreview.steps.air import ask_air, ask_air_series, ask_heating, people_for, season_files, season_period, year_files
from urbanreview.steps.climate import ask_climate, climate_files
from urbanreview.steps.exposure import (
    ask_expected,
    ask_exposure,
    ask_growth_into,
    built_up_span,
    find_dry,
    hazard_files,
    people_span,
)
from urbanreview.steps.inputs import fill_path

EXPOSURE, CLIMATE, AIR = "hazards", "climate", "air"
MAPS = "hazard maps"
OF_SOME_STEPS = ("base_year", "growth_return_period", "protection_years")
"""Settings of a hazard that its maps do not depend on."""


def exposure_steps(settings: Settings) -> Iterator[Step]:
    """Give the steps of every hazard: what its nodata means, a step per return period, the expected year, and growth."""
    margin = {"margin_km": settings.country.margin_km}
    newest = tuple(f"population {source} {year}" for source, year in settings.newest_views())
    for name, section in settings.exposure.items():
        read = {
            "exposure": plain(section, "note", "return_periods", "base_year", "growth_return_period", "protection_years"),
            **margin,
        }
        dry = f"exposure {name} dry"
        yield Step(
            dry,
            partial(find_dry, settings, name=name),
            needs=("boundaries",),
            settings=read,
            files=hazard_files(section, section.periods[-1]),
            group=MAPS,
        )
        epochs = [] if settings.built_up is None else sorted(settings.built_up.years)[-1:]
        built = {"built_up": plain(settings.built_up, "years", "note"), "epochs": epochs}
        asked = [f"exposure {name}" if period is None else f"exposure {name} {period:g}" for period in section.periods]
        for step, period in zip(asked, section.periods, strict=True):
            yield Step(
                step,
                partial(ask_exposure, settings, name=name, return_period=period),
                needs=("boundaries", OWN_ZONES, dry, *newest),
                settings=read | built,
                files=(*hazard_files(section, period), *_built_up_files(settings, epochs)),
                group=EXPOSURE,
            )
        if len(section.periods) > 1:
            yield Step(
                f"exposure {name} expected",
                partial(ask_expected, settings, name=name),
                needs=(OWN_ZONES, *newest, *asked),
                settings=read | {"protection_years": section.protection_years},
                group=EXPOSURE,
            )
        yield from _growth_into(settings, name, dry)


def _growth_into(settings: Settings, name: str, dry: str) -> Iterator[Step]:
    section = settings.exposure[name]
    people, land = people_span(settings, section), built_up_span(settings, section)
    if people is None and land is None:
        return
    yield Step(
        f"exposure {name} growth",
        partial(ask_growth_into, settings, name=name),
        needs=("boundaries", OWN_ZONES, dry, *(f"population {settings.primary} {year}" for year in people or ())),
        settings={
            "exposure": plain(section, "note", "protection_years"),
            "built_up": plain(settings.built_up, "years", "note"),
            "epochs": land,
            "margin_km": settings.country.margin_km,
        },
        files=(*hazard_files(section, section.growth_period()), *_built_up_files(settings, land or ())),
        group=EXPOSURE,
    )


def _built_up_files(settings: Settings, years: list[int] | tuple[int, ...]) -> tuple[str, ...]:
    section = settings.built_up
    return () if section is None else tuple(fill_path(section.path, year=year) for year in years)


def climate_steps(settings: Settings) -> Iterator[Step]:
    """Give a step per series of rain or temperature."""
    source, year = settings.views()[0]
    for name, section in settings.climate.items():
        yield Step(
            f"climate {name}",
            partial(ask_climate, settings, name=name),
            needs=("boundaries", f"population {source} {year}", OWN_ZONES),
            settings={"climate": plain(section, "note"), "margin_km": settings.country.margin_km},
            files=tuple(file.path for file in climate_files(settings, name)),
            group=CLIMATE,
        )


def air_steps(settings: Settings) -> Iterator[Step]:
    """Give the steps of fine dust: a step per year, one per heating season with monthly means, and what follows from them."""
    section = settings.air
    if section is None:
        return
    read = {"air": plain(section, "years", "note"), "margin_km": settings.country.margin_km}
    done: list[str] = []
    for year in sorted(set(section.years)):
        people = "population {} {}".format(*people_for(settings, year))
        needs = ("boundaries", OWN_ZONES, people)
        asked = {f"air {year}": (partial(ask_air, settings, year=year), year_files(settings, year))}
        if season_files(settings, year):
            heating = (partial(ask_heating, settings, year=year), season_files(settings, year))
            asked[f"heating season {season_period(settings, year)}"] = heating
        for step, (task, files) in asked.items():
            yield Step(step, task, needs=needs, settings=read, files=files, group=AIR)
        done += asked
    yield Step("air series", partial(ask_air_series, settings), needs=tuple(done), settings={"years": section.years}, group=AIR)
