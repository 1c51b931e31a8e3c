"""What several of the demo's layers are made from, worked out once and only when it is asked for."""

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

from urbanreview.demo.country import demo_grid, mollweide_grid
from urbanreview.demo.growth import LATEST
from urbanreview.demo.lights import Glow, glow_of
from urbanreview.demo.people import Population, Terrain, model_population, survey

Part = TypeVar("Part")


class Model:
    """The demo's model; layers may ask it from several threads."""

    def __init__(self) -> None:
        self._parts: dict[Hashable, Any] = {}
        self._locks: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def terrain(self) -> Terrain:
        """Return the country on 30 arc-seconds."""
        return self.once("terrain", lambda: survey(demo_grid()))

    def terrain_in_metres(self) -> Terrain:
        """Return the country on the 1 km Mollweide grid."""
        return self.once("terrain in metres", lambda: survey(mollweide_grid()))

    def latest(self) -> Population:
        """Return the population of the last year on 30 arc-seconds."""
        return self.once("latest", lambda: model_population(self.terrain(), LATEST))

    def glow(self) -> Glow:
        """Return what shines in that population's cells."""
        return self.once("glow", lambda: glow_of(self.latest()))

    def once(self, key: Hashable, make: Callable[[], Part]) -> Part:
        """Make a part, unless it is there; who asks meanwhile waits for it."""
        with self._lock:
            lock = self._locks.setdefault(key, Lock())
        with lock:
            if key not in self._parts:
                self._parts[key] = make()
            return self._parts[key]
