"""The settings of a review: one TOML file, strict and typed."""

import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from urbanreview.delineation import DEFAULT, EDITIONS, Rules, changed, rules_of
from urbanreview.errors import BadSetting, MissingFile, UnknownName

Iso3 = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
Year = Annotated[int, Field(ge=1900, le=2200)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Section(BaseModel):
    """Base of every section: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Credit(Section):
    """Where an input comes from."""

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

    years: list[Year] = Field(examples=[[2020]], min_length=1, description="Epochs that there are.")


class Lights(RasterInput):
    """[lights]: radiance in nW/cm2/sr."""

    years: list[Year] = Field(examples=[[2020]], min_length=1, description="Years that there are.")
    months: list[Annotated[int, Field(ge=1, le=12)]] = Field(
        list(range(1, 13)), description="Months looked for where the path has {month}."
    )
    floor: NotNegative = Field(0.1, description="Radiance below it counts as dark [nW/cm2/sr].")


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


class Naming(Section):
    """[naming]: how settlements get their names."""

    names: str | None = Field(None, examples=["names.csv"], description="CSV with zone_id and name; these names win.")
    nearest_within_km: NotNegative = Field(10.0, description="How far the nearest place may be to give its name.")


class Output(Section):
    """[output]: where the results go."""

    folder: str = Field(examples=["{iso3}-review"], description="Where the review goes; relative to this file.")
    report: bool = Field(default=True, description="Whether to draw the report, workbook and maps beside the tables.")


class Settings(Section):
    """All sections of a settings file."""

    country: Country
    boundaries: Boundaries
    population: dict[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], Population] = Field(min_length=1)
    land: Land | None = None
    built_up: BuiltUp | None = None
    lights: Lights | None = None
    access: Access | None = None
    settlements: Settlements | None = None
    delineation: Delineation = Delineation()
    naming: Naming = Naming()
    output: Output
    _base: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="after")
    def _one_primary(self) -> "Settings":
        chosen = [name for name, source in self.population.items() if source.primary]
        if len(chosen) > 1:
            message = f"[population] has {len(chosen)} primary sources ({', '.join(chosen)}), expected one"
            raise ValueError(message)
        return self

    @property
    def base(self) -> Path:
        """Folder of the settings file, where relative paths start."""
        return self._base

    @property
    def primary(self) -> str:
        """Name of the population source that cities are found on."""
        return next((name for name, source in self.population.items() if source.primary), next(iter(self.population)))

    def views(self) -> list[tuple[str, int]]:
        """Every population to find cities on, as source and year: the primary source first, newest years first."""
        names = [self.primary, *(name for name in self.population if name != self.primary)]
        return [(name, year) for name in names for year in sorted(set(self.population[name].years), reverse=True)]

    def newest_views(self) -> list[tuple[str, int]]:
        """Return the newest year of every population source, the primary one first."""
        newest: dict[str, int] = {}
        for name, year in self.views():
            newest.setdefault(name, year)
        return list(newest.items())

    def view_suffix(self, source: str, period: str) -> str:
        """Return what the ids of a population's settlements end in: nothing for the primary one."""
        return "" if (source, int(period)) == self.views()[0] else f"-{source}-{period}"

    @property
    def output_folder(self) -> Path:
        """Where the review goes."""
        return self.base / Path(self.output.folder).expanduser()


def load_settings(path: Path, *, changes: Mapping[str, Any] | None = None) -> Settings:
    """Read a settings file.

    Parameters
    ----------
    path : Path
        TOML; relative paths in it start from its folder.
    changes : mapping, optional
        Sections with keys that replace those of the file.

    Returns
    -------
    Settings

    Raises
    ------
    MissingFile
        If it is not there.
    BadSetting
        If it is no TOML, lacks something, or holds an unknown key or a value that cannot be; all problems at once.
    """
    if not path.is_file():
        raise MissingFile(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(path, [f"not a TOML file: {error}"]) from None
    for section, values in (changes or {}).items():
        raw[section] = {**raw.get(section, {}), **values}
    return parse_settings(raw, where=str(path), base=path.resolve().parent)


def parse_settings(raw: Mapping[str, Any], *, where: str = "settings", base: Path | None = None) -> Settings:
    """Check settings given as plain values: see `load_settings`.

    Examples
    --------
    >>> parse_settings({"contry": {"iso3": "ABC"}})
    Traceback (most recent call last):
    urbanreview.errors.BadSetting: settings: [country] is missing; ... unknown setting 'contry'. Did you mean 'country'?...
    """
    try:
        settings = Settings.model_validate(raw)
    except ValidationError as error:
        raise BadSetting(where, [_sentence(problem) for problem in error.errors()]) from None
    settings._base = base or Path()
    return settings


def _sentence(problem: Mapping[str, Any]) -> str:
    """Say what is wrong with one setting, where, and what was expected."""
    *sections, key = [str(part) for part in problem["loc"] if part != "[key]"] or ["settings"]
    section = ".".join(sections)
    here = f"[{section}] {key}" if section else f"[{key}]"
    if problem["type"] == "extra_forbidden":
        known = _known(sections)
        close = get_close_matches(key, known, n=1)
        hint = f"Did you mean '{close[0]}'?" if close else f"Known: {', '.join(known)}."
        place = f"[{section}] " if section else ""
        return f"{place}unknown setting '{key}'. {hint}"
    if problem["type"] == "missing":
        return f"{here} is missing"
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "value_error":
        return message
    got = problem.get("input")
    return f"{here} = {got!r}: {message[:1].lower()}{message[1:]}"


def _known(sections: list[str]) -> list[str]:
    """Keys that a section may have."""
    model: Any = Settings
    for name in sections:
        if name in getattr(model, "model_fields", {}):
            model = _model_of(model.model_fields[name].annotation) or model
    return list(model.model_fields)


def _model_of(annotation: Any) -> Any:
    """Return the section class inside an annotation such as ``Land | None`` or ``dict[str, Population]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for part in getattr(annotation, "__args__", ()):
        if (found := _model_of(part)) is not None:
            return found
    return None


def sample(iso3: str) -> str:
    """Return a settings file with every section and key, to be filled in.

    Required keys of required sections stand with an example; all others are commented out with their default.

    Parameters
    ----------
    iso3 : str
        The country's code.

    Examples
    --------
    >>> print(sample("KAZ").splitlines()[4])
    iso3 = "KAZ"  # Three-letter code; opens every zone id.
    """
    lines = [f"# urbanreview settings for {iso3}. Check with: urbanreview check {iso3.lower()}.toml", ""]
    for name, field in Settings.model_fields.items():
        model = _model_of(field.annotation)
        heading = {"population": "population.ghs"}.get(name, name)
        lines += _sample_section(model, heading, iso3, needed=field.is_required())
    return "\n".join(lines) + "\n"


def _sample_section(model: type[Section], heading: str, iso3: str, *, needed: bool) -> list[str]:
    off = "" if needed else "# "
    what = (model.__doc__ or "").partition(": ")[2].splitlines()[0]
    lines = [f"# {what[:1].upper()}{what[1:]}", f"{off}[{heading}]"]
    nested = []
    for key, field in sorted(model.model_fields.items(), key=lambda item: not item[1].is_required()):
        inner = _model_of(field.annotation)
        if inner is not None:
            nested += _sample_section(inner, f"{heading}.{key}", iso3, needed=False)
            continue
        value = field.examples[0] if field.examples else field.default
        if isinstance(value, str):
            section = heading.partition(".")[0]
            for word, filled in (("{section}", section), ("{iso3}", iso3.lower()), ("{ISO3}", iso3)):
                value = value.replace(word, filled)
        shown = "" if value is None else json.dumps(value, ensure_ascii=False)
        lines.append(f"{off if field.is_required() else '# '}{key} = {shown}  # {field.description}")
    return [*lines, "", *nested]
