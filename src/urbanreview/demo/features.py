"""How the demo writes its rayons and flares: GeoPackages that are the same whenever they are written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from urbanreview.demo.model import Model
from urbanreview.demo.notes import DEMO_NOTE, model_edition

_UNCHANGING_TIME = "2000-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Features:
    """Modelled features as a layer of the demo, in a file of their name."""

    name: str
    make: Callable[[], gpd.GeoDataFrame]

    def files(self) -> tuple[str, ...]:
        """Path of the one file."""
        return (f"{self.name}.gpkg",)

    def is_written(self, path: Path) -> bool:
        """Tell whether the file of this version is there."""
        if not path.exists():
            return False
        try:
            found = pyogrio.read_info(path, layer=self.name)["layer_metadata"] or {}
        except (DataSourceError, DataLayerError):
            return False
        return found.get("source") == model_edition()

    def write(self, _model: Model, _file: str, path: Path) -> None:
        """Write the features."""
        part = path.with_name(path.stem + ".part.gpkg")
        part.unlink(missing_ok=True)
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _UNCHANGING_TIME})
        try:
            pyogrio.write_dataframe(
                self.make(),
                part,
                layer=self.name,
                driver="GPKG",
                dataset_options={"VERSION": "1.3"},
                layer_metadata={"modelled": "yes", "note": DEMO_NOTE, "source": model_edition()},
            )
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
        part.replace(path)
