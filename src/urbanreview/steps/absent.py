"""Themes whose files are not there: they are skipped with the reason, and the rest of a review goes on."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from urbanreview.config import Lights, Population, RasterInput, Settings
from urbanreview.config.exposure import Exposure
from urbanreview.config.sections import Land
from urbanreview.errors import MissingFile
from urbanreview.ledger import Ledger
from urbanreview.sources import locate
from urbanreview.sources.address import RASTER_SUFFIXES, VECTOR_SUFFIXES
from urbanreview.steps.climate import climate_files
from urbanreview.steps.exposure import hazard_files
from urbanreview.steps.inputs import fill_path

NO_REASONS: Mapping[str, str] = MappingProxyType({})
WORDS = {
    "lights": "night lights",
    "built_up": "built-up land",
    "air": "air quality",
    "expansion.built_up": "finer built-up land",
    "air.monthly": "heating season",
}


@dataclass(frozen=True)
class Skipped:
    """A theme, or a year of it, that a review goes without: its section of the settings, what of it, and the missing files."""

    section: str
    what: str
    files: tuple[str, ...]
    reason: str = ""

    def __str__(self) -> str:
        """Say what is skipped and why."""
        if self.reason:
            return f"{self.what}: skipped, {self.reason}"
        more = f" and {len(self.files) - 1} more are" if len(self.files) > 1 else " is"
        return f"{self.what}: skipped, {self.files[0]}{more} not there ([{self.section}] path)"


def without_absent(settings: Settings, reasons: Mapping[str, str] = NO_REASONS) -> tuple[Settings, tuple[Skipped, ...]]:
    """Take out of the settings what has no file, of the themes that a review can go without.

    Years without a file leave their section; a section without any year left goes as a whole. Months without a file are not
    told here: a year is made of those that are there. People, land, boundaries and settlements are never skipped, but for
    those of a dataset that could not be fetched: land, and populations beside the primary one.

    Parameters
    ----------
    settings : Settings
    reasons : mapping of str to str, optional
        Why files are not there, by section.

    Returns
    -------
    settings : Settings
        With nothing in it whose file is absent, those of people, land, boundaries and settlements aside.
    skipped : tuple of Skipped
    """
    skipped: list[Skipped] = []
    changed: dict[str, object] = {}
    for name in ("built_up", "lights", "air"):
        section = getattr(settings, name)
        if section is not None:
            changed[name] = _with_years_there(settings, name, section, skipped)
    finer = settings.expansion.built_up
    if finer is not None:
        left = _with_years_there(settings, "expansion.built_up", finer, skipped)
        changed["expansion"] = settings.expansion.model_copy(update={"built_up": left})
    if settings.access is not None and _absent(settings.access.path, settings.base):
        skipped.append(Skipped("access", "travel time", (settings.access.path,)))
        changed["access"] = None
    lights = changed.get("lights")
    if isinstance(lights, Lights) and lights.flares and lights.flares.dataset and _absent(lights.flares.path, settings.base):
        skipped.append(Skipped("lights.flares", "gas flares", (lights.flares.path,)))
        changed["lights"] = lights.model_copy(update={"flares": None})
    spoken = settings.naming.alternate_names
    if spoken is not None and settings.naming.dataset and _absent(spoken, settings.base, (".txt",)):
        skipped.append(Skipped("naming", "names in other languages", (spoken,)))
        changed["naming"] = settings.naming.model_copy(update={"alternate_names": None, "languages": []})
    changed |= {"land": _land_there(settings, skipped), "population": _populations_there(settings, skipped)}
    changed["exposure"] = _hazards_there(settings, skipped)
    changed["climate"] = {name: each for name, each in settings.climate.items() if _is_there(settings, name, skipped)}
    told = tuple(replace(each, reason=reasons.get(each.section, "")) for each in skipped)
    return (settings.model_copy(update=changed) if skipped else settings), told


def _land_there(settings: Settings, skipped: list[Skipped]) -> Land | None:
    """Return the land layer unless it is a dataset's and not there."""
    land = settings.land
    if land is None or not land.dataset or not _absent(land.path, settings.base):
        return land
    skipped.append(Skipped("land", "land", (land.path,)))
    return None


def _populations_there(settings: Settings, skipped: list[Skipped]) -> dict[str, Population]:
    """Return populations with the years that are there of those that are datasets; the primary one always stays."""
    left = {}
    for name, section in settings.population.items():
        paths = {year: fill_path(section.path, year=year) for year in section.years if section.dataset}
        gone = {year: path for year, path in paths.items() if _absent(path, settings.base)}
        there = [year for year in section.years if year not in gone]
        if gone:
            which = f" {', '.join(map(str, gone))}" if there else ""
            skipped.append(Skipped(f"population.{name}", f"population {name}{which}", tuple(gone.values())))
        if there or name == settings.primary:
            left[name] = section.model_copy(update={"years": there or section.years}) if gone else section
    return left


def ledger_of(skipped: tuple[Skipped, ...]) -> Ledger:
    """Note what was skipped."""
    ledger = Ledger()
    for each in skipped:
        ledger = ledger.add(each.section, f"{each.what} skipped: {each.reason or f'{each.files[0]} is not there'}", "theme", 1)
    return ledger


def _with_years_there(settings: Settings, name: str, section: RasterInput, skipped: list[Skipped]) -> RasterInput | None:
    """Return a section with the years that have a file, or nothing; what goes is added to `skipped`."""
    years: list[int] = getattr(section, "years", [])
    months = getattr(section, "months", []) if "{month" in section.path else [None]
    absent: dict[int, list[str]] = {}
    for year in years:
        paths = [fill_path(section.path, year=year, month=month) for month in months]
        if all(_absent(path, settings.base) for path in paths):
            absent[year] = paths
    if not absent:
        return section
    if len(absent) == len(set(years)):
        skipped.append(Skipped(name, WORDS[name], tuple(dict.fromkeys(path for paths in absent.values() for path in paths))))
        return None
    skipped += [Skipped(name, f"{WORDS[name]} {year}", tuple(paths)) for year, paths in absent.items()]
    return section.model_copy(update={"years": [year for year in years if year not in absent]})


def _hazards_there(settings: Settings, skipped: list[Skipped]) -> dict[str, Exposure]:
    """Return the hazards with the return periods that all their maps are there for."""
    left = {}
    for name, section in settings.exposure.items():
        files = {period: hazard_files(section, period) for period in section.periods}
        absent = {period: [path for path in paths if _absent(path, settings.base)] for period, paths in files.items()}
        there = [period for period, paths in absent.items() if not paths]
        gone = tuple(dict.fromkeys(path for paths in absent.values() for path in paths))
        if gone:
            which = [f"{period:g}" for period in section.periods if period is not None and absent[period] and there]
            what = f"hazard {name}" + (f", return period {', '.join(which)}" if which else "")
            skipped.append(Skipped(f"exposure.{name}", what, gone))
        if there:
            left[name] = section.model_copy(update={"return_periods": there}) if gone else section
    return left


def _is_there(settings: Settings, name: str, skipped: list[Skipped]) -> bool:
    """Tell whether a series of climate has a file at all."""
    try:
        climate_files(settings, name)
    except MissingFile:
        skipped.append(Skipped(f"climate.{name}", f"climate {name}", (settings.climate[name].path,)))
        return False
    return True


def _absent(path: str, base: Path, suffixes: tuple[str, ...] = (*RASTER_SUFFIXES, *VECTOR_SUFFIXES)) -> bool:
    try:
        locate(path, suffixes=suffixes, base=base)
    except MissingFile:
        return True
    return False
