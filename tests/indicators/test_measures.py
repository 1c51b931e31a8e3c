"""The records, the long table, and that both speak of the same measures."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from toys import grid, pixel_box, raster, zones_of

from urbanreview.errors import UnknownName
from urbanreview.indicators import built_up, degree, lights, population
from urbanreview.measures import BY_KEY, DARK, LONG_COLUMNS, MEASURES, NOBODY, UNOBSERVED, long_rows, measure_of
from urbanreview.zones import degree_of_units, plan_zones

OPENED_BY = {"degree": "population", "land": "built_up", "expansion": "built_up", "form": "form"} | dict.fromkeys(
    ("system", "size_class", "urban_growth"), "population"
)
"""First section of the settings that a theme needs, where it has another name."""
ROOT = Path(__file__).parents[2]


def one_zone(values):
    here = grid(np.shape(values), left=2e6, top=5.5e6)
    rows, cols = here.shape
    return plan_zones(zones_of({"a": pixel_box(here, 0, 0, cols, rows)}, here.crs.to_wkt()), here), here


def every_frame(people, radiance, built):
    """Ask all themes of one zone; each argument is the raster's values."""
    plan, here = one_zone(people)
    counted, _ = population(
        plan,
        raster(people, here),
        land_km2=pd.Series({"a": 2.0}),
        urban=pd.Series({"a": 1.0}),
        high_density=pd.Series({"a": 1.0}),
    )
    lit, _ = lights(plan, raster(radiance, here, kind="intensity"), floor=0.1)
    living = counted["population.total"]
    covered, _ = built_up(plan, raster(built, here, units="m2"), people=living, area_km2=pd.Series({"a": 2.0}))
    codes = raster(np.full(np.shape(people), 12, np.uint8), here, kind="class")
    rural = raster(np.full(np.shape(people), 1, np.uint8), here, kind="class")
    units = zones_of({"a": pixel_box(here, 0, 0, here.shape[1], here.shape[0])}, here.crs.to_wkt())
    classed, _ = degree_of_units(units, raster(people, here), level_1=rural, level_2=codes)
    return [counted, *degree(classed, valid_share=counted["valid_share"]).values(), lit, covered]


def test_every_column_of_a_formula_has_a_record():
    """That every record has a formula is seen in a whole review: tests/cli/test_themes.py."""
    frames = every_frame([[5.0, 5.0]], [[1.0, 0.0]], [[9.0, 9.0]])
    produced = {column for frame in frames for column in frame.columns} - {"valid_share"}
    assert produced < set(BY_KEY)


@pytest.mark.parametrize("measure", MEASURES, ids=[measure.key for measure in MEASURES])
def test_a_record_keeps_its_promise(measure):
    assert (ROOT / measure.page).is_file()
    assert measure.key.count(".") == 1
    assert measure.key == measure.key.lower()
    assert measure.title
    assert measure.title[0].isupper()
    assert measure.unit
    assert measure.needs[0] == OPENED_BY.get(measure.theme, measure.theme)
    assert len(measure.method) > 10
    assert measure.method.endswith(".")
    assert measure.reference
    assert measure_of(measure.key) is measure


def test_keys_and_titles_are_unique():
    assert len(BY_KEY) == len(MEASURES)
    assert len({measure.title for measure in MEASURES}) == len(MEASURES)


def test_an_unknown_measure_is_an_error_with_a_guess():
    with pytest.raises(UnknownName, match=r"Did you mean 'lights\.sum'"):
        measure_of("light.sum")


def test_long_rows_by_hand():
    frame = pd.DataFrame(
        {"lights.sum": [3.0, np.nan], "lights.mean_lit": [1.5, np.nan], "valid_share": [0.5, 0.0]}, index=["a", "b"]
    )
    rows = long_rows(frame, period="2018-01", source="lights", variant="floor=0.1")
    assert tuple(rows.columns) == LONG_COLUMNS
    assert rows.drop(columns="value").values.tolist() == [
        ["a", "lights.sum", "2018-01", "lights", "floor=0.1", 0.5, ""],
        ["b", "lights.sum", "2018-01", "lights", "floor=0.1", 0.0, UNOBSERVED],
        ["a", "lights.mean_lit", "2018-01", "lights", "floor=0.1", 0.5, ""],
        ["b", "lights.mean_lit", "2018-01", "lights", "floor=0.1", 0.0, UNOBSERVED],
    ]
    assert rows["value"].tolist() == pytest.approx([3.0, np.nan, 1.5, np.nan], nan_ok=True)


def reasons(frames):
    rows = pd.concat([long_rows(frame, period="2020", source="toy") for frame in frames])
    assert (rows["reason"].ne("") == rows["value"].isna()).all()
    return rows.set_index("measure")["reason"].to_dict()


def test_a_full_zone_has_no_reasons():
    assert set(reasons(every_frame([[5.0, 5.0]], [[1.0, 0.0]], [[9.0, 9.0]])).values()) == {""}


def test_a_zone_of_nodata_says_so_in_every_measure():
    nothing = [[np.nan, np.nan]]
    assert set(reasons(every_frame(nothing, nothing, nothing)).values()) == {UNOBSERVED}


def test_an_empty_zone_says_that_nobody_lives_there():
    found = {key: reason for key, reason in reasons(every_frame([[0.0, 0.0]], [[1.0, 1.0]], [[9.0, 9.0]])).items() if reason}
    assert found == dict.fromkeys(["population.urban_share", "population.high_density_share", "built_up.per_person"], NOBODY)


def test_a_dark_zone_says_that_no_cell_reaches_the_floor():
    """It was observed: 'no valid cell' would be wrong."""
    found = {key: reason for key, reason in reasons(every_frame([[5.0, 5.0]], [[0.0, 0.0]], [[9.0, 9.0]])).items() if reason}
    assert found == dict.fromkeys(["lights.min", "lights.max", "lights.mean_lit"], DARK)


def test_a_zone_without_land_says_so():
    plan, here = one_zone([[5.0]])
    frame, _ = population(plan, raster([[5.0]], here), land_km2=pd.Series({"a": 0.0}))
    assert reasons([frame]) == {"population.total": "", "population.density": "no land"}


def test_an_infinite_value_is_no_value():
    frame = pd.DataFrame({"population.density": [np.inf], "valid_share": [1.0]}, index=["a"])
    rows = long_rows(frame, period="2020", source="toy")
    assert rows["reason"].tolist() == ["no land"]
