"""The user's own tables, as offices and spreadsheets write them."""

import codecs
import math

import pandas as pd
import pytest

from urbanreview.errors import AmbiguousInput, EmptyLayer, MissingFile, NotANumber, NotInInput, UnreadableFile
from urbanreview.sources import as_numbers, open_table


@pytest.fixture
def write(tmp_path):
    def written(content: str | bytes, name: str = "table.csv"):
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return written


def numbers(*cells):
    return as_numbers(pd.Series(list(cells), name="people", dtype="str"), origin="a.csv").tolist()


TEXT = "code;name;people\r\n007;Қарағанды; 1 234,5 \r\n08;Жетісу;\r\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        TEXT.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
    ids=["plain", "mark", "little", "big"],
)
def test_text_in_any_declared_encoding_with_zeros_kept_and_spaces_gone(write, content):
    table = open_table(write(content), needed=("code", "people"))
    assert table.columns.tolist() == ["code", "name", "people"]
    assert table.values.tolist() == [["007", "Қарағанды", "1 234,5"], ["08", "Жетісу", ""]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(write, delimiter):
    lines = [["code", "people"], ["01", "5"], ["02", "7"]]
    table = open_table(write("\n".join(delimiter.join(line) for line in lines)))
    assert table.values.tolist() == lines[1:]


def test_delimiters_in_quotes_do_not_count(write):
    table = open_table(write('"a, b, c, d";"e"\n"x, y";"say ""no"""\n'))
    assert table.to_dict("list") == {"a, b, c, d": ["x, y"], "e": ['say "no"']}


def test_the_needed_columns_decide_where_counting_misleads(write):
    path = write("code;people, total, all\n1;2\n")
    assert open_table(path, needed=("code",)).to_dict("list") == {"code": ["1"], "people, total, all": ["2"]}


def test_rows_without_text_are_left_out_and_short_rows_are_filled(write):
    table = open_table(write("\n\ncode,name,note\n\n1,A\n , ,\n2,B,x,,\n"))
    assert table.values.tolist() == [["1", "A", ""], ["2", "B", "x"]]


def test_one_column_is_a_table(write):
    assert open_table(write("name\nNA\nNone\n"))["name"].tolist() == ["NA", "None"]


def test_a_relative_path_and_an_archive(write, tmp_path, write_zip):
    path = write("code\n01\n")
    assert open_table("table.csv", base=tmp_path)["code"].tolist() == ["01"]
    assert open_table(write_zip({"in/table.csv": path}))["code"].tolist() == ["01"]


def test_a_missing_column_is_told_with_those_that_are_there(write):
    with pytest.raises(NotInInput, match=r"table\.csv has no column 'people'\. Known: code, Total\."):
        open_table(write("code,Total\n1,2\n"), needed=("code", "people"))


def test_a_needed_column_twice_is_told(write):
    with pytest.raises(AmbiguousInput, match=r"2 columns 'code' \(1, 3\), expected one"):
        open_table(write("code,a,code\n1,2,3\n"), needed=("code",))


def test_a_heading_alone_is_told(write):
    with pytest.raises(EmptyLayer, match="expected at least one row"):
        open_table(write("code,people\n,\n"), needed=("code",))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no heading"),
        (b"\n\n", "no heading"),
        ("имя\nШымкент\n".encode("cp1251"), "codec can't decode"),
        (b'code,name\n1,"b\n', "unexpected end of data"),
        (b"code,people\n1,5\n2,1,234\n", "3 cells in row 2, 2 in the heading"),
    ],
    ids=["empty", "blank", "encoding", "quote", "too many cells"],
)
def test_what_is_no_table_is_told(write, content, said):
    with pytest.raises(UnreadableFile, match=rf"expected a CSV table in UTF-8, got '.*{said}"):
        open_table(write(content))


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(MissingFile):
        open_table(tmp_path / "absent.csv")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234567", 1234567),
        ("1 234 567", 1234567),
        ("1\u00a0234\u00a0567", 1234567),
        ("1\u202f234\u202f567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567", 1234567),
        ("1234,5", 1234.5),
        ("1234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1 234,567", 1234.567),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1'234", 1234),
        ("1’234", 1234),
        ("0,125", 0.125),
        ("0.125", 0.125),
        ("1234,567", 1234.567),
        ("−5", -5),
        ("007", 7),
        ("1,234", 1234),
        ("1.234", 1234),
    ],
)
def test_numbers_as_offices_write_them(text, value):
    assert numbers(text) == [value]


@pytest.mark.parametrize("text", ["", " ", "-", "–", "n/a", "N/A", "...", "…", "..", ":", None])
def test_what_is_not_given_is_missing(text):
    assert math.isnan(numbers(text)[0])


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["1,234", "12,000", "999", "-"], [1234, 12000, 999]),
        (["1,234", "5,6"], [1.234, 5.6]),
        (["1,234", "1234,567"], [1.234, 1234.567]),
        (["1,234", "0,567"], [1.234, 0.567]),
        (["1,234", "5.6"], [1234, 5.6]),
        (["1,234", "1.234.567"], [1.234, 1234567]),
        (["1.234", "5,6"], [1234, 5.6]),
        (["1.234", "5.6"], [1.234, 5.6]),
        (["1.234", "2 345"], [1234, 2345]),
    ],
)
def test_what_reads_in_two_ways_is_decided_by_the_column(cells, values):
    assert [value for value in numbers(*cells) if not math.isnan(value)] == values


def test_the_order_of_rows_decides_nothing():
    assert numbers("5,6", "1,234") == [5.6, 1.234]


def test_a_column_that_reads_in_two_ways_is_refused():
    with pytest.raises(NotANumber, match=r"2 cells that cannot be read \(row 1: '1,234', row 3: '1\.234'\)"):
        numbers("1,234", "5", "1.234")


@pytest.mark.parametrize(
    "text", ["many", "12*", "1 23 4", "1,23,4", "12,34,567", "1.2.3", "5 %", "1e3", "nan", "inf", "1,234 567", "١٢"]
)
def test_anything_else_is_told_with_its_row_and_text(text):
    with pytest.raises(NotANumber) as caught:
        numbers("5", text, "7")
    assert f"a.csv: column 'people' has 1 cell that cannot be read (row 2: '{text}')" in str(caught.value)


def test_decimals_of_both_sorts_are_told():
    with pytest.raises(NotANumber, match=r"1 cell that cannot be read \(row 3: '3,5'\)"):
        numbers("1.5", "2.5", "3,5")


def test_index_and_name_stay():
    column = pd.Series(["5", ""], index=["x", "y"], name="people")
    found = as_numbers(column, origin="a.csv")
    assert (found.index.tolist(), found.name, found.dtype) == (["x", "y"], "people", float)
    assert column.tolist() == ["5", ""]
