"""A sheet with one map in degrees, a legend at its right, a title above and room for credits below."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from urbanreview.report import paper

Bounds = tuple[float, float, float, float]
MAP_INCHES, HEAD_INCHES, SIDE_INCHES = 8.2, 0.95, 0.25


@dataclass(frozen=True)
class MapSheet:
    """A figure with its map.

    Attributes
    ----------
    figure, axes : matplotlib Figure and Axes
    bounds : (west, south, east, north) [degrees]
    aspect : float
        Length of a degree of latitude over one of longitude in the middle of the map.
    legend_left : float
        Where the legend begins [share of the width].
    """

    figure: Any
    axes: Any
    bounds: Bounds
    aspect: float
    legend_left: float

    @property
    def left(self) -> float:
        """Left edge of map and texts [share of the width]."""
        return SIDE_INCHES / float(self.figure.get_size_inches()[0])

    def up(self, inches: float) -> float:
        """Return a height above the lower edge [share of the height]."""
        return inches / float(self.figure.get_size_inches()[1])

    def paint(self, picture: np.ndarray) -> None:
        """Fill the map with a picture of its bounds."""
        west, south, east, north = self.bounds
        self.axes.imshow(picture, extent=(west, east, south, north), aspect=self.aspect, interpolation="nearest", zorder=1)
        self.axes.set(xlim=(west, east), ylim=(south, north), xticks=[], yticks=[])
        paper.frame(self.axes)

    def legend(self, rows: Sequence[paper.LegendRow]) -> None:
        """Write the legend beside the map."""
        top = 1 - self.up(HEAD_INCHES)
        paper.legend(self.figure, rows, left=self.legend_left, top=top)

    def title(self, words: str, under: str) -> None:
        """Write the title, and the line below it."""
        paper.title(self.figure, self.left, words, under)


def new_map(bounds: Bounds, *, legend_inches: float, foot_inches: float, tallest: float = 1.15) -> MapSheet:
    """Make a sheet for a map of some bounds; `tallest` is its height over its width at most."""
    west, south, east, north = bounds
    aspect = 1.0 / np.cos(np.radians((south + north) / 2))
    ratio = (north - south) * aspect / (east - west)
    width = min(MAP_INCHES, MAP_INCHES * tallest / ratio)
    figure = paper.new_figure(width + legend_inches + 2 * SIDE_INCHES, width * ratio + HEAD_INCHES + foot_inches)
    wide, high = figure.get_size_inches()
    axes = figure.add_axes((SIDE_INCHES / wide, foot_inches / high, width / wide, width * ratio / high))
    return MapSheet(figure, axes, bounds, float(aspect), (SIDE_INCHES + width + 0.2) / wide)
