"""The sections of a settings file, each a typed model."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from urbanreview.delineation import DEFAULT, EDITIONS, Rules, changed, rules_of
from urbanreview.errors import UnknownName
from urbanreview.indicators.light_trends import BREAKS

Iso3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Year = Annotated[int, Field(ge=1900, le=2200)]
Month = Annotated[int, Field(ge=1, le=12)]
Item = TypeVar("Item", bound=int)
Each = Annotated[list[Item], AfterValidator(lambda dates: sorted(set(dates)))]
"""Dates, each once and in order."""
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


WHERE = Field(None, examples=["admin_level = 6"], description="Only features that this condition in OGR SQL holds for.")
"""Setting of every vector file of units."""


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Credit(Section):
    """Where an input comes from."""

    dataset: str | None = Field(
        None,
        examples=["ghs-pop-r2023a"],
        description="Dataset of the catalogue that is fetched in place of a path; `urbanreview datasets` lists them.",
    )
    licence: str = Field("", description="Licence of the input, for the credits.")
    citation: str = Field("", description="How the producer wants to be cited.")
    note: str = Field("", description="A sentence about the input that stands on the report.")
    modelled: bool = Field(default=False, description="Whether the data are made up; puts a banner on the report.")


class RasterInput(Credit):
    """A raster: one file, or one per year or month with {year} and {month:02} in its path."""

    path: str = Field(
        examples=["data/{section}_{year}.tif"],
        description="File, /vsi name, https address or archive.zip!member; {year} and {month:02} are filled in.",
    )
    crs: str | None = Field(
        None, examples=["EPSG:4326"], description="Coordinate reference system, if the file does not say or says it wrongly."
    )
    nodata: float | None = Field(None, examples=[-9999.0], description="A code for missing values besides the file's own.")
    band: int | None = Field(None, examples=[1], ge=1, description="Which band, if the file has several.")
    variable: str | None = Field(None, examples=["pre"], description="Which variable of a NetCDF file.")


class Country(Section):
    """[country]: which country, and how far around it."""

    iso3: Iso3 = Field(examples=["{ISO3}"], description="Three-letter code; opens every zone id.")
    name: str = Field("", description="Name on the report; the code without it.")
    outline: str | None = Field(
        None, examples=["data/outline.gpkg"], description="Polygons of the country; the union of the boundaries without it."
    )
    outline_layer: str | None = Field(None, examples=["outline"], description="Layer of the outline, if the file has several.")
    margin_km: NotNegative = Field(50.0, description="Distance beyond the border that rasters are read with.")


class Boundaries(Credit):
    """[boundaries]: the districts."""

    path: str = Field(examples=["data/districts.gpkg"], description="Polygons of the districts.")
    layer: str | None = Field(None, examples=["districts"], description="Layer, if the file has several.")
    where: str | None = WHERE
    id: str = Field(examples=["code"], description="Column with the district's own id: unique, nowhere empty.")
    name: str | None = Field(None, examples=["name"], description="Column with its name.")
    parent: str | None = Field(
        None, examples=["region"], description="Column with the name of the unit above; those are reviewed too."
    )
    level: int | None = Field(None, examples=[2], ge=1, le=5, description="Administrative level; 2 with a parent, else 1.")
    crs: str | None = Field(
        None, examples=["EPSG:4326"], description="Coordinate reference system, if the file does not say or says it wrongly."
    )
    year: Year | None = Field(None, examples=[2020], description="Year of the division.")
    points: Literal["population", "centroid"] = Field(
        "population", description="A district's point: where its people are, or its centroid."
    )
    policy: Literal["source", "bank", "own"] = Field(
        "source", description="Whose view of disputed boundaries it is: the source's, the World Bank's, or your own."
    )
    disclaimer: str = Field("", description="Your sentence on boundaries below every map; policy own needs one.")

    @model_validator(mode="after")
    def _own_needs_words(self) -> "Boundaries":
        if self.policy == "own" and not self.disclaimer.strip():
            message = '[boundaries] policy = "own" without a disclaimer, expected the sentence that stands below every map'
            raise ValueError(message)
        return self

    @property
    def number(self) -> int:
        """Level of the districts, as given or as the parent column implies."""
        return self.level or (2 if self.parent else 1)


class Population(RasterInput):
    """[population.NAME]: people per cell, one section per source."""

    years: list[Year] = Field(
        examples=[[2020]], min_length=1, description="Years that there are; cities are found on the last one."
    )
    primary: bool = Field(default=False, description="The source that cities are found on; the first one without it.")


class Land(RasterInput):
    """[land]: land per cell in m2."""

    path: str = Field(examples=["data/land.tif"], description="File, /vsi name, https address or archive.zip!member.")


class BuiltUp(RasterInput):
    """[built_up]: built-up surface per cell in m2."""

    years: Each[Year] = Field(examples=[[2020]], min_length=1, description="Epochs that there are.")
    classes: list[int] = Field(
        [], examples=[[1, 2, 3]], description="Classes that are built-up land, if the raster is one of land cover."
    )
    settled_by: bool = Field(
        default=False, description="Whether cells hold the year that they were first built on (0: never): one file, all epochs."
    )


class Flares(Credit):
    """[lights.flares]: gas flares, whose light is told apart."""

    path: str = Field(examples=["data/flares.gpkg"], description="Points of gas flares.")
    layer: str | None = Field(None, examples=["flares"], description="Layer, if the file has several.")
    radius_km: Positive = Field(5.0, description="Distance from a flare within which light counts as its own.")


class Lights(RasterInput):
    """[lights]: radiance in nW/cm2/sr."""

    years: Each[Year] = Field(examples=[[2020]], min_length=1, description="Years that there are.")
    months: Each[Month] = Field(list(range(1, 13)), min_length=1, description="Months looked for where the series is monthly.")
    months_as_bands: bool = Field(
        default=False, description="Whether a file holds the months of a year as its bands, January first."
    )
    year_months: Each[Month] = Field(
        [],
        examples=[[4, 5, 6, 7, 8, 9, 10]],
        description="Months whose mean is the year. Without it those free of snow, April to October, if the country reaches "
        "beyond 45 degrees north, and else all.",
    )
    observations: str | None = Field(
        None,
        examples=["data/nights_{year}-{month:02}.tif"],
        description="Raster of cloud-free nights beside each one of light; a cell without any is missing.",
    )
    breaks: list[Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]] = Field(
        list(BREAKS),
        description="Months from which a monthly series is made another way: growth and trends across them are marked.",
    )
    floor: NotNegative = Field(0.1, description="Radiance below it counts as dark [nW/cm2/sr].")
    flares: Flares | None = None

    @property
    def monthly(self) -> bool:
        """Whether there is a raster per month."""
        return "{month" in self.path or self.months_as_bands


class Expansion(Section):
    """[expansion]: which new built-up land is infill, extension or leapfrog; on grids of 100 m and finer.

    Its own ``built_up`` is a finer raster than the review's, of some cities perhaps; without it the review's serves.
    """

    rule: Literal["liu-2010", "gosturban"] = Field("liu-2010", description="Edition of the expansion index.")
    built_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="Part of a cell that makes it built-up, at least."
    )
    min_patch_cells: int = Field(2, ge=1, description="Cells of a new patch, at least; smaller ones are left out.")
    built_up: BuiltUp | None = None


class Form(Section):
    """[form]: the shape of settlements."""

    measures: list[Literal["weighted_density", "proximity", "cohesion", "exchange", "perimeter", "sprawl"]] = Field(
        ["weighted_density", "proximity"],
        description="Which measures of shape and density.",
    )


class Thresholds(Section):
    """[delineation.LEVEL]: thresholds that differ from the edition's."""

    min_density: Positive | None = Field(
        None, examples=[1500.0], description="People per km2 of land (per cell in the notebook edition)."
    )
    min_people: Positive | None = Field(None, examples=[50000.0], description="People of the whole settlement.")


class Delineation(Section):
    """[delineation]: what makes a city."""

    rules: str = Field(DEFAULT, description=f"Edition of the rules: {', '.join(EDITIONS)}.")
    built_up: bool = Field(
        default=True,
        description="Whether built-up land of the population's year may make a cell dense enough for a centre.",
    )
    units: Literal["2024", "2021", "flexurba-0.2"] = Field("2024", description="Edition of the rules that class districts.")
    compare: list[str] = Field(
        [], examples=[["flexurba-0.2", "manual-2021"]], description="Further editions that the review is compared under."
    )
    urban_cluster: Thresholds = Thresholds()
    urban_centre: Thresholds = Thresholds()

    @field_validator("rules", "compare")
    @classmethod
    def _known_edition(cls, names: str | list[str]) -> str | list[str]:
        try:
            for name in [names] if isinstance(names, str) else names:
                rules_of(name)
        except UnknownName as error:
            raise ValueError(str(error)) from None
        return names

    def rule_sets(self) -> list[Rules]:
        """Return the rules of the review with the thresholds that differ, then the editions it is compared under."""
        chosen = changed(rules_of(self.rules), self.changes(), built_up=self.built_up)
        return [chosen, *(rules_of(name) for name in self.compare)]

    def changes(self) -> dict[str, dict[str, float]]:
        """Thresholds that differ from the edition, by level."""
        parts = {"urban_cluster": self.urban_cluster, "urban_centre": self.urban_centre}
        return {level: part.model_dump(exclude_none=True) for level, part in parts.items()}


class Settlements(Credit):
    """[settlements]: cities from a file instead of the rules."""

    path: str = Field(examples=["data/cities.gpkg"], description="Points or polygons of cities.")
    layer: str | None = Field(None, examples=["districts"], description="Layer, if the file has several.")
    where: str | None = WHERE
    id: str = Field(examples=["code"], description="Column with the city's own id.")
    name: str | None = Field(None, examples=["name"], description="Column with its name.")
    crs: str | None = Field(
        None, examples=["EPSG:4326"], description="Coordinate reference system, if the file does not say or says it wrongly."
    )
    level: Literal["urban_cluster", "urban_centre"] = Field("urban_centre", description="Which settlements they stand for.")
    radius_km: Positive = Field(5.0, description="Radius of the disc that a point stands for.")


class Access(RasterInput):
    """[access]: travel time over a friction surface in minutes per metre."""

    path: str = Field(examples=["data/friction.tif"], description="File, /vsi name, https address or archive.zip!member.")
    borders: Literal["keep", "remove"] = Field(
        "keep", description="Whether cells over 1 min/m, the wait at a border, stay or get the friction next to them."
    )
    snap_within_km: NotNegative = Field(5.0, description="How far a point that nobody can stand on may move.")
    routes: Literal["nearest", "all"] = Field("nearest", description="Which ways are drawn: to the nearest places, or all.")
    nearest: int = Field(3, ge=1, le=50, description="How many nearest places every city has a way to.")
    within_min: list[Positive] = Field(
        [15, 30, 60, 120, 240], min_length=1, description="Minutes that people are counted within."
    )
    half_lives_min: list[Positive] = Field([30, 60, 120], min_length=1, description="Minutes that halve a market's pull.")
    size_classes: list[Positive] = Field(
        [], examples=[[100000, 500000]], description="Sizes of cities that the time to the nearest is told of, too [people]."
    )
    own_capitals: bool = Field(
        default=False,
        description="Whether to tell how far a district's people are from its own largest settlement: a sweep each.",
    )
    points: str | None = Field(
        None, examples=["data/ports.gpkg"], description="Your own points, such as ports: the time to the nearest is told."
    )
    points_id: str | None = Field(None, examples=["name"], description="Column with their ids; their order without it.")

    @field_validator("within_min", "half_lives_min", "size_classes")
    @classmethod
    def _each_once(cls, numbers: list[float]) -> list[float]:
        return sorted(set(numbers))


class Output(Section):
    """[output]: where the results go."""

    folder: str = Field(examples=["{iso3}-review"], description="Where the review goes; relative to this file.")
    report: bool = Field(default=True, description="Whether to draw the report, workbook and maps beside the tables.")
    language: Literal["en", "fr", "ru", "kk"] = Field(
        "en", description="Language of the page's headings, measures and captions."
    )


def model_of(annotation: Any) -> Any:
    """Return the section class inside an annotation such as ``Land | None`` or ``dict[str, Population]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := model_of(part)) is not None:
            return found
    return None
