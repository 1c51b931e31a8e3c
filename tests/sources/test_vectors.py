"""Vector files of every usual format, and what is wrong with some of them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, Polygon, box

from urbanreview.errors import (
    AmbiguousInput,
    DuplicateIds,
    EmptyLayer,
    MissingCrs,
    MissingFile,
    MissingIds,
    NotInInput,
    UnknownCrs,
    UnreadableFile,
    WrongGeometry,
)
from urbanreview.sources import open_features, open_vector

FORMATS = ["districts.shp", "districts.gpkg", "districts.geojson", "districts.parquet", "districts.fgb"]
BOW_TIE = Polygon([(70, 47), (72, 49), (72, 47), (70, 49)])


def make_districts() -> gpd.GeoDataFrame:
    """Three districts in an order that no id sorts into."""
    return gpd.GeoDataFrame(
        {"code": ["c7", "a1", "b2"], "district": ["Çimkent", "Шымкент", "O'Town, The"], "pop": [7, 1, 2]},
        geometry=[box(66, 47, 67, 48), box(67, 47, 69, 48), box(66, 45, 69, 47)],
        crs=4326,
    )


@pytest.fixture
def districts() -> gpd.GeoDataFrame:
    return make_districts()


@pytest.fixture
def write(tmp_path):
    """Write features in the format of the name's suffix."""

    def written(features: gpd.GeoDataFrame, name: str = "districts.gpkg", **how):
        path = tmp_path / name
        if path.suffix == ".parquet":
            features.to_parquet(path)
        else:
            features.to_file(path, **how)
        return path

    return written


def zones_of(path, **how):
    return open_vector(path, **({"level": "adm1", "iso3": "TOY", "id_column": "code", "name_column": "district"} | how))


def assert_districts(zones):
    assert zones.index.tolist() == ["TOY-adm1-a1", "TOY-adm1-b2", "TOY-adm1-c7"]
    assert zones["name"].tolist() == ["Шымкент", "O'Town, The", "Çimkent"]
    assert zones.crs == 4326
    assert shapely.area(zones.geometry.values).tolist() == [2.0, 6.0, 1.0]


class TestFormats:
    @pytest.mark.parametrize("name", FORMATS)
    def test_every_usual_format(self, write, districts, name):
        zones, ledger = zones_of(write(districts, name))
        assert_districts(zones)
        assert ledger.entries == ()

    def test_a_zipped_shapefile(self, write, districts, write_zip, tmp_path):
        write(districts, "districts.shp")
        parts = {f"inner/districts.{end}": tmp_path / f"districts.{end}" for end in ("shp", "shx", "dbf", "prj", "cpg")}
        archive = write_zip(parts, "districts.zip")
        assert_districts(zones_of(archive)[0])
        assert_districts(zones_of(f"{archive}!inner/districts.shp")[0])
        assert_districts(zones_of(f"{archive}/inner/districts.shp")[0])

    def test_a_relative_path_starts_from_its_base(self, write, districts, tmp_path):
        write(districts)
        assert_districts(zones_of("districts.gpkg", base=tmp_path)[0])

    def test_another_crs_is_brought_to_degrees(self, write, districts):
        zones, _ = zones_of(write(districts.to_crs(3857)))
        expected = districts.set_index("code").geometry.loc[["a1", "b2", "c7"]]
        assert shapely.hausdorff_distance(zones.geometry.values, expected.values).max() < 1e-8

    @pytest.mark.parametrize("name", FORMATS)
    def test_a_file_cut_in_half(self, write, districts, halve, name):
        many = pd.concat([districts] * 200).assign(code=np.arange(600).astype(str))
        path = halve(write(many, name))
        # Of a shapefile the index is whole still: the shapes that it points at are missing.
        with pytest.raises(WrongGeometry if path.suffix == ".shp" else UnreadableFile, match=path.name):
            zones_of(path)

    @pytest.mark.parametrize("name", FORMATS)
    def test_what_is_no_vector_file(self, tmp_path, name):
        (tmp_path / name).write_bytes(b"<html>404</html>")
        with pytest.raises(UnreadableFile, match="expected a vector file that GDAL can read"):
            zones_of(tmp_path / name)

    def test_a_shapefile_without_its_index(self, write, districts, tmp_path):
        path = write(districts, "districts.shp")
        (tmp_path / "districts.shx").unlink()
        with pytest.raises(UnreadableFile, match=r"districts\.shp"):
            zones_of(path)

    def test_a_table_without_shapes(self, tmp_path):
        pd.DataFrame({"code": ["a"]}).to_parquet(tmp_path / "table.parquet")
        with pytest.raises(UnreadableFile, match=r"table\.parquet"):
            zones_of(tmp_path / "table.parquet")

    def test_a_raster(self, write_tif, values):
        with pytest.raises((UnreadableFile, EmptyLayer), match=r"cells\.tif"):
            zones_of(write_tif(values))

    def test_what_is_not_there(self, tmp_path):
        with pytest.raises(MissingFile, match=r"File not found: .*absent\.gpkg"):
            zones_of("absent.gpkg", base=tmp_path)


class TestLayers:
    @pytest.fixture
    def two(self, write, districts):
        write(districts, "country.gpkg", layer="districts")
        return write(districts.dissolve().assign(code="TOY"), "country.gpkg", layer="outline")

    def test_one_is_chosen_by_name(self, two):
        assert_districts(zones_of(two, layer="districts")[0])

    def test_several_need_a_word(self, two):
        with pytest.raises(
            AmbiguousInput, match=r'holds 2 layers \(districts, outline\), expected one\. Add layer = "districts"'
        ):
            zones_of(two)

    def test_one_that_is_not_there_gives_a_guess(self, two):
        with pytest.raises(NotInInput, match=r"country\.gpkg has no layer 'district'\. Did you mean 'districts'\?"):
            zones_of(two, layer="district")

    def test_tables_and_styles_beside_it_are_no_layers(self, write, districts):
        import sqlite3

        path = write(districts)
        with sqlite3.connect(path) as base:
            base.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, f_table_name TEXT)")
            base.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('layer_styles','attributes','s')"
            )
        base.close()
        assert_districts(zones_of(path)[0])

    @pytest.mark.parametrize("name", FORMATS)
    def test_an_empty_one(self, write, districts, name):
        with pytest.raises(EmptyLayer, match=rf"{name} has no features to use, expected at least one polygon"):
            zones_of(write(districts.iloc[:0], name))


class TestIds:
    def test_one_that_stands_twice(self, write, districts):
        districts["code"] = ["a", "b", "a"]
        with pytest.raises(
            DuplicateIds, match=r"districts\.gpkg: column 'code' has 1 duplicate ids \(a\), expected one row each"
        ):
            zones_of(write(districts))

    def test_ids_that_differ_by_blanks_only_are_one(self, write, districts):
        districts["code"] = ["a", "b", "a "]
        with pytest.raises(DuplicateIds, match=r"\(a\)"):
            zones_of(write(districts))

    @pytest.mark.parametrize("empty", [None, "", "  "])
    def test_empty_ones(self, write, districts, empty):
        districts["code"] = [empty, "b", empty]
        with pytest.raises(MissingIds, match=r"column 'code' is empty in 2 rows \(0, 2\), expected an id in each"):
            zones_of(write(districts))

    def test_whole_numbers_in_a_column_with_a_gap(self, write, districts):
        districts["code"] = [7.0, np.nan, 2.0]
        with pytest.raises(MissingIds, match=r"empty in 1 rows \(1\)"):
            zones_of(write(districts))

    @pytest.mark.parametrize("name", FORMATS)
    def test_numbers_become_text_without_a_point(self, write, districts, name):
        districts["code"] = [7.0, 10.0, 2.0]
        assert zones_of(write(districts, name))[0].index.tolist() == ["TOY-adm1-10", "TOY-adm1-2", "TOY-adm1-7"]

    def test_the_order_of_rows_changes_nothing(self, write, districts):
        first, _ = zones_of(write(districts, "a.gpkg"))
        second, _ = zones_of(write(districts.iloc[[2, 0, 1]], "b.gpkg"))
        pd.testing.assert_frame_equal(pd.DataFrame(first), pd.DataFrame(second))


class TestColumns:
    def test_every_attribute_is_kept_under_its_source_name(self, write, districts):
        zones, _ = zones_of(write(districts))
        assert zones["source_pop"].to_dict() == {"TOY-adm1-a1": 1, "TOY-adm1-b2": 2, "TOY-adm1-c7": 7}
        assert zones["source_code"].tolist() == ["a1", "b2", "c7"]

    def test_attributes_that_bear_names_of_this_project_do_no_harm(self, write, districts):
        zones, _ = zones_of(write(districts.assign(name="x", level=9, area_km2=-1.0, iso3="ZZZ", zone_id="y")))
        assert_districts(zones)
        assert zones["level"].unique().tolist() == ["adm1"]
        assert zones["source_area_km2"].tolist() == [-1.0] * 3
        assert zones["source_zone_id"].tolist() == ["y"] * 3

    @pytest.mark.parametrize("setting", ["id_column", "name_column", "parent_column"])
    def test_an_unknown_one_gives_a_guess(self, write, districts, setting):
        with pytest.raises(NotInInput, match=r"districts\.gpkg has no column 'distrct'\. Did you mean 'district'\?"):
            zones_of(write(districts), **{setting: "distrct"})

    def test_one_that_resembles_none_gives_the_list(self, write, districts):
        with pytest.raises(NotInInput, match=r"no column 'xyz'\. Known: code, district, pop"):
            zones_of(write(districts), id_column="xyz")

    def test_without_a_name_the_id_is_the_name(self, write, districts):
        assert zones_of(write(districts), name_column=None)[0]["name"].tolist() == ["a1", "b2", "c7"]

    def test_the_unit_above_is_kept_by_name(self, write, districts):
        zones, _ = zones_of(write(districts.assign(oblast=["S", "N", "S"])), parent_column="oblast")
        assert zones["parent_name"].tolist() == ["N", "S", "S"]


class TestGeometry:
    @pytest.mark.parametrize("name", FORMATS)
    def test_a_self_crossing_polygon_is_mended_and_counted(self, write, districts, name):
        districts.loc[1, "geometry"] = BOW_TIE
        zones, ledger = zones_of(write(districts, name))
        assert zones.is_valid.all()
        assert shapely.area(zones.geometry["TOY-adm1-a1"]) == 2.0
        assert ledger.frame()[["cause", "zone_id", "amount"]].values.tolist() == [["polygon mended", "TOY-adm1-a1", 1.0]]

    def test_points_are_no_districts(self, write, districts):
        points = districts.set_geometry([Point(1, 1), Point(2, 2), Point(3, 3)], crs=4326)
        with pytest.raises(WrongGeometry, match=r"holds 3 features without an area \(Point\), expected polygons"):
            zones_of(write(points))

    def test_one_line_among_polygons_is_told(self, write, districts):
        districts.loc[1, "geometry"] = LineString([(67, 47), (68, 48)])
        with pytest.raises(WrongGeometry, match=r"holds 1 features without an area \(LineString\)"):
            zones_of(write(districts, "mixed.geojson"))

    @pytest.mark.parametrize("name", ["districts.gpkg", "districts.geojson", "districts.parquet", "districts.shp"])
    def test_a_missing_one_is_told(self, write, districts, name):
        districts.loc[1, "geometry"] = None
        with pytest.raises(WrongGeometry, match=rf"{name} holds 1 features without an area \(nothing\)"):
            zones_of(write(districts, name))

    def test_a_polygon_that_collapses_is_told(self, write, districts):
        districts.loc[1, "geometry"] = Polygon([(67, 47), (68, 48), (67, 47)])
        with pytest.raises(WrongGeometry, match="1 features without an area"):
            zones_of(write(districts))

    def test_heights_do_no_harm(self, write, districts):
        zones, _ = zones_of(write(districts.set_geometry(shapely.force_3d(districts.geometry.values, 12.0), crs=4326)))
        assert_districts(zones)


class TestCrs:
    def test_none_is_an_error_that_names_the_cure(self, write, districts):
        with pytest.raises(MissingCrs, match=r'districts\.shp names no coordinate reference system\. Add crs = "EPSG:4326"'):
            zones_of(write(districts.set_crs(None, allow_override=True), "districts.shp"))

    def test_one_comes_from_the_setting(self, write, districts):
        bare = districts.to_crs(3857).set_crs(None, allow_override=True)
        zones, _ = zones_of(write(bare, "districts.shp"), crs="EPSG:3857")
        assert zones.total_bounds == pytest.approx([66, 45, 69, 48], abs=1e-8)

    def test_the_setting_wins_over_the_file(self, write, districts):
        wrong = districts.to_crs(3857).set_crs(4326, allow_override=True)
        assert zones_of(write(wrong), crs="EPSG:3857")[0].total_bounds == pytest.approx([66, 45, 69, 48], abs=1e-8)

    def test_an_unknown_one_is_told(self, write, districts):
        with pytest.raises(UnknownCrs, match="'EPSG:54009'"):
            zones_of(write(districts), crs="EPSG:54009")


def test_features_are_opened_as_they_are(write, districts):
    points = districts.set_geometry([Point(1, 1), None, Point(3, 3)], crs=4326)
    found = open_features(write(points))
    assert found["code"].tolist() == ["c7", "a1", "b2"]
    assert found.geometry.isna().tolist() == [False, True, False]
