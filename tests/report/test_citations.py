"""References to inputs: nothing lost, nothing twice, and no text that BibTeX or a terminal would take for its own."""

import re

import pytest

from urbanreview.report.citations import bibtex, references
from urbanreview.sources.catalogue import catalogue

GHS = {
    "name": "ghs 2020",
    "path": "data/2020.tif",
    "licence": "EC-reuse",
    "citation": "Schiavina M., Freire S. (2023): GHS-POP R2023A - GHS population grid. European Commission, JRC.",
    "dataset": "ghs-pop-r2023a",
    "version": "R2023A V1-0",
    "doi": "10.2905/2FF68A52",
    "fetched": "2026-11-24T08:00:00+00:00",
}
HOSTILE = [
    "}} @misc{evil, title = {x}",
    "50 % of { people \\input{/etc/passwd}",
    "$\\write18{rm}$ & # _ ^ ~",
    'quote " and "',
    "a\nb\r\n\tc",
    "\x1b[31mred\x1b[0m and \u202eback",
    "{" * 50,
    "Алматы қаласы",
]


def entries_of(text: str) -> list[tuple[str, dict[str, str]]]:
    """Read BibTeX as BibTeX does: by counting braces, whatever stands before them."""
    found = []
    at = 0
    while (start := text.find("@", at)) >= 0:
        opened = text.index("{", start)
        assert text[start:opened] == "@misc"
        at = end_of_group(text, opened)
        key, _, body = text[opened + 1 : at - 1].partition(",")
        found.append((key, fields_of(body)))
        between = text[at : text.find("@", at) if "@" in text[at:] else len(text)]
        assert not between.strip()
    return found


def end_of_group(text: str, opened: int) -> int:
    depth = 0
    for place in range(opened, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    raise AssertionError("braces do not close")


def fields_of(body: str) -> dict[str, str]:
    found = {}
    at = 0
    while match := re.compile(r"\s*,?\s*(\w+) = \{").match(body, at):
        at = end_of_group(body, match.end() - 1)
        assert match[1] not in found
        found[match[1]] = body[match.end() : at - 1]
    assert not body[at:].strip()
    return found


class TestText:
    def test_one_reference_with_version_day_and_licence(self):
        assert references([GHS]) == [
            "Schiavina M., Freire S. (2023): GHS-POP R2023A - GHS population grid. European Commission, JRC. "
            "doi:10.2905/2FF68A52. Version R2023A V1-0. Fetched 2026-11-24. Licence EC-reuse."
        ]

    def test_files_of_one_citation_are_one_reference_with_all_days(self):
        later = GHS | {"name": "ghs 2010", "fetched": "2026-12-01T08:00:00+00:00"}
        (text,) = references([later, GHS])
        assert "Fetched 2026-11-24 to 2026-12-01." in text
        assert references([GHS, later]) == [text]

    def test_two_versions_are_two(self):
        assert len(references([GHS, GHS | {"version": "R2022A"}])) == 2

    def test_what_has_no_citation_is_told_by_name_and_file(self):
        assert references([{"name": "districts", "path": "data/d.gpkg", "licence": "", "citation": ""}]) == [
            "districts: data/d.gpkg (no citation stated)."
        ]

    def test_inputs_without_a_citation_are_not_lumped_together(self):
        assert len(references([{"name": "a", "path": "x"}, {"name": "b", "path": "x"}])) == 2

    def test_a_doi_within_the_citation_is_not_told_twice(self):
        (text,) = references([{"name": "a", "citation": "Doe (2020): T. doi:10.1/x.", "doi": "10.1/x"}])
        assert text.count("10.1/x") == 1

    def test_without_a_doi_the_page_stands(self):
        (text,) = references([{"name": "a", "citation": "Doe (2020): T.", "url": "https://example.org/t", "address": "z"}])
        assert text == "Doe (2020): T. https://example.org/t."

    def test_nothing_is_nothing(self):
        assert references([]) == []
        assert bibtex([]) == ""

    def test_other_values_of_a_manifest_do_no_harm(self):
        entry = {"name": 7, "citation": None, "version": 3, "size_bytes": 1, "modelled": False, "made_of": [{}]}
        assert references([entry]) == ["7: no title (no citation stated). Version 3."]

    @pytest.mark.parametrize("text", HOSTILE)
    def test_a_reference_is_one_line_without_signs_that_steer(self, text):
        (line,) = references([{"name": text, "citation": text, "version": text, "licence": text}])
        assert not re.search(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]", line)


class TestBibtex:
    def test_an_entry_has_key_author_title_year_and_note(self):
        ((key, fields),) = entries_of(bibtex([GHS]))
        assert key == "ghs-pop-r2023a"
        assert fields == {
            "author": "{Schiavina M., Freire S.}",
            "title": "{GHS-POP R2023A - GHS population grid}",
            "year": "2023",
            "doi": "10.2905/2FF68A52",
            "note": "European Commission, JRC. Version R2023A V1-0. Fetched 2026-11-24. Licence EC-reuse",
        }

    def test_without_a_year_that_of_the_fetch_stands(self):
        ((_, fields),) = entries_of(bibtex([{"name": "names", "citation": "GeoNames: database.", "fetched": "2026-11-24"}]))
        assert fields["title"] == "{GeoNames: database}"
        assert fields["year"] == "2026"
        assert "author" not in fields

    def test_what_has_no_citation_has_a_title_still(self):
        ((key, fields),) = entries_of(bibtex([{"name": "Аудандар", "path": "data/d.gpkg"}]))
        assert key == "input"
        assert fields == {"title": "{Аудандар: data/d.gpkg (no citation stated)}"}

    def test_keys_are_unique(self):
        inputs = [GHS, GHS | {"version": "R2022A"}, {"name": "ghs-pop-r2023a", "citation": "Doe (2020): T."}]
        keys = [key for key, _ in entries_of(bibtex(inputs))]
        assert len(set(keys)) == 3
        assert all(re.fullmatch(r"[a-z0-9.:-]+", key) for key in keys)

    def test_the_order_of_inputs_is_nothing(self):
        inputs = [GHS, GHS | {"version": "R2022A"}, {"name": "d", "citation": "Doe (2020): T."}]
        assert bibtex(inputs) == bibtex(inputs[::-1])

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_text_stays_inside_its_field(self, text):
        entry = dict.fromkeys(("name", "citation", "dataset", "version", "doi", "url", "address", "licence", "fetched"), text)
        ((key, fields),) = entries_of(bibtex([entry]))
        assert set(fields) <= {"author", "title", "year", "doi", "url", "note"}
        assert re.fullmatch(r"[a-z0-9.:-]+", key)
        commands = {"textbackslash", "textbraceleft", "textbraceright", "textasciicircum", "textasciitilde"}
        for value in fields.values():
            assert set(re.findall(r"\\([a-z]+)", value)) <= commands
            assert not re.search(r"(?<!\\)[$&#_^~]", value) or value in (fields.get("url"), fields.get("doi"))

    @pytest.mark.parametrize("text", HOSTILE)
    def test_hostile_authors_too(self, text):
        ((_, fields),) = entries_of(bibtex([{"name": "a", "citation": f"{text.splitlines()[0]} (2020): {text}"}]))
        assert fields["year"] == "2020"

    def test_every_dataset_of_the_catalogue_makes_an_entry(self):
        inputs = [
            {
                "name": dataset.key,
                "dataset": dataset.key,
                "citation": dataset.citation,
                "doi": dataset.doi,
                "url": dataset.url,
                "version": dataset.version,
                "licence": dataset.licence,
            }
            for dataset in catalogue().values()
        ]
        entries = entries_of(bibtex(inputs))
        assert {key for key, _ in entries} == set(catalogue())
        for key, fields in entries:
            assert len(fields["title"]) > 12, key
            assert fields["note"]
        assert len(references(inputs)) == len(inputs)
