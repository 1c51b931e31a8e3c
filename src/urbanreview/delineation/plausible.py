"""A look at the inputs of a delineation: what cannot be is an error, what is odd is said."""

import numpy as np

from urbanreview.errors import NoLand
from urbanreview.ledger import Ledger
from urbanreview.log import logger
from urbanreview.units import m2_from_km2

CROWDED_PER_KM2 = 250_000.0
"""No square kilometre of a census is denser; the fullest are at about half of it."""
CROWDED_SHARE = 0.01
LARGER_BY = 1.001
"""Built-up surface may exceed its cell by this factor: producers round."""


def look_at(
    people: np.ndarray, land_m2: np.ndarray | None, built_m2: np.ndarray | None, *, cell_km2: np.ndarray, name: str
) -> Ledger:
    """Check the layers of a delineation against what can be.

    Parameters
    ----------
    people : ndarray of float, shape (rows, cols)
    land_m2, built_m2 : ndarray of float, shape (rows, cols), or None
    cell_km2 : ndarray, broadcast to that shape
    name : str
        What messages call the population.

    Returns
    -------
    Ledger
        Oddities; they are logged as warnings, too.

    Raises
    ------
    NoLand
        If there are people but no land at all.
    """
    ledger = Ledger()
    everyone = float(np.nansum(people))
    if land_m2 is not None and everyone > 0 and not np.nanmax(land_m2, initial=0.0) > 0:
        raise NoLand(name, people=everyone)
    with np.errstate(invalid="ignore"):
        crowded = float(np.nansum(np.where(people > CROWDED_PER_KM2 * cell_km2, people, 0.0)))
        cell_m2 = m2_from_km2(cell_km2)
        too_large = [
            (what, int((layer > LARGER_BY * cell_m2).sum()))
            for what, layer in (("land", land_m2), ("built-up", built_m2))
            if layer is not None
        ]
    if crowded > CROWDED_SHARE * everyone:
        odd = f"people in cells of over {CROWDED_PER_KM2:,.0f} per km2: is this a density and no count?"
        ledger = ledger.add("delineation", odd, "people", crowded)
    for what, cells in too_large:
        ledger = ledger.add("delineation", f"{what} larger than the cell: is it in m2?", "cell", cells)
    for entry in ledger.entries:
        logger.warning("%s: %s (%s %s)", name, entry.cause, f"{entry.amount:,.0f}", entry.unit)
    return ledger
