"""Where is the city? Rules with an edition, and the extents they give."""

from urbanreview.delineation.agree import Agreement, Layers, Scenario, Sensitivity, agreement, sensitivity
from urbanreview.delineation.classify import Classes, DegreeOfUrbanisation, degree_of_urbanisation
from urbanreview.delineation.density import density_of, working_population
from urbanreview.delineation.extents import Extents, extents, keep_extents
from urbanreview.delineation.missed import why_missed
from urbanreview.delineation.optimal import optimal_built_up_share
from urbanreview.delineation.rules import DEFAULT, EDITIONS, Degree, ExtentRule, Rules, SemiDense, changed, degree_of, rules_of

__all__ = [
    "DEFAULT",
    "EDITIONS",
    "Agreement",
    "Classes",
    "Degree",
    "DegreeOfUrbanisation",
    "ExtentRule",
    "Extents",
    "Layers",
    "Rules",
    "Scenario",
    "SemiDense",
    "Sensitivity",
    "agreement",
    "changed",
    "degree_of",
    "degree_of_urbanisation",
    "density_of",
    "extents",
    "keep_extents",
    "optimal_built_up_share",
    "rules_of",
    "sensitivity",
    "why_missed",
    "working_population",
]
