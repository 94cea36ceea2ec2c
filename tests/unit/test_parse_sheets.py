"""Cells say what a reader of the sheet sees: percentages, thousands, units; hidden rows stay out; an empty row ends no table."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import openpyxl
import pytest

from rag.ingest.parse.cell_value import shown
from rag.ingest.parse.ods import parse_ods
from rag.ingest.parse.tables import parse_csv, parse_xlsx
from rag.ports import Parsed
from tests.samples import opendocument_raw


def texts(parsed: Parsed) -> list[str]:
    """The text of each block."""
    return [block.text for block in parsed.blocks]


def read(rows: list[list[object]], change: Callable[[Any], None] = lambda sheet: None) -> Parsed:
    """A sheet of a workbook as it is read."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    out = io.BytesIO()
    book.save(out)
    return parse_xlsx(out.getvalue(), "x.xlsx")


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1, "0%", "100 %"),
        (2.0, "0.0 %", "200 %"),
        (0.125, "0%", "12.5 %"),
        (12_500_000, "#,##0,", "12500"),
        (12_500_000, '#,##0.0,,"M"', "12.5 M"),
        (1234.5, '#,##0.0 "MWh"', "1234.5 MWh"),
        (1234.5, '_-* #,##0.00 "€"_-;\\-* #,##0.00 "€"_-', "1234.5 €"),
        (1234.5, "[$USD] #,##0.00", "USD 1234.5"),
        (1234, "#,##0", "1234"),
        (1234.5, "General", "1234.5"),
        (0.00001, "0.00E+00", "0.00001"),
        (5, '[<10]0" pocos";0', "5"),
        (12345678901.5, "General", "12345678901.5"),
        (0.1 + 0.2, "General", "0.3"),
        (1e20, "General", "100000000000000000000"),
        (timedelta(hours=30), "[h]:mm", "30:00"),
    ],
)
def test_numbers_as_their_format_shows_them(value: object, form: str, text: str) -> None:
    """Percentages, scaled numbers, units and currencies; all digits that mean something, none in powers of ten."""
    assert shown(value, form) == text


def test_percentages_of_a_workbook() -> None:
    """A whole number formatted as a percentage is one too."""

    def form(sheet: Any) -> None:
        for row in (2, 3):
            sheet.cell(row, 2).number_format = "0%"

    assert texts(read([["Plan", "Avance"], ["Fugas", 1], ["Bombeo", 0.45]], form)) == [
        "Plan | Avance\nFugas | 100 %\nBombeo | 45 %"
    ]


def test_hidden_rows_and_columns() -> None:
    """They are no evidence, and a note says that they are left out; empty ones are not counted."""

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = sheet.row_dimensions[9].hidden = True
        for column in ("C", "H"):
            sheet.column_dimensions[column].hidden = True

    parsed = read([["Equipo", "kW", "Clave"], ["B1", 30, "x"], ["SECRETO", 99, "x"], ["B2", 22, "x"]], hide)
    assert texts(parsed) == ["Equipo | kW\nB1 | 30\nB2 | 22"]
    assert parsed.notes == ("sheet «Sheet»: hidden rows or columns are left out: 2",)


def test_formulas_never_computed() -> None:
    """Their cells are empty, and a note says why."""
    parsed = read([["Uso", "kWh"], ["Luz", 5], ["Agua", 7], ["Total", "=SUM(B2:B3)"]])
    assert texts(parsed) == ["Uso | kWh\nLuz | 5\nAgua | 7\nTotal"]
    assert parsed.notes == ("sheet «Sheet»: formulas without a computed value, to be opened and saved anew: 1",)


def test_a_table_goes_on_below_an_empty_row() -> None:
    """Rows below an empty one keep their header, unless they bring their own, lie elsewhere, or hold no amounts to tell by."""
    head = ["Equipo", "kW", "Horas"]
    assert texts(read([head, ["B1", 30, 4000], [], ["M1", 22, 1200], [], ["Total", 52]])) == [
        "Equipo | kW | Horas\nB1 | 30 | 4000\nM1 | 22 | 1200\nTotal | 52"
    ]
    assert texts(read([["Mes", "kWh"], ["ene", 10], [], ["Mes", "EUR"], ["ene", 1]])) == [
        "Mes | kWh\nene | 10",
        "Mes | EUR\nene | 1",
    ]
    assert texts(read([head, ["B1", 30, 4000], [], [None, None, None, None, "Nota", 5]])) == [
        "Equipo | kW | Horas\nB1 | 30 | 4000",
        "Nota | 5",
    ]
    assert texts(parse_csv(b"Equipo,kW\nB1,30\n\nM1,22\nM2,11\n", "x.csv")) == ["Equipo | kW\nB1 | 30\nM1 | 22\nM2 | 11"]


def test_delimiters_within_quotes_do_not_count() -> None:
    """Semicolons in quoted texts do not make a file of commas one of semicolons."""
    data = 'fecha,kWh,nota\n1/1,"1.234,5","hola; que tal; pues"\n2/1,"1.300,0","ok; bien; si"\n'
    assert texts(parse_csv(data.encode(), "x.csv")) == [
        "fecha | kWh | nota\n1/1 | 1.234,5 | hola; que tal; pues\n2/1 | 1.300,0 | ok; bien; si"
    ]


def cell(text: str, about: str = 'office:value-type="string"') -> str:
    """A cell's XML."""
    return f"<table:table-cell {about}><text:p>{text}</text:p></table:table-cell>"


def test_open_document_sheets() -> None:
    """Percentages and currencies as they are shown, other numbers in full; hidden sheets, rows and columns stay out."""
    percent, money = 'office:value-type="percentage" office:value="1"', 'office:value-type="currency" office:value="1234.5"'
    exact, scaled = (f'office:value-type="float" office:value="{value}"' for value in (1234.5, 12_500_000))
    rows = (
        [cell("Plan"), cell("Avance"), cell("Coste"), cell("kWh"), cell("Clave")],
        [cell("Fugas"), cell("100 %", percent), cell("1.234,50 EUR", money), cell("1.235", exact), cell("x")],
        [cell("Bombeo"), "<table:table-cell/>", cell("9"), cell("12.500", scaled), cell("x")],
    )
    columns = '<table:table-column table:number-columns-repeated="4"/><table:table-column table:visibility="collapse"/>'
    hidden = f'<table:table-row table:visibility="filter">{cell("SECRETO")}</table:table-row>'
    body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    empty = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
    data = opendocument_raw(
        "spreadsheet",
        f'<table:table table:name="Datos">{columns}{body}{hidden}{empty}</table:table>'
        f'<table:table table:name="Oculta" table:style-name="ta2"><table:table-row>{cell("SECRETO")}'
        "</table:table-row></table:table>",
        '<style:style style:name="ta2" style:family="table"><style:table-properties table:display="false"/></style:style>',
    )
    parsed = parse_ods(data, "x.ods")
    assert texts(parsed) == ["Plan | Avance | Coste | kWh\nFugas | 100 % | 1.234,50 EUR | 1234.5\nBombeo |  | 9 | 12.500"]
    assert [(block.locator.sheet, block.locator.rows) for block in parsed.blocks] == [("Datos", (2, 3))]
    assert parsed.notes == ("sheet «Datos»: hidden rows or columns are left out: 2",)
