"""Ask every zone about its lights at night: date by date, and year by year."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Lights, Settings
from urbanreview.grid import geobox_of, make_raster
from urbanreview.indicators import flare_mask, lights, mask_unobserved, mean_of_months, months_measure, year_months
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.report import InputFile
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import light_dates, open_input, open_points, vector_record
from urbanreview.steps.themes import Answers, Asked

RADIANCE = "nW/cm2/sr"


def ask_lights(
    settings: Settings, land: Land, asked: Asked, *, year: int, month: int | None, with_raster: bool = False
) -> Answers:
    """Night lights of every zone on one date; ``with_raster`` keeps the light itself."""
    section = _section(settings)
    radiance, ledger, records = _open_date(settings, land, year=year, month=month)
    frames, more = _light_frames(settings, asked, radiance)
    rows = [long_rows(frame, period=_period(year, month), source="lights", variant=_floor(section)) for frame in frames]
    kept = _raster(radiance, year, is_modelled=records[0].modelled) if with_raster else {}
    return Answers(pd.concat(rows, ignore_index=True), ledger + more, (*records, *_flare_record(settings)), rasters=kept)


def ask_light_year(
    settings: Settings, land: Land, asked: Asked, *months: Answers, year: int, with_raster: bool = False
) -> Answers:
    """Night lights of every zone in the mean of a year's months.

    ``months`` are the answers of `ask_lights` for the months of the year that have a file, in order: their inputs say on
    which grid each one is. Months on another grid than most are left out, and counted.
    """
    section = _section(settings)
    used, ledger = _months_used(settings, land, months, year)
    if not used:
        return Answers(pd.DataFrame(), ledger, ())

    def opened() -> Iterator[tuple[xr.DataArray, xr.DataArray | None]]:
        for month in used:
            nights = _open_nights(settings, land, year=year, month=month)
            yield _open_radiance(settings, land, year=year, month=month)[0], None if nights is None else nights[0]

    mean, counts, noted = mean_of_months(opened())
    frames, more = _light_frames(settings, asked, mean)
    observed, _ = asked.ask(counts, lambda plan, _: months_measure(plan, counts))
    variant = f"{_floor(section)};months={spelled(used)}"
    frames = [frame.join(seen.drop(columns="valid_share")) for frame, seen in zip(frames, observed, strict=True)]
    rows = [long_rows(frame, period=str(year), source="lights", variant=variant) for frame in frames]
    is_modelled = any(record.modelled for month in months for record in month.inputs)
    kept = _raster(mean, year, is_modelled=is_modelled) if with_raster else {}
    return Answers(pd.concat(rows, ignore_index=True), ledger + noted + more, (), rasters=kept)


def _raster(radiance: xr.DataArray, year: int, *, is_modelled: bool) -> dict[str, xr.DataArray]:
    """Return the light of a year as the raster that is written of it."""
    marks = {"source": f"lights {year}"} | ({"modelled": "yes"} if is_modelled else {})
    values = radiance.values.astype(np.float32)
    return {f"inputs/lights_{year}": make_raster(values, geobox_of(radiance), kind="intensity", units=RADIANCE, **marks)}


def _months_used(settings: Settings, land: Land, months: Sequence[Answers], year: int) -> tuple[tuple[int, ...], Ledger]:
    """Return the months that a year's mean is made of: those declared for it that have a file, on the grid that most have."""
    step, declared = f"lights {year}", _declared_months(settings, land)
    there = [month for each, month in light_dates(settings) if each == year]
    grids = {month: answers.inputs[0].grid for month, answers in zip(there, months, strict=True) if month in declared}
    common = Counter(grids.values()).most_common(1)
    used = tuple(month for month, grid in grids.items() if month is not None and grid == common[0][0])
    cause = "month on another grid than most: left out of the year's mean"
    ledger = Ledger().add(step, cause, "file", len(grids) - len(used))
    return used, ledger.add(step, "month of the year's mean without a file", "file", len(declared) - len(grids))


def _declared_months(settings: Settings, land: Land) -> tuple[int, ...]:
    section = _section(settings)
    return year_months(float(land.outline.total_bounds[3]), section.year_months or None)


def spelled(months: tuple[int, ...]) -> str:
    """Write months as runs.

    >>> spelled((4, 5, 6, 8)), spelled((1,))
    ('4-6+8', '1')
    """
    runs: list[list[int]] = []
    for month in months:
        if runs and month == runs[-1][-1] + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return "+".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _section(settings: Settings) -> Lights:
    assert settings.lights is not None
    return settings.lights


def _period(year: int, month: int | None) -> str:
    return f"{year}" if month is None else f"{year}-{month:02}"


def _floor(section: Lights) -> str:
    return f"floor={section.floor:g}"


def _open_date(
    settings: Settings, land: Land, *, year: int, month: int | None
) -> tuple[xr.DataArray, Ledger, tuple[InputFile, ...]]:
    """Open the radiance of a date, cells without a cloud-free night missing."""
    radiance, ledger, record = _open_radiance(settings, land, year=year, month=month)
    nights = _open_nights(settings, land, year=year, month=month)
    if nights is None:
        return radiance, ledger, (record,)
    counted, noted, nights_record = nights
    radiance, more = mask_unobserved(radiance, counted)
    return radiance, ledger + noted + more, (record, nights_record)


def _open_radiance(settings: Settings, land: Land, *, year: int, month: int | None) -> tuple[xr.DataArray, Ledger, InputFile]:
    section = _section(settings)
    return open_input(
        section.model_copy(update={"band": month}) if section.months_as_bands else section,
        name=f"lights {_period(year, month)}",
        kind="intensity",
        units=RADIANCE,
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
        year=year,
        month=month,
    )


def _open_nights(
    settings: Settings, land: Land, *, year: int, month: int | None
) -> tuple[xr.DataArray, Ledger, InputFile] | None:
    """Open the number of cloud-free nights of a date, if the settings name it."""
    section = _section(settings)
    if section.observations is None:
        return None
    changed = {"path": section.observations, "nodata": None, "band": month if section.months_as_bands else None}
    return open_input(
        section.model_copy(update=changed),
        name=f"nights {_period(year, month)}",
        kind="intensity",
        units="nights",
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
        year=year,
        month=month,
    )


def _light_frames(settings: Settings, asked: Asked, radiance: xr.DataArray) -> tuple[list[pd.DataFrame], Ledger]:
    section = _section(settings)
    flares = None if section.flares is None else _flares(settings, radiance)
    return asked.ask(radiance, lambda plan, _: lights(plan, radiance, floor=section.floor, flares=flares))


def _flares(settings: Settings, radiance: xr.DataArray) -> xr.DataArray:
    section = _section(settings).flares
    assert section is not None
    points = open_points(section.path, layer=section.layer, base=settings.base)[0]
    return flare_mask(points.geometry, geobox_of(radiance), radius_km=section.radius_km)


def _flare_record(settings: Settings) -> tuple[InputFile, ...]:
    section = _section(settings).flares
    if section is None:
        return ()
    points = open_points(section.path, layer=section.layer, base=settings.base)[0]
    return (vector_record(section.path, section, name="flares", base=settings.base, features=len(points)),)
