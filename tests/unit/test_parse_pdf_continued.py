"""Rows of a PDF's table that go on over pages without their header can be understood alone; other tables keep their own."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.units import cm
from reportlab.platypus import LongTable, PageBreak, Paragraph, SimpleDocTemplate, TableStyle

from rag.ingest.parse.pdf import parse_pdf

WIDTHS = [5 * cm, 5 * cm, 4 * cm]
HEADER = ["Equipo", "Estado", "kWh"]
BOLD_HEADER = TableStyle([("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold")])


def table(rows: Sequence[Sequence[str]], style: TableStyle | None = None, *, repeat: int = 0) -> LongTable:
    """A table of three columns."""
    return LongTable(rows, repeatRows=repeat, colWidths=WIDTHS[: len(rows[0])], style=style)


def read(*parts: Any) -> list[tuple[int | None, list[str]]]:
    """Page and lines of each block of a PDF with these parts."""
    out = io.BytesIO()
    SimpleDocTemplate(out, pagesize=A4, topMargin=2.5 * cm, bottomMargin=2.5 * cm).build(list(parts))
    return [(block.locator.page, block.text.split("\n")) for block in parse_pdf(out.getvalue(), "x.pdf").blocks]


def rows(count: int, *, amounts: bool = True) -> list[list[str]]:
    """Rows below a header."""
    return [[f"Bomba {number}", "en servicio", str(9000 - 7 * number) if amounts else "alta"] for number in range(count)]


def headed(pages: list[tuple[int | None, list[str]]]) -> list[str]:
    """The first line of each block that is a table."""
    return [lines[0] for _, lines in pages if " | " in lines[0]]


def test_a_last_row_alone_on_its_page() -> None:
    """A page with one row only is a table too, and not the sentence «Bomba 34 en servicio 8762»."""
    pages = next(found for count in range(30, 50) if (found := read(table([HEADER, *rows(count)])))[-1][0] == 2)
    assert headed(pages) == ["Equipo | Estado | kWh"] * 2
    assert len(pages[-1][1]) == 2


def test_two_rows_of_headings() -> None:
    """Years below a name over several columns are told again with it."""
    years = [["Consumo", "kWh", "kWh"], ["Equipo", "2023", "2024"]]
    data = [[f"Bomba {number}", str(100 + number), str(300 + number)] for number in range(60)]
    pages = read(table([*years, *data]))
    assert [lines[:2] for _, lines in pages] == [["Consumo | kWh | kWh", "Equipo | 2023 | 2024"]] * 2


def test_words_alone_by_the_type_of_the_header() -> None:
    """Where no amount tells rows from headings, a header in another type does; without that nothing is known."""
    words = rows(60, amounts=False)
    assert headed(read(table([HEADER, *words], BOLD_HEADER))) == ["Equipo | Estado | kWh"] * 2
    assert headed(read(table([HEADER, *words])))[0] == "Equipo | Estado | kWh"
    assert headed(read(table([HEADER, *words])))[1].startswith("Bomba")


def test_another_table_at_the_top_of_a_page_keeps_its_own_header() -> None:
    """In the same columns too, in the same type or not."""
    other = [["Contador", "Lugar", "m3"], *[[f"C-{number}", "sala", str(number)] for number in range(5)]]
    for style in (None, BOLD_HEADER):
        pages = read(table([HEADER, *rows(5)], style), PageBreak(), table(other, style))
        assert headed(pages) == ["Equipo | Estado | kWh", "Contador | Lugar | m3"]


def test_what_stands_between_ends_a_table() -> None:
    """A sentence, or other columns."""
    words = Paragraph(
        "Los datos siguientes son de otra red y los midió otra empresa en otro año.", getSampleStyleSheet()["Normal"]
    )
    first, more = table([HEADER, *rows(5)]), rows(5)
    assert headed(read(first, PageBreak(), words, table(more)))[1].startswith("Bomba")
    assert headed(read(first, words, PageBreak(), table(more)))[1].startswith("Bomba")
    narrow = LongTable([one[1:] for one in more], colWidths=[9 * cm, 2 * cm])
    assert headed(read(first, PageBreak(), narrow))[1].startswith("en servicio")


def test_a_table_without_a_header_lends_none() -> None:
    """«Potencia | 30 kW» over «Caudal | 90 m3/h» is a row like those below it."""
    first, second = read(table([[f"Potencia {number}", f"{number} kW"] for number in range(60)]))
    assert first[1][0] == "Potencia 0 | 0 kW"
    assert second[1][0] == f"Potencia {len(first[1])} | {len(first[1])} kW"
