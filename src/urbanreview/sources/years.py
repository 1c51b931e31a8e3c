"""Which of the years that are asked for a dataset has."""

from collections.abc import Sequence

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset


def years_there(dataset: Dataset, periods: Sequence[str]) -> tuple[tuple[int, ...], Ledger]:
    """Return the years that are asked for and that a dataset has.

    Parameters
    ----------
    dataset : Dataset
        One whose local file has no year in its name gives the only year that it has, whatever is asked.
    periods : sequence of str
        Such as ``2020``.

    Returns
    -------
    years : tuple of int
        Ascending.
    ledger : Ledger
        Years that it does not have, and those that are projections.

    Examples
    --------
    >>> from urbanreview.sources.catalogue import dataset_of
    >>> years, ledger = years_there(dataset_of("ghs-pop-r2023a"), ["2020", "2021", "2030"])
    >>> years, ledger.frame()["cause"].tolist()
    ((2020, 2030), ['has no 2021: left out', '2030 is a projection'])
    >>> years_there(dataset_of("ghs-land-r2022a"), [""])[0]
    (2018,)
    """
    there, ledger = dataset.all_years(), Ledger()
    if "{year" not in dataset.local:
        return there[-1:], ledger
    known = {str(year): year for year in there}
    for period in sorted(set(periods) - known.keys()):
        ledger = ledger.add(dataset.key, f"has no {period or 'file without a year'}: left out", "year", 1)
    years = tuple(sorted(known[period] for period in known.keys() & set(periods)))
    for year in years:
        if dataset.projected_from is not None and year >= dataset.projected_from:
            ledger = ledger.add(dataset.key, f"{year} is a projection", "year", 1)
    return years, ledger
