"""Every measure has one method box, and every box says all its parts in every language, with the same numbers."""

import re
from collections import Counter

import pytest

from urbanreview.measures import BY_KEY
from urbanreview.report.web.method_boxes import PARTS, boxes_of, method_boxes, written
from urbanreview.report.web.strings import ENGLISH, languages

OTHERS = [code for code in languages() if code != ENGLISH]


def numbers_in(text: str) -> Counter:
    """The numbers of a text, whatever stands between their thousands and before their decimals."""
    joined = re.sub(r"(?<=\d)[\s\u00a0\u202f,](?=\d{3}(?!\d))", "", text)
    return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d)", ".", joined)))


def test_every_measure_stands_in_one_box():
    named = Counter(measure for box in method_boxes(ENGLISH) for measure in box.measures)
    assert set(named) == set(BY_KEY)
    assert [measure for measure, times in named.items() if times > 1] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_says_every_part_of_every_box_and_nothing_else(language):
    english, own = written(ENGLISH), written(language)
    assert list(own) == list(english)
    for key, entry in own.items():
        assert set(entry) == {"title", *PARTS}, key
        assert all(text == text.strip() != "" for text in entry.values()), key


@pytest.mark.parametrize("language", OTHERS)
def test_numbers_of_a_translation_are_those_of_english(language):
    for key, entry in written(ENGLISH).items():
        for part in PARTS:
            assert numbers_in(written(language)[key][part]) == numbers_in(entry[part]), (key, part)


@pytest.mark.parametrize("language", languages())
def test_no_two_boxes_have_one_title_or_anchor(language):
    boxes = method_boxes(language)
    assert len({box.title for box in boxes}) == len({box.anchor for box in boxes}) == len(boxes)


def test_a_review_has_the_boxes_of_its_measures_alone():
    assert [box.key for box in boxes_of(["lights.trend"], "fr")] == ["light_trend"]
    assert [box.key for box in boxes_of([], "en", sections=["sensitivity"])] == ["sensitivity"]
    assert boxes_of([], "en") == []
