"""Write the demo: the settings of a review of Kazakhstan and all inputs that they name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from urbanreview.demo import lights
from urbanreview.demo.built_up import model_built_up
from urbanreview.demo.cities import edition
from urbanreview.demo.country import shipped
from urbanreview.demo.geotiff import has_tags, write_geotiff
from urbanreview.demo.people import Population, model_population
from urbanreview.demo.seed import SEED
from urbanreview.errors import OutputRefused
from urbanreview.log import Progress, silent

DEMO_NOTE = "Modelled for demonstration, not for analysis"
"""What every modelled raster, the manifest and the report say."""

MODEL_VERSION = 1
"""Goes up with every change of the modelled numbers: files of another version are written anew."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A modelled raster per year: its name, what it is, and how it is made and stored.

    ``make`` takes the population and the year and returns floats of the grid's shape with NaN as missing.
    """

    name: str
    years: tuple[int, ...]
    make: Callable[[Population, int], np.ndarray]
    kind: str
    units: str
    dtype: str
    nodata: float

    def file_name(self, year: int) -> str:
        """Name of the file of a year."""
        return f"{self.name}_{year}.tif"

    def tags(self) -> dict[str, str]:
        """Return what the file says about itself."""
        return {
            "kind": self.kind,
            "units": self.units,
            "modelled": "yes",
            "note": DEMO_NOTE,
            "source": f"urbanreview demo, model {MODEL_VERSION}, seed {SEED}; city sizes of GeoNames ({edition()})",
        }


LAYERS = (
    Layer(
        "population",
        (2020,),
        lambda population, _year: np.where(population.inside, population.people, np.nan),
        kind="count",
        units="people",
        dtype="float32",
        nodata=-99999.0,
    ),
    Layer(
        "built_up",
        (2020,),
        lambda population, _year: model_built_up(population),
        kind="count",
        units="m2",
        dtype="uint32",
        nodata=4294967295.0,
    ),
    Layer(
        "lights",
        lights.YEARS,
        lights.model_lights,
        kind="intensity",
        units="nW/cm2/sr",
        dtype="float32",
        nodata=-999.3,
    ),
)
"""All rasters of the demo, each with the nodata that its global counterpart carries."""


def write_demo(folder: Path, *, progress: Progress = silent) -> Path:
    """Write the embedded demo: ``kaz.toml`` and the inputs in ``data/``.

    Parameters
    ----------
    folder : Path
        Made if it is not there. Files of the demo in it are replaced if they differ; rasters that this version of the
        model has written are left alone.
    progress : callable
        Called as ``progress("Demo data", done, total)``.

    Returns
    -------
    Path
        The settings file. It is written last: where it is, the inputs are.

    Raises
    ------
    OutputRefused
        If the folder cannot be written.

    Notes
    -----
    Boundaries and cities are real, every raster is modelled from them with a fixed seed; each says so in its tags.
    """
    folder = Path(folder)
    try:
        (folder / "data").mkdir(parents=True, exist_ok=True)
        _place_shipped("kazakhstan.gpkg", folder / "data")
        _write_rasters(folder / "data", progress)
        return _place_shipped("kaz.toml", folder)
    except OSError as error:
        raise OutputRefused(folder, reason=error.strerror or error) from error


def _write_rasters(data: Path, progress: Progress) -> None:
    wanted = [(layer, year) for layer in LAYERS for year in layer.years]
    population: Population | None = None
    for done, (layer, year) in enumerate(wanted):
        progress("Demo data", done, len(wanted))
        path = data / layer.file_name(year)
        if has_tags(path, layer.tags()):
            continue
        population = population or model_population()
        values = layer.make(population, year)
        write_geotiff(path, values, population.grid, dtype=layer.dtype, nodata=layer.nodata, tags=layer.tags())
    progress("Demo data", len(wanted), len(wanted))


def _place_shipped(name: str, folder: Path) -> Path:
    """Copy a shipped file, unless the very same is there."""
    content = shipped(name).read_bytes()
    target = folder / name
    if not target.exists() or target.read_bytes() != content:
        part = target.with_name(name + ".part")
        part.write_bytes(content)
        part.replace(target)
    return target
