"""GeoNames: places, and their names in other languages, as a text in a zip."""

import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pycountry

from urbanreview.errors import UnknownName, UnreadableFile
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.made import being_made, is_fresh
from urbanreview.sources.remote import Place, Remote, Wanted, Web

WITHOUT_ISO = {"XKX": "XK"}
"""Codes in use that ISO 3166-1 does not have: Kosovo."""


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the one archive."""
    address = web.hosts(dataset.address).format(iso2=iso2_of(place.iso3))
    return Wanted((Remote((address,), _name(dataset, place), dataset.form, dataset.size_bytes),))


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Take the table out of the archive, which holds a readme, too."""
    archive = files.get(_name(dataset, place))
    path = folder / dataset.local
    if archive is None or is_fresh(path, [archive]):
        return Ledger()
    with zipfile.ZipFile(archive) as opened, being_made(path) as part:
        member = f"{archive.stem}.txt"
        if member not in opened.namelist():
            found = ", ".join(opened.namelist())
            raise UnreadableFile(archive, reason=f"it holds {found}", expected=f"GeoNames' archive with {member}")
        with opened.open(member) as packed, part.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return Ledger()


def iso2_of(iso3: str) -> str:
    """Return the two-letter code of a country.

    Raises
    ------
    UnknownName
        If there is no such country.

    Examples
    --------
    >>> iso2_of("KAZ"), iso2_of("XKX")
    ('KZ', 'XK')
    """
    country = pycountry.countries.get(alpha_3=iso3)
    if country is None and iso3 not in WITHOUT_ISO:
        raise UnknownName("country", iso3, known=[each.alpha_3 for each in pycountry.countries])
    return WITHOUT_ISO[iso3] if country is None else country.alpha_2


def _name(dataset: Dataset, place: Place) -> str:
    return f"{dataset.key}/{dataset.address.rpartition('/')[2].format(iso2=iso2_of(place.iso3))}"
