"""A look at the inputs of a delineation: what cannot be is an error, what is odd is said."""

from collections.abc import Iterable

from urbanreview.errors import NoLand
from urbanreview.kernels.flags import Odd
from urbanreview.ledger import Ledger
from urbanreview.log import logger

CROWDED_PER_KM2 = 250_000.0
"""No square kilometre of a census is denser; the fullest are at about half of it."""
CROWDED_SHARE = 0.01
LARGER_BY = 1.001
"""Land or built-up surface may exceed its cell by this factor: producers round."""


def judge(blocks: Iterable[Odd], *, has_land: bool, name: str) -> Ledger:
    """Say what is odd about the layers of a delineation.

    Parameters
    ----------
    blocks : iterable of Odd
        Of `look_at_cells`, of all blocks.
    has_land : bool
        Whether there is a land layer.
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

    Examples
    --------
    >>> judge([Odd(100.0, 90.0, 0.0, 0.0, 2.0)], has_land=False, name="pop").frame()["amount"].tolist()
    [90.0, 2.0]
    """
    odd = Odd(*map(sum, zip(*blocks, strict=True)))
    if has_land and odd.people > 0 and odd.land_m2 <= 0:
        raise NoLand(name, people=odd.people)
    ledger = Ledger()
    if odd.crowded > CROWDED_SHARE * odd.people:
        cause = f"people in cells of over {CROWDED_PER_KM2:,.0f} per km2: is this a density and no count?"
        ledger = ledger.add("delineation", cause, "people", odd.crowded)
    ledger = ledger.add("delineation", "land larger than the cell: is it in m2?", "cell", odd.land_too_large)
    ledger = ledger.add("delineation", "built-up larger than the cell: is it in m2?", "cell", odd.built_too_large)
    for entry in ledger.entries:
        logger.warning("%s: %s (%s %s)", name, entry.cause, f"{entry.amount:,.0f}", entry.unit)
    return ledger
