"""A web coverage service, as far as the friction surface needs one: windows of one raster, by degrees, ten at most."""

import re
from collections.abc import Callable
from pathlib import Path

import rasterio
from rasterio.io import MemoryFile

PATH = "geoserver/Accessibility/ows"
LARGEST_DEGREES = 10.0
_SUBSET = re.compile(r"(Long|Lat)\((-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)\)")
_PART_OF_A_CELL = 1e-3


def coverage(raster: Path, name: str) -> Callable[[dict[str, list[str]]], bytes]:
    """Return what answers GetCoverage of WCS 2.0.1 by its query: a GeoTIFF, or the service's report of a fault."""

    def answer(query: dict[str, list[str]]) -> bytes:
        asked = {word: values[-1] for word, values in query.items()}
        fixed = {"service": "WCS", "version": "2.0.1", "request": "GetCoverage", "coverageId": name, "format": "image/geotiff"}
        wrong = next((word for word, value in fixed.items() if asked.get(word) != value), "")
        edges = {found[1]: (float(found[2]), float(found[3])) for found in map(_SUBSET.fullmatch, query["subset"]) if found}
        if wrong or set(edges) != {"Long", "Lat"}:
            return _fault(wrong or "subset")
        if max(high - low for low, high in edges.values()) > LARGEST_DEGREES:
            return _fault("more than 10 degrees at a time")
        return _window(raster, edges)

    return answer


def _window(raster: Path, edges: dict[str, tuple[float, float]]) -> bytes:
    """Cut the cells between edges that lie on edges of cells; others would be resampled by the true service."""
    (west, east), (south, north) = edges["Long"], edges["Lat"]
    with rasterio.open(raster) as whole:
        window = rasterio.windows.from_bounds(west, south, east, north, whole.transform)
        exact = window.round_offsets().round_lengths()
        missed = max(abs(a - b) for a, b in zip(window.flatten(), exact.flatten(), strict=True))
        if missed > _PART_OF_A_CELL:
            return _fault("edges between cells")
        cells = whole.read(window=exact, boundless=True, fill_value=whole.nodata)
        profile = {"driver": "GTiff", "width": exact.width, "height": exact.height, "transform": whole.window_transform(exact)}
        shared = {"count": 1, "dtype": whole.dtypes[0], "crs": whole.crs, "nodata": whole.nodata}
    with MemoryFile() as memory:
        with memory.open(**profile, **shared) as file:
            file.write(cells)
        return bytes(memory.getbuffer())


def _fault(what: str) -> bytes:
    """Return a fault as the service reports it: XML, under status 200."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><ows:ExceptionReport xmlns:ows="http://www.opengis.net/ows/2.0">'
        f'<ows:Exception exceptionCode="InvalidParameterValue">{what}</ows:Exception></ows:ExceptionReport>'
    ).encode()
