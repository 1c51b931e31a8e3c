"""Which settlement lies where: by people, with every share, in any order of rows."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.delineation import EDITIONS, ExtentRule, extents
from urbanreview.errors import GridMismatch
from urbanreview.grid import geobox_of
from urbanreview.zones import first_links, link_extents, link_polygons, parents_of, plan_zones, summarise, zone_table
from urbanreview.zones.link import COLUMNS

TEN = ExtentRule("urban_cluster", 10.0, "cell", 10.0, neighbours=4, inclusive=True)
HERE = grid((2, 8), left=2_000_000.0, top=5_500_000.0)
PEOPLE = [[90, 30, 0, 20, 20, 0, 60, 0], [0, 0, 0, 20, 20, 0, 0, 0]]
"""Three settlements: 120 people in two cells, 80 in four, 60 in one."""
DISTRICTS = {"west": (0, 0, 1.5, 2), "middle": (1.5, 0, 4, 2), "east": (4, 0, 8, 2)}


def settled(values=PEOPLE, here=HERE, rule=TEN):
    people = raster(np.array(values, float), here)
    return people, extents(people, rules=rule, iso3="TOY")[0]


def districts(parts=DISTRICTS, here=HERE):
    return zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt())


def as_rows(links, found):
    """Links as settlement's people, zone, people, cells, shares and rank."""
    living = found.zones["people"]
    return [
        (living[row.from_id], row.to_id, row.people, row.cells, row.from_share, row.to_share, row.rank)
        for row in links.itertuples()
    ]


BY_HAND = [
    (120.0, "west", 105.0, 1.5, 105 / 120, 1.0, 1),
    (120.0, "middle", 15.0, 0.5, 15 / 120, 15 / 55, 2),
    (80.0, "east", 40.0, 2.0, 0.5, 0.4, 1),  # a tie by people and cells goes by name
    (80.0, "middle", 40.0, 2.0, 0.5, 40 / 55, 2),
    (60.0, "east", 60.0, 1.0, 1.0, 0.6, 1),
]


def sorted_rows(rows):
    return sorted(rows, key=lambda row: (-row[0], row[-1]))


def test_the_full_matrix_by_hand():
    people, found = settled()
    links = link_extents(found, plan_zones(districts(), HERE), people, relation="district")
    assert links.columns.tolist() == list(COLUMNS)
    assert links["relation"].unique().tolist() == ["district"]
    for row, expected in zip(sorted_rows(as_rows(links, found)), BY_HAND, strict=True):
        assert row[1] == expected[1]
        assert row[2:] == pytest.approx(expected[2:], rel=1e-9)


def test_polygons_give_the_same_matrix():
    people, found = settled()
    shapes = districts().to_crs(4326)
    links = link_polygons(found.zones, shapes, people, relation="district")
    assert links.columns.tolist() == list(COLUMNS)
    unpaired = {(row[0], row[1]): row[2:6] for row in as_rows(links, found) if row[2] > 1e-3}
    for living, name, *numbers, _ in BY_HAND:
        # Cut out in degrees, where the edges of cells are no straight lines.
        assert unpaired.pop((living, name)) == pytest.approx(tuple(numbers), rel=1e-4)
    assert not unpaired


def test_ties_go_by_people_then_cells_then_id():
    values = [[30, 10, 10, 10, 0]]
    here = grid((1, 5), left=2_000_000.0, top=5_500_000.0)
    people, found = settled(values, here)
    plan = plan_zones(districts({"a": (0, 0, 1, 1), "z": (1, 0, 4, 1)}, here), here)
    links = link_extents(found, plan, people, relation="district")
    assert links["to_id"].tolist() == ["z", "a"]  # 30 people each; three cells beat one
    people, found = settled([[30, 30]], grid((1, 2), left=2_000_000.0, top=5_500_000.0))
    plan = plan_zones(districts({"z": (0, 0, 1, 1), "a": (1, 0, 2, 1)}, geobox_of(people)), geobox_of(people))
    assert link_extents(found, plan, people, relation="district")["to_id"].tolist() == ["a", "z"]


def test_a_pair_that_shares_ground_without_people_is_still_a_pair():
    here = grid((1, 3), left=2_000_000.0, top=5_500_000.0)
    rule = ExtentRule("urban_cluster", 0.0, "cell", 10.0, neighbours=4, inclusive=True)
    people, found = settled([[50, 0, 0]], here, rule)
    plan = plan_zones(districts({"a": (0, 0, 1, 1), "b": (1, 0, 3, 1)}, here), here)
    links = link_extents(found, plan, people, relation="district")
    assert links[["to_id", "people", "cells", "rank"]].values.tolist() == [["a", 50.0, 1.0, 1], ["b", 0.0, 2.0, 2]]
    assert np.isnan(links["to_share"].iloc[1])  # nobody lives in b: there is no share of nobody


def test_missing_people_count_as_nobody():
    here = grid((1, 4), left=2_000_000.0, top=5_500_000.0)
    people, found = settled([[50, 20, np.nan, 0]], here)
    links = link_extents(found, plan_zones(districts({"a": (0, 0, 4, 1)}, here), here), people, relation="district")
    assert links[["people", "from_share", "to_share"]].values.tolist() == [[70.0, 1.0, 1.0]]


def test_cells_are_ground_also_where_people_are_missing():
    """Settlements from a file may hold cells without a value: both ways count the same cells."""
    here = grid((1, 4), left=2_000_000.0, top=5_500_000.0)
    _, found = settled([[50, 20, 0, 0]], here)
    holey = raster([[50.0, np.nan, 0.0, 0.0]], here)
    zones = districts({"a": (0, 0, 4, 1)}, here)
    from_labels = link_extents(found, plan_zones(zones, here), holey, relation="district")
    from_polygons = link_polygons(found.zones, zones.to_crs(4326), holey, relation="district")
    assert from_labels[["people", "cells"]].values.tolist() == [[50.0, 2.0]]
    assert from_polygons[["people", "cells"]].values.tolist() == [[pytest.approx(50.0, rel=1e-4), pytest.approx(2.0, rel=1e-4)]]


@pytest.mark.parametrize("top", [55.45, -34.6])
def test_a_settlement_across_the_border_is_split_by_people_not_by_ground(top):
    here = degrees((1, 6), top=top)
    people, found = settled([[0, 900, 60, 40, 0, 0]], here)
    country = zones_of({"TOY": pixel_box(here, 2, -1, 9, 2)})
    links = link_extents(found, plan_zones(country, here), people, relation="country")
    assert links[["people", "cells"]].values.tolist() == [[100.0, 2.0]]
    assert links["from_share"].iloc[0] == pytest.approx(0.1)
    assert links["to_share"].iloc[0] == pytest.approx(1.0)


def test_a_settlement_and_a_district_that_do_not_meet_are_no_pair():
    people, found = settled()
    plan = plan_zones(districts({"far": (20, 20, 21, 21)}), HERE)
    assert link_extents(found, plan, people, relation="district").empty
    shapes = districts({"far": (20, 20, 21, 21)}).to_crs(4326)
    links = link_polygons(found.zones, shapes, people, relation="district")
    assert links.empty
    assert links.columns.tolist() == list(COLUMNS)


def test_no_settlements_have_no_links():
    people, found = settled(np.zeros((2, 8)))
    links = link_extents(found, plan_zones(districts(), HERE), people, relation="district")
    assert links.empty
    assert links.columns.tolist() == list(COLUMNS)
    spread = first_links(links, pd.Series(dtype=str), column="district")
    assert spread.empty
    assert "district_2_share" in spread.columns


def test_people_on_another_grid_are_refused():
    _, found = settled()
    with pytest.raises(GridMismatch):
        link_extents(found, plan_zones(districts(), HERE), raster(np.ones((2, 8)), grid((2, 8))), relation="district")


def test_first_and_second_district_as_columns():
    people, found = settled()
    links = link_extents(found, plan_zones(districts(), HERE), people, relation="district")
    names = pd.Series({"west": "West", "middle": "Middle", "east": "East"})
    columns = first_links(links, names, column="district")
    assert columns.index.name == "zone_id"
    by_people = columns.set_index(columns.index.map(found.zones["people"]))
    assert by_people.loc[120.0].tolist() == ["west", "West", pytest.approx(0.875), "middle", "Middle", pytest.approx(0.125)]
    assert by_people.loc[60.0].tolist()[:3] == ["east", "East", 1.0]
    assert by_people.loc[60.0].isna().tolist()[3:] == [True, True, True]
    assert first_links(links, names, column="unit", most=1).columns.tolist() == ["unit_1", "unit_1_name", "unit_1_share"]


def test_centres_belong_to_their_cluster(toy):
    rules = EDITIONS["thresholds"]
    clusters, _ = extents(toy.people, rules=rules.urban_cluster, iso3="TOY")
    centres, _ = extents(toy.people, rules=rules.urban_centre, iso3="TOY")
    parents, links = parents_of(centres, clusters, toy.people)
    city = clusters.zones.index[clusters.zones["people"].argmax()]
    assert parents.to_dict() == {centres.zones.index[0]: city}
    assert links[["relation", "people", "cells", "from_share", "rank"]].values.tolist() == [["urban_cluster", 53_000, 3, 1, 1]]
    assert links["to_share"].iloc[0] == pytest.approx(53_000 / 55_300)


def test_a_centre_outside_every_cluster_has_no_parent():
    here = grid((1, 5), left=2_000_000.0, top=5_500_000.0)
    people, clusters = settled([[90, 0, 5, 0, 0]], here)
    centres = extents(people, rules=ExtentRule("urban_centre", 5.0, "cell", 5.0, neighbours=4, inclusive=True), iso3="TOY")[0]
    parents, _ = parents_of(centres, clusters, people)
    assert parents.isna().sum() == 1
    assert parents.index.tolist() == centres.zones.index.tolist()


@given(st.permutations(list(DISTRICTS)))
def test_law_the_order_of_districts_changes_nothing(order):
    people, found = settled()
    links = link_extents(found, plan_zones(districts(), HERE), people, relation="district")
    shuffled = link_extents(found, plan_zones(districts().loc[order], HERE), people, relation="district")
    pd.testing.assert_frame_equal(shuffled, links, check_exact=True)


@given(st.integers(0, 2**32 - 1))
def test_law_links_of_districts_that_tile_the_grid_add_up_to_the_settlement(seed):
    random = np.random.default_rng(seed)
    people, found = settled(random.integers(0, 40, (2, 8)))
    cuts = np.sort(random.uniform(0, 8, 2))
    parts = {"a": (0, 0, cuts[0], 2), "b": (cuts[0], 0, cuts[1], 2), "c": (cuts[1], 0, 8, 2)}
    plan = plan_zones(districts(parts), HERE)
    links = link_extents(found, plan, people, relation="district")
    added = links.groupby("from_id")[["people", "cells", "from_share"]].sum().loc[found.zones.index]
    np.testing.assert_allclose(added[["people", "cells"]], found.zones[["people", "cells"]], rtol=1e-9)
    np.testing.assert_allclose(added["from_share"], 1.0, rtol=1e-9)
    assert (links.groupby("from_id")["rank"].max() == links.groupby("from_id").size()).all()
    best = links.sort_values(["from_id", "rank"])
    assert (best.groupby("from_id")["people"].diff().dropna() <= 1e-9).all()
    table, _ = summarise(plan, people)
    assert links.groupby("to_id")["people"].sum().le(table["sum"].reindex(links["to_id"].unique()).sort_index() + 1e-9).all()


def test_urban_people_of_districts_are_not_capped(toy):
    """Other tools write people into the eight bits of an urban mask, and cap every cell at 255."""
    found, _ = extents(toy.people, rules=EDITIONS["thresholds"].urban_cluster, iso3="TOY")
    zones, _ = zone_table(toy.districts, level="adm2", iso3="TOY", id_column="code")
    links = link_extents(found, plan_zones(zones, found.geobox), toy.people, relation="district")
    urban = links.groupby("to_id")["people"].sum()
    # The city's south-eastern end: three quarters of 350, and 350.
    expected = {"TOY-adm2-7": 5_900.0, "TOY-adm2-8": 54_687.5, "TOY-adm2-9": 612.5}
    assert urban.to_dict() == pytest.approx(expected, rel=1e-6)
