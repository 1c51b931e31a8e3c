"""Errors that other tools were caught in (numbers of our review of the tools), and the tests that keep us out of them.

====  ========================================================================  ==========================================
trap  what goes wrong elsewhere                                                 test
====  ========================================================================  ==========================================
T1    GOSTurban: smoothed and plain settlements stacked, all counted twice,     test_t01_every_settlement_is_there_once
      and the smoothing thrown away                                             test_t01_smoothed_centres_are_there_once
T2    GOSTurban: people of districts put into 8 bits, 255 a cell at most        test_t02_urban_people_are_not_capped
T3    GOSTurban: outlines swollen by half a cell                                test_t03_outlines_lie_on_cells
T4    GOSTurban: four neighbours for clusters, ``>`` where ``>=`` is the rule   test_t04_corners_and_thresholds
      and -0.0 where people are missing                                         test_t04_missing_stays_missing
T5    degurba: groups that were rejected come back as holes that are filled     test_t05_rejected_groups_never_come_back
T5b   calculateDegurba: metres compared with degrees, nothing found             test_t05b_degrees_are_weighed_in_km2
                                                                                test_t05b_class_22_is_found_in_degrees
T6    GOSTrocks: nodata never read from the file, codes added up                test_t06_nodata_is_no_number
T7    GOSTrocks: a minimum leaves cells out where it promises zero              test_t07_a_floor_gives_both_means
T8    GOSTrocks: zones laid on cells that are off by a part of one              test_t08_zones_that_tile_add_up
T9    GOSTrocks: a missing geometry drops its row, neighbours move up           test_t09_a_missing_shape_keeps_its_row
                                                                                test_t09_a_layer_with_a_gap_is_refused
T10   GOSTrocks: weights upside down, zeros left out;                           test_t10_a_triangle_weighs_as_it_lies
      float32 sums (errors that become None: ``tests/zones``)                   test_t10_single_precision_loses_nobody
T11   GOSTrocks: a polygon without a cell centre has nothing, or a whole cell   test_t11_small_zones_have_their_part
T12   exactextract: whole cells lost on 30 arc-second grids                     test_t12_aligned_zones_lose_no_cell
      (by the thousand in ``tests/real/test_aligned_cells.py``)
T13   h3ronpy: one cell sampled for a hexagon (no hexagons yet: as zones)       test_t13_hexagons_add_up
T14   rasterize and bincount: zones that overlap overwrite one another          test_t14_overlapping_zones_are_whole
====  ========================================================================  ==========================================
"""

from dataclasses import replace

import geopandas as gpd
import h3
import numpy as np
import pytest
import rasterio
import shapely
from pyproj import Geod
from toys import degrees, grid, pixel_box, pixel_polygon, raster, zones_of
from twins.components import label
from twins.coverage import dense_shares, to_pixels
from twins.zonal import statistics

from urbanreview.delineation import DEFAULT, EDITIONS, degree_of_urbanisation, density_of, extents
from urbanreview.errors import WrongGeometry
from urbanreview.grid import geobox_of, to_crs, trace
from urbanreview.report.rasters import write_cog
from urbanreview.sources import open_raster
from urbanreview.zones import link_extents, link_polygons, plan_extents, plan_zones, summarise, zone_table

CLUSTER, CENTRE = EDITIONS[DEFAULT].urban_cluster, EDITIONS[DEFAULT].urban_centre
TEN = replace(CENTRE, min_density=10.0, per="cell", min_people=10.0)
SEA = np.nan
GRIDS = {"metres": lambda shape: grid(shape, left=2e6, top=5.5e6), "degrees": degrees}
on_every_grid = pytest.mark.parametrize("where", GRIDS)
# Six dense cells with 11,480 people: three that share edges, one that touches these at a corner, two that touch so.
PEOPLE = np.array([[SEA, 900, 350, 0, 0, 10], [0, 0, 600, 0, 0, 0], [0, 5e3, 0, 0, 630, 0], [0, 0, 0, 0, 0, 4e3]])
SMALL = replace(CLUSTER, per="cell", min_people=500.0)


def found_in(values, rule, here):
    return extents(raster(np.asarray(values, float), here), rules=rule, iso3="TOY")


def sums_of(shapes, over, **more):
    here = geobox_of(over)
    return summarise(plan_zones(zones_of(shapes, here.crs.to_wkt()), here), over, **more)[0]


def lopsided(shape, seed=7):
    random = np.random.default_rng(seed)
    values = random.pareto(1.0, shape) * 100
    values[random.random(shape) < 0.3] = 0.0
    return values


def outlines_of(zones, here):
    return to_pixels(to_crs(zones.geometry, here.crs.to_wkt()).values, here.transform)


@on_every_grid
@pytest.mark.parametrize("neighbours", [4, 8])
def test_t01_every_settlement_is_there_once(where, neighbours):
    """Elsewhere 31 centres are 62 rows of the same polygons, or 31 of twice the people."""
    here = GRIDS[where](PEOPLE.shape)
    found, _ = found_in(PEOPLE, replace(SMALL, neighbours=neighbours), here)
    image, count = label(PEOPLE >= 300.0, neighbours=neighbours)
    assert found.zones.index.is_unique
    assert found.zones["people"].tolist() == [PEOPLE[image == number].sum() for number in range(1, count + 1)]
    outlines = outlines_of(found.zones, here)
    assert [shapely.area(outlines).sum(), shapely.union_all(outlines).area] == pytest.approx([6.0, 6.0], rel=1e-9)


@on_every_grid
def test_t01_smoothed_centres_are_there_once(where):
    """Elsewhere the edges are smoothed, and the plain ones drawn: here two horseshoes are closed by a cell each."""
    values = np.zeros((6, 11))
    values[1:4, 1:4], values[2:5, 6:9] = 6_300.0, 7_000.0
    values[1, 2], values[3, 8] = 100.0, 0.0
    here = GRIDS[where](values.shape)
    found, _ = degree_of_urbanisation(raster(values, here), level=1)
    expected = np.zeros(values.shape, bool)
    expected[1:4, 1:4] = expected[2:5, 6:9] = True
    np.testing.assert_array_equal(found.classes.values == 3, expected)
    zones = found.centres.zones
    assert zones[["cells_initial", "cells", "people"]].values.tolist() == [[8, 9, 50_500.0], [8, 9, 56_000.0]]
    outlines = outlines_of(zones, here)
    assert [shapely.area(outlines).sum(), shapely.union_all(outlines).area] == pytest.approx([18.0, 18.0], rel=1e-9)


@pytest.mark.parametrize("link", ["labels", "polygons"])
def test_t02_urban_people_are_not_capped(link):
    """Elsewhere people are put into the 8 bits of an urban mask: here are more than 255 in a cell, and 255 settlements."""
    values = np.zeros((24, 47))
    values[::2, ::2] = np.arange(288).reshape(12, 24) * 7_000.0 + 300.0
    here = degrees(values.shape)
    people, (found, _) = raster(values, here), found_in(values, TEN, here)
    assert len(found.zones) == 288
    districts = zones_of({"w": pixel_box(here, 0, 0, 10.5, 24), "e": pixel_box(here, 10.5, 0, 47, 24)})
    west = values[:, :10].sum() + values[:, 10].sum() / 2
    expected = {"w": west, "e": values.sum() - west}
    if link == "labels":
        links = link_extents(found, plan_zones(districts, here), people, relation="district")
    else:
        links = link_polygons(found.zones, districts, people, relation="district")
    assert links.groupby("to_id")["people"].sum().to_dict() == pytest.approx(expected, rel=1e-9)


@on_every_grid
def test_t03_outlines_lie_on_cells(where):
    """Elsewhere outlines are swollen so that corners join, and stay so."""
    here = GRIDS[where](PEOPLE.shape)
    found, _ = found_in(PEOPLE, SMALL, here)
    assert found.zones["cells"].tolist() == [4, 2]
    for number, outline in enumerate(outlines_of(found.zones, here), start=1):
        cells = [shapely.box(col, row, col + 1, row + 1) for row, col in np.argwhere(found.image() == number)]
        assert outline.area == pytest.approx(len(cells), rel=1e-9)
        assert shapely.symmetric_difference(outline, shapely.union_all(cells)).area < 1e-8


@pytest.mark.parametrize(("rule", "corners"), [(CLUSTER, 1), (CENTRE, 0)])
def test_t04_corners_and_thresholds(rule, corners):
    """Elsewhere corners part clusters, and a cell of just 300 or a settlement of just 5,000 is none."""
    density, enough = rule.min_density, rule.min_people
    assert (density, enough) == ((300.0, 5_000.0) if corners else (1_500.0, 50_000.0))
    values = [[0, 0, 0, 0, 0], [enough - density, density, density - 1, 0, enough - 1], [0, 0, 0, 0, 0]]
    assert found_in(values, rule, GRIDS["metres"]((3, 5)))[0].image()[1].tolist() == [1, 1, 0, 0, 0]
    diagonal = [[enough - density, 0, 0], [0, density, 0]]
    assert found_in(diagonal, rule, GRIDS["metres"]((2, 3)))[0].image().tolist() == [[corners, 0, 0], [0, corners, 0]]


@on_every_grid
def test_t04_missing_stays_missing(where, tmp_path):
    """Elsewhere people who are unknown become minus nobody (-0.0) where the urban mask is laid over them."""
    here = GRIDS[where]((2, 3))
    people = raster(np.array([[SEA, 600.0, 0.0], [SEA, 0.0, 700.0]]), here)
    found, _ = extents(people, rules=TEN, iso3="TOY")
    assert found.image().tolist() == [[0, 1, 0], [0, 0, 2]]
    write_cog(people, tmp_path / "people.tif")
    written, _ = open_raster(tmp_path / "people.tif")
    for values in (people.values, density_of(people), written.values):
        assert np.isnan(values).tolist() == [[True, False, False], [True, False, False]]
        assert not np.signbit(values[:, 1:]).any()
    zones = {"sea": pixel_box(here, 0, 0, 1, 2), "empty": pixel_box(here, 2, 0, 3, 1), "half": pixel_box(here, 0, 0, 2, 1)}
    table = sums_of(zones, people)
    assert table.loc["sea", ["sum", "mean", "min", "max"]].isna().all()
    assert table.loc["empty", "sum"] == 0.0
    assert not np.signbit(table.loc["empty", "sum"])
    assert table.loc["half", ["sum", "min", "valid_share"]].tolist() == pytest.approx([600.0, 600.0, 0.5], rel=1e-9)


def test_t05_rejected_groups_never_come_back():
    """Elsewhere the inside of a group that was too small, and groups in the holes of others, are centres again."""
    values = np.zeros((6, 12))
    values[:5, :5] = 3_125.0
    values[1:4, 1:4] = 0.0  # a ring of 16 cells, together just 50,000
    values[2, 2] = 9_000.0  # a group in its hole
    values[2:5, 7:10] = 5_555.0  # a solid one with an inside, 49,995
    values[5, 5] = 40_000.0  # one across a corner of the ring
    here = GRIDS["degrees"](values.shape)
    rule = replace(CENTRE, per="cell")
    found, ledger = found_in(values, rule, here)
    expected = values == 3_125.0
    np.testing.assert_array_equal(found.image() > 0, expected)
    assert found.zones["people"].tolist() == [50_000.0]
    assert ledger.amount("dense, but too few people together") == 9_000.0 + 49_995.0 + 40_000.0
    for plan in (plan_extents(found), plan_zones(found.zones, here)):
        np.testing.assert_array_equal(plan.touched(), expected)
        assert summarise(plan, raster(values, here))[0]["sum"].tolist() == pytest.approx([50_000.0], rel=1e-12)
    # The Degree of Urbanisation fills the hole, as its rules say, and still has nobody else.
    classes = degree_of_urbanisation(raster(values, here), level=1)[0].classes.values
    expected[1:4, 1:4] = True
    np.testing.assert_array_equal(classes == 3, expected)


@pytest.mark.parametrize(("top", "nine_hundred_are_dense"), [(55.45, True), (43.254, False), (-34.6, False)])
def test_t05b_degrees_are_weighed_in_km2(top, nine_hundred_are_dense):
    """Elsewhere 3,000 metres are compared with degrees, and the work ends in an error after the last cell."""
    here = degrees((1, 4), top=top)
    cell_km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(pixel_box(here, 0, 0, 1, 1))[0]) / 1e6
    just, short = 300 * cell_km2 * (1 + 1e-6), 300 * cell_km2 * (1 - 1e-6)
    found, _ = found_in([[short, 6_000, just, 0]], CLUSTER, here)
    assert found.image().tolist() == [[0, 1, 1, 0]]
    assert found.zones["area_km2"].tolist() == pytest.approx([2 * cell_km2], rel=1e-6)
    centre, _ = found_in([[short, 60_000, 900, 0]], CENTRE, here)
    assert centre.image().tolist() == [[0, 1, int(nine_hundred_are_dense), 0]]


def test_t05b_class_22_is_found_in_degrees():
    """The class that is empty elsewhere: 900 people per km2 of half a km2, three cells from a centre."""
    here = degrees((2, 11), top=55.45)
    values = np.array([[30_000.0, 30_000, 160, 160, 160, 450, 450, 450, 450, 450, 450], [0] * 11])
    found, _ = degree_of_urbanisation(raster(values, here), level=2)
    assert found.classes.values.tolist() == [[30, 30, 21, 21, 21, 22, 22, 22, 22, 22, 22], [11] * 11]


CODES = [("float64", -200), ("float32", -99999), ("uint16", 2**16 - 1), ("uint32", 2**32 - 1), ("float32", SEA)]


@pytest.mark.parametrize(
    ("dtype", "code", "tagged"),
    # What is a number unless the file says otherwise, and what is no number whether it says so or not.
    [("uint8", 255, True), ("float32", 7, True), *((*one, tagged) for one in CODES for tagged in (True, False))],
)
def test_t06_nodata_is_no_number(tmp_path, dtype, code, tagged):
    """Elsewhere 200 cells of -200 beside 200 cells of 10 are -38,000, and 65535 no option repairs."""
    cells = np.full((20, 20), code, dtype)
    cells[:10, 0::2], cells[:10, 1::2] = 4, 16
    here = GRIDS["metres"](cells.shape)
    profile = {"dtype": dtype, "count": 1, "height": 20, "width": 20, "nodata": code if tagged else None}
    with rasterio.open(tmp_path / "cells.tif", "w", crs=here.crs.to_wkt(), transform=here.transform, **profile) as file:
        file.write(cells, 1)
    units = "m2" if dtype.startswith("u") else "people"  # GHS-BUILT-S is unsigned
    opened, ledger = open_raster(tmp_path / "cells.tif", kind="count", units=units)
    parts = {"all": (0, 0, 20, 20), "north": (0, 0, 20, 10), "south": (0, 10, 20, 20)}
    table = sums_of({name: pixel_box(here, *part) for name, part in parts.items()}, opened)
    columns = ["sum", "min", "max", "mean", "sd"]
    for name in ("all", "north"):
        assert table.loc[name, columns].tolist() == pytest.approx([2_000.0, 4.0, 16.0, 10.0, 6.0], rel=1e-9)
    assert table.loc["south", columns].isna().all()
    assert table["valid_share"].tolist() == [0.5, 1.0, 0.0]
    assert ledger.frame()["amount"].sum() == 200


@pytest.mark.parametrize(("kind", "where"), [("intensity", "metres"), ("count", "metres"), ("count", "degrees")])
def test_t07_a_floor_gives_both_means(kind, where):
    """Elsewhere "below becomes 0" means "below is left out": the mean of 25 lit cells passes for that of 400."""
    here = GRIDS[where]((20, 20))
    values = np.full((20, 20), 9.99)
    values[2:7, 11:16] = 10.0
    lit = sums_of({"a": pixel_box(here, 0, 0, 20, 20)}, raster(values, here, kind=kind), floor=10.0).loc["a"]
    assert lit[["mean", "zone_mean", "kept_share"]].tolist() == pytest.approx([10.0, 0.625, 0.0625], rel=1e-9)
    assert lit[["sum", "count", "valid_share"]].tolist() == pytest.approx([250.0, 25.0, 1.0], rel=1e-9)


@on_every_grid
@pytest.mark.parametrize("seed", range(3))
def test_t08_zones_that_tile_add_up(where, seed):
    """Elsewhere cells are laid out from the corner of each polygon, and its total is that of cells nearby."""
    random = np.random.default_rng(seed)
    values = lopsided((9, 14), seed)
    values[random.random(values.shape) < 0.1] = SEA
    here = GRIDS[where](values.shape)
    spots = shapely.MultiPoint(random.uniform([0, 0], [14, 9], (12, 2)))
    frame = shapely.box(0, 0, 14, 9)
    tiles = shapely.intersection(shapely.get_parts(shapely.voronoi_polygons(spots, extend_to=frame)), frame)
    placed = {str(k): pixel_polygon(here, tile.exterior.coords) for k, tile in enumerate(tiles)}
    sums = sums_of(placed, raster(values, here))["sum"]
    assert sums.sum() == pytest.approx(np.nansum(values), rel=1e-9)
    slow = (dense_shares(tiles, values.shape) * np.nan_to_num(values)).sum(axis=(1, 2))
    np.testing.assert_allclose(sums, slow, rtol=1e-7, atol=1e-7)


def test_t09_a_missing_shape_keeps_its_row():
    """Elsewhere four zones give three rows, and every later zone has the value of its neighbour."""
    here = GRIDS["degrees"]((1, 4))
    values = np.array([[1.0, 20.0, 300.0, 4_000.0]])
    boxes = {name: pixel_box(here, col, 0, col + 1, 1) for col, name in enumerate("dcba")}
    gaps = boxes | {"c": None, "b": shapely.Polygon()}
    table, ledger = summarise(plan_zones(zones_of(gaps), here), raster(values, here))
    np.testing.assert_allclose(table["sum"].loc[["a", "b", "c", "d"]], [4_000.0, SEA, SEA, 1.0], rtol=1e-9)
    assert table.index.tolist() == ["d", "c", "b", "a"]
    assert ledger.frame()["zone_id"].tolist() == ["c", "b"]


@pytest.mark.parametrize("gap", [None, shapely.Polygon()])
def test_t09_a_layer_with_a_gap_is_refused(gap):
    """What has no shape is no zone: the table of a user's layer says so, and how many."""
    layer = gpd.GeoDataFrame({"code": list("abc")}, geometry=[shapely.box(0, 0, 1, 1), gap, shapely.box(2, 0, 3, 1)], crs=4326)
    with pytest.raises(WrongGeometry, match="holds 1 features without an area"):
        zone_table(layer, level="adm2", iso3="TOY", id_column="code", origin="layer.gpkg")


@on_every_grid
def test_t10_a_triangle_weighs_as_it_lies(where):
    """Elsewhere the rows of a weighted zone run upwards, from a corner of the polygon, and cells of zero are left out."""
    values, weights = lopsided((7, 9)), lopsided((7, 9), seed=8)
    here = GRIDS[where](values.shape)
    corners = [(0.3, 0.2), (8.6, 1.4), (2.1, 6.7)]
    table = sums_of({"a": pixel_polygon(here, corners)}, raster(values, here), weight=raster(weights, here))
    shares = dense_shares([shapely.Polygon(corners)], values.shape)
    assert (values[shares[0] > 0] == 0).any()
    [slow] = statistics(values, shares, weights=weights)
    upside_down = statistics(values, shares[:, ::-1], weights=weights)[0]
    for column in ("count", "sum", "mean", "sd", "min", "max", "weighted_mean"):
        assert table.loc["a", column] == pytest.approx(slow[column], rel=1e-7), column
    assert abs(slow["weighted_mean"] / upside_down["weighted_mean"] - 1) > 0.01


def test_t10_single_precision_loses_nobody():
    """Elsewhere sums are float32: one person more than 16,777,216 is none."""
    values = np.ones((30, 40), np.float32)
    values[3, 5] = 2.0**24
    here = GRIDS["metres"](values.shape)
    table = sums_of({"a": pixel_box(here, 0, 0, 40, 30)}, raster(values, here))
    assert table.loc["a", "sum"] == 2.0**24 + 1_199


@on_every_grid
def test_t11_small_zones_have_their_part(where):
    """Elsewhere a zone between cell centres has nothing, or all of the cell it touches."""
    here = GRIDS[where]((3, 4))
    values = np.arange(1.0, 13.0).reshape(3, 4)
    shapes = {"in one": pixel_box(here, 1.6, 2.6, 1.9, 2.8), "in four": pixel_box(here, 2.6, 0.8, 3.4, 1.3)}
    table = sums_of(shapes, raster(values, here))
    four = 0.4 * 0.2 * (3 + 4) + 0.4 * 0.3 * (7 + 8)
    assert table["sum"].tolist() == pytest.approx([0.06 * 10, four], rel=1e-6)
    assert table["count"].tolist() == pytest.approx([0.06, 0.4], rel=1e-6)
    assert table.loc["in one", ["mean", "min", "max"]].tolist() == pytest.approx([10.0] * 3, rel=1e-9)


@pytest.mark.parametrize(("row", "col"), [(96, 4852), (96, 2880), (652, 3956), (1428, 2516), (1700, 3728), (4, 3204)])
def test_t12_aligned_zones_lose_no_cell(row, col):
    """Elsewhere a cell of such a shape at such a place is lost: 1/120 of a degree is no binary fraction."""
    whole = degrees((1790, 4900), left=46.4916666666667)
    random = np.random.default_rng(row + col)
    here = whole[row - 2 : row + 6, col - 2 : col + 7]
    for cells in ("110 011 111", "010 111 000", "010 011 111", "110 011 011", "100 110 101"):
        image = np.pad(np.array([list(line) for line in cells.split()], int), ((2, 3), (2, 4)))
        values = random.integers(1, 10_000, image.shape).astype(float)
        # Drawn from the corner of the whole country, read on a crop with a corner of its own.
        rings = trace(raster(image, grid(image.shape, cell=1.0), kind="class"))
        outline = shapely.transform(
            rings.iloc[0], lambda xy: np.array([whole.transform @ (x + col - 2, row - 2 - y) for x, y in xy])
        )
        table = sums_of({"a": outline}, raster(values, here))
        assert table.loc["a", ["count", "sum"]].tolist() == [image.sum(), values[image == 1].sum()]


def test_t13_hexagons_add_up():
    """Elsewhere a hexagon has the people of one cell: 1.4 % of a country. Hexagons here are zones like any other."""
    here = degrees((12, 18), left=76.9, top=43.3)
    values = lopsided((12, 18))
    corners = [here.transform @ (col, row) for row in range(13) for col in range(19)]
    hexagons = {ring for x, y in corners for ring in h3.grid_disk(h3.latlng_to_cell(y, x, 7), 1)}
    shapes = {name: shapely.Polygon([(x, y) for y, x in h3.cell_to_boundary(name)]) for name in sorted(hexagons)}
    table = sums_of(shapes, raster(values, here))
    assert table["count"].max() > 5
    assert table["sum"].sum() == pytest.approx(values.sum(), rel=1e-9)


@on_every_grid
def test_t14_overlapping_zones_are_whole(where):
    """Elsewhere zones are painted on one image, and the last one has the ground that two share."""
    here = GRIDS[where]((2, 3))
    parts = {"west": (0, 0, 2, 2), "all": (0, 0, 3, 2), "east": (1, 0, 3, 2), "again": (1, 0, 3, 2), "inner": (0.5, 0, 1.5, 1)}
    shapes = {name: pixel_box(here, *part) for name, part in parts.items()}
    expected = {"west": 12.0, "all": 21.0, "east": 16.0, "again": 16.0, "inner": 1.5}
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert sums_of(shapes, raster(values, here))["sum"].to_dict() == pytest.approx(expected, rel=1e-9)


def test_every_trap_has_its_row_and_its_test():
    """The table above is complete, and names no test that is not there."""
    tests = {name for name in globals() if name.startswith("test_t")}
    assert tests == {word for word in __doc__.split() if word.startswith("test_t")}
    for trap in ("05b", *(f"{number:02}" for number in range(1, 15))):
        assert any(name.startswith(f"test_t{trap}_") for name in tests), trap
