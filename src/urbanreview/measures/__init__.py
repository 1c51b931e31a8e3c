"""Every measure of a review, in report order: the promise behind each number.

The formulas live in the theme files of ``indicators``; the data dictionary, table headings, report captions and the
reference page are made from the records here.
"""

from urbanreview.measures.listed import BY_KEY, MEASURES
from urbanreview.measures.record import DARK, NO_WAY, NOBODY, NOT_THEN, NOTHING_NEW, TOO_FEW, UNOBSERVED, Measure
from urbanreview.measures.table import LONG_COLUMNS, long_rows, measure_of

__all__ = [
    "BY_KEY",
    "DARK",
    "LONG_COLUMNS",
    "MEASURES",
    "NOBODY",
    "NOTHING_NEW",
    "NOT_THEN",
    "NO_WAY",
    "TOO_FEW",
    "UNOBSERVED",
    "Measure",
    "long_rows",
    "measure_of",
]
