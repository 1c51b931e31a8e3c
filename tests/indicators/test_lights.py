"""Night lights by hand."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.errors import GridMismatch, UndeclaredRaster
from urbanreview.grid import cell_area_km2, cell_centres
from urbanreview.indicators import (
    flare_mask,
    light_ratios,
    lights,
    mask_unobserved,
    mean_of_months,
    months_measure,
    year_months,
)
from urbanreview.zones import plan_zones

LIGHTS = [[0.05, 0.0, np.nan, 8.0, 0.1], [-0.3, 2.0, np.nan, 0.09, 30.0]]
PARTS = {
    "city": (3, 0, 5, 2),  # 8, 0.1 and 30 are lit, 0.09 is not
    "half": (1.5, 1, 2, 2),  # half of 2
    "dark": (0, 0, 2, 1),
    "unseen": (2, 0, 3, 2),
}
NEAR_FLARES = [[True, False, True, True, False], [False, False, False, True, False]]
"""The flare is at the 8; the mask reaches dark and unobserved cells too."""
RAW, MASKED = "lights.sum_area", "lights.sum_area_without_flares"


def glow(values, here, source="lights 2020"):
    return raster(values, here, kind="intensity", units="nW/cm2/sr", source=source)


def nights(values, here):
    return raster(values, here, kind="intensity", units="nights", source="nights 2020")


def zones_on(here, parts=PARTS):
    return zones_of({name: pixel_box(here, *part) for name, part in parts.items()}, here.crs.to_wkt())


def lit(here, floor=0.1, *, values=LIGHTS, parts=PARTS, flares=None):
    mask = None if flares is None else raster(np.array(flares), here, kind="class", units="flare")
    return lights(plan_zones(zones_on(here, parts), here), glow(values, here), floor=floor, flares=mask)


def test_every_column_by_hand():
    frame, ledger = lit(grid((2, 5), left=2e6, top=5.5e6))
    expected = pd.DataFrame(
        {
            "lights.sum": [38.1, 1.0, 0.0, np.nan],
            "lights.sum_area": [38.1, 1.0, 0.0, np.nan],
            "lights.min": [0.1, 2.0, np.nan, np.nan],
            "lights.max": [30.0, 2.0, np.nan, np.nan],
            "lights.mean": [38.1 / 4, 2.0, 0.0, np.nan],
            "lights.mean_lit": [12.7, 2.0, np.nan, np.nan],
            "lights.lit_share": [0.75, 1.0, 0.0, np.nan],
            "valid_share": [1.0, 1.0, 1.0, 0.0],
        },
        index=pd.Index(list(PARTS), name="zone_id", dtype="str"),
    )
    pd.testing.assert_frame_equal(frame, expected, rtol=1e-9)
    assert ledger.frame()[["step", "cause", "zone_id"]].values.tolist() == [["lights 2020", "zone without a value", "unseen"]]


def test_the_sum_by_area_counts_square_kilometres_not_cells():
    """Cells of half a kilometre: a quarter of a km2 each."""
    frame, _ = lit(grid((2, 5), cell=500.0))
    assert frame["lights.sum"].tolist()[:3] == pytest.approx([38.1, 1.0, 0.0])
    assert frame["lights.sum_area"].tolist()[:3] == pytest.approx([38.1 / 4, 0.25, 0.0])


def test_means_weigh_cells_by_their_true_area():
    here = degrees((2, 1), top=60.0, cell=10.0)
    zone = zones_of({"a": pixel_box(here, 0, 0, 1, 2)})
    frame, _ = lights(plan_zones(zone, here), glow([[4.0], [0.0]], here), floor=0.1)
    north, south = cell_area_km2(here)[:, 0]
    row = frame.loc["a"]
    assert row["lights.lit_share"] == pytest.approx(north / (north + south), rel=1e-9)
    assert row["lights.mean"] == pytest.approx(4.0 * north / (north + south), rel=1e-9)
    assert row["lights.mean_lit"] == 4.0
    assert row["lights.sum"] == pytest.approx(4.0)
    assert row["lights.sum_area"] == pytest.approx(4.0 * north, rel=1e-9)


def test_a_floor_of_zero_keeps_dark_cells_and_drops_negative_noise():
    frame, _ = lit(grid((2, 5)), floor=0.0)
    dark = frame.loc["dark"]
    assert (dark["lights.lit_share"], dark["lights.sum"], dark["lights.min"]) == (1.0, 0.05, 0.0)


def test_one_brightness_everywhere_gives_one_light_per_km2_at_every_latitude():
    """A degree by a degree at the equator and at 60 N: as many cells, so the same raw sum, on half the ground."""
    here = degrees((61 * 4, 4), left=10.0, top=61.0, cell=0.25)
    parts = {"north": (0, 0, 4, 4), "south": (0, 240, 4, 244)}
    frame, _ = lit(here, values=np.full(here.shape, 7.0), parts=parts)
    km2 = pd.Series({"north": cell_area_km2(here)[:4].sum() * 4, "south": cell_area_km2(here)[240:].sum() * 4})
    raw, by_area = frame["lights.sum"] / km2, frame["lights.sum_area"] / km2
    assert frame["lights.sum"].tolist() == [112.0, 112.0]
    assert raw["north"] / raw["south"] == pytest.approx(2.0, rel=0.03)
    assert by_area.tolist() == pytest.approx([7.0, 7.0], rel=1e-9)


def test_the_three_means_of_a_small_town_in_a_large_district():
    """The trap of a floor: 25 lit cells of 10 among 400 are 10 over lit cells and 0.625 over the district."""
    values = np.full((20, 20), 0.02)
    values[3:8, 11:16] = 10.0
    row = lit(grid((20, 20)), values=values, parts={"a": (0, 0, 20, 20)})[0].loc["a"]
    found = row[["lights.mean", "lights.mean_lit", "lights.lit_share"]].tolist()
    assert found == pytest.approx([0.625, 10.0, 0.0625])
    assert row["lights.mean"] == pytest.approx(row["lights.mean_lit"] * row["lights.lit_share"])


def test_raw_and_masked_lights_stand_side_by_side():
    frame, ledger = lit(grid((2, 5), cell=2000.0), flares=NEAR_FLARES)
    raw, _ = lit(grid((2, 5), cell=2000.0))
    pd.testing.assert_frame_equal(frame[list(raw.columns)], raw)
    assert frame["lights.sum_without_flares"].tolist()[:3] == pytest.approx([30.1, 1.0, 0.0])
    assert frame[MASKED].tolist()[:3] == pytest.approx([120.4, 4.0, 0.0])
    assert frame["lights.flare_share"].tolist() == pytest.approx([8.0 / 38.1, 0.0, np.nan, np.nan], nan_ok=True)
    assert frame.loc["unseen"].drop("valid_share").isna().all()
    assert len(ledger.entries) == 1


def test_cells_near_flares_are_dark_and_not_missing():
    """Else a zone whose flares are masked would shrink, and its mean rise."""
    frame, _ = lit(grid((2, 5)), flares=np.ones((2, 5), bool))
    assert frame["lights.sum_without_flares"].tolist()[:3] == [0.0, 0.0, 0.0]
    assert frame["lights.flare_share"].tolist()[:2] == [1.0, 1.0]
    assert frame["valid_share"].tolist() == [1.0, 1.0, 1.0, 0.0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.1, 3.0]), st.booleans())
def test_light_with_flares_is_light_without_and_light_inside(seed, floor, in_degrees):
    generator = np.random.default_rng(seed)
    here = degrees((6, 5), top=70.0, cell=0.5) if in_degrees else grid((6, 5))
    values = generator.normal(2.0, 3.0, (6, 5))
    near = generator.random((6, 5)) < 0.4
    parts = {"all": (0, 0, 5, 6), "left": (0, 0, 2.25, 6), "right": (2.25, 0, 5, 6)}
    frame, _ = lit(here, floor, values=values, parts=parts, flares=near)
    inside, _ = lit(here, floor, values=np.where(near, values, 0.0), parts=parts)
    for raw, masked in ((RAW, MASKED), ("lights.sum", "lights.sum_without_flares")):
        np.testing.assert_allclose(frame[raw], frame[masked] + inside[raw], atol=1e-9 * frame.loc["all", raw])
        for column in (raw, masked):  # halves of a zone add up to it
            whole, left, right = frame[column]
            assert left + right == pytest.approx(whole, rel=1e-6, abs=1e-9)
    assert frame["lights.flare_share"].dropna().between(0, 1).all()


def test_the_order_of_zones_changes_nothing():
    here = grid((2, 5))
    plan, turned = (plan_zones(zones_on(here).loc[order], here) for order in (list(PARTS), list(PARTS)[::-1]))
    mask = raster(np.array(NEAR_FLARES), here, kind="class", units="flare")
    first, second = (lights(each, glow(LIGHTS, here), floor=0.1, flares=mask)[0] for each in (plan, turned))
    pd.testing.assert_frame_equal(first, second.loc[first.index])


def test_flares_on_another_grid_are_refused():
    here, other = grid((2, 5)), grid((2, 5), left=500.0)
    plan = plan_zones(zones_on(here), here)
    with pytest.raises(GridMismatch, match="flares"):
        lights(plan, glow(LIGHTS, here), floor=0.1, flares=flare_mask(gpd.GeoSeries([], crs=4326), other, radius_km=5.0))


def reach_by_looking_everywhere(points, here, radius_km):
    longitude, latitude = cell_centres(here)
    reached = np.zeros(here.shape, bool)
    for point in points.to_crs(4326):
        km = Geod(ellps="WGS84").inv(longitude * 0 + point.x, latitude * 0 + point.y, longitude, latitude)[2] / 1000
        reached |= km <= radius_km
    return reached


@pytest.mark.parametrize(
    "here",
    [
        degrees((60, 40), left=53.0, top=46.4, cell=1 / 60),
        degrees((50, 90), left=-30.0, top=75.0, cell=1 / 60),
        degrees((90, 50), left=-30.0, top=-50.0, cell=1 / 60),
        grid((50, 45), left=4.0e6, top=5.45e6),
        grid((50, 45), left=4.5e6, top=3.2e6, cell=900.0, height=1100.0, crs="EPSG:3035"),
        grid((50, 45), left=5.9e6, top=6.2e6, crs="EPSG:3857"),
    ],
    ids=["degrees", "arctic", "south", "Mollweide", "LAEA Europe", "Web Mercator"],
)
@pytest.mark.parametrize("radius_km", [0.7, 5.0, 19.3])
def test_the_reach_of_flares_is_that_of_looking_everywhere(here, radius_km):
    """Flares in cells, beside the grid, and on the other side of the earth."""
    t, (rows, cols) = here.transform, here.shape
    row, col = np.random.default_rng(3).uniform(-8, 8, (2, 4)) + np.array([[rows], [cols]]) * np.arange(4) / 3
    inside = gpd.GeoSeries.from_xy(t.c + t.a * col, t.f + t.e * row, crs=here.crs.to_wkt())
    points = gpd.GeoSeries(pd.concat([inside.to_crs(4326), gpd.GeoSeries.from_xy([-125.0, 0.0], [-47.0, 0.0], crs=4326)]))
    mask = flare_mask(points.to_crs(here.crs.to_wkt()) if here.crs.epsg == 3857 else points, here, radius_km=radius_km)
    expected = reach_by_looking_everywhere(points, here, radius_km)
    np.testing.assert_array_equal(mask.values, expected)
    assert 0 < expected.sum() < expected.size
    assert (mask.attrs["kind"], mask.dtype) == ("class", bool)


def test_a_cell_is_within_reach_by_its_centre():
    """One kilometre between centres, along the equator of a 0.01 degree grid 1.113 km."""
    here = degrees((3, 5), left=10.0, top=0.015, cell=0.01)
    flare = gpd.GeoSeries.from_xy([10.025], [0.0], crs=4326)
    assert flare_mask(flare, here, radius_km=1.11).values.sum() == 3  # itself, north and south: 1.106 km
    assert flare_mask(flare, here, radius_km=1.12).values.sum() == 5
    corner = gpd.GeoSeries.from_xy([10.02], [0.005], crs=4326)
    assert flare_mask(corner, here, radius_km=0.5).values.sum() == 0


def test_no_flare_or_no_point_reaches_nothing():
    here = degrees((3, 5))
    nowhere = gpd.GeoSeries([None], crs=4326)
    for points in (gpd.GeoSeries([], crs=4326), nowhere, gpd.GeoSeries.from_xy([0.0], [0.0], crs=4326)):
        assert not flare_mask(points, here, radius_km=5.0).values.any()


HERE = grid((1, 4))
APRIL, MAY, JUNE = (
    glow([row], HERE, f"lights 2020-{month:02}")
    for month, row in ((4, [4.0, 0.0, -0.2, np.nan]), (5, [8.0, 0.0, 0.4, np.nan]), (6, [0.0, 0.0, 0.1, 5.0]))
)
CLEAR, CLOUDY = nights([[9.0, 1.0, 3.0, 2.0]], HERE), nights([[0.0, 0.0, 4.0, 2.0]], HERE)


def test_a_year_is_the_mean_of_the_months_that_saw_a_cell():
    """June did not see the first two cells: their zero is no darkness. Noise below zero goes in as it is."""
    mean, counts, ledger = mean_of_months([(APRIL, None), (MAY, CLEAR), (JUNE, CLOUDY)], source="lights 2020")
    assert mean.values.tolist()[0] == pytest.approx([6.0, 0.0, 0.1, 5.0])
    assert counts.values.tolist() == [[2.0, 2.0, 3.0, 1.0]]
    found = ledger.frame()[["step", "cause", "unit", "amount"]].values.tolist()
    assert found == [["lights 2020-06", "cell without a cloud-free night", "cell", 2.0]]
    assert (mean.attrs["source"], mean.attrs["kind"], mean.attrs["units"]) == ("lights 2020", "intensity", "nW/cm2/sr")


def test_without_the_counts_of_nights_a_cloud_looks_like_darkness():
    mean, _, ledger = mean_of_months([(APRIL, None), (MAY, None), (JUNE, None)])
    assert mean.values[0, 0] == 4.0
    assert not ledger.entries


def test_a_missing_month_is_a_month_less():
    mean, counts, _ = mean_of_months([(APRIL, None), (JUNE, CLOUDY)])
    np.testing.assert_allclose(mean.values, [[4.0, 0.0, -0.05, 5.0]])
    assert counts.values.tolist() == [[1.0, 1.0, 2.0, 1.0]]


def test_a_cell_under_cloud_all_year_is_missing_and_has_no_month():
    always = nights([[0.0, 5.0, 5.0, np.nan]], HERE)
    mean, counts, ledger = mean_of_months([(MAY, always), (JUNE, always)])
    np.testing.assert_allclose(mean.values, [[np.nan, 0.0, 0.25, np.nan]])
    assert counts.values.tolist() == [[0.0, 2.0, 2.0, 0.0]]
    assert ledger.amount("cell without a cloud-free night") == 3  # the fourth had no value in May anyway


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_the_stream_of_months_equals_the_stack(seed):
    generator = np.random.default_rng(seed)
    stack = generator.normal(1.0, 2.0, (7, 3, 4)).astype(np.float32)
    stack[generator.random(stack.shape) < 0.3] = np.nan
    clear = generator.integers(0, 4, stack.shape).astype(float)
    here = grid((3, 4))
    mean, counts, _ = mean_of_months(
        (glow(values, here), nights(seen, here)) for values, seen in zip(stack, clear, strict=True)
    )
    seen = np.where(clear > 0, stack, np.nan).astype(float)
    months = np.isfinite(seen).sum(axis=0)
    np.testing.assert_array_equal(counts.values, months)
    expected = np.divide(np.nansum(seen, axis=0), months, out=np.full((3, 4), np.nan), where=months > 0)
    np.testing.assert_allclose(mean.values, expected, rtol=1e-12)


def test_months_are_taken_one_at_a_time_and_not_altered():
    taken = []

    def months():
        for month in (APRIL, MAY):
            taken.append(month.attrs["source"])
            month.values.flags.writeable = False
            yield month, CLEAR

    mean_of_months(months())
    assert taken == ["lights 2020-04", "lights 2020-05"]


def test_masking_leaves_the_month_that_was_handed_in():
    masked, _ = mask_unobserved(JUNE, CLOUDY)
    assert masked.values.tolist()[0] == pytest.approx([np.nan, np.nan, 0.1, 5.0], nan_ok=True)
    assert masked.attrs == JUNE.attrs
    assert JUNE.values.tolist() == [[0.0, 0.0, 0.1, 5.0]]


def test_months_on_another_grid_are_refused_by_name():
    there = grid((1, 4), left=250.0)
    july = glow([[1.0, 1.0, 1.0, 1.0]], there, "lights 2020-07")
    with pytest.raises(GridMismatch, match="lights 2020-07"):
        mean_of_months([(APRIL, None), (july, None)])
    with pytest.raises(GridMismatch, match="nights 2020"):
        mean_of_months([(april := APRIL, None), (april, nights([[1.0] * 4], there))])
    with pytest.raises(UndeclaredRaster, match="intensity"):
        mean_of_months([(raster([[1.0] * 4], HERE), None)])
    with pytest.raises(ValueError, match="no month"):
        mean_of_months([])


def test_a_year_of_no_month_anywhere_is_missing_with_a_valid_share_of_zero():
    mean, counts, _ = mean_of_months([(glow([[np.nan] * 4], HERE), None)])
    plan = plan_zones(zones_of({"a": pixel_box(HERE, 0, 0, 4, 1)}, HERE.crs.to_wkt()), HERE)
    frame, _ = lights(plan, mean, floor=0.1)
    assert frame.loc["a"].drop("valid_share").isna().all()
    assert frame.loc["a", "valid_share"] == 0
    assert months_measure(plan, counts)[0].loc["a"].tolist() == [0.0, 1.0]


def test_months_of_a_zone_are_a_mean_by_area():
    _, counts, _ = mean_of_months([(APRIL, None), (MAY, CLEAR), (JUNE, CLOUDY)])  # 2, 2, 3, 1
    parts = {"a": (1, 0, 3, 1), "b": (2.5, 0, 4, 1), "off": (6, 0, 7, 1), "edge": (3, 0, 5, 1)}
    zones = zones_of({name: pixel_box(HERE, *part) for name, part in parts.items()}, HERE.crs.to_wkt())
    frame, ledger = months_measure(plan_zones(zones, HERE), counts)
    assert frame["lights.months"].tolist() == pytest.approx([2.5, 5 / 3, np.nan, 1.0], nan_ok=True)
    assert frame["valid_share"].tolist() == pytest.approx([1.0, 1.0, 0.0, 0.5])
    assert [entry.zone_id for entry in ledger.entries] == ["off"]


def test_countries_with_land_north_of_45_leave_the_snow_out():
    assert year_months(45.1) == (4, 5, 6, 7, 8, 9, 10)
    assert year_months(45.0) == year_months(-10.0) == tuple(range(1, 13))
    assert year_months(55.4, [9, 7, 9]) == (7, 9)


def test_ratios_meet_by_zone_id_and_are_missing_where_there_is_nothing_to_divide_by():
    light = pd.Series({"a": 30.0, "b": 10.0, "c": 0.0, "d": np.nan, "e": 5.0})
    people = pd.Series({"e": 0.0, "d": 10.0, "c": 10.0, "b": 40.0, "a": 10.0})
    frame = light_ratios(light, people=people, built_up_km2=pd.Series({"a": 2.0, "c": 1.0}), country=60.0)
    expected = pd.DataFrame(
        {
            "lights.per_person": [3.0, 0.25, 0.0, np.nan, np.nan],
            "lights.per_built_up": [15.0, np.nan, 0.0, np.nan, np.nan],
            "lights.national_share": [0.5, 1 / 6, 0.0, np.nan, 1 / 12],
        },
        index=list("abcde"),
    )
    pd.testing.assert_frame_equal(frame, expected)
    assert list(light_ratios(light, country=0.0)) == ["lights.national_share"]
    assert light_ratios(light, country=0.0).isna().all(axis=None)


def test_shares_of_zones_that_tile_the_country_add_up_to_one():
    here = degrees((4, 6), top=61.0, cell=0.25)
    parts = {"country": (0, 0, 6, 4), "a": (0, 0, 2.5, 4), "b": (2.5, 0, 6, 1.25), "c": (2.5, 1.25, 6, 4)}
    values = np.random.default_rng(5).gamma(1.0, 4.0, (4, 6))
    light = lit(here, values=values, parts=parts)[0]["lights.sum_area"]
    shares = light_ratios(light, country=light["country"])["lights.national_share"]
    assert shares[["a", "b", "c"]].sum() == pytest.approx(1.0, abs=1e-6)
