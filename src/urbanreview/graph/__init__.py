"""The graph of a review: every step with what it reads, in an order in which nothing comes before its needs."""

from urbanreview.graph.review import ACCESS, SENSITIVITY, THEMES, steps_of

__all__ = ["ACCESS", "SENSITIVITY", "THEMES", "steps_of"]
