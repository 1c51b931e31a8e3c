"""Put the answers of all steps together as a review."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Credit, Settings
from urbanreview.delineation import Sensitivity
from urbanreview.grid import declare, geobox_of, make_raster
from urbanreview.ledger import Ledger, total
from urbanreview.report import Review
from urbanreview.report.disclaimer import disclaimer_of
from urbanreview.steps.absent import Skipped, ledger_of
from urbanreview.steps.access import Journeys
from urbanreview.steps.country import Land
from urbanreview.steps.flags import flags_of
from urbanreview.steps.inputs import missing_dates
from urbanreview.steps.known import Known
from urbanreview.steps.own import Beside
from urbanreview.steps.people import People
from urbanreview.steps.points import Points
from urbanreview.steps.settlements import Settlements
from urbanreview.steps.sharing import output_licences
from urbanreview.steps.themes import Answers, units_asked
from urbanreview.zones import first_links, points_table, stack

WARNINGS = ("modelled", "note")
NOTHING = Ledger()


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
    beside: Sequence[Beside] = (),
    brought: Ledger = NOTHING,
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
    beside : sequence of Beside
        The user's own units and official numbers.
    brought : Ledger
        What was noted of fetching.
    """
    travel = [Answers(journeys.values, journeys.ledger, journeys.inputs)] if journeys is not None else []
    answers = [*(view.counted for view in views), *themes, *travel]
    told: list[Answers | Beside] = [*answers, *beside]
    values = pd.concat([part.values for part in told if len(part.values)], ignore_index=True)
    inputs = [*land.inputs, *(record for view in views for record in (*view.people.inputs, *view.cities.inputs))]
    inputs += [record for part in told for record in part.inputs]
    absent = total(Ledger().add("lights", f"no file for {date}", "file", 1) for date in missing_dates(settings))
    sensitivity, noted = compared
    ledgers = [brought, land.ledger, ledger_of(skipped), absent, noted, *(part.ledger for part in told)]
    ledgers += [ledger for view in views for ledger in (view.people.ledger, view.cities.ledger, view.points.ledger)]
    units = units_asked(land).zones()
    earlier = pd.concat([pd.DataFrame(), *(part.links for part in answers)])
    known = Known(values)
    columns = _columns_of(beside)
    first, *others = [_of_view(settings, units, view, known, earlier, columns) for view in views]
    return replace(
        first,
        ledger=_distinct(total(ledgers)),
        inputs=tuple(dict.fromkeys(inputs)),
        steps=tuple(seconds.items()),
        notes=(
            *notes_of(settings, views[0].cities),
            *(note for part in beside for note in part.notes),
            *(f"{str(each)[:1].upper()}{str(each)[1:]}." for each in skipped),
        ),
        rasters={name: raster for view in views for name, raster in maps_of(view).items()}
        | _agreement(sensitivity)
        | _travelled(journeys)
        | {name: raster for part in answers for name, raster in part.rasters.items()},
        comparison=_comparison(sensitivity),
        matrices={} if journeys is None else journeys.matrices,
        pairs=None if journeys is None else journeys.pairs,
        routes=_routes(journeys),
        beside=_tables_of(beside),
        disclaimer=disclaimer_of(
            settings.boundaries.policy,
            text=settings.boundaries.disclaimer,
            citation=settings.boundaries.citation,
            year=settings.boundaries.year,
        ),
        licences=output_licences(record.licence for record in inputs),
        others=tuple(others),
    )


def _tables_of(beside: Sequence[Beside]) -> dict[str, pd.DataFrame]:
    """Put tables of one name under one another."""
    named: dict[str, list[pd.DataFrame]] = {}
    for part in beside:
        for name, table in part.tables.items():
            named.setdefault(name, []).append(table)
    return {name: pd.concat(tables, ignore_index=True) for name, tables in named.items()}


def _columns_of(beside: Sequence[Beside]) -> pd.DataFrame:
    """Put what zones are told beside one another: a database has a table per population, so its columns come several times."""
    told = pd.DataFrame(index=pd.Index([], name="zone_id", dtype="str"))
    for part in beside:
        told = told.combine_first(part.columns)
    return told


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


def _of_view(
    settings: Settings, units: list[gpd.GeoDataFrame], view: View, known: Known, earlier: pd.DataFrame, told: pd.DataFrame
) -> Review:
    settled, is_first = view.zones(), (view.people.source, int(view.people.period)) == settings.views()[0]
    zones = stack([*units, *settled])
    whose = zones.index if is_first else pd.concat(settled).index
    history = earlier[earlier["from_id"].isin(whose)] if len(earlier) else earlier
    zones = _with_columns(zones, told, _own_columns(settings, units, history))
    flags = flags_of(settings, zones, known, source=view.people.source, period=view.people.period)
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


def _with_columns(zones: gpd.GeoDataFrame, *tables: pd.DataFrame) -> gpd.GeoDataFrame:
    """Give zones more columns; where zones of another level have one already, it is filled in for those that it is about."""
    columns: dict[str, pd.Series] = {}
    for table in tables:
        for name in table.columns:
            more = table[name].reindex(zones.index)
            columns[str(name)] = more.where(more.notna(), zones[name]) if name in zones else more
    return zones.assign(**columns)


def _own_columns(settings: Settings, units: list[gpd.GeoDataFrame], links: pd.DataFrame) -> pd.DataFrame:
    """Return the first of the user's own zones of every settlement, and the first districts of every such zone."""
    if not settings.zones or links.empty:
        return pd.DataFrame()
    names = pd.concat(units)["name"]
    columns = [
        first_links(links[links["relation"] == relation], names, column=relation.replace("-", "_"))
        for relation in (*settings.zones, "district")
    ]
    return pd.concat(columns, axis=1)


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
    sections += [*settings.zones.values(), *settings.crosswalk.values(), *settings.official.values(), settings.city_list]
    said = [section.note for section in sections if section is not None and section.note]
    year = settings.boundaries.year
    said.insert(0, f"Boundaries as of {year}." if year else "The year of the boundaries is not stated.")
    return tuple(dict.fromkeys((*said, *_rules_said(settings, cities))))


def _rules_said(settings: Settings, cities: Settlements) -> Iterator[str]:
    """Say what makes a settlement of either level: the rules, the user's file, or nothing on a grid too coarse for them."""
    given = settings.settlements
    if cities.rules.degree and cities.classes is not None:
        yield f"Degree of urbanisation by {cities.rules.edition}: {cities.rules.degree.sentence()}."
    for level, layer in cities.layers().items():
        word, rule = level.replace("_", " ").capitalize(), getattr(cities.rules, level)
        if given is not None and given.level == level:
            yield f"{word}s are those of {Path(given.path).name}, not found by rules."
        elif not layer.told:
            yield f"{word}s are not told: the population grid is too coarse to find them on."
        else:
            yield f"{word}: {rule.sentence()}."
