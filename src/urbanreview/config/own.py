"""Sections of the user's own units and official numbers."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from urbanreview.config.sections import WHERE, Credit, NotNegative, Positive, Section, Year

CRS = Field(
    None, examples=["EPSG:4326"], description="Coordinate reference system, if the file does not say or says it wrongly."
)
LAYER = Field(None, examples=["units"], description="Layer, if the file has several.")
WITHIN_KM = Field(5.0, description="How far from a settlement's outline a match may lie.")
TAKEN_LEVELS = frozenset(
    {"urban-centre", "urban-cluster", "country", "district", "districts", "upper", "hexagon", "city", "earlier", "uc", "cl"}
)
"""Levels, relations of links and matrices, and what stands in the ids of settlements."""
TAKEN_PREFIXES = frozenset({"parent", "zone", "source", "listed", "name", "people", "district", "geoname", "cells"})


def _free_level(name: str) -> str:
    plain = name.replace("_", "-")
    if plain in TAKEN_LEVELS or (plain.startswith("adm") and plain[3:].isdigit()):
        message = f"[zones.{name}] has the name of a level of the review. Call it otherwise."
        raise ValueError(message)
    return name


def _free_prefix(name: str) -> str:
    if name in TAKEN_PREFIXES:
        message = f"[crosswalk.{name}] would give settlements a column that they have already, '{name}_id'. Call it otherwise."
        raise ValueError(message)
    return name


Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Own = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Level = Annotated[Own, AfterValidator(_free_level)]
Database = Annotated[Own, AfterValidator(_free_prefix)]


class UserZones(Credit):
    """[zones.NAME]: polygons of your own, asked like the districts: official city limits, agglomerations, planning regions."""

    path: str = Field(
        examples=["data/agglomerations.gpkg"], description="Polygons; they may overlap and need not cover the country."
    )
    layer: str | None = LAYER
    where: str | None = WHERE
    id: str = Field(examples=["code"], description="Column with the zone's own id: unique, nowhere empty.")
    name: str | None = Field(None, examples=["name"], description="Column with its name.")
    crs: str | None = CRS


class Crosswalk(Credit):
    """[crosswalk.NAME]: another city database, whose ids settlements get as NAME_id."""

    path: str = Field(examples=["data/ucdb.gpkg"], description="Points or polygons of the database's cities.")
    layer: str | None = LAYER
    where: str | None = WHERE
    id: str = Field(examples=["ID_UC_G0"], description="Column with the database's id.")
    name: str | None = Field(None, examples=["GC_UCN_MAI_2025"], description="Column with the name there.")
    people: str | None = Field(None, examples=["GC_POP_TOT_2025"], description="Column with the people there.")
    crs: str | None = CRS
    within_km: NotNegative = WITHIN_KM


class Official(Credit):
    """[official.NAME]: official people by unit, set beside ours."""

    path: str = Field(examples=["data/census.csv"], description="CSV with a row per unit.")
    people: str = Field(examples=["Total"], description="Column with the people.")
    code: str | None = Field(None, examples=["code"], description="Column with the unit's code, kept as text.")
    name: str | None = Field(
        None, examples=["Region"], description="Column with the unit's name; rows are matched by it where there is no code."
    )
    units: str = Field(
        "districts", description="Whose rows they are: districts, upper (the units above), or the NAME of your own zones."
    )
    unit_code: str | None = Field(
        None, examples=["iso"], description="Column of the units' own file that the codes are of; their id without it."
    )
    total: str | None = Field(None, examples=["Country"], description="Code or name of the row that holds the country's total.")
    correspondence: str | None = Field(
        None,
        examples=["data/folded.csv"],
        description="CSV of split, merged and renamed units: official, unit, share; the shares of an official row add up to 1.",
    )
    year: Year | None = Field(None, examples=[2023], description="Year of the numbers.")
    division: Year | None = Field(None, examples=[2023], description="Year of the division that they are by.")
    definition: str = Field("", examples=["permanent residents"], description="Who is counted, in the office's words.")

    @model_validator(mode="after")
    def _keyed(self) -> "Official":
        if self.code is None and self.name is None:
            message = f"[official] {self.path} has neither code nor name, expected the column that units are told by"
            raise ValueError(message)
        return self

    @property
    def key(self) -> str:
        """Column that rows are matched by."""
        return self.code or self.name or ""


class CityList(Credit):
    """[city_list]: the official list of cities."""

    path: str = Field(examples=["data/cities.csv"], description="CSV with a row per city, or a vector file of points.")
    layer: str | None = LAYER
    where: str | None = WHERE
    code: str = Field(examples=["code"], description="Column with the city's code: unique, kept as text.")
    name: str = Field(examples=["name"], description="Column with its name.")
    longitude: str | None = Field(None, examples=["lon"], description="Column with its longitude in a CSV [degrees].")
    latitude: str | None = Field(None, examples=["lat"], description="Column with its latitude in a CSV [degrees].")
    people: str | None = Field(None, examples=["population"], description="Column with its people.")
    status: str | None = Field(
        None, examples=["status"], description="Column with its status, such as republican or district city."
    )
    flags: list[str] = Field(
        [],
        examples=[["capital", "single_industry"]],
        description="Columns that say yes or no of a city: 1, x, yes or true mean yes.",
    )
    crs: str | None = CRS
    year: Year | None = Field(None, examples=[2023], description="Year of the list.")
    min_people: NotNegative = Field(0.0, description="Listed cities with fewer people are left out.")
    within_km: NotNegative = WITHIN_KM


class Nominatim(Section):
    """[naming.nominatim]: names from an OpenStreetMap geocoder, asked for once and kept."""

    user_agent: Annotated[str, Field(min_length=3)] = Field(
        examples=["my-review (me@example.org)"], description="Who asks: the server's policy wants an address to write to."
    )
    server: str = Field("https://nominatim.openstreetmap.org", description="Address of the server.")
    ask: Literal["unnamed", "all"] = Field("unnamed", description="Only settlements without a gazetteer place inside, or all.")
    language: str = Field("en", description="Language of the answers.")
    seconds_between: Positive = Field(1.0, description="Time between two requests; the public server wants at least 1.")


class Naming(Section):
    """[naming]: how settlements get their names."""

    names: str | None = Field(None, examples=["names.csv"], description="CSV with zone_id and name; these names win.")
    nearest_within_km: NotNegative = Field(10.0, description="How far the nearest place may be to give its name.")
    languages: list[Language] = Field(
        [], examples=[["kk", "ru"]], description="Languages that names are told in, as name_<language>; needs alternate_names."
    )
    dataset: str | None = Field(
        None, examples=["geonames-alternate"], description="Dataset of the catalogue that is fetched for alternate_names."
    )
    alternate_names: str | None = Field(
        None, examples=["data/alternateNamesV2.zip"], description="GeoNames file of alternate names with their languages."
    )
    nominatim: Nominatim | None = None

    @model_validator(mode="after")
    def _languages_have_names(self) -> "Naming":
        if self.languages and self.alternate_names is None:
            message = "[naming] languages without alternate_names, expected the GeoNames file of alternate names"
            raise ValueError(message)
        return self
