"""How the demo writes a NetCDF file: compressed, described, and never half a file under its final name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from urbanreview.demo.model import Model
from urbanreview.demo.notes import DEMO_NOTE, model_edition


@dataclass(frozen=True, slots=True)
class Series:
    """Modelled NetCDF files. ``make`` takes the model and one of the paths and returns what stands in it."""

    name: str
    paths: tuple[str, ...]
    make: Callable[[Model, str], xr.DataArray]

    def files(self) -> tuple[str, ...]:
        """Paths below the demo's data folder."""
        return self.paths

    def is_written(self, path: Path) -> bool:
        """Tell whether a file of this version is there."""
        if not path.exists():
            return False
        try:
            with xr.open_dataset(path, engine="h5netcdf") as found:
                return found.attrs.get("source") == model_edition()
        except (OSError, ValueError):
            return False

    def write(self, model: Model, file: str, path: Path) -> None:
        """Write one file."""
        array = self.make(model, file)
        dataset = array.to_dataset()
        dataset.attrs = {"Conventions": "CF-1.8", "modelled": "yes", "note": DEMO_NOTE, "source": model_edition()}
        encoding: dict[str, dict] = {name: {"_FillValue": None} for name in ("lat", "lon")}
        encoding[str(array.name)] = {"zlib": True, "complevel": 4, "_FillValue": array.encoding.get("_FillValue")}
        if "time" in array.dims:
            encoding["time"] = {"units": "days since 1900-01-01", "calendar": "standard", "dtype": "int32"}
        part = path.with_name(path.name + ".part")
        dataset.to_netcdf(part, engine="h5netcdf", encoding=encoding)
        part.replace(path)


def on_degrees(
    values: np.ndarray,
    *,
    name: str,
    lat: np.ndarray,
    lon: np.ndarray,
    attrs: dict[str, str],
    time: np.ndarray | None = None,
    fill: float | None = None,
) -> xr.DataArray:
    """Dress values, shape (rows, cols) or (times, rows, cols), with the coordinates of their cells' centres [degrees]."""
    coords: dict = {
        "lat": ("lat", lat, {"standard_name": "latitude", "units": "degrees_north"}),
        "lon": ("lon", lon, {"standard_name": "longitude", "units": "degrees_east"}),
    }
    if time is not None:
        coords["time"] = ("time", time, {"standard_name": "time"})
    dims = ("lat", "lon") if time is None else ("time", "lat", "lon")
    array = xr.DataArray(values.astype(np.float32), coords, dims, name=name, attrs=attrs)
    array.encoding["_FillValue"] = fill
    return array
