"""Hazards, climate and air on the page and in figures: the numbers of the tables, and nothing where there are none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from tests.report.test_page import Reader, charts_of, section

from urbanreview.report import LONG_COLUMNS, paper, write_page
from urbanreview.report.air_chart import BANDS, draw_air, has_air, ranked
from urbanreview.report.climate_chart import HEAT, RAIN, anomalies, draw_climate, has_climate, monthly, trend_words
from urbanreview.report.environment_sections import air_tables, climate_tables, environment_drawers, environment_parts
from urbanreview.report.hazards import draw_exposure, drawn_hazards, hazard_tables, hazards

COUNTRY, BIG, SECOND = "TOY-adm0-TOY", "TOY-uc-1", "TOY-uc-2"
ZONES = {COUNTRY: 10.0, BIG: 4.0, SECOND: 1.0, "TOY-adm2-a": 2.0}
EXPOSED = {10: 100.0, 50: 400.0, 100: 500.0}
NOT_READ = "no people or land counted here"


def exposure_rows(zone, times):
    for people, factor in (("ghs:2020", 1.0), ("ghs:2010", 0.5), ("other:2020", 7.0)):
        period, words = people[-4:], f"people={people};"
        for years, count in EXPOSED.items():
            variant = f"{words}return_period={years};threshold=0.15"
            yield zone, "exposure.people", period, "river_flood", variant, count * times * factor
            yield zone, "exposure.people_share", period, "river_flood", variant, count / 1_000
        for end, value in (("", 30.0), ("_low", 20.0), ("_high", 90.0)):
            variant = f"{words}protection_years=1;threshold=0.15"
            yield zone, f"exposure.expected_people{end}", period, "river_flood", variant, value * times * factor
    for years, share in ((10, 0.01), (50, 0.02), (250, 0.04)):
        yield zone, "exposure.land_share", "", "river_flood", f"return_period={years};threshold=0.15", share
    growth = "people=ghs:2020;return_period=100;threshold=0.15"
    yield zone, "exposure.new_people", "2010/2020", "river_flood", growth, 55.0 * times


def climate_rows(zone, times):
    for weight, shift in (("area", 0.0), ("people", 1.0)):
        of = f"weight={weight}"
        for quantity, mean, slope, adjusted in (("precipitation", 300.0, -6.0, 0.2), ("temperature", 8.0, 0.3, 0.01)):
            yield zone, f"climate.{quantity}", "1991/2000", quantity, of, mean + shift
            for end, value in (("", slope), ("_low", slope - 1), ("_high", slope + 1), ("_p_adjusted", adjusted)):
                yield zone, f"climate.{quantity}_trend{end}", "1991/2000", quantity, of, value
            for month in range(1, 13):
                yield zone, f"climate.{quantity}_month", "1991/2000", quantity, f"month={month:02};{of}", month + shift
            for place, year in enumerate(range(1991, 2001)):
                yield zone, f"climate.{quantity}", str(year), quantity, of, mean
                yield zone, f"climate.{quantity}_anomaly", str(year), quantity, of, (place - 4.5) / 100
        yield zone, "climate.precipitation_cv", "1991/2000", "precipitation", of, 0.1
    for quantity in ("precipitation", "temperature"):
        yield zone, "climate.source_cells", "", quantity, "", times


def air_rows(zone, times):
    for year, people in ((2019, "ghs:2020"), (2020, "ghs:2020")):
        yield zone, "air.pm25", str(year), "dust V1", f"people={people}", 4.0 + 4.0 * times + year - 2020
        yield zone, "air.source_cells", str(year), "dust V1", "", times
    yield zone, "air.change", "2019/2020", "dust V1", "people=ghs:2020", 1.0


@pytest.fixture(scope="module")
def full(review):
    """The toy review with hazards, climate and air; one number is missing, with its reason."""
    rows = [
        (*row, 1.0, "")
        for zone, times in ZONES.items()
        for make in (exposure_rows, climate_rows, air_rows)
        for row in make(zone, times)
    ]
    more = pd.DataFrame(rows, columns=list(LONG_COLUMNS))
    gone = (more["zone_id"] == SECOND) & (more["measure"].isin(["exposure.people", "exposure.people_share"]))
    gone &= more["variant"].str.contains("return_period=50")
    more.loc[gone, ["value", "valid_share", "reason"]] = [np.nan, 0.0, NOT_READ]
    sections = {"exposure": {"river_flood": {"units": "m"}}}
    return replace(review, values=pd.concat([review.values, more]), settings=dict(review.settings) | sections)


def only(review, *themes):
    """The review with some of the new themes."""
    theme = review.values["measure"].str.partition(".")[0]
    return replace(review, values=review.values[~theme.isin({"exposure", "climate", "air"} - set(themes))])


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Draw a figure and hand it over instead of the file."""
    kept = []
    monkeypatch.setattr(paper, "save", lambda figure, path: kept.append(figure))

    def draw(make, what, **how):
        make(what, tmp_path / "f.png", **how)
        return kept.pop()

    return draw


def words(figure) -> str:
    axes_texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    return "\n".join([*axes_texts, *(text.get_text() for text in figure.texts)])


def row_of(table, name):
    return next(row for row in table.rows if row[0].text == name)


def test_a_review_without_these_themes_has_no_section_and_no_figure_of_them(review):
    assert environment_parts(review) == []
    assert environment_drawers(review) == {}


@pytest.mark.parametrize(
    ("theme", "anchor", "figure"),
    [("exposure", "hazards", "exposure_river_flood"), ("climate", "climate", "climate"), ("air", "air", "air")],
)
def test_each_theme_stands_alone(full, theme, anchor, figure):
    alone = only(full, theme)
    assert [part.anchor for part in environment_parts(alone)] == [anchor]
    assert list(environment_drawers(alone)) == [figure]


def test_the_page_has_the_sections_with_their_figures_and_ways_to_them(full, tmp_path):
    names = list(environment_drawers(full))
    for name in names:
        (tmp_path / f"{name}.png").write_bytes(b"png")
    write_page(full, {name: tmp_path / f"{name}.png" for name in names}, tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    for anchor, start in (("hazards", "exposure_river_flood"), ("climate", "climate"), ("air", "air")):
        assert f'<a href="#{anchor}">' in html
        assert any(name.startswith(start) for name in charts_of(section(html, anchor)))
    assert "img" not in [tag for tag, _ in Reader(html).elements]  # every figure has a chart instead
    for word in ("undefended", "perils fully dependent", "threshold: above 0.15 m", "WHO", "µg/m³"):
        assert word in html
    assert f'title="{NOT_READ}"' in html


class TestHazards:
    def test_the_people_are_the_newest_of_the_reviews_own(self, full):
        (hazard,) = hazards(full)
        assert "people of ghs 2020" in hazard.words
        assert list(hazard.people) == [10.0, 50.0, 100.0]
        row = row_of(hazard_tables(full)[0], "Toyland")
        under = [heading.under[-1] for heading in hazard_tables(full)[0].headings[1:4]]
        assert under == ["1 in 10 years", "1 in 50 years", "1 in 100 years"]
        assert [cell.text for cell in row[1:]] == ["1,000 (10.0%)", "4,000 (40.0%)", "5,000 (50.0%)"]
        assert [cell.text for cell in row_of(hazard_tables(full)[1], "Toyland")[1:4]] == ["300", "200", "900"]

    def test_a_population_of_another_source_stands_in_where_the_own_has_none(self, full):
        values = full.values[~full.values["variant"].str.startswith("people=ghs")]
        (hazard,) = hazards(replace(full, values=values))
        assert "people of other 2020" in hazard.words

    def test_a_missing_number_is_a_dash_with_its_reason_and_no_mark(self, full):
        cell = row_of(hazard_tables(full)[0], "São José $5^2$ da Várzea")[2]
        assert (cell.text, cell.why) == ("–", NOT_READ)

    def test_land_is_told_of_the_zone_nearest_to_a_hundred_years(self, full):
        heading, cell = (part[-1] for part in (hazard_tables(full)[1].headings, row_of(hazard_tables(full)[1], "Toyland")))
        assert heading.under[-1] == "1 in 50 years"
        assert cell.text == "2.0%"

    def test_growth_has_a_table_of_its_own(self, full):
        growth = hazard_tables(full)[2]
        assert "1 in 100 years" in growth.caption
        assert row_of(growth, "Toyland")[1].text == "550"

    def test_defences_are_said(self, full):
        values = full.values.assign(variant=full.values["variant"].str.replace("protection_years=1;", "protection_years=20;"))
        assert "defences hold up to 1 in 20 years" in hazards(replace(full, values=values))[0].words

    def test_the_figure_draws_the_country_and_writes_the_year_beside(self, full, drawn):
        figure = drawn(draw_exposure, full, hazard=drawn_hazards(full)["exposure_river_flood"])
        (line,) = figure.axes[0].lines
        assert line.get_xdata().tolist() == [10, 50, 100]
        assert line.get_ydata().tolist() == [1_000, 4_000, 5_000]
        for word in ("300", "at least 200", "at most 900", "undefended", "Modelled"):
            assert word in words(figure)

    def test_one_map_without_a_return_period_has_a_table_and_no_figure(self, full):
        single = only(full, "exposure")
        values = single.values[single.values["variant"].str.contains("return_period=10;")]
        kept = values.assign(variant=values["variant"].str.replace("return_period=10;", ""))
        one = replace(single, values=pd.concat([single.values[~single.values["measure"].str.startswith("exposure")], kept]))
        assert drawn_hazards(one) == {}
        assert row_of(hazard_tables(one)[0], "Toyland")[1].text == "1,000 (10.0%)"


class TestClimate:
    def test_trends_are_marked_where_they_are_significant_and_cells_where_they_are_few(self, full):
        cities, districts = climate_tables(full)
        assert [cell.text for cell in row_of(cities, "Toyland")[1:]] == ["300", "0.100", "-6.00", "8.00", "0.300 *", "10", "10"]
        assert row_of(cities, "Şymkent")[-1].text == "4"
        assert row_of(cities, "São José $5^2$ da Várzea")[-1].text == "1 (few)"
        assert row_of(districts, "Åland Żupa")[-1].text == "2 (few)"

    def test_the_figure_draws_the_months_and_years_of_the_country_by_area(self, full, drawn):
        assert has_climate(full)
        assert monthly(full, RAIN).tolist() == list(range(1, 13))
        assert anomalies(full, RAIN)[1].tolist() == pytest.approx([place - 4.5 for place in range(10)])
        assert anomalies(full, HEAT)[1].tolist() == pytest.approx([(place - 4.5) / 100 for place in range(10)])
        figure = drawn(draw_climate, full)
        assert "1991 to 2000" in words(figure)
        assert "cells weighed by area" in words(figure)

    def test_the_line_of_rain_falls_by_its_trend_in_per_cent(self, full, drawn):
        figure = drawn(draw_climate, full)
        lines = {axes.get_position().y0: axes.lines[-1] for axes in figure.axes if axes.get_position().x0 > 0.55}
        heat, rain = (lines[place] for place in sorted(lines))
        assert np.ptp(rain.get_ydata()) == pytest.approx(0.9 * 100 * 6.0 / 300.0)
        assert np.ptp(heat.get_ydata()) == pytest.approx(0.9 * 0.3)
        assert (rain.get_linestyle(), heat.get_linestyle()) == ("--", "-")

    def test_the_words_of_a_trend_tell_interval_and_significance(self, full):
        assert trend_words(full, RAIN) == "trend -6.00 mm/year per decade (-7.00 to -5.00), not significant"
        assert trend_words(full, HEAT) == "trend 0.300 °C per decade (-0.700 to 1.30), significant"

    @pytest.mark.parametrize("gone", ["precipitation", "temperature"])
    def test_rain_or_temperature_alone_can_be_drawn(self, full, drawn, gone):
        values = full.values[~full.values["measure"].str.startswith(f"climate.{gone}")]
        assert len(drawn(draw_climate, replace(full, values=values)).axes) == 2


class TestAir:
    def test_bars_are_ranked_and_coloured_by_level(self, full, drawn):
        column, table = ranked(full)
        assert column.period == "2020"
        assert table[column.name].tolist() == [44.0, 20.0, 8.0]
        figure = drawn(draw_air, full)
        (axes,) = figure.axes
        assert [bar.get_width() for bar in axes.patches] == [44.0, 20.0, 8.0]
        assert [to_hex(bar.get_facecolor()) for bar in axes.patches] == [BANDS[5], BANDS[3], BANDS[1]]

    def test_a_line_stands_at_every_level(self, full, drawn):
        figure = drawn(draw_air, full)
        assert [line.get_xdata()[0] for line in figure.axes[0].lines] == [5, 10, 15, 25, 35]
        assert "up to 5: guideline" in words(figure)
        assert "up to 35: interim target 1" in words(figure)

    def test_the_table_has_the_newest_year_and_the_change(self, full):
        (table,) = air_tables(full)
        assert [heading.under[0] for heading in table.headings[1:]] == ["2020", "2019/2020", "2020"]
        assert [cell.text for cell in row_of(table, "São José $5^2$ da Várzea")[1:]] == ["8.00", "1.00", "1 (few)"]
        assert "dust V1" in table.caption

    def test_air_that_nobody_breathes_is_not_drawn(self, full):
        values = full.values.copy()
        values.loc[values["measure"] == "air.pm25", ["value", "reason"]] = [np.nan, "nobody lives here"]
        assert not has_air(replace(full, values=values))


@settings(max_examples=20, deadline=None)
@given(dust=st.lists(st.floats(0.1, 200.0), min_size=3, max_size=3))
def test_the_dustiest_zone_comes_first(review, dust):
    rows = [
        (zone, "air.pm25", "2020", "dust", "people=ghs:2020", value, 1.0, "")
        for zone, value in zip((COUNTRY, BIG, SECOND), dust, strict=True)
    ]
    column, table = ranked(replace(review, values=pd.concat([review.values, pd.DataFrame(rows, columns=list(LONG_COLUMNS))])))
    assert table[column.name].tolist() == sorted(dust, reverse=True)
