from zipfile import ZipFile

import openpyxl
import pandas as pd
import pytest

from urbanreview.report import dictionary, level_tables, wide_table, write_workbook


@pytest.fixture(scope="module")
def book(folder):
    return openpyxl.load_workbook(folder / "review.xlsx")


def texts(sheet) -> list[str]:
    return [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_sheets(book):
    assert book.sheetnames == [
        "About", "Largest centres", "Urban centres", "Urban clusters", "Districts", "Adm1", "Country", "City system",
        "Size classes", "Urban growth", "Links", "Missing", "Ledger", "Dictionary", "Inputs",
    ]  # fmt: skip


def test_about_says_what_this_is_and_that_it_is_modelled(book, observed, tmp_path):
    about = texts(book["About"])
    assert "Toyland: urbanization review" in about
    assert any("Modelled data" in text for text in about)
    assert any(text.startswith("Boundaries as of 2022") for text in about)
    write_workbook(observed, tmp_path / "review.xlsx")
    assert not any("Modelled" in text for text in texts(openpyxl.load_workbook(tmp_path / "review.xlsx")["About"]))


def test_tables_hold_the_numbers_under_both_headings(review, book):
    for level, sheet_name in (("adm2", "Districts"), ("urban_centre", "Urban centres")):
        sheet, table = book[sheet_name], wide_table(review, level).reset_index()
        assert [cell.value for cell in sheet[2]] == list(table.columns)
        for number, row in enumerate(table.itertuples(index=False), start=3):
            for cell, value in zip(sheet[number], row, strict=True):
                if pd.isna(value) or value == "":
                    assert cell.value is None
                else:
                    assert cell.value == (pytest.approx(value, rel=1e-14) if isinstance(value, float) else value)
    headings = {cell.value: cell.column_letter for cell in book["Districts"][1]}
    assert "Sum of lights, 2018-01 [nW/cm²/sr]" in headings
    assert book["Districts"][f"{headings['Urban share, 2020']}3"].number_format == "0.0%"
    assert book["Districts"][f"{headings['People, 2020 [people]']}3"].number_format == "#,##0"


def test_heads_stay_in_view_and_can_be_filtered(book):
    sheet = book["Districts"]
    assert sheet.freeze_panes == "C3"
    assert sheet.auto_filter.ref.startswith("A2:")


def test_nothing_in_it_is_a_formula_or_a_link(book, folder):
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", cell.coordinate
                assert cell.hyperlink is None
    assert any(text.startswith("=HYPERLINK(") for text in texts(book["Urban centres"]))
    with ZipFile(folder / "review.xlsx") as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in archive.read(name)
                assert b"<hyperlink" not in archive.read(name)


def test_the_chart_is_native_and_shows_people_of_the_largest(book):
    (chart,) = book["Largest centres"]._charts
    (series,) = chart.series
    assert series.val.numRef.f == "'Largest centres'!$C$3:$C$6"
    assert series.cat.strRef.f == "'Largest centres'!$B$3:$B$6"
    assert [book["Largest centres"][f"C{row}"].value for row in range(3, 7)] == [912_345.0, 130_000.0, 88_000.0, 61_000.25]


def test_missing_numbers_have_their_reason(book):
    found = {(row[0].value, row[2].value): row[6].value for row in book["Missing"].iter_rows(min_row=3)}
    assert found["TOY-uc-3", "lights.sum"] == "lights were not observed in 2018-01"
    assert found["TOY-adm0-TOY", "urban_growth.absorbed"] == "the rules tell no towns and villages"


def test_flags_stand_beside_the_largest_and_are_explained(book):
    sheet = book["Largest centres"]
    assert [sheet.cell(2, column).value for column in range(1, 6)] == ["zone_id", "name", "people", "lights", "flags"]
    assert sheet["E4"].value == "across the border; few cells"
    assert "Fewer than 10 population cells." in texts(book["About"])


def test_rates_are_not_rounded_away(book):
    sheet = book["City system"]
    headings = {cell.value: cell.column for cell in sheet[2]}
    assert sheet.cell(3, headings["system_growth_on_size"]).number_format == "0.00%"
    assert sheet.cell(4, headings["system_settlements"]).number_format == "#,##0"
    assert sheet.cell(3, headings["cutoff"]).value == 50_000


def test_dictionary_is_whole(review, book):
    assert book["Dictionary"].max_row == len(dictionary(review)) + 2


def test_a_country_without_cities_says_so(empty, tmp_path):
    write_workbook(empty, tmp_path / "review.xlsx")
    book = openpyxl.load_workbook(tmp_path / "review.xlsx")
    assert "No urban centre was found." in texts(book["Largest centres"])
    assert not book["Largest centres"]._charts
    assert book["Urban centres"].max_row == 2
    assert len(level_tables(empty)) == 5
