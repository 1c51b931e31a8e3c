"""The map of a review: how densely the districts are settled, and where the cities are."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Geod

from urbanreview.report import paper
from urbanreview.report.highlights import largest_centres
from urbanreview.report.ink import CENTRE, CLUSTER, NAVY, NO_DATA, PURPLE, class_breaks, class_colours, class_labels, round_down
from urbanreview.report.labels import place, text_size
from urbanreview.report.result import Review
from urbanreview.report.tables import SETTLEMENTS, district_level, own_levels, primary_column, wide_table
from urbanreview.units import METRES_PER_KM

NAMED_CENTRES = 15
MOST_WIDTH_INCHES, MOST_HEIGHT_INCHES, LEGEND_INCHES = 8.6, 8.6, 2.3
HEAD_INCHES, FOOT_INCHES, SIDE_INCHES = 0.95, 1.0, 0.25
MARGIN_SHARE = 0.04
DASHES = ((4.0, 1.6), (1.2, 1.2), (6.0, 1.4, 1.2, 1.4))
"""Of the outlines of the user's own zones, set by set."""
MANY_ZONES, SET_LETTERS = 100, 20
TALLEST, WIDEST = 1.5, 2.6
"""A frame is at most so many times as high as wide, and as wide as high; longer countries get room beside them."""


@dataclass(frozen=True)
class _Sheet:
    """The shapes of a map and the frame they stand in [degrees]."""

    zones: gpd.GeoDataFrame
    points: gpd.GeoSeries
    west: float
    south: float
    east: float
    north: float

    @property
    def aspect(self) -> float:
        """How much longer a degree of latitude is than a degree of longitude, in the middle of the map."""
        return 1.0 / np.cos(np.radians((self.south + self.north) / 2))


def draw_map(review: Review, path: Path) -> None:
    """Draw districts by people per km2 of land, clusters and centres over them, and the names of the largest.

    Parameters
    ----------
    review : Review
    path : Path
        The PNG to write.

    Raises
    ------
    MissingExtra
        If matplotlib is not installed.

    Notes
    -----
    Longitudes are shortened by the cosine of the middle latitude, so the scale bar holds there. A country on both
    sides of the 180th meridian is drawn in one piece.
    """
    sheet = _sheet(review)
    width, height = _map_size(sheet)
    figure = paper.new_figure(max(width + LEGEND_INCHES + 2 * SIDE_INCHES, 7.6), height + HEAD_INCHES + FOOT_INCHES)
    inches_wide, inches_high = figure.get_size_inches()
    axes = figure.add_axes((SIDE_INCHES / inches_wide, FOOT_INCHES / inches_high, width / inches_wide, height / inches_high))
    axes.set(xlim=(sheet.west, sheet.east), ylim=(sheet.south, sheet.north), aspect=sheet.aspect, xticks=[], yticks=[])
    paper.frame(axes)
    legend = _draw_districts(axes, review, sheet)
    legend += _draw_settlements(axes, review, sheet)
    legend += _draw_own_zones(axes, review, sheet)
    legend_left = (SIDE_INCHES + width + 0.2) / inches_wide
    paper.legend(figure, legend, left=legend_left, top=1 - HEAD_INCHES / inches_high)
    _draw_scale_bar(figure, axes, sheet)
    _draw_names(figure, axes, review, sheet)
    _draw_words(figure, axes, review)
    paper.save(figure, path)


def _sheet(review: Review) -> _Sheet:
    zones, points = review.zones.to_crs(4326), review.points.geometry.to_crs(4326)
    west, _, east, _ = zones.total_bounds
    if east - west > 180:
        zones = zones.set_geometry(gpd.GeoSeries(shapely.transform(zones.geometry.values, _eastwards), zones.index, 4326))
        points = gpd.GeoSeries(shapely.transform(points.values, _eastwards), points.index, crs=4326)
    units = zones[zones["level"] == district_level(review)]
    bounds = (units if len(units) else zones).total_bounds
    west, south, east, north = (float(value) for value in bounds) if np.isfinite(bounds).all() else (-1.0, -1.0, 1.0, 1.0)
    squeeze = float(np.cos(np.radians((south + north) / 2)))
    wide, high = (east - west) * squeeze, north - south
    margin = MARGIN_SHARE * max(wide, high, 0.01)
    beside = max(margin, (high / TALLEST - wide) / 2)
    above = max(margin, (wide / WIDEST - high) / 2)
    return _Sheet(zones, points, west - beside / squeeze, south - above, east + beside / squeeze, north + above)


def _eastwards(coordinates: np.ndarray) -> np.ndarray:
    return np.column_stack([np.where(coordinates[:, 0] < 0, coordinates[:, 0] + 360, coordinates[:, 0]), coordinates[:, 1]])


def _map_size(sheet: _Sheet) -> tuple[float, float]:
    ratio = (sheet.north - sheet.south) * sheet.aspect / (sheet.east - sheet.west)
    width = min(MOST_WIDTH_INCHES, MOST_HEIGHT_INCHES / ratio)
    return width, width * ratio


def _draw_districts(axes: Any, review: Review, sheet: _Sheet) -> list[paper.LegendRow]:
    level = district_level(review)
    if not level:
        return []
    shapes = sheet.zones.loc[sheet.zones["level"] == level].geometry
    density = _densities(review, level).reindex(shapes.index)
    breaks = class_breaks(density.to_numpy(float))
    colours = class_colours(len(breaks) + 1)
    known = density.notna().to_numpy()
    ranks = np.searchsorted(breaks, density.to_numpy(float), side="right")
    fills = [colours[rank] if has else NO_DATA for rank, has in zip(ranks, known, strict=True)]
    paper.polygons(axes, shapes, fills, outline="#ffffff", line_points=0.5)
    coarser = [one for one in sorted(set(sheet.zones["level"])) if one.startswith("adm") and one != level]
    for other in coarser:
        paper.polygons(axes, sheet.zones.loc[sheet.zones["level"] == other].geometry, "none", NAVY, line_points=0.7)
    labels = class_labels(breaks)
    rows = [paper.LegendRow("People per km² of land")]
    rows += [paper.LegendRow(label, colour) for label, colour in zip(labels[::-1], colours[::-1], strict=True)]
    return rows if known.all() else [*rows, paper.LegendRow("no data", NO_DATA)]


def _densities(review: Review, level: str) -> pd.Series:
    table = wide_table(review, level)
    column = primary_column(review, "population.density")
    return table[column.name] if column is not None and column.name in table else pd.Series(np.nan, index=table.index)


def _draw_settlements(axes: Any, review: Review, sheet: _Sheet) -> list[paper.LegendRow]:
    rows = [paper.LegendRow("Settlements")]
    for level, colour, order in (("urban_cluster", CLUSTER, 3), ("urban_centre", CENTRE, 4)):
        shapes = sheet.zones.loc[sheet.zones["level"] == level].geometry
        paper.polygons(axes, shapes, colour, outline=colour, line_points=0.7, order=order)
        rows.append(paper.LegendRow(f"{SETTLEMENTS[level].replace('_', ' ')} ({len(shapes):,})", colour))
    centres = largest_centres(review, most=len(sheet.zones))
    if centres.empty:
        return rows
    most = float(centres["people"].max())
    places = sheet.points.reindex(centres["zone_id"])
    radii = _radius_points(centres["people"].to_numpy(), most)
    paper.circles(axes, places.x, places.y, radii, CENTRE)
    rows.append(paper.LegendRow("Centres by people"))
    round_most = round_down(most) if most > 0 else 1.0
    steps = np.array([round_most, round_most / 10])
    sizes = zip(steps, _radius_points(steps, most), strict=True)
    return rows + [paper.LegendRow(f"{people:,.0f}", CENTRE, float(radius)) for people, radius in sizes]


def _draw_own_zones(axes: Any, review: Review, sheet: _Sheet) -> list[paper.LegendRow]:
    """Draw the outlines of the user's own zones, each set with dashes of its own, thinner where there are many."""
    rows = []
    for number, level in enumerate(own_levels(review)):
        shapes = sheet.zones.loc[sheet.zones["level"] == level].geometry
        dashes = DASHES[number % len(DASHES)]
        line_points = 1.2 if len(shapes) < MANY_ZONES else 0.6
        paper.polygons(axes, shapes, "none", "#ffffff", line_points=line_points + 0.8, order=5)
        paper.polygons(axes, shapes, "none", PURPLE, line_points=line_points, order=5, dashes=dashes)
        name = paper.printable(level.replace("_", " ").replace("-", " "), most=SET_LETTERS)
        rows.append(paper.LegendRow(f"{name} ({len(shapes):,})", PURPLE, dashes=dashes))
    return [paper.LegendRow("Your own zones"), *rows] if rows else []


def _radius_points(people: np.ndarray, most: float) -> np.ndarray:
    return np.maximum(11.0 * np.sqrt(np.maximum(people, 0.0) / max(most, 1.0)), 1.6)


def _draw_scale_bar(figure: Any, axes: Any, sheet: _Sheet) -> None:
    """Draw a bar of a plain length below the map, as long as it is in the middle latitude."""
    middle = (sheet.south + sheet.north) / 2
    span_degrees = min((sheet.east - sheet.west) / 4, 30.0)
    quarter_km = Geod(ellps="WGS84").inv(sheet.west, middle, sheet.west + span_degrees, middle)[2] / METRES_PER_KM
    length_km = round_down(quarter_km)
    box = axes.get_position()
    width = box.width * (span_degrees / (sheet.east - sheet.west)) * length_km / quarter_km
    inches_high = figure.get_size_inches()[1]
    base = box.y0 - 0.17 / inches_high
    paper.legend_box(figure, box.x0, base, width, 0.045 / inches_high, "#333333")
    paper.write(figure, box.x0 + width + 0.01, base - 0.02 / inches_high, f"{length_km:,.6g} km", size=8)


def _draw_names(figure: Any, axes: Any, review: Review, sheet: _Sheet) -> None:
    everyone = largest_centres(review, most=len(sheet.zones))
    if everyone.empty:
        return
    radii = _radius_points(everyone["people"].to_numpy(), float(everyone["people"].max()))[:NAMED_CENTRES]
    centres = everyone.head(NAMED_CENTRES)
    points = sheet.points.reindex(centres["zone_id"])
    renderer = figure.canvas.get_renderer()
    ascii_names = review.zones.get("name_ascii", pd.Series(dtype=object)).reindex(centres["zone_id"])
    texts = [
        paper.map_label(axes, paper.printable(name, plain)) for name, plain in zip(centres["name"], ascii_names, strict=True)
    ]
    pixels = axes.transData.transform(np.column_stack([points.x, points.y]))
    gaps = (radii + 1.5) * figure.dpi / 72
    frame = axes.get_window_extent(renderer)
    boxes = place(
        [(float(x), float(y)) for x, y in pixels],
        [text_size(text, renderer) for text in texts],
        [float(gap) for gap in gaps],
        frame=(frame.x0 + 3, frame.y0 + 3, frame.x1 - 3, frame.y1 - 3),
    )
    for text, box in zip(texts, boxes, strict=True):
        if box is None:
            text.remove()
        else:
            text.set_position(axes.transData.inverted().transform(box[:2]))


def _draw_words(figure: Any, axes: Any, review: Review) -> None:
    inches_wide, inches_high = figure.get_size_inches()
    left = SIDE_INCHES / inches_wide
    has_districts = bool(district_level(review))
    shown = "population density of districts, urban clusters and centres" if has_districts else "urban clusters and centres"
    paper.title(figure, left, f"{review.title}: {shown}", paper.subtitle(review))
    paper.credit_lines(figure, left, 0.55 / inches_high, review, is_map=True)
    if review.modelled:
        paper.modelled_mark(axes)
