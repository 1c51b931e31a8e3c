"""Frozen rule sets, their variants, and what they say in words."""

import dataclasses

import pytest

from urbanreview.delineation import EDITIONS, changed, rules_of
from urbanreview.errors import UnknownName


def test_the_thresholds_of_the_manual():
    cluster, centre = EDITIONS["thresholds"].urban_cluster, EDITIONS["thresholds"].urban_centre
    assert (cluster.min_density, cluster.min_people, cluster.neighbours, cluster.per) == (300.0, 5_000.0, 8, "km2")
    assert (centre.min_density, centre.min_people, centre.neighbours, centre.per) == (1_500.0, 50_000.0, 4, "km2")
    assert cluster.inclusive
    assert centre.inclusive


def test_the_thresholds_of_the_notebook():
    for rule in (EDITIONS["notebook"].urban_cluster, EDITIONS["notebook"].urban_centre):
        assert (rule.per, rule.neighbours, rule.inclusive) == ("cell", 4, False)


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_edition_says_its_name_and_source_and_cannot_be_altered(edition):
    rules = EDITIONS[edition]
    assert rules_of(edition) is rules
    assert rules.edition == edition
    assert len(rules.source) > 20
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.urban_centre.min_people = 1.0


def test_an_unknown_edition_is_an_error_with_a_guess():
    with pytest.raises(UnknownName, match="Did you mean 'thresholds'"):
        rules_of("treshold")


def test_a_variant_is_a_copy_that_names_its_difference():
    variant = changed(
        EDITIONS["thresholds"], {"urban_cluster": {"min_density": 250.5}, "urban_centre": {"min_people": 50_000.0}}
    )
    assert variant.edition == "thresholds+cluster-min-density-250.5"
    assert variant.urban_cluster == dataclasses.replace(EDITIONS["thresholds"].urban_cluster, min_density=250.5)
    assert variant.urban_centre == EDITIONS["thresholds"].urban_centre
    assert EDITIONS["thresholds"].urban_cluster.min_density == 300.0
    assert changed(EDITIONS["thresholds"], {}) == EDITIONS["thresholds"]


def test_the_sentence_tells_strict_from_inclusive():
    assert EDITIONS["thresholds"].urban_cluster.sentence() == (
        "cells of at least 300 people per km2 of land that share an edge or a corner, together at least 5,000 people"
    )
    assert EDITIONS["notebook"].urban_centre.sentence() == (
        "cells of more than 1,500 people per cell that share an edge, together more than 50,000 people"
    )
