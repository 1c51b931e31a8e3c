"""Gas flares of the Earth Observation Group: a list of the world's per year, as KML."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

import geopandas as gpd
import shapely

from urbanreview.errors import UnreadableFile
from urbanreview.ledger import Ledger
from urbanreview.sources.catalogue import Dataset
from urbanreview.sources.made import being_made, is_fresh
from urbanreview.sources.remote import Place, Remote, Wanted, Web

LAYER = "flares"


def wanted(dataset: Dataset, place: Place, periods: Sequence[str], *, web: Web) -> Wanted:  # noqa: ARG001
    """Return the one list."""
    address = web.hosts(dataset.address)
    return Wanted((Remote((address,), _name(dataset), dataset.form, dataset.size_bytes),))


def make(
    dataset: Dataset,
    place: Place,
    periods: Sequence[str],  # noqa: ARG001
    *,
    files: Mapping[str, Path],
    folder: Path,
) -> Ledger:
    """Write the flares within the bounds as points; nothing if there are none, and the ledger says so."""
    listed = files.get(_name(dataset))
    path = folder / dataset.local
    if listed is None or is_fresh(path, [listed], note=str(place.bounds)):
        return Ledger()
    box = shapely.box(*place.bounds)
    near = [(name, point) for name, point in _flares(listed) if box.intersects(point)]
    if not near:
        return Ledger().add(dataset.key, "no gas flare is listed in or near the country", "country", 1)
    names, points = zip(*near, strict=True)
    with being_made(path, note=str(place.bounds)) as part:
        gpd.GeoDataFrame({"name": list(names)}, geometry=list(points), crs=4326).to_file(part, layer=LAYER, driver="GPKG")
    return Ledger()


def _flares(path: Path) -> Iterator[tuple[str, shapely.Point]]:
    """Give name and point of every placemark, read one at a time."""
    found = 0
    try:
        for _, element in ElementTree.iterparse(path):
            if _tag(element) != "Placemark":
                continue
            texts = {_tag(part): (part.text or "").strip() for part in element.iter()}
            if texts.get("coordinates"):
                found += 1
                longitude, latitude = (float(number) for number in texts["coordinates"].split(",")[:2])
                yield texts.get("name", ""), shapely.Point(longitude, latitude)
            element.clear()
    except (ElementTree.ParseError, ValueError) as error:
        raise UnreadableFile(path, reason=error, expected="a list of gas flares in KML") from None
    if not found:
        raise UnreadableFile(path, reason="no placemark with coordinates", expected="a list of gas flares in KML")


def _tag(element: ElementTree.Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _name(dataset: Dataset) -> str:
    return f"{dataset.key}/{dataset.address.rpartition('/')[2]}"
