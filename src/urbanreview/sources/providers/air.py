"""SatPM2.5: fine dust as one NetCDF file of the whole world per year, or per month.

The cut of the world (``GL``) is taken wherever the country lies: that of Asia begins at 65 degrees east, in the middle of
Kazakhstan.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.linked import link_file
from urbanreview.sources.remote import Place, Remote, Wanted, Web


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the files of the years, or months, that the release has; the ledger tells of others."""
    remotes: list[Remote] = []
    ledger = Ledger()
    for period in sorted(set(periods)):
        if _words(period)["year"] in dataset.all_years() and ("-" in period) == ("{month" in dataset.address):
            remotes.append(_remote(dataset, period, web))
        else:
            ledger = ledger.add(dataset.key, f"{period} is not in the release: it has {_release(dataset)}", "file", 1)
    return Wanted(tuple(remotes), ledger)


def make(
    dataset: Dataset,
    place: Place,  # noqa: ARG001
    periods: Sequence[str],
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Put the files under the names of the settings; they are read by window as they are."""
    for period in periods:
        for name, path in files.items():
            if name.startswith(f"{dataset.key}/{period}/"):
                link_file(path, folder / dataset.local.format(**_words(period)))
    return Ledger()


def _remote(dataset: Dataset, period: str, web: Web) -> Remote:
    address = web.hosts(dataset.address).format(**_words(period))
    name = f"{dataset.key}/{period}/{address.rpartition('/')[2]}"
    return Remote((address,), name, dataset.form, size_bytes=dataset.size_bytes, period=period)


def _release(dataset: Dataset) -> str:
    years = dataset.all_years()
    return f"{'months' if '{month' in dataset.address else 'years'} of {years[0]} to {years[-1]}"


def _words(period: str) -> dict[str, int]:
    """Return year and month of a period.

    >>> _words("2020"), _words("2020-07")
    ({'year': 2020}, {'year': 2020, 'month': 7})
    """
    return dict(zip(("year", "month"), map(int, period.split("-")), strict=False))
