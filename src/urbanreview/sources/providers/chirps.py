"""CHIRPS: rain of a month as a window of a cloud-optimized GeoTIFF."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.mosaic import mosaic
from urbanreview.sources.remote import Place, Remote, Wanted, Web
from urbanreview.sources.windowed import share_of, window_folder

REACH = (-180.0, -60.0, 180.0, 60.0)
"""What it covers [degrees]."""
MONTHS = range(1, 13)


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
    """Return the windows of the months; a year stands for its twelve.

    The ledger tells of years that there are not, and of a country that reaches beyond 60 degrees north or south.
    """
    south, north = place.outline.total_bounds[[1, 3]]
    ledger = Ledger()
    if south < REACH[1] or north > REACH[3]:
        cause = "the country reaches beyond 60 degrees north or south, where there is no rain from this source"
        ledger = ledger.add(dataset.key, cause, "country", 1)
    if south >= REACH[3] or north <= REACH[1]:
        return Wanted((), ledger)
    remotes = []
    for period in months_of(periods):
        year, month = map(int, period.split("-"))
        if year not in dataset.all_years():
            ledger = ledger.add(dataset.key, f"{period} is not in the release", "month", 1)
            continue
        addresses = tuple(web.hosts(each).format(year=year, month=month) for each in (dataset.address, dataset.mirror) if each)
        name = f"{dataset.key}/{period}/{window_folder(place.bounds)}/{period}.tif"
        size_bytes = None if dataset.size_bytes is None else round(dataset.size_bytes * share_of(place.bounds, REACH))
        remotes.append(Remote(addresses, name, dataset.form, size_bytes, window=place.bounds, period=period))
    return Wanted(tuple(remotes), ledger)


def make(dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path) -> Ledger:
    """Write the fill value into every month's raster: the fetched ones do not name it."""
    for period in months_of(periods):
        path = files.get(f"{dataset.key}/{period}/{window_folder(place.bounds)}/{period}.tif")
        if path is not None:
            year, month = map(int, period.split("-"))
            made = folder / dataset.local.format(year=year, month=month)
            mosaic([str(path)], made, bounds=place.bounds, nodata=dataset.nodata[0])
    return Ledger()


def months_of(periods: Sequence[str]) -> list[str]:
    """Return months, each once and in order; a year stands for its twelve.

    >>> months_of(["2020-02", "2020-01", "2019"])[-3:]
    ['2019-12', '2020-01', '2020-02']
    """
    months = {month for period in periods for month in ([period] if "-" in period else [f"{period}-{n:02}" for n in MONTHS])}
    return sorted(months)
