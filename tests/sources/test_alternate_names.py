"""GeoNames' names by language: only the wanted ones, from files too large to hold."""

from importlib import import_module

import pyarrow as pa
import pytest

from urbanreview.errors import AmbiguousInput, MissingFile, UnreadableFile
from urbanreview.sources import open_alternate_names as opened

ALMATY, SHYMKENT = 1526384, 1518980


def row(entry, place, language, name, *flags, since="", until=""):
    """One line of the file; flags among preferred, short, colloquial, historic."""
    marks = ["1" if flag in flags else "" for flag in ("preferred", "short", "colloquial", "historic")]
    return "\t".join([str(entry), str(place), language, name, *marks, since, until])


ROWS = (
    row(12, ALMATY, "kk", "Алматы", "preferred"),
    row(11, ALMATY, "ru", "Алма-Ата"),
    row(13, ALMATY, "kk-Latn", "Almaty"),
    row(14, ALMATY, "", "Alma Ata"),
    row(15, ALMATY, "link", "https://ru.wikipedia.org/wiki/Алма-Ата"),
    row(16, ALMATY, "ru", "Верный", "historic", until="1921"),
    row(17, ALMATY, "ru", "Южная столица", "colloquial"),
    row(10, SHYMKENT, "kk", "Шымкент"),
    row(18, SHYMKENT, "RU", "Чимкент", "short"),
)


@pytest.fixture
def write(tmp_path):
    def written(rows=ROWS, name="KZ.txt", encoding="utf-8", end="\n"):
        (tmp_path / name).write_bytes((end.join(rows) + end).encode(encoding))
        return tmp_path / name

    return written


def test_names_in_the_wanted_languages_oldest_entries_first(write):
    names = opened(write(), languages=["kk", "ru"])
    assert names.index.tolist() == [10, 11, 12, 18]
    assert names.columns.tolist() == ["geonameid", "language", "name", "preferred", "short"]
    assert names.loc[12].tolist() == [ALMATY, "kk", "Алматы", True, False]
    assert names.loc[18].tolist() == [SHYMKENT, "ru", "Чимкент", False, True]
    assert names["geonameid"].dtype == "int64"
    assert (names["preferred"].dtype, names["short"].dtype) == (bool, bool)


def test_historic_and_colloquial_names_and_those_of_the_past_are_left_out(write):
    past = row(19, ALMATY, "ru", "Заилийское", since="1854", until="1855")
    current = row(20, ALMATY, "ru", "Алматы", since="1993")
    names = opened(write([*ROWS, past, current]), languages=["ru"], geonameids=[ALMATY])
    assert names["name"].tolist() == ["Алма-Ата", "Алматы"]


def test_a_script_is_a_language_of_its_own(write):
    assert opened(write(), languages=["kk-latn"])["name"].tolist() == ["Almaty"]
    assert opened(write(), languages=["KK"])["name"].tolist() == ["Шымкент", "Алматы"]
    assert set(opened(write(), languages=["KK"])["language"]) == {"KK"}


def test_only_the_wanted_places(write):
    assert opened(write(), languages=["kk"], geonameids=iter([SHYMKENT, 7]))["name"].tolist() == ["Шымкент"]
    assert opened(write(), languages=["kk"], geonameids=[]).empty


def test_a_language_that_nobody_has(write):
    names = opened(write(), languages=["fr"])
    assert names.empty
    assert names["geonameid"].dtype == "int64"


def test_the_order_of_the_rows_does_not_matter(write):
    assert opened(write(), languages=["kk", "ru"]).equals(opened(write(ROWS[::-1], "b.txt"), languages=["kk", "ru"]))


def test_quotation_marks_are_letters(write):
    names = ['Село "Восход', "O'Higgins", '"Мир"']
    rows = [row(entry, 5, "ru", name) for entry, name in enumerate(names)]
    assert opened(write(rows), languages=["ru"])["name"].tolist() == names


def test_towns_are_called_what_they_are_called(write):
    """None is a town in Piedmont; it is not missing."""
    rows = [row(1, 5, "it", "None"), row(2, 6, "it", "NA"), row(3, 7, "it", " Roma "), row(4, 8, "it", " ")]
    assert opened(write(rows), languages=["it"])["name"].tolist() == ["None", "NA", "Roma"]


@pytest.mark.parametrize("how", [{"encoding": "utf-8-sig"}, {"end": "\r\n"}])
def test_a_byte_order_mark_or_ends_of_lines_of_windows(write, how):
    names = opened(write(**how), languages=["kk"])
    assert names["name"].tolist() == ["Шымкент", "Алматы"]
    assert len(opened(write(ROWS[:1], **how), languages=["kk"])) == 1


def test_the_older_form_without_years(write):
    rows = ["\t".join(line.split("\t")[:8]) for line in ROWS]
    assert opened(write(rows, "alternateNames.txt"), languages=["ru"])["name"].tolist() == ["Алма-Ата", "Чимкент"]


class TestArchives:
    def test_of_a_country_with_its_readme(self, write, write_zip):
        archive = write_zip({"readme.txt": b"Readme", "KZ.txt": write()}, "KZ.zip")
        assert len(opened(archive, languages=["kk"])) == 2
        assert len(opened("KZ.zip", languages=["kk"], base=archive.parent)) == 2

    def test_of_the_world_with_its_list_of_languages(self, write, write_zip):
        archive = write_zip({"iso-languagecodes.txt": b"ISO 639-3", "alternateNamesV2.txt": write()}, "world.zip")
        assert len(opened(archive, languages=["kk"])) == 2

    def test_by_the_name_of_the_member(self, write, write_zip):
        archive = write_zip({"a.txt": b"no", "b.txt": write()}, "both.zip")
        assert len(opened(f"{archive}!b.txt", languages=["kk"])) == 2
        with pytest.raises(AmbiguousInput, match=r"both\.zip holds 2 files"):
            opened(archive, languages=["kk"])

    def test_with_its_only_text(self, write, write_zip):
        assert len(opened(write_zip({"names.txt": write(), "a.pdf": b"%PDF"}), languages=["kk"])) == 2

    def test_cut_short(self, write, write_zip, halve):
        archive = write_zip({"KZ.txt": write()}, "KZ.zip")
        with pytest.raises(UnreadableFile, match=r"KZ\.zip"):
            opened(halve(archive), languages=["kk"])


class TestOtherFiles:
    def test_the_main_table_of_the_country_that_bears_the_same_name(self, write):
        main = ["\t".join(["1526384", "Almaty", "Almaty", "", "43.25", "76.9", *[""] * 13])]
        with pytest.raises(UnreadableFile, match=r"expected GeoNames alternate names .*10 columns.*got '19 columns"):
            opened(write(main), languages=["kk"])

    def test_a_page_of_a_server(self, write):
        with pytest.raises(UnreadableFile, match=r"got '1 column, the first line beginning with '<html>"):
            opened(write(["<html>", "not found"]), languages=["kk"])

    def test_a_heading(self, write):
        heading = "\t".join(["alternateNameId", "geonameid", "isolanguage", *"abcdefg"])
        with pytest.raises(UnreadableFile, match="beginning with 'alternateNameId'"):
            opened(write([heading, *ROWS]), languages=["kk"])

    @pytest.mark.parametrize("content", [b"", b"\0\1\2" * 100])
    def test_nothing_or_rubbish(self, tmp_path, content):
        (tmp_path / "KZ.txt").write_bytes(content)
        with pytest.raises(UnreadableFile, match=r"KZ\.txt"):
            opened(tmp_path / "KZ.txt", languages=["kk"])

    def test_a_line_cut_short(self, write):
        with pytest.raises(UnreadableFile, match="Expected 10 columns, got 3"):
            opened(write([*ROWS, "19\t7\tkk"]), languages=["kk"])

    def test_another_encoding(self, write):
        with pytest.raises(UnreadableFile, match="invalid UTF8"):
            opened(write(encoding="cp1251"), languages=["kk"])

    def test_none(self, tmp_path):
        with pytest.raises(MissingFile, match=r"absent\.txt"):
            opened("absent.txt", languages=["kk"], base=tmp_path)


@pytest.fixture
def counted_memory():
    """A pool that knows the most that Arrow held since it was set."""
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    pa.set_memory_pool(pool)
    yield pool
    pa.set_memory_pool(before)


def test_a_large_file_costs_no_more_memory_than_its_blocks(tmp_path, monkeypatch, counted_memory):
    """400,000 names of 23 MB in blocks of a quarter: 101 are wanted, from the first to the last."""
    path, rows = tmp_path / "alternateNamesV2.txt", 400_000
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{entry}\t{entry}\tru\tНаселённый пункт {entry}\t\t\t\t\t\t\n" for entry in range(rows))
    monkeypatch.setattr(import_module("urbanreview.sources.open_alternate_names"), "_BLOCK_BYTES", 1 << 18)
    wanted = [*range(0, rows, rows // 100), rows - 1]
    names = opened(path, languages=["kk", "ru"], geonameids=wanted)
    assert names["geonameid"].tolist() == wanted
    assert names["name"].iloc[-1] == f"Населённый пункт {rows - 1}"
    assert 0 < counted_memory.max_memory() < path.stat().st_size / 2
