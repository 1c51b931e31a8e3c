"""Cities: found by the rules or taken from a file, linked to districts and to one another, and named."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from scipy.ndimage import binary_dilation

from urbanreview.config import Settings
from urbanreview.delineation import Extents, Rules, degree_of_urbanisation, extents, keep_extents
from urbanreview.delineation.density import REFUSE_ABOVE_KM2
from urbanreview.grid import cell_area_km2, declare, geobox_of, to_crs
from urbanreview.ledger import Ledger
from urbanreview.report import InputFile
from urbanreview.sources import open_features
from urbanreview.steps.country import Land
from urbanreview.steps.epochs import open_epoch
from urbanreview.steps.inputs import vector_record
from urbanreview.steps.people import People
from urbanreview.units import METRES_PER_KM
from urbanreview.zones import (
    Plans,
    link_extents,
    link_polygons,
    parents_of,
    plan_zones,
    summarise,
    zone_table,
)

INSIDE_AT_LEAST_PEOPLE = 1.0
"""A settlement is the country's own business from one inhabitant inside on."""
ABROAD_AT_LEAST_PEOPLE = 1.0
"""A settlement crosses the border from one inhabitant on who lives more than a cell beyond it."""
LEVELS = ("urban_cluster", "urban_centre")


@dataclass(frozen=True)
class Layer:
    """The settlements of one level: their zone table, and the cells they were found on unless a file gave them.

    ``told`` is whether there could be any: on a grid too coarse for the rules nobody knows, and none were looked for.
    """

    zones: gpd.GeoDataFrame
    found: Extents | None
    told: bool = True

    def plans(self) -> Plans:
        """Return plans of these settlements; from labels on the grid they were found on."""
        return Plans(self.zones, self.found)


@dataclass(frozen=True)
class Classes:
    """The Degree of Urbanisation of every cell, at both levels."""

    level_1: xr.DataArray
    level_2: xr.DataArray


@dataclass(frozen=True)
class Settlements:
    """Clusters and centres with their links.

    ``links`` holds every pair of settlement and district (relation ``district``), of settlement and country
    (``country``), of settlement and unit above (``upper``), and of centre and cluster (``urban_cluster``). ``classes`` are
    there where the rules are a Degree of Urbanisation.
    """

    rules: Rules
    clusters: Layer
    centres: Layer
    links: pd.DataFrame
    ledger: Ledger
    inputs: tuple[InputFile, ...] = ()
    classes: Classes | None = None

    def layers(self) -> dict[str, Layer]:
        """Both levels by name."""
        return {"urban_cluster": self.clusters, "urban_centre": self.centres}


def find_settlements(settings: Settings, land: Land, people: People) -> Settlements:
    """Delineate both levels, keep what concerns the country, and link; see `Settlements`.

    The ids of the primary population are bare; all others end in their source and year, so that one table can hold
    the settlements of several populations.
    """
    rules = settings.delineation.rule_sets()[0]
    found = _by_rules(settings, land, people, rules)
    layers, ledger, inputs, links = {}, found.ledger, list(found.inputs), []
    for level in LEVELS:
        if settings.settlements is not None and settings.settlements.level == level:
            layer, more, record = _from_file(settings, people)
            ledger += more
            inputs.append(record)
        else:
            layer = found.layers[level]
        layer = _with_ids(layer, settings.view_suffix(people.source, people.period))
        layer, inside, dropped = _of_this_country(layer, land, people)
        layers[level] = layer
        ledger += dropped
        links += [inside, link_layer(layer, land.districts, people, "district")]
        if land.upper is not None:
            links.append(link_layer(layer, land.upper, people, "upper"))
    clusters, centres = layers["urban_cluster"], layers["urban_centre"]
    parents, within = _parents(centres, clusters, people)
    centres = replace(centres, zones=centres.zones.assign(parent_id=parents))
    table = pd.concat([*links, within], ignore_index=True)
    return Settlements(rules, clusters, centres, table, ledger, tuple(inputs), found.classes)


@dataclass(frozen=True)
class _Found:
    """Both levels as the rules give them, and the classes of the cells where the rules have any."""

    layers: dict[str, Layer]
    classes: Classes | None
    ledger: Ledger
    inputs: tuple[InputFile, ...] = ()


def _by_rules(settings: Settings, land: Land, people: People, rules: Rules) -> _Found:
    too_coarse = float(cell_area_km2(geobox_of(people.raster)).min()) > REFUSE_ABOVE_KM2
    if rules.degree is None or too_coarse:
        return _by_thresholds(settings, people, rules, none=too_coarse)
    built_up, opened, inputs = open_built_up(settings, land, rules, year=int(people.period))
    found, ledger = degree_of_urbanisation(
        people.raster, land=people.land_m2, built_up=built_up, rules=rules, iso3=settings.country.iso3
    )
    extents_of = {"urban_cluster": found.clusters, "urban_centre": found.centres}
    layers = {level: Layer(each.zones, each) for level, each in extents_of.items()}
    return _Found(layers, Classes(found.at_level(1), found.at_level(2)), opened + ledger, inputs)


def _by_thresholds(settings: Settings, people: People, rules: Rules, *, none: bool) -> _Found:
    """Find settlements by density and size alone; `none` where the grid is too coarse for any."""
    layers, ledger = {}, Ledger()
    for level in LEVELS:
        rule = getattr(rules, level)
        rule = replace(rule, min_people=np.inf) if none else rule
        found, more = extents(people.raster, rules=rule, iso3=settings.country.iso3, land_m2=people.land_m2)
        layers[level] = Layer(found.zones, found, told=not none)
        ledger += more
    return _Found(layers, None, ledger)


def open_built_up(
    settings: Settings, land: Land, rules: Rules, *, year: int
) -> tuple[xr.DataArray | None, Ledger, tuple[InputFile, ...]]:
    """Open the built-up land that the rules ask for; none if they do not, or if there is no epoch of the year."""
    if not reads_built_up(settings, rules, year=year) or settings.built_up is None:
        return None, Ledger(), ()
    raster, ledger, record = open_epoch(settings, land, year=year)
    return raster, ledger, (record,)


def reads_built_up(settings: Settings, rules: Rules, *, year: int) -> bool:
    """Tell whether a delineation of a year reads built-up land."""
    epochs = [] if settings.built_up is None else settings.built_up.years
    return rules.degree is not None and rules.degree.built_up_share is not None and year in epochs


def _with_ids(layer: Layer, suffix: str) -> Layer:
    """Append the source and year to the ids of settlements."""
    if not suffix:
        return layer
    zones = layer.zones.set_axis(pd.Index(layer.zones.index + suffix, name="zone_id"))
    if layer.found is None:
        return replace(layer, zones=zones)
    zones = zones.assign(name=zones.index)
    return replace(layer, zones=zones, found=replace(layer.found, zones=zones))


def _from_file(settings: Settings, people: People) -> tuple[Layer, Ledger, InputFile]:
    """Read settlements from polygons, or from points as discs."""
    section = settings.settlements
    assert section is not None
    features = open_features(section.path, layer=section.layer, where=section.where, crs=section.crs, base=settings.base)
    record = vector_record(section.path, section, name="settlements", base=settings.base, features=len(features))
    ledger = Ledger()
    points = features.geom_type.isin(["Point", "MultiPoint"])
    if points.any():
        discs = _discs(to_crs(features.geometry[points], 4326), section.radius_km)
        features = features.to_crs(4326)
        features.loc[points, features.geometry.name] = discs
        ledger = ledger.add("settlements", f"points taken as discs of {section.radius_km:g} km", "zone", int(points.sum()))
    zones, mended = zone_table(
        features,
        level=section.level,
        iso3=settings.country.iso3,
        id_column=section.id,
        name_column=section.name,
        origin=section.path,
    )
    living = summarise(plan_zones(zones, geobox_of(people.raster)), people.raster)[0]["sum"]
    return Layer(zones.assign(people=living.fillna(0.0)), None), ledger + mended, record


def _discs(points: gpd.GeoSeries, radius_km: float) -> np.ndarray:
    """Geodesic discs around points, as polygons in degrees."""
    discs = []
    for point in points.centroid if (points.geom_type == "MultiPoint").any() else points:
        plane = f"+proj=aeqd +lat_0={point.y} +lon_0={point.x} +datum=WGS84 +units=m +type=crs"
        disc = shapely.Point(0, 0).buffer(radius_km * METRES_PER_KM, quad_segs=32)
        discs.append(gpd.GeoSeries([disc], crs=plane).to_crs(4326).iloc[0])
    return np.array(discs)


def link_layer(layer: Layer, zones: gpd.GeoDataFrame, people: People, relation: str) -> pd.DataFrame:
    """Link settlements of one level with other zones: see `urbanreview.zones.link_extents`."""
    if layer.found is not None:
        return link_extents(layer.found, plan_zones(zones, layer.found.geobox), people.raster, relation=relation)
    return link_polygons(layer.zones, zones, people.raster, relation=relation)


def _of_this_country(layer: Layer, land: Land, people: People) -> tuple[Layer, pd.DataFrame, Ledger]:
    """Keep settlements with people inside the country, and say how many live inside and outside."""
    links = link_layer(layer, land.country, people, "country")
    inside = links.set_index("from_id")["people"].reindex(layer.zones.index).fillna(0.0)
    keep = (inside >= INSIDE_AT_LEAST_PEOPLE).to_numpy()
    outside = (layer.zones["people"] - inside).clip(lower=0.0)
    abroad = _people_abroad(layer, land, people)
    zones = layer.zones.assign(people_inside=inside, people_outside=outside, cross_border=abroad >= ABROAD_AT_LEAST_PEOPLE)
    level = str(layer.zones["level"].iloc[0]) if len(layer.zones) else "settlements"
    ledger = Ledger().add(level, "settlement wholly beyond the border: left out", "zone", int((~keep).sum()))
    ledger = ledger.add(level, "people of settlements wholly beyond the border", "people", zones["people"][~keep].sum())
    if layer.found is None:
        kept = replace(layer, zones=zones[keep])
    else:
        found = keep_extents(replace(layer.found, zones=zones), keep)
        kept = replace(layer, zones=found.zones, found=found)
    return kept, links[links["from_id"].isin(kept.zones.index)], ledger


def _people_abroad(layer: Layer, land: Land, people: People) -> pd.Series:
    """People of every settlement in cells that neither touch the country nor neighbour one that does.

    The ring of neighbours is left out because a simplified shoreline misses the harbour: a city by the sea is no
    city across the border.
    """
    geobox = geobox_of(people.raster)
    near = binary_dilation(plan_zones(land.country, geobox).touched(), np.ones((3, 3), bool))
    abroad = people.raster.where(~near)
    return summarise(layer.plans().on(geobox), declare(abroad, kind="count", units="people"))[0]["sum"].fillna(0.0)


def _parents(centres: Layer, clusters: Layer, people: People) -> tuple[pd.Series, pd.DataFrame]:
    if centres.found is not None and clusters.found is not None:
        return parents_of(centres.found, clusters.found, people.raster)
    links = link_polygons(centres.zones, clusters.zones, people.raster, relation="urban_cluster")
    return links[links["rank"] == 1].set_index("from_id")["to_id"].reindex(centres.zones.index), links
