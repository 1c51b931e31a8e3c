"""Maps of rasters of classes: what every cell of the country is."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from pyproj import Transformer

from urbanreview.grid import as_crs, geobox_of, make_raster
from urbanreview.report import paper
from urbanreview.report.ink import GREY, NAVY, NO_DATA
from urbanreview.report.map_sheet import new_map
from urbanreview.report.rasters import DEGREE_OF_URBANISATION
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, district_level
from urbanreview.report.wording import MISSING, number

PIXELS_ACROSS = 1_300
LEGEND_INCHES, FOOT_INCHES = 2.9, 0.75
URBAN_BY_SHARE = ("#e9e7e1", "#fee0b6", "#fdb863", "#e08214", "#8c2d04")
"""From no scenario to all of them."""
TRAVEL_MIN = (15, 30, 60, 120, 240, 480)
TRAVEL_COLOURS = ("#08306b", "#2171b5", "#6baed6", "#c6dbef", "#fdd49e", "#fc8d59", "#b30000")
MOST_URBAN = "Where several cells share a dot, it shows the most urban one."


def draw_degree(review: Review, path: Path) -> None:
    """Draw the Degree of Urbanisation, level 2, of the first population's cells, with every class's share of the people.

    Parameters
    ----------
    review : Review
        With a raster ``degree_of_urbanisation_<source>_<year>``.
    path : Path
        The PNG to write.
    """
    raster = review.rasters[degree_name(review)]
    shares = _class_shares(review)
    rows = [paper.LegendRow("Class of cell, share of people")]
    colours = {}
    for code in sorted((code for code in DEGREE_OF_URBANISATION if code >= 10), reverse=True):
        name, colour = DEGREE_OF_URBANISATION[code]
        colours[code] = colour
        share = number(shares.get(code), "1", share=True)
        rows.append(paper.LegendRow(name if share == MISSING else f"{name}, {share}", colour))
    _draw(review, raster, colours, rows, "degree of urbanisation", path)


def draw_agreement(review: Review, path: Path) -> None:
    """Draw in how many scenarios a cell is urban.

    Parameters
    ----------
    review : Review
        With a raster ``urban_agreement`` and the table ``scenarios``.
    path : Path
        The PNG to write.
    """
    most = len(review.comparison["scenarios"])
    shade = np.linspace(0, len(URBAN_BY_SHARE) - 1, most + 1).round().astype(int)
    colours = {count: URBAN_BY_SHARE[shade[count]] for count in range(most + 1)}
    rows = [paper.LegendRow("Urban in")]
    rows += [paper.LegendRow(f"{count} of {most} scenarios", colours[count]) for count in range(most, -1, -1)]
    _draw(review, review.rasters["urban_agreement"], colours, rows, "where rules and populations agree", path)


def draw_travel(review: Review, path: Path) -> None:
    """Draw the time to the nearest urban centre, and the ways between the centres.

    Parameters
    ----------
    review : Review
        With a raster ``travel_time`` and the ways ``routes_city_city``.
    path : Path
        The PNG to write.
    """
    codes = minute_classes(review.rasters["travel_time"])
    rows = [paper.LegendRow("Minutes to an urban centre")]
    rows += [paper.LegendRow(word, colour) for word, colour in zip(minute_words(), TRAVEL_COLOURS, strict=True)]
    rows += [paper.LegendRow("no way", NO_DATA), paper.LegendRow("Ways"), paper.LegendRow("between centres", NAVY)]
    colours = {0: NO_DATA} | dict(enumerate(TRAVEL_COLOURS, start=1))
    ways = review.routes.get("routes_city_city")
    _draw(review, codes, colours, rows, "travel time to the nearest urban centre", path, ways=ways, words="")


def minute_classes(minutes: xr.DataArray) -> xr.DataArray:
    """Return the class of every cell's minutes, from 1; 0 where there are none."""
    classes = np.digitize(minutes.values, TRAVEL_MIN).astype(np.uint8) + 1
    classes[np.isnan(minutes.values)] = 0
    return make_raster(classes, geobox_of(minutes), kind="class", units="class of minutes")


def minute_words() -> list[str]:
    """Return the classes of minutes in words.

    >>> minute_words()[0], minute_words()[-1]
    ('0 to 15', 'over 480')
    """
    return [f"{low:,} to {high:,}" for low, high in pairwise([0, *TRAVEL_MIN])] + [f"over {TRAVEL_MIN[-1]:,}"]


def degree_name(review: Review) -> str:
    """Return the name of the raster of classes of the first population, level 2."""
    return f"degree_of_urbanisation_{review.population.replace(' ', '_')}"


def _class_shares(review: Review) -> Mapping[int, float]:
    country = set(review.zones.index[review.zones["level"] == COUNTRY])
    values = review.values
    rows = values[
        values["zone_id"].isin(country)
        & (values["measure"] == "degree.share")
        & (values["source"] == review.population_source)
        & (values["period"] == review.population_period)
    ]
    return {int(variant.partition("=")[2]): float(value) for variant, value in zip(rows["variant"], rows["value"], strict=True)}


def _draw(
    review: Review,
    raster: xr.DataArray,
    colours: Mapping[int, str],
    legend: Sequence[paper.LegendRow],
    what: str,
    path: Path,
    *,
    ways: gpd.GeoDataFrame | None = None,
    words: str = MOST_URBAN,
) -> None:
    country = review.zones.geometry[review.zones["level"] == COUNTRY]
    outline = country if len(country) else review.zones.geometry
    west, south, east, north = (float(edge) for edge in outline.total_bounds)
    sheet = new_map((west, south, east, north), legend_inches=LEGEND_INCHES, foot_inches=FOOT_INCHES)
    figure, axes = sheet.figure, sheet.axes
    sheet.paint(coloured(raster, outline, colours, sheet.bounds))
    units = review.zones.geometry[review.zones["level"] == district_level(review)]
    paper.polygons(axes, units, "none", "#ffffff", line_points=0.35)
    paper.polygons(axes, outline, "none", NAVY, line_points=0.8)
    sheet.legend(legend)
    sheet.title(f"{review.title}: {what}", paper.subtitle(review))
    if ways is not None:
        paper.lines(axes, ways.geometry, NAVY, line_points=1.1)
    paper.write(figure, sheet.left, sheet.up(0.52), words, size=6.5, colour=GREY)
    paper.credit_lines(figure, sheet.left, sheet.up(0.38), review, is_map=True)
    if review.modelled:
        paper.modelled_mark(axes)
    paper.save(figure, path)


def coloured(
    raster: xr.DataArray, outline: gpd.GeoSeries, colours: Mapping[int, str], bounds: tuple[float, float, float, float]
) -> Any:
    """Return the picture of a raster of codes in degrees: uint8, shape (rows, cols, 4), nothing beyond the outline."""
    west, south, east, north = bounds
    ratio = (north - south) / (east - west) / np.cos(np.radians((south + north) / 2))
    rows = int(PIXELS_ACROSS * max(ratio, 0.2))
    lon = west + (np.arange(PIXELS_ACROSS) + 0.5) * (east - west) / PIXELS_ACROSS
    lat = north - (np.arange(rows) + 0.5) * (north - south) / rows
    codes, geobox = raster.values, geobox_of(raster)
    factor = max(codes.shape[1] // PIXELS_ACROSS, 1)
    x, y = np.meshgrid(lon, lat)
    inside = shapely.contains_xy(outline.union_all(), x, y)
    if not as_crs(geobox.crs).is_geographic:
        x, y = Transformer.from_crs(4326, as_crs(geobox.crs), always_xy=True).transform(x, y)
    to_pixel = ~geobox.transform
    with np.errstate(invalid="ignore"):
        col, row = np.floor(to_pixel.a * x + to_pixel.c), np.floor(to_pixel.e * y + to_pixel.f)
    inside &= (row >= 0) & (row < codes.shape[0]) & (col >= 0) & (col < codes.shape[1])
    blocks = _most_urban(codes, factor)
    found = blocks[row[inside].astype(int) // factor, col[inside].astype(int) // factor]
    table = np.zeros((256, 4), np.uint8)
    for code, colour in colours.items():
        table[code] = (*bytes.fromhex(colour.removeprefix("#")), 255)
    picture = np.zeros((*inside.shape, 4), np.uint8)
    picture[inside] = table[found]
    return picture


def _most_urban(codes: np.ndarray, factor: int) -> np.ndarray:
    """Return the largest code of every block of cells; what is no place on the earth is none."""
    rows, cols = (-(-size // factor) for size in codes.shape)
    padded = np.zeros((rows * factor, cols * factor), np.uint8)
    padded[: codes.shape[0], : codes.shape[1]] = np.where(codes == 255, 0, codes)
    return padded.reshape(rows, factor, cols, factor).max(axis=(1, 3))
