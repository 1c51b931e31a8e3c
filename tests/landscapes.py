"""Made-up landscapes for the Degree of Urbanisation: towns, parks, lakes, gaps in every layer, and ties at every threshold."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from scipy import ndimage
from toys import grid, raster

from urbanreview.delineation import DegreeOfUrbanisation, Rules, degree_of_urbanisation

CLASSED = ["jrc-2023-v2", "flexurba-0.2", "flexurba-0.2-2021", "jrc-2022", "manual-2021"]
"""Editions that are a Degree of Urbanisation."""

TIES = [49.5, 50.0, 299.5, 300.0, 899.5, 900.0, 1_499.5, 1_500.0]
STAMPS = [
    ([[12_500, 12_500], [12_500, 12_500]], 50_000),
    ([[2_500, 2_500]], 5_000),
    ([[1_250], [1_250]], 2_500),
    ([[900, 0], [0, 600], [0, 1_000]], 2_500),
    ([[500, 500, 500, 500]] * 2 + [[500, 500, 0, 0]], 5_000),
    ([[300], [400]], 700),
    ([[500]], 500),
]
"""Small settlements whose people are just enough for something, or not quite once a half is taken away."""
HOLES = [
    ["..oo....", ".oooo...", ".oooo...", "..oo...."],  # an octagon of 12: no cell of it has five neighbours outside
    ["..oo....", ".ocoo...", ".oooo...", "..oo...."],  # the same with another centre on its island
    [".oooo...", ".oooo...", ".oooo...", ".oo....."],  # 14, filled where it is a lake
    [".oooo...", ".oooo...", ".oooo...", ".ooo...."],  # 15, never filled
    [".ooo....", ".ooo....", "....ooo.", "....ooo."],  # two that meet at a corner
    ["..oo....", ".oooo...", ".oooo...", "..ooo..o"],  # a way out, but for a corner
]
"""What a ring city of 8 by 8 cells encloses in its middle rows: ``o`` nobody, ``c`` a crowd."""


@dataclass(frozen=True)
class Landscape:
    """Layers of one grid, float64, shape (rows, cols); land and built-up in m2, or None for a missing layer."""

    people: np.ndarray
    land: np.ndarray | None = None
    built: np.ndarray | None = None

    def each(self, change) -> "Landscape":
        """Change every layer in the same way."""
        return Landscape(*(None if layer is None else change(layer) for layer in self.layers()))

    def layers(self) -> tuple[np.ndarray | None, ...]:
        """List the layers."""
        return self.people, self.land, self.built

    def framed(self, top: int, left: int, bottom: int, right: int) -> "Landscape":
        """Surround the grid with land where nobody lives."""
        empty = (0.0, 1e6, 0.0)
        return Landscape(
            *(
                None if layer is None else np.pad(layer, ((top, bottom), (left, right)), constant_values=value)
                for layer, value in zip(self.layers(), empty, strict=True)
            )
        )

    def with_people(self, people: np.ndarray) -> "Landscape":
        """Put other people on the same ground."""
        return replace(self, people=people)


def classified(landscape: Landscape, rules: Rules | str, **more) -> DegreeOfUrbanisation:
    """Dress the layers as rasters somewhere in Mollweide and classify them."""
    here = grid(landscape.people.shape, left=2_000_000.0, top=5_500_000.0)

    def dressed(layer: np.ndarray | None) -> xr.DataArray | None:
        return None if layer is None else raster(layer, here, units="m2")

    people = raster(landscape.people, here)
    land, built = dressed(landscape.land), dressed(landscape.built)
    return degree_of_urbanisation(people, land=land, built_up=built, rules=rules, **more)[0]


def draw_landscape(
    seed: int,
    shape: tuple[int, int] = (34, 46),
    *,
    towns: tuple[int, int] = (3, 9),
    layers: str = "land built",
    gaps: float = 0.01,
) -> Landscape:
    """Draw a landscape; people are multiples of a half, so that sums are exact in any order.

    Parameters
    ----------
    towns : (int, int)
        Fewest and most towns, the latter excluded; small settlements at exact thresholds come with them.
    layers : str
        Which of ``land`` and ``built`` there are.
    gaps : float
        Share of cells where a layer is missing.
    """
    random = np.random.default_rng(seed)
    people = _draw_people(random, shape, int(random.integers(*towns)))
    lakes = ndimage.gaussian_filter(random.normal(size=shape), 1.5) > random.choice([0.25, 0.4, 9.0])
    if random.random() < 0.6:
        lakes = _put_ring(random, people, lakes)
    land = np.where(random.random(shape) < 0.8, 1e6, random.choice([9e5, 7.5e5, 5e5], shape))
    land[lakes] = random.choice([0.0, 0.0, 1e5, 4e5, 499_999.0], lakes.sum())
    people[lakes & (random.random(shape) < 0.95)] = 0
    built = land * random.choice([0.0, 0.05, 0.19, 0.2, 0.6], shape, p=[0.5, 0.3, 0.1, 0.06, 0.04])
    built[lakes] = random.choice([0.0, 0.0, 0.0, 1e4, 1e5], lakes.sum())
    # A share of 0.1995, which rounds to 0.2, and the last one that does not.
    edge = random.random(shape) < 0.04
    land[edge], built[edge] = 900_000.0, random.choice([179_550.0, 179_549.0], edge.sum())
    for layer in (people, land, built):
        layer[random.random(shape) < gaps] = np.nan
    nowhere = random.random(shape) < gaps / 2
    for layer in (people, land, built):
        layer[nowhere] = np.nan
    return Landscape(people, land if "land" in layers else None, built if "built" in layers else None)


def _draw_people(random: np.random.Generator, shape: tuple[int, int], towns: int) -> np.ndarray:
    row, col = np.indices(shape)
    people = np.zeros(shape)
    middles = [random.integers(0, shape) for _ in range(towns)]
    for at in middles:
        away = np.hypot((row - at[0]) * random.uniform(0.7, 1.4), col - at[1])
        people += random.choice([500, 2_000, 6_000, 15_000]) * np.exp(-away / random.uniform(0.7, 2.5))
    people *= random.choice([0.1, 0.7, 1.0, 1.3, 2.0], shape, p=[0.15, 0.2, 0.3, 0.2, 0.15])
    people = np.round(people / 50) * 50
    tied = (random.random(shape) < 0.15) & (people > 0)
    people[tied] = random.choice(TIES, tied.sum())
    for at in middles:  # parks, near the middle of towns
        top, left = np.maximum(at + random.integers(-3, 3, 2), 0)
        high, wide = random.integers(1, 5, 2)
        people[top : top + high, left : left + wide] = 0
    for _ in range(random.integers(0, 2 * towns + 1)):
        stamp = np.array(STAMPS[random.integers(len(STAMPS))][0], float)
        high, wide = stamp.shape
        top, left = random.integers(0, np.array(shape) - stamp.shape + 1)
        stamp[0, 0] -= random.choice([0, 0, 0.5])
        people[max(top - 3, 0) : top + high + 3, max(left - 3, 0) : left + wide + 3] = 0
        people[top : top + high, left : left + wide] = stamp
    return people


def _put_ring(random: np.random.Generator, people: np.ndarray, lakes: np.ndarray) -> np.ndarray:
    """Build a ring city around nobody or a lake, and return all lakes."""
    top, left = random.integers(0, np.array(people.shape) - 7)
    ring = np.full((8, 8), "r")
    ring[2:6] = [list(row.replace(".", "r")) for row in HOLES[random.integers(len(HOLES))]]
    ring = np.rot90(ring, random.integers(4))
    here = slice(top, top + 8), slice(left, left + 8)
    people[here] = np.select([ring == "r", ring == "c"], [random.choice([1_500.0, 2_000.0], (8, 8)), 50_000.0], 0.0)
    lakes = lakes.copy()
    lakes[here] = (ring == "o") & (random.random() < 0.5)
    return lakes
