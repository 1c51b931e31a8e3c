"""How much: formulas per theme. They return frames keyed by zone with measure keys as columns.

Every frame carries ``valid_share`` beside its measures: the part of the zone that had values.
"""

from urbanreview.indicators.built_up import built_up
from urbanreview.indicators.degree import degree
from urbanreview.indicators.lights import lights
from urbanreview.indicators.population import population

__all__ = ["built_up", "degree", "lights", "population"]
