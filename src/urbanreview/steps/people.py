"""A population grid that cities are found on, and land beside it."""

from dataclasses import dataclass

import xarray as xr

from urbanreview.config import Settings
from urbanreview.delineation import working_population
from urbanreview.errors import AllMissing, CellsTooLarge
from urbanreview.grid import geobox_of, resample, same_grid
from urbanreview.ledger import Ledger
from urbanreview.report import InputFile
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import open_input
from urbanreview.zones import plan_zones, summarise

VALID_AT_LEAST_SHARE = 1e-6
"""A population with values for less of the country is one with slivers of its neighbours only."""


@dataclass(frozen=True)
class People:
    """The population of one source and year.

    Attributes
    ----------
    raster : DataArray, dims (y, x)
        People per cell, on the grid of the review, with a margin beyond the border.
    land_m2 : DataArray or None
        Land per cell on the same grid.
    source, period : str
    """

    raster: xr.DataArray
    land_m2: xr.DataArray | None
    source: str
    period: str
    ledger: Ledger
    inputs: tuple[InputFile, ...]


def open_people(settings: Settings, land: Land, *, source: str, year: int) -> People:
    """Open the population of one source and year, and the land layer; see `People`."""
    native, ledger, record = _open_population(settings, land, source=source, year=year)
    inside = summarise(plan_zones(land.country, geobox_of(native)), native)[0]
    if inside["valid_share"].iloc[0] < VALID_AT_LEAST_SHARE:
        raise AllMissing(record.name, cells=int(native.size))
    without = round(1.0 - float(inside["valid_share"].iloc[0]), 9)
    ledger = ledger.add("population", "part of the country without a value", "share", without)
    try:
        raster, summed = working_population(native)
    except CellsTooLarge:
        if settings.settlements is None:
            raise
        raster, summed = native, Ledger().add("delineation", "grid too coarse to find cities on: none are", "cell", 1)
    land_m2, more, records = _open_land(settings, land, raster)
    return People(raster, land_m2, source, str(year), ledger + summed + more, (record, *records))


def _open_population(settings: Settings, land: Land, *, source: str, year: int) -> tuple[xr.DataArray, Ledger, InputFile]:
    """Open one source of one year, with the margin."""
    return open_input(
        settings.population[source],
        name=f"{source} {year}",
        kind="count",
        units="people",
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
        year=year,
    )


def _open_land(settings: Settings, land: Land, population: xr.DataArray) -> tuple[xr.DataArray | None, Ledger, list[InputFile]]:
    """Open land and split it over the population's cells where the grids differ."""
    if settings.land is None:
        return None, Ledger().add("land", "no land layer: every cell is taken as land", "cell", population.size), []
    raster, ledger, record = open_input(
        settings.land,
        name="land",
        kind="count",
        units="m2",
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
    )
    if not same_grid(geobox_of(raster), geobox_of(population)):
        raster, moved = resample(raster, to=geobox_of(population))
        ledger = (ledger + moved).add("land", "split over the population's grid by area", "cell", raster.size)
    return raster, ledger, [record]
