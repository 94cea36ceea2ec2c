"""Word documents, workbooks and CSV files become blocks with their headings, sheets and row numbers."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import docx
import openpyxl
import pytest

from rag.errors import DocumentError
from rag.ingest.parse.docx import parse_docx
from rag.ingest.parse.tables import parse_csv, parse_xlsx


def word(write: object) -> bytes:
    """The bytes of a Word document."""
    document = docx.Document()
    document.core_properties.title = ""
    write(document)  # type: ignore[operator]  # a function of the document
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def book(**sheets: list[list[object]]) -> bytes:
    """The bytes of a workbook with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_docx_in_document_order() -> None:
    """Title, heading path, lists and tables, in the order in which they stand."""

    def write(document: docx.document.Document) -> None:
        document.add_heading("Manual de bombeo", 0)
        document.add_heading("Consignas", 1)
        document.add_paragraph("Fecha: 30/09/2021")
        document.add_heading("Presión", 2)
        document.add_paragraph("Máximo 5 bar.", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ("Hora", "bar", "00:00", "3,5"), strict=True):
            cell.text = text
        document.add_paragraph("Fin.")

    parsed = parse_docx(word(write), "m.docx")
    assert (parsed.title, parsed.date) == ("Manual de bombeo", date(2021, 9, 30))
    assert [(block.locator.headings[-1], block.text, block.is_table) for block in parsed.blocks] == [
        ("Consignas", "Fecha: 30/09/2021", False),
        ("Presión", "- Máximo 5 bar.", False),
        ("Presión", "Hora | bar\n00:00 | 3,5", True),
        ("Presión", "Fin.", False),
    ]
    assert parsed.blocks[1].locator.headings == ("Manual de bombeo", "Consignas", "Presión")


def test_docx_merged_and_nested_cells() -> None:
    """A merged cell is told once; a table in a cell is read as its text."""

    def write(document: docx.document.Document) -> None:
        table = document.add_table(rows=2, cols=2)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Cabecera"
        inner = table.cell(1, 0).add_table(rows=1, cols=1)
        inner.cell(0, 0).text = "dentro"
        table.cell(1, 1).text = "fuera"

    assert parse_docx(word(write), "t.docx").blocks[0].text == "Cabecera\ndentro | fuera"


def test_xlsx_rows_carry_their_numbers() -> None:
    """Title row, empty row, header and data, as the sheet numbers them; dates and numbers as a reader sees them."""
    data = book(
        Costes=[["Costes 2024"], [], ["Uso", "kWh", "Desde"], ["Luz", 412.5, datetime(2024, 2, 14)], ["Agua", 3, None]],
        Vacía=[],
    )
    blocks = parse_xlsx(data, "c.xlsx").blocks
    assert [(block.text, block.locator.sheet, block.locator.rows) for block in blocks] == [
        ("Costes 2024", "Costes", (1, 1)),
        ("Uso | kWh | Desde\nLuz | 412.5 | 2024-02-14\nAgua | 3", "Costes", (4, 5)),
    ]
    assert blocks[1].locator.headings == ("Costes 2024",)


def test_xlsx_long_tables_repeat_their_header() -> None:
    """Groups of rows cover all rows once, each under the header."""
    data = book(H=[["Equipo", "kW"], *([f"Bomba número {n} de la estación", n] for n in range(2, 202))])
    blocks = parse_xlsx(data, "x.xlsx").blocks
    assert len(blocks) > 5
    assert all(block.text.startswith("Equipo | kW\nBomba") for block in blocks)
    numbers = [number for block in blocks for number in range(block.locator.rows[0], block.locator.rows[1] + 1)]  # type: ignore[index]
    assert numbers == list(range(2, 202))
    assert all(f"número {block.locator.rows[0]} " in block.text for block in blocks)  # type: ignore[index]


def test_xlsx_merged_cells() -> None:
    """A cell merged over rows is told in each of them: a row alone says what it is of. One over columns is told once."""
    made = openpyxl.load_workbook(
        io.BytesIO(book(A=[["Zona", "Uso", "kWh"], ["Norte", "Luz", 1], [None, "Agua", 2], ["Sur", "Gas", 3]]))
    )
    made["A"].merge_cells("A2:A3")
    made["A"].append(["Total", None, 6])
    made["A"].merge_cells("A5:B5")
    out = io.BytesIO()
    made.save(out)
    [block] = parse_xlsx(out.getvalue(), "x.xlsx").blocks
    assert block.text == "Zona | Uso | kWh\nNorte | Luz | 1\nNorte | Agua | 2\nSur | Gas | 3\nTotal |  | 6"


def test_docx_hidden_words() -> None:
    """Words formatted as hidden are not what a reader sees."""

    def write(document: docx.document.Document) -> None:
        paragraph = document.add_paragraph("Visible ")
        paragraph.add_run("secreto ").font.hidden = True
        paragraph.add_run("y más.")

    assert parse_docx(word(write), "x.docx").blocks[0].text == "Visible y más."


def test_xlsx_hidden_sheets_and_formulas() -> None:
    """Hidden sheets are not read; a formula without a computed value is empty, never its code."""
    made = openpyxl.Workbook()
    made.active.append(["Total", "=SUM(B2:B9)"])
    made.active.append(["Uso", 5])
    made.create_sheet("Oculta").append(["secreto", "x"])
    made["Oculta"].sheet_state = "hidden"
    out = io.BytesIO()
    made.save(out)
    text = "\n".join(block.text for block in parse_xlsx(out.getvalue(), "x.xlsx").blocks)
    assert "SUM" not in text
    assert "secreto" not in text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("uso;kWh\nluz;3,5\nagua;1,2\n", "uso | kWh\nluz | 3,5\nagua | 1,2"),
        ("uso,kWh\nluz,3.5\n", "uso | kWh\nluz | 3.5"),
        ("uso\tkWh\nluz\t3,5\n", "uso | kWh\nluz | 3,5"),
        ('uso;nota\n"bomba; vieja";"dice ""no"""\n', 'uso | nota\nbomba; vieja | dice "no"'),
        ("sep=|\nuso|kWh\nluz|3,5\n", "uso | kWh\nluz | 3,5"),
        ("medida\nuna\ndos\n", "medida\nuna\ndos"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_csv_delimiters_and_encodings(text: str, first: str, encoding: str) -> None:
    """The delimiter is found out, decimal commas and quoted delimiters are left alone."""
    assert parse_csv(text.encode(encoding), "x.csv").blocks[0].text == first


def test_csv_row_numbers() -> None:
    """The header is row 1."""
    assert parse_csv(b"a;b\n1;2\n3;4\n", "x.csv").blocks[0].locator.rows == (2, 3)


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to hundreds of megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("word/document.xml", b"<document/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    return out.getvalue()


@pytest.mark.parametrize("parse", [parse_docx, parse_xlsx])
@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04broken", "broken"),
        (b"%PDF-1.7", "broken"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "password"),
        (bomb(), "bomb"),
    ],
    ids=["truncated", "other", "encrypted", "bomb"],
)
def test_bad_office_files_say_why(parse: object, data: bytes, reason: str) -> None:
    """Broken, foreign, encrypted and exploding files end in a named error."""
    with pytest.raises(DocumentError, match=reason):
        parse(data, "x")  # type: ignore[operator]  # a parser


def test_wrong_ending() -> None:
    """A workbook named .docx is refused as what it is not."""
    with pytest.raises(DocumentError, match="not a DOCX"):
        parse_docx(book(A=[["x"]]), "x.docx")
