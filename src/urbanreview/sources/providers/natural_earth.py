"""Natural Earth: countries, or their states and provinces, of the whole world in one zip."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import geopandas as gpd

from urbanreview.errors import NotInInput
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.divisions import units_ledger, write_units
from urbanreview.sources.made import is_fresh
from urbanreview.sources.open_vector import open_features
from urbanreview.sources.providers.geonames import iso2_of
from urbanreview.sources.remote import Place, Remote, Wanted, Web


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the one archive."""
    addresses = tuple(web.hosts(each) for each in (dataset.address, dataset.mirror) if each)
    return Wanted((Remote(addresses, _name(dataset), dataset.form, dataset.size_bytes),))


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Write the country's units; see `urbanreview.sources.divisions.write_units`.

    Raises
    ------
    NotInInput
        If there are none.
    """
    archive = files.get(_name(dataset))
    path = folder / dataset.local
    if archive is None:
        return Ledger()
    if is_fresh(path, [archive]):
        return units_ledger(path)
    units = _of_country(open_features(archive).rename(columns=str.lower), place.iso3)
    if units.empty:
        raise NotInInput(dataset.title, what="country", name=place.iso3, found=[])
    columns = {"adm1_code" if "adm1_code" in units else "adm0_a3": "id", "name": "name"}
    levels = {1: units[[*columns, units.geometry.name]].rename(columns=columns)}
    return write_units(levels, path, step=dataset.key, year=None, licence=dataset.licence, source=dataset.title)


def _of_country(features: gpd.GeoDataFrame, iso3: str) -> gpd.GeoDataFrame:
    """Return the features of a country, by Natural Earth's own code, or else by those of ISO where the two differ."""
    for column, code in (("adm0_a3", iso3), ("iso_a3", iso3), ("iso_a2", iso2_of(iso3))):
        found = features[features[column] == code] if column in features else features[:0]
        if not found.empty:
            return found
    return features[:0]


def _name(dataset: Dataset) -> str:
    return f"{dataset.key}/{dataset.address.rpartition('/')[2]}"
