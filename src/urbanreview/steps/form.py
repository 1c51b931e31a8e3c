"""Ask every zone how dense its people live, and every settlement for its shape."""

import pandas as pd

from urbanreview.config import Settings
from urbanreview.grid import geobox_of
from urbanreview.indicators import form, median_urban_density
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Settlements
from urbanreview.steps.themes import Answers, units_asked

OF_UNITS = ("weighted_density",)
"""The shape of an administrative unit says nothing about its cities."""


def ask_form(settings: Settings, land: Land, people: People, cities: Settlements) -> Answers:
    """Density as people live it in every zone, and the shape of the settlements of one population."""
    geobox = geobox_of(people.raster)
    asked = list(settings.form.measures)
    of_units = [name for name in asked if name in OF_UNITS]
    plans = [(plans.on(geobox), of_units) for plans in units_asked(land).plans.values()]
    settled = {level: layer.plans().on(geobox) for level, layer in cities.layers().items()}
    plans += [(plan, asked) for plan in settled.values()]
    median = median_urban_density(settled["urban_cluster"], people.raster)
    rows, ledger = [], Ledger()
    for plan, names in plans:
        if names and len(plan.zone_ids):
            frame, more = form(plan, people.raster, measures=names, median_density=median)
            rows.append(long_rows(frame, period=people.period, source=people.source))
            ledger += more
    return Answers(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), ledger)
