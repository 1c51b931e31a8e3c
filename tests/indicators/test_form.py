"""Form by closed form, by hand, and by laws."""

import sys

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Proj
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.errors import GridMismatch, UndeclaredRaster, UnknownName
from urbanreview.grid import cell_area_km2, geobox_of
from urbanreview.indicators.form import DEFAULT, MEASURES, SHAPES, form, fullness, median_urban_density
from urbanreview.kernels.coverage import Cover
from urbanreview.zones import Plan, plan_zones

ALMATY = (77.0, 43.0)
LOCAL = "+proj=laea +lon_0=77 +lat_0=43 +datum=WGS84 +units=m"
"""Squares on this plane are squares on the ground."""
CIRCLE_PAIRS = 128 / (45 * np.pi)


def local(rows, cols=None):
    return grid((rows, cols or rows), left=-1000.0, top=2000.0, crs=LOCAL)


def of_cells(image, here=None, measures=tuple(SHAPES)):
    """Measure one zone made of the true cells of an image, on one person per cell."""
    frame, _ = form(*cells_and_people(image, here), measures=measures)
    return frame.loc["a"].rename(lambda name: name.removeprefix("form."))


def cells_and_people(image, here=None):
    row, col = np.nonzero(image)
    people = raster(np.ones(np.shape(image)), here or local(*np.shape(image)))
    no_runs = (np.zeros(1, np.int64), *[np.empty(0, np.int32)] * 3)
    cover = Cover(*no_runs, np.array([row.size]), row.astype(np.int32), col.astype(np.int32), np.ones(row.size))
    return Plan(geobox_of(people), pd.Index(["a"], name="zone_id"), cover, np.array([float(row.size)])), people


def disc_image(radius, *, centre=(0.5, 0.5)):
    size = int(2 * radius) + 6
    row, col = np.mgrid[:size, :size] + 0.5
    return np.hypot(row - size // 2 - centre[0], col - size // 2 - centre[1]) < radius


def test_a_square_of_any_number_of_cells_has_its_closed_forms():
    radius = 1 / np.sqrt(np.pi)
    half_diagonal_angle = np.arccos(np.sqrt(np.pi) / 2)
    outside = 4 * (radius**2 * half_diagonal_angle - radius * np.sin(half_diagonal_angle) / 2)
    for side in (1, 2, 5, 23):
        found = of_cells(np.ones((side, side)))
        assert found["proximity"] == pytest.approx(2 / 3 * radius / ((np.sqrt(2) + np.arcsinh(1)) / 6), rel=1e-6)
        pairs = (np.sqrt(2) + 2 + 5 * np.arcsinh(1)) / 15
        assert found["cohesion"] == pytest.approx(CIRCLE_PAIRS * radius / pairs, rel=5e-5)
        assert found["exchange"] == pytest.approx(1 - outside, rel=1e-6)


@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.5, 0.5), (0.23, 0.61)])
def test_a_disc_tends_to_one_in_everything(centre):
    small, large = of_cells(disc_image(6, centre=centre)), of_cells(disc_image(40, centre=centre))
    for name, tolerance in {"proximity": 2e-4, "cohesion": 2e-4, "exchange": 7e-3}.items():
        assert small[name] < large[name] <= 1.0
        assert large[name] == pytest.approx(1.0, abs=tolerance)
    assert large["perimeter"] == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("radius", [3.3, 5.0, 8.4, 15.0])
@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.5, 0.5), (0.0, 0.5)])
def test_a_digitised_disc_has_a_perimeter_of_exactly_one(radius, centre):
    image = disc_image(radius, centre=centre)
    assert of_cells(image)["perimeter"] == pytest.approx(1.0, abs=1e-9)


def test_a_long_strip_is_a_line():
    length = 400
    found, radius = of_cells(np.ones((1, length))), np.sqrt(length / np.pi)
    assert found["proximity"] == pytest.approx(2 / 3 * radius / (length / 4), rel=1e-3)
    assert found["cohesion"] == pytest.approx(CIRCLE_PAIRS * radius / (length / 3), rel=1e-3)
    assert found["exchange"] == pytest.approx(2 * radius / length, rel=1e-2)


def test_a_square_with_a_hole_is_the_square_less_the_hole():
    ring = np.ones((3, 3))
    ring[1, 1] = 0
    mean = (np.sqrt(2) + np.arcsinh(1)) / 6 * (9 * 3 - 1) / 8
    assert of_cells(ring)["proximity"] == pytest.approx(2 / 3 * np.sqrt(8 / np.pi) / mean, rel=1e-6)


def test_two_squares_far_apart_are_near_nothing():
    apart = np.zeros((3, 303))
    apart[:, :3] = apart[:, -3:] = 1
    found = of_cells(apart)
    assert found["proximity"] == pytest.approx(2 / 3 * np.sqrt(18 / np.pi) / 150, rel=1e-3)
    assert found["exchange"] == 0.0


def test_perimeters_by_hand():
    # 32 cells about a corner of cells: six by six without its corners has 24 edges around it.
    assert of_cells(np.ones((4, 8)))["perimeter"] == pytest.approx(24 / 24, abs=1e-6)
    assert of_cells(np.ones((2, 16)))["perimeter"] == pytest.approx(24 / 36, abs=1e-6)
    # The next twelve are equally near, and with them all there are 32 edges: 36 cells are a third of the way.
    assert of_cells(np.ones((6, 6)))["perimeter"] == pytest.approx((24 + 8 / 3) / 24, abs=1e-6)
    holed = np.ones((6, 6))
    holed[2:4, 2:4] = 0  # 24 edges outside and 8 inside
    assert of_cells(holed)["perimeter"] == pytest.approx(24 / 32, abs=1e-6)


def test_perimeters_are_missing_below_thirty_cells_and_counted():
    parts = {"29": (0, 0, 29, 1), "30": (0, 1, 30, 2), "three": (0, 3, 3, 4)}
    here = local(5, 30)
    zones = zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt())
    frame, ledger = form(plan_zones(zones, here), raster(np.ones((5, 30)), here), measures=["perimeter"])
    assert frame["form.perimeter"].isna().tolist() == [True, False, True]
    assert ledger.frame()[["cause", "amount"]].values.tolist() == [["fewer than 30 cells, no perimeter", 2.0]]


images = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).random((7, 9)) < 0.4)


def scattered_points(image, per_side=14):
    row, col = np.nonzero(image)
    part = (np.arange(per_side) + 0.5) / per_side
    return (col[:, None, None] + part + 1j * (row[:, None, None] + part[:, None])).reshape(len(row), -1)


@settings(max_examples=10, deadline=None)
@given(images.filter(np.any))
def test_shapes_are_those_of_points_scattered_over_the_cells(image):
    found = of_cells(image)
    points = scattered_points(image)
    apart = np.abs(points - points.mean())
    radius = np.sqrt(image.sum() / np.pi)
    assert found["proximity"] == pytest.approx(2 / 3 * radius / apart.mean(), rel=2e-3)
    assert found["exchange"] == pytest.approx((apart < radius).mean(), abs=5e-2 / np.sqrt(image.sum()))
    few = scattered_points(image, per_side=5).ravel()
    pairs = np.abs(few[:, None] - few).mean()
    assert found["cohesion"] == pytest.approx(CIRCLE_PAIRS * radius / pairs, rel=1e-2)


@settings(max_examples=10, deadline=None)
@given(images.filter(lambda image: image.sum() >= 30 or image.sum() == 12))
def test_a_quarter_turn_and_a_mirror_change_nothing(image):
    expected = of_cells(image)
    for other in (np.rot90(image), np.rot90(image, 2), image[::-1], image.T):
        np.testing.assert_allclose(of_cells(other).to_numpy(), expected.to_numpy(), rtol=1e-5)


def test_moving_along_a_parallel_of_an_equal_area_grid_changes_nothing():
    image = np.random.default_rng(5).random((9, 12)) < 0.6
    places = [grid((9, 12), left=left, top=5.1e6, crs="EPSG:6933") for left in (-3e6, 0.0, 7.4e6)]
    first, *others = [of_cells(image, here) for here in places]
    for other in others:
        np.testing.assert_allclose(other.to_numpy(), first.to_numpy(), rtol=1e-6)


def at(ring_m, crs, *, cell, lon_lat=ALMATY):
    """Measure an outline, in metres around a place, on a grid of any kind."""
    plane = Proj(proj="laea", lon_0=lon_lat[0], lat_0=lon_lat[1])
    shape = gpd.GeoSeries([shapely.Polygon(np.column_stack([ring_m.real, ring_m.imag]))], index=["a"], crs=plane.crs)
    shape = gpd.GeoSeries(shapely.segmentize(shape.values, 500.0), index=shape.index, crs=shape.crs).to_crs(crs)
    left, bottom, right, top = shape.total_bounds
    left, top = (np.floor(left / cell) - 1) * cell, (np.ceil(top / cell) + 1) * cell
    here = grid((int((top - bottom) / cell) + 2, int((right - left) / cell) + 2), left=left, top=top, cell=cell, crs=crs)
    people = raster(np.ones(here.shape) * cell_area_km2(here) * 500.0, here)
    return form(plan_zones(shape, here), people, measures=list(MEASURES))[0].loc["a"].rename(lambda name: name[5:]), shape


CIRCLE = np.exp(2j * np.pi * np.arange(360) / 360)
BOOT = 1000 * np.array([0, 30, 30 + 8j, 12 + 10j, 14 + 40j, 1 + 42j])


@pytest.mark.parametrize("lon_lat", [ALMATY, (-72.0, -45.0), (104.0, 52.0)])
def test_the_shear_of_mollweide_is_undone(lon_lat):
    found, shape = at(20_000 * CIRCLE, "ESRI:54009", cell=1000, lon_lat=lon_lat)
    assert found["proximity"] == pytest.approx(1.0, abs=1e-3)
    assert found["cohesion"] == pytest.approx(1.0, abs=2e-3)
    assert found["exchange"] == pytest.approx(1.0, abs=2e-2)
    assert found["perimeter"] == pytest.approx(1.0, abs=2e-2)
    # Taken at face value the map's ellipse is no disc.
    inside = shapely.get_coordinates(shape.iloc[0])
    on_map = np.hypot(*(inside - inside.mean(axis=0)).T)
    assert on_map.max() / on_map.min() > 1.5


@pytest.mark.parametrize(("crs", "cell"), [("EPSG:4326", 1 / 120), ("EPSG:6933", 1000), ("EPSG:3857", 1300)])
def test_grids_of_every_kind_agree_on_one_shape(crs, cell):
    mollweide, _ = at(BOOT, "ESRI:54009", cell=1000)
    other, _ = at(BOOT, crs, cell=cell)
    shapes = ["proximity", "cohesion", "exchange"]
    np.testing.assert_allclose(other[shapes].to_numpy(), mollweide[shapes].to_numpy(), rtol=2e-2)
    assert mollweide["proximity"] < 0.8
    assert other["weighted_density"] == pytest.approx(500.0, rel=1e-9)
    assert mollweide["weighted_density"] == pytest.approx(500.0, rel=1e-9)


def test_the_antimeridian_is_no_border():
    here = grid((10, 3600), left=-180.0, top=52.0, cell=0.1, crs="EPSG:4326")
    parts = {
        "seam": shapely.union(pixel_box(here, 0, 2, 4, 6), pixel_box(here, 3597, 2, 3600, 6)),
        "whole": pixel_box(here, 1000, 2, 1007, 6),
    }
    measures = ["proximity", "exchange", "cohesion"]
    frame, _ = form(plan_zones(zones_of(parts), here), raster(np.ones(here.shape), here), measures=measures)
    assert frame.loc["seam", "form.proximity"] == pytest.approx(frame.loc["whole", "form.proximity"], rel=1e-6)
    assert frame.loc["seam", "form.exchange"] == pytest.approx(frame.loc["whole", "form.exchange"], rel=1e-6)
    assert frame.loc["seam", "form.cohesion"] == pytest.approx(frame.loc["whole", "form.cohesion"], rel=1e-3)


def test_with_very_many_cells_a_sample_stands_for_all_pairs(monkeypatch):
    module = sys.modules[form.__module__]  # the package may name the function as it names the module
    image = np.hypot(*(np.mgrid[:50, :70] - [[[25]], [[20]]])) > 12
    every = of_cells(image, measures=["cohesion"])["cohesion"]
    monkeypatch.setattr(module, "MOST_CELLS_IN_PAIRS", 700)
    frame, ledger = form(*cells_and_people(image), measures=["cohesion"])
    assert frame.loc["a", "form.cohesion"] == pytest.approx(every, rel=5e-3)
    assert frame.loc["a", "form.cohesion"] != every
    assert ledger.amount("cell left out of pairs") == image.sum() - 700


PEOPLE = [[100.0, 300.0, 50.0, 0.0], [80.0, np.nan, 400.0, np.nan]]
PARTS = {
    "west": (0, 0, 2, 2),
    "parts": (1.5, 0, 2.25, 1),  # half of 300 and a quarter of 50
    "nobody": (3, 0, 4, 1),
    "unknown": (3, 1, 4, 2),
    "sliver": (0.8, 0, 1.2, 0.9),
}


def people_by_hand(measures, parts=PARTS, **more):
    here = grid((2, 4), left=3e6, top=4e6, crs="EPSG:6933")
    zones = zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt())
    return form(plan_zones(zones, here), raster(PEOPLE, here), measures=measures, **more)


def test_weighted_density_by_hand():
    frame, ledger = people_by_hand(DEFAULT)
    assert frame.columns.tolist() == ["form.weighted_density", "form.proximity", "valid_share"]
    expected = [(1e4 + 9e4 + 6.4e3) / 480, (150 * 300 + 12.5 * 50) / 162.5, np.nan, np.nan, (20 * 100 + 60 * 300) / 80]
    np.testing.assert_allclose(frame["form.weighted_density"], expected, rtol=1e-9)
    np.testing.assert_allclose(frame["valid_share"], [0.75, 1, 1, 0, 1], rtol=1e-9)
    # Shapes do not ask who lives there; a sliver of less than half of every cell has none.
    assert frame["form.proximity"].notna().tolist() == [True, True, True, True, False]
    told = ledger.frame()[["step", "cause", "zone_id"]].values.tolist()
    assert told == [
        ["toy", "zone without a value", "unknown"],
        ["form", "zone without a cell that it covers by half", "sliver"],
    ]


def test_half_a_cell_belongs_to_the_shape_and_a_quarter_does_not():
    found = people_by_hand(["proximity"])[0]["form.proximity"]
    assert found["parts"] == pytest.approx(found["nobody"], rel=1e-9)  # one cell each
    assert found["west"] == pytest.approx(found["nobody"], rel=1e-4)  # four, in a square


def test_density_is_per_true_square_kilometre():
    here = degrees((2, 1), top=60.0, cell=10.0)
    zone = zones_of({"a": pixel_box(here, 0, 0, 1, 2)})
    frame, _ = form(plan_zones(zone, here), raster([[4e6], [4e6]], here))
    north, south = cell_area_km2(here)[:, 0]
    assert frame.loc["a", "form.weighted_density"] == pytest.approx((4e6 / north + 4e6 / south) / 2, rel=1e-9)


def test_sprawl_by_hand():
    # Urban cells: 100, 300, 80, 400; median 200. West: 180 below and 300 above. Fifty people live in no urban cell.
    parts = {"west": PARTS["west"], "east": (2, 0, 4, 2), "rural": (2, 0, 3, 1), "half": (0.5, 0, 2, 1)}
    frame, _ = people_by_hand(["sprawl"], parts)
    expected = [(180 / 480 - 300 / 480 + 1) / 2, 0.0, np.nan, (50 / 350 - 300 / 350 + 1) / 2]
    np.testing.assert_allclose(frame["form.sprawl"], expected, rtol=1e-9)
    given_one, _ = people_by_hand(["sprawl"], parts, median_density=300.0)
    np.testing.assert_allclose(given_one["form.sprawl"], [(180 / 480 + 1) / 2, 0.0, np.nan, (50 / 350 + 1) / 2], rtol=1e-9)


def test_the_national_median_counts_a_cell_of_two_zones_once():
    here = grid((2, 4), left=3e6, top=4e6, crs="EPSG:6933")
    boxes = {"a": (0, 0, 2, 2), "b": (0, 0, 1, 2), "c": (0, 0, 1, 1), "d": (2, 1, 2.4, 2)}
    zones = zones_of({name: pixel_box(here, *part) for name, part in boxes.items()}, here.crs.to_wkt())
    assert median_urban_density(plan_zones(zones, here), raster(PEOPLE, here)) == pytest.approx(100.0)
    assert np.isnan(median_urban_density(plan_zones(zones.loc[["d"]], here), raster(PEOPLE, here)))


def test_an_empty_zone_is_missing_in_everything_and_no_zones_are_an_empty_frame():
    here = grid((2, 4), left=3e6, top=4e6, crs="EPSG:6933")
    shapes = {"nothing": shapely.Polygon(), "elsewhere": pixel_box(here, 40, 40, 44, 44), "some": pixel_box(here, 0, 0, 4, 2)}
    zones = zones_of(shapes, here.crs.to_wkt())
    frame, ledger = form(plan_zones(zones, here), raster(PEOPLE, here), measures=MEASURES)
    assert frame.drop(columns="valid_share").loc[["nothing", "elsewhere"]].isna().all(axis=None)
    assert frame["valid_share"].tolist() == [0.0, 0.0, 0.75]
    assert ledger.amount("zone without a cell that it covers by half") == 2
    none, ledger = form(plan_zones(zones.iloc[:0], here), raster(PEOPLE, here), measures=MEASURES)
    assert none.shape == (0, 7)
    assert not ledger.entries


def test_the_order_of_zones_and_of_measures_changes_nothing():
    frame, _ = people_by_hand(MEASURES)
    shuffled = {name: PARTS[name] for name in ("nobody", "sliver", "parts", "west", "unknown")}
    other, _ = people_by_hand(MEASURES[::-1], shuffled)
    assert other.columns.tolist() == frame.columns.tolist()
    np.testing.assert_array_equal(other.loc[frame.index].to_numpy(), frame.to_numpy())


def test_what_cannot_be_measured_is_refused():
    here = grid((2, 4), left=3e6, top=4e6, crs="EPSG:6933")
    plan = plan_zones(zones_of({"a": pixel_box(here, 0, 0, 1, 1)}, here.crs.to_wkt()), here)
    with pytest.raises(UnknownName, match="proximity"):
        form(plan, raster(PEOPLE, here), measures=["proximty"])
    with pytest.raises(GridMismatch, match="toy"):
        form(plan, raster(np.ones((2, 3)), grid((2, 3), left=3e6, top=4e6, crs="EPSG:6933")))
    with pytest.raises(UndeclaredRaster, match="count"):
        form(plan, raster(PEOPLE, here, kind="intensity"))


def test_people_are_not_altered():
    here = grid((2, 4), left=3e6, top=4e6, crs="EPSG:6933")
    values = np.array(PEOPLE)
    values.flags.writeable = False
    people = raster(values, here)
    before = dict(people.attrs)
    form(plan_zones(zones_of({"a": pixel_box(here, 0, 0, 4, 2)}, here.crs.to_wkt()), here), people, measures=MEASURES)
    assert people.attrs == before


def test_fullness_meets_by_zone_id_and_leaves_what_is_too_much():
    built = pd.Series({"a": 2.0, "b": 3.0, "c": 1.0, "d": np.nan, "e": 1.0})
    area = pd.Series({"e": np.nan, "d": 1.0, "b": 2.0, "a": 8.0})
    found = fullness(built, area)
    assert found.name == "form.fullness"
    np.testing.assert_array_equal(found.to_numpy(), [0.25, 1.5, np.nan, np.nan, np.nan])
    assert found.index.tolist() == built.index.tolist()
