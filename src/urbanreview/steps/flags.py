"""What is odd about a zone, from all that a review knows of it."""

import geopandas as gpd
import numpy as np
import pandas as pd

from urbanreview.config import Settings
from urbanreview.indicators import plausibility
from urbanreview.steps.known import Known

SAME_TIME_YEARS = 2
"""Two populations are set against each other if their years are no farther apart."""


def flags_of(settings: Settings, zones: gpd.GeoDataFrame, known: Known, *, source: str, period: str) -> pd.Series:
    """Return the plausibility flags of every zone, as text, for one population.

    Parameters
    ----------
    settings : Settings
    zones : GeoDataFrame
        Zone table of a review.
    known : Known
        All numbers of it.
    source, period : str
        The population that its settlements were found on.
    """
    people = known.value("population.total", source, period)
    light, built = known.newest("lights.lit_share", "lights"), known.newest("built_up.area", "built_up")
    land = known.value("population.land", source, period)
    facts = {
        "level": zones["level"],
        "people": people,
        "people_other": _other_people(settings, known, people, source=source, period=period),
        "built_up_km2": built["value"],
        "built_up_share": known.newest("built_up.share", "built_up")["value"],
        "valid_share_built_up": built["valid_share"],
        "lit_share": light["value"],
        "valid_share_lights": light["valid_share"],
        "flare_share": known.newest("lights.flare_share", "lights")["value"],
        "water_share": (1.0 - land / zones["area_km2"].reindex(land.index)).clip(lower=0.0),
        "cross_border": zones.get("cross_border"),
        "cells": zones.get("cells"),
        "source_cells": _fewest_source_cells(settings, known),
    }
    columns = {name: fact.reindex(zones.index) for name, fact in facts.items() if fact is not None and len(fact)}
    return plausibility(pd.DataFrame(columns, index=zones.index))


def _fewest_source_cells(settings: Settings, known: Known) -> pd.Series:
    """Cells that the coarsest of climate and fine dust has in every zone; those of a zone without a value are unknown."""
    parts = [known.value("climate.source_cells", name, "") for name in settings.climate]
    if settings.air is not None:
        parts.append(known.newest("air.source_cells", settings.air.source)["value"])
    fewest = pd.concat(parts, axis=1).min(axis=1) if parts else pd.Series(dtype=float)
    return fewest.where(fewest > 0)


def _other_people(settings: Settings, known: Known, people: pd.Series, *, source: str, period: str) -> pd.Series:
    """People on the same ground by the other source, of about the same year, that differs most."""
    found = pd.Series(np.nan, index=people.index)
    farthest = pd.Series(0.0, index=people.index)
    for other, year in settings.newest_views():
        if other == source or abs(year - int(period)) > SAME_TIME_YEARS:
            continue
        counted = known.value("population.total", other, str(year)).reindex(people.index)
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = (counted / people).transform(np.log).abs()
        farther = apart > farthest
        found, farthest = found.mask(farther, counted), farthest.mask(farther, apart)
    return found
