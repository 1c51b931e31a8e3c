"""Before the steps of a review: the datasets that its settings name become local files of the country."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import geopandas as gpd

from urbanreview.config import Settings
from urbanreview.config.datasets import PATHS
from urbanreview.config.exposure import fill_return_period
from urbanreview.config.sections import Section
from urbanreview.errors import CacheRefused, CannotFetch, NotInCache, UrbanReviewError, WrongContent
from urbanreview.grid import to_crs
from urbanreview.ledger import Entry, Ledger, total
from urbanreview.log import Progress, logger, silent
from urbanreview.sources import open_features
from urbanreview.sources.cache import Cache
from urbanreview.sources.catalogue import Dataset, dataset_of, hosts
from urbanreview.sources.datasets import FILE_SETTINGS, is_made, made_folder, write_origins
from urbanreview.sources.fetch import Fetched, Fetcher, Outcome, ledger_of_outcomes
from urbanreview.sources.outlines import outline_of
from urbanreview.sources.providers import provider_of
from urbanreview.sources.remote import Place, Remote, Wanted
from urbanreview.sources.web import LiveWeb
from urbanreview.steps.inputs import fill_path


@dataclass(frozen=True)
class Need:
    """A section of the settings that names a dataset, and the periods that it asks for, with the file that each becomes."""

    section: str
    dataset: Dataset
    files: Mapping[str, Path]

    @property
    def made(self) -> dict[Path, str]:
        """Every local file with its period: of the section's path, and what stands beside, such as counts of nights."""
        templates = [str(value) for name, value in self.dataset.settings.items() if name in FILE_SETTINGS]
        made = {file: period for period, file in self.files.items()}
        for period, file in self.files.items():
            for template in templates:
                made.setdefault(file.parent / _filled(template, period), period if "{" in template else "")
        return made

    @property
    def periods(self) -> tuple[str, ...]:
        """Years, months or return periods; one empty text where there is none."""
        return tuple(self.files)


@dataclass(frozen=True)
class Asked:
    """What a need would fetch, or why that cannot be known: a server's answer, or indexes that are not in the cache."""

    need: Need
    wanted: Wanted
    reason: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Fetching:
    """What became of all needs.

    Attributes
    ----------
    ledger : Ledger
    reasons : mapping of str to str
        Why a section lacks files, by its name.
    """

    ledger: Ledger = field(default_factory=Ledger)
    reasons: Mapping[str, str] = field(default_factory=dict)


def needs_of(settings: Settings) -> list[Need]:
    """List every section that names a dataset whose files are to be made, datasets that need an account left out."""
    needs = []
    for name, section in _sections(settings):
        key = getattr(section, "dataset", None)
        path = getattr(section, PATHS.get(name, "path"), None)
        if key is None or path is None:
            continue
        dataset = dataset_of(key)
        folder = made_folder(dataset, settings.country.iso3, settings.country.margin_km)
        if Path(path).is_relative_to(folder):
            needs.append(Need(name, dataset, {period: Path(file) for period, file in _files_of(section, path)}))
    return needs


def _sections(section: Section, name: str = "") -> Iterator[tuple[str, Section]]:
    """Walk all sections with their names, such as ``population.ghs``."""
    for key in type(section).model_fields:
        value = getattr(section, key)
        here = f"{name}.{key}".strip(".")
        for inner_name, inner in (
            [(here, value)]
            if isinstance(value, Section)
            else [(f"{here}.{each}", part) for each, part in value.items() if isinstance(part, Section)]
            if isinstance(value, dict)
            else []
        ):
            yield inner_name, inner
            yield from _sections(inner, inner_name)


def _files_of(section: Any, path: str) -> Iterator[tuple[str, str]]:
    """Give every period that a section asks for with its file."""
    years = sorted(set(getattr(section, "years", [])))
    if "{month" in path:
        for year in years:
            for month in getattr(section, "months", range(1, 13)):
                yield f"{year}-{month:02}", fill_path(path, year=year, month=month)
    elif "{year" in path:
        for year in years:
            yield str(year), fill_path(path, year=year)
    elif "{return_period" in path:
        for period in section.periods:
            yield f"rp{period:g}", fill_return_period(path, period)
    else:
        yield "", path


def with_known_boundaries(settings: Settings) -> Settings:
    """Return the settings with level, year and licence of boundaries that were fetched, as their provider states them."""
    section = settings.boundaries
    if section.dataset is None:
        return settings
    beside = Path(section.path).with_suffix(".json")
    if not beside.is_file():
        return settings
    told = json.loads(beside.read_text(encoding="utf-8"))
    known = {"level": told["level"], "year": section.year or told["year"], "parent": section.parent and told["parent"]}
    known["licence"] = told["licence"] or section.licence
    return settings.model_copy(update={"boundaries": section.model_copy(update=known)})


def place_of(settings: Settings) -> Place:
    """Return the country that tiles and windows are chosen for: by the user's own outline or boundaries, or a rough one."""
    country, boundaries = settings.country, settings.boundaries
    own = country.outline or (None if boundaries.dataset else boundaries.path)
    if own is None:
        outline = outline_of(country.iso3)
    else:
        layer = country.outline_layer if country.outline else boundaries.layer
        where = None if country.outline else boundaries.where
        features = open_features(own, layer=layer, where=where, base=settings.base)
        shape = to_crs(features.geometry, 4326).make_valid().union_all()
        outline = gpd.GeoSeries([shape], index=[country.iso3], crs=4326)
    return Place(country.iso3, outline, country.margin_km)


def ask_providers(needs: list[Need], place: Place, web: LiveWeb) -> list[Asked]:
    """Ask every provider what it would fetch; one that cannot say is told with the reason."""
    asked = []
    for need in needs:
        if need.dataset.login:
            asked.append(Asked(need, Wanted(()), f"dataset {need.dataset.key} needs an account"))
            continue
        try:
            wanted = provider_of(need.dataset).wanted(need.dataset, place, need.periods, web=web)
        except NotInCache as error:
            asked.append(Asked(need, Wanted(()), str(error), error.names))
        except (CannotFetch, WrongContent) as error:
            asked.append(Asked(need, Wanted(()), str(error)))
        else:
            asked.append(Asked(need, wanted))
    return asked


def fetch_inputs(settings: Settings, *, offline: bool = False, progress: Progress = silent) -> Fetching:
    """Fetch what the settings' datasets lack, and make the country's local files of it.

    Parameters
    ----------
    settings : Settings
    offline : bool
        Use the cache alone.
    progress : callable
        Called as ``progress(file, done_bytes, total_bytes)``.

    Returns
    -------
    Fetching

    Raises
    ------
    NotInCache
        If offline and something is missing: all of it.
    CacheRefused
        If the disk is full.
    """
    needs = needs_of(settings)
    if not needs:
        return Fetching()
    cache, place = Cache(), place_of(settings)
    lacking = [need for need in needs if not all(is_made(file, place.bounds) for file in need.made)]
    ledger = total(_kept_notes(need) for need in needs if need not in lacking)
    if not lacking:
        return Fetching(ledger)
    web = LiveWeb(cache, hosts=hosts(), offline=offline)
    asked = ask_providers(lacking, place, web)
    missing = [name for each in asked if offline for name in each.missing]
    if missing:
        raise NotInCache(cache.folder, missing)
    remotes = [remote for each in asked for remote in each.wanted.remotes]
    fetched = Fetcher(cache, offline=offline).fetch(remotes, progress)
    ledger += web.ledger
    reasons = {}
    for each in asked:
        noted, reason = _make(each, place, fetched)
        ledger += noted
        if reason:
            reasons[each.need.section] = reason
    return Fetching(ledger, reasons)


def _make(asked: Asked, place: Place, fetched: Fetched) -> tuple[Ledger, str]:
    """Make the local files of a need; return what was noted, and why files are missing."""
    need = asked.need
    if asked.reason:
        return Ledger(), asked.reason
    names = {remote.name for remote in asked.wanted.remotes}
    own = Fetched(tuple(outcome for outcome in fetched.outcomes if outcome.remote.name in names))
    folder = made_folder(need.dataset, place.iso3, place.margin_km)
    ledger = asked.wanted.ledger + ledger_of_outcomes(own.outcomes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ledger += provider_of(need.dataset).make(need.dataset, place, need.periods, files=own.files, folder=folder)
    except CacheRefused:
        raise
    except UrbanReviewError as error:
        logger.warning("%s: %s", need.section, error)
        return ledger, str(error)
    absent = [period for period, file in need.files.items() if not file.is_file()]
    undated = "" in need.periods
    for file, period in need.made.items():
        parts = _of_period(own, period, undated=undated)
        if file.is_file() and not any(part.how == "failed" and not part.gone for part in parts):
            write_origins(file, [part.record for part in parts if part.record is not None], place.bounds)
    why = next((outcome.reason for outcome in own.failed if not outcome.gone), "")
    if why or not absent:
        _keep_notes(need, ledger)
        return ledger, why if absent else ""
    return ledger, f"dataset {need.dataset.key} has nothing for {', '.join(absent) or 'this country'}"


def _of_period(fetched: Fetched, period: str, *, undated: bool) -> list[Outcome]:
    """Return what became of the files that one period is made of; all of them are of a dataset without dates."""
    periods = {period, ""} if period else {""}
    return [outcome for outcome in fetched.outcomes if undated or outcome.remote.period in periods]


def _notes_of(need: Need) -> Path:
    folder = next(iter(need.files.values())).parent
    asked = sha256(",".join(need.periods).encode()).hexdigest()[:12]
    return folder / f"{need.section}-{asked}.noted.json"


def _keep_notes(need: Need, ledger: Ledger) -> None:
    """Keep what was noted beside the files, for the runs that fetch nothing."""
    path = _notes_of(need)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps([astuple(entry) for entry in ledger.entries]), encoding="utf-8")
    part.replace(path)


def _kept_notes(need: Need) -> Ledger:
    path = _notes_of(need)
    return Ledger(tuple(Entry(*row) for row in json.loads(path.read_text(encoding="utf-8")))) if path.is_file() else Ledger()


@dataclass(frozen=True)
class PlannedFile:
    """A file that a run would fetch, or has in the cache."""

    section: str
    dataset: str
    name: str
    size_bytes: int | None
    cached: bool


@dataclass(frozen=True)
class FetchPlan:
    """What a run would fetch: files, datasets left out with the reason, local files made of them, and what there is to note."""

    files: tuple[PlannedFile, ...] = ()
    left_out: tuple[str, ...] = ()
    made: tuple[str, ...] = ()
    notes: Ledger = field(default_factory=Ledger)


def plan_fetching(settings: Settings) -> FetchPlan:
    """Say what would be fetched, and what cannot be; nothing is written, indexes are read from servers or from the cache."""
    needs, cache = needs_of(settings), Cache()
    if not needs:
        return FetchPlan()
    with tempfile.TemporaryDirectory() as folder:
        place = place_of(settings)
        asked = ask_providers(needs, place, LiveWeb(Cache(Path(folder)), hosts=hosts()))
        kept = LiveWeb(cache, hosts=hosts(), offline=True)
        again = [ask_providers([each.need], place, kept)[0] if each.reason else each for each in asked]
    best = [one if two.reason else two for one, two in zip(asked, again, strict=True)]
    return FetchPlan(
        tuple(_planned(each.need, remote, cache) for each in best for remote in each.wanted.remotes),
        tuple(f"{each.need.section}: {each.reason}" for each in best if each.reason),
        tuple(file for each in best if each.wanted.remotes for file in _coming(each)),
        total(each.wanted.ledger for each in best),
    )


def _coming(asked: Asked) -> Iterator[str]:
    """Give the files that would be made of what is fetched: of the periods that there is something for."""
    periods = {remote.period for remote in asked.wanted.remotes}
    for file, period in asked.need.made.items():
        if period in periods or not period or "" in periods:
            yield str(file)


def _filled(template: str, period: str) -> str:
    """Fill a year or a month into the name of a file."""
    year, _, month = period.partition("-")
    return fill_path(template, year=int(year), month=int(month) if month else None) if year.isdigit() else template


def _planned(need: Need, remote: Remote, cache: Cache) -> PlannedFile:
    is_here = cache.record(remote.name) is not None
    return PlannedFile(need.section, need.dataset.key, remote.name, remote.size_bytes, is_here)
