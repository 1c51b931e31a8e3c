"""Fine dust by hand: what people breathe, at which level they live, and of how many cells that is known."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pyproj import Transformer
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2
from urbanreview.indicators.air import WHO_2021, breathed, change_per_year, mean_over_days, onto_people, over_land
from urbanreview.zones import plan_zones

HERE = grid((2, 4), left=2e6, top=5.5e6)
DUST = [[5.0, 10.0, np.nan, 40.0], [4.0, 25.0, 12.0, 35.0]]
PEOPLE = [[100.0, 50.0, 30.0, 10.0], [np.nan, 0.0, 20.0, 40.0]]
PARTS = {
    "all": (0, 0, 4, 2),
    "west": (0, 0, 2, 2),
    "slice": (0.5, 0, 2, 1),  # half of 100 people and all of 50
    "unseen": (2, 0, 3, 1),  # 30 people, and no concentration
    "uncounted": (0, 1, 1, 2),  # a concentration, and no count of people
    "empty": (1, 1, 2, 2),  # nobody lives there
    "beyond": (9, 0, 11, 1),
}


def air_of(values, here=HERE, source="air 2020"):
    return raster(np.array(values), here, kind="intensity", units="ug/m3", source=source)


def zones_on(here, parts):
    return zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt())


def asked(dust=DUST, people=PEOPLE, parts=PARTS, here=HERE):
    return breathed(plan_zones(zones_on(here, parts), here), air_of(dust, here), raster(np.array(people), here))


def test_every_number_by_hand():
    found = asked().zones
    everyone = 100 + 50 + 10 + 20 + 40
    dose = 100 * 5 + 50 * 10 + 10 * 40 + 20 * 12 + 40 * 35
    expected = pd.DataFrame(
        {
            "air.pm25": [dose / everyone, 1000 / 150, 750 / 100, np.nan, np.nan, np.nan, np.nan],
            "air.people_above_guideline": [120, 50, 50, np.nan, np.nan, 0, np.nan],
            "valid_share": [6 / 8, 3 / 4, 1, 0, 0, 1, 0],
        },
        index=pd.Index(list(PARTS), name="zone_id", dtype="str"),
    )
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)


def test_both_sums_are_over_the_same_cells():
    """Thirty people without a concentration, and four micrograms without a count, change nothing."""
    known = np.isfinite(DUST) & np.isfinite(PEOPLE)
    only = asked(np.where(known, DUST, np.nan), np.where(known, PEOPLE, np.nan)).zones
    pd.testing.assert_frame_equal(asked().zones, only)
    filled = asked(np.where(known, DUST, np.nan), np.where(known, PEOPLE, 1e9)).zones
    assert filled.loc["all", "air.pm25"] == only.loc["all", "air.pm25"]


def test_people_stand_in_the_band_of_their_cell_and_a_bound_belongs_to_the_band_below():
    bands = asked().bands
    living = {band: frame.loc["all", "air.people"] for band, frame in bands.items()}
    assert living == {"0-5": 100, "5-10": 50, "10-15": 20, "15-25": 0, "25-35": 40, "35+": 10}
    shares = [frame.loc["all", "air.share"] for frame in bands.values()]
    assert shares == pytest.approx([100 / 220, 50 / 220, 20 / 220, 0, 40 / 220, 10 / 220], rel=1e-12)


def test_nobody_is_a_number_of_people_and_no_share():
    for frame in asked().bands.values():
        assert frame.loc["empty", "air.people"] == 0
        assert np.isnan(frame.loc["empty", "air.share"])
        assert frame.loc[["unseen", "uncounted", "beyond"], "air.people"].isna().all()


def test_a_mean_that_passes_a_bound_by_rounding_alone_stays_below_it():
    at = np.array([[np.nextafter(10.0, 11.0), 10.0 + 1e-7]])
    assert WHO_2021.positions(at).tolist() == [[1, 2]]


def test_the_levels_are_those_of_2021():
    assert (WHO_2021.guideline, WHO_2021.interim_targets) == (5.0, (10.0, 15.0, 25.0, 35.0))
    assert len(WHO_2021.bands) == len(WHO_2021.bounds) + 1


cells = st.one_of(st.just(np.nan), st.floats(0, 120, width=32))
counts = st.one_of(st.just(np.nan), st.integers(0, 9_000).map(float))


@given(arrays(float, (2, 4), elements=cells), arrays(float, (2, 4), elements=counts), st.floats(0.3, 3.7))
def test_halves_of_a_zone_add_up(dust, people, cut):
    parts = {"all": (0, 0, 4, 2), "left": (0, 0, cut, 2), "right": (cut, 0, 4, 2)}
    found = asked(dust, people, parts)
    tables = [*(frame[["air.people"]] for frame in found.bands.values()), found.zones[["air.people_above_guideline"]]]
    for table in tables:
        halves = table.loc[["left", "right"]].fillna(0.0).sum()
        assert halves.to_numpy() == pytest.approx(table.loc[["all"]].fillna(0.0).sum().to_numpy(), rel=1e-9, abs=1e-6)
    everyone = sum(frame["air.people"] for frame in found.bands.values())
    inhaled = (found.zones["air.pm25"] * everyone).fillna(0.0)
    assert inhaled["left"] + inhaled["right"] == pytest.approx(inhaled["all"], rel=1e-9, abs=1e-6)


@given(arrays(float, (2, 4), elements=cells), arrays(float, (2, 4), elements=counts))
def test_twice_the_people_breathe_the_same_and_are_twice_as_many_in_each_band(dust, people):
    once, twice = asked(dust, people), asked(dust, 2 * people)
    pd.testing.assert_series_equal(once.zones["air.pm25"], twice.zones["air.pm25"], rtol=1e-12)
    for band, frame in once.bands.items():
        pd.testing.assert_series_equal(2 * frame["air.people"], twice.bands[band]["air.people"])
        pd.testing.assert_series_equal(frame["air.share"], twice.bands[band]["air.share"], rtol=1e-12)


@given(arrays(float, (2, 4), elements=cells), arrays(float, (2, 4), elements=counts))
def test_the_mean_lies_between_the_extremes_and_the_bands_hold_everyone(dust, people):
    found = asked(dust, people)
    valid = np.isfinite(dust) & np.isfinite(people)
    everyone = sum(frame["air.people"] for frame in found.bands.values())["all"]
    assert np.nan_to_num(everyone) == pytest.approx(people[valid].sum())
    if valid.any() and people[valid].sum() > 0:
        mean = found.zones.loc["all", "air.pm25"]
        assert dust[valid].min() * (1 - 1e-9) <= mean <= dust[valid].max() * (1 + 1e-9)


def test_the_order_of_zones_changes_nothing_and_inputs_stay(freeze):
    dust, people = freeze(air_of(DUST)), freeze(raster(np.array(PEOPLE), HERE))
    there, back = (
        breathed(plan_zones(zones_on(HERE, dict(order)), HERE), dust, people)
        for order in (list(PARTS.items()), list(PARTS.items())[::-1])
    )
    pd.testing.assert_frame_equal(there.zones, back.zones.loc[list(PARTS)])
    pd.testing.assert_frame_equal(there.bands["10-15"], back.bands["10-15"].loc[list(PARTS)])


def test_rasters_must_say_what_they_are_and_lie_on_the_plan():
    plan = plan_zones(zones_on(HERE, PARTS), HERE)
    people = raster(np.array(PEOPLE), HERE)
    with pytest.raises(UndeclaredRaster):
        breathed(plan, people, people)
    with pytest.raises(UndeclaredRaster):
        breathed(plan, air_of(DUST), air_of(DUST))
    with pytest.raises(GridMismatch):
        breathed(plan, air_of(DUST, grid((2, 4))), people)
    with pytest.raises(UndeclaredRaster):
        over_land(plan, people)


def test_a_cell_of_people_takes_the_air_by_area_and_never_of_the_nearest_cell():
    """Source cells of 3 km over people in cells of 2 km: the second cell has half of either, the nearest would give one."""
    source, there = grid((1, 2), cell=3000), grid((1, 3), cell=2000)
    onto = onto_people(air_of([[10.0, 40.0]], source), there)
    assert onto.values.tolist() == [[pytest.approx(10.0), pytest.approx(25.0), pytest.approx(40.0)]]
    found = breathed(plan_zones(zones_on(there, {"a": (0, 0, 3, 1)}), there), onto, raster([[60.0, 30.0, 10.0]], there))
    assert found.zones["air.pm25"].tolist() == [pytest.approx((60 * 10 + 30 * 25 + 10 * 40) / 100)]
    assert found.bands["15-25"]["air.people"].tolist() == [pytest.approx(30.0)]


@pytest.mark.parametrize("left", [0.0, 75.0])
def test_far_from_the_middle_of_the_map_an_edge_of_air_is_curved(left):
    """On a map of equal areas, where the people are, the meridian between two cells of 0.75 degrees bends by a sixth of a
    cell at 75 degrees east; every part of a cell of people lies over the one or the other."""
    source = degrees((1, 2), left=left - 0.75, top=50.5, cell=0.75)
    to_map = Transformer.from_crs("EPSG:4326", "ESRI:54009", always_xy=True)
    middle, top = to_map.transform(left, 50.5)
    there = grid((90, 60), left=round(middle, -3) - 30_000, top=round(top, -3) - 1_000)
    found = onto_people(air_of([[0.0, 1.0]], source), there).values
    inside = (np.arange(20) + 0.5) / 20
    y, x = np.meshgrid(*[(np.arange(size)[:, None] + inside).ravel() for size in (90, 60)], indexing="ij")
    t = there.transform
    lon, lat = to_map.transform(t.c + t.a * x, t.f + t.e * y, direction="INVERSE")
    east = np.where((lat > 49.75) & (lat < 50.5) & (abs(lon - left) < 0.75), lon > left, np.nan)
    expected = east.reshape(90, 20, 60, 20).mean(axis=(1, 3))
    known = np.isfinite(expected)
    assert known.sum() > 3_000
    np.testing.assert_allclose(found[known], expected[known], atol=0.04)


def test_over_land_every_cell_counts_by_its_true_area():
    here = degrees((2, 2), left=60.0, top=56.0, cell=0.75)
    zones = zones_on(here, {"both": (0, 0, 1, 2), "south": (0.5, 1, 2, 2)})
    frame, _ = over_land(plan_zones(zones, here), air_of([[10.0, 11.0], [30.0, 12.0]], here))
    north_km2, south_km2 = (float(area) for area in np.ravel(cell_area_km2(here))[[0, -1]])
    assert south_km2 > 1.01 * north_km2
    expected = [(10 * north_km2 + 30 * south_km2) / (north_km2 + south_km2), (0.5 * 30 + 12) / 1.5]
    assert frame["air.pm25_area"].tolist() == pytest.approx(expected, rel=1e-9)


def test_source_cells_are_those_with_a_value_that_the_zone_has_a_part_of():
    parts = {
        "one": (0.2, 0.2, 0.4, 0.4),
        "two": (0.5, 0, 1.5, 1),
        "hole": (1, 0, 4, 2),
        "all": (0, 0, 4, 2),
        "off": (9, 0, 11, 1),
    }
    frame, ledger = over_land(plan_zones(zones_on(HERE, parts), HERE), air_of(DUST))
    assert frame["air.source_cells"].tolist() == [1, 2, 5, 7, 0]
    assert ledger.amount("zone whose value comes from fewer than 4 source cells") == 2
    assert ledger.amount("zone without a value") == 1


def test_a_year_of_months_counts_every_month_by_its_days():
    one = grid((1, 1))
    months = [(air_of([[value]], one), days) for value, days in ((50.0, 31), (20.0, 28), (10.0, 31))]
    mean, _ = mean_over_days(months)
    assert mean.values.tolist() == [[pytest.approx((50 * 31 + 20 * 28 + 10 * 31) / 90)]]
    assert (mean.attrs["kind"], mean.attrs["units"]) == ("intensity", "ug/m3")


def test_a_cell_without_one_of_its_months_has_no_mean():
    two = grid((1, 3))
    mean, ledger = mean_over_days([(air_of([[4.0, np.nan, np.nan]], two), 30), (air_of([[8.0, 8.0, np.nan]], two), 30)])
    assert np.isnan(mean.values).tolist() == [[False, True, True]]
    assert ledger.amount("cell with a value in some of the months only") == 1


def test_months_on_two_grids_are_refused():
    with pytest.raises(GridMismatch):
        mean_over_days([(air_of([[1.0]], grid((1, 1))), 31), (air_of([[1.0]], grid((1, 1), cell=500)), 28)])
    with pytest.raises(ValueError, match="at least one"):
        mean_over_days([])


def test_change_meets_zones_by_their_id():
    rate = change_per_year(pd.Series({"a": 30.0, "b": 10.0}), pd.Series({"b": 16.0, "a": 24.0}), years=3)
    assert rate.to_dict() == {"a": -2.0, "b": 2.0}
