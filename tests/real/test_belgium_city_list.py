"""Real Belgium: the peer's centres by position, and the places of GeoNames as an official list of cities."""

from collections import Counter

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
from pyproj import Geod
from rasterio.transform import rowcol, xy
from scipy import ndimage

from urbanreview.delineation import EDITIONS, degree_of_urbanisation, why_missed
from urbanreview.naming import city_groups, listed_columns, match_city_list, name_zones, with_reasons
from urbanreview.naming.gazetteer import alternates_of
from urbanreview.sources import open_raster
from urbanreview.zones.link import parents_of

pytestmark = pytest.mark.real

PEER = "flexurba-0.2"
LAND = "ghs_land_e2018_1km.tif"


@pytest.fixture(scope="module")
def land(data):
    return open_raster(data / "belgium" / LAND, kind="count", units="m2")[0]


@pytest.fixture(scope="module")
def places(data):
    return gpd.read_file(data / "belgium" / "cities_geonames.gpkg").set_index("geonameid")


@pytest.fixture(scope="module")
def settlements(belgium, land, places, data):
    """Clusters and centres of the peer's edition, named after the places."""
    built, _ = open_raster(data / "belgium" / "ghs_built_s_e2020_1km.tif", kind="count", units="m2")
    found, _ = degree_of_urbanisation(belgium, land=land, built_up=built, rules=PEER, iso3="BEL")
    parents, _ = parents_of(found.centres, found.clusters, belgium)
    zones = pd.concat([found.clusters.zones, found.centres.zones.assign(parent_id=parents)])
    gazetteer = pd.DataFrame(
        {
            "name": places["name"],
            "alternates": [()] * len(places),
            "longitude": places["lon"],
            "latitude": places["lat"],
            "people": places["population"].astype(float),
            "iso3": "BEL",
            "country": "Belgium",
        }
    )
    names, _ = name_zones(zones, places=gazetteer)
    return zones.assign(**names[["name", "name_ascii", "city", "geonameid"]])


def as_list(codes, names, people, points):
    """Make a city list of points in degrees."""
    table = pd.DataFrame({"name": names, "people": people, "longitude": points.x.to_numpy(), "latitude": points.y.to_numpy()})
    return table.assign(status=None, flags=None).set_axis(pd.Index(codes, dtype="str", name="code"))


@pytest.fixture(scope="module")
def official(places):
    """The 373 places of 10,000 people or more."""
    large = places[places["population"] >= 10_000]
    return as_list(large.index.astype("str"), large["name"].tolist(), large["population"].tolist(), large.geometry)


@pytest.fixture(scope="module")
def matched(official, settlements):
    return match_city_list(official, settlements, within_km=5)[0]


def test_33_of_33_reference_centres_by_position(shared, settlements):
    expected = pd.read_csv(shared / "reference" / "degurba" / "belgium_urban_centres.csv")
    points = gpd.GeoSeries.from_xy(expected["centroid_x"], expected["centroid_y"], crs="ESRI:54009").to_crs(4326)
    table, _ = match_city_list(
        as_list(expected["id"].astype("str"), None, expected["pop_final"], points), settlements, within_km=0
    )
    found = table[table["outcome"] == "found"]
    assert len(found) == len(expected) == 33
    # Every centroid lies inside, in a centre of its own, and that centre has the people of the reference.
    assert set(found["level"]) == {"urban_centre"}
    assert set(found["matched_by"]) == {"position"}
    assert found["distance_km"].tolist() == [0.0] * 33
    assert found["zone_id"].nunique() == 33
    np.testing.assert_allclose(found["settlement_people"], found["listed_people"], rtol=1e-9)
    # No centre is left over, and of 233 clusters only those 220 without a centre.
    rest = table[table["outcome"] != "found"]
    assert Counter(rest["level"]) == {"urban_cluster": 220}


def test_the_places_of_geonames_as_an_official_list(matched):
    assert Counter(zip(matched["outcome"], matched["level"].fillna("-"), strict=True)) == {
        ("found", "urban_centre"): 17,
        ("found", "urban_cluster"): 74,
        ("merged", "urban_centre"): 95,
        ("merged", "urban_cluster"): 165,
        ("missed", "-"): 22,
        ("unlisted", "urban_centre"): 16,
        ("unlisted", "urban_cluster"): 147,
    }


def test_a_spatial_join_finds_the_same(matched, official, settlements):
    points = gpd.GeoDataFrame(official, geometry=gpd.points_from_xy(official["longitude"], official["latitude"]), crs=4326)
    centres, clusters = (
        settlements.loc[settlements["level"] == level, ["geometry"]] for level in ("urban_centre", "urban_cluster")
    )
    in_centre = points.sjoin(centres, predicate="intersects")["zone_id"]
    in_cluster = points[~points.index.isin(in_centre.index)].sjoin(clusters, predicate="intersects")["zone_id"]
    assert (len(in_centre), len(in_cluster)) == (112, 239)
    assert (in_centre.nunique(), in_cluster.nunique()) == (17, 79)
    ours = matched.dropna(subset=["code", "zone_id"]).set_index("code")["zone_id"]
    assert ours.to_dict() == pd.concat([in_centre, in_cluster]).to_dict()
    assert len(centres) - in_centre.nunique() == 16


def test_the_raster_of_the_peer_says_the_same(matched, shared):
    listed = matched[matched["code"].notna()]
    at = gpd.GeoSeries.from_xy(listed["longitude"], listed["latitude"], crs=4326).to_crs("ESRI:54009")
    with rasterio.open(shared / "reference" / "degurba" / "belgium_l1_default.tif") as file:
        level = [int(value[0]) for value in file.sample(zip(at.x, at.y, strict=True))]
    expected = {3: "urban_centre", 2: "urban_cluster", 1: "-", 0: "-"}
    assert [expected[each] for each in level] == listed["level"].fillna("-").tolist()


def test_one_city_stands_for_each_settlement(matched):
    heads = matched[matched["outcome"] == "found"]
    assert heads["zone_id"].is_unique
    merged = matched[matched["outcome"] == "merged"]
    within = merged[merged["zone_id"].isin(heads["zone_id"])]
    by_zone = heads.set_index("zone_id")["name"]
    assert within["merged_with"].tolist() == within["zone_id"].map(by_zone).tolist()
    assert (len(merged), len(within)) == (260, 135)
    row = matched[matched["name"] == "Anderlecht"].iloc[0]
    assert row[["outcome", "merged_with", "reason"]].tolist() == ["merged", "Brussels", "within the settlement Brussels"]
    capitals = heads.loc[heads["level"] == "urban_centre", "name"].tolist()
    assert capitals[:5] == ["Brussels", "Antwerp", "Gent", "Charleroi", "Liège"]
    columns = listed_columns(matched)
    assert Counter(columns["listed_merged"].dropna())[25] == 1
    assert int(columns.loc[columns["listed_outcome"].isna(), "listed_merged"].sum()) == 125
    assert city_groups(matched).empty


def test_beside_the_centres_the_city_of_the_largest_centre_stands(matched, official, settlements):
    """Again by spatial joins: which clusters have centres with a listed city, and the largest city of the largest of them."""
    at = gpd.points_from_xy(official["longitude"], official["latitude"])
    points = gpd.GeoDataFrame(official[["name", "people"]], geometry=at, crs=4326)
    centres, clusters = (
        settlements.loc[settlements["level"] == level, ["people", "geometry"]] for level in ("urban_centre", "urban_cluster")
    )
    middles = centres.assign(geometry=centres.representative_point())
    cluster_of = middles.sjoin(clusters[["geometry"]].rename_axis("cluster"), predicate="within")["cluster"]
    in_centre = points.sjoin(centres[["geometry"]], predicate="intersects").sort_values("people")
    city_of = in_centre.drop_duplicates("zone_id", keep="last").set_index("zone_id")["name"]
    largest = centres.loc[city_of.index].assign(cluster=cluster_of, city=city_of).sort_values("people")
    stands = largest.drop_duplicates("cluster", keep="last").set_index("cluster")["city"]
    beside = points[~points.index.isin(in_centre.index)].sjoin(clusters[["geometry"]], predicate="intersects")
    expected = beside["zone_id"].map(stands).dropna()
    assert Counter(expected) == {"Brussels": 84, "Liège": 16, "Mouscron": 11, "Charleroi": 10, "Ostend": 4}
    ours = matched.dropna(subset=["code"]).set_index("code").loc[expected.index]
    assert ours["merged_with"].to_dict() == expected.to_dict()
    assert set(ours["level"]) == {"urban_cluster"}
    assert set(ours["reason"]) == {
        f"within the settlement {name}" for name in ("Brussels", "Liège", "Kortrijk", "Charleroi", "Brugge")
    }


def test_names_in_other_languages_are_the_same_settlements(settlements):
    known = settlements.assign(names_known=alternates_of(settlements["geonameid"]))
    names = ["Antwerpen", "Anvers", "Luik", "Lüttich", "Льеж", "Bruxelles", "Gand", "Oostende", "Courtrai"]
    nowhere = gpd.GeoSeries.from_xy([np.nan] * len(names), [np.nan] * len(names))
    cities = as_list([str(k) for k in range(len(names))], names, 1.0, nowhere)
    assert set(match_city_list(cities, settlements, within_km=5)[0]["outcome"]) == {"missed", "unlisted"}
    table, _ = match_city_list(cities, known, within_km=5)
    found = table[table["code"].notna()].set_index("name")["settlement_name"].to_dict()
    assert found == dict(zip(names, ["Antwerp"] * 2 + ["Liège"] * 3 + ["Brussels", "Gent", "Ostend", "Kortrijk"], strict=True))


def test_names_in_other_languages_move_no_city_that_has_a_position(matched, official, settlements):
    known = settlements.assign(names_known=alternates_of(settlements["geonameid"]))
    table, _ = match_city_list(official, known, within_km=5)
    for column in ("outcome", "zone_id", "merged_with"):
        both = [each.dropna(subset=["code"]).set_index("code")[column].fillna("-") for each in (matched, table)]
        assert both[0].to_dict() == both[1].to_dict()


def test_why_22_cities_are_missed(matched, official, belgium, land, stored, data):
    missed = matched[matched["outcome"] == "missed"]
    why = why_missed(official.loc[missed["code"]], belgium, rules=EDITIONS[PEER], land_m2=land, within_km=5)
    filled = with_reasons(matched, why).set_index("name").loc[missed["name"], "reason"]
    assert Counter(reason.split(":")[0] for reason in filled) == {"too small": 17, "near the settlement of another name": 5}
    assert filled["Ichtegem"] == "too small: 4,999 people where 300 per km2 live, 5,000 needed"
    # Again with other tools: groups of dense cells, that of the city's own cell, and those with a cell within 5 km.
    with np.errstate(divide="ignore", invalid="ignore"):
        dense = belgium.values / (stored(data / "belgium" / LAND) / 1e6) >= 300
    label, count = ndimage.label(dense, structure=np.ones((3, 3)))
    people = ndimage.sum_labels(np.nan_to_num(belgium.values), label, np.arange(count + 1))
    with rasterio.open(data / "belgium" / LAND) as file:
        transform = file.transform
    cells = gpd.GeoSeries.from_xy(*xy(transform, *np.nonzero(dense)), crs="ESRI:54009").to_crs(4326)
    at = gpd.GeoSeries.from_xy(missed["longitude"], missed["latitude"], crs=4326, index=missed["name"])
    own = label[rowcol(transform, *at.to_crs("ESRI:54009").get_coordinates().T.to_numpy())]
    plain = {}
    for (name, point), own_label in zip(at.items(), own, strict=True):
        ends = np.full(len(cells), point.x), np.full(len(cells), point.y)
        near = Geod(ellps="WGS84").inv(*ends, cells.x, cells.y)[2] <= 5_000
        most = people[own_label] if own_label else people[label[dense][near]].max()
        plain[name] = "near the settlement" if most >= 5_000 else f"too small: {np.floor(most):,.0f} people"
    assert int((own > 0).sum()) == 16
    assert all(filled[name].startswith(reason) for name, reason in plain.items())
