"""A dataset of the catalogue as local files of one country: where they are, and what a section of the settings needs beside."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from urbanreview.sources.cache import Record, default_folder
from urbanreview.sources.catalogue import Dataset, dataset_of

FILE_SETTINGS = frozenset({"path", "observations", "permanent_water", "alternate_names"})
"""Settings of a dataset that name a file in its folder."""

Bounds = tuple[float, float, float, float]
"""West, south, east, north [degrees]."""
ORIGINS = ".origins.json"
"""Ends the name of the file that says what a local file was made of."""


def made_folder(dataset: Dataset, iso3: str, margin_km: float) -> Path:
    """Return where the files of a country made of a dataset are, or would be.

    They depend on the outline too; whoever makes them makes them again when it has grown.
    """
    return default_folder() / "made" / dataset.key / f"{iso3}-{margin_km:g}km"


def is_made_file(path: str) -> bool:
    """Tell whether a path is one of those that are made of datasets."""
    return Path(path).is_relative_to(default_folder() / "made")


def local_settings(key: str, iso3: str, margin_km: float, *, path: str = "path") -> Mapping[str, object]:
    """Return the settings that a dataset stands for: its local files as `path`, and what else the section needs.

    Raises
    ------
    UnknownName
        If there is no such dataset.
    """
    dataset = dataset_of(key)
    folder = made_folder(dataset, iso3, margin_km)
    given = {path: dataset.local, **dataset.settings}
    return {name: str(folder / str(value)) if name in FILE_SETTINGS else value for name, value in given.items()}


def write_origins(file: Path, records: Iterable[Record], bounds: Bounds) -> None:
    """Say beside a made file what it was made of and for which box: it counts as made from then on."""
    beside = file.with_name(file.name + ORIGINS)
    part = beside.with_name(beside.name + ".part")
    found = [
        {"address": each.address, "fetched": each.day, "size_bytes": each.size_bytes, "sha256": each.sha256} for each in records
    ]
    part.write_text(json.dumps({"bounds": list(bounds), "files": found}, indent=1), encoding="utf-8")
    part.replace(beside)


def is_made(file: Path, bounds: Bounds) -> bool:
    """Tell whether a made file is there, whole, and reaches as far as a box [degrees]."""
    beside = file.with_name(file.name + ORIGINS)
    if not (file.is_file() and beside.is_file()):
        return False
    west, south, east, north = json.loads(beside.read_text(encoding="utf-8"))["bounds"]
    return west <= bounds[0] and south <= bounds[1] and east >= bounds[2] and north >= bounds[3]


def origins_of(file: Path) -> list[dict[str, Any]]:
    """Return address, day, size and hash of everything that a made file was made of; nothing for a file of the user's own."""
    beside = file.with_name(file.name + ORIGINS)
    return json.loads(beside.read_text(encoding="utf-8"))["files"] if beside.is_file() else []
