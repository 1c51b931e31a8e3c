"""The PyPI package degurba, its grid step."""

import sys
import types
from pathlib import Path

# It imports the GDAL bindings, which it does not declare and its grid step does not use.
for name in ("osgeo", "osgeo.gdal", "osgeo.ogr", "osgeo.osr"):
    sys.modules.setdefault(name, types.ModuleType(name))
for name in ("gdal", "ogr", "osr"):
    setattr(sys.modules["osgeo"], name, sys.modules[f"osgeo.{name}"])

from degurba import DEGURBA  # noqa: E402 - after its missing modules
from worker import Call, Report, serve, twice_file  # noqa: E402


def _degree(folder: Path) -> tuple[Call, Report]:
    work = DEGURBA(twice_file(folder))

    def report(found: object) -> dict:
        classes = found.array
        return {"class_cells": [int((classes == 1).sum()), int((classes == 2).sum())]}

    return lambda _: work.classify_grid_cells_l1(), report


if __name__ == "__main__":
    serve({"degree": _degree}, packages=("degurba", "scipy", "numpy"))
