"""Real rasters and boundaries, opened once."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from urbanreview.sources import open_raster


@pytest.fixture(scope="session")
def data(shared):
    return shared / "data"


@pytest.fixture(scope="session")
def belgium(data):
    """People of Belgium and its surroundings in 2020, cells of 1 km, read-only."""
    raster, _ = open_raster(data / "belgium" / "ghs_pop_e2020_1km.tif", kind="count", units="people", source="ghs 2020")
    raster.values.flags.writeable = False
    return raster


@pytest.fixture(scope="session")
def municipalities(data):
    """The 581 municipalities in the reference system of the raster, by id."""
    frame = gpd.read_file(data / "belgium" / "municipalities_statbel_2024.gpkg")
    assert len(frame) == 581
    return frame.set_index(frame["UID"].astype("str"))


@pytest.fixture(scope="session")
def stored():
    """Read a file's values the plain way: float64, NaN for the file's own nodata."""

    def read(path):
        with rasterio.open(path) as file:
            values = file.read(1).astype(float)
            values[values == (np.nan if file.nodata is None else file.nodata)] = np.nan
        return values

    return read
