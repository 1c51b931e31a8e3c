from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from urbanreview.errors import InvalidTable, UnknownName
from urbanreview.report import (
    LONG_COLUMNS,
    Review,
    all_tables,
    dictionary,
    level_tables,
    links_table,
    long_table,
    points_table,
    wide_table,
    write_tables,
    zones_table,
)
from urbanreview.report.columns import KEY_PARTS, age, measure_columns, newest
from urbanreview.report.system import system_tables
from urbanreview.report.tables import SYSTEM_TABLES, review_columns

KEY = ["zone_id", "measure", "period", "source", "variant"]


def with_values(review: Review, *rows: tuple) -> Review:
    more = pd.DataFrame(rows, columns=list(LONG_COLUMNS))
    return replace(review, values=pd.concat([review.values, more], ignore_index=True))


def test_levels_have_table_names_fine_units_first(review):
    assert level_tables(review) == {
        "urban_centre": "urban_centres",
        "urban_cluster": "urban_clusters",
        "adm2": "districts",
        "adm1": "adm1",
        "adm0": "country",
    }


def test_a_level_never_takes_the_name_of_another_table(review):
    zones = review.zones.assign(level=review.zones["level"].replace({"adm1": "values", "adm0": "districts"}))
    names = list(level_tables(replace(review, zones=zones)).values())
    assert len(set(names)) == len(names)
    assert not {"values", "zones", "links", "points", "ledger", "dictionary", *SYSTEM_TABLES} & set(names)


def test_wide_has_one_row_per_zone_the_most_people_inside_first(review):
    table = wide_table(review, "urban_centre")
    assert table.index.tolist() == ["TOY-uc-1", "TOY-uc-2", "TOY-uc-3", "TOY-uc-4"]
    assert table.index.name == "zone_id"
    assert list(table.columns[:5]) == ["name", "level", "iso3", "area_km2", "parent_id"]
    assert table.loc["TOY-uc-2", "population_inside_2020"] == 130_000.0


def test_the_border_counts_for_the_order(review):
    values = review.values.copy()
    inside = (values["zone_id"] == "TOY-uc-2") & (values["measure"] == "population.inside")
    values.loc[inside, "value"] = 10.0
    assert wide_table(replace(review, values=values), "urban_centre").index[-1] == "TOY-uc-2"


def test_attributes_empty_in_a_level_are_left_out(review):
    assert "source_note" in wide_table(review, "adm2")
    assert "source_note" not in wide_table(review, "urban_centre")
    assert "name_alternate" not in wide_table(review, "adm2")


def test_names_that_a_database_would_mix_up_are_told_apart(review):
    names = [name.lower() for name in wide_table(review, "adm2").columns]
    assert len(set(names)) == len(names)
    assert "fid" not in names
    assert wide_table(review, "adm2")["source_FID"].dropna().tolist() == [9, 7, 8]


def test_wide_and_long_hold_the_same_numbers(review):
    long = long_table(review)
    long = long[~long["measure"].str.partition(".")[0].isin(SYSTEM_TABLES.values())]
    named = {(c.measure, c.period, c.source, c.variant): c.name for c in review_columns(review)}
    seen = 0
    for level in level_tables(review):
        wide = wide_table(review, level)
        rows = long[long["zone_id"].isin(wide.index)]
        for row in rows.itertuples(index=False):
            np.testing.assert_equal(wide.loc[row.zone_id, named[row.measure, row.period, row.source, row.variant]], row.value)
            seen += 1
        assert wide[[name for name in named.values() if name in wide]].notna().sum().sum() == rows["value"].notna().sum()
    assert seen == len(long)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_leaves_no_trace(review, seed):
    shuffled = replace(
        review,
        zones=review.zones.sample(frac=1, random_state=seed),
        points=review.points.sample(frac=1, random_state=seed),
        values=review.values.sample(frac=1, random_state=seed),
        links=review.links.sample(frac=1, random_state=seed),
    )
    for name, table in all_tables(review).items():
        pd.testing.assert_frame_equal(table, all_tables(shuffled)[name])


def test_several_sources_and_variants_are_told_in_the_name(review):
    two = with_values(
        review,
        ("TOY-uc-1", "population.total", "2020", "worldpop", "", 900_000.0, 1.0, ""),
        ("TOY-uc-1", "lights.lit_share", "2018-01", "lights", "floor=0.1", 0.5, 1.0, ""),
        ("TOY-uc-1", "lights.lit_share", "2018-01", "lights", "floor=0.5", 0.3, 1.0, ""),
    )
    table = wide_table(two, "urban_centre")
    assert table.loc["TOY-uc-1", "population_total_2020_worldpop"] == 900_000.0
    assert table.loc["TOY-uc-1", "population_total_2020_ghs"] == 912_345.0
    assert table.loc["TOY-uc-1", "lights_lit_share_2018_01_floor_0_5"] == 0.3
    assert table.index[0] == "TOY-uc-1"


def test_names_that_clean_to_the_same_word_stay_two_columns():
    rows = [("lights.sum", "2018", "lights", variant) for variant in ("floor=-1", "floor=1")]
    names = [column.name for column in measure_columns(pd.DataFrame(rows, columns=KEY[1:]))]
    assert names == ["lights_sum_2018_floor_1", "lights_sum_2018_floor_1_2"]


def test_an_unknown_measure_is_named(review):
    strange = with_values(review, ("TOY-uc-1", "lights.sumn", "2018", "lights", "", 1.0, 1.0, ""))
    with pytest.raises(UnknownName, match=r"measure 'lights\.sumn'.*lights\.sum"):
        long_table(strange)


def test_an_unknown_level_is_named(review):
    with pytest.raises(UnknownName, match="urban_centre"):
        wide_table(review, "urban_center")


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("TOY-uc-9", "lights.sum", "2018-01", "lights", "", 1.0, 1.0, ""), "unknown zones.*TOY-uc-9"),
        (("TOY-uc-1", "lights.sum", "2018-01", "lights", "", 1.0, 1.0, ""), "repeat another.*lights.sum"),
        (("TOY-uc-1", "lights.max", "2018-01", "lights", "", np.inf, 1.0, ""), "infinite"),
        (("TOY-uc-1", "lights.max", "2018-01", "lights", "", np.nan, 1.0, ""), "without a reason.*lights.max"),
    ],
)
def test_a_broken_row_is_named(review, row, sentence):
    with pytest.raises(InvalidTable, match=sentence):
        long_table(with_values(review, row))


def test_a_missing_column_is_named(review):
    with pytest.raises(InvalidTable, match=r"'values' has no column reason"):
        long_table(replace(review, values=review.values.drop(columns="reason")))
    with pytest.raises(InvalidTable, match=r"'zones' has no column parent_id"):
        zones_table(replace(review, zones=review.zones.drop(columns="parent_id")))
    with pytest.raises(InvalidTable, match=r"'links' has no column rank"):
        links_table(replace(review, links=review.links.drop(columns="rank")))


def test_repeated_zone_ids_are_refused(review):
    twice = pd.concat([review.zones, review.zones.iloc[:1]])
    with pytest.raises(InvalidTable, match="repeated zone ids"):
        wide_table(replace(review, zones=twice), "urban_centre")


def test_what_a_caller_does_to_a_table_does_not_come_back(review):
    wide, long = wide_table(review, "adm2"), long_table(review)
    wide["name"], long["value"] = "gone", -1.0
    assert "Middle" in wide_table(review, "adm2")["name"].tolist()
    assert long_table(review)["value"].min() > -1.0


def test_points_and_links(review):
    points = points_table(review)
    assert list(points.columns) == ["lon", "lat", "how"]
    assert 74 < points.loc["TOY-uc-1", "lon"] < 75
    assert 50 < points.loc["TOY-uc-1", "lat"] < 51
    links = links_table(review)
    assert links["cells"].tolist() == [40, 4, 12, 44]
    assert links["rank"].tolist() == [1, 2, 1, 1]


def test_files_are_the_same_bytes_the_second_time(review, tmp_path):
    first, second = (
        {path.name: path.read_bytes() for path in write_tables(replace(review), tmp_path / name)} for name in ("a", "b")
    )
    assert first == second
    assert {"urban_centres.csv", "districts.parquet", "dictionary.csv", "ledger.csv"} <= set(first)


def test_csv_and_parquet_hold_the_tables(review, folder: Path):
    for name, table in all_tables(review).items():
        csv = pd.read_csv(folder / "tables" / f"{name}.csv")
        parquet = pd.read_parquet(folder / "tables" / f"{name}.parquet")
        assert list(csv.columns) == list(parquet.columns) == list(table.columns)
        for column in table.columns:
            kind = table[column].dtype
            if pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind):
                expected = table[column].to_numpy(float, na_value=np.nan)
                np.testing.assert_array_equal(csv[column].to_numpy(float), expected)
                np.testing.assert_array_equal(parquet[column].to_numpy(float), expected)
            else:
                words = parquet[column].astype(object).where(parquet[column].notna(), "").map(str).tolist()
                assert words == table[column].astype(object).where(table[column].notna(), "").map(str).tolist()


def test_csv_is_utf8_with_plain_line_ends(folder: Path):
    raw = (folder / "tables" / "urban_centres.csv").read_bytes()
    assert b"\r" not in raw
    assert "Шымкент" in raw.decode("utf-8")


def test_an_empty_table_keeps_its_types(empty, tmp_path):
    write_tables(empty, tmp_path)
    schema = pq.read_schema(tmp_path / "urban_centres.parquet")
    assert str(schema.field("name").type) == "string"
    assert str(schema.field("area_km2").type) == "double"
    assert len(pd.read_csv(tmp_path / "urban_centres.csv")) == 0


def test_the_dictionary_has_every_column_of_every_csv(review, folder: Path):
    known = pd.read_csv(folder / "tables" / "dictionary.csv", keep_default_na=False)
    for path in (folder / "tables").glob("*.csv"):
        columns = pd.read_csv(path, nrows=0).columns.tolist()
        assert known.loc[known["table"] == path.stem, "column"].tolist() == columns, path.name
    assert (known["title"] != "").all()
    assert (known["method"] != "").all()
    assert set(known["edition"]) == {"thresholds"}


def test_the_dictionary_tells_measure_period_source_and_unit(review):
    known = dictionary(review).set_index(["table", "column"])
    row = known.loc[("districts", "lights_sum_2018_01")]
    assert (row["measure"], row["period"], row["source"], row["unit"]) == ("lights.sum", "2018-01", "lights", "nW/cm2/sr")
    assert known.loc[("districts", "source_FID"), "title"] == "Fid (boundary file)"


def test_the_dictionary_leads_to_the_page_of_the_method(review):
    known = dictionary(review).set_index(["table", "column"])["page"]
    assert known["districts", "lights_sum_2018_01"] == "docs/methods/lights.md"
    assert known["urban_growth", "urban_growth_edge"] == "docs/methods/urban_growth.md"
    assert known["districts", "name"] == ""


class TestFlags:
    @pytest.mark.parametrize("level", ["urban_centre", "urban_cluster", "adm2", "adm1", "adm0"])
    def test_they_stand_in_every_wide_table_also_where_no_zone_has_one(self, review, level):
        flags = wide_table(review, level)["flags"]
        assert flags.to_dict() == {zone: review.zones.loc[zone, "flags"] for zone in flags.index}

    def test_they_stand_in_the_table_of_zones_and_in_the_dictionary(self, review):
        assert zones_table(review).loc["TOY-uc-2", "flags"] == "across the border; few cells"
        known = dictionary(review).set_index(["table", "column"])["title"]
        tables = [*level_tables(review).values(), "zones"]
        assert {known[table, "flags"] for table in tables} == {"Plausibility flags"}

    def test_a_review_without_them_has_no_column(self, review):
        bare = replace(review, zones=review.zones.drop(columns="flags"))
        assert "flags" not in wide_table(bare, "urban_centre")


class TestNewest:
    @pytest.mark.parametrize(
        ("periods", "expected"),
        [
            (["2018-12", "2018", "2018-01"], "2018"),
            (["2017", "2018-01"], "2018-01"),
            (["2000/2010", "2010/2020", "2000/2020"], "2010/2020"),
            (["2016/2018", "2017/2018", "2016/2017"], "2017/2018"),
            (["1990/2020", "2010/2015"], "1990/2020"),
            (["2016-01/2018-06", "2017-01/2018"], "2017-01/2018"),
        ],
    )
    def test_it_is_the_one_that_ends_last_a_whole_year_after_its_months(self, periods, expected):
        for order in (periods, periods[::-1]):
            columns = measure_columns(pd.DataFrame([("lights.sum", p, "l", "") for p in order], columns=KEY[1:]))
            assert newest(columns, "lights.sum").period == expected

    def test_no_two_periods_of_a_series_are_of_one_age(self):
        periods = ["", "2018", *(f"2018-{month:02}" for month in range(1, 13)), "2017/2018", "2017-12/2018"]
        assert len({age(period) for period in periods}) == len(periods)


class TestSystem:
    """Numbers of the whole country by unit set, cut-off and class: tables of their own, views of the long table."""

    def test_they_are_no_columns_of_the_country(self, review):
        columns = wide_table(review, "adm0").columns
        assert not [name for name in columns if name.startswith(("system", "size_class", "urban_growth"))]
        assert len(columns) < 60

    def test_each_begins_with_what_it_is_about(self, review):
        tables = system_tables(review)
        assert list(tables) == ["city_system", "size_classes", "urban_growth"]
        assert list(tables["city_system"].columns[:5]) == ["units", "cutoff", "period", "source", "system_settlements"]
        assert list(tables["size_classes"].columns[:5]) == ["units", "cutoff", "class", "period", "source"]
        assert list(tables["urban_growth"].columns[4:8]) == [
            "urban_growth_total", "urban_growth_inside", "urban_growth_edge", "urban_growth_absorbed",
        ]  # fmt: skip

    def test_there_is_one_row_per_unit_set_cutoff_class_and_period(self, review):
        table = system_tables(review)["city_system"]
        assert table[["units", "cutoff", "period"]].values.tolist() == [
            ["urban_centre", 50_000, "2010/2020"],
            ["urban_centre", 50_000, "2020"],
            ["urban_cluster", 5_000, "2010/2020"],
            ["urban_cluster", 5_000, "2020"],
        ]
        assert table["system_settlements"].tolist() == pytest.approx([np.nan, 4, np.nan, 5], nan_ok=True)
        assert table["system_growers"].tolist() == pytest.approx([1, np.nan, 2, np.nan], nan_ok=True)

    def test_classes_stand_in_order_of_size(self, review):
        table = system_tables(review)["size_classes"]
        now = table[(table["units"] == "urban_cluster") & (table["period"] == "2020")]
        order = ["5k-20k", "20k-50k", "50k-250k", "250k-500k", "500k-1m", "1m-5m", "5m+"]
        assert now["class"].tolist() == order
        assert now["size_class_settlements"].tolist() == [2, 0, 2, 0, 0, 1, 0]

    def test_the_own_population_comes_first(self, review):
        words = "cutoff=50000;units=urban_centre"
        rows = [("TOY-adm0-TOY", "system.settlements", p, "a", words, 3.0, 1.0, "") for p in ("2020", "2010")]
        table = system_tables(with_values(review, *rows))["city_system"].query("units == 'urban_centre'")
        assert table[["source", "period"]].values.tolist() == [
            ["ghs", "2010/2020"], ["ghs", "2020"], ["a", "2010"], ["a", "2020"],
        ]  # fmt: skip

    def test_they_hold_every_number_of_the_long_table(self, review):
        long = long_table(review)
        for name, theme in SYSTEM_TABLES.items():
            rows = long[long["measure"].str.startswith(f"{theme}.")]
            table = system_tables(review)[name]
            numbers = table[[column for column in table if column.startswith(f"{theme}_")]]
            assert numbers.notna().sum().sum() == rows["value"].notna().sum()
            assert numbers.sum().sum() == pytest.approx(rows["value"].sum())

    def test_what_a_caller_does_to_them_does_not_come_back(self, review):
        table = system_tables(review)["city_system"]
        table["units"] = "gone"
        assert "gone" not in set(system_tables(review)["city_system"]["units"])

    def test_a_review_without_such_numbers_has_no_such_tables(self, review):
        values = review.values[~review.values["measure"].str.contains("system|size_class|urban_growth")]
        assert system_tables(replace(review, values=values)) == {}


FLOODS = ["people=aaa:2020;return_period=100", "people=ghs:2020;return_period=20", "people=ghs:2020;return_period=100"]
WARMTH = ["statistic=max;weight=people", "weight=area", "weight=people"]


@pytest.mark.parametrize(("measure", "variants"), [("exposure.people", FLOODS), ("climate.temperature", WARMTH)])
def test_of_several_variants_the_one_that_fits_a_place_best_is_shown(measure, variants):
    rows = [(measure, period, "flood", variant) for variant in variants for period in ("2019", "2020")]
    columns = measure_columns(pd.DataFrame(rows, columns=KEY_PARTS))
    assert newest(columns, measure, source="ghs", period="2020").variant == variants[-1]
    assert newest(columns[::-1], measure, source="ghs", period="2020").variant == variants[-1]


def test_climate_is_shown_by_a_reference_period_rather_than_by_one_year():
    rows = [("climate.precipitation", period, "cru", "weight=people") for period in ("2020", "1991/2020", "1961/1990")]
    assert newest(measure_columns(pd.DataFrame(rows, columns=KEY_PARTS)), "climate.precipitation").period == "1991/2020"
