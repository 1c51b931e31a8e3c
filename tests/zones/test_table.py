"""The zone table: ids, mended polygons, units above, and territory that nobody claims."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from urbanreview.errors import DuplicateIds, EmptyLayer, MissingIds, NotInInput, WrongGeometry
from urbanreview.grid import geodesic_area_km2
from urbanreview.zones import dissolve, mend, stack, uncovered, zone_table
from urbanreview.zones.table import COLUMNS

SQUARES = [shapely.box(k, 10, k + 1, 11) for k in range(4)]


def layer(codes, geometry=None, crs=4326, **columns):
    shapes = SQUARES[: len(codes)] if geometry is None else geometry
    return gpd.GeoDataFrame({"code": codes, **columns}, geometry=shapes, crs=crs)


def table_of(features, **more):
    arguments = {"level": "adm2", "iso3": "TOY", "id_column": "code", "origin": "districts.gpkg", **more}
    return zone_table(features, **arguments)


@pytest.mark.parametrize(
    ("codes", "ids"),
    [
        ([7, 8], ["7", "8"]),
        ([7.0, 8.0], ["7", "8"]),
        (np.array([7, 8], np.float32), ["7", "8"]),
        (pd.array([7, 8], dtype="Int64"), ["7", "8"]),
        (["7.0", "8"], ["7.0", "8"]),  # text is left as it is
        (["007", " 8 "], ["007", "8"]),
        ([7.5, 8.0], ["7.5", "8"]),
        (["Ölüdeniz", "São"], ["Ölüdeniz", "São"]),
    ],
)
def test_ids_are_text_without_the_zero_that_gaps_give_whole_numbers(codes, ids):
    zones, ledger = table_of(layer(codes))
    assert set(zones.index) == {f"TOY-adm2-{code}" for code in ids}
    assert zones.index.name == "zone_id"
    assert ledger.frame().empty


def test_a_table_has_what_every_table_has():
    features = layer([2, 1], town=["Bee", "Ai"], province=["P", "Q"], note=[None, 3.5])
    zones, _ = table_of(features, name_column="town", parent_column="province")
    assert zones.index.tolist() == ["TOY-adm2-1", "TOY-adm2-2"]
    assert zones["name"].tolist() == ["Ai", "Bee"]
    assert zones["parent_name"].tolist() == ["Q", "P"]
    assert set(COLUMNS) <= set(zones.columns)
    assert zones["level"].unique().tolist() == ["adm2"]
    assert zones["source_town"].tolist() == ["Ai", "Bee"]
    assert zones["source_note"].tolist()[0] == 3.5
    assert zones.crs.to_epsg() == 4326
    np.testing.assert_allclose(zones["area_km2"], geodesic_area_km2(zones.geometry))
    assert zones.geometry.iloc[0].equals(SQUARES[1])
    assert "zone_id" not in features.columns
    assert features.columns.tolist() == ["code", "town", "province", "note", "geometry"]


def test_without_a_name_column_the_id_is_the_name():
    assert table_of(layer([7.0]))[0]["name"].tolist() == ["7"]


@pytest.mark.parametrize("shuffle", [[0, 1, 2], [2, 0, 1], [1, 2, 0]])
def test_the_order_of_rows_does_not_matter(shuffle):
    features = layer(["b", "a", "c"], town=["B", "A", "C"]).iloc[shuffle]
    features.index = [5, 5, 9]  # an index means nothing
    zones, _ = table_of(features, name_column="town")
    assert zones["name"].to_dict() == {"TOY-adm2-a": "A", "TOY-adm2-b": "B", "TOY-adm2-c": "C"}
    assert zones.geometry.loc["TOY-adm2-a"].equals(SQUARES[1])


def test_shapes_in_another_system_are_brought_to_degrees(toy):
    zones, _ = table_of(toy.districts, name_column="town", parent_column="province")
    assert zones["name"].tolist() == ["West", "Norreast", "Soureast"]
    # 27, 10.125 and 16.875 cells of a square kilometre, true to a percent.
    np.testing.assert_allclose(zones["area_km2"], [27.0, 10.125, 16.875], rtol=0.01)
    longitude, latitude = zones.geometry.iloc[0].centroid.coords[0]
    assert (longitude > 0) is toy.where.endswith("east")
    assert (latitude > 0) is toy.where.startswith("north")


@pytest.mark.parametrize("column", ["id_column", "name_column", "parent_column"])
def test_a_column_that_is_not_there_is_an_error_with_a_guess(column):
    features = layer([1], town=["Ai"])
    with pytest.raises(NotInInput, match=r"districts.gpkg has no column 'towm'. Did you mean 'town'"):
        table_of(features, **{"id_column": "code", column: "towm"})


@pytest.mark.parametrize("codes", [[1, 1, 2], ["x", "y", "x"], [1.0, 1.0, 2.0], ["x", " x", "y"], [7.0, "7", "y"]])
def test_ids_that_two_rows_claim_are_an_error(codes):
    with pytest.raises(DuplicateIds, match=r"districts.gpkg: column 'code' has 1 duplicate ids"):
        table_of(layer(codes))


@pytest.mark.parametrize("codes", [["a", None, "c"], [1.0, np.nan, 3.0], ["a", "", "c"], ["a", "  ", "c"]])
def test_an_empty_id_is_an_error_that_names_the_row(codes):
    with pytest.raises(MissingIds, match=r"column 'code' is empty in 1 rows \(1\)"):
        table_of(layer(codes))


def test_a_layer_without_rows_is_an_error():
    with pytest.raises(EmptyLayer, match=r"districts\.gpkg"):
        table_of(layer([]))


@pytest.mark.parametrize(
    "shape", [None, shapely.Polygon(), shapely.Point(0, 0), shapely.LineString([(0, 0), (1, 1)]), shapely.MultiPoint([(0, 0)])]
)
def test_a_row_without_an_area_is_an_error_and_never_a_dropped_row(shape):
    with pytest.raises(WrongGeometry, match=r"districts.gpkg holds 1 features without an area .*expected polygons"):
        table_of(layer(["a", "b"], [SQUARES[0], shape]))


def test_a_bow_tie_is_mended_and_counted():
    tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    zones, ledger = table_of(layer(["a", "b"], [tie, SQUARES[0]]))
    assert zones.geometry.is_valid.all()
    assert zones.geometry.loc["TOY-adm2-a"].area == pytest.approx(2.0)
    assert ledger.frame()[["step", "cause", "zone_id"]].values.tolist() == [["adm2", "polygon mended", "TOY-adm2-a"]]


def test_mending_leaves_only_what_has_an_area():
    spike = shapely.Polygon([(0, 0), (2, 0), (2, 2), (2, 5), (2, 2), (0, 2)])
    mended, ledger = mend(gpd.GeoSeries([spike], index=["a"], crs=4326), step="adm1", origin="layer")
    assert mended.iloc[0].geom_type == "Polygon"
    assert mended.iloc[0].area == pytest.approx(4.0)
    assert ledger.amount("polygon mended") == 1


@pytest.mark.parametrize(
    ("parts", "area"),
    [
        ([shapely.box(0, 0, 1, 1), shapely.Point(5, 5)], 1.0),
        ([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)], 3.0),  # overlapping: valid in a collection, counted once
    ],
)
def test_a_collection_becomes_polygons(parts, area):
    """A collection is valid whatever lies in it: left as it is, ground under two of its parts would count twice."""
    collection = shapely.GeometryCollection(parts)
    assert collection.is_valid
    mended, _ = mend(gpd.GeoSeries([collection], index=["a"], crs=4326), step="adm1", origin="layer")
    assert mended.iloc[0].geom_type in ("Polygon", "MultiPolygon")
    assert mended.iloc[0].area == pytest.approx(area)


def test_mending_alters_nothing_it_was_given():
    tie = gpd.GeoSeries([shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])], index=["x"], crs=4326)
    before = tie.iloc[0].wkt
    mend(tie, step="adm1", origin="layer")
    assert tie.iloc[0].wkt == before


def test_units_above_are_joined_from_their_parts(toy):
    zones, _ = table_of(toy.districts, name_column="town", parent_column="province")
    units, parents = dissolve(zones, by="parent_name", level="adm1")
    assert units["name"].to_dict() == {"TOY-adm1-E": "E", "TOY-adm1-W": "W"}
    assert parents.to_dict() == {"TOY-adm2-7": "TOY-adm1-W", "TOY-adm2-8": "TOY-adm1-E", "TOY-adm2-9": "TOY-adm1-E"}
    assert units["area_km2"].sum() == pytest.approx(zones["area_km2"].sum(), rel=1e-9)
    assert units["level"].unique().tolist() == ["adm1"]
    assert units.geometry.loc["TOY-adm1-E"].geom_type == "Polygon"


def test_a_district_without_a_unit_above_belongs_to_none():
    features = layer(["a", "b", "c"], province=["P", None, "P"])
    zones, _ = table_of(features, parent_column="province")
    units, parents = dissolve(zones, by="parent_name", level="adm1")
    assert units.index.tolist() == ["TOY-adm1-P"]
    assert parents.isna().tolist() == [False, True, False]


def test_territory_that_no_zone_covers_is_a_row_of_its_own():
    zones, _ = table_of(layer(["a", "b"]))
    outline = gpd.GeoSeries([shapely.box(0, 10, 2.5, 11)], crs=4326)
    rest = uncovered(outline, zones, name="No district")
    assert rest.index.tolist() == ["TOY-adm2-none"]
    assert rest["name"].tolist() == ["No district"]
    assert rest.geometry.iloc[0].equals(shapely.box(2, 10, 2.5, 11))
    assert rest["area_km2"].sum() + zones["area_km2"].sum() == pytest.approx(geodesic_area_km2(outline)[0], rel=1e-9)


@pytest.mark.parametrize("outline", [shapely.box(0, 10, 2, 11), shapely.box(0.5, 10.5, 1.5, 10.6)])
def test_a_covered_country_has_no_such_row(outline):
    zones, _ = table_of(layer(["a", "b"]))
    assert len(uncovered(gpd.GeoSeries([outline], crs=4326), zones, name="No district")) == 0


def test_tables_are_stacked_and_lack_what_they_lack():
    first, _ = table_of(layer(["a"], town=["Ai"]))
    second, _ = table_of(layer(["a"]), level="adm3")
    joined = stack([first, second, first.iloc[:0]])
    assert joined.index.tolist() == ["TOY-adm2-a", "TOY-adm3-a"]
    assert joined.index.name == "zone_id"
    assert joined["source_town"].isna().tolist() == [False, True]
    assert joined.crs.to_epsg() == 4326
    assert stack({"x": first, "y": second}).index.tolist() == joined.index.tolist()


def test_an_id_in_two_tables_is_an_error():
    zones, _ = table_of(layer(["a"]))
    with pytest.raises(DuplicateIds, match="TOY-adm2-a"):
        stack([zones, zones])
