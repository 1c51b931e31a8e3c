"""The manifest of a run: what went in, under which settings and versions, and what came out."""

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

import rasterio

from urbanreview.report.disclaimer import boundary_words
from urbanreview.report.result import Review
from urbanreview.report.table_files import all_tables

LIBRARIES = (
    "urbanreview", "numpy", "pandas", "geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "xarray", "odc-geo",
    "numba", "scipy", "pyarrow", "h3", "matplotlib", "jinja2", "XlsxWriter",
)  # fmt: skip


def manifest(review: Review, *, finished: datetime | None = None) -> dict[str, object]:
    """Return the content of ``run.json``: plain values, ready for JSON.

    Parameters
    ----------
    review : Review
    finished : datetime, optional
        When the run ended, with its time zone. The only time in the manifest, and the only one in a run's output.

    Returns
    -------
    dict
        Keys ``iso3, title, edition, population, modelled, notes, disclaimer, finished, licences, settings, versions, inputs,
        ledger, steps, tables, rasters``.

    Raises
    ------
    ValueError
        If `finished` has no time zone.
    """
    if finished is not None and finished.tzinfo is None:
        raise ValueError("finished has no time zone, expected one: datetime.now(UTC)")
    return {
        "iso3": review.iso3,
        "title": review.title,
        "edition": review.edition,
        "population": review.population,
        "modelled": review.modelled,
        "notes": list(review.notes),
        "disclaimer": boundary_words(review),
        "finished": finished.astimezone(UTC).isoformat(timespec="seconds") if finished else None,
        "licences": dict(review.licences),
        "settings": jsonable(review.settings),
        "versions": versions(),
        "inputs": [asdict(entry) for entry in review.inputs],
        "ledger": [asdict(entry) for entry in review.ledger.entries],
        "steps": [{"step": name, "seconds": round(seconds, 3)} for name, seconds in review.steps],
        "tables": {name: {"rows": len(t), "columns": len(t.columns)} for name, t in all_tables(review).items()},
        "rasters": sorted(review.rasters),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python, of GDAL and of the libraries that are installed here.

    >>> {"python", "gdal", "numpy"} <= set(versions())
    True
    """
    found = {"python": platform.python_version(), "gdal": rasterio.__gdal_version__}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


def jsonable(value: object) -> object:
    """Return a setting as JSON can hold it: mappings, lists, finite numbers, truth and text.

    >>> from pathlib import PurePosixPath
    >>> jsonable({"path": PurePosixPath("a/b.tif"), "years": (2016, 2018)})
    {'path': 'a/b.tif', 'years': [2016, 2018]}
    """
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return str(value)
