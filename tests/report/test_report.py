import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from urbanreview.errors import MissingExtra
from urbanreview.report import extras, manifest, write_report

FINISHED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def test_the_layout_of_a_run(folder: Path):
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert {
        "report.html", "review.gpkg", "review.xlsx", "run.json", "figures/map.png", "figures/largest_centres.png",
        "figures/rank_size.png", "figures/city_growth.png", "figures/urban_growth.png", "figures/land_consumption.png",
        "figures/lights_trend.png", "figures/expansion_2010_2020.png", "rasters/expansion_2010_2020.tif",
        "tables/city_system.csv", "tables/size_classes.parquet", "tables/urban_growth.csv",
        "rasters/urban_extents_ghs_2020.tif", "rasters/inputs/population_ghs_2020.tif", "tables/values.parquet",
        "tables/urban_centres.csv", "tables/districts.parquet", "tables/dictionary.csv",
    } <= found  # fmt: skip
    assert not [name for name in found if name.endswith((".part", "-journal", "-wal", ".aux.xml"))]


def test_it_says_what_it_wrote_and_how_far_it_is(empty, tmp_path):
    seen: list[tuple] = []
    written = write_report(empty, tmp_path, finished=FINISHED, progress=lambda *step: seen.append(step))
    assert sorted(written) == sorted(path for path in tmp_path.rglob("*") if path.is_file())
    assert seen[0] == ("report", 0, seen[-1][2])
    assert seen[-1][1] == seen[-1][2]


def test_the_manifest_tells_the_run(review, folder):
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert run["finished"] == "2024-05-06T07:08:09+00:00"
    assert run["modelled"] is True
    assert run["settings"]["lights"] == {"years": [2016, 2018], "floor": 0.1}
    assert run["inputs"][0]["sha256"] == "ab" * 32
    assert run["ledger"][0]["amount"] == 31_000.0
    assert run["steps"][1] == {"step": "population", "seconds": 75.0}
    assert run["tables"]["urban_centres"]["rows"] == 4
    assert {"python", "numpy", "gdal"} <= set(run["versions"])
    assert run["edition"] == "thresholds"


def test_a_time_without_a_zone_is_refused(review):
    with pytest.raises(ValueError, match="time zone"):
        manifest(review, finished=datetime(2024, 1, 1))
    assert manifest(review)["finished"] is None


def test_without_the_extra_nothing_is_written_and_the_cure_is_named(review, tmp_path, monkeypatch):
    def absent(package: str):
        if package.startswith("xlsxwriter"):
            raise ModuleNotFoundError(package)
        return import_module(package)

    monkeypatch.setattr(extras, "import_module", absent)
    with pytest.raises(MissingExtra, match=r"review\.xlsx needs 'xlsxwriter'.*urbanreview\[report\]"):
        write_report(review, tmp_path / "run", finished=FINISHED)
    assert not (tmp_path / "run").exists()


def test_undrawn_it_needs_no_extra(empty, tmp_path, monkeypatch):
    def absent(package: str):
        raise ModuleNotFoundError(package)

    monkeypatch.setattr(extras, "import_module", absent)
    written = write_report(empty, tmp_path, finished=FINISHED, drawn=False)
    assert {path.suffix for path in written} == {".csv", ".parquet", ".tif", ".gpkg", ".json"}


def test_importing_the_floor_imports_no_extra():
    code = "import sys, urbanreview.report\nassert not {'matplotlib', 'xlsxwriter'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
