"""Night lights by hand."""

import numpy as np
import pandas as pd
import pytest
from toys import degrees, grid, pixel_box, raster, zones_of

from urbanreview.grid import cell_area_km2
from urbanreview.indicators import lights
from urbanreview.zones import plan_zones

LIGHTS = [[0.05, 0.0, np.nan, 8.0, 0.1], [-0.3, 2.0, np.nan, 0.09, 30.0]]
PARTS = {
    "city": (3, 0, 5, 2),  # 8, 0.1 and 30 are lit, 0.09 is not
    "half": (1.5, 1, 2, 2),  # half of 2
    "dark": (0, 0, 2, 1),
    "unseen": (2, 0, 3, 2),
}


def lit(here, floor=0.1):
    zones = zones_of({name: pixel_box(here, *part) for name, part in PARTS.items()}, here.crs.to_wkt())
    return lights(plan_zones(zones, here), raster(LIGHTS, here, kind="intensity", source="lights 2020"), floor=floor)


def test_every_column_by_hand():
    frame, ledger = lit(grid((2, 5), left=2e6, top=5.5e6))
    expected = pd.DataFrame(
        {
            "lights.sum": [38.1, 1.0, 0.0, np.nan],
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


def test_means_weigh_cells_by_their_true_area():
    here = degrees((2, 1), top=60.0, cell=10.0)
    zone = zones_of({"a": pixel_box(here, 0, 0, 1, 2)})
    frame, _ = lights(plan_zones(zone, here), raster([[4.0], [0.0]], here, kind="intensity"), floor=0.1)
    north, south = cell_area_km2(here)[:, 0]
    row = frame.loc["a"]
    assert row["lights.lit_share"] == pytest.approx(north / (north + south), rel=1e-9)
    assert row["lights.mean"] == pytest.approx(4.0 * north / (north + south), rel=1e-9)
    assert row["lights.mean_lit"] == 4.0
    assert row["lights.sum"] == pytest.approx(4.0)


def test_a_floor_of_zero_keeps_dark_cells_and_drops_negative_noise():
    frame, _ = lit(grid((2, 5)), floor=0.0)
    dark = frame.loc["dark"]
    assert (dark["lights.lit_share"], dark["lights.sum"], dark["lights.min"]) == (1.0, 0.05, 0.0)
