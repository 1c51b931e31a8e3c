"""Everything a review leaves on disk, in its layout."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from urbanreview.log import Progress, silent
from urbanreview.report.charts import draw_largest
from urbanreview.report.city_charts import draw_city_growth, draw_rank_size
from urbanreview.report.class_map import degree_name, draw_agreement, draw_degree, draw_travel
from urbanreview.report.columns import parts_of
from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.environment_sections import environment_drawers
from urbanreview.report.expansion_map import draw_expansion
from urbanreview.report.extras import require_all
from urbanreview.report.geopackage import write_geopackage
from urbanreview.report.growth_chart import draw_urban_growth, own_growth
from urbanreview.report.highlights import named
from urbanreview.report.ink import MODELLED_MARK
from urbanreview.report.land_use import draw_land_consumption, shown
from urbanreview.report.light_chart import draw_lights_trend, has_trend
from urbanreview.report.manifest import jsonable, manifest
from urbanreview.report.maps import draw_map
from urbanreview.report.own_sections import own_drawers
from urbanreview.report.page import write_page
from urbanreview.report.rasters import classes_of, write_cog
from urbanreview.report.result import Review
from urbanreview.report.table_files import write_tables
from urbanreview.report.tables import COUNTRY, rows_of_themes
from urbanreview.report.unit_sets import grown, sizes, unit_sets
from urbanreview.report.workbook import write_workbook

Task = Callable[[], list[Path]]
"""Writes some files and says which."""
Drawer = Callable[[Review, Path], object]


def write_report(
    review: Review, folder: Path, *, finished: datetime, drawn: bool = True, progress: Progress = silent
) -> list[Path]:
    """Write every output of a review into a folder.

    Parameters
    ----------
    review : Review
    folder : Path
        Made if it is not there. Files of the same name are replaced; others are left alone. Placing a whole folder at
        once is the caller's work: hand in a temporary one and rename it.
    finished : datetime
        When the run ended, with its time zone; goes into ``run.json`` and nowhere else.
    drawn : bool
        Whether to make what is for people (``report.html``, ``review.xlsx``, ``figures/``) beside what is for
        programs. Without it no extra package is needed.
    progress : callable
        Called as ``progress("report", done, total)``.

    Returns
    -------
    list of Path
        What was written, in the order of writing: ``tables/``, ``rasters/``, ``review.gpkg``, ``figures/``,
        ``review.xlsx``, ``report.html``, ``run.json``.

    Raises
    ------
    MissingExtra
        Before anything is written, if a package of the extra ``[report]`` is not installed.
    InvalidTable, UnknownName
        Before anything is written, if a table does not keep its contract.
    """
    if drawn:
        require_all()
    tasks = _tasks(review, folder, manifest(review, finished=finished), drawn=drawn)
    written: list[Path] = []
    for done, task in enumerate(tasks):
        progress("report", done, len(tasks))
        written += task()
    progress("report", len(tasks), len(tasks))
    return written


def _tasks(review: Review, folder: Path, record: dict[str, object], *, drawn: bool) -> list[Task]:
    drawers = _drawers(review)
    figures = {name: folder / "figures" / f"{name}.png" for name in drawers}
    tasks: list[Task] = [lambda: write_tables(review, folder / "tables")]
    for name, raster in review.rasters.items():
        tasks.append(_to(folder / "rasters" / f"{name}.tif", partial(write_cog, raster, classes=classes_of(name))))
    tasks.append(_to(folder / "review.gpkg", partial(write_geopackage, review)))
    if drawn:
        tasks += [
            *(_to(path, partial(drawers[name], review)) for name, path in figures.items()),
            _to(folder / "review.xlsx", partial(write_workbook, review)),
            _to(folder / "report.html", partial(write_page, review, figures)),
        ]
    return [*tasks, _to(folder / "run.json", partial(_write_json, record))]


def _drawers(review: Review) -> dict[str, Drawer]:
    """Return what draws each figure that this review has."""
    drawers: dict[str, Drawer] = {"map": draw_map, "largest_centres": draw_largest}
    if degree_name(review) in review.rasters:
        drawers["degree_of_urbanisation"] = draw_degree
    if "travel_time" in review.rasters:
        drawers["travel_time"] = draw_travel
    if "urban_agreement" in review.rasters:
        drawers["urban_agreement"] = draw_agreement
    return drawers | _theme_drawers(review) | environment_drawers(review) | own_drawers(review)


def _theme_drawers(review: Review) -> dict[str, Drawer]:
    """Return what draws each figure of the system of cities, of land and of lights that this review has numbers for."""
    units = unit_sets(review)
    drawers: dict[str, Drawer] = {}
    if any(len(sizes(review, each)) for each in units):
        drawers["rank_size"] = draw_rank_size
    if any(grown(review, each) for each in units):
        drawers["city_growth"] = draw_city_growth
    if len(own_growth(review)):
        drawers["urban_growth"] = draw_urban_growth
    if shown(review):
        drawers["land_consumption"] = draw_land_consumption
    if has_trend(review):
        drawers["lights_trend"] = draw_lights_trend
    return drawers | {name: partial(_draw_expansion, name=name) for name in review.rasters if name.startswith("expansion_")}


def _draw_expansion(review: Review, path: Path, *, name: str) -> None:
    """Draw the kinds of new built-up land between the two years in the name of their raster."""
    first, last = name.split("_")[1:]
    variants = rows_of_themes(review, ["expansion"])["variant"]
    rule = parts_of(next(iter(variants), "")).get("rule", "")
    under = f"Built-up land of {first} and what was added until {last}" + (f"; rule {rule}" if rule else "")
    inputs = named(entry.name for entry in review.inputs)
    draw_expansion(
        review.rasters[name],
        path,
        title=f"{review.title}: how built-up land grew",
        subtitle=f"{MODELLED_MARK}. {under}" if review.modelled else under,
        sources=inputs or "no inputs",
        outline=review.zones.geometry[review.zones["level"] == COUNTRY],
        disclaimer=boundary_words(review),
    )


def _to(path: Path, write: Callable[[Path], object]) -> Task:
    """Return a task that writes one file, and makes its folder first."""

    def task() -> list[Path]:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)
        return [path]

    return task


def _write_json(record: dict[str, object], path: Path) -> None:
    text = json.dumps(jsonable(record), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
