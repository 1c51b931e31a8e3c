"""CRU TS: all months since 1901 as one gzipped NetCDF file of the whole world per variable."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.made import being_made, is_fresh
from urbanreview.sources.netcdf_window import cut_netcdf, gunzip
from urbanreview.sources.remote import Place, Remote, Wanted, Web


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the one file; the ledger tells of years that it does not reach."""
    ledger = Ledger()
    for year in sorted({int(period.partition("-")[0]) for period in periods if period} - set(dataset.all_years())):
        ledger = ledger.add(dataset.key, f"{year} is not in the release", "year", 1)
    remote = Remote((web.hosts(dataset.address),), _name(dataset), dataset.form, dataset.size_bytes)
    return Wanted((remote,), ledger)


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Unpack the file and keep the window of the country; the whole world, 1.5 GB and more, is not kept."""
    packed = files.get(_name(dataset))
    path = folder / dataset.local
    if packed is None or is_fresh(path, [packed], note=str(place.bounds)):
        return Ledger()
    with being_made(path, note=str(place.bounds)) as part:
        whole = part.with_suffix(".whole")
        try:
            gunzip(packed, whole)
            cut_netcdf(whole, part, variable=str(dataset.settings["variable"]), bounds=place.bounds)
        finally:
            whole.unlink(missing_ok=True)
    return Ledger()


def _name(dataset: Dataset) -> str:
    return f"{dataset.key}/{dataset.address.rpartition('/')[2]}"
