"""Settlements as the notebook finds them: label the dense cells, add up each label, keep the large ones."""

import numpy as np
from twins.components import label


def extents(
    people: np.ndarray,
    density: np.ndarray | None = None,
    *,
    more_than: float = 300.0,
    more_people_than: float = 5_000.0,
    neighbours: int = 4,
    inclusive: bool = False,
) -> tuple[np.ndarray, list[float]]:
    """Return the image of the kept settlements (0 none, 1 …, in scan order) and the people of each.

    >>> extents(np.array([[4000.0, 1001.0, 0.0, 300.0]]))
    (array([[1, 1, 0, 0]]), [5001.0])
    """
    known = np.nan_to_num(people if density is None else density, nan=-np.inf, posinf=np.inf)
    dense = known >= more_than if inclusive else known > more_than
    found, count = label(dense.astype(int), neighbours=neighbours)
    image, kept = np.zeros(people.shape, int), []
    for number in range(1, count + 1):
        living = float(np.nansum(people[found == number]))
        if living > more_people_than or (inclusive and living == more_people_than):
            kept.append(living)
            image[found == number] = len(kept)
    return image, kept
