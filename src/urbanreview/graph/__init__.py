"""The graph of a review: every step with what it reads, in an order in which nothing comes before its needs."""

from urbanreview.graph.common import UNITS
from urbanreview.graph.own import BESIDE
from urbanreview.graph.review import ACCESS, SENSITIVITY, THEMES, steps_of

__all__ = ["ACCESS", "BESIDE", "SENSITIVITY", "THEMES", "UNITS", "steps_of"]
