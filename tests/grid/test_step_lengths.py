"""Steps measured on every 16th cell against all of them."""

import numpy as np
import pytest
from toys import degrees, grid

from urbanreview.grid import step_lengths_m

PARTS = ("east", "south", "southeast", "southwest")


def worst(here, every=16):
    """Largest relative error of the interpolated steps."""
    true, near = step_lengths_m(here), step_lengths_m(here, every=every)
    errors = []
    for part in PARTS:
        expected, found = getattr(true, part), getattr(near, part)
        assert found.shape == expected.shape
        errors += list(np.abs(found / expected - 1).ravel())
    return max(errors)


@pytest.mark.parametrize(
    ("crs", "left", "top", "cell"),
    [
        ("EPSG:32640", 166_000.0, 5_500_000.0, 1000.0),
        ("EPSG:32640", 500_000.0, 5_500_000.0, 250.0),
        ("EPSG:32733", 300_000.0, 6_800_000.0, 1000.0),
        ("EPSG:3035", 4_321_000.0, 3_210_000.0, 1000.0),
        ("EPSG:3035", 6_500_000.0, 4_900_000.0, 1000.0),
        ("EPSG:2154", 650_000.0, 6_900_000.0, 1000.0),
        ("EPSG:3857", 1_000_000.0, 6_100_000.0, 1000.0),
        ("ESRI:54030", -1_700_000.0, 1_800_000.0, 428.0),
    ],
)
@pytest.mark.parametrize("shape", [(41, 70), (17, 33), (33, 18), (3, 20)])
def test_every_sixteenth_cell_is_enough(crs, left, top, cell, shape):
    assert worst(grid(shape, left=left, top=top, cell=cell, crs=crs)) < 1e-6


@pytest.mark.parametrize(
    ("crs", "left", "top", "error"),
    [
        ("ESRI:54009", 5_000_000.0, 5_500_000.0, 3e-6),
        ("ESRI:54009", -12_000_000.0, 5_500_000.0, 1e-5),
        ("EPSG:6933", 5_000_000.0, 5_500_000.0, 1e-5),
    ],
)
def test_world_maps_far_from_their_centre_are_a_little_worse(crs, left, top, error):
    here = grid((41, 70), left=left, top=top, crs=crs)
    assert error / 10 < worst(here) < error


def test_degrees_are_measured_row_by_row_whatever_is_asked():
    here = degrees((41, 70))
    assert worst(here) == 0
    assert step_lengths_m(here, every=16).east.shape == (41, 1)


@pytest.mark.parametrize("every", [1, 2, 5, 16, 1000])
def test_every_so_many(every):
    assert worst(grid((23, 31), left=166_000.0, top=5_500_000.0, crs="EPSG:32640"), every) < 1e-5


@pytest.mark.parametrize("shape", [(2, 70), (1, 70)])
def test_grids_of_one_or_two_rows(shape):
    assert worst(grid(shape, left=166_000.0, top=5_500_000.0, crs="EPSG:32640")) < 1e-6
