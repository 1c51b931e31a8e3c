"""Colours, classes and sizes that the map, the charts, the page and the GeoPackage share."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

NAVY, GREY, LINE = "#002244", "#5b6770", "#c9d1d8"
CENTRE, CLUSTER, LIGHT = "#b5271e", "#f2a33a", "#e0a100"
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILION, PURPLE = (
    "#1d2733", "#e69f00", "#56b4e9", "#009e73", "#0072b2", "#d55e00", "#b0579a",
)  # fmt: skip
"""Colours that stay apart for every kind of colour vision, after Okabe and Ito (2008)."""
NO_DATA = "#e3e3e0"
SEQUENCE = ("#dfeaf2", "#bdd5e6", "#8fb8d4", "#5a94ba", "#2a6694")

MODELLED_MARK = "Modelled data – not for analysis"
BOUNDARY_DISCLAIMER = (
    "The boundaries, colours, denominations and other information shown on any map do not imply official endorsement "
    "or acceptance of such boundaries, nor any judgement on the legal status of any territory."
)
_STEPS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def round_down(value: float) -> float:
    """Return the largest plain number (1, 1.2, 1.5, 2, 2.5, 3, 4 … times a power of ten) not above a positive value.

    >>> round_down(1234.0), round_down(0.0049)
    (1200.0, 0.004)
    """
    power = 10.0 ** math.floor(math.log10(value))
    step = max(step for step in _STEPS if step * power <= value * (1 + 1e-12))
    return float(f"{step * power:.6g}")


def class_breaks(values: Sequence[float] | np.ndarray, classes: int = len(SEQUENCE)) -> list[float]:
    """Cut positive values into about equally filled classes at plain numbers.

    Parameters
    ----------
    values : array_like
        Missing, infinite and non-positive values play no part.
    classes : int
        At most so many.

    Returns
    -------
    list of float
        Ascending inner limits, none twice; empty if nothing can be told apart.

    Examples
    --------
    >>> class_breaks([0.5, 3.0, 8.0, 40.0, 90.0, 400.0, 2500.0])
    [4.0, 20.0, 60.0, 300.0]
    """
    usable = np.asarray(values, float)
    usable = usable[np.isfinite(usable) & (usable > 0)]
    if not usable.size:
        return []
    classes = min(classes, len(np.unique(usable)))
    limits = np.quantile(usable, np.linspace(0, 1, classes + 1)[1:-1])
    plain = sorted({round_down(limit) for limit in limits})
    return [limit for limit in plain if usable.min() < limit <= usable.max()]


def class_labels(breaks: Sequence[float]) -> list[str]:
    """Name the classes between breaks.

    >>> class_labels([5, 2000])
    ['under 5', '5 – 2,000', '2,000 and more']
    """
    words = [f"{limit:,.6g}" for limit in breaks]
    if not words:
        return ["all values"]
    inner = [f"{low} – {high}" for low, high in pairwise(words)]
    return [f"under {words[0]}", *inner, f"{words[-1]} and more"]


def class_colours(count: int) -> list[str]:
    """Pick colours from light to dark for so many classes.

    >>> class_colours(2)
    ['#dfeaf2', '#2a6694']
    """
    if count <= 1:
        return [SEQUENCE[len(SEQUENCE) // 2]]
    last = len(SEQUENCE) - 1
    return [SEQUENCE[round(number * last / (count - 1))] for number in range(count)]
