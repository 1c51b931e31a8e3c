"""A made-up country of the size of Kazakhstan, always the same: the grid, the files and the zones of the benchmark.

Nothing here uses the package that is measured; labels and outlines come from scipy and rasterio.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine
from rasterio.features import shapes
from scipy.ndimage import label

SEED = 20_240_501
VERSION = 1
"""Raised when the files change, so that a folder written before is not taken for the new ones."""
ROWS, COLS = 1790, 4900
CELLS_PER_DEGREE = 120
NORTH, WEST = 40.5 + ROWS / CELLS_PER_DEGREE, 46.5
NODATA = -99_999.0
PEOPLE = 18_800_000.0
CITIES, VILLAGES = 280, 1_720
LARGEST_CITY = 1_200_000.0
ZIPF = 0.8
LIVED_IN = 0.2
"""Share of the countryside's cells where anybody lives at all."""
MONTHS = 4
DISTRICTS_ACROSS, DISTRICTS_UP = 20, 10
VERTICES_PER_SIDE = 49
DENSE, ENOUGH = 300.0, 5_000.0
TRANSFORM = Affine(1 / CELLS_PER_DEGREE, 0, WEST, 0, -1 / CELLS_PER_DEGREE, NORTH)


@dataclass(frozen=True)
class Country:
    """Where the files are, and what they hold."""

    population: Path
    lights: tuple[Path, ...]
    zones: Path
    facts: dict[str, float]


def border(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Northern and southern border [rows] at a share of the way from the western to the eastern end."""
    middle = 0.5 + 0.05 * np.sin(2 * np.pi * u + 0.7) + 0.02 * np.sin(9 * u)
    half = 0.384 * np.sqrt(np.clip(1 - (2 * u - 1) ** 6, 0.05, 1)) + 0.02 * np.cos(11 * u) + 0.01 * np.cos(37 * u)
    return ROWS * (middle - half), ROWS * (middle + half)


def to_pixels(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns and rows of positions in the country, both given as shares from its north-western end."""
    top, bottom = border(u)
    return COLS * (0.01 + 0.98 * u), top + v * (bottom - top)


def inside() -> np.ndarray:
    """Cells whose centre lies in the country: bool, shape (rows, cols)."""
    u = ((np.arange(COLS) + 0.5) / COLS - 0.01) / 0.98
    top, bottom = border(np.clip(u, 0, 1))
    row = np.arange(ROWS)[:, None] + 0.5
    return (u >= 0) & (u <= 1) & (row > top) & (row < bottom)


def add_city(people: np.ndarray, row: float, col: float, size: float, rng: np.random.Generator) -> None:
    """Spread the people of one city around its middle, densest there, on uneven ground."""
    peak = 300.0 + size**0.6
    scale = np.sqrt(size / (np.pi * peak))
    reach = int(np.ceil(4 * scale)) + 1
    rows = slice(max(int(row) - reach, 0), min(int(row) + reach + 1, ROWS))
    cols = slice(max(int(col) - reach, 0), min(int(col) + reach + 1, COLS))
    r, c = np.ogrid[rows, cols]
    spread = np.exp(-((r + 0.5 - row) ** 2 + (c + 0.5 - col) ** 2) / scale**2) * rng.lognormal(0, 0.35, (r.size, c.size))
    people[rows, cols] += size * spread / spread.sum()


def make_people(rng: np.random.Generator, land: np.ndarray) -> np.ndarray:
    """People per cell: cities by Zipf's law, villages, and a thin countryside; float32, nodata outside the country."""
    people = np.zeros((ROWS, COLS))
    sizes = np.concatenate([LARGEST_CITY / np.arange(1, CITIES + 1) ** ZIPF, rng.uniform(700, 3_600, VILLAGES)])
    for size in sizes:
        col, row = to_pixels(rng.uniform(0.03, 0.97), rng.uniform(0.05, 0.95))
        add_city(people, float(row), float(col), float(size), rng)
    people[~land] = 0
    lived_in = rng.random((ROWS, COLS)) < LIVED_IN
    countryside = rng.gamma(0.15, 1.0, (ROWS, COLS)) * (land & lived_in)
    people += countryside * max(PEOPLE - people.sum(), 0.0) / countryside.sum()
    people *= PEOPLE / people.sum()
    return np.where(land, people, NODATA).astype(np.float32)


def make_lights(rng: np.random.Generator, people: np.ndarray) -> np.ndarray:
    """Radiance of one month: more where people are, over a noisy dark; float32."""
    lit = 0.02 * np.maximum(people, 0) ** 0.9 * rng.lognormal(0, 0.2, people.shape)
    dark = rng.gamma(1.2, 0.09, people.shape)
    return np.where(people == np.float32(NODATA), NODATA, lit + dark).astype(np.float32)


def urban_extents(people: np.ndarray) -> tuple[list[shapely.Geometry], int, int]:
    """Outlines of the dense cells that hang together and hold enough people; urban cells and candidates beside."""
    labels, candidates = label(people > DENSE)
    totals = np.bincount(labels.ravel(), weights=people.ravel())
    kept = totals > ENOUGH
    kept[0] = False
    image = np.where(kept[labels], labels, 0).astype(np.int32)
    outlines = [shapely.geometry.shape(shape) for shape, _ in shapes(image, mask=image > 0, transform=TRANSFORM)]
    return outlines, int((image > 0).sum()), int(candidates)


def _side(rng: np.random.Generator, start: np.ndarray, stop: np.ndarray, *, straight: bool) -> np.ndarray:
    """One side of a district as positions (u, v) from a node to the next, the last one left out."""
    t = np.linspace(0, 1, VERTICES_PER_SIDE, endpoint=False)
    line = start + t[:, None] * (stop - start)
    if straight:
        return line
    along = stop - start
    waves = sum(rng.normal(0, 0.05 / k) * np.sin(k * np.pi * t) for k in range(1, 8))
    return line + waves[:, None] * np.array([-along[1], along[0]]) * np.array([0.5, 1.0])


def districts(rng: np.random.Generator) -> list[shapely.Polygon]:
    """Tile the country with wiggly districts; neighbours share every vertex of their border."""
    v, u = np.mgrid[0 : DISTRICTS_UP + 1, 0 : DISTRICTS_ACROSS + 1].astype(float)
    inner = (slice(1, -1), slice(1, -1))
    u[inner] += rng.uniform(-0.2, 0.2, u[inner].shape)
    v[inner] += rng.uniform(-0.2, 0.2, v[inner].shape)
    node = np.dstack([u / DISTRICTS_ACROSS, v / DISTRICTS_UP])
    east = {
        (i, j): _side(rng, node[i, j], node[i, j + 1], straight=i in (0, DISTRICTS_UP))
        for i in range(DISTRICTS_UP + 1)
        for j in range(DISTRICTS_ACROSS)
    }
    south = {
        (i, j): _side(rng, node[i, j], node[i + 1, j], straight=j in (0, DISTRICTS_ACROSS))
        for i in range(DISTRICTS_UP)
        for j in range(DISTRICTS_ACROSS + 1)
    }

    def back(side: np.ndarray, end: np.ndarray) -> np.ndarray:
        return np.vstack([side, end])[:0:-1]

    tiles = []
    for i, j in np.ndindex(DISTRICTS_UP, DISTRICTS_ACROSS):
        ring = np.vstack(
            [
                east[i, j],
                south[i, j + 1],
                back(east[i + 1, j], node[i + 1, j + 1]),
                back(south[i, j], node[i + 1, j]),
            ]
        )
        col, row = to_pixels(ring[:, 0], ring[:, 1])
        tiles.append(shapely.Polygon(np.column_stack(TRANSFORM @ (col, row))))
    return tiles


def write_raster(path: Path, values: np.ndarray, **tags: str) -> Path:
    """Write a tiled, deflated float32 GeoTIFF."""
    profile = {"driver": "GTiff", "width": COLS, "height": ROWS, "count": 1, "dtype": "float32", "nodata": NODATA}
    layout = {"crs": "EPSG:4326", "transform": TRANSFORM, "compress": "deflate", "tiled": True}
    with rasterio.open(path, "w", blockxsize=512, blockysize=512, **profile, **layout) as dataset:
        dataset.write(values, 1)
        dataset.update_tags(**tags)
    return path


def build(folder: Path) -> dict[str, float]:
    """Write all files of the country; return what they hold."""
    rng = np.random.default_rng(SEED)
    land = inside()
    people = make_people(rng, land)
    write_raster(folder / "population.tif", people, kind="count", units="people")
    for month in range(1, MONTHS + 1):
        write_raster(folder / f"lights-{month:02}.tif", make_lights(rng, people), kind="intensity", units="nW/cm2/sr")
    urban, urban_cells, candidates = urban_extents(people)
    tiles = districts(rng)
    ids = [f"urban-{k:03}" for k in range(len(urban))] + [f"district-{k:03}" for k in range(len(tiles))]
    zones = gpd.GeoDataFrame({"zone": ids}, geometry=[*urban, *tiles], crs=4326)
    if not zones.is_valid.all():
        message = "the made-up zones must be valid; the wiggles of a district cross"
        raise ValueError(message)
    zones.to_file(folder / "zones.gpkg")
    return {
        "version": VERSION,
        "rows": ROWS,
        "cols": COLS,
        "inside_share": float(land.mean()),
        "people": float(people[land].sum(dtype=np.float64)),
        "urban_cells": urban_cells,
        "clusters": len(urban),
        "dense_patches": candidates,
        "zones": len(zones),
        "district_vertices": int(shapely.get_num_coordinates(zones.geometry.values[len(urban) :]).sum()),
        "zone_vertices": int(shapely.get_num_coordinates(zones.geometry.values).sum()),
    }


def make_country(folder: Path) -> Country:
    """Return the country in a folder, writing it there first if it is not there yet."""
    facts_file = folder / "facts.json"
    if not facts_file.exists() or json.loads(facts_file.read_text())["version"] != VERSION:
        folder.mkdir(parents=True, exist_ok=True)
        facts_file.write_text(json.dumps(build(folder), indent=2))
    lights = tuple(folder / f"lights-{month:02}.tif" for month in range(1, MONTHS + 1))
    return Country(folder / "population.tif", lights, folder / "zones.gpkg", json.loads(facts_file.read_text()))
