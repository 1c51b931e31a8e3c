"""World Bank Official Boundaries: a feature service that counts its units, then gives them by pages."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from urbanreview.errors import NotInInput, WrongContent
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.divisions import units_ledger, write_units
from urbanreview.sources.made import is_fresh
from urbanreview.sources.open_vector import open_features
from urbanreview.sources.remote import Place, Remote, Wanted, Web

LAYERS = {1: 2, 2: 3}
"""Layer of the service by administrative level."""
PAGE_UNITS = 200
"""Fewer than any service refuses to give at once."""


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the count and the pages of each level; the ledger tells of a country without the second one.

    Raises
    ------
    CannotFetch, NotInCache
        If the service does not count.
    WrongContent
        If it answers without a count.
    NotInInput
        If it has no unit of the country.
    """
    remotes: list[Remote] = []
    ledger = Ledger()
    for level, layer in LAYERS.items():
        words = {"iso3": place.iso3, "layer": layer}
        index = web.hosts(dataset.index).format(**words)
        told = web.text([index], _counted(dataset, place, level))
        count = _count(told, index)
        if count == 0 and level == min(LAYERS):
            raise NotInInput(dataset.title, what="country", name=place.iso3, found=[])
        if count == 0:
            ledger = ledger.add(dataset.key, f"there are no boundaries of level {level}", "level", 1)
            continue
        remotes.append(Remote((index,), _counted(dataset, place, level), "json", len(told.encode())))
        for offset, name in _pages(dataset, place, level, count):
            address = web.hosts(dataset.address).format(**words, offset=offset, count=PAGE_UNITS)
            remotes.append(Remote((address,), name, dataset.form, dataset.size_bytes))
    return Wanted(tuple(remotes), ledger)


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Write the finest level that is there whole as units; see `urbanreview.sources.divisions.write_units`.

    Raises
    ------
    WrongContent
        If the pages of a level hold more or fewer units than the service counted.
    """
    pages: dict[int, list[Path]] = {}
    counts: dict[int, int] = {}
    for level in LAYERS:
        counted = files.get(_counted(dataset, place, level))
        if counted is None:
            continue
        counts[level] = _count(counted.read_text(encoding="utf-8"), str(counted))
        names = [name for _, name in _pages(dataset, place, level, counts[level])]
        if all(name in files for name in names):
            pages[level] = [files[name] for name in names]
    path = folder / dataset.local
    if not pages:
        return Ledger()
    if is_fresh(path, [page for level in pages.values() for page in level]):
        return units_ledger(path)
    levels = {level: _features(found, level, counts[level]) for level, found in pages.items()}
    return write_units(levels, path, step=dataset.key, year=None, licence=dataset.licence, source=dataset.title)


def _features(pages: Sequence[Path], level: int, count: int) -> gpd.GeoDataFrame:
    """Put the pages of a level together."""
    features = gpd.GeoDataFrame(pd.concat([open_features(page) for page in pages], ignore_index=True))
    if len(features) != count:
        raise WrongContent(pages[0].parent, got=f"{len(features)} units of level {level}", expected=f"{count}, as counted")
    columns = {f"ADM{level}CD_c": "id", f"NAM_{level}": "name"} | ({f"NAM_{level - 1}": "parent"} if level > 1 else {})
    missing = [column for column in columns if column not in features]
    if missing:
        raise NotInInput(pages[0], what="field", name=missing[0], found=list(features.columns))
    return features[[*columns, features.geometry.name]].rename(columns=columns)


def _count(told: str, origin: str) -> int:
    """Return how many units a service counts."""
    try:
        return int(json.loads(told)["count"])
    except (ValueError, KeyError, TypeError):
        raise WrongContent(origin, got=f"'{told[:80]}'", expected="a count of units") from None


def _pages(dataset: Dataset, place: Place, level: int, count: int) -> list[tuple[int, str]]:
    """Return where each page begins, and its name."""
    folder = f"{dataset.key}/{place.iso3}"
    return [(offset, f"{folder}/ADM{level}-from-{offset}-of-{count}.geojson") for offset in range(0, count, PAGE_UNITS)]


def _counted(dataset: Dataset, place: Place, level: int) -> str:
    return f"{dataset.key}/index/{place.iso3}-ADM{level}.json"
