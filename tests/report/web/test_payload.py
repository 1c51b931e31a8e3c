"""The data of the page: the numbers of the tables, why they are missing, and names that stay text."""

import gzip
import json
from base64 import b64decode
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, MultiPolygon, box

from urbanreview.measures import BY_KEY
from urbanreview.report import LONG_COLUMNS
from urbanreview.report.sections import NOT_COMPUTED
from urbanreview.report.table_files import all_tables, write_tables
from urbanreview.report.tables import level_tables, primary_column, review_columns, wide_table
from urbanreview.report.web import zone_data
from urbanreview.report.web.outlines import frame_of, outlines, ways
from urbanreview.report.web.packed import packed_tables
from urbanreview.report.web.payload import embedded, payload
from urbanreview.report.web.zone_data import kept_columns

HOSTILE = ["</script><script>alert(1)</script>", "<!--", "]]>&amp;", "'\"`\\", "\u2028\u2029", "عشق‏abad", "🏙️" * 100]


@pytest.fixture(scope="module")
def data(review):
    message = {"text": "Şymkent is the largest", "anchor": "measure-population-total", "range": "0.9 to 1.1 million"}
    return payload(review, language_texts={"map.search": "Search"}, messages=[message], language="en")


@pytest.fixture(scope="module")
def many(review):
    """A country with 2,000 cities, and 30 numbers of each."""
    return with_cities(review, 2_000)


def with_cities(review, count):
    side = int(np.ceil(np.sqrt(count)))
    west, south = 71 + 4 * (np.arange(count) % side) / side, 49 + 2 * (np.arange(count) // side) / side
    ids = [f"TOY-uc-{number:05d}" for number in range(count)]
    cities = gpd.GeoDataFrame(
        {"name": [f"City {number}" for number in range(count)], "level": "urban_centre", "iso3": "TOY", "area_km2": 12.0,
         "district_1_name": "Middle", "flags": ""},
        geometry=shapely.box(west, south, west + 0.02, south + 0.01), index=pd.Index(ids, name="zone_id"), crs=4326,
    )  # fmt: skip
    units = review.zones[~review.zones["level"].str.startswith("urban")]
    years = [str(1990 + number) for number in range(30)]
    values = pd.DataFrame(
        [(zone_id, "population.total", year, "ghs", "", 12_345.678 * number + 0.5, 1.0, "")
         for year in years for number, zone_id in enumerate(ids, start=1)], columns=list(LONG_COLUMNS),
    )  # fmt: skip
    return replace(
        review,
        population="ghs 2019",
        zones=gpd.GeoDataFrame(pd.concat([units, cities]), geometry="geometry", crs=4326),
        points=gpd.GeoDataFrame({"how": "mean"}, geometry=cities.representative_point(), index=cities.index, crs=4326),
        values=values,
        links=review.links.iloc[:0],
    )


def test_numbers_are_those_of_the_wide_tables(review, data):
    for level in level_tables(review):
        table, zones = wide_table(review, level), data["zones"][level]
        assert zones["id"] == table.index.tolist()
        assert len(zones["values"]) > 5
        for name, numbers in zones["values"].items():
            found = np.array([np.nan if number is None else number for number in numbers])
            np.testing.assert_allclose(found, table[name], rtol=1e-5, err_msg=name)


def test_people_keep_all_their_digits(data):
    zones = data["zones"]["urban_centre"]
    people = dict(zip(zones["name"], zones["values"]["population_total_2020"], strict=True))
    assert people["Şymkent"] == 912_345
    assert data["zones"]["adm0"]["values"]["population_total_2020"] == [1_680_000]


def test_every_measure_has_one_column_that_it_is_shown_by(review, data):
    main = {column["measure"]: column["name"] for column in data["columns"] if column["main"]}
    for column in data["columns"]:
        assert main[column["measure"]] == primary_column(review, column["measure"]).name
    assert sum(column["main"] for column in data["columns"]) == len(main)


def test_columns_say_how_they_are_printed(data):
    columns = {column["name"]: column for column in data["columns"]}
    people, share = columns["population_total_2020"], columns["population_urban_share_2020"]
    assert (people["heading"], people["unit"], people["percent"]) == ("People, 2020", "people", False)
    assert (share["theme"], share["unit"], share["share"], share["percent"]) == ("population", "", True, True)
    density = columns["population_density_2020"]
    assert (density["unit"], density["unit_key"]) == ("people per km²", "people/km2")
    assert columns["land_consumption_class_2010_2020_boundary_moving_formula_un_habitat_2018"]["code"]
    growth = next(column for column in columns.values() if column["measure"] == "population.growth_rate")
    assert (growth["unit_key"], growth["share"], growth["percent"]) == ("1/year", False, True)


def test_a_level_names_the_column_of_its_own(data):
    assert data["zones"]["urban_centre"]["main"]["land.consumption_rate"].endswith("fixed_formula_un_habitat_2018")
    assert "land.consumption_rate" not in data["zones"]["adm2"]["main"]


def test_months_stay_in_the_tables_and_in_the_series(review, data):
    assert not [column for column in data["columns"] if column["period"] == "2018-12"]
    assert "lights_sum_area_2018_12" in wide_table(review, "urban_centre")
    lights = data["series"]["lights"]
    assert lights["periods"] == ["2018-12"]
    assert lights["values"] == {"0": [1_100], "1": [550], "2": [366.667], "3": [275]}


def test_why_numbers_are_missing(review, data):
    zones = data["zones"]["urban_centre"]
    row = str(zones["id"].index("TOY-uc-3"))
    assert zones["reasons"]["lights_sum_area_2018"] == {row: "lights were not observed in 2018-01"}
    assert BY_KEY["lights.growth"].undefined == "no data at one of the dates"
    assert zones["values"]["lights_growth_2016_2018"][int(row)] is None
    assert "lights_growth_2016_2018" not in zones["reasons"]  # that is what the record says already


def test_a_number_that_nobody_asked_for_is_told_so(review):
    gone = review.values[~((review.values["zone_id"] == "TOY-uc-2") & (review.values["measure"] == "built_up.area"))]
    zones = payload(replace(review, values=gone), language_texts={}, messages=[])["zones"]["urban_centre"]
    assert zones["reasons"]["built_up_area_2020"] == {str(zones["id"].index("TOY-uc-2")): NOT_COMPUTED}


def test_levels_run_from_settlements_to_the_country(data):
    assert [level["key"] for level in data["levels"]] == ["urban_centre", "urban_cluster", "adm2", "adm1", "adm0"]
    assert [level["name"] for level in data["levels"]][2:] == ["Districts", "Units of level 1", "Country"]
    assert [level["kind"] for level in data["levels"]] == ["settlement", "settlement", "unit", "unit", "country"]
    assert [level["count"] for level in data["levels"]] == [4, 5, 4, 2, 1]


def test_attributes_points_and_links(data):
    zones = data["zones"]["urban_centre"]
    assert zones["attributes"]["cross_border"] == [False, True, False, False]
    assert zones["attributes"]["name_alternate"] == ["Шымкент", None, None, None]
    assert zones["attributes"]["flags"][1] == "across the border; few cells"
    assert zones["point"][0] == [74.4, 50.75]
    assert data["zones"]["adm2"]["point"][3] is None
    assert data["links"]["TOY-uc-1"] == [
        {"id": "TOY-adm2-c", "name": "Éastern & Co", "share": 0.97},
        {"id": "TOY-adm2-b", "name": "Middle", "share": 0.03},
    ]


def test_a_shape_carries_the_row_of_its_zone(review, data):
    features = data["shapes"]["adm2"]["features"]
    assert [feature["id"] for feature in features] == [0, 1, 2]  # the territory of no district has no shape
    drawn = shapely.geometry.shape(features[0]["geometry"])
    assert drawn.equals(review.zones.geometry[data["zones"]["adm2"]["id"][0]])


def two_districts(review, west, east):
    zones = review.zones.loc[["TOY-adm2-a", "TOY-adm2-b"]].set_geometry([west, east], crs=4326)
    return replace(review, zones=zones, values=review.values[review.values["zone_id"].isin(zones.index)])


def test_borders_of_neighbours_stay_common(review):
    bend = [(72.6 + 0.0001 * (number % 3), 49 + number / 1000) for number in range(1001)]
    west = shapely.Polygon([(71, 49), *bend, (71, 50)])
    east = shapely.Polygon([*bend, (74, 50), (74, 49)])
    known = two_districts(review, west, east)
    features = outlines(known, frame_of(known))["adm2"]["features"]
    drawn = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    assert sum(shapely.get_num_coordinates(drawn)) < 300
    assert drawn[0].intersection(drawn[1]).area == 0
    assert shapely.union_all(drawn).area == pytest.approx(3.0, rel=1e-6)


def test_an_older_geos_simplifies_every_unit_alone(review, monkeypatch):
    monkeypatch.setattr(shapely, "geos_version", (3, 11, 0))
    monkeypatch.delattr(shapely, "coverage_simplify")
    features = outlines(review, frame_of(review))["adm2"]["features"]
    assert shapely.geometry.shape(features[1]["geometry"]).equals(review.zones.geometry["TOY-adm2-a"])


def test_a_level_with_too_many_corners_gets_coarser(review, monkeypatch):
    disc = shapely.Point(73, 50).buffer(1.0, quad_segs=5_000)
    known = two_districts(review, disc, box(71, 49, 72, 51))
    features = outlines(known, frame_of(known))["adm2"]["features"]
    fine = sum(len(feature["geometry"]["coordinates"][0]) for feature in features)
    monkeypatch.setattr("urbanreview.report.web.outlines.CORNERS_AT_MOST", 60)
    coarse = outlines(known, frame_of(known))["adm2"]["features"]
    assert sum(len(feature["geometry"]["coordinates"][0]) for feature in coarse) <= 60 < fine < 1_000


def test_ways_of_the_largest_cities_come_first_where_there_are_too_many(review, monkeypatch):
    pairs = [("TOY-uc-4", "TOY-uc-1"), ("TOY-uc-2", "TOY-uc-1"), ("TOY-uc-3", "TOY-uc-2")]
    lines = [LineString([(71, 49), (72, 50)]), LineString([(71, 49), (71.2, 49), (72, 49)]), None]
    roads = gpd.GeoDataFrame(
        {"from_id": [one for one, _ in pairs], "to_id": [other for _, other in pairs], "minutes": [1.0, 2.0, 3.0], "km": 1.0},
        geometry=lines, crs=4326,
    )  # fmt: skip
    known = replace(review, routes={"routes_city_city": roads})
    features = ways(known, frame_of(known))["routes_city_city"]["features"]
    assert [feature["properties"]["minutes"] for feature in features] == [1, 2]
    assert features[1]["geometry"]["coordinates"] == [[[71, 49], [72, 49]]]
    monkeypatch.setattr("urbanreview.report.web.outlines.WAYS_AT_MOST", 1)
    (feature,) = ways(known, frame_of(known))["routes_city_city"]["features"]
    assert feature["properties"]["from"] == "TOY-uc-2"


def test_corners_of_cells_stay_and_straight_edges_lose_theirs(review):
    cells = [box(71 + 0.01 * col, 49, 71.01 + 0.01 * col, 49.01) for col in range(50)] + [box(71.2, 49.01, 71.21, 49.02)]
    zones = review.zones.set_geometry(
        [shapely.union_all(cells) if zone == "TOY-uc-1" else shape for zone, shape in review.zones.geometry.items()], crs=4326
    )
    shapes = outlines(replace(review, zones=zones), frame_of(review))["urban_centre"]["features"]
    (ring,) = shapes[0]["geometry"]["coordinates"]
    assert {tuple(place) for place in ring} == {
        (71.0, 49.0), (71.5, 49.0), (71.5, 49.01), (71.21, 49.01), (71.21, 49.02), (71.2, 49.02), (71.2, 49.01), (71.0, 49.01),
    }  # fmt: skip


def test_specks_go_but_never_the_largest_part(review):
    islands = MultiPolygon([box(71, 49, 75, 51), box(71.00001, 48.9, 71.00002, 48.90001)])
    alone = box(76, 49, 76.00001, 49.00001)
    known = two_districts(review, islands, alone)
    found = {feature["id"]: feature["geometry"] for feature in outlines(known, frame_of(known))["adm2"]["features"]}
    ids = wide_table(known, "adm2").index
    assert shapely.geometry.shape(found[ids.get_loc("TOY-adm2-a")]).equals(box(71, 49, 75, 51))
    assert shapely.geometry.shape(found[ids.get_loc("TOY-adm2-b")]).area > 0


def test_a_country_on_both_sides_of_the_180th_meridian_is_in_one_piece(review):
    sides = MultiPolygon([box(177, -19, 180, -16), box(-180, -18, -179, -17)])
    zones = review.zones.loc[["TOY-adm0-TOY", "TOY-uc-1"]].set_geometry([sides, box(-179.8, -17.6, -179.7, -17.5)], crs=4326)
    points = gpd.GeoDataFrame({"how": "mean"}, geometry=zones.representative_point(), index=zones.index, crs=4326)
    values = review.values[review.values["zone_id"].isin(zones.index)]
    way = gpd.GeoDataFrame(
        {"from_id": ["TOY-uc-1"], "to_id": ["TOY-uc-9"], "minutes": [90.5], "km": [100.123456], "km_per_h": [60.0]},
        geometry=[LineString([(-179.75, -17.55), (179.5, -17.55)])], crs=4326,
    )  # fmt: skip
    across = replace(
        review,
        zones=zones,
        points=points,
        values=values,
        links=review.links.iloc[:0],
        rasters={},
        routes={"routes_city_city": way},
    )
    data = payload(across, language_texts={}, messages=[])
    assert data["bounds"] == [177, -19, 181, -16]
    assert data["zones"]["urban_centre"]["point"] == [[180.25, -17.55]]
    assert shapely.geometry.shape(data["shapes"]["adm0"]["features"][0]["geometry"]).bounds == (177, -19, 181, -16)
    (feature,) = data["lines"]["routes_city_city"]["features"]
    assert feature["properties"] == {"from": "TOY-uc-1", "to": "TOY-uc-9", "minutes": 90.5, "km": 100.123}
    assert feature["geometry"]["coordinates"] == [[[180.25, -17.55], [179.5, -17.55]]]


def test_the_matrix_has_the_largest_centres(review):
    ids = ["TOY-uc-3", "TOY-uc-2", "TOY-uc-1"]
    minutes = pd.DataFrame([[0, 2, np.nan], [2.5, 0, 1 / 3], [7, 8, 0]], index=ids, columns=ids)
    found = payload(replace(review, matrices={"minutes_city_city": minutes}), language_texts={}, messages=[])["matrix"]
    assert found == {"ids": ids[::-1], "minutes": [[0, 8, 7], [0.333333, 0, 2.5], [None, 2, 0]]}


def test_tables_are_the_files_byte_for_byte(review, data, tmp_path):
    write_tables(review, tmp_path)
    assert set(data["tables"]) == set(all_tables(review))
    assert data["tables_left_out"] == []
    for name, table in data["tables"].items():
        assert gzip.decompress(b64decode(table["csv"])) == (tmp_path / f"{name}.csv").read_bytes(), name
        assert table["rows"] == len(all_tables(review)[name])


def test_tables_without_room_are_named(review):
    some = packed_tables(review, at_most=8_000)
    assert "values" in some.left_out
    assert {"urban_centres", "districts"} <= set(some.tables)
    assert sum(len(table["csv"]) for table in some.tables.values()) <= 8_000
    assert {*some.tables, *some.left_out} == set(all_tables(review))


def test_a_country_without_cities_has_empty_parts_and_no_error(empty):
    data = payload(replace(empty, rasters={}), language_texts={}, messages=[])
    assert data["zones"]["urban_centre"]["id"] == []
    assert data["shapes"]["urban_centre"]["features"] == []
    assert data["links"] == data["lines"] == {}
    assert data["matrix"] is None
    assert data["overlays"] == []
    json.loads(embedded(data))


def test_a_country_without_lights_has_no_series(review):
    dark = review.values[~review.values["measure"].str.startswith("lights")]
    data = payload(replace(review, values=dark), language_texts={}, messages=[])
    assert data["series"] == {}
    assert not [column for column in data["columns"] if column["theme"] == "lights"]


def test_words_and_messages_pass_through(data):
    assert data["texts"] == {"map.search": "Search"}
    assert data["messages"][0]["anchor"] == "measure-population-total"
    assert data["modelled"]
    assert data["modelled_mark"]


def test_nothing_in_a_text_ends_the_script(review):
    names = [HOSTILE[number % len(HOSTILE)] for number in range(len(review.zones))]
    known = replace(review, zones=review.zones.assign(name=names, name_alternate=names[::-1]), title=HOSTILE[0])
    data = payload(replace(known, rasters={}), language_texts={name: name for name in HOSTILE}, messages=[{"text": HOSTILE[1]}])
    text = embedded(data)
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == json.loads(json.dumps(data))
    assert set(json.loads(text)["zones"]["urban_cluster"]["name"]) <= set(names)
    text.encode("utf-8")


def test_what_is_no_number_is_refused():
    with pytest.raises(ValueError, match="Out of range"):
        embedded({"value": float("nan")})


def test_two_thousand_cities_stay_small_and_growth_is_linear(review, many):
    size = len(embedded(payload(many, language_texts={}, messages=[])).encode())
    half = len(embedded(payload(with_cities(review, 1_000), language_texts={}, messages=[])).encode())
    assert size < 4_000_000
    assert 1.5 < size / half < 2.2


def test_of_many_columns_the_main_ones_stay_and_then_the_longest_series(review, monkeypatch):
    years = [f"{1900 + number}" for number in range(120)]
    more = [("TOY-uc-1", "climate.precipitation", year, "rain", "weight=area", 1.0, 1.0, "") for year in years]
    more += [("TOY-uc-1", "climate.precipitation", year, "rain", "weight=people", 1.0, 1.0, "") for year in years[60:-1]]
    more += [
        ("TOY-uc-1", "exposure.people", "2020", "flood", f"return_period={years}", 1.0, 1.0, "") for years in (10, 50, 100)
    ]
    known = replace(
        review, values=pd.concat([review.values, pd.DataFrame(more, columns=list(LONG_COLUMNS))], ignore_index=True)
    )
    table = wide_table(known, "urban_centre")
    main = {primary_column(known, column.measure).name for column in review_columns(known) if column.name in table}
    monkeypatch.setattr(zone_data, "NUMBERS_AT_MOST", 4 * (len(main) + 150))
    monkeypatch.setattr(zone_data, "COLUMNS_AT_LEAST", 1)
    kept = kept_columns(known, "urban_centre")
    assert len(kept) == len(main) + 150
    assert main <= {column.name for column in kept}
    assert sum(column.variant == "weight=area" for column in kept) == 120
    assert sum(column.measure == "exposure.people" for column in kept) == 3
    monkeypatch.setattr(zone_data, "NUMBERS_AT_MOST", 1)
    assert {column.name for column in kept_columns(known, "urban_centre")} == main
