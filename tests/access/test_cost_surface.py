"""Friction becomes a cost surface: true steps, a count of what cannot be passed, borders, and friction in other units."""

import sys

import geopandas as gpd
import numpy as np
import pytest
from journeys import FIELD, GRIDS, friction_of, landscape, surface_of
from toys import degrees, grid, pixel_box, pixel_polygon
from twins import least_cost as slow

from urbanreview.access import cost_surface
from urbanreview.errors import ImplausibleFriction, NothingPassable, UndeclaredRaster, UnknownName

HERE = degrees((3, 5))
NOT_ABOVE_ZERO, MISSING = "not above zero: impassable", "missing: impassable"
PART = "part of the grid that cannot be passed"


def uniform(value=FIELD, shape=(3, 5)):
    return np.full(shape, value)


def inner(links, shape):
    """Lengths of the steps within the grid out of padded halves, in the order of the twin."""
    rows, cols = shape
    spread = [2 * np.broadcast_to(part, (rows + 2, cols + 2)) for part in links]
    east, south, southeast, southwest = spread
    return [
        east[1:-1, 1:cols],
        south[1:rows, 1:-1],
        southeast[1:rows, 1:cols],
        southwest[1:rows, 2 : cols + 1],
    ]


@pytest.mark.parametrize("where", list(GRIDS))
def test_steps_are_geodesics_between_centres(where):
    here = GRIDS[where]
    surface = surface_of(uniform(shape=here.shape), here)
    for found, expected in zip(inner(surface.links, here.shape), slow.ground_lengths(here), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert all((part > 0).all() for part in surface.links)
    assert not surface.planar


@pytest.mark.parametrize("shape", [(1, 1), (1, 6), (6, 1), (2, 1), (2, 2)])
@pytest.mark.parametrize("where", ["north", "utm"])
def test_steps_of_small_grids(where, shape):
    here = GRIDS[where][: shape[0], : shape[1]]
    surface = surface_of(uniform(shape=shape), here)
    for found, expected in zip(inner(surface.links, shape), slow.ground_lengths(here), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert 0 < surface.cheapest <= surface.dearest < np.inf


def test_steps_of_large_projected_grids_are_interpolated(monkeypatch):
    # The package says `cost_surface` for the function, which hides the module of that name.
    monkeypatch.setattr(sys.modules["urbanreview.access.cost_surface"], "SMALL_GRID_CELLS", 100)
    here = grid((50, 70), left=200_000.0, top=5_500_000.0, crs="EPSG:32640")
    surface = surface_of(uniform(shape=here.shape), here)
    for found, expected in zip(inner(surface.links, here.shape), slow.ground_lengths(here), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_planar_steps_are_cells():
    surface = surface_of(uniform(), HERE, planar=True)
    for found, expected in zip(inner(surface.links, (3, 5)), slow.plain_lengths((3, 5)), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-15)
    assert surface.planar


@pytest.mark.parametrize("where", list(GRIDS))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_no_step_is_cheaper_or_dearer_than_it_says(where, dtype):
    values = landscape((13, 17), seed=1).astype(dtype)
    surface = surface_of(values, GRIDS[where])
    steps = slow.graph(values, slow.ground_lengths(GRIDS[where])).data
    assert surface.cheapest <= steps.min() * (1 + 1e-12)
    assert surface.dearest >= steps.max() * (1 - 1e-12)
    assert surface.friction.dtype == dtype
    assert (surface.friction[[0, -1]] == np.inf).all()
    assert (surface.friction[:, [0, -1]] == np.inf).all()


def test_what_cannot_be_passed_is_counted():
    values = uniform()
    values[0] = [np.nan, -9_999, 0.0, np.inf, -np.inf]
    values[2, 0] = np.nan
    surface, ledger = cost_surface(friction_of(values, HERE, source="map 2020"))
    assert surface.passable.tolist() == [[False] * 5, [True] * 5, [False] + [True] * 4]
    assert (ledger.amount(MISSING), ledger.amount(NOT_ABOVE_ZERO)) == (2, 4)
    assert ledger.amount(PART) == pytest.approx(6 / 15)
    assert set(ledger.frame()["step"]) == {"map 2020"} == {surface.source}


def test_a_clean_friction_has_nothing_to_tell():
    assert cost_surface(friction_of(uniform(), HERE))[1].entries == ()


def test_input_is_not_altered_and_any_number_will_do(freeze):
    values = landscape((13, 17), seed=2)
    values[3, 3] = 5.0
    friction = freeze(friction_of(values, GRIDS["north"]))
    for borders in ("keep", "remove"):
        cost_surface(friction, borders=borders)
    np.testing.assert_array_equal(friction.values, values)
    whole = surface_of(np.array([[1, 2, 0]]), degrees((1, 3)))
    assert whole.friction.tolist()[1] == [np.inf, 1.0, 2.0, np.inf, np.inf]


@pytest.mark.parametrize("value", [np.nan, 0.0, -9_999.0, np.inf])
def test_a_raster_of_nothing_is_refused(value):
    with pytest.raises(NothingPassable, match="no passable cell among 15"):
        cost_surface(friction_of(uniform(value), HERE))


def test_a_raster_of_another_kind_is_refused():
    with pytest.raises(UndeclaredRaster, match="kind cost"):
        cost_surface(friction_of(uniform(), HERE, kind="intensity"))


@pytest.mark.parametrize(
    ("median", "said"),
    [
        (0.72, "seconds per metre"),  # 5 km/h
        (0.24, "seconds per metre"),  # 15 km/h
        (12.0, "minutes per km"),  # 5 km/h
        (1.4, "a speed in m/s"),  # 5 km/h
        (5.0, "a speed in km/h"),
        (30.0, "a speed in km/h"),
        (120.0, "a speed in km/h"),
    ],
)
def test_friction_in_other_units_is_refused_with_guesses(median, said):
    with pytest.raises(ImplausibleFriction) as caught:
        cost_surface(friction_of(uniform(median), HERE))
    assert f"median of {median:.4g}, expected 0.0003 to 0.1 minutes per metre" in str(caught.value)
    guesses = str(caught.value).partition("it would fit as ")[2].partition(". Bring")[0].split(" or ")
    assert said in guesses


def test_where_nothing_fits_nothing_is_guessed():
    with pytest.raises(ImplausibleFriction) as caught:
        cost_surface(friction_of(uniform(1e9), HERE))
    assert "fit" not in str(caught.value)


def test_the_median_of_what_can_be_passed_counts_and_its_bounds_are_a_choice():
    values = uniform()
    values[0] = 87.0
    values[1] = 0.0
    values[2] = [0.01, 0.01, 0.01, np.nan, np.nan]
    with pytest.raises(ImplausibleFriction):
        cost_surface(friction_of(values, HERE))
    values[2, 3:] = 0.01
    values[0, 0] = 0.01
    cost_surface(friction_of(values, HERE))
    with pytest.raises(ImplausibleFriction):
        cost_surface(friction_of(values, HERE), plausible=(0.02, 0.03))
    cost_surface(friction_of(uniform(60.0), HERE), plausible=None)


def test_borders_are_kept():
    values = uniform()
    values[1, 2] = 87.0
    surface, ledger = cost_surface(friction_of(values, HERE))
    np.testing.assert_array_equal(surface.friction[1:-1, 1:-1], values)
    assert surface.dearest > 87 * 900
    assert ledger.entries == ()


BORDERED = np.array(
    [
        [0.002, 87.0, 0.004, 0.004, np.nan],
        [0.002, 87.0, 1.0, 87.0, np.nan],
        [0.002, 87.0, 87.0, 87.0, 87.0],
        [0.009, 87.0, 87.0, 87.0, 87.0],
    ]
)


def test_borders_are_removed_ring_by_ring():
    """The wait goes, the least that lies around takes its place; what is next to none waits for its neighbours."""
    here = degrees((4, 5))
    surface, _ = cost_surface(friction_of(BORDERED, here), borders="remove", plausible=None)
    expected = [
        [0.002, 0.002, 0.004, 0.004, np.inf],
        [0.002, 0.002, 1.0, 0.004, np.inf],
        [0.002, 0.002, 1.0, 1.0, 0.004],
        [0.009, 0.002, 0.002, 1.0, 1.0],
    ]
    # Four cells, the last of the third row and three of the fourth, border on waits alone and have theirs from the first ring.
    np.testing.assert_array_equal(surface.friction[1:-1, 1:-1], expected)


def test_borders_that_are_removed_are_counted():
    _, ledger = cost_surface(friction_of(BORDERED, degrees((4, 5))), borders="remove", plausible=None)
    assert ledger.amount("border penalty removed") == 11


def test_removing_borders_where_there_are_none_alters_nothing():
    values = landscape((13, 17), seed=3)
    kept, removed = (cost_surface(friction_of(values, GRIDS["north"]), borders=how) for how in ("keep", "remove"))
    np.testing.assert_array_equal(kept[0].friction, removed[0].friction)
    assert kept[1] == removed[1]


@pytest.mark.parametrize("where", ["north", "utm"])
def test_nobody_crosses_a_closed_border(where):
    here = GRIDS[where]
    country = pixel_polygon(here, [(3.2, 2.7), (12.1, 1.3), (14.6, 9.9), (8.3, 11.8), (2.4, 8.2)])
    values = uniform(shape=here.shape)
    values[6, 9] = np.nan
    surface, ledger = cost_surface(
        friction_of(values, here), borders="close", outline=gpd.GeoSeries([country], crs=here.crs.to_wkt()).to_crs(4326)
    )
    islands = surface.islands
    assert islands[6, 8] != islands[0, 0]
    assert 0 not in (islands[6, 8], islands[0, 0])
    assert set(np.unique(islands[surface.passable])) == {1, 2}
    assert ledger.amount("border closed") == (~surface.passable).sum() - 1


def test_nobody_crosses_a_closed_border_through_the_corners_of_cells():
    here = grid((6, 6))
    country = gpd.GeoSeries([pixel_polygon(here, [(3, 0), (6, 3), (3, 6), (0, 3)])], crs=here.crs.to_wkt())
    surface, _ = cost_surface(friction_of(uniform(shape=(6, 6)), here), borders="close", outline=country)
    assert surface.islands[0, 5] != surface.islands[2, 3]


def test_a_border_over_all_cells_leaves_nothing_and_says_so():
    here = grid((2, 2))
    outline = gpd.GeoSeries([pixel_box(here, 0.5, 0.5, 1.5, 1.5)], crs=here.crs.to_wkt())
    with pytest.raises(NothingPassable):
        cost_surface(friction_of(uniform(shape=(2, 2)), here), borders="close", outline=outline)


def test_other_words_for_borders_are_refused():
    with pytest.raises(UnknownName, match="Did you mean 'remove'"):
        cost_surface(friction_of(uniform(), HERE), borders="removed")
    with pytest.raises(ValueError, match="outline"):
        cost_surface(friction_of(uniform(), HERE), borders="close")


def test_islands_are_numbered_by_size_and_hang_together_by_corners():
    picture = ["X..XX", ".....", "XX.X.", "..X.."]
    values = np.where([[cell == "X" for cell in row] for row in picture], FIELD, np.nan)
    assert surface_of(values, degrees((4, 5))).islands.tolist() == [
        [3, 0, 0, 2, 2],
        [0, 0, 0, 0, 0],
        [1, 1, 0, 1, 0],
        [0, 0, 1, 0, 0],
    ]


@pytest.mark.parametrize("where", list(GRIDS))
def test_the_cell_under_a_position(where):
    here = GRIDS[where]
    surface = surface_of(uniform(shape=here.shape), here)
    row, col = np.array([0.0, 12.4, -0.6, 5.0]), np.array([0.0, 16.4, 3.0, 17.0])
    t = here.transform
    points = gpd.GeoSeries.from_xy(t.c + t.a * (col + 0.5), t.f + t.e * (row + 0.5), crs=here.crs.to_wkt()).to_crs(4326)
    found = np.array(surface.cells_at(points.x.to_numpy(), points.y.to_numpy()))
    assert found.T.tolist() == [[0, 0], [12, 16], [-1, 3], [5, 17]]
