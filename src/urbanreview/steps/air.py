"""Ask every zone about fine dust: year by year, in the heating season, and from one year to another."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import RasterInput, Settings
from urbanreview.config.air import Air
from urbanreview.errors import AmbiguousInput, BadSetting, MissingFile
from urbanreview.grid import geobox_of, same_grid
from urbanreview.indicators import product_changes, variant_of
from urbanreview.indicators.air import (
    AIR_LEVELS,
    CONCENTRATION,
    Exposure,
    breathed,
    change_per_year,
    mean_over_days,
    onto_people,
    over_land,
)
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.sources import locate, open_raster
from urbanreview.steps.country import Land
from urbanreview.steps.epochs import pairs_of
from urbanreview.steps.inputs import fill_path, open_input, raster_record
from urbanreview.steps.known import Known, known_of, least_valid, stacked
from urbanreview.steps.lights import spelled
from urbanreview.steps.people import People
from urbanreview.steps.themes import Answers, Asked
from urbanreview.steps.years import refuse_other_year
from urbanreview.zones import summarise

ODD_ABOVE = 1_000.0
"""No yearly or monthly mean of PM2.5 has been that high [ug/m3]."""
BY_PEOPLE = ("air.pm25", "air.people_above_guideline")
BY_AREA = ("air.pm25_area", "air.source_cells")
BY_BAND = ("air.people", "air.share")
SEASON, RATIO = "air.heating_season", "air.heating_ratio"

Date = tuple[int, int]
"""A year and a month."""
Opened = tuple[xr.DataArray | None, list[Date], Ledger, tuple[InputFile, ...]]
"""A mean, or none and the months that are missing for it; what was noted, and the files."""


def ask_air(settings: Settings, land: Land, asked: Asked, people: People, *, year: int) -> Answers:
    """Fine dust of every zone in one year, over its people and over its area.

    ``people`` are those of `people_for`. Where the year is made of months and one is missing, every number is.
    """
    section, name = _section(settings), f"air {year}"
    dust, missing, ledger, records = _open_year(settings, land, year)
    words = _of_people(people)
    bands = [f"band={band};levels={section.levels};{words}" for band in AIR_LEVELS[section.levels].bands]
    if dust is None:
        variants = [(BY_PEOPLE, words), (BY_AREA, ""), *((BY_BAND, band) for band in bands)]
        return Answers(_unknown(asked, variants, missing, str(year), section.source), ledger, records)
    found, noted = _exposed(settings, asked, people, dust)
    areas, more = asked.ask(dust, lambda plan, _: over_land(plan, dust))
    rows = [
        *(long_rows(each.zones, period=str(year), source=section.source, variant=words) for each in found),
        *(long_rows(frame, period=str(year), source=section.source) for frame in areas),
        *(
            long_rows(frame, period=str(year), source=section.source, variant=variant)
            for each in found
            for variant, frame in zip(bands, each.bands.values(), strict=True)
        ),
    ]
    return Answers(stacked(rows), ledger + _odd(dust, name) + more + noted, records)


def ask_heating(settings: Settings, land: Land, asked: Asked, people: People, *, year: int) -> Answers:
    """Fine dust that the people of every zone breathe in the heating season that ends in a year.

    ``people`` are those of `people_for`. Where a month of the season is missing, the season is.
    """
    section = _section(settings)
    period, words = season_period(settings, year), f"months={spelled(tuple(section.heating_months))};{_of_people(people)}"
    dust, missing, ledger, records = _open_mean(settings, land, season_months(settings, year), name=f"air {period}")
    if dust is None:
        return Answers(_unknown(asked, [((SEASON,), words)], missing, period, section.source), ledger, records)
    found, noted = _exposed(settings, asked, people, dust)
    frames = [each.zones[["air.pm25", "valid_share"]].rename(columns={"air.pm25": SEASON}) for each in found]
    rows = [long_rows(frame, period=period, source=section.source, variant=words) for frame in frames]
    return Answers(stacked(rows), ledger + _odd(dust, f"air {period}") + noted, records)


def ask_air_series(settings: Settings, *answers: Answers) -> Answers:
    """Set years of fine dust beside one another, and heating seasons beside their year.

    ``answers`` are those of `ask_air` and `ask_heating`.
    """
    section, known = _section(settings), known_of(answers)
    years = sorted(set(section.years))
    files = [record for part in answers for record in part.inputs if record.name.startswith("air ")]
    products = {record.name.removeprefix("air "): record.product for record in files}
    rows = [_change(known, section.source, before, after, products) for before, after in pairs_of(years)]
    rows += [_ratio(known, section.source, period) for period in known.periods(SEASON, section.source)]
    changes = product_changes(products).entries
    return Answers(stacked(rows), Ledger(tuple(replace(entry, step="air") for entry in changes)))


def people_for(settings: Settings, year: int) -> tuple[str, int]:
    """Return the source and the year of the people that a year of air is weighed with: the primary source's nearest year."""
    return settings.primary, min(sorted(settings.population[settings.primary].years), key=lambda each: abs(each - year))


def season_months(settings: Settings, year: int) -> list[Date]:
    """List the months of the heating season that ends in a year; those before the turn of the year belong to the one before."""
    months = _section(settings).heating_months
    turns = [k for k in range(1, len(months)) if months[k] < months[k - 1]]
    return [(year - 1 if turns and k < turns[0] else year, month) for k, month in enumerate(months)]


def season_period(settings: Settings, year: int) -> str:
    """Return what a season is called: ``2019/2020``, or ``2020`` where it lies within a year."""
    first = season_months(settings, year)[0][0]
    return f"{year}" if first == year else f"{first}/{year}"


def year_files(settings: Settings, year: int) -> tuple[str, ...]:
    """List the files that a year is read from; of months those that are there."""
    section = _section(settings)
    return _files(settings, section, _months_of(year)) if section.by_month else (fill_path(section.path, year=year),)


def season_files(settings: Settings, year: int) -> tuple[str, ...]:
    """List the files of the months of a season that are there."""
    section = _section(settings).of_months
    return () if section is None else _files(settings, section, season_months(settings, year))


def _section(settings: Settings) -> Air:
    assert settings.air is not None
    return settings.air


def _of_people(people: People) -> str:
    return f"people={people.source}:{people.period}"


def _months_of(year: int) -> list[Date]:
    return [(year, month) for month in range(1, 13)]


def _by_path(section: RasterInput, dates: Sequence[Date]) -> dict[str, list[Date]]:
    """Group months by the file that they are looked for in."""
    found: dict[str, list[Date]] = {}
    for year, month in dates:
        found.setdefault(fill_path(section.path, year=year, month=month), []).append((year, month))
    return found


def _files(settings: Settings, section: RasterInput, dates: Sequence[Date]) -> tuple[str, ...]:
    def is_there(path: str) -> bool:
        try:
            locate(path, base=settings.base)
        except MissingFile:
            return False
        return True

    return tuple(path for path in _by_path(section, dates) if is_there(path))


def _open_year(settings: Settings, land: Land, year: int) -> Opened:
    section = _section(settings)
    if section.by_month:
        return _open_mean(settings, land, _months_of(year), name=f"air {year}")
    band = section.band if section.first_year is None else year - section.first_year + 1
    raster, ledger, record = open_input(
        section.model_copy(update={"band": band}),
        name=f"air {year}",
        kind="intensity",
        units=CONCENTRATION,
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
        year=year,
        check_year=section.first_year is None,
    )
    return raster, [], ledger, (record,)


def _open_mean(settings: Settings, land: Land, dates: Sequence[Date], *, name: str) -> Opened:
    """Open months and return their mean; none if one is missing."""
    section = _section(settings).of_months
    assert section is not None
    layers: dict[Date, xr.DataArray] = {}
    ledger, records = Ledger(), []
    for path in _files(settings, section, dates):
        wanted = _by_path(section, dates)[path]
        stack, noted = open_raster(
            path,
            kind="intensity",
            units=CONCENTRATION,
            source=name,
            crs=section.crs,
            nodata=section.nodata,
            band=section.band,
            variable=section.variable,
            within=land.outline,
            margin_km=settings.country.margin_km,
            base=settings.base,
        )
        found = dict(_layers(settings, section, path, stack, wanted))
        layers |= found
        ledger += noted
        called = _called(settings, section, *wanted[0])
        records += [raster_record(path, section, layer, name=called, base=settings.base) for layer in list(found.values())[:1]]
    missing = [date for date in dates if date not in layers]
    ledger = ledger.add(name, "month without a mean: no number of it is told", "month", len(missing))
    if missing:
        return None, missing, ledger, tuple(records)
    mean, noted = mean_over_days(((layers[date], monthrange(*date)[1]) for date in dates), source=name)
    return mean, [], ledger + noted, tuple(records)


def _called(settings: Settings, section: RasterInput, year: int, month: int) -> str:
    """Return what the manifest calls a file of months, the same whoever reads it."""
    period = f" {year}-{month:02}" if "{month" in section.path else f" {year}" if "{year" in section.path else ""
    return ("air" if section is settings.air else "monthly air") + period


def _layers(
    settings: Settings, section: RasterInput, path: str, stack: xr.DataArray, wanted: Sequence[Date]
) -> Iterator[tuple[Date, xr.DataArray]]:
    """Give the months of a file that are wanted and there; a file that was found by its month may have one step or no time."""
    if "time" not in stack.dims:
        if len(wanted) > 1:
            problem = f"one file without a time axis for {len(wanted)} months. Give its path {{year}} and {{month:02}}"
            raise BadSetting(path, [problem])
        refuse_other_year(section, path, year=wanted[0][0], base=settings.base)
        yield wanted[0], stack
        return
    steps = [str(step) for step in stack.time.values]
    for year, month in wanted:
        alone = len(steps) == len(wanted) == 1 and steps[0][:4] == f"{year}"
        places = [place for place, step in enumerate(steps) if alone or step[:7] == f"{year}-{month:02}"]
        if len(places) > 1:
            found, cure = [steps[place] for place in places], "Leave one mean of each month in the file."
            raise AmbiguousInput(path, what=f"steps of {year}-{month:02}", found=found, cure=cure)
        if places:
            yield (year, month), stack.isel(time=places[0], drop=True)


def _odd(dust: xr.DataArray, name: str) -> Ledger:
    """Count concentrations that cannot be."""
    cause = f"over {ODD_ABOVE:,.0f} ug/m3: is it a code for nodata, or are its units others?"
    return Ledger().add(name, cause, "cell", int(np.count_nonzero(dust.values > ODD_ABOVE)))


def _exposed(settings: Settings, asked: Asked, people: People, dust: xr.DataArray) -> tuple[list[Exposure], Ledger]:
    """Bring fine dust to where the people are, by area, and ask every zone set what they breathe."""
    name, levels = dust.attrs["source"], AIR_LEVELS[_section(settings).levels]
    there, ledger = geobox_of(people.raster), Ledger()
    onto = onto_people(dust, there)
    if not same_grid(geobox_of(dust), there):
        ledger = ledger.add(name, "source cell brought onto the people's grid by area", "cell", dust.size)
    found = [breathed(plans.on(there), onto, people.raster, levels=levels) for plans in asked.plans.values()]
    without = people.raster.where(np.isnan(onto.values)).assign_attrs(people.raster.attrs)
    lost = float(summarise(asked.plans["adm0"].on(there), without)[0]["sum"].fillna(0.0).iloc[0])
    return found, ledger.add(name, "people of the country without a concentration", "people", lost)


def _unknown(
    asked: Asked, variants: Sequence[tuple[Sequence[str], str]], missing: Sequence[Date], period: str, source: str
) -> pd.DataFrame:
    """Return rows without a number for every zone, and the months that are to blame."""
    reason = f"no mean of {', '.join(f'{year}-{month:02}' for year, month in missing)}"
    rows = []
    for zones in asked.zones():
        why = pd.Series(reason, index=zones.index)
        for keys, variant in variants:
            frame = pd.DataFrame(np.nan, index=zones.index, columns=list(keys)).assign(valid_share=0.0)
            rows.append(long_rows(frame, period=period, source=source, variant=variant, reasons=dict.fromkeys(keys, why)))
    return stacked(rows)


def _change(known: Known, source: str, before: int, after: int, products: dict[str, str]) -> pd.DataFrame:
    first, last = known.two("air.pm25", source, before, after)
    rate = change_per_year(first["value"].astype(float), last["value"].astype(float), years=after - before)
    frame = rate.to_frame().assign(valid_share=least_valid(first, last))
    then, now = (str(part["variant"].iloc[0]) for part in (first, last))
    people = then if then == now else f"{then}+{now.rpartition(':')[2]}"
    made = [product for year, product in sorted(products.items()) if product and str(before) <= year[:4] <= str(after)]
    words = ";".join(filter(None, (people, variant_of((), made))))
    return long_rows(frame, period=f"{before}/{after}", source=source, variant=words)


def _ratio(known: Known, source: str, period: str) -> pd.DataFrame:
    season, whole = known.at(SEASON, source, period), known.at("air.pm25", source, period.rpartition("/")[2])
    over = season["value"].astype(float) / whole["value"].astype(float).where(lambda dust: dust > 0)
    frame = pd.DataFrame({RATIO: over, "valid_share": least_valid(season, whole)})
    return long_rows(frame, period=period, source=source, variant=str(season["variant"].iloc[0]))
