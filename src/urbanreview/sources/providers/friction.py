"""Friction surfaces of the Malaria Atlas Project: windows of a coverage service, or the whole file in a zip."""

import math
import zipfile
from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path, PurePosixPath

import shapely

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.mosaic import mosaic
from urbanreview.sources.remote import Bounds, Place, Remote, Wanted, Web

WEST, SOUTH, EAST, NORTH = REACH = (-180, -60, 180, 85)
"""What the surface covers [degrees]."""
STEPS_PER_DEGREE = 40
"""Edges of windows lie on every third cell: 0.025 degrees, which three decimals write exactly."""
CELLS_PER_STEP = 3
LARGEST_STEPS = 10 * STEPS_PER_DEGREE
"""The service gives at most 10 degrees at a time."""
CELL_BYTES = 4


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the windows that the country touches, or the whole file; the ledger tells of land beyond the surface."""
    address = web.hosts(dataset.address)
    ledger = Ledger()
    south, north = place.outline.total_bounds[[1, 3]]
    if south < SOUTH or north > NORTH:
        cause = f"the country reaches beyond {NORTH} degrees north or {-SOUTH} south, where there is no friction"
        ledger = ledger.add(dataset.key, cause, "country", 1)
    if dataset.form == "zip":
        return Wanted((Remote((address,), f"{dataset.key}/friction.zip", "zip", dataset.size_bytes),), ledger)
    remotes = []
    for window in windows(place):
        west, south, east, north = (f"{edge:.3f}" for edge in window)
        cells = (window[2] - window[0]) * (window[3] - window[1]) * (STEPS_PER_DEGREE * CELLS_PER_STEP) ** 2
        filled = address.format(west=west, south=south, east=east, north=north)
        name = f"{dataset.key}/windows/{west}_{south}_{east}_{north}.tif"
        remotes.append(Remote((filled,), name, dataset.form, round(cells) * CELL_BYTES))
    return Wanted(tuple(remotes), ledger)


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Put the windows together; one that is not there is missing cells, and the ledger says so."""
    if dataset.form == "zip":
        tiles = [member for path in files.values() for member in _members(path)]
        needed = 1
    else:
        tiles = [str(files[name]) for name in sorted(files)]
        needed = len(windows(place))
    if tiles:
        mosaic(tiles, folder / dataset.local, bounds=place.bounds, nodata=dataset.nodata[0])
    return Ledger().add(dataset.key, "windows that are missing", "file", needed - len(tiles))


def windows(place: Place) -> list[Bounds]:
    """Return windows of equal parts, on edges of cells, that the outline and its margin touch.

    They are west to east, then south to north; parts differ by one step of 0.025 degrees at most.
    """
    west, south, east, north = place.bounds
    longitudes = _edges(max(west, WEST), min(east, EAST))
    latitudes = _edges(max(south, SOUTH), min(north, NORTH))
    outline = place.outline.total_bounds
    margins = (outline[0] - west, outline[1] - south, east - outline[2], north - outline[3])
    shape = shapely.union_all(place.outline.values)
    found = []
    for (low, high), (left, right) in product(pairwise(latitudes), pairwise(longitudes)):
        reach = shapely.box(left - margins[2], low - margins[3], right + margins[0], high + margins[1])
        if reach.intersects(shape):
            found.append((left, low, right, high))
    return found


def _edges(first: float, last: float) -> list[float]:
    """Return the edges of equal parts of at most 10 degrees that hold a stretch [degrees].

    >>> _edges(46.49, 87.32)[:3], len(_edges(46.49, 87.32)), _edges(3.0, 13.0)
    ([46.475, 54.65, 62.825], 6, [3.0, 13.0])
    """
    begin = math.floor(round(first * STEPS_PER_DEGREE, 6))
    end = math.ceil(round(last * STEPS_PER_DEGREE, 6))
    parts = max(1, math.ceil((end - begin) / LARGEST_STEPS))
    return [round((begin + round((end - begin) * part / parts)) / STEPS_PER_DEGREE, 3) for part in range(parts + 1)]


def _members(path: Path) -> list[str]:
    """Return the rasters in an archive, as GDAL opens them."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if PurePosixPath(name).suffix.lower() in (".tif", ".tiff")]
    return [f"/vsizip/{path.as_posix()}/{name}" for name in names]
