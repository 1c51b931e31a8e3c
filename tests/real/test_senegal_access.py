"""Senegal and its neighbours on the published motorised friction: against scikit-image and scipy, and against the map."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pyproj import Geod
from twins import least_cost as slow

from urbanreview.access import cost_surface, find_places, nearest, routes, sample, travel_time, travel_time_matrix
from urbanreview.access.surface import sweep
from urbanreview.engine import map_tasks
from urbanreview.sources import open_raster

pytestmark = pytest.mark.real

ORIGINS = [(0, 0), (285, 74), (630, 850), (310, 420), (501, 130)]
WGS84 = Geod(ellps="WGS84")


@pytest.fixture(scope="module")
def friction(data):
    raster, _ = open_raster(data / "senegal" / "friction_motorized_1km.tif", kind="cost", units="min/m", source="map 2020")
    raster.values.flags.writeable = False
    return raster


@pytest.fixture(scope="module")
def surface(friction):
    made, ledger = cost_surface(friction)
    assert ledger.entries == ()
    return made


@pytest.fixture(scope="module")
def cities(data):
    """The 30 urban centres of GHS-UCDB by name."""
    frame = gpd.read_file(data / "senegal" / "ucdb_r2024a_cities.gpkg")
    assert len(frame) == 30
    return frame.set_index("GC_UCN_MAI_2025")


@pytest.fixture(scope="module")
def places(surface, cities):
    found, ledger = find_places(surface, cities)
    assert ledger.entries == ()
    return found


@pytest.fixture(scope="module")
def matrix(surface, places):
    return travel_time_matrix(surface, places, map_tasks=map_tasks)


def cell_number(surface, row, col):
    return np.array([(row + 1) * (surface.geobox.shape[1] + 2) + col + 1])


def test_nothing_of_it_is_missing_and_it_hangs_together(surface, friction):
    assert friction.shape == (631, 851)
    assert surface.passable.all()
    assert surface.islands.max() == 1


@pytest.mark.parametrize("origin", ORIGINS)
def test_every_cell_costs_what_scikit_image_says(friction, origin):
    pytest.importorskip("skimage")
    planar, _ = cost_surface(friction, planar=True)
    found = sweep(planar, cell_number(planar, *origin)).cost[1:-1, 1:-1]
    np.testing.assert_allclose(found, slow.mcp(friction.values.astype(float), [origin]), rtol=1e-9)


def test_every_cell_costs_what_dijkstra_says_on_true_lengths(surface, friction):
    steps = slow.ground_lengths(surface.geobox[:, :2])
    lengths = [
        np.broadcast_to(part[:, :1], slow.ends(friction.values, *step)[0].shape)
        for part, step in zip(steps, slow.STEPS, strict=True)
    ]
    expected = slow.costs(friction.values, lengths, [ORIGINS[1]])
    np.testing.assert_allclose(sweep(surface, cell_number(surface, *ORIGINS[1])).cost[1:-1, 1:-1], expected, rtol=1e-9)


def test_all_cities_reach_one_another_by_the_shorter_way(matrix):
    """All of 30 x 30, there as back, and on all 27,000 triples no way over a third city is quicker."""
    minutes = matrix.minutes.to_numpy()
    assert np.isfinite(minutes).all()
    assert (np.diag(minutes) == 0).all()
    assert (minutes[~np.eye(30, dtype=bool)] > 0).all()
    np.testing.assert_array_equal(minutes, minutes.T)
    over = minutes[:, :, None] + minutes[None, :, :]
    assert (minutes[:, None, :] <= over * (1 + 1e-12)).all()


def test_dakar_to_tambacounda_is_a_day_on_the_road(matrix, surface, places):
    """Road distance as maps have it: 460 to 470 km."""
    assert 4 * 60 < matrix.minutes.loc["Dakar", "Tambacounda"] < 7 * 60
    assert matrix.km.loc["Dakar", "Tambacounda"] == pytest.approx(465, abs=5)
    way = routes(surface, pd.DataFrame({"from_id": ["Dakar"], "to_id": ["Tambacounda"]}), places).iloc[0]
    assert way["minutes"] == pytest.approx(matrix.minutes.loc["Dakar", "Tambacounda"], rel=1e-9)
    assert WGS84.geometry_length(way.geometry) / 1000 == pytest.approx(way["km"], rel=1e-6)
    assert 60 < way["km_per_h"] < 110


def test_ways_are_longer_than_the_crow_flies_but_not_by_much(matrix, cities):
    spots = cities.geometry.to_crs(4326)
    first, second = np.triu_indices(30, k=1)
    straight = WGS84.inv(spots.x.values[first], spots.y.values[first], spots.x.values[second], spots.y.values[second])[2] / 1000
    detour = matrix.km.to_numpy()[first, second] / straight
    far = straight > 20  # a way ends in the middle of a cell
    assert detour[far].min() > 1
    assert np.median(detour) < 1.5


def test_half_of_the_pairs_is_all_of_them(matrix, surface, places):
    whole = travel_time_matrix(surface, places, places)
    np.testing.assert_allclose(matrix.minutes, whole.minutes, rtol=1e-9)


def test_rasters_samples_and_catchments_agree_with_the_matrix(matrix, surface, places, cities):
    dakar = find_places(surface, cities.loc[["Dakar"]])[0]
    np.testing.assert_allclose(sample(travel_time(surface, dakar), cities), matrix.minutes.loc["Dakar"], rtol=1e-9)
    found = nearest(surface, places)
    assert (sample(found.minutes, cities) == 0).all()
    assert sample(found.catchments, cities).tolist() == list(range(1, 31))
    assert np.isfinite(found.minutes.values).all()


def test_cells_of_a_kilometre_would_be_a_tenth_too_slow(matrix, friction, cities):
    planar, _ = cost_surface(friction, planar=True)
    wrong = 1000 * travel_time_matrix(planar, find_places(planar, cities)[0]).minutes.to_numpy()
    pairs = np.triu_indices(30, k=1)
    bias = wrong[pairs] / matrix.minutes.to_numpy()[pairs]
    assert np.quantile(bias, [0.05, 0.5, 0.95]) == pytest.approx([1.09, 1.10, 1.11], abs=0.01)
