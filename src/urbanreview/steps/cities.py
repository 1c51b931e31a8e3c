"""The system of cities of one population, and how it grew from one year to another."""

import numpy as np
import pandas as pd

from urbanreview.config import Settings
from urbanreview.grid import covered_share, geobox_of, same_grid
from urbanreview.indicators import (
    city_system,
    decompose,
    growth_by_size,
    growth_rate,
    moving_before,
    predecessors,
    size_classes,
)
from urbanreview.ledger import Ledger
from urbanreview.measures import long_rows
from urbanreview.steps.country import Land
from urbanreview.steps.people import People
from urbanreview.steps.settlements import Layer, Settlements
from urbanreview.steps.themes import Answers

PLACES_BELOW = {"urban_centre": (22, 23), "urban_cluster": (13,)}
"""Classes of the Degree of Urbanisation, level 2, of the settlements below a level: towns, and villages."""


def ask_system(settings: Settings, land: Land, people: People, cities: Settlements) -> Answers:
    """How the people of cities, and of cities and towns, are spread over settlements and classes of size."""
    rows, ledger = [], Ledger()
    for level, layer in cities.layers().items():
        if not layer.told:
            ledger = ledger.add("system of cities", f"grid too coarse to find an {level} on: not told", "level", 1)
            continue
        cutoff = _cutoff(settings, cities, level)
        words = _unit_set(level, cutoff)
        living = _people_inside(layer)
        values, more = city_system(living, cutoff=cutoff)
        ledger += more
        rows.append(_country_rows(land, values, people.source, people.period, words))
        for name, row in size_classes(living, cutoff=cutoff).iterrows():
            values = {str(key): float(value) for key, value in row.items()}
            rows.append(_country_rows(land, values, people.source, people.period, f"class={name};{words}"))
    return Answers(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(), ledger)


def ask_growth(
    settings: Settings,
    land: Land,
    people_before: People,
    before: Settlements,
    people_after: People,
    after: Settlements,
) -> Answers:
    """How settlements grew between two years of one population, each in the extent of its date, and where they did."""
    source, period = people_after.source, f"{people_before.period}/{people_after.period}"
    step = f"urban growth {source} {period}"
    if not same_grid(geobox_of(people_before.raster), geobox_of(people_after.raster)):
        return Answers(pd.DataFrame(), Ledger().add(step, "skipped: the two years are on different grids", "step", 1))
    years = int(people_after.period) - int(people_before.period)
    inside = covered_share(land.outline, geobox_of(people_after.raster))
    rows, links, ledger = [], [], Ledger()
    for level in after.layers():
        earlier, later = before.layers()[level], after.layers()[level]
        if earlier.found is None or later.found is None:
            ledger = ledger.add(step, f"skipped for {level}: settlements come from a file", "step", 1)
            continue
        words = _unit_set(level, _cutoff(settings, after, level))
        values, more = decompose(
            earlier.found, later.found, people_before.raster, people_after.raster, inside=inside,
            settled_before=_settled(before, level),
        )  # fmt: skip
        linked = predecessors(earlier.found, later.found, people_before.raster)
        lived = moving_before(linked, _people_inside(earlier)).reindex(later.zones.index)
        grown, by_class, noted = _growth(lived, _people_inside(later), years)
        rows += [_country_rows(land, values | by_class.pop(""), source, period, words)]
        rows += [_country_rows(land, each, source, period, f"class={name};{words}") for name, each in by_class.items()]
        rows += [long_rows(grown, period=period, source=source, variant="boundary=moving")]
        links.append(linked)
        ledger += more + noted
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    return Answers(table, ledger, links=pd.concat(links, ignore_index=True) if links else pd.DataFrame())


def _growth(before: pd.Series, after: pd.Series, years: int) -> tuple[pd.DataFrame, dict[str, dict[str, float]], Ledger]:
    """Growth of every settlement, and growers and shrinkers: of all under the empty name, then by class of size."""
    rates = growth_rate(before, after, years=years)
    frame = pd.DataFrame({"population.growth_rate": rates, "valid_share": 1.0}, index=after.index)
    classes, values, ledger = growth_by_size(before, after, years=years)
    by_class = {str(name): {str(key): float(value) for key, value in row.items()} for name, row in classes.iterrows()}
    return frame, {"": values} | by_class, ledger


def _settled(before: Settlements, level: str) -> np.ndarray | None:
    """Cells of settlements of the level below, towns or villages, where the rules tell them."""
    return None if before.classes is None else np.isin(before.classes.level_2.values, PLACES_BELOW[level])


def _people_inside(layer: Layer) -> pd.Series:
    return layer.zones["people_inside"].astype(float)


def _cutoff(settings: Settings, cities: Settlements, level: str) -> float:
    """People that a settlement of a level has at least; none where a file says which there are."""
    given = settings.settlements is not None and settings.settlements.level == level
    return 0.0 if given else float(getattr(cities.rules, level).min_people)


def _unit_set(level: str, cutoff: float) -> str:
    return f"cutoff={cutoff:.0f};units={level}"


def _country_rows(land: Land, values: dict[str, float], source: str, period: str, variant: str) -> pd.DataFrame:
    frame = pd.DataFrame(values | {"valid_share": 1.0}, index=land.country.index)
    return long_rows(frame, period=period, source=source, variant=variant)
