"""Light Every Night: monthly composites of light at night in an open bucket, listed when they are asked for.

Of the composites of a month one is taken: of Suomi NPP (``npp``) before NOAA-20 (``j01``); corrected for stray light
(``slcorr``, ``slcfg``) before others, which miss the bright nights of summer in the north; of the regular series (``ops``)
before the reprocessed one (``rp2``); of the newest version; then by name. Without its count of cloud-free nights beside it a
composite is not taken: what no night saw could not be told from dark ground.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.linked import link_file
from urbanreview.sources.remote import Place, Remote, Wanted, Web
from urbanreview.sources.windowed import share_of, window_folder

PREFIX = "composites/"
LIGHT, NIGHTS = ".avg_rade9.tif", ".n_cf.tif"
REACH = (-180.0, -65.0, 180.0, 75.0)
"""What a composite covers [degrees]."""
SATELLITES = ("npp", "j01")
SERIES = ("ops", "rp2")
_KEY = re.compile(
    rf"{PREFIX}(?P<satellite>[a-z0-9]+)_\d{{6}}_(?P<series>\w+)/"
    rf"DNB_\w+?_(?P<year>\d{{4}})(?P<month>\d{{2}})\d{{2}}-\d{{8}}_global_(?P<mask>[^_/]+)_v(?P<version>\d+)_[^/]*{re.escape(LIGHT)}"
)


@dataclass(frozen=True, slots=True)
class _Composite:
    """A key of the bucket, taken apart."""

    key: str
    period: str
    satellite: str
    series: str
    mask: str
    version: int

    @property
    def file(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def nights(self) -> str:
        """Key of the count of cloud-free nights."""
        return self.key.removesuffix(LIGHT) + NIGHTS

    @property
    def corrected(self) -> bool:
        """Whether stray light is corrected in it, by any spelling."""
        return self.mask.endswith(("slcorr", "slcfg"))

    @property
    def rank(self) -> tuple:
        """The first of a month is taken."""
        return (
            *(_place(SATELLITES, self.satellite), not self.corrected, _place(SERIES, self.series)),
            *(-self.version, self.mask),
        )


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:
    """Return the windows of light, and of cloud-free nights, of the months that are in the bucket.

    The ledger tells of months that are not there, that are there twice, or under another name.
    """
    listed = web.listing(web.hosts(dataset.index), f"{dataset.key}/index/composites.json", prefix=PREFIX)
    there = {key: size for key, size in listed.items() if size > 0}
    months = _by_month(there)
    remotes: list[Remote] = []
    ledger = Ledger()
    for period in sorted(set(periods)):
        found = months.get(period, [])
        whole = [each for each in found if each.nights in there]
        ledger += _noted(dataset.key, period, found, whole)
        taken = (whole[0].key, whole[0].nights) if whole else ()
        remotes += [_remote(dataset, place, period, key, there[key], web) for key in taken]
    return Wanted(tuple(remotes), ledger)


def make(dataset: Dataset, place: Place, periods: Sequence[str], *, files: Mapping[str, Path], folder: Path) -> Ledger:
    """Put light and nights of every month under the names of the settings; a month that lacks one of them is left out."""
    ledger = Ledger()
    names = {LIGHT: dataset.local, NIGHTS: str(dataset.settings["observations"])}
    for period in sorted(set(periods)):
        start = f"{dataset.key}/{period}/{window_folder(place.bounds)}/"
        found = {
            ending: path for ending in names for name, path in files.items() if name.startswith(start) and name.endswith(ending)
        }
        if len(found) == 1:
            ledger = ledger.add(dataset.key, f"{period} is not made: of light and nights only one is here", "month", 1)
        if len(found) == len(names):
            year, month = map(int, period.split("-"))
            for ending, path in found.items():
                link_file(path, folder / names[ending].format(year=year, month=month))
    return ledger


def _by_month(keys: Mapping[str, int]) -> dict[str, list[_Composite]]:
    """Take the composites by month, the one that is taken first; other keys are of other files, or junk."""
    months: dict[str, list[_Composite]] = {}
    for key in sorted(keys, reverse=True):
        if part := _KEY.fullmatch(key):
            period = f"{part['year']}-{part['month']}"
            composite = _Composite(key, period, part["satellite"], part["series"], part["mask"], int(part["version"]))
            months.setdefault(period, []).append(composite)
    return {period: sorted(found, key=lambda each: each.rank) for period, found in months.items()}


def _noted(source: str, period: str, found: list[_Composite], whole: list[_Composite]) -> Ledger:
    """Tell what is odd about a month."""
    if not found:
        return Ledger().add(source, f"{period} is not in the bucket", "month", 1)
    if not whole:
        return Ledger().add(source, f"{period} is without its count of cloud-free nights, and left out", "month", 1)
    taken = whole[0]
    like = [each for each in whole if (each.satellite, each.corrected) == (taken.satellite, taken.corrected)]
    ledger = Ledger().add(source, f"{period} is there more than once: {taken.file} is taken", "file", len(like) - 1)
    if not taken.corrected:
        ledger = ledger.add(source, f"{period} is not corrected for stray light: {taken.mask}", "month", 1)
    elif not taken.mask.endswith("-slcorr"):
        ledger = ledger.add(source, f"{period} has another name: {taken.mask}", "month", 1)
    if taken.satellite != SATELLITES[0]:
        ledger = ledger.add(source, f"{period} is of another satellite: {taken.satellite}", "month", 1)
    return ledger


def _remote(dataset: Dataset, place: Place, period: str, key: str, whole_bytes: int, web: Web) -> Remote:
    file = key.rpartition("/")[2]
    return Remote(
        addresses=(web.hosts(dataset.address).format(key=key),),
        name=f"{dataset.key}/{period}/{window_folder(place.bounds)}/{file}",
        form=dataset.form,
        size_bytes=round(whole_bytes * share_of(place.bounds, REACH)),
        window=place.bounds,
        period=period,
    )


def _place(order: Sequence[str], word: str) -> int:
    """Return where a word stands in an order; what is not in it comes last."""
    return order.index(word) if word in order else len(order)
