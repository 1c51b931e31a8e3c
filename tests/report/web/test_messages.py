"""Key messages say the numbers of the tables, with their range, and are silent or withheld where these do not carry them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.report.own_toy import with_own

from urbanreview.report import LONG_COLUMNS
from urbanreview.report.tables import level_tables, wide_table
from urbanreview.report.web.cards import cards
from urbanreview.report.web.message_parts import Quantity, Range
from urbanreview.report.web.message_words import range_words, said
from urbanreview.report.web.messages import key_messages, message_rows
from urbanreview.report.web.strings import languages

COUNTRY, BIG, SECOND, THIRD = "TOY-adm0-TOY", "TOY-uc-1", "TOY-uc-2", "TOY-uc-3"
PEOPLE, FLOOD = "people=ghs:2020", "river_flood"
TREND = ("", "_low", "_high", "_p_adjusted")


def rows_by_topic(review, language="en"):
    return {row["topic"]: row for row in message_rows(review, language)}


def plain(text):
    return text.replace("\u00a0", " ")


def text_of(review, topic, language="en"):
    return plain(rows_by_topic(review, language)[topic]["text"])


def range_of(review, topic, language="en"):
    return plain(rows_by_topic(review, language)[topic]["range"])


def with_rows(review, rows):
    """Add numbers: zone, measure, period, source, variant, value."""
    more = pd.DataFrame([(*row, 1.0, "") for row in rows], columns=list(LONG_COLUMNS))
    return replace(review, values=pd.concat([review.values, more], ignore_index=True))


def with_flag(review, zone, flag):
    flags = review.zones["flags"].where(review.zones.index != zone, flag)
    return replace(review, zones=review.zones.assign(flags=flags))


def with_scenarios(review, ranks=(1.0, 1.0), people=(912_345.0, 950_000.0)):
    """Two scenarios: the second has the given urban share and centres, and other ranks of the largest city."""
    scenarios = pd.DataFrame(
        {"population": ["ghs 2020", "other 2020"], "edition": ["a", "a"], "people": [1_680_000.0, 1_760_000.0],
         "urban_share": [0.7839, 0.70], "centres": [4, 6]}
    )  # fmt: skip
    cities = pd.DataFrame(
        {"zone_id": [BIG, BIG, SECOND], "population": ["ghs 2020", "other 2020", "ghs 2020"], "people": [*people, 130_000.0],
         "rank": [*ranks, 2.0], "rank_change": 0.0}
    )  # fmt: skip
    return replace(review, comparison={"scenarios": scenarios, "scenario_cities": cities})


def trend_rows(p):
    for quantity, slope in (("temperature", 0.3), ("precipitation", -6.0)):
        yield COUNTRY, f"climate.{quantity}", "2000", quantity, "weight=area", 1.0
        for end, value in zip(TREND, (slope, slope - 0.1, slope + 0.1, p), strict=True):
            yield COUNTRY, f"climate.{quantity}_trend{end}", "1991/2020", quantity, "weight=area", value


def flood_rows(people="ghs:2020", years=(10, 100)):
    for each in years:
        variant = f"people={people};return_period={each};threshold=0.15"
        yield COUNTRY, "exposure.people", "2020", FLOOD, variant, 1_000.0 * each
        yield COUNTRY, "exposure.people_share", "2020", FLOOD, variant, each / 1_680.0
    for end, value in (("", 300.0), ("_low", 200.0), ("_high", 900.0)):
        variant = f"people={people};protection_years=1;threshold=0.15"
        yield COUNTRY, f"exposure.expected_people{end}", "2020", FLOOD, variant, value


def air_rows(source="dust", share=0.1):
    for band, part in (("0-5", share), ("5-10", 1 - share)):
        yield COUNTRY, "air.share", "2020", source, f"band={band};levels=who-2021;{PEOPLE}", part
    for zone, dust in ((BIG, 22.3), (SECOND, 8.0)):
        yield zone, "air.pm25", "2020", source, PEOPLE, dust


def test_urban_share_is_that_of_the_country(review):
    found = rows_by_topic(review)["Urban share"]
    assert plain(found["text"]) == "78.4% of the people live in cities and towns: 1.3 million people."
    assert (found["table"], found["column"], found["zone"]) == ("country", "population_urban_share_2020", COUNTRY)


def test_cities_are_counted_with_their_people_inside_the_country(review):
    assert text_of(review, "Number of cities") == "4 urban centres hold 1.2 million people, 70.9% of everyone in the country."


def test_the_largest_city_has_its_share_of_the_people_of_all(review):
    found = rows_by_topic(review)["Largest city"]
    assert found["text"] == "Şymkent is the largest city, with 912,000 people: 76.6% of the people of all cities."
    assert (found["anchor"], found["zone"]) == (f"#zone={BIG}", BIG)


def test_rank_and_size_are_those_of_the_system_of_cities(review):
    rows = review.values[review.values["variant"] == "cutoff=50000;units=urban_centre"].set_index("measure")["value"]
    text = text_of(review, "Rank and size")
    assert f"slope of {rows['system.rank_size_slope']:.2f} (standard error {rows['system.rank_size_error']:.2f}, 4" in text


def test_the_fastest_grower_has_the_range_over_both_boundaries(review):
    found = rows_by_topic(review)["Fastest growing city"]
    assert found["text"] == "Of the 3 largest cities Şymkent grew fastest: 2.0% a year from 2010 to 2020."
    assert found["range"] == "1.0% to 2.0% over 2 sources or rules"
    assert found["column"] == "population_growth_rate_2010_2020_boundary_moving"


def test_a_flagged_city_is_not_said_to_shrink(review):
    found = rows_by_topic(review)["Fastest shrinking city"]
    assert (found["text"], found["range"]) == ("", "")
    assert found["withheld"] == "The row is flagged: across the border; few cells."


def test_a_city_that_shrinks_on_one_boundary_alone_is_withheld(review):
    unflagged = replace(review, zones=review.zones.assign(flags=""))
    rows = unflagged.values
    fixed = (rows["zone_id"] == SECOND) & (rows["variant"] == "boundary=fixed")
    held = replace(unflagged, values=rows.assign(value=rows["value"].where(~fixed, 0.02)))
    assert "otherwise" in rows_by_topic(held)["Fastest shrinking city"]["withheld"]
    told = replace(unflagged, values=rows.assign(value=rows["value"].where(~fixed, -0.03)))
    assert "São José $5^2$ da Várzea shrank fastest: 1.0% a year" in text_of(told, "Fastest shrinking city")


def test_land_against_people_is_the_median_city_with_the_range_over_boundaries(review):
    assert text_of(review, "Land and people").startswith("In the median of 3 cities built-up land grew 0.80 times as fast")
    assert range_of(review, "Land and people") == "0.75 to 0.80 over 4 sources or rules"


def test_growth_of_light_across_a_break_is_withheld(review):
    assert rows_by_topic(review)["Growth of light"]["withheld"].endswith("on the way: 2017-04 and 2018-01.")
    whole = review.values.assign(variant=review.values["variant"].str.replace("breaks=2017-04+2018-01;", "", regex=False))
    assert text_of(replace(review, values=whole), "Growth of light").endswith("changed by +11.8% a year from 2016 to 2018.")


def test_without_scenarios_there_is_no_range(review):
    assert {rows_by_topic(review)[topic]["range"] for topic in ("Urban share", "Number of cities", "Largest city")} == {""}


def test_scenarios_give_their_range(review):
    both = with_scenarios(review)
    words = " over 2 combinations of sources and rules"
    assert range_of(both, "Urban share") == f"70.0% to 78.4%{words}"
    assert range_of(both, "Number of cities") == f"4 to 6{words}"
    assert range_of(both, "Largest city") == f"912,000 people to 950,000 people{words}"
    assert range_of(with_scenarios(review, people=(912_345.0, 912_346.0)), "Largest city") == (
        "912,000 people in each of 2 sources and rules"
    )


@pytest.mark.parametrize("rank", [2.0, np.nan])
def test_a_largest_city_that_is_not_the_first_of_every_scenario_is_withheld(review, rank):
    found = rows_by_topic(with_rows(with_scenarios(review, ranks=(1.0, rank)), air_rows()))
    for topic in ("Largest city", "Fine dust in the largest city"):
        assert found[topic]["text"] == ""
        assert found[topic]["withheld"] == "Another source or rule set ranks it otherwise."


@pytest.mark.parametrize(("flag", "is_told"), [("sources disagree", False), ("few source cells", True)])
def test_a_flag_withholds_what_it_bears_on(review, flag, is_told):
    found = rows_by_topic(with_rows(with_flag(review, BIG, flag), air_rows()))
    assert bool(found["Largest city"]["text"]) is is_told
    assert found["Fine dust in the largest city"]["text"] == ""
    assert flag in found["Fine dust in the largest city"]["withheld"]


def test_people_of_the_hundred_year_flood_and_of_a_year_with_bounds(review):
    found = with_rows(review, flood_rows())
    assert text_of(found, "Exposure to hazards") == (
        "River flood: 100,000 people (6.0%) live where an event of 1 in 100 years reaches; "
        "300 people are exposed in a year on average."
    )
    assert range_of(found, "Exposure to hazards") == "at least 200 people, at most 900 people"


def test_a_hazard_without_return_periods_is_told_without_a_year(review):
    rows = [(COUNTRY, f"exposure.people{end}", "2020", "heat", f"{PEOPLE};threshold=40", value)
            for end, value in (("", 5_000.0), ("_share", 0.003))]  # fmt: skip
    assert text_of(with_rows(review, rows), "Exposure to hazards") == "Heat: 5,000 people (0.3%) live in the hazard zone."


def test_people_above_the_guideline_are_those_outside_the_lowest_band(review):
    found = with_rows(review, air_rows())
    assert "90.0% of the people breathe more fine dust (PM2.5) than the WHO guideline of 5 µg/m³ (2020)" in text_of(
        found, "Fine dust in the country"
    )
    assert "In Şymkent, the largest city, people breathe 22.3 µg/m³" in text_of(found, "Fine dust in the largest city")
    two = with_rows(found, air_rows("another", share=0.3))
    assert range_of(two, "Fine dust in the country") == "70.0% to 90.0% over 2 sources or rules"


@pytest.mark.parametrize(("p", "words"), [(0.01, "the trend is significant (p = 0.010)"), (0.2, "no significant trend")])
def test_a_trend_is_called_significant_up_to_five_in_a_hundred(review, p, words):
    found = with_rows(review, trend_rows(p))
    assert words in text_of(found, "Trend of temperature")
    assert words in text_of(found, "Trend of rain")
    assert "+0.30 °C per decade" in text_of(found, "Trend of temperature")
    assert range_of(found, "Trend of rain") == "−6.1 mm to −5.9 mm with 95% confidence"


def test_people_within_an_hour_are_a_share_of_the_country(review):
    found = with_rows(review, [(COUNTRY, "access.people_within", "2020", "access", "minutes=60", 840_000.0)])
    assert text_of(found, "People near a city") == (
        "50.0% of the people reach an urban centre within 60 minutes: 840,000 people."
    )


def test_light_per_person_names_the_first_and_the_last_unless_another_source_names_others(review):
    rows = [(zone, "lights.per_person", "2018", "lights", PEOPLE, light) for zone, light in ((BIG, 6.0), (THIRD, 2.0))]
    text = text_of(with_rows(review, rows), "Light per person")
    assert text == "Of the 2 largest cities Şymkent has most light per person, 3.00 times as much as <script>alert(1)</script>."
    other = [(zone, measure, period, "dmsp", variant, 8.0 - light) for zone, measure, period, _, variant, light in rows]
    assert rows_by_topic(with_rows(review, [*rows, *other]))["Light per person"]["withheld"]


def test_the_official_gap_is_that_of_the_country_and_ranges_over_sources(review):
    own = with_own(review)
    assert text_of(own, "Official people") == (
        "The review counts 1.7 million people, the official statistics 2.0 million people (Census 2023): a gap of −16.0%."
    )
    assert range_of(own, "Official people") == ""
    assert range_of(with_scenarios(own), "Official people") == "−16.0% to −12.0% over 2 sources or rules"


def test_themes_that_a_review_lacks_say_nothing(empty):
    topics = {message.topic for message in key_messages(empty)}
    assert topics == {"urban_share", "lights_growth"}


def test_every_message_leads_to_a_column_of_a_table_that_there_is(review):
    full = with_own(with_rows(review, [*flood_rows(), *air_rows(), *trend_rows(0.01)]))
    levels = {name: level for level, name in level_tables(full).items()}
    for message in key_messages(full):
        if message.table in levels:
            table = wide_table(full, levels[message.table])
            assert message.column in table, message
            assert message.zone == "" or message.zone in table.index
        else:
            assert message.table in ("city_system", "official")


@pytest.mark.parametrize("language", languages())
def test_every_language_says_every_message_with_the_same_names(review, language):
    full = with_scenarios(with_own(with_rows(review, [*flood_rows(), *air_rows(), *trend_rows(0.01)])))
    rows = message_rows(full, language)
    assert len(rows) == len(message_rows(full, "en"))
    assert all(bool(row["text"]) != bool(row["withheld"]) for row in rows)
    assert not any("{" in value for row in rows for value in row.values())
    assert "Şymkent" in " ".join(row["text"] for row in rows)


def test_braces_in_a_name_are_text(review):
    name = "{share} {0.__class__} {"
    renamed = replace(review, zones=review.zones.assign(name=review.zones["name"].replace("Şymkent", name)))
    assert text_of(renamed, "Largest city").startswith(f"{name} is the largest city")


@pytest.mark.parametrize(
    ("value", "kind", "language", "words"),
    [
        (2_046_113, "people", "en", "2.0 million people"),
        (999_999, "people", "en", "1.0 million people"),
        (1_930_000, "people", "fr", "1,9 million d'habitants"),
        (2_046_113, "people", "fr", "2,0 millions d'habitants"),
        (2_046_113, "people", "ru", "2,0 млн человек"),
        (2_046_113, "people", "kk", "2,0 млн адам"),
        (1_412_000_000, "people", "en", "1.4 billion people"),
        (912_345, "people", "ru", "912 000 человек"),
        (61, "people", "en", "61 people"),
        (1_234, "count", "en", "1,234"),
        (1_234, "count", "fr", "1 234"),
        (0.3412, "share", "kk", "34,1 %"),
        (0.0004, "share", "en", "0.04%"),
        (-0.0031, "change", "en", "−0.31%"),
        (0.021, "gap", "ru", "+2,1 %"),
        (float("nan"), "people", "fr", "–"),
    ],
)
def test_numbers_are_said_as_people_of_the_language_write_them(value, kind, language, words):
    assert plain(said(value, kind, language)) == words


@pytest.mark.parametrize("language", ["fr", "ru", "kk"])
def test_numbers_do_not_break_over_lines(language):
    assert " " not in said(1_234_567, "count", language) + said(0.5, "share", language) + said(6e5, "people", "ru")


def test_a_range_that_reads_the_same_at_both_ends_is_said_once():
    ends = (Quantity(17.0, "count"), Quantity(17.0, "count"))
    assert range_words(Range(*ends, "range_scenarios", 4), "en") == "17 in each of 4 sources and rules"
    assert range_words(None, "en") == ""


def test_headline_figures_have_definition_source_and_range(review):
    found = {card.label: card for card in cards(with_scenarios(review), "en")}
    assert list(found)[:3] == ["People", "Urban share", "Urban people"]
    share = found["Urban share"]
    assert (share.figure, share.definition) == ("78.4%", "urban people over people")
    assert share.source == "ghs 2020, thresholds"
    assert share.range == "70.0% to 78.4% over 2 combinations of sources and rules"
    assert found["Largest city"].range.endswith("the largest in all")
    flipped = {card.label: card for card in cards(with_scenarios(review, ranks=(1.0, 2.0)), "en")}
    assert flipped["Largest city"].range.endswith("not the largest in all")
    three = with_scenarios(review)
    scenarios = pd.concat([three.comparison["scenarios"]] * 2).head(3)
    absent = replace(three, comparison={**three.comparison, "scenarios": scenarios})  # one of which has no such city
    assert next(card for card in cards(absent, "en") if card.label == "Largest city").range.endswith("not the largest in all")
    assert all(card.range == "" for card in cards(review, "en"))
    assert next(iter(cards(review, "fr"))).figure == "1\u00a0680\u00a0000"
