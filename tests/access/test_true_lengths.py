"""How wrong it is to take a cell of 30 arc-seconds for a square of 1,000 m, and to measure a way in web Mercator.

Times of a surface whose steps are cells, times 1,000 m, against true ones; the drawn way in EPSG:3857 against its kilometres.
"""

import numpy as np
import pandas as pd
import pytest
from journeys import places_at, surface_of
from toys import ARC_30, degrees

from urbanreview.access import nearest, routes, travel_time_matrix

KM_PER_MINUTE = 0.001
MIDDLE = 15
AROUND = {"middle": (MIDDLE, MIDDLE), "east": (MIDDLE, 2 * MIDDLE), "north": (0, MIDDLE), "northeast": (0, 2 * MIDDLE)}
ACROSS = {"west": (MIDDLE, 0), "east": (MIDDLE, 2 * MIDDLE), "south": (2 * MIDDLE, MIDDLE), "north": (0, MIDDLE)}
BIAS = {
    0: (1.078, 1.085, 1.082),
    14.5: (1.113, 1.085, 1.099),
    40: (1.405, 1.081, 1.212),
    45: (1.522, 1.080, 1.245),
    48: (1.608, 1.079, 1.267),
    50: (1.674, 1.079, 1.282),
    52: (1.747, 1.078, 1.298),
    55: (1.875, 1.078, 1.322),
}
"""Of times to the east, the north and the northeast, by latitude: 1.608 is 61 % too long."""
MERCATOR = {
    0: (1.000, 1.007),
    14.5: (1.033, 1.039),
    40: (1.304, 1.309),
    45: (1.412, 1.417),
    48: (1.492, 1.496),
    50: (1.553, 1.557),
    52: (1.621, 1.625),
    55: (1.740, 1.743),
}
"""Of lengths to the east and the north."""


def even_ground(latitude, **how):
    """One minute per kilometre around a latitude."""
    size = 2 * MIDDLE + 1
    here = degrees((size, size), top=latitude + (MIDDLE + 0.5) * ARC_30)
    return surface_of(np.full((size, size), KM_PER_MINUTE), here, **how)


def minutes(surface):
    places = places_at(surface, AROUND)
    return travel_time_matrix(surface, places).minutes.loc["middle"].drop("middle").to_numpy()


def biases(latitude):
    return 1000 * minutes(even_ground(latitude, planar=True)) / minutes(even_ground(latitude))


@pytest.mark.parametrize("latitude", list(BIAS))
def test_times_over_cells_of_a_kilometre_are_too_long(latitude):
    np.testing.assert_allclose(biases(latitude), BIAS[latitude], atol=0.002)


@pytest.mark.parametrize(("latitude", "bias"), [(41, 1.43), (48, 1.608), (55, 1.875)])
def test_to_the_east_it_grows_with_latitude(latitude, bias):
    """41 to 55 degrees north is Kazakhstan from end to end."""
    assert biases(latitude)[0] == pytest.approx(bias, abs=0.01)


def test_south_of_the_equator_it_is_the_same():
    np.testing.assert_allclose(biases(-48)[:2], biases(48)[:2], atol=0.001)


@pytest.mark.parametrize("latitude", list(MERCATOR))
def test_lengths_in_web_mercator_are_too_long(latitude):
    surface = even_ground(latitude)
    pairs = pd.DataFrame({"from_id": ["west", "south"], "to_id": ["east", "north"]})
    ways = routes(surface, pairs, places_at(surface, ACROSS))
    factor = ways.to_crs(3857).length.to_numpy() / 1000 / ways["km"].to_numpy()
    np.testing.assert_allclose(factor, MERCATOR[latitude], atol=0.001)


@pytest.mark.parametrize(("planar", "first"), [(True, "north"), (False, "east")])
def test_another_place_is_the_nearest(planar, first):
    """At 55 degrees ten cells to the east are 5.3 km, seven to the north 6.5 km."""
    surface = even_ground(55, planar=planar)
    found = nearest(surface, places_at(surface, {"east": (MIDDLE, MIDDLE + 10), "north": (MIDDLE - 7, MIDDLE)}))
    assert found.ids[found.catchments.values[MIDDLE, MIDDLE] - 1] == first
