"""Pictures of rasters that lie over the map of the page: in web Mercator, with few colours, nothing beyond the country."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import pairwise
from typing import Any

import numpy as np
import rasterio.crs
import rasterio.features
import rasterio.warp
import shapely
import xarray as xr
from affine import Affine
from rasterio.enums import Resampling

from urbanreview.grid import as_crs, cell_area_km2, geobox_of
from urbanreview.report.class_map import MOST_URBAN, TRAVEL_COLOURS, TRAVEL_MIN, degree_name, minute_words
from urbanreview.report.extras import require
from urbanreview.report.ink import NO_DATA, class_breaks, class_colours, class_labels
from urbanreview.report.rasters import DEGREE_OF_URBANISATION, URBAN_EXTENTS
from urbanreview.report.result import Review
from urbanreview.report.tables import COUNTRY
from urbanreview.report.web.outlines import Frame, frame_of

PIXELS_AT_MOST, PIXELS_PER_CELL = 1_200, 3
EARTH_RADIUS_M = 6_378_137.0
"""Of the sphere of web Mercator."""
NORTHMOST_DEGREES = 85.0
LONG_WAY_ROUND = "+proj=longlat +datum=WGS84 +lon_wrap=180 +no_defs"
PEOPLE_PER_KM2 = (1.0, 10.0, 50.0, 300.0, 1_500.0, 5_000.0)
PEOPLE_COLOURS = ("#fee8c8", "#fdc68c", "#fc8d59", "#e34a33", "#b30000", "#5f0000")
CATCHMENT_COLOURS = ("#8dd3c7", "#ffd92f", "#bebada", "#fb8072", "#80b1d3", "#fdb462", "#b3de69", "#fccde5")
PICTURE_ONLY = (
    "A picture: mean density of the cells below each dot, from {} people per km² on; numbers of zones are sums of cells."
)
"""The sum of such a picture is not the number of people."""


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


def overlays(review: Review, frame: Frame | None = None) -> list[dict[str, Any]]:
    """Return the pictures of a review's rasters: people, classes, travel time, catchments, lights; those that there are.

    Parameters
    ----------
    review : Review
    frame : Frame, optional
        Of the same review.

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
    return [found for make in makers if (found := make(review, frame, shapes)) is not None]


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


def _people(review: Review, frame: Frame, outline: np.ndarray) -> dict[str, Any] | None:
    raster = review.rasters.get(f"inputs/population_{review.population.replace(' ', '_')}")
    if raster is None:
        return None
    density = raster.copy(data=raster.values.astype(float) / cell_area_km2(geobox_of(raster)))
    sheet = _Sheet(picture_of(raster, frame), outline)
    codes = np.digitize(np.nan_to_num(warped(density, sheet.picture, is_class=False, missing=np.nan)), PEOPLE_PER_KM2)
    words = [f"{low:,.0f} to {high:,.0f}" for low, high in pairwise(PEOPLE_PER_KM2)] + [f"over {PEOPLE_PER_KM2[-1]:,.0f}"]
    legend = list(zip(words, PEOPLE_COLOURS, strict=True))
    note = PICTURE_ONLY.format(f"{PEOPLE_PER_KM2[0]:,.0f}")
    return _overlay("population", "People per km²", sheet, codes, PEOPLE_COLOURS, legend, note)


def _degree(review: Review, frame: Frame, outline: np.ndarray) -> dict[str, Any] | None:
    raster = review.rasters.get(degree_name(review))
    if raster is not None:
        classes = {code: row for code, row in DEGREE_OF_URBANISATION.items() if code >= 10}
        return _classes("degree_of_urbanisation", "Degree of urbanisation", raster, classes, frame, outline)
    raster = review.rasters.get(f"urban_extents_{review.population.replace(' ', '_')}")
    classes = {code: row for code, row in URBAN_EXTENTS.items() if code > 0}
    return None if raster is None else _classes("urban_extents", "Urban extents", raster, classes, frame, outline)


def _classes(
    key: str, name: str, raster: xr.DataArray, classes: Mapping[int, tuple[str, str]], frame: Frame, outline: np.ndarray
) -> dict[str, Any]:
    sheet = _Sheet(picture_of(raster, frame), outline)
    found = warped(raster, sheet.picture, is_class=True, missing=255)
    codes = np.zeros(found.shape, np.uint8)
    for number, code in enumerate(classes, start=1):
        codes[found == code] = number
    legend = list(classes.values())[::-1]
    return _overlay(key, name, sheet, codes, [colour for _, colour in classes.values()], legend, MOST_URBAN)


def _travel(review: Review, frame: Frame, outline: np.ndarray) -> dict[str, Any] | None:
    raster = review.rasters.get("travel_time")
    if raster is None:
        return None
    sheet = _Sheet(picture_of(raster, frame), outline)
    minutes = warped(raster, sheet.picture, is_class=False, missing=np.nan)
    codes = np.where(np.isnan(minutes), len(TRAVEL_COLOURS) + 1, np.digitize(minutes, TRAVEL_MIN) + 1)
    legend = [*zip(minute_words(), TRAVEL_COLOURS, strict=True), ("no way", NO_DATA)]
    note = "Minutes to the nearest urban centre."
    return _overlay("travel_time", "Travel time", sheet, codes, (*TRAVEL_COLOURS, NO_DATA), legend, note)


def _catchments(review: Review, frame: Frame, outline: np.ndarray) -> dict[str, Any] | None:
    raster = review.rasters.get("catchments")
    if raster is None:
        return None
    sheet = _Sheet(picture_of(raster, frame), outline)
    found = raster.copy(data=raster.values.astype(np.int32))
    owners = warped(found, sheet.picture, is_class=True, missing=0)
    note = "Ground with one colour is nearest to one urban centre by travel time; colours come again elsewhere."
    return _overlay("catchments", "Catchments", sheet, told_apart(owners, len(CATCHMENT_COLOURS)), CATCHMENT_COLOURS, [], note)


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


def _lights(review: Review, frame: Frame, outline: np.ndarray) -> dict[str, Any] | None:
    """Draw the newest light, if the review has a raster of it."""
    names = sorted(name for name in review.rasters if name.rpartition("/")[2].startswith("lights"))
    if not names:
        return None
    raster = review.rasters[names[-1]].astype(float)
    sheet = _Sheet(picture_of(raster, frame), outline)
    found = warped(raster, sheet.picture, is_class=False, missing=np.nan)
    breaks = class_breaks(found[sheet.inside])
    colours = class_colours(len(breaks) + 1)
    codes = np.where(found > 0, np.digitize(found, breaks) + 1, 0)
    legend = list(zip(class_labels(breaks), colours, strict=True))
    return _overlay("lights", "Lights at night", sheet, codes, colours, legend, "Mean radiance of the cells below each dot.")


def _overlay(
    key: str, name: str, sheet: _Sheet, codes: np.ndarray, colours: Sequence[str], legend: Sequence[tuple[str, str]], note: str
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
    picture.save(written, format="PNG", transparency=0, optimize=True)
    return written.getvalue()
