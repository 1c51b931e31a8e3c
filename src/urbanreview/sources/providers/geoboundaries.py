"""geoBoundaries: an index per country and level tells the release's file, its year and its licence."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd

from urbanreview.errors import CannotFetch, NotInCache, WrongContent
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.divisions import units_ledger, write_units
from urbanreview.sources.made import is_fresh
from urbanreview.sources.open_vector import open_features
from urbanreview.sources.remote import Place, Remote, Wanted, Web

LEVELS = (1, 2)
NOT_THERE = "answered 404"
"""How a server's refusal begins that means that there is no such level of this country."""
_COMMIT = re.compile(r"/geoBoundaries/(?:raw/)?(?P<commit>[0-9A-Za-z_.-]+)/releaseData/")
_YEAR = re.compile(r"\d{4}")


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the index and the file of each level; the ledger tells of a country without the second one.

    Raises
    ------
    CannotFetch, NotInCache
        If the index of the first level cannot be read, or that of the second for another reason than that it is not there.
    WrongContent
        If an index names no file.
    """
    remotes: list[Remote] = []
    ledger = Ledger()
    for level in LEVELS:
        words = {"iso3": place.iso3, "level": level}
        index = web.hosts(dataset.index).format(**words)
        name = _index(dataset, place, level)
        try:
            told = web.text([index], name)
        except (CannotFetch, NotInCache) as error:
            cause = _absent(error, level)
            if level == LEVELS[0] or not cause:
                raise
            ledger = ledger.add(dataset.key, cause, "level", 1)
            continue
        remotes.append(Remote((index,), name, "json", len(told.encode())))
        remotes.append(_remote(dataset, _said(told, index), words, web))
    return Wanted(tuple(remotes), ledger)


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Write the finest level that is there as units; see `urbanreview.sources.divisions.write_units`."""
    by_file = {name.rpartition("/")[2]: path for name, path in files.items() if name.startswith(f"{dataset.key}/")}
    indexes = {level: path for level in LEVELS if (path := files.get(_index(dataset, place, level)))}
    paths = {level: path for level in indexes if (path := by_file.get(_file(place.iso3, level)))}
    path = folder / dataset.local
    if not paths:
        return Ledger()
    if is_fresh(path, paths.values()):
        return units_ledger(path)
    index = indexes[max(paths)]
    said = _said(index.read_text(encoding="utf-8"), str(index))
    levels = {level: _features(found) for level, found in paths.items()}
    year = _YEAR.search(str(said.get("boundaryYearRepresented", "")))
    return write_units(
        levels,
        path,
        step=dataset.key,
        year=int(year[0]) if year else None,
        licence=str(said.get("boundaryLicense") or dataset.licence),
        source=str(said.get("boundarySource") or dataset.title),
        noted=_miscounted(said, len(levels[max(levels)]), dataset),
    )


def _miscounted(said: Mapping[str, Any], units: int, dataset: Dataset) -> Ledger:
    """Note it if a file holds another number of units than its index tells."""
    stated = str(said.get("admUnitCount", ""))
    if not stated.isdigit() or int(stated) == units:
        return Ledger()
    return Ledger().add(dataset.key, f"the index tells of {stated} units, the file holds {units}", "file", 1)


def _features(path: Path) -> gpd.GeoDataFrame:
    return open_features(path).rename(columns={"shapeID": "id", "shapeName": "name"})


def _absent(error: CannotFetch | NotInCache, level: int) -> str:
    """Say that a level is not there if an error means that; empty if it means that a server is in trouble."""
    if isinstance(error, NotInCache):
        return f"the index of level {level} is not in the cache"
    return f"there are no boundaries of level {level}" if NOT_THERE in error.reason else ""


def _remote(dataset: Dataset, said: Mapping[str, Any], words: Mapping[str, Any], web: Web) -> Remote:
    """Return the file of the release that an index names, at the catalogue's addresses where its commit is known."""
    stated = str(said["gjDownloadURL"])
    commit = _COMMIT.search(stated)
    if commit:
        filled = {**words, "commit": commit["commit"]}
        addresses = tuple(web.hosts(each).format(**filled) for each in (dataset.address, dataset.mirror) if each)
    else:
        addresses = (stated,)
    folder = commit["commit"] if commit else "current"
    name = f"{dataset.key}/{folder}/{_file(words['iso3'], words['level'])}"
    return Remote(addresses, name, dataset.form, dataset.size_bytes)


def _said(text: str, origin: str) -> Mapping[str, Any]:
    """Return what an index says of a level."""
    try:
        said = json.loads(text)
    except ValueError:
        said = None
    if not isinstance(said, dict) or not said.get("gjDownloadURL"):
        raise WrongContent(origin, got="no address of a file (gjDownloadURL)", expected="the index of a country's boundaries")
    return said


def _index(dataset: Dataset, place: Place, level: int) -> str:
    return f"{dataset.key}/index/{place.iso3}-ADM{level}.json"


def _file(iso3: str, level: int) -> str:
    return f"geoBoundaries-{iso3}-ADM{level}.geojson"
