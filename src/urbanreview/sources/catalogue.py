"""The open datasets that are known: where each version lies, what its numbers are, and who is to be thanked."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from urbanreview.errors import UnknownName

RESERVED = ("hosts", "licences", "defaults")
"""Tables of the file that are no datasets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """One version of a dataset.

    Attributes
    ----------
    key : str
        The word in the settings, such as ``ghs-pop-r2023a``.
    title : str
    provider : str
        Module of ``sources/providers`` that knows its quirks; ``none`` if it is listed and not fetched.
    theme : str
        One of ``THEMES``.
    version : str
        As the producer calls it.
    address : str
        Template of a file's address. ``{jrc}`` and the like are hosts; the other words are filled by the provider.
    index : str
        Template of what is read first to know the files: a tile index, a bucket, an API; empty if there is none.
    mirror : str
        Template of a second address; empty if there is none.
    local : str
        Name of what is made of the files for a country, such as ``{year}.tif``.
    settings : mapping
        What a section of the settings needs beside its path: ``nodata``, ``variable``, a further file in the same folder.
    format : str
        In words.
    form : str
        What a file's first bytes must say it is, as in `urbanreview.sources.remote.Remote`.
    crs : str
        Code; empty if a table.
    unit : str
        Of the numbers as they are in the file.
    kind : str
        ``count, intensity, share, class, cost, vector, table``.
    nodata : tuple of float
        Codes of missing values, also those that no tag names.
    years : tuple of int
        First, last and step; empty if undated or listed.
    listed : bool
        Whether the dates are known from a listing at run time only.
    projected_from : int, optional
        From this year on values are projections.
    licence : str
        Id, as in `urbanreview.sources.licences`.
    licence_note : str
        What the id does not say.
    share_alike, non_commercial : bool
        What the licence asks for.
    citation : str
        How the producer wants to be cited.
    doi : str
        Empty if none is known.
    url : str
        Template of the landing page.
    size_bytes : int, optional
        Of one typical file.
    status : str
        ``supported`` or ``deprecated``.
    login : bool
        Whether an account is needed: listed, and left out of what is fetched.
    checked : str
        Year and month that the row was last compared with public documents.
    proven_live : bool
        Whether a file has been fetched from the true server.
    notes : str
        Traps.
    """

    key: str
    title: str
    provider: str
    theme: str
    version: str
    address: str
    index: str
    mirror: str
    format: str
    form: str
    crs: str
    unit: str
    kind: str
    nodata: tuple[float, ...]
    years: tuple[int, ...]
    listed: bool
    projected_from: int | None
    licence: str
    licence_note: str
    share_alike: bool
    non_commercial: bool
    citation: str
    doi: str
    url: str
    size_bytes: int | None
    status: str
    login: bool
    checked: str
    proven_live: bool
    notes: str
    local: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def fetchable(self) -> bool:
        """Whether it can be fetched, and without an account."""
        return self.provider != "none" and not self.login

    def all_years(self) -> tuple[int, ...]:
        """Return every year or epoch that there is; none if it is undated or listed.

        >>> dataset_of("ghs-pop-r2023a").all_years()[-3:]
        (2020, 2025, 2030)
        """
        if not self.years:
            return ()
        first, last, step = self.years
        return tuple(range(first, last + 1, step))

    def years_text(self) -> str:
        """Return the years in words.

        >>> dataset_of("ghs-pop-r2023a").years_text()
        '1975-2030 by 5, projected from 2025'
        """
        if not self.years:
            return "listed when fetched" if self.listed else "undated"
        first, last, step = self.years
        span = str(first) if first == last else f"{first}-{last}" + f" by {step}" * (step != 1)
        projected = self.projected_from is not None and self.projected_from <= last
        return span + (f", projected from {self.projected_from}" if projected else "")

    def state(self) -> str:
        """Return how far it has been tried, in words.

        >>> dataset_of("landscan-global").state()
        'needs a login, not fetched'
        """
        if self.login:
            return "needs a login, not fetched"
        if self.provider == "none":
            return "not fetched"
        words = ["fetched live" if self.proven_live else "not yet proven live"]
        return ", ".join(["deprecated"] * (self.status == "deprecated") + words)


THEMES = (
    "boundaries", "population", "land", "built_up", "settlements", "lights", "flares", "exposure", "climate", "air", "access",
    "names",
)  # fmt: skip
"""Themes, in the order that they are listed."""

DEFAULTS = {
    "boundaries": "geoboundaries",
    "population": "ghs-pop-r2023a",
    "population.worldpop": "worldpop-r2025a",
    "land": "ghs-land-r2022a",
    "built_up": "ghs-built-s-r2023a",
    "expansion.built_up": "ghs-built-s-r2023a-100m",
    "lights": "light-every-night",
    "lights.flares": "eog-gas-flares",
    "exposure.flood": "jrc-flood-v2.1.2",
    "climate.precipitation": "chirps-v3.0",
    "climate.temperature": "cru-ts-4.10-tmp",
    "air": "satpm25-v6gl03",
    "access": "friction-2020-motorised",
    "names": "geonames-country",
    "names.alternate": "geonames-alternate",
}
"""The dataset that a new settings file names for each section; of populations the primary one has no name."""


@cache
def tables() -> Mapping[str, Mapping[str, Any]]:
    """Return the catalogue's file as it is written: hosts, licences, defaults and datasets."""
    text = resources.files("urbanreview.sources").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


@cache
def catalogue() -> Mapping[str, Dataset]:
    """Return every dataset by its key, ordered by theme, then by key.

    Examples
    --------
    >>> catalogue()["ghs-pop-r2023a"].unit
    'people per cell'
    """
    found = [_dataset(key) for key in tables() if key not in RESERVED]
    found.sort(key=lambda dataset: (THEMES.index(dataset.theme), dataset.key))
    return MappingProxyType({dataset.key: dataset for dataset in found})


def dataset_of(key: str) -> Dataset:
    """Return a dataset by its key.

    Raises
    ------
    UnknownName
        With a guess, if there is no such dataset.

    Examples
    --------
    >>> dataset_of("ghs-pop-r2023")
    Traceback (most recent call last):
    urbanreview.errors.UnknownName: Unknown dataset 'ghs-pop-r2023'. Did you mean 'ghs-pop-r2023a'?...
    """
    known = catalogue()
    if key not in known:
        raise UnknownName("dataset", key, known=known)
    return known[key]


def hosts() -> Mapping[str, str]:
    """Return the address of every host by its name, without a slash at the end."""
    return MappingProxyType(dict(tables()["hosts"]))


def default_datasets(section: str) -> str:
    """Return the dataset that a new settings file names for a section.

    Parameters
    ----------
    section : str
        Such as ``population`` or ``exposure.flood``; one of ``DEFAULTS``.

    Raises
    ------
    UnknownName
        If no dataset is chosen for it.

    Examples
    --------
    >>> default_datasets("climate.precipitation")
    'chirps-v3.0'
    """
    if section not in DEFAULTS:
        raise UnknownName("section with a dataset", section, known=DEFAULTS)
    return DEFAULTS[section]


def _dataset(key: str) -> Dataset:
    """Return a row with what it takes from the row it is like, from the defaults and from its licence."""
    row = _row(key)
    asked = tables()["licences"][row["licence"]]
    for word in ("share_alike", "non_commercial"):
        row.setdefault(word, asked.get(word, False))
    row["nodata"] = tuple(float(value) for value in row["nodata"])
    row["years"] = tuple(row["years"])
    return Dataset(key=key, projected_from=row.pop("projected_from", None), size_bytes=row.pop("size_bytes", None), **row)


def _row(key: str) -> dict[str, Any]:
    written = dict(tables()[key])
    like = written.pop("like", None)
    return {**(tables()["defaults"] if like is None else _row(like)), **written}
