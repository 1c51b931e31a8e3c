"""Names on a map that do not lie on one another."""

from collections.abc import Sequence
from typing import Any

Box = tuple[float, float, float, float]
"""West, south, east, north [pixels]."""

# Where a name may stand around its place, best first: direction, and which side of the text touches the place.
_AROUND = (
    (1, 1, "left", "bottom"),
    (1, 0, "left", "center"),
    (1, -1, "left", "top"),
    (-1, 1, "right", "bottom"),
    (-1, 0, "right", "center"),
    (-1, -1, "right", "top"),
    (0, 1, "center", "bottom"),
    (0, -1, "center", "top"),
)


def overlap(a: Box, b: Box) -> bool:
    """Tell whether two boxes share ground.

    >>> overlap((0, 0, 2, 1), (1, 0, 3, 1)), overlap((0, 0, 2, 1), (2, 0, 3, 1))
    (True, False)
    """
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def within(a: Box, b: Box) -> bool:
    """Tell whether the first box lies in the second.

    >>> within((1, 1, 2, 2), (0, 0, 3, 3)), within((1, 1, 4, 2), (0, 0, 3, 3))
    (True, False)
    """
    return a[0] >= b[0] and a[1] >= b[1] and a[2] <= b[2] and a[3] <= b[3]


def boxes_around(x: float, y: float, *, width: float, height: float, gap: float) -> list[Box]:
    """Return the boxes that a name of this size may take around a place, best first [pixels]."""
    boxes = []
    for right, up, across, along in _AROUND:
        west = {"left": x, "right": x - width, "center": x - width / 2}[across] + right * gap
        south = {"bottom": y, "top": y - height, "center": y - height / 2}[along] + up * gap
        boxes.append((west, south, west + width, south + height))
    return boxes


def place(
    places: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], gaps: Sequence[float], *, frame: Box
) -> list[Box | None]:
    """Give each name a free box, the first names first.

    Parameters
    ----------
    places : sequence of (x, y)
        [pixels]
    sizes : sequence of (width, height)
        Of the printed names [pixels].
    gaps : sequence of float
        Between a place and its name: the radius of its marker [pixels].
    frame : Box
        Names stay inside.

    Returns
    -------
    list of Box or None
        None where nothing is free: better no name than two on one spot.

    Examples
    --------
    >>> frame = (0.0, 0.0, 100.0, 100.0)
    >>> place([(10, 50), (12, 50)], [(30, 8), (30, 8)], [2, 2], frame=frame)
    [(12, 52, 42, 60), (14, 40, 44, 48)]
    """
    markers = [(x - gap, y - gap, x + gap, y + gap) for (x, y), gap in zip(places, gaps, strict=True)]
    chosen: list[Box | None] = []
    for number, ((x, y), (width, height), gap) in enumerate(zip(places, sizes, gaps, strict=True)):
        others = markers[:number] + markers[number + 1 :] + [box for box in chosen if box is not None]
        boxes = boxes_around(x, y, width=width, height=height, gap=gap)
        free = (box for box in boxes if within(box, frame) and not any(overlap(box, other) for other in others))
        chosen.append(next(free, None))
    return chosen


def text_size(text: Any, renderer: Any) -> tuple[float, float]:
    """Return width and height of a drawn text [pixels]."""
    extent = text.get_window_extent(renderer)
    return float(extent.width), float(extent.height)
