"""Open built-up land of one epoch as m2 per cell, whatever the file holds."""

from collections.abc import Sequence
from itertools import pairwise

import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.config import BuiltUp, Settings
from urbanreview.grid import geobox_of, resample, same_grid
from urbanreview.indicators import from_classes, settled_by
from urbanreview.ledger import Ledger
from urbanreview.report import InputFile
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import open_input


def open_epoch(
    settings: Settings, land: Land, *, year: int, onto: GeoBox | None = None, finer: BuiltUp | None = None
) -> tuple[xr.DataArray, Ledger, InputFile]:
    """Open built-up land of a year [m2 per cell], of the review or of a finer raster.

    Land cover classes and years of settlement are turned into surface: the whole cell, or nothing of it. With `onto` the
    file is first brought onto another grid, classes by vote and surfaces by area, which the ledger says.
    """
    section = finer or settings.built_up
    name = f"{'patches' if finer else 'built_up'} {year}"
    assert section is not None
    coded = bool(section.classes) or section.settled_by
    raster, ledger, record = open_input(
        section,
        name=name,
        kind="class" if coded else "count",
        units="year of settlement" if section.settled_by else "land cover" if coded else "m2",
        base=settings.base,
        within=land.outline,
        margin_km=settings.country.margin_km,
        year=year,
        check_year=not section.settled_by,
    )
    if onto is not None and not same_grid(geobox_of(raster), onto):
        raster, moved = resample(raster, to=onto)
        ledger = (ledger + moved).add(name, "brought onto the grid of a later epoch", "cell", raster.size)
    if section.settled_by:
        raster = settled_by(raster, year)
    elif section.classes:
        raster = from_classes(raster, section.classes)
    return raster, ledger, record


def pairs_of(years: Sequence[int]) -> list[tuple[int, int]]:
    """Return every two neighbouring years, and the first with the last.

    >>> pairs_of([2020, 2000, 2010]), pairs_of([2000, 2010]), pairs_of([2020])
    ([(2000, 2010), (2010, 2020), (2000, 2020)], [(2000, 2010)], [])
    """
    ordered = sorted(set(years))
    pairs = list(pairwise(ordered))
    return pairs + ([(ordered[0], ordered[-1])] if len(pairs) > 1 else [])


def compared_epochs(settings: Settings) -> list[tuple[int, int]]:
    """Return the pairs of epochs that are set against each other: of all epochs, and of those that a population has too."""
    epochs = [] if settings.built_up is None else settings.built_up.years
    both = [pairs_of(sorted(set(epochs) & set(population.years))) for population in settings.population.values()]
    return sorted({*pairs_of(epochs), *(pair for pairs in both for pair in pairs)})
