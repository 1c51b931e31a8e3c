"""Real Belgium: the Degree of Urbanisation of 581 municipalities against the peer, unit by unit."""

import pandas as pd
import pytest

from urbanreview.delineation import degree_of_urbanisation
from urbanreview.sources import open_features, open_raster
from urbanreview.zones import degree_of_units

pytestmark = pytest.mark.real

UNPOPULATED = 73028
"""Nobody lives in it: the peer leaves it out or classes it by area; by area it is mostly uninhabited."""
BY_OWN_RULE = {13019, 35006, 36012, 55050}
"""The units that change when level 1 follows its own rule and not level 2 put together."""


@pytest.fixture(scope="module")
def classes(belgium, data):
    layers = {
        name: open_raster(data / "belgium" / file, kind="count", units="m2")[0]
        for name, file in (("land", "ghs_land_e2018_1km.tif"), ("built_up", "ghs_built_s_e2020_1km.tif"))
    }
    found, _ = degree_of_urbanisation(belgium, **layers, rules="flexurba-0.2", iso3="BEL")
    return {"level_1": found.at_level(1), "level_2": found.at_level(2)}


@pytest.fixture(scope="module")
def units(data):
    return open_features(data / "belgium" / "municipalities_statbel_2024.gpkg").set_index("UID")


@pytest.fixture(scope="module")
def peer(shared):
    return pd.read_csv(shared / "reference" / "degurba" / "units_belgium_mun_L2_2024_published_rule.csv").set_index("UID")


def differing(found: pd.Series, expected: pd.Series) -> set[int]:
    found.index = found.index.astype(int)
    return set(expected.index[found.reindex(expected.index).ne(expected).fillna(True)])


@pytest.mark.parametrize(("overlay", "column"), [("exact", "exact"), ("raster", "raster1000")])
@pytest.mark.parametrize(("rules", "words"), [("2024", "published"), ("flexurba-0.2", "flexurba")])
def test_no_class_differs_from_the_peer(belgium, units, classes, peer, overlay, column, rules, words):
    table, _ = degree_of_units(units, belgium, **classes, rules=rules, overlay=overlay, l1_from="l2")
    assert differing(table["degree_1"], peer[f"{column}_L1"]) == set()
    expected = peer[f"{column}_L2_{words}"]
    # The peer's table has no class for units without people: the unpopulated one, and in the raster one without a cell.
    known = expected[expected >= 0]
    assert set(expected.index[expected < 0]) <= {UNPOPULATED, 21011}
    assert differing(table["degree_2"], known) == set()


def test_by_its_own_rule_level_1_differs_in_exactly_four_units(belgium, units, classes, peer):
    table, ledger = degree_of_units(units, belgium, **classes)
    assert differing(table["degree_1"], peer["exact_L1"]) == BY_OWN_RULE
    assert table.loc[UNPOPULATED, ["degree_1", "degree_2", "basis"]].tolist() == [1, 11, "area"]
    assert ledger.amount("nobody lives in the unit: classified by area") == 1
