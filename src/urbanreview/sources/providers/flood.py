"""Flood maps, one per return period: tiles of the JRC with its permanent water, and the world of Aqueduct by window.

Which tiles there are, and how they are called, stands in the index of the JRC alone: ids and names changed with each version.
The index is fetched beside the tiles, so that a map of which a tile is missing is known, and not made: its hole would look dry.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
from shapely.errors import ShapelyError
from shapely.geometry import shape

from urbanreview.errors import WrongContent
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset, catalogue
from urbanreview.sources.linked import link_file
from urbanreview.sources.mosaic import mosaic
from urbanreview.sources.remote import Place, Remote, Wanted, Web
from urbanreview.sources.windowed import share_of, window_folder

WATER = "-permanent-water"
"""End of the key of the water that belongs to flood maps."""
TILED_YEARS = (10, 20, 50, 75, 100, 200, 500)
WHOLE_YEARS = (2, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Return periods of the JRC and of Aqueduct [year]."""
WORLD = (-180.0, -90.0, 180.0, 90.0)
INDEX_BYTES = 88_000
_NO_TILE = 255.0
"""Of water where there is no tile, if the tiles name no nodata value."""


@dataclass(frozen=True, slots=True)
class _Tile:
    """What the index says of a tile."""

    id: str
    name: str


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
    """Return what is fetched for return periods such as ``rp100``: tiles that the outline touches, or windows.

    Permanent water comes with the depths of tiles, once. The ledger tells of return periods that there are not.
    """
    numbers, ledger = _known(dataset, periods)
    if not dataset.index:
        return Wanted(tuple(_window(dataset, place, number, web) for number in numbers), ledger)
    address, name = web.hosts(dataset.index), _index_name(dataset)
    tiles = _tiles_of(web.text([address], name), place.outline, address)
    if not tiles:
        return Wanted((), ledger.add(dataset.key, "no tile reaches the country", "country", 1))
    remotes = [Remote((address,), name, "json", size_bytes=INDEX_BYTES)]
    for layer, number in _layers(dataset, numbers):
        remotes += [_tile(layer, tile, number, web) for tile in tiles]
    return Wanted(tuple(remotes), ledger)


def make(dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path) -> Ledger:
    """Make a map per return period, and one of permanent water; a map that lacks a tile is left out."""
    numbers, _ = _known(dataset, periods)
    if dataset.index:
        return _make_of_tiles(dataset, place, numbers, files=files, folder=folder)
    for number in numbers:
        name = _window_name(dataset, place, number)
        if name in files:
            link_file(files[name], folder / dataset.local.format(return_period=number))
    return Ledger()


def _make_of_tiles(
    dataset: Dataset, place: Place, numbers: Sequence[int], *, files: Mapping[str, Path], folder: Path
) -> Ledger:
    """Put the tiles of every layer together if all of them are here."""
    index = files.get(_index_name(dataset))
    if index is None:
        return Ledger().add(dataset.key, "nothing is made without the index of the tiles", "file", 1)
    tiles = _tiles_of(index.read_text(encoding="utf-8"), place.outline, str(index))
    ledger = Ledger()
    for layer, number in _layers(dataset, numbers):
        found = [str(files[name]) for tile in tiles if (name := _tile_name(layer, tile, number)) in files]
        made = layer.local.format(return_period=number)
        if found and len(found) == len(tiles):
            nodata = _NO_TILE if number is None else layer.nodata[0]
            mosaic(found, folder / made, bounds=place.bounds, nodata=nodata)
        else:
            cause = f"{made} is not made: tiles are missing, of {len(tiles)}"
            ledger = ledger.add(layer.key, cause, "file", len(tiles) - len(found))
    return ledger


def _known(dataset: Dataset, periods: Sequence[str]) -> tuple[list[int], Ledger]:
    """Return the return periods that there are [year], in order, and tell of others."""
    if not _by_return_period(dataset):
        return [], Ledger()
    known = {f"rp{number}": number for number in (TILED_YEARS if dataset.index else WHOLE_YEARS)}
    ledger = Ledger()
    for period in sorted(set(periods) - set(known)):
        ledger = ledger.add(dataset.key, f"there is no map of {period}: there are {', '.join(known)}", "map", 1)
    return [number for period, number in known.items() if period in periods], ledger


def _by_return_period(dataset: Dataset) -> bool:
    return "{return_period" in dataset.address


def _layers(dataset: Dataset, numbers: Sequence[int]) -> Iterator[tuple[Dataset, int | None]]:
    """Give what is made of tiles: a map per return period, and the permanent water once."""
    for number in numbers:
        yield dataset, number
    if not _by_return_period(dataset):
        yield dataset, None
    elif "permanent_water" in dataset.settings:
        yield catalogue()[f"{dataset.key}{WATER}"], None


def _index_name(dataset: Dataset) -> str:
    return f"{dataset.key}/index/{dataset.index.rpartition('/')[2]}"


def _tiles_of(index: str, outline: gpd.GeoSeries, address: str) -> list[_Tile]:
    """Read the tiles that an outline touches."""
    try:
        tiles = [
            (_Tile(f"{int(each['properties']['id'])}", str(each["properties"]["name"])), shape(each["geometry"]))
            for each in json.loads(index)["features"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, ShapelyError) as error:
        raise WrongContent(
            address, got=f"{type(error).__name__}: {error}", expected="tiles with id, name and a shape"
        ) from None
    country = outline.union_all()
    return [tile for tile, extent in tiles if extent.intersects(country)]


def _tile(layer: Dataset, tile: _Tile, number: int | None, web: Web) -> Remote:
    """Return one tile, of permanent water without a number."""
    templates = [web.hosts(template) for template in (layer.address, layer.mirror) if template]
    return Remote(
        addresses=tuple(template.format(id=tile.id, name=tile.name, return_period=number) for template in templates),
        name=_tile_name(layer, tile, number),
        form=layer.form,
        size_bytes=layer.size_bytes,
        period="" if number is None else f"rp{number}",
    )


def _tile_name(layer: Dataset, tile: _Tile, number: int | None) -> str:
    file = layer.address.rpartition("/")[2].format(id=tile.id, name=tile.name, return_period=number)
    return f"{layer.key}/{file}" if number is None else f"{layer.key}/rp{number}/{file}"


def _window(dataset: Dataset, place: Place, number: int, web: Web) -> Remote:
    """Return the window of a map of the world."""
    return Remote(
        addresses=(web.hosts(dataset.address).format(return_period=number),),
        name=_window_name(dataset, place, number),
        form=dataset.form,
        size_bytes=round((dataset.size_bytes or 0) * share_of(place.bounds, WORLD)),
        window=place.bounds,
        period=f"rp{number}",
    )


def _window_name(dataset: Dataset, place: Place, number: int) -> str:
    file = dataset.address.rpartition("/")[2].format(return_period=number)
    return f"{dataset.key}/rp{number}/{window_folder(place.bounds)}/{file}"
