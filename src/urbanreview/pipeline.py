"""The review, step by step: the table of contents of the product.

From settings to tables in memory (`review`), and from there to a folder (`write`).
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np
import pandas as pd
import xarray as xr

from urbanreview.config import Settings
from urbanreview.grid import geobox_of, make_raster
from urbanreview.ledger import total
from urbanreview.log import Progress, silent
from urbanreview.report import Review, require_all, write_report
from urbanreview.steps.country import open_country
from urbanreview.steps.people import People, open_people
from urbanreview.steps.points import place_points
from urbanreview.steps.settlements import Settlements, find_settlements, name_settlements
from urbanreview.steps.themes import ask_built_up, ask_lights, ask_population, zones_asked
from urbanreview.store import require_writable, staged
from urbanreview.zones import stack

P = ParamSpec("P")
T = TypeVar("T")


def run(settings: Settings, *, progress: Progress = silent) -> tuple[Review, list[Path]]:
    """Make a review and write it to the output folder of its settings.

    Parameters
    ----------
    settings : Settings
    progress : callable
        Called as ``progress(step, done, total)``.

    Returns
    -------
    review : Review
    written : list of Path
        Every file, under its final name.

    Raises
    ------
    UrbanReviewError
        One clear cause; nothing is left half-written.
    """
    folder = settings.output_folder
    require_writable(folder)
    if settings.output.report:
        require_all()
    found = review(settings, progress=progress)
    return found, write(found, folder, drawn=settings.output.report, progress=progress)


def review(settings: Settings, *, progress: Progress = silent) -> Review:
    """Make a review in memory: boundaries, people, cities, names, themes.

    Parameters
    ----------
    settings : Settings
    progress : callable

    Returns
    -------
    Review
    """
    step = Steps(progress)
    land = step("boundaries", open_country, settings)
    people = step("population", open_people, settings, land)
    cities = step("delineation", find_settlements, settings, land, people)
    cities = step("names", name_settlements, settings, land, cities)
    points = step("points", place_points, settings, land, people, cities)
    asked = zones_asked(land, cities)
    counted = step("people by zone", ask_population, settings, land, people, cities, asked)
    lit = step("night lights", ask_lights, settings, land, asked, progress=progress)
    built = step("built-up land", ask_built_up, settings, land, people, asked, counted.values, progress=progress)
    answers = (counted, lit, built)
    return Review(
        iso3=settings.country.iso3,
        title=settings.country.name or settings.country.iso3,
        edition=cities.rules.edition,
        population=f"{people.source} {people.period}",
        zones=stack(asked.zones()),
        points=points.table,
        values=pd.concat([part.values for part in answers if len(part.values)], ignore_index=True),
        links=cities.links,
        rasters=maps(people, cities),
        ledger=total([land.ledger, people.ledger, cities.ledger, points.ledger, *(part.ledger for part in answers)]),
        inputs=(*land.inputs, *people.inputs, *cities.inputs, *(record for part in answers for record in part.inputs)),
        settings=settings.model_dump(mode="json", exclude_none=True),
        steps=tuple(step.seconds),
        notes=notes(settings, cities),
    )


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


def maps(people: People, cities: Settlements) -> dict[str, xr.DataArray]:
    """Rasters of the review: urban extents (0 none, 1 urban cluster, 2 urban centre), and the population it stands on."""
    tag = f"{people.source}_{people.period}"
    rasters = {f"inputs/population_{tag}": people.raster}
    clusters, centres = cities.clusters.found, cities.centres.found
    if clusters is not None and centres is not None:
        classes = np.where(centres.image() > 0, 2, clusters.image() > 0).astype(np.uint8)
        warnings = {key: people.raster.attrs[key] for key in ("modelled", "note") if key in people.raster.attrs}
        more = {"edition": cities.rules.edition, **warnings}
        rasters[f"urban_extents_{tag}"] = make_raster(
            classes, geobox_of(people.raster), kind="class", units="urban extent", source=tag, **more
        )
    return rasters


def notes(settings: Settings, cities: Settlements) -> tuple[str, ...]:
    """Sentences that a reader must see first."""
    sections = [settings.boundaries, *settings.population.values(), settings.land, settings.built_up, settings.lights]
    said = [section.note for section in sections if section is not None and section.note]
    if settings.boundaries.year:
        said.insert(0, f"Boundaries as of {settings.boundaries.year}.")
    rules = (cities.rules.urban_cluster, cities.rules.urban_centre)
    said += [f"{rule.level.replace('_', ' ').capitalize()}: {rule.sentence()}." for rule in rules]
    return tuple(dict.fromkeys(said))


class Steps:
    """Runs steps one after the other, tells the progress and keeps the times."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.seconds: list[tuple[str, float]] = []

    def __call__(self, name: str, task: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one step under a name."""
        self.progress(name, 0, 1)
        begun = time.perf_counter()
        result = task(*args, **kwargs)
        self.seconds.append((name, time.perf_counter() - begun))
        self.progress(name, 1, 1)
        return result
