"""A map of travel between anybody's points, without a review around it."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr

from urbanreview.report import paper
from urbanreview.report.class_map import TRAVEL_COLOURS, coloured, minute_classes, minute_words
from urbanreview.report.ink import CENTRE, NAVY, NO_DATA

MAP_INCHES, LEGEND_INCHES, HEAD_INCHES, FOOT_INCHES, SIDE_INCHES = 8.2, 2.6, 0.95, 0.3, 0.25
MARGIN_SHARE = 0.06
TALLEST = 1.15
MOST_NAMES = 40


def draw_ways(minutes: xr.DataArray, ways: gpd.GeoDataFrame, points: gpd.GeoSeries, path: Path, *, title: str) -> None:
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

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.
    """
    at = points.to_crs(4326)
    west, south, east, north = (float(edge) for edge in at.total_bounds)
    margin = max(MARGIN_SHARE * max(east - west, north - south), 0.05)
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    aspect = 1.0 / np.cos(np.radians((south + north) / 2))
    ratio = (north - south) * aspect / (east - west)
    width = min(MAP_INCHES, MAP_INCHES * TALLEST / ratio)
    figure = paper.new_figure(width + LEGEND_INCHES + 2 * SIDE_INCHES, width * ratio + HEAD_INCHES + FOOT_INCHES)
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((SIDE_INCHES / wide, FOOT_INCHES / high, width / wide, width * ratio / high))
    frame = gpd.GeoSeries([shapely.box(west, south, east, north)], crs=4326)
    colours = {0: NO_DATA} | dict(enumerate(TRAVEL_COLOURS, start=1))
    picture = coloured(minute_classes(minutes), frame, colours, (west, south, east, north))
    axes.imshow(picture, extent=(west, east, south, north), aspect=aspect, interpolation="nearest", zorder=1)
    axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
    paper.frame(axes)
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
    paper.legend(figure, rows, left=(SIDE_INCHES + width + 0.2) / wide, top=1 - HEAD_INCHES / high)
    words = f"Points: {len(at):,}; ways: {int(ways.geometry.notna().sum()):,}"
    paper.title(figure, SIDE_INCHES / wide, title, words)
    paper.save(figure, path)
