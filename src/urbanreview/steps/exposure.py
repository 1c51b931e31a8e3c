"""Ask every zone who and what lies in the zone of a hazard: map by map, in a year on average, and what has grown into it."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Settings
from urbanreview.config.exposure import Exposure
from urbanreview.errors import BadSetting
from urbanreview.grid import describe, geobox_of, resample, same_grid
from urbanreview.indicators.exposure import (
    beyond_the_maps,
    expected_exposure,
    exposed,
    gains,
    grown,
    in_zone,
    known_land_km2,
    nearest_year,
)
from urbanreview.indicators.hazard import DEEP, Hazard, Peril, Tally
from urbanreview.indicators.hazard_share import HazardShare, hazard_shares
from urbanreview.ledger import Ledger
from urbanreview.log import logger
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.sources import RasterWindows
from urbanreview.steps.country import Land
from urbanreview.steps.epochs import open_epoch
from urbanreview.steps.inputs import input_record
from urbanreview.steps.known import stacked
from urbanreview.steps.people import People
from urbanreview.steps.themes import Answers, Asked
from urbanreview.zones import summarise

DEPTH_UNITS = ("m", "cm", "mm")
"""Units of hazards from above that cannot be below zero."""
DEEPEST = 100.0
"""A map in metres with more than this somewhere is warned of [m]."""
PEOPLE = "exposure.people"


def find_dry(settings: Settings, land: Land, *, name: str) -> tuple[str, ...]:
    """List the maps of a hazard, as templates, whose nodata means that a cell is dry.

    With ``missing = "auto"`` the map of the longest return period is read until a value says that there is no hazard.
    """
    section = settings.exposure[name]
    templates = (section.path, *section.also)
    if section.missing != "auto":
        return templates if section.missing == "dry" else ()
    found = []
    for template, path in zip(templates, section.paths(section.periods[-1]), strict=True):
        with _opened(settings, land, section, path, name, band=section.band, kind="intensity", units=section.units) as blocks:
            if _peril(section, blocks).missing_looks_dry(land.outline):
                found.append(template)
    return tuple(found)


def ask_exposure(
    settings: Settings, land: Land, asked: Asked, dry: Sequence[str], *counted: People, name: str, return_period: float | None
) -> Answers:
    """People, built-up and other land of every zone in the zone of a hazard, by one of its maps.

    ``dry`` are the templates of `find_dry`, ``counted`` the newest populations, the primary one first. Built-up land is that
    of the newest epoch.
    """
    section = settings.exposure[name]
    built, last = None, max(settings.built_up.years, default=0) if settings.built_up else 0
    rasters = [people.raster for people in counted]
    if settings.built_up is not None:
        built, ledger, _ = open_epoch(settings, land, year=last)
        rasters.append(built)
    else:
        ledger = Ledger()
    shares, more, records = _shares(settings, land, asked, dry, rasters, name=name, return_period=return_period)
    rows, ledger = [], ledger + more
    for people, share in zip(counted, shares, strict=False):
        frames, noted = _people_frames(asked, people, share)
        words = _words(section, people=people, return_period=return_period)
        rows += [long_rows(frame, period=people.period, source=name, variant=words) for frame in frames]
        ledger += noted
    words = _words(section, return_period=return_period)
    land_zone = in_zone(known_land_km2(shares[0]), shares[0], what="land")
    frames, _ = asked.ask(rasters[0], lambda plan, _: exposed(plan, land_zone))
    rows += [long_rows(frame, period="", source=name, variant=words) for frame in frames]
    if built is not None:
        built_zone = in_zone(built, shares[-1], what="built_up")
        frames, _ = asked.ask(built, lambda plan, _: exposed(plan, built_zone))
        rows += [long_rows(frame, period=str(last), source=name, variant=words) for frame in frames]
    return Answers(stacked(rows), _named(ledger, _step(name, return_period)), records)


def _people_frames(asked: Asked, people: People, share: HazardShare) -> tuple[list[pd.DataFrame], Ledger]:
    zone = in_zone(people.raster, share, what="people")
    frames, ledger = asked.ask(people.raster, lambda plan, _: exposed(plan, zone))
    return frames, ledger + beyond_the_maps(people.raster, share)


def ask_expected(settings: Settings, asked: Asked, *parts: People | Answers, name: str) -> Answers:
    """People of every zone in the zone of a hazard in a year on average, with bounds.

    ``parts`` are the newest populations, then the answers of `ask_exposure` for every return period.
    """
    section, ledger = settings.exposure[name], Ledger()
    values = stacked([part.values for part in parts if isinstance(part, Answers)])
    rows = []
    for people in (part for part in parts if isinstance(part, People)):
        mine = values[(values["measure"] == PEOPLE) & (values["period"] == people.period)]
        maps = {
            each: mine[mine["variant"] == _words(section, people=people, return_period=each)].set_index("zone_id")
            for each in section.return_periods
        }
        table, valid = (
            pd.DataFrame({each: of_map[column].astype(float) for each, of_map in maps.items()})
            for column in ("value", "valid_share")
        )
        frame, more = expected_exposure(table, _everyone(asked, people), protection_years=section.protection_years)
        words = _words(section, people=people, protection=True)
        frame["valid_share"] = valid.min(axis=1)
        rows.append(long_rows(frame, period=people.period, source=name, variant=words))
        ledger += more
    return Answers(stacked(rows), _named(ledger, f"exposure {name}"))


def _everyone(asked: Asked, people: People) -> pd.Series:
    frames, _ = asked.ask(people.raster, lambda plan, _: summarise(plan, people.raster))
    return pd.concat([frame["sum"] for frame in frames])


@dataclass(frozen=True)
class _Growth:
    """What grows: its name in the measures, rasters of two dates on one grid, and their years."""

    what: str
    before: xr.DataArray
    after: xr.DataArray
    years: tuple[int, int]
    people: People | None = None


def ask_growth_into(settings: Settings, land: Land, asked: Asked, dry: Sequence[str], *counted: People, name: str) -> Answers:
    """Built-up land and people that every zone has gained in the zone of a hazard since a base year.

    ``counted`` are the primary population of the years of `people_span`, or nothing.
    """
    section, step = settings.exposure[name], f"exposure {name} growth"
    growths, ledger = _growths(settings, land, section, counted)
    if not growths:
        return Answers(pd.DataFrame(), ledger)
    return_period = section.growth_period()
    if return_period not in (None, section.growth_return_period):
        cause = f"no map of {section.growth_return_period:g} years: growth is told for the nearest"
        ledger = ledger.add(step, cause, "years", return_period or 0.0)
    rasters = [growth.after for growth in growths]
    shares, more, _ = _shares(settings, land, asked, dry, rasters, name=name, return_period=return_period)
    rows = []
    for growth, share in zip(growths, shares, strict=True):
        if section.base_year not in (None, growth.years[0]):
            cause = f"no {growth.what} of {section.base_year}: growth begins with the nearest year"
            ledger = ledger.add(step, cause, "year", growth.years[0])
        words = _words(section, people=growth.people, return_period=return_period)
        period = f"{growth.years[0]}/{growth.years[1]}"
        rows += [long_rows(frame, period=period, source=name, variant=words) for frame in _grown(asked, growth, share)]
    return Answers(stacked(rows), _named(ledger + more, step))


def _growths(settings: Settings, land: Land, section: Exposure, counted: Sequence[People]) -> tuple[list[_Growth], Ledger]:
    """Open what growth is told of."""
    growths, ledger = [], Ledger()
    if counted:
        before, after = counted
        earlier = before.raster
        if not same_grid(geobox_of(earlier), geobox_of(after.raster)):
            earlier, ledger = resample(earlier, to=geobox_of(after.raster))
        growths.append(_Growth("people", earlier, after.raster, (int(before.period), int(after.period)), after))
    span = built_up_span(settings, section)
    if span is not None:
        later, opened, _ = open_epoch(settings, land, year=span[1])
        earlier, also_opened, _ = open_epoch(settings, land, year=span[0], onto=geobox_of(later))
        growths.append(_Growth("built_up", earlier, later, span))
        ledger += opened + also_opened
    return growths, ledger


def _grown(asked: Asked, growth: _Growth, share: HazardShare) -> list[pd.DataFrame]:
    new = in_zone(gains(growth.before, growth.after), share, what=growth.what)
    old = in_zone(growth.before, share, what=growth.what)
    return asked.ask(growth.after, lambda plan, _: grown(plan, new, old))[0]


def built_up_span(settings: Settings, section: Exposure) -> tuple[int, int] | None:
    """Return the first and the last epoch of built-up land that growth is told between, if there are two."""
    return _span([] if settings.built_up is None else settings.built_up.years, section)


def people_span(settings: Settings, section: Exposure) -> tuple[int, int] | None:
    """Return the first and the last year of the primary population that growth is told between, if it has two."""
    return _span(settings.population[settings.primary].years, section)


def _span(years: Sequence[int], section: Exposure) -> tuple[int, int] | None:
    base = nearest_year(years, section.base_year)
    return None if base is None else (base, max(years))


def hazard_files(section: Exposure, return_period: float | None) -> tuple[str, ...]:
    """List the files that the maps of a return period are read from, permanent water included."""
    return (*section.paths(return_period), *([section.permanent_water] if section.permanent_water else []))


def _shares(
    settings: Settings, land: Land, asked: Asked, dry: Sequence[str], rasters: Sequence[xr.DataArray], *,
    name: str, return_period: float | None,
) -> tuple[list[HazardShare], Ledger, tuple[InputFile, ...]]:  # fmt: skip
    """Read the maps of a return period once, for the cells of zones on the grids of some rasters."""
    section = settings.exposure[name]
    with ExitStack() as files:
        opened: list[RasterWindows] = []

        def blocks(path: str, band: int | None, kind: str = "intensity", units: str = section.units) -> RasterWindows:
            opened.append(files.enter_context(_opened(settings, land, section, path, name, band=band, kind=kind, units=units)))
            return opened[-1]

        perils = []
        for template, path in zip((section.path, *section.also), section.paths(return_period), strict=True):
            values = blocks(path, section.band)
            fraction = None if section.fraction_band is None else blocks(path, section.fraction_band, "share", "1")
            perils.append(_peril(section, values, fraction=fraction, dry=template in dry))
        water = section.permanent_water
        hazard = Hazard(perils, None if water is None else blocks(water, None, "class", "1"))
        grids = [(geobox_of(raster), _cells_of_zones(asked, raster)) for raster in rasters]
        shares, tally, ledger = hazard_shares(hazard, grids)
        ledger += sum((each.ledger() for each in opened), Ledger())
    ledger += _look_at_depth(section, tally, name, section.paths(return_period)[0])
    if len(perils) > 1:
        ledger = ledger.add("hazard", "perils taken as fully dependent: a cell takes the worst", "map", len(perils))
    return shares, ledger, tuple(_record(each, section, _step(name, return_period)) for each in _each_file_once(opened))


def _opened(
    settings: Settings, land: Land, section: Exposure, path: str, name: str, *, band: int | None, kind: str, units: str
) -> RasterWindows:  # fmt: skip
    return RasterWindows(
        path,
        kind=kind,
        units=units,
        source=f"hazard {name}",
        crs=section.crs,
        nodata=section.nodata,
        band=band,
        variable=section.variable,
        within=land.outline,
        margin_km=settings.country.margin_km,
        base=settings.base,
    )


def _peril(section: Exposure, blocks: RasterWindows, *, fraction: RasterWindows | None = None, dry: bool = False) -> Peril:
    depth = section.units in DEPTH_UNITS and section.direction == "above"
    return Peril(blocks, section.threshold, section.direction, fraction, missing_is_dry=dry, never_negative=depth)


def _cells_of_zones(asked: Asked, raster: xr.DataArray) -> np.ndarray:
    plans = (each.on(geobox_of(raster)).touched() for each in asked.plans.values())
    return reduce(np.logical_or, plans)


def _look_at_depth(section: Exposure, tally: Tally, name: str, path: str) -> Ledger:
    """Refuse depths that cannot be in metres, and warn of some that hardly can."""
    if section.units != "m" or section.direction != "above":
        return Ledger()
    if 2 * tally.deep > tally.positive:
        problem = (
            f"[exposure.{name}] units = 'm', but over half of the flooded cells are deeper than {DEEP:g}: is the map in cm? "
            "Name its units, with the threshold in them, or bring it to m"
        )
        raise BadSetting(path, [problem])
    if tally.largest <= DEEPEST:
        return Ledger()
    logger.warning("%s: depth up to %.4g m", path, tally.largest)
    return Ledger().add("hazard", f"largest depth, above {DEEPEST:g}: is all of the map in m?", "m", tally.largest)


def _each_file_once(opened: Sequence[RasterWindows]) -> Iterator[RasterWindows]:
    yield from {each.address.text: each for each in opened}.values()


def _record(blocks: RasterWindows, section: Exposure, step: str) -> InputFile:
    """Return the manifest's entry of a map."""
    return input_record(
        blocks.address,
        section,
        name=step,
        kind=str(blocks.kind),
        units=blocks.units,
        grid=describe(blocks.geobox),
        modelled="modelled" in blocks.tags,
        product=str(blocks.tags.get("product", "")),
    )


def _step(name: str, return_period: float | None) -> str:
    return f"exposure {name}" if return_period is None else f"exposure {name} {return_period:g}"


def _named(ledger: Ledger, step: str) -> Ledger:
    """Let entries of the formulas name the step that they belong to."""
    named = Ledger()
    for entry in ledger.entries:
        own = step if entry.step in ("hazard", "exposure") or entry.step.startswith("hazard ") else entry.step
        named = named.add(own, entry.cause, entry.unit, entry.amount, entry.zone_id)
    return named


def _words(
    section: Exposure, *, people: People | None = None, return_period: float | None = None, protection: bool = False
) -> str:
    """Write the variant of rows, its keys in order."""
    words = {"threshold": f"{section.threshold:g}"}
    if section.direction == "below":
        words["direction"] = "below"
    if people is not None:
        words["people"] = f"{people.source}:{people.period}"
    if protection:
        words["protection_years"] = f"{section.protection_years:g}"
    if return_period is not None:
        words["return_period"] = f"{return_period:g}"
    return ";".join(f"{key}={words[key]}" for key in sorted(words))
