"""Ask every zone about its built-up land: how much there is, and how it grew from one epoch to another."""

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Settings
from urbanreview.grid import covered_share, geobox_of, make_raster
from urbanreview.indicators import EXPANSION_RULES, built_up, densification, expansion_of, new_land, new_patches, too_coarse
from urbanreview.ledger import Ledger
from urbanreview.measures import BY_KEY, long_rows
from urbanreview.steps.country import Land
from urbanreview.steps.epochs import open_epoch
from urbanreview.steps.settlements import Settlements
from urbanreview.steps.themes import Answers, Asked

SOURCE = "built_up"


def ask_built_up(settings: Settings, land: Land, asked: Asked, *counted: Answers, year: int) -> Answers:
    """Built-up land of every zone in one epoch; per person where a population of the same year is there.

    ``counted`` are the answers of `ask_population`, the primary source's first: a zone's people come from the first
    that counts them in that year.
    """
    raster, opened, record = open_epoch(settings, land, year=year)
    people = pd.concat([answers.values for answers in counted], ignore_index=True)
    people = people[(people["measure"] == "population.total") & (people["period"] == str(year))]
    living = people.drop_duplicates("zone_id").set_index("zone_id")["value"] if len(people) else None
    frames, ledger = asked.ask(raster, lambda plan, zones: built_up(plan, raster, people=living, area_km2=zones["area_km2"]))
    rows = [long_rows(frame, period=str(year), source=SOURCE) for frame in frames]
    return Answers(pd.concat(rows, ignore_index=True), opened + ledger, (record,))


def ask_change(settings: Settings, land: Land, asked: Asked, *extents: Settlements, before: int, after: int) -> Answers:
    """Ask every zone for its new built-up land: how much, and how much of it inside the old settlements.

    ``extents`` are settlements of one population at both dates, two and two, of every source that has both years.
    """
    later, opened, _ = open_epoch(settings, land, year=after)
    earlier, also_opened, _ = open_epoch(settings, land, year=before, onto=geobox_of(later))
    period = f"{before}/{after}"
    frames, ledger = asked.ask(later, lambda plan, _: new_land(plan, earlier, later))
    rows = [long_rows(frame, period=period, source=SOURCE) for frame in frames]
    for old, new in zip(extents[::2], extents[1::2], strict=True):
        found, more = _densification(earlier, later, old, new)
        rows += [long_rows(frame, period=period, source=SOURCE) for frame in found]
        ledger += more
    return Answers(pd.concat(rows, ignore_index=True), opened + also_opened + ledger)


def _densification(
    earlier: xr.DataArray, later: xr.DataArray, old: Settlements, new: Settlements
) -> tuple[list[pd.DataFrame], Ledger]:
    """Share of new built-up land inside the old extents, for the settlements of the later date, level by level."""
    frames, ledger, geobox = [], Ledger(), geobox_of(later)
    for level, layer in new.layers().items():
        share = covered_share(old.layers()[level].zones.geometry, geobox)
        inside = make_raster(share, geobox, kind="share", units="1", source="extents of the first date")
        frame, more = densification(layer.plans().on(geobox), earlier, later, old=inside)
        frames.append(frame)
        ledger += more
    return frames, ledger


def ask_expansion(settings: Settings, land: Land, asked: Asked, *, before: int, after: int) -> Answers:
    """Ask every zone how much of its new built-up land is infill, extension or leapfrog.

    Where the grid is too coarse for that the centres are told so. Zones beyond a raster of some cities have no row.
    """
    section = settings.expansion
    later, opened, record = open_epoch(settings, land, year=after, finer=section.built_up)
    earlier, also_opened, first = open_epoch(settings, land, year=before, onto=geobox_of(later), finer=section.built_up)
    period, inputs = f"{before}/{after}", (first, record) if section.built_up else ()
    variant = f"built_share={section.built_share:g};min_cells={section.min_patch_cells};rule={section.rule}"
    reason = too_coarse(geobox_of(later))
    if reason:
        ledger = Ledger().add(f"expansion {period}", f"skipped: {reason}", "step", 1)
        return Answers(_skipped(asked.plans["urban_centre 0"].zones, reason, period, variant), ledger, inputs)
    patches, ledger = new_patches(
        earlier, later, rule=EXPANSION_RULES[section.rule], built_share=section.built_share,
        min_patch_cells=section.min_patch_cells,
    )  # fmt: skip
    frames = [expansion_of(plans.on(geobox_of(later)), patches)[0] for plans in asked.plans.values()]
    seen = [frame[frame["valid_share"] > 0] for frame in frames]
    ledger = ledger.add(f"expansion {period}", "zones beyond the raster", "zone", sum(map(len, frames)) - sum(map(len, seen)))
    rows = [long_rows(frame, period=period, source=SOURCE, variant=variant) for frame in seen]
    rasters = {f"expansion_{before}_{after}": patches.classes()}
    return Answers(pd.concat(rows, ignore_index=True), opened + also_opened + ledger, inputs, rasters=rasters)


def _skipped(zones: gpd.GeoDataFrame, reason: str, period: str, variant: str) -> pd.DataFrame:
    keys = [key for key in BY_KEY if key.startswith("expansion.")]
    frame = pd.DataFrame(np.nan, index=zones.index, columns=keys).assign(valid_share=0.0)
    why = {key: pd.Series(reason, index=zones.index) for key in keys}
    return long_rows(frame, period=period, source=SOURCE, variant=variant, reasons=why)
