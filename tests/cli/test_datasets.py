"""The commands datasets and cite."""

import json

import pytest

from urbanreview.sources.catalogue import catalogue


class TestDatasets:
    def test_it_prints_key_title_years_licence_and_state_of_every_one(self, invoke):
        result = invoke("datasets")
        assert (result.exit_code, result.stderr) == (0, "")
        text = " ".join(result.stdout.split())
        for dataset in catalogue().values():
            assert dataset.key in text
            assert dataset.licence in text
        assert "not yet proven live" in text
        assert "needs a login, not fetched" in text
        assert "1975-2030 by 5, projected from 2025" in text

    def test_one_theme_alone_each_on_one_line(self, invoke):
        shown = [dataset for dataset in catalogue().values() if dataset.theme == "air"]
        lines = [line for line in invoke("datasets", "--theme", "air").stdout.splitlines() if "satpm25" in line]
        assert len(lines) == len(shown)
        for line, dataset in zip(lines, shown, strict=True):
            for text in (dataset.key, dataset.title, dataset.years_text(), dataset.licence, dataset.state()):
                assert text in line

    def test_json_holds_the_whole_rows(self, invoke):
        found = json.loads(invoke("datasets", "--json").stdout)
        assert [row["key"] for row in found] == list(catalogue())
        assert found[0]["proven_live"] is False
        assert {"address", "nodata", "citation", "notes"} <= set(found[0])

    def test_an_unknown_theme_is_misuse_with_a_guess(self, fails):
        assert "Unknown theme 'climat'. Did you mean 'climate'?" in fails("datasets", "--theme", "climat", code=2)


class TestCite:
    @pytest.fixture
    def folder(self, tmp_path):
        inputs = [
            {"name": "ghs 2020", "path": "data/2020.tif", "licence": "", "citation": "", "dataset": "ghs-pop-r2023a"},
            {"name": "districts", "path": "data/d.gpkg", "licence": "CC BY 4.0", "citation": "Office (2024): Districts."},
        ]
        (tmp_path / "run.json").write_text(json.dumps({"inputs": inputs}), encoding="utf-8")
        return tmp_path

    def test_the_user_s_words_and_those_of_the_catalogue(self, invoke, folder):
        result = invoke("cite", folder)
        assert (result.exit_code, result.stderr) == (0, "")
        lines = result.stdout.splitlines()
        assert lines[0] == "Office (2024): Districts. Licence CC BY 4.0."
        assert lines[1].startswith("Schiavina M., Freire S., Carioli A., MacManus K. (2023): GHS-POP R2023A")
        assert "doi:10.2905/2FF68A52-5B5B-4A22-8F40-C41DA8332CFE. Version R2023A V1-0. Licence EC-reuse." in lines[1]

    def test_bibtex(self, invoke, folder):
        text = invoke("cite", folder, "--bibtex").stdout
        assert text.count("@misc{") == 2
        assert "@misc{ghs-pop-r2023a,\n  author = {{Schiavina M., Freire S., Carioli A., MacManus K.}}," in text

    def test_a_dataset_that_is_no_longer_known_does_no_harm(self, invoke, folder):
        inputs = [{"name": "old", "path": "x", "dataset": "gone-1", "citation": "Doe (1999): Gone."}]
        (folder / "run.json").write_text(json.dumps({"inputs": inputs}))
        assert invoke("cite", folder).stdout == "Doe (1999): Gone.\n"

    def test_a_folder_that_is_not_there(self, fails, tmp_path):
        assert f"File not found: {tmp_path / 'none' / 'run.json'}" in fails("cite", tmp_path / "none")

    @pytest.mark.parametrize("text", ["{", "[]", '{"inputs": {}}', '{"inputs": [1]}', "\x80"])
    def test_a_manifest_that_is_none(self, fails, tmp_path, text):
        (tmp_path / "run.json").write_bytes(text.encode("latin-1"))
        assert "expected the run.json of a review" in fails("cite", tmp_path)

    def test_a_review_of_the_toy_can_be_cited(self, invoke, parts, going_on):
        parts.draw_nothing()
        assert invoke("run", going_on(parts.settings), "--quiet").exit_code == 0
        result = invoke("cite", parts.settings.parent / "toy-review")
        assert result.exit_code == 0
        assert "no citation stated" in result.stdout
