"""What a run would do, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from urbanreview.engine.graph import Step, keys_of
from urbanreview.store import Record, Results


@dataclass(frozen=True)
class Planned:
    """One step of a plan: whether it has to run, why, and what it took the last time."""

    name: str
    runs: bool
    reason: str
    last: Record | None


def plan_steps(
    steps: Sequence[Step], parts: Mapping[str, Mapping[str, Any]], results: Results | None, *, again: set[str] | None = None
) -> list[Planned]:
    """Say for every stored step whether it has to run.

    Parameters
    ----------
    steps : sequence of Step
    parts : mapping
        As `parts_of` gives them.
    results : Results or None
    again : set of str, optional
        Steps that have to run whatever is stored.

    Returns
    -------
    list of Planned
        In the order of `steps`; steps that are not stored are left out.
    """
    keys = keys_of(parts)
    planned = []
    for step in steps:
        if not step.stored:
            continue
        last = None if results is None else results.last(step.name)
        stored = None if results is None else results.record(step.name, keys[step.name])
        if step.name in (again or ()):
            planned.append(Planned(step.name, runs=True, reason="asked for", last=last))
        elif stored is not None:
            planned.append(Planned(step.name, runs=False, reason="", last=stored))
        else:
            planned.append(Planned(step.name, runs=True, reason=_reason(parts[step.name], last), last=last))
    return planned


def _reason(parts: Mapping[str, Any], last: Record | None) -> str:
    """Say what changed since the last result, the nearest cause first."""
    if last is None or not last.parts:
        return "never run"
    old = last.parts
    if old["version"] != parts["version"]:
        return f"method version {old['version']} is now {parts['version']}"
    changed = _differing(old["settings"], parts["settings"])
    if changed:
        return f"settings changed: {', '.join(changed)}"
    files = [name for name, digest in parts["files"].items() if old["files"].get(name) != digest]
    gone = [name for name in old["files"] if name not in parts["files"]]
    if files or gone:
        return f"input changed: {', '.join([*files, *gone])}"
    needs = [name for name, key in parts["needs"].items() if old["needs"].get(name) != key]
    return f"follows from: {', '.join(needs)}" if needs else "inputs are named in another order"


def _differing(old: Any, new: Any, at: str = "") -> list[str]:
    """List the dotted names of plain settings that differ."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        names = sorted({*old, *new})
        return [found for name in names for found in _differing(old.get(name), new.get(name), f"{at}.{name}".lstrip("."))]
    return [] if old == new else [at or "all"]
