"""A review as a graph of steps, and the key under which a step's result holds."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One piece of work whose result depends on nothing but what it names.

    Attributes
    ----------
    name : str
        Unique in the graph, such as ``population ghs 2020``.
    task : callable
        Called with the results of `needs`, in order.
    version : int
        Goes up whenever the step's answer changes for the same inputs.
    needs : tuple of str
        Steps before this one.
    settings : mapping
        The part of the settings that the step reads, as plain values.
    files : tuple of str
        Inputs it opens, as the user wrote them.
    group : str
        What progress reports call steps of this kind, such as ``night lights``.
    stored : bool
        Whether the result is kept on disk; others are made anew when a step that has to run needs them.
    """

    name: str
    task: Callable[..., Any]
    version: int = 1
    needs: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    group: str = ""
    stored: bool = True


def parts_of(steps: Sequence[Step], fingerprint: Callable[[str], str]) -> dict[str, dict[str, Any]]:
    """Return what every step's key is made of.

    Parameters
    ----------
    steps : sequence of Step
        In an order in which every step comes after those it needs.
    fingerprint : callable
        Gives the content hash of an input, or its address where the content cannot be known.

    Returns
    -------
    dict of str to dict
        ``version``, ``settings``, ``files`` (address to hash) and ``needs`` (step to key) by step name.
    """
    parts: dict[str, dict[str, Any]] = {}
    for step in steps:
        parts[step.name] = {
            "version": step.version,
            "settings": dict(step.settings),
            "files": {file: fingerprint(file) for file in step.files},
            "needs": {need: key_of(parts[need]) for need in step.needs},
        }
    return parts


def key_of(parts: Mapping[str, Any]) -> str:
    """Return the content key of a step's parts.

    >>> key_of({"version": 1})[:8] == key_of({"version": 2})[:8]
    False
    """
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def keys_of(parts: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return the content key of every step."""
    return {name: key_of(part) for name, part in parts.items()}


def after(steps: Sequence[Step], first: str) -> set[str]:
    """Return a step and all that depend on it.

    >>> chain = [Step("a", int), Step("b", int, needs=("a",)), Step("c", int)]
    >>> sorted(after(chain, "a"))
    ['a', 'b']
    """
    found = {first}
    for step in steps:
        if found.intersection(step.needs):
            found.add(step.name)
    return found
