"""How much: formulas per theme. They return frames keyed by zone with measure keys as columns.

Every frame carries ``valid_share`` beside its measures: the part of the zone that had values.
"""

from urbanreview.indicators.built_up import built_up
from urbanreview.indicators.city_system import city_system, growth_by_size, growth_rate, size_classes
from urbanreview.indicators.degree import degree
from urbanreview.indicators.expansion import (
    EXPANSION_RULES,
    expansion,
    expansion_of,
    from_classes,
    new_patches,
    settled_by,
    too_coarse,
)
from urbanreview.indicators.form import form, fullness, median_urban_density
from urbanreview.indicators.land import (
    FORMULAS,
    built_up_change,
    densification,
    land_consumption,
    new_land,
    per_person_change,
    reasons,
)
from urbanreview.indicators.light_trends import breaks_between, growth, product_changes, stretches, theil_sen, variant_of
from urbanreview.indicators.lights import (
    flare_mask,
    light_ratios,
    lights,
    mask_unobserved,
    mean_of_months,
    months_measure,
    year_months,
)
from urbanreview.indicators.official import country_gap, official_gaps, unmatched_rows
from urbanreview.indicators.plausibility import FLAGS, plausibility
from urbanreview.indicators.population import population
from urbanreview.indicators.urban_growth import decompose, moving_before, predecessors, successors

__all__ = [
    "EXPANSION_RULES",
    "FLAGS",
    "FORMULAS",
    "breaks_between",
    "built_up",
    "built_up_change",
    "city_system",
    "country_gap",
    "decompose",
    "degree",
    "densification",
    "expansion",
    "expansion_of",
    "flare_mask",
    "form",
    "from_classes",
    "fullness",
    "growth",
    "growth_by_size",
    "growth_rate",
    "land_consumption",
    "light_ratios",
    "lights",
    "mask_unobserved",
    "mean_of_months",
    "median_urban_density",
    "months_measure",
    "moving_before",
    "new_land",
    "new_patches",
    "official_gaps",
    "per_person_change",
    "plausibility",
    "population",
    "predecessors",
    "product_changes",
    "reasons",
    "settled_by",
    "size_classes",
    "stretches",
    "successors",
    "theil_sen",
    "too_coarse",
    "unmatched_rows",
    "variant_of",
    "year_months",
]
