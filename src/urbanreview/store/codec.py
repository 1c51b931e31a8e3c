"""Step results to files and back: tables as Parquet, arrays as npy, the rest as JSON; nothing that runs code."""

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from pyarrow import parquet
from pyproj import CRS

from urbanreview.grid import geobox_of, make_raster

VALUE = "value.json"


class Codec:
    """Writes and reads values made of tables, rasters, arrays, plain values and a closed list of record types.

    Parameters
    ----------
    records : iterable of type
        Dataclasses and named tuples that may stand in a value; they are told apart by their names.

    Notes
    -----
    A value read back may differ from the written one in the types of empty columns. Whoever needs the same answer
    from a fresh and a resumed run takes the value that was read back both times.
    """

    def __init__(self, records: Iterable[type]) -> None:
        self.records = {record.__name__: record for record in records}

    def write(self, value: Any, folder: Path) -> None:
        """Write a value into an empty folder."""
        pieces = _Pieces(folder)
        tree = self._encode(value, pieces)
        (folder / VALUE).write_text(json.dumps(tree, ensure_ascii=False), encoding="utf-8")

    def read(self, folder: Path) -> Any:
        """Read the value of a folder."""
        return self._decode(json.loads((folder / VALUE).read_text(encoding="utf-8")), folder)

    def _encode(self, value: Any, pieces: "_Pieces") -> Any:
        if value is None or isinstance(value, bool | int | float | str):
            return value
        if isinstance(value, np.generic):
            return value.item()
        if type(value).__name__ in self.records:
            return {"is": type(value).__name__, "has": {name: self._encode(part, pieces) for name, part in _parts(value)}}
        if isinstance(value, list | tuple):
            return {"is": "tuple", "has": [self._encode(part, pieces) for part in value]}
        if isinstance(value, dict):
            return {
                "is": "dict",
                "has": [[self._encode(key, pieces), self._encode(part, pieces)] for key, part in value.items()],
            }
        return pieces.write(value)

    def _decode(self, tree: Any, folder: Path) -> Any:
        if not isinstance(tree, dict):
            return tree
        kind, has = tree["is"], tree["has"]
        if kind in self.records:
            return self.records[kind](**{name: self._decode(part, folder) for name, part in has.items()})
        if kind == "tuple":
            return tuple(self._decode(part, folder) for part in has)
        if kind == "dict":
            return {self._decode(key, folder): self._decode(part, folder) for key, part in has}
        return _READERS[kind](has, folder)


def _parts(value: Any) -> list[tuple[str, Any]]:
    names = [field.name for field in fields(value) if field.init] if is_dataclass(value) else list(value._fields)
    return [(name, getattr(value, name)) for name in names]


class _Pieces:
    """Writes the large parts of a value as numbered files beside the tree."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.count = 0

    def write(self, value: Any) -> dict[str, Any]:
        if isinstance(value, xr.DataArray):
            return {
                "is": "raster",
                "has": {**_box(geobox_of(value)), "attrs": dict(value.attrs), "values": self._array(value.values)},
            }
        if isinstance(value, GeoBox):
            return {"is": "geobox", "has": _box(value)}
        if isinstance(value, np.ndarray):
            return {"is": "array", "has": self._array(value)}
        if isinstance(value, pd.DataFrame):
            file = self._name("parquet")
            value.to_parquet(self.folder / file)
            return {"is": "geoframe" if isinstance(value, gpd.GeoDataFrame) else "frame", "has": file}
        message = f"a {type(value).__name__} cannot be stored"
        raise TypeError(message)

    def _array(self, values: np.ndarray) -> str:
        file = self._name("npy")
        np.save(self.folder / file, values, allow_pickle=False)
        return file

    def _name(self, suffix: str) -> str:
        self.count += 1
        return f"{self.count}.{suffix}"


def _box(geobox: GeoBox) -> dict[str, Any]:
    return {"shape": list(geobox.shape), "transform": list(geobox.transform)[:6], "crs": str(geobox.crs)}


def _geobox(has: dict[str, Any]) -> GeoBox:
    return GeoBox(tuple(has["shape"]), Affine(*has["transform"]), has["crs"])


def _array(file: str, folder: Path) -> np.ndarray:
    return np.load(folder / file, allow_pickle=False)


def _geoframe(path: Path) -> gpd.GeoDataFrame:
    """Read a GeoParquet file; its reference system is made once for all files, which else takes longer than the reading."""
    table = parquet.read_table(path)
    geo = json.loads(table.schema.metadata[b"geo"])
    column = geo["primary_column"]
    frame = table.to_pandas()
    frame[column] = shapely.from_wkb(frame[column])
    return gpd.GeoDataFrame(frame, geometry=column, crs=_crs(json.dumps(geo["columns"][column]["crs"])))


@cache
def _crs(text: str) -> CRS | None:
    return None if text == "null" else CRS.from_json(text)


_READERS: dict[str, Callable[[Any, Path], Any]] = {
    "raster": lambda has, folder: make_raster(_array(has["values"], folder), _geobox(has), **has["attrs"]),
    "geobox": lambda has, _: _geobox(has),
    "array": _array,
    "geoframe": lambda file, folder: _geoframe(folder / file),
    "frame": lambda file, folder: pd.read_parquet(folder / file),
}
