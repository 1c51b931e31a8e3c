"""What follows from lights of several years: shares, growth and trends of every zone, and whether all are of one making."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from urbanreview.config import Lights, Settings
from urbanreview.indicators import (
    breaks_between,
    growth,
    light_ratios,
    product_changes,
    stretches,
    theil_sen,
    variant_of,
)
from urbanreview.indicators.light_trends import FEWEST_YEARS
from urbanreview.measures import long_rows
from urbanreview.steps.country import Land
from urbanreview.steps.epochs import pairs_of
from urbanreview.steps.known import Known, known_of, least_valid, stacked
from urbanreview.steps.series_checks import odd_months
from urbanreview.steps.themes import Answers
from urbanreview.zones import grid_changes

LIGHT, LIGHTS = "lights.sum_area", "lights"
BUILT, BUILT_UP = "built_up.area", "built_up"
PEOPLE = "population.total"


@dataclass(frozen=True)
class Series:
    """Lights by year, and what is known of how they were made.

    Attributes
    ----------
    known : Known
        With light, people and built-up land.
    floor : float
    breaks : tuple of str
        Months from which the series is made another way.
    products : mapping of str to str
        Product by period, as the files say; empty where they do not.
    """

    known: Known
    floor: float
    breaks: tuple[str, ...]
    products: Mapping[str, str]

    def periods(self, *, monthly: bool = False) -> list[str]:
        """List the years, or the months."""
        return [period for period in self.known.periods(LIGHT, LIGHTS) if (len(period) > 4) == monthly]

    @property
    def years(self) -> list[int]:
        """All years, in order."""
        return [int(period) for period in self.periods()]

    def variant(self, year: int) -> str:
        """Return the variant of a year: its floor, and the months it is the mean of."""
        return str(self.known.at(LIGHT, LIGHTS, str(year))["variant"].iloc[0])

    def words(self, before: int, after: int) -> str:
        """Return the variant of growth between two years: the level breaks and products in between, and the floor."""
        first = f"{before}-{months_of(self.variant(before))[0]:02}"
        last = f"{after}-{months_of(self.variant(after))[1]:02}"
        made_by = [made for each, made in self.products.items() if made and first[: len(each)] <= each <= last[: len(each)]]
        flagged = variant_of(breaks_between(first, last, self.breaks), made_by)
        return ";".join(filter(None, (flagged, f"floor={self.floor:g}")))

    def spans(self) -> list[Sequence[int]]:
        """Return the years that a trend is drawn through: all, and the newest run of them without a break if it is another."""
        years = self.years
        if len(years) < 2:
            return []
        months = [month for year in years for month in months_of(self.variant(year))]
        newest = (stretches(years, (min(months), max(months)), self.breaks) or [()])[-1]
        return [years, *([newest] if FEWEST_YEARS <= len(newest) < len(years) else [])]


def months_of(variant: str) -> tuple[int, int]:
    """Return the first and the last month of a year's mean, from its variant.

    >>> months_of("floor=0.1;months=4-6+8"), months_of("floor=0.1")
    ((4, 8), (1, 12))
    """
    spelled = dict(word.split("=") for word in variant.split(";")).get("months", "1-12").replace("+", "-").split("-")
    return int(spelled[0]), int(spelled[-1])


def ask_light_series(settings: Settings, land: Land, *answers: Answers) -> Answers:
    """Set yearly lights beside people, built-up land and one another, and ask whether the series is of one piece.

    ``answers`` are those of people, lights and built-up land.
    """
    assert settings.lights is not None
    country = str(land.country.index[0])
    files = {record.name: record for part in answers for record in part.inputs if record.name.startswith(f"{LIGHTS} ")}
    grids = {name.removeprefix(f"{LIGHTS} "): record.grid for name, record in sorted(files.items())}
    products = {name.removeprefix(f"{LIGHTS} "): record.product for name, record in sorted(files.items())}
    series = Series(known_of(answers), settings.lights.floor, breaks_of(settings.lights), products)
    rows = [row for year in series.years for row in _ratios(series, country, settings.primary, year)]
    rows += [_growth(series, before, after) for before, after in pairs_of(series.years)]
    rows += [_trend(series, span) for span in series.spans()]
    months = series.periods(monthly=True)
    totals = {month: series.known.value(LIGHT, LIGHTS, month).get(country) for month in months}
    ledger = grid_changes(grids, series=LIGHTS) + product_changes(products) + odd_months(pd.Series(totals, dtype=float))
    for month in breaks_between(months[0], months[-1], series.breaks) if months else ():
        cause = f"the series changes its level with {month}: growth and trends across it are marked"
        ledger = ledger.add(LIGHTS, cause, "break", 1)
    return Answers(stacked(rows), ledger)


def breaks_of(section: Lights) -> tuple[str, ...]:
    """Return the level breaks of a series; those of monthly composites concern no yearly product, unless named."""
    return tuple(section.breaks) if section.monthly or "breaks" in section.model_fields_set else ()


def _ratios(series: Series, country: str, source: str, year: int) -> Iterator[pd.DataFrame]:
    """Give a year's light per person and per built-up land, of the zones that have either, and as a part of the country's."""
    light = series.known.at(LIGHT, LIGHTS, str(year))
    people, counted_in = series.known.in_year(PEOPLE, source, year)
    built, seen_in = series.known.in_year(BUILT, BUILT_UP, year)
    frame = light_ratios(
        light["value"].astype(float),
        people=people.reindex(light.index),
        built_up_km2=built.reindex(light.index),
        country=float(light["value"].get(country, float("nan"))),
    ).assign(valid_share=light["valid_share"])
    for column, there, more in (
        ("lights.national_share", light.index, ""),
        ("lights.per_person", light.index.intersection(people.index), f";people={source}:{counted_in}"),
        ("lights.per_built_up", light.index.intersection(built.index), f";built_up={seen_in}"),
    ):
        if len(there):
            part = frame.loc[there, [column, "valid_share"]]
            yield long_rows(part, period=str(year), source=LIGHTS, variant=series.variant(year) + more)


def _growth(series: Series, before: int, after: int) -> pd.DataFrame:
    first, last = series.known.two(LIGHT, LIGHTS, before, after)
    rate = growth(first["value"].astype(float), last["value"].astype(float), years=after - before)
    frame = rate.to_frame().assign(valid_share=least_valid(first, last))
    return long_rows(frame, period=f"{before}/{after}", source=LIGHTS, variant=series.words(before, after))


def _trend(series: Series, years: Sequence[int]) -> pd.DataFrame:
    seen = {year: series.known.at(LIGHT, LIGHTS, str(year)) for year in years}
    table = pd.DataFrame({year: part["value"].astype(float) for year, part in seen.items()})
    frame = theil_sen(table).assign(valid_share=least_valid(*seen.values()))
    words = series.words(years[0], years[-1])
    return long_rows(frame, period=f"{years[0]}/{years[-1]}", source=LIGHTS, variant=words)
