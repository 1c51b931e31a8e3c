"""The one driver: runs what is not stored, in waves of steps that do not need one another."""

import resource
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from urbanreview.engine.graph import Step, keys_of
from urbanreview.engine.tasks import map_tasks
from urbanreview.log import Progress, logger, silent
from urbanreview.store import Record, Results


@dataclass
class Drive:
    """A run of a graph: results that are in memory, and the record of every step.

    Attributes
    ----------
    records : dict of str to Record
        Of every stored step, whether it ran now or before.
    ran : list of str
        Steps that ran now.
    """

    steps: dict[str, Step]
    keys: dict[str, str]
    parts: dict[str, dict[str, Any]]
    results: Results | None
    records: dict[str, Record] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    _memory: dict[str, Any] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def value(self, name: str) -> Any:
        """Return the result of a step that ran or is stored; made once, whoever asks."""
        with self._lock:
            return self._value(name)

    def _value(self, name: str) -> Any:
        if name not in self._memory:
            step = self.steps[name]
            if step.stored and self.results is not None:
                self._memory[name] = self.results.load(name, self.keys[name])
            else:
                self._memory[name] = step.task(*(self._value(need) for need in step.needs))
        return self._memory[name]

    def run(self, name: str) -> None:
        """Run one stored step and keep its result."""
        step = self.steps[name]
        inputs = [self.value(need) for need in step.needs]
        logger.info("step %s begins", name)
        begun = time.perf_counter()
        value = step.task(*inputs)
        seconds = time.perf_counter() - begun
        record = Record(name, self.keys[name], self.parts[name], seconds, _peak_mb())
        if self.results is None:
            with self._lock:
                self._memory[name] = value
        else:
            # What was read back is used from here on, so that a resumed run meets the same values as a fresh one.
            record = self.results.save(value, record)
        with self._lock:
            self.records[name] = record
            self.ran.append(name)
        logger.info("step %s took %.2f s, %d bytes", name, seconds, record.size_bytes)


def drive(
    steps: Sequence[Step],
    parts: dict[str, dict[str, Any]],
    *,
    results: Results | None = None,
    again: set[str] | None = None,
    progress: Progress = silent,
) -> Drive:
    """Run a graph of steps.

    Parameters
    ----------
    steps : sequence of Step
        Every step after those it needs.
    parts : dict
        As `parts_of` gives them.
    results : Results, optional
        Where results are kept; without it they stay in memory and every step runs.
    again : set of str, optional
        Steps that run whatever is stored.
    progress : callable

    Returns
    -------
    Drive

    Raises
    ------
    Exception
        The first error of a step, as it is; results stored until then stay.
    """
    keys = keys_of(parts)
    run = Drive({step.name: step for step in steps}, keys, parts, results)
    waiting = []
    for step in steps:
        if not step.stored:
            continue
        record = None if results is None or step.name in (again or ()) else results.record(step.name, keys[step.name])
        if record is None:
            waiting.append(step.name)
        else:
            run.records[step.name] = record
    told = _Told([run.steps[name].group for name in waiting], progress)

    def one(name: str) -> None:
        told.begins(run.steps[name].group)
        run.run(name)
        told.ends(run.steps[name].group)

    while waiting:
        wave = [name for name in waiting if not _depends_on(run.steps, name, set(waiting))]
        map_tasks(one, wave)
        waiting = [name for name in waiting if name not in wave]
    return run


class _Told:
    """Counts the steps of every group for the progress report."""

    def __init__(self, groups: list[str], progress: Progress) -> None:
        self.totals, self.done = Counter(groups), Counter[str]()
        self.progress = progress
        self.lock = Lock()

    def begins(self, group: str) -> None:
        with self.lock:
            self.progress(group, self.done[group], self.totals[group])

    def ends(self, group: str) -> None:
        with self.lock:
            self.done[group] += 1
            self.progress(group, self.done[group], self.totals[group])


def _depends_on(steps: dict[str, Step], name: str, waiting: set[str]) -> bool:
    """Tell whether a step needs one that waits, directly or through steps that are not stored."""
    return any(need in waiting or (not steps[need].stored and _depends_on(steps, need, waiting)) for need in steps[name].needs)


def _peak_mb() -> float:
    """Largest memory of this process so far [MB]."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
