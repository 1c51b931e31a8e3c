"""Flood maps: tiles as the index names them, all or none of a map; windows of the maps of the world."""

import json
import re

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely.geometry import box, mapping

from urbanreview.errors import WrongContent
from urbanreview.sources.catalogue import dataset_of, hosts
from urbanreview.sources.outlines import outline_of
from urbanreview.sources.providers import flood, provider_of
from urbanreview.sources.remote import Place

DEPTHS, WATER = dataset_of("jrc-flood-v2.1.2"), dataset_of("jrc-flood-v2.1.2-permanent-water")
AQUEDUCT = dataset_of("aqueduct-floods-v2")
BASE = hosts()["jrc"] + "/CEMS-GLOFAS/flood_hazard"
TILE = 10.0


def corner(north, west):
    """Name of a tile by its upper left corner, as in version 2.1.2."""
    return f"{'N' if north >= 0 else 'S'}{abs(north)}_{'E' if west >= 0 else 'W'}{abs(west)}"


def index_of(corners):
    """Write the index: ids count from the west, then from the north, 10 degrees each."""
    features = [
        {
            "type": "Feature",
            "properties": {"id": number, "name": corner(north, west)},
            "geometry": mapping(box(west, north - TILE, west + TILE, north)),
        }
        for number, (west, north) in enumerate(corners, start=1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


WORLD = index_of([(west, north) for west in range(-180, 180, 10) for north in range(80, -50, -10)])
ROW = index_of([(60, 50), (70, 50), (80, 50)])
"""Three tiles in a row; the country lies in two of them."""
PLACE = Place("TOY", gpd.GeoSeries([box(68.0, 44.0, 72.0, 46.0)], crs=4326), 0.0)


class Server:
    """A server that gives the index, and is asked for nothing else."""

    def __init__(self, index):
        self.index = index
        self.asked = []

    def text(self, addresses, name):
        self.asked.append((*addresses, name))
        return self.index

    @property
    def hosts(self):
        return lambda template: re.sub(r"\{(jrc|jrc_old|aqueduct)\}", lambda found: hosts()[found[1]], template)


def wanted(dataset, *periods, place=PLACE, index=ROW):
    return flood.wanted(dataset, place, periods, web=Server(index))


def causes(ledger):
    return [entry.cause for entry in ledger.entries]


def test_the_catalogue_names_this_provider():
    assert {provider_of(each) for each in (DEPTHS, WATER, AQUEDUCT)} == {flood}


def test_kazakhstan_has_ten_tiles():
    place = Place("KAZ", outline_of("KAZ"), 50.0)
    found = wanted(DEPTHS, "rp100", place=place, index=WORLD)
    tiles = [remote for remote in found.remotes if remote.period == "rp100"]
    names = sorted(re.search(r"ID\d+_(\w+)_RP100_depth\.tif$", remote.name)[1] for remote in tiles)
    assert names == [f"N{north}_E{west}" for north in (50, 60) for west in range(40, 90, 10)]
    assert sum(remote.name.startswith(f"{WATER.key}/") for remote in found.remotes) == 10
    assert len(found.remotes) == 1 + 10 + 10
    assert found.ledger.entries == ()


def test_ids_and_names_come_from_the_index_and_nowhere_else():
    index = ROW.replace('"id": 2', '"id": "77"').replace("N50_E70", "N49_E69")
    names = [remote.name for remote in wanted(DEPTHS, "rp10", index=index).remotes]
    assert names == [
        "jrc-flood-v2.1.2/index/tile_extents.geojson",
        "jrc-flood-v2.1.2/rp10/ID1_N50_E60_RP10_depth.tif",
        "jrc-flood-v2.1.2/rp10/ID77_N49_E69_RP10_depth.tif",
        "jrc-flood-v2.1.2-permanent-water/ID1_N50_E60_permanent_water.tif",
        "jrc-flood-v2.1.2-permanent-water/ID77_N49_E69_permanent_water.tif",
    ]


def test_a_tile_is_at_the_documented_address_and_at_the_old_server():
    server = Server(ROW)
    found = flood.wanted(DEPTHS, PLACE, ["rp500", "rp20"], web=server)
    assert server.asked == [(f"{BASE}/tile_extents.geojson", "jrc-flood-v2.1.2/index/tile_extents.geojson")]
    assert [remote.period for remote in found.remotes] == ["", "rp20", "rp20", "rp500", "rp500", "", ""]
    deep = found.remotes[4]
    old = BASE.replace(hosts()["jrc"], hosts()["jrc_old"])
    assert deep.addresses == tuple(f"{base}/RP500/ID2_N50_E70_RP500_depth.tif" for base in (BASE, old))
    water = found.remotes[-1]
    assert water.addresses[0] == f"{BASE}/Permanent_WaterBodies/ID2_N50_E70_permanent_water.tif"
    assert (deep.form, deep.window, deep.size_bytes, water.size_bytes) == ("tiff", None, DEPTHS.size_bytes, WATER.size_bytes)


def test_water_can_be_fetched_alone():
    names = [remote.name for remote in wanted(WATER).remotes]
    assert names == [
        "jrc-flood-v2.1.2-permanent-water/index/tile_extents.geojson",
        "jrc-flood-v2.1.2-permanent-water/ID1_N50_E60_permanent_water.tif",
        "jrc-flood-v2.1.2-permanent-water/ID2_N50_E70_permanent_water.tif",
    ]


def test_a_return_period_that_there_is_not_is_told():
    found = wanted(DEPTHS, "rp100", "rp250", "rp2.5")
    assert {remote.period for remote in found.remotes} == {"rp100", ""}
    there = "there are rp10, rp20, rp50, rp75, rp100, rp200, rp500"
    assert causes(found.ledger) == [f"there is no map of rp2.5: {there}", f"there is no map of rp250: {there}"]


def test_a_country_without_a_tile_is_told():
    island = Place("ISL", gpd.GeoSeries([box(-30.0, 0.0, -29.0, 1.0)], crs=4326), 0.0)
    found = wanted(DEPTHS, "rp100", place=island)
    assert (found.remotes, causes(found.ledger)) == ((), ["no tile reaches the country"])


@pytest.mark.parametrize("index", ["{}", "[1]", '{"features": [{"properties": {"name": "N50_E60"}, "geometry": null}]}'])
def test_what_is_no_index_is_refused(index):
    with pytest.raises(WrongContent, match=r"tile_extents\.geojson is not what it should be"):
        wanted(DEPTHS, "rp100", index=index)


@pytest.fixture
def fetched(write_tif, tmp_path):
    """Tiles of 20 by 20 cells as they are in the cache: depths say their tile, water has no nodata value."""
    index = tmp_path / "index.geojson"
    index.write_text(ROW)

    def write(*periods):
        files = {}
        for remote in wanted(DEPTHS, *periods).remotes[1:]:
            west = int(re.search(r"_E(\d+)_", remote.name)[1])
            grid = {"transform": Affine(0.5, 0, west, 0, -0.5, 50.0)}
            if remote.period:
                depth = np.full((20, 20), west + int(remote.period[2:]) / 1000, dtype=np.float32)
                files[remote.name] = write_tif(depth, remote.name, nodata=-9999.0, **grid)
            else:
                files[remote.name] = write_tif(np.full((20, 20), west == 70, dtype=np.uint8), remote.name, **grid)
        return files | {f"{DEPTHS.key}/index/tile_extents.geojson": index}

    return write


def made(files, periods, folder, dataset=DEPTHS):
    return flood.make(dataset, PLACE, periods, files=files, folder=folder)


def test_maps_and_water_are_put_together_under_the_names_of_the_settings(fetched, tmp_path):
    folder = tmp_path / "made"
    assert made(fetched("rp10", "rp100"), ["rp10", "rp100"], folder).entries == ()
    assert sorted(path.name for path in folder.iterdir()) == ["permanent_water.tif", "rp10.tif", "rp100.tif"]
    assert DEPTHS.settings["permanent_water"] == "permanent_water.tif"
    with rasterio.open(folder / "rp100.tif") as depth:
        assert (tuple(depth.bounds), depth.nodata) == (PLACE.bounds, -9999.0)
        assert np.array_equal(depth.read(1), np.tile(np.float32([60.1] * 4 + [70.1] * 4), (4, 1)))
    with rasterio.open(folder / "permanent_water.tif") as water:
        assert np.array_equal(water.read(1), np.tile([0] * 4 + [1] * 4, (4, 1)))


def test_a_map_without_one_of_its_tiles_is_not_made_for_its_hole_would_look_dry(fetched, tmp_path):
    files = fetched("rp10", "rp100")
    del files["jrc-flood-v2.1.2/rp100/ID2_N50_E70_RP100_depth.tif"]
    ledger = made(files, ["rp10", "rp100"], tmp_path / "made")
    assert [(entry.cause, entry.amount) for entry in ledger.entries] == [("rp100.tif is not made: tiles are missing, of 2", 1)]
    assert not (tmp_path / "made/rp100.tif").exists()
    assert (tmp_path / "made/rp10.tif").exists()


def test_nothing_is_made_without_the_index(fetched, tmp_path):
    files = {name: path for name, path in fetched("rp10").items() if not name.endswith(".geojson")}
    assert causes(made(files, ["rp10"], tmp_path / "made")) == ["nothing is made without the index of the tiles"]


def test_a_map_of_the_world_is_a_window():
    found = wanted(AQUEDUCT, "rp100", "rp75")
    (remote,) = found.remotes
    file = "inunriver_historical_000000000WATCH_1980_rp00100.tif"
    assert remote.addresses == (f"{hosts()['aqueduct']}/AqueductFloods20/{file}",)
    assert remote.name == f"aqueduct-floods-v2/rp100/68.000_44.000_72.000_46.000/{file}"
    assert (remote.window, remote.period) == (PLACE.bounds, "rp100")
    assert remote.size_bytes == round(AQUEDUCT.size_bytes * (4 * 2) / (360 * 180))
    assert causes(found.ledger)[0].startswith("there is no map of rp75: there are rp2, rp5,")


def test_a_window_is_made_under_the_name_of_its_return_period(write_tif, values, tmp_path):
    (remote,) = wanted(AQUEDUCT, "rp100").remotes
    files = {remote.name: write_tif(values)}
    assert made(files, ["rp50", "rp100"], tmp_path / "made", AQUEDUCT).entries == ()
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["rp100.tif"]
    assert (tmp_path / "made/rp100.tif").read_bytes() == files[remote.name].read_bytes()
