"""What frames the pages of a PDF is left out; what only looks alike on its pages is not."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from fpdf import FPDF
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import cm
from reportlab.platypus import LongTable, SimpleDocTemplate

from rag.ingest.parse.pdf import parse_pdf
from tests.unit.test_parse_pdf import PROSE


def sheets(count: int, write: Callable[[FPDF, int], None]) -> list[tuple[int | None, str]]:
    """Page and text of each block of a PDF whose pages `write` draws, by their number."""
    pdf = FPDF()
    pdf.set_auto_page_break(False)
    pdf.set_font("Helvetica", size=11)
    for number in range(1, count + 1):
        pdf.add_page()
        write(pdf, number)
    return [(block.locator.page, block.text) for block in parse_pdf(bytes(pdf.output()), "x.pdf").blocks]


@pytest.mark.parametrize("top", [10, 80, 250])
def test_sheets_of_equipment_keep_their_figures(top: int) -> None:
    """One sheet a page: lines that differ only in digits, or say «correcto» at the foot, are no running lines."""

    def write(pdf: FPDF, number: int) -> None:
        pdf.set_y(top)
        for line in (
            f"Bomba B-{number}", f"Potencia nominal: {7 * number} kW", f"Caudal: {90 + number} m3/h", "Estado: correcto",
        ):  # fmt: skip
            pdf.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")

    text = "\n".join(block for _, block in sheets(8, write))
    for number in range(1, 9):
        assert f"Bomba B-{number}" in text
        assert f"Potencia nominal: {7 * number} kW" in text
    assert text.count("Estado: correcto") == 8


def test_daily_sheets_keep_their_dates() -> None:
    """A date whose day is the number of its page is none."""

    def write(pdf: FPDF, number: int) -> None:
        for line in ("EDAR Norte", f"Parte del {number}/11/2024", f"Consumo: {300 + number} kWh"):
            pdf.cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")

    text = "\n".join(block for _, block in sheets(7, write))
    assert all(f"Parte del {number}/11/2024" in text for number in range(1, 8))


@pytest.mark.parametrize("repeat", [0, 1])
def test_tables_over_pages_keep_all_rows(repeat: int) -> None:
    """Rows that differ only in digits stay, and on each page they have their header, be it repeated there or not."""
    rows = [[f"Contador {number}", str(9000 - 7 * number), str(3 * number)] for number in range(240)]
    out = io.BytesIO()
    table = LongTable([["Contador", "kWh", "m3"], *rows], repeatRows=repeat, colWidths=[5 * cm, 4 * cm, 4 * cm])
    SimpleDocTemplate(out, pagesize=A4, topMargin=2.5 * cm, bottomMargin=2.5 * cm).build([table])
    blocks = parse_pdf(out.getvalue(), "x.pdf").blocks
    found = [line for block in blocks for line in block.text.split("\n")]
    assert len(blocks) == 7
    assert [line for line in found if line != "Contador | kWh | m3"] == [" | ".join(row) for row in rows]
    assert [block.text.split("\n")[0] for block in blocks] == ["Contador | kWh | m3"] * 7


def test_headers_and_footers_of_several_cells_go() -> None:
    """Title and code above, title and page number below: of tables and of prose alike."""

    def write(pdf: FPDF, number: int) -> None:
        pdf.set_font("Helvetica", size=8)
        pdf.text(20, 12, "Infraestructuras Valdemora")
        pdf.text(150, 12, "MAN-001 rev. 4")
        pdf.text(20, 285, "Manual de la planta")
        pdf.text(150, 285, f"Página {number + 4} de 30")
        pdf.set_font("Helvetica", size=11)
        pdf.set_y(25)
        if number % 2:
            pdf.multi_cell(0, 6, f"Capítulo {'ABCDEF'[number - 1]}. {PROSE}")
            return
        for row in (("Equipo", "Caudal", "Altura"), ("Bomba", str(number), "12")):
            for text in row:
                pdf.cell(60, 6, text)
            pdf.ln()

    found = sheets(6, write)
    assert [text for page, text in found if page in (1, 2)] == [
        f"Capítulo A. {PROSE.strip()}",
        "Equipo | Caudal | Altura\nBomba | 2 | 12",
    ]
    assert len(found) == 6
