"""The whole review of Belgium from the example settings: everybody is accounted for and every city has its name."""

import re

import numpy as np
import pytest

from urbanreview.config import load_settings
from urbanreview.measures import BY_KEY
from urbanreview.pipeline import review

pytestmark = pytest.mark.real

LARGEST = ["Brussels", "Antwerp", "Liège", "Gent", "Charleroi"]


@pytest.fixture(scope="module")
def found(shared, root, tmp_path_factory):
    """The example's paths start at the checkout; where the shared data lie elsewhere they are replaced."""
    text = (root / "examples" / "belgium.toml").read_text(encoding="utf-8")
    settings_file = tmp_path_factory.mktemp("belgium") / "belgium.toml"
    settings_file.write_text(text.replace("../../shared", shared.resolve().as_posix()), encoding="utf-8")
    return review(load_settings(settings_file))


def of_level(found, level, measure="population.total"):
    rows = found.values[(found.values["measure"] == measure) & (found.values["source"] == "ghs")].set_index("zone_id")
    return rows.loc[found.zones.index[found.zones["level"] == level], "value"]


def test_districts_and_ledger_hold_everybody_on_the_raster(found, data, stored):
    everybody = np.nansum(stored(data / "belgium" / "ghs_pop_e2020_1km.tif"))
    accounted = (
        of_level(found, "adm4").sum()
        + found.ledger.amount("people beyond the border, in the margin")
        - found.ledger.amount("people counted in two districts")
        + abs(found.ledger.amount("people in slivers between districts"))
    )
    assert found.ledger.amount("people on the grid that was read") == pytest.approx(everybody, abs=0.5)
    assert accounted == pytest.approx(everybody, abs=0.5), f"{accounted - everybody:+.3f} people"
    assert found.ledger.amount("people in districts") == pytest.approx(of_level(found, "adm4").sum(), abs=0.5)


def test_districts_add_up_to_the_country_in_every_count(found):
    for measure in ("population.total", "population.urban", "population.high_density"):
        country = of_level(found, "adm0", measure).sum()
        assert of_level(found, "adm4", measure).sum() == pytest.approx(country, rel=1e-6)
    built = found.values[found.values["measure"] == "built_up.area"].set_index("zone_id")["value"]
    levels = found.zones["level"]
    assert built[levels.index[levels == "adm4"]].sum() == pytest.approx(built[levels.index[levels == "adm0"]].sum(), rel=1e-6)


def test_urban_people_of_the_country_are_those_of_its_settlements(found):
    for level, measure in (("urban_cluster", "population.urban"), ("urban_centre", "population.high_density")):
        inside = of_level(found, level, "population.inside").sum()
        assert of_level(found, "adm0", measure).sum() == pytest.approx(inside, rel=1e-9)
        whole = of_level(found, level, "population.inside") + of_level(found, level, "population.outside")
        np.testing.assert_allclose(whole, of_level(found, level), rtol=1e-9)


def test_the_largest_cities_are_found_and_named(found):
    centres = found.zones[found.zones["level"] == "urban_centre"].sort_values("people_inside", ascending=False)
    assert centres["name"].tolist()[:5] == LARGEST
    largest = centres.head(20)
    assert len(largest) == 18
    assert largest["name_found"].isin(["inside", "nearest", "cluster"]).all()
    assert not largest["name"].isin(largest.index).any()
    assert largest["name"].is_unique
    assert largest["parent_id"].isin(found.zones.index).all()


ASKS_FOR_MORE = re.compile(
    r"official\.|access\.|exposure\.|climate\.|air\.|expansion\.|land\.|urban_growth\.|.*(growers|shrinkers|stable|growth)|lights\.(months|trend|.*flare)|built_up\.(change|new)"
    r"|form\.(cohesion|exchange|perimeter|sprawl)"
)
"""Measures of official numbers, friction, hazards, climate, air, of two dates, months and flares, and shapes on request."""
OF_SETTLEMENTS = {"population.inside", "population.outside", "form.fullness", "form.proximity"}


def test_every_measure_of_one_date_is_there_for_every_zone(found):
    values = found.values[~found.values["measure"].str.match(ASKS_FOR_MORE)]
    assert set(values["measure"]) == {key for key in BY_KEY if not ASKS_FOR_MORE.match(key)}
    for measure, rows in values.groupby("measure"):
        levels = found.zones.loc[rows["zone_id"], "level"]
        if measure in OF_SETTLEMENTS:
            assert set(levels) == {"urban_cluster", "urban_centre"}
        elif measure.startswith("degree."):
            assert not {"urban_cluster", "urban_centre"} & set(levels)
        elif measure.startswith(("system.", "size_class.")):
            assert set(levels) == {"adm0"}
        else:
            assert set(rows["zone_id"]) == set(found.zones.index)
        assert not rows.duplicated(["zone_id", "variant"]).any()


def test_every_district_has_a_class_and_its_shares_add_up(found):
    degree = found.values[found.values["measure"] == "degree.class"]
    assert set(degree["variant"]) == {"level=1", "level=2"}
    assert (degree[degree["variant"] == "level=1"]["zone_id"].map(found.zones["level"]) == "adm4").sum() == 581
    shares = found.values[found.values["measure"] == "degree.share"].groupby("zone_id")["value"].sum(min_count=1).dropna()
    np.testing.assert_allclose(shares, 1.0, rtol=1e-9)


def test_the_scenarios_stand_side_by_side(found):
    scenarios = found.comparison["scenarios"]
    assert scenarios["edition"].tolist() == ["jrc-2023-v2", "flexurba-0.2", "manual-2021", "notebook"]
    country = of_level(found, "adm0").sum()
    np.testing.assert_allclose(scenarios["people"], country, rtol=1e-9)
    first = scenarios.iloc[0]
    assert first["urban_people"] == pytest.approx(of_level(found, "adm0", "population.urban").sum(), rel=1e-6)
    assert first["centres"] == (found.zones["level"] == "urban_centre").sum()
    assert len(found.comparison["scenario_pairs"]) == 6
    assert found.comparison["scenario_pairs"]["jaccard_urban"].between(0.85, 1).all()


def test_a_missing_value_has_a_reason_and_a_value_has_none(found):
    assert (found.values["reason"].ne("") == found.values["value"].isna()).all()
    assert found.values["valid_share"].between(0, 1).all()


def test_shares_are_shares(found):
    for measure in ("population.urban_share", "population.high_density_share", "lights.lit_share", "built_up.share"):
        values = found.values.loc[found.values["measure"] == measure, "value"].dropna()
        assert values.between(0, 1 + 1e-9).all(), measure


def test_the_point_of_every_zone_lies_inside_it(found):
    points = found.points.geometry.reindex(found.zones.index).dropna()
    zones = found.zones.geometry.loc[points.index]
    outside = points.index[~zones.contains(points).to_numpy()]
    assert not len(outside), f"outside their zone: {', '.join(outside)}"


BY_HAND = {
    ("climate.precipitation", "1991/2020", "weight=area"): 883.493,
    ("climate.precipitation_cv", "1991/2020", "weight=area"): 0.10787,
    ("climate.temperature", "1991/2020", "weight=area"): 10.7127,
    ("climate.temperature_trend", "1991/2020", "weight=area"): 0.39882,
    ("air.pm25", "2003", "people=ghs:2020"): 32.76841,
    ("air.pm25", "2020", "people=ghs:2020"): 11.45056,
    ("air.heating_season", "2019/2020", "months=10-12+1-3;people=ghs:2020"): 10.54706,
}
"""Of the whole country, by a script of its own with shapely, pyproj and scipy: polygons cut with cells one by one."""


@pytest.mark.parametrize(("measure", "period", "variant"), BY_HAND)
def test_climate_and_air_are_those_of_a_direct_computation(found, measure, period, variant):
    values = found.values[(found.values["zone_id"] == "BEL-adm0-BEL") & (found.values["measure"] == measure)]
    rows = values[(values["period"] == period) & (values["variant"] == variant)]
    assert len(rows) == 1, values[["period", "variant"]]
    assert rows["value"].iloc[0] == pytest.approx(BY_HAND[measure, period, variant], rel=1e-4)


def test_zones_with_few_source_cells_are_flagged(found):
    flagged = found.zones["flags"].str.contains("few source cells")
    assert flagged.mean() > 0.7  # cells of 0.5 and 0.75 degrees
    assert not found.zones.loc["BEL-adm0-BEL", "flags"]
