"""A review as it is kept for drawing its page anew, and its rasters as they are read back from their files."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import xarray as xr
from odc.geo.geobox import GeoBox

from urbanreview.grid import make_raster
from urbanreview.report.result import Review
from urbanreview.report.tables import plain_column


def storable(review: Review) -> Review:
    """Return a review without its rasters, which stand beside it as files, and with plain columns in its tables."""
    zones = gpd.GeoDataFrame(_plain(review.zones), geometry="geometry", crs=4326)
    others = tuple(storable(other) for other in review.others)
    beside = {name: _plain(table) for name, table in review.beside.items()}
    comparison = {name: _plain(table) for name, table in review.comparison.items()}
    plain = {"zones": zones, "links": _plain(review.links), "beside": beside, "comparison": comparison}
    return replace(review, rasters={}, others=others, **plain)


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose columns of mixed values have one kind each."""
    mixed = [str(name) for name in table.columns if table[name].dtype == object]
    return table.assign(**{name: plain_column(table[name]) for name in mixed})


class RasterFiles(Mapping[str, xr.DataArray]):
    """Rasters of a review by their names, each read from its file when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.relative_to(folder).with_suffix("").as_posix(): path for path in sorted(folder.rglob("*.tif"))}

    def __getitem__(self, name: str) -> xr.DataArray:
        """Read a raster."""
        return _open(self._files[name])

    def __iter__(self) -> Iterator[str]:
        """Give the names."""
        return iter(self._files)

    def __len__(self) -> int:
        """Count the rasters."""
        return len(self._files)


def _open(path: Path) -> xr.DataArray:
    with rasterio.open(path) as file:
        values, tags = file.read(1), file.tags()
        geobox = GeoBox(file.shape, file.transform, str(file.crs))
        nodata = file.nodata
    if nodata is not None and np.issubdtype(values.dtype, np.floating):
        values = np.where(values == nodata, np.nan, values)
    return make_raster(values, geobox, **{name: text for name, text in tags.items() if name != "AREA_OR_POINT"})
