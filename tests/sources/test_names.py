"""The user's own names of settlements."""

import pytest

from urbanreview.errors import DuplicateIds, MissingFile, NotInInput, UnreadableFile
from urbanreview.sources import open_names


@pytest.fixture
def write(tmp_path):
    def written(text: str, name: str = "names.csv", encoding: str = "utf-8"):
        (tmp_path / name).write_bytes(text.encode(encoding))
        return tmp_path / name

    return written


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_table_of_names(write, encoding):
    path = write('zone_id,name,note\nb,"Nur-Sultan, old",x\na, Шымкент ,\n', encoding=encoding)
    names = open_names(path)
    assert names.to_dict() == {"b": "Nur-Sultan, old", "a": "Шымкент"}
    assert (names.index.name, names.name) == ("zone_id", "name")


def test_columns_in_any_order_and_a_relative_path(write, tmp_path):
    write("name,zone_id\nTaraz,a\n")
    assert open_names("names.csv", base=tmp_path).to_dict() == {"a": "Taraz"}


@pytest.mark.parametrize("blank", ["", "   ", '""'])
def test_rows_without_a_name_are_left_out(write, blank):
    assert open_names(write(f"zone_id,name\na,{blank}\nb,Taraz\n")).to_dict() == {"b": "Taraz"}


@pytest.mark.parametrize("name", ["None", "NA", "Null", "nan", "n/a"])
def test_towns_are_called_what_they_are_called(write, name):
    """None is a town in Piedmont."""
    assert open_names(write(f"zone_id,name\na,{name}\n")).to_dict() == {"a": name}


def test_an_id_of_digits_stays_text(write):
    assert open_names(write("zone_id,name\n007,Bond\n")).to_dict() == {"007": "Bond"}


def test_only_a_heading_is_no_names(write):
    assert open_names(write("zone_id,name\n")).to_dict() == {}


@pytest.mark.parametrize("column", ["zone_id", "name"])
def test_a_missing_column_is_told(write, column):
    text = "zone_id,name\na,b\n".replace(column, "other")
    with pytest.raises(NotInInput, match=rf"names\.csv has no column '{column}'\. Known: "):
        open_names(write(text))


def test_an_id_twice_is_told(write):
    with pytest.raises(DuplicateIds, match=r"column 'zone_id' has 1 duplicate ids \(a\)"):
        open_names(write("zone_id,name\na,X\na,Y\nb,Z\n"))


@pytest.mark.parametrize(
    ("text", "encoding"), [("zone_id,name\na,Шымкент\n", "cp1251"), ("", "utf-8"), ('zone_id,name\na,"b\n', "utf-8")]
)
def test_what_is_no_table_in_utf_8_is_told(write, text, encoding):
    with pytest.raises(UnreadableFile, match=r"names\.csv: expected a CSV table in UTF-8"):
        open_names(write(text, encoding=encoding))


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(MissingFile, match=r"absent\.csv"):
        open_names("absent.csv", base=tmp_path)


def test_one_in_an_archive(write, write_zip):
    archive = write_zip({"names.csv": write("zone_id,name\na,Taraz\n")})
    assert open_names(archive).to_dict() == {"a": "Taraz"}
