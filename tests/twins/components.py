"""Connected components the slow way: one scipy labelling per value."""

import numpy as np
from scipy import ndimage

TOUCH = {4: ndimage.generate_binary_structure(2, 1), 8: ndimage.generate_binary_structure(2, 2)}


def label(values: np.ndarray, *, neighbours: int) -> tuple[np.ndarray, int]:
    """Number the components of equal non-zero cells by their first cell in scan order, from 1; 0 is background.

    >>> label(np.array([[3, 0], [0, 3]]), neighbours=8)[0].tolist()
    [[1, 0], [0, 1]]
    """
    image = np.zeros(values.shape, int)
    for value in np.unique(values[values != 0]):
        found, _ = ndimage.label(values == value, structure=TOUCH[neighbours])
        image[found > 0] = found[found > 0] + image.max()
    order = [int(here) for here in dict.fromkeys(image.ravel().tolist()) if here]
    renumbered = np.zeros_like(image)
    for number, old in enumerate(order, start=1):
        renumbered[image == old] = number
    return renumbered, len(order)
