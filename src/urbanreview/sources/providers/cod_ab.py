"""Common Operational Datasets of boundaries: a zip with a layer per level, told apart by the names of their fields."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from urbanreview.errors import NotInInput, UnreadableFile, WrongContent
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.divisions import units_ledger, write_units
from urbanreview.sources.made import is_fresh
from urbanreview.sources.open_vector import open_features
from urbanreview.sources.remote import Place, Remote, Wanted, Web

LEVELS = (1, 2)
DEEPEST = 4
"""Levels that fields of one layer may be of."""
FORMATS = ("SHP", "GeoJSON")
"""As the index calls what can be read, the first one first."""
_RESOURCE = re.compile(r"/dataset/(?P<dataset>[\w-]+)/resource/(?P<resource>[\w-]+)/download/(?P<file>[\w.-]+)$")
_YEAR = re.compile(r"\d{4}")


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the archive, and the index that names it if the catalogue does not.

    Raises
    ------
    NotInInput
        If the dataset is of one other country.
    CannotFetch, NotInCache
        If the index cannot be read.
    WrongContent
        If it names no archive.
    """
    if "{resource}" not in dataset.address:
        if not dataset.key.endswith(place.iso3.lower()):
            raise NotInInput(dataset.key, what="country", name=place.iso3, found=[dataset.key[-3:].upper()])
        address = web.hosts(dataset.address)
        return Wanted((Remote((address,), _name(dataset, place, address), dataset.form, dataset.size_bytes),))
    index = web.hosts(dataset.index).format(iso3_lower=place.iso3.lower())
    told = web.text([index], _index(dataset, place))
    address, size_bytes = _archive(dataset, told, index, web)
    archive = Remote((address,), _name(dataset, place, address), dataset.form, size_bytes or dataset.size_bytes)
    return Wanted((Remote((index,), _index(dataset, place), "json", len(told.encode())), archive))


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Write the finest level that is there as units; see `urbanreview.sources.divisions.write_units`."""
    archive = next((path for name, path in sorted(files.items()) if name.startswith(f"{dataset.key}/{place.iso3}/")), None)
    path = folder / dataset.local
    if archive is None:
        return Ledger()
    if is_fresh(path, [archive]):
        return units_ledger(path)
    levels: dict[int, gpd.GeoDataFrame] = {}
    for level, member, fields in _layers(archive):
        if level not in levels:
            levels[level] = _features(archive, member, fields, level)
    if not levels:
        raise UnreadableFile(archive, reason="none", expected="a layer of polygons with the field ADM1_PCODE or ADM2_PCODE")
    index = files.get(_index(dataset, place))
    said = json.loads(index.read_text(encoding="utf-8"))["result"] if index else {}
    year = _YEAR.search(str(said.get("dataset_date", "")))
    return write_units(
        levels,
        path,
        step=dataset.key,
        year=dataset.years[0] if dataset.years else int(year[0]) if year else None,
        licence=str(said.get("license_title") or dataset.licence),
        source=str(said.get("dataset_source") or dataset.title),
    )


def _archive(dataset: Dataset, told: str, index: str, web: Web) -> tuple[str, int | None]:
    """Return address and size of the first archive of boundaries that an index names, shapefiles before others."""
    try:
        resources: list[dict[str, Any]] = json.loads(told)["result"]["resources"]
    except (ValueError, KeyError, TypeError):
        resources = []
    offered = [
        (FORMATS.index(each["format"]), each.get("size"), found)
        for each in resources
        if each.get("format") in FORMATS and (found := _RESOURCE.search(str(each.get("download_url") or each.get("url"))))
    ]
    zips = sorted((each for each in offered if each[2]["file"].endswith(".zip")), key=lambda each: each[0])
    if not zips:
        raise WrongContent(index, got="no zip with boundaries", expected="one among the resources")
    _, size_bytes, found = zips[0]
    return web.hosts(dataset.address).format(**found.groupdict()), size_bytes


def _layers(archive: Path) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Give level, member and fields, by their names in lower case, of every layer of polygons of a level that is used."""
    with zipfile.ZipFile(archive) as opened:
        members = sorted(name for name in opened.namelist() if name.lower().endswith((".shp", ".geojson")))
    for member in members:
        try:
            info = pyogrio.read_info(f"/vsizip/{archive}/{member}")
        except (DataSourceError, DataLayerError) as error:
            raise UnreadableFile(f"{archive}!{member}", reason=error, expected="a layer of boundaries") from None
        fields = {str(field).lower(): str(field) for field in info["fields"]}
        level = max((number for number in range(DEEPEST + 1) if f"adm{number}_pcode" in fields), default=0)
        if level in LEVELS and "Polygon" in str(info["geometry_type"]):
            yield level, member, fields


def _features(archive: Path, member: str, fields: Mapping[str, str], level: int) -> gpd.GeoDataFrame:
    """Read a layer with the columns that units need."""
    taken = {"id": f"adm{level}_pcode", "name": _name_field(fields, level)}
    if level > LEVELS[0]:
        taken["parent"] = _name_field(fields, level - 1)
    features = open_features(f"{archive}!{member}")
    columns = {fields[field]: column for column, field in taken.items() if field}
    return features[[*columns, features.geometry.name]].rename(columns=columns)


def _name_field(fields: Mapping[str, str], level: int) -> str:
    """Return the field of names of a level: the English ones before others; empty if there is none.

    >>> _name_field({"adm1_pcode": "", "adm1_ru": "", "adm1_en": ""}, 1), _name_field({"adm1_name": ""}, 1)
    ('adm1_en', 'adm1_name')
    """
    others = sorted(field for field in fields if re.fullmatch(rf"adm{level}_[a-z]{{2}}", field))
    return next((field for field in (f"adm{level}_en", f"adm{level}_name", *others) if field in fields), "")


def _index(dataset: Dataset, place: Place) -> str:
    return f"{dataset.key}/index/{place.iso3}.json"


def _name(dataset: Dataset, place: Place, address: str) -> str:
    return f"{dataset.key}/{place.iso3}/{address.rpartition('/')[2]}"
