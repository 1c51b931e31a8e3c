"""Where is the city? Rules with an edition, and the extents they give."""

from urbanreview.delineation.density import density_of, working_population
from urbanreview.delineation.extents import Extents, extents, keep_extents
from urbanreview.delineation.rules import EDITIONS, ExtentRule, Rules, changed, rules_of

__all__ = [
    "EDITIONS",
    "ExtentRule",
    "Extents",
    "Rules",
    "changed",
    "density_of",
    "extents",
    "keep_extents",
    "rules_of",
    "working_population",
]
