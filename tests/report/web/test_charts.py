"""The charts of the page: they are valid, draw, have the numbers of the tables, and take names as text."""

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import altair as alt
import numpy as np
import pandas as pd
import pytest
from tests.report.own_toy import with_own
from tests.report.test_environment import ZONES, air_rows, climate_rows, exposure_rows

from urbanreview.config import load_settings
from urbanreview.pipeline import review as make_review
from urbanreview.report import LONG_COLUMNS, wide_table
from urbanreview.report.air_chart import ranked
from urbanreview.report.growth_chart import own_growth
from urbanreview.report.highlights import LIGHTS, largest_centres
from urbanreview.report.ink import MODELLED_MARK
from urbanreview.report.land_use import shown
from urbanreview.report.light_chart import indexed
from urbanreview.report.unit_sets import grown, sizes, unit_sets
from urbanreview.report.web.assembled import interactive
from urbanreview.report.web.charts import EMBED, THEMES, charts, embed_script
from urbanreview.report.web.charts_land import class_rows
from urbanreview.report.web.spec import DIGITS, names_of, rounded
from urbanreview.report.web.strings import texts

vl_convert = pytest.importorskip("vl_convert")

COUNTRY = "TOY-adm0-TOY"
CENTRES = ["TOY-uc-1", "TOY-uc-2", "TOY-uc-3", "TOY-uc-4"]
MINUTES = [[0.0, 40.0, 130.0, np.nan], [41.0, 0.0, 70.0, 500.0], [130.0, 70.0, 0.0, 20.0], [np.nan, 500.0, 20.0, 0.0]]
FIXED_FIELD = re.compile(r"[a-z_]+")


def more_rows():
    """Classes of cells and built-up land of two years, and people within reach."""
    for year, people in (("2010", 1_500_000.0), ("2020", 1_680_000.0)):
        if year == "2010":
            yield COUNTRY, "population.total", year, "ghs", "", people
        for code, share in ((30, 0.5), (23, 0.2), (21, 0.1), (12, 0.2)):
            yield COUNTRY, "degree.share", year, "ghs", f"class={code}", share
    for place, zone in enumerate([COUNTRY, *CENTRES]):
        yield zone, "built_up.per_person", "2010", "built_up", "", 80.0 + place
    yield COUNTRY, "built_up.per_person", "2020", "built_up", "", 99.0
    for minutes, people in ((15, 400_000.0), (60, 1_200_000.0)):
        for zone in (COUNTRY, *CENTRES):
            yield zone, "access.people_within", "2020", "access", f"minutes={minutes}", people


@pytest.fixture(scope="module")
def full(review):
    """The toy country with numbers for every chart."""
    rows = [(*row, 1.0, "") for zone, times in ZONES.items() for make in (exposure_rows, climate_rows, air_rows)
            for row in make(zone, times)]  # fmt: skip
    rows += [(*row, 1.0, "") for row in more_rows()]
    own = with_own(review)
    scenarios = pd.DataFrame(
        [("ghs 2020", "thresholds", 0.7, 0.5, 4, 5), ("ghs 2020", "notebook", 0.6, 0.4, 3, 6)],
        columns=["population", "edition", "urban_share", "centre_share", "centres", "clusters"],
    )
    return replace(
        own,
        values=pd.concat([own.values, pd.DataFrame(rows, columns=list(LONG_COLUMNS))], ignore_index=True),
        comparison={"scenarios": scenarios},
        matrices={"minutes_city_city": pd.DataFrame(MINUTES, CENTRES, CENTRES)},
        settings=dict(own.settings) | {"exposure": {"river_flood": {"units": "m"}}},
    )


@pytest.fixture(scope="module")
def drawn(full):
    return charts(full, t=str)


def rows_of(chart, data="rows") -> pd.DataFrame:
    return pd.DataFrame(chart.spec["datasets"][data])


def svg(spec, theme="light") -> str:
    """Draw a spec as the page does, in a place of some width."""
    return vl_convert.vegalite_to_svg(dict(spec, width=600, config=THEMES[theme]), vl_version="6.4")


def marks(drawing: str, kind: str) -> int:
    """Count the paths of the groups of one kind of mark."""
    groups = re.findall(rf'<g class="mark-{kind} role-mark[^>]*>(.*?)</g>', drawing, re.DOTALL)
    return sum(sum(group.count(f"<{tag} ") for tag in ("path", "line", "text")) for group in groups)


def test_everything_that_a_review_can_tell_has_a_chart(drawn):
    assert list(drawn) == [
        "largest", "largest_lights", "rank_size", "size_classes", "city_moves", "growth_ranked", "urban_growth",
        "city_growth_urban_centre", "city_growth_urban_cluster", "settlement_classes", "land_consumption", "expansion_kinds",
        "built_up_per_person", "lights_trend", "lights_growth", "exposure_river_flood", "climate_months",
        "climate_precipitation", "climate_temperature", "air", "travel_matrix", "reach", "reach_cities", "sensitivity",
        *[name for name in drawn if name.startswith("official_")],
    ]  # fmt: skip
    assert any(name.startswith("official_") for name in drawn)


@pytest.mark.parametrize("theme", list(THEMES))
def test_every_chart_draws(drawn, theme):
    for name, chart in drawn.items():
        alt.Chart.from_dict(chart.spec)
        drawing = svg(chart.spec, theme)
        assert "NaN" not in drawing, name
        assert "undefined" not in drawing, name
        assert marks(drawing, "(?:rect|symbol|area|line|text|rule)"), name
        assert chart.caption
        assert chart.alt


def test_specs_hold_their_data_and_ask_for_nothing(drawn):
    for chart in drawn.values():
        words = json.dumps({key: value for key, value in chart.spec.items() if key not in ("$schema", "datasets")})
        assert '"url"' not in words
        assert "config" not in chart.spec
        assert chart.spec["width"] == "container"
        for rows in chart.spec["datasets"].values():
            for value in (value for row in rows for value in row.values() if isinstance(value, float)):
                assert value == float(f"{value:.{DIGITS}g}")


def fields(node) -> set[str]:
    """Return every field that a spec reads."""
    if isinstance(node, list):
        return set().union(*map(fields, node))
    if not isinstance(node, dict):
        return set()
    own = {node["field"]} if isinstance(node.get("field"), str) else set()
    return own.union(*(fields(value) for key, value in node.items() if key != "datasets"))


def expressions(node) -> list[str]:
    if isinstance(node, list):
        return [found for each in node for found in expressions(each)]
    if not isinstance(node, dict):
        return []
    own = [value for key, value in node.items() if key in ("expr", "labelExpr", "filter") and isinstance(value, str)]
    return own + [found for key, value in node.items() if key != "datasets" for found in expressions(value)]


def test_names_are_values_and_never_fields_or_expressions(full, drawn):
    names = set(full.zones["name"])
    for chart in drawn.values():
        assert all(FIXED_FIELD.fullmatch(field) for field in fields(chart.spec))
        assert not any(name in found for name in names for found in expressions(chart.spec))


HOSTILE = ["</script><script>alert(1)</script>", '"}]} datum.x = \\', "مدينة <b>", "🏙️ town", "Қызылорда", "Қызылорда", ""]


def test_hostile_names_are_drawn_as_text(full):
    zones = full.zones.copy()
    ids = [*CENTRES, *zones.index[zones["level"] == "urban_cluster"][:3]]
    zones.loc[ids, "name"] = HOSTILE[: len(ids)]
    found = charts(replace(full, zones=zones, title='Toy "<b>" land'), t=str)
    for chart in found.values():
        drawing = svg(chart.spec)
        assert "<script" not in drawing
        assert "<b>" not in drawing
    assert '"}]} datum.x = \\' in set(rows_of(found["largest"])["name"])


def test_places_of_one_name_stay_apart(full):
    zones = full.zones.copy()
    zones.loc[CENTRES, "name"] = "Wels"
    rows = rows_of(charts(replace(full, zones=zones), t=str)["largest_lights"])
    assert rows["name"].tolist() == ["Wels", "Wels (2)", "Wels (3)", "Wels (4)"]
    assert names_of(pd.DataFrame({"name": ["a", "a", "a (2)"]})) == ["a", "a (3)", "a (2)"]


def test_made_up_data_are_marked_and_observed_ones_are_not(full, drawn):
    assert all(MODELLED_MARK in chart.spec["title"]["subtitle"] for chart in drawn.values())
    observed = replace(full, inputs=tuple(replace(entry, modelled=False) for entry in full.inputs))
    assert not any(MODELLED_MARK in json.dumps(chart.spec) for chart in charts(observed, t=str).values())


def test_marks_and_printed_numbers_are_in_the_language_of_the_page(full):
    found = {name: json.loads(chart.json) for name, chart in interactive(replace(full, comparison={}), "fr").charts.items()}
    assert all("Données modélisées" in " ".join(spec["title"]["subtitle"]) for spec in found.values())
    told = " ".join(str(row.get("told", "")) for spec in found.values() for rows in spec["datasets"].values() for row in rows)
    assert "912\u00a0345" in told
    assert "912,345" not in told
    exposed = " ".join(next(spec for name, spec in found.items() if name.startswith("exposure"))["title"]["subtitle"])
    assert exposed.startswith("Seuil")
    assert "hreshold" not in exposed


class TestNumbers:
    """Every chart has the numbers of its table, and a mark for each."""

    def test_largest(self, full, drawn):
        table, rows = largest_centres(full), rows_of(drawn["largest"])
        inside = rows[rows["part"] == "chart.largest.inside"]
        assert inside["name"].tolist() == table["name"].tolist()
        assert inside["people"].tolist() == [rounded(value) for value in table["people"]]
        beyond = rows[rows["part"] == "chart.largest.outside"].set_index("name")["people"]
        assert beyond[table["name"][1]] == rounded(table["outside"][1]) > 0
        assert marks(svg(drawn["largest"].spec), "rect") == 2 * len(table)

    def test_a_missing_number_keeps_its_row_and_has_a_dash(self, full, drawn):
        rows = rows_of(drawn["largest_lights"])
        assert rows["name"].tolist() == largest_centres(full)["name"].tolist()
        assert rows["told"].tolist()[2] == "–"
        assert pd.isna(rows["value"][2])
        assert LIGHTS == "lights.sum_area"

    def test_rank_size(self, full, drawn):
        rows = rows_of(drawn["rank_size"])
        for units in unit_sets(full):
            table, mine = sizes(full, units), rows[rows["units"] == f"chart.{units.level}s"]
            assert mine["people"].tolist() == [rounded(value) for value in table["people"]]
            assert mine["rank"].tolist() == [place + 0.5 for place in range(len(table))]
            line = rows_of(drawn["rank_size"], "fit").query(f"units == 'chart.{units.level}s'")
            (x1, x2), (y1, y2) = line["people"], line["rank"]
            assert -np.log(y2 / y1) / np.log(x2 / x1) == pytest.approx(units.numbers["system_rank_size_slope"], rel=1e-3)

    @pytest.mark.parametrize("place", [0, 1])
    def test_city_growth(self, full, drawn, place):
        units = unit_sets(full)[place]
        table, chart = grown(full, units).table, drawn[f"city_growth_{units.level}"]
        rows = rows_of(chart)
        assert rows["rate"].tolist() == [rounded(value) for value in table["rate"]]
        assert rows["before"].tolist() == [rounded(value) for value in table["before"]]
        assert marks(svg(chart.spec), "symbol") == len(table)

    def test_growers_and_shrinkers_add_up(self, full, drawn):
        counts = rows_of(drawn["city_moves"]).groupby("part")["count"].sum()
        told = Counter()
        for units in unit_sets(full, "2010/2020"):
            told.update({key: units.numbers[f"system_{key}"] for key in ("growers", "stable", "shrinkers")})
        assert counts["chart.growing"] == told["growers"]
        assert counts["chart.stable"] == told["stable"]
        assert counts["chart.shrinking"] == told["shrinkers"]

    def test_parts_of_growth_add_up_to_the_sum(self, full, drawn):
        rows, sums = rows_of(drawn["urban_growth"]), rows_of(drawn["urban_growth"], "sums").set_index("name")["people"]
        assert rows.groupby("name")["people"].sum().to_dict() == sums.to_dict()
        assert sums.tolist() == own_growth(full)["urban_growth_total"].tolist()

    def test_land_consumption(self, full, drawn):
        found, rows = shown(full)[0], rows_of(drawn["land_consumption"])
        table = found.table
        assert sorted(rows["rate"]) == sorted(rounded(v) for v in table[found.columns["land.consumption_rate"].name])
        assert Counter(part.rpartition(".")[2] for part in rows["part"]) == {"faster": 1, "slower": 2, "no_ratio": 1}
        assert marks(svg(drawn["land_consumption"].spec), "symbol") == len(table)

    def test_lights_trend(self, full, drawn):
        light, rows = indexed(full), rows_of(drawn["lights_trend"])
        assert rows["value"].tolist() == [rounded(value) for value in light.to_numpy().ravel() if np.isfinite(value)]
        assert rows_of(drawn["lights_trend"], "breaks")["month"].tolist() == ["2017-04", "2018-01"]

    def test_people_of_classes_are_their_share_of_all(self, full, drawn):
        rows = class_rows(full)
        assert rows.query("year == 2010 and code == 30")["people"].tolist() == [750_000.0]
        assert rows.groupby("year")["people"].sum().to_dict() == {2010: 1_500_000.0, 2020: 1_680_000.0}
        assert len(rows_of(drawn["settlement_classes"])) == 8

    def test_classes_of_one_year_are_bars(self, full):
        values = full.values[~((full.values["measure"] == "degree.share") & (full.values["period"] == "2010"))]
        chart = charts(replace(full, values=values), t=str)["settlement_classes"]
        assert rows_of(chart)["value"].tolist() == [0.5, 0.2, 0.1, 0.2]
        assert marks(svg(chart.spec), "rect") == 4

    def test_built_up_land_per_person_has_a_line_per_place(self, drawn):
        rows = rows_of(drawn["built_up_per_person"])
        assert rows.query("name == 'Toyland'")["value"].tolist() == [80.0, 99.0]
        assert rows["name"].nunique() == 5

    def test_exposure(self, drawn):
        rows = rows_of(drawn["exposure_river_flood"])
        assert rows["people"].tolist() == [1_000.0, 4_000.0, 5_000.0]
        assert rows["share"].tolist() == ["10.0%", "40.0%", "50.0%"]
        assert marks(svg(drawn["exposure_river_flood"].spec), "symbol") == 3

    def test_climate(self, drawn):
        assert rows_of(drawn["climate_months"], "rain")["value"].tolist() == list(range(1, 13))
        years = rows_of(drawn["climate_precipitation"])
        assert years["year"].tolist() == list(range(1991, 2001))
        assert years["value"].iloc[[0, -1]].tolist() == [-4.5, 4.5]
        assert marks(svg(drawn["climate_precipitation"].spec), "rect") == 10

    def test_air(self, full, drawn):
        column, table = ranked(full)
        rows = rows_of(drawn["air"])
        assert rows["value"].tolist() == table[column.name].tolist()
        assert marks(svg(drawn["air"].spec), "rule") == 5

    def test_matrix(self, drawn):
        rows = rows_of(drawn["travel_matrix"])
        square = rows["minutes"].to_numpy(float).reshape(4, 4)
        off = ~np.eye(4, dtype=bool)
        np.testing.assert_array_equal(square[off], np.array(MINUTES)[off])
        assert rows["told"].tolist()[:4] == ["chart.same", "40.0", "130", "chart.no_way"]
        assert rows["part"].tolist()[1:3] == ["30 – 60", "120 – 240"]
        assert marks(svg(drawn["travel_matrix"].spec), "rect") == 16 + 10

    def test_reach(self, drawn):
        rows = rows_of(drawn["reach"])
        assert rows["value"].tolist() == [400_000.0, 1_200_000.0]
        assert rows["share"].tolist() == ["23.8%", "71.4%"]

    def test_sensitivity(self, drawn):
        rows = rows_of(drawn["sensitivity"])
        assert rows["share"].tolist() == [0.7, 0.6, 0.5, 0.4]
        assert marks(svg(drawn["sensitivity"].spec), "symbol") == 4

    def test_official(self, full, drawn):
        name = next(name for name in drawn if name.startswith("official_"))
        rows = rows_of(drawn[name])
        table = full.beside["official"]
        told = {*(rounded(v) for v in table["official"].dropna()), *(rounded(v) for v in table["ours"].dropna())}
        assert set(rows["people"]) <= told
        assert marks(svg(drawn[name].spec), "symbol") == len(rows)


class TestLess:
    """A review that tells less has fewer charts, and those draw."""

    def test_without_lights(self, full):
        found = charts(replace(full, values=full.values[~full.values["measure"].str.startswith("lights.")]), t=str)
        assert not any("light" in name for name in found)
        assert all(svg(chart.spec) for chart in found.values())

    def test_one_city(self, full):
        one = full.zones[~full.zones.index.isin(CENTRES[1:])]
        values = full.values[full.values["zone_id"].isin(one.index)]
        minutes = full.matrices["minutes_city_city"].loc[CENTRES[:1], CENTRES[:1]]
        found = charts(
            replace(full, zones=one, values=values, matrices={"minutes_city_city": minutes}, beside={}), t=str
        )  # fmt: skip
        assert len(rows_of(found["largest"])) == 1
        assert "travel_matrix" not in found
        assert all(svg(chart.spec) for chart in found.values())

    def test_no_city(self, empty):
        found = charts(empty, t=str)
        assert not {"largest", "largest_lights", "rank_size", "size_classes", "growth_ranked"} & set(found)
        assert all(svg(chart.spec) for chart in found.values())

    def test_a_review_is_not_changed(self, full):
        before = full.values.copy()
        first, second = charts(full, t=str), charts(full, t=str)
        assert {name: chart.spec for name, chart in first.items()} == {name: chart.spec for name, chart in second.items()}
        pd.testing.assert_frame_equal(full.values, before)
        assert len(wide_table(full, "urban_centre")) == 4


def test_the_script_is_one_module_without_imports():
    script = embed_script()
    assert script.rstrip().endswith(";")
    assert "window.vegaEmbed=" in script.replace(" ", "")
    assert "</script" not in script.lower()
    assert not re.search(r"^\s*(import|export)\b", script, re.MULTILINE)
    assert 500_000 < len(script) < 1_500_000
    assert embed_script() is script
    assert EMBED["ast"] is True


def test_every_word_of_the_charts_stands_in_the_catalogue(full):
    words = texts("en")
    for chart in charts(full, t=words.__getitem__).values():
        assert not re.search(r"{\w+}", chart.caption + chart.alt + json.dumps(chart.spec["title"]))


@pytest.mark.slow
def test_belgium_draws():
    path = Path(__file__).parents[3] / "examples" / "belgium.toml"
    settings = load_settings(path)
    if not (path.parent / str(settings.boundaries.path)).exists():
        pytest.skip("the shared data folder is not here")
    found = charts(make_review(settings), t=str)
    assert {"largest", "rank_size", "climate_months", "air", "sensitivity", "settlement_classes"} <= set(found)
    assert all(svg(chart.spec) for chart in found.values())
