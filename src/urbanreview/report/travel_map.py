"""A map of travel between anybody's points, without a review around it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from urbanreview.report import paper
from urbanreview.report.class_map import TRAVEL_COLOURS, coloured, minute_classes, minute_words
from urbanreview.report.ink import BOUNDARY_DISCLAIMER, CENTRE, NAVY, NO_DATA
from urbanreview.report.map_sheet import new_map

LEGEND_INCHES, FOOT_INCHES = 2.6, 0.3
MARGIN_SHARE = 0.06
MOST_NAMES = 40


def draw_ways(
    minutes: xr.DataArray,
    ways: gpd.GeoDataFrame,
    points: gpd.GeoSeries,
    path: Path,
    *,
    title: str,
    disclaimer: str = BOUNDARY_DISCLAIMER,
) -> None:
    """Draw the time to the nearest point, the ways, and the points with their ids.

    Parameters
    ----------
    minutes : DataArray, dims (y, x) [min]
    ways : GeoDataFrame
        Lines; missing ones are left out.
    points : GeoSeries
        By id, with a CRS.
    path : Path
        The PNG to write.
    title : str
    disclaimer : str
        What stands below about boundaries and names.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    at = points.to_crs(4326)
    west, south, east, north = (float(edge) for edge in at.total_bounds)
    margin = max(MARGIN_SHARE * max(east - west, north - south), 0.05)
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    sheet = new_map((west, south, east, north), legend_inches=LEGEND_INCHES, foot_inches=FOOT_INCHES)
    axes = sheet.axes
    frame = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=4326)
    colours = {0: NO_DATA} | dict(enumerate(TRAVEL_COLOURS, start=1))
    sheet.paint(coloured(minute_classes(minutes), frame, colours, sheet.bounds))
    paper.lines(axes, ways.geometry, NAVY, line_points=1.1)
    paper.circles(axes, at.x, at.y, np.full(len(at), 2.6), CENTRE)
    for name, point in list(at.items())[:MOST_NAMES]:
        label = paper.map_label(axes, paper.printable(str(name)))
        side = -1 if point.x > east - 0.15 * (east - west) else 1
        label.set(x=point.x + side * 0.006 * (east - west), y=point.y + 0.004 * (north - south))
        label.set_horizontalalignment("left" if side > 0 else "right")
    rows = [paper.LegendRow("Minutes to the nearest point")]
    rows += [paper.LegendRow(word, colour) for word, colour in zip(minute_words(), TRAVEL_COLOURS, strict=True)]
    rows += [paper.LegendRow("no way", NO_DATA), paper.LegendRow("Ways"), paper.LegendRow("fastest", NAVY)]
    sheet.legend(rows)
    words = f"Points: {len(at):,}; ways: {int(ways.geometry.notna().sum()):,}"
    sheet.title(title, words)
    paper.small_print(sheet.figure, sheet.left, sheet.up(0.14), disclaimer)
    paper.save(sheet.figure, path)
