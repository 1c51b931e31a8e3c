"""Scenarios by hand: who agrees with whom, which city is which, and that the grid plays no part."""

import numpy as np
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.delineation import Layers, agreement, sensitivity
from urbanreview.delineation.agree import _scenario
from urbanreview.delineation.rules import EDITIONS, rules_of
from urbanreview.grid import resample

HERE = grid((12, 16), left=1_000_000, top=5_000_000)


def country() -> np.ndarray:
    """Two cities of 128,000 and 90,000 and a town of 8,000 on 12 by 16 cells."""
    people = np.zeros((12, 16))
    people[1:5, 1:5] = 8_000.0
    people[7:10, 8:11] = 10_000.0
    people[1:3, 10:12] = 2_000.0
    return people


@pytest.fixture
def people():
    return raster(country(), HERE)


def test_a_scenario_agrees_with_itself(people):
    one, _ = _scenario("toy", Layers(people), rules_of("manual-2021"), None, "TOY")
    found = agreement(one, one)
    assert found.jaccard == {"urban": 1.0, "urban_centre": 1.0}
    assert np.trace(found.cells.to_numpy()) == 12 * 16
    assert found.people.loc["urban_centre", "urban_centre"] == 218_000.0
    assert set(np.unique(found.classes)) == {11, 22, 33}


def test_numbers_of_a_scenario_by_hand(people):
    found, _ = sensitivity({"toy": Layers(people)}, ["manual-2021"])
    row = found.scenarios.iloc[0]
    assert (row["people"], row["urban_people"], row["centre_people"]) == (226_000.0, 226_000.0, 218_000.0)
    assert (row["centres"], row["clusters"]) == (2, 3)
    assert (row["urban_km2"], row["centre_km2"]) == (29.0, 25.0)
    assert found.pairs.empty
    assert found.urban.values.sum() == 29


def test_a_city_lost_keeps_its_row_without_a_match(people):
    smaller = people.copy(data=np.where(people.values == 10_000.0, 5_000.0, people.values))
    found, _ = sensitivity({"a": Layers(people), "b": Layers(smaller)}, ["manual-2021"])
    other = found.cities[found.cities["population"] == "b"]
    assert other["match_id"].isna().sum() == 1
    assert other["rank"].tolist()[0] == 1.0
    assert np.isnan(other["rank_change"].iloc[1])


def test_ranks_that_change_places(people):
    swapped = people.copy(data=np.where(people.values == 10_000.0, 20_000.0, people.values))
    found, _ = sensitivity({"a": Layers(people), "b": Layers(swapped)}, ["manual-2021"])
    other = found.cities[found.cities["population"] == "b"]
    assert other["rank"].tolist() == [2.0, 1.0]
    assert other["rank_change"].tolist() == [-1.0, 1.0]


def test_only_what_lies_inside_the_country_counts(people):
    half = zones_of({"c": pixel_box(HERE, 0, 0, 8, 12)}, HERE.crs.to_wkt())
    found, _ = sensitivity({"toy": Layers(people)}, ["manual-2021"], within=half.geometry)
    row = found.scenarios.iloc[0]
    assert (row["people"], row["centres"], row["clusters"]) == (pytest.approx(128_000.0), 1, 1)
    assert len(found.cities) == 1


def test_the_same_country_on_a_finer_grid_agrees(people):
    """Half the cell size, shifted by a third of a cell: the outlines are moved by area, and cities stay matched."""
    fine = grid((36, 48), left=1_000_000, top=5_000_000, cell=1_000 / 3)
    finer, _ = resample(people, to=fine)
    found, _ = sensitivity({"coarse": Layers(people), "fine": Layers(finer)}, ["manual-2021"])
    assert found.pairs["jaccard_urban"].tolist() == [1.0]
    assert found.cities["match_id"].notna().all()
    assert found.scenarios["urban_people"].tolist() == pytest.approx([226_000.0, 226_000.0])


def test_editions_without_classes_take_part(people):
    found, _ = sensitivity({"toy": Layers(people)}, list(EDITIONS))
    assert found.scenarios["edition"].tolist() == list(EDITIONS)
    assert len(found.pairs) == len(EDITIONS) * (len(EDITIONS) - 1) / 2
    assert found.urban.values.max() == len(EDITIONS)
    cells = found.pairs.filter(like="cells_").sum(axis=1)
    assert (cells == 12 * 16).all()
