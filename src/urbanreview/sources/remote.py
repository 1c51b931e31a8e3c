"""What is fetched: a country's need of a dataset, file by file, before anything is read from a server."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import geopandas as gpd

from urbanreview.grid import bounds_with_margin
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset

Bounds = tuple[float, float, float, float]
"""West, south, east, north [degrees]."""


@dataclass(frozen=True)
class Place:
    """The country that data are fetched for.

    Attributes
    ----------
    iso3 : str
    outline : GeoSeries, EPSG:4326
        Tiles are those that it touches.
    margin_km : float
        How far beyond it windows reach.
    """

    iso3: str
    outline: gpd.GeoSeries
    margin_km: float

    @property
    def bounds(self) -> Bounds:
        """Box around the outline with its margin."""
        return bounds_with_margin(self.outline, self.margin_km)


@dataclass(frozen=True, slots=True)
class Remote:
    """One file, or one window of a file, on a server.

    Attributes
    ----------
    addresses : tuple of str
        Where it is: first at the provider, then at mirrors.
    name : str
        Where it goes in the cache: slashes between folders, the dataset's key first.
    form : str
        ``tiff, zip, netcdf, json, text, gzip, gpkg``: what its first bytes must say it is.
    size_bytes : int, optional
        Where a listing or the catalogue tells; of a window an estimate.
    window : Bounds, optional
        Only this part of a cloud-optimized raster is read, and kept as a GeoTIFF.
    period : str
        Year or month that it is of; empty if it has none.
    """

    addresses: tuple[str, ...]
    name: str
    form: str
    size_bytes: int | None = None
    window: Bounds | None = None
    period: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a provider would fetch, and what it noted: dates that there are not, months under another name."""

    remotes: tuple[Remote, ...]
    ledger: Ledger = field(default_factory=Ledger)


class Web(Protocol):
    """Small requests that a provider makes to know what there is: an index of tiles, the keys of a bucket."""

    def text(self, addresses: Sequence[str], name: str) -> str:
        """Return a small text file, kept under a name of the cache."""

    def listing(self, address: str, name: str, *, prefix: str) -> dict[str, int]:
        """Return keys and sizes [bytes] under a prefix of an S3-compatible bucket, kept under a name of the cache."""

    @property
    def hosts(self) -> Callable[[str], str]:
        """Fill the hosts into an address template of the catalogue."""


class Provider(Protocol):
    """Whoever offers a dataset."""

    def wanted(self, dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
        """Return what would be fetched for a country and some periods: ``2020``, ``2020-01``, or nothing."""

    def make(
        self, dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path
    ) -> Ledger:
        """Make the local files of a country of what was fetched: a raster per period, or one vector file.

        ``files`` are paths by the names of `Remote`, of those that are there; a period without its files is not made.
        ``folder`` is where they go, under the names of the catalogue's ``local`` template: ``2020.tif``, ``2020-01.tif``. Files
        that are there already, newer than all that they are made of, are not made again.
        """
