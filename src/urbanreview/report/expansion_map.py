"""A map of how built-up land grew, without a review around it."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from urbanreview.grid import as_crs, cell_area_km2, geobox_of, to_crs
from urbanreview.report import paper
from urbanreview.report.class_map import coloured
from urbanreview.report.ink import BOUNDARY_DISCLAIMER, GREY, NAVY
from urbanreview.report.wording import number

MAP_INCHES, LEGEND_INCHES, HEAD_INCHES, FOOT_INCHES, SIDE_INCHES = 8.2, 2.6, 0.95, 0.75, 0.25
TALLEST = 1.0
MARGIN_CELLS = 8
UNKNOWN = 255
EXPANSION: Mapping[int, tuple[str, str]] = {
    0: ("not built-up", "#eceae3"),
    1: ("built-up before", "#a3abb2"),
    2: ("infill", "#0072b2"),
    3: ("extension", "#e69f00"),
    4: ("leapfrog", "#b0175c"),
}
"""Name and colour of the classes of expansion; blue, orange and a dark red stay apart for every kind of colour vision."""


def draw_expansion(
    classes: xr.DataArray, path: Path, *, title: str, subtitle: str, sources: str, outline: gpd.GeoSeries | None = None
) -> None:
    """Draw old built-up land and the infill, extension and leapfrog around it.

    Parameters
    ----------
    classes : DataArray, dims (y, x)
        Codes of `EXPANSION`; 255 is unknown and stays white.
    path : Path
        The PNG to write.
    title, subtitle : str
        What is shown; below it of which dates, and by which rule.
    sources : str
        Names of the inputs, for the credit line.
    outline : GeoSeries, optional
        Boundaries to draw, with a CRS. The map shows the built-up land with a margin, whatever they are.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    window = classes[built_window(classes.values)]
    geobox = geobox_of(window)
    frame = to_crs(gpd.GeoSeries([geobox.extent.geom], crs=as_crs(geobox.crs)), 4326)
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    aspect = 1.0 / np.cos(np.radians((south + north) / 2))
    ratio = (north - south) * aspect / (east - west)
    width = min(MAP_INCHES, MAP_INCHES * TALLEST / ratio)
    figure = paper.new_figure(width + LEGEND_INCHES + 2 * SIDE_INCHES, width * ratio + HEAD_INCHES + FOOT_INCHES)
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((SIDE_INCHES / wide, FOOT_INCHES / high, width / wide, width * ratio / high))
    bounds = (west, south, east, north)
    # Moved up by one, so that the unknown is what the picture leaves out.
    codes = window.copy(data=np.where(window.values == UNKNOWN, 0, window.values + 1).astype(np.uint8))
    colours = {code + 1: colour for code, (_, colour) in EXPANSION.items()}
    picture = coloured(codes, gpd.GeoSeries([shapely.box(*bounds)], crs=4326), colours, bounds)
    axes.imshow(picture, extent=(west, east, south, north), aspect=aspect, interpolation="nearest", zorder=1)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    paper.frame(axes)
    if outline is not None:
        paper.polygons(axes, to_crs(outline, 4326), "none", NAVY, line_points=0.8)
    paper.legend(figure, _legend(classes), left=(SIDE_INCHES + width + 0.2) / wide, top=1 - HEAD_INCHES / high)
    paper.title(figure, SIDE_INCHES / wide, title, subtitle)
    _credit(figure, sources)
    paper.save(figure, path)


def built_window(codes: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of all built-up land with a margin; the whole raster if there is none.

    >>> built_window(np.pad(np.ones((1, 2)), 20))
    (slice(12, 29, None), slice(12, 30, None))
    """
    built = (codes > 0) & (codes != UNKNOWN)
    if not built.any():
        return slice(None), slice(None)
    edges = [np.flatnonzero(built.any(axis=axis))[[0, -1]] for axis in (1, 0)]
    rows, cols = (slice(max(int(first) - MARGIN_CELLS, 0), int(last) + 1 + MARGIN_CELLS) for first, last in edges)
    return rows, cols


def _legend(classes: xr.DataArray) -> list[paper.LegendRow]:
    """Rows with the area of every class, and the share of the new land for those that are new."""
    cell_km2 = np.broadcast_to(cell_area_km2(geobox_of(classes)), classes.shape)
    area_km2 = {code: float(cell_km2[classes.values == code].sum()) for code in EXPANSION}
    new_km2 = sum(area_km2[code] for code in EXPANSION if code > 1)
    rows = [paper.LegendRow(f"New built-up land, {number(new_km2, 'km2')} km²")]
    for code, (name, colour) in EXPANSION.items():
        if code > 1:
            share = f" ({number(area_km2[code] / new_km2, share=True)})" if new_km2 else ""
            rows.append(paper.LegendRow(f"{name}, {number(area_km2[code], 'km2')} km²{share}", colour))
    rows.append(paper.LegendRow("Other land"))
    rows.append(paper.LegendRow(f"{EXPANSION[1][0]}, {number(area_km2[1], 'km2')} km²", EXPANSION[1][1]))
    rows.append(paper.LegendRow(*EXPANSION[0]))
    if (classes.values == UNKNOWN).any():
        rows.append(paper.LegendRow("unknown", "#ffffff"))
    return rows


def _credit(figure: Any, sources: str) -> None:
    wide, high = figure.get_size_inches()
    text = f"Source: urbanreview from {sources}. {BOUNDARY_DISCLAIMER}"
    for line, words in enumerate(wrap(text, width=int((wide - 2 * SIDE_INCHES) * 17.5))[:4]):
        paper.write(figure, SIDE_INCHES / wide, (0.52 - 0.135 * line) / high, words, size=6.5, colour=GREY)
