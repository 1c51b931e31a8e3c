"""Names of settlements: the user's own, a geocoder's where asked, the gazetteer's; and in the country's languages."""

from dataclasses import replace
from functools import cache
from threading import Lock

import geopandas as gpd
import pandas as pd

from urbanreview.config import Credit, Settings
from urbanreview.ledger import Ledger
from urbanreview.naming import load_places, name_zones, names_in, reverse_geocoder, reverse_names
from urbanreview.naming.nominatim import CREDIT
from urbanreview.report import InputFile
from urbanreview.sources import locate, open_alternate_names, open_names
from urbanreview.steps.country import Land
from urbanreview.steps.inputs import input_record, table_record
from urbanreview.steps.settlements import Layer, Settlements
from urbanreview.store import Kept
from urbanreview.zones import first_links

ANSWERS = ".store/nominatim.sqlite"
"""What a geocoder said is kept beside the results, and asked for once."""
geocoder_of = cache(reverse_geocoder)
ASKING = Lock()
"""One geocoder, and one population at a time: their steps run at once, and the server counts all that is asked."""


def name_settlements(settings: Settings, land: Land, cities: Settlements) -> Settlements:
    """Give every settlement its name, in other languages too where asked, and its districts as columns."""
    district_links = cities.links[cities.links["relation"] == "district"]
    columns = first_links(district_links, land.districts["name"], column="district")
    stacked = gpd.GeoDataFrame(pd.concat([layer.zones for layer in cities.layers().values()]), geometry="geometry", crs=4326)
    units = {"districts": columns["district_1_name"], "first_level": _first_level(land, columns["district_1"])}
    chosen = _chosen(settings, stacked)
    names, ledger = _named(settings, stacked, chosen, units)
    if settings.naming.nominatim is not None:
        answers, asked = _ask_geocoder(settings, stacked, names)
        users = answers.index.difference(chosen.index if chosen is not None else [])
        answers = answers.reindex(users)
        names, ledger = _named(settings, stacked, answers if chosen is None else chosen.combine_first(answers), units)
        names.loc[users, "name_found"] = "nominatim"
        ledger += asked
    if settings.naming.alternate_names is not None:
        spoken, noted = _in_languages(settings, names)
        names, ledger = names.join(spoken), ledger + noted
    dressed = {level: _dressed(layer, names, columns) for level, layer in cities.layers().items()}
    inputs = (*cities.inputs, *_read(settings, names))
    ledger = cities.ledger + ledger
    return replace(cities, clusters=dressed["urban_cluster"], centres=dressed["urban_centre"], ledger=ledger, inputs=inputs)


def _read(settings: Settings, names: pd.DataFrame) -> list[InputFile]:
    """Return the manifest's entries of the user's names, the names in other languages, and the geocoder that gave a name."""
    section, records = settings.naming, []
    if section.names is not None:
        rows = len(open_names(section.names, base=settings.base))
        records.append(table_record(section.names, Credit(), name="names", base=settings.base, rows=rows))
    if section.alternate_names is not None:
        credit = Credit(dataset=section.dataset, licence="CC BY 4.0", citation="GeoNames, alternate names")
        address = locate(section.alternate_names, suffixes=(".txt",), base=settings.base)
        spoken = ", ".join(section.languages)
        records.append(input_record(address, credit, name="names in languages", kind="table", grid=spoken))
    if section.nominatim is not None and names["name_found"].eq("nominatim").any():
        server = section.nominatim.server
        records.append(InputFile("names of Nominatim", server, "server", "", "", 0, "", licence="ODbL-1.0", citation=CREDIT))
    return records


def _chosen(settings: Settings, settled: gpd.GeoDataFrame) -> pd.Series | None:
    """Return the user's names: of the file of names, then of the file of settlements."""
    chosen = open_names(settings.naming.names, base=settings.base) if settings.naming.names else None
    given = settings.settlements
    if given is None or not given.name:
        return chosen
    own = settled[settled["level"] == given.level]["name"]
    return own if chosen is None else chosen.combine_first(own)


def _named(
    settings: Settings, settled: gpd.GeoDataFrame, chosen: pd.Series | None, units: dict[str, pd.Series]
) -> tuple[pd.DataFrame, Ledger]:
    within = settings.naming.nearest_within_km
    return name_zones(settled, places=load_places(), nearest_within_km=within, chosen=chosen, **units)


def _ask_geocoder(settings: Settings, settled: gpd.GeoDataFrame, names: pd.DataFrame) -> tuple[pd.Series, Ledger]:
    """Return a geocoder's names of the settlements it is asked about, those without a place inside unless of all."""
    section = settings.naming.nominatim
    assert section is not None
    asked = settled if section.ask == "all" else settled[names["name_found"].isin(["nearest", "none"])]
    inside = asked.geometry.representative_point()
    points = pd.DataFrame({"longitude": inside.x, "latitude": inside.y})
    for axis in [axis for axis in points if f"peak_{axis}" in asked]:
        points[axis] = asked[f"peak_{axis}"].fillna(points[axis])
    with ASKING:
        geocode = geocoder_of(
            user_agent=section.user_agent,
            server=section.server,
            language=section.language,
            min_delay_seconds=section.seconds_between,
        )
        found, ledger = reverse_names(points, geocode=geocode, cache=Kept(settings.output_folder / ANSWERS))
    return found["name"].dropna(), ledger


def _in_languages(settings: Settings, names: pd.DataFrame) -> tuple[pd.DataFrame, Ledger]:
    """Return the names that the places of the gazetteer have in other languages."""
    section = settings.naming
    assert section.alternate_names is not None
    table = open_alternate_names(
        section.alternate_names, languages=section.languages, geonameids=names["geonameid"].dropna(), base=settings.base
    )
    return names_in(section.languages, table, names["geonameid"])


def _first_level(land: Land, districts: pd.Series) -> pd.Series:
    """Name of the unit above each settlement's first district; the district's own where the settings name no unit above."""
    above = land.districts["parent_name"] if "parent_name" in land.districts else land.districts["name"]
    return districts.map(above)


def _dressed(layer: Layer, names: pd.DataFrame, columns: pd.DataFrame) -> Layer:
    zones = layer.zones.drop(columns="name").join(names, validate="one_to_one").join(columns, validate="one_to_one")
    zones = gpd.GeoDataFrame(zones, geometry="geometry", crs=4326)
    return replace(layer, zones=zones, found=None if layer.found is None else replace(layer.found, zones=zones))
