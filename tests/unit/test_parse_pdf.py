"""PDF files become blocks with their page, heading and article, the words verbatim."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from types import SimpleNamespace

import pytest
from fpdf import FPDF

from rag.errors import DocumentError
from rag.ingest.parse.opening import Budget, Opening
from rag.ingest.parse.pdf import parse_pdf
from rag.ports import Parsed

PROSE = "La planta trata doce mil metros cúbicos al día y vierte al río con la calidad que fija su autorización. "
CHAPTERS = ("Bombeo", "Aireación", "Fangos")


class Paper(FPDF):
    """A4 with a running header and a page number."""

    def header(self) -> None:
        self.set_font("Helvetica", size=8)
        self.cell(0, 8, "Infraestructuras Valdemora - MAN-001", new_x="LMARGIN", new_y="NEXT")

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 8, f"Página {self.page_no()} de 3", align="R")


def made(write: Callable[[FPDF], None], paper: type[FPDF] = FPDF, **options: str) -> bytes:
    """The bytes of a PDF that `write` draws."""
    pdf = paper()
    pdf.set_creation_date(datetime(2024, 5, 6, 12, tzinfo=UTC))
    pdf.set_title(options.get("title", ""))
    if "password" in options:
        pdf.set_encryption("owner", options["password"])
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    write(pdf)
    return bytes(pdf.output())


def lines(pdf: FPDF, text: str, size: float = 11, style: str = "", align: str = "L") -> None:
    """A paragraph as wide as the page."""
    pdf.set_font("Helvetica", style, size)
    pdf.multi_cell(0, 0.5 * size, text, align=align, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def found(parsed: Parsed) -> list[tuple[int | None, str, str]]:
    """Page, last heading and text of each block."""
    return [(block.locator.page, (block.locator.headings or ("",))[-1], block.text) for block in parsed.blocks]


def test_pages_headings_and_paragraphs() -> None:
    """Wrapped lines join, headings head by size and number, headers, footers and page numbers are gone."""

    def write(pdf: FPDF) -> None:
        for page in range(3):
            if page:
                pdf.add_page()
            lines(pdf, f"{page + 1}. {CHAPTERS[page]}", 16, "B")
            lines(pdf, f"{CHAPTERS[page]}: " + PROSE * 3)
            lines(pdf, f"{page + 1}.1 Detalle", 11, "B")
            lines(pdf, PROSE.strip())

    parsed = parse_pdf(made(write, Paper, title="Manual de la planta"), "m.pdf")
    expected = []
    for page in (1, 2, 3):
        expected += [
            (page, f"{page}. {CHAPTERS[page - 1]}", (f"{CHAPTERS[page - 1]}: " + PROSE * 3).strip()),
            (page, f"{page}.1 Detalle", PROSE.strip()),
        ]
    assert found(parsed) == expected
    assert parsed.blocks[1].locator.headings == ("1. Bombeo", "1.1 Detalle")
    assert (parsed.title, parsed.date) == ("Manual de la planta", date(2024, 5, 6))


def test_articles_of_a_law() -> None:
    """An article is told by its title at the start of a line, not by a reference that a line wraps to."""

    def write(pdf: FPDF) -> None:
        lines(pdf, "Artículo 12. Plazos.", style="I")
        lines(pdf, "El plazo es de tres meses según el")
        lines(pdf, "Artículo 3 de la Ley 38/2003, sin perjuicio de lo demás.")
        lines(pdf, "Disposición final única. Entrada en vigor.", style="I")
        lines(pdf, "Mañana.")

    blocks = parse_pdf(made(write), "ley.pdf").blocks
    assert [block.locator.article for block in blocks] == ["Artículo 12", "Disposición final única"]
    assert blocks[0].text.startswith("El plazo es de tres meses según el Artículo 3 de la Ley")


def test_broken_words_are_mended() -> None:
    """A hyphen at a line's end goes, but stays in a word that is written with one elsewhere."""

    def write(pdf: FPDF) -> None:
        lines(
            pdf, "El estudio técnico-económico dice que la instala-\nción ahorra, y el informe técnico-\neconómico lo confirma."
        )

    assert "la instalación ahorra, y el informe técnico-económico" in parse_pdf(made(write), "x.pdf").blocks[0].text


def test_table_rows_are_lines() -> None:
    """A drawn table comes out as rows of cells, wrapped cells whole."""

    def write(pdf: FPDF) -> None:
        lines(pdf, PROSE)
        with pdf.table(col_widths=(30, 20, 20), text_align="LEFT") as table:
            table.row(("Variable", "Unidad", "Consigna"))
            table.row(("Oxígeno disuelto", "mg/L", "2,0"))
            table.row(("Presión en la salida del sector que se alimenta por gravedad desde el depósito", "bar", "3,5"))

    block = parse_pdf(made(write), "t.pdf").blocks[-1]
    assert block.is_table
    assert block.text.split("\n") == [
        "Variable | Unidad | Consigna",
        "Oxígeno disuelto | mg/L | 2,0",
        "Presión en la salida del sector que se alimenta por gravedad desde el depósito | bar | 3,5",
    ]


def test_contents_are_left_out() -> None:
    """Leader dots with page numbers match every question and answer none."""

    def write(pdf: FPDF) -> None:
        lines(pdf, "Índice", 16, "B")
        for n in range(1, 8):
            lines(pdf, f"{n}. Capítulo {'.' * 60} {n + 2}")
        pdf.add_page()
        lines(pdf, "1. Capítulo", 16, "B")
        lines(pdf, PROSE)

    assert found(parse_pdf(made(write), "x.pdf")) == [(2, "1. Capítulo", PROSE.strip())]


def test_two_columns_read_down_then_across() -> None:
    """The text of the first column comes before that of the second, each whole."""

    def write(pdf: FPDF) -> None:
        with pdf.text_columns(ncols=2, gutter=10, text_align="LEFT") as columns:
            columns.write(("uno " * 300).strip() + " medio " + ("dos " * 300).strip())

    text = " ".join(block.text for block in parse_pdf(made(write), "c.pdf").blocks)
    assert text.split() == ["uno"] * 300 + ["medio"] + ["dos"] * 300


def test_columns_drawn_line_by_line_are_taken_apart() -> None:
    """Two columns whose lines were drawn across the page are read like any columns; a table of phrases stays one."""
    prose = [textwrap.wrap(f"{chapter}: {PROSE * 2}", 42) for chapter in CHAPTERS[:2]]
    phrases = [(f"Se revisa la bomba número {n} de cabecera", f"Lo hace el equipo {n} de mantenimiento") for n in range(6)]

    def write(rows: list[tuple[str, str]]) -> Callable[[FPDF], None]:
        def draw(pdf: FPDF) -> None:
            for number, row in enumerate(rows):
                pdf.text(20, 30 + 5 * number, row[0])
                pdf.text(115, 30 + 5 * number, row[1])

        return draw

    woven = parse_pdf(made(write(list(zip(*prose, strict=True)))), "c.pdf")
    assert [text for _, _, text in found(woven)] == [f"{chapter}: {PROSE * 2}".strip() for chapter in CHAPTERS[:2]]
    [table] = parse_pdf(made(write(phrases)), "t.pdf").blocks
    assert table.text.split("\n") == [" | ".join(row) for row in phrases]


def test_of_a_file_that_takes_too_long_the_first_pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What there was no time for is named, and the rest is evidence."""

    def write(pdf: FPDF) -> None:
        for number in range(4):
            pdf.set_y(100)
            lines(pdf, f"Capítulo {'ABCD'[number]}. {PROSE}")
            pdf.add_page()

    monkeypatch.setattr("rag.ingest.parse.pdf_pages.time", SimpleNamespace(monotonic=count().__next__))
    parsed = parse_pdf(made(write), "x.pdf", Opening(budget=Budget(until=1.5)))
    assert [page for page, _, _ in found(parsed)] == [1, 2]
    assert parsed.notes == ("pages 3-5: left out, there was only time for the pages before: split the file",)


def test_encrypted() -> None:
    """A file with a password is named as such, and opens with the right one of those given."""
    data = made(lambda pdf: lines(pdf, PROSE), password="secreto")
    with pytest.raises(DocumentError, match="needs a password"):
        parse_pdf(data, "x.pdf")
    with pytest.raises(DocumentError, match="none of the passwords"):
        parse_pdf(data, "x.pdf", Opening(("otro",)))
    assert found(parse_pdf(data, "x.pdf", Opening(("otro", "secreto")))) == [(1, "", PROSE.strip())]


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n1 0 obj\n<<", b"PK\x03\x04", b"texto" * 100])
def test_broken_files_say_so(data: bytes) -> None:
    """Truncated files and files of another kind end in a named error."""
    with pytest.raises(DocumentError, match=r"PDF|no text"):
        parse_pdf(data, "x.pdf")
