"""Travel time in a review of the toy country, and the command that needs no review."""

import json
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
from cli.conftest import Toy, write_raster
from click.testing import CliRunner
from pyproj import Geod
from shapely.geometry import LineString, Point

from urbanreview.measures import BY_KEY

ROADS = 0.001
"""Everywhere, minutes per metre: 60 km/h."""
ACCESS = """
[access]
path = "data/friction.tif"
size_classes = [110000]
own_capitals = true
"""


@pytest.fixture(scope="module")
def travelled(untouched, kept, tmp_path_factory):
    """A review of the toy with a friction of 60 km/h everywhere and a lake that nobody crosses; for looking at only."""
    from urbanreview.cli import main

    parts = Toy(shutil.copytree(untouched, tmp_path_factory.mktemp("travelled") / "toy") / "toy.toml")
    folder = parts.settings.parent / "toy-review"
    shutil.copytree(kept, folder / ".store")
    friction = np.full((60, 80), ROADS)
    friction[50:55, 60:70] = np.nan
    parts.paint("friction.tif", friction, dtype="float32", nodata=-9999.0)
    parts.say("[output]", f"{ACCESS}\n[output]")
    done = CliRunner().invoke(main, ["run", str(parts.settings), "--quiet", "--json"])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return folder, json.loads(done.stdout)


def test_the_review_has_matrices_routes_rasters_and_numbers(travelled):
    folder, said = travelled
    assert "travel time" in said["ran"]
    minutes = pd.read_csv(folder / "tables" / "minutes_city_city.csv", index_col="from_id")
    km = pd.read_csv(folder / "tables" / "km_city_city.csv", index_col="from_id")
    assert minutes.shape == km.shape == (2, 2)
    assert np.diag(minutes).tolist() == [0.0, 0.0]
    # 60 km/h everywhere: a kilometre is a minute, and both ways are as long.
    np.testing.assert_allclose(minutes, km, rtol=1e-7)  # friction is stored in single precision
    np.testing.assert_allclose(minutes, minutes.T, rtol=1e-12)
    points = pd.read_csv(folder / "tables" / "points.csv", index_col="zone_id").loc[minutes.index]
    straight_km = Geod(ellps="WGS84").inv(*points[["lon", "lat"]].iloc[0], *points[["lon", "lat"]].iloc[1])[2] / 1000
    assert straight_km <= km.iloc[0, 1] < 1.25 * straight_km  # the toy lies where Mollweide is sheared
    assert pd.read_csv(folder / "tables" / "minutes_city_district.csv").shape == (2, 4)
    matrix = pd.read_parquet(folder / "tables" / "matrix.parquet")
    assert len(matrix) == 2 + 6
    assert set(matrix["relation"]) == {"city_city", "city_district"}


def test_the_layers_and_rasters_of_travel_are_there(travelled):
    folder, _ = travelled
    ways = gpd.read_file(folder / "review.gpkg", layer="routes_city_city")
    assert len(ways) == 1
    assert ways["km_per_h"].iloc[0] == pytest.approx(60.0)
    assert ways.geom_type.tolist() == ["LineString"]
    assert ways[["from_name", "to_name"]].notna().all(axis=None)
    assert "routes_city_district" in {name for name, _ in pyogrio.list_layers(folder / "review.gpkg")}
    with rasterio.open(folder / "rasters" / "travel_time.tif") as file:
        minutes = file.read(1, masked=True)
        assert file.tags()["units"] == "min"
    assert minutes.min() == 0.0
    assert minutes.mask[52, 65]
    with rasterio.open(folder / "rasters" / "catchments.tif") as file:
        assert set(np.unique(file.read(1))) == {0, 1, 2}
    assert (folder / "figures" / "travel_time.png").is_file()
    assert "How far it is" in (folder / "report.html").read_text(encoding="utf-8")


def test_the_numbers_of_travel_add_up(travelled):
    folder, _ = travelled
    values = pd.read_parquet(folder / "tables" / "values.parquet")
    travel = values[values["source"] == "access"]
    # The toy is no country with a capital.
    assert set(travel["measure"]) == {key for key in BY_KEY if key.startswith("access.")} - {"access.capital_minutes"}
    assert (travel["value"].isna() == travel["reason"].ne("")).all()
    zones = pd.read_parquet(folder / "tables" / "zones.parquet").set_index("zone_id")
    country = zones.index[zones["level"] == "adm0"][0]
    own = travel[travel["zone_id"] == country].set_index(["measure", "variant"])["value"]
    everyone = values[(values["zone_id"] == country) & (values["measure"] == "population.total") & (values["period"] == "2020")]
    reached = own["access.people_within", "minutes=240"] + own["access.people_without_way", "to=urban_centre"]
    assert reached == pytest.approx(float(everyone["value"].iloc[0]), rel=1e-6)
    assert own["access.minutes_mean", "to=cities_of_110000"] > own["access.minutes_mean", "to=urban_centre"]
    larger = travel[travel["measure"] == "access.nearest_larger_minutes"]
    assert larger["value"].isna().sum() == 1
    assert larger.loc[larger["value"].isna(), "reason"].tolist() == ["no larger city with a way to it"]
    potential = travel[(travel["measure"] == "access.potential") & (travel["variant"] == "half_life=60;own=no")]
    assert (potential["value"] > 0).all()
    # West and Northeast have a city of their own, Southeast none: it has no settlement at all, or the other's edge.
    own_capital = travel[travel["measure"] == "access.own_capital_minutes"].set_index("zone_id")["value"]
    assert own_capital.drop(own_capital.index[own_capital.isna()]).between(0, 60).all()
    assert own_capital.notna().sum() >= 2
    known = pd.read_csv(folder / "tables" / "dictionary.csv")
    assert set(known.loc[known["table"] == "minutes_city_city", "column"]) == {"from_id", "<zone_id>"}


def test_a_second_run_does_nothing_and_friction_redoes_travel_alone(travelled, tmp_path, invoke):
    parts = Toy(shutil.copytree(travelled[0].parent, tmp_path / "copy") / "toy.toml")
    assert json.loads(invoke("run", parts.settings, "--quiet", "--json").stdout)["ran"] == []
    parts.paint("friction.tif", np.full((60, 80), 2 * ROADS), dtype="float32", nodata=-9999.0)
    parts.draw_nothing()
    assert set(json.loads(invoke("run", parts.settings, "--quiet", "--json").stdout)["ran"]) == {"travel time", "report"}


def test_people_beyond_the_friction_have_no_way(parts, going_on, invoke):
    going_on(parts.settings)
    parts.draw_nothing()
    friction = np.full((60, 80), ROADS)
    friction[:, :40] = np.nan
    counted = {}
    for name, cells, left in (("whole", friction, 0), ("cut", friction[:, 40:], 40)):
        grid = replace(parts.grid, transform=parts.grid.transform @ parts.grid.transform.translation(left, 0))
        write_raster(parts.data / "friction.tif", cells, grid, dtype="float32", nodata=-9999.0)
        if name == "whole":
            parts.say("[output]", f"{ACCESS}\n[output]")
        assert invoke("run", parts.settings, "--quiet", "--from", "travel time").exit_code == 0
        values = pd.read_parquet(parts.settings.parent / "toy-review" / "tables" / "values.parquet")
        rows = values[(values["measure"] == "access.people_without_way") & values["zone_id"].str.contains("adm1")]
        counted[name] = rows.set_index("zone_id")["value"].sort_index()
    np.testing.assert_allclose(counted["whole"], counted["cut"], rtol=1e-6)
    assert counted["cut"].max() > 100_000


@pytest.fixture
def journey(parts):
    """Friction in degrees, and points on it."""
    path = parts.data / "speed.tif"
    transform = rasterio.Affine(1 / 120, 0, 10.0, 0, -1 / 120, 50.0)
    profile = {"height": 60, "width": 90, "count": 1, "dtype": "float32", "crs": "EPSG:4326", "transform": transform}
    cells = np.full((60, 90), ROADS, np.float32)
    cells[:, 45] = -9999.0
    with rasterio.open(path, "w", driver="GTiff", nodata=-9999.0, **profile) as file:
        file.write(cells, 1)
    at = {"a": (10.05, 49.95), "b": (10.3, 49.7), "island": (10.6, 49.8), "sea": (10.379, 49.9)}
    points = gpd.GeoDataFrame({"place": list(at)}, geometry=[Point(xy) for xy in at.values()], crs=4326)
    points.to_file(parts.data / "places.gpkg")
    return path, parts.data / "places.gpkg"


def test_the_command_travels_between_points(journey, invoke, tmp_path):
    friction, points = journey
    folder = tmp_path / "travel"
    done = invoke("access", points, "--friction", friction, "--id", "place", "-o", folder, "--all-routes", "--quiet", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    minutes = pd.read_csv(folder / "minutes.csv", index_col="from_id")
    assert minutes.index.tolist() == ["a", "b", "island", "sea"]
    assert minutes.loc["a", "b"] > 0
    assert minutes.loc["a"].isna().tolist() == [False, False, True, False]
    causes = [(entry["cause"], entry["zone_id"]) for entry in said["ledger"]]
    assert ("point moved to the nearest passable cell", "sea") in causes
    assert ("point on a part of its own, cut off from the largest one", "island") in causes
    ways = gpd.read_file(folder / "routes.gpkg")
    assert len(ways) == 3
    assert {path.name for path in folder.iterdir()} == {
        "minutes.csv", "km.csv", "matrix.parquet", "routes.gpkg", "travel_time.tif", "catchments.tif", "map.png"
    }  # fmt: skip


def test_other_destinations(journey, invoke, tmp_path):
    friction, points = journey
    ports = tmp_path / "ports.geojson"
    gpd.GeoDataFrame({"port": ["p"]}, geometry=[Point(10.1, 49.6)], crs=4326).to_file(ports)
    words = ("access", points, "--friction", friction, "--id", "place", "--to", ports, "--to-id", "port", "-o", tmp_path / "t")
    done = invoke(*words, "--no-map")
    assert done.exit_code == 0, done.stderr
    assert "point moved to the nearest passable cell [sea]" in done.stderr
    table = pd.read_csv(tmp_path / "t" / "minutes.csv", index_col="from_id")
    assert table.columns.tolist() == ["p"]
    assert table["p"].notna().tolist() == [True, True, False, True]


def test_the_same_id_in_two_files_is_two_places(journey, invoke, tmp_path):
    friction, points = journey
    words = ("access", points, "--friction", friction, "--to", points, "-o", tmp_path / "t", "--no-map", "--all-routes")
    assert invoke(*words).exit_code == 0
    matrix = pd.read_parquet(tmp_path / "t" / "matrix.parquet")
    assert len(matrix) == 16
    assert matrix.loc[matrix["from_id"] == matrix["to_id"], "minutes"].tolist() == [0.0] * 4
    ways = gpd.read_file(tmp_path / "t" / "routes.gpkg")
    wide = pd.read_csv(tmp_path / "t" / "minutes.csv", index_col="from_id")
    for way in ways.itertuples():
        assert way.minutes == pytest.approx(wide.loc[int(way.from_id), way.to_id])


def test_one_point_and_points_without_a_shape(journey, invoke, fails, tmp_path):
    friction, _ = journey
    few = tmp_path / "few.gpkg"
    gpd.GeoDataFrame({"from_id": ["a", "b"]}, geometry=[Point(10.05, 49.95), None], crs=4326).to_file(few)
    words = ("access", few, "--friction", friction, "--id", "from_id", "-o", tmp_path / "t")
    done = invoke(*words)
    assert done.exit_code == 0, done.stderr
    assert "feature without a shape" in done.stderr
    assert "--force replaces it" in fails(*words)


def test_a_planned_road_shortens_the_way(journey, invoke, tmp_path):
    friction, points = journey
    road = tmp_path / "road.geojson"
    gpd.GeoDataFrame({"kmh": [120]}, geometry=[LineString([(10.05, 49.95), (10.3, 49.7)])], crs=4326).to_file(road)
    times = {}
    for name, more in (("now", ()), ("then", ("--what-if", road, "--speed", "kmh"))):
        words = ("access", points, "--friction", friction, "--id", "place", "-o", tmp_path / name, "--no-map", *more)
        assert invoke(*words).exit_code == 0
        times[name] = pd.read_csv(tmp_path / name / "minutes.csv", index_col="from_id").loc["a", "b"]
    assert 0.45 * times["now"] < times["then"] < 0.7 * times["now"]


def test_bad_input_is_one_sentence(journey, invoke, fails, tmp_path):
    friction, points = journey
    assert "column" in fails("access", points, "--friction", friction, "--id", "nmae", "-o", tmp_path / "t")
    with rasterio.open(friction, "r+") as file:
        file.write(np.where(file.read(1) > 0, 0.06, -9999).astype("float32") * 20, 1)
    assert "seconds per metre" in fails("access", points, "--friction", friction, "-o", tmp_path / "t")
    with rasterio.open(friction, "r+") as file:
        file.write(np.full((60, 90), 60.0, "float32"), 1)
    assert "speed in km/h" in fails("access", points, "--friction", friction, "-o", tmp_path / "t")
    with rasterio.open(friction, "r+") as file:
        file.write(np.full((60, 90), -1.0, "float32"), 1)
    assert "no passable cell" in fails("access", points, "--friction", friction, "-o", tmp_path / "t")
    far = tmp_path / "far.geojson"
    gpd.GeoDataFrame({"i": [1]}, geometry=[Point(-60, 10)], crs=4326).to_file(far)
    assert "overlap" in fails("access", far, "--friction", friction, "-o", tmp_path / "t").lower()
    assert not (tmp_path / "t").exists()
