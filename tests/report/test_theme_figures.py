"""The figures of cities, land and lights: that they draw the numbers of the tables, and can be read."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from urbanreview.report import draw_largest, paper, wide_table
from urbanreview.report.city_charts import draw_city_growth, draw_rank_size
from urbanreview.report.growth_chart import draw_urban_growth, own_growth
from urbanreview.report.ink import BLUE, GREY, PURPLE, VERMILION
from urbanreview.report.labels import overlap
from urbanreview.report.land_use import consumption, draw_land_consumption, shown
from urbanreview.report.light_chart import breaks_of, draw_lights_trend, indexed, spread, yearly
from urbanreview.report.plots import plain_ticks
from urbanreview.report.unit_sets import grown, sizes, unit_sets

CITIES, TOWNS = 0, 1


@pytest.fixture
def drawn(monkeypatch, review, tmp_path):
    """Draw a figure and hand it over instead of the file."""
    kept = []
    monkeypatch.setattr(paper, "save", lambda figure, path: kept.append(figure))

    def draw(make, what=review):
        make(what, tmp_path / "f.png")
        return kept.pop()

    return draw


def words(figure) -> str:
    texts = [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]
    legends = [text.get_text() for axes in figure.axes if axes.get_legend() for text in axes.get_legend().get_texts()]
    return "\n".join([*texts, *legends])


def names_on(figure):
    """Boxes of the names beside points, and of all markers, by axes [pixels]."""
    renderer = figure.canvas.get_renderer()
    for axes in figure.axes:
        labels = [text for text in axes.texts if text.get_path_effects()]
        boxes = [text.get_window_extent(renderer).extents for text in labels]
        points = np.concatenate([axes.transData.transform(each.get_offsets()) for each in axes.collections])
        yield boxes, points


@pytest.mark.parametrize("draw", [draw_rank_size, draw_city_growth, draw_land_consumption])
def test_names_lie_neither_on_one_another_nor_on_points(drawn, draw):
    seen = 0
    for boxes, points in names_on(drawn(draw)):
        seen += len(boxes)
        assert not any(overlap(one, other) for one, other in combinations(boxes, 2))
        for west, south, east, north in boxes:
            assert not ((points[:, 0] > west) & (points[:, 0] < east) & (points[:, 1] > south) & (points[:, 1] < north)).any()
    assert seen


@pytest.mark.parametrize(
    "draw", [draw_rank_size, draw_city_growth, draw_urban_growth, draw_land_consumption, draw_lights_trend]
)
def test_titles_say_what_and_where_and_the_inputs_are_credited(drawn, draw, observed):
    text = words(drawn(draw))
    assert "Toyland: " in text
    assert "ghs" in text
    assert "Modelled data – not for analysis" in text
    assert "Source: urbanreview from ghs 2020, boundaries." in text
    assert "Modelled" not in words(drawn(draw, observed))


class TestRankSize:
    def test_slope_and_error_are_those_of_the_table(self, drawn, review):
        figure = drawn(draw_rank_size)
        for axes, units in zip(figure.axes, unit_sets(review), strict=True):
            slope, error = (units.numbers[f"system_rank_size_{name}"] for name in ("slope", "error"))
            assert f"slope {slope:.2f}, standard error {error:.2f}" in words(figure)
            (line,) = axes.lines
            (x1, x2), (y1, y2) = line.get_data()
            assert -np.log(y2 / y1) / np.log(x2 / x1) == pytest.approx(slope)

    def test_every_settlement_is_a_point_at_its_rank_less_a_half(self, drawn, review):
        axes = drawn(draw_rank_size).axes[TOWNS]
        points = axes.collections[0].get_offsets()
        assert points[:, 1].tolist() == [0.5, 1.5, 2.5, 3.5, 4.5]
        assert points[:, 0].tolist() == [1_050_000, 145_000, 99_000, 12_000, 5_001]

    def test_settlements_below_the_cutoff_are_left_out(self, review):
        cities = replace(unit_sets(review)[CITIES], cutoff=88_000.0)
        assert sizes(review, cities).index.tolist() == ["TOY-uc-1", "TOY-uc-2", "TOY-uc-3"]

    def test_too_few_settlements_have_points_and_no_line(self, drawn, review):
        few = review.zones.drop(["TOY-uc-3", "TOY-uc-4"])
        values = review.values[review.values["zone_id"].isin(few.index)].copy()
        values.loc[values["measure"].isin(["system.rank_size_slope", "system.rank_size_error"]), ["value", "reason"]] = [
            np.nan,
            "too few settlements above the cut-off",
        ]
        points = review.points.loc[review.points.index.isin(few.index)]
        figure = drawn(draw_rank_size, replace(review, zones=few, values=values, points=points))
        assert "no slope of 2 settlements" in words(figure)
        assert not figure.axes[CITIES].lines


class TestCityGrowth:
    def test_people_at_first_follow_from_people_now_and_the_rate(self, review):
        found = grown(review, unit_sets(review)[CITIES])
        assert (found.period, found.boundary) == ("2010/2020", "moving")
        assert found.table.index.tolist() == ["TOY-uc-1", "TOY-uc-2", "TOY-uc-3"]
        assert found.table["before"].tolist() == pytest.approx(
            [912_345 * np.exp(-0.2), 130_000 * np.exp(0.1), 88_000 * np.exp(-0.005)]
        )

    def test_the_longest_span_that_ends_with_the_population_is_shown(self, review):
        longer = review.values[review.values["measure"] == "population.growth_rate"].assign(period="2000/2020")
        other = longer.assign(period="1990/2010")
        values = pd.concat([review.values, longer, other], ignore_index=True)
        assert grown(replace(review, values=values), unit_sets(review)[CITIES]).period == "2000/2020"

    def test_without_extents_of_the_first_date_growth_is_on_the_ground_of_the_last(self, drawn, review):
        fixed = review.values[review.values["variant"] != "boundary=moving"]
        found = grown(replace(review, values=fixed), unit_sets(review)[CITIES])
        assert found.boundary == "fixed"
        assert found.table["before"].iloc[1] == pytest.approx(150_000.5 * np.exp(-0.1))
        assert "both dates on the ground of the last" in words(drawn(draw_city_growth, replace(review, values=fixed)))

    def test_growers_and_shrinkers_are_counted_and_coloured(self, drawn):
        figure = drawn(draw_city_growth)
        text = words(figure)
        for word in ("1 growing", "1 stable", "1 shrinking", "2 growing"):
            assert word in text
        assert "standard error" in text
        colours = [to_hex(each) for each in figure.axes[CITIES].collections]
        assert colours == [VERMILION, GREY, BLUE]

    def test_without_growth_there_is_none(self, review):
        values = review.values[review.values["measure"] != "population.growth_rate"]
        assert grown(replace(review, values=values), unit_sets(review)[CITIES]) is None


def to_hex(collection) -> str:
    red, green, blue, _ = collection.get_facecolor()[0]
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


class TestUrbanGrowth:
    def test_bars_add_up_to_the_growth(self, drawn, review):
        figure = drawn(draw_urban_growth)
        for axes, (_, row) in zip(figure.axes, own_growth(review).iterrows(), strict=True):
            widths = [bar.get_width() for bar in axes.patches]
            assert sum(widths) == pytest.approx(row["urban_growth_total"]) == 165_000
            assert "+165,000" in [text.get_text() for text in axes.texts]

    def test_dropped_ground_is_subtracted_to_the_left(self, drawn):
        bars = drawn(draw_urban_growth).axes[CITIES].patches
        (dropped,) = [bar for bar in bars if to_hex_of(bar) == PURPLE]
        assert (dropped.get_x(), dropped.get_width()) == (0.0, -1_000.0)

    def test_bars_lie_side_by_side(self, drawn):
        bars = [bar for bar in drawn(draw_urban_growth).axes[CITIES].patches if bar.get_width() > 0]
        assert all(one.get_x() + one.get_width() == pytest.approx(other.get_x()) for one, other in pairwise(bars))

    def test_a_part_that_is_not_told_has_no_bar(self, drawn):
        cities, towns = drawn(draw_urban_growth).axes
        assert (len(cities.patches), len(towns.patches)) == (5, 4)

    def test_loss_is_drawn_to_the_left(self, drawn, review):
        values = review.values.copy()
        for part, value in (("inside", -80_000.0), ("total", 25_000.0)):
            values.loc[values["measure"] == f"urban_growth.{part}", "value"] = value
        axes = drawn(draw_urban_growth, replace(review, values=values)).axes[CITIES]
        assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(25_000)
        assert axes.get_xlim()[0] < -81_000

    def test_other_sources_are_left_out(self, review):
        more = review.values[review.values["measure"].str.startswith("urban_growth")].assign(source="worldpop")
        both = replace(review, values=pd.concat([review.values, more], ignore_index=True))
        assert len(own_growth(both)) == len(own_growth(review)) == 2


def to_hex_of(bar) -> str:
    red, green, blue, _ = bar.get_facecolor()
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


class TestLandConsumption:
    def test_it_is_of_the_newest_span_by_the_newest_formula(self, review):
        longer = review.values[review.values["measure"].str.startswith("land.")].assign(period="2000/2020")
        found = consumption(replace(review, values=pd.concat([review.values, longer], ignore_index=True)), "fixed")
        assert (found.period, found.edition) == ("2010/2020", "un-habitat-2021")
        assert found.table.index.tolist() == ["TOY-uc-1", "TOY-uc-2", "TOY-uc-3", "TOY-uc-4"]

    def test_both_boundaries_are_told_apart(self, review):
        assert [(found.boundary, len(found.table)) for found in shown(review)] == [("fixed", 4), ("moving", 3)]

    def test_points_are_land_against_people_by_their_class(self, drawn):
        figure = drawn(draw_land_consumption)
        assert [len(each.get_offsets()) for each in figure.axes[0].collections] == [1, 2, 1]
        assert figure.axes[0].collections[0].get_offsets().tolist() == [[0.02, 0.03]]
        assert "land grows faster than people (1)" in words(figure)
        assert "formula un-habitat-2021, both dates on the ground of the latest extent" in words(figure).replace("\n", " ")

    def test_the_line_is_where_both_rates_are_one(self, drawn):
        lines = [line for line in drawn(draw_land_consumption).axes[0].lines if "ratio" in str(line.get_label())]
        (x, y) = lines[0].get_data()
        assert x.tolist() == y.tolist()
        assert x[0] == 0.0


class TestLights:
    def test_the_first_year_is_a_hundred(self, review):
        light = indexed(review)
        assert light.columns.tolist() == [2016, 2018]
        assert (light[2016] == 100).all()
        assert light.loc["adm0", 2018].tolist() == [125.0]

    def test_months_are_no_years(self, review):
        assert [column.period for column in yearly(review)] == ["2016", "2018"]

    def test_cities_dark_at_first_are_left_out(self, review):
        values = review.values.copy()
        first = (values["zone_id"] == "TOY-uc-1") & (values["measure"] == "lights.sum_area") & (values["period"] == "2016")
        values.loc[first, "value"] = 0.0
        assert len(indexed(replace(review, values=values)).loc["urban_centre"]) == 3

    def test_breaks_are_lines_at_their_months(self, drawn, review):
        assert breaks_of(review) == ["2017-04", "2018-01"]
        figure = drawn(draw_lights_trend)
        places = [
            line.get_xdata()[0]
            for line in figure.axes[0].lines
            if len(set(line.get_xdata())) == 1 and line.get_linewidth() == 1.0
        ]
        assert places == [2017.25, 2018.0]
        assert "new level from 2017-04" in words(figure)

    def test_an_unseen_year_is_a_dash_at_the_end_of_the_line(self, drawn):
        ends = [text.get_text() for text in drawn(draw_lights_trend).axes[0].texts]
        assert next(text for text in ends if text.startswith("<script>")).endswith("  –")
        assert "Toyland  125" in ends


@given(st.lists(st.floats(-1e3, 1e3), max_size=12), st.floats(0.1, 50))
def test_law_words_at_the_ends_of_lines_keep_their_order_and_a_step_apart(heights, step):
    moved = spread(sorted(heights), step)
    assert len(moved) == len(heights)
    assert all(high - low >= step * (1 - 1e-9) - 1e-9 for low, high in pairwise(moved))
    if len(moved) == 1:
        assert moved == heights


@given(st.floats(1e-2, 1e6), st.floats(1.5, 1e6))
def test_law_ticks_are_few_ascending_and_inside(low, times):
    ticks = plain_ticks(low, low * times)
    assert ticks == sorted(set(ticks))
    assert all(low <= tick <= low * times for tick in ticks)
    assert len(ticks) <= 9


def test_people_beyond_the_border_do_not_run_into_the_lights(drawn, review):
    values = review.values.copy()
    values.loc[(values["zone_id"] == "TOY-uc-1") & (values["measure"] == "population.outside"), "value"] = 4_321_987.0
    figure = drawn(draw_largest, replace(review, values=values))
    people, light = figure.axes
    renderer = figure.canvas.get_renderer()
    ends = [text.get_window_extent(renderer).x1 for text in people.texts]
    assert "912,345 + 4,321,987 outside" in [text.get_text() for text in people.texts]
    assert max(ends) < light.get_window_extent(renderer).x0


def test_sizes_are_the_people_inside(review):
    table = wide_table(review, "urban_centre")
    assert sizes(review, unit_sets(review)[CITIES])["people"].equals(table["population_inside_2020"].rename("people"))
