"""What the demo consists of: every layer by name, with its files and how they are made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from odc.geo.geobox import GeoBox

from urbanreview.demo import air, climate, flood, friction, growth, lights, patches
from urbanreview.demo.built_up import EPOCHS, model_built_up
from urbanreview.demo.country import demo_grid, mollweide_grid
from urbanreview.demo.features import Features
from urbanreview.demo.geotiff import has_tags, write_geotiff
from urbanreview.demo.model import Model
from urbanreview.demo.notes import tags_of
from urbanreview.demo.people import Population, model_population
from urbanreview.demo.rayons import model_rayons

Date = tuple[int, ...]
"""Year; year and month; or nothing."""

FIRST_EPOCHS = (1990, 2000, 2010, 2020)
"""Epochs of built-up land that the settings name; the others are written when asked for."""


class Layer(Protocol):
    """Something the demo writes: files of one kind."""

    @property
    def name(self) -> str:
        """What `write_demo` calls it."""

    def files(self) -> tuple[str, ...]:
        """Paths below the demo's data folder."""

    def is_written(self, path: Path) -> bool:
        """Tell whether the file is there, as this version of the model writes it."""

    def write(self, model: Model, file: str, path: Path) -> None:
        """Write one of `files`, whole or not at all."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """What the numbers of a raster are, and how a file stores them."""

    kind: str
    units: str
    dtype: str
    nodata: float


@dataclass(frozen=True, slots=True)
class Raster:
    """A modelled GeoTIFF per date.

    ``make`` takes the model and the date and returns floats of the grid's shape with NaN as missing. ``renamed`` gives
    dates that do not follow the template another file; ``product`` names what a date is made by.
    """

    name: str
    template: str
    dates: tuple[Date, ...]
    make: Callable[[Model, Date], np.ndarray]
    quantity: Quantity
    grid: Callable[[], GeoBox] = demo_grid
    renamed: tuple[tuple[Date, str], ...] = ()
    product: Callable[[Date], str] | None = None

    def file_name(self, date: Date) -> str:
        """Path of the file of a date."""
        year, month = (*date, 0, 0)[:2]
        return dict(self.renamed).get(date) or self.template.format(year=year, month=month)

    def files(self) -> tuple[str, ...]:
        """Paths of all dates."""
        return tuple(self.file_name(date) for date in self.dates)

    def tags(self) -> dict[str, str]:
        """Return what a file says about itself."""
        return tags_of(self.quantity.kind, self.quantity.units)

    def is_written(self, path: Path) -> bool:
        """Tell whether a file of this version is there."""
        return has_tags(path, self.tags())

    def write(self, model: Model, file: str, path: Path) -> None:
        """Write the file of one date."""
        date = self.dates[self.files().index(file)]
        stored, tags = self.quantity, self.tags() | ({"product": self.product(date)} if self.product else {})
        write_geotiff(path, self.make(model, date), self.grid(), dtype=stored.dtype, nodata=stored.nodata, tags=tags)


def _people(population: Population) -> np.ndarray:
    return np.where(population.inside, population.people, np.nan)


def _people_in_degrees(model: Model, date: Date) -> np.ndarray:
    year = date[0]
    return _people(model.latest() if year == growth.LATEST else model_population(model.terrain(), year))


def _people_in_metres(model: Model, date: Date) -> np.ndarray:
    return _people(model_population(model.terrain_in_metres(), date[0]))


def _built_up(model: Model, date: Date) -> np.ndarray:
    return model_built_up(model.terrain(), model.latest(), date[0])


def _lights(model: Model, date: Date) -> np.ndarray:
    return lights.model_lights(model.glow(), *date)


def _patches(model: Model, date: Date) -> np.ndarray:
    return patches.model_patches(model, date[0])


def _product(date: Date) -> str:
    return lights.level_of(*date[:2]).cloud_mask


def _friction(model: Model, _date: Date) -> np.ndarray:
    return friction.model_friction(model.latest())


def _years(years: tuple[int, ...]) -> tuple[Date, ...]:
    return tuple((year,) for year in years)


_LATEST_FIRST = _years(tuple(sorted(growth.YEARS, reverse=True)))
_SURFACE = Quantity("count", "m2", "uint32", 4294967295.0)
_RADIANCE = Quantity("intensity", "nW/cm2/sr", "float32", -999.3)
_OTHER_NAME = "lights/{}-{:02}_ecmslcfg.tif".format(*lights.RENAMED)

POPULATION = Raster(
    "population",
    "population_{year}.tif",
    _LATEST_FIRST,
    _people_in_degrees,
    Quantity("count", "people", "float32", -99999.0),
)
POPULATION_MOLL = Raster(
    "population_moll",
    "population_moll_{year}.tif",
    _LATEST_FIRST,
    _people_in_metres,
    Quantity("count", "people", "float32", -200.0),
    grid=mollweide_grid,
)
RAYONS = Features("rayons", model_rayons)
FLARES = Features("flares", lights.flare_points)
BUILT_UP = Raster("built_up", "built_up_{year}.tif", _years(FIRST_EPOCHS), _built_up, _SURFACE)
BUILT_UP_EPOCHS = Raster("built_up_epochs", "built_up_{year}.tif", _years(EPOCHS), _built_up, _SURFACE)
PATCHES = Raster(
    "patches",
    "patches_{year}.tif",
    _years(patches.EPOCHS),
    _patches,
    Quantity("count", "m2", "uint16", 65535.0),
    grid=patches.patch_grid,
)
LIGHTS = Raster("lights", "lights_{year}.tif", _years(lights.YEARS), _lights, _RADIANCE)
LIGHTS_MONTHLY = Raster(
    "lights_monthly",
    "lights/{year}-{month:02}.tif",
    lights.MONTHS,
    _lights,
    _RADIANCE,
    renamed=((lights.RENAMED, _OTHER_NAME),),
    product=_product,
)
FRICTION = Raster("friction", "friction.tif", ((),), _friction, Quantity("cost", "min/m", "float32", -9999.0))
LAYERS: Mapping[str, Layer] = {
    layer.name: layer
    for layer in (
        POPULATION,
        POPULATION_MOLL,
        RAYONS,
        FLARES,
        BUILT_UP,
        PATCHES,
        LIGHTS_MONTHLY,
        LIGHTS,
        BUILT_UP_EPOCHS,
        climate.PRECIPITATION,
        climate.TEMPERATURE,
        climate.TEMPERATURE_MAX,
        climate.TEMPERATURE_MIN,
        climate.TEMPERATURE_MEAN,
        air.PM25,
        air.PM25_MONTHLY,
        flood.FLOOD,
        FRICTION,
    )
}
"""All layers of the demo by name, each with the nodata that its global counterpart carries."""

REVIEWED = (
    "population",
    "population_moll",
    "rayons",
    "flares",
    "built_up",
    "patches",
    "lights_monthly",
    "precipitation",
    "temperature",
    "temperature_max",
    "temperature_min",
    "temperature_mean",
    "air",
    "air_monthly",
    "flood",
    "friction",
)
"""Layers that the settings name: `write_demo` writes these unless asked for others."""
