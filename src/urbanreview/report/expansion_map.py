"""A map of how built-up land grew, without a review around it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from urbanreview.grid import as_crs, cell_area_km2, geobox_of, to_crs
from urbanreview.report import paper
from urbanreview.report.class_map import coloured
from urbanreview.report.ink import BOUNDARY_DISCLAIMER, NAVY
from urbanreview.report.map_sheet import new_map
from urbanreview.report.rasters import EXPANSION
from urbanreview.report.wording import number

LEGEND_INCHES, FOOT_INCHES = 2.6, 0.75
MARGIN_CELLS = 8
UNKNOWN = 255


def draw_expansion(
    classes: xr.DataArray,
    path: Path,
    *,
    title: str,
    subtitle: str,
    sources: str,
    outline: gpd.GeoSeries | None = None,
    disclaimer: str = BOUNDARY_DISCLAIMER,
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
    disclaimer : str
        What stands below about boundaries.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    window = classes[built_window(classes.values)]
    geobox = geobox_of(window)
    frame = to_crs(gpd.GeoSeries([geobox.extent.geom], crs=as_crs(geobox.crs)), 4326)
    west, south, east, north = (float(edge) for edge in frame.total_bounds)
    sheet = new_map((west, south, east, north), legend_inches=LEGEND_INCHES, foot_inches=FOOT_INCHES, tallest=1.0)
    # Moved up by one, so that the unknown is what the picture leaves out.
    codes = window.copy(data=np.where(window.values == UNKNOWN, 0, window.values + 1).astype(np.uint8))
    colours = {code + 1: colour for code, (_, colour) in EXPANSION.items()}
    sheet.paint(coloured(codes, gpd.GeoSeries([shapely.box(*sheet.bounds)], crs=4326), colours, sheet.bounds))
    if outline is not None:
        paper.polygons(sheet.axes, to_crs(outline, 4326), "none", NAVY, line_points=0.8)
    sheet.legend(_legend(classes))
    sheet.title(title, subtitle)
    paper.small_print(sheet.figure, sheet.left, sheet.up(0.52), f"Source: urbanreview from {sources}. {disclaimer}")
    paper.save(sheet.figure, path)


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
