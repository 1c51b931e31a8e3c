"""Tiles are put together as they are: every cell of the result is a cell of a tile, and nothing is made without need."""

import os
import re
import tracemalloc
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box

from urbanreview.errors import CacheRefused, MissingCrs, NoOverlap, UnreadableFile
from urbanreview.sources import mosaic as module
from urbanreview.sources.mosaic import mosaic

GRID = Affine(0.5, 0, 66.0, 0, -0.5, 48.0)
NODATA = -200.0


def source(rows: int = 6, columns: int = 8) -> np.ndarray:
    return np.arange(rows)[:, None] * 100.0 + np.arange(columns) + 1.0


@pytest.fixture
def tile(write_tif):
    """Write some rows and columns of the source as a tile."""

    def write(rows: slice, columns: slice, name: str, *, values=None, grid=GRID, **profile) -> str:
        part = (source() if values is None else values)[rows, columns]
        place = grid * Affine.translation(columns.start, rows.start)
        return str(write_tif(part, name, **{"transform": place, "nodata": NODATA, "dtype": "float32"} | profile))

    return write


@pytest.fixture
def four(tile) -> list[str]:
    """The source in four unequal tiles, in an order of no meaning."""
    tops, lefts = (slice(0, 4), slice(4, 6)), (slice(0, 3), slice(3, 8))
    parts = [(tops[1], lefts[1]), (tops[0], lefts[0]), (tops[1], lefts[0]), (tops[0], lefts[1])]
    return [tile(rows, columns, f"{rows.start}_{columns.start}.tif") for rows, columns in parts]


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as made:
        return made.read(1)


def test_four_tiles_are_the_source_again(four, tmp_path):
    path = tmp_path / "made" / "2020.tif"
    assert mosaic(four, path)
    with rasterio.open(path) as made:
        assert made.read(1).tolist() == source().tolist()
        assert (made.transform, made.crs.to_epsg(), made.dtypes, made.nodata) == (GRID, 4326, ("float32",), NODATA)
        assert made.profile["tiled"]
        assert made.profile["compress"] == "deflate"
    assert [file.name for file in path.parent.iterdir()] == ["2020.tif"]


def test_the_order_of_tiles_does_not_matter(four, tmp_path):
    mosaic(four, tmp_path / "a.tif")
    mosaic(four[::-1], tmp_path / "b.tif")
    assert (read(tmp_path / "a.tif") == read(tmp_path / "b.tif")).all()


def test_the_cut_keeps_the_cells_that_the_bounds_touch(four, tmp_path):
    mosaic(four, tmp_path / "cut.tif", bounds=(67.2, 45.6, 68.5, 47.1))
    with rasterio.open(tmp_path / "cut.tif") as made:
        assert made.bounds == (67.0, 45.5, 68.5, 47.5)
        assert made.read(1).tolist() == source()[1:5, 2:5].tolist()


def test_where_no_tile_is_nothing_is_known(four, tmp_path):
    missing = [path for path in four if not path.endswith("4_3.tif")]
    mosaic(missing, tmp_path / "hole.tif", bounds=(65.5, 44.5, 70.0, 48.0))
    expected = np.full((7, 9), NODATA)
    expected[:6, 1:] = source()
    expected[4:, 4:] = NODATA
    assert read(tmp_path / "hole.tif").tolist() == expected.tolist()


def test_nothing_is_beyond_the_date_line(tile, tmp_path):
    last = tile(slice(0, 2), slice(0, 2), "last.tif", grid=Affine(0.5, 0, 179.0, 0, -0.5, 48.0))
    mosaic([last], tmp_path / "made.tif", bounds=(179.5, 47.0, 181.0, 48.0))
    assert read(tmp_path / "made.tif").tolist() == source()[:2, 1:2].tolist()


def test_bounds_are_brought_to_the_tiles_projection(write_tif, tmp_path):
    """A box of degrees is a slanted shape in Mollweide's projection: its whole extent is kept."""
    corner = Affine(10_000.0, 0, 4_000_000.0, 0, -10_000.0, 6_200_000.0)
    values = source(100, 200)
    whole = str(write_tif(values, "moll.tif", crs="ESRI:54009", transform=corner, nodata=NODATA))
    bounds = (58.0, 46.5, 60.0, 48.0)
    mosaic([whole], tmp_path / "cut.tif", bounds=bounds)
    west, south, east, north = gpd.GeoSeries([box(*bounds)], crs=4326).segmentize(0.01).to_crs("ESRI:54009").total_bounds
    with rasterio.open(tmp_path / "cut.tif") as made:
        left, bottom, right, top = made.bounds
        assert 0 <= west - left < 10_000
        assert 0 <= right - east < 10_000
        assert 0 <= south - bottom < 10_000
        assert 0 <= top - north < 10_000
        row, column = round((6_200_000 - top) / 10_000), round((left - 4_000_000) / 10_000)
        assert made.read(1).tolist() == values[row : row + made.height, column : column + made.width].tolist()


def test_of_overlapping_tiles_the_first_wins(tile, tmp_path):
    other = tile(slice(0, 6), slice(4, 8), "b.tif", values=source() + 5000)
    mosaic([tile(slice(0, 6), slice(0, 5), "a.tif"), other], tmp_path / "made.tif")
    assert read(tmp_path / "made.tif").tolist() == np.hstack([source()[:, :5], source()[:, 5:] + 5000]).tolist()


def test_corners_may_miss_by_the_rounding_of_coordinates(tile, tmp_path):
    near = Affine(0.5 + 1e-13, 0, 66.0 + 1e-8, 0, -0.5, 48.0 - 1e-8)
    mosaic([tile(slice(0, 6), slice(0, 4), "a.tif"), tile(slice(0, 6), slice(4, 8), "b.tif", grid=near)], tmp_path / "made.tif")
    assert read(tmp_path / "made.tif").tolist() == source().tolist()


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        ({"grid": Affine(0.5, 0, 66.25, 0, -0.5, 48.0)}, "from (68.25, 48)"),
        ({"grid": Affine(0.25, 0, 66.0, 0, -0.25, 48.0)}, "cells of 0.25 by 0.25"),
        ({"grid": Affine(0.5, 0, 66.0 + 1e-6, 0, -0.5, 48.0)}, "from (68.000001, 48)"),
        ({"grid": Affine(0.5, 0, 66.0, 0, 0.5, 48.0)}, "from (68, 48)"),
        ({"dtype": "float64"}, "float64"),
        ({"crs": "EPSG:4284"}, "EPSG:4284"),
        ({"nodata": -9999.0}, "nodata -9999"),
    ],
    ids=["half a cell beside", "other cells", "a little beside", "upside down", "dtype", "crs", "nodata"],
)
def test_tiles_that_do_not_belong_together_are_refused_and_both_are_named(tile, tmp_path, profile, said):
    one, other = tile(slice(0, 6), slice(0, 4), "one.tif"), tile(slice(0, 6), slice(4, 8), "other.tif", **profile)
    with pytest.raises(UnreadableFile, match=re.escape(said)) as raised:
        mosaic([one, other], tmp_path / "made" / "2020.tif")
    assert "one.tif" in str(raised.value)
    assert "other.tif" in str(raised.value)
    assert list((tmp_path / "made").iterdir()) == []


def test_a_given_nodata_stands_in_for_a_missing_tag_only(tile, tmp_path):
    bare = tile(slice(0, 6), slice(0, 4), "bare.tif", nodata=None)
    mosaic([bare], tmp_path / "given.tif", bounds=(66.0, 45.0, 70.0, 48.0), nodata=-9999.0)
    assert (read(tmp_path / "given.tif")[:, 4:] == -9999.0).all()
    mosaic([bare, tile(slice(0, 3), slice(4, 8), "own.tif")], tmp_path / "both.tif", nodata=-9999.0)
    assert (read(tmp_path / "both.tif")[3:, 4:] == NODATA).all()
    mosaic([bare], tmp_path / "nan.tif", bounds=(66.0, 45.0, 70.0, 48.0))
    assert np.isnan(read(tmp_path / "nan.tif")[:, 4:]).all()
    assert not np.isnan(read(tmp_path / "nan.tif")[:, :4]).any()


def test_whole_numbers_without_nodata_must_leave_no_gap(tile, tmp_path):
    parts = [
        tile(slice(0, 6), columns, f"{columns.start}.tif", values=source() % 200, dtype="uint8", nodata=None)
        for columns in (slice(0, 4), slice(4, 8))
    ]
    mosaic(parts, tmp_path / "made.tif", nodata=-9999.0)
    assert read(tmp_path / "made.tif").tolist() == (source() % 200).tolist()
    with pytest.raises(UnreadableFile, match="a nodata value, for where there is no tile"):
        mosaic(parts[:1], tmp_path / "gap.tif", bounds=(66.0, 45.0, 70.0, 48.0), nodata=-9999.0)


def test_what_the_first_tile_says_of_its_numbers_is_kept(write_tif, tmp_path):
    said = {"scale": 0.1, "offset": -3.0, "tags": {"epoch": "2018"}}
    first = str(write_tif(source(), "first.tif", dtype="int16", nodata=-1, **said))
    mosaic([first], tmp_path / "made.tif", tags={"kind": "count"})
    with rasterio.open(tmp_path / "made.tif") as made:
        assert (made.scales, made.offsets) == ((0.1,), (-3.0,))
        assert made.tags().items() >= {"epoch": "2018", "kind": "count", "made_of": "first.tif"}.items()


def test_bands_stay_apart(write_tif, tmp_path):
    both = np.stack([source(), source() * -1])
    mosaic([str(write_tif(both, "two.tif"))], tmp_path / "made.tif")
    with rasterio.open(tmp_path / "made.tif") as made:
        assert made.read().tolist() == both.tolist()


def test_members_of_archives_are_tiles_too(four, write_zip, tmp_path):
    zipped = [write_zip({"a.pdf": b"%PDF-1.4", Path(path).name: Path(path)}, f"{Path(path).stem}.zip") for path in four]
    mosaic([f"/vsizip/{path}/{path.stem}.tif" for path in zipped], tmp_path / "made.tif")
    assert read(tmp_path / "made.tif").tolist() == source().tolist()


def test_a_mosaic_is_not_made_again_without_need(four, tmp_path):
    path, wide, narrow = tmp_path / "made.tif", (66.5, 45.5, 69.0, 47.5), (67.0, 46.0, 68.0, 47.0)
    assert mosaic(four, path, bounds=narrow)
    assert not mosaic(four, path, bounds=narrow)
    assert mosaic(four, path, bounds=wide)
    assert not mosaic(four, path, bounds=narrow)
    assert mosaic(four, path)
    assert not mosaic(four, path, bounds=wide)
    assert mosaic(four[:3], path, bounds=narrow)
    assert mosaic(four, path, bounds=narrow)


def test_a_newer_tile_or_archive_or_a_damaged_mosaic_is_a_need(four, write_zip, halve, tmp_path):
    path = tmp_path / "made.tif"
    zipped = write_zip({"0_0.tif": Path(four[1])})
    tiles = [four[0], f"/vsizip/{{{zipped}}}/0_0.tif"]
    assert mosaic(tiles, path)
    later = path.stat().st_mtime + 10
    for changed in (Path(four[0]), zipped):
        os.utime(changed, (later, later))
        assert mosaic(tiles, path)
        os.utime(changed, (later - 100, later - 100))
        assert not mosaic(tiles, path)
    path.write_bytes(b"II*")
    assert mosaic(tiles, path)


def test_elsewhere_is_said_in_degrees(write_tif, tmp_path):
    grid = Affine(10_000.0, 0, 4_000_000.0, 0, -10_000.0, 6_000_000.0)
    there = str(write_tif(source(), "there.tif", crs="ESRI:54009", transform=grid))
    with pytest.raises(NoOverlap, match=re.escape("it covers (5")):
        mosaic([there], tmp_path / "made.tif", bounds=(-60.0, -20.0, -59.0, -19.0))


def test_tiles_that_do_not_say_where_they_are_cannot_be_cut(tile, tmp_path):
    lost = tile(slice(0, 6), slice(0, 4), "lost.tif", crs=None)
    with pytest.raises(MissingCrs):
        mosaic([lost], tmp_path / "made.tif", bounds=(66.0, 45.0, 67.0, 46.0))
    assert mosaic([lost], tmp_path / "whole.tif")


def test_a_tile_cut_short_leaves_nothing_behind(tile, halve, tmp_path):
    values = np.random.default_rng(7).random((600, 600))
    parts = [
        tile(slice(0, 600), columns, f"{columns.start}.tif", values=values) for columns in (slice(0, 300), slice(300, 600))
    ]
    halve(Path(parts[1]))
    with pytest.raises(UnreadableFile, match=r"300\.tif"):
        mosaic(parts, tmp_path / "made" / "2020.tif")
    assert list((tmp_path / "made").iterdir()) == []


def test_a_folder_that_cannot_be_is_said(four, tmp_path):
    (tmp_path / "made").write_text("a file")
    with pytest.raises(CacheRefused):
        mosaic(four, tmp_path / "made" / "2020.tif")


def test_memory_does_not_grow_with_the_mosaic(tile, tmp_path, monkeypatch):
    """Sixteen million cells in four tiles, with room for one part in sixty of them."""
    monkeypatch.setattr(module, "_CHUNK_BYTES", 1 << 20)
    values = (np.arange(4000)[:, None] * 7 + np.arange(4000) % 4096).astype("float32")
    halves = slice(0, 2000), slice(2000, 4000)
    blocks = {"tiled": True, "blockxsize": 256, "blockysize": 256}
    parts = [
        tile(
            rows,
            columns,
            f"{rows.start}_{columns.start}.tif",
            values=values,
            grid=Affine(0.001, 0, 66, 0, -0.001, 48),
            **blocks,
        )
        for rows in halves
        for columns in halves
    ]
    tracemalloc.start()
    mosaic(parts, tmp_path / "made.tif", bounds=(66.1, 44.1, 69.95, 47.95))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < values.nbytes / 10
    assert (read(tmp_path / "made.tif") == values[50:3900, 100:3950]).all()


def test_places_without_a_tile_take_no_space(tile, tmp_path):
    small = tile(slice(0, 6), slice(0, 8), "small.tif", grid=Affine(0.001, 0, 66, 0, -0.001, 48))
    mosaic([small], tmp_path / "made.tif", bounds=(60.0, 40.0, 80.0, 48.0))
    with rasterio.open(tmp_path / "made.tif") as made:
        assert (made.width, made.height) == (20_000, 8_000)
    assert (tmp_path / "made.tif").stat().st_size < 100_000
