"""Settlement polygons of Senegal beside the points of GHS-UCDB and of GeoNames."""

import geopandas as gpd
import pandas as pd
import pytest

from urbanreview.naming.gazetteer import alternates_of
from urbanreview.sources import open_raster
from urbanreview.zones import crosswalk, crosswalk_columns

pytestmark = pytest.mark.real

DAKAR = "SEN-uc-22"


@pytest.fixture(scope="module")
def population(data):
    path = data / "senegal" / "worldpop_2020_10km.tif"
    raster, _ = open_raster(path, kind="count", units="people", source="worldpop 2020")
    raster.values.flags.writeable = False
    return raster


@pytest.fixture(scope="module")
def settlements(data):
    """The 232 settlement polygons that their file gives 5,000 people or more; they have no names."""
    frame = gpd.read_file(data / "senegal" / "settlement_clusters_openelec.gpkg")
    frame = frame[frame["pop"] >= 5_000]
    assert len(frame) == 232
    ids = ("SEN-uc-" + frame["cluster_id"].astype("str")).rename("zone_id")
    return frame.assign(level="urban_centre", name=None).set_index(ids)[["name", "level", "pop", "geometry"]]


def cities(data, file, columns):
    frame = gpd.read_file(data / "senegal" / file).rename(columns=columns)
    return frame.assign(other_id=frame["other_id"].astype("str")).set_index("other_id")[
        ["name", "people", "country", "geometry"]
    ]


@pytest.fixture(scope="module")
def ucdb(data):
    """The 30 urban centres in and around Senegal, in Mollweide."""
    names = {"ID_UC_G0": "other_id", "GC_UCN_MAI_2025": "name", "GC_POP_TOT_2025": "people", "GC_CNT_GAD_2025": "country"}
    frame = cities(data, "ucdb_r2024a_cities.gpkg", names)
    assert len(frame) == 30
    return frame


@pytest.fixture(scope="module")
def geonames(data):
    frame = cities(data, "cities_geonames.gpkg", {"geonameid": "other_id", "population": "people"})
    assert len(frame) == 150
    return frame


def test_dakar_is_dakar_of_the_urban_centre_database(settlements, ucdb, population):
    rows, ledger = crosswalk(settlements, ucdb, population, database="ucdb", within_km=5)
    dakar = rows[rows["other_name"] == "Dakar"].iloc[0]
    assert dakar[["zone_id", "how", "relation", "rank"]].tolist() == [DAKAR, "inside", "one to one", 1]
    assert dakar[["zone_share", "other_share", "distance_km"]].tolist() == [1.0, 1.0, 0.0]
    assert dakar["people_both"] == pytest.approx(3_970_202, abs=1)
    assert settlements["pop"].idxmax() == DAKAR
    # Every centre of Senegal lies in a settlement, and none of the five elsewhere does.
    assert rows["how"].value_counts().to_dict() == {"inside": 25, "none": 5}
    abroad = ucdb.index[ucdb["country"] != "Senegal"]
    assert set(rows.loc[rows["how"] == "none", "other_id"]) == set(abroad)
    assert ledger.amount("no urban_centre here or near") == 5
    assert ledger.amount("urban_centre without a match") == 207


def test_the_plain_way_finds_the_same_points_inside(settlements, ucdb, geonames, population):
    for others in (ucdb, geonames):
        rows, _ = crosswalk(settlements, others, population, database="x", within_km=5)
        plain = gpd.sjoin(others.to_crs(4326), settlements[["geometry"]], predicate="intersects")
        inside = rows[rows["how"] == "inside"]
        assert set(zip(inside["zone_id"], inside["other_id"], strict=True)) == set(
            zip(plain["zone_id"], plain.index, strict=True)
        )
        assert rows["other_id"].nunique() == len(others)


def test_dakar_of_geonames_stands_just_outside_and_comes_first_all_the_same(settlements, geonames, population):
    """Its point lies on the plateau 439 m from the outline; Pikine lies inside, with fewer people."""
    rows, _ = crosswalk(settlements, geonames, population, database="geonames", within_km=5)
    assert rows["how"].value_counts().to_dict() == {"inside": 97, "none": 39, "near": 14}
    here = rows[rows["zone_id"] == DAKAR].set_index("other_name")
    assert here.loc["Dakar", ["how", "rank", "relation", "grade"]].tolist() == ["near", 1, "one to many", "low"]
    assert here.loc["Dakar", "distance_km"] == pytest.approx(0.439, abs=1e-3)
    assert here.loc["Dakar", "zone_share"] == pytest.approx(0.512, abs=1e-3)
    assert here.loc["Pikine", ["how", "rank"]].tolist() == ["inside", 2]
    named = settlements.assign(name=settlements["name"].where(settlements.index != DAKAR, "Dakar"))
    again, _ = crosswalk(named, geonames, population, database="geonames", within_km=5)
    best = crosswalk_columns(again, named.index).loc[DAKAR]
    assert best[["geonames_id", "geonames_name", "geonames_grade"]].tolist() == ["2253354", "Dakar", "medium"]
    assert best["geonames_matches"] == len(here) == 20


def test_dakar_is_dakar_in_any_language(settlements, geonames, population):
    place = pd.Series(pd.NA, index=settlements.index, dtype="Int64")
    place[DAKAR] = 2253354
    known = settlements.assign(names_known=alternates_of(place))
    russian = geonames.assign(name=geonames["name"].replace("Dakar", "Дакар"))
    for others, zones, grade in ((geonames, known, "medium"), (russian, known, "medium"), (russian, settlements, "low")):
        rows, _ = crosswalk(zones, others, population, database="geonames", within_km=5)
        best = rows[(rows["zone_id"] == DAKAR) & (rows["rank"] == 1)].iloc[0]
        assert best[["other_id", "grade", "names_agree"]].tolist() == ["2253354", grade, grade == "medium"]
        assert rows["names_agree"].sum() == (grade == "medium")


def test_unmatched_settlements_are_missing_and_never_zero(settlements, ucdb, population):
    columns = crosswalk_columns(crosswalk(settlements, ucdb, population, database="ucdb", within_km=5)[0], settlements.index)
    assert columns["ucdb_id"].notna().sum() == 25
    assert columns[columns["ucdb_id"].isna()].isna().all(axis=None)


def test_polygons_against_themselves_are_one_to_one_and_whole(settlements, population):
    others = settlements.assign(people=settlements["pop"]).to_crs("ESRI:54009")
    rows, _ = crosswalk(settlements, others, population, database="self", within_km=5)
    assert (rows["zone_id"] == rows["other_id"]).all()
    assert len(rows) == 232
    assert rows["grade"].unique().tolist() == ["high"]
    assert rows["zone_area_share"].to_numpy() == pytest.approx(1.0, abs=1e-5)
