"""Settlements against the plain version, at exact thresholds, and with ids that outlive a crop."""

from dataclasses import replace

import geopandas as gpd
import h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from strategies import people as some_people
from toys import ARC_30, CORNERS, PEOPLE, degrees, grid, raster, toy_country
from twins.extents import extents as plain_extents

from urbanreview.delineation import EDITIONS, ExtentRule, extents, keep_extents
from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import geobox_of, geodesic_area_km2, same_grid

STANDARD, NOTEBOOK = EDITIONS["thresholds"], EDITIONS["notebook"]
TOO_FEW = "dense, but too few people together"
KM = grid((9, 11), left=2_000_000.0, top=5_500_000.0)
few = settings(max_examples=25)
SMALL = ExtentRule("urban_cluster", 300.0, "cell", 5_000.0, neighbours=4, inclusive=False)


def found_in(values, rule, geobox=None, **more):
    values = np.asarray(values, dtype=float)
    here = geobox if geobox is not None else grid(values.shape, left=2_000_000.0, top=5_500_000.0)
    return extents(raster(values, here), rules=rule, iso3="TOY", **more)


def living(found):
    return sorted(found.zones["people"].tolist())


# --- the plain version -------------------------------------------------------------------------------------------


@given(some_people((9, 11)), st.sampled_from([(300.0, 5_000.0), (1_500.0, 8_000.0)]))
def test_the_notebook_edition_is_label_sum_and_filter(values, thresholds):
    rule = replace(NOTEBOOK.urban_cluster, min_density=thresholds[0], min_people=thresholds[1])
    found, _ = found_in(values, rule)
    image, people = plain_extents(values, more_than=thresholds[0], more_people_than=thresholds[1])
    np.testing.assert_array_equal(found.image(), image)
    assert found.zones["people"].tolist() == people


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("level", ["urban_cluster", "urban_centre"])
def test_the_notebook_edition_on_larger_rasters(seed, level):
    random = np.random.default_rng(seed)
    values = random.pareto(0.7, (60, 80)) * 60
    values[random.random(values.shape) < 0.05] = np.nan
    rule = getattr(NOTEBOOK, level)
    found, _ = found_in(values, rule, degrees((60, 80)))
    image, people = plain_extents(values, more_than=rule.min_density, more_people_than=rule.min_people)
    np.testing.assert_array_equal(found.image(), image)
    np.testing.assert_allclose(found.zones["people"], people, rtol=1e-12)
    assert len(people) > 0


@given(some_people((9, 11)), st.sampled_from(["urban_cluster", "urban_centre"]))
def test_the_standard_edition_is_label_sum_and_filter_of_densities(values, level):
    rule = getattr(STANDARD, level)
    rule = replace(rule, min_people=rule.min_people / 10)
    found, _ = found_in(values, rule)
    image, people = plain_extents(
        values,
        more_than=rule.min_density,
        more_people_than=rule.min_people,
        neighbours={"urban_cluster": 8, "urban_centre": 4}[level],
        inclusive=True,
    )
    np.testing.assert_array_equal(found.image(), image)
    assert found.zones["people"].tolist() == people


# --- the toy country ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", CORNERS)
def test_the_toy_country_has_a_city_and_a_town_everywhere_on_earth(where):
    toy = toy_country(where)
    clusters, clusters_ledger = extents(toy.people, rules=STANDARD.urban_cluster, iso3="TOY")
    centres, _ = extents(toy.people, rules=STANDARD.urban_centre, iso3="TOY")
    rook, _ = extents(toy.people, rules=NOTEBOOK.urban_cluster, iso3="TOY")
    assert clusters.zones["people"].tolist() == [55_300.0, 5_900.0]  # the city, and its suburb across a corner
    assert clusters.zones["cells"].tolist() == [8, 3]
    assert rook.zones["people"].tolist() == [54_650.0, 5_900.0]  # without the cell of just 300 and the corner
    assert centres.zones["people"].tolist() == [53_000.0]
    assert clusters_ledger.amount(TOO_FEW) == 0
    assert clusters.zones["level"].unique().tolist() == ["urban_cluster"]
    assert clusters.zones.index.str.startswith("TOY-cl-").all()
    assert centres.zones.index.str.startswith("TOY-uc-").all()


def test_nobody_in_dense_cells_vanishes_in_silence():
    found, ledger = found_in([[4_000, 0, 400, 0, 6_000]], STANDARD.urban_cluster)
    assert living(found) == [6_000.0]
    assert ledger.frame().values.tolist() == [["urban_cluster", TOO_FEW, "people", 4_400.0, ""]]


# --- thresholds --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "density", "people"), [("urban_cluster", 300.0, 5_000.0), ("urban_centre", 1_500.0, 50_000.0)]
)
@pytest.mark.parametrize("edition", ["thresholds", "notebook"])
def test_a_value_on_the_threshold_passes_in_every_edition_but_the_notebooks(level, density, people, edition):
    rule = getattr(EDITIONS[edition], level)
    passes = edition == "thresholds"
    just_people = [[people - density, density]]  # one cell on the density, together on the size
    more_people = [[people, density]]
    assert rule.min_density == density
    assert rule.min_people == people
    assert len(found_in(just_people, rule)[0].zones) == passes
    assert living(found_in(more_people, rule)[0]) == ([people + density] if passes else [])
    beside = [[people + 1, density]]
    assert living(found_in(beside, rule)[0]) == ([people + 1 + density] if passes else [people + 1])


@pytest.mark.parametrize("edition", ["thresholds", "notebook"])
def test_one_step_beside_the_threshold(edition):
    rule = EDITIONS[edition].urban_cluster
    below, above = np.nextafter(300.0, 0), np.nextafter(300.0, 400)
    assert found_in([[6_000, below]], rule)[0].zones["cells"].tolist() == [1]
    assert found_in([[6_000, above]], rule)[0].zones["cells"].tolist() == [2]
    assert len(found_in([[np.nextafter(5_000.0, 0)]], rule)[0].zones) == 0
    assert len(found_in([[np.nextafter(5_000.0, 6_000)]], rule)[0].zones) == 1


def test_clusters_of_the_standard_edition_join_across_corners_and_centres_do_not():
    corner = [[30_000, 0], [0, 30_000]]
    assert living(found_in(corner, STANDARD.urban_cluster)[0]) == [60_000.0]
    assert living(found_in(corner, STANDARD.urban_centre)[0]) == []
    assert living(found_in(corner, NOTEBOOK.urban_cluster)[0]) == [30_000.0, 30_000.0]
    edge = [[30_000, 30_000]]
    assert living(found_in(edge, STANDARD.urban_centre)[0]) == [60_000.0]


@pytest.mark.parametrize(("left", "top"), [(76.9, 43.254), (71.4, 51.134), (-58.4, -34.6)])
def test_on_a_grid_in_degrees_the_density_is_per_true_square_kilometre(left, top):
    """300 people in a cell of 0.6 km2 are 480 per km2: the threshold moves with the latitude."""
    here = degrees((1, 3), left=left, top=top)
    cell = shapely.box(left, top - ARC_30, left + ARC_30, top)
    area_km2 = geodesic_area_km2(gpd.GeoSeries([cell], crs=4326))[0]
    assert 0.5 < area_km2 < 0.75
    dense, sparse = 300 * area_km2 * (1 + 1e-6), 300 * area_km2 * (1 - 1e-6)
    found, _ = found_in([[sparse, 6_000, dense]], STANDARD.urban_cluster, here)
    assert found.image().tolist() == [[0, 1, 1]]
    found, _ = found_in([[sparse, 6_000, dense]], NOTEBOOK.urban_cluster, here)
    assert found.image().tolist() == [[0, 1, 0]]


def test_the_same_people_are_dense_in_the_north_and_not_in_the_south():
    """165 people in a cell are 305 per km2 at Astana and 263 at Almaty."""
    almaty, _ = found_in([[6_000, 165]], STANDARD.urban_cluster, degrees((1, 2), left=76.9, top=43.254))
    astana, _ = found_in([[6_000, 165]], STANDARD.urban_cluster, degrees((1, 2), left=71.4, top=51.134))
    assert (almaty.zones["cells"].tolist(), astana.zones["cells"].tolist()) == ([1], [2])


# --- land, missing cells, contracts ------------------------------------------------------------------------------


def test_density_is_per_square_kilometre_of_land():
    here = grid((1, 4), left=2_000_000.0, top=5_500_000.0)
    land = raster([[1e6, 5e5, 0.0, np.nan]], here, units="m2")
    found, _ = found_in([[6_000, 150, 40, 5_000]], STANDARD.urban_cluster, here, land_m2=land)
    # Half of the land, twice the density; people without land are dense; unknown land is not.
    assert found.image().tolist() == [[1, 1, 1, 0]]
    assert living(found) == [6_190.0]
    assert found_in([[6_000, 150, 40, 0]], STANDARD.urban_cluster, here)[0].image().tolist() == [[1, 0, 0, 0]]
    assert found_in([[6_000, 150, 40, 0]], NOTEBOOK.urban_cluster, here, land_m2=land)[0].image().tolist() == [[1, 0, 0, 0]]


def test_sea_without_people_is_not_dense():
    here = grid((1, 2), left=2_000_000.0, top=5_500_000.0)
    land = raster([[1e6, 0.0]], here, units="m2")
    assert found_in([[6_000, 0]], STANDARD.urban_cluster, here, land_m2=land)[0].image().tolist() == [[1, 0]]


def test_land_on_another_grid_is_refused():
    land = raster(np.ones((1, 2)), grid((1, 2), left=2_000_500.0, top=5_500_000.0), units="m2")
    with pytest.raises(GridMismatch, match="land"):
        found_in([[6_000, 0]], STANDARD.urban_cluster, land_m2=land)


def test_only_counts_are_delineated():
    with pytest.raises(UndeclaredRaster, match="expected kind count"):
        extents(raster([[1.0]], grid((1, 1)), kind="intensity"), rules=SMALL)


def test_missing_cells_are_never_dense_and_part_settlements():
    found, _ = found_in([[6_000, np.nan, 6_000]], STANDARD.urban_cluster)
    assert living(found) == [6_000.0, 6_000.0]
    assert not found_in(np.full((3, 3), np.nan), STANDARD.urban_cluster)[0].image().any()


@pytest.mark.parametrize("edition", ["thresholds", "notebook"])
def test_nobody_anywhere_gives_an_empty_table_with_all_its_columns(edition):
    found, ledger = found_in(np.zeros((3, 4)), EDITIONS[edition].urban_centre)
    full, _ = found_in([[60_000]], EDITIONS[edition].urban_centre)
    assert len(found.zones) == 0
    assert found.zones.columns.tolist() == full.zones.columns.tolist()
    assert found.zones.crs == full.zones.crs
    assert found.zones.index.name == "zone_id"
    assert found.image().tolist() == [[0] * 4] * 3
    assert ledger.frame().empty


def test_the_result_carries_grid_labels_area_and_peak(toy):
    found, _ = extents(toy.people, rules=STANDARD.urban_cluster, iso3="TOY")
    assert same_grid(found.geobox, geobox_of(toy.people))
    labels = found.labels()
    assert labels.attrs["kind"] == "class"
    np.testing.assert_array_equal(labels.values, found.image())
    city = found.zones.iloc[0]
    # Mollweide cells are 1 km2 to within a percent.
    assert city["area_km2"] == pytest.approx(8, rel=0.01)
    peak = Transformer.from_crs("ESRI:54009", 4326, always_xy=True).transform(*(found.geobox.transform @ (6.5, 0.5)))
    assert (city["peak_longitude"], city["peak_latitude"]) == pytest.approx(peak, abs=1e-9)
    assert city.geometry.contains(shapely.Point(peak))
    assert found.zones.crs.to_epsg() == 4326
    assert found.zones.geometry.is_valid.all()


def test_no_input_is_altered(toy):
    """The toy country's people cannot be written to."""
    before = toy.people.copy(deep=True)
    extents(toy.people, rules=STANDARD.urban_cluster)
    assert toy.people.identical(before)


# --- ids ---------------------------------------------------------------------------------------------------------


def test_an_id_is_the_hexagon_of_the_most_populous_cell(toy):
    found, _ = extents(toy.people, rules=STANDARD.urban_centre, iso3="TOY")
    [zone_id] = found.zones.index
    hexagon = zone_id.removeprefix("TOY-uc-")
    assert h3.get_resolution(hexagon) == 9
    row = found.zones.iloc[0]
    assert hexagon == h3.latlng_to_cell(row["peak_latitude"], row["peak_longitude"], 9)
    assert row["name"] == zone_id


@pytest.mark.parametrize("edition", ["thresholds", "notebook"])
@pytest.mark.parametrize("crs", ["metres", "degrees"])
def test_ids_do_not_depend_on_the_crop(edition, crs):
    random = np.random.default_rng(11)
    values = np.zeros((40, 50))
    values[10:30, 12:38] = random.pareto(1.2, (20, 26)) * 120
    values[11, 13] = values[11, 15] = 9_000  # a tie
    here = degrees((40, 50)) if crs == "degrees" else KM.pad(20)[:40, :50]
    rule = replace(EDITIONS[edition].urban_cluster, min_people=1_500.0)
    whole = extents(raster(values, here), rules=rule, iso3="TOY")[0].zones
    assert len(whole) > 3
    for rows, cols in [(slice(7, 33), slice(9, 41)), (slice(10, 30), slice(12, 38)), (slice(0, 35), slice(5, 50))]:
        part = extents(raster(values, here)[rows, cols], rules=rule, iso3="TOY")[0].zones
        assert part.index.tolist() == whole.index.tolist()
        assert part["people"].tolist() == whole["people"].tolist()
        assert shapely.equals_exact(part.geometry.values, whole.geometry.values, tolerance=1e-9).all()


@pytest.mark.parametrize(
    ("values", "cell"),
    [
        ([[9, 0, 9], [9, 9, 9]], (1, 0)),  # westernmost, then southernmost
        ([[8, 9, 9], [8, 9, 9]], (1, 1)),
        ([[8, 8, 9], [8, 9, 8]], (1, 1)),
        ([[8, 9, 8], [8, 8, 9]], (0, 1)),
    ],
)
@pytest.mark.parametrize("here", [grid((2, 3), left=-5e6, top=-2.5e6), degrees((2, 3)), degrees((2, 3), left=-60, top=-30)])
def test_equal_peaks_go_west_then_south(values, cell, here):
    rule = replace(SMALL, min_density=1.0, min_people=10.0)
    found, _ = found_in(values, rule, here)
    [(longitude, latitude)] = found.zones[["peak_longitude", "peak_latitude"]].values.tolist()
    middle = here.transform @ (cell[1] + 0.5, cell[0] + 0.5)
    spot = Transformer.from_crs(str(here.crs), 4326, always_xy=True).transform(*middle)
    assert (longitude, latitude) == pytest.approx(spot, abs=1e-9)


def fine_grid_in_one_hexagon(shape, cell_degrees=0.0002):
    """A grid of cells of some 20 m that all lie in one hexagon of resolution 9."""
    latitude, longitude = h3.cell_to_latlng(h3.latlng_to_cell(50.85, 4.35, 9))
    left, top = longitude - shape[1] / 2 * cell_degrees, latitude + shape[0] / 2 * cell_degrees
    here = degrees(shape, left=left, top=top, cell=cell_degrees)
    inside = {h3.latlng_to_cell(*(here.transform @ (col + 0.5, row + 0.5))[::-1], 9) for row, col in np.ndindex(*shape)}
    assert len(inside) == 1
    return here


def test_settlements_in_one_hexagon_get_a_suffix_from_west_to_east():
    values = np.array([[0, 0, 70.0], [0, 50, 0], [60, 0, 0]])
    rule = replace(SMALL, min_density=10.0, min_people=10.0)
    found, _ = found_in(values, rule, fine_grid_in_one_hexagon(values.shape))
    by_people = found.zones.reset_index().set_index("people")["zone_id"]
    bare = by_people[60.0]
    assert not bare.endswith(("-2", "-3"))
    assert (by_people[50.0], by_people[70.0]) == (f"{bare}-2", f"{bare}-3")
    assert found.zones.index.is_unique


def test_settlements_in_one_hexagon_on_one_meridian_are_numbered_from_south_to_north():
    values = np.array([[70.0], [0], [60.0]])
    rule = replace(SMALL, min_density=10.0, min_people=10.0)
    found, _ = found_in(values, rule, fine_grid_in_one_hexagon(values.shape))
    by_people = found.zones.reset_index().set_index("people")["zone_id"]
    assert by_people[70.0] == f"{by_people[60.0]}-2"


# --- keeping some ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("keep", [[True, True], [True, False], [False, True], [False, False]])
def test_keeping_some_settlements_keeps_their_cells(keep):
    toy = toy_country()
    found, _ = extents(toy.people, rules=STANDARD.urban_cluster, iso3="TOY")
    kept = keep_extents(found, np.array(keep))
    assert kept.zones.index.tolist() == found.zones.index[keep].tolist()
    image = kept.image()
    for row, zone_id in enumerate(kept.zones.index):
        np.testing.assert_array_equal(image == row + 1, found.image() == found.zones.index.get_loc(zone_id) + 1)
        assert np.nansum(PEOPLE[image == row + 1]) == kept.zones["people"].iloc[row]
    assert (image > 0).sum() == kept.zones["cells"].sum()
    assert len(found.zones) == 2  # what it was given is as it was


# --- laws --------------------------------------------------------------------------------------------------------


@few
@given(some_people((7, 8)), st.sampled_from(["thresholds", "notebook"]), st.sampled_from([(0,), (1,), (0, 1)]))
def test_law_labels_do_not_depend_on_scan_order(values, edition, axes):
    rule = replace(EDITIONS[edition].urban_cluster, min_people=1_500.0)
    found, _ = found_in(values, rule)
    mirrored, _ = found_in(np.flip(values, axes), rule)
    assert living(found) == living(mirrored)
    assert sorted(found.zones["cells"]) == sorted(mirrored.zones["cells"])
    np.testing.assert_array_equal(np.flip(found.image(), axes) > 0, mirrored.image() > 0)


@few
@given(
    some_people((7, 8)), some_people((7, 8), largest=900), st.sampled_from(["thresholds", "notebook"]), st.sampled_from([0, 1])
)
def test_law_adding_people_never_shrinks_a_settlement(values, newcomers, edition, level):
    rule = (EDITIONS[edition].urban_cluster, EDITIONS[edition].urban_centre)[level]
    rule = replace(rule, min_people=rule.min_people / 5)
    before, _ = found_in(values, rule)
    after, _ = found_in(values + np.nan_to_num(newcomers), rule)
    assert not ((before.image() > 0) & (after.image() == 0)).any()


@few
@given(some_people((7, 8)), st.sampled_from(["thresholds", "notebook"]))
def test_law_centres_lie_in_clusters(values, edition):
    rules = EDITIONS[edition]
    clusters, _ = found_in(values, replace(rules.urban_cluster, min_people=3_000.0))
    centres, _ = found_in(values, replace(rules.urban_centre, min_people=3_000.0))
    assert not ((centres.image() > 0) & (clusters.image() == 0)).any()


@few
@given(some_people((7, 8)), st.sampled_from(["thresholds", "notebook"]))
def test_law_people_of_dense_cells_are_in_a_settlement_or_in_the_ledger(values, edition):
    rule = EDITIONS[edition].urban_cluster
    found, ledger = found_in(values, rule)
    filled = np.nan_to_num(values)
    dense = filled[filled >= 300.0].sum() if edition == "thresholds" else filled[filled > 300.0].sum()
    assert found.zones["people"].sum() + ledger.amount(TOO_FEW) == dense


@few
@given(some_people((7, 8)), st.integers(1, 5), st.integers(1, 5))
def test_law_moving_by_whole_cells_moves_the_settlements_along(values, down, right):
    rule = replace(STANDARD.urban_cluster, min_people=2_000.0)
    here = grid((7, 8), left=2_000_000.0, top=5_500_000.0)
    wide = GeoBox((7 + down, 8 + right), here.transform @ here.transform.translation(-right, -down), here.crs)
    found, _ = found_in(values, rule, here)
    moved, _ = found_in(np.pad(values, ((down, 0), (right, 0))), rule, wide)
    np.testing.assert_array_equal(moved.image()[down:, right:], found.image())
    assert moved.zones.index.tolist() == found.zones.index.tolist()
