"""One zone per flag, at the threshold and just beyond it."""

import numpy as np
import pandas as pd
import pytest

from urbanreview.indicators.plausibility import FACTS, FLAGS, plausibility

KEYS = [flag.key for flag in FLAGS]

# A key, facts that raise it and no other, and facts a hair away that do not.
CASES = [
    ("people without built-up land", {"people": 1_000, "built_up_km2": 0.000999}, {"people": 1_000, "built_up_km2": 0.001}),
    ("people without built-up land", {"people": 1_000, "built_up_km2": 0.0}, {"people": 999, "built_up_km2": 0.0}),
    ("people without light", {"people": 5_000, "lit_share": 0.0}, {"people": 4_999, "lit_share": 0.0}),
    ("people without light", {"people": 5_000, "lit_share": 0.0}, {"people": 5_000, "lit_share": 1e-6}),
    ("lit by flares", {"flare_share": 0.501}, {"flare_share": 0.5}),
    ("across the border", {"cross_border": True}, {"cross_border": False}),
    ("at the water", {"water_share": 0.25}, {"water_share": 0.249}),
    ("few cells", {"cells": 9.99}, {"cells": 10}),
    ("few source cells", {"source_cells": 3}, {"source_cells": 4}),
    ("sources disagree", {"people": 1_501, "people_other": 1_000}, {"people": 1_500, "people_other": 1_000}),
    ("sources disagree", {"people": 1_000, "people_other": 1_501}, {"people": 1_000, "people_other": 1_500}),
    ("sources disagree", {"people": 0, "people_other": 5}, {"people": 0, "people_other": 0}),
    ("built-up land exceeds area", {"built_up_share": 1.0011}, {"built_up_share": 1.001}),
    ("partly observed", {"valid_share_lights": 0.89}, {"valid_share_lights": 0.9}),
    (
        "partly observed",
        {"valid_share_lights": 1.0, "valid_share_built_up": 0.89},
        {"valid_share_lights": 1.0, "valid_share_built_up": 0.9},
    ),
]
EVERYTHING = {
    "people": 6_000,
    "built_up_km2": 0.0,
    "lit_share": 0.0,
    "flare_share": 1.0,
    "cross_border": True,
    "water_share": 1.0,
    "cells": 1,
    "source_cells": 1,
    "people_other": 60,
    "built_up_share": 2.0,
    "valid_share_lights": 0.5,
    "valid_share_built_up": 0.5,
}


def facts_of(*zones):
    index = pd.Index([f"z{number}" for number in range(len(zones))], name="zone_id", dtype="str")
    return pd.DataFrame(list(zones), index=index)


@pytest.mark.parametrize(("key", "raises", "does_not"), CASES)
def test_a_flag_is_raised_at_its_threshold_and_not_before(key, raises, does_not):
    assert plausibility(facts_of(raises, does_not)).tolist() == [key, ""]


def test_every_flag_has_a_case_and_its_own_key():
    assert sorted(set(KEYS)) == sorted(KEYS)
    assert {key for key, _, _ in CASES} == set(KEYS)
    assert set(EVERYTHING) == set(FACTS)


def test_all_flags_at_once_stand_in_their_order():
    assert plausibility(facts_of(EVERYTHING)).tolist() == ["; ".join(KEYS)]
    backwards = facts_of(EVERYTHING)[list(EVERYTHING)[::-1]]
    assert plausibility(backwards).tolist() == ["; ".join(KEYS)]


def test_nothing_known_is_no_flag():
    assert plausibility(facts_of(dict.fromkeys(FACTS, np.nan))).tolist() == [""]
    assert plausibility(pd.DataFrame(index=["a", "b"])).tolist() == ["", ""]
    assert plausibility(facts_of()).empty


def test_one_of_two_facts_is_not_enough():
    assert plausibility(facts_of({"people": 9_000}, {"lit_share": 0.0, "built_up_km2": 0.0})).tolist() == ["", ""]


def test_the_border_may_be_unknown_in_some_zones():
    for unknown in (np.nan, None, pd.NA):
        facts = facts_of({"cross_border": True}, {"cross_border": unknown}, {"cross_border": False})
        assert plausibility(facts).tolist() == ["across the border", "", ""]
    assert plausibility(facts.astype({"cross_border": "boolean"})).tolist() == ["across the border", "", ""]


def test_shuffled_rows_and_further_columns_change_nothing():
    facts = facts_of(*[raises for _, raises, _ in CASES]).assign(name="somewhere", level="adm1")
    flags = plausibility(facts)
    assert flags.name == "plausibility"
    before = facts.copy()
    shuffled = facts.sample(frac=1, random_state=3)
    pd.testing.assert_series_equal(plausibility(shuffled).loc[facts.index], flags)
    pd.testing.assert_frame_equal(facts, before)


def test_sentences_name_every_threshold():
    assert [flag.sentence for flag in FLAGS][1] == "At least 5,000 people and a lit share of 0."
    for flag in FLAGS:
        assert flag.sentence.endswith(".")
        if flag.key != "across the border":
            assert all(f"{limit.threshold:,.10g}" in flag.sentence for limit in flag.limits)
