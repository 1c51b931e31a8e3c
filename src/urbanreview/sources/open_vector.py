"""Open a vector file: a zone table with the user's own ids and names, every source attribute kept."""

from pathlib import Path

import geopandas as gpd
import pyogrio
from pyarrow import ArrowException
from pyogrio.errors import DataLayerError, DataSourceError, GeometryError

from urbanreview.errors import AmbiguousInput, EmptyLayer, MissingCrs, NotInInput, UnreadableFile
from urbanreview.grid import as_crs
from urbanreview.ledger import Ledger
from urbanreview.sources.address import VECTOR_SUFFIXES, Address, locate
from urbanreview.zones import zone_table


def open_features(
    path: str | Path,
    *,
    layer: str | None = None,
    where: str | None = None,
    crs: str | None = None,
    base: Path | None = None,
) -> gpd.GeoDataFrame:
    """Open the features of a layer as they are.

    Parameters
    ----------
    path : str or Path
        Shapefile, GeoPackage, GeoJSON, GeoParquet or anything GDAL reads; see `locate`.
    layer : str, optional
        Needed where the file has several.
    where : str, optional
        Only features that this condition in OGR SQL holds for, such as ``admin_level = 6``.
    crs : str, optional
        Where the coordinates are, if the file does not say or says it wrongly.
    base : Path, optional
        Folder that a relative path starts from.

    Returns
    -------
    GeoDataFrame
        At least one feature, with a CRS.

    Raises
    ------
    MissingFile, UnreadableFile, AmbiguousInput, NotInInput, MissingCrs, EmptyLayer
    """
    address = locate(path, suffixes=VECTOR_SUFFIXES, base=base)
    features = _read(address, layer, where)
    if features.empty:
        raise EmptyLayer(address.text if where is None else f"{address.text} where {where}")
    if crs is not None:
        return features.set_crs(as_crs(crs), allow_override=True)
    if features.crs is None:
        raise MissingCrs(address.text)
    return features


def _read(address: Address, layer: str | None, where: str | None) -> gpd.GeoDataFrame:
    try:
        if address.suffix == ".parquet" and address.local is not None and not address.member and where is None:
            return gpd.read_parquet(address.local)
        layers = [str(name) for name, kind in pyogrio.list_layers(address.gdal) if kind is not None]
        if layer is None and len(layers) > 1:
            cure = f'Add layer = "{layers[0]}" (or the right one) to its section of the settings.'
            raise AmbiguousInput(address.text, what="layers", found=layers, cure=cure)
        if layer is not None and layer not in layers:
            raise NotInInput(address.text, what="layer", name=layer, found=layers)
        if not layers:
            raise EmptyLayer(address.text)
        return pyogrio.read_dataframe(address.gdal, layer=layer or layers[0], where=where)
    except (DataSourceError, DataLayerError, GeometryError, ArrowException, ValueError) as error:
        raise UnreadableFile(address.text, reason=error, expected="a vector file that GDAL can read") from None


def open_vector(
    path: str | Path,
    *,
    level: str,
    iso3: str,
    id_column: str,
    name_column: str | None = None,
    parent_column: str | None = None,
    layer: str | None = None,
    where: str | None = None,
    crs: str | None = None,
    base: Path | None = None,
) -> tuple[gpd.GeoDataFrame, Ledger]:
    """Open polygons as a zone table.

    Parameters
    ----------
    path, layer, where, crs, base
        As in `open_features`.
    level, iso3, id_column, name_column, parent_column
        As in `urbanreview.zones.zone_table`.

    Returns
    -------
    zones : GeoDataFrame, EPSG:4326
    ledger : Ledger
        Polygons that were mended.

    Raises
    ------
    MissingFile, UnreadableFile, AmbiguousInput, NotInInput, MissingCrs, EmptyLayer, MissingIds, DuplicateIds,
    WrongGeometry
    """
    features = open_features(path, layer=layer, where=where, crs=crs, base=base)
    return zone_table(
        features,
        level=level,
        iso3=iso3,
        id_column=id_column,
        name_column=name_column,
        parent_column=parent_column,
        origin=str(path),
    )
