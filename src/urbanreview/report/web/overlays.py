"""Pictures of rasters that lie over the map of the page: in web Mercator, with few colours, nothing beyond the country."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import rasterio.crs
import rasterio.features
import rasterio.warp
import shapely
import xarray as xr
from affine import Affine
from rasterio.enums import Resampling

from urbanreview.grid import as_crs, cell_area_km2, geobox_of
from urbanreview.report.class_map import MOST_URBAN, TRAVEL_COLOURS, TRAVEL_MIN, degree_name
from urbanreview.report.columns import parts_of
from urbanreview.report.extras import require
from urbanreview.report.highlights import LIGHTS
from urbanreview.report.ink import NO_DATA
from urbanreview.report.rasters import DEGREE_OF_URBANISATION, URBAN_EXTENTS
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY, primary_column
from urbanreview.report.web.message_words import printed
from urbanreview.report.web.outlines import Frame, frame_of
from urbanreview.report.web.strings import ENGLISH, said_in, texts

PIXELS_AT_MOST, PIXELS_PER_CELL = 1_200, 3
EARTH_RADIUS_M = 6_378_137.0
"""Of the sphere of web Mercator."""
NORTHMOST_DEGREES = 85.0
LONG_WAY_ROUND = "+proj=longlat +datum=WGS84 +lon_wrap=180 +no_defs"
PEOPLE_PER_KM2 = (1.0, 10.0, 50.0, 300.0, 1_500.0, 5_000.0)
PEOPLE_COLOURS = ("#fee8c8", "#fdc68c", "#fc8d59", "#e34a33", "#b30000", "#5f0000")
LIGHT_NW = (0.3, 1.0, 3.0, 10.0, 30.0)
"""Limits of the classes of light [nW/cm2/sr] above the floor: as the eye they go by ratios."""
LIGHT_COLOURS = ("#141c33", "#46305f", "#7c3f70", "#b9525f", "#e57f45", "#f8b84e", "#fdf0a4")
"""From dark ground to the brightest."""
CATCHMENT_COLOURS = ("#8dd3c7", "#ffd92f", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5")
PICTURE_ONLY = "A picture: mean density of the cells below each dot; numbers of zones are sums of cells."
"""The sum of such a picture is not the number of people."""


Legend: TypeAlias = Sequence[tuple[str, str]]
"""Words and colours."""


@dataclass(frozen=True)
class Picture:
    """The grid of all pictures of a map.

    Attributes
    ----------
    frame : Frame
        The map.
    rows, cols : int
    """

    frame: Frame
    rows: int
    cols: int

    @property
    def edges_m(self) -> tuple[float, float, float, float]:
        """West, south, east, north [m of web Mercator]; its x is 0 on the 180th meridian if the country crosses that."""
        west, south, east, north = self.frame.bounds
        (left, right), (bottom, top) = self.places_m(np.array([[west, south], [east, north]])).T
        return float(left), float(bottom), float(right), float(top)

    def places_m(self, degrees: np.ndarray) -> np.ndarray:
        """Return longitude and latitude, shape (places, 2) [degrees], as x and y [m of web Mercator]."""
        lon = degrees[:, 0] - (180.0 if self.frame.crosses else 0.0)
        lat = np.radians(np.clip(degrees[:, 1], -NORTHMOST_DEGREES, NORTHMOST_DEGREES))
        return EARTH_RADIUS_M * np.column_stack([np.radians(lon), np.arcsinh(np.tan(lat))])

    @property
    def transform(self) -> Affine:
        """From columns and rows to metres."""
        west, south, east, north = self.edges_m
        return Affine((east - west) / self.cols, 0, west, 0, (south - north) / self.rows, north)

    @property
    def crs(self) -> rasterio.crs.CRS:
        """Web Mercator, about the 180th meridian if the country crosses that."""
        middle = 180 if self.frame.crosses else 0
        sphere = f"+proj=merc +a={EARTH_RADIUS_M} +b={EARTH_RADIUS_M} +nadgrids=@null +wktext +units=m +no_defs"
        return rasterio.crs.CRS.from_string(f"{sphere} +lon_0={middle}")

    @property
    def coordinates(self) -> list[list[float]]:
        """The corners, from the north-west clockwise [degrees]."""
        west, south, east, north = self.frame.bounds
        south, north = max(south, -NORTHMOST_DEGREES), min(north, NORTHMOST_DEGREES)
        return [[west, north], [east, north], [east, south], [west, south]]


@dataclass(frozen=True)
class _Ground:
    """What all pictures of a review share: the map, the outline of the country, and the language of their words."""

    frame: Frame
    outline: np.ndarray
    language: str

    def sheet(self, raster: xr.DataArray) -> "_Sheet":
        """Return the sheet that a raster is drawn on."""
        return _Sheet(picture_of(raster, self.frame), self.outline)

    def say(self, text: str) -> str:
        """Return a text of the catalogue in the language."""
        return said_in(self.language)(text)

    def ranges(self, limits: Sequence[float], *, below: bool) -> list[str]:
        """Return the classes between limits in words, from the last limit on, and ``below`` the first one."""
        t, told = texts(self.language), [printed(f"{limit:,g}", self.language) for limit in limits]
        first = [t["controls.class_under"].format(limit=told[0])] if below else []
        return [*first, *(f"{low} – {high}" for low, high in pairwise(told)), t["controls.class_from"].format(limit=told[-1])]


@dataclass(frozen=True)
class _Sheet:
    """A picture grid and what of it the country covers."""

    picture: Picture
    outline: np.ndarray

    @cached_property
    def inside(self) -> np.ndarray:
        """Which dots have their centre in the country: shape (rows, cols)."""
        shapes = [shapely.transform(shape, self.picture.places_m) for shape in self.outline]
        size = (self.picture.rows, self.picture.cols)
        return rasterio.features.geometry_mask(shapes, size, self.picture.transform, invert=True)


def overlays(review: Review, frame: Frame | None = None, *, language: str = ENGLISH) -> list[dict[str, Any]]:
    """Return the pictures of a review's rasters: people, classes, travel time, catchments, lights; those that there are.

    Parameters
    ----------
    review : Review
    frame : Frame, optional
        Of the same review.
    language : str
        Of names, legends and notes.

    Returns
    -------
    list of dict
        ``key, name, url`` (a PNG as data), ``coordinates`` (corners from the north-west clockwise [degrees]), ``legend``
        (pairs of word and colour) and ``note``.

    Raises
    ------
    MissingExtra
        If Pillow, which comes with matplotlib, is not installed.
    """
    frame = frame or frame_of(review)
    zones = review.zones.to_crs(4326)
    country = zones.geometry[zones["level"] == COUNTRY]
    shapes = frame.moved((country if len(country) else zones.geometry).to_numpy())
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return []
    makers = (_people, _degree, _travel, _catchments, _lights)
    ground = _Ground(frame, shapes, language)
    return [found for make in makers if (found := make(review, ground)) is not None]


def picture_of(raster: xr.DataArray, frame: Frame) -> Picture:
    """Return a grid over a map that is about as fine as the raster, with square dots, and small enough for a page.

    >>> from affine import Affine
    >>> from odc.geo.geobox import GeoBox
    >>> from urbanreview.grid import make_raster
    >>> geobox = GeoBox((20, 40), Affine(0.05, 0, 70.0, 0, -0.05, 0.5), "EPSG:4326")
    >>> cells = make_raster(np.zeros((20, 40)), geobox, kind="count", units="people")
    >>> picture = picture_of(cells, Frame((70.0, -0.5, 72.0, 0.5), crosses=False))
    >>> picture.rows, picture.cols, picture.coordinates[0]
    (60, 120, [70.0, 0.5])
    """
    west, south, east, north = Picture(frame, 1, 1).edges_m
    most = min(PIXELS_AT_MOST, PIXELS_PER_CELL * max(raster.shape[-2:]))
    step = max(east - west, north - south) / most
    return Picture(frame, max(round((north - south) / step), 1), max(round((east - west) / step), 1))


def warped(raster: xr.DataArray, picture: Picture, *, is_class: bool, missing: float) -> np.ndarray:
    """Return the values of a raster on the dots of a picture.

    Parameters
    ----------
    raster : DataArray, dims (y, x)
    picture : Picture
    is_class : bool
        A class is that of the cell below the middle of the dot, or the highest where cells are smaller than dots; other
        numbers are the mean of the cells below.
    missing : float
        What stands for no value, in the raster and in the answer.

    Returns
    -------
    ndarray, shape (rows, cols), of the raster's dtype
    """
    geobox = geobox_of(raster)
    found = np.full((picture.rows, picture.cols), missing, raster.dtype)
    is_fine = max(raster.shape) > max(found.shape)
    how = Resampling.average if not is_class else Resampling.max if is_fine else Resampling.nearest
    rasterio.warp.reproject(
        np.ascontiguousarray(raster.values),
        found,
        src_transform=geobox.transform,
        src_crs=_source_crs(raster),
        src_nodata=missing,
        dst_transform=picture.transform,
        dst_crs=picture.crs,
        dst_nodata=missing,
        resampling=how,
    )
    return found


def _source_crs(raster: xr.DataArray) -> rasterio.crs.CRS:
    """Return the reference system of a raster; longitudes beyond 180 are told to go on."""
    geobox = geobox_of(raster)
    crs = as_crs(geobox.crs)
    goes_on = crs.is_geographic and geobox.extent.boundingbox.right > 180.0 + 1e-6
    return rasterio.crs.CRS.from_string(LONG_WAY_ROUND) if goes_on else rasterio.crs.CRS.from_wkt(crs.to_wkt())


def _people(review: Review, ground: _Ground) -> dict[str, Any] | None:
    raster = review.rasters.get(f"inputs/population_{review.population.replace(' ', '_')}")
    if raster is None:
        return None
    density = raster.copy(data=raster.values.astype(float) / cell_area_km2(geobox_of(raster)))
    sheet = ground.sheet(raster)
    codes = np.digitize(np.nan_to_num(warped(density, sheet.picture, is_class=False, missing=np.nan)), PEOPLE_PER_KM2)
    legend = list(zip(ground.ranges(PEOPLE_PER_KM2, below=False), PEOPLE_COLOURS, strict=True))
    note = ground.say(PICTURE_ONLY)
    return _overlay(sheet, codes, PEOPLE_COLOURS, key="population", name=ground.say("People per km²"), legend=legend, note=note)


def _degree(review: Review, ground: _Ground) -> dict[str, Any] | None:
    raster = review.rasters.get(degree_name(review))
    if raster is not None:
        classes = {code: row for code, row in DEGREE_OF_URBANISATION.items() if code >= 10}
        return _classes(ground, raster, classes, key="degree_of_urbanisation", name="Degree of urbanisation")
    raster = review.rasters.get(f"urban_extents_{review.population.replace(' ', '_')}")
    classes = {code: row for code, row in URBAN_EXTENTS.items() if code > 0}
    return None if raster is None else _classes(ground, raster, classes, key="urban_extents", name="Urban extents")


def _classes(
    ground: _Ground, raster: xr.DataArray, classes: Mapping[int, tuple[str, str]], *, key: str, name: str
) -> dict[str, Any]:
    sheet = ground.sheet(raster)
    found = warped(raster, sheet.picture, is_class=True, missing=255)
    codes = np.zeros(found.shape, np.uint8)
    for number, code in enumerate(classes, start=1):
        codes[found == code] = number
    legend = [(ground.say(word), colour) for word, colour in classes.values()][::-1]
    colours = [colour for _, colour in classes.values()]
    return _overlay(sheet, codes, colours, key=key, name=ground.say(name), legend=legend, note=ground.say(MOST_URBAN))


def _travel(review: Review, ground: _Ground) -> dict[str, Any] | None:
    raster = review.rasters.get("travel_time")
    if raster is None:
        return None
    sheet = ground.sheet(raster)
    minutes = warped(raster, sheet.picture, is_class=False, missing=np.nan)
    codes = np.where(np.isnan(minutes), len(TRAVEL_COLOURS) + 1, np.digitize(minutes, TRAVEL_MIN) + 1)
    legend = [*zip(ground.ranges(TRAVEL_MIN, below=True), TRAVEL_COLOURS, strict=True), (ground.say("no way"), NO_DATA)]
    note = ground.say("Minutes to the nearest urban centre.")
    return _overlay(
        sheet, codes, (*TRAVEL_COLOURS, NO_DATA), key="travel_time", name=ground.say("Travel time"), legend=legend, note=note
    )


def _catchments(review: Review, ground: _Ground) -> dict[str, Any] | None:
    raster = review.rasters.get("catchments")
    if raster is None:
        return None
    sheet = ground.sheet(raster)
    found = raster.copy(data=raster.values.astype(np.int32))
    codes = told_apart(warped(found, sheet.picture, is_class=True, missing=0), len(CATCHMENT_COLOURS))
    note = ground.say("Ground with one colour is nearest to one urban centre by travel time; colours come again elsewhere.")
    return _overlay(sheet, codes, CATCHMENT_COLOURS, key="catchments", name=ground.say("Catchments"), legend=[], note=note)


def told_apart(owners: np.ndarray, colours: int) -> np.ndarray:
    """Give areas that touch different colours, as far as there are enough.

    Parameters
    ----------
    owners : ndarray of int, shape (rows, cols)
        Whose each dot is; 0 is nobody's.
    colours : int

    Returns
    -------
    ndarray of uint8, shape (rows, cols)
        From 1 to `colours`; 0 is nobody's.

    Examples
    --------
    >>> told_apart(np.array([[5, 5, 9], [7, 7, 9]]), 3).tolist()
    [[1, 1, 3], [2, 2, 3]]
    """
    pairs = np.vstack(
        [
            np.column_stack([one.ravel(), other.ravel()])
            for one, other in ((owners[1:], owners[:-1]), (owners[:, 1:], owners[:, :-1]))
        ]
    )
    pairs = np.unique(np.sort(pairs[(pairs[:, 0] != pairs[:, 1]) & pairs.all(axis=1)], axis=1), axis=0)
    beside: dict[int, set[int]] = {int(owner): set() for owner in np.unique(owners) if owner}
    for one, other in pairs.tolist():
        beside[one].add(other)
        beside[other].add(one)
    chosen: dict[int, int] = {}
    for owner, others in beside.items():
        taken = {chosen[other] for other in others if other in chosen}
        chosen[owner] = next((colour for colour in range(1, colours + 1) if colour not in taken), 1 + owner % colours)
    table = np.zeros(int(owners.max(initial=0)) + 1, np.uint8)
    table[list(chosen)] = list(chosen.values())
    return table[owners]


def _lights(review: Review, ground: _Ground) -> dict[str, Any] | None:
    """Draw the newest light, if the review has a raster of it."""
    names = sorted(name for name in review.rasters if name.rpartition("/")[2].startswith("lights"))
    if not names:
        return None
    raster = review.rasters[names[-1]].astype(float)
    sheet = ground.sheet(raster)
    found = warped(raster, sheet.picture, is_class=False, missing=np.nan)
    floor = light_floor(review)
    limits = [floor, *(limit for limit in LIGHT_NW if limit > floor)]
    colours = LIGHT_COLOURS[: len(limits) + 1]
    codes = np.where(np.isnan(found), 0, np.digitize(np.nan_to_num(found), limits) + 1)
    legend = list(zip(ground.ranges(limits, below=True), colours, strict=True))
    note = ground.say("Mean radiance of the cells below each dot.")
    return _overlay(sheet, codes, colours, key="lights", name=ground.say("Lights at night"), legend=legend, note=note)


def light_floor(review: Review) -> float:
    """Return the radiance from which on a cell counts as lit [nW/cm2/sr]."""
    column = primary_column(review, LIGHTS)
    return float(parts_of(column.variant).get("floor", 0.1)) if column is not None else 0.1


def _overlay(
    sheet: _Sheet,
    codes: np.ndarray,
    colours: Sequence[str],
    *,
    key: str,
    name: str,
    legend: Sequence[tuple[str, str]],
    note: str,
) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "url": "data:image/png;base64," + b64encode(png(np.where(sheet.inside, codes, 0), colours)).decode("ascii"),
        "coordinates": sheet.picture.coordinates,
        "legend": [list(row) for row in legend],
        "note": note,
    }


def png(codes: np.ndarray, colours: Sequence[str]) -> bytes:
    """Return a picture with a palette: code 0 is transparent, code 1 the first colour.

    Parameters
    ----------
    codes : ndarray of int, shape (rows, cols)
    colours : sequence of str
        As ``#rrggbb``.

    Raises
    ------
    MissingExtra
        If Pillow is not installed.
    """
    require("PIL")
    picture = require("PIL.Image").fromarray(codes.astype(np.uint8))
    picture.putpalette(bytes(3) + b"".join(bytes.fromhex(colour.removeprefix("#")) for colour in colours))
    written = BytesIO()
    picture.save(written, format="PNG", transparency=0)
    return written.getvalue()
