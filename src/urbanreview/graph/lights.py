"""The steps of the lights at night: every date, every year of months, and what they say as a series."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from urbanreview.config import Lights, Settings
from urbanreview.engine import Step
from urbanreview.graph.common import ZONES, of_views, plain
from urbanreview.steps.inputs import fill_path, light_dates
from urbanreview.steps.light_series import ask_light_series, breaks_of
from urbanreview.steps.lights import ask_light_year, ask_lights

LIGHTS, LIGHT_SERIES = "night lights", "light per person, growth and trend"


def light_steps(settings: Settings) -> Iterator[Step]:
    """Give the steps; the newest year keeps its raster."""
    section = settings.lights
    if section is None:
        return
    read = {
        "lights": plain(section, "years", "months", "year_months", "breaks", "note"),
        "margin_km": settings.country.margin_km,
    }
    dates = light_dates(settings)
    newest = max(year for year, _ in dates)
    of_dates = [
        _date(section, settings, read, year=year, month=month, with_raster=month is None and year == newest)
        for year, month in dates
    ]
    of_years = []
    for year in dict.fromkeys(year for year, _ in dates) if section.monthly else ():
        months = [step.name for step, (each, _) in zip(of_dates, dates, strict=True) if each == year]
        of_years.append(_year(section, settings, read, year=year, months=months, with_raster=year == newest))
    yield from (*of_dates, *of_years)
    built = [] if settings.built_up is None else settings.built_up.years
    yield Step(
        "light series",
        partial(ask_light_series, settings),
        needs=(
            "boundaries",
            *of_views(settings, "people"),
            *(f"built-up {year}" for year in built),
            *(step.name for step in (*of_dates, *of_years)),
        ),
        settings={"breaks": list(breaks_of(section)), "floor": section.floor, "primary": settings.primary},
        group=LIGHT_SERIES,
    )


def _date(
    section: Lights, settings: Settings, read: Mapping[str, Any], *, year: int, month: int | None, with_raster: bool
) -> Step:
    """Return the step of one date: a month, or a year that is given whole."""
    series = (section.path, *([section.observations] if section.observations else []))
    flares = (section.flares.path,) if section.flares else ()
    return Step(
        f"lights {year}" if month is None else f"lights {year}-{month:02}",
        partial(ask_lights, settings, year=year, month=month, with_raster=with_raster),
        needs=("boundaries", ZONES),
        settings={**read, **_kept(with_raster)},
        files=(*(fill_path(file, year=year, month=month) for file in series), *flares),
        version=2,
        group=LIGHTS,
    )


def _year(
    section: Lights, settings: Settings, read: Mapping[str, Any], *, year: int, months: list[str], with_raster: bool
) -> Step:
    """Return the step of the mean of a year's months."""
    return Step(
        f"lights {year}",
        partial(ask_light_year, settings, year=year, with_raster=with_raster),
        needs=("boundaries", ZONES, *months),
        settings={**read, "year_months": section.year_months, **_kept(with_raster)},
        group=LIGHTS,
    )


def _kept(with_raster: bool) -> dict[str, bool]:
    """Return what the key of a step says of the raster that it keeps: nothing where it keeps none."""
    return {"with_raster": True} if with_raster else {}
