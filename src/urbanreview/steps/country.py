"""The country and its districts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd

from urbanreview.config import Settings
from urbanreview.errors import DuplicateIds, NoOverlap
from urbanreview.grid import geodesic_area_km2, to_crs
from urbanreview.ledger import Ledger, total
from urbanreview.report import InputFile
from urbanreview.sources import open_features, open_vector
from urbanreview.steps.inputs import vector_record
from urbanreview.zones import dissolve, mend, stack, uncovered, zone_table

UNCOVERED_AT_LEAST_KM2 = 1.0
"""Territory without a district below this is a sliver between two files, counted but no row."""


@dataclass(frozen=True)
class Land:
    """The country's outline and its administrative units.

    Attributes
    ----------
    country : GeoDataFrame
        Zone table of one row, level ``adm0``.
    districts : GeoDataFrame
        Zone table of the units in the settings, and of the territory that none of them covers.
    upper : GeoDataFrame or None
        Zone table of the units above, where the settings name a parent column.
    own : mapping of str to GeoDataFrame
        Zone tables of the user's own units, by their level; see `add_own_zones`.
    """

    country: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    upper: gpd.GeoDataFrame | None
    ledger: Ledger
    inputs: tuple[InputFile, ...]
    own: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)

    @property
    def outline(self) -> gpd.GeoSeries:
        """The country's polygon, EPSG:4326."""
        return self.country.geometry


def open_country(settings: Settings) -> Land:
    """Open the boundaries; see `Land`."""
    section = settings.boundaries
    districts, ledger = open_vector(
        section.path,
        level=f"adm{section.number}",
        iso3=settings.country.iso3,
        id_column=section.id,
        name_column=section.name,
        parent_column=section.parent,
        layer=section.layer,
        where=section.where,
        crs=section.crs,
        base=settings.base,
    )
    inputs = [vector_record(section.path, section, name="boundaries", base=settings.base, features=len(districts))]
    country, mended, outline_record = _outline(settings, districts)
    ledger += mended
    upper = None
    if section.parent:
        upper, parents = dissolve(districts, by="parent_name", level=f"adm{section.number - 1}")
        districts = districts.assign(parent_id=parents)
        ledger = ledger.add("boundaries", "district without a unit above", "zone", int(parents.isna().sum()))
    rest = uncovered(country.geometry, districts, name="No district")
    if len(rest) and rest["area_km2"].iloc[0] < UNCOVERED_AT_LEAST_KM2:
        ledger = ledger.add("boundaries", "slivers between outline and districts", "km2", rest["area_km2"].iloc[0])
    elif len(rest):
        districts = stack([districts, rest])
    return Land(country, districts, upper, ledger, (*inputs, *outline_record))


def _outline(settings: Settings, districts: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, Ledger, list[InputFile]]:
    """Return the country as a zone, from its own file or as the union of the districts."""
    section = settings.country
    if section.outline is None:
        shape, ledger, records = districts.geometry, Ledger(), list[InputFile]()
    else:
        features = open_features(section.outline, layer=section.outline_layer, base=settings.base)
        shape, ledger = mend(to_crs(features.geometry, 4326), step="adm0", origin=section.outline)
        records = [vector_record(section.outline, section, name="outline", base=settings.base, features=len(features))]
        if not shape.intersects(districts.union_all()).any():
            raise NoOverlap(section.outline, got=tuple(shape.total_bounds), expected=tuple(districts.total_bounds))
    frame = gpd.GeoDataFrame(
        {"code": [section.iso3], "name": [section.name or section.iso3]}, geometry=[shape.union_all()], crs=4326
    )
    country, more = zone_table(frame, level="adm0", iso3=section.iso3, id_column="code", name_column="name")
    country = country[["name", "level", "iso3", "parent_id", "area_km2", "geometry"]]
    return country.assign(area_km2=geodesic_area_km2(country.geometry)), ledger + more, records


def add_own_zones(settings: Settings, land: Land) -> Land:
    """Return the boundaries with the user's own zones beside the districts: each set a level of its own.

    They may overlap one another and reach beyond the country; those that share no ground with it are counted.
    """
    own, ledgers, records = {}, [land.ledger], list(land.inputs)
    taken = {*land.country.index, *land.districts.index, *(() if land.upper is None else land.upper.index)}
    for level, section in settings.zones.items():
        zones, ledger = open_vector(
            section.path,
            level=level,
            iso3=settings.country.iso3,
            id_column=section.id,
            name_column=section.name,
            layer=section.layer,
            where=section.where,
            crs=section.crs,
            base=settings.base,
        )
        beyond = int((~zones.intersects(land.outline.iloc[0])).sum())
        if beyond == len(zones):
            raise NoOverlap(section.path, got=tuple(zones.total_bounds), expected=tuple(land.outline.total_bounds))
        if doubled := sorted(taken.intersection(zones.index)):
            raise DuplicateIds(section.path, column="zone_id", ids=doubled)
        taken.update(zones.index)
        own[level] = zones
        ledgers.append(ledger.add(level, "zone wholly beyond the country", "zone", beyond))
        record = vector_record(section.path, section, name=f"zones {level}", base=settings.base, features=len(zones))
        records.append(record)
    return replace(land, own=own, ledger=total(ledgers), inputs=tuple(records))
