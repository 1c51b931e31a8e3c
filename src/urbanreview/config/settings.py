"""The settings of a review: one TOML file, strict and typed."""

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from urbanreview.config.air import Air
from urbanreview.config.climate import Climate
from urbanreview.config.datasets import with_datasets
from urbanreview.config.exposure import Exposure
from urbanreview.config.own import CityList, Crosswalk, Database, Level, Naming, Official, Own, UserZones
from urbanreview.config.sections import (
    Access,
    Boundaries,
    BuiltUp,
    Country,
    Delineation,
    Expansion,
    Form,
    Land,
    Lights,
    Output,
    Population,
    Section,
    Settlements,
    model_of,
)
from urbanreview.errors import BadSetting, MissingFile, UnknownName

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
"""What a section of several is called, such as ``ghs``."""


class Settings(Section):
    """All sections of a settings file."""

    country: Country
    boundaries: Boundaries
    zones: dict[Level, UserZones] = Field(default_factory=dict)
    population: dict[Name, Population] = Field(min_length=1)
    land: Land | None = None
    built_up: BuiltUp | None = None
    lights: Lights | None = None
    expansion: Expansion = Expansion()
    form: Form = Form()
    exposure: dict[Name, Exposure] = Field(default_factory=dict)
    climate: dict[Name, Climate] = Field(default_factory=dict)
    air: Air | None = None
    access: Access | None = None
    settlements: Settlements | None = None
    delineation: Delineation = Delineation()
    naming: Naming = Naming()
    crosswalk: dict[Database, Crosswalk] = Field(default_factory=dict)
    official: dict[Own, Official] = Field(default_factory=dict)
    city_list: CityList | None = None
    output: Output
    _base: Path = PrivateAttr(default_factory=Path)

    @model_validator(mode="after")
    def _one_primary(self) -> "Settings":
        chosen = [name for name, source in self.population.items() if source.primary]
        if len(chosen) > 1:
            message = f"[population] has {len(chosen)} primary sources ({', '.join(chosen)}), expected one"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _official_of_known_units(self) -> "Settings":
        known = ["districts", *(["upper"] if self.boundaries.parent else []), *self.zones]
        for name, section in self.official.items():
            if section.units not in known:
                message = f"[official.{name}] units = '{section.units}', expected one of {', '.join(known)}"
                raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _own_columns_apart(self) -> "Settings":
        for section, names in (("zones", self.zones), ("crosswalk", self.crosswalk)):
            columns: dict[str, str] = {}
            for name in names:
                twin = columns.setdefault(name.replace("-", "_"), name)
                if twin != name:
                    message = f"[{section}.{name}] would give the same columns as [{section}.{twin}]. Call it otherwise."
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
        settings = Settings.model_validate(with_datasets(raw))
    except ValidationError as error:
        raise BadSetting(where, [_sentence(problem) for problem in error.errors()]) from None
    except UnknownName as error:
        raise BadSetting(where, [str(error)]) from None
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
            model = model_of(model.model_fields[name].annotation) or model
    return list(model.model_fields)
