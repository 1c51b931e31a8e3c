"""The demo's light layers, written once, and the model behind them, run a second time."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import rasterio

from urbanreview.demo import write_demo
from urbanreview.demo.model import Model
from urbanreview.demo.people import Population, model_population

WRITTEN = ("population", "population_moll", "rayons", "built_up")
"""All that the settings name but the lights, of which single files are written where a test needs them."""


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Path:
    """The folder of a written demo; tests that write into it put it back as it was."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, what=WRITTEN)
    return folder


@pytest.fixture(scope="session")
def model() -> Model:
    """The model of a second generation."""
    return Model()


@pytest.fixture(scope="session")
def population(model) -> Population:
    return frozen(model.latest())


@pytest.fixture(scope="session")
def populations(model, population):
    """Make the population of a source and year, once."""

    @cache
    def of(source: str, year: int) -> Population:
        if (source, year) == ("population", population.year):
            return population
        terrain = model.terrain() if source == "population" else model.terrain_in_metres()
        return frozen(model_population(terrain, year))

    return of


def frozen(found: Population) -> Population:
    for values in (found.inside, found.urban, found.rural):
        values.flags.writeable = False
    return found


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
