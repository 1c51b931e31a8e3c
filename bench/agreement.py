"""Whether two tools found the same."""

import math

STATISTICS = ("sum", "mean", "sd", "min", "max")
ROUNDING = 1e-5
"""Two numbers closer than this part of their size are the same: peers sum in single precision."""


def _difference(a: float, b: float) -> float:
    if math.isnan(a) and math.isnan(b):
        return 0.0
    return abs(a - b) / max(abs(a), abs(b), 1e-12) if a != b else 0.0


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def of_extents(ours: dict, theirs: dict) -> str:
    """Compare settlements by their number and their people, from the smallest to the largest."""
    mine, yours = ours["people"], theirs["people"]
    if len(yours) == 2 * len(mine) and yours[::2] == yours[1::2]:
        return f"{len(mine)} and {len(yours)} rows: theirs has each twice; " + of_extents(ours, {"people": yours[::2]})
    if len(mine) != len(yours):
        return f"{len(mine)} against {len(yours)} settlements"
    worst = max(map(_difference, mine, yours))
    return f"{len(mine)} settlements in both; people within {worst:.0e}"


def of_classes(ours: dict, theirs: dict) -> str:
    """Set the cells of urban centres and of clusters side by side."""
    (mine, my_rest), (yours, your_rest) = ours["class_cells"], theirs["class_cells"]
    return f"cells of centres {mine:,} and {yours:,}, of clusters {my_rest:,} and {your_rest:,}"


def of_reach(ours: dict, theirs: dict) -> str:
    """Set what was reached side by side: cells of a surface, or lines drawn."""
    return f"reached {ours['reached']:,.0f} and {theirs['reached']:,.0f}"


def of_zones(ours: dict, theirs: dict, *, urban: int) -> str:
    """Compare numbers per zone: how far districts are apart, and how many urban zones differ by more than rounding."""
    names = [name for name in ("cells", *STATISTICS) if name in ours and name in theirs]
    errors = {name: list(map(_difference, ours[name], theirs[name])) for name in names}
    first, *others = names
    text = f"districts: {first} median {_median(errors[first][urban:]):.0e}, worst {max(errors[first][urban:]):.0e}"
    if others:
        text += f"; other statistics worst {max(max(errors[name][urban:]) for name in others):.0e}"
    parted = {name: sum(not error <= ROUNDING for error in errors[name][:urban]) for name in names}
    text += f"; {first} of {parted[first]} of {urban} urban zones differs"
    extremes = max((parted[name] for name in ("min", "max") if name in parted), default=0)
    return text + (f", an extreme of {extremes}" if extremes else "")
