"""The demo, written once, and the model behind it, run a second time."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio

from urbanreview.demo import write_demo
from urbanreview.demo.people import Population, model_population


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The folder of a written demo; tests that write into it put it back as it was."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    return folder


@pytest.fixture(scope="session")
def population() -> Population:
    model = model_population()
    for values in (model.inside, model.urban, model.rural):
        values.flags.writeable = False
    return model


@pytest.fixture(scope="session")
def read(demo):
    """Read a raster of the demo as float64 with NaN for nodata, once."""

    @cache
    def values(name: str) -> np.ndarray:
        with rasterio.open(demo / "data" / name) as file:
            found = file.read(1, masked=True).astype(float).filled(np.nan)
        found.flags.writeable = False
        return found

    return values
