"""Built-up land by hand."""

import numpy as np
import pandas as pd
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.indicators import built_up
from urbanreview.zones import plan_zones

HERE = grid((1, 5), left=2e6, top=5.5e6)
PARTS = {"town": (0, 0, 1.5, 1), "empty": (2, 0, 3, 1), "unseen": (3, 0, 4, 1), "nobody": (4, 0, 5, 1)}
BUILT = [[300_000.0, 100_000.0, 0.0, np.nan, 5_000.0]]


def built(**more):
    zones = zones_of({name: pixel_box(HERE, *part) for name, part in PARTS.items()}, HERE.crs.to_wkt())
    area = pd.Series({"nobody": 1.0, "unseen": 1.0, "empty": 1.0, "town": 1.5})
    return built_up(plan_zones(zones, HERE), raster(BUILT, HERE, units="m2"), area_km2=area, **more)


def test_every_column_by_hand():
    people = pd.Series({"nobody": 0.0, "town": 1_000.0, "empty": 10.0, "unseen": 7.0})
    frame, ledger = built(people=people)
    expected = pd.DataFrame(
        {
            "built_up.area": [0.35, 0.0, np.nan, 0.005],
            "built_up.share": [0.35 / 1.5, 0.0, np.nan, 0.005],
            "built_up.per_person": [350.0, 0.0, np.nan, np.nan],
            "valid_share": [1.0, 1.0, 0.0, 1.0],
        },
        index=pd.Index(list(PARTS), name="zone_id", dtype="str"),
    )
    pd.testing.assert_frame_equal(frame, expected, rtol=1e-9)
    assert ledger.frame()["zone_id"].tolist() == ["unseen"]


def test_without_people_of_that_year_the_ratio_is_left_out():
    frame, _ = built(people=None)
    assert frame.columns.tolist() == ["built_up.area", "built_up.share", "valid_share"]


def test_people_of_some_zones_only():
    frame, _ = built(people=pd.Series({"town": 700.0}))
    assert frame["built_up.per_person"].tolist() == pytest.approx([500.0, np.nan, np.nan, np.nan], nan_ok=True)
