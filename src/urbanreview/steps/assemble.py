"""Put the answers of all steps together as a review."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Credit, Settings
from urbanreview.delineation import Sensitivity
from urbanreview.grid import declare, geobox_of, make_raster
from urbanreview.ledger import Ledger, total
from urbanreview.report import Review
from urbanreview.steps.absent import Skipped, ledger_of
from urbanreview.steps.access import Journeys
from urbanreview.steps.country import Land
from urbanreview.steps.flags import flags_of
from urbanreview.steps.inputs import missing_dates
from urbanreview.steps.known import Known
from urbanreview.steps.people import People
from urbanreview.steps.points import Points
from urbanreview.steps.settlements import Settlements
from urbanreview.steps.themes import Answers, units_asked
from urbanreview.zones import points_table, stack

WARNINGS = ("modelled", "note")


@dataclass(frozen=True)
class View:
    """One population, and what was found on it."""

    people: People
    cities: Settlements
    points: Points
    counted: Answers

    @property
    def title(self) -> str:
        """Source and period, such as ``ghs 2020``."""
        return f"{self.people.source} {self.people.period}"

    def zones(self) -> list[gpd.GeoDataFrame]:
        """Its settlements, with the population and edition that they hold for."""
        more = {"population": self.title, "edition": self.cities.rules.edition}
        return [layer.zones.assign(**more) for layer in self.cities.layers().values()]


def assemble(
    settings: Settings,
    land: Land,
    views: Sequence[View],
    themes: Sequence[Answers],
    seconds: Mapping[str, float],
    *,
    compared: tuple[Sensitivity | None, Ledger] = (None, Ledger()),
    journeys: Journeys | None = None,
    skipped: tuple[Skipped, ...] = (),
) -> Review:
    """Return the review of the first view, with those of the other populations beside it.

    Parameters
    ----------
    settings : Settings
    land : Land
    views : sequence of View
        The primary population's last year first.
    themes : sequence of Answers
        Of all themes.
    seconds : mapping of str to float
        Time of every step.
    compared : (Sensitivity or None, Ledger)
        Other rule sets and populations beside.
    journeys : Journeys, optional
        Travel between the first view's cities and districts.
    skipped : tuple of Skipped
        Themes without a file.
    """
    travel = [Answers(journeys.values, journeys.ledger, journeys.inputs)] if journeys is not None else []
    answers = [*(view.counted for view in views), *themes, *travel]
    values = pd.concat([part.values for part in answers if len(part.values)], ignore_index=True)
    inputs = [*land.inputs, *(record for view in views for record in (*view.people.inputs, *view.cities.inputs))]
    inputs += [record for part in answers for record in part.inputs]
    absent = total(Ledger().add("lights", f"no file for {date}", "file", 1) for date in missing_dates(settings))
    sensitivity, noted = compared
    ledgers = [land.ledger, ledger_of(skipped), absent, noted, *(part.ledger for part in answers)]
    ledgers += [ledger for view in views for ledger in (view.people.ledger, view.cities.ledger, view.points.ledger)]
    units = units_asked(land).zones()
    earlier = pd.concat([pd.DataFrame(), *(part.links for part in answers)])
    known = Known(values)
    first, *others = [_of_view(settings, units, view, known, earlier) for view in views]
    return replace(
        first,
        ledger=_distinct(total(ledgers)),
        inputs=tuple(dict.fromkeys(inputs)),
        steps=tuple(seconds.items()),
        notes=(*notes_of(settings, views[0].cities), *(f"{str(each)[:1].upper()}{str(each)[1:]}." for each in skipped)),
        rasters={name: raster for view in views for name, raster in maps_of(view).items()}
        | _agreement(sensitivity)
        | _travelled(journeys)
        | {name: raster for part in answers for name, raster in part.rasters.items()},
        comparison=_comparison(sensitivity),
        matrices={} if journeys is None else journeys.matrices,
        pairs=None if journeys is None else journeys.pairs,
        routes=_routes(journeys),
        others=tuple(others),
    )


def _comparison(sensitivity: Sensitivity | None) -> dict[str, pd.DataFrame]:
    if sensitivity is None:
        return {}
    tables = {"scenarios": sensitivity.scenarios, "scenario_cities": sensitivity.cities, "scenario_pairs": sensitivity.pairs}
    return {name: table for name, table in tables.items() if len(table)}


def _travelled(journeys: Journeys | None) -> dict[str, xr.DataArray]:
    return {} if journeys is None else journeys.rasters


def _routes(journeys: Journeys | None) -> dict[str, gpd.GeoDataFrame]:
    if journeys is None:
        return {}
    return {"routes_city_city": journeys.city_routes, "routes_city_district": journeys.district_routes}


def _agreement(sensitivity: Sensitivity | None) -> dict[str, xr.DataArray]:
    return {} if sensitivity is None else {"urban_agreement": sensitivity.urban}


def _of_view(settings: Settings, units: list[gpd.GeoDataFrame], view: View, known: Known, earlier: pd.DataFrame) -> Review:
    zones = stack([*units, *view.zones()])
    flags = flags_of(settings, zones, known, source=view.people.source, period=view.people.period)
    history = earlier[earlier["from_id"].isin(zones.index)] if len(earlier) else earlier
    values = known.values
    return Review(
        iso3=settings.country.iso3,
        title=settings.country.name or settings.country.iso3,
        edition=view.cities.rules.edition,
        population=view.title,
        zones=zones.assign(flags=flags),
        points=points_table([view.points.table]),
        values=values[values["zone_id"].isin(zones.index)].reset_index(drop=True),
        links=pd.concat([view.cities.links, history], ignore_index=True),
        rasters={},
        ledger=Ledger(),
        inputs=(),
        settings=settings.model_dump(mode="json", exclude_none=True),
        steps=(),
    )


def _distinct(ledger: Ledger) -> Ledger:
    """Drop entries that several populations note alike, such as the land layer they share."""
    return Ledger(tuple(dict.fromkeys(ledger.entries)))


def maps_of(view: View) -> dict[str, xr.DataArray]:
    """Rasters of one population: the clipped input, urban extents (0 none, 1 urban cluster, 2 urban centre), classes."""
    people, cities = view.people, view.cities
    tag = f"{people.source}_{people.period}"
    rasters = {f"inputs/population_{tag}": people.raster}
    clusters, centres = cities.clusters.found, cities.centres.found
    if clusters is not None and centres is not None:
        classes = np.where(centres.image() > 0, 2, clusters.image() > 0).astype(np.uint8)
        more = {key: people.raster.attrs[key] for key in WARNINGS if key in people.raster.attrs}
        more |= {"kind": "class", "units": "urban extent", "source": tag, "edition": cities.rules.edition}
        rasters[f"urban_extents_{tag}"] = make_raster(classes, geobox_of(people.raster), **more)
    if cities.classes is not None:
        warnings = {key: people.raster.attrs[key] for key in WARNINGS if key in people.raster.attrs}
        for name, raster in (
            (f"degree_of_urbanisation_{tag}", cities.classes.level_2),
            (f"degree_of_urbanisation_level_1_{tag}", cities.classes.level_1),
        ):
            more = {key: str(value) for key, value in raster.attrs.items() if key != "nodata"} | warnings | {"source": tag}
            rasters[name] = declare(raster, **more)
    return rasters


def notes_of(settings: Settings, cities: Settlements) -> tuple[str, ...]:
    """Sentences that a reader must see first."""
    sections: list[Credit | None] = [settings.boundaries, *settings.population.values(), settings.land, settings.built_up]
    sections += [settings.lights, settings.lights.flares if settings.lights else None, settings.access, settings.settlements]
    sections += [settings.expansion.built_up, *settings.exposure.values(), *settings.climate.values()]
    sections += [settings.air, settings.air.monthly if settings.air else None]
    said = [section.note for section in sections if section is not None and section.note]
    if settings.boundaries.year:
        said.insert(0, f"Boundaries as of {settings.boundaries.year}.")
    rules = (cities.rules.urban_cluster, cities.rules.urban_centre)
    said += (
        [f"Degree of urbanisation by {cities.rules.edition}: {cities.rules.degree.sentence()}."] if cities.rules.degree else []
    )
    said += [f"{rule.level.replace('_', ' ').capitalize()}: {rule.sentence()}." for rule in rules]
    return tuple(dict.fromkeys(said))
