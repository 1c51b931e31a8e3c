"""TerraClimate: the months of a year as one NetCDF file of the whole world per variable."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.linked import link_file
from urbanreview.sources.remote import Place, Remote, Wanted, Web


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the files of the years; a month stands for its year. The ledger tells of years that there are not."""
    remotes, ledger = [], Ledger()
    for year in _years(periods):
        if year not in dataset.all_years():
            ledger = ledger.add(dataset.key, f"{year} is not in the release", "year", 1)
            continue
        address = web.hosts(dataset.address).format(year=year)
        remotes.append(Remote((address,), _name(dataset, year), dataset.form, dataset.size_bytes, period=str(year)))
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
    for year in _years(periods):
        path = files.get(_name(dataset, year))
        if path is not None:
            link_file(path, folder / dataset.local.format(year=year))
    return Ledger()


def _years(periods: Sequence[str]) -> list[int]:
    return sorted({int(period.partition("-")[0]) for period in periods})


def _name(dataset: Dataset, year: int) -> str:
    return f"{dataset.key}/{year}/{dataset.address.rpartition('/')[2].format(year=year)}"
