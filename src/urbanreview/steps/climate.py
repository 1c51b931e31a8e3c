"""Ask every zone about its rain and its temperature, by area and by people, from monthly or daily rasters."""

import calendar
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import scipy.sparse as sp

from urbanreview.config import Settings
from urbanreview.config.climate import Climate
from urbanreview.errors import BadSetting, MissingFile, UnknownName
from urbanreview.grid import describe, geobox_of
from urbanreview.indicators import climate as formulas
from urbanreview.indicators.climate import Months
from urbanreview.indicators.spi import AT_MOST, SCALES, months_at_most, spi
from urbanreview.indicators.trend_tests import adjusted, trends
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.measures.record import NOBODY
from urbanreview.report import InputFile
from urbanreview.sources import locate
from urbanreview.sources.open_series import DatedPath, RasterSeries, climate_units
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import fill_path, input_record
from urbanreview.steps.people import People
from urbanreview.steps.themes import Answers, Asked
from urbanreview.units import TEMPERATURE_UNITS, celsius_from, mm_from_rain
from urbanreview.zones.coarse import CellWeights, area_weights, beside, few_cells, people_weights, source_cells, zone_means

RAIN, TEMPERATURE = "precipitation", "temperature"
HOT_ABOVE_DEGC = (30.0, 35.0)
FROST_BELOW_DEGC = 0.0
HEATED_BELOW_DEGC = 18.0
MONTHS_PER_YEAR = 12

Told = tuple[str, dict[str, str], pd.DataFrame]
"""Period, words of the variant, and the numbers."""
Layer = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class How:
    """What the numbers of a series are: ``precipitation`` or ``temperature``, their units, and of days the statistic."""

    quantity: str
    units: str
    statistic: str


def ask_climate(settings: Settings, land: Land, people: People, asked: Asked, *, name: str) -> Answers:
    """Rain or temperature of every zone, by its area and by its people.

    Parameters
    ----------
    settings : Settings
    land : Land
    people : People
        The primary population of the newest year: what cells weigh by people.
    asked : Asked
    name : str
        Section of ``[climate]``.

    Raises
    ------
    BadSetting
        If units are not known, or the numbers cannot be in them.
    """
    section: Climate = settings.climate[name]
    step = f"climate {name}"
    files = climate_files(settings, name)
    series = _open(settings, land, section, files, step)
    how, ledger = _how(section, series, step)
    by_area = beside([area_weights(plans.on(series.geobox)) for plans in asked.plans.values()])
    grid = geobox_of(people.raster)
    by_people = beside([people_weights(plans.on(grid), people.raster, series.geobox) for plans in asked.plans.values()])
    gathered = _gather(section, series, how, {"area": by_area, "people": by_people})
    ledger += series.ledger() + gathered.ledger(step)
    months = {weight: gathered.months(weight, "value") for weight in ("area", "people")}
    _refuse_implausible(how, months["area"], str(land.country.index[0]), step)
    reference = section.reference or formulas.default_reference(months["area"])
    ledger += _missing(months["area"], reference, gathered.steps, step)
    ledger += _without_value(by_people, gathered.ever, str(land.country.index[0]), people, step)
    levels = pd.Series(np.repeat(list(asked.plans), [len(each.zones) for each in asked.plans.values()]), by_area.zone_ids)
    rows: list[pd.DataFrame] = []
    said = {} if how.statistic in ("", "mean") else {"statistic": how.statistic}
    for weight, weights in (("area", by_area), ("people", by_people)):
        told = [(period, words | said, frame) for period, words, frame in _told(how, months[weight], reference, levels)]
        told += _days_told(gathered, weight, reference)
        rows += [_rows(each, name, weight, nobody=(weights.whole == 0) & (weight == "people")) for each in told]
    cells = source_cells(by_area, gathered.ever)
    frame = pd.DataFrame({"climate.source_cells": cells, "valid_share": months["area"].valid_share})
    rows.append(long_rows(frame, period="", source=name))
    records = [_record(settings, section, series, file, name) for file in files]
    return Answers(pd.concat(rows, ignore_index=True), ledger + few_cells(cells, step=step), tuple(records))


def climate_files(settings: Settings, name: str) -> list[DatedPath]:
    """List the files of a series that are there, with the date that their path was filled with.

    Raises
    ------
    MissingFile
        If there is none.
    """
    section: Climate = settings.climate[name]
    dated = [DatedPath(section.path)]
    if "{year" in section.path:
        months = range(1, MONTHS_PER_YEAR + 1) if "{month" in section.path else (None,)
        dates = [(year, month) for year in sorted(set(section.years)) for month in months]
        dated = [DatedPath(fill_path(section.path, year=year, month=month), year, month) for year, month in dates]
    found = [file for file in dated if _is_there(settings, file.path)]
    if not found:
        raise MissingFile(section.path, setting=f"[climate.{name}] path")
    return found


def _is_there(settings: Settings, path: str) -> bool:
    try:
        locate(path, base=settings.base)
    except MissingFile:
        return False
    return True


def _open(settings: Settings, land: Land, section: Climate, files: Sequence[DatedPath], step: str) -> RasterSeries:
    return RasterSeries(
        files,
        source=step,
        variable=section.variable,
        crs=section.crs,
        nodata=section.nodata,
        band=section.band,
        within=land.outline,
        margin_km=settings.country.margin_km,
        base=settings.base,
    )


def _record(settings: Settings, section: Climate, series: RasterSeries, file: DatedPath, name: str) -> InputFile:
    date = "-".join(f"{part:02}" for part in (file.year, file.month) if part is not None)
    return input_record(
        locate(file.path, base=settings.base),
        section,
        name=f"{name} {date}".strip(),
        kind="intensity",
        units=series.units or str(section.units),
        grid=describe(series.geobox),
    )


def _how(section: Climate, series: RasterSeries, step: str) -> tuple[How, Ledger]:
    """Settle what the numbers are, from the settings and else from the file, and say what was taken for granted."""
    stated, ledger = section.units or series.units, Ledger()
    if not stated:
        raise BadSetting(f"[{step}]", [f'{section.path} states no units. Say them: units = "mm/month", or the true ones'])
    try:
        units = climate_units(stated)
    except UnknownName as error:
        raise BadSetting(f"[{step}] {section.path}", [f'{error} Say the true ones: units = "…"']) from None
    if section.units and series.units and not _same_units(section.units, series.units):
        ledger = ledger.add(step, f"file says units '{series.units}', taken as {units}, as the settings say", "file", 1)
    if units == "mm":
        units = f"mm/{series.every}"
        ledger = ledger.add(step, f"'{stated}' taken as {units}", "file", 1)
    quantity = TEMPERATURE if units in TEMPERATURE_UNITS else RAIN
    if section.quantity not in (None, quantity):
        raise BadSetting(f"[{step}]", [f"quantity = '{section.quantity}', but the numbers are in {units}"])
    if section.quantity is None:
        ledger = ledger.add(step, f"taken as {quantity}, by its units {units}", "file", 1)
    statistic = section.statistic or _statistic_in(series.words or section.path)
    if quantity == TEMPERATURE and series.every == "day" and section.statistic is None:
        ledger = ledger.add(step, f"taken as the day's {statistic} temperature, by its name", "file", 1)
    return How(quantity, units, statistic), ledger


def _same_units(units: str, stated: str) -> bool:
    try:
        return climate_units(stated) == units
    except UnknownName:
        return False


def _statistic_in(words: str) -> str:
    """Tell whether a temperature is the day's highest, lowest or mean, from its name and description.

    >>> [_statistic_in(words) for words in ("tasmax", "tmn monthly mean of daily minimum temperature", "tas", "tx")]
    ['max', 'min', 'mean', 'max']
    """
    small = words.lower()
    first = small.split()[0] if small.split() else ""
    for statistic, short in (("max", ("tmx", "tx")), ("min", ("tmn", "tn"))):
        if statistic in small or first in short:
            return statistic
    return "mean"


def _converted(how: How, raw: np.ndarray, *, days: np.ndarray, month_days: np.ndarray) -> np.ndarray:
    """Bring steps to millimetres or degrees Celsius, in double precision; rain below zero is missing."""
    values = raw.astype(float)
    if how.quantity == TEMPERATURE:
        return celsius_from(values, how.units)
    fallen = mm_from_rain(values, how.units, days=days[:, None, None], month_days=month_days[:, None, None])
    return np.where(fallen < 0, np.nan, fallen)


def _layers(how: How, every: str) -> dict[str, Layer]:
    """Return what is averaged over zones: the values, and of days also what lies beyond a threshold, cell by cell."""
    layers: dict[str, Layer] = {"value": lambda values: values}
    if how.quantity != TEMPERATURE or every != "day":
        return layers
    if how.statistic == "max":
        layers |= {f"hot_days above={limit:g}": partial(_beyond, limit, 1.0) for limit in HOT_ABOVE_DEGC}
    elif how.statistic == "min":
        layers[f"frost_days below={FROST_BELOW_DEGC:g}"] = partial(_beyond, FROST_BELOW_DEGC, -1.0)
    else:
        layers[f"heating_degree_days base={HEATED_BELOW_DEGC:g}"] = lambda values: np.maximum(HEATED_BELOW_DEGC - values, 0.0)
    return layers


def _beyond(limit: float, sign: float, values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.nan, (sign * (values - limit) > 0).astype(float))


@dataclass
class Gathered:
    """Sums of a series over the steps of each month, for every zone, weight and layer: shape (zones, months).

    Attributes
    ----------
    sums : dict of (str, str) to list of ndarray
        Total, steps with a value and covered part, by weight and layer.
    weights : dict of str to CellWeights
    ever : ndarray of bool, shape (rows, cols)
        Cells that have a value at some time.
    negative : int
        Cells with rain below zero.
    first_year : int
    days : ndarray, shape (years, 12)
    steps : ndarray of int, shape (years, 12)
    """

    sums: dict[tuple[str, str], list[np.ndarray]]
    weights: Mapping[str, CellWeights]
    ever: np.ndarray
    negative: int
    mean: bool
    every: str
    first_year: int
    days: np.ndarray
    steps: np.ndarray

    def months(self, weight: str, layer: str) -> Months:
        """Return the monthly series of every zone: totals of rain and of days, means of temperature."""
        kept, valid, _ = self._whole(weight, layer)
        if self.mean and layer == "value":
            count = self.sums[weight, layer][1]
            kept = np.divide(kept, count, out=np.full(kept.shape, np.nan), where=count > 0)
        if weight == "people":  # nobody lives there: the zone was seen all the same
            valid = np.where(self.weights[weight].whole == 0, self._whole("area", layer)[1], valid)
        shape = (len(kept), *self.days.shape)
        return Months(self.weights[weight].zone_ids, self.first_year, kept.reshape(shape), self.days, valid)

    def _whole(self, weight: str, layer: str) -> tuple[np.ndarray, np.ndarray, int]:
        wanted = self.days.ravel() if self.every == "day" else np.ones(self.days.size)
        total, count, coverage = self.sums[weight, layer]
        return formulas.whole_months(total, count, coverage, wanted=wanted)

    def ledger(self, step: str) -> Ledger:
        """Note what was left out of the cells, and what a series of months cannot tell."""
        ledger = Ledger().add(step, "rain below zero taken as missing", "cell", self.negative)
        cause = "month known for less than half as much of a zone as its best month: left out there"
        ledger = ledger.add(step, cause, "month of a zone", self._whole("area", "value")[2])
        if self.mean and self.every == "month":
            cause = "hot days, frost days and heating degree days skipped: the series is monthly, they need daily data"
            ledger = ledger.add(step, cause, "measure", 3)
        return ledger


def _gather(section: Climate, series: RasterSeries, how: How, weights: Mapping[str, CellWeights]) -> Gathered:
    """Read the series once and add up its steps by month."""
    kept = np.isin(series.year, section.years) if section.years else np.ones(len(series), bool)
    if not kept.any():
        raise BadSetting(f"[{series.source}]", [f"{section.path} has none of the years {formulas.listed_years(section.years)}"])
    first, last = int(series.year[kept].min()), int(series.year[kept].max())
    month = np.where(kept, (series.year - first) * MONTHS_PER_YEAR + series.month - 1, 0)
    count = (last - first + 1) * MONTHS_PER_YEAR
    by_month = sp.csr_array((kept.astype(float), (np.arange(len(series)), month)), shape=(len(series), count))
    layers = _layers(how, series.every)
    shapes = {(weight, layer): (len(each.zone_ids), count) for weight, each in weights.items() for layer in layers}
    gathered = Gathered(
        sums={key: [np.zeros(shape) for _ in range(3)] for key, shape in shapes.items()},
        weights=weights,
        ever=np.zeros(series.geobox.shape, bool),
        negative=0,
        mean=how.quantity == TEMPERATURE,
        every=series.every,
        first_year=first,
        days=_month_lengths(first, month[kept], series.month_days[kept], count),
        steps=np.asarray(by_month.sum(axis=0)).reshape(-1, MONTHS_PER_YEAR),
    )
    for steps, raw in series.stretches():
        month_days = series.month_days[steps]
        days = month_days if series.every == "month" else np.ones(month_days.size)
        values = _converted(how, raw, days=days, month_days=month_days)
        gathered.negative += int((np.isfinite(raw) & np.isnan(values)).sum())
        gathered.ever |= np.isfinite(values).any(axis=0)
        for (weight, layer), sums in gathered.sums.items():
            mean, valid = zone_means(weights[weight], layers[layer](values))
            for sum_, part in zip(sums, (np.nan_to_num(mean), np.isfinite(mean).astype(float), valid), strict=True):
                sum_ += np.asarray(part @ by_month[steps])
    return gathered


def _month_lengths(first: int, month: np.ndarray, month_days: np.ndarray, count: int) -> np.ndarray:
    """Return the length of every month by the calendar of the data; of months without a step by the usual one."""
    lengths = np.array([calendar.monthrange(first + i // 12, i % 12 + 1)[1] for i in range(count)], dtype=float)
    lengths[month] = month_days
    return lengths.reshape(-1, MONTHS_PER_YEAR)


def _refuse_implausible(how: How, months: Months, country: str, step: str) -> None:
    """Refuse numbers that cannot be in their units: their mean over the country is no rain, or no temperature, of the earth."""
    monthly = months.values[list(months.zone_ids).index(country)]
    if not np.isfinite(monthly).any():
        return
    mean = float(np.nanmean(monthly))
    if how.quantity == RAIN:
        mean, (low, high), units = mean * MONTHS_PER_YEAR, formulas.RAIN_MM_PER_YEAR, "mm/year"
    else:
        (low, high), units = formulas.TEMPERATURE_DEGC, "degC"
    if not low <= mean <= high:
        problem = (
            f"taken in {how.units}, the {how.quantity} of the country is {mean:.4g} {units} in the mean, expected {low:g} to "
            f'{high:g}. Are the numbers in other units? Say them: units = "m/day", "K" and the like'
        )
        raise BadSetting(f"[{step}]", [problem])


def _missing(months: Months, reference: tuple[int, int], steps: np.ndarray, step: str) -> Ledger:
    """Note months that the series lacks, and years that count in no yearly number."""
    ledger = Ledger().add(step, "month without data between the first and the last year", "month", int((steps == 0).sum()))
    partly = months.years[~np.isfinite(months.values).all(axis=2).any(axis=0)].tolist()
    if partly:
        cause = f"year without all its months, left out of yearly numbers: {formulas.listed_years(partly)}"
        ledger = ledger.add(step, cause, "year", len(partly))
    wanted = set(range(reference[0], reference[1] + 1))
    lacking = len(wanted - (set(months.years.tolist()) - set(partly)))
    return ledger.add(step, "year of the reference period without all its months", "year", lacking)


def _without_value(weights: CellWeights, ever: np.ndarray, country: str, people: People, step: str) -> Ledger:
    """Note whose people the cells weigh by, and how many of the country's live where no cell has a value."""
    row = list(weights.zone_ids).index(country)
    known = float((weights.weights[[row]] @ ever.ravel().astype(float))[0])
    cause = f"people of {people.source} {people.period} in cells without a value"
    lost = float(weights.whole[row]) - known
    return Ledger().add(step, cause, "people", lost if lost > 1e-9 * weights.whole[row] else 0.0)


def _rows(told: Told, name: str, weight: str, *, nobody: np.ndarray) -> pd.DataFrame:
    period, words, frame = told
    variant = ";".join(f"{key}={word}" for key, word in sorted((words | {"weight": weight}).items()))
    empty = pd.Series(np.where(nobody, NOBODY, ""), index=frame.index)
    reasons = {key: empty for key in frame.columns if key != "valid_share"}
    return long_rows(frame, period=period, source=name, variant=variant, reasons=reasons)


def _told(how: How, months: Months, reference: tuple[int, int], levels: pd.Series) -> Iterator[Told]:
    """Give all numbers of a monthly series: usual, by month, by year, and trends; of rain also seasons and dry spells."""
    rain = how.quantity == RAIN
    within, period = months.within(reference), f"{reference[0]}/{reference[1]}"
    normals = (formulas.rain_normals if rain else formulas.temperature_normals)(months, reference)
    yield period, {}, normals
    for month, mean in enumerate(formulas.usual(months.values, within).T, start=1):
        yield period, {"month": f"{month:02}"}, months.frame(**{f"{how.quantity}_month": mean})
    yearly = formulas.yearly_totals(months) if rain else formulas.yearly_means(months)
    usual = normals[f"climate.{how.quantity}"].to_numpy()
    away = formulas.rain_anomaly(yearly, usual) if rain else yearly - usual[:, None]
    for number, year in enumerate(months.years):
        if np.isfinite(yearly[:, number]).any():
            columns = {how.quantity: yearly[:, number], f"{how.quantity}_anomaly": away[:, number]}
            yield str(year), {}, months.frame(**columns)
    yield _trend(how, months, yearly, levels)
    if rain:
        yield (
            period,
            {"of": "climatology"},
            months.frame(seasonality=formulas.seasonality(formulas.usual(months.values, within))),
        )
        yield period, {"of": "years"}, months.frame(seasonality=formulas.usual(formulas.seasonality(months.values), within))
        yield from _dry_spells(months, within, period)


def _trend(how: How, months: Months, yearly: np.ndarray, levels: pd.Series) -> Told:
    first, last = formulas.default_reference(months)
    table = pd.DataFrame(yearly, index=months.zone_ids, columns=months.years)
    found = trends(table)
    found["trend_p_adjusted"] = adjusted(found["trend_p"], levels)
    columns = {f"{how.quantity}_{key}": found[key].to_numpy() for key in found}
    return f"{first}/{last}", {}, months.frame(**columns)


def _dry_spells(months: Months, within: np.ndarray, period: str) -> Iterator[Told]:
    """Give the index of the last month that any zone has rain of, and how many months of the reference were dry."""
    there = np.flatnonzero(np.isfinite(months.values).any(axis=0).ravel())
    if not there.size:
        return
    year, month = divmod(int(there[-1]), MONTHS_PER_YEAR)
    for scale in SCALES:
        index, words = spi(months.values, within, scale=scale), {"scale": str(scale)}
        yield f"{months.years[year]}-{month + 1:02}", words, months.frame(spi=index[:, year, month])
        known = np.isfinite(index[:, within]).sum(axis=(1, 2))
        yield period, words, months.frame(spi_known=np.where(known > 0, known, np.nan))
        for limit in AT_MOST:
            dry = months_at_most(index, within, limit)
            yield period, words | {"at_most": f"{limit:g}"}, months.frame(spi_months=dry)


def _days_told(gathered: Gathered, weight: str, reference: tuple[int, int]) -> Iterator[Told]:
    """Give the hot days, frost days or degree days of a usual year, if the series is of days."""
    for of_weight, layer in gathered.sums:
        if of_weight != weight or layer == "value":
            continue
        months = gathered.months(weight, layer)
        key, word = layer.split()
        days = formulas.usual(formulas.yearly_totals(months), months.within(reference))
        words = dict([word.split("=")])
        yield f"{reference[0]}/{reference[1]}", words, months.frame(**{key: days})
