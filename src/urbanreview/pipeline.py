"""A review from settings to a folder: the graph of steps, the run that can be stopped and gone on with, the report.

Read `urbanreview.graph.steps_of` for the steps; here they are planned, run and written out.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import disk_usage
from typing import Any

from urbanreview.config import Settings
from urbanreview.delineation import Degree, ExtentRule, Extents, Rules, SemiDense, Sensitivity
from urbanreview.engine import Drive, Planned, Step, after, drive, key_of, keys_of, parts_of, plan_steps
from urbanreview.errors import MissingDataset, MissingFile, UnknownName, UrbanReviewError
from urbanreview.graph import ACCESS, BESIDE, SENSITIVITY, THEMES, UNITS, steps_of
from urbanreview.kernels.components import Runs
from urbanreview.ledger import Entry, Ledger
from urbanreview.log import Progress, logger, silent
from urbanreview.report import InputFile, Origin, Review, require_all, write_page, write_report
from urbanreview.report.kept import RasterFiles, storable
from urbanreview.sources import Address, locate
from urbanreview.sources.address import coming
from urbanreview.sources.datasets import is_made_file
from urbanreview.steps.absent import Skipped, without_absent
from urbanreview.steps.access import Journeys
from urbanreview.steps.assemble import View, assemble
from urbanreview.steps.country import Land
from urbanreview.steps.fetching import Fetching, FetchPlan, PlannedFile, fetch_inputs, plan_fetching, with_known_boundaries
from urbanreview.steps.inputs import missing_dates, suffixes_of
from urbanreview.steps.own import Beside
from urbanreview.steps.people import People
from urbanreview.steps.points import Points
from urbanreview.steps.settlements import Classes, Layer, Settlements
from urbanreview.steps.sharing import credits_of, output_licences, sharing_warnings
from urbanreview.steps.themes import Answers
from urbanreview.store import Codec, Fingerprints, Record, Results, locked, logged, require_writable, staged

RECORDS = (
    Answers, Beside, Journeys, Classes, Degree, Entry, ExtentRule, Extents, InputFile, Land, Layer, Ledger, Origin, People,
    Points, Review, Rules, Runs, SemiDense, Sensitivity, Settlements,
)  # fmt: skip
"""What a stored result may be made of."""
REPORT, REVIEW, PAGE = "report", "review", "report.html"
REPORT_VERSION = 8
STORE = ".store"


@dataclass(frozen=True)
class Finished:
    """A review in a folder: itself, its files, what was done for it now, the record of every step, and what was skipped."""

    review: Review
    folder: Path
    written: tuple[Path, ...]
    ran: tuple[str, ...]
    records: tuple[Record, ...]
    skipped: tuple[Skipped, ...] = ()


def run(
    settings: Settings,
    *,
    again_from: str | None = None,
    force: bool = False,
    brought: Fetching | None = None,
    progress: Progress = silent,
) -> Finished:
    """Make a review in the output folder of its settings, or go on with one.

    Parameters
    ----------
    settings : Settings
    again_from : str, optional
        Redo this step and all that depend on it, whatever is stored.
    force : bool
        Redo everything.
    brought : Fetching, optional
        Of `fetch`, which is asked for it without.
    progress : callable
        Called as ``progress(what, done, total)``.

    Returns
    -------
    Finished

    Raises
    ------
    UrbanReviewError
        One clear cause. Files of the review are replaced all at the end or not at all; steps that were finished are
        kept for the next run.
    """
    folder = settings.output_folder
    require_writable(folder)
    if settings.output.report:
        require_all()
    brought = brought or fetch(settings)
    settings, skipped = with_inputs(settings, brought)
    steps = steps_of(settings)
    find_inputs(settings)
    with _held(folder):
        results, fingerprints = _store(folder)
        parts = parts_of(steps, lambda file: _fingerprint(file, settings, fingerprints))
        again = _again(steps, again_from, force=force)
        done = drive(steps, parts, results=results, again=again, progress=progress)
        found = _assembled(settings, done, skipped, brought.ledger)
        said = _report_parts(settings, skipped, done.keys)
        report, wrote = _report(settings, found, said, results, force=bool(again), progress=progress)
        kept = _keep_review(found, report.key, results)
        results.prune([*((record.name, record.key) for record in (*done.records.values(), report, kept))])
        fingerprints.keep()
    files = tuple(folder / name for name in results.load(REPORT, report.key))
    records = (*(done.records[step.name] for step in steps if step.stored), report)
    return Finished(found, folder, files, (*done.ran, *([REPORT] if wrote else [])), records, skipped)


def _keep_review(found: Review, key: str, results: Results) -> Record:
    """Store a review without its rasters, which stand beside it as files: what `rebuild` draws the page from."""
    return results.record(REVIEW, key) or results.save(storable(found), Record(REVIEW, key))


def rebuild(folder: Path, *, language: str = "") -> Path:
    """Draw the page of a review anew from what its run stored; no input is read and nothing is computed.

    Parameters
    ----------
    folder : Path
        Of a review.
    language : str, optional
        Of the page, such as ``fr``; that of the settings without it.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    MissingFile
        If the folder holds no review.
    """
    results, _ = _store(folder)
    kept = results.last(REVIEW)
    if kept is None:
        raise MissingFile(folder / STORE, setting="a review that `urbanreview run` made")
    require_all()
    found = replace(results.load(REVIEW, kept.key), rasters=RasterFiles(folder / "rasters"))
    with staged(folder) as stage:
        figures = {path.stem: path for path in sorted((folder / "figures").glob("*.png"))}
        write_page(found, figures, stage / PAGE, language=language, tables=folder / "tables")
    return folder / PAGE


def fetch(settings: Settings, *, offline: bool = False, progress: Progress = silent) -> Fetching:
    """Fetch what the datasets of the settings lack into the cache, and make the country's files of it.

    Parameters
    ----------
    settings : Settings
    offline : bool
        Ask no server: what is not in the cache is listed in one error.
    progress : callable
        Called as ``progress(file, done_bytes, total_bytes)``.

    Raises
    ------
    NotInCache, CacheRefused
    """
    return fetch_inputs(settings, offline=offline, progress=progress)


def with_inputs(settings: Settings, brought: Fetching) -> tuple[Settings, tuple[Skipped, ...]]:
    """Return the settings without what there is nothing for.

    Raises
    ------
    MissingDataset
        If boundaries or the primary population could not be fetched: no review goes without.
    """
    needed = {"boundaries": settings.boundaries, f"population.{settings.primary}": settings.population[settings.primary]}
    for name, section in needed.items():
        if section.dataset and name in brought.reasons:
            raise MissingDataset(section.dataset, section=name, reason=brought.reasons[name])
    return without_absent(with_known_boundaries(settings), brought.reasons)


def review(settings: Settings, *, progress: Progress = silent) -> Review:
    """Make a review in memory: nothing is read from or kept in a store.

    Parameters
    ----------
    settings : Settings
    progress : callable

    Returns
    -------
    Review
    """
    brought = fetch(settings)
    settings, skipped = with_inputs(settings, brought)
    steps = steps_of(settings)
    return _assembled(settings, drive(steps, parts_of(steps, str), progress=progress), skipped, brought.ledger)


def write(found: Review, folder: Path, *, drawn: bool = True, progress: Progress = silent) -> list[Path]:
    """Write a review to a folder; files appear whole and under their final names, or not at all.

    Parameters
    ----------
    found : Review
    folder : Path
    drawn : bool
        Whether to draw the page, the workbook and the figures beside the tables; needs the extra ``[report]``.
    progress : callable

    Returns
    -------
    list of Path
    """
    with staged(folder) as stage:
        written = write_report(found, stage, finished=datetime.now(UTC), drawn=drawn, progress=progress)
        inside = [path.relative_to(stage) for path in written]
    return [folder / path for path in inside]


@dataclass(frozen=True)
class Plan:
    """What a run would do: files to fetch and datasets left out, steps, inputs that are missing, room, and licences to mind."""

    steps: tuple[Planned, ...]
    files: tuple[PlannedFile, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]
    missing: tuple[str, ...]
    input_bytes: int
    stored_bytes: int
    free_bytes: int
    licences: Mapping[str, str]
    sharing: tuple[str, ...]


def plan(settings: Settings, *, again_from: str | None = None, force: bool = False, asking: bool = True) -> Plan:
    """Say what `run` would do, without doing or writing anything.

    Parameters
    ----------
    settings : Settings
    again_from, force
        As for `run`.
    asking : bool
        Whether servers are asked which files there are; without it nothing is told of fetching.
    """
    folder = settings.output_folder
    coming_in = plan_fetching(settings) if asking else FetchPlan()
    licences = output_licences(section.licence for section in credits_of(settings))
    sharing = sharing_warnings(settings)
    with coming(coming_in.made):
        settings, skipped = without_absent(with_known_boundaries(settings))
        steps = steps_of(settings)
        absent_dates = missing_dates(settings)
    results, fingerprints = _store(folder)
    missing, found = [file for each in skipped for file in each.files], dict[str, Address]()
    for file in dict.fromkeys(file for step in steps for file in step.files if file not in coming_in.made):
        try:
            found[file] = _located(file, settings)
        except MissingFile:
            missing.append(file)
    not_there = {*missing, *coming_in.made}
    parts = parts_of(steps, lambda file: "" if file in not_there else _fingerprint(file, settings, fingerprints))
    planned = plan_steps(steps, parts, results, again=_again(steps, again_from, force=force))
    planned.append(_planned_report(settings.output_folder, _report_parts(settings, skipped, keys_of(parts)), results, planned))
    near = next(parent for parent in (folder, *folder.resolve().parents) if parent.exists())
    local = [address.local.stat().st_size for address in found.values() if address.local]
    stored = sum(step.last.size_bytes for step in planned if step.last)
    lacking = tuple(file for file in (*missing, *absent_dates) if not is_made_file(file))
    return Plan(
        tuple(planned), coming_in.files, coming_in.left_out, tuple(_told(coming_in.notes)), lacking,
        sum(local), stored, disk_usage(near).free, licences, sharing,
    )  # fmt: skip


def _told(notes: Ledger) -> Iterator[str]:
    """Give what a plan notes, an entry a line."""
    yield from (f"{entry.step}: {entry.cause}" for entry in notes.entries)


def _planned_report(folder: Path, parts: dict[str, Any], results: Results, planned: list[Planned]) -> Planned:
    last = results.last(REPORT)
    current = results.record(REPORT, key_of(parts))
    redone = [step.name for step in planned if step.runs]
    if redone:
        return Planned(REPORT, runs=True, reason="follows from the steps above", last=last)
    if current is None or not _all_there(folder, results.load(REPORT, current.key)):
        return Planned(REPORT, runs=True, reason="never written, or files of it are gone", last=last)
    return Planned(REPORT, runs=False, reason="", last=current)


def _store(folder: Path) -> tuple[Results, Fingerprints]:
    return Results(folder / STORE, Codec(RECORDS)), Fingerprints(folder / STORE / "files.json")


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Hold the folder alone and log into it; if nothing could be made there, leave nothing."""
    with locked(folder), logged(folder / "run.log"):
        try:
            yield
        except (UrbanReviewError, KeyboardInterrupt) as error:
            logger.error("stopped: %s", error or type(error).__name__)
            raise


def _located(file: str, settings: Settings) -> Address:
    return locate(file, suffixes=suffixes_of(settings, file), base=settings.base)


def _fingerprint(file: str, settings: Settings, fingerprints: Fingerprints) -> str:
    """Return the content hash of a local input, the address of a remote one."""
    address = _located(file, settings)
    return address.gdal if address.local is None else fingerprints.of(address.local)


def find_inputs(settings: Settings) -> list[str]:
    """List every input that the settings name, after a look that those on this machine are there.

    Raises
    ------
    MissingFile, AmbiguousInput, UnreadableFile
        At the first that is not.
    """
    files = list(dict.fromkeys(file for step in steps_of(settings) for file in step.files))
    for file in files:
        _located(file, settings)
    return files


def _again(steps: list[Step], first: str | None, *, force: bool) -> set[str]:
    if force:
        return {step.name for step in steps}
    if first is None:
        return set()
    known = {step.name for step in steps if step.stored} | {step.group for step in steps if step.group}
    if first not in known:
        raise UnknownName("step", first, known=sorted(known))
    begins = [step.name for step in steps if first in (step.name, step.group)]
    return set().union(*(after(steps, name) for name in begins))


def _assembled(settings: Settings, done: Drive, skipped: tuple[Skipped, ...], brought: Ledger) -> Review:
    """Put the results of a finished graph together."""
    views = [
        View(*(done.value(f"{step} {source} {year}") for step in ("population", "names", "points", "people")))
        for source, year in settings.views()
    ]
    themes = [done.value(name) for name, step in done.steps.items() if step.group in THEMES]
    compared = done.value(SENSITIVITY) if SENSITIVITY in done.steps else (None, Ledger())
    journeys = done.value(ACCESS) if ACCESS in done.steps else None
    beside = [done.value(name) for name, step in done.steps.items() if step.group == BESIDE]
    seconds = {name: done.records[name].seconds for name in done.steps if name in done.records}
    return assemble(
        settings, done.value(UNITS), views, themes, seconds,
        compared=compared, journeys=journeys, skipped=skipped, beside=beside, brought=brought,
    )  # fmt: skip


def _report_parts(settings: Settings, skipped: tuple[Skipped, ...], keys: dict[str, str]) -> dict[str, Any]:
    said = {"settings": settings.model_dump(mode="json"), "skipped": [[each.what, *each.files] for each in skipped]}
    return {"version": REPORT_VERSION, "settings": said, "files": {}, "needs": keys}


def _report(
    settings: Settings, found: Review, parts: dict[str, Any], results: Results, *, force: bool, progress: Progress
) -> tuple[Record, bool]:
    """Write the report unless its files are there already; return its record and whether it was written."""
    key = key_of(parts)
    record = results.record(REPORT, key)
    if record is not None and not force and _all_there(settings.output_folder, results.load(REPORT, key)):
        return record, False
    begun = datetime.now(UTC)
    written = write(found, settings.output_folder, drawn=settings.output.report, progress=progress)
    sizes = {path.relative_to(settings.output_folder).as_posix(): path.stat().st_size for path in written}
    seconds = (datetime.now(UTC) - begun).total_seconds()
    return results.save(sizes, Record(REPORT, key, parts, seconds)), True


def _all_there(folder: Path, sizes: dict[str, int]) -> bool:
    """Tell whether every file of a report is there in its size."""
    paths = [(folder / name, size) for name, size in sizes.items()]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)
