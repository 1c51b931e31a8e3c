"""The command that classifies one grid: files it writes, numbers it says, and input it refuses in one sentence."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from affine import Affine

CELLS = np.zeros((20, 30))
CELLS[5:10, 5:10] = 4_000.0
CELLS[14:16, 20:23] = 1_000.0
BUILT = np.where(CELLS > 0, 400_000, 0).astype(np.uint32)
LAND = np.full((20, 30), 1_000_000, np.uint32)
LAND[:, 25:] = 0


@pytest.fixture
def layer(tmp_path) -> Callable[..., Path]:
    """Write a small GeoTIFF and return its path."""

    def write(name: str, cells: np.ndarray, *, cell: float = 1000.0, left: float = 1e6, **more) -> Path:
        path = tmp_path / name
        transform = more.pop("transform", Affine(cell, 0, left, 0, -cell, 5e6))
        profile = {"height": cells.shape[0], "width": cells.shape[1], "count": 1, "dtype": cells.dtype.name}
        profile |= {"crs": "ESRI:54009", "transform": transform} | more
        with rasterio.open(path, "w", driver="GTiff", **profile) as file:
            file.write(cells, 1)
        return path

    return write


@pytest.fixture
def inputs(layer) -> tuple:
    return layer("pop.tif", CELLS), "--land", layer("land.tif", LAND), "--built", layer("built.tif", BUILT)


def test_it_writes_classes_with_colours_and_tables(inputs, invoke, tmp_path):
    target, tables = tmp_path / "out" / "classes.tif", tmp_path / "tables"
    done = invoke("classify", *inputs, "-o", target, "--tables", tables, "--iso3", "toy")
    assert done.exit_code == 0, done.stderr
    assert "1 urban centres, 2 urban clusters." in done.stdout
    with rasterio.open(target) as file:
        assert file.profile["tiled"]
        assert file.colormap(1)[30] == (255, 0, 0, 255)
        assert file.tags()["edition"] == "jrc-2023-v2"
        codes = file.read(1)
    assert {int(code) for code in np.unique(codes)} == {30, 23, 11, 10}
    assert (codes == 30).sum() == 25
    centres = pd.read_parquet(tables / "urban_centres.parquet")
    assert centres[["people", "cells", "people_initial", "cells_initial"]].values.tolist() == [[100_000.0, 25, 100_000.0, 25]]
    assert centres["zone_id"][0].startswith("TOY-uc-")
    assert sorted(name for name, _ in pyogrio.list_layers(tables / "settlements.gpkg")) == ["urban_centres", "urban_clusters"]


def test_level_1_as_json(inputs, invoke, tmp_path):
    done = invoke("classify", *inputs, "--level", "1", "-o", tmp_path / "one.tif", "--json")
    said = json.loads(done.stdout)
    assert [(row["code"], row["cells"]) for row in said["classes"]] == [(3, 25), (2, 6), (1, 469), (0, 100)]
    assert said["rules"] == "jrc-2023-v2"


def test_the_same_input_gives_the_same_bytes(inputs, invoke, tmp_path):
    for name in ("a.tif", "b.tif"):
        assert invoke("classify", *inputs, "-o", tmp_path / name).exit_code == 0
    assert (tmp_path / "a.tif").read_bytes() == (tmp_path / "b.tif").read_bytes()


def test_a_one_cell_raster_has_a_class(layer, invoke, tmp_path):
    done = invoke("classify", layer("one.tif", np.array([[60_000.0]])), "-o", tmp_path / "out.tif", "--json")
    assert [row["code"] for row in json.loads(done.stdout)["classes"]] == [30]


def test_small_cells_are_summed_and_this_is_said(layer, invoke, tmp_path):
    fine = np.repeat(np.repeat(CELLS / 16, 4, 0), 4, 1)
    done = invoke("classify", layer("fine.tif", fine, cell=250.0), "-o", tmp_path / "out.tif")
    assert done.exit_code == 0
    assert "cells per side summed to about 1 km (4 cells)" in done.stderr
    with rasterio.open(tmp_path / "out.tif") as file:
        assert file.shape == (20, 30)
        assert (file.read(1) == 30).sum() == 25


def test_nothing_is_replaced_unasked_and_no_input_ever(inputs, invoke, fails, tmp_path):
    target = tmp_path / "out.tif"
    assert invoke("classify", *inputs, "-o", target).exit_code == 0
    assert "--force replaces it" in fails("classify", *inputs, "-o", target)
    assert invoke("classify", *inputs, "-o", target, "--force").exit_code == 0
    before = inputs[0].read_bytes()
    assert "it is an input" in fails("classify", *inputs, "-o", inputs[0], "--force")
    assert inputs[0].read_bytes() == before


ODD = {
    "density given as counts": (
        lambda layer: (layer("pop.tif", np.where(CELLS > 0, 90_000.0, 0.0), cell=500.0),),
        "is this a density and no count?",
    ),
    "negative people": (lambda layer: (layer("pop.tif", np.where(CELLS > 0, CELLS, -7.0)),), "negative where only zero"),
    "built-up larger than the cell": (
        lambda layer: (layer("pop.tif", CELLS), "--built", layer("built.tif", BUILT * 10)),
        "built-up larger than the cell: is it in m2? (31 cells)",
    ),
    "a city cut by the border": (
        lambda layer: (layer("pop.tif", CELLS[:, 7:]),),
        "urban centre cut by the border of the grid (1 zone)",
    ),
}


@pytest.mark.parametrize("name", list(ODD))
def test_odd_input_is_classified_and_told(name, layer, invoke, tmp_path):
    make, said = ODD[name]
    done = invoke("classify", *make(layer), "-o", tmp_path / "out.tif")
    assert done.exit_code == 0, done.stderr
    assert said in done.stderr


BAD = {
    "land elsewhere": (
        lambda layer: (layer("pop.tif", CELLS), "--land", layer("land.tif", LAND, left=3e6)),
        "land does not overlap|land.*degrees",
    ),
    "no land at all": (
        lambda layer: (layer("pop.tif", CELLS), "--land", layer("land.tif", LAND * 0)),
        "no land on the grid of 'pop', where 106,000 people live",
    ),
    "a 10 km grid": (lambda layer: (layer("pop.tif", CELLS, cell=10_000.0),), "100"),
    "nobody": (lambda layer: (layer("pop.tif", CELLS * np.nan),), "pop"),
    "a text": (lambda layer: (layer("pop.tif", CELLS).with_suffix(".txt"),), "pop.txt"),
    "an unknown edition": (lambda layer: (layer("pop.tif", CELLS), "--rules", "jrc-2023-v"), "Did you mean 'jrc-2023-v2'"),
    "an edition without classes": (lambda layer: (layer("pop.tif", CELLS), "--rules", "notebook"), "rules with classes"),
    "two bands": (lambda layer: (layer("pop.tif", CELLS, count=2),), "bands"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_bad_input_is_one_sentence_and_leaves_nothing(name, layer, invoke, tmp_path):
    make, said = BAD[name]
    words = make(layer)
    done = invoke("classify", *words, "-o", tmp_path / "out" / "classes.tif", "--tables", tmp_path / "tables")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1
    assert re.search(said, done.stderr), done.stderr
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "tables").exists()


def test_a_file_that_breaks_off_is_told(layer, invoke, tmp_path):
    path = layer("land.tif", np.random.default_rng(3).integers(0, 10**6, (400, 400)).astype(np.uint32))
    pop = layer("pop.tif", np.ones((400, 400)))
    path.write_bytes(path.read_bytes()[:200_000])
    done = invoke("classify", pop, "--land", path, "-o", tmp_path / "out.tif")
    assert done.exit_code == 1
    assert "land.tif" in done.stderr
    assert not (tmp_path / "out.tif").exists()
