"""Friction by hand: land cover, relief, roads and scenarios; what it must never do; and Senegal."""

from dataclasses import FrozenInstanceError, replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Geod, Transformer
from scipy.stats import spearmanr
from toys import degrees, grid, pixel_box, raster

from urbanreview.access.friction import friction_from, what_if
from urbanreview.access.relief import altitude_factor, hiking_factor, slope_of
from urbanreview.access.roads import burn_speeds
from urbanreview.access.speeds import MODIS_IGBP, MODIS_UMD, OSM_HIGHWAY, WORLDCOVER, Speed
from urbanreview.errors import (
    AllMissing,
    BadSetting,
    ClassesWithoutSpeed,
    MissingCrs,
    NotInInput,
    UndeclaredRaster,
    WrongGeometry,
)
from urbanreview.grid import cell_centres, geobox_of, resample, step_lengths_m
from urbanreview.sources import open_raster

HERE = grid((2, 4), left=2_000_000.0, top=5_500_000.0)
GRASS, CROPS, WATER, TOWN = 10, 12, 17, 13
COVER = [[GRASS, CROPS, WATER, np.nan], [TOWN, GRASS, GRASS, WATER]]
GRASS_MIN, CROPS_MIN, TOWN_MIN = 0.06 / 4.86, 0.06 / 2.5, 0.06 / 5.0
TABLES = {"igbp": MODIS_IGBP, "umd": MODIS_UMD, "worldcover": WORLDCOVER, "osm": OSM_HIGHWAY}


def cover(values=COVER, here=HERE):
    return raster(values, here, kind="class", units="IGBP", source="modis")


def height(values, here=HERE):
    return raster(np.asarray(values, float), here, kind="intensity", units="m", source="dem")


def cost(values, here=HERE):
    return raster(np.asarray(values), here, kind="cost", units="min/m", source="map")


def road(*corners, here=HERE):
    """A line through (column, row) corners of a grid."""
    return shapely.LineString([here.transform @ corner for corner in corners])


def roads(lines, here=HERE, **columns):
    return gpd.GeoDataFrame(columns, geometry=lines, crs=here.crs.to_wkt())


def rows_of(ledger):
    return dict(ledger.frame()[["cause", "amount"]].values.tolist())


# Tables


@pytest.mark.parametrize("name", list(TABLES))
def test_tables_are_frozen_and_every_row_has_a_source(name):
    table = TABLES[name]
    for key, speed in table.items():
        assert speed.key == key
        assert len(speed.source) > 10
        assert 0.0 <= speed.speed_km_per_h <= 90.0
    first = next(iter(table.values()))
    with pytest.raises(TypeError):
        table[first.key] = first
    with pytest.raises(FrozenInstanceError):
        first.speed_km_per_h = 1.0


def test_tables_hold_every_code_of_their_legend():
    assert sorted(MODIS_IGBP) == list(range(1, 18))
    assert sorted(MODIS_UMD) == list(range(16))
    assert sorted(WORLDCOVER) == [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100]
    impassable = [(name, key) for name, table in TABLES.items() for key, speed in table.items() if not speed.speed_km_per_h]
    assert impassable == [("igbp", 17), ("umd", 0), ("worldcover", 80)]


@pytest.mark.parametrize("speed", [-1.0, np.nan, np.inf])
def test_a_speed_is_a_number_from_zero_on(speed):
    with pytest.raises(BadSetting, match="mud"):
        Speed(99, "mud", speed, "a test")


# On foot


def test_land_cover_by_hand(freeze):
    friction, ledger = friction_from(to=HERE, land_cover=freeze(cover()))
    expected = [[GRASS_MIN, CROPS_MIN, np.nan, np.nan], [TOWN_MIN, GRASS_MIN, GRASS_MIN, np.nan]]
    np.testing.assert_allclose(friction.values, expected, rtol=1e-12)
    assert (friction.attrs["kind"], friction.attrs["units"]) == ("cost", "min/m")
    assert geobox_of(friction) == HERE
    assert rows_of(ledger) == {"no land cover": 1.0, "impassable land cover": 2.0, "nobody passes": 3.0}


def test_without_land_cover_one_speed_everywhere():
    friction, ledger = friction_from(to=HERE)
    np.testing.assert_allclose(friction.values, np.full((2, 4), 0.012), rtol=1e-12)
    assert ledger.frame().empty
    assert friction_from(to=HERE, off_road_base_km_per_h=4.0)[0].values[0, 0] == pytest.approx(0.015)


def test_a_variant_of_a_table_is_a_copy():
    muddy = dict(MODIS_IGBP) | {CROPS: replace(MODIS_IGBP[CROPS], speed_km_per_h=1.0, source="rainy season")}
    friction, _ = friction_from(to=HERE, land_cover=cover(), speeds=muddy)
    assert friction.values[0, 1] == pytest.approx(0.06)
    assert MODIS_IGBP[CROPS].speed_km_per_h == 2.5


def test_land_cover_of_another_grid_is_voted():
    """Four cells to one: three of grass win, the second column has two codes and the smaller one wins."""
    finer = grid((2, 4), left=2_000_000.0, top=5_500_000.0, cell=500.0)
    target = grid((1, 2), left=2_000_000.0, top=5_500_000.0)
    values = [[GRASS, GRASS, CROPS, CROPS], [GRASS, WATER, WATER, WATER]]
    friction, _ = friction_from(to=target, land_cover=cover(values, finer))
    np.testing.assert_allclose(friction.values, [[GRASS_MIN, CROPS_MIN]], rtol=1e-12)


# Relief


def test_tobler_at_published_values():
    """Six km/h at best, on a slope of five in a hundred downhill; 3.71 on five degrees, 2.71 on ten."""
    level = 6.0 * np.exp(-3.5 * 0.05)
    assert level * hiking_factor(-0.05) == pytest.approx(6.0)
    assert level * hiking_factor(np.tan(np.radians([5.0, 10.0]))) == pytest.approx([3.71, 2.71], abs=0.01)


def test_altitude_by_the_formula_and_never_above_one():
    assert altitude_factor(4000.0) == pytest.approx(1.016 * np.exp(-0.4288), rel=1e-12)
    assert altitude_factor(np.array([-400.0, 0.0, 147.0])).tolist() == [1.0, 1.0, 1.0]
    assert np.isnan(altitude_factor(np.nan))


@pytest.mark.parametrize("rise", [0.05, 0.2, 0.7])
@pytest.mark.parametrize("turned", [False, True])
def test_a_tilted_plane_in_metres(rise, turned):
    here = grid((4, 6), left=400_000.0, top=5_200_000.0, crs="EPSG:32633")
    row, col = np.mgrid[0:4, 0:6]
    steps = step_lengths_m(here)
    plane = rise * (row * steps.south[0, 0] if turned else col * steps.east[0, 0])
    friction, _ = friction_from(to=here, elevation=height(plane, here), thin_air=False)
    np.testing.assert_allclose(friction.values, 0.012 * np.exp(3.5 * rise), rtol=1e-4)


def test_a_plane_that_falls_to_the_south_east():
    here = grid((4, 6), left=400_000.0, top=5_200_000.0, cell=100.0, height=200.0, crs="EPSG:32633")
    row, col = np.mgrid[0:4, 0:6]
    assert slope_of(-(6.0 * row * 2 + 8.0 * col), here) == pytest.approx(0.1, rel=1e-3)


@pytest.mark.parametrize("top", [0.02, 55.45, -33.0])
def test_a_tilted_plane_in_degrees(top):
    """Northwards by the true length of every step; eastwards on one row, where steps are all alike."""
    here = degrees((5, 3), top=top)
    south = np.concatenate([[0.0], np.cumsum(step_lengths_m(here).south[:, 0])])
    plane = height(np.repeat(0.2 * south[:, None], 3, axis=1), here)
    np.testing.assert_allclose(friction_from(to=here, elevation=plane, thin_air=False)[0], 0.012 * np.exp(0.7), rtol=1e-9)
    line = degrees((1, 6), top=top)
    eastwards = height([0.1 * step_lengths_m(degrees((2, 6), top=top)).east[0, 0] * np.arange(6)], line)
    np.testing.assert_allclose(friction_from(to=line, elevation=eastwards, thin_air=False)[0], 0.012 * np.exp(0.35), rtol=1e-9)


@pytest.mark.parametrize("azimuth", [0, 40, 90, 135, 300])
def test_slope_on_a_sheared_grid_is_that_on_the_ground(azimuth):
    """In Mollweide at 78 degrees east a column is far from north; a plane on the ground has one slope whatever way it falls."""
    here = grid((6, 8), left=6_300_000.0, top=5_300_000.0)
    longitude, latitude = cell_centres(here)
    ground = f"+proj=aeqd +lon_0={longitude.mean()} +lat_0={latitude.mean()} +datum=WGS84"
    east, north = Transformer.from_crs(4326, ground, always_xy=True).transform(longitude, latitude)
    plane = 0.1 * (np.sin(np.radians(azimuth)) * east + np.cos(np.radians(azimuth)) * north)
    np.testing.assert_allclose(slope_of(plane, here), 0.1, rtol=1e-4)
    if azimuth == 0:
        steps = step_lengths_m(here)
        along, across = np.diff(plane, axis=1)[1:] / steps.east[1:], np.diff(plane, axis=0)[:, 1:] / steps.south[:, 1:]
        np.testing.assert_allclose(np.hypot(along, across), 0.0857, atol=2e-4)


def test_slope_on_a_large_grid_measures_fewer_steps_and_is_the_same(monkeypatch):
    here = grid((40, 50), left=6_300_000.0, top=5_300_000.0)
    hills = np.add.outer(np.sin(np.arange(40)), np.cos(np.arange(50) / 3)) * 300
    every = slope_of(hills, here)
    monkeypatch.setattr("urbanreview.access.relief.SMALL_GRID_CELLS", 0)
    few = slope_of(hills, here)
    assert not np.array_equal(few, every)
    np.testing.assert_allclose(few, every, rtol=1e-3)


def test_where_elevation_is_missing_the_ground_is_level_and_counted():
    values = np.array([[100.0, np.nan, 300.0, 300.0], [100.0, np.nan, 300.0, 300.0]])
    friction, ledger = friction_from(to=HERE, elevation=height(values), thin_air=False)
    np.testing.assert_allclose(friction.values, 0.012, rtol=1e-12)
    assert rows_of(ledger) == {"no elevation: taken as level, at sea level": 2.0}
    _, ledger = friction_from(to=HERE, land_cover=cover(), elevation=height(np.full((2, 4), np.nan)))
    assert ledger.amount("no elevation: taken as level, at sea level") == 5, "water needs none"


def test_elevation_of_another_grid_is_averaged():
    finer = grid((4, 8), left=2_000_000.0, top=5_500_000.0, cell=500.0)
    bumps = np.tile([[3900.0, 4100.0], [4100.0, 3900.0]], (2, 4))
    friction, _ = friction_from(to=HERE, elevation=height(bumps, finer))
    np.testing.assert_allclose(friction.values, 0.012 / altitude_factor(4000.0), rtol=1e-9)


# Roads


def test_roads_by_hand():
    """The fastest wins, over water and land without cover too; a slow one does not slow; the slope is nothing to a car."""
    steep = height([[0, 0, 0, 0], [700, 700, 700, 700]])
    network = roads(
        [
            road((0.5, 0.5), (3.5, 0.5)),
            road((2.5, 0.2), (2.5, 1.8)),
            road((0.5, 1.4), (0.5, 1.6)),
            road((1.2, 1.5), (1.3, 1.5)),
        ],
        highway=["tertiary", "motorway", "path", "zebra"],
    )
    friction, ledger = friction_from(to=HERE, land_cover=cover(), elevation=steep, roads=network)
    level, _ = friction_from(to=HERE, land_cover=cover(), elevation=steep)
    tertiary, motorway = 0.06 / 40, 0.06 / 90
    expected = [[tertiary, tertiary, motorway, tertiary], [0.012, level.values[1, 1], motorway, np.nan]]
    np.testing.assert_allclose(friction.values, expected, rtol=1e-12)
    assert level.values[1, 0] > 0.012
    found = rows_of(ledger)
    assert found["highway 'zebra' has no speed"] == 1.0
    assert found["nobody passes"] == 1.0


def test_a_road_slower_than_walking_changes_nothing():
    slow = roads([road((0.5, 0.5), (1.5, 0.5))], kmh=[3.0])
    friction, _ = friction_from(to=HERE, land_cover=cover(), roads=slow, speed_column="kmh")
    np.testing.assert_allclose(friction.values[0, :2], [GRASS_MIN, 0.06 / 3.0], rtol=1e-12)


def test_what_cannot_be_drawn_is_counted():
    lines = [
        road((0.5, 0.5), (1.5, 0.5)),
        None,
        shapely.LineString(),
        road((0.5, 0.5), (3.5, 0.5)),
        road((2.5, 1.5), (3.5, 1.5)),
    ]
    network = roads(lines, kmh=["60", 60, 60, "signals", 0])
    friction, ledger = friction_from(to=HERE, roads=network, speed_column="kmh")
    assert rows_of(ledger) == {"road without geometry": 2.0, "road without a speed above zero: skipped": 2.0}
    assert np.isclose(friction.values, 0.001).tolist() == [[True, True, False, False], [False] * 4]


def test_road_outside_the_grid_is_told_in_true_km():
    """Half a degree along a meridian, a fifth of it on the grid of a tenth of a degree; a second road is far away."""
    here = degrees((12, 6), left=60.0, top=50.1)
    lines = [shapely.LineString([(60.02, 49.8), (60.02, 50.3)]), shapely.LineString([(30.0, 10.0), (30.0, 10.1)])]
    network = gpd.GeoDataFrame({"kmh": [50.0, 50.0]}, geometry=lines, crs=4326)
    friction, ledger = friction_from(to=here, roads=network, speed_column="kmh")
    geod = Geod(ellps="WGS84")
    ends = [(60.02, 49.8, 50.0), (60.02, 50.1, 50.3), (30.0, 10.0, 10.1)]
    beyond = sum(geod.line_length([east, east], [south, north]) for east, south, north in ends)
    assert ledger.amount("road outside the grid") == pytest.approx(beyond / 1000, rel=1e-6)
    assert np.isclose(friction.values, 0.0012).sum(axis=0).tolist() == [0, 0, 12, 0, 0, 0]


def test_roads_come_in_any_reference_system():
    network = roads([road((0.3, 0.5), (1.5, 0.5), (1.5, 1.7))], highway=["primary"])
    there, _ = friction_from(to=HERE, roads=network.to_crs(4326))
    np.testing.assert_allclose(there, friction_from(to=HERE, roads=network)[0], rtol=1e-12)


def test_a_line_the_projection_cannot_show_is_counted():
    here = grid((2, 2), left=400_000.0, top=5_200_000.0, crs="EPSG:32633")
    far = gpd.GeoSeries([shapely.LineString([(100.0, 0.0), (100.0, 0.01)])], crs=4326)
    fast, ledger = burn_speeds(far, np.array([50.0]), here, step="roads")
    assert np.isnan(fast).all()
    assert rows_of(ledger) == {"road beyond the projection of the grid": 1.0}


# Scenarios


def test_a_scenario_by_hand(freeze):
    now = freeze(cost([[0.012, 0.0005, np.nan, 0.012], [0.012, 0.012, -9999.0, 0.012]]))
    plan = roads([road((0.5, 0.5), (2.5, 0.5)), road((2.5, 1.4), (2.5, 1.6))], kmh=[60.0, 30.0])
    then, ledger = what_if(now, plan, speed_column="kmh")
    np.testing.assert_allclose(then, [[0.001, 0.0005, 0.001, 0.012], [0.012, 0.012, 0.002, 0.012]], rtol=1e-12)
    assert rows_of(ledger) == {"cells changed": 3.0, "impassable cells opened": 2.0}
    assert (then.attrs["kind"], then.attrs["units"], then.attrs["source"]) == ("cost", "min/m", "map")


def test_a_scenario_may_slow_down():
    now = cost([[0.012, 0.0005, 0.012, 0.012]] * 2)
    repairs = roads([road((0.5, 0.5), (1.5, 0.5))])
    then, ledger = what_if(now, repairs, speed_km_per_h=20.0, only_faster=False)
    np.testing.assert_allclose(then.values[0], [0.003, 0.003, 0.012, 0.012])
    assert ledger.amount("cells changed") == 2


def test_a_scenario_twice_changes_nothing_more():
    now = cost(np.full((2, 4), 0.012, np.float32))
    plan = roads([road((0.5, 0.5), (3.5, 1.5))])
    once, _ = what_if(now, plan, speed_km_per_h=47.0)
    twice, ledger = what_if(once, plan, speed_km_per_h=47.0)
    assert once.dtype == np.float32
    assert np.array_equal(once.values, twice.values)
    assert ledger.amount("cells changed") == 0


def test_a_scenario_without_lines_or_elsewhere_changes_nothing():
    now = cost(np.full((2, 4), 0.012))
    assert np.array_equal(what_if(now, roads([]), speed_km_per_h=50.0)[0], now)
    then, ledger = what_if(now, roads([road((10.0, 0.5), (12.0, 0.5))]), speed_km_per_h=50.0)
    assert np.array_equal(then, now)
    step_m = step_lengths_m(grid((2, 3), left=2_010_000.0, top=5_500_000.0)).east[0, 0]
    assert ledger.amount("road outside the grid") == pytest.approx(2 * step_m / 1000, rel=1e-3)


# Laws

columns, rows = st.floats(-1.0, 5.0), st.floats(-1.0, 3.0)
networks = st.lists(st.tuples(columns, rows, columns, rows, st.floats(1.0, 130.0)), min_size=1, max_size=5)
covers = arrays(float, (2, 4), elements=st.sampled_from([*range(1, 18), np.nan])).filter(lambda codes: np.isfinite(codes).any())
heights = arrays(float, (2, 4), elements=st.one_of(st.floats(-100, 5000), st.just(np.nan)))


def network_of(drawn, times=1.0):
    lines = [road((left, top), (right, bottom)) for left, top, right, bottom, _ in drawn]
    return roads(lines, kmh=[times * speed for *_, speed in drawn])


def slower(before, after) -> np.ndarray:
    return np.nan_to_num(after.values, nan=np.inf) > np.nan_to_num(before.values, nan=np.inf) * (1 + 1e-12)


@given(covers, heights, networks)
def test_law_roads_slow_no_cell_and_faster_ones_neither(codes, metres, drawn):
    on_foot, _ = friction_from(to=HERE, land_cover=cover(codes), elevation=height(metres))
    made = [
        friction_from(
            to=HERE, land_cover=cover(codes), elevation=height(metres), roads=network_of(drawn, times), speed_column="kmh"
        )[0]
        for times in (1.0, 1.5)
    ]
    assert not slower(on_foot, made[0]).any()
    assert not slower(made[0], made[1]).any()
    assert not slower(made[0], what_if(made[0], network_of(drawn, 1.5), speed_column="kmh")[0]).any()


@given(covers, heights, networks)
def test_law_half_the_speed_is_twice_the_friction(codes, metres, drawn):
    halved = {code: replace(speed, speed_km_per_h=speed.speed_km_per_h / 2) for code, speed in MODIS_IGBP.items()}
    made = [
        friction_from(
            to=HERE,
            land_cover=cover(codes),
            speeds=speeds,
            elevation=height(metres),
            roads=network_of(drawn, times),
            speed_column="kmh",
        )[0].values
        for speeds, times in ((MODIS_IGBP, 1.0), (halved, 0.5))
    ]
    np.testing.assert_allclose(made[1], 2 * made[0], rtol=1e-12)


@given(networks)
def test_twin_cells_that_a_line_touches(drawn):
    """The slow way: every cell against every line; what only grazes a cell may fall on either side."""
    lines = network_of(drawn)
    fast, _ = burn_speeds(lines.geometry, lines["kmh"].to_numpy(), HERE, step="roads")
    for row in range(2):
        for col in range(4):
            inner, outer = (pixel_box(HERE, col + by, row + by, col + 1 - by, row + 1 - by) for by in (1e-3, -1e-3))
            surely = max(lines["kmh"][lines.intersects(inner)], default=0.0)
            perhaps = max(lines["kmh"][lines.intersects(outer)], default=0.0)
            assert surely <= np.nan_to_num(fast[row, col]) <= perhaps


@given(covers, networks)
def test_law_a_road_in_one_step_or_as_a_scenario(codes, drawn):
    """Drawing roads when the friction is made, or on it afterwards, is one thing."""
    first, _ = friction_from(to=HERE, land_cover=cover(codes), roads=network_of(drawn), speed_column="kmh")
    on_foot, _ = friction_from(to=HERE, land_cover=cover(codes))
    np.testing.assert_allclose(what_if(on_foot, network_of(drawn), speed_column="kmh")[0], first, rtol=1e-12)


# Bad inputs

LINE = [road((0.5, 0.5), (1.5, 0.5))]
BAD = {
    "unknown codes": (
        ClassesWithoutSpeed,
        r"99 \(1 cells\)",
        lambda: friction_from(to=HERE, land_cover=cover([[99, 10, 10, 10], [10] * 4])),
    ),
    "another legend": (
        ClassesWithoutSpeed,
        "Known: 1, 2",
        lambda: friction_from(to=HERE, land_cover=cover([[0, 15, 1, 1]] * 2)),
    ),
    "no cover": (AllMissing, "modis", lambda: friction_from(to=HERE, land_cover=cover(np.full((2, 4), np.nan)))),
    "cover of no class": (UndeclaredRaster, "kind class", lambda: friction_from(to=HERE, land_cover=height(COVER))),
    "relief of a class": (UndeclaredRaster, "kind intensity", lambda: friction_from(to=HERE, elevation=cover())),
    "relief in feet": (
        UndeclaredRaster,
        "units m",
        lambda: friction_from(to=HERE, elevation=raster(COVER, HERE, kind="intensity", units="ft")),
    ),
    "no such column": (NotInInput, "highway", lambda: friction_from(to=HERE, roads=roads(LINE, hiway=["path"]))),
    "no such speed": (NotInInput, "kmh", lambda: friction_from(to=HERE, roads=roads(LINE, kph=[5]), speed_column="kmh")),
    "no reference system": (
        MissingCrs,
        "roads",
        lambda: what_if(cost(COVER), gpd.GeoDataFrame(geometry=LINE), speed_km_per_h=5.0),
    ),
    "areas": (WrongGeometry, "Polygon", lambda: what_if(cost(COVER), roads([LINE[0].buffer(9)]), speed_km_per_h=5.0)),
    "standing still": (BadSetting, "off_road_base", lambda: friction_from(to=HERE, off_road_base_km_per_h=0.0)),
    "no speed": (BadSetting, "give one of", lambda: what_if(cost(COVER), roads(LINE))),
    "two speeds": (
        BadSetting,
        "give one of",
        lambda: what_if(cost(COVER), roads(LINE, k=[1]), speed_km_per_h=5.0, speed_column="k"),
    ),
    "backwards": (BadSetting, "more than 0", lambda: what_if(cost(COVER), roads(LINE), speed_km_per_h=-5.0)),
    "no cost": (UndeclaredRaster, "kind cost", lambda: what_if(cover(), roads(LINE), speed_km_per_h=5.0)),
    "other units": (
        UndeclaredRaster,
        "min/m",
        lambda: what_if(raster(COVER, HERE, kind="cost", units="s/m"), roads(LINE), speed_km_per_h=5.0),
    ),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_inputs_are_told(name):
    error, words, call = BAD[name]
    with pytest.raises(error, match=words):
        call()


# Senegal


@pytest.fixture(scope="module")
def senegal(shared):
    folder = shared / "data" / "senegal"
    published, _ = open_raster(folder / "friction_motorized_1km.tif", kind="cost", units="min/m", source="map 2020")
    land_cover, _ = open_raster(folder / "landcover_modis_umd_500m.tif", kind="class", units="UMD", source="modis")
    here, _ = resample(land_cover, to=geobox_of(published))
    return published, here, *friction_from(to=geobox_of(published), land_cover=here, speeds=MODIS_UMD)


@pytest.mark.real
@pytest.mark.long
def test_friction_of_senegal_is_like_the_published_one_off_roads(senegal):
    """The published map has relief and another edition of land cover: cropland is a mosaic there, at 3.24 instead of 2.5."""
    published, _, made, ledger = senegal
    known = np.isfinite(made.values)
    assert set(np.unique((0.06 / made.values[known]).round(2))) == {1.62, 2.5, 3.0, 3.24, 4.0, 4.2, 4.86, 5.0}
    assert ledger.amount("nobody passes") == ledger.amount("no land cover") + ledger.amount("impassable land cover")
    off_roads = known & (published.values > 0.0119) & (published.values < 0.059)
    assert off_roads.sum() > 200_000
    theirs, ours = published.values[off_roads].astype(float), made.values[off_roads]
    assert spearmanr(theirs, ours).statistic > 0.15
    assert 1.0 < np.median(theirs / ours) < 1.05
    assert (np.abs(np.log(theirs / ours)) < 0.1).mean() > 0.5
    classes = [friction for friction in np.unique(ours) if (ours == friction).sum() > 200]
    assert len(classes) == 5
    assert spearmanr(classes, [np.median(theirs[ours == friction]) for friction in classes]).statistic > 0.85


@pytest.mark.real
def test_water_of_senegal_is_crossed_by_boat_in_the_published_map(senegal):
    """At 19 km/h at sea, 10 on rivers and 1 elsewhere; here nobody passes."""
    published, here, made, ledger = senegal
    water = here.values == 0
    assert np.isnan(made.values[water]).all()
    assert ledger.amount("impassable land cover") == water.sum() > 40_000
    by_boat = np.isin(np.round(0.06 / published.values.astype(float)), (1.0, 10.0, 19.0))
    assert by_boat[water].mean() > 0.95
    assert by_boat[~water & np.isfinite(here.values)].mean() < 0.05


@pytest.mark.real
def test_a_road_across_senegal_speeds_up_the_published_map(senegal):
    published = senegal[0]
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(-17.0, 14.7), (-12.5, 14.0)])], crs=4326)
    then, ledger = what_if(published, line, speed_km_per_h=100.0)
    changed = then.values != published.values
    assert ledger.amount("cells changed") == changed.sum() > 500
    assert (then.values[changed] < published.values[changed]).all()
    assert ledger.amount("road outside the grid") == 0
