"""WorldPop: one file per country and year, or a part of the mosaic of the world."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.linked import link_file
from urbanreview.sources.remote import Bounds, Place, Remote, Wanted, Web
from urbanreview.sources.windowed import share_of, window_folder
from urbanreview.sources.years import years_there

_WORLD = (-180.0, -90.0, 180.0, 90.0)
_LAND_SHARE = 0.3
"""Of the world in degrees, about: the bytes of a mosaic are those of its land."""


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
    """Return the country's file, or its window of the world, for each year that is asked for and that there is."""
    years, ledger = years_there(dataset, periods)
    template = web.hosts(dataset.address)
    window = _window(dataset, place)
    remotes = [
        Remote(
            addresses=(_filled(template, place, year),),
            name=_name(dataset, place, year),
            form=dataset.form,
            size_bytes=_size_bytes(dataset, window),
            window=window,
            period=str(year),
        )
        for year in years
    ]
    return Wanted(tuple(remotes), ledger)


def make(dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path) -> Ledger:
    """Give each year's file its local name: it is the country's already, whole or cut when it was fetched."""
    for year in years_there(dataset, periods)[0]:
        fetched = files.get(_name(dataset, place, year))
        if fetched is not None:
            link_file(fetched, folder / dataset.local.format(year=year))
    return Ledger()


def _window(dataset: Dataset, place: Place) -> Bounds | None:
    """Return the part of the world that is read; None of a file of one country."""
    return None if "{iso3" in dataset.address else place.bounds


def _name(dataset: Dataset, place: Place, year: int) -> str:
    """Return the name in the cache; a window stands in it, since others of the same file are other files."""
    window = _window(dataset, place)
    folders = [dataset.key, str(year), *([] if window is None else [window_folder(window)])]
    return "/".join([*folders, _filled(dataset.address.rpartition("/")[2], place, year)])


def _filled(template: str, place: Place, year: int) -> str:
    return template.format(year=year, iso3=place.iso3, iso3_lower=place.iso3.lower())


def _size_bytes(dataset: Dataset, window: Bounds | None) -> int | None:
    """Return the size of a file, or of a window as if all of it were land.

    >>> from urbanreview.sources.catalogue import dataset_of
    >>> _size_bytes(dataset_of("worldpop-2000-2020"), (46.0, 40.0, 88.0, 56.0))
    30064231
    """
    if window is None or dataset.size_bytes is None:
        return dataset.size_bytes
    return round(dataset.size_bytes * min(share_of(window, _WORLD) / _LAND_SHARE, 1.0))
