"""GHSL of the Joint Research Centre: epochs in zipped tiles, of 1,000 km in Mollweide's projection or of ten degrees."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import geopandas as gpd
import shapely

from urbanreview.grid import to_crs
from urbanreview.ledger import Ledger
from urbanreview.sources.address import locate
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.mosaic import mosaic
from urbanreview.sources.remote import Place, Remote, Wanted, Web
from urbanreview.sources.years import years_there

_ROWS, _COLUMNS = 18, 36
_MOLLWEIDE_WEST, _MOLLWEIDE_NORTH, _MOLLWEIDE_SIDE = -18_041_000.0, 9_000_000.0, 1_000_000.0
"""Corner of the first tile and side of a tile [m]."""
_MOLLWEIDE_EAST = 18_041_000.0
"""The last column is wider than the others."""
_DEGREES_WEST, _DEGREES_NORTH, _DEGREES_SIDE = -180.00791625, 89.099583, 10.0
"""Corner of the first tile and side of a tile [degrees], as measured on tiles of 3 arc-seconds."""


def tiles_of(outline: gpd.GeoSeries, crs: str) -> list[tuple[int, int]]:
    """Return the tiles that a country touches.

    Parameters
    ----------
    outline : GeoSeries
        With a CRS.
    crs : str
        Of the tiles: ``ESRI:54009`` or ``EPSG:4326``.

    Returns
    -------
    list of (int, int)
        Row and column, from 1, in order. Tiles without land do not exist, and nothing tells them here.

    Examples
    --------
    >>> berlin = gpd.GeoSeries([shapely.box(13.1, 52.3, 13.8, 52.7)], crs=4326)
    >>> tiles_of(berlin, "ESRI:54009"), tiles_of(berlin, "EPSG:4326")
    ([(3, 20)], [(4, 20)])
    """
    shape = shapely.make_valid(to_crs(outline, crs).union_all())
    boxes = {(row, column): _box(row, column, crs) for row, column in product(range(1, _ROWS + 1), range(1, _COLUMNS + 1))}
    return [place for place, box in boxes.items() if shape.intersects(box)]


def _box(row: int, column: int, crs: str) -> shapely.Polygon:
    """Return the area of a tile."""
    in_metres = crs == "ESRI:54009"
    west, north, side = (
        (_MOLLWEIDE_WEST, _MOLLWEIDE_NORTH, _MOLLWEIDE_SIDE) if in_metres else (_DEGREES_WEST, _DEGREES_NORTH, _DEGREES_SIDE)
    )
    left, top = west + (column - 1) * side, north - (row - 1) * side
    right = _MOLLWEIDE_EAST if in_metres and column == _COLUMNS else left + side
    return shapely.box(left, top - side, right, top)


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
    """Return the tiles of a country, for each epoch that is asked for and that there is."""
    years, ledger = years_there(dataset, periods)
    tiles = tiles_of(place.outline, dataset.crs)
    return Wanted(tuple(_remotes(dataset, tiles, years, web)), ledger)


def _remotes(dataset: Dataset, tiles: Sequence[tuple[int, int]], years: Sequence[int], web: Web) -> Iterator[Remote]:
    for year, (row, column) in product(years, tiles):
        templates = [web.hosts(template) for template in (dataset.address, dataset.mirror) if template]
        yield Remote(
            addresses=tuple(template.format(year=year, row=row, column=column) for template in templates),
            name=_name(dataset, year, row, column),
            form=dataset.form,
            size_bytes=dataset.size_bytes,
            period=str(year),
        )


def _name(dataset: Dataset, year: int, row: int, column: int) -> str:
    """Return the name of a tile in the cache."""
    file = dataset.address.rpartition("/")[2].format(year=year, row=row, column=column)
    return f"{dataset.key}/{year}/{file}"


def make(dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path) -> Ledger:
    """Put the tiles of each epoch together; where one is missing nothing is known, and the ledger says so."""
    years, ledger = years_there(dataset, periods)[0], Ledger()
    tiles = tiles_of(place.outline, dataset.crs)
    for year in years:
        names = [_name(dataset, year, row, column) for row, column in tiles]
        there = [files[name] for name in names if name in files]
        if not there:
            continue
        for name in names:
            if name not in files:
                ledger = ledger.add(dataset.key, f"no tile {name}: its cells are missing", "tile", 1)
        mosaic(
            [locate(path, suffixes=(".tif",)).gdal for path in there],
            folder / dataset.local.format(year=year),
            bounds=place.bounds,
            nodata=next(iter(dataset.nodata), None),
            tags={"kind": dataset.kind},
        )
    return ledger
