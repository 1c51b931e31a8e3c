"""One grid from file to file: the Degree of Urbanisation without a review around it."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from urbanreview.delineation import DegreeOfUrbanisation, degree_of_urbanisation, rules_of
from urbanreview.delineation.classify import Level
from urbanreview.kernels.zonal import sum_by_code
from urbanreview.ledger import Ledger, total
from urbanreview.report import DEGREE_OF_URBANISATION, write_cog, write_settlements
from urbanreview.sources import RasterRows, open_raster
from urbanreview.store import require_free, staged


@dataclass(frozen=True)
class Classified:
    """What was found, what was noted, and what was written."""

    found: DegreeOfUrbanisation
    ledger: Ledger
    written: tuple[Path, ...]

    def areas(self) -> pd.DataFrame:
        """Cells and people of every class, with its name."""
        cells, people = sum_by_code(self.found.classes.values, self.found.population.values)
        codes = [code for code in sorted(DEGREE_OF_URBANISATION, reverse=True) if cells[code]]
        table = pd.DataFrame({"code": codes, "cells": cells[codes], "people": people[codes]})
        return table.assign(name=table["code"].map({code: name for code, (name, _) in DEGREE_OF_URBANISATION.items()}))


def classify_files(
    population: Path | str,
    *,
    land: Path | str | None = None,
    built_up: Path | str | None = None,
    level: Level,
    rules: str,
    iso3: str,
    target: Path,
    tables: Path | None = None,
    force: bool = False,
) -> Classified:
    """Classify a population file and write the classes as a cloud-optimised GeoTIFF with a colour table.

    Parameters
    ----------
    population, land, built_up : Path or str
        Files of people, of land [m2] and of built-up surface [m2] per cell.
    level : {1, 2}
    rules : str
        An edition with classes.
    iso3 : str
        Country code that opens the ids.
    target : Path
        The raster.
    tables : Path, optional
        Folder for the tables of centres and clusters, as Parquet, CSV and one GeoPackage.
    force : bool
        Whether to replace the raster if it is there.

    Returns
    -------
    Classified

    Raises
    ------
    UrbanReviewError
        One clear cause; nothing is left half written.
    """
    rule_set = rules_of(rules)
    require_free(target, population, land, built_up, force=force)
    people, ledger = open_raster(population, kind="count", units="people")
    with ExitStack() as opened:
        layers = [
            None if path is None else opened.enter_context(RasterRows(path, kind="count", units="m2", source=name))
            for path, name in ((land, "land"), (built_up, "built-up"))
        ]
        found, more = degree_of_urbanisation(people, land=layers[0], built_up=layers[1], level=level, rules=rule_set, iso3=iso3)
        ledger = total([ledger, more, *(layer.ledger() for layer in layers if layer)])
    written = []
    with staged(target.parent) as stage:
        write_cog(found.classes, stage / target.name, classes=DEGREE_OF_URBANISATION)
        written.append(target)
    if tables is not None:
        with staged(tables) as stage:
            layers_of = {"urban_centres": found.centres.zones, "urban_clusters": found.clusters.zones}
            written += [tables / path.name for path in write_settlements(layers_of, stage)]
    return Classified(found, ledger, tuple(written))
